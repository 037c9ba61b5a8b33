"""The beta-binomial local sum against fifty digits, its limits and its missing values."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import stats

from hotspot.errors import InputError
from hotspot.statistics.getis_ord_population import fit_concentration, gi_star_population


def ring(n: int) -> Graph:
    """Return n mahallas around a lake, each beside two."""
    steps = [(at, (at + step) % n) for at in range(n) for step in (-1, 1)]
    return Graph.from_arrays([a for a, _ in steps], [b for _, b in steps], [1] * len(steps))


def exact_tail(s: int, total: int, share: Fraction, every: float) -> float:
    """Return P(S ≥ s) to fifty digits, from the ratios of neighbouring terms at s = 0, 1, 2 …"""
    with localcontext(prec=80):
        inside = Decimal(share.numerator) / Decimal(share.denominator)
        clumping = 1 / Decimal(every)
        term, below, above = Decimal(1), Decimal(0), Decimal(0)
        for one in range(total + 1):
            if one < s:
                below += term
            else:
                above += term
            rest = total - one
            if rest:
                term *= rest * (inside + one * clumping)
                term /= (one + 1) * (1 - inside + (rest - 1) * clumping)
        return float(above / (below + above))


def assert_exact(counts: list[int], population: list[int]) -> None:
    n = len(counts)
    given = pd.Series(counts), pd.Series(population), ring(n)
    found = gi_star_population(*given)["gi_pop_p"]
    a = fit_concentration(*given).item()
    for own in range(n):
        local = {(own - 1) % n, own, (own + 1) % n}
        s = sum(counts[at] for at in local)
        share = Fraction(sum(population[at] for at in local), sum(population))
        exact = exact_tail(s, sum(counts), share, a * n)
        assert found[own] == pytest.approx(exact, rel=1e-9, abs=0)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5000)), min_size=4, max_size=9).filter(
        lambda rows: any(count for count, _ in rows)
    )
)
@example([(3, 100), (3, 100), (3, 100), (3, 100)])
@example([(40, 100), (30, 200), (50, 300), (0, 5000), (1, 5000), (0, 5000)])
def test_the_tail_equals_fifty_digits(rows):
    assert_exact([count for count, _ in rows], [people for _, people in rows])


def test_a_deep_tail_equals_fifty_digits():
    counts = [180, 150, 160] + [1, 0, 2, 0, 1, 3, 0, 1, 0, 2] * 4
    population = [900, 1100, 1000] + [2000, 1500, 3000, 2500] * 10
    assert_exact(counts, population)
