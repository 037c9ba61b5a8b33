"""The monthly job on the sample region, from the files to the folder, against its planted truth."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pymannkendall
import pytest
from openpyxl import load_workbook

from hotspot import columns
from hotspot.checking import check_job
from hotspot.errors import JobError
from hotspot.explanation import explain_mahalla
from hotspot.folder import write_month
from hotspot.job import Job, read_job
from hotspot.monthly import Month, run_month
from hotspot.statistics.emerging import KINDS

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"
NUMBERS = {"integer", "number"}


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def job() -> Job:
    return read_job(SAMPLE / "job.toml")


@pytest.fixture(scope="module")
def month(job: Job) -> Month:
    return run_month(job)


@pytest.fixture(scope="module")
def folder(month: Month, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_month(month, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def categories(folder: Path) -> pd.DataFrame:
    text = {c.name: str for c in columns.CATEGORIES if c.type not in NUMBERS}
    table = pd.read_csv(folder / "categories.csv", dtype=text, encoding="utf-8-sig")
    return table.set_index("mahalla_code")


@pytest.fixture(scope="module")
def account(folder: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = json.loads((folder / "run.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(SAMPLE / "truth.csv", dtype={"mahalla_code": str}).set_index("mahalla_code")


def test_the_folder_holds_the_documented_files(folder: Path) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = page.split("## A run's folder")[1]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    # the job has one group, by sector, and no crosswalk
    documented = (documented - {"crosswalk.csv"}) | {"sector.csv"}
    assert {file.name for file in folder.iterdir()} == documented
    assert folder.name == "2025-01"


@pytest.mark.parametrize("table", ["categories", "districts", "neighbours", "rejected"])
def test_tables_have_exactly_their_columns(folder: Path, table: str) -> None:
    raw = (folder / f"{table}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert list(read(folder / f"{table}.csv").columns) == columns.names(table)


def test_a_group_has_the_columns_of_the_districts_and_its_own(folder: Path) -> None:
    names = columns.names("districts")
    sector = read(folder / "sector.csv")
    assert list(sector.columns) == [*names[:2], "sector", *names[2:]]


def test_the_data_package_describes_every_table_as_it_is(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert fields == list(read(folder / resource["path"]).columns)
    described = {resource["path"] for resource in package["resources"]}
    assert described == {file.name for file in folder.glob("*.csv")}


def test_every_record_is_placed_or_rejected(folder: Path, account: dict[str, dict]) -> None:
    records = account["records"]
    # counted in the file itself, one line a record
    lines = (SAMPLE / "offenses.csv").read_text(encoding="utf-8").splitlines()
    assert records["read"] == len(lines) - 1
    assert records["read"] == records["placed"] + records["rejected"]
    rejected = read(folder / "rejected.csv")
    assert records["rejected"] == len(rejected)
    assert records["rejected_by"] == rejected["reason"].value_counts().sort_index().to_dict()
    assert records["placed"] == sum(records["placed_by"].values())
    assert rejected["row"].is_unique


def test_rejected_rows_are_the_rows_of_the_file(folder: Path) -> None:
    lines = (SAMPLE / "offenses.csv").read_text(encoding="utf-8").splitlines()
    for record in read(folder / "rejected.csv").itertuples():
        assert lines[int(record.row) - 1].startswith(f"{record.id},{record.date},{record.kind},")


def test_counts_sum_to_the_window(categories: pd.DataFrame, account: dict[str, dict]) -> None:
    assert categories["count"].sum() == account["records"]["in_window"]
    assert len(categories) == 832
    assert categories.index.is_monotonic_increasing
    assert account["categories"] == {
        name: int((categories["category"] == name).sum())
        for name in ("red", "yellow", "green", "not_assessed")
    }


def test_counts_are_those_of_the_clean_records(categories: pd.DataFrame) -> None:
    # counted again by hand from the records that carry a code, to which coordinates and names add
    records = read(SAMPLE / "offenses.csv").drop_duplicates("id")
    records = records[(records["kind"] != "cyber") & records["mahalla_code"].ne("")]
    # some dates name a 31 February
    day = pd.to_datetime(records["date"], format="%Y-%m-%d", errors="coerce")
    records = records[day.between("2024-02-01", "2025-01-31")]
    coded = records["mahalla_code"].str.removesuffix(".0").value_counts()
    known = coded.reindex(categories.index, fill_value=0)
    assert (categories["count"] >= known).all()
    lost = gpd.read_file(SAMPLE / "mahallas.gpkg").set_index("mahalla_code").geometry.isna()
    dirty = read(SAMPLE / "dirty.csv")
    named = records_by_name(dirty)
    without = lost.index[lost]
    expected = known[without].add(named.reindex(without, fill_value=0))
    assert (categories.loc[without, "count"] == expected).all()


def records_by_name(dirty: pd.DataFrame) -> pd.Series:
    """Count, by their true mahalla, the records of the window that carry only a name."""
    only = dirty[dirty["dirt"] == "name_only"].set_index("id")["mahalla_code"]
    records = read(SAMPLE / "offenses.csv").drop_duplicates("id").set_index("id")
    day = pd.to_datetime(records.loc[only.index, "date"], format="%Y-%m-%d")
    return only[day.between("2024-02-01", "2025-01-31")].value_counts()


def test_districts_add_up_to_their_mahallas(folder: Path, categories: pd.DataFrame) -> None:
    districts = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig")
    total, districts = districts.iloc[-1], districts.iloc[:-1].set_index("district")
    groups = categories.groupby("district")
    assert districts["mahallas"].to_dict() == groups.size().to_dict()
    assert districts["offenses"].to_dict() == groups["count"].sum().to_dict()
    assert districts["population"].to_dict() == groups["population"].sum().to_dict()
    for category in ("red", "yellow", "green", "not_assessed"):
        of_it = categories["category"].eq(category).groupby(categories["district"]).sum()
        assert districts[category].to_dict() == of_it.to_dict()
        assert total[category] == of_it.sum()
    rate = districts["offenses"] / districts["population"] * 100_000
    pd.testing.assert_series_equal(districts["rate"], rate, check_names=False, atol=1e-6)
    assert total["region"] == "total"
    assert total["offenses"] == categories["count"].sum()
    assert total["population"] == categories["population"].sum()


def test_unplaced_records_are_in_their_district_and_in_the_total(folder: Path) -> None:
    rejected = read(folder / "rejected.csv")
    unplaced = rejected[rejected["reason"].isin(columns.UNPLACED)]
    unplaced = unplaced[unplaced["date"].between("2024-02-01", "2025-01-31")]
    districts = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig")
    total, districts = districts.iloc[-1], districts.iloc[:-1].set_index("district")
    by_district = unplaced["district"].value_counts().reindex(districts.index, fill_value=0)
    assert districts["unplaced"].to_dict() == by_district.to_dict()
    assert total["unplaced"] == len(unplaced)
    share = total["offenses"] / (total["offenses"] + len(unplaced))
    assert total["hit_rate"] == pytest.approx(share, abs=1e-6)


def test_sectors_add_up_to_the_same_total(folder: Path) -> None:
    sector = pd.read_csv(folder / "sector.csv", encoding="utf-8-sig")
    districts = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig")
    same = ["mahallas", "red", "yellow", "green", "not_assessed", "offenses", "population"]
    assert sector[same].iloc[:-1].sum().to_dict() == sector[same].iloc[-1].to_dict()
    assert sector[same].iloc[-1].to_dict() == districts[same].iloc[-1].to_dict()
    by_district = sector.iloc[:-1].groupby("district")[same].sum()
    pd.testing.assert_frame_equal(
        by_district, districts.iloc[:-1].set_index("district")[same], check_like=True
    )


def test_dirt_is_rejected_for_its_reason(folder: Path) -> None:
    dirty = read(SAMPLE / "dirty.csv").set_index("id")
    rejected = read(folder / "rejected.csv").set_index("id")["reason"]
    rejected = rejected[rejected != "kind_excluded"]
    expected = dirty.loc[dirty["reason"] != "", "reason"]
    assert rejected.sort_index().to_dict() == expected.sort_index().to_dict()


def test_the_planted_cluster_is_red(categories: pd.DataFrame, truth: pd.DataFrame) -> None:
    cluster = categories[truth["planted"] == "cluster"]
    assert len(cluster) == 9
    assert (cluster["category"] == "red").all()


def test_the_hot_spot_is_red_within_three_months(month: Month, truth: pd.DataFrame) -> None:
    # it begins in September 2023, the twentieth month; before, its mahallas are quiet
    history = month.history[truth["planted"] == "emerging"]
    assert len(history) == 2
    assert (history[pd.Period("2023-08")] != "red").all()
    assert (history.loc[:, pd.Period("2023-11") :] == "red").all(axis=None)


def test_half_of_the_worst_tenth_is_red(categories: pd.DataFrame, truth: pd.DataFrame) -> None:
    worst = truth["risk_from_month_20"].nlargest(len(truth) // 10).index
    red = categories["category"] == "red"
    assert red[worst].mean() >= 0.5
    # between what is published for the republic (7.4 %) and for one region (16.5 %), with room
    assert 0.05 <= red.mean() <= 0.20


def test_green_is_zero_and_red_is_at_least_two(categories: pd.DataFrame) -> None:
    assert (categories.loc[categories["category"] == "green", "count"] == 0).all()
    assert (categories.loc[categories["category"] == "yellow", "count"] >= 1).all()
    assert (categories.loc[categories["category"] == "red", "count"] >= 2).all()


def test_the_past_agrees_with_the_history(month: Month, categories: pd.DataFrame) -> None:
    assert month.history.columns[0] == pd.Period("2023-01")
    assert month.history.columns[-1] == month.month
    assert month.history.iloc[:, -1].to_dict() == categories["category"].to_dict()
    assert month.history.iloc[:, -2].to_dict() == categories["previous_category"].to_dict()
    for code, past in month.history.iterrows():
        row = "".join("r" if category == "red" else "-" for category in past)
        assert categories.loc[code, "months_red"] == len(row) - len(row.rstrip("r"))


def test_trends_are_pymannkendalls_and_patterns_are_of_gi(
    month: Month, categories: pd.DataFrame
) -> None:
    # the sample has 36 months, all with records
    assert month.counts.shape[1] == 36
    assert set(categories["trend"]) == {"up", "down", "none"}
    words = {"increasing": "up", "decreasing": "down", "no trend": "none"}
    some = categories.index[categories["trend"] != "none"].union(categories.index[::25])
    for code in some:
        found = pymannkendall.seasonal_test(month.counts.loc[code].to_numpy(float))
        assert categories.loc[code, "trend"] == words[found.trend]
    # a mahalla without neighbours has neither Gi* nor a pattern of it
    pattern, z = categories["pattern"], categories["gi_z"]
    assert (pattern.isna() == z.isna()).all()
    kinds = {f"{kind}_{side}" for kind in KINDS for side in ("hot", "cold")}
    assert set(pattern.dropna()) <= kinds | {"no_pattern"}


def test_missing_evidence_is_an_empty_cell(folder: Path) -> None:
    table = read(folder / "categories.csv").set_index("mahalla_code")
    lost = gpd.read_file(SAMPLE / "mahallas.gpkg").set_index("mahalla_code").geometry.isna()
    without = table[lost]
    assert len(without) == 83
    gi = ["gi_z", "gi_p", "gi_q", "gi_pop_p", "gi_pop_q", "gi_bin", "density", "density_ratio"]
    assert (without[gi] == "").all(axis=None)
    assert (table.loc[~lost, ["gi_z", "gi_p", "gi_pop_p"]] != "").mean().min() > 0.99
    assert (table[["count", "rate", "excess_probability", "category", "reason"]] != "").all(
        axis=None
    )
    assert not table.isin(["nan", "NaN", "None", "NaT", "<NA>", "inf"]).any(axis=None)


def test_evidence_keeps_its_own_arithmetic(categories: pd.DataFrame) -> None:
    count, people = categories["count"], categories["population"]
    # all mahallas are within reach, and every month of the window has records
    ratio = count / count.mean()
    # a table has nine digits
    pd.testing.assert_series_equal(
        categories["count_ratio"], ratio, check_names=False, atol=0, rtol=1e-8
    )
    rate = count / people * 100_000
    pd.testing.assert_series_equal(categories["rate"], rate, check_names=False, atol=0, rtol=1e-8)
    assert categories["expected"].sum() == pytest.approx(count.sum(), abs=1e-3)
    assert (categories["count_month"] == categories["count_ytd"]).all()
    assert (count >= categories["count_month"]).all()
    for p, q in (("gi_p", "gi_q"), ("gi_pop_p", "gi_pop_q")):
        known = categories[p].notna()
        assert categories.loc[known, p].between(0, 1).all()
        assert (categories.loc[known, q] >= categories.loc[known, p] - 1e-6).all()


def test_reasons_name_values_of_the_row(categories: pd.DataFrame) -> None:
    assert categories["reason"].str.contains(r"\d").all()
    red = categories[categories["category"] == "red"]
    for row in red.itertuples():
        assert re.search(rf"\b{int(row.count)}\b", row.reason), row.reason


def test_neighbours_are_mutual_and_have_polygons(folder: Path) -> None:
    pairs = read(folder / "neighbours.csv")
    both = set(zip(pairs["mahalla_code"], pairs["neighbour_code"], strict=True))
    assert {(b, a) for a, b in both} == both
    assert not any(a == b for a, b in both)
    lost = gpd.read_file(SAMPLE / "mahallas.gpkg").set_index("mahalla_code").geometry.isna()
    assert not set(lost.index[lost]) & set(pairs["mahalla_code"])
    assert set(pairs["how"]) <= {"border", "repaired", "nearest", "given"}


def test_the_account_has_true_hashes_and_no_clock(folder: Path, account: dict[str, dict]) -> None:
    files = {file.name for file in folder.iterdir()} - {"run.json"}
    assert set(account["outputs"]) == files
    for name, given in account["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == given
    inputs = {part["path"]: part["sha256"] for part in account["inputs"]}
    assert set(inputs) == {"mahallas.gpkg", "offenses.csv"}
    for name, given in inputs.items():
        assert hashlib.sha256((SAMPLE / name).read_bytes()).hexdigest() == given
    # neither a date of today nor a path of this machine
    text = (folder / "run.json").read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert not re.search(r"20\d\d-\d\d-\d\dT", text)


class _Fetched(HTMLParser):
    """Collects what a browser would fetch of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            # the target of <a> is fetched only when somebody clicks
            if name in ("src", "srcset", "data", "poster") or (name == "href" and tag != "a"):
                self.links.append(value or "")


