"""What a report adds up: regions and districts, and the offenses beside those of last year."""

from __future__ import annotations

import pandas as pd

from hotspot.labels import label, word
from hotspot.language import _
from hotspot.palette import CATEGORIES
from hotspot.reports.report_blocks import Block, Coloured, Column, Heading, Table, say_more
from hotspot.reports.report_facts import Facts
from hotspot.reports.report_lists import (
    MOST,
    quiet,
    say_by_the_month,
    show_change,
    show_name,
    show_number,
    show_probability,
    show_share,
    span,
)

_CATEGORIES = (*CATEGORIES, "not_red")
_SUMS = ("mahallas", *_CATEGORIES, "offenses", "rate", "hit_rate")


def say_districts(facts: Facts) -> tuple[Block, ...]:
    """Add the mahallas up by district, and by region where there are several."""
    if facts.districts is None or facts.districts["district"].isna().all():
        return ()
    blocks: list[Block] = [Heading(_("Districts"))]
    if facts.regions is not None:
        blocks += [Heading(_("Regions"), 2), *_roll_up(facts, facts.regions, "region")]
        blocks.append(Heading(_("Districts"), 2))
    blocks += _roll_up(facts, facts.districts, "district")
    notes = []
    if "rate" in facts.districts and facts.districts["rate"].notna().any():
        notes.append(_("The rate is of counted offenses per 100,000 people and year."))
    if "hit_rate" in facts.districts and facts.districts["hit_rate"].notna().any():
        notes.append(_("The share placed is of the records that name the district."))
    if notes:
        blocks.append(quiet(" ".join(notes)))
    return tuple(blocks)


def say_comparison(facts: Facts) -> tuple[Block, ...]:
    """Compare the offenses with the same months of last year, by kind and district."""
    compared = facts.compared
    if compared is None:
        return ()
    heading = _("Offenses beside last year's")
    blocks: list[Block] = [
        Heading(heading),
        quiet(
            _(
                "Counted offenses of {months} and of the same months a year before. p is "
                "of the E-test of each row by itself: of many rows one in twenty is below 0.05 by "
                "chance.",
                months=span(compared.first, compared.last),
            )
        ),
    ]
    if by_the_month := say_by_the_month(compared.months):
        blocks.append(quiet(by_the_month))
    if compared.kinds is not None and len(compared.kinds):
        # in their own order those with most offenses
        most = compared.kinds.sort_values("now", ascending=False, kind="stable")
        shown = most.head(facts.rows(MOST, few=8)).sort_index()
        heads = [_kind_cell(what, kind) for what, kind in shown[["what", "kind"]].to_numpy()]
        blocks.append(_compare(label("kind"), heads, shown, total=False))
        blocks += say_more(len(shown), len(compared.kinds), "kinds.csv")
    rows = compared.districts
    if len(rows) > 2:
        shown = _most(rows, "now", facts.rows(MOST))
        heads = [*(show_name(name) for name in shown["district"][:-1]), word("region", "total")]
        blocks.append(_compare(label("district"), heads, shown, total=True))
        blocks += say_more(len(shown) - 1, len(rows) - 1, "district_ranking.csv")
    return tuple(blocks)


def _roll_up(facts: Facts, table: pd.DataFrame, by: str) -> list[Block]:
    """Lay out a roll-up whose last row is the total: all regions, the districts with most reds."""
    fields = [name for name in _SUMS if name in table and table[name].notna().any()]
    shown = _most(table, "red", MOST if by == "region" else facts.rows(MOST))
    rows = []
    for row, name in zip(shown.to_dict("records"), shown[by], strict=True):
        cells = [
            show_share(row[field])
            if field == "hit_rate"
            else show_number(row[field], 1 if field == "rate" else 0)
            for field in fields
        ]
        rows.append((show_name(name), *cells))
    rows[-1] = (word("region", "total"), *rows[-1][1:])
    heads = [word("category", name) if name in _CATEGORIES else label(name) for name in fields]
    columns = (Column(label(by), 2.4), *(Column(head, 1.0, right=True) for head in heads))
    return [
        Table(columns, tuple(rows), total=True),
        *say_more(len(shown) - 1, len(table) - 1, f"{by}s.csv"),
    ]


def _most(table: pd.DataFrame, by: str, most: int) -> pd.DataFrame:
    """Return the rows with most of something where there are too many, and the total."""
    body, total = table.iloc[:-1], table.iloc[-1:]
    if len(body) > most:
        body = body.sort_values(by, ascending=False, kind="stable").head(most)
    return pd.concat([body, total])


def _compare(head: str, names: list[str], table: pd.DataFrame, *, total: bool) -> Table:
    columns = (
        Column(head, 2.4),
        Column(_("Now"), 1.0, right=True),
        Column(_("A year before"), 1.0, right=True),
        Column(label("change"), 1.0, right=True),
        Column(_("p"), 1.0, right=True),
    )
    rows: list[tuple[str | Coloured, ...]] = [
        (
            name,
            show_number(row["now"]),
            show_number(row["before"]),
            show_change(row["change"]),
            show_probability(row["p"]),
        )
        for name, row in zip(names, table.to_dict("records"), strict=True)
    ]
    return Table(columns, tuple(rows), total=total)


def _kind_cell(what: str, kind: str) -> str:
    if what == "all":
        return word("what", "all")
    name = show_name(kind)
    return _("Group: {name}", name=name) if what == "group" else name
