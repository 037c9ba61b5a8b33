"""Real cities through the front door: no record is lost, and counts are the published ones."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hotspot.job import Job, read_job
from hotspot.loaders.geocode import geocode
from hotspot.loaders.mahallas import read_mahallas
from hotspot.loaders.offenses import read_offenses
from hotspot.monthly import Month, run_month
from hotspot.placement import place_records
from hotspot.proposal import propose_job, write_job

# together they take most of a minute
pytestmark = pytest.mark.slow

TORONTO = "toronto_mci/toronto_mci_2014_2021.parquet"
ST_LOUIS = "stlouis_part1/stl_part1_2017_2019.parquet"
YORKSHIRE = "west_yorkshire_street/west_yorkshire_street_3xJuly.parquet"
PROPOSED = [
    (TORONTO, "toronto_mci/neighbourhood-crime-rates.geojson", 240_992),
    (TORONTO, "toronto_mci/nh_profiles_short_2016.geojson", 240_992),
    (ST_LOUIS, "stlouis_part1/stl_neighborhoods.geojson", 68_552),
    (YORKSHIRE, "west_yorkshire_street/wy_lsoa_2011.gpkg", 87_348),
    ("messy_formats/medellin_homicides.csv", "messy_formats/medellin_comunas.gpkg", 9_360),
    (
        "messy_formats/vancouver_thefts_2020.csv.gz",
        "messy_formats/vancouver_neighbourhoods.geojson",
        21_918,
    ),
    (
        "messy_formats/nottingham_burglary.csv.gz",
        "messy_formats/nottingham_wards.gpkg",
        1_795,
    ),
    ("messy_formats/nottingham_robbery.csv.gz", "messy_formats/nottingham_wards.gpkg", 555),
]


def _propose(shared: Path, offenses: str, mahallas: str, folder: Path) -> Job:
    text, _ = propose_job(shared / offenses, shared / mahallas, folder)
    write_job(text, folder / "job.toml")
    return read_job(folder / "job.toml")


def _length(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    return len(pd.read_csv(path, usecols=[0], sep=None, engine="python"))


@pytest.mark.parametrize(("offenses", "mahallas", "records"), PROPOSED)
def test_no_record_is_lost_by_a_proposed_job(
    shared: Path, tmp_path: Path, offenses: str, mahallas: str, records: int
) -> None:
    placement = place_records(_propose(shared, offenses, mahallas, tmp_path))
    assert records == _length(shared / offenses)
    assert placement.read == records
    placed = int(placement.placed.to_numpy().sum())
    assert placed + len(placement.rejected) == records
    assert placement.rejected["row"].is_unique
    assert int(placement.ways.to_numpy().sum()) == placed
    # what lies in the period nearly always lies in an area: the sources' own figure is 95.7 %
    outside = (placement.rejected["reason"] == "outside_period").sum()
    assert placed / (records - outside) >= 0.95


@pytest.fixture(scope="module")
def toronto(shared: Path) -> pd.DataFrame:
    """Return the placed records of Toronto."""
    records = read_offenses(
        shared / TORONTO,
        columns={"date": "occurrencedate", "kind": "MCI", "longitude": "Long", "latitude": "Lat"},
    )
    areas = read_mahallas(
        shared / "toronto_mci" / "neighbourhood-crime-rates.geojson", columns={"code": "Hood_ID"}
    )
    return geocode(records, areas).placed


@pytest.mark.parametrize(
    ("kind", "column", "least", "most"),
    # the shares of the published counts that the records hold, by year; the records are a part of
    # the city's, measured here from the neighbourhood that every record names
    [
        ("Assault", "Assault", 0.83, 0.85),
        ("Auto Theft", "AutoTheft", 0.88, 0.97),
        ("Break and Enter", "BreakAndEnter", 0.96, 0.985),
        ("Robbery", "Robbery", 0.715, 0.765),
        ("Theft Over", "TheftOver", 0.92, 0.98),
    ],
)
def test_toronto_agrees_with_what_the_city_publishes(
    shared: Path, toronto: pd.DataFrame, kind: str, column: str, least: float, most: float
) -> None:
    published = gpd.read_file(shared / "toronto_mci" / "neighbourhood-crime-rates.geojson")
    published = published.set_index(published["Hood_ID"].astype(int).astype(str))
    own = toronto[toronto["kind"] == kind]
    named = pd.read_parquet(shared / TORONTO, columns=["occurrencedate", "MCI"])
    named = named.loc[named["MCI"] == kind, "occurrencedate"].str[:4].astype(int).value_counts()
    for year in range(2014, 2021):
        theirs = published[f"{column}_{year}"]
        counts = own.loc[own["month"].dt.year == year, "mahalla_code"].value_counts()
        counts = counts.reindex(theirs.index, fill_value=0)
        assert counts.corr(theirs) >= 0.957
        assert least <= counts.sum() / theirs.sum() <= most
        # 99.76 % of all points lie in one of these polygons
        assert 0.99 <= counts.sum() / named[year] <= 1


def test_st_louis_counts_are_the_published_ones_to_the_record(shared: Path, tmp_path: Path) -> None:
    job = _propose(shared, ST_LOUIS, "stlouis_part1/stl_neighborhoods.geojson", tmp_path)
    panel = place_records(job).placed
    published = pd.read_csv(shared / "stlouis_part1" / "stl_neighborhood_rates_pop.csv")
    published = published[published["type"] == "part 1"]
    years = pd.PeriodIndex(panel.columns).year
    months = pd.PeriodIndex(panel.columns).month
    compared = 0
    for (year, span), table in published.groupby(["year", "range"]):
        theirs = table.set_index(table["nhd_num"].astype(str))["count"]
        # a partial year ends with September, the last month of the records
        ours = panel.loc[:, (years == year) & ((span == "full") | (months <= 9))].sum(axis=1)
        assert ours[theirs.index].to_dict() == theirs.to_dict()
        compared += len(theirs)
    assert compared == 5 * 79


def test_a_neighbourhood_without_geometry_is_kept(shared: Path, tmp_path: Path) -> None:
    job = _propose(shared, ST_LOUIS, "stlouis_part1/stl_neighborhoods.geojson", tmp_path)
    table = run_month(job, month="2018-12").table
    assert len(table) == 89
    (code,) = table.index[table.geometry.isna()]
    assert table.loc[code, "name"] == "Unallocated - Awaiting CQR"
    assert table.loc[code, ["gi_z", "gi_p", "gi_pop_p", "density"]].isna().all()
    # records come by code, so it could have been reached
    assert table.loc[code, ["count", "category"]].to_list() == [0, "green"]
    assert table["gi_p"].notna().sum() == 88


YORKSHIRE_JOB = """\
[offenses]
path = "{shared}/west_yorkshire_street/west_yorkshire_street_3xJuly.parquet"

