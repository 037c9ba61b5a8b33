"""Names of districts on a printed map, none over another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class LaidName:
    """A name with its place on the sheet and the place that it names, in millimetres."""

    text: str
    size: float
    x: float
    y: float
    centre: tuple[float, float]

    @property
    def is_far(self) -> bool:
        """Whether a line must tie it to what it names."""
        return math.dist((self.x, self.y), self.centre) > FREE_REACH


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
    (left, foot), (right, top) = axes.transAxes.transform([(0, 0), (1, 1)]) * millimetres
    centres = axes.transData.transform([(points[name].x, points[name].y) for name in order])
    roomy = len(order) <= MOST_WITH_LINES
    # a town inside a district would vanish under its own name
    boxes = _boxes(axes, outlines, millimetres)
    names = lay_names(
        [drawable(name) for name in order],
        centres * millimetres,
        frame=(left, foot, right, top),
        measure=lambda text, size: sheet.measure(text, size, "bold"),
        sizes=SIZES if roomy else SIZES[-1:],
        reaches=REACHES if roomy else REACHES[:2],
        taken=[box for box in boxes if _is_small(box)] if roomy else [],
    )
    for name in names:
        _write_name(axes, name, millimetres)


def lay_names(
    texts: Sequence[str],
    centres: NDArray[np.float64],
    *,
    frame: Box,
    measure: Callable[[str, float], float],
    sizes: Sequence[float] = SIZES,
    reaches: Sequence[float] = REACHES,
    taken: Sequence[Box] = (),
) -> list[LaidName]:
    """Return where names stand so that none lies over another, in millimetres from lower left.

    Parameters
    ----------
    texts : sequence of str
        The names, the first to be placed first.
    centres : array of shape (names, 2)
        Where each would stand best.
    frame : tuple
        Left, lower, right and upper edge of the map.
    measure : callable
        Gives the width of a text at a size in points.
    sizes, reaches : sequence of float
        The sizes and the distances from its centre to try in turn.
    taken : sequence of boxes
        Where no name may stand.

    Returns
    -------
    list of LaidName
        Without those for which there is no room.

    Examples
    --------
    >>> both = lay_names(
    ...     ["Koson", "Kasbi"], np.array([(20.0, 20.0), (20.0, 20.0)]), frame=(0, 0, 40, 40),
    ...     measure=lambda text, size: 12.0,
    ... )
    >>> [(name.x, name.y) for name in both]
    [(20.0, 20.0), (20.0, 25.0)]
    """
    boxes, laid = list(taken), []
    for text, (x, y) in zip(texts, centres.tolist(), strict=True):
        for size in sizes:
            half = measure(text, size) / 2 + 0.6
            rise = size * MM_PER_POINT * 0.62
            found = _first_free(_places(x, y, reaches), half, rise, boxes, frame)
            if found is not None:
                boxes.append((found[0] - half, found[1] - rise, found[0] + half, found[1] + rise))
                laid.append(LaidName(text, size, *found, (x, y)))
                break
    return laid


def _boxes(axes: Axes, outlines: gpd.GeoSeries, millimetres: float) -> list[Box]:
    """Return the bounds of every outline on the sheet, in millimetres."""
    bounds = outlines.bounds
    west, south = axes.transData.transform(bounds[["minx", "miny"]]).T * millimetres
    east, north = axes.transData.transform(bounds[["maxx", "maxy"]]).T * millimetres
    return list(zip(west, south, east, north, strict=True))


def _is_small(box: Box) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) < SMALL


def _write_name(axes: Axes, name: LaidName, millimetres: float) -> None:
    inverse = axes.transData.inverted()
    x, y = inverse.transform((name.x / millimetres, name.y / millimetres))
    if name.is_far:
        end_x, end_y = inverse.transform(
            (name.centre[0] / millimetres, name.centre[1] / millimetres)
        )
        halo = [withStroke(linewidth=1.8, foreground="white")]
        axes.plot([x, end_x], [y, end_y], color=INK, linewidth=0.6, path_effects=halo, zorder=5)
    axes.text(
        x,
        y,
        name.text,
        size=name.size,
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
