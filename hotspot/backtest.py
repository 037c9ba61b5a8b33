"""The categories of past months against the offenses that followed, beside plain baselines."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from hotspot.categories.accuracy import (
    accuracy_index,
    choose_highest,
    efficiency_index,
    efficiency_index_by_size,
    hit_rate_of,
    recapture_index,
)
from hotspot.columns import names

HORIZONS = (1, 3, 12)
BASELINES = ("count_12m", "count_1m", "rate_12m", "frozen", "random", "best")
MEASURES = ("hit_rate", "pai_area", "pai_population", "pei", "pei_star", "rri", "stay", "flips")
YEAR = 12
LEAST_MONTHS = 24
"""With fewer months of records a back-test says next to nothing and is left out of a run."""


def backtest_categories(
    history: pd.DataFrame,
    panel: pd.DataFrame,
    *,
    method: str,
    area: pd.Series,
    population: pd.Series,
    horizons: Iterable[int] = HORIZONS,
) -> pd.DataFrame:
    """Compare past categories with what followed, beside baselines of as many mahallas.

    Parameters
    ----------
    history : mahallas × months, the categories as they were decided from the months before.
    panel : mahallas × months of counts, without gaps, up to the last month.
    method : what to call the criteria.
    area, population : of each mahalla; nan where not known.
    horizons : over how many months the later offenses are counted.

    Returns
    -------
    DataFrame
        The table of ``backtest.csv``, sorted by month, horizon and method: one row for the criteria
        and one for each of :data:`BASELINES`, all with the same number of mahallas. ``stay`` and
        ``flips`` compare with the choice a month later and do not depend on the horizon. Mahallas
        that tie for the last places share them. Months without a red are left out.

    Notes
    -----
    ``frozen`` ranks for ever by the counts of the first window; ``random`` is the expectation over
    all choices; ``best`` knows the future. The offenses that follow are those of all mahallas.
    Policing the reds alters what follows: a good list that is acted upon looks worse here.
    """
    last = pd.PeriodIndex(panel.columns)[-1]
    months = [month for month in pd.PeriodIndex(history.columns) if month < last]
    chosen = _choices(history, panel, population, method)
    rows = []
    for month in months:
        if not (history[month] == "red").any():
            continue
        for horizon in horizons:
            later_months = pd.period_range(month + 1, periods=horizon, freq="M")
            if later_months[-1] > last:
                continue
            later = panel[later_months].sum(axis=1)
            before = panel.loc[:, :month].iloc[:, -horizon:].sum(axis=1)
            number = float(chosen[method][month].sum())
            for name in (method, *BASELINES):
                choice = choose_highest(later, number) if name == "best" else chosen[name][month]
                rows.append(
                    {
                        "month": str(month),
                        "horizon": horizon,
                        "method": name,
                        "reds": number,
                        "hit_rate": hit_rate_of(choice, later),
                        "pai_area": accuracy_index(choice, later, area),
                        "pai_population": accuracy_index(choice, later, population),
                        "pei": efficiency_index(choice, later),
                        "pei_star": efficiency_index_by_size(choice, later, area),
                        "rri": recapture_index(choice, before, later),
                        **_steadiness(name, chosen.get(name), history, month, number),
                    }
                )
    return pd.DataFrame(rows, columns=names("backtest")).astype({"reds": "Int64"})


def summarise_backtest(
    table: pd.DataFrame, *, method: str, draws: int = 1000, block: int = 3, seed: int = 0
) -> pd.DataFrame:
    """Return the means over the months, with intervals by a block bootstrap.

    Parameters
    ----------
    table : what :func:`backtest_categories` returns.
    method : the criteria's name, whose difference from each baseline is given too.
    draws : number of bootstrap samples.
    block : months drawn together, because neighbouring months are alike.
    seed : of the draws.

    Returns
    -------
    DataFrame
        One row a horizon, method and measure: ``mean``, ``lower``, ``upper`` (95 %), and
        ``difference`` of the criteria from the method, with ``difference_lower`` and
        ``difference_upper``; ``months`` says over how many months.

    References
    ----------
    Künsch (1989), doi:10.1214/aos/1176347265: moving blocks.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for horizon, part in table.groupby("horizon", sort=True):
        wide = part.pivot(index="month", columns="method", values=list(MEASURES))
        places = _blocks(len(wide), draws, block, rng)
        for measure in MEASURES:
            values = wide[measure].to_numpy(dtype=float)[places]
            means = _mean(values)
            ours = list(wide[measure].columns).index(method)
            for column, name in enumerate(wide[measure].columns):
                gap = wide[measure][method] - wide[measure][name]
                rows.append(
                    {
                        "horizon": horizon,
                        "method": name,
                        "measure": measure,
                        "months": len(wide),
                        "mean": wide[measure][name].mean(),
                        **_interval("", means[:, column]),
                        "difference": gap.mean(),
                        **_interval("difference_", means[:, ours] - means[:, column]),
                    }
                )
    return pd.DataFrame(rows, columns=names("backtest_summary"))


def _choices(
    history: pd.DataFrame, panel: pd.DataFrame, population: pd.Series, method: str
) -> dict[str, pd.DataFrame]:
    """Return, for each method that needs no future, the share of each mahalla in its choice."""
    reds = (history == "red").astype(float)
    # where fewer than twelve months are known, those
    yearly = panel.T.rolling(YEAR, min_periods=1).sum().T
    people = population.where(population > 0)
    scores = {
        "count_12m": yearly,
        "count_1m": panel,
        "rate_12m": yearly.div(people, axis=0),
        "frozen": pd.DataFrame(
            dict.fromkeys(history.columns, yearly[history.columns[0]]), index=panel.index
        ),
        "random": pd.DataFrame(0.0, index=panel.index, columns=history.columns),
    }
    chosen = {
        name: pd.DataFrame(
            {
                month: choose_highest(score[month].astype(float), float(reds[month].sum()))
                for month in history.columns
            }
        )
        for name, score in scores.items()
    }
    return {method: reds} | chosen


def _steadiness(
    name: str,
    chosen: pd.DataFrame | None,
    history: pd.DataFrame,
    month: pd.Period,
    number: float,
) -> dict[str, float]:
    """Return the share that is chosen again a month later, and how many mahallas change sides."""
    if chosen is None or month + 1 not in history:
        return {"stay": np.nan, "flips": np.nan}
    now, then = chosen[month], chosen[month + 1]
    if name == "random":
        # drawn anew each month, independently of the month before
        share = then.sum() / len(then)
        return {"stay": share, "flips": float((now * (1 - then) + then * (1 - now)).sum())}
    return {
        "stay": float(np.minimum(now, then).sum() / number),
        "flips": float((now - then).abs().sum()),
    }


def _blocks(length: int, draws: int, block: int, rng: np.random.Generator) -> np.ndarray:
    block = min(block, length)
    starts = rng.integers(0, length - block + 1, size=(draws, -(-length // block)))
    return (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :length]


def _mean(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    means: np.ndarray = np.where(known, values, 0).sum(axis=1) / np.where(count > 0, count, np.nan)
    return means


def _interval(prefix: str, means: np.ndarray) -> dict[str, float]:
    known = means[~np.isnan(means)]
    lower, upper = np.quantile(known, [0.025, 0.975]) if known.size else (np.nan, np.nan)
    return {f"{prefix}lower": float(lower), f"{prefix}upper": float(upper)}
