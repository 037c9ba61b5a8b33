"""The nearest-neighbour index by hand, by brute force and by simulation."""

from __future__ import annotations

from math import pi, sqrt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from hotspot.errors import InputError
from hotspot.statistics.nearest_neighbour_index import clark_evans

CRS = "EPSG:32642"


def square(side: float = 1000.0, west: float = 0.0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(west, 0, west + side, side)], crs=CRS)


def draw(n: int, seed: int, side: float = 1000.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(0, side, (n, 2)), columns=["x", "y"])


def test_the_first_order_is_the_papers_formula():
    # Clark & Evans: expected 1 / (2 √ρ), standard error 0.26136 / √(n ρ)
    points = draw(80, 1)
    density = 80 / 1e6
    distances = cdist(points, points)
    np.fill_diagonal(distances, np.inf)
    observed = distances.min(axis=1).mean()
    found = clark_evans(points, square(), edge="none").loc[1]
    assert found["observed_m"] == pytest.approx(observed, rel=1e-12)
    assert found["expected_m"] == pytest.approx(0.5 / sqrt(density), rel=1e-12)
    assert found["index"] == pytest.approx(observed * 2 * sqrt(density), rel=1e-12)
    # the paper rounds the constant to five digits
    z = (observed - 0.5 / sqrt(density)) / (0.26136 / sqrt(80 * density))
    assert found["z"] == pytest.approx(z, rel=2e-5)
    assert np.isnan(found["p"])


def test_donnellys_correction_by_hand():
    # 100 points on a square of 1 km: expected 50 + (0.0514 + 0.0041) · 4000 / 100 = 52.22;
    # variance (0.0703 · 10⁶ + 0.037 · 4000 · 100) / 100² = 8.51
    found = clark_evans(draw(100, 2), square()).loc[1]
    assert found["expected_m"] == pytest.approx(52.22, rel=1e-12)
    assert found["z"] == pytest.approx((found["observed_m"] - 52.22) / sqrt(8.51), rel=1e-10)


def test_later_orders_are_thompsons_factors():
    # k (2k)! / (2^k k!)²: 0.5, 0.75, 0.9375, published with CrimeStat's k-order index
    found = clark_evans(draw(90, 3), square(), orders=3, edge="none")
    scale = sqrt(1e6 / 90)
    np.testing.assert_allclose(found["expected_m"] / scale, [0.5, 0.75, 0.9375], rtol=1e-12)
    distances = np.sort(cdist(draw(90, 3), draw(90, 3)), axis=1)[:, 1:4]
    np.testing.assert_allclose(found["observed_m"], distances.mean(axis=0), rtol=1e-12)
    assert found["z"].isna().tolist() == [False, True, True]


def test_the_expectations_are_those_of_simulation():
    # mean and deviation of the mean distance over 600 maps, four standard errors
    found = pd.concat([clark_evans(draw(60, seed), square()) for seed in range(600)])
    error = found["z"].std() / sqrt(600)
    assert abs(found["z"].mean()) < 4 * error
    assert found["z"].std() == pytest.approx(1, abs=4 / sqrt(2 * 600))
    assert 0.5 / sqrt(pi) < found["index"].mean() < 1.1


def test_clusters_and_grids_are_told_apart():
    rng = np.random.default_rng(5)
    near = pd.DataFrame(rng.normal(500, 20, (50, 2)), columns=["x", "y"])
    clustered = clark_evans(near, square()).loc[1]
    assert clustered["index"] < 0.2
    assert clustered["p"] < 1e-9
    grid = pd.DataFrame({"x": np.tile(np.arange(50, 1000, 100.0), 10)})
    grid["y"] = np.repeat(np.arange(50, 1000, 100.0), 10)
    even = clark_evans(grid, square()).loc[1]
    assert even["observed_m"] == 100
    assert even["z"] > 10


def test_stacked_points_are_no_distance_apart():
    points = pd.DataFrame({"x": [100.0] * 3 + [900.0], "y": 500.0})
    found = clark_evans(points, square(), orders=2)
    assert found["observed_m"].tolist() == [200, 200]


def test_mahallas_are_one_area():
    halves = gpd.GeoDataFrame(
        geometry=[shapely.box(0, 0, 500, 1000), None, shapely.box(500, 0, 1000, 1000)], crs=CRS
    )
    pd.testing.assert_frame_equal(
        clark_evans(draw(40, 1), halves), clark_evans(draw(40, 1), square())
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.integers(0, 10**6))
def test_order_unit_and_place_change_nothing(seed: int, steps: int):
    points = draw(30, seed).round()
    before = clark_evans(points, square(), orders=2)
    shuffled = clark_evans(points.sample(frac=1, random_state=seed), square(), orders=2)
    pd.testing.assert_frame_equal(shuffled, before, check_exact=True)
    moved = clark_evans(points.assign(x=points["x"] + steps), square(west=steps), orders=2)
    pd.testing.assert_frame_equal(moved, before)
    doubled = clark_evans(points * 2, square(2000), orders=2)
    kept = ["index", "z", "p"]
    pd.testing.assert_frame_equal(doubled[kept], before[kept], rtol=1e-9)


@pytest.mark.parametrize(
    ("points", "area", "sentence"),
    [
        (
            draw(5, 1).drop(columns="y"),
            square(),
            "the points have no column 'y': distances need x and y",
        ),
        (
            draw(5, 1).assign(x=[1.0, 2, np.nan, 3, 4]),
            square(),
            "1 of 5 points have no coordinates: leave them out first, and say how many they are",
        ),
        (
            draw(5, 1).assign(x=[1.0, 2, np.inf, 3, 4]),
            square(),
            "1 of 5 points have no coordinates: leave them out first, and say how many they are",
        ),
        (
            draw(5, 1),
            square().to_crs("EPSG:4326"),
            "the area's CRS is EPSG:4326: "
            "distances need one in metres, the same as that of x and y",
        ),
        (
            draw(5, 1) + 990,
            square(),
            "5 of 5 points lie outside the area: leave them out, or give the area they are from",
        ),
        (
            draw(1, 1),
            square(),
            "1 points have no neighbour of order 1: give 1 to 1, and at least 2 points",
        ),
    ],
)
def test_points_and_areas_that_do_not_fit_are_refused(points, area, sentence: str):
    with pytest.raises(InputError) as refused:
        clark_evans(points, area)
    assert str(refused.value) == sentence
