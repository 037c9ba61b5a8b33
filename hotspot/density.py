"""The kernel density of a month's placed points: a surface, and a number for each mahalla."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.placement import Placement
from hotspot.statistics.bandwidth import study_area_bandwidth
from hotspot.statistics.counts import observed_months, rolling_counts
from hotspot.statistics.kernel_density import DensitySurface, kernel_density
from hotspot.statistics.polygon_density import mass_outside, mean_density

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
    bandwidth : in metres; None for the rule of the study area.

    Returns
    -------
    surface : offenses per km² and year, of the last month; None where nothing has coordinates.
    density : mahallas × months, the mean of the surface over each polygon. Empty in districts where
        fewer than 80 % of the window's placed records have coordinates of their own: there a low
        density would say how records are kept, not what happened.
    found : what was chosen.

    Raises
    ------
    InputError
        The bandwidth given is wider than all the mahallas together.
    """
    mahallas, points = placement.mahallas, placement.points
    last = points[points["month"] > placement.month - window]
    if mahallas.geometry.isna().all() or last.empty:
        return None, None, {"none": "no polygon, or no record with coordinates"}
    bounds, rule = tuple(mahallas.total_bounds), "given"
    widest = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    if bandwidth is None:
        bandwidth, rule = study_area_bandwidth(bounds), "the shorter side of the area / 30"
    elif bandwidth > widest:
        raise InputError(
            _(
                "[density] bandwidth_m is {bandwidth}, wider than all the mahallas together, "
                "{widest} m; choose a smaller one or leave it out",
                bandwidth=f"{bandwidth:.0f}",
                widest=f"{widest:.0f}",
            )
        )
    observed = observed_months(
        pd.PeriodIndex(placement.placed.columns), placement.missing, window
    ).to_dict()
    located, placed = (
        rolling_counts(panel, window).groupby(placement.district).sum()
        for panel in (placement.located, placement.placed)
    )
    densities = {}
    for month in months:
        within = points[(points["month"] > month - window) & (points["month"] <= month)]
        if within.empty:
            densities[month] = pd.Series(np.nan, index=mahallas.index)
            continue
        surface = kernel_density(
            within["x"],
            within["y"],
            bandwidth=bandwidth,
            bounds=bounds,
            weights=np.full(len(within), 12 / observed[month]),
            crs=str(mahallas.crs),
        )
        share = located[month] / placed[month].where(placed[month] > 0)
        enough = ~(share < LEAST_LOCATED).loc[placement.district].to_numpy()
        densities[month] = mean_density(surface, mahallas).where(enough)
    found = {
        "kernel": surface.kernel,
        "bandwidth_m": round(bandwidth, 3),
        "rule": rule,
        "cell_m": round(surface.cell, 3),
        "points": len(last),
        "edges": "not corrected",
        "share_outside_polygons": round(mass_outside(surface, mahallas) / surface.points, 6),
    }
    return surface, pd.DataFrame(densities), found
