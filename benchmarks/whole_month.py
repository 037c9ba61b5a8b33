"""A month of an invented republic, five years of records: evidence, categories, reasons, redraws.

Run as ``python -m benchmarks.whole_month FOLDER`` to write the job beside the regions.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special, stats

from benchmarks import regions
from benchmarks.measure import Case

if TYPE_CHECKING:
    from hotspot.monthly import Month

SIZE = regions.SIZES[-1]
MONTHS = 60
LAST = pd.Period("2025-01", freq="M")
# of each hundred records so many name a district and nothing else
UNPLACED = 4
JITTER_M = 150.0
JOB = """
month = "2025-01"
[offenses]
path = "republic.parquet"
crs = "EPSG:32642"
from = "2020-02"
to = "2025-01"
[offenses.columns]
id = "id"
date = "date"
kind = "kind"
longitude = "x"
latitude = "y"
mahalla_code = "mahalla_code"
district = "district"
[mahallas]
path = "republic.gpkg"
[mahallas.columns]
code = "mahalla_code"
name = "name"
district = "district"
region = "region"
population = "population"
"""


def write_republic(folder: Path) -> None:
    """Write 9,008 mahallas with districts and regions, 60 months of records, and their job."""
    rng = np.random.default_rng(SIZE)
    mahallas = regions.read_mahallas(folder, SIZE)
    inside = mahallas.representative_point()
    # fourteen regions of fifteen districts each, as fields of a board
    column = pd.qcut(inside.x, 14, labels=False)
    row = inside.y.groupby(column).transform(lambda y: pd.qcut(y, 15, labels=False))
    mahallas["region"] = [f"Region {c:02d}" for c in column]
    mahallas["district"] = [
        f"District {c:02d}{int(r):02d}" for c, r in zip(column, row, strict=True)
    ]
    mahallas["name"] = [f"Mahalla {i}" for i in range(len(mahallas))]
    links = regions.read_graph(folder, SIZE).assign_self_weight(1).sparse
    risk = stats.gamma.ppf(special.ndtr(regions._smooth_normal(links, rng)), regions.DISPERSION)
    mean = risk * (regions.YEARLY_MEAN / 12 / regions.DISPERSION)
    counts = rng.poisson(np.repeat(mean[:, None], MONTHS, axis=1))
    where, when = (np.repeat(of, counts.ravel()) for of in np.indices(counts.shape).reshape(2, -1))
    months = pd.period_range(end=LAST, periods=MONTHS, freq="M")
    day = pd.to_timedelta(rng.integers(0, 28, len(where)), unit="D")
    records = pd.DataFrame(
        {
            "id": [f"R{i:07d}" for i in range(len(where))],
            "date": months.to_timestamp()[when] + day,
            "kind": "theft",
            "x": inside.x.to_numpy()[where] + rng.uniform(-JITTER_M, JITTER_M, len(where)),
            "y": inside.y.to_numpy()[where] + rng.uniform(-JITTER_M, JITTER_M, len(where)),
            "mahalla_code": mahallas.index.to_numpy()[where],
            "district": mahallas["district"].to_numpy()[where],
        }
    )
    records.loc[rng.uniform(size=len(records)) < UNPLACED / 100, ["x", "y", "mahalla_code"]] = None
    records.to_parquet(folder / "republic.parquet")
    mahallas.reset_index().to_file(folder / "republic.gpkg")
    (folder / "republic.toml").write_text(JOB, encoding="utf-8")


def month(folder: str) -> Case:
    """Do the monthly job from the files to the categories with their reasons, nothing drawn."""
    from hotspot import read_job, run_month

    job = read_job(Path(folder) / "republic.toml")
    return lambda: run_month(job), _tell


def redraws(folder: str) -> Case:
    """Draw the counts of the month 200 times and decide each."""
    from hotspot import read_job, run_month
    from hotspot.uncertainty import red_probability

    done = run_month(read_job(Path(folder) / "republic.toml"))
    window = done.setting.window(done.setting.placement.month, done.history.iloc[:, -2])
    return lambda: red_probability(window), lambda found: {"mean": float(found.mean())}


def otherwise(folder: str) -> Case:
    """Decide the month again with other windows, neighbours and the unplaced shared out."""
    from hotspot import read_job, run_month
    from hotspot.stability import decide_variants

    job = read_job(Path(folder) / "republic.toml")
    done = run_month(job)
    previous = done.history.iloc[:, -2]
    return lambda: decide_variants(done.setting, job, previous), lambda found: {
        name: int((found[name] == "red").sum()) for name in found
    }


def backtest(folder: str) -> Case:
    """Test the categories of all months, with the summary and its intervals."""
    from hotspot import read_job, run_month
    from hotspot.backtest import backtest_categories, summarise_backtest

    done = run_month(read_job(Path(folder) / "republic.toml"))
    area, people = (done.table.geometry.area / 1e6, done.table["population"].astype(float))

    def work() -> pd.DataFrame:
        table = backtest_categories(
            done.history, done.counts, method="ours", area=area, population=people
        )
        return summarise_backtest(table, method="ours")

    return work, lambda found: {"rows": len(found)}


def _tell(done: Month) -> dict[str, Any]:
    categories = done.table["category"].value_counts()
    return {
        "months": done.counts.shape[1],
        "records": done.account["records"]["read"],
        **{name: int(categories[name]) for name in ("green", "yellow", "red")},
    }


if __name__ == "__main__":
    write_republic(Path(sys.argv[1]))
