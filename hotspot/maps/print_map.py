"""The map on paper: one sheet of A4."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib_scalebar.scalebar import ScaleBar

from hotspot.errors import InputError
from hotspot.maps.captions import (
    GREEN_NOTE,
    REMARK,
    check_table,
    count_categories,
    cut_text,
    has_polygon,
    month_words,
    plural,
    without_polygon_sentence,
)
from hotspot.maps.district_names import write_district_names
from hotspot.maps.outlines import dissolve_districts, simplify_polygons
from hotspot.maps.sheet import FONT, INK, QUIET, Sheet, drawable
from hotspot.palette import CATEGORIES, COLOURS, HATCHES, INKS, LABELS

LONG_SIDE, SHORT_SIDE = 297.0, 210.0
MARGIN = 14.0
GUTTER = 8.0
TITLE_HEIGHT = 21.0
COLUMN = 62.0
LEGEND_HEIGHT = 52.0
# below the map, for the scale and the arrow, where no polygon reaches
FOOT = 12.0

# no trace of clock or version in a file
METADATA: Mapping[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": "mahalla-hotspot"},
}
# every setting of the reader's own matplotlib that could reach the sheet is set back first
SETTINGS: list[str | FilePath | dict[str, Any]] = [
    "default",
    {"font.family": FONT, "pdf.fonttype": 42, "hatch.linewidth": 0.45},
]


def print_map(
    table: gpd.GeoDataFrame,
    *,
    title: str,
    month: str | pd.Period,
    criteria: str = "",
    path_format: str = "png",
    colours: Mapping[str, str] = COLOURS,
) -> bytes:
    """Return the map of a month as a sheet of A4, upright or across by the region's shape.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by mahalla_code, in a CRS in metres, geometry None without polygon; columns
        ``name, district, category``.
    title : str
        What the map shows, for example the region.
    month : str or Period
        The month of the categories, ``2025-01``.
    criteria : str
        One sentence on the rule behind the colours.
    path_format : {"png", "pdf"}
        The file's format; PNG at 200 dots an inch, PDF with its fonts inside.
    colours : mapping
        A colour for every category.

    Returns
    -------
    bytes
        The file. The same table gives the same bytes, in whatever order its rows.

    Raises
    ------
    InputError
        The table cannot be drawn, or the format is another.

    Examples
    --------
    >>> from shapely import box
    >>> table = gpd.GeoDataFrame(
    ...     {"name": ["Guliston"], "district": ["Koson"], "category": ["red"]},
    ...     index=["1710229001"],
    ...     geometry=[box(500_000, 4_300_000, 501_000, 4_301_000)],
    ...     crs="EPSG:32642",
    ... )
    >>> print_map(table, title="Kashkadarya", month="2025-01", path_format="pdf")[:5]
    b'%PDF-'
    """
    if path_format not in METADATA:
        raise InputError(f"the printed map cannot be written as '{path_format}': take png or pdf")
    table = check_table(table)
    drawn = table[has_polygon(table)]
    simple = simplify_polygons(drawn.geometry)
    west, south, east, north = simple.total_bounds
    across = east - west > north - south
    with style.context(SETTINGS):
        sheet = Sheet(LONG_SIDE, SHORT_SIDE) if across else Sheet(SHORT_SIDE, LONG_SIDE)
        inner = sheet.width - 2 * MARGIN
        lower = sheet.height - MARGIN
        top = MARGIN + TITLE_HEIGHT
        _write_title(sheet, title, month, inner)
        if across:
            axes = sheet.add_map(MARGIN, top, inner - COLUMN - GUTTER, lower - top)
            left = sheet.width - MARGIN - COLUMN
            foot = _write_legend(sheet, table, left, top, COLUMN, colours)
            _write_notes(sheet, table, left, foot + 6, COLUMN, criteria)
        else:
            legend_top = lower - LEGEND_HEIGHT
            axes = sheet.add_map(MARGIN, top, inner, legend_top - GUTTER - top)
            _write_legend(sheet, table, MARGIN, legend_top, COLUMN, colours)
            left = MARGIN + COLUMN + 2 * GUTTER
            _write_notes(sheet, table, left, legend_top, sheet.width - MARGIN - left, criteria)
        _draw_mahallas(axes, simple, drawn["category"], colours)
        _fit(sheet, axes, (west, south, east, north))
        districts = [cut_text(name, 40) for name in drawn["district"]]
        outlines = dissolve_districts(simple, districts)
        if len(outlines):
            axes.add_collection(
                PathCollection(
                    [_path(outline) for outline in outlines],
                    facecolors="none",
                    edgecolors=INK,
                    linewidths=0.9,
                    zorder=4,
                )
            )
            write_district_names(sheet, axes, outlines)
        _draw_scale(axes)
        written = BytesIO()
        sheet.figure.savefig(written, format=path_format, metadata=METADATA[path_format])
    return written.getvalue()


def _write_title(sheet: Sheet, title: str, month: str | pd.Period, width: float) -> None:
    text = drawable(cut_text(title, 120))
    size = 19.0
    while size > 11 and len(sheet.wrap(text, width, size, "bold")) > 1:
        size -= 1
    foot = sheet.write(text, MARGIN, MARGIN, width=width, size=size, weight="bold", most_lines=1)
    words = month_words(month)
    sheet.write(words, MARGIN, foot + 1, width=width, size=12)
    beside = MARGIN + sheet.measure(words, 12) + 4
    # on the month's own line, its foot on the same height
    sheet.page.text(beside, foot + 1 + 12 * 25.4 / 72, REMARK, size=9.5, color=QUIET)


def _write_legend(
    sheet: Sheet,
    table: gpd.GeoDataFrame,
    left: float,
    top: float,
    width: float,
    colours: Mapping[str, str],
) -> float:
    """Draw the categories with their counts and return where the next block may begin."""
    top = sheet.write(
        plural(len(table), "mahalla"), left, top, width=width, size=9.5, weight="bold"
    )
    top += 1.5
    for category, number in count_categories(table).items():
        sheet.page.add_patch(
            Rectangle(
                (left, top),
                9,
                5.2,
                facecolor=colours[category],
                edgecolor=_hatch_colour(category),
                hatch=HATCHES[category],
                linewidth=0,
            )
        )
        sheet.page.add_patch(
            Rectangle((left, top), 9, 5.2, facecolor="none", edgecolor=QUIET, linewidth=0.5)
        )
        line = top + 3.9
        sheet.page.text(left + 12, line, LABELS[category], size=10, color=INK)
        sheet.page.text(
            left + width, line, f"{number:,}", size=10, color=INK, ha="right", weight="bold"
        )
        top += 7.2
    return sheet.write(GREEN_NOTE, left, top + 0.8, width=width, size=8, colour=QUIET)


def _write_notes(
    sheet: Sheet, table: gpd.GeoDataFrame, left: float, top: float, width: float, criteria: str
) -> None:
    blocks = []
    sentence = without_polygon_sentence(table)
    if sentence:
        head, _, tail = sentence.partition(": ")
        blocks.append((head, f"Counted above and left white on the map: {tail}"))
    if criteria:
        blocks.append(("Criteria", cut_text(criteria, 600)))
    for head, text in blocks:
        top = sheet.write(head, left, top, width=width, size=9.5, weight="bold")
        top = sheet.write(text, left, top + 0.5, width=width, size=8, colour=QUIET) + 5


def _draw_mahallas(
    axes: Axes, polygons: gpd.GeoSeries, categories: pd.Series[str], colours: Mapping[str, str]
) -> None:
    for category in CATEGORIES:
        paths = [_path(polygon) for polygon in polygons[categories == category]]
        axes.add_collection(
            PathCollection(
                paths,
                facecolors=colours[category],
                edgecolors=_hatch_colour(category),
                hatch=HATCHES[category] or None,
                linewidths=0,
                zorder=2,
            )
        )
        axes.add_collection(
            PathCollection(
                paths, facecolors="none", edgecolors="#3a4150", linewidths=0.25, zorder=3
            )
        )


def _hatch_colour(category: str) -> tuple[str, float]:
    """Return the colour of a category's hatch: seen close by, quiet from afar."""
    return INKS[category], 0.45


