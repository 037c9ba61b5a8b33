"""Benjamini–Hochberg: how many of the mahallas called significant are called so by chance."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import stats

from hotspot.errors import InputError

Frame = TypeVar("Frame", pd.Series, pd.DataFrame)


def benjamini_hochberg(p: Frame) -> Frame:
    """Return q-values that hold the false discovery rate in each month.

    Parameters
    ----------
    p : Series or DataFrame
        p-values by mahalla; in a frame each column is a family of its own.
        NaN means not assessed: it is no member of the family.

    Returns
    -------
    Series or DataFrame
        q on the same index and columns: the smallest false discovery rate at which
        the mahalla would be called significant. NaN where p is NaN.

    Raises
    ------
    InputError
        If a p-value lies outside 0 to 1.

    References
    ----------
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    For local statistics: Caldas de Castro & Singer (2006),
    doi:10.1111/j.1538-4632.2006.00682.x.

    Examples
    --------
    >>> benjamini_hochberg(pd.Series([0.01, 0.04, None, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    values = p.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = values[(values < 0) | (values > 1)]
    if wrong.size:
        raise InputError(f"a p-value is {wrong[0]:g}: p-values lie between 0 and 1")
    columns = values.reshape(len(values), -1)
    q = np.full_like(columns, np.nan)
    for month in range(columns.shape[1]):
        family = ~np.isnan(columns[:, month])
        if family.any():
            q[family, month] = stats.false_discovery_control(columns[family, month])
    if isinstance(p, pd.Series):
        return pd.Series(q[:, 0], index=p.index, name=p.name)
    return pd.DataFrame(q, index=p.index, columns=p.columns)