def test_the_map_fetches_nothing(folder: Path) -> None:
    html = (folder / "map.html").read_text(encoding="utf-8")
    page = _Fetched()
    page.feed(html)
    assert [link for link in page.links if not link.startswith(("data:", "#"))] == []
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", html)
    assert not re.search(r"@import|importScripts|XMLHttpRequest\(\)\.open", html)
    assert not re.search(r"(fetch|import)\(\s*['\"]https?:", html)


def test_the_geopackage_has_the_rows_of_the_table(folder: Path, month: Month) -> None:
    layer = gpd.read_file(folder / "categories.gpkg", layer="categories")
    table = pd.read_csv(
        folder / "categories.csv", dtype={"mahalla_code": str}, encoding="utf-8-sig"
    )
    assert list(layer.columns) == [*columns.names("categories"), "geometry"]
    for name in ("mahalla_code", "name", "category", "reason"):
        assert layer[name].to_list() == table[name].to_list()
    for name in ("count", "rate", "gi_pop_p", "population"):
        pd.testing.assert_series_equal(
            layer[name].astype(float), table[name].astype(float), rtol=1e-6, atol=1e-6
        )
    assert layer.crs == month.table.crs
    assert layer.geometry.isna().sum() == 83


def test_the_workbook_has_the_same_categories(folder: Path, categories: pd.DataFrame) -> None:
    sheets = load_workbook(folder / "categories.xlsx", read_only=True)
    cells = {str(value) for row in sheets["Categories"].values for value in row if value}
    assert set(categories.index) <= cells


