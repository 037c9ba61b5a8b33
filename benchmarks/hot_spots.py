"""Gi*: exact p beside 999 permutations, z of a year beside a loop, the test that knows people.

Also how the local statistics and the search for neighbours grow with the number of mahallas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import regions
from benchmarks.measure import Case

PERMUTATIONS = 999


def exact(folder: str, size: int, window: int, months: int = 1) -> Case:
    """Prepare z and both exact tails of the last months."""
    from hotspot.statistics.getis_ord import gi_star

    counts, graph = _counts(folder, size, window, months), _graph(folder, size)
    panel = counts.iloc[:, 0] if months == 1 else counts
    return lambda: gi_star(panel, graph), lambda frame: _tell_z(frame["gi_z"])


def esda_permutations(folder: str, size: int, window: int) -> Case:
    """Prepare esda's z and one-sided p by permutation, on one processor: the faster way here."""
    from esda.getisord import G_Local

    # with self, so that esda need not build weights of its own at every call
    graph = _graph(folder, size).assign_self_weight(1)
    counts = _counts(folder, size, window, 1).loc[graph.unique_ids].iloc[:, 0].to_numpy(float)
    options = {"permutations": PERMUTATIONS, "seed": 1, "n_jobs": 1, "keep_simulations": False}
    return (
        lambda: G_Local(counts, graph, transform="B", star=True, **options),
        lambda local: _tell_z(local.Zs),
    )


def pygeoda_permutations(folder: str, size: int, window: int, method: str) -> Case:
    """Prepare pygeoda's p by permutation, on both processors."""
    import pygeoda

    mahallas = regions.read_mahallas(Path(folder), size)
    layer = pygeoda.open(mahallas.reset_index()[["geometry"]])
    weights = pygeoda.queen_weights(layer)
    counts = _counts(folder, size, window, 1).iloc[:, 0].to_numpy(float).tolist()
    options = {"permutations": PERMUTATIONS, "permutation_method": method, "cpu_threads": 2}
    return lambda: pygeoda.local_gstar(weights, counts, **options), lambda local: {}


def z_panel(folder: str, size: int) -> Case:
    """Prepare z of twelve months at once."""
    from hotspot.statistics.getis_ord import gi_z

    counts, graph = _counts(folder, size, 1, 12), _graph(folder, size)
    return lambda: gi_z(counts, graph), _tell_z


def esda_z_loop(folder: str, size: int) -> Case:
    """Prepare z of twelve months, one after the other."""
    from esda.getisord import G_Local

    graph = _graph(folder, size).assign_self_weight(1)
    counts = _counts(folder, size, 1, 12).loc[graph.unique_ids].to_numpy(float)
    options = {"transform": "B", "star": True, "permutations": 0}
    return (
        lambda: np.column_stack([G_Local(month, graph, **options).Zs for month in counts.T]),
        _tell_z,
    )


def population(folder: str, size: int, window: int) -> Case:
    """Prepare the exact p given the population of 36 windows."""
    from hotspot.statistics.getis_ord_population import gi_star_population

    counts, graph = _counts(folder, size, window, 36), _graph(folder, size)
    people = regions.read_mahallas(Path(folder), size)["population"]
    return lambda: gi_star_population(counts, people, graph), lambda frame: {}


def grown_z(n: int) -> Case:
    """Prepare z of twelve months of n mahallas on a square grid."""
    from hotspot.statistics.getis_ord import gi_z

    panel, graph = _square(n, months=12)
    return lambda: gi_z(panel, graph), lambda z: {}


def grown_exact(n: int) -> Case:
    """Prepare both exact tails of n mahallas on a square grid."""
    from hotspot.statistics.getis_ord import gi_star

    panel, graph = _square(n, months=1)
    return lambda: gi_star(panel, graph), lambda frame: {}


def grown_permutation(n: int) -> Case:
    """Prepare Gi* by permutation of n mahallas on a square grid, with weights of rows."""
    from hotspot.statistics.local_permutation import gi_star_permutation

    panel, graph = _square(n, months=1)
    rows = graph.transform("R")
    return lambda: gi_star_permutation(panel, rows, seed=1), lambda frame: {}


def grown_local_moran(n: int) -> Case:
    """Prepare the local Moran of n mahallas on a square grid."""
    from hotspot.statistics.local_permutation import local_moran

    panel, graph = _square(n, months=1)
    return lambda: local_moran(panel, graph, seed=1), lambda frame: {}


def grown_contiguity(n: int) -> Case:
    """Prepare the neighbours by border of n mahallas with bent borders."""
    from hotspot.statistics.neighbours import contiguity

    mahallas = regions.draw_mahallas(n, np.random.default_rng(n))
    return lambda: contiguity(mahallas), lambda neighbours: {}


def grown_nearest(n: int) -> Case:
    """Prepare the six nearest of n mahallas with bent borders."""
    from hotspot.statistics.neighbours import nearest_neighbours

    mahallas = regions.draw_mahallas(n, np.random.default_rng(n))
    return lambda: nearest_neighbours(mahallas, 6), lambda neighbours: {}


GROWTH = [
    ("`gi_z`, 12 months, mahallas", "grown_z", 1024),
    ("`gi_star`, one month, mahallas", "grown_exact", 1024),
    ("`gi_star_permutation`, 999, mahallas", "grown_permutation", 1024),
    ("`local_moran`, 999, mahallas", "grown_local_moran", 1024),
    ("`contiguity`, mahallas", "grown_contiguity", 500),
    ("`nearest_neighbours`, six, mahallas", "grown_nearest", 500),
]


def _square(n: int, *, months: int) -> tuple[Any, Any]:
    """Return a panel of counts of n mahallas, a square number, and their queen contiguity."""
    import pandas as pd

    from benchmarks.simulate_size import grid

    counts = np.random.default_rng(1).negative_binomial(0.3, 0.3 / 1.3, (n, months))
    side = int(np.sqrt(n))
    return pd.DataFrame(counts), grid(side, side)


def _counts(folder: str, size: int, window: int, months: int) -> Any:
    return regions.read_counts(Path(folder), size, window=window).iloc[:, -months:]


def _graph(folder: str, size: int) -> Any:
    return regions.read_graph(Path(folder), size)


def _tell_z(z: Any) -> dict[str, float]:
    z = np.asarray(z, dtype=float)
    return {"sum": float(np.abs(z).sum()), "highest": float(z.max())}
