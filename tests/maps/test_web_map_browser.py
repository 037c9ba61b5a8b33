"""The page in a real browser that reaches no network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from hotspot.maps.web_map import notebook_view, web_map

pytestmark = pytest.mark.slow

SHAPES = "path.leaflet-interactive"


def find(browser: Any, selector: str) -> list[Any]:
    found: list[Any] = browser.find_elements("css selector", selector)
    return found


def wait_for(condition: Callable[[], Any]) -> Any:
    """Return what a condition gives once it is true; the page draws on its own time."""
    for _ in range(100):
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("the page did not come to the state that was waited for")


def point_at(browser: Any, shape: Any) -> str:
    """Move the mouse onto a shape and return the tooltip's text."""
    from selenium.webdriver import ActionChains

    ActionChains(browser).move_to_element(shape).perform()
    text: str = wait_for(lambda: find(browser, ".leaflet-tooltip.mahalla"))[0].text
    return text


def requests(browser: Any) -> list[str]:
    """Return every address asked for since the last call, but what lies in the page itself."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith("data:")]


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Callable[[str], str]:
    """Return what opens a page from a file and gives its address."""

    def open_page(page: str) -> str:
        path = tmp_path / "map.html"
        path.write_text(page, encoding="utf-8")
        for log in ("browser", "performance"):
            browser.get_log(log)
        browser.get(path.as_uri())
        return path.as_uri()

    return open_page


def test_opens_without_network_and_draws_every_polygon(browser, show, table, density):
    address = show(web_map(table, title="Kashkadarya", month="2025-01", density=density))
    assert len(wait_for(lambda: find(browser, SHAPES))) == 10
    assert browser.title == "Kashkadarya, January 2025"
    assert requests(browser) == [address]
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.get_log("browser") == []


def test_tooltip_says_who_where_and_why(browser, show, table):
    show(web_map(table, title="Kashkadarya", month="2025-01"))
    # drawn in the order of the codes: the first is red with nine offenses
    shape = wait_for(lambda: find(browser, SHAPES))[0]
    assert point_at(browser, shape).splitlines() == [
        "Guliston 1 MFY",
        "Gʻuzor",
        "Red · 9 offenses in the window",
        "red: as counted",
    ]


def test_hostile_names_are_text(browser, show, hostile):
    show(web_map(hostile, title="<script>alert(3)</script>", month="2025-01"))
    shapes = wait_for(lambda: find(browser, SHAPES))
    assert point_at(browser, shapes[1]).startswith("<script>alert(1)</script>\n")
    assert point_at(browser, shapes[2]).startswith("</script><img src=x onerror=alert(2)>\n")
    assert point_at(browser, shapes[3]).startswith("{{x}} {% raw %} {# note #}\n")
    assert point_at(browser, shapes[5]).startswith("N" * 119 + "…\n")
    assert find(browser, "h1")[0].text == "<script>alert(3)</script>"
    # an alert left open would make any further command fail
    assert browser.execute_script("return document.images.length") == 0
    assert browser.get_log("browser") == []


def test_policy_stops_a_script_that_was_not_written_with_the_page(browser, show, table):
    page = web_map(table, title="Kashkadarya", month="2025-01")
    show(page.replace("<header", "<script>window.stranger = 1</script><header", 1))
    wait_for(lambda: find(browser, SHAPES))
    assert browser.execute_script("return window.stranger") is None


def test_layers_are_switched(browser, show, table, density):
    show(web_map(table, title="Kashkadarya", month="2025-01", density=density))
    boxes = wait_for(lambda: find(browser, ".leaflet-control-layers-selector"))
    labels = [label.text.strip() for label in find(browser, ".leaflet-control-layers label")]
    assert labels == ["Mahallas", "Density of offenses", "Districts"]
    assert find(browser, "img.leaflet-image-layer") == []
    boxes[1].click()
    image = wait_for(lambda: find(browser, "img.leaflet-image-layer"))[0]
    assert wait_for(lambda: image.get_property("naturalWidth")) > 1
    assert find(browser, SHAPES)[0].get_attribute("fill-opacity") == "0.3"
    boxes[0].click()
    assert find(browser, SHAPES) == []
    assert browser.get_log("browser") == []


def test_fits_a_telephone(browser, show, table):
    screen = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        table["name"] = "Mahallaningjudauzunnomi" * 8
        show(web_map(table, title="Kashkadaryaviloyati" * 5, month="2025-01"))
        wait_for(lambda: find(browser, SHAPES))
        assert browser.execute_script("return document.documentElement.scrollWidth") == 360
        assert find(browser, ".leaflet-control-layers-expanded") == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_many_mahallas_are_drawn_on_a_canvas(browser, show):
    squares = [
        box(x, y, x + 1000, y + 1000)
        for y in range(4_290_000, 4_335_000, 1000)
        for x in range(400_000, 445_000, 1000)
    ]
    table = gpd.GeoDataFrame(
        {"name": "Guliston", "district": "Koson", "category": "not_assessed"},
        index=pd.Index([f"{i:04d}" for i in range(45 * 45)], name="mahalla_code"),
        geometry=squares,
        crs="EPSG:32642",
    )
    show(web_map(table, title="Kashkadarya", month="2025-01"))
    canvas = wait_for(lambda: find(browser, "canvas"))[0]
    assert find(browser, SHAPES) == []
    count = "return Object.values(map_N._layers).filter(layer => layer.options.mahalla).length"
    name = browser.execute_script("return Object.keys(window).find(key => /^map_/.test(key))")
    assert browser.execute_script(count.replace("map_N", name)) == 45 * 45
    assert point_at(browser, canvas).splitlines() == ["Guliston", "Koson", "Not assessed"]
    assert browser.get_log("browser") == []


def test_notebook_frame_shows_the_map(browser, show, table):
    page = web_map(table, title="Kashkadarya", month="2025-01")
    show(f"<!DOCTYPE html><meta charset='utf-8'>{notebook_view(page)._repr_html_()}")
    browser.switch_to.frame(find(browser, "iframe")[0])
    assert len(wait_for(lambda: find(browser, SHAPES))) == 10
    assert browser.get_log("browser") == []
