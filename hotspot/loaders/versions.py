"""Mahallas split, merge and are renamed: the version of each that is valid on a day."""

from __future__ import annotations

import datetime

import geopandas as gpd
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _

NAMES = ("name", "name_cyrl", "name_ru")


def keep_versions(
    frame: gpd.GeoDataFrame, *, on: datetime.date | None = None, source: str
) -> gpd.GeoDataFrame:
    """Return one row a code: the version valid on a day.

    Parameters
    ----------
    frame : GeoDataFrame
        ``mahalla_code, valid_from, valid_to``; the index is the row in the file.
    on : date, optional
        Both ends of a version count, except that a day on which the next version begins belongs
        to the next one; an empty ``valid_to`` lasts until then, an empty ``valid_from`` reaches
        back for ever. Without a day the latest version of each code is kept.
    source : str
        The file, for the sentences.

    Returns
    -------
    GeoDataFrame
        Rows of `frame`, sorted by code.

    Raises
    ------
    InputError
        A code repeats without dates that tell its versions apart, a version ends before it begins,
        versions of one code overlap, or none is valid on the day.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({
    ...     "mahalla_code": ["7", "7"], "name": ["old", "new"], "valid_to": pd.NaT,
    ...     "valid_from": pd.to_datetime(["2020-01-01", "2024-06-01"])})
    >>> [keep_versions(frame, on=day, source="a.gpkg")["name"].item()
    ...  for day in (datetime.date(2024, 5, 31), datetime.date(2024, 6, 1))]
    ['old', 'new']
    """
    frame = frame.sort_values(["mahalla_code", "valid_from"], na_position="first", kind="stable")
    codes, begin, end = frame["mahalla_code"], frame["valid_from"], frame["valid_to"]
    again = codes.eq(codes.shift())
    twice = again & (begin.eq(begin.shift()) | (begin.isna() & begin.shift().isna()))
    if twice.any():
        code = codes[twice].iloc[0]
        rows = ", ".join(str(row) for row in sorted(frame.index[codes == code]))
        raise InputError(
            _(
                "{source}: the code '{code}' is in several rows ({rows}); dissolve the parts of a "
                "mahalla into one row, or give valid_from and valid_to of its versions",
                source=source,
                code=code,
                rows=rows,
            )
        )
    wrong = end < begin
    if wrong.any():
        raise InputError(
            _(
                "{source}: the mahalla '{code}' ends before it begins; correct valid_from and "
                "valid_to",
                source=source,
                code=codes[wrong].iloc[0],
            )
        )
    wrong = again & (begin < end.shift())
    if wrong.any():
        raise InputError(
            _(
                "{source}: the mahalla '{code}' has versions whose dates overlap; correct "
                "valid_from and valid_to",
                source=source,
                code=codes[wrong].iloc[0],
            )
        )
    if on is None:
        return frame.drop_duplicates("mahalla_code", keep="last")
    day = pd.Timestamp(on)
    begun = frame[begin.isna() | (begin <= day)].drop_duplicates("mahalla_code", keep="last")
    kept = begun[~(begun["valid_to"] < day)]
    if not len(kept):
        raise InputError(
            _(
                "{source}: no mahalla is valid on {day}; check valid_from and valid_to",
                source=source,
                day=f"{day:%Y-%m-%d}",
            )
        )
    return kept


def list_earlier(
    versions: pd.DataFrame, kept: pd.DataFrame, *, on: datetime.date | None = None
) -> list[dict[str, str]]:
    """List the names of versions that are no longer valid: records may still bear them.

    Parameters
    ----------
    versions : DataFrame
        All versions: ``mahalla_code, name, name_cyrl, name_ru, district, region, valid_from``.
    kept : DataFrame
        Those valid on the day, from `keep_versions`.
    on : date, optional
        The day; versions that begin after it are left out.

    Returns
    -------
    list of dict
        ``code, name, district, region``, text, "" where missing, sorted and each once.

    Examples
    --------
    >>> versions = pd.DataFrame({
    ...     "mahalla_code": ["7", "8"], "name": ["Eski", "Yangi"], "name_cyrl": None,
    ...     "name_ru": None, "district": None, "region": None, "valid_from": pd.NaT})
    >>> list_earlier(versions, versions[1:])
    [{'code': '7', 'name': 'Eski', 'district': '', 'region': ''}]
    """
    past = versions[~versions.index.isin(kept.index)]
    if on is not None:
        past = past[~(past["valid_from"] > pd.Timestamp(on))]
    texts = past[["mahalla_code", *NAMES, "district", "region"]].astype("object").fillna("")
    rows = {
        (row["mahalla_code"], row[column], row["district"], row["region"])
        for row in texts.to_dict("records")
        for column in NAMES
        if row[column]
    }
    keys = ("code", "name", "district", "region")
    return [dict(zip(keys, row, strict=True)) for row in sorted(rows)]
