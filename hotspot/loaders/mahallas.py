"""Mahallas: codes, names, people and polygons, as they are valid on a day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.attributes import as_days, as_population, as_text
from hotspot.loaders.figures import clean_codes, column_of
from hotspot.loaders.geometry import measure_fit, repair_polygons, take_polygons
from hotspot.loaders.layers import is_layer, read_layer
from hotspot.loaders.projections import check_units, choose_metric_crs
from hotspot.loaders.tables import find_format, read_table
from hotspot.loaders.versions import keep_versions, list_earlier

TEXTS = ("name", "name_cyrl", "name_ru", "district", "region")
DAYS = ("valid_from", "valid_to")
COLUMNS = [*TEXTS, "stir", "population", *DAYS, "area_km2", "repair"]
# a Shapefile cuts the names of its fields to so many bytes
FIELD_BYTES = 10


def read_mahallas(
    path: str | Path,
    *,
    columns: Mapping[str, str],
    layer: str | None = None,
    polygons: str | Path | None = None,
    groups: Mapping[str, str] | None = None,
    on: datetime.date | None = None,
    crs: str | None = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the mahallas that are valid on a day, with their polygons in metres.

    Parameters
    ----------
    path : path
        A layer (GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet …), or a table whose codes
        are joined to `polygons`.
    columns : mapping
        The file's heading for each field: ``code``, and where there are ``name, name_cyrl,
        name_ru, district, region, population, stir, valid_from, valid_to``.
    layer : str, optional
        Which layer of the file with the polygons.
    polygons : path, optional
        The layer to join a table to: by a column of the same heading as the code's, or by the only
        column that holds the codes.
    groups : mapping, optional
        Name and heading of further columns that roll up.
    on : date, optional
        The day: of each code the version is kept that is valid then. Both ends count, except that
        a day on which the next version begins belongs to the next one; an empty ``valid_to`` lasts
        until then. Without a day the latest version of each code is kept.
    crs : str, optional
        Of the layer, instead of what it declares.
    encoding : str, optional
        Of the texts of a Shapefile or a table.

    Returns
    -------
    GeoDataFrame
        Indexed by ``mahalla_code`` (text, unique, sorted): ``name, name_cyrl, name_ru, district,
        region, stir, population, valid_from, valid_to, area_km2, repair``, the groups and
        ``geometry`` (valid Polygon, MultiPolygon or None, in the UTM zone of the layer's centre or,
        beyond twelve degrees of width, an equal-area CRS). ``area_km2`` is the polygon's area in
        that CRS; ``repair`` says what was mended, "" where nothing was. ``attrs["found"]`` says
        what was chosen, left out, repaired and measured; ``attrs["earlier"]`` are the names of
        versions that ended before the day, from `list_earlier`.

    Raises
    ------
    InputError
        A file or a heading is missing, a code repeats, versions overlap, a population or a day
        cannot be read, there are no polygons or no CRS, or the CRS cannot be the layer's.
    """
    path = Path(path)
    rows, found = _read_rows(path, columns["code"], layer, polygons, crs, encoding)
    fields = _find_fields(path, rows.columns, columns, groups or {}, found)
    frame = _read_fields(path, rows, fields, list(groups or {}))

    without_code = frame["mahalla_code"].isna()
    if without_code.all():
        raise InputError(
            _(
                "{path}: the column '{code}' is empty; it must hold the codes",
                path=path,
                code=fields["code"],
            )
        )
    if without_code.any():
        found["rows_without_code"] = [int(row) for row in frame.index[without_code]]
    versions = frame[~without_code]
    frame = keep_versions(versions, on=on, source=str(path))
    found["versions"] = {"rows": len(versions), "kept": len(frame)}
    earlier = list_earlier(versions, frame, on=on)
    frame = frame.set_index("mahalla_code").sort_index()
    frame = _measure(frame, source=str(polygons or path), found=found)
    frame.attrs["earlier"] = earlier
    return frame


