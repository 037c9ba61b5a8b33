"""How far every mahalla is from another colour, all at once, its neighbourhood held as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import digamma, gammaincc

from hotspot.categories.classify import decide
from hotspot.categories.conditions import Quantile
from hotspot.categories.criteria import Criteria
from hotspot.evidence import weigh_windows
from hotspot.statistics.rates import PER, fit_gamma_poisson
from hotspot.uncertainty import FARTHEST, Window

Floats = NDArray[np.float64]
Measure = Callable[[Floats], Floats]

# as the evidence has them: the multiple, and the mahallas below which each has its own reference
TIMES, FEW = 2.0, 100
# of the range in which a dispersion is sought
HALVINGS = 45


def flip_distances(window: Window, *, farthest: int = FARTHEST) -> pd.DataFrame:
    """Find the fewest offenses more, and fewer, that would turn each mahalla by itself.

    Parameters
    ----------
    window : the counts and all that stands beside them.
    farthest : look no further than so many more or fewer.

    Returns
    -------
    DataFrame
        ``more, category_more, fewer, category_fewer`` by mahalla, as
        :func:`hotspot.uncertainty.flip_distance` has them for one; nan where none turns it.

    Notes
    -----
    Counts, ratios, rates and the probabilities of excess move with the mahalla's own count, and so
    do the means and the model they are compared with. Held as they are: Gi*, whose p-values hang on
    the whole map, and the dispersion behind ``rate_excess_probability``. Where the criteria ask for
    neither, the numbers are those of ``flip_distance``; else they can differ, as an offense more
    also lowers the p-value of its own neighbourhood. Criteria with a quantile, which moves
    with every count, and those that weigh offenses are not looked at.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from hotspot.categories.criteria import parse_criteria
    >>> criteria = parse_criteria({
    ...     "name": "three", "version": "1", "window_months": 12, "min_hit_rate": 0.85,
    ...     "green": {"all": ["count == 0"]}, "red": {"all": ["count >= 3"]},
    ... })
    >>> codes = pd.Index(["a", "b", "c"])
    >>> counts = pd.Series([0.0, 1.0, 5.0], codes)
    >>> evidence = pd.DataFrame({"count": counts, "observable": True})
    >>> graph = Graph.from_arrays(list("abbc"), list("bacb"), [1, 1, 1, 1])
    >>> flip_distances(Window(counts, evidence, counts + 100, graph, criteria, 1.0))
       more category_more  fewer category_fewer
    a   1.0        yellow    NaN            NaN
    b   2.0           red    1.0          green
    c   NaN           NaN    3.0         yellow
    """
    index = window.seen.index
    columns = ["more", "category_more", "fewer", "category_fewer"]
    if not _can_be_moved(window.criteria):
        return pd.DataFrame(index=index, columns=columns)
    count: Floats = window.evidence["count"].to_numpy(dtype=np.float64)
    held = _hold(window)
    measures = _measures(window)

    def colours(counts: Floats, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        moved = {name: measure(counts)[rows] for name, measure in measures.items()}
        evidence = held.iloc[rows].assign(count=counts[rows], **moved)
        return decide(evidence, window.criteria, window.previous).to_numpy(dtype=object)

    now = colours(count, np.arange(len(index)))
    found: dict[str, NDArray[Any]] = {}
    for way, sign in (("more", 1), ("fewer", -1)):
        steps = np.full(len(index), np.nan)
        to = np.full(len(index), None, dtype=object)
        for step in range(1, farthest + 1):
            # below zero there is nothing to decide
            left = np.flatnonzero(np.isnan(steps) & (count + sign * step >= 0))
            if not left.size:
                break
            moved: Floats = np.full(len(index), np.nan)
            moved[left] = count[left] + sign * step
            then = colours(moved, left)
            turned = left[then != now[left]]
            steps[turned], to[turned] = step, then[then != now[left]]
        found |= {way: steps, f"category_{way}": to}
    return pd.DataFrame(found, index=index)


def _can_be_moved(criteria: Criteria) -> bool:
    """Tell whether all that the criteria ask for follows the own count, or can be held."""
    rules = [rule for rule in (criteria.green, criteria.red, criteria.stay) if rule is not None]
    compared = (c for rule in rules for condition in rule.conditions for c in condition.comparisons)
    relative = any(isinstance(comparison.than, Quantile) for comparison in compared)
    return not relative and criteria.columns.isdisjoint({"severity", "severity_ratio"})


def _hold(window: Window) -> pd.DataFrame:
    """Return the evidence as it is."""
    weighed = weigh_windows(
        window.seen.to_frame(0),
        window.population,
        window.graph,
        years=window.years,
        base=window.base,
        measures=window.criteria.columns,
    )
    return window.evidence.assign(**{name: panel[0] for name, panel in weighed.items()})


def _measures(window: Window) -> dict[str, Measure]:
    """Return what the criteria ask for as functions of the mahallas' own counts."""
    people = window.population.reindex(window.seen.index).astype(float)
    alone = _Whole(window, pd.Series(1.0, people.index))
    by_people = _Whole(window, people.where(people > 0))
    known: dict[str, Measure] = {
        "count_ratio": alone.ratio,
        "rate_ratio": by_people.ratio,
        "rate": lambda count: count / by_people.size / window.years * PER,
        "expected": by_people.expected,
        "excess_probability": alone.excess,
        "rate_excess_probability": by_people.excess,
    }
    return {name: of for name, of in known.items() if name in window.criteria.columns}


