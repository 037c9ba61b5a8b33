"""Offense records in one form: made files by hand, real files by their published figures."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.figures import find_decimal, parse_numbers
from hotspot.loaders.offenses import offense_chunks, read_offenses, repeated_ids

COLUMNS = [
    "row",
    "id",
    "date",
    "date_given",
    "kind",
    "longitude",
    "latitude",
    "x",
    "y",
    "mahalla_code",
    "mahalla",
    "district",
    "registered",
]


def refused(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as error:
        read_offenses(path, **options)
    return str(error.value)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_an_office_export(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [
        ["Рўйхат"],
        ["№", "Сана", "Маҳалла коди", "Узунлик", "Кенглик", "Рўйхатга олинди"],
        [1, datetime.datetime(2025, 1, 31, 22, 15), 1710207001, "66,25", "38,5", "01.02.2025"],
        [2, "13.01.2025", "1710207002.0", "66\u00a0", None, None],
        [3, 45658, " 1710207003 ", 66.5, 38.75, "31.12.2025"],
        ["Жами", None, None, None, None, None],
    ]
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    frame = read_offenses(
        tmp_path / "a.xlsx",
        columns={
            "id": "№",
            "date": "Сана",
            "mahalla_code": "Маҳалла коди",
            "longitude": "Узунлик",
            "latitude": "Кенглик",
            "registered": "Рўйхатга олинди",
        },
    )
    assert list(frame.columns) == COLUMNS
    assert frame["row"].tolist() == [3, 4, 5]
    assert frame["id"].tolist() == ["1", "2", "3"]
    assert frame["mahalla_code"].tolist() == ["1710207001", "1710207002", "1710207003"]
    # 45658 days after 1899-12-30 are the first of January 2025
    assert frame["date"].astype(str).tolist() == [
        "2025-01-31 22:15:00",
        "2025-01-13 00:00:00",
        "2025-01-01 00:00:00",
    ]
    assert frame["date_given"].tolist() == ["2025-01-31 22:15:00", "13.01.2025", "45658"]
    assert frame["x"].tolist() == [66.25, 66.0, 66.5]
    np.testing.assert_array_equal(frame["y"], [38.5, np.nan, 38.75])
    assert frame["registered"].dt.strftime("%d.%m").tolist() == ["01.02", np.nan, "31.12"]
    assert frame[["kind", "mahalla", "district"]].isna().all(axis=None)
    assert frame.attrs["found"] == {
        "sheet": "Sheet",
        "header_row": 2,
        "decimal": ",",
        "date_format": ("dates of the spreadsheet or days since 1900 (Excel) or DD.MM.YYYY"),
        "guessed": ["sheet", "header_row", "decimal", "date_format"],
        "skipped": [
            {"row": 1, "why": "above the headings", "text": "Рўйхат"},
            {"row": 6, "why": "total", "text": "Жами"},
        ],
        "broken": [],
    }


def test_dtypes_are_the_same_without_any_optional_field(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "d,k\n2025-01-31,theft\n")
    frame = read_offenses(path, columns={"date": "d"})
    dtypes = frame.dtypes.astype(str).to_dict()
    assert dtypes["row"] == "int64"
    assert dtypes["date"] == dtypes["registered"] == "datetime64[s]"
    assert dtypes["x"] == dtypes["y"] == "float64"
    for name in ("id", "date_given", "kind", "mahalla_code", "mahalla", "district"):
        assert dtypes[name] == "str"


def test_codes_that_a_spreadsheet_shortened_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "d,code\n2025-01-31,1.71E+09\n")
    assert refused(path, columns={"date": "d", "mahalla_code": "code"}) == (
        f"{path}, column 'code': a spreadsheet shortened the code to '1.71E+09' and its last "
        "digits are gone; format the column as text and export it again"
    )


def test_headings_that_are_not_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "sana,turi\n2025-01-31,theft\n")
    assert refused(path, columns={"date": "sanna"}) == (
        f"{path}: there is no column 'sanna'; did you mean 'sana'?"
    )
    assert refused(path, columns={"date": "sana", "kinds": "turi"}) == (
        "[offenses.columns] 'kinds' is no field of an offense; did you mean 'kind'?"
    )
    assert refused(path, columns={"kind": "turi"}) == (
        "[offenses.columns] has no date; name the heading of the date"
    )
    assert refused(path, columns={"date": "turi"}) == (
        f"{path}, column 'turi': no value can be read as a date (the first is 'theft'); "
        "name another column or give date_format"
    )


def test_a_list_of_one_heading_is_that_heading(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "d,k\n31.01.2025,theft\n")
    frame = read_offenses(path, columns={"date": ["d"]})
    assert frame["date"].tolist() == [pd.Timestamp("2025-01-31")]
    assert frame["date_given"].tolist() == ["31.01.2025"]


def test_the_day_of_entry_follows_the_date(tmp_path: Path) -> None:
    text = "date,entered\n01/31/2025,02/01/2025\n02/01/2025,02/03/2025\n"
    columns = {"date": "date", "registered": "entered"}
    frame = read_offenses(write(tmp_path / "a.csv", text), columns=columns)
    assert frame["registered"].dt.month.tolist() == [2, 2]
    given = read_offenses(tmp_path / "a.csv", columns=columns, date_format="%m/%d/%Y")
    pd.testing.assert_frame_equal(frame, given)
    assert given.attrs["found"]["guessed"] == ["encoding", "separator", "header_row"]


def test_a_folder_in_parts_is_the_file_in_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    days = pd.date_range("2024-01-01", periods=90).repeat(5)
    frame = pd.DataFrame(
        {
            "id": [f"r{n}" for n in range(len(days))],
            # the first part alone could be read both ways
            "date": days.strftime("%d/%m/%Y"),
            "code": rng.integers(1_710_207_001, 1_710_207_050, len(days)),
            "lon": rng.uniform(66, 67, len(days)).round(4),
        }
    )
    folder = tmp_path / "parts"
    folder.mkdir()
    frame[:20].to_parquet(folder / "a.parquet")
    # codes as text in one file, as numbers in another
    frame[20:300].astype({"code": "str"}).to_parquet(folder / "b.parquet", row_group_size=100)
    frame[300:].to_parquet(folder / "c.parquet")
    frame.to_parquet(tmp_path / "whole.parquet")
    columns = {"id": "id", "date": "date", "mahalla_code": "code", "longitude": "lon"}
    chunks = offense_chunks(folder, columns=columns)
    sizes = [len(chunk) for chunk in chunks]
    assert sizes == [20, 100, 100, 80, 150]
    assert [len(chunk) for chunk in chunks] == sizes
    whole = read_offenses(tmp_path / "whole.parquet", columns=columns)
    pd.testing.assert_frame_equal(read_offenses(folder, columns=columns), whole)
    assert whole["row"].tolist() == list(range(2, 452))
    assert whole["date"].dt.month.max() == 3


@pytest.mark.parametrize(
    ("cells", "decimal", "numbers"),
    [
        (["66,25", "66,75", "66.5", 66.125], ",", [66.25, 66.75, 66.5, 66.125]),
        (["66.25", "66.75", "66,5", "-66,250"], ".", [66.25, 66.75, 66.5, -66250.0]),
        (["490,320.299", "5 458 606.92"], ".", [490320.299, 5458606.92]),
        ([Decimal("66.25"), None, "inf", "1.2.3", ""], ".", [66.25] + [np.nan] * 4),
    ],
)
def test_numbers_as_people_type_them(
    cells: list[object], decimal: str, numbers: list[float]
) -> None:
    values = pd.Series(cells, dtype="object")
    assert find_decimal(values) == decimal
    np.testing.assert_array_equal(parse_numbers(values, decimal=decimal), numbers)


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=8), min_size=1, max_size=4
    )
)
def test_repeated_ids_as_counted_by_hand(parts: list[list[str | None]]) -> None:
    frames = [pd.DataFrame({"id": pd.Series(part, dtype="str")}) for part in parts]
    flat = [word for part in parts for word in part if word]
    assert list(repeated_ids(frames)) == sorted({w for w in flat if flat.count(w) > 1})


# the files' own READMEs say how many records, and what share has no coordinates
@pytest.mark.parametrize(
    ("path", "columns", "records", "without", "first", "last"),
    [
        (
            "toronto_mci/toronto_mci_2014_2021.parquet",
            {"date": "occurrencedate", "longitude": "Long", "latitude": "Lat"},
            240_992,
            0.0,
            "1966-06-09",
            "2021-12-31",
        ),
        (
            "stlouis_part1/stl_part1_2017_2019.parquet",
            {"date": "date_occur", "longitude": "x", "latitude": "y", "id": "complaint"},
            68_552,
            0.0058,
            "2017-01-01",
            "2019-09-30",
        ),
        (
            "west_yorkshire_street/west_yorkshire_street_3xJuly.parquet",
            {"date": "Month", "longitude": "Longitude", "latitude": "Latitude", "id": "Crime ID"},
            87_348,
            0.043,
            "2016-07-01",
            "2018-07-01",
        ),
        (
            "messy_formats/medellin_homicides.csv",
            {"date": "fecha_hecho", "longitude": "longitud", "latitude": "latitud"},
            9_360,
            0.009,
            "2010-01-01",
            "2019-12-31",
        ),
        (
            "messy_formats/vancouver_thefts_2020.csv.gz",
            {
                "date": ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE"],
                "longitude": "X",
                "latitude": "Y",
            },
            21_918,
            0.0,
            "2020-01-01",
            "2020-12-31",
        ),
        (
            "messy_formats/cincinnati_burglary.csv.gz",
            {"date": "offense_date", "longitude": "longitude", "latitude": "latitude"},
            8_723,
            0.049,
            "2016-01-01",
            "2018-12-31",
        ),
        (
            "messy_formats/san_francisco_robbery.csv",
            {"date": "date_time"},
            951,
            1.0,
            "2019-01-01",
            "2019-12-31",
        ),
        (
            "messy_formats/us_homicides_2015.csv",
            {"date": "date_single"},
            1_922,
            1.0,
            "2015-01-01",
            "2015-12-31",
        ),
    ],
)
def test_real_records(
    shared: Path,
    path: str,
    columns: dict[str, str],
    records: int,
    without: float,
    first: str,
    last: str,
) -> None:
    frame = read_offenses(shared / path, columns=columns)
    assert len(frame) == records
    assert frame["date"].notna().all()
    assert f"{frame['date'].min():%Y-%m-%d}" == first
    assert f"{frame['date'].max():%Y-%m-%d}" == last
    assert frame["x"].isna().mean() == pytest.approx(without, abs=0.0006)
    assert frame["row"].tolist() == list(range(2, records + 2))


def test_time_zones_are_kept_as_written_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("code,date\nM1,2025-01-31T23:30:00Z\nM1,2025-01-31T23:30:00+05:00\n")
    frame = read_offenses(path, columns={"mahalla_code": "code", "date": "date"})
    assert frame["date"].tolist() == [pd.Timestamp("2025-01-31 23:30")] * 2
    assert frame.attrs["found"]["time_zone"] == "as written"
    path.write_text("code,date\nM1,2025-01-31T23:30:00\n")
    frame = read_offenses(path, columns={"mahalla_code": "code", "date": "date"})
    assert "time_zone" not in frame.attrs["found"]


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u200e", "\u2060", "\u200d"])
def test_what_nobody_sees_is_left_out_of_codes_and_headings(tmp_path: Path, unseen: str) -> None:
    rows = [
        [f"{unseen}code", "date", "kind"],
        [f"17102{unseen}07001{unseen}", "2025-01-31", unseen],
    ]
    path = tmp_path / "o.csv"
    path.write_text("\n".join(map(";".join, rows)), encoding="utf-8")
    columns = {"mahalla_code": "code", "date": "date", "kind": f"kind{unseen}"}
    frame = read_offenses(path, columns=columns)
    assert frame["mahalla_code"].tolist() == ["1710207001"]
    assert frame["kind"].isna().all()
    table = pd.DataFrame(rows[1:], columns=["code", "date", "kind"])
    table.to_parquet(tmp_path / "o.parquet")
    frame = read_offenses(tmp_path / "o.parquet", columns=columns)
    assert frame["mahalla_code"].tolist() == ["1710207001"]
