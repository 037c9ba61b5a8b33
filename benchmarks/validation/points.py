"""Statistics of points beside pointpats, scikit-learn, scipy and counting by hand.

pointpats' Knox counts what ours counts, so its published numbers are an oracle; its p from the
function `knox` is folded at one half and is not. Its K has no edge correction and none is taken
from it: K is compared with every pair's own geometry, and with chance. Calculators of near repeats
disagree about the ends of bands, so the table is counted again pair by pair. Border points of
scikit-learn's DBSCAN depend on the order of the rows: cores, clusters and what is in none are
compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pointpats import PointPattern
from pointpats.spacetime import Knox
from scipy.spatial.distance import pdist, squareform
from shapely import affinity
from sklearn.cluster import DBSCAN, HDBSCAN

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.aoristic import aoristic_weights
from hotspot.statistics.near_repeats import knox, near_repeat_table
from hotspot.statistics.nearest_neighbour_index import clark_evans
from hotspot.statistics.point_clusters import dbscan, hdbscan
from hotspot.statistics.ripley import ripley_k, ripley_test

START = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)
CRS = "EPSG:32642"
METRES = [25, 50, 100, 150, 200]
LEVEL = 0.05
SQUARE = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs=CRS)
# an area with a bay
BAY = gpd.GeoDataFrame(
    geometry=[shapely.Point(500, 500).buffer(500).difference(shapely.Point(900, 500).buffer(250))],
    crs=CRS,
)
# five in six live in a fifth of the area
TOWN = gpd.GeoDataFrame(
    {"population": [5000.0, 1000.0]},
    geometry=[shapely.box(0, 0, 200, 1000), shapely.box(200, 0, 1000, 1000)],
    index=["town", "fields"],
    crs=CRS,
)

Matrix = NDArray[np.float64]


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Compare each method with its oracles."""
    if shared:
        yield from _burkitt(shared / "classic_validation" / "libpysal_burkitt" / "burkitt.shp")
    yield from _near_repeats()
    yield from _clusters()
    yield from _distances()
    yield _hours()


def _burkitt(file: Path) -> Iterator[Comparison]:
    cases = gpd.read_file(file)
    places = cases[["X", "Y"]].to_numpy(dtype=float)
    days = cases["T"].to_numpy(dtype=float)
    found = knox(_points(places, days), radius_m=20, days=5, permutations=9)
    data = "Burkitt's lymphoma, 188 cases, Knox(20, 5)"
    counts = [found.observed, found.near, found.soon]
    published = largest_difference(counts, [13, 3429, 52], relative=False)
    yield Comparison("`knox`: observed, near, soon", "published: 13, 3,429, 52", data, published, 0)
    peer = Knox(places, days[:, None], delta=20, tau=5, permutations=0)
    difference = largest_difference(found.expected, peer.expected[0, 0])
    yield Comparison("`knox`: expected", "pointpats", data, difference, 1e-12)


def _near_repeats() -> Iterator[Comparison]:
    events = _on_a_grid(2000, 1)
    places, days = _arrays(events)
    peer = Knox(places, days[:, None], delta=200, tau=7, permutations=0)
    found = knox(events, radius_m=200, days=7, permutations=9)
    difference = largest_difference(found.observed, peer.nst, relative=False)
    yield Comparison("`knox`: observed", "pointpats", "2,000 events", difference, 0)

    metres, ends = list(range(0, 2001, 100)), list(range(7, 71, 7))
    table = near_repeat_table(events, permutations=1)["observed"].unstack().to_numpy()
    counted = _count(places, days, metres, ends)
    difference = largest_difference(table, counted, relative=False)
    oracle = "all 1,999,000 pairs"
    yield Comparison("`near_repeat_table`: observed", oracle, "2,000 events", difference, 0)

    few = _on_a_grid(7, 4, side=300, days=10)
    metres, ends = [0, 100, 200], [2, 5]
    table = near_repeat_table(few, metres=metres, days=ends, permutations=19_999)
    places, days = _arrays(few)
    dealt = (np.array(of) for of in permutations(days))
    cells = np.array([_count(places, of, metres, ends) for of in dealt])
    expected = table["expected"].unstack().to_numpy()
    difference = largest_difference(expected, cells.mean(axis=0))
    data, oracle = "7 events", "all 5,040 permutations"
    yield Comparison("`near_repeat_table`: expected", oracle, data, difference, 1e-12)
    observed, p = (table[name].unstack().to_numpy() for name in ("observed", "p"))
    exact = (cells >= observed).mean(axis=0)
    difference = largest_difference(p, exact, relative=False)
    method = "`near_repeat_table`: p of 19,999 draws"
    # four standard errors
    yield Comparison(method, oracle, data, difference, 1.4e-2, relative=False)


