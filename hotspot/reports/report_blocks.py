"""What a report is made of, whatever it is written as: headings, texts, tables and pictures."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hotspot.labels import word
from hotspot.language import ngettext

TEXT_LIMIT = 1_200
"""Characters of one text, so that a row of a table is never higher than a page."""


@dataclass(frozen=True)
class Heading:
    """The heading of a section, or of a part of one where the level is 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph; a quiet one is a remark below what it speaks of."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Bullets:
    """Short statements, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """Paragraphs in a frame of their own."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Coloured:
    """A text on the colour of a category."""

    text: str
    category: str


@dataclass(frozen=True)
class Tiles:
    """Large numbers beside each other, each on its category's colour: number and words."""

    items: tuple[tuple[str, Coloured], ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its part of the width, and whether it holds numbers."""

    head: str
    width: float
    right: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells below headings that are repeated on every page; the last may be the total."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Coloured, ...], ...]
    total: bool = False


@dataclass(frozen=True)
class Picture:
    """A PNG, its width on the page, and what it shows in words for those who cannot see it."""

    image: bytes
    width_mm: float
    words: str


Block = Heading | Text | Bullets | Box | Tiles | Table | Picture


@dataclass(frozen=True)
class Report:
    """A report's words and pictures, and what stands above and below each of its pages."""

    title: str
    subtitle: str
    head: str
    foot: str
    blocks: tuple[Block, ...]


def clean(text: object, most: int = TEXT_LIMIT) -> str:
    r"""Return a text as one paragraph of letters that can be shown.

    Control characters and marks of direction are left out; what is too long ends in an ellipsis.

    Examples
    --------
    >>> clean("Gʻuzor\x00 \u202etumani\n")
    'Gʻuzor tumani'
    >>> clean("abcdef", 4)
    'abc…'
    """
    # what is a blank of any kind parts words; of the rest only what is seen stays
    shown = " ".join(str(text)[: 4 * most].split())
    shown = "".join(sign for sign in shown if unicodedata.category(sign) not in _UNSEEN)
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def share_width(
    columns: Sequence[Column], whole: float, *, measure: Callable[[str], float]
) -> list[float]:
    """Share a page's width among columns by their parts, the words of the headings unbroken.

    Parameters
    ----------
    columns : the columns.
    whole : what there is to share.
    measure : returns the width of a word of a heading.

    Examples
    --------
    >>> columns = Column("Mahalla", 4.0), Column("Offenses", 1.0)
    >>> share_width(columns, 50.0, measure=len)
    [40.0, 10.0]
    >>> share_width(columns, 50.0, measure=lambda word: 2.0 * len(word))
    [34.0, 16.0]
    """
    parts = sum(column.width for column in columns)
    widths = [whole * column.width / parts for column in columns]
    least = [max(map(measure, column.head.split()), default=0.0) for column in columns]
    wanted = sum(max(need - width, 0.0) for need, width in zip(least, widths, strict=True))
    spare = sum(max(width - need, 0.0) for need, width in zip(least, widths, strict=True))
    if wanted == 0 or spare <= wanted:
        return widths
    # those with room to spare give of it in proportion
    return [
        max(width, need) - max(width - need, 0.0) * wanted / spare
        for need, width in zip(least, widths, strict=True)
    ]


def shown_category(category: object) -> Coloured:
    """Return a category's name in the language spoken, on its colour."""
    return Coloured(word("category", str(category)), str(category))


def say_more(shown: int, number: int, file: str) -> tuple[Text, ...]:
    """Say how many rows a table does not show and where they are; nothing where it shows all.

    Examples
    --------
    >>> say_more(40, 41, "categories.csv")[0].text
    'The table shows 40 of them; 1 more is in categories.csv.'
    """
    if number <= shown:
        return ()
    words = ngettext(
        "The table shows {shown} of them; {n} more is in {file}.",
        "The table shows {shown} of them; {n} more are in {file}.",
        number - shown,
        shown=shown,
        file=file,
    )
    return (Text(words, quiet=True),)


# control characters, marks of direction, surrogates, letters for private use and unknown ones
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
