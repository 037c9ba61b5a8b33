"""The categories of a republic as a table with its bars; nothing large is imported here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import comparisons
from benchmarks.measure import measure

BAR_S = 60
MEMORY_MB = 2048


def compare(folder: Path) -> str:
    """Measure a whole month and its parts, for which there is no peer."""
    subprocess.run([sys.executable, "-m", "benchmarks.whole_month", str(folder)], check=True)
    cases = {
        "the month, from the files to the reasons, nothing drawn": "month",
        "of it, 200 redraws": "redraws",
        "of it, other windows, neighbours and the unplaced shared": "otherwise",
        "of it, the back-test of all months": "backtest",
    }
    found = {
        what: measure(f"whole_month.{case}", folder=str(folder), repeats=0)
        for what, case in cases.items()
    }
    rows = [
        [what, comparisons._seconds(of.cold), f"{of.peak_mb:.0f}"] for what, of in found.items()
    ]
    whole, drawn, *_ = found.values()
    bars = [_bar("the month", whole.cold, whole.peak_mb), _bar("200 redraws", drawn.cold)]
    told = whole.answer
    words = (
        f"{told['records']:,} records of {told['months']} months: {told['green']:,} mahallas are "
        f"green, {told['yellow']:,} yellow, {told['red']:,} red."
    )
    heads = ["9,008 mahallas", "seconds", "peak MB"]
    return "\n\n".join([comparisons._table(heads, rows), comparisons._bars(bars), words])


def _bar(what: str, seconds: float, memory: float = 0.0) -> str:
    met = seconds < BAR_S and memory < MEMORY_MB
    held = f"{comparisons._seconds(seconds)} s"
    bar = f"bar < {BAR_S} s"
    if memory:
        held, bar = f"{held} and {memory:.0f} MB", f"{bar} and {MEMORY_MB} MB"
    return f"{what}: {held}, {bar}: {'met' if met else '**not met**'}"
