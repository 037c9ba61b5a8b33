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

Floats = NDArray[np.float64]


def quartic(cells: float) -> Case:
    """Prepare our density with so many cells a bandwidth."""
    from hotspot.statistics.kernel_density import kernel_density

    x, y = _points()
    bandwidth = cells * CELL
    bounds = (WEST, SOUTH, WEST + ACROSS * CELL, SOUTH + ACROSS * CELL)
    return (
        lambda: kernel_density(x, y, bandwidth=bandwidth, bounds=bounds, cell=CELL).values,
        lambda values: _tell(values, bandwidth),
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
    """Prepare scikit-learn's exact density, of a kernel as wide, at a hundredth of the cells."""
    from sklearn.neighbors import KernelDensity

    data = np.column_stack(_points())
    row, column = np.random.default_rng(2).integers(0, ACROSS, (2, SUBSET))
    places = np.column_stack([WEST + (column + 0.5) * CELL, SOUTH + (row + 0.5) * CELL])
    kernel = KernelDensity(bandwidth=cells * CELL, kernel="epanechnikov")
    return lambda: kernel.fit(data).score_samples(places), lambda logarithms: {}


def _points() -> tuple[Floats, Floats]:
    return regions.scatter_points(regions.SIZES[0], POINTS)


def _tell(values: Floats, bandwidth: float) -> dict[str, Any]:
    """Compare with the direct sum in the cells of a few points."""
    x, y = _points()
    chosen = np.random.default_rng(3).choice(POINTS, CHECKED, replace=False)
    column, row = ((x[chosen] - WEST) // CELL, (y[chosen] - SOUTH) // CELL)
    found = values[row.astype(int), column.astype(int)]
    middle_x, middle_y = WEST + (column + 0.5) * CELL, SOUTH + (row + 0.5) * CELL
    squared = (x - middle_x[:, None]) ** 2 + (y - middle_y[:, None]) ** 2
    direct = (np.maximum(1 - squared / bandwidth**2, 0) ** 2).sum(axis=1)
    direct *= 3 / np.pi / bandwidth**2 * 1e6
    error = np.abs(found - direct)
    return {
        "relative": float(np.median(error / direct)),
        "worst": float((error / direct).max()),
        "of_highest": float(error.max() / values.max()),
    }