[offenses.columns]
date = "Month"
kind = "Crime type"
mahalla_code = "LSOA code"
longitude = "Longitude"
latitude = "Latitude"

[mahallas]
path = "{shared}/west_yorkshire_street/wy_lsoa_population_2011.csv"
polygons = "{shared}/west_yorkshire_street/wy_lsoa_2011.gpkg"

[mahallas.columns]
code = "LSOA Code"
name = "LSOA Name"
district = "Local authority name"
population = "Persons"
"""


@pytest.fixture(scope="module")
def yorkshire(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Month:
    job = tmp_path_factory.mktemp("yorkshire") / "job.toml"
    job.write_text(YORKSHIRE_JOB.format(shared=shared.as_posix()), encoding="utf-8")
    return run_month(read_job(job))


def test_polygons_are_joined_to_a_table_with_thousands(yorkshire: Month, shared: Path) -> None:
    table = yorkshire.table
    assert len(table) == 1388
    assert table.geometry.notna().all()
    people = pd.read_csv(
        shared / "west_yorkshire_street" / "wy_lsoa_population_2011.csv", thousands=","
    ).set_index("LSOA Code")
    assert table["population"].astype(int).to_dict() == people["Persons"].to_dict()
    assert set(yorkshire.districts["district"].dropna()) == set(people["Local authority name"])
    records = yorkshire.account["records"]
    assert records["read"] == 87_348 == records["placed"] + records["rejected"]


def test_months_without_records_are_missing_and_not_zero(yorkshire: Month) -> None:
    # only the Julys of 2016, 2017 and 2018 are there
    assert str(yorkshire.month) == "2018-07"
    window = yorkshire.account["window"]
    assert len(window["months_without_records"]) == 11
    assert yorkshire.window.startswith("window 2017-08 to 2018-07, 1 of its 12 months with records")
    # nobody is green where eleven months were not seen, in this month or any before
    assert not (yorkshire.history == "green").any(axis=None)
    table = yorkshire.table
    empty = table[table["count"] == 0]
    assert len(empty) > 0
    assert (empty["category"] == "not_assessed").all()
    # a rate is over the one month that was observed
    rate = table["count"] / table["population"] * 12 * 100_000
    pd.testing.assert_series_equal(
        table["rate"].astype(float), rate.astype(float), check_names=False, rtol=1e-9
    )
    assert table["count_ytd"].isna().all() or (table["count_ytd"] >= table["count"]).all()


def test_july_counts_are_those_of_the_file(yorkshire: Month, shared: Path) -> None:
    records = pd.read_parquet(shared / YORKSHIRE, columns=["Month", "LSOA code"])
    july = records[records["Month"] == "2018-07"]["LSOA code"].value_counts()
    counts = yorkshire.table["count"]
    # every record with a code is placed by it, and all coordinates come with a code
    assert counts.to_dict() == july.reindex(counts.index, fill_value=0).to_dict()
