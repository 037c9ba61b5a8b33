"""Funnel limits against the tails they are made of, summed by scipy and term by term."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.funnel import funnel_flags, funnel_limits, funnel_p

MONTHS = pd.period_range("2025-01", periods=2, freq="M", name="month")

counts = st.integers(0, 60)
expected = st.floats(0.02, 50)
shapes = st.one_of(st.just(math.inf), st.floats(0.1, 50))


def test_flags_of_a_worked_example() -> None:
    """With 1 expected, P(X ≥ 3) = 1 − 2.5/e = .080, P(X ≥ 4) = .019, P(X ≥ 6) = .0006."""
    out = funnel_flags(pd.Series([0, 3, 4, 5, 6]), pd.Series([1.0] * 5))
    assert out.tolist() == [0, 0, 1, 1, 2]
    # with 8 expected, P(X ≤ 2) = 41 e⁻⁸ = .014 and P(X = 0) = .0003
    assert funnel_flags(pd.Series([0, 2, 3]), pd.Series([8.0] * 3)).tolist() == [-2, -1, 0]


@settings(deadline=None)
@given(counts, expected, shapes)
def test_flags_are_the_tails_summed_term_by_term(x: int, e: float, k: float) -> None:
    def probability(j: int) -> float:
        if math.isinf(k):
            return math.exp(j * math.log(e) - e - math.lgamma(j + 1))
        ways = math.lgamma(k + j) - math.lgamma(k) - math.lgamma(j + 1)
        return math.exp(ways + k * math.log(k / (k + e)) + j * math.log(e / (k + e)))

    below = math.fsum(probability(j) for j in range(x + 1))
    above = 1 - math.fsum(probability(j) for j in range(x))
    flag = sum((above <= tail) - (below <= tail) for tail in (0.025, 0.001))
    near = any(abs(p / tail - 1) < 1e-9 for p in (above, below) for tail in (0.025, 0.001))
    if not near:
        assert funnel_flags(pd.Series([x]), pd.Series([e]), k=k)[0] == flag


@settings(deadline=None)
@given(counts, expected, shapes)
def test_p_is_the_tail_of_scipys_law(x: int, e: float, k: float) -> None:
    law = stats.poisson(e) if math.isinf(k) else stats.nbinom(k, k / (k + e))
    out = funnel_p(pd.Series([x]), pd.Series([e]), k=k).loc[0]
    assert out["funnel_p"] == pytest.approx(law.sf(x - 1), rel=1e-9, abs=1e-300)
    assert out["funnel_p_lower"] == pytest.approx(law.cdf(x), rel=1e-9, abs=1e-300)


@settings(deadline=None)
@given(st.lists(st.tuples(counts, expected), min_size=1, max_size=30), shapes)
def test_a_count_is_flagged_exactly_where_it_is_beyond_a_limit(
    cells: list[tuple[int, float]], k: float
) -> None:
    x, e = (pd.Series(of, dtype=float) for of in zip(*cells, strict=True))
    flags, limits = funnel_flags(x, e, k=k), funnel_limits(e, k=k)
    # compared as counts: a limit is a whole count over the expected one
    whole = (limits.mul(e, axis=0)).round().astype(int)
    above = (x > whole["upper_95"]).astype(int) + (x > whole["upper_998"])
    below = (x < whole["lower_95"]).astype(int) + (x < whole["lower_998"])
    assert (flags == above - below).all()


def test_smooth_limits_are_spiegelhalters_interpolation() -> None:
    """Appendix A.1: (r − α) / e with α = (P(R ≤ r) − p) / P(R = r), r the quantile."""
    e = pd.Series([0.4, 3.0, 17.5])
    out = funnel_limits(e, smooth=True)
    for i, mean in enumerate(e):
        for name, p in (("lower_95", 0.025), ("upper_998", 0.999)):
            r = next(r for r in range(100) if stats.poisson.cdf(r, mean) >= p)
            alpha = (stats.poisson.cdf(r, mean) - p) / stats.poisson.pmf(r, mean)
            limit = max(r - alpha, 0) / mean
            assert out.loc[i, name] == pytest.approx(limit, rel=1e-9)


def test_smooth_limits_become_the_normal_ones_where_much_is_expected() -> None:
    e = 40_000.0
    out = funnel_limits(pd.Series([e]), smooth=True).loc[0]
    assert out["upper_95"] == pytest.approx(1 + 1.959964 / math.sqrt(e), abs=2e-5)
    assert out["lower_95"] == pytest.approx(1 - 1.959964 / math.sqrt(e), abs=2e-5)
    # τ² = 1/k is what remains of the variance, however much is expected
    out = funnel_limits(pd.Series([e]), k=2500, smooth=True).loc[0]
    assert out["upper_95"] == pytest.approx(1 + 1.96 * math.sqrt(1 / e + 1 / 2500), abs=1e-3)


def test_a_smooth_limit_lies_within_one_count_of_the_exact_one() -> None:
    e = pd.Series(np.geomspace(0.05, 500, 300))
    gap = (funnel_limits(e) - funnel_limits(e, smooth=True)).mul(e, axis=0)
    assert gap.min(axis=None) >= -1e-9
    assert gap.max(axis=None) <= 1 + 1e-9


def test_what_has_no_funnel_is_missing() -> None:
    x = pd.Series([1, np.nan, 1, 1, 1])
    e = pd.Series([1.0, 1.0, 0.0, np.nan, -1.0])
    assert funnel_flags(x, e).isna().tolist() == [False, True, True, True, True]
    assert funnel_flags(x, e, k=np.nan).isna().all()
    assert funnel_p(x, e).isna().all(axis=1).tolist() == [False, True, True, True, True]
    assert funnel_limits(e).isna().all(axis=1).tolist() == [False, False, True, True, True]
    assert funnel_limits(e, k=np.nan).isna().all(axis=None)


def test_a_panel_takes_one_k_a_month() -> None:
    random = np.random.default_rng(1)
    x = pd.DataFrame(random.poisson(3, (20, 2)), columns=MONTHS)
    e = pd.DataFrame(random.uniform(0.5, 4, (20, 2)), columns=MONTHS)
    k = pd.Series([np.inf, 1.5], index=MONTHS)
    out = funnel_flags(x, e, k=k[::-1])
    for month in MONTHS:
        alone = funnel_flags(x[month], e[month], k=k[month])
        pd.testing.assert_series_equal(out[month], alone, check_names=False)
        tails = funnel_p(x[month], e[month], k=k[month])
        panel = funnel_p(x, e, k=k).xs(month, axis=1, level=1)
        pd.testing.assert_frame_equal(panel, tails, check_names=False)
    order = random.permutation(20)
    pd.testing.assert_frame_equal(funnel_flags(x.iloc[order], e, k=k).loc[x.index], out)


def test_a_sum_of_weights_is_refused() -> None:
    with pytest.raises(InputError) as error:
        funnel_flags(pd.Series([1, 2.5]), pd.Series([1.0, 1.0]))
    assert str(error.value) == "A count is 2.5; a funnel is for whole numbers from 0."
    with pytest.raises(InputError) as error:
        funnel_flags(pd.Series([1, -2]), pd.Series([1.0, 1.0]))
    assert str(error.value) == "A count is -2; a funnel is for whole numbers from 0."
    with pytest.raises(InputError) as error:
        funnel_p(pd.Series([1, np.inf]), pd.Series([1.0, 1.0]))
    assert str(error.value) == "A count is inf; a funnel is for whole numbers from 0."


def test_no_mahallas_have_no_funnel() -> None:
    nothing = pd.Series([], dtype=float)
    assert funnel_flags(nothing, nothing).empty
    assert funnel_limits(nothing).empty
