"""Density against the direct sum, the integral of its kernel, and point-in-polygon tests."""

from __future__ import annotations

import re
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from hotspot.errors import InputError
from hotspot.statistics.bandwidth import (
    QUARTIC_FOR_GAUSSIAN,
    silverman_bandwidth,
    study_area_bandwidth,
)
from hotspot.statistics.kernel_density import DensitySurface, kernel_density
from hotspot.statistics.polygon_density import mass_outside, mean_density

BOUNDS = (500_000.0, 4_300_000.0, 507_000.0, 4_305_000.0)


def scattered(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points in and around the bounds, a third of them repeated."""
    random = np.random.default_rng(seed)
    x = random.uniform(BOUNDS[0] - 1500, BOUNDS[2] + 1500, n)
    y = random.uniform(BOUNDS[1] - 1500, BOUNDS[3] + 1500, n)
    again = random.integers(0, n, n // 3)
    return np.r_[x, x[again]], np.r_[y, y[again]]


def direct_sum(
    surface: DensitySurface, x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the values by the textbook formula, every cell against every point."""
    at_x, at_y = np.meshgrid(surface.x, surface.y)
    squared = (at_x[..., None] - x) ** 2 + (at_y[..., None] - y) ** 2
    h = surface.bandwidth
    kernel = np.where(squared < h**2, 3 / np.pi * (1 - squared / h**2) ** 2, 0) / h**2
    return (kernel * weights).sum(axis=-1) * 1e6


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
    assert silverman_bandwidth(x, y) == silverman_bandwidth(x[order], y[order])


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


# the bandwidth


def test_the_constant_is_the_ratio_of_the_canonical_bandwidths() -> None:
    """(R(K) / mu(K)²)^(1/6) of the quartic over that of the Gaussian; Silverman prints 2.78."""
    rough = integrate.quad(lambda r: (3 / np.pi * (1 - r**2) ** 2) ** 2 * 2 * np.pi * r, 0, 1)[0]
    second = integrate.quad(lambda r: r**2 / 2 * 3 / np.pi * (1 - r**2) ** 2 * 2 * np.pi * r, 0, 1)
    quartic = rough / second[0] ** 2
    gaussian = 1 / (4 * np.pi)
    assert pytest.approx((quartic / gaussian) ** (1 / 6), rel=1e-12) == QUARTIC_FOR_GAUSSIAN
    assert round(QUARTIC_FOR_GAUSSIAN, 2) == 2.78


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


# polygons


def partition(n: int, seed: int) -> gpd.GeoDataFrame:
    """Return cells of random seeds that divide the bounds without gap or overlap."""
    random = np.random.default_rng(seed)
    seeds = random.uniform(BOUNDS[:2], BOUNDS[2:], (n, 2))
    area = shapely.box(*BOUNDS)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=area))
    return gpd.GeoDataFrame(geometry=shapely.intersection(cells, area), crs="EPSG:32642")


def mean_by_contains(surface: DensitySurface, polygon: shapely.Geometry) -> float:
    at_x, at_y = np.meshgrid(surface.x, surface.y)
    return float(surface.values[shapely.contains_xy(polygon, at_x, at_y)].mean())


@pytest.fixture(scope="module")
def surface() -> DensitySurface:
    x, y = scattered(500, 8)
    return kernel_density(x, y, bandwidth=800, bounds=BOUNDS, cell=61, crs="EPSG:32642")


def test_means_equal_those_of_the_centres_each_polygon_contains(surface: DensitySurface) -> None:
    mahallas = partition(60, 9)
    ring = shapely.Point(503_000, 4_302_000).buffer(1500) - shapely.box(
        502_500, 4_301_500, 503_500, 4_302_600
    )
    scattered_parts = shapely.MultiPolygon(
        [
            shapely.box(500_100, 4_300_100, 501_000, 4_301_000),
            shapely.Point(506_000, 4_304_000).buffer(700),
        ]
    )
    beyond = shapely.box(506_000, 4_304_000, 509_000, 4_308_000)
    shapes = [*mahallas.geometry, ring, ring.reverse(), scattered_parts, beyond]
    means = mean_density(surface, gpd.GeoDataFrame(geometry=shapes, crs="EPSG:32642"))
    expected = [mean_by_contains(surface, shape) for shape in shapes]
    np.testing.assert_allclose(means, expected, rtol=1e-11)
    assert means.name == "density"


