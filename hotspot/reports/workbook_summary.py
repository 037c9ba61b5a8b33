"""The sheet of figures: categories then and now, reds, offenses, records, districts at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from xlsxwriter.utility import quote_sheetname, xl_range
from xlsxwriter.worksheet import Worksheet

from hotspot.labels import label, word
from hotspot.language import _, month_name, ngettext
from hotspot.palette import CATEGORIES, COLOURS
from hotspot.reports.workbook_cells import RIGHT, Pen
from hotspot.reports.workbook_figures import ENOUGH, OFFENSES, Figure, name_district
from hotspot.reports.workbook_text import longest_word

_FIRST = 26.0
_WIDTH = 12.5
_SPARKLINE = 24.0
_MONTH = 10.0
# columns of the names, numbers and remarks of the figures
_LEFT, _RIGHT = (0, 1, 2), (7, 10, 11)
_DISTRICTS = (
    "mahallas",
    *CATEGORIES,
    "not_red",
    "reds",
    "offenses",
    "count_ytd",
    "count_ytd_last_year",
    "change_ytd",
    "months",
    "rate",
    "hit_rate",
)
_FORMATS = {"change_ytd": "+0.0%;-0.0%;0.0%", "hit_rate": "0.0%", "rate": "#,##0.0"}


class Monthly:
    """The sheet of months that the sparklines point at, and its rows.

    Parameters
    ----------
    pen : of the workbook.
    title : what stands above, and ``lines`` below that.
    blocks : tables by their heading, whatever × the last months, ``region`` and ``district`` on
        the index; ``("total", "")`` is the row of all.
    """

    def __init__(
        self, pen: Pen, *, title: str, lines: Sequence[str], blocks: Mapping[str, pd.DataFrame]
    ) -> None:
        self.sheet = pen.add_sheet(_("By month"))
        self.blocks = tuple(blocks)
        self._rows: dict[tuple[str, str, str], tuple[int, float]] = {}
        self.months = max((block.shape[1] for block in blocks.values()), default=0)
        pen.set_widths(self.sheet, [26, 24, *[_MONTH] * self.months])
        row = pen.write_title(self.sheet, title, lines, width=50 + _MONTH * self.months)
        for heading, block in blocks.items():
            pen.write(self.sheet, row, 0, heading, bold=True, font_size=12)
            months = [str(month) for month in block]
            said = [label("district"), label("region"), *months]
            pen.write_headings(self.sheet, row + 1, said, right=range(2, 2 + self.months))
            row += 2
            for (region, district), values in zip(block.index, block.to_numpy(), strict=True):
                most = max((value for value in values.tolist() if value == value), default=0.0)
                self._rows[heading, region, district] = row, most
                self._write(pen, row, region, district, values.tolist())
                row += 1
            row += 1
        self.sheet.freeze_panes(0, 2)

    def _write(self, pen: Pen, row: int, region: str, district: str, values: list[float]) -> None:
        total = region == "total" and not district
        look: dict[str, Any] = {"bold": True} if total else {}
        place = word("region", "total") if total else name_district(district)
        pen.write(self.sheet, row, 0, place, **look)
        pen.write(self.sheet, row, 1, "" if total else region, **look)
        for position, value in enumerate(values, 2):
            pen.write(self.sheet, row, position, value, **look)

    def draw(
        self, sheet: Worksheet, row: int, column: int, key: tuple[str, str, str], colour: str
    ) -> None:
        """Draw the months of a row into a cell of another sheet; nothing where there is none."""
        if key not in self._rows:
            return
        at, most = self._rows[key]
        area = f"{quote_sheetname(self.sheet.get_name())}!{xl_range(at, 2, at, 1 + self.months)}"
        look: dict[str, Any] = {"type": "column", "series_color": colour, "min": 0}
        # the highest column ends below the row above
        sheet.add_sparkline(row, column, {"range": area, "max": 1.2 * most or 1, **look})


def write_summary(
    pen: Pen,
    sheet: Worksheet,
    *,
    title: str,
    lines: Sequence[str],
    answer: str,
    then: Mapping[str, pd.Series],
    figures: Mapping[str, Sequence[Figure]],
    districts: pd.DataFrame | None,
    monthly: Monthly | None,
) -> None:
    """Write the figures.

    Parameters
    ----------
    pen : of the workbook.
    sheet : to write on.
    title : what stands above, and ``lines`` below that.
    answer : the month in one sentence.
    then : how many mahallas had each category, by month, this month first.
    figures : by heading, rows of a name, a number, its format and a remark.
    districts : one row a district, columns of ``districts.csv`` and ``district_ranking.csv``.
    monthly : where the sparklines' numbers are.
    """
    drawn = _drawn(monthly)
    known = {*(() if districts is None else districts), *drawn}
    fields = [name for name in _DISTRICTS if name in known]
    widths = [
        _SPARKLINE if name in drawn else max(_WIDTH, longest_word(label(name))) for name in fields
    ]
    # the figures above the districts take as many columns, whatever is known of the districts
    widths += [_WIDTH] * (len(_DISTRICTS) - len(widths))
    pen.set_widths(sheet, [_FIRST, *widths])
    row = pen.write_title(sheet, title, [answer, *lines], width=_FIRST + 10 * _WIDTH)
    row = _write_then(pen, sheet, row, then, monthly) + 1
    halves = list(figures.items())
    ends = [
        _write_figures(pen, sheet, row, half, places)
        for half, places in ((halves[:2], _LEFT), (halves[2:], _RIGHT))
    ]
    row = max(ends)
    if districts is not None and len(districts):
        _write_districts(pen, sheet, row, districts, fields, monthly)


def _drawn(monthly: Monthly | None) -> dict[str, str]:
    """Return the columns that are drawn and the block of months that each draws."""
    blocks = {"reds": label("red"), "months": _(OFFENSES)}
    known = () if monthly is None else monthly.blocks
    return {name: block for name, block in blocks.items() if block in known}


def _write_figures(
    pen: Pen,
    sheet: Worksheet,
    row: int,
    figures: Sequence[tuple[str, Sequence[Figure]]],
    places: tuple[int, int, int],
) -> int:
    """Write names, numbers and remarks below their headings, in three columns."""
    name_at, number_at, remark_at = places
    for heading, rows in figures:
        for position in range(name_at, remark_at + 2):
            said = heading if position == name_at else None
            pen.write(sheet, row, position, said, bold=True, font_size=12, bottom=1)
        for name, value, shown, remark in rows:
            row += 1
            pen.write(sheet, row, name_at, name)
            pen.write(sheet, row, number_at, value, num_format=shown, bold=True)
            look = {"font_color": "#4a4f5c", "align": "left", "indent": 1}
            pen.write(sheet, row, remark_at, remark, **look)
        row += 2
    return row


def _write_then(
    pen: Pen,
    sheet: Worksheet,
    row: int,
    then: Mapping[str, pd.Series],
    monthly: Monthly | None,
) -> int:
    """Write how many mahallas had each category this month, the month and the year before."""
    kinds = list(next(iter(then.values())).index)
    said = [label("month"), *(word("category", kind) for kind in kinds)]
    pen.write_headings(sheet, row, said, right=range(1, len(said)))
    for position, kind in enumerate(kinds, 1):
        if kind in COLOURS:
            look = pen.category_format(kind, bold=True, bottom=1, valign="vcenter", **RIGHT)
            sheet.write_string(row, position, word("category", kind), look)
    for month, counts in then.items():
        row += 1
        pen.write(sheet, row, 0, month_name(month))
        for position, kind in enumerate(kinds, 1):
            pen.write(sheet, row, position, int(counts[kind]))
    row += 1
    if monthly is not None and monthly.months > 1:
        sheet.set_row(row, 30)
        pen.write(sheet, row, 0, ngettext("last {n} month", "last {n} months", monthly.months))
        for position, kind in enumerate(kinds, 1):
            key = (label(kind), "total", "")
            monthly.draw(sheet, row, position, key, "#5b6170")
    return row + 1


def _write_districts(
    pen: Pen,
    sheet: Worksheet,
    row: int,
    districts: pd.DataFrame,
    fields: Sequence[str],
    monthly: Monthly | None,
) -> None:
    """Write one row a district, with its reds and its offenses of the last months drawn."""
    drawn = _drawn(monthly)
    headings = {"reds": _("Red mahallas by month"), "months": _("Offenses by month")}
    said = [label("district"), *(headings.get(field, label(field)) for field in fields)]
    right = {at for at, field in enumerate(fields, 1) if field not in drawn}
    pen.write_headings(sheet, row, said, right=right)
    first = row + 1
    for values in districts.to_dict("records"):
        row += 1
        total = values["region"] == "total"
        look: dict[str, Any] = {"bold": True, "top": 1} if total else {}
        district = "" if pd.isna(values["district"]) else str(values["district"])
        heading = word("region", "total") if total else name_district(district)
        pen.write(sheet, row, 0, heading, **look)
        region = "" if pd.isna(values["region"]) else str(values["region"])
        for position, field in enumerate(fields, 1):
            if monthly is not None and field in drawn:
                pen.write(sheet, row, position, None, **look)
                colour = COLOURS["red"] if field == "reds" else "#2c5f8a"
                monthly.draw(sheet, row, position, (drawn[field], region, district), colour)
            else:
                shown = _FORMATS.get(field, "#,##0")
                pen.write(sheet, row, position, values[field], num_format=shown, **look)
    if "hit_rate" in fields:
        place = 1 + fields.index("hit_rate")
        low = pen.format(bg_color="#ffe0d6", font_color="#8a1c00", num_format="0.0%", **RIGHT)
        # a rule of the sheet would be a formula; the cells below the line are simply coloured
        for at, share in enumerate(districts["hit_rate"], first):
            if share < ENOUGH:
                sheet.write_number(at, place, share, low)
