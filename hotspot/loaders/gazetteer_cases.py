"""What a table of names asks for: each name in each place it may lie in, once."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from hotspot.loaders.district_names import PlaceName, find_place, read_places
from hotspot.loaders.gazetteer_index import ANYWHERE
from hotspot.loaders.name_addresses import split_addresses
from hotspot.loaders.names import Lines, fold_names

_Value = TypeVar("_Value", bound=Hashable)

_STIR = re.compile(
    r"\s*(?:(?:stir|inn|tin|стир|инн)\W*)?(\d{3})[\s ]?(\d{3})[\s ]?(\d{3})\s*", re.I
)


@dataclass(frozen=True)
class Cases:
    """What is asked for.

    Attributes
    ----------
    of_row : ndarray of int
        The case of each row.
    lines : Lines
        The distinct names in one alphabet.
    asked : list of tuple of int
        Of each case the name's position in `lines`, and the districts' in `wheres`.
    wheres : list of tuple of int
        Districts a name may lie in: (ANYWHERE,) where nothing is known, () in no known one.
    """

    of_row: np.ndarray
    lines: Lines
    asked: list[tuple[int, int]]
    wheres: list[tuple[int, ...]]


def read_texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as text, "" where it is missing or has no value."""
    if column not in frame:
        return [""] * len(frame)
    return [_text(value) for value in frame[column].tolist()]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    # a column of codes with gaps comes as floats
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def read_stirs(texts: Sequence[str]) -> list[str]:
    """Return the tax number that each text is, "" for any other text.

    Examples
    --------
    >>> read_stirs(["201122919", "STIR: 201 122 919", "1-sonli", "1710207001"])
    ['201122919', '201122919', '', '']
    """
    found = [_STIR.fullmatch(text) if text[-1:].isdecimal() else None for text in texts]
    return ["".join(match.groups()) if match else "" for match in found]


def number_texts(frame: pd.DataFrame, column: str) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's text, and the distinct texts."""
    if column not in frame:
        return np.zeros(len(frame), int), [""]
    texts = frame[column]
    if not isinstance(texts.dtype, pd.StringDtype):
        texts = pd.Series(read_texts(frame, column), dtype="object")
    numbers, distinct = pd.factorize(texts)
    return np.where(numbers < 0, len(distinct), numbers), [*distinct.tolist(), ""]


def _number(values: Sequence[_Value]) -> tuple[np.ndarray, list[_Value]]:
    """Return the number of each value, and the distinct values in order."""
    numbers: dict[_Value, int] = {}
    positions = [numbers.setdefault(value, len(numbers)) for value in values]
    return np.array(positions, int), list(numbers)


def read_cases(
    names: pd.DataFrame, districts: Sequence[PlaceName], regions: Sequence[PlaceName]
) -> Cases:
    """Return what a table asks for.

    Parameters
    ----------
    names : DataFrame
        Columns `name`, which may be an address, and where known `district` and `region`.
    districts, regions : sequence of PlaceName
        Those of the gazetteer, the region of each district.

    Returns
    -------
    Cases
        Names that differ in spelling alone are asked for once.
    """
    name_of, distinct = number_texts(names, "name")
    region_of, typed_regions = number_texts(names, "region")
    district_of, typed_districts = number_texts(names, "district")
    pair_of, pair_numbers = pd.factorize(region_of * len(typed_districts) + district_of)
    pairs = [
        (
            typed_regions[number // len(typed_districts)],
            typed_districts[number % len(typed_districts)],
        )
        for number in pair_numbers.tolist()
    ]
    parts = split_addresses(distinct)
    for row in np.flatnonzero(np.isin(name_of, list(parts))).tolist() if parts else ():
        # an address says where it lies, unless its record does
        region, district = pairs[pair_of[row]]
        _, its_district, its_region = parts[int(name_of[row])]
        pair_of[row] = len(pairs)
        pairs.append((region or its_region, district or its_district))
    for i, (mahalla, _, _) in parts.items():
        distinct[i] = mahalla
    lines = fold_names(distinct)
    line_of, kept = _number(list(zip(lines.exact, lines.scripts, strict=True)))
    where_of, wheres = _number(_find_districts(pairs, districts, regions))
    case_of, cases = pd.factorize(line_of[name_of] * len(wheres) + where_of[pair_of])
    return Cases(
        case_of,
        Lines([line for line, _ in kept], [script for _, script in kept]),
        list(zip((cases // len(wheres)).tolist(), (cases % len(wheres)).tolist(), strict=True)),
        wheres,
    )


def _find_districts(
    pairs: Sequence[tuple[str, str]],
    known_districts: Sequence[PlaceName],
    known_regions: Sequence[PlaceName],
) -> list[tuple[int, ...]]:
    distinct = list(dict.fromkeys(pairs))
    regions = read_places([region for region, _ in distinct])
    districts = read_places([district for _, district in distinct])
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for pair, region, district in zip(distinct, regions, districts, strict=True):
        places = find_place(district, known_districts) if pair[1] else (ANYWHERE,)
        if pair[0] and len(places) > 1:
            within = set(find_place(region, known_regions))
            places = tuple(place for place in places if place in within) or places
        found[pair] = places
    return [found[pair] for pair in pairs]
