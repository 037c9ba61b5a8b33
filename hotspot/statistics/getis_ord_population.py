"""The local sum given the total and the populations: the test that finds crime, not people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse, special

from hotspot.errors import InputError
from hotspot.language import _, mark

Floats = NDArray[np.float64]

# what a tail may leave out, as a share of it, and the sum beyond which none is followed
NEGLIGIBLE, LARGEST = 1e-12, 1e300
# terms that at least halve are summed first; what is left of 1 is kept from here up
QUICK, LEAST_REST = 0.5, 1e-3
# terms taken at first, and tails at once, so that both stay in the cache
STRIDE, BLOCK = 8, 1024
# the concentration is fitted to mahallas with at least this share of the mean population
LEAST_SIZE = 0.1
# and sought between one mahalla with all offenses (in units of the mean count) and a variance
# above the binomial one by less than this share
LEAST_CONCENTRATION, LEAST_EXCESS = 1e-6, 1e-3

COUNTED_TWICE = mark("mahalla '{code}' has two rows of counts: give each mahalla one row")
PEOPLED_TWICE = mark("mahalla '{code}' has two rows of population: give each mahalla one row")
NOT_COUNTED = mark(
    "mahalla '{code}' of the graph has no counts: count over the same mahallas that the graph was "
    "built from"
)
NO_COUNT = mark("a count is {count}: offenses are whole numbers from 0 up")
NO_POPULATION = mark("a population is {n}: leave it empty where it is not known")


def gi_star_population(
    counts: pd.Series | pd.DataFrame, population: pd.Series, graph: Graph
) -> pd.DataFrame:
    """Return the exact p-value of each mahalla's neighbourhood, given its population.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one month or window, or a panel with a column a month. NaN: no data.
    population : Series, index mahalla_code
        Residents, or whatever offenses are held against: visitors, jobs, nights spent. NaN or
        0: not known.
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
    is exact for the law, to 1e-9 of itself.

    References
    ----------
    Johnson, Kotz & Balakrishnan (1997), Discrete Multivariate Distributions, chapter 35.2, for
    the Dirichlet-multinomial law and the sums of its members. Satterthwaite (1946),
    doi:10.2307/3002019. Loader (2000), Fast and Accurate Computation of Binomial Probabilities,
    for the terms.

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
    for index, refusal in ((panel.index, COUNTED_TWICE), (population.index, PEOPLED_TWICE)):
        if not index.is_unique:
            raise InputError(_(refusal, code=index[index.duplicated()][0]))
    codes = pd.Index(graph.unique_ids)
    places = panel.index.get_indexer(codes)
    if (places < 0).any():
        raise InputError(_(NOT_COUNTED, code=codes[places < 0][0]))
    offenses = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    given = offenses[~np.isnan(offenses)]
    if (wrong := given[(given < 0) | (given != np.round(given)) | np.isinf(given)]).size:
        raise InputError(_(NO_COUNT, count=f"{wrong[0]:g}"))
    residents = population.reindex(panel.index).to_numpy(dtype=np.float64, na_value=np.nan)
    if (wrong := residents[(residents < 0) | np.isinf(residents)]).size:
        raise InputError(_(NO_POPULATION, n=f"{wrong[0]:g}"))
    inside = np.isin(np.arange(len(panel)), places)
    known = ~np.isnan(offenses) & (inside & (residents > 0))[:, None]
    people = np.where(known, residents[:, None], 0.0)
    with np.errstate(invalid="ignore"):
        sizes = people * (known.sum(axis=0) / people.sum(axis=0))
    found = _People(known, np.where(known, offenses, 0.0), np.where(known, sizes, 0.0))
    pairs = sparse.coo_array(graph.sparse)
    focal, neighbour = (places[along] for along in pairs.coords)
    # isolated mahallas are stored with a link of weight 0 to themselves
    linked = (pairs.data != 0) & (focal != neighbour)
    links = np.ones(linked.sum()), (focal[linked], neighbour[linked])
    return found, sparse.csr_array(links, shape=(len(panel), len(panel)))


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
    # a mahalla without offenses adds nothing to the slope
    month, at = np.nonzero(offenses.T)
    offenses, sizes = offenses[at, month], sizes[at, month]

    def slope(log_a: Floats) -> Floats:
        """Return the derivative of the log-likelihood in log a."""
        a = np.exp(log_a)
        shape = a[month] * sizes
        own = shape * (special.digamma(offenses + shape) - special.digamma(shape))
        every = a * whole * (special.digamma(total + a * whole) - special.digamma(a * whole))
        return np.asarray(np.bincount(month, own, minlength=len(total)) - every)

    low, high = np.log(mean * LEAST_CONCENTRATION), np.log(mean / LEAST_EXCESS)
    at_low, at_high = slope(low), slope(high)
    even = at_high >= 0
    for _turn in range(10):
        middle = (low + high) / 2
        at_middle = slope(middle)
        up = at_middle > 0
        low, at_low = np.where(up, middle, low), np.where(up, at_middle, at_low)
        high, at_high = np.where(up, high, middle), np.where(up, at_high, at_middle)
    # between ends so near the slope is almost a straight line
    before, here, at_before, at_here = low, high, at_low, at_high
    for _turn in range(4):
        fall = at_here - at_before
        way = np.divide(at_here * (here - before), fall, out=np.zeros_like(here), where=fall != 0)
        before, here = here, np.clip(here - way, low, high)
        at_before, at_here = at_here, slope(here)
    fitted[found] = np.where(even, np.inf, np.exp(here))
    return fitted


