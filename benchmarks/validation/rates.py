"""Rates beside published tables, spdep, esda, statsmodels and sums of single terms.

The default of spdep's local empirical Bayes is left out on purpose: it measures each neighbour's
rate from that neighbour's own neighbourhood; ours, esda's and GeoDa's from that of the mahalla.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from esda.smoothing import (
    Empirical_Bayes,
    Spatial_Empirical_Bayes,
    indirect_age_standardization,
)
from libpysal.graph import Graph
from scipy import integrate, optimize, stats
from statsmodels.stats.rates import confint_poisson

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.empirical_bayes import fit_marshall, marshall_rates
from hotspot.statistics.funnel import funnel_flags, funnel_limits, funnel_p
from hotspot.statistics.rates import fit_gamma_poisson, gamma_poisson_rate_excess, rates
from hotspot.statistics.relative_risk import gamma_poisson_risk
from hotspot.statistics.severity import weigh_offenses
from hotspot.statistics.standardisation import expected_counts, standardised_ratios

SIDE = 20
MONTHS = pd.period_range("2025-01", periods=3, freq="M", name="month")


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Yield each method beside each oracle."""
    if shared is not None:
        yield from _published(shared)
    counts, people, graph = _region()
    yield from _empirical_bayes(counts, people, graph)
    yield from _gamma_poisson(counts, people)
    yield from _standardisation(people)
    yield from _funnels()
    yield _severity()


def sizes(maps: int) -> Iterator[Size]:
    """Yield how often limits leave out mahallas that are no different from the others."""
    random = np.random.default_rng(7)
    people = pd.Series(np.exp(random.normal(0, 0.6, 300)) * 4000)
    for mean in (0.3, 1.0, 4.0, 30.0):
        for k in (math.inf, 5.0, 0.3):
            shape = (len(people), maps)
            risk = np.ones(shape) if math.isinf(k) else random.gamma(k, 1 / k, shape)
            means = mean * people.to_numpy()[:, None] / people.mean()
            counts = pd.DataFrame(random.poisson(means * risk))
            expected = rates(counts, people, years=1)["expected"]
            k_fitted: float | pd.Series = math.inf
            setting = f"mean count {mean:g}, equal risks"
            if math.isfinite(k):
                k_fitted = fit_gamma_poisson(counts, people)["k"]
                setting = f"mean count {mean:g}, risks gamma with k = {k:g}, fitted"
            flags = funnel_flags(counts, expected, k=k_fitted)
            yield _size("funnel, 95 %", setting, flags.abs() >= 1, 0.05)
            if mean >= 4:
                yield _size("funnel, 99.8 %", setting, flags.abs() >= 2, 0.002)
            if math.isinf(k):
                outside = _not_around_one(standardised_ratios(counts, expected))
                yield _size("exact limits of a ratio", setting, outside, 0.05)
                if mean >= 1:
                    p = funnel_p(counts, expected)
                    # what the tails have in common is the probability of the count itself
                    mid = (p["funnel_p"] - p["funnel_p_lower"] + 1) / 2
                    yield _size("mid-p of funnel_p", setting, mid <= 0.05, 0.05, "close")


def _not_around_one(ratios: pd.DataFrame) -> pd.DataFrame:
    return (ratios["ratio_lower"] > 1) | (ratios["ratio_upper"] < 1)


def _size(
    test: str,
    setting: str,
    outside: pd.DataFrame,
    level: float,
    kind: Literal["at_most", "close"] = "at_most",
) -> Size:
    """Return the share of mahallas, which are alike within a map, and its error over the maps."""
    shares = outside.mean()
    error = float(shares.std() / math.sqrt(len(shares)))
    return Size(test, setting, len(shares), float(shares.mean()), error, level, kind)


