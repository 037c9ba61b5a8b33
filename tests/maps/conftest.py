"""A table to draw, its past, and a real browser that cannot reach any network."""

from __future__ import annotations

import json
import shutil
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from marionette import Firefox
from shapely import box

from benchmarks.map_comparison import FLAGS

ROOT = Path(__file__).parent.parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"
"""Where the pictures of a test stay, to be looked at."""


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    """Return twelve squares of a kilometre in two districts, two of them without polygon."""
    codes = [f"1710{207 if i < 6 else 212}{i + 1:03d}" for i in range(12)]
    squares = [
        box(x, y, x + 1000, y + 1000)
        for y in (4_290_000, 4_291_000, 4_292_000)
        for x in (400_000, 401_000, 402_000, 403_000)
    ]
    half = ["red", "yellow", "green", "green", "yellow", "red"]
    categories = [*half, "green", "green", "not_assessed", "yellow", "red", "green"]
    frame = gpd.GeoDataFrame(
        {
            "month": "2025-01",
            "name": [f"Guliston {i + 1} MFY" for i in range(12)],
            "district": ["Gʻuzor"] * 6 + ["Dehqonobod"] * 6,
            "category": categories,
            "count": [9, 2, 0, 0, 1, 7, 0, 0, 0, 3, 12, 0],
            "reason": [f"{category}: as counted" for category in categories],
        },
        index=pd.Index(codes, name="mahalla_code"),
        geometry=squares,
        crs="EPSG:32642",
    )
    frame.loc[frame.index[[8, 10]], "geometry"] = None
    return frame


@pytest.fixture
def past(table: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return four months of categories, two years of counts, and who touches whom.

    The first mahalla is red from November on, the sixth in January only; the second was red up to
    December; nothing else ever changes. Every mahalla has as many offenses each month as its
    place in the table, from zero.
    """
    months = pd.period_range("2024-10", "2025-01", freq="M")
    history = pd.DataFrame(dict.fromkeys(months, table["category"]))
    history.loc[history.index[0], months[0]] = "yellow"
    history.loc[history.index[5], months[:3]] = "yellow"
    history.loc[history.index[1], months[:3]] = "red"
    counted = pd.period_range("2023-02", "2025-01", freq="M")
    counts = pd.DataFrame({month: np.arange(12) for month in counted}, index=table.index)
    pairs = [(0, 1), (1, 0), (1, 2), (2, 1), (0, 4), (4, 0)]
    neighbours = pd.DataFrame(
        [(table.index[i], table.index[j]) for i, j in pairs],
        columns=["mahalla_code", "neighbour_code"],
    )
    return {"history": history, "counts": counts, "window": 12, "neighbours": neighbours}


@pytest.fixture
def density(
    table: gpd.GeoDataFrame,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, object]:
    """Return a single peak in the middle of the squares, on cells of 100 m."""
    x = np.arange(400_050.0, 404_000, 100)
    y = np.arange(4_290_050.0, 4_293_000, 100)
    across, down = np.meshgrid(x, y)
    values = 30 * np.exp(-((across - 402_000) ** 2 + (down - 4_291_500) ** 2) / 500_000)
    return values, x, y, table.crs


class Reader:
    """Someone who reads a page: looks, points, clicks and types."""

    def __init__(self, browser: Any, path: Path) -> None:
        self.browser = browser
        self.path = path

    def open(self, page: str, fragment: str = "") -> str:
        """Open a page from a file, wait for the map where there is one, and give its address."""
        self.path.write_text(page, encoding="utf-8")
        # a new fragment alone would not load the page anew
        self.browser.get("about:blank")
        for log in ("browser", "performance"):
            self.browser.get_log(log)
        address = self.path.as_uri() + fragment
        self.browser.get(address)
        if "page-data" in page[:2_000_000] and "srcdoc" not in page[:200]:
            self.wait(lambda: self.all("[data-drawn]"))
        return address

    def all(self, selector: str) -> list[Any]:
        """Return the elements that a selector finds."""
        found: list[Any] = self.browser.find_elements("css selector", selector)
        return found

    def one(self, selector: str) -> Any:
        """Return the only element that a selector finds."""
        (found,) = self.all(selector)
        return found

    def texts(self, selector: str) -> list[str]:
        """Return what the elements say that a selector finds."""
        return [element.text for element in self.all(selector)]

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script gives."""
        return self.browser.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], Any]) -> Any:
        """Return what a condition gives once it is true; the page draws on its own time."""
        for _ in range(100):
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError("the page did not come to the state that was waited for")

    def place(self, number: int) -> tuple[int, int]:
        """Return where on the screen the middle of a mahalla lies, by its place in the table."""
        x, y = self.run(PLACE, number)
        return x, y

    def point_at(self, number: int, *, click: bool = False) -> str:
        """Move the mouse onto a mahalla, click if asked to, and return the tooltip's text."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        actions = ActionBuilder(self.browser)
        actions.pointer_action.move_to_location(*self.place(number))
        if click:
            actions.pointer_action.click()
        actions.perform()
        text: str = self.wait(lambda: self.all(".leaflet-tooltip.mahalla"))[0].text
        return text

    def colour(self, number: int) -> str:
        """Return the colour that is painted in the middle of a mahalla."""
        script = (
            "const [a, b] = shapes[arguments[0]].bounds;"
            "const canvas = document.querySelector('.leaflet-overlay-pane canvas');"
            "const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;"
            "const x = (arguments[1] - box.left) * ratio, y = (arguments[2] - box.top) * ratio;"
            # read from a copy: the browser warns of a canvas that is read again and again
            "const copy = document.createElement('canvas').getContext('2d');"
            "copy.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);"
            "const [r, g, blue] = copy.getImageData(0, 0, 1, 1).data;"
            "return '#' + [r, g, blue].map((n) => n.toString(16).padStart(2, '0')).join('');"
        )
        found: str = self.run(script, number, *self.place(number))
        return found

    def choose(self, field: str, value: str) -> None:
        """Choose an option of a list by what it says."""
        from selenium.webdriver.support.select import Select

        select = Select(self.one(field))
        (text,) = [o.text for o in select.options if o.text.startswith(value)]
        select.select_by_visible_text(text)

    def complaints(self) -> list[Any]:
        """Return what the console says."""
        found: list[Any] = self.browser.get_log("browser")
        return found

    def requests(self) -> list[str]:
        """Return every address asked for since the page was opened, but what lies in it."""
        entries = self.browser.get_log("performance")
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        urls = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith(("data:", "blob:", "about:"))]


class Visitor:
    """Someone in one of the browsers who does with a page what a user does."""

    name = "chromium"

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.run = reader.run
        self.open = reader.open
        self.requests = reader.requests
        self.complaints = reader.complaints

    def wait(self, script: str) -> Any:
        """Return what a script gives once it is true."""
        for _ in range(200):
            if found := self.run(f"return {script}"):
                return found
            time.sleep(0.05)
        raise AssertionError(f"never came true: {script}")

    def text(self, selector: str) -> str:
        """Return what an element says."""
        found: str = self.run("return document.querySelector(arguments[0]).innerText", selector)
        return found

    def choose(self, field: str, value: str) -> None:
        """Choose an option of a list by its value."""
        script = (
            "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('change', { bubbles: true }));"
        )
        self.run(script, field, value)

    def click(self, selector: str) -> None:
        """Click an element."""
        self.reader.one(selector).click()

    def type(self, selector: str, text: str) -> None:
        """Type into an element; keys without a letter as WebDriver names them."""
        self.reader.one(selector).send_keys(text)

    def click_at(self, x: int, y: int) -> None:
        """Click a place of the window."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        actions = ActionBuilder(self.reader.browser)
        actions.pointer_action.move_to_location(x, y)
        actions.pointer_action.click()
        actions.perform()

    def keep(self, name: str) -> bytes:
        """Return what is seen, and keep it among the screenshots."""
        picture = b64decode(self.screenshot())
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / f"{name}_{self.name}.png").write_bytes(picture)
        return picture

    def screenshot(self) -> str:
        """Return what is seen, as base64."""
        picture: str = self.reader.browser.get_screenshot_as_base64()
        return picture

    def paper(self) -> bytes:
        """Return the page on paper, as a PDF."""
        printed = self.reader.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        return b64decode(printed["data"])


