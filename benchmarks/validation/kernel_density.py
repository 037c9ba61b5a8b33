"""Densities against the direct sum, scipy, scikit-learn, KDEpy and closed forms.

The kernels are summed by the textbook formula, cell by point. scipy and scikit-learn are right
where they are told the same bandwidth; their densities integrate to 1, ours to the number of
offenses per square kilometre. Contours are compared with circles, edges with normal integrals, the
p-values of a ratio of densities with hypergeometric and binomial tails.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import optimize, stats
from sklearn.neighbors import KernelDensity

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.bandwidth import adaptive_bandwidths, likelihood_bandwidth
from hotspot.statistics.contours import contour_polygons
from hotspot.statistics.dual_density import compare_densities
from hotspot.statistics.edge_correction import correct_edges
from hotspot.statistics.kernel_density import KERNELS, DensitySurface, kernel_density

Floats = NDArray[np.float64]

BOUNDS = (0.0, 0.0, 7000.0, 5000.0)
BANDWIDTH = 600.0
TEXTBOOK = {
    "quartic": lambda t: 3 / np.pi * (1 - t**2) ** 2 * (t < 1),
    "epanechnikov": lambda t: 2 / np.pi * (1 - t**2) * (t < 1),
    "triangular": lambda t: 3 / np.pi * (1 - t) * (t < 1),
    "uniform": lambda t: 1 / np.pi * (t < 1),
    "gaussian": lambda t: np.exp(-(t**2) / 2) / (2 * np.pi),
    "exponential": lambda t: np.exp(-t) / (2 * np.pi),
}
SKLEARN = {
    "epanechnikov": "epanechnikov",
    "triangular": "linear",
    "uniform": "tophat",
    "gaussian": "gaussian",
    "exponential": "exponential",
}


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Compare every kernel with its formula and with the peers that have it."""
    x, y = _towns(400)
    cells = "400 points around three towns, 70 × 50 cells"
    for kernel in TEXTBOOK:
        surface = _smooth(x, y, kernel=kernel)
        name = f"`kernel_density`, {kernel}"
        direct = _sum_directly(surface, x, y, BANDWIDTH)
        difference = _of_highest(surface.values, direct)
        yield Comparison(name, "the direct sum, of the highest value", cells, difference, 1e-12)
        if kernel in SKLEARN:
            fitted = KernelDensity(bandwidth=BANDWIDTH, kernel=SKLEARN[kernel])
            scores = fitted.fit(np.column_stack([x, y])).score_samples(_centres(surface))
            theirs = np.exp(scores).reshape(surface.values.shape) * len(x) * 1e6
            difference = _of_highest(surface.values, theirs)
            yield Comparison(name, "scikit-learn, of the highest value", cells, difference, 1e-9)
    yield _compare_scipy(x, y, cells)
    yield from _compare_peer(x, y, cells)
    yield from _compare_binned()
    first = _smooth(x, y)
    own = adaptive_bandwidths(first.at(x, y), bandwidth=BANDWIDTH)
    adaptive = _smooth(x, y, bandwidth=own)
    yield Comparison(
        "`kernel_density`, a bandwidth for each point",
        "the direct sum, of the highest value",
        cells,
        _of_highest(adaptive.values, _sum_directly(adaptive, x, y, own)),
        1e-12,
    )
    yield from _compare_masses()
    yield _compare_edges()
    yield _compare_contours()
    yield _compare_likelihood(x, y)
    yield from _compare_tails()


def sizes(maps: int) -> Iterator[Size]:
    """Tell how often a cell is outside of the tolerance where risks are equal."""
    for name, smoothing in (("4 × 4 kernels", 250.0), ("2 × 2 kernels", 500.0)):
        for against, cases, controls in (
            ("events", 30, 30),
            ("events", 60, 300),
            ("population", 40, 0),
        ):
            found = _simulate(maps, against, cases, controls, smoothing)
            setting = f"{cases} cases, {controls} controls" if controls else f"{cases} cases"
            yield Size(
                f"`compare_densities` against {against}, by cell",
                f"{setting}, clustered, an area of {name}",
                maps,
                float(found.mean()),
                # the cells of a map go together
                float(found.std(ddof=1) / np.sqrt(maps)),
            )


