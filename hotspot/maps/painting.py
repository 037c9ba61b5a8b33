"""Polygons, colours and hatches on a sheet of paper, and the sheet as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
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
    hatched: bool = True,
) -> None:
    """Fill every polygon with its category's colour and, where it can be seen, its hatch.

    Parameters
    ----------
    axes : Axes
        The map.
    polygons : GeoSeries
        In the map's coordinates.
    categories : Series
        On the same index; missing where a polygon stays white.
    colours : mapping
        A colour for every category.
    hatched : bool
        Whether the map is large enough for hatches.
    """
    for category in classes_in(categories):
        chosen = polygons[(categories == category).to_numpy()]
        if len(chosen):
            hatch = HATCHES[category] if hatched else ""
            # as one path: a hatch then runs on from polygon to polygon, and thousands of them are
            # drawn at once
            axes.add_artist(
                PathPatch(
                    path_of(chosen),
                    facecolor=colours[category],
                    edgecolor=_hatch_colour(category),
                    hatch=hatch or None,
                    linewidth=0,
                )
            )


def draw_mahalla_borders(
    axes: Axes, polygons: gpd.GeoSeries, categories: pd.Series[str], *, width: float
) -> None:
    """Draw every polygon's border so that it is seen on its category's colour."""
    for category in classes_in(categories):
        chosen = polygons[(categories == category).to_numpy()]
        if len(chosen):
            colour = border_on(category)
            # white looks thinner than it is
            wide = width if colour == BORDER else 2 * width
            draw_borders(axes, path_of(chosen), width=wide, colour=colour)


def border_on(category: str) -> str:
    """Return the colour of a border between two mahallas of a category: dark ink is lost on red.

    The red ones come first, and the others' borders are drawn upon theirs: where red meets
    another category the border is dark.

    Examples
    --------
    >>> border_on("red"), border_on("green") == BORDER
    ('#ffffff', True)
    """
    return "#ffffff" if category == "red" else BORDER


def draw_borders(axes: Axes, path: Path, *, width: float, colour: str = INK) -> None:
    """Draw the borders of what :func:`path_of` traced, their width in points."""
    borders = PathPatch(path, facecolor="none", edgecolor=colour, linewidth=width)
    borders.set_joinstyle("round")
    axes.add_artist(borders)


def path_of(polygons: Iterable[shapely.Geometry]) -> Path:
    """Return polygons as one path, their holes turned against their outsides.

    Examples
    --------
    >>> path_of([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]).codes.tolist()
    [1, 2, 2, 2, 79, 1, 2, 2, 2, 79]
    """
    parts = shapely.orient_polygons(shapely.get_parts(list(polygons)))
    rings = shapely.get_rings(parts)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    first = np.diff(ring, prepend=-1) > 0
    codes[first] = Path.MOVETO
    # a ring's last point, before the next one's first, is its first again
    codes[np.roll(first, -1)] = Path.CLOSEPOLY
    return Path(points, codes)


def draw_swatch(
    sheet: Sheet,
    category: str,
    box: tuple[float, float, float, float],
    colour: str,
    *,
    hatched: bool = True,
) -> None:
    """Draw a category's field of a legend: left, top, width and height in millimetres."""
    left, top, width, height = box
    sheet.page.add_patch(
        Rectangle(
            (left, top),
            width,
            height,
            facecolor=colour,
            edgecolor=_hatch_colour(category),
            hatch=HATCHES[category] if hatched else None,
            linewidth=0,
        )
    )
    sheet.page.add_patch(
        Rectangle((left, top), width, height, facecolor="none", edgecolor=QUIET, linewidth=0.5)
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
