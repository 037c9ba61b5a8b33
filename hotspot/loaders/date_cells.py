"""The cells of a column of dates: those that are dates already, and the texts."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from hotspot.loaders.text import arrow, texts_of


def split_typed(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the cells that are dates already, and the text of the others.

    The wall clock is kept: a time zone is dropped. An apostrophe that a spreadsheet put before a
    text is dropped too.

    Examples
    --------
    >>> import pandas as pd
    >>> typed, texts = split_typed(pd.Series([pd.Timestamp("2023-01-07", tz="UTC"), "'8.1.2023"]))
    >>> typed.tolist(), texts.tolist()
    ([Timestamp('2023-01-07 00:00:00'), NaT], [nan, '8.1.2023'])
    """
    nothing = pd.Series(pd.NaT, index=values.index, dtype="datetime64[s]")
    if pd.api.types.is_datetime64_any_dtype(values):
        no_text = pd.Series(None, index=values.index, dtype="str")
        return values.dt.tz_localize(None).astype("datetime64[s]"), no_text
    if values.dtype != "object":
        return nothing, _bare(texts_of(values))
    is_typed = pd.Series(
        [isinstance(cell, datetime.date) and cell == cell for cell in values], index=values.index
    )
    texts = _bare(texts_of(values.mask(is_typed)))
    if not is_typed.any():
        return nothing, texts
    return each_moment(values.where(is_typed), _wall_clock), texts


def has_zone(values: pd.Series, times: pd.Series) -> bool:
    """Say whether a time zone stands at any date, typed or in the texts of the times of day.

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.Series(["05:06Z", None])
    >>> has_zone(pd.Series(["2014-03-02T05:06Z", None]), times)
    True
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return True
    if values.dtype == "object" and any(getattr(cell, "tzinfo", None) for cell in values):
        return True
    zoned = pc.match_substring_regex(arrow(times), r"(?i)(z|utc|\d[-+]\d{2}:?\d{0,2})\s*$")
    return bool(pc.any(zoned).as_py())


def each_moment(cells: pd.Series, read: Callable[[Any], datetime.datetime | None]) -> pd.Series:
    """Return what a reader makes of each cell, asked once for each distinct one.

    Examples
    --------
    >>> import datetime
    >>> import pandas as pd
    >>> each_moment(pd.Series(["2014-03-02", None]), datetime.datetime.fromisoformat).tolist()
    [Timestamp('2014-03-02 00:00:00'), NaT]
    """
    codes, distinct = pd.factorize(cells)
    moments = pd.Series([read(cell) for cell in distinct], dtype="datetime64[s]")
    return moments.reindex(codes).set_axis(cells.index)


def _bare(texts: pd.Series) -> pd.Series:
    bare = pc.utf8_ltrim(arrow(texts), characters="'’").to_pandas()
    return pd.Series(bare, dtype="str").set_axis(texts.index)


def _wall_clock(cell: datetime.date) -> datetime.datetime:
    if isinstance(cell, datetime.datetime):
        return cell.replace(tzinfo=None)
    return datetime.datetime(cell.year, cell.month, cell.day)
