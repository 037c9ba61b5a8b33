"""How sure a category is: the counts drawn anew, and how far they are from another colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from hotspot.categories.classify import decide
from hotspot.categories.criteria import Criteria
from hotspot.evidence import weigh_windows
from hotspot.statistics.rates import fit_gamma_poisson

DRAWS = 200
SEED = 20_250_131
FARTHEST = 100
"""How many offenses more the search for another colour goes."""


@dataclass(frozen=True)
class Window:
    """One window's counts and all that stands beside them when they change.

    ``evidence`` has a row a mahalla with every column that the criteria name and ``observable``;
    what does not follow from the counts of the window stays as it is there. ``seen`` are the
    counts, nan where no record could have arrived.
    """

    seen: pd.Series
    evidence: pd.DataFrame
    population: pd.Series
    graph: Graph
    criteria: Criteria
    years: float
    base: pd.Series | None = None
    previous: pd.Series | None = None

    def decide(self, seen: pd.DataFrame) -> pd.DataFrame:
        """Return the categories of other counts, mahallas × variants."""
        weighed = weigh_windows(
            seen,
            self.population,
            self.graph,
            years=self.years,
            base=self.base,
            weights=self._weigh(),
            measures=self.criteria.columns,
        )
        # what is not seen has a count of zero all the same
        counts = seen.fillna(0.0)
        return pd.DataFrame(
            {
                variant: decide(
                    self.evidence.assign(
                        count=counts[variant],
                        **{name: panel[variant] for name, panel in weighed.items()},
                    ),
                    self.criteria,
                    self.previous,
                )
                for variant in seen.columns
            }
        )

    def _weigh(self) -> pd.Series | None:
        """Return what an offense weighs in each mahalla, where the criteria ask how grave it is."""
        named = sorted(self.criteria.columns & {"severity", "severity_ratio"})
        if not named:
            return None
        column = "severity" if "severity" in self.evidence else named[0]
        harm = self.evidence[column].astype(float).fillna(0.0)
        count = self.evidence["count"].astype(float)
        # where there is no offense one would weigh what they weigh on average
        mean = harm.sum() / max(count.sum(), 1.0)
        weights: pd.Series = (harm / count.where(count > 0)).fillna(mean)
        return weights


def red_probability(window: Window, *, draws: int = DRAWS, seed: int = SEED) -> pd.Series:
    """Return how often each mahalla would be red, were its window to happen again.

    Parameters
    ----------
    window : the counts and all that stands beside them.
    draws : how many times the counts are drawn.
    seed : of the draws.

    Returns
    -------
    Series
        ``red_probability`` by mahalla; nan where no record could have arrived.

    Notes
    -----
    Redrawn are the counts of all mahallas at once: first the expected count of each from its gamma
    posterior (shape k + count), then a Poisson count around it. Means, models, local sums and
    corrections follow each draw. Held are the populations, the neighbours, the categories of the
    month before, what an offense weighs in each mahalla on average, the offenses that override, and
    evidence that does not come from the counts of the window. The gamma is fitted to the counts, or
    to the rates where that is likelier and every mahalla has a population.

    References
    ----------
    Clayton & Kaldor (1987), doi:10.2307/2532003: the model. Gelman et al. (1996), Statistica
    Sinica 6, 733-807: replication from the posterior.
    """
    seen = window.seen.dropna().sort_index()
    if seen.empty:
        return window.seen.rename("red_probability")
    expected = _draw_expected(seen, window.population.reindex(seen.index), draws, seed)
    rng = np.random.default_rng([seed, 1])
    drawn = pd.DataFrame(rng.poisson(expected), index=seen.index).astype(float)
    red = window.decide(drawn.reindex(window.seen.index)) == "red"
    return red.mean(axis=1).where(window.seen.notna()).rename("red_probability")


def flip_distance(window: Window, code: str, *, farthest: int = FARTHEST) -> pd.Series:
    """Find the fewest offenses more, and fewer, in a mahalla that would turn its colour.

    Parameters
    ----------
    window : the counts and all that stands beside them.
    code : the mahalla.
    farthest : look no further than so many more or fewer.

    Returns
    -------
    Series
        ``more`` and ``fewer``, nan where none turns it; ``category_more`` and ``category_fewer``,
        what it turns to. Everything is computed anew for each number: the mean, the models and the
        neighbours' sums move with the mahalla. The months before stay as they were, and an offense
        weighs what the mahalla's own weigh on average.
    """
    count = int(window.evidence["count"].loc[code])
    now = _categories(window, code, [count])[count]
    found: dict[str, float | str | None] = {}
    for word, reach, sign in (("more", farthest, 1), ("fewer", min(count, farthest), -1)):
        found |= {word: np.nan, f"category_{word}": None}
        for first, last in _stages(reach):
            numbers = [count + sign * step for step in range(first, last + 1)]
            turned = {n: c for n, c in _categories(window, code, numbers).items() if c != now}
            if turned:
                nearest = min(turned, key=lambda n: abs(n - count))
                found |= {word: abs(nearest - count), f"category_{word}": turned[nearest]}
                break
    return pd.Series(found)


def _stages(reach: int) -> Iterator[tuple[int, int]]:
    """Yield ranges that grow: most mahallas are a few offenses from another colour."""
    first, last = 1, 8
    while first <= reach:
        yield first, min(last, reach)
        first, last = last + 1, 4 * last


def _categories(window: Window, code: str, numbers: list[int]) -> dict[int, str]:
    """Return the mahalla's category at each of these counts."""
    variants = pd.DataFrame(
        np.repeat(window.seen.to_numpy()[:, None], len(numbers), axis=1),
        index=window.seen.index,
        columns=numbers,
    )
    variants.loc[code] = np.array(numbers, dtype=float)
    colours = window.decide(variants)
    return {number: str(colours[number][code]) for number in numbers}


def _draw_expected(
    seen: pd.Series, population: pd.Series, draws: int, seed: int
) -> NDArray[np.float64]:
    """Draw the expected counts from their posterior, mahallas × draws."""
    count = seen.to_numpy(dtype=float)
    exposures = [np.ones(len(seen))]
    if (population > 0).all():
        exposures.append(population.to_numpy(dtype=float))
    fits = [fit_gamma_poisson(seen, pd.Series(e, seen.index)).iloc[0] for e in exposures]
    likelihoods = [_likelihood(count, f, e) for f, e in zip(fits, exposures, strict=True)]
    best = int(np.argmax(likelihoods))
    (k, mean), exposure = fits[best], exposures[best]
    if np.isnan(k) or np.isinf(k):
        level = count.mean() if np.isnan(mean) else mean
        return np.repeat((level * exposure)[:, None], draws, axis=1)
    rng = np.random.default_rng([seed, 0])
    shape, scale = k + count, exposure / (k / mean + exposure)
    drawn = rng.standard_gamma(shape[:, None], size=(len(seen), draws))
    return np.asarray(drawn * scale[:, None])


def _likelihood(count: NDArray[np.float64], fit: pd.Series, exposure: NDArray[np.float64]) -> float:
    k, mean = fit
    if np.isnan(k):
        return -np.inf
    expected = mean * exposure
    if np.isinf(k):
        return float(poisson.logpmf(count, expected).sum())
    return float(nbinom.logpmf(count, k, k / (k + expected)).sum())
