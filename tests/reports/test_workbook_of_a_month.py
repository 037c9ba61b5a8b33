"""The workbook of a month that was run: what the drawing hands in beside the tables."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from shapely import box

from hotspot.drawings import _write_workbook, tell
from hotspot.job import Job, read_job
from hotspot.language import speaking
from hotspot.monthly import Month, run_month

JOB = """\
month = "2025-02"
[offenses]
path = "offenses.csv"
[offenses.columns]
date = "date"
kind = "kind"
mahalla_code = "code"
[offenses.kinds.groups]
youth = ["noise", "brawl"]
[mahallas]
path = "mahallas.geojson"
[mahallas.columns]
code = "code"
name = "name"
name_ru = "russian"
district = "district"
region = "region"
population = "people"
"""
CODES = [f"m{i:02d}" for i in range(12)]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder = tmp_path_factory.mktemp("job")
    rows = ["code,date,kind"]
    for month in pd.period_range("2023-12", "2025-02", freq="M"):
        # no month without records; the first mahalla is the worst
        rows += [f"m00,{month}-03,theft"] * 3 + [f"m01,{month}-04,noise"]
    # its only offense leaves the window between the two months
    rows.append("m02,2024-02-10,brawl")
    # its first offense enters it
    rows.append("m03,2025-02-10,brawl")
    (folder / "offenses.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    frame = pd.DataFrame({"code": CODES, "name": CODES, "russian": [f"{c} рус" for c in CODES]})
    frame = frame.assign(district="A", region="R", people=1000)
    squares = [box(66 + 0.02 * i, 39, 66.02 + 0.02 * i, 39.02) for i in range(len(CODES))]
    layer = gpd.GeoDataFrame(frame, geometry=squares, crs="EPSG:4326")
    (folder / "mahallas.geojson").write_text(layer.to_json(), encoding="utf-8")
    (folder / "job.toml").write_text(JOB, encoding="utf-8")
    return read_job(folder / "job.toml")


@pytest.fixture(scope="module")
def month(job: Job) -> Month:
    return run_month(job)


def drawn(month: Month, language: str = "en") -> openpyxl.Workbook:
    with speaking(language), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparkline Group extension")
        return openpyxl.load_workbook(io.BytesIO(_write_workbook(tell(month, language))))


def rows_of(sheet: Worksheet, heading: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a list by the mahalla's code."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    at = next(i for i, row in enumerate(rows) if heading in row)
    place = rows[at].index(heading)
    return {row[place]: dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]}


def test_the_reason_before_is_the_one_that_the_month_before_gave(job: Job, month: Month) -> None:
    # an independent way to the same: the whole job again for the month before
    before = run_month(job, month="2025-01").table
    changed = rows_of(drawn(month)["Changes"], "Code")
    assert set(changed) == {"m02", "m03"}
    for code, row in changed.items():
        assert row["Reason the month before"] == before.loc[code, "reason"]


def test_a_category_that_was_published_otherwise_has_no_reason_before(month: Month) -> None:
    history = month.history.copy()
    history.loc["m02", history.columns[-2]] = "red"
    table = month.table.copy()
    table.loc["m02", "previous_category"] = "red"
    changed = rows_of(drawn(replace(month, history=history, table=table))["Changes"], "Code")
    assert changed["m02"]["Reason the month before"] is None
    assert changed["m03"]["Reason the month before"] is not None


def test_groups_of_kinds_are_counted_in_the_window(month: Month) -> None:
    red = month.table.assign(category="red")
    rows = rows_of(drawn(replace(month, table=red))["To sign"], "Code")
    # twelve months of noise; of two brawls one is before the window
    assert rows["m01"]["of these youth"] == 12
    assert rows["m02"]["of these youth"] == 0
    assert rows["m03"]["of these youth"] == 1


def test_mahallas_have_the_names_of_the_language_on_every_sheet(month: Month) -> None:
    book = drawn(month, "ru")
    shown = {
        str(value)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if str(value) in {*CODES, *(f"{code} рус" for code in CODES)}
    }
    # the codes alone would be there as codes
    assert {f"{code} рус" for code in CODES} <= shown
    ranked = book.worksheets[book.sheetnames.index("Рейтинги махаллей")]
    names = [row[3] for row in ranked.iter_rows(values_only=True) if row[2] in CODES]
    assert names
    assert all(str(name).endswith("рус") for name in names)
