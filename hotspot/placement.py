"""From the job's files to counts: every record read, placed on a mahalla or rejected, and tallied.

Records come in chunks and leave as counts, so that a folder of many files never has to fit into
memory as one frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from hotspot.columns import UNPLACED
from hotspot.errors import InputError, NothingToAnalyseError, nearest_sentence
from hotspot.job import Job, month_of
from hotspot.loaders.coverage import Coverage, day_counts, find_coverage
from hotspot.loaders.geocode import Geocoded, geocode
from hotspot.loaders.mahallas import read_mahallas
from hotspot.loaders.offenses import offense_chunks, repeated_ids
from hotspot.statistics.counts import count_offenses

WAYS = ("code", "coordinates", "name")


@dataclass(frozen=True)
class Placement:
    """All records placed or rejected, as counts.

    ``placed``, ``by_text`` (by code or name) and ``located`` (with coordinates of their own) are
    panels of mahallas × months from the first month needed to ``month``; ``unplaced`` is districts
    × months, with the row ``""`` for records that name no district; ``ways`` is districts × way;
    ``points`` are the coordinates of placed records; ``missing`` are the panel's months without
    any record, which are missing data and not zeros; ``read`` is how many records came in, counted
    before they are geocoded.
    """

    month: pd.Period
    start: pd.Period
    missing: list[pd.Period]
    mahallas: gpd.GeoDataFrame
    district: pd.Series
    placed: pd.DataFrame
    by_text: pd.DataFrame
    located: pd.DataFrame
    unplaced: pd.DataFrame
    ways: pd.DataFrame
    points: pd.DataFrame
    rejected: pd.DataFrame
    read: int
    found: dict[str, Any]


def place_records(
    job: Job, *, month: pd.Period | None = None, window_months: int = 12, all_points: bool = False
) -> Placement:
    """Read the job's offenses and mahallas and place each record up to the end of the month.

    Parameters
    ----------
    job : the job.
    month : the month to place up to; None for the job's, or else the last complete one.
    window_months : the panel reaches back at least this far, with missing months where no record
        can be.
    all_points : keep the coordinates of all months, not only those of the last window.

    Raises
    ------
    InputError
        The files cannot be read or used, or the month lies after the last that records cover.
    NothingToAnalyseError
        The month lies before the first that records cover.
    """
    offenses = job.offenses
    source = offenses.path or "the records"
    chunks = offense_chunks(
        None if offenses.path is None else job.resolve(offenses.path),
        columns=offenses.columns.model_dump(exclude_none=True),
        url=offenses.url,
        query=offenses.query,
        encoding=offenses.encoding,
        separator=offenses.separator,
        decimal=offenses.decimal,
        sheet=offenses.sheet,
        header_row=offenses.header_row,
        date_format=offenses.date_format,
    )
    # one frame is kept as it is; a folder is read again for each purpose, a part at a time
    parts = list(chunks) if len(chunks.parts) == 1 else chunks
    days = _days(parts)
    coverage = find_coverage(days)
    month = month or (month_of(job.month) if job.month else None)
    start, end = _period(job, coverage)
    month = month or end
    if month > end:
        raise InputError(
            f"{source}: the month {month} is after {end}, the last complete month that is covered; "
            f"choose {end} or an earlier month, or set [offenses] to"
        )
    if month < start:
        raise NothingToAnalyseError(
            f"{source}: the month {month} is before {start}, the first month that is covered; "
            f"choose {start} or a later month, or set [offenses] from"
        )
    mahallas = read_mahallas(
        job.resolve(job.mahallas.path),
        columns=job.mahallas.columns.model_dump(exclude_none=True),
        layer=job.mahallas.layer,
        polygons=None if job.mahallas.polygons is None else job.resolve(job.mahallas.polygons),
        groups=job.mahallas.groups,
        on=month.end_time.normalize(),
        crs=job.mahallas.crs,
        encoding=job.mahallas.encoding,
    )
    panel_start = min(start, month - window_months + 1)
    points_from = panel_start if all_points else month - window_months + 1
    district = district_keys(mahallas)
    tally = _Tally(mahallas, district, panel_start, month, points_from)
    if len(chunks.parts) == 1:
        for chunk in parts:
            tally.add(_geocode(chunk, mahallas, job, start, month), kinds=chunk["kind"])
    else:
        # records that share an id are judged together, wherever in the folder they stand
        repeated = repeated_ids(parts)
        held = []
        for chunk in parts:
            twice = chunk["id"].isin(repeated)
            held.append(chunk[twice])
            placed = _geocode(chunk[~twice], mahallas, job, start, month, part=True)
            tally.add(placed, kinds=chunk["kind"])
        together = pd.concat(held, ignore_index=True)
        tally.add(_geocode(together, mahallas, job, start, month, part=True))
    by_month = days.groupby(pd.DatetimeIndex(days.index).to_period("M")).sum()
    placement = tally.result(
        month=month,
        start=start,
        missing=[
            m
            for m in pd.period_range(panel_start, month, freq="M")
            if m < start or not by_month.get(m, 0)
        ],
        found={
            "offenses": chunks.found,
            "coverage": {
                "from": str(start),
                "to": str(end),
                "why_from": "given" if offenses.from_ else coverage.why_start,
                "why_to": "given" if offenses.to else coverage.why_end,
            },
            "mahallas": mahallas.attrs["found"],
        },
    )
    if absent := _check_kinds(job, placement.found["kinds"]):
        placement.found["kinds_absent"] = absent
    return placement


def district_keys(mahallas: gpd.GeoDataFrame) -> pd.Series:
    """Return one key a mahalla for its district, the same name in two regions kept apart.

    Examples
    --------
    >>> frame = pd.DataFrame({"region": ["A", "A", None], "district": ["x", "x", None]})
    >>> district_keys(frame).tolist()
    ['A|x', 'A|x', '|']
    """
    key: pd.Series = mahallas["region"].fillna("") + "|" + mahallas["district"].fillna("")
    return key


def _days(chunks: Iterable[pd.DataFrame]) -> pd.Series:
    days: pd.Series = pd.concat([day_counts(chunk) for chunk in chunks]).groupby(level=0).sum()
    return days


def _period(job: Job, coverage: Coverage) -> tuple[pd.Period, pd.Period]:
    given_from, given_to = job.offenses.from_, job.offenses.to
    start = month_of(given_from) if given_from else coverage.start
    end = month_of(given_to) if given_to else coverage.end
    if start > end:
        raise InputError(
            f"the records would begin with {start} and end with {end}; set [offenses] from and to "
            "so that from is not after to"
        )
    return start, end


def _geocode(
    chunk: pd.DataFrame,
    mahallas: gpd.GeoDataFrame,
    job: Job,
    start: pd.Period,
    end: pd.Period,
    *,
    part: bool = False,
) -> Geocoded:
    return geocode(
        chunk,
        mahallas,
        crs=job.offenses.crs,
        tolerance_m=job.offenses.tolerance_m,
        start=start,
        end=end,
        counted=job.offenses.kinds.counted,
        excluded=job.offenses.kinds.excluded,
        part=part,
    )


class _Tally:
    """Adds up what the chunks of the records come to."""

    def __init__(
        self,
        mahallas: gpd.GeoDataFrame,
        district: pd.Series,
        start: pd.Period,
        end: pd.Period,
        points_from: pd.Period,
    ) -> None:
        self.mahallas, self.district = mahallas, district
        self.start, self.end, self.points_from = start, end, points_from
        nothing = pd.DataFrame({"mahalla_code": [], "month": pd.PeriodIndex([], freq="M")})
        self.panels = {name: self._count(nothing) for name in ("placed", "by_text", "located")}
        self.names = _district_names(mahallas, district)
        self.ways: list[pd.DataFrame] = []
        self.points: list[pd.DataFrame] = []
        self.rejected: list[pd.DataFrame] = []
        self.kinds: list[pd.Series] = []
        self.read = 0
        self.found: list[dict[str, Any]] = []

    def _count(self, placed: pd.DataFrame) -> pd.DataFrame:
        return count_offenses(placed, self.mahallas, start=self.start, end=self.end)

    def add(self, geocoded: Geocoded, *, kinds: pd.Series | None = None) -> None:
        placed, rejected = geocoded.placed, geocoded.rejected
        located = placed["x"].notna()
        self.panels["placed"] += self._count(placed)
        self.panels["by_text"] += self._count(placed[placed["way"] != "coordinates"])
        self.panels["located"] += self._count(placed[located])
        self.ways.append(
            pd.DataFrame(
                {"district": placed["mahalla_code"].map(self.district), "way": placed["way"]}
            )
            .value_counts()
            .rename("records")
            .reset_index()
        )
        recent = located & (placed["month"] >= self.points_from)
        self.points.append(placed.loc[recent, ["x", "y", "month", "mahalla_code"]])
        self.rejected.append(rejected)
        if kinds is not None:
            self.kinds.append(kinds.value_counts())
            self.read += len(kinds)
        self.found.append(placed.attrs.get("found", {}))

    def result(
        self,
        *,
        month: pd.Period,
        start: pd.Period,
        missing: list[pd.Period],
        found: dict[str, Any],
    ) -> Placement:
        rejected = pd.concat(self.rejected, ignore_index=True).sort_values("row", kind="stable")
        unplaced = rejected[rejected["reason"].isin(UNPLACED)]
        district = unplaced["district"].map(_folded).map(self.names).fillna("")
        months = self.panels["placed"].columns
        ways = pd.concat(self.ways).pivot_table(
            index="district", columns="way", values="records", aggfunc="sum", fill_value=0
        )
        keys = sorted(set(self.district))
        return Placement(
            month=month,
            start=start,
            missing=missing,
            mahallas=self.mahallas,
            district=self.district,
            placed=self.panels["placed"],
            by_text=self.panels["by_text"],
            located=self.panels["located"],
            unplaced=pd.crosstab(district, pd.PeriodIndex(unplaced["month"], freq="M")).reindex(
                index=[*keys, ""], columns=months, fill_value=0
            ),
            ways=ways.reindex(index=keys, columns=list(WAYS), fill_value=0).astype(int),
            points=pd.concat(self.points, ignore_index=True),
            rejected=rejected.reset_index(drop=True),
            read=self.read,
            found=found | {"geocoding": _added(self.found), "kinds": _kind_counts(self.kinds)},
        )


def _folded(name: object) -> str:
    return " ".join(str(name).casefold().split()) if isinstance(name, str) else ""


def _district_names(mahallas: gpd.GeoDataFrame, district: pd.Series) -> dict[str, str]:
    """Map a district's name as records give it to its key, where the name is unique."""
    pairs = pd.DataFrame({"name": mahallas["district"].map(_folded), "key": district})
    pairs = pairs[pairs["name"] != ""].drop_duplicates()
    unique = pairs[~pairs["name"].duplicated(keep=False)]
    return dict(zip(unique["name"], unique["key"], strict=True))


