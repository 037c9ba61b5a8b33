"""Rates by hand; the gamma-Poisson model against direct optimisation and integration."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from hotspot.errors import InputError
from hotspot.statistics.rates import (
    fit_gamma_poisson,
    gamma_poisson_excess,
    gamma_poisson_rate_excess,
    rates,
)

MONTHS = pd.period_range("2025-01", periods=3, freq="M", name="month")


def simulated(n: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return three months of overdispersed counts and the populations behind them."""
    random = np.random.default_rng(seed)
    codes = pd.Index([f"{i:04d}" for i in range(n)], name="mahalla_code")
    people = random.integers(500, 9000, n).astype(float)
    risk = random.gamma([0.3, 1.0, 3.0], 1.0, (n, 3)) / [0.3, 1.0, 3.0]
    counts = random.poisson(0.001 * people[:, None] * risk)
    return pd.DataFrame(counts, index=codes, columns=MONTHS), pd.Series(people, index=codes)


# rates


def test_rates_of_a_worked_example() -> None:
    counts = pd.Series({"a": 6, "b": 2, "c": 4, "d": 1})
    people = pd.Series({"a": 2000.0, "b": 6000.0, "c": 0.0, "d": np.nan})
    out = rates(counts, people, years=2)
    # the whole: 8 offenses, 8,000 people, 2 years: 50 per 100,000 and year
    assert out.loc["a"].tolist() == [150.0, 3.0, 2.0]
    assert out.loc["b"].tolist() == pytest.approx([100 / 6, 1 / 3, 6.0], rel=1e-15)
    assert out.loc[["c", "d"]].isna().all(axis=None)
    assert out.columns.tolist() == ["rate", "rate_ratio", "expected"]


def test_each_window_is_divided_by_its_own_observed_time() -> None:
    counts, people = simulated(20, 1)
    years = pd.Series([1.0, 0.5, 0.0], index=MONTHS)
    out = rates(counts, people, years=years)
    assert out.columns.names == ["measure", "month"]
    for month in MONTHS[:2]:
        alone = rates(counts[month], people, years=years[month])
        for measure in alone:
            np.testing.assert_allclose(out[measure][month], alone[measure], rtol=1e-14)
    # nothing observed: no rate, though the share of the whole needs no time
    assert out["rate"][MONTHS[2]].isna().all()
    assert out["rate_ratio"][MONTHS[2]].notna().all()


def test_expected_counts_sum_to_the_counts_of_those_with_population() -> None:
    counts, people = simulated(50, 2)
    people.iloc[::7] = np.nan
    expected = rates(counts, people, years=1)["expected"]
    np.testing.assert_allclose(expected.sum(), counts[people.notna()].sum(), rtol=1e-13)


def test_a_window_without_offenses_has_rates_of_zero_and_no_ratio() -> None:
    out = rates(pd.Series({"a": 0, "b": 0}), pd.Series({"a": 10.0, "b": 20.0}), years=1)
    assert out["rate"].tolist() == [0, 0]
    assert out["expected"].tolist() == [0, 0]
    assert out["rate_ratio"].isna().all()


def test_without_any_population_everything_is_missing() -> None:
    out = rates(pd.Series({"a": 1}), pd.Series({"a": np.nan}), years=1)
    assert out.isna().all(axis=None)


def test_rates_equal_those_the_city_of_toronto_published(shared: Path) -> None:
    published = gpd.read_file(shared / "toronto_mci" / "neighbourhood-crime-rates.geojson")
    people = published["F2020_Population_Projection"]
    for kind in ("Assault", "AutoTheft", "BreakAndEnter", "Robbery", "TheftOver"):
        out = rates(published[f"{kind}_2020"], people, years=1)
        # seven digits are printed
        np.testing.assert_allclose(out["rate"], published[f"{kind}_Rate2020"], rtol=1e-6)


def test_sudden_infant_deaths_of_north_carolina_equal_spdep(shared: Path) -> None:
    """Counties 1974-78: spdep's probmap, and the mean of Marshall's estimator in ?EBest."""
    reference = pd.read_csv(shared / "classic_validation" / "nc_sids_spdep_reference.csv")
    deaths, births = reference["SID74"], reference["BIR74"]
    out = rates(deaths, births, years=1)
    np.testing.assert_allclose(out["rate"], reference["EB_raw"] * 1e5, rtol=1e-12)
    np.testing.assert_allclose(out["rate_ratio"], reference["probmap_relRisk"] / 100, rtol=1e-12)
    fitted = fit_gamma_poisson(deaths, births).loc[0]
    assert fitted["mean"] == pytest.approx(0.002021445, rel=1e-6)
    # Anson, the county that every analysis of these data singles out
    excess = gamma_poisson_rate_excess(deaths, births)["rate_excess_probability"]
    assert reference.loc[excess.idxmax(), "NAME"] == "Anson"


