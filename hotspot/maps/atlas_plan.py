"""The plan of an atlas: its districts, and on which page each of their mahallas stands."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from hotspot.language import _
from hotspot.maps.captions import cut_text

NAME_LENGTH = 60


@dataclass(frozen=True)
class District:
    """A district of the atlas: its name, its region, its mahallas in the order of their codes."""

    name: str
    region: str
    mahallas: gpd.GeoDataFrame


@dataclass(frozen=True)
class Chapter:
    """A district's pages: the number of the first, and how many rows of its table each has."""

    district: District
    page: int
    rows: tuple[int, ...]


def list_districts(table: gpd.GeoDataFrame) -> list[District]:
    """Return the districts by region and name, those without a name last.

    Parameters
    ----------
    table : GeoDataFrame
        Sorted by code, with ``district`` and, where there are regions, ``region``.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"district": ["Koson", None, "Kasbi"]}, index=["1", "2", "3"])
    >>> [district.name for district in list_districts(frame)]
    ['Kasbi', 'Koson', 'Without district']
    """
    names = [cut_text(name, NAME_LENGTH) for name in table["district"]]
    regions = [""] * len(table)
    if "region" in table:
        regions = [cut_text(name, NAME_LENGTH) for name in table["region"]]
    keys = list(zip(regions, names, strict=True))
    places: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    order = sorted(places, key=lambda key: (key[0] == "", key[0], key[1] == "", key[1]))
    return [
        District(name or _("Without district"), region, table.iloc[places[region, name]])
        for region, name in order
    ]


def plan_chapters(districts: list[District], *, page: int, first: int, rest: int) -> list[Chapter]:
    """Return each district's pages.

    Parameters
    ----------
    districts : list of District
    page : int
        The number of the first district's first page.
    first, rest : int
        How many rows fit beneath the map of a district's first page, and on a page without map.
    """
    chapters = []
    for district in districts:
        rows = split_rows(len(district.mahallas), first, rest)
        chapters.append(Chapter(district, page, rows))
        page += len(rows)
    return chapters


def split_rows(total: int, first: int, rest: int) -> tuple[int, ...]:
    """Return how many rows of a table stand on its first page and on each further one.

    Examples
    --------
    >>> split_rows(50, 60, 120), split_rows(200, 60, 120), split_rows(0, 60, 120)
    ((50,), (60, 120, 20), (0,))
    """
    pages = [min(total, first)]
    while sum(pages) < total:
        pages.append(min(total - sum(pages), rest))
    return tuple(pages)
