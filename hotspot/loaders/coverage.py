"""Which months the records cover: where they set in, and the last month that is whole."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _, ngettext

# a month counts as sustained from this share of a typical month
SUSTAINED = 0.1
# more records than this share are never taken for strays
STRAYS = 0.1
# a silence at the end of the last month that is rarer than this means it is not over
SILENCE = 0.01
DAYS_PER_MONTH = 30.4


@dataclass(frozen=True)
class Coverage:
    """The months from `start` to `end` that records cover.

    `months` counts the records of each; `missing` are those without any; `typical` is the size
    of the month that a record typically lies in; `before` and `after` count the records outside;
    `last` is the last month of lasting records, whole or not.
    """

    start: pd.Period
    end: pd.Period
    months: pd.Series
    missing: tuple[pd.Period, ...]
    typical: float
    before: int
    after: int
    last: pd.Period

    @property
    def why_start(self) -> str:
        """Say in the language spoken why the coverage starts there."""
        return ngettext(
            "{month} is the first month of lasting records; {count} record lies before it",
            "{month} is the first month of lasting records; {count} records lie before it",
            self.before,
            month=self.start,
            count=self.before,
        )

    @property
    def why_end(self) -> str:
        """Say in the language spoken why the coverage ends there."""
        if self.last > self.end:
            return ngettext(
                "{month} is the last whole month of lasting records; {count} record lies after "
                "it, where {later} is not over",
                "{month} is the last whole month of lasting records; {count} records lie after "
                "it, where {later} is not over",
                self.after,
                month=self.end,
                count=self.after,
                later=self.last,
            )
        return ngettext(
            "{month} is the last whole month of lasting records; {count} record lies after it",
            "{month} is the last whole month of lasting records; {count} records lie after it",
            self.after,
            month=self.end,
            count=self.after,
        )

    @property
    def why(self) -> str:
        """Return both reasons as one sentence."""
        return f"{self.why_start}; {self.why_end}"


def day_counts(offenses: pd.DataFrame) -> pd.Series:
    """Count the records of each day.

    Parameters
    ----------
    offenses
        An offense frame; records without a readable date are left out.

    Returns
    -------
    Series of int64
        On the days that have records, sorted. Parts of a source add up with
        ``first.add(second, fill_value=0)``.
    """
    days = offenses["date"].dropna().dt.normalize()
    counts: pd.Series = days.value_counts().sort_index().astype("int64").rename("records")
    return counts


def find_coverage(days: pd.Series) -> Coverage:
    """Find the months that the records cover.

    Parameters
    ----------
    days
        Records by day, of all kinds, as `day_counts` returns them.

    Returns
    -------
    Coverage

    Raises
    ------
    InputError
        There is no record with a readable date.

    Notes
    -----
    The typical month is the record-weighted median of monthly totals: half of all records lie in
    months at least as large. A month with a tenth of that is sustained. The coverage starts with
    the first sustained month after which at least half of a year's months are sustained (of the
    months that are left, if fewer), so that late reports of old offenses and slips of the pen
    don't count; but where more than a tenth of the records would lie before it they are no
    strays, and the first sustained month is the start. The end is found the same way backwards,
    then goes back to the last whole month: one that ends in g silent days, with λ records on a
    typical day, is whole where exp(-λ g) is at least 0.01. Records dated by month alone, all on
    the first day, are whole.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.Series(3, index=pd.date_range("2024-01-01", "2024-03-10"))
    >>> coverage = find_coverage(days)
    >>> str(coverage.start), str(coverage.end)
    ('2024-01', '2024-02')
    """
    days = days[days > 0].sort_index()
    if days.empty:
        raise InputError(
            _("no record has a readable date; name the date's column or its date_format")
        )
    index = pd.DatetimeIndex(days.index)
    totals = days.groupby(index.to_period("M")).sum()
    typical = _typical(totals)
    full = totals.reindex(
        pd.period_range(totals.index[0], totals.index[-1], freq="M"), fill_value=0
    )
    sustained = full >= SUSTAINED * typical
    start = _first_lasting(full, sustained)
    # the same look from the other end of time
    end = _first_lasting(full[::-1], sustained[::-1])
    last, end = end, _last_whole(days, full[start:end], sustained, typical)
    months = full[start:end].astype("int64").rename("records")
    missing = tuple(months.index[months == 0])
    before, after = int(full[: start - 1].sum()), int(full[end + 1 :].sum())
    return Coverage(start, end, months, missing, float(typical), before, after, last)


def _typical(totals: pd.Series) -> int:
    ordered = np.sort(totals.to_numpy())
    return int(ordered[np.searchsorted(ordered.cumsum(), ordered.sum() / 2)])


def _first_lasting(totals: pd.Series, sustained: pd.Series) -> pd.Period:
    """Return the first month whose following year holds enough, in the order of the series."""
    held = [int(at) for at in np.flatnonzero(sustained)]
    for at in held:
        year = sustained.iloc[at : min(at + 12, held[-1] + 1)]
        if 2 * year.sum() >= len(year):
            break
    if totals.iloc[:at].sum() > STRAYS * totals.sum():
        at = held[0]
    month: pd.Period = totals.index[at]
    return month


def _last_whole(
    days: pd.Series, months: pd.Series, sustained: pd.Series, typical: int
) -> pd.Period:
    index = pd.DatetimeIndex(days.index)
    by_month = (index.day == 1).all()
    # the days are in order, so that the last of a month stays
    last_days = dict(zip(index.to_period("M"), index, strict=True))
    candidates: list[pd.Period] = list(months.index[sustained[months.index]])
    for month in reversed(candidates):
        silent = month.days_in_month - last_days[month].day
        if by_month or math.exp(-typical / DAYS_PER_MONTH * silent) >= SILENCE:
            return month
    # not one is whole: the last that lasts is all there is
    return candidates[-1]
