"""DBSCAN, ST-DBSCAN and HDBSCAN against scikit-learn, brute force and what must not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, HDBSCAN

from hotspot.errors import InputError
from hotspot.statistics import point_clusters
from hotspot.statistics.point_clusters import dbscan, hdbscan

START = pd.Timestamp("2024-01-01")


def draw(n: int, seed: int) -> pd.DataFrame:
    """Draw half the points around six centres, some of them stacked on the same place."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 3000, (6, 2))
    near = centres[rng.integers(0, 6, n // 2)] + rng.normal(0, 60, (n // 2, 2))
    places = np.vstack([near, rng.uniform(0, 3000, (n - n // 2, 2))])
    places[: n // 10] = places[n // 10 : n // 10 * 2]
    days = pd.to_timedelta(rng.integers(0, 90, n), unit="D")
    table = pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "date": START + days})
    return table.set_index(pd.Index([f"r{i}" for i in rng.permutation(n)]))


def near_all(points: pd.DataFrame, radius: float, days: float | None) -> np.ndarray:
    """Say of all pairs whether they are neighbours."""
    x, y = points["x"].to_numpy(), points["y"].to_numpy()
    near = np.hypot(x[:, None] - x, y[:, None] - y) <= radius
    if days is not None:
        day = (points["date"] - START).dt.days.to_numpy()
        near &= np.abs(day[:, None] - day) <= days
    return near


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("days", [None, 14])
def test_clusters_are_those_of_scikit_learn(seed: int, days: float | None):
    points = draw(400, seed)
    near = near_all(points, 80, days)
    oracle = DBSCAN(eps=0.5, min_samples=5, metric="precomputed").fit(1 - near.astype(float))
    core = near.sum(axis=1) >= 5
    assert np.flatnonzero(core).tolist() == oracle.core_sample_indices_.tolist()
    ours = dbscan(points, radius_m=80, min_points=5, days=days).to_numpy()
    pairs = set(zip(ours[core], oracle.labels_[core], strict=True))
    assert len(pairs) == ours.max() == oracle.labels_.max() + 1
    assert ((ours == 0) == (oracle.labels_ == -1)).all()
    # a border point is in the cluster of its nearest core
    x, y = points["x"].to_numpy(), points["y"].to_numpy()
    for i in np.flatnonzero(~core & (ours > 0)):
        cores = np.flatnonzero(core & near[i])
        nearest = cores[np.argmin(np.hypot(x[cores] - x[i], y[cores] - y[i]))]
        assert ours[i] == ours[nearest]


def test_a_point_between_two_clusters_joins_the_nearer():
    # by hand: 4 is 50 from the core at 54, and 52 from the core at -48
    x = [-60.0, -48, -55, 4, 54, 60, 61]
    points = pd.DataFrame({"x": x, "y": 0.0})
    assert dbscan(points, radius_m=52, min_points=4).tolist() == [2, 2, 2, 1, 1, 1, 1]


def test_the_largest_cluster_is_the_first_and_of_equals_the_western():
    points = pd.DataFrame({"x": [900.0, 901, 500, 501, 0, 1, 2], "y": 0.0})
    assert dbscan(points, radius_m=5, min_points=2).tolist() == [3, 3, 2, 2, 1, 1, 1]


def test_stacked_points_count_each():
    points = pd.DataFrame({"x": [0.0] * 5 + [30.0, 500.0], "y": 0.0})
    assert dbscan(points, radius_m=40, min_points=5).tolist() == [1] * 6 + [0]
    assert hdbscan(points.iloc[:6], min_cluster=5).tolist() == [0] * 6


def test_a_point_exactly_at_the_limits_is_a_neighbour():
    points = pd.DataFrame(
        {"x": [0.0, 30], "y": [0.0, 40], "date": pd.to_datetime(["2024-01-01", "2024-01-08"])}
    )
    assert dbscan(points, radius_m=50, min_points=2, days=7).tolist() == [1, 1]
    assert dbscan(points, radius_m=49.999, min_points=2, days=7).tolist() == [0, 0]
    assert dbscan(points, radius_m=50, min_points=2, days=6.999).tolist() == [0, 0]


def test_points_without_a_place_or_date_are_missing_not_alone():
    points = pd.DataFrame(
        {
            "x": [0.0, 1, np.nan, 2],
            "y": [0.0, 0, 0, 0],
            "date": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-01", None]),
        }
    )
    assert dbscan(points, radius_m=5, min_points=2).tolist() == [1, 1, pd.NA, 1]
    assert dbscan(points, radius_m=5, min_points=2, days=1).tolist() == [1, 1, pd.NA, pd.NA]
    assert hdbscan(points, min_cluster=2).isna().tolist() == [False, False, True, False]
    # a transformation of coordinates out of their range leaves inf, which is no place either
    beyond = points.fillna({"x": np.inf})
    assert dbscan(beyond, radius_m=5, min_points=2).tolist() == [1, 1, pd.NA, 1]
    assert hdbscan(beyond, min_cluster=2).isna().tolist() == [False, False, True, False]


def test_no_points_are_in_no_cluster():
    none = pd.DataFrame({"x": [], "y": []}, dtype=float)
    assert dbscan(none, radius_m=5, min_points=2).empty
    assert hdbscan(none, min_cluster=2).empty
    assert dbscan(none, radius_m=5, min_points=2).dtype == "Int64"


@pytest.mark.parametrize("seed", range(3))
def test_hdbscan_is_that_of_scikit_learn(seed: int):
    points = draw(300, seed).iloc[60:]
    ordered = np.array(sorted(points[["x", "y"]].to_numpy().tolist()))
    oracle = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(ordered)
    ours = hdbscan(points, min_cluster=10).loc[points.sort_values(["x", "y"]).index].to_numpy()
    pairs = set(zip(ours, oracle, strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    sizes = np.bincount(ours)[1:]
    assert (np.diff(sizes) <= 0).all()


def test_pairs_found_part_by_part_give_the_same_clusters(monkeypatch: pytest.MonkeyPatch):
    points = draw(500, 8)
    whole = (
        dbscan(points, radius_m=70, min_points=4),
        dbscan(points, radius_m=70, min_points=4, days=20),
    )
    monkeypatch.setattr(point_clusters, "PAIRS", 50)
    pd.testing.assert_series_equal(dbscan(points, radius_m=70, min_points=4), whole[0])
    timed = dbscan(points, radius_m=70, min_points=4, days=20)
    pd.testing.assert_series_equal(timed, whole[1])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.integers(-(10**5), 10**5))
def test_order_and_place_of_the_map_change_nothing(seed: int, steps: int):
    points = draw(120, seed)
    # whole metres, in which distances are the same wherever the map begins
    points = points.assign(x=points["x"].round(), y=points["y"].round())
    moved = points.sample(frac=1, random_state=seed).assign(x=lambda of: of["x"] + steps)
    for method, options in (
        (dbscan, {"radius_m": 80, "min_points": 4}),
        (dbscan, {"radius_m": 120, "min_points": 3, "days": 10}),
        (hdbscan, {"min_cluster": 6}),
    ):
        before, after = method(points, **options), method(moved, **options)
        pd.testing.assert_series_equal(after.loc[points.index], before)


def test_thresholds_that_make_no_cluster_are_refused():
    points = draw(10, 1)
    with pytest.raises(InputError) as refused:
        dbscan(points, radius_m=0, min_points=3)
    assert str(refused.value) == (
        "radius_m=0, min_points=3, days=None make no cluster: all must be above 0"
    )
    with pytest.raises(InputError) as refused:
        hdbscan(points, min_cluster=1)
    assert str(refused.value) == (
        "min_cluster=1, min_points=1 make no cluster: give at least 2 and 1"
    )


def test_points_without_the_columns_are_refused():
    with pytest.raises(InputError) as refused:
        dbscan(pd.DataFrame({"x": [1.0]}), radius_m=5, min_points=2)
    assert str(refused.value) == "the points have no column 'y': clusters need x, y"
    months = draw(4, 1).assign(date=lambda of: of["date"].dt.to_period("M"))
    with pytest.raises(InputError) as refused:
        dbscan(months, radius_m=5, min_points=2, days=3)
    assert str(refused.value) == "the dates are period[M]: read them with pandas.to_datetime first"


def test_hdbscan_parts_no_stack_whatever_the_order():
    # invariant; scikit-learn alone parts a stack in 2 of these 60 draws
    for seed in range(60):
        drawn = np.random.default_rng(seed).integers(0, 8, (24, 2))
        points = pd.DataFrame(drawn.astype(float), columns=["x", "y"])
        found = hdbscan(points, min_cluster=3)
        assert (found.groupby([points["x"], points["y"]]).nunique() == 1).all()
        shuffled = points.sample(frac=1, random_state=seed)
        assert hdbscan(shuffled, min_cluster=3).sort_index().equals(found)
