"""Clusters of points, drawn by the points themselves: DBSCAN, ST-DBSCAN and HDBSCAN."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from sklearn.cluster import HDBSCAN

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DAY_US = 86_400_000_000
# pairs of places in a strip, and how many strips may stay in memory
PAIRS, STRIPS = 1_000_000, 4
# in units of the reach, a little more than what is then measured exactly
WIDER = 1 + 1e-6
# the first place of a strip, the one after its last, and the one after the last within reach
Part = tuple[int, int, int]


def dbscan(
    points: pd.DataFrame, *, radius_m: float, min_points: int, days: float | None = None
) -> pd.Series[int]:
    """Return the cluster of each point: DBSCAN, or ST-DBSCAN where days are given.

    Parameters
    ----------
    points : DataFrame
        One row an offense: `x`, `y` in metres; with `days` also `date` as datetimes.
    radius_m : float
        Points at most this far apart are neighbours.
    min_points : int
        A point with so many neighbours, itself among them, is the core of a cluster.
    days : float, optional
        Neighbours must also be at most so long apart.

    Returns
    -------
    Series, Int64, name `cluster`, index of the points
        1 is the largest cluster; of equals the first from the west (then south, then in time). 0
        where a point belongs to none; missing where it has no coordinates or, with `days`, no date.

    Raises
    ------
    InputError
        If a column is absent, dates are not datetimes, or a threshold is not positive.

    Notes
    -----
    Cores that are neighbours share a cluster. A point that is not a core joins the cluster of its
    nearest core neighbour (of equals the one further west, then south, then earlier); Ester et al.
    give it to whichever cluster comes first, so that their answer depends on the order of the rows,
    and this one does not. Cores, the number of clusters and the points in none are the same. Points
    stacked on one place count each: an address with `min_points` offenses is a cluster by itself.
    ST-DBSCAN is without its third threshold, of a value other than place and time. Clusters follow
    people as well as crime: this is no test. Memory does not grow with the number of neighbours.

    References
    ----------
    Ester et al. (1996), KDD-96, 226–231; Birant & Kut (2007), doi:10.1016/j.datak.2006.01.013.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0.0, 0, 40, 900, 950], "y": [0.0, 30, 0, 0, 0]})
    >>> dbscan(points, radius_m=50, min_points=3).tolist()
    [1, 1, 1, 0, 0]
    """
    if not (radius_m > 0 and min_points >= 1 and (days is None or days > 0)):
        raise InputError(
            _(
                "radius_m={radius_m}, min_points={min_points}, days={days} make no cluster: all "
                "must be above 0",
                radius_m=f"{radius_m:g}",
                min_points=min_points,
                days=days,
            )
        )
    events, known = _events(points, dated=days is not None)
    places, place_of, stacked = np.unique(events, axis=0, return_inverse=True, return_counts=True)
    reach = np.array([radius_m, radius_m, np.inf if days is None else days * DAY_US])
    of_place = _clusters_of_places(places, stacked, reach, min_points)
    return _numbered(points, events, known, of_place[place_of])


def hdbscan(
    points: pd.DataFrame, *, min_cluster: int, min_points: int | None = None
) -> pd.Series[int]:
    """Return the cluster of each point by HDBSCAN, which needs no radius.

    Parameters
    ----------
    points : DataFrame
        One row an offense: `x`, `y` in metres.
    min_cluster : int
        The fewest points that make a cluster, at least 2.
    min_points : int, optional
        How many neighbours, the point itself among them, tell how dense it is about a point; more
        leave more points in no cluster. The same as `min_cluster` unless given.

    Returns
    -------
    Series, Int64, name `cluster`, index of the points
        As of `dbscan`.

    Raises
    ------
    InputError
        If a column is absent, or a threshold is too small.

    Notes
    -----
    scikit-learn's, on the points sorted by place: distances tie often, and its answer then depends
    on the order of the rows. Where it parts points stacked on one place, which it sometimes does,
    all of them stay with the cluster of some; another cluster may then be a point short. Time
    grows with the square of the points. Clusters differ in density, those of a village beside those
    of a bazaar. With many points stacked on a few addresses the stacks become the clusters.

    References
    ----------
    Campello, Moulavi & Sander (2013), doi:10.1007/978-3-642-37456-2_14.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0.0, 5, 9, 900, 910, 930, 5000], "y": 0.0})
    >>> hdbscan(points, min_cluster=3).tolist()
    [1, 1, 1, 2, 2, 2, 0]
    """
    dense = min_cluster if min_points is None else min_points
    if not (min_cluster >= 2 and dense >= 1):
        raise InputError(
            _(
                "min_cluster={min_cluster}, min_points={dense} make no cluster: give at least 2 "
                "and 1",
                min_cluster=min_cluster,
                dense=dense,
            )
        )
    events, known = _events(points, dated=False)
    found = np.full(len(events), -1)
    if len(events) >= max(min_cluster, dense):
        places, place_of = np.unique(events[:, :2], axis=0, return_inverse=True)
        stacks = np.sort(place_of)
        method = HDBSCAN(min_cluster_size=min_cluster, min_samples=dense, copy=True)
        labels = method.fit_predict(places[stacks])
        # it may part a stack, and then the order of its rows would say which of them goes where
        first = np.searchsorted(stacks, np.arange(len(places)))
        found = np.maximum.reduceat(labels, first)[place_of]
    return _numbered(points, events, known, found)


def _events(points: pd.DataFrame, *, dated: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """Return x, y and microseconds of the points that have them, and which points these are."""
    needed = ["x", "y", "date"] if dated else ["x", "y"]
    absent = [name for name in needed if name not in points.columns]
    if absent:
        raise InputError(
            _(
                "the points have no column '{column}': clusters need {needed}",
                column=absent[0],
                needed=", ".join(needed),
            )
        )
    if dated and not pd.api.types.is_datetime64_any_dtype(points["date"]):
        raise InputError(
            _(
                "the dates are {dtype}: read them with pandas.to_datetime first",
                dtype=points["date"].dtype,
            )
        )
    places = points[["x", "y"]].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(places).all(axis=1) & points[needed].notna().all(axis=1).to_numpy()
    events = np.zeros((int(known.sum()), 3))
    events[:, :2] = places[known]
    if dated:
        since = points.loc[known, "date"] - points["date"].min()
        events[:, 2] = since.to_numpy(dtype="timedelta64[us]").astype(np.float64)
    return events, known


def _clusters_of_places(
    places: Floats, stacked: Integers, reach: Floats, min_points: int
) -> Integers:
    """Return some number for the cluster of each place, -1 for none; places are sorted."""
    n = len(places)
    parts = _parts(places, reach)
    # where a few strips hold them all, the pairs are found only once
    kept = list(_pairs(places, reach, parts)) if len(parts) <= STRIPS else None
    neighbours = stacked.astype(np.float64)
    for one, other, _apart in kept or _pairs(places, reach, parts):
        neighbours += np.bincount(one, stacked[other], n) + np.bincount(other, stacked[one], n)
    core = neighbours >= min_points

    leader, joins, nearest = np.arange(n), np.full(n, -1), np.full(n, np.inf)
    for one, other, distance in kept or _pairs(places, reach, parts):
        both = core[one] & core[other]
        # part by part: what is joined already is a link to the first of its cluster
        rows = np.concatenate([np.arange(n), one[both]])
        columns = np.concatenate([leader, other[both]])
        links = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
        cluster = connected_components(links, directed=False)[1]
        leader = np.unique(cluster, return_index=True)[1][cluster]
        # the nearest core, of equals the first of the sorted places, comes first
        to, of = core[one] & ~core[other], core[other] & ~core[one]
        border = np.concatenate([other[to], one[of]])
        middle = np.concatenate([one[to], other[of]])
        apart = np.concatenate([distance[to], distance[of]])
        order = np.lexsort((middle, apart, border))
        border, first = np.unique(border[order], return_index=True)
        middle, apart = middle[order][first], apart[order][first]
        nearer = (apart < nearest[border]) | ((apart == nearest[border]) & (middle < joins[border]))
        joins[border[nearer]], nearest[border[nearer]] = middle[nearer], apart[nearer]
    joins[core] = np.flatnonzero(core)
    return np.where(joins >= 0, leader[joins], -1)


def _parts(places: Floats, reach: Floats) -> list[Part]:
    """Cut the places, which ascend in x, into strips with so few pairs that these fit in memory."""
    scaled, measure = _scaled(places, reach)
    stops = np.searchsorted(scaled[:, 0], scaled[:, 0] + WIDER, side="right")
    parts, uncut = [], [(0, len(places))] if len(places) else []
    while uncut:
        first, last = uncut.pop()
        stop = int(stops[last - 1])
        here, there = KDTree(scaled[first:last]), KDTree(scaled[first:stop])
        if last - first == 1 or here.count_neighbors(there, WIDER, p=measure) <= PAIRS:
            parts.append((first, last, stop))
        else:
            middle = (first + last) // 2
            uncut += [(middle, last), (first, middle)]
    return parts


def _pairs(
    places: Floats, reach: Floats, parts: list[Part]
) -> Iterator[tuple[Integers, Integers, Floats]]:
    """Yield the pairs of places within reach and how far apart they are, part by part."""
    scaled, measure = _scaled(places, reach)
    for first, last, stop in parts:
        here, there = KDTree(scaled[first:last]), KDTree(scaled[first:stop])
        found = here.sparse_distance_matrix(there, WIDER, p=measure, output_type="ndarray")
        found = found[found["i"] < found["j"]]
        one, other = found["i"] + first, found["j"] + first
        apart = np.abs(places[one] - places[other])
        distance = np.hypot(apart[:, 0], apart[:, 1])
        near = (distance <= reach[0]) & (apart[:, 2] <= reach[2])
        yield one[near], other[near], distance[near]


def _scaled(places: Floats, reach: Floats) -> tuple[Floats, float]:
    """Return places in units of the reach, and the norm: a circle's, or that of a box in time."""
    scaled = (places - places[:1]) / reach
    return (scaled, np.inf) if np.isfinite(reach[2]) else (scaled[:, :2], 2.0)


def _numbered(
    points: pd.DataFrame, events: Floats, known: NDArray[np.bool_], found: Integers
) -> pd.Series[int]:
    """Return numbers of the clusters, by size, then from the west."""
    order = np.lexsort((events[:, 2], events[:, 1], events[:, 0]))
    order = order[found[order] >= 0]
    clusters, first, sizes = np.unique(found[order], return_index=True, return_counts=True)
    number = np.zeros(clusters.max(initial=0) + 2, dtype=np.int64)
    number[clusters[np.lexsort((first, -sizes))]] = np.arange(1, len(clusters) + 1)
    of_point = np.zeros(len(points), dtype=np.int64)
    # the last number stays 0: it is that of -1, no cluster
    of_point[known] = number[found]
    labels = pd.Series(of_point, index=points.index, dtype="Int64", name="cluster")
    return labels.mask(~known)
