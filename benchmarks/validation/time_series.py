"""Trends, changes, alarms and seasons beside published p-values, other programs and enumeration.

pymannkendall is right in s, its variance and the slopes; its tau takes no account of ties, so tau
is compared with scipy's, and its p ends at 1e-16. scipy's exact Kendall test refuses ties: where
there are some, all orders are enumerated. statsmodels' two-sided mid-p of the conditional test
counts another second tail than the doubled one, so one-sided ones are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pymannkendall
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.rates import test_poisson_2indep as poisson_2indep

from benchmarks.validation.comparison import Comparison, Size, largest_difference
from hotspot.statistics.alarms import raise_alarms
from hotspot.statistics.change import c_test, change_z, e_test
from hotspot.statistics.exact_trends import exact_mann_kendall
from hotspot.statistics.seasonality import find_monthly_season, find_weekly_season
from hotspot.statistics.suspicious_zeros import find_sudden_zeros, find_zeros_beside
from hotspot.statistics.trends import mann_kendall, seasonal_mann_kendall, theil_sen

LEVEL = 0.05
MONTHS = 36
SERIES = 60


def comparisons(shared: Path | None) -> Iterator[Comparison]:
    """Yield each method beside each oracle."""
    drawn = _panel(np.random.default_rng(1).poisson(2.0, (SERIES, 60)))
    yield from _trends(drawn, f"{SERIES} series of 60 months, Poisson with mean 2")
    if shared is not None:
        records = _read_toronto(shared)
        yield from _trends(_count(records), "Toronto, 140 neighbourhoods, 2014 to 2021")
        yield _weekdays(records)
    yield from _exact_trends()
    yield from _published()
    yield from _changes()
    yield from _alarms()
    yield from _seasons()
    yield from _zeros()


def sizes(maps: int) -> Iterator[Size]:
    """Yield how often the tests find something where all months are alike."""
    random = np.random.default_rng(2)
    for mean in (0.3, 1.0, 5.0):
        panel = _panel(random.poisson(mean, (maps, MONTHS)))
        setting = f"Poisson mean {mean:g}, {MONTHS} months"
        yield _size("Mann–Kendall p", setting, mann_kendall(panel)["p"])
        yield _size("seasonal Mann–Kendall p", setting, seasonal_mann_kendall(panel)["p"])
        exact = exact_mann_kendall(panel)
        yield _size("exact Mann–Kendall p", setting, exact["p"])
        if mean >= 1:
            yield _size("exact Mann–Kendall mid-p", setting, exact["mid_p"], kind="close")
    ten_years = _panel(random.poisson(1.0, (maps, 120)))
    dependent = seasonal_mann_kendall(ten_years, dependent=True)["p"]
    yield _size("seasonal Mann–Kendall p, dependent", "Poisson mean 1, 120 months", dependent)
    short = exact_mann_kendall(_panel(random.poisson(5.0, (maps, 8))))["p"]
    yield _size("exact Mann–Kendall p", "Poisson mean 5, 8 months", short)
    for mean in (1.0, 5.0, 20.0):
        now, before, years = (
            pd.Series(random.poisson(each, maps)) for each in (mean, mean, 3 * mean)
        )
        setting = f"Poisson mean {mean:g}, equal periods"
        if mean > 1:
            beyond = change_z(now, before)["change_flag"].eq(0).astype(float)
            yield _size("change_z beyond ±3", setting, beyond)
        yield _size("E-test p", setting, e_test(now, before)["e_p"])
        setting = f"Poisson mean {mean:g}, beside three periods"
        p = e_test(now, years, exposure_before=3.0)["e_p"]
        yield _size("E-test p", setting, p)
        conditional = c_test(now, years, exposure_before=3.0)
        yield _size("C-test p", setting, conditional["c_p"])
        # of two counts this small the sum alone leaves few outcomes: mid-p too stays below
        kind = "close" if mean >= 20 else "at_most"
        yield _size("C-test mid-p", setting, conditional["c_mid_p"], kind=kind)
    for mean, ratio in ((1.0, 1.0), (5.0, 1.0), (5.0, 1.5), (20.0, 1.5)):
        counts = _overdispersed(random, np.full(maps, mean), ratio)
        setting = f"mean {mean:g}, variance {ratio:g} × mean, {MONTHS} months"
        yield _size("alarm p", setting, raise_alarms(counts)["alarm_p"])
        for recent in (1, 3):
            p = find_sudden_zeros(counts, recent=recent)["zero_probability"]
            yield _size(f"zero of {recent} month{'s' * (recent > 1)}", setting, p)
    for mean, ratio in ((2.0, 1.0), (6.0, 2.0)):
        records = random.poisson(10, maps)
        counts = _overdispersed(random, mean * np.maximum(records, 1) / 10, ratio).iloc[:, 0]
        p = find_zeros_beside(counts, pd.Series(records, counts.index))["zero_probability"]
        yield _size("zero beside records", f"mean {mean:g}, variance {ratio:g} × mean", p)
    for ratio in (1.0, 2.0):
        counts = _overdispersed(random, np.full(maps, 50.0), ratio, by_days=True)
        found = find_monthly_season(counts).test
        setting = f"50 a month, variance {ratio:g} × mean, 3 years"
        yield _size("season_p", setting, found["season_p"])
        if ratio == 1:
            yield _size("chi_square_p", setting, found["chi_square_p"])


def _trends(panel: pd.DataFrame, data: str) -> Iterator[Comparison]:
    rows = panel.to_numpy()
    found, theirs = mann_kendall(panel), [pymannkendall.original_test(row) for row in rows]
    yield _compared(
        "`mann_kendall` s, variance and z",
        "pymannkendall",
        data,
        found[["s", "variance", "z"]],
        [[of.s, of.var_s, of.z] for of in theirs],
    )
    yield Comparison(
        "`mann_kendall` p",
        "pymannkendall",
        data,
        largest_difference(found["p"], [of.p for of in theirs], relative=False),
        1e-12,
        relative=False,
    )
    yield _compared(
        "`mann_kendall` tau_b",
        "scipy.stats.kendalltau",
        data,
        found["tau_b"],
        [stats.kendalltau(np.arange(panel.shape[1]), row).statistic for row in rows],
    )
    slopes, lines = theil_sen(panel), [stats.theilslopes(row) for row in rows]
    yield _compared(
        "`theil_sen` with limits",
        "scipy.stats.theilslopes",
        data,
        slopes,
        [[line.slope, line.low_slope, line.high_slope] for line in lines],
    )
    for dependent, oracle in (
        (False, pymannkendall.seasonal_test),
        (True, pymannkendall.correlated_seasonal_test),
    ):
        ours = seasonal_mann_kendall(panel, dependent=dependent)[["s", "variance"]]
        tests = [oracle(row) for row in rows]
        yield _compared(
            f"`seasonal_mann_kendall`{', dependent' * dependent}",
            "pymannkendall",
            data,
            ours,
            [[of.s, of.var_s] for of in tests],
        )


def _read_toronto(shared: Path) -> pd.DataFrame:
    """Read the offenses of whole years, with the day and the weekday that the police entered."""
    columns = ["occurrencedate", "occurrencedayofweek", "Neighbourhood"]
    table = pd.read_parquet(
        shared / "toronto_mci" / "toronto_mci_2014_2021.parquet", columns=columns
    )
    table["day"] = pd.to_datetime(table["occurrencedate"].str[:10], format="%Y/%m/%d")
    return table[table["day"].dt.year >= 2014]


def _count(records: pd.DataFrame) -> pd.DataFrame:
    month = records["day"].dt.to_period("M")
    panel = pd.crosstab(records["Neighbourhood"], month)
    return panel.set_axis(pd.PeriodIndex(panel.columns, freq="M"), axis=1)


def _weekdays(records: pd.DataFrame) -> Comparison:
    first, last = "2014-01-01", "2021-12-28"
    found = find_weekly_season(records["day"], start=first, end=last)
    within = records.loc[records["day"] <= last, "occurrencedayofweek"].str.strip()
    counts = within.value_counts().reindex(found.index.columns)
    return _compared(
        "`find_weekly_season` chi-square and p",
        "scipy.stats.chisquare, the police's weekdays",
        "Toronto, 2014 to 2021",
        found.test[["chi_square", "chi_square_p"]],
        [list(stats.chisquare(counts))],
    )


def _exact_trends() -> Iterator[Comparison]:
    random = np.random.default_rng(3)
    untied = random.normal(size=(20, 30))
    yield _compared(
        "`exact_mann_kendall`",
        "scipy.stats.kendalltau, exact",
        "20 series of 30 months without ties",
        exact_mann_kendall(_panel(untied))["p"],
        [stats.kendalltau(np.arange(30), row, method="exact").pvalue for row in untied],
    )
    tied = random.poisson(0.8, (8, 7))
    yield _compared(
        "`exact_mann_kendall`, p and mid-p",
        "all orders",
        "8 series of 7 months with ties",
        exact_mann_kendall(_panel(tied))[["p", "mid_p"]],
        [_all_orders(row) for row in tied],
    )


def _published() -> Iterator[Comparison]:
    exposures = {"exposure_now": 28010.0, "exposure_before": 19017.0}
    for label, oracle, counts, options, p, digits in (
        ("3 against 0", "Krishnamoorthy & Thomson 2004", (3, 0), {}, 0.0884, 4),
        ("25 against 16", "Wheeler", (25, 16), {}, 0.165, 3),
        (
            "41 in 28,010 against 15 in 19,017 person-years, one-sided",
            "Ng, Gu & Tang 2007",
            (41, 15),
            {**exposures, "alternative": "more"},
            0.0184,
            4,
        ),
    ):
        found = e_test(*(pd.Series([count]) for count in counts), **options)["e_p"]
        difference = largest_difference(found, [p], relative=False)
        # as many digits as were printed
        yield Comparison("`e_test`", oracle, label, difference, 10.0**-digits / 2, relative=False)


def _changes() -> Iterator[Comparison]:
    random = np.random.default_rng(4)
    now, before = (pd.Series(random.poisson(mean, SERIES) + 1) for mean in (9, 6))
    pairs = list(zip(now, before, strict=True))
    for alternative, theirs in (("two-sided", "two-sided"), ("more", "larger")):
        yield _compared(
            f"`e_test`, {alternative}",
            "statsmodels, etest-wald",
            f"{SERIES} pairs of counts, periods of 1 and 2.5",
            e_test(now, before, exposure_before=2.5, alternative=alternative)["e_p"],
            [
                poisson_2indep(x, 1, y, 2.5, method="etest-wald", alternative=theirs).pvalue
                for x, y in pairs
            ],
        )
    options = {"exposure_before": 2.5, "alternative": "more"}
    yield _compared(
        "`c_test`, one-sided",
        "scipy.stats.binomtest",
        f"{SERIES} pairs of counts, periods of 1 and 2.5",
        c_test(now, before, **options)["c_p"],
        [stats.binomtest(x, x + y, 1 / 3.5, alternative="greater").pvalue for x, y in pairs],
    )
    yield _compared(
        "`c_test`, one-sided mid-p",
        "statsmodels, cond-midp",
        f"{SERIES} pairs of counts, periods of 1 and 2.5",
        c_test(now, before, **options)["c_mid_p"],
        [
            poisson_2indep(x, 1, y, 2.5, method="cond-midp", alternative="larger").pvalue
            for x, y in pairs
        ],
    )


def _alarms() -> Iterator[Comparison]:
    counts = _overdispersed(np.random.default_rng(5), np.full(200, 6.0), 2.0)
    now, end = counts.iloc[:, -1], counts.columns[-1]
    past = [end - 12 * year + shift for year in (1, 2) for shift in (-1, 0, 1)]
    before = counts[past].sum(axis=1)
    for ratio in (1.0, 1.6):
        total, n = now + before, len(past)
        if ratio == 1:
            oracle, name = stats.binom.sf(now - 1, total, 1 / (n + 1)), "scipy.stats.binom"
        else:
            a = total / ((n + 1) * (ratio - 1))
            oracle, name = stats.betabinom.sf(now - 1, total, a, n * a), "scipy.stats.betabinom"
        found = raise_alarms(counts, years=2, overdispersion=ratio)["alarm_p"]
        yield _compared(
            "`raise_alarms`", name, f"200 mahallas, ratio {ratio:g}", found, oracle, bar=1e-8
        )


def _seasons() -> Iterator[Comparison]:
    counts = _overdispersed(np.random.default_rng(6), np.full(10, 60.0), 2.0)
    counts = counts.set_axis(pd.period_range("2021-01", periods=MONTHS, freq="M"), axis=1)
    dummies = [
        pd.get_dummies(of, dtype=float).to_numpy()
        for of in (counts.columns.year, counts.columns.month)
    ]
    design = np.column_stack([dummies[0], dummies[1][:, 1:]])
    fits = [
        sm.GLM(row, design, family=sm.families.Poisson()).fit(tol=1e-13)
        for row in counts.to_numpy()
    ]
    yield _compared(
        "`find_monthly_season` dispersion",
        "statsmodels, Poisson regression",
        "10 districts, 3 years",
        find_monthly_season(counts).test["dispersion"],
        [max(1.0, fit.pearson_chi2 / fit.df_resid) for fit in fits],
        bar=1e-6,
    )
    year, days = counts.iloc[:, -12:], counts.columns[-12:].days_in_month.to_numpy()
    yield _compared(
        "`find_monthly_season` chi-square and p",
        "scipy.stats.chisquare",
        "10 districts, 1 year",
        find_monthly_season(year).test[["chi_square", "chi_square_p"]],
        [stats.chisquare(row, row.sum() * days / days.sum()) for row in year.to_numpy()],
    )


def _zeros() -> Iterator[Comparison]:
    past = np.random.default_rng(7).poisson(3.0, (100, 24))
    counts = _panel(np.column_stack([past, np.zeros((100, 1), dtype=int)]))
    counts.iloc[-1, -1] = 300
    own, whole = past.sum(axis=1)[:-1], past.sum()
    found = find_sudden_zeros(counts)["zero_probability"].iloc[:-1]
    yield _compared(
        "`find_sudden_zeros`, no overdispersion",
        "scipy.stats.binom",
        "99 mahallas that fall silent",
        found,
        stats.binom.pmf(0, own, 300 / (whole + 300)),
    )
    random = np.random.default_rng(8)
    records = random.poisson(30, 300)
    x = random.poisson(records / 10 * random.gamma(1.0, 1.0, 300))
    mean = records * x.sum() / records.sum()
    k = (mean**2).sum() / ((x - mean) ** 2 - mean).sum()
    found = find_zeros_beside(pd.Series(x), pd.Series(records))["zero_probability"]
    yield _compared(
        "`find_zeros_beside`",
        "scipy.stats.nbinom",
        f"{(x == 0).sum()} zeros among 300 mahallas",
        found[x == 0],
        stats.nbinom.pmf(0, k, k / (k + mean))[x == 0],
    )


def _panel(values: NDArray[np.generic]) -> pd.DataFrame:
    months = pd.period_range("2020-01", periods=values.shape[1], freq="M", name="month")
    return pd.DataFrame(values.astype(float), columns=months)


def _overdispersed(
    random: np.random.Generator, means: NDArray[np.float64], ratio: float, *, by_days: bool = False
) -> pd.DataFrame:
    """Draw counts of single months, of Poisson or of negative binomial law."""
    panel = _panel(np.zeros((len(means), MONTHS)))
    days = panel.columns.days_in_month.to_numpy() / 30 if by_days else np.ones(MONTHS)
    mean = np.outer(means, days)
    drawn = (
        random.poisson(mean)
        if ratio == 1
        else random.negative_binomial(mean / (ratio - 1), 1 / ratio)
    )
    return panel + drawn


def _all_orders(values: NDArray[np.int64]) -> tuple[float, float]:
    def size(order: tuple[int, ...]) -> float:
        return abs(sum(np.sign(b - a) for a, b in combinations(order, 2)))

    here = size(tuple(values.tolist()))
    all_sizes = np.array([size(order) for order in set(permutations(values.tolist()))])
    larger, equal = (all_sizes > here).mean(), (all_sizes == here).mean()
    return larger + equal, larger + equal / 2


def _compared(
    method: str, oracle: str, data: str, ours: object, theirs: object, *, bar: float = 1e-9
) -> Comparison:
    return Comparison(method, oracle, data, largest_difference(ours, theirs), bar)  # type: ignore[arg-type]


def _size(test: str, setting: str, p: pd.Series, *, kind: str = "at_most") -> Size:
    rejected = float((p <= LEVEL).mean())
    error = float(np.sqrt(LEVEL * (1 - LEVEL) / len(p)))
    return Size(test, setting, len(p), rejected, error, kind=kind)  # type: ignore[arg-type]
