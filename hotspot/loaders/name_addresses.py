"""Addresses: the mahalla and its district picked out of a line."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from hotspot.loaders.district_names import split_kind
from hotspot.loaders.name_repair import repair_names
from hotspot.loaders.name_types import split_type
from hotspot.loaders.names import fold_letters

_CUT = re.compile(r"[,;]|&raquo;|»")
# after a district without a comma: "Chilonzor tumani Qatortol MFY"
_KIND_WORD = re.compile(
    r"(\b(?:tumani|shahri|viloyati|тумани|шаҳри|вилояти|район|область)(?:da|да|ning|нинг)?)"
    r"[ ,]+(?=\S)",
    re.IGNORECASE,
)
_NUMBER_OF_HOUSE = re.compile(
    r"\s+(?:\d+\w? ?-? ?(?:uy|уй|xonadon|хонадон|kv|кв|dom|дом|d|д)\b|(?:дом|уй|uy)\b).*$",
    re.IGNORECASE,
)
# "Қ,Чорбоғ" has a comma for a dot
_INITIAL = re.compile(r"^\W*\w,")
# and after a mahalla, where a district or a street follows: "Qatortol MFY Chilonzor tumani"
_TYPE_WORD = re.compile(
    r"(\b(?:MFY|МФЙ|mahallasi|махалласи|маҳалласи))[ ,]+"
    r"(?=[^\W\d].*(?:\btuman|\bshahr|ko.?cha|\bтуман|\bша[хҳ]р|\bрайон|к[уў]ча|\bул\.))",
    re.IGNORECASE,
)
# a name without any of these in small letters is no address
_SIGNS = (
    *(",", ";", "»", "&", "tuman", "shahr", "viloyat", "туман", "шаҳр", "вилоят", "район"),
    *("област", "mfy ", "мфй ", "lasi ", "ласи "),
)
# a part of an address that is no mahalla
_HOUSE = re.compile(
    r"\b(?:\d+ ?-? ?(?:uy|xonadon|kv|kvartira|dom|d)|uy|xonadon|k[oö]cha(?:si)?|ulitsa|ul"
    r"|kv|dom|d|berk|proezd)\b"
)


def split_addresses(names: Sequence[str]) -> dict[int, tuple[str, str, str]]:
    """Return the parts of those names that are addresses, by position.

    Examples
    --------
    >>> split_addresses(["Qatortol MFY", "Chilonzor tumani, Qatortol MFY"])
    {1: ('Qatortol MFY', 'Chilonzor tumani', '')}
    """
    # the lines of one text are searched much faster than the names
    text = "\n".join(names).lower()
    if text.count("\n") >= len(names):
        text = "\n".join([name.replace("\n", ";") for name in names]).lower()
    ends = list(accumulate(line + 1 for line in map(len, text.split("\n"))))
    found: set[int] = set()
    for sign in _SIGNS:
        at = text.find(sign)
        while at >= 0:
            line = bisect_right(ends, at)
            found.add(line)
            at = text.find(sign, ends[line])
    parts = {i: split_address(names[i]) for i in sorted(found)}
    return {i: part for i, part in parts.items() if part != (names[i], "", "")}


def split_address(name: str) -> tuple[str, str, str]:
    """Return the mahalla, the district and the region of an address.

    Parameters
    ----------
    name : str
        A name, or a line in which a mahalla, its district and a house stand.

    Returns
    -------
    tuple of str
        What is not there is "". A name that is no address, or from which no mahalla can be picked
        out, stays whole.

    Examples
    --------
    >>> split_address("Chilonzor tumani, Qatortol MFY, 12-uy")
    ('Qatortol MFY', 'Chilonzor tumani', '')
    >>> split_address("Qatortol MFY")
    ('Qatortol MFY', '', '')
    """
    if "&" in name:
        name = html.unescape(name)
    if not any(sign.search(name) for sign in (_CUT, _KIND_WORD, _TYPE_WORD)):
        return name, "", ""
    mahalla, district, region = _read(name)
    return (mahalla, district, region) if mahalla else (name, "", "")


def _read(address: str) -> tuple[str, str, str]:
    if _INITIAL.search(address):
        return "", "", ""
    address = _TYPE_WORD.sub(r"\1, ", _KIND_WORD.sub(r"\1, ", address))
    parts = [part.strip() for part in _CUT.split(address) if part.strip()]
    named = {"mahalla": "", "tuman": "", "shahar": "", "region": "", "": ""}
    for part in parts:
        line = fold_letters(repair_names([part]))
        kind = split_kind(line)[1]
        if split_type(line)[1]:
            kind = "mahalla"
        if not kind and _HOUSE.search(line):
            continue
        if not kind and named[""]:
            return "", "", ""
        named[kind] = named[kind] or _NUMBER_OF_HOUSE.sub("", part)
    name = named["mahalla"] or (named[""] if len(parts) > 1 else "")
    return name, named["tuman"] or named["shahar"], named["region"] or named["shahar"]
