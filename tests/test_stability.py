"""The month decided otherwise, past windows, flip distances: against whole runs of a small job."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot import read_job, run_month
from hotspot.categories.classify import decide
from hotspot.categories.criteria import bundled_text
from hotspot.columns import names
from hotspot.folder import write_month
from hotspot.monthly import Month
from hotspot.run_folder import read_run_folder, window_of
from hotspot.stability import (
    decide_variants,
    describe_reds,
    largest_remainders,
    list_reds,
    share_unplaced,
    summarise_reds,
)
from hotspot.statistics.suspicious_zeros import find_sudden_zeros
from hotspot.uncertainty import flip_distance, red_probability
from hotspot.zeros import describe_zeros, list_suspicious_zeros

SIDE = 7
MONTHS = pd.period_range("2023-02", "2025-01", freq="M")
JOB = """
month = "2025-01"
[offenses]
path = "offenses.csv"
crs = "EPSG:32642"
from = "2023-02"
to = "2025-01"
[offenses.columns]
id = "id"
date = "date"
longitude = "x"
latitude = "y"
mahalla_code = "mahalla_code"
district = "district"
[mahallas]
path = "mahallas.gpkg"
[mahallas.columns]
code = "mahalla_code"
name = "name"
district = "district"
population = "population"
[criteria]
path = "criteria.toml"
"""
# no hysteresis, so that a run of its own has no other past
PLAIN = """
name = "plain"
version = "1"
window_months = {window}
min_hit_rate = 0.5
[green]
all = ["count == 0"]
[red]
all = ["count >= 3", {more}]
"""
BY_NEIGHBOURS = '"gi_pop_p <= 0.2"'
BY_DENSITY = '"density_ratio > 1.2"'


def draw_mahallas() -> gpd.GeoDataFrame:
    """Draw squares of a kilometre in two districts, with people."""
    rng = np.random.default_rng(4)
    places = [(x, y) for x in range(400, 400 + SIDE) for y in range(SIDE)]
    return gpd.GeoDataFrame(
        {
            "mahalla_code": [f"17{i:04d}" for i in range(len(places))],
            "name": [f"Mahalla {i}" for i in range(len(places))],
            "district": ["West" if x < 403 else "East" for x, _ in places],
            "population": rng.integers(1000, 9000, len(places)),
        },
        geometry=[
            shapely.box(1000 * x, 4_400_000 + 1000 * y, 1000 * x + 1000, 4_401_000 + 1000 * y)
            for x, y in places
        ],
        crs="EPSG:32642",
    )  # fmt: skip


def draw_offenses(mahallas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Draw two years of records by code, and some that only name a district or nothing."""
    rng = np.random.default_rng(6)
    risk = rng.gamma(0.4, 1.2, len(mahallas))
    risk[0] = 5.0
    counts = rng.poisson(np.repeat(risk[:, None], len(MONTHS), axis=1))
    # the first mahalla falls silent, another has all its offenses in the last month
    counts[0, -4:], counts[24], counts[24, -1] = 0, 0, 34
    where, when = (np.repeat(of, counts.ravel()) for of in np.indices(counts.shape).reshape(2, -1))
    inside = mahallas.geometry.centroid
    day = pd.to_timedelta(rng.integers(0, 27, len(when)), "D")
    records = pd.DataFrame(
        {
            "date": MONTHS.to_timestamp()[when] + day,
            "x": inside.x.to_numpy()[where] + rng.uniform(-400, 400, len(where)),
            "y": inside.y.to_numpy()[where] + rng.uniform(-400, 400, len(where)),
            "mahalla_code": mahallas["mahalla_code"].to_numpy()[where],
            "district": mahallas["district"].to_numpy()[where],
        }
    )
    lost = rng.uniform(size=len(records)) < 0.08
    records.loc[lost, ["x", "y", "mahalla_code"]] = None
    records.loc[lost & (rng.uniform(size=len(records)) < 0.3), "district"] = None
    return records.assign(id=[f"R{i}" for i in range(len(records))])


