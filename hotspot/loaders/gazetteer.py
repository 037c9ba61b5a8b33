"""The gazetteer of mahallas, and names matched to it: placed, ambiguous, suggested or not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.loaders.district_names import PlaceName, find_place, read_places
from hotspot.loaders.gazetteer_index import ANYWHERE, Index, build_index
from hotspot.loaders.gazetteer_levels import find_places
from hotspot.loaders.gazetteer_suggestions import suggest_places
from hotspot.loaders.name_addresses import split_addresses
from hotspot.loaders.names import Lines, fold_names

_Value = TypeVar("_Value")

NAME_COLUMNS = ("name", "name_cyrl", "name_ru")
ASKED = ("region", "district", "name")
# what `match_names` adds
ANSWER = {
    "outcome": "str",
    "code": "str",
    "level": "str",
    "score": "float64",
    "candidates": "str",
}
# candidates beyond these help nobody
_MOST_CANDIDATES = 20


@dataclass(frozen=True)
class Gazetteer:
    """Mahallas under every key of their names.

    Attributes
    ----------
    codes, names : tuple of str
        The code of each mahalla, and the name it is shown by.
    districts, regions : tuple of PlaceName
        The distinct districts, and the region of each.
    index : Index
        The names by district and key.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    districts: tuple[PlaceName, ...]
    regions: tuple[PlaceName, ...]
    index: Index


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    if column not in frame:
        return [""] * len(frame)
    return [
        value if isinstance(value, str) else "" if pd.isna(value) else _number_text(value)
        for value in frame[column].tolist()
    ]


