"""Ripley's K and L against brute force, geometry worked out on paper, and simulation."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from hotspot.errors import InputError
from hotspot.statistics import ripley
from hotspot.statistics.ripley import ripley_k, ripley_test

CRS = "EPSG:32642"
METRES = [25, 50, 100, 200]


def square(side: float = 1000.0, west: float = 0.0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(west, 0, west + side, side)], crs=CRS)


def draw(n: int, seed: int, side: float = 1000.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(0, side, (n, 2)), columns=["x", "y"])


def crescent() -> shapely.Polygon:
    """Return an area with a bay and a hole."""
    disc = shapely.Point(500, 500).buffer(500).difference(shapely.Point(900, 500).buffer(250))
    return disc.difference(shapely.box(300, 600, 400, 700))


def test_the_common_area_of_a_rectangle_is_that_of_geometry():
    # on paper: a b − 2 r (a + b) / π + r² / π, for r up to the shorter side
    overlap = ripley._overlap(shapely.box(0, 0, 1000, 600), 500)
    r = np.linspace(0, 500, 101)
    paper = 600_000 - 2 * r * 1600 / np.pi + r**2 / np.pi
    np.testing.assert_allclose(overlap(r), paper, rtol=1e-3)


def test_the_common_area_of_a_disc_is_that_of_geometry():
    # two circles of radius 1000 a distance r apart have a lens in common
    overlap = ripley._overlap(shapely.Point(0, 0).buffer(1000, quad_segs=200), 800)
    r = np.linspace(0, 800, 81)
    lens = 2e6 * np.arccos(r / 2000) - r / 2 * np.sqrt(4e6 - r**2)
    np.testing.assert_allclose(overlap(r), lens, rtol=1e-4)


@pytest.mark.parametrize("area", [shapely.box(0, 0, 1000, 1000), crescent()])
def test_k_is_that_of_brute_force(area: shapely.Polygon):
    points = draw(60, 1)
    points = points[shapely.contains_xy(area, points["x"], points["y"])]
    places = points.to_numpy()
    turns = np.arange(180) * np.pi / 180
    expected = np.zeros(len(METRES))
    for i, one in enumerate(places):
        for other in places[:i]:
            d = np.hypot(*(one - other))
            if d <= METRES[-1]:
                # the area laid over itself, for this pair's own distance
                moved = [affinity.translate(area, d * np.cos(t), d * np.sin(t)) for t in turns[::6]]
                common = np.mean([area.intersection(each).area for each in moved])
                expected += 2 * (d <= np.array(METRES)) / common
    expected *= area.area**2 / (len(places) * (len(places) - 1))
    found = ripley_k(points, gpd.GeoDataFrame(geometry=[area], crs=CRS), metres=METRES)
    np.testing.assert_allclose(found["k"], expected, rtol=2e-3)
    np.testing.assert_allclose(found["l"], np.sqrt(expected / np.pi), rtol=2e-3)


def test_chance_has_k_of_a_circle_in_any_area():
    # unbiased: the mean over 300 maps within four standard errors
    shape = crescent()
    area = gpd.GeoDataFrame(geometry=[shape], crs=CRS)
    scatter = ripley._scatter(area, shape, "uniform")
    rng = np.random.default_rng(4)
    k_of = ripley._k_of(shape, METRES)
    k = np.array([k_of(scatter(60, rng)) for _ in range(300)])
    error = k.std(axis=0) / np.sqrt(300)
    assert (np.abs(k.mean(axis=0) - np.pi * np.array(METRES) ** 2) < 4 * error).all()


def test_points_of_the_null_lie_in_the_area_and_everywhere_alike():
    shape = crescent()
    scatter = ripley._scatter(gpd.GeoDataFrame(geometry=[shape], crs=CRS), shape, "uniform")
    places = scatter(20_000, np.random.default_rng(1))
    assert (shapely.distance(shape, shapely.points(places)) < 1e-6).all()
    for half in (shapely.box(0, 0, 500, 1000), shapely.box(0, 0, 1000, 300)):
        share = shape.intersection(half).area / shape.area
        error = np.sqrt(share * (1 - share) / 20_000)
        inside = shapely.contains_xy(half, places[:, 0], places[:, 1]).mean()
        assert abs(inside - share) < 4 * error


def test_points_by_population_follow_it():
    area = gpd.GeoDataFrame(
        {"population": [300.0, 100, 0, np.nan]},
        geometry=[shapely.box(west, 0, west + 250, 1000) for west in (0, 250, 500, 750)],
        index=list("abcd"),
        crs=CRS,
    )
    scatter = ripley._scatter(area, shapely.union_all(area.geometry), "population")
    x = scatter(10_000, np.random.default_rng(2))[:, 0]
    assert (x <= 500).all()
    assert (x < 250).mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 10_000))


def test_clusters_leave_the_band_and_chance_does_not():
    rng = np.random.default_rng(1)
    near = pd.DataFrame(rng.uniform(200, 800, (20, 2)).repeat(4, axis=0), columns=["x", "y"])
    near += rng.normal(0, 15, near.shape)
    clustered = ripley_test(near, square(), metres=METRES, simulations=199)
    assert clustered.p == 1 / 200
    assert (clustered.curves["l"] > clustered.curves["l_high"]).any()
    chance = ripley_test(draw(80, 3), square(), metres=METRES, simulations=199)
    assert chance.p > 0.05
    inside = chance.curves["l"].between(chance.curves["l_low"], chance.curves["l_high"])
    assert inside.all()


def test_people_are_not_taken_for_crime():
    # nine in ten live in a fifth of the area: clusters by area, none by population
    area = gpd.GeoDataFrame(
        {"population": [9000.0, 1000.0]},
        geometry=[shapely.box(0, 0, 200, 1000), shapely.box(200, 0, 1000, 1000)],
        index=["a", "b"],
        crs=CRS,
    )
    points = pd.concat([draw(90, 1) * [0.2, 1], draw(10, 2) * [0.8, 1] + [200, 0]])
    assert ripley_test(points, area, metres=METRES, simulations=199).p == 1 / 200
    fair = ripley_test(points, area, metres=METRES, null="population", simulations=199)
    assert fair.p > 0.05


@pytest.mark.parametrize("seed", range(30))
def test_the_curve_leaves_the_band_where_p_says_so(seed: int):
    points = draw(20, seed)
    found = ripley_test(points, square(), metres=METRES, simulations=39, seed=seed)
    curves = found.curves
    within = curves["l"].between(curves["l_low"] - 1e-9, curves["l_high"] + 1e-9).all()
    assert within == (found.p > 0.05)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.integers(0, 10**6))
def test_order_unit_and_place_change_nothing(seed: int, steps: int):
    points = draw(40, seed)
    before = ripley_test(points, square(), metres=METRES, simulations=19)
    shuffled = points.sample(frac=1, random_state=seed)
    after = ripley_test(shuffled, square(), metres=METRES, simulations=19)
    pd.testing.assert_frame_equal(after.curves, before.curves, check_exact=True)
    assert after.p == before.p
    k = ripley_k(points, square(), metres=METRES)["k"]
    moved = points.assign(x=points["x"] + steps)
    there = ripley_k(moved, square(west=steps), metres=METRES)["k"]
    pd.testing.assert_series_equal(there, k, rtol=1e-6)
    doubled = ripley_k(points * 2, square(2000), metres=[2 * r for r in METRES])["k"]
    np.testing.assert_allclose(doubled, 4 * k, rtol=1e-9)


@pytest.mark.parametrize("null", ["uniform", "population"])
def test_the_order_of_the_mahallas_changes_nothing(null):
    rng = np.random.default_rng(6)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(rng.uniform(0, 1000, (30, 2))), extend_to=shapely.box(0, 0, 1, 1)
        )
    )
    mahallas = gpd.GeoDataFrame(
        {"population": rng.integers(100, 5000, 30).astype(float)},
        geometry=shapely.intersection(cells, shapely.box(0, 0, 1000, 1000)),
        index=pd.Index([f"m{i:02d}" for i in range(30)], name="mahalla_code"),
        crs=CRS,
    )
    options = {"metres": METRES, "null": null, "simulations": 19}
    points = points_within(mahallas, 40)
    before = ripley_test(points, mahallas, **options)
    after = ripley_test(points, mahallas.sample(frac=1, random_state=1), **options)
    pd.testing.assert_frame_equal(after.curves, before.curves, check_exact=True)
    assert after.p == before.p


def points_within(area: gpd.GeoDataFrame, n: int) -> pd.DataFrame:
    points = draw(4 * n, 9)
    inside = shapely.contains_xy(area.union_all(), points["x"], points["y"])
    return points[inside].iloc[:n]


def test_no_pair_within_the_distances_is_l_of_0():
    points = pd.DataFrame({"x": [0.0, 1000], "y": [0.0, 1000]})
    assert ripley_k(points, square(), metres=[10, 20])["l"].tolist() == [0, 0]
    assert ripley_test(points, square(), metres=[1e-6], simulations=19).p == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"simulations": 18}, "18 simulations cannot show p = .05: give at least 19"),
        ({"metres": [50, 25]}, "distances must ascend from above 0: 50, 25"),
        ({"metres": [np.nan]}, "distances must ascend from above 0: nan"),
        ({"metres": [3000]}, "no two points of the area are 3000 m apart: end before that"),
        (
            {"null": "population"},
            "the area has no column 'population': add it, or take null='uniform'",
        ),
        (
            {"null": "population", "area": square().assign(population=0)},
            "nobody is known to live in the area: take null='uniform'",
        ),
        (
            {"points": draw(5, 1) + 990},
            "5 of 5 points lie outside the area: leave them out, or give the area they are from",
        ),
        ({"points": draw(1, 1)}, "Ripley's K needs at least 2 points, and 1 were given"),
        (
            {"points": draw(2, 1).assign(y=np.nan)},
            "2 of 2 points have no coordinates: leave them out first, and say how many they are",
        ),
        (
            {"points": draw(2, 1).assign(y=np.inf)},
            "2 of 2 points have no coordinates: leave them out first, and say how many they are",
        ),
        ({"null": "Population"}, "there is no null 'Population': choose of uniform, population"),
        (
            {"points": draw(2, 1)[["x"]]},
            "the points have no column 'y': distances need x and y",
        ),
        (
            {"area": square().set_crs(None, allow_override=True)},
            "the area's CRS is None: distances need one in metres, the same as that of x and y",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused(change, sentence: str):
    given_ = {"points": draw(5, 1), "area": square(), "metres": METRES} | change
    points, area = given_.pop("points"), given_.pop("area")
    with pytest.raises(InputError) as refused:
        ripley_test(points, area, **given_)
    assert str(refused.value) == sentence
