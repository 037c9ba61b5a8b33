"""Whether the red list holds: the month decided again under choices that could have been others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from hotspot.categories.classify import decide
from hotspot.columns import names
from hotspot.criteria_choice import needs_density
from hotspot.density import estimate_density
from hotspot.job import Job
from hotspot.kinds import weigh_kinds
from hotspot.language import _, mark, ngettext, number
from hotspot.placement import Placement
from hotspot.setting import Setting
from hotspot.statistics.bandwidth import study_area_bandwidth
from hotspot.statistics.counts import rolling_counts
from hotspot.statistics.neighbours import nearest_neighbours

WINDOWS = ((2, 3), (3, 2))
"""Shares of the criteria's window, which other windows have."""
NEAREST = 6
"""Neighbours of each mahalla where they are the nearest and not those with a common border."""
BANDWIDTHS = {"bandwidth_half": 0.5, "bandwidth_double": 2.0}

_WORDS = {
    "window": mark("window"),
    "nearest": mark("neighbourhood"),
    "bandwidth": mark("bandwidth"),
    "unplaced": mark("sharing of the unplaced records"),
}


def decide_variants(setting: Setting, job: Job, previous: pd.Series | None) -> pd.DataFrame:
    """Decide the setting's month again under each variant.

    Parameters
    ----------
    setting : of the run.
    job : of the run.
    previous : the categories of the month before, the same under every variant.

    Returns
    -------
    DataFrame
        Mahallas × variants, the categories: ``window_8`` and ``window_18`` for a window of twelve
        months, where the records reach so far back; ``nearest_6`` with the six nearest mahallas as
        neighbours; ``bandwidth_half`` and ``bandwidth_double`` where a condition names the density;
        ``unplaced_shared`` where records of the window are not placed. Minimum counts and bars
        stay as the criteria have them, also over a shorter window.
    """
    month = setting.placement.month
    others = (*_other_windows(setting, job), *_other_neighbours(setting))
    decided = {}
    for name, other in (*others, *_other_bandwidths(setting, job)):
        window = other.window(month, previous)
        decided[name] = decide(window.evidence, window.criteria, previous)
    shared = share_unplaced(setting.placement, setting.criteria.window_months)
    if shared.any():
        window = setting.window(month, previous)
        seen = (window.seen.fillna(0.0) + shared).where(window.seen.notna() | (shared > 0))
        decided["unplaced_shared"] = window.decide(pd.DataFrame({0: seen}))[0]
    return pd.DataFrame(decided, index=setting.placement.mahallas.index)


