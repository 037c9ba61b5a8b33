"""The test that knows the populations: its tail, its fit, its size and its power.

No other program has this test, so its tail is summed again in 60 decimal digits from the formula of
the docstring, and where the law is the binomial one scipy's is the oracle. The size and the power
are simulated on the populations of real cities, which cluster as invented ones don't; run
``python -m benchmarks.validation.population_test`` for the table of the power.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import optimize, stats

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.getis_ord_population import fit_concentration, gi_star_population
from hotspot.statistics.multiple_testing import benjamini_hochberg

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
LEVEL = 0.05


class Place(NamedTuple):
    """Who lives where, and who is whose neighbour."""

    population: pd.Series
    graph: Graph


def toronto(shared: Path) -> Place:
    """Return the 140 neighbourhoods of Toronto."""
    layer = gpd.read_file(shared / "toronto_mci" / "nh_profiles_short_2016.geojson")
    return _place(layer.set_index("OBJECTID"), "Total_Popu", 26917)


def st_louis(shared: Path, column: str = "total_population") -> Place:
    """Return the 88 neighbourhoods of St. Louis, some of them parks with a handful of residents."""
    layer = gpd.read_file(shared / "stlouis_part1" / "stl_neighborhoods.geojson")
    layer = layer.dropna(subset=["geometry"]).set_index("neighborhood_id")
    return _place(layer, column, 26915)


def west_yorkshire(shared: Path) -> Place:
    """Return the 1,388 census areas of West Yorkshire, drawn to hold about equally many people."""
    folder = shared / "west_yorkshire_street"
    people = pd.read_csv(folder / "wy_lsoa_population_2011.csv", thousands=",")
    layer = gpd.read_file(folder / "wy_lsoa_2011.gpkg").set_index("LSOA11CD")
    layer["people"] = people.set_index("LSOA Code")["Persons"]
    return _place(layer, "people", 27700)


def invented_jobs(shared: Path) -> Place:
    """Return the areas of West Yorkshire with jobs, a few of them with most of these."""
    place = west_yorkshire(shared)
    jobs = np.random.default_rng(7).lognormal(6, 1.5, len(place.population)).round()
    return place._replace(population=pd.Series(jobs, place.population.index))


def _place(layer: gpd.GeoDataFrame, column: str, crs: int) -> Place:
    layer = layer.sort_index().to_crs(crs)
    graph = Graph.build_fuzzy_contiguity(layer, buffer=5)
    return Place(layer[column].astype(float), graph)


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Yield the tail and the fit beside their oracles."""
    random = np.random.default_rng(1)
    population = pd.Series(random.integers(500, 9000, 60).astype(float))
    ring = Graph.from_arrays(
        np.repeat(range(60), 2), (np.repeat(range(60), 2) + np.tile([1, 59], 60)) % 60, np.ones(120)
    )
    invented = Place(population, ring)
    for spread in (0.002, 0.3, 3.0):
        risk = random.gamma(1 / spread, spread, 60)
        counts = pd.Series(random.poisson(population.to_numpy() * risk / 50))
        data = f"60 invented mahallas, {counts.sum():,} offenses, k {1 / spread:.3g}"
        yield _tails(counts, invented, data)
        yield _fit(counts, invented, data)
    # in proportion to the population: less varied than chance, so that the law is the binomial
    even = pd.Series(np.tile([1000.0, 2000.0, 3000.0], 20))
    counts = even / 1000
    around = ring.assign_self_weight(1).sparse
    expected = stats.binom.sf(around @ counts - 1, counts.sum(), around @ even / even.sum())
    p = gi_star_population(counts, even, ring)["gi_pop_p"]
    difference = largest_difference(p, expected)
    yield Comparison("gi_pop_p", "scipy.stats.binom", "60 even mahallas", difference, 1e-9)
    if shared is not None:
        place = st_louis(shared)
        records = pd.read_parquet(shared / "stlouis_part1" / "stl_part1_2017_2019.parquet")
        numbers = pd.to_numeric(records["neighborhood"], errors="coerce")
        homicides = numbers[records["crime"].str.zfill(6).str.startswith("01")]
        for what, of in (("homicides", homicides), ("part-1 offenses", numbers[::20])):
            counts = of.value_counts().reindex(place.population.index.astype(int), fill_value=0)
            counts.index = place.population.index
            data = f"St. Louis, {counts.sum():,} {what}"
            yield _tails(counts, place, data)
            yield _fit(counts, place, data)


def _tails(counts: pd.Series, place: Place, data: str) -> Comparison:
    """Compare every p with the sum of its terms in 60 digits."""
    given = counts, place.population, place.graph
    a, people = fit_concentration(*given).item(), place.population.to_numpy()
    # where nobody lives nothing can be judged
    known = people > 0
    total, n, everyone = int(counts[known].sum()), int(known.sum()), Decimal(people[known].sum())
    around = place.graph.assign_self_weight(1).sparse.tocsr()
    expected = []
    for own in np.flatnonzero(known):
        members = np.unique([own, *around[[own]].indices])
        members = members[known[members]]
        sizes = [Decimal(people[at]) * n / everyone for at in members]
        spread = max(sum(size * size for size in sizes) / sum(sizes), 1)
        every = Decimal("1e60") if math.isinf(a) else Decimal(a) * n / spread
        s = int(counts.iloc[members].sum())
        expected.append(exact_tail(s, total, sum(sizes, Decimal(0)) / n, every))
    difference = largest_difference(gi_star_population(*given)["gi_pop_p"][known], expected)
    return Comparison("gi_pop_p", "the terms of the law in 60 digits", data, difference, 1e-9)


