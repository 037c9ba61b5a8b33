"""Rates, and how sure it is that a mahalla exceeds the others: the gamma-Poisson model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import digamma, gammaincc

from hotspot.errors import InputError
from hotspot.language import _

Array = NDArray[np.float64]
Counts = pd.Series | pd.DataFrame

PER = 100_000


def rates(
    counts: Counts, population: pd.Series[float], *, years: float | pd.Series[Any]
) -> pd.DataFrame:
    """Relate the counts to the population.

    Parameters
    ----------
    counts
        Offenses of each mahalla in one window (Series) or in several (DataFrame, one column a
        window).
    population
        Residents, by mahalla; 0 and negative count as missing.
    years
        Length of the window in years, over its observed months: one number, or one for each column.

    Returns
    -------
    DataFrame
        On the index of the counts: ``rate`` per 100,000 residents and year; ``rate_ratio`` to the
        rate of the whole; ``expected`` count, had the mahalla the rate of the whole (indirect
        standardisation). The whole is the mahallas with a population and a count. NaN where either
        is missing, and ``rate_ratio`` also where the whole has no offense. Of a DataFrame the
        columns are a MultiIndex (measure, month).

    Examples
    --------
    >>> counts = pd.Series({"a": 3, "b": 1, "c": 5})
    >>> rates(counts, pd.Series({"a": 1000.0, "b": 3000.0, "c": np.nan}), years=0.5).round(2)
         rate  rate_ratio  expected
    a  600.00        3.00       1.0
    b   66.67        0.33       3.0
    c     NaN         NaN       NaN
    """
    x, people = _with_population(counts, population)
    if isinstance(years, pd.Series):
        years = years.reindex(pd.DataFrame(counts).columns)
    length = np.broadcast_to(np.asarray(years, dtype=float), x.shape[1:])
    total, whole = np.nansum(x, axis=0), np.nansum(people, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(length > 0, x / people / length * PER, np.nan)
        expected = total * (people / whole)
        ratio = np.where(total > 0, x / expected, np.nan)
    return _measures({"rate": rate, "rate_ratio": ratio, "expected": expected}, counts)


def fit_gamma_poisson(counts: Counts, exposure: pd.Series[float] | None = None) -> pd.DataFrame:
    """Fit the gamma-Poisson model to all mahallas, each month by itself.

    The count of a mahalla is Poisson with mean ``exposure * risk``, and the risks are gamma with
    shape ``k`` and mean ``mean``; the counts are then negative binomial.

    Parameters
    ----------
    counts
        Offenses by mahalla (Series), or mahallas by months (DataFrame). NaN is left out.
    exposure
        Residents by mahalla; 0, negative and NaN are left out. Absent: 1 for each mahalla.

    Returns
    -------
    DataFrame
        One row a month (of a Series one row, 0): ``k``, infinite where the counts vary no more
        than Poisson counts, and ``mean``. Both NaN with fewer than 3 mahallas or no offense.

    Notes
    -----
    ``mean`` is the ratio of the sums, the rate of the whole; with equal exposures that is the
    maximum of the likelihood, with unequal ones a departure from Clayton & Kaldor, who weight the
    mahallas anew in each step: there a handful of mahallas where next to nobody lives can carry
    the mean away. ``k`` maximises the likelihood given ``mean``; its score has a root exactly
    where the sum of ``(x - mean)² - x`` is positive.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
    for use in disease mapping. Biometrics 43, 671-681. https://doi.org/10.2307/2532003

    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40, 283-294. https://doi.org/10.2307/2347593

    Examples
    --------
    >>> fit_gamma_poisson(pd.Series([0, 0, 1, 7])).round(3)
          k  mean
    0  0.37   2.0
    """
    k, mean = _fit(*_with_exposure(counts, exposure))
    months = counts.columns if isinstance(counts, pd.DataFrame) else pd.RangeIndex(1)
    return pd.DataFrame({"k": k, "mean": mean}, index=months)


def gamma_poisson_excess(
    counts: Counts, *, times: float = 2.0, leave_out_below: int = 100
) -> pd.DataFrame:
    """Return how probably each mahalla's expected count exceeds a multiple of the mean mahalla's.

    Parameters
    ----------
    counts
        Offenses by mahalla (Series), or mahallas by months (DataFrame). NaN is left out.
    times
        The multiple of the reference, at least 1.
    leave_out_below
        With fewer mahallas than this the reference is the mean of the *other* mahallas: among
        few, a very bad one would raise the bar for itself.

    Returns
    -------
    DataFrame
        ``excess_probability`` on the index of the counts; of a DataFrame the columns are a
        MultiIndex (measure, month). NaN where the count is, and in a month with fewer than 3
        mahallas or no offense. 0 where the counts vary no more than Poisson counts, because then
        nothing says that any mahalla differs.

    Notes
    -----
    With the model of `fit_gamma_poisson` the expected count given the count x is gamma with shape
    ``k + x`` and rate ``k / mean + 1``. Fitted parameters and reference are taken as known. Where
    no other mahalla has an offense the reference that leaves out is 0, and any excess is certain.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40, 283-294. https://doi.org/10.2307/2347593

    Examples
    --------
    >>> gamma_poisson_excess(pd.Series([0, 0, 1, 7], index=list("abcd"))).round(3)
       excess_probability
    a               0.000
    b               0.000
    c               0.009
    d               1.000
    """
    probability = _excess(*_with_exposure(counts, None), times, leave_out_below)
    return _measures({"excess_probability": probability}, counts)


def gamma_poisson_rate_excess(
    counts: Counts,
    population: pd.Series[float],
    *,
    times: float = 2.0,
    leave_out_below: int = 100,
) -> pd.DataFrame:
    """Return how probably each mahalla's rate exceeds a multiple of the rate of the whole.

    Parameters
    ----------
    counts
        Offenses by mahalla (Series), or mahallas by months (DataFrame). NaN is left out.
    population
        Residents by mahalla; 0 and negative count as missing.
    times, leave_out_below
        As in `gamma_poisson_excess`.

    Returns
    -------
    DataFrame
        ``rate_excess_probability``, as in `gamma_poisson_excess`; NaN also without a population.

    Notes
    -----
    The rate given the count x is gamma with shape ``k + x`` and rate ``k / mean + population``, so
    that a mahalla with few residents is drawn towards the rate of the whole.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
    for use in disease mapping. Biometrics 43, 671-681. https://doi.org/10.2307/2532003

    Examples
    --------
    >>> people = pd.Series([4000.0, 2000.0, 5000.0, 3000.0], index=list("abcd"))
    >>> gamma_poisson_rate_excess(pd.Series([0, 1, 1, 9], index=list("abcd")), people).round(3)
       rate_excess_probability
    a                    0.000
    b                    0.032
    c                    0.000
    d                    1.000
    """
    probability = _excess(*_with_exposure(counts, population), times, leave_out_below)
    return _measures({"rate_excess_probability": probability}, counts)


def _excess(x: Array, exposure: Array, times: float, leave_out_below: int) -> Array:
    if not times >= 1:
        raise InputError(
            _("A multiple of {times} is no excess; give times = 1 or more.", times=times)
        )
    k, mean = _fit(x, exposure)
    total, whole = np.nansum(x, axis=0), np.nansum(exposure, axis=0)
    few = np.isfinite(x).sum(axis=0) < leave_out_below
    # NaN stands for no answer throughout, and k = inf for no difference between mahallas
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (total - x) / (whole - exposure)
        bar = times * np.where(few, others, total / whole)
        probability: Array = gammaincc(k + x, (k / mean + exposure) * bar)
    probability[np.isinf(k) & np.isfinite(x)] = 0.0
    return probability


def _fit(x: Array, exposure: Array) -> tuple[Array, Array]:
    """Return k and mean of each column; NaN in x and in exposure lie in the same places."""
    known = np.isfinite(x)
    n, total = known.sum(axis=0), np.nansum(x, axis=0)
    assessed = (n >= 3) & (total > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(assessed, total / np.nansum(exposure, axis=0), np.nan)
    fitted = mean * exposure
    overdispersed = np.nansum((x - fitted) ** 2 - x, axis=0) > 0
    k = np.where(assessed, np.inf, np.nan)
    solve = assessed & overdispersed
    k[solve] = _dispersion(x[:, solve], fitted[:, solve])
    return k, mean


def _dispersion(x: Array, fitted: Array) -> Array:
    """Bisect the score of the negative binomial in log k, all columns at once."""
    # the digammas need only the distinct counts, a few dozen where mahallas are thousands
    values, which = np.unique(np.nan_to_num(x), return_inverse=True)
    columns = np.broadcast_to(np.arange(x.shape[1]), x.shape)
    known = np.isfinite(x)
    cells = (which.reshape(x.shape) * x.shape[1] + columns)[known]
    shape = (len(values), x.shape[1])
    often = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    x, fitted = np.where(known, x, 0.0), np.where(known, fitted, 0.0)

    low: Array = np.full(x.shape[1], np.log(1e-9))
    high = -low
    for _turn in range(60):
        middle = (low + high) / 2
        k = np.exp(middle)
        rising = (often * (digamma(values[:, None] + k) - digamma(k))).sum(axis=0)
        falling = (np.log1p(fitted / k) + (x - fitted) / (k + fitted)).sum(axis=0)
        above = rising > falling
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.exp((low + high) / 2)


def _with_exposure(counts: Counts, exposure: pd.Series[float] | None) -> tuple[Array, Array]:
    if exposure is None:
        exposure = pd.Series(1.0, index=counts.index)
    return _with_population(counts, exposure)


def _with_population(counts: Counts, population: pd.Series[float]) -> tuple[Array, Array]:
    """Return counts and people as mahallas by months, NaN in both where either is missing."""
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    if (x < 0).any():
        raise InputError(
            _("A count is negative, {count}; counts begin at 0.", count=f"{np.nanmin(x):g}")
        )
    people = population.reindex(counts.index).to_numpy(dtype=float, na_value=np.nan)[:, None]
    known = np.isfinite(x) & (people > 0)
    return np.where(known, x, np.nan), np.where(known, people, np.nan)


def _measures(measures: dict[str, Array], counts: Counts) -> pd.DataFrame:
    if isinstance(counts, pd.Series):
        columns = {name: values[:, 0] for name, values in measures.items()}
        return pd.DataFrame(columns, index=counts.index)
    frames = {
        name: pd.DataFrame(values, index=counts.index, columns=counts.columns)
        for name, values in measures.items()
    }
    return pd.concat(frames, axis=1, names=["measure", "month"])
