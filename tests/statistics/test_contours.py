"""Contours against areas in closed form and against the cells, and the hot level by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics.contours import contour_polygons, hot_level
from hotspot.statistics.kernel_density import DensitySurface, kernel_density

BOUNDS = (0.0, 0.0, 3000.0, 2000.0)


def cloud(n: int, seed: int, *, cell: float = 10) -> DensitySurface:
    x, y = np.random.default_rng(seed).uniform(0, [[3000], [2000]], (2, n))
    return kernel_density(x, y, bandwidth=250, bounds=BOUNDS, cell=cell, crs="EPSG:32642")


def test_the_contours_of_one_kernel_are_circles() -> None:
    """Where 3/π (1 − t²)² / h² is the level, t² = 1 − sqrt(level π h² / 3)."""
    surface = kernel_density([1000], [1000], bandwidth=800, bounds=BOUNDS, cell=5)
    levels = np.array([0.2, 0.5, 1.0])
    areas = contour_polygons(surface, levels)
    circles = np.pi * 0.8**2 * (1 - np.sqrt(levels * np.pi * 0.8**2 / 3))
    expected = circles - [*circles[1:], 0]
    np.testing.assert_allclose(areas.area / 1e6, expected, rtol=1e-3)
    assert areas["upper"].tolist() == [0.5, 1.0, np.inf]


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_contours_are_valid_and_divide_the_cells(n: int, seed: int) -> None:
    surface = cloud(n, seed, cell=25)
    top = surface.values.max()
    levels = [-1.0, top / 8, top / 4, top / 2]
    areas = contour_polygons(surface, levels)
    assert areas.geometry.is_valid.all()
    assert areas.crs.to_epsg() == 32642
    assert areas.area.sum() == pytest.approx(surface.values.size * 625, rel=1e-9)
    for of in areas.itertuples():
        cells = ((surface.values >= of.lower) & (surface.values < of.upper)).sum()
        # off by less than the cells along the lines between
        assert of.geometry.area == pytest.approx(cells * 625, abs=of.geometry.length * 25 + 625)
    overlap = shapely.area(shapely.intersection(*areas.geometry.iloc[:2]))
    assert overlap == pytest.approx(0, abs=1e-3)


def test_a_level_of_nothing_begins_where_there_is_something() -> None:
    surface = cloud(10, 6, cell=25)
    (area,) = contour_polygons(surface, [0.0]).geometry
    cells = (surface.values > 0).sum() * 625
    assert area.is_valid
    assert area.area == pytest.approx(cells, abs=area.length * 25)


def test_levels_that_are_nowhere_have_no_row() -> None:
    surface = cloud(20, 1)
    top = surface.values.max()
    assert contour_polygons(surface, [top / 2, top * 2])["lower"].tolist() == [top / 2]
    nothing = contour_polygons(surface, [top * 2])
    assert len(nothing) == 0
    assert list(nothing.columns) == ["lower", "upper", "geometry"]


def test_unknown_cells_are_in_no_contour() -> None:
    surface = cloud(900, 2)
    values = surface.values.copy()
    values[:, 150:] = np.nan
    areas = contour_polygons(replace(surface, values=values), [0.0])
    # to the centre of the last known cell
    assert shapely.bounds(areas.geometry.iloc[0]).tolist() == [0, 0, 1495, 2000]
    # where nothing is known there is no contour
    assert contour_polygons(replace(surface, values=values * np.nan), [0.0]).empty


def test_two_peaks_have_two_parts_and_a_dip_is_a_hole() -> None:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    x, y = 1000 + 600 * np.cos(angles), 1000 + 600 * np.sin(angles)
    surface = kernel_density(
        np.r_[x, 2600.0], np.r_[y, 1000.0], bandwidth=300, bounds=BOUNDS, cell=10
    )
    (area,) = contour_polygons(surface, [3.0]).geometry
    assert len(area.geoms) == 2
    assert sorted(len(part.interiors) for part in area.geoms) == [0, 1]


@pytest.mark.parametrize(
    "levels", [[], [1.0, 1.0], [2.0, 1.0], [float("nan")], [1.0, float("inf")]]
)
def test_levels_that_do_not_rise_are_refused(levels: list[float]) -> None:
    sentence = f"The levels {levels} do not rise; give one or more, lowest first."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        contour_polygons(cloud(5, 3), levels)


def test_the_hot_level_is_three_times_the_mean_of_the_cells_above_nothing() -> None:
    """By hand: one kernel of 1 on a radius of 100 m, and cells that just touch it."""
    surface = replace(cloud(5, 4), values=np.array([[0.0, 0.0, 1.0], [2.0, np.nan, 9.0]]))
    assert hot_level(surface) == 12
    assert hot_level(surface, times=2) == 8


def test_hot_areas_are_the_hot_cells() -> None:
    random = np.random.default_rng(5)
    x = np.r_[random.normal(1000, 100, 60), random.uniform(0, 3000, 60)]
    y = np.r_[random.normal(1000, 100, 60), random.uniform(0, 2000, 60)]
    surface = kernel_density(x, y, bandwidth=250, bounds=BOUNDS, cell=10)
    level = hot_level(surface)
    (area,) = contour_polygons(surface, [level]).geometry
    at_x, at_y = np.meshgrid(surface.x, surface.y)
    inside = shapely.contains_xy(area, at_x, at_y)
    np.testing.assert_array_equal(inside, surface.values >= level)
    assert inside.any()


def test_a_surface_of_nothing_has_no_hot_level() -> None:
    sentence = "No cell has a density above 0; there is nothing to be three times of."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        hot_level(kernel_density([], [], bandwidth=100, bounds=BOUNDS))
