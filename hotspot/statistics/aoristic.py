"""When offenses happened of which only an interval is known: aoristic weights by hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]

HOURS, DAYS = 24, 7
WEEK = HOURS * DAYS
MONDAY = np.datetime64("1970-01-05", "us")
HOUR_US = 3_600_000_000
# records whose weights are in memory at once, where only their sum is asked for
BLOCK = 10_000


def aoristic_weights(records: pd.DataFrame, *, longest_hours: float | None = None) -> pd.DataFrame:
    """Return for each record how probably it happened in each hour of each weekday.

    Parameters
    ----------
    records : DataFrame
        One row an offense: `start` and `end` as datetimes, in local time; it happened between them.
        Where they are equal the time is known.
    longest_hours : float, optional
        Longer intervals say too little and have no weights.

    Returns
    -------
    DataFrame, index of the records
        Columns (`weekday`, `hour`): 1 for Monday to 7, 0 to 23. Rows sum to 1; NaN throughout where
        start or end is missing, or the interval too long.

    Raises
    ------
    InputError
        If a column is absent or not of datetimes, only one of the two has a time zone, or an
        interval ends before it starts.

    Notes
    -----
    The offense is taken to be as likely in each minute of its interval. Ratcliffe's weights are by
    hours touched, 1 / 3 each from 22:30 to 00:30; these by the share of the interval in the hour,
    1/4, 1/2, 1/4. Both agree where intervals begin and end on the hour. Long intervals spread over
    all hours alike and hide the pattern of the others: report how many were left out. A time that
    is a habit (00:00 for unknown, 12:00 for about noon) stays one.

    References
    ----------
    Ratcliffe & McCullagh (1998), doi:10.1080/136588198241644; Ratcliffe (2000),
    doi:10.1080/136588100424963; Ratcliffe (2002), doi:10.1023/A:1013240828824.

    Examples
    --------
    From half past eleven on a Sunday evening to half past one on Monday:

    >>> records = pd.DataFrame({"start": pd.to_datetime(["2024-01-07 23:30"]),
    ...                         "end": pd.to_datetime(["2024-01-08 01:30"])})
    >>> weights = aoristic_weights(records).iloc[0]
    >>> weights[weights > 0].to_dict()
    {(1, 0): 0.5, (1, 1): 0.25, (7, 23): 0.25}
    """
    start, end, kept = _intervals(records, longest_hours)
    weights = np.full((len(records), WEEK), np.nan)
    weights[kept] = _weights(start, end)
    columns = pd.MultiIndex.from_product(
        [range(1, DAYS + 1), range(HOURS)], names=["weekday", "hour"]
    )
    return pd.DataFrame(weights, index=records.index, columns=columns)


def aoristic_hours(records: pd.DataFrame, *, longest_hours: float | None = None) -> pd.DataFrame:
    """Return how many offenses are to be expected in each hour of each weekday.

    Parameters
    ----------
    records, longest_hours
        As in `aoristic_weights`.

    Returns
    -------
    DataFrame, index `weekday` (1 for Monday to 7), columns `hour` (0 to 23)
        Sums of the weights. Their total is the number of records with an interval, and not too long
        a one; the rest of the records have no time.

    Raises
    ------
    InputError
        As `aoristic_weights`.

    Examples
    --------
    >>> records = pd.DataFrame({"start": pd.to_datetime(["2024-01-07 23:30", "2024-01-08 00:10"]),
    ...                         "end": pd.to_datetime(["2024-01-08 01:30", "2024-01-08 00:10"])})
    >>> aoristic_hours(records).loc[1, :2].tolist()
    [1.5, 0.25, 0.0]
    """
    start, end, _ = _intervals(records, longest_hours)
    # in the order of time, so that the order of the rows does not change the last digit of a sum
    order = np.lexsort((end, start))
    start, end = start[order], end[order]
    total = np.zeros(WEEK)
    for first in range(0, len(start), BLOCK):
        here = slice(first, first + BLOCK)
        total += _weights(start[here], end[here]).sum(axis=0)
    return pd.DataFrame(
        total.reshape(DAYS, HOURS),
        index=pd.RangeIndex(1, DAYS + 1, name="weekday"),
        columns=pd.RangeIndex(HOURS, name="hour"),
    )


def _intervals(
    records: pd.DataFrame, longest_hours: float | None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return starts and ends in hours since the Monday before the start, and whose they are."""
    for name in ("start", "end"):
        if name not in records.columns:
            raise InputError(
                _("the records have no column '{name}': an interval needs start and end", name=name)
            )
        if not pd.api.types.is_datetime64_any_dtype(records[name]):
            raise InputError(
                _(
                    "the column '{name}' is {dtype}: read it with pandas.to_datetime first",
                    name=name,
                    dtype=records[name].dtype,
                )
            )
    zones = [records[name].dt.tz for name in ("start", "end")]
    if (zones[0] is None) != (zones[1] is None):
        zoned, bare = ("start", "end") if zones[1] is None else ("end", "start")
        raise InputError(
            _(
                "the column '{zoned}' has a time zone and '{bare}' has none: give both alike",
                zoned=zoned,
                bare=bare,
            )
        )
    backwards = records["end"] < records["start"]
    if backwards.any():
        first = records[backwards].iloc[0]
        raise InputError(
            _(
                "{intervals} intervals end before they start, the first from {start} to {end}: "
                "exchange or correct them",
                intervals=backwards.sum(),
                start=first["start"],
                end=first["end"],
            )
        )
    kept = (records["start"].notna() & records["end"].notna()).to_numpy(copy=True)
    # by the clock on the wall, whatever the time zone
    since = [
        records.loc[kept, name].dt.tz_localize(None).to_numpy(dtype="datetime64[us]") - MONDAY
        for name in ("start", "end")
    ]
    monday = since[0] - since[0] % np.timedelta64(WEEK, "h")
    start, end = ((time - monday).astype(np.int64) / HOUR_US for time in since)
    if longest_hours is not None:
        short = end - start <= longest_hours
        kept[kept] = short
        start, end = start[short], end[short]
    return start, end, kept


def _weights(start: Floats, end: Floats) -> Floats:
    """Return the share of each interval in each hour of the week."""
    hour = np.arange(WEEK)

    def passed(time: Floats) -> Floats:
        """Return how much of each hour of the week has passed at a time, over all weeks."""
        weeks, within = np.divmod(time, WEEK)
        return np.asarray(weeks[:, None] + np.clip(within[:, None] - hour, 0, 1))

    length = end - start
    weights = (passed(end) - passed(start)) / np.where(length > 0, length, 1.0)[:, None]
    known = np.flatnonzero(length == 0)
    weights[known, start[known].astype(np.int64)] = 1.0
    return weights
