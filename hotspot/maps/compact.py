"""Whole numbers and sentences as short texts, so that a page with thousands of them stays light."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# no cell of a table holds it: control characters are written as spaces
SLOT = "\x1f"
DIGITS = 3
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-\d+)?")


def encode_naturals(numbers: Iterable[int]) -> str:
    """Return whole numbers from zero on as letters: five bits a letter, the lowest first.

    Examples
    --------
    >>> encode_naturals([0, 1, 31, 32])
    'ABfgB'
    """
    known = _short()
    return "".join(known[n] if n < len(known) else _letters(n) for n in numbers)


def encode_integers(numbers: Iterable[int]) -> str:
    """Return whole numbers of either sign as letters: 0, -1, 1, -2 … are written as 0, 1, 2, 3 ….

    Examples
    --------
    >>> encode_integers([0, -1, 1, -2])
    'ABCD'
    """
    return encode_naturals(2 * n if n >= 0 else -2 * n - 1 for n in numbers)


def encode_panel(panel: pd.DataFrame) -> list[str]:
    """Return every row of counts as letters, each number one higher: 0 says that it is missing.

    Examples
    --------
    >>> encode_panel(pd.DataFrame({"2025-01": [0, 3], "2025-02": [float("nan"), 40]}))
    ['BA', 'EpB']
    """
    numbers = np.nan_to_num(panel.to_numpy(dtype=np.float64, na_value=np.nan), nan=-1.0)
    return [encode_naturals(row) for row in (np.rint(numbers).astype(np.int64) + 1).tolist()]


def round_values(values: pd.Series) -> list[float | None]:
    """Return numbers of three digits, None where missing.

    Examples
    --------
    >>> round_values(pd.Series([0.123456, 12345.0, float("nan"), 7]))
    [0.123, 12300, None, 7]
    """
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan).tolist()
    return [None if value != value else _round(value) for value in numbers]


def share_sentences(sentences: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what sentences have in common once, and of each its number and its figures.

    Parameters
    ----------
    sentences : sequence of str
        Without control characters; "" where there is none.

    Returns
    -------
    tuple of list
        The forms, sorted, with ``SLOT`` for every figure; and for every sentence the form's number
        and the figures, with spaces between them.

    Examples
    --------
    >>> forms, figures = share_sentences(["count 3 in 12 months", "", "count 4 in 12 months"])
    >>> forms == ["", f"count {SLOT} in {SLOT} months"], figures
    (True, ['1 3 12', '0', '1 4 12'])
    """
    made = [_NUMBER.sub(SLOT, sentence) for sentence in sentences]
    forms = sorted(set(made))
    place = {form: number for number, form in enumerate(forms)}
    pairs = zip(made, sentences, strict=True)
    return forms, [" ".join([str(place[form]), *_NUMBER.findall(text)]) for form, text in pairs]


def _round(value: float) -> float:
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded


@cache
def _short() -> list[str]:
    """Return the letters of the numbers that nearly all are."""
    return [_letters(number) for number in range(1 << 15)]


def _letters(number: int) -> str:
    letters = ""
    while number >= 32:
        letters += ALPHABET[32 + number % 32]
        number //= 32
    return letters + ALPHABET[number]
