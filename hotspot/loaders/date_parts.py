"""Dates split over several columns."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pandas as pd

from hotspot.loaders.moments import month_of
from hotspot.loaders.text import text_of, texts_of

_PARTS = ("year", "month", "day", "hour", "minute")
_WORDS = {
    "year": ("year", "yil", "йил", "год", "yyyy"),
    "month": ("month", "oy", "ой", "месяц"),
    "day": ("day", "kun", "кун", "день", "число"),
    "hour": ("hour", "soat", "соат", "час"),
    "minute": ("minute", "daqiqa", "дақиқа", "минута"),
}


def is_date_and_time(frame: pd.DataFrame) -> bool:
    """Say whether two columns hold a date and a time of day, by not being called year or month.

    Examples
    --------
    >>> import pandas as pd
    >>> is_date_and_time(pd.DataFrame(columns=["sana", "vaqt"]))
    True
    """
    words = {word for words in _WORDS.values() for word in words}
    return frame.shape[1] == 2 and not {text_of(c).casefold() for c in frame.columns} & words


def join_date_and_time(frame: pd.DataFrame) -> pd.Series:
    """Return a date and a time of day as one text.

    Examples
    --------
    >>> import pandas as pd
    >>> join_date_and_time(pd.DataFrame({"sana": ["2.3.2014"], "vaqt": ["5:06"]})).tolist()
    ['2.3.2014 5:06']
    """
    days, times = (frame.iloc[:, at] for at in (0, 1))
    # a typed date may carry midnight, and a typed time the day 1899-12-30
    day, time = _typed_as(days, "%Y-%m-%d"), _typed_as(times, "%H:%M:%S")
    return day + (" " + time).fillna("")


def read_date_parts(frame: pd.DataFrame) -> pd.Series:
    """Return the dates of columns year, month, day, hour, minute.

    Parameters
    ----------
    frame
        The columns, told by their headings, or else in this order; a month may be a name. Those
        after the month may be absent.

    Returns
    -------
    Series of datetime64[s]
        NaT where a year, month or day is missing or impossible.
    """
    roles = _roles(list(frame.columns))
    numbers = pd.DataFrame(
        {part: pd.to_numeric(texts_of(frame[c]), errors="coerce") for part, c in roles.items()}
    )
    if "month" in roles and numbers["month"].isna().any():
        words = texts_of(frame[roles["month"]])
        named = words.map({word: month_of(word) or None for word in words.dropna().unique()})
        numbers["month"] = numbers["month"].fillna(named.astype("float64"))
    for part in ("month", "day"):
        if part not in roles:
            numbers[part] = 1.0
    for part in ("hour", "minute"):
        numbers[part] = numbers[part].fillna(0) if part in roles else 0.0
    return pd.to_datetime(numbers, errors="coerce").astype("datetime64[s]")


def _roles(columns: Sequence[object]) -> dict[str, object]:
    named = {
        part: column
        for part, words in _WORDS.items()
        for column in columns
        if text_of(column).casefold() in words
    }
    return named if "year" in named else dict(zip(_PARTS, columns, strict=False))


def _typed_as(cells: pd.Series, form: str) -> pd.Series:
    if cells.dtype == "str":
        return texts_of(cells)
    words = [
        cell.strftime(form) if isinstance(cell, datetime.date) and cell == cell else text_of(cell)
        for cell in cells.astype("object")
    ]
    return pd.Series([word or None for word in words], index=cells.index, dtype="str")
