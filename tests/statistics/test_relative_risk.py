"""The posterior of the gamma-Poisson model against scipy's distributions and integration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from hotspot.errors import InputError
from hotspot.statistics.rates import fit_gamma_poisson
from hotspot.statistics.relative_risk import gamma_poisson_risk

MONTHS = pd.period_range("2025-01", periods=3, freq="M", name="month")


def simulated(seed: int) -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(seed)
    codes = pd.Index([f"{i:04d}" for i in range(80)], name="mahalla_code")
    people = random.integers(500, 9000, 80).astype(float)
    risk = random.gamma(1.0, 1.0, (80, 3))
    counts = random.poisson(0.001 * people[:, None] * risk).astype(float)
    return pd.DataFrame(counts, codes, MONTHS), pd.Series(people, codes)


def test_risk_and_limits_by_integrating_likelihood_times_prior() -> None:
    k, e, x = 1.7, 2.4, 5
    fitted = pd.DataFrame({"k": [k], "mean": [e]})
    out = gamma_poisson_risk(pd.Series([x]), fitted, level=0.9).loc[0]

    def weight(risk: float) -> float:
        return float(stats.poisson.pmf(x, e * risk) * stats.gamma.pdf(risk, k, scale=1 / k))

    whole = integrate.quad(weight, 0, 30, epsabs=1e-13)[0]
    mean = integrate.quad(lambda risk: risk * weight(risk), 0, 30, epsabs=1e-13)[0] / whole
    below = integrate.quad(weight, 0, out["relative_risk_lower"], epsabs=1e-13)[0] / whole
    under = integrate.quad(weight, 0, out["relative_risk_upper"], epsabs=1e-13)[0] / whole
    assert out["relative_risk"] == pytest.approx(mean, rel=1e-8)
    assert (below, under) == pytest.approx((0.05, 0.95), abs=1e-8)
    assert out["smoothed_count"] == pytest.approx(mean * e, rel=1e-8)


def test_a_panel_is_its_months_and_equals_scipys_gamma() -> None:
    counts, people = simulated(1)
    fitted = fit_gamma_poisson(counts, people)
    out = gamma_poisson_risk(counts, fitted, people)
    for month in MONTHS:
        k, mean = fitted.loc[month]
        law = stats.gamma(k + counts[month], scale=1 / (k + mean * people))
        for name, expected in (
            ("relative_risk", law.mean()),
            ("relative_risk_lower", law.ppf(0.025)),
            ("relative_risk_upper", law.ppf(0.975)),
        ):
            np.testing.assert_allclose(out[name][month], expected, rtol=1e-11)
        alone = fit_gamma_poisson(counts[month], people)
        series = gamma_poisson_risk(counts[month], alone, people)
        np.testing.assert_allclose(out.xs(month, axis=1, level=1), series, rtol=1e-13)


def test_the_interval_holds_its_level_when_the_model_is_true() -> None:
    # 200,000 mahallas: the share outside is known to a tenth of a point
    random = np.random.default_rng(5)
    risk = random.gamma(2.0, 0.5, 200_000)
    counts = pd.Series(random.poisson(3.0 * risk))
    out = gamma_poisson_risk(counts, pd.DataFrame({"k": [2.0], "mean": [3.0]}))
    inside = (risk >= out["relative_risk_lower"]) & (risk <= out["relative_risk_upper"])
    assert inside.mean() == pytest.approx(0.95, abs=0.0015)


def test_without_difference_between_mahallas_every_risk_is_one() -> None:
    counts = pd.Series([1, 1, np.nan, 1])
    out = gamma_poisson_risk(counts, fit_gamma_poisson(counts))
    assert (out.loc[[0, 1, 3]] == 1).all(axis=None)
    assert out.loc[2].isna().all()


def test_what_is_missing_stays_missing() -> None:
    counts, people = simulated(2)
    counts.iloc[3, 0] = np.nan
    counts[MONTHS[2]] = 0.0
    people.iloc[5:8] = [0.0, np.nan, -3.0]
    out = gamma_poisson_risk(counts, fit_gamma_poisson(counts, people), people)
    explained = counts.isna()
    explained.iloc[5:8] = True
    # a month without offenses has no fit
    explained[MONTHS[2]] = True
    for name in out.columns.unique(level=0):
        pd.testing.assert_frame_equal(out[name].isna(), explained, check_names=False)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.randoms(use_true_random=False))
def test_order_and_names_of_rows_change_nothing(seed: int, random) -> None:
    counts, people = simulated(seed)
    fitted = fit_gamma_poisson(counts, people)
    out = gamma_poisson_risk(counts, fitted, people)
    order = random.sample(range(len(counts)), len(counts))
    shuffled = gamma_poisson_risk(counts.iloc[order], fitted, people)
    pd.testing.assert_frame_equal(shuffled.loc[counts.index], out, rtol=1e-14)
    renamed = gamma_poisson_risk(counts.add_prefix("x", axis=0), fitted, people.add_prefix("x"))
    assert np.array_equal(renamed.to_numpy(), out.to_numpy(), equal_nan=True)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000))
def test_a_risk_lies_between_the_own_rate_and_the_whole(seed: int) -> None:
    counts, people = simulated(seed)
    fitted = fit_gamma_poisson(counts, people)
    risk = gamma_poisson_risk(counts, fitted, people)["relative_risk"]
    own = counts.div(people, axis=0) / fitted["mean"]
    assert (risk >= own.clip(upper=1) - 1e-12).all(axis=None)
    assert (risk <= own.clip(lower=1) + 1e-12).all(axis=None)


def test_nonsense_is_refused() -> None:
    fitted = pd.DataFrame({"k": [1.0], "mean": [1.0]})
    with pytest.raises(InputError) as error:
        gamma_poisson_risk(pd.Series([1, -2]), fitted)
    assert str(error.value) == "A count is negative, -2; counts begin at 0."
    with pytest.raises(InputError) as error:
        gamma_poisson_risk(pd.Series([1, np.inf]), fitted)
    assert str(error.value) == "A count is inf; counts are numbers, and NaN where there is no data."
    with pytest.raises(InputError) as error:
        gamma_poisson_risk(pd.Series([1, 2]), fitted, level=95)
    assert str(error.value) == "A level of 95 is no probability; give one between 0 and 1."
    counts, people = simulated(1)
    with pytest.raises(InputError) as error:
        gamma_poisson_risk(counts, fit_gamma_poisson(counts[MONTHS[:2]], people), people)
    assert str(error.value) == "The fit has no month 2025-03; fit the same counts."


def test_people_counted_in_thousands_change_nothing() -> None:
    counts, people = simulated(6)
    once = gamma_poisson_risk(counts, fit_gamma_poisson(counts, people), people)
    other = gamma_poisson_risk(counts, fit_gamma_poisson(counts, people / 1000), people / 1000)
    pd.testing.assert_frame_equal(once, other, rtol=1e-9)
