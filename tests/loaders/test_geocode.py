"""Every record on a mahalla, or out with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from hotspot.errors import InputError
from hotspot.loaders.geocode import CONTENT, PLACED, REASONS, REJECTED, geocode, match_codes
from hotspot.loaders.mahallas import read_mahallas

METRIC = "EPSG:32642"
# the corner of the toy layer, in Tashkent
EAST, NORTH = 520_000.0, 4_570_000.0
TO_DEGREES = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
JANUARY = pd.Period("2024-01", freq="M")


def layer(polygons: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return a mahalla frame of polygons in kilometres from the corner."""
    shapes = [
        p and shapely.transform(p, lambda xy: xy * 1000 + [EAST, NORTH]) for p in polygons.values()
    ]
    index = pd.Index(polygons, name="mahalla_code", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=index, crs=METRIC).sort_index()


def grid() -> gpd.GeoDataFrame:
    """Return nine squares of a kilometre: 11 in the south-west, 33 in the north-east."""
    return layer(
        {f"{row}{column}": shapely.box(column - 1, row - 1, column, row)
         for row in (1, 2, 3) for column in (1, 2, 3)}
    )  # fmt: skip


def at(x: float, y: float) -> dict[str, float]:
    """Return the degrees of a point in kilometres from the corner."""
    longitude, latitude = TO_DEGREES.transform(EAST + 1000 * x, NORTH + 1000 * y)
    return {"x": longitude, "y": latitude}


def offenses(*records: dict[str, Any]) -> pd.DataFrame:
    """Return an offense frame; what a record leaves out is usual or missing."""
    usual = {"id": None, "kind": "theft", "mahalla_code": None, "mahalla": None, "district": None,
             "date": "2024-01-05", "x": None, "y": None, "registered": None}  # fmt: skip
    frame = pd.DataFrame([usual | record for record in records], columns=[*usual, *_extra(records)])
    frame["date_given"] = frame["date"]
    frame["date"] = pd.to_datetime(frame["date"], format="ISO8601", errors="coerce")
    frame["date"] = frame["date"].astype("datetime64[s]")
    frame["registered"] = pd.to_datetime(frame["registered"]).astype("datetime64[s]")
    for column, number in (("longitude", "x"), ("latitude", "y")):
        if column not in frame:
            frame[column] = frame[number]
        frame[number] = pd.to_numeric(frame[number].astype(object), errors="coerce").astype(float)
    frame.insert(0, "row", np.arange(len(frame)) + 2)
    return frame


def _extra(records: tuple[dict[str, Any], ...]) -> list[str]:
    return [name for name in ("longitude", "latitude") if any(name in r for r in records)]


def reasons(frame: pd.DataFrame, mahallas: gpd.GeoDataFrame, **options: Any) -> dict[int, str]:
    """Return what became of each row: its mahalla and way, or the reason."""
    geocoded = geocode(frame, mahallas, **options)
    assert list(geocoded.placed) == PLACED
    assert list(geocoded.rejected) == REJECTED
    assert len(geocoded.placed) + len(geocoded.rejected) == len(frame)
    placed = geocoded.placed
    fate = dict(zip(placed["row"], placed["mahalla_code"] + " " + placed["way"], strict=True))
    return fate | dict(zip(geocoded.rejected["row"], geocoded.rejected["reason"], strict=True))


