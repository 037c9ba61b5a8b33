"""Gi*, the local and the global Moran, neighbours and corrections beside what others get.

Papers and R's spdep for z, enumeration and counting in whole numbers for p, because permutation
programs miss ties; esda, pygeoda, libpysal and statsmodels where they are right. p by permutation
differs from an exact p by chance: by how many standard errors is shown, the most over all mahallas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from importlib.util import find_spec
from itertools import permutations
from math import comb
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from esda import Moran_Local
from esda.getisord import G_Local
from libpysal.graph import Graph
from statsmodels.stats.multitest import multipletests

from benchmarks.simulate_size import grid
from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.distance_weights import weigh_by_distance
from hotspot.statistics.getis_ord import gi_star, gi_z
from hotspot.statistics.local_permutation import gi_star_permutation, local_moran
from hotspot.statistics.multiple_testing import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
)
from hotspot.statistics.neighbours import contiguity, distance_band, nearest_neighbours
from hotspot.statistics.spatial_autocorrelation import morans_i, standardise_rates

# of hundreds of p-values the furthest from its limit, in standard errors
BY_CHANCE = 5.0
DRAWS = 9999


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Yield each method beside each oracle."""
    yield from _enumerated()
    yield from _corrections()
    yield from _on_a_grid()
    if shared is not None:
        folder = shared / "classic_validation"
        yield from _getis_ord_1996(folder)
        yield from _columbus(folder)
        yield from _north_carolina(folder)
        yield from _neighbours(shared)
        if find_spec("pygeoda"):
            yield from _geoda(folder)


def sizes(maps: int) -> Iterator[Size]:
    """Yield how often each test calls chance an effect, on 20 × 20 mahallas of equal means."""
    graph = grid(20, 20)
    centres = np.stack(np.divmod(np.arange(400), 20), axis=1) * 1000.0
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*centres.T), crs="EPSG:32642")
    weighted = weigh_by_distance(graph, places, kernel="gaussian", bandwidth_m=800)
    for mean in (0.1, 1.0, 5.0):
        counts = pd.DataFrame(np.random.default_rng(11).poisson(mean, (400, maps)))
        setting = f"400 mahallas, Poisson mean {mean:g}"
        exact = gi_star(counts, graph)
        if mean >= 1:
            for tail, other in (("gi_p", "gi_p_lower"), ("gi_p_lower", "gi_p")):
                # P(S > s) + P(S = s) / 2
                middle = (1 + exact[tail] - exact[other]) / 2
                yield _size(f"mid-p of `{tail}`", setting, middle, kind="close")
        yield _size("`gi_p_lower`", setting, exact["gi_p_lower"])
        for correct in (benjamini_yekutieli, bonferroni):
            any_call = correct(exact["gi_p"]).min().to_frame().T
            yield _size(f"any `gi_p` after `{correct.__name__}`", setting, any_call)
        drawn = _each_map(gi_star_permutation, counts, weighted)
        for tail in ("gi_p", "gi_p_lower"):
            yield _size(f"`gi_star_permutation`, Gaussian weights, `{tail}`", setting, drawn[tail])
        moran = _each_map(local_moran, counts, graph)
        for tail in ("moran_p", "moran_p_upper", "moran_p_lower"):
            yield _size(f"`local_moran`, `{tail}`", setting, moran[tail])
        whole = [morans_i(counts[m], graph, permutations=199, seed=m)["p"] for m in counts]
        yield _size("`morans_i`, `p`", setting, pd.concat(whole, axis=1))


def _each_map(
    test: Callable[..., pd.DataFrame], counts: pd.DataFrame, graph: Graph
) -> pd.DataFrame:
    # a seed a map: all p-values of one seed err together
    found = {m: test(counts[m], graph, permutations=199, seed=m) for m in counts}
    return pd.concat(found, axis=1).swaplevel(axis=1)


def _size(test: str, setting: str, p: pd.DataFrame, **kind: Any) -> Size:
    # mahallas of one map are not independent, maps are
    share = (p <= 0.05).mean()
    error = float(share.std() / np.sqrt(p.shape[1]))
    return Size(test, setting, p.shape[1], float(share.mean()), error, **kind)


