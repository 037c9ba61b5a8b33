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


def share_sentences(
    versions: Sequence[Sequence[str]], marks: Sequence[tuple[str, str]]
) -> tuple[list[list[str]], list[str]]:
    """Return what sentences have in common once, and of each its number and its figures.

    Parameters
    ----------
    versions : sequence of sequence of str
        The sentences in every language, all in one order, without control characters; "" where
        there is none.
    marks : sequence of tuple
        What parts thousands, and what decimals, in the numbers of each language.

    Returns
    -------
    tuple of list
        The forms of each language, and for every sentence the form's number and its figures, with
        spaces between them. A slot of a form is the figure's place between two ``SLOT``; figures
        have "'" between thousands and "." before decimals. All languages share the figures, and
        what is the same in all sentences of a form stands in the form.

    Examples
    --------
    >>> english = ["count 3 in 12 months", "", "count 1,400 in 12 months"]
    >>> russian = ["за 12 мес. 3", "", "за 12 мес. 1 400"]
    >>> forms, figures = share_sentences([english, russian], [(",", "."), (" ", ",")])
    >>> [form.replace(SLOT, "|") for form in forms[0]], figures
    (['', 'count |0| in 12 months'], ['1 3', '0', "1 1'400"])
    >>> forms[1][1].replace(SLOT, "|")
    'за 12 мес. |0|'
    """
    read = [
        [_take_figures(sentence, *of) for sentence in sentences]
        for sentences, of in zip(versions, marks, strict=True)
    ]
    members: dict[tuple[str, ...], list[int]] = {}
    for number, made in enumerate(zip(*read, strict=True)):
        members.setdefault(tuple(SLOT.join(parts) for parts, _ in made), []).append(number)
    forms: list[list[str]] = [[] for _ in versions]
    lines = [""] * len(versions[0])
    for place, key in enumerate(sorted(members)):
        columns: list[tuple[str, ...]] = []
        for version, sentences, of in zip(forms, read, marks, strict=True):
            slots = zip(*(sentences[number][1] for number in members[key]), strict=True)
            shown = [_slot(slot, columns, *of) for slot in slots]
            parts = sentences[members[key][0]][0]
            version.append("".join(a + b for a, b in zip(parts, [*shown, ""], strict=True)))
        for row, number in enumerate(members[key]):
            lines[number] = " ".join([str(place), *(column[row] for column in columns)])
    return forms, lines


def _take_figures(sentence: str, group: str, decimal: str) -> tuple[list[str], list[str]]:
    """Return what stands around a sentence's figures, and the figures."""
    pattern = _number(group, decimal)
    figures = [
        figure.replace(group, "'").replace(decimal, ".") for figure in pattern.findall(sentence)
    ]
    return pattern.split(sentence), figures


def _slot(slot: tuple[str, ...], columns: list[tuple[str, ...]], group: str, decimal: str) -> str:
    """Return what stands in a form for a figure, which is added to the columns if it is new."""
    if len(set(slot)) == 1:
        return slot[0].replace(".", decimal).replace("'", group)
    if slot not in columns:
        columns.append(slot)
    return f"{SLOT}{columns.index(slot)}{SLOT}"


@cache
def _number(group: str, decimal: str) -> re.Pattern[str]:
    thousands = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?!\d)|\d+"
    return re.compile(rf"(?:{thousands})(?:{re.escape(decimal)}\d+)?(?:e-\d+)?")


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
