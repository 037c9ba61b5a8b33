"""Gi*: exact p beside 999 permutations, z of a year beside a loop, the test that knows people."""

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


def _counts(folder: str, size: int, window: int, months: int) -> Any:
    return regions.read_counts(Path(folder), size, window=window).iloc[:, -months:]


def _graph(folder: str, size: int) -> Any:
    return regions.read_graph(Path(folder), size)


def _tell_z(z: Any) -> dict[str, float]:
    z = np.asarray(z, dtype=float)
    return {"sum": float(np.abs(z).sum()), "highest": float(z.max())}
