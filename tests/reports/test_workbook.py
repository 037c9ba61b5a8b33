"""The workbook, opened again with two readers: sheets, values, text that stays text, colours."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from hotspot import columns
from hotspot.palette import COLOURS
from hotspot.reports.workbook import write_workbook

WINDOW = "window 2024-02 to 2025-01"
FIELDS = [
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
]
ACCOUNT: dict[str, Any] = {"month": "2025-01", "records": {"read": 12, "placed": 9, "rejected": 3}}


def table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return a table with all its described columns; what a row does not give is missing."""
    frame = pd.DataFrame(rows, columns=columns.names(name))
    for column in columns.TABLES[name]:
        if column.type == "integer":
            frame[column.name] = frame[column.name].astype("Int64")
        elif column.type == "number":
            frame[column.name] = frame[column.name].astype(float)
    return frame


CATEGORIES = table(
    "categories",
    [
        {
            "month": "2025-01",
            "mahalla_code": "0710207001",
            "name": "Bo'ston",
            "district": "G'uzor",
            "region": "Qashqadaryo",
            "population": 4170,
            "count": 5,
            "count_month": 1,
            "count_ytd": 1,
            "count_ytd_last_year": 0,
            "rate": 119.904,
            "rate_ratio": 2.25,
            "excess_probability": 0.97,
            "category": "red",
            "previous_category": "yellow",
            "months_red": 1,
            "reason": "Red: count 5 >= 3.",
        },
        {
            "month": "2025-01",
            "mahalla_code": "0710207002",
            "name": "Қоракўл",
            "count": 1,
            "category": "yellow",
            "previous_category": "yellow",
            "months_red": 0,
            "reason": "Yellow: 1 counted offense in 12 months.",
        },
        {
            "month": "2025-01",
            "mahalla_code": "0710207003",
            "name": "Навруз",
            "count": 0,
            "category": "green",
            "previous_category": "red",
            "months_red": 0,
            "reason": "Green: no counted offense.",
        },
        {
            "month": "2025-01",
            "mahalla_code": "0710207004",
            "count": 0,
            "category": "not_assessed",
            "reason": "Not assessed: it has no polygon.",
        },
    ],
)
DISTRICTS = table(
    "districts",
    [
        {
            "region": "Qashqadaryo",
            "district": "G'uzor",
            "mahallas": 4,
            "red": 1,
            "yellow": 1,
            "green": 1,
            "not_assessed": 1,
            "offenses": 6,
            "unplaced": 2,
            "hit_rate": 0.75,
        },
        {"region": "total", "mahallas": 4, "offenses": 6, "unplaced": 3, "hit_rate": 6 / 9},
    ],
)


def write(
    categories: pd.DataFrame = CATEGORIES, account: dict[str, Any] = ACCOUNT
) -> tuple[bytes, openpyxl.Workbook]:
    made = write_workbook(categories, DISTRICTS, account, window=WINDOW)
    return made, openpyxl.load_workbook(io.BytesIO(made))


def values(sheet: Worksheet) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_sheets_and_their_titles():
    _, book = write()
    assert book.sheetnames == ["categories", "changes", "districts", "account"]
    assert book["categories"]["A1"].value == (
        "Mahallas by category, 2025-01; window 2024-02 to 2025-01. Analytical, not official."
    )
    assert book["changes"]["A1"].value == "Mahallas whose category changed in 2025-01: 2"
    assert book["districts"]["A1"].value == "Districts, 2025-01; window 2024-02 to 2025-01"


def test_the_list_has_its_values_and_missing_cells_are_blank():
    _, book = write()
    rows = values(book["categories"])
    assert rows[1] == FIELDS
    assert rows[2] == [
        *("0710207001", "Bo'ston", "G'uzor", "Qashqadaryo", "red", 5, 1, 1, 0, 4170),
        *(119.904, 2.25, 0.97, "yellow", 1, "Red: count 5 >= 3."),
    ]
    assert dict(zip(FIELDS, rows[5], strict=True)) == dict.fromkeys(FIELDS) | {
        "mahalla_code": "0710207004",
        "category": "not_assessed",
        "count": 0,
        "reason": "Not assessed: it has no polygon.",
    }
    assert len(rows) == 2 + len(CATEGORIES)


def test_a_code_is_text_with_its_leading_zero():
    _, book = write()
    cell = book["categories"]["A3"]
    assert (cell.data_type, cell.value, cell.number_format) == ("s", "0710207001", "@")


def test_changes_are_those_whose_category_is_another_than_before():
    _, book = write()
    rows = values(book["changes"])
    assert rows[1] == [
        "mahalla_code",
        "name",
        "district",
        "previous_category",
        "category",
        "reason",
    ]
    assert [row[0] for row in rows[2:]] == ["0710207001", "0710207003"]
    assert rows[3][3:5] == ["red", "green"]


def test_a_first_month_has_an_empty_sheet_of_changes():
    _, book = write(CATEGORIES.assign(previous_category=None))
    rows = values(book["changes"])
    assert rows[0][0] == "Mahallas whose category changed in 2025-01: 0"
    assert len(rows) == 2


