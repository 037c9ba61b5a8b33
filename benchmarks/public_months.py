"""How much the public categories of all months tell of single months, on the sample region.

``python -m benchmarks.public_months`` prints the figures of docs/public.md: a month in the window
of a green one had nothing; the month that ended a row of greens had something, and so had the last
one that left the window before such a row began.
"""

from __future__ import annotations

import numpy as np

from hotspot import read_job, run_month
from hotspot.sample import sample_folder


def main() -> None:
    """Run the sample's month and print what its history of categories tells."""
    month = run_month(read_job(sample_folder() / "job.toml"))
    window = month.account["criteria"]["window_months"]
    green = (month.history == "green").to_numpy()
    seen = month.history.isin(["yellow", "red"]).to_numpy()
    some = month.counts.to_numpy() > 0
    first = list(month.counts.columns).index(month.history.columns[0])
    empty, full = np.zeros_like(some), np.zeros_like(some)
    for place in range(green.shape[1]):
        end = first + place
        empty[:, end - window + 1 : end + 1] |= green[:, [place]]
        if place:
            full[:, end] |= green[:, place - 1] & seen[:, place]
            full[:, end - window] |= seen[:, place - 1] & green[:, place]
    if (empty & some).any() or (full & ~some).any():
        raise AssertionError("a category tells what was not")
    print(
        f"{some.shape[0]} mahallas, {green.shape[1]} published months, {some.shape[1]} of records"
    )
    print(f"told that nothing was counted: {empty.mean():.1%} of the single months")
    print(f"nothing was counted in {1 - some.mean():.1%}")
    print(f"told that something was: {full.mean():.1%}")
    print(f"of those in which something was: {full[some].mean():.1%}")


if __name__ == "__main__":
    main()
