"""Trends against pymannkendall, scipy and brute force; invariants by hypothesis."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics import trends
from hotspot.statistics.trends import mann_kendall, seasonal_mann_kendall, theil_sen


def panel_of(values: np.ndarray | list[list[float]], start: str = "2020-01") -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    codes = pd.Index([f"m{row:03d}" for row in range(len(array))], name="mahalla_code")
    months = pd.period_range(start, periods=array.shape[1], freq="M", name="month")
    return pd.DataFrame(array, codes, months)


def counts(mean: float, months: int = 36, mahallas: int = 25, *, gaps: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(round(100 * mean) + months)
    values = random.poisson(mean, (mahallas, months)).astype(float)
    values[random.random(values.shape) < gaps] = np.nan
    return panel_of(values)


# small counts, so that most values are ties; gaps or none
series = st.integers(4, 14).flatmap(
    lambda months: arrays.arrays(
        float, (3, months), elements=st.sampled_from([0.0, 1.0, 2.0, 5.0, 0.1, np.nan])
    )
)


@pytest.mark.parametrize("gaps", [0.0, 0.2])
@pytest.mark.parametrize("mean", [0.3, 4.0, 300.0])
def test_mann_kendall_is_pymannkendalls(mean: float, gaps: float) -> None:
    panel = counts(mean, gaps=gaps)
    found = mann_kendall(panel)
    for code, row in panel.iterrows():
        theirs = pymannkendall.original_test(row.to_numpy())
        assert found.loc[code, "s"] == theirs.s
        assert found.loc[code, "variance"] == pytest.approx(theirs.var_s, rel=1e-14)
        assert found.loc[code, "z"] == pytest.approx(theirs.z, rel=1e-14)
        # theirs is 1 − cdf and has lost digits
        assert found.loc[code, "p"] == pytest.approx(theirs.p, abs=1e-15)


def test_tau_b_is_scipys() -> None:
    panel = counts(1.0, gaps=0.1)
    found = mann_kendall(panel)["tau_b"]
    for code, row in panel.iterrows():
        oracle = stats.kendalltau(np.arange(36), row.to_numpy(), nan_policy="omit").statistic
        assert found[code] == pytest.approx(oracle, rel=1e-12)


def test_mann_kendall_by_hand() -> None:
    # 1 1 2: two pairs rise, one is tied; with 4: three more; variance (4·3·13 − 2·1·9)/18 = 138/18
    found = mann_kendall(panel_of([[1, 1, 2, 4], [4, 2, 1, 1]]))
    assert found["s"].tolist() == [5, -5]
    assert found["variance"].tolist() == pytest.approx([138 / 18] * 2)
    assert found["z"].tolist() == pytest.approx([4 / np.sqrt(138 / 18), -4 / np.sqrt(138 / 18)])
    assert found["tau_b"].tolist() == pytest.approx([5 / np.sqrt(30), -5 / np.sqrt(30)])
    assert found["months"].tolist() == [4, 4]


def test_a_long_clear_trend_keeps_its_digits() -> None:
    found = mann_kendall(panel_of([list(range(120))]))
    z = found["z"].iloc[0]
    # the normal tail by its continued fraction, far below the 1e-16 where 1 − cdf ends
    assert found["p"].iloc[0] == pytest.approx(2 * stats.norm.sf(z), rel=1e-10)
    assert 0 < found["p"].iloc[0] < 1e-50


def test_too_few_months_and_equal_months() -> None:
    nan = np.nan
    panel = panel_of([[1, 2, 3, nan, nan], [1, 2, 3, 4, nan], [7, 7, 7, 7, 7], [nan] * 5])
    found = mann_kendall(panel)
    assert found["months"].tolist() == [3, 4, 5, 0]
    assert found["p"].isna().tolist() == [True, False, False, True]
    assert found.loc["m002", ["s", "z", "p"]].tolist() == [0, 0, 1]
    assert np.isnan(found.loc["m002", "tau_b"])
    assert theil_sen(panel)["slope"].isna().tolist() == [True, False, False, True]
    assert theil_sen(panel).loc["m002"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("months", [0, 1, 2])
def test_a_panel_without_pairs_has_no_trend(months: int) -> None:
    panel = panel_of(np.zeros((2, months)))
    assert mann_kendall(panel)["p"].isna().all()
    assert theil_sen(panel).isna().all(axis=None)


def test_no_mahallas_no_rows() -> None:
    panel = panel_of(np.zeros((0, 12)))
    for frame in (mann_kendall(panel), theil_sen(panel), seasonal_mann_kendall(panel)):
        assert len(frame) == 0


@settings(max_examples=60, deadline=None)
@given(series)
def test_slopes_are_scipys(values: np.ndarray) -> None:
    found = theil_sen(panel_of(values))
    for place, row in enumerate(values):
        seen = ~np.isnan(row)
        if seen.sum() < 4:
            assert found.iloc[place].isna().all()
            continue
        slope, _, low, high = stats.theilslopes(row[seen], np.flatnonzero(seen))
        assert found.iloc[place].tolist() == pytest.approx([slope, low, high], rel=1e-12)


def test_the_slope_of_pymannkendall() -> None:
    panel = counts(6.0, gaps=0.1)
    for code, slope in theil_sen(panel)["slope"].items():
        theirs = pymannkendall.sens_slope(panel.loc[code].to_numpy()).slope
        assert slope == pytest.approx(theirs, rel=1e-14)


def test_parts_of_a_panel_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = counts(2.0, gaps=0.1)
    whole = [of(panel) for of in (mann_kendall, theil_sen, seasonal_mann_kendall)]
    monkeypatch.setattr(trends, "PAIRS_AT_ONCE", 3 * 36 * 36)
    parts = [of(panel) for of in (mann_kendall, theil_sen, seasonal_mann_kendall)]
    for one, other in zip(whole, parts, strict=True):
        pd.testing.assert_frame_equal(one, other)


@settings(max_examples=60, deadline=None)
@given(series, st.randoms(use_true_random=False))
def test_trends_do_not_depend_on_rows_or_units(values: np.ndarray, random: object) -> None:
    panel = panel_of(values)
    order = list(panel.index)
    random.shuffle(order)  # type: ignore[attr-defined]
    found = mann_kendall(panel)
    pd.testing.assert_frame_equal(mann_kendall(panel.loc[order]), found.loc[order])
    # doubled counts have the same ranks, and twice the slope
    pd.testing.assert_frame_equal(mann_kendall(2 * panel), found)
    pd.testing.assert_frame_equal(theil_sen(2 * panel), 2 * theil_sen(panel))
    # time reversed turns the sign
    backwards = panel_of(values[:, ::-1])
    assert mann_kendall(backwards)["s"].add(found["s"]).fillna(0).eq(0).all()
    pd.testing.assert_series_equal(mann_kendall(backwards)["p"], found["p"])


def test_seasons_are_pymannkendalls() -> None:
    for mean in (0.5, 5.0):
        panel = counts(mean, months=60)
        alone = seasonal_mann_kendall(panel)
        together = seasonal_mann_kendall(panel, dependent=True)
        for code, row in panel.iterrows():
            theirs = pymannkendall.seasonal_test(row.to_numpy())
            assert alone.loc[code, "s"] == theirs.s
            assert alone.loc[code, "variance"] == pytest.approx(theirs.var_s, rel=1e-12)
            assert alone.loc[code, "z"] == pytest.approx(theirs.z, rel=1e-12)
            theirs = pymannkendall.correlated_seasonal_test(row.to_numpy())
            assert together.loc[code, "variance"] == pytest.approx(theirs.var_s, rel=1e-12)


def test_seasons_with_gaps_sum_over_the_calendar_months() -> None:
    panel = counts(2.0, months=55, gaps=0.15)
    found = seasonal_mann_kendall(panel)
    for code, row in panel.iterrows():
        s = variance = 0.0
        for month in range(1, 13):
            same = row[panel.columns.month == month].dropna().to_numpy()
            s += sum(np.sign(b - a) for a, b in combinations(same, 2))
            ties = np.unique(same, return_counts=True)[1]
            n = len(same)
            variance += (
                n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()
            ) / 18
        assert found.loc[code, "s"] == s
        assert found.loc[code, "variance"] == pytest.approx(variance, rel=1e-12)


def test_a_season_is_no_trend_to_the_seasonal_test() -> None:
    # starts in winter and ends in summer: the plain test sees a rise
    months = pd.period_range("2023-01", "2024-07", freq="M")
    season = [[10 - abs(month.month - 7) for month in months]]
    panel = panel_of(season, start="2023-01")
    assert mann_kendall(panel)["s"].iloc[0] > 0
    assert seasonal_mann_kendall(panel)["s"].iloc[0] == 0


def test_no_calendar_month_in_two_years_is_no_seasonal_trend() -> None:
    found = seasonal_mann_kendall(panel_of([list(range(12))]))
    assert found.loc["m000", ["s", "p"]].isna().all()


def test_nonsense_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError) as refused:
        mann_kendall(panel_of([[1, 2, np.inf, 4]]))
    assert str(refused.value) == "mahalla 'm000' has an infinite value: leave it out as missing"
    with pytest.raises(InputError) as refused:
        theil_sen(panel_of([[1, 2, 3, 4]]), confidence=95)
    assert str(refused.value) == "the confidence is 95: give a share between 0 and 1"
    with pytest.raises(InputError) as refused:
        seasonal_mann_kendall(pd.DataFrame([[1, 2, 3, 4]]))
    assert str(refused.value) == (
        "the columns are int64: give months, a PeriodIndex of frequency M"
    )


def test_no_month_at_all_has_no_trend() -> None:
    panel = pd.DataFrame(index=["a", "b"], columns=pd.period_range("2025-01", periods=0, freq="M"))
    for found in (mann_kendall(panel), seasonal_mann_kendall(panel)):
        assert found["months"].tolist() == [0, 0]
        assert found["p"].isna().all()
