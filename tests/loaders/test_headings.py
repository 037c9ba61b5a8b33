"""Which column holds what: proposals for the headings of real files and of Uzbek exports."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from hotspot.loaders.dates import find_date_format, parse_dates
from hotspot.loaders.headings import MAHALLA_FIELDS, OFFENSE_FIELDS, Proposal, propose_columns
from hotspot.loaders.tables import find_format, read_table


def headings(proposals: dict[str, Proposal]) -> dict[str, str | list[str]]:
    return {field: proposal.heading for field, proposal in proposals.items()}


# read by eye from each file
LAYERS = {
    "toronto_mci/neighbourhood-crime-rates.geojson": {
        "code": "Hood_ID",
        "name": "Neighbourhood",
        "population": "F2020_Population_Projection",
    },
    "toronto_mci/nh_profiles_short_2016.geojson": {
        "code": "OBJECTID",
        "name": "Neighbourh",
        "population": "Total_Popu",
    },
    "stlouis_part1/stl_neighborhoods.geojson": {
        "code": "neighborhood_id",
        "name": "neighborhood_name",
        "population": "total_population",
    },
    "uz_mahalla_chinoz/mahalla.geojson": {
        "code": "mahalla_id",
        "name": "mahalla_nomi",
        "district": "district",
        "region": "region_name",
    },
    "messy_formats/medellin_comunas.gpkg": {"code": "COMUNA", "name": "NOMBRE"},
    "messy_formats/nottingham_wards.gpkg": {"code": "ward_code", "name": "ward_name"},
    "messy_formats/vancouver_neighbourhoods.geojson": {"code": "mapid", "name": "name"},
    "west_yorkshire_street/wy_lsoa_2011.gpkg": {"code": "LSOA11CD", "name": "LSOA11NM"},
}

# heading of each field, and those that need a look
RECORDS = {
    "toronto_mci/toronto_mci_2014_2021.parquet": (
        "toronto_mci/neighbourhood-crime-rates.geojson",
        {
            "date": "occurrencedate",
            "longitude": "Long",
            "latitude": "Lat",
            "mahalla": "Neighbourhood",
            "kind": "MCI",
        },
        set(),
    ),
    "stlouis_part1/stl_part1_2017_2019.parquet": (
        "stlouis_part1/stl_neighborhoods.geojson",
        {
            "date": "date_occur",
            "longitude": "x",
            "latitude": "y",
            "mahalla_code": "neighborhood",
            "kind": "description",
            "id": "complaint",
        },
        {"id"},
    ),
    "west_yorkshire_street/west_yorkshire_street_3xJuly.parquet": (
        "west_yorkshire_street/wy_lsoa_2011.gpkg",
        {
            "date": "Month",
            "longitude": "Longitude",
            "latitude": "Latitude",
            "mahalla_code": "LSOA code",
            "mahalla": "LSOA name",
            "kind": "Crime type",
            "id": "Crime ID",
        },
        set(),
    ),
    "messy_formats/medellin_homicides.csv": (
        "messy_formats/medellin_comunas.gpkg",
        {
            "date": "fecha_hecho",
            "longitude": "longitud",
            "latitude": "latitud",
            "kind": "modalidad",
        },
        set(),
    ),
    "messy_formats/vancouver_thefts_2020.csv.gz": (
        "messy_formats/vancouver_neighbourhoods.geojson",
        {
            "date": ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE"],
            "longitude": "X",
            "latitude": "Y",
            "mahalla": "NEIGHBOURHOOD",
            "kind": "TYPE",
        },
        {"longitude", "latitude"},
    ),
    "messy_formats/cincinnati_burglary.csv.gz": (
        None,
        {
            "date": "offense_date",
            "longitude": "longitude",
            "latitude": "latitude",
            "kind": "offense",
            "id": "incident_no",
        },
        {"id"},
    ),
    "messy_formats/nottingham_burglary.csv.gz": (
        "messy_formats/nottingham_wards.gpkg",
        {"date": "month", "longitude": "longitude", "latitude": "latitude"},
        set(),
    ),
    "messy_formats/san_francisco_robbery.csv": (
        None,
        {
            "date": "date_time",
            "longitude": "longitude",
            "latitude": "latitude",
            "kind": "offense_type",
            "id": "uid",
        },
        set(),
    ),
    "messy_formats/us_homicides_2015.csv": (
        None,
        {
            "date": "date_single",
            "longitude": "longitude",
            "latitude": "latitude",
            "district": "city_name",
            "kind": "offense_type",
            "id": "uid",
        },
        set(),
    ),
}


def layer(path: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pyogrio.read_dataframe(path, read_geometry=False)
    return frame


@pytest.mark.parametrize("name", LAYERS)
def test_real_layers(shared: Path, name: str) -> None:
    proposals = propose_columns(layer(shared / name), MAHALLA_FIELDS)
    assert headings(proposals) == LAYERS[name]
    # a row number is offered only where there is nothing else, and with a doubt
    doubted = {"code"} if LAYERS[name]["code"] == "OBJECTID" else set()
    assert {field for field, p in proposals.items() if not p.sure} == doubted


@pytest.mark.parametrize("name", RECORDS)
def test_real_records(shared: Path, name: str) -> None:
    polygons, expected, doubted = RECORDS[name]
    codes = []
    if polygons:
        codes = list(layer(shared / polygons)[str(LAYERS[polygons]["code"])].map(str))
    frame = read_table(shared / name, find_format(shared / name)).frame
    proposals = propose_columns(frame, OFFENSE_FIELDS, codes=codes)
    assert headings(proposals) == expected
    assert {field for field, p in proposals.items() if not p.sure} == doubted


def test_headings_in_uzbek_cyrillic() -> None:
    frame = pd.DataFrame(
        {
            "Т/р": [1, 2, 3],
            "Жиноят рақами": ["a1", "a2", "a3"],
            "Рўйхатга олинган сана": ["05.01.2025", "14.01.2025", "01.02.2025"],
            "Содир этилган сана": ["01.01.2025", "13.01.2025", "31.01.2025"],
            "Жиноят тури": ["ўғрилик", "ўғрилик", "босқинчилик"],
            "Узунлик": ["66,1", "66,2", "66,3"],
            "Кенглик": ["38,1", "38,2", "38,3"],
            "Маҳалла коди": ["1710207001", "1710207002", "1710207001"],
            "Маҳалла номи": ["Наврўз", "Бўстон", "Наврўз"],
            "Туман": ["Ғузор", "Ғузор", "Ғузор"],
        }
    )
    codes = ["1710207001", "1710207002"]
    assert headings(propose_columns(frame, OFFENSE_FIELDS, codes=codes)) == {
        "date": "Содир этилган сана",
        "registered": "Рўйхатга олинган сана",
        "longitude": "Узунлик",
        "latitude": "Кенглик",
        "mahalla_code": "Маҳалла коди",
        "mahalla": "Маҳалла номи",
        "district": "Туман",
        "kind": "Жиноят тури",
        "id": "Жиноят рақами",
    }


def test_headings_in_russian_and_uzbek_latin() -> None:
    frame = pd.DataFrame(
        {
            "Дата совершения": ["01.01.2025", "13.01.2025"],
            "Дата регистрации": ["01.01.2025", "14.01.2025"],
            "Вид преступления": ["кража", "разбой"],
            "Долгота": [66.1, 66.2],
            "Широта": [38.1, 38.2],
            "Район": ["Гузар", "Гузар"],
            "Махалля": ["Навруз", "Бустан"],
        }
    )
    assert headings(propose_columns(frame, OFFENSE_FIELDS)) == {
        "date": "Дата совершения",
        "registered": "Дата регистрации",
        "longitude": "Долгота",
        "latitude": "Широта",
        "mahalla": "Махалля",
        "district": "Район",
        "kind": "Вид преступления",
    }
    table = pd.DataFrame(
        {
            "mahalla_kodi": ["{0f5d3c1a-1}", "{0f5d3c1b-2}"],
            "cadastral_number": ["1710207001", "1710207002"],
            "mahalla_nomi": ["Navroʻz MFY", "Boʻston MFY"],
            "nomi_kirill": ["Наврўз МФЙ", "Бўстон МФЙ"],
            "nomi_ru": ["Навруз", "Бустан"],
            "tuman": ["Gʻuzor", "Gʻuzor"],
            "viloyat": ["Qashqadaryo", "Qashqadaryo"],
            "aholi_soni_2023": ["4 000", "3 900"],
            "aholi_soni_2024": ["4 100", "3 950"],
            "STIR": ["200123456", "200123457"],
        }
    )
    assert headings(propose_columns(table, MAHALLA_FIELDS)) == {
        "code": "cadastral_number",
        "name": "mahalla_nomi",
        "name_cyrl": "nomi_kirill",
        "name_ru": "nomi_ru",
        "district": "tuman",
        "region": "viloyat",
        "population": "aholi_soni_2024",
        "stir": "STIR",
    }


def test_the_day_of_the_report_is_taken_with_a_doubt() -> None:
    frame = pd.DataFrame({"report_date": ["2024-01-02"], "birth_date": ["1980-05-05"]})
    assert propose_columns(frame, ["date"]) == {
        "date": Proposal("report_date", "called so, but it is the day of the report", sure=False)
    }


def test_small_numbers_are_no_codes_by_chance() -> None:
    frame = pd.DataFrame({"beat": [1, 2, 3], "kind": ["a1", "b", "c"]})
    assert "mahalla_code" not in propose_columns(frame, OFFENSE_FIELDS, codes=["1", "2", "3"])


def test_nothing_is_proposed_for_an_empty_table() -> None:
    assert propose_columns(pd.DataFrame({"date": [None, None]}), OFFENSE_FIELDS) == {}


@pytest.mark.parametrize(
    "parts",
    [["Йил", "Ойи", "Куни"], ["year", "mon", "day"], ["Год", "Мес", "День"], ["yil", "oyi"]],
)
def test_a_date_in_parts_is_proposed_as_it_can_be_read(parts: list[str]) -> None:
    table = pd.DataFrame(
        {parts[0]: ["2023", "2024"], parts[1]: ["2", "12"], "Ҳафта куни": ["1", "7"]}
    )
    if parts[2:]:
        table[parts[2]] = ["28", "31"]
    proposed = propose_columns(table, OFFENSE_FIELDS)["date"].heading
    assert proposed == parts
    day = 28 if parts[2:] else 1
    dates = table[proposed]
    assert parse_dates(dates, find_date_format(dates))[0] == pd.Timestamp(2023, 2, day)


def test_names_with_digits_are_proposed_under_the_very_heading() -> None:
    table = pd.DataFrame(
        {
            "code": [f"17{at:08}" for at in range(30)],
            "name": [f"M{at + 1000}" for at in range(30)],
            "district": [f"D{at % 3}" for at in range(30)],
            "region": ["R0"] * 30,
        }
    )
    proposed = propose_columns(table, MAHALLA_FIELDS)
    assert headings(proposed) == {field: field for field in ("code", "name", "district", "region")}
    # a zone's grid reference under another heading is no name
    other = table[["code"]].assign(zone=table["name"])
    assert headings(propose_columns(other, MAHALLA_FIELDS)) == {"code": "code"}
