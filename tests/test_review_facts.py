"""What the review is told of a month: periods, and offenses beside last year's by other means."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from hotspot.account import LONG
from hotspot.job import Job, read_job
from hotspot.language import speaking
from hotspot.monthly import Month, run_month
from hotspot.reports.report_content import compose_report
from hotspot.review_facts import gather_facts, periods_of
from hotspot.statistics.change import e_test

JOB = """\
month = "2025-03"
[offenses]
path = "offenses.csv"
from = "2023-01"
to = "2025-03"
[offenses.columns]
date = "date"
kind = "kind"
mahalla_code = "code"
district = "district"
[offenses.kinds.groups]
property = ["theft"]
[mahallas]
path = "mahallas.geojson"
[mahallas.columns]
code = "code"
name = "name"
district = "district"
region = "region"
population = "people"
"""


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    """Make a record in m1 every month, two more in the spring of each year, none in May 2024."""
    rows = [
        (code, f"{month}-05", kind)
        for month in pd.period_range("2023-01", "2025-03", freq="M")
        if str(month) != "2024-05"
        for code, kind, months in (
            ("m1", "theft", range(1, 13)),
            ("m2", "noise", (2, 3)),
            ("m3", "theft", (3,) if month.year == 2025 else ()),
        )
        if month.month in months
    ]
    return pd.DataFrame(rows, columns=["code", "date", "kind"])


@pytest.fixture(scope="module")
def job(records: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder: Path = tmp_path_factory.mktemp("job")
    records.assign(district="").to_csv(folder / "offenses.csv", index=False)
    layer = gpd.GeoDataFrame(
        {
            "code": ["m1", "m2", "m3", "m4"],
            "name": ["One", "Two", "Three", "Four"],
            "district": ["A", "A", "B", "B"],
            "region": "North",
            "people": [1000, 2000, 3000, 4000],
        },
        geometry=[box(66 + 0.02 * i, 39, 66.02 + 0.02 * i, 39.02) for i in range(4)],
        crs="EPSG:4326",
    )
    (folder / "mahallas.geojson").write_text(layer.to_json(), encoding="utf-8")
    (folder / "job.toml").write_text(JOB, encoding="utf-8")
    return read_job(folder / "job.toml")


@pytest.fixture(scope="module")
def month(job: Job) -> Month:
    return run_month(job)


def test_a_report_is_due_for_the_month_and_what_it_ends() -> None:
    due = {m: periods_of(pd.Period(f"2025-{m:02d}")) for m in range(1, 13)}
    assert due == dict.fromkeys(range(1, 13), (1,)) | {
        3: (1, 3),
        6: (1, 3, 6),
        9: (1, 3),
        12: (1, 3, 6),
    }


@pytest.mark.parametrize(("length", "first"), [(1, "2025-01"), (3, "2025-01"), (6, "2024-10")])
def test_offenses_beside_last_year_s_are_counted_from_the_records(
    month: Month, records: pd.DataFrame, length: int, first: str
) -> None:
    compared = gather_facts(month, length=length).compared
    assert compared is not None
    assert compared.kinds is not None
    assert (str(compared.first), str(compared.last)) == (first, "2025-03")
    year = records["date"].str[:7]
    before_first = str(pd.Period(first) - 12)
    now = records[(year >= first) & (year <= "2025-03")]
    before = records[(year >= before_first) & (year <= "2024-03")]
    for told, counted in (("now", now), ("before", before)):
        by_district = counted["code"].isin(["m1", "m2"])
        assert compared.districts[told].tolist() == [
            by_district.sum(),
            (~by_district).sum(),
            len(counted),
        ]
        kinds = [("all", "", len(counted))] + [
            (what, name, (counted["kind"] == kind).sum())
            for what, name, kind in (
                ("group", "property", "theft"),
                ("kind", "noise", "noise"),
                ("kind", "theft", "theft"),
            )
        ]
        assert compared.kinds.index.is_unique
        told_kinds = compared.kinds[["what", "kind", told]].itertuples(index=False)
        assert [tuple(row) for row in told_kinds] == kinds


def test_a_window_that_misses_a_month_is_compared_by_the_month(month: Month) -> None:
    facts = gather_facts(month)
    # April 2024 to March 2025 without May against twelve months: m1 11, m2 2, m3 1; m1 12, m2 2
    assert facts.window == (pd.Period("2024-04"), pd.Period("2025-03"), 1)
    assert facts.change is not None
    assert (facts.change.now, facts.change.before) == (14, 14)
    assert facts.change.months == (11, 12)
    assert facts.change.change == pytest.approx((14 / 11) / (14 / 12) - 1)
    tested = e_test(pd.Series([14]), pd.Series([14]), exposure_now=11, exposure_before=12)
    assert facts.change.p == pytest.approx(tested["e_p"].iloc[0])


def test_what_the_month_knows_is_told(month: Month) -> None:
    facts = gather_facts(month, length=3)
    assert (facts.long, facts.regions, facts.region, facts.kinds) == (LONG, None, "North", ())
    assert facts.records["placed"] == month.account["records"]["placed"]
    assert facts.previous is not None
    assert facts.previous.equals(month.history[pd.Period("2024-12")])
    with speaking("ru"):
        assert compose_report(facts).blocks


def test_of_a_public_job_only_categories_are_told(job: Job) -> None:
    public = job.model_copy(update={"report": job.report.model_copy(update={"public": True})})
    facts = gather_facts(run_month(public), length=3)
    assert "count" not in facts.table
    assert facts.districts is not None
    assert not {"offenses", "rate", "hit_rate"} & set(facts.districts)
    assert (facts.change, facts.compared, facts.zeros, facts.backtest) == (None,) * 4
    assert facts.records == {}


def test_before_a_second_year_nothing_is_compared(job: Job) -> None:
    facts = gather_facts(run_month(job, month="2023-12"), length=6)
    assert facts.change is None
    assert facts.compared is None
    assert facts.previous is None
    assert compose_report(facts).blocks
