"""Polygons made light enough for a page: simplified together, in degrees, as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from hotspot.maps.compact import encode_integers

# at the width of a screen one pixel is about a thousandth of the layer's extent
SHARE_OF_EXTENT = 1 / 10_000
# a mahalla is looked at closely too: a twentieth of its side is no loss even then
SHARE_OF_SIDE = 1 / 20
# what a page can hold and a browser draw at once
MOST_POINTS = 300_000
STEPS_PER_DEGREE = 100_000


def simplify_polygons(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return polygons with fewer vertices, shared borders still shared.

    Parameters
    ----------
    polygons : GeoSeries
        Polygons or MultiPolygons in a CRS in metres, none missing.

    Returns
    -------
    GeoSeries
        On the same index. The tolerance is one ten-thousandth of the layer's extent or a twentieth
        of the middle mahalla's side, whichever is less, and doubled until no more than
        ``MOST_POINTS`` vertices are left.

    Notes
    -----
    The Visvalingam–Whyatt simplification of GEOS moves a border that two polygons share once
    for both. Where polygons overlap there is no shared border; a polygon that came out empty or
    invalid is simplified by itself instead.

    Examples
    --------
    >>> bend = (1000.00001, 500)
    >>> left = shapely.Polygon([(0, 0), (1000, 0), bend, (1000, 1000), (0, 1000)])
    >>> right = shapely.Polygon([(1000, 0), (2000, 0), (2000, 1000), (1000, 1000), bend])
    >>> simple = simplify_polygons(gpd.GeoSeries([left, right], crs=32642))
    >>> shapely.get_num_coordinates(simple).tolist()
    [5, 5]
    """
    west, south, east, north = polygons.total_bounds
    given = polygons.to_numpy()
    tolerance = min(
        float(np.hypot(east - west, north - south)) * SHARE_OF_EXTENT,
        float(np.median(np.sqrt(shapely.area(given)))) * SHARE_OF_SIDE,
    )
    simple = shapely.coverage_simplify(given, tolerance)
    # a triangle has four: below that nothing is left to save
    most = max(MOST_POINTS, 4 * len(given))
    while shapely.get_num_coordinates(simple).sum() > most and tolerance < east - west:
        tolerance *= 2
        simple = shapely.coverage_simplify(given, tolerance)
    broken = shapely.is_empty(simple) | ~shapely.is_valid(simple)
    simple[broken] = shapely.simplify(given[broken], tolerance, preserve_topology=True)
    return gpd.GeoSeries(simple, index=polygons.index, crs=polygons.crs)


def dissolve_districts(polygons: gpd.GeoSeries, districts: Sequence[str]) -> gpd.GeoSeries:
    """Return the outline of every district, by name.

    Parameters
    ----------
    polygons : GeoSeries
        The mahallas' polygons.
    districts : sequence of str
        The district of each; "" where it is unknown, which makes no outline.

    Returns
    -------
    GeoSeries
        MultiPolygons without holes, indexed by district, sorted. Holes are left out: they are
        mahallas without polygon, or slivers between borders drawn apart, not borders of a
        district.

    Examples
    --------
    >>> squares = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=32642)
    >>> dissolve_districts(squares, ["Koson", "Koson"]).area.to_dict()
    {'Koson': 2.0}
    """
    members: dict[str, list[shapely.Geometry]] = {}
    for polygon, name in zip(polygons, districts, strict=True):
        members.setdefault(name, []).append(polygon)
    members.pop("", None)
    outlines = {}
    for name in sorted(members):
        outlines[name] = unite_polygons(members[name])
    return gpd.GeoSeries(outlines, crs=polygons.crs)


def unite_polygons(polygons: Sequence[shapely.Geometry]) -> shapely.MultiPolygon:
    """Return polygons as one, its holes filled.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    >>> unite_polygons([ring, shapely.box(3, 0, 4, 3)]).area
    12.0
    """
    # many times faster, and right only where no two polygons overlap
    exact = shapely.coverage_is_valid(polygons)
    unite = shapely.coverage_union_all if exact else shapely.union_all
    shells = [shapely.Polygon(part.exterior) for part in shapely.get_parts(unite(polygons))]
    return shapely.MultiPolygon(shells)


def place_names(outlines: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return where the name of every outline has most room.

    Parameters
    ----------
    outlines : GeoSeries
        MultiPolygons in a CRS in metres.

    Returns
    -------
    GeoSeries
        Points on the same index: the centre of the largest circle inside the largest part.

    Examples
    --------
    >>> from shapely import MultiPolygon, box
    >>> outline = MultiPolygon([box(0, 0, 10, 10), box(50, 0, 51, 1)])
    >>> place_names(gpd.GeoSeries([outline], crs=32642)).round(1).to_wkt()[0]
    'POINT (5 5)'
    """
    points = []
    for outline in outlines:
        largest = max(shapely.get_parts(outline), key=lambda part: float(part.area))
        reach = float(np.sqrt(largest.area))
        circle = shapely.maximum_inscribed_circle(largest, tolerance=reach / 1000)
        points.append(shapely.get_point(circle, 0))
    return gpd.GeoSeries(points, index=outlines.index, crs=outlines.crs)


def encode_polygon(polygon: shapely.Geometry) -> str:
    """Return a polygon in degrees as a short text.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        In longitude and latitude.

    Returns
    -------
    str
        Parts with ";" between them, each its rings with "," between them (the first is the
        outside), each x, y by :func:`hotspot.maps.compact.encode_integers` in hundred-thousandths
        of a degree (about a metre); after the first point differences to the point before. The
        closing point is left out.

    Examples
    --------
    >>> encode_polygon(shapely.box(66, 38, 66.00001, 38.00002))
    'i06yMg89nHAEBAAD'
    """
    parts = []
    for part in shapely.get_parts(polygon):
        rings = [_step_ring(shapely.get_coordinates(ring)) for ring in shapely.get_rings(part)]
        kept = [rings[0], *(ring for ring in rings[1:] if len(ring) > 4)]
        parts.append(",".join(encode_integers(ring) for ring in kept))
    return ";".join(parts)


def _step_ring(points: NDArray[np.float64]) -> list[int]:
    """Return a ring without its closing point and without steps too small to be seen."""
    whole = np.rint(points[:-1] * STEPS_PER_DEGREE).astype(np.int64)
    steps = np.diff(whole, axis=0)
    steps = steps[steps.any(axis=1)]
    flat: list[int] = np.concatenate([whole[:1], steps]).ravel().tolist()
    return flat
