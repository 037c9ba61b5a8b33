"""Expected counts by hand and from esda's page; limits from their defining equations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.rates import confint_poisson

from hotspot.errors import InputError
from hotspot.statistics.rates import rates
from hotspot.statistics.standardisation import expected_counts, standardised_ratios

MONTHS = pd.period_range("2025-01", periods=2, freq="M", name="month")


def simulated(seed: int, n: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(seed)
    codes = pd.Index([f"{i:04d}" for i in range(n)], name="mahalla_code")
    people = pd.DataFrame(random.integers(0, 900, (n, 3)), codes, ["child", "adult", "old"])
    means = people.to_numpy()[:, :, None] * np.array([0.001, 0.02, 0.004])[:, None]
    counts = random.poisson(np.repeat(means, 2, axis=2)).reshape(n, 6)
    columns = pd.MultiIndex.from_product([people.columns, MONTHS], names=["stratum", "month"])
    return pd.DataFrame(counts.astype(float), codes, columns), people.astype(float)


def test_expected_counts_of_a_worked_example() -> None:
    counts = pd.DataFrame({"young": [6, 2, 5], "old": [1, 1, np.nan]}, index=list("abc"))
    people = pd.DataFrame({"young": [300, 100, 50], "old": [100, 900, 50]}, index=list("abc"))
    # a and b make the whole: 8 of 400 young, 2 of 1,000 old
    out = expected_counts(counts, people)
    assert out.loc[["a", "b"]].tolist() == pytest.approx([6 + 0.2, 2 + 1.8], rel=1e-15)
    assert np.isnan(out["c"])


def test_ratios_of_a_standard_population_are_those_on_esdas_page() -> None:
    """The example of esda.smoothing.standardized_mortality_ratio prints 2.4869 and 2.7368."""
    strata = ["1", "2", "3", "4"]
    counts = pd.DataFrame([[30, 25, 25, 15], [33, 21, 30, 20]], columns=strata)
    people = pd.DataFrame([[100, 100, 110, 90], [100, 90, 110, 90]], columns=strata)
    cases = [[100, 45, 120, 100], [50, 30, 200, 80]]
    whole = [1000, 900, 1000, 900]
    ratios = []
    for i in range(2):
        # esda's standard differs from region to region
        standard = pd.Series(np.array(cases[i]) / whole, strata)
        expected = expected_counts(counts, people, standard=standard)
        ratios.append(standardised_ratios(counts.sum(axis=1), expected)["ratio"][i])
    assert ratios == pytest.approx([2.4869, 2.7368], abs=5e-5)


def test_one_stratum_is_the_expected_count_of_the_rates() -> None:
    counts, people = simulated(1)
    people.iloc[4] = [0, 0, 0]
    people.iloc[5, 1] = np.nan
    one = pd.DataFrame({("all", month): counts["adult"][month] for month in MONTHS})
    out = expected_counts(one, people[["adult"]].rename(columns={"adult": "all"}))
    expected = rates(counts["adult"], people["adult"], years=1)["expected"]
    np.testing.assert_allclose(out, expected, rtol=1e-13)


def test_strata_with_the_same_people_are_one_stratum() -> None:
    counts, people = simulated(2)
    residents = people.sum(axis=1)
    out = expected_counts(counts, residents)
    total = counts.T.groupby(level=1).sum().T
    np.testing.assert_allclose(out, rates(total, residents, years=1)["expected"], rtol=1e-12)


def test_a_month_of_a_panel_is_the_month_alone() -> None:
    counts, people = simulated(3)
    counts.iloc[2, 3] = np.nan
    panel = expected_counts(counts, people)
    assert panel.columns.equals(MONTHS)
    for month in MONTHS:
        alone = expected_counts(counts.xs(month, axis=1, level=1), people)
        pd.testing.assert_series_equal(panel[month], alone, check_names=False)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.randoms(use_true_random=False))
def test_sums_agree_and_order_changes_nothing(seed: int, random) -> None:
    counts, people = simulated(seed)
    out = expected_counts(counts, people)
    known = people.sum(axis=1) > 0
    total = counts[known].T.groupby(level=1).sum().T
    np.testing.assert_allclose(out[known].sum(), total.sum(), rtol=1e-12)
    order = random.sample(range(len(counts)), len(counts))
    pd.testing.assert_frame_equal(
        expected_counts(counts.iloc[order], people).loc[counts.index], out, rtol=1e-12
    )
    columns = random.sample(range(counts.shape[1]), counts.shape[1])
    others = expected_counts(counts.iloc[:, columns], people)
    pd.testing.assert_frame_equal(others[MONTHS], out, rtol=1e-12)
    double = expected_counts(counts * 2, people * 2)
    np.testing.assert_allclose(double, out * 2, rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1, 3, 10, 250])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.998])
def test_exact_limits_leave_exactly_the_tails_outside(count: int, level: float) -> None:
    out = standardised_ratios(pd.Series([count]), pd.Series([1.0]), level=level).loc[0]
    tail = (1 - level) / 2
    assert stats.poisson.cdf(count, out["ratio_upper"]) == pytest.approx(tail, rel=1e-9)
    if count:
        assert stats.poisson.sf(count - 1, out["ratio_lower"]) == pytest.approx(tail, rel=1e-9)
        theirs = confint_poisson(count, 1, method="exact-c", alpha=1 - level)
        assert (out["ratio_lower"], out["ratio_upper"]) == pytest.approx(theirs, rel=1e-12)
    else:
        assert out["ratio_lower"] == 0


def test_exact_limits_are_in_garwoods_table() -> None:
    """Garwood (1936), as in every book of tables: 10 events, 95 %: 4.80 and 18.39."""
    out = standardised_ratios(pd.Series([10]), pd.Series([1.0])).loc[0].round(2)
    assert (out["ratio_lower"], out["ratio_upper"]) == (4.8, 18.39)


def test_byars_limits_come_close_to_the_exact_ones() -> None:
    counts = pd.Series(np.arange(3, 200))
    expected = pd.Series(1.0, counts.index)
    exact = standardised_ratios(counts, expected)
    byar = standardised_ratios(counts, expected, limits="byar")
    # it is known to be within a few hundredths from a handful of events on
    np.testing.assert_allclose(byar["ratio_upper"], exact["ratio_upper"], rtol=0.005)
    np.testing.assert_allclose(byar["ratio_lower"], exact["ratio_lower"], rtol=0.05)
    none = standardised_ratios(pd.Series([0, 1]), pd.Series([1.0, 1.0]), limits="byar")
    assert none.loc[0, "ratio_lower"] == 0
    # by hand: (1 − 1/9 + 1.959964/3)³
    assert none.loc[0, "ratio_upper"] == pytest.approx((8 / 9 + 1.959963985 / 3) ** 3, rel=1e-9)


def test_byars_formula_solves_its_normal_approximation() -> None:
    """It inverts z = 3 √x ((1 − 1 / 9x) − (mu / x)^⅓), the Wilson-Hilferty cube root."""
    x, z = 12, 1.959963985

    def gap(mu: float) -> float:
        return 3 * np.sqrt(x) * ((1 - 1 / (9 * x)) - (mu / x) ** (1 / 3)) - z

    lower = standardised_ratios(pd.Series([x]), pd.Series([1.0]), limits="byar")["ratio_lower"][0]
    assert lower == pytest.approx(optimize.brentq(gap, 0.1, x), rel=1e-9)


def test_what_cannot_be_compared_is_missing() -> None:
    out = standardised_ratios(pd.Series([1, np.nan, 2, 3]), pd.Series([2.0, 1.0, 0.0, np.nan]))
    assert out.loc[0].notna().all()
    assert out.loc[1:].isna().all(axis=None)


def test_a_panel_of_ratios_is_its_months() -> None:
    counts, people = simulated(4)
    observed, expected = counts["adult"], expected_counts(counts, people)
    out = standardised_ratios(observed, expected)
    assert out.columns.names == ["measure", "month"]
    for month in MONTHS:
        alone = standardised_ratios(observed[month], expected[month])
        np.testing.assert_array_equal(out.xs(month, axis=1, level=1), alone)


def test_nonsense_is_refused() -> None:
    counts, people = simulated(1)
    with pytest.raises(InputError) as error:
        expected_counts(counts, people.rename(columns={"old": "olds"}))
    assert str(error.value) == "The stratum 'old' has no population: did you mean 'olds'?"
    standard = pd.Series([0.1, 0.2], ["child", "adult"])
    with pytest.raises(InputError) as error:
        expected_counts(counts, people, standard=standard)
    assert str(error.value) == ("The stratum 'old' has no standard rate: known are: adult, child")
    standard["old"] = -1
    with pytest.raises(InputError) as error:
        expected_counts(counts, people, standard=standard)
    assert str(error.value) == "A standard rate is -1; rates begin at 0."
    with pytest.raises(InputError) as error:
        expected_counts(pd.DataFrame({"a": [-1]}), pd.Series([1.0]))
    assert str(error.value) == "A count is negative, -1; counts begin at 0."
    with pytest.raises(InputError) as error:
        expected_counts(pd.DataFrame({"a": [np.inf]}), pd.Series([1.0]))
    assert str(error.value) == "A count is inf; counts are numbers, and NaN where there is no data."
    with pytest.raises(InputError) as error:
        standardised_ratios(pd.Series([2.5]), pd.Series([1.0]))
    assert str(error.value) == ("A count is 2.5; Poisson limits are for whole numbers from 0.")
    with pytest.raises(InputError) as error:
        standardised_ratios(pd.Series([np.inf]), pd.Series([1.0]))
    assert str(error.value) == ("A count is inf; Poisson limits are for whole numbers from 0.")
    with pytest.raises(InputError) as error:
        standardised_ratios(pd.Series([2]), pd.Series([1.0]), limits="garwood")
    assert str(error.value) == "There are no limits 'garwood': known are: exact, byar"
    with pytest.raises(InputError) as error:
        standardised_ratios(pd.Series([2]), pd.Series([1.0]), level=1)
    assert str(error.value) == "A level of 1 is no probability; give one between 0 and 1."


def test_offenses_of_a_stratum_without_people_are_expected_of_nobody() -> None:
    # by hand: of the three offenses against the old, of whom there are none, nothing is expected;
    # the six against the young are shared out 300 : 100
    counts = pd.DataFrame({"young": [4, 2], "old": [3, 0]})
    people = pd.DataFrame({"young": [300, 100], "old": [0, 0]})
    assert expected_counts(counts, people).tolist() == [4.5, 1.5]


def test_the_order_of_the_rows_changes_no_bit() -> None:
    # invariant: sums of floats, as of estimated residents, are of sorted numbers
    rng = np.random.default_rng(1)
    counts = pd.DataFrame(rng.poisson(3, (300, 3)), columns=list("xyz"))
    people = pd.DataFrame(rng.uniform(10, 100, (300, 3)), columns=list("xyz"))
    expected = expected_counts(counts, people)
    for seed in range(5):
        shuffled = expected_counts(counts.sample(frac=1, random_state=seed), people)
        pd.testing.assert_series_equal(shuffled.sort_index(), expected, check_exact=True)
