"""The gazetteer's names under every key, district by district."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from hotspot.loaders.name_sounds import Sounds, fold_sounds
from hotspot.loaders.names import Folded, fold_names, lost_key, may_be_russian

# the district of a name whose district is not known
ANYWHERE = -1

Key = tuple[int, str]
# how a name sounds, and whose it is
Form = tuple[str, int]

_One = TypeVar("_One", int, Form)

_WORD = re.compile(r"[a-zöğ]+")


@dataclass(frozen=True)
class Forms:
    """Names with all they are looked up by, each list as long as the names."""

    folded: Folded
    sounds: Sounds
    abbreviated: Sounds
    with_initials: list[bool]
    russian: list[bool]


@dataclass(frozen=True)
class Index:
    """Places (their positions in the gazetteer) by district and key, a dictionary a level.

    `sounds`, `russian` and `abbreviated` lead from coarse keys to forms that are still to be
    compared letter by letter; `russian` holds a place's Russian name alone where it has one.
    """

    exact: dict[Key, tuple[int, ...]]
    strict: dict[Key, tuple[int, ...]]
    part: dict[Key, tuple[int, ...]]
    sounds: dict[Key, tuple[Form, ...]]
    russian: dict[Key, tuple[Form, ...]]
    abbreviated: dict[Key, tuple[Form, ...]]
    initials: dict[Key, tuple[Form, ...]]
    lost: dict[Key, tuple[int, ...]]
    by_district: dict[int, tuple[Form, ...]]
    types: tuple[str, ...]
    used_types: dict[int, frozenset[str]]


def abbreviate(words: str) -> tuple[str, bool]:
    """Return a name with all words but the last cut to initials, and whether it came so.

    Examples
    --------
    >>> abbreviate("alisher navoiy"), abbreviate("a.navoiy"), abbreviate("sharof rashidov")
    (('a navoiy', False), ('a navoiy', True), ('sh rashidov', False))
    >>> abbreviate("navoiy")
    ('', False)
    """
    found = _WORD.findall(words)
    if len(found) < 2 or len(found[-1]) < 3:
        return "", False
    heads = [word[:2] if word[:2] in ("sh", "ch") else word[0] for word in found[:-1]]
    given = all(len(word) == 1 or word in ("sh", "ch", "yu", "ya", "yo") for word in found[:-1])
    if not given and min(map(len, found[:-1])) < 3:
        # al-xorazmiy, ibn sino: no given name stands before it
        return "", False
    return " ".join([*heads, found[-1]]), given


def fold_forms(names: Sequence[str]) -> Forms:
    """Return names with everything they are looked up by.

    Parameters
    ----------
    names : sequence of str
        Names as typed.

    Returns
    -------
    Forms
        As long as the names.
    """
    folded = fold_names(names)
    pairs = [abbreviate(words) for words in folded.words]
    short = [pair[0] for pair in pairs]
    return Forms(
        folded,
        fold_sounds(folded.words, folded.strict),
        fold_sounds(short, folded.strict) if any(short) else Sounds(short, short),
        [pair[1] for pair in pairs],
        may_be_russian(folded.scripts),
    )


def _frozen(found: dict[Key, set[_One]]) -> dict[Key, tuple[_One, ...]]:
    return {key: tuple(sorted(values)) for key, values in found.items()}


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
    forms = fold_forms(names)
    folded = forms.folded
    plain: dict[str, dict[Key, set[int]]] = defaultdict(lambda: defaultdict(set))
    sounding: dict[str, dict[Key, set[Form]]] = defaultdict(lambda: defaultdict(set))
    types = [""] * len(districts)
    by_district: dict[int, set[Form]] = defaultdict(set)
    has_russian = {
        place
        for place, source, script in zip(places, sources, folded.scripts, strict=True)
        if source == "name_ru" and script != "latin"
    }
    for i, (place, source) in enumerate(zip(places, sources, strict=True)):
        types[place] = types[place] or folded.types[i]
        form = (forms.sounds.forms[i], place)
        if not folded.strict[i]:
            continue
        for district in (districts[place], ANYWHERE):
            plain["exact"][district, folded.exact[i]].add(place)
            plain["lost"][district, lost_key(folded.exact[i])].add(place)
            whole = "strict" if not folded.within[i] else "part"
            plain[whole][district, folded.strict[i]].add(place)
            if folded.within[i]:
                plain["strict"][district, f"{folded.strict[i]} {folded.within[i]}"].add(place)
            if folded.aside[i]:
                plain["part"][district, folded.aside[i]].add(place)
            by_district[district].add((forms.sounds.coarse[i], place))
            sounding["sounds"][district, forms.sounds.coarse[i]].add(form)
            if source == "name_ru" or place not in has_russian:
                sounding["russian"][district, forms.sounds.coarse[i]].add(form)
            if forms.abbreviated.forms[i]:
                short = "initials" if forms.with_initials[i] else "abbreviated"
                sounding[short][district, forms.abbreviated.coarse[i]].add(
                    (forms.abbreviated.forms[i], place)
                )
    used: dict[int, set[str]] = defaultdict(set)
    for place, district in enumerate(districts):
        used[district].add(types[place])
    return Index(
        exact=_frozen(plain["exact"]),
        strict=_frozen(plain["strict"]),
        part=_frozen(plain["part"]),
        sounds=_frozen(sounding["sounds"]),
        russian=_frozen(sounding["russian"]),
        abbreviated=_frozen(sounding["abbreviated"]),
        initials=_frozen(sounding["initials"]),
        lost=_frozen(plain["lost"]),
        by_district={key: tuple(sorted(values)) for key, values in by_district.items()},
        types=tuple(types),
        used_types={key: frozenset(values) for key, values in used.items()},
    )
