"""Spreadsheets: which sheet holds the table, and its cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import python_calamine

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.layout import Row, find_header
from hotspot.loaders.text import text_of

# a formula's end, and no value before the cell's
_UNSAVED = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


class Sheet(NamedTuple):
    """A sheet with its rows, the number of its row of headings and how many rows follow."""

    name: str
    visible: bool
    rows: list[Row]
    header_row: int
    records: int

    def headings(self) -> set[str]:
        """Return the headings, as text on one line."""
        header = self.rows[self.header_row - 1 : self.header_row]
        return {text_of(cell) for row in header for cell in row} - {""}


def find_sheet(
    path: Path, *, sheet: str | None, header_row: int | None, known: Collection[str]
) -> Sheet:
    """Return the sheet that holds the table.

    Parameters
    ----------
    path
        An xlsx, xlsm, xls or ods file.
    sheet, header_row
        As given, or None to find them.
    known
        Headings expected: the sheet whose headings hold most of them wins, then a visible one,
        then the one with most filled rows, then the first.

    Raises
    ------
    InputError
        The file is no spreadsheet, has no such sheet, or has nothing in it; or other visible
        sheets hold the same headings, or several expected ones too.

    Notes
    -----
    A cell merged over several rows counts for each of them.
    """
    book = _open(path)
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        raise InputError(
            _(
                "{path}: there is no sheet '{sheet}'; {hint}",
                path=path,
                sheet=sheet,
                hint=nearest_sentence(sheet, names),
            )
        )
    asked = set(known)
    sheets: list[Sheet] = []
    for meta in book.sheets_metadata:
        if sheet not in (None, meta.name):
            continue
        rows = _rows(book, path, meta.name)
        filled = [at for at, row in enumerate(rows) if any(text_of(cell) for cell in row)]
        if filled:
            at = find_header(rows, known) if header_row is None else header_row - 1
            visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            below = sum(row > at for row in filled)
            sheets.append(Sheet(meta.name, visible, rows, at + 1, below))
    if not sheets:
        raise InputError(_("{path}: the file holds no filled cell; give a table", path=path))
    best = max(sheets, key=lambda s: (len(s.headings() & asked), s.visible, s.records))
    own = best.headings()
    hits = len(own & asked)
    rivals = [
        f"'{other.name}'"
        for other in sheets
        if (other is best or (other.visible and other.records))
        and len(other.headings() & asked) == hits
        and len(own) > 1
        and (hits > 1 or other.headings() == own)
    ]
    if len(rivals) > 1:
        raise InputError(
            _(
                "{path}: sheets {sheets} all hold the headings; name one with [offenses] sheet or "
                "put them on one sheet",
                path=path,
                sheets=", ".join(rivals),
            )
        )
    return best


def holds_unsaved_formulas(path: Path) -> bool:
    """Say whether formulas of an .xlsx file have no result, as another program than Excel left it.

    Examples
    --------
    >>> import openpyxl, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.xlsx"
    >>> book = openpyxl.Workbook()
    >>> book.active.append(["=1+1"])
    >>> book.save(path)
    >>> holds_unsaved_formulas(path)
    True
    """
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as book:
        return any(
            _UNSAVED.search(book.read(name))
            for name in book.namelist()
            if name.startswith("xl/worksheets/")
        )


def _open(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError as error:
        raise InputError(
            _("{path}: a password locks the file; save it without one", path=path)
        ) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise InputError(
            _(
                "{path}: cannot be read as a spreadsheet; open it in its program and save it as "
                ".xlsx",
                path=path,
            )
        ) from error


def _rows(book: python_calamine.CalamineWorkbook, path: Path, name: str) -> list[Row]:
    try:
        part = book.get_sheet_by_name(name)
        rows: list[Any] = part.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError) as error:
        raise InputError(
            _(
                "{path}: the sheet '{name}' cannot be read; save the file again as .xlsx",
                path=path,
                name=name,
            )
        ) from error
    for (top, left), (bottom, right) in part.merged_cell_ranges or ():
        # merged across several columns it is a title
        for row in rows[top + 1 : bottom + 1] if left == right else []:
            if any(text_of(cell) for cell in row):
                row[left] = rows[top][left]
    return rows
