"""A date's form as the user gives it: strptime directives."""

from __future__ import annotations

import re
from collections import Counter

from hotspot.errors import InputError
from hotspot.language import _

YEAR, MONTH = "Yy", "mbBj"
KNOWN = YEAR + MONTH + "dHIMSfpaAzZ%"


def check_directives(given: str, *, where: str) -> None:
    """Refuse a form that strptime cannot read or that has no year or month.

    Parameters
    ----------
    given
        Such as '%d.%m.%Y'.
    where
        The file and column, for the sentences.

    Raises
    ------
    InputError
        A directive is unknown, cut off or repeated, or there is none for the year or the month.

    Examples
    --------
    >>> check_directives("%d.%m.%Y", where="a.csv")
    >>> check_directives("%d.%M.%Y", where="a.csv")
    Traceback (most recent call last):
    hotspot.errors.InputError: a.csv: date_format '%d.%M.%Y' has no month; write %m for it (%M is \
minutes)
    """
    found = Counter(re.findall(r"%(.?)", given, re.DOTALL))
    if not found:
        raise InputError(
            _(
                "{where}: date_format '{given}' has no % in it; write it like '%d.%m.%Y'",
                where=where,
                given=given,
            )
        )
    for letter, times in found.items():
        if not letter or letter not in KNOWN:
            raise InputError(
                _(
                    "{where}: date_format '{given}' has '%{letter}', which is unknown; write it "
                    "like '%d.%m.%Y'",
                    where=where,
                    given=given,
                    letter=letter,
                )
            )
        if times > 1 and letter != "%":
            raise InputError(
                _(
                    "{where}: date_format '{given}' has '%{letter}' {times} times; write it once",
                    where=where,
                    given=given,
                    letter=letter,
                    times=times,
                )
            )
    if not found.keys() & set(YEAR):
        raise InputError(
            _(
                "{where}: date_format '{given}' has no year; write %Y for 2025, %y for 25",
                where=where,
                given=given,
            )
        )
    if not found.keys() & set(MONTH):
        if "M" in found:
            raise InputError(
                _(
                    "{where}: date_format '{given}' has no month; write %m for it (%M is minutes)",
                    where=where,
                    given=given,
                )
            )
        raise InputError(
            _(
                "{where}: date_format '{given}' has no month; write %m for it",
                where=where,
                given=given,
            )
        )
