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
from hotspot.language import LANGUAGES, speaking
from hotspot.maps.compact import ALPHABET, share_sentences
from hotspot.maps.density_image import DensityImage, draw_density
from hotspot.maps.offline_page import refuse_links
from hotspot.maps.outlines import encode_polygon, simplify_polygons
from hotspot.maps.web_map import notebook_view, web_map
from hotspot.maps.web_texts import Texts
from hotspot.maps.web_words import say_words
from hotspot.palette import ACCESSIBLE_COLOURS, CATEGORIES


def read_data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def decode_naturals(text: str) -> list[int]:
    """Read letters back, as the page does."""
    numbers, number, unit = [], 0, 1
    for letter in text:
        digit = ALPHABET.index(letter)
        number += digit % 32 * unit
        unit *= 32
        if digit < 32:
            numbers.append(number)
            number, unit = 0, 1
    return numbers


def read_reasons(data: dict[str, Any], language: str) -> list[str]:
    """Put the reasons together again, as the page does."""
    words = data["words"][language]

    def write(figure: str) -> str:
        return figure.replace(".", words["decimal"]).replace("'", words["group"])

    read = []
    for line in data["reasons"]:
        form, *figures = line.split(" ")
        parts = data["forms"][language][int(form)].split("\x1f")
        # every other part is a figure's place
        parts[1::2] = [write(figures[int(place)]) for place in parts[1::2]]
        read.append("".join(parts))
    return read


def decode(text: str) -> shapely.MultiPolygon:
    def read(ring: str) -> np.ndarray:
        steps = [-(n + 1) // 2 if n % 2 else n // 2 for n in decode_naturals(ring)]
        return np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 100_000

    parts = [[read(ring) for ring in part.split(",")] for part in text.split(";")]
    return shapely.MultiPolygon([(part[0], part[1:]) for part in parts])


def read_levels(image: DensityImage) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(b64decode(image.data_uri.partition(",")[2]))))


def test_holds_every_mahalla_and_every_polygon(table):
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", unplaced=3))
    assert data["codes"] == list(table.index)
    assert [bool(shape) for shape in data["shapes"]] == [i not in (8, 10) for i in range(12)]
    assert data["categories"] == list("rygg" + "yr" + "ggnyrg")
    assert data["months"] == ["2025-01"]


def test_says_what_the_map_is_not(table):
    page = web_map(table, title="Kashkadarya", month="2025-01", unplaced=3)
    words = read_data(page)["words"]["en"]
    assert words["remark"] == "Analytical map, not an official list."
    assert words["green_note"] == "Green means no counted offense in the window, not safety."
    assert read_data(page)["unplaced"] == 3


def test_every_word_of_the_page_is_in_the_table_of_words(table):
    page = web_map(table, title="Kashkadarya", month="2025-01")
    words = read_data(page)["words"]["en"]
    named = set(re.findall(r'data-(?:word|label|hint)="([^"$]+)"', page))
    named |= set(re.findall(r'\bword\("([^"]+)"', page))
    assert len(named) > 50
    assert named - set(words) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_and_their_places(language):
    english = say_words()
    with speaking(language):
        words = say_words()
    assert set(words) == set(english)
    for key, text in words.items():
        forms = text.values() if isinstance(text, dict) else [text]
        own = english[key]
        places = {str(p) for p in re.findall(r"{(\w+)}", str(own))}
        for form in forms:
            # of one thing the number may go without saying
            assert set(re.findall(r"{(\w+)}", str(form))) | {"n"} == places | {"n"}, (key, form)


def test_holds_the_past_in_letters(table, past):
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", **past))
    assert data["months"] == ["2024-10", "2024-11", "2024-12", "2025-01"]
    assert data["categories"][:2] == ["yrrr", "rrry"]
    # the first window ends in October 2024; the 24 months before January 2025 begin earlier
    assert data["countMonths"][0] == "2023-02"
    # each number one higher, as zero says that it is missing
    assert decode_naturals(data["counts"][11]) == [12] * 24
    assert data["years"][-4:] == [1, 1, 1, 1]
    assert decode_naturals(data["neighbours"][0]) == [2, 8]


def test_a_month_without_any_record_is_no_part_of_a_year(table, past):
    past["counts"][pd.Period("2024-12", freq="M")] = 0
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", **past))
    assert data["years"][-2:] == [round(11 / 12, 4)] * 2


