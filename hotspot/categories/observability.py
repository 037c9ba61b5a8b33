"""Whether a count of zero would be seen to be zero: green needs it, nothing else does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from hotspot.language import _, ngettext, number


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
    """Say why each mahalla of one month is not observable, in the language spoken.

    Parameters
    ----------
    reachable, hit_rate : as for :func:`observable`, one month.
    unobserved : the months of the window without any record.
    min_hit_rate : as for :func:`observable`.
    dated : share of the records whose date can be read.

    Returns
    -------
    Series
        A clause on the index of ``reachable``; empty text where nothing speaks against it.

    Examples
    --------
    >>> why_not_observable(
    ...     pd.Series([True, True]), pd.Series([0.9, 0.5]), [], min_hit_rate=0.85
    ... ).tolist()
    ['', 'only 50.0 % of the records of its district could be placed, less than 85 %']
    """
    # a district's mahallas have one rate
    of_rate, rates = pd.factorize(hit_rate, use_na_sentinel=False)
    said = np.array([_why_low(rate, min_hit_rate) for rate in rates], dtype=object)
    reasons = pd.Series(said[of_rate], hit_rate.index, dtype=object)
    reasons[~reachable] = _(
        "no record of its district is placed by code or name, and none can reach it by coordinates"
    )
    if dated < min_hit_rate:
        reasons[:] = _("only {share} % of the records have a readable date", share=_floored(dated))
    if len(unobserved) == 1:
        reasons[:] = _("the window has no records at all for {month}", month=unobserved[0])
    elif len(unobserved):
        reasons[:] = ngettext(
            "the window has no records at all for {n} month, {month} first",
            "the window has no records at all for {n} months, {month} first",
            len(unobserved),
            month=unobserved[0],
        )
    return reasons


def _why_low(rate: float, least: float) -> str:
    if pd.isna(rate):
        return _("no record of the region says how well its district is recorded")
    if rate >= least:
        return ""
    return _(
        "only {share} % of the records of its district could be placed, less than {least} %",
        share=_floored(rate),
        least=number(100 * least, len(f"{100 * least:g}".partition(".")[2])),
    )


def _floored(share: float) -> str:
    # rounded down, so that a rate just below the bar never reads as the bar itself
    return number(math.floor(share * 1000) / 10, 1)
