"""Marshall's empirical Bayes rates: drawn towards the whole, or towards the neighbourhood."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]
Counts = pd.Series | pd.DataFrame

PER = 100_000


class _Prior(NamedTuple):
    """Mean and variance of the rates, one for each month or for each mahalla and month."""

    mean: Floats
    variance: Floats


def fit_marshall(counts: Counts, population: pd.Series[float]) -> pd.DataFrame:
    """Estimate the mean and the variance of the rates by Marshall's moments.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month. NaN is left out.
    population : Series, index mahalla_code
        Residents; 0, negative and NaN are left out.

    Returns
    -------
    DataFrame
        One row a month (of a Series one row, 0): ``mean``, the rate of the whole in offenses a
        resident, and ``variance`` of the mahallas' rates around it, beyond what chance adds. The
        estimate of the variance may be negative; it is then 0, and says that the rates differ no
        more than by chance. NaN with fewer than 2 mahallas.

    Raises
    ------
    InputError
        If a count is negative or infinite.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40, 283-294. https://doi.org/10.2307/2347593

    Examples
    --------
    >>> people = pd.Series([1000.0, 2000.0, 1000.0], index=list("abc"))
    >>> fit_marshall(pd.Series([0, 2, 6], index=list("abc")), people)
        mean  variance
    0  0.002  0.000004
    """
    prior = _whole(*_known(counts, population))
    months = counts.columns if isinstance(counts, pd.DataFrame) else pd.RangeIndex(1)
    return pd.DataFrame(prior._asdict(), index=months)


def marshall_rates(
    counts: Counts,
    population: pd.Series[float],
    *,
    years: float | pd.Series[Any],
    graph: Graph | None = None,
) -> pd.DataFrame:
    """Return rates drawn towards the rate of the whole, or of the neighbourhood.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month. NaN: no data.
    population : Series, index mahalla_code
        Residents; 0 and negative count as missing.
    years
        Length of the window in years, over its observed months: one number, or one for each column.
    graph : libpysal.graph.Graph
        Neighbours among the mahallas of the index. Every link counts as one, whatever its weight,
        and a mahalla always belongs to its own neighbourhood. Absent: towards the whole.

    Returns
    -------
    DataFrame
        On the index of the counts: ``eb_rate`` per 100,000 residents and year, and ``eb_weight``,
        from 0 to 1: the share of the mahalla's own rate in it. 0 says that the rates of the whole,
        or of the neighbourhood, differ no more than by chance (a variance that was estimated as
        negative and taken as 0), so that the mahalla has the common rate. Of a panel the columns
        are (measure, month). NaN where the count or the population is; where fewer than 2
        mahallas are known; with a graph also where no neighbour is known. ``eb_rate`` is NaN in
        a month of no length.

    Raises
    ------
    InputError
        If a count is negative or infinite, a code repeats, or the graph knows a mahalla that the
        counts do not.

    Notes
    -----
    rate = mean + w (x/n − mean) with w = variance / (variance + mean / n) and variance = Σ n (x/n −
    mean)² / Σ n − mean / n̄. Of the local version all sums and n̄ run over the neighbourhood, and
    every deviation is from its mean, as in GeoDa, esda and spdep's ``EBlocal(geoda = TRUE)``;
    the default of spdep takes each neighbour's deviation from that neighbour's own neighbourhood.
    A local variance from half a dozen mahallas is itself uncertain and often 0. The estimates are
    too alike as a set: they serve to map risks, not to rank or to count mahallas above a bar.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40, 283-294. https://doi.org/10.2307/2347593

    Examples
    --------
    >>> people = pd.Series([1000.0, 2000.0, 1000.0], index=list("abc"))
    >>> marshall_rates(pd.Series([0, 2, 6], index=list("abc")), people, years=1).round(3)
       eb_rate  eb_weight
    a   66.667      0.667
    b  120.000      0.800
    c  466.667      0.667
    """
    x, people = _known(counts, population)
    prior = _whole(x, people) if graph is None else _neighbourhood(x, people, counts.index, graph)
    if isinstance(years, pd.Series):
        years = years.reindex(pd.DataFrame(counts).columns)
    length = np.broadcast_to(np.asarray(years, dtype=float), x.shape[1:])
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = prior.variance / (prior.variance + prior.mean / people)
        # without offenses both are 0, and there is nothing to weigh
        weight = np.where((prior.mean == 0) & np.isfinite(x), 0.0, weight)
        rate = prior.mean + weight * (x / people - prior.mean)
        rate = np.where(length > 0, rate / length * PER, np.nan)
    measures = {"eb_rate": rate, "eb_weight": weight}
    if isinstance(counts, pd.Series):
        return pd.DataFrame({name: of[:, 0] for name, of in measures.items()}, counts.index)
    frames = {name: pd.DataFrame(of, counts.index, counts.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure", "month"])


def _whole(x: Floats, people: Floats) -> _Prior:
    # sorted, so that the order of the rows cannot change a sum of floats
    n, whole = np.isfinite(x).sum(axis=0), np.nansum(np.sort(people, axis=0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n >= 2, np.nansum(np.sort(x, axis=0), axis=0) / whole, np.nan)
        squares = np.nansum(np.sort(people * (x / people - mean) ** 2, axis=0), axis=0)
        return _Prior(mean, np.maximum(squares / whole - mean / (whole / n), 0.0))


def _neighbourhood(x: Floats, people: Floats, codes: pd.Index, graph: Graph) -> _Prior:
    focal, neighbour = _links(codes, graph)
    known = np.isfinite(x)
    each = np.arange(len(focal))
    shape = (len(codes), len(focal))
    gather = sparse.csr_array((np.ones(len(focal)), (focal, each)), shape=shape)

    def add(values: Floats) -> Floats:
        return np.asarray(gather @ values)

    n = add(known[neighbour].astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = add(np.nan_to_num(people)[neighbour])
        mean = np.where(known & (n >= 2), add(np.nan_to_num(x)[neighbour]) / whole, np.nan)
        away = (x / people)[neighbour] - mean[focal]
        squares = add(np.nan_to_num(people[neighbour] * away**2))
        return _Prior(mean, np.maximum(squares / whole - mean / (whole / n), 0.0))


def _links(codes: pd.Index, graph: Graph) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return who belongs to whose neighbourhood, itself included, as places in the index."""
    if not codes.is_unique:
        twice = codes[codes.duplicated()][0]
        raise InputError(
            _("mahalla '{code}' has two rows of counts: give each mahalla one row", code=twice)
        )
    members = pd.Index(graph.unique_ids)
    places = codes.get_indexer(members)
    if (places < 0).any():
        raise InputError(
            _(
                "mahalla '{code}' of the graph has no counts: count over the same mahallas "
                "that the graph was built from",
                code=members[places < 0][0],
            )
        )
    pairs = sparse.coo_array(graph.sparse)
    focal, neighbour = (places[along] for along in pairs.coords)
    linked = (pairs.data != 0) & (focal != neighbour)
    own = np.arange(len(codes))
    return np.append(own, focal[linked]), np.append(own, neighbour[linked])


def _known(counts: Counts, population: pd.Series[float]) -> tuple[Floats, Floats]:
    """Return counts and people as mahallas by months, NaN in both where either is missing."""
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    if (x < 0).any():
        raise InputError(
            _("A count is negative, {count}; counts begin at 0.", count=f"{np.nanmin(x):g}")
        )
    if np.isinf(x).any():
        raise InputError(_("A count is inf; counts are numbers, and NaN where there is no data."))
    people = population.reindex(counts.index).to_numpy(dtype=float, na_value=np.nan)[:, None]
    known = np.isfinite(x) & (people > 0)
    return np.where(known, x, np.nan), np.where(known, people, np.nan)
