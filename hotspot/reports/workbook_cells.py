"""The cells of a workbook: text that stays text, formats made once, tables with their headings."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hotspot.labels import is_variant, label, word
from hotspot.language import _
from hotspot.palette import COLOURS, INKS
from hotspot.reports.workbook_text import (
    FORMATS,
    clean,
    height_of,
    is_numeric,
    numbers_of,
    points,
    sheet_name,
    texts_of,
    width_of,
    wraps,
)

FONT = {"font_name": "Arial", "font_size": 10}
"""Excel has it, and LibreOffice one of the same widths; both with all letters of Uzbek."""
RIGHT = {"align": "right", "indent": 1}
"""Numbers, and the headings above them, keep off the column to their right."""
_CATEGORIES = ("category", "previous_category")


class Pen:
    """Writes into one workbook; every format is made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._cleaned: dict[str, str] = {}
        self.shown: list[tuple[str, str, str, str]] = []
        """Of the tables written: sheet, heading, column and file."""
        self._widths: dict[str, list[float]] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format of these properties of xlsxwriter's."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({**FONT, "valign": "top", **properties})
        return self._formats[key]

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet, its name cleaned of what Excel does not take and not given twice."""
        taken = {sheet.get_name().casefold() for sheet in self.book.worksheets()}
        sheet = self.book.add_worksheet(sheet_name(name, taken))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        page = _("Page {page} of {pages}", page="&P", pages="&N")
        remark = _("Analytical, not official")
        sheet.set_footer(f"&L{remark}&R{page}")
        # a code is text on purpose; Excel need not mark each one
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return sheet

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, **properties: Any) -> None:
        """Write one value: a number as a number, anything else as text, nothing as a blank."""
        is_text = isinstance(value, bool | str) or not hasattr(value, "__float__")
        if value is None or value is pd.NA or (is_text and not self.clean(value)):
            sheet.write_blank(row, column, None, self.format(**properties))
        elif is_text:
            properties.setdefault("num_format", "@")
            sheet.write_string(row, column, self.clean(value), self.format(**properties))
        elif math.isfinite(value):
            properties.setdefault("num_format", "#,##0")
            if "align" not in properties:
                properties |= RIGHT
            sheet.write_number(row, column, float(value), self.format(**properties))
        else:
            sheet.write_blank(row, column, None, self.format(**properties))

    def clean(self, value: object) -> str:
        """Return a value as text, as :func:`clean` does, each text cleaned once."""
        text = str(value)
        if text not in self._cleaned:
            self._cleaned[text] = clean(text)
        return self._cleaned[text]

    def write_title(
        self, sheet: Worksheet, title: str, lines: Sequence[str], *, width: float
    ) -> int:
        """Write a title and lines below it, broken at a width in letters; return the next row."""
        self.write(sheet, 0, 0, title, bold=True, font_size=14)
        sheet.set_row(0, 21)
        row = 1
        for line in lines:
            for part in textwrap.wrap(clean(line), max(40, int(width * 1.05))):
                self.write(sheet, row, 0, part, font_color="#4a4f5c")
                row += 1
        return row + 1

    def set_widths(self, sheet: Worksheet, widths: Sequence[float]) -> None:
        """Set the widths of a sheet's columns, in digits."""
        self._widths[sheet.get_name()] = list(widths)
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)

    def fit_row(
        self, sheet: Worksheet, row: int, texts: Mapping[int, str], *, spare: float = 0.0
    ) -> None:
        """Make a row as high as the texts in its columns need, which wrap."""
        widths = self._widths[sheet.get_name()]
        lines = max((height_of(text, widths[at] - spare) for at, text in texts.items()), default=1)
        # spreadsheets disagree on whether they do it themselves
        sheet.set_row(row, points(lines))

    def write_headings(
        self,
        sheet: Worksheet,
        row: int,
        headings: Sequence[str],
        *,
        column: int = 0,
        right: Collection[int] = (),
    ) -> None:
        """Write the headings of a table, above numbers to the right; the row fits the longest."""
        look = {"bold": True, "text_wrap": True, "bg_color": "#e4e6ea", "bottom": 1}
        for position, heading in enumerate(headings, column):
            room = RIGHT if position in right else {"align": "left", "indent": 1}
            self.write(sheet, row, position, heading, valign="vcenter", **room, **look)
        # bold letters are wider, and the arrow of a filter takes room
        said = {at: f"{heading} WWW" for at, heading in enumerate(headings, column)}
        self.fit_row(sheet, row, said, spare=2.0)

    def write_column(
        self, sheet: Worksheet, row: int, position: int, field: str, values: pd.Series
    ) -> None:
        """Write the values of a column downwards, in words of the language spoken."""
        if is_numeric(values):
            shown = self.format(num_format=FORMATS.get(field, "#,##0"), **RIGHT)
            for place, number in enumerate(numbers_of(values), row):
                if math.isfinite(number):
                    sheet.write_number(place, position, number, shown)
            return
        room = {"align": "left", "indent": 1}
        plain = self.format(num_format="@", **room)
        if wraps(field, values):
            # as text is formatted, Excel would show more than 255 letters as crosses
            plain = self.format(text_wrap=True, quote_prefix=True, **room)
        coloured = field in _CATEGORIES or is_variant(field)
        for place, value in enumerate(texts_of(values), row):
            if text := self.clean(word(field, value)):
                is_category = coloured and value in COLOURS
                shown = self.category_format(value, **room) if is_category else plain
                sheet.write_string(place, position, text, shown)

    def category_format(self, category: str, **properties: Any) -> Format:
        """Return the format of a cell that shows a category."""
        fill, ink = COLOURS[category], INKS[category]
        return self.format(bg_color=fill, font_color=ink, num_format="@", **properties)

    def write_table(
        self,
        name: str,
        sheet_title: str,
        title: str,
        table: pd.DataFrame,
        *,
        lines: Sequence[str] = (),
        frozen: int = 0,
        headings: Mapping[str, str] | None = None,
    ) -> Worksheet:
        """Write a table onto a sheet of its own, which can be filtered and printed.

        Parameters
        ----------
        name : the table's name in :mod:`hotspot.columns`.
        sheet_title : the sheet's name.
        title : what stands above the table, and ``lines`` below that.
        table : its columns are shown in their order.
        frozen : how many columns stay in sight.
        headings : those of columns that :mod:`hotspot.labels` does not know.
        """
        sheet = self.add_sheet(sheet_title)
        named = {str(f): (headings or {}).get(str(f)) or label(str(f), table=name) for f in table}
        widths = [width_of(field, named[field], table[field]) for field in named]
        self.set_widths(sheet, widths)
        row = self.write_title(sheet, title, lines, width=sum(widths))
        right = {at for at, field in enumerate(named) if is_numeric(table[field])}
        self.write_headings(sheet, row, list(named.values()), right=right)
        self.shown += [
            (sheet.get_name(), said, field, "" if _is_own(name, field) else f"{name}.csv")
            for field, said in named.items()
        ]
        for position, field in enumerate(named):
            self.write_column(sheet, row + 1, position, field, table[field])
        self._fit_rows(sheet, row + 1, table)
        sheet.freeze_panes(row + 1, frozen)
        sheet.repeat_rows(row)
        if len(table):
            sheet.autofilter(row, 0, row + len(table), len(named) - 1)
        return sheet

    def _fit_rows(self, sheet: Worksheet, row: int, table: pd.DataFrame) -> None:
        widths = self._widths[sheet.get_name()]
        places = {
            field: at for at, field in enumerate(map(str, table)) if wraps(field, table[field])
        }
        lines = [
            [
                height_of(self.clean(word(field, text)), widths[at])
                for text in texts_of(table[field])
            ]
            for field, at in places.items()
        ]
        for place, needed in enumerate(zip(*lines, strict=True), row):
            sheet.set_row(place, points(max(needed)))


def _is_own(table: str, field: str) -> bool:
    """Tell whether a column is the workbook's own, which no file of the folder has."""
    return table == "changes" or field in ("change", "count_change")
