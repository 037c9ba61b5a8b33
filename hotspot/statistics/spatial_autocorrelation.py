"""Moran's I: are neighbouring mahallas alike over the whole map; and rates made fit to ask that."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse, stats

from hotspot.errors import InputError
from hotspot.language import _

# a spread below this share of the largest value is what rounding leaves of equal values
ROUNDING = 1e-12
# maps that are shuffled at once, so that 9,000 mahallas need some 10 MB
BLOCK = 100


def morans_i(
    values: pd.Series | pd.DataFrame, graph: Graph, *, permutations: int = 999, seed: int
) -> pd.DataFrame:
    """Return Moran's I of each month, its z and the probability of as much likeness by chance.

    Parameters
    ----------
    values : Series or DataFrame, index mahalla_code
        Counts or rates of one month or window, or a panel with a column a month. NaN: no data.
    graph : libpysal.graph.Graph
        Neighbours among the mahallas of the index, with weights as they are to be used:
        ``graph.transform("R")`` for row-standardised ones. Links to oneself do not count.
    permutations : int
        How often the values are shuffled for ``p``.
    seed : int
        The same seed and values give the same p, whatever the order of the rows; the months of a
        panel do not depend on each other.

    Returns
    -------
    DataFrame
        One row a month (of a Series one row, 0): ``mahallas`` with a value and a neighbour that
        has one, all others being left out; ``moran_i``; ``expected``, −1 / (n − 1); ``variance``
        under randomisation; ``z``; ``p``, the probability by permutation of an I as large or
        larger; and ``p_normal``, the upper tail of z under the normal law. NaN where the values
        are equal or fewer than four.

    Raises
    ------
    InputError
        If a value is infinite, a code repeats, the graph knows a mahalla that the values do not,
        or there are no permutations.

    Notes
    -----
    Randomisation: the values are exchangeable among mahallas. Rates of unequal populations are
    not, those of few residents vary more; give `standardise_rates`. I of skewed counts is skewed
    as well: ``p_normal`` is below .05 in 6 to 7 % of maps without any effect. ``p`` is not; ties
    and the map itself count, p = (1 + as large) / (1 + permutations).

    References
    ----------
    Moran (1950), doi:10.1093/biomet/37.1-2.17. Cliff & Ord (1981), Spatial Processes, p. 46.

    Examples
    --------
    >>> codes = list("abcde")
    >>> graph = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> found = morans_i(pd.Series([2, 3, 0, 0, 1], index=codes), graph, seed=1)
    >>> found[["moran_i", "expected", "variance", "z"]].round(3)
       moran_i  expected  variance      z
    0    0.176     -0.25     0.175  1.018
    """
    panel = values.to_frame() if isinstance(values, pd.Series) else values
    if not panel.index.is_unique:
        twice = panel.index[panel.index.duplicated()][0]
        raise InputError(
            _("mahalla '{code}' has two rows of values: give each mahalla one row", code=twice)
        )
    if permutations < 1:
        raise InputError(_("{n} permutations: ask for at least one, 999 as a rule", n=permutations))
    # in the order of the codes, so that rounding does not depend on that of the rows
    panel = panel.sort_index()
    links = _links(panel.index, graph)
    numbers = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        raise InputError(_("a value is infinite: give numbers, and NaN where there is no data"))
    rows = [_describe(month, links, permutations, seed) for month in numbers.T]
    months = panel.columns if isinstance(values, pd.DataFrame) else pd.RangeIndex(1)
    measures = ["mahallas", "moran_i", "expected", "variance", "p"]
    found = pd.DataFrame(rows, index=months, columns=measures)
    found["z"] = (found["moran_i"] - found["expected"]) / np.sqrt(found["variance"])
    found["p_normal"] = stats.norm.sf(found["z"])
    return found[[*measures[:-1], "z", "p", "p_normal"]]


def standardise_rates(
    counts: pd.Series | pd.DataFrame, population: pd.Series
) -> pd.Series | pd.DataFrame:
    """Return how far each rate is from that of the whole, in standard deviations of its own.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one month or window, or a panel with a column a month. NaN: no data.
    population : Series
        Residents on the same index; a mahalla with none, or NaN, has no rate.

    Returns
    -------
    Series or DataFrame
        (x/n − b) / √(a + b/n) on the index of the counts, with b the rate of the whole and a the
        variance of risks between mahallas (where a + b/n would be negative, b/n): for `morans_i`
        and `local_moran`, which then do not take the noise of small populations for differences.

    Raises
    ------
    InputError
        If a count or population is negative or infinite.

    References
    ----------
    Assunção & Reis (1999),
    doi:10.1002/(SICI)1097-0258(19990830)18:16<2147::AID-SIM179>3.0.CO;2-I.

    Examples
    --------
    >>> population = pd.Series([1000, 1000, 10_000], index=list("abc"))
    >>> standardise_rates(pd.Series([0, 9, 30], index=list("abc")), population).round(2).tolist()
    [-1.31, 2.32, -0.14]
    """
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    x = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    people = population.reindex(panel.index).to_numpy(dtype=np.float64, na_value=np.nan)[:, None]
    if (wrong := x[x < 0]).size:
        raise InputError(_("a count is {value}: it must be 0 or more", value=f"{wrong[0]:g}"))
    if np.isinf(x).any():
        raise InputError(_("a count is inf: give numbers, and NaN where there is no data"))
    if (wrong := people[people < 0]).size:
        raise InputError(_("a population is {value}: it must be 0 or more", value=f"{wrong[0]:g}"))
    if np.isinf(people).any():
        raise InputError(_("a population is inf: give numbers, and NaN where there is no data"))
    people = np.where((people > 0) & ~np.isnan(x), people, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = x / people
        total = np.nansum(np.sort(people, axis=0), axis=0)
        # sorted, so that the order of the rows cannot change a sum of floats
        b = np.nansum(np.sort(rate * people, axis=0), axis=0) / total
        a = np.nansum(np.sort(people * (rate - b) ** 2, axis=0), axis=0) / total
        a -= b * (~np.isnan(people)).sum(axis=0) / total
        variance = np.where(a + b / people < 0, b / people, a + b / people)
        z = (rate - b) / np.sqrt(variance)
    if isinstance(counts, pd.Series):
        return pd.Series(z[:, 0], counts.index, name=counts.name)
    return pd.DataFrame(z, counts.index, counts.columns)


def _links(codes: pd.Index, graph: Graph) -> sparse.csr_array:
    """Return the weights in the order of the codes, without links to oneself."""
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
    focal, neighbour = (places[along] for along in pairs.coords)
    linked = (pairs.data != 0) & (focal != neighbour)
    ends = focal[linked], neighbour[linked]
    return sparse.csr_array((pairs.data[linked], ends), shape=(len(codes), len(codes)))


def _describe(
    month: NDArray[np.float64], links: sparse.csr_array, permutations: int, seed: int
) -> tuple[float, ...]:
    """Return the number of mahallas, I, its expectation and variance, and p by permutation."""
    known = np.flatnonzero(~np.isnan(month))
    weights = links[known][:, known]
    # linked to anyone, in either direction
    linked = np.flatnonzero((np.diff(weights.indptr) > 0) | (np.diff(weights.tocsc().indptr) > 0))
    weights, x = weights[linked][:, linked], month[known][linked]
    n = len(x)
    apart = x - x.mean() if n else x
    if n < 4 or np.abs(apart).max() <= ROUNDING * np.abs(x).max():
        return n, np.nan, np.nan, np.nan, np.nan
    s0 = weights.sum()
    s1 = ((weights + weights.T).power(2)).sum() / 2
    s2 = ((weights.sum(axis=0) + weights.sum(axis=1)) ** 2).sum()
    m2, m4 = (apart**2).mean(), (apart**4).mean()
    i = apart @ (weights @ apart) / (s0 * m2)
    b2 = m4 / m2**2
    expected = -1 / (n - 1)
    among = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    less = b2 * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (among - less) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    # every order of the values has the same I where all are each other's neighbours
    fixed = variance <= ROUNDING * i**2
    rng, reached = np.random.default_rng(seed), 0
    for start in range(0, permutations, BLOCK):
        shuffled = np.tile(apart, (min(BLOCK, permutations - start), 1))
        drawn = rng.permuted(shuffled, axis=1, out=shuffled).T
        sums = np.einsum("ij,ij->j", drawn, weights @ drawn)
        reached += int(np.count_nonzero(sums >= s0 * m2 * (i - ROUNDING * (abs(i) + 1))))
    p = (1 + reached) / (1 + permutations)
    return n, i, expected, np.nan if fixed else variance, p
