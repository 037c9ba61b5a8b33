"""Rates drawn to the neighbourhood, beside esda; the gamma-Poisson model, funnels and limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from benchmarks.measure import Case

MONTHS = 12

# 16 × 563 mahallas are the republic's 9,008
GROWTH = [
    ("empirical Bayes of the neighbourhood, 12 months", "marshall", 563),
    ("gamma–Poisson fit and risks, 12 months", "gamma_poisson", 563),
    ("funnel flags, 12 months", "funnel", 563),
    ("indirect standardisation by 5 age classes, exact limits, 12 months", "standardised", 563),
    ("severity of 100 records a mahalla", "severity", 563),
]


def marshall(n: int) -> Case:
    """Prepare our local empirical Bayes of twelve months."""
    from hotspot.statistics.empirical_bayes import marshall_rates

    counts, people, graph = _region(n)
    return (
        lambda: marshall_rates(counts, people, years=1, graph=graph)["eb_rate"],
        lambda rates: _tell(rates.to_numpy()),
    )


def esda_marshall(n: int) -> Case:
    """Prepare esda's, a month at a time."""
    from esda.smoothing import Spatial_Empirical_Bayes

    counts, people, graph = _region(n)
    weights = graph.to_W()
    events = counts.loc[weights.id_order].to_numpy(float)
    base = people.loc[weights.id_order].to_numpy()

    def work() -> np.ndarray:
        # 0 / 0 where a neighbourhood has no offense
        with np.errstate(invalid="ignore"):
            months = [Spatial_Empirical_Bayes(x, base, weights).r.ravel() for x in events.T]
        return np.nan_to_num(1e5 * np.column_stack(months))

    return work, _tell


def gamma_poisson(n: int) -> Case:
    """Prepare the fit of each month and every mahalla's risk with its interval."""
    from hotspot.statistics.rates import fit_gamma_poisson
    from hotspot.statistics.relative_risk import gamma_poisson_risk

    counts, people, _ = _region(n)
    return (
        lambda: gamma_poisson_risk(counts, fit_gamma_poisson(counts, people), people),
        lambda risks: _tell(risks["relative_risk"].to_numpy()),
    )


def funnel(n: int) -> Case:
    """Prepare the flags of a funnel with fitted overdispersion."""
    from hotspot.statistics.funnel import funnel_flags
    from hotspot.statistics.rates import fit_gamma_poisson, rates

    counts, people, _ = _region(n)
    expected = rates(counts, people, years=1)["expected"]
    k = fit_gamma_poisson(counts, people)["k"]
    return (
        lambda: funnel_flags(counts, expected, k=k),
        lambda flags: {"outside": float((flags != 0).to_numpy().mean())},
    )


def standardised(n: int) -> Case:
    """Prepare expected counts from five age classes, and the limits of the ratios."""
    from hotspot.statistics.standardisation import expected_counts, standardised_ratios

    counts, people, _ = _region(n)
    random = np.random.default_rng(2)
    ages = [f"age {i}" for i in range(5)]
    shares = random.dirichlet([4, 8, 6, 3, 2], n)
    residents = pd.DataFrame(people.to_numpy()[:, None] * shares, counts.index, ages)
    by_age = pd.concat(dict.fromkeys(ages, counts), axis=1)

    def work() -> pd.DataFrame:
        return standardised_ratios(counts, expected_counts(by_age, residents))

    return work, lambda ratios: _tell(ratios["ratio"].to_numpy())


def severity(n: int) -> Case:
    """Prepare the weighted panel of so many records."""
    from hotspot.statistics.severity import weigh_offenses

    random = np.random.default_rng(3)
    codes = pd.Index([f"{i:06d}" for i in range(n)])
    months = pd.period_range("2025-01", periods=MONTHS, freq="M")
    kinds = np.array([f"kind {i}" for i in range(30)])
    where, when, what = (random.integers(0, of, 100 * n) for of in (n, MONTHS, len(kinds)))
    placed = pd.DataFrame(
        {
            "mahalla_code": pd.Series(codes[where], dtype="str"),
            "month": months[when],
            "kind": pd.Series(kinds[what], dtype="str"),
        }
    )
    weights = dict(zip(kinds, random.uniform(1, 5000, len(kinds)), strict=True))
    mahallas = pd.DataFrame(index=codes)
    options = {"start": months[0], "end": months[-1]}
    return (
        lambda: weigh_offenses(placed, mahallas, weights, **options).panel,
        lambda panel: _tell(panel.to_numpy()),
    )


def _region(n: int) -> tuple[pd.DataFrame, pd.Series, Graph]:
    """Return monthly counts of n mahallas in rows of 25, each with the eight around it."""
    random = np.random.default_rng(1)
    codes = pd.Index([f"{i:06d}" for i in range(n)], name="mahalla_code")
    people = pd.Series(np.round(np.exp(random.normal(8.2, 0.5, n))), codes)
    risk = random.gamma(0.297, 1 / 0.297, (n, 1))
    counts = random.poisson(0.345 * risk * np.ones(MONTHS))
    months = pd.period_range("2025-01", periods=MONTHS, freq="M", name="month")
    column = np.arange(n) % 25
    pairs = []
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        beside = (column + right >= 0) & (column + right < 25)
        here = np.arange(n)[beside]
        there = here + 25 * down + right
        pairs.append(np.column_stack([here, there])[there < n])
    ends = np.vstack(pairs)
    ends = np.vstack([ends, ends[:, ::-1]])
    ends = ends[np.lexsort(ends.T[::-1])]
    graph = Graph.from_arrays(codes[ends[:, 0]], codes[ends[:, 1]], np.ones(len(ends)))
    return pd.DataFrame(counts, codes, months), people, graph


def _tell(values: np.ndarray) -> dict[str, Any]:
    return {"sum": float(np.nansum(values)), "largest": float(np.nanmax(values))}