def _published(shared: Path) -> Iterator[Comparison]:
    reference = pd.read_csv(shared / "classic_validation" / "nc_sids_spdep_reference.csv")
    deaths, births = reference["SID74"], reference["BIR74"]
    sids = "sudden infant deaths in North Carolina 1974-78"
    fitted = fit_marshall(deaths, births).loc[0]
    published = (("variance", 7.692931e-07), ("mean", 0.002021445))
    for name, number in published:
        difference = largest_difference([fitted[name]], [number])
        # as many digits as are printed
        yield Comparison(f"Marshall's {name}", f"published: {number}", sids, difference, 2e-7)
    out = marshall_rates(deaths, births, years=1)["eb_rate"]
    difference = largest_difference(out, reference["EB_est"] * 1e5)
    yield Comparison("empirical Bayes, global", "spdep EBest", sids, difference, 1e-12)
    edges = pd.read_csv(shared / "classic_validation" / "nc_sids_ncCR85_edges.csv")
    graph = Graph.from_arrays(edges["from"], edges["to"], np.ones(len(edges)))
    weights = graph.to_W()
    by_county = reference.set_index("FIPSNO").loc[weights.id_order, ["SID74", "BIR74"]]
    x, n = by_county.to_numpy(float).T
    local = marshall_rates(by_county["SID74"], by_county["BIR74"], years=1, graph=graph)["eb_rate"]
    # esda divides 0 by 0 where a whole neighbourhood has no death; the rate there is 0
    with np.errstate(invalid="ignore"):
        theirs = np.nan_to_num(Spatial_Empirical_Bayes(x, n, weights).r.ravel())
    difference = largest_difference(local, 1e5 * theirs)
    yield Comparison(
        "empirical Bayes, local", "esda Spatial_Empirical_Bayes", sids, difference, 1e-11
    )
    out = rates(deaths, births, years=1)
    difference = largest_difference(out["rate_ratio"], reference["probmap_relRisk"] / 100)
    yield Comparison("rate_ratio", "spdep probmap", sids, difference, 1e-12)
    # spdep gives P(X ≤ x); with the term at x that is both tails
    below = reference["probmap_pmap"]
    above = 1 - below + stats.poisson.pmf(deaths, out["expected"])
    flags = sum((above <= tail).astype(int) - (below <= tail) for tail in (0.025, 0.001))
    difference = largest_difference(funnel_flags(deaths, out["expected"]), flags, relative=False)
    yield Comparison("funnel flags", "spdep probmap", sids, difference, 0, relative=False)

    city = gpd.read_file(shared / "toronto_mci" / "neighbourhood-crime-rates.geojson")
    kinds = ("Assault", "AutoTheft", "BreakAndEnter", "Robbery", "TheftOver")
    ours = [
        rates(city[f"{kind}_2020"], city["F2020_Population_Projection"], years=1) for kind in kinds
    ]
    difference = max(
        largest_difference(out["rate"], city[f"{kind}_Rate2020"])
        for kind, out in zip(kinds, ours, strict=True)
    )
    # seven digits are printed
    yield Comparison("rate", "published by the city", "Toronto 2020, five kinds", difference, 1e-6)


def _empirical_bayes(counts: pd.DataFrame, people: pd.Series, graph: Graph) -> Iterator[Comparison]:
    data = f"{len(people)} simulated mahallas, {len(MONTHS)} months"
    weights = graph.to_W()
    order = weights.id_order
    whole = marshall_rates(counts, people, years=1)["eb_rate"].loc[order]
    local = marshall_rates(counts, people, years=1, graph=graph)["eb_rate"].loc[order]
    x, n = counts.loc[order], people.loc[order].to_numpy()
    theirs = [Empirical_Bayes(x[month].to_numpy(), n).r.ravel() for month in MONTHS]
    difference = largest_difference(whole, 1e5 * np.column_stack(theirs))
    yield Comparison("empirical Bayes, global", "esda Empirical_Bayes", data, difference, 1e-11)
    # here too some neighbourhoods have no offense
    with np.errstate(invalid="ignore"):
        theirs = [Spatial_Empirical_Bayes(x[m].to_numpy(), n, weights).r.ravel() for m in MONTHS]
    difference = largest_difference(local, 1e5 * np.nan_to_num(np.column_stack(theirs)))
    yield Comparison(
        "empirical Bayes, local", "esda Spatial_Empirical_Bayes", data, difference, 1e-10
    )


