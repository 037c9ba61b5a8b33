"""The metric CRS that suits a layer, and the way there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.figures import find_decimal, parse_numbers

# at twelve degrees of width areas at the edge are one to two per cent too large, and no more
UTM_WIDTH = 12.0
# fewer points than this among the mahallas are there by chance
LEAST_SHARE = 0.01


def name_crs(crs: CRS) -> str:
    """Return the short name of a CRS: its EPSG code, or what it calls itself.

    Examples
    --------
    >>> name_crs(CRS.from_epsg(4326))
    'EPSG:4326'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def check_units(polygons: gpd.GeoSeries, *, source: str) -> None:
    """Refuse coordinates that cannot be in the CRS the layer declares.

    Raises
    ------
    InputError
        Metres under a CRS in degrees, degrees under a CRS in metres, or a CRS that is neither.
    """
    if not (polygons.crs.is_geographic or polygons.crs.is_projected):
        raise InputError(
            _(
                "{source}: the CRS {crs} is neither in degrees nor on a map; set [mahallas] crs, "
                "for example EPSG:4326",
                source=source,
                crs=name_crs(polygons.crs),
            )
        )
    bounds = polygons.total_bounds
    west, south, east, north = bounds
    in_degrees = max(-west, east) <= 180 and max(-south, north) <= 90
    farthest = bounds[np.argmax(np.abs(bounds))]
    if polygons.crs.is_geographic and not in_degrees:
        raise InputError(
            _(
                "{source}: the CRS {crs} is in degrees, but coordinates reach {farthest}; set "
                "[mahallas] crs to the one they are in",
                source=source,
                crs=name_crs(polygons.crs),
                farthest=f"{farthest:.10g}",
            )
        )
    if polygons.crs.is_projected and in_degrees:
        raise InputError(
            _(
                "{source}: the CRS {crs} is in metres, but no coordinate goes beyond {farthest}, "
                "which looks like degrees; set [mahallas] crs, for example EPSG:4326",
                source=source,
                crs=name_crs(polygons.crs),
                farthest=f"{farthest:.10g}",
            )
        )


