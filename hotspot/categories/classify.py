"""From evidence to categories: three-valued conditions, hysteresis, and the reason in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotspot.categories.criteria import Criteria
from hotspot.categories.reasons import write_reasons
from hotspot.categories.truth import holds
from hotspot.errors import InputError
from hotspot.language import _

_COLOURS = {
    "override": "red",
    "green": "green",
    "not_observable": "not_assessed",
    "stay": "red",
    "red": "red",
    "left": "yellow",
    "yellow": "yellow",
    "undecided": "not_assessed",
}
"""The category by what decided, in the order of precedence."""


def decide(
    evidence: pd.DataFrame, criteria: Criteria, previous: pd.Series | None = None
) -> pd.Series:
    """Decide the category of every mahalla.

    Parameters
    ----------
    evidence : one row a mahalla, the columns that the criteria name, ``count``, and ``observable``
        (bool: a count of zero would be seen to be zero); ``override_count``, the offenses of the
        window of the kinds that override, where the criteria have such; ``region`` or ``district``
        where a quantile is taken over those.
    criteria : the criteria set.
    previous : categories of the month before, on the same index; None in the first month.

    Returns
    -------
    Series
        ``category`` on the same index: red, yellow, green or not_assessed. Kinds that override
        decide first, then green, then ``red.stay`` for those red the month before, then ``red``;
        the rest is yellow where at least one offense is counted. A condition with missing evidence
        is neither true nor false unless the others decide; a rule that stays unknown is not
        fulfilled.

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
        why_not = evidence["not_observable"].fillna("").tolist()
    else:
        why_not = [""] * len(evidence)
    outcome["reason"] = write_reasons(outcome["by"], evidence, criteria, why_not)
    return outcome[["category", "reason"]]


def _outcome(
    evidence: pd.DataFrame, criteria: Criteria, previous: pd.Series | None
) -> pd.DataFrame:
    needed = criteria.columns | {"count", "observable"}
    missing = sorted(needed - set(evidence.columns))
    if missing:
        raise InputError(
            _(
                "the criteria '{criteria}' need the evidence column '{column}', which is not "
                "there; compute it or choose other criteria",
                criteria=criteria.name,
                column=missing[0],
            )
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
    overridden = np.zeros(len(evidence), dtype=bool)
    if criteria.override is not None:
        overridden = (evidence["override_count"] >= criteria.override.count).to_numpy(dtype=bool)
    rules = [overridden, is_green & observable, is_green & ~some, stay, red, some & was_red, some]
    by = np.select(rules, list(_COLOURS)[:-1], default="undecided")
    colour = np.select(rules, list(_COLOURS.values())[:-1], default="not_assessed")
    return pd.DataFrame({"category": colour, "by": by}, index=evidence.index)
