"""From evidence to categories: three-valued conditions, hysteresis, and the reason in words."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hotspot.categories.criteria import Comparison, Condition, Criteria, Rule
from hotspot.errors import InputError

Truth = npt.NDArray[np.float64]
"""1 true, 0 false, nan unknown: Kleene's logic is then minimum, maximum and a look at the nan."""

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def decide(
    evidence: pd.DataFrame, criteria: Criteria, previous: pd.Series | None = None
) -> pd.Series:
    """Decide the category of every mahalla.

    Parameters
    ----------
    evidence : one row a mahalla, the columns that the criteria name, ``count``, and ``observable``
        (bool: a count of zero would be seen to be zero).
    criteria : the criteria set.
    previous : categories of the month before, on the same index; None in the first month.

    Returns
    -------
    Series
        ``category`` on the same index: red, yellow, green or not_assessed. Green is decided first,
        then ``red.stay`` for those red the month before, then ``red``; the rest is yellow where
        at least one offense is counted. A condition with missing evidence is neither true nor false
        unless the others decide; a rule that stays unknown is not fulfilled.

    Raises
    ------
    InputError
        A column that the criteria name is not in the evidence.

    Examples
    --------
    >>> from hotspot.categories.criteria import parse_criteria
    >>> criteria = parse_criteria({
    ...     "name": "three", "version": "1", "window_months": 12, "min_hit_rate": 0.85,
    ...     "green": {"all": ["count == 0"]}, "red": {"all": ["count >= 3"]},
    ... })
    >>> evidence = pd.DataFrame({"count": [0, 1, 3, 0], "observable": [True, True, True, False]})
    >>> decide(evidence, criteria).tolist()
    ['green', 'yellow', 'red', 'not_assessed']
    """
    return _outcome(evidence, criteria, previous)["category"]


def classify(
    evidence: pd.DataFrame, criteria: Criteria, previous: pd.Series | None = None
) -> pd.DataFrame:
    """Decide the category of every mahalla and say why.

    Parameters
    ----------
    evidence, criteria, previous : as for :func:`decide`; the evidence may have a text column
        ``not_observable`` with the reason why a count of zero proves nothing.

    Returns
    -------
    DataFrame
        ``category`` and ``reason`` on the evidence's index. The reason names the conditions that
        held or failed with their values.

    Raises
    ------
    InputError
        A column that the criteria name is not in the evidence.
    """
    outcome = _outcome(evidence, criteria, previous)
    if "not_observable" in evidence:
        why_not = evidence["not_observable"].fillna("").to_numpy()
    else:
        why_not = np.full(len(evidence), "")
    # a list of dicts is ten times faster to walk than rows of a frame
    values = evidence[sorted(criteria.columns | {"count"})].astype(float).to_dict("records")
    outcome["reason"] = [
        _reason(by, row, criteria, why)
        for by, row, why in zip(outcome["by"], values, why_not, strict=True)
    ]
    return outcome[["category", "reason"]]


def holds(rule: Rule, evidence: pd.DataFrame) -> Truth:
    """Evaluate a rule: 1 where it holds, 0 where it fails, nan where evidence is missing.

    Examples
    --------
    >>> from hotspot.categories.criteria import parse_criteria
    >>> red = parse_criteria({
    ...     "name": "x", "version": "1", "window_months": 12, "min_hit_rate": 0.85,
    ...     "green": {"all": ["count == 0"]}, "red": {"all": ["count >= 3", "rate_ratio > 1"]},
    ... }).red
    >>> holds(red, pd.DataFrame({"count": [5, 1, 5], "rate_ratio": [2.0, np.nan, np.nan]}))
    array([ 1.,  0., nan])
    """
    truth = _and([_truth(condition, evidence) for condition in rule.all], len(evidence))
    if rule.any:
        truth = _and([truth, _or([_truth(c, evidence) for c in rule.any])], len(evidence))
    return truth


