"""Gi* and the local Moran by permutation: enumeration, exact p, spdep, esda, invariants."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from esda import Moran_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.statistics.getis_ord import gi_star
from hotspot.statistics.local_permutation import gi_star_permutation, local_moran

P_VALUES = ["moran_p", "moran_p_upper", "moran_p_lower"]


def weighted(links: dict[tuple[int, int], float], n: int) -> Graph:
    """Return the graph of mahallas 0 … n − 1 with these weights, each in one direction."""
    alone = sorted(set(range(n)) - {a for a, _ in links})
    every = sorted(links.items()) + [((a, a), 0.0) for a in alone]
    every.sort()
    (focal, neighbour), weight = (
        zip(*(ends for ends, _ in every), strict=True),
        [w for _, w in every],
    )
    return Graph.from_arrays(focal, neighbour, weight)


def grid(side: int) -> Graph:
    """Return the queen contiguity of a square of mahallas, numbered row by row."""
    links = {}
    for a in range(side * side):
        for b in range(side * side):
            apart = max(abs(a // side - b // side), abs(a % side - b % side))
            if apart == 1:
                links[a, b] = 1.0
    return weighted(links, side * side)


def columbus(shared: Path) -> tuple[pd.DataFrame, Graph]:
    folder = shared / "classic_validation"
    table = pd.read_csv(folder / "columbus_spdep_reference.csv")
    pairs = pd.read_csv(folder / "columbus_COLnb_edges_1based.csv").to_numpy() - 1
    return table, Graph.from_arrays(*pairs.T, np.ones(len(pairs)))


def north_carolina(shared: Path) -> tuple[pd.DataFrame, Graph]:
    folder = shared / "classic_validation"
    table = pd.read_csv(folder / "nc_sids_spdep_reference.csv").set_index("FIPSNO")
    pairs = pd.read_csv(folder / "nc_sids_ncCR85_edges.csv").to_numpy()
    return table, Graph.from_arrays(*pairs.T, np.ones(len(pairs)))


def enumerated(values: list[float], row: dict[int, float], own: int) -> tuple[float, float]:
    """Return both tails of a weighted sum by looking at every order of the other values."""
    others = values[:own] + values[own + 1 :]
    weights = list(row.values())
    found = sum(weight * values[at] for at, weight in row.items())
    sums = np.array(
        [sum(map(float.__mul__, weights, draw)) for draw in permutations(others, len(row))]
    )
    return (sums >= found - 1e-9).mean(), (sums <= found + 1e-9).mean()


def test_p_converges_to_enumeration_with_any_weights():
    values = [3.0, 0.1, 0.2, 0.3, 0.3, 7.5, 0.0]
    rows = {
        0: {1: 0.5, 2: 2.0, 5: 0.1},
        1: {0: 1.0},
        2: {3: 0.7, 4: 0.7, 0: 0.7},
        4: {0: 3.0, 1: 1.0, 2: 1.0, 3: 1.0, 5: 0.5, 6: 0.25},
        5: {4: 0.3, 6: 0.6},
        6: {5: 1.5, 0: 1.5, 1: 1e-3},
    }
    graph = weighted({(a, b): w for a, row in rows.items() for b, w in row.items()}, 7)
    draws = 40_000
    found = gi_star_permutation(pd.Series(values), graph, permutations=draws, seed=3)
    assert found.loc[3].isna().all()
    for own, row in rows.items():
        for p, exact in zip(
            found.loc[own, ["gi_p", "gi_p_lower"]], enumerated(values, row, own), strict=True
        ):
            # four standard errors, of twelve comparisons
            assert p == pytest.approx(exact, abs=4 * np.sqrt(0.25 / draws))
    moran = local_moran(pd.Series(values), graph, permutations=draws, seed=3)
    # above the mean a large sum makes a large I, below it a small one; the same draws
    above = pd.Series(values) > np.mean(values)
    for measure, one, other in (
        ("moran_p_upper", "gi_p", "gi_p_lower"),
        ("moran_p_lower", "gi_p_lower", "gi_p"),
    ):
        expected = found[one].where(above, found[other]).rename(measure)
        pd.testing.assert_series_equal(moran[measure], expected)


def test_p_converges_to_the_exact_p_with_binary_weights():
    rng = np.random.default_rng(8)
    counts = pd.Series(rng.poisson(rng.gamma(0.5, 2, size=64)))
    exact = gi_star(counts, grid(8))
    found = gi_star_permutation(counts, grid(8), permutations=20_000, seed=1)
    np.testing.assert_allclose(found["gi_z"], exact["gi_z"], rtol=1e-12)
    for tail in ("gi_p", "gi_p_lower"):
        error = np.sqrt(exact[tail] * (1 - exact[tail]) / 20_000)
        assert ((found[tail] - exact[tail]).abs() <= 4.5 * error + 1e-4).all()


def test_ties_of_sums_that_rounding_tells_apart_are_counted():
    # by hand: 0.1 + 0.2 is not 0.3 in binary; of the six pairs drawn by mahalla 0 from
    # .1, .2, .3, 0 the sums are .3 (twice), .4, .1, .5, .2, and its own is .1 + .2
    values = pd.Series([9.0, 0.1, 0.2, 0.3, 0.0])
    graph = weighted({(0, 1): 1.0, (0, 2): 1.0, (3, 0): 1.0}, 5)
    found = gi_star_permutation(values, graph, permutations=20_000, seed=2).loc[0]
    assert found["gi_p"] == pytest.approx(4 / 6, abs=0.015)
    assert found["gi_p_lower"] == pytest.approx(4 / 6, abs=0.015)


def test_ties_are_counted_where_esda_misses_them(shared: Path):
    # peers: 0.249 for Polk County, where the exact p is 0.276
    table, graph = north_carolina(shared)
    found = gi_star_permutation(table["SID74"], graph, permutations=40_000, seed=1)
    assert found.loc[37149, "gi_p"] == pytest.approx(0.276232, abs=0.009)


def test_z_equals_spdep_with_both_styles_of_weights(shared: Path):
    table, graph = columbus(shared)
    for weights, column in (
        (graph, "GiStar_B"),
        (graph.transform("R"), "GiStar_B"),
        (graph.assign_self_weight(1).transform("R"), "GiStar_W"),
    ):
        z = gi_star_permutation(table["CRIME"], weights, permutations=1, seed=1)["gi_z"]
        np.testing.assert_allclose(z, table[column], rtol=1e-9, atol=1e-12)


def test_z_equals_the_published_one_and_does_not_depend_on_the_scale_of_a_row():
    # esda's tests: six points, linked within 15; with rows standardised esda says -0.625
    places = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    pairs = np.argwhere((apart <= 15) & (apart > 0))
    graph = Graph.from_arrays(*pairs.T, np.ones(len(pairs))).assign_self_weight(1)
    values = pd.Series([2, 3, 3.2, 5, 8, 7])
    binary_z = gi_star_permutation(values, graph, seed=1)["gi_z"]
    rows_z = gi_star_permutation(values, graph.transform("R"), seed=1)["gi_z"]
    assert binary_z[0] == pytest.approx(-1.39727626, abs=1e-8)
    assert rows_z[0] == pytest.approx(-1.39727626, abs=1e-8)


def test_local_moran_equals_spdep_on_columbus(shared: Path):
    table, graph = columbus(shared)
    found = local_moran(table["CRIME"], graph.transform("R"), permutations=1, seed=1)
    np.testing.assert_allclose(found["moran_i"], table["localI"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["moran_z"], table["Z"], rtol=1e-9, atol=1e-12)
    as_binary = local_moran(table["CRIME"], graph, permutations=1, seed=1)
    np.testing.assert_allclose(as_binary["moran_z"], table["Z"], rtol=1e-9, atol=1e-12)


def test_local_moran_equals_esda_on_columbus(shared: Path):
    table, graph = columbus(shared)
    crime, weights = table["CRIME"], graph.transform("R")
    peer = Moran_Local(crime.to_numpy(), weights, permutations=0)
    found = local_moran(crime, weights, permutations=1, seed=1)
    # esda divides by n − 1
    np.testing.assert_allclose(found["moran_i"], peer.Is * 49 / 48, rtol=1e-12)
    assert found["moran_quadrant"].map({"HH": 1, "LH": 2, "LL": 3, "HL": 4}).tolist() == list(
        peer.q
    )


def test_two_sided_p_is_twice_the_smaller_tail():
    found = local_moran(pd.Series(np.random.default_rng(1).poisson(1, 36)), grid(6), seed=4)
    smaller = found[["moran_p_upper", "moran_p_lower"]].min(axis=1)
    assert found["moran_p"].tolist() == (2 * smaller).clip(upper=1).tolist()


def test_a_mahalla_at_the_mean_has_no_z_and_is_no_evidence():
    # by hand: the mean is 1/3 × (.1 + .2 + .3) = .2, but for rounding
    found = local_moran(pd.Series([0.1, 0.2, 0.3]), weighted({(1, 0): 1.0, (0, 1): 1.0}, 3), seed=1)
    assert found.loc[1, "moran_i"] == pytest.approx(0, abs=1e-15)
    assert np.isnan(found.loc[1, "moran_z"])
    assert found.loc[1, P_VALUES].tolist() == [1, 1, 1]
    assert found["moran_quadrant"].tolist()[:2] == ["LL", "LL"]
    assert found.loc[2].isna().all()


def test_a_neighbour_of_everyone_has_one_possible_sum():
    graph = weighted({(0, 1): 1.0, (0, 2): 1.0, (0, 3): 1.0, (1, 0): 1.0}, 4)
    values = pd.Series([5, 1, 0, 2])
    moran = local_moran(values, graph, seed=1).loc[0]
    assert np.isnan(moran["moran_z"])
    assert moran[P_VALUES].tolist() == [1, 1, 1]
    star = gi_star_permutation(values, graph, seed=1).loc[0]
    assert np.isnan(star["gi_z"])
    assert star[["gi_p", "gi_p_lower"]].tolist() == [1, 1]


@pytest.mark.parametrize("count", [0, 3, 0.1])
def test_a_constant_month_is_not_assessed(count: float):
    month = pd.Series([count] * 9)
    assert gi_star_permutation(month, grid(3), seed=1).isna().all(axis=None)
    assert local_moran(month, grid(3), seed=1).isna().all(axis=None)
    assert local_moran(month * np.nan, grid(3), seed=1).isna().all(axis=None)


def test_a_missing_value_leaves_with_its_links():
    links = {(0, 1): 1.0, (1, 2): 0.5, (2, 3): 2.0, (3, 0): 1.0, (3, 1): 0.2, (1, 0): 1.0}
    values = pd.Series([2.0, 0, 1, 5])
    gap = pd.Series([2.0, 0, 1, 5, np.nan])
    around = links | {(0, 4): 9.0, (4, 0): 1.0}
    for function in (gi_star_permutation, local_moran):
        found = function(gap, weighted(around, 5), seed=1)
        assert found.loc[4].isna().all()
        alone = function(values, weighted(links, 4), seed=1)
        # its largest weight is that of a mahalla to itself, though its neighbour is missing
        measures = [name for name in alone if name != "gi_z"]
        pd.testing.assert_frame_equal(found.loc[:3, measures], alone[measures], check_dtype=False)


def test_a_panel_equals_its_months_one_by_one():
    rng = np.random.default_rng(5)
    months = pd.period_range("2025-01", periods=3, freq="M", name="month")
    panel = pd.DataFrame(rng.poisson([0, 0.3, 4], (36, 3)).astype(float), columns=months)
    panel.iloc[4, 1] = np.nan
    for function in (gi_star_permutation, local_moran):
        found = function(panel, grid(6), seed=2)
        assert found.columns.names == ["measure", "month"]
        for month in months:
            alone = function(panel[month], grid(6), seed=2)
            for measure in alone:
                pd.testing.assert_series_equal(
                    found[measure][month], alone[measure].rename(month), check_dtype=False
                )


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([gi_star_permutation, local_moran]))
def test_the_order_of_rows_the_codes_and_the_unit_change_nothing(seed: int, function):
    rng = np.random.default_rng(seed)
    values = pd.Series(rng.poisson(1, 25) * rng.choice([1, 0.1]))
    links = {pair: rng.choice([1, 0.5, 0.3]) for pair in grid(5).adjacency.index}
    graph = weighted(links, 25)
    found = function(values, graph, permutations=99, seed=7)
    shuffled = values.sample(frac=1, random_state=seed)
    again = function(shuffled, graph, permutations=99, seed=7)
    assert again.index.equals(shuffled.index)
    pd.testing.assert_frame_equal(again.sort_index(), found, rtol=0, atol=0)
    # other codes in another order, other unit: p the same to the last digit
    names = rng.permutation(25)
    renamed = weighted({(names[a], names[b]): 7 * w for (a, b), w in links.items()}, 25)
    other = function(
        pd.Series(1000 * values.to_numpy(), index=names), renamed, permutations=99, seed=7
    )
    p = [name for name in found if "_p" in name]
    assert other.loc[names, p].to_numpy().tolist() == found[p].to_numpy().tolist()


def test_the_same_seed_gives_the_same_p_and_another_another():
    counts = pd.Series(np.random.default_rng(0).poisson(2, 36))
    first, second = (gi_star_permutation(counts, grid(6), seed=1) for _ in range(2))
    pd.testing.assert_frame_equal(first, second, rtol=0, atol=0)
    assert not first.equals(gi_star_permutation(counts, grid(6), seed=2))


@pytest.mark.parametrize(
    ("values", "weight", "options", "sentence"),
    [
        (
            [1, np.inf, 0],
            1.0,
            {},
            "a value is infinite: give numbers, and NaN where there is no data",
        ),
        ([1, 2, 0], -0.5, {}, "a weight of the graph is -0.5: weights are numbers from 0 up"),
        ([1, 2, 0], np.inf, {}, "a weight of the graph is inf: weights are numbers from 0 up"),
        (
            [1, 2, 0],
            1.0,
            {"permutations": 0},
            "0 permutations: ask for at least one, 999 as a rule",
        ),
        (
            [1, 2],
            1.0,
            {},
            "mahalla '2' of the graph has no values: "
            "give values of the same mahallas that the graph was built from",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(values, weight, options, sentence):
    graph = weighted({(0, 1): 1.0, (1, 2): weight, (2, 1): 1.0}, 3)
    for function in (gi_star_permutation, local_moran):
        with pytest.raises(InputError) as error:
            function(pd.Series(values), graph, seed=1, **options)
        assert str(error.value) == sentence


def test_a_repeated_mahalla_is_refused():
    with pytest.raises(InputError) as error:
        local_moran(pd.Series([1, 2, 3], index=["a", "b", "a"]), grid(2), seed=1)
    assert str(error.value) == "mahalla 'a' has two rows of values: give each mahalla one row"


def test_a_link_of_weight_0_is_no_link_beside_an_own_one():
    # invariant: as if the link were not there
    values = pd.Series([1.0, 4.0, 2.0, 9.0])
    links = {(0, 0): 5.0, (0, 2): 1.0, (1, 0): 1.0, (2, 3): 1.0, (3, 1): 1.0}
    pd.testing.assert_frame_equal(
        gi_star_permutation(values, weighted(links | {(0, 1): 0.0, (0, 3): 0.0}, 4), seed=1),
        gi_star_permutation(values, weighted(links, 4), seed=1),
    )
