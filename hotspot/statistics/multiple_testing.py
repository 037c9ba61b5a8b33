"""How many of the mahallas called significant are called so by chance, and holding that down."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Frame = TypeVar("Frame", pd.Series, pd.DataFrame)
Floats = NDArray[np.float64]


def benjamini_hochberg(p: Frame) -> Frame:
    """Return q-values that hold the false discovery rate in each month.

    Parameters
    ----------
    p : Series or DataFrame
        p-values by mahalla; in a frame each column is a family of its own.
        NaN means not assessed: it is no member of the family.

    Returns
    -------
    Series or DataFrame
        q on the same index and columns: the smallest false discovery rate at which
        the mahalla would be called significant. NaN where p is NaN.

    Raises
    ------
    InputError
        If a p-value lies outside 0 to 1.

    Notes
    -----
    The rate is held where the p-values are independent or positively dependent, as those of
    mahallas that share neighbours nearly are; `benjamini_yekutieli` needs no such condition.

    References
    ----------
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    For local statistics: Caldas de Castro & Singer (2006),
    doi:10.1111/j.1538-4632.2006.00682.x.

    Examples
    --------
    >>> benjamini_hochberg(pd.Series([0.01, 0.04, None, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    values, m = _families(p)
    return _framed(_stepped_up(values, m), p)


def benjamini_yekutieli(p: Frame) -> Frame:
    """Return q-values that hold the false discovery rate however the p-values hang together.

    Parameters
    ----------
    p : Series or DataFrame
        As for `benjamini_hochberg`.

    Returns
    -------
    Series or DataFrame
        Benjamini and Hochberg's q times 1 + 1/2 + … + 1/m, with m the size of the family, at
        most 1. NaN where p is NaN.

    Raises
    ------
    InputError
        If a p-value lies outside 0 to 1.

    Notes
    -----
    With 9,008 mahallas q is 9.7 times Benjamini and Hochberg's: the price of allowing for any
    dependence, such as that of both tails in one family.

    References
    ----------
    Benjamini & Yekutieli (2001), doi:10.1214/aos/1013699998.

    Examples
    --------
    >>> benjamini_yekutieli(pd.Series([0.01, 0.04, None, 0.03])).round(3).tolist()
    [0.055, 0.073, nan, 0.073]
    """
    values, m = _families(p)
    harmonic = np.cumsum(np.append(0.0, 1 / np.arange(1, len(values) + 1)))
    return _framed(_stepped_up(values, m * harmonic[m]), p)


def bonferroni(p: Frame) -> Frame:
    """Return p-values that hold the probability of even one false call in each month.

    Parameters
    ----------
    p : Series or DataFrame
        As for `benjamini_hochberg`.

    Returns
    -------
    Series or DataFrame
        p times the size of the family, at most 1. NaN where p is NaN.

    Raises
    ------
    InputError
        If a p-value lies outside 0 to 1.

    Notes
    -----
    Under any dependence. The least p of 999 permutations does not survive it at .05 among more
    than 50 mahallas: use exact p-values.

    References
    ----------
    Dunn (1961), doi:10.1080/01621459.1961.10482090.

    Examples
    --------
    >>> bonferroni(pd.Series([0.01, 0.04, None, 0.5])).round(3).tolist()
    [0.03, 0.12, nan, 1.0]
    """
    values, m = _families(p)
    return _framed(np.minimum(values * m, 1.0), p)


def _families(p: pd.Series | pd.DataFrame) -> tuple[Floats, NDArray[np.int64]]:
    """Return the p-values, a family a column, and how many there are in each."""
    values = p.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = values[(values < 0) | (values > 1)]
    if wrong.size:
        raise InputError(_("a p-value is {p}: p-values lie between 0 and 1", p=f"{wrong[0]:g}"))
    columns = values.reshape(len(values), -1)
    return columns, np.count_nonzero(~np.isnan(columns), axis=0)


def _stepped_up(values: Floats, factor: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    """Return the least of p × factor / rank over all p-values that are no smaller, at most 1."""
    # NaN is sorted to the end, and fmin passes over it
    order = np.argsort(values, axis=0, kind="stable")
    ranks = np.arange(1, len(values) + 1)[:, None]
    ranked = np.take_along_axis(values, order, axis=0) * factor / ranks
    least = np.fmin.accumulate(ranked[::-1], axis=0)[::-1]
    q = np.empty_like(values)
    np.put_along_axis(q, order, np.minimum(least, 1.0), axis=0)
    return np.where(np.isnan(values), np.nan, q)


def _framed(values: Floats, like: Frame) -> Frame:
    if isinstance(like, pd.Series):
        return pd.Series(values[:, 0], index=like.index, name=like.name)
    return pd.DataFrame(values, index=like.index, columns=like.columns)
