"""Density against the direct sum and the integral of its kernel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics.kernel_density import KERNELS, DensitySurface, kernel_density

BOUNDS = (500_000.0, 4_300_000.0, 507_000.0, 4_305_000.0)


def scattered(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points in and around the bounds, a third of them repeated."""
    random = np.random.default_rng(seed)
    x = random.uniform(BOUNDS[0] - 1500, BOUNDS[2] + 1500, n)
    y = random.uniform(BOUNDS[1] - 1500, BOUNDS[3] + 1500, n)
    again = random.integers(0, n, n // 3)
    return np.r_[x, x[again]], np.r_[y, y[again]]


TEXTBOOK = {
    "quartic": lambda t: 3 / np.pi * (1 - t**2) ** 2 * (t < 1),
    "epanechnikov": lambda t: 2 / np.pi * (1 - t**2) * (t < 1),
    "triangular": lambda t: 3 / np.pi * (1 - t) * (t < 1),
    "uniform": lambda t: 1 / np.pi * (t < 1),
    "gaussian": lambda t: np.exp(-(t**2) / 2) / (2 * np.pi),
    "exponential": lambda t: np.exp(-t) / (2 * np.pi),
}


def direct_sum(
    surface: DensitySurface,
    x: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    bandwidth: float | np.ndarray | None = None,
) -> np.ndarray:
    """Return the values by the textbook formula, every cell against every point."""
    at_x, at_y = np.meshgrid(surface.x, surface.y)
    h = surface.bandwidth if bandwidth is None else bandwidth
    distance = np.hypot(at_x[..., None] - x, at_y[..., None] - y)
    return (TEXTBOOK[surface.kernel](distance / h) / h**2 * weights).sum(axis=-1) * 1e6


# the surface


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 60),
    st.floats(60, 4000),
    st.floats(90, 1500),
    st.integers(0, 1000),
)
def test_values_equal_the_direct_sum(n: int, bandwidth: float, cell: float, seed: int) -> None:
    x, y = scattered(n, seed)
    weights = np.random.default_rng(seed).uniform(0, 3, len(x))
    surface = kernel_density(x, y, bandwidth=bandwidth, bounds=BOUNDS, cell=cell, weights=weights)
    expected = direct_sum(surface, x, y, weights)
    # coordinates of millions of metres are themselves rounded to a billionth of a metre
    np.testing.assert_allclose(surface.values, expected, rtol=1e-9, atol=1e-9 * 1e6 / bandwidth**2)


def test_values_equal_the_direct_sum_to_twelve_digits_near_the_origin() -> None:
    x, y = np.random.default_rng(1).uniform(-3, 13, (2, 200))
    surface = kernel_density(x, y, bandwidth=3, bounds=(0, 0, 10, 10), cell=0.5)
    expected = direct_sum(surface, x, y, np.ones(200))
    np.testing.assert_allclose(surface.values, expected, rtol=1e-12, atol=1e-12 * expected.max())


