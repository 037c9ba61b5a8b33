"""Suspicious zeros: no offense where the past, or other records, make that improbable."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from hotspot.errors import InputError
from hotspot.language import _, mark

Floats = NDArray[np.float64]

NEXT_TO_POISSON = 1e-6

NO_COUNT = mark("a count is {count}: counts are whole numbers from 0 up")
NO_NUMBER_OF_RECORDS = mark("a number of records is {count}: counts are whole numbers from 0 up")


def find_sudden_zeros(
    panel: pd.DataFrame, *, recent: int = 1, history: int = 24, level: float = 0.05
) -> pd.DataFrame:
    """Return where offenses ceased although the mahalla's own past makes that improbable.

    Parameters
    ----------
    panel : DataFrame, index mahalla_code, a column a month in the order of time
        Counts of single months. NaN: no data.
    recent : how many of the last months to judge together.
    history : how many months before them are the past; the panel may have fewer.
    level : of the false discovery rate.

    Returns
    -------
    DataFrame
        On the same index: `zero_probability` (of no offense in the recent months; 1 where there
        was one), `zero_q` (after Benjamini–Hochberg over all judged mahallas) and `suspicious`
        (1 where q is at most the level, else 0). NaN where a recent month or the whole past is
        missing.

    Raises
    ------
    InputError
        If a count is negative or not whole, or the panel has no month before the recent ones.

    Notes
    -----
    The past sum s spans an exposure of e months against c recent ones, a month being worth the
    whole's count in it, so that a fall everywhere is nobody's suspicious zero. Months are
    negative binomial with one ratio φ of variance to mean, pooled over the past of all mahallas.
    Given s and no more, the recent count is beta-binomial with a = s / ((c + e)(φ − 1)):
    P(0) = B(a c, a e + s) / B(a c, a e); (e / (e + c))^s where φ is 1, which is also the
    gamma–Poisson prediction from a vague prior. With a past of few offenses no zero is
    suspicious. A zero may be true: the flag says that someone should ask.

    References
    ----------
    The conditional law: Johnson, Kemp & Kotz (2005), Univariate Discrete Distributions, ch. 6.
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> months = pd.period_range("2025-01", periods=4, freq="M")
    >>> panel = pd.DataFrame([[9, 8, 7, 0], [8, 7, 8, 24], [1, 0, 1, 0]], list("abc"), months)
    >>> find_sudden_zeros(panel).round(4)
       zero_probability  zero_q  suspicious
    a            0.0001  0.0002         1.0
    b            1.0000  1.0000         0.0
    c            0.4506  0.6758         0.0
    """
    values = _counts(panel, NO_COUNT)
    if not 0 < recent < values.shape[1] or history < 1:
        raise InputError(
            _(
                "the panel has {months} months: it needs at least one before the {recent} recent",
                months=values.shape[1],
                recent=recent,
            )
        )
    now, past = values[:, -recent:], values[:, -recent - history : -recent]
    seen = ~np.isnan(past)
    judged = ~np.isnan(now).any(axis=1) & seen.any(axis=1)
    # what a month is worth: the whole's count, of the mahallas observed in every month
    whole = ~np.isnan(now).any(axis=1) & seen.all(axis=1)
    worth_now, worth_past = now[whole].sum(), past[whole].sum(axis=0)
    if not whole.any() or worth_past.sum() == 0:
        worth_now, worth_past = float(recent), np.ones(past.shape[1])
    exposure = np.where(seen, worth_past, 0.0).sum(axis=1)
    before = np.nansum(past, axis=1)
    ratio = _overdispersion(past[judged], worth_past)
    p = _none_given(before, worth_now, exposure, ratio)
    p = np.where(now.sum(axis=1) > 0, 1.0, p)
    return _flagged(np.where(judged, p, np.nan), level, panel.index)


def find_zeros_beside(
    counts: pd.Series, records: pd.Series, *, level: float = 0.05
) -> pd.DataFrame:
    """Return where no offense was counted beside many records of another kind.

    Parameters
    ----------
    counts : Series, index mahalla_code
        Offenses of a month or window. NaN: no data.
    records : Series, index mahalla_code
        Administrative records of the same time and mahallas, such as emergency calls or
        administrative offenses. NaN: no data.
    level : of the false discovery rate.

    Returns
    -------
    DataFrame
        `zero_probability`, `zero_q` and `suspicious` as of `find_sudden_zeros`; NaN where either
        is missing.

    Raises
    ------
    InputError
        If a number is negative or not whole, or the mahallas differ.

    Notes
    -----
    A count is negative binomial with mean m = r × (all counts / all records) and the shape k that
    fits the squares, k = Σ m² / Σ ((x − m)² − m): P(0) = (k / (k + m))^k, or exp(−m) where the
    counts vary no more than Poisson counts. It asks whether the two kinds of record agree, not
    which of them is right.

    References
    ----------
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> counts, calls = pd.Series([0, 9, 11, 0]), pd.Series([100, 90, 110, 5])
    >>> find_zeros_beside(counts, calls).round(4)
       zero_probability  zero_q  suspicious
    0            0.0348  0.1391         0.0
    1            1.0000  1.0000         0.0
    2            1.0000  1.0000         0.0
    3            0.7336  1.0000         0.0
    """
    if not counts.index.equals(records.index):
        raise InputError(
            _(
                "there are counts of {mahallas} mahallas and records of {records}, or in another "
                "order: give both on the same index",
                mahallas=len(counts),
                records=len(records),
            )
        )
    x, r = _counts(counts, NO_COUNT), _counts(records, NO_NUMBER_OF_RECORDS)
    judged = ~np.isnan(x + r)
    mean = np.full(x.shape, np.nan)
    total = r[judged].sum()
    mean[judged] = r[judged] * (x[judged].sum() / total if total else 0.0)
    excess = np.sort((x - mean)[judged] ** 2 - mean[judged]).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        k = np.sort(mean[judged] ** 2).sum() / excess
        # not k / (k + m), which is 1 where rounding alone makes k large
        p = np.exp(-mean if excess <= 0 or k == 0 else -k * np.log1p(mean / k))
    p = np.where(x > 0, 1.0, p)
    return _flagged(np.where(judged, p, np.nan), level, counts.index)


def _counts(counts: pd.Series | pd.DataFrame, refusal: str) -> Floats:
    values = counts.to_numpy(dtype=np.float64, na_value=np.nan)
    given = values[~np.isnan(values)]
    wrong = given[(given < 0) | (given != np.round(given)) | np.isinf(given)]
    if wrong.size:
        raise InputError(_(refusal, count=f"{wrong[0]:g}"))
    return values


def _overdispersion(past: Floats, worth: Floats) -> float:
    """Return the ratio of variance to mean, each mahalla's months about its share of the whole."""
    seen = ~np.isnan(past)
    exposure = np.where(seen, worth, 0.0).sum(axis=1)
    rate = np.nansum(past, axis=1) / np.where(exposure > 0, exposure, 1)
    mean = np.where(seen, rate[:, None] * worth, 0.0)
    squares = np.where(seen, (np.nan_to_num(past) - mean) ** 2, 0.0).sum(axis=1)
    # a mahalla's own total is fitted, which takes Σ mean² / Σ mean from its squares
    used = (mean**2).sum(axis=1) / np.where(exposure * rate > 0, exposure * rate, 1)
    free = np.sort(mean.sum(axis=1) - used).sum()
    return max(1.0, float(np.sort(squares).sum() / free)) if free > 0 else 1.0


def _none_given(before: Floats, now: float, past: Floats, ratio: float) -> Floats:
    """Return the probability that none of the offenses of both times is recent."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if ratio - 1 < NEXT_TO_POISSON:
            return (past / (past + now)) ** before
        a = before / ((past + now) * (ratio - 1))
        p = np.exp(special.betaln(a * now, a * past + before) - special.betaln(a * now, a * past))
    # without offenses in the past, or in the whole now, a zero is certain
    return np.where((before == 0) | (now == 0), 1.0, p)


def _flagged(p: Floats, level: float, index: pd.Index) -> pd.DataFrame:
    q = np.full(p.shape, np.nan)
    family = ~np.isnan(p)
    if family.any():
        q[family] = stats.false_discovery_control(p[family])
    suspicious = np.where(family, q <= level, np.nan)
    measures = {"zero_probability": p, "zero_q": q, "suspicious": suspicious}
    return pd.DataFrame(measures, index=index)
