"""The Frictionless data package of a month's folder: each table, its columns and their meaning."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from hotspot.columns import TABLES, Column
from hotspot.trust_columns import VARIANTS

_WIDE: dict[str, Callable[[str], Column]] = {
    "counts": lambda month: Column(month, "integer", "offenses", "offenses placed in this month"),
    "history": lambda month: Column(month, "string", "", "the category of this month"),
    "sensitivity": lambda variant: Column(
        variant, "string", "", VARIANTS[variant.partition("_")[0]]
    ),
}


def write_datapackage(
    month: str,
    tables: Sequence[str],
    groups: Sequence[str],
    *,
    own: Sequence[str] = (),
    wide: Mapping[str, Sequence[str]] | None = None,
    described: Mapping[str, Sequence[Column]] = TABLES,
) -> str:
    """Describe a month's tables.

    Parameters
    ----------
    month : the month, YYYY-MM.
    tables : the tables of the folder, each a CSV file of that name.
    groups : those of them that are roll-ups by a group of mahallas.
    own : columns of the offense file that the table of rejected records has as well.
    wide : of the tables ``counts`` and ``history``, which have a column a month, those months; of
        ``sensitivity``, which has a column a variant, those variants.
    described : the columns of each table; those of a public month are fewer.

    Returns
    -------
    str
        The text of ``datapackage.json``, made from :mod:`hotspot.columns`.
    """
    resources = [
        {
            "name": name.lower(),
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "encoding": "utf-8-sig",
            "schema": {
                "fields": [
                    _field(column)
                    for column in (
                        *_columns(name, name in groups, own, described),
                        *(_WIDE[name](of) for of in (wide or {}).get(name, ())),
                    )
                ]
            },
        }
        for name in tables
    ]
    package = {
        "profile": "tabular-data-package",
        "name": f"hotspot-{month}",
        "title": f"Mahallas by category, {month}; analytical, not official",
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _columns(
    table: str, group: bool, own: Sequence[str], described: Mapping[str, Sequence[Column]]
) -> Sequence[Column]:
    if table == "rejected":
        added = [Column(name, "string", "", "as it stands in the offense file") for name in own]
        return (*described[table], *added)
    if not group:
        return described[table]
    districts = described["districts"]
    return (*districts[:2], Column(table, "string", "", "the group of mahallas"), *districts[2:])


def _field(column: Column) -> dict[str, str]:
    field = {"name": column.name, "type": column.type, "description": column.meaning}
    return field | ({"unit": column.unit} if column.unit else {})
