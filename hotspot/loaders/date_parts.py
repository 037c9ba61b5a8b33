"""Dates split over several columns."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _, mark
from hotspot.loaders.moments import month_of
from hotspot.loaders.synonyms import PARTS, part_of
from hotspot.loaders.text import text_of, texts_of

NAMES = {
    "year": mark("year"),
    "month": mark("month"),
    "day": mark("day"),
    "hour": mark("hour"),
    "minute": mark("minute"),
}


def is_date_and_time(frame: pd.DataFrame) -> bool:
    """Say whether two columns hold a date and a time of day, by not being called year or month.

    Examples
    --------
    >>> import pandas as pd
    >>> is_date_and_time(pd.DataFrame(columns=["sana", "vaqt"]))
    True
    """
    return frame.shape[1] == 2 and not {"year", "month"} & set(map(part_of, frame.columns))


def join_columns(frame: pd.DataFrame) -> pd.Series:
    """Return a date and a time of day, or the parts of a date, as one text.

    Examples
    --------
    >>> import pandas as pd
    >>> join_columns(pd.DataFrame({"sana": ["2.3.2014"], "vaqt": ["5:06"]})).tolist()
    ['2.3.2014 5:06']
    """
    # a typed date may carry midnight, and a typed time the day 1899-12-30
    joined = _typed_as(frame.iloc[:, 0], "%Y-%m-%d")
    for at in range(1, frame.shape[1]):
        joined = joined + (" " + _typed_as(frame.iloc[:, at], "%H:%M:%S")).fillna("")
    return joined


def find_parts(columns: Sequence[object], *, where: str = "the dates") -> dict[str, object]:
    """Find which column holds which part of the date.

    Parameters
    ----------
    columns
        Headings: all of them name a part, or none does and they come in the order year, month,
        day, hour, minute.
    where
        The file and columns, for the sentences.

    Returns
    -------
    dict
        Part to heading; year and month are always there.

    Raises
    ------
    InputError
        Only some headings name a part, two name the same one, or the year or month is missing.

    Examples
    --------
    >>> find_parts(["Куни", "Ойи", "Йил"])
    {'day': 'Куни', 'month': 'Ойи', 'year': 'Йил'}
    """
    parts: Sequence[str | None] = [part_of(column) for column in columns]
    if not any(parts):
        if len(columns) > len(PARTS):
            raise InputError(
                _(
                    "{where}: {columns} columns are too many for a date; name year, month, day, "
                    "hour and minute",
                    where=where,
                    columns=len(columns),
                )
            )
        parts = list(PARTS)[: len(columns)]
    unknown = [f"'{column}'" for part, column in zip(parts, columns, strict=True) if not part]
    if unknown:
        raise InputError(
            _(
                "{where}: nothing says which part of the date is in {columns}; rename to year, "
                "month, day, hour or minute",
                where=where,
                columns=", ".join(unknown),
            )
        )
    found: dict[str, object] = {}
    for part, column in zip(parts, columns, strict=True):
        if part in found:
            raise InputError(
                _(
                    "{where}: '{first}' and '{second}' both hold the {part}; name one",
                    where=where,
                    first=found[str(part)],
                    second=column,
                    part=_(NAMES[str(part)]),
                )
            )
        found[str(part)] = column
    for part in ("year", "month"):
        if part not in found:
            raise InputError(
                _(
                    "{where}: no column holds the {part}; add it to the date's columns",
                    where=where,
                    part=_(NAMES[part]),
                )
            )
    return found


def read_date_parts(frame: pd.DataFrame) -> pd.Series:
    """Return the dates of columns year, month, day, hour, minute.

    Parameters
    ----------
    frame
        The columns, as `find_parts` tells them; a month may be a name. A missing column of days
        is the first of the month, of hours or minutes 0.

    Returns
    -------
    Series of datetime64[s]
        NaT where a year, month or day is missing or impossible.

    Raises
    ------
    InputError
        As `find_parts`.

    Examples
    --------
    >>> import pandas as pd
    >>> read_date_parts(pd.DataFrame({"Йил": [2023, 2023], "Ойи": [2, "март"]})).tolist()
    [Timestamp('2023-02-01 00:00:00'), Timestamp('2023-03-01 00:00:00')]
    """
    roles = find_parts(list(frame.columns))
    numbers = pd.DataFrame(
        {part: pd.to_numeric(texts_of(frame[c]), errors="coerce") for part, c in roles.items()}
    )
    if numbers["month"].isna().any():
        words = texts_of(frame[roles["month"]])
        named = words.map({word: month_of(word) or None for word in words.dropna().unique()})
        numbers["month"] = numbers["month"].fillna(named.astype("float64"))
    if "day" not in roles:
        numbers["day"] = 1.0
    for part in ("hour", "minute"):
        numbers[part] = numbers[part].fillna(0) if part in roles else 0.0
    return pd.to_datetime(numbers, errors="coerce").astype("datetime64[s]")


def _typed_as(cells: pd.Series, form: str) -> pd.Series:
    if cells.dtype == "str":
        return texts_of(cells)
    words = [
        cell.strftime(form) if isinstance(cell, datetime.date) and cell == cell else text_of(cell)
        for cell in cells.astype("object")
    ]
    return pd.Series([word or None for word in words], index=cells.index, dtype="str")
