"""Names as files spoil them: entities, invisible characters, garbled encodings, look-alikes."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence

# longer than any name: what follows is not one
LONGEST = 300
# stands for what no name holds: a control character is left out of no name
_FOREIGN = "\ufffd"
_CONTROLS = frozenset({"Cc", "Cs", "Co", "Cn"})
_CYRILLIC = "ЁЂЃЌЋЎёђѓќћўАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяҚқҒғҲҳ"
_MARKS = "ʻʼ‘’“”–—«»№\xa0`´"

# letters that look the same in both scripts, by case because в is not b and н is not h
_AS_CYRILLIC = str.maketrans("ABEKMHOPCTXYaeopcyxi", "АВЕКМНОРСТХУаеорсухи")
_AS_LATIN = str.maketrans("АВЕКМНОРСТХУаеорсухіІ", "ABEKMHOPCTXYaeopcyxiI")
_MIXED = re.compile(
    r"[A-Za-zА-яЁёЎўҚқҒғҲҳ'ʻʼ‘’`]*(?:[A-Za-z][А-яЁёЎўҚқҒғҲҳ]|[А-яЁёЎўҚқҒғҲҳ][A-Za-z])"
    r"[A-Za-zА-яЁёЎўҚқҒғҲҳ'ʻʼ‘’`]*"
)
_ADJACENT = re.compile(r"[A-Za-z][А-яЁёЎўҚқҒғҲҳ]|[А-яЁёЎўҚқҒғҲҳ][A-Za-z]")
_IS_LATIN = re.compile(r"[A-Za-z]")
_TYPE_AFTER = re.compile(r"(?:MFY|QFY|KFY|OFY|SHFY|МФЙ|ҚФЙ|КФЙ|ОФЙ|ШФЙ)$", re.IGNORECASE)


def _garbled_pairs() -> dict[str, str]:
    """Return what each character becomes when its UTF-8 bytes are read as a one-byte code page."""
    pairs: dict[str, str] = {}
    for page in ("cp1252", "latin-1", "cp1251", "cp866"):
        for letter in _CYRILLIC + _MARKS:
            # the empty positions of a code page come through as control characters
            garbled = "".join(
                bytes([byte]).decode(page, errors="ignore") or chr(byte) for byte in letter.encode()
            )
            pairs.setdefault(garbled, letter)
    return pairs


_GARBLED = _garbled_pairs()
_GARBLED_RUN = re.compile(
    "(?:" + "|".join(sorted(map(re.escape, _GARBLED), key=lambda one: (-len(one), one))) + ")+"
)
_GARBLED_ONE = re.compile(
    "|".join(sorted(map(re.escape, _GARBLED), key=lambda one: (-len(one), one)))
)
# cp1251 bytes read as western: three accented letters in a row are in no uzbek alphabet
_WESTERN_RUN = re.compile(r"[À-ÿ¸¨¢¡]{3,}")
_SUSPECT = re.compile(r"[РСВвÐÑÂÊâ╨╤\xc2][^\sа-яa-z]|[ВÂ]\xa0|[À-ÿ¸¨¢¡]{3}")


def _mend_lines(text: str, sign: re.Pattern[str], mend: Callable[[str], str]) -> str:
    """Mend the lines in which a sign is found; the others are not looked at one by one."""
    parts, done = [], 0
    while match := sign.search(text, done):
        begin = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.start()) % (len(text) + 1)
        parts += [text[done:begin], mend(text[begin:end])]
        done = end
    return "".join([*parts, text[done:]])


def _mend_run(match: re.Match[str]) -> str:
    run = match.group()
    # Рў is also the beginning of Рўза: letters of the alphabet prove nothing when alone
    if len(run) == 2 and run[0] in "РСВ" and run[1] in "ўЎёЁ":
        return run
    return _GARBLED_ONE.sub(lambda one: _GARBLED[one.group()], run)


def _mend_western(match: re.Match[str]) -> str:
    return match.group().encode("cp1252", errors="replace").decode("cp1251", errors="replace")


def repair_encoding(text: str) -> str:
    """Return the text with the known kinds of mojibake read as they were meant.

    UTF-8 read as cp1251, cp1252, latin-1 or cp866, and cp1251 read as western.

    Examples
    --------
    >>> repair_encoding("MaСЉrifat, Р•rtepa, Oâ€˜rta, Íàâðóç, Рўза")
    'Maъrifat, Еrtepa, O‘rta, Навруз, Рўза'
    """
    if text.isascii():
        return text
    return _mend_lines(
        text,
        _SUSPECT,
        lambda line: _WESTERN_RUN.sub(_mend_western, _GARBLED_RUN.sub(_mend_run, line)),
    )


def _unify_word(match: re.Match[str]) -> str:
    word = match.group()
    ending = _TYPE_AFTER.search(word)
    if ending and ending.start():
        stem = word[: ending.start()]
        return f"{_MIXED.sub(_unify_word, stem)} {_MIXED.sub(_unify_word, ending.group())}"
    latin = len(_IS_LATIN.findall(word))
    letters = sum(letter.isalpha() for letter in word)
    if 2 * latin <= letters:
        return word.translate(_AS_CYRILLIC)
    return word.translate(_AS_LATIN)


def unify_scripts(text: str) -> str:
    """Return the text with each word in one script where look-alike letters allow it.

    Examples
    --------
    >>> unify_scripts("Dоrilаmоn Eркин").isascii(), unify_scripts("Eркин") == "Еркин"
    (False, True)
    """
    if text.isascii():
        return text
    return _mend_lines(text, _ADJACENT, lambda line: _MIXED.sub(_unify_word, line))


def _tidy(name: str) -> str:
    # cut first: nothing below may be slow on a whole document in one cell
    name = html.unescape(html.unescape(name[: 4 * LONGEST]))
    return "".join(map(_show, name))


def _show(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    # marks of direction and joining are seen by nobody
    return "" if category == "Cf" else _FOREIGN if category in _CONTROLS else character


def repair_names(names: Sequence[str]) -> str:
    r"""Return the names as lines of one text, mended, composed and without invisible characters.

    Parameters
    ----------
    names : sequence of str
        One name each, holding anything.

    Returns
    -------
    str
        As many lines as names; a single text is mended at once much faster than its names.

    Examples
    --------
    >>> repair_names(["Do&#39;stlik", "Oq\u200foltin", "Ma\nrifat"]).split("\n")
    ["Do'stlik", 'Oqoltin', 'Ma rifat']
    """
    # mojibake holds control characters that the tidying would drop
    lines = [
        (name if name.isprintable() and "&" not in name else _tidy(repair_encoding(name)))[:LONGEST]
        for name in names
    ]
    # nothing is amiss with plain latin
    spoilt = [i for i, line in enumerate(lines) if not line.isascii()]
    if spoilt:
        mended = _mend([lines[i] for i in spoilt]).split("\n")
        for i, line in zip(spoilt, mended, strict=True):
            lines[i] = line
    return "\n".join(lines)


def _mend(lines: Sequence[str]) -> str:
    text = repair_encoding("\n".join(lines))
    # composing would spoil these two: № to No, ´ to a space and an accent
    text = text.replace("№", "#").replace("´", "'").replace("\xa0", " ")
    return unify_scripts(unicodedata.normalize("NFKC", text))
