"""Month after month: what could be observed, and the categories that follow from each other."""

from __future__ import annotations

import pandas as pd

from hotspot.categories.classify import decide
from hotspot.categories.criteria import Criteria
from hotspot.placement import Placement
from hotspot.statistics.counts import observed_months, rolling_counts
from hotspot.statistics.hit_rate import hit_rates

MOSTLY = 0.5
"""Share of the records placed by coordinates from which a silent district is taken to be quiet."""


def replay_months(placement: Placement, window: int) -> pd.PeriodIndex:
    """Return the months to decide one after the other, from the first complete window on."""
    first = min(placement.start + window - 1, placement.month)
    return pd.period_range(first, placement.month, freq="M", name="month")


def complete_windows(placement: Placement, months: pd.PeriodIndex, window: int) -> pd.Series:
    """Say by month whether every month of its window has records."""
    columns = pd.PeriodIndex(placement.placed.columns)
    return observed_months(columns, placement.missing, window)[months] == window


def share_dated(placement: Placement) -> float:
    """Return the share of the records whose date can be read."""
    undated = int((placement.rejected["reason"] == "bad_date").sum())
    return 1 - undated / placement.read if placement.read else 1.0


def reach(
    placement: Placement, months: pd.PeriodIndex, window: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return, mahallas × months, whether a record could have arrived, and the hit rate.

    Codes and names reach all mahallas of a district in which one record of the window was placed
    by them. Coordinates reach those with a polygon of their own in a district in which one record
    was placed by coordinates, and in a district without any record where at least half of all
    records are placed so: one record with coordinates says nothing of a district kept by codes.
    """
    placed = rolling_counts(placement.placed, window)[months]
    by_text = rolling_counts(placement.by_text, window)[months]
    texts = by_text.groupby(placement.district).sum()
    points = (placed - by_text).groupby(placement.district).sum()
    mostly_points = points.sum() >= MOSTLY * placed.sum()
    by_points = (points > 0) | ((texts == 0) & mostly_points)
    hidden = placement.found["mahallas"]["overlaps"]["hidden"]
    drawn = placement.mahallas.geometry.notna() & ~placement.mahallas.index.isin(hidden)
    reachable = _to_mahallas(texts > 0, placement) | _to_mahallas(by_points, placement).mul(
        drawn, axis="index"
    )
    unplaced = rolling_counts(placement.unplaced, window)[months]
    rates = hit_rates(placed.groupby(placement.district).sum(), unplaced)
    return reachable, _to_mahallas(rates, placement)


def replay_categories(
    evidence: pd.DataFrame, observable: pd.DataFrame, criteria: Criteria
) -> pd.DataFrame:
    """Decide month after month, so that hysteresis has its past: mahallas × months."""
    history: dict[pd.Period, pd.Series] = {}
    previous = None
    for month in pd.PeriodIndex(observable.columns):
        frame = pd.DataFrame(evidence.xs(month, axis=1, level="month"))
        frame = frame.reindex(columns=sorted(criteria.columns | {"count"}))
        previous = decide(frame.assign(observable=observable[month]), criteria, previous)
        history[month] = previous
    return pd.DataFrame(history)


def _to_mahallas(by_district: pd.DataFrame, placement: Placement) -> pd.DataFrame:
    return by_district.loc[placement.district].set_axis(placement.district.index)
