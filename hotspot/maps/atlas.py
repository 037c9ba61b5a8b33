"""The atlas: a page for each district, its map large and its mahallas in a table beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from hotspot.language import _, ngettext, number
from hotspot.maps.atlas_map import MapFrame, draw_frame, draw_polygons, label_polygons, open_map
from hotspot.maps.atlas_plan import Chapter, District, list_districts, plan_chapters, split_rows
from hotspot.maps.atlas_tables import (
    HEAD,
    ROW,
    draw_index,
    draw_rows,
    index_fields,
    row_fields,
)
from hotspot.maps.captions import (
    GREEN_NOTE,
    REMARK,
    check_table,
    count_categories,
    cut_text,
    has_polygon,
    month_words,
    name_mahallas,
)
from hotspot.maps.outlines import simplify_polygons, unite_polygons
from hotspot.maps.pdf_pages import Pages
from hotspot.maps.sheet import QUIET, check_paper
from hotspot.palette import COLOURS, LABELS, classes_in

MARGIN = 14.0
# above the map or the table, beneath the map, and beneath everything
TITLE, LEGEND, FOOT = 16.0, 15.0, 8.0
# of the page's height: at least, and at most where the table is short
# so that a district of 70 mahallas is a page of A4
MAP_SHARE, MOST_MAP_SHARE = 0.31, 0.56
# the least width of a column of mahallas, and what parts two of them
COLUMN, GUTTER = 84.0, 6.0


def draw_atlas(
    table: gpd.GeoDataFrame,
    *,
    title: str,
    month: str | pd.Period,
    criteria: str = "",
    source: str = "",
    paper: str = "A4",
    colours: Mapping[str, str] = COLOURS,
) -> bytes:
    """Return an atlas as PDF: an overview with an index, then a page or more a district.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by mahalla_code, in a CRS in metres, geometry None without polygon; columns
        ``name, district, category`` and, where they are, ``region, count, rate, months_red,
        previous_category``.
    title : str
        What the overview shows, for example the region.
    month : str or Period
        The month of the categories, ``2025-01``.
    criteria, source : str
        The rule behind the colours and what the records are, "" where there is nothing to say.
    paper : {"A4", "A3"}
        The size of its upright pages.
    colours : mapping
        A colour for every category.

    Returns
    -------
    bytes
        The file, in the language spoken. Every mahalla stands in one row of one table; its number
        there is on the map where it has a polygon and there is room for it. The same table gives
        the same bytes, in whatever order its rows.

    Raises
    ------
    InputError
        The table cannot be drawn, or the paper is another.

    Examples
    --------
    >>> from shapely import box
    >>> table = gpd.GeoDataFrame(
    ...     {"name": ["Guliston"], "district": ["Koson"], "category": ["red"]},
    ...     index=["1710229001"],
    ...     geometry=[box(500_000, 4_300_000, 501_000, 4_301_000)],
    ...     crs="EPSG:32642",
    ... )
    >>> draw_atlas(table, title="Kashkadarya", month="2025-01")[:5]
    b'%PDF-'
    """
    check_paper(paper)
    table = check_table(table)
    drawn = has_polygon(table)
    simple = simplify_polygons(table.geometry[drawn])
    table = table.assign(name=name_mahallas(table, 120), geometry=simple.reindex(table.index))
    # without population there is no rate, and a column of dashes says nothing
    empty = [key for key in ("count", "rate") if key in table and table[key].isna().all()]
    table = table.drop(columns=empty)
    title, said = cut_text(title, 120), month_words(month)
    pages = Pages(paper, title=_("{title}, {month}", title=title, month=said))
    districts = list_districts(table)
    beneath, whole = _room(pages, under_map=True), _room(pages, under_map=False)
    index = split_rows(len(districts), beneath, whole)
    columns = _columns(pages)
    chapters = plan_chapters(
        districts, page=len(index) + 1, first=columns * beneath, rest=columns * whole
    )
    total = len(index) + sum(len(chapter.rows) for chapter in chapters)
    notes = tuple(cut_text(note, 300) for note in (criteria, source) if note)
    book = _Book(pages, title, said, notes, classes_in(table["category"]), colours, total)
    outlines = _outline(districts)
    _draw_overview(book, table, chapters, index, outlines)
    regions = {chapter.district.region for chapter in chapters}
    region = None
    for place, chapter in enumerate(chapters):
        if len(regions) > 1 and chapter.district.region != region:
            region = chapter.district.region
            pages.mark(f"region{chapter.page}", region or _("Without region"), 0)
        level = int(len(regions) > 1)
        pages.mark(f"page{chapter.page}", chapter.district.name, level)
        _draw_chapter(book, chapter, outlines, outlines.iloc[place])
    return pages.close()


@dataclass(frozen=True)
class _Book:
    """What every page of an atlas needs."""

    pages: Pages
    title: str
    month: str
    notes: tuple[str, ...]
    classes: tuple[str, ...]
    colours: Mapping[str, str]
    total: int

    @property
    def inner(self) -> float:
        return self.pages.width - 2 * MARGIN

    def map_height(self, rows: int, shown: gpd.GeoDataFrame) -> float:
        """Return the height of a map above so many rows of a table, no more than its shape asks."""
        left = self.pages.height - 2 * MARGIN - TITLE - FOOT - LEGEND - HEAD - rows * ROW
        west, south, east, north = shown.total_bounds
        shape = (north - south) / (east - west) * self.inner if east > west else self.inner
        most, least = self.pages.height * MOST_MAP_SHARE, self.pages.height * MAP_SHARE
        return max(least, min(left, most, shape))


def _room(pages: Pages, *, under_map: bool) -> int:
    """Return how many rows of a table a page holds."""
    taken = 2 * MARGIN + TITLE + FOOT + HEAD
    if under_map:
        taken += pages.height * MAP_SHARE + LEGEND
    return int((pages.height - taken) / ROW)


def _columns(pages: Pages) -> int:
    """Return how many columns of mahallas stand beside each other."""
    return int((pages.width - 2 * MARGIN + GUTTER) / (COLUMN + GUTTER))


def _outline(districts: Sequence[District]) -> gpd.GeoSeries:
    """Return the districts' outlines, None where no mahalla of one has a polygon."""
    outlines = []
    for district in districts:
        drawn = district.mahallas.geometry[has_polygon(district.mahallas)]
        outlines.append(unite_polygons(list(drawn)) if len(drawn) else None)
    return gpd.GeoSeries(outlines, crs=districts[0].mahallas.crs)


