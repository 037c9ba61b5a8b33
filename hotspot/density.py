"""The kernel density of a month's placed points: a surface, and a number for each mahalla."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hotspot.placement import Placement
from hotspot.statistics.counts import observed_months, rolling_counts
from hotspot.statistics.kernel_density import (
    DensitySurface,
    kernel_density,
    mean_density,
    silverman_bandwidth,
)

LEAST_LOCATED = 0.8
"""Share of a district's placed records that need coordinates before a density means anything."""


def estimate_density(
    placement: Placement,
    months: pd.PeriodIndex,
    *,
    window: int,
    bandwidth: float | None = None,
) -> tuple[DensitySurface | None, pd.DataFrame | None, dict[str, Any]]:
    """Estimate the density of the window that ends in each month.

    Parameters
    ----------
    placement : the placed records.
    months : the months to estimate; the last is the one whose surface is returned.
    window : length of the window in months.
    bandwidth : in metres; None for Silverman's robust rule on the last window.

    Returns
    -------
    surface : offenses per km² and year, of the last month; None where nothing has coordinates.
    density : mahallas × months, the mean of the surface over each polygon. Empty in districts where
        fewer than 80 % of the window's placed records have coordinates of their own: there a low
        density would say how records are kept, not what happened.
    found : what was chosen.
    """
    mahallas, points = placement.mahallas, placement.points
    last = points[points["month"] > placement.month - window]
    if mahallas.geometry.isna().all() or last.empty:
        return None, None, {"none": "no polygon, or no record with coordinates"}
    rule = "given"
    if bandwidth is None:
        bandwidth, rule = silverman_bandwidth(last["x"], last["y"]), "Silverman's robust rule"
    observed = observed_months(
        pd.PeriodIndex(placement.placed.columns), placement.missing, window
    ).to_dict()
    located, placed = (
        rolling_counts(panel, window).groupby(placement.district).sum()
        for panel in (placement.located, placement.placed)
    )
    surface, densities = None, {}
    for month in months:
        within = points[(points["month"] > month - window) & (points["month"] <= month)]
        surface = kernel_density(
            within["x"],
            within["y"],
            bandwidth=bandwidth,
            bounds=tuple(mahallas.total_bounds),
            weights=np.full(len(within), 12 / observed[month]),
            crs=str(mahallas.crs),
        )
        share = located[month] / placed[month].where(placed[month] > 0)
        enough = ~(share < LEAST_LOCATED).loc[placement.district].to_numpy()
        densities[month] = mean_density(surface, mahallas).where(enough)
    found = {"kernel": "quartic", "bandwidth_m": bandwidth, "rule": rule, "points": len(last)}
    return surface, pd.DataFrame(densities), found