def test_maps_are_images(folder: Path) -> None:
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "map.pdf").read_bytes().startswith(b"%PDF")


def test_an_explanation_has_the_values_of_the_row(
    folder: Path, categories: pd.DataFrame, truth: pd.DataFrame
) -> None:
    code = str(truth.index[truth["planted"] == "cluster"][0])
    row = categories.loc[code]
    sentences = explain_mahalla(folder, code)
    said = " ".join(sentences)
    assert sentences[0] == (
        f"{row['name']}, {row['district']}, {row['region']} ({code}) is red in 2025-01."
    )
    assert sentences[1] == row["reason"]
    assert f"{row['count']} offenses counted from 2024-02 to 2025-01" in said
    by_month = next(sentence for sentence in sentences if sentence.startswith("By month: 2024-02 "))
    assert sum(int(part.split()[1]) for part in by_month[10:-1].split(", ")) == row["count"]
    assert f"{row['count_ratio']:.2f} times the mean mahalla's count" in said
    assert f"With {row['population']} residents its rate is {row['rate']:.1f}" in said
    assert f"exceeds twice the mean mahalla's is {row['excess_probability']:.3f}." in said
    assert f"p = {row['gi_p']:.3g} (q = {row['gi_q']:.3g})" in said
    assert f"It has been red for {row['months_red']} months in a row." in said
    assert all(sentence.endswith((".", "…")) or sentence == row["reason"] for sentence in sentences)


