"""The page for everyone: axe-core finds nothing grave, and the colours can be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotspot.language import LANGUAGES
from hotspot.maps.web_map import web_map
from hotspot.maps.web_texts import Texts

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
]  # fmt: skip
STATES = {
    "the map": "",
    "the table": "#table=1",
    "a card": "#mahalla=1710207002",
    "a card without polygon": "#mahalla=1710212011",
    "a filter": "#district=Gʻuzor%7C&categories=red&classes=",
    "two months": "#compare=2024-10&layer=change",
    "the density": "#layer=density&hatch=1&accessible=1",
    "Gi* before": "#layer=gi_bin&month=2024-10&names=0",
}


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core's script."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm install --prefix build/axe axe-core@4")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def page(table, past, density) -> str:
    """Return a page with all that it can hold, in four languages."""
    table["population"] = 1000
    table["rate"] = np.linspace(0, 900, 12)
    table["red_probability"] = np.linspace(0, 1, 12)
    table["name_ru"] = [f"Гулистан {i + 1}" for i in range(12)]
    table["gi_bin"] = [i % 7 - 3 for i in range(12)]
    bins = past["history"].apply(lambda month: table["gi_bin"])
    flips = table[["count"]].rename(columns={"count": "more"}).astype(float)
    flips = flips.assign(category_more="green", fewer=1.0, category_fewer="red")
    others = {language: Texts(f"Title {language}") for language in LANGUAGES}
    return web_map(
        table,
        title="Kashkadarya",
        month="2025-01",
        criteria="three offenses",
        notes=["All kinds of offenses are counted."],
        density=density,
        unplaced=3,
        gi_bins=bins,
        flips=flips,
        others=others,
        **past,
    )


@pytest.fixture(params=[1280, 360], ids=["wide", "narrow"])
def sized(request, reader) -> Iterator[Any]:
    """Return a reader at a desk, and one with a telephone."""
    screen = {"width": request.param, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    reader.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    yield reader
    reader.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def violations(reader, axe: str) -> list[str]:
    """Return what axe finds, each with the first element it finds it at."""
    reader.browser.set_script_timeout(60)
    reader.run(axe)
    found = reader.browser.execute_async_script(
        "const done = arguments[1];"
        "axe.run(document, { runOnly: arguments[0] }).then((result) => done(result.violations))",
        RULES,
    )
    return [f"{of['id']} ({of['impact']}): {of['nodes'][0]['html']}" for of in found]


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_state(sized, page, axe, state) -> None:
    sized.open(page, STATES[state])
    assert violations(sized, axe) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_any_language(sized, page, axe, language) -> None:
    sized.open(page, f"#lang={language}&mahalla=1710207002")
    assert violations(sized, axe) == []
    # nothing is wider than the screen, however long the words are
    wide = sized.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]


def test_axe_would_tell(reader, page, axe) -> None:
    reader.open(page)
    reader.run("document.querySelector('label[for=district]').remove()")
    assert [of.partition(" ")[0] for of in violations(reader, axe)] == ["select-name"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_clicked_is_large_enough(sized, page, language) -> None:
    sized.open(page, f"#lang={language}&mahalla=1710207002")
    small = sized.run(
        "return [...document.querySelectorAll('button,select,input,summary,[role=button]')]"
        ".filter((e) => e.offsetParent).map((e) => [e.closest('label') ?? e, e])"
        ".filter(([e]) => { const { width, height } = e.getBoundingClientRect();"
        " return width < 24 || height < 24; }).map(([, e]) => e.outerHTML)"
    )
    assert small == []


def test_the_focus_is_seen_on_everything(reader, page) -> None:
    from selenium.webdriver.common.keys import Keys

    reader.open(page)
    seen = []
    for _ in range(40):
        reader.browser.switch_to.active_element.send_keys(Keys.TAB)
        outline, name, place = reader.run(
            "const e = document.activeElement, box = e.getBoundingClientRect();"
            "return [getComputedStyle(e).outlineStyle, e.id || e.className || e.textContent,"
            " [box.top >= 0 && box.bottom <= innerHeight, e === document.body]]"
        )
        if place[1]:
            break
        assert (outline, place[0]) == ("solid", True), name
        seen.append(name)
    for name in ("language", "search", "district", "layer", "hatch", "show-table", "month"):
        assert name in seen
