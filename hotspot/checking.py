"""A look before the run: what was read, what was guessed, and how many records find a mahalla."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from hotspot import columns
from hotspot.account import Account, count_records, hash_inputs, input_files, input_query
from hotspot.categories.criteria import Criteria
from hotspot.criteria_choice import read_criteria
from hotspot.errors import InputError
from hotspot.folder import to_json, write_csv
from hotspot.job import Job
from hotspot.loaders.geocode import WAYS
from hotspot.loaders.naming import add_to_aliases, read_aliases
from hotspot.placement import Placement, place_records
from hotspot.reports.review_sheet import write_review
from hotspot.review import list_doubtful_names
from hotspot.sensitivity import needed_for_red, worst_case
from hotspot.setting import month_evidence
from hotspot.statistics.counts import rolling_counts
from hotspot.whole import write_whole


def check_job(
    job: Job, *, keep: Path | None = None, progress: Callable[[str], None] = lambda step: None
) -> tuple[Path, list[str]]:
    """Read and geocode only, and write what was found into the job's output.

    That is ``check.json``, ``hit_rate.csv``, and the names to decide as ``review.csv`` and
    ``review.xlsx``.

    Parameters
    ----------
    job : what :func:`hotspot.job.read_job` returns.
    keep : a table of other names, to which the job's decisions are added.
    progress : called with a few words before each step.

    Returns
    -------
    folder : where the files are.
    lines : what to tell the user.
    """
    progress("reading and placing the records")
    criteria = read_criteria(job)
    placement = place_records(job, window_months=criteria.window_months)
    table = tabulate_hit_rates(placement)
    account = {
        "month": str(placement.month),
        "records": count_records(placement, criteria.window_months),
        "chosen": placement.found,
        "inputs": hash_inputs(input_files(job), job.folder) + input_query(job),
    }
    review = list_doubtful_names(placement)
    folder = job.resolve(job.output)
    progress("writing the account")
    written = _written(folder / "check.json")
    makers: dict[str, Callable[[Path], object]] = {
        "hit_rate.csv": lambda path: write_csv(table, path),
        "review.csv": lambda path: write_csv(review, path),
        "review.xlsx": lambda path: path.write_bytes(write_review(review)),
    }
    account["outputs"] = {
        name: write_whole(folder / name, make, recorded=written.get(name, ""))
        for name, make in makers.items()
    }
    write_whole(folder / "check.json", lambda path: path.write_text(to_json(account), "utf-8"))
    lines = _lines(account, table, criteria.min_hit_rate)
    open_names = review[review["decision"] == ""]
    if len(open_names):
        lines.append(
            f"names to decide: {len(open_names)}, of {open_names['records'].sum()} records; fill "
            "in the decisions of review.xlsx and give it back as [offenses] decisions"
        )
    if keep is not None:
        lines.append(_keep(placement, keep))
    progress("weighing what is not placed")
    return folder, [*lines, *_sensitivity(job, placement, criteria)]


def _keep(placement: Placement, path: Path) -> str:
    """Add the decisions to a table of other names, and say how many it has."""
    if placement.decisions is None:
        raise InputError(
            f"{path}: there are no decisions to keep; give a filled-in review as [offenses] "
            "decisions"
        )
    known = read_aliases(path, placement.mahallas.index) if path.exists() else None
    aliases = add_to_aliases(placement.decisions, known)
    write_whole(path, lambda made: write_csv(aliases, made))
    return f"other names in {path}: {len(aliases)}"


def _written(account: Path) -> dict[str, str]:
    """Return the SHA-256 of the files of an earlier check, to know those edited since."""
    try:
        return dict(json.loads(account.read_text(encoding="utf-8"))["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _sensitivity(job: Job, placement: Placement, criteria: Criteria) -> list[str]:
    """Say what the categories are worth if the unplaced records had all one place."""
    window = criteria.window_months
    unplaced = int(rolling_counts(placement.unplaced, window)[placement.month].sum())
    if not unplaced or not placement.placed.to_numpy().any():
        return []
    evidence, criteria = month_evidence(job, placement, criteria)
    evidence = evidence.assign(observable=True)
    needed = needed_for_red(evidence, criteria, most=unplaced)
    turned = worst_case(needed, unplaced)
    red = int((needed == 0).sum())
    line = (
        f"not placed in the window: {unplaced} records; {red} mahallas have what red takes without "
        "them"
    )
    if not turned:
        return [f"{line}, and they could turn no other red"]
    fewest = int(needed[needed > 0].min())
    return [f"{line}, and they could turn at most {turned} more red (the nearest lacks {fewest})"]


def tabulate_hit_rates(placement: Placement) -> pd.DataFrame:
    """Tabulate the hit rate of geocoding by district, over all months.

    References
    ----------
    Ratcliffe, J. H. (2004). Geocoding crime and a first estimate of a minimum acceptable hit rate.
    IJGIS 18(1), 61-72. https://doi.org/10.1080/13658810310001596076
    """
    names = placement.mahallas["district"].groupby(placement.district).first()
    placed = placement.ways[list(WAYS)].set_axis([f"by_{way}" for way in WAYS], axis=1)
    table = placed.join(placement.unplaced.sum(axis=1).rename("unplaced"), how="outer").fillna(0)
    table = table.astype(int)
    table["records"] = table.sum(axis=1)
    table["hit_rate"] = (table["records"] - table["unplaced"]) / table["records"].where(
        table["records"] > 0
    )
    table["district"] = names.reindex(table.index).where(table.index != "", "unknown")
    # records of no known district come last
    table = table.loc[[*sorted(key for key in table.index if key), ""]]
    return table[columns.names("hit_rate")].reset_index(drop=True)


def _lines(account: Account, table: pd.DataFrame, least: float) -> list[str]:
    records = account["records"]
    lines = [
        f"records up to {account['month']}: {records['read']} read = {records['placed']} placed + "
        f"{records['rejected']} rejected"
    ]
    lines += [f"  placed by {way}: {count}" for way, count in records["placed_by"].items() if count]
    lines += [f"  rejected, {reason}: {n}" for reason, n in records["rejected_by"].items()]
    located = int(table["records"].sum() - table["unplaced"].sum())
    due = int(table["records"].sum())
    if due:
        lines.append(f"hit rate: {located / due:.1%} of {due} records that should be placed")
    named = table[table["district"].notna() & (table["district"] != "unknown")]
    worst_first = named[named["records"] > 0].sort_values("hit_rate", kind="stable")
    for row in worst_first.to_dict("records"):
        below = f", below {least:.0%}" if row["hit_rate"] < least else ""
        lines.append(f"  {row['district']}: {row['hit_rate']:.1%} of {row['records']}{below}")
    coverage = account["chosen"]["coverage"]
    lines.append(f"records cover {coverage['from']} ({coverage['why_from']})")
    lines.append(f"  to {coverage['to']} ({coverage['why_to']})")
    return lines
