"""Hit rates by hand-worked cases and by what must hold of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.statistics.hit_rate import hit_rates

MONTHS = pd.period_range("2025-01", periods=2, freq="M", name="month")


def table(**rows: list[int]) -> pd.DataFrame:
    """Return districts × months; ``nowhere`` is the row of no named district."""
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=MONTHS)
    return frame.rename(index={"nowhere": ""})


def test_a_hit_rate_is_placed_of_placed_and_unplaced():
    rates = hit_rates(table(A=[90, 10], B=[40, 0]), table(A=[10, 0], B=[10, 5], nowhere=[0, 0]))
    assert rates.to_numpy().tolist() == [[0.9, 1.0], [0.8, 0.0]]
    assert rates.columns.equals(MONTHS)
    assert rates.index.tolist() == ["A", "B"]


def test_records_of_no_district_are_shared_out_by_the_number_of_records():
    # A has 100 records and B 50: of 15 more, A takes 10 and B 5
    rates = hit_rates(table(A=[100, 1], B=[40, 1]), table(A=[0, 0], B=[10, 0], nowhere=[15, 0]))
    assert rates[MONTHS[0]].tolist() == pytest.approx([100 / 110, 40 / 55], rel=1e-15)
    assert rates[MONTHS[1]].tolist() == [1.0, 1.0]


def test_a_file_that_never_names_a_district_does_not_look_perfect():
    rates = hit_rates(table(A=[30, 30], B=[20, 20]), table(nowhere=[50, 0]))
    assert rates[MONTHS[0]].tolist() == [0.5, 0.5]
    assert rates[MONTHS[1]].tolist() == [1.0, 1.0]


def test_a_district_without_records_has_the_rate_of_the_whole():
    rates = hit_rates(table(A=[30, 0], B=[0, 0]), table(A=[10, 0], nowhere=[10, 0]))
    assert rates[MONTHS[0]].tolist() == pytest.approx([30 / 50, 30 / 50], rel=1e-15)
    assert rates[MONTHS[1]].isna().all()


def test_nothing_placed_is_a_rate_of_zero():
    rates = hit_rates(table(A=[0, 0], B=[0, 0]), table(A=[5, 0], nowhere=[0, 7]))
    assert rates[MONTHS[0]].tolist() == [0.0, 0.0]
    assert rates[MONTHS[1]].tolist() == [0.0, 0.0]


def test_without_the_row_of_no_district_nothing_is_shared_out():
    placed = table(A=[3, 1])
    with_row = hit_rates(placed, table(A=[1, 0], nowhere=[0, 0]))
    pd.testing.assert_frame_equal(hit_rates(placed, table(A=[1, 0])), with_row)


counts = st.lists(st.integers(0, 50), min_size=3, max_size=3)


@settings(max_examples=100, deadline=None)
@given(counts, counts, st.integers(0, 50))
def test_rates_are_shares_and_add_up_to_the_whole(placed, named, unknown):
    index = ["A", "B", "C"]
    rates = hit_rates(
        pd.DataFrame({"m": placed}, index=index),
        pd.DataFrame({"m": [*named, unknown]}, index=[*index, ""]),
    )["m"]
    everything = sum(placed) + sum(named) + unknown
    if everything == 0:
        assert rates.isna().all()
        return
    assert rates.between(0, 1).all()
    records = np.add(placed, named)
    if records.sum():
        # each district's share of all records, times its rate, is what was placed
        weights = records / records.sum() * everything
        assert (rates * weights).sum() == pytest.approx(sum(placed), rel=1e-12, abs=1e-12)


def test_inputs_are_not_changed_and_order_does_not_matter():
    placed, unplaced = table(A=[9, 1], B=[4, 3]), table(B=[1, 1], nowhere=[2, 2], A=[0, 1])
    copies = placed.copy(), unplaced.copy()
    rates = hit_rates(placed, unplaced)
    pd.testing.assert_frame_equal(placed, copies[0])
    pd.testing.assert_frame_equal(unplaced, copies[1])
    shuffled = hit_rates(placed.iloc[::-1], unplaced.iloc[::-1])
    pd.testing.assert_frame_equal(shuffled.sort_index(), rates)
