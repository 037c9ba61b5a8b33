"""Whether a count of zero would be seen to be zero: green needs it, nothing else does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd


def observable(
    reachable: pd.DataFrame, complete: pd.Series, hit_rate: pd.DataFrame, *, min_hit_rate: float
) -> pd.DataFrame:
    """Say of every mahalla and month whether its window could be observed.

    Parameters
    ----------
    reachable : mahallas × months, whether a record could have reached the mahalla.
    complete : by month, whether every month of its window has records.
    hit_rate : mahallas × months, the hit rate of the mahalla's district; nan where there is none.
    min_hit_rate : the least hit rate at which zero is evidence of nothing having happened.

    Returns
    -------
    DataFrame
        mahallas × months of bool.

    Examples
    --------
    >>> reachable = pd.DataFrame({"2025-01": [True, False, True]})
    >>> hit_rate = pd.DataFrame({"2025-01": [0.9, 0.9, 0.5]})
    >>> complete = pd.Series({"2025-01": True})
    >>> observable(reachable, complete, hit_rate, min_hit_rate=0.85)["2025-01"].tolist()
    [True, False, False]
    """
    return (reachable & (hit_rate >= min_hit_rate)).mul(complete.astype(bool), axis="columns")


def why_not_observable(
    reachable: pd.Series,
    hit_rate: pd.Series,
    unobserved: Sequence[pd.Period],
    *,
    min_hit_rate: float,
    dated: float = 1.0,
) -> pd.Series:
    """Say why each mahalla of one month is not observable; empty text where it is.

    Parameters
    ----------
    reachable, hit_rate : as for :func:`observable`, one month.
    unobserved : the months of the window without any record.
    min_hit_rate : as for :func:`observable`.
    dated : share of the records whose date can be read.

    Examples
    --------
    >>> why_not_observable(
    ...     pd.Series([True, True]), pd.Series([0.9, 0.5]), [], min_hit_rate=0.85
    ... ).tolist()
    ['', 'only 50.0 % of the records of its district could be placed, less than 85 %']
    """
    reasons = hit_rate.map(lambda rate: _why_low(rate, min_hit_rate)).astype(object)
    reasons[~reachable] = (
        "no record of its district is placed by code or name, and none can reach it by coordinates"
    )
    if dated < min_hit_rate:
        reasons[:] = (
            f"only {math.floor(dated * 1000) / 10:.1f} % of the records have a readable date"
        )
    if len(unobserved):
        months = list(unobserved)
        shown = str(months[0]) if len(months) == 1 else f"{len(months)} months, {months[0]} first"
        reasons[:] = f"the window has no records at all for {shown}"
    return reasons


def _why_low(rate: float, least: float) -> str:
    if pd.isna(rate):
        return "no record of the region says how well its district is recorded"
    if rate >= least:
        return ""
    # rounded down, so that a rate just below the bar never reads as the bar itself
    shown = math.floor(rate * 1000) / 10
    return (
        f"only {shown:.1f} % of the records of its district could be placed, "
        f"less than {100 * least:g} %"
    )
