"""Every offense record onto a mahalla, or out with the reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.loaders.containment import NOWHERE, Location, place_points
from hotspot.loaders.points import Mask, Places, Points, read_points
from hotspot.loaders.projections import read_crs

# why a record does not count; of several the first
REASONS = (
    "bad_date",
    "outside_period",
    "kind_excluded",
    "no_location",
    "unknown_code",
    "bad_coordinates",
    "outside",
    "duplicate_id",
)

PLACED = ["row", "id", "kind", "month", "mahalla_code", "way", "x", "y"]
REJECTED = ["row", "id", "date", "kind", "longitude", "latitude"]
REJECTED += ["mahalla_code", "mahalla", "district", "reason", "month"]

# of the records under one id the first by these counts, so that the file's order does not matter
CONTENT = ["date", "place", "x", "y", "kind", "date_given", "longitude", "latitude"]
CONTENT += ["mahalla_code", "mahalla", "district", "registered"]


@dataclass(frozen=True)
class Geocoded:
    """The records that count and those that don't; together they are all that were read.

    Attributes
    ----------
    placed : DataFrame
        ``row, id, kind, month, mahalla_code, way, x, y`` in the order of the records; x and y in
        the CRS of the mahallas, NaN without usable coordinates of their own. ``attrs["found"]``
        counts what was decided on the way.
    rejected : DataFrame
        ``row, id, date, kind, longitude, latitude, mahalla_code, mahalla, district, reason,
        month``, as given; month is NaT where the date could not be read.
    """

    placed: pd.DataFrame
    rejected: pd.DataFrame


def geocode(
    offenses: pd.DataFrame,
    mahallas: gpd.GeoDataFrame,
    *,
    crs: str = "EPSG:4326",
    tolerance_m: float = 0.0,
    start: pd.Period | None = None,
    end: pd.Period | None = None,
    counted: Collection[str] | None = None,
    excluded: Collection[str] = (),
    part: bool = False,
) -> Geocoded:
    """Place every record on a mahalla, or reject it with the reason.

    Parameters
    ----------
    offenses : DataFrame
        From `read_offenses`.
    mahallas : GeoDataFrame
        From `read_mahallas`: indexed by code, sorted, in a metric CRS.
    crs : str
        Of the offenses' coordinates.
    tolerance_m : float
        How far outside every polygon a point may lie and still go to the nearest.
    start, end : Period[M], optional
        First and last month that count.
    counted : collection of str, optional
        Kinds that count; all where absent. A record without a kind then does not.
    excluded : collection of str
        Kinds that do not count. Capitals and spaces around a kind make no difference.
    part : bool
        The records are a part of a larger source, in which all of them may be of other mahallas:
        no column is refused as a whole.

    Returns
    -------
    Geocoded

    Raises
    ------
    InputError
        A column is mistaken as a whole: longitude and latitude swapped, metres under a CRS in
        degrees or the reverse, or codes of which the mahallas know none where nothing else places
        a record; or the mahallas are not as `read_mahallas` returns them.

    Notes
    -----
    A record goes by its mahalla code where that is known, otherwise by its coordinates. The first
    reason that holds is given: ``bad_date``; ``outside_period``; ``kind_excluded``; then, where
    nothing places it, ``no_location`` (neither code nor coordinates), ``unknown_code`` (a code and
    no usable coordinates), ``bad_coordinates`` (unreadable, one of two, (0, 0), out of range, or
    among the mahallas only with longitude and latitude exchanged) or ``outside`` (every polygon);
    last ``duplicate_id``: of the records that would be placed under one id the first by content
    (date, mahalla, coordinates, kind and so on) counts. Records without an id never repeat.

    Examples
    --------
    >>> from shapely import box
    >>> mahallas = gpd.GeoDataFrame(
    ...     geometry=[box(5e5, 4e6, 6e5, 5e6)], crs="EPSG:32642",
    ...     index=pd.Index(["1726266012"], name="mahalla_code"))
    >>> offenses = pd.DataFrame({
    ...     "row": [2, 3], "id": ["a", "b"], "kind": "theft", "mahalla_code": None,
    ...     "mahalla": None, "district": None, "date": pd.to_datetime(["2024-01-05", None]),
    ...     "date_given": ["05.01.2024", "?"], "longitude": "69.2", "latitude": "41.3",
    ...     "x": 69.2, "y": 41.3, "registered": pd.NaT})
    >>> geocoded = geocode(offenses, mahallas)
    >>> geocoded.placed[["row", "mahalla_code", "way"]].values.tolist()
    [[2, '1726266012', 'coordinates']]
    >>> geocoded.rejected[["row", "reason"]].values.tolist()
    [[3, 'bad_date']]
    """
    _check_mahallas(mahallas)
    records = offenses.reset_index(drop=True)
    months = records["date"].dt.to_period("M")
    early = _refuse_early(records, months, start, end, counted, excluded)
    left = early == ""

    given = read_crs(crs, key="[offenses] crs")
    points = read_points(records, mahallas, crs=given, part=part)
    coded, zeros_dropped = match_codes(records["mahalla_code"], mahallas.index)
    coded = np.where(left, coded, NOWHERE)
    located = place_points(points, mahallas, left & (coded == NOWHERE), tolerance_m=tolerance_m)
    places, ways = _first_way({"code": coded, "coordinates": located.places})
    if not part:
        _check_codes(records["mahalla_code"], mahallas.index, left, places)

    late = _refuse_unplaced(records, points, left & (places == NOWHERE))
    repeated = _find_repeated(records, points, places)
    reasons = np.where(left, np.where(repeated, "duplicate_id", late), early)

    counts = reasons == ""
    records["reason"], records["month"], records["way"] = reasons, months, ways
    placed, rejected = records[counts], records[~counts]
    placed = placed.assign(
        mahalla_code=mahallas.index.take(places[counts]), x=points.x[counts], y=points.y[counts]
    )
    rejected = rejected.assign(date=rejected["date_given"])
    placed.attrs = {
        "found": _account(records, points, located, counts, ways, reasons)
        | {"tolerance_m": tolerance_m, "leading_zeros_dropped": zeros_dropped}
    }
    rejected.attrs = {}
    return Geocoded(
        placed=placed[PLACED].reset_index(drop=True),
        rejected=rejected[REJECTED].reset_index(drop=True),
    )


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


def _check_mahallas(mahallas: gpd.GeoDataFrame) -> None:
    if mahallas.crs is None or not mahallas.crs.is_projected:
        raise InputError("the mahallas are not in a metric CRS; read them with read_mahallas")
    if not (mahallas.index.is_unique and mahallas.index.is_monotonic_increasing):
        raise InputError(
            "the mahallas are not sorted by unique codes; read them with read_mahallas"
        )


def _refuse_early(
    records: pd.DataFrame,
    months: pd.Series,
    start: pd.Period | None,
    end: pd.Period | None,
    counted: Collection[str] | None,
    excluded: Collection[str],
) -> Any:
    """Return the reasons that need no place: date, period, kind; "" for none."""
    before = months < start if start is not None else False
    after = months > end if end is not None else False
    spellings = pd.Index(records["kind"].dropna().unique(), dtype="str")
    kinds = spellings.str.strip().str.casefold()
    no_kind = records["kind"].isin(spellings[kinds.isin(_folded(excluded))])
    if counted is not None:
        no_kind |= ~records["kind"].isin(spellings[kinds.isin(_folded(counted))])
    tests = [months.isna(), np.logical_or(before, after) & months.notna(), no_kind]
    return np.select(tests, REASONS[: len(tests)], default="")


def _folded(kinds: Collection[str]) -> set[str]:
    return {kind.strip().casefold() for kind in kinds}


def _first_way(found: dict[str, Places]) -> tuple[Places, Any]:
    """Return each record's mahalla by the first way that finds it, and the way."""
    tests = [places != NOWHERE for places in found.values()]
    places = np.select(tests, list(found.values()), default=NOWHERE)
    return places, np.select(tests, list(found), default="").astype(object)


