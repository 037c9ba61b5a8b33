"""The sheets that show a table as it is, the account, and which column stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from hotspot.language import _, mark, month_name, ngettext, number
from hotspot.reports.workbook_cells import Pen
from hotspot.reports.workbook_text import clean

MOST_RECORDS = 2_000
"""Records that were not counted and are shown; all are in ``rejected.csv``."""
LEFT_OUT = ("kind_excluded", "outside_period")
"""Reasons that call for nothing to be mended: their records are shown last."""

# the sheet's name, and the columns shown, where not all are
SHEETS = {
    "districts": mark("Districts"),
    "regions": mark("Regions"),
    "district_ranking": mark("District ranking"),
    "rankings": mark("Mahalla rankings"),
    "kinds": mark("Kinds"),
    "backtest_summary": mark("Back-test"),
    "suspicious_zeros": mark("Suspicious zeros"),
    "sensitivity": mark("Sensitivity"),
}
REVIEW = ("name", "district", "records", "outcome", "score", "candidate_names", "decision")
_FROZEN = {"districts": 2, "regions": 1, "district_ranking": 2, "rankings": 4, "kinds": 4}
_REMARKS = {
    "kinds": mark("Of many rows one in twenty has p below 0.05 by chance."),
    "backtest_summary": mark(
        "How many of the later offenses fell into the chosen mahallas, beside other ways to choose "
        "as many of them."
    ),
    "suspicious_zeros": mark(
        "Mahallas without an offense although their past makes that improbable. Someone should ask."
    ),
    "sensitivity": mark(
        "Mahallas that are red here or would be red if something had been chosen otherwise."
    ),
}


def write_tables(
    pen: Pen,
    tables: Mapping[str, pd.DataFrame],
    groups: Sequence[str],
    *,
    place: str,
    month: str,
    window: str,
) -> None:
    """Write the tables that are there, each on a sheet of its own.

    Parameters
    ----------
    pen : of the workbook.
    tables : by their name in :mod:`hotspot.columns`, and roll-ups by the group's name.
    groups : those of the tables that are roll-ups by a group of mahallas.
    place : the region, "" where there are several.
    month : the month, YYYY-MM.
    window : sentences that say over which months and kinds is counted.
    """
    order = list(SHEETS)
    for name in [*order[:2], *groups, *order[2:]]:
        if name not in tables or not len(tables[name].columns):
            continue
        said = _(SHEETS[name]) if name in SHEETS else clean(name)
        remark = [_(_REMARKS[name])] if name in _REMARKS else []
        table = tables[name]
        if name in groups:
            # whose records were not placed is known of districts only
            table = table.dropna(axis=1, how="all")
        if table.empty:
            remark.append(_("There are none."))
        pen.write_table(
            name, said, title_of(said, place, month), table, lines=[window, *remark],
            frozen=_FROZEN.get(name, min(3, table.shape[1])),
        )  # fmt: skip
    if "rejected" in tables:
        _write_rejected(pen, tables["rejected"])
    if "review" in tables and len(tables["review"]):
        review = tables["review"]
        line = _("Fill in the decisions in review.xlsx, which can be given back to the program.")
        shown = review[[field for field in REVIEW if field in review]]
        pen.write_table(
            "review", _("Names to decide"), _("Names to decide"), shown, lines=[line], frozen=2
        )


def title_of(title: str, place: str, month: str) -> str:
    """Return a title with the region, where it is one, and the month.

    Examples
    --------
    >>> title_of("Districts", "Qashqadaryo", "2025-01"), title_of("Districts", "", "2025-01")
    ('Districts, Qashqadaryo, January 2025', 'Districts, January 2025')
    """
    return ", ".join(part for part in (title, place, month_name(month)) if part)


def _write_rejected(pen: Pen, rejected: pd.DataFrame) -> None:
    # what can be mended stands first
    last = rejected["reason"].isin(LEFT_OUT)
    shown = pd.concat([rejected[~last], rejected[last]]).head(MOST_RECORDS)
    title = ngettext("{n} record is not counted", "{n} records are not counted", len(rejected))
    lines = []
    if more := len(rejected) - len(shown):
        lines = [
            ngettext(
                "{n} more is in rejected.csv; these are the first {shown}.",
                "{n} more are in rejected.csv; these are the first {shown}.",
                more,
                shown=number(len(shown)),
            )
        ]
    pen.write_table("rejected", _("Not counted"), title, shown, lines=lines, frozen=2)


def write_account(pen: Pen, account: Mapping[str, Any]) -> None:
    """Write the account, one row an entry, by the names that ``run.json`` has for them."""
    table = pd.DataFrame(list(flatten(account)), columns=["entry", "value"], dtype="object")
    sheet = pen.add_sheet(_("Account"))
    pen.set_widths(sheet, [46, 90])
    pen.write_headings(sheet, 0, [_("Entry of run.json"), _("Value")])
    for row, (entry, value) in enumerate(table.itertuples(index=False), 1):
        pen.write(sheet, row, 0, entry)
        shown = {} if isinstance(value, str) else {"num_format": "General", "align": "left"}
        pen.write(sheet, row, 1, str(value) if isinstance(value, bool) else value, **shown)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)


def write_columns(pen: Pen) -> None:
    """Write which column of which file stands under each heading of the sheets before."""
    columns = [_("Sheet"), _("Heading"), _("Column"), _("File")]
    sheet = pen.add_sheet(_("Columns"))
    pen.set_widths(sheet, [24, 40, 30, 30])
    pen.write_headings(sheet, 0, columns)
    for row, cells in enumerate(pen.shown, 1):
        for position, cell in enumerate(cells):
            pen.write(sheet, row, position, cell)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)


def flatten(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the entries of nested tables and lists, each with its path.

    Examples
    --------
    >>> list(flatten({"a": {"b": 1}, "c": [{"d": None}], "e": [1, 2]}))
    [('a.b', 1), ('c.1.d', ''), ('e', '1, 2')]
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flatten(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for at, item in enumerate(value, 1):
            yield from flatten(item, f"{name}.{at}")
    elif isinstance(value, list):
        yield name, ", ".join(str(item) for item in value)
    else:
        yield name, "" if value is None else value
