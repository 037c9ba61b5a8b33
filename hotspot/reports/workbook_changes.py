"""What changed since the month before and since last year, mahalla by mahalla."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotspot.language import month_name, ngettext, number

_GRAVITY = {"red": 3, "not_red": 2, "yellow": 2, "green": 1}
CHANGES = (
    "mahalla_code",
    "name",
    "district",
    "change",
    "previous_category",
    "category",
    "months_red",
    "count",
    "previous_reason",
    "reason",
)


def compare_years(
    categories: pd.DataFrame, counts: pd.DataFrame | None, *, month: str
) -> pd.DataFrame:
    """Add how many more offenses January to date has than the same months of last year.

    Parameters
    ----------
    categories : columns of ``categories.csv``.
    counts : mahallas × months, missing where a month has no records.
    month : the month, YYYY-MM.

    Returns
    -------
    DataFrame
        A copy, with ``count_change`` where both years have records for all their months.

    Examples
    --------
    >>> table = pd.DataFrame({"count_ytd": [3], "count_ytd_last_year": [5]}, index=["a"])
    >>> counts = pd.DataFrame({pd.Period("2025-01"): [3]}, index=["a"])
    >>> compare_years(table, counts, month="2025-01")["count_change"].tolist()
    [-2]
    """
    if counts is None or "count_ytd_last_year" not in categories:
        return categories.copy()
    months = pd.period_range(f"{month[:4]}-01", month, freq="M")
    complete = counts.reindex(columns=months).notna().all().all()
    change = categories["count_ytd"] - categories["count_ytd_last_year"]
    return categories.assign(count_change=change if complete else change * np.nan)


def mark_changes(categories: pd.DataFrame, history: pd.DataFrame | None) -> pd.Series:
    """Say what became of every mahalla since the month before.

    Parameters
    ----------
    categories : ``category`` and ``previous_category``, indexed by mahalla code.
    history : mahallas × months, categories, this month last; None where it may not be told.

    Returns
    -------
    Series of str
        new (red, and never before), returning (red, and before), stays (red as the month before),
        left (red no more), graver, lighter, or "" where nothing changed or cannot be compared.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "category": ["red", "red", "green"], "previous_category": ["red", "yellow", "yellow"],
    ... })
    >>> mark_changes(table, None).tolist()
    ['stays', 'new', 'lighter']
    """
    now, then = categories["category"], categories["previous_category"]
    was_red, is_red = then.eq("red").fillna(False), now.eq("red").fillna(False)
    ever = pd.Series(False, index=categories.index)
    if history is not None:
        ever = (history.iloc[:, :-1] == "red").any(axis=1).reindex(categories.index)
    more = now.map(_GRAVITY).astype(float) - then.map(_GRAVITY).astype(float)
    tests = (is_red & was_red, is_red & then.isna(), is_red & ever, is_red, was_red)
    marks = np.select(
        [*(test.to_numpy(dtype=bool) for test in tests), more > 0, more < 0],
        ["stays", "", "returning", "new", "left", "graver", "lighter"],
        default="",
    )
    return pd.Series(marks, index=categories.index)


def list_changes(table: pd.DataFrame, reasons_before: pd.Series | None) -> pd.DataFrame:
    """Return the mahallas of another category than the month before, with both reasons.

    Parameters
    ----------
    table : columns of ``categories.csv`` and ``change``, indexed by mahalla code.
    reasons_before : why each had its category the month before, where that is known.
    """
    then = table["previous_category"]
    changed = table[then.notna() & (then != table["category"])]
    if reasons_before is not None:
        changed = changed.assign(previous_reason=reasons_before.reindex(changed.index))
    return changed[[field for field in CHANGES if field in changed]]


def answer(table: pd.DataFrame, *, before: str | None) -> str:
    """Say in one sentence how many mahallas are red, and how many are new and left.

    Parameters
    ----------
    table : ``category`` and, where there is a month before, ``change``.
    before : the month before, YYYY-MM; None in the first.

    Examples
    --------
    >>> table = pd.DataFrame({"category": ["red", "green"], "change": ["new", "left"]})
    >>> answer(table, before="2024-12")
    '1 of 2 mahallas is red. Since December 2024: new 1, returning 0, left 1.'
    """
    red = int((table["category"] == "red").sum())
    if before is None:
        return ngettext(
            "{n} of {all} mahallas is red.",
            "{n} of {all} mahallas are red.",
            red,
            all=number(len(table)),
        )
    marks = table["change"].value_counts()
    new, back, left = (int(marks.get(mark, 0)) for mark in ("new", "returning", "left"))
    return ngettext(
        "{n} of {all} mahallas is red. Since {month}: new {new}, returning {back}, left {left}.",
        "{n} of {all} mahallas are red. Since {month}: new {new}, returning {back}, left {left}.",
        red,
        all=number(len(table)),
        month=month_name(before),
        new=number(new),
        back=number(back),
        left=number(left),
    )
