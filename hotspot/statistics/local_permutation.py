"""Local sums with any weights, judged by conditional permutation: Gi* and the local Moran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# numbers that differ by less than this share of the largest possible one are equal
ROUNDING = 1e-12
# mahallas whose sums are drawn at once, so that a thousand draws need some 10 MB
BLOCK = 1024


def gi_star_permutation(
    values: pd.Series | pd.DataFrame, graph: Graph, *, permutations: int = 999, seed: int
) -> pd.DataFrame:
    """Return Gi* of each mahalla with p-values by permutation, for any numbers and weights.

    Parameters
    ----------
    values : Series or DataFrame, index mahalla_code
        Counts or rates of one month or window, or a panel with a column a month. NaN: no data.
    graph : libpysal.graph.Graph
        Neighbours among the mahallas of the index, with weights from 0 up; a link of weight 0 is
        no link. A mahalla's own weight is that of its link to itself and, where it has none, the
        largest of its row, so that binary and row-standardised contiguity give the same z.
    permutations : int
        How often values are drawn. p cannot fall below 1 / (permutations + 1).
    seed : int
        The same seed and values give the same p-values, whatever the order of the rows and the
        names of the mahallas; the months of a panel do not depend on each other.

    Returns
    -------
    DataFrame
        `gi_z`, `gi_p`, `gi_p_lower` as of `gi_star`, on the same index: z of the weighted sum over
        the neighbours and the mahalla itself; the probability that the neighbours' weighted sum is
        as large or larger given the own value; and as small or smaller. NaN as there.

    Raises
    ------
    InputError
        If a value is infinite, a weight negative, a code repeats, the graph knows a mahalla that
        the values do not, or there are no permutations.

    Notes
    -----
    For counts and binary weights `gi_star` gives the limit of these p-values at once. Each draw is
    shared by all mahallas, as in GeoDa's lookup table: it names values in an order, of which a
    mahalla takes as many as it has neighbours, passing over its own. So p-values of one call err
    together. Draws equal to the sum but for rounding count for both tails, and the sum itself
    counts as a draw: p = (1 + as extreme) / (1 + permutations).

    References
    ----------
    Ord & Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x. Anselin (1995),
    doi:10.1111/j.1538-4632.1995.tb00338.x, for conditional permutation. North, Curtis & Sham
    (2002), doi:10.1086/341527, for the one that is added.

    Examples
    --------
    The exact p of b's neighbours, which hold 2 + 0, is 3/6: see `gi_star`.

    >>> codes = list("abcde")
    >>> graph = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> gi_star_permutation(pd.Series([2, 3, 0, 0, 1], index=codes), graph, seed=1).round(2)
       gi_z  gi_p  gi_p_lower
    a  1.82  0.25        1.00
    b  0.98  0.49        0.84
    c -0.42  0.68        0.68
    d -1.82  1.00        0.18
    e -0.98  1.00        0.52
    """
    sums = _local_sums(values, graph)
    own = sums.own[:, None]
    weight, square = sums.weight + own, sums.square + own**2
    z = _ratio(
        sums.links @ sums.apart + own * sums.apart,
        sums.deviation * np.sqrt(_positive(sums.n * square - weight**2, weight**2) / (sums.n - 1)),
    )
    upper, lower = _tails(sums, permutations, seed)
    measures = {"gi_z": z, "gi_p": upper, "gi_p_lower": lower}
    return _framed({name: np.where(sums.judged, of, np.nan) for name, of in measures.items()}, sums)


def local_moran(
    values: pd.Series | pd.DataFrame, graph: Graph, *, permutations: int = 999, seed: int
) -> pd.DataFrame:
    """Return the local Moran of each mahalla: whether it is like its neighbours or unlike them.

    Parameters
    ----------
    values, permutations, seed
        As for `gi_star_permutation`.
    graph : libpysal.graph.Graph
        As there, but a mahalla's link to itself does not count. The weights are taken as they are;
        ``graph.transform("R")`` makes I a mean over neighbours, as most programs do. z, p and
        quadrant are the same either way.

    Returns
    -------
    DataFrame
        On the same index: `moran_i`; `moran_z`, by its mean and variance given the own value;
        `moran_p_upper` and `moran_p_lower`, the probabilities by permutation of an I as large or
        larger (a mahalla among its like) and as small or smaller (an outlier); `moran_p`, twice
        the smaller, at most 1; and `moran_quadrant`, first the mahalla and then its neighbours,
        each H above the mean or L: HH, LL, HL or LH. For a panel the columns are (measure, month).
        Missing where there is no value, no neighbour with a value, or all values are equal; z also
        where I cannot vary: the mahalla is at the mean, or all others are its neighbours.

    Raises
    ------
    InputError
        As for `gi_star_permutation`.

    Notes
    -----
    I_i = (x_i − x̄) Σ w_ij (x_j − x̄) / m₂ with m₂ = Σ(x − x̄)² / n, as in Anselin (1995) and
    spdep; esda divides by n − 1. z and p are conditional on the own value, which p for a fixed
    alternative needs and the total randomisation of older programs does not give. One-sided p
    folded into the smaller tail, as esda and GeoDa print it, calls twice as many significant as
    its level says; `moran_p` does not. A rate of few residents is far from the mean by chance:
    give `standardise_rates` instead of rates.

    References
    ----------
    Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x; Sokal, Oden & Thomson (1998),
    doi:10.1111/j.1538-4632.1998.tb00406.x.

    Examples
    --------
    >>> codes = list("abcde")
    >>> graph = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> found = local_moran(pd.Series([2, 3, 0, 0, 1], index=codes), graph, seed=1)
    >>> found[["moran_i", "moran_z", "moran_quadrant"]].round(2)
       moran_i  moran_z moran_quadrant
    a     1.06     1.63             HH
    b    -0.53     0.52             HL
    c    -0.53    -0.00             LH
    d     1.24     1.55             LL
    e     0.18     0.96             LL
    """
    sums = _local_sums(values, graph)
    apart, n, variance = sums.apart, sums.n, sums.deviation**2
    # an own value equal to the mean but for rounding
    side = np.where(np.abs(apart) <= ROUNDING * sums.reach, 0.0, np.sign(apart))
    lag = sums.links @ apart
    with np.errstate(divide="ignore", invalid="ignore"):
        i = apart * lag / variance
        expected = -(apart**2) * sums.weight / ((n - 1) * variance)
        among = _positive(sums.square - sums.weight**2 / (n - 1), sums.square)
        others = _positive(variance - apart**2 / (n - 1), variance)
        spread = np.abs(side * apart) / variance * np.sqrt(n / (n - 2) * among * others)
    above, below = _tails(sums, permutations, seed)
    upper, lower = np.where(side > 0, above, below), np.where(side > 0, below, above)
    upper[side == 0] = lower[side == 0] = 1.0
    measures = {
        "moran_i": i,
        "moran_z": _ratio(i - expected, spread),
        "moran_p": np.minimum(2 * np.minimum(upper, lower), 1.0),
        "moran_p_upper": upper,
        "moran_p_lower": lower,
    }
    found = {name: np.where(sums.judged, of, np.nan) for name, of in measures.items()}
    high = lag > ROUNDING * sums.weight * sums.reach
    quadrant = np.where(side > 0, "H", "L").astype(object) + np.where(high, "H", "L")
    quadrant[~sums.judged] = None
    return _framed(found | {"moran_quadrant": quadrant}, sums)


@dataclass(frozen=True)
class _Sums:
    """Values and weights by code; arrays are mahallas × months, and `judged` is where both are."""

    like: pd.Series | pd.DataFrame
    codes: pd.Index
    values: Floats
    links: sparse.csr_array
    own: Floats
    n: Floats
    apart: Floats
    deviation: Floats
    reach: Floats
    weight: Floats
    square: Floats
    judged: NDArray[np.bool_]


def _local_sums(values: pd.Series | pd.DataFrame, graph: Graph) -> _Sums:
    panel = values.to_frame() if isinstance(values, pd.Series) else values
    if len(twice := panel.index[panel.index.duplicated()]):
        raise InputError(
            _("mahalla '{code}' has two rows of values: give each mahalla one row", code=twice[0])
        )
    # in the order of the codes, so that rounding does not depend on that of the rows
    panel = panel.sort_index()
    numbers = panel.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    if np.isinf(numbers).any():
        raise InputError(_("a value is infinite: give numbers, and NaN where there is no data"))
    links, own, inside = _weights(panel.index, graph)
    numbers[~inside] = np.nan
    known = ~np.isnan(numbers)
    present = known.astype(np.float64)
    n = present.sum(axis=0)
    filled = np.where(known, numbers, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = filled.sum(axis=0) / n
        apart = np.where(known, numbers - mean, 0.0)
        deviation = np.sqrt((apart**2).sum(axis=0) / n)
    reach = np.abs(apart).max(axis=0, initial=0.0)
    varied = reach > ROUNDING * np.abs(filled).max(axis=0, initial=0.0)
    weight = links @ present
    return _Sums(
        like=values,
        codes=panel.index,
        values=numbers,
        links=links,
        own=own,
        n=n,
        apart=apart,
        deviation=np.where(varied, deviation, np.nan),
        reach=reach,
        weight=weight,
        square=links.power(2) @ present,
        judged=known & (weight > 0) & varied,
    )


def _weights(codes: pd.Index, graph: Graph) -> tuple[sparse.csr_array, Floats, NDArray[np.bool_]]:
    """Return the weights of neighbours, of the mahalla itself, and who is in the graph."""
    known = pd.Index(graph.unique_ids)
    places = codes.get_indexer(known)
    if (places < 0).any():
        raise InputError(
            _(
                "mahalla '{code}' of the graph has no values: give values of the same mahallas "
                "that the graph was built from",
                code=known[places < 0][0],
            )
        )
    pairs = sparse.coo_array(graph.sparse)
    wrong = pairs.data[~(pairs.data >= 0) | np.isinf(pairs.data)]
    if wrong.size:
        raise InputError(
            _("a weight of the graph is {n}: weights are numbers from 0 up", n=f"{wrong[0]:g}")
        )
    focal, neighbour = (places[along] for along in pairs.coords)
    linked = (pairs.data > 0) & (focal != neighbour)
    ends = focal[linked], neighbour[linked]
    links = sparse.csr_array((pairs.data[linked], ends), shape=(len(codes), len(codes)))
    links.sort_indices()
    own, self_linked = np.zeros(len(codes)), focal == neighbour
    own[focal[self_linked]] = pairs.data[self_linked]
    largest = links.max(axis=1).toarray() if links.nnz else np.zeros(len(codes))
    return links, np.where(own > 0, own, largest), np.isin(np.arange(len(codes)), places)


def _tails(sums: _Sums, permutations: int, seed: int) -> tuple[Floats, Floats]:
    """Return p of neighbours' sums as large or larger, and as small or smaller."""
    if permutations < 1:
        raise InputError(_("{n} permutations: ask for at least one, 999 as a rule", n=permutations))
    upper, lower = np.full((2, *sums.values.shape), np.nan)
    for month, judged in enumerate(sums.judged.T):
        if judged.any():
            known = ~np.isnan(sums.values[:, month])
            drawn = _drawn(
                sums.values[known, month], sums.links[known][:, known], permutations, seed
            )
            upper[known, month], lower[known, month] = (1 + drawn) / (1 + permutations)
    return upper, lower


