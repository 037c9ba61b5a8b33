"""How far a kernel reaches: stated rules for the bandwidth of a density of crime."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.errors import InputError

Array = NDArray[np.float64]

# a quartic kernel of the plane smooths like a Gaussian of 1/2.78 its bandwidth (table 4.1)
QUARTIC_FOR_GAUSSIAN = (2304 / 5) ** (1 / 6)
FEWEST_POINTS = 10
BANDWIDTHS_ACROSS = 30


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
            f"The study area is {shorter:g} m wide, and no bandwidth can be chosen from it; give a "
            "bandwidth in metres."
        )
    return shorter / BANDWIDTHS_ACROSS


def silverman_bandwidth(x: ArrayLike, y: ArrayLike) -> float:
    """Choose the radius of a quartic kernel by Silverman's rule for the plane.

    The bandwidth is ``2.78 * s * n^(-1/6)``: the normal-reference rule in two dimensions with the
    constant of the quartic kernel. ``s`` is the root mean square of the spreads of x and of y, and
    each spread is the smaller of the standard deviation and the interquartile range over 1.349,
    so that a few far points do not widen it; where the range is 0, the standard deviation alone.
    Optimal for one normal cloud, it smooths crime with its several centres rather too much.

    Parameters
    ----------
    x, y : coordinates of every offense in metres, as often as they occur; NaN is left out.

    Returns
    -------
    float
        Radius in metres.

    Raises
    ------
    InputError
        With fewer than 10 points, or all at one spot.

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
    places = _located(x, y)
    n = len(places)
    if n < FEWEST_POINTS:
        raise InputError(
            f"{n} points are too few to choose a bandwidth from, at least {FEWEST_POINTS} "
            "are needed; give a bandwidth in metres."
        )
    spread = np.hypot(_spread(places[:, 0]), _spread(places[:, 1])) / np.sqrt(2)
    if spread == 0:
        raise InputError(
            f"All {n} points lie at one spot, ({places[0, 0]:g}, {places[0, 1]:g}), and no "
            "bandwidth can be chosen from them; give a bandwidth in metres."
        )
    return float(QUARTIC_FOR_GAUSSIAN * spread * n ** (-1 / 6))


def _located(x: ArrayLike, y: ArrayLike) -> Array:
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    return np.compress(np.isfinite(points).all(axis=1), points, axis=0)


def _spread(values: Array) -> float:
    # sorted, because a sum of floats depends on their order
    values = np.sort(values)
    deviation = float(values.std(ddof=1))
    low, high = np.quantile(values, [0.25, 0.75])
    return min(deviation, float(high - low) / 1.349) if high > low else deviation