@pytest.mark.parametrize("kernel", KERNELS)
@settings(deadline=None, max_examples=10)
@given(st.floats(100, 900), st.integers(0, 1000))
def test_every_kernel_equals_the_direct_sum(kernel: str, bandwidth: float, seed: int) -> None:
    x, y = scattered(30, seed)
    weights = np.random.default_rng(seed).uniform(0, 3, len(x))
    surface = kernel_density(
        x, y, bandwidth=bandwidth, bounds=BOUNDS, kernel=kernel, cell=310, weights=weights
    )
    expected = direct_sum(surface, x, y, weights)
    # kernels without an end are cut at 1e-16 of their height
    least = 1e-9 * 1e6 / bandwidth**2
    np.testing.assert_allclose(surface.values, expected, rtol=1e-9, atol=least)
    assert (surface.method, surface.error) == ("exact", 0)
    at_x, at_y = np.meshgrid(surface.x[::5], surface.y[::5])
    there = surface.at(at_x.ravel(), at_y.ravel())
    np.testing.assert_allclose(there, expected[::5, ::5].ravel(), rtol=1e-9, atol=least)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(deadline=None, max_examples=10)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_a_bandwidth_for_each_point_equals_the_direct_sum(kernel: str, n: int, seed: int) -> None:
    x, y = scattered(n, seed)
    random = np.random.default_rng(seed)
    weights, bandwidths = random.uniform(0, 3, len(x)), random.uniform(60, 900, len(x))
    how = {"bounds": BOUNDS, "kernel": kernel, "cell": 310}
    surface = kernel_density(x, y, bandwidth=bandwidths, weights=weights, **how)
    expected = direct_sum(surface, x, y, weights, bandwidths)
    np.testing.assert_allclose(surface.values, expected, rtol=1e-9, atol=1e-3)
    order = random.permutation(len(x))
    again = kernel_density(
        x[order], y[order], bandwidth=bandwidths[order], weights=weights[order], **how
    )
    np.testing.assert_array_equal(again.values, surface.values)
    assert again.bandwidth == surface.bandwidth


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_binned_surface_keeps_to_the_error_it_states(kernel: str) -> None:
    """The largest error over all cells, against the exact sum."""
    x, y = scattered(4000, 12)
    how = {"bounds": BOUNDS, "kernel": kernel, "cell": 50}
    bandwidth = 400 / np.sqrt(KERNELS[kernel].variance * 8)
    exact = kernel_density(x, y, bandwidth=bandwidth, **how)
    binned = kernel_density(x, y, bandwidth=bandwidth, tolerance=1, **how)
    assert binned.method == "binned"
    assert exact.method == "exact"
    largest = np.abs(binned.values - exact.values).max() / exact.values.max()
    assert 0 < largest <= binned.error
    # neither a step nor a needle can be shared out to four centres without blunting it
    assert binned.error < 0.03 or kernel in ("uniform", "exponential")


def test_a_surface_that_cannot_keep_to_the_tolerance_is_exact() -> None:
    x, y = scattered(20_000, 13)
    how = {"bandwidth": 200, "bounds": BOUNDS, "cell": 25}
    exact = kernel_density(x, y, **how)
    strict = kernel_density(x, y, tolerance=1e-9, **how)
    assert strict.method == "exact"
    np.testing.assert_array_equal(strict.values, exact.values)


def test_a_few_points_are_summed_exactly_as_that_is_less_work() -> None:
    x, y = scattered(100, 14)
    surface = kernel_density(x, y, bandwidth=200, bounds=BOUNDS, cell=25, tolerance=0.1)
    assert (surface.method, surface.error) == ("exact", 0)


def test_the_order_of_the_points_does_not_change_a_bit_of_a_binned_surface() -> None:
    x, y = scattered(9000, 15)
    order = np.random.default_rng(16).permutation(len(x))
    how = {"bandwidth": 500, "bounds": BOUNDS, "cell": 25, "tolerance": 0.01}
    one, two = (kernel_density(x[i], y[i], **how) for i in (slice(None), order))
    assert one.method == "binned"
    assert one.values.tobytes() == two.values.tobytes()
    assert one.error == two.error


def test_where_no_kernel_reaches_a_binned_surface_is_nothing() -> None:
    x, y = np.random.default_rng(17).uniform(0, 1000, (2, 20_000))
    how = {"bandwidth": 300, "bounds": (0, 0, 4000, 4000), "cell": 20}
    binned = kernel_density(x, y, tolerance=0.01, **how)
    assert binned.method == "binned"
    assert (binned.values[:, binned.x > 1000 + 300 + 40] == 0).all()


def test_points_that_hardly_reach_the_grid_are_summed_exactly() -> None:
    """All just beyond a kernel's radius: sharing them out would carry something over."""
    x = np.full(20_000, -210.0)
    y = np.random.default_rng(19).uniform(0, 4000, 20_000)
    surface = kernel_density(x, y, bandwidth=205, bounds=(0, 0, 400, 4000), cell=20, tolerance=0.1)
    assert (surface.method, surface.mass) == ("exact", 0)


def test_doubled_counts_double_the_density() -> None:
    x, y = scattered(200, 18)
    once, twice = (
        kernel_density(x, y, bandwidth=700, bounds=BOUNDS, weights=np.full(len(x), weight))
        for weight in (1, 2)
    )
    np.testing.assert_allclose(twice.values, 2 * once.values, rtol=1e-12)
    # as do the same records given twice
    again = kernel_density(np.tile(x, 2), np.tile(y, 2), bandwidth=700, bounds=BOUNDS)
    np.testing.assert_array_equal(again.values, twice.values)


