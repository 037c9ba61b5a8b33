"""A surface as a GeoTIFF: the file that geographic information systems open."""

from __future__ import annotations

from io import BytesIO
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin
from pyproj import CRS
from pyproj.exceptions import CRSError

from hotspot.errors import InputError
from hotspot.language import _

Array = NDArray[np.float64]

# tags of TIFF that GeoTIFF and GDAL added, and their types: 2 text, 3 short, 12 double
PIXEL_SCALE, TIE_POINT, GEO_KEYS, NO_DATA = 33550, 33922, 34735, 42113
TYPES = {PIXEL_SCALE: 12, TIE_POINT: 12, GEO_KEYS: 3, NO_DATA: 2}


class _Surface(Protocol):
    @property
    def values(self) -> Array: ...
    @property
    def x(self) -> Array: ...
    @property
    def y(self) -> Array: ...
    @property
    def cell(self) -> float: ...
    @property
    def crs(self) -> str | None: ...


def turn_north_up(surface: _Surface) -> tuple[Array, tuple[float, ...]]:
    """Return a surface as raster software wants it: first row in the north, and six numbers.

    Parameters
    ----------
    surface : a density, as `kernel_density` returns it.

    Returns
    -------
    values : rows from north to south, columns from west to east; NaN where unknown.
    transform : in GDAL's order: west, cell, 0, north, 0, -cell, of the outer corner in the
        north-west. rasterio takes ``Affine.from_gdal(*transform)``.

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> surface = kernel_density([1500], [500], bandwidth=1000, bounds=(0, 0, 3000, 2000), cell=1e3)
    >>> values, transform = turn_north_up(surface)
    >>> values.round(3)
    array([[0.   , 0.   , 0.   ],
           [0.   , 0.955, 0.   ]])
    >>> transform
    (0.0, 1000.0, 0.0, 2000.0, 0.0, -1000.0)
    """
    half, cell = surface.cell / 2, surface.cell
    corner = float(surface.x[0]) - half, float(surface.y[-1]) + half
    return surface.values[::-1], (corner[0], cell, 0.0, corner[1], 0.0, -cell)


def geotiff_bytes(surface: _Surface) -> bytes:
    r"""Return a surface as the bytes of a GeoTIFF, the same for the same surface.

    Parameters
    ----------
    surface : a density, as `kernel_density` returns it. Its CRS must have an EPSG code, or be
        absent: then the file has its place but no reference system.

    Returns
    -------
    bytes
        One band of 32-bit floats, uncompressed; unknown cells are NaN and declared as no data.

    Raises
    ------
    InputError
        If the CRS is not a projected one with an EPSG code.

    References
    ----------
    OGC GeoTIFF Standard 1.1. http://docs.opengeospatial.org/is/19-008r4/19-008r4.html

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> surface = kernel_density([1500], [500], bandwidth=1000, bounds=(0, 0, 3000, 1000), cell=1e3)
    >>> geotiff_bytes(surface)[:4]
    b'II*\x00'
    """
    values, (west, cell, _, north, _, _) = turn_north_up(surface)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, kind in TYPES.items():
        tags.tagtype[tag] = kind
    tags[PIXEL_SCALE] = (cell, cell, 0.0)
    tags[TIE_POINT] = (0.0, 0.0, 0.0, west, north, 0.0)
    tags[NO_DATA] = "nan"
    if surface.crs is not None:
        # version 1.1.0 with three keys: projected, pixels are areas, and the code
        keys = (1024, 0, 1, 1), (1025, 0, 1, 1), (3072, 0, 1, _projected_code(surface.crs))
        tags[GEO_KEYS] = (1, 1, 0, len(keys), *(number for key in keys for number in key))
    written = BytesIO()
    Image.fromarray(values.astype(np.float32)).save(written, "TIFF", tiffinfo=tags)
    return written.getvalue()


def _projected_code(crs: str) -> int:
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        raise InputError(
            _("There is no reference system {crs}; give its EPSG code.", crs=crs)
        ) from None
    code = system.to_epsg()
    if code is None or not system.is_projected:
        raise InputError(
            _(
                "A GeoTIFF names its reference system by a projected EPSG code, and {crs} has "
                "none; estimate the density in one that has.",
                crs=crs,
            )
        )
    return int(code)
