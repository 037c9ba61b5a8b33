"""Layers of polygons from any file: which layer, which encoding, which CRS."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.projections import name_crs, read_crs

LAYERS = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".gdb", ".tab", ".mif")
MAY_HOLD_POLYGONS = ("Polygon", "Geometry", "Unknown", "Surface")


def is_layer(path: Path) -> bool:
    """Say whether a file is a layer and not a table, by its ending and, of Parquet, its header."""
    if not path.exists():
        raise InputError(_("{path}: no such file; check the path", path=path))
    if path.suffix.lower() in (".parquet", ".geoparquet") and path.is_file():
        try:
            return b"geo" in (pq.read_schema(path).metadata or {})
        except pa.ArrowInvalid as error:
            raise InputError(
                _("{path}: cannot be read as Parquet; export it again", path=path)
            ) from error
    return path.suffix.lower() in LAYERS


def read_layer(
    path: Path, *, layer: str | None = None, encoding: str | None = None, crs: str | None = None
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Read a layer whole.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, Shapefile, FlatGeobuf, FileGDB, MapInfo or GeoParquet.
    layer : str, optional
        Which one; where absent, the only one that may hold polygons.
    encoding : str, optional
        Of a Shapefile's texts; where absent and no .cpg says it, UTF-8, else cp1251.
    crs : str, optional
        Instead of what the file declares.

    Returns
    -------
    frame : GeoDataFrame
        Indexed by the number of the feature from 1, with a CRS.
    found : dict
        ``crs``, and ``layer`` and ``encoding`` where they were chosen.

    Raises
    ------
    InputError
        The file cannot be read, the layer is not there or not the only one, or there is no CRS.
    """
    found: dict[str, Any] = {}
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        frame = gpd.read_parquet(path)
    else:
        name = _choose_layer(path, layer)
        if layer is None and len(pyogrio.list_layers(path)) > 1:
            found["layer"] = name
        frame, guessed = _read_features(path, name, encoding)
        if guessed:
            found["encoding"] = guessed
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(
            _("{path}: no polygons, it is only a table; choose a layer of polygons", path=path)
        )
    if not len(frame):
        raise InputError(
            _("{path}: the layer is empty; give a layer of mahalla polygons", path=path)
        )
    if crs is not None:
        given = read_crs(crs, key="[mahallas] crs")
        if frame.crs is not None and frame.crs != given:
            found["crs_declared"] = name_crs(frame.crs)
        frame = frame.set_crs(given, allow_override=True)
    if frame.crs is None:
        raise InputError(
            _(
                "{path}: no CRS is declared, so metres are unknown; set [mahallas] crs, for "
                "example EPSG:4326",
                path=path,
            )
        )
    found["crs"] = name_crs(frame.crs)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    frame.index = range(1, len(frame) + 1)
    return frame, found


def _choose_layer(path: Path, layer: str | None) -> str:
    try:
        layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    except DataSourceError as error:
        raise InputError(
            _("{path}: cannot be read as a layer; export it again", path=path)
        ) from error
    if layer is not None:
        if layer not in layers:
            raise InputError(
                _(
                    "{path}: there is no layer '{layer}'; {hint}",
                    path=path,
                    layer=layer,
                    hint=nearest_sentence(layer, sorted(layers)),
                )
            )
        return layer
    fit = [name for name, kind in layers.items() if _may_hold_polygons(kind)]
    if len(fit) > 1:
        raise InputError(
            _(
                "{path}: several layers may be the mahallas ({layers}); set [mahallas] layer to "
                "one of them",
                path=path,
                layers=", ".join(sorted(fit)),
            )
        )
    if not layers:
        raise InputError(
            _("{path}: no polygons, the file holds no layer; choose another file", path=path)
        )
    return (fit or list(layers))[0]


def _may_hold_polygons(kind: str | None) -> bool:
    return kind is not None and any(word in kind for word in MAY_HOLD_POLYGONS)


def _read_features(
    path: Path, layer: str, encoding: str | None
) -> tuple[gpd.GeoDataFrame, str | None]:
    """Return a layer's features and the encoding that was guessed, if one was."""
    silent = path.suffix.lower() == ".shp" and encoding is None
    declared = any(path.with_suffix(ending).exists() for ending in (".cpg", ".CPG"))
    tried = ["utf-8", "cp1251"] if silent and not declared else [encoding]
    for attempt in tried:
        try:
            with warnings.catch_warnings():
                # a column of numbers and words stays text, which is what is wanted
                warnings.filterwarnings("ignore", "Could not parse column .* as JSON", UserWarning)
                frame = pyogrio.read_dataframe(
                    path, layer=layer, encoding=attempt, on_invalid="fix"
                )
        except (UnicodeDecodeError, LookupError):
            continue
        except (DataSourceError, DataLayerError) as error:
            raise InputError(
                _("{path}: cannot be read as a layer; export it again", path=path)
            ) from error
        return frame, attempt if len(tried) > 1 else None
    raise InputError(
        _(
            "{path}: the texts are not {encoding}; set [mahallas] encoding",
            path=path,
            encoding=tried[-1] or "UTF-8",
        )
    )