def _drawn(values: Floats, links: sparse.csr_array, permutations: int, seed: int) -> Integers:
    """Return how many draws reach each mahalla's sum from above, and how many from below."""
    # places among the sorted values are drawn, and a mahalla's own place is the first of those
    # with its value: so no draw depends on codes, and equal mahallas get equal p
    order = np.argsort(values, kind="stable")
    ranked = values[order] - values[order[0]]
    place = np.searchsorted(values[order], values)
    weights = _padded(links)
    many = np.diff(links.indptr)
    rng = np.random.default_rng(seed)
    size = weights.shape[1] + 1
    draws = np.array([rng.choice(len(values), size, replace=False) for _ in range(permutations)])
    drawn = ranked[draws[:, :-1]]

    # where a mahalla's own place is drawn, the value after those it takes stands in for it
    sharing = np.bincount(place, minlength=len(values))
    draw, turn = np.nonzero(sharing[draws[:, :-1]])
    first = draws[draw, turn]
    times = sharing[first]
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    mahalla = order[np.repeat(first, times) + within]
    draw, turn = np.repeat(draw, times), np.repeat(turn, times)
    taken = turn < many[mahalla]
    mahalla, draw, turn = mahalla[taken], draw[taken], turn[taken]
    stand_in = ranked[draws[draw, many[mahalla]]] - ranked[place[mahalla]]
    change = sparse.csr_array(
        (weights[mahalla, turn] * stand_in, (mahalla, draw)), shape=(len(values), permutations)
    )

    found = links @ ranked[place]
    margin = ROUNDING * weights.sum(axis=1) * ranked[-1]
    reached = np.zeros((2, len(values)), dtype=np.int64)
    for start in range(0, len(values), BLOCK):
        block = slice(start, start + BLOCK)
        apart = weights[block] @ drawn.T + change[block].toarray() - found[block, None]
        reached[0, block] = np.count_nonzero(apart >= -margin[block, None], axis=1)
        reached[1, block] = np.count_nonzero(apart <= margin[block, None], axis=1)
    return reached


def _padded(links: sparse.csr_array) -> Floats:
    """Return the weights of each row from the largest on, filled up with zeros."""
    many = np.diff(links.indptr)
    focal = np.repeat(np.arange(len(many)), many)
    padded = np.zeros((len(many), int(many.max())))
    turn = np.arange(links.nnz) - links.indptr[focal]
    padded[focal, turn] = links.data[np.lexsort((-links.data, focal))]
    return padded


def _positive(numbers: Floats, scale: Floats) -> Floats:
    """Return the numbers, 0 where rounding alone keeps them from it."""
    return np.where(numbers > ROUNDING * scale, numbers, 0.0)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _framed(measures: dict[str, Any], sums: _Sums) -> pd.DataFrame:
    like = sums.like
    if isinstance(like, pd.Series):
        one = {name: of[:, 0] for name, of in measures.items()}
        return pd.DataFrame(one, sums.codes).loc[like.index]
    frames = {name: pd.DataFrame(of, sums.codes, like.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure"]).loc[like.index]
