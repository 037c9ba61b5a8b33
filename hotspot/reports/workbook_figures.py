"""The figures of the summary: what is counted, compared and drawn month by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hotspot.labels import label, word
from hotspot.language import _, mark, month_name, ngettext, percent
from hotspot.palette import CATEGORIES, TWO_CLASSES
from hotspot.reports.workbook_text import clean

LONG = (36, 60)
"""Months in a row after which a red mahalla goes to other officials."""
ENOUGH = 0.85
"""The share of records that must be placed for a map to be used (Ratcliffe 2004)."""
SHOWN = 24
"""Months that are drawn."""
OFFENSES = mark("Offenses")
TOTAL = ("total", "")

Figure = tuple[str, float | None, str, str]
"""A name, a number, how it is shown, and a remark."""

_WHOLE, _SHARE, _CHANGE = "#,##0", "0.0%", "+0.0%;-0.0%;0.0%"


def block_months(
    table: pd.DataFrame, counts: pd.DataFrame | None, history: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Add up the last months by district: offenses and red mahallas, and every category in all.

    Parameters
    ----------
    table : ``region``, ``district`` and ``category``, indexed by mahalla code.
    counts : mahallas × months, offenses, missing where a month has no records; or None.
    history : mahallas × months, categories; or None.

    Returns
    -------
    dict of DataFrame
        By heading; ``region`` and ``district`` × months, the total first.
    """
    places = [table[name].astype("object").fillna("") for name in ("region", "district")]
    blocks = {}
    if counts is not None:
        blocks[_(OFFENSES)] = _add_up(counts.iloc[:, -SHOWN:].loc[table.index], places)
    if history is not None:
        last = history.iloc[:, -SHOWN:].loc[table.index]
        for category in classes_of(table):
            whole = _add_up((last == category).astype(int), places)
            blocks[label(category)] = whole if category == "red" else whole.iloc[:1]
    return blocks


def _add_up(panel: pd.DataFrame, places: list[pd.Series]) -> pd.DataFrame:
    by_place = panel.groupby(places).sum(min_count=1)
    total = panel.sum(min_count=1).to_frame().T
    total.index = pd.MultiIndex.from_tuples([TOTAL], names=by_place.index.names)
    return pd.concat([total, by_place]).astype(float)


def classes_of(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the categories that a table tells apart.

    Examples
    --------
    >>> classes_of(pd.DataFrame({"category": ["red", "not_red"]}))
    ('red', 'not_red')
    """
    return TWO_CLASSES if table["category"].isin(["not_red"]).any() else CATEGORIES


def count_then(
    table: pd.DataFrame, history: pd.DataFrame | None, month: str
) -> dict[str, pd.Series]:
    """Count the categories of this month, of the month before and of the year before.

    Parameters
    ----------
    table : ``category`` and ``previous_category``.
    history : mahallas × months, categories; or None.
    month : the month, YYYY-MM.

    Returns
    -------
    dict of Series
        By month, this one first; those that are known.
    """
    this = pd.Period(month, freq="M")
    found = {this: table["category"], this - 1: table["previous_category"]}
    if history is not None:
        found |= {at: history[at] for at in (this - 1, this - 12) if at in history}
    return {
        str(at): categories.value_counts().reindex(list(classes_of(table)), fill_value=0)
        for at, categories in found.items()
        if at == this or categories.notna().any()
    }


def describe_reds(table: pd.DataFrame, *, before: str | None) -> list[Figure]:
    """Return how many reds are new, back and gone, and how many have been red for years."""
    figures: list[Figure] = []
    if before is not None:
        marks = table["change"].value_counts()
        since = _("since {month}", month=month_name(before))
        for name in ("new", "returning", "stays", "left"):
            figures.append((word("change", name), int(marks.get(name, 0)), _WHOLE, since))
    if "months_red" in table:
        red = table["category"] == "red"
        for months in LONG:
            long = int((red & (table["months_red"] >= months)).sum())
            said = ngettext("{n} month in a row or longer", "{n} months in a row or longer", months)
            figures.append((said, long, _WHOLE, ""))
    return figures


def describe_offenses(table: pd.DataFrame) -> list[Figure]:
    """Return the sums of offenses and how this year compares with the last."""
    names = ("count", "count_month", "count_ytd", "count_ytd_last_year", "count_change")
    sums = {name: _sum(table[name]) for name in names if name in table}
    figures: list[Figure] = [
        (label(name), total, "+#,##0;-#,##0;0" if name == "count_change" else _WHOLE, "")
        for name, total in sums.items()
    ]
    change, last = sums.get("count_change"), sums.get("count_ytd_last_year")
    if change is not None and last:
        figures.append((label("change_ytd"), change / last, _CHANGE, ""))
    return figures


def describe_placed(districts: pd.DataFrame | None) -> list[Figure]:
    """Return the share of the records that were placed, and the districts where it is too low."""
    if districts is None or "hit_rate" not in districts or districts.empty:
        return []
    share = districts["hit_rate"].iloc[-1]
    parts = districts.iloc[:-1]
    low = parts[parts["hit_rate"] < ENOUGH].sort_values("hit_rate", kind="stable").head(5)
    named = ", ".join(
        f"{name_district(name)} {percent(rate)}"
        for name, rate in zip(low["district"], low["hit_rate"], strict=True)
    )
    line = percent(ENOUGH, 0)
    below = int((parts["hit_rate"] < ENOUGH).sum())
    return [
        (label("hit_rate"), share, _SHARE, _("a map needs at least {line}", line=line)),
        (_("Districts below {line}", line=line), below, _WHOLE, named),
    ]


def describe_records(account: Mapping[str, Any] | None) -> list[Figure]:
    """Return how many records were read, placed and not counted, and why not."""
    if account is None or "records" not in account:
        return []
    records = account["records"]
    figures: list[Figure] = [
        (_("Read"), records["read"], _WHOLE, ""),
        (_("Placed"), records["placed"], _WHOLE, ""),
        (_("Not counted"), records["rejected"], _WHOLE, ""),
    ]
    why = records.get("rejected_by", {})
    for reason in sorted(why, key=lambda reason: (-why[reason], reason)):
        share = percent(why[reason] / records["read"]) if records["read"] else ""
        figures.append((word("reason", reason), why[reason], _WHOLE, share))
    return figures


def name_district(name: object) -> str:
    """Return the name of a district, or words for those mahallas that have none.

    Examples
    --------
    >>> name_district("Kasbi"), name_district(None), name_district("")
    ('Kasbi', 'Without a district', 'Without a district')
    """
    known = "" if pd.isna(name) else clean(name)  # type: ignore[call-overload]
    return known or _("Without a district")


def _sum(values: pd.Series) -> float | None:
    return None if values.isna().all() else float(values.sum())
