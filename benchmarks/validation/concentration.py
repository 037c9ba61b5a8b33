"""Concentration beside its authors' examples, all pairs of mahallas, enumeration and loops."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.concentration import (
    concentration_envelope,
    fewest_mahallas,
    pareto_table,
)
from hotspot.statistics.location_quotient import location_quotients
from hotspot.statistics.lorenz import gini, lorenz_curve

# help page of the R package lorenzgini 0.1.2 by Steenbeek & Bernasco: counts, Gini, generalized
PUBLISHED = (
    ([10, 8, 2, 0, 0, 0, 0, 0, 0, 0], 0.78, 0.78),
    ([5, 2, 1, 0, 0, 0, 0, 0, 0, 0], 0.8, 0.75),
)


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Yield each method beside each oracle."""
    ours = [gini(pd.Series(counts)).loc[0, ["gini", "gini_adjusted"]] for counts, _, _ in PUBLISHED]
    difference = largest_difference(ours, [numbers for _, *numbers in PUBLISHED])
    yield Comparison(
        "gini, gini_adjusted", "published: lorenzgini's help page", "10 places", difference, 1e-12
    )
    counts = pd.Series(np.random.default_rng(1).negative_binomial(0.3, 0.3 / 1.3, 832))
    data = "832 simulated mahallas, mean 1"
    x = counts.to_numpy()
    pairs = np.abs(x[:, None] - x).mean() / (2 * x.mean())
    difference = largest_difference(gini(counts)["gini"], [pairs])
    yield Comparison("gini", "mean difference of all pairs", data, difference, 1e-12)
    few = pd.Series(np.random.default_rng(2).negative_binomial(0.3, 0.3 / 0.6, 832))
    curve = lorenz_curve(few)
    areas = {
        name: np.trapezoid(curve[name], curve["share_of_mahallas"])
        for name in ("share_of_offenses", "most_equal")
    }
    between = areas["share_of_offenses"] - areas["most_equal"]
    difference = largest_difference(
        gini(few)["gini_adjusted"], [between / (1 - areas["most_equal"])]
    )
    yield Comparison(
        "gini_adjusted", "areas under the curves", "the same, mean 0.3", difference, 1e-12
    )
    yield from _shares(counts, data)
    yield _envelope()
    yield from _quotients()


def sizes(maps: int) -> Iterator[Size]:
    """Yield how often chance leaves its envelope and a mixture like the others' is flagged."""
    random = np.random.default_rng(5)
    n = 100
    people = pd.Series(np.exp(random.normal(0, 0.5, n)))
    for total, by_population in ((30, False), (400, False), (400, True)):
        chance = people / people.sum() if by_population else np.full(n, 1 / n)
        outside = []
        for seed in range(maps):
            dealt = pd.Series(random.multinomial(total, chance))
            out = concentration_envelope(
                dealt, seed=seed, population=people if by_population else None, simulations=199
            )
            outside.append((out["observed"] < out["lower"]) | (out["observed"] > out["upper"]))
        spread = "by population" if by_population else "equal risks"
        for measure, share in pd.DataFrame(outside).mean().items():
            error = math.sqrt(share * (1 - share) / maps)
            setting = f"{total} offenses, {n} mahallas, {spread}"
            yield Size(f"envelope of {measure}", setting, maps, float(share), error)
    kinds = np.array([0.5, 0.25, 0.15, 0.07, 0.03])
    for mean in (2.0, 20.0, 200.0):
        shares = []
        for _ in range(maps):
            totals = random.negative_binomial(1, 1 / (1 + mean), n)
            flags = location_quotients(pd.DataFrame(random.multinomial(totals, kinds)))["lq_flag"]
            known = flags.to_numpy()[flags.notna().to_numpy()]
            shares.append((known != 0).mean())
        error = float(np.std(shares) / math.sqrt(maps))
        setting = f"{n} mahallas, mean count {mean:g}, 5 kinds"
        yield Size("lq_flag", setting, maps, float(np.mean(shares)), error)


