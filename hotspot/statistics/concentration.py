"""How much of the crime a few mahallas hold, the 80-20 table, and what chance alone makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Counts = pd.Series | pd.DataFrame
Floats = NDArray[np.float64]

SHARES = (0.25, 0.5, 0.8)
TOPS = (0.01, 0.05, 0.1, 0.2, 0.5)
# numbers drawn at once, so that a republic's simulations fit into memory
DRAWN = 4_000_000


def fewest_mahallas(counts: Counts, shares: Sequence[float] = SHARES) -> pd.DataFrame:
    """Return the share of mahallas that holds each share of the offenses.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month. NaN is left out.
    shares
        Of the offenses, above 0 and at most 1.

    Returns
    -------
    DataFrame
        One row a month (of a Series one row, 0), one column a share: the smallest number of
        mahallas that hold at least that share, over all mahallas with a count. NaN in a month
        without offenses.

    Raises
    ------
    InputError
        If a count is negative or a share is not above 0 and at most 1.

    References
    ----------
    Weisburd, D. (2015). The law of crime concentration and the criminology of place. Criminology
    53, 133-157. https://doi.org/10.1111/1745-9125.12070 (on street segments: his figures say
    nothing about mahallas)

    Examples
    --------
    >>> fewest_mahallas(pd.Series([5, 2, 1, 0, 0, 0, 0, 0, 0, 0]))
       0.25  0.50  0.80
    0   0.1   0.1   0.2
    """
    for share in shares:
        if not 0 < share <= 1:
            raise InputError(
                _("A share of {share} of the offenses; give shares above 0, up to 1.", share=share)
            )
    x = _descending(counts)
    n = np.isfinite(_values(counts)).sum(axis=0)
    return pd.DataFrame(_fewest(x, n, shares).T, index=_months(counts), columns=list(shares))


def pareto_table(counts: pd.Series[float], tops: Sequence[float] = TOPS) -> pd.DataFrame:
    """Return the 80-20 table: what the mahallas with most offenses hold together.

    Parameters
    ----------
    counts : Series, index mahalla_code
        Offenses of one window. NaN is left out.
    tops
        Shares of the mahallas, above 0 and at most 1, ascending.

    Returns
    -------
    DataFrame
        Index ``top``, the shares and 1 for all; ``mahallas``, the share in whole mahallas, rounded
        up; ``offenses`` that these hold; ``share``, cumulative, of all offenses (NaN where nothing
        happened); ``least``, the count of the last of them. Mahallas with that count may lie on
        both sides of the line: which of them is inside makes no difference to the sums.

    Raises
    ------
    InputError
        If a count is negative or a share is not above 0 and at most 1.

    Examples
    --------
    >>> counts = pd.Series([5, 2, 1, 0, 0, 0, 0, 0, 0, 0])
    >>> pareto_table(counts, tops=(0.1, 0.2)).rename_axis(index=None)
         mahallas  offenses  share  least
    0.1         1       5.0  0.625    5.0
    0.2         2       7.0  0.875    2.0
    1.0        10       8.0  1.000    0.0
    """
    for top in tops:
        if not 0 < top <= 1:
            raise InputError(
                _("A share of {top} of the mahallas; give shares above 0, up to 1.", top=top)
            )
    x, n = _descending(counts)[0], int(counts.notna().sum())
    held = np.cumsum(x)
    shares = pd.Index([*tops, 1.0], name="top", dtype=float).unique()
    if n == 0:
        return pd.DataFrame(columns=["mahallas", "offenses", "share", "least"], dtype=float)
    # 0.1 of 30 is a little more than 3 in binary
    mahallas = np.maximum(np.ceil(np.round(shares.to_numpy() * n, 9)).astype(int), 1)
    measures = {
        "mahallas": mahallas,
        "offenses": held[mahallas - 1],
        "share": held[mahallas - 1] / held[-1] if held[-1] > 0 else np.nan,
        "least": x[mahallas - 1],
    }
    return pd.DataFrame(measures, index=shares)


def concentration_envelope(
    counts: Counts,
    *,
    seed: int,
    population: pd.Series[float] | None = None,
    simulations: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the concentration with what chance makes of equal risks.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month; whole numbers. NaN is left out.
    seed
        Of the simulation. Every month starts from it, so that a month alone has the same answer
        as within a panel.
    population : Series, index mahalla_code
        Residents: offenses fall on mahallas in proportion, and those without residents are left
        out. Absent: on every mahalla alike.
    simulations
        How often the month's offenses are dealt out anew.
    level
        Of the envelope, between 0 and 1.

    Returns
    -------
    DataFrame
        Index ``measure`` (``gini, share_25, share_50, share_80``: the share of mahallas with that
        percentage of the offenses), of a panel (month, measure). Columns: ``observed``;
        ``expected``, the mean of the simulations; ``lower`` and ``upper``, beyond which chance
        comes no more often than the level says, ties included; ``p``, the probability of as much
        concentration or more. NaN in a month without offenses or with fewer than 2 mahallas.

    Raises
    ------
    InputError
        If a count is negative or not whole, a population infinite, the level not between 0 and 1,
        or the simulations too few for an envelope of that level.

    Notes
    -----
    The offenses are dealt independently of each other (multinomial, given their number), so several
    records of one event count as concentration. Each measure has its own envelope: that one of
    four lies outside is more probable than the level says.

    References
    ----------
    Hope, A. C. A. (1968). A simplified Monte Carlo significance test procedure. Journal of the
    Royal Statistical Society B 30, 582-598. https://doi.org/10.1111/j.2517-6161.1968.tb00759.x

    Examples
    --------
    >>> counts = pd.Series([9, 1, 0, 1, 0, 0, 1, 0])
    >>> concentration_envelope(counts, seed=1).loc["gini", ["observed", "lower", "p"]].round(3)
    observed    0.750
    lower       0.167
    p           0.001
    Name: gini, dtype: float64
    """
    if not 0 < level < 1:
        raise InputError(
            _("A level of {level} is no probability; give one between 0 and 1.", level=level)
        )
    # this many of the simulations lie on the envelope or beyond it, at either end
    beyond = int((1 - level) / 2 * (simulations + 1) + 1e-9)
    if beyond < 1:
        least = int(np.ceil(round(2 / (1 - level), 9))) - 1
        raise InputError(
            _(
                "{simulations} simulations make no envelope of {level}; draw {least} or more.",
                simulations=simulations,
                level=level,
                least=least,
            )
        )
    values = _values(counts)
    if not _whole(values):
        wrong = values[np.isfinite(values) & (values != np.floor(values))][0]
        raise InputError(
            _("A count is {wrong}; an envelope is for whole numbers from 0.", wrong=f"{wrong:g}")
        )
    people: Floats = np.ones(len(counts))
    if population is not None:
        given = population.reindex(counts.index).to_numpy(dtype=float, na_value=np.nan)
        people = np.asarray(given, dtype=np.float64)
        if np.isinf(people).any():
            raise InputError(_("A population is infinite; leave it empty where it is not known."))
    names = ["gini", *(f"share_{round(100 * share)}" for share in SHARES)]
    months: dict[Any, pd.DataFrame] = {}
    for month, x in zip(_months(counts), values.T, strict=True):
        known = np.isfinite(x) & (people > 0)
        months[month] = pd.DataFrame(
            _envelope(x[known], people[known], seed, simulations, beyond),
            index=pd.Index(names, name="measure"),
            columns=["observed", "expected", "lower", "upper", "p"],
        )
    return pd.concat(months, names=["month"]) if isinstance(counts, pd.DataFrame) else months[0]