def _outcome(
    evidence: pd.DataFrame, criteria: Criteria, previous: pd.Series | None
) -> pd.DataFrame:
    missing = sorted((criteria.columns | {"count", "observable"}) - set(evidence.columns))
    if missing:
        raise InputError(
            f"the criteria '{criteria.name}' need the evidence column '{missing[0]}', which is "
            "not there; compute it or choose other criteria"
        )
    green = holds(criteria.green, evidence)
    red = holds(criteria.red, evidence) == 1
    was_red = stay = np.zeros(len(evidence), dtype=bool)
    if criteria.stay is not None and previous is not None:
        was_red = previous.reindex(evidence.index).isin(["red"]).to_numpy()
        stay = was_red & (holds(criteria.stay, evidence) == 1)
    # where nobody says that zero would be seen, it would not
    observable = evidence["observable"].isin([True]).to_numpy()
    some = evidence["count"].to_numpy(dtype=float, na_value=np.nan) >= 1
    is_green = green == 1
    by = np.select(
        [is_green & observable, is_green & ~some, stay, red, some & was_red, some],
        ["green", "not_observable", "stay", "red", "left", "yellow"],
        default="undecided",
    )
    category = pd.Series(by, index=evidence.index).replace(
        {
            "stay": "red",
            "left": "yellow",
            "not_observable": "not_assessed",
            "undecided": "not_assessed",
        }
    )
    return pd.DataFrame({"category": category, "by": by})


def _truth(condition: Condition, evidence: pd.DataFrame) -> Truth:
    truths = []
    for comparison in condition.comparisons:
        value = evidence[comparison.column].to_numpy(dtype=float, na_value=np.nan)
        held = np.asarray(_OPERATORS[comparison.operator](value, comparison.number), dtype=float)
        truths.append(np.where(np.isnan(value), np.nan, held))
    return _and(truths, len(evidence))


def _and(truths: list[Truth], length: int) -> Truth:
    if not truths:
        return np.ones(length)
    stacked = np.stack(truths)
    # false wins over unknown; nan survives only where nothing is false
    return np.where((stacked == 0).any(axis=0), 0.0, stacked.min(axis=0))


def _or(truths: list[Truth]) -> Truth:
    stacked = np.stack(truths)
    return np.where((stacked == 1).any(axis=0), 1.0, stacked.max(axis=0))


def _reason(by: str, row: Mapping[Any, Any], criteria: Criteria, why_not: str) -> str:
    months = criteria.window_months
    if by == "green":
        nothing = f"no counted offense in the window of {months} months"
        held = nothing if row["count"] == 0 else _what_held(criteria.green, row)
        return f"Green: {held}; this is not a proof of safety."
    if by == "not_observable":
        why = why_not or "a count of zero could not have been seen to be zero"
        return f"Not assessed: no offense was placed here, but {why}."
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


def _what_held(rule: Rule, row: Mapping[Any, Any]) -> str:
    held = [condition for condition in rule.all + rule.any if _scalar(condition, row) == 1]
    return "; ".join(_with_values(condition, row) for condition in held)


def _why_not(rule: Rule, row: Mapping[Any, Any]) -> str:
    """Name what kept a rule from being fulfilled: failed conditions and missing evidence."""
    failed = [condition for condition in rule.all if _scalar(condition, row) != 1]
    parts = [_with_values(condition, row) for condition in failed]
    if rule.any and not any(_scalar(condition, row) == 1 for condition in rule.any):
        ways = "; ".join(_with_values(condition, row) for condition in rule.any)
        parts.append(f"no alternative is fulfilled ({ways})" if len(rule.any) > 1 else ways)
    return "; ".join(parts)


def _scalar(condition: Condition, row: Mapping[Any, Any]) -> float:
    truths = [_compare(comparison, row) for comparison in condition.comparisons]
    if 0.0 in truths:
        return 0.0
    return min(truths) if not any(np.isnan(truths)) else np.nan


def _compare(comparison: Comparison, row: Mapping[Any, Any]) -> float:
    value = float(row[comparison.column])
    if np.isnan(value):
        return np.nan
    return float(bool(_OPERATORS[comparison.operator](value, comparison.number)))


def _with_values(condition: Condition, row: Mapping[Any, Any]) -> str:
    return " and ".join(_one_with_value(comparison, row) for comparison in condition.comparisons)


def _one_with_value(comparison: Comparison, row: Mapping[Any, Any]) -> str:
    """Write a comparison with its value, as in ``count 5 >= 3`` or ``count 2 is not >= 3``."""
    value = float(row[comparison.column])
    threshold = comparison.text.removeprefix(f"{comparison.column} ")
    if np.isnan(value):
        return f"{comparison.column} is missing, so {threshold} is unknown"
    held = bool(_OPERATORS[comparison.operator](value, comparison.number))
    shown = _shown(value, comparison.number)
    return f"{comparison.column} {shown} {threshold if held else f'is not {threshold}'}"


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
