"""Offenses counted by mahalla and month, and the sums of months that reports speak of."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _


def count_offenses(
    placed: pd.DataFrame, mahallas: pd.DataFrame, *, start: pd.Period, end: pd.Period
) -> pd.DataFrame:
    """Count the placed offenses of each mahalla and month.

    Counts are additive: the panels of any chunks of the records sum to the panel of all of them.

    Parameters
    ----------
    placed
        One row an offense, with the columns ``mahalla_code`` and ``month`` (``period[M]``).
    mahallas
        Any frame whose index is the codes of all mahallas, with or without offenses.
    start, end
        First and last month of the panel; offenses of other months are not counted.

    Returns
    -------
    DataFrame
        The panel: one row a mahalla, sorted by code; one column a month, without gaps; whole
        numbers, zeros kept.

    Raises
    ------
    InputError
        If the months are in the wrong order, if a mahalla has two rows, if a record has no month,
        or if a record lies in a mahalla that the frame does not hold.

    Examples
    --------
    >>> months = pd.PeriodIndex(["2025-01", "2025-01", "2025-03"], freq="M")
    >>> placed = pd.DataFrame({"mahalla_code": ["b", "b", "a"], "month": months})
    >>> mahallas = pd.DataFrame(index=["a", "b"])
    >>> count_offenses(placed, mahallas, start=months[0], end=months[2]).rename_axis(index=None)
    month  2025-01  2025-02  2025-03
    a            0        0        1
    b            2        0        0
    """
    if start > end:
        raise InputError(
            _(
                "The first month, {start}, is after the last, {end}; give them in their order.",
                start=start,
                end=end,
            )
        )
    months = pd.period_range(start, end, freq="M", name="month")
    codes = pd.Index(mahallas.index, name="mahalla_code").sort_values()
    if not codes.is_unique:
        twice = codes[codes.duplicated()][0]
        raise InputError(
            _("Mahalla '{code}' has two rows in the layer; give each mahalla one row.", code=twice)
        )
    rows = codes.get_indexer(pd.Index(placed["mahalla_code"]))
    if (rows < 0).any():
        unknown = placed["mahalla_code"].to_numpy()[rows < 0]
        raise InputError(
            _(
                "{records} placed records lie in mahallas that are not in the layer, the first in "
                "{code}; place the records onto this layer again.",
                records=len(unknown),
                code=repr(unknown[0]),
            )
        )
    month = pd.PeriodIndex(placed["month"], freq="M")
    dateless = int(np.count_nonzero(month.isna()))
    if dateless:
        raise InputError(
            _(
                "{dateless} placed records have no month; reject records without a date before "
                "counting.",
                dateless=dateless,
            )
        )
    columns = month.asi8 - start.ordinal
    within = (columns >= 0) & (columns < len(months))
    cells = rows[within] * len(months) + columns[within]
    counts = np.bincount(cells, minlength=len(codes) * len(months)).astype(np.int64)
    return pd.DataFrame(counts.reshape(len(codes), len(months)), index=codes, columns=months)


def rolling_counts(panel: pd.DataFrame, months: int) -> pd.DataFrame:
    """Sum the counts over the window of months that ends in each month.

    Parameters
    ----------
    panel
        Mahallas by months, as `count_offenses` returns it. A month without any records holds
        zeros, so that a window's sum counts its observed months; how many those are is the
        answer of `observed_months`.
    months
        Length of the window, at least 1.

    Returns
    -------
    DataFrame
        Mahallas by the months in which a window ends: from the first complete window on, hence
        ``months - 1`` columns fewer, and none where the panel is shorter than a window.

    Raises
    ------
    InputError
        If the window is shorter than a month.

    Examples
    --------
    >>> columns = pd.period_range("2025-01", periods=4, freq="M")
    >>> rolling_counts(pd.DataFrame([[1, 0, 2, 5]], index=["a"], columns=columns), 3)
       2025-03  2025-04
    a        3        7
    """
    _check_window(months)
    sums = np.cumsum(panel.to_numpy(), axis=1)
    before = np.zeros((len(panel), 1), dtype=sums.dtype)
    sums = np.concatenate([before, sums], axis=1)
    windows = sums[:, months:] - sums[:, :-months]
    return pd.DataFrame(windows, index=panel.index, columns=panel.columns[months - 1 :])


def observed_months(
    columns: pd.PeriodIndex, missing: Collection[pd.Period], months: int
) -> pd.Series[int]:
    """Count the months of each window that have records.

    A month without any records at all is missing data, not a month without crime: rates divide by
    the observed months, and a mahalla is green only where every month of the window is observed.

    Parameters
    ----------
    columns
        The months of the panel, without gaps.
    missing
        The months without any records.
    months
        Length of the window, at least 1.

    Returns
    -------
    Series
        Number of observed months, by the month in which the window ends; its index equals the
        columns of `rolling_counts`.

    Raises
    ------
    InputError
        If the window is shorter than a month.

    Examples
    --------
    >>> columns = pd.period_range("2025-01", periods=4, freq="M")
    >>> observed_months(columns, {pd.Period("2025-02")}, 2)
    2025-02    1
    2025-03    1
    2025-04    2
    Freq: M, Name: observed_months, dtype: int64
    """
    _check_window(months)
    observed = np.concatenate([[0], np.cumsum(~columns.isin(list(missing)))])
    return pd.Series(
        (observed[months:] - observed[:-months]).astype(np.int64),
        index=columns[months - 1 :],
        name="observed_months",
    )


def year_to_date(
    panel: pd.DataFrame, month: pd.Period, *, missing: Collection[pd.Period] = ()
) -> pd.DataFrame:
    """Sum the counts from January to a month, this year and the year before.

    Parameters
    ----------
    panel
        Mahallas by months.
    month
        The last month of both sums.
    missing
        The months without any records.

    Returns
    -------
    DataFrame
        ``count_ytd`` and ``count_ytd_last_year`` on the index of the panel (float64). This year's
        sum is over the observed months and missing only where the panel does not reach back to
        January; last year's is missing also where one of its months is, because it is there to
        compare with.

    Examples
    --------
    >>> columns = pd.period_range("2024-01", "2025-02", freq="M")
    >>> panel = pd.DataFrame([range(14)], index=["a"], columns=columns)
    >>> year_to_date(panel, pd.Period("2025-02"))
       count_ytd  count_ytd_last_year
    a       25.0                  1.0
    """
    this_year = pd.period_range(f"{month.year}-01", month, freq="M")
    last_year = this_year - 12
    complete = not last_year.isin(list(missing)).any()
    return pd.DataFrame(
        {
            "count_ytd": _sum_of(panel, this_year),
            "count_ytd_last_year": _sum_of(panel, last_year) if complete else np.nan,
        },
        index=panel.index,
    )


def _sum_of(panel: pd.DataFrame, months: pd.PeriodIndex) -> pd.Series[float]:
    if not months.isin(panel.columns).all():
        return pd.Series(np.nan, index=panel.index)
    return panel[months].sum(axis=1).astype(float)


def _check_window(months: int) -> None:
    if months < 1:
        raise InputError(
            _("A window of {months} months holds nothing; give at least 1.", months=months)
        )
