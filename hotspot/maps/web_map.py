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
from branca.element import Figure, MacroElement
from folium.template import Template

from hotspot.language import month_name, spoken
from hotspot.maps.captions import check_table, has_polygon
from hotspot.maps.density_image import RAMP, Density, draw_density
from hotspot.maps.offline_page import Verbatim, write_page
from hotspot.maps.outlines import simplify_polygons
from hotspot.maps.web_data import gather_data, gather_past
from hotspot.maps.web_frame import FRAME
from hotspot.maps.web_texts import Texts, gather_texts
from hotspot.palette import COLOURS

# in the order in which they are read: each may use what stands before it
SCRIPTS = (
    "words", "data", "layers", "canvas", "state", "search", "card", "table", "save", "side",
    "surface",
)  # fmt: skip


class _Drawn(MacroElement):
    """What the page's own script draws, once folium has made the map."""

    _template = Template(
        "{% macro script(this, kwargs) %}startMap({{ this._parent.get_name() }});{% endmacro %}"
    )


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
    history: pd.DataFrame | None = None,
    counts: pd.DataFrame | None = None,
    window: int = 12,
    gi_bins: pd.DataFrame | None = None,
    neighbours: pd.DataFrame | None = None,
    flips: pd.DataFrame | None = None,
    others: Mapping[str, Texts] | None = None,
) -> str:
    """Return the interactive map of a run's months as the text of one HTML page.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by mahalla_code, in a CRS in metres, geometry None without polygon. Columns
        ``name, district, category``, and whichever of ``categories.csv`` may be shown: each
        layer, line and column of the page is there if its numbers are. ``name_cyrl`` and
        ``name_ru``, where present, are searched too, and shown in their languages.
    title : str
        What the map shows, for example the region.
    month : str or Period
        The month of the categories, ``2025-01``; the page opens with it.
    criteria : str
        One sentence on the rule behind the colours.
    density : tuple, optional
        ``(values, x, y, crs)``, see :func:`hotspot.maps.density_image.draw_density`; offenses
        per km² and year of the last month's window.
    unplaced : int
        Records on no mahalla.
    notes : sequence of str
        Further sentences for the reader.
    colours : mapping
        A colour for every category; the reader can change to ``palette.ACCESSIBLE_COLOURS``.
    history : DataFrame, optional
        Categories, mahallas × months, the last one ``month``.
    counts : DataFrame, optional
        Offenses of single months, mahallas × months. Left out where counts may not be shown.
    window : int
        Months in the window of a category.
    gi_bins : DataFrame, optional
        Bins of Gi*, mahallas × months; left out they are known for the last month only.
    neighbours : DataFrame, optional
        Columns ``mahalla_code, neighbour_code``.
    flips : DataFrame, optional
        How many offenses would turn each mahalla, ``more, category_more, fewer, category_fewer``.
    others : mapping of Texts, optional
        What the page says in further languages. It opens in the language spoken, in which title,
        criteria, notes and the table's reasons are; the reader changes it without another page.

    Returns
    -------
    str
        A page without any link: Leaflet and all data are inside, and its policy forbids the
        browser every request. The same table gives the same text, in whatever order its rows.

    Raises
    ------
    InputError
        The table lacks a column, knows another category, has no metric CRS or no polygon, or the
        history does not end with it.

    Notes
    -----
    Categories, counts, rates, changes and, where given, Gi* are known for every month; density,
    pattern and probability for the last one only, and the page says so. A month in which no mahalla
    has an offense counts as one without records when a rate is taken.

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
    >>> "Kashkadarya, January 2025" in page, "<link" in page
    (True, False)
    """
    table = check_table(table)
    simple = simplify_polygons(table[has_polygon(table)].geometry)
    image = None if density is None else draw_density(density, simple)
    past = gather_past(
        table,
        pd.Period(month, freq="M"),
        history=history,
        counts=counts,
        window=window,
        gi_bins=gi_bins,
    )
    reasons = table["reason"] if "reason" in table.columns else None
    content = {
        **gather_texts(Texts(title, criteria, notes, reasons), others or {}, table.index),
        "unplaced": unplaced,
        "ramp": RAMP,
        **gather_data(
            table,
            simple,
            past,
            neighbours=neighbours,
            flips=flips,
            density=image,
            colours=colours,
        ),
    }
    drawing = folium.Map(
        tiles=None, attribution_control=False, zoom_snap=0.25, zoom_delta=0.5, keyboard=True
    )
    figure = cast(Figure, drawing.get_root())
    ours = files("hotspot.maps")
    names = [*(f"web_map_{part}.js" for part in SCRIPTS), "web_map.js"]
    script = "\n".join(ours.joinpath(name).read_text("utf-8") for name in names)
    style = ours.joinpath("web_map.css").read_text("utf-8")
    figure.html.add_child(Verbatim(FRAME), name="a_frame")
    figure.html.add_child(
        Verbatim(f'<script type="application/json" id="page-data">{_write(content)}</script>'),
        name="b_data",
    )
    figure.script.add_child(Verbatim(script), name="web_map_js")
    drawing.add_child(_Drawn())  # type: ignore[no-untyped-call]
    figure.header.add_child(Verbatim(f"<style>{style}</style>"), name="web_map_css")
    return write_page(drawing, title=f"{title}, {month_name(month)}", language=spoken())


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


def _write(data: dict[str, Any]) -> str:
    """Return data as JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
