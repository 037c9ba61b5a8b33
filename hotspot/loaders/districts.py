"""The districts that records name, in any script, among those of the mahallas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hotspot.loaders.district_names import find_place, read_places


def find_districts(named: Iterable[str], known: Sequence[str]) -> dict[str, int]:
    """Find the district that each text names.

    Parameters
    ----------
    named : the districts as records write them.
    known : the districts of the mahallas.

    Returns
    -------
    dict
        Text to its position in `known`; texts that name none of them, or several, are left out.

    Examples
    --------
    >>> find_districts(["Каршинский район", "г. Карши", "?"], ["Qarshi shahri", "Qarshi tumani"])
    {'Каршинский район': 1, 'г. Карши': 0}
    """
    texts = sorted({text for text in named if isinstance(text, str) and text.strip()})
    places = read_places(list(known))
    found = {}
    for text, given in zip(texts, read_places(texts), strict=True):
        positions = find_place(given, places)
        if len(positions) == 1:
            found[text] = positions[0]
    return found
