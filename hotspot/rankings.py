"""The rankings: districts, mahallas by groups of kinds, and January to date by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from hotspot import columns
from hotspot.kinds import spell_kinds
from hotspot.placement import Placement
from hotspot.rollups import TOTAL
from hotspot.statistics.change import e_test
from hotspot.statistics.counts import rolling_counts, year_to_date

TOP = 20
"""Down to which rank mahallas are listed; those that share the last rank are all there."""


def rank_all(
    placement: Placement,
    districts: pd.DataFrame,
    groups: Mapping[str, list[str]],
    *,
    window: int,
    unobserved: int,
) -> dict[str, pd.DataFrame]:
    """Rank the districts, and by kind and group the mahallas and the growth.

    Parameters
    ----------
    placement : the placed records.
    districts : the table of ``districts.csv``.
    groups : lists of kinds by the group's name.
    window : length of the window in months, of which ``unobserved`` have no records.

    Returns
    -------
    dict of DataFrame
        The tables ``district_ranking``; ``kinds``, where records have kinds; and ``rankings``,
        where there are groups. They add up placed records; the unplaced are in the roll-ups.
    """
    tables = {"district_ranking": rank_districts(placement, districts)}
    if set(placement.kinds.totals) - {""}:
        tables["kinds"] = sum_kinds(placement, groups, window=window)
    if groups:
        years = (window - unobserved) / 12
        tables["rankings"] = rank_mahallas(placement, groups, window=window, years=years)
    return tables


def rank_districts(placement: Placement, districts: pd.DataFrame) -> pd.DataFrame:
    """Rank the districts by rate, by the share of red mahallas and by growth.

    Parameters
    ----------
    placement : the placed records.
    districts : the table of ``districts.csv``.

    Returns
    -------
    DataFrame
        The table of ``district_ranking.csv``, the highest rate first.
    """
    counts = placement.placed.groupby(placement.district, sort=True).sum()
    table = districts.iloc[:-1].set_axis(counts.index)
    table = table.join(_year_to_date(counts, placement)).reset_index(drop=True)
    table = table.join(_compare(table, placement))
    table["red_share"] = table["red"].astype(float) / table["mahallas"].astype(float)
    for rank, of in (("red", "red_share"), ("rate", "rate"), ("change", "change_ytd")):
        table[f"{rank}_rank"] = _rank(table[of])
    return _finish(table.sort_values("rate_rank", kind="stable"), "district_ranking")


def sum_kinds(
    placement: Placement, groups: Mapping[str, list[str]], *, window: int
) -> pd.DataFrame:
    """Compare January to date with the same months of last year, by kind and group.

    Parameters
    ----------
    placement : the placed records.
    groups : lists of kinds by the group's name.
    window : length of the window in months.

    Returns
    -------
    DataFrame
        The table of ``kinds.csv``: all, then the groups in their order, then the kinds by name; of
        each the whole first and then the districts that have any offense of it.

    Notes
    -----
    The E-test takes offenses to be independent of each other, and each row by itself: of many rows
    one in twenty is below 0.05 by chance.
    """
    places = placement.mahallas[["region", "district"]].groupby(placement.district).first()
    rows = []
    for what, name, panel in _panels(placement, groups):
        sums = _year_to_date(panel, placement)
        sums.insert(0, "count", rolling_counts(panel, window)[placement.month])
        whole = sums.sum(min_count=1).to_frame().T.assign(region=TOTAL, district=None)
        part = places.join(sums)[(sums > 0).any(axis=1)]
        rows.append(pd.concat([whole, part]).assign(what=what, kind=name))
    table = pd.concat(rows, ignore_index=True)
    return _finish(table.join(_compare(table, placement)), "kinds")


def rank_mahallas(
    placement: Placement, groups: Mapping[str, list[str]], *, window: int, years: float
) -> pd.DataFrame:
    """List the first mahallas of each group of kinds by their count.

    Parameters
    ----------
    placement : the placed records.
    groups : lists of kinds by the group's name.
    window : length of the window in months, observed for so many ``years``.

    Returns
    -------
    DataFrame
        The table of ``rankings.csv``: down to rank 20, with all that share it. A mahalla without
        an offense of the group is not there.
    """
    people = placement.mahallas["population"].where(placement.mahallas["population"] > 0)
    named = placement.mahallas[["name", "district", "region"]]
    rows = []
    for group, kinds in groups.items():
        panel = placement.kinds.panel(kinds)
        count = rolling_counts(panel, window)[placement.month].astype(float)
        seen = np.nan if placement.month in placement.missing else 1.0
        table = pd.DataFrame(named).assign(
            group=group,
            mahalla_code=named.index,
            count=count,
            count_month=panel[placement.month] * seen,
            rate=count / people / years * 100_000,
            rank=_rank(count),
        )
        table = table.join(_year_to_date(panel, placement))
        listed = (table["rank"] <= TOP) & (count > 0)
        # the mahallas are in the order of their codes
        rows.append(table[listed].sort_values("rank", kind="stable"))
    return _finish(pd.concat(rows), "rankings")


def _panels(
    placement: Placement, groups: Mapping[str, list[str]]
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield what is added up, its name, and districts × months."""
    counts = placement.kinds.group(placement.district)
    yield "all", "", placement.placed.groupby(placement.district).sum()
    for group, kinds in groups.items():
        yield "group", group, counts.panel(kinds)
    spelt = spell_kinds(placement.found["kinds"])
    for kind in counts.totals:
        yield "kind", spelt.get(kind, ""), counts.panel([kind])


def _year_to_date(panel: pd.DataFrame, placement: Placement) -> pd.DataFrame:
    return year_to_date(panel, placement.month, missing=placement.missing)


def _compare(table: pd.DataFrame, placement: Placement) -> pd.DataFrame:
    """Return the growth a month, and whether it is more than chance."""
    months = pd.period_range(f"{placement.month.year}-01", placement.month, freq="M")
    observed = int((~months.isin(placement.missing)).sum())
    now, before = table["count_ytd"], table["count_ytd_last_year"]
    if not observed:
        now = now * np.nan
    # a year that misses months is compared by the month
    lengths = max(observed, 1), len(months)
    p = e_test(now, before, exposure_now=lengths[0], exposure_before=lengths[1])["e_p"]
    change = (now / lengths[0]) / (before.where(before > 0) / lengths[1]) - 1
    return pd.DataFrame({"change_ytd": change, "p_change": p})


def _rank(values: pd.Series) -> pd.Series:
    ranks: pd.Series = values.astype(float).rank(method="min", ascending=False)
    return ranks


def _finish(table: pd.DataFrame, name: str) -> pd.DataFrame:
    table = table.reindex(columns=columns.names(name)).reset_index(drop=True)
    whole = [column.name for column in columns.TABLES[name] if column.type == "integer"]
    table[whole] = table[whole].astype("Float64").astype("Int64")
    return table
