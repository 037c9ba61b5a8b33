"""A large job: 9,008 mahallas and a million records, written once and run without its files.

Run as ``python -m benchmarks.whole_job write FOLDER``, ``… run FOLDER`` and ``… read FOLDER``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import regions

JOB = """
[offenses]
path = "offenses.csv"
crs = "EPSG:4326"
from = "2022-02"
to = "2025-01"
[offenses.columns]
id = "id"
date = "date"
kind = "kind"
longitude = "lon"
latitude = "lat"
[mahallas]
path = "mahallas.gpkg"
[mahallas.columns]
code = "mahalla_code"
population = "population"
"""


def write_job(folder: Path) -> None:
    """Write the records and mahallas, and the job that names them."""
    from benchmarks.placing import records

    mahallas = regions.read_mahallas(folder, regions.SIZES[-1])
    offenses = records(len(mahallas), mahallas).rename(columns={"x": "lon", "y": "lat"})
    offenses[["id", "date", "kind", "lon", "lat"]].to_csv(
        folder / "offenses.csv", index=False, float_format="%.6f", date_format="%Y-%m-%d"
    )
    mahallas.reset_index().to_file(folder / "mahallas.gpkg")
    (folder / "job.toml").write_text(JOB, encoding="utf-8")


def run_job(folder: Path) -> None:
    """Decide the month's categories, and write nothing."""
    from hotspot import read_job, run_month

    month = run_month(read_job(folder / "job.toml"))
    print(month.table["category"].value_counts().to_dict())


def read_files(folder: Path) -> None:
    """Import what a run imports and read its two files, which no run can do without."""
    import geopandas
    import pyarrow.csv

    import hotspot.monthly  # noqa: F401

    pyarrow.csv.read_csv(folder / "offenses.csv")
    geopandas.read_file(folder / "mahallas.gpkg")


if __name__ == "__main__":
    {"write": write_job, "run": run_job, "read": read_files}[sys.argv[1]](Path(sys.argv[2]))
