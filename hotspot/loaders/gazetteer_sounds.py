"""What a name sounds like in its district once no strict key answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from hotspot.loaders.gazetteer_index import ANYWHERE, Form, Forms, Index, Table
from hotspot.loaders.name_people import full_names
from hotspot.loaders.name_sounds import RIVALS, RUSSIAN, Sounds, may_stand_for
from hotspot.loaders.names import NOTE, Parts, lost_key

_ONE_VOWEL = str.maketrans("I", "A")
_UZBEK_LETTER = re.compile("[öğq]")


class Found(NamedTuple):
    """What a level answers: `places` are positions, none when the name may be anything.

    Where nothing is placed, `sounds` is the coarse key to find what is like it.
    """

    level: str
    places: tuple[int, ...]
    doubtful: bool = False
    sounds: str = ""


NOTHING = Found("", ())


class Query(NamedTuple):
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
        if len(self.districts) == 1:
            return table[self.districts[0]].get(key, ())
        return _look_up(table, self.districts, key)

    def sounding(self, table: Table[Form], sounds: Sounds, spellings: dict[str, str]) -> list[Form]:
        """Return the forms under a coarse key whose letters agree."""
        given, coarse = sounds.forms[self.j], sounds.coarse[self.j]
        found: list[Form] = []
        for district in self.districts:
            if known := table[district].get(coarse):
                found += [form for form in known if may_stand_for(given, form[0], spellings)]
        return found


def join_tables(table: Table[int], districts: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return the places of all the districts by key."""
    if len(districts) == 1:
        return table[districts[0]]
    keys = {key for district in districts for key in table[district]}
    return {key: _look_up(table, districts, key) for key in keys}


def _look_up(table: Table[int], districts: tuple[int, ...], key: str) -> tuple[int, ...]:
    return _places(place for district in districts for place in table[district].get(key, ()))


def _places(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(found)))


def find_by_sound(query: Query, found: Found) -> Found:
    """Return the places a name may mean, beside or instead of those found strictly.

    Parameters
    ----------
    query : Query
        The name.
    found : Found
        What its strict keys say.

    Returns
    -------
    Found
    """
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


def _loosely(query: Query) -> Found:
    parts, i, forms, known = query.parts, query.i, query.forms, query.known
    # what a mahalla lies within may be left out on either side, but not differ
    if part := query.plain(known.strict if parts.within[i] else known.part, parts.strict[i]):
        return Found("part", part)
    if parts.within[i]:
        return NOTHING
    if not query.russian and (
        letters := query.sounding(known.sounds, forms.sounds, query.spellings)
    ):
        return Found("letters", _places(place for _, place in letters))
    if forms.abbreviated.forms[query.j]:
        # initials stand for full names and full names for initials, but A.Navoiy not for A.Navoyi
        cut = forms.with_initials[query.j]
        other = known.abbreviated if cut else known.initials
        if initials := query.sounding(other, forms.abbreviated, RUSSIAN):
            doubtful = not cut and not _is_known_person(query)
            return Found("initials", _places(place for _, place in initials), doubtful)
    if russian := _russian(query, RUSSIAN):
        places = _places((*(place for _, place in russian), *_rivals(query)))
        return Found("russian", places, doubtful=_has_neighbour(query, places))
    if "?" in query.exact:
        return Found("lost", query.plain(known.lost, lost_key(query.exact)))
    if parts.aside[i] and not NOTE.search(parts.words[i]):
        # only the name in brackets is known: it may be an old one, or where the place lies
        return Found("part", query.plain(known.strict, parts.aside[i]), doubtful=True)
    return NOTHING


def _is_known_person(query: Query) -> bool:
    """Tell whether the first name is known: A.Navoiy is Alisher, and no Abdulla."""
    forms, j = query.forms, query.j
    known = full_names(forms.abbreviated.coarse[j]) or [
        form for form, _ in query.known.russian[ANYWHERE].get(forms.sounds.coarse[j], ())
    ]
    return any(may_stand_for(forms.sounds.forms[j], one, RUSSIAN) for one in known)


def _rivals(query: Query) -> set[int]:
    """Return the places a Russian form may mean at a stretch; given names are not stretched."""
    given = query.forms.sounds.forms[query.j]
    return {
        place
        for form, place in _russian(query, RIVALS)
        if form == given or place not in query.known.has_russian
    }


def _russian(query: Query, spellings: dict[str, str]) -> list[Form]:
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


def _has_neighbour(query: Query, places: Sequence[int]) -> bool:
    """Tell whether another name differs by one letter left out or by a vowel."""
    key, _, number = query.forms.sounds.coarse[query.j].translate(_ONE_VOWEL).partition("#")
    return any(
        place not in places
        and other.partition("#")[2] == number
        and Indel.distance(key, other.translate(_ONE_VOWEL).partition("#")[0], score_cutoff=1) <= 1
        for district in query.districts
        for other, place in query.known.by_district.get(district, ())
    )
