"""The data package describes every table of a month's folder by the one source of columns."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from hotspot.columns import TABLES, names
from hotspot.reports.datapackage import write_datapackage

MONTH_TABLES = ["Sector", "categories", "districts", "neighbours", "rejected"]


def described(tables: list[str] = MONTH_TABLES) -> dict[str, dict]:
    package = json.loads(write_datapackage("2025-01", tables, ["Sector"]))
    return {resource["path"]: resource for resource in package["resources"]}


def test_the_package_names_the_month_and_what_it_is_not():
    package = json.loads(write_datapackage("2025-01", MONTH_TABLES, ["Sector"]))
    assert package["name"] == "hotspot-2025-01"
    assert package["title"] == "Mahallas by category, 2025-01; analytical, not official"
    assert package["profile"] == "tabular-data-package"


def test_every_table_is_a_resource_in_the_order_given():
    assert list(described()) == [f"{table}.csv" for table in MONTH_TABLES]


@pytest.mark.parametrize("table", TABLES)
def test_fields_are_the_described_columns(table):
    fields = described([table])[f"{table}.csv"]["schema"]["fields"]
    assert [field["name"] for field in fields] == names(table)
    for field, column in zip(fields, TABLES[table], strict=True):
        assert field["type"] == column.type
        assert field["description"] == column.meaning
        assert field.get("unit", "") == column.unit


def test_a_group_is_the_districts_table_with_a_column_for_the_group():
    fields = described()["Sector.csv"]["schema"]["fields"]
    expected = names("districts")
    expected.insert(2, "Sector")
    assert [field["name"] for field in fields] == expected
    assert fields[2] == {
        "name": "Sector",
        "type": "string",
        "description": "the group of mahallas",
    }


def test_names_and_types_are_what_frictionless_allows():
    for path, resource in described().items():
        assert re.fullmatch(r"[a-z0-9._-]+", resource["name"])
        assert resource["name"] == path.removesuffix(".csv").lower()
        for field in resource["schema"]["fields"]:
            assert field["type"] in {"string", "integer", "number", "yearmonth", "boolean"}


def test_a_file_written_with_bom_is_read_as_the_package_says(tmp_path):
    resource = described()["neighbours.csv"]
    path = tmp_path / resource["path"]
    path.write_text("mahalla_code,neighbour_code,how\n1,2,border\n", encoding="utf-8-sig")
    table = pd.read_csv(path, encoding=resource["encoding"])
    assert list(table) == [field["name"] for field in resource["schema"]["fields"]]


def test_the_same_tables_have_the_same_text():
    text = write_datapackage("2025-01", MONTH_TABLES, ["Sector"])
    assert text == write_datapackage("2025-01", list(MONTH_TABLES), ["Sector"])
    assert text.endswith("}\n")
    assert "Getis–Ord" in text


def test_columns_of_the_offense_file_are_described_too():
    text = write_datapackage("2025-01", ["rejected"], [], own=["file: № "])
    fields = json.loads(text)["resources"][0]["schema"]["fields"]
    assert fields[-1] == {
        "name": "file: № ",
        "type": "string",
        "description": "as it stands in the offense file",
    }
    assert [field["name"] for field in fields[:-1]] == names("rejected")
