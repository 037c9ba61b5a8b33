"""Every word of the interactive map, by language; a page bears all languages it can be read in."""

from __future__ import annotations

from collections.abc import Mapping

from hotspot.maps.captions import GREEN_NOTE, MONTHS, REMARK
from hotspot.palette import LABELS

KINDS = (
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating",
    "historical",
)  # fmt: skip

Words = Mapping[str, str | Mapping[str, str] | tuple[str, ...]]

# {name} is filled in by the page; where a number decides the form, the forms go by the names that
# browsers give them: one, few, many, other
ENGLISH: Words = {
    "language": "English",
    "months": MONTHS,
    "remark": f"{REMARK}.",
    "green_note": GREEN_NOTE,
    **{f"category.{category}": label for category, label in LABELS.items()},
    # the answer first
    "answer.red": {
        "one": "{n} of {all} mahallas is red",
        "other": "{n} of {all} mahallas are red",
    },
    "answer.change": "{new} new and {left} left since {before}",
    "answer.longest": "longest red: {name}, {months}",
    "answer.longest_many": {
        "one": "longest red: {n}, {months}",
        "other": "longest red: {n} mahallas, {months}",
    },
    "at_least": "at least {months}",
    "month_count": {"one": "{n} month", "other": "{n} months"},
    "mahalla_count": {"one": "{n} mahalla", "other": "{n} mahallas"},
    "offense_count": {"one": "{n} offense", "other": "{n} offenses"},
    "in_window": {"one": "{n} offense in the window", "other": "{n} offenses in the window"},
    # search and filters
    "search": "Search a mahalla",
    "search.hint": "Name, district or code, in any script",
    "search.none": "Nothing found",
    "search.found": {"one": "{n} found", "other": "{n} found"},
    "district": "District",
    "district.all": "All districts ({n})",
    "categories": "Categories",
    "clear": "Show all",
    "shown": {"one": "{n} mahalla shown", "other": "{n} mahallas shown"},
    # layers
    "layer": "Colours show",
    "layer.category": "Category",
    "layer.count": "Offenses in the window",
    "layer.rate": "Rate per 100,000 people and year",
    "layer.gi_bin": "Hot and cold spots (Gi*)",
    "layer.density": "Density of offenses per km² and year",
    "layer.change": "Change since the month before",
    "layer.pattern": "Pattern of the last 36 months",
    "layer.red_probability": "Probability of being red",
    "layer.only": "Known for {month} only.",
    "density.low": "low",
    "density.high": "{n} per km² and year",
    "density.mean": "Mean of each mahalla:",
    "no_value": "No value",
    "below": "below {high}",
    "least": "{low} and more",
    "between": "{low} to {high}",
    "gi.3": "Hot spot, q at most .01",
    "gi.2": "Hot spot, q at most .05",
    "gi.1": "Hot spot, q at most .10",
    "gi.0": "Neither",
    "gi.-1": "Cold spot, q at most .10",
    "gi.-2": "Cold spot, q at most .05",
    "gi.-3": "Cold spot, q at most .01",
    "change.to_red": "Turned red",
    "change.up": "Graver, not red",
    "change.same": "Unchanged",
    "change.down": "Lighter, was not red",
    "change.from_red": "No longer red",
    "change.unknown": "Not comparable",
    **{
        f"pattern.{kind}_{heat}": f"{kind.capitalize()} {heat} spot"
        for heat in ("hot", "cold")
        for kind in KINDS
    },
    "pattern.no_pattern": "No pattern",
    # months
    "month": "Month",
    "month.before": "Month before",
    "month.after": "Month after",
    "play": "Play the months",
    "pause": "Pause",
    "compare": "Compare with",
    "compare.none": "no other month",
    "divider": "Divider: {left} on the left, {right} on the right",
    # display and saving
    "options": "Display",
    "hatch": "Hatches",
    "accessible": "Colours for colour-blind readers",
    "names": "Names of districts",
    "map": "Map",
    "table": "Table",
    "map.label": "Map of the mahallas. The table lists the same.",
    "home": "Whole map",
    "save.csv": "Save CSV",
    "save.png": "Save PNG",
    "print": "Print",
    "link": "Copy link",
    "link.done": "Link copied",
    "link.failed": "Copy the link from the address bar",
    # the card of a mahalla
    "close": "Close",
    "code": "Code",
    "no_polygon": "No polygon: not on the map.",
    "reason.of": "The reason is known for {month} only.",
    "streak": "{category} for {months} in a row",
    "streak.start": "{category} for {months} in a row, since the first month known",
    "spark": "Offenses by month, {first} to {last}",
    "spark.most": "most in a month: {n}",
    "evidence": "Evidence, {month}",
    "neighbours": "Neighbours",
    "neighbours.none": "None",
    "zoom": "Show on the map",
    # columns
    "column.name": "Mahalla",
    "column.district": "District",
    "column.region": "Region",
    "column.code": "Code",
    "column.category": "Category",
    "column.count": "Count",
    "column.count_month": "In the month",
    "column.streak": "Months so",
    "column.before": "Month before",
    "column.population": "Population",
    "column.rate": "Rate",
    "column.rate_ratio": "Rate to the whole's",
    "column.expected": "Expected by population",
    "column.count_ratio": "Count to the mean",
    "column.gi_z": "Gi* z",
    "column.gi_q": "Gi* q",
    "column.gi_pop_q": "Gi* q by population",
    "column.gi_bin": "Gi* bin",
    "column.density": "Density per km² and year",
    "column.excess_probability": "P(twice the mean)",
    "column.rate_excess_probability": "P(twice the rate)",
    "column.red_probability": "P(red)",
    "column.trend": "Trend",
    "column.pattern": "Pattern",
    "column.reason": "Reason",
    "trend.up": "Up",
    "trend.down": "Down",
    "trend.none": "None",
    "table.caption": "Mahallas, {month}",
    "table.more": "Show {n} more",
    # what is not on the map
    "criteria": "Criteria",
    "hidden": {"one": "{n} mahalla without polygon", "other": "{n} mahallas without polygon"},
    "unplaced": {
        "one": "{n} record could not be placed and is in no mahalla",
        "other": "{n} records could not be placed and are in no mahalla",
    },
}

WORDS: Mapping[str, Words] = {"en": ENGLISH}
