"""The criteria of a job tested on its own past: what ``hotspot backtest`` does."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from pathlib import Path

import pandas as pd

from hotspot.backtest import BASELINES, HORIZONS, backtest_categories, summarise_backtest
from hotspot.categories.accuracy import calibration
from hotspot.errors import NothingToAnalyseError
from hotspot.folder import write_csv
from hotspot.job import Job
from hotspot.monthly import Month, run_month
from hotspot.uncertainty import red_probability
from hotspot.whole import write_whole

DRAWS = 100
"""Redraws of each past month: the Brier score is a mean over many mahallas and months."""


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
    tested = months_to_test(month)[-months if months is not None else None :]
    probability = past_probability(month, tested, progress=progress)
    progress("testing the past months")
    table = backtest_categories(
        month.history,
        month.counts,
        method=method,
        area=month.table.geometry.area / 1e6,
        population=month.table["population"].astype(float),
        probability=probability,
    )
    table = table[table["month"].isin([str(m) for m in tested])].reset_index(drop=True)
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
    lines = [*_table(summary, method), *_words(summary, table)]
    return path, [*lines, *_calibration(month.history, probability)]


def months_to_test(month: Month) -> list[pd.Period]:
    """Return the decided months that have a red mahalla and another month after them."""
    decided = pd.PeriodIndex(month.history.columns)
    red = (month.history == "red").any().to_numpy()
    return [past for past in decided[red] if past < month.month]


def past_probability(
    month: Month, months: list[pd.Period], *, progress: Callable[[str], None] = lambda step: None
) -> pd.DataFrame:
    """Return red_probability of past months, mahallas × all months of the history.

    Parameters
    ----------
    month : what :func:`hotspot.monthly.run_month` returns; nothing is read or placed again.
    months : those to compute; the others are nan, and so are months of the ledger before the first
        window of the records.
    progress : called with a few words before each month.
    """
    window = month.setting.criteria.window_months
    found = {}
    for past in months:
        if past - window + 1 >= month.setting.placement.start:
            progress(f"drawing the counts of {past} anew")
            of = month.setting.window(past, month.history.get(past - 1))
            found[past] = red_probability(of, draws=DRAWS)
    return pd.DataFrame(found, index=month.table.index).reindex(columns=month.history.columns)


def _calibration(history: pd.DataFrame, probability: pd.DataFrame) -> list[str]:
    """Say how often the mahallas of each tenth were red, at the farthest horizon there is."""
    decided = pd.PeriodIndex(history.columns)
    known = [past for past in decided if probability[past].notna().any()]
    red = (history == "red").astype(float)
    for horizon in sorted(HORIZONS, reverse=True):
        pairs = [past for past in known if past + horizon in decided]
        if pairs:
            said = pd.concat([probability[past] for past in pairs])
            came = pd.concat([red[past + horizon] for past in pairs])
            tenths = calibration(said, came)[["said", "came", "cases"]].to_numpy()
            shown = ", ".join(f"{of[0]:.2f}: {of[1]:.2f} of {of[2]:.0f}" for of in tenths)
            later = "a month" if horizon == 1 else f"{horizon} months"
            return [f"red_probability, and the share red {later} later: {shown}."]
    return []


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
