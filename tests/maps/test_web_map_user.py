"""What a user does with the page, in Chromium and in Firefox, without a network, at full size."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from shapely import box

from hotspot.language import month_name, speaking
from hotspot.maps.web_map import web_map
from hotspot.maps.web_texts import Texts

pytestmark = pytest.mark.slow

LANGUAGES = ("uz", "uz_Cyrl", "ru", "en")
# which mahalla has a name of its own
CHOSEN = 777
ARROW_LEFT, ENTER, ESCAPE = "\ue012", "\ue007", "\ue00c"


def region(size: int, months: int) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Return so many squares of a kilometre, a tenth of them without one, and their months.

    Every third mahalla is red, but the first in the last month only.
    """
    side = int(np.ceil(np.sqrt(size)))
    number = np.arange(size)
    special = {"": "Oʻzbekiston", "_cyrl": "Ўзбекистон", "_ru": "Узбекистан"}
    squares = [
        None if i % 10 == 9 else box(x, y, x + 1000, y + 1000)
        for i, (x, y) in enumerate(
            zip(400_000 + 1000 * (number % side), 4_290_000 + 1000 * (number // side), strict=True)
        )
    ]
    category = np.array(["red", "yellow", "green"])[number % 3]
    table = gpd.GeoDataFrame(
        {
            "name": [f"Gʻuliston {i} MFY" for i in number],
            "name_cyrl": [f"Ғулистон {i} МФЙ" for i in number],
            "name_ru": [f"Гулистан {i}" for i in number],
            "district": [f"Tuman {i // 100}" for i in number],
            "region": "Viloyat",
            "category": category,
            "count": number % 3,
            "population": 1000,
            "rate": 100.0 * (number % 3),
            "reason": [f"{key}: {i} of 1,234.5" for i, key in enumerate(category)],
        },
        index=pd.Index([f"17{i:06d}" for i in number], name="mahalla_code"),
        geometry=squares,
        crs="EPSG:32642",
    )
    for script, name in special.items():
        table.loc[table.index[CHOSEN % size], f"name{script}"] = name
    periods = pd.period_range(end="2025-01", periods=months, freq="M")
    history = pd.DataFrame(dict.fromkeys(periods, table["category"]))
    history.iloc[0, :-1] = "yellow"
    counted = pd.period_range(end="2025-01", periods=months + 11, freq="M")
    counts = pd.DataFrame(dict.fromkeys(counted, number % 3), index=table.index)
    bins = pd.DataFrame(dict.fromkeys(periods, pd.Series(number % 7 - 3, table.index)))
    others = {
        language: Texts(f"Title {language}", reasons=table["reason"].str.replace(":", " – "))
        for language in LANGUAGES
    }
    past = {"history": history, "counts": counts, "gi_bins": bins, "others": others}
    return table, past


@pytest.fixture(scope="module", params=[(832, 12), (832, 36), (9008, 12), (9008, 36)])
def of_size(request: pytest.FixtureRequest) -> tuple[int, int, str]:
    """Return the number of mahallas, of months, and the page."""
    size, months = request.param
    table, past = region(size, months)
    with speaking("uz"):
        return size, months, web_map(table, title="Title uz", month="2025-01", **past)


# of the map, in the window
MIDDLE = (
    "const box = document.getElementById('stage').getBoundingClientRect();"
    "return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)];"
)


def numbers(visitor, selector: str) -> list[int]:
    """Return the numbers that elements show."""
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
    return [int(re.sub(r"\D", "", text)) for text in visitor.run(script, selector)]


def test_everything_a_user_does(visitor, of_size) -> None:
    size, months, page = of_size
    name = f"{size}x{months}"
    reds = int(np.ceil(size / 3))
    address = visitor.open(page)
    assert visitor.run("return document.querySelector('[data-drawn]').dataset.drawn") == str(
        size - size // 10
    )
    picture = Image.open(BytesIO(visitor.keep(f"{name}_map"))).convert("RGB")
    colours = {colour for _, colour in picture.getcolors(maxcolors=10_000_000)}
    assert (177, 0, 38) in colours

    # the slider, by its keys: before its last month the first mahalla was not red
    assert numbers(visitor, "#categories button b")[0] == reds
    visitor.type("#month", ARROW_LEFT)
    assert numbers(visitor, "#categories button b")[0] == reds - 1
    with speaking("uz"):
        assert visitor.text("#month-now").casefold() == month_name("2024-12").casefold()
    visitor.click("#after")
    assert numbers(visitor, "#categories button b")[0] == reds

    # the same mahalla in three scripts
    for typed in ("o'zbekiston", "узбекистан", "ЎЗБЕКИСТОН"):
        visitor.run("document.getElementById('search').value = ''")
        visitor.type("#search", typed)
        assert visitor.text("#found li bdi") == "Oʻzbekiston"
        visitor.type("#search", ENTER)
        assert visitor.text("#card h2") == "Oʻzbekiston"
    # it is in the middle now, where a click finds it again, whatever language it is in
    visitor.click("#card .close")
    visitor.click_at(*visitor.run(MIDDLE))
    assert visitor.text("#card h2") == "Oʻzbekiston"
    for language in LANGUAGES[::-1]:
        visitor.choose("#language", language)
        assert visitor.run("return document.documentElement.lang") == language.replace("_", "-")
        visitor.keep(f"{name}_card_{language}")
    visitor.choose("#language", "ru")
    assert visitor.text("#title") == "Title ru"
    assert visitor.text("#card h2") == "Узбекистан"
    assert visitor.text("#card .reason") == f"red – {CHOSEN} of 1,234.5"
    visitor.click("#card .close")

    # the filters
    visitor.choose("#district", "1")
    visitor.click("#categories li:first-child button")
    assert numbers(visitor, "#shown") == [33]
    visitor.keep(f"{name}_filter")
    visitor.click("#clear")
    visitor.choose("#district", "-1")
    assert numbers(visitor, "#shown") == [size]

    # two months side by side, the other layers, the table
    visitor.choose("#compare", "0")
    visitor.choose("#layer", "gi_bin")
    visitor.keep(f"{name}_compare")
    visitor.choose("#compare", "-1")
    visitor.click("#show-table")
    assert len(visitor.run("return [...document.querySelectorAll('#table tbody tr')]")) == 200
    visitor.keep(f"{name}_table")
    visitor.click("#show-map")
    visitor.choose("#layer", "category")

    paper = visitor.paper()
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Subtype /Image") >= 3
    assert visitor.run("return document.querySelectorAll('.on-paper').length") == 0
    assert visitor.requests() == [address]
    assert visitor.complaints() == []


def test_both_browsers_would_tell_of_a_request_and_of_an_error(visitor) -> None:
    table, past = region(20, 2)
    page = web_map(table, title="Title", month="2025-01", **past)
    visitor.open(page.replace("<header", "<script>window.stranger = 1</script><header", 1))
    assert visitor.run("return window.stranger ?? null") is None
    assert len(visitor.complaints()) > 0
    visitor.open("<!DOCTYPE html><p data-drawn>x</p><img src='http://example.invalid/a.png'>")
    visitor.wait("document.images[0].complete")
    assert len(visitor.requests()) > 1