def test_the_stencil_is_what_one_point_adds() -> None:
    for kernel in KERNELS:
        surface = kernel_density(
            [50], [50], bandwidth=22, bounds=(0, 0, 100, 100), kernel=kernel, cell=20
        )
        reach = len(surface.stencil) // 2
        around = surface.stencil[reach - 1 : reach + 2, reach - 1 : reach + 2]
        np.testing.assert_allclose(around, surface.values[1:4, 1:4], rtol=1e-14)


def test_a_kernel_of_one_point_has_all_of_its_mass() -> None:
    for kernel in KERNELS:
        surface = kernel_density(
            [0], [0], bandwidth=100, bounds=(-4000, -4000, 4000, 4000), kernel=kernel, cell=10
        )
        # the middle of a triangular kernel is a peak, and the rim of a uniform one a step
        assert surface.mass == pytest.approx(1, abs=0.02 if kernel == "uniform" else 0.004)


def test_the_grid_covers_the_bounds_with_whole_cells() -> None:
    surface = kernel_density([0], [0], bandwidth=10, bounds=(100, 200, 175, 260), cell=20)
    assert surface.x.tolist() == [110, 130, 150, 170]
    assert surface.y.tolist() == [210, 230, 250]
    assert surface.values.shape == (3, 4)
    assert (surface.values == 0).all()


@pytest.mark.parametrize(("cells", "error"), [(8, 3e-4), (5, 1e-3), (3, 6e-3), (1.5, 0.04)])
def test_the_mass_of_one_kernel_is_one_within_the_stated_error(cells: float, error: float) -> None:
    for x, y in np.random.default_rng(2).uniform(0, 1, (200, 2)):
        surface = kernel_density([x], [y], bandwidth=cells, bounds=(-12, -12, 12, 12), cell=1)
        assert surface.mass == pytest.approx(1, abs=error)


def test_the_kernel_integrates_to_one() -> None:
    surface = kernel_density([0], [0], bandwidth=1000, bounds=(-1001, -1001, 1001, 1001), cell=2)
    assert surface.mass == pytest.approx(1, rel=1e-7)
    assert surface.points == 1


@pytest.mark.parametrize("n", [300, 40_000])
def test_the_order_of_the_points_does_not_change_a_bit(n: int) -> None:
    x, y = scattered(n, 3)
    weights = np.random.default_rng(3).uniform(0, 3, len(x))
    order = np.random.default_rng(4).permutation(len(x))
    one = kernel_density(x, y, bandwidth=900, bounds=BOUNDS, weights=weights)
    two = kernel_density(x[order], y[order], bandwidth=900, bounds=BOUNDS, weights=weights[order])
    assert one.values.tobytes() == two.values.tobytes()
    assert one.points == two.points


def test_moving_everything_changes_nothing() -> None:
    # quarters of metres move by whole metres without rounding
    x, y = np.random.default_rng(5).integers(0, 20_000, (2, 500)) / 4
    here = kernel_density(x, y, bandwidth=700, bounds=(0, 0, 5000, 5000), cell=128)
    there = kernel_density(
        x + 2**19, y + 2**22, bandwidth=700, cell=128,
        bounds=(2**19, 2**22, 2**19 + 5000, 2**22 + 5000),
    )  # fmt: skip
    np.testing.assert_array_equal(here.values, there.values)


def test_a_repeated_point_equals_its_weight() -> None:
    repeated = kernel_density(
        [50, 50, 50, 80], [50, 50, 50, 20], bandwidth=40, bounds=(0, 0, 99, 99)
    )
    weighted = kernel_density(
        [50, 80], [50, 20], weights=[3, 1], bandwidth=40, bounds=(0, 0, 99, 99)
    )
    np.testing.assert_array_equal(repeated.values, weighted.values)
    assert repeated.points == weighted.points == 4
    assert len(repeated.sources) == 2


def test_points_without_coordinates_are_left_out() -> None:
    surface = kernel_density(
        [50, np.nan, 60], [50, 50, np.nan], bandwidth=40, bounds=(0, 0, 99, 99)
    )
    assert surface.points == 1


