"""The names to decide, as an Excel workbook that a person fills in and gives back."""

from __future__ import annotations

import datetime
import io

import pandas as pd
import xlsxwriter

_WIDTHS = {"name": 32, "district": 24, "candidates": 30, "candidate_names": 60, "decision": 18}
_CREATED = datetime.datetime(2000, 1, 1)
_CELL_LIMIT = 16_000


def write_review(review: pd.DataFrame) -> bytes:
    """Write the review table.

    Parameters
    ----------
    review : the table of ``review.csv``.

    Returns
    -------
    bytes
        An .xlsx file with one sheet, headings in its first row. Every cell but the numbers is
        text, also the empty ones to fill in, so that a code typed there keeps its digits; nothing
        becomes a formula or a link.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet("review")
        heading = book.add_format({"bold": True, "bg_color": "#e8e8e8", "bottom": 1})
        text = book.add_format({"num_format": "@", "valign": "top"})
        asked = book.add_format({"num_format": "@", "bg_color": "#fff7d6", "border": 1})
        for position, field in enumerate(review.columns):
            sheet.write_string(0, position, field, heading)
            sheet.set_column(position, position, _WIDTHS.get(field, 11), text)
            for row, value in enumerate(review[field].tolist(), start=1):
                if field == "decision":
                    sheet.write_blank(row, position, None, asked)
                if pd.isna(value) or value == "":
                    continue
                if isinstance(value, int | float):
                    sheet.write_number(row, position, value)
                else:
                    shown = str(value)[:_CELL_LIMIT]
                    sheet.write_string(row, position, shown, asked if field == "decision" else text)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(review)), len(review.columns) - 1)
    return buffer.getvalue()
