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
from hotspot.language import _, mark, number
from hotspot.loaders.coverage import Coverage
from hotspot.loaders.geocode import WAYS
from hotspot.loaders.naming import add_to_aliases, read_aliases
from hotspot.placement import Placement, place_records
from hotspot.reports.review_sheet import write_review
from hotspot.review import list_doubtful_names
from hotspot.sensitivity import needed_for_red, worst_case
from hotspot.setting import month_evidence
from hotspot.statistics.counts import rolling_counts
from hotspot.whole import write_whole

_PLACED_BY = {
    "code": mark("placed by code: {number}"),
    "coordinates": mark("placed by coordinates: {number}"),
    "name": mark("placed by name: {number}"),
}


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
    progress(_("reading and placing the records"))
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
    progress(_("writing the account"))
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
    lines = _lines(account, table, criteria.min_hit_rate, placement.coverage)
    open_names = review[review["decision"] == ""]
    if len(open_names):
        lines.append(
            _(
                "names to decide: {names}, of {records} records; fill in the decisions of "
                "review.xlsx and give it back as [offenses] decisions",
                names=len(open_names),
                records=open_names["records"].sum(),
            )
        )
    if keep is not None:
        lines.append(_keep(placement, keep))
    progress(_("weighing what is not placed"))
    return folder, [*lines, *_sensitivity(job, placement, criteria)]


def _keep(placement: Placement, path: Path) -> str:
    """Add the decisions to a table of other names, and say how many it has."""
    if placement.decisions is None:
        raise InputError(
            _(
                "{path}: there are no decisions to keep; give a filled-in review as [offenses] "
                "decisions",
                path=path,
            )
        )
    known = read_aliases(path, placement.mahallas.index) if path.exists() else None
    aliases = add_to_aliases(placement.decisions, known)
    write_whole(path, lambda made: write_csv(aliases, made))
    return _("other names in {path}: {number}", path=path, number=len(aliases))


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
    if not turned:
        return [
            _(
                "not placed in the window: {unplaced} records; {red} mahallas have what red takes "
                "without them, and they could turn no other red",
                unplaced=unplaced,
                red=red,
            )
        ]
    return [
        _(
            "not placed in the window: {unplaced} records; {red} mahallas have what red takes "
            "without them, and they could turn at most {turned} more red (the nearest lacks "
            "{fewest})",
            unplaced=unplaced,
            red=red,
            turned=turned,
            fewest=int(needed[needed > 0].min()),
        )
    ]


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


def _lines(account: Account, table: pd.DataFrame, least: float, found: Coverage) -> list[str]:
    records = account["records"]
    lines = [
        _(
            "records up to {month}: {read} read = {placed} placed + {rejected} rejected",
            month=account["month"],
            **{key: records[key] for key in ("read", "placed", "rejected")},
        )
    ]
    lines += [
        f"  {_(_PLACED_BY[way], number=count)}"
        for way, count in records["placed_by"].items()
        if count
    ]
    lines += [
        "  " + _("rejected, {reason}: {number}", reason=reason, number=count)
        for reason, count in records["rejected_by"].items()
    ]
    located = int(table["records"].sum() - table["unplaced"].sum())
    due = int(table["records"].sum())
    if due:
        shown = number(100 * located / due, 1)
        lines.append(
            _("hit rate: {share}% of {due} records that should be placed", share=shown, due=due)
        )
    named = table[table["district"].notna() & (table["district"] != "unknown")]
    worst_first = named[named["records"] > 0].sort_values("hit_rate", kind="stable")
    for row in worst_first.to_dict("records"):
        rate = {
            "district": row["district"],
            "share": number(100 * row["hit_rate"], 1),
            "records": row["records"],
        }
        if row["hit_rate"] < least:
            below = number(100 * least)
            said = _("{district}: {share}% of {records}, below {least}%", least=below, **rate)
        else:
            said = _("{district}: {share}% of {records}", **rate)
        lines.append(f"  {said}")
    coverage = account["chosen"]["coverage"]
    why_from = _("given") if coverage["why_from"] == "given" else found.why_start
    why_to = _("given") if coverage["why_to"] == "given" else found.why_end
    lines.append(_("records cover {month} ({why})", month=coverage["from"], why=why_from))
    lines.append("  " + _("to {month} ({why})", month=coverage["to"], why=why_to))
    return lines