# fit


@pytest.mark.parametrize("with_exposure", [False, True])
def test_k_maximises_the_negative_binomial_of_scipy(with_exposure: bool) -> None:
    counts, people = simulated(300, 3)
    exposure = people if with_exposure else pd.Series(1.0, index=people.index)
    fitted = fit_gamma_poisson(counts, people if with_exposure else None)
    for month in MONTHS:
        x = counts[month].to_numpy()
        mean = x.sum() / exposure.sum()
        means = mean * exposure.to_numpy()

        def loss(log_k: float, x: np.ndarray = x, means: np.ndarray = means) -> float:
            k = np.exp(log_k)
            return -float(stats.nbinom.logpmf(x, k, k / (k + means)).sum())

        best = optimize.minimize_scalar(
            loss, bounds=(-8, 8), method="bounded", options={"xatol": 1e-10}
        )
        assert fitted.loc[month, "mean"] == pytest.approx(mean, rel=1e-13)
        # a minimum is known to the root of the precision of the loss
        assert fitted.loc[month, "k"] == pytest.approx(np.exp(best.x), rel=1e-6)


def test_the_fit_finds_the_parameters_of_a_large_simulation() -> None:
    random = np.random.default_rng(4)
    counts = pd.Series(random.negative_binomial(0.297, 0.297 / (0.297 + 4.135), 200_000))
    fitted = fit_gamma_poisson(counts).loc[0]
    assert fitted["k"] == pytest.approx(0.297, rel=0.02)
    assert fitted["mean"] == pytest.approx(4.135, rel=0.02)


@pytest.mark.parametrize("counts", [[1, 1, 1, 1], [0, 1, 0, 0], [3, 4, 5, 4]])
def test_counts_no_more_dispersed_than_poisson_show_no_difference(counts: list[int]) -> None:
    series = pd.Series(counts)
    assert fit_gamma_poisson(series).loc[0, "k"] == np.inf
    assert (gamma_poisson_excess(series)["excess_probability"] == 0).all()
    people = pd.Series([1000.0] * 4)
    assert (gamma_poisson_rate_excess(series, people)["rate_excess_probability"] == 0).all()


@pytest.mark.parametrize("counts", [[0, 0, 0, 0], [1, 5], [1, 5, np.nan]])
def test_no_offense_or_fewer_than_three_mahallas_give_no_answer(counts: list[float]) -> None:
    series = pd.Series(counts)
    assert fit_gamma_poisson(series).isna().all(axis=None)
    assert gamma_poisson_excess(series).isna().all(axis=None)


@pytest.mark.parametrize("scale", [1, 1000])
def test_all_offenses_in_one_mahalla_of_thousands_are_still_fitted(scale: int) -> None:
    counts = pd.Series([0] * 9007 + [scale * 10])
    out = gamma_poisson_excess(counts)["excess_probability"]
    assert out.iloc[-1] > 0.99
    assert out.iloc[0] < 0.01


# excess


def integrated(k: float, mean: float, count: float, exposure: float, bar: float) -> float:
    """Return the posterior's mass above the bar, prior times likelihood integrated on a grid."""

    def density(log_risk: float) -> float:
        risk = np.exp(log_risk)
        prior = stats.gamma.pdf(risk, k, scale=mean / k)
        return float(prior * stats.poisson.pmf(count, exposure * risk) * risk)

    low, high = np.log(mean) - 60 / min(k, 1), np.log(mean) + 8
    options = {"epsabs": 0, "epsrel": 1e-11, "limit": 500}
    peak = np.log((k + count) / (k / mean + exposure))
    edges = sorted({low, peak - 4, peak, peak + 2, np.log(bar), high})

    def mass(edges: list[float]) -> float:
        return sum(integrate.quad(density, a, b, **options)[0] for a, b in pairwise(edges))

    return mass([edge for edge in edges if edge >= np.log(bar)]) / mass(edges)


