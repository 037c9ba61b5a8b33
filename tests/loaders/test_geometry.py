"""Polygons as they come."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from hotspot.errors import InputError
from hotspot.loaders.geometry import find_holes, measure_fit, repair_polygons, take_polygons
from hotspot.loaders.projections import check_units, choose_metric_crs, propose_crs, read_crs

UTM = "EPSG:32642"


def shapes(*texts: str | None) -> np.ndarray:
    return np.array([text and shapely.from_wkt(text) for text in texts], dtype=object)


def test_only_polygons_are_taken_at_any_depth():
    square = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"
    taken = take_polygons(
        shapes(
            "POINT (1 1)",
            "LINESTRING (0 0, 1 1)",
            None,
            "POLYGON EMPTY",
            f"GEOMETRYCOLLECTION (POINT (1 1), GEOMETRYCOLLECTION ({square}, MULTI{square[:8]}"
            "(((5 5, 6 5, 6 6, 5 5)))))",
            "POLYGON Z ((0 0 7, 2 0 7, 2 2 7, 0 2 7, 0 0 7))",
            "GEOMETRYCOLLECTION (POINT (1 1))",
        )
    )
    assert [shape is None for shape in taken] == [True, True, True, True, False, False, True]
    assert taken[4].area == 4.5
    assert taken[5].wkt == square


@pytest.mark.parametrize(
    ("text", "area"),
    [
        # a bow tie keeps both wings
        ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", 2.0),
        # a part inside another part is a hole
        (
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((3 3, 5 3, 5 5, 3 5, 3 3)))",
            81.0 - 4.0,
        ),
        # and an island in that hole is land again
        (
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((2 2, 7 2, 7 7, 2 7, 2 2)),"
            " ((4 4, 5 4, 5 5, 4 5, 4 4)))",
            81.0 - 25.0 + 1.0,
        ),
        # parts that overlap are joined
        ("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((1 1, 3 1, 3 3, 1 3, 1 1)))", 7.0),
        # a part given twice counts once
        ("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((2 2, 2 0, 0 0, 0 2, 2 2)))", 4.0),
        # a spike goes
        ("POLYGON ((0 0, 2 0, 2 2, 2 5, 2 2, 0 2, 0 0))", 4.0),
    ],
)
def test_a_faulty_polygon_is_repaired(text: str, area: float):
    repaired, notes = repair_polygons(shapes(text, None, "POLYGON ((0 0, 1 0, 1 1, 0 0))"))
    assert repaired[0].is_valid
    assert repaired[0].area == area
    assert "repaired, area" in notes[0]
    assert list(notes[1:]) == ["", ""]
    assert repaired[1] is None


def test_a_polygon_without_area_is_none():
    repaired, notes = repair_polygons(shapes("POLYGON ((0 0, 1 1, 2 2, 0 0))"))
    assert repaired[0] is None
    assert notes[0].endswith("nothing with an area left")


@pytest.mark.parametrize(
    ("longitude", "latitude", "name"),
    [
        (64.0, 39.8, "EPSG:32641 (UTM zone 41N, of the centre of the layer)"),
        (66.0, 38.9, "EPSG:32642 (UTM zone 42N, of the centre of the layer)"),
        (-79.4, 43.7, "EPSG:32617 (UTM zone 17N, of the centre of the layer)"),
        (151.2, -33.9, "EPSG:32756 (UTM zone 56S, of the centre of the layer)"),
    ],
)
def test_the_metric_crs_is_the_utm_zone_of_the_centre(longitude, latitude, name):
    layer = gpd.GeoSeries([shapely.box(longitude, latitude, longitude + 0.2, latitude + 0.2)])
    assert choose_metric_crs(layer.set_crs(4326), source="")[1] == name


def test_a_wide_layer_gets_an_equal_area_crs():
    layer = gpd.GeoSeries([shapely.box(56.0, 37.2, 73.2, 45.6)], crs=4326).segmentize(0.05)
    crs, name = choose_metric_crs(layer, source="")
    assert name == (
        "Lambert azimuthal equal area, centre 64.6 E 41.4 N (the layer is 17.2 degrees wide)"
    )
    # an independent area on the ellipsoid, its lines along the same parallels
    exact = abs(Geod(ellps="WGS84").geometry_area_perimeter(layer[0])[0])
    assert layer.to_crs(crs).area[0] == pytest.approx(exact, rel=1e-5)


def test_metres_under_a_crs_in_degrees_are_refused():
    layer = gpd.GeoSeries([shapely.box(293587, 4826570, 335767, 4857112)], crs=4326)
    with pytest.raises(InputError) as error:
        check_units(layer, source="hoods.geojson")
    assert str(error.value) == (
        "hoods.geojson: the CRS EPSG:4326 is in degrees, but coordinates reach 4857112; "
        "set [mahallas] crs to the one they are in"
    )


def test_degrees_under_a_crs_in_metres_are_refused():
    layer = gpd.GeoSeries([shapely.box(69, 41, 69.5, 41.5)], crs=32642)
    with pytest.raises(InputError) as error:
        check_units(layer, source="a.shp")
    assert str(error.value) == (
        "a.shp: the CRS EPSG:32642 is in metres, but no coordinate goes beyond 69.5, which looks "
        "like degrees; set [mahallas] crs, for example EPSG:4326"
    )


def test_a_crs_that_is_not_known_is_refused():
    with pytest.raises(InputError) as error:
        read_crs("EPSG:99", key="[offenses] crs")
    assert str(error.value) == (
        "[offenses] crs: 'EPSG:99' is not a known CRS; write it like EPSG:4326 or EPSG:32642"
    )


def test_polygons_a_crs_does_not_reach_are_refused():
    layer = gpd.GeoSeries([shapely.box(5e5, 4e6, 5e5, 4e6), shapely.box(1e9, 1e9, 2e9, 2e9)])
    with pytest.raises(InputError) as error:
        choose_metric_crs(layer.set_crs(32642), source="far.gpkg")
    assert str(error.value) == (
        "far.gpkg: the point (1000000000, 1000000000) lies outside what the CRS EPSG:32642 covers; "
        "set [mahallas] crs to the one it is in"
    )


def test_a_crs_without_a_place_on_earth_is_refused():
    layer = gpd.GeoSeries([shapely.box(0, 0, 500, 500)], crs='LOCAL_CS["plan",UNIT["metre",1]]')
    with pytest.raises(InputError) as error:
        check_units(layer, source="plan.shp")
    assert str(error.value) == (
        "plan.shp: the CRS plan is neither in degrees nor on a map; set [mahallas] crs, for "
        "example EPSG:4326"
    )


def test_overlaps_and_gaps_are_measured():
    layer = gpd.GeoSeries(
        [
            shapely.box(0, 0, 3000, 1000),
            shapely.box(2000, 0, 5000, 1000),
            # inside the first, sharing no edge with it
            shapely.box(100, 100, 1100, 600),
            None,
            # a ring around a gap of one square kilometre
            shapely.box(9000, 0, 12000, 3000) - shapely.box(10000, 1000, 11000, 2000),
        ],
        index=list("abcde"),
        crs=UTM,
    )
    assert measure_fit(layer) == {
        "overlaps": {
            "pairs": 2,
            "area_km2": 1.5,
            "largest": [["a", "b", 1.0], ["a", "c", 0.5]],
            "hidden": [],
        },
        "gaps": {"holes": 1, "area_km2": 1.0, "largest_km2": 1.0},
    }


@given(
    st.lists(st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(1, 5)] * 2), min_size=1, max_size=6)
)
def test_overlaps_and_holes_equal_brute_force(corners):
    boxes = [shapely.box(1e3 * x, 1e3 * y, 1e3 * (x + w), 1e3 * (y + h)) for x, y, w, h in corners]
    fit = measure_fit(gpd.GeoSeries(boxes, crs=UTM))
    areas = [a.intersection(b).area for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert fit["overlaps"]["pairs"] == sum(area > 0 for area in areas)
    assert fit["overlaps"]["area_km2"] == sum(areas) / 1e6
    union = shapely.union_all(boxes)
    filled = [shapely.Polygon(part.exterior) for part in shapely.get_parts(union)]
    assert fit["gaps"]["area_km2"] == (shapely.union_all(filled).area - union.area) / 1e6


def test_holes_come_largest_first_whatever_the_order():
    frames = [
        shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 2, 2),
        shapely.box(20, 0, 29, 9) - shapely.box(22, 2, 25, 5),
        shapely.box(40, 0, 49, 9) - shapely.box(42, 2, 43, 3),
    ]
    holes = [hole.bounds for hole in find_holes(np.array(frames))]
    assert holes == [(22, 2, 25, 5), (1, 1, 2, 2), (42, 2, 43, 3)]
    assert [hole.bounds for hole in find_holes(np.array(frames[::-1]))] == holes


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("jizzakh_region", 54.8, 1e-4), ("tashkent_region", 154.4, 83.0)],
)
def test_towns_inside_districts_are_cut_out_of_them(shared: Path, name, before, after):
    # the towns' rings stand beside the districts' in collections; joined they would overlap
    raw = pyogrio.read_dataframe(shared / "uz_admin" / f"{name}_districts.geojson")
    metric = gpd.GeoSeries(take_polygons(raw.geometry.to_numpy()), crs=raw.crs).to_crs(UTM)
    joined = metric.apply(lambda shape: shapely.union_all(shapely.get_parts(shape)))
    assert measure_fit(joined)["overlaps"]["area_km2"] == pytest.approx(before, abs=0.1)
    repaired, _ = repair_polygons(metric.to_numpy())
    assert measure_fit(gpd.GeoSeries(repaired))["overlaps"]["area_km2"] < after


def test_a_polygon_under_its_equal_is_hidden():
    layer = gpd.GeoSeries(
        [shapely.box(0, 0, 9, 9), shapely.box(0, 0, 9, 9), shapely.box(20, 0, 21, 1)],
        index=list("abc"),
        crs=UTM,
    )
    assert measure_fit(layer)["overlaps"]["hidden"] == ["b"]


@pytest.mark.parametrize(
    ("crs", "longitude"),
    [("EPSG:4326", 69.2), ("EPSG:3857", 69.2), ("EPSG:28411", 65.8), ("EPSG:28412", 69.2)],
)
@pytest.mark.parametrize("exchanged", [False, True])
def test_the_crs_of_points_is_proposed(crs, longitude, exchanged):
    centre = shapely.Point(longitude, 41.3)
    mahallas = gpd.GeoSeries([centre], crs="EPSG:4326").to_crs("EPSG:32642").buffer(1000)
    # the points by the projection itself, none of them on the border
    points = mahallas.centroid.to_crs(crs)
    x, y = points.x.astype("str"), points.y.astype("str")
    pair = (y, x) if exchanged else (x, y)
    why = "100% of the points lie within the mahallas' bounds"
    if exchanged:
        why += " once longitude and latitude are exchanged"
    assert propose_crs(*pair, mahallas.to_frame("geometry")) == (crs, why, exchanged)


def test_no_crs_is_proposed_where_no_point_lies_among_the_mahallas():
    mahallas = gpd.GeoSeries([shapely.Point(69.2, 41.3)], crs=4326).to_crs(32642).buffer(1000)
    x, y = pd.Series(["2.35"] * 200), pd.Series(["48.85"] * 200)
    none = ("", "0% of the points lie within the mahallas' bounds", False)
    assert propose_crs(x, y, mahallas.to_frame("geometry")) == none
