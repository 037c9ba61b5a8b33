"""Records on the old codes of mahallas, led to the mahallas that took their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hotspot.loaders.containment import NOWHERE
from hotspot.loaders.points import Places
from hotspot.loaders.text import fold_word
from hotspot.loaders.versions import NAMES


def find_heirs(crosswalk: pd.DataFrame) -> dict[str, str]:
    """Return the new code of each old one, "" where the mahalla was split.

    Parameters
    ----------
    crosswalk : DataFrame
        From `read_crosswalk`.

    Returns
    -------
    dict
        For `geocode`.

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
    if not heirs:
        return dict(found)
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
    if not heirs:
        return {}
    tests = [ways == number for number in range(1, 1 + len(found))]
    given = np.select(tests, list(found.values()), default=NOWHERE)
    old = given[given >= len(known) - len(heirs)]
    codes, numbers = np.unique(known.take(old).astype(object), return_counts=True)
    return dict(zip(codes.tolist(), numbers.tolist(), strict=True))


def name_old(
    earlier: Sequence[Mapping[str, str]], mahallas: pd.DataFrame, heirs: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what a gazetteer needs to know mahallas by the names of earlier versions.

    Parameters
    ----------
    earlier : sequence of mapping
        From `list_earlier`. Names of codes that are neither valid nor old ones are left out, and so
        are those that a mahalla of the district bears now.
    mahallas : DataFrame
        The mahallas of the day, indexed by code: ``name, name_cyrl, name_ru, district``.
    heirs : mapping
        From `find_heirs`.

    Returns
    -------
    rows : DataFrame
        ``code, name, district, region`` of the mahallas that were split, each at least once.
    aliases : DataFrame
        ``code, name``: other names of the mahallas of the day.

    Examples
    --------
    >>> mahallas = pd.DataFrame({"name": ["Gul", "Bog"], "name_cyrl": None, "name_ru": None,
    ...                          "district": "Kasbi"}, index=["1", "2"])
    >>> earlier = [{"code": "0", "name": name, "district": "Kasbi", "region": ""}
    ...            for name in ("Bog", "Tol")]
    >>> name_old(earlier, mahallas, {"0": "1"})[1].to_numpy().tolist()
    [['1', 'Tol']]
    """
    names = pd.DataFrame(earlier, columns=["code", "name", "district", "region"], dtype="object")
    districts = mahallas["district"].astype("object").fillna("").map(fold_word)
    borne = {
        (district, fold_word(name))
        for column in NAMES
        for district, name in zip(districts, mahallas[column], strict=True)
        if isinstance(name, str)
    }
    keys = zip(names["district"].map(fold_word), names["name"].map(fold_word), strict=True)
    names = names.loc[np.array([key not in borne for key in keys], dtype=bool)]
    names = names.assign(code=[heirs.get(code) or code for code in names["code"]])
    split = [code for code, heir in heirs.items() if not heir]
    rows = names[names["code"].isin(split)]
    nameless = pd.DataFrame({"code": [code for code in split if code not in set(rows["code"])]})
    aliases = names[names["code"].isin(mahallas.index)]
    return pd.concat([rows, nameless]), aliases[["code", "name"]]
