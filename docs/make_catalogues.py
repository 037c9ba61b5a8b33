"""Make the catalogues in hotspot/locale again: every text of the code, with what is translated.

Uzbek is written once, in Latin letters; its Cyrillic catalogue is the same by transliteration
(alifbo), names in braces left alone. Run with ``make catalogues``; prints what is untranslated.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import alifbo
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "hotspot" / "locale"
KEYWORDS = {"_": None, "mark": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
PLURALS = {
    "uz": "nplurals=1; plural=0;",
    "uz_Cyrl": "nplurals=1; plural=0;",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
    "(n%100<12 || n%100>14) ? 1 : 2);",
}
# what stays as it is: names in braces, tags, options, file names, code, and words in capitals
_KEPT = re.compile(
    r"\{[^{}]*\}|'[^']*'|\[[a-z_.]+\]|--[a-z-]+|\b[\w-]+\.(?:csv|xlsx|toml|html|json|pdf|md)\b"
    r"|\b[a-z]+_[a-z_]+\b|https?://\S+|\b[A-Z][A-Z0-9*/.]{1,}\b|\bGi\*|\bhotspot\b"
    r"|%[A-Za-z]\b|\b[pqz]\b|\bE-test"
)
# Uzbek words that are written as in English; any other word of both languages is code
_SHARED = {
    "Brier", "Mahalla", "Trend", "atlas", "interval", "kappa", "km", "km²", "m", "mahalla",
    "model", "radius", "test", "trend",
}  # fmt: skip
# words whose letters say too little: what the transliteration makes of them, and how they are
# spelt; no soft sign stands before an ending
_SPELT = {
    "бриэр": "брайер",
    r"квантил\b": "квантиль",
    r"модел\b": "модель",
    "обйект": "объект",
    r"парол\b": "пароль",
    "проексия": "проекция",
    "субйект": "субъект",
    "тенденсия": "тенденция",
    "филтр": "фильтр",
    "функсия": "функция",
    "ўца": "ўтса",
    "циз": "тсиз",
}


def extract() -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield every text of the code and its context."""
    found = extract_from_dir(ROOT / "hotspot", [("**.py", "python")], keywords=KEYWORDS)
    for _, _, message, _, context in found:
        yield message, context


def path_of(language: str) -> Path:
    """Return the file of a catalogue."""
    return LOCALE / language / "LC_MESSAGES" / "hotspot.po"


def read(language: str) -> Catalog:
    """Return a catalogue as it is; an empty one where there is none yet."""
    path = path_of(language)
    text = path.read_bytes() if path.exists() else b""
    return read_po(io.BytesIO(text), locale=language)


def update(language: str, texts: list[tuple[str | tuple[str, ...], str | None]]) -> Catalog:
    """Return a catalogue of these texts, with what the one on disk has for them."""
    known = read(language)
    made = Catalog(locale=language, fuzzy=False)
    made._plural_expr = PLURALS[language].split("plural=", 1)[1].rstrip(";")
    made._num_plurals = int(PLURALS[language][9])
    for message, context in texts:
        old = known.get(message if isinstance(message, str) else message[0], context)
        string = old.string if old is not None and _same_kind(old, message) else None
        made.add(message, string, context=context)
    return made


def _same_kind(old: Message, message: str | tuple[str, ...]) -> bool:
    return bool(old.pluralizable) == isinstance(message, tuple)


def transliterate(text: str, english: str) -> str:
    """Return an Uzbek text in Cyrillic letters, what is not Uzbek left alone."""
    words = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"\{[^{}]*\}", "", english)))
    same = "".join(rf"|\b{word}\b" for word in sorted(words) if word not in _SHARED)
    made, end = "", 0
    for kept in re.finditer(_KEPT.pattern + same, text):
        made += _letters(text[end : kept.start()]) + kept.group()
        end = kept.end()
    return made + _letters(text[end:])


def _letters(text: str) -> str:
    made = alifbo.to_cyrillic(text).text
    for latin, right in _SPELT.items():
        made = re.sub(latin, right, made)
        made = re.sub(latin.capitalize(), right.capitalize(), made)
    return made


def cyrillic(latin: Catalog) -> Catalog:
    """Return the Uzbek catalogue in Cyrillic letters."""
    made = update("uz_Cyrl", [])
    for message in latin:
        if not message.id:
            continue
        string = message.string or ""
        english = message.id if isinstance(message.id, str) else " ".join(message.id)
        if isinstance(string, str):
            shown: str | tuple[str, ...] = transliterate(string, english)
        else:
            shown = tuple(transliterate(form, english) for form in string or ())
        made.add(message.id, shown, context=message.context)
    return made


def text_of(catalogue: Catalog) -> bytes:
    """Return the file of a catalogue: sorted, without a clock or the places of the texts."""
    written = io.BytesIO()
    write_po(written, catalogue, omit_header=True, sort_output=True, no_location=True, width=98)
    language = str(catalogue.locale)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )
    return header.encode() + written.getvalue().lstrip()


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts without a translation."""
    missing = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.id and not all(strings):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def catalogues(languages: Sequence[str] = ("uz", "ru")) -> dict[str, Catalog]:
    """Return the catalogues as they should be; with the Uzbek one that in Cyrillic letters."""
    texts = list(extract())
    made = {language: update(language, texts) for language in languages}
    return made | ({"uz_Cyrl": cyrillic(made["uz"])} if "uz" in made else {})


def main() -> None:
    """Write the catalogues, all or those named, and say what is untranslated."""
    for language, catalogue in catalogues(sys.argv[1:] or ("uz", "ru")).items():
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text_of(catalogue))
        missing = untranslated(catalogue)
        print(f"{language}: {len(catalogue)} texts, {len(missing)} untranslated", file=sys.stderr)


if __name__ == "__main__":
    main()