def test_each_record_goes_by_code_then_by_coordinates_or_out_with_the_first_reason():
    frame = offenses(
        {"mahalla_code": "22"},
        {**at(0.5, 0.5)},
        {"mahalla_code": "33", **at(0.5, 0.5)},
        {"mahalla_code": "99", **at(1.5, 0.5)},
        {"mahalla_code": "99"},
        {"mahalla_code": "99", "x": 0.0, "y": 0.0},
        {"mahalla_code": "99", **at(7, 7)},
        {},
        {"mahalla": "Do'stlik"},
        {**at(7, 7)},
        {"x": 0.0, "y": 0.0},
        {"x": 69.2},
        {"longitude": "sixty", "latitude": "forty"},
        {"x": 691.0, "y": 41.3},
        {"x": at(0.5, 0.5)["y"], "y": at(0.5, 0.5)["x"]},
        {"date": "?", "kind": "fraud"},
        {"date": "2024-02-01", "kind": "fraud"},
        {"date": "2023-12-31"},
        {"kind": " FRAUD "},
        {"kind": None, **at(0.5, 0.5)},
    )
    assert reasons(frame, grid(), start=JANUARY, end=JANUARY, excluded=["Fraud"]) == dict(
        enumerate(
            [
                "22 code",
                "11 coordinates",
                "33 code",
                "12 coordinates",
                "unknown_code",
                "unknown_code",
                "outside",
                "no_location",
                "no_location",
                "outside",
                "bad_coordinates",
                "bad_coordinates",
                "bad_coordinates",
                "bad_coordinates",
                "bad_coordinates",
                "bad_date",
                "outside_period",
                "outside_period",
                "kind_excluded",
                "11 coordinates",
            ],
            start=2,
        )
    )


def test_only_the_kinds_counted_count():
    frame = offenses(
        *({"kind": kind, **at(0.5, 0.5)} for kind in ("Theft ", "theft", "cyber", None))
    )
    fate = reasons(frame, grid(), counted=["THEFT", "robbery"])
    assert list(fate.values()) == ["11 coordinates"] * 2 + ["kind_excluded"] * 2
    fate = reasons(frame, grid(), counted=["theft", "cyber"], excluded=["cyber"])
    assert list(fate.values()) == ["11 coordinates"] * 2 + ["kind_excluded"] * 2


def test_placed_records_carry_metres_and_months():
    geocoded = geocode(offenses({**at(0.5, 2.25)}, {"mahalla_code": "11"}), grid())
    placed = geocoded.placed
    assert placed.loc[0, ["x", "y"]].tolist() == pytest.approx([EAST + 500, NORTH + 2250], abs=1e-4)
    assert placed.loc[1, ["x", "y"]].isna().all()
    assert placed["month"].dtype == "period[M]"
    assert placed["month"].tolist() == [JANUARY] * 2


def test_rejected_records_keep_what_was_given():
    frame = offenses({"id": "7", "date": "32.01.2024", "longitude": "?", "latitude": "41",
                      "mahalla": "Do'stlik", "district": "Koson", "kind": "cyber"})  # fmt: skip
    rejected = geocode(frame, grid()).rejected
    assert rejected.astype(object).where(rejected.notna(), None).to_dict("records") == [
        {"row": 2, "id": "7", "date": "32.01.2024", "kind": "cyber", "longitude": "?",
         "latitude": "41", "mahalla_code": None, "mahalla": "Do'stlik", "district": "Koson",
         "reason": "bad_date", "month": None, "name_outcome": ""}
    ]  # fmt: skip


def test_a_point_on_a_border_goes_once_to_the_smallest_code():
    metric = {"x": [EAST + 1000, EAST + 1000, EAST], "y": [NORTH + 1000, NORTH + 1500, NORTH]}
    frame = offenses({}, {}, {}).assign(**metric, longitude=metric["x"], latitude=metric["y"])
    geocoded = geocode(frame, grid(), crs=METRIC)
    # the corner of four squares, the side of two, the corner of the layer
    assert geocoded.placed["mahalla_code"].tolist() == ["11", "21", "11"]
    assert geocoded.placed.attrs["found"]["on_border"] == 2
    assert geocoded.placed.attrs["found"]["in_overlap"] == 0


