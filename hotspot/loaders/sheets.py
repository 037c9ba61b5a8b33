"""Spreadsheets: which sheet holds the table, and its cells."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import python_calamine

from hotspot.errors import InputError, nearest_sentence
from hotspot.loaders.layout import Row, find_header
from hotspot.loaders.text import text_of


def find_sheet(
    path: Path, *, sheet: str | None, header_row: int | None, known: Collection[str]
) -> tuple[str, list[Row], int]:
    """Return the sheet's name, its rows and the number of the row of headings.

    Parameters
    ----------
    path
        An xlsx, xlsm, xls or ods file.
    sheet, header_row
        As given, or None to find them.
    known
        Headings expected: the sheet whose headings hold most of them wins, then the one with
        most rows under its headings, then the first.

    Raises
    ------
    InputError
        The file is no spreadsheet, has no such sheet, or has nothing in it.
    """
    book = _open(path)
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        raise InputError(f"{path}: there is no sheet '{sheet}'; {nearest_sentence(sheet, names)}")
    best: tuple[tuple[int, int], str, list[Row], int] | None = None
    for name in [sheet] if sheet is not None else names:
        rows = _rows(book, path, name)
        filled = sum(any(text_of(cell) for cell in row) for row in rows)
        if not filled:
            continue
        at = find_header(rows, known) if header_row is None else header_row - 1
        hits = sum(text_of(cell) in known for cell in rows[at]) if at < len(rows) else 0
        if best is None or (hits, filled) > best[0]:
            best = ((hits, filled), name, rows, at + 1)
    if best is None:
        raise InputError(f"{path}: the file holds no filled cell; give a table")
    return best[1:]


def _open(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError as error:
        raise InputError(f"{path}: a password locks the file; save it without one") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise InputError(
            f"{path}: cannot be read as a spreadsheet; open it in its program and save it as .xlsx"
        ) from error


def _rows(book: python_calamine.CalamineWorkbook, path: Path, name: str) -> list[Row]:
    try:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError) as error:
        raise InputError(
            f"{path}: the sheet '{name}' cannot be read; save the file again as .xlsx"
        ) from error
    return list(rows)
