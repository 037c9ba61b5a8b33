"""How far a kernel reaches: stated rules for the bandwidth of a density of crime."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from hotspot.errors import InputError
from hotspot.language import _, mark

Array = NDArray[np.float64]

# bandwidth with which a kernel of the plane smooths like a Gaussian of 1: (4π R / σ⁴)^(1/6), with R
# the integral of the kernel's square and σ² the variance of a coordinate (Silverman, table 4.1)
AS_GAUSSIAN: dict[str, float] = {
    "quartic": (2304 / 5) ** (1 / 6),
    "epanechnikov": 192 ** (1 / 6),
    "triangular": (800 / 3) ** (1 / 6),
    "uniform": 2.0,
    "gaussian": 1.0,
    "exponential": 18 ** (-1 / 6),
}
FEWEST_POINTS = 10
BANDWIDTHS_ACROSS = 30
# of the search for the greatest likelihood
JUDGES = 2000
BLOCK = 50
STEP = 1.25
AHEAD = 3
GAUSSIAN_REACH = 6
# a sparse spot's bandwidth is at most so many times the median one
WIDEST = 5

NO_KERNEL = mark("There is no kernel '{kernel}'; choose of {known}.")
NO_WEIGHT = mark("A weight is {n}; give weights of 0 or more.")


def study_area_bandwidth(bounds: tuple[float, float, float, float]) -> float:
    """Choose the radius by the study area: its shorter side divided by 30.

    The rule of thumb of crime mapping, cells of 1/150 of the shorter side and a bandwidth of five
    cells. It depends on the area and not on the records, so that the densities of two months
    differ by what happened and not by how widely it was smoothed.

    Parameters
    ----------
    bounds : west, south, east, north in metres.

    Returns
    -------
    float
        Radius in metres.

    Raises
    ------
    InputError
        The bounds are empty.

    References
    ----------
    Chainey, S. (2013). Examining the influence of cell size and bandwidth size on kernel density
    estimation crime hotspot maps for predicting spatial patterns of crime. Bulletin of the
    Geographical Society of Liege 60, 7-19.

    Examples
    --------
    >>> study_area_bandwidth((0, 0, 60_000, 30_000))
    1000.0
    """
    west, south, east, north = bounds
    shorter = min(east - west, north - south)
    if not shorter > 0:
        raise InputError(
            _(
                "The study area is {shorter} m wide, and no bandwidth can be chosen from it; give "
                "a bandwidth in metres.",
                shorter=f"{shorter:g}",
            )
        )
    return shorter / BANDWIDTHS_ACROSS


def silverman_bandwidth(x: ArrayLike, y: ArrayLike, *, kernel: str = "quartic") -> float:
    """Choose the bandwidth by Silverman's rule for the plane.

    The bandwidth is ``a * s * n^(-1/6)``: the normal-reference rule in two dimensions with the
    kernel's constant a, 2.78 for the quartic. ``s`` is the root mean square of the spreads of x and
    of y, and each spread is the smaller of the standard deviation and the interquartile range over
    1.349, so that a few far points do not widen it; where the range is 0, the standard deviation
    alone. Optimal for one normal cloud, it smooths crime with its several centres rather too much.

    Parameters
    ----------
    x, y : coordinates of every offense in metres, as often as they occur; NaN is left out.
    kernel : one of those of `kernel_density`.

    Returns
    -------
    float
        Bandwidth in metres, as the kernel defines it.

    Raises
    ------
    InputError
        With fewer than 10 points, or all at one spot, or an unknown kernel.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, sections 3.4.2
    and 4.3.2, table 4.1. Chapman and Hall. https://doi.org/10.1201/9781315140919

    Examples
    --------
    >>> side = np.arange(64) * 100.0
    >>> round(silverman_bandwidth(side, side[::-1]), 1)
    2587.3
    """
    return _constant(kernel) * _normal_reference(_several(x, y))


def esri_bandwidth(x: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Choose the search radius as ArcGIS's Kernel Density does where none is given.

    The radius is ``0.9 * min(SD, sqrt(1 / ln 2) * D) * n^(-0.2)``: SD is the standard distance from
    the mean centre, D the median of the distances from it, n the number of offenses, all weighted.
    It is the rule for one dimension: in the plane, with n^(-1/6), it would shrink more slowly.

    Parameters
    ----------
    x, y : coordinates of every offense in metres; NaN is left out.
    weights : number of offenses each point stands for, the tool's population field; absent: 1.

    Returns
    -------
    float
        Radius of a quartic kernel in metres.

    Raises
    ------
    InputError
        With fewer than 10 points, or all at one spot, or a weight below 0.

    References
    ----------
    Esri. How Kernel Density works, default search radius (bandwidth). ArcGIS Pro documentation.
    https://pro.arcgis.com/en/pro-app/latest/tool-reference/spatial-analyst/how-kernel-density-works.htm

    Examples
    --------
    >>> side = np.arange(64) * 100.0
    >>> round(esri_bandwidth(side, side[::-1]), 1)
    1023.4
    """
    given = np.ones(len(np.asarray(x))) if weights is None else np.asarray(weights, dtype=float)
    if (given < 0).any():
        raise InputError(_(NO_WEIGHT, n=f"{np.nanmin(given):g}"))
    # a point that stands for no offense is none
    places = _several(x, y, np.where(given > 0, given, np.nan))
    weight = places[:, 2]
    distance = np.hypot(*(places[:, :2] - np.average(places[:, :2], axis=0, weights=weight)).T)
    standard = np.sqrt(np.average(distance**2, weights=weight))
    order = np.argsort(distance, kind="stable")
    # the middle of the two where half of the weight lies on each side
    share = np.cumsum(weight[order]) / weight.sum()
    middle = np.searchsorted(share, 0.5, side="left"), np.searchsorted(share, 0.5, side="right")
    median = distance[order][np.minimum(middle, len(order) - 1)].mean()
    spread = min(standard, np.sqrt(1 / np.log(2)) * median) if median > 0 else standard
    return float(0.9 * spread * weight.sum() ** -0.2)


