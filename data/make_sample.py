"""Make the invented sample region again, byte for byte: python data/make_sample.py [FOLDER]."""

import os
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sample_dirt import soil
from sample_geometry import DISTRICTS, MAHALLAS, draw_cells, place_seeds
from sample_names import draw_names, to_cyrillic, to_russian
from sample_offenses import draw_records, plant

SEED = 1767
JOB = """\
# the invented sample region: see README.md one folder up
month = "2025-01"

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
mahalla_code = "mahalla_code"
mahalla = "mahalla"
district = "district"
registered = "registered"

[offenses.kinds]
counted = ["theft", "robbery", "burglary", "hooliganism", "bodily_harm", "domestic", "fraud"]
excluded = ["cyber"]
sensitive = ["domestic"]

[offenses.kinds.groups]
property = ["theft", "burglary", "fraud"]
violence = ["robbery", "hooliganism", "bodily_harm", "domestic"]
domestic = ["domestic"]

# how grave each is, in days: invented, as the region is
[offenses.kinds.weights]
theft = 20
robbery = 365
burglary = 120
hooliganism = 15
bodily_harm = 180
domestic = 60
fraud = 30

[mahallas]
path = "mahallas.gpkg"
layer = "mahallas"

[mahallas.columns]
code = "mahalla_code"
name = "name"
name_cyrl = "name_cyrl"
name_ru = "name_ru"
district = "district"
region = "region"
population = "population"
stir = "stir"

[mahallas.groups]
sector = "sector"

[criteria]
use = "analytical-12m"

[report]
languages = ["en"]
"""


def make_mahallas(
    rng: np.random.Generator, naming: np.random.Generator
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Invent the mahallas: a table on `mahalla_code`, and a polygon for each."""
    seeds, districts = place_seeds(rng)
    cells = draw_cells(seeds, MAHALLAS, rng)
    rows = []
    for number, (soato, district, quota, _) in enumerate(DISTRICTS):
        names = draw_names(quota, naming)
        for place, name in enumerate(names, start=1):
            rows.append(
                {
                    "mahalla_code": f"{soato}{place:03d}",
                    "name": f"{name} MFY",
                    "name_cyrl": f"{to_cyrillic(name)} МФЙ",
                    "name_ru": f"{to_russian(name)} МСГ",
                    "district": district,
                    "region": "Qashqadaryo viloyati",
                    "number": number,
                }
            )
    table = pd.DataFrame(rows)
    assert table.pop("number").to_list() == districts
    table["population"] = _draw_population(seeds[:MAHALLAS], table["district"], rng)
    stir = rng.choice(1_000_000, MAHALLAS, replace=False)
    table["stir"] = [f"20{number:07d}" for number in 3 * stir]
    centre = np.array([DISTRICTS[number][3] for number in districts])
    east, north = (seeds[:MAHALLAS] > centre).T
    table["sector"] = 1 + 2 * north.astype(int) + (north ^ east).astype(int)
    return table.set_index("mahalla_code"), cells


def _draw_population(
    seeds: NDArray[np.float64], district: pd.Series, rng: np.random.Generator
) -> NDArray[np.int64]:
    x, y = seeds.T
    # populous and empty stretches alternate over some twenty kilometres
    stretch = np.sin(x / 9 + 1.3) * np.cos(y / 8 + 0.4) + 0.5 * np.sin((x + y) / 15)
    city = district.str.endswith("shahri").to_numpy()
    size = np.exp(0.28 * stretch + 0.38 * city + rng.normal(0, 0.2, len(seeds)))
    people: NDArray[np.int64] = np.clip(4170 * size / size.mean(), 1500, 9000).round().astype(int)
    return people


def make_sample(folder: Path) -> None:
    """Write every file of the sample into the folder."""
    # separate streams, so that another name or kind leaves the map as it is
    mapping, naming, rng = np.random.default_rng(SEED).spawn(3)
    mahallas, cells = make_mahallas(mapping, naming)
    truth = plant(mahallas, cells, rng)
    ordinary = np.flatnonzero(truth["planted"] == "")
    lost = rng.choice(ordinary, round(MAHALLAS / 10), replace=False)
    mahallas["polygon"] = ~np.isin(np.arange(MAHALLAS), lost)
    records, dirty = soil(draw_records(mahallas, truth, cells, rng), mahallas, cells, rng)

    folder.mkdir(parents=True, exist_ok=True)
    _write_layer(mahallas, cells, folder / "mahallas.gpkg")
    _write_table(records, folder / "offenses.csv")
    _write_table(truth.reset_index(), folder / "truth.csv")
    _write_table(dirty, folder / "dirty.csv")
    (folder / "job.toml").write_text(JOB, encoding="utf-8", newline="\n")


def _write_layer(mahallas: pd.DataFrame, cells: NDArray[np.object_], path: Path) -> None:
    # a geopackage carries the time of its making unless told another
    os.environ["OGR_CURRENT_DATE"] = "2025-02-01T00:00:00.000Z"
    shape = shapely.normalize(cells)
    shape[~mahallas["polygon"].to_numpy()] = None
    table = mahallas.drop(columns="polygon").reset_index()
    path.unlink(missing_ok=True)
    layer = gpd.GeoDataFrame(table, geometry=shape, crs="EPSG:4326")
    layer.to_file(path, layer="mahallas", driver="GPKG", engine="pyogrio")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    make_sample(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "sample"))
