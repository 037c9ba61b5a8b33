"""Location quotients: which kinds of offense a mahalla has more of than the whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from hotspot.errors import InputError
from hotspot.language import _


def location_quotients(counts: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return each kind's share in a mahalla over its share in the whole, with limits.

    Parameters
    ----------
    counts : DataFrame, mahallas × kinds
        Offenses of one window, whole numbers, every kind that is to belong to the total:
        ``pd.crosstab(placed["mahalla_code"], placed["kind"]).reindex(mahallas.index,
        fill_value=0)``. NaN: no data; the mahalla is left out.
    level
        Of the limits, between 0 and 1.

    Returns
    -------
    DataFrame
        On the same index, columns (measure, kind): ``lq``; ``lq_lower`` and ``lq_upper``;
        ``lq_flag``: 1 where the lower limit is above 1, −1 where the upper one is below, else 0.
        NaN where the mahalla has no offense or no data, and for a kind that the whole does not
        have.

    Raises
    ------
    InputError
        If a count is negative or not whole, or the level is not between 0 and 1.

    Notes
    -----
    The limits are Clopper and Pearson's for the mahalla's share, over the share of the whole, which
    is taken as known: with few offenses they are wide, and a single theft flags nothing. As the
    mahalla belongs to the whole itself they are on the safe side, the more so the larger its part.
    A quotient speaks of the mixture, not of the amount: a quiet mahalla may be "specialised" with
    two offenses, and a high quotient of one kind lowers those of all others. Of many mahallas ×
    kinds one in twenty lies outside by chance: take the flags as a screen.

    References
    ----------
    Brantingham, P. L. & Brantingham, P. J. (1998). Mapping crime for analytic purposes: location
    quotients, counts and rates. In Weisburd, D. & McEwen, T. (eds.), Crime Mapping and Crime
    Prevention, Crime Prevention Studies 8, 263-288.

    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in
    the case of the binomial. Biometrika 26, 404-413. https://doi.org/10.1093/biomet/26.4.404

    Examples
    --------
    >>> counts = pd.DataFrame({"robbery": [9, 1], "theft": [11, 79]}, index=["a", "b"])
    >>> location_quotients(counts)["lq"].round(2).rename_axis(columns=None)
       robbery  theft
    a     4.50   0.61
    b     0.12   1.10
    >>> location_quotients(counts)["lq_flag"].rename_axis(columns=None)
       robbery  theft
    a      1.0   -1.0
    b     -1.0    1.0
    """
    if not 0 < level < 1:
        raise InputError(
            _("A level of {level} is no probability; give one between 0 and 1.", level=level)
        )
    x = counts.to_numpy(dtype=float, na_value=np.nan)
    wrong = x[(x < 0) | np.isinf(x) | (np.isfinite(x) & (x != np.floor(x)))]
    if wrong.size:
        raise InputError(
            _("A count is {count}; a quotient is of whole numbers from 0.", count=f"{wrong[0]:g}")
        )
    x = np.where(np.isfinite(x).all(axis=1, keepdims=True), x, np.nan)
    own = x.sum(axis=1, keepdims=True)
    own = np.where(own > 0, own, np.nan)
    kinds = np.nansum(x, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(kinds > 0, kinds / kinds.sum(), np.nan)
    tail = (1 - level) / 2
    # the beta distribution has no shape of 0: of none the lower limit is 0, of all the upper is 1
    lower = np.where(x > 0, betaincinv(np.maximum(x, 1), own - x + 1, tail), 0 * own)
    upper = np.where(x < own, betaincinv(x + 1, np.maximum(own - x, 1), 1 - tail), 0 * own + 1)
    measures = {"lq": x / own / share, "lq_lower": lower / share, "lq_upper": upper / share}
    flags = (measures["lq_lower"] > 1).astype(float) - (measures["lq_upper"] < 1)
    measures["lq_flag"] = np.where(np.isfinite(measures["lq"]), flags, np.nan)
    frames = {name: pd.DataFrame(of, counts.index, counts.columns) for name, of in measures.items()}
    return pd.concat(frames, axis=1, names=["measure", "kind"])
