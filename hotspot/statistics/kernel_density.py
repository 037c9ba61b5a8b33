"""Offenses per square kilometre, free of the mahallas' borders: quartic kernel density."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from hotspot.errors import InputError

Array = NDArray[np.float64]

CELLS_PER_BANDWIDTH = (8, 32)
DEFAULT_SUMMANDS = 10_000_000
DEFAULT_CELLS = 1_000_000
SQUARE_METRES = 1e6
BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class DensitySurface:
    """A density on a grid of square cells, and everything chosen on the way to it."""

    # offenses per km² at the cells' centres: rows from south to north, columns from west to east
    values: Array = field(repr=False)
    # centres of the columns and of the rows, in metres
    x: Array = field(repr=False)
    y: Array = field(repr=False)
    # side of a cell and radius of the kernel, in metres
    cell: float
    bandwidth: float
    kernel: str
    crs: str | None
    # weight of all points, also of those too far off to reach the grid
    points: float
    # x, y and weight of each distinct coordinate, sorted by y and x
    sources: Array = field(repr=False)

    @property
    def mass(self) -> float:
        """Offenses on the grid: the sum of the values times the area of a cell."""
        return float(self.values.sum() * self.cell**2 / SQUARE_METRES)


def kernel_density(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bandwidth: float,
    bounds: tuple[float, float, float, float],
    cell: float | None = None,
    weights: ArrayLike | None = None,
    crs: str | None = None,
) -> DensitySurface:
    """Smooth offenses into a density with the quartic kernel.

    The value at the centre of a cell is the sum over the points of ``3/(π h²) (1 − d²/h²)²``, d
    metres away and nearer than the bandwidth h. It is exact, not binned: each point acts from
    where it lies. The order of the points does not change a bit.

    Parameters
    ----------
    x, y : coordinates in metres, one pair an offense; pairs with NaN are left out.
    bandwidth : radius of the kernel in metres.
    bounds : west, south, east and north of the area in metres. Whole cells from the south-western
        corner cover it; points outside of it act on it as well.
    cell : side of a cell in metres. Absent: between the 32nd and the eighth part of the
        bandwidth, as fine as ten million summands allow, or what keeps to a million cells.
    weights : number of offenses each point stands for; absent: 1.
    crs : the coordinates' reference system, as text, kept with the surface.

    Returns
    -------
    DensitySurface
        Offenses per km² at the cells' centres.

    Raises
    ------
    InputError
        If bandwidth or cell are not above 0, the bounds are empty, or a weight is below 0.

    Notes
    -----
    Edges are not corrected: beside a border beyond which nothing is recorded the density is too
    low, by up to half. The mass that leaves the polygons is what `mass_outside` reports.
    The surface's mass is the points' as far as their kernels lie on the grid; a single kernel's
    is off by at most 0.03 % at 8 cells a bandwidth, 0.1 % at 5, 0.6 % at 3 and 4 % at 1.5.

    Examples
    --------
    >>> surface = kernel_density([1500], [500], bandwidth=1000, bounds=(0, 0, 3000, 1000), cell=1e3)
    >>> surface.values.round(3)
    array([[0.   , 0.955, 0.   ]])
    """
    west, south, east, north = bounds
    for name, length in (("bandwidth", bandwidth), ("cell", cell)):
        if length is not None and not length > 0:
            raise InputError(f"A {name} of {length} is no length; give metres above 0.")
    if not (east > west and north > south):
        raise InputError(f"The bounds {bounds} are empty; give west, south, east and north.")
    sources = _distinct(x, y, weights)
    if cell is None:
        reach = np.sqrt(DEFAULT_SUMMANDS / max(len(sources), 1)) / 2
        least = np.sqrt((east - west) * (north - south) / DEFAULT_CELLS)
        cell = max(bandwidth / float(np.clip(reach, *CELLS_PER_BANDWIDTH)), float(least))
    shape = (int(np.ceil((north - south) / cell)), int(np.ceil((east - west) / cell)))
    local = (sources - [west, south, 0]) / [cell, cell, 1]
    return DensitySurface(
        values=_scatter(local, bandwidth / cell, shape)
        * (3 / np.pi / bandwidth**2 * SQUARE_METRES),
        x=np.arange(0.5, shape[1]) * cell + west,
        y=np.arange(0.5, shape[0]) * cell + south,
        cell=float(cell),
        bandwidth=float(bandwidth),
        kernel="quartic",
        crs=crs,
        points=float(sources[:, 2].sum()),
        sources=sources,
    )


def mean_density(surface: DensitySurface, mahallas: gpd.GeoDataFrame) -> pd.Series[float]:
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
    means[small] = _exact(surface, shapely.get_coordinates(inside))
    return pd.Series(means, index=mahallas.index, name="density")


def mass_outside(surface: DensitySurface, mahallas: gpd.GeoDataFrame) -> float:
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
    >>> half = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 500, 1000)])
    >>> surface = kernel_density([500], [500], bandwidth=200, bounds=(0, 0, 1000, 1000), cell=10)
    >>> round(mass_outside(surface, half), 3)
    0.5
    """
    sums, _ = _sums_within(surface, mahallas)
    return surface.points - float(sums.sum() * surface.cell**2 / SQUARE_METRES)


