"""What is measured beside what, each as a table with its bars; nothing large is imported here."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import Measurement, Whole, measure, measure_whole

SIZES = (832, 9008)
WINDOWS = {"monthly": 1, "yearly": 12}
NAIVE = "benchmarks/naive_script.py"


def compare_hot_spots(folder: Path) -> str:
    """Compare Gi* with esda's and pygeoda's."""
    rows, bars = [], []
    for size in SIZES:
        for counts, window in WINDOWS.items():
            options = {"folder": str(folder), "size": size, "window": window}
            ours = measure("hot_spots.exact", **options)
            esda = measure("hot_spots.esda_permutations", **options)
            _check_equal("z", ours.answer["sum"], esda.answer["sum"])
            geoda = {
                method: measure("hot_spots.pygeoda_permutations", method=method, **options)
                for method in ("complete", "lookup-table")
            }
            tools = {"**hotspot**, z and both exact tails": ours, "esda, 999 permutations": esda}
            tools |= {f"pygeoda, 999 permutations, {m}": of for m, of in geoda.items()}
            rows += _rows([f"{size:,}", counts], tools, ours)
            if counts == "monthly":
                quickest = min(of.warm for of in geoda.values())
                bars.append(_bar(f"{size:,} monthly, pygeoda", quickest / ours.warm, 5))
            else:
                bars.append(_bar(f"{size:,} yearly, esda", esda.warm / ours.warm, 1))
    heads = ["mahallas", "counts", "p-values"]
    parts = ["Exact p beside 999 permutations, one month:", _table([*heads, *TIMES], rows)]
    parts += [_bars(bars), *_compare_panels(folder)]
    return "\n\n".join(parts)


def _compare_panels(folder: Path) -> list[str]:
    rows, bars = [], []
    for size in SIZES:
        options = {"folder": str(folder), "size": size}
        ours = measure("hot_spots.z_panel", **options)
        esda = measure("hot_spots.esda_z_loop", **options)
        _check_equal("z", ours.answer["sum"], esda.answer["sum"])
        tools = {"**hotspot**, z of 12 months": ours, "esda, a loop over 12 months": esda}
        rows += _rows([f"{size:,}"], tools, ours)
        bars.append(_bar(f"{size:,}, esda", esda.warm / ours.warm, 100))
    several = []
    for size in SIZES:
        for counts, window in WINDOWS.items():
            options = {"folder": str(folder), "size": size, "window": window}
            exact = measure("hot_spots.exact", months=12, **options)
            people = measure("hot_spots.population", repeats=2, **options)
            tools = {"`gi_star`, 12 months": exact, "`gi_star_population`, 36 months": people}
            several += _rows([f"{size:,}", counts], tools, None)
    return [
        "z alone, where the neighbours are known:",
        _table(["mahallas", "z", *TIMES], rows),
        _bars(bars),
        "Whole panels of exact p, for which there is no peer:",
        _table(["mahallas", "counts", "function", *TIMES[:-1]], several),
    ]


def compare_placing(folder: Path) -> str:
    """Compare the placing of a million points with geopandas, SedonaDB and PyCanopy."""
    subprocess.run([sys.executable, "-m", "benchmarks.placing", str(folder)], check=True)
    peers = {"sjoin": "geopandas.sjoin"}
    peers |= {name: name for name in ("sedonadb", "pycanopy") if find_spec(name)}
    rows, bars = [], []
    for size, least, least_quick in ((SIZES[0], 5, 3), (SIZES[1], 5, 3), (100_000, 1, 1)):
        options = {"folder": str(folder), "size": size, "repeats": 3}
        ours = measure("placing.locating", **options)
        found = {peer: measure(f"placing.{peer}", **options) for peer in peers}
        # not so geocode: reprojected there and back, a point on the edge may cross it
        for peer, of in found.items():
            if of.answer != ours.answer:
                raise AssertionError(f"{peer} places otherwise: {of.answer}, {ours.answer}")
        tools = {"**hotspot**, the placing of `geocode`": ours}
        tools |= {peers[peer]: of for peer, of in found.items()}
        whole = measure("placing.geocoding", **options)
        tools["`geocode`, also reprojecting, checking and sorting out records"] = whole
        rows += _rows([f"{size:,}"], tools, ours)
        bars.append(_bar(f"{size:,}, geopandas", found.pop("sjoin").warm / ours.warm, least))
        if found:
            quickest = min(found, key=lambda peer: found[peer].warm)
            ratio = found[quickest].warm / ours.warm
            bars.append(_bar(f"{size:,}, {quickest}", ratio, least_quick))
    return "\n\n".join([_table(["mahallas", "placed by", *TIMES], rows), _bars(bars)])


def compare_density(folder: Path) -> str:
    """Compare the density with KDEpy's and scikit-learn's."""
    rows, bars, trees = [], [], []
    for cells in (3, 8, 20):
        ours = measure("density.surface", cells=cells)
        binned = measure("density.surface", cells=cells, tolerance=0.005)
        tools = {"**hotspot**, exact": ours}
        if binned.answer["method"] == "binned":
            tools["**hotspot**, tolerance 0.005"] = binned
        if find_spec("KDEpy"):
            peer = tools["KDEpy, binned, FFT"] = measure("density.kdepy_fft", cells=cells)
            if any(binned.answer[key] > peer.answer[key] for key in DENSITY_ERRORS):
                raise AssertionError(f"KDEpy errs less: {peer.answer}, {binned.answer}")
            what = f"{cells} cells a bandwidth, KDEpy, at a smaller error"
            bars.append(_bar(what, peer.warm / binned.warm, 3))
        for row, of in zip(_rows([str(cells)], tools, ours), tools.values(), strict=True):
            rows.append([*row, *(f"{of.answer[key]:.1e}" for key in DENSITY_ERRORS)])
        exact = measure("density.surface", cells=cells, kernel="epanechnikov")
        tree = measure("density.sklearn_tree", cells=cells)
        _check_equal("densities", exact.answer["sum"], tree.answer["sum"])
        times = 100 * tree.warm
        trees.append([str(cells), *map(_seconds, (exact.warm, times)), _ratio(times / exact.warm)])
        bars.append(_bar(f"{cells} cells a bandwidth, scikit-learn", times / exact.warm, 50))
    heads = ["cells a bandwidth", "density", *TIMES]
    heads += ["median error", "largest error", "largest, of the highest value"]
    tree_heads = ["cells a bandwidth", "**hotspot**, Epanechnikov, exact, s"]
    tree_heads += ["scikit-learn, a hundred times its hundredth, s", "times hotspot's"]
    return "\n\n".join([_table(heads, rows), _table(tree_heads, trees), _bars(bars)])


def compare_points(folder: Path) -> str:
    """Compare Knox with pointpats', and DBSCAN with scikit-learn's."""
    from benchmarks import points_comparison

    return points_comparison.compare(folder)


def compare_scan(folder: Path) -> str:
    """Measure the scan, for which there is no peer."""
    from benchmarks import scan_comparison

    return scan_comparison.compare(folder)


def compare_jobs(folder: Path) -> str:
    """Compare whole programs, from cold start to the last file."""
    python = [sys.executable, "-W", "ignore"]
    sample = ["data/sample/offenses.csv", "data/sample/mahallas.gpkg", str(folder / "map.html")]
    small = measure_whole(
        {
            "hotspot": [*python, "cli.py", "run", "data/sample/job.toml", "--out", str(folder)],
            "naive": [*python, NAIVE, *sample],
        }
    )
    subprocess.run([*python, "-m", "benchmarks.whole_job", "write", str(folder)], check=True)
    large_files = [str(folder / name) for name in ("offenses.csv", "mahallas.gpkg", "map.html")]
    large = measure_whole(
        {
            "hotspot": [*python, "-m", "benchmarks.whole_job", "run", str(folder)],
            "naive": [*python, NAIVE, *large_files, "--no-map"],
            "reading": [*python, "-m", "benchmarks.whole_job", "read", str(folder)],
        },
        rounds=1,
    )
    rows = _whole_rows("832 mahallas, 36 months, all files", small)
    rows += _whole_rows("9,008 mahallas, 1,000,000 records, no files", large)
    bars = [
        f"832, all files: {small['hotspot'].seconds:.1f} s, bar < 30 s: "
        + ("met" if small["hotspot"].seconds < 30 else "**not met**"),
        _bar("832, the plain script", small["naive"].seconds / small["hotspot"].seconds, 3),
        _bar("9,008, the plain script", large["naive"].seconds / large["hotspot"].seconds, 8),
    ]
    heads = ["job", "program", "seconds", "least – most", "processor seconds", "peak MB"]
    return "\n\n".join([_table(heads, rows), _bars(bars)])


def compare_time(folder: Path) -> str:
    """Compare trends with pymannkendall's and scipy's, E-tests with statsmodels'."""
    return str(import_module("benchmarks.time_series_comparison").compare_time_series(folder))


