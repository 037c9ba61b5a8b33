"""From strict to loose: which places of a district a name may mean, and at which level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from hotspot.loaders.gazetteer_index import ANYWHERE, Form, Forms, Index, Key, fold_forms
from hotspot.loaders.name_sounds import (
    RIVALS,
    RUSSIAN,
    TYPED,
    TYPED_CYRILLIC,
    Sounds,
    may_stand_for,
)
from hotspot.loaders.names import NOTE, Lines, lost_key, may_be_russian

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


class _Query(NamedTuple):
    """The i-th of `forms`, in the districts it may lie in."""

    forms: Forms
    i: int
    russian: bool
    spellings: dict[str, str]
    districts: tuple[int, ...]
    known: Index

    def plain(self, table: dict[Key, tuple[int, ...]], key: str) -> tuple[int, ...]:
        """Return the places under a key."""
        if len(self.districts) == 1:
            return table.get((self.districts[0], key), ())
        return _places(
            place for district in self.districts for place in table.get((district, key), ())
        )

    def sounding(
        self, table: dict[Key, tuple[Form, ...]], sounds: Sounds, spellings: dict[str, str]
    ) -> list[Form]:
        """Return the forms under a coarse key whose letters agree."""
        given, coarse = sounds.forms[self.i], sounds.coarse[self.i]
        return [
            form
            for district in self.districts
            for form in table.get((district, coarse), ())
            if may_stand_for(given, form[0], spellings)
        ]


def _places(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(found)))


def find_places(
    lines: Lines, asked: Sequence[tuple[int, tuple[int, ...]]], index: Index
) -> list[Found]:
    """Return the places names may mean, each at the strictest level that answers.

    Parameters
    ----------
    lines : Lines
        Distinct names in one alphabet.
    asked : sequence of tuple
        What is asked for: the position of a name, and the districts it may lie in; (ANYWHERE,)
        leaves the levels up to `strict` only, and () finds nothing.
    index : Index
        The gazetteer's names.

    Returns
    -------
    list of Found
        As long as `asked`. One place that is not doubtful is a match.
    """
    russian = may_be_russian(lines.scripts)
    found = [_NOTHING] * len(asked)
    open_ones = []
    for number, (i, districts) in enumerate(asked):
        if len(districts) == 1 and not russian[i]:
            exact = index.exact.get((districts[0], lines.exact[i]), ())
            if len(exact) == 1:
                found[number] = Found("exact", exact)
                continue
        open_ones.append(number)
    # only these need all their forms
    names = {i: j for j, i in enumerate(dict.fromkeys(asked[number][0] for number in open_ones))}
    forms = fold_forms([lines.exact[i] for i in names])
    for number in open_ones:
        i, districts = asked[number]
        spellings = TYPED if lines.scripts[i] == "latin" else TYPED_CYRILLIC
        query = _Query(forms, names[i], russian[i], spellings, districts, index)
        answer = _find(query) if districts else _NOTHING
        if answer.doubtful or not answer.places:
            answer = answer._replace(sounds=forms.sounds.coarse[query.i])
        found[number] = answer
    return found


def _find(query: _Query) -> Found:
    found = _strictly(query)
    if query.russian and found.places:
        # a russian spelling may agree with one name by chance and mean another
        rivals = _rivals(query)
        rivals -= set(query.plain(query.known.strict, query.forms.parts.strict[query.i]))
        if rivals - set(found.places):
            return Found("russian", _places((*found.places, *rivals)))
    if not found.places and query.forms.parts.strict[query.i] and query.districts != (ANYWHERE,):
        found = _loosely(query)
    return _heed_type(query, found)


def _strictly(query: _Query) -> Found:
    parts, i, known = query.forms.parts, query.i, query.known
    if exact := query.plain(known.exact, query.forms.exact[i]):
        return Found("exact", exact)
    key = f"{parts.strict[i]} {parts.within[i]}" if parts.within[i] else parts.strict[i]
    return Found("strict", query.plain(known.strict, key))


def _loosely(query: _Query) -> Found:
    forms, i, known = query.forms, query.i, query.known
    key = forms.parts.strict[i]
    # what a mahalla lies within may be left out on either side, but not differ
    if part := query.plain(known.strict if forms.parts.within[i] else known.part, key):
        return Found("part", part)
    if forms.parts.within[i]:
        return _NOTHING
    if not query.russian and (
        letters := query.sounding(known.sounds, forms.sounds, query.spellings)
    ):
        return Found("letters", _places(place for _, place in letters))
    if forms.abbreviated.forms[i]:
        # initials stand for full names and full names for initials, but A.Navoiy not for A.Navoyi
        other = known.abbreviated if forms.with_initials[i] else known.initials
        if initials := query.sounding(other, forms.abbreviated, RUSSIAN):
            return Found("initials", _places(place for _, place in initials))
    if russian := _russian(query, RUSSIAN):
        places = _places((*(place for _, place in russian), *_rivals(query)))
        return Found("russian", places, doubtful=_has_neighbour(query, places))
    if "?" in forms.exact[i]:
        return Found("lost", query.plain(known.lost, lost_key(forms.exact[i])))
    if forms.parts.aside[i] and not NOTE.search(forms.parts.words[i]):
        # only the name in brackets is known: it may be an old one, or where the place lies
        return Found("part", query.plain(known.strict, forms.parts.aside[i]), doubtful=True)
    return _NOTHING


def _rivals(query: _Query) -> set[int]:
    """Return the places a Russian form may mean at a stretch; given names are not stretched."""
    given = query.forms.sounds.forms[query.i]
    return {
        place
        for form, place in _russian(query, RIVALS)
        if form == given or place not in query.known.has_russian
    }


def _russian(query: _Query, spellings: dict[str, str]) -> list[Form]:
    if query.russian:
        return query.sounding(query.known.russian, query.forms.sounds, spellings)
    if _UZBEK_LETTER.search(query.forms.parts.words[query.i]):
        return []
    # in latin one other vowel is a misspelling as well as a russian form
    form = query.forms.sounds.forms[query.i]
    return [
        one
        for one in query.sounding(query.known.sounds, query.forms.sounds, spellings)
        if sum(map(str.__ne__, form, one[0])) > 1
    ]


def _has_neighbour(query: _Query, places: Sequence[int]) -> bool:
    """Tell whether another name differs by one letter left out or by a vowel."""
    key, _, number = query.forms.sounds.coarse[query.i].translate(_ONE_VOWEL).partition("#")
    return any(
        place not in places
        and other.partition("#")[2] == number
        and Indel.distance(key, other.translate(_ONE_VOWEL).partition("#")[0], score_cutoff=1) <= 1
        for district in query.districts
        for other, place in query.known.by_district.get(district, ())
    )


def _heed_type(query: _Query, found: Found) -> Found:
    """Let the type choose among places of one name, and speak against one of another type."""
    kind = query.forms.parts.types[query.i]
    if not kind or found.level == "exact" or not found.places:
        return found
    types = query.known.types
    same = tuple(place for place in found.places if types[place] == kind)
    if len(found.places) > 1:
        if len(same) == 1 and found.level == "strict":
            return Found("type", same)
        return found
    # a type counts where the district's list uses it: else everything is called MFY
    used_types = query.known.used_types
    used = {one for district in query.districts for one in used_types.get(district, ())}
    other = types[found.places[0]]
    if other and other != kind and kind in used:
        return Found(found.level, found.places, doubtful=True)
    return found
