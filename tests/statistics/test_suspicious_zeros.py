"""Suspicious zeros by hand, against scipy's beta-binomial law, and invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.suspicious_zeros import find_sudden_zeros, find_zeros_beside


def panel_of(values: object) -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    codes = pd.Index([f"m{row:04d}" for row in range(len(array))], name="mahalla_code")
    months = pd.period_range("2023-01", periods=array.shape[1], freq="M", name="month")
    return pd.DataFrame(array, codes, months)


def simulated(ratio: float = 2.0, mahallas: int = 300, months: int = 25) -> pd.DataFrame:
    random = np.random.default_rng(4)
    mean = random.gamma(1.5, 2.0, (mahallas, 1))
    shape = np.broadcast_to(mean / (ratio - 1), (mahallas, months))
    return panel_of(random.negative_binomial(shape, 1 / ratio))


def test_a_drop_to_zero_by_hand() -> None:
    # the whole: 20 a month, then 20; four months of 5 and a zero: (4/5)^20, all of it Poisson
    found = find_sudden_zeros(panel_of([[5, 5, 5, 5, 0], [15, 15, 15, 15, 20]]))
    assert found["zero_probability"].tolist() == pytest.approx([0.8**20, 1])
    assert found["zero_q"].tolist() == pytest.approx([2 * 0.8**20, 1])
    assert found["suspicious"].tolist() == [1, 0]


def test_where_all_crime_falls_nobody_is_suspicious() -> None:
    calm = [[8, 8, 8, 8, 0], [8, 8, 8, 8, 1], [8, 8, 8, 8, 1]]
    # two of 96 for the whole: its months are worth 24 each, the last 2
    found = find_sudden_zeros(panel_of(calm))
    assert found["zero_probability"].tolist() == pytest.approx([(96 / 98) ** 32, 1, 1])
    assert found["suspicious"].sum() == 0
    # none anywhere says nothing about anyone
    assert (find_sudden_zeros(panel_of([[8, 8, 0], [9, 7, 0]]))["zero_probability"] == 1).all()


def test_overdispersed_zeros_are_beta_binomial() -> None:
    panel = simulated()
    found = find_sudden_zeros(panel, recent=2, history=23)
    now, past = panel.iloc[:, -2:], panel.iloc[:, :-2]
    worth = past.sum()
    rate = past.sum(axis=1) / worth.sum()
    mean = np.outer(rate, worth)
    # each mahalla's total is fitted, so its squares sum to (Σ mean − Σ mean²/Σ mean) · ratio
    free = mean.sum() - ((mean**2).sum(axis=1) / np.maximum(mean.sum(axis=1), 1e-300)).sum()
    ratio = ((past - mean) ** 2).sum().sum() / free
    assert ratio == pytest.approx(2.0, rel=0.1)
    e, c = worth.sum(), now.to_numpy().sum()
    zero = now.sum(axis=1).eq(0) & past.sum(axis=1).gt(0)
    for code in panel.index[zero]:
        total = past.loc[code].sum()
        a = total / ((c + e) * (ratio - 1))
        oracle = stats.betabinom.pmf(0, total, a * c, a * e)
        assert found.loc[code, "zero_probability"] == pytest.approx(oracle, rel=1e-7)
    assert (found.loc[~zero, "zero_probability"] == 1).all()


def test_a_planted_silence_is_found_and_little_else() -> None:
    panel = simulated(mahallas=500)
    loud = panel.index[panel.iloc[:, :-3].sum(axis=1) > 150][:5]
    panel.loc[loud, panel.columns[-3:]] = 0
    found = find_sudden_zeros(panel, recent=3)
    assert found.loc[loud, "suspicious"].all()
    assert found["suspicious"].sum() <= len(loud) + 1


def test_q_is_benjamini_and_hochbergs() -> None:
    found = find_sudden_zeros(simulated())
    assert found["zero_q"].tolist() == pytest.approx(
        stats.false_discovery_control(found["zero_probability"]).tolist()
    )


def test_missing_is_missing() -> None:
    nan = np.nan
    panel = panel_of([[4, nan, 5, 0], [4, 4, 4, nan], [nan, nan, nan, 0], [4, 5, 4, 4]])
    found = find_sudden_zeros(panel)
    assert found.isna().all(axis=1).tolist() == [False, True, True, False]
    # only the last is observed throughout: its 4, 5, 4 are what the months are worth
    assert found["zero_probability"].iloc[0] == pytest.approx((8 / 12) ** 9)
    assert find_sudden_zeros(panel.iloc[:0]).empty


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(40)))
def test_the_order_of_the_rows_changes_nothing(order: list[int]) -> None:
    panel = simulated(mahallas=40)
    pd.testing.assert_frame_equal(
        find_sudden_zeros(panel.iloc[order]),
        find_sudden_zeros(panel).iloc[order],
        check_exact=True,
    )


def test_zero_beside_records_by_hand() -> None:
    # one offense in ten calls: means 10, 9 and 1; as evenly spread as Poisson counts
    counts, calls = pd.Series([0, 19, 1]), pd.Series([100, 90, 10])
    found = find_zeros_beside(counts, calls)
    squares = (10 - 0) ** 2 - 10 + (19 - 9) ** 2 - 9 + 0 - 1
    k = (100 + 81 + 1) / squares
    assert found["zero_probability"].tolist() == pytest.approx([(k / (k + 10)) ** k, 1, 1])
    even = find_zeros_beside(pd.Series([0, 5, 5]), pd.Series([10, 45, 45]))
    assert even["zero_probability"].tolist() == pytest.approx([np.exp(-1), 1, 1])


def test_zeros_beside_missing_or_no_records() -> None:
    counts = pd.Series([0, 3, np.nan, 0])
    found = find_zeros_beside(counts, pd.Series([2, 3, 4, np.nan]))
    assert found.isna().all(axis=1).tolist() == [False, False, True, True]
    none = find_zeros_beside(pd.Series([0, 0]), pd.Series([0, 0]))
    assert (none["zero_probability"] == 1).all()


def test_nonsense_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError) as refused:
        find_sudden_zeros(panel_of([[1, 2]]), recent=2)
    assert str(refused.value) == (
        "the panel has 2 months: it needs at least one before the 2 recent"
    )
    with pytest.raises(InputError) as refused:
        find_zeros_beside(pd.Series([1]), pd.Series([-1]))
    assert str(refused.value) == ("a number of records is -1: counts are whole numbers from 0 up")
    with pytest.raises(InputError) as refused:
        find_zeros_beside(pd.Series([1]), pd.Series([1, 2]))
    assert str(refused.value) == (
        "there are counts of 1 mahallas and records of 2, or in another order: give both on the "
        "same index"
    )


@pytest.mark.parametrize(
    ("counts", "records"), [([0, 2, 0, 4, 2], [1, 0, 1, 3, 1]), ([0, 1, 4, 1, 0], [3, 1, 4, 2, 0])]
)
def test_an_excess_that_is_rounding_alone_is_none(counts: list[int], records: list[int]) -> None:
    # by hand: Σ (x − m)² is Σ m in fractions, a little more in binary, so that P(0) = exp(−m)
    found = find_zeros_beside(pd.Series(counts), pd.Series(records))["zero_probability"]
    expected = np.exp(-records[0] * sum(counts) / sum(records))
    assert found[0] == pytest.approx(expected, rel=1e-9)
