"""What a scan holds the counts against: what is expected if nothing clusters, and maps of that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from hotspot.errors import InputError
from hotspot.language import _, mark

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = pd.Series | pd.DataFrame

# the dispersion is fitted to mahallas with at least this share of the mean baseline: a park with
# five residents would make all differences look like chance
LEAST_SIZE = 0.1


@dataclass(frozen=True)
class ScanNull:
    """What is expected where nothing clusters.

    Attributes
    ----------
    counts : DataFrame
        Offenses, mahallas (sorted by code) × months; 0 where there is nothing to scan.
    expected : DataFrame
        Alike; sums to the number of offenses. 0 where there is no baseline or no data.
    left_out : Series
        Why, for each mahalla left out: "no baseline" or "no data".
    dispersion : float
        The variance of the mahallas' risks around 1; NaN in the permutation, where it cancels.
    """

    counts: pd.DataFrame
    expected: pd.DataFrame
    left_out: pd.Series
    dispersion: float

    def draw(self, rng: np.random.Generator) -> Integers:
        """Return a map drawn at random with the same total: mahallas × months."""
        if np.isnan(self.dispersion):
            return self._permuted(rng)
        expected = self.expected.to_numpy()
        risks = sizes = expected.sum(axis=1)
        if self.dispersion > 0:
            risks = sizes * rng.standard_gamma(1 / self.dispersion, len(sizes))
        if not risks.any():
            # all too small for a float, where their law is a power: its logarithm is exponential
            below = rng.standard_exponential(len(sizes))
            risks = sizes * np.exp(self.dispersion * (below.min() - below))
        totals = rng.multinomial(int(self.counts.to_numpy().sum()), risks / risks.sum())
        return rng.multinomial(totals, expected / sizes[:, None])

    def _permuted(self, rng: np.random.Generator) -> Integers:
        counts = self.counts.to_numpy()
        mahalla, month = (np.repeat(of.ravel(), counts.ravel()) for of in np.indices(counts.shape))
        cells = mahalla * counts.shape[1] + rng.permutation(month)
        return np.bincount(cells, minlength=counts.size).reshape(counts.shape)


def population_null(
    counts: Counts,
    population: Counts,
    *,
    by_month: bool = False,
    dispersion: float | None = None,
) -> ScanNull:
    """Expect offenses in proportion to the population.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month. NaN: no data; such a month
        expects nothing.
    population : Series or DataFrame, index mahalla_code
        Residents, or whatever the counts would be proportional to; a panel where it changes from
        month to month. NaN or 0: not known, and the mahalla left out.
    by_month : bool
        Let every month have its own level, that of all mahallas together: a month in which all
        of them had more is then no cluster.
    dispersion : float, optional
        Variance of the mahallas' risks around 1, which has nothing to do with where they lie. 0
        is Kulldorff's Poisson model. When absent it is fitted to the mahallas' totals.

    Returns
    -------
    ScanNull
        For `scan_statistic`.

    Raises
    ------
    InputError
        If a count is negative or not whole, a population negative, a code repeats, months are not
        in order, a dispersion is negative, or fewer than two mahallas or no offense are left.

    Notes
    -----
    Maps are drawn with the same total. With a dispersion each mahalla's risk is first drawn from a
    gamma law, once for all months. Without it a few bad mahallas make a cluster wherever they lie,
    as real offenses vary far more than Poisson counts. It is fitted by maximum likelihood of the
    negative binomial to mahallas with at least a tenth of the mean population; a true cluster
    enlarges it and so hides a little behind itself. Where it is large, 1 and more, only extreme
    clusters stand out: what single mahallas do by themselves is no less.

    References
    ----------
    Kulldorff (1997), doi:10.1080/03610929708831995, for the model without dispersion.

    Examples
    --------
    >>> codes = pd.Index(list("abcd"), name="mahalla_code")
    >>> null = population_null(pd.Series([3, 0, 2, 5], codes), pd.Series([100, 100, 300, 0], codes))
    >>> null.expected.squeeze().tolist()
    [1.0, 1.0, 3.0]
    >>> null.left_out.to_dict()
    {'d': 'no baseline'}
    """
    x, known, panel = _cells(counts)
    weights = _weights(population, panel)
    if by_month:
        known &= weights > 0
        each = np.where(known, weights, 0.0).sum(axis=0)
        weights = weights * np.divide(
            np.where(known, x, 0.0).sum(axis=0), each, out=np.zeros(len(each)), where=each > 0
        )
    return _null(x, known, weights, panel, dispersion)


def past_null(
    counts: Counts, earlier: pd.DataFrame, *, dispersion: float | None = None
) -> ScanNull:
    """Expect offenses where they used to be: in proportion to the mean of earlier months.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        As in `population_null`.
    earlier : DataFrame, index mahalla_code
        A panel of months before those. NaN: no data.
    dispersion : float, optional
        As in `population_null`: how much mahallas leave their own past.

    Returns
    -------
    ScanNull
        For `scan_statistic`.

    Raises
    ------
    InputError
        As in `population_null`.

    Notes
    -----
    To each mahalla's past one month of the mean mahalla is added, so that the first offense ever
    is not infinitely surprising. With dispersion 0 the past is taken as certain, which it is not:
    with fewer than a few years of it, chance is called a cluster too often. `permutation_null`
    needs no such assumption.

    Examples
    --------
    >>> earlier = pd.DataFrame({"m1": [4, 0], "m2": [2, 2]}, index=["a", "b"])
    >>> past_null(pd.Series([9, 3], index=["a", "b"]), earlier).expected.squeeze().tolist()
    [8.0, 4.0]
    """
    past, known, before = _cells(earlier)
    months = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = past.sum() / months.sum()
        level = np.where(months > 0, (past.sum(axis=1) + mean) / (months + 1), np.nan)
    return population_null(counts, pd.Series(level, before.index), dispersion=dispersion)


def permutation_null(counts: pd.DataFrame) -> ScanNull:
    """Expect nothing but that each mahalla and each month keeps its own total.

    Parameters
    ----------
    counts : DataFrame, index mahalla_code
        Offenses, a column a month. NaN: no data. A month without data anywhere is no month; a
        mahalla with a gap of its own is left out.

    Returns
    -------
    ScanNull
        For `scan_statistic`: the space–time permutation, in which every offense may have the month
        of any other.

    Raises
    ------
    InputError
        As in `population_null`, or if there is only one month.

    Notes
    -----
    It needs no population, and a mahalla that is always bad is no cluster: only what came at its
    own time is. What rises everywhere is not seen either. Offenses that repeat within days in one
    place are not independent; the test calls such a series a cluster, which it is.

    References
    ----------
    Kulldorff, Heffernan, Hartman, Assunção & Mostashari (2005),
    doi:10.1371/journal.pmed.0020059.

    Examples
    --------
    >>> counts = pd.DataFrame({"m1": [4, 0], "m2": [2, 2]}, index=["a", "b"])
    >>> permutation_null(counts).expected.to_numpy().tolist()
    [[3.0, 3.0], [1.0, 1.0]]
    """
    x, known, panel = _cells(counts)
    if panel.shape[1] < 2:
        raise InputError(_("one month alone has nothing to permute: give at least two"))
    months = np.asarray(known.any(axis=0))
    whole = np.asarray(known[:, months].all(axis=1)) & months.any()
    known &= whole[:, None]
    x = np.where(known, x, 0.0)
    weights = np.outer(x.sum(axis=1), x.sum(axis=0))
    return _null(x, known, weights, panel, np.nan)


def _null(
    x: Floats,
    known: NDArray[np.bool_],
    weights: Floats,
    panel: pd.DataFrame,
    dispersion: float | None,
) -> ScanNull:
    """Return the null of the mahallas that have a weight and data."""
    used = known & (weights > 0)
    # a mahalla without offenses has nothing to permute, and is scanned all the same
    permuted = dispersion is not None and np.isnan(dispersion)
    kept = np.asarray((known if permuted else used).any(axis=1))
    reasons = np.where(known.any(axis=1), "no baseline", "no data")
    left_out = pd.Series(reasons, panel.index, name="left_out", dtype="str")[~kept]
    x, weights = np.where(used, x, 0.0)[kept], np.where(used, weights, 0.0)[kept]
    total = x.sum()
    if len(x) < 2 or total == 0:
        raise InputError(
            _(
                "{mahallas} mahallas with a baseline and data hold {total} offenses: a scan needs "
                "two mahallas and an offense",
                mahallas=len(x),
                total=f"{total:g}",
            )
        )
    expected = weights * (total / weights.sum())
    if dispersion is None:
        dispersion = _fit_dispersion(x.sum(axis=1), expected.sum(axis=1))
    if dispersion < 0 or np.isinf(dispersion):
        raise InputError(
            _(
                "the dispersion is {dispersion}: give a variance from 0 up",
                dispersion=f"{dispersion:g}",
            )
        )
    frames = [pd.DataFrame(of, panel.index[kept], panel.columns) for of in (x, expected)]
    return ScanNull(frames[0].astype(np.int64), frames[1], left_out, dispersion)


def _fit_dispersion(x: Floats, expected: Floats) -> float:
    """Return the variance of the mahallas' risks under which their totals are most likely."""
    fit = expected >= LEAST_SIZE * expected.mean()
    x, expected = x[fit], expected[fit]

    def loss(logarithm: float) -> float:
        shape = np.exp(-logarithm)
        return -float(np.sum(stats.nbinom.logpmf(x, shape, shape / (shape + expected))))

    # logarithms of a millionth and of a thousand
    found = optimize.minimize_scalar(loss, bounds=(-13.8, 6.9), method="bounded")
    overdispersed = found.fun < -float(np.sum(stats.poisson.logpmf(x, expected)))
    return float(np.exp(found.x)) if overdispersed else 0.0


