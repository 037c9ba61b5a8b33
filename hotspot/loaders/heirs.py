"""Records on the old codes of mahallas, led to the mahallas that took their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from hotspot.loaders.containment import NOWHERE
from hotspot.loaders.points import Places


def find_heirs(crosswalk: pd.DataFrame) -> dict[str, str]:
    """Return the new code of each old one, "" where the mahalla was split.

    Examples
    --------
    >>> find_heirs(pd.DataFrame({"old_code": ["a", "b", "b"], "new_code": ["c", "c", "d"]}))
    {'a': 'c', 'b': ''}
    """
    last = crosswalk.groupby("old_code")["new_code"].agg(["size", "first"])
    heirs = last["first"].where(last["size"] == 1, "")
    return {str(old): str(new) for old, new in heirs.items()}


def follow_heirs(
    found: Mapping[str, Places], known: pd.Index, heirs: Mapping[str, str]
) -> dict[str, Places]:
    """Lead records on old codes to the mahallas that took their place.

    Parameters
    ----------
    found : mapping
        By way, ``code`` and ``coordinates`` among them, the position of each record in `known`.
    known : Index of str
        The mahallas' codes and then the old ones, as `heirs` has them.
    heirs : mapping
        From `find_heirs`.

    Returns
    -------
    dict
        The same with positions of mahallas; of old codes only where the mahalla was split and the
        record has no coordinates that say in which part it was.

    Examples
    --------
    >>> found = {"code": np.array([1, 2, 2]), "coordinates": np.array([-1, -1, 0])}
    >>> follow_heirs(found, pd.Index(["c", "a", "b"]), {"a": "c", "b": ""})["code"].tolist()
    [0, 2, -1]
    """
    last = known.get_indexer(pd.Index([heirs.get(code) or code for code in known]))
    ends = np.append(last, NOWHERE)
    ways = {way: ends[places] for way, places in found.items()}
    split = ways["code"] >= len(known) - len(heirs)
    ways["code"] = np.where(split & (ways["coordinates"] != NOWHERE), NOWHERE, ways["code"])
    return ways


def count_old(
    found: Mapping[str, Places], ways: Any, known: pd.Index, heirs: Mapping[str, str]
) -> dict[str, int]:
    """Count the records that an old code, or the name of its mahalla, places.

    Parameters
    ----------
    found : mapping
        As `follow_heirs` takes it, in the order of the ways.
    ways : array of int
        The way of each record, from 1; 0 where it does not count.
    known, heirs
        As `follow_heirs` takes them.

    Returns
    -------
    dict
        Records by old code, sorted.

    Examples
    --------
    >>> found = {"code": np.array([1, 0, -1]), "name": np.array([0, 1, 1])}
    >>> count_old(found, np.array([1, 1, 2]), pd.Index(["b", "a"]), {"a": "b"})
    {'a': 2}
    """
    tests = [ways == number for number in range(1, 1 + len(found))]
    given = np.select(tests, list(found.values()), default=NOWHERE)
    old = given[given >= len(known) - len(heirs)]
    codes, numbers = np.unique(known.take(old).astype(object), return_counts=True)
    return dict(zip(codes.tolist(), numbers.tolist(), strict=True))
