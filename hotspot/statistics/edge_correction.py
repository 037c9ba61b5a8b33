"""A density at the edge of the study area, made up for what the kernel carries over it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from hotspot.errors import InputError
from hotspot.language import _

Array = NDArray[np.float64]


class _Surface(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def values(self) -> Array: ...
    @property
    def x(self) -> Array: ...
    @property
    def y(self) -> Array: ...
    @property
    def cell(self) -> float: ...
    @property
    def stencil(self) -> Array: ...
    @property
    def sources(self) -> Array: ...


Surface = TypeVar("Surface", bound=_Surface)


def correct_edges(surface: Surface, area: shapely.Polygon | shapely.MultiPolygon) -> Surface:
    """Divide each value by the share of the kernel at that cell which lies within the area.

    Parameters
    ----------
    surface : a density with one bandwidth, as `kernel_density` returns it, of points in the area.
    area : polygon of the study area, in the surface's coordinates: all that is recorded, not the
        part that is shown. It lies within the surface's grid.

    Returns
    -------
    DensitySurface
        The same surface with corrected values, NaN where a cell's centre is outside of the area,
        and the shares as ``kept``.

    Raises
    ------
    InputError
        If the area reaches beyond the grid, points lie outside of the area, or each point has a
        bandwidth of its own.

    Notes
    -----
    Unbiased where the true density is even. At a straight border the share is a half and chance
    varies twice as much, in a corner four times: read the rim with care. The share is a sum over
    cells, in or out by their centres, so it is as exact as the cells are fine.

    References
    ----------
    Diggle, P. (1985). A kernel method for smoothing point process data. Applied Statistics 34,
    138-147. https://doi.org/10.2307/2347366

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> x, y = np.meshgrid(np.arange(50, 1000, 100), np.arange(50, 1000, 100))
    >>> even = kernel_density(
    ...     x.ravel(), y.ravel(), bandwidth=400, bounds=(0, 0, 1000, 1000), cell=50
    ... )
    >>> corrected = correct_edges(even, shapely.box(0, 0, 1000, 1000))
    >>> np.array([even.values[0, 10], corrected.values[0, 10]]).round()
    array([ 56., 100.])
    """
    half, x, y = surface.cell / 2, surface.x, surface.y
    west, south, east, north = area.bounds
    if west < x[0] - half or south < y[0] - half or east > x[-1] + half or north > y[-1] + half:
        raise InputError(
            _(
                "The area reaches from {west}, {south} to {east}, {north}, beyond the grid of the "
                "density; estimate it with bounds that cover the area.",
                west=f"{west:g}",
                south=f"{south:g}",
                east=f"{east:g}",
                north=f"{north:g}",
            )
        )
    shapely.prepare(area)
    outside = int((~shapely.intersects_xy(area, *surface.sources[:, :2].T)).sum())
    if outside:
        raise InputError(
            _(
                "{outside} of {places} places with points lie outside of the area; leave those "
                "points out of the density.",
                outside=outside,
                places=len(surface.sources),
            )
        )
    inside = shapely.contains_xy(area, *np.meshgrid(x, y))
    # whole sums to 1 where the kernel lies within
    stencil = surface.stencil / surface.stencil.sum()
    reach = len(stencil) // 2
    kept = fftconvolve(np.pad(inside.astype(float), reach), stencil, mode="valid")
    # a cell inside keeps at least what falls on itself
    kept = np.clip(kept, stencil[reach, reach], 1)
    values = np.where(inside, surface.values / kept, np.nan)
    return replace(surface, values=values, kept=kept)
