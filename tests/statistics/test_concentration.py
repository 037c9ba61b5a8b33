"""Shares against loops, the national figures, and the envelope against enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.statistics.concentration import (
    concentration_envelope,
    fewest_mahallas,
    pareto_table,
)
from hotspot.statistics.lorenz import gini

MONTHS = pd.period_range("2025-01", periods=3, freq="M", name="month")

some_counts = st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(sum)


@given(some_counts)
def test_fewest_mahallas_by_taking_the_worst_one_by_one(counts: list[int]) -> None:
    out = fewest_mahallas(pd.Series(counts), (0.25, 0.5, 0.55, 0.8, 1)).loc[0]
    for percent in (25, 50, 55, 80, 100):
        left = sorted(counts)
        taken = held = 0
        while 100 * held < percent * sum(counts):
            held += left.pop()
            taken += 1
        assert out[percent / 100] == taken / len(counts)


@given(some_counts)
def test_the_table_holds_what_the_worst_mahallas_hold(counts: list[int]) -> None:
    out = pareto_table(pd.Series(counts), tops=(0.1, 0.2, 0.5))
    ordered = sorted(counts, reverse=True)
    for percent in (10, 20, 50, 100):
        number = -(-percent * len(counts) // 100)
        row = out.loc[percent / 100]
        assert row["mahallas"] == number
        assert row["offenses"] == sum(ordered[:number])
        assert row["share"] == pytest.approx(sum(ordered[:number]) / sum(counts), abs=1e-12)
        assert row["least"] == ordered[number - 1]


def test_the_two_tables_agree_with_the_national_model() -> None:
    """Negative binomial with mean 4.135 and k = 0.297: 8.1 % hold half, 21.4 % hold 80 %."""
    random = np.random.default_rng(1)
    counts = pd.Series(random.negative_binomial(0.297, 0.297 / (0.297 + 4.135), 400_000))
    out = fewest_mahallas(counts, (0.5, 0.8)).loc[0]
    assert out.tolist() == pytest.approx([0.081, 0.214], abs=0.001)
    table = pareto_table(counts, tops=(0.074, 0.214))
    assert table["share"].tolist() == pytest.approx([0.47, 0.8, 1], abs=0.005)


def test_missing_mahallas_are_left_out_and_nothing_is_no_share() -> None:
    panel = pd.DataFrame({MONTHS[0]: [3, np.nan, 1], MONTHS[1]: [0, 0, 0]})
    out = fewest_mahallas(panel)
    assert out.loc[MONTHS[0]].tolist() == [0.5, 0.5, 1]
    assert out.loc[MONTHS[1]].isna().all()
    assert pareto_table(panel[MONTHS[0]], (0.5,))["mahallas"].tolist() == [1, 2]
    empty = pareto_table(panel[MONTHS[1]], (0.5,))
    assert empty["share"].isna().all()
    assert empty["offenses"].tolist() == [0, 0]
    assert pareto_table(pd.Series([np.nan])).empty


def enumerated(total: int, chances: list[float], measure: str) -> dict[float, float]:
    """Return how probable each value is, over every way to deal the offenses out."""
    found: dict[float, float] = {}
    for places in product(range(len(chances)), repeat=total):
        counts = pd.Series(np.bincount(places, minlength=len(chances)))
        if measure == "gini":
            value = float(gini(counts).loc[0, "gini"])
        else:
            value = float(fewest_mahallas(counts, (int(measure[-2:]) / 100,)).iloc[0, 0])
        key = round(value, 9)
        found[key] = found.get(key, 0) + float(np.prod([chances[place] for place in places]))
    return found


@pytest.mark.parametrize("by_population", [False, True])
def test_the_envelope_against_every_way_to_deal_five_offenses(by_population: bool) -> None:
    counts = pd.Series([4, 0, 1, 0], index=list("abcd"))
    people = pd.Series([1000.0, 2000.0, 3000.0, 4000.0], index=list("dcba"))
    chances = [0.4, 0.3, 0.2, 0.1] if by_population else [0.25] * 4
    out = concentration_envelope(
        counts, seed=3, population=people if by_population else None, simulations=19_999
    )
    for measure in ("gini", "share_25", "share_50", "share_80"):
        law = enumerated(5, chances, measure)
        row = out.loc[measure]
        mean = sum(value * p for value, p in law.items())
        as_much = sum(
            p
            for value, p in law.items()
            if (value >= row["observed"] - 1e-6) == (measure == "gini")
            or abs(value - row["observed"]) < 1e-6
        )
        # 20,000 draws: the standard error of a share is at most .0036
        assert row["expected"] == pytest.approx(mean, abs=0.01)
        assert row["p"] == pytest.approx(as_much, abs=0.011)
        for side in ("lower", "upper"):
            beyond = sum(
                p for v, p in law.items() if (v < row[side] if side == "lower" else v > row[side])
            )
            assert beyond <= 0.025 + 0.004
    assert out.loc["gini", "observed"] == gini(counts).loc[0, "gini"]


def test_a_month_of_a_panel_is_the_month_alone_whatever_the_order() -> None:
    random = np.random.default_rng(1)
    codes = [f"{i:03d}" for i in range(60)]
    panel = pd.DataFrame(random.poisson(0.8, (60, 3)).astype(float), codes, MONTHS)
    people = pd.Series(random.uniform(100, 5000, 60), codes)
    people.iloc[4:6] = [np.nan, 0.0]
    panel.iloc[7, 1] = np.nan
    panel[MONTHS[2]] = 0.0
    options = {"seed": 11, "population": people, "simulations": 99}
    out = concentration_envelope(panel, **options)
    assert out.index.names == ["month", "measure"]
    order = random.permutation(60)
    shuffled = concentration_envelope(panel.iloc[order], **options)
    pd.testing.assert_frame_equal(shuffled, out, check_exact=True)
    for month in MONTHS:
        alone = concentration_envelope(panel[month], **options)
        pd.testing.assert_frame_equal(out.loc[month], alone, check_exact=True)
        renamed = concentration_envelope(
            panel[month].add_prefix("x"), **(options | {"population": people.add_prefix("x")})
        )
        pd.testing.assert_frame_equal(renamed, alone, check_exact=True)
    assert out.loc[MONTHS[2]].isna().all(axis=None)
    double = concentration_envelope(panel, **(options | {"population": people * 2}))
    pd.testing.assert_frame_equal(double, out, check_exact=True)


def test_drawing_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = pd.Series([9, 1, 0, 1, 0, 0, 1, 0])
    whole = concentration_envelope(counts, seed=1, simulations=99)
    monkeypatch.setattr("hotspot.statistics.concentration.DRAWN", 80)
    pd.testing.assert_frame_equal(
        concentration_envelope(counts, seed=1, simulations=99), whole, check_exact=True
    )


def test_the_seed_decides() -> None:
    counts = pd.Series([9, 1, 0, 1, 0, 0, 1, 0] * 9)
    once, again, other = (concentration_envelope(counts, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(once, again, check_exact=True)
    assert not once.equals(other)


@settings(deadline=None, max_examples=25)
@given(some_counts)
def test_an_envelope_is_in_order(counts: list[int]) -> None:
    out = concentration_envelope(pd.Series(counts), seed=1, simulations=99)
    if len(counts) < 2:
        assert out.isna().all(axis=None)
        return
    assert (out["lower"] <= out["upper"]).all()
    assert out["p"].between(0.01, 1).all()
    assert out["observed"].between(0, 1).all()


def test_nonsense_is_refused() -> None:
    counts = pd.Series([3, 1, 0])
    cases = [
        (
            lambda: fewest_mahallas(counts, (0.5, 80)),
            "A share of 80 of the offenses; give shares above 0, up to 1.",
        ),
        (
            lambda: pareto_table(counts, (0,)),
            "A share of 0 of the mahallas; give shares above 0, up to 1.",
        ),
        (lambda: fewest_mahallas(-counts), "A count is negative, -3; counts begin at 0."),
        (
            lambda: concentration_envelope(counts / 2, seed=1),
            "A count is 1.5; an envelope is for whole numbers from 0.",
        ),
        (
            lambda: concentration_envelope(counts, seed=1, level=95),
            "A level of 95 is no probability; give one between 0 and 1.",
        ),
        (
            lambda: concentration_envelope(counts, seed=1, simulations=20),
            "20 simulations make no envelope of 0.95; draw 39 or more.",
        ),
        (
            lambda: concentration_envelope(counts, seed=1, population=counts + np.inf),
            "A population is infinite; leave it empty where it is not known.",
        ),
    ]
    for call, sentence in cases:
        with pytest.raises(InputError) as error:
            call()
        assert str(error.value) == sentence
    assert concentration_envelope(counts, seed=1, simulations=39).notna().all(axis=None)


def test_no_mahallas_have_no_concentration() -> None:
    nothing = pd.Series([], dtype=float)
    assert fewest_mahallas(nothing).isna().all(axis=None)
    assert pareto_table(nothing).empty
    assert concentration_envelope(nothing, seed=1).isna().all(axis=None)


def test_the_smallest_share_is_one_mahalla() -> None:
    # by hand: a share however small takes the first mahalla, never none of them
    table = pareto_table(pd.Series([5, 2, 1]), tops=(1e-12, 0.5))
    assert table["mahallas"].tolist() == [1, 2, 3]
    assert table["offenses"].tolist() == [5, 7, 8]