def _simulate(maps: int, against: str, cases: int, controls: int, bandwidth: float) -> Floats:
    """Return the share of cells above the upper contour of 5 % in each map."""
    how = {"bandwidth": bandwidth, "bounds": (0, 0, 2000, 2000), "cell": 125}
    rng = np.random.default_rng(11)
    people_x, people_y = _people(rng, 400)
    people = rng.integers(1, 200, 400)
    shares = np.empty(maps)
    for i in range(maps):
        home = rng.choice(400, cases + controls, p=people / people.sum())
        x, y = people_x[home], people_y[home]
        if against == "population":
            other = kernel_density(people_x, people_y, weights=people, **how)
        else:
            other = kernel_density(x[cases:], y[cases:], **how)
        found = compare_densities(
            kernel_density(x[:cases], y[:cases], **how),
            other,
            against=against,
            simulations=99,
            seed=i,
        )
        shares[i] = np.mean(found.p_high[np.isfinite(found.p_high)] <= 0.05)
    return shares


def _people(rng: np.random.Generator, n: int) -> Floats:
    """Scatter homes, half of them around a town."""
    return np.column_stack(
        [rng.normal(700, 200, (2, n // 2)), rng.uniform(0, 2000, (2, n - n // 2))]
    )


def _towns(n: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(5)
    centres = np.array([[2000, 2000], [5000, 1500], [4000, 4000]])
    x, y = (centres[rng.integers(0, 3, n)] + rng.normal(0, 500, (n, 2))).T
    return x, y


def _smooth(x: Floats, y: Floats, **changes: Any) -> DensitySurface:
    how: dict[str, Any] = {"bandwidth": BANDWIDTH, "bounds": BOUNDS, "cell": 100} | changes
    return kernel_density(x, y, **how)


def _centres(surface: DensitySurface) -> Floats:
    return np.column_stack([of.ravel() for of in np.meshgrid(surface.x, surface.y)])


def _sum_directly(
    surface: DensitySurface, x: Floats, y: Floats, bandwidth: float | Floats
) -> Floats:
    at_x, at_y = _centres(surface).T[..., None]
    heights = TEXTBOOK[surface.kernel](np.hypot(at_x - x, at_y - y) / bandwidth)
    return (heights / np.square(bandwidth)).sum(axis=1).reshape(surface.values.shape) * 1e6


def _of_highest(ours: Floats, theirs: Floats) -> float:
    return largest_difference(ours / theirs.max(), theirs / theirs.max(), relative=False)


def _compare_scipy(x: Floats, y: Floats, cells: str) -> Comparison:
    # scipy scales the covariance of the points: made round, its factor is a standard deviation
    spread = np.linalg.cholesky(np.cov(x, y))
    points = np.linalg.solve(spread, [x, y])
    surface = kernel_density(
        *points, bandwidth=0.3, bounds=(*(points.min(axis=1)), *(points.max(axis=1))),
        cell=0.1, kernel="gaussian",
    )  # fmt: skip
    scipy = stats.gaussian_kde(points, bw_method=0.3)(_centres(surface).T)
    return Comparison(
        "`kernel_density`, gaussian",
        "scipy's gaussian_kde, of the highest value",
        f"{cells}, turned to unit covariance",
        _of_highest(surface.values.ravel(), scipy * len(x) * 1e6),
        1e-9,
    )


def _compare_peer(x: Floats, y: Floats, cells: str) -> Iterator[Comparison]:
    if not find_spec("KDEpy"):
        return
    from KDEpy import TreeKDE

    surface = _smooth(x, y)
    # in bandwidths, as its cut-off depends on units; its own is a standard deviation
    fitted = TreeKDE(kernel="biweight", bw=np.sqrt(1 / 7)).fit(np.column_stack([x, y]) / BANDWIDTH)
    theirs = fitted.evaluate(_centres(surface) / BANDWIDTH).reshape(surface.values.shape)
    theirs *= len(x) / BANDWIDTH**2 * 1e6
    difference = _of_highest(surface.values, theirs)
    yield Comparison(
        "`kernel_density`, quartic",
        "KDEpy's TreeKDE, of the highest value",
        cells,
        difference,
        1e-4,
    )


def _compare_binned() -> Iterator[Comparison]:
    x, y = _towns(1500)
    for kernel, of in KERNELS.items():
        # as smooth as the quartic of twelve cells
        bandwidth = BANDWIDTH / np.sqrt(8 * of.variance)
        exact = _smooth(x, y, kernel=kernel, bandwidth=bandwidth, cell=50)
        binned = _smooth(x, y, kernel=kernel, bandwidth=bandwidth, cell=50, tolerance=0.5)
        yield Comparison(
            f"`kernel_density`, {kernel}, binned",
            "the exact sum, of the highest value; the bar is the error it states",
            "1,500 points, 140 × 100 cells",
            _of_highest(binned.values, exact.values),
            binned.error,
        )


def _compare_masses() -> Iterator[Comparison]:
    x, y = _towns(50)
    for kernel in TEXTBOOK:
        surface = kernel_density(
            x, y, bandwidth=100, bounds=(-4000, -4000, 11_000, 9000), cell=12.5, kernel=kernel
        )
        yield Comparison(
            f"mass of `kernel_density`, {kernel}",
            "the number of points",
            "50 points, 8 cells a bandwidth",
            largest_difference([surface.mass], [50.0]),
            1e-2 if kernel == "uniform" else 1e-3,
        )


def _compare_edges() -> Comparison:
    x, y = _towns(50)
    surface = _smooth(x, y, kernel="gaussian", cell=25, bandwidth=400)
    area = shapely.box(500, 500, 6500, 4500)
    inside = shapely.contains_xy(area, *np.meshgrid(surface.x, surface.y))
    shares = [
        stats.norm.cdf((end - at) / 400) - stats.norm.cdf((500 - at) / 400)
        for end, at in ((6500, surface.x), (4500, surface.y))
    ]
    within = shapely.intersects_xy(area, x, y)
    surface = _smooth(x[within], y[within], kernel="gaussian", cell=25, bandwidth=400)
    kept = correct_edges(surface, area).kept
    return Comparison(
        "share kept by `correct_edges`, gaussian",
        "products of normal integrals",
        "a rectangle of 15 × 10 bandwidths, 16 cells a bandwidth",
        largest_difference(kept[inside], np.multiply.outer(*shares[::-1])[inside]),
        1e-3,
    )


def _compare_contours() -> Comparison:
    surface = kernel_density([1000], [1000], bandwidth=900, bounds=(0, 0, 2000, 2000), cell=5)
    levels = np.array([0.1, 0.3, 0.6, 1.0])
    circles = np.pi * 0.9**2 * (1 - np.sqrt(levels * np.pi * 0.9**2 / 3))
    areas = contour_polygons(surface, levels).area.to_numpy()[::-1].cumsum()[::-1] / 1e6
    return Comparison(
        "areas of `contour_polygons`",
        "circles where the quartic kernel is that high",
        "one point, 180 cells a bandwidth",
        largest_difference(areas, circles),
        1e-3,
    )


def _compare_likelihood(x: Floats, y: Floats) -> Comparison:
    squared = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    np.fill_diagonal(squared, np.inf)

    def lost(log_h: float) -> float:
        h = np.exp(log_h)
        return -float(np.log(np.exp(-squared / 2 / h**2).sum(axis=1) / h**2).sum())

    best = optimize.minimize_scalar(lost, (np.log(100), np.log(500)))
    return Comparison(
        "`likelihood_bandwidth`, gaussian",
        "scipy's minimum of the likelihood, pair by pair",
        "400 points around three towns",
        largest_difference([likelihood_bandwidth(x, y, kernel="gaussian")], [np.exp(best.x)]),
        1e-2,
    )


def _compare_tails() -> Iterator[Comparison]:
    how = {"bandwidth": 250, "bounds": (0, 0, 1000, 600), "cell": 50}
    draws = 20_000
    # three Monte Carlo standard errors of p = 1/2
    bar = 1.5 / np.sqrt(draws)
    cases = kernel_density([175] * 7 + [875] * 3, [325] * 10, **how)
    for against, other, law in (
        ("events", [175] * 5 + [875] * 15, stats.hypergeom(30, 12, 10)),
        ("population", [175] * 5 + [875] * 15, stats.binom(10, 0.25)),
    ):
        controls = kernel_density(other, [325] * 20, **how)
        found = compare_densities(cases, controls, against=against, simulations=draws)
        ours = [found.p_high[6, 3], found.p_low[6, 3], found.p_high[6, 17]]
        theirs = [law.sf(6), law.cdf(7), law.cdf(7)]
        yield Comparison(
            f"p of `compare_densities` against {against}, {draws:,} draws",
            "hypergeometric tails" if against == "events" else "binomial tails",
            "10 cases and 20 controls at two spots",
            largest_difference(ours, theirs, relative=False),
            bar,
            relative=False,
        )
