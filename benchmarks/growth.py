"""How time grows with the size of the data: each method at n, 4n and 16n, and the exponent.

``python -m benchmarks.growth`` prints the table and puts it into docs/performance.md; words after
it choose topics. A topic's module in ``benchmarks`` lists its methods as ``GROWTH``: a label, the
name of a function that takes ``n`` and returns a case, and the smallest n.
"""

from __future__ import annotations

import argparse
import math
from importlib import import_module

from benchmarks.bench import PAGE, describe_machine, insert_table
from benchmarks.measure import measure

TOPICS = ("rates", "concentration", "hot_spots", "density", "time_series", "points", "scan")
FACTORS = (1, 4, 16)


def main() -> None:
    """Measure the topics asked for and print their growth."""
    parser = argparse.ArgumentParser(description="how time grows with the data")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(TOPICS)}")
    named = parser.parse_args().topics
    lines = ["| method | n | s at n | s at 4n | s at 16n | exponent |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for topic in named or TOPICS:
        for label, case, n in getattr(import_module(f"benchmarks.{topic}"), "GROWTH", ()):
            seconds = [
                measure(f"{topic}.{case}", repeats=2, n=factor * n).warm for factor in FACTORS
            ]
            exponent = math.log(seconds[-1] / seconds[-2], FACTORS[-1] / FACTORS[-2])
            times = " | ".join(f"{second:.3g}" for second in seconds)
            lines.append(f"| {label} | {n:,} | {times} | {exponent:.1f} |")
            print(lines[-1], flush=True)
        if not named:
            page = PAGE.read_text(encoding="utf-8")
            table = f"{chr(10).join(lines)}\n\n{describe_machine()}"
            PAGE.write_text(insert_table(page, "growth", table), encoding="utf-8")


if __name__ == "__main__":
    main()
