"""Records placed by the code of their mahalla."""

from __future__ import annotations

import pandas as pd

from hotspot.errors import InputError
from hotspot.loaders.containment import NOWHERE
from hotspot.loaders.points import Mask, Places


def match_codes(codes: pd.Series, known: pd.Index) -> tuple[Places, bool]:
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
    zeros_dropped : bool
        Whether codes match only without their leading zeros: then no code is known as it is
        written, and every mahalla's code is of digits and stays unique without the zeros.

    Examples
    --------
    >>> places, zeros_dropped = match_codes(pd.Series(["07", "8", None]), pd.Index(["007", "012"]))
    >>> places.tolist(), zeros_dropped
    ([0, -1, -1], True)
    """
    stripped = codes.astype("str").str.strip()
    places = known.get_indexer(pd.Index(stripped))
    if (places != NOWHERE).any() or codes.isna().all():
        return places, False
    bare = pd.Index(known.str.lstrip("0"))
    if not (known.str.fullmatch(r"[0-9]+").all() and bare.is_unique):
        return places, False
    in_digits = stripped.str.fullmatch(r"[0-9]+").fillna(False).astype(bool)
    bare_codes = stripped.where(in_digits).str.lstrip("0")
    places = bare.get_indexer(pd.Index(bare_codes))
    return places, bool((places != NOWHERE).any())


def check_codes(codes: pd.Series, known: pd.Index, left: Mask, places: Places) -> None:
    """Refuse codes of another register: none is known and nothing else places a record."""
    given = codes[left & codes.notna().to_numpy()]
    if len(given) and not (places[left] != NOWHERE).any():
        raise InputError(
            f"none of the mahalla codes of the offenses is known: they look like "
            f"'{min(given.astype('str'))}', those of the mahallas like '{min(known)}'; "
            "choose the columns that hold the same codes"
        )
