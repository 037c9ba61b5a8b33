"""What the gamma-Poisson model makes of each mahalla: its risk, drawn to the whole, and limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]


def gamma_poisson_risk(
    counts: pd.Series | pd.DataFrame,
    fitted: pd.DataFrame,
    population: pd.Series[float] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return each mahalla's relative risk, drawn towards 1, with a credible interval.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month. NaN: no data.
    fitted : DataFrame
        ``k`` and ``mean`` of each month, as `fit_gamma_poisson` returns them for the same counts
        and population.
    population : Series, index mahalla_code
        Residents; 0 and negative count as missing. Absent: 1 for each mahalla, so that the risk
        is relative to the mean mahalla and not to the rate of the whole.
    level
        Of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        On the index of the counts: ``relative_risk``, the posterior mean; its limits
        ``relative_risk_lower`` and ``relative_risk_upper``, the same share of the posterior
        outside at either end; ``smoothed_count``, the relative risk times what the mahalla would
        have at the rate of the whole. Of a panel the columns are (measure, month). NaN where the
        count or the population is, and in a month without a fit. Where k is infinite nothing says
        that mahallas differ: every risk is 1 and so are its limits.

    Raises
    ------
    InputError
        If a count is negative or infinite, the level is not between 0 and 1, or a month has no fit.

    Notes
    -----
    Given the count x and the expected count e = mean · population, the risk is gamma with shape
    k + x and rate k + e. k and mean are taken as known, so the interval is somewhat too short
    where mahallas are few.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
    for use in disease mapping. Biometrics 43, 671-681. https://doi.org/10.2307/2532003

    Examples
    --------
    >>> fitted = pd.DataFrame({"k": [1.0], "mean": [2.0]})
    >>> risk = gamma_poisson_risk(pd.Series([0, 8], index=["a", "b"]), fitted)
    >>> risk[["relative_risk", "smoothed_count"]].round(3)
       relative_risk  smoothed_count
    a          0.333           0.667
    b          3.000           6.000
    """
    if not 0 < level < 1:
        raise InputError(
            _("A level of {level} is no probability; give one between 0 and 1.", level=level)
        )
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    if (x < 0).any():
        raise InputError(
            _("A count is negative, {count}; counts begin at 0.", count=f"{np.nanmin(x):g}")
        )
    if np.isinf(x).any():
        raise InputError(_("A count is inf; counts are numbers, and NaN where there is no data."))
    months = counts.columns if isinstance(counts, pd.DataFrame) else pd.RangeIndex(1)
    without = ~months.isin(fitted.index)
    if without.any():
        raise InputError(
            _("The fit has no month {month}; fit the same counts.", month=months[without][0])
        )
    k, mean = (fitted.loc[months, name].to_numpy(dtype=float) for name in ("k", "mean"))
    people: Floats = np.ones((len(counts), 1))
    if population is not None:
        column = population.reindex(counts.index).to_numpy(dtype=float, na_value=np.nan)
        people = np.where(column > 0, column, np.nan)[:, None]
    # a missing count, population or fit spreads from here to every measure
    expected = mean * people + 0 * x
    alike = np.isinf(k) & np.isfinite(expected)
    with np.errstate(invalid="ignore"):
        shape, rate = k + x, k + expected
        tail = (1 - level) / 2
        risks = {
            "relative_risk": shape / rate,
            "relative_risk_lower": gammaincinv(shape, tail) / rate,
            "relative_risk_upper": gammaincinv(shape, 1 - tail) / rate,
        }
    measures = {name: np.where(alike, 1.0, risk) for name, risk in risks.items()}
    measures["smoothed_count"] = measures["relative_risk"] * expected
    if isinstance(counts, pd.Series):
        return pd.DataFrame({name: of[:, 0] for name, of in measures.items()}, counts.index)
    frames = {name: pd.DataFrame(of, counts.index, months) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure", "month"])
