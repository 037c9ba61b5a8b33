"""Gi* against enumeration, exact integers, published values and a peer; and the peers' traps."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from esda.getisord import G_Local
from hypothesis import example, given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy.stats import norm

from hotspot.errors import InputError
from hotspot.statistics.getis_ord import gi_bins, gi_star, gi_z
from hotspot.statistics.multiple_testing import benjamini_hochberg


def graph_of(pairs: list[tuple[int, int]], n: int) -> Graph:
    """Return the graph of mahallas 0 … n − 1 linked in both directions."""
    links = sorted({(a, b) for a, b in pairs if a != b} | {(b, a) for a, b in pairs if a != b})
    alone = sorted(set(range(n)) - {a for a, _ in links})
    focal = [a for a, _ in links] + alone
    neighbour = [b for _, b in links] + alone
    return Graph.from_arrays(focal, neighbour, [1] * len(links) + [0] * len(alone))


def grid(side: int) -> Graph:
    """Return the queen contiguity of a square of mahallas, numbered row by row."""
    steps = [(0, 1), (1, -1), (1, 0), (1, 1)]
    pairs = [
        (row * side + column, (row + down) * side + column + right)
        for row in range(side)
        for column in range(side)
        for down, right in steps
        if row + down < side and 0 <= column + right < side
    ]
    return graph_of(pairs, side * side)


def enumerated(others: list[int], k: int, s: int) -> tuple[float, float]:
    """Return both tails by looking at every draw."""
    sums = [sum(draw) for draw in combinations(others, k)]
    at_least = Fraction(sum(one >= s for one in sums), len(sums))
    return float(at_least), float(Fraction(sum(one <= s for one in sums), len(sums)))


def counted(others: list[int], k: int, s: int) -> tuple[float, float]:
    """Return both tails by counting the draws in whole numbers, one mahalla after another."""
    ways: list[Counter[int]] = [Counter({0: 1})] + [Counter() for _ in range(k)]
    for value in others:
        for drawn in range(k, 0, -1):
            for reached, many in ways[drawn - 1].items():
                ways[drawn][reached + value] += many
    draws = comb(len(others), k)
    at_least = Fraction(sum(many for reached, many in ways[k].items() if reached >= s), draws)
    at_most = Fraction(sum(many for reached, many in ways[k].items() if reached <= s), draws)
    return float(at_least), float(at_most)


def assert_exact(counts: list[int], graph: Graph, oracle) -> None:
    found = gi_star(pd.Series(counts), graph)
    links = graph.adjacency[graph.adjacency > 0].index.to_frame()
    for own in range(len(counts)):
        neighbours = links.loc[links["focal"] == own, "neighbor"].tolist()
        if not neighbours or len(set(counts)) == 1:
            assert found.loc[own].isna().all()
            continue
        others = counts[:own] + counts[own + 1 :]
        upper, lower = oracle(others, len(neighbours), sum(counts[at] for at in neighbours))
        assert found.loc[own, "gi_p"] == pytest.approx(upper, rel=1e-9, abs=0)
        assert found.loc[own, "gi_p_lower"] == pytest.approx(lower, rel=1e-9, abs=0)


@st.composite
def small_maps(draw) -> tuple[list[int], list[tuple[int, int]]]:
    n = draw(st.integers(2, 9))
    value = st.one_of(st.integers(0, 3), st.integers(0, 40), st.sampled_from([0, 1000]))
    counts = draw(st.lists(value, min_size=n, max_size=n))
    place = st.integers(0, n - 1)
    return counts, draw(st.lists(st.tuples(place, place), max_size=3 * n))


@settings(deadline=None, max_examples=150)
@given(small_maps())
@example(([1000, 1, 1, 1, 0, 0, 0, 0], [(0, 1), (0, 2), (0, 3), (4, 5), (5, 6), (6, 7)]))
def test_both_tails_equal_enumeration(small_map):
    counts, pairs = small_map
    assert_exact(counts, graph_of(pairs, len(counts)), enumerated)


@pytest.mark.parametrize("mean", [0.05, 0.5, 5, 50])
def test_both_tails_equal_counting_in_whole_numbers(mean: float):
    rng = np.random.default_rng(20)
    counts = rng.poisson(rng.gamma(0.5, mean / 0.5, size=49)).tolist()
    assert_exact(counts, grid(7), counted)


def test_deep_tails_equal_counting_in_whole_numbers():
    # the largest counts in one corner, beside an outlier whose own draws must be taken away
    counts = (
        [5000, 90, 85, 1, 0, 0, 0, 95, 99, 80, 0, 1, 0, 0, 70, 75, 99] + [0, 1, 2] * 10 + [0, 3]
    )
    assert_exact(counts, grid(7), counted)
    assert gi_star(pd.Series(counts), grid(7))["gi_p"].min() < 1e-4


def test_an_outlier_among_hot_neighbours_keeps_its_digits():
    # nearly every draw that reaches the sum holds the outlier, which may not be drawn
    counts = [10_000] + [9] * 8 + [0] * 191
    graph = graph_of([(0, at) for at in range(1, 9)], 200)
    found = gi_star(pd.Series(counts), graph).loc[0]
    assert found["gi_p"] == pytest.approx(1 / comb(199, 8), rel=1e-9)
    assert found["gi_p_lower"] == 1


def test_large_counts_equal_counting_in_whole_numbers():
    rng = np.random.default_rng(7)
    counts = rng.negative_binomial(2, 2 / 902, size=36).tolist()
    assert len(set(counts)) == 36
    assert_exact(counts, grid(6), counted)


def test_z_equals_spdep_on_the_getisord_grid(shared: Path):
    table = pd.read_csv(shared / "classic_validation" / "getisord_spdep_reference.csv")
    places = table[["x", "y"]].to_numpy(float)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    for band in (30, 60, 90, 120, 150):
        pairs = np.argwhere((apart <= band) & (apart > 0))
        z = gi_star(table["val"], graph_of(pairs.tolist(), len(table)))["gi_z"]
        np.testing.assert_allclose(z, table[f"GiStar_{band}"], rtol=1e-9, atol=1e-12)
    # published: 1.45 (Getis & Ord 1996, p. 267)
    assert table.loc[(table["x"] == 210) & (table["y"] == 210), "GiStar_30"].item() == (
        pytest.approx(1.45, abs=0.005)
    )


def test_z_equals_spdep_on_columbus(shared: Path):
    folder = shared / "classic_validation"
    table = pd.read_csv(folder / "columbus_spdep_reference.csv")
    pairs = pd.read_csv(folder / "columbus_COLnb_edges_1based.csv").to_numpy() - 1
    z = gi_z(table["CRIME"], graph_of(pairs.tolist(), len(table)))
    np.testing.assert_allclose(z, table["GiStar_B"], rtol=1e-9, atol=1e-12)


def test_z_equals_spdep_on_the_rates_of_north_carolina(shared: Path):
    folder = shared / "classic_validation"
    table = pd.read_csv(folder / "nc_sids_spdep_reference.csv", dtype={"FIPSNO": str})
    edges = pd.read_csv(folder / "nc_sids_ncCR85_edges.csv", dtype=str)
    links = set(edges.itertuples(index=False, name=None))
    links |= {(b, a) for a, b in links}
    alone = sorted(set(table["FIPSNO"]) - {a for a, _ in links})
    focal, neighbour = zip(*(sorted(links) + [(a, a) for a in alone]), strict=True)
    graph = Graph.from_arrays(focal, neighbour, [1] * len(links) + [0] * len(alone))
    z = gi_z(table.set_index("FIPSNO")["EB_est"], graph)
    expected = table.set_index("FIPSNO")["GiStar_EB_B"]
    judged = z.notna()
    assert judged.sum() >= 98
    np.testing.assert_allclose(z[judged], expected[judged], rtol=1e-9, atol=1e-12)


def test_z_equals_esda_with_binary_weights():
    # esda's default transform gives about a third of it
    graph = grid(10)
    counts = pd.Series(np.random.default_rng(3).poisson(2, 100).astype(float))
    peer = G_Local(counts.to_numpy(), graph.to_W(), transform="B", star=True, permutations=0).Zs
    np.testing.assert_allclose(gi_star(counts, graph)["gi_z"], peer, rtol=1e-9, atol=1e-12)


def test_a_panel_equals_its_months_one_by_one():
    rng = np.random.default_rng(5)
    months = pd.period_range("2025-01", periods=4, freq="M", name="month")
    panel = pd.DataFrame(rng.poisson([0, 0.1, 2, 9], (49, 4)), columns=months)
    graph = grid(7)
    found = gi_star(panel, graph)
    assert found.columns.names == ["measure", "month"]
    for month in months:
        alone = gi_star(panel[month], graph)
        for measure in ("gi_z", "gi_p", "gi_p_lower"):
            assert found[measure][month].equals(alone[measure].rename(month))
    assert found["gi_p"].columns.equals(months)


def test_an_island_is_not_assessed_but_belongs_to_the_rest():
    # by hand: c draws one of a, b, d, and one of three is 4 or more
    graph = graph_of([(0, 2), (1, 2)], 4)
    found = gi_star(pd.Series([1, 0, 2, 4]), graph)
    assert found.loc[3].isna().all()
    # 1 + 0 from pairs 1 + 0, 1 + 4, 0 + 4
    assert found.loc[2, ["gi_p", "gi_p_lower"]].tolist() == pytest.approx([1, 1 / 3])


@pytest.mark.parametrize("count", [0, 3])
def test_a_constant_month_is_not_assessed(count: int):
    assert gi_star(pd.Series([count] * 9), grid(3)).isna().all(axis=None)


def test_a_missing_count_leaves_with_its_links():
    with_gap = gi_star(
        pd.Series([2.0, 0, 1, 5, 0, 0, np.nan]),
        graph_of([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 6), (5, 6)], 7),
    )
    without = gi_star(
        pd.Series([2, 0, 1, 5, 0, 0]), graph_of([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], 6)
    )
    assert with_gap.loc[6].isna().all()
    pd.testing.assert_frame_equal(with_gap.loc[:5], without)


def test_a_mahalla_without_polygon_changes_nothing():
    graph = grid(3)
    counts = pd.Series([4, 0, 0, 1, 2, 0, 0, 0, 1])
    found = gi_star(pd.concat([counts, pd.Series([900], index=[77])]), graph)
    assert found.loc[77].isna().all()
    pd.testing.assert_frame_equal(found.loc[:8], gi_star(counts, graph))


def test_a_month_without_any_count_is_not_assessed():
    assert gi_star(pd.Series([np.nan] * 9), grid(3)).isna().all(axis=None)


def test_the_order_of_rows_and_the_weights_change_nothing():
    graph = grid(6)
    counts = pd.Series(np.random.default_rng(2).poisson(3, 36))
    shuffled = counts.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        gi_star(shuffled, graph).sort_index(), gi_star(counts, graph), rtol=1e-12
    )
    pd.testing.assert_frame_equal(
        gi_star(counts, graph.transform("R")), gi_star(counts, graph), rtol=1e-12
    )
    pd.testing.assert_frame_equal(
        gi_star(counts, graph.assign_self_weight()), gi_star(counts, graph), rtol=1e-12
    )


def test_ties_at_zero_are_no_cold_spots():
    # with a mean of .05 permutation tests flag 72 % of pure noise, all of it cold
    panel = pd.DataFrame(np.random.default_rng(11).poisson(0.05, (400, 20)))
    found = gi_star(panel, grid(20))
    assert (found["gi_p_lower"] > 0.05).all(axis=None)
    assert (found["gi_p"] <= 0.05).to_numpy().mean() <= 0.05


def test_a_cluster_of_nine_stands_out_among_nine_thousand():
    # 999 permutations cannot go below .001, and need 180 such mahallas for a q of .05
    counts = np.random.default_rng(4).poisson(0.35, (95, 95))
    counts[40:43, 40:43] = 4
    q = benjamini_hochberg(gi_star(pd.Series(counts.ravel()), grid(95))["gi_p"])
    assert q[41 * 95 + 41] < 1e-4


def test_ties_are_counted_on_the_real_counts_of_north_carolina(shared: Path):
    folder = shared / "classic_validation"
    counts = pd.read_csv(folder / "nc_sids_spdep_reference.csv").set_index("FIPSNO")["SID74"]
    codes = counts.index.tolist()
    edges = pd.read_csv(folder / "nc_sids_ncCR85_edges.csv").to_numpy().tolist()
    graph = graph_of([(codes.index(a), codes.index(b)) for a, b in edges], len(codes))
    assert_exact(counts.tolist(), graph, counted)


def test_z_of_a_panel_with_gaps_equals_the_formula():
    # Ord & Getis (1995), month by month and mahalla by mahalla
    rng = np.random.default_rng(6)
    panel = pd.DataFrame(rng.gamma(0.5, 3, (36, 4))).mask(rng.uniform(size=(36, 4)) < 0.2)
    panel[3] = 0.1
    graph = graph_of([(a, b) for a, b in grid(6).adjacency.index if 7 not in (a, b)], 36)
    panel.loc[0, 0] = np.nan
    found = gi_z(panel, graph)
    for month in panel:
        x = panel[month].dropna()
        n, deviation = len(x), x.std(ddof=0)
        for own in panel.index:
            near = [b for a, b in graph.adjacency.index if a == own and b != own and b in x]
            if own not in x or not near or month == 3:
                assert np.isnan(found.loc[own, month])
                continue
            w = len(near) + 1
            spread = deviation * np.sqrt((n * w - w**2) / (n - 1))
            expected = (x[[*near, own]].sum() - x.mean() * w) / spread
            assert found.loc[own, month] == pytest.approx(expected, rel=1e-9)


def test_z_does_not_depend_on_how_the_panel_and_the_graph_lie():
    panel = pd.DataFrame(np.random.default_rng(1).poisson(2, (36, 3)), columns=list("abc"))
    z = gi_z(panel, grid(6))
    rows = pd.DataFrame(np.ascontiguousarray(panel.to_numpy()), columns=panel.columns)
    columns = pd.DataFrame(np.asfortranarray(panel.to_numpy(float)), columns=panel.columns)
    for other in (rows, columns, panel.astype("Int64")):
        before = other.copy()
        pd.testing.assert_frame_equal(gi_z(other, grid(6)), z, rtol=1e-12)
        pd.testing.assert_frame_equal(other, before)
    shuffled = gi_z(panel.sample(frac=1, random_state=1), grid(6))
    pd.testing.assert_frame_equal(shuffled.sort_index(), z, rtol=1e-9)
    weighted = grid(6).transform("R").assign_self_weight(0.5)
    pd.testing.assert_frame_equal(gi_z(panel, weighted), z, rtol=1e-12)


def test_esris_bins_by_the_recipe_of_the_page():
    z = pd.Series([2.6, 2.0, 1.7, 1.0, -1.7, -2.0, -2.6, np.nan, 0.0])
    p = 2 * z.abs().map(norm.sf)
    bins = gi_bins(p.where(~(z < 0), 1), p.where(~(z > 0), 1))
    # Esri: 90, 95 and 99 % are ±1.65, ±1.96 and ±2.58
    expected = pd.Series([3, 2, 1, 0, -1, -2, -3, np.nan, 0])
    pd.testing.assert_series_equal(bins, expected)


def test_bins_by_hand():
    q_upper = pd.Series([0.01, 0.05, 0.1, 0.11, 1, 1, 1, np.nan])
    q_lower = pd.Series([1, 1, 1, 1, 0.1, 0.05, 0.01, 1])
    expected = pd.Series([3, 2, 1, 0, -1, -2, -3, np.nan])
    pd.testing.assert_series_equal(gi_bins(q_upper, q_lower), expected)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([1, 2.5, 0], "a count is 2.5: Gi* on counts needs whole numbers from 0 up"),
        ([1, -1, 0], "a count is -1: Gi* on counts needs whole numbers from 0 up"),
        ([1, np.inf, 0], "a count is inf: Gi* on counts needs whole numbers from 0 up"),
    ],
)
def test_what_is_no_count_is_refused(counts: list[float], sentence: str):
    with pytest.raises(InputError) as error:
        gi_star(pd.Series(counts), graph_of([(0, 1), (1, 2)], 3))
    assert str(error.value) == sentence


def test_a_graph_of_other_mahallas_is_refused():
    with pytest.raises(InputError) as error:
        gi_star(pd.Series([1, 2], index=[0, 1]), graph_of([(0, 1), (1, 2)], 3))
    assert str(error.value) == (
        "mahalla '2' of the graph has no counts: "
        "count over the same mahallas that the graph was built from"
    )


def test_a_repeated_mahalla_is_refused():
    with pytest.raises(InputError) as error:
        gi_star(pd.Series([1, 2, 3], index=["a", "b", "a"]), graph_of([(0, 1)], 2))
    assert str(error.value) == ("mahalla 'a' has two rows of counts: give each mahalla one row")
