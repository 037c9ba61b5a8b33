"""Roll-ups that add up at every level, and rankings counted again by hand and by brute force."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import box
from statsmodels.stats.rates import test_poisson_2indep as compare_rates

from hotspot import columns
from hotspot.folder import write_month
from hotspot.job import Job, read_job
from hotspot.monthly import Month, run_month
from hotspot.placement import Placement, place_records
from hotspot.sample import sample_folder
from hotspot.statistics.counts import year_to_date
from hotspot.verification import verify
from hotspot.whole import hash_file

SUMS = ["mahallas", "red", "yellow", "green", "not_assessed", "offenses", "population"]
JOB = """\
month = "2025-02"
[offenses]
path = "offenses.csv"
[offenses.columns]
date = "date"
kind = "kind"
mahalla_code = "code"
district = "district"
[mahallas]
path = "mahallas.geojson"
[mahallas.columns]
code = "code"
name = "name"
district = "district"
region = "region"
population = "people"
"""
GROUPS = '[offenses.kinds.groups]\nyouth = ["noise", "Brawl"]\nother = ["theft"]\n'
# the same district's name in two regions, and a mahalla of no region
PLACES = [
    ("m1", "A", "North", 1000),
    ("m2", "A", "North", 3000),
    ("m3", "A", "South", 2000),
    ("m4", "B", "North", 2000),
    ("m5", "B", "East", 1000),
    ("m6", None, "West", 0),
]


def table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.names(name))
    for column in columns.TABLES[name]:
        if column.type == "integer":
            frame[column.name] = frame[column.name].astype("Int64")
    return frame


@pytest.fixture
def run(tmp_path: Path):
    """Return a function that runs six mahallas in two regions with these records more."""

    def run(records: str = "", *, job: str = JOB + GROUPS, skip: tuple[str, ...] = ()) -> Month:
        months = [str(m) for m in pd.period_range("2024-01", "2025-02", freq="M")]
        usual = "".join(f"m2,{month}-05,theft,\n" for month in months if month not in skip)
        (tmp_path / "offenses.csv").write_text(f"code,date,kind,district\n{usual}{records}")
        frame = pd.DataFrame(PLACES, columns=["code", "region", "district", "people"])
        squares = [box(66 + 0.02 * i, 39, 66.02 + 0.02 * i, 39.02) for i in range(len(frame))]
        layer = gpd.GeoDataFrame(
            frame.assign(name="=" + frame["code"]), geometry=squares, crs="EPSG:4326"
        )
        (tmp_path / "mahallas.geojson").write_text(layer.to_json(), encoding="utf-8")
        (tmp_path / "job.toml").write_text(job, encoding="utf-8")
        return run_month(read_job(tmp_path / "job.toml"))

    return run


@pytest.fixture(scope="module")
def job() -> Job:
    return read_job(sample_folder() / "job.toml")


@pytest.fixture(scope="module")
def sample(job: Job) -> Month:
    return run_month(job)


@pytest.fixture(scope="module")
def placement(job: Job) -> Placement:
    return place_records(job)


def adds_up(month: Month) -> None:
    """Assert that the sums are the same at every level, and those of the account."""
    regions, districts, mahallas = month.rankings["regions"], month.districts, month.table
    for rolled in (regions, districts, *month.groups.values()):
        pd.testing.assert_series_equal(
            rolled[SUMS].iloc[:-1].sum(), rolled[SUMS].iloc[-1], check_names=False
        )
    pd.testing.assert_frame_equal(
        districts.drop(columns="district").iloc[[-1]].reset_index(drop=True),
        regions.iloc[[-1]].reset_index(drop=True),
    )
    by_region = districts.iloc[:-1].groupby("region", dropna=False)[[*SUMS, "unplaced"]].sum()
    levels = regions.iloc[:-1].set_index("region")[[*SUMS, "unplaced"]]
    # a region of which no population is known has none
    pd.testing.assert_frame_equal(by_region, levels.fillna(0), check_like=True)
    assert districts["offenses"].iloc[-1] == mahallas["count"].sum()
    assert mahallas["count"].sum() == month.account["records"]["in_window"]
    assert districts["mahallas"].iloc[-1] == len(mahallas)
    # placed and not placed are all that should have been placed
    window = month.account["window"]
    unplaced = month.rejected[month.rejected["reason"].isin(columns.UNPLACED)]
    day = pd.to_datetime(unplaced["date"], format="%Y-%m-%d", errors="coerce")
    inside = day.dt.to_period("M").between(pd.Period(window["from"]), pd.Period(window["to"]))
    assert districts["unplaced"].iloc[-1] == inside.sum()


def test_the_sample_adds_up_at_every_level(sample: Month) -> None:
    adds_up(sample)
    assert len(sample.rankings["regions"]) == 2


def test_a_region_that_does_not_add_up_is_found(sample: Month, tmp_path: Path) -> None:
    folder = write_month(sample, tmp_path, drawings=False)
    assert verify(folder) == []
    regions = (folder / "regions.csv").read_text(encoding="utf-8")
    count = int(sample.table["count"].sum())
    assert regions.count(f",{count},") == 2
    (folder / "regions.csv").write_text(
        regions.replace(f",{count},", f",{count - 1},", 1), encoding="utf-8"
    )
    account = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    account["outputs"]["regions.csv"] = hash_file(folder / "regions.csv")
    (folder / "run.json").write_text(json.dumps(account), encoding="utf-8")
    assert verify(folder) == [
        f"{folder}: offenses of the regions, and their total are {count - 1} and {count}"
    ]


def test_two_regions_add_up_with_what_is_not_placed(run) -> None:
    month = run(
        "m1,2025-01-03,noise,\nm3,2025-01-03,noise,\nm5,2025-01-03,brawl,\nm6,2025-02-03,theft,\n"
        # not placed: of South, of East, of East before the window, of nowhere known, of nothing
        "x9,2025-01-03,noise,South\nx9,2024-12-03,theft,East\nx9,2024-01-03,theft,East\n"
        "x9,2025-02-03,theft,Atlantis\nx9,2025-02-03,theft,\n"
    )
    adds_up(month)
    regions = month.rankings["regions"]
    assert regions["region"].fillna("none").tolist() == ["A", "B", "none", "total"]
    assert regions["offenses"].tolist() == [14, 1, 1, 16]
    # the two of no district of the mahallas are in the total alone
    assert regions["unplaced"].tolist() == [1, 1, 0, 4]
    assert regions["hit_rate"].iloc[-1] == pytest.approx(16 / 20)
    # the two are shared out by the number of records: 18 that name a district or are placed
    assert regions["hit_rate"].iloc[0] == pytest.approx(14 / (15 * 20 / 18))
    assert month.table.loc["m1", "count"] == 1


def test_districts_are_ranked_by_rate_reds_and_growth(run) -> None:
    # all windows of a year: South 3 of 2,000 people, East 1 of 1,000, North of A 12 of 4,000
    month = run(
        "m3,2025-01-03,noise,\nm3,2025-01-04,noise,\nm3,2024-02-04,noise,\n"
        "m3,2024-05-04,noise,\nm5,2024-06-04,noise,\n"
    )
    ranked = month.rankings["district_ranking"].set_index(["region", "district"])
    assert list(ranked.index[:3]) == [("A", "North"), ("A", "South"), ("B", "East")]
    # nothing is known to reach the others, so that they have no rate
    assert ranked["rate"].iloc[:3].tolist() == pytest.approx([300.0, 150.0, 100.0])
    assert ranked["rate_rank"].isna().tolist() == [False, False, False, True, True]
    assert ranked["rate_rank"].tolist()[:3] == [1, 2, 3]
    south = ranked.loc[("A", "South")]
    assert (south["count_ytd"], south["count_ytd_last_year"]) == (2, 1)
    assert south["change_ytd"] == pytest.approx(1.0)
    assert south["change_rank"] == 1
    assert ranked.loc[("A", "North"), "change_ytd"] == 0
    # nothing last year: no growth in percent, but a test
    east = ranked.loc[("B", "East")]
    assert pd.isna(east["change_ytd"])
    assert pd.isna(east["change_rank"])
    assert east["p_change"] == 1
    assert (ranked["red_share"] == ranked["red"] / ranked["mahallas"]).all()


def test_kinds_and_groups_of_the_sample_are_its_records(
    sample: Month, placement: Placement, job: Job
) -> None:
    kinds = sample.rankings["kinds"]
    whole = kinds[kinds["region"] == "total"].set_index(["what", "kind"])
    counts = ["count", "count_ytd", "count_ytd_last_year"]
    of_kinds = whole.loc["kind", counts]
    # every placed record has one kind
    assert of_kinds.sum().to_dict() == whole.loc[("all", ""), counts].to_dict()
    assert sorted(of_kinds.index) == sorted(job.offenses.kinds.counted or [])
    for group, members in job.offenses.kinds.groups.items():
        assert whole.loc[("group", group), counts].to_dict() == (
            of_kinds.loc[members].sum().to_dict()
        )
    # districts add up to the whole
    parts = kinds[kinds["region"] != "total"].groupby(["what", "kind"])[counts].sum()
    pd.testing.assert_frame_equal(parts, whole[counts], check_like=True, check_names=False)
    by_district = year_to_date(placement.kinds.panel(["theft"]), sample.month).groupby(
        placement.mahallas["district"]
    )
    theft = kinds[(kinds["kind"] == "theft") & kinds["district"].notna()].set_index("district")
    assert theft["count_ytd"].to_dict() == by_district["count_ytd"].sum().to_dict()


def test_the_p_of_a_kind_is_that_of_statsmodels(sample: Month) -> None:
    kinds = sample.rankings["kinds"]
    for row in kinds[kinds["region"] == "total"].itertuples():
        found = compare_rates(row.count_ytd, 1, row.count_ytd_last_year, 1, method="etest-wald")
        assert row.p_change == pytest.approx(found.pvalue, abs=1e-9)


def test_a_year_that_misses_a_month_is_compared_by_the_month(run) -> None:
    month = run("m3,2025-02-03,noise,\nm3,2024-02-03,noise,\n", skip=("2025-01",))
    kinds = month.rankings["kinds"].set_index(["kind", "region"])
    # one month of this year, two of last year's, each with one theft
    theft = kinds.loc[("theft", "total")]
    assert (theft["count_ytd"], theft["count_ytd_last_year"]) == (1, 2)
    assert theft["change_ytd"] == 0
    found = compare_rates(1, 1, 2, 2, method="etest-wald")
    assert theft["p_change"] == pytest.approx(found.pvalue, abs=1e-9)
    # and last year's is not there where a month of it is not
    month = run("m3,2025-02-03,noise,\n", skip=("2024-02",))
    kinds = month.rankings["kinds"]
    assert kinds[["count_ytd_last_year", "change_ytd", "p_change"]].isna().all(axis=None)


def test_mahallas_are_ranked_within_their_group(run) -> None:
    month = run(
        "m3,2025-01-03,noise,\nm3,2025-02-03,BRAWL,\nm5,2024-05-03,brawl,\nm4,2025-02-03,noise,\n"
        "m1,2024-02-03,noise,\n"
    )
    rankings = month.rankings["rankings"]
    youth = rankings[rankings["group"] == "youth"].set_index("mahalla_code")
    # that of February of last year is before the window
    assert youth["rank"].to_dict() == {"m3": 1, "m4": 2, "m5": 2}
    assert youth["count"].to_dict() == {"m3": 2, "m4": 1, "m5": 1}
    assert youth["count_month"].to_dict() == {"m3": 1, "m4": 1, "m5": 0}
    assert youth["count_ytd"].to_dict() == {"m3": 2, "m4": 1, "m5": 0}
    # two a year among 2,000 people
    assert youth.loc["m3", "rate"] == pytest.approx(100.0)
    other = rankings[rankings["group"] == "other"]
    assert other["mahalla_code"].tolist() == ["m2"]
    # the groups are in the job's order
    assert rankings["group"].unique().tolist() == ["youth", "other"]


def test_all_that_share_the_last_rank_are_listed(sample: Month, placement: Placement) -> None:
    groups = sample.account["chosen"]["kind_groups"]
    rankings = sample.rankings["rankings"]
    for group, kinds in groups.items():
        count = placement.kinds.panel(kinds).loc[:, "2024-02":].sum(axis=1)
        twentieth = count.sort_values(ascending=False).iloc[19]
        listed = rankings[rankings["group"] == group].set_index("mahalla_code")
        assert len(listed) >= 20
        assert set(listed.index) == set(count.index[count >= twentieth])
        for code, row in listed.iterrows():
            assert row["count"] == count[code]
            assert row["rank"] == (count > count[code]).sum() + 1


def test_without_kinds_and_groups_there_are_no_tables_of_them(run, tmp_path: Path) -> None:
    month = run(job=JOB)
    assert list(month.rankings) == ["regions", "district_ranking", "kinds"]
    month = run(job=JOB.replace('kind = "kind"\n', ""))
    assert list(month.rankings) == ["regions", "district_ranking"]
    folder = write_month(month, tmp_path / "out", drawings=False)
    assert not (folder / "kinds.csv").exists()
    assert not (folder / "rankings.csv").exists()


def test_the_account_says_which_groups_and_weights(sample: Month, job: Job) -> None:
    chosen = sample.account["chosen"]
    assert chosen["kind_groups"] == job.offenses.kinds.groups
    assert chosen["kind_weights"] == job.offenses.kinds.weights


@pytest.mark.filterwarnings("ignore:Sparkline Group extension")
def test_the_workbook_has_a_sheet_of_each_and_no_formula(run, tmp_path: Path) -> None:
    month = run("m3,2025-01-03,=1+1,\nm3,2025-02-03,brawl,\n")
    folder = write_month(month, tmp_path / "out")
    book = openpyxl.load_workbook(folder / "categories.xlsx")
    for name, title in (("rankings", "Mahalla rankings"), ("kinds", "Kinds")):
        sheet = book[title]
        (head,) = [row[0].row for row in sheet.iter_rows() if row[0].font.b and row[1].value]
        assert len([cell for cell in sheet[head] if cell.value]) == len(columns.names(name))
        written = pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")
        assert sheet.max_row == len(written) + head
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert "=1+1" in [cell.value for cell in book["Kinds"]["B"]]
    assert book["Mahalla rankings"]["A1"].value == "Mahalla rankings, February 2025"
