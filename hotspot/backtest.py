"""The categories of past months against the offenses that followed, beside plain baselines."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from hotspot.categories.accuracy import (
    accuracy_index,
    brier_score,
    choose_highest,
    efficiency_index,
    hit_rate_of,
    most_by_size,
    recapture_index,
)
from hotspot.columns import names
from hotspot.errors import InputError
from hotspot.language import _

HORIZONS = (1, 3, 12)
BASELINES = ("count_12m", "count_1m", "rate_12m", "frozen", "random", "best")
MEASURES = tuple(names("backtest")[4:])
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
    probability: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare past categories with what followed, beside baselines of as many mahallas.

    Parameters
    ----------
    history : mahallas × months, the categories as they were decided from the months before.
    panel : mahallas × months of counts, without gaps, up to the last month.
    method : what to call the criteria.
    area, population : of each mahalla; nan where not known.
    horizons : over how many months the later offenses are counted.
    probability : red_probability by mahalla at each month of the history; None leaves the Brier
        score out.

    Returns
    -------
    DataFrame
        The table of ``backtest.csv``, sorted by month, horizon and method: one row for the criteria
        and one for each of :data:`BASELINES`, all with the same number of mahallas. ``stay`` and
        ``flips`` compare with the choice a month later and do not depend on the horizon. Mahallas
        that tie for the last places share them. Months without a red are left out.

    Raises
    ------
    InputError
        The criteria are named like a baseline.

    Notes
    -----
    ``frozen`` ranks for ever by the counts of the first window; ``random`` is the expectation over
    all choices; ``best`` knows the future. The offenses that follow are those of all mahallas.
    Policing the reds alters what follows: a good list that is acted upon looks worse here.
    ``brier`` compares the probability with being red so many months later. That is a fair test only
    where the later window shares no month with the earlier: red_probability is of a fresh window.
    """
    if method in BASELINES:
        raise InputError(
            _(
                "the criteria are named '{method}', as a baseline of the back-test is; give them "
                "another name",
                method=method,
            )
        )
    months = pd.PeriodIndex(history.columns)
    first = pd.PeriodIndex(panel.columns)[0]
    # offenses up to each month, so that any span is one difference
    total = np.cumsum(np.pad(panel.to_numpy(dtype=float), ((0, 0), (1, 0))), axis=1)
    sizes = (area.to_numpy(dtype=float), population.to_numpy(dtype=float, na_value=np.nan))
    chosen = _choices(history, panel, population, method)
    rows = []
    for at, month in enumerate(months):
        # how many months of the panel are over with this one
        over = (month - first).n + 1
        number = float(chosen[method][:, at].sum())
        if number == 0:
            continue
        for horizon in horizons:
            if over + horizon >= total.shape[1]:
                continue
            later = total[:, over + horizon] - total[:, over]
            before = total[:, over] - total[:, max(over - horizon, 0)]
            best = choose_highest(pd.Series(later), number).to_numpy()
            most = most_by_size(later, sizes[0])
            for name in (method, *BASELINES):
                choice = best if name == "best" else chosen[name][:, at]
                rows.append(
                    {
                        "month": str(month),
                        "horizon": horizon,
                        "method": name,
                        "reds": number,
                        "hit_rate": hit_rate_of(choice, later),
                        "pai_area": accuracy_index(choice, later, sizes[0]),
                        "pai_population": accuracy_index(choice, later, sizes[1]),
                        "pei": efficiency_index(choice, later),
                        "pei_star": most(choice),
                        "rri": recapture_index(choice, before, later),
                        **_steadiness(name, chosen.get(name), at, number),
                    }
                )
                if name == method and probability is not None and month + horizon in history:
                    came = (history[month + horizon] == "red").astype(float)
                    rows[-1]["brier"] = brier_score(probability[month], came)
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
                if measure == "brier" and wide[measure][name].isna().all():
                    continue
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
) -> dict[str, np.ndarray]:
    """Return, for each method that needs no future, the share of each mahalla in its choice."""
    reds = (history == "red").to_numpy(dtype=float)
    numbers = reds.sum(axis=0)
    # where fewer than twelve months are known, those
    yearly = panel.T.rolling(YEAR, min_periods=1).sum().T[history.columns]
    people = population.where(population > 0)
    scores = {
        "count_12m": yearly,
        "count_1m": panel[history.columns].astype(float),
        "rate_12m": yearly.div(people, axis=0),
        "frozen": yearly.iloc[:, [0] * len(numbers)],
        "random": pd.DataFrame(0.0, index=panel.index, columns=history.columns),
    }
    chosen = {
        name: np.column_stack(
            [choose_highest(score.iloc[:, at], number) for at, number in enumerate(numbers)]
        )
        for name, score in scores.items()
    }
    return {method: reds} | chosen


def _steadiness(name: str, chosen: np.ndarray | None, at: int, number: float) -> dict[str, float]:
    """Return the share that is chosen again a month later, and how many mahallas change sides."""
    if chosen is None or at + 1 == chosen.shape[1]:
        return {"stay": np.nan, "flips": np.nan}
    now, then = chosen[:, at], chosen[:, at + 1]
    if name == "random":
        # drawn anew each month, independently of the month before
        share = then.sum() / len(then)
        return {"stay": share, "flips": float((now * (1 - then) + then * (1 - now)).sum())}
    return {
        "stay": float(np.minimum(now, then).sum() / number),
        "flips": float(np.abs(now - then).sum()),
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
