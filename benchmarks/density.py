"""A density of 100,000 points on two million cells, beside KDEpy and scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import regions
from benchmarks.measure import Case

POINTS = 100_000
ACROSS = 1414
CELL = regions.SIDE_M * 1.02 / ACROSS
WEST, SOUTH = regions.ORIGIN - 0.01 * regions.SIDE_M
CHECKED = 200
SUBSET = 20_000

# a little short of the last cell's edge, which rounding must not carry over
BOUNDS = (WEST, SOUTH, WEST + (ACROSS - 0.5) * CELL, SOUTH + (ACROSS - 0.5) * CELL)
SHAPES = {"quartic": (3 / np.pi, 2), "epanechnikov": (2 / np.pi, 1)}

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]


def surface(cells: float, kernel: str = "quartic", tolerance: float = 0.0) -> Case:
    """Prepare our density with so many cells a bandwidth."""
    from hotspot.statistics.kernel_density import kernel_density

    x, y = _points()
    how = {"bandwidth": cells * CELL, "bounds": BOUNDS, "cell": CELL, "kernel": kernel}
    return (
        lambda: kernel_density(x, y, tolerance=tolerance, **how),
        lambda of: (
            _tell(of.values, cells * CELL, kernel) | {"method": of.method, "error": of.error}
        ),
    )


def kdepy_fft(cells: float) -> Case:
    """Prepare KDEpy's binned density of the same kernel on the same cells."""
    from KDEpy import FFTKDE

    x, y = _points()
    bandwidth = cells * CELL
    # in bandwidths, as its cut-off depends on units; its own is a standard deviation
    data = np.column_stack([x - WEST, y - SOUTH]) / bandwidth
    middles = (np.arange(ACROSS) + 0.5) / cells
    grid = np.column_stack([np.repeat(middles, ACROSS), np.tile(middles, ACROSS)])

    def work() -> Floats:
        shares = FFTKDE(kernel="biweight", bw=np.sqrt(1 / 7)).fit(data).evaluate(grid)
        return shares.reshape(ACROSS, ACROSS).T * (POINTS / bandwidth**2 * 1e6)

    return work, lambda values: _tell(values, bandwidth)


def sklearn_tree(cells: float) -> Case:
    """Prepare scikit-learn's exact Epanechnikov density at a hundredth of the cells, tree built."""
    from sklearn.neighbors import KernelDensity

    column, row = _some_cells()
    places = np.column_stack([WEST + (column + 0.5) * CELL, SOUTH + (row + 0.5) * CELL])
    fitted = KernelDensity(bandwidth=cells * CELL, kernel="epanechnikov")
    fitted.fit(np.column_stack(_points()))
    return (
        lambda: np.exp(fitted.score_samples(places)) * POINTS * 1e6,
        lambda values: {"sum": float(values.sum())},
    )


def grow_points(n: int, tolerance: float = 0.0) -> Case:
    """Prepare a density of n points on a quarter of a million cells, eight a bandwidth."""
    return _grow(n, 500, tolerance)


def grow_points_binned(n: int) -> Case:
    """Prepare a binned density of n points."""
    return grow_points(n, tolerance=0.01)


def grow_cells(n: int, tolerance: float = 0.0) -> Case:
    """Prepare a density of 20,000 points on n cells, always of the same bandwidth in metres."""
    return _grow(20_000, int(np.sqrt(n)), tolerance)


def grow_cells_binned(n: int) -> Case:
    """Prepare a binned density on n cells."""
    return grow_cells(n, tolerance=0.05)


def likelihood(n: int) -> Case:
    """Prepare the choice of a bandwidth for n points by cross-validation."""
    from hotspot.statistics.bandwidth import likelihood_bandwidth

    x, y = regions.scatter_points(regions.SIZES[0], n)
    return lambda: likelihood_bandwidth(x, y), lambda found: {}


def ratio(n: int) -> Case:
    """Prepare the ratio of two densities of n points each with its 999 draws."""
    from hotspot.statistics.dual_density import compare_densities
    from hotspot.statistics.kernel_density import kernel_density

    x, y = regions.scatter_points(regions.SIZES[0], 2 * n)
    how = {"bandwidth": 8 * regions.SIDE_M / 100, "bounds": BOUNDS, "cell": regions.SIDE_M / 100}
    cases, controls = (kernel_density(x[i::2], y[i::2], **how) for i in (0, 1))
    return lambda: compare_densities(cases, controls), lambda found: {}


GROWTH = [
    ("`kernel_density`, exact, n points", "grow_points", 20_000),
    ("`kernel_density`, binned, n points", "grow_points_binned", 20_000),
    ("`kernel_density`, exact, n cells", "grow_cells", 62_500),
    ("`kernel_density`, binned, n cells", "grow_cells_binned", 62_500),
    ("`likelihood_bandwidth`, n points", "likelihood", 2_000),
    ("`compare_densities`, 999 draws, n points a side", "ratio", 1_000),
]


def _grow(points: int, across: int, tolerance: float) -> Case:
    from hotspot.statistics.kernel_density import kernel_density

    x, y = regions.scatter_points(regions.SIZES[0], points)
    how = {"bandwidth": regions.SIDE_M / 60, "bounds": BOUNDS, "cell": regions.SIDE_M / across}
    return lambda: kernel_density(x, y, tolerance=tolerance, **how), lambda of: {}


def _some_cells() -> tuple[Cells, Cells]:
    column, row = np.random.default_rng(2).integers(0, ACROSS, (2, SUBSET))
    return column, row


def _points() -> tuple[Floats, Floats]:
    return regions.scatter_points(regions.SIZES[0], POINTS)


def _tell(values: Floats, bandwidth: float, kernel: str = "quartic") -> dict[str, Any]:
    """Compare with the direct sum in the cells of a few points."""
    x, y = _points()
    chosen = np.random.default_rng(3).choice(POINTS, CHECKED, replace=False)
    column, row = ((x[chosen] - WEST) // CELL, (y[chosen] - SOUTH) // CELL)
    found = values[row.astype(int), column.astype(int)]
    middle_x, middle_y = WEST + (column + 0.5) * CELL, SOUTH + (row + 0.5) * CELL
    squared = (x - middle_x[:, None]) ** 2 + (y - middle_y[:, None]) ** 2
    height, power = SHAPES[kernel]
    direct = (np.maximum(1 - squared / bandwidth**2, 0) ** power).sum(axis=1)
    direct *= height / bandwidth**2 * 1e6
    error = np.abs(found - direct)
    return {
        "relative": float(np.median(error / direct)),
        "worst": float((error / direct).max()),
        "of_highest": float(error.max() / values.max()),
        "sum": float(values[_some_cells()[::-1]].sum()),
    }
