"""Marshall's rates against published numbers, spdep, esda and a loop a reader can follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.statistics.empirical_bayes import fit_marshall, marshall_rates

MONTHS = pd.period_range("2025-01", periods=2, freq="M", name="month")


def region(seed: int, side: int = 6) -> tuple[pd.DataFrame, pd.Series, Graph]:
    """Return a square of mahallas, neighbours by side, with overdispersed counts."""
    random = np.random.default_rng(seed)
    n = side * side
    codes = pd.Index([f"{i:04d}" for i in range(n)], name="mahalla_code")
    people = pd.Series(random.integers(500, 9000, n).astype(float), codes)
    risk = random.gamma([0.5, 3.0], 1.0, (n, 2)) / [0.5, 3.0]
    counts = random.poisson(0.002 * people.to_numpy()[:, None] * risk)
    places = np.arange(n).reshape(side, side)
    pairs = np.vstack(
        [
            np.column_stack([places[:, :-1].ravel(), places[:, 1:].ravel()]),
            np.column_stack([places[:-1].ravel(), places[1:].ravel()]),
        ]
    )
    pairs = np.vstack([pairs, pairs[:, ::-1]])
    graph = Graph.from_arrays(codes[pairs[:, 0]], codes[pairs[:, 1]], np.ones(len(pairs)))
    return pd.DataFrame(counts.astype(float), codes, MONTHS), people, graph


def looped(x: pd.Series, people: pd.Series, neighbours: dict[str, list[str]]) -> pd.DataFrame:
    """Return rate and weight of each mahalla, one after the other, from the text of the method."""
    out = {}
    for code in x.index:
        members = [
            other
            for other in [code, *neighbours[code]]
            if not np.isnan(x[other]) and people[other] > 0
        ]
        if np.isnan(x[code]) or not people[code] > 0 or len(members) < 2:
            out[code] = (np.nan, np.nan)
            continue
        whole = sum(people[other] for other in members)
        mean = sum(x[other] for other in members) / whole
        squares = sum(people[j] * (x[j] / people[j] - mean) ** 2 for j in members) / whole
        variance = max(squares - mean / (whole / len(members)), 0)
        weight = variance / (variance + mean / people[code]) if variance > 0 else 0.0
        rate = mean + weight * (x[code] / people[code] - mean)
        out[code] = (rate * 1e5, weight)
    return pd.DataFrame(out, index=["eb_rate", "eb_weight"]).T


def test_the_prior_of_north_carolina_is_the_published_one(shared: Path) -> None:
    """?EBest of spdep: a 7.692931e-07, b 0.002021445."""
    reference = pd.read_csv(shared / "classic_validation" / "nc_sids_spdep_reference.csv")
    fitted = fit_marshall(reference["SID74"], reference["BIR74"]).loc[0]
    assert fitted["variance"] == pytest.approx(7.692931e-07, rel=1e-6)
    assert fitted["mean"] == pytest.approx(0.002021445, rel=1e-6)
    out = marshall_rates(reference["SID74"], reference["BIR74"], years=1)
    np.testing.assert_allclose(out["eb_rate"], reference["EB_est"] * 1e5, rtol=1e-12)


def test_local_rates_of_north_carolina_are_esdas_and_why_not_spdeps(shared: Path) -> None:
    """EBlocal of spdep squares a neighbour's distance from the mean around that neighbour."""
    folder = shared / "classic_validation"
    reference = pd.read_csv(folder / "nc_sids_spdep_reference.csv").set_index("FIPSNO")
    edges = pd.read_csv(folder / "nc_sids_ncCR85_edges.csv")
    graph = Graph.from_arrays(edges["from"], edges["to"], np.ones(len(edges)))
    deaths, births = reference["SID74"], reference["BIR74"]
    ours = marshall_rates(deaths, births, years=1, graph=graph)["eb_rate"] / 1e5
    weights = graph.to_W()
    x, n = (of.loc[weights.id_order].to_numpy(float) for of in (deaths, births))
    # both divide 0 by 0 where a neighbourhood has no death
    with np.errstate(invalid="ignore"):
        theirs = np.nan_to_num(Spatial_Empirical_Bayes(x, n, weights).r.ravel())
    np.testing.assert_allclose(ours.loc[weights.id_order], theirs, rtol=1e-11)

    links = graph.sparse.toarray() + np.eye(len(x))
    order = graph.unique_ids
    x, n = (of.loc[order].to_numpy(float) for of in (deaths, births))
    mean = links @ x / (links @ n)
    squares = links @ (n * (x / n - mean) ** 2) / (links @ n)
    variance = np.maximum(squares - mean / (links @ n / links.sum(axis=1)), 0)
    with np.errstate(invalid="ignore"):
        other = np.nan_to_num(mean + variance * (x / n - mean) / (variance + mean / n))
    np.testing.assert_allclose(reference["EBlocal_est"].loc[order], other, rtol=1e-11)


