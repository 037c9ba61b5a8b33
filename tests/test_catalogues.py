"""Every sentence that can be shown stands in the catalogues, and none breaks when it is filled in.

The texts are read off the source, so that a new one is held here on the day it is written.
"""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from hotspot.language import LANGUAGES

ROOT = Path(__file__).parent.parent
MAKER = runpy.run_path(str(ROOT / "docs" / "make_catalogues.py"))
TRANSLATED = [language for language in LANGUAGES if language != "en"]
ERRORS = {"HotspotError", "InputError", "JobError", "NothingToAnalyseError"}
# which of their arguments are texts
SAYING = {"_": slice(1), "mark": slice(1), "ngettext": slice(2), "pgettext": slice(1, 2)}


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield each call of a name: where it stands, the name, and the call."""
    for path in sorted((ROOT / "hotspot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node.func.id, node


CALLS = list(_calls())


def _refuses(place: str, name: str) -> bool:
    # of the job file's sections a ValueError ends as a sentence as well
    return name in ERRORS or (name == "ValueError" and place.startswith("hotspot/sections.py"))


def _words(text: ast.expr) -> str:
    """Return what is written out in a text, without what is filled in."""
    constants = [node.value for node in ast.walk(text) if isinstance(node, ast.Constant)]
    return " ".join(value for value in constants if isinstance(value, str))


def _blanks(text: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"\{(\w+)[^{}]*\}", text))


def test_an_error_is_a_sentence_that_can_be_translated() -> None:
    bare = [
        place
        for place, name, call in CALLS
        if _refuses(place, name)
        for text in call.args[:1]
        # sentences put together, as in f"{path}: {sentence}", have no words of their own
        if isinstance(text, ast.Constant | ast.JoinedStr | ast.BinOp)
        and re.search(r"[A-Za-z]", _words(text))
    ]
    assert not bare, "write the sentence as _('… {name} …', name=value)"


def test_a_text_is_a_literal_or_looked_up() -> None:
    hidden = [
        place
        for place, name, call in CALLS
        for text in call.args[SAYING.get(name, slice(0))]
        # what is looked up stands in mark(…), and that takes literals alone
        if isinstance(text, ast.JoinedStr | ast.BinOp | ast.Call)
        or (name == "mark" and not isinstance(text, ast.Constant))
    ]
    assert not hidden, "babel cannot extract these texts"


def test_babel_finds_every_text() -> None:
    # it does not look inside the braces of an f-string
    found = {
        text
        for of, _context in MAKER["extract"]()
        for text in ([of] if isinstance(of, str) else of)
    }
    unseen = [
        (place, text.value)
        for place, name, call in CALLS
        for text in call.args[SAYING.get(name, slice(0))]
        if isinstance(text, ast.Constant) and text.value and text.value not in found
    ]
    assert not unseen


def test_the_blanks_of_a_text_are_those_that_are_filled_in() -> None:
    wrong = []
    for place, name, call in CALLS:
        texts = call.args[SAYING.get(name, slice(0))]
        given = {keyword.arg for keyword in call.keywords} | (
            {"n"} if name == "ngettext" else set()
        )
        # a text without values is taken as it is, braces and all
        if not given or None in given or not all(isinstance(text, ast.Constant) for text in texts):
            continue
        # one of something may be said without its number
        blanks = map(_blanks, map(_words, texts))
        wrong += [place for of in blanks if of != given and of | {"n"} != given]
    assert not wrong


def _translations(language: str) -> Iterator[tuple[str, str]]:
    """Yield each text with each form of its translation, where it has one."""
    catalogue: Catalog = MAKER["read"](language)
    for message in catalogue:
        text = message.id if isinstance(message.id, str) else message.id[1]
        forms = [message.string] if isinstance(message.string, str) else message.string
        yield from ((text, form) for form in forms if text and form)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_blanks_of_its_text(language: str) -> None:
    wrong = [
        (text, form) for text, form in _translations(language) if _blanks(text) != _blanks(form)
    ]
    assert not wrong


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    catalogue = MAKER["read"](language)
    texts = {(text if isinstance(text, str) else text[0], of) for text, of in MAKER["extract"]()}
    assert sorted(text for text, of in texts if catalogue.get(text, of) is None) == []
    assert MAKER["untranslated"](catalogue) == []


def test_the_catalogues_are_those_that_the_texts_make() -> None:
    for language, catalogue in MAKER["catalogues"]().items():
        text = MAKER["path_of"](language).read_bytes()
        assert text == MAKER["text_of"](catalogue), f"{language}: run make catalogues"
