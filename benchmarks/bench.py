"""Measure beside the peers, print the tables and put them into docs/performance.md.

``python -m benchmarks.bench`` measures everything, ``python -m benchmarks.bench gi density`` those
parts; run it from the top of a checkout.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.comparisons import COMPARISONS

PAGE = Path("docs/performance.md")
PACKAGES = ["numpy", "scipy", "pandas", "shapely", "geopandas", "libpysal", "esda", "numba"]
PACKAGES += ["pygeoda", "scikit-learn", "KDEpy", "folium", "pointpats", "pymannkendall"]
PACKAGES += ["sedonadb", "pycanopy"]


def main() -> None:
    """Measure the parts asked for and write their tables."""
    parser = argparse.ArgumentParser(description="timings beside the peers'")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(COMPARISONS)}")
    parts = parser.parse_args().parts or list(COMPARISONS)
    if unknown := sorted(set(parts) - set(COMPARISONS)):
        parser.error(f"no part {unknown[0]}: choose of {', '.join(COMPARISONS)}")
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, "-m", "benchmarks.regions", name], check=True)
        for part in parts:
            table = f"{COMPARISONS[part](Path(name))}\n\n{describe_machine()}"
            print(f"\n## {part}\n\n{table}", flush=True)
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(insert_table(page, part, table), encoding="utf-8")


def insert_table(page: str, part: str, table: str) -> str:
    """Return the page with a part's table replaced, between the two comments that name it."""
    begin, end = f"<!-- {part} -->", f"<!-- end {part} -->"
    within = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return within.sub(lambda _: f"{begin}\n\n{table}\n\n{end}", page)


def describe_machine() -> str:
    """Return processors and versions, which say all that a reader needs of the machine."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    return f"{os.cpu_count()} cores; {', '.join(found)}."


if __name__ == "__main__":
    main()
