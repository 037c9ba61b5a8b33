"""Every word of the interactive map in the language spoken; a page bears all its languages'."""

from __future__ import annotations

from collections.abc import Callable

from hotspot.labels import label
from hotspot.language import NAMES, _, month_name, ngettext, number, spoken
from hotspot.palette import LABELS

# the names that browsers give to the forms of a plural, each with a number that takes it in all
# four languages; a fraction has in Russian the form of two
SAMPLES = {"one": 1, "few": 2, "many": 5, "other": 2}
# by its name in English, in which it is listed in the columns
COLUMNS = (
    "name", "district", "region", "category", "count", "count_month", "population", "rate",
    "rate_ratio", "expected", "count_ratio", "gi_z", "gi_q", "gi_pop_q", "gi_bin", "density",
    "excess_probability", "rate_excess_probability", "red_probability", "trend", "pattern",
)  # fmt: skip

Words = dict[str, str | dict[str, str] | list[str]]


def say_words() -> Words:
    """Return the page's words by key, in the language spoken.

    Returns
    -------
    dict
        Texts with ``{names}``, which the page fills in. Where a number decides the form, the forms
        by the names that browsers give them: one, few, many, other.

    Examples
    --------
    >>> words = say_words()
    >>> words["search.found"], words["months"][0]
    ('{n} found', 'January {year}')
    >>> words["hidden"]
    {'one': '{n} mahalla without polygon', 'other': '{n} mahallas without polygon'}
    """
    return {
        "language": NAMES[spoken()],
        "language.choose": _("Language"),
        "group": number(1000)[1],
        "decimal": number(0.5, 1)[1],
        "months": [month_name(f"2000-{n:02}").replace("2000", "{year}") for n in range(1, 13)],
        **{f"category.{category}": _(name) for category, name in LABELS.items()},
        **{f"column.{column}": label(column) for column in COLUMNS},
        "column.code": label("mahalla_code"),
        "column.before": label("previous_category"),
        "column.streak": _("Months so"),
        **_say_answer(),
        **_say_filters(),
        **_say_layers(),
        **_say_patterns(),
        **_say_controls(),
        **_say_card(),
    }


def _say_answer() -> Words:
    return {
        "remark": _("Analytical map, not an official list."),
        "green_note": _("Green means no counted offense in the window, not safety."),
        "answer.red": _forms(
            lambda n: ngettext(
                "{n} of {all} mahallas is red", "{n} of {all} mahallas are red", n, all="{all}"
            )
        ),
        "answer.change": _("{new} new and {left} left since {before}"),
        "answer.longest": _("longest red: {name}, {months}"),
        "answer.longest_many": _forms(
            lambda n: ngettext(
                "longest red: {n} mahalla, {months}",
                "longest red: {n} mahallas, {months}",
                n,
                months="{months}",
            )
        ),
        "month_count": _forms(lambda n: ngettext("{n} month", "{n} months", n)),
        "month_count.least": _forms(
            lambda n: ngettext("at least {n} month", "at least {n} months", n)
        ),
    }


def _say_filters() -> Words:
    return {
        "search": _("Search a mahalla"),
        "search.hint": _("Name, district or code, in any script"),
        "search.none": _("Nothing found"),
        "search.found": _forms(lambda n: ngettext("{n} found", "{n} found", n)),
        "district": _("District"),
        "district.all": _("All districts ({n})"),
        "categories": _("Categories"),
        "clear": _("Show all"),
        "shown": _forms(lambda n: ngettext("{n} mahalla shown", "{n} mahallas shown", n)),
        "criteria": _("Criteria"),
        "hidden": _forms(
            lambda n: ngettext("{n} mahalla without polygon", "{n} mahallas without polygon", n)
        ),
        "unplaced": _forms(
            lambda n: ngettext(
                "{n} record could not be placed and is in no mahalla",
                "{n} records could not be placed and are in no mahalla",
                n,
            )
        ),
    }


def _say_layers() -> Words:
    return {
        "layer": _("Colours show"),
        "layer.category": _("Category"),
        "layer.count": _("Offenses in the window"),
        "layer.rate": _("Rate per 100,000 people and year"),
        "layer.gi_bin": _("Hot and cold spots (Gi*)"),
        "layer.density": _("Density of offenses per km² and year"),
        "layer.change": _("Change since the month before"),
        "layer.pattern": _("Pattern of the last 36 months"),
        "layer.red_probability": _("Probability of being red"),
        "layer.only": _("Known for {month} only."),
        "density.low": _("low"),
        "density.high": _("{n} per km² and year"),
        "density.mean": _("Mean of each mahalla:"),
        "no_value": _("No value"),
        "below": _("below {high}"),
        "least": _("{low} and more"),
        "between": _("{low} to {high}"),
        "gi.3": _("Hot spot, q at most .01"),
        "gi.2": _("Hot spot, q at most .05"),
        "gi.1": _("Hot spot, q at most .10"),
        "gi.0": _("Neither"),
        "gi.-1": _("Cold spot, q at most .10"),
        "gi.-2": _("Cold spot, q at most .05"),
        "gi.-3": _("Cold spot, q at most .01"),
        "change.to_red": _("Turned red"),
        "change.up": _("Graver, not red"),
        "change.same": _("Unchanged"),
        "change.down": _("Lighter, was not red"),
        "change.from_red": _("No longer red"),
        "change.unknown": _("Not comparable"),
        "trend.up": _("Up"),
        "trend.down": _("Down"),
        "trend.none": _("No trend"),
    }