def _envelope(x: Floats, people: Floats, seed: int, simulations: int, beyond: int) -> Floats:
    n, total = len(x), int(x.sum())
    if n < 2 or total == 0:
        return np.full((1 + len(SHARES), 5), np.nan)
    # in the order of their size, so that the order and the names of the mahallas change nothing
    chance = np.sort(people)[::-1]
    chance = chance / chance.sum()
    random = np.random.default_rng(seed)
    at_once = max(DRAWN // n, 1)
    drawn = []
    for start in range(0, simulations, at_once):
        number = min(at_once, simulations - start)
        dealt = random.multinomial(total, chance, size=number)
        drawn.append(_measured(np.sort(dealt, axis=1)[:, ::-1], n))
    simulated = np.sort(np.concatenate(drawn, axis=1), axis=1)
    observed = _measured(np.sort(x)[None, ::-1], n)
    # more concentrated is a larger Gini and a smaller share of mahallas
    as_much = np.append(simulated[:1] >= observed[:1], simulated[1:] <= observed[1:], axis=0)
    return np.column_stack(
        [
            observed[:, 0],
            simulated.mean(axis=1),
            simulated[:, beyond - 1],
            simulated[:, -beyond],
            (1 + as_much.sum(axis=1)) / (1 + simulations),
        ]
    )


def _measured(x: Floats | NDArray[np.int64], n: int) -> Floats:
    each = np.full(len(x), n)
    return np.vstack([_gini(x, each), _fewest(x, each, SHARES)])


def _gini(x: Floats | NDArray[np.int64], n: NDArray[np.int64]) -> Floats:
    """Return the coefficient of each row of descending numbers, the missing last as 0."""
    rank = np.arange(1, x.shape[1] + 1)
    # Σ (n + 1 − 2j) x_j; the ranks are summed first, so that whole counts stay whole
    total = x.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficient = ((n + 1) * total - 2 * (x @ rank)) / (n * total)
    return np.where(total > 0, coefficient, np.nan)


def _fewest(x: Floats | NDArray[np.int64], n: NDArray[np.int64], shares: Sequence[float]) -> Floats:
    held = np.cumsum(x, axis=1)
    total = x.sum(axis=1)
    fewest = []
    for share in shares:
        # 0.55 of 100 is a little more than 55 in binary
        mahallas = 1 + (held < (share * total * (1 - 1e-12))[:, None]).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            fewest.append(np.where(total > 0, mahallas / n, np.nan))
    return np.array(fewest)


def _descending(counts: Counts) -> Floats:
    """Return a row a month: its numbers from the largest on, 0 for the missing at the end."""
    x = _values(counts)
    return np.sort(np.where(np.isfinite(x), x, 0.0).T, axis=1)[:, ::-1]


def _values(counts: Counts) -> Floats:
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    if (x < 0).any():
        raise InputError(
            _("A count is negative, {count}; counts begin at 0.", count=f"{np.nanmin(x):g}")
        )
    return x


def _whole(x: Floats) -> bool:
    known = x[np.isfinite(x)]
    return bool((known == np.floor(known)).all())


def _months(counts: Counts) -> pd.Index:
    return counts.columns if isinstance(counts, pd.DataFrame) else pd.RangeIndex(1)
