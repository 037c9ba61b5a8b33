"""What the interactive map can show: each layer's classes, their colours and the words for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from hotspot.maps.density_image import RAMP, SPREAD, DensityImage
from hotspot.palette import classes_in

# light to dark, no hue of a category
SEQUENCE = ("#eef0f8", "#c6cde8", "#95a3d3", "#6676b8", "#414b93", "#23265f")
GI = {
    "3": "#8c1a3d", "2": "#cf5c63", "1": "#efb6a4", "0": "#eceef1",
    "-1": "#b3cde3", "-2": "#6a9bc9", "-3": "#2f5f9e",
}  # fmt: skip
CHANGES = {
    "to_red": "#b10026", "up": "#f0a35e", "same": "#eceef1", "down": "#9fc3dd",
    "from_red": "#2f6ea5", "unknown": "#c9ccd3",
}  # fmt: skip
# from the most alarming to the quietest, hot then cold
PATTERNS = {
    "intensifying_hot": "#6b0a2b", "persistent_hot": "#8c1a3d", "consecutive_hot": "#b13a4f",
    "new_hot": "#cf5c63", "sporadic_hot": "#e08a83", "oscillating_hot": "#e9a695",
    "diminishing_hot": "#efc0ae", "historical_hot": "#f4d9cd", "no_pattern": "#eceef1",
    "historical_cold": "#d6e3ef", "diminishing_cold": "#bcd3e6", "oscillating_cold": "#a4c2dd",
    "sporadic_cold": "#89afd3", "new_cold": "#6a9bc9", "consecutive_cold": "#4f84b8",
    "persistent_cold": "#3a6fa7", "intensifying_cold": "#214b84",
}  # fmt: skip
UNKNOWN = "#c9ccd3"
LIKELY = (0.05, 0.25, 0.5, 0.75, 0.95)
COUNTS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


def list_layers(
    table: gpd.GeoDataFrame,
    *,
    counted: bool,
    gi_months: bool,
    months: int,
    density: DensityImage | None,
    colours: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return the layers that a table has the numbers for.

    Parameters
    ----------
    table : GeoDataFrame
        The table of mahallas; a layer whose column is missing or empty is left out.
    counted : bool
        Whether counts month by month are known, so that count and rate have a past.
    gi_months : bool
        Whether the bins of Gi* are known month by month.
    months : int
        How many months of categories are known.
    density : DensityImage, optional
        The surface.
    colours : mapping
        A colour for every category.

    Returns
    -------
    list of dict
        ``key``; ``months`` (True where every month has a value); ``classes``, each with ``colour``
        and either ``value`` and ``word`` or, for numbers, ``low`` and ``high`` (low included, high
        not; a first class of exactly zero has both 0); ``whole`` where the numbers are.
    """
    layers: list[dict[str, Any]] = [
        {
            "key": "category",
            "months": True,
            "classes": [
                {"value": key, "word": f"category.{key}", "colour": colours[key]}
                for key in classes_in(table["category"])
            ],
        }
    ]

    def add(key: str, classes: Sequence[Mapping[str, Any]], *, past: bool = False) -> None:
        unknown = {"value": None, "word": "no_value", "colour": UNKNOWN}
        layers.append({"key": key, "months": past, "classes": [*classes, unknown]})

    if _known(table, "count"):
        add("count", _numeric(_count_steps(table["count"])), past=counted)
        layers[-1]["whole"] = True
    if _known(table, "rate"):
        add("rate", _numeric(_quantiles(table["rate"])), past=counted)
    if gi_months or _known(table, "gi_bin"):
        words = [{"value": int(v), "word": f"gi.{v}", "colour": colour} for v, colour in GI.items()]
        add("gi_bin", words, past=gi_months)
    if density is not None:
        steps = _quantiles(table["density"]) if _known(table, "density") else []
        add("density", [c | {"colour": _on_ramp(c, density)} for c in _numeric(steps)])
    if months > 1:
        add("change", _valued("change", CHANGES), past=True)
    if _known(table, "pattern"):
        found = set(table["pattern"].dropna())
        add("pattern", _valued("pattern", {k: v for k, v in PATTERNS.items() if k in found}))
    if _known(table, "red_probability"):
        add("red_probability", _numeric([0.0, *LIKELY])[1:])
    return layers


def _known(table: pd.DataFrame, column: str) -> bool:
    return column in table.columns and bool(table[column].notna().any())


def _valued(layer: str, colours: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"value": value, "word": f"{layer}.{value}", "colour": colour}
        for value, colour in colours.items()
    ]


def _numeric(steps: Sequence[float]) -> list[dict[str, Any]]:
    """Return classes: zero by itself, then from step to step, the last without end."""
    if not steps:
        return []
    ramp = LinearSegmentedColormap.from_list("steps", SEQUENCE)
    shades = [to_hex(ramp(share)) for share in np.linspace(0, 1, len(steps) + 1)]
    ends = [*steps[1:], None]
    classes: list[dict[str, Any]] = [{"low": 0, "high": 0, "colour": shades[0]}]
    classes += [
        {"low": low, "high": high, "colour": shade}
        for low, high, shade in zip(steps, ends, shades[1:], strict=True)
    ]
    return classes


def _count_steps(values: pd.Series) -> list[float]:
    """Return the round numbers that the counts reach, six at most."""
    reached = [step for step in COUNTS if step <= max(float(values.max()), 1)]
    return [*reached[:3], *reached[3:][-3:]]


def _quantiles(values: pd.Series) -> list[float]:
    """Return steps that part the numbers above zero into classes of like size, two digits each."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    above = numbers[numbers > 0]
    if not len(above):
        return []
    found = np.quantile(above, [0.25, 0.5, 0.75, 0.9, 0.97])
    return [0.0, *sorted({float(f"{step:.2g}") for step in found})]


def _on_ramp(step: Mapping[str, Any], density: DensityImage) -> str:
    """Return the colour that the surface has where it is as high as a class begins."""
    share = min(step["low"] / density.highest, 1.0) if density.highest > 0 else 0.0
    ramp = LinearSegmentedColormap.from_list("density", RAMP)
    return "#ffffff" if step["high"] == 0 else to_hex(ramp(share**SPREAD))
