"""Weights by distance: by hand, beside libpysal, and refused where they make no sense."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.statistics.distance_weights import weigh_by_distance

UTM = "EPSG:32642"


def places(points: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    index = pd.Index([f"{k:02d}" for k in range(len(points))], name="mahalla_code")
    return gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*np.transpose(points)), index=index, crs=UTM
    )


ROW = places([(0, 0), (3, 4), (3, 4), (500, 0)])
LINKS = Graph.from_arrays(
    ["00", "00", "01", "01", "02", "03"], ["01", "02", "00", "02", "01", "03"], [1, 1, 2, 1, 1, 0]
)


def test_weights_by_hand():
    inverse = weigh_by_distance(LINKS, ROW).adjacency
    # 5 m apart, and in one place
    assert inverse.tolist() == [0.2, 0.2, 0.2, 1.0, 1.0, 0.0]
    square = weigh_by_distance(LINKS, ROW, kernel="inverse_square").adjacency
    assert square.tolist() == pytest.approx([0.04, 0.04, 0.04, 1.0, 1.0, 0.0])
    gaussian = weigh_by_distance(LINKS, ROW, kernel="gaussian", bandwidth_m=5).adjacency
    assert gaussian.tolist() == pytest.approx([np.exp(-0.5)] * 3 + [np.exp(-0.02)] * 2 + [0.0])


@given(st.integers(0, 1000))
def test_weights_equal_libpysals_whatever_the_order(seed: int):
    rng = np.random.default_rng(seed)
    mahallas = places(rng.uniform(0, 1000, (30, 2)).tolist())
    # which divides by the distance to itself, too
    with np.errstate(divide="ignore"):
        oracle = Graph.build_distance_band(mahallas.geometry, 400, binary=False, alpha=-1)
    links = Graph.build_distance_band(mahallas.geometry, 400)
    found = weigh_by_distance(links, mahallas.sample(frac=1, random_state=seed))
    # here what is nearer than 1 m counts as so far
    pd.testing.assert_series_equal(found.adjacency, oracle.adjacency.clip(upper=1), rtol=1e-12)
    assert found.isolates.equals(links.isolates)


def test_an_own_link_is_dropped():
    loops = Graph.from_arrays(["00", "00", "01"], ["00", "01", "00"], [1, 1, 1])
    assert weigh_by_distance(loops, ROW).adjacency.tolist() == [0.0, 0.2, 0.2]


@pytest.mark.parametrize(
    ("mahallas", "options", "sentence"),
    [
        (
            ROW.to_crs(4326),
            {},
            "the mahallas are not in a metric CRS; read them with read_mahallas",
        ),
        (
            ROW,
            {"kernel": "cubic"},
            "there is no kernel 'cubic' of distance: choose of inverse, inverse_square, gaussian",
        ),
        (
            ROW,
            {"kernel": "gaussian"},
            "give bandwidth_m with the gaussian kernel, and with no other",
        ),
        (ROW, {"bandwidth_m": 9.0}, "give bandwidth_m with the gaussian kernel, and with no other"),
        (
            ROW,
            {"kernel": "gaussian", "bandwidth_m": 0},
            "a bandwidth of 0 m: it must be above 0",
        ),
        (
            ROW.drop("01"),
            {},
            "mahalla '01' of the graph has no polygon: its distances are unknown",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(mahallas, options, sentence):
    with pytest.raises(InputError) as error:
        weigh_by_distance(LINKS, mahallas, **options)
    assert str(error.value) == sentence


def test_an_empty_polygon_and_a_repeated_mahalla_are_refused():
    emptied = ROW.copy()
    emptied.loc["01", "geometry"] = shapely.Polygon()
    with pytest.raises(InputError) as refused:
        weigh_by_distance(LINKS, emptied)
    assert str(refused.value) == (
        "mahalla '01' of the graph has no polygon: its distances are unknown"
    )
    with pytest.raises(InputError) as refused:
        weigh_by_distance(LINKS, pd.concat([ROW, ROW.iloc[:1]]))
    assert str(refused.value) == "mahalla '00' has two rows: give each mahalla one polygon"
