"""What the interactive map holds: every text, number and polygon once, as short as may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.maps.captions import cut_text, has_polygon, name_mahallas
from hotspot.maps.compact import (
    encode_integers,
    encode_naturals,
    encode_panel,
    round_values,
    share_sentences,
)
from hotspot.maps.density_image import DensityImage
from hotspot.maps.outlines import (
    STEPS_PER_DEGREE,
    dissolve_districts,
    encode_polygon,
    place_names,
)
from hotspot.maps.web_layers import PATTERNS, list_layers
from hotspot.palette import ACCESSIBLE_COLOURS, CATEGORIES

NAME_LENGTH = 120
REASON_LENGTH = 600
LETTERS = {"red": "r", "yellow": "y", "green": "g", "not_assessed": "n"}
UNKNOWN = "-"
# months before the first category that a reader may want to see
SPARK_MONTHS = 24

NUMBERS = (
    "count", "population", "rate", "rate_ratio", "expected", "count_ratio", "gi_z", "gi_q",
    "gi_pop_q", "gi_bin", "density", "excess_probability", "rate_excess_probability",
    "red_probability",
)  # fmt: skip
WHOLE = ("count", "population", "gi_bin")
CHOICES = {"trend": ("up", "down", "none"), "pattern": tuple(PATTERNS)}
OTHER_NAMES = ("name_cyrl", "name_ru")


@dataclass(frozen=True)
class Past:
    """What is known of the months: categories, counts of single months, and the window's length.

    ``history`` and ``counts`` are mahallas × months on the table's index, ``history`` ends with
    the map's month.
    """

    history: pd.DataFrame
    counts: pd.DataFrame | None
    window: int


def gather_past(
    table: pd.DataFrame,
    month: pd.Period,
    *,
    history: pd.DataFrame | None,
    counts: pd.DataFrame | None,
    window: int,
) -> Past:
    """Return the months on the table's index, up to the map's month.

    Raises
    ------
    InputError
        The history does not know the month, or its categories there are not the table's.
    """
    if history is None:
        history = pd.DataFrame({month: table["category"]})
    history = _by_month(history, table.index, first=None, last=month)
    months = pd.PeriodIndex(history.columns)
    if month not in months:
        raise InputError(f"the history of categories has no {month}: give it up to the month")
    if not (history[month] == table["category"]).all():
        raise InputError(f"the history's categories of {month} are not those of the table")
    if counts is not None:
        first = min(months[0] - window, month - SPARK_MONTHS) + 1
        counts = _by_month(counts, table.index, first=first, last=month)
    return Past(history, counts, window)


def _by_month(
    panel: pd.DataFrame, index: pd.Index, *, first: pd.Period | None, last: pd.Period
) -> pd.DataFrame:
    months = pd.PeriodIndex([str(month) for month in panel.columns], freq="M")
    panel = panel.set_axis(months, axis=1).reindex(index)
    return panel[[m for m in sorted(months) if m <= last and (first is None or m >= first)]]


def gather_data(
    table: gpd.GeoDataFrame,
    simple: gpd.GeoSeries,
    past: Past,
    *,
    neighbours: pd.DataFrame | None,
    density: DensityImage | None,
    colours: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the page's script reads.

    Parameters
    ----------
    table : GeoDataFrame
        All mahallas, in the order of their codes.
    simple : GeoSeries
        The simplified polygons of those that have one.
    past : Past
    neighbours : DataFrame, optional
        Columns ``mahalla_code, neighbour_code``.
    density : DensityImage, optional
    colours : mapping
        A colour for every category.

    Returns
    -------
    dict
        Lists of the same length and order for the mahallas: ``codes, names, districts`` (numbers
        of ``places``), ``categories`` (a letter a month), ``counts``, ``shapes`` and so on.
    """
    drawn = has_polygon(table)
    districts = [cut_text(name, NAME_LENGTH) for name in table["district"]]
    regions = _texts(table, "region", NAME_LENGTH)
    # districts of two regions may bear one name
    pairs = sorted({(r, d) for r, d in zip(regions, districts, strict=True) if d})
    place = {pair: number for number, pair in enumerate(pairs)}
    home = [place.get(pair, -1) for pair in zip(regions, districts, strict=True)]
    shapes = dict(zip(simple.index, simple.to_crs("EPSG:4326"), strict=True))
    forms, reasons = share_sentences(_texts(table, "reason", REASON_LENGTH))
    return {
        "steps": STEPS_PER_DEGREE,
        "letters": LETTERS,
        "palette": {key: [colours[key], ACCESSIBLE_COLOURS[key]] for key in CATEGORIES},
        "layers": list_layers(
            table,
            counted=past.counts is not None,
            months=len(past.history.columns),
            density=density,
            colours=colours,
        ),
        "density": None if density is None else vars(density),
        "months": [str(month) for month in past.history.columns],
        "window": past.window,
        "codes": [str(code) for code in table.index],
        "names": name_mahallas(table, NAME_LENGTH),
        "others": _other_names(table),
        "places": [{"district": district, "region": region} for region, district in pairs],
        "home": home,
        "shapes": [encode_polygon(shapes[code]) if code in shapes else "" for code in table.index],
        "categories": _letters(past.history),
        **_count_data(past),
        "forms": forms,
        "reasons": reasons,
        "numbers": {
            name: _whole(table[name]) if name in WHOLE else round_values(table[name])
            for name in NUMBERS
            if name in table.columns and table[name].notna().any()
        },
        "choices": _choices(table),
        "neighbours": _neighbours(table.index, neighbours),
        **_outlines(simple, [home[i] for i in np.flatnonzero(drawn)], pairs),
    }


