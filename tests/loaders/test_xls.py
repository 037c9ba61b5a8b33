"""The workbooks of Excel before 2007, which many offices still export."""

from __future__ import annotations

import datetime
from pathlib import Path

import xlwt

from hotspot.loaders.offenses import read_offenses


def test_an_old_workbook_is_read_with_its_title_dates_and_total(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Январь")
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    sheet.write(0, 0, "Жиноятлар рўйхати")
    for column, heading in enumerate(["№", "Сана", "МФЙ коди", "Тури"]):
        sheet.write(2, column, heading)
    for row, (date, code, kind) in enumerate(
        [
            (datetime.date(2025, 1, 5), 1710207001.0, "ўғрилик"),
            (datetime.date(2025, 1, 31), 1710207002.0, "талончилик"),
        ],
        start=3,
    ):
        sheet.write(row, 0, row - 2)
        sheet.write(row, 1, date, day)
        sheet.write(row, 2, code)
        sheet.write(row, 3, kind)
    sheet.write(5, 0, "Жами")
    sheet.write(5, 2, 2)
    path = tmp_path / "рўйхат.xls"
    book.save(str(path))
    read = read_offenses(
        path, columns={"id": "№", "date": "Сана", "mahalla_code": "МФЙ коди", "kind": "Тури"}
    )
    assert read["mahalla_code"].tolist() == ["1710207001", "1710207002"]
    assert read["date"].dt.strftime("%Y-%m-%d").tolist() == ["2025-01-05", "2025-01-31"]
    assert read["kind"].tolist() == ["ўғрилик", "талончилик"]
    assert read["row"].tolist() == [4, 5]
    assert [skipped["row"] for skipped in read.attrs["found"]["skipped"]] == [1, 6]
