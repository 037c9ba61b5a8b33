"""A density surface in polygons: its mean over each mahalla, and what lies outside of all."""

from __future__ import annotations

from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from hotspot.errors import InputError
from hotspot.language import _

Array = NDArray[np.float64]

SQUARE_METRES = 1e6


class Surface(Protocol):
    """What is needed of a density surface, such as `kernel_density` returns."""

    @property
    def values(self) -> Array:
        """Offenses per km² at the cells' centres, from south to north and from west to east."""

    @property
    def x(self) -> Array:
        """Centres of the columns in metres."""

    @property
    def y(self) -> Array:
        """Centres of the rows in metres."""

    @property
    def cell(self) -> float:
        """Side of a cell in metres."""

    @property
    def crs(self) -> str | None:
        """Reference system of x and y."""

    @property
    def points(self) -> float:
        """Offenses that were smoothed."""

    def at(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return the density at some places."""


def mean_density(surface: Surface, mahallas: gpd.GeoDataFrame) -> pd.Series[float]:
    """Average the density over each mahalla.

    Parameters
    ----------
    surface : the density, on a grid in the mahallas' CRS.
    mahallas : polygons by mahalla; a missing polygon is allowed.

    Returns
    -------
    Series
        ``density`` in offenses per km² on the index of the mahallas: the mean over the cells whose
        centre lies in the polygon (a centre on a shared border lies in one of them); where none
        does, the exact value at the polygon's representative point. NaN without a polygon.

    Raises
    ------
    InputError
        If the surface has another CRS.

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> squares = [shapely.box(0, 0, 2000, 1000), shapely.box(2000, 0, 2100, 100), None]
    >>> mahallas = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=squares)
    >>> surface = kernel_density([1500], [500], bandwidth=1000, bounds=(0, 0, 3000, 1000), cell=1e3)
    >>> mean_density(surface, mahallas).round(4)
    a    0.4775
    b    0.2340
    c       NaN
    Name: density, dtype: float64
    """
    sums, cells = _sums_within(surface, mahallas)
    means = np.divide(sums, cells, out=np.full(len(sums), np.nan), where=cells > 0)
    # missing and empty polygons have no such point
    inside = shapely.point_on_surface(np.where(cells == 0, mahallas.geometry, None))
    small = shapely.get_num_coordinates(inside) > 0
    means[small] = surface.at(*shapely.get_coordinates(inside).T)
    return pd.Series(means, index=mahallas.index, name="density")


def mass_outside(surface: Surface, mahallas: gpd.GeoDataFrame) -> float:
    """Return how many of the smoothed offenses lie outside of every polygon.

    Parameters
    ----------
    surface, mahallas : as in `mean_density`.

    Returns
    -------
    float
        Weight of the points less the mass in the polygons' cells: what the kernel carries over
        the outer border and into gaps, and the points out there. Overlaps count twice.

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> half = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 500, 1000)])
    >>> surface = kernel_density([500], [500], bandwidth=200, bounds=(0, 0, 1000, 1000), cell=10)
    >>> round(mass_outside(surface, half), 3)
    0.5
    """
    sums, _ = _sums_within(surface, mahallas)
    return surface.points - float(sums.sum() * surface.cell**2 / SQUARE_METRES)


def _sums_within(surface: Surface, mahallas: gpd.GeoDataFrame) -> tuple[Array, Array]:
    """Return sum and number of the cells whose centre lies in each polygon, all at once.

    A ring's sum along a row is that of all cells left of its eastern edges less that left of its
    western ones. So an edge adds the row's cumulated sum at the crossing, signed by its direction;
    holes run the other way. A crossing is reckoned from the lower end whichever way the edge runs:
    polygons that share an edge share no centre.
    """
    if surface.crs is not None and mahallas.crs is not None and mahallas.crs != surface.crs:
        raise InputError(
            _(
                "The density is in {crs} and the mahallas are in {crs_of_mahallas}; bring both to "
                "one metric CRS.",
                crs=surface.crs,
                crs_of_mahallas=mahallas.crs.to_string(),
            )
        )
    rows, columns = surface.values.shape
    parts, owner = shapely.get_parts(np.asarray(mahallas.geometry), return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    corners = (corners - [surface.x[0], surface.y[0]]) / surface.cell
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    a, b, polygon = corners[edge], corners[edge + 1], owner[part[ring[edge]]]
    sign = np.sign(b[:, 1] - a[:, 1])
    a, b = np.where(sign[:, None] < 0, (b, a), (a, b))

    # crossed are the rows from lowest to below highest
    lowest, highest = np.clip(np.floor([a[:, 1], b[:, 1]]) + 1, 0, rows).astype(np.int64)
    edge = np.repeat(np.arange(len(a)), highest - lowest)
    row = np.arange(len(edge)) + (highest - np.cumsum(highest - lowest))[edge]
    a, b, polygon, sign = a[edge], b[edge], polygon[edge], sign[edge]
    crossing = a[:, 0] + (row - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    column = np.clip(np.floor(crossing) + 1, 0, columns).astype(np.int64)

    def sum_within(values: NDArray[Any]) -> Array:
        left = np.pad(np.cumsum(values, axis=1, dtype=float), ((0, 0), (1, 0)))
        weights = sign * left[row, column]
        return np.bincount(polygon, weights=weights, minlength=len(mahallas)).astype(float)

    known = np.isfinite(surface.values)
    sums, cells = sum_within(np.where(known, surface.values, 0)), sum_within(known)
    # the difference of cumulated sums leaves dust where every cell is zero
    return np.where(sum_within(surface.values > 0) > 0, np.maximum(sums, 0), 0.0), cells
