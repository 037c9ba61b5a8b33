"""Which mahalla a point lies in, or is nearest to."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from hotspot.loaders.geometry import Shapes, find_holes
from hotspot.loaders.grid import NOWHERE, UNSURE, locate_by_grid
from hotspot.loaders.points import Mask, Numbers, Places, Points

__all__ = ["NOWHERE", "Location", "locate", "locate_near", "place_points"]

# a grid pays from so many points on, and the more vertices it is laid over the later
LEAST_POINTS = 20_000
VERTICES_A_POINT = 10


@dataclass(frozen=True)
class Location:
    """Where points lie.

    Attributes
    ----------
    places : array of int
        Position of the mahalla in its frame, -1 outside every polygon.
    on_border, in_overlap, moved : array of bool
        Whether the point lies on the border of several polygons, inside several, or outside all
        of them and went to the nearest.
    """

    places: Places
    on_border: Mask
    in_overlap: Mask
    moved: Mask


def place_points(
    points: Points, mahallas: gpd.GeoDataFrame, wanted: Mask, *, tolerance_m: float
) -> Location:
    """Find the mahalla of the wanted points: the one they lie in, or a near one in the tolerance.

    Parameters
    ----------
    points : Points
    mahallas : GeoDataFrame
        Sorted by code, in a metric CRS.
    wanted : array of bool
        Which points to place; the others go nowhere.
    tolerance_m : float
        See `locate_near`.

    Returns
    -------
    Location
        For every record.
    """
    polygons = mahallas.geometry.to_numpy()
    asked = np.flatnonzero(wanted & points.usable)
    x, y = points.x[asked], points.y[asked]
    places, on_border, in_overlap = locate(x, y, polygons)
    stray = np.flatnonzero(places == NOWHERE)
    if tolerance_m > 0 and len(stray):
        places[stray] = locate_near(x[stray], y[stray], polygons, tolerance_m=tolerance_m)
    moved = np.zeros(len(x), dtype=bool)
    moved[stray] = places[stray] != NOWHERE

    location = Location(
        places=np.full(len(wanted), NOWHERE, dtype=np.intp),
        on_border=np.zeros(len(wanted), dtype=bool),
        in_overlap=np.zeros(len(wanted), dtype=bool),
        moved=np.zeros(len(wanted), dtype=bool),
    )
    location.places[asked] = places
    location.on_border[asked] = on_border
    location.in_overlap[asked] = in_overlap
    location.moved[asked] = moved
    return location


def locate(x: Numbers, y: Numbers, polygons: Shapes) -> tuple[Places, Mask, Mask]:
    """Find the polygon each point lies in.

    Parameters
    ----------
    x, y : array of float
        Finite, in the CRS of the polygons.
    polygons : array of Polygon, MultiPolygon or None
        In the order of their codes.

    Returns
    -------
    places : array of int
        Position of the polygon, -1 outside every polygon.
    on_border, in_overlap : array of bool
        Whether the point lies on the border of several polygons, or inside several.

    Notes
    -----
    Borders belong to the polygons on both sides, and a point on one goes to the polygon with the
    smallest code: each point counts once. A point inside several goes to the smallest of them, so
    that a mahalla drawn within another is not empty for ever; of equals to the smallest code.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> locate(np.array([0.5, 1.0, 1.5, 9.0]), np.full(4, 0.5), squares)[0].tolist()
    [0, 0, 1, -1]
    """
    if len(x) < LEAST_POINTS + shapely.get_num_coordinates(polygons).sum() / VERTICES_A_POINT:
        return _locate_by_tree(x, y, polygons)
    places = locate_by_grid(x, y, polygons)
    on_border, in_overlap = np.zeros((2, len(x)), dtype=bool)
    left = np.flatnonzero(places == UNSURE)
    places[left], on_border[left], in_overlap[left] = _locate_by_tree(x[left], y[left], polygons)
    return places, on_border, in_overlap


def _locate_by_tree(x: Numbers, y: Numbers, polygons: Shapes) -> tuple[Places, Mask, Mask]:
    points = _as_points(x, y)
    # the tree on the points, so that each polygon is prepared once
    polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    places = np.full(len(x), len(polygons), dtype=np.intp)
    np.minimum.at(places, point, polygon)
    covered = np.bincount(point, minlength=len(x))
    several = covered[point] > 1
    inside = shapely.contains_properly(polygons[polygon[several]], points[point[several]])
    deep = np.bincount(point[several][inside], minlength=len(x)) > 1
    by_size = np.lexsort([np.arange(len(polygons)), shapely.area(polygons)])
    rank = np.argsort(by_size)
    best = np.full(len(x), len(polygons), dtype=np.intp)
    np.minimum.at(best, point[several][inside], rank[polygon[several][inside]])
    places[deep] = by_size[best[deep]]
    places[covered == 0] = NOWHERE
    return places, (covered > 1) & ~deep, deep


def locate_near(x: Numbers, y: Numbers, polygons: Shapes, *, tolerance_m: float) -> Places:
    """Find the nearest polygon of points outside every polygon, within a tolerance.

    Parameters
    ----------
    x, y : array of float
        Points that no polygon covers, in the CRS of the polygons.
    polygons : array of Polygon, MultiPolygon or None
        In the order of their codes.
    tolerance_m : float

    Returns
    -------
    array of int
        Position of the nearest polygon, of equally near ones the smallest code; -1 where none is
        within the tolerance or the gap may be a mahalla of its own.

    Notes
    -----
    A gap between polygons is bridged where it is too narrow to hold a disc as wide as twice the
    tolerance. Beyond the outline of the layer a point is moved only when every mahalla has a
    polygon: otherwise the missing one may lie there.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 9, 9), shapely.box(11, 0, 20, 9)])
    >>> locate_near(np.array([9.5, 10.0, 25.0]), np.full(3, 5.0), squares, tolerance_m=2).tolist()
    [0, 0, -1]
    """
    points = _as_points(x, y)
    places = np.full(len(x), NOWHERE, dtype=np.intp)
    point, polygon = shapely.STRtree(polygons).query(
        points, predicate="dwithin", distance=tolerance_m
    )
    if not len(point):
        return places
    # distances equal but for rounding are ties
    distance = shapely.distance(points[point], polygons[polygon]).round(6)
    order = np.lexsort((polygon, distance, point))
    point, first = np.unique(point[order], return_index=True)
    places[point] = polygon[order][first]

    holes = find_holes(polygons)
    wide = ~shapely.is_empty(np.asarray(shapely.buffer(holes, -tolerance_m), dtype=object))
    in_wide = _covered(points, holes[wide])
    complete = not shapely.is_missing(polygons).any()
    movable = ~in_wide if complete else _covered(points, holes[~wide])
    places[~movable] = NOWHERE
    return places


def _as_points(x: Numbers, y: Numbers) -> Shapes:
    return np.asarray(shapely.points(x, y), dtype=object)


def _covered(points: Shapes, shapes: Shapes) -> Mask:
    covered = np.zeros(len(points), dtype=bool)
    covered[shapely.STRtree(shapes).query(points, predicate="intersects")[0]] = True
    return covered
