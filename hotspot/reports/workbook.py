"""The workbook: the list to sign, the figures, and the tables that they rest on."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xlsxwriter

from hotspot.language import _, month_name, ngettext
from hotspot.reports.workbook_cells import FONT, Pen
from hotspot.reports.workbook_changes import answer, compare_years, list_changes, mark_changes
from hotspot.reports.workbook_figures import (
    block_months,
    count_then,
    describe_offenses,
    describe_placed,
    describe_records,
    describe_reds,
)
from hotspot.reports.workbook_lists import title_of, write_account, write_columns, write_tables
from hotspot.reports.workbook_signed import write_signed
from hotspot.reports.workbook_summary import Monthly, write_summary
from hotspot.reports.workbook_text import clean

CATEGORIES = (
    "mahalla_code",
    "name",
    "district",
    "region",
    "category",
    "change",
    "previous_category",
    "months_red",
    "count",
    "count_month",
    "count_ytd",
    "count_ytd_last_year",
    "count_change",
    "reason",
    "population",
    "rate",
    "rate_ratio",
    "excess_probability",
    "gi_pop_q",
    "trend",
    "pattern",
    "red_probability",
)
"""Columns of the sheet of categories, printed up to the reason; all are in ``categories.csv``."""

# a workbook of the same month must have the same bytes, so it bears no time of its own
_CREATED = datetime.datetime(2000, 1, 1)


def write_workbook(
    categories: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    month: str,
    window: str,
    criteria: Mapping[str, Any],
    account: Mapping[str, Any] | None = None,
    groups: Sequence[str] = (),
    counts: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    of_groups: pd.DataFrame | None = None,
    reasons_before: pd.Series | None = None,
) -> bytes:
    """Write the month's workbook in the language spoken.

    Parameters
    ----------
    categories : columns of ``categories.csv``, indexed by mahalla code. What is not there is not
        shown: a public table has no counts.
    tables : further tables by their name in :mod:`hotspot.columns`, and roll-ups by the group's
        name. A table that is not there has no sheet.
    month : the month, YYYY-MM.
    window : sentences that say over which months and which kinds are counted.
    criteria : their ``name``, ``version`` and ``sha256``.
    account : the account of ``run.json``.
    groups : those of the tables that are roll-ups by a group of mahallas.
    counts : mahallas × months, offenses; missing where a month has no records.
    history : mahallas × months, categories, this month last.
    of_groups : mahallas × groups of kinds, offenses of the window.
    reasons_before : why each mahalla had the category of the month before, where that is known.

    Returns
    -------
    bytes
        An .xlsx file, the same bytes for the same month. Text is text: nothing in a cell becomes a
        formula or a link.
    """
    table = compare_years(categories, counts, month=month)
    first = categories["previous_category"].isna().all()
    before = None if first else str(pd.Period(month, freq="M") - 1)
    if before is not None:
        table["change"] = mark_changes(categories, history)
    regions = categories["region"].dropna().unique().tolist()
    place = clean(regions[0]) if len(regions) == 1 else ""
    said = _(
        "Criteria: {name}, version {version}, SHA-256 {hash}. Analytical, not official.",
        name=clean(criteria["name"]),
        version=clean(criteria["version"]),
        hash=str(criteria["sha256"])[:12],
    )
    lines = [window, said]
    districts = tables.get("districts")

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": dict(FONT),
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _CREATED})
        pen = Pen(book)
        write_signed(
            pen, table, title=title_of(_("Red mahallas"), place, month), lines=lines, before=before,
            of_groups=of_groups,
        )  # fmt: skip
        summary = pen.add_sheet(_("Summary"))
        monthly = None
        if blocks := block_months(table, counts, history):
            title = title_of(_("By month"), place, month)
            monthly = Monthly(pen, title=title, lines=[], blocks=blocks)
        figures = {
            _("Red mahallas"): describe_reds(table, before=before),
            _("Offenses"): describe_offenses(table),
            _("Records placed"): describe_placed(districts),
            _("Records"): describe_records(account),
        }
        write_summary(
            pen,
            summary,
            title=title_of(_("Summary"), place, month),
            lines=lines,
            answer=answer(table, before=before),
            then=count_then(table, history, month),
            figures={heading: rows for heading, rows in figures.items() if rows},
            districts=_join_years(districts, tables.get("district_ranking"), tables.get("kinds")),
            monthly=monthly,
        )
        shown = [field for field in CATEGORIES if field in table]
        title = title_of(_("Mahallas by category"), place, month)
        sheet = pen.write_table(
            "categories", _("Categories"), title, table[shown], lines=lines, frozen=2
        )
        sheet.print_area(0, 0, sheet.dim_rowmax, shown.index("reason"))
        if before is not None:
            changed = list_changes(table, reasons_before)
            title = ngettext(
                "{n} mahalla of another category than in {month}",
                "{n} mahallas of another category than in {month}",
                len(changed),
                month=month_name(before),
            )
            pen.write_table("changes", _("Changes"), title, changed, frozen=2)
        write_tables(pen, tables, groups, place=place, month=month, window=window)
        if account is not None:
            write_account(pen, account)
        write_columns(pen)
    return buffer.getvalue()


def _join_years(
    districts: pd.DataFrame | None, ranking: pd.DataFrame | None, kinds: pd.DataFrame | None
) -> pd.DataFrame | None:
    """Return the roll-up by district with January to date of this year and the last."""
    if districts is None or ranking is None:
        return districts
    columns = ["region", "district", "count_ytd", "count_ytd_last_year", "change_ytd"]
    years = ranking[columns]
    if kinds is not None:
        whole = kinds[(kinds["what"] == "all") & (kinds["region"] == "total")]
        years = pd.concat([years, whole[columns]], ignore_index=True)
    return districts.merge(years, on=["region", "district"], how="left")