class FirefoxVisitor(Visitor):
    """The same in Firefox."""

    name = "firefox"

    def __init__(self, firefox: Firefox, path: Path) -> None:
        self.firefox = firefox
        self.path = path
        self.run = firefox.run
        self.click = firefox.click
        self.type = firefox.type
        self.click_at = firefox.click_at
        self.screenshot = firefox.screenshot

    def open(self, page: str, fragment: str = "") -> str:
        """Open a page from a file, wait for the map, and give its address."""
        self.path.write_text(page, encoding="utf-8")
        self.firefox.trap.asked.clear()
        self.address = self.path.as_uri() + fragment
        self.firefox.open(self.address)
        self.wait("document.querySelector('[data-drawn]') !== null")
        return self.address

    def complaints(self) -> list[Any]:
        """Return the errors that the console tells of the page, not of the browser's own parts.

        Warnings are left out: Firefox has one for whoever copies a mouse event, as Leaflet does.
        """
        said = self.firefox.console()
        return [line for line in said if "Error" in line and self.path.name in line]

    def requests(self) -> list[str]:
        """Return every request since the page was opened, with the page's own."""
        # what the browser asks for by itself, of its makers, is not the page's
        makers = ("mozilla", "googleapis")
        tried = [line for line in self.firefox.trap.asked if not any(of in line for of in makers)]
        read = self.run("return performance.getEntriesByType('resource').map((e) => e.name)")
        return [self.address.partition("#")[0], *read, *tried]

    def paper(self) -> bytes:
        """Return the page on paper, as a PDF."""
        return b64decode(self.firefox.print())


# the middle of a mahalla in the window
PLACE = (
    "const [a, b] = shapes[arguments[0]].bounds;"
    "const box = theMap.getContainer().getBoundingClientRect();"
    "const at = theMap.latLngToContainerPoint([(a.lat + b.lat) / 2, (a.lng + b.lng) / 2]);"
    "return [Math.round(box.left + at.x), Math.round(box.top + at.y)];"
)


@pytest.fixture(params=["chromium", "firefox"])
def visitor(request: pytest.FixtureRequest, tmp_path: Path) -> Visitor:
    """Return a visitor, in one browser after the other."""
    if request.param == "chromium":
        return Visitor(request.getfixturevalue("reader"))
    return FirefoxVisitor(request.getfixturevalue("firefox"), tmp_path / "map.html")


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Yield headless Firefox, whose every request would come to a socket of the test's."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("Firefox is not installed")
    browser = Firefox(program, tmp_path_factory.mktemp("firefox"))
    yield browser
    browser.close()


@pytest.fixture
def reader(browser: Any, tmp_path: Path) -> Reader:
    """Return what reads a page."""
    browser.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    return Reader(browser, tmp_path / "map.html")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Yield headless Chromium, every name of a host unknown to it, its network log kept."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and its driver are not installed")
    profile: Path = tmp_path_factory.mktemp("chromium")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    session = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    # away from the browser's own first page, whose files would stand in the log
    session.get("about:blank")
    yield session
    session.quit()
