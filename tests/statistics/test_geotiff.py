"""A GeoTIFF read back tag by tag, as the standard has them."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hotspot.errors import InputError
from hotspot.statistics.geotiff import geotiff_bytes, turn_north_up
from hotspot.statistics.kernel_density import DensitySurface, kernel_density


@pytest.fixture
def surface() -> DensitySurface:
    x, y = np.random.default_rng(1).uniform(
        [[500_000], [4_300_000]], [[507_000], [4_305_000]], (2, 90)
    )
    return kernel_density(
        x, y, bandwidth=900, cell=100, crs="EPSG:32642",
        bounds=(500_000, 4_300_000, 507_000, 4_305_000),
    )  # fmt: skip


def read_tags(file: bytes) -> dict[int, tuple[int, int, bytes]]:
    """Return each tag's type, number and bytes, by the layout of TIFF 6.0 and nothing else."""
    assert file[:4] == b"II*\x00"
    (at,) = struct.unpack("<I", file[4:8])
    (entries,) = struct.unpack("<H", file[at : at + 2])
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 12: 8}
    found = {}
    for i in range(entries):
        entry = file[at + 2 + 12 * i :][:12]
        tag, kind, number = struct.unpack("<HHI", entry[:8])
        size = sizes[kind] * number
        begin = struct.unpack("<I", entry[8:])[0]
        found[tag] = kind, number, entry[8 : 8 + size] if size <= 4 else file[begin : begin + size]
    return found


def test_the_tags_say_where_and_in_what_the_values_are(surface: DensitySurface) -> None:
    tags = read_tags(geotiff_bytes(surface))
    assert tags[33550] == (12, 3, struct.pack("<3d", 100, 100, 0))
    assert tags[33922] == (12, 6, struct.pack("<6d", 0, 0, 0, 500_000, 4_305_000, 0))
    # projected, pixels are areas, UTM zone 42 north
    keys = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32642)
    assert tags[34735] == (3, 16, struct.pack("<16H", *keys))
    assert tags[42113] == (2, 4, b"nan\0")
    # 70 by 50 numbers of 32 bits, floating, uncompressed; without tag 277 in one band
    one = {256: 70, 257: 50, 258: 32, 259: 1, 339: 3}
    assert {tag: int.from_bytes(tags[tag][2][:2], "little") for tag in one} == one


def test_the_values_are_those_of_the_surface_from_the_north(surface: DensitySurface) -> None:
    values = surface.values.copy()
    values[3, 4] = np.nan
    image = np.asarray(Image.open(BytesIO(geotiff_bytes(replace(surface, values=values)))))
    np.testing.assert_array_equal(image, values[::-1].astype(np.float32))


def test_the_transform_leads_from_a_cell_to_its_centre(surface: DensitySurface) -> None:
    values, (west, across, skew, north, turn, down) = turn_north_up(surface)
    assert (skew, turn) == (0, 0)
    row, column = 7, 11
    assert west + (column + 0.5) * across == pytest.approx(surface.x[column])
    assert north + (row + 0.5) * down == pytest.approx(surface.y[-1 - row])
    assert values[row, column] == surface.values[-1 - row, column]


def test_the_same_surface_gives_the_same_bytes(surface: DensitySurface) -> None:
    assert geotiff_bytes(surface) == geotiff_bytes(surface)


def test_without_a_reference_system_there_are_no_keys(surface: DensitySurface) -> None:
    assert 34735 not in read_tags(geotiff_bytes(replace(surface, crs=None)))


@pytest.mark.parametrize("crs", ["EPSG:4326", "+proj=laea +lat_0=41 +lon_0=64"])
def test_a_system_without_a_projected_code_is_refused(surface: DensitySurface, crs: str) -> None:
    sentence = (
        f"A GeoTIFF names its reference system by a projected EPSG code, and {crs} has none; "
        "estimate the density in one that has."
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        geotiff_bytes(replace(surface, crs=crs))


def test_a_system_that_is_none_is_refused(surface: DensitySurface) -> None:
    sentence = "There is no reference system EPSG:32; give its EPSG code."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        geotiff_bytes(replace(surface, crs="EPSG:32"))
