"""Gini against the mean difference of all pairs, and against the authors' published examples."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics.lorenz import gini, lorenz_curve

MONTHS = pd.period_range("2025-01", periods=3, freq="M", name="month")

some_counts = st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(sum)


@pytest.mark.parametrize(
    ("counts", "plain", "adjusted"),
    [
        ([10, 8, 2, 0, 0, 0, 0, 0, 0, 0], 0.78, 0.78),
        ([5, 2, 1, 0, 0, 0, 0, 0, 0, 0], 0.8, 0.75),
        ([10] + [0] * 9, 0.9, 0.9),
        ([10] + [0] * 99, 0.99, 0.9),
    ],
)
def test_coefficients_are_those_of_the_authors_own_examples(
    counts: list[int], plain: float, adjusted: float
) -> None:
    """Help page of the R package lorenzgini 0.1.2 (Steenbeek & Bernasco), the biased versions.

    The last adjusted one is worked by hand: 10 offenses in 100 mahallas, 10 (.99 − 1) + 1.
    """
    out = gini(pd.Series(counts)).loc[0]
    assert out["gini"] == pytest.approx(plain, abs=1e-12)
    assert out["gini_adjusted"] == pytest.approx(adjusted, abs=1e-12)
    assert (out["mahallas"], out["offenses"]) == (len(counts), sum(counts))


@given(some_counts)
def test_gini_is_half_the_relative_mean_difference_of_all_pairs(counts: list[int]) -> None:
    x = np.array(counts)
    pairs = np.abs(x[:, None] - x).mean() / (2 * x.mean())
    assert gini(pd.Series(counts)).loc[0, "gini"] == pytest.approx(pairs, abs=1e-12)


@given(some_counts)
def test_gini_is_the_area_between_the_curves(counts: list[int]) -> None:
    curve = lorenz_curve(pd.Series(counts))
    of_counts, of_equal = (
        np.trapezoid(curve[name], curve["share_of_mahallas"])
        for name in ("share_of_offenses", "most_equal")
    )
    out = gini(pd.Series(counts)).loc[0]
    assert out["gini"] == pytest.approx(2 * of_counts - 1, abs=1e-12)
    # the area between the curve and the most equal one, over all that lies above that one
    assert out["gini_adjusted"] == pytest.approx((of_counts - of_equal) / (1 - of_equal), abs=1e-12)


@given(some_counts)
def test_order_size_and_missing_change_nothing(counts: list[int]) -> None:
    series = pd.Series(counts, dtype=float)
    out = gini(series)
    pd.testing.assert_frame_equal(gini(series[::-1]), out)
    more = pd.concat([series, pd.Series([np.nan, np.nan])], ignore_index=True)
    pd.testing.assert_frame_equal(gini(more), out)
    pd.testing.assert_frame_equal(lorenz_curve(more), lorenz_curve(series))
    assert gini(series * 3).loc[0, "gini"] == pytest.approx(out.loc[0, "gini"], abs=1e-12)


def test_assaults_in_toronto(shared: Path) -> None:
    """All pairs of the 140 neighbourhoods' published counts of 2020."""
    city = gpd.read_file(shared / "toronto_mci" / "neighbourhood-crime-rates.geojson")
    counts = city["Assault_2020"].astype(float)
    pairs = np.abs(counts.to_numpy()[:, None] - counts.to_numpy()).mean() / (2 * counts.mean())
    out = gini(counts).loc[0]
    assert out["gini"] == pytest.approx(pairs, rel=1e-12)
    # more offenses than neighbourhoods: nothing to adjust
    assert out["gini_adjusted"] == pytest.approx(pairs, rel=1e-12)


def test_an_even_spread_has_no_concentration() -> None:
    assert gini(pd.Series([4, 4, 4])).loc[0, "gini"] == 0
    out = gini(pd.Series([1, 0, 1, 0, 0])).loc[0]
    assert out["gini"] == pytest.approx(0.6, abs=1e-12)
    assert out["gini_adjusted"] == pytest.approx(0, abs=1e-12)


def test_a_panel_has_a_row_for_each_month() -> None:
    random = np.random.default_rng(1)
    panel = pd.DataFrame(random.poisson(0.7, (50, 3)).astype(float), columns=MONTHS)
    panel.iloc[:10, 1] = np.nan
    panel[MONTHS[2]] = 0.0
    out = gini(panel)
    assert out.index.equals(MONTHS)
    for month in MONTHS:
        assert out.loc[month].equals(gini(panel[month]).loc[0])
    # nothing happened: nothing is concentrated
    assert out.loc[MONTHS[2], ["gini", "gini_adjusted"]].isna().all()
    assert out["mahallas"].tolist() == [50, 40, 50]


def test_sums_of_weights_have_a_gini_but_no_adjusted_one() -> None:
    out = gini(pd.Series([0.5, 0.0, 0.2])).loc[0]
    assert out["gini"] == pytest.approx((0.5 * 2 - 0.2 * 0) / (3 * 0.7), abs=1e-12)
    assert np.isnan(out["gini_adjusted"])
    curve = lorenz_curve(pd.Series([0.5, 0.0, 0.2]))
    np.testing.assert_allclose(curve["most_equal"], curve["share_of_mahallas"])


def test_without_offenses_there_is_no_curve() -> None:
    for counts in ([0, 0], [np.nan], []):
        assert lorenz_curve(pd.Series(counts, dtype=float)).empty


def test_a_negative_count_is_refused() -> None:
    for function in (gini, lorenz_curve):
        with pytest.raises(InputError) as error:
            function(pd.Series([1, -2]))
        assert str(error.value) == "A count is negative, -2; counts begin at 0."


def test_an_infinite_count_is_refused() -> None:
    for function in (gini, lorenz_curve):
        with pytest.raises(InputError) as error:
            function(pd.Series([1, np.inf]))
        assert str(error.value) == (
            "A count is inf; counts are numbers, and NaN where there is no data."
        )


@given(st.lists(st.sampled_from([0.05, 0.1, 0.7, 3.3]), min_size=1, max_size=200))
def test_the_curve_of_weights_ends_at_all_of_them(weights: list[float]) -> None:
    # invariant: the last mahalla completes the whole to the last digit, and none exceeds it
    held = lorenz_curve(pd.Series(weights))["share_of_offenses"]
    assert held.iloc[-1] == 1
    assert held.is_monotonic_increasing
