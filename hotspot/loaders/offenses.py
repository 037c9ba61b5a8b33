"""Offense records in one form, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pandas.api.types import is_numeric_dtype

from hotspot.errors import InputError, JobError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.dates import DateFormat, find_date_format, parse_dates
from hotspot.loaders.figures import column_of, count_marks
from hotspot.loaders.ids import repeated_ids
from hotspot.loaders.layout import Skipped
from hotspot.loaders.parquet import Piece, parquet_pieces, read_piece
from hotspot.loaders.records import Columns, as_text, cells_of, headings_of, offense_frame
from hotspot.loaders.tables import (
    TableFormat,
    find_format,
    read_database,
    read_table,
    take_columns,
)

__all__ = ["FIELDS", "OffenseChunks", "offense_chunks", "read_offenses", "repeated_ids"]

FIELDS = (
    "id",
    "date",
    "kind",
    "longitude",
    "latitude",
    "mahalla_code",
    "mahalla",
    "district",
    "registered",
)


def read_offenses(
    path: str | Path | None = None,
    *,
    columns: Columns,
    url: str | None = None,
    query: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    date_format: str | None = None,
) -> pd.DataFrame:
    r"""Read offense records from a file, a folder of parquet files or a database.

    Parameters
    ----------
    path
        The file or folder; absent with `url`.
    columns
        The heading of each field: id, date, kind, longitude, latitude, mahalla_code, mahalla,
        district, registered. `date` may be a list of headings (year, month, day, hour, minute;
        or date and time).
    url, query
        A database's address and a select, instead of `path`.
    encoding, separator, decimal, sheet, header_row, date_format
        How to read the file; found and reported when absent.

    Returns
    -------
    DataFrame
        One row a record in the order of the file: `row` (its number as a spreadsheet shows it),
        `id, kind, mahalla_code, mahalla, district` (text, missing where empty), `date`
        (datetime64[s], NaT where unreadable), `date_given` (as found), `longitude, latitude` (as
        found), `x, y` (float64, in the file's CRS; NaN where absent or unreadable), `registered`
        (datetime64[s]). ``attrs["found"]`` says how the file was read and what was guessed.

    Raises
    ------
    InputError
        The file, a heading, the dates or the codes cannot be used.

    Notes
    -----
    A date is the one that is written: a time zone after it moves nothing, and where one occurs
    ``found["time_zone"]`` says "as written": records of a file in UTC keep their day in UTC.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "offenses.csv"
    >>> _ = path.write_text("no;sana;lon\n7;31.01.2025;66,25\n", encoding="utf-8")
    >>> frame = read_offenses(path, columns={"id": "no", "date": "sana", "longitude": "lon"})
    >>> frame[["row", "id", "date", "x"]].values.tolist()
    [[2, '7', Timestamp('2025-01-31 00:00:00'), 66.25]]
    >>> frame.attrs["found"]["date_format"]
    'DD.MM.YYYY'
    """
    chunks = offense_chunks(
        path,
        columns=columns,
        url=url,
        query=query,
        encoding=encoding,
        separator=separator,
        decimal=decimal,
        sheet=sheet,
        header_row=header_row,
        date_format=date_format,
    )
    frames = list(chunks)
    if len(frames) == 1:
        return frames[0]
    whole = pd.concat(frames, ignore_index=True)
    whole.attrs["found"] = chunks.found
    return whole


@dataclass(frozen=True)
class OffenseChunks:
    """Offense records in parts, as often as they are asked for; every part is an offense frame.

    `found` says how the source was read: the format, what of it was guessed, the rows skipped.
    """

    source: str
    columns: Columns
    found: dict[str, object]
    forms: Mapping[str, DateFormat]
    decimal: str
    parts: Sequence[pd.DataFrame | Piece] = field(repr=False)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the parts in the order of the source; `row` runs on through them."""
        row = 2
        for part in self.parts:
            if isinstance(part, pd.DataFrame):
                table = part
            else:
                table = read_piece(part, headings_of(self.columns))
                table.index = pd.RangeIndex(row, row + len(table), name="row")
                row += len(table)
            frame = offense_frame(
                table,
                columns=self.columns,
                forms=self.forms,
                decimal=self.decimal,
                source=self.source,
            )
            frame.attrs["found"] = self.found
            yield frame


def offense_chunks(
    path: str | Path | None = None,
    *,
    columns: Columns,
    url: str | None = None,
    query: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    date_format: str | None = None,
) -> OffenseChunks:
    """Open offense records to be read in parts: a parquet folder by row groups, others whole.

    Parameters are those of `read_offenses`. The forms of dates and numbers are found once over
    the whole source, so that the parts agree; the files of a folder come in the order of their
    names.

    Returns
    -------
    OffenseChunks
        Can be iterated as often as needed; each part is a frame as `read_offenses` returns it.

    Raises
    ------
    InputError
        As `read_offenses`.
    """
    _check_columns(columns)
    form = TableFormat("database")
    notes: dict[str, Sequence[Skipped]] = {}
    parts: Sequence[pd.DataFrame | Piece]
    if path is None:
        if url is None or query is None:
            raise JobError(_("[offenses] needs path, or url with query; give one of them"))
        source, table = _("the query"), read_database(url, query)
        parts = [take_columns(table, headings_of(columns), source)]
    else:
        source = str(path)
        form = find_format(
            path,
            encoding=encoding,
            separator=separator,
            decimal=decimal,
            sheet=sheet,
            header_row=header_row,
            known=headings_of(columns),
        )
        if Path(path).is_dir():
            parts = parquet_pieces(Path(path))
        else:
            read = read_table(path, form, columns=headings_of(columns))
            parts = [read.frame]
            notes = {"skipped": read.skipped, "broken": read.broken}
    forms = _find_form(parts, columns, date_format, source)
    mark = decimal or _find_mark(parts, columns)
    found: dict[str, object] = {
        name: value
        for name, value in vars(form).items()
        if name not in ("kind", "decimal", "guessed") and value is not None
    }
    if mark:
        found["decimal"] = mark
    found["date_format"] = forms["date"].given or forms["date"].name
    if any(form.zoned for form in forms.values()):
        found["time_zone"] = "as written"
    chosen = set(form.guessed)
    chosen |= {
        name for name, value in (("decimal", decimal), ("date_format", date_format)) if not value
    }
    found["guessed"] = [name for name in found if name in chosen]
    found.update({name: [row._asdict() for row in rows] for name, rows in notes.items()})
    return OffenseChunks(source, columns, found, forms, mark or ".", parts)


def _distinct(parts: Sequence[pd.DataFrame | Piece], headings: Sequence[str]) -> pd.DataFrame:
    """Return some columns of the one part, or their distinct rows over several."""
    asked = list(headings)
    if len(parts) == 1:
        return _part(parts[0], asked)
    found = [_part(part, asked).drop_duplicates() for part in parts]
    if len({tuple(map(str, part.dtypes)) for part in found}) > 1:
        found = [part.astype("object") for part in found]
    return pd.concat(found, ignore_index=True).drop_duplicates()


def _part(part: pd.DataFrame | Piece, headings: list[str]) -> pd.DataFrame:
    return part[headings] if isinstance(part, pd.DataFrame) else read_piece(part, headings)


def _find_form(
    parts: Sequence[pd.DataFrame | Piece], columns: Columns, given: str | None, source: str
) -> dict[str, DateFormat]:
    headings = headings_of({"date": columns["date"]})
    dates = cells_of(_distinct(parts, headings), columns["date"])
    where = column_of(source, columns["date"])
    form = find_date_format(dates, given=given, where=where)
    forms = {"date": form}
    if "registered" in columns:
        headings = headings_of({"registered": columns["registered"]})
        cells = _distinct(parts, headings)[headings[0]]
        where = column_of(source, columns["registered"])
        forms["registered"] = form
        # an empty column is no error, nor one that the form given for the date reads
        if not (as_text(cells).isna().all() or (given and parse_dates(cells, form).notna().any())):
            forms["registered"] = find_date_format(cells, day_first=form.day_first, where=where)
    return forms


def _find_mark(parts: Sequence[pd.DataFrame | Piece], columns: Columns) -> str | None:
    """Return the decimal mark of coordinates kept as text, None where none has one."""
    figures = {name: columns[name] for name in ("longitude", "latitude") if name in columns}
    commas, points = 0, 0
    for part in parts:
        table = _part(part, headings_of(figures))
        for heading in table:
            if not is_numeric_dtype(table[heading]):
                counted = count_marks(table[heading])
                commas, points = commas + counted[0], points + counted[1]
    if commas + points == 0:
        return None
    return "," if commas > points else "."


def _check_columns(columns: Columns) -> None:
    for name in columns:
        if name not in FIELDS:
            hint = nearest_sentence(name, FIELDS)
            raise InputError(
                _(
                    "[offenses.columns] '{name}' is no field of an offense; {hint}",
                    name=name,
                    hint=hint,
                )
            )
    if "date" not in columns:
        raise InputError(_("[offenses.columns] has no date; name the heading of the date"))
