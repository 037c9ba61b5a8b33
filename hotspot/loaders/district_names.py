"""Districts and regions by name: tuman and shahar kept apart, Russian adjectives understood."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from hotspot.loaders.name_repair import repair_names
from hotspot.loaders.name_sounds import RIVALS, coarsen, fold_sounds, may_stand_for
from hotspot.loaders.names import fold_letters, lost_key

# on names in one alphabet
_KINDS = {
    "shahar": r"sha[xh]ar(?:i|cha|chasi)?|sha[xh]ri|sha?h?\.|gorod(?:a|e)?|gor\.?|g\.|city",
    "tuman": r"tuman(?:i|ining|ida)?|t-n(?:i)?|tum?\.?|t\.|rayon(?:i|a|e)?|r-o?na?|r\.|district",
    "region": r"viloyat(?:i|ining)?|vil\.?|v\.|oblasti?|obl\.?|respublika(?:si)?|resp\.?|region",
}
_KIND = re.compile(
    r"(?<![a-zöğ'-])(?:"
    + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items())
    + r")(?:(?<=\.)|(?![a-zöğ']))"
)
_ADJECTIVE = re.compile(r"sk(?:iy|oy|aya|ogo|oye|om|oe|i)$")
_LONG = 7
_PARTS = re.compile(r"[,;>»|]")

# what Russian calls otherwise: the sound of the stem there, and here (fmt keeps them in lines)
_EXONYMS = {
    "mubarek": "muborak", "fergan": "farğona", "fergana": "farğona", "urgenč": "urganč",
    "gurlen": "gurlan",
    "zaamin": "zomin", "kungrad": "qönğirot", "kokand": "qöqon", "kokon": "qöqon",
    "xojeyli": "xöjayli", "xojeli": "xöjayli", "zaravšan": "zarafšon", "karauzäk": "qoraözak",
    "jizak": "jizax", "xorezm": "xorazm", "karakalpakstan": "qoraqalpoğiston",
    "karakalpak": "qoraqalpoğiston", "xavast": "xovos", "koškrabad": "qöšrabot",
    "košrabad": "qöšrabot", "muzrabad": "muzrabot", "sirdar": "sirdarë", "baä": "boëut",
    "baäut": "boëut", "pskent": "piskent", "sergel": "sirğali", "sergeli": "sirğali",
}  # fmt: skip


@dataclass(frozen=True)
class PlaceName:
    """A district or region by name: as written, its kind, and the stems it may have."""

    written: str
    kind: str
    stems: tuple[str, ...]


def split_kind(line: str) -> tuple[str, str]:
    """Return a district's name in one alphabet without its kind, and the kind.

    Examples
    --------
    >>> split_kind("qarshi tumani"), split_kind("g. karshi"), split_kind("qarshi")
    (('qarshi', 'tuman'), ('karshi', 'shahar'), ('qarshi', ''))
    """
    kinds = [str(match.lastgroup) for match in _KIND.finditer(line)]
    rest = _KIND.sub(" ", line).strip(" .-")
    return (rest, kinds[-1]) if kinds and rest else (line, "")


def _stems(words: str) -> tuple[str, ...]:
    # a russian adjective adds n or in to a stem that ends in a vowel: Каршинский, Касбийский
    plain = _ADJECTIVE.sub("", words)
    endings = ("", "n", "in", "i", "iy", "y") if plain != words else ("",)
    stems = [plain.removesuffix(ending) for ending in endings if plain.endswith(ending)]
    forms = fold_sounds(stems, stems).forms
    known = [_EXONYMS[form] for form in forms if form in _EXONYMS]
    return tuple(dict.fromkeys([*filter(None, forms), *known]))


def read_places(names: Sequence[str]) -> list[PlaceName]:
    """Return districts or regions as written by anyone.

    Parameters
    ----------
    names : sequence of str
        Names in any script, perhaps with what they lie in before them; "" where unknown.

    Returns
    -------
    list of PlaceName

    Examples
    --------
    >>> read_places(["Каршинский район", "Qarshi shahri"])[0].stems
    ('karšin', 'karši', 'karš')
    """
    divided = [_PARTS.split(html.unescape(name)) for name in names]
    lines = [part for parts in divided for part in (" ".join(parts), *parts)]
    folded = iter(fold_letters(repair_names(lines)).split("\n"))
    return [_read_place(next(folded), [next(folded) for _ in parts]) for parts in divided]


def _read_place(written: str, parts: Sequence[str]) -> PlaceName:
    split = [split_kind(part) for part in parts if part]
    # of "toshkent shahri, chilonzor tumani" the smaller place
    for kind in ("tuman", "shahar", "", "region"):
        for words, found in split:
            if found == kind:
                return PlaceName(written, kind, _stems(words))
    return PlaceName(written, "", ())


def _agree(given: str, known: str) -> bool:
    bare_given, bare_known = given.rstrip("aeiouöëäyü"), known.rstrip("aeiouöëäyü")
    if len(given) == len(known) and may_stand_for(given, known, RIVALS):
        return True
    # the vowel at the end falls before an ending, and changes: Бухарский, Сирдарё
    return len(bare_known) > 2 and may_stand_for(bare_given, bare_known, RIVALS)


def _nearly_agree(given: str, known: str) -> bool:
    # districts are few and their long names far apart: one letter more or less is a misspelling
    return (
        max(len(given), len(known)) >= _LONG
        and Indel.distance(coarsen(given), coarsen(known), score_cutoff=1) <= 1
    )


def find_place(given: PlaceName, known: Sequence[PlaceName]) -> tuple[int, ...]:
    """Return the positions of the known places that a given one may be.

    Parameters
    ----------
    given : PlaceName
        What somebody wrote.
    known : sequence of PlaceName
        All districts, or all regions, of the gazetteer.

    Returns
    -------
    tuple of int
        None when it is no known place, several when it may be any of them.

    Examples
    --------
    >>> known = read_places(["Qarshi tumani", "Qarshi shahri", "Koʻkdala tumani"])
    >>> given = read_places(["г. Карши", "Кукдалинский район", "Qarshi", "Касбинский район"])
    >>> [find_place(one, known) for one in given]
    [(1,), (2,), (0, 1), ()]
    """
    if written := tuple(i for i, one in enumerate(known) if one.written == given.written):
        return written
    if "?" in given.written:
        lost = lost_key(given.written)
        return tuple(i for i, one in enumerate(known) if lost_key(one.written) == lost)
    # where a list says tuman, a name without a kind is a city
    unsaid = "shahar" if any(one.kind == "tuman" for one in known) else ""
    fitting = [
        i
        for i, one in enumerate(known)
        if not given.kind or (one.kind or unsaid) in (given.kind, "")
    ]
    for agree in (str.__eq__, _agree, _nearly_agree):
        for stem in given.stems:
            found = [i for i in fitting if any(agree(stem, own) for own in known[i].stems[:1])]
            bare = [i for i in found if not known[i].kind]
            if found:
                return tuple(found if given.kind else bare or found)
    return ()
