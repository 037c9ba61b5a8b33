"""A name as typed becomes keys: in one alphabet, without its type, with its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hotspot.loaders.name_repair import repair_names
from hotspot.loaders.name_types import mark_numbers, split_type

# every apostrophe in use; a tutuq is one too, because files don't keep them apart
APOSTROPHES = "'ʻʼ`‘’´′ʹˈ＇‛ꞌ"

# uzbek cyrillic onto latin, oʻ and gʻ as one letter each; е and э are one sound, ь is none
_CYRILLIC = {
    **dict(zip("абвгдежзийклмнопрстуфхъыэўқғҳ", "abvgdejziyklmnoprstufx'ieöqğh", strict=True)),
    "ё": "yo",
    "ю": "yu",
    "я": "ya",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ь": "",
    # as old uzbek fonts, tajik and karakalpak write them
    "ћ": "h",
    "ќ": "q",
    "ѓ": "ğ",
    "ӯ": "ö",
    "ө": "ö",
    "ә": "a",
    "ү": "u",
    "ң": "n",
    "і": "i",
    "ј": "j",
    "ѕ": "s",
    "є": "e",
    "ї": "i",
}
# the drafted alphabet, and karakalpak latin
_DRAFTED = {
    "õ": "ö",
    "ō": "ö",
    "ó": "ö",
    "ŏ": "ö",
    "ǵ": "ğ",
    "ş": "sh",
    "ș": "sh",
    "ç": "ch",
    "ć": "ch",
    "á": "a",
    "ú": "u",
    "ü": "u",
    "ı": "i",
    "ń": "n",
    "ñ": "n",
    "é": "e",
    "í": "i",
    "ý": "y",
    "\u0307": "",
}
_SIGNS = '"“”„«»‹›[]{}_/\\|*,;'
_QUOTES = dict.fromkeys(_SIGNS, " ")
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_ONE_ALPHABET = {
    **_CYRILLIC,
    **_DRAFTED,
    **_QUOTES,
    **_DASHES,
    **dict.fromkeys(APOSTROPHES[1:], "'"),
}

_UZBEK = re.compile(r"[ўқғҳЎҚҒҲћќѓ]|[МҚКОШмқкош]\.? ?[Фф]\.? ?[Йй]\b|(?:ининг|даги)\b")
_RUSSIAN = re.compile(r"[ыщь]|дж|м\.?с\.?г\b|с\.?с\.?г\b|махалля|ский\b", re.IGNORECASE)
_CYRILLIC_LETTER = re.compile(r"[А-яЁё]")
# a list must be this long, and this Uzbek, to say how its undecided names are to be read
_LIST, _UZBEK_SHARE, _RUSSIAN_SHARE = 20, 0.3, 0.01
_LOST_AS_APOSTROPHE = re.compile(r"(?<=[a-z])\?(?=[a-z])")
_LONE_C = re.compile(r"c(?!h)")
_LOST = str.maketrans(dict.fromkeys("öğqh", "?"))
_NOT_KEY = re.compile(r"[^a-zöğ0-9#?\n]+")
_FILLERS = re.compile(r"\b(?:nomli|nomidagi|nomi bilan|nomida)\b\.?")
_FOREIGN = re.compile(r"[^a-zöğ0-9 '#?.()\-:!+&\n]")
_NAMED_FOR = re.compile(r"\bim(?:eni\b|\.) ?")
_BRACKETS = re.compile(r"\(([^()\n]*)\)?")
_NUMBER_SIGN = re.compile(r"[\d#]|\b[ivx]+\b")
# viii
_LONGEST_NUMBER = 4
# what clerks add in brackets that is no other name
NOTE = re.compile(r"jamoat|chegara|mavjud|yangi$|markaz")
_LETTER = re.compile("[a-zöğ]")
_WITHIN = re.compile(r"^(.*)\b(?:tarkibidagi|tarkibida|tarkibi)\b(.*)$")


@dataclass(frozen=True)
class Lines:
    """Names in one alphabet.

    Attributes
    ----------
    exact : list of str
        The whole name in lower case, words kept apart: what the level `exact` compares.
    scripts : list of str
        "uzbek" or "russian" Cyrillic by letters that only one of them has, "cyrillic" for either,
        "latin" for all else.
    """

    exact: list[str]
    scripts: list[str]


@dataclass(frozen=True)
class Parts:
    """Names taken apart, each list as long as the names.

    Attributes
    ----------
    words : list of str
        The name without its type, what it lies within and another name in brackets.
    strict : list of str
        `words` without spaces and signs, the numbers behind #.
    types : list of str
        mfy, qfy, ofy, shfy, or nothing.
    within : list of str
        The strict key of what it lies within ("X QFY tarkibidagi Y MFY": x), or nothing.
    aside : list of str
        The strict key of the other name in brackets, or, where a note stands there, of the name
        without it; or nothing.
    """

    words: list[str]
    strict: list[str]
    types: list[str]
    within: list[str]
    aside: list[str]


def fold_letters(text: str) -> str:
    """Return lines of text in one alphabet: lower case Latin, ö for oʻ and ğ for gʻ.

    Examples
    --------
    >>> fold_letters("Oʻrta qal`a") == fold_letters("ЎРТА ҚАЛЪА") == "örta qal'a"
    True
    """
    text = text.lower()
    # few letters in a long text: replaced one by one in half the time of a translation
    for letter in sorted(_ONE_ALPHABET.keys() & set(text)):
        text = text.replace(letter, _ONE_ALPHABET[letter])
    # ье and ye are written e after a consonant in one script and not in the other
    text = text.replace("o'", "ö").replace("g'", "ğ").replace("ye", "e")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.replace("\n ", "\n").replace(" \n", "\n").strip(" ")


def _number_last(key: str) -> str:
    parts = re.findall(r"#?(\d+)", key)
    letters = re.sub(r"#?\d+", "", key)
    return letters + "".join(f"#{number}" for number in sorted(int(part) for part in parts))


def lost_key(exact: str) -> str:
    """Return a name with ? for every letter that a cp1251 file turns into one.

    Examples
    --------
    >>> lost_key("qarshi mfy") == lost_key("?arshi") == "?ars?i"
    True
    """
    return _NOT_KEY.sub("", split_type(exact)[0].translate(_LOST))


def strict_keys(words: Sequence[str]) -> list[str]:
    """Return keys in which spaces, signs and apostrophes count for nothing and numbers do.

    Examples
    --------
    >>> strict_keys(["1-qatortöl", "qatortöl 1", "qatortöl-2", "mash'al"])
    ['qatortöl#1', 'qatortöl#1', 'qatortöl#2', 'mashal']
    """
    keys = _NOT_KEY.sub("", _NAMED_FOR.sub("", "\n".join(words))).split("\n")
    if _FOREIGN.search("".join(words)):
        # nothing may be left out of a name but signs that names have
        keys = ["" if _FOREIGN.search(line) else key for key, line in zip(keys, words, strict=True)]
    return [key if key.isalpha() or not key else _number_last(key) for key in keys]


def _lost_apostrophes(line: str) -> str:
    return _LOST_AS_APOSTROPHE.sub("", line.replace("o?", "ö").replace("g?", "ğ"))


def _split(line: str) -> tuple[str, str, str, str]:
    # the words of the name, its type, what it lies within, what stands in brackets
    word = line[:-4]
    if line[-4:] == " mfy" and word.isalpha() and len(word) > _LONGEST_NUMBER and "mfy" not in word:
        return word, "mfy", "", ""
    within = aside = ""
    if "?" in line:
        line = _lost_apostrophes(line)
    if "tarkib" in line and (match := _WITHIN.match(line)) and match[2].strip():
        within, line = split_type(match[1])[0], match[2].strip()
    if "(" in line:
        outside = _BRACKETS.sub(" ", line)
        if outside.strip():
            aside = " ".join(part for part in _BRACKETS.findall(line) if _LETTER.search(part))
            line = outside.strip()
            if NOTE.search(aside):
                line, aside = f"{line} {aside}", split_type(line)[0]
    words, kind = split_type(line)
    if not (words.isalpha() and len(words) > _LONGEST_NUMBER) and _NUMBER_SIGN.search(words):
        words = mark_numbers(words)
    if "nom" in words:
        words = _FILLERS.sub(" ", words).strip() or words
    return words.strip(), kind, within, aside


def fold_names(names: Sequence[str]) -> Lines:
    """Write names in one alphabet, all at once.

    Parameters
    ----------
    names : sequence of str
        Names as typed, in any script, holding anything.

    Returns
    -------
    Lines
        As long as the names.

    Examples
    --------
    >>> fold_names(["Doʻstlik MFY", "Дўстлик МФЙ"])
    Lines(exact=['döstlik mfy', 'döstlik mfy'], scripts=['latin', 'uzbek'])
    """
    if not names:
        return Lines([], [])
    mended = repair_names(names)
    return Lines(fold_letters(mended).split("\n"), [_script(line) for line in mended.split("\n")])


def take_apart(exact: Sequence[str]) -> Parts:
    """Take names in one alphabet apart.

    Parameters
    ----------
    exact : sequence of str
        Names in one alphabet (`Lines.exact`).

    Returns
    -------
    Parts
        As long as the names.

    Examples
    --------
    >>> parts = take_apart(["döstlik mfy", "1-sonli ma'rifat qfy"])
    >>> parts.strict, parts.types
    (['döstlik', 'marifat#1'], ['mfy', 'qfy'])
    """
    if not exact:
        return Parts([], [], [], [], [])
    # a с typed for s
    lines = _LONE_C.sub("s", "\n".join(exact)).split("\n")
    words, types, within, aside = (list(column) for column in zip(*map(_split, lines), strict=True))
    return Parts(words, strict_keys(words), types, _keys_where_any(within), _keys_where_any(aside))


def _keys_where_any(words: list[str]) -> list[str]:
    return strict_keys(words) if any(words) else words


def _script(line: str) -> str:
    if line.isascii() or not _CYRILLIC_LETTER.search(line):
        return "latin"
    if _UZBEK.search(line):
        return "uzbek"
    return "russian" if _RUSSIAN.search(line) else "cyrillic"


def may_be_russian(scripts: Sequence[str]) -> list[bool]:
    """Tell which names may be Russian forms, each by its letters and all by their company.

    A name without a letter that only Uzbek has may be Uzbek or Russian: Уймовут is Uymovut, or
    what Russian makes of Oʻymovut. In a long list that is plainly Uzbek it is Uzbek.

    Examples
    --------
    >>> may_be_russian(["cyrillic", "uzbek", "latin"])
    [True, False, False]
    >>> may_be_russian(["cyrillic", *["uzbek"] * 20])[0]
    False
    """
    cyrillic = len(scripts) - scripts.count("latin")
    plainly_uzbek = (
        cyrillic >= _LIST
        and scripts.count("uzbek") >= _UZBEK_SHARE * cyrillic
        and scripts.count("russian") <= _RUSSIAN_SHARE * cyrillic
    )
    undecided = ("russian",) if plainly_uzbek else ("russian", "cyrillic")
    return [script in undecided for script in scripts]
