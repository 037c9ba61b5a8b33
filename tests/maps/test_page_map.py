"""The map on a page of text: its size, its colours, the same bytes in any order and language."""

from __future__ import annotations

import io

import geopandas as gpd
from matplotlib.colors import to_rgb
from PIL import Image
from shapely import box

from hotspot.language import speaking
from hotspot.maps.page_map import draw_page_map
from hotspot.palette import CATEGORIES, COLOURS


def squares(number: int, districts: int) -> gpd.GeoDataFrame:
    """Return so many squares in a row, dealt to so many districts and two regions."""
    codes = [f"{place:03d}" for place in range(number)]
    categories = ("red", "yellow", "green", "not_assessed")
    return gpd.GeoDataFrame(
        {
            "name": codes,
            "district": [f"$D_{place * districts // number}$" for place in range(number)],
            "region": ["West" if place < number / 2 else "East" for place in range(number)],
            "category": [categories[place % 4] for place in range(number)],
        },
        index=codes,
        geometry=[box(place * 1000, 0, place * 1000 + 1000, 9000) for place in range(number)],
        crs="EPSG:32642",
    )


def test_the_same_map_in_any_order_and_language() -> None:
    table = squares(12, 3)
    first = draw_page_map(table)
    with speaking("ru"):
        assert draw_page_map(table.iloc[::-1]) == first


def test_it_is_as_wide_as_the_page_and_has_all_colours() -> None:
    picture = Image.open(io.BytesIO(draw_page_map(squares(12, 3)))).convert("RGB")
    # 174 by 105 mm at 200 dots an inch: the squares are nearly as high as they are wide together
    assert picture.size == (1370, 826)
    colours = {colour for _, colour in picture.getcolors(maxcolors=1 << 20) or []}
    assert {to_rgb(COLOURS[key]) for key in CATEGORIES} <= {
        tuple(part / 255 for part in colour) for colour in colours
    }


def test_many_districts_leave_their_place_to_the_regions() -> None:
    many, few = squares(84, 42), squares(84, 2)
    assert draw_page_map(many) == draw_page_map(many.assign(district=many["region"]))
    assert draw_page_map(few) != draw_page_map(few.assign(district=few["region"]))
