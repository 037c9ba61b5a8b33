"""What a report says of the red mahallas: who became red and why, who left, who stays long."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from hotspot.labels import label
from hotspot.language import _, month_name, ngettext, number
from hotspot.palette import classes_in
from hotspot.reports.report_blocks import (
    Block,
    Column,
    Heading,
    Picture,
    Table,
    Text,
    shown_category,
)
from hotspot.reports.report_facts import Facts
from hotspot.reports.report_figures import draw_reds
from hotspot.reports.report_lists import list_mahallas, quiet

_REASONS, _LIST = 12, 15
"""Rows of a list with whole reasons, and of one that only shows the gravest."""
# one heading says the one category of all its mahallas
_NEW = ("name", "district", "previous_category", "count", "reason")
_LEFT = ("name", "district", "category", "count", "reason")
_OTHER = ("name", "district", "previous_category", "category", "count", "count_month")
_WHO = (
    "name",
    "district",
    "months_red",
    "count",
    "count_month",
    "count_ytd",
    "count_ytd_last_year",
    "rate",
    "red_probability",
)


def say_changes(facts: Facts) -> tuple[Block, ...]:
    """Say who changed the category since the month before the period, and why."""
    previous = facts.previous
    heading = Heading(_("What changed and why"))
    if previous is None:
        if facts.length == 1:
            return ()
        return (
            heading,
            Text(
                _(
                    "The categories before the period ({month}) are not known: what changed cannot "
                    "be said.",
                    month=month_name(facts.before),
                )
            ),
        )
    before = _("Before ({month})", month=month_name(facts.before))
    heads = {} if facts.length == 1 else {"previous_category": before}
    table = facts.table.assign(previous_category=previous)
    changed = table[previous.notna() & (previous != table["category"])]
    new = changed[changed["category"] == "red"]
    left = changed[changed["previous_category"] == "red"]
    blocks: list[Block] = [heading, *_count_changes(facts, changed)]
    if len(new):
        blocks += [
            Heading(ngettext("{n} mahalla became red", "{n} mahallas became red", len(new)), 2),
            *list_mahallas(new, _NEW, most=facts.rows(_REASONS, few=4), heads=heads),
        ]
    if len(left):
        words = ngettext(
            "{n} mahalla is no longer red", "{n} mahallas are no longer red", len(left)
        )
        blocks += [Heading(words, 2), *list_mahallas(left, _LEFT, most=facts.rows(_REASONS, few=4))]
    other = changed.drop(index=new.index.union(left.index))
    if len(other) and facts.length == 1:
        words = ngettext(
            "{n} other mahalla changed its category", "{n} other mahallas changed their category",
            len(other),
        )  # fmt: skip
        blocks += [Heading(words, 2), *list_mahallas(other, _OTHER, most=facts.rows(_LIST))]
    return tuple(blocks)


def say_reds(facts: Facts) -> tuple[Block, ...]:
    """Say who is red now or was in the period, since when, and who goes to other officials."""
    table = facts.table
    reds = table[table["category"] == "red"]
    blocks: list[Block] = [Heading(_("The red mahallas"))]
    if facts.hold is not None and 0 < len(reds) == facts.hold:
        blocks.append(
            Text(
                _(
                    "Every red mahalla is red under every other choice that was tried, too "
                    "(window, neighbours, records not placed)."
                )
            )
        )
    elif facts.hold is not None and len(reds):
        blocks.append(
            Text(
                ngettext(
                    "{n} of {all} red mahallas is red under every other choice that was tried, too "
                    "(window, neighbours, records not placed); sensitivity.csv names the others.",
                    "{n} of {all} red mahallas are red under every other choice that was tried, "
                    "too (window, neighbours, records not placed); sensitivity.csv names the "
                    "others.",
                    facts.hold,
                    all=number(len(reds)),
                )
            )
        )
    blocks += _trend(facts)
    if facts.length == 1:
        if len(reds):
            counted = "count" in reds
            heading = _("Red, with most offenses") if counted else _("Red for the longest time")
            blocks.append(Heading(heading, 2))
            blocks += list_mahallas(reds, _WHO, most=facts.rows(_LIST))
        else:
            blocks.append(Text(_("No mahalla is red.")))
    else:
        blocks += _reds_of_period(facts)
    return (*blocks, *_long_reds(facts, reds))


def _count_changes(facts: Facts, changed: pd.DataFrame) -> tuple[Block, ...]:
    """Count who went from which category to which."""
    if changed.empty:
        words = _(
            "No mahalla changed its category since the month before ({month}).",
            month=month_name(facts.before),
        )
        return (Text(words),)
    order = classes_in(facts.table["category"])
    pairs = Counter(zip(changed["previous_category"], changed["category"], strict=True))
    rows = tuple(
        (shown_category(was), shown_category(now), number(pairs[was, now]))
        for now in order
        for was in order
        if pairs[was, now]
    )
    columns = (
        Column(_("Before ({month})", month=month_name(facts.before)), 2.0),
        Column(_("Now ({month})", month=month_name(facts.month)), 2.0),
        Column(label("mahallas"), 1.0, right=True),
    )
    return (Table(columns, rows),)


def _trend(facts: Facts) -> list[Block]:
    """Draw how many were red each month."""
    if facts.history is None or facts.history.shape[1] < 3:
        return []
    reds = (facts.history == "red").sum()
    first, last = month_name(reds.index[0]), month_name(reds.index[-1])
    words = _(
        "Red mahallas each month, {first} – {last}: {before} at first, {now} now, at most {most}.",
        first=first,
        last=last,
        before=number(int(reds.iloc[0])),
        now=number(int(reds.iloc[-1])),
        most=number(int(reds.max())),
    )
    drawn = draw_reds(reds, length=facts.length)
    return [Picture(drawn, 174.0, words), quiet(words)]


def _reds_of_period(facts: Facts) -> list[Block]:
    """List who was red in all months of the period and who in some."""
    past = facts.past
    if past is None or past.empty:
        return []
    months = (past == "red").sum(axis=1)
    always = facts.table[months == past.shape[1]]
    some = facts.table[(months > 0) & (months < past.shape[1])]
    all_along = ngettext(
        "{n} mahalla was red in all months of the period",
        "{n} mahallas were red in all months of the period",
        len(always),
    )
    sometimes = ngettext(
        "{n} mahalla was red in some months of the period",
        "{n} mahallas were red in some months of the period",
        len(some),
    )
    with_category = ("name", "district", "category", *_WHO[2:])
    blocks: list[Block] = []
    if past.shape[1] < facts.length:
        known = ngettext(
            "Of the period the categories of {n} month only are known.",
            "Of the period the categories of {n} months only are known.",
            past.shape[1],
        )
        blocks.append(Text(known))
    for words, who, fields in ((all_along, always, _WHO), (sometimes, some, with_category)):
        # with nobody below it it is a sentence
        blocks.append(Heading(words, 2) if len(who) else Text(f"{words}."))
        blocks += list_mahallas(who, fields, most=facts.rows(_LIST))
    return blocks


def _long_reds(facts: Facts, reds: pd.DataFrame) -> list[Block]:
    """List who has been red so long that other officials take over."""
    if "months_red" not in reds:
        return []
    least, most = min(facts.long), max(facts.long)
    blocks: list[Block] = [
        Heading(_("Red for a long time"), 2),
    ]
    long = reds[reds["months_red"].astype(float) >= least]
    if long.empty:
        blocks.append(
            Text(
                _(
                    "No mahalla has been red for {least} months in a row; after {least} and again "
                    "after {most} a mahalla goes to other officials.",
                    least=number(least),
                    most=number(most),
                )
            )
        )
    else:
        graver = int((long["months_red"].astype(float) >= most).sum())
        blocks.append(
            Text(
                ngettext(
                    "{n} mahalla has been red for {least} months in a row or longer and goes to "
                    "other officials; for {most} months or longer: {graver}.",
                    "{n} mahallas have been red for {least} months in a row or longer and go to "
                    "other officials; for {most} months or longer: {graver}.",
                    len(long),
                    least=number(least),
                    most=number(most),
                    graver=number(graver),
                )
            )
        )
        # those longest red are seen in the list
        blocks += list_mahallas(long, _WHO[:7], most=facts.rows(_LIST))
    if facts.history is not None and facts.history.shape[1] < most:
        blocks.append(
            quiet(
                ngettext(
                    "The categories are known for {n} month only, from {month}: no longer time "
                    "can be seen.",
                    "The categories are known for {n} months only, from {month}: no longer time "
                    "can be seen.",
                    facts.history.shape[1],
                    month=month_name(facts.history.columns[0]),
                )
            )
        )
    return blocks
