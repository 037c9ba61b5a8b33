"""What a name that no key answers may have meant: candidates for a person, never placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz, process

from hotspot.loaders.gazetteer_index import ANYWHERE, Index

MOST = 5
# below, names share letters by chance
LEAST = 55.0
# names compared at once: bounds the memory
_CHUNK = 512


def suggest_places(
    keys: Sequence[str], districts: Sequence[tuple[int, ...]], index: Index
) -> list[list[tuple[int, float]]]:
    """Return the places whose names are most like each key.

    Parameters
    ----------
    keys : sequence of str
        Coarse keys of names (`Sounds.coarse`).
    districts : sequence of tuple of int
        Where each may lie; in no known district is anywhere.
    index : Index
        The gazetteer's names.

    Returns
    -------
    list of list of tuple
        For each key up to five (place, likeness from 0 to 100), best first, ties by place.
    """
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for i, where in enumerate(districts):
        groups[where or (ANYWHERE,)].append(i)
    near: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for where, members in sorted(groups.items()):
        known = [form for one in where for form in index.by_district.get(one, ())]
        texts, places = [text for text, _ in known], np.array([place for _, place in known], int)
        for start in range(0, len(members), _CHUNK):
            chunk = members[start : start + _CHUNK]
            likeness = process.cdist(
                [keys[i] for i in chunk], texts, scorer=fuzz.ratio, score_cutoff=LEAST
            )
            rows, columns = np.nonzero(likeness)
            near.append((np.array(chunk)[rows], places[columns], likeness[rows, columns]))
    return _rank(near, len(keys))


def _rank(
    near: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], keys: int
) -> list[list[tuple[int, float]]]:
    """Return for each key the places nearest to it, each by the best of its names."""
    if not near:
        return [[] for _ in range(keys)]
    rows, places, scores = (np.concatenate(column) for column in zip(*near, strict=True))
    order = np.lexsort((-scores, places, rows))
    rows, places, scores = rows[order], places[order], scores[order]
    best = np.ones(len(rows), bool)
    best[1:] = (rows[1:] != rows[:-1]) | (places[1:] != places[:-1])
    rows, places, scores = rows[best], places[best], scores[best]
    order = np.lexsort((places, -scores, rows))
    rounded = scores[order].astype(float).round(1)
    ranked = list(zip(places[order].tolist(), rounded.tolist(), strict=True))
    begins = np.searchsorted(rows, np.arange(keys + 1)).tolist()
    return [ranked[begin : min(end, begin + MOST)] for begin, end in pairwise(begins)]
