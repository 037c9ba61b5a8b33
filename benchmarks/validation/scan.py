"""Kulldorff's scan beside plain enumeration of every circle and cylinder, and its size.

The search never works out most ratios: it compares whole numbers with the least count that could
still matter. So every window's ratio is worked out here by Kulldorff's formula, on small maps and
on the counties of North Carolina, for the data and for replicates. The sizes say how often the most
likely cluster has p ≤ .05 where nothing clusters, with 99 replicates: risks alike, risks of
mahallas gamma with shape k wherever they lie, and months exchanged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.scan_nulls import ScanNull, past_null, permutation_null, population_null
from hotspot.statistics.scan_windows import circular_windows
from hotspot.statistics.space_time_scan import scan_statistic

METHOD = "`scan_statistic`"
MONTHS = pd.period_range("2024-01", periods=12, freq="M")
MILE_M = 1609.344


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Compare ratios and members with enumeration."""
    for kind, months, options in (
        ("circles", 1, {}),
        ("circles, low", 1, {"look_for": "low"}),
        ("cylinders", 5, {}),
        ("cylinders, prospective", 6, {"prospective": True}),
        ("cylinders, permutation", 5, {"look_for": "both"}),
    ):
        found, enumerated, same = [], [], True
        for seed in range(10):
            counts, people, geometry = _small_map(seed, months)
            permuted = "permutation" in kind
            null = permutation_null(counts) if permuted else population_null(counts, people)
            ours, theirs, equal = _both_ways(null, geometry, seed, **options)
            found += ours
            enumerated += theirs
            same &= equal
        yield from _rows(f"10 maps of 10 mahallas, {kind}", found, enumerated, same)
    if shared:
        counties = gpd.read_file(shared / "classic_validation" / "nc_sids.geojson")
        counties = counties.set_index("NAME")
        deaths = (counties["SID74"] + counties["SID79"]).astype(int)
        null = population_null(deaths, counties["BIR74"] + counties["BIR79"], dispersion=0)
        seats = gpd.GeoSeries.from_xy(
            counties["east"] * MILE_M,
            counties["north"] * MILE_M,
            index=counties.index,
            crs="EPSG:32119",
        )
        yield from _rows("NC SIDS 1974–84, county seats", *_both_ways(null, seats, 1))


def sizes(maps: int) -> Iterator[Size]:
    """Simulate how often chance alone makes a cluster."""
    for mean, k, dispersion in (
        (4.0, math.inf, 0.0),
        (4.0, math.inf, None),
        (4.0, 1.0, None),
        (4.0, 0.3, None),
        (30.0, 1.0, None),
    ):
        test = "dispersion 0" if dispersion == 0 else "dispersion fitted"
        rejected = _rejected(maps, lambda x, p, d=dispersion: population_null(x, p, dispersion=d),
                             mean, k, months=1)  # fmt: skip
        risks = "risks alike" if math.isinf(k) else f"k = {k:g}"
        yield _size(f"`population_null`, {test}", f"mean {mean:g}, {risks}", maps, rejected)
    rejected = _rejected(maps, lambda x, p: permutation_null(x), 2.0, 0.3, months=4)
    yield _size("`permutation_null`", "4 months of mean 2, k = 0.3", maps, rejected)
    rejected = _rejected(
        maps, lambda x, p: past_null(x.iloc[:, 3], x.iloc[:, :3]), 4.0, 0.3, months=4
    )
    yield _size("`past_null`, dispersion fitted", "3 + 1 months of mean 4, k = 0.3", maps, rejected)


def _size(test: str, setting: str, maps: int, rejected: float) -> Size:
    error = math.sqrt(max(rejected * (1 - rejected), 0.05 * 0.95) / maps)
    return Size(test, f"40 mahallas, clustered populations, {setting}", maps, rejected, error)


