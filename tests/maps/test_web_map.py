"""The page as text: whole, alone, the same every time, and safe whatever a name holds."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from io import BytesIO
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyproj import Transformer

from hotspot.errors import InputError
from hotspot.maps.density_image import DensityImage, draw_density
from hotspot.maps.offline_page import refuse_links
from hotspot.maps.outlines import encode_polygon, simplify_polygons
from hotspot.maps.web_map import notebook_view, web_map
from hotspot.palette import ACCESSIBLE_COLOURS, CATEGORIES


def read_data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="mahallas">(.*?)</script>', page)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def decode(parts: list[list[list[int]]]) -> shapely.MultiPolygon:
    rings = [[np.cumsum(np.reshape(r, (-1, 2)), axis=0) / 100_000 for r in p] for p in parts]
    return shapely.MultiPolygon([(part[0], part[1:]) for part in rings])


def read_levels(image: DensityImage) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(b64decode(image.data_uri.partition(",")[2]))))


def test_draws_every_polygon_and_names_the_rest(table):
    page = web_map(table, title="Kashkadarya", month="2025-01", unplaced=3)
    data = read_data(page)
    assert len(data["mahallas"]) == 10
    assert "2 mahallas without polygon: 1 red, 1 not assessed" in page
    assert "Guliston 9 MFY" in page
    assert "3 records could not be placed and are in no mahalla" in page
    # counted by hand in the table, polygons or not
    assert re.findall(r"<span>([\w ]+)</span><b>(\d+)</b>", page) == [
        ("Red", "3"),
        ("Yellow", "3"),
        ("Green", "5"),
        ("Not assessed", "1"),
    ]


def test_says_what_the_map_is_not(table):
    page = web_map(table, title="Kashkadarya", month="2025-01")
    assert "Analytical map, not an official list" in page
    assert "Green means no counted offense in the window, not safety." in page
    assert "January 2025" in page


def test_same_bytes_whatever_was_drawn_before_and_however_rows_lie(table, density):
    first = web_map(table, title="Kashkadarya", month="2025-01", density=density)
    web_map(table.iloc[:3], title="Another", month="2024-12")
    shuffled = table.sample(frac=1, random_state=7)
    assert web_map(shuffled, title="Kashkadarya", month="2025-01", density=density) == first


def test_leaves_the_table_as_it_was(table):
    before = table.copy()
    web_map(table, title="Kashkadarya", month="2025-01")
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before))


def test_holds_no_link_and_forbids_every_request(table, density):
    page = web_map(table, title="Kashkadarya", month="2025-01", density=density)
    refuse_links(page)
    assert "<link" not in page
    assert "default-src 'none'" in page[:400]
    assert not re.search(r"<script[^>]+src", page)
    assert "sourceMappingURL" not in page


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="style.css">',
        '<p style="background:url(//cdn.example/a.png)">',
        "<style>@import 'x.css';</style>",
        "<style>p { background: url('images/a.png') }</style>",
    ],
)
def test_refuses_a_page_with_a_link(markup):
    with pytest.raises(ValueError, match="would not open without a network"):
        refuse_links(f"<html><head>{markup}</head></html>")


def test_writes_hostile_names_as_text(hostile):
    page = web_map(hostile, title="</title><script>alert(3)</script>", month="2025-01")
    names = [row[0] for row in read_data(page)["mahallas"]]
    assert "<script>alert(1)</script>" in names
    assert "{{x}} {% raw %} {# note #}" in names
    assert "N" * 119 + "…" in names
    assert "<script>alert" not in page
    assert "<img" not in page


@settings(max_examples=25, deadline=None)
@given(name=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=100))
def test_any_name_survives_the_page(name):
    frame = gpd.GeoDataFrame(
        {"name": [name], "district": [name], "category": ["red"], "reason": [name]},
        index=pd.Index(["1710207001"], name="mahalla_code"),
        geometry=[shapely.box(400_000, 4_290_000, 401_000, 4_291_000)],
        crs="EPSG:32642",
    )
    shown = read_data(web_map(frame, title=name, month="2025-01"))["mahallas"][0]
    assert (shown[0], shown[4]) == (name.strip() or "1710207001", name.strip())


def test_shows_no_count_where_the_table_has_none(table):
    public = table.drop(columns=["count", "reason"])
    rows = read_data(web_map(public, title="Kashkadarya", month="2025-01"))["mahallas"]
    assert {(row[3], row[4]) for row in rows} == {(None, "")}


def test_a_mahalla_without_name_is_called_by_its_code(table):
    table["name"] = None
    page = web_map(table, title="Kashkadarya", month="2025-01")
    assert read_data(page)["mahallas"][0][0] == "1710207001"
    assert "<bdi>1710212009</bdi>" in page


def test_takes_the_accessible_colours(table):
    data = read_data(
        web_map(table, title="Kashkadarya", month="2025-01", colours=ACCESSIBLE_COLOURS)
    )
    assert [entry["colour"] for entry in data["categories"]] == [
        ACCESSIBLE_COLOURS[category] for category in CATEGORIES
    ]


def test_districts_are_dissolved(table):
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert data["districts"] == ["Dehqonobod", "Gʻuzor"]
    outline = gpd.GeoSeries([decode(data["outlines"][1])], crs="EPSG:4326").to_crs("EPSG:32642")
    # six squares of a kilometre, to the metre that coordinates are rounded to
    assert outline.area.iloc[0] == pytest.approx(6e6, rel=2e-3)


def test_a_table_without_districts_has_no_district_layer(table):
    table["district"] = None
    page = web_map(table, title="Kashkadarya", month="2025-01")
    assert "= drawDistricts(" not in page
    assert {row[1] for row in read_data(page)["mahallas"]} == {-1}


def test_encoded_polygon_keeps_holes_and_parts():
    outside = shapely.box(66, 38, 66.1, 38.1)
    hole = shapely.box(66.02, 38.02, 66.04, 38.04)
    polygon = shapely.MultiPolygon([outside.difference(hole), shapely.box(67, 38, 67.1, 38.1)])
    assert decode(encode_polygon(polygon)).equals_exact(polygon, 1e-5, normalize=True)


def test_simplified_neighbours_still_share_their_border():
    # two halves of a field along a wavy line of 4,000 vertices, five metres apart
    t = np.linspace(0, 1, 4_000)
    line = np.column_stack([20_000 * t, 300 * np.sin(40 * t) + 20 * np.sin(900 * t)])
    upper = shapely.Polygon([*line, (20_000, 9_000), (0, 9_000)])
    lower = shapely.Polygon([*line, (20_000, -9_000), (0, -9_000)])
    simple = simplify_polygons(gpd.GeoSeries([upper, lower], crs="EPSG:32642"))
    first, second = simple
    assert shapely.get_num_coordinates(first) < 2_000
    assert shapely.coverage_is_valid(simple.to_numpy())
    assert first.union(second).area == pytest.approx(20_000 * 18_000)


def test_overlapping_polygons_are_simplified_all_the_same():
    disc = shapely.Point(0, 0).buffer(5_000, quad_segs=200)
    overlapping = gpd.GeoSeries([disc, shapely.affinity.translate(disc, 3_000, 40)], crs=32642)
    simple = simplify_polygons(overlapping)
    assert simple.is_valid.all()
    assert simple.area.to_numpy() == pytest.approx(overlapping.area.to_numpy(), rel=1e-3)


def test_density_peak_lies_where_it_was_computed(density, table):
    image = draw_density(density, table.geometry.dropna())
    levels = read_levels(image)
    row, column = np.argwhere(levels == levels.max()).mean(axis=0)
    (south, west), (north, east) = image.bounds
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:32642", always_xy=True)
    # so small a picture is straight in degrees to a fraction of its pixel
    x, y = to_metres.transform(
        west + (column + 0.5) / levels.shape[1] * (east - west),
        north - (row + 0.5) / levels.shape[0] * (north - south),
    )
    assert (x, y) == (pytest.approx(402_000, abs=60), pytest.approx(4_291_500, abs=60))
    assert image.highest == pytest.approx(30, rel=0.02)


def test_density_of_nothing_is_transparent():
    x = np.array([400_000.0, 401_000, 402_000])
    region = gpd.GeoSeries([shapely.box(4e5, 429e4, 402e3, 4292e3)], crs="EPSG:32642")
    image = draw_density((np.zeros((3, 3)), x, x + 3_890_000, "EPSG:32642"), region)
    assert image.highest == 0
    assert not read_levels(image).any()


def test_density_is_drawn_inside_the_region_only():
    x = np.arange(400_050.0, 410_000, 100)
    disc = gpd.GeoSeries([shapely.Point(405_000, 4_295_000).buffer(3_000)], crs="EPSG:32642")
    even = np.ones((100, 100))
    levels = read_levels(draw_density((even, x, x + 3_890_000, "EPSG:32642"), disc))
    # the disc's share of the square of ten kilometres, which lies askew in its picture
    assert (levels > 0).mean() == pytest.approx(disc.area[0] / 1e8, rel=0.05)


def test_notebook_shows_the_page_in_a_frame(table):
    page = web_map(table, title="Kashkadarya", month="2025-01")
    shown = notebook_view(page, height=450)._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert shown.endswith('style="width:100%;height:450px;border:0"></iframe>')


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda t: t.drop(columns="district"),
            "the table of mahallas has no column 'district': the map needs it",
        ),
        (
            lambda t: t.assign(category="purple"),
            "unknown category 'purple': the map draws red, yellow, green, not_assessed only",
        ),
        (
            lambda t: t.to_crs("EPSG:4326"),
            "the table of mahallas has the CRS EPSG:4326 in degrees: "
            "bring it to a CRS in metres first",
        ),
        (
            lambda t: t.set_crs(None, allow_override=True),
            "the table of mahallas has no CRS: bring it to a CRS in metres first",
        ),
        (
            lambda t: t.set_geometry(gpd.GeoSeries([None] * 12, index=t.index, crs=t.crs)),
            "no mahalla has a polygon: there is nothing to draw",
        ),
    ],
)
def test_says_what_it_cannot_draw(table, change, sentence):
    with pytest.raises(InputError) as caught:
        web_map(change(table), title="Kashkadarya", month="2025-01")
    assert str(caught.value) == sentence
