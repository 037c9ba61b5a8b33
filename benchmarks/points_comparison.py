"""Points as tables with their bars; nothing large is imported here."""

from __future__ import annotations

from pathlib import Path

from benchmarks import comparisons
from benchmarks.measure import measure

KNOX = ((200, 99), (200, 999), (1000, 99))
MEMORY_MB = 500


def compare(_: Path) -> str:
    """Compare Knox with pointpats', and DBSCAN with scikit-learn's."""
    rows, bars = [], []
    for radius_m, permutations in KNOX:
        options = {"radius_m": radius_m, "permutations": permutations, "repeats": 2}
        ours = measure("points.knox_test", **options)
        tools = {
            "**hotspot**": ours,
            "pointpats, `knox`": measure("points.pointpats_function", **options),
        }
        if radius_m == min(KNOX)[0] and permutations == min(KNOX)[1]:
            tools["pointpats, `Knox`"] = measure(
                "points.pointpats_class", **options | {"repeats": 0}
            )
        for peer in tools.values():
            comparisons._check_equal("Knox", ours.answer["observed"], peer.answer["observed"])
        lead = [f"{radius_m:,} m", str(permutations)]
        rows += comparisons._rows(lead, tools, ours)
        quickest = min(of.warm for name, of in tools.items() if of is not ours)
        what = f"Knox, {radius_m:,} m, {permutations} permutations, pointpats"
        bars.append(comparisons._bar(what, quickest / ours.warm, 3))
    table = measure("points.table", repeats=1)
    rows += comparisons._rows(["2,000 m, 210 cells", "999"], {"`near_repeat_table`": table}, None)
    rows[-1].append("")
    peak = max(ours.peak_mb, table.peak_mb)
    verdict = "met" if peak < MEMORY_MB else "**not met**"
    bars.append(f"Knox and the table, memory: {peak:.0f} MB, bar < {MEMORY_MB} MB: {verdict}")

    ours, peer = measure("points.own_dbscan"), measure("points.sklearn_dbscan")
    if ours.answer != peer.answer:
        raise AssertionError(f"scikit-learn clusters otherwise: {peer.answer}, {ours.answer}")
    tools = {"**hotspot**, `dbscan`": ours, "scikit-learn, `DBSCAN`": peer}
    clusters = comparisons._rows(["100,000"], tools, ours)
    return "\n\n".join(
        [
            "Knox on 10,000 events, 7 days:",
            comparisons._table(["within", "permutations", "test", *comparisons.TIMES], rows),
            comparisons._bars(bars),
            "Clusters within 100 m:",
            comparisons._table(["points", "method", *comparisons.TIMES], clusters),
        ]
    )
