"""What a name that no key answers may have meant: candidates for a person, never placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

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
    answers: list[list[tuple[int, float]]] = [[] for _ in keys]
    for where, members in sorted(groups.items()):
        known = [form for district in where for form in index.by_district.get(district, ())]
        if not known:
            continue
        texts = [text for text, _ in known]
        for start in range(0, len(members), _CHUNK):
            chunk = members[start : start + _CHUNK]
            likeness = process.cdist(
                [keys[i] for i in chunk], texts, scorer=fuzz.ratio, score_cutoff=LEAST
            )
            for i, row in zip(chunk, likeness, strict=True):
                answers[i] = _best(row, known)
    return answers


def _best(likeness: np.ndarray, known: Sequence[tuple[str, int]]) -> list[tuple[int, float]]:
    best: dict[int, float] = {}
    for j in np.flatnonzero(likeness).tolist():
        place = known[j][1]
        best[place] = max(best.get(place, 0.0), round(float(likeness[j]), 1))
    return sorted(best.items(), key=lambda one: (-one[1], one[0]))[:MOST]
