"""What every map says in words: the month, the counts of the legend, and what it is not."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from hotspot.errors import InputError
from hotspot.language import _, mark, month_name, ngettext, number
from hotspot.palette import LABELS, classes_in

REMARK = mark("Analytical map, not an official list")
GREEN_NOTE = mark("Green means no counted offense in the window, not safety.")

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
            raise InputError(
                _("the table of mahallas has no column '{column}': the map needs it", column=column)
            )
    known = classes_in(table["category"])
    unknown = sorted(set(table["category"].astype(str)) - set(known))
    if unknown:
        raise InputError(
            _(
                "unknown category '{found}': the map draws {known} only",
                found=unknown[0],
                known=", ".join(known),
            )
        )
    if table.crs is None:
        raise InputError(_("the table of mahallas has no CRS: bring it to a CRS in metres first"))
    if table.crs.is_geographic:
        raise InputError(
            _(
                "the table of mahallas has the CRS {crs} in degrees: bring it to a CRS in metres "
                "first",
                crs=table.crs.to_string(),
            )
        )
    if not has_polygon(table).any():
        raise InputError(_("no mahalla has a polygon: there is nothing to draw"))
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
    given = table.geometry.to_numpy()
    return pd.Series(~shapely.is_missing(given) & ~shapely.is_empty(given), index=table.index)


def month_words(month: str | pd.Period) -> str:
    """Return a month in words, whatever the computer's locale.

    Examples
    --------
    >>> month_words("2025-01")
    'January 2025'
    """
    return month_name(pd.Period(month, freq="M"))


def count_categories(table: pd.DataFrame) -> dict[str, int]:
    """Return the number of mahallas of every category, in the order of the legend.

    Examples
    --------
    >>> count_categories(pd.DataFrame({"category": ["green", "red", "green"]}))
    {'red': 1, 'yellow': 0, 'green': 2, 'not_assessed': 0}
    """
    found = table["category"].value_counts()
    classes = classes_in(table["category"])
    return {category: int(found.get(category, 0)) for category in classes}


def say_categories(table: pd.DataFrame) -> str:
    """Return the counts of the categories that occur, in words.

    Examples
    --------
    >>> say_categories(pd.DataFrame({"category": ["green", "red", "green"]}))
    'Red: 1, Green: 2'
    """
    found = count_categories(table)
    return ", ".join(
        _("{category}: {number}", category=_(LABELS[category]), number=number(n))
        for category, n in found.items()
        if n
    )


def without_polygon(table: gpd.GeoDataFrame) -> tuple[str, str] | None:
    """Return how many mahallas the map cannot show, and which categories they have.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"category": ["red", "green"]}, geometry=[None, None], crs=32642)
    >>> without_polygon(frame)[0]
    '2 mahallas without polygon'
    >>> without_polygon(frame)[1]
    'Counted above, not on the map. Red: 1, Green: 1'
    """
    hidden = table[~has_polygon(table)]
    if hidden.empty:
        return None
    head = ngettext("{n} mahalla without polygon", "{n} mahallas without polygon", len(hidden))
    categories = say_categories(hidden)
    return head, _("Counted above, not on the map. {categories}", categories=categories)


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
