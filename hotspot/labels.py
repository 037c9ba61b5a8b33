"""Short headings of columns and names of values, as maps, workbook and report show them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotspot.language import _, mark

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "month": mark("Month"),
        "mahalla_code": mark("Code"),
        "name": mark("Mahalla"),
        "district": mark("District"),
        "region": mark("Region"),
        "population": mark("Population"),
        "count": mark("Offenses in the window"),
        "count_month": mark("In the month"),
        "count_ytd": mark("January to date"),
        "count_ytd_last_year": mark("Same months last year"),
        "count_ratio": mark("Count to the mean"),
        "rate": mark("Rate per 100,000 a year"),
        "rate_ratio": mark("Rate to the whole's"),
        "expected": mark("Expected by population"),
        "gi_z": mark("Gi* z"),
        "gi_p": mark("Gi* p"),
        "gi_q": mark("Gi* q"),
        "gi_pop_p": mark("Gi* p by population"),
        "gi_pop_q": mark("Gi* q by population"),
        "gi_bin": mark("Gi* bin"),
        "density": mark("Density per km² and year"),
        "excess_probability": mark("P(twice the mean)"),
        "rate_excess_probability": mark("P(twice the rate)"),
        "trend": mark("Trend"),
        "pattern": mark("Pattern"),
        "category": mark("Category"),
        "reason": mark("Reason"),
        "previous_category": mark("Month before"),
        "months_red": mark("Months red"),
        "red_probability": mark("P(red)"),
    }
)
"""Headings in English by the column's name."""


def label(column: str) -> str:
    """Return the heading of a column in the language spoken; its name where it has none.

    Examples
    --------
    >>> label("name"), label("pai_area")
    ('Mahalla', 'pai_area')
    """
    return _(COLUMNS[column]) if column in COLUMNS else column
