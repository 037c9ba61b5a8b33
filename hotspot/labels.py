"""Short headings of columns and names of values, as maps, workbook and report show them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotspot.language import _, mark, number
from hotspot.palette import LABELS

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
        "count_change": mark("Difference to last year"),
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
        "density_ratio": mark("Density to the mean"),
        "severity": mark("Severity"),
        "severity_ratio": mark("Severity to the mean"),
        "override_count": mark("Offenses that decide alone"),
        "excess_probability": mark("P(twice the mean)"),
        "rate_excess_probability": mark("P(twice the rate)"),
        "trend": mark("Trend"),
        "pattern": mark("Pattern"),
        "category": mark("Category"),
        "reason": mark("Reason"),
        "previous_category": mark("Month before"),
        "previous_reason": mark("Reason the month before"),
        "months_red": mark("Months red"),
        "red_probability": mark("P(red)"),
        "observable": mark("Observable"),
        # changes
        "change": mark("Change"),
        # roll-ups and rankings
        "mahallas": mark("Mahallas"),
        "red": mark("Red mahallas"),
        "yellow": mark("Yellow mahallas"),
        "green": mark("Green mahallas"),
        "not_assessed": mark("Not assessed mahallas"),
        "not_red": mark("Mahallas not red"),
        "offenses": mark("Offenses in the window"),
        "unplaced": mark("Records not placed"),
        "hit_rate": mark("Share placed"),
        "red_share": mark("Share of red mahallas"),
        "red_rank": mark("Rank by red share"),
        "rate_rank": mark("Rank by rate"),
        "change_ytd": mark("Change to last year"),
        "p_change": mark("p of the change"),
        "change_rank": mark("Rank by change"),
        "what": mark("Sum of"),
        "kind": mark("Kind of offense"),
        "group": mark("Group of kinds"),
        "rank": mark("Rank"),
        # how far to trust it
        "horizon": mark("Months ahead"),
        "method": mark("Chosen by"),
        "measure": mark("Measure"),
        "months": mark("Months"),
        "mean": mark("Mean"),
        "lower": mark("95 % from"),
        "upper": mark("95 % to"),
        "difference": mark("Criteria less this"),
        "difference_lower": mark("Difference 95 % from"),
        "difference_upper": mark("Difference 95 % to"),
        "probability": mark("Probability"),
        "q": mark("Probability, corrected"),
        "holds": mark("Red in all"),
        # records
        "row": mark("Row of the file"),
        "id": mark("Id"),
        "date": mark("Date"),
        "longitude": mark("Longitude"),
        "latitude": mark("Latitude"),
        "mahalla": mark("Mahalla as given"),
        "records": mark("Records"),
        "outcome": mark("Outcome"),
        "score": mark("Likeness, %"),
        "candidate_names": mark("Candidates"),
        "decision": mark("Decision"),
    }
)
"""Headings in English by the column's name."""

OF_TABLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("backtest_summary", "months"): mark("Months tested"),
        ("suspicious_zeros", "months"): mark("Months without an offense"),
        ("kinds", "kind"): mark("Kind or group"),
        ("rejected", "reason"): mark("Why not counted"),
        ("rejected", "mahalla_code"): mark("Code as given"),
        ("rejected", "district"): mark("District as given"),
        ("review", "name"): mark("Name as typed"),
        ("review", "district"): mark("District as typed"),
    }
)
"""Headings of columns that mean something else in one table."""

_YES = {"True": mark("Yes"), "False": mark("No")}

VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "category": {**LABELS, "not_red": mark("Not red")},
        "previous_category": {**LABELS, "not_red": mark("Not red")},
        "change": {
            "new": mark("New"),
            "returning": mark("Returning"),
            "stays": mark("Stays"),
            "left": mark("Left"),
            "graver": mark("Graver"),
            "lighter": mark("Lighter"),
        },
        "region": {"total": mark("Total")},
        "trend": {"up": mark("Up"), "down": mark("Down"), "none": mark("None")},
        "pattern": {
            "new_hot": mark("New hot spot"),
            "consecutive_hot": mark("Consecutive hot spot"),
            "intensifying_hot": mark("Intensifying hot spot"),
            "persistent_hot": mark("Persistent hot spot"),
            "diminishing_hot": mark("Diminishing hot spot"),
            "sporadic_hot": mark("Sporadic hot spot"),
            "oscillating_hot": mark("Oscillating hot spot"),
            "historical_hot": mark("Historical hot spot"),
            "new_cold": mark("New cold spot"),
            "consecutive_cold": mark("Consecutive cold spot"),
            "intensifying_cold": mark("Intensifying cold spot"),
            "persistent_cold": mark("Persistent cold spot"),
            "diminishing_cold": mark("Diminishing cold spot"),
            "sporadic_cold": mark("Sporadic cold spot"),
            "oscillating_cold": mark("Oscillating cold spot"),
            "historical_cold": mark("Historical cold spot"),
            "no_pattern": mark("No pattern"),
        },
        "what": {"all": mark("All offenses"), "group": mark("Group"), "kind": mark("Kind")},
        "method": {
            "best": mark("Best possible"),
            "random": mark("At random"),
            "frozen": mark("First window's choice"),
            "count_1m": mark("Last month's count"),
            "rate_12m": mark("Last year's rate"),
            "count_12m": mark("Last year's count"),
        },
        "measure": {
            "hit_rate": mark("Share of later offenses met"),
            "pai_area": mark("PAI by area"),
            "pai_population": mark("PAI by population"),
            "pei": mark("PEI"),
            "pei_star": mark("PEI*"),
            "rri": mark("RRI"),
            "brier": mark("Brier score"),
            "stay": mark("Share that stays"),
            "flips": mark("Mahallas that change"),
        },
        "holds": _YES,
        "outcome": {
            "matched": mark("Matched"),
            "ambiguous": mark("Ambiguous"),
            "suggested": mark("Suggested"),
            "not_found": mark("Not found"),
        },
        "reason": {
            "no_location": mark("No location"),
            "bad_coordinates": mark("Bad coordinates"),
            "outside": mark("Outside all mahallas"),
            "unknown_code": mark("Unknown code"),
            "name_not_found": mark("Name not found"),
            "name_ambiguous": mark("Ambiguous name"),
            "bad_date": mark("Bad date"),
            "outside_period": mark("Outside the period"),
            "kind_excluded": mark("Kind not counted"),
            "duplicate_id": mark("Repeated id"),
        },
    }
)
"""The names of a column's values in English, where they are words of ours and not of the data."""

_VARIANTS = {
    "window": mark("Window of {n} months"),
    "nearest": mark("{n} nearest neighbours"),
    "bandwidth_half": mark("Half the bandwidth"),
    "bandwidth_double": mark("Double the bandwidth"),
    "unplaced_shared": mark("Unplaced records shared out"),
}


def label(column: str, *, table: str = "") -> str:
    """Return the heading of a column in the language spoken; its name where it has none.

    Parameters
    ----------
    column : its name; also a variant's of ``sensitivity.csv``.
    table : the table's name, where a column may mean something else than elsewhere.

    Examples
    --------
    >>> label("name"), label("name", table="review"), label("pai_area"), label("window_8")
    ('Mahalla', 'Name as typed', 'pai_area', 'Window of 8 months')
    """
    if heading := OF_TABLES.get((table, column)) or COLUMNS.get(column):
        return _(heading)
    if column in _VARIANTS:
        return _(_VARIANTS[column])
    stem, _line, size = column.rpartition("_")
    if stem in _VARIANTS and size.isdecimal():
        return _(_VARIANTS[stem], n=number(int(size)))
    return column


def word(column: str, value: str) -> str:
    """Return a value in the language spoken; as it is where it is the data's own.

    Examples
    --------
    >>> word("category", "red"), word("window_8", "red"), word("district", "Kasbi")
    ('Red', 'Red', 'Kasbi')
    """
    if is_variant(column):
        column = "category"
    known = VALUES.get(column, {}).get(value)
    return value if known is None else _(known)


def is_variant(column: str) -> bool:
    """Tell whether a column of ``sensitivity.csv`` holds the categories under a variant.

    Examples
    --------
    >>> is_variant("window_8"), is_variant("unplaced_shared"), is_variant("unplaced")
    (True, True, False)
    """
    stem, _line, size = column.rpartition("_")
    return column in _VARIANTS or (stem in _VARIANTS and size.isdecimal())
