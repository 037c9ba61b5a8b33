"""The roll-ups: mahallas added up by region and district, by sector, department or head."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hotspot import columns
from hotspot.palette import CATEGORIES
from hotspot.placement import Placement
from hotspot.statistics.counts import rolling_counts
from hotspot.statistics.hit_rate import hit_rates

TOTAL = "total"


@dataclass(frozen=True)
class RollUps:
    """The mahallas added up; the last row of each table is the same total.

    ``regions`` and ``districts`` are the tables of ``regions.csv`` and ``districts.csv``;
    ``groups`` has the same by group within its district, with a column for the group.
    """

    regions: pd.DataFrame
    districts: pd.DataFrame
    groups: dict[str, pd.DataFrame]


def roll_up_all(
    table: pd.DataFrame, placement: Placement, groups: list[str], *, window: int, unobserved: int
) -> RollUps:
    """Add the mahallas up by region and district, and by each group within its district.

    Parameters
    ----------
    table : the table of ``categories.csv``.
    placement : the placed records, and what could not be placed.
    groups : columns of the mahallas to roll up by.
    window : length of the window in months, of which ``unobserved`` have no records.

    Returns
    -------
    RollUps
        An unplaced record that names a district is in it and in its region, another in the total
        alone. Records don't name groups, so that ``unplaced`` and ``hit_rate`` of a group are empty
        but for the total.
    """
    years = (window - unobserved) / 12
    district = placement.district
    placed = rolling_counts(placement.placed, window)[placement.month]
    unplaced = rolling_counts(placement.unplaced, window)[placement.month]
    by_district = _hit_rates(placed.groupby(district).sum(), unplaced)

    districts = _roll_up(table, district, years=years).join(by_district)
    districts.insert(0, "region", _first(table["region"], district))
    districts.insert(1, "district", _first(table["district"], district))

    region = district.map(_region)
    regions = _roll_up(table, region, years=years).join(
        _hit_rates(placed.groupby(region).sum(), unplaced.groupby(_region).sum())
    )
    regions.insert(0, "region", _first(table["region"], region))

    rolled = {}
    for group in groups:
        value = placement.mahallas[group].astype("string").fillna("")
        key = district + "|" + value
        frame = _roll_up(table, key, years=years).join(by_district.loc[[TOTAL]])
        for position, column in enumerate(
            (table["region"], table["district"], value.rename(group))
        ):
            frame.insert(position, str(column.name), _first(column, key))
        names = columns.names("districts")
        rolled[group] = _finish(frame, [*names[:2], group, *names[2:]])
    return RollUps(
        _finish(regions, columns.names("regions")),
        _finish(districts, columns.names("districts")),
        rolled,
    )


def _region(district: str) -> str:
    """Return the key of a district's region; what names no district names no region either."""
    return district.partition("|")[0] + "|" if district else ""


def _hit_rates(placed: pd.Series, unplaced: pd.Series) -> pd.DataFrame:
    """Return what was not placed and the hit rate, by key and in total."""
    rates = hit_rates(placed.to_frame("window"), unplaced.to_frame("window"))["window"]
    named = unplaced.drop("")
    # a district without any record has no hit rate of its own
    known = pd.DataFrame({"unplaced": named, "hit_rate": rates.where(placed + named > 0)})
    everything = unplaced.sum() + placed.sum()
    share = placed.sum() / everything if everything else float("nan")
    known.loc[TOTAL] = [unplaced.sum(), share]
    return known


def _roll_up(table: pd.DataFrame, key: pd.Series, *, years: float) -> pd.DataFrame:
    """Add up by key, sorted, with the total as the last row."""
    # people among whom nothing could have been recorded are no base for a rate
    seen = (table["category"] != "not_assessed") | (table["count"] > 0)
    known = (table["population"].fillna(0) > 0) & seen
    parts = {category: table["category"] == category for category in CATEGORIES}
    parts["mahallas"] = pd.Series(1, index=table.index)
    parts["offenses"] = table["count"]
    parts["population"] = table["population"].where(table["population"].fillna(0) > 0)
    parts["people"] = table["population"].where(known)
    parts["theirs"] = table["count"].where(known)
    sums = pd.DataFrame(parts).astype("Float64").groupby(key, sort=True).sum(min_count=1)
    sums.loc[TOTAL] = sums.sum(min_count=1)
    sums["rate"] = sums["theirs"] / sums["people"] / years * 100_000
    return sums.drop(columns=["theirs", "people"])


def _first(column: pd.Series, key: pd.Series) -> pd.Series:
    return column.groupby(key).first()


def _finish(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    whole = [column.name for column in columns.DISTRICTS if column.type == "integer"]
    frame.loc[TOTAL, "region"] = TOTAL
    frame = frame.reindex(columns=names).reset_index(drop=True)
    frame[whole] = frame[whole].astype("Float64").astype("Int64")
    frame[["hit_rate", "rate"]] = frame[["hit_rate", "rate"]].astype(float)
    return frame
