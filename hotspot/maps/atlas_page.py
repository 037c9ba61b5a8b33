"""What every page of the atlas has: title, legend, notes and number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from hotspot.language import _, ngettext, number
from hotspot.maps.atlas_tables import HEAD, ROW
from hotspot.maps.captions import GREEN_NOTE, REMARK, count_categories, has_polygon
from hotspot.maps.pdf_pages import Pages
from hotspot.maps.sheet import QUIET
from hotspot.palette import LABELS

MARGIN = 14.0
# above the map or the table, beneath the map, and beneath everything
TITLE, LEGEND, FOOT = 16.0, 15.0, 8.0
# of the page's height: at least, so that 70 mahallas have room on A4, and at most where the table
# is short
MAP_SHARE, MOST_MAP_SHARE = 0.31, 0.56
# where there is nothing to be seen
NO_MAP = 24.0


@dataclass(frozen=True)
class Book:
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
        """The width between the margins, in millimetres."""
        return self.pages.width - 2 * MARGIN

    def map_height(self, rows: int, shown: gpd.GeoDataFrame) -> float:
        """Return the height of a map above so many rows of a table, no more than it needs."""
        left = self.pages.height - 2 * MARGIN - TITLE - FOOT - LEGEND - HEAD - rows * ROW
        west, south, east, north = shown.total_bounds
        if np.isnan(west):
            return NO_MAP
        shape = (north - south) / (east - west) * self.inner if east > west else self.inner
        most, least = self.pages.height * MOST_MAP_SHARE, self.pages.height * MAP_SHARE
        return max(least, min(left, most, shape))


def say_nothing_drawn(book: Book, top: float, high: float) -> None:
    """Draw an empty frame where a district's map would be."""
    pages = book.pages
    pages.draw_box((MARGIN, top, book.inner, high), border=QUIET)
    text = _("No mahalla of this district has a polygon.")
    middle = top + high / 2
    width = book.inner - 20
    pages.write(text, pages.width / 2, middle, width=width, size=10, colour=QUIET, align="center")


def begin_page(book: Book, title: str, region: str, page: int) -> float:
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


def draw_legend(book: Book, table: gpd.GeoDataFrame, top: float) -> float:
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
