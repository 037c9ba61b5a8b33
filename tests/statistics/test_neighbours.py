"""Who is whose neighbour."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.errors import InputError
from hotspot.statistics.neighbours import (
    Neighbours,
    contiguity,
    distance_band,
    nearest_neighbours,
)

UTM = "EPSG:32642"


def layer(polygons: dict[str, object]) -> gpd.GeoDataFrame:
    index = pd.Index(polygons, name="mahalla_code", dtype="str")
    return gpd.GeoDataFrame(geometry=list(polygons.values()), index=index, crs=UTM).sort_index()


def row(gap: float, number: int = 3) -> gpd.GeoDataFrame:
    """Return squares of 100 m in a row with a gap between each two."""
    starts = [k * (100 + gap) for k in range(number)]
    return layer({f"{k:02d}": shapely.box(s, 0, s + 100, 100) for k, s in enumerate(starts)})


def pairs(*codes: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(codes, columns=["mahalla_code", "neighbour_code"])


def how(neighbours: Neighbours) -> dict[str, str]:
    """Return each pair once, and that it is there in both directions."""
    table = neighbours.pairs
    assert list(table) == ["mahalla_code", "neighbour_code", "how"]
    both = {(a, b): h for a, b, h in table.itertuples(index=False)}
    assert both == {(b, a): h for (a, b), h in both.items()}
    assert len(both) == len(table)
    assert list(both) == sorted(both)
    return {f"{a}-{b}": h for (a, b), h in both.items() if a < b}


def adjacency(neighbours: Neighbours) -> set[tuple[str, str]]:
    series = neighbours.graph.adjacency
    assert set(series[series != 0]) <= {1}
    return set(series[series != 0].index)


def test_a_shared_corner_makes_neighbours():
    squares = layer({
        "1": shapely.box(0, 0, 1, 1), "2": shapely.box(1, 1, 2, 2), "3": shapely.box(2, 1, 3, 2),
    })  # fmt: skip
    assert how(contiguity(squares, tolerance_m=0)) == {"1-2": "border", "2-3": "border"}


def test_borders_digitised_apart_are_repaired_within_the_tolerance():
    neighbours = contiguity(row(gap=4))
    assert how(neighbours) == {"00-01": "repaired", "01-02": "repaired"}
    assert neighbours.tolerance_m == 5
    assert "widened" not in neighbours.found


@pytest.mark.parametrize(("gap", "used"), [(6, 10), (10, 10), (15, 20), (99, 100)])
def test_the_tolerance_is_widened_no_further_than_needed(gap, used):
    neighbours = contiguity(row(gap=gap))
    assert how(neighbours) == {"00-01": "repaired", "01-02": "repaired"}
    assert neighbours.tolerance_m == used
    assert neighbours.found["widened"] == {"from_m": 5.0, "without_neighbour": 3}


def test_few_islands_stay_islands():
    polygons = row(gap=0, number=12).geometry.to_dict()
    neighbours = contiguity(layer(polygons | {"99": shapely.box(0, 150, 100, 250)}))
    assert neighbours.tolerance_m == 5
    assert neighbours.islands == ["99"]
    assert neighbours.graph.isolates.tolist() == ["99"]
    assert list(neighbours.graph.unique_ids) == [*polygons, "99"]


def test_the_tolerance_stays_where_widening_helps_nobody():
    # eight in a row that touch, and two of ten mahallas half a kilometre away
    far = {f"9{k}": shapely.box(0, 600 * k, 100, 600 * k + 100) for k in (1, 2)}
    neighbours = contiguity(layer(row(gap=0, number=8).geometry.to_dict() | far))
    assert neighbours.islands == ["91", "92"]
    assert neighbours.tolerance_m == 5
    assert "widened" not in neighbours.found


def test_a_layer_without_neighbours_is_refused():
    with pytest.raises(InputError) as error:
        contiguity(row(gap=500))
    assert str(error.value) == (
        "3 of 3 mahallas have no neighbour within 100 m; widen border_tolerance_m, give pairs as "
        "neighbours, or attach these to their nearest with nearest"
    )


def test_a_lone_mahalla_is_attached_to_its_nearest():
    neighbours = contiguity(row(gap=500, number=4), nearest=1)
    # the middle ones are as far from both sides: the smaller code
    assert how(neighbours) == {"00-01": "nearest", "01-02": "nearest", "02-03": "nearest"}
    assert neighbours.islands == []
    assert how(contiguity(row(gap=500), nearest=9)) == dict.fromkeys(
        ["00-01", "00-02", "01-02"], "nearest"
    )


def test_given_pairs_are_added_or_replace_the_borders():
    squares = layer(row(gap=0).geometry.to_dict() | {"77": None, "88": None})
    given_pairs = pairs(("77", "00"), ("01", "00"), ("00", "01"), ("02", "02"))
    assert how(contiguity(squares, given=given_pairs)) == {
        "00-01": "border", "01-02": "border", "00-77": "given",
    }  # fmt: skip
    alone = contiguity(squares, given=given_pairs, replace=True, nearest=1)
    assert how(alone) == {"00-01": "given", "00-77": "given", "01-02": "nearest"}
    assert list(alone.graph.unique_ids) == ["00", "01", "02", "77"]
    assert alone.found["without_polygon"] == 2
    with pytest.raises(
        InputError, match=r"^1 of 3 mahallas have no neighbour among the given pairs; "
    ):
        contiguity(squares.loc[["00", "01", "02"]], given=pairs(("00", "01")), replace=True)


def test_given_pairs_must_be_known():
    with pytest.raises(InputError) as error:
        contiguity(row(gap=0), given=pairs(("00", "01"), ("00", "x"), ("01", "y")))
    assert str(error.value) == (
        "the pairs of neighbours name 'x', which is not a code of the mahallas (2 such codes in "
        "neighbour_code); correct or remove these pairs"
    )
    with pytest.raises(InputError) as error:
        contiguity(row(gap=0), given=pairs(("00", "01")).rename(columns={"mahalla_code": "a"}))
    assert str(error.value) == (
        "the pairs of neighbours have no column 'mahalla_code'; they need mahalla_code and "
        "neighbour_code"
    )


def test_degrees_are_refused():
    with pytest.raises(InputError) as error:
        contiguity(row(gap=0).to_crs(4326))
    assert str(error.value) == (
        "the mahallas are not in a metric CRS; read them with read_mahallas"
    )


def test_one_mahalla_and_none():
    single = contiguity(row(gap=0, number=1))
    assert single.islands == ["00"]
    assert single.tolerance_m == 5
    empty = contiguity(layer({"1": None}))
    assert empty.islands == []
    assert len(empty.pairs) == 0
    assert empty.graph.n == 0


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 6)] * 2), min_size=2, max_size=9
    ),
    st.sampled_from([0, 1, 2.5]),
    st.randoms(),
)
def test_pairs_equal_brute_force_whatever_the_order(corners, tolerance, random):
    boxes = {
        str(k): shapely.box(200 * x, 200 * y, 200 * (x + w), 200 * (y + h))
        for k, (x, y, w, h) in enumerate(corners)
    }
    codes = sorted(boxes)
    neighbours = contiguity(layer(boxes), tolerance_m=tolerance, nearest=1)
    expected = {
        (a, b) for a in codes for b in codes if a != b and boxes[a].distance(boxes[b]) <= tolerance
    }
    touching = neighbours.pairs[neighbours.pairs["how"] != "nearest"]
    assert set(zip(touching["mahalla_code"], touching["neighbour_code"], strict=True)) == expected
    json.dumps(neighbours.found)

    shuffled = list(boxes.items())
    random.shuffle(shuffled)
    again = contiguity(layer(dict(shuffled)), tolerance_m=tolerance, nearest=1)
    pd.testing.assert_frame_equal(again.pairs, neighbours.pairs)
    assert again.found == neighbours.found


def real(path: Path, crs: int) -> gpd.GeoDataFrame:
    frame = gpd.read_file(path).to_crs(crs)
    frame.index = pd.Index([f"{k:04d}" for k in range(len(frame))], name="mahalla_code")
    return frame.assign(geometry=frame.geometry.make_valid())


@pytest.mark.parametrize(
    ("path", "crs", "pairs_on_border"),
    [
        ("toronto_mci/nh_profiles_short_2016.geojson", 32617, 418),
        ("uz_mahalla_chinoz/mahalla.geojson", 32642, 141),
        ("messy_formats/nottingham_wards.gpkg", 32630, None),
    ],
)
def test_clean_layers_equal_libpysal(shared: Path, path, crs, pairs_on_border):
    frame = real(shared / path, crs)
    neighbours = contiguity(frame, tolerance_m=0)
    oracle = Graph.build_contiguity(frame, rook=False).adjacency
    assert adjacency(neighbours) == set(oracle[oracle != 0].index)
    assert set(neighbours.pairs["how"]) == {"border"}
    assert neighbours.islands == []
    if pairs_on_border:
        assert len(neighbours.pairs) == 2 * pairs_on_border


def test_borders_generalised_apart_are_found(shared: Path):
    frame = real(shared / "west_yorkshire_street" / "wy_lsoa_2011.gpkg", 32630)
    neighbours = contiguity(frame)
    # what libpysal sees by shared vertices is less than what touches within five metres
    oracle = Graph.build_contiguity(frame, rook=False).adjacency
    seen = set(oracle[oracle != 0].index)
    assert seen < adjacency(neighbours)
    assert neighbours.islands == []
    repaired = neighbours.pairs[neighbours.pairs["how"] == "repaired"]
    distances = frame.geometry.loc[repaired["mahalla_code"]].distance(
        frame.geometry.loc[repaired["neighbour_code"]], align=False
    )
    assert len(repaired) > 0
    assert distances.between(0, 5, inclusive="right").all()


def test_a_layer_shrunk_apart_is_repaired(shared: Path):
    frame = real(shared / "uz_mahalla_chinoz" / "mahalla.geojson", 32642)
    apart = frame.assign(geometry=frame.geometry.buffer(-6, join_style="mitre"))
    neighbours = contiguity(apart)
    assert neighbours.tolerance_m == 20
    assert neighbours.found["widened"]["without_neighbour"] == len(frame)
    assert set(neighbours.pairs["how"]) == {"repaired"}
    true = contiguity(frame).pairs
    found = set(
        zip(neighbours.pairs["mahalla_code"], neighbours.pairs["neighbour_code"], strict=True)
    )
    known = set(zip(true["mahalla_code"], true["neighbour_code"], strict=True))
    # corners withdraw further than sides
    assert len(known - found) <= 0.02 * len(known)


def test_isolates_have_no_weight():
    neighbours = contiguity(layer({"1": shapely.box(0, 0, 1, 1)}))
    assert neighbours.graph.sparse.toarray().tolist() == [[0.0]]
    assert np.isfinite(neighbours.graph.sparse.data).all()


def scattered(number: int, seed: int, *, on_grid: bool) -> gpd.GeoDataFrame:
    """Return small squares around points, many of them equally far apart where on a grid."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 8, (number, 2)) * 100 if on_grid else rng.uniform(0, 900, (number, 2))
    codes = rng.permutation(number)
    return layer({
        f"{code:03d}": shapely.box(x, y, x + 10, y + 10)
        for code, (x, y) in zip(codes, places, strict=True)
    })  # fmt: skip


