"""What the interactive map holds: every text, number and polygon once, as short as may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.maps.captions import cut_text, has_polygon, name_mahallas
from hotspot.maps.compact import encode_integers, encode_naturals, encode_panel, round_values
from hotspot.maps.density_image import DensityImage
from hotspot.maps.outlines import (
    STEPS_PER_DEGREE,
    dissolve_districts,
    encode_polygon,
    place_names,
)
from hotspot.maps.web_layers import PATTERNS, list_layers
from hotspot.palette import ACCESSIBLE_COLOURS, classes_in

NAME_LENGTH = 120
LETTERS = {"red": "r", "yellow": "y", "green": "g", "not_assessed": "n", "not_red": "o"}
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
OWN_NAMES = {"uz_Cyrl": "name_cyrl", "ru": "name_ru"}


@dataclass(frozen=True)
class Past:
    """What is known of the months: categories, counts of single months, and the window's length.

    ``history``, ``counts`` and ``gi_bins`` are mahallas × months on the table's index; ``history``
    ends with the map's month, and ``gi_bins`` has its months.
    """

    history: pd.DataFrame
    counts: pd.DataFrame | None
    window: int
    gi_bins: pd.DataFrame | None = None


def gather_past(
    table: pd.DataFrame,
    month: pd.Period,
    *,
    history: pd.DataFrame | None,
    counts: pd.DataFrame | None,
    window: int,
    gi_bins: pd.DataFrame | None = None,
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
        raise InputError(
            _("the history of categories has no {month}: give it up to the month", month=month)
        )
    if not (history[month] == table["category"]).all():
        raise InputError(
            _("the history's categories of {month} are not those of the table", month=month)
        )
    if counts is not None:
        first = min(months[0] - window, month - SPARK_MONTHS) + 1
        counts = _by_month(counts, table.index, first=first, last=month)
    if gi_bins is not None:
        gi_bins = _by_month(gi_bins, table.index, first=None, last=month).reindex(columns=months)
    return Past(history, counts, window, gi_bins)


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
    flips: pd.DataFrame | None,
    density: DensityImage | None,
    colours: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the page's script reads, but the words.

    Parameters
    ----------
    table : GeoDataFrame
        All mahallas, in the order of their codes.
    simple : GeoSeries
        The simplified polygons of those that have one.
    past : Past
    neighbours : DataFrame, optional
        Columns ``mahalla_code, neighbour_code``.
    flips : DataFrame, optional
        Columns ``more, category_more, fewer, category_fewer``.
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
    classes = classes_in(table["category"])
    shapes = dict(zip(simple.index, simple.to_crs("EPSG:4326"), strict=True))
    return {
        "steps": STEPS_PER_DEGREE,
        "letters": {key: LETTERS[key] for key in classes},
        "palette": {key: [colours[key], ACCESSIBLE_COLOURS[key]] for key in classes},
        "layers": list_layers(
            table,
            counted=past.counts is not None,
            gi_months=past.gi_bins is not None,
            months=len(past.history.columns),
            density=density,
            colours=colours,
        ),
        "density": None if density is None else vars(density),
        "months": [str(month) for month in past.history.columns],
        "window": past.window,
        "codes": [str(code) for code in table.index],
        "names": name_mahallas(table, NAME_LENGTH),
        "own": _own_names(table),
        "places": [{"district": district, "region": region} for region, district in pairs],
        "home": home,
        "shapes": [encode_polygon(shapes[code]) if code in shapes else "" for code in table.index],
        "categories": _letters(past.history),
        **_count_data(past),
        "bins": [] if past.gi_bins is None else _bins(past.gi_bins),
        "flips": _flips(table.index, flips),
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


def _own_names(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the names in the scripts of other languages, "" where they are as the first."""
    found = {}
    for language, column in OWN_NAMES.items():
        own = _texts(table, column, NAME_LENGTH)
        pairs = zip(own, _texts(table, "name", NAME_LENGTH), strict=True)
        apart = ["" if name == plain else name for name, plain in pairs]
        if any(apart):
            found[language] = apart
    return found


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


def _bins(panel: pd.DataFrame) -> list[str]:
    """Return the bins of every month as a digit each, three higher."""
    found = panel.astype("Float64").add(3).astype("Int64").astype("string").fillna(UNKNOWN)
    return ["".join(row) for row in found.to_numpy().tolist()]


def _flips(index: pd.Index, flips: pd.DataFrame | None) -> dict[str, list[str]]:
    """Return how many offenses turn each mahalla, and after the number the letter of the colour."""
    if flips is None:
        return {}
    known = flips.reindex(index)
    return {
        way: [
            "" if pd.isna(number) else f"{round(number)}{LETTERS[category]}"
            for number, category in zip(known[way], known[f"category_{way}"], strict=True)
        ]
        for way in ("more", "fewer")
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
