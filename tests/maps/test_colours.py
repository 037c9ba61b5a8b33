"""Every reader tells the categories apart: colour blindness simulated, differences counted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pytest

from hotspot.palette import ACCESSIBLE_COLOURS, CATEGORIES, COLOURS, TWO_CLASSES

# Machado, Oliveira & Fernandes (2009), doi:10.1109/TVCG.2009.113, table 1, severity 1; linear RGB
SIMULATED = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Viénot, Brettel & Mollon (1999), doi:10.1002/(SICI)1520-6378(199908)24:4<243::AID-COL5>3.0.CO;2-3,
# the dichromats' planes in linear RGB: another model, for the two that it has
OTHERWISE = {
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(colour: str, seen: list[list[float]] | None) -> np.ndarray:
    """Return a colour in CIELAB, as it is or as it is seen."""
    rgb = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if seen is not None:
        linear = np.clip(np.array(seen) @ linear, 0, 1)
    t = TO_XYZ @ linear / TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / 3 / (6 / 29) ** 2 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def smallest(
    colours: Mapping[str, str], keys: tuple[str, ...], seen: list[list[float]] | None
) -> float:
    """Return the smallest difference, CIE 1976, of any two categories."""
    places = {key: lab(colours[key], seen) for key in keys}
    return min(float(np.linalg.norm(places[a] - places[b])) for a, b in combinations(keys, 2))


def test_the_formula_is_that_of_the_standard() -> None:
    # white and the primary red of sRGB, as published: 100, 0, 0 and 53.24, 80.09, 67.20
    assert lab("#ffffff", None) == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#ff0000", None) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


def test_plain_red_yellow_and_green_would_not_do() -> None:
    plain = {"red": "#ff0000", "yellow": "#ffff00", "green": "#00ff00", "not_assessed": "#cccccc"}
    assert smallest(plain, CATEGORIES, SIMULATED["deuteranopia"]) < 30


@pytest.mark.parametrize("colours", [COLOURS, ACCESSIBLE_COLOURS], ids=["plain", "accessible"])
@pytest.mark.parametrize("keys", [CATEGORIES, TWO_CLASSES], ids=["four", "two"])
def test_any_two_categories_differ_for_every_reader(colours, keys) -> None:
    for seen in (None, *SIMULATED.values(), *OTHERWISE.values()):
        assert smallest(colours, keys, seen) >= 30
