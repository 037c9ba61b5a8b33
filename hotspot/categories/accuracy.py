"""How well a choice of mahallas meets the offenses that follow: hit rate, PAI, PEI and RRI."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Numbers = pd.Series | Array
"""A number a mahalla, in one order everywhere."""


def choose_highest(scores: pd.Series, number: float) -> pd.Series:
    """Choose so many mahallas with the highest scores; those that tie for the last share it.

    Parameters
    ----------
    scores : by mahalla; nan is never chosen.
    number : how many to choose.

    Returns
    -------
    Series
        The share, 0 to 1, of each mahalla in the choice, on the same index. They add up to
        ``number``, or to the number of scores where there are fewer. With shares, what follows is
        the mean over all ways to break the ties, so that no order of codes decides a comparison.

    Examples
    --------
    >>> choose_highest(pd.Series([5, 3, 3, 1], index=list("abcd")), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    values = scores.to_numpy(dtype=float, na_value=np.nan)
    chosen = np.zeros(len(values))
    known = values[~np.isnan(values)]
    number = min(number, len(known))
    if number > 0:
        place = len(known) - int(np.ceil(number))
        last = np.partition(known, place)[place]
        above, level = values > last, values == last
        chosen[above] = 1.0
        chosen[level] = (number - above.sum()) / level.sum()
    return pd.Series(chosen, index=scores.index)


def hit_rate_of(chosen: Numbers, later: Numbers) -> float:
    """Return the share of the later offenses in the chosen mahallas; nan where there is none.

    Examples
    --------
    >>> hit_rate_of(pd.Series([1, 0, 0]), pd.Series([3, 1, 0]))
    0.75
    """
    weight, hits = _numbers(chosen, later)
    return _over(weight @ hits, hits.sum())


def accuracy_index(chosen: Numbers, later: Numbers, size: Numbers) -> float:
    """Return the predictive accuracy index, (n / N) / (a / A).

    Parameters
    ----------
    chosen : share of each mahalla in the choice.
    later : offenses that followed.
    size : area or population; mahallas without one are left out on both sides.

    References
    ----------
    Chainey, Tompson & Uhlig (2008), doi:10.1057/palgrave.sj.8350066; with the population in place
    of the area it says how many more offenses a resident of the chosen mahallas meets.

    Examples
    --------
    Half of the offenses on a quarter of the area:

    >>> accuracy_index(pd.Series([1, 0]), pd.Series([2, 2]), pd.Series([1.0, 3.0]))
    2.0
    """
    weight, hits, extent = _numbers(chosen, later, size)
    known = extent > 0
    taken = _over(weight[known] @ extent[known], extent[known].sum())
    return _over(hit_rate_of(weight[known], hits[known]), taken)


def efficiency_index(chosen: Numbers, later: Numbers) -> float:
    """Return the prediction efficiency index: the hits over those of the best choice as large.

    The best choice has as many mahallas. The forecasting challenge of the National Institute of
    Justice, which brought the index up, compares equal areas: :func:`efficiency_index_by_size`.

    Examples
    --------
    >>> efficiency_index(pd.Series([1, 0, 0]), pd.Series([2, 4, 0]))
    0.5
    """
    weight, hits = _numbers(chosen, later)
    best = choose_highest(pd.Series(hits), float(weight.sum())).to_numpy()
    return _over(weight @ hits, best @ hits)


def efficiency_index_by_size(chosen: Numbers, later: Numbers, size: Numbers) -> float:
    """Return PEI*: the hits over the most that any choice of the same total size could have met.

    The most is taken as if the last mahalla could be divided, so that it is a bound: PEI* is never
    flattering.

    Examples
    --------
    One mahalla of size 2 with 3 offenses; of that size the best are the two others, with 5:

    >>> chosen, later = pd.Series([1, 0, 0]), pd.Series([3, 3, 2])
    >>> efficiency_index_by_size(chosen, later, pd.Series([2.0, 1.0, 1.0]))
    0.6
    """
    weight, hits, area = _numbers(chosen, later, size)
    known = area > 0
    weight, hits, area = weight[known], hits[known], area[known]
    room = float(weight @ area)
    densest = np.lexsort((area, -hits / area))
    before = np.concatenate([[0.0], np.cumsum(area[densest])[:-1]])
    taken = np.clip((room - before) / area[densest], 0, 1)
    return _over(weight @ hits, taken @ hits[densest])


def recapture_index(chosen: Numbers, before: Numbers, later: Numbers) -> float:
    """Return the recapture rate index, (n2 / n1) / (N2 / N1).

    How the offenses of the chosen mahallas went on, beside those of all: below 1 where a choice has
    caught a peak that passes, as every choice by past counts does to some degree.

    References
    ----------
    Levine (2008), The "hottest" part of a hotspot, Security Journal 21, 295-302.

    Examples
    --------
    >>> chosen = pd.Series([1, 0])
    >>> recapture_index(chosen, pd.Series([10, 10]), pd.Series([4, 12]))
    0.5
    """
    weight, first, second = _numbers(chosen, before, later)
    return _over(_over(weight @ second, weight @ first), _over(second.sum(), first.sum()))


def brier_score(probability: Numbers, happened: Numbers) -> float:
    """Return the mean squared difference of probabilities and what happened (1 or 0).

    References
    ----------
    Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> brier_score(pd.Series([0.5, 1.0]), pd.Series([1, 1]))
    0.125
    """
    said, came = _numbers(probability, happened)
    return float(np.nanmean((said - came) ** 2))


def _numbers(*columns: Numbers) -> tuple[Array, ...]:
    return tuple(np.asarray(column, dtype=float) for column in columns)


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
