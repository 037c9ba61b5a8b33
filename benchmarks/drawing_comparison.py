"""The drawing of a whole month as a table with its bars; nothing large is imported here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.comparisons import _bars, _seconds, _table
from benchmarks.measure import measure

BARS_S = {832: 20, 9008: 60}
MEMORY_MB = 1536
CASES = {832: "drawing.sample", 9008: "drawing.republic"}
LANGUAGES = (1, 4)


def compare_drawing(folder: Path) -> str:
    """Measure all that is drawn of a month, in one language and in four; there is no peer."""
    subprocess.run([sys.executable, "-m", "benchmarks.whole_month", str(folder)], check=True)
    rows, bars = [], []
    for size, case in CASES.items():
        for languages in LANGUAGES:
            found = measure(case, folder=str(folder), languages=languages, repeats=0)
            told = found.answer
            spoken = "1 language" if languages == 1 else f"{languages} languages"
            files = [f"{told['files']}", f"{told['mb']:.1f}"]
            rows.append([f"{size:,}", spoken, *files, _seconds(found.cold), f"{found.peak_mb:.0f}"])
            if languages == 1:
                met = found.cold <= BARS_S[size] and found.peak_mb <= MEMORY_MB
                bars.append(
                    f"{size:,}: {_seconds(found.cold)} s and {found.peak_mb:.0f} MB, bar "
                    f"{BARS_S[size]} s and {MEMORY_MB} MB: {'met' if met else '**not met**'}"
                )
    heads = ["mahallas", "drawn in", "files", "MB", "seconds", "peak MB of the process"]
    return "\n\n".join([_table(heads, rows), _bars(bars)])
