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
from hotspot.language import _, ngettext, number
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
    progress(_("testing the past months"))
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
            _(
                "{source}: no month with a red mahalla is followed by another month; a back-test "
                "needs more months of records",
                source=job.offenses.path or _("the records"),
            )
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
            progress(_("drawing the counts of {month} anew", month=past))
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
            shown = ", ".join(
                _(
                    "{said}: {came} of {cases}",
                    said=number(tenth[0], 2),
                    came=number(tenth[1], 2),
                    cases=int(tenth[2]),
                )
                for tenth in tenths
            )
            if horizon == 1:
                return [
                    _("red_probability, and the share red a month later: {tenths}.", tenths=shown)
                ]
            return [
                ngettext(
                    "red_probability, and the share red {n} month later: {tenths}.",
                    "red_probability, and the share red {n} months later: {tenths}.",
                    horizon,
                    tenths=shown,
                )
            ]
    return []


def _table(summary: pd.DataFrame, method: str) -> list[str]:
    first = summary[summary["horizon"] == 1]
    means = first.set_index(["method", "measure"])["mean"].to_dict()
    measures = ["hit_rate", "pai_population", "pei", "stay", "flips"]
    width = max(len(name) for name in (method, *BASELINES))
    lines = [" " * width + "".join(f"{measure:>16}" for measure in measures)]
    for name in (method, *BASELINES):
        values = [means[name, measure] for measure in measures]
        cells = ["–" if isnan(value) else number(value, 3) for value in values]
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>16}" for cell in cells))
    return lines


def _words(summary: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    ours = (summary["horizon"] == 1) & (summary["measure"] == "hit_rate")
    found = summary[ours].set_index("method").to_dict("index")["count_12m"]
    months = table["month"]
    return [
        ngettext(
            "next month's offenses, {n} month from {first} to {last}; hit rate less that of as "
            "many mahallas by last year's count: {difference} ({lower} to {upper}).",
            "next month's offenses, {n} months from {first} to {last}; hit rate less that of as "
            "many mahallas by last year's count: {difference} ({lower} to {upper}).",
            int(found["months"]),
            first=months.min(),
            last=months.max(),
            difference=number(found["difference"], 3, sign=True),
            lower=number(found["difference_lower"], 3, sign=True),
            upper=number(found["difference_upper"], 3, sign=True),
        ),
        _(
            "Policing the reds alters what follows: a good list that is acted upon looks worse "
            "here."
        ),
    ]
