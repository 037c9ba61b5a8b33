"""Trends and E-tests beside the loops that users write; nothing large is imported here."""

from __future__ import annotations

from pathlib import Path

from benchmarks import comparisons
from benchmarks.measure import Measurement, measure

MAHALLAS = 9008
SUBSET = 1000
PAIRS = 200


def compare_time_series(folder: Path) -> str:
    """Compare trends and slopes with pymannkendall's and scipy's, E-tests with statsmodels'."""
    few = measure("time_series.trends", n=SUBSET, repeats=1)
    loop = measure("time_series.pymannkendall_loop", n=SUBSET, repeats=2)
    for name, value in loop.answer.items():
        comparisons._check_equal(f"trends, {name},", few.answer[name], value)
    alone = measure("time_series.pymannkendall_slopes", n=SUBSET, repeats=2)
    scipy = measure("time_series.scipy_slopes", n=SUBSET, repeats=2)
    comparisons._check_equal("slopes", alone.answer["slopes"], scipy.answer["slopes"])

    ours = measure("time_series.trends", n=MAHALLAS)
    slopes = measure("time_series.slopes", n=MAHALLAS)
    both = measure("time_series.trends_and_slopes", n=MAHALLAS)
    tests, theirs = (
        measure("time_series.e_tests", n=MAHALLAS),
        measure("time_series.statsmodels_e_tests", n=PAIRS, repeats=2),
    )
    scale = MAHALLAS / SUBSET
    rows = [
        *comparisons._rows(
            ["Mann–Kendall"],
            {"**hotspot**": ours, "pymannkendall, a loop": _scaled(loop, scale)},
            ours,
        ),
        *comparisons._rows(
            ["Theil–Sen"],
            {
                "**hotspot**, with limits": slopes,
                "pymannkendall, a loop": _scaled(alone, scale),
                "scipy, a loop, with limits": _scaled(scipy, scale),
            },
            slopes,
        ),
        *comparisons._rows(
            ["both"],
            {"**hotspot**": both, "pymannkendall, a loop": _scaled(loop, scale)},
            both,
        ),
        *comparisons._rows(
            ["E-test"],
            {"**hotspot**": tests, "statsmodels, a loop": _scaled(theirs, MAHALLAS / PAIRS)},
            tests,
        ),
    ]
    bars = [
        comparisons._bar("s and p, pymannkendall", loop.warm * scale / ours.warm, 50),
        comparisons._bar("s, p and slope, pymannkendall", loop.warm * scale / both.warm, 20),
        comparisons._bar("slope alone, pymannkendall", alone.warm * scale / slopes.warm, 20),
    ]
    return "\n\n".join(
        [comparisons._table(["what", "by", *comparisons.TIMES], rows), comparisons._bars(bars)]
    )


def _scaled(of: Measurement, scale: float) -> Measurement:
    """Return what a loop over all would take, from one over some: its steps are all alike."""
    return Measurement(of.cold * scale, of.warm * scale, of.peak_mb, of.answer)
