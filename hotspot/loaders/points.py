"""Coordinates: which can be used, what they are mistaken for, and which mahalla they lie in."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from hotspot.errors import InputError
from hotspot.loaders.geometry import Shapes, find_holes

NOWHERE = -1
# a mistake in a whole column shows in most of at least this many records, or in all of fewer
FEW = 10

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Points:
    """The coordinates of records.

    Attributes
    ----------
    x, y : array of float
        In the CRS of the mahallas, NaN where not usable.
    given : array of bool
        Whether a record has anything in its coordinates.
    usable : array of bool
        Whether they are two numbers that can be a place.
    swapped : array of bool
        Whether they are numbers that lie among the mahallas only when exchanged.
    """

    x: Numbers
    y: Numbers
    given: Mask
    usable: Mask
    swapped: Mask


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


def read_points(records: pd.DataFrame, mahallas: gpd.GeoDataFrame, *, crs: CRS) -> Points:
    """Return the records' coordinates in the CRS of the mahallas, checked as columns and singly.

    Parameters
    ----------
    records : DataFrame
        Columns ``longitude, latitude`` as given and ``x, y`` as numbers in `crs`.
    mahallas : GeoDataFrame
        In a metric CRS.
    crs : pyproj.CRS

    Returns
    -------
    Points

    Raises
    ------
    InputError
        A column is mistaken as a whole: see `check_coordinates`.
    """
    x, y = (records[column].to_numpy(dtype=np.float64) for column in ("x", "y"))
    given = records[["longitude", "latitude", "x", "y"]].notna().any(axis=1).to_numpy()
    swapped = find_swapped(x, y, crs=crs, mahallas=mahallas)
    check_coordinates(x, y, crs=crs, swapped=swapped)
    usable = find_usable(x, y, crs=crs) & ~swapped
    to_metric = Transformer.from_crs(crs, mahallas.crs, always_xy=True)
    asked = np.flatnonzero(usable)
    first, which = same_points(x[asked], y[asked])
    metric = np.full((2, len(x)), np.nan)
    metric[:, asked] = np.array(to_metric.transform(x[asked][first], y[asked][first]))[:, which]
    # infinite where the projection does not reach
    usable &= np.isfinite(metric).all(axis=0)
    metric[:, ~usable] = np.nan
    return Points(x=metric[0], y=metric[1], given=given, usable=usable, swapped=swapped)


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
    first, which = same_points(points.x[asked], points.y[asked])
    x, y = points.x[asked][first], points.y[asked][first]
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
    location.places[asked] = places[which]
    location.on_border[asked] = on_border[which]
    location.in_overlap[asked] = in_overlap[which]
    location.moved[asked] = moved[which]
    return location


def find_usable(x: Numbers, y: Numbers, *, crs: CRS) -> Mask:
    """Return which coordinates are two numbers, not (0, 0), and in the range of their CRS.

    Examples
    --------
    >>> x, y = np.array([69.2, 0.0, 69.2, np.nan]), np.array([41.3, 0.0, 141.3, 41.3])
    >>> find_usable(x, y, crs=CRS.from_epsg(4326)).tolist()
    [True, False, False, False]
    """
    usable: Mask = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    return usable & _in_degrees(x, y) if crs.is_geographic else usable


def _in_degrees(x: Numbers, y: Numbers) -> Mask:
    inside: Mask = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    return inside


def find_swapped(x: Numbers, y: Numbers, *, crs: CRS, mahallas: gpd.GeoDataFrame) -> Mask:
    """Return which points lie in the layer's bounds only with x and y exchanged."""
    if mahallas.geometry.isna().all():
        return np.zeros(len(x), dtype=bool)
    to_given = Transformer.from_crs(mahallas.crs, crs, always_xy=True)
    west, south, east, north = to_given.transform_bounds(*mahallas.total_bounds)
    as_given = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    exchanged = (y >= west) & (y <= east) & (x >= south) & (x <= north)
    swapped: Mask = exchanged & ~as_given
    return swapped


def check_coordinates(x: Numbers, y: Numbers, *, crs: CRS, swapped: Mask) -> None:
    """Refuse columns that are mistaken as a whole.

    Parameters
    ----------
    x, y : array of float
        As given, NaN where absent or unreadable.
    swapped : array of bool
        From `find_swapped`.

    Raises
    ------
    InputError
        Most points are swapped, or in metres under a CRS in degrees, or the reverse.
    """
    given = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    if _mostly(swapped, given):
        raise InputError(
            f"longitude and latitude are swapped: {int(swapped.sum())} of {int(given.sum())} "
            "points lie among the mahallas only when exchanged; exchange the two headings in "
            "[offenses.columns]"
        )
    in_degrees = _in_degrees(x, y) & given
    beyond = given & ~in_degrees
    if crs.is_geographic and _mostly(beyond, given):
        example = f"({x[beyond][0]:.10g}, {y[beyond][0]:.10g})"
        raise InputError(
            f"coordinates such as {example} are not in degrees, but the CRS {crs.to_string()} is; "
            "set [offenses] crs to the one they are in, for example EPSG:32642"
        )
    if crs.is_projected and _mostly(in_degrees, given):
        example = f"({x[in_degrees][0]:.10g}, {y[in_degrees][0]:.10g})"
        raise InputError(
            f"coordinates such as {example} are in degrees, but the CRS {crs.to_string()} is not; "
            "set [offenses] crs to EPSG:4326"
        )


def _mostly(mistaken: Mask, given: Mask) -> bool:
    number, points = int((mistaken & given).sum()), int(given.sum())
    return number > points / 2 and (number >= FEW or number == points)


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
    Borders belong to the polygons on both sides, and of several polygons that cover a point the
    one with the smallest code has it: each point counts once.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> locate(np.array([0.5, 1.0, 1.5, 9.0]), np.full(4, 0.5), squares)[0].tolist()
    [0, 0, 1, -1]
    """
    points = _as_points(x, y)
    # the tree on the points, so that each polygon is prepared once
    polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    places = np.full(len(x), len(polygons), dtype=np.intp)
    np.minimum.at(places, point, polygon)
    covered = np.bincount(point, minlength=len(x))
    several = covered[point] > 1
    inside = shapely.contains_properly(polygons[polygon[several]], points[point[several]])
    deep = np.bincount(point[several][inside], minlength=len(x)) > 1
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


def same_points(x: Numbers, y: Numbers) -> tuple[Places, Places]:
    """Return the first of each set of equal points and, for each point, which set it is in.

    Examples
    --------
    >>> first, which = same_points(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
    >>> first.tolist(), which.tolist()
    ([0, 1], [0, 1, 0])
    """
    which, points = pd.factorize(x + 1j * y)
    first = np.full(len(points), len(x), dtype=np.intp)
    np.minimum.at(first, which, np.arange(len(x)))
    return first, which
