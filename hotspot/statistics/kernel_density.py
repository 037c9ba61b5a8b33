"""Offenses per square kilometre, free of the mahallas' borders: kernel density on a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, ndimage

from hotspot.errors import InputError
from hotspot.language import _, mark

Array = NDArray[np.float64]

CELLS_PER_BANDWIDTH = (8, 32)
DEFAULT_SUMMANDS = 10_000_000
DEFAULT_CELLS = 1_000_000
SQUARE_METRES = 1e6
BLOCK = 1 << 14
# a cell of a fast Fourier transform costs as much as four summands of the exact scatter
SUMMANDS_PER_CELL = 4
CHECKED = 100

NO_LENGTH = mark("A bandwidth of {n} is no length; give metres above 0.")
NO_AREA = mark("The bounds {bounds} are no area; give west, south, east and north.")
NO_KERNEL = mark("There is no kernel '{kernel}'; choose of {known}.")
NOT_AS_MANY = mark("There are {m} {what} for {n} x; give one for each.")
NOT_ONE_EACH = mark("There are {m} bandwidths for {n} points; give one, or one for each.")


class Kernel(NamedTuple):
    """A radial kernel of the plane for a bandwidth of 1."""

    shape: Callable[[Array], Array]  # by the squared distance: 1 at the point itself
    height: float  # makes the integral over the plane 1
    support: float  # where it ends, or falls below 1e-16
    variance: float  # of one coordinate
    power: int = 0  # p of (1 − d²)^p, for which there is a shorter way


KERNELS = {
    "quartic": Kernel(lambda s: np.maximum(1 - s, 0) ** 2, 3 / np.pi, 1, 1 / 8, 2),
    "epanechnikov": Kernel(lambda s: np.maximum(1 - s, 0), 2 / np.pi, 1, 1 / 6, 1),
    "triangular": Kernel(lambda s: np.maximum(1 - np.sqrt(s), 0), 3 / np.pi, 1, 3 / 20),
    "uniform": Kernel(lambda s: (s < 1).astype(float), 1 / np.pi, 1, 1 / 4),
    "gaussian": Kernel(lambda s: np.exp(-s / 2), 0.5 / np.pi, 8.6, 1),
    "exponential": Kernel(lambda s: np.exp(-np.sqrt(s)), 0.5 / np.pi, 37, 3),
}


@dataclass(frozen=True, eq=False)
class DensitySurface:
    """A density on a grid of square cells, and everything chosen on the way to it."""

    # offenses per km² at the cells' centres: rows from south to north, columns from west to east
    values: Array = field(repr=False)
    x: Array = field(repr=False)  # centres of the columns, in metres
    y: Array = field(repr=False)  # centres of the rows
    # side of a cell and bandwidth, in metres; of bandwidths by point their geometric mean
    cell: float
    bandwidth: float
    kernel: str
    crs: str | None
    # weight of all points, also of those too far off to reach the grid
    points: float
    # x, y, weight and bandwidth of each distinct coordinate, sorted by y and x
    sources: Array = field(repr=False)
    # "exact" or "binned", and how far off in shares of the highest value
    method: str = "exact"
    error: float = 0.0
    # share of the kernel that lies within the area, at each cell; None: edges are not corrected
    kept: Array | None = field(default=None, repr=False)

    @property
    def mass(self) -> float:
        """Offenses on the grid: the sum of the values times the area of a cell."""
        return float(np.nansum(self.values) * self.cell**2 / SQUARE_METRES)

    @property
    def stencil(self) -> Array:
        """What one point in the middle of a cell adds to the cells around it, per km²."""
        if (self.sources[:, 3] != self.bandwidth).any():
            raise InputError(_("Each point has a bandwidth of its own here; give all of them one."))
        kernel, radius = KERNELS[self.kernel], self.bandwidth / self.cell
        image = _draw(kernel, radius, int(np.ceil(kernel.support * radius)))
        return image * (kernel.height / self.bandwidth**2 * SQUARE_METRES)

    def at(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Sum the kernels directly at some places, given in metres."""
        places = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
        kernel, points = KERNELS[self.kernel], self.sources.copy()
        points[:, 2] *= (self.bandwidth / points[:, 3]) ** 2
        scale = kernel.height / self.bandwidth**2 * SQUARE_METRES
        values = _sum_directly(points, places, kernel) * scale
        if self.kept is not None:
            column = np.abs(places[:, :1] - self.x).argmin(axis=1)
            values /= self.kept[np.abs(places[:, 1:] - self.y).argmin(axis=1), column]
        return values


