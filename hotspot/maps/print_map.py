"""The map on paper: one sheet of A4 or A3."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
from matplotlib import style
from matplotlib.axes import Axes

from hotspot.errors import InputError
from hotspot.language import _, ngettext, number, pgettext
from hotspot.maps.captions import (
    GREEN_NOTE,
    REMARK,
    check_table,
    count_categories,
    cut_text,
    has_polygon,
    month_words,
    without_polygon,
)
from hotspot.maps.district_names import write_district_names
from hotspot.maps.outlines import dissolve_districts, simplify_polygons
from hotspot.maps.painting import (
    FORMATS,
    SETTINGS,
    draw_borders,
    draw_mahalla_borders,
    draw_swatch,
    fit_map,
    paint_mahallas,
    path_of,
    write_file,
)
from hotspot.maps.scale import choose_length
from hotspot.maps.sheet import INK, LEADING, MM_PER_POINT, PAPERS, QUIET, Sheet, check_paper
from hotspot.palette import COLOURS, LABELS

MARGIN = 14.0
GUTTER = 8.0
TITLE_HEIGHT = 21.0
COLUMN = 62.0
LEGEND_HEIGHT = 58.0
# below the map, for the scale and the arrow, where no polygon reaches
FOOT = 12.0
# of one note, so that the next has room too, and the height of the shortest note
MOST_LINES, LEAST_NOTE = 7, 11.0


def print_map(
    table: gpd.GeoDataFrame,
    *,
    title: str,
    month: str | pd.Period,
    criteria: str = "",
    window: str = "",
    source: str = "",
    paper: str = "A4",
    path_format: str = "png",
    colours: Mapping[str, str] = COLOURS,
) -> bytes:
    """Return the map of a month as a sheet of paper, upright or across by the region's shape.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by mahalla_code, in a CRS in metres, geometry None without polygon; columns
        ``name, district, category``.
    title : str
        What the map shows, for example the region.
    month : str or Period
        The month of the categories, ``2025-01``.
    criteria, window, source : str
        The rule behind the colours, the months that it looks at, and what the records are: a
        sentence each, "" where there is nothing to say.
    paper : {"A4", "A3"}
        The sheet's size.
    path_format : {"png", "pdf"}
        The file's format; PNG at 200 dots an inch, PDF with its fonts inside.
    colours : mapping
        A colour for every category.

    Returns
    -------
    bytes
        The file, in the language spoken. The same table gives the same bytes, in whatever order
        its rows.

    Raises
    ------
    InputError
        The table cannot be drawn, or the format or the paper is another.

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
    if path_format not in FORMATS:
        raise InputError(
            _("the printed map cannot be written as '{found}': take png or pdf", found=path_format)
        )
    with style.context(SETTINGS):
        sheet = draw_sheet(
            table,
            title=title,
            month=month,
            notes={_("Criteria"): criteria, _("Window"): window, _("Source"): source},
            paper=paper,
            colours=colours,
        )
        shown = _("{title}, {month}", title=cut_text(title, 120), month=month_words(month))
        return write_file(sheet, path_format, title=shown)


def draw_sheet(
    table: gpd.GeoDataFrame,
    *,
    title: str,
    month: str | pd.Period,
    notes: Mapping[str, str],
    paper: str = "A4",
    colours: Mapping[str, str] = COLOURS,
) -> Sheet:
    """Return the sheet itself, for a caller who has set matplotlib back to its own settings.

    Parameters
    ----------
    table, title, month, paper, colours : as for :func:`print_map`.
    notes : mapping
        The texts beside the legend by their headings, in their order; empty ones are left out.
    """
    check_paper(paper)
    table = check_table(table)
    drawn = table[has_polygon(table)]
    simple = simplify_polygons(drawn.geometry)
    west, south, east, north = simple.total_bounds
    short, long = PAPERS[paper]
    across = east - west > north - south
    sheet = Sheet(long, short) if across else Sheet(short, long)
    notes = _all_notes(table, notes)
    inner = sheet.width - 2 * MARGIN
    lower = sheet.height - MARGIN
    top = MARGIN + TITLE_HEIGHT
    _write_title(sheet, title, month, inner)
    if across:
        axes = sheet.add_map(MARGIN, top, inner - COLUMN - GUTTER, lower - top)
        left = sheet.width - MARGIN - COLUMN
        foot = _write_legend(sheet, table, left, top, colours)
        _write_notes(sheet, notes, (left, foot + 6, COLUMN, lower))
    else:
        legend_top = lower - LEGEND_HEIGHT
        axes = sheet.add_map(MARGIN, top, inner, legend_top - GUTTER - top)
        _write_legend(sheet, table, MARGIN, legend_top, colours)
        left = MARGIN + COLUMN + 2 * GUTTER
        _write_notes(sheet, notes, (left, legend_top, sheet.width - MARGIN - left, lower))
    paint_mahallas(axes, simple, drawn["category"], colours)
    draw_mahalla_borders(axes, simple, drawn["category"], width=0.25)
    metres = fit_map(sheet, axes, (west, south, east, north), foot=FOOT)
    outlines = dissolve_districts(simple, [cut_text(name, 40) for name in drawn["district"]])
    if len(outlines):
        draw_borders(axes, path_of(outlines), width=0.9)
        write_district_names(sheet, axes, outlines)
    _draw_scale(sheet, axes, metres)
    return sheet