def _draw_overview(
    book: _Book,
    table: gpd.GeoDataFrame,
    chapters: Sequence[Chapter],
    index: Sequence[int],
    outlines: gpd.GeoSeries,
) -> None:
    pages = book.pages
    pages.mark("page1", _("Overview"), 0)
    fields = index_fields(chapters, book.classes, book.inner)
    done = 0
    for place, rows in enumerate(index):
        top = _begin_page(book, book.title, "", place + 1)
        if place == 0:
            high = book.map_height(rows, table)
            frame = _open(book, top, high, table)
            known = outlines[outlines.notna()]
            drawn = table[has_polygon(table)]
            draw_polygons(frame, drawn.geometry, drawn["category"], known, colours=book.colours)
            label_polygons(
                frame,
                [cut_text(chapters[i].district.name, 40) for i in known.index],
                known,
                sizes=(7.0, 6.0, 5.0),
                reaches=(0.0, 3.0, 6.0, 9.0, 13.0),
                weight="bold",
                opacity=0.8,
            )
            draw_frame(frame)
            top = _draw_legend(book, table, top + high)
        draw_index(pages, chapters[done : done + rows], fields, (MARGIN, top))
        done += rows
        pages.end_page()


def _draw_chapter(
    book: _Book, chapter: Chapter, outlines: gpd.GeoSeries, own: shapely.Geometry | None
) -> None:
    pages, district = book.pages, chapter.district
    mahallas = district.mahallas
    columns = _columns(pages)
    width = (book.inner - (columns - 1) * GUTTER) / columns
    fields = row_fields(mahallas, width)
    done = 0
    for place, rows in enumerate(chapter.rows):
        top = _begin_page(book, district.name, district.region, chapter.page + place)
        # the columns of a page are as long as each other
        tall = -(-rows // columns)
        if place == 0:
            high = book.map_height(tall, mahallas)
            _draw_district(book, district, (top, high), outlines, own)
            top = _draw_legend(book, mahallas, top + high)
        for column in range(columns):
            start = done + column * tall
            part = mahallas.iloc[start : min(start + tall, done + rows)]
            if len(part):
                left = MARGIN + column * (width + GUTTER)
                draw_rows(pages, part, fields, (left, top), start=start + 1, colours=book.colours)
        done += rows
        pages.end_page()


def _draw_district(
    book: _Book,
    district: District,
    place: tuple[float, float],
    outlines: gpd.GeoSeries,
    own: shapely.Geometry | None,
) -> None:
    """Draw a district's map at a top and with a height."""
    if own is None:
        _say_nothing_drawn(book, *place)
        return
    numbers = pd.Series(range(1, len(district.mahallas) + 1), index=district.mahallas.index)
    drawn = district.mahallas[has_polygon(district.mahallas)]
    frame = _open(book, *place, drawn)
    known = outlines[outlines.notna()]
    draw_polygons(frame, drawn.geometry, drawn["category"], known, colours=book.colours, own=own)
    label_polygons(
        frame,
        [number(n) for n in numbers[drawn.index]],
        drawn.geometry,
        sizes=(6.5, 5.5, 4.5),
        reaches=(0.0, 2.0, 3.5, 6.0, 9.0, 12.0),
    )
    draw_frame(frame)


def _open(book: _Book, top: float, high: float, shown: gpd.GeoDataFrame) -> MapFrame:
    box = (MARGIN, top, book.inner, high)
    west, south, east, north = shown.total_bounds
    return open_map(book.pages, box, (west, south, east, north))


def _say_nothing_drawn(book: _Book, top: float, high: float) -> None:
    pages = book.pages
    pages.draw_box((MARGIN, top, book.inner, high), border=QUIET)
    text = _("No mahalla of this district has a polygon.")
    middle = top + high / 2
    width = book.inner - 20
    pages.write(text, pages.width / 2, middle, width=width, size=10, colour=QUIET, align="center")


def _begin_page(book: _Book, title: str, region: str, page: int) -> float:
    """Write what every page has, and return where its own begins."""
    pages, right = book.pages, book.pages.width - MARGIN
    pages.write(title, MARGIN, MARGIN + 6, width=book.inner, size=16, weight="bold")
    said = _("{region}, {month}", region=region, month=book.month) if region else book.month
    pages.write(said, MARGIN, MARGIN + 12, width=book.inner * 0.5, size=10)
    pages.write(
        _(REMARK),
        right,
        MARGIN + 12,
        width=book.inner * 0.48,
        size=8,
        colour=QUIET,
        align="right",
    )
    foot = pages.height - MARGIN
    for line, note in enumerate(reversed(book.notes)):
        lower = foot - line * 2.8
        pages.write(note, MARGIN, lower, width=book.inner - 32, size=6.5, colour=QUIET)
    paged = _("Page {page} of {total}", page=number(page), total=number(book.total))
    pages.write(paged, right, foot, width=30, size=7, colour=QUIET, align="right")
    return MARGIN + TITLE


def _draw_legend(book: _Book, table: gpd.GeoDataFrame, top: float) -> float:
    """Draw the categories beneath a map with their counts, and return where the table begins."""
    pages = book.pages
    found = count_categories(table)
    step = book.inner / len(book.classes)
    for place, category in enumerate(book.classes):
        left = MARGIN + place * step
        pages.draw_swatch(category, (left, top + 2.2, 6, 3.6), book.colours)
        said = _(
            "{category}: {number}",
            category=_(LABELS[category]),
            number=number(found.get(category, 0)),
        )
        pages.write(said, left + 7.5, top + 5.1, width=step - 9, size=8)
    notes = [_(GREEN_NOTE)] if "green" in book.classes else []
    if hidden := int((~has_polygon(table)).sum()):
        notes.append(
            ngettext(
                "{n} mahalla without polygon is in the table only.",
                "{n} mahallas without polygon are in the table only.",
                hidden,
            )
        )
    pages.write(" ".join(notes), MARGIN, top + 10.2, width=book.inner, size=7, colour=QUIET)
    said = ""
    if "rate" in table:
        said = _("Count: offenses in the window; rate: offenses per 100,000 residents and year.")
    elif "count" in table:
        said = _("Count: offenses in the window.")
    pages.write(said, MARGIN, top + 14, width=book.inner, size=7, colour=QUIET)
    return top + LEGEND