def test_a_region_without_mahallas_is_still_a_workbook():
    _, book = write(CATEGORIES.iloc[:0])
    assert len(values(book["categories"])) == 2


def test_districts_keep_their_columns_and_the_total_is_last():
    _, book = write()
    rows = values(book["districts"])
    assert rows[1] == columns.names("districts")
    assert rows[-1][0] == "total"
    cell = book["districts"].cell(3, rows[1].index("hit_rate") + 1)
    assert (cell.value, cell.number_format) == (0.75, "0.0%")


def test_each_category_has_its_colour_before_and_after():
    _, book = write()
    sheet = book["categories"]
    now, before = FIELDS.index("category") + 1, FIELDS.index("previous_category") + 1
    for row in range(3, 7):
        cell = sheet.cell(row, now)
        assert cell.fill.fgColor.rgb == "FF" + COLOURS[cell.value].removeprefix("#").upper()
    assert {sheet.cell(row, now).value for row in range(3, 7)} == set(COLOURS)
    assert sheet.cell(3, before).fill.fgColor.rgb == "FF" + COLOURS["yellow"][1:].upper()
    assert sheet.cell(6, before).fill.fill_type is None


@pytest.mark.parametrize(
    ("name", "last"), [("categories", "P6"), ("changes", "F4"), ("districts", "L4")]
)
def test_lists_can_be_filtered_and_keep_their_heading_in_sight(name, last):
    _, book = write()
    assert book[name].auto_filter.ref == f"A2:{last}"
    assert book[name].freeze_panes == "C3"


def test_the_account_is_laid_flat():
    account = ACCOUNT | {
        "window": {"months_without_records": ["2024-03", "2024-05"], "all": []},
        "inputs": [{"path": "=a.csv"}, {"path": "b.csv"}],
        "guessed": True,
        "nothing": None,
        "share": 0.25,
        "counted": np.int64(7),
        "unknown": float("nan"),
    }
    _, book = write(account=account)
    assert values(book["account"]) == [
        ["what", "value"],
        ["month", "2025-01"],
        ["records.read", 12],
        ["records.placed", 9],
        ["records.rejected", 3],
        ["window.months_without_records", "2024-03, 2024-05"],
        ["window.all", ""],
        ["inputs.1.path", "=a.csv"],
        ["inputs.2.path", "b.csv"],
        ["guessed", True],
        ["nothing", ""],
        ["share", 0.25],
        ["counted", 7],
        ["unknown", "nan"],
    ]
    assert book["account"]["B8"].data_type == "s"


HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "{=1+1}",
    "@SUM(1)",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "<script>alert(1)</script>",
    "http://example.org",
    "mailto:a@example.org",
    "internal:Sheet1!A1",
    "12",
    "TRUE",
    " around ",
    "a & b \"c\" 'd' ]]>",
    "_x0041_",
    "\ttab and\nline",
    "ʻʼ‘’`ўқғҳ",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_text_stays_text(name):
    made, book = write(CATEGORIES.assign(name=name, district=name, region=name, reason=name))
    for sheet in ("categories", "changes"):
        cell = book[sheet]["B3"]
        assert (cell.data_type, cell.value, cell.hyperlink) == ("s", name, None)
    read = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert read.get_sheet_by_name("categories").to_python()[2][1] == name
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/")]
        for sheet in sheets:
            assert b"<f>" not in parts.read(sheet)
            assert b"hyperlink" not in parts.read(sheet)
    assert not [sheet for sheet in sheets if "_rels" in sheet]


@pytest.mark.parametrize(
    "name", ["x" * 40_000, "😀" * 40_000, "a\x00b\x07c\x0b\x1fd", "\ufffe\uffff", "\x7f\x85"]
)
def test_what_xml_cannot_hold_still_makes_a_file_that_opens(name):
    made, book = write(CATEGORIES.assign(name=name))
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert parts.testzip() is None
        for part in parts.namelist():
            ElementTree.fromstring(parts.read(part))
    read = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_name("categories")
    shown = read.to_python()[2][1]
    # Excel refuses a cell of more than 32,767 units
    assert len(str(shown).encode("utf-16-le")) // 2 <= 32_767
    assert book["categories"]["B3"].value
    assert str(shown)[:1] == name[:1] or name[:1] == "\ufffe"
    # the cells beside it stay where they are
    assert read.to_python()[2][0] == "0710207001"


def test_the_same_month_has_the_same_bytes_and_no_clock():
    made, book = write()
    again, _ = write(CATEGORIES.copy(), dict(ACCOUNT))
    assert made == again
    assert book.properties.created.year == 2000
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT", parts.read("docProps/core.xml"))) == {
            b"2000-01-01T"
        }


def test_what_is_given_is_not_changed():
    categories, districts = CATEGORIES.copy(), DISTRICTS.copy()
    write_workbook(categories, districts, ACCOUNT, window=WINDOW)
    pd.testing.assert_frame_equal(categories, CATEGORIES)
    pd.testing.assert_frame_equal(districts, DISTRICTS)
