"""From strict to loose: which places of a district a name may mean, and at which level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from hotspot.loaders.gazetteer_index import ANYWHERE, Form, Forms, Index
from hotspot.loaders.name_sounds import RIVALS, RUSSIAN, TYPED, may_stand_for
from hotspot.loaders.names import NOTE, lost_key

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


@dataclass(frozen=True)
class Found:
    """What a level answers: `places` are positions, none when the name may be anything."""

    level: str
    places: tuple[int, ...]
    doubtful: bool = False


_NOTHING = Found("", ())


@dataclass(frozen=True)
class _Query:
    """One name of `Forms` in the districts it may lie in."""

    forms: Forms
    i: int
    districts: tuple[int, ...]
    index: Index

    def plain(self, level: str, key: str) -> tuple[int, ...]:
        """Return the places under a key."""
        return _places(self.under(level, key))

    def sounding(self, level: str, key: str, form: str, spellings: dict[str, str]) -> list[int]:
        """Return the places under a coarse key whose letters agree."""
        found: Iterable[Form] = self.under(level, key)
        return [place for known, place in found if may_stand_for(form, known, spellings)]

    def under(self, level: str, key: str) -> list[Any]:
        """Return what the districts have under a key of a level."""
        table = getattr(self.index, level)
        return [one for district in self.districts for one in table.get((district, key), ())]


def _places(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(found)))


def find_places(forms: Forms, i: int, districts: tuple[int, ...], index: Index) -> Found:
    """Return the places one name may mean at the strictest level that answers.

    Parameters
    ----------
    forms : Forms
        Folded names, of which the i-th is asked for.
    i : int
        The position of the name.
    districts : tuple of int
        Where it may lie; (ANYWHERE,) leaves the levels up to `strict` only.
    index : Index
        The gazetteer's names.

    Returns
    -------
    Found
        One place that is not doubtful is a match.
    """
    folded = forms.folded
    if not folded.strict[i]:
        return _NOTHING
    query = _Query(forms, i, districts, index)
    found = _strictly(query)
    if forms.russian[i] and found.places:
        # a russian spelling may agree with one name by chance and mean another
        rivals = set(_russian(query, RIVALS)) - set(query.plain("strict", folded.strict[i]))
        if rivals - set(found.places):
            return Found("russian", _places((*found.places, *rivals)))
    if not found.places and districts != (ANYWHERE,):
        found = _loosely(query)
    return _heed_type(query, found)


def _strictly(query: _Query) -> Found:
    folded, i = query.forms.folded, query.i
    key = folded.strict[i]
    if exact := query.plain("exact", folded.exact[i]):
        return Found("exact", exact)
    if folded.within[i]:
        if strict := query.plain("strict", f"{key} {folded.within[i]}"):
            return Found("strict", strict)
    elif strict := query.plain("strict", key):
        return Found("strict", strict)
    return _NOTHING


def _loosely(query: _Query) -> Found:
    folded, i = query.forms.folded, query.i
    # of a place within another, the other may be left out on either side, but not differ
    part = query.plain("strict" if folded.within[i] else "part", folded.strict[i])
    if folded.aside[i] and not NOTE.search(folded.words[i]):
        part = _places((*part, *query.plain("strict", folded.aside[i])))
    if part:
        return Found("part", part)
    sounds = query.forms.sounds
    if not query.forms.russian[i]:
        letters = query.sounding("sounds", sounds.coarse[i], sounds.forms[i], TYPED)
        if letters:
            return Found("letters", _places(letters))
    if initials := _initials(query):
        return Found("initials", _places(initials))
    if russian := _russian(query, RUSSIAN, least_different=_evidence(query)):
        rivals = _places((*russian, *_russian(query, RIVALS)))
        return Found("russian", rivals, doubtful=_has_neighbour(query, rivals))
    if "?" in folded.exact[i]:
        return Found("lost", query.plain("lost", lost_key(folded.exact[i])))
    return _NOTHING


def _evidence(query: _Query) -> int:
    """Return how many letters must differ before a name is taken for a Russian form."""
    if query.forms.russian[query.i]:
        return 0
    # in latin one other vowel is a misspelling as well; beside oʻ, gʻ and q nothing is russian
    return 99 if _UZBEK_LETTER.search(query.forms.folded.words[query.i]) else 2


def _russian(query: _Query, spellings: dict[str, str], *, least_different: int = 0) -> list[int]:
    sounds, i = query.forms.sounds, query.i
    level = "russian" if query.forms.russian[i] else "sounds"
    form = sounds.forms[i]
    return [
        place
        for known, place in query.under(level, sounds.coarse[i])
        if may_stand_for(form, known, spellings)
        and sum(map(str.__ne__, form, known)) >= least_different
    ]


def _initials(query: _Query) -> list[int]:
    short, i = query.forms.abbreviated, query.i
    if not short.forms[i]:
        return []
    # initials stand for full names and full names for initials, but A.Navoiy not for A.Navoyi
    other = "abbreviated" if query.forms.with_initials[i] else "initials"
    return query.sounding(other, short.coarse[i], short.forms[i], RUSSIAN)


def _has_neighbour(query: _Query, places: Sequence[int]) -> bool:
    """Tell whether another name is one letter away, which a misspelling would decide."""
    key = query.forms.sounds.coarse[query.i]
    return any(
        place not in places and Levenshtein.distance(key, other, score_cutoff=1) <= 1
        for district in query.districts
        for other, place in query.index.by_district.get(district, ())
    )


def _heed_type(query: _Query, found: Found) -> Found:
    """Let the type choose among places of one name, and speak against one of another type."""
    kind = query.forms.folded.types[query.i]
    if not kind or found.level == "exact" or not found.places:
        return found
    types = query.index.types
    same = tuple(place for place in found.places if types[place] == kind)
    if len(found.places) > 1:
        if len(same) == 1 and found.level == "strict":
            return Found("type", same)
        return found
    # a type counts where the district's list uses it: else everything is called MFY
    used = {one for district in query.districts for one in query.index.used_types[district]}
    other = types[found.places[0]]
    if other and other != kind and kind in used:
        return Found(found.level, found.places, doubtful=True)
    return found
