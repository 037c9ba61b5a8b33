"""Where a table lies among the rows of a sheet: its headings, its records, and what is neither."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _, ngettext
from hotspot.loaders.text import text_of

Row = Sequence[object]

# how many rows from the top may hold titles before the headings
LOOK_AT = 60

_NUMBER = re.compile(r"[-+]?[\d\s\u00a0\u202f]*\d(?:[.,]\d+)*(?:[eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}([-./]\d{1,4})?\b.*")
_WORDS = r"(?:grand total|sub-?total|total|jami|hammasi|жами|ҳаммаси|хаммаси|итого|всего)"
_TOTAL = re.compile(
    rf"{_WORDS}[\W\d]*(?:та|ta|шт)?\W*"
    rf"|{_WORDS}\s+(?:по|for|of|бўйича|bo.?yicha)\b.*"
    rf"|.*\b(?:бўйича|bo.?yicha)\s+{_WORDS}\W*",
    re.IGNORECASE,
)


class Skipped(NamedTuple):
    """A row of the file that is no record: its number, why, and its text."""

    row: int
    why: str
    text: str


class Cut(NamedTuple):
    """A table cut out of its rows, with what is no record and what is a broken one.

    `frame` is indexed by the number of the row as a spreadsheet shows it (index name "row").
    A broken row has more cells than there are headings: nobody can say which belongs where, so it
    stays in `frame` with every cell missing.
    """

    frame: pd.DataFrame
    skipped: tuple[Skipped, ...]
    broken: tuple[Skipped, ...]


def find_header(rows: Sequence[Row], known: Collection[str] = ()) -> int:
    """Return the position of the row of headings.

    Parameters
    ----------
    rows
        The first rows of the sheet, as they are.
    known
        Headings expected; the row that holds most of them wins.

    Returns
    -------
    int
        Position in `rows`, from 0.

    Notes
    -----
    Without a known heading it is the first row that fills at least three fifths of the widest
    row's cells, at least seven tenths of them with words; else the first row that wide.

    Examples
    --------
    >>> find_header([["Report"], [], ["id", "date"], ["1", "2024-01-02"]])
    2
    """
    texts = [[text_of(cell) for cell in row] for row in rows[:LOOK_AT]]
    hits = [len(set(known).intersection(row)) for row in texts]
    if any(hits):
        return hits.index(max(hits))
    filled = [[text for text in row if text] for row in texts]
    wide = 0.6 * max(map(len, filled), default=0)
    candidates = [at for at, row in enumerate(filled) if row and len(row) >= wide]
    for at in candidates:
        if sum(map(_is_word, filled[at])) >= 0.7 * len(filled[at]):
            return at
    return candidates[0] if candidates else 0


def name_columns(header: Row, width: int) -> list[str]:
    """Return one name for each column of the table.

    Parameters
    ----------
    header
        The cells of the row of headings.
    width
        The number of columns; at least as many names are returned.

    Returns
    -------
    list of str
        Headings on one line; an empty one becomes "column D" (its letter in a spreadsheet), a
        repeated one gets " (2)", " (3)", in the order of the file.

    Examples
    --------
    >>> name_columns(["id", "", "id"], 4)
    ['id', 'column B', 'id (2)', 'column D']
    """
    texts = [text_of(cell) for cell in header]
    texts += [""] * (width - len(texts))
    names: list[str] = []
    taken: set[str] = set()
    for at, text in enumerate(texts):
        first = text or f"column {_letters(at)}"
        name, again = first, 2
        while name in taken:
            name, again = f"{first} ({again})", again + 1
        taken.add(name)
        names.append(name)
    return names


def cut_rows(path: Path, rows: Sequence[Row], header_row: int) -> Cut:
    """Return the table whose headings are in the given row.

    Parameters
    ----------
    path
        The file, for the sentence.
    rows
        All rows from the first, as they are.
    header_row
        Number of the row of headings, from 1.

    Returns
    -------
    Cut
        Every row that is not blank is the headings, in `frame`, or in `skipped`.

    Raises
    ------
    InputError
        The row of headings lies beyond the last row or is blank, or most rows are broken.
    """
    check_header_row(path, rows, header_row)
    skipped = [
        Skipped(at + 1, "above the headings", _line(row))
        for at, row in enumerate(rows[: header_row - 1])
        if _line(row)
    ]
    body = [(at + 1, row) for at, row in enumerate(rows) if at >= header_row and _line(row)]
    names = name_columns(rows[header_row - 1], 0)
    # the last columns may be formatted and empty, or filled and without heading
    while names and not text_of(rows[header_row - 1][len(names) - 1]):
        names.pop()
    if all(len(row) <= len(rows[header_row - 1]) for _, row in body):
        used = max((at + 1 for _, row in body for at, c in enumerate(row) if text_of(c)), default=0)
        names = name_columns(rows[header_row - 1][: len(names)], used)
    kept: list[int] = []
    cells: list[list[object]] = []
    broken: list[Skipped] = []
    for at, (number, row) in enumerate(body):
        why = why_not_a_record(row, names)
        if at == 0 and is_numbering(row, [other for _, other in body[1:21]]):
            why = "numbering"
        if why:
            skipped.append(Skipped(number, why, _line(row)))
            continue
        kept.append(number)
        if any(text_of(cell) for cell in row[len(names) :]):
            broken.append(Skipped(number, "more cells than headings", _line(row)))
            row = []
        filled = [cell if text_of(cell) else None for cell in row[: len(names)]]
        cells.append(filled + [None] * (len(names) - len(filled)))
    if 2 * len(broken) > len(kept):
        raise InputError(
            ngettext(
                "{path}: most rows have more cells than the {headings} heading in row "
                "{header_row}; give every column a heading, or the right separator and header_row",
                "{path}: most rows have more cells than the {headings} headings in row "
                "{header_row}; give every column a heading, or the right separator and header_row",
                len(names),
                path=path,
                headings=len(names),
                header_row=header_row,
            )
        )
    columns = list(zip(*cells, strict=True)) or [()] * len(names)
    index = pd.Index(kept, dtype="int64", name="row")
    frame = pd.DataFrame(
        {name: _column(column, index) for name, column in zip(names, columns, strict=True)},
        index=index,
    )
    return Cut(frame, tuple(skipped), tuple(broken))


def check_header_row(path: Path, rows: Sequence[Row], header_row: int) -> None:
    """Refuse a row of headings that is not there."""
    if not 1 <= header_row <= len(rows):
        raise InputError(
            ngettext(
                "{path}: header_row is {header_row} and the table has {rows} row; give the number "
                "of the row of headings",
                "{path}: header_row is {header_row} and the table has {rows} rows; give the number "
                "of the row of headings",
                len(rows),
                path=path,
                rows=len(rows),
                header_row=header_row,
            )
        )
    if not _line(rows[header_row - 1]):
        raise InputError(
            _(
                "{path}: header_row is {header_row} and that row is blank; give the number of the "
                "row of headings",
                path=path,
                header_row=header_row,
            )
        )


def is_numbering(row: Row, following: Sequence[Row]) -> bool:
    """Say whether a row under the headings only numbers the columns (1, 2, 3 …).

    A record can look like that in a table of numbers; the row is numbering only where a column
    of the rows that follow holds mostly words or dates.

    Examples
    --------
    >>> is_numbering([1, 2, 3], [[7, "theft", "02.01.2024"]])
    True
    >>> is_numbering([1, 2, 3], [[2, 3, 4]])
    False
    """
    texts = [text_of(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) < 2 or texts != [str(number + 1) for number in range(len(texts))]:
        return False
    for at in range(len(texts)):
        cells = [text_of(other[at]) for other in following if at < len(other)]
        cells = [cell for cell in cells if cell]
        if cells and sum(not _NUMBER.fullmatch(cell) for cell in cells) * 2 > len(cells):
            return True
    return False


def why_not_a_record(row: Row, names: Sequence[str]) -> str:
    """Return why a row that is not empty is no record, or "" for a record.

    A total has a word for it as its first text, at least half of its cells empty, and no date.

    Examples
    --------
    >>> why_not_a_record(["Жами:", None, None, 12], ["id", "date", "kind", "count"])
    'total'
    >>> why_not_a_record(["Total", "2024-01-02", None, None], ["id", "date", "kind", "count"])
    ''
    """
    texts = [text_of(cell) for cell in row]
    filled = [text for text in texts if text]
    if len(filled) > 1 and texts[: len(names)] == list(names):
        return "headings repeated"
    dated = any(isinstance(cell, datetime.date) for cell in row)
    if (
        2 * len(filled) <= len(names)
        and _TOTAL.fullmatch(filled[0])
        and not dated
        and not any(_DATE.fullmatch(text) for text in filled)
    ):
        return "total"
    return ""


def _line(row: Row) -> str:
    return " | ".join(text for text in map(text_of, row) if text)


def _column(cells: Sequence[object], index: pd.Index) -> pd.Series:
    column = pd.Series(list(cells), index=index, dtype="object")
    if all(cell is None or isinstance(cell, str) for cell in cells):
        return column.astype("str")
    return column.infer_objects()


def _is_word(text: str) -> bool:
    return not (_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def _letters(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
