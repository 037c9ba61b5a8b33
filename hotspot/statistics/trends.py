"""Trends of monthly series: Mann–Kendall's test and Theil–Sen's slope, all mahallas at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]

FEWEST = 4
"""Observed months below which no trend is judged."""
PAIRS_AT_ONCE = 4_000_000


def mann_kendall(panel: pd.DataFrame) -> pd.DataFrame:
    """Test each mahalla's series for a trend that only goes up, or only down.

    Parameters
    ----------
    panel : DataFrame, index mahalla_code, a column a month
        Counts, rates or z-scores of single months, in the order of time. NaN: no data; the month
        is left out of every pair. Never rolling sums: their months share offenses, and chance
        then looks like a trend.

    Returns
    -------
    DataFrame
        On the same index: `months` (observed), `s` (pairs of months that rise less those that
        fall), `variance` of s where there is no trend, with ties, `z` = (s − sign s) / √variance,
        `p` (two-sided, normal), `tau_b` (Kendall's, NaN where all values are equal). NaN with
        fewer than 4 observed months; a series of equal values has s = z = 0 and p = 1.

    Raises
    ------
    InputError
        If a value is infinite.

    Notes
    -----
    The null: the months are exchangeable. Seasons and crime that feeds on itself break it; for
    seasons there is `seasonal_mann_kendall`. With fewer than ten months or many ties
    `exact_mann_kendall` is more to the point than the normal p.

    References
    ----------
    Mann (1945), doi:10.2307/1907187. Kendall (1975), Rank Correlation Methods. Ties: Gilbert
    (1987), Statistical Methods for Environmental Pollution Monitoring, 16.4.

    Examples
    --------
    >>> months = pd.period_range("2025-01", periods=5, freq="M")
    >>> panel = pd.DataFrame([[0, 1, 1, 3, 4], [2, 2, 2, 2, 2]], index=["a", "b"], columns=months)
    >>> mann_kendall(panel).round(3)
       months    s  variance      z      p  tau_b
    a       5  9.0    15.667  2.021  0.043  0.949
    b       5  0.0     0.000  0.000  1.000    NaN
    """
    values = _values(panel)
    months = (~np.isnan(values)).sum(axis=1)
    scores = [(_rises(part), *_ties(part)) for part in _chunks(values)]
    s, tied, variance = np.concatenate(scores, axis=1)
    pairs = months * (months - 1.0) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        tau_b = s / np.sqrt((pairs - tied) * pairs)
    found = _judged(s, variance, months)
    found.insert(len(found.columns), "tau_b", np.where(months < FEWEST, np.nan, tau_b))
    return found.set_index(panel.index)


def seasonal_mann_kendall(panel: pd.DataFrame, *, dependent: bool = False) -> pd.DataFrame:
    """Test each mahalla's series for a trend, comparing each month with the same of other years.

    Parameters
    ----------
    panel : as for `mann_kendall`, with a PeriodIndex of months.
    dependent : whether neighbouring months of a year may depend on each other (Hirsch & Slack
        1984). That variance is estimated from the ranks and wants ten years or so; else the
        calendar months are taken to be independent (Hirsch, Slack & Smith 1982).

    Returns
    -------
    DataFrame
        `months`, `s`, `variance`, `z` and `p` as of `mann_kendall`, s being the sum over the
        twelve calendar months. NaN with fewer than 4 observed months, or where no calendar month
        is observed in two years.

    Raises
    ------
    InputError
        If a value is infinite or the columns are no months.

    Notes
    -----
    With a gap the covariances use mid-ranks in its place, as Hirsch & Slack do.

    References
    ----------
    Hirsch, Slack & Smith (1982), doi:10.1029/WR018i001p00107. Hirsch & Slack (1984),
    doi:10.1029/WR020i006p00727.

    Examples
    --------
    Every January is higher than every July, and both rise by one a year.

    >>> months = pd.period_range("2022-01", "2025-12", freq="M")
    >>> rising = [(9 if month.month < 7 else 0) + month.year for month in months]
    >>> panel = pd.DataFrame([rising], index=["a"], columns=months)
    >>> seasonal_mann_kendall(panel).round(3)
       months     s  variance      z    p
    a      48  72.0     104.0  6.962  0.0
    """
    if not isinstance(panel.columns, pd.PeriodIndex) or panel.columns.freqstr != "M":
        raise InputError(
            _(
                "the columns are {dtype}: give months, a PeriodIndex of frequency M",
                dtype=panel.columns.dtype,
            )
        )
    values, year = _values(panel), panel.columns.year.to_numpy()
    first = year.min(initial=9999)
    cube = np.full((len(panel), year.max(initial=first) - first + 1, 12), np.nan)
    cube[:, year - first, panel.columns.month.to_numpy() - 1] = values
    seen = (~np.isnan(cube)).sum(axis=1)
    parts = [_seasonal_scores(part, dependent=dependent) for part in _chunks(cube)]
    s, variance = np.concatenate(parts, axis=1)
    found = _judged(s, variance, seen.sum(axis=1))
    unpaired = (seen < 2).all(axis=1)
    found.loc[unpaired, ["s", "variance", "z", "p"]] = np.nan
    return found.set_index(panel.index)


def theil_sen(panel: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the median slope of each mahalla's series, with Sen's confidence limits.

    Parameters
    ----------
    panel : as for `mann_kendall`.
    confidence : of the limits.

    Returns
    -------
    DataFrame
        On the same index, in units of the panel a month: `slope` (the median over all pairs of
        observed months), `slope_lower` and `slope_upper`. NaN with fewer than 4 observed months.

    Raises
    ------
    InputError
        If a value is infinite, or the confidence is not between 0 and 1.

    Notes
    -----
    Where most months are zero most pairs are level and the slope is 0 however clear the trend:
    `mann_kendall` says whether there is one.

    References
    ----------
    Theil (1950). Sen (1968), doi:10.1080/01621459.1968.10480934; the limits are those of
    `scipy.stats.theilslopes`, with ties in the variance.

    Examples
    --------
    >>> months = pd.period_range("2025-01", periods=5, freq="M")
    >>> panel = pd.DataFrame([[1, 3, 5, 7, 90]], index=["a"], columns=months)
    >>> theil_sen(panel)
       slope  slope_lower  slope_upper
    a    2.0          2.0         83.0
    """
    if not 0 < confidence < 1:
        raise InputError(
            _(
                "the confidence is {confidence}: give a share between 0 and 1",
                confidence=f"{confidence:g}",
            )
        )
    values = _values(panel)
    quantile = float(special.ndtri((1 + confidence) / 2))
    found = np.concatenate([_ordered_slopes(part, quantile) for part in _chunks(values)])
    found[(~np.isnan(values)).sum(axis=1) < FEWEST] = np.nan
    return pd.DataFrame(found, panel.index, ["slope", "slope_lower", "slope_upper"])


def _values(panel: pd.DataFrame) -> Floats:
    values = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        code = panel.index[np.isinf(values).any(axis=1)][0]
        raise InputError(
            _("mahalla '{code}' has an infinite value: leave it out as missing", code=code)
        )
    return values


def _chunks(values: Floats) -> Iterator[Floats]:
    """Cut the rows so that all pairs of months of one part fit the memory."""
    rows = max(1, PAIRS_AT_ONCE // max(1, values[:1].size * values.shape[1]))
    for start in range(0, max(len(values), 1), rows):
        yield values[start : start + rows]


def _rises(values: Floats) -> Floats:
    """Return by row how many pairs rise less how many fall; with NaN a pair does neither."""
    # months first, so that each comparison runs along the memory
    by_month = np.ascontiguousarray(values.T)
    s = np.zeros(len(values))
    for month in range(1, len(by_month)):
        before, now = by_month[:month], by_month[month]
        s += np.count_nonzero(before < now, axis=0) - np.count_nonzero(before > now, axis=0)
    return s


def _ties(values: Floats) -> tuple[Floats, Floats]:
    """Return by row the number of tied pairs, and the variance of s with these ties."""
    ordered = np.sort(values, axis=1)
    place = np.arange(values.shape[1])
    new = np.ones(values.shape, dtype=bool)
    # NaN, sorted last, equals nothing
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    since = place - np.maximum.accumulate(np.where(new, place, 0), axis=1)
    months = (~np.isnan(values)).sum(axis=1)
    # of Σ t (t − 1)(2t + 5) over groups of t ties the member that has r before it is 6 r (r + 2)
    variance = months * (months - 1) * (2 * months + 5) - (6 * since * (since + 2)).sum(axis=1)
    return since.sum(axis=1).astype(float), variance / 18


def _seasonal_scores(cube: Floats, *, dependent: bool) -> tuple[Floats, Floats]:
    """Return s and its variance by row of a cube of mahallas, years and calendar months."""
    signs = np.nan_to_num(np.sign(cube[:, :, None] - cube[:, None, :]))
    # how many years are lower less how many are higher: mid-ranks, doubled, around zero
    ranks = signs.sum(axis=2)
    later = np.tril(np.ones(signs.shape[1:3]), -1)
    s = np.einsum("nijm,ij->n", signs, later)
    # Σ (K_gh + 4 Σ R_g R_h − n (n_g + 1)(n_h + 1)) / 3 over pairs of calendar months, where
    # R_g is a mid-rank, (n_g + 1 + ranks) / 2, and K_gh the pairs of years that agree
    if dependent:
        agreeing = np.einsum("nij,ij->n", signs.sum(axis=3) ** 2, later)
        return s, (agreeing + (ranks.sum(axis=2) ** 2).sum(axis=1)) / 3
    agreeing = np.einsum("nijm,ij->n", signs**2, later)
    return s, (agreeing + (ranks**2).sum(axis=(1, 2))) / 3


def _judged(s: Floats, variance: Floats, months: NDArray[np.int64]) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(s == 0, 0.0, (s - np.sign(s)) / np.sqrt(variance))
    p = 2 * special.ndtr(-np.abs(z))
    few = months < FEWEST
    measures = {"s": s, "variance": variance, "z": z, "p": p}
    return pd.DataFrame(
        {"months": months, **{name: np.where(few, np.nan, of) for name, of in measures.items()}}
    )


def _ordered_slopes(values: Floats, quantile: float) -> Floats:
    """Return by row the median slope and those at the places of the limits in their order."""
    pairs = values.shape[1] * (values.shape[1] - 1) // 2
    slopes = np.full((len(values), max(pairs, 1)), np.nan)
    start = 0
    for lag in range(1, values.shape[1]):
        rises = slopes[:, start : start + values.shape[1] - lag]
        np.subtract(values[:, lag:], values[:, :-lag], out=rises)
        rises /= lag
        start += values.shape[1] - lag
    slopes.sort(axis=1)
    months = (~np.isnan(values)).sum(axis=1)
    # NaN is sorted last, behind the slopes of the observed pairs
    count = months * (months - 1) // 2
    last = np.maximum(count - 1, 0)
    _, variance = _ties(values)
    reach = quantile * np.sqrt(variance)
    lower = np.round((count - reach) / 2).astype(np.int64) - 1
    upper = np.round((count + reach) / 2).astype(np.int64)
    row = np.arange(len(values))
    median = (slopes[row, last // 2] + slopes[row, (last + 1) // 2]) / 2
    limits = [slopes[row, np.clip(of, 0, last)] for of in (lower, upper)]
    return np.column_stack([median, *limits])
