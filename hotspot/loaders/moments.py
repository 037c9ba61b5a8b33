"""A date and a time of day in text."""

from __future__ import annotations

import datetime
import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hotspot.loaders.text import arrow

# Excel's days count from here (its 1900 is wrongly a leap year, which is why it isn't the 31st)
EPOCH = datetime.datetime(1899, 12, 30)
SERIALS = (20_000, 80_000)

_MONTHS = (
    ("jan", "yan", "янв"),
    ("feb", "fev", "фев"),
    ("mar", "мар"),
    ("apr", "апр"),
    ("may", "май", "мая"),
    ("jun", "iyun", "июн"),
    ("jul", "iyul", "июл"),
    ("aug", "avg", "авг"),
    ("sep", "sen", "сен"),
    ("oct", "okt", "окт"),
    ("nov", "noy", "ноя"),
    ("dec", "dek", "дек"),
)
# "year", as it is written after one in Russian and Uzbek
_YEAR = r"[\s-]*(?:г|год|года|й|йил|yil)(?:нинг|ning)?\.?"
_TAIL = rf"(?:{_YEAR})?"
CUT = r"^\s*(?P<date>.*?)(?:[T,\s]+(?P<time>\d{1,2}:\d.*?))?\s*$"
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TAIL)
NAMED = re.compile(
    rf"(?:(\d{{1,2}})[-\s.]+([^\W\d_]+)|([^\W\d_]+)\.?\s+(\d{{1,2}}))[-\s.,]+(\d{{4}}){_TAIL}"
)
# 2023 йил 7 январ, 2023-yil 7-yanvar kuni
NAMED_YEAR_FIRST = re.compile(
    rf"(\d{{4}}){_TAIL}[-\s.,]+(?:(\d{{1,2}})[-\s.]+([^\W\d_]+)|([^\W\d_]+)[-\s.]+(\d{{1,2}}))"
    r"(?:\s+(?:куни|kuni))?"
)
SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:([ap])\.?m\.?)?\s*(?:z|utc|[-+]\d{2}:?(?:\d{2})?)?",
    re.IGNORECASE,
)


def cut_texts(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the day and the time of day in each text; the time is missing where none is.

    Examples
    --------
    >>> import pandas as pd
    >>> day, time = cut_texts(pd.Series(["2014-03-02T05:06Z", "2 марта 2014"]))
    >>> day.tolist(), time.tolist()
    (['2014-03-02', '2 марта 2014'], ['05:06Z', nan])
    """
    words = arrow(texts)
    for mark in (" ", "T"):
        # where the mark stands at one place in all texts, cutting there is ten times quicker
        places = pc.min_max(pc.find_substring(words, mark)).as_py()
        at = places["min"]
        if at is not None and at == places["max"] and at > 0:
            day, time = (
                pc.utf8_slice_codeunits(words, 0, at),
                pc.utf8_slice_codeunits(words, at + 1),
            )
            if pc.all(pc.match_substring_regex(pc.unique(time), r"^\d\d?:")).as_py():
                return _words(day, texts.index), _words(time, texts.index)
    cut = pc.extract_regex(words, CUT)
    day, time = (pc.struct_field(cut, name) for name in ("date", "time"))
    clock = _words(time, texts.index)
    return _words(day, texts.index), clock.where(clock != "")


def _words(words: pa.Array, index: pd.Index) -> pd.Series:
    return pd.Series(words.to_pandas(), dtype="str").set_axis(index)


def read_day(text: str, day_first: bool | None) -> datetime.datetime | None:
    """Return midnight of the day in a text, None where there is none.

    Examples
    --------
    >>> read_day("3.4.2021 г.", True), read_day("2021 йил 4 март", None)
    (datetime.datetime(2021, 4, 3, 0, 0), datetime.datetime(2021, 3, 4, 0, 0))
    """
    if match := YEAR_FIRST.fullmatch(text):
        return _moment(match[1], match[3], match[4] or 1)
    if match := COMPACT.fullmatch(text):
        return _moment(*match.groups())
    if match := YEAR_LAST.fullmatch(text):
        day, month = (match[1], match[3]) if day_first is not False else (match[3], match[1])
        return _moment(match[4], month, day)
    if match := NAMED.fullmatch(text):
        return _moment(match[5], month_of(match[2] or match[3]), match[1] or match[4])
    if match := NAMED_YEAR_FIRST.fullmatch(text):
        return _moment(match[1], month_of(match[3] or match[4]), match[2] or match[5])
    if SERIAL.fullmatch(text):
        return _from_serial(float(text.replace(",", ".")))
    return None


def read_time(text: str) -> datetime.datetime | None:
    """Return the time of day in a text, on Excel's first day; None where there is none.

    Examples
    --------
    >>> read_time("1:05 pm").time(), read_time("25:00")
    (datetime.time(13, 5), None)
    """
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour = int(match[1])
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4].casefold() == "p" else 0)
    if hour > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        return None
    return EPOCH.replace(hour=hour, minute=int(match[2]), second=int(match[3] or 0))


def _moment(year: object, month: object, day: object) -> datetime.datetime | None:
    try:
        return datetime.datetime(int(str(year)), int(str(month)), int(str(day)))
    except ValueError:
        return None


def month_of(word: str) -> int:
    """Return the number of a month named in English, Russian or Uzbek; 0 for another word.

    Examples
    --------
    >>> month_of("Sentabr"), month_of("мая"), month_of("Iyun"), month_of("x")
    (9, 5, 6, 0)
    """
    folded = word.casefold()
    return next((at + 1 for at, starts in enumerate(_MONTHS) if folded.startswith(starts)), 0)


def _from_serial(days: float) -> datetime.datetime | None:
    if not SERIALS[0] <= days <= SERIALS[1]:
        return None
    return EPOCH + datetime.timedelta(seconds=round(days * 86_400))
