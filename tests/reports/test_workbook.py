"""The workbook, opened again with other readers: sheets, values, text that stays text, colours."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from hotspot import columns
from hotspot.labels import VALUES
from hotspot.language import LANGUAGES, _, speaking
from hotspot.palette import COLOURS
from hotspot.reports.workbook import write_workbook
from hotspot.reports.workbook_lists import MOST_RECORDS
from hotspot.reports.workbook_text import MOST, clean

WINDOW = "Offenses are counted from February 2024 to January 2025."
CRITERIA = {"name": "analytical-12m", "version": "2", "sha256": "d28dc3b02569e9351d7c"}
ACCOUNT: dict[str, Any] = {
    "month": "2025-01",
    "records": {
        "read": 12,
        "placed": 9,
        "rejected": 3,
        "rejected_by": {"outside": 2, "bad_date": 1},
    },
    "criteria": CRITERIA,
}
CODES = ["0710207001", "0710207002", "0710207003", "0710207004"]
MONTHS = pd.period_range("2024-01", "2025-01", freq="M")


def table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return a table with all its described columns; what a row does not give is missing."""
    frame = pd.DataFrame(rows, columns=columns.names(name))
    for column in columns.TABLES[name]:
        if column.type == "integer":
            frame[column.name] = frame[column.name].astype("Int64")
        elif column.type == "number":
            frame[column.name] = frame[column.name].astype(float)
    return frame


def mahalla(code: str, **values: object) -> dict[str, object]:
    place = {"district": "G'uzor", "region": "Qashqadaryo", "population": 4170, "months_red": 0}
    return {"month": "2025-01", "mahalla_code": code, **place, **values}


CATEGORIES = table(
    "categories",
    [
        mahalla(
            CODES[0], name="Bo'ston", count=5, count_month=1, count_ytd=1, count_ytd_last_year=0,
            rate=119.904, category="red", previous_category="yellow", months_red=1,
            reason="Red: count 5 >= 3.",
        ),
        mahalla(
            CODES[1], name="Қоракўл", district="Kasbi", count=1, count_ytd=0,
            count_ytd_last_year=2, category="yellow", previous_category="red",
            reason="Yellow: 1 counted offense in 12 months.",
        ),
        mahalla(
            CODES[2], name="Навруз", count=0, count_ytd=0, count_ytd_last_year=0, category="green",
            previous_category="green", reason="Green: no counted offense.",
        ),
        {"mahalla_code": CODES[3], "count": 0, "category": "not_assessed"},
    ],
).set_index("mahalla_code", drop=False)  # fmt: skip
HISTORY = pd.DataFrame(
    [
        [*["green"] * 11, "yellow", "red"],
        [*["green"] * 11, "red", "yellow"],
        ["green"] * 13,
        ["not_assessed"] * 13,
    ],
    index=CODES,
    columns=MONTHS,
)
COUNTS = pd.DataFrame(
    [[0.0] * 8 + [1.0] * 5, [2.0] + [0.0] * 11 + [0.0], [0.0] * 13, [0.0] * 13],
    index=CODES,
    columns=MONTHS,
)
DISTRICTS = table(
    "districts",
    [
        {"region": "Qashqadaryo", "district": "G'uzor", "mahallas": 2, "red": 1, "yellow": 0,
         "green": 1, "not_assessed": 0, "offenses": 5, "unplaced": 2, "hit_rate": 0.75},
        {"region": "Qashqadaryo", "district": "Kasbi", "mahallas": 1, "red": 0, "yellow": 1,
         "green": 0, "not_assessed": 0, "offenses": 1, "unplaced": 0, "hit_rate": 1.0},
        {"region": "total", "mahallas": 4, "red": 1, "yellow": 1, "green": 1, "not_assessed": 1,
         "offenses": 6, "unplaced": 3, "hit_rate": 6 / 9},
    ],
)  # fmt: skip
REJECTED = table(
    "rejected",
    [
        {"row": 2, "id": "a", "kind": "cyber", "reason": "kind_excluded"},
        {"row": 3, "id": "b", "kind": "theft", "longitude": "0", "reason": "bad_coordinates"},
    ],
)
REVIEW = table("review", [{"name": "Bogbon", "records": 2, "outcome": "suggested", "score": 91.0}])
SENSITIVITY = pd.DataFrame(
    {"mahalla_code": CODES[:1], "name": ["Bo'ston"], "district": ["G'uzor"], "category": ["red"],
     "holds": [False], "window_8": ["yellow"]},
)  # fmt: skip
TABLES = {
    "districts": DISTRICTS,
    "regions": DISTRICTS.drop(columns="district"),
    "sector": DISTRICTS.assign(sector="1"),
    "district_ranking": table(
        "district_ranking", [{"region": "Qashqadaryo", "district": "Kasbi", "change_ytd": -1.0}]
    ),
    "rankings": table("rankings", [{"group": "property", "mahalla_code": CODES[0], "count": 5}]),
    "kinds": table("kinds", [{"what": "kind", "kind": "theft", "region": "total", "count": 6}]),
    "backtest_summary": table(
        "backtest_summary", [{"method": "count_12m", "measure": "hit_rate", "mean": 0.5}]
    ),
    "suspicious_zeros": table("suspicious_zeros", []),
    "sensitivity": SENSITIVITY,
    "rejected": REJECTED,
    "review": REVIEW,
}
NOTHING: dict[str, Any] = dict.fromkeys(("account", "counts", "history", "of_groups"))
NOTHING |= {"tables": {}, "groups": []}
SHEETS = [
    "To sign",
    "Summary",
    "By month",
    "Categories",
    "Changes",
    "Districts",
    "Regions",
    "sector",
    "District ranking",
    "Mahalla rankings",
    "Kinds",
    "Back-test",
    "Suspicious zeros",
    "Sensitivity",
    "Not counted",
    "Names to decide",
    "Account",
    "Columns",
]


