"""The months beside each other: the same every time, their reds counted, new ones outlined."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from hotspot.errors import InputError
from hotspot.language import speaking
from hotspot.maps.small_multiples import draw_months
from hotspot.palette import COLOURS

TITLE = "Kashkadarya"


def find_pixels(written: bytes, colour: str) -> np.ndarray:
    pixels = np.asarray(Image.open(BytesIO(written)).convert("RGB")).astype(int)
    wanted = np.rint(np.array(to_rgb(colour)) * 255)
    found: np.ndarray = np.abs(pixels - wanted).max(axis=2) <= 1
    return found


@pytest.mark.parametrize("path_format", ["png", "pdf"])
def test_same_bytes_however_rows_lie(table, past, path_format):
    history = past["history"]
    shown = {"title": TITLE, "districts": table["district"], "path_format": path_format}
    first = draw_months(table.geometry, history, **shown)
    assert draw_months(table.geometry, history, **shown) == first
    shuffled = table.sample(frac=1, random_state=7)
    rows = history.sample(frac=1, random_state=8)
    assert draw_months(shuffled.geometry, rows, **shown) == first


def test_a_month_is_painted_by_its_categories(table, past):
    history = past["history"].copy()
    history[:] = "green"
    history.iloc[:, -1] = "yellow"
    found = draw_months(table.geometry, history, title=TITLE, path_format="png")
    green, yellow = (int(find_pixels(found, COLOURS[key]).sum()) for key in ("green", "yellow"))
    swatch = 7 * 4 * (200 / 25.4) ** 2
    # three months are green and one is yellow; each colour is in the legend once
    assert (green - swatch) / (yellow - swatch) == pytest.approx(3, rel=0.05)


def test_a_mahalla_of_no_known_category_stays_white(table, past):
    history = past["history"].astype(object)
    history[:] = None
    found = draw_months(table.geometry, history, title=TITLE, path_format="png")
    swatch = 7 * 4 * (200 / 25.4) ** 2
    # of green there is the legend's field, and the line around it over its edge
    assert int(find_pixels(found, COLOURS["green"]).sum()) == pytest.approx(swatch, rel=0.2)


def test_only_new_reds_are_outlined(table, past):
    history = past["history"].copy()
    history[:] = "green"
    same = draw_months(table.geometry, history, title=TITLE, path_format="png")
    history.loc[table.index[0]] = "red"
    always = draw_months(table.geometry, history, title=TITLE, path_format="png")
    history.loc[table.index[0], history.columns[:2]] = "green"
    became = draw_months(table.geometry, history, title=TITLE, path_format="png")
    ink = [int(find_pixels(drawn, "#1f2430").sum()) for drawn in (same, always, became)]
    assert ink[1] == pytest.approx(ink[0], rel=0.02)
    assert ink[2] > ink[1] * 1.05


def test_no_more_than_twelve_months_are_drawn(table, past):
    months = pd.period_range("2023-01", "2025-01", freq="M")
    history = pd.DataFrame(dict.fromkeys(months, table["category"]))
    shown = {"title": TITLE, "path_format": "png"}
    assert draw_months(table.geometry, history, **shown) == draw_months(
        table.geometry, history.iloc[:, -13:], **shown
    )


def test_two_classes_and_another_paper_and_language(table, past):
    history = past["history"].where(past["history"] == "red", "not_red")
    with speaking("ru"):
        written = draw_months(table.geometry, history, title=TITLE, paper="A3")
    assert b"/Lang (ru-RU)" in written
    assert b"/MediaBox [ 0 0 1190.55" in written


def test_says_what_it_cannot_draw(table, past):
    history = past["history"]
    cases = [
        ({"path_format": "svg"}, "the maps of months cannot be written as 'svg': take png or pdf"),
        ({"paper": "A5"}, "no paper is called 'A5': take A4 or A3"),
    ]
    for given, sentence in cases:
        with pytest.raises(InputError) as caught:
            draw_months(table.geometry, history, title=TITLE, **given)
        assert str(caught.value) == sentence
    with pytest.raises(InputError) as caught:
        draw_months(table.geometry, history.iloc[:, :0], title=TITLE)
    assert str(caught.value) == "the history has no month: there is nothing to draw"
    with pytest.raises(InputError) as caught:
        draw_months(table.geometry[:0], history, title=TITLE)
    assert str(caught.value) == "no mahalla has a polygon: there is nothing to draw"
