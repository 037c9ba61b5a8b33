"""Emerging hot spots: what kind of past a mahalla's monthly Gi* has, in Esri's 17 classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Truths = NDArray[np.bool_]

FEWEST = 10
"""Observed months below which no class is given, as Esri asks of a space-time cube."""
KINDS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
"""The kinds of hot and cold spots; the 17th class is ``no_pattern``."""


def emerging_hot_spots(
    bins: pd.DataFrame, trend: pd.DataFrame, *, level: float = 0.10
) -> pd.Series[str]:
    """Sort each mahalla into one of the 17 classes of emerging hot spot analysis.

    Parameters
    ----------
    bins : DataFrame, index mahalla_code, a column a month in the order of time
        Gi* bins of single months, never of rolling windows: hot where above 0, cold where below.
        NaN: not assessed in that month, which then counts as no step.
    trend : DataFrame, index mahalla_code
        Columns `s` and `p`: Mann–Kendall's test of the monthly z of Gi*, as
        `mann_kendall(gi_z(counts, graph))` returns it.
    level : p of the trend up to which intensity rises or falls.

    Returns
    -------
    Series
        `pattern`: ``no_pattern`` or one of `KINDS` with ``_hot`` or ``_cold``, as ``new_hot``.
        Missing with fewer than 10 observed months, without the last one, or without a trend.

    Raises
    ------
    InputError
        If the mahallas of the trend are others than those of the bins, or the level is no share.

    Notes
    -----
    The text followed is Esri's "How Emerging Hot Spot Analysis works" of ArcGIS Pro 3.x, with n
    observed months, "now" the last of them and "most" at least 90 %. Hot spots are

    - new: hot now, never before.
    - consecutive: one unbroken run of two or more that ends now, never before, not most.
    - intensifying, diminishing: hot most months and now, z rising, falling.
    - persistent: hot most months, z without trend.
    - sporadic: hot now and off and on before, not most, never cold.
    - oscillating: hot now, cold in some month before, not most.
    - historical: not hot now, but most months were.

    The first that fits is taken; cold spots are their mirror. Older texts (ArcGIS Pro 2.x, ArcMap)
    let a sporadic spot end cool and a consecutive run be one month long. Three things Esri's text
    leaves open are settled here: a mahalla hot in most months but not now is historical, whatever
    its trend, as only that definition speaks of the last month; one that was hot in most months
    and is cold now, or the reverse, is the spot it is now, not the historical one; and a trend is
    significant from 90 % confidence, as a bin is. The spots are those of Gi* within each month;
    neighbours in time are not added to the sums.

    References
    ----------
    Esri, https://pro.arcgis.com/en/pro-app/latest/tool-reference/space-time-pattern-mining/learnmoreemerging.htm

    Examples
    --------
    >>> bins = pd.DataFrame([[0] * 9 + [2], [1] * 10, [-1] * 9 + [0]], index=list("abc"))
    >>> trend = pd.DataFrame({"s": [9.0, 31.0, 0.0], "p": [0.2, 0.01, 1.0]}, index=list("abc"))
    >>> emerging_hot_spots(bins, trend).tolist()
    ['new_hot', 'intensifying_hot', 'historical_cold']
    """
    if not 0 < level < 1:
        raise InputError(
            _("the level of the trend is {level}: give a share between 0 and 1", level=f"{level:g}")
        )
    if not bins.index.equals(trend.index):
        raise InputError(
            _(
                "the trend has {trend} mahallas and the bins {bins}, or in another order: give "
                "both on the same index",
                trend=len(trend),
                bins=len(bins),
            )
        )
    steps = bins.to_numpy(dtype=np.float64, na_value=np.nan)
    observed = ~np.isnan(steps)
    s, p = (trend[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("s", "p"))
    judged = (observed.sum(axis=1) >= FEWEST) & ~np.isnan(s) & ~np.isnan(p)
    judged &= observed[:, -1:].any(axis=1)
    moved = np.where(p <= level, np.sign(s), 0.0)
    hot = _kinds(steps > 0, steps < 0, observed, moved)
    cold = _kinds(steps < 0, steps > 0, observed, -moved)
    # a spot of the last month can meet its historical counterpart alone, and stands before it
    is_hot = (hot != "") & ((hot != "historical") | (cold == ""))
    found = np.where(is_hot, np.char.add(hot, "_hot"), np.char.add(cold, "_cold"))
    found = np.where((hot == "") & (cold == ""), "no_pattern", found)
    return pd.Series(found, bins.index, dtype="str", name="pattern").where(judged)


def _kinds(
    spot: Truths,
    opposite: Truths,
    observed: Truths,
    moved: NDArray[np.float64],
) -> NDArray[np.str_]:
    """Return the first kind of spot that fits each row, an empty text where none does."""
    times, steps = spot.sum(axis=1), observed.sum(axis=1)
    now = spot[:, -1:].any(axis=1)
    # 90 % in whole numbers, as 0.9 is no binary fraction
    most = (times > 0) & (10 * times >= 9 * steps)
    # months not observed interrupt no run
    cool = (observed & ~spot)[:, ::-1]
    last_run = np.cumsum(cool, axis=1) == 0
    unbroken = (spot[:, ::-1] & last_run).sum(axis=1) == times
    fits = (
        now & (times == 1),
        now & unbroken & (times >= 2) & ~most,
        now & most & (moved > 0),
        now & most & (moved == 0),
        now & most & (moved < 0),
        now & ~most & ~opposite.any(axis=1),
        now & ~most & opposite.any(axis=1),
        ~now & most,
    )
    return np.select(fits, KINDS, default="")
