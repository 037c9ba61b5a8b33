"""The months that records cover, on small series by hand and on real records."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.coverage import day_counts, find_coverage
from hotspot.loaders.offenses import read_offenses


def daily(start: str, end: str, records: int = 10) -> pd.Series:
    return pd.Series(records, index=pd.date_range(start, end))


def covered(days: pd.Series) -> tuple[str, str]:
    coverage = find_coverage(days.groupby(level=0).sum())
    return str(coverage.start), str(coverage.end)


def test_whole_years_are_covered() -> None:
    assert covered(daily("2022-01-01", "2023-12-31")) == ("2022-01", "2023-12")


def test_a_month_that_is_not_over_is_left_out() -> None:
    coverage = find_coverage(daily("2022-01-01", "2022-06-20"))
    assert str(coverage.end) == "2022-05"
    assert coverage.why_end == (
        "2022-05 is the last whole month of lasting records; 200 records lie after it, "
        "where 2022-06 is not over"
    )


def test_a_plausible_silence_does_not_end_the_month() -> None:
    # 3 records a month are 0.1 a day: 20 silent days have a probability of exp(-2) = 0.14
    days = pd.Series(
        1, index=pd.DatetimeIndex([f"2022-{m:02d}-{d}" for m in range(1, 7) for d in (2, 6, 10)])
    )
    assert covered(days) == ("2022-01", "2022-06")


def test_months_alone_are_whole() -> None:
    days = pd.Series(1000, index=pd.date_range("2022-01-01", "2022-05-01", freq="MS"))
    assert covered(days) == ("2022-01", "2022-05")


def test_three_julys_keep_the_years_between_as_missing() -> None:
    days = pd.Series(28_000, index=pd.DatetimeIndex(["2016-07-01", "2017-07-01", "2018-07-01"]))
    coverage = find_coverage(days)
    assert (str(coverage.start), str(coverage.end)) == ("2016-07", "2018-07")
    assert len(coverage.missing) == 22
    assert len(coverage.months) == 25


def test_strays_and_slips_of_the_pen_are_outside() -> None:
    # few records a month, so that one stray alone would be a tenth of a typical month
    true = pd.Series(1, index=pd.date_range("2021-01-03", "2022-12-31", freq="5D"))
    strays = pd.Series(1, index=pd.DatetimeIndex(["1966-05-04", "1999-01-01", "2205-03-01"]))
    coverage = find_coverage(pd.concat([true, strays]).sort_index())
    assert (str(coverage.start), str(coverage.end)) == ("2021-01", "2022-12")
    assert coverage.why_start == (
        "2021-01 is the first month of lasting records; 2 records lie before it"
    )


def test_one_month_that_is_not_over_is_all_there_is() -> None:
    assert covered(daily("2022-01-01", "2022-01-09")) == ("2022-01", "2022-01")


def test_no_date_is_an_error() -> None:
    with pytest.raises(InputError) as error:
        find_coverage(pd.Series([], index=pd.DatetimeIndex([]), dtype="int64"))
    assert str(error.value) == (
        "no record has a readable date; name the date's column or its date_format"
    )


@settings(deadline=None)
@given(
    st.dictionaries(
        st.dates(pd.Timestamp("1960-01-01").date(), pd.Timestamp("2060-01-01").date()),
        st.integers(1, 500),
        min_size=1,
        max_size=60,
    )
)
def test_the_months_lie_in_order_and_add_up(counts: dict[object, int]) -> None:
    days = pd.Series(counts)
    days.index = pd.to_datetime(days.index)
    coverage = find_coverage(days)
    assert coverage.start <= coverage.end
    assert list(coverage.months.index) == list(
        pd.period_range(coverage.start, coverage.end, freq="M")
    )
    inside = days[
        (days.index.to_period("M") >= coverage.start) & (days.index.to_period("M") <= coverage.end)
    ]
    assert coverage.months.sum() == inside.sum()
    assert find_coverage(days.iloc[::-1]).months.equals(coverage.months)


@pytest.mark.parametrize(
    ("path", "heading", "start", "end", "missing"),
    [
        ("toronto_mci/toronto_mci_2014_2021.parquet", "occurrencedate", "2014-01", "2021-12", 0),
        ("stlouis_part1/stl_part1_2017_2019.parquet", "date_occur", "2017-01", "2019-09", 0),
        (
            "west_yorkshire_street/west_yorkshire_street_3xJuly.parquet",
            "Month",
            "2016-07",
            "2018-07",
            22,
        ),
    ],
)
def test_real_records(
    shared: Path, path: str, heading: str, start: str, end: str, missing: int
) -> None:
    coverage = find_coverage(day_counts(read_offenses(shared / path, columns={"date": heading})))
    assert (str(coverage.start), str(coverage.end)) == (start, end)
    assert len(coverage.missing) == missing
