"""Rules for the bandwidth against integrals, worked examples and the dense likelihood."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from hotspot.errors import InputError
from hotspot.statistics.bandwidth import (
    AS_GAUSSIAN,
    adaptive_bandwidths,
    esri_bandwidth,
    likelihood_bandwidth,
    silverman_bandwidth,
    study_area_bandwidth,
)
from hotspot.statistics.kernel_density import KERNELS, kernel_density

BOUNDS = (500_000.0, 4_300_000.0, 507_000.0, 4_305_000.0)


def towns(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points around three centres, a few of them repeated."""
    random = np.random.default_rng(seed)
    centres = np.array([[0, 0], [9000, 2000], [3000, 8000]])
    x, y = (centres[random.integers(0, 3, n)] + random.normal(0, 900, (n, 2))).T
    again = random.integers(0, n, n // 10)
    return np.r_[x, x[again]], np.r_[y, y[again]]


# constants and rules


@pytest.mark.parametrize("name", KERNELS)
def test_the_constants_are_the_ratios_of_the_canonical_bandwidths(name: str) -> None:
    """(R(K) / variance²)^(1/6) of each kernel over that of the Gaussian."""
    kernel = KERNELS[name]

    def over_the_plane(of: object) -> float:
        # in pieces, as kernels have corners
        edges = [0.0, 0.5, 1.0, 4.0, 40.0]
        return sum(
            integrate.quad(lambda r: of(r) * 2 * np.pi * r, a, b, epsabs=1e-13)[0]
            for a, b in pairwise(edges)
        )

    def value(r: float) -> float:
        return kernel.height * float(kernel.shape(np.array([r**2]))[0])

    assert over_the_plane(value) == pytest.approx(1, rel=1e-10)
    variance = over_the_plane(lambda r: r**2 / 2 * value(r))
    assert variance == pytest.approx(kernel.variance, rel=1e-10)
    rough = over_the_plane(lambda r: value(r) ** 2)
    expected = (rough / variance**2 * 4 * np.pi) ** (1 / 6)
    assert AS_GAUSSIAN[name] == pytest.approx(expected, rel=1e-10)


def test_the_constants_are_those_that_silverman_prints() -> None:
    assert round(AS_GAUSSIAN["quartic"], 2) == 2.78
    assert round(AS_GAUSSIAN["epanechnikov"], 2) == 2.40


def test_the_bandwidth_of_a_normal_cloud_is_the_normal_reference() -> None:
    x, y = np.random.default_rng(6).normal(0, [[3000], [4000]], (2, 100_000))
    expected = 2.78 * np.sqrt((3000**2 + 4000**2) / 2) * 100_000 ** (-1 / 6)
    assert silverman_bandwidth(x, y) == pytest.approx(expected, rel=0.01)


def test_a_few_far_points_hardly_widen_the_bandwidth() -> None:
    x, y = np.random.default_rng(7).normal(0, 1000, (2, 2000))
    alone = silverman_bandwidth(x, y)
    assert silverman_bandwidth(np.r_[x, 1e6, -1e6], np.r_[y, 1e6, -1e6]) < 1.05 * alone


def test_the_deviation_answers_where_most_points_share_a_coordinate() -> None:
    x, y = np.r_[np.zeros(40), 100.0, -100.0], np.zeros(42)
    expected = 2.78 * x.std(ddof=1) / np.sqrt(2) * 42 ** (-1 / 6)
    assert silverman_bandwidth(x, y) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("rule", [silverman_bandwidth, esri_bandwidth, likelihood_bandwidth])
@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000))
def test_rules_ignore_the_order_and_turn_with_the_unit(rule: object, seed: int) -> None:
    x, y = towns(60, seed)
    found = rule(x, y)
    order = np.random.default_rng(seed).permutation(len(x))
    assert rule(x[order], y[order]) == found
    assert rule(x / 1000, y / 1000) == pytest.approx(found / 1000, rel=1e-9)
    assert rule(x + 4e5, y + 4e6) == pytest.approx(found, rel=1e-6)
    assert rule(np.r_[x, np.nan], np.r_[y, 0]) == found


