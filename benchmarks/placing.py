"""A million points onto polygons, beside geopandas, SedonaDB and PyCanopy.

Run as ``python -m benchmarks.placing FOLDER`` to write the region that only this needs.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import regions
from benchmarks.measure import Case

POINTS = 1_000_000
MANY = 100_000


def sjoin(folder: str, size: int) -> Case:
    """Prepare the spatial join, from x and y to each point's polygon."""
    mahallas = regions.read_mahallas(Path(folder), size)
    x, y = regions.scatter_points(size, POINTS)

    def work() -> Any:
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=mahallas.crs))
        joined = gpd.sjoin(points, mahallas[["geometry"]], predicate="within")
        places = np.full(len(x), -1)
        places[joined.index] = mahallas.index.get_indexer(joined["mahalla_code"])
        return places

    return work, _tell


def sedonadb(folder: str, size: int) -> Case:
    """Prepare the join of SedonaDB, from x and y and the polygons to each point's polygon."""
    import sedonadb

    mahallas = regions.read_mahallas(Path(folder), size).reset_index()[["geometry"]]
    mahallas["place"] = np.arange(size)
    x, y = regions.scatter_points(size, POINTS)
    points = pd.DataFrame({"point": np.arange(POINTS), "x": x, "y": y})
    database = sedonadb.connect()
    query = """
        SELECT points.point, mahallas.place FROM points
        JOIN mahallas ON ST_Intersects(mahallas.geometry, ST_SetSRID(ST_Point(x, y), 32642))
    """

    def work() -> Any:
        database.create_data_frame(points).to_view("points", overwrite=True)
        database.create_data_frame(mahallas).to_view("mahallas", overwrite=True)
        found = pa.table(database.sql(query))
        places = np.full(POINTS, -1)
        places[found["point"].to_numpy()] = found["place"].to_numpy()
        return places

    return work, _tell


def pycanopy(folder: str, size: int) -> Case:
    """Prepare the join of PyCanopy's engine, the building of its index in the time."""
    from pycanopy import Engine

    polygons = regions.read_mahallas(Path(folder), size).geometry.to_numpy()
    x, y = regions.scatter_points(size, POINTS)

    def work() -> Any:
        point, place = Engine.from_polygons(polygons).batch_contains(x, y).reshape(-1, 2).T
        places = np.full(POINTS, -1)
        places[point] = place
        return places

    return work, _tell


def locating(folder: str, size: int) -> Case:
    """Prepare what the loader does, from x and y to each point's polygon."""
    from hotspot.loaders.containment import locate

    polygons = regions.read_mahallas(Path(folder), size).geometry.to_numpy()
    x, y = regions.scatter_points(size, POINTS)
    return lambda: locate(x, y, polygons)[0], _tell


def geocoding(folder: str, size: int) -> Case:
    """Prepare the whole of geocode: reprojected, checked, each record placed or rejected."""
    from hotspot.loaders.geocode import geocode

    mahallas = regions.read_mahallas(Path(folder), size)
    offenses = records(size, mahallas)

    def tell(geocoded: Any) -> dict[str, Any]:
        codes = pd.Series(geocoded.placed["mahalla_code"].to_numpy(), geocoded.placed["row"])
        found = mahallas.index.get_indexer(codes.reindex(offenses["row"]))
        return _tell(found)

    return lambda: geocode(offenses, mahallas), tell


def records(size: int, mahallas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the points as records in degrees, as `read_offenses` does."""
    points = gpd.points_from_xy(*regions.scatter_points(size, POINTS), crs=mahallas.crs)
    points = points.to_crs("EPSG:4326")
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2022-02-01") + pd.to_timedelta(rng.integers(0, 1096, POINTS), unit="D")
    kinds = np.array(["theft", "robbery", "fraud"], dtype=object)
    return pd.DataFrame(
        {
            "row": np.arange(2, POINTS + 2),
            "id": np.arange(POINTS).astype(str),
            "kind": kinds[rng.integers(0, len(kinds), POINTS)],
            "mahalla_code": None,
            "mahalla": None,
            "district": None,
            "date": days.astype("datetime64[s]"),
            "date_given": days.strftime("%Y-%m-%d"),
            "longitude": points.x,
            "latitude": points.y,
            "x": points.x,
            "y": points.y,
            "registered": pd.Series(pd.NaT, range(POINTS), dtype="datetime64[s]"),
        }
    )


def _tell(places: Any) -> dict[str, Any]:
    places = np.asarray(places, dtype=np.int64)
    digest = hashlib.sha256(places.tobytes()).hexdigest()
    return {"digest": digest, "outside": int((places < 0).sum())}


def write_many(folder: Path) -> None:
    """Write a region of as many mahallas as a large country has."""
    mahallas = regions.draw_mahallas(MANY, np.random.default_rng(MANY))
    mahallas.to_parquet(folder / f"mahallas_{MANY}.parquet")


if __name__ == "__main__":
    write_many(Path(sys.argv[1]))
