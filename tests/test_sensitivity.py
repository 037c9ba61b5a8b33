"""What unplaced records might turn red, against adding them one by one."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from hotspot.categories.classify import decide
from hotspot.categories.criteria import Criteria, bundled_text, parse_criteria
from hotspot.sensitivity import needed_for_red, worst_case
from hotspot.statistics.rates import (
    fit_gamma_poisson,
    gamma_poisson_excess,
    gamma_poisson_rate_excess,
    rates,
)

DEFAULT, COUNTS = (
    parse_criteria(tomllib.loads(bundled_text(name)))
    for name in ("analytical-12m", "analytical-12m-counts")
)


def simple(*conditions: str) -> Criteria:
    return parse_criteria(
        {"name": "simple", "version": "1", "window_months": 12, "min_hit_rate": 0.85,
         "green": {"all": ["count == 0"]}, "red": {"all": list(conditions)}}
    )  # fmt: skip


def evidence_of(
    counts: list[float], people: list[float] | None = None, unseen: int = 0
) -> pd.DataFrame:
    """Return a month's evidence as the run computes it; the first ``unseen`` zeros are no zeros."""
    count = pd.Series(counts, dtype=float, index=[f"m{i:03d}" for i in range(len(counts))])
    population = pd.Series(people or [1000.0] * len(counts), index=count.index)
    seen = count.where((np.arange(len(count)) >= unseen) | (count > 0))
    frame = pd.DataFrame({"count": count, "population": population, "observable": True})
    frame["count_ratio"] = seen / seen.mean()
    parts = [rates(seen, population, years=1.0), gamma_poisson_excess(seen)]
    parts += [gamma_poisson_rate_excess(seen, population)]
    return frame.join(parts).assign(gi_q=0.5, gi_p=0.5, gi_pop_p=0.5, gi_pop_q=0.03)


def move(evidence: pd.DataFrame, code: str, more: int) -> pd.DataFrame:
    """Return the evidence with more offenses in one mahalla, by formulas of scipy.stats."""
    moved = evidence.copy()
    seen = evidence["count"].where(evidence["count_ratio"].notna())
    x = evidence.loc[code, "count"] + more
    moved.loc[code, ["count", "count_ratio"]] = x, x / seen.mean()
    people = evidence["population"].where(evidence["population"] > 0)
    known = seen.notna() & people.notna()
    one = pd.Series(1.0, index=seen.index)
    moved.loc[code, "rate"] = x / people[code] * 1e5
    moved.loc[code, "rate_ratio"] = x / (people[code] * seen[known].sum() / people[known].sum())
    for name, size, who in (("excess_probability", one, seen.notna()),
                            ("rate_excess_probability", people, known)):  # fmt: skip
        k, mean = fit_gamma_poisson(seen, size).iloc[0]
        rest = who & ((seen.index != code) if who.sum() < 100 else True)
        bar = 2 * seen[rest].sum() / size[rest].sum()
        posterior = gamma(k + x, scale=1 / (k / mean + size[code]))
        moved.loc[code, name] = 0.0 if np.isinf(k) else posterior.sf(bar)
    return moved


def count_up(evidence: pd.DataFrame, criteria: Criteria, most: int) -> list[float]:
    """Return the fewest that turn each mahalla red, by trying every number."""
    found = []
    for code in evidence.index:
        for more in range(most + 1):
            if decide(move(evidence, code, more), criteria)[code] == "red":
                found.append(float(more))
                break
        else:
            found.append(float("nan"))
    return found


@pytest.mark.parametrize(
    "criteria",
    [DEFAULT, COUNTS, simple("rate >= 600"), simple("rate_excess_probability >= 0.9"),
     simple("count >= 3", "count_ratio >= 2", "rate_ratio > 1.5")],
    ids=["default", "counts", "rate", "rate excess", "ratios"],
)  # fmt: skip
@pytest.mark.parametrize("unseen", [0, 3])
def test_the_fewest_are_those_of_adding_one_by_one(criteria: Criteria, unseen: int) -> None:
    counts = [0, 0, 0, 1, 2, 0, 9, 4, 1, 0, 0, 3]
    people = [500, 4000, 800, 1000, 0, 900, 1200, 6000, 300, 2000, 1500, 2500]
    evidence = evidence_of(list(map(float, counts)), list(map(float, people)), unseen)
    needed = needed_for_red(evidence, criteria, most=25)
    np.testing.assert_array_equal(needed, count_up(evidence, criteria, 25))


def test_one_reference_serves_a_hundred_mahallas() -> None:
    evidence = evidence_of([0.0] * 80 + [1.0] * 15 + [7.0] * 5)
    needed = needed_for_red(evidence, DEFAULT, most=12)
    some = ["m000", "m085", "m099"]
    brute = pd.Series(count_up(evidence, DEFAULT, 12), index=evidence.index)
    assert needed[some].tolist() == brute[some].tolist()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=3, max_size=7), st.integers(1, 15))
def test_one_fewer_does_not_turn_a_mahalla_red(counts: list[int], most: int) -> None:
    evidence = evidence_of([float(count) for count in counts])
    if not sum(counts):
        return
    needed = needed_for_red(evidence, DEFAULT, most=most)
    for code, fewest in needed.items():
        limit = most if np.isnan(fewest) else int(fewest)
        assert (decide(move(evidence, code, limit), DEFAULT)[code] == "red") != np.isnan(fewest)
        if limit and not np.isnan(fewest):
            assert decide(move(evidence, code, limit - 1), DEFAULT)[code] != "red"


def test_none_are_needed_where_the_run_calls_it_red() -> None:
    # nine mahallas, so that each is compared with the others
    evidence = evidence_of([0, 1, 0, 2, 12, 1, 0, 5, 1])
    needed = needed_for_red(evidence, DEFAULT, most=9)
    red = decide(evidence, DEFAULT) == "red"
    assert red.sum() == 1
    assert (needed == 0).tolist() == red.tolist()


def test_a_mahalla_without_offenses_has_ratios_from_its_first_on() -> None:
    evidence = evidence_of([0, 1, 3])
    # by hand: the mean is 4/3, twice that 2.67, so that three turn the first
    assert needed_for_red(evidence, simple("count_ratio >= 2"), most=5).tolist() == [3, 2, 0]
    # by hand: of 1,000 people 3 offenses are 300 per 100,000
    assert needed_for_red(evidence, simple("rate >= 300"), most=5).tolist() == [3, 2, 0]


def test_without_people_or_offenses_nothing_turns() -> None:
    nobody = evidence_of([0, 1, 7, 0], [0.0] * 4)
    assert needed_for_red(nobody, simple("rate_ratio > 0"), most=5).isna().all()
    calm = evidence_of([1, 1, 1, 1])
    # counts that vary no more than by chance: the model sees no excess anywhere
    assert needed_for_red(calm, DEFAULT, most=50).isna().all()


@pytest.mark.parametrize(
    ("needed", "unplaced", "turned"),
    [([3, 4, 5], 2, 0), ([3, 4, 5], 3, 1), ([5, 4, 3], 7, 2), ([3, 4, 5], 11, 2),
     ([3, 4, 5], 12, 3), ([0, 0, 2], 2, 1), ([np.nan, np.nan], 9, 0), ([], 9, 0), ([1], 0, 0)],
)  # fmt: skip
def test_the_cheapest_are_turned_first(needed: list[float], unplaced: int, turned: int) -> None:
    assert worst_case(pd.Series(needed, dtype=float), unplaced) == turned
