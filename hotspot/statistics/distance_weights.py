"""Weights that fall with the distance, for any neighbours."""

from __future__ import annotations

from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.language import _

# what is nearer counts as so far away: two points in one place do not weigh without end
NEAREST_M = 1.0

Kernel = Literal["inverse", "inverse_square", "gaussian"]


def weigh_by_distance(
    graph: Graph,
    mahallas: gpd.GeoDataFrame,
    *,
    kernel: Kernel = "inverse",
    bandwidth_m: float | None = None,
) -> Graph:
    """Return the same neighbours, the nearer with the larger weight.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Who is whose neighbour, by `contiguity`, `nearest_neighbours` or `distance_band`.
    mahallas : GeoDataFrame
        Indexed by mahalla code, in a metric CRS, with a polygon for each mahalla of the graph.
    kernel : {"inverse", "inverse_square", "gaussian"}
        Weights 1/d, 1/d² or exp(−d² / 2h²), with d in metres between shapely's points inside the
        polygons and at least 1 m, and h the bandwidth.
    bandwidth_m : float, optional
        h, for the Gaussian kernel only.

    Returns
    -------
    libpysal.graph.Graph
        Mahallas without neighbours stay isolates. For `gi_star_permutation` and `local_moran`;
        `gi_star` counts every link as one.

    Raises
    ------
    InputError
        The kernel is not one of these, the bandwidth is missing, superfluous or not above 0, a
        mahalla of the graph has no polygon or two, or they are not in metres.

    Notes
    -----
    1/d is far from equal where mahallas are small and near: the nearest few then decide. A mahalla
    has no weight for itself here; ``graph.assign_self_weight(1)`` gives it that of distance 0
    under the Gaussian kernel, and without one `gi_star_permutation` takes the largest of its row.

    Examples
    --------
    >>> points = gpd.points_from_xy([0, 10, 30], [0, 0, 0])
    >>> places = gpd.GeoDataFrame(geometry=points, index=list("abc"), crs="EPSG:32642")
    >>> graph = Graph.from_arrays(list("abbc"), list("bacb"), [1, 1, 1, 1])
    >>> weigh_by_distance(graph, places).adjacency.tolist()
    [0.1, 0.1, 0.05, 0.05]
    """
    if mahallas.crs is None or not mahallas.crs.is_projected:
        raise InputError(_("the mahallas are not in a metric CRS; read them with read_mahallas"))
    if kernel not in get_args(Kernel):
        known = ", ".join(get_args(Kernel))
        raise InputError(
            _(
                "there is no kernel '{kernel}' of distance: choose of {known}",
                kernel=kernel,
                known=known,
            )
        )
    if (kernel == "gaussian") != (bandwidth_m is not None):
        raise InputError(_("give bandwidth_m with the gaussian kernel, and with no other"))
    if bandwidth_m is not None and not 0 < bandwidth_m < np.inf:
        raise InputError(
            _("a bandwidth of {bandwidth_m} m: it must be above 0", bandwidth_m=f"{bandwidth_m:g}")
        )
    links = graph.adjacency.reset_index()
    # isolated mahallas are stored with a link of weight 0 to themselves
    linked = ((links["weight"] != 0) & (links["focal"] != links["neighbor"])).to_numpy()
    if not mahallas.index.is_unique:
        twice = mahallas.index[mahallas.index.duplicated()][0]
        raise InputError(
            _("mahalla '{code}' has two rows: give each mahalla one polygon", code=twice)
        )
    places = mahallas.geometry.reindex(pd.Index(graph.unique_ids))
    nowhere = places.isna() | places.is_empty
    if nowhere.any():
        code = places.index[nowhere][0]
        raise InputError(
            _("mahalla '{code}' of the graph has no polygon: its distances are unknown", code=code)
        )
    points = pd.Series(shapely.point_on_surface(places.to_numpy()), places.index)
    ends = [points.loc[links[end]].to_numpy() for end in ("focal", "neighbor")]
    apart = np.maximum(shapely.distance(*ends), NEAREST_M)
    if bandwidth_m is None:
        weights = 1 / apart if kernel == "inverse" else 1 / apart**2
    else:
        weights = np.exp(-0.5 * (apart / bandwidth_m) ** 2)
    weights[~linked] = 0.0
    return Graph.from_arrays(links["focal"], links["neighbor"], weights)
