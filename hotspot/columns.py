"""What every column of every table means: one source for the files, the docs and the data package.

A column has one name everywhere. `docs/columns.md` and `datapackage.json` are made from here, and a
test holds that no table is written with a column that is not described.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotspot import rollup_columns, trust_columns


@dataclass(frozen=True)
class Column:
    """One column: its name, Frictionless type, unit and meaning."""

    name: str
    type: str
    unit: str
    meaning: str


def _columns(*rows: tuple[str, str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


CATEGORIES = _columns(
    ("month", "yearmonth", "", "the month the categories are for; the window ends with it"),
    ("mahalla_code", "string", "", "code of the mahalla, text"),
    ("name", "string", "", "name of the mahalla"),
    ("district", "string", "", "its district or city"),
    ("region", "string", "", "its region"),
    ("population", "integer", "people", "residents, from the mahallas' table"),
    ("count", "integer", "offenses", "offenses placed in the window"),
    ("count_month", "integer", "offenses", "offenses placed in the month itself"),
    ("count_ytd", "integer", "offenses", "January to the month"),
    ("count_ytd_last_year", "integer", "offenses", "the same months of the year before"),
    ("count_ratio", "number", "1", "count divided by the mean of the mahallas records can reach"),
    ("rate", "number", "offenses per 100,000 people and year", "over the observed months"),
    ("rate_ratio", "number", "1", "rate divided by the rate of all mahallas with a population"),
    ("expected", "number", "offenses", "the count its population would have at the common rate"),
    ("gi_z", "number", "1", "Getis–Ord Gi* on the counts, standard score (includes the own count)"),
    (
        "gi_p",
        "number",
        "probability",
        "exact one-sided upper p of Gi*, given the own count: neighbours this high by chance",
    ),
    ("gi_q", "number", "probability", "gi_p after Benjamini–Hochberg"),
    (
        "gi_pop_p",
        "number",
        "probability",
        "exact upper p of the local sum given the total and the populations, overdispersed",
    ),
    ("gi_pop_q", "number", "probability", "gi_pop_p after Benjamini–Hochberg"),
    (
        "gi_bin",
        "integer",
        "",
        "3, 2, 1: gi_q at most .01, .05, .10; -3, -2, -1 from the lower tail; else 0",
    ),
    (
        "density",
        "number",
        "offenses per km² and year",
        "mean kernel density over the polygon; empty where fewer than 80 % of the district's "
        "records have coordinates of their own",
    ),
    ("density_ratio", "number", "1", "density divided by the mean of the mahallas above zero"),
    ("severity", "number", "weight", "weights of the window's offenses; empty without weights"),
    ("severity_ratio", "number", "1", "severity divided by the mean mahalla's"),
    (
        "override_count",
        "integer",
        "offenses",
        "offenses of the window of the kinds that decide by themselves; empty where the criteria "
        "have none",
    ),
    (
        "excess_probability",
        "number",
        "probability",
        "that the expected count exceeds twice the mean mahalla's (gamma–Poisson)",
    ),
    (
        "rate_excess_probability",
        "number",
        "probability",
        "that the rate exceeds twice the common rate (gamma–Poisson, by population)",
    ),
    (
        "trend",
        "string",
        "",
        "up, down or none: seasonal Mann–Kendall of the single months' counts, p at most .05, over "
        "the last 36 months; empty below 24 observed months",
    ),
    (
        "pattern",
        "string",
        "",
        "emerging hot spot class of the single months' Gi* over the last 36 months, as new_hot or "
        "historical_cold, or no_pattern; empty below 10 observed months",
    ),
    ("category", "string", "", "red, yellow, green or not_assessed"),
    ("reason", "string", "", "the conditions that decided, with their values, as a sentence"),
    ("previous_category", "string", "", "the category of the month before; empty in the first"),
    ("months_red", "integer", "months", "how many months in a row it has been red, with this one"),
    (
        "red_probability",
        "number",
        "probability",
        "that it would be red, were the window to happen again with the same risks",
    ),
    ("observable", "boolean", "", "whether a count of zero would be evidence of nothing"),
)

DISTRICTS = _columns(*rollup_columns.DISTRICTS)
REGIONS = _columns(*rollup_columns.REGIONS)
DISTRICT_RANKING = _columns(*rollup_columns.DISTRICT_RANKING)
KINDS = _columns(*rollup_columns.KINDS)
RANKINGS = _columns(*rollup_columns.RANKINGS)

NEIGHBOURS = _columns(
    ("mahalla_code", "string", "", "the mahalla"),
    ("neighbour_code", "string", "", "a neighbour that Gi* sums over"),
    ("how", "string", "", "border, repaired (within the tolerance), nearest or given"),
)

COUNTS = _columns(
    ("mahalla_code", "string", "", "the mahalla; then a column for every month"),
)

HISTORY = _columns(
    ("mahalla_code", "string", "", "the mahalla; then a column for every month"),
)

REVISIONS = _columns(
    ("month", "yearmonth", "", "a published month"),
    ("mahalla_code", "string", "", "code of the mahalla"),
    ("published", "string", "", "the category in the ledger"),
    ("now", "string", "", "the category that the month would have with today's records"),
    ("count_published", "integer", "offenses", "offenses in its window when it was published"),
    ("count_now", "integer", "offenses", "offenses in that window with today's records"),
)

REJECTED = _columns(
    ("row", "integer", "", "row of the record in its file, as a spreadsheet numbers it"),
    ("id", "string", "", "the record's id"),
    ("date", "string", "", "the date as given"),
    ("kind", "string", "", "the kind of offense as given"),
    ("longitude", "string", "", "longitude or x as given"),
    ("latitude", "string", "", "latitude or y as given"),
    ("mahalla_code", "string", "", "the mahalla code as given"),
    ("mahalla", "string", "", "the mahalla's name as given"),
    ("district", "string", "", "the district as given"),
    ("reason", "string", "", "why the record is not counted, see the table of reasons"),
)

REVIEW = _columns(
    (
        "name",
        "string",
        "",
        "a name that placed nothing, or was decided, as typed; once in its district",
    ),
    ("district", "string", "", "the district as typed beside it"),
    (
        "records",
        "integer",
        "records",
        "how many unplaced records bear it; 0 once the decision places them",
    ),
    ("outcome", "string", "", "ambiguous, suggested or not_found; of decided names also matched"),
    ("level", "string", "", "at which key candidates were found, see docs/names.md"),
    ("score", "number", "percent", "how alike the name and its first candidate are"),
    ("candidates", "string", "", "codes, best first, separated by |"),
    (
        "candidate_names",
        "string",
        "",
        "each candidate with its name, district and likeness to what was typed, 0 to 100",
    ),
    (
        "decision",
        "string",
        "",
        "to be filled in: the right code, or - for none of the mahallas; empty where undecided",
    ),
)

HIT_RATE = _columns(
    ("district", "string", "", "district or city; 'unknown' where the record names none"),
    ("records", "integer", "records", "records that should have been placed"),
    ("by_code", "integer", "records", "placed by mahalla code"),
    ("by_coordinates", "integer", "records", "placed by coordinates"),
    ("by_name", "integer", "records", "placed by name"),
    ("unplaced", "integer", "records", "not placed"),
    ("hit_rate", "number", "share", "placed / records"),
)

BACKTEST = _columns(*trust_columns.BACKTEST)
BACKTEST_SUMMARY = _columns(*trust_columns.BACKTEST_SUMMARY)
SENSITIVITY = _columns(*trust_columns.SENSITIVITY)
SUSPICIOUS_ZEROS = _columns(*trust_columns.SUSPICIOUS_ZEROS)

CHANGES = _columns(
    ("mahalla_code", "string", "", "code of the mahalla"),
    ("name", "string", "", "its name"),
    ("district", "string", "", "its district or city"),
    ("before", "string", "", "its category in the earlier month"),
    ("after", "string", "", "its category in the later month"),
    (
        "change",
        "string",
        "",
        "new (red, never before), returning (red again), left (red no more) or other; merged or "
        "split where the mahalla became another since",
    ),
    ("turned", "string", "", "the conditions of red that came true or no longer hold"),
    ("reason_before", "string", "", "why the earlier category"),
    ("reason_after", "string", "", "why the later category"),
    ("count_before", "integer", "offenses", "offenses in the earlier window"),
    ("count_after", "integer", "offenses", "offenses in the later window"),
    (
        "p_change",
        "number",
        "probability",
        "E-test of the months that entered the window against those that left it, two-sided",
    ),
)

CROSSWALK = _columns(
    ("old_code", "string", "", "code that was valid once"),
    ("new_code", "string", "", "code of a mahalla that took its place, in one step or several"),
    ("share", "number", "share", "the part of the old mahalla that went to the new one"),
    ("date", "string", "", "day from which the new codes are in force, YYYY-MM-DD"),
)

OFFICIAL = _columns(
    ("mahalla_code", "string", "", "code of the mahalla"),
    ("name", "string", "", "its name"),
    ("district", "string", "", "its district or city"),
    ("ours", "string", "", "the category of the run"),
    ("official", "string", "", "the category of the official list"),
    ("reason", "string", "", "why ours"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "categories": CATEGORIES,
    "districts": DISTRICTS,
    "regions": REGIONS,
    "district_ranking": DISTRICT_RANKING,
    "kinds": KINDS,
    "rankings": RANKINGS,
    "neighbours": NEIGHBOURS,
    "counts": COUNTS,
    "history": HISTORY,
    "revisions": REVISIONS,
    "rejected": REJECTED,
    "review": REVIEW,
    "hit_rate": HIT_RATE,
    "backtest": BACKTEST,
    "backtest_summary": BACKTEST_SUMMARY,
    "sensitivity": SENSITIVITY,
    "suspicious_zeros": SUSPICIOUS_ZEROS,
    "crosswalk": CROSSWALK,
    "changes": CHANGES,
    "official": OFFICIAL,
}

REASONS: dict[str, str] = {
    "no_location": "neither a code nor coordinates nor a name that can be placed",
    "bad_coordinates": "coordinates that cannot be read, are (0, 0), out of range or swapped",
    "outside": "the point lies in no mahalla's polygon",
    "unknown_code": "the mahalla code is not in the mahallas' table",
    "name_not_found": "the name is no mahalla's, or only looks like one; see review.csv",
    "name_ambiguous": "the name may be several mahallas'; see review.csv",
    "bad_date": "the date is missing or cannot be read",
    "outside_period": "after the month, or before the first month the records cover",
    "kind_excluded": "the kind of offense is not counted",
    "duplicate_id": "another record with this id is counted",
}

UNPLACED = (
    "no_location",
    "bad_coordinates",
    "outside",
    "unknown_code",
    "name_not_found",
    "name_ambiguous",
)


def names(table: str) -> list[str]:
    """Return the column names of a table, in order.

    Examples
    --------
    >>> names("neighbours")
    ['mahalla_code', 'neighbour_code', 'how']
    """
    return [column.name for column in TABLES[table]]
