"""Tables of a report: mahallas with their district and numbers, as a reader sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from hotspot.labels import label
from hotspot.language import _, month_name, number, percent
from hotspot.reports.report_blocks import (
    Block,
    Coloured,
    Column,
    Table,
    Text,
    say_more,
    shown_category,
)

MOST = 20
"""Rows of a table; whoever wants more has the file."""
_MISSING = "–"
# parts of a table's width; what is not here takes one
_WIDTHS = {"name": 2.0, "district": 1.7, "region": 1.7, "reason": 6.4, "count": 1.1}
_WIDTHS |= {"category": 1.2, "previous_category": 1.2}
_DIGITS = {"rate": 1, "rate_ratio": 2, "red_probability": 2, "excess_probability": 2}
_CATEGORIES = ("category", "previous_category")
_TEXTS = ("name", "district", "region", "reason", *_CATEGORIES)


def list_mahallas(
    table: pd.DataFrame,
    fields: Sequence[str],
    *,
    most: int,
    heads: Mapping[str, str] = MappingProxyType({}),
    file: str = "categories.csv",
) -> tuple[Block, ...]:
    """List mahallas, those with most offenses first; a sentence says how many are not shown.

    Parameters
    ----------
    table : rows of the table of ``categories.csv``, with any columns more.
    fields : the columns in their order; those that the table lacks or has empty are left out.
    most : rows to show.
    heads : headings of columns that are called otherwise here.
    file : where all of them are.
    """
    if table.empty:
        return ()
    there = [name for name in fields if name in table and table[name].notna().any()]
    if "region" in table and table["region"].nunique() > 1 and "district" in there:
        there.insert(there.index("district"), "region")
    shown = gravest_first(table).head(most)
    rows = list(zip(*(_cells(shown[name]) for name in there), strict=True))
    columns = tuple(
        Column(heads.get(name, label(name)), _WIDTHS.get(name, 1.0), right=name not in _TEXTS)
        for name in there
    )
    return (Table(columns, tuple(rows)), *say_more(len(shown), len(table), file))


def gravest_first(table: pd.DataFrame) -> pd.DataFrame:
    """Sort mahallas by their offenses, those longest red first where that is not told, by code."""
    by = [name for name in ("count", "months_red") if name in table]
    ordered = table.sort_index()
    return ordered.sort_values(by, ascending=False, kind="stable") if by else ordered


def show_name(value: object) -> str:
    """Return a name, a dash where there is none.

    Examples
    --------
    >>> show_name("Guzar"), show_name(None)
    ('Guzar', '–')
    """
    return _MISSING if pd.isna(value) or value == "" else str(value)  # type: ignore[call-overload]


def show_number(value: object, digits: int = 0) -> str:
    """Return a number as a reader's language writes it, a dash where there is none.

    Examples
    --------
    >>> show_number(1234), show_number(1.25, 1), show_number(float("nan"))
    ('1,234', '1.2', '–')
    """
    return _MISSING if pd.isna(value) else number(float(value), digits)  # type: ignore[arg-type,call-overload]


def show_share(value: float) -> str:
    """Return a share as a percentage, a dash where there is none."""
    return _MISSING if pd.isna(value) else percent(value)


def show_change(value: float) -> str:
    """Return a growth as a percentage with its sign.

    Examples
    --------
    >>> show_change(0.25), show_change(-0.111), show_change(float("nan"))
    ('+25.0 %', '-11.1 %', '–')
    """
    return _MISSING if pd.isna(value) else f"{number(100 * value, 1, sign=True)} %"


def show_probability(value: float) -> str:
    """Return a probability to three decimals; a small one is not zero.

    Examples
    --------
    >>> show_probability(0.0316), show_probability(0.0002)
    ('0.032', '<0.001')
    """
    if pd.isna(value):
        return _MISSING
    return f"<{number(0.001, 3)}" if value < 0.001 else number(value, 3)


def span(first: pd.Period, last: pd.Period) -> str:
    """Return the months from a first to a last one, in words.

    Examples
    --------
    >>> span(pd.Period("2025-01"), pd.Period("2025-03")), span(*[pd.Period("2025-01")] * 2)
    ('January 2025 – March 2025', 'January 2025')
    """
    return month_name(first) if first == last else f"{month_name(first)} – {month_name(last)}"


def say_by_the_month(months: tuple[int, int]) -> str:
    """Say that a change is by the month where the years do not have as many with records.

    Examples
    --------
    >>> say_by_the_month((12, 12)), say_by_the_month((12, 6))
    ('', 'Months with records: 12 now, 6 a year before; the change is by the month.')
    """
    now, before = map(number, months)
    if now == before:
        return ""
    return _(
        "Months with records: {now} now, {before} a year before; the change is by the month.",
        now=now,
        before=before,
    )


def quiet(text: str) -> Text:
    """Return a remark."""
    return Text(text, quiet=True)


def _cells(values: pd.Series) -> list[str | Coloured]:
    name = str(values.name)
    if name in _CATEGORIES:
        return [_MISSING if pd.isna(v) else shown_category(v) for v in values]
    if name in _TEXTS:
        return [show_name(v) for v in values]
    return [show_number(value, _DIGITS.get(name, 0)) for value in values]