def test_a_row_missing_in_the_past_is_missing_and_not_zero(table, past):
    past["counts"] = past["counts"].drop(index=table.index[0])
    past["history"].loc[table.index[1], past["history"].columns[0]] = None
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", **past))
    assert set(data["counts"][0]) == {"A"}
    assert data["categories"][1] == "-rry"


def test_reasons_lose_nothing(table):
    table["reason"] = [f"count {i} is not >= 3; p {i / 7:.3g} | 1e-05" for i in range(12)]
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert read_reasons(data, "en") == table["reason"].tolist()


def test_reasons_of_every_language_share_their_figures(table):
    shares = [0.5, 0.25, 1, 0.125] * 3
    counts = [3, 1200, 45, 999, 1, 1_000_000] * 2
    english = [f"count {n:,} is >= 3; p {p}" for n, p in zip(counts, shares, strict=True)]
    # another order, and Russian marks in the numbers
    russian = [
        f"p {p}".replace(".", ",") + f"; число {n:,} не меньше 3".replace(",", "\xa0")
        for n, p in zip(counts, shares, strict=True)
    ]
    table["reason"] = english
    other = Texts("Кашкадарья", reasons=pd.Series(russian, table.index))
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", others={"ru": other}))
    assert data["languages"] == ["en", "ru"]
    assert read_reasons(data, "en") == english
    assert read_reasons(data, "ru") == russian
    # one form, and only what differs: the count and the share
    assert [len(forms) for forms in data["forms"].values()] == [1, 1]
    assert data["reasons"][1] == "0 1'200 0.25"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.text("ab 019.,'-e\xa0", max_size=12)] * 3), min_size=1, max_size=6))
def test_any_sentences_come_back_from_what_they_share(rows):
    versions = [list(version) for version in zip(*rows, strict=True)]
    marks = [(",", "."), ("\xa0", ","), (" ", ",")]
    forms, lines = share_sentences(versions, marks)
    for version, own, (group, decimal) in zip(versions, forms, marks, strict=True):
        words = {"en": {"group": group, "decimal": decimal}}
        read = read_reasons({"words": words, "forms": {"en": own}, "reasons": lines}, "en")
        assert read == version


def test_the_page_opens_in_the_language_spoken(table):
    with speaking("ru"):
        page = web_map(table, title="Кашкадарья", month="2025-01", others={"en": Texts("English")})
    assert '<html lang="ru">' in page
    assert "<title>Кашкадарья, январь 2025</title>" in page
    data = read_data(page)
    assert data["languages"] == ["ru", "en"]
    assert data["texts"]["en"] == {"title": "English", "criteria": "", "notes": []}
    assert (data["words"]["ru"]["group"], data["words"]["ru"]["decimal"]) == ("\xa0", ",")
    assert data["words"]["ru"]["months"][0] == "январь {year}"


def test_names_in_other_scripts_stand_once_and_only_where_they_differ(table):
    table["name_ru"] = ["Гулистан", None, *table["name"].iloc[2:]]
    table["name_cyrl"] = None
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert data["own"] == {"ru": ["Гулистан", *[""] * 11]}


def test_holds_the_bins_of_every_month_as_digits(table, past):
    months = past["history"].columns
    bins = pd.DataFrame({month: [k - 3, None] + [0] * 10 for k, month in enumerate(months)})
    past["gi_bins"] = bins.set_axis(table.index).drop(columns=months[0])
    table["gi_bin"] = [0, None] + [0] * 10
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", **past))
    assert data["bins"][:3] == ["-123", "----", "-333"]
    assert [layer["months"] for layer in data["layers"] if layer["key"] == "gi_bin"] == [True]


def test_holds_what_would_turn_each_mahalla(table):
    flips = pd.DataFrame(
        {
            "more": [np.nan, 3.0],
            "category_more": [None, "red"],
            "fewer": [2.0, 1.0],
            "category_fewer": ["yellow", "green"],
        },
        index=table.index[:2],
    )
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01", flips=flips))
    assert data["flips"] == {
        "more": ["", "3r", *[""] * 10],
        "fewer": ["2y", "1g", *[""] * 10],
    }


