"""Tables from files of every kind, made here by other programs' writers, and broken ones."""

from __future__ import annotations

import datetime
import gzip
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.tables import Table, find_format, read_database, read_table, take_columns

CSV = "id;nomi;x\n1;Наврўз;66,25\n2;Бўстон;66,5\n"
PLAIN = {"id": ["1", "2"], "nomi": ["Наврўз", "Бўстон"], "x": ["66,25", "66,5"]}


def read(path: Path, **options: object) -> Table:
    return read_table(path, find_format(path, **options))


def cells(table: Table) -> list[list[object]]:
    frame = table.frame.astype("object")
    return frame.where(frame.notna(), None).to_numpy().tolist()


def refused(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as error:
        read(path, **options)
    return str(error.value)


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("written", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16")],
)
def test_encodings_of_csv(tmp_path: Path, written: str, found: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV.encode(written))
    table = read(path)
    assert table.frame.to_dict("list") == PLAIN
    assert table.frame.index.tolist() == [2, 3]
    form = table.format
    assert (form.encoding, form.separator, form.decimal, form.header_row) == (found, ";", ",", 1)
    assert form.guessed == ("encoding", "separator", "decimal", "header_row")


def test_cp1251_is_the_last_resort(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    # cp1251 has ў and no ҳ, қ, ғ
    path.write_bytes("id,nomi\n1,Гузор\n2,Бўстон\n".encode("cp1251"))
    table = read(path)
    assert table.format.encoding == "cp1251"
    assert table.frame["nomi"].tolist() == ["Гузор", "Бўстон"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_packing(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.csv.gz"
    text = "id|a|b\n1|x y|\n2|z; w, v|q\n".replace("|", separator)
    if separator in ",;":
        text = text.replace("z; w, v", '"z; w, v"')
    path.write_bytes(gzip.compress(text.encode()))
    table = read(path)
    assert table.format.separator == separator
    assert cells(table) == [["1", "x y", None], ["2", "z; w, v", "q"]]


def test_decimal_commas_do_not_make_a_separator(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("d;x;y\n" + "2024-01-02;66,25;38,5\n" * 5, encoding="utf-8")
    assert (read(path).format.separator, read(path).format.decimal) == (";", ",")


def test_titles_blanks_numbering_and_totals_are_left_out(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Содир этилган жиноятлар рўйхати"],
        [],
        ["Т/р", "Сана", "Тури", "Жами\n(зарар)"],
        [1, 2, 3, 4],
        [1, datetime.datetime(2025, 1, 2), "ўғрилик", 5],
        [],
        [2, datetime.datetime(2025, 1, 3), "босқинчилик", None],
        ["Т/р", "Сана", "Тури", "Жами (зарар)"],
        [3, datetime.datetime(2025, 1, 4), "Жами", 7],
        ["Жами:", None, None, 12],
    ]
    table = read(workbook(tmp_path / "a.xlsx", {"Лист1": rows}))
    assert table.format.header_row == 3
    assert list(table.frame.columns) == ["Т/р", "Сана", "Тури", "Жами (зарар)"]
    assert table.frame.index.tolist() == [5, 7, 9]
    assert table.frame["Сана"].tolist() == [datetime.date(2025, 1, day) for day in (2, 3, 4)]
    assert [tuple(row) for row in table.skipped] == [
        (1, "above the headings", "Содир этилган жиноятлар рўйхати"),
        (4, "numbering", "1 | 2 | 3 | 4"),
        (8, "headings repeated", "Т/р | Сана | Тури | Жами (зарар)"),
        (10, "total", "Жами: | 12"),
    ]


def test_a_quick_and_a_careful_reading_agree(tmp_path: Path) -> None:
    text = "title\nid,date,kind,n\n1,2,3,4\n7,2025-01-02,a,\nid,date,kind,n\nИтого,,,9\n,,,\n"
    (tmp_path / "quick.csv").write_text(text, encoding="utf-8")
    # a blank line sends the file the careful way
    (tmp_path / "careful.csv").write_text(text + "\n", encoding="utf-8")
    quick, careful = read(tmp_path / "quick.csv"), read(tmp_path / "careful.csv")
    assert cells(quick) == cells(careful) == [["7", "2025-01-02", "a", None]]
    assert quick.frame.index.tolist() == careful.frame.index.tolist() == [4]
    assert [row[:2] for row in quick.skipped] == [row[:2] for row in careful.skipped]
    assert [row[:2] for row in quick.skipped] == [
        (1, "above the headings"),
        (3, "numbering"),
        (5, "headings repeated"),
        (6, "total"),
    ]


def test_a_dated_record_of_the_kind_total_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("kind,date,a,b\nTotal,2025-01-02,,\nTotal,,,3\n", encoding="utf-8")
    table = read(path)
    assert cells(table) == [["Total", "2025-01-02", None, None]]
    assert [row.row for row in table.skipped] == [3]


def test_headings_empty_or_twice(tmp_path: Path) -> None:
    rows = [["id", None, " id ", "b\nc", None], [1, "x", 2, "y", None]]
    table = read(workbook(tmp_path / "a.xlsx", {"s": rows}))
    assert list(table.frame.columns) == ["id", "column B", "id (2)", "b c"]


def test_the_sheet_with_the_headings_is_found(tmp_path: Path) -> None:
    wide = [["a", "b", "c"], *[["x", "y", "z"]] * 20]
    small = [["report"], ["id", "sana"], [1, "02.01.2025"]]
    path = workbook(tmp_path / "a.xlsx", {"empty": [], "wide": wide, "records": small})
    assert read(path).format.sheet == "wide"
    known = read(path, known=["sana"])
    assert (known.format.sheet, known.format.header_row) == ("records", 2)
    given = find_format(path, sheet="records", header_row=2)
    assert given.guessed == ()
    assert cells(read_table(path, given)) == [[1.0, "02.01.2025"]]


def test_sheets_with_the_same_headings_are_refused(tmp_path: Path) -> None:
    years = {str(y): [["id", "sana", "t"], [1, f"02.01.{y}", "x"]] for y in (2023, 2024, 2025)}
    path = workbook(tmp_path / "a.xlsx", {"Notes": [["Made by the office"]], **years})
    sentence = (
        f"{path}: sheets '2023', '2024', '2025' all hold the headings; "
        "name one with [offenses] sheet or put them on one sheet"
    )
    assert refused(path) == refused(path, known=["sana"]) == sentence
    assert refused(path, known=["sana", "id"]) == sentence
    assert cells(read(path, sheet="2024")) == [[1, "02.01.2024", "x"]]
    # the headings that were asked decide, the others may differ
    years["2024"][0][2] = "u"
    del years["2025"]
    path = workbook(tmp_path / "b.xlsx", years)
    assert refused(path, known=["id", "sana"]) == (
        f"{path}: sheets '2023', '2024' all hold the headings; "
        "name one with [offenses] sheet or put them on one sheet"
    )


def test_hidden_sheets_and_those_without_records_are_no_rivals(tmp_path: Path) -> None:
    head = ["id", "sana"]
    sheets = {"template": [head], "old": [head, [1, "a"], [2, "b"]], "new": [head, [3, "c"]]}
    path = workbook(tmp_path / "a.xlsx", sheets)
    book = openpyxl.load_workbook(path)
    book["old"].sheet_state = "hidden"
    book.save(path)
    assert read(path, known=head).format.sheet == "new"
    assert read(path).format.sheet == "new"


def test_cells_merged_over_rows_count_for_each(tmp_path: Path) -> None:
    rows = [["Report", None], ["sana", "turi"], ["02.01.2025", "a"], [None, "b"], [None, "c"]]
    path = workbook(tmp_path / "a.xlsx", {"s": rows})
    book = openpyxl.load_workbook(path)
    book["s"].merge_cells("A3:A4")
    book["s"].merge_cells("A5:A9")
    book["s"].merge_cells("A1:B1")
    book.save(path)
    assert cells(read(path, known=["sana"])) == [
        ["02.01.2025", "a"],
        ["02.01.2025", "b"],
        [None, "c"],
    ]


def test_formulas_without_results_are_told(tmp_path: Path) -> None:
    rows = [["id", "sana", "n"], [1, "=DATE(2025,1,2)", 3], [2, "=A2", 4]]
    path = workbook(tmp_path / "a.xlsx", {"s": rows})
    sentence = (
        f"{path}: column 'sana' is empty, and the file holds formulas whose results were never "
        "saved; open it in Excel and save it"
    )
    assert refused(path) == sentence
    with pytest.raises(InputError) as error:
        read_table(path, find_format(path), columns=["id", "sana"])
    assert str(error.value) == sentence
    # the columns that are asked are there
    assert cells(read_table(path, find_format(path), columns=["id"])) == [[1], [2]]


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,Сана, Сана \n1,2025-01-02,2025-02-02\n", encoding="utf-8")
    sentence = f"{path}: there are 2 columns 'Сана'; rename one"
    assert refused(path, known=["Сана"]) == sentence
    rows = [["id", "Сана", "Сана"], [1, "x", "y"]]
    path = workbook(tmp_path / "a.xlsx", {"s": rows})
    assert refused(path, known=["Сана"]) == f"{path}: there are 2 columns 'Сана'; rename one"
    # a column nobody asks for may stand twice
    assert list(read(path, known=["id"]).frame.columns) == ["id", "Сана", "Сана (2)"]
    frame = pd.DataFrame([[1, 2]], columns=["x", "x"])
    with pytest.raises(InputError, match=r"^the query: there are 2 columns 'x'; rename one$"):
        take_columns(frame, ["x"], "the query")


def test_headings_in_two_rows_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Сана,Жой,\n,туман,маҳалла\n02.01.2025,a,b\n", encoding="utf-8")
    form = find_format(path, known=["Сана", "маҳалла"])
    with pytest.raises(InputError) as error:
        read_table(path, form, columns=["Сана", "маҳалла"])
    assert str(error.value) == (
        f"{path}: there is no column 'маҳалла'; row 2 holds it, so the headings take several rows: "
        "write them into one, or set header_row = 2"
    )


def test_a_sheet_of_a_file_without_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    assert refused(path, sheet="Лист1") == (
        f"{path}: sheet is 'Лист1' and a file of this kind has no sheets; leave sheet out"
    )


def test_open_document(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    day = datetime.datetime(2025, 1, 2, 3, 4)
    frame = pd.DataFrame({"id": [1710207001, 2], "sana": [day, day], "nomi": ["Ғузор", None]})
    frame.to_excel(path, index=False, engine="odf")
    table = read(path)
    assert table.frame["id"].tolist() == [1710207001, 2]
    assert table.frame["sana"].tolist() == [pd.Timestamp(day)] * 2
    assert table.frame["nomi"].tolist()[:1] == ["Ғузор"]


@pytest.mark.parametrize("written", ["utf-8", "cp1251"])
@pytest.mark.parametrize("coded", [True, False])
def test_dbf(tmp_path: Path, written: str, coded: bool) -> None:
    path = tmp_path / "a.dbf"
    frame = pd.DataFrame({"ID": [1, 2], "NOMI": ["Гузар", "Касан"]})
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=written)
    if not coded:
        path.with_suffix(".cpg").unlink()
    table = read(path)
    assert cells(table) == [[1, "Гузар"], [2, "Касан"]]
    assert table.format.encoding == (None if coded else written)
    assert table.frame.index.tolist() == [2, 3]


def test_parquet_file_and_folder(tmp_path: Path) -> None:
    folder = tmp_path / "parts" / "deep"
    folder.mkdir(parents=True)
    pd.DataFrame({"a": [3], "b": ["z"]}).to_parquet(folder / "1.parquet")
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_parquet(tmp_path / "parts" / "0.parquet")
    (tmp_path / "parts" / "_SUCCESS").write_text("")
    assert cells(read(tmp_path / "parts")) == [[1, "x"], [2, "y"], [3, "z"]]
    path = folder / "1.parquet"
    assert cells(read_table(path, find_format(path), columns=["b"])) == [["z"]]


def test_rows_with_too_many_cells_are_kept_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,street,x\n1,Main, corner,5\n2,Main,6,\n3,Side\n", encoding="utf-8")
    table = read(path, separator=",")
    assert cells(table) == [[None, None, None], ["2", "Main", "6"], ["3", "Side", None]]
    assert [tuple(row) for row in table.broken] == [
        (2, "more cells than headings", "1 | Main | corner | 5")
    ]


def test_headings_that_do_not_cover_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,date\n1,7,2025-01-02\n2,8,2025-01-03\n", encoding="utf-8")
    assert refused(path, header_row=1) == (
        f"{path}: most rows have more cells than the 2 headings in row 1; "
        "give every column a heading, or the right separator and header_row"
    )


def test_an_open_quotation_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b,c\n1,"x,2\n3,y,4\n5,z"w,6\n7,v,8\n', encoding="utf-8")
    assert refused(path) == (
        f"{path}: a quotation mark opened in row 2 is not closed there; close it or take it out"
    )
    path.write_text('a,b,c\n1,"two\nlines",2\n', encoding="utf-8")
    assert cells(read(path)) == [["1", "two\nlines", "2"]]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    assert refused(path) == f"{path}: no such file; check the path"
    path = tmp_path / "a.csv"
    path.write_text("")
    assert refused(path) == f"{path}: the file is empty; give a table"
    path.write_text(" \n\n")
    assert refused(path) == f"{path}: the file is empty; give a table"
    path.write_text("id,date\n\n")
    assert refused(path) == (
        f"{path}: there are headings and no rows under them; give a full table"
    )
    path.write_text("id,date\n1,2\n")
    assert refused(path, header_row=7) == (
        f"{path}: header_row is 7 and the table has 2 rows; give the number of the row of headings"
    )
    path.write_text("\nid,date\n1,2\n")
    assert refused(path, header_row=1) == (
        f"{path}: header_row is 1 and that row is blank; give the number of the row of headings"
    )
    assert refused(path, separator="||") == (
        f"{path}: the separator '||' is not one character; write ; or ,"
    )
    assert refused(path, decimal="x") == (
        f"{path}: the decimal mark 'x' is not known; write . or ,"
    )
    path.write_bytes(CSV.encode("cp1251", errors="replace"))
    assert refused(path, encoding="utf-8") == (
        f"{path}: the file is not in the encoding 'utf-8'; give another or none"
    )
    assert refused(path, encoding="latin-99") == (
        f"{path}: the encoding 'latin-99' is not known; write utf-8, utf-16 or cp1251"
    )
    path.write_bytes(b"id,a\n1,\x98\n")
    assert refused(path) == (
        f"{path}: the text is neither UTF-8 nor cp1251; give its encoding or save it as UTF-8"
    )
    path.write_bytes("id,a\n1,2\n".encode("utf-16-le"))
    assert refused(path) == (
        f"{path}: row 1 holds a zero byte, which no text has; export the file again, "
        "or give the encoding utf-16-le where it is UTF-16 without its mark"
    )
    assert cells(read(path, encoding="utf-16-le")) == [["1", "2"]]
    path.write_bytes(b"id,a\n1,2\n3,x\0y\n")
    assert refused(path, encoding="utf-8") == (
        f"{path}: row 3 holds a zero byte, which no text has; export the file again, "
        "or give the encoding utf-16-le where it is UTF-16 without its mark"
    )
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\r\n"):
        path.write_bytes(mark)
        assert refused(path) == f"{path}: the file is empty; give a table"
    path.write_bytes(b"PK\x03\x04 and so on")
    assert refused(path) == (
        f"{path}: this is not text, whatever its name; "
        "name it by its kind (.xlsx, .xls, .parquet or .gz)"
    )
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"no gzip")
    assert refused(path) == f"{path}: cannot be unpacked as gzip; pack it again"
    path = tmp_path / "a.docx"
    path.write_text("x")
    assert refused(path) == (
        f"{path}: a file of this kind is not known; known are .csv, .csv.gz, .tsv, .txt, .xlsx, "
        ".xlsm, .xls, .ods, .dbf, .parquet and a folder of .parquet files"
    )


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".ods"])
@pytest.mark.parametrize("content", [b"PK\x03\x04 no workbook", b"<html><table></table></html>"])
def test_what_is_no_spreadsheet(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    assert refused(path) == (
        f"{path}: cannot be read as a spreadsheet; open it in its program and save it as .xlsx"
    )


def test_tables_that_are_not_as_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Records": [["id"], [1]]})
    assert refused(path, sheet="records2") == (
        f"{path}: there is no sheet 'records2'; did you mean 'Records'?"
    )
    path = workbook(tmp_path / "b.xlsx", {"s": []})
    assert refused(path) == f"{path}: the file holds no filled cell; give a table"
    path = tmp_path / "a.parquet"
    path.write_text("no parquet")
    assert refused(path) == f"{path}: cannot be read as parquet; write it again"
    pd.DataFrame({"a": []}).to_parquet(path)
    assert refused(path) == (
        f"{path}: there are headings and no rows under them; give a full table"
    )
    path = tmp_path / "folder"
    path.mkdir()
    assert refused(path) == f"{path}: the folder holds no .parquet file; give a table's file"
    path = tmp_path / "a.dbf"
    path.write_text("no dbf")
    assert refused(path) == f"{path}: cannot be read as a dbf table; write it again"


def test_a_heading_that_is_not_there() -> None:
    with pytest.raises(InputError) as error:
        take_columns(pd.DataFrame({"mahalla": [1]}), ["mahala"], "a.csv")
    assert str(error.value) == "a.csv: there is no column 'mahala'; did you mean 'mahalla'?"


def test_a_database(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is an extra and not installed")
    import sqlite3

    path = tmp_path / "crimes.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table crimes (id integer, kind text)")
        connection.execute("insert into crimes values (1, 'theft'), (2, 'fraud')")
    connection.close()
    url = f"sqlite:///{path}"
    frame = read_database(url, "select id, kind from crimes order by id")
    assert frame.to_numpy().tolist() == [[1, "theft"], [2, "fraud"]]
    assert frame.index.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("url", "query", "sentence"),
    [
        (
            "sqlite://",
            "select 1 where 1 = 0",
            "sqlite://: the query returned no rows; widen [offenses] query",
        ),
        (
            "sqlite://",
            "select * from nowhere",
            "sqlite://: the query failed (no such table: nowhere); mend [offenses] query",
        ),
        (
            "postgresql://me:secret@127.0.0.1:1/crimes",
            "select 1",
            "postgresql+psycopg://me:***@127.0.0.1:1/crimes: the database cannot be reached; "
            "check the address and the environment variable HOTSPOT_DB_PASSWORD",
        ),
        (
            "nosuch://me@host/crimes",
            "select 1",
            "nosuch://me@host/crimes: the driver of this database is not installed; "
            "install it with pip install 'mahalla-hotspot[database]'",
        ),
        (
            "crimes",
            "select 1",
            "[offenses] url is not a database's address; write it like "
            "postgresql://user@host/database",
        ),
    ],
)
def test_databases_that_fail(url: str, query: str, sentence: str) -> None:
    pytest.importorskip("psycopg", reason="SQLAlchemy and psycopg are extras and not installed")
    with pytest.raises(InputError) as error:
        read_database(url, query)
    assert str(error.value) == sentence


WORDS = st.sampled_from(["", "", "a", "Жами", "Total", "Итого: ", "1", "2", "3", "2025-01-02", " "])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    st.lists(st.lists(WORDS, min_size=4, max_size=4), min_size=1, max_size=12),
    st.booleans(),
)
def test_no_row_vanishes(tmp_path: Path, rows: list[list[str]], blank_line: bool) -> None:
    head = [["id", "date", "kind", "count"], ["9", "2025-05-05", "theft", "1"]]
    lines = [",".join(row) for row in head + rows] + [""] * blank_line
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = read_table(path, find_format(path, separator=",", header_row=1))
    filled = [number for number, row in enumerate(rows, 3) if any(cell.strip() for cell in row)]
    assert sorted([*table.frame.index, *(row.row for row in table.skipped)]) == [2, *filled]
    # a dated row is a record
    dated = [number for number, row in enumerate(rows, 3) if "2025-01-02" in row]
    assert set(dated) <= set(table.frame.index)
