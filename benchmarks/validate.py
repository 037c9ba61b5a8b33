"""Check every statistic against its oracles and write the tables of docs/statistics.md.

``python -m benchmarks.validate`` makes the table of oracles, ``python -m benchmarks.validate
--sizes`` the table of how often the tests call chance an effect (2,000 maps a row); words after it
choose topics. Run it from the top of a checkout.
"""

from __future__ import annotations

import argparse
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from benchmarks import validation
from benchmarks.validation.comparison import Comparison, Size

PAGE = Path("docs/statistics.md")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MAPS = 2000
TOPICS = sorted({each.name for each in pkgutil.iter_modules(validation.__path__)} - {"comparison"})


def main() -> None:
    """Check the topics asked for, write their tables, and fail where a bar is not met."""
    parser = argparse.ArgumentParser(description="the statistics beside their oracles")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(TOPICS)}")
    parser.add_argument("--sizes", action="store_true", help="how often chance is called an effect")
    asked = parser.parse_args()
    topics = asked.topics or TOPICS
    if unknown := sorted(set(topics) - set(TOPICS)):
        parser.error(f"no topic {unknown[0]}: choose of {', '.join(TOPICS)}")
    missed = []
    for topic in topics:
        if asked.sizes:
            sizes = find_sizes(topic, MAPS)
            missed += [size for size in sizes if not size.met]
            _write(f"{topic} sizes", sizes_table(sizes) if sizes else "")
        else:
            comparisons = find_comparisons(topic)
            missed += [comparison for comparison in comparisons if not comparison.met]
            _write(topic, comparisons_table(comparisons))
    for each in missed:
        print(f"not met: {each}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def find_comparisons(topic: str, shared: Path | None = None) -> list[Comparison]:
    """Return a topic's comparisons; without the real data those that need none."""
    found = shared or (SHARED if SHARED.is_dir() else None)
    function: Callable[[Path | None], Iterable[Comparison]] = import_module(
        f"benchmarks.validation.{topic}"
    ).comparisons
    return list(function(found))


def find_sizes(topic: str, maps: int) -> list[Size]:
    """Return how often a topic's tests reject chance; nothing where it has no test."""
    module = import_module(f"benchmarks.validation.{topic}")
    return list(module.sizes(maps)) if hasattr(module, "sizes") else []


def comparisons_table(comparisons: Iterable[Comparison]) -> str:
    """Return the comparisons as a table in Markdown."""
    lines = [
        "| method | oracle | data | largest difference | bar |",
        "| --- | --- | --- | --- | --- |",
    ]
    for of in comparisons:
        kind = " relative" if of.relative and of.bar > 0 else ""
        bar = f"{of.bar:.0e}{kind}" if of.bar > 0 else "equal"
        verdict = "" if of.met else " **not met**"
        difference = f"{of.difference:.1e}" if of.difference > 0 else "0"
        lines.append(f"| {of.method} | {of.oracle} | {of.data} | {difference}{verdict} | {bar} |")
    return "\n".join(lines)


def sizes_table(sizes: Iterable[Size]) -> str:
    """Return the shares of rejections as a table in Markdown."""
    lines = ["| test | setting | maps | rejected | promised |", "| --- | --- | --- | --- | --- |"]
    for of in sizes:
        promise = f"≤ {of.level:.3g}" if of.kind == "at_most" else f"{of.level:.3g} ± 0.01"
        verdict = "" if of.met else " **not met**"
        share = f"{of.rejected:.2%} (± {of.standard_error:.2%}){verdict}"
        lines.append(f"| {of.test} | {of.setting} | {of.maps:,} | {share} | {promise} |")
    return "\n".join(lines)


def _write(part: str, table: str) -> None:
    print(f"\n## {part}\n\n{table}", flush=True)
    begin, end = f"<!-- {part} -->", f"<!-- end {part} -->"
    within = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    if table and begin not in page:
        print(f"docs/statistics.md has no place for '{part}'", file=sys.stderr)
    PAGE.write_text(within.sub(lambda _: f"{begin}\n\n{table}\n\n{end}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
