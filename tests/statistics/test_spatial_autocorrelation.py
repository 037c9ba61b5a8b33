"""Moran's I: published numbers, every order of the values, invariants."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.statistics.spatial_autocorrelation import morans_i, standardise_rates

# five mahallas with one-way and unequal weights
ENDS = [0, 0, 1, 2, 2, 3, 4], [1, 2, 0, 3, 4, 2, 0]
WEIGHTS = [1.0, 0.5, 2.0, 1.0, 0.3, 1.0, 0.7]
LINKS = Graph.from_arrays(*ENDS, WEIGHTS)


def published(shared: Path, table: str, pairs: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = shared / "classic_validation"
    return pd.read_csv(folder / table), pd.read_csv(folder / pairs)


def test_columbus_as_published(shared: Path):
    table, pairs = published(
        shared, "columbus_spdep_reference.csv", "columbus_COLnb_edges_1based.csv"
    )
    graph = Graph.from_arrays(pairs["from"] - 1, pairs["to"] - 1, np.ones(len(pairs)))
    found = morans_i(table["CRIME"], graph.transform("R"), seed=1).loc[0]
    # ?spdep::moran.test, and Anselin (1988)
    assert found["mahallas"] == 49
    assert found["moran_i"] == pytest.approx(0.510951264, abs=5e-10)
    assert found["expected"] == pytest.approx(-0.020833333, abs=5e-10)
    assert found["variance"] == pytest.approx(0.008908762, abs=5e-10)
    assert found["z"] == pytest.approx(5.6341, abs=5e-5)


def test_rates_of_north_carolina_as_in_spdep(shared: Path):
    table, pairs = published(shared, "nc_sids_spdep_reference.csv", "nc_sids_ncCR85_edges.csv")
    graph = Graph.from_arrays(pairs["from"], pairs["to"], np.ones(len(pairs)))
    table = table.set_index("FIPSNO")
    rates = standardise_rates(table["SID74"], table["BIR74"])
    # EBImoran.mc
    assert morans_i(rates, graph, seed=1).loc[0, "moran_i"] == pytest.approx(0.22944, abs=5e-6)


def test_mean_and_variance_equal_those_over_every_order():
    values = [3.0, 0.0, 1.0, 1.5, 9.0]
    orders = pd.DataFrame(np.array(list(permutations(values))).T)
    every = morans_i(orders, LINKS, permutations=1, seed=1)
    assert every["expected"].to_numpy() == pytest.approx(every["moran_i"].mean(), abs=1e-12)
    assert every["variance"].to_numpy() == pytest.approx(every["moran_i"].var(ddof=0), rel=1e-10)


def test_p_converges_to_that_over_every_order():
    values = [3.0, 0.0, 1.0, 1.0, 9.0]
    orders = pd.DataFrame(np.array(list(permutations(values))).T)
    every = morans_i(orders, LINKS, permutations=1, seed=1)["moran_i"]
    found = morans_i(pd.Series(values), LINKS, permutations=20_000, seed=1).loc[0]
    exact = (every >= found["moran_i"] - 1e-9).mean()
    assert found["p"] == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 20_000))


def test_three_mahallas_are_too_few():
    graph = Graph.from_arrays([0, 0, 1, 1, 2, 2, 3], [1, 2, 0, 2, 0, 1, 3], [1, 4, 1, 1, 4, 1, 0])
    four = graph.assign_self_weight(5)
    values = pd.Series([1.0, 2.0, 3.0, 50.0])
    # 3 is isolated, and the other three are too few for a variance
    assert morans_i(values, four, seed=1).loc[0, "mahallas"] == 3
    assert morans_i(values, four, seed=1).loc[0, ["moran_i", "z", "p"]].isna().all()


def test_missing_and_isolated_mahallas_are_left_out():
    values = pd.Series([3.0, 0.0, 1.0, 1.5, 9.0])
    expected = morans_i(values, LINKS, seed=1)
    more = Graph.from_arrays([*ENDS[0], 1, 5, 6], [*ENDS[1], 5, 0, 6], [*WEIGHTS, 1.0, 1.0, 0.0])
    found = morans_i(pd.concat([values, pd.Series([np.nan, 7.0], index=[5, 6])]), more, seed=1)
    pd.testing.assert_frame_equal(found, expected)


def test_a_month_a_row():
    months = pd.period_range("2025-01", periods=3, freq="M")
    panel = pd.DataFrame(np.random.default_rng(1).poisson(3, (5, 3)), columns=months)
    panel[months[1]] = 4
    found = morans_i(panel, LINKS, seed=1)
    assert found.index.equals(months)
    assert found.loc[months[1], "moran_i":].isna().all()
    for month in (months[0], months[2]):
        assert found.loc[month].tolist() == morans_i(panel[month], LINKS, seed=1).loc[0].tolist()
    assert morans_i(panel * np.nan, LINKS, seed=1)["moran_i"].isna().all()


def test_when_all_are_neighbours_nothing_can_be_said():
    focal, neighbour = np.nonzero(1 - np.eye(6))
    graph = Graph.from_arrays(focal, neighbour, np.ones(len(focal)))
    found = morans_i(pd.Series([1, 0, 0, 4, 2, 2]), graph, seed=1).loc[0]
    assert found["moran_i"] == pytest.approx(-1 / 5)
    assert found[["variance", "z", "p_normal"]].isna().all()
    # ties, and therefore no evidence
    assert found["p"] == 1


@given(st.integers(0, 1000))
def test_order_names_and_units_change_nothing(seed: int):
    rng = np.random.default_rng(seed)
    values = pd.Series(rng.poisson(2, 5).astype(float))
    found = morans_i(values, LINKS, seed=1)
    again = morans_i(values.sample(frac=1, random_state=seed), LINKS, seed=1)
    pd.testing.assert_frame_equal(again, found, rtol=0, atol=0)
    names = rng.permutation(5)
    renamed = Graph.from_arrays(names[ENDS[0]], names[ENDS[1]], 3 * np.array(WEIGHTS))
    other = morans_i(pd.Series(100 + 10 * values.to_numpy(), index=names), renamed, seed=1)
    pd.testing.assert_frame_equal(other.drop(columns="p"), found.drop(columns="p"), rtol=1e-9)


def test_standardised_rates_by_hand():
    # b = 2/4, the risks' variance Σ n (r − b)² / Σ n − b / mean n = 1/4 − 1/4 = 0, so √(b / n)
    counts = pd.Series([0.0, 2.0, np.nan, 3.0], index=list("abcd"))
    population = pd.Series([2.0, 2.0, 9.0, 0.0], index=list("abcd"))
    found = standardise_rates(counts, population)
    assert found.tolist() == pytest.approx([-1, 1, np.nan, np.nan], nan_ok=True)
    panel = standardise_rates(pd.DataFrame({"m": counts, "n": counts}), population)
    pd.testing.assert_series_equal(panel["n"], found.rename("n"))


def test_nonsense_is_refused():
    for counts, population, sentence in (
        ([1, -2], [5, 5], "a count is -2: it must be 0 or more"),
        ([1, 2], [5, -5], "a population is -5: it must be 0 or more"),
        ([1, np.inf], [5, 5], "a count is inf: give numbers, and NaN where there is no data"),
        ([1, 2], [5, np.inf], "a population is inf: give numbers, and NaN where there is no data"),
    ):
        with pytest.raises(InputError) as error:
            standardise_rates(pd.Series(counts), pd.Series(population))
        assert str(error.value) == sentence
    with pytest.raises(InputError) as error:
        morans_i(pd.Series([1, 2, 3, 4, 5]), LINKS, permutations=0, seed=1)
    assert str(error.value) == "0 permutations: ask for at least one, 999 as a rule"
    with pytest.raises(InputError) as error:
        morans_i(pd.Series([1, 2, 3, 4]), LINKS, seed=1)
    assert str(error.value) == (
        "mahalla '4' of the graph has no values: "
        "give values of the same mahallas that the graph was built from"
    )
    with pytest.raises(InputError) as error:
        morans_i(pd.Series([1, 2], index=["a", "a"]), LINKS, seed=1)
    assert str(error.value) == "mahalla 'a' has two rows of values: give each mahalla one row"
    with pytest.raises(InputError) as error:
        morans_i(pd.Series([1, 2, 3, 4, np.inf]), LINKS, seed=1)
    assert str(error.value) == ("a value is infinite: give numbers, and NaN where there is no data")


def test_the_order_of_the_rows_changes_no_bit_of_a_rate():
    # invariant: sums of floats are of sorted numbers
    rng = np.random.default_rng(1)
    people = pd.Series(rng.integers(500, 9000, 300).astype(float))
    counts = pd.Series(rng.poisson(rng.gamma(1, 3, 300)))
    expected = standardise_rates(counts, people)
    for seed in range(5):
        shuffled = standardise_rates(counts.sample(frac=1, random_state=seed), people)
        pd.testing.assert_series_equal(shuffled.sort_index(), expected, check_exact=True)