def kernel_density(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bandwidth: float | ArrayLike,
    bounds: tuple[float, float, float, float],
    kernel: str = "quartic",
    cell: float | None = None,
    weights: ArrayLike | None = None,
    tolerance: float = 0.0,
    crs: str | None = None,
) -> DensitySurface:
    """Smooth offenses into a density.

    The value at the centre of a cell is the sum over the points of K(t) / h², where t is the
    distance over the bandwidth h. Each kernel integrates to 1 over the plane. For quartic
    3/π (1 − t²)², epanechnikov 2/π (1 − t²), triangular 3/π (1 − t) and uniform 1/π the bandwidth
    is the radius where the kernel ends; for gaussian 1/2π exp(−t²/2) it is the standard deviation
    of each coordinate, for exponential 1/2π exp(−t) the distance on which it falls to 1/e.

    Parameters
    ----------
    x, y : coordinates in metres, one pair an offense; pairs with NaN are left out.
    bandwidth : in metres; one, or one for each point, as of `adaptive_bandwidths`.
    bounds : west, south, east and north of the area in metres. Whole cells from the south-western
        corner cover it; points outside of it act on it as well.
    kernel : quartic, epanechnikov, triangular, uniform, gaussian or exponential.
    cell : side of a cell in metres. Absent: between the 32nd and the eighth part of the quartic
        radius that smooths as much, as fine as ten million summands allow, or what keeps to a
        million cells.
    weights : number of offenses each point stands for; absent: 1.
    tolerance : error allowed, in shares of the surface's highest value. At 0 the sum is exact:
        each point acts from where it lies, and the order of the points does not change a bit.
        Above, where it saves work, points are shared out to the four centres around them and
        smoothed by a Fourier transform, if the error found keeps to the tolerance.
    crs : the coordinates' reference system, as text, kept with the surface.

    Returns
    -------
    DensitySurface
        Offenses per km² at the cells' centres, method and error.

    Raises
    ------
    InputError
        If bandwidth or cell are not above 0, a weight or the tolerance is below 0, one of the first
        three is infinite, the bounds no area, the kernel unknown, or y or weights not for each x.

    Notes
    -----
    Edges are not corrected: beside a border beyond which nothing is recorded the density is too
    low, by up to half. What leaves the polygons is what `mass_outside` reports; `correct_edges`
    makes up for it.
    The surface's mass is the points' as far as their kernels lie on the grid; a single quartic
    kernel's is off by at most 0.03 % at 8 cells a bandwidth, 0.1 % at 5, 0.6 % at 3, 4 % at 1.5.
    Kernels without an end are cut where they fall below 1e-16 of their height. Sharing points out
    widens a kernel by a twelfth of its Laplacian, which is taken off it first. The error of a
    binned surface is thrice the largest found at a hundred cells: an estimate, not a bound.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, chapter 4.
    https://doi.org/10.1201/9781315140919
    Wand, M. P. (1994). Fast computation of multivariate kernel estimators. Journal of Computational
    and Graphical Statistics 3, 433-445. https://doi.org/10.1080/10618600.1994.10474656

    Examples
    --------
    >>> surface = kernel_density([1500], [500], bandwidth=1000, bounds=(0, 0, 3000, 1000), cell=1e3)
    >>> surface.values.round(3)
    array([[0.   , 0.955, 0.   ]])
    """
    west, south, east, north = bounds
    lengths = np.atleast_1d(np.asarray(bandwidth, dtype=float))
    if (wrong := lengths[~((lengths > 0) & (lengths < np.inf))]).size:
        raise InputError(_(NO_LENGTH, n=f"{wrong[0]:g}"))
    if cell is not None and not 0 < cell < np.inf:
        raise InputError(_("A cell of {cell} is no length; give metres above 0.", cell=cell))
    if not (0 < east - west < np.inf and 0 < north - south < np.inf):
        raise InputError(_(NO_AREA, bounds=bounds))
    if kernel not in KERNELS:
        raise InputError(_(NO_KERNEL, kernel=kernel, known=", ".join(KERNELS)))
    if not tolerance >= 0:
        raise InputError(_("A tolerance of {n} is no error; give 0 or more.", n=tolerance))
    sources = _distinct(x, y, weights, lengths)
    middle = float(np.exp(np.log(sources[:, 3]).mean())) if lengths.size > 1 else float(lengths[0])
    of = KERNELS[kernel]
    if cell is None:
        as_wide = middle * np.sqrt(of.variance / KERNELS["quartic"].variance)
        reach = np.sqrt(DEFAULT_SUMMANDS / max(len(sources), 1)) / 2
        least = np.sqrt((east - west) * (north - south) / DEFAULT_CELLS)
        cell = max(as_wide / float(np.clip(reach, *CELLS_PER_BANDWIDTH)), float(least))
    shape = (int(np.ceil((north - south) / cell)), int(np.ceil((east - west) / cell)))
    local = (sources - [west, south, 0, 0]) / [cell, cell, 1, cell]
    local[:, 2] *= (middle / sources[:, 3]) ** 2
    values, method, error = _smooth(local, of, shape, tolerance if lengths.size == 1 else 0)
    values *= of.height / middle**2 * SQUARE_METRES
    return DensitySurface(
        values=values,
        x=np.arange(0.5, shape[1]) * cell + west,
        y=np.arange(0.5, shape[0]) * cell + south,
        cell=float(cell),
        bandwidth=middle,
        kernel=kernel,
        crs=crs,
        points=float(sources[:, 2].sum()),
        sources=sources,
        method=method,
        error=error,
    )


