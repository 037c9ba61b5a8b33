"""Why a mahalla has its category, in words: what held or failed, with the values.

A condition is shown as the published criteria write it, by its column and operator, whatever the
language; the words around it are those of the language spoken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, reduce
from typing import Any

import numpy as np
import pandas as pd

from hotspot.categories.conditions import Comparison, Condition
from hotspot.categories.criteria import Criteria, Rule
from hotspot.categories.truth import OPERATORS, threshold
from hotspot.language import _, ngettext

Row = Mapping[Any, Any]
"""One mahalla's evidence, and under a comparison's text what it is held against."""


def write_reasons(
    by: pd.Series, evidence: pd.DataFrame, criteria: Criteria, why_not: list[str]
) -> list[str]:
    """Write the reason of every mahalla in the language spoken.

    Parameters
    ----------
    by : what decided: green, not_observable, override, stay, red, left (red no more), yellow or
        undecided.
    evidence, criteria : as for :func:`hotspot.categories.classify.classify`.
    why_not : why a count of zero proves nothing, "" where nothing is known.
    """
    values = evidence[sorted(criteria.columns | {"count"})].astype(float)
    bars = {of.text: threshold(of, evidence) for of in _comparisons(criteria) if of.than}
    # a list of dicts is ten times faster to walk than rows of a frame
    rows = values.assign(**bars).to_dict("records")
    duration = ngettext("{n} month", "{n} months", criteria.window_months)
    # a plural takes as long as the rest of a reason, and few counts occur
    offenses = cache(_offenses)
    return [
        _reason(decided, row, criteria, why, duration, offenses)
        for decided, row, why in zip(by, rows, why_not, strict=True)
    ]


def _comparisons(criteria: Criteria) -> Iterator[Comparison]:
    for rule in (criteria.green, criteria.red, criteria.stay or Rule()):
        for condition in rule.conditions:
            yield from condition.comparisons


def _offenses(count: int) -> str:
    return ngettext("{count} counted offense", "{count} counted offenses", count, count=count)


def _reason(
    by: str,
    row: Row,
    criteria: Criteria,
    why_not: str,
    duration: str,
    offenses: Callable[[int], str],
) -> str:
    if by == "green" and row["count"] == 0:
        return _(
            "Green: no counted offense in the window of {duration}; this is not a proof of safety.",
            duration=duration,
        )
    if by == "green":
        held = _what_held(criteria.green, row)
        return _("Green: {conditions}; this is not a proof of safety.", conditions=held)
    if by == "not_observable":
        why = why_not or _("a count of zero could not have been seen to be zero")
        return _("Not assessed: no offense was placed here, but {why}.", why=why)
    if by == "override" and criteria.override:
        count = int(row["override_count"])
        return ngettext(
            "Red: {count} offense of the kinds that decide by themselves ({kinds}) in {duration}.",
            "Red: {count} offenses of the kinds that decide by themselves ({kinds}) in {duration}.",
            count,
            count=count,
            kinds=", ".join(criteria.override.kinds),
            duration=duration,
        )
    if by == "stay" and criteria.stay:
        held = _what_held(criteria.stay, row)
        return _("Red, as the month before: {conditions}.", conditions=held)
    if by == "red":
        return _("Red: {conditions}.", conditions=_what_held(criteria.red, row))
    if by == "undecided":
        return _(
            "Not assessed: no offense was placed here; not green: {conditions}.",
            conditions=_why_not(criteria.green, row),
        )
    counted, not_red = offenses(int(row["count"])), _why_not(criteria.red, row)
    if by == "left" and criteria.stay:
        return _(
            "Yellow: {offenses} in {duration}; not red: {conditions}; red the month before, and "
            "does not stay: {conditions_of_staying}.",
            offenses=counted,
            duration=duration,
            conditions=not_red,
            conditions_of_staying=_why_not(criteria.stay, row),
        )
    return _(
        "Yellow: {offenses} in {duration}; not red: {conditions}.",
        offenses=counted,
        duration=duration,
        conditions=not_red,
    )


def _what_held(rule: Rule, row: Row) -> str:
    held = [condition for condition in rule.all + rule.any if _scalar(condition, row) == 1]
    held += rule.none
    return "; ".join(_with_values(condition, row) for condition in held)


def _why_not(rule: Rule, row: Row) -> str:
    """Name what kept a rule from being fulfilled: failed conditions and missing evidence."""
    failed = [condition for condition in rule.all if _scalar(condition, row) != 1]
    parts = [_with_values(condition, row) for condition in failed]
    if rule.any and not any(_scalar(condition, row) == 1 for condition in rule.any):
        ways = "; ".join(_with_values(condition, row) for condition in rule.any)
        if len(rule.any) > 1:
            ways = _("no alternative is fulfilled ({conditions})", conditions=ways)
        parts.append(ways)
    for condition in rule.none:
        if _scalar(condition, row) != 0:
            shown = _with_values(condition, row)
            parts.append(_("{condition}, which must not hold", condition=shown))
    return "; ".join(parts)


def _scalar(condition: Condition, row: Row) -> float:
    truths = [_compare(comparison, row) for comparison in condition.comparisons]
    if 0.0 in truths:
        return 0.0
    return min(truths) if not any(np.isnan(truths)) else np.nan


def _compare(comparison: Comparison, row: Row) -> float:
    value, bar = float(row[comparison.column]), _bar(comparison, row)
    if np.isnan(value) or np.isnan(bar):
        return np.nan
    return float(bool(OPERATORS[comparison.operator](value, bar)))


def _bar(comparison: Comparison, row: Row) -> float:
    return comparison.number if comparison.than is None else float(row[comparison.text])


def _with_values(condition: Condition, row: Row) -> str:
    shown = (_one_with_value(comparison, row) for comparison in condition.comparisons)
    return reduce(
        lambda former, latter: _("{former} and {latter}", former=former, latter=latter), shown
    )


def _one_with_value(comparison: Comparison, row: Row) -> str:
    """Write a comparison with its value, as in ``count 5 >= 3`` or ``count 2 is not >= 3``."""
    column = comparison.column
    value, bar = float(row[column]), _bar(comparison, row)
    than = comparison.text.removeprefix(f"{column} ")
    if np.isnan(value):
        return _("{column} is missing, so {than} is unknown", column=column, than=than)
    if np.isnan(bar):
        return _(
            "{column} {value} {than} is unknown, the latter is missing",
            column=column,
            value=_shown(value, 0),
            than=than,
        )
    held = bool(OPERATORS[comparison.operator](value, bar))
    if comparison.than is not None:
        against = _shown(bar, value)
        than, bar = f"{than} ({against})", float(against)
    shown = _shown(value, bar)
    if held:
        return f"{column} {shown} {than}"
    return _("{column} {value} is not {than}", column=column, value=shown, than=than)


def _shown(value: float, number: float) -> str:
    """Round a value for the eye, but never onto or across the number it is held against."""
    value += 0.0  # no minus before a zero
    # a small probability is not zero
    style = "f" if value == 0 or abs(value) >= 0.0005 else "g"
    for digits in range(3, 17):
        shown = f"{value:.{digits}{style}}"
        shown = shown.rstrip("0").rstrip(".") if style == "f" else shown
        if np.sign(float(shown) - number) == np.sign(value - number):
            return shown
    return repr(value)
