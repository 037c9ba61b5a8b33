"""A map on a page of the atlas: polygons, outlines, names or numbers, scale and north."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from reportlab.lib.units import mm

from hotspot.language import pgettext
from hotspot.maps.district_names import LaidName, lay_names
from hotspot.maps.outlines import place_names
from hotspot.maps.painting import BORDER, border_on
from hotspot.maps.pdf_pages import Bounds, Pages
from hotspot.maps.scale import choose_length
from hotspot.maps.sheet import INK, QUIET, drawable
from hotspot.palette import classes_in

LAND, LAND_BORDER = "#eef0f3", "#b9bec8"
# around what is shown, so that nothing touches the frame
AIR = 5.0
# with more labels than this, looking for a free place would find none and take long
MOST_MOVED = 150


@dataclass(frozen=True)
class MapFrame:
    """Where on a page a map is, and which part of the ground it shows."""

    pages: Pages
    box: Bounds
    metres_per_mm: float
    west: float
    north: float

    @property
    def ground(self) -> shapely.Polygon:
        """What of the ground is inside the frame."""
        _left, _top, width, height = self.box
        east = self.west + width * self.metres_per_mm
        return shapely.box(self.west, self.north - height * self.metres_per_mm, east, self.north)

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points of the ground in millimetres from the page's lower left corner."""
        left, top, _width, _height = self.box
        across = left + (points[:, 0] - self.west) / self.metres_per_mm
        up = self.pages.height - top - (self.north - points[:, 1]) / self.metres_per_mm
        return np.column_stack([across, up])

    def trace(self, polygons: Sequence[shapely.Geometry] | gpd.GeoSeries) -> NDArray[np.object_]:
        """Return polygons in points of the page."""
        drawn: NDArray[np.object_] = shapely.transform(
            np.array(list(polygons), dtype=object), lambda points: self.place(points) * mm
        )
        return drawn


def open_map(pages: Pages, box: Bounds, bounds: Bounds) -> MapFrame:
    """Return a frame that shows bounds (west, south, east, north) whole, with some air around."""
    west, south, east, north = bounds
    _left, _top, width, height = box
    metres = max((east - west) / (width - 2 * AIR), (north - south) / (height - 2 * AIR), 0.01)
    middle, centre = (west + east) / 2, (south + north) / 2
    return MapFrame(pages, box, metres, middle - width / 2 * metres, centre + height / 2 * metres)


def draw_polygons(
    frame: MapFrame,
    polygons: gpd.GeoSeries,
    categories: pd.Series[str],
    outlines: gpd.GeoSeries,
    *,
    colours: Mapping[str, str],
    own: shapely.Geometry | None = None,
) -> None:
    """Draw mahallas by category upon the quiet land of all districts.

    Parameters
    ----------
    frame : MapFrame
    polygons : GeoSeries
        The mahallas to be coloured.
    categories : Series
        On the same index.
    outlines : GeoSeries
        Of all districts.
    colours : mapping
    own : Polygon or MultiPolygon, optional
        The outline of the district whose page it is; None on the overview.
    """
    pages = frame.pages
    pages.canvas.saveState()
    pages.clip(frame.box)
    seen = outlines[shapely.intersects(outlines.to_numpy(), frame.ground)]
    if own is not None:
        pages.fill_polygons(frame.trace(seen), colour=LAND, border=LAND_BORDER, width=0.6)
    for category in classes_in(categories):
        chosen = polygons[(categories == category).to_numpy()]
        pages.fill_polygons(
            frame.trace(chosen),
            colour=colours[category],
            category=category,
            border=border_on(category),
            width=0.25 if border_on(category) == BORDER else 0.5,
        )
    edges = seen if own is None else [own]
    pages.fill_polygons(frame.trace(edges), colour=None, border=INK, width=0.9)
    pages.canvas.restoreState()