def test_a_point_in_an_overlap_goes_to_the_smallest_code():
    mahallas = layer({"2": shapely.box(0, 0, 2, 1), "1": shapely.box(1, 0, 3, 1)})
    geocoded = geocode(offenses({**at(1.5, 0.5)}, {**at(0.5, 0.5)}), mahallas)
    assert geocoded.placed["mahalla_code"].tolist() == ["1", "2"]
    assert geocoded.placed.attrs["found"]["in_overlap"] == 1
    assert geocoded.placed.attrs["found"]["on_border"] == 0


def test_a_point_in_an_enclave_goes_to_the_smaller_polygon():
    mahallas = layer({"1": shapely.box(0, 0, 9, 9), "2": shapely.box(3, 3, 4, 4)})
    geocoded = geocode(offenses({**at(3.5, 3.5)}, {**at(0.5, 0.5)}, {**at(3, 3.5)}), mahallas)
    # on the border of the enclave the smallest code has it
    assert geocoded.placed["mahalla_code"].tolist() == ["2", "1", "1"]
    assert geocoded.placed.attrs["found"]["in_overlap"] == 1


def test_holes_parts_and_missing_polygons():
    mahallas = layer(
        {
            "1": shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2),
            "2": shapely.MultiPolygon([shapely.box(5, 0, 6, 1), shapely.box(7, 0, 8, 1)]),
            "3": None,
        }
    )
    frame = offenses({**at(1.5, 1.5)}, {**at(5.5, 0.5)}, {**at(7.5, 0.5)}, {"mahalla_code": "3"})
    assert list(reasons(frame, mahallas).values()) == [
        "2 coordinates", "2 coordinates", "3 code", "outside",
    ]  # fmt: skip


# from west to east: a square, a gap of 8 m, a square with a hole of 400 m, then nothing
GAPS = {
    "1": shapely.box(0, 0, 1, 1),
    "2": shapely.box(1.008, 0, 2, 1) - shapely.box(1.3, 0.3, 1.7, 0.7),
    "3": shapely.box(0, 1, 2, 2),
    "4": shapely.box(0, -1, 2, 0),
}


@pytest.mark.parametrize(
    ("point", "tolerance", "complete", "incomplete"),
    [
        # in the narrow gap: nearer to the first, nearer to the second, as near to both
        ((1.003, 0.5), 5, "1 coordinates", "1 coordinates"),
        ((1.006, 0.5), 5, "2 coordinates", "2 coordinates"),
        ((1.004, 0.5), 5, "1 coordinates", "1 coordinates"),
        # too far for the tolerance, and the gap too wide for it
        ((1.003, 0.5), 1, "outside", "outside"),
        ((1.003, 0.5), 3.5, "outside", "outside"),
        # in the wide gap, close to its edge
        ((1.302, 0.5), 5, "outside", "outside"),
        # beyond the outline: there may be the mahalla that has no polygon
        ((-0.003, 0.5), 5, "1 coordinates", "outside"),
        ((-0.006, 0.5), 5, "outside", "outside"),
        ((-0.003, 1.0), 5, "1 coordinates", "outside"),
    ],
)
def test_the_tolerance_never_reaches_into_a_gap_that_may_be_a_mahalla(
    point, tolerance, complete, incomplete
):
    frame = offenses({**at(*point)}, {"mahalla_code": "1"})
    assert reasons(frame, layer(GAPS), tolerance_m=tolerance)[2] == complete
    assert reasons(frame, layer(GAPS | {"5": None}), tolerance_m=tolerance)[2] == incomplete
    moved = geocode(frame, layer(GAPS), tolerance_m=tolerance).placed.attrs["found"]
    assert moved["moved_by_tolerance"] == (complete != "outside")


def test_without_tolerance_nothing_moves():
    assert reasons(offenses({**at(1.004, 0.5)}, {"mahalla_code": "1"}), layer(GAPS))[2] == "outside"


@pytest.mark.parametrize(
    ("mahallas", "expected"),
    [
        (
            grid().to_crs(4326),
            "the mahallas are not in a metric CRS; read them with read_mahallas",
        ),
        (
            grid().iloc[::-1],
            "the mahallas are not sorted by unique codes; read them with read_mahallas",
        ),
    ],
)
def test_mahallas_that_were_not_read_are_refused(mahallas, expected):
    with pytest.raises(InputError) as error:
        geocode(offenses({}), mahallas)
    assert str(error.value) == expected


