r"""The language that sentences are written in, and its numbers, months and plurals.

A text stands in the code in English, inside ``_`` or ``ngettext``; the catalogues in ``locale/``
have it in the other languages. Which one is spoken is a setting of the thread, as with decimal's
context, so that a sentence can be written deep inside a reading room without passing the language
through every door:

>>> with speaking("ru"):
...     _("Red"), month_name("2025-01"), number(1234.5, 1).replace("\xa0", " ")
('Красная', 'январь 2025', '1 234,5')
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("uz", "uz_Cyrl", "ru", "en")
"""Uzbek in Latin and in Cyrillic letters, Russian, and English, in which the texts are written."""

NAMES = {"uz": "Oʻzbekcha", "uz_Cyrl": "Ўзбекча", "ru": "Русский", "en": "English"}
"""What each language calls itself."""

_spoken: ContextVar[str] = ContextVar("language", default="en")


def spoken() -> str:
    """Return the language that is spoken now.

    Examples
    --------
    >>> spoken()
    'en'
    """
    return _spoken.get()


def speak(language: str) -> None:
    """Speak a language from now on."""
    if language not in LANGUAGES:
        raise ValueError(f"'{language}' is no known language; take one of {', '.join(LANGUAGES)}")
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for the length of a block."""
    before = spoken()
    speak(language)
    try:
        yield
    finally:
        _spoken.set(before)


def mark(message: str) -> str:
    """Return a text as it is: for constants, which ``_`` translates where they are shown.

    Examples
    --------
    >>> mark("Red")
    'Red'
    """
    return message


def _(message: str, **values: object) -> str:
    """Return a text in the language spoken, its ``{names}`` filled in.

    Parameters
    ----------
    message : the English text; with values, as for :meth:`str.format`.
    values : what to fill in, as text already where its digits matter.

    Examples
    --------
    >>> _("{name} is red", name="Guliston {1}")
    'Guliston {1} is red'
    """
    # the empty text is a catalogue's own heading
    said = _catalogue(spoken()).gettext(message) if message else message
    return said.format(**values) if values else said


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """Return the form of a text that goes with a number; ``{n}`` is the number, thousands apart.

    Examples
    --------
    >>> ngettext("{n} record", "{n} records", 1), ngettext("{n} record", "{n} records", 1200)
    ('1 record', '1,200 records')
    """
    # gettext takes no integer but Python's own
    said = _catalogue(spoken()).ngettext(one, many, int(n))
    return said.format(n=number(n), **values)


def pgettext(context: str, message: str, **values: object) -> str:
    """Return a text that means another thing elsewhere, as the column "Red" and the colour.

    Examples
    --------
    >>> pgettext("column", "Red")
    'Red'
    """
    said = _catalogue(spoken()).pgettext(context, message)
    return said.format(**values) if values else said


def number(value: float, digits: int = 0, *, sign: bool = False) -> str:
    """Return a number with so many decimals, thousands and decimals parted as the language does.

    Examples
    --------
    >>> number(1234.56, 1), number(-3, sign=True), number(3, sign=True)
    ('1,234.6', '-3', '+3')
    """
    if spoken() == "en":
        # the same as Babel's, without the 50 ms that its first number takes
        return f"{value:{'+' if sign else ''},.{digits}f}"
    from babel.numbers import format_decimal

    decimals = "." + "0" * digits if digits else ""
    pattern = f"+#,##0{decimals};-#,##0{decimals}" if sign else f"#,##0{decimals}"
    # numpy would round 0.125 another way than the English text does
    return format_decimal(round(float(value), digits), format=pattern, locale=spoken())


def percent(share: float, digits: int = 1) -> str:
    """Return a share as a percentage.

    Examples
    --------
    >>> percent(0.853)
    '85.3 %'
    """
    return f"{number(100 * share, digits)} %"


def month_name(month: object) -> str:
    """Return a month in words, whatever the computer's own language.

    Parameters
    ----------
    month : a Period or a text as ``2025-01``.

    Examples
    --------
    >>> month_name("2025-01")
    'January 2025'
    >>> with speaking("uz_Cyrl"):
    ...     month_name("2025-01")
    '2025 йил январь'
    """
    from babel.dates import format_date

    year, number_ = str(month).split("-")[:2]
    first = date(int(year), int(number_), 1)
    name = format_date(first, "LLLL", locale=spoken())
    if spoken() == "uz":
        return f"{year}-yil {name.lower()}"
    if spoken() == "uz_Cyrl":
        # written январь, апрель, июнь; Unicode's tables leave the soft sign out
        return f"{year} йил {name}{'ь' if name[-1] in 'рлн' else ''}"
    return f"{name} {year}"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Return what gettext looks a text up in; the catalogue is read from its source each time."""
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = files("hotspot").joinpath("locale", language, "LC_MESSAGES", "hotspot.po")
    with source.open("rb") as file:
        catalogue: Any = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