def _gamma_poisson(counts: pd.DataFrame, people: pd.Series) -> Iterator[Comparison]:
    data = f"{len(people)} simulated mahallas"
    fitted = fit_gamma_poisson(counts, people)
    best = []
    for month in MONTHS:
        x, mean = counts[month].to_numpy(), (fitted.loc[month, "mean"] * people).to_numpy()

        def loss(log_k: float, x: np.ndarray = x, mean: np.ndarray = mean) -> float:
            k = math.exp(log_k)
            return -float(stats.nbinom.logpmf(x, k, k / (k + mean)).sum())

        found = optimize.minimize_scalar(
            loss, bounds=(-8, 8), method="bounded", options={"xatol": 1e-10}
        )
        best.append(math.exp(found.x))
    difference = largest_difference(fitted["k"], best)
    yield Comparison(
        "gamma–Poisson k", "scipy: negative binomial, minimised", data, difference, 1e-6
    )
    month = MONTHS[0]
    k, mean = fitted.loc[month]
    few = counts[month].iloc[:20]
    risk = gamma_poisson_risk(few, fitted.loc[[month]].reset_index(drop=True), people, level=0.9)
    excess = gamma_poisson_rate_excess(counts[month], people)["rate_excess_probability"]
    ours, theirs = [], []
    for code, x in few.items():
        expected = mean * people[code]

        def weight(of: float, x: float = x, expected: float = expected) -> float:
            # up to factors without the risk
            return math.exp((x + k - 1) * math.log(of) - (expected + k) * of)

        def below(bar: float) -> float:
            # the top of the likelihood lies within; a spike at 0 is no obstacle in its root
            return integrate.quad(
                lambda u: weight(u**4) * 4 * u**3,
                0,
                bar**0.25,
                limit=200,
                epsabs=1e-14,
            )[0]

        whole = below(200.0)
        row = risk.loc[code]
        ours += [
            below(row["relative_risk_lower"]) / whole,
            below(row["relative_risk_upper"]) / whole,
        ]
        theirs += [0.05, 0.95]
        ours.append(1 - below(2.0) / whole)
        theirs.append(excess[code])
    difference = largest_difference(ours, theirs, relative=False)
    yield Comparison(
        "relative risk's limits, rate_excess_probability",
        "integral of likelihood × prior",
        "20 of them",
        difference,
        1e-9,
        relative=False,
    )


def _standardisation(people: pd.Series) -> Iterator[Comparison]:
    random = np.random.default_rng(3)
    n = len(people)
    shares = random.dirichlet([4, 8, 2], n)
    strata = ["child", "adult", "old"]
    residents = pd.DataFrame(
        np.round(people.to_numpy()[:, None] * shares) + 1, people.index, strata
    )
    counts = pd.DataFrame(random.poisson(residents * [0.001, 0.02, 0.004]), people.index, strata)
    ratio = standardised_ratios(counts.sum(axis=1), expected_counts(counts, residents))["ratio"]
    whole = [np.tile(frame.sum().to_numpy(float), n) for frame in (counts, residents)]
    theirs = indirect_age_standardization(
        counts.to_numpy(float).ravel(), residents.to_numpy(float).ravel(), *whole, n
    )
    overall = counts.to_numpy().sum() / residents.to_numpy().sum()
    difference = largest_difference(ratio, np.array([row[0] for row in theirs]) / overall)
    yield Comparison(
        "expected_counts by stratum",
        "esda indirect_age_standardization",
        f"{n} simulated mahallas, 3 age classes",
        difference,
        1e-12,
    )
    x = pd.Series([*range(1, 60), 100, 1000, 30_000])
    out = standardised_ratios(x, pd.Series(1.0, x.index), level=0.95)
    theirs = np.array(confint_poisson(x.to_numpy(), 1, method="exact-c", alpha=0.05)).T
    difference = largest_difference(out[["ratio_lower", "ratio_upper"]], theirs)
    yield Comparison(
        "exact limits of a ratio",
        "statsmodels confint_poisson",
        "counts 1-30,000",
        difference,
        1e-12,
    )


