"""The gazetteer of mahallas, and names matched to it: placed, ambiguous, suggested or not found."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _, mark
from hotspot.loaders.district_names import PlaceName, read_places
from hotspot.loaders.gazetteer_answers import ANSWER, write_answers
from hotspot.loaders.gazetteer_cases import number_texts, read_cases, read_stirs, read_texts
from hotspot.loaders.gazetteer_index import Index, build_index
from hotspot.loaders.gazetteer_levels import find_places
from hotspot.loaders.gazetteer_rows import NAME_COLUMNS, number_stirs, read_rows
from hotspot.loaders.gazetteer_sounds import Found
from hotspot.loaders.gazetteer_suggestions import suggest_places

__all__ = ["ANSWER", "Gazetteer", "build_gazetteer", "match_names"]


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
    stirs : dict
        The places of each tax number.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    districts: tuple[PlaceName, ...]
    regions: tuple[PlaceName, ...]
    index: Index
    stirs: dict[str, tuple[int, ...]]


def _demand(frame: pd.DataFrame, columns: Sequence[str], refusal: str) -> None:
    for column in columns:
        if column not in frame:
            hint = nearest_sentence(column, map(str, frame.columns))
            raise InputError(_(refusal, column=column, hint=hint))


def build_gazetteer(
    frame: pd.DataFrame,
    aliases: pd.DataFrame | None = None,
    *,
    on: datetime.date | None = None,
) -> Gazetteer:
    """Put the mahallas under every key of their names.

    Parameters
    ----------
    frame : DataFrame
        One row a mahalla (or several for one code), any index; columns `code` and `name`, and
        where known `name_cyrl`, `name_ru`, `district`, `region`, `stir` (the tax number, nine
        digits), `valid_from` and `valid_to`.
    aliases : DataFrame, optional
        Other names and old names: columns `code` and `name`.
    on : date, optional
        Only the versions valid on this day. Without it all names of a code lead to it, and its
        latest version gives the name it is shown by and the district.

    Returns
    -------
    Gazetteer

    Raises
    ------
    InputError
        Without these columns, when an alias has a code that no mahalla has, or when no mahalla is
        valid on the day.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["1", "2"], "name": ["Doʻstlik MFY", "Navroʻz MFY"]})
    >>> build_gazetteer(frame).codes
    ('1', '2')
    """
    _demand(frame, ("code", "name"), mark("the gazetteer has no column '{column}'; {hint}"))
    rows = read_rows(frame, on)
    areas = rows[["region", "district"]].drop_duplicates(ignore_index=True)
    numbers = {pair: i for i, pair in enumerate(areas.itertuples(index=False, name=None))}
    lying = zip(rows["region"], rows["district"], strict=True)
    district_of = dict(zip(rows["code"], (numbers[pair] for pair in lying), strict=True))
    place_of = {code: place for place, code in enumerate(district_of)}
    named = [
        (code, name, column)
        for column in NAME_COLUMNS
        for code, name in zip(rows["code"], rows[column], strict=True)
    ]
    if aliases is not None:
        refusal = mark("the table of other names has no column '{column}'; {hint}")
        _demand(aliases, ("code", "name"), refusal)
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
        stirs=number_stirs(rows, place_of),
    )


def _aliases(aliases: pd.DataFrame, known: dict[str, int]) -> list[tuple[str, str]]:
    pairs = sorted(set(zip(read_texts(aliases, "code"), read_texts(aliases, "name"), strict=True)))
    for code, name in pairs:
        if code not in known:
            raise InputError(
                _(
                    "the other name '{name}' is for the code '{code}', which no mahalla has; "
                    "correct the code or leave the row out",
                    name=name,
                    code=code,
                )
            )
    return pairs


def match_names(names: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Match names to the mahallas of a gazetteer.

    Parameters
    ----------
    names : DataFrame
        Any index; a column `name`, which may be an address or a tax number, and where known
        `district` and `region`, all in any script, and `stir`.
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
    district the gazetteer does not have is never matched. Likeness only suggests. A tax number
    that the gazetteer has goes before the name, whatever the district.

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
    _demand(names, ("name",), mark("the table of names has no column '{column}'; {hint}"))
    cases = read_cases(names, gazetteer.districts, gazetteer.regions)
    found = find_places(cases.lines, cases.asked, cases.wheres, gazetteer.index)
    unlike = [i for i, one in found.left.items() if one.doubtful or not one.places]
    likely = suggest_places(
        [found.left[i].sounds for i in unlike],
        [cases.wheres[cases.asked[i][1]] for i in unlike],
        gazetteer.index,
    )
    # a tax number says more than the name beside it
    stirred, numbered = _find_stirs(names, gazetteer.stirs)
    of_row = np.where(stirred >= 0, stirred + len(cases.asked), cases.of_row)
    answers = write_answers(
        found.extend(numbered), dict(zip(unlike, likely, strict=True)), gazetteer.codes
    )
    return answers.take(of_row).set_index(names.index)


def _find_stirs(
    names: pd.DataFrame, known: dict[str, tuple[int, ...]]
) -> tuple[np.ndarray, list[Found]]:
    """Return for each row which of the found tax numbers it has, -1 for none, and what they say."""
    which = np.full(len(names), -1)
    found: list[Found] = []
    if known:
        for column in ("name", "stir"):
            numbers, texts = number_texts(names, column)
            stirs = [known.get(stir, ()) for stir in read_stirs(texts)]
            position = np.array([len(found) + i if one else -1 for i, one in enumerate(stirs)])
            found += [Found("stir", places) for places in stirs]
            which = np.where(position[numbers] >= 0, position[numbers], which)
    return which, found
