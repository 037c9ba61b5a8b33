"""A hand-made series for each of Esri's 17 classes, and what lies between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.statistics.emerging import KINDS, emerging_hot_spots
from hotspot.statistics.getis_ord import gi_z
from hotspot.statistics.trends import mann_kendall

# twenty months each: Gi* bins, and whether z rises (1), falls (-1) or neither (0)
BY_HAND: dict[str, tuple[list[int], int]] = {
    "new": ([0] * 19 + [2], 0),
    "consecutive": ([0] * 15 + [1, 2, 3, 2, 1], 1),
    "intensifying": ([0, 1, 1] + [2] * 10 + [3] * 7, 1),
    "persistent": ([3] * 20, 0),
    "diminishing": ([3] * 10 + [2] * 7 + [0, 1, 1], -1),
    "sporadic": ([0, 1, 0, 0, 2, 2, 0, 0, 0, 1] + [0] * 9 + [1], 0),
    "oscillating": ([-2, -1, 0, 0, 1, 1, 0, 0, -1, 0] + [0] * 9 + [3], 1),
    "historical": ([2] * 19 + [0], 0),
}


def classes(bins: list[list[float]], moves: list[int]) -> list[str | float]:
    frame = pd.DataFrame(bins)
    trend = pd.DataFrame({"s": moves, "p": np.where(np.equal(moves, 0), 0.5, 0.01)})
    return emerging_hot_spots(frame, trend).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_each_definition_gives_its_class(kind: str) -> None:
    bins, moved = BY_HAND[kind]
    assert classes([bins], [moved]) == [f"{kind}_hot"]
    # a cold spot that intensifies has a z that falls
    assert classes([[-1 * of for of in bins]], [-moved]) == [f"{kind}_cold"]


def test_there_are_seventeen() -> None:
    assert list(BY_HAND) == list(KINDS)
    assert 2 * len(KINDS) + 1 == 17


def test_no_pattern() -> None:
    assert classes([[0] * 20, [1] * 5 + [0] * 15], [1, 1]) == ["no_pattern"] * 2


def test_a_spot_that_ended_is_no_pattern_unless_it_was_most_of_the_time() -> None:
    assert classes([[2] * 17 + [0] * 3, [2] * 18 + [0] * 2], [0, 0]) == [
        "no_pattern",
        "historical_hot",
    ]


def test_ninety_percent_is_nine_of_ten() -> None:
    assert classes([[0] + [1] * 9, [0, 0] + [1] * 8], [0, 0]) == [
        "persistent_hot",
        "consecutive_hot",
    ]


def test_what_it_is_now_before_what_it_was_and_the_first_that_fits() -> None:
    # cold for most months and hot now: new hot is before historical cold, and the reverse
    assert classes([[-2] * 19 + [1], [2] * 19 + [-1]], [1, 1]) == ["new_hot", "new_cold"]
    # cold once, then an unbroken run: consecutive is before oscillating
    assert classes([[-2] + [0] * 15 + [1] * 4], [1]) == ["consecutive_hot"]
    # hot at first, hot again, and cold between
    assert classes([[1] + [-1] * 10 + [1] * 4], [1]) == ["oscillating_hot"]


def test_a_trend_just_beyond_the_level_is_none() -> None:
    bins = pd.DataFrame([[1] * 10] * 2)
    trend = pd.DataFrame({"s": [20.0, 20.0], "p": [0.1, 0.1000001]})
    assert emerging_hot_spots(bins, trend).tolist() == ["intensifying_hot", "persistent_hot"]
    assert emerging_hot_spots(bins, trend, level=0.05).tolist() == ["persistent_hot"] * 2


def test_months_without_data_are_no_steps() -> None:
    nan = np.nan
    gap = [0.0] * 10 + [1, nan, 1]
    assert classes([gap], [0]) == ["consecutive_hot"]
    missing = classes([[nan] * 3 + [1.0] * 9, [1.0] * 11 + [nan]], [0, 0])
    assert all(of is None or of != of for of in missing)


def test_without_a_trend_there_is_no_class() -> None:
    trend = pd.DataFrame({"s": [np.nan], "p": [np.nan]})
    assert emerging_hot_spots(pd.DataFrame([[0] * 12]), trend).isna().all()


def test_counts_that_grow_beside_each_other_become_a_class() -> None:
    # a row of thirty mahallas; the first three rise from May on, all others have one each month
    codes = [f"m{i:02d}" for i in range(30)]
    pairs = list(pairwise(codes))
    pairs += [(b, a) for a, b in pairs]
    graph = Graph.from_arrays(*zip(*pairs, strict=True), [1] * len(pairs))
    panel = pd.DataFrame(1.0, codes, pd.period_range("2025-01", periods=12, freq="M"))
    panel.iloc[::2, ::2] += 1
    for month in range(4, 12):
        panel.iloc[:3, month] += 3 * (month - 3)
    z = gi_z(panel, graph)
    bins = (z > 2.576).astype(int)
    found = emerging_hot_spots(bins, mann_kendall(z))
    assert found.name == "pattern"
    assert found["m01"] == "consecutive_hot"
    assert (found.iloc[5:] == "no_pattern").all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=12, max_size=12), min_size=1, max_size=6),
    st.integers(-1, 1),
)
def test_mirrors_and_rows(bins: list[list[int]], moved: int) -> None:
    hot = classes([list(of) for of in bins], [moved] * len(bins))
    assert classes([list(of) for of in bins[::-1]], [moved] * len(bins)) == hot[::-1]
    # how hot is not asked
    assert classes([[np.sign(of) for of in row] for row in bins], [moved] * len(bins)) == hot
    names = {f"{kind}_{side}" for kind in KINDS for side in ("hot", "cold")} | {"no_pattern"}
    assert set(hot) <= names
    turned = classes([[-of for of in row] for row in bins], [-moved] * len(bins))
    assert turned == [mirror(one) for one in hot]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(10, 24).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.integers(-1, 1), min_size=1, max_size=n // 10))
    ),
    st.permutations(range(3)),
    st.integers(-1, 1),
)
def test_what_was_hot_in_most_months_mirrors_what_was_cold(case, places, moved: int) -> None:
    # nearly always hot, with a few other months among the first and at the end
    (n, others), row = case, [1] * case[0]
    for at, of in zip([n - 1, *places], others, strict=False):
        row[at] = of
    (hot,), (cold,) = classes([row], [moved]), classes([[-of for of in row]], [-moved])
    assert cold == mirror(hot)


def mirror(one: str) -> str:
    kind, _, side = one.rpartition("_")
    return {"hot": f"{kind}_cold", "cold": f"{kind}_hot"}.get(side, one)


def test_nonsense_is_refused_in_a_sentence() -> None:
    bins = pd.DataFrame([[0] * 12], index=["a"])
    trend = pd.DataFrame({"s": [0.0], "p": [1.0]}, index=["b"])
    with pytest.raises(InputError) as refused:
        emerging_hot_spots(bins, trend)
    assert str(refused.value) == (
        "the trend has 1 mahallas and the bins 1, or in another order: give both on the same index"
    )
    with pytest.raises(InputError) as refused:
        emerging_hot_spots(bins, trend.set_axis(["a"]), level=10)
    assert str(refused.value) == "the level of the trend is 10: give a share between 0 and 1"
