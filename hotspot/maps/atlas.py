"""The atlas: a page for each district, its map large and its mahallas in a table beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
import shapely

from hotspot.language import _, number
from hotspot.maps.atlas_map import MapFrame, draw_frame, draw_polygons, label_polygons, open_map
from hotspot.maps.atlas_page import (
    FOOT,
    LEGEND,
    MAP_SHARE,
    MARGIN,
    TITLE,
    Book,
    begin_page,
    draw_legend,
    say_nothing_drawn,
)
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
    check_table,
    cut_text,
    has_polygon,
    month_words,
    name_mahallas,
)
from hotspot.maps.outlines import simplify_polygons, unite_polygons
from hotspot.maps.pdf_pages import Pages
from hotspot.maps.sheet import check_paper
from hotspot.palette import COLOURS, classes_in

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
    book = Book(pages, title, said, notes, classes_in(table["category"]), colours, total)
    outlines = _outline(districts)
    _draw_overview(book, table, chapters, index, outlines)
    regions = {chapter.district.region for chapter in chapters}
    region = None
    for place, chapter in enumerate(chapters):
        if len(regions) > 1 and chapter.district.region != region:
            region = chapter.district.region
            pages.bookmark(f"region{chapter.page}", region or _("Without region"), 0)
        level = int(len(regions) > 1)
        pages.bookmark(f"page{chapter.page}", chapter.district.name, level)
        _draw_chapter(book, chapter, outlines, outlines.iloc[place])
    return pages.close()


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
    book: Book,
    table: gpd.GeoDataFrame,
    chapters: Sequence[Chapter],
    index: Sequence[int],
    outlines: gpd.GeoSeries,
) -> None:
    pages = book.pages
    pages.bookmark("page1", _("Overview"), 0)
    fields = index_fields(chapters, book.classes, book.inner)
    done = 0
    for place, rows in enumerate(index):
        top = begin_page(book, book.title, "", place + 1)
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
            top = draw_legend(book, table, top + high)
        draw_index(pages, chapters[done : done + rows], fields, (MARGIN, top))
        done += rows
        pages.end_page()


def _draw_chapter(
    book: Book, chapter: Chapter, outlines: gpd.GeoSeries, own: shapely.Geometry | None
) -> None:
    pages, district = book.pages, chapter.district
    mahallas = district.mahallas
    columns = _columns(pages)
    width = (book.inner - (columns - 1) * GUTTER) / columns
    fields = row_fields(mahallas, width)
    done = 0
    for place, rows in enumerate(chapter.rows):
        top = begin_page(book, district.name, district.region, chapter.page + place)
        # the columns of a page are as long as each other
        tall = -(-rows // columns)
        if place == 0:
            high = book.map_height(tall, mahallas)
            _draw_district(book, district, (top, high), outlines, own)
            top = draw_legend(book, mahallas, top + high)
        for column in range(columns):
            start = done + column * tall
            part = mahallas.iloc[start : min(start + tall, done + rows)]
            if len(part):
                left = MARGIN + column * (width + GUTTER)
                draw_rows(pages, part, fields, (left, top), start=start + 1, colours=book.colours)
        done += rows
        pages.end_page()


def _draw_district(
    book: Book,
    district: District,
    place: tuple[float, float],
    outlines: gpd.GeoSeries,
    own: shapely.Geometry | None,
) -> None:
    """Draw a district's map at a top and with a height."""
    if own is None:
        say_nothing_drawn(book, *place)
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


def _open(book: Book, top: float, high: float, shown: gpd.GeoDataFrame) -> MapFrame:
    box = (MARGIN, top, book.inner, high)
    west, south, east, north = shown.total_bounds
    return open_map(book.pages, box, (west, south, east, north))
