"""A sheet of paper, measured in millimetres from its upper left corner, and text flowing on it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from hotspot.errors import InputError
from hotspot.language import _

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72
FONT = "DejaVu Sans"
INK = "#1f2430"
QUIET = "#5c6473"
PAPERS: Mapping[str, tuple[float, float]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
"""The short and the long side of a sheet, in millimetres."""
# the distance of two lines, in font sizes
LEADING = 1.35


def check_paper(paper: str) -> None:
    """Refuse a paper that no printed map knows."""
    if paper not in PAPERS:
        raise InputError(_("no paper is called '{paper}': take A4 or A3", paper=paper))


class Sheet:
    """A page with a figure to draw on and the words of it.

    Parameters
    ----------
    width, height : float
        In millimetres.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH), dpi=200)
        # measures the words, whatever the file is written as
        self.renderer: Any = RendererAgg(1, 1, self.figure.dpi)  # type: ignore[no-untyped-call]
        self.page = self.figure.add_axes((0, 0, 1, 1))
        self.page.set(xlim=(0, width), ylim=(height, 0))
        self.page.set_axis_off()

    def add_map(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes without decoration at a place on the sheet."""
        axes = self.figure.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )
        axes.set_axis_off()
        return axes

    def measure(self, text: str, size: float, weight: str = "normal") -> float:
        """Return the width of a line in millimetres."""
        font = FontProperties(family=FONT, size=size, weight=weight)
        width, *_rest = self.renderer.get_text_width_height_descent(text, font, ismath=False)
        return float(width) / self.figure.dpi * MM_PER_INCH

    def wrap(self, text: str, width: float, size: float, weight: str = "normal") -> list[str]:
        """Return a text as lines no wider than a width; a longer word is broken."""
        lines = [""]
        # not at the spaces inside a number, which hold it together
        for word in re.split(r"[ \t\n]+", text.strip()):
            line = f"{lines[-1]} {word}".strip()
            if self.measure(line, size, weight) <= width:
                lines[-1] = line
                continue
            if lines[-1]:
                lines.append("")
            for letter in word:
                if self.measure(lines[-1] + letter, size, weight) > width:
                    lines.append("")
                lines[-1] += letter
        return lines

    def fit(self, text: str, width: float, size: float, weight: str = "normal") -> float:
        """Return the size at which a text is one line of a width, at least half of the size."""
        least = size / 2
        while size > least and (found := self.measure(text, size, weight)) > width:
            # again, because letters set to whole dots do not shrink quite as their size does
            size = max(least, size * min(0.99, width / found))
        return size

    def write_line(
        self,
        text: str,
        left: float,
        foot: float,
        *,
        width: float,
        size: float,
        weight: str = "normal",
        colour: str = INK,
        align: str = "left",
    ) -> None:
        """Write a text on one line, smaller where it is too long, and cut where even that is."""
        text = drawable(text)
        size = self.fit(text, width, size, weight)
        if self.measure(text, size, weight) > width + 0.01:
            text = cut_to(text, width, lambda part: self.measure(part, size, weight))
        self.page.text(
            left, foot, text, size=size, weight=weight, color=colour, ha=align, parse_math=False
        )

    def write(
        self,
        text: str,
        left: float,
        top: float,
        *,
        width: float,
        size: float,
        weight: str = "normal",
        colour: str = INK,
        most_lines: int = 12,
    ) -> float:
        """Write a text into a column and return where the next one may begin."""
        lines = self.wrap(drawable(text), width, size, weight)
        if most_lines < 1:
            return top
        if len(lines) > most_lines:
            lines = [*lines[: most_lines - 1], lines[most_lines - 1].rstrip(".,; ")[:-1] + "…"]
        step = size * MM_PER_POINT * LEADING
        for number, line in enumerate(lines):
            self.page.text(
                left,
                # a line's foot: its top, the letters' height, and half of what parts two lines
                top + number * step + size * MM_PER_POINT,
                line,
                size=size,
                weight=weight,
                color=colour,
                parse_math=False,
            )
        return top + len(lines) * step


def cut_to(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return a text's beginning and an ellipsis, no wider together than a width.

    Examples
    --------
    >>> cut_to("Dehqonobod", 5, len)
    'Dehq…'
    """
    lengths = range(len(text) + 1)
    fits = bisect_right(lengths, width, key=lambda length: measure(text[:length] + "…"))
    return text[: max(fits - 1, 0)].rstrip() + "…"


def drawable(text: str) -> str:
    r"""Return a text with what the font cannot draw as an empty box, and no direction marks.

    Examples
    --------
    >>> drawable("Gʻuzor Ғузор ■ \u202e漢")
    'Gʻuzor Ғузор ■ □'
    """
    known = _known_letters()
    shown = (letter for letter in text if unicodedata.category(letter) != "Cf")
    return "".join(letter if letter.isspace() or ord(letter) in known else "□" for letter in shown)


@cache
def _known_letters() -> frozenset[int]:
    """Return the letters that the font has in both of its weights."""
    regular, bold = (
        get_font(findfont(FontProperties(family=FONT, weight=weight))).get_charmap()
        for weight in ("normal", "bold")
    )
    return frozenset(regular) & frozenset(bold)
