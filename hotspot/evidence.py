"""The evidence about every mahalla and month: each statistic over the whole panel at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from hotspot.statistics.counts import observed_months, rolling_counts, year_to_date
from hotspot.statistics.emerging import emerging_hot_spots
from hotspot.statistics.getis_ord import gi_bins, gi_star
from hotspot.statistics.getis_ord_population import fit_concentration, gi_star_population
from hotspot.statistics.multiple_testing import benjamini_hochberg
from hotspot.statistics.rates import (
    fit_gamma_poisson,
    gamma_poisson_excess,
    gamma_poisson_rate_excess,
    rates,
)
from hotspot.statistics.trends import mann_kendall, seasonal_mann_kendall

PAST_MONTHS = 36
"""Months back that a trend and a pattern look at, each month by itself."""
TREND_MONTHS = 24
"""Observed months below which no trend is named: the seasonal test compares two years at least."""
TREND_LEVEL = 0.05

_GI = {"gi_z", "gi_p", "gi_q", "gi_bin"}
_GI_POPULATION = {"gi_pop_p", "gi_pop_q"}
_RATES = {"rate", "rate_ratio", "expected"}
_DENSITY = {"density", "density_ratio"}


def gather_evidence(
    panel: pd.DataFrame,
    population: pd.Series,
    graph: Graph,
    *,
    window_months: int,
    reachable: pd.DataFrame,
    missing: Collection[pd.Period] = (),
    density: pd.DataFrame | None = None,
    of_kinds: Mapping[str, pd.DataFrame] | None = None,
    base: pd.Series | None = None,
    measures: Collection[str] | None = None,
) -> pd.DataFrame:
    """Compute the evidence for every month in which a window ends.

    Parameters
    ----------
    panel : mahallas × months of counts, without gaps.
    population : residents by mahalla; nan where not known.
    graph : neighbours of the mahallas that have any, as the neighbours' table lists them.
    window_months : length of the rolling window.
    reachable : mahallas × the months to compute, whether a record could have reached the mahalla. A
        count of zero that nothing could have reached is no evidence: it enters no mean and no test.
    missing : months without any record, which are missing data and not zeros.
    density : mahallas × months, offenses per km² and year, where it is to be evidence.
    of_kinds : mahallas × months, window sums by kind where they are to be evidence:
        ``override_count``, ``severity``.
    base : as for :func:`weigh_windows`.
    measures : compute only these; None for all.

    Returns
    -------
    DataFrame
        On the panel's index; columns are a MultiIndex (measure, month), so that
        ``evidence["rate"]`` is a panel and ``evidence.xs(month, axis=1, level=1)`` one month.
    """
    months = pd.PeriodIndex(reachable.columns)
    counts = rolling_counts(panel, window_months)[months]
    seen = counts.where(reachable | (counts > 0))
    years = observed_months(pd.PeriodIndex(panel.columns), missing, window_months)[months] / 12
    wanted = _wanted(measures)
    parts: dict[str, pd.DataFrame] = {"count": counts}
    if wanted({"population"}):
        parts["population"] = pd.DataFrame(dict.fromkeys(months, population), index=panel.index)
    if wanted({"count_month"}):
        parts["count_month"] = panel[months].astype(float)
        parts["count_month"].loc[:, months.isin(list(missing))] = float("nan")
    if wanted({"count_ytd", "count_ytd_last_year"}):
        to_date = {month: year_to_date(panel, month, missing=missing) for month in months}
        for name in ("count_ytd", "count_ytd_last_year"):
            parts[name] = pd.DataFrame({month: frame[name] for month, frame in to_date.items()})
    parts |= weigh_windows(seen, population, graph, years=years, base=base, measures=measures)
    if wanted(_DENSITY) and density is not None:
        mean = density.where(density > 0).mean()
        parts |= {"density": density, "density_ratio": density / mean}
    for name, sums in (of_kinds or {}).items():
        parts[name] = sums[months].astype(float)
    if "severity" in parts and wanted({"severity_ratio"}):
        parts["severity_ratio"] = _within(_to_mean, parts["severity"].where(seen.notna()), base)
    if wanted({"trend", "pattern"}):
        pasts = {month: _past(panel, month, reachable[month], missing) for month in months}
        if wanted({"trend"}):
            parts["trend"] = pd.DataFrame({m: _trend(past) for m, past in pasts.items()})
        if wanted({"pattern"}):
            parts["pattern"] = pd.DataFrame({m: _pattern(past, graph) for m, past in pasts.items()})
    return pd.concat(parts, axis=1, names=["measure", "month"])


def weigh_windows(
    seen: pd.DataFrame,
    population: pd.Series,
    graph: Graph,
    *,
    years: float | pd.Series,
    base: pd.Series | None = None,
    weights: pd.Series | None = None,
    measures: Collection[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Compute what follows from the counts of windows alone, each window by itself.

    Parameters
    ----------
    seen : mahallas × windows; nan where no record could have arrived.
    population, graph, measures : as for :func:`gather_evidence`.
    years : observed length of the windows.
    base : by mahalla, the region or district within which means, rates of the whole and models are
        taken; None for all mahallas together. The local tests always see the whole map.
    weights : by mahalla, what an offense weighs there, where severity is to follow the counts.

    Returns
    -------
    dict of DataFrame
        Each measure as mahallas × windows.
    """
    wanted = _wanted(measures)

    def compared(function: Callable[[pd.DataFrame], pd.DataFrame]) -> dict[str, pd.DataFrame]:
        return _split(_within(function, seen, base))

    parts: dict[str, pd.DataFrame] = {}
    if weights is not None:
        # rounded, so that what weighs the same is the same whatever it was divided by
        parts["severity"] = seen.fillna(0.0).mul(weights, axis="index").round(9)
        parts["severity_ratio"] = _within(_to_mean, parts["severity"].where(seen.notna()), base)
    if wanted({"count_ratio"}):
        parts["count_ratio"] = _within(_to_mean, seen, base)
    if wanted(_RATES):
        parts |= compared(lambda part: rates(part, population.reindex(part.index), years=years))
    if wanted(_GI):
        gi = _split(gi_star(seen, graph))
        gi["gi_q"] = benjamini_hochberg(gi["gi_p"])
        gi["gi_bin"] = gi_bins(gi["gi_q"], benjamini_hochberg(gi.pop("gi_p_lower")))
        parts |= gi
    if wanted(_GI_POPULATION):
        local = _split(gi_star_population(seen, population, graph))
        parts["gi_pop_p"] = local["gi_pop_p"]
        parts["gi_pop_q"] = benjamini_hochberg(local["gi_pop_p"])
    if wanted({"excess_probability"}):
        parts |= compared(gamma_poisson_excess)
    if wanted({"rate_excess_probability"}):
        parts |= compared(
            lambda part: gamma_poisson_rate_excess(part, population.reindex(part.index))
        )
    return parts


