"""Dates as files hold them: one form found for a column, then every cell read by it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.date_cells import each_moment, has_zone, split_typed
from hotspot.loaders.date_parts import find_parts, is_date_and_time, join_columns, read_date_parts
from hotspot.loaders.directives import check_directives
from hotspot.loaders.moments import (
    COMPACT,
    EPOCH,
    NAMED,
    NAMED_YEAR_FIRST,
    SERIAL,
    YEAR_FIRST,
    YEAR_LAST,
    cut_texts,
    read_day,
    read_time,
)
from hotspot.loaders.text import text_of

# before: placeholders such as 1900-01-01 and 0001-01-01; after: beyond what pandas' clock holds
FIRST, LAST = datetime.datetime(1900, 1, 2), datetime.datetime(2262, 1, 1)
MINORITY = 0.01


@dataclass(frozen=True)
class DateFormat:
    """How a date column is read.

    `name` says it in words or as the strptime format that was given; `day_first` is how numbers
    such as 03/04/2021 are read, None where none occur; `given` is a strptime format or None;
    `zoned` says that a time zone stands at some dates.
    """

    name: str
    day_first: bool | None = None
    given: str | None = None
    zoned: bool = False


def find_date_format(
    values: pd.Series | pd.DataFrame,
    *,
    given: str | None = None,
    day_first: bool | None = None,
    where: str = "the dates",
) -> DateFormat:
    """Find how a column of dates is to be read.

    Parameters
    ----------
    values
        The cells, text or typed; or a frame of the columns a date is split over: year, month,
        day, hour, minute, told by their headings, else by their order; or date and time.
    given
        A strptime format, which is then the only one tried on text.
    day_first
        How to read 03/04/2021 where no value of the column tells.
    where
        The file and column, for the sentences.

    Returns
    -------
    DateFormat

    Raises
    ------
    InputError
        No value can be read, the column could be read both ways, contradicts itself, or was half
        converted by a spreadsheet; or columns do not say which part of the date they hold.

    Notes
    -----
    Evidence is counted over distinct days. 03.04.2021 is day-first unless other values of the
    column say otherwise. Less than 1 % of days against the rest are unreadable; more are an error.

    Examples
    --------
    >>> import pandas as pd
    >>> find_date_format(pd.Series(["12/31/2017 0:00", "1/1/2017 13:05"])).name
    'MM/DD/YYYY'
    """
    if given is not None:
        form = _given_form(given, where)
    elif isinstance(values, pd.DataFrame) and not is_date_and_time(values):
        parts = find_parts(list(values.columns), where=where)
        form = DateFormat(", ".join(f"{part} in '{column}'" for part, column in parts.items()))
    else:
        form = _find_form(_distinct(_one_column(values)), day_first, where)
    # mostly the first rows tell already that something can be read
    if not (_read(values[:1000], form).notna().any() or _read(values, form).notna().any()):
        raise InputError(_nothing_read(values, form, where))
    return form


def parse_dates(values: pd.Series | pd.DataFrame, form: DateFormat) -> pd.Series:
    """Return the dates of a column in the form that was found.

    Parameters
    ----------
    values
        The cells, as for `find_date_format`.
    form
        What it returned.

    Returns
    -------
    Series of datetime64[s]
        On the same index; NaT where a cell is empty, impossible (2021-02-30), a placeholder
        (1900-01-01 and before) or of another form. A month alone is its first day.

    Notes
    -----
    The date is the one written: an offset or a Z after it is not converted to another zone.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.Series(["2014/03/02 05:00:00+00", "2021-02-30", "2016-07"])
    >>> parse_dates(cells, find_date_format(cells)).tolist()
    [Timestamp('2014-03-02 05:00:00'), NaT, Timestamp('2016-07-01 00:00:00')]
    """
    return _read(values, form)


def _find_form(values: pd.Series, day_first: bool | None, where: str) -> DateFormat:
    typed, texts = split_typed(values)
    days, times = cut_texts(texts)
    zoned = has_zone(values, times)
    tokens = list(days.dropna().unique())
    numeric = [match for match in map(YEAR_LAST.fullmatch, tokens) if match]
    shapes = _shapes(typed, tokens)
    if not numeric:
        return DateFormat(" or ".join(shapes) or "unknown", zoned=zoned)
    first = [m for m in numeric if int(m[1]) > 12 >= int(m[3])]
    second = [m for m in numeric if int(m[3]) > 12 >= int(m[1])]
    moments = typed.dropna().dt.normalize().drop_duplicates()
    if len(moments) >= 10 and len(first) >= 10 and first == numeric and moments.dt.day.max() <= 12:
        raise InputError(
            _(
                "{where}: a spreadsheet has swapped day and month in some dates: those it "
                "converted (such as {converted}) all have a day up to 12, those left as text "
                "(such as '{first}') all begin with a larger number; export the dates as text",
                where=where,
                converted=f"{moments.iloc[0]:%Y-%m-%d}",
                first=first[0][0],
            )
        )
    less, more = sorted((first, second), key=len)
    if len(less) >= MINORITY * len(numeric) and less:
        raise InputError(
            _(
                "{where}: '{first}' has its day first and '{second}' its month; give the column "
                "one form",
                where=where,
                first=first[0][0],
                second=second[0][0],
            )
        )
    if more:
        found = more is first
    elif day_first is not None:
        found = day_first
    elif all(m[2] == "." or m[1] == m[3] for m in numeric):
        found = True
    else:
        example = next(m for m in numeric if m[2] != "." and m[1] != m[3])
        mark = example[2]
        raise InputError(
            _(
                "{where}: '{example}' could be day {number} or month {number}, and no value of "
                "the column tells; give date_format, such as '{day_first}' or '{month_first}'",
                where=where,
                example=example[0],
                number=int(example[1]),
                day_first=f"%d{mark}%m{mark}%Y",
                month_first=f"%m{mark}%d{mark}%Y",
            )
        )
    marks = sorted({m[2] for m in numeric})
    order = ("DD", "MM") if found else ("MM", "DD")
    shapes += [mark.join((*order, "YYYY")) for mark in marks]
    return DateFormat(" or ".join(shapes), day_first=found, zoned=zoned)


def _shapes(typed: pd.Series, tokens: Sequence[str]) -> list[str]:
    shapes = ["dates of the spreadsheet"] if typed.notna().any() else []
    for name, pattern in (
        ("YYYY-MM-DD", YEAR_FIRST),
        ("YYYYMMDD", COMPACT),
        ("day, month's name, year", NAMED),
        ("year, day, month's name", NAMED_YEAR_FIRST),
        ("days since 1900 (Excel)", SERIAL),
    ):
        found = [match for match in map(pattern.fullmatch, tokens) if match]
        if pattern is YEAR_FIRST:
            full = {match[2] for match in found if match[4]}
            shapes += [f"YYYY{mark}MM{mark}DD" for mark in sorted(full)]
            part = {match[2] for match in found if not match[4]}
            shapes += [f"YYYY{mark}MM" for mark in sorted(part)]
        elif found:
            shapes.append(name)
    return shapes


def _read(values: pd.Series | pd.DataFrame, form: DateFormat) -> pd.Series:
    if isinstance(values, pd.DataFrame):
        if form.given is None and not is_date_and_time(values):
            return _sane(read_date_parts(values))
        values = _one_column(values)
    if values.dtype == "str":
        codes, distinct = pd.factorize(values)
        moments = _read_cells(pd.Series(distinct, dtype="str"), form)
        return moments.reindex(codes).set_axis(values.index)
    return _read_cells(values, form)


def _read_cells(values: pd.Series, form: DateFormat) -> pd.Series:
    typed, texts = split_typed(values)
    given = form.given
    if texts.isna().all():
        return _sane(typed)
    moments = _read_given(texts, given) if given else _read_texts(texts, form)
    return _sane(typed.where(typed.notna(), moments))


def _read_given(texts: pd.Series, given: str) -> pd.Series:
    if "%z" not in given.casefold():
        return pd.to_datetime(texts, format=given, errors="coerce").astype("datetime64[s]")
    # pandas would convert or refuse mixed offsets; the date as written is wanted
    return each_moment(texts, lambda text: _strptime(text, given))


def _strptime(text: str, given: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text.strip(), given).replace(tzinfo=None)
    except ValueError:
        return None


def _read_texts(texts: pd.Series, form: DateFormat) -> pd.Series:
    days, times = cut_texts(texts)
    date = each_moment(days, lambda day: read_day(day, form.day_first))
    time = each_moment(times, read_time)
    seconds = (time - pd.Timestamp(EPOCH)).where(times.notna(), pd.Timedelta(0))
    return date + seconds


def _sane(moments: pd.Series) -> pd.Series:
    inside = (moments >= pd.Timestamp(FIRST)) & (moments < pd.Timestamp(LAST))
    return moments.where(inside).astype("datetime64[s]")


def _one_column(values: pd.Series | pd.DataFrame) -> pd.Series:
    return values if isinstance(values, pd.Series) else join_columns(values)


def _distinct(values: pd.Series) -> pd.Series:
    """Return each text once; cells of other kinds stay as they are."""
    return pd.Series(values.dropna().unique(), dtype="str") if values.dtype == "str" else values


def _given_form(given: str, where: str) -> DateFormat:
    check_directives(given, where=where)
    day, month = given.find("%d"), given.find("%m")
    day_first = day < month if min(day, month) >= 0 else None
    return DateFormat(given, day_first=day_first, given=given, zoned="%z" in given.casefold())


def _nothing_read(distinct: pd.Series | pd.DataFrame, form: DateFormat, where: str) -> str:
    cells = distinct.dropna(how="all") if isinstance(distinct, pd.DataFrame) else distinct.dropna()
    if cells.empty:
        return _("{where}: every cell is empty; name the column that holds the date", where=where)
    first = cells.iloc[0]
    example = " ".join(map(text_of, first)) if isinstance(first, pd.Series) else text_of(first)
    if form.given:
        return _(
            "{where}: no value fits date_format '{form}' (the first is '{example}'); "
            "correct date_format or leave it out",
            where=where,
            form=form.given,
            example=example,
        )
    short = re.fullmatch(r"\d{1,2}([-/.])\d{1,2}\1\d{2}\b.*", example)
    if short:
        return _(
            "{where}: no value can be read as a date (the first is '{example}'); "
            "name another column or give date_format, such as '{form}'",
            where=where,
            example=example,
            form=f"%d{short[1]}%m{short[1]}%y",
        )
    return _(
        "{where}: no value can be read as a date (the first is '{example}'); "
        "name another column or give date_format",
        where=where,
        example=example,
    )
