"""Edge correction against integrals of the kernel over rectangles."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.edge_correction import correct_edges
from hotspot.statistics.kernel_density import KERNELS, DensitySurface, kernel_density
from hotspot.statistics.polygon_density import mean_density

BOUNDS = (0.0, 0.0, 4000.0, 2000.0)
AREA = shapely.box(500, 200, 3500, 1800)


def smooth(n: int, *, kernel: str = "gaussian", bandwidth: float = 300) -> DensitySurface:
    x, y = np.random.default_rng(1).uniform([[500], [200]], [[3500], [1800]], (2, n))
    return kernel_density(x, y, bandwidth=bandwidth, bounds=BOUNDS, kernel=kernel, cell=20)


def test_the_share_of_a_gaussian_within_a_rectangle_is_a_product_of_normal_integrals() -> None:
    surface = smooth(50)
    shares = [
        stats.norm.cdf((end - at) / 300) - stats.norm.cdf((begin - at) / 300)
        for begin, end, at in ((500, 3500, surface.x), (200, 1800, surface.y))
    ]
    kept = correct_edges(surface, AREA).kept
    inside = shapely.contains_xy(AREA, *np.meshgrid(surface.x, surface.y))
    expected = shares[1][:, None] * shares[0]
    np.testing.assert_allclose(kept[inside], expected[inside], rtol=1e-3)


@pytest.mark.parametrize("kernel", KERNELS)
def test_half_of_a_kernel_lies_within_at_a_straight_edge(kernel: str) -> None:
    bandwidth = 30 if kernel == "exponential" else 200
    corrected = correct_edges(smooth(50, kernel=kernel, bandwidth=bandwidth), AREA)
    # the edge runs between the two centres of cells beside it
    row, column = 50, [24, 25]
    assert corrected.kept[row, column].mean() == pytest.approx(0.5, abs=0.12)
    assert corrected.kept[row, 100] == pytest.approx(1, rel=1e-3)


def test_an_even_density_is_even_up_to_the_corner() -> None:
    """Points on a lattice of 100 m: everywhere a hundred a km², the corners included."""
    side = np.arange(550, 3500, 100.0), np.arange(250, 1800, 100.0)
    x, y = (of.ravel() for of in np.meshgrid(*side))
    surface = kernel_density(x, y, bandwidth=400, bounds=BOUNDS, cell=20)
    corrected = correct_edges(surface, AREA)
    values = corrected.values[np.isfinite(corrected.values)]
    np.testing.assert_allclose(values, 100, rtol=0.02)
    assert np.nanmin(surface.values[np.isfinite(corrected.values)]) < 30


def test_outside_of_the_area_nothing_is_known_and_inside_the_kept_share_leads_back() -> None:
    surface = smooth(300)
    corrected = correct_edges(surface, AREA)
    inside = shapely.contains_xy(AREA, *np.meshgrid(surface.x, surface.y))
    np.testing.assert_array_equal(np.isfinite(corrected.values), inside)
    back = (corrected.values * corrected.kept)[inside]
    np.testing.assert_allclose(back, surface.values[inside], rtol=1e-12)
    assert np.isfinite(corrected.mass)


def test_means_over_mahallas_are_of_their_known_cells() -> None:
    corrected = correct_edges(smooth(300), AREA)
    # half inside of the area, a spot between centres, and all outside
    shapes = [shapely.box(0, 0, 1000, 2000), shapely.box(999, 999, 1001, 1001)]
    shapes += [shapely.box(0, 0, 400, 2000)]
    means = mean_density(corrected, gpd.GeoDataFrame(geometry=shapes))
    within = np.outer(np.ones(len(corrected.y), bool), corrected.x < 1000)
    assert means.loc[0] == pytest.approx(np.nanmean(corrected.values[within]), rel=1e-12)
    exact = smooth(300).at([1000], [1000])[0]
    assert means.loc[1] == pytest.approx(exact / corrected.kept[49, 49], rel=1e-2)


def test_an_area_beyond_the_grid_is_refused() -> None:
    sentence = (
        "The area reaches from 0, 0 to 5000, 100, beyond the grid of the density; estimate it with "
        "bounds that cover the area."
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        correct_edges(smooth(5), shapely.box(0, 0, 5000, 100))


def test_points_outside_of_the_area_are_refused() -> None:
    surface = kernel_density([100, 900, 900], [1000] * 3, bandwidth=100, bounds=BOUNDS)
    sentence = (
        "1 of 2 places with points lie outside of the area; leave those points out of the density."
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        correct_edges(surface, AREA)