def _check_codes(codes: pd.Series, known: pd.Index, left: Mask, places: Places) -> None:
    """Refuse codes of another register: none is known and nothing else places a record."""
    given = codes[left & codes.notna().to_numpy()]
    if len(given) and not (places[left] != NOWHERE).any():
        raise InputError(
            f"none of the mahalla codes of the offenses is known: they look like "
            f"'{min(given.astype('str'))}', those of the mahallas like '{min(known)}'; "
            "choose the columns that hold the same codes"
        )


def _refuse_unplaced(records: pd.DataFrame, points: Points, unplaced: Mask) -> Any:
    """Return why nothing places a record; "" for those that are placed."""
    coded = records["mahalla_code"].notna().to_numpy()
    tests = [
        unplaced & ~coded & ~points.given,
        unplaced & coded & ~points.usable,
        unplaced & ~points.usable,
        unplaced,
    ]
    names = ["no_location", "unknown_code", "bad_coordinates", "outside"]
    return np.select(tests, names, default="")


def _find_repeated(records: pd.DataFrame, points: Points, places: Places) -> Mask:
    """Return which placed records repeat the id of one that comes first by content."""
    with_id = records["id"].notna() & (places != NOWHERE)
    ids = records.loc[with_id, "id"]
    shared = ids[ids.duplicated(keep=False)].index
    content = records.loc[shared].assign(
        place=places[shared], x=points.x[shared], y=points.y[shared]
    )
    texts = [column for column in CONTENT if content[column].dtype == object]
    content = content.astype(dict.fromkeys(texts, "str")).sort_values(CONTENT, kind="stable")
    repeated = np.zeros(len(records), dtype=bool)
    repeated[content.index[content["id"].duplicated()]] = True
    return repeated


def _account(
    records: pd.DataFrame,
    points: Points,
    located: Location,
    counts: Mask,
    ways: Any,
    reasons: Any,
) -> dict[str, Any]:
    """Count what was decided, so that a run can say it."""
    by_coordinates = counts & (ways == "coordinates")
    coded = records["mahalla_code"].notna().to_numpy()
    return {
        "ways": {way: int((counts & (ways == way)).sum()) for way in ("code", "coordinates")},
        "reasons": {reason: int((reasons == reason).sum()) for reason in REASONS},
        "on_border": int((by_coordinates & located.on_border).sum()),
        "in_overlap": int((by_coordinates & located.in_overlap).sum()),
        "moved_by_tolerance": int((by_coordinates & located.moved).sum()),
        "unknown_code_but_coordinates": int((by_coordinates & coded).sum()),
        "swapped": int((points.swapped & (reasons == "bad_coordinates")).sum()),
    }