def _enumerated() -> Iterator[Comparison]:
    """Yield p-values beside those over every draw, and every order, of small maps."""
    values = [3.0, 0.1, 0.2, 0.3, 0.3, 7.5, 0.0]
    rows = {0: {1: 0.5, 2: 2.0, 5: 0.1}, 2: {0: 0.7, 3: 0.7, 4: 0.7}, 5: {4: 0.3, 6: 0.6}}
    rows |= {4: {0: 3.0, 1: 1.0, 2: 1.0, 3: 1.0, 5: 0.5, 6: 0.25}, 6: {0: 1.5, 1: 1e-3, 5: 1.5}}
    rows |= {1: {0: 1.0}, 3: {2: 1.0}}
    ends = [(a, b, weight) for a in sorted(rows) for b, weight in rows[a].items()]
    found = gi_star_permutation(
        pd.Series(values), Graph.from_arrays(*zip(*ends, strict=True)), permutations=DRAWS, seed=1
    )
    tails = []
    for own, row in sorted(rows.items()):
        others = np.array(list(permutations(values[:own] + values[own + 1 :], len(row))))
        apart = others @ list(row.values()) - sum(w * values[at] for at, w in row.items())
        tails.append([(apart >= -1e-9).mean(), (apart <= 1e-9).mean()])
    yield _by_chance("`gi_star_permutation`, unequal weights", "enumeration", "7 mahallas",
                     found[["gi_p", "gi_p_lower"]], np.array(tails))  # fmt: skip
    orders = pd.DataFrame(np.array(list(permutations(values[:6]))).T)
    few = Graph.from_arrays(*zip(*[each for each in ends if 6 not in each[:2]], strict=True))
    every = morans_i(orders, few, permutations=1, seed=1)
    yield Comparison(
        "`morans_i`, expectation and variance", "every order of the values", "6 mahallas",
        largest_difference(
            every.loc[0, ["expected", "variance"]].astype(float),
            [every["moran_i"].mean(), every["moran_i"].var(ddof=0)],
        ), 1e-9,
    )  # fmt: skip


def _corrections() -> Iterator[Comparison]:
    p = pd.Series(np.random.default_rng(2).uniform(size=900) ** 3).round(3)
    methods: dict[str, Callable[[pd.Series], pd.Series]] = {
        "fdr_bh": benjamini_hochberg, "fdr_by": benjamini_yekutieli, "bonferroni": bonferroni,
    }  # fmt: skip
    for name, correct in methods.items():
        theirs = multipletests(p, method=name)[1]
        yield Comparison(
            f"`{correct.__name__}`", "statsmodels", "900 p-values with ties",
            largest_difference(correct(p), theirs), 1e-12,
        )  # fmt: skip


def _on_a_grid() -> Iterator[Comparison]:
    """Yield p of simulated counts beside counting and the exact p, z beside esda."""
    rng = np.random.default_rng(20)
    counts, graph = pd.Series(rng.poisson(rng.gamma(0.5, 10, size=100))), grid(10, 10)
    data = "100 simulated mahallas, mean 5"
    exact = gi_star(counts, graph)
    yield Comparison(
        "`gi_star`, both tails", "counting in whole numbers", data,
        largest_difference(exact[["gi_p", "gi_p_lower"]], _counted(counts, graph)), 1e-9,
    )  # fmt: skip
    theirs = G_Local(
        counts.to_numpy(float),
        graph.assign_self_weight(1),
        transform="B",
        star=True,
        permutations=0,
    )
    yield Comparison(
        "`gi_z`", "esda, binary weights", data, largest_difference(gi_z(counts, graph), theirs.Zs),
        1e-9,
    )  # fmt: skip
    drawn = gi_star_permutation(counts, graph, permutations=DRAWS, seed=1)
    tails = ["gi_p", "gi_p_lower"]
    yield _by_chance(
        "`gi_star_permutation`, binary", "`gi_star`", data, drawn[tails], exact[tails].to_numpy()
    )


def _getis_ord_1996(folder: Path) -> Iterator[Comparison]:
    table = pd.read_csv(folder / "getisord_spdep_reference.csv")
    points = gpd.points_from_xy(table["x"], table["y"])
    places = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:32642")
    bands = (30, 60, 90, 120, 150)
    z = pd.DataFrame({b: gi_z(table["val"], distance_band(places, b).graph) for b in bands})
    cell = (table["x"] == 210) & (table["y"] == 210)
    yield Comparison(
        "`gi_z`", "published: 1.45 (Getis & Ord 1996)", "their 16 × 16 cells, within 30",
        largest_difference(z.loc[cell, 30], [1.45], relative=False), 5e-3, relative=False,
    )  # fmt: skip
    theirs = table[[f"GiStar_{band}" for band in bands]]
    yield Comparison(
        "`gi_z` of `distance_band`", "spdep", "the same, five distances",
        largest_difference(z, theirs, relative=False), 1e-9, relative=False,
    )  # fmt: skip