def compare_categories(folder: Path) -> str:
    """Measure a month of a republic, for which there is no peer."""
    from benchmarks import categories_comparison

    return categories_comparison.compare(folder)


def compare_map(folder: Path) -> str:
    """Compare the interactive map with folium's, in a browser."""
    return str(import_module("benchmarks.map_comparison").compare_map(folder))


def compare_drawing(folder: Path) -> str:
    """Measure all that is drawn of a month."""
    return str(import_module("benchmarks.drawing_comparison").compare_drawing(folder))


COMPARISONS = {
    "gi": compare_hot_spots,
    "placing": compare_placing,
    "density": compare_density,
    "time": compare_time,
    "points": compare_points,
    "scan": compare_scan,
    "categories": compare_categories,
    "map": compare_map,
    "drawing": compare_drawing,
    "job": compare_jobs,
}

DENSITY_ERRORS = ("relative", "worst", "of_highest")
TIMES = ["first call, s", "then, s", "peak MB", "times hotspot's"]


def _rows(
    lead: list[str], tools: dict[str, Measurement], ours: Measurement | None
) -> list[list[str]]:
    rows = []
    for name, of in tools.items():
        row = [*lead, name, _seconds(of.cold), _seconds(of.warm), f"{of.peak_mb:.0f}"]
        rows.append(row if ours is None else [*row, _ratio(of.warm / ours.warm)])
    return rows


def _whole_rows(job: str, programs: dict[str, Whole]) -> list[list[str]]:
    names = {"hotspot": "**hotspot**", "naive": "geopandas + esda + folium script"}
    names["reading"] = "hotspot's imports and reading the files, nothing else"
    return [
        [
            job,
            names[program],
            f"{of.seconds:.1f}",
            f"{of.span[0]:.1f} – {of.span[1]:.1f}",
            f"{of.cpu:.1f}",
            f"{of.peak_mb:.0f}",
        ]
        for program, of in programs.items()
    ]


def _seconds(seconds: float) -> str:
    digits = max(1, 1 - math.floor(math.log10(seconds)))
    return f"{seconds:.{digits}f}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def _bar(what: str, ratio: float, least: float) -> str:
    verdict = "met" if ratio >= least else "**not met**"
    return f"{what}: {_ratio(ratio)} ×, bar {least:g} ×: {verdict}"


def _bars(bars: Sequence[str]) -> str:
    return "\n".join(f"- {bar}" for bar in bars)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _check_equal(what: str, ours: float, theirs: float) -> None:
    if not math.isclose(ours, theirs, rel_tol=1e-9):
        raise AssertionError(f"{what} differ: {ours} here, {theirs} there")