@pytest.mark.parametrize("rule", [silverman_bandwidth, likelihood_bandwidth])
def test_a_kernel_changes_the_bandwidth_by_its_constant(rule: object) -> None:
    x, y = towns(80, 1)
    gaussian = rule(x, y, kernel="gaussian")
    for name, constant in AS_GAUSSIAN.items():
        assert rule(x, y, kernel=name) == pytest.approx(constant * gaussian, rel=1e-14)


# Esri's rule


def test_esris_rule_on_points_worked_by_hand() -> None:
    """Ten points on the x axis, mean 3, distances 3 3 2 2 1 1 0 1 2 11, squares 9 + ... = 154."""
    x = [0, 0, 1, 1, 2, 2, 3, 2, 5, 14]
    squares = [9, 9, 4, 4, 1, 1, 0, 1, 4, 121]
    standard, median = np.sqrt(sum(squares) / 10), 2.0
    expected = 0.9 * min(standard, np.sqrt(1 / np.log(2)) * median) * 10**-0.2
    assert esri_bandwidth(x, [7] * 10) == pytest.approx(expected, rel=1e-14)


def test_esris_rule_takes_a_weight_for_as_many_points() -> None:
    x, y = np.random.default_rng(2).normal(0, 1000, (2, 15))
    times = np.random.default_rng(3).integers(1, 5, 15)
    repeated = esri_bandwidth(np.repeat(x, times), np.repeat(y, times))
    assert esri_bandwidth(x, y, weights=times) == pytest.approx(repeated, rel=1e-12)


def test_a_weight_of_nothing_is_no_point_and_one_below_is_refused() -> None:
    x, y = np.random.default_rng(2).normal(0, 1000, (2, 15))
    weights = np.append(np.ones(12), np.zeros(3))
    assert esri_bandwidth(x, y, weights=weights) == esri_bandwidth(x[:12], y[:12])
    with pytest.raises(InputError) as error:
        esri_bandwidth(x, y, weights=-weights)
    assert str(error.value) == "A weight is -1; give weights of 0 or more."
    with pytest.raises(InputError, match=r"^0 points are too few"):
        esri_bandwidth(x, y, weights=0 * weights)


def test_the_standard_distance_answers_where_half_of_the_points_are_the_centre() -> None:
    x = np.r_[np.zeros(20), 100.0, -100.0]
    expected = 0.9 * np.sqrt(2e4 / 22) * 22**-0.2
    assert esri_bandwidth(x, 0 * x) == pytest.approx(expected, rel=1e-12)


# the likelihood


def dense_likelihood(x: np.ndarray, y: np.ndarray, bandwidth: float) -> float:
    """Return the likelihood of each point given all points at other spots, pair by pair."""
    squared = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    heights = np.where(squared > 0, np.exp(-squared / 2 / bandwidth**2), 0)
    others = (squared > 0).sum(axis=1)
    return float(np.log(heights.sum(axis=1) / others / (2 * np.pi * bandwidth**2)).sum())


@pytest.mark.parametrize("seed", range(4))
def test_the_likelihood_is_greatest_at_the_bandwidth_found(seed: int) -> None:
    x, y = towns(200, seed)
    best = optimize.minimize_scalar(
        lambda log_h: -dense_likelihood(x, y, np.exp(log_h)), (np.log(100), np.log(1000))
    )
    assert likelihood_bandwidth(x, y, kernel="gaussian") == pytest.approx(np.exp(best.x), rel=0.01)


def test_a_lone_spot_does_not_make_the_likelihood_nothing() -> None:
    x, y = towns(200, 5)
    alone = likelihood_bandwidth(x, y)
    beside = likelihood_bandwidth(np.r_[x, 200_000], np.r_[y, 200_000])
    assert np.isfinite(beside)
    assert beside > alone


def test_repeated_addresses_do_not_draw_the_bandwidth_to_nothing() -> None:
    x, y = towns(150, 6)
    once = likelihood_bandwidth(x, y)
    assert likelihood_bandwidth(np.tile(x, 3), np.tile(y, 3)) == pytest.approx(once, rel=0.02)