def test_rates_equal_esda() -> None:
    counts, people, graph = region(1)
    rates = marshall_rates(counts, people, years=1)["eb_rate"]
    local = marshall_rates(counts, people, years=1, graph=graph)["eb_rate"]
    weights = graph.to_W()
    for month in MONTHS:
        x, n = (of.loc[weights.id_order].to_numpy() for of in (counts[month], people))
        expected = Empirical_Bayes(x, n).r.ravel() * 1e5
        np.testing.assert_allclose(rates[month][weights.id_order], expected, rtol=1e-12)
        expected = Spatial_Empirical_Bayes(x, n, weights).r.ravel() * 1e5
        np.testing.assert_allclose(local[month][weights.id_order], expected, rtol=1e-11)


def test_missing_mahallas_and_islands_against_the_loop() -> None:
    counts, people, graph = region(2)
    counts.iloc[[3, 20], 0] = np.nan
    people.iloc[[7, 30]] = [0.0, np.nan]
    # one island in the graph, one mahalla that the graph does not know
    adjacency = graph.adjacency.reset_index()
    touched = adjacency[["focal", "neighbor"]].isin(["0014", "0035"]).any(axis=1)
    kept = adjacency[~touched]
    graph = Graph.from_arrays(
        [*kept["focal"], "0014"], [*kept["neighbor"], "0014"], [*kept["weight"], 0]
    )
    neighbours: dict[str, list[str]] = {code: [] for code in counts.index}
    for focal, neighbour in zip(kept["focal"], kept["neighbor"], strict=True):
        neighbours[focal].append(neighbour)
    out = marshall_rates(counts, people, years=1, graph=graph)
    everyone = {code: [other for other in counts.index if other != code] for code in counts.index}
    whole = marshall_rates(counts, people, years=1)
    for month in MONTHS:
        for found, others in ((out, neighbours), (whole, everyone)):
            expected = looped(counts[month], people, others)
            np.testing.assert_allclose(
                found.xs(month, axis=1, level=1), expected, rtol=1e-10, atol=1e-12
            )
    assert out.loc[["0014", "0035"]].isna().all(axis=None)


def test_rates_that_differ_no_more_than_by_chance_are_the_common_rate() -> None:
    people = pd.Series([1000.0, 2000.0, 4000.0])
    out = marshall_rates(pd.Series([1, 2, 4]), people, years=0.5)
    assert out["eb_weight"].tolist() == [0, 0, 0]
    assert out["eb_rate"].tolist() == pytest.approx([200.0] * 3, rel=1e-15)
    assert fit_marshall(pd.Series([1, 2, 4]), people).loc[0, "variance"] == 0


def test_a_window_without_offenses_has_rates_of_zero() -> None:
    out = marshall_rates(pd.Series([0, 0, 0]), pd.Series([10.0, 20.0, 30.0]), years=1)
    assert (out == 0).all(axis=None)


def test_one_mahalla_has_nothing_to_lean_on() -> None:
    out = marshall_rates(pd.Series([3, np.nan]), pd.Series([10.0, 20.0]), years=1)
    assert out.isna().all(axis=None)


def test_each_window_is_divided_by_its_own_observed_time() -> None:
    counts, people, _ = region(3)
    years = pd.Series([0.5, 0.0], index=MONTHS)
    out = marshall_rates(counts, people, years=years)
    alone = marshall_rates(counts[MONTHS[0]], people, years=0.5)
    np.testing.assert_allclose(out.xs(MONTHS[0], axis=1, level=1), alone, rtol=1e-14)
    assert out["eb_rate"][MONTHS[1]].isna().all()
    assert out["eb_weight"][MONTHS[1]].notna().all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.booleans(), st.randoms(use_true_random=False))