def _read_rows(
    path: Path,
    code: str,
    layer: str | None,
    polygons: str | Path | None,
    crs: str | None,
    encoding: str | None,
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Return the rows of the layer, or of the table with the polygons joined."""
    if is_layer(path):
        if polygons is not None:
            raise InputError(
                _("{path}: this is a layer with polygons of its own; remove polygons", path=path)
            )
        return read_layer(path, layer=layer, encoding=encoding, crs=crs)
    if polygons is None:
        raise InputError(
            _(
                "{path}: no polygons, it is only a table; set [mahallas] polygons to the layer "
                "that has them",
                path=path,
            )
        )
    table = read_table(path, find_format(path, encoding=encoding, known=[code]))
    is_layer(Path(polygons))
    shapes, found = read_layer(Path(polygons), layer=layer, crs=crs)
    if table.skipped:
        found["skipped_rows"] = [[row, why] for row, why, _ in table.skipped]
    return _join(path, table.frame, Path(polygons), shapes, code, found), found


def _join(
    path: Path,
    table: pd.DataFrame,
    polygons: Path,
    shapes: gpd.GeoDataFrame,
    code: str,
    found: dict[str, Any],
) -> gpd.GeoDataFrame:
    """Return the table's rows with the polygon of their code, None where there is none."""
    heading = _find_heading(path, code, table.columns, {})
    codes = clean_codes(table[heading], where=column_of(path, heading))
    column = _find_code_column(polygons, shapes, heading, set(codes.dropna()))
    keys = clean_codes(shapes[column], where=column_of(polygons, column))
    repeated = keys[keys.duplicated() & keys.isin(codes)]
    if len(repeated):
        raise InputError(
            _(
                "{polygons}: the code '{code}' has several polygons; dissolve the parts of a "
                "mahalla into one",
                polygons=polygons,
                code=repeated.min(),
            )
        )
    by_code = pd.Series(shapes.geometry.to_numpy(), index=keys)
    by_code = by_code[by_code.index.notna() & ~by_code.index.duplicated()]
    found["joined"] = {
        "column": column,
        "rows_without_polygon": int((codes.notna() & ~codes.isin(by_code.index)).sum()),
        "polygons_without_row": int((~keys.isin(codes)).sum()),
    }
    return gpd.GeoDataFrame(
        table.drop(columns="geometry", errors="ignore"),
        geometry=by_code.reindex(codes).to_numpy(),
        crs=shapes.crs,
    )


def _find_code_column(
    polygons: Path, shapes: gpd.GeoDataFrame, heading: str, codes: set[str]
) -> str:
    if heading in shapes.columns:
        return heading
    texts = {name: set(as_text(shapes[name]).dropna()) for name in shapes.columns.drop("geometry")}
    fit = [name for name, own in texts.items() if 2 * len(own & codes) > min(len(own), len(codes))]
    if len(fit) != 1:
        code, columns = min(codes), ", ".join(sorted(fit))
        if not fit:
            raise InputError(
                _(
                    "{polygons}: one column must hold the codes of the table, such as '{code}', "
                    "and none of its columns does; rename the right one to '{column}'",
                    polygons=polygons,
                    code=code,
                    column=heading,
                )
            )
        raise InputError(
            _(
                "{polygons}: one column must hold the codes of the table, such as '{code}', and "
                "the columns {columns} do; rename the right one to '{column}'",
                polygons=polygons,
                code=code,
                columns=columns,
                column=heading,
            )
        )
    return str(fit[0])


def _find_fields(
    path: Path,
    headings: pd.Index,
    columns: Mapping[str, str],
    groups: Mapping[str, str],
    found: dict[str, Any],
) -> dict[str, str]:
    """Return the heading in the file of each field and group."""
    taken = sorted(set(groups) & {*COLUMNS, "geometry", "mahalla_code"})
    if taken:
        raise InputError(
            _(
                "[mahallas.groups] '{name}' is the name of a column already; choose another",
                name=taken[0],
            )
        )
    cut: dict[str, str] = {}
    known = headings.drop("geometry")
    fields = {
        field: _find_heading(path, heading, known, cut)
        for field, heading in {**columns, **groups}.items()
    }
    if len(set(cut.values())) < len(cut):
        raise InputError(
            _(
                "{path}: the headings {headings} are cut to the same field name; give the names "
                "as the file has them",
                path=path,
                headings=", ".join(sorted(cut)),
            )
        )
    if cut:
        found["headings_cut"] = cut
    return fields


def _find_heading(path: Path, heading: str, known: pd.Index, cut: dict[str, str]) -> str:
    if heading in known:
        return heading
    if path.suffix.lower() in (".shp", ".dbf"):
        beginnings = [
            name
            for name in known
            if heading.startswith(name) and len(name.encode()) >= FIELD_BYTES - 1
        ]
        if len(beginnings) == 1:
            cut[heading] = beginnings[0]
            return str(beginnings[0])
    raise InputError(
        _(
            "{path}: there is no column '{column}'; {hint}",
            path=path,
            column=heading,
            hint=nearest_sentence(heading, known.astype(str)),
        )
    )


def _read_fields(
    path: Path, rows: gpd.GeoDataFrame, fields: Mapping[str, str], groups: list[str]
) -> gpd.GeoDataFrame:
    """Return the fields as what they are; a field without a column is missing throughout."""
    source, missing = str(path), pd.Series(np.nan, index=rows.index, dtype=object)
    cells = {field: rows[heading] for field, heading in fields.items()}
    read: dict[str, pd.Series] = {
        "mahalla_code": clean_codes(cells["code"], where=column_of(path, str(cells["code"].name)))
    }
    read |= {field: as_text(cells.get(field, missing)) for field in TEXTS}
    read["stir"] = clean_codes(cells.get("stir", missing), where=f"{source}, stir")
    read["population"] = as_population(cells.get("population", missing), source=source)
    read |= {field: as_days(cells.get(field, missing), source=source) for field in DAYS}
    read |= {"area_km2": missing, "repair": missing}
    read |= {group: as_text(cells[group]) for group in groups}
    return gpd.GeoDataFrame(read, geometry=rows.geometry, crs=rows.crs)


def _measure(frame: gpd.GeoDataFrame, *, source: str, found: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return the frame with valid polygons in metres and their areas."""
    given = frame.geometry.to_numpy()
    taken = take_polygons(given)
    if shapely.is_missing(taken).all():
        kinds = sorted(set(frame.geometry.dropna().geom_type))
        if not kinds:
            raise InputError(
                _(
                    "{source}: no polygons, the geometries are missing; choose a layer of polygons",
                    source=source,
                )
            )
        raise InputError(
            _(
                "{source}: no polygons, the geometries are {kinds}; choose a layer of polygons",
                source=source,
                kinds=", ".join(kinds),
            )
        )
    in_layer = gpd.GeoSeries(taken, index=frame.index, crs=frame.crs)
    check_units(in_layer, source=source)
    crs, name = choose_metric_crs(in_layer, source=source)
    shapes, notes = repair_polygons(in_layer.to_crs(crs).to_numpy())
    notes[(shapely.get_type_id(given) == 7) & (notes == "")] = "polygons taken out of a collection"
    geometry = gpd.GeoSeries(shapes, index=frame.index, crs=crs)
    frame = frame.assign(repair=notes, area_km2=geometry.area.where(geometry.notna()) / 1e6)
    frame["repair"] = frame["repair"].astype("str")
    frame = frame.set_geometry(geometry)
    order = [*COLUMNS, *frame.columns.difference([*COLUMNS, "geometry"], sort=False), "geometry"]
    found |= {
        "metric_crs": name,
        "without_polygon": int(geometry.isna().sum()),
        "repaired": [[code, note] for code, note in frame["repair"].items() if note],
        **measure_fit(geometry),
    }
    frame = frame[order]
    frame.attrs = {"found": found}
    return frame
