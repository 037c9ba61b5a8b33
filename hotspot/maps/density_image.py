"""A density surface as a picture that lies right on a web map."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray
from PIL import Image
from pyproj import CRS, Transformer
from scipy.interpolate import RegularGridInterpolator

from hotspot.maps.outlines import unite_polygons

Density = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], Any]
"""Values (rows are y, columns are x), the cells' x centres, their y centres, and the CRS."""

# blue to violet: none of the categories' hues, and dark is much
RAMP = ("#9ecae1", "#6a7fd0", "#6a3fb5", "#3f007d")
LEVELS = 64
LONGEST_SIDE = 512
SPREAD = 0.7


@dataclass(frozen=True)
class DensityImage:
    """A picture, the corners it is laid on, and the density its darkest colour stands for."""

    data_uri: str
    bounds: list[list[float]]
    highest: float


def draw_density(density: Density, within: gpd.GeoSeries) -> DensityImage:
    """Return a density surface as a PNG in the projection of web maps.

    Parameters
    ----------
    density : tuple
        ``(values, x, y, crs)``: a 2-D array whose rows are the y centres and columns the x
        centres, both increasing and evenly spaced, in a CRS in metres; NaN where unknown.
    within : GeoSeries
        Polygons, in any CRS. Outside of them the picture is transparent, for there the kernel
        only smears what happened inside; holes among them are mahallas without polygon and stay.

    Returns
    -------
    DensityImage
        A data URI, ``[[south, west], [north, east]]`` in degrees, and the highest density.

    Notes
    -----
    Every pixel's centre is brought back from Web Mercator to the surface's CRS and takes the
    bilinear value there, so the picture is not merely stretched between its corners. The darkest
    colour is the highest density.

    Examples
    --------
    >>> peak = np.array([[0.0, 0, 0], [0, 8, 0], [0, 0, 0]])
    >>> centres = np.array([0.0, 1000, 2000])
    >>> region = gpd.GeoSeries([shapely.box(5e5, 43e5, 502e3, 4302e3)], crs="EPSG:32642")
    >>> image = draw_density((peak, 5e5 + centres, 43e5 + centres, "EPSG:32642"), region)
    >>> image.highest, image.data_uri[:22]
    (8.0, 'data:image/png;base64,')
    """
    values, x, y, crs = density
    step_x, step_y = float(x[1] - x[0]), float(y[1] - y[0])
    edges = (
        float(x[0]) - step_x / 2,
        float(y[0]) - step_y / 2,
        float(x[-1]) + step_x / 2,
        float(y[-1]) + step_y / 2,
    )
    to_mercator = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:3857", always_xy=True)
    west, south, east, north = to_mercator.transform_bounds(*edges)

    # no finer than the surface itself
    pixel = max(
        (east - west) / min(LONGEST_SIDE, 2 * len(x)),
        (north - south) / min(LONGEST_SIDE, 2 * len(y)),
    )
    columns = int(np.ceil((east - west) / pixel))
    rows = int(np.ceil((north - south) / pixel))
    east, south = west + columns * pixel, north - rows * pixel
    across, down = np.meshgrid(
        west + (np.arange(columns) + 0.5) * pixel, north - (np.arange(rows) + 0.5) * pixel
    )
    back_x, back_y = to_mercator.transform(across, down, direction="INVERSE")
    surface = RegularGridInterpolator(
        (y, x), np.nan_to_num(values), bounds_error=False, fill_value=0.0
    )
    region = unite_polygons(within.to_crs(crs).to_numpy())
    shapely.prepare(region)
    pixels = surface((back_y, back_x)) * shapely.contains_xy(region, back_x, back_y)

    highest = float(np.nanmax(values, initial=0.0))
    share = pixels / highest if highest > 0 else np.zeros_like(pixels)
    # spreads the many low values, which a long-tailed surface would leave blank
    levels = np.rint(np.clip(share, 0, 1) ** SPREAD * (LEVELS - 1)).astype(np.uint8)
    degrees = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    (left, right), (bottom, top) = degrees.transform([west, east], [south, north])
    bounds = [[round(bottom, 6), round(left, 6)], [round(top, 6), round(right, 6)]]
    return DensityImage(_encode_png(levels), bounds, highest)


def _encode_png(levels: NDArray[np.uint8]) -> str:
    """Return levels as a PNG with a palette that grows darker and more solid."""
    colours = LinearSegmentedColormap.from_list("density", RAMP)(np.linspace(0, 1, LEVELS))
    image = Image.fromarray(levels)
    image.putpalette(np.rint(colours[:, :3] * 255).astype(np.uint8).tobytes())
    solidity = np.rint(255 * np.minimum(np.linspace(0, 1.3, LEVELS), 0.85)).astype(np.uint8)
    written = BytesIO()
    image.save(written, "PNG", transparency=solidity.tobytes())
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode("ascii")
