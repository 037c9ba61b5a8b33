"""Numbers as people type them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.text import arrow, texts_of

_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
# a blank, a mark of text, decimals or an exponent: what no plain code has
_ODD = r"\s|^'|[.,]0+$|[eE]\+"
_SPACES = r"[\s\u00a0\u202f]+"


def find_decimal(values: pd.Series) -> str:
    """Return the decimal mark of coordinates: "," or ".".

    Parameters
    ----------
    values
        Cells, text or numbers; numbers say nothing.

    Returns
    -------
    str
        "," where the last mark of more texts is a comma than a point, else ".".

    Examples
    --------
    >>> import pandas as pd
    >>> find_decimal(pd.Series(["-75,57", "6,25"])), find_decimal(pd.Series(["490,320.299"]))
    (',', '.')
    """
    commas, points = count_marks(values)
    return "," if commas > points else "."


def count_marks(values: pd.Series) -> tuple[int, int]:
    """Return how many texts have a comma, and how many a point, as their last mark.

    Examples
    --------
    >>> import pandas as pd
    >>> count_marks(pd.Series(["-75,57", "1.250,5", "6.25", 7.5]))
    (2, 1)
    """
    words = arrow(_texts(values))
    if not pc.any(pc.match_substring(words, ",")).as_py():
        return 0, pc.sum(pc.match_substring(words, ".")).as_py() or 0
    ends = (r",[^.,]*$", r"\.[^.,]*$")
    commas, points = (pc.sum(pc.match_substring_regex(words, end)).as_py() or 0 for end in ends)
    return commas, points


def parse_numbers(values: pd.Series, *, decimal: str = ".") -> pd.Series:
    r"""Return the numbers in cells; what is no number is NaN.

    Parameters
    ----------
    values
        Cells, text or numbers; spaces (also the unbreakable ones) between digits are left out.
    decimal
        "," or "."; the other one separates thousands where three digits follow it each time, and
        is a slip for the decimal mark elsewhere.

    Returns
    -------
    Series of float64
        On the same index.

    Examples
    --------
    >>> import pandas as pd
    >>> parse_numbers(pd.Series(["-75,57", "1\u00a0234,5", "6.5", "x"]), decimal=",").tolist()
    [-75.57, 1234.5, 6.5, nan]
    >>> parse_numbers(pd.Series(["4,170", 66.25])).tolist()
    [4170.0, 66.25]
    """
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64")
    texts = _texts(values)
    if decimal == "." and values.dtype == "str":
        try:
            quick: pd.Series = pc.cast(arrow(texts), pa.float64()).to_pandas()
            return quick.where(quick.abs() < float("inf")).set_axis(values.index)
        except pa.ArrowInvalid:
            # a cell is not plainly a number: each is looked at
            pass
    texts = texts.str.replace(_SPACES, "", regex=True)
    mark, other = re.escape(decimal), "." if decimal == "," else ","
    thousands = texts.str.fullmatch(rf"[-+]?\d{{1,3}}(?:[{other}]\d{{3}})+(?:{mark}\d*)?")
    if thousands.any():
        texts = texts.where(~thousands.astype(bool), texts.str.replace(other, "", regex=False))
    texts = texts.str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(texts, errors="coerce").astype("float64")
    if values.dtype == "object":
        # numbers among the text: of a sheet's cells, or a database's decimals
        typed = values.mask(texts.notna()).map(_number)
        numbers = numbers.where(numbers.notna(), typed.astype("float64"))
    return numbers.where(numbers.abs() < float("inf"))


def _texts(values: pd.Series) -> pd.Series:
    """Return the cells that are text, the others missing."""
    if values.dtype == "object":
        cells = [cell if isinstance(cell, str) else None for cell in values]
        return pd.Series(cells, index=values.index, dtype="str")
    return values.astype("str")


def clean_codes(values: pd.Series, *, where: str) -> pd.Series:
    """Return codes as text; one that became a number gets its digits back.

    Parameters
    ----------
    values
        Cells, text or numbers.
    where
        The file and column, for the sentence.

    Returns
    -------
    Series of str
        On the same index; empty cells are missing.

    Raises
    ------
    InputError
        A spreadsheet has shortened a code (1.71E+09): its last digits are gone.

    Examples
    --------
    >>> import pandas as pd
    >>> clean_codes(pd.Series(["1710207001.0", " 1710 207 002", "A-7"]), where="x").tolist()
    ['1710207001', '1710207002', 'A-7']
    """
    texts = texts_of(values)
    odd = pc.match_substring_regex(arrow(texts), _ODD).fill_null(False).to_numpy(False)
    if odd.any():
        texts = texts.mask(odd, texts[odd].map(lambda text: _clean_code(text, where)))
    return texts


def column_of(source: object, headings: str | Sequence[str]) -> str:
    """Return how a sentence names a column of a file, or the columns a date is split over.

    Examples
    --------
    >>> column_of("a.csv", "sana"), column_of("a.csv", ["kun", "oy"])
    ("a.csv, column 'sana'", "a.csv, column 'kun', 'oy'")
    """
    names = [headings] if isinstance(headings, str) else headings
    columns = ", ".join(f"'{name}'" for name in names)
    return _("{source}, column {columns}", source=source, columns=columns)


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float | Decimal) else float("nan")


def _clean_code(text: str, where: str) -> str:
    if _SHORTENED.fullmatch(text):
        raise InputError(
            _(
                "{where}: a spreadsheet shortened the code to '{text}' and its last digits are "
                "gone; format the column as text and export it again",
                where=where,
                text=text,
            )
        )
    digits = re.sub(r"\s|[.,]0+$|^'", "", text)
    return digits if digits.isdecimal() else text
