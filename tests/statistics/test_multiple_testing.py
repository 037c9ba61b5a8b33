"""Corrections for many tests: by hand, by column, and beside statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from hotspot.errors import InputError
from hotspot.statistics.multiple_testing import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
)

PEERS = {benjamini_hochberg: "fdr_bh", benjamini_yekutieli: "fdr_by", bonferroni: "bonferroni"}

# Benjamini & Hochberg (1995), section 4.1: the first four are significant at .05
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_the_published_example_rejects_four_hypotheses():
    q = benjamini_hochberg(pd.Series(PUBLISHED))
    assert (q <= 0.05).sum() == 4
    # by hand: .0095 × 15 / 4
    assert q[3] == pytest.approx(0.035625)


def test_a_q_is_never_above_that_of_a_larger_p():
    # by hand: .03 × 3 / 2 = .045 is capped by .04 × 3 / 3
    q = benjamini_hochberg(pd.Series([0.01, 0.03, 0.04]))
    assert q.tolist() == pytest.approx([0.03, 0.04, 0.04])


def test_each_month_is_a_family_of_its_own_without_its_missing_members():
    months = pd.period_range("2025-01", periods=3, freq="M")
    p = pd.DataFrame(
        [[0.01, 0.02, np.nan], [0.04, np.nan, np.nan], [np.nan, 0.5, np.nan]],
        index=["a", "b", "c"],
        columns=months,
    )
    expected = pd.DataFrame(
        [[0.02, 0.04, np.nan], [0.04, np.nan, np.nan], [np.nan, 0.5, np.nan]],
        index=["a", "b", "c"],
        columns=months,
    )
    pd.testing.assert_frame_equal(benjamini_hochberg(p), expected)


def test_a_series_keeps_its_name_and_index():
    p = pd.Series([0.5, 0.1], index=["b", "a"], name="gi_p")
    pd.testing.assert_series_equal(
        benjamini_hochberg(p), pd.Series([0.5, 0.2], index=["b", "a"], name="gi_p")
    )


@pytest.mark.parametrize("correct", PEERS)
def test_a_p_outside_zero_to_one_is_refused(correct):
    with pytest.raises(InputError) as error:
        correct(pd.Series([0.5, 1.2]))
    assert str(error.value) == "a p-value is 1.2: p-values lie between 0 and 1"


def test_yekutieli_and_bonferroni_by_hand():
    # as R's p.adjust: .01 × 3 × (1 + 1/2 + 1/3), and .03 × 3 / 2 × 11/6 capped by .04 × 11/6
    q = benjamini_yekutieli(pd.Series([0.01, 0.03, np.nan, 0.04]))
    assert q.tolist() == pytest.approx([0.055, 0.22 / 3, np.nan, 0.22 / 3], nan_ok=True)
    p = bonferroni(pd.Series([0.01, np.nan, 0.4]))
    assert p.tolist() == pytest.approx([0.02, np.nan, 0.8], nan_ok=True)
    # section 4.1 of Benjamini and Hochberg: Bonferroni rejects three
    assert (bonferroni(pd.Series(PUBLISHED)) <= 0.05).sum() == 3


@pytest.mark.parametrize("correct", PEERS)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=30), gaps=st.integers(0, 3))
def test_corrections_equal_statsmodels_whatever_the_order(correct, p: list[float], gaps: int):
    _, expected, _, _ = multipletests(p, method=PEERS[correct])
    codes = pd.Index(range(len(p) + gaps))
    found = correct(pd.Series([*p, *[np.nan] * gaps], index=codes))
    np.testing.assert_allclose(found[: len(p)], expected, rtol=1e-12, atol=1e-300)
    assert found[len(p) :].isna().all()
    reverse = correct(pd.Series([*p, *[np.nan] * gaps], index=codes)[::-1])
    pd.testing.assert_series_equal(reverse[::-1], found)


@pytest.mark.parametrize("correct", PEERS)
def test_a_panel_equals_its_months(correct):
    rng = np.random.default_rng(1)
    p = pd.DataFrame(rng.uniform(size=(40, 5)) ** 3).mask(rng.uniform(size=(40, 5)) < 0.2)
    p[4] = np.nan
    for month in p:
        pd.testing.assert_series_equal(correct(p)[month], correct(p[month]))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_follows_the_definition(p: list[float]):
    q = benjamini_hochberg(pd.Series(p))
    for one, adjusted in zip(p, q, strict=True):
        # the smallest m p / rank over all p-values at least as large
        definition = min(
            len(p) * other / sum(each <= other for each in p) for other in p if other >= one
        )
        assert adjusted == pytest.approx(min(definition, 1), rel=1e-12)