def test_a_layer_stands_for_numbers_that_are_there(table, past, density):
    table["rate"] = np.arange(12.0)
    table["gi_bin"] = pd.array([3, *[0] * 10, None], dtype="Int64")
    table["pattern"] = ["new_hot", *["no_pattern"] * 10, None]
    table["red_probability"] = np.linspace(0, 1, 12)
    page = web_map(table, title="Kashkadarya", month="2025-01", density=density, **past)
    assert [layer["key"] for layer in read_data(page)["layers"]] == [
        "category", "count", "rate", "gi_bin", "density", "change", "pattern", "red_probability",
    ]  # fmt: skip
    bare = table[["name", "district", "category", "geometry"]]
    layers = read_data(web_map(bare, title="Kashkadarya", month="2025-01"))["layers"]
    assert [layer["key"] for layer in layers] == ["category"]


def test_same_bytes_whatever_was_drawn_before_and_however_rows_lie(table, past, density):
    how = {"title": "Kashkadarya", "month": "2025-01", "density": density}
    first = web_map(table, **how, **past)
    web_map(table.iloc[:3], title="Another", month="2024-12")
    shuffled = {key: of if key == "window" else of.sample(frac=1) for key, of in past.items()}
    assert web_map(table.sample(frac=1, random_state=7), **how, **shuffled) == first


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


@settings(max_examples=25, deadline=None)
@given(name=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=100))
def test_any_name_survives_the_page(name):
    frame = gpd.GeoDataFrame(
        {"name": [name], "district": [name], "category": ["red"]},
        index=pd.Index(["1710207001"], name="mahalla_code"),
        geometry=[shapely.box(400_000, 4_290_000, 401_000, 4_291_000)],
        crs="EPSG:32642",
    )
    data = read_data(web_map(frame, title=name, month="2025-01"))
    assert data["names"] == [name.strip() or "1710207001"]
    assert [place["district"] for place in data["places"]] == (
        [name.strip()] if name.strip() else []
    )


def test_shows_no_count_where_the_table_has_none(table):
    public = table.drop(columns=["count", "reason"])
    data = read_data(web_map(public, title="Kashkadarya", month="2025-01"))
    assert (data["numbers"], data["counts"], data["forms"]) == ({}, [], {"en": [""]})


def test_a_mahalla_without_name_is_called_by_its_code(table):
    table["name"] = None
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert data["names"] == data["codes"]


def test_takes_the_accessible_colours(table):
    data = read_data(
        web_map(table, title="Kashkadarya", month="2025-01", colours=ACCESSIBLE_COLOURS)
    )
    assert list(data["palette"]) == list(CATEGORIES)
    assert {key: colours[0] for key, colours in data["palette"].items()} == {
        key: ACCESSIBLE_COLOURS[key] for key in CATEGORIES
    }


def test_districts_and_regions_are_dissolved(table):
    table["region"] = ["Qashqadaryo"] * 6 + ["Surxondaryo"] * 6
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert [place["district"] for place in data["places"]] == ["Gʻuzor", "Dehqonobod"]
    assert data["home"] == [0] * 6 + [1] * 6
    for outlines in (data["outlines"], data["regions"]):
        shapes = gpd.GeoSeries([decode(text) for text in outlines], crs="EPSG:4326")
        # six squares of a kilometre, and four with polygons, to the metre that is rounded to
        areas = shapes.to_crs("EPSG:32642").area.tolist()
        assert areas == pytest.approx([6e6, 4e6], rel=2e-3)


def test_two_districts_of_one_name_stay_two(table):
    table["region"] = ["Qashqadaryo"] * 6 + ["Surxondaryo"] * 6
    table["district"] = "Yangiobod"
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert data["home"] == [0] * 6 + [1] * 6
    assert len(data["outlines"]) == 2


def test_a_table_without_districts_has_no_outlines(table):
    table["district"] = None
    data = read_data(web_map(table, title="Kashkadarya", month="2025-01"))
    assert (data["places"], data["outlines"], set(data["home"])) == ([], [], {-1})


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


def test_says_where_the_history_does_not_fit(table, past):
    with pytest.raises(InputError) as caught:
        web_map(table, title="Kashkadarya", month="2025-02", **past)
    sentence = "the history of categories has no 2025-02: give it up to the month"
    assert str(caught.value) == sentence
    with pytest.raises(InputError) as caught:
        web_map(table, title="Kashkadarya", month="2024-11", **past)
    sentence = "the history's categories of 2024-11 are not those of the table"
    assert str(caught.value) == sentence
