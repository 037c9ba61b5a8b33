"""From the job's files to counts: every record read, placed on a mahalla or rejected, and tallied.

Records come in chunks and leave as counts, so that a folder of many files never has to fit into
memory as one frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd

from hotspot.errors import InputError, NothingToAnalyseError
from hotspot.job import Job, month_of
from hotspot.kinds import KindCounts, absent_kinds
from hotspot.language import _, speaking
from hotspot.loaders.coverage import Coverage, day_counts, find_coverage
from hotspot.loaders.crosswalk import COLUMNS, read_crosswalk
from hotspot.loaders.gazetteer import Gazetteer, build_gazetteer
from hotspot.loaders.geocode import Geocoded, geocode
from hotspot.loaders.heirs import find_heirs, name_old
from hotspot.loaders.mahallas import read_mahallas
from hotspot.loaders.naming import read_aliases, read_decisions
from hotspot.loaders.offenses import offense_chunks, repeated_ids
from hotspot.loaders.shares import set_aside, share_out
from hotspot.tally import Tally


@dataclass(frozen=True)
class Placement:
    """All records placed or rejected, as counts.

    ``placed``, ``by_text`` (by code or name) and ``located`` (with coordinates of their own) are
    panels of mahallas × months from the first month needed to ``month``; ``unplaced`` is districts
    × months, with the row ``""`` for records that name no district; ``ways`` is districts × way;
    ``kinds`` are the placed by mahalla, month and kind;
    ``points`` are the coordinates of placed records; ``missing`` are the panel's months without
    any record, which are missing data and not zeros; ``read`` is how many records came in, counted
    before they are geocoded; ``crosswalk`` leads old codes to those of ``mahallas``; ``coverage``
    is what the dates cover.
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
    kinds: KindCounts
    points: pd.DataFrame
    rejected: pd.DataFrame
    read: int
    gazetteer: Gazetteer | None
    decisions: pd.DataFrame | None
    crosswalk: pd.DataFrame
    coverage: Coverage
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
            _(
                "{source}: the month {month} is after {end}, the last complete month that is "
                "covered; choose {end} or an earlier month, or set [offenses] to",
                source=source,
                month=month,
                end=end,
            )
        )
    if month < start:
        raise NothingToAnalyseError(
            _(
                "{source}: the month {month} is before {start}, the first month that is covered; "
                "choose {start} or a later month, or set [offenses] from",
                source=source,
                month=month,
                start=start,
            )
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
    months = pd.period_range(min(start, month - window_months + 1), month, freq="M")
    crosswalk = _read_crosswalk(job, mahallas, month)
    heirs = find_heirs(crosswalk)
    gazetteer, decisions = _read_names(job, mahallas, month, heirs)
    place = partial(
        geocode,
        mahallas=mahallas,
        crs=offenses.crs,
        tolerance_m=offenses.tolerance_m,
        start=start,
        end=month,
        counted=offenses.kinds.counted,
        excluded=offenses.kinds.excluded,
        keep_repeated=offenses.repeated_ids == "keep",
        gazetteer=gazetteer,
        decisions=decisions,
        heirs=heirs,
    )
    tally = Tally(
        mahallas, months, points_from=months[0] if all_points else month - window_months + 1
    )
    split = [code for code, heir in heirs.items() if not heir]
    aside: list[pd.DataFrame] = []

    def add(geocoded: Geocoded) -> None:
        rest, to_share = set_aside(geocoded, split)
        tally.add(rest)
        aside.append(to_share)

    if len(chunks.parts) == 1:
        for chunk in parts:
            tally.add_read(chunk)
            add(place(chunk))
    else:
        # records that share an id are judged together, wherever in the folder they stand
        repeated = repeated_ids(parts)
        held = []
        for chunk in parts:
            twice = chunk["id"].isin(repeated)
            held.append(chunk[twice])
            tally.add_read(chunk)
            add(place(chunk[~twice], part=True))
        together = pd.concat(held, ignore_index=True)
        add(place(together, part=True))
    # shared out once all are there, so that the order of rows and files changes nothing
    shared = pd.concat(aside)
    if len(shared):
        tally.add(Geocoded(share_out(shared, crosswalk), tally.rejected[:0]))
    by_month = days.groupby(pd.DatetimeIndex(days.index).to_period("M")).sum()
    kinds = dict(sorted(tally.found.pop("kinds").items()))
    old_codes = tally.found.pop("old_codes")
    with speaking("en"):
        # the account is the same whoever runs the job
        why_from, why_to = coverage.why_start, coverage.why_end
    return Placement(
        month=month,
        start=start,
        missing=[m for m in months if m < start or not by_month.get(m, 0)],
        mahallas=mahallas,
        district=tally.district,
        placed=tally.placed,
        by_text=tally.by_text,
        located=tally.located,
        unplaced=tally.unplaced,
        ways=tally.ways,
        kinds=tally.kinds,
        points=tally.points,
        rejected=tally.rejected,
        read=tally.read,
        gazetteer=gazetteer,
        decisions=decisions,
        crosswalk=crosswalk,
        coverage=coverage,
        found={
            "offenses": chunks.found,
            "coverage": {
                "from": str(start),
                "to": str(end),
                "why_from": "given" if offenses.from_ else why_from,
                "why_to": "given" if offenses.to else why_to,
            },
            "mahallas": mahallas.attrs["found"],
            "geocoding": tally.found,
            "crosswalk": {
                "old_codes": len(heirs),
                "placed_by_old_code": dict(sorted(old_codes.items())),
                "shared_out": _count_by_code(shared),
            },
            "districts_unknown": tally.districts_unknown,
            "kinds": kinds,
            "kinds_absent": absent_kinds(job, kinds),
        },
    )


def _days(chunks: Iterable[pd.DataFrame]) -> pd.Series:
    days: pd.Series = pd.concat([day_counts(chunk) for chunk in chunks]).groupby(level=0).sum()
    return days


def _period(job: Job, coverage: Coverage) -> tuple[pd.Period, pd.Period]:
    given_from, given_to = job.offenses.from_, job.offenses.to
    start = month_of(given_from) if given_from else coverage.start
    end = month_of(given_to) if given_to else coverage.end
    if start > end:
        raise InputError(
            _(
                "the records would begin with {start} and end with {end}; set [offenses] from and "
                "to so that from is not after to",
                start=start,
                end=end,
            )
        )
    return start, end


def _read_crosswalk(job: Job, mahallas: gpd.GeoDataFrame, month: pd.Period) -> pd.DataFrame:
    if job.mahallas.crosswalk is None:
        return pd.DataFrame(columns=COLUMNS)
    path = job.resolve(job.mahallas.crosswalk)
    return read_crosswalk(path, mahallas.index, on=month.end_time.normalize())


def _count_by_code(placed: pd.DataFrame) -> dict[str, int]:
    counts = placed["mahalla_code"].value_counts().sort_index()
    return {str(code): int(count) for code, count in counts.items()}


def _read_names(
    job: Job, mahallas: gpd.GeoDataFrame, month: pd.Period, heirs: dict[str, str]
) -> tuple[Gazetteer | None, pd.DataFrame | None]:
    """Return the gazetteer and the decisions, where the records bear names."""
    offenses = job.offenses
    if offenses.columns.mahalla is None:
        return None, None
    known, decisions = [*mahallas.index, *heirs], None
    earlier = mahallas.attrs["earlier"]
    split, aliases = name_old(earlier, mahallas, heirs)
    if offenses.aliases is not None:
        day = month.end_time.normalize()
        given = read_aliases(job.resolve(offenses.aliases), known, on=day)
        given["code"] = [heirs.get(code) or code for code in given["code"]]
        aliases = pd.concat([given, aliases])
    if offenses.decisions is not None:
        decisions = read_decisions(job.resolve(offenses.decisions), known)
    named = pd.DataFrame(mahallas.drop(columns="geometry")).rename_axis("code").reset_index()
    return build_gazetteer(pd.concat([named, split]), aliases), decisions
