"""A surface as polygons: its contours, and what of it is hot by the Home Office's rule."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import contourpy
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Array = NDArray[np.float64]


class _Surface(Protocol):
    @property
    def values(self) -> Array: ...
    @property
    def x(self) -> Array: ...
    @property
    def y(self) -> Array: ...
    @property
    def cell(self) -> float: ...
    @property
    def crs(self) -> str | None: ...


def contour_polygons(surface: _Surface, levels: Sequence[float]) -> gpd.GeoDataFrame:
    """Draw the areas between levels of a surface.

    Parameters
    ----------
    surface : a density, as `kernel_density` returns it.
    levels : at least one, in the unit of the values, rising. Each begins an area that ends at the
        next; the last has no end.

    Returns
    -------
    GeoDataFrame
        ``lower``, ``upper`` (inf for the last) and a valid MultiPolygon, in the surface's CRS; one
        row for each area, lowest first, without areas that are nowhere.

    Raises
    ------
    InputError
        If there are no levels, or they do not rise or are not finite.

    Notes
    -----
    Values are taken as linear between the centres of the cells and as even in the outer half of
    the cells at the rim. A level of 0 begins where the value is above 0. Around unknown cells the
    contours end at the centres of their neighbours.

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> surface = kernel_density([500], [500], bandwidth=400, bounds=(0, 0, 1000, 1000), cell=10)
    >>> areas = contour_polygons(surface, [1, 3])
    >>> areas[["lower", "upper"]].values.tolist()
    [[1.0, 3.0], [3.0, inf]]
    >>> areas.area.round(-2).tolist()
    [150700.0, 146200.0]
    """
    edges = [float(level) for level in levels]
    if not edges or not all(a < b for a, b in pairwise([-np.inf, *edges, np.inf])):
        raise InputError(
            _("The levels {edges} do not rise; give one or more, lowest first.", edges=edges)
        )
    half = surface.cell / 2
    x, y = (np.concatenate([[at[0] - half], at, [at[-1] + half]]) for at in (surface.x, surface.y))
    values = np.pad(surface.values, 1, mode="edge")
    lines = contourpy.contour_generator(
        x, y, np.ma.masked_invalid(values), name="serial", fill_type=contourpy.FillType.OuterOffset
    )
    beyond = float(np.nanmax(values, initial=edges[-1])) + 1
    lowers, uppers, areas = [], [], []
    for lower, upper in zip(edges, [*edges[1:], np.inf], strict=True):
        parts = []
        for corners, begins in zip(*lines.filled(lower, min(upper, beyond)), strict=True):
            outer, *holes = np.split(corners, begins[1:-1])
            parts.append(shapely.Polygon(outer, holes))
        area = _as_multipolygon(parts)
        if not area.is_empty:
            lowers.append(lower)
            uppers.append(upper)
            areas.append(area)
    return gpd.GeoDataFrame({"lower": lowers, "upper": uppers}, geometry=areas, crs=surface.crs)


def hot_level(surface: _Surface, *, times: float = 3.0) -> float:
    """Return the density from which a place is hot: three times the mean of the non-zero cells.

    Parameters
    ----------
    surface : a density, as `kernel_density` returns it.
    times : how often the mean.

    Returns
    -------
    float
        In the unit of the values. ``surface.values >= hot_level(surface)`` are the hot cells, and
        ``contour_polygons(surface, [hot_level(surface)])`` the hot areas.

    Raises
    ------
    InputError
        If no cell is above 0.

    Notes
    -----
    Made for kernels that end, such as the quartic: a Gaussian is above 0 everywhere, and the mean
    then depends on how much empty land the bounds take in. The level rises and falls with all
    crime: it finds the hottest places of a map, and cannot tell a hot year.

    References
    ----------
    Eck, J. E., Chainey, S., Cameron, J. G., Leitner, M. and Wilson, R. E. (2005). Mapping Crime:
    Understanding Hot Spots. National Institute of Justice. https://www.ojp.gov/pdffiles1/nij/209393.pdf
    Chainey, S. (2013). Examining the influence of cell size and bandwidth size on kernel density
    estimation crime hotspot maps for predicting spatial patterns of crime. Bulletin of the
    Geographical Society of Liege 60, 7-19.

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> surface = kernel_density([500], [500], bandwidth=400, bounds=(0, 0, 1000, 1000), cell=10)
    >>> round(hot_level(surface), 2)
    5.97
    """
    above = surface.values[surface.values > 0]
    if not above.size:
        raise InputError(_("No cell has a density above 0; there is nothing to be three times of."))
    return float(times * above.mean())


def _as_multipolygon(parts: list[shapely.Polygon]) -> shapely.MultiPolygon:
    """Return valid polygons: contours touch themselves at saddles."""
    united = shapely.union_all(shapely.make_valid(np.array(parts, dtype=object)))
    return shapely.MultiPolygon([part for part in shapely.get_parts(united) if part.area > 0])