def _columbus(folder: Path) -> Iterator[Comparison]:
    table = pd.read_csv(folder / "columbus_spdep_reference.csv")
    pairs = pd.read_csv(folder / "columbus_COLnb_edges_1based.csv") - 1
    graph = Graph.from_arrays(pairs["from"], pairs["to"], np.ones(len(pairs)))
    rows, crime, data = graph.transform("R"), table["CRIME"], "Columbus, CRIME"
    star = gi_star_permutation(crime, graph.assign_self_weight(1).transform("R"), seed=1)["gi_z"]
    moran = local_moran(crime, rows, permutations=DRAWS, seed=1)
    for method, ours, column in (
        ("`gi_z`", gi_z(crime, graph), "GiStar_B"),
        ("`gi_star_permutation`, z, row-standardised", star, "GiStar_W"),
        ("`local_moran`, I", moran["moran_i"], "localI"),
        ("`local_moran`, z", moran["moran_z"], "Z"),
    ):
        difference = largest_difference(ours, table[column], relative=False)
        yield Comparison(method, "spdep", data, difference, 1e-9, relative=False)
    peer = Moran_Local(crime.to_numpy(), rows, permutations=0)
    difference = largest_difference(moran["moran_i"], peer.Is * 49 / 48)
    yield Comparison("`local_moran`, I", "esda, times n / (n − 1)", data, difference, 1e-9)
    quadrant = moran["moran_quadrant"].map({"HH": 1, "LH": 2, "LL": 3, "HL": 4})
    yield Comparison(
        "`local_moran`, quadrant", "esda", data, largest_difference(quadrant, peer.q), 0.0
    )
    yield _by_chance(
        "`local_moran`, both tails", "a loop over mahallas", data,
        moran[["moran_p_upper", "moran_p_lower"]], _looped(crime, graph), draws=DRAWS / 2,
    )  # fmt: skip
    whole = morans_i(crime, rows, seed=1).loc[0, ["moran_i", "expected", "variance"]].astype(float)
    difference = largest_difference(whole, [0.510951264, -0.020833333, 0.008908762], relative=False)
    yield Comparison(
        "`morans_i`", "published: ?spdep::moran.test", data, difference, 5e-10, relative=False
    )


def _north_carolina(folder: Path) -> Iterator[Comparison]:
    table = pd.read_csv(folder / "nc_sids_spdep_reference.csv").set_index("FIPSNO").sort_index()
    pairs = pd.read_csv(folder / "nc_sids_ncCR85_edges.csv").sort_values(["from", "to"])
    graph = Graph.from_arrays(pairs["from"], pairs["to"], np.ones(len(pairs)))
    data, tails = "North Carolina, SID74", ["gi_p", "gi_p_lower"]
    yield Comparison(
        "`gi_z`", "spdep", "North Carolina, Bayesian rates",
        largest_difference(gi_z(table["EB_est"], graph), table["GiStar_EB_B"], relative=False),
        1e-9, relative=False,
    )  # fmt: skip
    exact, counted = gi_star(table["SID74"], graph)[tails], _counted(table["SID74"], graph)
    yield Comparison(
        "`gi_star`, both tails", "counting in whole numbers", data,
        largest_difference(exact, counted), 1e-9,
    )  # fmt: skip
    drawn = gi_star_permutation(table["SID74"], graph, permutations=DRAWS, seed=1)[tails]
    yield _by_chance("`gi_star_permutation`", "counting in whole numbers", data, drawn, counted)
    rates = standardise_rates(table["SID74"], table["BIR74"])
    yield Comparison(
        "`morans_i` of `standardise_rates`", "spdep: EBImoran.mc, 0.22944", data,
        largest_difference(morans_i(rates, graph, seed=1)["moran_i"], [0.22944], relative=False),
        5e-6, relative=False,
    )  # fmt: skip


