"""Getis–Ord Gi* on counts: z by the formula, p exact, and no seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse

from hotspot.errors import InputError
from hotspot.language import _

Frame = TypeVar("Frame", pd.Series, pd.DataFrame)
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Group = tuple[int, int]

# an alternating sum whose terms exceed its value by more than this is not trusted
CANCELLATION = 100.0
# a standard deviation below this share of the mean is what rounding leaves of equal values
ROUNDING = 1e-12


def gi_star(counts: pd.Series | pd.DataFrame, graph: Graph) -> pd.DataFrame:
    """Return Gi* of each mahalla with exact p-values in both tails.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one month or window, or a panel with a column a month. NaN: no data.
    graph : libpysal.graph.Graph
        Neighbours among the mahallas of the index. Every link counts as one, whatever its
        weight; a mahalla always belongs to its own neighbourhood, whether linked or not.

    Returns
    -------
    DataFrame
        On the same index: `gi_z` (see the function), `gi_p` (the probability that neighbours
        hold as much as these do, or more), `gi_p_lower` (as much, or less). For a panel the
        columns are (measure, month). NaN where there is nothing to judge: no count, absent
        from the graph, no neighbour with a count, or a month in which all counts are equal.

    Raises
    ------
    InputError
        If a count is negative or not whole, a code repeats, or the graph knows a mahalla that
        the counts do not.

    Notes
    -----
    The null: the counts are exchangeable. Given the mahalla's own count, the sum over its k
    neighbours is the sum of k counts drawn without replacement from those of the other n − 1
    mahallas, and the p-values are its exact tails: what conditional permutation estimates, with
    ties counted, without noise and without a floor. As p is conditional on the own count while
    z includes it, the worst mahalla among quiet neighbours has a large z and a large p. Draws
    are counted by the shift algorithm of two-sample permutation tests: the number of ways to
    draw k counts with sum s is the coefficient of t^k z^s in ∏(1 + t z^x).

    References
    ----------
    Getis & Ord (1992), doi:10.1111/j.1538-4632.1992.tb00261.x; Ord & Getis (1995),
    doi:10.1111/j.1538-4632.1995.tb00912.x. Pagano & Tritchler (1983),
    doi:10.1080/01621459.1983.10477990; Streitberg & Röhmel (1986).

    Examples
    --------
    Five mahallas in a row. The sum of b's neighbours is 2 + 0, and of the six pairs that can
    be drawn from 2, 0, 0, 1 three hold as much or more.

    >>> codes = list("abcde")
    >>> graph = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> gi_star(pd.Series([2, 3, 0, 0, 1], index=codes), graph).round(3)
       gi_z   gi_p  gi_p_lower
    a  1.82  0.250       1.000
    b  0.98  0.500       0.833
    c -0.42  0.667       0.667
    d -1.82  1.000       0.167
    e -0.98  1.000       0.500
    """
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    values, links = _aligned(panel, graph)
    given = values[~np.isnan(values)]
    wrong = given[(given < 0) | (given != np.round(given)) | np.isinf(given)]
    if wrong.size:
        raise InputError(
            _(
                "a count is {count}: Gi* on counts needs whole numbers from 0 up",
                count=f"{wrong[0]:g}",
            )
        )
    known = ~np.isnan(values)
    drawn = (links @ known.T.astype(np.float64)).T.astype(np.int64)
    sums = (links @ np.where(known, values, 0.0).T).T.astype(np.int64)
    upper, lower = np.full((2, *values.shape), np.nan)
    for month, present in enumerate(known):
        judged = present & (drawn[month] > 0)
        each = values[month, present].astype(np.int64)
        if judged.any() and np.ptp(each) > 0:
            own = values[month, judged].astype(np.int64)
            upper[month, judged], lower[month, judged] = _tails(
                each, own, drawn[month, judged], sums[month, judged]
            )
    measures = {"gi_z": _z_scores(values, links), "gi_p": upper.T, "gi_p_lower": lower.T}
    if isinstance(counts, pd.Series):
        return pd.DataFrame({name: of[:, 0] for name, of in measures.items()}, panel.index)
    frames = {name: pd.DataFrame(of, panel.index, panel.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure"])


def gi_z(values: Frame, graph: Graph) -> Frame:
    """Return the z-score of Gi* of each mahalla, for any numbers.

    Parameters
    ----------
    values : Series or DataFrame, index mahalla_code
        Counts or rates of one month, or a panel with a column a month. NaN: no data.
    graph : libpysal.graph.Graph
        Neighbours among the mahallas of the index, as in `gi_star`.

    Returns
    -------
    Series or DataFrame
        z = (Σw x − x̄ Σw) / (S √[(n Σw² − (Σw)²) / (n − 1)]) with w = 1 for the mahalla and its
        neighbours, and S the standard deviation with divisor n. NaN as in `gi_star`, and where
        the neighbourhood is the whole map.

    Raises
    ------
    InputError
        If a code repeats or the graph knows a mahalla that the values do not.

    References
    ----------
    Ord & Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x. esda's `G_Local` is the
    same with `transform="B", star=True`; with its default transform z is about a third.

    Examples
    --------
    >>> graph = Graph.from_arrays(list("abbc"), list("babc"), [1, 1, 1, 0])
    >>> gi_z(pd.Series([4.0, 1.0, 1.0], index=list("abc")), graph).round(3).tolist()
    [0.707, 0.707, nan]
    """
    panel = values.to_frame() if isinstance(values, pd.Series) else values
    z = _z_scores(*_aligned(panel, graph))
    if isinstance(values, pd.Series):
        return pd.Series(z[:, 0], values.index, name=values.name)
    return pd.DataFrame(z, index=values.index, columns=values.columns, copy=False)


def gi_bins(q_upper: Frame, q_lower: Frame) -> Frame:
    """Return the confidence bin of each mahalla, from −3 (cold) to 3 (hot).

    Parameters
    ----------
    q_upper, q_lower : Series or DataFrame
        Corrected p-values of the two tails, on the same index and columns.

    Returns
    -------
    Series or DataFrame
        1, 2, 3 where q_upper is at most .10, .05, .01; −1, −2, −3 by q_lower in the same way;
        0 elsewhere, and NaN where either is NaN.

    Examples
    --------
    >>> gi_bins(pd.Series([0.004, 0.1, 1, None]), pd.Series([1, 1, 0.03, None])).tolist()
    [3.0, 1.0, -2.0, nan]
    """
    bins = 0.0 * (q_upper + q_lower)
    for level in (0.10, 0.05, 0.01):
        bins = bins + (q_upper <= level) - (q_lower <= level)
    return bins


def _aligned(panel: pd.DataFrame, graph: Graph) -> tuple[Floats, sparse.csr_array]:
    """Return the values, a month a row, NaN outside the graph, and the links without self."""
    if not panel.index.is_unique:
        twice = panel.index[panel.index.duplicated()][0]
        raise InputError(
            _("mahalla '{code}' has two rows of counts: give each mahalla one row", code=twice)
        )
    values = np.ascontiguousarray(panel.to_numpy(dtype=np.float64, na_value=np.nan).T)
    pairs = graph.sparse
    focal = np.repeat(np.arange(pairs.shape[0], dtype=pairs.indices.dtype), np.diff(pairs.indptr))
    # isolated mahallas are stored with a link of weight 0 to themselves
    linked = (pairs.data != 0) & (focal != pairs.indices)
    codes = pd.Index(graph.unique_ids)
    if panel.index.equals(codes):
        rows = (linked.astype(np.float64), pairs.indices, pairs.indptr)
        return values, sparse.csr_array(rows, shape=pairs.shape)
    places = panel.index.get_indexer(codes)
    if (places < 0).any():
        raise InputError(
            _(
                "mahalla '{code}' of the graph has no counts: count over the same mahallas "
                "that the graph was built from",
                code=codes[places < 0][0],
            )
        )
    inside = np.zeros(len(panel), dtype=bool)
    inside[places] = True
    ends = places[focal[linked]], places[pairs.indices[linked]]
    links = sparse.csr_array((np.ones(len(ends[0])), ends), shape=(len(panel), len(panel)))
    return np.where(inside, values, np.nan), links


def _z_scores(values: Floats, links: sparse.csr_array) -> Floats:
    """Return z, a mahalla a row."""
    missing = np.isnan(values)
    gaps = bool(missing.any())
    # where nothing is missing one column serves all months
    known = (~missing if gaps else np.ones((1, values.shape[1]))).T.astype(np.float64)
    n = known.sum(axis=0)
    weight = links @ known + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (np.nansum(values, axis=1) if gaps else values.sum(axis=1)) / n
        apart = values - mean[:, None]
        if gaps:
            apart[missing] = 0.0
        deviation = np.sqrt(np.einsum("ij,ij->i", apart, apart) / n)
        deviation[deviation <= ROUNDING * np.abs(mean)] = np.nan
        apart *= (1 / deviation)[:, None]
        spread = np.sqrt((n * weight - weight**2) / (n - 1))
        spread[(weight == 1) | (weight >= n)] = np.nan
        own = np.ascontiguousarray(apart.T)
        z: Floats = links @ own
        z += own
        z *= 1 / spread
    if gaps:
        z[missing.T] = np.nan
    return z


def _tails(each: Integers, own: Integers, drawn: Integers, sums: Integers) -> tuple[Floats, Floats]:
    """Return P(S ≥ s) and P(S ≤ s) for each mahalla to be judged.

    S is the sum of `drawn` counts taken without replacement from `each` count less one equal
    to `own`. The draws from all n counts are counted once; those that avoid `own` = x follow
    from 1 / (1 + t z^x) = Σ (−t z^x)^j. That sum alternates: where it would lose digits, the
    draws are counted again without x, which only adds.
    """
    n = len(each)
    distinct, multiplicity = np.unique(each, return_counts=True)
    groups = list(zip(distinct.tolist(), multiplicity.tolist(), strict=True))
    # rows: how many are drawn; columns: their sum, the last for all sums above those that
    # matter, so that an upper tail too is a sum of positive terms
    nothing = np.zeros((int(drawn.max()) + 1, int(sums.max()) + 2))
    nothing[0, 0] = 1.0
    upper, lower, trusted = _divided(_multiplied(nothing, groups, n), own, drawn, sums, n)
    doubted = set(own[~trusted].tolist())
    if doubted:
        ways = _multiplied(nothing, [group for group in groups if group[0] not in doubted], n)
        for value, without in _without_each(ways, [g for g in groups if g[0] in doubted], n):
            here = (own == value) & ~trusted
            above, below = _cumulated(without)
            share = n / (n - drawn[here])
            upper[here] = share * above[drawn[here], sums[here]]
            lower[here] = share * below[drawn[here], sums[here]]
    return np.minimum(upper, 1.0), np.minimum(lower, 1.0)


def _multiplied(ways: Floats, groups: Iterable[Group], n: int) -> Floats:
    """Return the ways to draw once the groups (value, multiplicity) may be drawn from as well.

    Ways to draw k are kept as a share of C(n, k), so that they neither overflow nor vanish.
    Values ascend, so that no sum reaches further than the present value, drawn every time.
    """
    highest = np.flatnonzero(ways.any(axis=0))[-1]
    for value, multiplicity in groups:
        reach = highest + (len(ways) - 1) * value + 1
        k = np.arange(len(ways))[:, None]
        coefficient = np.ones((len(ways), 1))
        more = ways.copy()
        for j in range(1, min(multiplicity, len(ways) - 1) + 1):
            # C(multiplicity, j) C(n, k − j) / C(n, k), from the one before
            coefficient = coefficient * ((multiplicity - j + 1) / j) * (k - j + 1) / (n - k + j)
            added = coefficient[j:] * ways[:-j, :reach]
            stay = max(ways.shape[1] - j * value, 0)
            more[j:, j * value : j * value + reach] += added[:, :stay]
            more[j:, -1] += added[:, stay:].sum(axis=1)
        ways = more
    return ways


def _without_each(ways: Floats, groups: list[Group], n: int) -> Iterator[tuple[int, Floats]]:
    """Yield each value with the ways to draw when one count of that value is taken away."""
    if len(groups) == 1:
        value, multiplicity = groups[0]
        yield value, _multiplied(ways, [(value, multiplicity - 1)], n)
    elif groups:
        half = len(groups) // 2
        yield from _without_each(_multiplied(ways, groups[half:], n), groups[:half], n)
        yield from _without_each(_multiplied(ways, groups[:half], n), groups[half:], n)


def _cumulated(ways: Floats) -> tuple[Floats, Floats]:
    """Return the ways to reach each sum or more, and to reach it or less."""
    return np.cumsum(ways[:, ::-1], axis=1)[:, ::-1], np.cumsum(ways[:, :-1], axis=1)


def _divided(
    ways: Floats, own: Integers, drawn: Integers, sums: Integers, n: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return both tails without the own count, and where both have kept their digits."""
    above, below = _cumulated(ways)
    # C(n, k) / C(n − 1, k)
    coefficient = n / (n - drawn)
    tails, size = np.zeros((2, 2, len(own)))
    for j in range(int(drawn.max()) + 1):
        rest = sums - j * own
        rows = np.maximum(drawn - j, 0)
        terms = coefficient * np.array(
            [above[rows, np.maximum(rest, 0)], below[rows, np.maximum(rest, 0)] * (rest >= 0)]
        )
        tails += terms if j % 2 == 0 else -terms
        size += terms
        # it becomes 0 once more would be taken away than are drawn
        coefficient = coefficient * (drawn - j) / (n - drawn + j + 1)
    trusted = np.all(size <= CANCELLATION * tails, axis=0)
    return tails[0], tails[1], trusted
