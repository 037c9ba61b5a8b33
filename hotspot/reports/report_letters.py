"""The letters of a PDF: the font that matplotlib brings along, and texts in what it has."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.font_manager import get_font
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from hotspot.reports.report_blocks import clean

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"


def register_fonts() -> None:
    """Tell reportlab of both weights, anew for each file.

    A font keeps which of its letters it lent to earlier files.
    """
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_file_of(name))))


def markup(text: str) -> str:
    """Return a text that reportlab reads as text and nothing else.

    Examples
    --------
    >>> markup("<b>Gʻuzor</b> & 漢")
    '&lt;b&gt;Gʻuzor&lt;/b&gt; &amp; □'
    """
    return escape(show(text))


def show(text: str) -> str:
    """Return a text in letters that the font has, a box for any other."""
    known = _letters()
    composed = unicodedata.normalize("NFC", clean(text))
    return "".join(sign if ord(sign) in known else "□" for sign in composed)


def fit_line(text: str, width: float, *, size: float) -> str:
    """Return a line cut to its place, in points."""
    line = show(text)
    while pdfmetrics.stringWidth(line, REGULAR, size) > width:
        line = line[:-2].rstrip() + "…"
    return line


@cache
def _letters() -> frozenset[int]:
    """Return the letters that the font has in both of its weights."""
    regular, bold = (frozenset(get_font(_file_of(name)).get_charmap()) for name in (REGULAR, BOLD))
    return regular & bold


def _file_of(name: str) -> Path:
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"
