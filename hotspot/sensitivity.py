"""What the records that could not be placed might change at worst."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import gammaincc

from hotspot.categories.classify import decide
from hotspot.categories.criteria import Criteria
from hotspot.statistics.rates import fit_gamma_poisson

# as the evidence has them: the multiple, and the mahallas below which each has its own reference
_TIMES, _FEW = 2.0, 100


def needed_for_red(evidence: pd.DataFrame, criteria: Criteria, *, most: int) -> pd.Series:
    """Find how many more offenses would turn each mahalla red.

    Parameters
    ----------
    evidence : one month, with ``population`` and the columns that the criteria name.
    criteria : the criteria set; what it takes to turn red, not to stay.
    most : look no further than this many more.

    Returns
    -------
    Series
        The fewest additional offenses in the mahalla itself, 0 where it is red already and nan
        where ``most`` are not enough. ``count``, ``count_ratio``, ``rate``, ``rate_ratio`` and the
        two probabilities of excess move with the count of the mahalla; the fitted model, the means
        they are compared with and all else are held as they are.
    """
    before = evidence["count"].astype(float)
    people = evidence["population"].where(evidence["population"] > 0).astype(float)
    each = pd.Series(1.0, index=evidence.index)
    sizes = {"count_ratio": each, "rate_ratio": people, "rate": people}
    sizes |= {"excess_probability": each, "rate_excess_probability": people}
    given = {name: size for name, size in sizes.items() if name in evidence}
    measures = {
        name: (_hold_model if name.endswith("probability") else _hold_mean)(
            evidence[name], before, size
        )
        for name, size in given.items()
    }

    def is_red(more: np.ndarray) -> np.ndarray:
        count = before + more
        moved = {name: measure(count) for name, measure in measures.items()}
        outcome = decide(evidence.assign(count=count, **moved), criteria)
        return (outcome == "red").to_numpy()

    low = np.zeros(len(evidence))
    high = np.full(len(evidence), float(most))
    reachable, already = is_red(high), is_red(low)
    # more offenses never undo a red, so that halving finds the fewest
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        red = is_red(middle)
        high, low = np.where(red, middle, high), np.where(red, low, middle)
    needed = np.where(already, 0.0, np.where(reachable, high, np.nan))
    return pd.Series(needed, index=evidence.index, name="needed_for_red")


def worst_case(needed: pd.Series, unplaced: int) -> int:
    """Return how many mahallas the unplaced records could turn red at most.

    Examples
    --------
    >>> worst_case(pd.Series([0, 5, 7, float("nan"), 9]), 13)
    2
    """
    prices = np.sort(needed[needed > 0].to_numpy())
    return int((np.cumsum(prices) <= unplaced).sum())


def _hold_mean(
    measure: pd.Series, count: pd.Series, size: pd.Series
) -> Callable[[pd.Series], pd.Series]:
    """Return a ratio or rate as a function of the count, its mean held.

    Mahallas without the measure get it with their first offense, as they do in the evidence.
    """
    weighed = (measure * size).sum()
    unit = count[measure.notna()].sum() / weighed if weighed > 0 else np.nan
    return lambda moved: moved / (size * unit)


def _hold_model(
    measure: pd.Series, count: pd.Series, size: pd.Series
) -> Callable[[pd.Series], pd.Series]:
    """Return a probability of excess as a function of the count, model and reference held."""
    known = measure.notna()
    seen, exposure = count.where(known), size.where(known, 0.0)
    shape, mean = fit_gamma_poisson(seen, size).iloc[0]
    if np.isinf(shape):
        return lambda moved: measure.where(known, 0.0)
    others = (seen.sum() - seen.fillna(0.0)) / (exposure.sum() - exposure)
    whole = seen.sum() / exposure.sum() if known.any() else np.nan
    bar = _TIMES * (others if known.sum() < _FEW else whole)

    def probability(moved: pd.Series) -> pd.Series:
        return pd.Series(gammaincc(shape + moved, (shape / mean + size) * bar), moved.index)

    return probability