def make(categories: pd.DataFrame = CATEGORIES, **others: Any) -> bytes:
    given: dict[str, Any] = {
        "tables": TABLES,
        "month": "2025-01",
        "window": WINDOW,
        "criteria": CRITERIA,
        "account": ACCOUNT,
        "groups": ["sector"],
        "counts": COUNTS,
        "history": HISTORY,
        "of_groups": pd.DataFrame({"property": [4, 1, 0, 0]}, index=CODES),
    }
    return write_workbook(categories, **(given | others))


def read(made: bytes) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        # the one thing of a workbook that openpyxl does not know
        warnings.filterwarnings("ignore", "Sparkline Group extension")
        return openpyxl.load_workbook(io.BytesIO(made))


def values(sheet: Worksheet) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def rows_below(sheet: Worksheet, heading: str) -> list[dict[str, Any]]:
    """Return the rows below the first that has this heading, by their headings."""
    rows = values(sheet)
    at = next(i for i, row in enumerate(rows) if heading in row)
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]]


def texts(sheet: Worksheet) -> list[str]:
    return [str(value) for row in values(sheet) for value in row if value is not None]


def numbers(sheet: Worksheet) -> list[float]:
    return [value for row in values(sheet) for value in row if isinstance(value, int | float)]


@pytest.fixture(scope="module")
def made() -> bytes:
    return make()


@pytest.fixture(scope="module")
def book(made: bytes) -> openpyxl.Workbook:
    return read(made)


