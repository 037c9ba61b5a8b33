"""Polygons, colours and hatches on a sheet of paper, and the sheet as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from hotspot.maps.pdf_language import tell_language
from hotspot.maps.sheet import FONT, INK, QUIET, Sheet
from hotspot.palette import HATCHES, INKS, classes_in

FORMATS = ("png", "pdf")
BORDER = "#3a4150"
# every setting of the reader's own matplotlib that could reach the sheet is set back first
SETTINGS: list[str | FilePath | dict[str, Any]] = [
    "default",
    {"font.family": FONT, "pdf.fonttype": 42, "hatch.linewidth": 0.45},
]


def write_file(sheet: Sheet, path_format: str, *, title: str) -> bytes:
    """Return a sheet as PNG at 200 dots an inch or as PDF, without a trace of clock or version."""
    written = BytesIO()
    if path_format == "png":
        sheet.figure.savefig(written, format="png", metadata={"Software": None})
        return written.getvalue()
    metadata = {"CreationDate": None, "Producer": None, "Creator": "mahalla-hotspot"}
    sheet.figure.savefig(written, format="pdf", metadata={**metadata, "Title": title})
    return tell_language(written.getvalue())


def paint_mahallas(
    axes: Axes,
    polygons: gpd.GeoSeries,
    categories: pd.Series[str],
    colours: Mapping[str, str],
    *,
    border: float = 0.25,
) -> None:
    """Fill every polygon with its category's colour and hatch, and draw the borders over them.

    Parameters
    ----------
    axes : Axes
    polygons : GeoSeries
    categories : Series
        On the same index; missing where a polygon stays white.
    colours : mapping
    border : float
        The width of the borders in points; 0 for none.
    """
    for category in classes_in(categories):
        chosen = polygons[(categories == category).to_numpy()]
        if len(chosen):
            axes.add_patch(
                PathPatch(
                    # as one path: a hatch then runs on from polygon to polygon, and a sheet of
                    # thousands is drawn at once
                    path_of(chosen),
                    facecolor=colours[category],
                    edgecolor=_hatch_colour(category),
                    hatch=HATCHES[category] or None,
                    linewidth=0,
                    zorder=2,
                )
            )
    if border:
        outline(axes, polygons, width=border, colour=BORDER)


def outline(
    axes: Axes, polygons: Iterable[shapely.Geometry], *, width: float, colour: str = INK
) -> None:
    """Draw the borders of polygons."""
    paths = [path_of([polygon]) for polygon in polygons]
    axes.add_collection(
        PathCollection(paths, facecolors="none", edgecolors=colour, linewidths=width, zorder=3)
    )


def path_of(polygons: Iterable[shapely.Geometry]) -> Path:
    """Return polygons as one path, their holes turned against their outsides."""
    parts = shapely.orient_polygons(shapely.get_parts(list(polygons)))
    rings = shapely.get_rings(parts)
    return Path.make_compound_path(
        *(Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def draw_swatch(
    sheet: Sheet, category: str, left: float, top: float, size: tuple[float, float], colour: str
) -> None:
    """Draw a category's field of a legend, in millimetres."""
    sheet.page.add_patch(
        Rectangle(
            (left, top),
            *size,
            facecolor=colour,
            edgecolor=_hatch_colour(category),
            hatch=HATCHES[category],
            linewidth=0,
        )
    )
    sheet.page.add_patch(
        Rectangle((left, top), *size, facecolor="none", edgecolor=QUIET, linewidth=0.5)
    )


def fit_map(
    sheet: Sheet, axes: Axes, bounds: tuple[float, float, float, float], *, foot: float = 0.0
) -> float:
    """Set the limits so that a metre is as long across as up, and return the metres a millimetre.

    Parameters
    ----------
    sheet : Sheet
    axes : Axes
    bounds : tuple
        West, south, east and north of what is to be seen.
    foot : float
        Millimetres below it that stay free.
    """
    west, south, east, north = bounds
    place = axes.get_position()
    width, height = place.width * sheet.width, place.height * sheet.height
    metres = max((east - west) / (width - 2), (north - south) / (height - foot - 2))
    middle = (west + east) / 2
    top = (north + south) / 2 + (height - foot) / 2 * metres
    axes.set_xlim(middle - width / 2 * metres, middle + width / 2 * metres)
    axes.set_ylim(top - height * metres, top)
    axes.set_aspect(1)
    return metres


def _hatch_colour(category: str) -> tuple[str, float]:
    """Return the colour of a category's hatch: seen close by, quiet from afar."""
    return INKS[category], 0.45
