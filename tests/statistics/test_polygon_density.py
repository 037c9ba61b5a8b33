"""Means over polygons against point-in-polygon tests, cell by cell."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspot.errors import InputError
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


def test_polygons_in_another_crs_are_refused(surface: DensitySurface) -> None:
    mahallas = partition(5, 12).to_crs("EPSG:4326")
    with pytest.raises(InputError) as error:
        mean_density(surface, mahallas)
    assert str(error.value) == (
        "The density is in EPSG:32642 and the mahallas are in EPSG:4326; "
        "bring both to one metric CRS."
    )


def test_means_keep_the_index_of_the_mahallas(surface: DensitySurface) -> None:
    mahallas = partition(20, 13)
    mahallas.index = pd.Index([f"17102070{i:02d}" for i in range(20)], name="mahalla_code")
    assert mean_density(surface, mahallas).index.equals(mahallas.index)
