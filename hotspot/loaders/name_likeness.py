"""How alike a typed name and each of its candidates are, for the person who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from hotspot.loaders.gazetteer import Gazetteer
from hotspot.loaders.names import fold_names, take_apart


def title_candidates(
    names: Sequence[str],
    candidates: Sequence[str],
    gazetteer: Gazetteer,
    districts: Mapping[str, str] | None = None,
) -> list[str]:
    """Write the candidates of each name in words.

    Parameters
    ----------
    names : names as typed.
    candidates : for each the codes that `match_names` gave, separated by "|".
    gazetteer : the mahallas.
    districts : the district of each code, where it is to be written as well.

    Returns
    -------
    list of str
        "code name, district (likeness); …", best first, likeness from 0 to 100 by the strict key.

    Examples
    --------
    >>> import pandas as pd
    >>> from hotspot.loaders.gazetteer import build_gazetteer
    >>> mahallas = build_gazetteer(pd.DataFrame({"code": ["1"], "name": ["Doʻstlik MFY"]}))
    >>> title_candidates(["Dostlikk"], ["1"], mahallas)
    ['1 Doʻstlik MFY (80)']
    """
    titles = dict(zip(gazetteer.codes, gazetteer.names, strict=True))
    listed = [[code for code in codes.split("|") if code] for codes in candidates]
    shown = list(dict.fromkeys(titles[code] for codes in listed for code in codes))
    keys = dict(zip(shown, take_apart(fold_names(shown).exact).strict, strict=True))
    typed = take_apart(fold_names(list(names)).exact).strict
    places = {code: f", {district}" for code, district in (districts or {}).items()}
    return [
        "; ".join(
            f"{code} {titles[code]}{places.get(code, '')} "
            f"({fuzz.ratio(key, keys[titles[code]]):.0f})"
            for code in codes
        )
        for key, codes in zip(typed, listed, strict=True)
    ]
