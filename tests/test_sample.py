"""The sample region: made again byte for byte, and shaped as the published figures say."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from scipy.stats import gamma

from hotspot.loaders.gazetteer import build_gazetteer
from hotspot.loaders.geocode import geocode
from hotspot.loaders.mahallas import read_mahallas
from hotspot.loaders.offenses import read_offenses

DATA = Path(__file__).parents[1] / "data"
SAMPLE = DATA / "sample"
FILES = ["dirty.csv", "job.toml", "mahallas.gpkg", "offenses.csv", "truth.csv"]
# another gdal may arrange a geopackage otherwise
GDAL_OF_SAMPLE = (3, 12, 4)

sys.path.insert(0, str(DATA))
from sample_geometry import DISTRICTS, MAHALLAS, draw_cells, place_seeds  # noqa: E402
from sample_names import to_cyrillic, to_russian  # noqa: E402
from sample_offenses import MEAN, SHAPE, draw_risk, simulate_counts  # noqa: E402

sys.path.remove(str(DATA))


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLE / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def mahallas() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "mahallas.gpkg").set_index("mahalla_code")


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    table = read("truth.csv").set_index("mahalla_code")
    return table.astype({"risk_per_year": float, "risk_from_month_20": float})


@pytest.fixture(scope="module")
def panel(mahallas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count clean records by plain means, without the package."""
    dirty = read("dirty.csv")
    lost = dirty.loc[dirty["reason"].ne("") & dirty["dirt"].ne("duplicate"), "id"]
    records = read("offenses.csv").drop_duplicates("id")
    records = records[~records["id"].isin(lost) & records["kind"].ne("cyber")]
    code = records["mahalla_code"].str.removesuffix(".0")
    # of records with only a name the truth is known
    named = dirty[dirty["dirt"] == "name_only"].set_index("id")["mahalla_code"]
    code = code.mask(records["id"].isin(named.index), records["id"].map(named))
    free = records[code == ""]
    points = gpd.points_from_xy(free["lon"].astype(float), free["lat"].astype(float))
    layer = mahallas.dropna(subset="geometry")
    which, where = layer.sindex.query(points, predicate="within")
    code.loc[free.index[which]] = layer.index[where]
    month = pd.PeriodIndex(records["date"], freq="M")
    counts = pd.crosstab(code.to_numpy(), month)
    assert "" not in counts.index
    return counts.reindex(mahallas.index, fill_value=0)