def _clusters() -> Iterator[Comparison]:
    points = _around_centres(1500, 3)
    for days, name in ((None, "`dbscan`"), (14, "`dbscan` with days (ST-DBSCAN)")):
        near = squareform(pdist(points[["x", "y"]])) <= 80
        if days:
            day = _arrays(points)[1]
            near &= np.abs(day[:, None] - day) <= days
        oracle = DBSCAN(eps=0.5, min_samples=5, metric="precomputed").fit(1.0 - near)
        ours = dbscan(points, radius_m=80, min_points=5, days=days).to_numpy()
        core = near.sum(axis=1) >= 5
        differing = _differing(ours[core], oracle.labels_[core])
        differing += int(((ours == 0) != (oracle.labels_ == -1)).sum())
        data = "1,500 points, a tenth stacked"
        who = "scikit-learn, all pairs: cores, and points in none"
        yield Comparison(f"{name}: points apart", who, data, differing, 0)
    ordered = points.sort_values(["x", "y"])
    oracle = HDBSCAN(min_cluster_size=15, copy=True).fit_predict(ordered[["x", "y"]].to_numpy())
    ours = hdbscan(points, min_cluster=15).loc[ordered.index].to_numpy()
    differing = _differing(ours, oracle)
    who = "scikit-learn, points sorted"
    yield Comparison("`hdbscan`: points apart", who, "1,500 points", differing, 0)


def _distances() -> Iterator[Comparison]:
    rng = np.random.default_rng(5)
    points = _uniform(300, rng)
    found = clark_evans(points, SQUARE, orders=3)["observed_m"]
    pattern = PointPattern(points.to_numpy()).knn(3)[1].mean(axis=0)
    difference = largest_difference(found, pattern)
    data = "300 points in a square"
    yield Comparison("`clark_evans`: mean distances", "pointpats", data, difference, 1e-12)
    maps = pd.concat([clark_evans(_uniform(60, rng), SQUARE) for _ in range(400)])
    observed, expected = maps["observed_m"].mean(), maps["expected_m"].mean()
    difference = largest_difference(expected, observed)
    chance = "the mean of 400 maps of chance"
    data = "60 points in a square"
    yield Comparison("`clark_evans`: expected, Donnelly", chance, data, difference, 1e-2)

    for area, name in ((SQUARE, "a square"), (BAY, "an area with a bay")):
        points = _uniform(60, rng)
        points = points[area.geometry.iloc[0].covers(shapely.points(points))]
        difference = largest_difference(
            ripley_k(points, area, metres=METRES)["k"], _k_by_pairs(points, area)
        )
        oracle = "every pair's own overlap of the area with itself"
        yield Comparison("`ripley_k`: K", oracle, f"points in {name}", difference, 2e-3)
    k = [ripley_k(_uniform(100, rng), SQUARE, metres=[100, 200])["k"] for _ in range(100)]
    difference = largest_difference(np.mean(k, axis=0), np.pi * np.array([100, 200]) ** 2)
    oracle = "π r², over 100 maps of chance"
    yield Comparison("`ripley_k`: K", oracle, "100 points in a square", difference, 2e-2)


def _hours() -> Comparison:
    rng = np.random.default_rng(6)
    start = START + pd.to_timedelta(rng.integers(0, 10**6, 60), unit="min")
    length = pd.to_timedelta(rng.integers(1, 20_000, 60), unit="min")
    weights = aoristic_weights(pd.DataFrame({"start": start, "end": start + length}))
    counted = []
    for first, long in zip(start, length, strict=True):
        minutes = pd.date_range(first, first + long, freq="min", inclusive="left")
        share = pd.Series(1 / len(minutes), [minutes.day_of_week + 1, minutes.hour])
        counted.append(share.groupby(level=[0, 1]).sum().reindex(weights.columns, fill_value=0))
    difference = largest_difference(weights, np.array(counted), relative=False)
    data = "60 intervals of up to two weeks"
    oracle = "counting minutes"
    return Comparison("`aoristic_weights`", oracle, data, difference, 1e-12, relative=False)