def _shares(counts: pd.Series, data: str) -> Iterator[Comparison]:
    percents, tops = (25, 50, 80), (1, 5, 10, 20, 50, 100)
    fewest = []
    for percent in percents:
        left = sorted(counts.tolist())
        taken = held = 0
        while 100 * held < percent * sum(counts):
            held += left.pop()
            taken += 1
        fewest.append(taken / len(counts))
    difference = largest_difference(fewest_mahallas(counts).loc[0], fewest)
    yield Comparison("share of mahallas with 25/50/80 %", "a loop", data, difference, 1e-15)
    ordered = sorted(counts.tolist(), reverse=True)
    held = [sum(ordered[: -(-top * len(counts) // 100)]) / sum(counts) for top in tops]
    difference = largest_difference(pareto_table(counts)["share"], held)
    yield Comparison("80–20 table", "a loop", data, difference, 1e-12)


def _envelope() -> Comparison:
    """Compare p with the probability of every way to deal six offenses to four mahallas."""
    counts = pd.Series([4, 0, 2, 0])
    people = pd.Series([1.0, 2.0, 3.0, 4.0])
    out = concentration_envelope(counts, seed=1, population=people, simulations=99_999)
    ways: dict[tuple[int, ...], float] = {}
    for places in product(range(4), repeat=6):
        dealt = tuple(sorted(np.bincount(places, minlength=4).tolist(), reverse=True))
        ways[dealt] = ways.get(dealt, 0) + math.prod((people[list(places)] / people.sum()).tolist())
    exact = []
    for measure in out.index:
        values = {dealt: _measured(pd.Series(dealt), measure) for dealt in ways}
        # more concentrated is a larger gini and a smaller share of mahallas
        sign = 1 if measure == "gini" else -1
        bar = sign * out.loc[measure, "observed"] - 1e-9
        exact.append(sum(p for dealt, p in ways.items() if sign * values[dealt] >= bar))
    difference = largest_difference(out["p"], exact, relative=False)
    data = "6 offenses, 4 mahallas, 99,999 simulations"
    return Comparison("envelope's p", "every way to deal", data, difference, 6e-3, relative=False)


def _measured(counts: pd.Series, measure: str) -> float:
    if measure == "gini":
        return float(gini(counts).loc[0, "gini"])
    return float(fewest_mahallas(counts, (int(measure[-2:]) / 100,)).iloc[0, 0])


def _quotients() -> Iterator[Comparison]:
    random = np.random.default_rng(6)
    kinds = ["theft", "robbery", "fraud", "murder"]
    counts = pd.DataFrame(random.poisson([9.0, 3.0, 2.0, 0.1], (300, 4)), columns=kinds)
    out = location_quotients(counts)
    records = counts.stack().rename_axis(["mahalla", "kind"])
    records = records.index.repeat(records).to_frame(index=False)
    data = f"300 simulated mahallas, {len(kinds)} kinds"
    rows = pd.crosstab(records["mahalla"], records["kind"], normalize="index")
    theirs = (rows / records["kind"].value_counts(normalize=True)).reindex(counts.index)[kinds]
    difference = largest_difference(out["lq"], theirs)
    yield Comparison("location quotient", "pandas crosstab of the records", data, difference, 1e-12)
    own, whole = counts.sum(axis=1), counts.sum() / counts.to_numpy().sum()
    limits = [proportion_confint(counts[kind], own, 0.05, method="beta") for kind in counts.columns]
    for side, name in enumerate(("lq_lower", "lq_upper")):
        theirs = np.column_stack([np.asarray(of[side]) for of in limits]) / whole.to_numpy()
        difference = largest_difference(out[name], np.nan_to_num(theirs))
        yield Comparison(name, "statsmodels proportion_confint", data, difference, 1e-9)