def distances(mahallas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return all distances between the points inside, one after the other."""
    points = mahallas.geometry.apply(shapely.point_on_surface)
    return pd.DataFrame({code: points.distance(point).round(6) for code, point in points.items()})


def test_rook_leaves_out_what_shares_a_corner_only():
    squares = layer({
        "1": shapely.box(0, 0, 100, 100), "2": shapely.box(100, 100, 200, 200),
        "3": shapely.box(200, 100, 300, 200),
        # beside 3: two metres of gap along the side; beside 1: two metres from the corner
        "4": shapely.box(302, 100, 400, 200), "5": shapely.box(-100, -100, -1, -2),
        "6": shapely.box(-100, 0, 0, 100),
    })  # fmt: skip
    sides = {"1-6": "border", "2-3": "border", "3-4": "repaired", "5-6": "repaired"}
    assert how(contiguity(squares, rook=True)) == sides
    assert how(contiguity(squares)) == sides | {"1-2": "border", "1-5": "repaired"}


@pytest.mark.parametrize(
    ("path", "crs"),
    [
        ("toronto_mci/nh_profiles_short_2016.geojson", 32617),
        ("uz_mahalla_chinoz/mahalla.geojson", 32642),
    ],
)
def test_clean_layers_equal_libpysals_rook(shared: Path, path, crs):
    frame = real(shared / path, crs)
    oracle = Graph.build_contiguity(frame, rook=True).adjacency
    assert adjacency(contiguity(frame, tolerance_m=0, rook=True)) == set(oracle[oracle != 0].index)


@pytest.mark.parametrize("on_grid", [True, False])
@pytest.mark.parametrize("k", [1, 4, 7])
def test_the_nearest_equal_brute_force_with_ties_by_code(k: int, on_grid: bool):
    mahallas = scattered(60, k, on_grid=on_grid)
    apart = distances(mahallas)
    expected = {
        (code, other)
        for code in mahallas.index
        for other in sorted(apart.index.drop(code), key=lambda o: (apart.loc[code, o], o))[:k]
    }
    found = nearest_neighbours(mahallas, k)
    assert set(found.pairs[["mahalla_code", "neighbour_code"]].itertuples(index=False)) == expected
    assert adjacency(found) == expected
    assert set(found.pairs["how"]) == {"nearest"}
    again = nearest_neighbours(mahallas.sample(frac=1, random_state=1), k)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    assert again.graph.unique_ids.equals(found.graph.unique_ids)
    json.dumps(found.found)


def test_the_nearest_equal_libpysals_where_nothing_ties():
    mahallas = scattered(80, 3, on_grid=False)
    points = gpd.GeoSeries(shapely.point_on_surface(mahallas.geometry), mahallas.index, crs=UTM)
    oracle = Graph.build_knn(points, k=5).adjacency
    assert adjacency(nearest_neighbours(mahallas, 5)) == set(oracle.index)


@pytest.mark.parametrize("on_grid", [True, False])
@pytest.mark.parametrize("distance_m", [100, 141.421356, 250])
def test_a_distance_band_equals_brute_force_and_libpysal(distance_m: float, on_grid: bool):
    mahallas = scattered(50, 5, on_grid=on_grid)
    apart = distances(mahallas)
    expected = {(a, b) for a in apart for b in apart if a != b and apart.loc[a, b] <= distance_m}
    found = distance_band(mahallas, distance_m)
    assert adjacency(found) == expected
    assert found.islands == sorted(set(apart) - {a for a, _ in expected})
    assert found.islands == found.found["islands"]
    again = distance_band(mahallas.sample(frac=1, random_state=1), distance_m)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    if not on_grid:
        points = gpd.GeoSeries(shapely.point_on_surface(mahallas.geometry), mahallas.index, crs=UTM)
        oracle = Graph.build_distance_band(points, distance_m).adjacency
        assert adjacency(found) == set(oracle[oracle != 0].index)


def test_a_distance_band_attaches_islands_on_request_and_flags_them():
    mahallas = row(gap=0, number=3).geometry.to_dict() | {"77": None}
    mahallas["99"] = shapely.box(0, 900, 100, 1000)
    found = distance_band(layer(mahallas), 100, nearest=2)
    assert how(found) == {
        "00-01": "distance", "01-02": "distance", "00-99": "nearest", "01-99": "nearest",
    }  # fmt: skip
    assert found.islands == []
    assert found.found == {"distance_m": 100, "attached": 1, "islands": []}
    alone = distance_band(layer(mahallas), 100)
    assert alone.islands == alone.graph.isolates.tolist() == ["99"]


def test_what_is_no_number_or_distance_is_refused():
    for k in (0, 3):
        with pytest.raises(InputError) as error:
            nearest_neighbours(row(gap=0), k)
        assert str(error.value) == (
            f"{k} nearest neighbours of 3 mahallas with a polygon: "
            "ask for at least 1 and fewer than there are mahallas"
        )
    with pytest.raises(InputError) as error:
        distance_band(row(gap=0), 0)
    assert str(error.value) == "neighbours within 0 m: the distance must be above 0"
    for build in (lambda m: nearest_neighbours(m, 1), lambda m: distance_band(m, 1)):
        with pytest.raises(InputError, match=r"^the mahallas are not in a metric CRS; "):
            build(row(gap=0).to_crs(4326))


@pytest.mark.parametrize(
    "find",
    [
        lambda layer: contiguity(layer, nearest=1),
        lambda layer: nearest_neighbours(layer, 1),
        lambda layer: distance_band(layer, 150.0),
    ],
)
def test_an_empty_polygon_is_none(find):
    # invariant: it has no place, so that it is nobody's neighbour
    whole = row(0.0, 4)
    without, emptied = whole.copy(), whole.copy()
    without.loc["01", "geometry"] = None
    emptied.loc["01", "geometry"] = shapely.Polygon()
    found, expected = find(emptied), find(without)
    pd.testing.assert_frame_equal(found.pairs, expected.pairs)
    assert found.graph.adjacency.equals(expected.graph.adjacency)
    assert "01" not in found.graph.unique_ids


def test_a_repeated_mahalla_is_refused():
    with pytest.raises(InputError) as refused:
        contiguity(row(0.0).set_axis(["a", "a", "b"]))
    assert str(refused.value) == "mahalla 'a' has two rows: give each mahalla one polygon"