def _texts(table: pd.DataFrame, column: str, length: int) -> list[str]:
    if column not in table.columns:
        return [""] * len(table)
    return [cut_text(value, length) for value in table[column]]


def _other_names(table: pd.DataFrame) -> list[str]:
    """Return the names in other scripts and languages, to be searched only."""
    columns = [_texts(table, name, NAME_LENGTH) for name in OTHER_NAMES if name in table.columns]
    return [" ".join(filter(None, names)) for names in zip(*columns, strict=True)]


def _letters(history: pd.DataFrame) -> list[str]:
    letters = history.apply(lambda month: month.map(LETTERS).fillna(UNKNOWN))
    return ["".join(row) for row in letters.to_numpy().tolist()]


def _count_data(past: Past) -> dict[str, Any]:
    """Return the counts of single months, and of how many years each window has records."""
    if past.counts is None:
        return {"countMonths": [], "counts": [], "years": []}
    observed = (past.counts.sum() > 0).astype(int).rolling(past.window, min_periods=1).sum() / 12
    return {
        "countMonths": [str(month) for month in past.counts.columns],
        "counts": encode_panel(past.counts),
        "years": [round(float(years), 4) for years in observed],
    }


def _whole(values: pd.Series) -> list[int | None]:
    return [None if pd.isna(value) else round(float(value)) for value in values]


def _choices(table: pd.DataFrame) -> dict[str, Any]:
    """Return columns of words as a letter a mahalla, the letter of the word's place in its list."""
    found = {}
    for name, words in CHOICES.items():
        if name in table.columns and table[name].notna().any():
            place = {word: number for number, word in enumerate(words, start=1)}
            letters = encode_naturals(place.get(value, 0) for value in table[name])
            found[name] = {"words": words, "letters": letters}
    return found


def _neighbours(index: pd.Index, pairs: pd.DataFrame | None) -> list[str]:
    """Return every mahalla's neighbours as distances in the list of mahallas."""
    if pairs is None:
        return []
    own, other = (index.get_indexer(pd.Index(pairs[c])) for c in ("mahalla_code", "neighbour_code"))
    beside: list[list[int]] = [[] for _ in index]
    for i, j in sorted(set(zip(own.tolist(), other.tolist(), strict=True))):
        if i >= 0 and j >= 0 and i != j:
            beside[i].append(j - i)
    return [encode_integers(steps) for steps in beside]


def _outlines(
    simple: gpd.GeoSeries, home: Sequence[int], places: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Return the outlines of districts, where their names stand, and the outlines of regions."""
    # numbered so that the outlines' order is the places' own
    keys = ["" if number < 0 else f"{number:06d}" for number in home]
    districts = dissolve_districts(simple, keys)
    numbers = [int(key) for key in districts.index]
    regions = dissolve_districts(districts, [places[number][0] for number in numbers])
    centres = place_names(districts).to_crs("EPSG:4326")
    return {
        "outlined": numbers,
        "outlines": [encode_polygon(outline) for outline in districts.to_crs("EPSG:4326")],
        "centres": [
            [round(point.x * STEPS_PER_DEGREE), round(point.y * STEPS_PER_DEGREE)]
            for point in centres
        ],
        "regions": [encode_polygon(outline) for outline in regions.to_crs("EPSG:4326")]
        if len(regions) > 1
        else [],
    }
