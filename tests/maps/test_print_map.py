"""The sheet of paper: whole, the same every time, and no name lost or misread."""

from __future__ import annotations

from io import BytesIO

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from hotspot.errors import InputError
from hotspot.maps.district_names import write_district_names
from hotspot.maps.outlines import dissolve_districts
from hotspot.maps.painting import border_on
from hotspot.maps.print_map import print_map
from hotspot.maps.scale import choose_length
from hotspot.maps.sheet import Sheet
from hotspot.palette import COLOURS


def read_picture(written: bytes) -> Image.Image:
    return Image.open(BytesIO(written)).convert("RGB")


def count_pixels(written: bytes, colour: str) -> int:
    pixels = np.asarray(read_picture(written)).astype(int)
    wanted = np.rint(np.array(to_rgb(colour)) * 255)
    return int((np.abs(pixels - wanted).max(axis=2) <= 1).sum())


@pytest.mark.parametrize("path_format", ["png", "pdf"])
def test_same_bytes_however_rows_lie(table, path_format):
    first = print_map(table, title="Kashkadarya", month="2025-01", path_format=path_format)
    shuffled = table.sample(frac=1, random_state=7)
    again = print_map(shuffled, title="Kashkadarya", month="2025-01", path_format=path_format)
    assert again == first


def test_readers_settings_neither_reach_the_sheet_nor_change(table):
    first = print_map(table, title="Kashkadarya", month="2025-01")
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30, "savefig.dpi": 10}):
        before = dict(mpl.rcParams)
        assert print_map(table, title="Kashkadarya", month="2025-01") == first
        assert dict(mpl.rcParams) == before


def test_sheet_lies_across_or_stands_by_the_regions_shape(table):
    wide = read_picture(print_map(table, title="Kashkadarya", month="2025-01"))
    turned = table.copy()
    turned["geometry"] = [
        None if polygon is None else shapely.transform(polygon, lambda points: points[:, ::-1])
        for polygon in table.geometry
    ]
    upright = read_picture(print_map(turned, title="Kashkadarya", month="2025-01"))
    # a4 at 200 dots an inch
    assert wide.size == pytest.approx((297 / 25.4 * 200, 210 / 25.4 * 200), abs=1)
    assert upright.size == wide.size[::-1]


def test_a_category_is_painted_by_its_area(table):
    table["category"] = ["red"] * 4 + ["green"] * 8
    sheet = print_map(table, title="Kashkadarya", month="2025-01")
    # four red squares and six green ones are drawn; the hatch and names take some of the red
    ratio = count_pixels(sheet, COLOURS["red"]) / count_pixels(sheet, COLOURS["green"])
    assert 0.75 * 4 / 6 < ratio < 4 / 6


def test_colours_are_as_far_apart_as_metres(table):
    # one square region: its painted box is as wide as high
    table["category"] = "green"
    squares = table.iloc[[0, 1, 4, 5]].assign(district=None)
    pixels = np.asarray(read_picture(print_map(squares, title="S", month="2025-01"))).astype(int)
    green = np.rint(np.array(to_rgb(COLOURS["green"])) * 255)
    found = np.abs(pixels - green).max(axis=2) <= 1
    # the legend's swatch is in rows and columns of its own share; the map is the greatest run
    rows, columns = found.sum(axis=1), found.sum(axis=0)
    height = int((rows > rows.max() * 0.8).sum())
    width = int((columns > columns.max() * 0.8).sum())
    assert width == pytest.approx(height, rel=0.02)


def test_pdf_holds_its_fonts_and_no_clock(table):
    written = print_map(table, title="Kashkadarya", month="2025-01", path_format="pdf")
    assert b"/FontFile2" in written
    assert b"DejaVuSans" in written
    assert b"CreationDate" not in written


def test_names_are_text_not_formulas_nor_warnings(table):
    table["district"] = [r"$\frac{1}{x$ \alpha"] * 6 + ["漢字 \u202e\x00 מחלה"] * 6
    title = r"$x_1$ \begin{x} 漢"
    criteria = "y" * 3_000
    assert print_map(table, title=title, month="2025-01", criteria=criteria)


def test_a_table_without_districts_is_drawn(table):
    table["district"] = None
    assert print_map(table, title="Kashkadarya", month="2025-01")


@pytest.mark.parametrize(("number", "fewest_named"), [(16, 16), (40, 30), (200, 8)])
def test_no_district_name_lies_over_another(number, fewest_named):
    # strips too narrow for their names, which cannot all stand where they have most room
    names = [f"A long name {i:03d}" for i in range(number)]
    edges = np.linspace(0, 120_000, number + 1)
    strips = [shapely.box(edges[i], 0, edges[i + 1], 90_000) for i in range(number)]
    outlines = dissolve_districts(gpd.GeoSeries(strips, crs="EPSG:32642"), names)
    sheet = Sheet(297, 210)
    axes = sheet.add_map(14, 35, 200, 160)
    axes.set(xlim=(0, 120_000), ylim=(0, 96_000))
    write_district_names(sheet, axes, outlines)
    renderer = FigureCanvasAgg(sheet.figure).get_renderer()
    # the letters themselves; a text's box has room above and below them
    boxes = [text.get_window_extent(renderer).shrunk(1, 0.8) for text in axes.texts]
    assert len(boxes) >= fewest_named
    assert not any(boxes[i].overlaps(boxes[j]) for i in range(len(boxes)) for j in range(i))


