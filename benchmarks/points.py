"""Points beside points: Knox against pointpats, DBSCAN against scikit-learn, and how all grow."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.measure import Case

EVENTS = 10_000
DAYS = 365
# as many events to the square kilometre, however many there are
SPACING_M = 100.0
WEEK = 7


def knox_test(radius_m: float = 200, permutations: int = 99, n: int = EVENTS) -> Case:
    """Prepare our Knox test."""
    from hotspot.statistics.near_repeats import knox

    events = _events(n)
    return (
        lambda: knox(events, radius_m=radius_m, days=WEEK, permutations=permutations),
        lambda found: {"observed": found.observed, "near": found.near},
    )


def pointpats_function(radius_m: float, permutations: int) -> Case:
    """Prepare pointpats' function, which its authors call deprecated and which is the quicker."""
    from pointpats.spacetime import knox

    places, days = _arrays()

    def work() -> Any:
        return knox(places, days.copy(), radius_m, WEEK, permutations=permutations)

    return work, lambda found: {"observed": int(found["stat"])}


def pointpats_class(radius_m: float, permutations: int) -> Case:
    """Prepare pointpats' class, which keeps the neighbours of each event as sets."""
    from pointpats.spacetime import Knox

    places, days = _arrays()
    return (
        lambda: Knox(places, days, radius_m, WEEK, permutations=permutations),
        lambda found: {"observed": int(found.nst)},
    )


def table(n: int = EVENTS, permutations: int = 999) -> Case:
    """Prepare the near-repeat table with its default bands."""
    from hotspot.statistics.near_repeats import near_repeat_table

    events = _events(n)
    return (
        lambda: near_repeat_table(events, permutations=permutations),
        lambda found: {"observed": int(found["observed"].sum())},
    )


def table_growth(n: int) -> Case:
    """Prepare the table with few permutations."""
    return table(n, permutations=99)


def own_dbscan(n: int = 10 * EVENTS, days: float | None = None) -> Case:
    """Prepare our DBSCAN, or ST-DBSCAN."""
    from hotspot.statistics.point_clusters import dbscan

    events = _clustered(n)
    return (
        lambda: dbscan(events, radius_m=100, min_points=10, days=days),
        lambda found: {"clusters": int(found.max()), "alone": int((found == 0).sum())},
    )


def st_dbscan(n: int) -> Case:
    """Prepare ST-DBSCAN."""
    return own_dbscan(n, days=28)


def sklearn_dbscan(n: int = 10 * EVENTS) -> Case:
    """Prepare scikit-learn's DBSCAN."""
    from sklearn.cluster import DBSCAN

    places = _clustered(n)[["x", "y"]].to_numpy()
    return (
        lambda: DBSCAN(eps=100, min_samples=10).fit(places).labels_,
        lambda labels: {"clusters": int(labels.max()) + 1, "alone": int((labels == -1).sum())},
    )


def own_hdbscan(n: int) -> Case:
    """Prepare HDBSCAN."""
    from hotspot.statistics.point_clusters import hdbscan

    events = _clustered(n)
    return lambda: hdbscan(events, min_cluster=20), lambda found: {"clusters": int(found.max())}


def ripley(n: int) -> Case:
    """Prepare the test of L with 99 simulations, up to distances that hold 79 neighbours."""
    from hotspot.statistics.ripley import ripley_test

    events, square = _events(n), _square(n)
    metres = [100, 200, 300, 400, 500]
    return (
        lambda: ripley_test(events, square, metres=metres, simulations=99),
        lambda found: {"p": found.p},
    )


def nearest(n: int) -> Case:
    """Prepare the nearest-neighbour index."""
    from hotspot.statistics.nearest_neighbour_index import clark_evans

    events, square = _events(n), _square(n)
    return lambda: clark_evans(events, square), lambda found: {"index": found["index"].item()}


def hours(n: int) -> Case:
    """Prepare the aoristic table."""
    from hotspot.statistics.aoristic import aoristic_hours

    events = _events(n)
    length = pd.to_timedelta(np.random.default_rng(2).integers(0, 2000, n), unit="min")
    records = pd.DataFrame({"start": events["date"], "end": events["date"] + length})
    return lambda: aoristic_hours(records), lambda found: {"sum": float(found.to_numpy().sum())}


GROWTH = [
    ("`knox`, 200 m, 7 days, 99 permutations", "knox_test", 2500),
    ("`near_repeat_table`, 210 cells, 99 permutations", "table_growth", 1000),
    ("`dbscan`", "own_dbscan", 10_000),
    ("`dbscan` with days", "st_dbscan", 10_000),
    ("`hdbscan`", "own_hdbscan", 1000),
    ("`clark_evans`", "nearest", 10_000),
    ("`ripley_test`, 99 simulations", "ripley", 500),
    ("`aoristic_hours`", "hours", 10_000),
]


def _events(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    places = rng.uniform(0, SPACING_M * np.sqrt(n), (n, 2))
    return pd.DataFrame(places, columns=["x", "y"]).assign(date=_dates(rng, n))


def _clustered(n: int) -> pd.DataFrame:
    """Draw half of the points around centres, a hundred at each, and a tenth on others."""
    rng = np.random.default_rng(n)
    side = SPACING_M * np.sqrt(n)
    centres = rng.uniform(0, side, (n // 200, 2))
    near = np.repeat(centres, 100, axis=0) + rng.normal(0, 100, (n // 200 * 100, 2))
    places = np.vstack([near, rng.uniform(0, side, (n - len(near), 2))])
    places[: n // 10] = places[n // 10 : 2 * (n // 10)]
    return pd.DataFrame(places, columns=["x", "y"]).assign(date=_dates(rng, n))


def _dates(rng: np.random.Generator, n: int) -> pd.DatetimeIndex:
    return pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, DAYS, n), unit="D")


def _arrays() -> tuple[np.ndarray, np.ndarray]:
    events = _events(EVENTS)
    days = (events["date"] - events["date"].min()).dt.days.to_numpy()
    return events[["x", "y"]].to_numpy(), days[:, None]


def _square(n: int) -> gpd.GeoDataFrame:
    side = SPACING_M * np.sqrt(n)
    return gpd.GeoDataFrame(geometry=[shapely.box(0, 0, side, side)], crs="EPSG:32642")
