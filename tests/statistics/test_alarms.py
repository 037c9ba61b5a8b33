"""Alarms against scipy's binomial and beta-binomial laws, by hand, and invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics import alarms
from hotspot.statistics.alarms import fit_overdispersion, raise_alarms

MONTHS = pd.period_range("2022-01", "2025-01", freq="M", name="month")


def panel_of(values: object) -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    codes = pd.Index([f"m{row:04d}" for row in range(len(array))], name="mahalla_code")
    return pd.DataFrame(array, codes, MONTHS[-array.shape[1] :])


def simulated(ratio: float, mahallas: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(11)
    mean = random.gamma(1.5, 3.0, (mahallas, 1))
    shape = np.broadcast_to(mean / (ratio - 1), (mahallas, len(MONTHS)))
    return panel_of(random.negative_binomial(shape, 1 / ratio))


def reference(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the reference months of January 2025, by their names."""
    beside = ["2022-01", "2022-02", "2022-12", "2023-01", "2023-02", "2023-12"]
    return panel[pd.PeriodIndex([*beside, "2024-01", "2024-02"], freq="M")]


def test_the_same_months_of_earlier_years_are_the_reference() -> None:
    panel = simulated(2.0)
    found = raise_alarms(panel)
    assert found["expected"].tolist() == pytest.approx(reference(panel).mean(axis=1))
    # what happened in other months, the month before included, is of no account
    other = panel.copy()
    other[pd.PeriodIndex(["2024-06", "2024-11"], freq="M")] = 99
    pd.testing.assert_frame_equal(raise_alarms(other), found)


def test_poisson_alarms_are_binomial() -> None:
    panel = simulated(2.0)
    found = raise_alarms(panel, overdispersion=1)
    now, before = panel[MONTHS[-1]], reference(panel).sum(axis=1)
    oracle = stats.binom.sf(now - 1, now + before, 1 / 9)
    assert found["alarm_p"].tolist() == pytest.approx(oracle, rel=1e-11)


def test_overdispersed_alarms_are_beta_binomial() -> None:
    panel = simulated(2.0)
    found = raise_alarms(panel, overdispersion=1.7)
    now, before = panel[MONTHS[-1]], reference(panel).sum(axis=1)
    total = now + before
    a = np.maximum(total, 1) / (9 * 0.7)
    oracle = stats.betabinom.sf(now - 1, total, a, 8 * a)
    assert found["alarm_p"].tolist() == pytest.approx(oracle, rel=1e-8)


def test_a_ratio_next_to_one_is_poisson() -> None:
    panel = simulated(2.0)
    one, near = (raise_alarms(panel, overdispersion=1 + more)["alarm_p"] for more in (0, 2e-6))
    np.testing.assert_allclose(near, one, rtol=1e-3)


@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_the_limit_is_the_last_count_without_alarm(ratio: float) -> None:
    panel = simulated(1.5, mahallas=40)
    found = raise_alarms(panel, overdispersion=ratio, level=0.01)
    at_limit, above = panel.copy(), panel.copy()
    at_limit[MONTHS[-1]] = found["upper_limit"]
    above[MONTHS[-1]] = found["upper_limit"] + 1
    assert (raise_alarms(at_limit, overdispersion=ratio)["alarm_p"] > 0.01).all()
    assert (raise_alarms(above, overdispersion=ratio)["alarm_p"] <= 0.01).all()


def test_no_alarm_under_five() -> None:
    panel = panel_of([[0] * 36 + [4], [0] * 36 + [5]])
    found = raise_alarms(panel, overdispersion=1)
    # (1/9)^4 and (1/9)^5: both improbable, one too few
    assert found["alarm_p"].tolist() == pytest.approx([9.0**-4, 9.0**-5])
    assert found["alarm"].tolist() == [0, 1]


def test_missing_history_is_no_answer() -> None:
    panel = panel_of(np.ones((3, 37)))
    panel.iloc[0, :26] = np.nan
    panel.iloc[1, -1] = np.nan
    found = raise_alarms(panel)
    # the first keeps 2024-02 of the eight: below three
    assert found.isna().all(axis=1).tolist() == [True, True, False]
    assert raise_alarms(panel.iloc[:, -10:]).isna().all(axis=None)
    assert raise_alarms(panel.iloc[:0]).empty


