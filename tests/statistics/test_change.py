"""Change between two periods: published p-values, statsmodels, scipy and brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.rates import test_poisson_2indep as poisson_2indep

from hotspot.errors import InputError
from hotspot.statistics import change
from hotspot.statistics.change import Alternative, c_test, change_z, e_test

ALTERNATIVES: dict[Alternative, tuple[str, str]] = {
    "two-sided": ("two-sided", "two-sided"),
    "more": ("larger", "greater"),
    "fewer": ("smaller", "less"),
}

small = st.integers(0, 12)


def one(x: float, y: float, **options: object) -> pd.Series:
    return e_test(pd.Series([x]), pd.Series([y]), **options).iloc[0]  # type: ignore[arg-type]


def by_enumeration(x: int, y: int, n: float, m: float, alternative: Alternative) -> float:
    """Return the E-test's p as the paper writes it, a sum over all pairs of counts."""
    i, j = np.meshgrid(np.arange(200), np.arange(200), indexing="ij")

    def statistic(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        spread = np.sqrt(a / n**2 + b / m**2)
        return np.divide(a / n - b / m, spread, out=np.zeros(spread.shape), where=spread > 0)

    every, here = statistic(i, j), statistic(np.array([x]), np.array([y]))[0]
    if alternative == "two-sided":
        extreme = np.abs(every) >= abs(here) - 1e-9
    else:
        extreme = every >= here - 1e-9 if alternative == "more" else every <= here + 1e-9
    rate = (x + y) / (n + m)
    weights = stats.poisson.pmf(i, n * rate) * stats.poisson.pmf(j, m * rate)
    return float(weights[extreme].sum())


def test_published_e_tests() -> None:
    # Krishnamoorthy & Thomson (2004), the dodder seeds of Przyborowski & Wilenski: 3 against 0
    assert one(3, 0)["e_p"] == pytest.approx(0.0884, abs=5e-5)
    # Wheeler: 16 burglaries, then 25
    assert one(25, 16)["e_p"] == pytest.approx(0.165, abs=5e-4)
    # Ng, Gu & Tang (2007), breast cancer after fluoroscopy
    exposures = {"exposure_now": 28010.0, "exposure_before": 19017.0}
    found = one(41, 15, **exposures, alternative="more")
    assert found["e_statistic"] == pytest.approx(2.2047, abs=5e-5)
    assert found["e_p"] == pytest.approx(0.0184, abs=5e-5)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("exposures", [(1.0, 1.0), (12.0, 36.0), (1.0, 2.5), (31.0, 28.0)])
def test_the_e_test_is_statsmodels(
    alternative: Alternative, exposures: tuple[float, float]
) -> None:
    random = np.random.default_rng(7)
    x, y = (pd.Series(random.poisson(mean, 30)) for mean in (8, 5))
    found = e_test(
        x, y, exposure_now=exposures[0], exposure_before=exposures[1], alternative=alternative
    )
    for place in x.index[x + y > 0]:
        oracle = poisson_2indep(
            x[place],
            exposures[0],
            y[place],
            exposures[1],
            method="etest-wald",
            alternative=ALTERNATIVES[alternative][0],
        )
        assert found["e_statistic"][place] == pytest.approx(oracle.statistic, rel=1e-12)
        assert found["e_p"][place] == pytest.approx(oracle.pvalue, rel=1e-11)


@settings(max_examples=40, deadline=None)
@given(
    small,
    small,
    st.sampled_from([(1.0, 1.0), (2.0, 1.0), (3.0, 7.0)]),
    st.sampled_from([*ALTERNATIVES]),
)
def test_the_e_test_by_enumeration(
    x: int, y: int, exposures: tuple[float, float], alternative: Alternative
) -> None:
    n, m = exposures
    found = one(x, y, exposure_now=n, exposure_before=m, alternative=alternative)["e_p"]
    expected = by_enumeration(x, y, n, m, alternative) if x + y else 1.0
    assert found == pytest.approx(expected, rel=1e-10)


def test_the_e_test_of_large_counts_nears_the_normal() -> None:
    found = one(100_700, 100_000)
    assert found["e_p"] == pytest.approx(2 * stats.norm.sf(found["e_statistic"]), rel=2e-3)


@settings(max_examples=40, deadline=None)
@given(small, small)
def test_now_and_before_exchanged(x: int, y: int) -> None:
    there, back = (
        one(*pair, exposure_now=n, exposure_before=m)
        for pair, n, m in (((x, y), 2.0, 3.0), ((y, x), 3.0, 2.0))
    )
    assert there["e_p"] == pytest.approx(back["e_p"], rel=1e-12)
    assert there["e_statistic"] == pytest.approx(-back["e_statistic"], rel=1e-12)


@pytest.mark.parametrize("alternative", ["more", "fewer"])
def test_the_c_test_is_scipys(alternative: Alternative) -> None:
    random = np.random.default_rng(3)
    x, y = (pd.Series(random.poisson(mean, 60)) for mean in (3, 4))
    found = c_test(x, y, exposure_now=1.0, exposure_before=2.5, alternative=alternative)
    for place in x.index[x + y > 0]:
        trial = int(x[place]), int(x[place] + y[place]), 1 / 3.5
        oracle = stats.binomtest(*trial, alternative=ALTERNATIVES[alternative][1]).pvalue
        assert found["c_p"][place] == pytest.approx(oracle, rel=1e-12)
        half = stats.binom.pmf(*trial) / 2
        assert found["c_mid_p"][place] == pytest.approx(oracle - half, rel=1e-9, abs=1e-15)


def test_the_two_sided_c_test_is_twice_the_smaller_tail() -> None:
    # 5 of 5 at one half: 1/32 each tail, mid 1/64
    found = c_test(pd.Series([5, 0, 2]), pd.Series([0, 5, 2]))
    assert found["c_p"].tolist() == pytest.approx([1 / 16, 1 / 16, 1.0])
    assert found["c_mid_p"].tolist() == pytest.approx([1 / 32, 1 / 32, 1.0])


def test_a_far_tail_keeps_its_digits() -> None:
    found = c_test(pd.Series([60]), pd.Series([0]), alternative="more").iloc[0]
    assert found.tolist() == pytest.approx([2.0**-60, 2.0**-61], rel=1e-12)


def test_change_z_by_hand() -> None:
    found = change_z(pd.Series([25, 36, 4, 0, np.nan]), pd.Series([16, 16, 36, 0, 4]))
    assert found["change_z"].tolist()[:4] == [2, 4, -8, 0]
    assert found["change_flag"].tolist()[:4] == [0, 1, -1, 0]
    assert found.iloc[4].isna().all()
    # 48 in three years are 16 a year
    years = change_z(pd.Series([25]), pd.Series([48]), exposure_before=3.0)
    assert years["change_z"].tolist() == pytest.approx([2])


def test_nothing_in_either_period_is_no_change_and_missing_is_missing() -> None:
    x, y = pd.Series([0, np.nan, 3]), pd.Series([0, 2, np.nan])
    for found, columns in ((e_test(x, y), ["e_p"]), (c_test(x, y), ["c_p", "c_mid_p"])):
        assert (found.loc[0, columns] == 1).all()
        assert found.loc[[1, 2]].isna().all(axis=None)
    assert e_test(x.iloc[:0], y.iloc[:0]).empty


def test_exposures_by_mahalla_and_panels() -> None:
    codes = pd.Index(["a", "b"], name="mahalla_code")
    now = pd.DataFrame([[3, 4], [5, 6]], codes, pd.period_range("2025-01", periods=2, freq="M"))
    before = pd.DataFrame([[1, 9], [5, 2]], codes, pd.period_range("2024-01", periods=2, freq="M"))
    people = pd.Series({"b": 2.0, "a": 3.0})
    for test in (e_test, c_test):
        found = test(now, before, exposure_now=people)
        assert found.columns.names[0] == "measure"
        for month, earlier in zip(now, before, strict=True):
            for code in codes:
                alone = test(
                    now.loc[[code], month], before.loc[[code], earlier], exposure_now=people[code]
                )
                for measure in alone:
                    assert found.loc[code, (measure, month)] == alone[measure].iloc[0]


@settings(max_examples=30, deadline=None)
@given(small, small, st.sampled_from([2.0, 12.0, 365.25]))
def test_the_unit_of_the_exposures_changes_nothing(x: int, y: int, unit: float) -> None:
    now, before = pd.Series([x]), pd.Series([y])
    for test in (e_test, c_test):
        plain = test(now, before, exposure_now=1.0, exposure_before=3.0)
        other = test(now, before, exposure_now=unit, exposure_before=3 * unit)
        p = [name for name in plain if name.endswith("_p")]
        np.testing.assert_allclose(other[p], plain[p], rtol=1e-11)


def test_parts_of_the_pairs_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    x, y = (pd.Series(random.poisson(random.gamma(1, 20, 80))) for _ in range(2))
    whole = e_test(x, y)
    monkeypatch.setattr(change, "CELLS_AT_ONCE", 500)
    pd.testing.assert_frame_equal(e_test(x, y), whole, rtol=1e-12)
    order = random.permutation(80)
    pd.testing.assert_frame_equal(e_test(x[order], y[order]), whole.loc[order], rtol=1e-12)


def test_nonsense_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError) as refused:
        change_z(pd.Series([1.5]), pd.Series([1]))
    assert str(refused.value) == "a count is 1.5: counts are whole numbers from 0 up"
    with pytest.raises(InputError) as refused:
        e_test(pd.Series([1]), pd.Series([1]), exposure_before=0)
    assert str(refused.value) == ("an exposure before is 0: give lengths or person-years above 0")
    with pytest.raises(InputError) as refused:
        c_test(pd.Series([1, 2]), pd.Series([1]))
    assert str(refused.value) == (
        "the counts now are of (2,) and those before of (1,), or of other mahallas: give both on "
        "the same index"
    )


@pytest.mark.parametrize("test", [c_test, e_test])
def test_the_words_of_other_programs_are_refused(test) -> None:
    # scipy's and statsmodels' words; taken for "fewer" they would turn the answer round
    for word in ("greater", "larger", "less"):
        with pytest.raises(InputError) as error:
            test(pd.Series([9]), pd.Series([1]), alternative=word)
        assert str(error.value) == (
            f"there is no alternative '{word}': choose of two-sided, more, fewer"
        )