def _located(*columns: ArrayLike) -> Array:
    """Return the rows that have coordinates."""
    rows = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    return np.compress(np.isfinite(rows[:, :2]).all(axis=1), rows, axis=0)


def _distinct(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None) -> Array:
    """Return the distinct coordinates, sorted by y and x, and the sum of weights at each."""
    points = _located(x, y, np.ones(len(np.asarray(x))) if weights is None else weights)
    if not (points[:, 2] >= 0).all():
        raise InputError(f"A weight is {points[:, 2].min():g}; give weights of 0 or more.")
    # weights are sorted among equals: even their sums do not depend on the order of the rows
    points = points[np.lexsort([points[:, 2], points[:, 0], points[:, 1]])]
    new = np.flatnonzero((np.diff(points[:, :2], axis=0, prepend=np.nan) != 0).any(axis=1))
    return np.column_stack([points[new, :2], np.add.reduceat(points[:, 2], new)])


def _scatter(points: Array, radius: float, shape: tuple[int, int]) -> Array:
    """Add (1 − d²/r²)² of each point to the cells within r; lengths in cells."""
    reach = int(np.ceil(radius))
    margin = 2 * reach + 1  # takes what kernels carry over the edge
    columns = shape[1] + 2 * margin
    total = np.zeros((shape[0] + 2 * margin) * columns)
    size = np.array(shape[::-1])
    cells = np.floor(points[:, :2]).astype(np.int64)
    near = (np.abs(2 * cells + 1 - size) <= size + 2 * reach + 1).all(axis=1)
    points, cells = points[near], cells[near]
    steps = np.arange(-reach, reach + 1)
    # points come sorted by y: a block of them touches a narrow band of rows
    block = max(BLOCK // len(steps), 1)
    for start in range(0, len(points), block):
        part, cell = points[start : start + block], cells[start : start + block]
        # w (1 − a − b)² is the square of √w (1 − a) − √w b
        root = np.sqrt(part[:, 2:])
        across = root * (1 - ((cell[:, :1] + 0.5 + steps - part[:, :1]) / radius) ** 2)
        along = root * ((cell[:, 1:] + 0.5 + steps - part[:, 1:2]) / radius) ** 2
        place = (cell[:, 1:] + margin) * columns + cell[:, :1] + margin + steps
        low = int(place.min())
        place = (place - low).ravel()
        for step, up in zip(steps, along.T, strict=True):
            value = np.maximum(across - up[:, None], 0)
            value *= value
            band = np.bincount(place, weights=value.ravel())
            begin = low + step * columns
            total[begin : begin + len(band)] += band
    return total.reshape(-1, columns)[margin:-margin, margin:-margin].copy()


def _exact(surface: DensitySurface, places: Array) -> Array:
    """Sum the kernel directly at a few places."""
    h, sources = surface.bandwidth, surface.sources
    begin, end = (np.searchsorted(sources[:, 1], places[:, 1] + side) for side in (-h, h))
    values = np.zeros(len(places))
    for i, (x, y) in enumerate(places):
        near = sources[begin[i] : end[i]]
        share = np.maximum(1 - ((near[:, 0] - x) ** 2 + (near[:, 1] - y) ** 2) / h**2, 0)
        values[i] = (share**2 * near[:, 2]).sum()
    return values * (3 / np.pi / h**2 * SQUARE_METRES)


def _sums_within(surface: DensitySurface, mahallas: gpd.GeoDataFrame) -> tuple[Array, Array]:
    """Return sum and number of the cells whose centre lies in each polygon, all at once.

    A ring's sum along a row is that of all cells left of its eastern edges less that left of its
    western ones. So an edge adds the row's cumulated sum at the crossing, signed by its direction;
    holes run the other way. A crossing is reckoned from the lower end whichever way the edge runs:
    polygons that share an edge share no centre.
    """
    if surface.crs is not None and mahallas.crs is not None and mahallas.crs != surface.crs:
        raise InputError(
            f"The density is in {surface.crs} and the mahallas are in {mahallas.crs.to_string()}; "
            "bring both to one metric CRS."
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

    sums, cells = sum_within(surface.values), sum_within(np.ones((rows, columns)))
    # the difference of cumulated sums leaves dust where every cell is zero
    return np.where(sum_within(surface.values > 0) > 0, np.maximum(sums, 0), 0.0), cells
