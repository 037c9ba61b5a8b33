"""What the printed maps say: read back by pdftotext in every language, nothing over anything."""

from __future__ import annotations

import gettext
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from hotspot import language
from hotspot.language import LANGUAGES, _, month_name, speaking
from hotspot.maps.atlas import draw_atlas
from hotspot.maps.captions import GREEN_NOTE, REMARK
from hotspot.maps.painting import SETTINGS
from hotspot.maps.print_map import draw_sheet, print_map
from hotspot.maps.small_multiples import draw_months
from hotspot.palette import CATEGORIES, LABELS

NAMES = {
    "uz": "Gʻuzor Oʻzbekiston Maʼrifat",
    "uz_Cyrl": "Ғузор Ўзбекистон Маърифат ҚҲ қҳ",
    "ru": "Щёлково Подъезд Эшонгузар",
    "en": "Fluffy office affine Guzor",
}
CRITERIA = "analytical-12m, version 2, SHA-256 d28dc3b02569…"
SOURCE = "Records read: 14,210"


@pytest.fixture
def table(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the squares with what a full month has."""
    rates = [1234.5 * i for i in range(12)]
    return table.assign(region="Qashqadaryo", rate=rates, months_red=3, previous_category="red")


@pytest.fixture
def draw_all(table: gpd.GeoDataFrame, past: dict[str, Any]) -> Callable[..., dict[str, bytes]]:
    """Return what draws every PDF of a table with a title."""

    def draw(title: str, **given: str) -> dict[str, bytes]:
        said = {"criteria": CRITERIA, **given}
        source = said.pop("source", SOURCE)
        districts = table["district"]
        past_months = past["history"]
        return {
            "map": print_map(
                table, title=title, month="2025-01", source=source, path_format="pdf", **said
            ),
            "atlas": draw_atlas(table, title=title, month="2025-01", source=source, **said),
            "months": draw_months(
                table.geometry, past_months, title=title, districts=districts, **said
            ),
        }

    return draw


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., str]:
    """Return what runs one of poppler's programs on a PDF."""

    def run(program: str, written: bytes, *options: str) -> str:
        if shutil.which(program) is None:
            pytest.skip(f"{program} of poppler-utils is not installed")
        path = tmp_path / "read.pdf"
        path.write_bytes(written)
        last = ["-"] if program == "pdftotext" else []
        command = [program, *options, str(path), *last]
        done = subprocess.run(command, check=True, capture_output=True)
        # a file that is not as a PDF should be makes it complain
        assert done.stderr == b""
        return done.stdout.decode()

    return run


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_text_title_language_and_letters_are_in_the_file(draw_all, table, read, spoken):
    table["name"] = [f"{NAMES[spoken]} {i}" for i in range(12)]
    with speaking(spoken):
        drawn = draw_all(NAMES[spoken])
        texts = {name: flat(read("pdftotext", written)) for name, written in drawn.items()}
        # letter by letter
        for name, text in texts.items():
            assert NAMES[spoken] in text, name
            assert flat(_(REMARK)) in text, name
            assert flat(month_name("2025-01")) in text, name
            for category in CATEGORIES:
                assert _(LABELS[category]) in text, name
        # on one line of its own where it is wide enough
        assert flat(_(GREEN_NOTE)) in texts["atlas"]
    for i in range(12):
        assert texts["atlas"].count(f"{NAMES[spoken]} {i} ") == 1
    tags = {"uz": "uz-Latn-UZ", "uz_Cyrl": "uz-Cyrl-UZ", "ru": "ru-RU", "en": "en"}
    for written in drawn.values():
        assert f"/Lang ({tags[spoken]})".encode() in written
        assert f"Title:           {NAMES[spoken]}" in read("pdfinfo", written)
        _head, _line, *fonts = read("pdffonts", written).splitlines()
        assert fonts
        for font in fonts:
            assert "DejaVuSans" in font
            assert "TrueType" in font
            # embedded, a subset, and with what its letters mean
            assert re.search(r" yes +yes +yes +\d", font), font


def test_every_mahalla_is_read_once_and_numbered(read):
    # more than one page holds, every fifth without polygon, dealt to three districts
    number = 400
    squares = [shapely.box(i % 20, i // 20, i % 20 + 1, i // 20 + 1) for i in range(number)]
    table = gpd.GeoDataFrame(
        {
            "name": [f"Name{i:03d}" for i in range(number)],
            "district": [f"District {i % 3}" for i in range(number)],
            "category": [CATEGORIES[i % 4] for i in range(number)],
            "count": 3,
        },
        index=pd.Index([f"{i:05d}" for i in range(number)], name="mahalla_code"),
        geometry=gpd.GeoSeries(squares).scale(1000, 1000, origin=(0, 0)).to_numpy(),
        crs="EPSG:32642",
    )
    table.loc[table.index[::5], "geometry"] = None
    text = read("pdftotext", draw_atlas(table, title="Title", month="2025-01"), "-layout")
    found = re.findall(r"(\d+) +[■▲●○] +(Name\d{3}) +3\b", text)
    assert sorted(name for _place, name in found) == table["name"].tolist()
    # in the order of the codes, from one in each district
    places = {name: int(place) for place, name in found}
    for _district, rows in table.groupby("district"):
        assert [places[name] for name in rows["name"]] == list(range(1, len(rows) + 1))


def test_a_label_upon_the_map_is_a_short_one(table, read):
    table["district"] = "D" * 10_000
    text = read("pdftotext", draw_atlas(table, title="Title", month="2025-01"), "-l", "1")
    assert next(word for word in text.split() if word.startswith("D")) == "D" * 39 + "…"


def test_each_note_at_the_foot_has_its_line_and_none_is_missing(draw_all, read):
    drawn = draw_all("Title")
    lines = read("pdftotext", drawn["atlas"], "-layout", "-l", "1").splitlines()
    assert lines[-3] == CRITERIA
    assert lines[-2].startswith(SOURCE)
    # two of the twelve squares
    text = flat(read("pdftotext", drawn["months"]))
    assert "12 mahallas · 2 mahallas without polygon · Green means" in text


@pytest.mark.parametrize(
    ("known", "heading", "note"),
    [
        ({"rate": 1.0}, "Count Rate", "Count: offenses in the window; rate: offenses per"),
        ({"rate": float("nan")}, "Count", "Count: offenses in the window."),
        ({"rate": float("nan"), "count": float("nan")}, "Mahalla", "not safety."),
    ],
)
def test_the_atlas_has_no_column_of_dashes(table, read, known, heading, note):
    written = draw_atlas(table.assign(**known), title="Title", month="2025-01")
    text = flat(read("pdftotext", written, "-layout", "-f", "2", "-l", "2"))
    assert f"{heading} red Before" in text
    assert note in text


def boxes_of(html: str) -> list[list[tuple[str, shapely.Polygon]]]:
    """Return the words of every page with their boxes, without the air above and below them."""
    pages = []
    for page in html.split("<page ")[1:]:
        sides = " ".join(f'{side}="([\\d.-]+)"' for side in ("xMin", "yMin", "xMax", "yMax"))
        words = re.findall(f"<word {sides}>(.*?)</word>", page)
        found = []
        for west, upper, east, lower, word in words:
            air = (float(lower) - float(upper)) * 0.2
            box = shapely.box(
                float(west) + 0.1, float(upper) + air, float(east) - 0.1, float(lower) - air
            )
            found.append((unescape(word), box))
        pages.append(found)
    return pages


class Longer(gettext.NullTranslations):
    """A language whose every word is as long again by half, as in a translation not yet made."""

    def gettext(self, message: str) -> str:
        """Return a text with its words made longer, its places to fill in kept."""
        return re.sub(
            r"(?<!\{)\b[A-Za-z]{3,}\b(?!\})", lambda w: w[0] + "щ" * (len(w[0]) // 2), message
        )

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Return the form for many, longer."""
        return self.gettext(many)

    def pgettext(self, context: str, message: str) -> str:
        """Return the text, longer."""
        return self.gettext(message)


@pytest.fixture(params=[*LANGUAGES, "longer"])
def spoken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return each language in turn, and one with longer words than any."""
    if request.param == "longer":
        monkeypatch.setattr(language, "_catalogue", lambda _spoken: Longer())
        return "ru"
    found: str = request.param
    return found


LONG = {
    "criteria": "Criteria of a very long name that somebody gave them, version 2.1.17-provisional, "
    "SHA-256 d28dc3b02569…, ledger 0123456789ab…, and yet another sentence about them",
    "source": "A source that is told at length, with offices, dates and numbers. " * 6,
}


def test_no_word_lies_over_another_or_off_the_page(draw_all, table, read, spoken):
    table["district"] = ["Qashqadaryo viloyati markaziy tumani"] * 6 + ["Yangi tuman"] * 6
    with speaking(spoken):
        drawn = draw_all("A title that is long and goes on and on until it fills the line", **LONG)
        for name, written in drawn.items():
            size = re.search(r"Page size: +([\d.]+) x ([\d.]+)", read("pdfinfo", written))
            assert size is not None
            sheet = shapely.box(0, 0, *(float(side) for side in size.groups())).buffer(-20)
            for words in boxes_of(read("pdftotext", written, "-bbox")):
                assert words
                for word, box in words:
                    assert sheet.contains(box), (name, word)
                for (one, its), (other, others) in combinations(words, 2):
                    # the boxes of a line's own parts touch
                    least = min(its.area, others.area)
                    assert its.intersection(others).area < 0.2 * least, (name, one, other)


@pytest.mark.parametrize("turned", [False, True])
def test_no_text_of_the_sheet_lies_over_another_or_off_it(table, spoken, turned):
    from matplotlib import style

    if turned:
        table["geometry"] = [
            None if shape is None else shapely.transform(shape, lambda points: points[:, ::-1])
            for shape in table.geometry
        ]
    table["district"] = ["Qashqadaryo viloyati markaziy tumani"] * 6 + ["Yangi tuman"] * 6
    for paper in ("A4", "A3"):
        with style.context(SETTINGS), speaking(spoken):
            notes = {_("Criteria"): LONG["criteria"], _("Window"): LONG["source"]}
            notes[_("Source")] = LONG["source"]
            sheet = draw_sheet(
                table, title="Title " * 30, month="2025-01", notes=notes, paper=paper
            )
            renderer = FigureCanvasAgg(sheet.figure).get_renderer()
            texts = [text for text in sheet.figure.findobj(Text) if text.get_text()]
            boxes = [text.get_window_extent(renderer).shrunk(1, 0.75) for text in texts]
        width, height = sheet.figure.bbox.width, sheet.figure.bbox.height
        assert len(boxes) > 15
        for text, box in zip(texts, boxes, strict=True):
            inside = box.x0 > 50 and box.y0 > 50 and box.x1 < width - 50 and box.y1 < height - 50
            assert inside, text.get_text()
        for i, j in combinations(range(len(boxes)), 2):
            assert not boxes[i].overlaps(boxes[j]), (texts[i].get_text(), texts[j].get_text())
