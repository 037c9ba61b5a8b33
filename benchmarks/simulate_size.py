"""How often the local tests call pure chance a hot spot, over simulated maps.

    python -m benchmarks.simulate_size [--maps 2000] [--seed 1]

Prints the share of mahallas with p ≤ .05 and the share of maps with any q ≤ .05, each with its
upper 95 % confidence limit, which should be at most 5 %; then the share of mahallas that the
default criteria call red where everyone runs the same expected risk, which should be at most 1 %
as long as hardly a mahalla's own risk exceeds twice the mean.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import ndimage, stats

from hotspot.categories.classify import decide
from hotspot.categories.criteria import bundled_text, parse_criteria
from hotspot.evidence import gather_evidence
from hotspot.statistics.getis_ord import gi_star
from hotspot.statistics.getis_ord_population import gi_star_population
from hotspot.statistics.multiple_testing import benjamini_hochberg

LEVEL = 0.05
EQUAL_MEANS = (0.05, 0.1, 0.5, 1.0, 5.0)
# rows and columns
UNEQUAL_MAPS = ((26, 32), (10, 14))
UNEQUAL_MEANS = (0.3, 4.0, 50.0)
SHAPES = (0.3, 1.0, 5.0, np.inf)
RED_MEANS = (4.135, 30.0)
RED_SHAPES = (np.inf, 20.0, 10.0, 5.0, 1.0, 0.297)


class Size(NamedTuple):
    """Shares called significant, each with its upper 95 % confidence limit."""

    areas: float
    areas_limit: float
    maps: float
    maps_limit: float


def grid(rows: int, columns: int) -> Graph:
    """Return the queen contiguity of a rectangle of mahallas, numbered row by row."""
    number = np.arange(rows * columns).reshape(rows, columns)
    pairs = [
        (number[: rows - 1], number[1:]),
        (number[:, : columns - 1], number[:, 1:]),
        (number[: rows - 1, : columns - 1], number[1:, 1:]),
        (number[: rows - 1, 1:], number[1:, : columns - 1]),
    ]
    first = np.concatenate([one.ravel() for one, _ in pairs])
    second = np.concatenate([other.ravel() for _, other in pairs])
    both = np.concatenate([first, second]), np.concatenate([second, first])
    return Graph.from_arrays(*both, np.ones(2 * len(first)))


def clustered_population(rows: int, columns: int, rng: np.random.Generator) -> pd.Series:
    """Return populations from 3,000 to 9,000, large ones beside large ones."""
    field = ndimage.gaussian_filter(rng.normal(size=(rows, columns)), 2).ravel()
    return pd.Series(3000 + 6000 * (field - field.min()) / np.ptp(field))


def measured(p: pd.DataFrame) -> Size:
    """Return the size of a test from its p-values, mahallas × maps without any effect."""
    share = (p <= LEVEL).mean()
    maps = p.shape[1]
    false_alarms = int((benjamini_hochberg(p) <= LEVEL).any().sum())
    return Size(
        share.mean(),
        # mahallas of one map are not independent, maps are
        share.mean() + stats.norm.ppf(0.95) * share.std() / np.sqrt(maps),
        false_alarms / maps,
        stats.beta.ppf(0.95, false_alarms + 1, maps - false_alarms) if false_alarms < maps else 1,
    )


def size_of_counts(mean: float, maps: int, seed: int) -> Size:
    """Return the size of gi_p where every mahalla has the same Poisson mean."""
    rng = np.random.default_rng(seed)
    counts = pd.DataFrame(rng.poisson(mean, (400, maps)))
    return measured(gi_star(counts, grid(20, 20))["gi_p"])


def size_of_population(
    shape: tuple[int, int], mean: float, k: float, proportional: bool, maps: int, seed: int
) -> Size:
    """Return the size of gi_pop_p where every person has the same expected risk.

    Risks of mahallas are gamma with mean 1 and shape k, or k times the relative population
    where `proportional`; the counts are then negative binomial, Poisson for an infinite k.
    """
    counts, population = unequal_counts(shape, mean, k, proportional, maps, seed)
    return measured(gi_star_population(counts, population, grid(*shape))["gi_pop_p"])


def unequal_counts(
    shape: tuple[int, int], mean: float, k: float, proportional: bool, maps: int, seed: int
) -> tuple[pd.DataFrame, pd.Series]:
    """Return mahallas × maps of counts, and the populations."""
    rng = np.random.default_rng(seed)
    population = clustered_population(*shape, rng)
    relative = (population / population.mean()).to_numpy()[:, None]
    risk = np.ones((len(population), maps))
    if np.isfinite(k):
        k_each = k * relative if proportional else np.full_like(relative, k)
        risk = rng.gamma(k_each, 1 / k_each, risk.shape)
    return pd.DataFrame(rng.poisson(mean * relative * risk)), population


class Red(NamedTuple):
    """Share of mahallas called red, its upper 95 % limit, and the share that earns it."""

    share: float
    limit: float
    above_twice: float


def red_share(mean: float, k: float, maps: int, seed: int) -> Red:
    """Return how many of 832 mahallas of equal expected rates the default criteria call red.

    Each map is one window of its own, so that nothing stays red from the month before. The share
    that earns it are the mahallas whose own gamma-distributed expected count exceeds twice the
    mean mahalla's.
    """
    shape = UNEQUAL_MAPS[0]
    counts, population = unequal_counts(shape, mean, k, False, maps, seed)
    counts.columns = pd.period_range("2000-01", periods=maps, freq="M")
    criteria = parse_criteria(tomllib.loads(bundled_text("analytical-12m")))
    everywhere = pd.DataFrame(True, index=counts.index, columns=counts.columns)
    evidence = gather_evidence(
        counts,
        population,
        grid(*shape),
        window_months=1,
        reachable=everywhere,
        measures=criteria.columns,
    )
    red = [
        (decide(evidence.xs(m, axis=1, level=1).assign(observable=True), criteria) == "red").mean()
        for m in counts.columns
    ]
    relative = population / population.mean()
    above = stats.gamma.sf(2 / relative, k, scale=1 / k) if np.isfinite(k) else relative > 2
    limit = np.mean(red) + stats.norm.ppf(0.95) * np.std(red) / np.sqrt(maps)
    return Red(float(np.mean(red)), float(limit), float(np.mean(above)))


def study(maps: int, seed: int) -> Iterator[tuple[str, Size]]:
    """Yield each setting in words with the size found."""
    for mean in EQUAL_MEANS:
        yield f"gi      400 mahallas, mean {mean:g}", size_of_counts(mean, maps, seed)
    for shape in UNEQUAL_MAPS:
        for mean in UNEQUAL_MEANS:
            for k in SHAPES:
                for proportional in (False, True) if np.isfinite(k) else (False,):
                    risks = "proportional" if proportional else "independent"
                    yield (
                        f"gi_pop {np.prod(shape):>4} mahallas, mean {mean:g}, k {k:g} {risks}",
                        size_of_population(shape, mean, k, proportional, maps, seed),
                    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"{'%, upper 95 % limit in brackets':<50} p <= .05       any q <= .05")
    for setting, size in study(asked.maps, asked.seed):
        areas, areas_limit, maps, maps_limit = (100 * share for share in size)
        print(
            f"{setting:<50} {areas:5.2f} ({areas_limit:5.2f})  {maps:5.2f} ({maps_limit:5.2f})",
            flush=True,
        )
    print(f"{'red under analytical-12m, 832 mahallas':<50} red            own risk above twice")
    for mean in RED_MEANS:
        for k in RED_SHAPES:
            share, limit, above = (100 * x for x in red_share(mean, k, asked.maps, asked.seed))
            print(
                f"mean {mean:g}, k {k:g}{'':<38}"[:50], f"{share:5.2f} ({limit:5.2f})  {above:5.2f}"
            )


if __name__ == "__main__":
    main()
