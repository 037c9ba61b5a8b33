"""Mahallas from every kind of file, as they are valid on a day."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspot.errors import InputError
from hotspot.loaders.attributes import as_days, as_population, as_text
from hotspot.loaders.layers import read_layer
from hotspot.loaders.mahallas import COLUMNS, read_mahallas

# a kilometre or so in Tashkent
SQUARES = [shapely.box(69.2 + k / 100, 41.3, 69.21 + k / 100, 41.31) for k in range(3)]
FULL = {
    "code": "mahalla_code",
    "name": "mahalla_nomi",
    "population": "aholi_soni",
    "district": "tuman",
}


def layer(**columns: Any) -> gpd.GeoDataFrame:
    usual = {
        "mahalla_code": ["1726266012", "1726266003", "1726266007"],
        "mahalla_nomi": ["Doʻstlik", "<script>alert(1)</script>", "=1+1"],
        "aholi_soni": ["4,170", "0", None],
        "tuman": ["Yunusobod", " Yunusobod ", ""],
    }
    return gpd.GeoDataFrame(usual | columns, geometry=SQUARES, crs=4326)


def write(frame: gpd.GeoDataFrame, path: Path, **options: Any) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, **options)
    return path


def sentence(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        read_mahallas(path, **({"columns": FULL} | options))
    return str(error.value).replace(str(path), "FILE").replace(str(path.parent), "FOLDER")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet"])
def test_a_layer_of_any_kind(tmp_path: Path, ending):
    mahallas = read_mahallas(write(layer(), tmp_path / f"m{ending}"), columns=FULL)
    assert mahallas.index.tolist() == ["1726266003", "1726266007", "1726266012"]
    assert mahallas.index.name == "mahalla_code"
    assert list(mahallas) == [*COLUMNS, "geometry"]
    assert mahallas["name"].tolist() == ["<script>alert(1)</script>", "=1+1", "Doʻstlik"]
    assert mahallas["district"].isna().tolist() == [False, True, False]
    assert mahallas["district"].dropna().unique().tolist() == ["Yunusobod"]
    np.testing.assert_array_equal(mahallas["population"], [0, np.nan, 4170])
    assert mahallas["stir"].isna().all()
    assert mahallas["valid_from"].isna().all()
    assert mahallas["repair"].tolist() == ["", "", ""]
    assert mahallas.crs.to_epsg() == 32642
    # a hundredth of a degree at 41.3 north: 837.6 m by 1,110.6 m, on the ellipsoid
    assert mahallas["area_km2"].tolist() == pytest.approx([0.930] * 3, rel=2e-3)
    found = mahallas.attrs["found"]
    assert found["metric_crs"] == "EPSG:32642 (UTM zone 42N, of the centre of the layer)"
    assert found["overlaps"]["pairs"] == found["gaps"]["holes"] == 0
    json.dumps(found)


def test_a_shapefile_cuts_headings_and_may_lack_its_encoding(tmp_path: Path):
    names = {"mahalla_nomi_kirill": ["Дўстлик", "Навруз", "Ғузор"]}
    columns = {"code": "mahalla_code", "name_cyrl": "mahalla_nomi_kirill"}
    frame = layer(**names)[["mahalla_code", "mahalla_nomi_kirill", "geometry"]]
    short = frame.rename(
        columns={"mahalla_code": "mahalla_co", "mahalla_nomi_kirill": "mahalla_no"}
    )
    path = write(short, tmp_path / "m.shp", encoding="utf-8")
    (tmp_path / "m.cpg").unlink()
    mahallas = read_mahallas(path, columns=columns)
    assert mahallas["name_cyrl"].tolist() == ["Навруз", "Ғузор", "Дўстлик"]
    assert mahallas.attrs["found"]["encoding"] == "utf-8"
    assert mahallas.attrs["found"]["headings_cut"] == {
        "mahalla_code": "mahalla_co", "mahalla_nomi_kirill": "mahalla_no",
    }  # fmt: skip


def test_a_shapefile_in_cp1251(tmp_path: Path):
    frame = layer(nom=["Дўстлик", "Навруз", "Гузар"])[["mahalla_code", "nom", "geometry"]]
    path = write(
        frame.rename(columns={"mahalla_code": "kod"}), tmp_path / "m.shp", encoding="cp1251"
    )
    columns = {"code": "kod", "name_ru": "nom"}
    for cpg in (True, False):
        if not cpg:
            (tmp_path / "m.cpg").unlink()
        mahallas = read_mahallas(path, columns=columns)
        assert mahallas["name_ru"].tolist() == ["Навруз", "Гузар", "Дўстлик"]
    assert mahallas.attrs["found"]["encoding"] == "cp1251"


def test_codes_that_became_numbers(tmp_path: Path):
    frame = layer(
        mahalla_code=[1726266012.0, 1726266003.0, 1726266007.0], stir=[3e8, None, 3e8 + 1]
    )
    path = write(frame, tmp_path / "m.gpkg")
    mahallas = read_mahallas(path, columns=FULL | {"stir": "stir"})
    assert mahallas.index.tolist() == ["1726266003", "1726266007", "1726266012"]
    assert mahallas["stir"].tolist()[1:] == ["300000001", "300000000"]


def test_groups_roll_up_further_columns(tmp_path: Path):
    path = write(layer(sektor=[1, 2, 1]), tmp_path / "m.gpkg")
    mahallas = read_mahallas(path, columns=FULL, groups={"sector": "sektor"})
    assert list(mahallas)[-2:] == ["sector", "geometry"]
    assert mahallas["sector"].tolist() == ["2", "1", "1"]
    assert sentence(path, groups={"name": "sektor"}) == (
        "[mahallas.groups] 'name' is the name of a column already; choose another"
    )


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_table_is_joined_to_its_polygons(tmp_path: Path, ending):
    polygons = layer(mahalla_code=["1726266012", "1726266003", "9"])[["mahalla_code", "geometry"]]
    shapes = write(polygons.rename(columns={"mahalla_code": "kadastr"}), tmp_path / "p.gpkg")
    table = pd.DataFrame(layer().drop(columns="geometry")).rename(columns={"mahalla_code": "kod"})
    path = tmp_path / f"m{ending}"
    table.to_csv(path, index=False) if ending == ".csv" else table.to_excel(path, index=False)
    mahallas = read_mahallas(path, columns=FULL | {"code": "kod"}, polygons=shapes)
    assert mahallas.geometry.notna().tolist() == [True, False, True]
    assert mahallas["area_km2"].notna().tolist() == [True, False, True]
    np.testing.assert_array_equal(mahallas["population"], [0, np.nan, 4170])
    assert mahallas.attrs["found"]["without_polygon"] == 1
    assert mahallas.attrs["found"]["joined"] == {
        "column": "kadastr", "rows_without_polygon": 1, "polygons_without_row": 1,
    }  # fmt: skip


def test_a_table_needs_the_column_its_codes_are_in(tmp_path: Path):
    path = tmp_path / "m.csv"
    pd.DataFrame(layer().drop(columns="geometry")).to_csv(path, index=False)
    assert sentence(path) == (
        "FILE: no polygons, it is only a table; set [mahallas] polygons to the layer that has them"
    )
    codes = layer()["mahalla_code"]
    twice = layer(a=codes, b=codes)[["a", "b", "geometry"]]
    assert sentence(path, polygons=write(twice, tmp_path / "twice.gpkg")) == (
        "FOLDER/twice.gpkg: one column must hold the codes of the table, such as '1726266003', and "
        "the columns a, b do; rename the right one to 'mahalla_code'"
    )
    none = layer(a=["x", "y", "z"])[["a", "geometry"]]
    assert sentence(path, polygons=write(none, tmp_path / "none.gpkg")) == (
        "FOLDER/none.gpkg: one column must hold the codes of the table, such as '1726266003', and "
        "none of its columns does; rename the right one to 'mahalla_code'"
    )
    parts = layer(mahalla_code=["1726266012", "1726266012", "1726266007"])
    assert sentence(path, polygons=write(parts, tmp_path / "parts.gpkg")) == (
        "FOLDER/parts.gpkg: the code '1726266012' has several polygons; dissolve the parts of a "
        "mahalla into one"
    )


VERSIONS = {
    "mahalla_code": ["7", "7", "8"],
    "mahalla_nomi": ["old", "new", "other"],
    "valid_from": [None, "2024-06-01", "2024-01-01"],
    "valid_to": ["2024-06-01", None, "2024-12-31"],
}
DATED = FULL | {"valid_from": "valid_from", "valid_to": "valid_to"}


@pytest.mark.parametrize(
    ("on", "names"),
    [
        (datetime.date(2023, 12, 31), ["old"]),
        (datetime.date(2024, 1, 1), ["old", "other"]),
        (datetime.date(2024, 5, 31), ["old", "other"]),
        (datetime.date(2024, 6, 1), ["new", "other"]),
        (datetime.date(2024, 12, 31), ["new", "other"]),
        (datetime.date(2025, 1, 1), ["new"]),
        (None, ["new", "other"]),
    ],
)
def test_the_version_valid_on_the_day_is_kept(tmp_path: Path, on, names):
    path = write(layer(**VERSIONS), tmp_path / "m.gpkg")
    mahallas = read_mahallas(path, columns=DATED, on=on)
    assert mahallas["name"].tolist() == names
    assert mahallas.index.is_unique
    assert mahallas.attrs["found"]["versions"] == {"rows": 3, "kept": len(names)}


@pytest.mark.parametrize(
    ("columns", "options", "expected"),
    [
        (
            {"valid_to": ["2024-06-02", None, None]},
            {},
            "FILE: the mahalla '7' has versions whose dates overlap; correct valid_from and "
            "valid_to",
        ),
        (
            {"valid_to": [None, "2023-01-01", None]},
            {},
            "FILE: the mahalla '7' ends before it begins; correct valid_from and valid_to",
        ),
        (
            {"valid_from": ["2024-06-01"] * 3},
            {},
            "FILE: the code '7' is in several rows (1, 2); dissolve the parts of a mahalla into "
            "one row, or give valid_from and valid_to of its versions",
        ),
        (
            {"valid_from": ["2024-06-01", "soon", None]},
            {},
            "FILE: 'soon' in the column 'valid_from' is not a day; write it like 2025-01-31 or "
            "31.01.2025",
        ),
        (
            {"valid_to": ["2024-02-01", "2024-07-01", "2024-03-01"]},
            {"on": datetime.date(2025, 1, 1)},
            "FILE: no mahalla is valid on 2025-01-01; check valid_from and valid_to",
        ),
    ],
)
def test_versions_that_contradict_each_other_are_refused(
    tmp_path: Path, columns, options, expected
):
    path = write(layer(**(VERSIONS | columns)), tmp_path / "m.gpkg")
    assert sentence(path, columns=DATED, **options) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"mahalla_code": ["7", "7", "8"]},
            "FILE: the code '7' is in several rows (1, 2); dissolve the parts of a mahalla into "
            "one row, or give valid_from and valid_to of its versions",
        ),
        (
            {"mahalla_code": ["1.71E+09", "7", "8"]},
            "FILE, column 'mahalla_code': a spreadsheet shortened the code to '1.71E+09' and its "
            "last digits are gone; format the column as text and export it again",
        ),
        (
            {"mahalla_code": ["", None, " "]},
            "FILE: the column 'mahalla_code' is empty; it must hold the codes",
        ),
        (
            {"aholi_soni": ["4170", "-1", None]},
            "FILE: the population '-1' is not a number of people; correct the column 'aholi_soni' "
            "or leave the cell empty",
        ),
        (
            {"aholi_soni": ["4170", "many", None]},
            "FILE: the population 'many' is not a number of people; correct the column "
            "'aholi_soni' or leave the cell empty",
        ),
        (
            {"aholi_soni": ["4.170", "812", None]},
            "FILE: the population '4.170' reads as thousands and as a decimal; write the column "
            "'aholi_soni' without points",
        ),
    ],
)
def test_attributes_that_cannot_be_read_are_refused(tmp_path: Path, columns, expected):
    assert sentence(write(layer(**columns), tmp_path / "m.gpkg")) == expected


def test_a_heading_that_is_not_there(tmp_path: Path):
    path = write(layer(), tmp_path / "m.gpkg")
    assert sentence(path, columns={"code": "mahala_code"}) == (
        "FILE: there is no column 'mahala_code'; did you mean 'mahalla_code'?"
    )


def test_a_row_without_code_is_left_out_and_said(tmp_path: Path):
    path = write(layer(mahalla_code=["7", None, "8"]), tmp_path / "m.gpkg")
    mahallas = read_mahallas(path, columns=FULL)
    assert mahallas.index.tolist() == ["7", "8"]
    assert mahallas.attrs["found"]["rows_without_code"] == [2]


def test_files_that_are_no_layer(tmp_path: Path):
    assert sentence(tmp_path / "m.gpkg") == "FILE: no such file; check the path"
    broken = tmp_path / "broken.gpkg"
    broken.write_text("not a database")
    assert sentence(broken) == "FILE: cannot be read as a layer; export it again"
    broken = tmp_path / "broken.parquet"
    broken.write_text("not a table")
    assert sentence(broken) == "FILE: cannot be read as Parquet; export it again"
    russian = tmp_path / "m.geojson"
    russian.write_bytes(
        write(layer(), tmp_path / "u.geojson").read_bytes().replace(b"tum", b"\xf2")
    )
    assert sentence(russian) == "FILE: the texts are not UTF-8; set [mahallas] encoding"
    points = layer().assign(geometry=layer().to_crs(32642).centroid.to_crs(4326))
    assert sentence(write(points, tmp_path / "points.gpkg")) == (
        "FILE: no polygons, the geometries are Point; choose a layer of polygons"
    )
    empty = write(layer().iloc[:0], tmp_path / "empty.gpkg")
    assert sentence(empty) == "FILE: the layer is empty; give a layer of mahalla polygons"
    short = layer()[["mahalla_code", "geometry"]].rename(columns={"mahalla_code": "mahalla_co"})
    bare = write(short, tmp_path / "bare.shp")
    bare.with_suffix(".prj").unlink()
    assert sentence(bare, columns={"code": "mahalla_co"}) == (
        "FILE: no CRS is declared, so metres are unknown; set [mahallas] crs, for example EPSG:4326"
    )
    assert (
        read_mahallas(bare, columns={"code": "mahalla_co"}, crs="EPSG:4326").crs.to_epsg() == 32642
    )


def test_a_layer_is_chosen_by_name_where_there_are_several(tmp_path: Path):
    path = write(layer(), tmp_path / "m.gpkg", layer="mahallas")
    write(layer(mahalla_code=["1", "2", "3"]), path, layer="districts")
    assert sentence(path) == (
        "FILE: several layers may be the mahallas (districts, mahallas); set [mahallas] layer to "
        "one of them"
    )
    assert sentence(path, layer="mahalla") == (
        "FILE: there is no layer 'mahalla'; did you mean 'mahallas'?"
    )
    assert read_mahallas(path, columns=FULL, layer="districts").index.tolist() == ["1", "2", "3"]


def test_the_only_layer_of_polygons_is_taken(tmp_path: Path):
    path = write(layer(), tmp_path / "m.gpkg", layer="mahallas")
    points = layer().assign(geometry=[shapely.Point(69.2, 41.3)] * 3)
    write(points, path, layer="posts")
    assert read_mahallas(path, columns=FULL).attrs["found"]["layer"] == "mahallas"


def test_polygons_are_repaired_and_listed(tmp_path: Path):
    bow_tie = shapely.from_wkt(
        "POLYGON ((69.2 41.3, 69.21 41.31, 69.21 41.3, 69.2 41.31, 69.2 41.3))"
    )
    mixed = shapely.GeometryCollection([SQUARES[1], shapely.Point(69.2, 41.3)])
    frame = layer().assign(geometry=[bow_tie, mixed, None])
    mahallas = read_mahallas(write(frame, tmp_path / "m.geojson"), columns=FULL)
    # the wings of the tie are half of its square
    half = gpd.GeoSeries(SQUARES[:1], crs=4326).to_crs(32642).area[0] / 2e6
    note = f"self-intersection repaired, area 0.0000 -> {half:.4f} km2"
    assert mahallas["repair"].tolist() == [
        "polygons taken out of a collection", "", note,
    ]  # fmt: skip
    assert mahallas.geometry.isna().tolist() == [False, True, False]
    assert mahallas.attrs["found"]["repaired"] == [
        ["1726266003", "polygons taken out of a collection"],
        ["1726266012", note],
    ]


def test_the_order_of_rows_does_not_matter(tmp_path: Path):
    frame = layer()
    mahallas = read_mahallas(write(frame, tmp_path / "a.gpkg"), columns=FULL)
    again = read_mahallas(write(frame.iloc[::-1], tmp_path / "b.gpkg"), columns=FULL)
    pd.testing.assert_frame_equal(again, mahallas)
    assert again.attrs == mahallas.attrs


def test_cells_of_a_register():
    assert as_text(pd.Series([1.0, 2.5])).tolist() == ["1.0", "2.5"]
    people = as_population(pd.Series(["1 234", "1,234,567", "12.5"]), source="")
    assert people.tolist() == [1234, 1234567, 12.5]
    days = as_days(pd.Series(["2025-01-31", "31.01.2025", "2025-01-31 00:00:00", ""]), source="")
    assert days.dropna().unique().tolist() == [pd.Timestamp("2025-01-31")]


REAL = {
    "uz_mahalla_chinoz/mahalla.geojson": ({"code": "mahalla_id"}, 55, 337.24),
    "toronto_mci/nh_profiles_short_2016.geojson": (
        {"code": "OBJECTID", "population": "Total_Popu"}, 140, 642.5,
    ),
    "toronto_mci/neighbourhood-crime-rates.geojson": (
        {"code": "Hood_ID", "population": "F2020_Population_Projection"}, 140, 642.5,
    ),
    "uz_tashkent_zones/tashkent_mahalla_voronoi_DERIVED.gpkg": ({"code": "uId"}, 505, None),
    "messy_formats/medellin_comunas.gpkg": ({"code": "COMUNA"}, 21, None),
    "stlouis_part1/stl_neighborhoods.geojson": (
        {"code": "neighborhood_id", "population": "total_population"}, 89, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", REAL)
def test_real_layers(shared: Path, path):
    columns, rows, km2 = REAL[path]
    mahallas = read_mahallas(shared / path, columns=columns)
    assert len(mahallas) == rows
    polygons = mahallas.geometry.dropna()
    assert polygons.is_valid.all()
    assert set(polygons.geom_type) <= {"Polygon", "MultiPolygon"}
    if km2:
        # the sums of the areas stated beside the data
        assert mahallas["area_km2"].sum() == pytest.approx(km2, abs=0.05)


def test_what_is_known_of_real_layers(shared: Path):
    louis, hoods, medellin = (
        read_mahallas(shared / path, columns=REAL[path][0])
        for path in (
            "stlouis_part1/stl_neighborhoods.geojson",
            "toronto_mci/neighbourhood-crime-rates.geojson",
            "messy_formats/medellin_comunas.gpkg",
        )
    )
    assert louis.attrs["found"]["without_polygon"] == 1
    assert louis["population"].sum() == 301_578
    assert hoods["population"].sum() == 3_042_042
    assert len(medellin.attrs["found"]["repaired"]) == 1


def test_west_yorkshire_from_its_table_of_people(shared: Path):
    folder = shared / "west_yorkshire_street"
    columns = {"code": "LSOA Code", "name": "LSOA Name", "population": "Persons"}
    mahallas = read_mahallas(
        folder / "wy_lsoa_population_2011.csv",
        columns=columns,
        polygons=folder / "wy_lsoa_2011.gpkg",
    )
    found = mahallas.attrs["found"]
    assert found["joined"] == {
        "column": "LSOA11CD", "rows_without_polygon": 0, "polygons_without_row": 0,
    }  # fmt: skip
    assert len(found["repaired"]) == 8
    # the census of 2011 counted 2,226,058 people there
    assert mahallas["population"].sum() == 2_226_058


@pytest.mark.parametrize(
    ("name", "code", "rows"),
    [("tashkent_districts", "ADM2_EN", 12), ("uzbekistan_regional", "ADM1_EN", 14)],
)
def test_collections_of_the_whole_country(shared: Path, name, code, rows):
    mahallas = read_mahallas(shared / "uz_admin" / f"{name}.geojson", columns={"code": code})
    assert len(mahallas) == rows
    assert mahallas.geometry.is_valid.all()
    assert len(mahallas.attrs["found"]["repaired"]) == rows
    if rows == 14:
        # the country is 448,900 square kilometres large
        assert mahallas["area_km2"].sum() == pytest.approx(448_900, rel=0.005)
        assert mahallas.attrs["found"]["metric_crs"].startswith("Lambert azimuthal equal area")


def test_a_column_of_numbers_and_words_is_read_without_a_warning(tmp_path: Path, recwarn):
    square = [[[69, 41], [69, 42], [70, 42], [69, 41]]]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": square},
        }
        for code in (1, "x")
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    frame, _ = read_layer(path)
    assert frame["code"].tolist() == ["1", "x"]
    assert not recwarn.list
