"""Two densities: the ratio by its definition, p against hypergeometric and binomial tails."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.dual_density import compare_densities
from hotspot.statistics.kernel_density import DensitySurface, kernel_density

BOUNDS = (0.0, 0.0, 1000.0, 600.0)


def smooth(x: object, y: object, **changes: object) -> DensitySurface:
    return kernel_density(x, y, **{"bandwidth": 250, "bounds": BOUNDS, "cell": 50} | changes)


def uniform(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform([[-100], [-100]], [[1100], [700]], (2, n))


def test_the_ratio_is_that_of_the_shares() -> None:
    cases, controls = smooth(*uniform(60, 1)), smooth(*uniform(200, 2))
    found = compare_densities(cases, controls, simulations=9)
    np.testing.assert_allclose(
        np.exp(found.log_ratio), cases.values / 60 / (controls.values / 200), rtol=1e-12
    )


@pytest.mark.parametrize(("cases_here", "controls_here"), [(7, 2), (3, 5), (0, 6)])
def test_p_is_the_hypergeometric_tail_where_one_spot_is_reached(
    cases_here: int, controls_here: int
) -> None:
    """10 cases and 20 controls at two spots farther apart than the kernel reaches."""
    cases = smooth([175] * cases_here + [875] * (10 - cases_here), [325] * 10)
    controls = smooth([175] * controls_here + [875] * (20 - controls_here), [325] * 20)
    found = compare_densities(cases, controls, simulations=20_000, seed=3)
    law = stats.hypergeom(30, cases_here + controls_here, 10)
    cell = (6, 3)
    assert found.p_high[cell] == pytest.approx(law.sf(cases_here - 1), abs=0.015)
    assert found.p_low[cell] == pytest.approx(law.cdf(cases_here), abs=0.015)
    # nothing reaches the north-east
    assert np.isnan(found.p_high[0, 10])
    assert np.isnan(found.log_ratio[0, 10])


def test_p_against_a_population_is_the_binomial_tail() -> None:
    """10 cases, 6 of them at a spot where 3,000 of 10,000 people live."""
    cases = smooth([175] * 6 + [875] * 4, [325] * 10)
    people = smooth([175, 875], [325, 325], weights=[3000, 7000])
    found = compare_densities(cases, people, against="population", simulations=20_000)
    assert found.p_high[6, 3] == pytest.approx(stats.binom(10, 0.3).sf(5), abs=0.005)
    assert found.p_low[6, 17] == pytest.approx(stats.binom(10, 0.7).cdf(4), abs=0.005)
    assert np.exp(found.log_ratio[6, 3]) == pytest.approx(0.6 / 0.3, rel=1e-12)


def test_where_only_one_side_reaches_the_ratio_has_no_end() -> None:
    found = compare_densities(smooth([175] * 3, [325] * 3), smooth([875] * 3, [325] * 3))
    assert found.log_ratio[6, 3] == np.inf
    assert found.log_ratio[6, 17] == -np.inf
    # one of the twenty ways to choose three of six
    assert found.p_high[6, 3] == pytest.approx(1 / 20, abs=0.025)
    assert found.p_low[6, 17] == pytest.approx(1 / 20, abs=0.025)
    assert (np.isnan(found.p_high) == np.isnan(found.log_ratio)).all()


def test_points_beyond_the_grid_count_among_all() -> None:
    """The same tails, when all other points are too far off to reach the grid."""
    cases = smooth([175] * 7 + [9875] * 3, [325] * 10)
    controls = smooth([175] * 2 + [9875] * 18, [325] * 20)
    found = compare_densities(cases, controls, simulations=20_000)
    assert found.p_high[6, 3] == pytest.approx(stats.hypergeom(30, 9, 10).sf(6), abs=0.005)


def test_a_cluster_is_found_and_nothing_else() -> None:
    random = np.random.default_rng(5)
    x, y = uniform(300, 6)
    cases = smooth(np.r_[x, random.normal(300, 50, 60)], np.r_[y, random.normal(300, 50, 60)])
    found = compare_densities(cases, smooth(*uniform(900, 7)), simulations=199)
    assert found.p_high[6, 6] == 1 / 200
    assert np.median(found.p_high) > 0.5


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 1000))
def test_order_and_splitting_change_nothing(seed: int) -> None:
    (x, y), (u, v) = uniform(40, seed), uniform(80, seed + 1)
    order = np.random.default_rng(seed).permutation(40)
    one = compare_densities(smooth(x, y), smooth(u, v), simulations=19, seed=seed)
    two = compare_densities(smooth(x[order], y[order]), smooth(u, v), simulations=19, seed=seed)
    np.testing.assert_array_equal(one.p_high, two.p_high)
    np.testing.assert_array_equal(one.log_ratio, two.log_ratio)
    assert np.nanmin(one.p_high) >= 1 / 20
    assert np.nanmax(one.p_high) <= 1
    assert (one.p_high + one.p_low >= 1).all()


def test_the_seed_decides_the_draws() -> None:
    cases, controls = smooth(*uniform(40, 8)), smooth(*uniform(80, 9))
    one = compare_densities(cases, controls, simulations=99, seed=1)
    again = compare_densities(cases, controls, simulations=99, seed=1)
    other = compare_densities(cases, controls, simulations=99, seed=2)
    np.testing.assert_array_equal(one.p_high, again.p_high)
    assert (one.p_high != other.p_high).any()
    assert (one.simulations, one.seed, one.against) == (99, 1, "events")


# sentences


def refused(sentence: str, *surfaces: DensitySurface, **options: object) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        compare_densities(*surfaces, **options)


def test_surfaces_that_differ_are_refused() -> None:
    cases = smooth(*uniform(40, 1))
    refused(
        "The cases have a bandwidth of 250.0 and the controls of 300.0; estimate both densities "
        "alike.",
        cases,
        smooth(*uniform(40, 1), bandwidth=300),
    )
    refused(
        "The cases have a kernel of quartic and the controls of uniform; estimate both densities "
        "alike.",
        cases,
        smooth(*uniform(40, 1), kernel="uniform"),
    )
    refused(
        "The densities are on two grids; estimate both with the same bounds.",
        cases,
        smooth(*uniform(40, 1), bounds=(0, 0, 1000, 700)),
    )


def test_a_side_without_points_is_refused() -> None:
    refused(
        "There are no controls; a ratio needs points on both sides.",
        smooth(*uniform(40, 1)),
        smooth([], []),
    )


def test_parts_of_events_are_refused() -> None:
    half = smooth([175, 875], [325, 325], weights=[1.5, 2])
    whole = smooth([175, 875], [325, 325])
    sentence = "The {} weigh 1.5 in one cell; events are whole numbers: give weights that are."
    refused(sentence.format("cases"), half, whole)
    refused(sentence.format("controls"), whole, half)
    # people may be parts of a whole
    compare_densities(whole, half, against="population", simulations=9)


def test_bandwidths_of_each_point_are_refused() -> None:
    x, y = uniform(40, 1)
    own = smooth(x, y, bandwidth=np.linspace(100, 300, 40))
    refused("Each point has a bandwidth of its own here; give all of them one.", own, own)


def test_options_without_a_meaning_are_refused() -> None:
    surfaces = smooth(*uniform(40, 1)), smooth(*uniform(40, 2))
    refused(
        "Controls are events or population, not 'people'; choose one of them.",
        *surfaces,
        against="people",
    )
    refused("There can be no 0 simulations; give 99, 999 or more.", *surfaces, simulations=0)
