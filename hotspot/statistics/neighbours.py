"""Who is whose neighbour: by borders, even those digitised apart, by rank, or by distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy.spatial import KDTree

from hotspot.errors import InputError
from hotspot.language import _, mark

# how a pair came about, in the order in which one reason goes before another
HOW = ("border", "repaired", "given", "nearest")

WIDER_M = (10.0, 20.0, 50.0, 100.0)
WIDEN_ABOVE = 0.10
REFUSE_ABOVE = 0.25
# a side within the tolerance is longer than a corner's two ends: so many tolerances
SIDE = 4
# distances that differ by less are ties
MICROMETRE = 6

TOO_FEW = mark(
    "{k} nearest neighbours of {mahallas} mahallas with a polygon: ask for at least 1 and fewer "
    "than there are mahallas"
)
NO_COLUMN = mark(
    "the pairs of neighbours have no column '{column}'; they need mahalla_code and neighbour_code"
)
NO_CODE = mark(
    "the pairs of neighbours name '{code}', which is not a code of the mahallas ({codes} such "
    "codes in {column}); correct or remove these pairs"
)
NONE_GIVEN = mark(
    "{islands} of {mahallas} mahallas have no neighbour among the given pairs; widen "
    "border_tolerance_m, give pairs as neighbours, or attach these to their nearest with nearest"
)
NONE_WITHIN = mark(
    "{islands} of {mahallas} mahallas have no neighbour within {metres} m; widen "
    "border_tolerance_m, give pairs as neighbours, or attach these to their nearest with nearest"
)

Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Neighbours:
    """Who is whose neighbour, and how that is known.

    Attributes
    ----------
    graph : libpysal.graph.Graph
        Binary, without self, over the mahallas with a polygon or a given pair, sorted by code; a
        mahalla without neighbours is in it as an isolate. Symmetric, unless it comes from
        `nearest_neighbours`.
    pairs : DataFrame
        ``mahalla_code, neighbour_code, how``, each link of the graph, sorted.
    islands : list of str
        Codes of the mahallas in the graph that have no neighbour, sorted.
    tolerance_m : float
        The distance below which borders were taken to touch; 0 where they were not looked at.
    found : dict
        What was chosen without being asked for, JSON-able.
    """

    graph: Graph
    pairs: pd.DataFrame
    islands: list[str]
    tolerance_m: float
    found: dict[str, Any]


def contiguity(
    mahallas: gpd.GeoDataFrame,
    *,
    tolerance_m: float = 5.0,
    rook: bool = False,
    given: pd.DataFrame | None = None,
    replace: bool = False,
    nearest: int = 0,
) -> Neighbours:
    """Find which mahallas are neighbours.

    Parameters
    ----------
    mahallas : GeoDataFrame
        Indexed by mahalla code, in a metric CRS; None or empty where there is no polygon.
    tolerance_m : float
        Polygons closer than this are neighbours too, so that borders digitised apart still touch.
        Where more than a tenth of the mahallas would have no neighbour it is widened to 10, 20,
        50 and 100 m, no further than helps.
    rook : bool
        Only a common side makes neighbours, not a corner (queen). A side is any stretch of border
        that is shared, or one of more than four tolerances that runs within the tolerance.
    given : DataFrame, optional
        Columns ``mahalla_code, neighbour_code``: pairs added to what the borders say. They may
        name mahallas without a polygon.
    replace : bool
        Take the given pairs instead of the borders.
    nearest : int
        Attach a mahalla that has no neighbour to this many of the nearest; 0 leaves it alone.

    Returns
    -------
    Neighbours
        ``how`` is "border" where polygons share at least a point, "repaired" where they are only
        closer than the tolerance, "given" or "nearest".

    Raises
    ------
    InputError
        More than a quarter of the mahallas have no neighbour even at 100 m, a given pair names a
        mahalla that is not there, a code repeats, or the mahallas are not in metres.

    Examples
    --------
    >>> squares = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9), shapely.box(21, 0, 30, 9)],
    ...     index=pd.Index(["1", "2", "3"], name="mahalla_code"), crs="EPSG:32642")
    >>> contiguity(squares).pairs
      mahalla_code neighbour_code       how
    0            1              2    border
    1            2              1    border
    2            2              3  repaired
    3            3              2  repaired
    """
    mahallas, shapes, present = _checked(mahallas)
    told = np.empty((0, 2), dtype=np.intp) if given is None else _find_given(given, mahallas.index)
    everybody = np.union1d(present, told)
    touching, used, first_islands, widest = told[:0], tolerance_m, 0, 0.0
    if not (replace and given is not None):
        touching, used, first_islands = _touch(shapes, everybody, told, tolerance_m, rook)
        widest = max(tolerance_m, WIDER_M[-1])
    on_border = shapely.intersects(shapes[touching[:, 0]], shapes[touching[:, 1]])
    known = {"border": touching[on_border], "repaired": touching[~on_border], "given": told}
    alone = np.setdiff1d(everybody, np.concatenate(list(known.values())))
    attached = _attach(shapes, present, np.intersect1d(alone, present), nearest)
    if nearest == 0:
        _refuse_islands(len(alone), len(everybody), widest)

    pairs = _tabulate(known | {"nearest": attached}, mahallas.index)
    islands = sorted(mahallas.index[np.setdiff1d(alone, attached)])
    found: dict[str, Any] = {
        "tolerance_m": used,
        "pairs": {how: int((pairs["how"] == how).sum()) // 2 for how in HOW},
        "islands": islands,
        "without_polygon": len(mahallas) - len(present),
    }
    if used != tolerance_m:
        found["widened"] = {"from_m": tolerance_m, "without_neighbour": first_islands}
    return Neighbours(_build_graph(pairs, mahallas.index[everybody]), pairs, islands, used, found)


def nearest_neighbours(mahallas: gpd.GeoDataFrame, k: int) -> Neighbours:
    """Take the k nearest mahallas as neighbours, by the distance between points inside them.

    Parameters
    ----------
    mahallas : GeoDataFrame
        As for `contiguity`.
    k : int
        How many neighbours each mahalla has. Of equally near ones (to a micrometre) those with
        the smaller codes.

    Returns
    -------
    Neighbours
        Not symmetric: whose nearest one is need not be among one's own nearest. The points are
        shapely's ``point_on_surface``: unlike a centroid it lies inside.

    Raises
    ------
    InputError
        There are not more than k mahallas with a polygon, k is below 1, or they are not in metres.

    Examples
    --------
    >>> points = gpd.points_from_xy([0, 9, 50], [0, 0, 0])
    >>> places = gpd.GeoDataFrame(geometry=points, index=list("abc"), crs="EPSG:32642")
    >>> nearest_neighbours(places, 1).pairs
      mahalla_code neighbour_code      how
    0            a              b  nearest
    1            b              a  nearest
    2            c              b  nearest
    """
    mahallas, shapes, present = _checked(mahallas)
    if not 1 <= k < len(present):
        raise InputError(_(TOO_FEW, k=k, mahallas=len(present)))
    points = shapely.get_coordinates(shapely.point_on_surface(shapes[present]))
    tree = KDTree(points)
    # all that are as near as the last, so that ties are broken here and not by the tree
    reach = np.asarray(tree.query(points, [k + 1])[0])[:, 0] + 10.0**-MICROMETRE
    within = tree.query_ball_point(points, reach)
    focal = np.repeat(np.arange(len(points)), [len(some) for some in within])
    other = np.concatenate(within).astype(np.intp)
    focal, other = focal[focal != other], other[focal != other]
    apart = np.hypot(*(points[focal] - points[other]).T).round(MICROMETRE)
    order = np.lexsort((other, apart, focal))
    chosen = order[np.arange(len(order)) - np.searchsorted(focal, focal) < k]
    ends = present[np.column_stack([focal[chosen], other[chosen]])]
    pairs = _tabulate({"nearest": ends}, mahallas.index, both=False)
    found = {"nearest": k, "farthest_m": float(apart[chosen].max())}
    return Neighbours(_build_graph(pairs, mahallas.index[present]), pairs, [], 0.0, found)


def distance_band(mahallas: gpd.GeoDataFrame, distance_m: float, *, nearest: int = 0) -> Neighbours:
    """Take as neighbours the mahallas whose points inside are no further apart than a distance.

    Parameters
    ----------
    mahallas : GeoDataFrame
        As for `contiguity`.
    distance_m : float
        The largest distance, itself included, between the points of `nearest_neighbours`.
    nearest : int
        Attach a mahalla that has no neighbour to this many of the nearest; 0 leaves it alone.

    Returns
    -------
    Neighbours
        ``how`` is "distance", or "nearest" for those that were attached. For weights that fall
        with the distance give its graph to `weigh_by_distance`.

    Raises
    ------
    InputError
        The distance is not positive, or the mahallas are not in metres.
    """
    mahallas, shapes, present = _checked(mahallas)
    if not 0 < distance_m < np.inf:
        raise InputError(
            _("neighbours within {n} m: the distance must be above 0", n=f"{distance_m:g}")
        )
    points = shapely.point_on_surface(shapes)
    tree = KDTree(shapely.get_coordinates(points[present]))
    near = present[tree.query_pairs(distance_m + 10.0**-MICROMETRE, output_type="ndarray")]
    apart = shapely.distance(points[near[:, 0]], points[near[:, 1]]).round(MICROMETRE)
    near = near[apart <= distance_m]
    alone = np.setdiff1d(present, near)
    attached = _attach(points, present, alone, nearest)
    pairs = _tabulate({"distance": near, "nearest": attached}, mahallas.index)
    islands = sorted(mahallas.index[np.setdiff1d(alone, attached)])
    found = {"distance_m": distance_m, "attached": len(alone) - len(islands), "islands": islands}
    return Neighbours(_build_graph(pairs, mahallas.index[present]), pairs, islands, 0.0, found)


def _checked(mahallas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Shapes, Positions]:
    """Return the mahallas by code, their polygons, and the positions of those that have one."""
    if mahallas.crs is None or not mahallas.crs.is_projected:
        raise InputError(_("the mahallas are not in a metric CRS; read them with read_mahallas"))
    if len(twice := mahallas.index[mahallas.index.duplicated()]):
        raise InputError(
            _("mahalla '{code}' has two rows: give each mahalla one polygon", code=twice[0])
        )
    mahallas = mahallas.sort_index()
    shapes = mahallas.geometry.to_numpy()
    return mahallas, shapes, np.flatnonzero(shapely.get_num_coordinates(shapes))


def _find_given(given: pd.DataFrame, codes: pd.Index) -> Positions:
    """Return the given pairs as positions in the mahallas, each once, smaller first."""
    columns = ["mahalla_code", "neighbour_code"]
    if absent := [column for column in columns if column not in given.columns]:
        raise InputError(_(NO_COLUMN, column=absent[0]))
    ends = np.column_stack([codes.get_indexer(pd.Index(given[column])) for column in columns])
    for column, place in zip(columns, ends.T, strict=True):
        unknown = given.loc[place < 0, column]
        if len(unknown):
            first, number = min(unknown.astype(str)), unknown.nunique(dropna=False)
            raise InputError(_(NO_CODE, code=first, codes=number, column=column))
    return _once(ends)


def _touch(
    shapes: Shapes, everybody: Positions, told: Positions, tolerance_m: float, rook: bool
) -> tuple[Positions, float, int]:
    """Return pairs within a tolerance that leaves few alone, that tolerance, and who was alone."""
    tree = shapely.STRtree(shapes)
    tried: list[tuple[float, int, Positions]] = []
    for wider in (tolerance_m, *(step for step in WIDER_M if step > tolerance_m)):
        touching = _once(tree.query(shapes, predicate="dwithin", distance=wider).T)
        if rook:
            touching = touching[_share_side(shapes[touching], wider)]
        islands = len(everybody) - len(np.union1d(touching, told))
        tried.append((wider, islands, touching))
        if islands <= WIDEN_ABOVE * len(everybody):
            break
    # where even the widest leaves many alone, the least wide that does as much
    used, _, touching = next(attempt for attempt in tried if attempt[1] <= islands)
    return touching, used, tried[0][1]


def _share_side(pairs: Shapes, tolerance_m: float) -> NDArray[np.bool_]:
    one, other = pairs[:, 0], pairs[:, 1]
    within = shapely.intersection(shapely.boundary(one), shapely.buffer(other, tolerance_m))
    shared: NDArray[np.bool_] = shapely.length(shapely.intersection(one, other)) > 0
    return shared | (shapely.length(within) > SIDE * tolerance_m)


def _refuse_islands(islands: int, mahallas: int, widest: float) -> None:
    # a single mahalla cannot have a neighbour
    if mahallas > 1 and islands > REFUSE_ABOVE * mahallas:
        refusal = NONE_WITHIN if widest else NONE_GIVEN
        raise InputError(_(refusal, islands=islands, mahallas=mahallas, metres=f"{widest:g}"))


def _attach(shapes: Shapes, present: Positions, alone: Positions, nearest: int) -> Positions:
    """Return each lone mahalla with its nearest; ties go to the smaller code."""
    found: list[tuple[int, int]] = []
    for place in alone if nearest else ():
        others = present[present != place]
        distances = shapely.distance(shapes[place], shapes[others]).round(MICROMETRE)
        order = np.lexsort((others, distances))[:nearest]
        found.extend((int(place), int(other)) for other in others[order])
    return _once(np.array(found, dtype=np.intp).reshape(-1, 2))


def _once(pairs: Positions) -> Positions:
    """Return each pair once, smaller position first, sorted, nobody with himself."""
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)


def _tabulate(known: dict[str, Positions], codes: pd.Index, *, both: bool = True) -> pd.DataFrame:
    """Return the pairs of positions as codes, in both directions unless they have one."""
    how = np.repeat(list(known), [len(pairs) for pairs in known.values()])
    ends = np.concatenate(list(known.values()))
    if both:
        how, ends = np.concatenate([how, how]), np.concatenate([ends, ends[:, ::-1]])
    columns = {"mahalla_code": codes[ends[:, 0]], "neighbour_code": codes[ends[:, 1]], "how": how}
    # stable: of two reasons for a pair the one named first stays
    pairs = pd.DataFrame(columns).drop_duplicates(["mahalla_code", "neighbour_code"])
    return pairs.sort_values(["mahalla_code", "neighbour_code"], ignore_index=True)


def _build_graph(pairs: pd.DataFrame, codes: pd.Index) -> Graph:
    """Return the pairs as a graph over the codes, those without any as isolates."""
    isolates = codes.difference(pd.Index(pairs["mahalla_code"]))
    focal = pd.Index(pairs["mahalla_code"]).append(isolates)
    neighbour = pd.Index(pairs["neighbour_code"]).append(isolates)
    weight = np.concatenate([np.ones(len(pairs)), np.zeros(len(isolates))])
    order = np.lexsort((codes.get_indexer(neighbour), codes.get_indexer(focal)))
    return Graph.from_arrays(focal[order], neighbour[order], weight[order])
