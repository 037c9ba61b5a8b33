"""From strict to loose: which places of a district a name may mean, and at which level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hotspot.loaders.gazetteer_index import Forms, Index, fold_forms
from hotspot.loaders.gazetteer_sounds import NOTHING, Found, Query, find_by_sound, look_up
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
    exactly = [index.exact[where[0]] if len(where) == 1 else {} for where in wheres]
    apart = []
    for number, (i, w) in enumerate(asked):
        exact = exactly[w].get(lines.exact[i], ())
        if len(exact) == 1 and not russian[i]:
            places[number], levels[number] = exact[0], "exact"
        else:
            apart.append(number)

    # only these are taken apart, and only those that then are not found are sounded
    names = {i: j for j, i in enumerate(dict.fromkeys([asked[number][0] for number in apart]))}
    parts = take_apart([lines.exact[i] for i in names])
    keys = [f"{key} {w}" if w else key for key, w in zip(parts.strict, parts.within, strict=True)]
    sounded: dict[int, Found] = {}
    for number in apart:
        i, w = asked[number]
        found = _strictly(lines.exact[i], keys[names[i]], wheres[w], index)
        if not found.places or russian[i]:
            sounded[number] = found
            continue
        found = _heed_type(found, parts.types[names[i]], wheres[w], index)
        if len(found.places) == 1 and not found.doubtful:
            places[number], levels[number] = found.places[0], found.level
        elif len(found.places) == 1:
            sounded[number] = found
        else:
            left[number] = found

    rest = {i: j for j, i in enumerate(dict.fromkeys([asked[number][0] for number in sounded]))}
    names = {i: names[i] for i in rest}
    forms = fold_forms(
        [parts.words[i] for i in names.values()], [parts.strict[i] for i in names.values()]
    )
    unusual = _list_unusual(lines, names, parts, russian)
    for number, found in sounded.items():
        i, w = asked[number]
        j, where = rest[i], wheres[w]
        # most misspellings are like nothing: said at little cost
        if (
            found.places
            or i in unusual
            or _is_heard(parts.strict[names[i]], forms, j, where, index)
        ):
            spellings = TYPED if lines.scripts[i] == "latin" else TYPED_CYRILLIC
            query = Query(
                lines.exact[i], parts, names[i], forms, j, russian[i], spellings, where, index
            )
            found = _heed_type(find_by_sound(query, found), parts.types[names[i]], where, index)
        if len(found.places) == 1 and not found.doubtful:
            places[number], levels[number] = found.places[0], found.level
        elif found.doubtful or not found.places:
            left[number] = Found(found.level, found.places, found.doubtful, forms.sounds.coarse[j])
        else:
            left[number] = found
    return Findings(places, levels, left)


def _strictly(exact: str, strict: str, districts: tuple[int, ...], known: Index) -> Found:
    if places := look_up(known.exact, districts, exact):
        return Found("exact", places)
    if places := look_up(known.strict, districts, strict):
        return Found("strict", places)
    return NOTHING


def _list_unusual(
    lines: Lines, names: dict[int, int], parts: Parts, russian: Sequence[bool]
) -> set[int]:
    """Return the names that more than their sounds may lead from."""
    return {
        i
        for i, j in names.items()
        if russian[i] or parts.within[j] or parts.aside[j] or "?" in lines.exact[i]
    }


def _is_heard(strict: str, forms: Forms, j: int, where: tuple[int, ...], known: Index) -> bool:
    keys = (strict, forms.sounds.coarse[j], forms.abbreviated.coarse[j])
    if len(where) == 1:
        return not known.heard[where[0]].isdisjoint(keys)
    return any(not known.heard[district].isdisjoint(keys) for district in where)


def _heed_type(found: Found, kind: str, districts: tuple[int, ...], known: Index) -> Found:
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
