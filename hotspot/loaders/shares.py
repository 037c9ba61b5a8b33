"""Records of a mahalla that was split, shared out among its parts as whole numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.loaders.geocode import Geocoded

# shares are weighed as whole numbers, so that no rounding decides who gets a record
_UNIT = 10**9


def take_turns(shares: Sequence[float], records: int) -> NDArray[np.intp]:
    """Say which part each record of a row of them goes to, so that the parts keep their shares.

    Parameters
    ----------
    shares : of the parts, above 0; only their proportions matter.
    records : how many there are.

    Returns
    -------
    array of int
        The part of the first record, of the second, and so on. After any number of records every
        part has its exact share of them, less or more by under 1, and never gives one back when
        another comes; largest remainders would do both only for two parts.

    References
    ----------
    Tijdeman, R. (1980). The chairman assignment problem. Discrete Mathematics 32(3), 323–330.
    https://doi.org/10.1016/0012-365X(80)90269-1

    Examples
    --------
    >>> take_turns([0.5, 0.3, 0.2], 10).tolist()
    [0, 1, 0, 2, 0, 1, 0, 2, 1, 0]
    """
    weights = [ceil(share * _UNIT) for share in shares]
    if len(weights) == 1:
        return np.zeros(records, dtype=np.intp)
    whole, slack = sum(weights), 2 * len(weights) - 2
    given = [0] * len(weights)
    turns = np.empty(records, dtype=np.intp)
    for record in range(records):
        # who is owed enough, and of them who must have one soonest
        owed = [
            (slack * (had + 1) - 1, weight, part)
            for part, (weight, had) in enumerate(zip(weights, given, strict=True))
            if slack * (weight * (record + 1) - had * whole) >= whole
        ]
        turns[record] = min(owed, key=lambda one: (one[0] / one[1], one[2]))[2]
        given[turns[record]] += 1
    return turns


def share_out(placed: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Share the records of mahallas that were split among their parts.

    Parameters
    ----------
    placed : DataFrame
        Records on old codes, as `geocode` returns them.
    crosswalk : DataFrame
        From `read_crosswalk`.

    Returns
    -------
    DataFrame
        All of them on new codes, without coordinates, which lie in no part. The records of an old
        code take turns by month, kind, way and id, so that each part's running total is within 1
        of its share at every month's end, and neither the order of the rows nor a later month
        changes what a month got.

    Examples
    --------
    >>> placed = pd.DataFrame({"mahalla_code": "a", "month": [1, 1, 2], "x": 0.0, "y": 0.0,
    ...                        "kind": "theft", "way": "code", "id": ["1", "2", "3"]})
    >>> crosswalk = pd.DataFrame({"old_code": "a", "new_code": ["b", "c"], "share": [0.7, 0.3]})
    >>> share_out(placed, crosswalk)["mahalla_code"].tolist()
    ['b', 'c', 'b']
    """
    records = placed.sort_values(["mahalla_code", "month", "kind", "way", "id"], kind="stable")
    codes = records["mahalla_code"].to_numpy(dtype=object).copy()
    for old, rows in records.groupby("mahalla_code").indices.items():
        new = crosswalk[crosswalk["old_code"] == old].sort_values("new_code")
        turns = take_turns(new["share"].tolist(), len(rows))
        codes[rows] = new["new_code"].to_numpy(dtype=object)[turns]
    return records.assign(mahalla_code=codes, x=np.nan, y=np.nan)


def set_aside(geocoded: Geocoded, codes: Collection[str]) -> tuple[Geocoded, pd.DataFrame]:
    """Take the records out that are placed on the codes of mahallas that were split.

    Parameters
    ----------
    geocoded : Geocoded
        From `geocode`.
    codes : collection of str
        The old codes.

    Returns
    -------
    rest : Geocoded
        Without them.
    aside : DataFrame
        Those records, for `share_out` once all are there.
    """
    split = geocoded.placed["mahalla_code"].isin(list(codes))
    aside = geocoded.placed[split]
    aside.attrs = {}
    if aside.empty:
        return geocoded, aside
    return Geocoded(geocoded.placed[~split], geocoded.rejected), aside
