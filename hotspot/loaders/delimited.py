"""Text files of records: csv in its many encodings and separators."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.layout import (
    LOOK_AT,
    Cut,
    Row,
    Skipped,
    cut_rows,
    is_numbering,
    name_columns,
    why_not_a_record,
)
from hotspot.loaders.text import is_plain

SEPARATORS = (",", ";", "\t", "|")
# a look at the top stays below the longest cell that the csv module allows
TOP = 130_000
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes, unpacked where the name ends in .gz."""
    data = path.read_bytes()
    if path.name.casefold().endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                _("{path}: cannot be unpacked as gzip; pack it again", path=path)
            ) from error
    nothing = (b"", *_MARKS)
    if data[:TOP].strip() in nothing and data.strip() in nothing:
        raise InputError(_("{path}: the file is empty; give a table", path=path))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b")):
        raise InputError(
            _(
                "{path}: this is not text, whatever its name; name it by its kind (.xlsx, .xls, "
                ".parquet or .gz)",
                path=path,
            )
        )
    return data


def find_encoding(path: Path, data: bytes, given: str | None) -> tuple[str, str]:
    """Return the encoding and the text it gives.

    Raises
    ------
    InputError
        The encoding given is unknown or does not fit, or none of those tried does; or the text
        holds a zero byte.
    """
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if given is None:
        tried = [marked] if marked else ["utf-8", "cp1251"]
    else:
        tried = ["utf-8-sig" if marked == "utf-8-sig" and _is_utf8(given) else given]
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except LookupError as error:
            raise InputError(
                _(
                    "{path}: the encoding '{given}' is not known; write utf-8, utf-16 or cp1251",
                    path=path,
                    given=given,
                )
            ) from error
        except UnicodeError:
            continue
        if "\0" in text:
            row = text.count("\n", 0, text.index("\0")) + 1
            raise InputError(
                _(
                    "{path}: row {row} holds a zero byte, which no text has; export the file "
                    "again, or give the encoding utf-16-le where it is UTF-16 without its mark",
                    path=path,
                    row=row,
                )
            )
        return encoding, text
    if given is not None:
        raise InputError(
            _(
                "{path}: the file is not in the encoding '{given}'; give another or none",
                path=path,
                given=given,
            )
        )
    raise InputError(
        _(
            "{path}: the text is neither UTF-8 nor cp1251; give its encoding or save it as UTF-8",
            path=path,
        )
    )


def find_separator(text: str) -> str:
    r"""Return the separator that cuts most of the first rows into one number of cells.

    Examples
    --------
    >>> find_separator("a;b;c\n1;2,5;3,5\n4;5,5;6,5\n")
    ';'
    """
    lines = text[:TOP].splitlines(keepends=True)[:500]

    def agreement(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        widths = Counter({width: times for width, times in widths.items() if width > 1})
        if not widths:
            return 0.0, 0
        width, times = min(widths.items(), key=lambda item: (-item[1], -item[0]))
        return round(times / len(lines) * (1 - 1 / width), 9), width

    return max(SEPARATORS, key=agreement)


def first_rows(text: str, separator: str) -> list[Row]:
    """Return the rows at the top, enough to find the headings and the decimal mark."""
    lines = io.StringIO(text[:TOP], newline="")
    rows = csv.reader(lines, delimiter=separator)
    return [row for row, _ in zip(rows, range(LOOK_AT + 1000), strict=False)]


def read_delimited(path: Path, text: str, *, separator: str, header_row: int) -> Cut:
    """Return the table in a text; a blank cell is missing, the others stay as they are.

    Raises
    ------
    InputError
        A quotation mark is opened and never closed.
    """
    quick = _read_clean(text, separator, header_row)
    if quick is not None:
        return quick
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InputError(
            _(
                "{path}: the rows cannot be told apart ({error}); close every quotation mark",
                path=path,
                error=error,
            )
        ) from error
    cut = cut_rows(path, rows, header_row)
    width = cut.frame.shape[1]
    for column in cut.frame:
        texts = cut.frame[column].dropna()
        for at, cell in texts[texts.str.contains("\n", regex=False)].items():
            # a cell that holds whole records was opened by a stray quotation mark
            if width > 2 and any(c.count(separator) >= width - 1 for c in cell.splitlines()[1:]):
                raise InputError(
                    _(
                        "{path}: a quotation mark opened in row {at} is not closed there; close "
                        "it or take it out",
                        path=path,
                        at=at,
                    )
                )
    return cut


def _read_clean(text: str, separator: str, header_row: int) -> Cut | None:
    """Read at full speed, or return None where a row needs a second look."""
    head = first_rows(text, separator)
    if header_row > LOOK_AT or any("\n" in str(c) for row in head[:header_row] for c in row):
        return None
    names = name_columns(head[header_row - 1], 0)
    if len(names) < 2:
        return None
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=header_row),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    empty = np.zeros(table.num_rows, dtype=int)
    for column in table.columns:
        if is_plain(column):
            empty += column.is_null().to_numpy()
            continue
        if pc.any(pc.match_substring(column, "\n")).as_py():
            return None
        empty += pc.equal(pc.coalesce(pc.utf8_trim_whitespace(column), ""), "").to_numpy()
    frame = table.to_pandas()
    frame.index = pd.RangeIndex(header_row + 1, header_row + 1 + len(frame), name="row")
    blank = empty == len(names)
    # only these can be something else than a record; each is looked at
    repeated = (frame[names[0]] == names[0]).to_numpy(dtype=bool, na_value=False)
    doubtful = np.flatnonzero(((2 * empty >= len(names)) | repeated) & ~blank)
    skipped = {}
    for at in doubtful:
        why = why_not_a_record(list(frame.iloc[at]), names)
        if why:
            skipped[int(at)] = why
    records = np.flatnonzero(~blank)[:21]
    if len(records) and is_numbering(
        list(frame.iloc[records[0]]), [list(frame.iloc[at]) for at in records[1:]]
    ):
        skipped[int(records[0])] = "numbering"
    keep = ~blank
    keep[list(skipped)] = False
    notes = tuple(
        Skipped(int(frame.index[at]), why, separator.join(frame.iloc[at].dropna()))
        for at, why in sorted(skipped.items())
    )
    above = tuple(
        Skipped(at + 1, "above the headings", separator.join(map(str, row)))
        for at, row in enumerate(head[: header_row - 1])
        if any(str(cell).strip() for cell in row)
    )
    return Cut(frame[keep], above + notes, ())


def _is_utf8(encoding: str) -> bool:
    return encoding.casefold().replace("-", "").replace("_", "") in ("utf8", "utf8sig")