def fit_models(
    counts: pd.Series, population: pd.Series, graph: Graph
) -> dict[str, float | str | None]:
    """Return the parameters behind one window's probabilities, None where nothing can be fitted.

    Parameters
    ----------
    counts : one window by mahalla; nan where no record could have arrived.
    population, graph : as for :func:`gather_evidence`.
    """
    fitted = fit_gamma_poisson(counts).iloc[0]
    models = {
        "gamma_poisson_k": fitted["k"],
        "gamma_poisson_mean": fitted["mean"],
        "gi_pop_concentration": fit_concentration(counts, population, graph).iloc[0],
    }
    # JSON has no infinity: a model without overdispersion says so in a word
    return {name: _plain(float(value)) for name, value in models.items()}


def _wanted(measures: Collection[str] | None) -> Callable[[set[str]], bool]:
    return lambda names: measures is None or not names.isdisjoint(measures)


def _within(
    function: Callable[[pd.DataFrame], pd.DataFrame], panel: pd.DataFrame, base: pd.Series | None
) -> pd.DataFrame:
    """Apply a function to the mahallas of each region or district by themselves, or to all."""
    if base is None:
        return function(panel)
    groups = panel.groupby(base.reindex(panel.index).fillna("").to_numpy(), sort=True)
    return pd.concat([function(group) for _, group in groups]).reindex(panel.index)


def _to_mean(panel: pd.DataFrame) -> pd.DataFrame:
    mean = panel.mean()
    return panel / mean.where(mean > 0)


def _past(
    panel: pd.DataFrame, month: pd.Period, reachable: pd.Series, missing: Collection[pd.Period]
) -> pd.DataFrame:
    """Return the single months up to this one; nan where nothing could be recorded."""
    past = panel.loc[:, month - PAST_MONTHS + 1 : month].astype(float)
    past.loc[:, past.columns.isin(list(missing))] = float("nan")
    past.loc[~reachable & (past.sum(axis=1) == 0)] = float("nan")
    return past


def _trend(past: pd.DataFrame) -> pd.Series:
    found = seasonal_mann_kendall(past)
    moves = (found["p"] <= TREND_LEVEL).to_numpy()
    words = np.select([moves & (found["s"] > 0), moves & (found["s"] < 0)], ["up", "down"], "none")
    judged = (found["months"] >= TREND_MONTHS) & found["p"].notna()
    return pd.Series(words, past.index, dtype="str").where(judged)


def _pattern(past: pd.DataFrame, graph: Graph) -> pd.Series:
    gi = _split(gi_star(past, graph))
    bins = gi_bins(benjamini_hochberg(gi["gi_p"]), benjamini_hochberg(gi["gi_p_lower"]))
    return emerging_hot_spots(bins, mann_kendall(gi["gi_z"]))


def _plain(value: float) -> float | str | None:
    if np.isnan(value):
        return None
    return round(value, 6) if np.isfinite(value) else "none: no more varied than chance"


def _split(measures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): pd.DataFrame(measures[name]) for name in measures.columns.unique(level=0)}
