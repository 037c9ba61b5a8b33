"""Weighted sums against a loop over the records, and everything a table can have wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics.counts import count_offenses
from hotspot.statistics.severity import weigh_offenses

START, END = pd.Period("2024-12"), pd.Period("2025-02")
CODES = ["1710207001", "1710207002", "1710212001"]
MAHALLAS = pd.DataFrame(index=pd.Index(CODES, name="mahalla_code"))
WEIGHTS = {"theft": 0.1, "robbery": 365.0, "hooliganism": 3.3}
KINDS = [*WEIGHTS, "noise", None]

records = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(-1, 4), st.sampled_from(KINDS)), max_size=40
)


def placed_of(rows: list[tuple[str, int, str | None]]) -> pd.DataFrame:
    months = pd.period_range(START - 1, periods=6, freq="M")[[1 + row[1] for row in rows]]
    return pd.DataFrame(
        {
            "mahalla_code": pd.Series([code for code, _, _ in rows], dtype="str"),
            "month": months,
            "kind": pd.Series([kind for _, _, kind in rows], dtype="str"),
        }
    )


@given(records)
def test_sums_equal_a_loop_and_what_had_no_weight_is_told(rows) -> None:
    out = weigh_offenses(placed_of(rows), MAHALLAS, WEIGHTS, start=START, end=END, default=2.0)
    sums = pd.DataFrame(0.0, index=out.panel.index, columns=out.panel.columns)
    without: dict[str, int] = {}
    for code, offset, kind in rows:
        if 0 <= offset <= 2:
            sums.loc[code, START + offset] += WEIGHTS.get(str(kind), 2.0)
            if kind not in WEIGHTS:
                without[kind or ""] = without.get(kind or "", 0) + 1
    pd.testing.assert_frame_equal(out.panel, sums, check_exact=False, rtol=1e-12)
    assert out.without_weight.to_dict() == without
    assert out.without_weight.index.is_monotonic_increasing


@given(records, st.randoms(use_true_random=False), st.integers(0, 40))
def test_order_and_splitting_of_records_change_no_bit(rows, random, at: int) -> None:
    options = {"start": START, "end": END, "default": 0.7}
    out = weigh_offenses(placed_of(rows), MAHALLAS, WEIGHTS, **options)
    shuffled = random.sample(rows, len(rows))
    again = weigh_offenses(placed_of(shuffled), MAHALLAS[::-1], WEIGHTS, **options)
    pd.testing.assert_frame_equal(out.panel, again.panel, check_exact=True)
    pd.testing.assert_series_equal(out.without_weight, again.without_weight)
    parts = [
        weigh_offenses(placed_of(part), MAHALLAS, WEIGHTS, **options).panel
        for part in (rows[:at], rows[at:])
    ]
    pd.testing.assert_frame_equal(parts[0] + parts[1], out.panel, rtol=1e-12)


def test_weights_of_one_are_the_counts() -> None:
    random = np.random.default_rng(1)
    rows = [
        (CODES[i], int(offset), KINDS[kind])
        for i, offset, kind in zip(*random.integers(0, 3, (3, 200)), strict=True)
    ]
    placed = placed_of(rows)
    ones = dict.fromkeys(WEIGHTS, 1)
    out = weigh_offenses(placed, MAHALLAS, pd.Series(ones), start=START, end=END).panel
    counts = count_offenses(placed, MAHALLAS, start=START, end=END)
    pd.testing.assert_frame_equal(out, counts.astype(float))


@pytest.mark.parametrize("kind", ["theft", "hooliganism"])
def test_a_categorical_kind_is_a_kind(kind: str) -> None:
    placed = placed_of([(CODES[0], 0, kind)])
    placed["kind"] = placed["kind"].astype("category")
    out = weigh_offenses(placed, MAHALLAS, WEIGHTS, start=START, end=END)
    assert out.panel.iloc[0, 0] == WEIGHTS[kind]


def refusal(rows: list[tuple[str, int, str | None]], weights=WEIGHTS, **options) -> str:
    with pytest.raises(InputError) as error:
        weigh_offenses(
            placed_of(rows), MAHALLAS, weights, **({"start": START, "end": END} | options)
        )
    return str(error.value)


def test_an_unknown_kind_names_the_nearest() -> None:
    rows = [(CODES[0], 0, "Thefts"), (CODES[0], 1, "theft"), (CODES[1], 0, "Thefts")]
    assert refusal(rows) == (
        "2 records are of kinds without a weight, the first 'Thefts' (did you mean 'theft'?); "
        "add it to the table or give a default weight."
    )
    assert refusal([(CODES[0], 0, None)]) == (
        "1 records have no kind and so no weight; add it to the table or give a default weight."
    )
    # of a month that is not weighed nothing is asked
    out = weigh_offenses(
        placed_of([(CODES[0], -1, "Thefts")]), MAHALLAS, WEIGHTS, start=START, end=END
    )
    assert out.panel.to_numpy().sum() == 0


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_a_weight_is_a_number_from_0(weight: float) -> None:
    assert refusal([], {"theft": 1, "robbery": weight}) == (
        f"The weight of 'robbery' is {weight:g}; weights are numbers from 0."
    )
    assert refusal([], default=weight) == (
        f"The default weight is {weight:g}; weights are numbers from 0."
    )


def test_other_nonsense_is_refused() -> None:
    assert refusal([], pd.Series([1, 2], index=["theft", "theft"])) == (
        "The kind 'theft' has two weights; give each kind one."
    )
    assert refusal([], start=END, end=START) == (
        "The first month, 2025-02, is after the last, 2024-12; give them in their order."
    )
    assert refusal([("1799999999", 0, "theft")]) == (
        "1 placed records lie in mahallas that are not in the layer, the first in '1799999999'; "
        "place the records onto this layer again."
    )
    placed = placed_of([(CODES[0], 0, "theft")])
    placed["month"] = pd.PeriodIndex([pd.NaT], freq="M")
    with pytest.raises(InputError) as error:
        weigh_offenses(placed, MAHALLAS, WEIGHTS, start=START, end=END)
    assert str(error.value) == (
        "1 placed records have no month; reject records without a date before weighing."
    )
    twice = pd.DataFrame(index=[CODES[0], CODES[0]])
    with pytest.raises(InputError) as error:
        weigh_offenses(placed_of([]), twice, WEIGHTS, start=START, end=END)
    assert str(error.value) == (
        f"Mahalla '{CODES[0]}' has two rows in the layer; give each mahalla one row."
    )


def test_an_empty_kind_and_a_missing_one_are_the_same() -> None:
    placed = placed_of([(CODES[0], 0, None), (CODES[0], 0, ""), (CODES[0], 0, "theft")])
    out = weigh_offenses(placed, MAHALLAS, WEIGHTS, start=START, end=END, default=2.0)
    assert out.panel.iloc[0, 0] == pytest.approx(4.1, rel=1e-15)
    assert out.without_weight.to_dict() == {"": 2}


def test_kinds_that_are_numbers_are_compared_as_text() -> None:
    # invariant: articles of the code as numbers, in the records, the table or both
    placed = placed_of([(CODES[0], 0, "169"), (CODES[0], 0, "164"), (CODES[0], 0, "169")])
    numbered = placed.assign(kind=placed["kind"].astype(int))
    for records in (placed, numbered):
        for table in ({169: 3.0, 164: 30.0}, {"169": 3.0, "164": 30.0}):
            out = weigh_offenses(records, MAHALLAS, table, start=START, end=END)
            assert out.panel.iloc[0, 0] == 36
            assert out.without_weight.empty


def test_a_weight_in_words_is_refused() -> None:
    placed = placed_of([(CODES[0], 0, "theft")])
    with pytest.raises(InputError) as error:
        weigh_offenses(placed, MAHALLAS, {"theft": "many"}, start=START, end=END)  # type: ignore[dict-item]
    assert str(error.value) == (
        "A weight is no number (could not convert string to float: 'many'); "
        "weights are numbers from 0."
    )
