"""What `hotspot run` does with a job, and what it tells of the month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hotspot.disclosure import keep_apart
from hotspot.folder import write_month
from hotspot.job import Job
from hotspot.language import _
from hotspot.monthly import Month, run_month


def run_job(
    job: Job,
    *,
    month: str | None = None,
    out: Path | None = None,
    full: bool = False,
    drawings: bool = True,
    progress: Callable[[str], None] = lambda step: None,
) -> list[str]:
    """Do the monthly job and write its folder.

    Parameters
    ----------
    job, month, full, progress : as for :func:`hotspot.monthly.run_month`.
    out : where the month's folder goes; None for the job's output.
    drawings : whether maps, workbook and reports are made besides the tables.

    Returns
    -------
    list of str
        Lines to tell the user: the categories, the records, notes, and where the files are.
    """
    target, report = out or job.resolve(job.output), job.report
    if named := month or job.month:
        # otherwise the records say which month it is
        keep_apart(target / str(named), public=report.public)
    done = run_month(job, month=month, full=full, progress=progress)
    folder = write_month(
        done,
        target,
        languages=report.languages,
        paper=report.paper,
        drawings=drawings,
        progress=progress,
    )
    lines = [*_tell(done), _("folder: {path}", path=folder)]
    return [*lines, _("map: {path}", path=folder / "map.html")] if drawings else lines


def _tell(done: Month) -> list[str]:
    records, categories = done.account["records"], done.account["categories"]
    return [
        _(
            "{month}: {red} red, {yellow} yellow, {green} green, {not_assessed} not assessed "
            "({window})",
            month=done.month,
            window=done.window,
            **categories,
        ),
        _(
            "records: {read} read = {placed} placed + {rejected} rejected; {in_window} counted in "
            "the window",
            **{key: records[key] for key in ("read", "placed", "rejected", "in_window")},
        ),
        *(_("note: {sentence}", sentence=note) for note in done.notes),
    ]
