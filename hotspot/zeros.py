"""Mahallas that fell silent although their past makes that improbable: someone should ask."""

from __future__ import annotations

import pandas as pd

from hotspot.columns import names
from hotspot.language import ngettext
from hotspot.placement import Placement
from hotspot.statistics.suspicious_zeros import find_sudden_zeros

SPANS = (1, 3, 6, 12)
"""Over how many of the last months a silence is looked for."""
LEAST_PAST = 12
"""Months before a silence below which nothing is improbable."""
LEVEL = 0.05


def list_suspicious_zeros(placement: Placement) -> pd.DataFrame:
    """List the mahallas without an offense in the last months that their past makes improbable.

    Parameters
    ----------
    placement : the placed records.

    Returns
    -------
    DataFrame
        The table of ``suspicious_zeros.csv``, sorted by code: of several spans the most improbable
        one. ``q`` is corrected for all mahallas and for the number of spans.
    """
    panel = placement.placed.loc[:, placement.start :].astype(float)
    panel.loc[:, panel.columns.isin(placement.missing)] = float("nan")
    spans = [span for span in SPANS if panel.shape[1] >= span + LEAST_PAST]
    found = []
    for span in spans:
        zeros = find_sudden_zeros(panel, recent=span)
        q = (zeros["zero_q"] * len(spans)).clip(upper=1.0)
        judged = pd.DataFrame({"months": span, "probability": zeros["zero_probability"], "q": q})
        found.append(judged[q <= LEVEL])
    if not found:
        return pd.DataFrame(columns=names("suspicious_zeros"))
    # of equally improbable spans the longest is the silence
    listed = pd.concat(found).rename_axis("mahalla_code").reset_index()
    listed = listed.sort_values(["mahalla_code", "q", "months"], ascending=[True, True, False])
    listed = listed.drop_duplicates("mahalla_code")
    listed = listed.join(placement.mahallas[["name", "district"]], on="mahalla_code")
    return pd.DataFrame(listed[names("suspicious_zeros")]).reset_index(drop=True)


def describe_zeros(zeros: pd.DataFrame) -> list[str]:
    """Say how many mahallas fell silent, in a sentence; nothing where none did.

    Examples
    --------
    >>> describe_zeros(pd.DataFrame({"mahalla_code": ["a"]}))
    ['1 mahalla fell silent although its past makes that improbable; see suspicious_zeros.csv']
    """
    if zeros.empty:
        return []
    return [
        ngettext(
            "{n} mahalla fell silent although its past makes that improbable; see "
            "suspicious_zeros.csv",
            "{n} mahallas fell silent although their past makes that improbable; see "
            "suspicious_zeros.csv",
            len(zeros),
        )
    ]
