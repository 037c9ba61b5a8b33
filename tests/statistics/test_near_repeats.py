"""Near repeats against brute force, every permutation, and published counts."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from scipy.spatial import KDTree

from hotspot.errors import InputError
from hotspot.statistics import near_repeats
from hotspot.statistics.near_repeats import knox, near_repeat_table

START = pd.Timestamp("2024-01-01")


def draw(n: int, seed: int, *, side: float = 1000, days: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            # in steps of 50 m and whole days, so that places repeat and limits are met exactly
            "x": 50.0 * rng.integers(0, side // 50, n),
            "y": 50.0 * rng.integers(0, side // 50, n),
            "date": START + pd.to_timedelta(rng.integers(0, days, n), unit="D"),
        }
    )


def count_all(points: pd.DataFrame, metres: list[float], days: list[float]) -> np.ndarray:
    """Count the pairs of each cell, pair by pair."""
    found = np.zeros((len(metres), len(days)), dtype=int)
    rows = list(points.itertuples(index=False))
    for i, one in enumerate(rows):
        for other in rows[:i]:
            far = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            long = abs((one.date - other.date) / pd.Timedelta(days=1))
            rings = [k for k, end in enumerate(metres) if far <= end]
            whiles = [k for k, end in enumerate(days) if long <= end]
            if rings and whiles:
                found[rings[0], whiles[0]] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_table_is_that_of_brute_force(seed: int):
    points = draw(80, seed)
    metres, days = [0, 100, 150, 400], [0, 7, 14, 30]
    table = near_repeat_table(points, metres=metres, days=days, permutations=9)
    brute = count_all(points, metres, days)
    assert table["observed"].unstack().to_numpy().tolist() == brute.tolist()


def test_a_band_holds_its_upper_end_and_not_its_lower():
    # by hand: 100 m and 7 days exactly; the same place and 8 days
    dates = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-16"])
    points = pd.DataFrame({"x": [0.0, 60, 60], "y": [0.0, 80, 80], "date": dates})
    table = near_repeat_table(points, metres=[0, 100, 200], days=[7, 14, 21], permutations=9)
    assert table["observed"].unstack().to_numpy().tolist() == [[0, 1, 0], [1, 0, 1], [0, 0, 0]]


def test_expectation_and_p_are_those_of_all_permutations():
    points = draw(6, 4, side=300, days=10)
    stream = list(permutations(points["date"]))
    cells = [count_all(points.assign(date=list(dates)), [0, 100, 200], [2, 5]) for dates in stream]
    table = near_repeat_table(points, metres=[0, 100, 200], days=[2, 5], permutations=19_999)
    expected = table["expected"].unstack().to_numpy()
    np.testing.assert_allclose(expected, np.mean(cells, axis=0), rtol=1e-12)
    exact = np.mean(np.array(cells) >= table["observed"].unstack().to_numpy(), axis=0)
    # four standard errors of 19,999 draws
    np.testing.assert_allclose(table["p"].unstack().to_numpy(), exact, atol=4 * 0.5 / 141)


def test_knox_is_the_published_count_on_burkitts_lymphoma(shared: Path):
    # 13 of 3,429 near pairs and 52 soon pairs; expected 10.1438161: pointpats' documentation
    file = shared / "classic_validation" / "libpysal_burkitt" / "burkitt.shp"
    cases = gpd.read_file(file)
    points = pd.DataFrame(
        {
            "x": cases["X"].astype(float),
            "y": cases["Y"].astype(float),
            "date": START + pd.to_timedelta(cases["T"], unit="D"),
        }
    )
    found = knox(points, radius_m=20, days=5, permutations=1999)
    assert (found.observed, found.near, found.soon) == (13, 3429, 52)
    assert found.expected == pytest.approx(10.1438161, rel=1e-8)
    # the documentation has .17 and .21 from 99 permutations
    assert 0.14 < found.p < 0.24


def test_knox_is_a_table_of_one_cell():
    points = draw(100, 7)
    found = knox(points, radius_m=200, days=7, permutations=99, seed=3)
    cell = near_repeat_table(points, metres=[200], days=[7], permutations=99, seed=3).iloc[0]
    assert (found.observed, found.expected, found.ratio, found.p) == tuple(cell.iloc[:4])


def test_repeats_are_found():
    # every fourth offense follows another within 100 m and a week
    points = draw(400, 1, side=20_000, days=365)
    again = points.iloc[:130].assign(
        x=points["x"] + 30, y=points["y"] - 40, date=points["date"] + pd.Timedelta(days=3)
    )
    table = near_repeat_table(pd.concat([points, again]), permutations=199)
    cell = table.loc[(100, 7)]
    assert cell["near_repeat"]
    assert cell["observed"] >= 130
    assert cell["p"] == 1 / 200
    # .05 of the cells by chance, and few have pairs enough for a ratio of 1.2
    assert table["near_repeat"].mean() < 0.1


def test_torontos_burglaries_repeat_near_and_soon(shared: Path):
    file = shared / "toronto_mci" / "toronto_mci_2014_2021.parquet"
    records = pd.read_parquet(file, columns=["occurrencedate", "MCI", "Lat", "Long"])
    dates = pd.to_datetime(records["occurrencedate"].str[:10], format="%Y/%m/%d")
    there = records[(records["MCI"] == "Break and Enter") & (dates.dt.year == 2019)]
    project = Transformer.from_crs("EPSG:4326", "EPSG:32617", always_xy=True)
    x, y = project.transform(there["Long"].to_numpy(), there["Lat"].to_numpy())
    points = pd.DataFrame({"x": x.round(2), "y": y.round(2), "date": dates[there.index]})
    metres, days = [0, 200, 400, 1000], [7, 14, 28]
    table = near_repeat_table(points, metres=metres, days=days, permutations=39)
    # counted otherwise: all pairs within a kilometre at once, cut into bands by pandas
    pairs = KDTree(points[["x", "y"]].to_numpy()).query_pairs(1000, output_type="ndarray")
    places = points[["x", "y"]].to_numpy()
    far = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T)
    day = (points["date"] - START).dt.days.to_numpy()
    long = np.abs(day[pairs[:, 0]] - day[pairs[:, 1]])
    counted = pd.crosstab(pd.cut(far, [-1, *metres]), pd.cut(long, [-1, *days]))
    assert table["observed"].unstack().to_numpy().tolist() == counted.to_numpy().tolist()
    # what is known of burglary: most at the same place, then near by, and fading with time
    ratio = table["ratio"].unstack()
    assert ratio.loc[0, 7] > ratio.loc[200, 7] > ratio.loc[400, 7] > 1
    assert ratio.loc[0, 7] > ratio.loc[0, 14] > ratio.loc[0, 28] > 1
    assert table["near_repeat"].unstack()[7].tolist() == [True, True, False, False]


def test_hours_count_where_dates_have_them():
    dates = pd.to_datetime(["2024-01-01 12:00:00", "2024-01-08 12:00:00", "2024-01-15 12:00:01"])
    points = pd.DataFrame({"x": 0.0, "y": 0.0, "date": dates})
    assert knox(points, radius_m=1, days=7, permutations=9).observed == 1


def test_all_on_one_day_or_at_one_place_is_no_evidence():
    points = draw(30, 2)
    same_day = knox(points.assign(date=START), radius_m=200, days=1, permutations=99)
    assert (same_day.ratio, same_day.p) == (1, 1)
    same_place = knox(points.assign(x=0.0, y=0.0), radius_m=1, days=7, permutations=99)
    assert (same_place.ratio, same_place.p) == (1, 1)
    far = knox(points.assign(x=1e4 * np.arange(30)), radius_m=1, days=7, permutations=99)
    assert far.observed == 0
    assert np.isnan(far.ratio)
    assert far.p == 1


def test_pairs_found_part_by_part_are_the_same(monkeypatch: pytest.MonkeyPatch):
    points = draw(120, 5)
    whole = near_repeat_table(points, permutations=49)
    monkeypatch.setattr(near_repeats, "PAIRS", 100)
    monkeypatch.setattr(near_repeats, "PERMUTED", 5_000)
    pd.testing.assert_frame_equal(near_repeat_table(points, permutations=49), whole)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    east=st.integers(-(10**6), 10**6),
    years=st.integers(-20, 20),
    scale=st.sampled_from([1.0, 2.0, 0.5]),
)
def test_order_place_date_and_unit_change_nothing(seed: int, east: int, years: int, scale: float):
    points = draw(40, seed)
    before = near_repeat_table(points, metres=[0, 100, 300], days=[7, 21], permutations=19)
    moved = points.sample(frac=1, random_state=seed).assign(
        x=lambda of: (of["x"] + east) * scale,
        y=lambda of: of["y"] * scale,
        date=lambda of: of["date"] + pd.Timedelta(days=365 * years),
    )
    metres = [0, 100 * scale, 300 * scale]
    after = near_repeat_table(moved, metres=metres, days=[7, 21], permutations=19)
    pd.testing.assert_frame_equal(
        after.reset_index(drop=True), before.reset_index(drop=True), check_exact=True
    )


def test_a_seed_decides_p_and_nothing_else():
    points = draw(60, 9)
    one, again, other = (knox(points, radius_m=200, days=7, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert (one.observed, one.expected) == (other.observed, other.expected)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda of: of.drop(columns="date"),
            "the points have no column 'date': near repeats need x, y and date",
        ),
        (
            lambda of: of.assign(date=of["date"].astype(object)),
            "the dates are object: read them with pandas.to_datetime first",
        ),
        (
            lambda of: of.assign(x=[np.nan, *of["x"].iloc[1:]]),
            "1 of 4 points have no coordinates or no date: "
            "leave them out first, and say how many they are",
        ),
        (
            # as transformations of coordinates out of their range leave them
            lambda of: of.assign(x=[np.inf, *of["x"].iloc[1:]]),
            "1 of 4 points have no coordinates or no date: "
            "leave them out first, and say how many they are",
        ),
        (lambda of: of.iloc[:1], "near repeats need at least 2 points, and 1 were given"),
    ],
)
def test_points_that_cannot_be_compared_are_refused(change, sentence: str):
    with pytest.raises(InputError) as refused:
        knox(change(draw(4, 1)), radius_m=100, days=7)
    assert str(refused.value) == sentence


def test_limits_that_make_no_sense_are_refused():
    with pytest.raises(InputError) as refused:
        knox(draw(4, 1), radius_m=0, days=7)
    assert str(refused.value) == "a radius of 0 m and 7 days make no pairs: both must be above 0"
    with pytest.raises(InputError) as refused:
        near_repeat_table(draw(4, 1), metres=[200, 100])
    assert str(refused.value) == "bands of metres must ascend from 0 or above, and are 200, 100"
    with pytest.raises(InputError) as refused:
        near_repeat_table(draw(4, 1), metres=[float("nan")])
    assert str(refused.value) == "bands of metres must ascend from 0 or above, and are nan"
    # without a check p would be (1 + 0) / (1 - 5)
    with pytest.raises(InputError) as refused:
        knox(draw(4, 1), radius_m=100, days=7, permutations=-5)
    assert str(refused.value) == "-5 permutations: ask for at least one, 999 as a rule"


def test_without_a_limit_of_time_all_near_pairs_are_soon():
    # invariant: as with a limit beyond all dates
    points = draw(20, 1)
    unlimited, long = (
        knox(points, radius_m=500, days=days, permutations=19) for days in (np.inf, 1e5)
    )
    assert unlimited == long
    assert unlimited.observed == unlimited.near
