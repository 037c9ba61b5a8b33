"""Invented regions to measure on: wiggly polygons, people, offenses; the same at every call.

Run as ``python -m benchmarks.regions FOLDER`` to write the regions of both sizes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse, special, stats

from hotspot.statistics.neighbours import contiguity

SIZES = (832, 9008)
CRS = "EPSG:32642"
ORIGIN = np.array([400_000.0, 4_200_000.0])
SIDE_M = 200_000.0
VERTICES = 72
MONTHS = 47
# the national figures: counted offenses a mahalla and year, and how unequal mahallas are
YEARLY_MEAN, DISPERSION = 4.135, 0.297

Floats = NDArray[np.float64]


def write_region(folder: Path, size: int) -> None:
    """Write a region's mahallas, pairs of neighbours and monthly counts."""
    rng = np.random.default_rng(size)
    mahallas = draw_mahallas(size, rng)
    neighbours = contiguity(mahallas)
    links = neighbours.graph.assign_self_weight(1).sparse
    mahallas["population"] = np.round(4170 * np.exp(0.4 * _smooth_normal(links, rng)))
    risk = stats.gamma.ppf(special.ndtr(_smooth_normal(links, rng)), DISPERSION)
    mean = risk * (YEARLY_MEAN / 12 / DISPERSION)
    counts = rng.poisson(np.repeat(mean[:, None], MONTHS, axis=1))
    months = pd.period_range("2021-03", periods=MONTHS, freq="M").astype(str)
    mahallas.to_parquet(folder / f"mahallas_{size}.parquet")
    neighbours.pairs.to_parquet(folder / f"pairs_{size}.parquet")
    pd.DataFrame(counts, mahallas.index, months).to_parquet(folder / f"counts_{size}.parquet")


def draw_mahallas(size: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw a square region of Voronoi cells with bent borders, half of them around towns."""
    seeds = _scatter(size, rng, towns=size // 50, clustered=0.5, spread=0.03)
    square = shapely.box(0, 0, 1, 1)
    cells = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=square)
    cells = shapely.intersection(shapely.get_parts(cells), square)
    # the step differs from cell to cell by its size, so borders are cut once, edge by edge
    edges = _cut(shapely.get_parts(shapely.node(shapely.union_all(shapely.boundary(cells)))))
    bent = shapely.transform(edges, _bend)
    shapes = shapely.get_parts(shapely.polygonize(bent))
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    shapes = shapes[np.lexsort(inside.T)]
    codes = pd.Index([f"1710{i:06d}" for i in range(len(shapes))], name="mahalla_code")
    return gpd.GeoDataFrame(index=codes, geometry=shapes, crs=CRS)


def scatter_points(size: int, number: int) -> tuple[Floats, Floats]:
    """Scatter points over a region, 70 % of them around towns."""
    rng = np.random.default_rng(number)
    points = _scatter(number, rng, towns=size // 20, clustered=0.7, spread=0.01)
    x, y = (ORIGIN + SIDE_M * points).T
    return x, y


def read_mahallas(folder: Path, size: int) -> gpd.GeoDataFrame:
    """Read a region's polygons and populations."""
    return gpd.read_parquet(folder / f"mahallas_{size}.parquet")


def read_counts(folder: Path, size: int, *, window: int) -> pd.DataFrame:
    """Read a region's counts in 36 windows of so many months."""
    counts = pd.read_parquet(folder / f"counts_{size}.parquet")
    counts.columns = pd.PeriodIndex(counts.columns, freq="M")
    return counts.T.rolling(window).sum().T.iloc[:, -36:].astype(np.int64)


def read_graph(folder: Path, size: int) -> Graph:
    """Read who is whose neighbour."""
    pairs = pd.read_parquet(folder / f"pairs_{size}.parquet")
    return Graph.from_arrays(pairs["mahalla_code"], pairs["neighbour_code"], np.ones(len(pairs)))


def _scatter(
    number: int, rng: np.random.Generator, *, towns: int, clustered: float, spread: float
) -> Floats:
    centres = rng.uniform(0.08, 0.92, (towns, 2))
    home = rng.integers(0, towns, int(clustered * number))
    near = centres[home] + rng.normal(0, spread, (len(home), 2))
    anywhere = rng.uniform(0, 1, (number - len(home), 2))
    # folded back at the edge of the region
    return np.abs(1 - np.abs(1 - np.abs(np.vstack([near, anywhere]))))


def _cut(edges: NDArray[np.object_]) -> NDArray[np.object_]:
    # a cell has six edges on average
    return np.array([shapely.segmentize(e, e.length / (VERTICES // 6) * 1.0001) for e in edges])


def _bend(points: Floats) -> Floats:
    # waves whose slopes stay below one: the plane is bent, never folded
    x, y = points.T
    east = np.sin(61 * y + 1) / 300 + np.sin(190 * y + 90 * x) / 1100 + np.sin(620 * y) / 3200
    north = np.sin(67 * x + 2) / 300 + np.sin(170 * x - 80 * y) / 1100 + np.sin(590 * x) / 3200
    return np.round(ORIGIN + SIDE_M * (points + np.column_stack([east, north])), 3)


def _smooth_normal(links: sparse.sparray, rng: np.random.Generator) -> Floats:
    """Draw standard normal numbers that are alike among neighbours."""
    noise = rng.standard_normal(links.shape[0])
    smooth = links @ (links @ noise) / np.asarray((links @ links).sum(axis=1)).ravel()
    smooth = (smooth - smooth.mean()) / smooth.std() + rng.standard_normal(len(noise))
    return smooth / np.sqrt(2)


if __name__ == "__main__":
    for region_size in SIZES:
        write_region(Path(sys.argv[1]), region_size)