class Office:
    """A folder with the small job, to be run with other records, criteria or settings."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mahallas = folder, draw_mahallas()
        self.offenses = draw_offenses(self.mahallas)
        self.mahallas.to_file(folder / "mahallas.gpkg")
        self.usual = self.run()

    def run(
        self,
        *,
        offenses: pd.DataFrame | None = None,
        criteria: str | None = None,
        month: str = "2025-01",
        more: str = "",
    ) -> Month:
        """Do the job anew."""
        records = self.offenses if offenses is None else offenses
        records.to_csv(self.folder / "offenses.csv", index=False, date_format="%Y-%m-%d")
        text = criteria or bundled_text("analytical-12m")
        (self.folder / "criteria.toml").write_text(text, encoding="utf-8")
        (self.folder / "job.toml").write_text(JOB + more, encoding="utf-8")
        self.job = read_job(self.folder / "job.toml")
        return run_month(self.job, month=month)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def new_records(codes: dict[str, int]) -> pd.DataFrame:
    """Return so many records of each mahalla in the last days of the last month."""
    code = [code for code, number in codes.items() for _ in range(number)]
    return pd.DataFrame({"mahalla_code": code, "date": pd.Timestamp("2025-01-30")}).assign(
        id=[f"N{i}" for i in range(len(code))]
    )


def test_another_window_gives_what_a_run_with_that_window_gives(office: Office) -> None:
    variants = office.run(criteria=PLAIN.format(window=12, more=BY_NEIGHBOURS)).sensitivity
    assert list(variants.columns) == [
        *names("sensitivity"), "window_8", "window_18", "nearest_6", "unplaced_shared"
    ]  # fmt: skip
    for window in (8, 18):
        own = office.run(criteria=PLAIN.format(window=window, more=BY_NEIGHBOURS)).table["category"]
        listed = variants.set_index("mahalla_code")[f"window_{window}"]
        assert listed.tolist() == own[listed.index].tolist()
        assert set(own[own == "red"].index) <= set(listed.index)


def test_other_neighbours_are_the_nearest_by_brute_force(office: Office) -> None:
    done = office.run(criteria=PLAIN.format(window=12, more=BY_NEIGHBOURS))
    found = decide_variants(done.setting, office.job, None)["nearest_6"]
    inside = shapely.get_coordinates(shapely.point_on_surface(done.table.geometry.to_numpy()))
    apart = np.hypot(*(inside[:, None] - inside[None]).transpose(2, 0, 1)).round(6)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1, kind="stable")[:, :6]
    codes = done.table.index.to_numpy()
    graph = Graph.from_arrays(np.repeat(codes, 6), codes[near.ravel()], np.ones(near.size))
    window = done.setting.window(done.month, None)
    other = type(window)(**{**vars(window), "graph": graph})
    expected = other.decide(window.seen.to_frame(0))[0]
    assert found.tolist() == expected.tolist()
    assert found.tolist() != done.table["category"].tolist()


def test_another_bandwidth_gives_what_a_run_with_that_bandwidth_gives(office: Office) -> None:
    criteria = PLAIN.format(window=12, more=BY_DENSITY)
    given = "[density]\nbandwidth_m = {}\n"
    variants = office.run(criteria=criteria, more=given.format(800)).sensitivity
    assert {"bandwidth_half", "bandwidth_double"} < set(variants.columns)
    for name, metres in (("bandwidth_half", 400), ("bandwidth_double", 1600)):
        own = office.run(criteria=criteria, more=given.format(metres)).table["category"]
        listed = variants.set_index("mahalla_code")[name]
        assert listed.tolist() == own[listed.index].tolist()


def test_the_unplaced_shared_give_what_a_run_with_them_placed_gives(office: Office) -> None:
    criteria = PLAIN.format(window=12, more='"count_ratio > 1.3"')
    done = office.run(criteria=criteria)
    shared = share_unplaced(done.setting.placement, 12)
    lost = office.offenses["mahalla_code"].isna()
    recent = office.offenses["date"] >= "2024-02-01"
    assert shared.sum() == (lost & recent).sum() > 5
    west = done.table["district"] == "West"
    named = office.offenses["district"] == "West"
    assert shared[west].sum() >= (lost & recent & named).sum()
    placed = pd.concat([office.offenses[~(lost & recent)], new_records(shared.to_dict())])
    own = office.run(offenses=placed, criteria=criteria).table["category"]
    listed = done.sensitivity.set_index("mahalla_code")["unplaced_shared"]
    assert listed.tolist() == own[listed.index].tolist()


def test_the_reds_that_hold_are_red_everywhere(office: Office) -> None:
    done = office.usual
    variants = decide_variants(done.setting, office.job, done.history.iloc[:, -2])
    every = variants.assign(category=done.table["category"]) == "red"
    assert every.any(axis=1).sum() == len(done.sensitivity)
    assert done.sensitivity["mahalla_code"].is_monotonic_increasing
    assert done.sensitivity["holds"].sum() == every.all(axis=1).sum() > 0
    assert done.account["sensitivity"] == summarise_reds(done.sensitivity)
    assert set(describe_reds(summarise_reds(done.sensitivity))) <= set(done.notes)
    nothing = list_reds(done.table.assign(category="green"), variants.replace("red", "yellow"))
    assert nothing.empty
    assert describe_reds(summarise_reds(nothing)) == []


def test_without_variants_every_red_holds_and_nothing_is_said() -> None:
    table = pd.DataFrame({"name": ["a", "b"], "district": "x", "category": ["red", "green"]})
    reds = list_reds(table, pd.DataFrame(index=table.index))
    assert reds["holds"].tolist() == [True]
    assert describe_reds(summarise_reds(reds)) == []


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("xyz")), min_size=1, max_size=12),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
)
def test_shares_are_whole_and_within_one_of_their_quota(
    members: list[tuple[int, str]], given: list[int]
) -> None:
    counts = pd.Series({f"m{i:02d}": count for i, (count, _) in enumerate(members)})
    group = pd.Series({f"m{i:02d}": key for i, (_, key) in enumerate(members)})
    numbers = pd.Series(given, list("xyz"))
    shared = largest_remainders(numbers, counts, group)
    for key in set(group):
        among = counts[group == key]
        weights = among if among.sum() else among + 1
        assert shared[group == key].sum() == numbers[key]
        quota = numbers[key] * weights / weights.sum()
        assert (shared[group == key] - quota).abs().max() < 1
    order = np.random.default_rng(len(members)).permutation(len(members))
    again = largest_remainders(numbers, counts.iloc[order], group.iloc[order])
    pd.testing.assert_series_equal(again.sort_index(), shared)


def test_a_past_window_is_the_one_of_a_run_of_that_month(office: Office) -> None:
    done = office.usual
    for month in ("2025-01", "2024-11"):
        past = pd.Period(month, freq="M")
        window = done.setting.window(past, done.history.get(past - 1))
        own = office.run(month=month)
        decided = decide(window.evidence, window.criteria, window.previous)
        assert decided.tolist() == own.table["category"].tolist()
        expected = own.table["red_probability"].to_numpy()
        np.testing.assert_array_equal(red_probability(window), expected)


@pytest.mark.slow
def test_adding_or_removing_the_flip_distance_turns_the_colour_of_a_run(
    office: Office, tmp_path: Path
) -> None:
    done = office.usual
    window = window_of(read_run_folder(write_month(done, tmp_path, drawings=False)))
    month = office.offenses["date"] >= "2025-01-01"
    turned = set()
    for category in ("green", "yellow", "red"):
        codes = done.table.index[done.table["category"] == category]
        # those with the most offenses in the month, so that some can be taken away
        codes = done.table.loc[codes, "count_month"].sort_values(kind="stable").index[-2:]
        for code in codes:
            flip = flip_distance(window, code)
            own = office.offenses.index[month & (office.offenses["mahalla_code"] == code)]
            ways = [("more", lambda n, c=code: pd.concat([office.offenses, new_records({c: n})]))]
            if flip["fewer"] <= len(own):
                ways.append(("fewer", lambda n, of=own: office.offenses.drop(of[:n])))
            for word, change in ways:
                if math.isnan(flip[word]):
                    continue
                number = int(flip[word])
                after = office.run(offenses=change(number)).table["category"]
                assert after[code] == flip[f"category_{word}"] != category
                if number > 1:
                    one_fewer = office.run(offenses=change(number - 1)).table["category"]
                    assert one_fewer[code] == category
                turned.add((word, category))
    assert {("more", "green"), ("more", "yellow"), ("fewer", "red")} <= turned


def test_who_fell_silent_is_listed_with_the_most_improbable_span(office: Office) -> None:
    done = office.usual
    placement = done.setting.placement
    zeros = list_suspicious_zeros(placement)
    assert list(zeros.columns) == names("suspicious_zeros")
    pd.testing.assert_frame_equal(zeros, done.zeros)
    assert zeros["mahalla_code"].tolist() == ["170000"]
    # 24 months leave room for spans of 1, 3, 6 and 12 months, and it is silent for four
    spans = {span: find_sudden_zeros(placement.placed, recent=span) for span in (1, 3, 6, 12)}
    least = min(spans, key=lambda span: spans[span].loc["170000", "zero_q"])
    assert zeros["months"].tolist() == [least] == [3]
    assert zeros["q"][0] == 4 * spans[3].loc["170000", "zero_q"] <= 0.05
    assert describe_zeros(zeros)[0] in done.notes
    assert describe_zeros(zeros.iloc[:0]) == []