@pytest.mark.parametrize(
    ("n", "cell"), [(0, 100), (1, 100), (10_000, 3200 / 15.811388), (90_000, 400)]
)
def test_the_default_cell_is_as_fine_as_ten_million_summands_allow(n: int, cell: float) -> None:
    # 10,000 points may act on 1,000 cells each: 31.6 by 31.6, 15.8 to either side
    x, y = np.random.default_rng(14).uniform(0, 9000, (2, n))
    surface = kernel_density(x, y, bandwidth=3200, bounds=(0, 0, 9000, 9000))
    assert surface.cell == pytest.approx(cell)


def test_the_default_grid_keeps_to_a_million_cells() -> None:
    surface = kernel_density([0], [0], bandwidth=80, bounds=(0, 0, 50_000, 20_000))
    assert surface.cell == pytest.approx(np.sqrt(50_000 * 20_000 / 1e6))
    assert surface.values.size <= 1.01e6


# sentences


def sentence(error: pytest.ExceptionInfo[InputError]) -> str:
    return str(error.value)


@pytest.mark.parametrize("bandwidth", [0, -5, float("nan")])
def test_a_bandwidth_that_is_no_length_is_refused(bandwidth: float) -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=bandwidth, bounds=(0, 0, 1, 1))
    assert sentence(error) == f"A bandwidth of {bandwidth} is no length; give metres above 0."


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0, 0], [0, 1], weights=[1, -2], bandwidth=1, bounds=(0, 0, 1, 1))
    assert sentence(error) == "A weight is -2; give weights of 0 or more."


def test_what_is_infinite_is_refused() -> None:
    infinite = float("inf")
    for options, words in (
        ({"bandwidth": infinite}, "A bandwidth of inf is no length; give metres above 0."),
        ({"weights": [infinite]}, "A weight is inf; give weights of 0 or more."),
        ({"cell": infinite}, "A cell of inf is no length; give metres above 0."),
        (
            {"bounds": (0, 0, infinite, 1)},
            "The bounds (0, 0, inf, 1) are no area; give west, south, east and north.",
        ),
    ):
        with pytest.raises(InputError) as error:
            kernel_density([0], [0], **({"bandwidth": 1, "bounds": (0, 0, 1, 1)} | options))
        assert sentence(error) == words


def test_an_unknown_kernel_is_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=1, bounds=(0, 0, 1, 1), kernel="normal")
    assert sentence(error) == (
        "There is no kernel 'normal'; choose of quartic, epanechnikov, triangular, uniform, "
        "gaussian, exponential."
    )


def test_a_tolerance_below_nothing_is_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=1, bounds=(0, 0, 1, 1), tolerance=-0.1)
    assert sentence(error) == "A tolerance of -0.1 is no error; give 0 or more."


def test_bandwidths_for_other_points_are_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0, 1, 2], [0, 1, 2], bandwidth=[1, 2], bounds=(0, 0, 1, 1))
    assert sentence(error) == "There are 2 bandwidths for 3 points; give one, or one for each."


def test_coordinates_and_weights_of_other_points_are_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0, 1, 2], [0, 1], bandwidth=1, bounds=(0, 0, 1, 1))
    assert sentence(error) == "There are 2 y for 3 x; give one for each."
    with pytest.raises(InputError) as error:
        kernel_density([0, 1], [0, 1], weights=[1], bandwidth=1, bounds=(0, 0, 1, 1))
    assert sentence(error) == "There are 1 weights for 2 x; give one for each."


def test_bandwidths_of_each_point_have_no_one_stencil() -> None:
    surface = kernel_density([0, 1], [0, 1], bandwidth=[1, 2], bounds=(0, 0, 1, 1), cell=1)
    with pytest.raises(InputError) as error:
        _ = surface.stencil
    assert sentence(error) == "Each point has a bandwidth of its own here; give all of them one."


def test_a_cell_that_is_no_length_is_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=1, bounds=(0, 0, 1, 1), cell=0)
    assert sentence(error) == "A cell of 0 is no length; give metres above 0."


def test_empty_bounds_are_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=1, bounds=(0, 0, 0, 1))
    assert sentence(error) == (
        "The bounds (0, 0, 0, 1) are no area; give west, south, east and north."
    )
