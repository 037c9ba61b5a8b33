"""Spellings of one sound: what clerks and the Russian language do to an Uzbek name.

Russian forms are no transliteration: а stands for a and for o, у for u and for oʻ. Folding both
sides to one key would therefore make different places equal. Instead a name finds those that agree
with it coarsely, and each letter is then asked whether it may stand for the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# after the name is in one alphabet; y and its vowel become one letter, so that lengths agree;
# a pattern that begins with a letter is searched for much faster than one that looks behind
_REWRITE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), put)
    for pattern, put in (
        (r"im(?<=\bim)(?:eni\b|\.)(.*[^aeiou])a\b", r"\1"),
        (r"im(?<=\bim)(?:eni\b|\.)", ""),
        (r"d(?:j|zh)", "j"),
        (r"zh(?<=\bzh)", "j"),
        (r"kh", "x"),
        (r"sh", "š"),
        (r"ch", "č"),
        # kolya, tyulpan: the softened consonant has no y in uzbek
        (r"y(?<=[lt]y)(?=[au])", ""),
        (r"t[sz]", "s"),
        # ovul, aul; denov, denau; oqsuv, aksu
        (r"[ouö]vu", "ou"),
        (r"[oa]v\b(?! )", "ou"),
        (r"uv(?<=[^aeiouö\W]uv)\b", "u"),
        (r"au(?:(?<=\bau)|(?<=[^aeiouö\W]au)(?=l?\b))", "ou"),
        (r"y(?<=[aeiouö]y)(?=i)", ""),
        (r"iy\b|ii", "i"),
        (r"yo", "ë"),
        (r"yö", "ŷ"),
        (r"ya", "ä"),
        (r"yu", "ü"),
        (r"[^a-zöğščëŷäü0-9#\n]+", ""),
        (r"[kq]{2,}", "k"),
        (r"[xh]{2,}", "x"),
        (r"gğ", "ğ"),
        (r"([^aeiouöëŷäü0-9#\n])\1+", r"\1"),
    )
)
_NUMBER = re.compile(r"\d+|#(?=\d)")
_COARSE = str.maketrans(
    {**dict.fromkeys("aoöu", "A"), **dict.fromkeys("eiyëäüŷ", "I")}
    | {"w": "A", "q": "k", "h": "x", "ğ": "g"}
)
# each letter of the name given, and what it may stand for in the gazetteer
TYPED = {
    "o": "oö",
    "ö": "öouw",
    "u": "uöw",
    "w": "wöu",
    "k": "kq",
    "q": "qk",
    "x": "xh",
    "h": "hx",
} | {
    "g": "gğ",
    "ğ": "ğg",
    "ŷ": "ŷüë",
    "ü": "üŷ",
    "ë": "ëŷ",
}
# ё is seldom typed
TYPED_CYRILLIC = TYPED | {"e": "eë"}
# what Russian does as a rule
RUSSIAN = TYPED | {
    "a": "ao",
    "o": "oö",
    "e": "eë",
    "ë": "ëeŷ",
    "ä": "äë",
    "ŷ": "ŷüë",
}

# and what it does now and then: enough to raise a doubt, not to place
RIVALS = RUSSIAN | {"o": "oöa", "e": "eëi", "i": "ie", "y": "yi"}


@dataclass(frozen=True)
class Sounds:
    """Names as they sound: `forms` letter by letter, `coarse` to find them by."""

    forms: list[str]
    coarse: list[str]


def fold_sounds(words: Sequence[str], numbers: Sequence[str]) -> Sounds:
    """Return how names sound.

    Parameters
    ----------
    words : sequence of str
        Names in one alphabet, without their types, words apart (`Folded.words`).
    numbers : sequence of str
        Their strict keys, from which the numbers are taken (`Folded.strict`).

    Returns
    -------
    Sounds
        Lists as long as the names.

    Examples
    --------
    >>> fold_sounds(["karakul", "qoraköl"], ["karakul", "qoraköl"]).coarse
    ['kArAkAl', 'kArAkAl']
    """
    if not words:
        return Sounds([], [])
    text = _NUMBER.sub("", "\n".join(words).replace("'", ""))
    for pattern, put in _REWRITE:
        text = pattern.sub(put, text)
    forms = [
        form if "#" not in key else form + key[key.index("#") :]
        for form, key in zip(text.split("\n"), numbers, strict=True)
    ]
    return Sounds(forms, coarsen("\n".join(forms)).split("\n"))


def coarsen(form: str) -> str:
    """Return how a name sounds with letters that may stand for each other made one.

    Examples
    --------
    >>> coarsen("qoraköl")
    'kArAkAl'
    """
    return form.translate(_COARSE)


def may_stand_for(given: str, known: str, spellings: dict[str, str]) -> bool:
    """Tell whether every letter of one name may stand for that of another.

    Examples
    --------
    >>> may_stand_for("karakul", "qoraköl", RUSSIAN), may_stand_for("karakul", "qoraköl", TYPED)
    (True, False)
    """
    if len(given) != len(known):
        return False
    for here, there in zip(given, known, strict=True):
        if here != there and there not in spellings.get(here, ""):
            return False
    return True
