"""What kind of place a name says it is, how it is numbered, and what is not part of it."""

from __future__ import annotations

import re

# written on names in one alphabet (see names.fold_letters); й is y, и is i, х is x
_GATHERING = r"f[uo][qk][aou]r[oa]l[ao]r ?(?:y?i[gğ]ini?|i[gğ]ini?|y[ie][gğ]ini?)?(?:si|ning)?"
_TYPES = {
    "shfy": rf"(?:shaxarcha|shaharcha)(?:si)? {_GATHERING}|sh\.? ?f\.? ?[yiu]|pfy",
    "qfy": rf"[qk]ishlo[qk] {_GATHERING}|[qk]\.? ?f\.? ?[yiu]|ssg|s\.s\.g|selskiy sxod grajdan",
    "ofy": rf"[oa][vw][uiı]l {_GATHERING}|o\.? ?f\.? ?[yiu]|apj|asg",
    "mfy": (
        rf"ma[xh]all?(?:ya|a)(?:si)? {_GATHERING}|m\.? ?f\.? ?[yiuj]|m\.? ?s\.? ?g|mpj|mfuy"
        rf"|{_GATHERING}"
        r"|maxallinskiy sxod grajdan|sxod grajdan"
        r"|(?:m[ao][xh]al?l?(?:ya|a|i)|mahall?e?ya|makhall?y?a)"
        r"(?:si|sining|ning|dagi)?|ma[xh](?:al)?\.|ma[xh]|fy"
        # м-ля, м-си, мхл
        r"|m-(?:l+y?as?i?|si)|m[xh]l+(?:y?as?i?|s?i)?"
    ),
}
# "of the mahalla", and its chairman
_ENDING = r"(?:si|ning|sining|dagi|da|ga)?(?: rais(?:i|ligi)?\b)?"
_TYPE = re.compile(
    r"(?<![a-zöğ.'])(?:"
    + "|".join(f"(?P<{kind}>(?:{pattern}){_ENDING})" for kind, pattern in _TYPES.items())
    + r")(?![a-zöğ'])\.?"
)
# no name without one of these has a type
_MAY_BE_TYPED = re.compile(r"f|m[ao][xhk]|m-|m[xh]l|pj|s\.? ?g|sxod")
# the abbreviation typed onto the name without a space
_GLUED = re.compile(
    r"(?<=[a-zöğ'0-9)])(?:(?P<shfy>shfy)|(?P<qfy>[qk]fy)|(?P<ofy>ofy)|(?P<mfy>mfy))\b"
)

# 1-sonli, 1 son, №1, n 1, 1-chi: a number with the words that only say that it is one
NUMBERED = (
    r"(?:#|\bno?\.?(?= ?-?\d)|\bno?mer) ?-? ?(\d+)\b"
    r"|\b(\d+) ?-? ?(?:sonli|son|inchi|nchi|chi|ya|raqamli|nomerli|y|aya)\b"
)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}
# a single letter is a number only beside a hyphen: I. Karimov has an initial
_ROMAN_NUMBER = re.compile(
    r"(?<![\w.'])(?:(ii|iii|iv|vi{1,3}|ix)(?![\w.'])|([ivx])(?=-)|(?<=-)([ivx])(?![\w.']))"
)


def split_type(line: str) -> tuple[str, str]:
    """Return a name in one alphabet without its type, and the type.

    Examples
    --------
    >>> split_type("katta qarshi mfy"), split_type("do'stlik mahallasi"), split_type("mahalla")
    (('katta qarshi', 'mfy'), ("do'stlik", 'mfy'), ('mahalla', ''))
    """
    if line.endswith(" mfy") and line.find("mfy") == len(line) - 3:
        return line[:-4], "mfy"
    if not _MAY_BE_TYPED.search(line):
        return line.strip(" -,") if line.strip(" -.,\"'") else line, ""
    found = ""
    rest = line
    for pattern in (_GLUED, _TYPE):
        for match in pattern.finditer(line):
            found = found or str(match.lastgroup)
        rest = pattern.sub(" ", rest)
    if not rest.strip(" -.,\"'"):
        return line, ""
    return rest.strip(" -,"), found


def mark_numbers(line: str) -> str:
    """Return a name in one alphabet with its numbers behind # and without the words around them.

    Examples
    --------
    >>> mark_numbers("1-sonli mash'al"), mark_numbers("iii-charx"), mark_numbers("8-mart")
    (" #1  mash'al", ' #3 -charx', '8-mart')
    """
    line = re.sub(NUMBERED, lambda match: f" #{match[1] or match[2]} ", line)
    return _ROMAN_NUMBER.sub(lambda match: f" #{_ROMAN[match[1] or match[2] or match[3]]} ", line)
