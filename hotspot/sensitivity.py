"""What the records that could not be placed might change at worst."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincc

from hotspot.categories.classify import decide
from hotspot.categories.criteria import Criteria
from hotspot.statistics.rates import fit_gamma_poisson


def needed_for_red(evidence: pd.DataFrame, criteria: Criteria, *, most: int) -> pd.Series:
    """Find how many more offenses would turn each mahalla red.

    Parameters
    ----------
    evidence : one month, with the columns that the criteria name.
    criteria : the criteria set; what it takes to turn red, not to stay.
    most : look no further than this many more.

    Returns
    -------
    Series
        The fewest additional offenses in the mahalla itself, 0 where it is red already and nan
        where ``most`` are not enough. Own counts, ratios and probabilities move with the count;
        the fitted model, the means and the local tests are held as they are.
    """
    fitted = fit_gamma_poisson(evidence["count"]).iloc[0]
    shape, mean = float(fitted["k"]), float(fitted["mean"])

    def is_red(more: np.ndarray) -> np.ndarray:
        moved = evidence.copy()
        before = evidence["count"].to_numpy(dtype=float)
        moved["count"] = before + more
        with np.errstate(divide="ignore", invalid="ignore"):
            grown = (before + more) / before
            if "expected" in moved:
                ratio = moved["count"] / moved["expected"]
                moved["rate_ratio"] = ratio.where(moved["expected"] > 0)
        for name in ("count_ratio", "rate"):
            if name in moved:
                moved[name] = moved[name] * grown
        if np.isfinite(shape):
            moved["excess_probability"] = gammaincc(
                shape + moved["count"], (shape / mean + 1) * 2 * mean
            )
        return (decide(moved, criteria) == "red").to_numpy()

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
