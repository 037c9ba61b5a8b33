"""The criteria of a job tested on its own past: what ``hotspot backtest`` does."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from pathlib import Path

import pandas as pd

from hotspot.backtest import BASELINES, backtest_categories, summarise_backtest
from hotspot.errors import NothingToAnalyseError
from hotspot.folder import write_csv
from hotspot.job import Job
from hotspot.monthly import run_month
from hotspot.whole import write_whole


def backtest_job(
    job: Job,
    *,
    months: int | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> tuple[Path, list[str]]:
    """Test the job's criteria on its past months, beside the baselines.

    Parameters
    ----------
    job : the job.
    months : only the last so many months that can be tested; None for all.
    progress : called with a few words before each step.

    Returns
    -------
    path : ``backtest.csv`` in the job's output folder; ``backtest_summary.csv`` is beside it.
    lines : sentences and a small table for the terminal.

    Raises
    ------
    NothingToAnalyseError
        No month with a red mahalla has a month after it.
    """
    month = run_month(job, progress=progress)
    method = month.account["criteria"]["name"]
    progress("testing the past months")
    table = backtest_categories(
        month.history,
        month.counts,
        method=method,
        area=month.table.geometry.area / 1e6,
        population=month.table["population"].astype(float),
    )
    if months is not None:
        kept = sorted(table["month"].unique())[-months:]
        table = table[table["month"].isin(kept)].reset_index(drop=True)
    if table.empty:
        raise NothingToAnalyseError(
            f"{job.offenses.path or 'the records'}: no month with a red mahalla is followed by "
            "another month; a back-test needs more months of records"
        )
    summary = summarise_backtest(table, method=method)
    folder = job.resolve(job.output)
    path = folder / "backtest.csv"
    write_whole(path, lambda made: write_csv(table, made))
    write_whole(folder / "backtest_summary.csv", lambda made: write_csv(summary, made))
    return path, [*_table(summary, method), *_words(summary, table)]


def _table(summary: pd.DataFrame, method: str) -> list[str]:
    first = summary[summary["horizon"] == 1]
    means = first.set_index(["method", "measure"])["mean"].to_dict()
    measures = ["hit_rate", "pai_population", "pei", "stay", "flips"]
    width = max(len(name) for name in (method, *BASELINES))
    lines = [" " * width + "".join(f"{measure:>16}" for measure in measures)]
    for name in (method, *BASELINES):
        values = [means[name, measure] for measure in measures]
        cells = ["–" if isnan(value) else f"{value:.3f}" for value in values]
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>16}" for cell in cells))
    return lines


def _words(summary: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    ours = (summary["horizon"] == 1) & (summary["measure"] == "hit_rate")
    found = summary[ours].set_index("method").to_dict("index")["count_12m"]
    months = table["month"]
    return [
        f"next month's offenses, {int(found['months'])} months from {months.min()} to "
        f"{months.max()}; hit rate less that of as many mahallas by last year's count: "
        f"{found['difference']:+.3f} ({found['difference_lower']:+.3f} to "
        f"{found['difference_upper']:+.3f}).",
        "Policing the reds alters what follows: a good list that is acted upon looks worse here.",
    ]
