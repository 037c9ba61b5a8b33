"""Whether conditions hold: true, false, or unknown where evidence is missing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hotspot.categories.conditions import Comparison, Condition, Quantile
from hotspot.categories.criteria import Rule

Truth = npt.NDArray[np.float64]
"""1 true, 0 false, nan unknown: Kleene's logic is then minimum, maximum and a look at the nan."""

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def holds(rule: Rule, evidence: pd.DataFrame) -> Truth:
    """Evaluate a rule: 1 where it holds, 0 where it fails, nan where evidence is missing.

    Parameters
    ----------
    rule : every condition of ``all``, one of ``any``, none of ``none``.
    evidence : one row a mahalla, the columns that the rule names; for a quantile also
        ``observable`` and ``count``, and ``region`` or ``district`` where it is taken over those.

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
    return _and([truth, *(1 - _truth(c, evidence) for c in rule.none)], len(evidence))


def threshold(comparison: Comparison, evidence: pd.DataFrame) -> Truth:
    """Return what each mahalla's value is held against; nan where that is missing.

    Examples
    --------
    >>> from hotspot.categories.conditions import parse_condition
    >>> condition = parse_condition("count > 2 * quantile(count, 0.5)", source="red")
    >>> threshold(condition.comparisons[0], pd.DataFrame({"count": [1, 2, 9]}))
    array([4., 4., 4.])
    """
    if comparison.than is None:
        return np.full(len(evidence), comparison.number)
    if isinstance(comparison.than, str):
        than = evidence[comparison.than].to_numpy(dtype=float, na_value=np.nan)
    else:
        than = _quantile(comparison.than, evidence)
    return comparison.number * than


def _quantile(quantile: Quantile, evidence: pd.DataFrame) -> Truth:
    values = evidence[quantile.column].astype(float)
    if {"observable", "count"} <= set(evidence.columns):
        # a zero that nothing could have reached is no evidence
        values = values.where(evidence["observable"].isin([True]) | (evidence["count"] > 0))
    if quantile.among == "all":
        groups = pd.Series("", index=evidence.index)
    else:
        groups = evidence[quantile.among].astype("string").fillna("")
        if quantile.among == "district" and "region" in evidence:
            # districts of two regions may share a name
            groups = evidence["region"].astype("string").fillna("") + "|" + groups
    # an observed value and never one between two, so that ties stay together
    found = values.groupby(groups.to_numpy()).transform(_inverted_cdf, quantile.share)
    return found.to_numpy(dtype=float)


def _inverted_cdf(values: pd.Series, share: float) -> float:
    known = values.dropna()
    if known.empty:
        return float("nan")
    return float(np.quantile(known, share, method="inverted_cdf"))


def _truth(condition: Condition, evidence: pd.DataFrame) -> Truth:
    truths = []
    for comparison in condition.comparisons:
        value = evidence[comparison.column].to_numpy(dtype=float, na_value=np.nan)
        bar = threshold(comparison, evidence)
        held = np.asarray(OPERATORS[comparison.operator](value, bar), dtype=float)
        truths.append(np.where(np.isnan(value) | np.isnan(bar), np.nan, held))
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