def _cells(counts: Counts) -> tuple[Floats, NDArray[np.bool_], pd.DataFrame]:
    """Return counts (0 where missing), where they are known, and the panel sorted by code."""
    panel = counts.to_frame() if isinstance(counts, pd.Series) else counts
    _refuse_repeated(
        panel.index, mark("mahalla '{code}' has two rows of counts: give each mahalla one row")
    )
    if not panel.columns.is_monotonic_increasing:
        raise InputError(_("the months of the counts are not in order: sort the columns"))
    panel = panel.sort_index()
    x = panel.to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(x)
    wrong = x[known & ~((x >= 0) & (x == np.round(x)) & (x < np.inf))]
    if wrong.size:
        raise InputError(
            _("a count is {count}: offenses are whole numbers from 0 up", count=f"{wrong[0]:g}")
        )
    return np.where(known, x, 0.0), known, panel


def _weights(baseline: Counts, panel: pd.DataFrame) -> Floats:
    """Return the baseline in the order of the panel, 0 where it is not known."""
    _refuse_repeated(
        baseline.index,
        mark("mahalla '{code}' has two rows of population: give each mahalla one row"),
    )
    if isinstance(baseline, pd.DataFrame):
        missing = panel.columns.difference(baseline.columns)
        if len(missing):
            raise InputError(
                _("the population has no column '{column}': give one each month", column=missing[0])
            )
        baseline = baseline[panel.columns]
    given = baseline.reindex(panel.index).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = given[(given < 0) | np.isinf(given)]
    if wrong.size:
        raise InputError(
            _("a population is {n}: leave it empty where it is not known", n=f"{wrong[0]:g}")
        )
    return np.broadcast_to(np.nan_to_num(given).reshape(len(panel), -1), panel.shape)


def _refuse_repeated(index: pd.Index, refusal: str) -> None:
    if not index.is_unique:
        raise InputError(_(refusal, code=index[index.duplicated()][0]))