def test_centres_on_shared_borders_belong_to_one_polygon() -> None:
    """Squares whose borders run through the centres, triangles whose diagonals do."""
    surface = kernel_density([4.0], [4.0], bandwidth=30, bounds=(0, 0, 8, 8), cell=1)
    edges = [-1.0, 2.5, 5.5, 9.0]
    squares = [shapely.box(w, s, e, n) for w, e in pairwise(edges) for s, n in pairwise(edges)]
    triangles = [
        shapely.Polygon([(0, 0), (8, 0), (8, 8)]),
        shapely.Polygon([(0, 0), (8, 8), (0, 8)]),
    ]
    for shapes in (squares, triangles):
        mahallas = gpd.GeoDataFrame(geometry=shapes)
        inside = surface.points - mass_outside(surface, mahallas)
        assert inside == pytest.approx(surface.mass, rel=1e-12)


def test_mass_on_a_partition_and_outside_of_it_is_all_there_is(surface: DensitySurface) -> None:
    mahallas = partition(60, 10)
    at_x, at_y = np.meshgrid(surface.x, surface.y)
    within = surface.values[shapely.contains_xy(shapely.box(*BOUNDS), at_x, at_y)]
    expected = surface.points - within.sum() * 61**2 / 1e6
    assert mass_outside(surface, mahallas) == pytest.approx(expected, rel=1e-11)


def test_a_polygon_smaller_than_a_cell_takes_the_exact_value_inside_it() -> None:
    x, y = scattered(500, 11)
    surface = kernel_density(x, y, bandwidth=800, bounds=BOUNDS, cell=1000)
    # between the centres, the middle of the square is its representative point
    small = gpd.GeoDataFrame(geometry=[shapely.box(502_000, 4_302_000, 502_080, 4_302_060)])
    squared = (x - 502_040) ** 2 + (y - 4_302_030) ** 2
    expected = np.sum(np.maximum(1 - squared / 800**2, 0) ** 2) * 3 / np.pi / 0.8**2
    assert mean_density(surface, small).loc[0] == pytest.approx(expected, rel=1e-9)


def test_without_a_polygon_there_is_no_density(surface: DensitySurface) -> None:
    shapes = [None, shapely.Polygon(), shapely.box(501_000, 4_301_000, 502_000, 4_302_000)]
    mahallas = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=shapes, crs="EPSG:32642")
    means = mean_density(surface, mahallas)
    assert means.isna().tolist() == [True, True, False]
    nowhere = mean_density(surface, mahallas.iloc[:2])
    assert nowhere.isna().all()
    assert mass_outside(surface, mahallas.iloc[:2]) == surface.points


def test_density_is_exactly_zero_where_no_kernel_reaches() -> None:
    surface = kernel_density([0.1], [3.0], bandwidth=2, bounds=(0, 0, 90, 9), cell=0.7)
    far = gpd.GeoDataFrame(geometry=[shapely.Point(50, 4).buffer(3)])
    assert mean_density(surface, far).tolist() == [0]


# sentences


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


@pytest.mark.parametrize("bandwidth", [0, -5.0, float("nan")])
def test_a_bandwidth_that_is_no_length_is_refused(bandwidth: float) -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=bandwidth, bounds=(0, 0, 1, 1))
    assert sentence(error) == f"A bandwidth of {bandwidth} is no length; give metres above 0."


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0, 0], [0, 1], weights=[1, -2], bandwidth=1, bounds=(0, 0, 1, 1))
    assert sentence(error) == "A weight is -2; give weights of 0 or more."


def test_a_cell_that_is_no_length_is_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=1, bounds=(0, 0, 1, 1), cell=0)
    assert sentence(error) == "A cell of 0 is no length; give metres above 0."


def test_empty_bounds_are_refused() -> None:
    with pytest.raises(InputError) as error:
        kernel_density([0], [0], bandwidth=1, bounds=(0, 0, 0, 1))
    assert sentence(error) == (
        "The bounds (0, 0, 0, 1) are empty; give west, south, east and north."
    )


def test_polygons_in_another_crs_are_refused(surface: DensitySurface) -> None:
    mahallas = partition(5, 12).to_crs("EPSG:4326")
    with pytest.raises(InputError) as error:
        mean_density(surface, mahallas)
    assert sentence(error) == (
        "The density is in EPSG:32642 and the mahallas are in EPSG:4326; "
        "bring both to one metric CRS."
    )


def test_means_keep_the_index_of_the_mahallas(surface: DensitySurface) -> None:
    mahallas = partition(20, 13)
    mahallas.index = pd.Index([f"17102070{i:02d}" for i in range(20)], name="mahalla_code")
    assert mean_density(surface, mahallas).index.equals(mahallas.index)


def test_the_study_area_gives_a_bandwidth_of_five_cells_of_its_hundred_and_fiftieth() -> None:
    assert study_area_bandwidth(BOUNDS) == pytest.approx(5 * 5_000 / 150)


def test_an_area_without_width_gives_no_bandwidth() -> None:
    sentence = (
        "The study area is 0 m wide, and no bandwidth can be chosen from it; give a bandwidth in "
        "metres."
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        study_area_bandwidth((0, 0, 0, 5))