def test_the_sheets_stand_in_their_order(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == SHEETS


def test_what_may_not_be_shown_has_no_sheet_and_no_column() -> None:
    shown = ["mahalla_code", "name", "district", "region", "category", "previous_category"]
    public = CATEGORIES[[*shown, "months_red", "reason"]]
    book = read(make(public, **NOTHING))
    assert book.sheetnames == ["Red mahallas", "Summary", "Categories", "Changes", "Columns"]
    # what anybody may have is not to be signed
    assert "Prepared by" not in texts(book["Red mahallas"])
    (row, *_) = rows_below(book["Red mahallas"], "Code")[1:]
    assert [name for name in row if name] == [
        "No.",
        "Code",
        "Mahalla",
        "Category",
        "Change",
        "Months red",
        "Reason",
    ]
    headings = {row[1] for row in values(book["Columns"])[1:]}
    assert headings == {*row} - {"No.", None} | {"District", "Region", "Month before"}


def test_a_history_without_counts_draws_the_reds_alone() -> None:
    given = NOTHING | {
        "history": HISTORY,
        "tables": {"districts": DISTRICTS[["region", "district"]]},
    }
    head = rows_below(read(make(**given))["Summary"], "Red mahallas by month")
    assert "Offenses by month" not in head[0]


def test_two_classes_are_shown_as_two() -> None:
    shown = ["mahalla_code", "name", "district", "region", "category", "previous_category"]
    two = CATEGORIES[[*shown, "reason"]].replace(
        {"yellow": "not_red", "green": "not_red", "not_assessed": "not_red"}
    )
    book = read(make(two, **NOTHING))
    rows = rows_below(book["Summary"], "Not red")
    assert (rows[0]["Red"], rows[0]["Not red"]) == (1, 3)
    assert "Not red" in texts(book["Categories"])
    assert [text for text in texts(book["Red mahallas"]) if "red mahalla" in text] == [
        "Without a district: 0 red mahallas of 1",
        "G'uzor: 1 red mahalla of 2",
        "Kasbi: 0 red mahallas of 1",
        "Total: 1 red mahalla of 4",
    ]


def test_the_list_to_sign_has_its_head(book: openpyxl.Workbook) -> None:
    assert values(book["To sign"])[0][0] == "Red mahallas, Qashqadaryo, January 2025"
    said = texts(book["To sign"])
    assert WINDOW in said
    assert (
        "Criteria: analytical-12m, version 2, SHA-256 d28dc3b02569. Analytical, not official."
        in said
    )


def test_the_list_to_sign_has_the_reds_by_district_then_those_that_left(
    book: openpyxl.Workbook,
) -> None:
    rows = rows_below(book["To sign"], "Code")
    assert rows[1]["No."] == "G'uzor: 1 red mahalla of 2; yellow 0, green 1, not assessed 0"
    assert rows[2] == {
        "No.": 1,
        "Code": CODES[0],
        "Mahalla": "Bo'ston",
        "Category": "Red",
        "Change": "New",
        "Offenses in the window": 5,
        "January to date": 1,
        "Same months last year": 0,
        "Difference to last year": 1,
        "Months red": 1,
        "of these property": 4,
        "Reason": "Red: count 5 >= 3.",
    }
    at = next(
        i
        for i, row in enumerate(rows)
        if row["No."] == "Red in December 2024 and no more: 1 mahalla"
    )
    left = rows[at + 1]
    assert [left[name] for name in ("Code", "Category", "Change")] == [CODES[1], "Yellow", "Left"]
    assert left["Difference to last year"] == -2


def test_the_list_to_sign_counts_every_district(book: openpyxl.Workbook) -> None:
    said = [text for text in texts(book["To sign"]) if "; yellow" in text]
    # under the repeated headings of the list a table of sums would be read as something else
    assert said == [
        "Without a district: 0 red mahallas of 1; yellow 0, green 0, not assessed 1",
        "G'uzor: 1 red mahalla of 2; yellow 0, green 1, not assessed 0",
        "Kasbi: 0 red mahallas of 1; yellow 1, green 0, not assessed 0",
        "Total: 1 red mahalla of 4; yellow 1, green 1, not assessed 1",
    ]


def test_the_list_to_sign_ends_with_signatures(book: openpyxl.Workbook) -> None:
    said = [row[1] for row in values(book["To sign"]) if row[1]]
    assert said[-3:] == ["Prepared by", "Approved by", "Date"]


def test_a_list_of_one_nameless_district_has_the_total_alone() -> None:
    nowhere = read(make(CATEGORIES.assign(district=None, region=None)))["To sign"]
    said = [text for text in texts(nowhere) if "; yellow" in text]
    assert said == ["Total: 1 red mahalla of 4; yellow 1, green 1, not assessed 1"]
    first = next(row for row in rows_below(nowhere, "Code") if row["No."] == 1)
    assert first["Code"] == CODES[0]


def test_the_list_to_sign_prints_on_a4_with_its_headings_on_each_page(
    book: openpyxl.Workbook,
) -> None:
    sheet = book["To sign"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$5"
    assert sheet["A5"].value == "No."
    assert sheet.oddFooter.right.text == "Page &P of &N"
    assert sheet.oddFooter.left.text == "Analytical, not official"


def test_without_a_red_the_list_says_so() -> None:
    calm = CATEGORIES.assign(category="green", previous_category="green", months_red=0)
    said = texts(read(make(calm))["To sign"])
    assert "No mahalla is red." in said
    assert "Red in December 2024 and no more: 0 mahallas" in said


def test_a_first_month_has_no_changes() -> None:
    book = read(make(CATEGORIES.assign(previous_category=None), history=HISTORY.iloc[:, -1:]))
    assert "Changes" not in book.sheetnames
    assert "Change" not in texts(book["To sign"])
    assert not [text for text in texts(book["To sign"]) if "and no more" in text]
    assert "1 of 4 mahallas is red." in texts(book["Summary"])


def test_several_regions_are_named_beside_their_districts() -> None:
    two = CATEGORIES.assign(category="red", region=["Navoiy", "Navoiy", "Xorazm", None])
    sheet = read(make(two))["To sign"]
    assert sheet["A1"].value == "Red mahallas, January 2025"
    said = texts(sheet)
    none = "; yellow 0, green 0, not assessed 0"
    assert f"Without a district: 1 red mahalla of 1{none}" in said
    assert f"G'uzor, Navoiy: 1 red mahalla of 1{none}" in said
    assert f"G'uzor, Xorazm: 1 red mahalla of 1{none}" in said


def test_a_year_that_misses_a_month_is_not_compared() -> None:
    gap = COUNTS.copy()
    gap[MONTHS[-1]] = float("nan")
    book = read(make(counts=gap))
    row = rows_below(book["Categories"], "Code")[0]
    assert row["Difference to last year"] is None
    assert "Change to last year" not in [row[0] for row in values(book["Summary"])]


def test_the_summary_answers_first_and_compares(book: openpyxl.Workbook) -> None:
    rows = values(book["Summary"])
    assert rows[1][0] == (
        "1 of 4 mahallas is red. Since December 2024: new 1, returning 0, left 1."
    )
    then = rows_below(book["Summary"], "Month")[:3]
    assert [list(row.values())[:5] for row in then] == [
        ["January 2025", 1, 1, 1, 1],
        ["December 2024", 1, 1, 1, 1],
        ["January 2024", 0, 0, 3, 1],
    ]
    end = next(i for i, row in enumerate(rows) if row[0] == "District")
    figures = {row[at]: row[to] for at, to in ((0, 1), (7, 10)) for row in rows[8:end]}
    assert figures["New"] == 1
    assert figures["36 months in a row or longer"] == 0
    assert figures["Offenses in the window"] == 6
    # 1 offense of this January against 2 of the last
    assert figures["Difference to last year"] == -1
    assert figures["Change to last year"] == -0.5
    assert figures["Share placed"] == pytest.approx(6 / 9)
    assert figures["Districts below 85 %"] == 1
    assert (figures["Read"], figures["Outside all mahallas"]) == (12, 2)
    assert "G'uzor 75.0 %" in texts(book["Summary"])


def test_the_columns_sheet_names_files_that_have_the_column(book: openpyxl.Workbook) -> None:
    known = {name: [c.name for c in of] for name, of in columns.TABLES.items()}
    known |= {"sector": list(TABLES["sector"]), "sensitivity": list(SENSITIVITY)}
    own = set()
    for _sheet, _heading, column, file in values(book["Columns"])[1:]:
        if file is None:
            own.add(column)
        else:
            assert column in known[file.removesuffix(".csv")]
    # the changes of a month are told by no file of its folder
    assert {"change", "count_change", "previous_category", "reason"} <= own


def test_the_total_of_the_districts_has_the_year_too() -> None:
    ranking = [
        {"region": "Qashqadaryo", "district": name, "count_ytd": n, "count_ytd_last_year": 2 - n}
        for n, name in enumerate(["G'uzor", "Kasbi"])
    ]
    whole = {"what": "all", "region": "total", "count_ytd": 1, "count_ytd_last_year": 3}
    kinds = table("kinds", [whole | {"change_ytd": -2 / 3}])
    given = TABLES | {"district_ranking": table("district_ranking", ranking), "kinds": kinds}
    total = next(
        row
        for row in rows_below(read(make(tables=given))["Summary"], "Offenses by month")
        if row["District"] == "Total"
    )
    shown = ("January to date", "Same months last year", "Change to last year")
    assert [total[name] for name in shown] == [1, 3, pytest.approx(-2 / 3)]


def test_mahallas_without_a_district_are_said_to_have_none() -> None:
    sums = DISTRICTS.assign(district=[None, "Kasbi", None])
    sheet = read(make(CATEGORIES, tables={"districts": sums}))["Summary"]
    assert "Without a district 75.0 %" in texts(sheet)
    assert [row["District"] for row in rows_below(sheet, "District")][:3] == [
        "Without a district",
        "Kasbi",
        "Total",
    ]


@pytest.mark.parametrize(
    ("months", "said"), [(13, "last 13 months"), (2, "last 2 months"), (1, None)]
)
def test_as_many_months_are_drawn_as_are_known(months: int, said: str | None) -> None:
    book = read(make(counts=COUNTS.iloc[:, -months:], history=HISTORY.iloc[:, -months:]))
    found = [text for text in texts(book["Summary"]) if text.startswith("last ")]
    assert found == ([] if said is None else [said])


def test_what_no_group_knows_has_no_column() -> None:
    sums = DISTRICTS.assign(sector="1", unplaced=None, hit_rate=None)
    headings = rows_below(read(make(tables=TABLES | {"sector": sums}))["sector"], "sector")[0]
    assert "Records not placed" not in headings
    assert "Mahallas" in headings


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_ours_is_cut(language: str) -> None:
    measures = [
        {"method": method, "measure": measure, "mean": 0.5}
        for method, measure in zip(
            VALUES["method"], [*VALUES["measure"]][: len(VALUES["method"])], strict=True
        )
    ]
    with speaking(language):
        book = read(make(tables=TABLES | {"backtest_summary": table("backtest_summary", measures)}))
        named = _("Back-test")
    sheet = book[named]
    for column in ("B", "C"):
        longest = max(len(str(cell.value)) for cell in sheet[column][4:] if cell.value)
        assert sheet.column_dimensions[column].width > longest


def test_a_hit_rate_below_the_line_is_marked(book: openpyxl.Workbook) -> None:
    sheet = book["Summary"]
    at = next(row for row in sheet.iter_rows() if row[0].value == "District")
    place = next(cell.column for cell in at if cell.value == "Share placed")
    low, enough = (sheet.cell(at[0].row + step, place) for step in (1, 2))
    assert (low.value, low.fill.fgColor.rgb) == (0.75, "FFFFE0D6")
    assert (enough.value, enough.fill.fill_type) == (1.0, None)


def test_sparklines_point_at_the_months_of_their_district(made: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        summary = parts.read("xl/worksheets/sheet2.xml").decode()
    drawn = re.findall(r"<xm:f>'By month'!([A-Z0-9:]+)</xm:f><xm:sqref>([A-Z]+\d+)", summary)
    book = read(made)
    months, sheet = book["By month"], book["Summary"]
    named = {sheet.cell(sheet[cell].row, 1).value for _, cell in drawn}
    assert named == {"last 13 months", "G'uzor", "Kasbi", "Total"}
    for area, cell in drawn:
        first = months[area.split(":")[0]]
        district = sheet.cell(sheet[cell].row, 1).value
        of = months.cell(first.row, 1).value
        assert of == ("Total" if district == "last 13 months" else district)
        assert first.column == 3
    offenses = next(row for row in values(months) if row[0] == "G'uzor")
    assert offenses[2:15] == COUNTS.loc[CODES[0]].tolist()


def test_categories_are_words_of_the_language_on_their_colour(book: openpyxl.Workbook) -> None:
    sheet = book["Categories"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "Code")
    place = {cell.value: cell.column for cell in head}
    top = head[0].row + 1
    shown = [sheet.cell(top + i, place["Category"]) for i in range(4)]
    assert [cell.value for cell in shown] == ["Red", "Yellow", "Green", "Not assessed"]
    assert [cell.fill.fgColor.rgb for cell in shown] == [
        "FF" + COLOURS[name][1:].upper() for name in ("red", "yellow", "green", "not_assessed")
    ]
    before = sheet.cell(top, place["Month before"])
    assert before.fill.fgColor.rgb == "FF" + COLOURS["yellow"][1:].upper()
    assert sheet.cell(top + 3, place["Month before"]).value is None


def test_a_code_is_text_with_its_leading_zero(book: openpyxl.Workbook) -> None:
    cell = next(row[0] for row in book["Categories"].iter_rows() if row[0].value == CODES[0])
    assert (cell.data_type, cell.number_format) == ("s", "@")


def test_missing_cells_are_blank(book: openpyxl.Workbook) -> None:
    row = rows_below(book["Categories"], "Code")[3]
    given = {name: value for name, value in row.items() if value is not None}
    assert given == {"Code": CODES[3], "Category": "Not assessed", "Offenses in the window": 0}


def test_changes_have_both_categories_and_both_reasons() -> None:
    before = pd.Series({CODES[0]: "Yellow: it was so.", CODES[2]: "of no interest"})
    rows = rows_below(read(make(reasons_before=before))["Changes"], "Code")
    assert [row["Code"] for row in rows] == CODES[:2]
    assert [row["Change"] for row in rows] == ["New", "Left"]
    assert [(row["Month before"], row["Category"]) for row in rows] == [
        ("Yellow", "Red"),
        ("Red", "Yellow"),
    ]
    assert rows[0]["Reason the month before"] == "Yellow: it was so."
    assert rows[1]["Reason the month before"] is None


def test_a_mahalla_that_was_red_long_ago_is_returning() -> None:
    past = HISTORY.copy()
    past.loc[CODES[0], MONTHS[3]] = "red"
    rows = rows_below(read(make(history=past))["Changes"], "Code")
    assert rows[0]["Change"] == "Returning"


@pytest.mark.parametrize("name", ["Categories", "Changes", "Districts", "Kinds", "Not counted"])
def test_lists_can_be_filtered_and_keep_their_heading_in_sight(
    book: openpyxl.Workbook, name: str
) -> None:
    sheet = book[name]
    first, last = sheet.auto_filter.ref.split(":")
    assert sheet[first].font.b
    assert sheet[last].row == sheet.max_row
    assert sheet.freeze_panes.endswith(str(sheet[first].row + 1))


def test_values_of_ours_are_words_and_those_of_the_data_stay(book: openpyxl.Workbook) -> None:
    assert rows_below(book["Kinds"], "Region")[0]["Region"] == "Total"
    assert rows_below(book["Kinds"], "Region")[0]["Kind or group"] == "theft"
    tested = rows_below(book["Back-test"], "Chosen by")[0]
    assert (tested["Chosen by"], tested["Measure"]) == (
        "Last year's count",
        "Share of later offenses met",
    )
    varied = rows_below(book["Sensitivity"], "Code")[0]
    assert (varied["Red in all"], varied["Window of 8 months"]) == ("No", "Yellow")
    assert rows_below(book["Names to decide"], "Outcome")[0]["Outcome"] == "Suggested"


def test_what_can_be_mended_stands_before_what_is_left_out(book: openpyxl.Workbook) -> None:
    assert book["Not counted"]["A1"].value == "2 records are not counted"
    rows = rows_below(book["Not counted"], "Why not counted")
    assert [(row["Row of the file"], row["Why not counted"]) for row in rows] == [
        (3, "Bad coordinates"),
        (2, "Kind not counted"),
    ]


def test_of_many_records_the_first_are_shown_and_the_rest_is_counted() -> None:
    many = pd.concat([REJECTED] * (MOST_RECORDS // 2 + 5), ignore_index=True)
    sheet = read(make(tables={"rejected": many}))["Not counted"]
    assert sheet["A2"].value == "10 more are in rejected.csv; these are the first 2,000."
    assert len(rows_below(sheet, "Why not counted")) == MOST_RECORDS


def test_the_account_is_laid_flat(book: openpyxl.Workbook) -> None:
    rows = values(book["Account"])
    assert rows[:3] == [["Entry of run.json", "Value"], ["month", "2025-01"], ["records.read", 12]]
    assert ["criteria.version", "2"] in rows


def test_every_heading_leads_to_its_column(book: openpyxl.Workbook) -> None:
    rows = values(book["Columns"])
    assert rows[0] == ["Sheet", "Heading", "Column", "File"]
    assert ["Categories", "Code", "mahalla_code", "categories.csv"] in rows
    assert ["sector", "sector", "sector", "sector.csv"] in rows
    listed = {row[0] for row in rows[1:]}
    assert listed == set(SHEETS) - {"To sign", "Summary", "By month", "Account", "Columns"}


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)//",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<b onmouseover=alert(1)>b</b>",
    "javascript:alert(1)",
    "<!--",
    "]]>",
    "<![CDATA[x]]>",
    "&lt;&amp;&#0;&#x41;",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "{0} {name} {",
    "%s %d %",
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "{=1+1}",
    "@SUM(1)",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "=cmd|'/C calc'!A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "'=1+1",
    '"=1+1"',
    ";=1+1",
    "=IMPORTXML(CONCAT(1),2)",
    "=WEBSERVICE(1)",
    "http://example.org",
    "https://example.org/?a=<b>",
    "ftp://example.org",
    "mailto:a@example.org",
    "internal:Sheet1!A1",
    r"external:\\host\share\x.xlsx",
    "file:///etc/passwd",
    "12",
    "1e5",
    "TRUE",
    "#REF!",
    "_x0041_",
    "a\x00b\x07c\x0b\x1fd",
    "\x7f\x85\ufffe\uffff",
    "a\u2028b\u2029c\ufdd0",
    "\u202eabc\u202d\u2066x\u2069",
    "x" * 10_000,
    "😀" * 10_000,
    "ʻʼ‘’`ўқғҳ عربي",
]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\t=1+1\r\n", "=1+1"),
        ("a\x00b\x07c\x0b\x1fd", "abc d"),
        ("\ud83d lone \ude00", "lone"),
        ("\u202eabc\u2066x\u2069", "abcx"),
        ("_x0041_ ʻ 😀", "_x0041_ ʻ 😀"),
        ("x" * 4_001, "x" * 3_999 + "…"),
        (None, "None"),
    ],
)
def test_text_is_cleaned_of_what_is_not_seen(text: object, cleaned: str) -> None:
    assert clean(text) == cleaned


def strings(made: bytes) -> list[Cell]:
    return [cell for sheet in read(made) for row in sheet.iter_rows() for cell in row if cell.value]


def hostile_month() -> dict[str, Any]:
    """Return the arguments of a month in which every text of the data is hostile."""
    size = len(HOSTILE)
    codes = [f"{i:010d}" for i in range(size)]
    table_ = pd.concat([CATEGORIES.iloc[:1]] * size).set_axis(codes)
    table_ = table_.assign(
        mahalla_code=codes, name=HOSTILE, district=HOSTILE, reason=HOSTILE, region=HOSTILE[::-1]
    )
    kinds = table("kinds", [{"what": "kind", "kind": text, "district": text} for text in HOSTILE])
    rejected = table("rejected", [{"row": 1, "id": t, "kind": t, "reason": t} for t in HOSTILE])
    review = table("review", [{"name": t, "candidate_names": t} for t in HOSTILE])
    history = pd.DataFrame("red", index=codes, columns=MONTHS)
    return {
        "categories": table_,
        "tables": {"kinds": kinds, "rejected": rejected, "review": review},
        "criteria": {"name": HOSTILE[16], "version": HOSTILE[15], "sha256": "0"},
        "account": {"month": "2025-01", "kinds": dict.fromkeys(HOSTILE, 1), "list": HOSTILE},
        "groups": [],
        "counts": pd.DataFrame(1.0, index=codes, columns=MONTHS),
        "history": history,
        "of_groups": pd.DataFrame(1, index=codes, columns=HOSTILE[:20]),
        "reasons_before": pd.Series(HOSTILE, index=codes),
    }


@pytest.fixture(scope="module")
def hostile() -> bytes:
    return make(**hostile_month())


def test_hostile_text_is_there_as_text(hostile: bytes) -> None:
    book = read(hostile)
    rows = rows_below(book["Categories"], "Code")
    expected = [clean(text) or None for text in HOSTILE]
    assert [row["Mahalla"] for row in rows] == expected
    assert [row["District"] for row in rows] == expected
    assert [row["Reason"] for row in rows] == expected
    assert [row["Kind or group"] for row in rows_below(book["Kinds"], "Sum of")] == expected
    assert [row["Why not counted"] for row in rows_below(book["Not counted"], "Id")] == expected
    again = CalamineWorkbook.from_filelike(io.BytesIO(hostile)).get_sheet_by_name("Kinds")
    shown = [row[1] for row in again.to_python()]
    assert [text for text in shown if text][-len([e for e in expected if e]) :] == [
        text for text in expected if text
    ]


def test_no_cell_is_a_formula_or_a_link(hostile: bytes) -> None:
    for cell in strings(hostile):
        assert cell.data_type in ("s", "n"), cell
        assert cell.hyperlink is None, cell
    with zipfile.ZipFile(io.BytesIO(hostile)) as parts:
        names = parts.namelist()
        for name in names:
            root = ElementTree.fromstring(parts.read(name))
            for element in root.iter():
                kind = element.tag.rpartition("}")[2]
                assert kind not in ("hyperlink", "externalReference", "oleObject", "ddeLink"), name
                # what sparklines call f is a range
                if kind == "f":
                    assert "excel/2006/main" in element.tag, name
                    assert re.fullmatch(r"'[^']+'![A-Z]+\d+:[A-Z]+\d+", element.text or "")
                assert element.attrib.get("TargetMode") != "External", name
    allowed = re.compile(
        r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core)\.xml|xl/(workbook|styles|"
        r"sharedStrings)\.xml|xl/theme/theme1\.xml|xl/_rels/workbook\.xml\.rels|"
        r"xl/worksheets/sheet\d+\.xml"
    )
    assert [name for name in names if not allowed.fullmatch(name)] == []


def test_no_cell_is_longer_than_excel_allows(hostile: bytes) -> None:
    for cell in strings(hostile):
        text = str(cell.value)
        assert len(text.encode("utf-16-le")) // 2 <= 32_767
        assert len(text) <= MOST


def test_text_typed_over_stays_text(hostile: bytes) -> None:
    """A cell of the format General becomes a formula when somebody edits it and goes on."""
    book = read(hostile)
    risky = [c for c in strings(hostile) if str(c.value)[:1] in "=+-@" and c.data_type == "s"]
    assert len(risky) > 100
    assert all(cell.number_format == "@" or cell.quotePrefix for cell in risky)
    assert book.sheetnames[0] == "To sign"


@pytest.mark.parametrize("group", ["sector", "a_name-that-is-longer-than-Excel-allows", "Summary"])
def test_a_group_names_its_sheet_as_far_as_excel_allows(group: str) -> None:
    rolled = DISTRICTS.assign(**{group: "1"})
    names = read(make(tables={group: rolled}, groups=[group])).sheetnames
    assert max(map(len, names)) <= 31
    assert len({name.casefold() for name in names}) == len(names)


def test_the_same_month_has_the_same_bytes_and_no_clock(made: bytes) -> None:
    assert make() == made
    assert read(made).properties.created.year == 2000
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT", parts.read("docProps/core.xml"))) == {
            b"2000-01-01T"
        }


def test_what_is_given_is_not_changed() -> None:
    before = {name: frame.copy() for name, frame in TABLES.items()}
    categories, counts, history = CATEGORIES.copy(), COUNTS.copy(), HISTORY.copy()
    make()
    pd.testing.assert_frame_equal(categories, CATEGORIES)
    pd.testing.assert_frame_equal(counts, COUNTS)
    pd.testing.assert_frame_equal(history, HISTORY)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, TABLES[name])


def test_a_region_without_mahallas_is_still_a_workbook() -> None:
    none = CATEGORIES.iloc[:0]
    book = read(make(none, tables={}, counts=None, history=None, of_groups=None))
    assert "No mahalla is red." in texts(book["To sign"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_cells(made: bytes, language: str) -> None:
    with speaking(language):
        told = read(make())
    assert len(told.sheetnames) == len(SHEETS)
    for sheet, other in zip(told, read(made), strict=True):
        assert numbers(sheet) == numbers(other)
