"""The gazetteer of mahallas, and names matched to it: placed, ambiguous, suggested or not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.loaders.district_names import PlaceName, read_places
from hotspot.loaders.gazetteer_answers import ANSWER, write_answers
from hotspot.loaders.gazetteer_cases import read_cases, read_texts
from hotspot.loaders.gazetteer_index import Index, build_index
from hotspot.loaders.gazetteer_levels import find_places
from hotspot.loaders.gazetteer_suggestions import suggest_places

__all__ = ["ANSWER", "Gazetteer", "build_gazetteer", "match_names"]

NAME_COLUMNS = ("name", "name_cyrl", "name_ru")


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
        {
            column: read_texts(frame, column)
            for column in ("code", *NAME_COLUMNS, "district", "region")
        }
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
    pairs = sorted(set(zip(read_texts(aliases, "code"), read_texts(aliases, "name"), strict=True)))
    for code, name in pairs:
        if code not in known:
            raise InputError(
                f"the other name '{name}' is for the code '{code}', which no mahalla has; "
                "correct the code or leave the row out"
            )
    return pairs


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
    cases = read_cases(names, gazetteer.districts, gazetteer.regions)
    found = find_places(cases.lines, cases.asked, cases.wheres, gazetteer.index)
    unlike = [i for i, one in found.left.items() if one.doubtful or not one.places]
    likely = suggest_places(
        [found.left[i].sounds for i in unlike],
        [cases.wheres[cases.asked[i][1]] for i in unlike],
        gazetteer.index,
    )
    answers = write_answers(found, dict(zip(unlike, likely, strict=True)), gazetteer.codes)
    return answers.take(cases.of_row).set_index(names.index)
