"""What cannot be used ends in one whole sentence and an exit code, through the command line."""

from __future__ import annotations

import copy
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from hotspot.__main__ import main
from hotspot.categories.conditions import EVIDENCE

JOB = """\
[offenses]
path = "offenses.csv"

[offenses.columns]
id = "id"
date = "date"
kind = "kind"
mahalla_code = "code"
longitude = "lon"
latitude = "lat"

[mahallas]
path = "mahallas.geojson"

[mahallas.columns]
code = "code"
name = "name"
district = "district"
population = "population"
"""
NO_CODE = {'mahalla_code = "code"\n': ""}
NO_COORDINATES = {'longitude = "lon"\nlatitude = "lat"\n': ""}
CRITERIA = 'name = "mine"\nversion = "1"\nwindow_months = 12\nmin_hit_rate = 0.85\n'
GREEN = '[green]\nall = ["count == 0"]\n'
RED = '[red]\nall = ["count >= 3"]\n'

Run = Callable[..., tuple[int, str, str]]


def _square(number: int) -> dict[str, Any]:
    x, y = 66 + 0.02 * (number % 4), 39 + 0.02 * (number // 4)
    ring = [[x, y], [x + 0.02, y], [x + 0.02, y + 0.02], [x, y + 0.02], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def _layer() -> dict[str, Any]:
    """Return sixteen square mahallas in two districts."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": str(1710207001 + number),
                "name": f"Mahalla {number + 1}",
                "district": "North" if number < 8 else "South",
                "population": 1000 + 100 * number,
            },
            "geometry": _square(number),
        }
        for number in range(16)
    ]
    return {"type": "FeatureCollection", "features": features}


def _records() -> pd.DataFrame:
    """Return one record a mahalla and month, for two years."""
    rows = [
        {
            "id": f"R{month * 16 + number + 1:04d}",
            "date": f"{pd.Period('2023-01') + month}-{(number * 7 + month) % 28 + 1:02d}",
            "kind": "theft" if number % 2 else "robbery",
            "code": str(1710207001 + number),
            "lon": f"{66.01 + 0.02 * (number % 4):.2f}",
            "lat": f"{39.01 + 0.02 * (number // 4):.2f}",
        }
        for month in range(24)
        for number in range(16)
    ]
    return pd.DataFrame(rows)


def _write(records: pd.DataFrame, path: str = "offenses.csv", encoding: str = "utf-8") -> None:
    Path(path).write_bytes(records.to_csv(index=False, lineterminator="\n").encode(encoding))


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a small region that is fine, and go there."""
    monkeypatch.chdir(tmp_path)
    Path("job.toml").write_text(JOB, encoding="utf-8")
    Path("mahallas.geojson").write_text(json.dumps(_layer()), encoding="utf-8")
    _write(_records())
    return tmp_path


@pytest.fixture
def run(region: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the program and gives its exit code, stdout and stderr."""

    def _run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hotspot", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        code = stop.value.code
        return (code if isinstance(code, int) else 0), out, err

    return _run


def _change(changes: dict[str, str], path: str = "job.toml") -> None:
    text = Path(path).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    Path(path).write_text(text, encoding="utf-8")


def _refuses(run: Run, sentence: str, *, code: int = 3, words: tuple[str, ...] = ()) -> None:
    before = {path for path in Path().rglob("*") if path.is_file()}
    assert run(*(words or ("run", "job.toml"))) == (code, "", f"hotspot: {sentence}\n")
    # nothing is left behind, neither a result nor half of one
    assert {path for path in Path().rglob("*") if path.is_file()} == before


def test_the_region_itself_is_fine(run: Run) -> None:
    code, out, err = run("run", "job.toml")
    assert (code, err) == (0, "")
    assert "384 read = 384 placed + 0 rejected; 192 counted in the window" in out


OFFENSES = 'path = "offenses.csv"'
LAYER = 'path = "mahallas.geojson"'


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {'date = "date"': 'date = "dates"'},
            "offenses.csv: there is no column 'dates'; did you mean 'date'?",
        ),
        (
            {'mahalla_code = "code"': 'mahalla_code = "zip"'},
            "offenses.csv: there is no column 'zip'; known are: id, date, kind, code, lon, lat",
        ),
        (
            {'population = "population"': 'population = "popul"'},
            "mahallas.geojson: there is no column 'popul'; did you mean 'population'?",
        ),
        (
            {'population = "population"': '[mahallas.groups]\nsector = "sector"'},
            "mahallas.geojson: there is no column 'sector'; known are: code, name, district, "
            "population",
        ),
        (
            {'id = "id"': 'ids = "id"'},
            "job.toml: unknown key 'ids' in [offenses.columns]; did you mean 'id'?",
        ),
        (
            {"[mahallas]\n": "[mahalla]\n"},
            "job.toml: unknown key 'mahalla'; did you mean 'mahallas'?",
        ),
        (
            {'date = "date"\n': ""},
            "job.toml: [offenses.columns] date is missing; add it",
        ),
        (
            {'latitude = "lat"\n': ""},
            "job.toml: offenses.columns: latitude is missing; coordinates need both, add its "
            "heading",
        ),
        (
            {OFFENSES: 'path = "data\\offenses.csv"'},
            'job.toml: line 2 has a backslash: path = "data\\offenses.csv"; write paths with /, as '
            "in 'C:/data/offenses.csv'",
        ),
        (
            {OFFENSES: "path = 'data\\offenses.csv'"},
            "job.toml: offenses.path: 'data\\offenses.csv' has backslashes; write the path with /, "
            "as in 'data/offenses.csv'",
        ),
        (
            {OFFENSES: 'path = "offences.csv"'},
            "offences.csv: no such file; check the path",
        ),
        (
            {LAYER: 'path = "mahalla.gpkg"'},
            "mahalla.gpkg: no such file; check the path",
        ),
        (
            {LAYER: f'{LAYER}\nlayer = "borders"'},
            "mahallas.geojson: there is no layer 'borders'; known are: mahallas",
        ),
        (
            {OFFENSES: f'{OFFENSES}\ncrs = "EPSG:99999"'},
            "[offenses] crs: 'EPSG:99999' is not a known CRS; write it like EPSG:4326 or "
            "EPSG:32642",
        ),
        (
            {OFFENSES: f'{OFFENSES}\nencoding = "utf-9"'},
            "offenses.csv: the encoding 'utf-9' is not known; write utf-8, utf-16 or cp1251",
        ),
        (
            {OFFENSES: f'{OFFENSES}\nseparator = ";"'},
            "offenses.csv: there is no column 'date'; known are: id,date,kind,code,lon,lat",
        ),
        (
            {OFFENSES: f"{OFFENSES}\nheader_row = 9000"},
            "offenses.csv: header_row is 9000 and the table has 385 rows; give the number of the "
            "row of headings",
        ),
        (
            {OFFENSES: f'{OFFENSES}\ndate_format = "%d.%m.%Y"'},
            "offenses.csv, column 'date': no value fits date_format '%d.%m.%Y' (the first is "
            "'2023-01-01'); correct date_format or leave it out",
        ),
        (
            {OFFENSES: f'{OFFENSES}\ndate_format = "dd.mm.yyyy"'},
            "offenses.csv, column 'date': date_format 'dd.mm.yyyy' has no % in it; write it like "
            "'%d.%m.%Y'",
        ),
        (
            {OFFENSES: f'{OFFENSES}\nfrom = "2024-05"\nto = "2023-01"'},
            "job.toml: offenses: from 2024-05 is after to 2023-01; mend one of them",
        ),
        (
            {OFFENSES: f'{OFFENSES}\nfrom = "2030-05"'},
            "the records would begin with 2030-05 and end with 2024-12; set [offenses] from and to "
            "so that from is not after to",
        ),
        (
            {OFFENSES: f"{OFFENSES}\ntolerance_m = -1"},
            "job.toml: offenses.tolerance_m: -1 is too small; write 0 or more",
        ),
        (
            {LAYER: f'{LAYER}\nneighbours = "pairs.csv"'},
            "pairs.csv: no such file; check the path",
        ),
        (
            {LAYER: f'{LAYER}\npolygons = "polygons.gpkg"'},
            "mahallas.geojson: this is a layer with polygons of its own; remove polygons",
        ),
        (
            {OFFENSES: f'output = "offenses.csv"\n{OFFENSES}'},
            "job.toml: unknown key 'output' in [offenses]; known are: columns, path, url, query, "
            "crs, encoding, separator, decimal, sheet, header_row, date_format, from, to, "
            "tolerance_m, decisions, aliases, repeated_ids, kinds",
        ),
        (
            {"[offenses]\n": 'month = "Jan 2024"\n[offenses]\n'},
            "job.toml: month: 'Jan 2024' is not a month; write it as YYYY-MM, for example 2025-01",
        ),
        (
            {"[offenses]\n": 'output = "offenses.csv"\n[offenses]\n'},
            "offenses.csv: a file stands where a folder is to be; move it or choose another output",
        ),
    ],
)
def test_a_job_that_does_not_fit_the_files(
    run: Run, changes: dict[str, str], sentence: str
) -> None:
    _change(changes)
    _refuses(run, sentence)


@pytest.mark.parametrize(
    ("section", "code", "sentence"),
    [
        (
            '[offenses.kinds]\ncounted = ["thefts"]\n',
            3,
            "offenses.csv: none of the counted kinds occurs, 'thefts' for one; did you mean "
            "'theft'?",
        ),
        (
            '[offenses.kinds]\nexcluded = ["theft", "robbery"]\n',
            4,
            "offenses.csv: none of 384 records could be placed up to 2024-12: 384 kind_excluded; "
            "'hotspot check' says more",
        ),
        (
            '[criteria]\nuse = "official"\n',
            3,
            "criteria set 'official' is not bundled; known are: analytical-12m, "
            "analytical-12m-counts, gi-star, quota, severity",
        ),
        (
            '[criteria]\npath = "mine.toml"\n',
            3,
            "mine.toml: there is no such file; check the path",
        ),
        (
            '[criteria]\nuse = "analytical-12m"\npath = "mine.toml"\n',
            3,
            "job.toml: criteria: use 'analytical-12m' and path 'mine.toml' are both given; keep "
            "one of them",
        ),
        (
            "[density]\nbandwidth_m = 1e6\n",
            3,
            "[density] bandwidth_m is 1000000, wider than all the mahallas together, 9106 m; "
            "choose a smaller one or leave it out",
        ),
    ],
)
def test_a_section_that_asks_too_much(run: Run, section: str, code: int, sentence: str) -> None:
    Path("job.toml").write_text(f"{JOB}{section}", encoding="utf-8")
    _refuses(run, sentence, code=code)


def test_kinds_need_a_heading(run: Run) -> None:
    _change({'kind = "kind"\n': ""})
    with Path("job.toml").open("a", encoding="utf-8") as file:
        file.write('[offenses.kinds]\ncounted = ["theft"]\n')
    _refuses(
        run,
        "[offenses.kinds] names 'theft', and no column of the records is their kind; give "
        "[offenses.columns] kind, or name no kinds",
    )


@pytest.mark.parametrize(
    ("criteria", "sentence"),
    [
        (
            CRITERIA + GREEN + '[red]\nall = ["kount >= 3"]\n',
            "mine.toml: [red] condition 'kount >= 3' names the unknown column 'kount'; did you "
            "mean 'count'?",
        ),
        (
            CRITERIA + GREEN + '[red]\nall = ["count > three"]\n',
            "mine.toml: [red] condition 'count > three' names the unknown column 'three'; known "
            f"are: {', '.join(EVIDENCE)}",
        ),
        (
            CRITERIA + GREEN + '[red]\nall = ["count > 3 or more"]\n',
            "mine.toml: [red] condition 'count > 3 or more' cannot be read; write a column, one of "
            "== != >= <= > < and a number, as in 'count >= 3', another column, or "
            "quantile(rate, 0.9, region), and join with 'and'",
        ),
        (CRITERIA + GREEN, "mine.toml: red is missing; add it"),
        (
            CRITERIA + GREEN + "[red]\n",
            "mine.toml: [red] has no condition; write all = […] or any = […]",
        ),
        (
            CRITERIA.replace("12", "0") + GREEN + RED,
            "mine.toml: window_months is 0; write a whole number, 1 to 120",
        ),
        (
            CRITERIA.replace("0.85", "85") + GREEN + RED,
            "mine.toml: min_hit_rate is 85; write a share from 0 to 1",
        ),
        (
            CRITERIA + "window = 3\n" + GREEN + RED,
            "mine.toml: unknown key 'window'; did you mean 'window_months'?",
        ),
        (
            CRITERIA + GREEN + RED.replace("[red]", "[red"),
            "mine.toml: line 7 is not valid TOML: [red (Expected ']' at the end of a table "
            "declaration); mend it, texts stand between straight quotation marks",
        ),
    ],
)
def test_criteria_that_cannot_be_read(run: Run, criteria: str, sentence: str) -> None:
    Path("mine.toml").write_text(criteria, encoding="utf-8")
    Path("job.toml").write_text(f'{JOB}[criteria]\npath = "mine.toml"\n', encoding="utf-8")
    _refuses(run, sentence)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "offenses.csv: the file is empty; give a table"),
        (
            b"id,date,kind,code,lon,lat\n",
            "offenses.csv: there are headings and no rows under them; give a full table",
        ),
        (
            b"\x00\x01\x02" * 300,
            "offenses.csv: row 1 holds a zero byte, which no text has; export the file again, or "
            "give the encoding utf-16-le where it is UTF-16 without its mark",
        ),
        (
            b'id,date,kind,code,lon,lat\nR1,"2024-01-01,theft,1710207001,66,39\nR2,,,,,\n',
            "offenses.csv: a quotation mark opened in row 2 is not closed there; close it or take "
            "it out",
        ),
    ],
)
def test_offenses_that_are_no_table(run: Run, content: bytes, sentence: str) -> None:
    Path("offenses.csv").write_bytes(content)
    _refuses(run, sentence)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "offenses.doc",
            "offenses.doc: a file of this kind is not known; known are .csv, .csv.gz, .tsv, .txt, "
            ".xlsx, .xlsm, .xls, .ods, .dbf, .parquet and a folder of .parquet files",
        ),
        (
            "offenses.xlsx",
            "offenses.xlsx: cannot be read as a spreadsheet; open it in its program and save it as "
            ".xlsx",
        ),
        ("offenses.parquet", "offenses.parquet: cannot be read as parquet; write it again"),
        ("offenses.csv.gz", "offenses.csv.gz: cannot be unpacked as gzip; pack it again"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(run: Run, name: str, sentence: str) -> None:
    Path(name).write_text("offenses", encoding="utf-8")
    _change({OFFENSES: f'path = "{name}"'})
    _refuses(run, sentence)


def test_a_sheet_that_is_not_there(run: Run) -> None:
    _records().to_excel("offenses.xlsx", sheet_name="Jinoyatlar", index=False)
    _change({OFFENSES: 'path = "offenses.xlsx"\nsheet = "Jinoyat"'})
    _refuses(run, "offenses.xlsx: there is no sheet 'Jinoyat'; did you mean 'Jinoyatlar'?")


def test_a_wrong_encoding(run: Run) -> None:
    _write(_records().replace({"kind": {"theft": "кража"}}), encoding="cp1251")
    _change({OFFENSES: f'{OFFENSES}\nencoding = "utf-8"'})
    _refuses(run, "offenses.csv: the file is not in the encoding 'utf-8'; give another or none")


def test_dates_none_of_which_is_one(run: Run) -> None:
    _write(_records().assign(date="soon"))
    _refuses(
        run,
        "offenses.csv, column 'date': no value can be read as a date (the first is 'soon'); name "
        "another column or give date_format",
    )


def test_dates_that_can_be_read_both_ways(run: Run) -> None:
    records = _records()
    day = pd.to_datetime(records["date"])
    records["date"] = [f"{date.month:02d}/{date.day % 12 + 1:02d}/{date.year}" for date in day]
    _write(records)
    _refuses(
        run,
        "offenses.csv, column 'date': '01/02/2023' could be day 1 or month 1, and no value of the "
        "column tells; give date_format, such as '%d/%m/%Y' or '%m/%d/%Y'",
    )


def test_coordinates_under_each_others_heading(run: Run) -> None:
    _write(_records().rename(columns={"lon": "lat", "lat": "lon"}))
    _change(NO_CODE)
    _refuses(
        run,
        "longitude and latitude are swapped: 384 of 384 points lie among the mahallas only when "
        "exchanged; exchange the two headings in [offenses.columns]",
    )


def test_coordinates_in_metres(run: Run) -> None:
    _write(_records().assign(lon="500000", lat="4310000"))
    _refuses(
        run,
        "coordinates such as (500000, 4310000) are not in degrees, but the CRS EPSG:4326 is; set "
        "[offenses] crs to the one they are in, for example EPSG:32642",
    )


def test_coordinates_that_lie_elsewhere(run: Run) -> None:
    _write(_records().assign(lon="20.5"))
    _change(NO_CODE)
    _refuses(
        run,
        "offenses.csv: none of 384 records could be placed up to 2024-12: 384 outside; 'hotspot "
        "check' says more",
        code=4,
    )


def test_check_speaks_where_nothing_is_placed(run: Run) -> None:
    _write(_records().assign(lon="20.5"))
    _change(NO_CODE)
    code, out, err = run("check", "job.toml")
    assert (code, err) == (0, "")
    assert out.splitlines()[:3] == [
        "records up to 2024-12: 384 read = 0 placed + 384 rejected",
        "  rejected, outside: 384",
        "hit rate: 0.0% of 384 records that should be placed",
    ]


def test_codes_that_a_spreadsheet_shortened(run: Run) -> None:
    _write(_records().assign(code="1.71021E+09"))
    _change(NO_COORDINATES)
    _refuses(
        run,
        "offenses.csv, column 'code': a spreadsheet shortened the code to '1.71021E+09' and its "
        "last digits are gone; format the column as text and export it again",
    )


def test_codes_of_another_kind(run: Run) -> None:
    records = _records()
    _write(records.assign(code="99" + records["code"].str[2:]))
    _change(NO_COORDINATES)
    _refuses(
        run,
        "none of the mahalla codes of the offenses is known: they look like '9910207001', those of "
        "the mahallas like '1710207001'; choose the columns that hold the same codes",
    )


@pytest.mark.parametrize(
    ("month", "code", "sentence"),
    [
        (
            "2026-01",
            3,
            "offenses.csv: the month 2026-01 is after 2024-12, the last complete month that is "
            "covered; choose 2024-12 or an earlier month, or set [offenses] to",
        ),
        (
            "2010-01",
            4,
            "offenses.csv: the month 2010-01 is before 2023-01, the first month that is covered; "
            "choose 2023-01 or a later month, or set [offenses] from",
        ),
        ("2024-13", 3, "'2024-13' is not a month; write it as YYYY-MM, for example 2025-01"),
    ],
)
def test_a_month_without_records(run: Run, month: str, code: int, sentence: str) -> None:
    _refuses(run, sentence, code=code, words=("run", "job.toml", "--month", month))


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "code",
            "1710207002",
            "mahallas.geojson: the code '1710207002' is in several rows (2, 4); dissolve the parts "
            "of a mahalla into one row, or give valid_from and valid_to of its versions",
        ),
        (
            "population",
            -5,
            "mahallas.geojson: the population '-5' is not a number of people; correct the column "
            "'population' or leave the cell empty",
        ),
    ],
)
def test_a_mahalla_with_a_wrong_value(run: Run, key: str, value: object, sentence: str) -> None:
    layer = _layer()
    layer["features"][3]["properties"][key] = value
    Path("mahallas.geojson").write_text(json.dumps(layer), encoding="utf-8")
    _refuses(run, sentence)


def _without_code(layer: dict[str, Any]) -> None:
    for feature in layer["features"]:
        feature["properties"]["code"] = None


def _without_polygons(layer: dict[str, Any]) -> None:
    for feature in layer["features"]:
        feature["geometry"] = None


def _as_points(layer: dict[str, Any]) -> None:
    for feature in layer["features"]:
        feature["geometry"] = {"type": "Point", "coordinates": [66, 39]}


def _without_rows(layer: dict[str, Any]) -> None:
    layer["features"].clear()


def _said_to_be_metres(layer: dict[str, Any]) -> None:
    layer["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32642"}}


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            _without_code,
            "mahallas.geojson: the column 'code' is empty; it must hold the codes",
        ),
        (
            _without_polygons,
            "mahallas.geojson: no polygons, the geometries are missing; choose a layer of polygons",
        ),
        (
            _as_points,
            "mahallas.geojson: no polygons, the geometries are Point; choose a layer of polygons",
        ),
        (
            _without_rows,
            "mahallas.geojson: the layer is empty; give a layer of mahalla polygons",
        ),
        (
            _said_to_be_metres,
            "mahallas.geojson: the CRS EPSG:32642 is in metres, but no coordinate goes beyond "
            "66.08, which looks like degrees; set [mahallas] crs, for example EPSG:4326",
        ),
    ],
)
def test_a_layer_without_mahallas(
    run: Run, spoil: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    layer = copy.deepcopy(_layer())
    spoil(layer)
    Path("mahallas.geojson").write_text(json.dumps(layer), encoding="utf-8")
    _refuses(run, sentence)


def test_a_layer_cut_off_in_the_middle(run: Run) -> None:
    Path("mahallas.geojson").write_text(json.dumps(_layer())[:500], encoding="utf-8")
    _refuses(run, "mahallas.geojson: cannot be read as a layer; export it again")


def test_a_shapefile_without_projection(run: Run) -> None:
    gpd.read_file("mahallas.geojson").to_file("mahallas.shp")
    Path("mahallas.prj").unlink()
    _change({LAYER: 'path = "mahallas.shp"'})
    _refuses(
        run,
        "mahallas.shp: no CRS is declared, so metres are unknown; set [mahallas] crs, for example "
        "EPSG:4326",
    )


def test_a_geopackage_with_two_layers(run: Run) -> None:
    layer = gpd.read_file("mahallas.geojson")
    layer.to_file("mahallas.gpkg", layer="now")
    layer.to_file("mahallas.gpkg", layer="planned")
    _change({LAYER: 'path = "mahallas.gpkg"'})
    _refuses(
        run,
        "mahallas.gpkg: several layers may be the mahallas (now, planned); set [mahallas] layer to "
        "one of them",
    )


def test_a_table_of_mahallas_alone(run: Run) -> None:
    pd.DataFrame(gpd.read_file("mahallas.geojson").drop(columns="geometry")).to_csv(
        "mahallas.csv", index=False
    )
    _change({LAYER: 'path = "mahallas.csv"'})
    _refuses(
        run,
        "mahallas.csv: no polygons, it is only a table; set [mahallas] polygons to the layer that "
        "has them",
    )


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (
            "a,b\n1,2\n",
            "pairs.csv: the column 'mahalla_code' is missing; a table of neighbours has the "
            "columns mahalla_code and neighbour_code",
        ),
        (
            "mahalla_code,neighbour_code\n1,1710207001\n",
            "the pairs of neighbours name '1', which is not a code of the mahallas (1 such codes "
            "in mahalla_code); correct or remove these pairs",
        ),
    ],
)
def test_neighbours_that_are_none(run: Run, pairs: str, sentence: str) -> None:
    Path("pairs.csv").write_text(pairs, encoding="utf-8")
    _change({LAYER: f'{LAYER}\nneighbours = "pairs.csv"'})
    _refuses(run, sentence)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "jobs.toml"), "jobs.toml: there is no such file; check the path"),
        (("run", "."), ".: this is a folder; give the TOML file in it"),
        (
            ("run", "job.toml", "--out", "offenses.csv"),
            "offenses.csv: a file stands where a folder is to be; move it or choose another output",
        ),
        (
            ("explain", "out/2024-12", "1710207001"),
            "out/2024-12/run.json: there is no such file; give a month's folder that "
            "'hotspot run' wrote",
        ),
        (
            ("explain", "job.toml", "1710207001"),
            "job.toml/run.json: there is no such file; give a month's folder that 'hotspot "
            "run' wrote",
        ),
        (
            ("init", "offenses.csv", "mahallas.geojson", "--out", "job.toml"),
            "job.toml: the file is there already; choose another name with --out, or --force",
        ),
        (
            ("init", "offences.csv", "mahallas.geojson", "--out", "new.toml"),
            "offences.csv: no such file; check the path",
        ),
        (
            ("init", "mahallas.geojson", "offenses.csv", "--out", "new.toml"),
            "offenses.csv: no polygons, it is only a table; set [mahallas] polygons to the layer "
            "that has them",
        ),
    ],
)
def test_words_that_lead_nowhere(run: Run, words: tuple[str, ...], sentence: str) -> None:
    _refuses(run, sentence, words=words)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a,b\n1,2\n3,4\n",
            "offenses.csv: no column of dates was found among a, b; name it in a job file of your "
            "own",
        ),
        (
            "a,b\n2023-01-01,2\n2023-01-02,4\n",
            "offenses.csv: neither coordinates nor codes of the mahallas were found among a, b; "
            "one of them is needed to place a record",
        ),
    ],
)
def test_a_proposal_that_cannot_be_made(run: Run, text: str, sentence: str) -> None:
    Path("offenses.csv").write_text(text, encoding="utf-8")
    words = ("init", "offenses.csv", "mahallas.geojson", "--out", "new.toml")
    _refuses(run, sentence, words=words)


@pytest.mark.parametrize("name", ["categories.csv", "neighbours.csv", "run.json"])
def test_a_damaged_folder_is_not_explained(run: Run, name: str) -> None:
    # a stand-in for a month, of which one file is cut off
    folder = Path("out/2024-12")
    folder.mkdir(parents=True)
    (folder / "categories.csv").write_text("mahalla_code\n1710207001\n", encoding="utf-8")
    (folder / "neighbours.csv").write_text("mahalla_code,neighbour_code\n", encoding="utf-8")
    (folder / "run.json").write_text("{}", encoding="utf-8")
    (folder / name).write_text("" if name.endswith("csv") else "{", encoding="utf-8")
    _refuses(
        run,
        "out/2024-12: a table or the account in this folder is damaged; run the month again",
        words=("explain", "out/2024-12", "1710207001"),
    )


def test_a_job_in_another_encoding(run: Run) -> None:
    Path("job.toml").write_bytes(
        JOB.replace("date\n", "сана\n").encode() + "# маҳалла".encode("utf-16")
    )
    _refuses(run, "job.toml: the file is not UTF-8; save it again as UTF-8")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_an_output_that_may_not_be_written(run: Run) -> None:
    Path("out").mkdir(mode=0o500)
    _refuses(
        run,
        "out: cannot be written; close it if it is open in another program, or choose another "
        "output",
    )


def test_byte_order_marks_are_taken_off(run: Run) -> None:
    Path("job.toml").write_text(JOB, encoding="utf-8-sig")
    _write(_records(), encoding="utf-8-sig")
    code, out, _ = run("check", "job.toml")
    assert code == 0
    assert out.startswith("records up to 2024-12: 384 read = 384 placed + 0 rejected\n")


def test_a_kind_that_never_occurs_is_said(run: Run) -> None:
    Path("job.toml").write_text(
        f'{JOB}[offenses.kinds]\ncounted = ["theft", "arson"]\n', encoding="utf-8"
    )
    code, out, _ = run("run", "job.toml", "--tables-only")
    assert code == 0
    assert "note: no record has the kind 'arson', which the job names\n" in out


def test_a_population_that_is_nowhere_is_said(run: Run) -> None:
    _change({'population = "population"\n': ""})
    code, out, _ = run("run", "job.toml", "--tables-only")
    assert code == 0
    assert "note: no mahalla has a population, so analytical-12m-counts was taken\n" in out
    account = json.loads(Path("out/2024-12/run.json").read_text(encoding="utf-8"))
    assert account["criteria"]["name"] == "analytical-12m-counts"
