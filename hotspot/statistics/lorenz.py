"""Lorenz curve and Gini coefficient, adjusted where offenses are fewer than mahallas."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Counts = pd.Series | pd.DataFrame
Floats = NDArray[np.float64]


def lorenz_curve(counts: pd.Series[float]) -> pd.DataFrame:
    """Return the Lorenz curve, from the mahalla with most offenses to those with least.

    Parameters
    ----------
    counts : Series, index mahalla_code
        Offenses of one window, or any numbers from 0. NaN is left out.

    Returns
    -------
    DataFrame
        From (0, 0) to (1, 1), one row more than mahallas: ``share_of_mahallas``;
        ``share_of_offenses`` that they hold together; ``most_equal``, what they would hold in the
        most even spread: the diagonal, or where there are fewer offenses than mahallas one a
        mahalla until there are no more. Empty where nothing happened.

    Raises
    ------
    InputError
        If a count is negative or infinite.

    References
    ----------
    Bernasco, W. & Steenbeek, W. (2017). More places than crimes: implications for evaluating the
    law of crime concentration at place. Journal of Quantitative Criminology 33, 451-467.
    https://doi.org/10.1007/s10940-016-9324-7

    Examples
    --------
    >>> lorenz_curve(pd.Series([0, 2, 0, 0])).tail(4)
       share_of_mahallas  share_of_offenses  most_equal
    1               0.25                1.0         0.5
    2               0.50                1.0         1.0
    3               0.75                1.0         1.0
    4               1.00                1.0         1.0
    """
    descending, known = _descending(counts)
    x, n = descending[:, 0], int(known[0])
    upto = np.cumsum(x[:n])
    # the last of the running sums: of weights the sum at once may differ from it by rounding
    total = upto[-1] if n else 0.0
    columns = ["share_of_mahallas", "share_of_offenses", "most_equal"]
    if not total > 0:
        return pd.DataFrame(columns=columns, dtype=float)
    mahallas = np.arange(n + 1) / n
    held = np.append(0.0, upto / total)
    # weights of severity are not offenses, of which there could be too few
    ceiling = min(total, n) if _whole(x) else n
    equal = np.minimum(np.arange(n + 1) / ceiling, 1.0)
    return pd.DataFrame(dict(zip(columns, (mahallas, held, equal), strict=True)))


def gini(counts: Counts) -> pd.DataFrame:
    """Return the Gini coefficient of each month, as it is and adjusted for few offenses.

    Parameters
    ----------
    counts : Series or DataFrame, index mahalla_code
        Offenses of one window, or a panel with a column a month. NaN is left out.

    Returns
    -------
    DataFrame
        One row a month (of a Series one row, 0): ``mahallas`` with a count, ``offenses``, ``gini``,
        and ``gini_adjusted``, which is 0 where no mahalla has more than one offense although there
        are fewer offenses than mahallas. Both NaN in a month without offenses, ``gini_adjusted``
        also where the numbers are not whole, as severity weights are not.

    Raises
    ------
    InputError
        If a count is negative or infinite.

    Notes
    -----
    G = Σ (2i − n − 1) x_i / (n Σ x) over the ascending counts, without the correction n / (n − 1);
    adjusted: max(n / c, 1) (G − 1) + 1 with c offenses. The adjustment asks how far the counts
    are from the most even spread; chance spreads less evenly, so a G above 0 is no evidence of
    concentration. For that see `concentration_envelope`.

    References
    ----------
    Bernasco, W. & Steenbeek, W. (2017). More places than crimes: implications for evaluating the
    law of crime concentration at place. Journal of Quantitative Criminology 33, 451-467.
    https://doi.org/10.1007/s10940-016-9324-7

    Examples
    --------
    >>> gini(pd.Series([5, 2, 1, 0, 0, 0, 0, 0, 0, 0])).round(3)
       mahallas  offenses  gini  gini_adjusted
    0        10       8.0   0.8           0.75
    """
    x, n = _descending(counts)
    total = x.sum(axis=0)
    # 2i − n − 1 of the ascending is n + 1 − 2j of the descending; the missing add nothing
    ranks = np.arange(1, len(x) + 1) @ x
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficient = ((n + 1) * total - 2 * ranks) / (n * total)
        adjusted = np.maximum(n / total, 1) * (coefficient - 1) + 1
    measures = {
        "mahallas": n,
        "offenses": total,
        "gini": coefficient,
        "gini_adjusted": np.where(_whole(x), adjusted, np.nan),
    }
    months = counts.columns if isinstance(counts, pd.DataFrame) else pd.RangeIndex(1)
    return pd.DataFrame(measures, index=months)


def _descending(counts: Counts) -> tuple[Floats, NDArray[np.intp]]:
    """Return each month's numbers from the largest on, with 0 for the missing; and their number."""
    x = pd.DataFrame(counts).to_numpy(dtype=float, na_value=np.nan)
    if (x < 0).any():
        raise InputError(
            _("A count is negative, {count}; counts begin at 0.", count=f"{np.nanmin(x):g}")
        )
    if np.isinf(x).any():
        raise InputError(_("A count is inf; counts are numbers, and NaN where there is no data."))
    known = np.isfinite(x)
    return -np.sort(-np.where(known, x, 0.0), axis=0), known.sum(axis=0)


def _whole(x: Floats) -> NDArray[np.bool_]:
    return np.asarray((x == np.floor(x)).all(axis=0))
