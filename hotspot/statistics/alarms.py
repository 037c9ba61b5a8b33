"""Alarms: a month with more offenses than the same months of earlier years would let expect."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]

FEWEST_OFFENSES = 5
"""No alarm below this many in the month, as Farrington has it for four weeks."""
FEWEST_MONTHS = 3
"""Reference months below which a mahalla is not judged."""
NEXT_TO_POISSON = 1e-6
CELLS_AT_ONCE = 1_000_000


def raise_alarms(
    panel: pd.DataFrame,
    *,
    month: pd.Period | str | None = None,
    years: int = 5,
    beside: int = 1,
    level: float = 0.01,
    overdispersion: float | None = None,
) -> pd.DataFrame:
    """Compare a month's counts with the same months of earlier years.

    Parameters
    ----------
    panel : DataFrame, index mahalla_code, columns a PeriodIndex of months
        Counts of single months. NaN: no data.
    month : the month to judge, also as text, "2025-01"; None for the last one.
    years : how many years to look back; the panel may reach less far.
    beside : how many months before and after the same month belong to the reference.
    level : of the test.
    overdispersion : variance of a mahalla's monthly counts over their mean; None to take what
        `fit_overdispersion` finds in the reference months.

    Returns
    -------
    DataFrame
        On the same index: `expected` (the mean reference month), `upper_limit` (the largest count
        whose p is above the level), `alarm_p` (of this count or more) and `alarm` (1 where p
        is at most the level and there are at least 5 offenses, else 0). NaN with fewer than 3
        reference months, or no count in the month itself.

    Raises
    ------
    InputError
        If a count is negative or not whole, the columns are no months, there is none or not the
        one asked for, the level is no share, or the overdispersion is below 1.

    Notes
    -----
    After Farrington et al. (1996), with the same reference window, but exact for few offenses.
    Months are negative binomial with one ratio φ of variance to mean for all mahallas. Given the
    sum t of the month and its n reference months, the month's count is then beta-binomial with
    parameters a and n a, a = t / ((n + 1)(φ − 1)); binomial where φ is 1. The mean needs no
    estimate, so a short or empty past is no false alarm. Farrington's weights for past
    outbreaks and his trend are left out: an outbreak in the reference silences the alarm, and
    where all crime rises many mahallas ring. Where large mahallas vary more than small ones for
    their mean, one ratio for all is too small for the large.

    References
    ----------
    Farrington, Andrews, Beale & Catchpole (1996), doi:10.2307/2983331. The rule of five: Noufaily
    et al. (2013), doi:10.1002/sim.5595.

    Examples
    --------
    >>> months = pd.period_range("2023-01", "2025-01", freq="M")
    >>> panel = pd.DataFrame([[2] * 24 + [11], [2] * 24 + [3]], index=["a", "b"], columns=months)
    >>> raise_alarms(panel, overdispersion=1).round(4)
       expected  upper_limit  alarm_p  alarm
    a       2.0          7.0   0.0002    1.0
    b       2.0          7.0   0.3719    0.0
    """
    if not isinstance(panel.columns, pd.PeriodIndex) or panel.columns.freqstr != "M":
        raise InputError(
            _(
                "the columns are {dtype}: give months, a PeriodIndex of frequency M",
                dtype=panel.columns.dtype,
            )
        )
    if overdispersion is not None and not 1 <= overdispersion < np.inf:
        raise InputError(
            _(
                "the overdispersion is {overdispersion}: counts vary by 1 at least, as Poisson's "
                "do",
                overdispersion=f"{overdispersion:g}",
            )
        )
    if not 0 < level < 1:
        raise InputError(
            _("the level is {level}: give a share between 0 and 1", level=f"{level:g}")
        )
    if panel.columns.empty:
        raise InputError(_("the panel has no month: give the month to judge and earlier years"))
    asked = panel.columns[-1] if month is None else month
    # compared as text, as pandas reads a month into many a text, and a year as all its months
    if str(asked) not in panel.columns.astype(str):
        raise InputError(
            _(
                "the panel has no {asked}: it reaches from {first} to {last}",
                asked=asked,
                first=panel.columns[0],
                last=panel.columns[-1],
            )
        )
    month = pd.Period(str(asked), freq="M")
    past = [
        month - 12 * year + shift
        for year in range(years, 0, -1)
        for shift in range(-beside, beside + 1)
    ]
    reference = panel[[each for each in past if each in panel.columns and each < month]]
    x, earlier = _counts(panel[[month]])[:, 0], _counts(reference)
    ratio = fit_overdispersion(reference) if overdispersion is None else overdispersion
    n = (~np.isnan(earlier)).sum(axis=1)
    judged = (n >= FEWEST_MONTHS) & ~np.isnan(x)
    before = np.nansum(earlier, axis=1)
    p, limit = np.full((2, len(panel)), np.nan)
    # many mahallas share their few counts
    own, of = np.unique(np.column_stack([x, before, n])[judged], axis=0, return_inverse=True)
    p[judged] = _tail(*own.T, ratio)[of.ravel()]
    pasts, of = np.unique(np.column_stack([before, n])[judged], axis=0, return_inverse=True)
    limit[judged] = _limits(*pasts.T, ratio, level)[of.ravel()]
    with np.errstate(invalid="ignore"):
        expected = np.where(judged, before / n, np.nan)
        alarm = np.where(judged, (p <= level) & (x >= FEWEST_OFFENSES), np.nan)
    measures = {"expected": expected, "upper_limit": limit, "alarm_p": p, "alarm": alarm}
    return pd.DataFrame(measures, index=panel.index)


def fit_overdispersion(panel: pd.DataFrame) -> float:
    """Return the variance of monthly counts over their mean, pooled over all mahallas.

    Parameters
    ----------
    panel : mahallas × months of counts; NaN is left out.

    Returns
    -------
    float
        Σ (x − m)² over Σ (n − 1) m, where m is the mean of a mahalla's own n months. At least 1,
        and 1 where there is nothing to fit.

    Examples
    --------
    >>> fit_overdispersion(pd.DataFrame([[0, 4], [3, 3]]))
    1.6
    """
    values = _counts(panel)
    n = (~np.isnan(values)).sum(axis=1)
    mean = np.nansum(values, axis=1) / np.maximum(n, 1)
    squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
    # sorted, so that the order of the rows cannot change a sum of floats
    free = np.sort(np.maximum(n - 1, 0) * mean).sum()
    return float(max(1.0, np.sort(squares).sum() / free)) if free > 0 else 1.0


def _counts(panel: pd.DataFrame) -> Floats:
    values = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    given = values[~np.isnan(values)]
    wrong = given[(given < 0) | (given != np.round(given)) | np.isinf(given)]
    if wrong.size:
        raise InputError(
            _("a count is {count}: counts are whole numbers from 0 up", count=f"{wrong[0]:g}")
        )
    return values


def _tail(x: Floats, before: Floats, n: Floats, ratio: float) -> Floats:
    """Return the probability of x or more in one month, given the sum with n others."""
    if ratio - 1 < NEXT_TO_POISSON:
        tail = special.betainc(np.maximum(x, 1), before + 1, 1 / (n + 1))
        return np.where(x == 0, 1.0, tail)
    tail = np.empty(len(x))
    order = np.argsort(before, kind="stable")
    begin = 0
    while begin < len(order):
        # as many rows as fit the memory, padded to the longest sum of them
        ahead = (before[order[begin:]] + 1) * np.arange(1, len(order) - begin + 1)
        rows = order[begin : begin + max(1, int((ahead <= CELLS_AT_ONCE).sum()))]
        begin += len(rows)
        least, others, months = (of[rows, None] for of in (x, before, n))
        # the month may have had these instead, and the others the rest of the sum
        j = least + np.arange(others.max() + 1)
        rest = np.maximum(least + others - j, 0)
        a = np.maximum(least + others, 1) / ((months + 1) * (ratio - 1))
        ways = special.gammaln(least + others + 1) - special.gammaln(j + 1)
        ways -= special.gammaln(rest + 1) + special.betaln(a, months * a)
        law = np.exp(ways + special.betaln(j + a, rest + months * a))
        tail[rows] = np.where(j <= least + others, law, 0.0).sum(axis=1)
    return np.minimum(tail, 1.0)


def _limits(before: Floats, n: Floats, ratio: float, level: float) -> Floats:
    """Return the largest count in one month whose tail is above the level."""
    below, above = np.zeros(len(before)), np.ones(len(before))
    while (far := _tail(above, before, n, ratio) > level).any():
        below, above = np.where(far, above, below), np.where(far, 2 * above, above)
    while (above - below > 1).any():
        middle = np.floor((below + above) / 2)
        far = _tail(middle, before, n, ratio) > level
        below, above = np.where(far, middle, below), np.where(far, above, middle)
    return below
