"""The roll-ups: mahallas added up by district, or by sector, department or responsible head."""

from __future__ import annotations

import pandas as pd

from hotspot import columns
from hotspot.palette import CATEGORIES
from hotspot.placement import Placement
from hotspot.statistics.counts import rolling_counts
from hotspot.statistics.hit_rate import hit_rates

TOTAL = "total"


def roll_up_all(
    table: pd.DataFrame, placement: Placement, groups: list[str], *, window: int, unobserved: int
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Add the mahallas up by district, and by each group within its district.

    Parameters
    ----------
    table : the table of ``categories.csv``.
    placement : the placed records, for what could not be placed.
    groups : columns of the mahallas to roll up by.
    window : length of the window in months, of which ``unobserved`` have no records.

    Returns
    -------
    districts : the table of ``districts.csv``; the last row is the total.
    groups : the same by group, with a column for the group; records don't name groups, so that
        ``unplaced`` and ``hit_rate`` are empty but for the total.
    """
    years = (window - unobserved) / 12
    month = placement.month
    unplaced = rolling_counts(placement.unplaced, window)[month]
    placed = rolling_counts(placement.placed, window)[month]
    by_district = placed.groupby(placement.district).sum()
    rates = hit_rates(by_district.to_frame(month), unplaced.to_frame(month))[month]
    # a district without any record has no hit rate of its own
    heard = by_district + unplaced.drop("") > 0
    known = pd.DataFrame({"unplaced": unplaced.drop(""), "hit_rate": rates.where(heard)})
    everything = unplaced.sum() + placed.sum()
    total = [unplaced.sum(), placed.sum() / everything if everything else float("nan")]
    known.loc[TOTAL] = total

    districts = _roll_up(table, placement.district, years=years).join(known)
    districts.insert(0, "region", _first(table["region"], placement.district))
    districts.insert(1, "district", _first(table["district"], placement.district))
    districts.loc[TOTAL, "region"] = TOTAL
    rolled = {}
    for group in groups:
        value = placement.mahallas[group].astype("string").fillna("")
        key = placement.district + "|" + value
        frame = _roll_up(table, key, years=years).join(known.loc[[TOTAL]])
        for position, column in enumerate(
            (table["region"], table["district"], value.rename(group))
        ):
            frame.insert(position, str(column.name), _first(column, key))
        frame.loc[TOTAL, "region"] = TOTAL
        rolled[group] = _finish(frame, extra=[group])
    return _finish(districts), rolled


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


def _finish(frame: pd.DataFrame, extra: list[str] | None = None) -> pd.DataFrame:
    names = columns.names("districts")
    names[2:2] = extra or []
    whole = [column.name for column in columns.DISTRICTS if column.type == "integer"]
    frame = frame.reindex(columns=names).reset_index(drop=True)
    frame[whole] = frame[whole].astype("Float64").astype("Int64")
    frame[["hit_rate", "rate"]] = frame[["hit_rate", "rate"]].astype(float)
    return frame
