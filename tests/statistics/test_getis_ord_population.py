"""The beta-binomial local sum against fifty digits, its limits and its missing values."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import optimize, stats

from hotspot.errors import InputError
from hotspot.statistics.getis_ord_population import fit_concentration, gi_star_population
from hotspot.statistics.multiple_testing import benjamini_hochberg


def ring(n: int) -> Graph:
    """Return n mahallas around a lake, each beside two."""
    steps = [(at, (at + step) % n) for at in range(n) for step in (-1, 1)]
    return Graph.from_arrays([a for a, _ in steps], [b for _, b in steps], [1] * len(steps))


def exact_tail(s: int, total: int, share: Fraction, every: float) -> float:
    """Return P(S ≥ s) to fifty digits, from the ratios of neighbouring terms."""
    with localcontext(prec=80):
        inside = Decimal(share.numerator) / Decimal(share.denominator)
        clumping = 1 / Decimal(every)
        term, below, above = Decimal(1), Decimal(0), Decimal(0)
        for one in range(total + 1):
            if one < s:
                below += term
            else:
                above += term
            rest = total - one
            if rest:
                term *= rest * (inside + one * clumping)
                term /= (one + 1) * (1 - inside + (rest - 1) * clumping)
        return float(above / (below + above))


def assert_exact(counts: list[int], population: list[int]) -> None:
    n = len(counts)
    given = pd.Series(counts), pd.Series(population), ring(n)
    found = gi_star_population(*given)["gi_pop_p"]
    a = fit_concentration(*given).item()
    mean = Fraction(sum(population), n)
    for own in range(n):
        sizes = [population[at % n] / mean for at in (own - 1, own, own + 1)]
        s = sum(counts[at % n] for at in (own - 1, own, own + 1))
        spread = max(sum(size**2 for size in sizes) / sum(sizes), 1)
        exact = exact_tail(s, sum(counts), sum(sizes) / n, a * n / float(spread))
        assert found[own] == pytest.approx(exact, rel=1e-9, abs=0)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5000)), min_size=4, max_size=9).filter(
        lambda rows: any(count for count, _ in rows)
    )
)
@example([(3, 100), (3, 100), (3, 100), (3, 100)])
@example([(40, 100), (30, 200), (50, 300), (0, 5000), (1, 5000), (0, 5000)])
def test_the_tail_equals_fifty_digits(rows):
    assert_exact([count for count, _ in rows], [people for _, people in rows])


def test_a_deep_tail_equals_fifty_digits():
    counts = [180, 150, 160] + [1, 0, 2, 0, 1, 3, 0, 1, 0, 2] * 4
    population = [900, 1100, 1000] + [2000, 1500, 3000, 2500] * 10
    assert_exact(counts, population)


@pytest.mark.parametrize("spread", [0.003, 0.03, 1.0])
def test_large_totals_equal_fifty_digits(spread: float):
    # from almost as even as chance to the most clumped; log-gammas would lose the digits
    rng = np.random.default_rng(3)
    population = rng.integers(500, 9000, 30)
    counts = rng.poisson(population * rng.gamma(1 / spread, spread, 30) / 10)
    assert_exact(counts.tolist(), population.tolist())


def test_counts_as_even_as_chance_are_binomial():
    counts = pd.Series([1, 1, 1, 3, 3, 3])
    population = pd.Series([100, 100, 100, 300, 300, 300])
    assert fit_concentration(counts, population, ring(6)).tolist() == [np.inf]
    found = gi_star_population(counts, population, ring(6))["gi_pop_p"]
    # 3 of 12 where a quarter of the people live
    assert found[1] == pytest.approx(stats.binom.sf(2, 12, 0.25), rel=1e-9)


def test_the_concentration_is_the_most_likely_one():
    rng = np.random.default_rng(8)
    population = pd.Series(rng.uniform(1000, 9000, 60))
    counts = pd.Series(rng.poisson(rng.gamma(2, population / 1000)))

    def unlikelihood(log_a: float) -> float:
        alpha = np.exp(log_a) * (population / population.mean()).to_numpy()
        return -stats.dirichlet_multinomial.logpmf(counts.to_numpy(), alpha, counts.sum())

    best = optimize.minimize_scalar(unlikelihood, bounds=(-5, 5), options={"xatol": 1e-9})
    found = fit_concentration(counts, population, ring(60))
    assert found.item() == pytest.approx(np.exp(best.x), rel=1e-6)


def test_a_panel_equals_its_months_one_by_one():
    rng = np.random.default_rng(5)
    months = pd.period_range("2025-01", periods=4, freq="M", name="month")
    panel = pd.DataFrame(rng.poisson([0, 0.1, 2, 300], (40, 4)), columns=months)
    population = pd.Series(rng.integers(500, 9000, 40))
    found = gi_star_population(panel, population, ring(40))
    assert found.columns.names == ["measure", "month"]
    concentration = fit_concentration(panel, population, ring(40))
    assert concentration.index.equals(months)
    for month in months:
        alone = gi_star_population(panel[month], population, ring(40))["gi_pop_p"]
        pd.testing.assert_series_equal(found["gi_pop_p"][month], alone.rename(month), rtol=1e-12)


def test_what_cannot_be_judged_leaves_with_its_offenses():
    # 5 has no population, 6 nobody, 7 no count, 8 no neighbour, 9 no place in the graph
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 0)]
    focal = [a for a, _ in pairs] + [b for _, b in pairs] + [8]
    neighbour = [b for _, b in pairs] + [a for a, _ in pairs] + [8]
    graph = Graph.from_arrays(focal, neighbour, [1] * 16 + [0])
    counts = pd.Series([3, 0, 1, 6, 2, 50, 60, np.nan, 4, 900])
    population = pd.Series([100, 250, 300, 120, 90, np.nan, 0, 500, 70, 400])
    found = gi_star_population(counts, population, graph)["gi_pop_p"]
    assert found.isna().tolist() == [False] * 5 + [True] * 5
    kept = [0, 1, 2, 3, 4, 8]
    links = pairs[:4] + [(b, a) for a, b in pairs[:4]]
    smaller = Graph.from_arrays(
        [a for a, _ in links] + [8], [b for _, b in links] + [8], [1] * 8 + [0]
    )
    alone = gi_star_population(counts[kept], population[kept], smaller)["gi_pop_p"]
    pd.testing.assert_series_equal(found[kept], alone, rtol=1e-12)


def test_a_month_without_offenses_is_not_assessed():
    counts, population = pd.Series([0] * 5), pd.Series([100.0] * 5)
    assert gi_star_population(counts, population, ring(5)).isna().all(axis=None)
    assert fit_concentration(counts, population, ring(5)).isna().all()


def test_a_month_without_data_leaves_the_others_alone():
    counts = pd.DataFrame({"before": [1, 5, 0, 2, 0], "missing": [np.nan] * 5, "zero": [0] * 5})
    population = pd.Series([100.0, 300, 200, 100, 400])
    found = gi_star_population(counts, population, ring(5))["gi_pop_p"]
    assert found.isna().all().tolist() == [False, True, True]
    alone = gi_star_population(counts["before"], population, ring(5))["gi_pop_p"]
    pd.testing.assert_series_equal(found["before"], alone.rename("before"))
    assert fit_concentration(counts, population, ring(5)).isna().tolist() == [False, True, True]


def test_without_any_population_nothing_is_assessed():
    counts, population = pd.Series([1, 2, 3, 4]), pd.Series([np.nan] * 4)
    assert gi_star_population(counts, population, ring(4)).isna().all(axis=None)


def test_a_neighbourhood_that_is_the_whole_map_is_certain():
    found = gi_star_population(pd.Series([5, 1, 0]), pd.Series([10, 20, 30]), ring(3))
    assert found["gi_pop_p"].tolist() == [1, 1, 1]


def test_a_hopeless_tail_is_a_number():
    counts = pd.Series([0, 4000, 4000, 4000] + [4000] * 400)
    population = pd.Series([1e7, 1, 1, 1] + [1e7] * 400)
    found = gi_star_population(counts, population, ring(404))["gi_pop_p"]
    assert found.between(0, 1).all()
    assert found[2] < 1e-30


def test_many_people_are_no_hot_spot():
    # half the mahallas hold three times as many people at the same risk
    population = pd.Series([9000] * 30 + [3000] * 30)
    counts = pd.Series([9] * 30 + [3] * 30)
    assert gi_star_population(counts, population, ring(60))["gi_pop_p"].min() > 0.3


def test_a_park_without_residents_does_not_hide_a_cluster():
    rng = np.random.default_rng(6)
    population = pd.Series(rng.uniform(2000, 6000, 100))
    counts = pd.Series(rng.poisson(population / 500))
    counts[40:45] *= 3
    population[80], counts[80] = 5, 300
    found = gi_star_population(counts, population, ring(100))["gi_pop_p"]
    assert benjamini_hochberg(found)[42] < 0.01


def test_something_is_found_in_st_louis(shared: Path):
    # 15 of its 88 neighbourhoods are parks and cemeteries with fewer than 1,000 residents
    folder = shared / "stlouis_part1"
    layer = geopandas.read_file(folder / "stl_neighborhoods.geojson").dropna(subset=["geometry"])
    layer = layer.to_crs(26915).set_index("neighborhood_id").sort_index()
    records = pd.read_parquet(folder / "stl_part1_2017_2019.parquet", columns=["neighborhood"])
    numbers = pd.to_numeric(records["neighborhood"], errors="coerce")
    layer.index = layer.index.astype(int)
    counts = numbers.value_counts().reindex(layer.index, fill_value=0)
    graph = Graph.build_fuzzy_contiguity(layer, buffer=5)
    p = gi_star_population(counts, layer["total_population"].astype(float), graph)["gi_pop_p"]
    assert 3 <= (benjamini_hochberg(p) <= 0.05).sum() <= 15


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(2)
    counts, population = pd.Series(rng.poisson(3, 30)), pd.Series(rng.uniform(1e3, 9e3, 30))
    shuffled = gi_star_population(counts.sample(frac=1, random_state=1), population, ring(30))
    pd.testing.assert_frame_equal(
        shuffled.sort_index(), gi_star_population(counts, population, ring(30)), rtol=1e-9
    )


@pytest.mark.parametrize(
    ("counts", "population", "sentence"),
    [
        ([1, 2.5, 0], [1, 1, 1], "a count is 2.5: offenses are whole numbers from 0 up"),
        ([1, -1, 0], [1, 1, 1], "a count is -1: offenses are whole numbers from 0 up"),
        ([1, 2, 0], [1, -5, 1], "a population is -5: leave it empty where it is not known"),
    ],
)
def test_impossible_numbers_are_refused(counts, population, sentence: str):
    with pytest.raises(InputError) as error:
        gi_star_population(pd.Series(counts), pd.Series(population), ring(3))
    assert str(error.value) == sentence


def test_a_repeated_population_is_refused():
    population = pd.Series([1, 2, 3, 3], index=[0, 1, 2, 2])
    with pytest.raises(InputError) as error:
        gi_star_population(pd.Series([1, 2, 3]), population, ring(3))
    assert str(error.value) == ("mahalla '2' has two rows of population: give each mahalla one row")


def test_a_graph_of_other_mahallas_is_refused():
    with pytest.raises(InputError) as error:
        gi_star_population(pd.Series([1, 2]), pd.Series([1, 2]), ring(3))
    assert str(error.value) == (
        "mahalla '2' of the graph has no counts: "
        "count over the same mahallas that the graph was built from"
    )
