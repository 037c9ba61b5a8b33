"""The places that criteria are tested on: the sample, redraws of it, and real cities.

Records are placed once and evidence is gathered once a place; criteria are then replayed at will.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph
from shapely import box

from benchmarks.simulate_size import clustered_population, grid
from hotspot.backtest import backtest_categories
from hotspot.categories.criteria import bundled_text, parse_criteria
from hotspot.categories.observability import observable
from hotspot.evidence import gather_evidence
from hotspot.job import Job, read_job
from hotspot.kinds import weigh_kinds
from hotspot.placement import place_records
from hotspot.proposal import propose_job, write_job
from hotspot.replay import (
    complete_windows,
    reach,
    replay_categories,
    replay_months,
    share_dated,
)
from hotspot.setting import find_neighbours

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
WINDOW = 12
# counted offenses a mahalla and year, and the shape that leaves 44.8 % of mahallas without any
MEAN, SHAPE = 4.135, 0.297
LEAST_HIT_RATE = 0.85
# density is not among them: no bundled set names it
MEASURES = {
    *("count_month", "count_ratio", "rate", "rate_ratio", "expected"),
    *("gi_z", "gi_p", "gi_q", "gi_bin", "gi_pop_p", "gi_pop_q"),
    *("excess_probability", "rate_excess_probability", "severity_ratio"),
}
TORONTO = (
    "toronto_mci/toronto_mci_2014_2021.parquet",
    "toronto_mci/neighbourhood-crime-rates.geojson",
)
ST_LOUIS = ("stlouis_part1/stl_part1_2017_2019.parquet", "stlouis_part1/stl_neighborhoods.geojson")
CINCINNATI = "messy_formats/cincinnati_burglary.csv.gz"
MEDELLIN = ("messy_formats/medellin_homicides.csv", "messy_formats/medellin_comunas.gpkg")


@dataclass(frozen=True)
class Place:
    """A map, its months, and the evidence of every window of twelve months.

    ``panel`` is mahallas × months; ``evidence`` has columns (measure, month); ``observable`` is
    mahallas × the months to decide; ``places`` are region and district; ``area`` is in km².
    """

    name: str
    panel: pd.DataFrame
    evidence: pd.DataFrame
    observable: pd.DataFrame
    places: pd.DataFrame
    area: pd.Series
    population: pd.Series

    def decide(self, criteria: Mapping[str, object]) -> pd.DataFrame:
        """Return the categories of all months, each with those before it as its past."""
        history, _ = replay_categories(
            self.evidence, self.observable, parse_criteria(criteria), places=self.places
        )
        return history

    def test(self, history: pd.DataFrame, *, horizon: int = 1) -> pd.DataFrame:
        """Return the back-test against the next month, or the next months."""
        return backtest_categories(
            history,
            self.panel,
            method="criteria",
            area=self.area,
            population=self.population,
            horizons=[horizon],
        )


def place_of(name: str, job: Job, *, measures: Collection[str] = MEASURES) -> Place:
    """Place a job's records and gather the evidence."""
    default = parse_criteria(tomllib.loads(bundled_text("analytical-12m")))
    placement = place_records(job, window_months=WINDOW)
    months = replay_months(placement, WINDOW)
    reachable, hit_rate = reach(placement, months, WINDOW)
    complete = complete_windows(placement, months, WINDOW)
    complete &= share_dated(placement) >= LEAST_HIT_RATE
    mahallas = placement.mahallas
    evidence = gather_evidence(
        placement.placed,
        mahallas["population"],
        find_neighbours(job, mahallas).graph,
        window_months=WINDOW,
        reachable=reachable,
        missing=placement.missing,
        of_kinds=weigh_kinds(job, default, placement.kinds, window=WINDOW),
        measures=measures,
    )
    return Place(
        name,
        placement.placed,
        evidence,
        observable(reachable, complete, hit_rate, min_hit_rate=LEAST_HIT_RATE),
        pd.DataFrame(mahallas[["region", "district"]]),
        mahallas["area_km2"],
        mahallas["population"],
    )


def simulated_place(
    name: str,
    panel: pd.DataFrame,
    mahallas: pd.DataFrame,
    graph: Graph,
    *,
    measures: Collection[str] = MEASURES,
) -> Place:
    """Return a place where every record is placed."""
    months = pd.PeriodIndex(panel.columns)[WINDOW - 1 :]
    everywhere = pd.DataFrame(True, index=panel.index, columns=months)
    evidence = gather_evidence(
        panel,
        mahallas["population"],
        graph,
        window_months=WINDOW,
        reachable=everywhere,
        measures=measures,
    )
    places = pd.DataFrame(mahallas[["region", "district"]])
    area, population = mahallas["area_km2"], mahallas["population"]
    return Place(name, panel, evidence, everywhere, places, area, population)


def sample() -> Place:
    """Return the bundled sample region."""
    return place_of("sample", read_job(ROOT / "data" / "sample" / "job.toml"))


def sample_truth() -> pd.DataFrame:
    """Return the true risks of the sample region and what is planted in it."""
    path = ROOT / "data" / "sample" / "truth.csv"
    return pd.read_csv(path, dtype={"mahalla_code": str}).set_index("mahalla_code")


