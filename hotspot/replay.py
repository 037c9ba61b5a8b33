"""Month after month: what could be observed, and the categories that follow from each other."""

from __future__ import annotations

import pandas as pd

from hotspot.categories.classify import decide
from hotspot.categories.criteria import Criteria
from hotspot.categories.ledger import Entry
from hotspot.columns import names
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
    evidence: pd.DataFrame,
    observable: pd.DataFrame,
    criteria: Criteria,
    *,
    places: pd.DataFrame,
    published: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decide month after month, so that hysteresis has its past.

    Parameters
    ----------
    evidence, observable : mahallas × the months to decide.
    criteria : the criteria set.
    places : region and district of each mahalla, for criteria that compare within them.
    published : mahallas × months, the categories of the ledger. They take precedence in every month
        but the last, and reach further back than the records may.

    Returns
    -------
    history : mahallas × months, published where there is such, from the first month that joins the
        others without a gap.
    decided : mahallas × the months to decide, as they are decided now.
    """
    months = pd.PeriodIndex(observable.columns)
    known = pd.DataFrame(index=observable.index) if published is None else published
    known = known.reindex(observable.index)
    earlier: list[pd.Period] = []
    while months[0] - len(earlier) - 1 in known:
        earlier.insert(0, months[0] - len(earlier) - 1)
    history = {month: known[month] for month in earlier}
    decided: dict[pd.Period, pd.Series] = {}
    for month in months:
        frame = pd.DataFrame(evidence.xs(month, axis=1, level="month"))
        frame = frame.reindex(columns=sorted(criteria.columns | {"count"})).join(places)
        previous = history.get(month - 1)
        decided[month] = decide(frame.assign(observable=observable[month]), criteria, previous)
        history[month] = decided[month]
        if month in known and month < months[-1]:
            history[month] = known[month].fillna(decided[month])
    return pd.DataFrame(history), pd.DataFrame(decided)


def list_revisions(
    entries: list[Entry], decided: pd.DataFrame, counts: pd.DataFrame
) -> pd.DataFrame:
    """List where published categories are not those that today's records would give.

    Parameters
    ----------
    entries : of the ledger.
    decided : mahallas × months, the categories as they are decided now.
    counts : mahallas × months, offenses of the windows that end with each month.

    Returns
    -------
    DataFrame
        The table of ``revisions.csv``. Counts that differ say that records came in late or went;
        the same count with another category, that the other mahallas, the populations or the
        criteria changed.
    """
    last = {pd.Period(entry.month, freq="M"): entry.table for entry in entries}
    rows = []
    for month in sorted(set(last) & set(decided.columns)):
        table = last[month].set_index("mahalla_code")
        both = table.index.intersection(decided.index)
        frame = pd.DataFrame(
            {
                "month": str(month),
                "mahalla_code": both,
                "published": table["category"].astype(object)[both],
                "now": decided[month].astype(object)[both],
                "count_published": table["count"][both],
                "count_now": counts[month].astype("int64")[both],
            }
        )
        rows.append(frame[frame["published"] != frame["now"]])
    empty = pd.DataFrame(columns=names("revisions"))
    return pd.concat(rows, ignore_index=True) if rows else empty


def _to_mahallas(by_district: pd.DataFrame, placement: Placement) -> pd.DataFrame:
    return by_district.loc[placement.district].set_axis(placement.district.index)
