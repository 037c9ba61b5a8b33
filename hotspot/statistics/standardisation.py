"""Indirect standardisation: what a mahalla would have, had it the rates of the whole by stratum."""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammainccinv, gammaincinv, ndtri

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _, mark

Frame = TypeVar("Frame", pd.Series, pd.DataFrame)
Floats = NDArray[np.float64]

LIMITS = ("exact", "byar")


def expected_counts(
    counts: pd.DataFrame,
    population: pd.Series[float] | pd.DataFrame,
    *,
    standard: pd.Series[float] | None = None,
) -> pd.Series[float] | pd.DataFrame:
    """Return the count of each mahalla, had each of its strata the rate of the whole.

    Parameters
    ----------
    counts : DataFrame, index mahalla_code
        Offenses by stratum (age class, sex, kind, season …): columns are the strata, or a
        MultiIndex (stratum, month). NaN: no data.
    population : Series or DataFrame, index mahalla_code
        People at risk: a column a stratum, or one Series for all strata. A mahalla where nobody
        lives in any stratum counts as missing; a single empty stratum does not.
    standard : Series, index stratum
        Offenses a person and window in a standard population, the republic for example. Absent:
        the rates of the whole, month by month.

    Returns
    -------
    Series or DataFrame
        ``expected``, on the index of the counts; with months a panel. NaN where the count or
        the population of any stratum is missing; such mahallas do not belong to the whole. Of
        the mahallas that do, and without a standard, the expected counts sum to the counts but for
        the offenses of a stratum in which nobody lives anywhere: it has no rate, and they are
        expected of no mahalla.

    Raises
    ------
    InputError
        If a count or a rate is negative or a count infinite, or a stratum has no population or no
        standard rate.

    Notes
    -----
    With one stratum this is ``expected`` of `rates`. Where every stratum has the same people, as
    kinds of offense do, the sum over the strata is again that of one stratum. Ratios to these
    expected counts may be compared with the whole, with each other only where mahallas do not
    differ much in the make-up of their people.

    References
    ----------
    Breslow, N. E. & Day, N. E. (1987). Statistical methods in cancer research II: the design and
    analysis of cohort studies. IARC Scientific Publications 82, chapter 2.

    Examples
    --------
    >>> counts = pd.DataFrame({"young": [6, 2], "old": [1, 1]}, index=["a", "b"])
    >>> people = pd.DataFrame({"young": [300, 100], "old": [100, 900]}, index=["a", "b"])
    >>> expected_counts(counts, people)
    a    6.2
    b    3.8
    Name: expected, dtype: float64
    """
    panel = isinstance(counts.columns, pd.MultiIndex)
    strata = counts.columns.unique(level=0).sort_values()
    months = counts.columns.unique(level=1) if panel else pd.RangeIndex(1)
    by_month = counts if panel else pd.concat({0: counts}, axis=1).swaplevel(axis=1)
    cells = by_month.reindex(columns=pd.MultiIndex.from_product([strata, months]))
    # mahallas × strata × months
    x = cells.to_numpy(dtype=float, na_value=np.nan).reshape(len(counts), len(strata), len(months))
    if (x < 0).any():
        raise InputError(
            _("A count is negative, {count}; counts begin at 0.", count=f"{np.nanmin(x):g}")
        )
    if np.isinf(x).any():
        raise InputError(_("A count is inf; counts are numbers, and NaN where there is no data."))
    people = _people(population, counts.index, strata)[:, :, None]
    known = np.isfinite(x).all(axis=1) & (np.where(people >= 0, people, np.nan).sum(axis=1) > 0)
    if standard is None:
        seen = known[:, None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            # sorted, so that the order of the rows cannot change a sum of floats
            offenses, residents = (
                np.sort(np.where(seen, of, 0), axis=0).sum(axis=0) for of in (x, people)
            )
            of_whole = offenses / residents
        # where nobody lives in a stratum there is nobody to expect anything of
        rates = np.where(np.isfinite(of_whole), of_whole, 0.0)
    else:
        refusal = mark("The stratum '{stratum}' has no standard rate: {hint}")
        _refuse_unknown(strata, standard.index, refusal)
        rates = standard.loc[strata].to_numpy(dtype=float)[:, None]
        if not (rates >= 0).all():
            raise InputError(
                _("A standard rate is {rate}; rates begin at 0.", rate=f"{np.min(rates):g}")
            )
    expected = np.where(known, (people * rates).sum(axis=1), np.nan)
    if panel:
        return pd.DataFrame(expected, index=counts.index, columns=months)
    return pd.Series(expected[:, 0], index=counts.index, name="expected")


def standardised_ratios(
    counts: Frame,
    expected: Frame,
    *,
    level: float = 0.95,
    limits: Literal["exact", "byar"] = "exact",
) -> pd.DataFrame:
    """Return the ratio of the counts to the expected ones, with confidence limits.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window over all strata, or a panel with a column a month; whole numbers.
        NaN: no data.
    expected : Series or DataFrame
        As `expected_counts` or `rates` return them, on the same index and columns.
    level
        Of the limits, between 0 and 1.
    limits
        ``exact`` (Garwood), or ``byar``: a close formula that needs no tables, here for
        comparison with reports that use it.

    Returns
    -------
    DataFrame
        ``ratio``, ``ratio_lower``, ``ratio_upper`` on the index of the counts; of a panel the
        columns are (measure, month). NaN where the count is missing, and where the expected count
        is missing or 0.

    Raises
    ------
    InputError
        If a count is negative or not whole, the level is not between 0 and 1, or the limits are
        neither.

    Notes
    -----
    The count is taken as Poisson and the expected count as known. Exact limits hold at least the
    level, at small counts more. One of twenty mahallas lies outside by chance alone: for many
    mahallas use `funnel_flags`, or correct.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    https://doi.org/10.1093/biomet/28.3-4.437

    Breslow, N. E. & Day, N. E. (1987), as for `expected_counts`, for Byar's formula.

    Examples
    --------
    >>> counts, expected = pd.Series([10, 0], index=["a", "b"]), pd.Series([5.0, 2.0], ["a", "b"])
    >>> standardised_ratios(counts, expected).round(3)
       ratio  ratio_lower  ratio_upper
    a    2.0        0.959        3.678
    b    0.0        0.000        1.844
    """
    if not 0 < level < 1:
        raise InputError(
            _("A level of {level} is no probability; give one between 0 and 1.", level=level)
        )
    if limits not in LIMITS:
        raise InputError(
            _(
                "There are no limits '{limits}': {hint}",
                limits=limits,
                hint=nearest_sentence(limits, LIMITS),
            )
        )
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    wrong = x[(x < 0) | np.isinf(x) | (np.isfinite(x) & (x != np.floor(x)))]
    if wrong.size:
        raise InputError(
            _(
                "A count is {count}; Poisson limits are for whole numbers from 0.",
                count=f"{wrong[0]:g}",
            )
        )
    e = pd.DataFrame(expected.reindex_like(counts)).to_numpy(dtype=float, na_value=np.nan)
    e = np.where((e > 0) & np.isfinite(x), e, np.nan)
    lower, upper = (_garwood if limits == "exact" else _byar)(x, (1 - level) / 2)
    measures = {"ratio": x / e, "ratio_lower": lower / e, "ratio_upper": upper / e}
    if isinstance(counts, pd.Series):
        return pd.DataFrame({name: of[:, 0] for name, of in measures.items()}, counts.index)
    frames = {name: pd.DataFrame(of, counts.index, counts.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure", "month"])


def _garwood(x: Floats, tail: float) -> tuple[Floats, Floats]:
    # of a count of 0 the lower limit is 0, where the gamma distribution has no shape
    lower = np.where(x > 0, gammaincinv(np.maximum(x, 1), tail), 0.0)
    return lower, np.asarray(gammainccinv(x + 1, tail), dtype=np.float64)


def _byar(x: Floats, tail: float) -> tuple[Floats, Floats]:
    z = -ndtri(tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    # of a count of 1 the cube may be negative at high levels
    lower = np.where(x > 0, np.maximum(lower, 0.0), 0.0)
    return lower, (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3


def _people(
    population: pd.Series[float] | pd.DataFrame, codes: pd.Index, strata: pd.Index
) -> Floats:
    if isinstance(population, pd.Series):
        one = population.reindex(codes).to_numpy(dtype=float, na_value=np.nan)
        return np.repeat(one[:, None], len(strata), axis=1)
    refusal = mark("The stratum '{stratum}' has no population: {hint}")
    _refuse_unknown(strata, population.columns, refusal)
    return population.reindex(codes)[strata].to_numpy(dtype=float, na_value=np.nan)


def _refuse_unknown(strata: pd.Index, known: pd.Index, refusal: str) -> None:
    missing = strata.difference(known)
    if len(missing):
        near = nearest_sentence(str(missing[0]), sorted(str(name) for name in known))
        raise InputError(_(refusal, stratum=missing[0], hint=near))
