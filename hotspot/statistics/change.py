"""Whether one period has more offenses than another: square roots, the C-test and the E-test."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hotspot.errors import InputError
from hotspot.language import _, mark

Floats = NDArray[np.float64]
Counts = pd.Series | pd.DataFrame
Exposure = float | pd.Series
Alternative = Literal["two-sided", "more", "fewer"]

CELLS_AT_ONCE = 1_000_000
NO_EXPOSURE_NOW = mark("an exposure now is {exposure}: give lengths or person-years above 0")
NO_EXPOSURE_BEFORE = mark("an exposure before is {exposure}: give lengths or person-years above 0")
# a bound this near to a whole number is that number, so that ties are ties
NEXT_WHOLE = 1e-9


def change_z(
    now: Counts,
    before: Counts,
    *,
    exposure_now: Exposure = 1.0,
    exposure_before: Exposure = 1.0,
) -> pd.DataFrame:
    """Return how far each count moved, in square roots: 2 (√now − √before).

    Parameters
    ----------
    now, before, exposure_now, exposure_before : as for `e_test`. `before` is brought to the length
        of `now`.

    Returns
    -------
    DataFrame
        `change_z` and `change_flag`: 1 where z is above 3, −1 where it is below −3, else 0. NaN
        where either count is. Of DataFrames the columns are (measure, month).

    Raises
    ------
    InputError
        As `e_test`.

    Notes
    -----
    A screen, not a test. The root of a Poisson count varies by a half whatever its mean, so z
    varies by √(1 + length now / length before): chance passes ±3 in 3.4 % of mahallas where the
    periods are equal (in 6 % where the mean is 1), in 0.27 % where `before` is very long. For a
    p-value take `e_test`.

    References
    ----------
    Wheeler (2016), Tables and graphs for monitoring temporal crime trends, International Journal
    of Police Science & Management 18, doi:10.1177/1461355716642781.

    Examples
    --------
    >>> change_z(pd.Series([25, 30]), pd.Series([16, 9]))
       change_z  change_flag
    0  2.000000          0.0
    1  4.954451          1.0
    """
    x, y = _pair(now, before)
    n = _spread(exposure_now, now, NO_EXPOSURE_NOW)
    m = _spread(exposure_before, now, NO_EXPOSURE_BEFORE)
    z = 2 * (np.sqrt(x) - np.sqrt(y * (n / m)))
    flag = np.where(np.isnan(z), np.nan, np.where(np.abs(z) > 3, np.sign(z), 0.0))
    return _measures({"change_z": z, "change_flag": flag}, now)


def c_test(
    now: Counts,
    before: Counts,
    *,
    exposure_now: Exposure = 1.0,
    exposure_before: Exposure = 1.0,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Compare two Poisson rates by the exact conditional binomial test.

    Parameters
    ----------
    now, before, exposure_now, exposure_before, alternative : as for `e_test`.

    Returns
    -------
    DataFrame
        `c_p` and `c_mid_p`, the latter counting the outcome itself half; two-sided they are twice
        the smaller tail, at most 1. NaN where a count is; 1 where both are 0.

    Raises
    ------
    InputError
        As `e_test`.

    Notes
    -----
    Given the sum of both counts, `now` is binomial with the exposure's share. p never exceeds
    its level, and is far below it for small counts; mid-p comes closer.

    References
    ----------
    Przyborowski & Wilenski (1940), doi:10.1093/biomet/31.3-4.313. Mid-p: Lancaster (1961),
    doi:10.1080/01621459.1961.10482105.

    Examples
    --------
    >>> c_test(pd.Series([25, 3]), pd.Series([16, 0])).round(4)
         c_p  c_mid_p
    0  0.211   0.1641
    1  0.250   0.1250
    """
    _check_alternative(alternative)
    x, y = _pair(now, before)
    share = _spread(exposure_now, now, NO_EXPOSURE_NOW)
    share = share / (share + _spread(exposure_before, now, NO_EXPOSURE_BEFORE))
    total = x + y
    upper, lower = _binomial_tail(x, total, share), _binomial_tail(y, total, 1 - share)
    if alternative == "two-sided":
        p, mid_p = (np.minimum(1.0, 2 * np.minimum(*of)) for of in zip(upper, lower, strict=True))
    else:
        p, mid_p = upper if alternative == "more" else lower
    missing = np.isnan(total)
    measures = {"c_p": p, "c_mid_p": mid_p}
    return _measures({name: np.where(missing, np.nan, of) for name, of in measures.items()}, now)