def redrawn_sample(seed: int, *, months: int = 36, measures: Collection[str] = MEASURES) -> Place:
    """Return the sample region with the same true risks and other offenses."""
    job = read_job(ROOT / "data" / "sample" / "job.toml")
    mahallas = place_records(job).mahallas
    truth = sample_truth().reindex(mahallas.index)
    rng = np.random.default_rng(seed)
    columns = pd.period_range("2022-02", periods=months, freq="M", name="month")
    # the hot spot begins with the twentieth month
    risk = np.where(
        np.arange(months) < 19,
        truth["risk_per_year"].to_numpy()[:, None],
        truth["risk_from_month_20"].to_numpy()[:, None],
    )
    panel = pd.DataFrame(rng.poisson(risk / 12), index=mahallas.index, columns=columns)
    graph = find_neighbours(job, mahallas).graph
    name = f"sample redrawn, seed {seed}"
    return simulated_place(name, panel, mahallas, graph, measures=measures)


def simulated_republic(seed: int, *, months: int, measures: Collection[str] = MEASURES) -> Place:
    """Return 9,008 mahallas with the published marginals, and risks that never change.

    Yearly risks are gamma with mean 4.135 and shape 0.297, in no order on the map; months are
    Poisson. Residents are clustered and say nothing of the risk.
    """
    rng = np.random.default_rng(seed)
    rows, columns = 16, 563
    risk = rng.gamma(SHAPE, MEAN / SHAPE, rows * columns)
    panel = pd.DataFrame(
        rng.poisson(risk[:, None] / 12, (len(risk), months)),
        columns=pd.period_range("2022-01", periods=months, freq="M", name="month"),
    )
    mahallas = pd.DataFrame(
        {
            "population": clustered_population(rows, columns, rng),
            "area_km2": 1.0,
            "region": "republic",
            "district": "district",
        }
    )
    graph = grid(rows, columns)
    return simulated_place("republic", panel, mahallas, graph, measures=measures)


def toronto(shared: Path, *, measures: Collection[str] = MEASURES) -> Place:
    """Return Toronto, all five kinds."""
    weights = {"Robbery": 365, "Break and Enter": 120, "Assault": 60}
    return city("Toronto", shared, TORONTO, weights=weights, measures=measures)


def st_louis(shared: Path, *, measures: Collection[str] = MEASURES) -> Place:
    """Return St. Louis, all of part 1."""
    by_code = {"01": 3650, "02": 1000, "03": 365, "04": 60, "05": 120}
    weights = {
        kind: weight for code, weight in by_code.items() for kind in st_louis_kinds(shared, code)
    }
    return city("St. Louis", shared, ST_LOUIS, weights=weights, measures=measures)


def st_louis_kinds(shared: Path, code: str) -> list[str]:
    """Return the descriptions of the offenses whose code begins so, 03 for robbery."""
    records = pd.read_parquet(shared / ST_LOUIS[0], columns=["crime", "description"])
    of_code = records["crime"].str.zfill(6).str.startswith(code)
    return sorted(records.loc[of_code, "description"].dropna().unique())


def city(
    name: str,
    shared: Path,
    files: tuple[str, str],
    *,
    kinds: list[str] | None = None,
    weights: Mapping[str, float] | None = None,
    measures: Collection[str] = MEASURES,
) -> Place:
    """Return a real city, by a job as `hotspot init` proposes it, of some kinds or of all.

    Kinds without a weight weigh 20 where there are weights.
    """
    # an absolute path stays what it is
    offenses, mahallas = (shared / file for file in files)
    with tempfile.TemporaryDirectory() as folder:
        text, _ = propose_job(offenses, mahallas, Path(folder))
        write_job(text, Path(folder) / "job.toml")
        job = read_job(Path(folder) / "job.toml")
        changes: dict[str, object] = {} if kinds is None else {"counted": kinds}
        if weights is not None:
            changes |= {"weights": dict(weights), "weight_default": 20}
        chosen = job.offenses.kinds.model_copy(update=changes)
        offenses_of = job.offenses.model_copy(update={"kinds": chosen})
        job = job.model_copy(update={"offenses": offenses_of})
        return place_of(name, job, measures=measures)


def squares(name: str, shared: Path, file: str, *, side: float = 1000) -> Place:
    """Return records of a city on squares of its own, those that the hull of the points touches."""
    records = pd.read_csv(shared / file).dropna(subset=["longitude", "latitude"])
    points = gpd.GeoSeries.from_xy(records["longitude"], records["latitude"], crs="EPSG:4326")
    hull = points.to_crs(points.estimate_utm_crs()).union_all().convex_hull
    west, south, east, north = hull.bounds
    cells = [
        box(x, y, x + side, y + side)
        for x in np.arange(west, east, side)
        for y in np.arange(south, north, side)
    ]
    touched = gpd.GeoDataFrame(geometry=cells, crs=points.estimate_utm_crs())
    touched = touched[touched.intersects(hull)].reset_index(drop=True)
    touched["code"] = [f"s{number:04d}" for number in touched.index]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "squares.gpkg"
        touched.to_file(path)
        return city(name, shared, (file, str(path)))


def held_out(shared: Path) -> Iterator[Place]:
    """Yield places that had no say in the choice of the default's numbers."""
    for seed in (4, 5, 6):
        yield redrawn_sample(seed)
    for kind in ("Robbery", "Break and Enter", "Auto Theft", "Theft Over"):
        yield city(f"Toronto, {kind.lower()}", shared, TORONTO, kinds=[kind])
    for code, words in (("03", "robbery"), ("05", "burglary"), ("07", "vehicle theft")):
        kinds = st_louis_kinds(shared, code)
        yield city(f"St. Louis, {words}", shared, ST_LOUIS, kinds=kinds)
    yield city("Medellín, homicide", shared, MEDELLIN)
    yield squares("Cincinnati, burglary", shared, CINCINNATI)