def likelihood_bandwidth(x: ArrayLike, y: ArrayLike, *, kernel: str = "quartic") -> float:
    """Choose the bandwidth under which each spot is best foretold by all the others.

    The Gaussian bandwidth with the greatest leave-one-out likelihood, times the kernel's constant:
    a Gaussian leaves no spot without neighbours, whose likelihood would be 0.

    Parameters
    ----------
    x, y : coordinates of every offense in metres, as often as they occur; NaN is left out.
    kernel : one of those of `kernel_density`.

    Returns
    -------
    float
        Bandwidth in metres, as the kernel defines it.

    Raises
    ------
    InputError
        With fewer than 10 points, or all at one spot, or an unknown kernel.

    Notes
    -----
    Offenses at one spot are left out together: one that foretells its neighbour at the same address
    would draw the bandwidth to 0. The likelihood is that of at most 2,000 spots, evenly spaced in
    the order of x and y, each foretold by all others. The search walks in steps of a quarter from a
    quarter of Silverman's bandwidth to where the three next on either side are no better, and ends
    at the vertex of the parabola through the best three. Neighbours beyond six standard deviations
    count only where there is no nearer one. Addresses rounded to a grid mislead it.

    References
    ----------
    Habbema, J. D. F., Hermans, J. and van den Broek, K. (1974). A stepwise discriminant analysis
    program using density estimation. Compstat 1974, 101-110. Physica.
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 3.4.4.
    Chapman and Hall. https://doi.org/10.1201/9781315140919

    Examples
    --------
    >>> x, y = np.random.default_rng(0).normal(0, 1000, (2, 300))
    >>> round(likelihood_bandwidth(x, y, kernel="gaussian"))
    517
    """
    constant, places = _constant(kernel), _several(x, y)
    spots, counts = np.unique(places, axis=0, return_counts=True)
    middle = np.log(_normal_reference(places) / 4)
    scores: dict[int, float] = {}

    def score(step: int) -> float:
        if step not in scores:
            scores[step] = _likelihood(spots, counts, np.exp(middle + step * np.log(STEP)))
        return scores[step]

    best = 0
    while (ahead := max(range(best - AHEAD, best + AHEAD + 1), key=score)) != best:
        best = ahead
    before, at, after = score(best - 1), score(best), score(best + 1)
    vertex = best + (before - after) / (2 * (before - 2 * at + after))
    return float(constant * np.exp(middle + vertex * np.log(STEP)))


