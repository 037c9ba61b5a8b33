"""The map's flip distances, all at once with Gi* held, beside those that decide everything anew.

``python -m benchmarks.flip_distances`` prints the figures of docs/map.md for every twelfth mahalla
of the sample region.
"""

from __future__ import annotations

import time

import pandas as pd

from hotspot import read_job, run_month
from hotspot.flips import flip_distances
from hotspot.sample import sample_folder
from hotspot.uncertainty import flip_distance

EVERY = 12


def main() -> None:
    """Compare both ways, mahalla by mahalla, and print where they differ."""
    month = run_month(read_job(sample_folder() / "job.toml"))
    window = month.setting.window(month.month, month.history.iloc[:, -2])
    start = time.perf_counter()
    found = flip_distances(window)
    print(f"all {len(found)} at once: {time.perf_counter() - start:.1f} s")
    codes = found.index[::EVERY]
    start = time.perf_counter()
    anew = {code: flip_distance(window, code) for code in codes}
    print(f"{len(codes)} by themselves: {time.perf_counter() - start:.1f} s")
    for way in ("more", "fewer"):
        exact = pd.Series({code: anew[code][way] for code in codes}, dtype=float)
        held = found.loc[codes, way].astype(float)
        # nan in both: nothing turns it
        same = (held == exact) | (held.isna() & exact.isna())
        print(f"{way}: {same.sum()} of {len(codes)} the same")
        print("  ", [f"{code}: {held[code]:g}, anew {exact[code]:g}" for code in codes[~same]])


if __name__ == "__main__":
    main()