class _Whole:
    """What each mahalla is compared with: the sums of its region, district or the whole.

    Each sum is taken as if the mahalla alone had another count; one that no record could have
    reached belongs to it as soon as it has an offense.
    """

    def __init__(self, window: Window, size: pd.Series) -> None:
        base = window.base
        groups = pd.Series("", size.index) if base is None else base.reindex(size.index).fillna("")
        seen = window.seen.where(size.notna())
        known = seen.notna()
        by = groups.to_numpy()
        self.size = size.to_numpy()
        # what the others in the group have together
        self.offenses = _others(seen.fillna(0.0), by)
        self.sizes = _others(size.where(known, 0.0), by)
        self.number = _others(known.astype(float), by)
        self.before = seen.to_numpy()
        self.groups = [np.flatnonzero(by == group) for group in pd.unique(by)]
        self.even = bool((size == 1).all())
        self.k = np.full(len(size), np.nan)
        if not self.even:
            for rows in self.groups:
                own = seen.iloc[rows]
                self.k[rows] = fit_gamma_poisson(own, size.iloc[rows])["k"].iloc[0]

    def expected(self, count: Floats) -> Floats:
        """Return the count that each would have, were it as all are."""
        found: Floats = (self.offenses + count) * (self.size / (self.sizes + self.size))
        return found

    def ratio(self, count: Floats) -> Floats:
        """Return each count to what would be expected."""
        expected = self.expected(count)
        found: Floats = np.full_like(count, np.nan)
        np.divide(count, expected, out=found, where=expected > 0)
        return found

    def excess(self, count: Floats) -> Floats:
        """Return how probably each exceeds twice the others, or the whole where it is large."""
        whole = (self.offenses + count) / (self.sizes + self.size)
        k = self._fit(count) if self.even else self.k
        with np.errstate(divide="ignore", invalid="ignore"):
            bar = TIMES * np.where(self.number + 1 < FEW, self.offenses / self.sizes, whole)
            found: Floats = gammaincc(k + count, (k / whole + self.size) * bar)
        found[np.isinf(k)] = 0.0
        return found

    def _fit(self, count: Floats) -> Floats:
        """Return the dispersion with each mahalla's other count: of the same change the same."""
        k = np.full(len(count), np.nan)
        for rows in self.groups:
            asked = rows[~np.isnan(count[rows])]
            changes = np.stack([self.before[asked], count[asked]], axis=1)
            apart, which = np.unique(changes, axis=0, return_inverse=True)
            k[asked] = _dispersions(self.before[rows], *apart.T)[which.ravel()]
        return k


def _dispersions(counts: Floats, before: Floats, after: Floats) -> Floats:
    """Return the k of :func:`fit_gamma_poisson` with one of the counts changed, by change.

    With equal exposures the likelihood hangs on how often each count occurs, and on the sum; a
    count that was missing, nan, is one more.
    """
    values, often = np.unique(counts[~np.isnan(counts)], return_counts=True)
    was = np.nan_to_num(before)
    n = often.sum() + np.isnan(before)
    total = values @ often - was + after
    squares = values**2 @ often - was**2 + after**2
    known = (n >= 3) & (total > 0)
    mean = np.divide(total, n, out=np.ones_like(total), where=known)
    k = np.where(known, np.inf, np.nan)
    solve = known & (squares - n * mean**2 - total > 0)
    low, high = np.full(solve.sum(), np.log(1e-9)), np.full(solve.sum(), np.log(1e9))
    n, mean, was, after = (of[solve] for of in (n, mean, was, after))
    for _turn in range(HALVINGS):
        middle = (low + high) / 2
        at = np.exp(middle)
        rising = often @ (digamma(values[:, None] + at) - digamma(at))
        rising += digamma(after + at) - digamma(was + at)
        above = rising > n * np.log1p(mean / at)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    k[solve] = np.exp((low + high) / 2)
    return k


def _others(values: pd.Series, by: NDArray[np.object_]) -> Floats:
    """Return the sums of the group but for the mahalla itself."""
    others: Floats = (values.groupby(by).transform("sum") - values).to_numpy(dtype=np.float64)
    return others
