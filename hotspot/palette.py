"""The categories in their order, and how each looks on a screen, on paper and in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hotspot.language import mark

CATEGORIES = ("red", "yellow", "green", "not_assessed")
"""The keys of the categories, the gravest first; every legend and table keeps this order."""

TWO_CLASSES = ("red", "not_red")
"""Those of a public month that does not tell where nothing happened."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "red": mark("Red"),
        "yellow": mark("Yellow"),
        "green": mark("Green"),
        "not_assessed": mark("Not assessed"),
        "not_red": mark("Not red"),
    }
)
"""The categories' names in English; ``_`` says them in the language spoken."""

# chosen by simulated colour blindness of the three types: the smallest difference (CIE 1976) of any
# two categories is 31 for the default and 33 for the accessible set (there 41 for the commonest
# type), against 10 for plain red, yellow and green
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "red": "#b10026",
        "yellow": "#ffcc33",
        "green": "#4daf7c",
        "not_assessed": "#e4e6ea",
        "not_red": "#f4f5f7",
    }
)
ACCESSIBLE_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "red": "#a50026",
        "yellow": "#f5b82e",
        "green": "#1f8a84",
        "not_assessed": "#e4e6ea",
        "not_red": "#f4f5f7",
    }
)

INKS: Mapping[str, str] = MappingProxyType(
    {
        "red": "#ffffff",
        "yellow": "#1f2430",
        "green": "#1f2430",
        "not_assessed": "#1f2430",
        "not_red": "#1f2430",
    }
)
"""The colour of text and hatches that can be read on a category's colour."""

HATCHES: Mapping[str, str] = MappingProxyType(
    {"red": "////", "yellow": "....", "green": "", "not_assessed": "\\\\\\\\", "not_red": ""}
)
"""Matplotlib hatches, so that a black-and-white copy still tells the categories apart."""

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {"red": "■", "yellow": "▲", "green": "●", "not_assessed": "○", "not_red": "□"}
)
"""One sign a category, for tables and lists without colour; DejaVu Sans has all of them."""


def classes_in(categories: Iterable[object]) -> tuple[str, ...]:
    """Return the classes that a legend has: two where the month is told in two, else four.

    Examples
    --------
    >>> classes_in(["green", "red"]), classes_in(["red", "not_red"])
    (('red', 'yellow', 'green', 'not_assessed'), ('red', 'not_red'))
    """
    return TWO_CLASSES if "not_red" in set(categories) else CATEGORIES
