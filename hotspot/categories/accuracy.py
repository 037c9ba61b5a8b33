"""How well a choice of mahallas meets the offenses that follow: hit rate, PAI, PEI and RRI."""

from __future__ import annotations

from collections.abc import Callable

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
    return _over(float(weight @ hits), float(hits.sum()))


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
    taken = _over(float(weight[known] @ extent[known]), float(extent[known].sum()))
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
    return _over(float(weight @ hits), float(best @ hits))


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
    return most_by_size(later, size)(chosen)


def most_by_size(later: Numbers, size: Numbers) -> Callable[[Numbers], float]:
    """Return :func:`efficiency_index_by_size` as a function of the choice, for several choices.

    Examples
    --------
    >>> of = most_by_size(pd.Series([3, 3, 2]), pd.Series([2.0, 1.0, 1.0]))
    >>> of(pd.Series([1, 0, 0])), of(pd.Series([0, 1, 1]))
    (0.6, 1.0)
    """
    hits, area = _numbers(later, size)
    known = area > 0
    hits, area = hits[known], area[known]
    densest = np.lexsort((area, -hits / area))
    # the most that fits into an area is linear between one mahalla more and the next
    room, most = (np.concatenate([[0.0], np.cumsum(of[densest])]) for of in (area, hits))

    def index(chosen: Numbers) -> float:
        weight = _numbers(chosen)[0][known]
        return _over(float(weight @ hits), float(np.interp(weight @ area, room, most)))

    return index


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
    chosen_ratio = _over(float(weight @ second), float(weight @ first))
    return _over(chosen_ratio, _over(float(second.sum()), float(first.sum())))


def brier_score(probability: Numbers, happened: Numbers) -> float:
    """Return the mean squared difference of probabilities and what happened (1 or 0).

    Where there is no probability, nan, there is nothing to score; nan where there is none at all.

    References
    ----------
    Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> brier_score(pd.Series([0.5, 1.0]), pd.Series([1, 1]))
    0.125
    """
    said, came = _numbers(probability, happened)
    squares = (said - came)[~np.isnan(said)] ** 2
    return _over(float(squares.sum()), len(squares))


def calibration(probability: Numbers, happened: Numbers) -> pd.DataFrame:
    """Return by tenths of the probability how often what was said came to pass.

    Parameters
    ----------
    probability : 0 to 1; nan is left out.
    happened : 1 or 0.

    Returns
    -------
    DataFrame
        One row a tenth that occurs, by its lower end: ``said``, the mean probability; ``came``, the
        share that happened; ``cases``.

    Examples
    --------
    >>> calibration(pd.Series([0.1, 0.15, 1.0, 0.9]), pd.Series([0, 1, 1, 1]))
          said  came  cases
    0.1  0.125   0.5      2
    0.9  0.950   1.0      2
    """
    said, came = _numbers(probability, happened)
    known = ~np.isnan(said)
    # probabilities of so many draws in a hundred, which 0.7 times ten is not exactly
    tenth = np.minimum(np.floor(np.round(said[known] * 10, 9)), 9) / 10
    cases = pd.DataFrame({"said": said[known], "came": came[known], "cases": 1})
    by_tenth = cases.groupby(tenth)
    return by_tenth.agg({"said": "mean", "came": "mean", "cases": "sum"})


def _numbers(*columns: Numbers) -> tuple[Array, ...]:
    return tuple(np.asarray(column, dtype=float) for column in columns)


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
