"""Hulls about clusters of points, and what they hold."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from hotspot.errors import InputError
from hotspot.language import _


def outline_clusters(
    points: pd.DataFrame, clusters: pd.Series[int], *, crs: Any, ratio: float = 1.0
) -> gpd.GeoDataFrame:
    """Draw the hull of each cluster, and count what it holds.

    Parameters
    ----------
    points : DataFrame
        `x`, `y` in metres and, where there is one, `date`.
    clusters : Series, index of the points
        From `dbscan` or `hdbscan`; 0 and missing are in no cluster.
    crs
        The CRS of x and y, which must be in metres.
    ratio : float
        1: convex hulls. Below: concave ones, whose longest edge is that share of the way from the
        shortest to the longest edge of the points' triangulation.

    Returns
    -------
    GeoDataFrame, index `cluster`
        `points`; `places` (distinct coordinates); `area_km2` of the hull; `density` (points per
        km2; NaN where all lie on one place or line, which has no area); `first`, `last` (dates, NaT
        where there are none); `geometry`, a polygon, or a point or line where there is no area.

    Raises
    ------
    InputError
        If the clusters have another index than the points, a point of a cluster has no coordinates,
        the CRS is not in metres, or the ratio is not from 0 to 1.

    Notes
    -----
    A hull joins the outermost points and may reach across a river or a park where nothing happened;
    hulls of two clusters can overlap.

    References
    ----------
    Duckham et al. (2008), doi:10.1016/j.patcog.2008.03.023, for concave hulls.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0.0, 0, 1000, 1000, 500], "y": [0.0, 1000, 0, 1000, 500]})
    >>> clusters = pd.Series([1, 1, 1, 1, 0])
    >>> hulls = outline_clusters(points, clusters, crs="EPSG:32642")
    >>> hulls[["points", "places", "area_km2", "density"]].to_dict("records")
    [{'points': 4, 'places': 4, 'area_km2': 1.0, 'density': 4.0}]
    """
    if not 0 <= ratio <= 1:
        raise InputError(
            _("the ratio of a concave hull is {ratio}: give 0 to 1", ratio=f"{ratio:g}")
        )
    if not points.index.equals(clusters.index):
        raise InputError(
            _("the clusters have another index than the points: take them from the same points")
        )
    if crs is None or not CRS.from_user_input(crs).is_projected:
        raise InputError(_("the CRS is {crs}: bring x and y to one in metres first", crs=crs))
    inside = clusters.fillna(0).to_numpy() > 0
    members = points.loc[inside].assign(cluster=clusters[inside].astype(np.int64))
    places = members[["x", "y"]].to_numpy(dtype=np.float64, na_value=np.nan)
    nowhere = ~np.isfinite(places).all(axis=1)
    if nowhere.any():
        raise InputError(
            _(
                "{points} points of clusters have no coordinates, the first in row {row}: leave "
                "them out, or give them the cluster 0",
                points=nowhere.sum(),
                row=members.index[nowhere][0],
            )
        )
    if "date" not in members.columns:
        members["date"] = pd.NaT
    distinct = members[["cluster", "x", "y"]].drop_duplicates().sort_values(["cluster", "x", "y"])
    groups = members.groupby("cluster")
    table = pd.DataFrame({"points": groups.size(), "places": distinct.groupby("cluster").size()})
    stacks = [
        shapely.multipoints(of[["x", "y"]].to_numpy(dtype=np.float64))
        for _, of in distinct.groupby("cluster")
    ]
    hulls = shapely.normalize(shapely.concave_hull(np.array(stacks, dtype=object), ratio=ratio))
    table["area_km2"] = shapely.area(hulls) / 1e6
    table["density"] = table["points"] / table["area_km2"].where(table["area_km2"] > 0)
    table["first"], table["last"] = groups["date"].min(), groups["date"].max()
    return gpd.GeoDataFrame(table, geometry=hulls, crs=crs)
