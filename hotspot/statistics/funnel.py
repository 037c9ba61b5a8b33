"""Funnel limits: how far a ratio may lie from 1 by chance, given how much was expected."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import betainc, gammainc, gammaincc

from hotspot.errors import InputError
from hotspot.language import _

Frame = TypeVar("Frame", pd.Series, pd.DataFrame)
Floats = NDArray[np.float64]

# what lies outside by chance at either end of the inner and of the outer funnel
TAILS = {"95": 0.025, "998": 0.001}


def funnel_flags(
    counts: Frame, expected: Frame, *, k: float | pd.Series[Any] = float("inf")
) -> Frame:
    """Return which mahallas lie outside the funnel, and on which side.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month; whole numbers. NaN: no data.
    expected : Series or DataFrame
        Expected counts on the same index and columns, as `rates` and `expected_counts` return
        them.
    k
        How much the risks of mahallas differ when nothing is the matter, as the shape of their
        gamma distribution: one number, or one a month, as `fit_gamma_poisson` finds it with the
        population as exposure. Infinite: every mahalla has the same risk.

    Returns
    -------
    Series or DataFrame
        1 above the 95 % limit, 2 above the 99.8 % limit, −1 and −2 below, 0 within; NaN where
        the count is missing, and where the expected count or k is missing or not positive.

    Raises
    ------
    InputError
        If a count is negative or not whole, as a sum of severity weights is.

    Notes
    -----
    A count is outside where as much or more (as little or less) has a probability of at most
    .025 or .001; at small expected counts that holds less than 5 % and 0.2 %, never more. With
    equal risks assumed, nearly every large mahalla is outside, because risks do differ; then give
    k, which is Spiegelhalter's random-effects funnel with τ² = 1/k. k is fitted to all mahallas,
    those outside included, so that several extreme ones widen the funnel for each other.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics
    in Medicine 24, 1185-1202. https://doi.org/10.1002/sim.1970

    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Quality and
    Safety in Health Care 14, 347-351. https://doi.org/10.1136/qshc.2005.013755

    Examples
    --------
    >>> counts, expected = pd.Series([12, 10, 0, 0]), pd.Series([4.0, 4.0, 4.0, 3.0])
    >>> funnel_flags(counts, expected).tolist()
    [2.0, 1.0, -1.0, 0.0]
    >>> funnel_flags(counts, expected, k=2).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    above, below = _tails(counts, expected, k)
    flags = 0.0 * (above + below)
    for tail in TAILS.values():
        flags += (above <= tail).astype(float) - (below <= tail)
    if isinstance(counts, pd.Series):
        return pd.Series(flags[:, 0], index=counts.index, name="funnel")
    return pd.DataFrame(flags, index=counts.index, columns=counts.columns)


def funnel_p(
    counts: Frame, expected: Frame, *, k: float | pd.Series[Any] = float("inf")
) -> pd.DataFrame:
    """Return how probable such a count is where the risk is no different from the others'.

    Parameters
    ----------
    counts, expected, k
        As in `funnel_flags`.

    Returns
    -------
    DataFrame
        On the index of the counts: ``funnel_p``, the probability of as much or more, and
        ``funnel_p_lower``, of as much or less; exact. Of a panel the columns are (measure, month).
        NaN as in `funnel_flags`.

    Raises
    ------
    InputError
        If a count is negative or not whole.

    Notes
    -----
    The flags look at every mahalla alone. To ask which of many stand out, correct ``funnel_p``
    with `benjamini_hochberg`.

    References
    ----------
    As for `funnel_flags`.

    Examples
    --------
    >>> funnel_p(pd.Series([0, 3, 6]), pd.Series([1.0, 1.0, 1.0])).round(4)
       funnel_p  funnel_p_lower
    0    1.0000          0.3679
    1    0.0803          0.9810
    2    0.0006          0.9999
    """
    above, below = _tails(counts, expected, k)
    measures = {"funnel_p": above, "funnel_p_lower": below}
    if isinstance(counts, pd.Series):
        return pd.DataFrame({name: of[:, 0] for name, of in measures.items()}, counts.index)
    frames = {name: pd.DataFrame(of, counts.index, counts.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure", "month"])


def funnel_limits(
    expected: pd.Series[float], *, k: float = float("inf"), smooth: bool = False
) -> pd.DataFrame:
    """Return the limits of the ratio of count to expected count, to be drawn.

    Parameters
    ----------
    expected : Series
        Expected counts: those of the mahallas, or a fine sequence for the curves of a chart.
    k
        As in `funnel_flags`.
    smooth
        Interpolate between whole counts, as Spiegelhalter does: the curves lose their teeth, but
        a count just outside a smooth limit may be within the exact one.

    Returns
    -------
    DataFrame
        On the index of the expected counts: ``lower_95, upper_95, lower_998, upper_998``. A count
        is flagged by `funnel_flags` exactly where its ratio is beyond a limit that is not smooth;
        where the lower limit is 0 nothing lies below. NaN where the expected count is missing or
        not positive.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics
    in Medicine 24, 1185-1202, appendix A.1. https://doi.org/10.1002/sim.1970

    Examples
    --------
    >>> funnel_limits(pd.Series([4.0, 100.0])).round(2)
       lower_95  upper_95  lower_998  upper_998
    0      0.25       2.0       0.00       2.75
    1      0.81       1.2       0.71       1.32
    """
    e, shape = _model(expected, k)
    known = np.where(np.isfinite(e), e, 1.0)
    law = stats.poisson(known) if np.isinf(k) else stats.nbinom(shape, shape / (shape + known))
    limits = {}
    for name, tail in TAILS.items():
        for side, share in (("lower", tail), ("upper", 1 - tail)):
            r = law.ppf(share)
            if smooth:
                r = np.maximum(r - (law.cdf(r) - share) / law.pmf(r), 0.0)
            limits[f"{side}_{name}"] = (r / e)[:, 0]
    return pd.DataFrame(limits, index=expected.index)


def _model(expected: Frame, k: float | pd.Series[Any]) -> tuple[Floats, Floats]:
    """Return expected counts and k as mahallas by months, NaN where there is no funnel."""
    e = pd.DataFrame(expected).to_numpy(dtype=float, na_value=np.nan)
    if isinstance(k, pd.Series) and isinstance(expected, pd.DataFrame):
        k = k.reindex(expected.columns)
    shape = np.broadcast_to(np.asarray(k, dtype=float), e.shape)
    return np.where((e > 0) & (shape > 0), e, np.nan), shape


def _tails(counts: Frame, expected: Frame, k: float | pd.Series[Any]) -> tuple[Floats, Floats]:
    """Return P(X ≥ x) and P(X ≤ x) of Poisson counts, or where k is finite of negative binomial."""
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    wrong = x[(x < 0) | np.isinf(x) | (np.isfinite(x) & (x != np.floor(x)))]
    if wrong.size:
        raise InputError(
            _("A count is {count}; a funnel is for whole numbers from 0.", count=f"{wrong[0]:g}")
        )
    e, shape = _model(expected.reindex_like(counts), k)
    x = np.where(np.isfinite(e) & np.isfinite(x), x, np.nan)
    # the gamma and beta functions want a positive shape; of a count of 0 the tail is 1
    some = np.maximum(x, 1)
    finite = np.where(np.isinf(shape), 1.0, shape)
    own, whole = e / (finite + e), finite / (finite + e)
    above = np.where(np.isinf(shape), gammainc(some, e), betainc(some, finite, own))
    below = np.where(np.isinf(shape), gammaincc(x + 1, e), betainc(finite, x + 1, whole))
    return np.where(x == 0, 1.0, above), below