def test_an_earlier_month_is_judged_without_what_came_later() -> None:
    panel = simulated(2.0)
    then = pd.Period("2024-06", freq="M")
    found = raise_alarms(panel, month=then)
    pd.testing.assert_frame_equal(found, raise_alarms(panel.loc[:, :then]))


def test_a_month_is_judged_by_its_name_as_well() -> None:
    panel = simulated(2.0)
    found = raise_alarms(panel, month="2024-05")
    pd.testing.assert_frame_equal(found, raise_alarms(panel, month=pd.Period("2024-05", "M")))


def test_overdispersion_by_hand_and_of_a_known_law() -> None:
    # means 2 and 3; squares 4 + 4 and 0 + 0; (8 + 0) / (1 · 2 + 1 · 3)
    assert fit_overdispersion(panel_of([[0, 4], [3, 3]])) == pytest.approx(1.6)
    assert fit_overdispersion(panel_of([[3, 3]])) == 1
    assert fit_overdispersion(panel_of([[0, 0], [np.nan, 5]])) == 1
    assert fit_overdispersion(simulated(2.5, 3000)) == pytest.approx(2.5, rel=0.05)


def test_parts_of_the_rows_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = simulated(2.0)
    whole = raise_alarms(panel)
    monkeypatch.setattr(alarms, "CELLS_AT_ONCE", 100)
    pd.testing.assert_frame_equal(raise_alarms(panel), whole, rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(30)))
def test_the_order_of_the_rows_changes_nothing(order: list[int]) -> None:
    panel = simulated(2.0, mahallas=30)
    pd.testing.assert_frame_equal(
        raise_alarms(panel.iloc[order]), raise_alarms(panel).iloc[order], check_exact=True
    )


def test_nonsense_is_refused_in_a_sentence() -> None:
    panel = panel_of([[1] * 37])
    for options, sentence in (
        (
            {"month": pd.Period("2026-01", freq="M")},
            "the panel has no 2026-01: it reaches from 2022-01 to 2025-01",
        ),
        ({"month": "2024"}, "the panel has no 2024: it reaches from 2022-01 to 2025-01"),
        ({"month": "January"}, "the panel has no January: it reaches from 2022-01 to 2025-01"),
        (
            {"overdispersion": 0.5},
            "the overdispersion is 0.5: counts vary by 1 at least, as Poisson's do",
        ),
    ):
        with pytest.raises(InputError) as refused:
            raise_alarms(panel, **options)
        assert str(refused.value) == sentence
    with pytest.raises(InputError) as refused:
        raise_alarms(panel - 2)
    assert str(refused.value) == "a count is -1: counts are whole numbers from 0 up"
    with pytest.raises(InputError) as refused:
        raise_alarms(pd.DataFrame([[1, 2]]))
    assert str(refused.value) == "the columns are int64: give months, a PeriodIndex of frequency M"
    with pytest.raises(InputError) as refused:
        raise_alarms(panel.iloc[:, :0])
    assert str(refused.value) == (
        "the panel has no month: give the month to judge and earlier years"
    )


@pytest.mark.parametrize("level", [0, 1, -1, float("nan")])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    months = pd.period_range("2023-01", "2025-01", freq="M")
    panel = pd.DataFrame([[2] * 25], index=["a"], columns=months)
    with pytest.raises(InputError) as error:
        raise_alarms(panel, level=level)
    assert str(error.value) == f"the level is {level:g}: give a share between 0 and 1"


def test_the_order_of_the_rows_changes_no_bit_of_the_overdispersion() -> None:
    # invariant: sums of floats, as of means over different numbers of months, are of sorted numbers
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(1, 3, (300, 1)), (300, 15)).astype(float)
    panel = pd.DataFrame(np.where(rng.random(counts.shape) < 0.1, np.nan, counts))
    found = {fit_overdispersion(panel.sample(frac=1, random_state=seed)) for seed in range(50)}
    assert len(found) == 1
