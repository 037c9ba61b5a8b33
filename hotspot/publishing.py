"""A run's categories entered in the ledger: what ``hotspot publish`` does."""

from __future__ import annotations

from pathlib import Path

from hotspot.categories.ledger import Entry, publish_month, read_ledger
from hotspot.errors import InputError
from hotspot.language import _
from hotspot.run_folder import read_run_folder
from hotspot.verification import folder_problems

LEDGER = "ledger"
"""The ledger's folder beside the months' folders, where the job names no other."""


def publish_run(
    folder: str | Path,
    *,
    as_known_on: str,
    ledger: str | Path | None = None,
    why: str = "",
    prepared_by: str = "",
    approved_by: str = "",
) -> tuple[Path, Entry, bool]:
    """Enter the categories of a month's folder in the ledger.

    Parameters
    ----------
    folder : what ``hotspot run`` wrote for a month.
    as_known_on : the day up to which records had come in, YYYY-MM-DD.
    ledger : the ledger's folder; None for the one that the run read, or else ``ledger`` beside the
        months' folders.
    why : the reason of a revision.
    prepared_by, approved_by : who answers for it.

    Returns
    -------
    path : the ledger's folder.
    entry : the new entry, or the month's last one where it says the same.
    new : whether it was entered now.

    Raises
    ------
    InputError
        The folder is not a run's, is public or was altered, or the ledger refuses the entry.
    """
    run = read_run_folder(folder)
    if run.public:
        raise InputError(
            _(
                "{folder}: this is a public month, and the ledger keeps counts and reasons too; "
                "give the folder of the month that is not public",
                folder=folder,
            )
        )
    if problems := folder_problems(folder):
        raise InputError(
            _("{problem}; run the month again before it is published", problem=problems[0])
        )
    read = run.account.get("ledger", {}).get("path")
    place = Path(ledger or (run.path / read if read else run.path.resolve().parent / LEDGER))
    criteria = {key: str(run.account["criteria"][key]) for key in ("name", "version", "sha256")}
    known = {earlier.sha256 for earlier in read_ledger(place)}
    entry = publish_month(
        place,
        run.table,
        month=str(run.month),
        as_known_on=as_known_on,
        criteria=criteria,
        inputs=run.account["inputs"],
        why=why,
        prepared_by=prepared_by,
        approved_by=approved_by,
    )
    return place, entry, entry.sha256 not in known
