"""Whether points lie nearer each other than chance would have it: Clark and Evans's index."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.special import gammaln, ndtr
from shapely.geometry.base import BaseGeometry

from hotspot.errors import InputError
from hotspot.language import _

# how far outside the area a point may lie, for coordinates that were rounded
TOLERANCE_M = 1.0


def clark_evans(
    points: pd.DataFrame,
    area: gpd.GeoDataFrame,
    *,
    orders: int = 1,
    edge: Literal["donnelly", "none"] = "donnelly",
) -> pd.DataFrame:
    """Return the mean distance to the nearest neighbour beside that of points scattered by chance.

    Parameters
    ----------
    points : DataFrame
        One row an offense: `x`, `y` in metres.
    area : GeoDataFrame
        The study area, in the same metric CRS: a polygon, or mahallas that make it up.
    orders : int
        Up to which neighbour: 1 for the nearest, 2 for the second nearest too, and so on.
    edge : "donnelly" or "none"
        Whether the expectation for the nearest neighbour allows for the border of the area.

    Returns
    -------
    DataFrame, index `order`
        `observed_m`, `expected_m`: mean distances. `index`: their ratio, below 1 where points
        cluster. `z`, negative then, of the first order only: distances to later neighbours overlap
        too much for the formula. `p`, two-sided, only with Donnelly's correction. NaN otherwise.

    Raises
    ------
    InputError
        If coordinates are missing, there are too few points, a point lies more than a metre outside
        the area, or the area is not in metres.

    Notes
    -----
    The null is complete spatial randomness, every hectare alike: **not** people, streets or
    addresses. Where people live in clusters it is refuted by equal rates; `ripley_test` has a null
    by population. Points stacked on one address are 0 m apart, and a few such addresses refute it
    alone. Near the border neighbours are unseen and distances too long: without a correction the
    index and z are too high (of 60 points in a square z is beyond 1.96 in 17 % of maps), so that
    there is no p. Donnelly's correction was fitted to simple outlines, with 7 points or more; on
    two real regions it kept its level. Gaps between polygons that were digitised apart count as
    border with their whole length: close them first, as `area.buffer(5).buffer(-5)`.

    References
    ----------
    Clark & Evans (1954), doi:10.2307/1931034; Donnelly (1978), in Hodder (ed.), Simulation
    methods in archaeology, 91–95; for higher orders Thompson (1956), doi:10.2307/1929159.

    Examples
    --------
    Four points at the corners of squares of 100 m, in a square of 200 m:

    >>> points = pd.DataFrame({"x": [50.0, 150, 50, 150], "y": [50.0, 50, 150, 150]})
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 200, 200)], crs="EPSG:32642")
    >>> clark_evans(points, square, edge="none").round(3).loc[1, :"z"].to_dict()
    {'observed_m': 100.0, 'expected_m': 50.0, 'index': 2.0, 'z': 3.826}
    """
    places, whole = _checked(points, area)
    n = len(places)
    if not 1 <= orders < n:
        raise InputError(
            _(
                "{n} points have no neighbour of order {orders}: give 1 to {most}, and at least 2 "
                "points",
                n=n,
                orders=orders,
                most=max(n - 1, 1),
            )
        )
    # the nearest of all is the point itself, or one stacked on it
    distances = np.asarray(KDTree(places).query(places, k=orders + 1)[0])[:, 1:]
    # sorted, so that the order of the rows does not change the last digit of a sum
    observed = np.sort(distances, axis=0).mean(axis=0)
    k = np.arange(1, orders + 1)
    scale = np.sqrt(whole.area / n)
    expected = np.exp(gammaln(k + 0.5) - gammaln(k)) / np.sqrt(np.pi) * scale
    deviation = np.full(orders, np.nan)
    deviation[0] = scale * np.sqrt((4 - np.pi) / (4 * np.pi * n))
    if edge == "donnelly":
        border = whole.length
        expected[0] += (0.0514 + 0.041 / np.sqrt(n)) * border / n
        deviation[0] = np.sqrt(0.0703 * whole.area + 0.037 * border * scale) / n
    z = (observed - expected) / deviation
    return pd.DataFrame(
        {
            "observed_m": observed,
            "expected_m": expected,
            "index": observed / expected,
            "z": z,
            "p": 2 * ndtr(-np.abs(z)) if edge == "donnelly" else np.nan,
        },
        index=pd.Index(k, name="order"),
    )


def _checked(
    points: pd.DataFrame, area: gpd.GeoDataFrame
) -> tuple[NDArray[np.float64], BaseGeometry]:
    """Return the coordinates and the whole area, once they fit each other."""
    absent = [name for name in ("x", "y") if name not in points.columns]
    if absent:
        raise InputError(
            _("the points have no column '{column}': distances need x and y", column=absent[0])
        )
    places = points[["x", "y"]].to_numpy(dtype=np.float64, na_value=np.nan)
    missing = int((~np.isfinite(places)).any(axis=1).sum())
    if missing:
        raise InputError(
            _(
                "{missing} of {points} points have no coordinates: leave them out first, and say "
                "how many they are",
                missing=missing,
                points=len(places),
            )
        )
    if area.crs is None or not area.crs.is_projected:
        raise InputError(
            _(
                "the area's CRS is {crs}: distances need one in metres, the same as that of x and "
                "y",
                crs=area.crs,
            )
        )
    whole = shapely.union_all(area.geometry.dropna().sort_index().to_numpy())
    shapely.prepare(whole)
    outside = ~shapely.dwithin(whole, shapely.points(places), TOLERANCE_M)
    if outside.any():
        raise InputError(
            _(
                "{outside} of {points} points lie outside the area: leave them out, or give the "
                "area they are from",
                outside=outside.sum(),
                points=len(places),
            )
        )
    return places, whole