def test_swapped_columns_are_refused():
    frame = offenses(*[{**at(0.5, 0.5)}] * 12, {**at(9, 9)})
    swapped = frame.assign(x=frame["y"], y=frame["x"])
    with pytest.raises(InputError) as error:
        geocode(swapped, grid())
    assert str(error.value) == (
        "longitude and latitude are swapped: 12 of 13 points lie among the mahallas only when "
        "exchanged; exchange the two headings in [offenses.columns]"
    )


def test_metres_under_degrees_are_refused():
    frame = offenses({"x": EAST, "y": NORTH}, {"mahalla_code": "11"})
    with pytest.raises(InputError) as error:
        geocode(frame, grid())
    assert str(error.value) == (
        "coordinates such as (520000, 4570000) are not in degrees, but the CRS EPSG:4326 is; "
        "set [offenses] crs to the one they are in, for example EPSG:32642"
    )


def test_degrees_under_metres_are_refused():
    with pytest.raises(InputError) as error:
        geocode(offenses({"x": 69.25, "y": 41.25}), grid(), crs=METRIC)
    assert str(error.value) == (
        "coordinates such as (69.25, 41.25) are in degrees, but the CRS EPSG:32642 is not; "
        "set [offenses] crs to EPSG:4326"
    )


def test_a_crs_nobody_knows_is_refused():
    with pytest.raises(InputError) as error:
        geocode(offenses({**at(0.5, 0.5)}), grid(), crs="wgs")
    assert str(error.value) == (
        "[offenses] crs: 'wgs' is not a known CRS; write it like EPSG:4326 or EPSG:32642"
    )


def test_codes_of_another_register_are_refused():
    with pytest.raises(InputError) as error:
        geocode(offenses({"mahalla_code": "K-8"}, {"mahalla_code": "K-9", **at(9, 9)}), grid())
    assert str(error.value) == (
        "none of the mahalla codes of the offenses is known: they look like 'K-8', those of the "
        "mahallas like '11'; choose the columns that hold the same codes"
    )


def test_codes_of_another_register_do_not_matter_where_coordinates_place():
    frame = offenses({"mahalla_code": "K-8", **at(0.5, 0.5)}, {"mahalla_code": "K-9"})
    assert reasons(frame, grid()) == {2: "11 coordinates", 3: "unknown_code"}
    found = geocode(frame, grid()).placed.attrs["found"]
    assert found["unknown_code_but_coordinates"] == 1


def test_codes_that_lost_their_zeros_are_known_again():
    mahallas = layer({"007": shapely.box(0, 0, 1, 1), "012": shapely.box(1, 0, 2, 1)})
    frame = offenses({"mahalla_code": "7"}, {"mahalla_code": " 12"}, {"mahalla_code": "x"})
    assert reasons(frame, mahallas) == {2: "007 code", 3: "012 code", 4: "unknown_code"}
    assert geocode(frame, mahallas).placed.attrs["found"]["leading_zeros_dropped"] == 2


@pytest.mark.parametrize(
    ("codes", "known", "places"),
    [
        # one code that kept its zeros does not speak for the others
        (["7", "012"], ["007", "012"], [0, 1]),
        # two mahallas that differ by zeros alone
        (["7"], ["007", "07"], [-1]),
        # zeros too many in the records
        (["0007"], ["7"], [0]),
        ([None, None], ["7"], [-1, -1]),
        (["07a"], ["7a"], [-1]),
    ],
)
def test_zeros_are_dropped_only_where_that_is_certain(codes, known, places):
    found, _ = match_codes(pd.Series(codes, dtype="str"), pd.Index(known, dtype="str"))
    assert found.tolist() == places


