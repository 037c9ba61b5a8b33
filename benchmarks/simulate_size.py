"""How often the local tests call pure chance a hot spot, over simulated maps.

    python benchmarks/simulate_size.py [--maps 2000] [--seed 1]

Prints the share of mahallas with p ≤ .05 and the share of maps with any q ≤ .05, each with its
upper 95 % confidence limit. All should be at most 5 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import ndimage, stats

from hotspot.statistics.getis_ord import gi_star
from hotspot.statistics.getis_ord_population import gi_star_population
from hotspot.statistics.multiple_testing import benjamini_hochberg

LEVEL = 0.05
EQUAL_MEANS = (0.05, 0.1, 0.5, 1.0, 5.0)
# rows and columns
UNEQUAL_MAPS = ((26, 32), (10, 14))
UNEQUAL_MEANS = (0.3, 4.0, 50.0)
SHAPES = (0.3, 1.0, 5.0, np.inf)


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
    rng = np.random.default_rng(seed)
    population = clustered_population(*shape, rng)
    relative = (population / population.mean()).to_numpy()[:, None]
    risk = np.ones((len(population), maps))
    if np.isfinite(k):
        k_each = k * relative if proportional else np.full_like(relative, k)
        risk = rng.gamma(k_each, 1 / k_each, risk.shape)
    counts = pd.DataFrame(rng.poisson(mean * relative * risk))
    return measured(gi_star_population(counts, population, grid(*shape))["gi_pop_p"])


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


if __name__ == "__main__":
    main()