def _number_text(value: object) -> str:
    # a column of codes with gaps comes as floats
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _demand(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    for column in columns:
        if column not in frame:
            heading = nearest_sentence(column, map(str, frame.columns))
            raise InputError(f"{what} has no column '{column}'; {heading}")


def build_gazetteer(frame: pd.DataFrame, aliases: pd.DataFrame | None = None) -> Gazetteer:
    """Put the mahallas under every key of their names.

    Parameters
    ----------
    frame : DataFrame
        One row a mahalla (or several for one code), any index; columns `code` and `name`, and
        where known `name_cyrl`, `name_ru`, `district`, `region`.
    aliases : DataFrame, optional
        Other names and old names: columns `code` and `name`.

    Returns
    -------
    Gazetteer

    Raises
    ------
    InputError
        Without these columns, or when an alias has a code that no mahalla has.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["1", "2"], "name": ["Doʻstlik MFY", "Navroʻz MFY"]})
    >>> build_gazetteer(frame).codes
    ('1', '2')
    """
    _demand(frame, ("code", "name"), "the gazetteer")
    # sorted, so that the order of rows changes nothing
    rows = pd.DataFrame(
        {column: _texts(frame, column) for column in ("code", *NAME_COLUMNS, "district", "region")}
    ).drop_duplicates()
    rows = rows.sort_values(list(rows.columns), ignore_index=True)
    areas = rows[["region", "district"]].drop_duplicates(ignore_index=True)
    numbers = {pair: i for i, pair in enumerate(areas.itertuples(index=False, name=None))}
    district_of = dict(
        zip(
            rows["code"],
            (numbers[pair] for pair in zip(rows["region"], rows["district"], strict=True)),
            strict=True,
        )
    )
    place_of = {code: place for place, code in enumerate(district_of)}
    named = [
        (code, name, column)
        for column in NAME_COLUMNS
        for code, name in zip(rows["code"], rows[column], strict=True)
    ]
    if aliases is not None:
        _demand(aliases, ("code", "name"), "the table of other names")
        named += [(code, name, "alias") for code, name in _aliases(aliases, place_of)]
    named = [one for one in named if one[1]]
    return Gazetteer(
        codes=tuple(place_of),
        names=tuple(dict(zip(rows["code"], rows["name"], strict=True)).values()),
        districts=tuple(read_places(areas["district"].tolist())),
        regions=tuple(read_places(areas["region"].tolist())),
        index=build_index(
            [name for _, name, _ in named],
            [place_of[code] for code, _, _ in named],
            list(district_of.values()),
            [column for _, _, column in named],
        ),
    )


def _aliases(aliases: pd.DataFrame, known: dict[str, int]) -> list[tuple[str, str]]:
    pairs = sorted(set(zip(_texts(aliases, "code"), _texts(aliases, "name"), strict=True)))
    for code, name in pairs:
        if code not in known:
            raise InputError(
                f"the other name '{name}' is for the code '{code}', which no mahalla has; "
                "correct the code or leave the row out"
            )
    return pairs


def _districts_of(pairs: Sequence[tuple[str, str]], gazetteer: Gazetteer) -> list[tuple[int, ...]]:
    """Return where each name may lie: (ANYWHERE,) unknown, () in no known district."""
    distinct = list(dict.fromkeys(pairs))
    regions = read_places([region for region, _ in distinct])
    districts = read_places([district for _, district in distinct])
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for pair, region, district in zip(distinct, regions, districts, strict=True):
        places = find_place(district, gazetteer.districts) if pair[1] else (ANYWHERE,)
        if pair[0] and len(places) > 1:
            within = set(find_place(region, gazetteer.regions))
            places = tuple(place for place in places if place in within) or places
        found[pair] = places
    return [found[pair] for pair in pairs]


def match_names(names: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Match names to the mahallas of a gazetteer.

    Parameters
    ----------
    names : DataFrame
        Any index; a column `name`, which may be an address, and where known `district` and
        `region`; all in any script.
    gazetteer : Gazetteer
        The mahallas.

    Returns
    -------
    DataFrame
        On the index of `names`: `outcome` (matched, ambiguous, suggested, not_found), `code`
        (missing unless matched), `level` (see LEVELS; "similar" for suggestions), `score` (0 to
        100, how alike the name and its first candidate are; missing without one) and
        `candidates` (codes, best first, separated by |).

    Raises
    ------
    InputError
        When there is no column `name`.

    Notes
    -----
    A name in a district is matched when one mahalla alone answers at a level (LEVELS). Without a
    district it must be the only one of its strict key in the whole gazetteer. A name whose
    district the gazetteer does not have is never matched. Likeness only suggests.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["1", "2"], "name": ["Qatagʻon MFY", "Qatagʻan MFY"]})
    >>> frame["district"] = "Urgut tumani"
    >>> typed = pd.DataFrame({"name": ["қатағон", "Катаган"], "district": "Ургутский район"})
    >>> match_names(typed, build_gazetteer(frame))[["outcome", "code", "candidates"]]
         outcome code candidates
    0    matched    1          1
    1  ambiguous  NaN        1|2
    """
    _demand(names, ("name",), "the table of names")
    regions, districts, typed = (_texts(names, column) for column in ASKED)
    name_of, distinct = _number(typed)
    pair_of, pairs = _number(list(zip(regions, districts, strict=True)))
    parts = split_addresses(distinct)
    for name, (_, its_district, its_region) in parts.items():
        # an address says where it lies, unless its record does
        for row in np.flatnonzero(name_of == name).tolist():
            region, district = regions[row] or its_region, districts[row] or its_district
            pairs.append((region, district))
            pair_of[row] = len(pairs) - 1
    lines = fold_names([parts[i][0] if i in parts else name for i, name in enumerate(distinct)])
    line_of, kept = _number(list(zip(lines.exact, lines.scripts, strict=True)))
    where_of, wheres = _number(_districts_of(pairs, gazetteer))
    # names that differ in spelling alone are asked for once
    cases, case_of = np.unique(
        line_of[name_of] * len(wheres) + where_of[pair_of], return_inverse=True
    )
    asked = [(case // len(wheres), wheres[case % len(wheres)]) for case in cases.tolist()]
    answers = _answer(
        Lines([line for line, _ in kept], [script for _, script in kept]), asked, gazetteer
    )
    return answers.take(case_of).set_index(names.index)


def _number(values: Sequence[_Value]) -> tuple[np.ndarray, list[_Value]]:
    """Return the number of each value, and the distinct values in order."""
    numbers: dict[_Value, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], int), list(
        numbers
    )


def _answer(
    lines: Lines, asked: Sequence[tuple[int, tuple[int, ...]]], gazetteer: Gazetteer
) -> pd.DataFrame:
    found = find_places(lines, asked, gazetteer.index)
    unplaced = [i for i, one in enumerate(found) if one.doubtful or not one.places]
    likely = suggest_places(
        [found[i].sounds for i in unplaced], [asked[i][1] for i in unplaced], gazetteer.index
    )
    similar = dict(zip(unplaced, likely, strict=True))
    known = gazetteer.codes
    answers: list[tuple[str, str | None, str, float, str]] = []
    for i, one in enumerate(found):
        if i not in similar and len(one.places) == 1:
            code = known[one.places[0]]
            answers.append(("matched", code, one.level, 100.0, code))
            continue
        likeness = dict(similar.get(i, ()))
        places = list(dict.fromkeys([*one.places, *likeness]))
        if not places:
            answers.append(("not_found", None, "", np.nan, ""))
            continue
        answers.append(
            (
                "suggested" if i in similar else "ambiguous",
                None,
                one.level if one.places else "similar",
                likeness.get(places[0], 100.0),
                "|".join(known[place] for place in places[:_MOST_CANDIDATES]),
            )
        )
    return pd.DataFrame(answers, columns=list(ANSWER)).astype(ANSWER)
