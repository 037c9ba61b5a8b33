"""Records placed by the code of their mahalla."""

from __future__ import annotations

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.containment import NOWHERE
from hotspot.loaders.points import Mask, Places


def match_codes(codes: pd.Series, known: pd.Index) -> tuple[Places, int]:
    """Find the mahalla of each code.

    Parameters
    ----------
    codes : Series of str
        Missing where a record has none.
    known : Index of str
        The mahallas' codes.

    Returns
    -------
    places : array of int
        Position of the code, -1 where it is missing or not known.
    zeros_dropped : int
        How many codes are known only without their leading zeros. A code as it is written goes
        first, and zeros are dropped only where every mahalla's code is of digits and stays unique
        without them.

    Examples
    --------
    >>> codes = pd.Series(["07", "012", "8", None])
    >>> places, zeros_dropped = match_codes(codes, pd.Index(["007", "012"]))
    >>> places.tolist(), zeros_dropped
    ([0, 1, -1, -1], 1)
    """
    stripped = codes.astype("str").str.strip()
    places = known.get_indexer(pd.Index(stripped))
    bare = pd.Index(known.str.lstrip("0"))
    if not (known.str.fullmatch(r"[0-9]+").all() and bare.is_unique):
        return places, 0
    in_digits = stripped.str.fullmatch(r"[0-9]+").fillna(False).to_numpy(dtype=bool)
    lost = (places == NOWHERE) & in_digits
    places[lost] = bare.get_indexer(pd.Index(stripped[lost].str.lstrip("0")))
    return places, int((places[lost] != NOWHERE).sum())


def check_codes(codes: pd.Series, known: pd.Index, left: Mask, places: Places) -> None:
    """Refuse codes of another register: none is known and nothing else places a record."""
    given = codes[left & codes.notna().to_numpy()]
    if len(given) and not (places[left] != NOWHERE).any():
        raise InputError(
            _(
                "none of the mahalla codes of the offenses is known: they look like '{code}', "
                "those of the mahallas like '{known}'; choose the columns that hold the same codes",
                code=min(given.astype("str")),
                known=min(known),
            )
        )
