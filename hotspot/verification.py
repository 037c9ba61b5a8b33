"""Every hash, sum and link checked again: what ``hotspot verify`` does."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hotspot.categories.ledger import ledger_problems, read_ledger
from hotspot.errors import InputError
from hotspot.language import _, mark
from hotspot.run_folder import RunFolder, read_run_folder
from hotspot.whole import hash_file

_TOTALS = {
    "regions": (
        mark("offenses of the regions, and their total"),
        mark("{category} mahallas, and the regions' total"),
    ),
    "districts": (
        mark("offenses of the districts, and their total"),
        mark("{category} mahallas, and the districts' total"),
    ),
}


def verify(path: str | Path) -> list[str]:
    """Check a month's folder or a ledger.

    Parameters
    ----------
    path : a month's folder that ``hotspot run`` wrote, or a ledger's folder.

    Returns
    -------
    list of str
        What is wrong, a sentence each; empty where everything is as it was written.

    Raises
    ------
    InputError
        The path is neither.
    """
    folder = Path(path)
    if (folder / "run.json").is_file():
        return folder_problems(folder)
    if folder.is_dir() and any(folder.glob("*.parquet")):
        return ledger_problems(folder)
    raise InputError(
        _(
            "{folder}: neither a month's folder nor a ledger; give one that 'hotspot run' or "
            "'hotspot publish' wrote",
            folder=folder,
        )
    )


def folder_problems(path: str | Path) -> list[str]:
    """Return what in a month's folder is not as the run wrote it."""
    run = read_run_folder(path)
    problems = []
    for name, digest in run.account["outputs"].items():
        file = run.path / name
        if not file.is_file():
            problems.append(_("{file}: is missing", file=file))
        elif hash_file(file) != digest:
            problems.append(_("{file}: is not as the run wrote it, the hash differs", file=file))
    # sums of altered tables say nothing more
    return problems or [*_wrong_sums(run), *_broken_links(run)]


def _wrong_sums(run: RunFolder) -> list[str]:
    sums = {} if run.public else _sums_of_records(run)
    numbers = {
        category: int((run.table["category"] == category).sum())
        for category in run.account["categories"]
    }
    for category, number in numbers.items():
        in_account = run.account["categories"][category]
        what = _("{category} mahallas, and the account's", category=category)
        sums[what] = (number, in_account)
    for level, (all_offenses, all_mahallas) in _TOTALS.items():
        # a folder of an earlier version has no regions
        if f"{level}.csv" not in run.account["outputs"]:
            continue
        rolled = pd.read_csv(run.path / f"{level}.csv", encoding="utf-8-sig")
        parts, total = rolled.iloc[:-1], rolled.iloc[-1]
        if not run.public:
            sums[_(all_offenses)] = (parts["offenses"].sum(), total["offenses"])
        for category, number in numbers.items():
            sums[_(all_mahallas, category=category)] = (number, total[category])
    return [
        _(
            "{folder}: {what} are {former} and {latter}",
            folder=run.path,
            what=what,
            former=int(one),
            latter=int(other),
        )
        for what, (one, other) in sums.items()
        if int(one) != int(other)
    ]


def _sums_of_records(run: RunFolder) -> dict[str, tuple[float, float]]:
    """Return what the records and the counts of a month that is not public must add up to."""
    records, counted = run.account["records"], run.table["count"]
    rejected = len(pd.read_csv(run.path / "rejected.csv", usecols=["row"], encoding="utf-8-sig"))
    window = run.counts.loc[:, run.account["window"]["from"] :]
    return {
        _("records read, and placed and rejected"): (
            records["read"],
            records["placed"] + records["rejected"],
        ),
        _("rejected records, and rows of rejected.csv"): (records["rejected"], rejected),
        _("records in the window, and counts of the mahallas"): (
            records["in_window"],
            counted.sum(),
        ),
        _("placed records, and counts of all months"): (
            records["placed"],
            run.counts.to_numpy().sum(),
        ),
        _("counts of the window, by month and at once"): (window.to_numpy().sum(), counted.sum()),
    }


def _broken_links(run: RunFolder) -> list[str]:
    """Look for the entry of the ledger that the run built on."""
    read = run.account.get("ledger", {})
    if not read.get("head"):
        return []
    ledger = run.path / read["path"]
    if problems := ledger_problems(ledger):
        return problems
    if read["head"] not in {entry.sha256 for entry in read_ledger(ledger)}:
        return [
            _(
                "{folder}: the run builds on an entry that the ledger {ledger} does not have",
                folder=run.path,
                ledger=ledger,
            )
        ]
    return []
