"""The text and the measures of a workbook's cells: what is shown, how wide, how high, how exact."""

from __future__ import annotations

import math
import re

import pandas as pd

from hotspot.labels import word

MOST = 4_000
"""Characters of a cell; Excel holds 32,767 units of UTF-16, and nobody reads so many."""
_SHEET_NAME = 31
"""Characters of a sheet's name in Excel."""
_LINE = 13.0
"""Points of a line of text of ten points."""
_TALLEST = 31
"""Lines of a row; Excel allows 409 points."""
_PER_LETTER = 1.2
"""Letters of text in the room of a digit, in which widths are measured."""
_WIDE_LETTERS = re.compile("[\u0400-\u04ff]")
_WIDER = 0.15
"""By how much a Cyrillic letter is wider than a Latin one."""

_BLANKS = re.compile("[\t-\r\x85\u2028\u2029]+")
# what XML cannot hold, what steers a terminal, and what turns the direction of the text around it
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_SENTENCES = ("reason", "previous_reason", "candidate_names")

# the fewest and the most letters in a column of texts
_LETTERS = {
    "name": (16, 34),
    "district": (14, 26),
    "region": (14, 26),
    "mahalla": (14, 34),
    "measure": (9, 60),
}
_WIDE = 70.0
_WIDTHS = {"mahalla_code": 13.0, "row": 9.0, "months_red": 9.0, "rank": 8.0, "horizon": 9.0}
FORMATS = {
    "rate": "#,##0.0",
    "rate_ratio": "0.00",
    "count_ratio": "0.00",
    "expected": "#,##0.0",
    "gi_z": "0.00",
    "score": "0",
    "count_change": "+#,##0;-#,##0;0",
    "change_ytd": "+0.0%;-0.0%;0.0%",
    "probability": "0.0E+00",
    "q": "0.0E+00",
}
FORMATS |= dict.fromkeys(("hit_rate", "red_share", "red_probability"), "0.0%")
FORMATS |= dict.fromkeys(
    ("gi_p", "gi_q", "gi_pop_p", "gi_pop_q", "excess_probability", "p_change"), "0.000"
)
FORMATS |= dict.fromkeys(("mean", "lower", "upper"), "0.000")
FORMATS |= dict.fromkeys(
    ("difference", "difference_lower", "difference_upper"), "+0.000;-0.000;0.000"
)


def clean(value: object) -> str:
    r"""Return a value as text that any spreadsheet shows as it is.

    Parameters
    ----------
    value : of any type.

    Returns
    -------
    str
        Without control characters, halves of surrogate pairs and marks of direction; tabs and line
        breaks are blanks; cut, with an ellipsis, where it is longer than a cell should be.

    Examples
    --------
    >>> clean("Gʻuzor\r\n\x07tumani \u202e"), clean("=1+1")
    ('Gʻuzor tumani', '=1+1')
    """
    text = _UNSEEN.sub("", _BLANKS.sub(" ", str(value))).strip()
    return text if len(text) <= MOST else text[: MOST - 1] + "…"


def sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that Excel takes for a sheet and that no other sheet has.

    Examples
    --------
    >>> sheet_name("Sector [a/b]", set()), sheet_name("Kinds", {"kinds"}), sheet_name("'", set())
    ('Sector a b', 'Kinds 2', '-')
    >>> sheet_name("History", set())
    'History 2'
    """
    tidy = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(name)).split())
    # the limit is in units of UTF-16, of which a character may take two
    tidy = "".join(letter for letter in tidy if letter <= "\uffff").strip(" '")[:_SHEET_NAME]
    tidy = tidy.strip(" '") or "-"
    made, number = tidy, 1
    # Excel keeps the name of its list of changes for itself
    while made.casefold() in {*taken, "history"}:
        number += 1
        made = f"{tidy[: _SHEET_NAME - 1 - len(str(number))]} {number}"
    return made


def width_of(field: str, heading: str, values: pd.Series) -> float:
    """Return the width of a column in letters: its longest word and value fit.

    Examples
    --------
    >>> width_of("district", "District", pd.Series(["Kasbi", "Kamashinskiy rayon"]))
    21.0
    """
    longest = longest_word(heading)
    if wraps(field, values):
        return _WIDE
    if field in _WIDTHS:
        return max(_WIDTHS[field], longest)
    if is_numeric(values):
        most = max((abs(value) for value in numbers_of(values) if math.isfinite(value)), default=0)
        # room for thousands, decimals and a sign
        return max(11.0, longest, len(f"{most:,.0f}") + 4.5)
    least, most = _LETTERS.get(field, (9, 40))
    shown = {clean(word(field, value)) for value in set(texts_of(values))}
    return max(float(min(most, max(map(len, shown), default=0) + 3)), least, longest)


def longest_word(heading: str) -> float:
    """Return the width in which no word of a heading is broken, bold and with a filter's arrow.

    Examples
    --------
    >>> longest_word("Offenses in the window")
    11.5
    """
    return max((len(part) for part in heading.split()), default=0) * 1.125 + 2.5


def height_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of some width, broken between words.

    Examples
    --------
    >>> height_of("Offenses in the window", 11.0), height_of("Red", 11.0)
    (2, 1)
    >>> height_of("не выполнено " * 6, 66.0), height_of("nothing is so" * 6, 66.0)
    (2, 1)
    """
    wide = len(_WIDE_LETTERS.findall(text)) / max(1, len(text))
    room = max(1.0, (width - 1) * _PER_LETTER / (1 + _WIDER * wide))
    if len(text) <= room:
        return 1
    lines, used = 1, 0.0
    for part in text.split():
        need = len(part) + (1 if used else 0)
        if used + need <= room:
            used += need
        else:
            # a word longer than the column is broken
            lines += math.ceil(len(part) / room) if used else math.ceil(len(part) / room) - 1
            used = len(part) % room
    return min(lines, _TALLEST)


def points(lines: int) -> float:
    """Return the height of a row of so many lines in points.

    Examples
    --------
    >>> points(1), points(3)
    (15.0, 41.0)
    """
    return lines * _LINE + 2


def wraps(field: str, values: pd.Series) -> bool:
    """Tell whether a column holds sentences, which go on in a second line.

    Examples
    --------
    >>> wraps("reason", pd.Series(["no_location"])), wraps("reason", pd.Series(["so " * 30]))
    (False, True)
    """
    return field in _SENTENCES and max(map(len, texts_of(values)), default=0) > _WIDE / 2


def is_numeric(values: pd.Series) -> bool:
    """Tell whether a column holds numbers, which are written as numbers."""
    is_bool = pd.api.types.is_bool_dtype(values)
    return pd.api.types.is_numeric_dtype(values) and not is_bool


def numbers_of(values: pd.Series) -> list[float]:
    """Return the values as numbers, nan where missing."""
    return values.to_numpy(dtype=float, na_value=math.nan).tolist()


def texts_of(values: pd.Series) -> list[str]:
    """Return the values as text, "" where missing."""
    missing = values.isna().to_numpy()
    pairs = zip(values.tolist(), missing, strict=True)
    return ["" if gone else str(value) for value, gone in pairs]