def _distinct(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None, lengths: Array) -> Array:
    """Return distinct coordinates sorted by y and x, the sum of weights at each, bandwidths."""
    n, ones = np.size(x), np.ones(np.size(x))
    for what, of in (("y", y), ("weights", ones if weights is None else weights)):
        if (m := np.size(of)) != n:
            raise InputError(_(NOT_AS_MANY, m=m, what=what, n=n))
    if (m := lengths.size) not in (1, n):
        raise InputError(_(NOT_ONE_EACH, m=m, n=n))
    columns = (x, y, ones if weights is None else weights, ones * lengths)
    points = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    points = np.compress(np.isfinite(points[:, :2]).all(axis=1), points, axis=0)
    if (wrong := points[~((points[:, 2] >= 0) & (points[:, 2] < np.inf)), 2]).size:
        raise InputError(_("A weight is {n}; give weights of 0 or more.", n=f"{wrong[0]:g}"))
    # weights are sorted among equals: even their sums do not depend on the order of the rows
    order = np.argsort(points[:, 1])
    if (np.diff(points[order, 1]) == 0).any():
        order = np.lexsort(points[:, [2, 3, 0, 1]].T)
    points = points[order]
    new = np.flatnonzero((np.diff(points[:, [0, 1, 3]], axis=0, prepend=np.nan) != 0).any(axis=1))
    return np.column_stack([points[new, :2], np.add.reduceat(points[:, 2], new), points[new, 3]])


def _smooth(
    points: Array, kernel: Kernel, shape: tuple[int, int], tolerance: float
) -> tuple[Array, str, float]:
    """Return the sum of the kernels, how it was reckoned, and its error; lengths in cells."""
    if tolerance > 0 and len(points) > 0:
        radius = float(points[0, 3])
        reach = int(np.ceil(kernel.support * radius))
        summands = len(points) * (2 * reach + 1) ** 2
        if summands > SUMMANDS_PER_CELL * np.prod(np.add(shape, 2 * reach)):
            values = _bin(points, kernel, radius, shape)
            error = _find_error(values, points, kernel)
            if error <= tolerance:
                return values, "binned", error
    return _scatter(points, kernel, shape), "exact", 0.0