def label_polygons(
    frame: MapFrame,
    texts: Sequence[str],
    polygons: gpd.GeoSeries,
    *,
    sizes: Sequence[float],
    reaches: Sequence[float],
    weight: str = "normal",
    opacity: float = 1.0,
) -> None:
    """Write a label into every polygon, the largest first, none over another.

    Parameters
    ----------
    frame : MapFrame
    texts : sequence of str
        The labels of the polygons.
    polygons : GeoSeries
        MultiPolygons or Polygons.
    sizes, reaches : sequence of float
        The sizes in points and the distances in millimetres that are tried in turn.
    weight : {"normal", "bold"}
    opacity : float
        Of the white field under a label.
    """
    pages = frame.pages
    numbered = polygons.reset_index(drop=True)
    order = sorted(range(len(numbered)), key=lambda i: (-numbered.iloc[i].area, texts[i]))
    points = place_names(numbered)
    centres = frame.place(shapely.get_coordinates(points.to_numpy()))[order]
    left, top, width, height = frame.box
    lower = pages.height - top - height
    laid = lay_names(
        [drawable(texts[i]) for i in order],
        centres,
        frame=(left + 1, lower + 1, left + width - 1, lower + height - 1),
        measure=lambda text, size: pages.measure(text, size, weight) + 0.4,
        sizes=sizes,
        reaches=reaches if len(order) <= MOST_MOVED else reaches[:1],
        # where the scale and the arrow are
        taken=[(left, lower, left + width, lower + 6), _north_box(frame)],
    )
    for name in laid:
        if name.is_far:
            (x, y), foot = name.centre, pages.height
            ends = [(name.x, foot - name.y), (x, foot - y)]
            pages.draw_line(ends, width=1.4, colour="#ffffff")
            pages.draw_line(ends, width=0.5, colour=INK)
    for name in laid:
        _write_label(pages, name, weight, opacity)


def _write_label(pages: Pages, name: LaidName, weight: str, opacity: float) -> None:
    half = pages.measure(name.text, name.size, weight) / 2 + 0.6
    high = name.size * 0.42
    y = pages.height - name.y
    box = (name.x - half, y - high / 2, 2 * half, high)
    pages.draw_box(box, fill="#ffffff", round_by=high / 2.5, opacity=opacity)
    foot = y + name.size * 0.128
    pages.write(name.text, name.x, foot, width=99, size=name.size, weight=weight, align="center")


def draw_frame(frame: MapFrame) -> None:
    """Draw the map's edge, and the scale bar and the arrow to the north inside it."""
    pages = frame.pages
    left, top, width, height = frame.box
    length, words = choose_length(frame.metres_per_mm, width * 0.22)
    foot = top + height - 2.5
    high = pages.measure(words, 7) + length + 7
    pages.draw_box((left + 1, foot - 3.2, high, 4.6), fill="#ffffff", opacity=0.85)
    bar = [(0.0, 1.3), (0.0, 0.0), (length, 0.0), (length, 1.3)]
    pages.draw_line([(left + 3 + x, foot - y) for x, y in bar], width=0.9, colour=INK)
    pages.write(words, left + 5 + length, foot, width=40, size=7)
    x, y, right, upper = _north_box(frame)
    pages.draw_box((x, pages.height - upper, right - x, upper - y), fill="#ffffff", opacity=0.85)
    middle, north = (x + right) / 2, pages.height - upper
    tip = [(middle - 1.2, north + 4), (middle, north + 1.2), (middle + 1.2, north + 4)]
    pages.draw_line([(middle, north + 6.2), (middle, north + 1.2)], width=0.9, colour=INK)
    pages.draw_line(tip, width=0.9, colour=INK)
    letter = pgettext("compass", "N")
    pages.write(letter, middle, north + 9.3, width=6, size=7, weight="bold", align="center")
    pages.draw_box(frame.box, border=QUIET)


def _north_box(frame: MapFrame) -> Bounds:
    """Return where the arrow is, in millimetres from the page's lower left corner."""
    left, top, width, _height = frame.box
    upper = frame.pages.height - top - 1
    return (left + width - 8, upper - 10, left + width - 1, upper)
