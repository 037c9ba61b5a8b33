"""Reasons in every language: other words, the same figures and conditions."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.categories.classify import classify
from hotspot.categories.criteria import Criteria, parse_criteria
from hotspot.categories.observability import why_not_observable
from hotspot.language import LANGUAGES, speaking

CRITERIA = parse_criteria(
    {
        "name": "all",
        "version": "1",
        "window_months": 12,
        "min_hit_rate": 0.85,
        "green": {"all": ["count == 0"]},
        "red": {
            "override": {"kinds": ["murder"], "count": 1},
            "all": ["count >= 3", "rate_ratio > 1"],
            "any": [
                "excess_probability >= 0.95",
                "excess_probability >= 0.80 and gi_pop_q <= 0.05",
            ],
            "not": ["count < 2"],
            "stay": {"all": ["count >= 2"], "any": ["excess_probability >= 0.80"]},
        },
    }
)
# the criteria's own words, which no language changes
CONDITION = re.compile(r"[a-z]+(?:_[a-z]+)+|(?:>=|<=|==|<|>) ?\d+(?:\.\d+)?")
FIGURE = re.compile(r"\d+(?:[.,]\d+)?(?:e-?\d+)?")

share = st.one_of(st.just(np.nan), st.sampled_from([0.0, 0.05, 0.8, 0.95, 1.0]), st.floats(0, 1))
mahalla = st.fixed_dictionaries(
    {
        "count": st.integers(0, 40),
        "rate_ratio": st.one_of(st.just(np.nan), st.floats(0, 30)),
        "excess_probability": share,
        "gi_pop_q": share,
        "override_count": st.integers(0, 2),
        "observable": st.booleans(),
        "previous": st.sampled_from(["red", "yellow", "green"]),
        "hit_rate": share,
        "reachable": st.booleans(),
    }
)


def reasons_in(language: str, rows: pd.DataFrame, criteria: Criteria = CRITERIA) -> list[str]:
    """Return the category and reason of every row in a language."""
    with speaking(language):
        why = why_not_observable(rows["reachable"], rows["hit_rate"], [], min_hit_rate=0.85)
        evidence = rows.assign(not_observable=why)
        verdict = classify(evidence, criteria, rows["previous"])
    return list(verdict["reason"])


def figures(reason: str) -> Counter[str]:
    """Count the figures of a reason, a decimal comma as a point."""
    return Counter(figure.replace(",", ".") for figure in FIGURE.findall(reason))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(mahalla, min_size=1, max_size=6).map(pd.DataFrame))
def test_the_language_changes_words_and_never_figures(language: str, rows: pd.DataFrame) -> None:
    for ours, english in zip(reasons_in(language, rows), reasons_in("en", rows), strict=True):
        assert figures(ours) == figures(english)
        assert Counter(CONDITION.findall(ours)) == Counter(CONDITION.findall(english))
        assert "{" not in ours
        assert ours.endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gaps", [1, 2, 5, 12, 21])
def test_the_months_without_records_are_said_in_every_language(language: str, gaps: int) -> None:
    months = list(pd.period_range("2024-02", periods=gaps, freq="M"))
    with speaking(language):
        (said,) = why_not_observable(pd.Series([True]), pd.Series([1.0]), months, min_hit_rate=0.85)
    assert "2024-02" in said
    # one month is named, of more the number
    assert (str(gaps) in figures(said)) == (gaps > 1)
