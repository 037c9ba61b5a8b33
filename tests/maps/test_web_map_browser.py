"""The page in a real browser that reaches no network."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from shapely import box

from hotspot.maps.web_map import notebook_view, web_map
from hotspot.palette import ACCESSIBLE_COLOURS, COLOURS

pytestmark = pytest.mark.slow

HOW: dict[str, Any] = {"title": "Kashkadarya", "month": "2025-01"}


@pytest.fixture
def page(table, past, density) -> str:
    """Return a page with all that it can hold."""
    table["region"] = "Qashqadaryo"
    table["population"] = 1000
    table["count"] = 12 * np.arange(12)
    table["rate"] = [900.0, 200, 0, 0, 100, 700, 0, 0, 0, 300, 1200, 0]
    table["red_probability"] = np.linspace(0, 1, 12)
    return web_map(table, **HOW, density=density, **past)


def slide(reader, month: int) -> None:
    reader.run(
        "const s = find('month'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
        month,
    )


def legend(reader, of: str = "#categories") -> dict[str, str]:
    rows = reader.texts(f"{of} button")
    return dict(row.rsplit("\n", 1) for row in rows)


def test_opens_without_network_and_draws_every_polygon(reader, page):
    address = reader.open(page)
    assert reader.one("[data-drawn]").get_attribute("data-drawn") == "10"
    assert reader.browser.title == "Kashkadarya, January 2025"
    for place, category in [(0, "red"), (1, "yellow"), (2, "green")]:
        assert reader.colour(place) == COLOURS[category]
    assert reader.requests() == [address]
    assert reader.run("return performance.getEntriesByType('resource').length") == 0
    assert reader.complaints() == []


def test_answers_first(reader, page):
    reader.open(page)
    # by hand from the past: the sixth is new, the second left, the eleventh was never anything else
    assert reader.one("#answer").text == (
        "3 of 12 mahallas are red; 1 new and 1 left since December 2024; "
        "longest red: Guliston 11 MFY, Dehqonobod, at least 4 months."
    )
    reader.choose("#district", "Gʻuzor")
    assert reader.one("#answer").text == (
        "2 of 6 mahallas are red; 1 new and 1 left since December 2024; "
        "longest red: Guliston 1 MFY, Gʻuzor, 3 months."
    )
    reader.choose("#district", "All")
    assert legend(reader) == {"Red": "3", "Yellow": "3", "Green": "5", "Not assessed": "1"}


def test_tooltip_says_who_where_and_why(reader, page):
    reader.open(page)
    assert reader.point_at(0).splitlines() == [
        "Guliston 1 MFY",
        "Gʻuzor",
        # the count of the window: twelve months without an offense
        "Red · 0 offenses in the window",
        "red: as counted",
    ]


def test_months_by_slider_buttons_keys_and_play(reader, page):
    from selenium.webdriver.common.keys import Keys

    reader.open(page)
    slide(reader, 0)
    assert reader.one("#month-now").text == "October 2024"
    assert [reader.colour(i) for i in (0, 1)] == [COLOURS["yellow"], COLOURS["red"]]
    reader.one("#after").click()
    assert reader.one("#month-now").text == "November 2024"
    assert reader.colour(0) == COLOURS["red"]
    reader.one("#month").send_keys(Keys.ARROW_RIGHT)
    assert reader.one("#month-now").text == "December 2024"
    reader.run("document.activeElement.blur()")
    reader.one("body").send_keys(Keys.ARROW_LEFT)
    assert reader.one("#month-now").text == "November 2024"
    assert reader.one("#play").get_attribute("aria-label") == "Play the months"
    reader.one("#play").click()
    assert reader.one("#play").get_attribute("aria-label") == "Pause"
    reader.wait(lambda: reader.one("#month-now").text == "January 2025")
    assert reader.colour(1) == COLOURS["yellow"]
    assert reader.complaints() == []


def test_every_layer_has_a_legend_that_counts(reader, page):
    reader.open(page)
    shown = {}
    options = [option.text for option in reader.all("#layer option")]
    for option in options[1:]:
        reader.choose("#layer", option)
        shown[option] = legend(reader, "#classes")
    assert shown == {
        # the counts of the window are 0, 12, 24 … 132
        "Offenses in the window": {
            "0": "1",
            "1": "0",
            "2": "0",
            "3 to 19": "1",
            "20 to 49": "3",
            "50 to 99": "4",
            "100 and more": "3",
        },
        "Rate per 100,000 people and year": shown["Rate per 100,000 people and year"],
        "Density of offenses per km² and year": {},
        "Change since the month before": {
            "Turned red": "1",
            "Graver, not red": "0",
            "Unchanged": "10",
            "Lighter, was not red": "0",
            "No longer red": "1",
            "Not comparable": "0",
        },
        "Probability of being red": {
            "below 0.05": "1",
            "0.05 to 0.25": "2",
            "0.25 to 0.5": "3",
            "0.5 to 0.75": "3",
            "0.75 to 0.95": "2",
            "0.95 and more": "1",
        },
    }
    rates = {label: int(n) for label, n in shown["Rate per 100,000 people and year"].items()}
    assert (rates["0"], sum(rates.values())) == (6, 12)
    assert reader.complaints() == []


def test_gi_has_every_month_where_it_is_given(reader, table, past):
    months = past["history"].columns
    table["gi_bin"] = [3, *[0] * 11]
    bins = pd.DataFrame({month: [k, -k] + [0] * 10 for k, month in enumerate(months)})
    reader.open(web_map(table, **HOW, gi_bins=bins.set_axis(table.index), **past))
    reader.choose("#layer", "Hot and cold")
    assert reader.colour(0) == "#8c1a3d"
    slide(reader, 1)
    assert [reader.colour(i) for i in (0, 1, 2)] == ["#efb6a4", "#b3cde3", "#eceef1"]
    assert reader.one("#layer-note").text == ""
    reader.one("#show-table").click()
    assert reader.texts("#table td.gi_bin")[:3] == ["1", "-1", "0"]


def test_the_card_says_what_would_turn_the_colour(reader, table, past):
    flips = pd.DataFrame(
        {"more": [5.0], "category_more": ["green"], "fewer": [1.0], "category_fewer": ["yellow"]},
        index=table.index[:1],
    )
    reader.open(web_map(table, **HOW, flips=flips, **past), "#mahalla=1710207001")
    assert reader.texts("#card .flips li") == ["5 offenses more: Green", "1 offense fewer: Yellow"]
    assert "In this mahalla alone, in the window of January 2025;" in reader.one("#card").text
    reader.run("location.hash = '#mahalla=1710207002'")
    reader.wait(lambda: reader.one("#card h2").text == "Guliston 2 MFY")
    assert reader.all("#card .flips") == []


def test_density_lies_on_the_map_only_while_it_is_chosen(reader, page):
    reader.open(page)
    assert reader.all("img.leaflet-image-layer") == []
    reader.choose("#layer", "Density")
    image = reader.one("img.leaflet-image-layer")
    assert reader.wait(lambda: image.get_property("naturalWidth")) > 1
    slide(reader, 0)
    assert "Known for January 2025 only." in reader.one("#layer-note").text
    reader.choose("#layer", "Category")
    assert reader.all("img.leaflet-image-layer") == []


def test_a_click_in_the_legend_selects_its_mahallas(reader, page):
    reader.open(page)
    reader.choose("#layer", "Change")
    reader.all("#classes button")[0].click()
    assert reader.one("#shown").text == "1 mahalla shown"
    assert reader.all("#classes button")[0].get_attribute("aria-pressed") == "true"
    # beside the class that is chosen the categories count what it leaves
    assert legend(reader) == {"Red": "1", "Yellow": "0", "Green": "0", "Not assessed": "0"}
    reader.one("#show-table").click()
    assert reader.texts("#table tbody th") == ["Guliston 6 MFY"]
    reader.one("#clear").click()
    assert reader.one("#shown").text == "12 mahallas shown"


def test_filters_count_as_they_are_changed(reader, page):
    reader.open(page)
    reader.choose("#district", "Dehqonobod")
    assert legend(reader) == {"Red": "1", "Yellow": "1", "Green": "3", "Not assessed": "1"}
    assert reader.one("#answer").text.startswith("1 of 6 mahallas is red; 0 new and 0 left")
    reader.all("#categories button")[2].click()
    assert reader.one("#shown").text == "3 mahallas shown"
    options = [option.text.strip() for option in reader.all("#district option")]
    assert options == ["All districts (5)", "Dehqonobod (3)", "Gʻuzor (2)"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("G'uzor", "Gʻuzor"),
        ("guzor", "Gʻuzor"),
        ("Гузар", "Gʻuzor"),
        ("ғузор", "Gʻuzor"),
        ("деҳқонобод", "Dehqonobod"),
        ("Дехканабад", "Dehqonobod"),
        ("DEHQONOBOT", None),
    ],
)
def test_search_finds_in_any_script_and_spelling(reader, page, typed, found):
    reader.open(page)
    reader.one("#search").send_keys(typed)
    rows = reader.texts("#found li")
    if found is None:
        assert (rows, reader.one("#found-count").text) == ([], "Nothing found")
    else:
        assert len(rows) == 6
        assert all(row.endswith(found) for row in rows)


# districts of Qashqadaryo as the gazetteer, as Uzbek in Cyrillic and as Russian has them
DISTRICTS = [
    ("Gʻuzor", "Ғузор", "Гузар"),
    ("Qarshi", "Қарши", "Карши"),
    ("Koson", "Косон", "Касан"),
    ("Kasbi", "Касби", "Касби"),
    ("Shahrisabz", "Шаҳрисабз", "Шахрисабз"),
    ("Chiroqchi", "Чироқчи", "Чиракчи"),
    ("Dehqonobod", "Деҳқонобод", "Дехканабад"),
    ("Muborak", "Муборак", "Мубарек"),
    ("Yakkabogʻ", "Яккабоғ", "Яккабаг"),
    ("Kitob", "Китоб", "Китаб"),
    ("Nishon", "Нишон", "Нишан"),
    ("Qamashi", "Қамаши", "Камаши"),
]


def test_search_knows_districts_in_latin_cyrillic_and_russian(reader, table):
    table["district"] = [latin for latin, _, _ in DISTRICTS]
    table["name"] = "Bahor"
    reader.open(web_map(table, **HOW))
    for i, spellings in enumerate(DISTRICTS):
        for spelling in (*spellings, spellings[0].replace("ʻ", "'").upper()):
            assert reader.run("return searchMahallas(arguments[0])", spelling) == [i], spelling


def test_search_takes_name_and_district_by_the_keyboard_and_opens_the_card(reader, page):
    from selenium.webdriver.common.keys import Keys

    reader.open(page)
    reader.one("#search").send_keys("dehqonobod гулистон 1")
    assert [row.splitlines()[0] for row in reader.texts("#found li")] == [
        "Guliston 10 MFY",
        "Guliston 11 MFY",
        "Guliston 12 MFY",
    ]
    reader.one("#search").send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    assert reader.one("#card h2").text == "Guliston 11 MFY"
    assert "No polygon: not on the map." in reader.one("#card").text
    assert reader.one("#found").is_displayed() is False


def test_the_card_tells_all_of_a_mahalla(reader, page):
    reader.open(page)
    reader.point_at(1, click=True)
    card = reader.one("#card").text
    assert "Guliston 2 MFY" in card
    assert "Gʻuzor, Qashqadaryo" in card
    assert "Yellow for 1 month in a row" in card
    assert "yellow: as counted" in card
    assert "most in a month: 1" in card
    assert len(reader.all("#card .spark rect")) == 24
    assert reader.texts("#card .neighbours button") == ["Guliston 1 MFY", "Guliston 3 MFY"]
    reader.all("#card .neighbours button")[0].click()
    assert reader.one("#card h2").text == "Guliston 1 MFY"
    slide(reader, 0)
    assert "The reason is known for January 2025 only." in reader.one("#card").text
    from selenium.webdriver.common.keys import Keys

    reader.one("#card .close").send_keys(Keys.ESCAPE)
    assert reader.one("#card").is_displayed() is False
    assert reader.complaints() == []


def test_the_table_is_sorted_by_any_column(reader, page):
    reader.open(page)
    reader.one("#show-table").click()
    assert reader.texts("#table tbody th")[:3] == [
        "Guliston 1 MFY",
        "Guliston 2 MFY",
        "Guliston 3 MFY",
    ]
    for place in range(len(reader.all("#table thead button"))):
        reader.all("#table thead button")[place].click()
        assert len(reader.all("#table tbody tr")) == 12
    reader.one('[data-sort="count"]').click()
    assert reader.texts("#table tbody td.count") == [f"{12 * n}" for n in range(11, -1, -1)]
    reader.one('[data-sort="count"]').click()
    assert reader.texts("#table tbody td.count")[0] == "0"
    assert reader.texts('th[aria-sort="ascending"] button') == ["Offenses in the window"]


def test_mahallas_without_polygon_are_listed(reader, page):
    reader.open(page)
    assert reader.one("#hidden summary").text == "2 mahallas without polygon"
    reader.one("#hidden summary").click()
    assert [row.splitlines() for row in reader.texts("#hidden li")] == [
        ["Guliston 9 MFY", "Dehqonobod"],
        ["Guliston 11 MFY", "Dehqonobod"],
    ]


def test_a_link_leads_to_the_same_view(reader, page):
    reader.open(page)
    reader.choose("#layer", "Change")
    reader.choose("#district", "Gʻuzor")
    reader.all("#categories button")[0].click()
    slide(reader, 2)
    reader.one("#hatch").click()
    reader.one("#show-table").click()
    fragment = reader.wait(
        lambda: (found := reader.run("return location.hash")).count("table=1") and found
    )
    shown = [reader.texts("#table"), reader.texts("#legends"), reader.one("#answer").text]
    reader.open(page, fragment)
    assert [reader.texts("#table"), reader.texts("#legends"), reader.one("#answer").text] == shown
    assert "at=" not in fragment
    reader.run("theMap.setZoom(theMap.getZoom() + 1, { animate: false })")
    moved = reader.wait(lambda: (found := reader.run("return location.hash")) != fragment and found)
    reader.open(page, moved)
    assert reader.run("return viewOf(theMap).replaceAll(' ', '+')") in moved


@pytest.mark.parametrize(
    "fragment",
    [
        "#month=1999-01&layer=__proto__&mahalla=%00&district=x&compare=y&categories=blue&classes=99",
        "#at=NaN+1e99+-1&month=%E0%A4%A",
        "#<script>alert(1)</script>",
        "#month=constructor&layer=toString&at=5",
    ],
)
def test_a_link_that_means_nothing_shows_the_page_as_it_is(reader, page, fragment):
    reader.open(page, fragment)
    assert reader.one("#month-now").text == "January 2025"
    assert reader.one("#shown").text == "12 mahallas shown"
    assert reader.complaints() == []


def test_two_months_are_swiped_over_one_another(reader, page):
    reader.open(page)
    reader.choose("#compare", "October 2024")
    assert reader.one("#left-month").text == "January 2025"
    assert reader.one("#right-month").text == "October 2024"
    right = reader.one("canvas.right-half")
    before = right.value_of_css_property("clip-path")
    reader.run("const d = find('divider'); d.value = 10; d.dispatchEvent(new Event('input'))")
    assert right.value_of_css_property("clip-path") != before
    assert reader.one("#divider").get_attribute("aria-label") == (
        "Divider: January 2025 on the left, October 2024 on the right"
    )
    # a layer that knows the last month only says so on either side
    reader.choose("#layer", "Probability")
    assert reader.one("#right-month").text == "January 2025"
    assert reader.one("#layer-note").text == "Known for January 2025 only."
    slide(reader, 0)
    lines = reader.point_at(0).splitlines()
    assert lines[2] == "Yellow · 0 offenses in the window"
    assert lines[3] == "Probability of being red (January 2025): 0"
    reader.choose("#compare", "no other")
    assert reader.one("#curtain").is_displayed() is False
    assert reader.complaints() == []


def test_colours_and_hatches_are_chosen(reader, page):
    reader.open(page)
    reader.one("#accessible").click()
    assert reader.colour(2) == ACCESSIBLE_COLOURS["green"]
    plain = reader.run("return document.querySelector('.leaflet-overlay-pane canvas').toDataURL()")
    reader.one("#hatch").click()
    hatched = reader.run(
        "return document.querySelector('.leaflet-overlay-pane canvas').toDataURL()"
    )
    assert hatched != plain


def saved(reader, tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    reader.wait(lambda: path.exists() and path.stat().st_size)
    return path


def test_this_view_is_saved_as_a_table_and_as_a_picture(reader, page, tmp_path):
    address = reader.open(page)
    reader.choose("#district", "Gʻuzor")
    reader.one("#save-csv").click()
    text = saved(reader, tmp_path, "2025-01.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["mahalla_code"] for row in rows] == [f"1710207{n:03d}" for n in range(1, 7)]
    assert (rows[0]["category"], rows[0]["previous_category"]) == ("red", "red")
    assert (rows[1]["count"], rows[1]["count_month"], rows[1]["reason"]) == (
        "12",
        "1",
        "yellow: as counted",
    )
    reader.one("#save-png").click()
    picture = Image.open(saved(reader, tmp_path, "2025-01.png")).convert("RGB")
    assert min(picture.size) > 600
    colours = {colour for _, colour in picture.getcolors(maxcolors=1_000_000)}
    for category in ("red", "yellow", "green"):
        assert tuple(bytes.fromhex(COLOURS[category][1:])) in colours
    assert reader.requests() == [address]
    assert reader.complaints() == []


def test_prints_the_map_as_a_picture_and_comes_back(reader, page):
    from base64 import b64decode

    reader.open(page)
    wide = reader.run("return find('stage').offsetWidth")
    reader.run("dispatchEvent(new Event('beforeprint'))")
    # one for the colours, one for the borders, one for what is chosen
    assert len(reader.all("canvas.on-paper")) == 3
    assert reader.run("return find('stage').offsetWidth") == round(180 / 25.4 * 96)
    reader.run("dispatchEvent(new Event('afterprint'))")
    assert reader.all("canvas.on-paper") == []
    assert reader.run("return find('stage').offsetWidth") == wide
    assert reader.colour(0) == COLOURS["red"]
    paper = b64decode(reader.browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    # a picture of the map, not its strokes
    assert paper.count(b"/Subtype /Image") >= 3
    assert reader.complaints() == []


def test_everything_is_reached_and_named_by_the_keyboard(reader, page):
    reader.open(page)
    reader.point_at(0, click=True)
    nameless = reader.run(
        "return [...document.querySelectorAll('button,select,input,[role=region]')]"
        ".filter((e) => e.offsetParent && !(e.textContent.trim() || e.ariaLabel || e.title ||"
        " e.labels?.length)).map((e) => e.outerHTML)"
    )
    assert nameless == []
    assert reader.run("return document.documentElement.lang") == "en"
    assert reader.run("return document.activeElement.id") == "card"


def test_policy_stops_a_script_that_was_not_written_with_the_page(reader, page):
    reader.open(page.replace("<header", "<script>window.stranger = 1</script><header", 1))
    assert reader.run("return window.stranger") is None


def test_fits_a_telephone(reader, page, table, past):
    screen = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    reader.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        table["name"] = "Mahallaningjudauzunnomi" * 8
        table["district"] = "Tumanningjudauzunnomi" * 4
        long = web_map(table, title="Kashkadaryaviloyati" * 5, month="2025-01", **past)
        reader.open(long, "#mahalla=1710207001&compare=2024-10")
        assert reader.run("return document.documentElement.scrollWidth") == 360
        assert reader.colour(2) == COLOURS["green"]
    finally:
        reader.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_page_of_one_month_without_counts_has_no_months_to_choose(reader, table):
    bare = table[["name", "district", "category", "geometry"]]
    reader.open(web_map(bare, **HOW))
    assert reader.one("#answer").text == "3 of 12 mahallas are red."
    assert reader.one("#timebar").is_displayed() is False
    assert reader.point_at(0).splitlines() == ["Guliston 1 MFY", "Gʻuzor", "Red"]
    reader.one("#show-table").click()
    assert reader.texts("#table thead button") == ["Mahalla", "District", "Category"]
    assert reader.complaints() == []


def test_thousands_of_mahallas_are_drawn(reader):
    squares = [
        box(x, y, x + 1000, y + 1000)
        for y in range(4_290_000, 4_335_000, 1000)
        for x in range(400_000, 445_000, 1000)
    ]
    table = gpd.GeoDataFrame(
        {"name": "Guliston", "district": "Koson", "category": "green"},
        index=pd.Index([f"{i:04d}" for i in range(45 * 45)], name="mahalla_code"),
        geometry=squares,
        crs="EPSG:32642",
    )
    reader.open(web_map(table, **HOW))
    assert reader.one("[data-drawn]").get_attribute("data-drawn") == str(45 * 45)
    assert reader.point_at(1000).splitlines() == ["Guliston", "Koson", "Green"]
    reader.one("#show-table").click()
    assert len(reader.all("#table tbody tr")) == 200
    reader.one("#more").click()
    assert len(reader.all("#table tbody tr")) == 400
    assert reader.complaints() == []


def test_notebook_frame_shows_the_map(reader, page):
    view = notebook_view(page)._repr_html_()
    reader.open(f"<!DOCTYPE html><meta charset='utf-8'><p>srcdoc</p>{view}")
    reader.browser.switch_to.frame(reader.one("iframe"))
    reader.wait(lambda: reader.all("[data-drawn]"))
    reader.choose("#layer", "Change")
    assert reader.one("#shown").text == "12 mahallas shown"
    reader.browser.switch_to.default_content()
    assert reader.complaints() == []
