"""The interactive map: one page, no network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, cast

import folium
import geopandas as gpd
import pandas as pd
from branca.element import Figure
from folium.map import CustomPane, Layer
from folium.raster_layers import ImageOverlay
from folium.template import Template

from hotspot.maps.captions import check_table, cut_text, has_polygon, month_words, name_mahallas
from hotspot.maps.density_image import Density, draw_density
from hotspot.maps.legend import NAME_LENGTH, write_footer, write_header
from hotspot.maps.offline_page import Verbatim, write_page
from hotspot.maps.outlines import (
    STEPS_PER_DEGREE,
    dissolve_districts,
    encode_polygon,
    place_names,
    simplify_polygons,
)
from hotspot.palette import CATEGORIES, COLOURS, LABELS

DENSITY_NAME = "Density of offenses"
REASON_LENGTH = 600
# above this many shapes a browser draws a canvas faster than it keeps SVG paths
MOST_SVG_PATHS = 2_000


class _Drawn(Layer):
    """A layer that a function of web_map.js draws from the page's data."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "const {{ this.get_name() }} = {{ this.function }}({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, function: str, *, name: str) -> None:
        super().__init__(name=name, overlay=True)
        self._name = "Drawn"
        self.function = function


def web_map(
    table: gpd.GeoDataFrame,
    *,
    title: str,
    month: str | pd.Period,
    criteria: str = "",
    density: Density | None = None,
    unplaced: int = 0,
    notes: Sequence[str] = (),
    colours: Mapping[str, str] = COLOURS,
) -> str:
    """Return the interactive map of a month as the text of one HTML page.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by mahalla_code, in a CRS in metres, geometry None without polygon. Columns
        ``name, district, category``, and ``count`` and ``reason`` where they may be shown.
    title : str
        What the map shows, for example the region.
    month : str or Period
        The month of the categories, ``2025-01``.
    criteria : str
        One sentence on the rule behind the colours.
    density : tuple, optional
        ``(values, x, y, crs)``, see :func:`hotspot.maps.density_image.draw_density`; offenses
        per km² and year. A layer that can be switched on.
    unplaced : int
        Records on no mahalla.
    notes : sequence of str
        Further sentences for the reader.
    colours : mapping
        A colour for every category; ``palette.ACCESSIBLE_COLOURS`` is the other set.

    Returns
    -------
    str
        A page without any link: Leaflet and all data are inside, and its policy forbids the
        browser every request. The same table gives the same text, in whatever order its rows.

    Raises
    ------
    InputError
        The table lacks a column, knows another category, has no metric CRS or no polygon.

    Examples
    --------
    >>> from shapely import box
    >>> table = gpd.GeoDataFrame(
    ...     {"name": ["Guliston"], "district": ["Koson"], "category": ["red"]},
    ...     index=["1710229001"],
    ...     geometry=[box(500_000, 4_300_000, 501_000, 4_301_000)],
    ...     crs="EPSG:32642",
    ... )
    >>> page = web_map(table, title="Kashkadarya", month="2025-01")
    >>> "January 2025" in page, "<link" in page
    (True, False)
    """
    table = check_table(table)
    drawn = table[has_polygon(table)]
    simple = simplify_polygons(drawn.geometry)
    districts = [cut_text(district, NAME_LENGTH) for district in drawn["district"]]
    outlines = dissolve_districts(simple, districts)
    image = None if density is None else draw_density(density, simple)
    drawing = folium.Map(
        tiles=None,
        attribution_control=False,
        prefer_canvas=len(drawn) > MOST_SVG_PATHS,
        zoom_snap=0.25,
        zoom_delta=0.5,
    )
    figure = cast(Figure, drawing.get_root())
    header = write_header(table, title=title, month=month, colours=colours)
    footer = write_footer(
        table, criteria=criteria, density=image, unplaced=unplaced, notes=notes, colours=colours
    )
    ours = files("hotspot.maps")
    script, style = (ours.joinpath(f"web_map.{kind}").read_text("utf-8") for kind in ("js", "css"))
    content = _gather_data(drawn, simple, districts, outlines, colours)
    figure.html.add_child(Verbatim(header), name="a_header")
    figure.html.add_child(Verbatim(footer), name="b_footer")
    figure.html.add_child(
        Verbatim(f'<script type="application/json" id="mahallas">{_write(content)}</script>'),
        name="c_data",
    )
    figure.script.add_child(Verbatim(script), name="web_map_js")

    _Drawn("drawMahallas", name="Mahallas").add_to(drawing)
    if image is not None:
        CustomPane("density", z_index=450).add_to(drawing)
        ImageOverlay(
            image.data_uri,
            bounds=image.bounds,
            name=DENSITY_NAME,
            show=False,
            pixelated=False,
            pane="density",
        ).add_to(drawing)
    if content["districts"]:
        CustomPane("districts", z_index=460).add_to(drawing)
        _Drawn("drawDistricts", name="Districts").add_to(drawing)
    control = folium.LayerControl()
    # web_map.js decides by the screen's width whether the list is folded
    del control.options["collapsed"]
    control.add_to(drawing)
    figure.header.add_child(Verbatim(f"<style>{style}</style>"), name="web_map_css")
    return write_page(drawing, title=f"{title}, {month_words(month)}")


def notebook_view(html: str, height: int = 600) -> NotebookView:
    """Return a page as something a notebook shows in place, without a network.

    Examples
    --------
    >>> notebook_view("<p>map</p>", height=300)._repr_html_()[:50]
    '<iframe srcdoc="&lt;p&gt;map&lt;/p&gt;" style="wid'
    """
    return NotebookView(html, height)


class NotebookView:
    """A page in a frame of its own."""

    def __init__(self, html: str, height: int) -> None:
        self.html = html
        self.height = height

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" '
            f'style="width:100%;height:{self.height}px;border:0"></iframe>'
        )


def _gather_data(
    drawn: gpd.GeoDataFrame,
    polygons: gpd.GeoSeries,
    districts: Sequence[str],
    outlines: gpd.GeoSeries,
    colours: Mapping[str, str],
) -> dict[str, Any]:
    """Return what web_map.js draws: every text and every polygon once."""
    centres = place_names(outlines).to_crs("EPSG:4326")
    place = {name: number for number, name in enumerate(outlines.index)}
    blank = [None] * len(drawn)
    rows = zip(
        name_mahallas(drawn, NAME_LENGTH),
        districts,
        drawn["category"],
        drawn["count"] if "count" in drawn.columns else blank,
        drawn["reason"] if "reason" in drawn.columns else blank,
        polygons.to_crs("EPSG:4326"),
        strict=True,
    )
    return {
        "steps": STEPS_PER_DEGREE,
        "density": DENSITY_NAME,
        "categories": [
            {"key": key, "label": LABELS[key], "colour": colours[key]} for key in CATEGORIES
        ],
        "districts": list(outlines.index),
        "centres": [
            [round(point.x * STEPS_PER_DEGREE), round(point.y * STEPS_PER_DEGREE)]
            for point in centres
        ],
        "outlines": [encode_polygon(outline) for outline in outlines.to_crs("EPSG:4326")],
        "mahallas": [
            [
                name,
                place.get(district, -1),
                CATEGORIES.index(category),
                None if pd.isna(count) else int(count),
                cut_text(reason, REASON_LENGTH),
                encode_polygon(polygon),
            ]
            for name, district, category, count, reason, polygon in rows
        ],
    }


def _write(data: dict[str, Any]) -> str:
    """Return data as JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
