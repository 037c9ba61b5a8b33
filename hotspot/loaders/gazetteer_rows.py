"""The rows of a gazetteer: several names of one code, and the versions of a mahalla."""

from __future__ import annotations

import datetime

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.attributes import as_days
from hotspot.loaders.gazetteer_cases import read_texts

NAME_COLUMNS = ("name", "name_cyrl", "name_ru")
_TEXTS = ("code", *NAME_COLUMNS, "district", "region", "stir")


def read_rows(frame: pd.DataFrame, on: datetime.date | None = None) -> pd.DataFrame:
    """Return a gazetteer's rows as text, by code, the earlier versions of a code first.

    Parameters
    ----------
    frame : DataFrame
        Columns `code` and `name`, and where known `name_cyrl`, `name_ru`, `district`, `region`,
        `stir`, `valid_from`, `valid_to`.
    on : date, optional
        Only the versions valid on this day; both ends count, except that a day on which the next
        version begins belongs to the next one. Without it all versions stay.

    Returns
    -------
    DataFrame
        The texts, "" where missing; `district` and `region` are those of the code's last row that
        has any, so that one code lies in one place.

    Raises
    ------
    InputError
        A day cannot be read, or no mahalla is valid on the day.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["7", "7"], "name": ["Yangi", "Eski"],
    ...                       "valid_from": ["2024-06-01", None]})
    >>> read_rows(frame)["name"].tolist()
    ['Eski', 'Yangi']
    >>> read_rows(frame, datetime.date(2024, 5, 31))["name"].tolist()
    ['Eski']
    """
    rows = pd.DataFrame({column: read_texts(frame, column) for column in _TEXTS})
    for column in ("valid_from", "valid_to"):
        given = frame[column] if column in frame else pd.Series(pd.NaT, index=frame.index)
        rows[column] = as_days(given.reset_index(drop=True), source=_("the gazetteer"))
    # sorted, so that the order of rows changes nothing
    rows = rows.sort_values(["code", "valid_from", *_TEXTS[1:]], na_position="first")
    # a row that only adds a name need not say where the mahalla lies
    areas = rows[["district", "region"]].replace("", None)
    rows[["district", "region"]] = areas.fillna(areas.groupby(rows["code"]).transform("last"))
    if on is not None:
        rows = _valid(rows, pd.Timestamp(on))
    areas = rows.groupby("code")[["district", "region"]].transform("last")
    rows[["district", "region"]] = areas.fillna("")
    return rows[list(_TEXTS)].drop_duplicates(ignore_index=True)


def _valid(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    begin = rows["valid_from"].fillna(pd.Timestamp.min.ceil("D"))
    begun = begin <= day
    last = begin.where(begun).groupby(rows["code"]).transform("max")
    kept = rows[begun & (begin == last) & ~(rows["valid_to"] < day)]
    if not len(kept):
        raise InputError(
            _(
                "the gazetteer has no mahalla that is valid on {day}; check valid_from and "
                "valid_to",
                day=f"{day:%Y-%m-%d}",
            )
        )
    return kept


def number_stirs(rows: pd.DataFrame, places: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """Return the places of each tax number."""
    pairs = {
        (stir, places[code]) for stir, code in zip(rows["stir"], rows["code"], strict=True) if stir
    }
    found: dict[str, tuple[int, ...]] = {}
    for stir, place in sorted(pairs):
        found[stir] = (*found.get(stir, ()), place)
    return found
