"""The page in every language, changed in a real browser that reaches no network."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from hotspot.language import LANGUAGES, NAMES, _, month_name, ngettext, number, speaking
from hotspot.maps.web_map import web_map
from hotspot.maps.web_texts import Texts

pytestmark = pytest.mark.slow

HOW: dict[str, Any] = {"title": "Kashkadarya", "month": "2025-01"}


@pytest.fixture
def page_of_four(table, past, density) -> str:
    """Return a page in four languages, with names in three scripts."""
    table["name_cyrl"] = [f"Гулистон {i + 1} МФЙ" for i in range(12)]
    table["name_ru"] = [f"Гулистан {i + 1}" for i in range(11)] + [None]
    table["rate"] = [1234.5, 200, 0, 0, 100, 700, 0, 0, 0, 300, 1200, 0]
    table["population"] = 12_345
    table["reason"] = [f"red because {i} of 1,234.5" for i in range(12)]
    others = {
        language: Texts(
            title=f"Title {language}",
            criteria=f"Criteria {language}",
            notes=[f"Note {language}"],
            reasons=pd.Series([f"{language} {i}: 1\xa0234,5" for i in range(12)], table.index),
        )
        for language in ("uz", "uz_Cyrl", "ru")
    }
    return web_map(
        table, **HOW, criteria="Criteria en", notes=["Note en"], others=others,
        density=density, unplaced=5, **past,
    )  # fmt: skip


def test_the_language_is_changed_on_the_spot(reader, page_of_four):
    address = reader.open(page_of_four, "#mahalla=1710207001")
    options = reader.texts("#language option")
    assert options == ["English", "Oʻzbekcha", "Ўзбекча", "Русский"]
    seen, named = {}, {}
    for language in ("ru", "uz_Cyrl", "uz", "en"):
        reader.choose("#language", NAMES[language])
        with speaking(language):
            numbers = [number(0.25, 2), number(12_345), month_name("2025-01"), _("Category")]
        card = reader.one("#card").get_property("textContent")
        assert reader.run("return document.documentElement.lang") == language.replace("_", "-")
        assert numbers[1] in card
        assert reader.run("return show(.25)") == numbers[0]
        assert reader.one("#month-now").get_property("textContent") == numbers[2]
        assert reader.texts("#layer option")[0] == numbers[3]
        seen[language] = [
            reader.one("h1").text,
            reader.browser.title.partition(",")[0],
            reader.one("#criteria").text,
            reader.one("#further").text,
        ]
        named[language] = [
            reader.one("#card h2").text,
            reader.one("#card h2").get_dom_attribute("lang"),
            reader.one("#card .reason").get_property("textContent"),
        ]
    plain = "Guliston 1 MFY"
    assert named == {
        "ru": ["Гулистан 1", None, "ru 0: 1\xa0234,5"],
        "uz_Cyrl": ["Гулистон 1 МФЙ", None, "uz_Cyrl 0: 1\xa0234,5"],
        "uz": [plain, None, "uz 0: 1\xa0234,5"],
        "en": [plain, "uz", "red because 0 of 1,234.5"],
    }
    others = ("uz", "uz_Cyrl", "ru")
    assert seen == {
        "en": ["Kashkadarya", "Kashkadarya", "Criteria en", "Note en"],
        **{of: [f"Title {of}", f"Title {of}", f"Criteria {of}", f"Note {of}"] for of in others},
    }
    assert reader.requests() == [address.partition("#")[0]]
    assert reader.complaints() == []


def test_a_link_leads_to_the_same_language(reader, page_of_four):
    reader.open(page_of_four)
    reader.choose("#language", "Русский")
    fragment = reader.wait(
        lambda: (found := reader.run("return location.hash")).count("lang=ru") and found
    )
    reader.open(page_of_four, fragment)
    assert reader.run("return document.documentElement.lang") == "ru"
    assert reader.one("#month-now").get_property("textContent") == "январь 2025"
    reader.open(page_of_four, "#lang=tlh")
    assert reader.run("return document.documentElement.lang") == "en"
    # a mahalla without a name in Russian is called as it is, and said to be Uzbek
    reader.open(page_of_four, "#lang=ru&mahalla=1710212012")
    assert reader.one("#card h2").text == "Guliston 12 MFY"
    assert reader.one("#card h2").get_dom_attribute("lang") == "uz"


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_of_the_page_are_those_of_gettext(reader, page_of_four, language):
    reader.open(page_of_four, f"#lang={language}")
    numbers = [0, 1, 2, 4, 5, 11, 12, 14, 20, 21, 22, 25, 100, 101, 111, 1001, 1_000_000]
    shown = reader.run("return arguments[0].map((n) => word('hidden', { n }))", numbers)
    one, many = "{n} mahalla without polygon", "{n} mahallas without polygon"
    with speaking(language):
        assert shown == [ngettext(one, many, n) for n in numbers]
