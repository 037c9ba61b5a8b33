"""The last months beside each other: one small map a month, in the same colours and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from matplotlib import style
from matplotlib.patches import Rectangle

from hotspot.errors import InputError
from hotspot.language import _, ngettext, number
from hotspot.maps.captions import (
    GREEN_NOTE,
    REMARK,
    cut_text,
    has_polygon,
    month_words,
)
from hotspot.maps.outlines import dissolve_districts, simplify_polygons
from hotspot.maps.painting import (
    BORDER,
    FORMATS,
    SETTINGS,
    draw_borders,
    draw_swatch,
    fit_map,
    paint_mahallas,
    path_of,
    write_file,
)
from hotspot.maps.sheet import INK, PAPERS, QUIET, Sheet, check_paper
from hotspot.palette import COLOURS, LABELS, classes_in

MOST_MONTHS = 12
MARGIN = 12.0
TITLE, LEGEND, GUTTER = 19.0, 16.0, 4.0
# above each map, for the month and its reds
HEAD = 6.0
# with more mahallas than this their borders would cover their colours
MOST_BORDERS = 300


def draw_months(
    polygons: gpd.GeoSeries,
    history: pd.DataFrame,
    *,
    title: str,
    districts: pd.Series[str] | None = None,
    criteria: str = "",
    paper: str = "A4",
    path_format: str = "pdf",
    colours: Mapping[str, str] = COLOURS,
) -> bytes:
    """Return the maps of the last twelve months on one sheet, lying across.

    Parameters
    ----------
    polygons : GeoSeries
        Indexed by mahalla_code, in a CRS in metres, None without polygon.
    history : DataFrame
        Mahallas × months (PeriodIndex), their categories; missing where there was none.
    title : str
        What the maps show, for example the region.
    districts : Series, optional
        The mahallas' districts, whose outlines are drawn.
    criteria : str
        The rule behind the colours, "" where there is nothing to say.
    paper : {"A4", "A3"}
        The sheet's size.
    path_format : {"png", "pdf"}
        The file's format.
    colours : mapping
        A colour for every category.

    Returns
    -------
    bytes
        The file, in the language spoken. A mahalla that became red in a month has a thick outline
        there; in the first month of the history nothing can be told to have become red.

    Raises
    ------
    InputError
        The history has no month, no mahalla has a polygon, or the format or the paper is another.

    Examples
    --------
    >>> squares = gpd.GeoSeries([shapely.box(0, 0, 1000, 1000)], index=["1"], crs=32642)
    >>> history = pd.DataFrame({pd.Period("2025-01"): ["red"]}, index=["1"])
    >>> draw_months(squares, history, title="Kashkadarya")[:5]
    b'%PDF-'
    """
    if path_format not in FORMATS:
        raise InputError(
            _(
                "the maps of months cannot be written as '{found}': take png or pdf",
                found=path_format,
            )
        )
    check_paper(paper)
    if not history.shape[1]:
        raise InputError(_("the history has no month: there is nothing to draw"))
    drawn = polygons[has_polygon(gpd.GeoDataFrame(geometry=polygons))].sort_index()
    if drawn.empty:
        raise InputError(_("no mahalla has a polygon: there is nothing to draw"))
    with style.context(SETTINGS):
        sheet = _draw_sheet(drawn, history, title, districts, criteria, paper, colours)
        return write_file(sheet, path_format, title=cut_text(title, 120))


def _draw_sheet(
    polygons: gpd.GeoSeries,
    history: pd.DataFrame,
    title: str,
    districts: pd.Series[str] | None,
    criteria: str,
    paper: str,
    colours: Mapping[str, str],
) -> Sheet:
    short, long = PAPERS[paper]
    sheet = Sheet(long, short)
    months = history.columns[-MOST_MONTHS:]
    across = _choose_columns(polygons, len(months), sheet)
    down = -(-len(months) // across)
    width = (sheet.width - 2 * MARGIN - (across - 1) * GUTTER) / across
    height = (sheet.height - 2 * MARGIN - TITLE - LEGEND - (down - 1) * GUTTER) / down
    simple = _simplify(polygons, min(width, height - HEAD))
    borders = path_of(simple) if len(simple) <= MOST_BORDERS else None
    edges = None
    if districts is not None:
        names = [cut_text(name, 120) for name in districts.reindex(simple.index)]
        edges = path_of(dissolve_districts(simple, names))
    west, south, east, north = simple.total_bounds
    _write_title(sheet, title, months)
    for place, month in enumerate(months):
        left = MARGIN + place % across * (width + GUTTER)
        top = MARGIN + TITLE + place // across * (height + GUTTER)
        categories = history[month]
        new = _became_red(history, month)
        _write_head(sheet, month, categories, new, (left, top, width))
        axes = sheet.add_map(left, top + HEAD, width, height - HEAD)
        shown = categories.reindex(simple.index)
        paint_mahallas(axes, simple, shown, colours, hatched=False)
        if borders is not None:
            draw_borders(axes, borders, width=0.1, colour=BORDER)
        if edges is not None:
            draw_borders(axes, edges, width=0.3, colour=BORDER)
        fresh = simple[new.reindex(simple.index, fill_value=False).to_numpy()]
        # dark upon white around the red, to be seen beside any colour
        draw_borders(axes, path_of(fresh), width=4.0, colour="#ffffff")
        draw_borders(axes, path_of(fresh), width=2.4)
        paint_mahallas(axes, fresh, shown[fresh.index], colours, hatched=False)
        fit_map(sheet, axes, (west, south, east, north))
    hidden = len(history.index.difference(simple.index))
    _write_legend(sheet, history[months], hidden, criteria, colours)
    return sheet


def _choose_columns(polygons: gpd.GeoSeries, months: int, sheet: Sheet) -> int:
    """Return how many maps stand beside each other so that they are as large as can be."""
    west, south, east, north = polygons.total_bounds

    def scale(across: int) -> float:
        down = -(-months // across)
        width = (sheet.width - 2 * MARGIN) / across - GUTTER
        height = (sheet.height - 2 * MARGIN - TITLE - LEGEND) / down - GUTTER - HEAD
        return float(min(width / max(east - west, 1.0), height / max(north - south, 1.0)))

    return max(range(1, months + 1), key=scale)


def _simplify(polygons: gpd.GeoSeries, millimetres: float) -> gpd.GeoSeries:
    """Return polygons with no more vertices than can be seen on so small a map."""
    simple = simplify_polygons(polygons)
    west, south, east, north = simple.total_bounds
    # a tenth of a millimetre
    tolerance = max(east - west, north - south) / millimetres / 10
    coarse = shapely.coverage_simplify(simple.to_numpy(), tolerance)
    lost = shapely.is_empty(coarse)
    coarse[lost] = simple.to_numpy()[lost]
    return gpd.GeoSeries(coarse, index=simple.index, crs=simple.crs)


def _became_red(history: pd.DataFrame, month: object) -> pd.Series[bool]:
    """Return which mahallas are red in a month and were something else in the one before.

    Examples
    --------
    >>> history = pd.DataFrame({1: ["red", "green", None], 2: ["red", "red", "red"]})
    >>> _became_red(history, 2).tolist(), _became_red(history, 1).tolist()
    ([False, True, False], [False, False, False])
    """
    before = history.shift(1, axis="columns")[month]
    became: pd.Series[bool] = (history[month] == "red") & before.notna() & (before != "red")
    return became


def _write_title(sheet: Sheet, title: str, months: pd.Index[Any]) -> None:
    inner = sheet.width - 2 * MARGIN
    text = cut_text(title, 120)
    sheet.write_line(text, MARGIN, MARGIN + 6, width=inner, size=17, weight="bold")
    words = _(
        "{first} to {last}", first=month_words(str(months[0])), last=month_words(str(months[-1]))
    )
    sheet.write_line(words, MARGIN, MARGIN + 12.5, width=inner * 0.55, size=11)
    sheet.write_line(
        _(REMARK),
        sheet.width - MARGIN,
        MARGIN + 12.5,
        width=inner * 0.42,
        size=9,
        colour=QUIET,
        align="right",
    )


def _write_head(
    sheet: Sheet,
    month: object,
    categories: pd.Series[str],
    new: pd.Series[bool],
    place: tuple[float, float, float],
) -> None:
    """Write a map's month and how many mahallas are red, and new among them."""
    left, top, width = place
    foot = top + 4
    said = _(
        "red {red}, new {new}",
        red=number(int((categories == "red").sum())),
        new=number(int(new.sum())),
    )
    room = width * 0.46
    sheet.write_line(said, left + width, foot, width=room, size=7.5, align="right")
    room = width - min(room, sheet.measure(said, 7.5)) - 2
    sheet.write_line(month_words(str(month)), left, foot, width=room, size=8.5, weight="bold")


