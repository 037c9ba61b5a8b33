"""Mann–Kendall's test with an exact p, ties included, for short series of small counts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]

FEWEST = 4
LONGEST = 120


def exact_mann_kendall(panel: pd.DataFrame) -> pd.DataFrame:
    """Test each mahalla's series for a trend, against all orders of its own values.

    Parameters
    ----------
    panel : DataFrame, index mahalla_code, a column a month
        Values of single months in the order of time; NaN: no data.

    Returns
    -------
    DataFrame
        On the same index: `s` (pairs of months that rise less those that fall), `p` (the share of
        orders of these values with an |s| as large or larger) and `mid_p` (which counts the
        orders with the same |s| half). NaN with fewer than 4 observed months.

    Raises
    ------
    InputError
        If a series is longer than 120 months: the normal p of `mann_kendall` is as good there.

    Notes
    -----
    Among all orders of a series with groups of t₁, t₂ … ties the number of falling pairs is that
    of the inversions of a multiset. It is the sum of independent Mann–Whitney statistics, of each
    group against those before it; each of these laws is built by adding positive numbers only.
    scipy's exact `kendalltau` refuses ties. Mid-p comes closer to its level than p, which on
    few values with ties is far below, but may exceed it a little.

    References
    ----------
    Kendall (1975), Rank Correlation Methods. Inversions of multisets: MacMahon (1913),
    doi:10.2307/2370312. Mann & Whitney (1947), doi:10.1214/aoms/1177730491.

    Examples
    --------
    Of the 24 orders of four values only two rise or fall throughout.

    >>> exact_mann_kendall(pd.DataFrame([[1, 2, 5, 9], [0, 0, 0, 9]], index=["a", "b"])).round(3)
         s      p  mid_p
    a  6.0  0.083  0.042
    b  3.0  0.500  0.250
    """
    values = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    if values.shape[1] > LONGEST:
        raise InputError(
            _(
                "the series have {months} months: exact p are for {longest} at most, take the "
                "last of them or mann_kendall",
                months=values.shape[1],
                longest=LONGEST,
            )
        )
    falls, rises = (np.zeros(len(values), dtype=np.int64) for _ in range(2))
    for month in range(1, values.shape[1]):
        before, now = values[:, :month], values[:, month : month + 1]
        rises += (before < now).sum(axis=1)
        falls += (before > now).sum(axis=1)
    s = np.abs(rises - falls)
    p, mid_p = np.full((2, len(values)), np.nan)
    enough = (~np.isnan(values)).sum(axis=1) >= FEWEST
    patterns, of = np.unique(_tie_sizes(values[enough]), axis=0, return_inverse=True)
    judged = np.flatnonzero(enough)
    for number, pattern in enumerate(patterns):
        rows = judged[of.ravel() == number]
        law = _inversions(pattern[pattern > 0])
        # s = pairs that differ − 2 · falling pairs, and is symmetric
        size = np.abs(len(law) - 1 - 2 * np.arange(len(law)))
        by_size = np.bincount(size, weights=law)
        beyond = np.cumsum(by_size[::-1])[::-1]
        p[rows] = np.minimum(beyond[s[rows]], 1.0)
        mid_p[rows] = p[rows] - by_size[s[rows]] / 2
    signed = np.where(enough, rises - falls, np.nan)
    return pd.DataFrame({"s": signed, "p": p, "mid_p": mid_p}, index=panel.index)


def _tie_sizes(values: Floats) -> NDArray[np.int64]:
    """Return by row the sizes of the groups of equal values, largest first, then zeros."""
    ordered = np.sort(values, axis=1)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = np.cumsum(new, axis=1) - 1
    sizes = np.zeros(values.shape, dtype=np.int64)
    row, _ = np.indices(values.shape)
    np.add.at(sizes, (row, group), ~np.isnan(ordered))
    return -np.sort(-sizes, axis=1)


def _inversions(sizes: NDArray[np.int64]) -> Floats:
    """Return how probable each number of inversions is in a random order of the groups."""
    law, before = np.ones(1), 0
    for size in sizes.tolist():
        law = np.convolve(law, _mann_whitney(min(before, size), max(before, size)))
        before += size
    return law


@cache
def _mann_whitney(few: int, many: int) -> Floats:
    """Return the law of the number of pairs in which one of the few follows one of the many."""
    law = np.zeros(few * many + 1)
    if few == 0:
        return np.ones(1)
    # the last of all is one of the few, after all of the many, or one of the many
    last_few = _mann_whitney(few - 1, many)
    last_many = _mann_whitney(*sorted((few, many - 1)))
    law[many:] += few / (few + many) * last_few
    law[: len(last_many)] += many / (few + many) * last_many
    return law