def sizes(maps: int) -> Iterator[Size]:
    """Say how often each test rejects where there is nothing to find."""
    rng = np.random.default_rng(7)
    settings = {
        "60 events, uniform": lambda: _points(
            rng.uniform(0, 1000, (60, 2)), rng.integers(0, 60, 60)
        ),
        "60 events, places and dates in clusters of their own": lambda: _in_waves(60, rng),
    }
    for setting, draw in settings.items():
        p = [knox(draw(), radius_m=100, days=7, permutations=199, seed=i).p for i in range(maps)]
        yield _size("`knox` p ≤ .05", setting, p)
    cells = [_cell(_in_waves(100, rng), seed) for seed in range(maps)]
    setting = "100 events, places and dates in clusters of their own"
    what = "`near_repeat_table`, first week and 100 m,"
    yield _size(f"{what} p ≤ .05", setting, [p for p, _ in cells])
    yield _size(f"{what} flagged", setting, [0.0 if flag else 1.0 for _, flag in cells])
    for n in (50, 100):
        p = [clark_evans(_uniform(n, rng), SQUARE)["p"].item() for _ in range(maps)]
        yield _size("`clark_evans` p ≤ .05, Donnelly", f"{n} points in a square", p)
    drawn = (_uniform(200, rng) for _ in range(maps))
    inside = (of[BAY.geometry.iloc[0].covers(shapely.points(of))].iloc[:70] for of in drawn)
    p = [clark_evans(points, BAY)["p"].item() for points in inside]
    yield _size("`clark_evans` p ≤ .05, Donnelly", "70 points in an area with a bay", p)
    tests = {"metres": METRES, "simulations": 39}
    p = [ripley_test(_uniform(50, rng), SQUARE, **tests, seed=i).p for i in range(maps)]
    yield _size("`ripley_test` p ≤ .05", "50 points in a square", p)
    p = [
        ripley_test(_residents(50, rng), TOWN, **tests, null="population", seed=i).p
        for i in range(maps)
    ]
    setting = "50 points, five in six in a fifth of the area, where the people are"
    yield _size("`ripley_test` by population, p ≤ .05", setting, p)


def _size(test: str, setting: str, p: list[float]) -> Size:
    rejected = float(np.mean(np.array(p) <= LEVEL + 1e-12))
    error = float(np.sqrt(LEVEL * (1 - LEVEL) / len(p)))
    return Size(test, setting, len(p), rejected, error)


def _cell(points: pd.DataFrame, seed: int) -> tuple[float, bool]:
    bands = {"metres": [0, 100, 200], "days": [7, 14]}
    table = near_repeat_table(points, **bands, permutations=199, seed=seed)
    cell = table.loc[(100, 7)]
    return float(cell["p"]), bool(cell["near_repeat"])


def _points(places: Matrix, days: Matrix) -> pd.DataFrame:
    dates = START + pd.to_timedelta(days, unit="D")
    return pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "date": dates})


def _uniform(n: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(rng.uniform(0, 1000, (n, 2)), columns=["x", "y"])


def _residents(n: int, rng: np.random.Generator) -> pd.DataFrame:
    x = np.where(rng.random(n) < 5 / 6, rng.uniform(0, 200, n), rng.uniform(200, 1000, n))
    return pd.DataFrame({"x": x, "y": rng.uniform(0, 1000, n)})


def _in_waves(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw places around five centres and, regardless of them, dates around three days."""
    centres = rng.uniform(0, 1000, (5, 2))[rng.integers(0, 5, n)]
    days = rng.uniform(0, 90, 3)[rng.integers(0, 3, n)] + rng.normal(0, 7, n)
    return _points(centres + rng.normal(0, 80, (n, 2)), days.round())


def _on_a_grid(n: int, seed: int, *, side: int = 6000, days: int = 120) -> pd.DataFrame:
    """Draw places in steps of 50 m, so that some are the same and limits are met exactly."""
    rng = np.random.default_rng(seed)
    return _points(50.0 * rng.integers(0, side // 50, (n, 2)), rng.integers(0, days, n))


def _around_centres(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 5000, (12, 2))
    near = centres[rng.integers(0, 12, n // 2)] + rng.normal(0, 70, (n // 2, 2))
    places = np.vstack([near, rng.uniform(0, 5000, (n - n // 2, 2))])
    places[: n // 10] = places[n // 10 : n // 5]
    return _points(places, rng.integers(0, 60, n))


def _count(places: Matrix, days: Matrix, metres: list[int], ends: list[int]) -> Matrix:
    """Count the pairs of each cell from the distances of all pairs."""
    far, long = pdist(places), pdist(days[:, None])
    within = [[np.sum((far <= near) & (long <= soon)) for soon in ends] for near in metres]
    return np.diff(np.diff(np.array(within), axis=0, prepend=0), axis=1, prepend=0)


def _arrays(events: pd.DataFrame) -> tuple[Matrix, Matrix]:
    return events[["x", "y"]].to_numpy(), ((events["date"] - START) / DAY).to_numpy()


def _k_by_pairs(points: pd.DataFrame, area: gpd.GeoDataFrame) -> Matrix:
    shape, places = area.geometry.iloc[0], points.to_numpy()
    turns = np.arange(60) * np.pi / 60
    sums = np.zeros(len(METRES))
    for distance in pdist(places):
        if distance <= METRES[-1]:
            steps = distance * np.column_stack([np.cos(turns), np.sin(turns)])
            moved = [affinity.translate(shape, *step) for step in steps]
            common = shapely.area(shapely.intersection(shape, moved)).mean()
            sums += 2 * (distance <= np.array(METRES)) / common
    return sums * shape.area**2 / (len(places) * (len(places) - 1))


def _differing(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> int:
    """Return how many points are not in the cluster that most of their cluster are in."""
    table = pd.crosstab(ours, theirs).to_numpy()
    return int(2 * table.sum() - table.max(axis=0).sum() - table.max(axis=1).sum())
