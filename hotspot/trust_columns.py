"""The columns of the tables that say how far the categories can be trusted.

Each is its name, Frictionless type, unit and meaning; `hotspot.columns` takes them up.
"""

from __future__ import annotations

BACKTEST = (
    ("month", "yearmonth", "", "the month whose categories are tested"),
    ("horizon", "integer", "months", "over how many months after it the offenses are counted"),
    ("method", "string", "", "the criteria's name, or a baseline, see docs/criteria.md"),
    ("reds", "integer", "mahallas", "how many mahallas each method chooses"),
    ("hit_rate", "number", "share", "share of the later offenses in the chosen mahallas"),
    ("pai_area", "number", "1", "hit rate over the chosen share of the area"),
    ("pai_population", "number", "1", "hit rate over the chosen share of the residents"),
    ("pei", "number", "share", "hits over those of the best choice of as many mahallas"),
    (
        "pei_star",
        "number",
        "share",
        "hits over the most that any choice of the same area could meet",
    ),
    ("rri", "number", "1", "change of the chosen mahallas' offenses over the change of all"),
    (
        "brier",
        "number",
        "1",
        "mean squared difference of red_probability and being red as many months later as the "
        "horizon has; of the criteria only, and only by `hotspot backtest`",
    ),
    ("stay", "number", "share", "share of the chosen mahallas that are chosen again a month later"),
    ("flips", "number", "mahallas", "how many mahallas enter or leave the choice a month later"),
)

BACKTEST_SUMMARY = (
    ("horizon", "integer", "months", "over how many months the later offenses are counted"),
    ("method", "string", "", "the criteria's name, or a baseline"),
    ("measure", "string", "", "a column of backtest.csv"),
    ("months", "integer", "months", "how many months are tested"),
    ("mean", "number", "as the measure", "mean over the months"),
    (
        "lower",
        "number",
        "as the measure",
        "lower end of its 95 % interval, by a bootstrap of blocks of months",
    ),
    ("upper", "number", "as the measure", "upper end"),
    ("difference", "number", "as the measure", "the criteria's mean less this method's"),
    ("difference_lower", "number", "as the measure", "lower end of its 95 % interval"),
    ("difference_upper", "number", "as the measure", "upper end"),
)

SENSITIVITY = (
    ("mahalla_code", "string", "", "a mahalla that is red in the run or under a variant"),
    ("name", "string", "", "its name"),
    ("district", "string", "", "its district or city"),
    ("category", "string", "", "its category in the run"),
    (
        "holds",
        "boolean",
        "",
        "red in the run and under every variant; then a column for every variant",
    ),
)

VARIANTS = {
    "window": "the category with a window of so many months",
    "nearest": "the category with so many nearest mahallas as neighbours",
    "bandwidth": "the category with a density of half or double the bandwidth",
    "unplaced": "the category with the unplaced records shared among the mahallas of their "
    "district, those that name none among all, in proportion to the counts",
}
"""What a variant's column means, by the word its name begins with."""

SUSPICIOUS_ZEROS = (
    ("mahalla_code", "string", "", "a mahalla that fell silent"),
    ("name", "string", "", "its name"),
    ("district", "string", "", "its district or city"),
    ("months", "integer", "months", "over how many of the last months it has no offense"),
    (
        "probability",
        "number",
        "probability",
        "of no offense in these months, given its past and how all others went on",
    ),
    (
        "q",
        "number",
        "probability",
        "after Benjamini–Hochberg, times the number of spans looked at; at most .05",
    ),
)