def _upper_tail(sums: Floats, total: Floats, share: Floats, clumping: Floats) -> Floats:
    """Return P(S ≥ s) for S beta-binomial with mean total · share.

    `clumping` is 1 / α; 0 gives the binomial law.
    """
    given, p = (sums, total, share, clumping), np.ones_like(sums)
    open_ = np.flatnonzero((sums > 0) & (share < 1))
    # ways of about one length at once
    open_ = open_[np.argsort(sums[open_], kind="stable")]
    blocks = [open_[first : first + BLOCK] for first in range(0, len(open_), BLOCK)]
    # numpy leaves the interpreter's lock while it computes
    with ThreadPoolExecutor() as pool:
        tails = pool.map(lambda at: _open_tail(*(of[at] for of in given)), blocks)
        p[open_] = np.concatenate([p[:0], *tails])
    return p


def _open_tail(s: Floats, n: Floats, inside: Floats, c: Floats) -> Floats:
    """Return P(S ≥ s) for s > 0, from whichever side is the shorter way."""
    log_term = _log_term(s, n, inside, c)
    tail = np.empty_like(s)
    upwards = _step(s, n, inside, c) < QUICK
    down = np.flatnonzero(~upwards)
    # the offenses elsewhere follow the same law with the other share
    lower = _walk((n - s)[down], n[down], 1 - inside[down], c[down])
    with np.errstate(divide="ignore"):
        tail[down] = -np.expm1(np.minimum(log_term[down] + np.log(lower), 0.0))
    # what the other side leaves is exact only where it is no small rest
    upwards[down[(tail[down] < LEAST_REST) | (lower >= LARGEST)]] = True
    above = _walk(s[upwards], n[upwards], inside[upwards], c[upwards])
    tail[upwards] = np.minimum(np.exp(log_term[upwards] + np.log1p(above)), 1.0)
    return tail


def _log_term(s: Floats, n: Floats, inside: Floats, c: Floats) -> Floats:
    """Return log P(S = s), with an absolute error far below 1e-12.

    Log-gammas of large numbers would cancel to nothing, so the term is put together, as Loader's
    binomial is, from deviances and Stirling errors.
    """
    # a finite α beyond all counts is the binomial law to the last digit
    every = 1 / np.maximum(c, 1e-100)
    a, b = every * inside, every * (1 - inside)
    # the odds with which the law falls into three binomials whose powers cancel
    q, rest = n / (n + every), every / (n + every)
    excess = (s - n * inside) * rest
    term = np.log(a / (s + a)) + np.log(b / (n - s + b)) - np.log(rest)
    for sign, x, r in ((1, s, a), (1, n - s, b), (-1, n, every)):
        term += sign * (_stirling(x + r) - _stirling(x) - _stirling(r))
    for sign, size in ((1, s + a), (-1, n - s + b)):
        term -= _deviance(sign * excess, size * q) + _deviance(-sign * excess, size * rest)
    return np.asarray(term)


def _stirling(x: Floats) -> Floats:
    """Return log Γ(x + 1) - x log x + x."""
    large = np.maximum(x, 16.0)
    square = large * large
    series = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square)
              / square) / large  # fmt: skip
    small = np.minimum(x, 16.0)
    exact = special.gammaln(small + 1) - special.xlogy(small, small) + small
    return np.where(x >= 16, np.log(2 * np.pi * large) / 2 + series, exact)


def _deviance(excess: Floats, mean: Floats) -> Floats:
    """Return x log(x / mean) + mean - x of x = mean + excess."""
    e = excess / mean
    direct = special.xlog1py(1 + np.maximum(e, -1.0), np.maximum(e, -1.0)) - e
    # log(1 + e) = 2 artanh(v) has a series without cancellation
    v = e / (2 + e)
    square = v * v
    series = np.zeros_like(v)
    for power in range(15, 1, -2):
        series = (series + 2 / power) * square
    near = e * v + (1 + e) * v * series
    return np.asarray(mean * np.where(np.abs(e) < 0.1, near, direct))


def _step(s: Floats, n: Floats, share: Floats, clumping: Floats) -> Floats:
    """Return P(S = s + 1) / P(S = s)."""
    rest = np.maximum(n - s, 0)
    over = (s + 1) * (1 - share + np.maximum(rest - 1, 0) * clumping)
    return np.asarray(rest * (share + s * clumping) / over)


def _walk(start: Floats, total: Floats, share: Floats, clumping: Floats) -> Floats:
    """Return Σ P(S = s) / P(S = start) over all s above the start."""
    walked = np.zeros_like(start)
    live = np.flatnonzero(start < total)
    last = np.ones(len(live))
    s, n, p, c = (of[live, None] for of in (start, total, share, clumping))
    stride = STRIDE
    while live.size:
        at = s + np.arange(stride)
        with np.errstate(over="ignore", invalid="ignore"):
            terms = last[:, None] * np.cumprod(_step(at, n, p, c), axis=1)
            walked[live] += terms.sum(axis=1)
            # once terms fall they go on falling, so that the rest is at most this
            beyond = terms[:, -1] * np.maximum(n - at, 0)[:, -1]
            on = (beyond > NEGLIGIBLE * (1 + walked[live])) & (walked[live] < LARGEST)
        live, last = live[on], terms[on, -1]
        s, n, p, c = (of[on] for of in (s + stride, n, p, c))
        stride = min(2 * stride, 8 * STRIDE)
    return np.where(walked < LARGEST, walked, LARGEST)
