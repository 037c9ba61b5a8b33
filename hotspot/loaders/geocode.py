"""Every offense record onto a mahalla, or out with the reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.codes import check_codes, match_codes
from hotspot.loaders.containment import NOWHERE, Location, place_points
from hotspot.loaders.gazetteer import Gazetteer
from hotspot.loaders.heirs import count_old, follow_heirs
from hotspot.loaders.naming import Named, name_records
from hotspot.loaders.points import Mask, Places, Points, read_points
from hotspot.loaders.projections import read_crs
from hotspot.loaders.text import fold_word

# why a record does not count; of several the first
REASONS = (
    "bad_date",
    "outside_period",
    "kind_excluded",
    "no_location",
    "unknown_code",
    "bad_coordinates",
    "outside",
    "name_ambiguous",
    "name_not_found",
    "duplicate_id",
)

# while they are told apart a reason is a number, 0 for none
NUMBERS = {reason: number for number, reason in enumerate(("", *REASONS))}

WAYS = ("code", "coordinates", "name")
PLACED = ["row", "id", "kind", "month", "mahalla_code", "way", "x", "y"]
REJECTED = ["row", "id", "date", "kind", "longitude", "latitude"]
REJECTED += ["mahalla_code", "mahalla", "district", "reason", "month", "name_outcome"]

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
        month, name_outcome``, as given; month is NaT where the date could not be read, and
        ``name_outcome`` is what became of the name, "" where it was not looked up.
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
    keep_repeated: bool = False,
    gazetteer: Gazetteer | None = None,
    decisions: pd.DataFrame | None = None,
    heirs: Mapping[str, str] | None = None,
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
    keep_repeated : bool
        Records that share an id all count, as where one event has several victims.
    gazetteer : Gazetteer, optional
        From `build_gazetteer` of the same mahallas: places records by name as well.
    decisions : DataFrame, optional
        From `read_decisions`: a person's answers to doubtful names.
    heirs : mapping, optional
        From `find_heirs`: the code that took the place of an old one, or "" where several did.
        Then a record goes by its coordinates before the old code, on which it is placed otherwise.

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
    A record goes by its mahalla code where that is known, otherwise by its coordinates, otherwise
    by its name where the gazetteer matches it; ``attrs["found"]`` counts by district where another
    way would have placed it elsewhere. The first reason that holds is given: ``bad_date``;
    ``outside_period``; ``kind_excluded``; then, where nothing places it, ``unknown_code`` (a code
    and no usable coordinates), ``outside`` (every polygon), ``bad_coordinates`` (unreadable, one
    of two, (0, 0), out of range, or among the mahallas only with longitude and latitude
    exchanged), ``name_ambiguous`` (several mahallas), ``name_not_found`` (none, or only one that
    looks alike) or ``no_location`` (nothing is given); last
    ``duplicate_id``: of the records that would be placed under one id the first by content
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
    left = early == 0

    given = read_crs(crs, key="[offenses] crs")
    points = read_points(records, mahallas, crs=given, part=part)
    # the old codes come after the mahallas, so that places below are those of mahallas
    known = mahallas.index.append(pd.Index(list(heirs or {}), dtype=mahallas.index.dtype))
    coded, zeros_dropped = match_codes(records["mahalla_code"], known)
    coded = np.where(left, coded, NOWHERE)
    # records with a code as well, to see whether the two agree
    located = place_points(points, mahallas, left, tolerance_m=tolerance_m)
    named = _name(records[left], known, gazetteer, decisions)
    by_name = np.full(len(records), NOWHERE)
    by_name[left] = named.places
    as_given = {"code": coded, "coordinates": located.places, "name": by_name}
    found = follow_heirs(as_given, known, heirs or {})
    places, ways = _first_way(found)
    if not part:
        check_codes(records["mahalla_code"], mahallas.index, left, places)

    outcome = np.full(len(records), "", dtype=object)
    outcome[left] = named.outcome
    late = _refuse_unplaced(records, points, outcome, left & (places == NOWHERE))
    repeated = _find_repeated(records, points, places) & (not keep_repeated)
    reasons = np.where(left, np.where(repeated, NUMBERS["duplicate_id"], late), early)

    counts = reasons == 0
    placed = records.loc[counts, ["row", "id", "kind"]].assign(
        month=months[counts],
        mahalla_code=known.take(places[counts]),
        way=np.array(["", *WAYS], dtype=object)[ways[counts]],
        x=points.x[counts],
        y=points.y[counts],
    )
    rejected = records[~counts]
    rejected = rejected.assign(
        date=rejected["date_given"],
        reason=np.array(list(NUMBERS), dtype=object)[reasons[~counts]],
        month=months[~counts],
        name_outcome=np.where(left, outcome, "")[~counts],
    )
    placed.attrs = {
        "found": _account(records, points, located, counts, ways, reasons)
        | {"disagreements": _disagreements(found, places, counts, mahallas)}
        | {"old_codes": count_old(as_given, ways * counts, known, heirs or {})}
        | {"tolerance_m": tolerance_m, "leading_zeros_dropped": zeros_dropped}
    }
    rejected.attrs = {}
    return Geocoded(
        placed=placed[PLACED].reset_index(drop=True),
        rejected=rejected[REJECTED].reset_index(drop=True),
    )


def _check_mahallas(mahallas: gpd.GeoDataFrame) -> None:
    if mahallas.crs is None or not mahallas.crs.is_projected:
        raise InputError(_("the mahallas are not in a metric CRS; read them with read_mahallas"))
    if not (mahallas.index.is_unique and mahallas.index.is_monotonic_increasing):
        raise InputError(
            _("the mahallas are not sorted by unique codes; read them with read_mahallas")
        )


def _refuse_early(
    records: pd.DataFrame,
    months: pd.Series,
    start: pd.Period | None,
    end: pd.Period | None,
    counted: Collection[str] | None,
    excluded: Collection[str],
) -> Any:
    """Return the numbers of the reasons that need no place: date, period, kind."""
    before = months < start if start is not None else False
    after = months > end if end is not None else False
    spellings = pd.Index(records["kind"].dropna().unique(), dtype="str")
    kinds = spellings.map(fold_word)
    no_kind = records["kind"].isin(spellings[kinds.isin(_folded(excluded))])
    if counted is not None:
        no_kind |= ~records["kind"].isin(spellings[kinds.isin(_folded(counted))])
    tests = [months.isna(), np.logical_or(before, after) & months.notna(), no_kind]
    return np.select(tests, range(1, len(tests) + 1), default=0)


def _folded(kinds: Collection[str]) -> set[str]:
    return {fold_word(kind) for kind in kinds}


def _first_way(found: dict[str, Places]) -> tuple[Places, Any]:
    """Return each record's mahalla by the first way that finds it, and the way's number."""
    tests = [places != NOWHERE for places in found.values()]
    places = np.select(tests, list(found.values()), default=NOWHERE)
    return places, np.select(tests, range(1, len(tests) + 1), default=0)


def _name(
    records: pd.DataFrame,
    known: pd.Index,
    gazetteer: Gazetteer | None,
    decisions: pd.DataFrame | None,
) -> Named:
    if gazetteer is None:
        nothing = np.full(len(records), "", dtype=object)
        return Named(np.full(len(records), NOWHERE), nothing)
    return name_records(records, known, gazetteer, decisions)


def _refuse_unplaced(records: pd.DataFrame, points: Points, outcome: Any, unplaced: Mask) -> Any:
    """Return the number of why nothing places a record, by the strongest that it gives."""
    late = np.zeros(len(records), dtype=int)
    if not unplaced.any():
        return late
    coded = records["mahalla_code"].notna().to_numpy()
    tests = [
        unplaced & coded & ~points.usable,
        unplaced & points.usable,
        unplaced & points.given,
        unplaced & (outcome == "ambiguous"),
        unplaced & (outcome != ""),
        unplaced,
    ]
    names = ["unknown_code", "outside", "bad_coordinates"]
    names += ["name_ambiguous", "name_not_found", "no_location"]
    late[unplaced] = np.select(tests, [NUMBERS[name] for name in names], default=0)[unplaced]
    return late


def _find_repeated(records: pd.DataFrame, points: Points, places: Places) -> Mask:
    """Return which placed records repeat the id of one that comes first by content."""
    repeated = np.zeros(len(records), dtype=bool)
    ids = records["id"].dropna()
    if ids.is_unique:
        return repeated
    ids = ids[places[ids.index] != NOWHERE]
    shared = ids[ids.duplicated(keep=False)].index
    content = records.loc[shared].assign(
        place=places[shared], x=points.x[shared], y=points.y[shared]
    )
    texts = [column for column in CONTENT if content[column].dtype == object]
    content = content.astype(dict.fromkeys(texts, "str")).sort_values(CONTENT, kind="stable")
    repeated[content.index[content["id"].duplicated()]] = True
    return repeated


def _disagreements(
    found: dict[str, Places], places: Places, counts: Mask, mahallas: gpd.GeoDataFrame
) -> dict[str, dict[str, int]]:
    """Count, by the district placed in, the records that another way would place elsewhere."""
    named = mahallas.get("district", pd.Series(index=mahallas.index, dtype="str"))
    # the old codes of mahallas that were split lie in no district
    districts = np.append(named.astype("str").fillna("").to_numpy(dtype=object), "")
    told = {}
    for way in ("coordinates", "name"):
        other = counts & (found[way] != NOWHERE) & (found[way] != places)
        lying = np.minimum(places[other], len(mahallas))
        names, numbers = np.unique(districts[lying], return_counts=True)
        told[way] = dict(zip(names.tolist(), numbers.tolist(), strict=True))
    return told


def _account(
    records: pd.DataFrame,
    points: Points,
    located: Location,
    counts: Mask,
    ways: Any,
    reasons: Any,
) -> dict[str, Any]:
    """Count what was decided, so that a run can say it."""
    by_coordinates = counts & (ways == 1 + WAYS.index("coordinates"))
    by_way = np.bincount(ways[counts], minlength=1 + len(WAYS)).tolist()
    by_reason = np.bincount(reasons, minlength=len(NUMBERS)).tolist()
    coded = records["mahalla_code"].notna().to_numpy()
    return {
        "ways": dict(zip(WAYS, by_way[1:], strict=True)),
        "reasons": dict(zip(REASONS, by_reason[1:], strict=True)),
        "on_border": int((by_coordinates & located.on_border).sum()),
        "in_overlap": int((by_coordinates & located.in_overlap).sum()),
        "moved_by_tolerance": int((by_coordinates & located.moved).sum()),
        "unknown_code_but_coordinates": int((by_coordinates & coded).sum()),
        "swapped": int((points.swapped & (reasons == NUMBERS["bad_coordinates"])).sum()),
    }