def _write_legend(
    sheet: Sheet, history: pd.DataFrame, hidden: int, criteria: str, colours: Mapping[str, str]
) -> None:
    classes = classes_in(history.to_numpy().ravel())
    top = sheet.height - MARGIN - LEGEND + 5
    step = (sheet.width - 2 * MARGIN) / (len(classes) + 1)
    for place, category in enumerate(classes):
        left = MARGIN + place * step
        draw_swatch(sheet, category, (left, top, 7, 4), colours[category], hatched=False)
        sheet.write_line(_(LABELS[category]), left + 9, top + 3.2, width=step - 11, size=8.5)
    left = MARGIN + len(classes) * step
    sheet.page.add_patch(
        Rectangle((left, top), 7, 4, facecolor=colours["red"], edgecolor=INK, linewidth=1.4)
    )
    new = _("Became red in the month")
    sheet.write_line(new, left + 9, top + 3.2, width=step - 9, size=8.5)
    mahallas = ngettext("{n} mahalla", "{n} mahallas", len(history))
    without = ngettext("{n} mahalla without polygon", "{n} mahallas without polygon", hidden)
    notes = [
        mahallas,
        without if hidden else "",
        _(GREEN_NOTE) if "green" in classes else "",
        cut_text(criteria, 200),
    ]
    text = " · ".join(note for note in notes if note)
    foot = sheet.height - MARGIN
    width = sheet.width - 2 * MARGIN
    sheet.write_line(text, MARGIN, foot, width=width, size=7.5, colour=QUIET)