def _rejected(maps: int, null: Any, mean: float, k: float, *, months: int) -> float:
    """Return the share of maps whose most likely cluster has p ≤ .05."""
    n, rejections = 40, 0
    row, column = np.divmod(np.arange(n), 8)
    codes = pd.Index([f"{i:02d}" for i in range(n)], name="mahalla_code")
    people = pd.Series(np.round(3000 * np.exp(0.5 * (np.sin(row / 2) + np.cos(column / 3)))), codes)
    shift = np.random.default_rng(1).uniform(0, 100, (2, n))
    where = circular_windows(
        gpd.GeoSeries.from_xy(
            500 * column + shift[0], 500 * row + shift[1], index=codes, crs="EPSG:32642"
        )
    )
    for each in range(maps):
        rng = np.random.default_rng([each, 7])
        risk = np.ones(n) if math.isinf(k) else rng.gamma(k, 1 / k, n)
        means = mean * risk * people.to_numpy() / people.mean()
        counts = pd.DataFrame(rng.poisson(means[:, None], (n, months)), codes, MONTHS[:months])
        found = scan_statistic(null(counts, people), where, seed=each, replicates=39)
        rejections += int(found.clusters["p"].iloc[0] <= 0.05)
    return rejections / maps


def _rows(
    data: str, found: list[float], enumerated: list[float], same: bool
) -> Iterator[Comparison]:
    oracle = "every window enumerated"
    yield Comparison(f"{METHOD}, ratios", oracle, data, largest_difference(found, enumerated), 1e-9)
    yield Comparison(f"{METHOD}, members and months", oracle, data, float(not same), 0.0)


def _both_ways(
    null: ScanNull, geometry: gpd.GeoSeries, seed: int, *, look_for: Any = "high", **limits: Any
) -> tuple[list[float], list[float], bool]:
    """Return the largest ratios by the scan and by enumeration, and whether the windows agree."""
    scan = scan_statistic(
        null, circular_windows(geometry, **limits), seed=seed, look_for=look_for, replicates=5
    )
    rng = np.random.default_rng(seed)
    maps = [null.counts.to_numpy(), *(null.draw(rng) for _ in range(5))]
    ratios = [_enumerate(x, null, geometry, look_for, **limits) for x in maps]
    best = max(ratios[0].values())
    tied = {window for window, ratio in ratios[0].items() if ratio > best * (1 - 1e-9)}
    first = scan.clusters.iloc[0]
    months = null.counts.columns
    at = (
        (0, 0)
        if len(months) == 1
        else (months.get_loc(first["start"]), months.get_loc(first["end"]))
    )
    found = [float(first["llr"]), *scan.maxima.tolist()]
    return found, [max(of.values()) for of in ratios], (frozenset(first["members"]), *at) in tied


def _enumerate(
    counts: Any, null: ScanNull, geometry: gpd.GeoSeries, look_for: str, prospective: bool = False
) -> dict[tuple[frozenset[str], int, int], float]:
    """Return the ratio of every window of at most half of the map and of the months."""
    codes, expected = null.counts.index, null.expected.to_numpy()
    months, total = counts.shape[1], float(counts.sum())
    points = np.column_stack([geometry[codes].x, geometry[codes].y])
    found = {}
    for centre, edge in product(range(len(codes)), repeat=2):
        distance = np.hypot(*(points - points[centre]).T)
        inside = distance <= distance[edge]
        if expected[inside].sum() > 0.5 * total * (1 + 1e-12):
            continue
        for start, end in product(range(months), repeat=2):
            if not 0 <= end - start < max(months // 2, 1) or (prospective and end < months - 1):
                continue
            c = float(counts[inside, start : end + 1].sum())
            e = float(expected[inside, start : end + 1].sum())
            if (c > e and look_for != "low") or (c < e and look_for != "high"):
                ratio = c * math.log(c / e) if c else 0.0
                ratio += (total - c) * math.log((total - c) / (total - e)) if c < total else 0.0
                found[frozenset(codes[inside]), start, end] = ratio
    return found


def _small_map(seed: int, months: int) -> tuple[pd.DataFrame, pd.Series, gpd.GeoSeries]:
    rng = np.random.default_rng(seed)
    codes = pd.Index([f"{i:02d}" for i in range(10)], name="mahalla_code")
    counts = pd.DataFrame(rng.poisson(2, (10, months)), codes, MONTHS[:months])
    people = pd.Series(rng.integers(200, 2000, 10).astype(float), codes)
    geometry = gpd.GeoSeries.from_xy(*rng.uniform(0, 9000, (2, 10)), index=codes, crs="EPSG:32642")
    return counts, people, geometry
