"""A month written out whole: the folder with tables, maps, workbook and account."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from hotspot import columns
from hotspot.disclosure import describe_public, keep_apart, withhold
from hotspot.drawings import draw_month
from hotspot.language import _
from hotspot.monthly import Month
from hotspot.reports.datapackage import write_datapackage
from hotspot.reports.review_sheet import write_review
from hotspot.whole import hash_file, whole_folder


def write_month(
    month: Month,
    folder: str | Path,
    *,
    languages: Sequence[str] = ("en",),
    paper: str = "A4",
    drawings: bool = True,
    progress: Callable[[str], None] = lambda step: None,
) -> Path:
    """Write a month's folder, whole or not at all; of a public job's month only what may be public.

    Parameters
    ----------
    month : what :func:`hotspot.monthly.run_month` returns.
    folder : the output folder; the month gets a folder of its name in it, replacing an earlier one.
        Files in it that are not the program's stay, and so does, as ``<stem>-edited<suffix>``, what
        somebody edited.
    languages : those of the maps, the workbook and the report, the main one first.
    paper : the size of the printed maps, A4 or A3.
    drawings : whether maps, workbook and reports are made besides the tables.
    progress : called with a few words before each step.

    Returns
    -------
    Path
        The month's folder.

    Raises
    ------
    InputError
        The folder cannot be written, a file in it is open elsewhere, another run is writing it, or
        a public month is to stand where one with counts is, or the reverse.
    """
    target = Path(folder) / str(month.month)
    public = "public" in month.account
    with whole_folder(target) as made:
        keep_apart(target, public=public)
        progress(_("writing the tables"))
        if public:
            month = withhold(month)
        tables = _public_tables(month) if public else _tables(month)
        for name, table in tables.items():
            write_csv(table, made / f"{name}.csv")
        if not public:
            (made / "review.xlsx").write_bytes(write_review(month.review))
        _write_gpkg(month.table, made / "categories.gpkg")
        if drawings:
            draw_month(month, made, languages=languages, paper=paper, progress=progress)
        progress(_("closing the account"))
        (made / "datapackage.json").write_text(
            write_datapackage(
                str(month.month),
                sorted(tables),
                sorted(month.groups),
                own=[str(c) for c in month.rejected if c not in columns.names("rejected")],
                wide={
                    "counts": [str(m) for m in month.counts],
                    "history": [str(m) for m in month.history],
                    "sensitivity": [
                        str(c) for c in month.sensitivity if c not in columns.names("sensitivity")
                    ],
                },
                described=columns.TABLES | (describe_public(month) if public else {}),
            ),
            encoding="utf-8",
        )
        outputs = {file.name: hash_file(file) for file in sorted(made.iterdir())}
        account = month.account | {"outputs": outputs}
        if month.ledger is not None:
            read = Path(os.path.relpath(month.ledger, target)).as_posix()
            account["ledger"] = {"path": read, **account["ledger"]}
        (made / "run.json").write_text(to_json(account), encoding="utf-8")
    return target


def _tables(month: Month) -> dict[str, pd.DataFrame]:
    """Return the tables of a month by their files' names."""
    tables = _public_tables(month) | {
        **month.rankings,
        "neighbours": month.neighbours,
        "counts": month.counts.rename_axis("mahalla_code").reset_index(),
        "revisions": month.revisions,
        "sensitivity": month.sensitivity,
        "suspicious_zeros": month.zeros,
        "rejected": month.rejected,
        "review": month.review,
    }
    if month.backtest is not None:
        tables["backtest"] = month.backtest
    if month.backtest_summary is not None:
        tables["backtest_summary"] = month.backtest_summary
    if len(month.crosswalk):
        tables["crosswalk"] = month.crosswalk
    return tables


def _public_tables(month: Month) -> dict[str, pd.DataFrame]:
    """Return those that a public month has too."""
    return {
        "categories": pd.DataFrame(month.table.drop(columns="geometry")),
        "districts": month.districts,
        **month.groups,
        "regions": month.rankings["regions"],
        "history": month.history.rename_axis("mahalla_code").reset_index(),
    }


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table for people and programs: UTF-8 with BOM for Excel, missing cells empty."""
    # nine digits hold every count, and of a tail its digits and not only its zeros
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", float_format="%.9g")


def to_json(value: object) -> str:
    """Write JSON the same way each time, readable by a person."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> object:
    # numpy's numbers are written as numbers
    if hasattr(value, "item"):
        return value.item()
    return str(value)


def _write_gpkg(table: gpd.GeoDataFrame, path: Path) -> None:
    # GDAL writes the hour into a GeoPackage unless it is told which
    before = os.environ.get("OGR_CURRENT_DATE")
    os.environ["OGR_CURRENT_DATE"] = "2000-01-01T00:00:00Z"
    try:
        table.reset_index(drop=True).to_file(path, layer="categories", driver="GPKG")
    finally:
        if before is None:
            del os.environ["OGR_CURRENT_DATE"]
        else:
            os.environ["OGR_CURRENT_DATE"] = before
