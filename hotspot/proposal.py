"""A job proposed from the two files: what `hotspot init` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _, mark, spoken
from hotspot.loaders.coverage import day_counts, find_coverage
from hotspot.loaders.headings import MAHALLA_FIELDS, OFFENSE_FIELDS, Proposal, propose_columns
from hotspot.loaders.layers import is_layer, read_layer
from hotspot.loaders.mahallas import read_mahallas
from hotspot.loaders.offenses import offense_chunks
from hotspot.loaders.parquet import parquet_pieces, read_piece
from hotspot.loaders.projections import propose_crs
from hotspot.loaders.tables import find_format, read_table
from hotspot.whole import write_whole

_MOST_KINDS = 40

_TEMPLATE = (
    (
        "",
        mark(
            "A monthly job; every key is explained in docs/job.md. Paths are relative to this file."
        ),
    ),
    ('# month = "2025-01"', mark("otherwise the last complete month the records cover")),
    ("", ""),
    ("[offenses]", ""),
    (
        'path = "offenses.csv"',
        mark("csv, csv.gz, xlsx, xls, ods, dbf, parquet (a file or a folder)"),
    ),
    ('# crs = "EPSG:4326"', mark("of the coordinates")),
    ('# date_format = "%d.%m.%Y"', mark("where dates could be read both ways")),
    ("", ""),
    ("[offenses.columns]", mark("the file's heading for each field")),
    ('date = "date"', ""),
    ('# id = "id"', ""),
    ('# kind = "kind"', ""),
    ("", mark("one way to place a record is needed, or both:")),
    ('mahalla_code = "mahalla_code"', ""),
    ('# longitude = "lon"', ""),
    ('# latitude = "lat"', ""),
    ('# district = "district"', mark("whose hit rate an unplaced record lowers")),
    ("", ""),
    ("[offenses.kinds]", ""),
    ('# counted = ["theft", "robbery"]', mark("absent: all kinds count")),
    ('# excluded = ["cyber"]', ""),
    ("", ""),
    ("[mahallas]", ""),
    ('path = "mahallas.gpkg"', ""),
    ("", ""),
    ("[mahallas.columns]", ""),
    ('code = "mahalla_code"', ""),
    ('# name = "name"', ""),
    ('# district = "district"', ""),
    ('# region = "region"', ""),
    ('# population = "population"', mark("without it there are no rates")),
    ("", ""),
    ("[criteria]", ""),
    ('use = "analytical-12m"', ""),
    ("", ""),
)
"""The lines of a job to fill in, and the comment on each."""


def template() -> str:
    """Return a job to fill in by hand, its comments and its report in the language spoken."""
    lines = (
        f"{code:<26}   # {_(comment)}"
        if code and comment
        else f"# {_(comment)}"
        if comment
        else code
        for code, comment in _TEMPLATE
    )
    return "\n".join([*lines, *_report_lines()]) + "\n"


def write_job(text: str, path: Path, *, force: bool = False) -> None:
    """Write a job file; an existing one only with ``force``."""
    if path.exists() and not force:
        raise InputError(
            _(
                "{path}: the file is there already; choose another name with --out, or --force",
                path=path,
            )
        )
    write_whole(path, lambda made: made.write_text(text, encoding="utf-8"))


def propose_job(offenses: Path, mahallas: Path, folder: Path) -> tuple[str, list[str]]:
    """Look at an offense file and a mahalla file and propose a job, in the language spoken.

    Parameters
    ----------
    offenses, mahallas : the two files.
    folder : where the job will lie; its paths are relative to it.

    Returns
    -------
    text : the job file, commented.
    found : a line for each thing found, for the user to check.

    Raises
    ------
    InputError
        A file cannot be read, or lacks what a job needs.
    """
    layer = _read_attributes(mahallas)
    theirs = propose_columns(layer, MAHALLA_FIELDS)
    if "code" not in theirs:
        raise InputError(
            _(
                "{path}: no column holds a code that is different in every row; add one, or give "
                "the heading in a job file of your own",
                path=mahallas,
            )
        )
    places = read_mahallas(mahallas, columns=_headings(theirs))
    records = _read_records(offenses)
    ours = propose_columns(records, OFFENSE_FIELDS, codes=places.index)
    _check_fields(offenses, ours, records)
    crs, crs_why, exchanged = _propose_crs(records, ours, places)
    if exchanged:
        ours["longitude"], ours["latitude"] = ours["latitude"], ours["longitude"]
    coverage, month = _look_at_dates(offenses, ours)
    kinds = _kinds(records, ours)

    shape = _(
        "{mahallas} mahallas, {without} without polygon",
        mahallas=len(places),
        without=int(places.geometry.isna().sum()),
    )
    lines = [
        _comment(_("Proposed by 'hotspot init': look at what it found before you trust it.")),
        _comment(_("Every key is explained in docs/job.md. Paths are relative to this file.")),
        f"# month = {_quoted(month)}  " + _comment(_("otherwise the last complete month"))
        if month
        else "",
        "",
        "[offenses]",
        f"path = {_quoted(_relative(offenses, folder))}",
        f"crs = {_quoted(crs)}  {_comment(crs_why)}" if crs else "",
        '# date_format = "%d.%m.%Y"  ' + _comment(_("set it: dates can be read both ways"))
        if not month
        else "",
        _comment(coverage),
        "",
        "[offenses.columns]",
        *_column_lines(ours),
        "",
        "[offenses.kinds]",
        _comment(
            _("all kinds count unless some are named; the kinds of this file and their records:")
        ),
        *(f"#   {_quoted(kind)}: {count}" for kind, count in kinds.items()),
        "# counted = […]",
        "",
        "[mahallas]",
        f"path = {_quoted(_relative(mahallas, folder))}",
        _comment(shape),
        "",
        "[mahallas.columns]",
        *_column_lines(theirs),
        ""
        if "population" in theirs
        else _comment(_("no population was found, so there are no rates")),
        "",
        "[criteria]",
        'use = "analytical-12m"' if "population" in theirs else 'use = "analytical-12m-counts"',
        "",
        *_report_lines(),
    ]
    text = "\n".join(line for i, line in enumerate(lines) if line or lines[i - 1]) + "\n"
    found = [
        *(_found_line("offenses", field, proposal) for field, proposal in ours.items()),
        *(_found_line("mahallas", field, proposal) for field, proposal in theirs.items()),
        *([_("offenses: crs {crs}, {why}", crs=crs, why=crs_why)] if crs else []),
        _("offenses: {what}", what=coverage),
    ]
    return text, found


def _read_attributes(path: Path) -> pd.DataFrame:
    if is_layer(path):
        frame, _ = read_layer(path)
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return read_table(path, find_format(path)).frame


def _read_records(path: Path) -> pd.DataFrame:
    if path.is_dir():
        return read_piece(parquet_pieces(path)[0], None)
    return read_table(path, find_format(path)).frame


def _headings(proposals: Mapping[str, Proposal]) -> dict[str, Any]:
    return {field: proposal.heading for field, proposal in proposals.items()}


def _check_fields(path: Path, proposals: dict[str, Proposal], records: pd.DataFrame) -> None:
    headings = ", ".join(map(str, records.columns))
    if "date" not in proposals:
        raise InputError(
            _(
                "{path}: no column of dates was found among {headings}; name it in a job file of "
                "your own",
                path=path,
                headings=headings,
            )
        )
    if "longitude" not in proposals or "latitude" not in proposals:
        proposals.pop("longitude", None)
        proposals.pop("latitude", None)
        if "mahalla_code" not in proposals:
            raise InputError(
                _(
                    "{path}: neither coordinates nor codes of the mahallas were found among "
                    "{headings}; one of them is needed to place a record",
                    path=path,
                    headings=headings,
                )
            )


def _propose_crs(
    records: pd.DataFrame, proposals: Mapping[str, Proposal], places: gpd.GeoDataFrame
) -> tuple[str | None, str, bool]:
    if "longitude" not in proposals:
        return None, "", False
    x, y = (records[str(proposals[name].heading)] for name in ("longitude", "latitude"))
    return propose_crs(x, y, places)


def _look_at_dates(path: Path, proposals: Mapping[str, Proposal]) -> tuple[str, str | None]:
    """Return what the dates cover in words, and the last complete month; None where unclear."""
    columns = {"date": proposals["date"].heading}
    try:
        chunks = offense_chunks(path, columns=columns)
        days = pd.concat([day_counts(chunk) for chunk in chunks]).groupby(level=0).sum()
        coverage = find_coverage(days)
    except InputError as error:
        return str(error), None
    words = _(
        "dates ({format}) cover {first} to {last}",
        format=chunks.found["date_format"],
        first=coverage.start,
        last=coverage.end,
    )
    return words, str(coverage.end)


def _kinds(records: pd.DataFrame, proposals: Mapping[str, Proposal]) -> dict[str, int]:
    if "kind" not in proposals:
        return {}
    counts = records[proposals["kind"].heading].astype("str").str.strip().value_counts()
    return {str(kind): int(n) for kind, n in counts.sort_index().head(_MOST_KINDS).items()}


def _column_lines(proposals: Mapping[str, Proposal]) -> list[str]:
    lines = []
    for field, proposal in proposals.items():
        heading = proposal.heading
        value = (
            _quoted(heading)
            if isinstance(heading, str)
            else "[" + ", ".join(_quoted(part) for part in heading) + "]"
        )
        # an id that repeats would reject records, so the user is to switch it on
        off = "# " if field == "id" and not proposal.sure else ""
        lines.append(f"{off}{field} = {value}  {_comment(_why(proposal))}")
    return lines


def _found_line(file: str, field: str, proposal: Proposal) -> str:
    heading = proposal.heading
    shown = heading if isinstance(heading, str) else ", ".join(heading)
    values = {"field": field, "heading": repr(shown), "why": _why(proposal)}
    if file == "offenses":
        return _("offenses: {field} = {heading} ({why})", **values)
    return _("mahallas: {field} = {heading} ({why})", **values)


def _why(proposal: Proposal) -> str:
    why = _one_line(proposal.why)
    return why if proposal.sure else _("look here: {why}", why=why)


def _report_lines() -> list[str]:
    return [
        "[report]",
        f"languages = [{_quoted(spoken())}]  "
        + _comment(_("any of uz, uz_Cyrl, ru, en; the first is the main one")),
    ]


def _comment(text: str) -> str:
    return f"# {_one_line(text)}"


def _one_line(text: str) -> str:
    # a value from the file may hold a line break or a control character, which TOML refuses
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def _quoted(text: str) -> str:
    # a JSON string is a TOML string
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        # another drive
        return path.resolve().as_posix()