@pytest.fixture(scope="module")
def windows(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.T.rolling(12).sum().T.dropna(axis="columns")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make the sample twice, in processes whose hashes differ."""
    folders = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    for seed, folder in enumerate(folders):
        subprocess.run(
            [sys.executable, "-W", "error", DATA / "make_sample.py", folder],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )
    return folders


def test_two_makings_give_the_same_bytes(again: tuple[Path, Path]) -> None:
    for folder in again:
        assert sorted(path.name for path in folder.iterdir()) == FILES
    for name in FILES:
        assert (again[0] / name).read_bytes() == (again[1] / name).read_bytes(), name


@pytest.mark.parametrize("name", FILES)
def test_committed_files_are_what_the_script_makes(again: tuple[Path, Path], name: str) -> None:
    if name == "mahallas.gpkg" and pyogrio.__gdal_version__ != GDAL_OF_SAMPLE:
        pytest.skip(f"the layer was written by GDAL {GDAL_OF_SAMPLE}")
    assert (again[0] / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_layer_made_again_has_the_same_content(
    again: tuple[Path, Path], mahallas: gpd.GeoDataFrame
) -> None:
    made = gpd.read_file(again[0] / "mahallas.gpkg").set_index("mahalla_code")
    pd.testing.assert_frame_equal(made, mahallas)


def test_sample_is_small() -> None:
    assert sum((SAMPLE / name).stat().st_size for name in FILES) < 3_000_000


def test_mahallas_are_832_in_16_districts_a_tenth_without_polygon(
    mahallas: gpd.GeoDataFrame,
) -> None:
    assert len(mahallas) == MAHALLAS == 832
    assert mahallas["district"].nunique() == 16
    assert mahallas.geometry.isna().sum() == 83
    assert mahallas.crs == "EPSG:4326"
    assert mahallas.index.is_unique
    assert mahallas["stir"].is_unique
    assert mahallas["stir"].str.fullmatch(r"\d{9}").all()
    assert set(mahallas["sector"]) == {1, 2, 3, 4}


def test_codes_carry_their_district(mahallas: gpd.GeoDataFrame) -> None:
    names = {soato: name for soato, name, _, _ in DISTRICTS}
    assert mahallas.index.str.fullmatch(r"1710\d{6}").all()
    assert mahallas.index.str[:7].map(names).to_list() == mahallas["district"].to_list()
    # by hand from the state classifier
    assert names["1710224"] == "Qarshi tumani"
    assert names["1710401"] == "Qarshi shahri"
    assert names["1710207"] == "Gʻuzor tumani"


def test_polygons_are_a_valid_coverage_with_gaps_only_where_taken_away(
    mahallas: gpd.GeoDataFrame,
) -> None:
    cells = mahallas.geometry.dropna().to_numpy()
    assert (shapely.get_type_id(cells) == shapely.GeometryType.POLYGON).all()
    assert shapely.coverage_is_valid(cells)
    vertices = shapely.get_num_coordinates(cells)
    assert 20 <= np.quantile(vertices, 0.05) <= np.quantile(vertices, 0.95) <= 45
    places = shapely.get_coordinates(cells)
    assert (places == np.round(places, 6)).all()


@pytest.mark.parametrize("seed", range(5))
def test_any_seed_draws_a_whole_valid_coverage(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seeds, districts = place_seeds(rng)
    cells = draw_cells(seeds, MAHALLAS, rng)
    assert len(districts) == MAHALLAS
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    region = shapely.union_all(cells)
    assert region.geom_type == "Polygon"
    assert not region.interiors


def test_names_repeat_between_districts_and_not_within(mahallas: gpd.GeoDataFrame) -> None:
    assert not mahallas.duplicated(["district", "name"]).any()
    assert not mahallas.duplicated(["district", "name_cyrl"]).any()
    assert mahallas["name"].duplicated(keep=False).mean() > 0.4
    # one apostrophe for the letters, one for the hard sign, no look-alikes
    assert not mahallas["name"].str.contains("['`‘’]").any()
    assert not mahallas["name_cyrl"].str.contains("[A-Za-zʻʼ]").any()
    assert not mahallas["name_ru"].str.contains("[A-Za-zʻʼўқғҳ]").any()


@pytest.mark.parametrize(
    ("latin", "cyrillic", "russian"),
    # the published spellings
    [
        ("Mashʼal", "Машъал", "Машъал"),
        ("Boʻston", "Бўстон", "Бустан"),
        ("Mehnatobod", "Меҳнатобод", "Мехнатабад"),
        ("Oqqishloq", "Оққишлоқ", "Аккишлак"),
        ("Qoʻrgʻontosh", "Қўрғонтош", "Курганташ"),
        ("Rabod", "Рабод", "Равот"),
        ("Jonboʻzsoy", "Жонбўзсой", "Жонбузсой"),
        ("Yortepa", "Ёртепа", "Ертепа"),
        ("Navroʻz", "Наврўз", "Навруз"),
        ("Qatagʻon", "Қатағон", "Катаган"),
        ("Oygʻirkoʻl", "Ойғиркўл", "Айгиркуль"),
        ("Eski shahar", "Эски шаҳар", "Эски шахар"),
        ("M.Ulugʻbek", "М.Улуғбек", "М.Улугбек"),
    ],
)
def test_names_are_spelt_in_three_scripts(latin: str, cyrillic: str, russian: str) -> None:
    assert to_cyrillic(latin) == cyrillic
    assert to_russian(latin) == russian


def test_population_is_as_published_and_clustered(mahallas: gpd.GeoDataFrame) -> None:
    people = mahallas["population"]
    assert people.mean() == pytest.approx(4170, abs=15)
    assert people.between(1500, 9000).all()
    city = mahallas["district"].str.endswith("shahri")
    assert people[city].mean() > 1.2 * people[~city].mean()
    cells = mahallas.geometry.dropna()
    left, right = cells.sindex.query(cells, predicate="touches")
    log = np.log(people[cells.index].to_numpy())
    # neighbours resemble each other
    assert np.corrcoef(log[left], log[right])[0, 1] > 0.3


def test_truth_names_every_mahalla_and_what_was_planted(
    truth: pd.DataFrame, mahallas: gpd.GeoDataFrame
) -> None:
    assert truth.index.equals(mahallas.index)
    assert truth["planted"].value_counts().to_dict() == {"": 821, "cluster": 9, "emerging": 2}
    cluster = truth["planted"] == "cluster"
    emerging = truth["planted"] == "emerging"
    assert (truth.loc[cluster, ["risk_per_year", "risk_from_month_20"]] == 5 * MEAN).all(axis=None)
    assert (truth.loc[emerging, "risk_per_year"] < 1).all()
    assert (truth.loc[emerging, "risk_from_month_20"] >= 30).all()
    calm = truth[truth["planted"] == ""]
    assert (calm["risk_per_year"] == calm["risk_from_month_20"]).all()
    assert calm["risk_per_year"].mean() == pytest.approx(MEAN, rel=0.02)


@pytest.mark.parametrize("planted", ["cluster", "emerging"])
def test_planted_mahallas_touch_and_are_ordinary(
    truth: pd.DataFrame, mahallas: gpd.GeoDataFrame, planted: str
) -> None:
    group = mahallas[truth["planted"] == planted]
    assert group.geometry.notna().all()
    assert group["district"].nunique() == 1
    assert group["population"].between(3000, 5500).all()
    assert shapely.union_all(group.geometry.to_numpy()).geom_type == "Polygon"


@pytest.mark.parametrize("seed", range(3))
def test_risks_have_the_moments_of_their_gamma(seed: int) -> None:
    risk = draw_risk(20_000, np.random.default_rng(seed))
    assert risk.mean() == pytest.approx(MEAN, rel=0.01)
    assert risk.var() == pytest.approx(MEAN**2 / SHAPE, rel=0.05)


def test_simulated_counts_have_the_published_margins() -> None:
    zeros, stay_year, stay_month = [], [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        counts = simulate_counts(draw_risk(832, rng), 13, rng)
        year, next_year = counts[:, :12].sum(1), counts[:, 1:].sum(1)
        zeros.append((year == 0).mean())
        top, next_top = (set(np.argsort(-c, kind="stable")[:62]) for c in (year, next_year))
        stay_year.append(len(top & next_top) / 62)
        hot = counts[:, 0] >= 2
        stay_month.append((counts[hot, 1] >= 2).mean())
    # 44.8 % of mahallas without crime; 49,920 draws, so 0.009 is four standard errors
    assert np.mean(zeros) == pytest.approx(0.448, abs=0.009)
    assert np.mean(stay_year) >= 0.9
    assert np.mean(stay_month) == pytest.approx(0.43, abs=0.02)


def test_counts_follow_a_risk_that_changes() -> None:
    risk = np.array([[0.0, 12.0, 1200.0]])
    counts = simulate_counts(risk, 3, np.random.default_rng(0))
    assert counts.shape == (1, 3)
    assert counts[0, 0] == 0
    assert 70 < counts[0, 2] < 130


def test_sample_itself_has_the_published_margins(windows: pd.DataFrame) -> None:
    last = windows.iloc[:, -1]
    assert (last == 0).mean() == pytest.approx(0.448, abs=0.02)
    # the cluster and the hot spot come on top of 4.135
    assert last.mean() == pytest.approx(4.135 * 821 / 832 + (9 * 20.675 + 2 * 78) / 832, abs=0.2)
    assert last.nlargest(62).sum() / last.sum() == pytest.approx(0.47, abs=0.03)


def exceed(count: pd.Series) -> np.ndarray:
    """P(expected count > twice the mean) after `count` offenses: the gamma posterior by hand."""
    return gamma.sf(2 * MEAN, SHAPE + count, scale=1 / (SHAPE / MEAN + 1))


def test_hot_spot_is_beyond_doubt_three_months_after_it_begins(
    truth: pd.DataFrame, windows: pd.DataFrame
) -> None:
    emerging = windows[truth["planted"] == "emerging"]
    assert (exceed(emerging["2023-08"]) < 0.05).all()
    assert (exceed(emerging["2023-11"]) > 0.95).all()
    assert (exceed(emerging["2025-01"]) > 0.95).all()


def test_cluster_has_evidence_of_its_own(truth: pd.DataFrame, windows: pd.DataFrame) -> None:
    cluster = windows.loc[truth["planted"] == "cluster", "2025-01"]
    # with room for a mean that moves a little
    assert (exceed(cluster) > 0.97).all()


def test_half_are_located_by_code_and_the_rest_by_coordinates(
    mahallas: gpd.GeoDataFrame,
) -> None:
    records = read("offenses.csv")
    clean = records[~records["id"].isin(read("dirty.csv")["id"])]
    coded, pointed = clean["mahalla_code"] != "", clean["lon"] != ""
    assert (coded | pointed).all()
    assert coded.mean() == pytest.approx(0.5, abs=0.03)
    assert (coded & pointed).mean() > 0.3
    assert pointed.mean() > 0.8
    lost = mahallas.index[mahallas.geometry.isna()]
    assert not pointed[clean["mahalla_code"].isin(lost)].any()


def test_points_of_coded_records_lie_in_their_mahalla(mahallas: gpd.GeoDataFrame) -> None:
    records = read("offenses.csv")
    clean = records[~records["id"].isin(read("dirty.csv")["id"])]
    both = clean[clean["mahalla_code"].ne("") & clean["lon"].ne("")]
    cells = mahallas.geometry[both["mahalla_code"]].to_numpy()
    points = shapely.points(both["lon"].astype(float), both["lat"].astype(float))
    assert shapely.contains_properly(cells, points).all()


def test_hit_rate_is_fair_in_every_district() -> None:
    records = read("offenses.csv").drop_duplicates("id")
    records = records[records["kind"] != "cyber"]
    dirty = read("dirty.csv")
    unplaced = ["no_location", "bad_coordinates", "outside", "unknown_code", "name_not_found"]
    lost = records["id"].isin(dirty.loc[dirty["reason"].isin(unplaced), "id"])
    assert (lost.groupby(records["district"]).mean() < 0.1).all()


def test_dirt_is_listed_with_its_reason() -> None:
    dirty = read("dirty.csv")
    assert dirty.groupby("dirt").size().to_dict() == {
        "after_period": 10,
        "bad_date": 40,
        "before_period": 30,
        "code_as_number": 60,
        "duplicate": 50,
        "in_a_gap": 25,
        "name_misspelt": 40,
        "name_only": 60,
        "no_location": 60,
        "outside_region": 30,
        "swapped_coordinates": 30,
        "unknown_code": 40,
        "zero_coordinates": 40,
    }
    assert dirty["id"].is_unique
    records = read("offenses.csv")
    twice = records.loc[records["id"].duplicated(), "id"]
    assert sorted(twice) == sorted(dirty.loc[dirty["dirt"] == "duplicate", "id"])
    # copies are exact, so that it does not matter which stays
    assert records.duplicated().sum() == 50
    kinds = records.loc[records["id"].isin(dirty["id"]), "kind"]
    assert "cyber" not in set(kinds)


def test_geocoding_rejects_the_dirt_for_the_reasons_listed() -> None:
    job = tomllib.loads((SAMPLE / "job.toml").read_text(encoding="utf-8"))
    offenses = read_offenses(SAMPLE / "offenses.csv", columns=job["offenses"]["columns"])
    layer = read_mahallas(SAMPLE / "mahallas.gpkg", columns=job["mahallas"]["columns"])
    geocoded = geocode(
        offenses,
        layer,
        start=pd.Period("2022-02"),
        end=pd.Period("2025-01"),
        excluded=job["offenses"]["kinds"]["excluded"],
        gazetteer=build_gazetteer(layer.rename_axis("code").reset_index()),
    )
    dirty = read("dirty.csv").set_index("id")
    lost = dirty[dirty["reason"] != ""]
    refused = geocoded.rejected.set_index("id")["reason"]
    refused = refused[refused != "kind_excluded"]
    assert refused.sort_index().to_dict() == lost["reason"].sort_index().to_dict()
    placed = geocoded.placed.set_index("id")["mahalla_code"]
    kept = dirty.index[dirty["reason"] == ""]
    assert placed[kept].to_dict() == dirty.loc[kept, "mahalla_code"].to_dict()
    assert len(geocoded.placed) + len(geocoded.rejected) == len(offenses)


def test_points_called_outside_are_in_no_polygon(mahallas: gpd.GeoDataFrame) -> None:
    dirty = read("dirty.csv")
    records = read("offenses.csv").set_index("id")
    out = records.loc[dirty.loc[dirty["reason"] == "outside", "id"]]
    points = shapely.points(out["lon"].astype(float), out["lat"].astype(float))
    cells = mahallas.geometry.dropna()
    assert len(points) == 55
    assert cells.sindex.query(points, predicate="intersects").size == 0


def test_names_without_code_lead_to_one_mahalla_of_their_district(
    mahallas: gpd.GeoDataFrame,
) -> None:
    dirty = read("dirty.csv").set_index("id")
    only = dirty.index[dirty["dirt"] == "name_only"]
    records = read("offenses.csv").set_index("id").loc[only]
    names = mahallas[["name", "name_cyrl", "name_ru"]].map(fold)
    for number, record in records.iterrows():
        near = names[mahallas["district"] == record["district"]]
        found = near.index[(near == fold(record["mahalla"])).any(axis="columns")]
        assert found.to_list() == [dirty.loc[number, "mahalla_code"]]


def fold(name: str) -> str:
    for suffix in (" MFY", " МФЙ", " МСГ"):
        name = name.removesuffix(suffix)
    return name.replace("'", "ʻ")


def test_records_are_in_the_order_of_the_books() -> None:
    records = read("offenses.csv").drop_duplicates("id")
    assert records["id"].is_monotonic_increasing
    assert records["registered"].is_monotonic_increasing
    clean = records[~records["id"].isin(read("dirty.csv")["id"])]
    delay = pd.to_datetime(clean["registered"]) - pd.to_datetime(clean["date"])
    assert delay.dt.days.between(0, 60).all()
    assert 2 <= delay.dt.days.median() <= 7
    months = pd.PeriodIndex(clean["date"], freq="M").unique().sort_values()
    assert months.equals(pd.period_range("2022-02", "2025-01", freq="M"))


def test_job_names_columns_and_kinds_that_exist(mahallas: gpd.GeoDataFrame) -> None:
    job = tomllib.loads((SAMPLE / "job.toml").read_text(encoding="utf-8"))
    records = read("offenses.csv")
    assert set(job["offenses"]["columns"].values()) == set(records.columns)
    kinds = job["offenses"]["kinds"]
    assert {*kinds["counted"], *kinds["excluded"]} == set(records["kind"])
    assert set(job["mahallas"]["columns"].values()) - {"mahalla_code"} <= set(mahallas.columns)
    assert job["mahallas"]["groups"] == {"sector": "sector"}
