"""From strict to loose: which places of a district a name may mean, and at which level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from hotspot.loaders.gazetteer_index import ANYWHERE, Form, Forms, Index, Table, fold_forms
from hotspot.loaders.name_sounds import (
    RIVALS,
    RUSSIAN,
    TYPED,
    TYPED_CYRILLIC,
    Sounds,
    may_stand_for,
)
from hotspot.loaders.names import NOTE, Lines, Parts, lost_key, may_be_russian, take_apart

_ONE_VOWEL = str.maketrans("IU", "AA")
_UZBEK_LETTER = re.compile("[öğq]")

# each level and what it sets aside, strictest first
LEVELS = {
    "exact": "case, apostrophes and script; the type counts",
    "strict": "the type, spaces, hyphens, the order of a number and its name",
    "type": "as strict; of several the one whose type is the same",
    "part": "what the mahalla lies within, and other names in brackets",
    "letters": "x/h, q/k, gʻ/g, oʻ/o/u, doubled letters, a softening ь",
    "initials": "given names cut to initials on one side",
    "russian": "what Russian makes of Uzbek letters: o/а, oʻ/у/о, yo/е, i/ы, ov/ау",
    "lost": "letters that the file could not hold and replaced by ?",
}


class Found(NamedTuple):
    """What a level answers: `places` are positions, none when the name may be anything.

    Where nothing is placed, `sounds` is the coarse key to find what is like it.
    """

    level: str
    places: tuple[int, ...]
    doubtful: bool = False
    sounds: str = ""


_NOTHING = Found("", ())


class Findings(NamedTuple):
    """What is found, each list as long as what was asked.

    `places` are positions in the gazetteer, -1 where a name is not matched: `left` says of each
    of those what speaks for it. `levels` are those of the matched.
    """

    places: list[int]
    levels: list[str]
    left: dict[int, Found]


class _Query(NamedTuple):
    """The i-th of names taken apart, in the districts it may lie in.

    It is the j-th of `forms`: most names are found before anybody asks how they sound.
    """

    exact: str
    parts: Parts
    i: int
    forms: Forms
    j: int
    russian: bool
    spellings: dict[str, str]
    districts: tuple[int, ...]
    known: Index

    def plain(self, table: Table[int], key: str) -> tuple[int, ...]:
        """Return the places under a key."""
        return _look_up(table, self.districts, key)

    def sounding(self, table: Table[Form], sounds: Sounds, spellings: dict[str, str]) -> list[Form]:
        """Return the forms under a coarse key whose letters agree."""
        given, coarse = sounds.forms[self.j], sounds.coarse[self.j]
        found: list[Form] = []
        for district in self.districts:
            if known := table[district].get(coarse):
                found += [form for form in known if may_stand_for(given, form[0], spellings)]
        return found


def _look_up(table: Table[int], districts: tuple[int, ...], key: str) -> tuple[int, ...]:
    if len(districts) == 1:
        return table[districts[0]].get(key, ())
    return _places(place for district in districts for place in table[district].get(key, ()))


def _places(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(found)))


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
            query = _Query(
                lines.exact[i], parts, names[i], forms, j, russian[i], spellings, where, index
            )
            found = _heed_type(_find(query, found), parts.types[names[i]], where, index)
        if len(found.places) == 1 and not found.doubtful:
            places[number], levels[number] = found.places[0], found.level
        elif found.doubtful or not found.places:
            left[number] = Found(found.level, found.places, found.doubtful, forms.sounds.coarse[j])
        else:
            left[number] = found
    return Findings(places, levels, left)


def _strictly(exact: str, strict: str, districts: tuple[int, ...], known: Index) -> Found:
    if places := _look_up(known.exact, districts, exact):
        return Found("exact", places)
    if places := _look_up(known.strict, districts, strict):
        return Found("strict", places)
    return _NOTHING


def _find(query: _Query, found: Found) -> Found:
    strict = query.parts.strict[query.i]
    if query.russian and found.places:
        # a russian spelling may agree with one name by chance and mean another
        rivals = _rivals(query)
        rivals -= set(query.plain(query.known.strict, strict))
        if rivals - set(found.places):
            return Found("russian", _places((*found.places, *rivals)))
    if not found.places and strict and query.districts != (ANYWHERE,):
        return _loosely(query)
    return found


def _loosely(query: _Query) -> Found:
    parts, i, forms, known = query.parts, query.i, query.forms, query.known
    # what a mahalla lies within may be left out on either side, but not differ
    if part := query.plain(known.strict if parts.within[i] else known.part, parts.strict[i]):
        return Found("part", part)
    if parts.within[i]:
        return _NOTHING
    if not query.russian and (
        letters := query.sounding(known.sounds, forms.sounds, query.spellings)
    ):
        return Found("letters", _places(place for _, place in letters))
    if forms.abbreviated.forms[query.j]:
        # initials stand for full names and full names for initials, but A.Navoiy not for A.Navoyi
        other = known.abbreviated if forms.with_initials[query.j] else known.initials
        if initials := query.sounding(other, forms.abbreviated, RUSSIAN):
            return Found("initials", _places(place for _, place in initials))
    if russian := _russian(query, RUSSIAN):
        places = _places((*(place for _, place in russian), *_rivals(query)))
        return Found("russian", places, doubtful=_has_neighbour(query, places))
    if "?" in query.exact:
        return Found("lost", query.plain(known.lost, lost_key(query.exact)))
    if parts.aside[i] and not NOTE.search(parts.words[i]):
        # only the name in brackets is known: it may be an old one, or where the place lies
        return Found("part", query.plain(known.strict, parts.aside[i]), doubtful=True)
    return _NOTHING


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


def _rivals(query: _Query) -> set[int]:
    """Return the places a Russian form may mean at a stretch; given names are not stretched."""
    given = query.forms.sounds.forms[query.j]
    return {
        place
        for form, place in _russian(query, RIVALS)
        if form == given or place not in query.known.has_russian
    }


def _russian(query: _Query, spellings: dict[str, str]) -> list[Form]:
    if query.russian:
        return query.sounding(query.known.russian, query.forms.sounds, spellings)
    if _UZBEK_LETTER.search(query.parts.words[query.i]):
        return []
    # in latin one other vowel is a misspelling as well as a russian form
    form = query.forms.sounds.forms[query.j]
    return [
        one
        for one in query.sounding(query.known.sounds, query.forms.sounds, spellings)
        if sum(map(str.__ne__, form, one[0])) > 1
    ]


def _has_neighbour(query: _Query, places: Sequence[int]) -> bool:
    """Tell whether another name differs by one letter left out or by a vowel."""
    key, _, number = query.forms.sounds.coarse[query.j].translate(_ONE_VOWEL).partition("#")
    return any(
        place not in places
        and other.partition("#")[2] == number
        and Indel.distance(key, other.translate(_ONE_VOWEL).partition("#")[0], score_cutoff=1) <= 1
        for district in query.districts
        for other, place in query.known.by_district.get(district, ())
    )


def _heed_type(found: Found, kind: str, districts: tuple[int, ...], known: Index) -> Found:
    """Let the type choose among places of one name, and speak against one of another type."""
    if not kind or found.level == "exact" or not found.places:
        return found
    types = known.types
    if len(found.places) > 1:
        same = tuple(place for place in found.places if types[place] == kind)
        return Found("type", same) if len(same) == 1 and found.level == "strict" else found
    # a type counts where the district's list uses it: else everything is called MFY
    other = types[found.places[0]]
    if (
        other
        and other != kind
        and any(kind in known.used_types.get(district, ()) for district in districts)
    ):
        return Found(found.level, found.places, doubtful=True)
    return found
