"""Ids that occur more than once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd


def repeated_ids(chunks: Iterable[pd.DataFrame]) -> pd.Index:
    """Return the ids that occur more than once, sorted.

    Parameters
    ----------
    chunks
        Offense frames that can be iterated twice (a list, or what `offense_chunks` returns).

    Returns
    -------
    Index of str
        A missing id never repeats.

    Notes
    -----
    Eight bytes a record are held at once: ids are counted as hashes, and only those whose hash
    repeats are then compared as text.

    Examples
    --------
    >>> import pandas as pd
    >>> parts = [pd.DataFrame({"id": ["a", "b", None]}), pd.DataFrame({"id": ["a", None]})]
    >>> list(repeated_ids(parts))
    ['a']
    """
    hashes = [_hash(chunk["id"].dropna()) for chunk in chunks]
    values, times = np.unique(np.concatenate([*hashes, np.array([], "uint64")]), return_counts=True)
    suspects = values[times > 1]
    ids = [chunk["id"].dropna() for chunk in chunks] if len(suspects) else []
    kept = [part[np.isin(_hash(part), suspects)] for part in ids]
    if not kept:
        return pd.Index([], dtype="str")
    counts = pd.concat(kept).value_counts()
    repeated: list[str] = sorted(counts.index[counts > 1])
    return pd.Index(repeated, dtype="str")


def _hash(ids: pd.Series) -> npt.NDArray[np.uint64]:
    return pd.util.hash_array(ids.to_numpy(dtype="object"))