def test_an_id_counts_once_and_by_content():
    early = {"id": "a", "date": "2024-01-03", "mahalla_code": "33"}
    late = {"id": "a", "date": "2024-01-04", "mahalla_code": "11"}
    missing = {"mahalla_code": "22"}
    never = {"id": "a", "date": "2024-01-01", "mahalla_code": "99"}
    other = {"id": "b", "mahalla_code": "22"}
    for order in (
        [late, never, early, missing, missing, other],
        [early, other, missing, never, late, missing],
    ):
        geocoded = geocode(offenses(*order), grid())
        kept = geocoded.placed.dropna(subset="id").set_index("id")["mahalla_code"]
        assert kept.to_dict() == {"a": "33", "b": "22"}
        assert geocoded.placed["id"].isna().sum() == 2
        assert sorted(geocoded.rejected["reason"]) == ["duplicate_id", "unknown_code"]


def test_no_records_at_all():
    geocoded = geocode(offenses({}).iloc[:0], grid(), tolerance_m=5)
    assert len(geocoded.placed) == len(geocoded.rejected) == 0
    assert list(geocoded.placed) == PLACED


record = st.fixed_dictionaries(
    {
        "id": st.sampled_from([None, "a", "b", "c"]),
        "kind": st.sampled_from([None, "theft", "cyber"]),
        "date": st.sampled_from(["2024-01-05", "2024-01-06", "2024-03-01", "?"]),
        "mahalla_code": st.sampled_from([None, None, "11", "22", "99"]),
        "place": st.tuples(
            *[st.sampled_from([-1.0, 0.0, 0.001, 0.5, 1.0, 1.7, 2.0, 3.0, 3.003])] * 2
        ),
        "with_place": st.booleans(),
    }
)


@settings(deadline=None, max_examples=40)
@given(st.lists(record, min_size=1, max_size=30), st.randoms(), st.sampled_from([0, 5]))
def test_nothing_is_lost_and_order_does_not_matter(drawn, random, tolerance):
    # one record that is always placed, so that no column is wrong as a whole
    records = [{"mahalla_code": "11", **at(0.5, 0.5)}]
    records += [
        {key: value for key, value in one.items() if key not in ("place", "with_place")}
        | (at(*one["place"]) if one["with_place"] else {})
        for one in drawn
    ]
    options = {"tolerance_m": tolerance, "end": JANUARY, "excluded": ["cyber"]}
    geocoded = geocode(offenses(*records), grid(), **options)
    assert len(geocoded.placed) + len(geocoded.rejected) == len(records)
    assert set(geocoded.placed["row"]).isdisjoint(geocoded.rejected["row"])
    ids = geocoded.placed["id"].dropna()
    assert ids.is_unique
    found = geocoded.placed.attrs["found"]
    assert sum(found["ways"].values()) == len(geocoded.placed)
    assert sum(found["reasons"].values()) == len(geocoded.rejected)
    assert set(geocoded.rejected["reason"]) <= set(REASONS)
    json.dumps(found)

    random.shuffle(records)
    again = geocode(offenses(*records), grid(), **options)
    assert contents(again.placed) == contents(geocoded.placed)
    assert contents(again.rejected) == contents(geocoded.rejected)
    assert again.placed.attrs == geocoded.placed.attrs


def contents(frame: pd.DataFrame) -> list[str]:
    return sorted(map(repr, frame.drop(columns="row").itertuples(index=False, name=None)))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_places_equal_brute_force(seed):
    random = np.random.default_rng(seed)
    discs = {
        str(code): shapely.Point(*random.uniform(0, 6, 2)).buffer(random.uniform(0.5, 2), 3)
        for code in range(8)
    }
    mahallas = layer(discs)
    # points on a lattice meet vertices and edges too
    x, y = (random.integers(0, 25, 60) * 250.0 for _ in range(2))
    frame = offenses(*[{}] * 60).assign(x=x + EAST, y=y + NORTH)
    fate = reasons(frame, mahallas, crs=METRIC)
    for row, point in zip(frame["row"], shapely.points(frame["x"], frame["y"]), strict=True):
        covering = [code for code, shape in mahallas.geometry.items() if shape.intersects(point)]
        inside = [code for code in covering if mahallas.geometry[code].contains_properly(point)]
        if len(inside) > 1:
            covering = sorted(inside, key=lambda code: (mahallas.geometry[code].area, code))
        assert fate[row] == (f"{covering[0]} coordinates" if covering else "outside")


