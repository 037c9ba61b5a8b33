"""Quotients by hand; limits against the binomial tails that define them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from hotspot.errors import InputError
from hotspot.statistics.location_quotient import location_quotients

KINDS = ["robbery", "theft", "hooliganism"]

tables = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=15
).map(lambda rows: pd.DataFrame(rows, columns=KINDS, dtype=float))


def test_quotients_of_a_worked_example() -> None:
    counts = pd.DataFrame({"robbery": [9, 1], "theft": [11, 79]}, index=["a", "b"])
    out = location_quotients(counts)
    # robbery is 10 % of the whole, 45 % of a and 1.25 % of b
    assert out["lq"]["robbery"].tolist() == pytest.approx([4.5, 0.125], rel=1e-14)
    assert out["lq"]["theft"].tolist() == pytest.approx([0.55 / 0.9, 79 / 72], rel=1e-14)
    assert out.columns.names == ["measure", "kind"]


@settings(deadline=None, max_examples=50)
@given(tables)
def test_limits_are_clopper_and_pearsons_by_statsmodels(counts: pd.DataFrame) -> None:
    out = location_quotients(counts, level=0.9)
    own, whole = counts.sum(axis=1), counts.sum() / counts.to_numpy().sum()
    for code in counts.index[own > 0]:
        for kind in counts.columns[whole > 0]:
            limits = proportion_confint(counts.loc[code, kind], own[code], 0.1, method="beta")
            found = (out["lq_lower"].loc[code, kind], out["lq_upper"].loc[code, kind])
            assert found == pytest.approx(np.array(limits) / whole[kind], rel=1e-9)


@settings(deadline=None, max_examples=50)
@given(tables)
def test_a_flag_says_that_the_binomial_tail_is_small(counts: pd.DataFrame) -> None:
    out = location_quotients(counts)
    own, whole = counts.sum(axis=1), counts.sum() / max(counts.to_numpy().sum(), 1)
    for code in counts.index:
        for kind in counts.columns:
            flag = out["lq_flag"].loc[code, kind]
            if own[code] == 0 or whole[kind] == 0:
                assert np.isnan(flag)
                continue
            law = stats.binom(own[code], whole[kind])
            above, below = law.sf(counts.loc[code, kind] - 1), law.cdf(counts.loc[code, kind])
            assert flag == (above < 0.025) - int(below < 0.025)


@settings(deadline=None, max_examples=50)
@given(tables, st.randoms(use_true_random=False))
def test_order_and_names_change_nothing(counts: pd.DataFrame, random) -> None:
    out = location_quotients(counts)
    order = random.sample(range(len(counts)), len(counts))
    pd.testing.assert_frame_equal(location_quotients(counts.iloc[order]).loc[counts.index], out)
    kinds = random.sample(KINDS, 3)
    again = location_quotients(counts[kinds])
    for name in ("lq", "lq_lower", "lq_upper", "lq_flag"):
        pd.testing.assert_frame_equal(again[name][KINDS], out[name])


@settings(deadline=None, max_examples=50)
@given(tables)
def test_quotients_average_to_one(counts: pd.DataFrame) -> None:
    out = location_quotients(counts)["lq"]
    own = counts.sum(axis=1)
    for kind in counts.columns[counts.sum() > 0]:
        mean = (out[kind] * own).sum() / own.sum()
        assert mean == pytest.approx(1, rel=1e-12)


def test_what_has_no_mixture_is_missing() -> None:
    counts = pd.DataFrame({"a": [0, 3, np.nan, 1], "b": [0, 1, 5, 1], "c": [0, 0, 0, 0]})
    out = location_quotients(counts)
    for name in ("lq", "lq_lower", "lq_upper", "lq_flag"):
        assert out[name].isna().to_numpy().tolist() == [
            [True, True, True],
            [False, False, True],
            [True, True, True],
            [False, False, True],
        ]
    # the row with a gap is no part of the whole: a is 4 of 6
    assert out["lq"].loc[1, "a"] == pytest.approx((3 / 4) / (4 / 6), rel=1e-14)


def test_nonsense_is_refused() -> None:
    for wrong in (-1, 0.5, np.inf):
        with pytest.raises(InputError) as error:
            location_quotients(pd.DataFrame({"a": [1, wrong]}))
        assert str(error.value) == (f"A count is {wrong}; a quotient is of whole numbers from 0.")
    with pytest.raises(InputError) as error:
        location_quotients(pd.DataFrame({"a": [1]}), level=0)
    assert str(error.value) == "A level of 0 is no probability; give one between 0 and 1."
