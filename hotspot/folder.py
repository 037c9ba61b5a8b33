"""A month written out whole: the folder with tables, maps, workbook and account."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from hotspot import columns
from hotspot.drawings import draw_month
from hotspot.monthly import Month
from hotspot.reports.datapackage import write_datapackage
from hotspot.reports.review_sheet import write_review
from hotspot.whole import hash_file, whole_folder


def write_month(
    month: Month,
    folder: str | Path,
    *,
    languages: Sequence[str] = ("en",),
    progress: Callable[[str], None] = lambda step: None,
) -> Path:
    """Write a month's folder, whole or not at all.

    Parameters
    ----------
    month : what :func:`hotspot.monthly.run_month` returns.
    folder : the output folder; the month gets a folder of its name in it, replacing an earlier one.
        Files in it that are not the program's stay, and so does, as ``<stem>-edited<suffix>``, what
        somebody edited.
    languages : those of the maps, the workbook and the report, the main one first.
    progress : called with a few words before each step.

    Returns
    -------
    Path
        The month's folder.

    Raises
    ------
    InputError
        The folder cannot be written, a file in it is open elsewhere, or another run is writing it.
    """
    target = Path(folder) / str(month.month)
    with whole_folder(target) as made:
        progress("writing the tables")
        table = pd.DataFrame(month.table.drop(columns="geometry"))
        write_csv(table, made / "categories.csv")
        write_csv(month.districts, made / "districts.csv")
        for name, rolled in month.groups.items():
            write_csv(rolled, made / f"{name}.csv")
        for name, ranked in month.rankings.items():
            write_csv(ranked, made / f"{name}.csv")
        write_csv(month.neighbours, made / "neighbours.csv")
        for name, panel in (("counts", month.counts), ("history", month.history)):
            write_csv(panel.rename_axis("mahalla_code").reset_index(), made / f"{name}.csv")
        write_csv(month.revisions, made / "revisions.csv")
        if month.backtest is not None:
            write_csv(month.backtest, made / "backtest.csv")
        if month.backtest_summary is not None:
            write_csv(month.backtest_summary, made / "backtest_summary.csv")
        write_csv(month.sensitivity, made / "sensitivity.csv")
        write_csv(month.zeros, made / "suspicious_zeros.csv")
        write_csv(month.rejected, made / "rejected.csv")
        write_csv(month.review, made / "review.csv")
        if len(month.crosswalk):
            write_csv(month.crosswalk, made / "crosswalk.csv")
        (made / "review.xlsx").write_bytes(write_review(month.review))
        _write_gpkg(month.table, made / "categories.gpkg")
        draw_month(month, made, languages=languages, progress=progress)
        progress("closing the account")
        tables = {file.stem for file in made.glob("*.csv")}
        (made / "datapackage.json").write_text(
            write_datapackage(
                str(month.month),
                sorted(tables),
                sorted(month.groups),
                own=[str(c) for c in month.rejected if c not in columns.names("rejected")],
                wide={
                    "counts": [str(m) for m in month.counts],
                    "history": [str(m) for m in month.history],
                    "sensitivity": list(
                        month.sensitivity.columns.drop(columns.names("sensitivity"))
                    ),
                },
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
