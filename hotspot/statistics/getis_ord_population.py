"""The local sum given the total and the populations: the test that finds crime, not people."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse, special

from hotspot.errors import InputError

Floats = NDArray[np.float64]

# what a tail may leave out, as a share of it
NEGLIGIBLE = 1e-12
# a sum beyond this is not followed further: p is 0 to 300 decimals
LARGEST = 1e300
STRIDE = 32
# a variance less than a thousandth above the binomial one counts as binomial
LEAST_EXCESS = 1e-3


def gi_star_population(
    counts: pd.Series | pd.DataFrame, population: pd.Series, graph: Graph
) -> pd.DataFrame:
    """Return the exact p-value of each mahalla's neighbourhood, given its population.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one month or window, or a panel with a column a month. NaN: no data.
    population : Series, index mahalla_code
        Residents. NaN or 0: not known.
    graph : libpysal.graph.Graph
        Neighbours among the mahallas of the index. Every link counts as one, whatever its
        weight; a mahalla always belongs to its own neighbourhood, whether linked or not.

    Returns
    -------
    DataFrame
        On the same index: `gi_pop_p`, the probability that a neighbourhood of this population
        holds as many offenses or more. For a panel the columns are (measure, month). NaN
        where there is nothing to judge: no count, no population, absent from the graph, no
        neighbour that has both, or a month without offenses.

    Raises
    ------
    InputError
        If a count or a population is negative, a count is not whole, a code repeats, or the
        graph knows a mahalla that the counts do not.

    Notes
    -----
    The null: everyone runs the same risk, up to differences between mahallas that have
    nothing to do with where they lie. Given the C offenses of all mahallas that can be judged,
    those of a mahalla and its neighbours follow the beta-binomial law (C, α_N, α − α_N), where
    α_i = a pop_i / mean(pop), α_N is its sum over the neighbourhood and α over all, and a is
    found by `fit_concentration`. The tail is a sum of positive terms, exact for that law.

    References
    ----------
    Johnson, Kotz & Balakrishnan (1997), Discrete Multivariate Distributions, chapter 35.2, for
    the Dirichlet-multinomial law and the sums of its members.

    Examples
    --------
    Six mahallas around a lake. A quarter of the people live in a, b and c; they have 15 of 24
    offenses.

    >>> codes = list("abcdef")
    >>> graph = Graph.from_arrays(list("abbccddeeffa"), list("bacbdcedfeaf"), [1] * 12)
    >>> population = pd.Series([100, 100, 100, 300, 300, 300], index=codes)
    >>> counts = pd.Series([6, 5, 4, 4, 3, 2], index=codes)
    >>> gi_star_population(counts, population, graph)["gi_pop_p"].round(4).tolist()
    [0.3174, 0.0518, 0.3174, 0.7407, 0.9641, 0.7407]
    """
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    people, links = _aligned(panel, population, graph)
    concentration = _concentration(people)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (links @ people.residents + people.residents) / people.residents.sum(axis=0)
        clumping = 1 / (concentration * people.known.sum(axis=0))
    sums = links @ people.offenses + people.offenses
    total = people.offenses.sum(axis=0)
    judged = people.known & (links @ people.known.astype(np.float64) > 0) & (total > 0)
    p = np.full(panel.shape, np.nan)
    p[judged] = _upper_tail(
        sums[judged],
        np.broadcast_to(total, p.shape)[judged],
        np.minimum(share[judged], 1.0),
        np.broadcast_to(clumping, p.shape)[judged],
    )
    frame = pd.DataFrame(p, index=panel.index, columns=panel.columns)
    if isinstance(counts, pd.Series):
        return frame.set_axis(["gi_pop_p"], axis=1)
    return pd.concat({"gi_pop_p": frame}, axis=1, names=["measure"])


def fit_concentration(
    counts: pd.Series | pd.DataFrame, population: pd.Series, graph: Graph
) -> pd.Series:
    """Return how evenly risk is spread over people, a for each month.

    Parameters
    ----------
    counts, population, graph
        As in `gi_star_population`.

    Returns
    -------
    Series
        a by month (one value for a Series): the smaller, the more mahallas of the same
        population differ. The variance of a count with mean e is about e (1 + m / a), with m
        the mean count. Infinite where counts differ no more than by chance, NaN in a month
        without offenses.

    Raises
    ------
    InputError
        As in `gi_star_population`.

    Notes
    -----
    a maximises the likelihood of the counts one by one, each beta-binomial (C, α_i, α − α_i),
    weighted by the square of the population. The weights make a hold where most people live,
    as the variance of a neighbourhood's sum does, whether risks differ in the same way in large
    and small mahallas or less in large ones; and a park or a business quarter with a handful
    of residents and many offenses has no say. It is then lowered by one standard error,
    log a by √(2 / n) for n equally weighted mahallas, so that a map which happens to look
    even does not show clusters for it.

    References
    ----------
    Varin, Reid & Firth (2011), "An overview of composite likelihood methods", Statistica
    Sinica 21, 5–42.
    """
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    people, _ = _aligned(panel, population, graph)
    return pd.Series(_concentration(people), index=panel.columns, name="concentration")


class _People(NamedTuple):
    """Offenses and residents, mahallas × months, 0 where not known."""

    known: NDArray[np.bool_]
    offenses: Floats
    residents: Floats


def _aligned(
    panel: pd.DataFrame, population: pd.Series, graph: Graph
) -> tuple[_People, sparse.csr_array]:
    """Return what is known in the graph, and the links without self, in panel order."""
    for index, of in ((panel.index, "counts"), (population.index, "population")):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise InputError(f"mahalla '{twice}' has two rows of {of}: give each mahalla one row")
    codes = pd.Index(graph.unique_ids)
    places = panel.index.get_indexer(codes)
    if (places < 0).any():
        raise InputError(
            f"mahalla '{codes[places < 0][0]}' of the graph has no counts: "
            "count over the same mahallas that the graph was built from"
        )
    offenses = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    given = offenses[~np.isnan(offenses)]
    wrong = given[(given < 0) | (given != np.round(given)) | np.isinf(given)]
    if wrong.size:
        raise InputError(f"a count is {wrong[0]:g}: Gi* on counts needs whole numbers from 0 up")
    residents = population.reindex(panel.index).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = residents[(residents < 0) | np.isinf(residents)]
    if wrong.size:
        raise InputError(f"a population is {wrong[0]:g}: leave it empty where it is not known")
    inside = np.zeros(len(panel), dtype=bool)
    inside[places] = True
    known = ~np.isnan(offenses) & (inside & (residents > 0))[:, None]
    people = _People(
        known, np.where(known, offenses, 0.0), np.where(known, residents[:, None], 0.0)
    )
    pairs = sparse.coo_array(graph.sparse)
    focal, neighbour = (places[along] for along in pairs.coords)
    # isolated mahallas are stored with a link of weight 0 to themselves
    linked = (pairs.data != 0) & (focal != neighbour)
    ones = np.ones(linked.sum())
    shape = (len(panel), len(panel))
    return people, sparse.csr_array((ones, (focal[linked], neighbour[linked])), shape=shape)


def _concentration(people: _People) -> Floats:
    """Return a for each month."""
    found = people.offenses.sum(axis=0) > 0
    fitted = np.full(len(found), np.nan)
    known, offenses, residents = (
        people.known[:, found],
        people.offenses[:, found],
        people.residents[:, found],
    )
    n, total = known.sum(axis=0), offenses.sum(axis=0)
    size = residents * (n / residents.sum(axis=0))
    weight = size**2
    # unknown mahallas have no weight; any size serves to keep their terms finite
    size = np.where(known, size, 1.0)

    def slope(a: Floats) -> Floats:
        """Return the derivative of the weighted log-likelihood in a."""
        own = special.digamma(offenses + a * size) - special.digamma(a * size)
        rest = (n - size) * a
        others = special.digamma(total - offenses + rest) - special.digamma(rest)
        every = special.digamma(total + a * n) - special.digamma(a * n)
        return np.asarray((weight * (size * own + (n - size) * others - n * every)).sum(axis=0))

    mean = total / n
    low, high = np.log(mean * 1e-6), np.log(mean / LEAST_EXCESS)
    even = slope(np.exp(high)) >= 0
    for _ in range(40):
        middle = (low + high) / 2
        rising = slope(np.exp(middle)) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    error = np.sqrt(2 * (weight**2).sum(axis=0)) / weight.sum(axis=0)
    fitted[found] = np.where(even, np.inf, np.exp(low - error))
    return fitted


def _upper_tail(sums: Floats, total: Floats, share: Floats, clumping: Floats) -> Floats:
    """Return P(S ≥ s) for S beta-binomial with mean total · share.

    `clumping` is 1 / α; 0 gives the binomial law. Terms are taken relative to that of s
    itself, upwards and downwards, so that no normalising constant is needed.
    """
    above = _walk(sums, total, share, clumping)
    # the offenses elsewhere follow the same law with the other share
    below = _walk(total - sums, total, 1 - share, clumping)
    return (1 + above) / (1 + above + below)


def _walk(start: Floats, total: Floats, share: Floats, clumping: Floats) -> Floats:
    """Return Σ P(S = s) / P(S = start) over all s above the start."""
    walked = np.zeros_like(start)
    live = np.flatnonzero(start < total)
    last = np.ones(len(live))
    s, n, p, c = (of[live, None] for of in (start, total, share, clumping))
    while live.size:
        at = s + np.arange(STRIDE)
        rest = np.maximum(n - at, 0)
        ratio = rest * (p + at * c) / ((at + 1) * (1 - p + np.maximum(rest - 1, 0) * c))
        with np.errstate(over="ignore", invalid="ignore"):
            terms = last[:, None] * np.cumprod(ratio, axis=1)
            walked[live] += terms.sum(axis=1)
            # once terms fall they go on falling, so that the rest is at most this
            beyond = terms[:, -1] * rest[:, -1]
            on = (beyond > NEGLIGIBLE * (1 + walked[live])) & (walked[live] < LARGEST)
        live, last = live[on], terms[on, -1]
        s, n, p, c = (of[on] for of in (s + STRIDE, n, p, c))
    return np.where(walked < LARGEST, walked, LARGEST)
