"""The exact test of a trend against all permutations, and scipy where there are no ties."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.exact_trends import exact_mann_kendall


def by_all_orders(values: list[float]) -> tuple[float, float]:
    """Return p and mid-p from every order of the values."""

    def size(order: tuple[float, ...]) -> float:
        return abs(sum(np.sign(b - a) for a, b in combinations(order, 2)))

    sizes = np.array([size(order) for order in permutations(values)])
    here = size(tuple(values))
    return (sizes >= here).mean(), (sizes >= here).mean() - (sizes == here).mean() / 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=4, max_size=7))
def test_ties_by_all_orders(values: list[int]) -> None:
    found = exact_mann_kendall(pd.DataFrame([values], dtype=float)).iloc[0]
    assert found[["p", "mid_p"]].tolist() == pytest.approx(by_all_orders(values), rel=1e-12)


@pytest.mark.parametrize("months", [4, 9, 30, 60])
def test_without_ties_it_is_scipys(months: int) -> None:
    values = np.random.default_rng(months).normal(size=(20, months))
    found = exact_mann_kendall(pd.DataFrame(values))["p"]
    for place, row in enumerate(values):
        oracle = stats.kendalltau(np.arange(months), row, method="exact").pvalue
        assert found[place] == pytest.approx(oracle, rel=1e-11)


def test_a_clear_trend_of_many_months_keeps_its_digits() -> None:
    found = exact_mann_kendall(pd.DataFrame([range(20)])).iloc[0]
    # two of 20! orders
    assert found["p"] == pytest.approx(2 / 2432902008176640000, rel=1e-12)


def test_gaps_are_left_out() -> None:
    nan = np.nan
    frame = pd.DataFrame([[1, nan, 1, 2, 3, nan], [1, 2, 3, nan, nan, nan]])
    found = exact_mann_kendall(frame)
    alone = exact_mann_kendall(pd.DataFrame([[1.0, 1, 2, 3]]))
    assert found.loc[0].tolist() == alone.loc[0].tolist()
    assert found.loc[1].isna().all()


def test_the_order_of_the_rows_changes_nothing() -> None:
    values = np.random.default_rng(5).poisson(1.5, (40, 24)).astype(float)
    frame = pd.DataFrame(values)
    pd.testing.assert_frame_equal(
        exact_mann_kendall(frame.iloc[::-1]), exact_mann_kendall(frame).iloc[::-1]
    )


def test_long_series_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        exact_mann_kendall(pd.DataFrame([range(121)]))
    assert str(refused.value) == (
        "the series have 121 months: exact p are for 120 at most, take the last of them or "
        "mann_kendall"
    )
