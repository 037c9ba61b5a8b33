"""Aoristic weights by hand, minute by minute, and what must not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics import aoristic
from hotspot.statistics.aoristic import aoristic_hours, aoristic_weights


def intervals(*pairs: tuple[str | None, str | None]) -> pd.DataFrame:
    starts, ends = zip(*pairs, strict=True)
    return pd.DataFrame({"start": pd.to_datetime(starts), "end": pd.to_datetime(ends)})


def drawn(n: int, seed: int, longest: int = 20_000) -> pd.DataFrame:
    """Draw intervals in whole minutes, some of no length, some longer than a week."""
    rng = np.random.default_rng(seed)
    minutes = np.where(rng.random(n) < 0.2, 0, rng.integers(0, longest, n))
    start = pd.Timestamp("2023-12-25") + pd.to_timedelta(rng.integers(0, 10**6, n), unit="min")
    return pd.DataFrame({"start": start, "end": start + pd.to_timedelta(minutes, unit="min")})


def test_a_night_across_sunday_by_hand():
    # Sunday 7 January 2024, 22:00, to Monday, 02:00: a quarter for each hour
    weights = aoristic_weights(intervals(("2024-01-07 22:00", "2024-01-08 02:00"))).iloc[0]
    assert weights[weights > 0].to_dict() == {
        (1, 0): 0.25,
        (1, 1): 0.25,
        (7, 22): 0.25,
        (7, 23): 0.25,
    }


def test_hours_touched_in_part_count_in_part():
    weights = aoristic_weights(intervals(("2024-01-03 22:30", "2024-01-04 00:30"))).iloc[0]
    assert weights[weights > 0].to_dict() == {(3, 22): 0.25, (3, 23): 0.5, (4, 0): 0.25}


def test_a_known_time_is_one_hour():
    known = intervals(
        ("2024-01-01 00:00", "2024-01-01 00:00"), ("2024-01-07 23:59", "2024-01-07 23:59")
    )
    table = aoristic_hours(known)
    assert table.loc[1, 0] == 1
    assert table.loc[7, 23] == 1
    assert table.to_numpy().sum() == 2


def test_a_whole_week_is_every_hour_alike_and_more_than_a_week_wraps():
    week = aoristic_weights(intervals(("2024-01-03 13:00", "2024-01-10 13:00")))
    np.testing.assert_allclose(week, 1 / 168, rtol=1e-13)
    # 169 hours from Wednesday 13:00: that hour twice
    more = aoristic_weights(intervals(("2024-01-03 13:00", "2024-01-10 14:00"))).iloc[0]
    assert more[(3, 13)] == pytest.approx(2 / 169)
    assert more[(3, 14)] == pytest.approx(1 / 169)


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_those_of_counting_minutes(seed: int):
    records = drawn(25, seed)
    weights = aoristic_weights(records)
    for row, record in records.iterrows():
        minutes = pd.date_range(record["start"], record["end"], freq="min")
        if len(minutes) > 1:
            minutes = minutes[:-1]
        counted = pd.Series(1 / len(minutes), minutes).groupby(
            [minutes.day_of_week + 1, minutes.hour]
        )
        expected = counted.sum().reindex(weights.columns, fill_value=0)
        np.testing.assert_allclose(weights.loc[row], expected, atol=1e-12)


def test_totals_are_kept_and_what_has_no_time_is_missing():
    records = drawn(200, 5).set_index(pd.RangeIndex(500, 700))
    records.loc[510, "start"] = pd.NaT
    records.loc[520, "end"] = pd.NaT
    length = (records["end"] - records["start"]) / pd.Timedelta(hours=1)
    for longest, kept in ((None, length.notna()), (24, length <= 24)):
        weights = aoristic_weights(records, longest_hours=longest)
        assert weights.index.equals(records.index)
        assert weights.notna().all(axis=1).equals(kept)
        assert weights.isna().all(axis=1).equals(~kept)
        np.testing.assert_allclose(weights[kept].sum(axis=1), 1, rtol=1e-12)
        hours = aoristic_hours(records, longest_hours=longest)
        assert hours.to_numpy().sum() == pytest.approx(kept.sum(), rel=1e-12)
        np.testing.assert_allclose(hours.to_numpy().ravel(), weights.sum(), rtol=1e-9, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), weeks=st.integers(-3000, 3000))
def test_order_blocks_and_other_weeks_change_nothing(seed: int, weeks: int):
    records = drawn(60, seed)
    before = aoristic_hours(records)
    shuffled = records.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(aoristic_hours(shuffled), before, check_exact=True)
    moved = records + pd.Timedelta(weeks=weeks)
    pd.testing.assert_frame_equal(aoristic_hours(moved), before, check_exact=True)
    halves = aoristic_hours(records.iloc[:30]) + aoristic_hours(records.iloc[30:])
    pd.testing.assert_frame_equal(halves, before, rtol=1e-12)


def test_many_records_are_summed_block_by_block(monkeypatch: pytest.MonkeyPatch):
    records = drawn(100, 1)
    before = aoristic_hours(records)
    monkeypatch.setattr(aoristic, "BLOCK", 7)
    pd.testing.assert_frame_equal(aoristic_hours(records), before, rtol=1e-12)


def test_the_clock_on_the_wall_counts():
    records = intervals(("2024-01-07 22:00", "2024-01-08 02:00"))
    there = records.apply(lambda column: column.dt.tz_localize("Asia/Tashkent"))
    pd.testing.assert_frame_equal(aoristic_hours(there), aoristic_hours(records))


def test_no_records_make_a_table_of_noughts():
    none = drawn(3, 1).iloc[:0]
    assert aoristic_hours(none).to_numpy().sum() == 0
    assert aoristic_weights(none).shape == (0, 168)


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        (
            intervals(("2024-01-07 22:00", "2024-01-07 21:00")),
            "1 intervals end before they start, the first from 2024-01-07 22:00:00 to "
            "2024-01-07 21:00:00: exchange or correct them",
        ),
        (
            intervals(("2024-01-07", "2024-01-07")).drop(columns="end"),
            "the records have no column 'end': an interval needs start and end",
        ),
        (
            intervals(("2024-01-07", "2024-01-07")).assign(start=[7]),
            "the column 'start' is int64: read it with pandas.to_datetime first",
        ),
        (
            intervals(("2024-01-07", "2024-01-07")).assign(
                start=pd.to_datetime(["2024-01-07"]).tz_localize("Asia/Tashkent")
            ),
            "the column 'start' has a time zone and 'end' has none: give both alike",
        ),
        (
            intervals(("2024-01-07", "2024-01-07")).assign(
                end=pd.to_datetime(["2024-01-07"]).tz_localize("Asia/Tashkent")
            ),
            "the column 'end' has a time zone and 'start' has none: give both alike",
        ),
    ],
)
def test_intervals_that_are_none_are_refused(records: pd.DataFrame, sentence: str):
    with pytest.raises(InputError) as refused:
        aoristic_hours(records)
    assert str(refused.value) == sentence