def adaptive_bandwidths(densities: ArrayLike, *, bandwidth: float) -> Array:
    """Give each point a bandwidth of its own, narrow where points are dense.

    The bandwidth of a point is ``h * sqrt(g / f)``: f is a first estimate of the density at the
    point, g the geometric mean of f over the points, h their overall bandwidth.

    Parameters
    ----------
    densities : the density at each point, in any unit, as ``surface.at(x, y)`` of a first
        `kernel_density` tells it.
    bandwidth : overall bandwidth in metres, usually that of the first estimate.

    Returns
    -------
    array
        Bandwidths in metres, in the points' order; none beyond five times their median, as a lone
        point would otherwise be smeared over the map.

    Raises
    ------
    InputError
        If a density or the bandwidth is not above 0.

    References
    ----------
    Abramson, I. S. (1982). On bandwidth variation in kernel estimates - a square root law. Annals
    of Statistics 10, 1217-1223. https://doi.org/10.1214/aos/1176345986
    Davies, T. M. and Hazelton, M. L. (2010). Adaptive kernel estimation of spatial relative risk.
    Statistics in Medicine 29, 2423-2437. https://doi.org/10.1002/sim.3995

    Examples
    --------
    >>> adaptive_bandwidths([4, 1, 1, 4], bandwidth=100).round(1)
    array([ 70.7, 141.4, 141.4,  70.7])
    """
    pilot = np.asarray(densities, dtype=float)
    if not bandwidth > 0:
        raise InputError(_("A bandwidth of {n} is no length; give metres above 0.", n=bandwidth))
    if not (pilot > 0).all():
        raise InputError(
            _(
                "A density at a point is {density}; give the first estimate at the points "
                "themselves, where it is above 0.",
                density=f"{pilot[~(pilot > 0)][0]:g}",
            )
        )
    # sorted, because a sum of floats depends on their order
    mean = np.exp(np.log(np.sort(pilot)).mean())
    lengths = bandwidth * np.sqrt(mean / pilot)
    limited: Array = np.minimum(lengths, WIDEST * np.median(lengths))
    return limited


def _constant(kernel: str) -> float:
    if kernel not in AS_GAUSSIAN:
        raise InputError(_(NO_KERNEL, kernel=kernel, known=", ".join(AS_GAUSSIAN)))
    return AS_GAUSSIAN[kernel]


def _several(*columns: ArrayLike) -> Array:
    """Return the rows that have coordinates, sorted, if they are enough to choose from."""
    rows: Array = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    rows = rows[np.isfinite(rows).all(axis=1)]
    # sorted, because a sum of floats depends on their order
    rows = rows[np.lexsort(rows.T[::-1])]
    n = len(rows)
    if n < FEWEST_POINTS:
        raise InputError(
            _(
                "{n} points are too few to choose a bandwidth from, at least {fewest} are needed; "
                "give a bandwidth in metres.",
                n=n,
                fewest=FEWEST_POINTS,
            )
        )
    if (rows[:, :2] == rows[0, :2]).all():
        raise InputError(
            _(
                "All {n} points lie at one spot, ({x}, {y}), and no bandwidth can be chosen from "
                "them; give a bandwidth in metres.",
                n=n,
                x=f"{rows[0, 0]:g}",
                y=f"{rows[0, 1]:g}",
            )
        )
    return rows


def _normal_reference(places: Array) -> float:
    spread = np.hypot(_spread(places[:, 0]), _spread(places[:, 1])) / np.sqrt(2)
    return float(spread * len(places) ** (-1 / 6))


def _spread(values: Array) -> float:
    values = np.sort(values)
    deviation = float(values.std(ddof=1))
    low, high = np.quantile(values, [0.25, 0.75])
    return min(deviation, float(high - low) / 1.349) if high > low else deviation


def _likelihood(spots: Array, counts: NDArray[np.int64], bandwidth: float) -> float:
    """Return the leave-one-out log-likelihood of a Gaussian kernel, over some of the spots."""
    judges = np.linspace(0, len(spots) - 1, min(len(spots), JUDGES)).astype(int)
    tree, total = cKDTree(spots), 0.0
    nearest = np.asarray(tree.query(spots[judges], k=2)[0])[:, 1]
    for start in range(0, len(judges), BLOCK):
        some = judges[start : start + BLOCK]
        pairs = cKDTree(spots[some]).sparse_distance_matrix(
            tree, GAUSSIAN_REACH * bandwidth, output_type="ndarray"
        )
        pairs = pairs[pairs["v"] > 0]
        heights = np.exp(-((pairs["v"] / bandwidth) ** 2) / 2) * counts[pairs["j"]]
        sums = np.bincount(pairs["i"], weights=heights, minlength=len(some))
        alone = -((nearest[start : start + BLOCK] / bandwidth) ** 2) / 2
        logs = np.log(sums, out=alone, where=sums > 0)
        others = (counts.sum() - counts[some]) * bandwidth**2
        total += float((counts[some] * (logs - np.log(others))).sum())
    return total
