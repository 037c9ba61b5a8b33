"""What the report for the review says: its sections, in the language spoken."""

from __future__ import annotations

import pandas as pd

from hotspot.language import _, month_name, ngettext, number
from hotspot.palette import classes_in
from hotspot.reports.report_blocks import (
    Block,
    Heading,
    Picture,
    Report,
    Text,
    Tiles,
    clean,
    shown_category,
)
from hotspot.reports.report_changes import say_changes, say_reds
from hotspot.reports.report_facts import Facts
from hotspot.reports.report_lists import (
    quiet,
    say_by_the_month,
    show_change,
    show_probability,
    span,
)
from hotspot.reports.report_method import say_limits, say_method
from hotspot.reports.report_sums import say_comparison, say_districts
from hotspot.reports.report_trust import say_backtest, say_hit_rates, say_zeros

WIDTH_MM = 174.0
"""The width of what is written on a page."""


def compose_report(facts: Facts) -> Report:
    """Write the report of a month, a quarter or a half-year.

    Parameters
    ----------
    facts : what may be said; a section whose facts are missing is left out.

    Returns
    -------
    Report
        In the language spoken; :func:`hotspot.reports.report_pdf.write_pdf` and
        :func:`hotspot.reports.report_docx.write_docx` lay it out.
    """
    titles = {
        1: _("Review of the mahallas: month"),
        3: _("Review of the mahallas: quarter"),
        6: _("Review of the mahallas: half-year"),
    }
    when = span(facts.period[0], facts.month)
    subtitle = f"{facts.region}, {when}" if facts.region else when
    title = titles[facts.length]
    sections = (
        _brief(facts),
        _map(facts),
        say_changes(facts),
        say_reds(facts),
        say_districts(facts),
        say_comparison(facts),
        say_zeros(facts),
        say_hit_rates(facts),
        say_backtest(facts),
        say_method(facts),
        say_limits(facts),
    )
    return Report(
        title=title,
        subtitle=clean(subtitle, 200),
        head=clean(f"{title} · {subtitle}", 120),
        foot=clean(_foot(facts), 160),
        blocks=tuple(block for section in sections for block in section),
    )


def _foot(facts: Facts) -> str:
    criteria = facts.criteria
    return _(
        "Analytical, not official. Criteria {name}, version {version}, {hash}",
        name=clean(criteria["name"], 60),
        version=clean(criteria["version"], 20),
        hash=str(criteria["sha256"])[:12],
    )


def _brief(facts: Facts) -> tuple[Block, ...]:
    counts = _count(facts.table["category"])
    tiles = tuple((number(of), shown_category(key)) for key, of in counts.items())
    n = len(facts.table)
    if "not_red" in counts:
        first = ngettext(
            "{n} mahalla is looked at: {red} red, {not_red} not red.",
            "{n} mahallas are looked at: {red} red, {not_red} not red.",
            n,
            red=number(counts["red"]),
            not_red=number(counts["not_red"]),
        )
    else:
        first = ngettext(
            "{n} mahalla is looked at: {red} red, {yellow} yellow, {green} green, "
            "{not_assessed} not assessed.",
            "{n} mahallas are looked at: {red} red, {yellow} yellow, {green} green, "
            "{not_assessed} not assessed.",
            n,
            **{key: number(of) for key, of in counts.items()},
        )
    sentences = [first, *_what_changed(facts), *_the_longest(facts), *_how_many_offenses(facts)]
    heading = _("The month in brief") if facts.length == 1 else _("The period in brief")
    return Heading(heading), Tiles(tiles), Text(" ".join(sentences))


def _count(categories: pd.Series) -> dict[str, int]:
    return {key: int((categories == key).sum()) for key in classes_in(categories)}


