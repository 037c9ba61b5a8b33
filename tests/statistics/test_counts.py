"""Counts against loops a reader can follow, and the sums that must hold."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics.counts import (
    count_offenses,
    observed_months,
    rolling_counts,
    year_to_date,
)

START, END = pd.Period("2024-11"), pd.Period("2025-03")
CODES = ["1710207001", "1710207002", "1710212001"]
MAHALLAS = pd.DataFrame(index=pd.Index(CODES, name="mahalla_code"))

# months reach beyond the panel on both sides
records = st.lists(st.tuples(st.sampled_from(CODES), st.integers(-2, 7)), max_size=40)


def placed_of(pairs: list[tuple[str, int]]) -> pd.DataFrame:
    months = pd.PeriodIndex([START + offset for _, offset in pairs], freq="M")
    return pd.DataFrame({"mahalla_code": [code for code, _ in pairs], "month": months})


def panel_of(pairs: list[tuple[str, int]]) -> pd.DataFrame:
    return count_offenses(placed_of(pairs), MAHALLAS, start=START, end=END)


@given(records)
def test_counts_equal_a_tally(pairs: list[tuple[str, int]]) -> None:
    panel = panel_of(pairs)
    tally = Counter(pairs)
    expected = [[tally[code, month] for month in range(5)] for code in CODES]
    np.testing.assert_array_equal(panel.to_numpy(), expected)
    assert panel.index.equals(MAHALLAS.index)
    assert panel.columns.equals(pd.period_range(START, END, freq="M"))
    assert set(panel.dtypes) == {np.dtype("int64")}


@given(records, st.integers(0, 40))
def test_panels_of_chunks_sum_to_the_panel_of_all(pairs: list[tuple[str, int]], cut: int) -> None:
    pd.testing.assert_frame_equal(panel_of(pairs[:cut]) + panel_of(pairs[cut:]), panel_of(pairs))


@given(records.flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(pairs))))
def test_order_of_records_and_mahallas_changes_nothing(
    orders: tuple[list[tuple[str, int]], list[tuple[str, int]]],
) -> None:
    pairs, shuffled = orders
    again = count_offenses(placed_of(shuffled), MAHALLAS.iloc[::-1], start=START, end=END)
    pd.testing.assert_frame_equal(again, panel_of(pairs))


def test_arguments_are_left_as_they_were() -> None:
    placed = placed_of([(CODES[0], 0)])
    before = placed.copy(deep=True)
    count_offenses(placed, MAHALLAS, start=START, end=END)
    pd.testing.assert_frame_equal(placed, before)


@given(records, st.integers(1, 6))
def test_windows_equal_plain_sums(pairs: list[tuple[str, int]], months: int) -> None:
    panel = panel_of(pairs)
    windows = rolling_counts(panel, months)
    assert list(windows.columns) == list(panel.columns[months - 1 :])
    for position, month in enumerate(windows.columns):
        by_hand = panel.iloc[:, position : position + months].sum(axis=1)
        assert windows[month].tolist() == by_hand.tolist()


@given(st.sets(st.integers(0, 4)), st.integers(1, 6))
def test_observed_months_are_those_not_missing(gaps: set[int], months: int) -> None:
    columns = pd.period_range(START, END, freq="M")
    missing = {START + gap for gap in gaps}
    observed = observed_months(columns, missing, months)
    assert observed.index.equals(columns[months - 1 :])
    for month, number in observed.items():
        window = pd.period_range(end=month, periods=months, freq="M")
        assert number == sum(each not in missing for each in window)


def test_year_to_date_of_a_worked_example() -> None:
    columns = pd.period_range("2024-01", "2025-03", freq="M")
    panel = pd.DataFrame([range(1, 16), [0] * 15], index=["a", "b"], columns=columns)
    sums = year_to_date(panel, pd.Period("2025-03"))
    # 13 + 14 + 15 and 1 + 2 + 3
    assert sums.loc["a"].tolist() == [42, 6]
    assert sums.loc["b"].tolist() == [0, 0]


def test_last_year_is_missing_where_the_panel_begins_later() -> None:
    columns = pd.period_range("2024-02", "2025-03", freq="M")
    panel = pd.DataFrame([[1] * 14], index=["a"], columns=columns)
    sums = year_to_date(panel, pd.Period("2025-03"))
    assert sums.loc["a", "count_ytd"] == 3
    assert np.isnan(sums.loc["a", "count_ytd_last_year"])


def test_last_year_is_missing_where_one_of_its_months_has_no_records() -> None:
    columns = pd.period_range("2024-01", "2025-03", freq="M")
    panel = pd.DataFrame([[1] * 15], index=["a"], columns=columns)
    inside = year_to_date(panel, pd.Period("2025-03"), missing={pd.Period("2024-02")})
    assert np.isnan(inside.loc["a", "count_ytd_last_year"])
    after = year_to_date(panel, pd.Period("2025-03"), missing={pd.Period("2024-04")})
    assert after.loc["a", "count_ytd_last_year"] == 3


def test_this_year_is_missing_where_january_is_not_covered() -> None:
    columns = pd.period_range("2025-02", "2025-03", freq="M")
    panel = pd.DataFrame([[1, 1]], index=["a"], columns=columns)
    assert year_to_date(panel, pd.Period("2025-03")).isna().all(axis=None)


def sentence_of(error: pytest.ExceptionInfo[InputError]) -> str:
    return str(error.value)


def test_months_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InputError) as error:
        count_offenses(placed_of([]), MAHALLAS, start=END, end=START)
    assert sentence_of(error) == (
        "The first month, 2025-03, is after the last, 2024-11; give them in their order."
    )


def test_a_record_in_an_unknown_mahalla_is_not_lost_in_silence() -> None:
    with pytest.raises(InputError) as error:
        panel_of([(CODES[0], 0), ("1726000000", 0)])
    assert sentence_of(error) == (
        "1 placed records lie in mahallas that are not in the layer, the first in '1726000000'; "
        "place the records onto this layer again."
    )


def test_a_mahalla_with_two_rows_is_refused() -> None:
    with pytest.raises(InputError) as error:
        count_offenses(placed_of([]), pd.DataFrame(index=["a", "b", "a"]), start=START, end=END)
    assert sentence_of(error) == (
        "Mahalla 'a' has two rows in the layer; give each mahalla one row."
    )


def test_a_record_without_a_month_is_not_lost_in_silence() -> None:
    placed = placed_of([(CODES[0], 0), (CODES[1], 1)])
    placed.loc[1, "month"] = pd.NaT
    with pytest.raises(InputError) as error:
        count_offenses(placed, MAHALLAS, start=START, end=END)
    assert sentence_of(error) == (
        "1 placed records have no month; reject records without a date before counting."
    )


@pytest.mark.parametrize("months", [0, -3])
def test_a_window_without_months_is_refused(months: int) -> None:
    sentence = f"A window of {months} months holds nothing; give at least 1."
    panel = panel_of([])
    with pytest.raises(InputError) as error:
        rolling_counts(panel, months)
    assert sentence_of(error) == sentence
    with pytest.raises(InputError) as error:
        observed_months(pd.PeriodIndex(panel.columns), set(), months)
    assert sentence_of(error) == sentence
