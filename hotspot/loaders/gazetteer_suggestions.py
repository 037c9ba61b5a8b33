"""What a name that no key answers may have meant: candidates for a person, never placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

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
        known = sorted(
            (place, text)
            for district in where
            for text, place in index.by_district.get(district, ())
        )
        texts = [text for _, text in known]
        places = np.array([place for place, _ in known])
        for start in range(0, len(members), _CHUNK):
            chunk = members[start : start + _CHUNK]
            likeness = process.cdist(
                [keys[i] for i in chunk], texts, scorer=fuzz.ratio, score_cutoff=LEAST
            )
            for i, best in zip(chunk, _best(likeness, places), strict=True):
                answers[i] = best
    return answers


def _best(likeness: np.ndarray, places: np.ndarray) -> list[list[tuple[int, float]]]:
    # a place may have several names: some more columns than answers
    width = min(4 * MOST, likeness.shape[1])
    if width < likeness.shape[1]:
        columns = np.sort(np.argpartition(-likeness, width - 1, axis=1)[:, :width], axis=1)
    else:
        columns = np.broadcast_to(np.arange(width), likeness.shape)
    scores = np.take_along_axis(likeness, columns, axis=1)
    order = np.argsort(-scores, axis=1, kind="stable")
    columns = np.take_along_axis(columns, order, axis=1)
    scores = np.take_along_axis(scores, order, axis=1).astype(float).round(1)
    return [
        _first(zip(places[row].tolist(), score, strict=True))
        for row, score in zip(columns, scores.tolist(), strict=True)
    ]


def _first(ranked: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    best: dict[int, float] = {}
    for place, score in ranked:
        if not score or len(best) == MOST:
            break
        best.setdefault(place, score)
    return list(best.items())
