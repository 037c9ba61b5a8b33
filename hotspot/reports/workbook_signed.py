"""The sheet that is signed: the red mahallas by district, those that left, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from hotspot.labels import label, word
from hotspot.language import _, month_name, ngettext, number
from hotspot.palette import COLOURS
from hotspot.reports.workbook_cells import Pen
from hotspot.reports.workbook_figures import classes_of, name_district
from hotspot.reports.workbook_text import clean, longest_word

_FIELDS = (
    "mahalla_code",
    "name",
    "category",
    "change",
    "count",
    "count_ytd",
    "count_ytd_last_year",
    "count_change",
    "months_red",
)
_TEXTS = ("mahalla_code", "name", "category", "change", "reason")
_NUMBERS = {"count": "#,##0", "count_change": "+#,##0;-#,##0;0"}
_WIDTHS = {"mahalla_code": 12.0, "name": 27.0, "category": 11.0, "change": 12.0, "reason": 58.0}
_NARROW = 11.0
_BORDERS = {"bottom": 4, "bottom_color": "#9aa0ab"}


def write_signed(
    pen: Pen,
    table: pd.DataFrame,
    *,
    title: str,
    lines: Sequence[str],
    before: str | None,
    of_groups: pd.DataFrame | None = None,
) -> None:
    """Write the list that is handed in; without signatures where it has no counts, for the public.

    Parameters
    ----------
    pen : of the workbook.
    table : columns of ``categories.csv``, as far as they may be shown, indexed by mahalla code,
        with ``change`` and, where known, ``count_change``.
    title : what stands above the list, and ``lines`` below that.
    before : the month that the changes are since, None where it is the first.
    of_groups : mahallas × groups of kinds, offenses of the window.
    """
    groups = [] if of_groups is None else [str(group) for group in of_groups]
    fields = [field for field in _FIELDS if field in table]
    if of_groups is not None:
        named = {f"group {group}": of_groups[group] for group in groups}
        table = table.join(pd.DataFrame(named))
        fields += list(named)
    fields += [field for field in ("reason",) if field in table]
    headings = {f"group {group}": _("of these {group}", group=clean(group)) for group in groups}

    to_sign = "count" in table
    sheet = pen.add_sheet(_("To sign") if to_sign else _("Red mahallas"))
    widths = [4.5, *(_WIDTHS.get(field, _NARROW) for field in fields)]
    said = [_("No."), *(headings.get(field, label(field)) for field in fields)]
    widths = [max(width, longest_word(head)) for width, head in zip(widths, said, strict=True)]
    pen.set_widths(sheet, widths)
    row = pen.write_title(sheet, title, lines, width=sum(widths))
    right = {at for at, field in enumerate(fields, 1) if field not in _TEXTS}
    pen.write_headings(sheet, row, said, right=right)
    sheet.freeze_panes(row + 1, 3)
    sheet.repeat_rows(row)

    row = _write_places(pen, sheet, row + 1, table, fields)
    if before is not None:
        gone = table[table["change"] == "left"]
        row = _write_gone(pen, sheet, row + 1, gone, fields, before=before)
    if to_sign:
        _write_signatures(pen, sheet, row + 1)


def _write_places(
    pen: Pen, sheet: Worksheet, row: int, table: pd.DataFrame, fields: Sequence[str]
) -> int:
    """Write how many mahallas of each district are of each category, and the reds by name."""
    classes = classes_of(table)
    several = table["region"].nunique() > 1 if "region" in table else False
    key = _key(table)
    named = any(places.ne("").any() for places in key)
    listed = 0
    for (region, district), part in table.groupby(key, sort=True) if named else ():
        place = name_district(district)
        if several and region:
            place = f"{place}, {clean(region)}"
        _write_band(pen, sheet, row, _count(place, part, classes), len(fields) + 1)
        red = part[part["category"] == "red"]
        row = _write_rows(pen, sheet, row + 1, red, fields, listed)
        listed += len(red)
    _write_band(pen, sheet, row, _count(word("region", "total"), table, classes), len(fields) + 1)
    row += 1
    if not named:
        row = _write_rows(pen, sheet, row, table[table["category"] == "red"], fields, 0)
    if not (table["category"] == "red").any():
        pen.write(sheet, row, 0, _("No mahalla is red."))
        row += 1
    return row


def _count(place: str, part: pd.DataFrame, classes: Sequence[str]) -> str:
    """Say how many mahallas of a place are of each category."""
    of = part["category"].value_counts()
    counts = {category: number(int(of.get(category, 0))) for category in classes}
    red, known = int(of.get("red", 0)), {"place": place, "all": number(len(part))}
    if "not_red" in classes:
        return ngettext(
            "{place}: {n} red mahalla of {all}",
            "{place}: {n} red mahallas of {all}",
            red,
            **known,
        )
    return ngettext(
        "{place}: {n} red mahalla of {all}; yellow {yellow}, green {green}, not assessed "
        "{not_assessed}",
        "{place}: {n} red mahallas of {all}; yellow {yellow}, green {green}, not assessed "
        "{not_assessed}",
        red,
        yellow=counts["yellow"],
        green=counts["green"],
        not_assessed=counts["not_assessed"],
        **known,
    )


def _write_gone(
    pen: Pen,
    sheet: Worksheet,
    row: int,
    gone: pd.DataFrame,
    fields: Sequence[str],
    *,
    before: str,
) -> int:
    """Write those that are red no more, whatever their district."""
    heading = ngettext(
        "Red in {month} and no more: {n} mahalla",
        "Red in {month} and no more: {n} mahallas",
        len(gone),
        month=month_name(before),
    )
    _write_band(pen, sheet, row, heading, len(fields) + 1)
    return _write_rows(pen, sheet, row + 1, gone, fields, 0)


def _write_rows(
    pen: Pen, sheet: Worksheet, row: int, part: pd.DataFrame, fields: Sequence[str], number: int
) -> int:
    """Write mahallas, most offenses first; return the next row."""
    if "count" in part:
        part = part.sort_values("count", ascending=False, kind="stable")
    for place, (_code, values) in enumerate(part.iterrows(), 1):
        pen.write(sheet, row, 0, number + place, align="center", **_BORDERS)
        for position, field in enumerate(fields, 1):
            _write_cell(pen, sheet, row, position, field, values[field])
        wrapped = {at: field for at, field in enumerate(fields, 1) if field in ("name", "reason")}
        texts = {at: pen.clean(values[field]) for at, field in wrapped.items()}
        pen.fit_row(sheet, row, texts)
        row += 1
    return row


def _write_cell(
    pen: Pen, sheet: Worksheet, row: int, position: int, field: str, value: object
) -> None:
    missing = pd.isna(value)  # type: ignore[call-overload]
    if field == "category" and value in COLOURS:
        fill = pen.category_format(str(value), align="left", indent=1, **_BORDERS)
        sheet.write_string(row, position, word(field, str(value)), fill)
    elif field in _TEXTS:
        text = "" if missing else word(field, str(value))
        look: dict[str, Any] = {"align": "left", "indent": 1}
        if field == "reason":
            look |= {"num_format": "General", "quote_prefix": True}
        pen.write(sheet, row, position, text, text_wrap=True, **_BORDERS, **look)
    else:
        shown = _NUMBERS.get(field, "#,##0")
        pen.write(sheet, row, position, None if missing else value, num_format=shown, **_BORDERS)


def _write_signatures(pen: Pen, sheet: Worksheet, row: int) -> None:
    hint = _("position, name, signature")
    lines = ((_("Prepared by"), hint), (_("Approved by"), hint), (_("Date"), ""))
    for said, below in lines:
        sheet.set_row(row, 30)
        pen.write(sheet, row, 1, said, bold=True, valign="bottom")
        for position in range(3, 8):
            pen.write(sheet, row, position, None, bottom=1)
        pen.write(sheet, row + 1, 3, below, font_size=8, font_color="#4a4f5c")
        row += 2


def _write_band(pen: Pen, sheet: Worksheet, row: int, heading: str, columns: int) -> None:
    """Write a heading over the whole width of the list."""
    look = {"bold": True, "bg_color": "#f1f2f5", "top": 1}
    pen.write(sheet, row, 0, heading, **look)
    for position in range(1, columns):
        pen.write(sheet, row, position, None, **look)


def _key(table: pd.DataFrame) -> list[pd.Series]:
    absent = pd.Series("", index=table.index)
    return [table.get(name, absent).astype("object").fillna("") for name in ("region", "district")]
