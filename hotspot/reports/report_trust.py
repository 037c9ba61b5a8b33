"""How far to trust a report: silent mahallas, records not placed, the past put to the test."""

from __future__ import annotations

import pandas as pd

from hotspot.labels import label, word
from hotspot.language import _, month_name, ngettext, number, percent
from hotspot.reports.report_blocks import (
    Block,
    Column,
    Heading,
    Picture,
    Table,
    Text,
    clean,
    say_more,
)
from hotspot.reports.report_facts import Facts
from hotspot.reports.report_figures import draw_hit_rates
from hotspot.reports.report_lists import (
    MOST,
    quiet,
    show_name,
    show_number,
    show_probability,
    show_share,
)

# the criteria stand first, as in the table of the back-test's means
_BASELINES = ("count_12m", "rate_12m", "count_1m", "frozen", "random", "best")


def say_zeros(facts: Facts) -> tuple[Block, ...]:
    """List who fell silent although the past makes that improbable."""
    zeros = facts.zeros
    if zeros is None:
        return ()
    heading = Heading(_("Suspicious zeros"))
    if zeros.empty:
        words = _("No mahalla fell silent although its past would make that improbable.")
        return heading, Text(words)
    words = ngettext(
        "{n} mahalla fell silent although its past makes that improbable: someone should ask "
        "whether offenses are still recorded there.",
        "{n} mahallas fell silent although their past makes that improbable: someone should ask "
        "whether offenses are still recorded there.",
        len(zeros),
    )
    shown = zeros.sort_values(["q", "mahalla_code"], kind="stable").head(facts.rows(MOST))
    # in the script of the report, as everywhere in it
    names = facts.table["name"].reindex(shown["mahalla_code"])
    columns = (
        Column(label("name"), 2.0),
        Column(label("district"), 2.0),
        Column(_("Months without an offense"), 1.0, right=True),
        Column("q", 1.0, right=True),
    )
    rows = tuple(
        (
            str(name),
            show_name(row["district"]),
            show_number(row["months"]),
            show_probability(row["q"]),
        )
        for name, row in zip(names, shown.to_dict("records"), strict=True)
    )
    more = say_more(len(shown), len(zeros), "suspicious_zeros.csv")
    return heading, Text(words), Table(columns, rows), *more


def say_hit_rates(facts: Facts) -> tuple[Block, ...]:
    """Say how many records could be placed, by district beside the line that is asked for."""
    blocks: list[Block] = []
    records = facts.records
    if records:
        blocks.append(
            Text(
                _(
                    "{read} records were read, {placed} placed on a mahalla and {rejected} not "
                    "counted.",
                    read=number(records["read"]),
                    placed=number(records["placed"]),
                    rejected=number(records["rejected"]),
                )
            )
        )
        if reasons := sorted(records["rejected_by"].items(), key=lambda pair: (-pair[1], pair[0])):
            words = ", ".join(f"{word('reason', key)}: {number(of)}" for key, of in reasons)
            blocks.append(quiet(words))
    if facts.districts is not None and "hit_rate" in facts.districts:
        rates = facts.districts.iloc[:-1].set_index("district")["hit_rate"].astype(float).dropna()
        rates = rates[rates.index.notna()]
        if len(rates):
            least = float(facts.criteria["min_hit_rate"])
            blocks += _hit_rates(rates, least, facts.rows(MOST))
    return (Heading(_("Records placed by district")), *blocks) if blocks else ()


def _hit_rates(rates: pd.Series, least: float, most: int) -> list[Block]:
    below = rates[rates < least]
    if below.empty:
        words = _(
            "In every district at least {least} of the records could be placed, as the criteria "
            "ask.",
            least=percent(least, 0),
        )
    else:
        lowest = below.sort_values(kind="stable").head(5)
        named = ", ".join(f"{clean(name, 60)} ({percent(of)})" for name, of in lowest.items())
        words = ngettext(
            "In {n} district fewer than {least} of the records could be placed, so that a zero "
            "there is no evidence of nothing; the lowest: {named}.",
            "In {n} districts fewer than {least} of the records could be placed, so that a zero "
            "there is no evidence of nothing; the lowest: {named}.",
            len(below),
            least=percent(least, 0),
            named=named,
        )
    lowest = rates.sort_values(ascending=False, kind="stable").tail(most)
    return [Text(words), Picture(draw_hit_rates(lowest, least=least), 174.0, words)]


def say_backtest(facts: Facts) -> tuple[Block, ...]:
    """Say how the reds of the last months did, beside plain lists as long."""
    tested = facts.backtest
    if tested is None or tested.empty:
        return ()
    method = facts.criteria["name"]
    ones = tested[tested["horizon"] == 1]
    months = [str(month - 1) for month in facts.period]
    last = ones[ones["month"].isin(months)]
    if last.empty:
        return ()
    met = last.groupby("method")["hit_rate"].mean()
    if facts.length == 1:
        words = _(
            "The reds of {before} met {met} of the offenses of {month}; a list as long by last "
            "year's count would have met {count}, one at random {random}, the best possible "
            "{best}.",
            before=month_name(facts.before),
            month=month_name(facts.month),
            **_shares(met, method),
        )
    else:
        words = _(
            "The lists of reds from {first} to {last} met on average {met} of the offenses of the "
            "month after; lists as long by last year's count would have met {count}, at random "
            "{random}, the best possible {best}.",
            first=month_name(months[0]),
            last=month_name(months[-1]),
            **_shares(met, method),
        )
    return (
        Heading(_("The last lists put to the test")),
        Text(words),
        _methods(facts, met, method),
        *(() if facts.tested is None else (Picture(facts.tested, 125.0, words),)),
        quiet(
            _(
                "Policing the red mahallas alters what follows: a good list that is acted upon "
                "looks worse here."
            )
        ),
    )


def _shares(met: pd.Series, method: str) -> dict[str, str]:
    return {
        "met": show_share(met[method]),
        "count": show_share(met["count_12m"]),
        "random": show_share(met["random"]),
        "best": show_share(met["best"]),
    }


def _methods(facts: Facts, met: pd.Series, method: str) -> Table:
    """Lay the hit rates of all methods side by side, with their means over all tested months."""
    columns = [Column(_("Chosen by"), 2.4), Column(_("Share met"), 1.0, right=True)]
    means: pd.DataFrame | None = None
    if facts.backtest_summary is not None:
        summary = facts.backtest_summary
        chosen = (summary["horizon"] == 1) & (summary["measure"] == "hit_rate")
        months = int(summary.loc[chosen, "months"].iloc[0])
        means = summary[chosen].set_index("method")[["mean", "lower", "upper"]]
        head = ngettext("Mean of {n} tested month", "Mean of {n} tested months", months)
        columns += [Column(head, 1.4, right=True), Column(_("95 % interval"), 1.8, right=True)]
    rows = []
    for name in (method, *_BASELINES):
        shown = _("Criteria {name}", name=name) if name == method else word("method", name)
        cells = [shown, show_share(met[name])]
        if means is not None:
            mean, lower, upper = (show_share(float(of)) for of in means.loc[name].to_numpy())
            cells += [mean, f"{lower} – {upper}"]
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows))
