"""Why a mahalla has its category, in words: what held or failed, with the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from hotspot.categories.conditions import Comparison, Condition
from hotspot.categories.criteria import Criteria, Rule
from hotspot.categories.truth import OPERATORS, threshold

Row = Mapping[Any, Any]
"""One mahalla's evidence, and under a comparison's text what it is held against."""


def write_reasons(
    by: pd.Series, evidence: pd.DataFrame, criteria: Criteria, why_not: list[str]
) -> list[str]:
    """Write the reason of every mahalla.

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
    return [
        _reason(decided, row, criteria, why)
        for decided, row, why in zip(by, rows, why_not, strict=True)
    ]


def _comparisons(criteria: Criteria) -> Iterator[Comparison]:
    for rule in (criteria.green, criteria.red, criteria.stay or Rule()):
        for condition in rule.conditions:
            yield from condition.comparisons


def _reason(by: str, row: Row, criteria: Criteria, why_not: str) -> str:
    months = criteria.window_months
    if by == "green":
        nothing = f"no counted offense in the window of {months} months"
        held = nothing if row["count"] == 0 else _what_held(criteria.green, row)
        return f"Green: {held}; this is not a proof of safety."
    if by == "not_observable":
        why = why_not or "a count of zero could not have been seen to be zero"
        return f"Not assessed: no offense was placed here, but {why}."
    if by == "override" and criteria.override:
        kinds, count = ", ".join(criteria.override.kinds), int(row["override_count"])
        offenses = "1 offense" if count == 1 else f"{count} offenses"
        return (
            f"Red: {offenses} of the kinds that decide by themselves ({kinds}) in {months} months."
        )
    if by == "stay" and criteria.stay:
        return f"Red, as the month before: {_what_held(criteria.stay, row)}."
    if by == "red":
        return f"Red: {_what_held(criteria.red, row)}."
    if by == "undecided":
        return (
            f"Not assessed: no offense was placed here; not green: {_why_not(criteria.green, row)}."
        )
    count = int(row["count"])
    offenses = "1 counted offense" if count == 1 else f"{count} counted offenses"
    why_not_red = _why_not(criteria.red, row)
    if by == "left" and criteria.stay:
        why_not_red += f"; red the month before, and does not stay: {_why_not(criteria.stay, row)}"
    return f"Yellow: {offenses} in {months} months; not red: {why_not_red}."


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
        parts.append(f"no alternative is fulfilled ({ways})" if len(rule.any) > 1 else ways)
    for condition in rule.none:
        if _scalar(condition, row) != 0:
            parts.append(f"{_with_values(condition, row)}, which must not hold")
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
    return " and ".join(_one_with_value(comparison, row) for comparison in condition.comparisons)


def _one_with_value(comparison: Comparison, row: Row) -> str:
    """Write a comparison with its value, as in ``count 5 >= 3`` or ``count 2 is not >= 3``."""
    value, bar = float(row[comparison.column]), _bar(comparison, row)
    than = comparison.text.removeprefix(f"{comparison.column} ")
    if np.isnan(value):
        return f"{comparison.column} is missing, so {than} is unknown"
    if np.isnan(bar):
        return f"{comparison.column} {_shown(value, 0)} {than} is unknown, the latter is missing"
    held = bool(OPERATORS[comparison.operator](value, bar))
    if comparison.than is not None:
        against = _shown(bar, value)
        than, bar = f"{than} ({against})", float(against)
    return f"{comparison.column} {_shown(value, bar)} {than if held else f'is not {than}'}"


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
