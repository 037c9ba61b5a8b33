"""Many points onto polygons by the cells of a grid, so that few need a look at any border."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from hotspot.loaders.geometry import Shapes
from hotspot.loaders.points import Mask, Numbers, Places

NOWHERE, UNSURE, BORDER = -1, -2, -3

# points, vertices and pairs of a point and an edge at once, so that they stay in the cache
POINTS_AT_ONCE = 65_536
VERTICES_AT_ONCE = 16_384
PAIRS_AT_ONCE = 40_000
MOST_CELLS = 8_000_000
# in a cell with more edges a tree is quicker: where one polygon lies far from all others
MOST_EDGES = 64
# what rounding may move a point by, in cells; it moves it by a millionth of that
PAD = 1e-6
# a sign of a determinant is certain beyond this share of its terms (Shewchuk 1997)
ROUNDING = 4e-16
# a winding number is kept with the sum of the numbers of the polygons wound around: one more
# around the polygon k adds 1 + k · 2³²
ONE = np.int64(1)
CODE = np.int64(32)

Whole = NDArray[np.signedinteger[Any]]


class Edges(NamedTuple):
    """Edges from a to b, and what crossing each from right to left adds to the winding."""

    ax: Numbers
    ay: Numbers
    bx: Numbers
    by: Numbers
    weight: Whole


def locate_by_grid(x: Numbers, y: Numbers, polygons: Shapes) -> Places:
    """Find the polygon each point lies in, where that is certain.

    Parameters
    ----------
    x, y : array of float
        Finite, in the CRS of the polygons.
    polygons : array of valid Polygon, MultiPolygon or None

    Returns
    -------
    array of int
        Position of the only polygon the point lies in, -1 outside every polygon, -2 where a
        closer look is needed: inside several, on a border, too near one for the rounding, or in
        a cell with too many edges.

    Notes
    -----
    The winding numbers around all polygons are known at the centre of each cell from the edges
    that cross its row. In a cell without an edge they are those of all its points; in another
    they change by the edges crossed on the way from the centre: up or down the column, then
    along the row. The sign of each determinant on that way is certain or the point is left.

    References
    ----------
    Shewchuk (1997), doi:10.1007/PL00009321.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> locate_by_grid(np.array([0.5, 1.0, 1.5, 9.0]), np.full(4, 0.5), squares).tolist()
    [0, -2, 1, -1]
    """
    grid = lay_grid(polygons, points=len(x))
    cells = grid.cells_of(x, y)
    asked = np.zeros(grid.rows * grid.columns + 1, dtype=bool)
    asked[cells] = True
    asked[-1] = False

    winding = np.zeros((grid.rows, grid.columns + 1), dtype=np.int64)
    parts, unsure, touched, touching, edges_before = [], [], [], [], 0
    # numpy leaves the interpreter's lock while it computes
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda edges: (edges, *_look_at(edges, grid, asked)), _edges(polygons))
        for edges, crossing, change, close, cell, edge in found:
            np.add.at(winding.reshape(-1), crossing, change)
            unsure.append(close)
            touched.append(cell)
            touching.append(edge + edges_before)
            edges_before += len(edges.weight)
            parts.append(edges)
    edges = Edges(*map(np.concatenate, zip(*parts, strict=True)))
    touched_cells, touching_edges = np.concatenate(touched), np.concatenate(touching)
    winding = np.cumsum(winding, axis=1)[:, :-1]

    place = np.empty(len(asked), dtype=np.int32)
    with_points = np.flatnonzero(asked)
    place[with_points] = _decode(grid.at(winding, with_points))
    place[touched_cells] = BORDER
    place[np.concatenate(unsure)] = UNSURE
    place[-1] = NOWHERE
    places = place[cells].astype(np.intp)
    near = np.flatnonzero(places == BORDER)
    # the points of one cell meet the same edges
    near = near[np.argsort(cells[near])]
    order = np.argsort(touched_cells)
    ways = _Ways(grid, edges, touched_cells[order], touching_edges[order])
    start = grid.at(winding, cells[near])
    places[near] = ways.walk(x[near], y[near], cells[near], start)
    return places


@dataclass(frozen=True)
class Grid:
    """Square cells, numbered row by row from the south-west; `pad` is in cells."""

    west: float
    south: float
    side: float
    columns: int
    rows: int
    pad: float

    def u(self, x: Numbers) -> Numbers:
        """Return x in cells from the western end."""
        return (x - self.west) / self.side

    def v(self, y: Numbers) -> Numbers:
        """Return y in cells from the southern end."""
        return (y - self.south) / self.side

    def centre_x(self, column: Whole) -> Numbers:
        """Return where the centres of a column lie."""
        return self.west + (column.astype(np.float64) + 0.5) * self.side

    def centre_y(self, row: Whole) -> Numbers:
        """Return where the centres of a row lie."""
        return self.south + (row.astype(np.float64) + 0.5) * self.side

    def at(self, values: Whole, cells: Whole) -> Whole:
        """Return the values of cells from rows × columns."""
        return np.asarray(values[cells // self.columns, cells % self.columns])

    def cells_of(self, x: Numbers, y: Numbers) -> Whole:
        """Return the cell of each point, the one beyond the last for a point off the grid."""
        cells = np.empty(len(x), dtype=np.int32)
        for first in range(0, len(x), POINTS_AT_ONCE):
            some = slice(first, first + POINTS_AT_ONCE)
            u, v = self.u(x[some]), self.v(y[some])
            inside = (u >= 0) & (u < self.columns) & (v >= 0) & (v < self.rows)
            with np.errstate(invalid="ignore"):
                cells[some] = v.astype(np.int32) * np.int32(self.columns) + u.astype(np.int32)
            cells[some][~inside] = self.rows * self.columns
        return cells


def lay_grid(polygons: Shapes, *, points: int) -> Grid:
    """Return a grid over the polygons, the finer the more points and vertices there are."""
    west, south, east, north = map(float, shapely.total_bounds(polygons))
    width, height = east - west, north - south
    vertices = int(shapely.get_num_coordinates(polygons).sum())
    cells = min(points // 2 + 2 * vertices, MOST_CELLS)
    # a thin strip has few rows, not many columns
    side = max(np.sqrt(width * height / cells), 8 * max(width, height) / cells)
    largest = max(map(abs, (west, south, east, north)))
    # more than half a cell is left free, and in no simple ratio, so that centres keep off corners
    west, south = west - 0.5123 * side, south - 0.5371 * side
    return Grid(
        west=west,
        south=south,
        side=side,
        columns=int((east - west) / side) + 2,
        rows=int((north - south) / side) + 2,
        pad=PAD + 16 * np.finfo(float).eps * largest / side,
    )


def _edges(polygons: Shapes) -> Iterator[Edges]:
    """Yield the edges of all rings, some at a time, with their interior on the left of weights."""
    present = np.flatnonzero(~(shapely.is_missing(polygons) | shapely.is_empty(polygons)))
    parts, of_polygon = shapely.get_parts(polygons[present], return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = of_part[1:] == of_part[:-1]
    sign = np.where(shapely.is_ccw(rings) != hole, 1, -1)
    weight = sign * (ONE + (present[of_polygon[of_part]].astype(np.int64) << CODE))
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    for first in range(0, len(corners), VERTICES_AT_ONCE):
        some = slice(first, first + VERTICES_AT_ONCE + 1)
        (x, y), ring = corners[some].T, of_ring[some]
        at = np.flatnonzero(ring[1:] == ring[:-1])
        yield Edges(x[at], y[at], x[at + 1], y[at + 1], weight[ring[at]])


def _look_at(edges: Edges, grid: Grid, asked: Mask) -> tuple[Whole, Whole, Whole, Whole, Whole]:
    """Return what edges change and where they lie.

    Returns
    -------
    crossing, change : the cells (of rows × columns + 1) from whose centre on eastwards the
        winding is another, and by how much.
    close : cells whose centre lies too near an edge to say on which side.
    cell, edge : the cells with points that each edge touches.
    """
    au, bu, av, bv = grid.u(edges.ax), grid.u(edges.bx), grid.v(edges.ay), grid.v(edges.by)
    south, north = np.minimum(av, bv), np.maximum(av, bv)
    west, east = np.minimum(au, bu), np.maximum(au, bu)
    level = av == bv
    slope = np.divide(bu - au, bv - av, out=np.zeros_like(au), where=~level)

    # rows of centres that an edge crosses; an end on one counts as below it
    low = _first_centre(south, np.minimum(edges.ay, edges.by), grid)
    high = _first_centre(north, np.maximum(edges.ay, edges.by), grid)
    edge, step = _spread(high - low)
    row = low[edge] + step
    ay, by = edges.ay[edge], edges.by[edge]
    share = (grid.centre_y(row) - ay) / (by - ay)
    u = au[edge] + share * (bu[edge] - au[edge]) + 0.5
    crossing = row * (grid.columns + 1) + u.astype(np.int32)
    change = np.where(by > ay, -edges.weight[edge], edges.weight[edge])
    nearest = np.rint(u)
    close = np.abs(u - nearest) < 2 * grid.pad
    close_cells = row[close] * grid.columns + nearest[close].astype(np.int32) - 1

    # cells that an edge touches, row by row
    first_row = (south - grid.pad).astype(np.int32)
    edge, step = _spread((north + grid.pad).astype(np.int32) - first_row + 1)
    row, tilt = first_row[edge] + step, slope[edge]
    enter = au[edge] + tilt * (row - av[edge])
    leave = enter + tilt
    spare = 4 * grid.pad * (1 + np.abs(tilt))
    begin = np.maximum(np.minimum(enter, leave) - spare, west[edge] - grid.pad)
    end = np.minimum(np.maximum(enter, leave) + spare, east[edge] + grid.pad)
    flat = np.flatnonzero(level[edge])
    begin[flat], end[flat] = west[edge[flat]] - grid.pad, east[edge[flat]] + grid.pad
    first_column = begin.astype(np.int32)
    at, step = _spread(np.maximum(end.astype(np.int32) - first_column, 0) + 1)
    cell = (row * np.int32(grid.columns) + first_column)[at] + step
    kept = np.flatnonzero(asked[cell])
    return crossing, change, close_cells, cell[kept], edge[at[kept]]


def _first_centre(v: Numbers, y: Numbers, grid: Grid) -> Whole:
    """Return the first row whose centres do not lie south of y, which is v in cells."""
    row = (v + 0.5).astype(np.int32)
    # rounding may have gone one too far, or not far enough
    row -= grid.centre_y(row - 1) >= y
    row += grid.centre_y(row) < y
    return row


def _spread(counts: Whole) -> tuple[Whole, Whole]:
    """Return the position of each of so many items' owners, and each item's number there.

    Examples
    --------
    >>> [each.tolist() for each in _spread(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    counts = counts.astype(np.int32)
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    before = np.cumsum(counts, dtype=np.int32) - counts
    return owner, np.arange(len(owner), dtype=np.int32) - np.repeat(before, counts)


def _decode(winding: Whole) -> Whole:
    """Return the polygon of a winding of one, -1 for none, -2 for several."""
    around = winding & ((ONE << CODE) - 1)
    return np.where(around == 1, winding >> CODE, np.where(winding == 0, NOWHERE, UNSURE))


@dataclass(frozen=True)
class _Ways:
    """Ways from the centres of cells to points in them; `cell` is sorted, with its `edge`."""

    grid: Grid
    edges: Edges
    cell: Whole
    edge: Whole

    def walk(self, x: Numbers, y: Numbers, cells: Whole, start: Whole) -> Places:
        """Return the place of points, sorted by their cells, from the winding at the centre."""
        first = np.searchsorted(self.cell, cells)
        number = np.searchsorted(self.cell, cells, side="right") - first
        crowded = number > MOST_EDGES
        number[crowded] = 0
        cuts = np.arange(0, number.sum() + 1, PAIRS_AT_ONCE)
        cuts = np.append(np.searchsorted(np.cumsum(number), cuts), len(x))
        centre_x = self.grid.centre_x(cells % self.grid.columns)
        centre_y = self.grid.centre_y(cells // self.grid.columns)

        def part(begin: int, end: int) -> Places:
            some = slice(begin, end)
            point, step = _spread(number[some])
            of = Edges(*(values[self.edge[first[some][point] + step]] for values in self.edges))
            ways = x[some], y[some], centre_x[some], centre_y[some]
            change, doubtful = _cross(of, *(values[point] for values in ways))
            winding = start[some].copy()
            np.add.at(winding, point, change)
            places = _decode(winding)
            places[point[doubtful]] = UNSURE
            return places

        with ThreadPoolExecutor() as pool:
            places = np.concatenate(list(pool.map(part, cuts[:-1], cuts[1:])))
        places[crowded] = UNSURE
        return places


def _cross(
    edges: Edges, x: Numbers, y: Numbers, centre_x: Numbers, centre_y: Numbers
) -> tuple[Whole, Mask]:
    """Return what an edge changes on the way from a centre to a point, and where that is doubtful.

    The way goes along the column to the height of the point, then along the row. What lies
    exactly on it counts as below and to the left.
    """
    ax, ay, bx, by, weight = edges
    along_row = (ay <= y) != (by <= y)
    along_column = (ax <= centre_x) != (bx <= centre_x)
    # an edge that ends at the height of the point may touch it and cross no way
    touching = (ay == y) | (by == y)

    def left_of(px: Numbers, py: Numbers) -> tuple[Whole, Mask]:
        one, other = (ax - px) * (by - py), (ay - py) * (bx - px)
        certain = np.abs(one - other) > ROUNDING * (np.abs(one) + np.abs(other))
        return (one > other).astype(np.int64), certain

    point, certain_point = left_of(x, y)
    corner, certain_corner = left_of(centre_x, y)
    centre, certain_centre = left_of(centre_x, centre_y)
    change = weight * ((point - corner) * along_row + (corner - centre) * along_column)
    doubtful = ~certain_point & (along_row | touching)
    doubtful |= ~certain_corner & (along_row | along_column)
    doubtful |= ~certain_centre & along_column
    return change, doubtful