def _what_changed(facts: Facts) -> list[str]:
    previous = facts.previous
    if previous is None:
        return []
    red, was = facts.table["category"] == "red", previous == "red"
    month = month_name(facts.before)
    new, left = int((red & ~was).sum()), int((was & ~red).sum())
    if not new and not left:
        return [
            _(
                "Compared with the categories before ({month}), no mahalla became red and none "
                "left red.",
                month=month,
            )
        ]
    said = [
        ngettext(
            "Compared with the categories before ({month}), {n} mahalla became red.",
            "Compared with the categories before ({month}), {n} mahallas became red.",
            new,
            month=month,
        )
    ]
    if facts.history is not None:
        earlier = facts.history.loc[:, pd.PeriodIndex(facts.history.columns) < facts.before]
        ever = (earlier == "red").any(axis=1).reindex(red.index, fill_value=False)
        if again := int((red & ~was & ever).sum()):
            said.append(
                ngettext(
                    "{n} of them returns: it was red at some time earlier.",
                    "{n} of them return: they were red at some time earlier.",
                    again,
                )
            )
    said.append(ngettext("{n} mahalla is no longer red.", "{n} mahallas are no longer red.", left))
    return said


def _the_longest(facts: Facts) -> list[str]:
    if "months_red" not in facts.table:
        return []
    months = facts.table["months_red"].astype(float).fillna(0)
    longest = int(months.max()) if len(months) else 0
    if longest == 0:
        return []
    these = facts.table[months == longest].sort_index()
    if len(these) == 1:
        name, district = these.iloc[0]["name"], these.iloc[0].get("district")
        if pd.isna(district) or not district:
            return [
                ngettext(
                    "Longest red is {name}: {n} month in a row.",
                    "Longest red is {name}: {n} months in a row.",
                    longest,
                    name=clean(name, 80),
                )
            ]
        return [
            ngettext(
                "Longest red is {name} ({district}): {n} month in a row.",
                "Longest red is {name} ({district}): {n} months in a row.",
                longest,
                name=clean(name, 80),
                district=clean(district, 80),
            )
        ]
    if facts.history is not None and 1 < facts.history.shape[1] <= longest:
        # who of them was red even longer is not known
        return [
            ngettext(
                "{n} mahalla is red in every month whose categories are known: {months}, from "
                "{month}.",
                "{n} mahallas are red in every month whose categories are known: {months}, from "
                "{month}.",
                len(these),
                months=number(longest),
                month=month_name(facts.history.columns[0]),
            )
        ]
    return [
        ngettext(
            "{n} mahalla is red for the longest time, months in a row: {months}.",
            "{n} mahallas are red for the longest time, months in a row: {months}.",
            len(these),
            months=number(longest),
        )
    ]


def _how_many_offenses(facts: Facts) -> list[str]:
    if facts.window is None or facts.change is None:
        return []
    first, last, missing = facts.window
    change = facts.change
    said = [
        ngettext(
            "In the window ({first} – {last}) {n} counted offense is placed.",
            "In the window ({first} – {last}) {n} counted offenses are placed.",
            change.now,
            first=month_name(first),
            last=month_name(last),
        ),
        _(
            "In the same months a year before there were {before}; change: {change}, p by the "
            "E-test: {p}.",
            before=number(change.before),
            change=show_change(change.change),
            p=show_probability(change.p),
        ),
    ]
    if by_the_month := say_by_the_month(change.months):
        said.append(by_the_month)
    if missing:
        said.append(
            ngettext(
                "{n} month of the window has no records.",
                "{n} months of the window have no records.",
                missing,
            )
        )
    return said


def _map(facts: Facts) -> tuple[Block, ...]:
    if facts.picture is None:
        return ()
    counts = _count(facts.table["category"])
    words = ", ".join(f"{shown_category(key).text}: {number(of)}" for key, of in counts.items())
    said = []
    if facts.without_polygon:
        said.append(
            ngettext(
                "{n} mahalla has no polygon: it is counted and not drawn.",
                "{n} mahallas have no polygon: they are counted and not drawn.",
                facts.without_polygon,
            )
        )
    if not facts.two_classes:
        said.append(_("Green means no counted offense in the window, not safety."))
    return (
        Heading(_("The map")),
        Picture(
            facts.picture, WIDTH_MM, _("Map of the mahallas by category. {counts}", counts=words)
        ),
        quiet(" ".join(said)),
    )
