"""When a zero would be seen to be zero, by hand-worked cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotspot.categories.observability import observable, why_not_observable

MONTHS = pd.period_range("2025-01", periods=2, freq="M")
CODES = pd.Index(["a", "b"], name="mahalla_code")
NO_POLYGON = (
    "no record of its district is placed by code or name, and none can reach it by coordinates"
)


def by_month(*rows: list[object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), index=CODES, columns=MONTHS)


@pytest.mark.parametrize(
    ("reachable", "complete", "hit_rate", "expected"),
    [
        (True, True, 0.85, True),
        (True, True, 1.0, True),
        (True, True, 0.8499, False),
        (True, True, np.nan, False),
        (True, False, 1.0, False),
        (False, True, 1.0, False),
        (False, False, np.nan, False),
    ],
)
def test_green_needs_all_three(reachable, complete, hit_rate, expected):
    found = observable(
        pd.DataFrame({"2025-01": [reachable]}),
        pd.Series({"2025-01": complete}),
        pd.DataFrame({"2025-01": [hit_rate]}),
        min_hit_rate=0.85,
    )
    assert found["2025-01"].tolist() == [expected]
    assert found["2025-01"].dtype == bool


def test_months_and_mahallas_are_kept_apart():
    found = observable(
        by_month([True, True], [True, False]),
        pd.Series([True, False], index=MONTHS),
        by_month([0.9, 0.9], [0.9, 0.9]),
        min_hit_rate=0.85,
    )
    pd.testing.assert_frame_equal(found, by_month([True, False], [True, False]))


def test_no_bar_is_reached_by_every_rate():
    found = observable(
        by_month([True, True], [True, True]),
        pd.Series(True, index=MONTHS),
        by_month([0.0, 0.5], [1.0, np.nan]),
        min_hit_rate=0.0,
    )
    assert found.to_numpy().tolist() == [[True, True], [True, False]]


@pytest.mark.parametrize(
    ("reachable", "hit_rate", "least", "sentence"),
    [
        (True, 0.85, 0.85, ""),
        (
            True,
            0.5,
            0.85,
            "only 50.0 % of the records of its district could be placed, less than 85 %",
        ),
        (
            True,
            0.849999,
            0.85,
            "only 84.9 % of the records of its district could be placed, less than 85 %",
        ),
        (
            True,
            0.0,
            0.855,
            "only 0.0 % of the records of its district could be placed, less than 85.5 %",
        ),
        (True, np.nan, 0.85, "no record of the region says how well its district is recorded"),
        (False, 0.9, 0.85, NO_POLYGON),
        (False, 0.1, 0.85, NO_POLYGON),
    ],
)
def test_the_reason_names_what_is_wanting(reachable, hit_rate, least, sentence):
    reasons = why_not_observable(
        pd.Series([reachable]), pd.Series([hit_rate]), [], min_hit_rate=least
    )
    assert reasons.tolist() == [sentence]


@pytest.mark.parametrize(
    ("months", "sentence"),
    [
        (["2024-03"], "the window has no records at all for 2024-03"),
        (["2024-03", "2024-05"], "the window has no records at all for 2 months, 2024-03 first"),
    ],
)
def test_months_without_records_are_named_for_all(months, sentence):
    reasons = why_not_observable(
        pd.Series([True, False], index=CODES),
        pd.Series([0.9, 0.1], index=CODES),
        [pd.Period(month, freq="M") for month in months],
        min_hit_rate=0.85,
    )
    assert reasons.tolist() == [sentence, sentence]
    assert reasons.index.equals(CODES)


def test_a_reason_is_given_exactly_where_the_mahalla_is_not_observable():
    reachable = pd.Series([True, True, True, False, False, False])
    hit_rate = pd.Series([0.9, 0.5, np.nan, 0.9, 0.5, np.nan])
    reasons = why_not_observable(reachable, hit_rate, [], min_hit_rate=0.85)
    found = observable(
        reachable.to_frame("2025-01"),
        pd.Series({"2025-01": True}),
        hit_rate.to_frame("2025-01"),
        min_hit_rate=0.85,
    )
    assert (reasons == "").tolist() == found["2025-01"].tolist()


def test_dates_that_cannot_be_read_hide_what_happened():
    reasons = why_not_observable(
        pd.Series([True]), pd.Series([0.9]), [], min_hit_rate=0.85, dated=0.4583
    )
    assert reasons.tolist() == ["only 45.8 % of the records have a readable date"]
