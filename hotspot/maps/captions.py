"""What every map says in words: the month, the counts of the legend, and what it is not."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from hotspot.errors import InputError
from hotspot.palette import CATEGORIES

REMARK = "Analytical map, not an official list"
GREEN_NOTE = "Green means no counted offense in the window, not safety."
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

# no font draws them, and a page may not hold all of them
CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")


def check_table(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table of mahallas in the order of its codes, or say why it cannot be drawn.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by mahalla_code, with the columns ``name``, ``district``, ``category`` and a
        geometry in a metric CRS, None where there is no polygon.

    Raises
    ------
    InputError
        A column is missing, a category is unknown, the CRS is not in metres, or no mahalla has
        a polygon.
    """
    for column in ("name", "district", "category"):
        if column not in table.columns:
            raise InputError(f"the table of mahallas has no column '{column}': the map needs it")
    unknown = sorted(set(table["category"].astype(str)) - set(CATEGORIES))
    if unknown:
        raise InputError(
            f"unknown category '{unknown[0]}': the map draws {', '.join(CATEGORIES)} only"
        )
    if table.crs is None or table.crs.is_geographic:
        found = "no CRS" if table.crs is None else f"the CRS {table.crs.to_string()} in degrees"
        raise InputError(f"the table of mahallas has {found}: bring it to a CRS in metres first")
    if not has_polygon(table).any():
        raise InputError("no mahalla has a polygon: there is nothing to draw")
    return table.sort_index()


def has_polygon(table: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return which mahallas can be drawn.

    Examples
    --------
    >>> from shapely import Polygon
    >>> frame = gpd.GeoDataFrame(geometry=[Polygon([(0, 0), (1, 0), (1, 1)]), None], crs=32642)
    >>> has_polygon(frame).tolist()
    [True, False]
    """
    drawn: pd.Series[bool] = table.geometry.notna() & ~table.geometry.is_empty
    return drawn


def month_words(month: str | pd.Period) -> str:
    """Return a month in words, whatever the computer's locale.

    Examples
    --------
    >>> month_words("2025-01")
    'January 2025'
    """
    period = pd.Period(month, freq="M")
    return f"{MONTHS[period.month - 1]} {period.year}"


def count_categories(table: pd.DataFrame) -> dict[str, int]:
    """Return the number of mahallas of every category, in the order of the legend.

    Examples
    --------
    >>> count_categories(pd.DataFrame({"category": ["green", "red", "green"]}))
    {'red': 1, 'yellow': 0, 'green': 2, 'not_assessed': 0}
    """
    found = table["category"].value_counts()
    return {category: int(found.get(category, 0)) for category in CATEGORIES}


def plural(number: int, noun: str) -> str:
    """Return a number with its noun, thousands apart.

    Examples
    --------
    >>> plural(1, "mahalla"), plural(1200, "record")
    ('1 mahalla', '1,200 records')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def without_polygon_sentence(table: gpd.GeoDataFrame) -> str:
    """Return how many mahallas the map cannot show, by category; empty where it shows all.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"category": ["red", "green"]}, geometry=[None, None], crs=32642)
    >>> without_polygon_sentence(frame)
    '2 mahallas without polygon: 1 red, 1 green'
    """
    hidden = table[~has_polygon(table)]
    if hidden.empty:
        return ""
    parts = [
        f"{number:,} {category.replace('_', ' ')}"
        for category, number in count_categories(hidden).items()
        if number
    ]
    return f"{plural(len(hidden), 'mahalla')} without polygon: {', '.join(parts)}"


def unplaced_sentence(unplaced: int) -> str:
    """Return how many records are on no mahalla; empty where there are none.

    Examples
    --------
    >>> unplaced_sentence(1)
    '1 record could not be placed and is in no mahalla'
    >>> unplaced_sentence(0)
    ''
    """
    if not unplaced:
        return ""
    verb = "is" if unplaced == 1 else "are"
    return f"{plural(unplaced, 'record')} could not be placed and {verb} in no mahalla"


def name_mahallas(table: gpd.GeoDataFrame, length: int) -> list[str]:
    """Return what to call every mahalla: its name, or its code where it has none.

    Examples
    --------
    >>> name_mahallas(pd.DataFrame({"name": ["Guliston", None]}, index=["1", "2"]), 20)
    ['Guliston', '2']
    """
    pairs = zip(table["name"], table.index, strict=True)
    return [cut_text(name, length) or cut_text(code, length) for name, code in pairs]


def cut_text(value: object, length: int) -> str:
    """Return the text of a cell, visibly cut when it is too long to be read on a map.

    Examples
    --------
    >>> cut_text("Do'stlik", 20), cut_text("x" * 30, 5), cut_text(float("nan"), 5)
    ("Do'stlik", 'xxxx…', '')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    text = str(value).translate(CONTROLS).strip()
    return text if len(text) <= length else text[: length - 1] + "…"