def choose_metric_crs(polygons: gpd.GeoSeries, *, source: str) -> tuple[CRS, str]:
    """Return the metric CRS that suits where the polygons lie, and its name in words.

    Parameters
    ----------
    polygons : GeoSeries
        With a CRS.
    source : str
        The file, for the sentence.

    Returns
    -------
    crs : pyproj.CRS
        The UTM zone of the layer's centre (WGS 84) where the layer is at most 12 degrees wide and
        within 80 degrees of the equator; otherwise a Lambert azimuthal equal-area projection on
        its centre.
    name : str

    Raises
    ------
    InputError
        Polygons lie outside what their CRS covers.

    Examples
    --------
    >>> tashkent = gpd.GeoSeries.from_wkt(["POINT (69.2 41.3)"], crs="EPSG:4326")
    >>> choose_metric_crs(tashkent, source="a.gpkg")[1]
    'EPSG:32642 (UTM zone 42N, of the centre of the layer)'
    """
    to_degrees = Transformer.from_crs(polygons.crs, "EPSG:4326", always_xy=True)
    corners = polygons.bounds.dropna().to_numpy().reshape(-1, 2)
    longitudes, latitudes = to_degrees.transform(corners[:, 0], corners[:, 1])
    lost = ~np.isfinite(longitudes)
    if lost.any():
        x, y = corners[lost][0]
        raise InputError(
            _(
                "{source}: the point ({x}, {y}) lies outside what the CRS {crs} covers; set "
                "[mahallas] crs to the one it is in",
                source=source,
                x=f"{x:.10g}",
                y=f"{y:.10g}",
                crs=name_crs(polygons.crs),
            )
        )
    west, south = longitudes.min(), latitudes.min()
    east, north = longitudes.max(), latitudes.max()
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if east - west <= UTM_WIDTH and max(-south, north) <= 80:
        zone = min(int((longitude + 180) // 6) + 1, 60)
        code, side = (32600, "N") if latitude >= 0 else (32700, "S")
        name = f"EPSG:{code + zone} (UTM zone {zone}{side}, of the centre of the layer)"
        return CRS.from_epsg(code + zone), name
    longitude, latitude = round(longitude, 1), round(latitude, 1)
    crs = CRS.from_dict(
        {"proj": "laea", "lon_0": longitude, "lat_0": latitude, "datum": "WGS84", "units": "m"}
    )
    name = (
        f"Lambert azimuthal equal area, centre {longitude:.1f} E {latitude:.1f} N "
        f"(the layer is {east - west:.1f} degrees wide)"
    )
    return crs, name


def read_crs(crs: str, *, key: str) -> CRS:
    """Return a CRS by its name.

    Raises
    ------
    InputError
        There is no such CRS; the sentence names the key of the job file.
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            _(
                "{key}: '{crs}' is not a known CRS; write it like EPSG:4326 or EPSG:32642",
                key=key,
                crs=crs,
            )
        ) from error


def propose_crs(x: pd.Series, y: pd.Series, mahallas: gpd.GeoDataFrame) -> tuple[str, str, bool]:
    """Find the CRS under which coordinates lie among the mahallas.

    Parameters
    ----------
    x, y : Series
        Coordinates as found, text or numbers.
    mahallas : GeoDataFrame
        As `read_mahallas` returns it.

    Returns
    -------
    crs : str
        The first of WGS 84, the layer's own CRS, the UTM zones, Web Mercator and the Pulkovo
        zones there that puts most points within the mahallas' bounds; empty where none puts one
        in a hundred there.
    why : str
        The share of points that lie there, in the language spoken.
    exchanged : bool
        Whether x and y must be exchanged for it.
    """
    decimal = find_decimal(pd.concat([x, y]).astype("str"))
    points = np.column_stack([parse_numbers(cells, decimal=decimal) for cells in (x, y)])
    points = points[np.isfinite(points).all(axis=1)]
    west, south, east, north = mahallas.total_bounds
    centre = Transformer.from_crs(mahallas.crs, 4326, always_xy=True).transform(
        (west + east) / 2, (south + north) / 2
    )
    zone = int((centre[0] + 180) // 6) + 1
    utm = [f"EPSG:{base + zone}" for base in (32600 if centre[1] >= 0 else 32700, 26900)]
    declared = mahallas.attrs.get("found", {}).get("crs")
    # Pulkovo 1942, zones 11 and 12, are Uzbekistan's
    pulkovo = [f"EPSG:{code}" for code in (28400 + zone - 30, 28411, 28412)]
    candidates = ["EPSG:4326", declared, *utm, "EPSG:3857", *pulkovo]
    best, best_share, exchanged = "", 0.0, False
    for crs in dict.fromkeys(filter(None, candidates)):
        try:
            transformer = Transformer.from_crs(crs, mahallas.crs, always_xy=True)
        except ProjError:
            continue
        # Pulkovo's x is the northing, and columns are mistaken for each other elsewhere too
        for swap in (False, True):
            first, second = points.T[::-1] if swap else points.T
            xs, ys = transformer.transform(first, second)
            inside = (xs >= west) & (xs <= east) & (ys >= south) & (ys <= north)
            share = float(inside.mean()) if len(inside) else 0.0
            if share > best_share:
                best, best_share, exchanged = crs, share, swap
    share_there = f"{best_share:.0%}"
    if exchanged and best_share >= LEAST_SHARE:
        why = _(
            "{share} of the points lie within the mahallas' bounds once longitude and latitude are "
            "exchanged",
            share=share_there,
        )
        return best, why, True
    why = _("{share} of the points lie within the mahallas' bounds", share=share_there)
    return best if best_share >= LEAST_SHARE else "", why, False
