"""Seasons: which months of the year and days of the week have more offenses than a mean day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DATES = ("datetime64", "datetime", "date", "empty")


@dataclass(frozen=True)
class Seasonality:
    """An index by calendar month or weekday, and the test of whether it is more than chance.

    ``index`` is groups × calendar months (1 to 12) or weekdays: offenses a day there over offenses
    a day altogether, 1 on the mean day. ``test`` has, by group: ``offenses``; ``periods`` (whole
    years or weeks they are of); ``chi_square`` of the counts against the numbers of days and
    ``chi_square_p``, which takes them for Poisson counts; ``dispersion``, how much more than
    Poisson counts the same month of several years, or the same weekday of several weeks, varies,
    at least 1; ``season_p``, which allows for that: the F-test of chi_square / dispersion. NaN
    where there is no whole period or no offense, and ``season_p`` where there is only one period.
    """

    index: pd.DataFrame
    test: pd.DataFrame


def find_monthly_season(panel: pd.DataFrame) -> Seasonality:
    """Compare the calendar months of whole years, of the republic or by district.

    Parameters
    ----------
    panel : DataFrame, a row a group, columns a PeriodIndex of months without gaps
        Counts of single months, summed over a district, a region or all: ``panel.groupby(
        district).sum()``. A mahalla has too few. NaN: no data.

    Returns
    -------
    Seasonality
        Over as many whole years back from the last month as the panel has; a year with a missing
        month is left out for that group.

    Raises
    ------
    InputError
        If a count is negative or not whole, or the columns are no months without gaps.

    Notes
    -----
    Expected is what each calendar month's days would have at the mean day of the whole, after
    each year's own level. Seasons differ only where all years agree: the dispersion is that of
    the counts about (year's total) × (calendar month's share). Few years make a weak test, and a
    level that changes within a year looks like a season in one year, like dispersion in several.

    References
    ----------
    McCullagh & Nelder (1989), Generalized Linear Models, 4.5 and 6.2: dispersion of counts and
    the F-test. Index to the mean day: Ratcliffe (2010), Crime mapping: spatial and temporal
    challenges, doi:10.1007/978-0-387-77650-7_2.

    Examples
    --------
    >>> months = pd.period_range("2023-01", "2024-12", freq="M")
    >>> counts = [[3 * month.days_in_month if month.month == 7 else month.days_in_month
    ...            for month in months]]
    >>> season = find_monthly_season(pd.DataFrame(counts, index=["all"], columns=months))
    >>> season.index[[1, 2, 7]].round(3)
    month      1      2      7
    all    0.855  0.855  2.565
    >>> season.test["season_p"].round(4).tolist()
    [0.0]
    """
    months = panel.columns
    if not isinstance(months, pd.PeriodIndex) or months.freqstr != "M":
        raise InputError(
            _("the columns are {dtype}: give months, a PeriodIndex", dtype=months.dtype)
        )
    if len(months) and not months.equals(pd.period_range(months[0], months[-1], freq="M")):
        raise InputError(
            _(
                "the months from {first} to {last} have gaps or another order: give every month, "
                "without data as missing",
                first=months[0],
                last=months[-1],
            )
        )
    values = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    given = values[~np.isnan(values)]
    wrong = given[(given < 0) | (given != np.round(given)) | np.isinf(given)]
    if wrong.size:
        raise InputError(
            _("a count is {count}: counts are whole numbers from 0 up", count=f"{wrong[0]:g}")
        )
    years = len(months) // 12
    last = months[len(months) - 12 * years :]
    place = np.arange(12 * years) // 12, last.month.to_numpy() - 1
    cube, days = np.empty((len(panel), years, 12)), np.empty((years, 12))
    cube[:, *place] = values[:, len(months) - 12 * years :]
    days[place] = last.days_in_month
    names = pd.RangeIndex(1, 13, name="month")
    return _compare(cube, days, pd.DataFrame(index=panel.index, columns=names))


def find_weekly_season(
    dates: pd.Series, *, start: str, end: str, groups: pd.Series | None = None
) -> Seasonality:
    """Compare the days of the week, of the republic or by district.

    Parameters
    ----------
    dates : Series of dates or times, one an offense; only the day is used.
    start, end : first and last day that the records cover, as YYYY-MM-DD.
    groups : a district or another group for each offense, on the same index; None for one group
        called "all".

    Returns
    -------
    Seasonality
        Over the whole weeks back from the last day; offenses of other days are not counted.

    Raises
    ------
    InputError
        If a date is missing or text, start or end is no day, or there is no whole week from the
        one to the other.

    Notes
    -----
    As `find_monthly_season`, with weeks for years. Where the day of an offense is not known but
    entered as the day it was reported, this is the rhythm of reporting.

    Examples
    --------
    >>> dates = pd.Series(pd.date_range("2025-01-01", "2025-03-31"))
    >>> fridays = dates[dates.dt.day_name() == "Friday"]
    >>> season = find_weekly_season(pd.concat([dates, fridays], ignore_index=True),
    ...                             start="2025-01-01", end="2025-03-31")
    >>> season.index[["Thursday", "Friday"]].round(3)
    weekday  Thursday  Friday
    all         0.875    1.75
    """
    # in text 01.02. may be the second of January or the first of February
    if pd.api.types.infer_dtype(dates) not in DATES:
        raise InputError(
            _("the dates are {dtype}: read them with pandas.to_datetime first", dtype=dates.dtype)
        )
    # by the clock on the wall, whatever the time zone
    days = pd.to_datetime(dates).dt.tz_localize(None).dt.normalize()
    if days.isna().any():
        raise InputError(
            _("{offenses} offenses have no date: leave them out", offenses=days.isna().sum())
        )
    first, final = _day(start), _day(end)
    weeks = ((final - first).days + 1) // 7
    if weeks < 1:
        raise InputError(
            _("from {start} to {end} there is no whole week: give later days", start=start, end=end)
        )
    place = np.asarray(7 * weeks - 1 - (final - days).dt.days, dtype=np.int64)
    within = (place >= 0) & (place < 7 * weeks)
    group = pd.Series("all", dates.index) if groups is None else groups.reindex(dates.index)
    codes, names = pd.factorize(group, sort=True)
    within &= codes >= 0
    cells = codes[within] * 7 * weeks + place[within]
    values = np.bincount(cells, minlength=len(names) * 7 * weeks).astype(float)
    calendar = (np.arange(7) - (final.day_of_week + 1)) % 7
    cube = values.reshape(len(names), weeks, 7)[:, :, calendar]
    like = pd.DataFrame(index=pd.Index(names), columns=pd.Index(WEEKDAYS, name="weekday"))
    return _compare(cube, np.ones((weeks, 7)), like)


def _day(text: str) -> pd.Timestamp:
    try:
        return pd.to_datetime(text, format="%Y-%m-%d")
    except ValueError:
        raise InputError(_("'{text}' is not a day: write it as YYYY-MM-DD", text=text)) from None


def _compare(cube: Floats, days: Floats, like: pd.DataFrame) -> Seasonality:
    """Return the index and test of groups × periods × seasons, days being periods × seasons."""
    whole = np.asarray(~np.isnan(cube).any(axis=2))
    counts = np.where(whole[:, :, None], cube, 0.0)
    lengths = np.where(whole[:, :, None], days, 0.0)
    observed, exposure = counts.sum(axis=1), lengths.sum(axis=1)
    total = observed.sum(axis=1)
    periods = whole.sum(axis=1)
    free = observed.shape[1] - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        index = (observed / exposure) / (total / exposure.sum(axis=1))[:, None]
        # each period at its own level, shared out by its days
        level = counts.sum(axis=2) / lengths.sum(axis=2)
        even = np.nansum(level[:, :, None] * lengths, axis=1)
        chi_square = ((observed - even) ** 2 / even).sum(axis=1)
        # and by what the season has beside its days
        fitted = np.nan_to_num(level)[:, :, None] * lengths * (observed / even)[:, None, :]
        fitted *= np.nan_to_num(counts.sum(axis=2) / fitted.sum(axis=2))[:, :, None]
        squares = np.where(fitted > 0, (counts - fitted) ** 2 / fitted, 0.0).sum(axis=(1, 2))
        dispersion = np.where(periods > 1, squares / (free * (periods - 1)), np.nan)
        dispersion = np.maximum(dispersion, 1.0)
        p = special.chdtrc(free, chi_square)
        season_p = special.fdtrc(free, free * (periods - 1), chi_square / free / dispersion)
    judged = total > 0
    test = pd.DataFrame(
        {
            "offenses": total,
            "periods": periods,
            "chi_square": np.where(judged, chi_square, np.nan),
            "chi_square_p": np.where(judged, p, np.nan),
            "dispersion": np.where(judged, dispersion, np.nan),
            "season_p": np.where(judged & (periods > 1), season_p, np.nan),
        },
        index=like.index,
    )
    return Seasonality(pd.DataFrame(index, like.index, like.columns), test)
