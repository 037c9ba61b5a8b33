"""A region of which stories are told: other offenses, the same categories."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

MONTHS = pd.period_range("2022-02", "2025-01", freq="M")
DISTRICTS = ("Guzor", "Kitob", "Koson")
SENSITIVE = "zqxdomestic"
KINDS = ("theft", "robbery", SENSITIVE)
LANGUAGES = ("en", "ru")

# of the eight mahallas of each district the months since the first, and the offenses then in each
# of the three stories; between them is a year or more, so that no window holds two of them. The
# first two have the same categories, all three the same reds
PLOTS: tuple[dict[int, tuple[int, int, int]], ...] = (
    dict.fromkeys(range(36), (3, 7, 4)),
    {8: (0, 0, 2)},
    {5: (1, 2, 0), 20: (1, 2, 0)},
    {30: (1, 2, 0)},
    {12: (3, 17, 5)},
    {26: (4, 3, 9)},
    {0: (1, 2, 0), 33: (3, 9, 3)},
    {22: (0, 0, 1)},
)
# of every month: of some districts too many for a zero to be believed
UNPLACED = {"Guzor": (0, 0, 9), "Kitob": (5, 2, 0), "Koson": (0, 1, 0)}
MORE = (10, 55, 0)

JOB = """\
[offenses]
path = "records-{story}.csv"
from = "2022-02"
to = "2025-01"
[offenses.columns]
id = "id"
date = "date"
kind = "kind"
longitude = "lon"
latitude = "lat"
mahalla_code = "code"
mahalla = "name"
district = "district"
[offenses.kinds]
counted = ["theft", "robbery", "zqxdomestic"]
excluded = ["zqxcyber"]
sensitive = ["zqxdomestic"]
[offenses.kinds.groups]
zqxyouth = ["theft"]
[mahallas]
path = "places-{story}.geojson"
[mahallas.columns]
code = "code"
name = "name"
name_ru = "name_ru"
district = "district"
region = "region"
population = "people"
[mahallas.groups]
sector = "sector"
[criteria]
path = "criteria.toml"
[report]
languages = ["en", "ru"]
public = true
"""
CRITERIA = """\
name = "three"
version = "7"
window_months = 12
min_hit_rate = 0.85
[green]
all = ["count == 0"]
[red]
all = ["count >= 3"]
[red.stay]
all = ["count >= 2"]
"""


def mahallas(story: int) -> gpd.GeoDataFrame:
    """Return the mahallas of a story; only how many people live there is another."""
    number = np.arange(24)
    return gpd.GeoDataFrame(
        {
            "code": [f"17102{n // 8:02}{n % 8:03}" for n in number],
            "name": [f"Bahor {n}" for n in number],
            "name_ru": [f"Весна {n}" for n in number],
            "district": [DISTRICTS[n // 8] for n in number],
            "region": "Qashqadaryo",
            "sector": [f"s{n % 3}" for n in number],
            "people": (1 + story) * (1000 + 37 * number),
        },
        geometry=[
            box(west, south, west + 0.02, south + 0.02)
            for west, south in zip(66 + 0.02 * (number % 6), 39 + 0.02 * (number // 6), strict=True)
        ],
        crs="EPSG:4326",
    )


def records(story: int) -> pd.DataFrame:
    """Return the offenses of a story: other numbers, kinds, days, points and ids."""
    draw = np.random.default_rng(story)
    places = mahallas(story)
    rows = []
    for number, place in enumerate(places.itertuples()):
        for month, counts in PLOTS[number % 8].items():
            rows += [(MONTHS[month], place.code, "")] * counts[story]
    for district, counts in UNPLACED.items():
        rows += [(month, "", district) for month in MONTHS for _ in range(counts[story])]
    table = pd.DataFrame(rows, columns=["month", "code", "district"])
    table["name"] = np.where(table["code"] == "", "Nowhere", "")
    table["kind"] = draw.choice(KINDS, len(table), p=np.roll([0.6, 0.3, 0.1], story))
    more = table.head(MORE[story]).assign(kind="zqxcyber")
    table = pd.concat([table, more], ignore_index=True)
    days = draw.integers(1, 29, len(table))
    table["date"] = table["month"].astype(str) + [f"-{day:02}" for day in days]
    centres = places.set_index("code").geometry.to_crs(32642).centroid.to_crs(4326)
    for column, axis in (("lon", centres.x), ("lat", centres.y)):
        shifted = table["code"].map(axis) + draw.uniform(-0.008, 0.008, len(table))
        table[column] = shifted.map("{:.6f}".format).where(table["code"] != "", "")
    table["id"] = [f"zqx{story}{number:05}" for number in range(len(table))]
    return table.drop(columns="month").sample(frac=1, random_state=story)
