"""The columns of the roll-ups and rankings, as `hotspot.columns` takes them up.

Each is its name, Frictionless type, unit and meaning.
"""

from __future__ import annotations

_YEAR_TO_DATE = (
    ("count_ytd", "integer", "offenses", "January to the month"),
    ("count_ytd_last_year", "integer", "offenses", "the same months of the year before"),
    (
        "change_ytd",
        "number",
        "share",
        "offenses a month, this year's over last year's, less 1; empty where last year had none",
    ),
    ("p_change", "number", "probability", "E-test of the two years, two-sided, by itself"),
)

DISTRICTS = (
    ("region", "string", "", "region; 'total' in the last row"),
    ("district", "string", "", "district or city; empty in the last row"),
    ("mahallas", "integer", "mahallas", "how many mahallas it has"),
    ("red", "integer", "mahallas", "red mahallas"),
    ("yellow", "integer", "mahallas", "yellow mahallas"),
    ("green", "integer", "mahallas", "green mahallas"),
    ("not_assessed", "integer", "mahallas", "mahallas that could not be judged"),
    ("offenses", "integer", "offenses", "offenses placed in its mahallas in the window"),
    (
        "unplaced",
        "integer",
        "records",
        "records of the window that name this district and no mahalla; the total also has those "
        "that name no district",
    ),
    ("hit_rate", "number", "share", "placed / (placed + unplaced), unplaced of no district shared"),
    ("rate", "number", "offenses per 100,000 people and year", "over the observed months"),
    ("population", "integer", "people", "residents of the mahallas with a population"),
)

REGIONS = tuple(row for row in DISTRICTS if row[0] != "district")

DISTRICT_RANKING = (
    ("region", "string", "", "region"),
    ("district", "string", "", "district or city"),
    ("mahallas", "integer", "mahallas", "how many mahallas it has"),
    ("red", "integer", "mahallas", "red mahallas"),
    ("red_share", "number", "share", "red mahallas among its mahallas"),
    ("red_rank", "integer", "", "by red_share, the highest first; the same share, the same rank"),
    ("offenses", "integer", "offenses", "offenses placed in its mahallas in the window"),
    ("rate", "number", "offenses per 100,000 people and year", "over the observed months"),
    ("rate_rank", "integer", "", "by rate, the highest first"),
    *_YEAR_TO_DATE,
    ("change_rank", "integer", "", "by change_ytd, the greatest growth first"),
)

KINDS = (
    ("what", "string", "", "all, group or kind: what the row adds up"),
    ("kind", "string", "", "name of the group or kind of offense; empty for all"),
    ("region", "string", "", "region; 'total' for all mahallas"),
    ("district", "string", "", "district or city; empty for all mahallas"),
    ("count", "integer", "offenses", "offenses placed in the window"),
    *_YEAR_TO_DATE,
)

RANKINGS = (
    ("group", "string", "", "group of kinds, as the job names it"),
    ("rank", "integer", "", "by count, the highest first; the same count, the same rank"),
    ("mahalla_code", "string", "", "code of the mahalla"),
    ("name", "string", "", "name of the mahalla"),
    ("district", "string", "", "its district or city"),
    ("region", "string", "", "its region"),
    ("count", "integer", "offenses", "offenses of the group placed in the window"),
    ("count_month", "integer", "offenses", "those of the month itself"),
    ("rate", "number", "offenses per 100,000 people and year", "over the observed months"),
    ("count_ytd", "integer", "offenses", "January to the month"),
    ("count_ytd_last_year", "integer", "offenses", "the same months of the year before"),
)