def test_content_is_all_a_record_has():
    assert set(CONTENT) - {"place"} == set(offenses({})) - {"row", "id"}


def toronto(shared: Path) -> pd.DataFrame:
    raw = pd.read_parquet(shared / "toronto_mci" / "toronto_mci_2014_2021.parquet")
    frame = offenses({}).reindex(range(len(raw)))
    return frame.assign(
        row=np.arange(len(raw)) + 2, kind=raw["MCI"], date=pd.Timestamp("2024-01-05"),
        longitude=raw["Long"], latitude=raw["Lat"], x=raw["Long"], y=raw["Lat"],
    )  # fmt: skip


def test_toronto_equals_a_spatial_join(shared: Path):
    hoods = gpd.read_file(shared / "toronto_mci" / "nh_profiles_short_2016.geojson")
    hoods.index = pd.Index(hoods["OBJECTID"].astype(str).str.zfill(3), name="mahalla_code")
    mahallas = hoods.sort_index().to_crs(32617)
    geocoded = geocode(toronto(shared), mahallas)
    assert len(geocoded.placed) + len(geocoded.rejected) == 240_992
    # an independent implementation
    points = gpd.GeoSeries.from_xy(geocoded.placed["x"], geocoded.placed["y"], crs=32617)
    joined = gpd.sjoin(points.to_frame("geometry"), mahallas[["geometry"]])
    assert len(joined) == len(geocoded.placed) == 240_945
    assert (joined["mahalla_code"].sort_index() == geocoded.placed["mahalla_code"]).all()
    # the share published beside the data, found there in degrees
    assert round(len(geocoded.placed) / 240_992, 4) == 0.9998


def test_toronto_in_its_other_layer(shared: Path):
    path = shared / "toronto_mci" / "neighbourhood-crime-rates.geojson"
    geocoded = geocode(toronto(shared), read_mahallas(path, columns={"code": "Hood_ID"}))
    assert len(geocoded.placed) + len(geocoded.rejected) == 240_992
    # the share stated beside the data
    assert round(len(geocoded.placed) / 240_992, 4) == 0.9976


def test_west_yorkshire_by_coordinates_agrees_with_its_codes(shared: Path):
    folder = shared / "west_yorkshire_street"
    raw = pd.read_parquet(folder / "west_yorkshire_street_3xJuly.parquet")
    x, y = (pd.to_numeric(raw[column]) for column in ("Longitude", "Latitude"))
    frame = offenses({}).reindex(range(len(raw)))
    frame = frame.assign(
        row=np.arange(len(raw)) + 2, date=pd.Timestamp("2016-07-01"),
        longitude=x, latitude=y, x=x, y=y,
    )  # fmt: skip
    mahallas = read_mahallas(folder / "wy_lsoa_2011.gpkg", columns={"code": "LSOA11CD"})
    geocoded = geocode(frame, mahallas)
    assert len(geocoded.placed) + len(geocoded.rejected) == 87_348
    assert (geocoded.rejected["reason"] == "no_location").sum() == x.isna().sum()
    # both shares are stated beside the data
    located = x.notna().sum()
    assert round(len(geocoded.placed) / located, 3) == 0.999
    told = raw["LSOA code"].to_numpy()[geocoded.placed["row"] - 2]
    assert round((told == geocoded.placed["mahalla_code"]).sum() / located, 3) == 0.962
