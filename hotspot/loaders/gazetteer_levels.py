"""From strict to loose: which places of a district a name may mean, and at which level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hotspot.loaders.gazetteer_index import Index, fold_forms
from hotspot.loaders.gazetteer_sounds import NOTHING, Found, Query, find_by_sound, join_tables
from hotspot.loaders.name_sounds import TYPED, TYPED_CYRILLIC
from hotspot.loaders.names import Lines, Parts, may_be_russian, take_apart

# each level and what it sets aside, strictest first
LEVELS = {
    "exact": "case, apostrophes and script; the type counts",
    "strict": "the type, spaces, hyphens, the order of a number and its name",
    "type": "as strict; of several the one whose type is the same",
    "part": "what the mahalla lies within, and other names in brackets",
    "letters": "x/h, q/k, gʻ/g, oʻ/o/u, doubled letters, a softening ь",
    "initials": "given names cut to initials on one side",
    "russian": "what Russian makes of Uzbek letters: o/а, oʻ/у/о, yo/е, i/ы, ov/ау",
    "stir": "the name: the tax number answers",
    "lost": "letters that the file could not hold and replaced by ?",
}


class Findings(NamedTuple):
    """What is found, each list as long as what was asked.

    `places` are positions in the gazetteer, -1 where a name is not matched: `left` says of each
    of those what speaks for it. `levels` are those of the matched.
    """

    places: list[int]
    levels: list[str]
    left: dict[int, Found]

    def extend(self, more: Sequence[Found]) -> Findings:
        """Return these and more."""
        matched = [len(one.places) == 1 for one in more]
        return Findings(
            self.places
            + [one.places[0] if m else -1 for one, m in zip(more, matched, strict=True)],
            self.levels + [one.level if m else "" for one, m in zip(more, matched, strict=True)],
            self.left | {len(self.places) + i: one for i, one in enumerate(more) if not matched[i]},
        )


def find_places(
    lines: Lines,
    asked: Sequence[tuple[int, int]],
    wheres: Sequence[tuple[int, ...]],
    index: Index,
) -> Findings:
    """Return the places names may mean, each at the strictest level that answers.

    Parameters
    ----------
    lines : Lines
        Distinct names in one alphabet.
    asked : sequence of tuple
        What is asked for: the position of a name in `lines` and of its districts in `wheres`.
    wheres : sequence of tuple
        The districts names may lie in; (ANYWHERE,) leaves the levels up to `strict` only, and ()
        finds nothing.
    index : Index
        The gazetteer's names.

    Returns
    -------
    Findings
        As long as `asked`.
    """
    russian = may_be_russian(lines.scripts)
    places, levels = [-1] * len(asked), [""] * len(asked)
    left: dict[int, Found] = {}
    exactly = [join_tables(index.exact, where) for where in wheres]
    apart: dict[int, tuple[int, ...]] = {}
    for number, (i, w) in enumerate(asked):
        exact = exactly[w].get(lines.exact[i], ())
        if len(exact) == 1 and not russian[i]:
            places[number], levels[number] = exact[0], "exact"
        else:
            apart[number] = exact

    # only these are taken apart, and only those that then are not found are sounded
    names = {i: j for j, i in enumerate(dict.fromkeys([asked[number][0] for number in apart]))}
    parts = take_apart([lines.exact[i] for i in names])
    keys = [f"{key} {w}" if w else key for key, w in zip(parts.strict, parts.within, strict=True)]
    strictly = [join_tables(index.strict, where) for where in wheres]
    sounded: dict[int, Found] = {}
    for number, exact in apart.items():
        i, w = asked[number]
        found = NOTHING
        if exact:
            found = Found("exact", exact)
        elif strict := strictly[w].get(keys[names[i]]):
            found = _heed_type(Found("strict", strict), parts.types[names[i]], index)
        if russian[i] or not found.places:
            sounded[number] = found
        elif len(found.places) > 1:
            left[number] = found
        elif found.doubtful:
            sounded[number] = found
        else:
            places[number], levels[number] = found.places[0], found.level

    rest = {i: j for j, i in enumerate(dict.fromkeys([asked[number][0] for number in sounded]))}
    names = {i: names[i] for i in rest}
    strict_keys = [parts.strict[i] for i in names.values()]
    forms = fold_forms([parts.words[i] for i in names.values()], strict_keys)
    coarse = forms.sounds.coarse
    loose_keys = list(zip(strict_keys, coarse, forms.abbreviated.coarse, strict=True))
    heard = [frozenset().union(*(index.heard[one] for one in where)) for where in wheres]
    unusual = _list_unusual(lines, names, parts, russian)
    for number, found in sounded.items():
        i, w = asked[number]
        j = rest[i]
        if not found.places and i not in unusual and heard[w].isdisjoint(loose_keys[j]):
            # as most misspellings
            left[number] = Found("", (), sounds=coarse[j])
            continue
        spellings = TYPED if lines.scripts[i] == "latin" else TYPED_CYRILLIC
        query = Query(
            lines.exact[i], parts, names[i], forms, j, russian[i], spellings, wheres[w], index
        )
        found = _heed_type(find_by_sound(query, found), parts.types[names[i]], index)
        if len(found.places) == 1 and not found.doubtful:
            places[number], levels[number] = found.places[0], found.level
        elif found.doubtful or not found.places:
            left[number] = Found(found.level, found.places, found.doubtful, coarse[j])
        else:
            left[number] = found
    return Findings(places, levels, left)


def _list_unusual(
    lines: Lines, names: dict[int, int], parts: Parts, russian: Sequence[bool]
) -> set[int]:
    """Return the names that more than their sounds may lead from."""
    return {
        i
        for i, j in names.items()
        if russian[i] or parts.within[j] or parts.aside[j] or "?" in lines.exact[i]
    }


def _heed_type(found: Found, kind: str, known: Index) -> Found:
    """Let the type choose among places of one name, and speak against one of another type."""
    if not kind or found.level == "exact" or not found.places:
        return found
    types = known.types
    if len(found.places) > 1:
        same = tuple(place for place in found.places if types[place] == kind)
        return Found("type", same) if len(same) == 1 and found.level == "strict" else found
    other = types[found.places[0]]
    if other and other != kind:
        return Found(found.level, found.places, doubtful=True)
    return found
