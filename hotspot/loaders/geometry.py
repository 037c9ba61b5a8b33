"""Polygons as they come: taken out of collections, repaired, their overlaps and gaps measured."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

Shapes = NDArray[np.object_]

POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7
# what two digitisations of one border differ by, rounded, is neither an overlap nor a gap
LEAST_AREA_M2 = 1.0
LARGEST = 5


def take_polygons(shapes: Shapes) -> Shapes:
    """Return the polygons of any geometries; what holds none becomes None.

    Parameters
    ----------
    shapes : array of shapely geometries or None
        Points and lines are dropped, collections opened at any depth, heights removed.

    Returns
    -------
    array of Polygon, MultiPolygon or None
        Not yet valid: the polygons of a collection may lie on each other.

    Examples
    --------
    >>> collection = shapely.from_wkt(
    ...     "GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 1 0, 1 1, 0 0)))"
    ... )
    >>> [shape and shape.wkt for shape in take_polygons(np.array([collection, None]))]
    ['POLYGON ((0 0, 1 0, 1 1, 0 0))', None]
    """
    taken = np.asarray(shapely.force_2d(np.asarray(shapes, dtype=object)), dtype=object)
    kinds = shapely.get_type_id(taken)
    taken[~np.isin(kinds, (POLYGON, MULTIPOLYGON, COLLECTION))] = None
    for place in np.flatnonzero(kinds == COLLECTION):
        taken[place] = _open_collection(taken[place])
    taken[shapely.is_empty(taken)] = None
    return taken


def _open_collection(collection: Any) -> Any:
    parts = shapely.get_parts(collection)
    while (shapely.get_type_id(parts) >= MULTIPOLYGON).any():
        parts = shapely.get_parts(parts)
    polygons = parts[shapely.get_type_id(parts) == POLYGON]
    if len(polygons) < 2:
        return polygons[0] if len(polygons) else None
    return shapely.multipolygons(polygons)


def repair_polygons(shapes: Shapes) -> tuple[Shapes, NDArray[np.object_]]:
    """Return valid polygons and, for each, what was mended.

    Parameters
    ----------
    shapes : array of Polygon, MultiPolygon or None
        In a metric CRS.

    Returns
    -------
    repaired : array of valid Polygon, MultiPolygon or None
        None where nothing with an area is left.
    notes : array of str
        The fault and the change of area in words; "" where nothing was wrong.

    Notes
    -----
    Parts are mended one by one and put together from the largest down. A part that lies inside
    what is there already is a hole whose ring lost its direction, as where a town lies inside a
    district, and is cut out; parts that only overlap are joined; a part given twice counts once.

    Examples
    --------
    >>> bow_tie = shapely.from_wkt("POLYGON ((0 0, 2000 2000, 2000 0, 0 2000, 0 0))")
    >>> repaired, notes = repair_polygons(np.array([bow_tie]))
    >>> float(repaired[0].area), notes[0]
    (2000000.0, 'self-intersection repaired, area 0.0000 -> 2.0000 km2')
    """
    repaired = shapes.copy()
    notes = np.full(len(shapes), "", dtype=object)
    faulty = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    for place in faulty:
        fault = shapely.is_valid_reason(shapes[place]).split("[")[0].strip().lower()
        repaired[place] = _put_together(shapes[place])
        before, after = (shapely.area(shape) / 1e6 for shape in (shapes[place], repaired[place]))
        notes[place] = (
            f"{fault}, nothing with an area left"
            if repaired[place] is None
            else f"{fault} repaired, area {before:.4f} -> {after:.4f} km2"
        )
    return repaired, notes


def _put_together(shape: Any) -> Any:
    parts = shapely.make_valid(shapely.get_parts(shape), method="structure", keep_collapsed=False)
    parts = np.unique(shapely.to_wkb(shapely.normalize(parts)))
    parts = shapely.from_wkb(parts)
    whole = shapely.Polygon()
    for part in parts[np.argsort(-shapely.area(parts), kind="stable")]:
        whole = whole.difference(part) if whole.covers(part) else whole.union(part)
    return take_polygons(np.array([whole]))[0]


def find_holes(polygons: Shapes) -> Shapes:
    """Return the gaps that polygons enclose: the holes of their union.

    Parameters
    ----------
    polygons : array of valid Polygon, MultiPolygon or None

    Returns
    -------
    array of Polygon or MultiPolygon
        Largest first, without the islands in them. What opens to the outside is not a hole.

    Examples
    --------
    >>> frame = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 5, 5)
    >>> [hole.area for hole in find_holes(np.array([frame]))]
    [4.0]
    """
    present = polygons[~shapely.is_missing(polygons)]
    return _holes(present, matching=bool(shapely.coverage_is_valid(present)))


def _holes(present: Shapes, *, matching: bool) -> Shapes:
    # borders that match vertex by vertex join twenty times as fast
    union = shapely.coverage_union_all(present) if matching else shapely.union_all(present)
    parts = shapely.get_parts(union)
    holes = np.array([Polygon(ring) for part in parts for ring in part.interiors], dtype=object)
    # an island in a hole is no part of the gap
    hole, island = shapely.STRtree(parts).query(holes, predicate="covers")
    for place in np.unique(hole):
        holes[place] = holes[place].difference(shapely.union_all(parts[island[hole == place]]))
    corners = shapely.bounds(holes).reshape(-1, 4)
    order = np.lexsort((corners[:, 1], corners[:, 0], -shapely.area(holes)))
    return holes[order]


def measure_fit(polygons: gpd.GeoSeries) -> dict[str, Any]:
    """Measure where polygons lie on each other and what they leave open between them.

    Parameters
    ----------
    polygons : GeoSeries
        Valid, in a metric CRS, indexed by code; None where there is no polygon.

    Returns
    -------
    dict
        ``overlaps``: pairs, area_km2 (summed over pairs), the largest pairs, and the polygons
        that are hidden: smaller ones, or equal ones of smaller codes, take half of them or more;
        ``gaps``: holes of the union, area_km2 and the largest hole. Less than a square metre is
        neither.

    Examples
    --------
    >>> squares = gpd.GeoSeries([shapely.box(0, 0, 2e3, 1e3), shapely.box(1e3, 0, 3e3, 1e3)],
    ...                         index=["1", "2"])
    >>> measure_fit(squares)["overlaps"]
    {'pairs': 1, 'area_km2': 1.0, 'largest': [['1', '2', 1.0]], 'hidden': ['2']}
    """
    present = polygons[polygons.notna()]
    codes, shapes = present.index, present.to_numpy()
    # an edge that matches no edge of a neighbour although it lies along it or inside it
    faulty = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))
    left, right, areas = _overlapping_pairs(shapes, faulty)
    order = np.lexsort((right, left, -areas))[:LARGEST]
    gaps = shapely.area(_holes(shapes, matching=not faulty.any()))
    gaps = gaps[gaps > LEAST_AREA_M2]
    return {
        "overlaps": {
            "pairs": len(areas),
            "area_km2": _in_km2(areas.sum()),
            "largest": [[codes[left[i]], codes[right[i]], _in_km2(areas[i])] for i in order],
            "hidden": codes[_hidden(shapes, left, right, areas)].tolist(),
        },
        "gaps": {
            "holes": len(gaps),
            "area_km2": _in_km2(gaps.sum()),
            "largest_km2": _in_km2(gaps[0]) if len(gaps) else 0.0,
        },
    }


def _hidden(
    shapes: Shapes, left: NDArray[Any], right: NDArray[Any], areas: NDArray[Any]
) -> NDArray[np.bool_]:
    """Return which polygons lose half of their area or more to those that take their points."""
    sizes = shapely.area(shapes)
    # of a pair the left has the smaller code
    loser = np.where(sizes[left] <= sizes[right], right, left)
    lost = np.bincount(loser, weights=areas, minlength=len(shapes))
    return lost >= sizes / 2


def _overlapping_pairs(
    shapes: Shapes, faulty: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the positions of each pair that overlaps by a square metre, and the areas."""
    # where every edge of both matches an edge of the neighbour they cannot overlap; a polygon
    # inside another one is faulty only by its own edges
    asked = np.flatnonzero(faulty)
    one, other = shapely.STRtree(shapes).query(shapes[asked], predicate="intersects")
    one = asked[one]
    # a pair of two faulty ones is found from both sides
    ask = (one < other) | (~faulty[other] & (one != other))
    left, right = np.minimum(one, other)[ask], np.maximum(one, other)[ask]
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    areas = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    large = areas > LEAST_AREA_M2
    return left[large], right[large], areas[large]


def _in_km2(area: float) -> float:
    return round(float(area) / 1e6, 6)