def e_test(
    now: Counts,
    before: Counts,
    *,
    exposure_now: Exposure = 1.0,
    exposure_before: Exposure = 1.0,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Compare two Poisson rates by Krishnamoorthy & Thomson's E-test.

    Parameters
    ----------
    now, before : Series or DataFrame, index mahalla_code
        Counts of two periods that share no day, on the same index and columns. NaN: no data.
    exposure_now, exposure_before : float or Series by mahalla
        Length of the periods, or person-years, in one unit. Above 0.
    alternative : "two-sided", or whether there is "more" or "fewer" now.

    Returns
    -------
    DataFrame
        `e_statistic`, the difference of the rates over its standard error, and `e_p`. NaN where
        a count is. With no offense in either period there is nothing to compare: 0 and 1. Of
        DataFrames the columns are (measure, month).

    Raises
    ------
    InputError
        If a count is negative or not whole, an exposure is not above 0, the mahallas or months
        differ, or the alternative is none of the three.

    Notes
    -----
    p is the probability of a statistic as extreme, were both rates the pooled one. It is summed
    over all pairs of counts, for each pair that occurs once: for each count of the one period the
    counts of the other that are as extreme are two tails, bounded by the roots of a quadratic.
    The statistic is the paper's, its variance not pooled; statsmodels calls it
    ``etest-wald``. Its size seldom exceeds the level, by little, and it finds more than the
    conditional test. Counts that vary more than Poisson counts need the wider view of
    `raise_alarms`.

    References
    ----------
    Krishnamoorthy & Thomson (2004), doi:10.1016/S0378-3758(02)00408-1.

    Examples
    --------
    >>> e_test(pd.Series([25, 3]), pd.Series([16, 0])).round(4)
       e_statistic     e_p
    0       1.4056  0.1648
    1       1.7321  0.0884
    """
    _check_alternative(alternative)
    x, y = _pair(now, before)
    n = _spread(exposure_now, now, NO_EXPOSURE_NOW)
    m = _spread(exposure_before, now, NO_EXPOSURE_BEFORE)
    known = ~np.isnan(x + y)
    distinct, of = np.unique(
        np.column_stack([values[known] for values in (x, y, n, m)]), axis=0, return_inverse=True
    )
    statistic, p = (np.full(x.shape, np.nan) for _ in range(2))
    if known.any():
        found, tails = _e_tails(distinct, alternative)
        statistic[known], p[known] = found[of.ravel()], tails[of.ravel()]
    return _measures({"e_statistic": statistic, "e_p": p}, now)


def _binomial_tail(x: Floats, total: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return the probability of x or more, and that of more and half that of x."""
    tail = [
        special.betainc(np.maximum(least, 1), np.maximum(total - least + 1, 1), share)
        for least in (x, x + 1)
    ]
    most = np.where(x == 0, 1.0, tail[0])
    return most, (most + np.where(x == total, 0.0, tail[1])) / 2


def _e_tails(distinct: Floats, alternative: Alternative) -> tuple[Floats, Floats]:
    """Return the statistic and p of distinct rows: two counts and their exposures."""
    x, y, n, m = distinct.T
    with np.errstate(invalid="ignore"):
        statistic = np.nan_to_num((x / n - y / m) / np.sqrt(x / n**2 + y / m**2))
    rate = (x + y) / (n + m)
    first, second = n * rate, m * rate
    # beyond these counts of the first period less than 1e-16 is left
    start = np.maximum(np.floor(first - 10 * np.sqrt(first)), 0)
    length = np.ceil(first + 10 * np.sqrt(first) + 30).astype(np.int64) - start.astype(np.int64)
    p = np.ones(len(x))
    order = np.argsort(length, kind="stable")
    begin = 0
    while begin < len(order):
        # as many pairs as fit the memory, padded to the longest of them
        ahead = length[order[begin:]] * np.arange(1, len(order) - begin + 1)
        rows = order[begin : begin + max(1, int((ahead <= CELLS_AT_ONCE).sum()))]
        begin += len(rows)
        column = rows[:, None]
        counts = start[column] + np.arange(length[rows].max())
        of = n[column], m[column], second[column]
        here = statistic[column]
        if alternative == "two-sided":
            extreme = _at_least(abs(here), counts, *of) + _at_most(-abs(here), counts, *of)
        else:
            extreme = (_at_least if alternative == "more" else _at_most)(here, counts, *of)
        weight = np.exp(
            special.xlogy(counts, first[column]) - first[column] - special.gammaln(counts + 1)
        )
        p[rows] = (weight * extreme).sum(axis=1)
    p[x + y == 0] = 1.0
    return statistic, np.minimum(p, 1.0)


def _at_least(t: Floats, x: Floats, n: Floats, m: Floats, mean: Floats) -> Floats:
    """Return the probability of a second count that makes the statistic t or more."""
    bound = _bound(t, x, n, m)
    bound = np.floor(bound + NEXT_WHOLE * np.maximum(bound, 1))
    # beside no offense at all the statistic is 0, though the root of the quadratic is there
    possible = (bound >= 0) & ((x > 0) | (t <= 0))
    return np.where(possible, special.pdtr(np.maximum(bound, 0), mean), 0.0)


def _at_most(t: Floats, x: Floats, n: Floats, m: Floats, mean: Floats) -> Floats:
    """Return the probability of a second count that makes the statistic t or less."""
    bound = _bound(t, x, n, m)
    bound = np.ceil(bound - NEXT_WHOLE * np.maximum(bound, 1)) - 1
    return np.where(bound >= 0, special.pdtrc(np.maximum(bound, 0), mean), 1.0)


def _bound(t: Floats, x: Floats, n: Floats, m: Floats) -> Floats:
    """Return where the statistic, which falls as the second count grows, equals t."""
    root = np.sqrt(t**2 / (4 * m**2) + x / (n * m) + x / n**2)
    return m * (x / n + t**2 / (2 * m) - t * root)


def _check_alternative(alternative: str) -> None:
    if alternative not in get_args(Alternative):
        known = ", ".join(get_args(Alternative))
        raise InputError(
            _(
                "there is no alternative '{alternative}': choose of {known}",
                alternative=alternative,
                known=known,
            )
        )


def _pair(now: Counts, before: Counts) -> tuple[Floats, Floats]:
    """Return both counts as arrays, checked to be whole and of the same mahallas and months."""
    same = now.index.equals(before.index) and type(now) is type(before)
    # the months differ, of course; how many there are must not
    if not same or now.shape != before.shape:
        raise InputError(
            _(
                "the counts now are of {now} and those before of {before}, or of other mahallas: "
                "give both on the same index",
                now=now.shape,
                before=before.shape,
            )
        )
    arrays = []
    for counts in (now, before):
        values = counts.to_numpy(dtype=np.float64, na_value=np.nan)
        given = values[~np.isnan(values)]
        wrong = given[(given < 0) | (given != np.round(given)) | np.isinf(given)]
        if wrong.size:
            raise InputError(
                _("a count is {count}: counts are whole numbers from 0 up", count=f"{wrong[0]:g}")
            )
        arrays.append(values)
    return arrays[0], arrays[1]


def _spread(exposure: Exposure, counts: Counts, refusal: str) -> Floats:
    """Return the exposure of every count."""
    given = exposure.reindex(counts.index) if isinstance(exposure, pd.Series) else exposure
    values = np.asarray(given, dtype=np.float64)
    if not (values > 0).all() or np.isinf(values).any():
        wrong = values[~(values > 0) | np.isinf(values)].flat[0]
        raise InputError(_(refusal, exposure=f"{wrong:g}"))
    if values.ndim and counts.ndim > 1:
        values = values[:, None]
    return np.broadcast_to(values, counts.shape)


def _measures(measures: dict[str, Floats], like: Counts) -> pd.DataFrame:
    if isinstance(like, pd.Series):
        return pd.DataFrame(measures, index=like.index)
    frames = {name: pd.DataFrame(of, like.index, like.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure"])
