"""Ripley's K and L: how many neighbours points have within each distance, beside chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]
Null = Literal["uniform", "population"]

# how far outside the area a point may lie, for coordinates that were rounded
TOLERANCE_M = 1.0
LEVEL = 0.05
# where the area is laid over itself, to learn what share of pairs so far apart can be seen
ANGLES, SHIFTS = 36, 9


@dataclass(frozen=True)
class RipleyTest:
    """The curves and one p for all of them.

    Attributes
    ----------
    curves : DataFrame, index `metres`
        `k` in square metres, `l` in metres, `l_expected` (the mean of simulations and data),
        `l_low`, `l_high` (the band that holds the whole curve with 95 %, if the null is true).
    p : float
        The share of curves, the data's among them, that stray as far from the mean or farther. The
        data's curve leaves the band somewhere exactly where p is at most .05.
    """

    curves: pd.DataFrame
    p: float


def ripley_k(
    points: pd.DataFrame, area: gpd.GeoDataFrame, *, metres: Sequence[float]
) -> pd.DataFrame:
    """Return Ripley's K and L of points in an area.

    Parameters
    ----------
    points : DataFrame
        One row an offense: `x`, `y` in metres.
    area : GeoDataFrame
        The study area, in the same metric CRS: a polygon, or mahallas that make it up.
    metres : sequence of float
        Distances, ascending; the longest well below the width of the area, a quarter by custom.

    Returns
    -------
    DataFrame, index `metres`
        `k`: the mean number of other points within the distance, over the density; π r² for points
        scattered by chance. `l` = √(k / π), then r.

    Raises
    ------
    InputError
        If coordinates are missing, there are fewer than two points, a point lies more than a metre
        outside the area, the area is not in metres, or the distances do not ascend from above 0.

    Notes
    -----
    Edges are corrected by rigid motion, the mean over all directions of the translation correction:
    a pair d apart counts |A|² / γ(d), where γ(d) is the mean area that is both in A and in A moved
    by d. It is unbiased where the points' law is the same everywhere and in every direction. γ is
    measured at 9 distances in 36 directions and interpolated: within 0.1 % for a square. Pairs
    within the longest distance are in memory at once.

    References
    ----------
    Ripley (1976), doi:10.2307/3212829; Besag (1977), in the discussion of Ripley (1977),
    doi:10.1111/j.2517-6161.1977.tb01615.x; Ohser (1983), doi:10.1080/02331888308801687.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [500.0, 510, 100, 900], "y": [500.0, 500, 100, 900]})
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs="EPSG:32642")
    >>> ripley_k(points, square, metres=[50, 100]).round(1)["l"].tolist()
    [231.8, 231.8]
    """
    places, whole = _checked(points, area, metres)
    values = _k_of(whole, metres)(places)
    index = pd.Index(list(metres), name="metres")
    return pd.DataFrame({"k": values, "l": np.sqrt(values / np.pi)}, index=index)


def ripley_test(
    points: pd.DataFrame,
    area: gpd.GeoDataFrame,
    *,
    metres: Sequence[float],
    null: Null = "uniform",
    simulations: int = 999,
    seed: int = 0,
) -> RipleyTest:
    """Test whether points have more or fewer neighbours than chance gives, at any distance.

    Parameters
    ----------
    points, area, metres
        As in `ripley_k`.
    null : "uniform" or "population"
        What chance is: every place alike; or each resident alike, so that mahallas draw points by
        their `population` (a column of the area; 0 and NaN draw none), uniformly within each.
    simulations : int
        How many sets of as many points are drawn, at least 19.
    seed : int
        Of the simulations.

    Returns
    -------
    RipleyTest
        Curves with a global band, and p.

    Raises
    ------
    InputError
        As `ripley_k`; if there are too few simulations or the null is neither; or by population,
        if nobody is known to live in the area.

    Notes
    -----
    The usual envelope, of the extremes at each distance, is left somewhere by chance far more often
    than at its level. Here each curve of L has one number, the largest distance from the mean in
    standard deviations, and p is the rank of the data's among all. Mean and deviations are over the
    simulations **and** the data, which makes all curves exchangeable and p exact. With the null by
    population, homes that are uneven within a mahalla, and points stacked on one address, still
    count as clusters at distances below the size of a mahalla.

    References
    ----------
    Ripley (1977), doi:10.1111/j.2517-6161.1977.tb01615.x; Baddeley et al. (2014),
    doi:10.1890/13-2042.1; Myllymäki et al. (2017), doi:10.1111/rssb.12172; a null by population:
    Diggle & Chetwynd (1991), doi:10.2307/2532668.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [500.0, 510, 520, 505, 100], "y": [500.0, 500, 510, 520, 900]})
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs="EPSG:32642")
    >>> ripley_test(points, square, metres=[50, 100, 200], simulations=99).p
    0.01
    """
    if simulations < 19:
        raise InputError(
            _(
                "{simulations} simulations cannot show p = .05: give at least 19",
                simulations=simulations,
            )
        )
    if null not in get_args(Null):
        raise InputError(
            _(
                "there is no null '{null}': choose of {known}",
                null=null,
                known=", ".join(get_args(Null)),
            )
        )
    places, whole = _checked(points, area, metres)
    draw = _scatter(area, whole, null)
    k_of = _k_of(whole, metres)
    rng = np.random.default_rng(seed)
    k = np.array([k_of(places), *(k_of(draw(len(places), rng)) for _ in range(simulations))])
    curves = np.sqrt(k / np.pi)
    mean, deviation = curves.mean(axis=0), curves.std(axis=0)
    # where all curves are equal none strays
    unit = np.where(deviation > 0, deviation, 1.0)
    strays = (np.abs(curves - mean) / unit).max(axis=1)
    most = np.sort(strays)[::-1][int(LEVEL * (simulations + 1))]
    table = pd.DataFrame(
        {
            "k": k[0],
            "l": curves[0],
            "l_expected": mean,
            "l_low": np.maximum(mean - most * unit, 0.0),
            "l_high": mean + most * unit,
        },
        index=pd.Index(list(metres), name="metres"),
    )
    return RipleyTest(curves=table, p=float((strays >= strays[0]).mean()))


def _checked(
    points: pd.DataFrame, area: gpd.GeoDataFrame, metres: Sequence[float]
) -> tuple[Floats, BaseGeometry]:
    """Return the coordinates, sorted, and the whole area, once all fit each other."""
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
    if len(places) < 2:
        raise InputError(
            _("Ripley's K needs at least 2 points, and {points} were given", points=len(places))
        )
    if len(metres) == 0 or not metres[0] > 0 or not all(np.diff(metres) > 0):
        raise InputError(
            _(
                "distances must ascend from above 0: {distances}",
                distances=", ".join(map(str, metres)),
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
    # in one order and form, whatever the order of the rows
    polygons = area.geometry.dropna().sort_index().to_numpy()
    whole = shapely.normalize(shapely.union_all(polygons))
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
    return places[np.lexsort(places.T)], whole


def _k_of(whole: BaseGeometry, metres: Sequence[float]) -> Callable[[Floats], Floats]:
    """Return the function that gives K of any points in the area."""
    seen = _overlap(whole, metres[-1])

    def k_of(places: Floats) -> Floats:
        pairs = KDTree(places).query_pairs(metres[-1], output_type="ndarray")
        apart = places[pairs[:, 0]] - places[pairs[:, 1]]
        distance = np.hypot(apart[:, 0], apart[:, 1])
        ring = np.searchsorted(metres, distance, side="left")
        counted = np.bincount(ring, 1 / seen(distance), minlength=len(metres))[: len(metres)]
        n = len(places)
        return np.asarray(2 * whole.area**2 / (n * (n - 1)) * np.cumsum(counted))

    return k_of


def _overlap(whole: BaseGeometry, longest: float) -> CubicSpline:
    """Return the mean area in common with itself moved so far, over all directions."""
    shifts = np.linspace(0, longest, SHIFTS)
    # half a turn: moved back, the common part is as large
    turns = np.arange(ANGLES) * np.pi / ANGLES
    directions = np.column_stack([np.cos(turns), np.sin(turns)])[:, None]
    corners = shapely.get_coordinates(whole)
    common = []
    for shift in shifts:
        moved = (corners + shift * directions).reshape(-1, 2)
        others = shapely.set_coordinates(np.full(ANGLES, whole), moved)
        common.append(float(np.mean(shapely.area(shapely.intersection(whole, others)))))
    if min(common) <= 0:
        raise InputError(
            _(
                "no two points of the area are {longest} m apart: end before that",
                longest=f"{longest:g}",
            )
        )
    return CubicSpline(shifts, common)


def _scatter(
    area: gpd.GeoDataFrame, whole: BaseGeometry, null: Null
) -> Callable[[int, np.random.Generator], Floats]:
    """Return the function that draws points of the null, by way of triangles."""
    shapes, weights = np.array([whole]), np.ones(1)
    if null == "population":
        if "population" not in area.columns:
            raise InputError(
                _("the area has no column 'population': add it, or take null='uniform'")
            )
        homes = area[(area["population"] > 0) & area.geometry.notna()].sort_index()
        if homes.empty:
            raise InputError(_("nobody is known to live in the area: take null='uniform'"))
        shapes = homes.geometry.to_numpy()
        weights = homes["population"].to_numpy(dtype=np.float64) / shapely.area(shapes)
    parts, of_shape = shapely.get_parts(
        shapely.constrained_delaunay_triangles(shapes), return_index=True
    )
    corners = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    share = np.cumsum(shapely.area(parts) * weights[of_shape])
    share /= share[-1]

    def draw(number: int, rng: np.random.Generator) -> Floats:
        triangle = corners[np.searchsorted(share, rng.random(number), side="right")]
        one, other = rng.random((2, number, 1))
        # the half of the parallelogram that lies outside is folded back
        beyond = one + other > 1
        one, other = np.where(beyond, 1 - one, one), np.where(beyond, 1 - other, other)
        first = triangle[:, 0]
        return np.asarray(first + one * (triangle[:, 1] - first) + other * (triangle[:, 2] - first))

    return draw
