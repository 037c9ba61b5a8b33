"""Any table from any file or database, and what had to be guessed about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyogrio

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.databases import read_database
from hotspot.loaders.delimited import (
    find_encoding,
    find_separator,
    first_rows,
    read_bytes,
    read_delimited,
)
from hotspot.loaders.figures import find_decimal
from hotspot.loaders.layout import (
    Row,
    Skipped,
    check_header_row,
    cut_rows,
    find_header,
)
from hotspot.loaders.parquet import parquet_pieces, read_piece
from hotspot.loaders.sheets import find_sheet, holds_unsaved_formulas
from hotspot.loaders.text import text_of

__all__ = ["Table", "TableFormat", "find_format", "read_database", "read_table", "take_columns"]

KINDS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "sheet",
    ".xlsm": "sheet",
    ".xls": "sheet",
    ".ods": "sheet",
    ".dbf": "dbf",
    ".parquet": "parquet",
}


@dataclass(frozen=True)
class TableFormat:
    """How a file is read; a field that does not apply to its kind is None.

    `header_row` is the number of the row of headings as a spreadsheet shows it; `guessed` names
    the fields that were found and not given.
    """

    kind: str
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table with its cells as found, and the rows that are no records.

    `frame` is indexed by the number of the row as a spreadsheet shows it (index name "row");
    `broken` lists rows with more cells than headings, whose cells are left missing in `frame`.
    """

    frame: pd.DataFrame
    format: TableFormat
    skipped: tuple[Skipped, ...] = ()
    broken: tuple[Skipped, ...] = ()


def find_format(
    path: str | Path,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    known: Collection[str] = (),
) -> TableFormat:
    """Find how a file is to be read; what is given is kept.

    Parameters
    ----------
    path
        A csv, csv.gz, tsv, txt, xlsx, xlsm, xls, ods, dbf or parquet file, or a folder of parquet
        files.
    encoding, separator, decimal, sheet, header_row
        What is known; None is found.
    known
        Headings expected, which help to find the sheet and the row of headings.

    Returns
    -------
    TableFormat

    Raises
    ------
    InputError
        The file is missing, empty, damaged, of an unknown kind, or not as given; a known heading
        stands twice, or several sheets hold the headings.

    Notes
    -----
    An encoding is UTF-8 where the whole file reads as UTF-8, else the one of its mark, else
    cp1251. The separator of `; , tab |` is the one that cuts most rows into the same number of
    cells.
    """
    path = Path(path)
    kind = _kind(path)
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise InputError(
            _(
                "{path}: the separator '{separator}' is not one character; write ; or ,",
                path=path,
                separator=separator,
            )
        )
    if decimal not in (None, ".", ","):
        raise InputError(
            _(
                "{path}: the decimal mark '{decimal}' is not known; write . or ,",
                path=path,
                decimal=decimal,
            )
        )
    if sheet is not None and kind != "sheet":
        raise InputError(
            _(
                "{path}: sheet is '{sheet}' and a file of this kind has no sheets; leave sheet out",
                path=path,
                sheet=sheet,
            )
        )
    given = TableFormat(kind, encoding, separator, decimal, sheet, header_row)
    if kind == "csv":
        found = _find_csv_format(path, given, known)
    elif kind == "sheet":
        part = find_sheet(path, sheet=sheet, header_row=header_row, known=known)
        check_header_row(path, part.rows, part.header_row)
        _refuse_repeated(path, part.rows[part.header_row - 1], known)
        found = replace(given, sheet=part.name, header_row=part.header_row)
    elif kind == "dbf":
        found = replace(given, encoding=_read_dbf(path, encoding)[0])
    else:
        parquet_pieces(path)
        found = given
    names = ("encoding", "separator", "decimal", "sheet", "header_row")
    guessed = tuple(n for n in names if getattr(given, n) is None and getattr(found, n) is not None)
    return replace(found, guessed=guessed)


def read_table(
    path: str | Path, form: TableFormat, *, columns: Collection[str] | None = None
) -> Table:
    """Read a table; cells stay as found: text from csv, typed from the other kinds.

    Parameters
    ----------
    path
        The file, or a folder of parquet files (read whole; `parquet_pieces` reads it in parts).
    form
        What `find_format` returned.
    columns
        Headings to keep, in this order; None keeps all.

    Returns
    -------
    Table
        Every row that is not blank is in `frame` or in `skipped`.

    Raises
    ------
    InputError
        The file cannot be read as `form` says, holds headings alone, or lacks a column.
    """
    path = Path(path)
    if form.kind == "parquet":
        pieces = [read_piece(piece, columns) for piece in parquet_pieces(path)]
        table = Table(_numbered(pd.concat(pieces, ignore_index=True)), form)
    elif form.kind == "dbf":
        table = Table(_numbered(_read_dbf(path, form.encoding)[1]), form)
    elif form.kind == "sheet":
        part = find_sheet(path, sheet=form.sheet, header_row=form.header_row, known=())
        cut = cut_rows(path, part.rows, part.header_row)
        table = Table(cut.frame, form, cut.skipped, cut.broken)
        _refuse_unsaved(path, cut.frame, columns)
    else:
        text = find_encoding(path, read_bytes(path), form.encoding)[1]
        cut = read_delimited(
            path, text, separator=form.separator or ",", header_row=form.header_row or 1
        )
        table = Table(cut.frame, form, cut.skipped, cut.broken)
    if not len(table.frame):
        raise InputError(
            _("{path}: there are headings and no rows under them; give a full table", path=path)
        )
    if columns is not None:
        table = replace(table, frame=take_columns(table.frame, columns, path))
    return table


