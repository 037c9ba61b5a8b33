"""Accuracy of a choice against definitions worked by enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.categories.accuracy import (
    accuracy_index,
    brier_score,
    choose_highest,
    efficiency_index,
    efficiency_index_by_size,
    hit_rate_of,
    recapture_index,
)

counts = st.lists(st.integers(0, 4), min_size=2, max_size=7)


@given(counts, st.integers(1, 4))
def test_shared_places_are_the_mean_over_all_ways_to_break_the_ties(scores, number):
    series = pd.Series(scores, dtype=float)
    number = min(number, len(scores))
    highest = max(sum(scores[i] for i in c) for c in combinations(range(len(scores)), number))
    best = [
        c for c in combinations(range(len(scores)), number) if sum(scores[i] for i in c) == highest
    ]
    expected = np.zeros(len(scores))
    for choice in best:
        expected[list(choice)] += 1 / len(best)
    np.testing.assert_allclose(choose_highest(series, number), expected, atol=1e-12)


@given(counts, st.integers(1, 4))
def test_nothing_is_better_than_the_best_of_as_many(later, number):
    series = pd.Series(later, dtype=float)
    if not series.sum():
        return
    number = min(number, len(later))
    best = max(sum(later[i] for i in c) for c in combinations(range(len(later)), number))
    for chosen in combinations(range(len(later)), number):
        choice = pd.Series(0.0, index=series.index)
        choice[list(chosen)] = 1.0
        assert efficiency_index(choice, series) == pytest.approx(choice @ series / best)


@given(counts, st.data())
def test_no_choice_of_the_same_size_meets_more_than_the_bound(later, data):
    series = pd.Series(later, dtype=float)
    size = pd.Series(
        data.draw(st.lists(st.integers(1, 3), min_size=len(later), max_size=len(later)))
    )
    choice = pd.Series(data.draw(st.lists(st.booleans(), min_size=len(later), max_size=len(later))))
    index = efficiency_index_by_size(choice.astype(float), series, size)
    if not choice.any() or not series.sum():
        return
    room = size[choice].sum()
    best = max(
        sum(later[i] for i in c)
        for k in range(len(later) + 1)
        for c in combinations(range(len(later)), k)
        if sum(size[i] for i in c) <= room
    )
    assert index * best <= series[choice].sum() + 1e-9


def test_sizes_that_are_not_known_are_left_out_on_both_sides():
    chosen, later = pd.Series([1.0, 1.0, 0.0, 0.0]), pd.Series([4.0, 9.0, 2.0, 2.0])
    # without the second: 4 of 8 offenses on 1 of 4 km²
    assert accuracy_index(chosen, later, pd.Series([1.0, np.nan, 2.0, 1.0])) == 2.0


def test_nothing_to_hit_is_unknown():
    nothing = pd.Series([0.0, 0.0])
    chosen = pd.Series([1.0, 0.0])
    assert np.isnan(hit_rate_of(chosen, nothing))
    assert np.isnan(efficiency_index(chosen, nothing))
    assert np.isnan(recapture_index(chosen, nothing, nothing))
    assert np.isnan(brier_score(pd.Series([np.nan, np.nan]), pd.Series([1, 0])))