def _all_notes(table: gpd.GeoDataFrame, notes: Mapping[str, str]) -> dict[str, str]:
    hidden = without_polygon(table)
    first = {} if hidden is None else {hidden[0]: hidden[1]}
    return first | {head: cut_text(text, 600) for head, text in notes.items() if text}


def _write_title(sheet: Sheet, title: str, month: str | pd.Period, width: float) -> None:
    text = cut_text(title, 120)
    sheet.write_line(text, MARGIN, MARGIN + 6.7, width=width, size=19, weight="bold")
    words = month_words(month)
    sheet.write_line(words, MARGIN, MARGIN + 14.5, width=width / 2, size=12)
    beside = MARGIN + min(sheet.measure(words, 12), width / 2) + 4
    # on the month's own line, its foot on the same height
    remark = _(REMARK)
    left = width + MARGIN - beside
    sheet.write_line(remark, beside, MARGIN + 14.5, width=left, size=9.5, colour=QUIET)


def _write_legend(
    sheet: Sheet, table: gpd.GeoDataFrame, left: float, top: float, colours: Mapping[str, str]
) -> float:
    """Draw the categories with their counts and return where the next block may begin."""
    head = ngettext("{n} mahalla", "{n} mahallas", len(table))
    top = sheet.write(head, left, top, width=COLUMN, size=9.5, weight="bold") + 1.5
    found = count_categories(table)
    for category, n in found.items():
        draw_swatch(sheet, category, (left, top, 9, 5.2), colours[category])
        foot, count = top + 3.9, number(n)
        room = COLUMN - 12 - sheet.measure(count, 10, "bold") - 2
        sheet.write_line(_(LABELS[category]), left + 12, foot, width=room, size=10)
        sheet.write_line(
            count, left + COLUMN, foot, width=COLUMN, size=10, weight="bold", align="right"
        )
        top += 7.2
    if "green" not in found:
        return top
    note = _(GREEN_NOTE)
    return sheet.write(note, left, top + 0.8, width=COLUMN, size=8, colour=QUIET, most_lines=4)


def _write_notes(
    sheet: Sheet, notes: Mapping[str, str], place: tuple[float, float, float, float]
) -> None:
    """Write notes from a left upper corner in a width down to a foot, each as far as it fits."""
    left, top, width, lower = place
    for after, (head, text) in zip(range(len(notes))[::-1], notes.items(), strict=True):
        top = sheet.write(head, left, top, width=width, size=9, weight="bold", most_lines=1)
        # a heading and a line stay free for each note that follows
        room = lower - top - after * LEAST_NOTE
        lines = max(1, min(MOST_LINES, int(room / (8 * MM_PER_POINT * LEADING))))
        top = sheet.write(
            text, left, top + 0.3, width=width, size=8, colour=QUIET, most_lines=lines
        )
        top += 2.5


def _draw_scale(sheet: Sheet, axes: Axes, metres_per_mm: float) -> None:
    """Draw the scale bar and an arrow to the north into the foot."""
    place = axes.get_position()
    left, width = place.x0 * sheet.width, place.width * sheet.width
    foot = (1 - place.y0) * sheet.height - 1.5
    length, words = choose_length(metres_per_mm, width * 0.22)
    bar = [left, left, left + length, left + length]
    sheet.page.plot(bar, [foot - 1.5, foot, foot, foot - 1.5], color=INK, linewidth=1)
    sheet.write_line(words, left + length + 2, foot, width=width / 3, size=8)
    right = left + width - 2
    sheet.page.annotate(
        "",
        xy=(right, foot - 10),
        xytext=(right, foot - 3.2),
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 0},
    )
    north = pgettext("compass", "N")
    sheet.page.text(right, foot, north, size=9, weight="bold", color=INK, ha="center")