def test_order_and_names_of_rows_change_nothing(seed: int, local: bool, random) -> None:
    counts, people, graph = region(seed, side=4)
    given_graph = graph if local else None
    out = marshall_rates(counts, people, years=1, graph=given_graph)
    order = random.sample(range(len(counts)), len(counts))
    shuffled = marshall_rates(counts.iloc[order], people, years=1, graph=given_graph)
    pd.testing.assert_frame_equal(shuffled.loc[counts.index], out, rtol=1e-9, atol=1e-12)
    adjacency = graph.adjacency.reset_index()
    other = Graph.from_arrays("x" + adjacency["focal"], "x" + adjacency["neighbor"], 7.0)
    renamed = marshall_rates(
        counts.add_prefix("x", axis=0),
        people.add_prefix("x"),
        years=1,
        graph=other if local else None,
    )
    np.testing.assert_allclose(renamed, out, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.booleans())
def test_a_rate_lies_between_its_own_and_the_common_one(seed: int, local: bool) -> None:
    counts, people, graph = region(seed, side=4)
    out = marshall_rates(counts, people, years=1, graph=graph if local else None)
    assert out["eb_weight"].stack().between(0, 1).all()
    own = counts.div(people, axis=0) * 1e5
    lean = out["eb_weight"] == 0
    common = (out["eb_rate"] - out["eb_weight"] * own) / (1 - out["eb_weight"])
    low, high = np.minimum(own, common), np.maximum(own, common)
    assert ((out["eb_rate"] >= low - 1e-9) & (out["eb_rate"] <= high + 1e-9)).all(axis=None)
    np.testing.assert_allclose(out["eb_rate"].where(lean), common.where(lean))


def test_doubled_people_and_counts_halve_what_chance_adds() -> None:
    counts, people, _ = region(4)
    once = fit_marshall(counts, people)
    twice = fit_marshall(counts * 2, people * 2)
    # the squared deviations stay, the part of chance, mean over mean population, halves
    chance = once["mean"] / people.mean()
    np.testing.assert_allclose(twice["mean"], once["mean"], rtol=1e-14)
    np.testing.assert_allclose(twice["variance"], once["variance"] + chance / 2, rtol=1e-10)


def test_nonsense_is_refused() -> None:
    counts, people, graph = region(1)
    with pytest.raises(InputError) as error:
        marshall_rates(pd.Series([1, -2]), pd.Series([1.0, 1.0]), years=1)
    assert str(error.value) == "A count is negative, -2; counts begin at 0."
    with pytest.raises(InputError) as error:
        marshall_rates(pd.Series([1, np.inf]), pd.Series([1.0, 1.0]), years=1)
    assert str(error.value) == "A count is inf; counts are numbers, and NaN where there is no data."
    with pytest.raises(InputError) as error:
        marshall_rates(counts.iloc[1:], people, years=1, graph=graph)
    assert str(error.value) == (
        "mahalla '0000' of the graph has no counts: "
        "count over the same mahallas that the graph was built from"
    )
    with pytest.raises(InputError) as error:
        marshall_rates(counts.iloc[[0, 0]], people, years=1, graph=graph)
    assert str(error.value) == ("mahalla '0000' has two rows of counts: give each mahalla one row")


def test_no_mahallas_have_no_rates() -> None:
    nothing = pd.Series([], dtype=float)
    assert marshall_rates(nothing, nothing, years=1).empty
    assert fit_marshall(nothing, nothing).isna().all(axis=None)


@pytest.mark.parametrize("local", [False, True])
def test_people_counted_in_thousands_change_only_the_unit(local: bool) -> None:
    counts, people, graph = region(6)
    once, other = (
        marshall_rates(counts, of, years=1, graph=graph if local else None)
        for of in (people, people / 1000)
    )
    np.testing.assert_allclose(other["eb_rate"], once["eb_rate"] * 1000, rtol=1e-9)
    np.testing.assert_allclose(other["eb_weight"], once["eb_weight"], rtol=1e-9, atol=1e-12)


def test_the_order_of_the_rows_changes_no_bit() -> None:
    # invariant: sums of floats are of sorted numbers
    rng = np.random.default_rng(1)
    people = pd.Series(rng.integers(500, 9000, 300).astype(float))
    counts = pd.DataFrame(rng.poisson(rng.gamma(1, 3, (300, 1)), (300, 4)))
    expected = marshall_rates(counts, people, years=1)
    for seed in range(5):
        shuffled = marshall_rates(counts.sample(frac=1, random_state=seed), people, years=1)
        pd.testing.assert_frame_equal(shuffled.sort_index(), expected, check_exact=True)
