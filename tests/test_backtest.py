"""The back-test by hand on five mahallas, and its invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from hotspot.backtest import BASELINES, backtest_categories, summarise_backtest
from hotspot.columns import names
from hotspot.errors import InputError

CODES = list("abcde")
MONTHS = pd.period_range("2024-01", periods=4, freq="M")
PANEL = pd.DataFrame(
    [[6, 5, 4, 5], [2, 2, 2, 2], [1, 3, 0, 1], [0, 0, 4, 1], [1, 0, 0, 1]],
    index=CODES,
    columns=MONTHS,
)
HISTORY = pd.DataFrame(
    [
        ["red"] * 3,
        ["red", "yellow", "yellow"],
        ["yellow"] * 3,
        ["green", "green", "red"],
        ["yellow"] * 3,
    ],
    index=CODES,
    columns=MONTHS[:3],
)
AREA = pd.Series([1.0, 1.0, 2.0, 4.0, 2.0], index=CODES)
PEOPLE = pd.Series([500.0, 100.0, 100.0, 200.0, 100.0], index=CODES)


def test_by_hand():
    table = backtest_categories(
        HISTORY, PANEL, method="mine", area=AREA, population=PEOPLE, horizons=[1]
    ).set_index(["month", "method"])
    assert list(table.columns) == [c for c in names("backtest") if c not in ("month", "method")]
    first = table.loc[("2024-01", "mine")]
    # a and b are red; in February they have 5 + 2 of 10 offenses, 2 of 10 km², 600 of 1,000 people
    assert first["reds"] == 2
    assert first["hit_rate"] == pytest.approx(0.7)
    assert first["pai_area"] == pytest.approx(0.7 / 0.2)
    assert first["pai_population"] == pytest.approx(0.7 / 0.6)
    # the best two are a and c with 8
    assert first["pei"] == pytest.approx(7 / 8)
    # of 2 km² the most is a, b: 7
    assert first["pei_star"] == pytest.approx(1)
    # 8 offenses became 7, all 10 became 10
    assert first["rri"] == pytest.approx(7 / 8)
    # a stays, b goes
    assert (first["stay"], first["flips"]) == (0.5, 1)
    best = table.loc[("2024-01", "best")]
    assert best["hit_rate"] == pytest.approx(0.8)
    by_last = table.loc[("2024-02", "count_1m")]
    # one red: a, with 5 in February and 4 of 10 in March
    assert by_last["hit_rate"] == pytest.approx(0.4)
    by_rate = table.loc[("2024-03", "rate_12m")]
    # two reds: per resident c (4 / 100) leads, b (6 / 100) before it: 2 + 1 of 10 in April
    assert by_rate["hit_rate"] == pytest.approx(0.3)
    random = table.loc[("2024-03", "random")]
    assert random["hit_rate"] == pytest.approx(2 / 5)
    assert random["pai_area"] == pytest.approx(1)


def test_the_brier_score_by_hand():
    said = pd.DataFrame({MONTHS[0]: [0.9, 0.5, 0.0, 0.2, np.nan]}, index=CODES)
    table = backtest_categories(
        HISTORY,
        PANEL,
        method="mine",
        area=AREA,
        population=PEOPLE,
        horizons=[1, 3],
        probability=said.reindex(columns=HISTORY.columns),
    )
    mine = table[table["method"] == "mine"].set_index(["month", "horizon"])["brier"]
    # in February a alone is red; nothing is said of e
    assert mine["2024-01", 1] == pytest.approx((0.1**2 + 0.5**2 + 0 + 0.2**2) / 4)
    # April is not decided, and of later months nothing is said
    assert mine.drop(("2024-01", 1)).isna().all()
    assert table.loc[table["method"] != "mine", "brier"].isna().all()
    summary = summarise_backtest(table, method="mine")
    assert summary.loc[
        summary["measure"] == "brier", ["method", "horizon"]
    ].to_numpy().tolist() == [["mine", 1]]


def test_the_frozen_choice_never_changes():
    table = backtest_categories(
        HISTORY, PANEL, method="mine", area=AREA, population=PEOPLE, horizons=[1]
    )
    frozen = table[table["method"] == "frozen"].set_index("month")
    # by January's counts: a, then b
    assert frozen["hit_rate"].round(3).tolist() == [0.7, 0.4, 0.7]


def test_a_horizon_that_is_not_over_is_left_out():
    table = backtest_categories(HISTORY, PANEL, method="mine", area=AREA, population=PEOPLE)
    assert set(table["horizon"]) == {1, 3}
    assert set(table.loc[table["horizon"] == 3, "month"]) == {"2024-01"}
    assert set(table["method"]) == {"mine", *BASELINES}
    # in each month all methods choose as many
    assert (table.groupby("month")["reds"].nunique() == 1).all()


def test_no_method_is_better_than_the_best():
    table = backtest_categories(HISTORY, PANEL, method="mine", area=AREA, population=PEOPLE)
    best = table[table["method"] == "best"].set_index(["month", "horizon"])["hit_rate"]
    others = table.set_index(["month", "horizon"])
    assert (others["hit_rate"] <= best.reindex(others.index) + 1e-12).all()
    assert (table["pei"] <= 1 + 1e-12).all()


def test_the_order_of_mahallas_and_their_codes_do_not_matter():
    order = np.random.default_rng(1).permutation(len(CODES))
    one = backtest_categories(HISTORY, PANEL, method="mine", area=AREA, population=PEOPLE)
    other = backtest_categories(
        HISTORY.iloc[order],
        PANEL.iloc[order],
        method="mine",
        area=AREA.iloc[order],
        population=PEOPLE.iloc[order],
    )
    assert_frame_equal(one, other)


def test_the_summary_s_means_are_the_table_s():
    table = backtest_categories(HISTORY, PANEL, method="mine", area=AREA, population=PEOPLE)
    summary = summarise_backtest(table, method="mine").set_index(["horizon", "method", "measure"])
    for (horizon, method), part in table.groupby(["horizon", "method"]):
        found = summary.loc[(horizon, method, "hit_rate")]
        assert found["mean"] == pytest.approx(part["hit_rate"].mean())
        assert found["lower"] <= found["mean"] + 1e-12
        assert found["upper"] >= found["mean"] - 1e-12
    assert summary.loc[(1, "mine", "hit_rate"), "difference"] == 0
    assert summary.loc[(1, "best", "hit_rate"), "difference"] < 0


def test_a_bootstrap_of_independent_months_is_as_wide_as_the_standard_error():
    rng = np.random.default_rng(3)
    months = pd.period_range("2000-01", periods=240, freq="M")
    table = pd.DataFrame(
        {"month": months.astype(str), "horizon": 1, "method": "mine", "reds": 3}
    ).reindex(columns=names("backtest"))
    table["hit_rate"] = rng.normal(0.3, 0.1, 240)
    summary = summarise_backtest(table, method="mine").set_index("measure").loc["hit_rate"]
    width = summary["upper"] - summary["lower"]
    expected = 2 * 1.96 * table["hit_rate"].std() / np.sqrt(240)
    assert width == pytest.approx(expected, rel=0.2)


def test_criteria_named_like_a_baseline_are_refused():
    with pytest.raises(InputError) as refused:
        backtest_categories(HISTORY, PANEL, method="random", area=AREA, population=PEOPLE)
    assert str(refused.value) == (
        "the criteria are named 'random', as a baseline of the back-test is; give them another name"
    )