def test_some_spots_judge_for_all() -> None:
    """Of 3,000 points two thousand judge; the likelihood of all is hardly below its greatest."""
    x, y = np.random.default_rng(7).normal(0, 1000, (2, 3000))
    found = likelihood_bandwidth(x, y, kernel="gaussian")
    greatest = max(dense_likelihood(x, y, found * factor) for factor in (0.8, 0.9, 1.1, 1.25))
    assert dense_likelihood(x, y, found) > greatest - 0.001 * 3000


# a bandwidth for each point


def test_adaptive_bandwidths_are_the_square_root_law() -> None:
    densities = stats.lognorm(0.5).rvs(50, random_state=8)
    found = adaptive_bandwidths(densities, bandwidth=300)
    np.testing.assert_allclose(found**2 * densities, (found**2 * densities)[0], rtol=1e-12)
    assert stats.gmean(found) == pytest.approx(300, rel=1e-12)


def test_no_bandwidth_is_beyond_five_times_the_median() -> None:
    found = adaptive_bandwidths([1e-6, 1, 1, 1, 1], bandwidth=100)
    assert found[0] == pytest.approx(5 * found[1])


def test_a_density_of_a_first_estimate_gives_bandwidths_for_a_second() -> None:
    """A narrow town and a wide one: the narrow one's bandwidths are smaller."""
    random = np.random.default_rng(9)
    x = np.r_[random.normal(0, 200, 300), random.normal(9000, 1500, 300)]
    y = np.r_[random.normal(0, 200, 300), random.normal(0, 1500, 300)]
    first = kernel_density(x, y, bandwidth=1500, bounds=(-5000, -5000, 15_000, 5000))
    lengths = adaptive_bandwidths(first.at(x, y), bandwidth=1500)
    assert np.median(lengths[:300]) < np.median(lengths[300:]) / 2
    second = kernel_density(x, y, bandwidth=lengths, bounds=(-5000, -5000, 15_000, 5000))
    assert second.values.max() > 2 * first.values.max()


# sentences


def test_an_unknown_kernel_has_no_bandwidth() -> None:
    sentence = (
        "There is no kernel 'cosine'; choose of quartic, epanechnikov, triangular, uniform, "
        "gaussian, exponential."
    )
    for rule in (silverman_bandwidth, likelihood_bandwidth):
        with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
            rule(*towns(20, 1), kernel="cosine")


def test_a_first_estimate_that_is_nothing_at_a_point_is_refused() -> None:
    sentence = (
        "A density at a point is 0; give the first estimate at the points themselves, where it is "
        "above 0."
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        adaptive_bandwidths([1, 0], bandwidth=100)


def test_an_overall_bandwidth_that_is_no_length_is_refused() -> None:
    sentence = "A bandwidth of 0 is no length; give metres above 0."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        adaptive_bandwidths([1, 2], bandwidth=0)


def sentence(error: pytest.ExceptionInfo[InputError]) -> str:
    return str(error.value)


def test_too_few_points_for_the_rule_are_refused() -> None:
    with pytest.raises(InputError) as error:
        silverman_bandwidth([1, 2, np.nan], [1, 2, 3])
    assert sentence(error) == (
        "2 points are too few to choose a bandwidth from, at least 10 are needed; "
        "give a bandwidth in metres."
    )


def test_points_at_one_spot_are_refused_by_the_rule() -> None:
    with pytest.raises(InputError) as error:
        silverman_bandwidth([7.5] * 12, [3] * 12)
    assert sentence(error) == (
        "All 12 points lie at one spot, (7.5, 3), and no bandwidth can be chosen from them; "
        "give a bandwidth in metres."
    )


def test_the_study_area_gives_a_bandwidth_of_five_cells_of_its_hundred_and_fiftieth() -> None:
    assert study_area_bandwidth(BOUNDS) == pytest.approx(5 * 5_000 / 150)


def test_an_area_without_width_gives_no_bandwidth() -> None:
    sentence = (
        "The study area is 0 m wide, and no bandwidth can be chosen from it; give a bandwidth in "
        "metres."
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        study_area_bandwidth((0, 0, 0, 5))
