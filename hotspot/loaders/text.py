"""Cells as text on one line."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# white space that RE2 doesn't count as such: the unbreakable blanks of office programs
_BLANK = "[\\s\u00a0\u202f\u2007]"
# what nobody sees (Unicode's Cf): zero-width blanks and joiners, soft hyphens, marks of direction
_UNSEEN = "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"


def text_of(cell: object) -> str:
    r"""Return a cell as one line of visible text; a whole number loses its ".0".

    Examples
    --------
    >>> text_of(" Sana \n (\u200bkun) "), text_of(3.0), text_of(None)
    ('Sana (kun)', '3', '')
    """
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell)
    return " ".join((text if text.isascii() else re.sub(_UNSEEN, "", text)).split())


def fold_word(word: object) -> str:
    """Return a word as it is compared: without case and spare blanks; "" where it is missing.

    Examples
    --------
    >>> fold_word(" Armed  Robbery"), fold_word(None)
    ('armed robbery', '')
    """
    return " ".join(word.casefold().split()) if isinstance(word, str) else ""


def texts_of(cells: pd.Series) -> pd.Series:
    """Return a column of cells as `text_of` gives them, the empty ones missing.

    Examples
    --------
    >>> import pandas as pd
    >>> texts_of(pd.Series([" a  b", "", 7.0])).tolist()
    ['a b', nan, '7']
    """
    if cells.dtype == "str":
        words = arrow(cells)
        if is_plain(words):
            return pd.Series(words.to_pandas(), dtype="str").set_axis(cells.index)
        if pc.any(pc.match_substring_regex(words, _UNSEEN)).as_py():
            words = pc.replace_substring_regex(words, _UNSEEN, "")
        if pc.any(
            pc.match_substring_regex(words, f"{_BLANK}{{2}}|[^\\S ]|[\u00a0\u202f\u2007]")
        ).as_py():
            words = pc.replace_substring_regex(words, f"{_BLANK}+", " ")
        words = pc.utf8_trim_whitespace(words)
        words = pc.if_else(pc.equal(words, ""), pa.scalar(None, words.type), words)
        return pd.Series(words.to_pandas(), dtype="str").set_axis(cells.index)
    if pd.api.types.is_integer_dtype(cells):
        return cells.astype("str")
    codes, distinct = pd.factorize(cells)
    texts = pd.Series([text_of(cell) or None for cell in distinct], dtype="str")
    return texts.reindex(codes).set_axis(cells.index)


def is_plain(words: pa.Array | pa.ChunkedArray) -> bool:
    """Say whether no text is empty or holds anything but visible ASCII, not even a blank.

    Examples
    --------
    >>> is_plain(pa.array(["a-1", None])), is_plain(pa.array(["a b"])), is_plain(pa.array([""]))
    (True, False, False)
    """
    if pc.min(pc.binary_length(words)).as_py() == 0:
        return False
    chunks = words.chunks if isinstance(words, pa.ChunkedArray) else [words]
    texts = [chunk.buffers()[2] for chunk in chunks]
    letters = [np.frombuffer(text, dtype=np.uint8) for text in texts if text is not None]
    return not any(((each <= ord(" ")) | (each > ord("~"))).any() for each in letters)


def arrow(texts: pd.Series) -> pa.Array:
    """Return a column of text as Arrow's, for its quick functions."""
    words = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