def test_a_public_month_of_two_classes_has_their_legend_only(table):
    table["category"] = np.where(table["category"] == "red", "red", "not_red")
    few = print_map(table[["name", "district", "category", "geometry"]], title="S", month="2025-01")
    assert count_pixels(few, COLOURS["not_red"]) > 1_000
    assert count_pixels(few, COLOURS["green"]) == 0


def luminance(colour: str) -> float:
    """Return how light a colour is, as WCAG 2.2 defines it."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("category", COLOURS)
def test_a_border_is_seen_on_its_categorys_colour(category):
    # 3 is what WCAG 2.2 asks of lines (1.4.11); dark ink on red has 1.5
    light = sorted([luminance(border_on(category)), luminance(COLOURS[category])])
    assert (light[1] + 0.05) / (light[0] + 0.05) >= 3


def test_two_red_neighbours_have_a_border_between_them(table):
    table = table.iloc[:2].assign(category="red", district=None)
    pixels = np.asarray(read_picture(print_map(table, title="S", month="2025-01"))).astype(int)
    reds = np.abs(pixels - [177, 0, 38]).max(axis=2) <= 1
    # of the map, which is higher than the legend's field
    rows, columns = (np.nonzero(reds.sum(axis=axis) > 200)[0] for axis in (1, 0))
    inner = pixels[rows[0] : rows[-1], columns[0] + 50 : columns[-1] - 50]
    # a light line from top to bottom; the hatch has none that stands upright
    assert (inner.min(axis=2) > 150).mean(axis=0).max() > 0.95


def test_a_larger_paper_shows_a_larger_map(table):
    table["category"] = "green"
    shown = {"title": "Kashkadarya", "month": "2025-01"}
    sizes = {paper: print_map(table, **shown, paper=paper) for paper in ("A4", "A3")}
    assert read_picture(sizes["A3"]).size[0] == pytest.approx(420 / 25.4 * 200, abs=1)
    green = {paper: count_pixels(sheet, COLOURS["green"]) for paper, sheet in sizes.items()}
    assert green["A3"] > 1.9 * green["A4"]


def test_the_scale_bar_is_as_long_as_it_says():
    # by hand: at 200 m a millimetre 40 mm are 8 km, and the 5 km that fit take 25 mm
    assert choose_length(200, 40) == (25.0, "5 km")
    for metres in np.geomspace(0.001, 10_000, 50):
        length, words = choose_length(metres, 40)
        assert 40 / 2.5 < length <= 40 * (1 + 1e-9)
        value, unit = words.replace(",", "").split()
        assert float(value) * {"m": 1, "km": 1000}[unit] == pytest.approx(length * metres, rel=0.05)


def test_numbers_are_not_broken_at_the_space_inside_them():
    sheet = Sheet(210, 297)
    lines = sheet.wrap("14\u00a0210 14\u202f210 14 210", 1.2 * sheet.measure("14 210", 9), 9)
    assert lines == ["14\u00a0210", "14\u202f210", "14 210"]


def test_a_long_line_shrinks_and_is_cut():
    sheet = Sheet(210, 297)
    for text in ("Koson", "Koson tumani " * 2, "x" * 500):
        sheet.write_line(text, 20, 20, width=30, size=10)
        written = sheet.page.texts[-1]
        assert sheet.measure(written.get_text(), written.get_fontsize()) <= 30.1
        assert written.get_fontsize() >= 5


def test_a_line_that_can_shrink_is_not_cut():
    sheet = Sheet(210, 297)
    text = "2024 йил февраль"
    half = sheet.measure(text, 4.25, "bold")
    for width in np.arange(half + 0.1, 2 * half, 0.07):
        sheet.write_line(text, 20, 20, width=width, size=8.5, weight="bold")
        assert sheet.page.texts[-1].get_text() == text


def test_wrapped_lines_are_no_wider_than_their_column():
    sheet = Sheet(210, 297)
    text = "Kashkadarya mahallas by category " + "x" * 200
    lines = sheet.wrap(text, 50, 9)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(sheet.measure(line, 9) for line in lines) <= 50


def test_draws_a_real_city(shared):
    path = shared / "toronto_mci" / "neighbourhood-crime-rates.geojson"
    city = gpd.read_file(path).to_crs("EPSG:32617")
    city = city.assign(name=city["Neighbourhood"], district=None, category="green")
    sheet = print_map(city, title="Toronto", month="2020-12")
    land = city.area.sum()
    west, _, east, _ = city.total_bounds
    # the map is 199 mm wide: painted pixels against the area they stand for
    pixel = (east - west) / 197 * 25.4 / 200
    assert count_pixels(sheet, COLOURS["green"]) * pixel**2 == pytest.approx(land, rel=0.06)


def test_says_what_it_cannot_write(table):
    with pytest.raises(InputError) as caught:
        print_map(table, title="Kashkadarya", month="2025-01", path_format="svg")
    assert str(caught.value) == "the printed map cannot be written as 'svg': take png or pdf"
    with pytest.raises(InputError) as caught:
        print_map(table, title="Kashkadarya", month="2025-01", paper="A5")
    assert str(caught.value) == "no paper is called 'A5': take A4 or A3"
