"""The gazetteer's names under every key, district by district."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hotspot.loaders.name_sounds import Sounds, fold_sounds
from hotspot.loaders.names import fold_names, lost_key, take_apart

# the district of a name whose district is not known
ANYWHERE = -1

# how a name sounds, and whose it is
Form = tuple[str, int]

_One = TypeVar("_One", int, Form)
# by district, by key
Table = dict[int, dict[str, tuple[_One, ...]]]

# where a name with its given names cut goes: by whether it came so
_SHORT = {False: "abbreviated", True: "initials"}
_WORD = re.compile(r"[a-zöğ]+")


@dataclass(frozen=True)
class Forms:
    """How names sound, each list as long as the names."""

    sounds: Sounds
    abbreviated: Sounds
    with_initials: list[bool]


@dataclass(frozen=True)
class Index:
    """Places (their positions in the gazetteer) by district and key, a dictionary a level.

    `sounds`, `russian` and `abbreviated` lead from coarse keys to forms that are still to be
    compared letter by letter; `russian` holds a place's Russian name alone where it has one.
    `heard` are all keys of a district that a name in Latin may be found by once it is not found
    strictly.
    """

    exact: Table[int]
    strict: Table[int]
    part: Table[int]
    sounds: Table[Form]
    russian: Table[Form]
    abbreviated: Table[Form]
    initials: Table[Form]
    lost: Table[int]
    heard: dict[int, frozenset[str]]
    by_district: dict[int, tuple[Form, ...]]
    has_russian: frozenset[int]
    types: tuple[str, ...]


def abbreviate(words: str) -> tuple[str, bool]:
    """Return a name with all words but the last cut to initials, and whether it came so.

    Examples
    --------
    >>> abbreviate("alisher navoiy"), abbreviate("a.navoiy"), abbreviate("sharof rashidov")
    (('a navoiy', False), ('a navoiy', True), ('sh rashidov', False))
    >>> abbreviate("navoiy")
    ('', False)
    """
    if words.isalpha():
        return "", False
    found = _WORD.findall(words.replace("'", ""))
    if len(found) < 2 or len(found[-1]) < 3:
        return "", False
    heads = [word[:2] if word[:2] in ("sh", "ch") else word[0] for word in found[:-1]]
    given = all(len(word) == 1 or word in ("sh", "ch", "yu", "ya", "yo") for word in found[:-1])
    if not given and min(map(len, found[:-1])) < 3:
        # al-xorazmiy, ibn sino: no given name stands before it
        return "", False
    return " ".join([*heads, found[-1]]), given


def fold_forms(words: Sequence[str], strict: Sequence[str]) -> Forms:
    """Return how names sound, in full and with their given names cut.

    Parameters
    ----------
    words, strict : sequence of str
        Names taken apart (`Parts.words`, `Parts.strict`).

    Returns
    -------
    Forms
        As long as the names.
    """
    pairs = [abbreviate(one) for one in words]
    short = [pair[0] for pair in pairs]
    return Forms(
        fold_sounds(words, strict),
        fold_sounds(short, strict) if any(short) else Sounds(short, short),
        [pair[1] for pair in pairs],
    )


def _frozen(found: dict[int, dict[str, set[_One]]], districts: Iterable[int]) -> Table[_One]:
    return {
        district: {
            key: tuple(values) if len(values) == 1 else tuple(sorted(values))
            for key, values in found.get(district, {}).items()
        }
        for district in districts
    }


def build_index(
    names: Sequence[str],
    places: Sequence[int],
    districts: Sequence[int],
    sources: Sequence[str],
) -> Index:
    """Put names under every key.

    Parameters
    ----------
    names : sequence of str
        All names of all places.
    places : sequence of int
        The place each name belongs to, 0 upwards.
    districts : sequence of int
        The district of each place.
    sources : sequence of str
        The column each name comes from; "name_ru" is the place's Russian name.

    Returns
    -------
    Index
    """
    lines = fold_names(names)
    parts = take_apart(lines.exact)
    forms = fold_forms(parts.words, parts.strict)
    sounds, short = forms.sounds, forms.abbreviated
    tables: dict[str, dict[int, dict[str, set[Any]]]] = {
        level: defaultdict(lambda: defaultdict(set))
        for level in ("exact", "strict", "part", "lost", "sounds", "russian", *_SHORT.values())
    }
    types = [""] * len(districts)
    by_district: dict[int, set[Form]] = defaultdict(set)
    has_russian = {
        place
        for place, source, script in zip(places, sources, lines.scripts, strict=True)
        if source == "name_ru" and script != "latin"
    }
    for i, (place, source) in enumerate(zip(places, sources, strict=True)):
        strict, within, coarse = parts.strict[i], parts.within[i], sounds.coarse[i]
        types[place] = types[place] or parts.types[i]
        district = districts[place]
        if not strict:
            # foreign signs: found as it is written, or not at all
            if lines.exact[i]:
                tables["exact"][district][lines.exact[i]].add(place)
            continue
        form = (sounds.forms[i], place)
        # without a district only the strict levels answer, and doubt and likeness
        for where in (district, ANYWHERE):
            tables["exact"][where][lines.exact[i]].add(place)
            tables["strict"][where][f"{strict} {within}" if within else strict].add(place)
            if not within and (source == "name_ru" or place not in has_russian):
                tables["russian"][where][coarse].add(form)
            by_district[where].add((coarse, place))
        tables["lost"][district][lost_key(lines.exact[i])].add(place)
        if within:
            tables["part"][district][strict].add(place)
        else:
            tables["sounds"][district][coarse].add(form)
        if parts.aside[i]:
            tables["part"][district][parts.aside[i]].add(place)
        if short.forms[i]:
            level = _SHORT[forms.with_initials[i]]
            tables[level][district][short.coarse[i]].add((short.forms[i], place))
    everywhere = {ANYWHERE, *districts}
    loose = [tables[level] for level in ("part", "sounds", *_SHORT.values())]
    return Index(
        **{level: _frozen(table, everywhere) for level, table in tables.items()},
        heard={
            district: frozenset().union(*(table[district] for table in loose if district in table))
            for district in everywhere
        },
        by_district={key: tuple(sorted(values)) for key, values in by_district.items()},
        has_russian=frozenset(has_russian),
        types=tuple(types),
    )