def _say_patterns() -> Words:
    return {
        "pattern.new_hot": _("New hot spot"),
        "pattern.consecutive_hot": _("Consecutive hot spot"),
        "pattern.intensifying_hot": _("Intensifying hot spot"),
        "pattern.persistent_hot": _("Persistent hot spot"),
        "pattern.diminishing_hot": _("Diminishing hot spot"),
        "pattern.sporadic_hot": _("Sporadic hot spot"),
        "pattern.oscillating_hot": _("Oscillating hot spot"),
        "pattern.historical_hot": _("Historical hot spot"),
        "pattern.new_cold": _("New cold spot"),
        "pattern.consecutive_cold": _("Consecutive cold spot"),
        "pattern.intensifying_cold": _("Intensifying cold spot"),
        "pattern.persistent_cold": _("Persistent cold spot"),
        "pattern.diminishing_cold": _("Diminishing cold spot"),
        "pattern.sporadic_cold": _("Sporadic cold spot"),
        "pattern.oscillating_cold": _("Oscillating cold spot"),
        "pattern.historical_cold": _("Historical cold spot"),
        "pattern.no_pattern": _("No pattern"),
    }


def _say_controls() -> Words:
    return {
        "month": _("Month"),
        "month.before": _("Month before"),
        "month.after": _("Month after"),
        "play": _("Play the months"),
        "pause": _("Pause"),
        "compare": _("Compare with"),
        "compare.none": _("no other month"),
        "divider": _("Divider: {left} on the left, {right} on the right"),
        "options": _("Display"),
        "hatch": _("Hatches"),
        "accessible": _("Colours for colour-blind readers"),
        "names": _("Names of districts"),
        "toolbar": _("Views and files"),
        "map": _("Map"),
        "table": _("Table"),
        "table.caption": _("Mahallas, {month}"),
        "table.more": _("Show {n} more"),
        "map.label": _("Map of the mahallas. The table lists the same."),
        "zoom.in": _("Zoom in"),
        "zoom.out": _("Zoom out"),
        "home": _("Whole map"),
        "scale.km": _("{n} km"),
        "scale.m": _("{n} m"),
        "save.csv": _("Save CSV"),
        "save.png": _("Save PNG"),
        "print": _("Print"),
        "link": _("Copy link"),
        "link.done": _("Link copied"),
        "link.failed": _("Copy the link from the address bar"),
    }


def _say_card() -> Words:
    return {
        "card": _("The chosen mahalla"),
        "close": _("Close"),
        "code": _("Code: {code}"),
        "zoom": _("Show on the map"),
        "no_polygon": _("No polygon: not on the map."),
        "reason.of": _("The reason is known for {month} only."),
        "in_window": _forms(
            lambda n: ngettext("{n} offense in the window", "{n} offenses in the window", n)
        ),
        "streak": _forms(
            lambda n: ngettext(
                "{category} for {n} month in a row",
                "{category} for {n} months in a row",
                n,
                category="{category}",
            )
        ),
        "streak.start": _forms(
            lambda n: ngettext(
                "{category} for {n} month in a row, since the first month known",
                "{category} for {n} months in a row, since the first month known",
                n,
                category="{category}",
            )
        ),
        "flips": _("What would turn the colour"),
        "flips.more": _forms(
            lambda n: ngettext(
                "{n} offense more: {category}",
                "{n} offenses more: {category}",
                n,
                category="{category}",
            )
        ),
        "flips.fewer": _forms(
            lambda n: ngettext(
                "{n} offense fewer: {category}",
                "{n} offenses fewer: {category}",
                n,
                category="{category}",
            )
        ),
        "flips.note": _(
            "In this mahalla alone, in the window of {month}; the figures of its neighbourhood "
            "(Gi*) are held as they are."
        ),
        "spark": _("Offenses by month, {first} to {last}; most in a month: {n}"),
        "evidence": _("Evidence, {month}"),
        "neighbours": _("Neighbours"),
        "neighbours.none": _("None"),
    }


def _forms(say: Callable[[int], str]) -> str | dict[str, str]:
    """Return a text's forms by name, those left out that are as the last; one text if all are."""
    forms = {name: say(n).replace(number(n), "{n}") for name, n in SAMPLES.items()}
    other = forms["other"]
    apart = {name: form for name, form in forms.items() if form != other}
    return {**apart, "other": other} if apart else other