def exact_tail(s: int, total: int, share: Decimal, every: Decimal) -> float:
    """Return P(S ≥ s) of a beta-binomial law from the ratios of neighbouring terms."""
    with localcontext(prec=60):
        inside, outside = every * share, every * (1 - share)
        term, below, above = Decimal(1), Decimal(0), Decimal(0)
        for one in range(total + 1):
            if one < s:
                below += term
            else:
                above += term
            rest = total - one
            if rest:
                term *= rest * (inside + one) / ((one + 1) * (outside + rest - 1))
        return float(above / (below + above))


def _fit(counts: pd.Series, place: Place, data: str) -> Comparison:
    """Compare the concentration with a search for the most likely one."""
    # parks have no say
    sizes = place.population / place.population[place.population > 0].mean()
    kept = (sizes >= 0.1).to_numpy()
    x, r = counts[kept].to_numpy(), sizes[kept].to_numpy()

    def unlikelihood(log_a: float) -> float:
        return -float(stats.dirichlet_multinomial.logpmf(x, np.exp(log_a) * r, x.sum()))

    best = optimize.minimize_scalar(unlikelihood, bounds=(-7, 9), options={"xatol": 1e-9})
    found = fit_concentration(counts, place.population, place.graph).item()
    difference = largest_difference([found], [math.exp(best.x)])
    return Comparison(
        "a of `fit_concentration`", "scipy's Dirichlet-multinomial", data, difference, 1e-5
    )


def sizes(maps: int) -> Iterator[Size]:
    """Yield how often equal risks are called hot, by mahallas and by whole maps."""
    if not SHARED.is_dir():
        return
    places = {
        "Toronto, 140": toronto(SHARED),
        "St. Louis, 88": st_louis(SHARED),
        "West Yorkshire, 1,388": west_yorkshire(SHARED),
        "St. Louis, by dwellings": st_louis(SHARED, "total_housing_units"),
        "West Yorkshire, by invented jobs": invented_jobs(SHARED),
    }
    for name, place in places.items():
        for mean, k in ((0.5, 1.0), (4.0, math.inf), (4.0, 1.0), (4.0, 0.3)):
            counts = simulate(place, mean=mean, k=k, maps=maps, seed=2)
            p = gi_star_population(counts, place.population, place.graph)["gi_pop_p"]
            share = (p[p.notna().all(axis=1)] <= LEVEL).mean()
            found = (benjamini_hochberg(p) <= LEVEL).any()
            risks = "equal risks" if math.isinf(k) else f"risks gamma with k {k:g}"
            setting = f"{name}; mean {mean:g}, {risks}"
            for test, of in (("gi_pop_p ≤ .05", share), ("any gi_pop_q ≤ .05", found)):
                error = float(of.std() / math.sqrt(maps))
                yield Size(test, setting, maps, float(of.mean()), error)


def simulate(
    place: Place, *, mean: float, k: float, maps: int, seed: int, times: pd.Series | None = None
) -> pd.DataFrame:
    """Return mahallas × maps of counts where risks have nothing to do with where mahallas lie."""
    random = np.random.default_rng(seed)
    people = place.population.fillna(0).to_numpy()
    expected = mean * people / people.mean() * (1 if times is None else times.to_numpy())
    expected = np.repeat(expected[:, None], maps, axis=1)
    if math.isfinite(k):
        expected = expected * random.gamma(k, 1 / k, expected.shape)
    return pd.DataFrame(random.poisson(expected), index=place.population.index)


def power(maps: int) -> Iterator[tuple[str, float, float, float, float, float]]:
    """Yield a setting, and how often p and q of the middle of a planted cluster are up to 5 %."""
    for name, place in (("Toronto", toronto(SHARED)), ("West Yorkshire", west_yorkshire(SHARED))):
        degrees = place.graph.cardinalities
        # the most usual number of neighbours, and of those the median population
        usual = degrees[degrees == degrees.mode().iloc[0]].index
        middle = place.population[usual].sort_values(kind="stable").index[len(usual) // 2]
        times = pd.Series(1.0, place.population.index)
        for mean in (4.0, 20.0):
            for k in (math.inf, 5.0, 1.0):
                for factor in (2.0, 3.0):
                    times[[middle, *place.graph[middle].index]] = factor
                    counts = simulate(place, mean=mean, k=k, maps=maps, seed=3, times=times)
                    p = gi_star_population(counts, place.population, place.graph)["gi_pop_p"]
                    q = benjamini_hochberg(p)
                    shares = [float((of.loc[middle] <= LEVEL).mean()) for of in (p, q)]
                    yield (name, mean, k, factor, *shares)


def main() -> None:
    """Print the power as a table in Markdown."""
    print(
        "| place | mean count | k of the risks | risk times | `gi_pop_p` ≤ .05 | `gi_pop_q` ≤ .05 |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name, mean, k, factor, p, q in power(2000):
        shape = "infinite" if math.isinf(k) else f"{k:g}"
        print(f"| {name} | {mean:g} | {shape} | {factor:g} | {p:.0%} | {q:.0%} |", flush=True)


if __name__ == "__main__":
    main()
