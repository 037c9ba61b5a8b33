"""The atlas: every mahalla in one row, every page found, the same file every time."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.language import speaking
from hotspot.maps.atlas import draw_atlas
from hotspot.maps.atlas_map import open_map
from hotspot.maps.atlas_page import Book
from hotspot.maps.atlas_plan import list_districts, plan_chapters, split_rows
from hotspot.maps.pdf_pages import Pages
from hotspot.palette import COLOURS

WORDS = {"title": "Kashkadarya", "month": "2025-01"}


def count_pages(written: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", written))


def make_table(number: int, districts: int) -> gpd.GeoDataFrame:
    """Return squares of a kilometre in rows of twenty, dealt out to districts."""
    places = [(i % 20 * 1000, i // 20 * 1000) for i in range(number)]
    return gpd.GeoDataFrame(
        {
            "name": [f"Mahalla{i:04d}" for i in range(number)],
            "district": [f"District {i % districts:02d}" for i in range(number)],
            "region": "Kashkadarya",
            "category": [("red", "yellow", "green", "not_assessed")[i % 4] for i in range(number)],
        },
        index=pd.Index([f"{i:05d}" for i in range(number)], name="mahalla_code"),
        geometry=[shapely.box(x, y, x + 1000, y + 1000) for x, y in places],
        crs="EPSG:32642",
    )


@given(total=st.integers(0, 3_000), first=st.integers(1, 100), rest=st.integers(1, 200))
def test_a_table_is_split_without_loss(total, first, rest):
    pages = split_rows(total, first, rest)
    assert sum(pages) == total
    assert pages[0] <= first
    assert all(0 < rows <= rest for rows in pages[1:])
    # no page is begun before the one before it is full
    assert all(
        rows == full for rows, full in zip(pages[:-1], [first] + [rest] * 3_000, strict=False)
    )


@settings(max_examples=60, deadline=None)
@given(
    districts=st.lists(
        st.tuples(st.sampled_from(["A", "B", None, ""]), st.sampled_from(["x", "y", "z", None])),
        min_size=1,
        max_size=40,
    ),
    first=st.integers(1, 9),
    rest=st.integers(1, 9),
)
def test_every_mahalla_has_one_row_on_one_page(districts, first, rest):
    codes = [f"{i:03d}" for i in range(len(districts))]
    table = gpd.GeoDataFrame(
        {"district": [d for _, d in districts], "region": [r for r, _ in districts]}, index=codes
    )
    chapters = plan_chapters(list_districts(table), page=2, first=first, rest=rest)
    assert sorted(code for c in chapters for code in c.district.mahallas.index) == codes
    assert all(sum(c.rows) == len(c.district.mahallas) for c in chapters)
    # pages follow one another without a gap
    page = 2
    for chapter in chapters:
        assert chapter.page == page
        page += len(chapter.rows)


def test_same_bytes_however_rows_lie(table):
    first = draw_atlas(table, **WORDS)
    assert draw_atlas(table, **WORDS) == first
    assert draw_atlas(table.sample(frac=1, random_state=7), **WORDS) == first


def test_an_overview_and_a_page_for_each_district(table):
    assert count_pages(draw_atlas(table, **WORDS)) == 3


def test_a_long_table_goes_on_to_further_pages():
    # two columns of 35 rows fit beneath the map, and of 65 on a page without: of the 297 mm of A4
    # stay 129.3 and 236.4 for rows of 3.6 mm
    for number, pages in ((70, 2), (71, 3), (200, 3), (201, 4)):
        assert count_pages(draw_atlas(make_table(number, 1), **WORDS)) == pages


def test_many_districts_make_an_index_of_several_pages():
    # 35 rows fit beneath the map and 65 on a page without
    assert count_pages(draw_atlas(make_table(101, 101), **WORDS)) == 101 + 3


def test_the_file_says_its_language_and_title(table):
    with speaking("uz_Cyrl"):
        written = draw_atlas(table, **WORDS)
    assert b"/Lang (uz-Cyrl-UZ)" in written
    assert b"/DisplayDocTitle true" in written


def test_no_clock_in_the_file(table):
    # what reportlab writes for a file without a clock
    dates = set(re.findall(rb"D:(\d+)", draw_atlas(table, **WORDS)))
    assert dates == {b"20000101000000"}


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_pages_have_the_papers_size(table, paper):
    width, height = {"A4": (210, 297), "A3": (297, 420)}[paper]
    found = re.search(
        rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+)", draw_atlas(table, **WORDS, paper=paper)
    )
    assert found is not None
    points = [float(part) for part in found.groups()]
    assert points == pytest.approx([width / 25.4 * 72, height / 25.4 * 72], abs=0.01)


def test_a_public_month_of_two_classes_is_drawn(table):
    table["category"] = np.where(table["category"] == "red", "red", "not_red")
    assert draw_atlas(table.drop(columns=["count", "reason"]), **WORDS)


def test_a_district_without_any_polygon_has_its_page_and_a_low_frame(table):
    table.loc[table["district"] == "Dehqonobod", "geometry"] = None
    assert count_pages(draw_atlas(table, **WORDS)) == 3
    book = Book(Pages("A4", title=""), "", "", (), (), COLOURS, 1)
    assert book.map_height(6, table.iloc[:6]) > 90
    assert book.map_height(6, table.iloc[6:]) == 24


def test_one_small_square_is_a_map_too(table):
    assert draw_atlas(table.iloc[[0]], **WORDS)


def test_names_are_text_and_cannot_break_the_file(table):
    names = [r"$x_1$ \alpha", "</Para> & <b>", "() \\ (", "%PDF-1.4 endobj", "\u202e\x00 מחלה 漢字"]
    names += ["x" * 10_000, "=HYPERLINK(1)", " ", "\n\n", "𝕬", "{name}", "%s %(x)s"]
    table["name"] = names
    table["district"] = [names[i % 4] for i in range(12)]
    assert draw_atlas(table, title=names[5], month="2025-01", criteria=names[1], source=names[4])


def test_what_is_shown_lies_inside_its_frame():
    pages = Pages("A4", title="Kashkadarya")
    frame = open_map(pages, (14, 30, 182, 120), (500_000, 4_300_000, 530_000, 4_310_000))
    corners = np.array([(500_000, 4_300_000), (530_000, 4_310_000)])
    (left, lower), (right, upper) = frame.place(corners)
    # five millimetres of air where the ground is widest, as much on both sides
    assert (left, right) == pytest.approx((14 + 5, 196 - 5))
    assert lower - (297 - 150) == pytest.approx((297 - 30) - upper)
    # a metre is as long across as up
    assert (right - left) / 30_000 == pytest.approx((upper - lower) / 10_000)
    assert frame.ground.contains(shapely.box(500_000, 4_300_000, 530_000, 4_310_000))


def test_says_which_paper_it_knows(table):
    with pytest.raises(InputError) as caught:
        draw_atlas(table, **WORDS, paper="A5")
    assert str(caught.value) == "no paper is called 'A5': take A4 or A3"
