"""The map as a picture on a page of text: polygons, districts and their names, and no more words.

It has no word of any language in it, so that one picture serves the reports of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import geopandas as gpd
import shapely
from matplotlib import style
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from hotspot.maps.captions import check_table, cut_text, has_polygon
from hotspot.maps.district_names import write_district_names
from hotspot.maps.outlines import dissolve_districts, simplify_polygons
from hotspot.maps.sheet import FONT, INK, Sheet
from hotspot.palette import COLOURS, HATCHES, INKS

WIDTH, MOST_HIGH = 174.0, 115.0
"""Millimetres."""


def draw_page_map(table: gpd.GeoDataFrame, *, colours: Mapping[str, str] = COLOURS) -> bytes | None:
    """Return the map of a month as a PNG of 200 dots an inch; None where no mahalla has a polygon.

    Parameters
    ----------
    table : GeoDataFrame
        As for :func:`hotspot.maps.print_map.print_map`.
    colours : mapping
        A colour for every category.

    Returns
    -------
    bytes
        A picture 174 mm wide and at most 115 mm high. The same table gives the same bytes.
    """
    table = check_table(table)
    drawn = table[has_polygon(table)]
    if drawn.empty:
        return None
    simple = simplify_polygons(drawn.geometry)
    west, south, east, north = simple.total_bounds
    # a point of land has no shape
    across, up = max(east - west, 1.0), max(north - south, 1.0)
    height = min(max(WIDTH * up / across, 60.0), MOST_HIGH)
    metres = max(across / (WIDTH - 2), up / (height - 2))
    with style.context(["default", {"font.family": FONT, "hatch.linewidth": 0.4}]):
        sheet = Sheet(WIDTH, height)
        axes = sheet.add_map(0, 0, WIDTH, height)
        middle = (west + east) / 2, (south + north) / 2
        axes.set_xlim(middle[0] - WIDTH / 2 * metres, middle[0] + WIDTH / 2 * metres)
        axes.set_ylim(middle[1] - height / 2 * metres, middle[1] + height / 2 * metres)
        for category, colour in colours.items():
            paths = [_outline(shape) for shape in simple[drawn["category"] == category]]
            hatch, ink = HATCHES.get(category) or None, (INKS.get(category, INK), 0.4)
            axes.add_collection(
                PathCollection(paths, facecolors=colour, edgecolors=ink, hatch=hatch, linewidths=0)
            )
            axes.add_collection(
                PathCollection(paths, facecolors="none", edgecolors="#3a4150", linewidths=0.2)
            )
        districts = dissolve_districts(simple, [cut_text(name, 40) for name in drawn["district"]])
        if len(districts):
            borders = [_outline(shape) for shape in districts]
            axes.add_collection(
                PathCollection(borders, facecolors="none", edgecolors=INK, linewidths=0.8)
            )
            write_district_names(sheet, axes, districts)
        written = BytesIO()
        sheet.figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _outline(shape: shapely.Geometry) -> Path:
    """Return a polygon as one path, its holes turned against its outside."""
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape)))
    return Path.make_compound_path(
        *(Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )
