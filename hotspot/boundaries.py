"""What was said of mahallas since renamed, merged or split, led to those of today."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hotspot.categories.ledger import Entry, published_categories
from hotspot.palette import CATEGORIES


def carry_over(table: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Lead a month's categories to the mahallas that took the place of the old ones.

    Parameters
    ----------
    table : one row a mahalla, at least ``mahalla_code, category, count``.
    crosswalk : ``old_code, new_code, share``, from `read_crosswalk`.

    Returns
    -------
    DataFrame
        One row a mahalla, sorted by its code, with the columns of `table` and ``change``, which is
        "renamed", "merged", "split" or "" where nothing changed. A renamed mahalla has its row
        again. Each part of one that was split has the row of the whole. A merged one has the row of
        the part that brought the most offenses, its share times its count; of equals that of the
        gravest category, then that of the first code. ``count`` is the sum of the parts where whole
        mahallas came together, and missing where only a share of one did.

    Examples
    --------
    >>> table = pd.DataFrame({"mahalla_code": ["a", "b", "c"], "count": [9, 2, 5],
    ...                       "category": ["red", "green", "yellow"]})
    >>> crosswalk = pd.DataFrame({"old_code": ["b", "c"], "new_code": ["a", "d"], "share": 1.0})
    >>> carry_over(table, crosswalk)[["mahalla_code", "category", "change"]].values.tolist()
    [['a', 'red', 'merged'], ['d', 'yellow', 'renamed']]
    """
    steps = crosswalk[["old_code", "new_code", "share"]].set_axis(
        ["mahalla_code", "new_code", "share"], axis=1
    )
    rows = table.merge(steps, on="mahalla_code", how="left")
    new = rows["new_code"].fillna(rows["mahalla_code"]).astype("object")
    moved, share = rows["new_code"].notna(), rows["share"].fillna(1.0).astype(float)
    split, merged = rows.duplicated("mahalla_code", keep=False), new.duplicated(keep=False)
    change = pd.Series("", index=rows.index).mask(moved, "renamed").mask(split, "split")
    brought = share * rows["count"].astype(float)
    count = brought.groupby(new).transform("sum").mask(split.groupby(new).transform("any"))
    rows = rows.assign(
        change=change.mask(merged, "merged"),
        brought=brought,
        gravity=rows["category"].map({name: rank for rank, name in enumerate(CATEGORIES)}),
        count=count.round().astype("Int64"),
        old_code=rows["mahalla_code"],
        mahalla_code=new,
    )
    order = ["mahalla_code", "brought", "gravity", "old_code"]
    rows = rows.sort_values(order, ascending=[True, False, True, True], kind="stable")
    rows = rows.drop_duplicates("mahalla_code").reset_index(drop=True)
    return rows[[*table.columns, "change"]]


def follow_ledger(
    entries: list[Entry], crosswalk: pd.DataFrame
) -> tuple[pd.DataFrame, list[Entry]]:
    """Lead the published categories to the mahallas of today.

    Parameters
    ----------
    entries : of the ledger.
    crosswalk : from `read_crosswalk`.

    Returns
    -------
    published : mahallas × months, the last revision of each, as :func:`carry_over` leads them.
    comparable : the entries without the mahallas that were merged or split since, of which today's
        records make other mahallas: that their category would be another is no revision.
    """
    carried = [replace(entry, table=carry_over(entry.table, crosswalk)) for entry in entries]
    same = [
        replace(entry, table=entry.table[entry.table["change"].isin(["", "renamed"])])
        for entry in carried
    ]
    return published_categories(carried), same
