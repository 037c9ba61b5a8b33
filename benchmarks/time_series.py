"""Trends and changes of all mahallas at once, beside pymannkendall's and statsmodels' loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Case

MONTHS = 60
PAIRS = 9008


def trends(n: int, months: int = MONTHS) -> Case:
    """Prepare Mann–Kendall's test of a panel."""
    from hotspot.statistics.trends import mann_kendall

    panel = _panel(n, months)
    return lambda: mann_kendall(panel), lambda found: _tell(found["s"], found["p"])


def exact_trends(n: int) -> Case:
    """Prepare the exact test of three years of few offenses."""
    from hotspot.statistics.exact_trends import exact_mann_kendall

    panel = _panel(n, 36)
    return lambda: exact_mann_kendall(panel), lambda found: {}


def slopes(n: int, months: int = MONTHS) -> Case:
    """Prepare Theil–Sen's slopes and their limits."""
    from hotspot.statistics.trends import theil_sen

    panel = _panel(n, months)
    return lambda: theil_sen(panel), lambda found: {"slopes": float(found["slope"].sum())}


def trends_and_slopes(n: int, months: int = MONTHS) -> Case:
    """Prepare both, as pymannkendall's one function does."""
    from hotspot.statistics.trends import mann_kendall, theil_sen

    panel = _panel(n, months)
    return lambda: (mann_kendall(panel), theil_sen(panel)), lambda found: {}


def pymannkendall_loop(n: int, months: int = MONTHS) -> Case:
    """Prepare pymannkendall's test, which also finds the slope, series by series."""
    import pymannkendall

    rows = _panel(n, months).to_numpy()
    return (
        lambda: [pymannkendall.original_test(row) for row in rows],
        lambda found: _tell([of.s for of in found], [of.p for of in found]),
    )


def pymannkendall_slopes(n: int, months: int = MONTHS) -> Case:
    """Prepare pymannkendall's slope alone, series by series."""
    import pymannkendall

    rows = _panel(n, months).to_numpy()
    return (
        lambda: [pymannkendall.sens_slope(row).slope for row in rows],
        lambda found: {"slopes": float(np.sum(found))},
    )


def scipy_slopes(n: int, months: int = MONTHS) -> Case:
    """Prepare scipy's slope with limits, series by series."""
    from scipy import stats

    rows = _panel(n, months).to_numpy()
    return (
        lambda: [stats.theilslopes(row) for row in rows],
        lambda found: {"slopes": float(sum(of.slope for of in found))},
    )


def e_tests(n: int) -> Case:
    """Prepare the E-test of this month beside last year's."""
    from hotspot.statistics.change import e_test

    now, before = _pairs(n)
    return lambda: e_test(now, before), lambda found: _tell(found["e_p"])


def statsmodels_e_tests(n: int) -> Case:
    """Prepare statsmodels' E-test, pair by pair."""
    from statsmodels.stats.rates import etest_poisson_2indep

    pairs = list(zip(*_pairs(PAIRS), strict=True))[:n]
    return (
        lambda: [etest_poisson_2indep(x, 1, y, 1, method="wald")[1] for x, y in pairs],
        lambda found: {},
    )


def alarms(n: int) -> Case:
    """Prepare the alarms of a month against three earlier years."""
    from hotspot.statistics.alarms import raise_alarms

    panel = _panel(n, 37)
    return lambda: raise_alarms(panel), lambda found: {}


def sudden_zeros(n: int) -> Case:
    """Prepare the zeros of a quarter against two years."""
    from hotspot.statistics.suspicious_zeros import find_sudden_zeros

    panel = _panel(n, 36)
    return lambda: find_sudden_zeros(panel, recent=3), lambda found: {}


def patterns(n: int) -> Case:
    """Prepare the emerging classes of three years of bins."""
    from hotspot.statistics.emerging import emerging_hot_spots

    random = np.random.default_rng(3)
    bins = pd.DataFrame(random.integers(-3, 4, (n, 36)))
    trend = pd.DataFrame({"s": random.integers(-99, 99, n), "p": random.uniform(0, 1, n)})
    return lambda: emerging_hot_spots(bins, trend), lambda found: {}


GROWTH = [
    ("Mann–Kendall, 60 months, n mahallas", "trends", 2252),
    ("Theil–Sen, 60 months, n mahallas", "slopes", 2252),
    ("exact Mann–Kendall, 36 months, n mahallas", "exact_trends", 2252),
    ("E-test, n pairs of counts", "e_tests", 2252),
    ("alarms, n mahallas", "alarms", 2252),
    ("suspicious zeros, n mahallas", "sudden_zeros", 2252),
    ("emerging hot spots, 36 months, n mahallas", "patterns", 2252),
]


def _panel(n: int, months: int) -> pd.DataFrame:
    """Draw counts with the national mean, as unequal as mahallas are."""
    random = np.random.default_rng(months)
    values = random.poisson(random.gamma(0.3, 4.135 / 12 / 0.3, (n, 1)), (n, months))
    return pd.DataFrame(values, columns=pd.period_range("2020-01", periods=months, freq="M"))


def _pairs(n: int) -> tuple[pd.Series, pd.Series]:
    random = np.random.default_rng(5)
    mean = random.gamma(0.3, 4.135 / 0.3, n)
    return pd.Series(random.poisson(mean)), pd.Series(random.poisson(mean))


def _tell(*measures: Any) -> dict[str, float]:
    return {f"sum {place}": float(np.sum(of)) for place, of in enumerate(measures)}
