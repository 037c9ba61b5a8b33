"""The list to hand in, as an Excel workbook: categories, changes, districts and the account."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import pandas as pd
import xlsxwriter

from hotspot import columns
from hotspot.palette import COLOURS, INKS

_LIST = (
    "mahalla_code",
    "name",
    "district",
    "region",
    "category",
    "count",
    "count_month",
    "count_ytd",
    "count_ytd_last_year",
    "population",
    "rate",
    "rate_ratio",
    "excess_probability",
    "previous_category",
    "months_red",
    "reason",
)
_WIDTHS = {"name": 28, "district": 20, "region": 20, "reason": 80, "previous_category": 16}
_DECIMALS = {"rate": "0.0", "rate_ratio": "0.00", "excess_probability": "0.000", "hit_rate": "0.0%"}
_DECIMALS |= {"change_ytd": "+0.0%;-0.0%", "p_change": "0.000"}
_DECIMALS |= dict.fromkeys(("mean", "lower", "upper"), "0.000")
_DECIMALS |= dict.fromkeys(("difference", "difference_lower", "difference_upper"), "+0.000;-0.000")
# a workbook of the same month must have the same bytes, so it bears no time of its own
_CREATED = datetime.datetime(2000, 1, 1)
# a cell holds 32,767 units of UTF-16, and a character may take two
_CELL_LIMIT = 16_000


def write_workbook(
    categories: pd.DataFrame,
    districts: pd.DataFrame,
    account: Mapping[str, Any],
    *,
    window: str,
    sheets: Mapping[str, pd.DataFrame] | None = None,
) -> bytes:
    """Write the month's workbook.

    Parameters
    ----------
    categories : the table of ``categories.csv``.
    districts : the table of ``districts.csv``.
    account : the account of ``run.json``.
    window : the window in words, put above the list.
    sheets : further tables by their sheet's name, of described columns.

    Returns
    -------
    bytes
        An .xlsx file with the sheets categories, changes, districts, further tables, and account.
        Text is text: nothing in a cell becomes a formula or a link.
    """
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _CREATED})
        month = str(account["month"])
        title = f"Mahallas by category, {month}; {window}. Analytical, not official."
        _write_sheet(book, "categories", title, categories, _LIST)
        changed = categories[
            categories["previous_category"].notna()
            & (categories["previous_category"] != categories["category"])
        ]
        title = f"Mahallas whose category changed in {month}: {len(changed)}"
        fields = ("mahalla_code", "name", "district", "previous_category", "category", "reason")
        _write_sheet(book, "changes", title, changed, fields)
        _write_sheet(
            book, "districts", f"Districts, {month}; {window}", districts, list(districts.columns)
        )
        for name, table in (sheets or {}).items():
            title = f"{name.capitalize()}, {month}; {window}"
            _write_sheet(book, name, title, table, list(table.columns))
        _write_account(book, account)
    return buffer.getvalue()


def _write_sheet(
    book: xlsxwriter.Workbook, name: str, title: str, table: pd.DataFrame, fields: Sequence[str]
) -> None:
    """Write one table: title, frozen header, filter, coloured categories."""
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bg_color": "#e8e8e8", "bottom": 1, "text_wrap": True})
    text = book.add_format({"num_format": "@", "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    number = {
        field: book.add_format({"num_format": _DECIMALS.get(field, "#,##0"), "valign": "top"})
        for field in fields
    }
    fills = {
        category: book.add_format({"bg_color": fill, "font_color": INKS[category], "valign": "top"})
        for category, fill in COLOURS.items()
    }
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13}))
    types = {column.name: column.type for table_ in columns.TABLES.values() for column in table_}
    for position, field in enumerate(fields):
        sheet.write_string(1, position, field, heading)
        sheet.set_column(position, position, _WIDTHS.get(field, 14))
        for row, value in enumerate(table[field].tolist(), start=2):
            if pd.isna(value):
                sheet.write_blank(row, position, None, text)
            elif field in ("category", "previous_category") and value in fills:
                sheet.write_string(row, position, value, fills[value])
            elif types.get(field) in ("integer", "number"):
                sheet.write_number(row, position, value, number[field])
            else:
                shown = str(value)[:_CELL_LIMIT]
                sheet.write_string(row, position, shown, wrapped if field == "reason" else text)
    # a code is text on purpose; Excel need not mark each one
    sheet.ignore_errors({"number_stored_as_text": f"A3:A{len(table) + 3}"})
    sheet.freeze_panes(2, 2)
    sheet.autofilter(1, 0, max(1, len(table) + 1), len(fields) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)


def _write_account(book: xlsxwriter.Workbook, account: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("account")
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 1, 90)
    bold = book.add_format({"bold": True, "bg_color": "#e8e8e8"})
    sheet.write_string(0, 0, "what", bold)
    sheet.write_string(0, 1, "value", bold)
    for row, (key, value) in enumerate(_flat(account), start=1):
        sheet.write_string(row, 0, key[:_CELL_LIMIT])
        if isinstance(value, bool):
            sheet.write_boolean(row, 1, value)
        elif isinstance(value, Real) and math.isfinite(value):
            sheet.write_number(row, 1, value)
        else:
            sheet.write_string(row, 1, str(value)[:_CELL_LIMIT])
    sheet.freeze_panes(1, 0)


def _flat(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [
            pair
            for key, inner in value.items()
            for pair in _flat(inner, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return [pair for at, item in enumerate(value, 1) for pair in _flat(item, f"{prefix}.{at}")]
    if isinstance(value, list):
        return [(prefix, ", ".join(str(item) for item in value))]
    return [(prefix, "" if value is None else value)]
