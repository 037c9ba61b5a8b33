"""Concentration of a republic's counts: tables, simulation envelope, location quotients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Case

# 16 × 563 mahallas are the republic's 9,008
GROWTH = [
    ("Gini, shares and 80–20 table", "tables", 563),
    ("concentration envelope, 999 simulations", "envelope", 563),
    ("location quotients of 30 kinds", "quotients", 563),
]


def tables(n: int) -> Case:
    """Prepare the coefficients of twelve months and the table of one."""
    from hotspot.statistics.concentration import fewest_mahallas, pareto_table
    from hotspot.statistics.lorenz import gini

    panel = pd.DataFrame({month: _counts(n, month) for month in range(12)})
    return (
        lambda: (gini(panel), fewest_mahallas(panel), pareto_table(panel[0])),
        lambda found: {"gini": float(found[0].loc[0, "gini"])},
    )


def envelope(n: int) -> Case:
    """Prepare 999 deals of a year's offenses by population."""
    from hotspot.statistics.concentration import concentration_envelope

    people = pd.Series(np.exp(np.random.default_rng(2).normal(8.2, 0.5, n)))
    return (
        lambda: concentration_envelope(_counts(n, 0), seed=1, population=people),
        lambda found: {"p": float(found.loc["gini", "p"])},
    )


def quotients(n: int) -> Case:
    """Prepare the quotients of every mahalla and kind with their limits."""
    from hotspot.statistics.location_quotient import location_quotients

    random = np.random.default_rng(3)
    shares = random.dirichlet(np.full(30, 0.5))
    counts = pd.DataFrame(random.multinomial(_counts(n, 0), shares))
    return (
        lambda: location_quotients(counts),
        lambda found: {"flagged": float((found["lq_flag"] != 0).to_numpy().mean())},
    )


def _counts(n: int, seed: int) -> pd.Series:
    """Return counts as unequal as the published ones of a year."""
    return pd.Series(np.random.default_rng(seed).negative_binomial(0.297, 0.297 / 4.432, n))
