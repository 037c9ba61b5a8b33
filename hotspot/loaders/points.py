"""Coordinates of records: which can be used, and what they are mistaken for."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.projections import name_crs

# a mistake in a whole column shows in most of at least this many records, or in all of fewer
FEW = 10

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Points:
    """The coordinates of records.

    Attributes
    ----------
    x, y : array of float
        In the CRS of the mahallas, NaN where not usable.
    given : array of bool
        Whether a record has anything in its coordinates.
    usable : array of bool
        Whether they are two numbers that can be a place.
    swapped : array of bool
        Whether they are numbers that lie among the mahallas only when exchanged.
    """

    x: Numbers
    y: Numbers
    given: Mask
    usable: Mask
    swapped: Mask


def read_points(
    records: pd.DataFrame, mahallas: gpd.GeoDataFrame, *, crs: CRS, part: bool = False
) -> Points:
    """Return the records' coordinates in the CRS of the mahallas, checked as columns and singly.

    Parameters
    ----------
    records : DataFrame
        Columns ``longitude, latitude`` as given and ``x, y`` as numbers in `crs`.
    mahallas : GeoDataFrame
        In a metric CRS.
    crs : pyproj.CRS
    part : bool
        The records are a part of the source, too few to judge a column as a whole.

    Returns
    -------
    Points

    Raises
    ------
    InputError
        A column is mistaken as a whole: see `check_coordinates`.
    """
    x, y = (records[column].to_numpy(dtype=np.float64) for column in ("x", "y"))
    texts = (records[column].notna().to_numpy() for column in ("longitude", "latitude"))
    given = np.logical_or(*texts) | ~np.isnan(x) | ~np.isnan(y)
    swapped = find_swapped(x, y, crs=crs, mahallas=mahallas)
    if not part:
        check_coordinates(x, y, crs=crs, swapped=swapped)
    usable = find_usable(x, y, crs=crs) & ~swapped
    to_metric = Transformer.from_crs(crs, mahallas.crs, always_xy=True)
    metric = np.full((2, len(x)), np.nan)
    metric[:, usable] = to_metric.transform(x[usable], y[usable])
    # infinite where the projection does not reach
    usable &= np.isfinite(metric).all(axis=0)
    metric[:, ~usable] = np.nan
    return Points(x=metric[0], y=metric[1], given=given, usable=usable, swapped=swapped)


def find_usable(x: Numbers, y: Numbers, *, crs: CRS) -> Mask:
    """Return which coordinates are two numbers, not (0, 0), and in the range of their CRS.

    Examples
    --------
    >>> x, y = np.array([69.2, 0.0, 69.2, np.nan]), np.array([41.3, 0.0, 141.3, 41.3])
    >>> find_usable(x, y, crs=CRS.from_epsg(4326)).tolist()
    [True, False, False, False]
    """
    usable: Mask = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    return usable & _in_degrees(x, y) if crs.is_geographic else usable


def _in_degrees(x: Numbers, y: Numbers) -> Mask:
    inside: Mask = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    return inside


def find_swapped(x: Numbers, y: Numbers, *, crs: CRS, mahallas: gpd.GeoDataFrame) -> Mask:
    """Return which points lie in the layer's bounds only with x and y exchanged."""
    if mahallas.geometry.isna().all():
        return np.zeros(len(x), dtype=bool)
    to_given = Transformer.from_crs(mahallas.crs, crs, always_xy=True)
    west, south, east, north = to_given.transform_bounds(*mahallas.total_bounds)
    as_given = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    exchanged = (y >= west) & (y <= east) & (x >= south) & (x <= north)
    swapped: Mask = exchanged & ~as_given
    return swapped


def check_coordinates(x: Numbers, y: Numbers, *, crs: CRS, swapped: Mask) -> None:
    """Refuse columns that are mistaken as a whole.

    Parameters
    ----------
    x, y : array of float
        As given, NaN where absent or unreadable.
    swapped : array of bool
        From `find_swapped`.

    Raises
    ------
    InputError
        Most points are swapped, or in metres under a CRS in degrees, or the reverse.
    """
    given = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    if _mostly(swapped, given):
        raise InputError(
            _(
                "longitude and latitude are swapped: {swapped} of {points} points lie among the "
                "mahallas only when exchanged; exchange the two headings in [offenses.columns]",
                swapped=int(swapped.sum()),
                points=int(given.sum()),
            )
        )
    in_degrees = _in_degrees(x, y) & given
    beyond = given & ~in_degrees
    if crs.is_geographic and _mostly(beyond, given):
        example = f"({x[beyond][0]:.10g}, {y[beyond][0]:.10g})"
        raise InputError(
            _(
                "coordinates such as {example} are not in degrees, but the CRS {crs} is; set "
                "[offenses] crs to the one they are in, for example EPSG:32642",
                example=example,
                crs=name_crs(crs),
            )
        )
    if crs.is_projected and _mostly(in_degrees, given):
        example = f"({x[in_degrees][0]:.10g}, {y[in_degrees][0]:.10g})"
        raise InputError(
            _(
                "coordinates such as {example} are in degrees, but the CRS {crs} is not; set "
                "[offenses] crs to EPSG:4326",
                example=example,
                crs=name_crs(crs),
            )
        )


def _mostly(mistaken: Mask, given: Mask) -> bool:
    number, points = int((mistaken & given).sum()), int(given.sum())
    return number > points / 2 and (number >= FEW or number == points)