def test_every_mahalla_can_be_explained(folder: Path, categories: pd.DataFrame) -> None:
    # one of each kind: by category, with polygon and without, first and last
    lost = gpd.read_file(SAMPLE / "mahallas.gpkg").set_index("mahalla_code").geometry.isna()
    of_each = categories.assign(lost=lost).reset_index().groupby(["category", "lost"])
    for code in of_each["mahalla_code"].first():
        said = " ".join(explain_mahalla(folder, code))
        assert "nan" not in said.casefold().split()
        if lost[code]:
            assert "It has no neighbour on the map" in said


def test_check_agrees_with_the_run(
    job: Job, account: dict[str, dict], categories: pd.DataFrame, tmp_path: Path
) -> None:
    folder, lines = check_job(job.model_copy(update={"output": str(tmp_path)}))
    assert folder == tmp_path
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "check.json",
        "hit_rate.csv",
        "review.csv",
        "review.xlsx",
    ]
    check = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    for key in ("read", "placed", "rejected", "placed_by", "rejected_by"):
        assert check["records"][key] == account["records"][key]
    assert check["inputs"] == account["inputs"]
    rates = pd.read_csv(tmp_path / "hit_rate.csv", encoding="utf-8-sig")
    assert list(rates.columns) == columns.names("hit_rate")
    assert rates["district"].iloc[-1] == "unknown"
    assert set(rates["district"].iloc[:-1]) == set(categories["district"])
    assert (
        rates[["by_code", "by_coordinates", "by_name"]].sum(axis=None)
        == (account["records"]["placed"])
    )
    lost = sum(account["records"]["rejected_by"].get(key, 0) for key in columns.UNPLACED)
    assert rates["unplaced"].sum() == lost
    by = ["by_code", "by_coordinates", "by_name", "unplaced"]
    assert (rates[by].sum(axis=1) == rates["records"]).all()
    assert lines[0] == ("records up to 2025-01: 14210 read = 10851 placed + 3359 rejected")


def test_all_columns_of_rejected_records_on_demand(job: Job) -> None:
    full = run_month(job, full=True).rejected
    own = [name for name in full.columns if name.startswith("file: ")]
    header = (SAMPLE / "offenses.csv").read_text(encoding="utf-8").splitlines()[0]
    assert own == [f"file: {name}" for name in header.split(",")]
    assert list(full.columns) == [*columns.names("rejected"), *own]
    for given, name in (("id", "id"), ("date", "date"), ("lon", "longitude")):
        assert full[f"file: {given}"].fillna("").to_list() == full[name].fillna("").to_list()


def test_all_columns_are_refused_for_a_database(job: Job) -> None:
    records = job.offenses.model_copy(update={"path": None, "url": "sqlite://", "query": "select"})
    sentence = (
        "[offenses] url: all columns of the rejected records are kept for files only; leave --full "
        "out, the query has them by id"
    )
    with pytest.raises(JobError, match=f"^{re.escape(sentence)}$"):
        run_month(job.model_copy(update={"offenses": records}), full=True)