def _neighbours(shared: Path) -> Iterator[Comparison]:
    """Yield how many pairs are here but not there, or there but not here."""
    frame = gpd.read_file(shared / "toronto_mci" / "nh_profiles_short_2016.geojson").to_crs(32617)
    frame.index = pd.Index([f"{k:03d}" for k in range(len(frame))], name="mahalla_code")
    points = gpd.GeoSeries(shapely.point_on_surface(frame.geometry), frame.index, crs=frame.crs)
    queen, rook = (contiguity(frame, tolerance_m=0, rook=sides) for sides in (False, True))
    for method, ours, theirs in (
        ("`contiguity`", queen, Graph.build_contiguity(frame, rook=False)),
        ("`contiguity`, rook", rook, Graph.build_contiguity(frame, rook=True)),
        ("`nearest_neighbours`", nearest_neighbours(frame, 6), Graph.build_knn(points, 6)),
        ("`distance_band`", distance_band(frame, 3000), Graph.build_distance_band(points, 3000)),
    ):  # fmt: skip
        here, there = (set(of.adjacency[of.adjacency != 0].index) for of in (ours.graph, theirs))
        difference = float(len(here ^ there))
        data = "140 neighbourhoods of Toronto"
        yield Comparison(f"{method}, pairs", "libpysal", data, difference, 0.0, relative=False)


def _geoda(folder: Path) -> Iterator[Comparison]:
    import pygeoda

    layer = pygeoda.open(str(folder / "libpysal_columbus" / "columbus.shp"))
    weights, crime = pygeoda.queen_weights(layer), layer.GetRealCol("CRIME")
    pairs = [(a, b) for a in range(len(crime)) for b in sorted(weights.get_neighbors(a))]
    graph = Graph.from_arrays(*zip(*pairs, strict=True), np.ones(len(pairs))).transform("R")
    theirs = np.array(pygeoda.local_moran(weights, crime, permutations=99).lisa_values())
    ours = local_moran(pd.Series(crime), graph, permutations=99, seed=1)["moran_i"]
    # its p-values are no oracle: with 99,999 permutations some are .04 from the limit
    yield Comparison(
        "`local_moran`, I", "pygeoda, times n / (n − 1)", "Columbus, CRIME, its own neighbours",
        largest_difference(ours, theirs * 49 / 48), 1e-9,
    )  # fmt: skip


def _by_chance(
    method: str, oracle: str, data: str, ours: Any, theirs: Any, *, draws: float = DRAWS
) -> Comparison:
    """Compare p by permutation with its limit, or with another's that errs as much."""
    here, there = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    # that of p = (1 + as extreme) / (1 + draws), for the smallest p too
    error = np.sqrt(np.maximum(there * (1 - there), 1 / draws) / draws)
    difference = largest_difference(here / error, there / error, relative=False)
    what = f"{method}, {DRAWS:,} draws, standard errors"
    return Comparison(what, oracle, data, difference, BY_CHANCE, relative=False)


def _looped(values: pd.Series, graph: Graph) -> list[list[float]]:
    """Return both tails of the local Moran by permutation, one mahalla after another."""
    rng, tails = np.random.default_rng(5), []
    apart = values.to_numpy() - values.mean()
    links = graph.adjacency.reset_index().groupby("focal")["neighbor"]
    for own, at in links:
        orders = rng.permuted(np.tile(np.delete(apart, own), (DRAWS, 1)), axis=1)
        drawn = orders[:, : len(at)]
        gap = apart[own] * (drawn.sum(axis=1) - apart[at].sum())
        tails.append(
            [(1 + (gap >= -1e-9).sum()) / (1 + DRAWS), (1 + (gap <= 1e-9).sum()) / (1 + DRAWS)]
        )
    return tails


def _counted(counts: pd.Series, graph: Graph) -> list[list[float]]:
    """Return both tails by counting draws in whole numbers, one mahalla after another."""
    tails = []
    links = graph.adjacency[graph.adjacency > 0].reset_index().groupby("focal")["neighbor"]
    neighbours = {focal: others.tolist() for focal, others in links}
    for own in counts.index:
        others, at = counts.drop(own).tolist(), neighbours[own]
        ways: list[Counter[int]] = [Counter({0: 1})] + [Counter() for _ in at]
        for value in others:
            for drawn in range(len(at), 0, -1):
                for reached, many in ways[drawn - 1].items():
                    ways[drawn][reached + value] += many
        s, draws = counts[at].sum(), comb(len(others), len(at))
        above = sum(many for reached, many in ways[-1].items() if reached >= s)
        below = sum(many for reached, many in ways[-1].items() if reached <= s)
        tails.append([float(Fraction(above, draws)), float(Fraction(below, draws))])
    return tails
