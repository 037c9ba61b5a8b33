"""Seasons by hand, against scipy's chi-square and a Poisson regression, and invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.seasonality import WEEKDAYS, find_monthly_season, find_weekly_season


def panel_of(values: object, start: str = "2021-04") -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    months = pd.period_range(start, periods=array.shape[1], freq="M", name="month")
    return pd.DataFrame(array, [f"d{row}" for row in range(len(array))], months)


def simulated(districts: int = 4, months: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(9)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(months) / 12)
    level = 40 + 20 * (np.arange(months) // 12)
    return panel_of(random.poisson(level * season, (districts, months)))


def test_a_month_is_as_long_as_it_is() -> None:
    months = pd.period_range("2023-01", "2024-12", freq="M")
    even = find_monthly_season(panel_of([months.days_in_month * 2], "2023-01"))
    # two a day throughout, the leap day included
    assert even.index.to_numpy().ravel().tolist() == pytest.approx([1] * 12)
    assert even.test.loc["d0", ["chi_square", "dispersion"]].tolist() == pytest.approx([0, 1])
    assert even.test.loc["d0", ["chi_square_p", "season_p"]].tolist() == pytest.approx([1, 1])


def test_one_year_is_scipys_chi_square() -> None:
    panel = simulated(months=12)
    found = find_monthly_season(panel)
    days = panel.columns.days_in_month.to_numpy()
    for name, counts in panel.iterrows():
        oracle = stats.chisquare(counts, counts.sum() * days / days.sum())
        assert found.test.loc[name, "chi_square"] == pytest.approx(oracle.statistic, rel=1e-12)
        assert found.test.loc[name, "chi_square_p"] == pytest.approx(oracle.pvalue, rel=1e-9)
        rate = counts.to_numpy() / days / (counts.sum() / days.sum())
        by_month = dict(zip(panel.columns.month, rate, strict=True))
        assert found.index.loc[name].to_dict() == pytest.approx(by_month)
    # one year cannot say what changes from year to year
    assert found.test["season_p"].isna().all()
    assert found.test["periods"].tolist() == [1] * 4


def test_the_dispersion_is_that_of_a_poisson_regression() -> None:
    # non-leap years, so that the fit is exactly year × calendar month
    panel = panel_of(simulated(months=36).to_numpy(), "2021-01")
    found = find_monthly_season(panel)
    year = pd.get_dummies(panel.columns.year, dtype=float).to_numpy()
    month = pd.get_dummies(panel.columns.month, dtype=float).to_numpy()[:, 1:]
    design = np.column_stack([year, month])
    for name, counts in panel.iterrows():
        fit = sm.GLM(counts.to_numpy(), design, family=sm.families.Poisson()).fit(tol=1e-12)
        expected = max(1.0, fit.pearson_chi2 / fit.df_resid)
        assert found.test.loc[name, "dispersion"] == pytest.approx(expected, rel=1e-6)
        ratio = found.test.loc[name, "chi_square"] / 11 / expected
        assert found.test.loc[name, "season_p"] == pytest.approx(
            stats.f.sf(ratio, 11, 22), rel=1e-6
        )


def test_a_level_that_changes_from_year_to_year_is_no_season() -> None:
    flat = [[30] * 12 + [60] * 12 + [10] * 12]
    months = pd.period_range("2021-01", periods=36, freq="M")
    found = find_monthly_season(
        panel_of(np.array(flat) * months.days_in_month.to_numpy(), "2021-01")
    )
    assert found.index.to_numpy().ravel().tolist() == pytest.approx([1] * 12)
    assert found.test["season_p"].iloc[0] == pytest.approx(1)


def test_only_whole_years_count_and_a_year_with_a_gap_is_left_out() -> None:
    panel = simulated(months=40)
    whole = find_monthly_season(panel)
    pd.testing.assert_frame_equal(whole.test, find_monthly_season(panel.iloc[:, 4:]).test)
    assert whole.test["periods"].tolist() == [3] * 4
    gap = panel.copy()
    gap.iloc[0, 20] = np.nan
    found = find_monthly_season(gap)
    # the second of the years that end with the last month
    rest = panel.iloc[:1, [*range(4, 16), *range(28, 40)]].sum(axis=1)
    assert found.test.loc["d0", ["offenses", "periods"]].tolist() == [rest.iloc[0], 2]
    pd.testing.assert_frame_equal(found.test.iloc[1:], whole.test.iloc[1:])


def test_no_whole_year_and_no_offense_have_no_season() -> None:
    short = find_monthly_season(simulated(months=11))
    assert short.index.isna().all(axis=None)
    assert short.test[["chi_square", "season_p"]].isna().all(axis=None)
    none = find_monthly_season(panel_of(np.zeros((1, 24))))
    assert none.test[["chi_square", "dispersion", "season_p"]].isna().all(axis=None)


def test_districts_do_not_know_of_each_other() -> None:
    panel = simulated()
    whole = find_monthly_season(panel)
    turned = find_monthly_season(panel.iloc[::-1])
    pd.testing.assert_frame_equal(turned.index, whole.index.iloc[::-1])
    pd.testing.assert_frame_equal(find_monthly_season(panel.iloc[[2]]).test, whole.test.iloc[[2]])


def test_weekdays_by_hand() -> None:
    # Wednesday 1 January to Tuesday 14 January 2025: one each day, and two more each Saturday
    days = pd.date_range("2025-01-01", "2025-01-14")
    saturdays = pd.to_datetime(["2025-01-04 23:59", "2025-01-11 00:01"]).repeat(2)
    dates = pd.Series([*days, *saturdays])
    found = find_weekly_season(dates, start="2025-01-01", end="2025-01-14")
    # 18 in 14 days; 6 in two Saturdays
    expected = [14 / 18] * 5 + [3 * 14 / 18, 14 / 18]
    assert found.index.columns.tolist() == list(WEEKDAYS)
    assert found.index.loc["all"].tolist() == pytest.approx(expected)
    oracle = stats.chisquare([2, 2, 2, 2, 2, 6, 2])
    assert found.test.loc["all", "chi_square"] == pytest.approx(oracle.statistic)
    assert found.test.loc["all", "chi_square_p"] == pytest.approx(oracle.pvalue)


def test_days_outside_the_whole_weeks_do_not_count() -> None:
    dates = pd.Series(pd.date_range("2024-12-20", "2025-01-31"))
    found = find_weekly_season(dates, start="2025-01-01", end="2025-01-17")
    assert found.test.loc["all", ["offenses", "periods"]].tolist() == [14, 2]
    assert found.index.loc["all"].tolist() == pytest.approx([1] * 7)


def test_weekdays_by_group_in_any_order() -> None:
    random = np.random.default_rng(2)
    day = random.integers(0, 70, 800)
    dates = pd.Series(pd.Timestamp("2025-01-01") + pd.to_timedelta(day, unit="D"))
    groups = pd.Series(random.choice(["west", "east"], 800))
    options = {"start": "2025-01-01", "end": "2025-03-11"}
    found = find_weekly_season(dates, groups=groups, **options)
    assert found.index.index.tolist() == ["east", "west"]
    order = random.permutation(800)
    other = find_weekly_season(dates[order], groups=groups, **options)
    pd.testing.assert_frame_equal(found.test, other.test)
    alone = find_weekly_season(dates[groups == "east"], **options)
    assert alone.test.loc["all"].tolist() == found.test.loc["east"].tolist()


def test_nonsense_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError) as refused:
        find_monthly_season(simulated().iloc[:, ::2])
    assert str(refused.value) == (
        "the months from 2021-04 to 2024-06 have gaps or another order: give every month, without "
        "data as missing"
    )
    with pytest.raises(InputError) as refused:
        find_monthly_season(simulated() + 0.5)
    assert str(refused.value).startswith("a count is ")
    with pytest.raises(InputError) as refused:
        find_weekly_season(pd.Series([pd.NaT]), start="2025-01-01", end="2025-01-31")
    assert str(refused.value) == "1 offenses have no date: leave them out"
    day = pd.Series([pd.Timestamp(2025, 1, 1)])
    with pytest.raises(InputError) as refused:
        find_weekly_season(day, start="2025-01-01", end="2025-01-06")
    assert str(refused.value) == (
        "from 2025-01-01 to 2025-01-06 there is no whole week: give later days"
    )


def test_dates_as_text_or_numbers_are_refused() -> None:
    # 05.02.2025 would be read as the second of May, and 20250205 as a moment of 1970
    for dates, kind in (
        (pd.Series(["05.02.2025"]), "str"),
        (pd.Series([20250205]), "int64"),
    ):
        with pytest.raises(InputError) as error:
            find_weekly_season(dates, start="2025-01-01", end="2025-03-31")
        assert str(error.value) == (
            f"the dates are {kind}: read them with pandas.to_datetime first"
        )
    with pytest.raises(InputError) as error:
        find_weekly_season(pd.Series([pd.Timestamp(2025, 2, 5)]), start="5.2.25", end="2025-03-31")
    assert str(error.value) == "'5.2.25' is not a day: write it as YYYY-MM-DD"


def test_days_are_those_of_the_clock_on_the_wall() -> None:
    # invariant: a time zone changes no weekday, and a date without a time is a date
    days = pd.Series(pd.date_range("2025-01-01", "2025-03-31", freq="9h"))
    plain, zoned, dates = (
        find_weekly_season(each, start="2025-01-01", end="2025-03-31")
        for each in (days, days.dt.tz_localize("Asia/Tashkent"), days.dt.date)
    )
    for other in (zoned, dates):
        pd.testing.assert_frame_equal(other.index, plain.index)
        pd.testing.assert_frame_equal(other.test, plain.test)
