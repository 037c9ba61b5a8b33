"""Hulls of clusters by hand, and beside brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from hotspot.errors import InputError
from hotspot.statistics.cluster_hulls import outline_clusters

CRS = "EPSG:32642"


def scattered() -> tuple[pd.DataFrame, pd.Series]:
    """Return a square of 1 km with a corner cut out, a line, a stack, and points in no cluster."""
    x = [0.0, 1000, 1000, 500, 500, 0, 2000, 2100, 3000, 3000, 3000, 9999, 9999]
    y = [0.0, 0, 500, 500, 1000, 1000, 0, 0, 5, 5, 5, 1, 2]
    dates = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(13), unit="D")
    clusters = pd.Series([1] * 6 + [3] * 2 + [2] * 3 + [0, pd.NA], dtype="Int64")
    return pd.DataFrame({"x": x, "y": y, "date": dates}), clusters


def test_hulls_hold_what_is_counted_by_hand():
    hulls = outline_clusters(*scattered(), crs=CRS)
    assert hulls.index.tolist() == [1, 2, 3]
    assert hulls.crs == CRS
    assert hulls["points"].tolist() == [6, 3, 2]
    assert hulls["places"].tolist() == [6, 1, 2]
    # the square without the triangle beyond (1000, 500) and (500, 1000)
    assert hulls["area_km2"].tolist() == [0.875, 0, 0]
    assert hulls["density"].iloc[0] == pytest.approx(6 / 0.875)
    # a stack and a line have no area
    assert hulls["density"].isna().tolist() == [False, True, True]
    assert hulls.geometry.geom_type.tolist() == ["Polygon", "Point", "LineString"]
    assert hulls["first"].dt.day.tolist() == [1, 9, 7]
    assert hulls["last"].dt.day.tolist() == [6, 11, 8]


def test_a_concave_hull_goes_in_at_its_longest_edge():
    # by hand: a triangle of 4 km by 1 km, less that from its base to the point 200 m above
    points = pd.DataFrame({"x": [0.0, 4000, 2000, 2000], "y": [0.0, 0, 1000, 200]})
    clusters = pd.Series([1, 1, 1, 1])
    areas = [
        outline_clusters(points, clusters, crs=CRS, ratio=ratio)["area_km2"].item()
        for ratio in (1.0, 0.0)
    ]
    assert areas == [2.0, 1.6]


def test_every_point_of_a_cluster_is_in_its_hull():
    rng = np.random.default_rng(3)
    points = pd.DataFrame(rng.uniform(0, 1000, (200, 2)), columns=["x", "y"])
    clusters = pd.Series(rng.integers(0, 4, 200))
    for ratio in (0.0, 0.3, 1.0):
        hulls = outline_clusters(points, clusters, crs=CRS, ratio=ratio)
        for number, hull in hulls.geometry.items():
            of = points[clusters == number]
            assert shapely.distance(hull, shapely.points(of["x"], of["y"])).max() < 1e-9
    convex = shapely.convex_hull(shapely.multipoints(points[clusters == 1].to_numpy()))
    assert hulls.geometry.iloc[0].equals(convex)
    # there are no dates
    assert hulls["first"].isna().all()


def test_the_order_of_the_rows_changes_nothing():
    points, clusters = scattered()
    order = np.random.default_rng(1).permutation(len(points))
    before = outline_clusters(points, clusters, crs=CRS, ratio=0.4)
    after = outline_clusters(points.iloc[order], clusters.iloc[order], crs=CRS, ratio=0.4)
    pd.testing.assert_frame_equal(pd.DataFrame(after.to_wkb()), pd.DataFrame(before.to_wkb()))


def test_no_cluster_makes_an_empty_table():
    points, clusters = scattered()
    hulls = outline_clusters(points, clusters * 0, crs=CRS)
    assert hulls.empty
    assert hulls.columns.tolist() == [
        "points", "places", "area_km2", "density", "first", "last", "geometry",
    ]  # fmt: skip


def test_clusters_of_other_points_and_a_wrong_ratio_are_refused():
    points, clusters = scattered()
    with pytest.raises(InputError) as refused:
        outline_clusters(points, clusters.iloc[:5], crs=CRS)
    assert str(refused.value) == (
        "the clusters have another index than the points: take them from the same points"
    )
    with pytest.raises(InputError) as refused:
        outline_clusters(points, clusters, crs=CRS, ratio=2)
    assert str(refused.value) == "the ratio of a concave hull is 2: give 0 to 1"


def test_degrees_and_points_without_coordinates_are_refused():
    points, clusters = scattered()
    with pytest.raises(InputError) as refused:
        outline_clusters(points, clusters, crs="EPSG:4326")
    assert str(refused.value) == "the CRS is EPSG:4326: bring x and y to one in metres first"
    points.loc[[4, 12], "x"] = np.nan
    with pytest.raises(InputError) as refused:
        outline_clusters(points, clusters, crs=CRS)
    # the other one is in no cluster
    assert str(refused.value) == (
        "1 points of clusters have no coordinates, the first in row 4: "
        "leave them out, or give them the cluster 0"
    )
