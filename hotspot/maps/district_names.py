"""Names of districts on a printed map, none over another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import geopandas as gpd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from hotspot.maps.outlines import place_names
from hotspot.maps.sheet import INK, MM_PER_INCH, MM_PER_POINT, Sheet, drawable

SIZES = (8.0, 7.0, 6.0)
# where a name may go when its own place is taken: millimetres from it, in every direction
REACHES = (0.0, 2.5, 5.0, 8.0, 12.0, 17.0, 23.0)
DIRECTIONS = 12
# with more districts than this, large names and lines to them would hide the map
MOST_WITH_LINES = 40
# a district smaller than this either way, in millimetres, is named beside itself
SMALL = 14.0
# a name farther from its district than this is tied to it by a line
FREE_REACH = 4.0

Box = tuple[float, float, float, float]


def write_district_names(sheet: Sheet, axes: Axes, outlines: gpd.GeoSeries) -> None:
    """Write every district's name on the map, the largest districts first.

    Parameters
    ----------
    sheet : Sheet
        The page, which measures the words.
    axes : Axes
        The map, its limits set.
    outlines : GeoSeries
        Districts' outlines, indexed by name.

    Notes
    -----
    A name stands where its district has most room. When another name is there it moves to the
    nearest free place, with a line to its district, and grows smaller only when no place is left.
    Where hundreds of districts share a sheet the smallest may stay without a name: names over one
    another could not be read either.
    """
    points = place_names(outlines)
    order = sorted(outlines.index, key=lambda name: (-outlines[name].area, name))
    millimetres = MM_PER_INCH / sheet.figure.dpi
    corner = axes.transAxes.transform([(0, 0), (1, 1)]) * millimetres
    frame = (corner[0][0], corner[0][1], corner[1][0], corner[1][1])
    roomy = len(order) <= MOST_WITH_LINES
    sizes, reaches = (SIZES, REACHES) if roomy else (SIZES[-1:], REACHES[:2])
    # a town inside a district would vanish under its own name
    taken = [box for box in _boxes(axes, outlines, millimetres) if _is_small(box)] if roomy else []
    for name in order:
        centre = axes.transData.transform((points[name].x, points[name].y)) * millimetres
        text = drawable(name)
        for size in sizes:
            half = sheet.measure(text, size, "bold") / 2 + 0.6
            rise = size * MM_PER_POINT * 0.62
            found = _first_free(_places(centre[0], centre[1], reaches), half, rise, taken, frame)
            if found is not None:
                x, y = found
                taken.append((x - half, y - rise, x + half, y + rise))
                _write_name(axes, text, size, (x, y), (centre[0], centre[1]), millimetres)
                break


def _boxes(axes: Axes, outlines: gpd.GeoSeries, millimetres: float) -> list[Box]:
    """Return the bounds of every outline on the sheet, in millimetres."""
    bounds = outlines.bounds
    west, south = axes.transData.transform(bounds[["minx", "miny"]]).T * millimetres
    east, north = axes.transData.transform(bounds[["maxx", "maxy"]]).T * millimetres
    return list(zip(west, south, east, north, strict=True))


def _is_small(box: Box) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) < SMALL


def _write_name(
    axes: Axes,
    text: str,
    size: float,
    place: tuple[float, float],
    centre: tuple[float, float],
    millimetres: float,
) -> None:
    inverse = axes.transData.inverted()
    x, y = inverse.transform((place[0] / millimetres, place[1] / millimetres))
    if math.dist(place, centre) > FREE_REACH:
        end_x, end_y = inverse.transform((centre[0] / millimetres, centre[1] / millimetres))
        halo = [withStroke(linewidth=1.8, foreground="white")]
        axes.plot([x, end_x], [y, end_y], color=INK, linewidth=0.6, path_effects=halo, zorder=5)
    axes.text(
        x,
        y,
        text,
        size=size,
        weight="bold",
        color=INK,
        ha="center",
        va="center_baseline",
        parse_math=False,
        path_effects=[withStroke(linewidth=2.2, foreground="white")],
        zorder=6,
    )


def _first_free(
    places: Iterable[tuple[float, float]],
    half: float,
    rise: float,
    taken: list[Box],
    frame: Box,
) -> tuple[float, float] | None:
    """Return the first place whose box lies in the frame and over no other box."""
    for x, y in places:
        box = (x - half, y - rise, x + half, y + rise)
        inside = (
            box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
        )
        if inside and not any(_overlap(box, other) for other in taken):
            return x, y
    return None


def _places(x: float, y: float, reaches: Sequence[float]) -> Iterator[tuple[float, float]]:
    yield x, y
    for reach in reaches[1:]:
        for turn in range(DIRECTIONS):
            # up and down first: a line's height is the shortest way out of another name
            angle = math.pi / 2 + math.pi * turn + 2 * math.pi * (turn // 2) / DIRECTIONS
            yield x + reach * math.cos(angle), y + reach * math.sin(angle)


def _overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes share more than an edge.

    Examples
    --------
    >>> _overlap((0, 0, 2, 2), (1, 1, 3, 3)), _overlap((0, 0, 2, 2), (2, 0, 3, 2))
    (True, False)
    """
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