def _funnels() -> Iterator[Comparison]:
    means = np.concatenate([np.geomspace(0.02, 60, 120), [150.0, 400.0]])
    for k, law in ((math.inf, "Poisson"), (1.7, "negative binomial, k = 1.7")):
        expected, x, flags, limits = [], [], [], []
        for mean in means:
            terms = _terms(float(mean), k)
            held = np.cumsum(terms)
            left = np.append(1.0, 1 - held[:-1])
            for j in range(0, min(len(terms) - 1, 900), max(int(mean) // 8, 1)):
                expected.append(mean)
                x.append(j)
                flags.append(
                    sum(int(left[j] <= tail) - int(held[j] <= tail) for tail in (0.025, 0.001))
                )
            row = []
            for share in (0.025, 0.975, 0.001, 0.999):
                r = int(np.argmax(held >= share))
                row.append(max(r - (held[r] - share) / terms[r], 0) / mean)
            limits.append(row)
        ours = funnel_flags(pd.Series(x), pd.Series(expected), k=k)
        data = f"{law}, 0.02-400 expected"
        difference = largest_difference(ours, flags, relative=False)
        yield Comparison(
            "funnel flags", "terms summed one by one", data, difference, 0, relative=False
        )
        curve = funnel_limits(pd.Series(means), k=k, smooth=True)
        difference = largest_difference(curve, np.array(limits), relative=False)
        yield Comparison(
            "smooth funnel limits",
            "terms summed one by one",
            data,
            difference,
            1e-9,
            relative=False,
        )


def _terms(mean: float, k: float) -> list[float]:
    """Return the probabilities of 0, 1, 2 … until nothing is left to speak of."""
    terms = [math.exp(-mean) if math.isinf(k) else (k / (k + mean)) ** k]
    while len(terms) < 5 or terms[-1] > 1e-18 or len(terms) < mean:
        j = len(terms)
        step = mean / j if math.isinf(k) else (k + j - 1) / j * mean / (k + mean)
        terms.append(terms[-1] * step)
    return terms


def _severity() -> Comparison:
    random = np.random.default_rng(4)
    codes = np.array([f"{i:03d}" for i in range(50)])
    kinds = np.array(["theft", "robbery", "murder", "noise"])
    weights = {"theft": 0.7, "robbery": 365.0, "murder": 5475.3}
    months = pd.period_range("2025-01", periods=3, freq="M")
    where, when, what = (random.integers(0, n, 5000) for n in (50, 3, 4))
    placed = pd.DataFrame(
        {"mahalla_code": codes[where], "month": months[when], "kind": kinds[what]}
    )
    mahallas = pd.DataFrame(index=codes)
    out = weigh_offenses(placed, mahallas, weights, start=months[0], end=months[-1], default=0.0)
    sums = np.zeros((50, 3))
    for i, j, kind in zip(where, when, kinds[what], strict=True):
        sums[i, j] += weights.get(kind, 0.0)
    difference = largest_difference(out.panel, sums)
    data = "5,000 simulated records, 4 kinds"
    return Comparison("severity", "the records added one by one", data, difference, 1e-12)


def _region() -> tuple[pd.DataFrame, pd.Series, Graph]:
    """Return a square of mahallas, neighbours by side, whose risks differ as much as real ones."""
    random = np.random.default_rng(2)
    n = SIDE * SIDE
    codes = pd.Index([f"{i:04d}" for i in range(n)], name="mahalla_code")
    people = pd.Series(np.round(np.exp(random.normal(8.2, 0.5, n))), codes)
    shape = np.array([0.3, 1.0, 4.0])
    risk = random.gamma(shape, 1 / shape, (n, 3))
    counts = pd.DataFrame(random.poisson(0.001 * people.to_numpy()[:, None] * risk), codes, MONTHS)
    places = np.arange(n).reshape(SIDE, SIDE)
    east = np.column_stack([places[:, :-1].ravel(), places[:, 1:].ravel()])
    south = np.column_stack([places[:-1].ravel(), places[1:].ravel()])
    pairs = np.vstack([east, south, east[:, ::-1], south[:, ::-1]])
    graph = Graph.from_arrays(codes[pairs[:, 0]], codes[pairs[:, 1]], np.ones(len(pairs)))
    return counts, people, graph