@pytest.mark.parametrize(("n", "left_out"), [(60, True), (150, False)])
def test_probabilities_equal_the_integrated_posterior(n: int, left_out: bool) -> None:
    counts, people = simulated(n, 5)
    x = counts[MONTHS[1]]
    by_count, by_rate = fit_gamma_poisson(x).loc[0], fit_gamma_poisson(x, people).loc[0]
    excess = gamma_poisson_excess(x)["excess_probability"]
    rate_excess = gamma_poisson_rate_excess(x, people)["rate_excess_probability"]
    for code in x.sort_values().index[[0, n // 2, -3, -1]]:
        others = x.drop(code) if left_out else x
        bar = 2 * others.mean()
        expected = integrated(by_count["k"], by_count["mean"], x[code], 1, bar)
        assert excess[code] == pytest.approx(expected, rel=1e-7)
        bar = 2 * others.sum() / people[others.index].sum()
        expected = integrated(by_rate["k"], by_rate["mean"], x[code], people[code], bar)
        assert rate_excess[code] == pytest.approx(expected, rel=1e-7)


def test_equal_populations_make_both_probabilities_equal() -> None:
    counts, _ = simulated(120, 6)
    people = pd.Series(4170.0, index=counts.index)
    excess = gamma_poisson_excess(counts)["excess_probability"]
    rate_excess = gamma_poisson_rate_excess(counts, people)["rate_excess_probability"]
    np.testing.assert_allclose(rate_excess, excess, rtol=1e-9)


def test_the_unit_of_the_population_does_not_matter() -> None:
    counts, people = simulated(90, 12)
    in_people = gamma_poisson_rate_excess(counts, people)
    in_thousands = gamma_poisson_rate_excess(counts, people / 1000)
    np.testing.assert_allclose(in_thousands, in_people, rtol=1e-9)


def test_months_do_not_touch_each_other() -> None:
    counts, people = simulated(80, 7)
    panel = gamma_poisson_rate_excess(counts, people)["rate_excess_probability"]
    for month in MONTHS:
        alone = gamma_poisson_rate_excess(counts[month], people)["rate_excess_probability"]
        np.testing.assert_allclose(panel[month], alone, rtol=1e-11)


def test_missing_counts_and_populations_are_as_if_the_mahalla_were_not_there() -> None:
    counts, people = simulated(80, 8)
    holes, fewer = counts.astype(float), people.copy()
    holes.iloc[3] = np.nan
    fewer.iloc[[5, 6]] = [0, np.nan]
    kept = counts.index.delete([3, 5, 6])
    out = gamma_poisson_rate_excess(holes, fewer)
    assert out.loc[counts.index[[3, 5, 6]]].isna().all(axis=None)
    alone = gamma_poisson_rate_excess(counts.loc[kept], people)
    pd.testing.assert_frame_equal(out.loc[kept], alone, rtol=1e-11)


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), min_size=3, max_size=120))
def test_probabilities_lie_between_0_and_1_and_grow_with_the_count(counts: list[int]) -> None:
    out = gamma_poisson_excess(pd.Series(counts))["excess_probability"]
    if sum(counts) == 0:
        assert out.isna().all()
        return
    assert out.between(0, 1).all()
    ordered = out.iloc[np.argsort(counts, kind="stable")]
    assert ordered.diff().min() >= -1e-12


def test_the_national_margins_flag_what_is_published() -> None:
    """The republic in 2025: 9,008 mahallas, 44.8 % without crime, 7.4 % red (uza.uz, 27.01.2026).

    The negative binomial with mean 4.135 and k = 0.297 has these margins; at 0.95 to 0.975 the
    model should flag 8.1 to 7.4 % of the mahallas. Forty years keep the simulation's own error
    near 0.05 points.
    """
    random = np.random.default_rng(2025)
    counts = random.negative_binomial(0.297, 0.297 / (0.297 + 4.135), (9008, 40))
    excess = gamma_poisson_excess(pd.DataFrame(counts))["excess_probability"]
    flagged = [float((excess > bar).mean().mean()) for bar in (0.95, 0.975)]
    assert flagged == pytest.approx([0.081, 0.074], abs=0.003)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(InputError) as error:
        gamma_poisson_excess(pd.Series([1, -2, 3]))
    assert str(error.value) == "A count is negative, -2; counts begin at 0."


def test_a_multiple_below_one_is_refused() -> None:
    with pytest.raises(InputError) as error:
        gamma_poisson_excess(pd.Series([1, 2, 3]), times=0.5)
    assert str(error.value) == "A multiple of 0.5 is no excess; give times = 1 or more."


def test_no_mahallas_have_no_rates() -> None:
    nothing = pd.Series([], dtype=float)
    assert rates(nothing, nothing, years=1).empty
    assert gamma_poisson_excess(nothing).empty
    assert fit_gamma_poisson(nothing).isna().all(axis=None)
