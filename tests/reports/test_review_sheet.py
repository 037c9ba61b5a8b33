"""The workbook of names to decide: what a person sees, and what stays text."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from test_workbook import HOSTILE as STRANGE

from hotspot import columns
from hotspot.reports.review_sheet import write_review

FIELDS = columns.names("review")
HOSTILE = [
    "<b>&amp;",
    '=HYPERLINK("http://x")',
    "+1",
    "@SUM(1)",
    "{=1}",
    "x" * 10_000,
    "a\x01\x00b",
    "\u202eabc",
    "http://example.org",
    "қатағон ҳўғ",
    "007",
    " a ",
]


def review_of(names: list[str], decision: str = "") -> pd.DataFrame:
    rows = [
        [name, "Urgut tumani", 2, "not_found", "", float("nan"), "", "", decision] for name in names
    ]
    return pd.DataFrame(rows, columns=FIELDS)


def sheet_of(book: bytes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(book)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def test_headings_and_rows_are_those_of_the_table() -> None:
    table = review_of(["a", "b"]).assign(score=[90.5, float("nan")], candidates=["07|08", ""])
    rows = list(sheet_of(write_review(table)).iter_rows(values_only=True))
    assert rows[0] == tuple(FIELDS)
    assert rows[1] == ("a", "Urgut tumani", 2, "not_found", None, 90.5, "07|08", None, None)
    assert rows[2] == ("b", "Urgut tumani", 2, "not_found", None, None, None, None, None)


def test_the_cells_to_fill_in_are_text_and_marked() -> None:
    sheet = sheet_of(write_review(review_of(["a"])))
    cell = sheet.cell(2, FIELDS.index("decision") + 1)
    assert (cell.value, cell.number_format) == (None, "@")
    assert cell.fill.fgColor.rgb == "FFFFF7D6"


def test_a_decision_given_before_is_there_as_text() -> None:
    cell = sheet_of(write_review(review_of(["a"], "1710207001"))).cell(2, len(FIELDS))
    assert (cell.value, cell.data_type, cell.number_format) == ("1710207001", "s", "@")


def test_nothing_becomes_a_formula_or_a_link() -> None:
    book = write_review(review_of(HOSTILE))
    sheet = sheet_of(book)
    cells = [sheet.cell(row, 1) for row in range(2, len(HOSTILE) + 2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    # what xml cannot hold is written as spreadsheets write it
    shown = [name.replace("\x01", "_x0001_").replace("\x00", "_x0000_") for name in HOSTILE]
    assert [cell.value for cell in cells] == shown
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_no_text_of_a_stranger_becomes_more_than_text() -> None:
    book = write_review(review_of(STRANGE).assign(candidate_names=STRANGE, district=STRANGE))
    for row in sheet_of(book).iter_rows(min_row=2):
        assert {cell.data_type for cell in row if cell.value is not None} <= {"s", "n"}
        # a cell of this format stays text when somebody edits it
        assert {cell.number_format for cell in row if cell.data_type == "s"} == {"@"}
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name]
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_an_empty_table_has_its_headings() -> None:
    rows = list(sheet_of(write_review(review_of([]))).iter_rows(values_only=True))
    assert rows == [tuple(FIELDS)]


@pytest.mark.parametrize("names", [[], ["a"], HOSTILE])
def test_the_same_table_gives_the_same_bytes(names: list[str]) -> None:
    assert write_review(review_of(names)) == write_review(review_of(names))