def _scatter(points: Array, kernel: Kernel, shape: tuple[int, int]) -> Array:
    """Add each point's kernel to the cells it reaches."""
    reaches = np.ceil(kernel.support * points[:, 3]).astype(np.int64)
    margin = 2 * int(reaches.max(initial=1)) + 1  # takes what kernels carry over the edge
    columns = shape[1] + 2 * margin
    total = np.zeros((shape[0] + 2 * margin) * columns)
    size = np.array(shape[::-1])
    # points of about the same reach at once
    group = np.ceil(np.log(reaches) / np.log(1.25))
    for each in np.unique(group):
        reach = int(reaches[group == each].max())
        steps = np.arange(-reach, reach + 1)
        some = points[group == each]
        cells = np.floor(some[:, :2]).astype(np.int64)
        near = (np.abs(2 * cells + 1 - size) <= size + 2 * reach + 1).all(axis=1)
        some, cells = some[near], cells[near]
        # points come sorted by y: a block of them touches a narrow band of rows
        block = max(BLOCK // len(steps), 1)
        for start in range(0, len(some), block):
            part, cell = some[start : start + block], cells[start : start + block]
            weight, radius = part[:, 2:3], part[:, 3:]
            across = ((cell[:, :1] + 0.5 + steps - part[:, :1]) / radius) ** 2
            along = ((cell[:, 1:] + 0.5 + steps - part[:, 1:2]) / radius) ** 2
            if kernel.power:
                # w (1 − a − b)^p is the p-th power of r (1 − a) − r b with r^p = w
                root = weight ** (1 / kernel.power)
                across, along = root * (1 - across), root * along
            place = (cell[:, 1:] + margin) * columns + cell[:, :1] + margin + steps
            low = int(place.min())
            place = (place - low).ravel()
            for step, up in zip(steps, along.T[..., None], strict=True):
                if kernel.power:
                    value = across - up
                    np.maximum(value, 0, out=value)
                    if kernel.power == 2:
                        value *= value
                else:
                    value = weight * kernel.shape(across + up)
                band = np.bincount(place, weights=value.ravel())
                begin = low + step * columns
                total[begin : begin + len(band)] += band
    return total.reshape(-1, columns)[margin:-margin, margin:-margin].copy()


def _bin(points: Array, kernel: Kernel, radius: float, shape: tuple[int, int]) -> Array:
    """Share each point out to the four centres around it, and smooth what they got."""
    reach = int(np.ceil(kernel.support * radius)) + 2
    rows, columns = (n + 2 * reach for n in shape)
    places = points[:, :2] - 0.5 + reach
    near = ((places >= 0) & (places < [columns - 1, rows - 1])).all(axis=1)
    places, weight = places[near], points[near, 2]
    low = np.floor(places).astype(np.int64)
    (right, up), begin = (places - low).T, low[:, 1] * columns + low[:, 0]
    shares = [(1 - right) * (1 - up), right * (1 - up), (1 - right) * up, right * up]
    cells = np.add.outer([0, 1, columns, columns + 1], begin).ravel()
    grid = np.bincount(cells, np.multiply(shares, weight).ravel(), rows * columns)
    image = _draw(kernel, radius, reach)
    image -= ndimage.laplace(image, mode="constant") / 12
    tall, wide = (fft.next_fast_len(n, real=True) for n in (rows, columns))
    with fft.set_workers(-1):
        product = fft.rfft2(grid.reshape(rows, columns), (tall, wide))
        product *= fft.fft(fft.rfft(image, wide), tall, axis=0)
        values = fft.irfft2(product, (tall, wide))
    # what runs round the edge of the transform is in the margin, which is left out
    values = values[2 * reach : rows, 2 * reach : columns].copy()
    # the transform leaves dust, and the correction a little less than nothing at a kernel's foot
    values[values < 1e-12 * values.max()] = 0
    return values


def _draw(kernel: Kernel, radius: float, reach: int) -> Array:
    steps = np.arange(-reach, reach + 1.0) ** 2
    return kernel.shape((steps[:, None] + steps) / radius**2)


def _find_error(values: Array, points: Array, kernel: Kernel) -> float:
    """Return thrice the largest error at the highest cell and around some points."""
    some = points[np.linspace(0, len(points) - 1, CHECKED).astype(int), :2]
    column, row = np.floor(some).astype(np.int64).T
    on = (row >= 0) & (row < values.shape[0]) & (column >= 0) & (column < values.shape[1])
    top = np.unravel_index(values.argmax(), values.shape)
    row, column = np.append(row[on], top[0]), np.append(column[on], top[1])
    direct = _sum_directly(points, np.column_stack([column, row]) + 0.5, kernel)
    gap, highest = np.abs(values[row, column] - direct).max(), direct.max()
    return 3 * float(gap / highest) if highest > 0 else np.inf


def _sum_directly(points: Array, places: Array, kernel: Kernel) -> Array:
    """Sum the kernels at a few places."""
    reach = kernel.support * points[:, 3].max(initial=0)
    begin, end = (np.searchsorted(points[:, 1], places[:, 1] + side) for side in (-reach, reach))
    values = np.zeros(len(places))
    for i, (x, y) in enumerate(places):
        near = points[begin[i] : end[i]]
        squared = ((near[:, 0] - x) ** 2 + (near[:, 1] - y) ** 2) / near[:, 3] ** 2
        values[i] = (kernel.shape(squared) * near[:, 2]).sum()
    return values