def _added(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Add up the numbers that the chunks report; what is not a number is kept once."""
    total: dict[str, Any] = {}
    for part in found:
        for key, value in part.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            total[key] = total.get(key, 0) + value if number else value
    return total


def _kind_counts(kinds: list[pd.Series]) -> dict[str, int]:
    if not kinds:
        return {}
    counts = pd.concat(kinds).groupby(level=0).sum()
    return {str(kind): int(count) for kind, count in counts.sort_index().items()}


def _check_kinds(job: Job, kinds: dict[str, int]) -> list[str]:
    """Return the kinds the job names that no record has; an error if no counted one occurs."""
    present = {_folded(kind) for kind in kinds}
    named = (job.offenses.kinds.counted or []) + job.offenses.kinds.excluded
    absent = [kind for kind in named if _folded(kind) not in present]
    counted = job.offenses.kinds.counted
    if named and job.offenses.columns.kind is None:
        raise InputError(
            f"[offenses.kinds] names '{named[0]}', and no column of the records is their kind; "
            "give [offenses.columns] kind, or name no kinds"
        )
    if counted and kinds and all(kind in absent for kind in counted):
        raise InputError(
            f"{job.offenses.path or 'the records'}: none of the counted kinds occurs, "
            f"'{counted[0]}' for one; {nearest_sentence(counted[0], kinds)}"
        )
    return absent
