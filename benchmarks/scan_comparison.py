"""The scan as a table with its bars; nothing large is imported here."""

from __future__ import annotations

from pathlib import Path

from benchmarks import comparisons
from benchmarks.measure import measure

BAR_S = 600
MEMORY_MB = 1024


def compare(folder: Path) -> str:
    """Measure circles and cylinders, for which there is no peer."""
    cases = [("circles, 12 months as one", "scan.circles", size, {}) for size in comparisons.SIZES]
    cases += [
        (f"cylinders, any of {months} months", "scan.cylinders", 832, {"months": months})
        for months in (12, 36)
    ]
    cases += [
        (f"cylinders, the last of {months} months", "scan.last_months", 832, {"months": months})
        for months in (12, 36)
    ]
    rows, bars = [], []
    for what, case, size, options in cases:
        ours = measure(case, folder=str(folder), size=size, repeats=0, **options)
        rows += comparisons._rows([f"{size:,}", what], {"999": ours}, None)
        if size == 832:
            verdict = "met" if ours.cold < BAR_S and ours.peak_mb < MEMORY_MB else "**not met**"
            seconds = comparisons._seconds(ours.cold)
            bars.append(f"{what}: {seconds} s and {ours.peak_mb:.0f} MB, "
                        f"bar < {BAR_S} s and {MEMORY_MB} MB: {verdict}")  # fmt: skip
    heads = ["mahallas", "windows", "replicates", *comparisons.TIMES[:-1]]
    return "\n\n".join([comparisons._table(heads, rows), comparisons._bars(bars)])
