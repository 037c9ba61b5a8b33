"""Kulldorff's scan with 999 replicates: circles of one month, and cylinders of a panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import regions
from benchmarks.measure import Case

REPLICATES = 999
GROWTH = [
    ("scan, circles, 99 replicates", "growing_circles", 200),
    ("scan, 12 months back from the last, 99 replicates", "growing_cylinders", 100),
]


def circles(folder: str, size: int) -> Case:
    """Prepare a scan of the last year as one window."""
    counts = regions.read_counts(Path(folder), size, window=12).iloc[:, -1]
    return _population_case(counts, regions.read_mahallas(Path(folder), size))


def cylinders(folder: str, size: int, months: int) -> Case:
    """Prepare a scan of a panel, in windows anywhere in it."""
    counts = regions.read_counts(Path(folder), size, window=1).iloc[:, -months:]
    return _population_case(counts, regions.read_mahallas(Path(folder), size))


def last_months(folder: str, size: int, months: int) -> Case:
    """Prepare a prospective scan against the permutation."""
    from hotspot.statistics.scan_nulls import permutation_null

    counts = regions.read_counts(Path(folder), size, window=1).iloc[:, -months:]
    geometry = regions.read_mahallas(Path(folder), size).geometry
    return _case(lambda: permutation_null(counts), geometry, prospective=True)


def growing_circles(n: int) -> Case:
    """Prepare a scan of one window of n mahallas."""
    counts, geometry, people = _scattered(n, months=1)
    return _population_case(counts, geometry.to_frame("geometry").assign(population=people), 99)


def growing_cylinders(n: int) -> Case:
    """Prepare a prospective scan of a year of n mahallas."""
    from hotspot.statistics.scan_nulls import permutation_null

    counts, geometry, _ = _scattered(n, months=12)
    return _case(lambda: permutation_null(counts), geometry, 99, prospective=True)


def _scattered(n: int, months: int) -> tuple[pd.DataFrame, gpd.GeoSeries, Any]:
    rng = np.random.default_rng(n)
    codes = pd.Index([f"{i:06d}" for i in range(n)], name="mahalla_code")
    columns = pd.period_range("2024-01", periods=months, freq="M")
    counts = pd.DataFrame(rng.poisson(4 / months, (n, months)), codes, columns)
    geometry = gpd.GeoSeries.from_xy(*rng.uniform(0, 1e5, (2, n)), index=codes, crs=regions.CRS)
    return counts, geometry, rng.integers(1000, 9000, n).astype(float)


def _population_case(counts: Any, mahallas: gpd.GeoDataFrame, replicates: int = REPLICATES) -> Case:
    from hotspot.statistics.scan_nulls import population_null

    null = lambda: population_null(counts, mahallas["population"])  # noqa: E731
    return _case(null, mahallas.geometry, replicates)


def _case(null: Any, geometry: gpd.GeoSeries, replicates: int = REPLICATES, **limits: Any) -> Case:
    from hotspot.statistics.scan_windows import circular_windows
    from hotspot.statistics.space_time_scan import scan_statistic

    return (
        lambda: scan_statistic(
            null(), circular_windows(geometry, **limits), seed=1, replicates=replicates
        ),
        lambda found: {
            "llr": float(found.clusters["llr"].iloc[0]),
            "p": float(found.clusters["p"].iloc[0]),
        },
    )
