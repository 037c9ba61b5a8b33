"""The account of a run: what was read, what was chosen, what came out. It has no clock."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from hotspot.categories.criteria import Criteria
from hotspot.job import Job
from hotspot.loaders.geocode import WAYS
from hotspot.palette import CATEGORIES, TWO_CLASSES
from hotspot.placement import Placement
from hotspot.statistics.counts import rolling_counts
from hotspot.whole import hash_file

Account = dict[str, Any]

LONG = (36, 60)
"""Months in a row after which a red mahalla goes to other officials."""

PACKAGES = (
    "geopandas",
    "libpysal",
    "mahalla-hotspot",
    "numpy",
    "pandas",
    "pyproj",
    "scipy",
    "shapely",
)


def keep_account(
    job: Job,
    placement: Placement,
    criteria: Criteria,
    table: gpd.GeoDataFrame,
    *,
    months: pd.PeriodIndex,
    replay: pd.PeriodIndex,
    unobserved: list[pd.Period],
    chosen: dict[str, Any],
    neighbours: dict[str, Any],
    density: dict[str, Any],
    ledger: dict[str, Any] | None,
) -> Account:
    """Lay down what a run read, chose and decided, as ``run.json`` has it."""
    without = table.geometry.isna()
    return {
        "month": str(placement.month),
        "window": {
            "from": str(months[0]),
            "to": str(months[-1]),
            "months": len(months),
            "months_without_records": [str(month) for month in unobserved],
        },
        "records": count_records(placement, len(months)),
        "categories": {
            category: int((table["category"] == category).sum()) for category in CATEGORIES
        },
        "red_for": {
            f"{months_red} months": int((table["months_red"] >= months_red).sum())
            for months_red in LONG
        },
        "mahallas": {"all": len(table), "without_polygon": int(without.sum())},
        "criteria": {**criteria.data, "sha256": criteria.sha256},
        "replay": {"first_month": str(replay[0]), "months": len(replay)},
        "chosen": chosen | placement.found | {"neighbours": neighbours, "density": density},
        "inputs": hash_inputs(input_files(job), job.folder) + input_query(job),
        **({} if ledger is None else {"ledger": ledger}),
        **({"public": {"classes": job.report.classes}} if job.report.public else {}),
        "versions": versions(),
    }


def disclose_account(account: Account, table: pd.DataFrame) -> Account:
    """Return of an account what a public month may tell: nothing of records, inputs or choices.

    Parameters
    ----------
    account : of the month, as :func:`keep_account` made it.
    table : the public table of the month.
    """
    window = {key: account["window"][key] for key in ("from", "to", "months")}
    categories = CATEGORIES if account["public"]["classes"] == 3 else TWO_CLASSES
    as_they_are = ("month", "red_for", "mahallas", "criteria", "replay", "public", "versions")
    return {key: account[key] for key in as_they_are} | {
        # a month without any record is a month in which every count is zero
        "window": window | {"months_without_records": []},
        "categories": {
            category: int((table["category"] == category).sum()) for category in categories
        },
        # that kinds are named is part of the definition, which ones is not told
        "chosen": {
            key: ["named in the job"] if account["chosen"][key] else []
            for key in ("counted_kinds", "excluded_kinds")
        },
    }


def count_records(placement: Placement, window: int) -> dict[str, Any]:
    """Count the records: read = placed + rejected, and both by way and by reason.

    Raises
    ------
    RuntimeError
        A record is lost or counted twice: the program is wrong, and nothing may be written.
    """
    reasons = placement.rejected["reason"].value_counts()
    placed = int(placement.placed.to_numpy().sum())
    if placement.read != placed + len(placement.rejected):
        raise RuntimeError(
            f"{placement.read} records read are not {placed} placed and {len(placement.rejected)} "
            "rejected"
        )
    return {
        "read": placement.read,
        "placed": placed,
        "rejected": len(placement.rejected),
        "placed_by": {way: int(placement.ways[way].sum()) for way in WAYS},
        "rejected_by": {reason: int(reasons[reason]) for reason in sorted(reasons.index)},
        "in_window": int(rolling_counts(placement.placed, window)[placement.month].sum()),
    }


def hash_inputs(paths: Iterable[Path], folder: Path) -> list[dict[str, str]]:
    """Return each input's path relative to the job's folder and its SHA-256.

    A folder stands for the files in it, a shapefile for itself and the files beside it.
    """
    files: set[Path] = set()
    for path in paths:
        if path.is_dir():
            files |= {file for file in path.rglob("*") if file.is_file()}
        elif path.suffix.lower() == ".shp":
            files |= {file for file in path.parent.glob(f"{path.stem}.*") if file.is_file()}
        elif path.is_file():
            files.add(path)
    named = {Path(os.path.relpath(file, folder)).as_posix(): file for file in files}
    return [{"path": name, "sha256": hash_file(named[name])} for name in sorted(named)]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def input_query(job: Job) -> list[dict[str, str]]:
    """Return the query that stands for a file where the records come from a database."""
    if job.offenses.query is None:
        return []
    digest = hashlib.sha256(job.offenses.query.encode()).hexdigest()
    return [{"query": job.offenses.query, "sha256": digest}]


def input_files(job: Job) -> list[Path]:
    """Return the files that the job reads."""
    named = (
        job.offenses.path,
        job.offenses.decisions,
        job.offenses.aliases,
        job.mahallas.path,
        job.mahallas.polygons,
        job.mahallas.neighbours,
        job.mahallas.crosswalk,
        job.criteria.path,
    )
    return [job.resolve(path) for path in named if path is not None]