def take_columns(frame: pd.DataFrame, columns: Collection[str], path: str | Path) -> pd.DataFrame:
    """Return the columns in the order asked for, or say which heading is not in the file."""
    # a heading is on one line with single blanks, here as in the file
    asked = list(dict.fromkeys(text_of(column) for column in columns))
    _refuse_repeated(path, list(frame.columns), asked)
    for heading in asked:
        if heading not in frame:
            hint = nearest_sentence(heading, frame.columns)
            for row, *cells in frame[:2].itertuples(name=None):
                if heading in map(text_of, cells):
                    hint = _(
                        "row {row} holds it, so the headings take several rows: "
                        "write them into one, or set header_row = {row}",
                        row=row,
                    )
            raise InputError(
                _(
                    "{path}: there is no column '{column}'; {hint}",
                    path=path,
                    column=heading,
                    hint=hint,
                )
            )
    return frame[asked]


def _refuse_repeated(path: str | Path, header: Row, asked: Collection[str]) -> None:
    times = Counter(map(text_of, header))
    for heading in asked:
        if times[heading] > 1:
            raise InputError(
                _(
                    "{path}: there are {times} columns '{column}'; rename one",
                    path=path,
                    times=times[heading],
                    column=heading,
                )
            )


def _refuse_unsaved(path: Path, frame: pd.DataFrame, columns: Collection[str] | None) -> None:
    asked = frame.columns if columns is None else frame.columns.intersection(list(columns))
    empty = [heading for heading in asked if frame[heading].isna().all()]
    if empty and holds_unsaved_formulas(path):
        raise InputError(
            _(
                "{path}: column '{column}' is empty, and the file holds formulas whose results "
                "were never saved; open it in Excel and save it",
                path=path,
                column=empty[0],
            )
        )


def _kind(path: Path) -> str:
    if not path.exists():
        raise InputError(_("{path}: no such file; check the path", path=path))
    if path.is_dir():
        return "parquet"
    name = path.name.casefold()
    kinds = [kind for ending, kind in KINDS.items() if name.endswith(ending)]
    if not kinds:
        raise InputError(
            _(
                "{path}: a file of this kind is not known; known are {known} and a folder of "
                ".parquet files",
                path=path,
                known=", ".join(KINDS),
            )
        )
    if path.stat().st_size == 0:
        raise InputError(_("{path}: the file is empty; give a table", path=path))
    return kinds[0]


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    # these kinds have no rows above the records; a spreadsheet shows the headings as row 1
    return frame.set_axis(pd.RangeIndex(2, 2 + len(frame), name="row"))


def _find_csv_format(path: Path, given: TableFormat, known: Collection[str]) -> TableFormat:
    encoding, text = find_encoding(path, read_bytes(path), given.encoding)
    separator = given.separator or find_separator(text)
    rows = first_rows(text, separator)
    header_row = given.header_row
    if header_row is None:
        header_row = find_header(rows, known) + 1
    check_header_row(path, rows, header_row)
    _refuse_repeated(path, rows[header_row - 1], known)
    decimal = given.decimal
    if decimal is None:
        cells = pd.Series([str(cell) for row in rows[header_row:] for cell in row], dtype="str")
        figures = cells[cells.str.fullmatch(r"\s*-?\d+[.,]\d+\s*")]
        commas = figures.str.contains(",", regex=False)
        decimal = find_decimal(figures[commas] if commas.mean() > 0.5 else figures[~commas])
    return replace(
        given, encoding=encoding, separator=separator, decimal=decimal, header_row=header_row
    )


def _read_dbf(path: Path, given: str | None) -> tuple[str | None, pd.DataFrame]:
    coded = path.with_suffix(".cpg").exists() or path.with_suffix(".CPG").exists()
    for encoding in [given] if given else [None] if coded else ["utf-8", "cp1251"]:
        try:
            frame = pyogrio.read_dataframe(path, read_geometry=False, encoding=encoding)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise InputError(
                _(
                    "{path}: the encoding '{given}' is not known; write utf-8 or cp1251",
                    path=path,
                    given=given,
                )
            ) from error
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise InputError(
                _("{path}: cannot be read as a dbf table; write it again", path=path)
            ) from error
        return encoding, frame
    if given:
        raise InputError(
            _(
                "{path}: the table is not in the encoding '{given}'; give its encoding",
                path=path,
                given=given,
            )
        )
    raise InputError(_("{path}: the table is not in UTF-8 or cp1251; give its encoding", path=path))