def _path(polygon: shapely.Geometry) -> Path:
    """Return a polygon as one path, its holes turned against its outside."""
    parts = shapely.orient_polygons(shapely.get_parts(polygon))
    rings = shapely.get_rings(parts)
    return Path.make_compound_path(
        *(Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def _fit(sheet: Sheet, axes: Axes, bounds: tuple[float, float, float, float]) -> None:
    """Set the limits so that a metre is as long across as up, with the foot left free."""
    west, south, east, north = bounds
    place = axes.get_position()
    width, height = place.width * sheet.width, place.height * sheet.height
    metres = max((east - west) / (width - 2), (north - south) / (height - FOOT - 2))
    middle = (west + east) / 2
    top = (north + south) / 2 + (height - FOOT) / 2 * metres
    axes.set_xlim(middle - width / 2 * metres, middle + width / 2 * metres)
    axes.set_ylim(top - height * metres, top)
    axes.set_aspect(1)


def _draw_scale(axes: Axes) -> None:
    """Draw the scale bar and an arrow to the north into the foot."""
    axes.add_artist(
        ScaleBar(
            1,
            units="m",
            location="lower left",
            length_fraction=0.22,
            width_fraction=0.006,
            box_alpha=0,
            color=INK,
            border_pad=0.2,
            font_properties={"family": FONT, "size": 8},
        )
    )
    axes.annotate(
        "N",
        xy=(0.985, 0.075),
        xytext=(0.985, 0.005),
        xycoords="axes fraction",
        ha="center",
        va="bottom",
        size=9,
        weight="bold",
        color=INK,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2},
    )
