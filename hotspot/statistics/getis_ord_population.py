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
# terms taken at once, and tails at once, so that both stay in the cache
STRIDE = 32
BLOCK = 4096
# the concentration is fitted to mahallas with at least this share of the mean population
LEAST_SIZE = 0.1
# and sought between one mahalla with all offenses (in units of the mean count) …
LEAST_CONCENTRATION = 1e-6
# … and a variance above the binomial one by less than this share
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
    those of a mahalla and its neighbours follow the beta-binomial law (C, α p, α (1 − p)),
    with p their share of the people and α = a n / max(1, Σr² / Σr), where n is the number of
    mahallas, r a population over the mean population, the sums run over the neighbourhood, and
    `fit_concentration` finds a. With 1 for the maximum this is the sum of members of a
    Dirichlet-multinomial law with α_i = a r_i, in which the risks of large mahallas differ less
    than those of small ones. If they differ as much, the sum varies as if a were Σr² / Σr times
    smaller (after Satterthwaite); the maximum keeps the size of the test either way. The tail
    is a sum of positive terms, exact for the law.

    References
    ----------
    Johnson, Kotz & Balakrishnan (1997), Discrete Multivariate Distributions, chapter 35.2, for
    the Dirichlet-multinomial law and the sums of its members. Satterthwaite (1946),
    doi:10.2307/3002019.

    Examples
    --------
    Six mahallas around a lake. A quarter of the people live in a, b and c; they have 15 of 24
    offenses.

    >>> codes = list("abcdef")
    >>> graph = Graph.from_arrays(list("abbccddeeffa"), list("bacbdcedfeaf"), [1] * 12)
    >>> population = pd.Series([100, 100, 100, 300, 300, 300], index=codes)
    >>> counts = pd.Series([6, 5, 4, 4, 3, 2], index=codes)
    >>> gi_star_population(counts, population, graph)["gi_pop_p"].round(4).tolist()
    [0.2646, 0.0128, 0.2646, 0.7913, 0.9853, 0.7913]
    """
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    people, links = _aligned(panel, population, graph)
    known, offenses, sizes = people
    # a mahalla belongs to its own neighbourhood
    around = links + sparse.eye_array(len(panel), format="csr")
    sums, total = around @ offenses, offenses.sum(axis=0)
    judged = known & (links @ known.astype(np.float64) > 0) & (total > 0)
    total, n, a = (
        np.broadcast_to(of, judged.shape)[judged]
        for of in (total, known.sum(axis=0), _concentration(people))
    )
    local = (around @ sizes)[judged]
    clumping = np.maximum((around @ sizes**2)[judged] / local, 1.0) / (a * n)
    p = np.full(panel.shape, np.nan)
    p[judged] = _upper_tail(sums[judged], total, np.minimum(local / n, 1.0), clumping)
    frame = pd.DataFrame(p, index=panel.index, columns=panel.columns)
    if isinstance(counts, pd.Series):
        return frame.set_axis(["gi_pop_p"], axis=1)
    return pd.concat({"gi_pop_p": frame}, axis=1, names=["measure"])


def fit_concentration(
    counts: pd.Series | pd.DataFrame, population: pd.Series, graph: Graph
) -> pd.Series:
    """Return how alike mahallas of the same population are, a for each month.

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
    a maximises the likelihood of the Dirichlet-multinomial law over the mahallas with at least
    a tenth of the mean population. The others, parks and business quarters, are tested too but
    have no say here: with a handful of residents and many offenses, one of them alone would
    make all differences look like chance.

    References
    ----------
    Mosimann (1962), doi:10.1093/biomet/49.1-2.65.
    """
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    people, _ = _aligned(panel, population, graph)
    return pd.Series(_concentration(people), index=panel.columns, name="concentration")


class _People(NamedTuple):
    """What is known of mahallas × months, 0 where it is not."""

    known: NDArray[np.bool_]
    offenses: Floats
    # populations, as multiples of the month's mean
    sizes: Floats


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
        raise InputError(f"a count is {wrong[0]:g}: offenses are whole numbers from 0 up")
    residents = population.reindex(panel.index).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = residents[(residents < 0) | np.isinf(residents)]
    if wrong.size:
        raise InputError(f"a population is {wrong[0]:g}: leave it empty where it is not known")
    inside = np.zeros(len(panel), dtype=bool)
    inside[places] = True
    known = ~np.isnan(offenses) & (inside & (residents > 0))[:, None]
    people = np.where(known, residents[:, None], 0.0)
    with np.errstate(invalid="ignore"):
        sizes = people * (known.sum(axis=0) / people.sum(axis=0))
    found = _People(known, np.where(known, offenses, 0.0), np.where(known, sizes, 0.0))
    pairs = sparse.coo_array(graph.sparse)
    focal, neighbour = (places[along] for along in pairs.coords)
    # isolated mahallas are stored with a link of weight 0 to themselves
    linked = (pairs.data != 0) & (focal != neighbour)
    ones = np.ones(linked.sum())
    shape = (len(panel), len(panel))
    return found, sparse.csr_array((ones, (focal[linked], neighbour[linked])), shape=shape)


def _concentration(people: _People) -> Floats:
    """Return a for each month."""
    found = people.offenses.sum(axis=0) > 0
    fitted = np.full(len(found), np.nan)
    known, offenses, sizes = (of[:, found] for of in people)
    mean = offenses.sum(axis=0) / known.sum(axis=0)
    # a part of a Dirichlet-multinomial follows the same law, given its own total
    fit = sizes >= LEAST_SIZE
    offenses, sizes = np.where(fit, offenses, 0.0), np.where(fit, sizes, 0.0)
    total, whole = offenses.sum(axis=0), sizes.sum(axis=0)
    # any shape serves for a mahalla without offenses: its two terms are the same
    shape = np.where(offenses > 0, sizes, 1.0)

    def slope(a: Floats) -> Floats:
        """Return the derivative of the log-likelihood in a."""
        own = sizes * (special.digamma(offenses + a * shape) - special.digamma(a * shape))
        every = whole * (special.digamma(total + a * whole) - special.digamma(a * whole))
        return np.asarray(own.sum(axis=0) - every)

    low, high = np.log(mean * LEAST_CONCENTRATION), np.log(mean / LEAST_EXCESS)
    even = slope(np.exp(high)) >= 0
    for _ in range(40):
        middle = (low + high) / 2
        rising = slope(np.exp(middle)) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    fitted[found] = np.where(even, np.inf, np.exp(low))
    return fitted


def _upper_tail(sums: Floats, total: Floats, share: Floats, clumping: Floats) -> Floats:
    """Return P(S ≥ s) for S beta-binomial with mean total · share.

    `clumping` is 1 / α; 0 gives the binomial law. Terms are taken relative to that of s
    itself, upwards and downwards, so that no normalising constant is needed.
    """
    p = np.empty_like(sums)
    for first in range(0, len(sums), BLOCK):
        here = slice(first, first + BLOCK)
        s, n, inside, c = sums[here], total[here], share[here], clumping[here]
        # the offenses elsewhere follow the same law with the other share
        above, below = _walk(s, n, inside, c), _walk(n - s, n, 1 - inside, c)
        p[here] = (1 + above) / (1 + above + below)
    return p


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
