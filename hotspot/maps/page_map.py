"""The map as a picture on a page of text: polygons, districts and their names, and no more words.

It has no word of any language in it, so that one picture serves the reports of all.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
from matplotlib import style

from hotspot.maps.captions import check_table, cut_text, has_polygon
from hotspot.maps.district_names import write_district_names
from hotspot.maps.outlines import dissolve_districts, simplify_polygons
from hotspot.maps.painting import (
    SETTINGS,
    draw_borders,
    draw_mahalla_borders,
    fit_map,
    paint_mahallas,
    path_of,
    write_file,
)
from hotspot.maps.sheet import Sheet
from hotspot.palette import COLOURS

WIDTH, LEAST_HIGH, MOST_HIGH = 174.0, 60.0, 105.0
"""Millimetres."""
MOST_DISTRICTS = 40


def draw_page_map(table: gpd.GeoDataFrame, *, colours: Mapping[str, str] = COLOURS) -> bytes:
    """Return the map of a month as a PNG of 200 dots an inch.

    Parameters
    ----------
    table : GeoDataFrame
        As for :func:`hotspot.maps.print_map.print_map`, with the column ``region``, whose names
        are written where there are more than 40 districts.
    colours : mapping
        A colour for every category.

    Returns
    -------
    bytes
        A picture 174 mm wide and 60 to 105 mm high. The same table gives the same bytes.

    Raises
    ------
    InputError
        The table cannot be drawn.

    Examples
    --------
    >>> from shapely import box
    >>> table = gpd.GeoDataFrame(
    ...     {"name": ["Guliston"], "district": ["Koson"], "category": ["red"]},
    ...     index=["1710229001"],
    ...     geometry=[box(500_000, 4_300_000, 501_000, 4_301_000)],
    ...     crs="EPSG:32642",
    ... )
    >>> draw_page_map(table)[1:4]
    b'PNG'
    """
    table = check_table(table)
    drawn = table[has_polygon(table)]
    simple = simplify_polygons(drawn.geometry)
    west, south, east, north = simple.total_bounds
    height = min(max(WIDTH * (north - south) / (east - west), LEAST_HIGH), MOST_HIGH)
    with style.context(SETTINGS):
        sheet = Sheet(WIDTH, height)
        axes = sheet.add_map(0, 0, WIDTH, height)
        paint_mahallas(axes, simple, drawn["category"], colours)
        draw_mahalla_borders(axes, simple, drawn["category"], width=0.2)
        fit_map(sheet, axes, (west, south, east, north))
        # on so small a map the names of hundreds of districts would hide the mahallas
        by = "district" if drawn["district"].nunique() <= MOST_DISTRICTS else "region"
        parts = dissolve_districts(simple, [cut_text(name, 40) for name in drawn[by]])
        if len(parts):
            draw_borders(axes, path_of(parts), width=0.8)
            write_district_names(sheet, axes, parts)
        return write_file(sheet, "png", title="")