def list_reds(table: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """List the mahallas that are red in the run or under any variant: ``sensitivity.csv``.

    Parameters
    ----------
    table : the run's table, indexed by mahalla code.
    variants : what :func:`decide_variants` returns.
    """
    red = table["category"] == "red"
    other = variants == "red"
    listed = table.assign(mahalla_code=table.index, holds=red & other.all(axis=1))
    listed = listed[names("sensitivity")].join(variants)
    return pd.DataFrame(listed[red | other.any(axis=1)]).sort_index().reset_index(drop=True)


def summarise_reds(reds: pd.DataFrame) -> dict[str, Any]:
    """Count the reds of the run that hold, under every variant and under each.

    Examples
    --------
    >>> reds = pd.DataFrame({"category": ["red", "red", "yellow"], "holds": [True, False, False]})
    >>> reds = reds.assign(mahalla_code="", name="", district="", nearest_6=["red", "green", "red"])
    >>> summarise_reds(reds)
    {'red': 2, 'hold': 1, 'variants': {'nearest_6': {'red': 2, 'of_these': 1}}}
    """
    red = reds["category"] == "red"
    variants = {
        name: {
            "red": int((reds[name] == "red").sum()),
            "of_these": int(((reds[name] == "red") & red).sum()),
        }
        for name in reds.columns.drop(names("sensitivity"))
    }
    return {"red": int(red.sum()), "hold": int(reds["holds"].sum()), "variants": variants}


def describe_reds(found: dict[str, Any]) -> list[str]:
    """Say how many reds hold under every variant, in a sentence; nothing where there is no red.

    Examples
    --------
    >>> describe_reds({"red": 2, "hold": 1, "variants": {"window_8": {}, "nearest_6": {}}})
    ['1 of 2 reds hold under every other window and neighbourhood; see sensitivity.csv']
    """
    variants = found["variants"]
    if not found["red"] or not variants:
        return []
    words = [_(word) for word in dict.fromkeys(_WORDS[name.partition("_")[0]] for name in variants)]
    choices = words[-1]
    if len(words) > 1:
        choices = _("{former} and {latter}", former=", ".join(words[:-1]), latter=choices)
    return [
        ngettext(
            "{hold} of {n} red holds under every other {choices}; see sensitivity.csv",
            "{hold} of {n} reds hold under every other {choices}; see sensitivity.csv",
            found["red"],
            hold=number(found["hold"]),
            choices=choices,
        )
    ]


def share_unplaced(placement: Placement, window: int) -> pd.Series:
    """Share the unplaced records of the last window among the mahallas they may belong to.

    Parameters
    ----------
    placement : the placed and unplaced records.
    window : length of the window in months.

    Returns
    -------
    Series
        Whole numbers by mahalla. The records that name a district are shared among its mahallas in
        proportion to their counts, those that name none among all.
    """
    count = rolling_counts(placement.placed, window)[placement.month].astype("int64")
    unplaced = rolling_counts(placement.unplaced, window)[placement.month].astype("int64")
    everywhere = pd.Series("", index=count.index)
    unnamed = largest_remainders(unplaced[[""]], count, everywhere)
    return unnamed + largest_remainders(unplaced.drop(""), count, placement.district)


def largest_remainders(numbers: pd.Series, counts: pd.Series, group: pd.Series) -> pd.Series:
    """Share whole numbers among the members of each group in proportion to their counts.

    Parameters
    ----------
    numbers : what each group has to share, by its key.
    counts : by member; where a group has none at all, its members share alike.
    group : the key of each member's group.

    Returns
    -------
    Series
        Whole numbers by member, by the largest remainder; ties go to the first code.

    References
    ----------
    Balinski & Young (2001), Fair Representation: Hamilton's method.

    Examples
    --------
    >>> counts = pd.Series({"a": 1, "b": 1, "c": 3})
    >>> largest_remainders(pd.Series({"x": 4}), counts, pd.Series("x", counts.index)).tolist()
    [1, 1, 2]
    """
    keys = group.reindex(counts.index)
    weights = counts.where(counts.groupby(keys).transform("sum") > 0, 1)
    number = keys.map(numbers).fillna(0).astype("int64")
    # whole numbers throughout, so that equal remainders are equal
    parts, rest = divmod(number * weights, weights.groupby(keys).transform("sum"))
    left = number - parts.groupby(keys).transform("sum")
    ordered = rest.sort_index().sort_values(ascending=False, kind="stable").index
    place = keys[ordered].groupby(keys[ordered]).cumcount()
    return parts + (place.reindex(counts.index) < left).astype("int64")


def _other_windows(setting: Setting, job: Job) -> Iterator[tuple[str, Setting]]:
    placement, own = setting.placement, setting.criteria.window_months
    reached = (placement.month - placement.start).n + 1
    for part, whole in WINDOWS:
        window = (2 * own * part + whole) // (2 * whole)
        if window in (0, own) or window > reached:
            continue
        criteria = replace(setting.criteria, window_months=window)
        yield (
            f"window_{window}",
            replace(
                setting,
                criteria=criteria,
                density=_density(setting, job, window, job.density.bandwidth_m),
                of_kinds=weigh_kinds(job, criteria, placement.kinds, window=window),
            ),
        )


def _other_neighbours(setting: Setting) -> Iterator[tuple[str, Setting]]:
    mahallas = setting.placement.mahallas
    drawn = mahallas.geometry.notna() & ~mahallas.geometry.is_empty
    if drawn.sum() > NEAREST:
        graph = nearest_neighbours(mahallas, NEAREST).graph
        yield f"nearest_{NEAREST}", replace(setting, graph=graph)


def _other_bandwidths(setting: Setting, job: Job) -> Iterator[tuple[str, Setting]]:
    if not needs_density(setting.criteria) or setting.density is None:
        return
    left, lower, right, upper = setting.placement.mahallas.total_bounds
    given = job.density.bandwidth_m or study_area_bandwidth((left, lower, right, upper))
    for name, times in BANDWIDTHS.items():
        # a bandwidth wider than the map says nothing
        if times * given <= max(right - left, upper - lower):
            density = _density(setting, job, setting.criteria.window_months, times * given)
            yield name, replace(setting, density=density)


def _density(
    setting: Setting, job: Job, window: int, bandwidth: float | None
) -> pd.DataFrame | None:
    """Return the density of the last month where the criteria name it."""
    if not needs_density(setting.criteria):
        return None
    month = pd.PeriodIndex([setting.placement.month], name="month")
    return estimate_density(setting.placement, month, window=window, bandwidth=bandwidth)[1]
