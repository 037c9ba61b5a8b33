"""Why a mahalla has its colour, in sentences, from a run's folder."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any, cast

import pandas as pd

from hotspot.categories.classify import classify
from hotspot.disclosure import say_reasons
from hotspot.errors import MOST_NAMED, InputError, nearest_sentence
from hotspot.language import LANGUAGES, _, mark, ngettext, number, pgettext, speaking
from hotspot.run_folder import RunFolder, read_run_folder, window_of
from hotspot.uncertainty import flip_distance

_IS = {
    "red": mark("{place} ({code}) is red in {month}."),
    "yellow": mark("{place} ({code}) is yellow in {month}."),
    "green": mark("{place} ({code}) is green in {month}."),
    "not_assessed": mark("{place} ({code}) is not assessed in {month}."),
    "not_red": mark("{place} ({code}) is not red in {month}."),
}
_WAS = {
    "red": mark("The month before it was red."),
    "yellow": mark("The month before it was yellow."),
    "green": mark("The month before it was green."),
    "not_assessed": mark("The month before it was not assessed."),
    "not_red": mark("The month before it was not red."),
}


def explain_mahalla(folder: str | Path, code: str) -> list[str]:
    """Explain the category of one mahalla.

    Parameters
    ----------
    folder : a month's folder, as ``hotspot run`` writes it.
    code : the mahalla's code.

    Returns
    -------
    list of str
        Sentences: the verdict and its reason, the counts, the comparison with the mean and by
        population, the neighbours, the rank, and what the criteria are. Of a public month the
        verdict, the past and the criteria alone.

    Raises
    ------
    InputError
        The folder is not a run's, or has no mahalla of this code.
    """
    run = read_run_folder(folder)
    table, account = run.table, run.account
    if code not in table.index:
        raise InputError(
            _(
                "{folder}: no mahalla has the code '{code}'; {hint}",
                folder=folder,
                code=code,
                hint=_hint(table, code),
            )
        )
    row = cast("pd.Series[Any]", table.loc[code])
    if run.public:
        (reason,) = say_reasons(table.loc[[code], "category"], account["criteria"])
        return [_title(row, code), reason, *_past(row), _criteria(account)]
    return [
        _title(row, code),
        _reason(run, code),
        *_counts(row, account),
        *_months(run, code),
        *_people(row),
        *_neighbours(table, run.neighbours, code),
        *_rank(table, code),
        *_past(row),
        *_flips(run, code),
        _criteria(account),
    ]


def _hint(table: pd.DataFrame, word: str) -> str:
    """Return the codes of a name that was given instead of one, or else the nearest code."""
    names = table["name"].fillna("").str.casefold()
    if found := sorted(table.index[names == word.casefold()]):
        more = ", …" if len(found) > MOST_NAMED else ""
        codes = ", ".join(found[:MOST_NAMED]) + more
        return _("it is a name, give the code: {codes}", codes=codes)
    return nearest_sentence(word, table.index)


def _title(row: pd.Series[Any], code: str) -> str:
    place = ", ".join(str(row[key]) for key in ("name", "district", "region") if pd.notna(row[key]))
    return _(_IS[row["category"]], place=place or code, code=code, month=row["month"])


def _reason(run: RunFolder, code: str) -> str:
    """Return the reason in the language spoken where the folder's evidence tells it."""
    written = str(run.table.loc[code, "reason"])
    table, criteria = run.table, run.criteria
    if not criteria.columns | {"observable"} <= set(table.columns):
        return written
    previous = table["previous_category"]

    def said() -> str:
        return str(classify(table, criteria, previous).loc[code, "reason"])

    # the folder says nothing of its language: it is the one in which the reason is the same
    for language in LANGUAGES:
        with speaking(language):
            same = said() == written
        if same:
            return said()
    return written


def _counts(row: pd.Series[Any], account: dict[str, Any]) -> list[str]:
    window = account["window"]
    count, months = int(row["count"]), {"first": window["from"], "last": window["to"]}
    if pd.notna(row["count_month"]):
        text = ngettext(
            "{count} offense counted from {first} to {last}, {in_month} of them in the month "
            "itself.",
            "{count} offenses counted from {first} to {last}, {in_month} of them in the month "
            "itself.",
            count,
            count=count,
            in_month=int(row["count_month"]),
            **months,
        )
    else:
        text = ngettext(
            "{count} offense counted from {first} to {last}.",
            "{count} offenses counted from {first} to {last}.",
            count,
            count=count,
            **months,
        )
    sentences = [text]
    if gaps := window["months_without_records"]:
        named = ", ".join(gaps)
        sentences.append(_("The window has no records at all for {months}.", months=named))
    if pd.notna(row["count_ytd"]) and pd.notna(row["count_ytd_last_year"]):
        sentences.append(
            _(
                "January to date: {count}, the same months of last year: {before}.",
                count=int(row["count_ytd"]),
                before=int(row["count_ytd_last_year"]),
            )
        )
    if pd.notna(row["count_ratio"]):
        ratio = number(row["count_ratio"], 2)
        sentences.append(_("That is {ratio} times the mean mahalla's count.", ratio=ratio))
    if pd.notna(row["excess_probability"]):
        sentences.append(
            _(
                "The probability that its expected count exceeds twice the mean mahalla's is "
                "{probability}.",
                probability=number(row["excess_probability"], 3),
            )
        )
    return sentences


def _months(run: RunFolder, code: str) -> list[str]:
    """List the offenses of the window month by month."""
    counts = run.counts[run.window].loc[code]
    listed = ", ".join(f"{month} {count}" for month, count in counts.items())
    return [_("By month: {counts}.", counts=listed)]


def _people(row: pd.Series[Any]) -> list[str]:
    if not row["population"] > 0:
        return [_("Without a population it has no rate, and conditions on rates cannot hold.")]
    if pd.isna(row["rate"]):
        return [_("No record could have reached it, so that it has no rate.")]
    people, rate = int(row["population"]), number(row["rate"], 1)
    if pd.isna(row["rate_ratio"]):
        return [
            ngettext(
                "With {people} resident its rate is {rate} per 100,000 and year.",
                "With {people} residents its rate is {rate} per 100,000 and year.",
                people,
                people=people,
                rate=rate,
            )
        ]
    return [
        ngettext(
            "With {people} resident its rate is {rate} per 100,000 and year, {ratio} times that of "
            "all mahallas; {expected} offenses would be expected.",
            "With {people} residents its rate is {rate} per 100,000 and year, {ratio} times that "
            "of all mahallas; {expected} offenses would be expected.",
            people,
            people=people,
            rate=rate,
            ratio=number(row["rate_ratio"], 2),
            expected=number(row["expected"], 1),
        )
    ]


def _neighbours(table: pd.DataFrame, pairs: pd.DataFrame, code: str) -> list[str]:
    around = pairs.loc[pairs["mahalla_code"] == code, "neighbour_code"]
    if around.empty:
        return [_("It has no neighbour on the map, so the local tests say nothing about it.")]
    row = cast("pd.Series[Any]", table.loc[code])
    counts = table.loc[around, "count"].astype(int)
    names = table.loc[around, "name"].fillna("")
    listed = "; ".join(
        f"{names[other] or other} {counts[other]}"
        for other in counts.sort_values(ascending=False, kind="stable").index
    )
    sentences = [
        ngettext(
            "Its {n} neighbour counts {count}, with it {together}: {neighbours}.",
            "Its {n} neighbours count {count} together, with it {together}: {neighbours}.",
            len(around),
            count=counts.sum(),
            together=counts.sum() + int(row["count"]),
            neighbours=listed,
        )
    ]
    if pd.notna(row["gi_p"]):
        sentences.append(
            _(
                "Gi* z is {z} with the own count; given the own count, neighbours this high have "
                "p = {p} (q = {q}).",
                z=number(row["gi_z"], 2),
                p=_small(row["gi_p"]),
                q=_small(row["gi_q"]),
            )
        )
    if pd.notna(row["gi_pop_p"]):
        sentences.append(
            _(
                "Given how many people live here and around, a local sum this high has p = {p} "
                "(q = {q}).",
                p=_small(row["gi_pop_p"]),
                q=_small(row["gi_pop_q"]),
            )
        )
    return sentences


def _small(share: float) -> str:
    """Show three digits of a small number, however many zeros are before them."""
    shown = f"{share:.3g}"
    return shown if "e" in shown else number(float(shown), len(shown.partition(".")[2]))


def _rank(table: pd.DataFrame, code: str) -> list[str]:
    row = cast("pd.Series[Any]", table.loc[code])
    rank = int((table["count"] > row["count"]).sum()) + 1
    if pd.isna(row["district"]):
        return [_("By count it is number {rank} of {all}.", rank=rank, all=len(table))]
    own = table[table["district"] == row["district"]]
    return [
        _(
            "By count it is number {rank} of {all}, and number {own_rank} of {own} in its "
            "district.",
            rank=rank,
            all=len(table),
            own_rank=int((own["count"] > row["count"]).sum()) + 1,
            own=len(own),
        )
    ]


def _past(row: pd.Series[Any]) -> list[str]:
    if pd.isna(row["previous_category"]):
        return [_("It is the first month that could be decided.")]
    sentences = [_(_WAS[row["previous_category"]])]
    if (months := int(row["months_red"])) > 1:
        sentences.append(
            ngettext(
                "It has been red for {n} month in a row.",
                "It has been red for {n} months in a row.",
                months,
            )
        )
    return [" ".join(sentences)]


def _flips(run: RunFolder, code: str) -> list[str]:
    """Say how sure the colour is, and how many offenses from another."""
    row = cast("pd.Series[Any]", run.table.loc[code])
    sentences = []
    if pd.notna(row["red_probability"]):
        sentences.append(
            _(
                "Were the window to happen again with the same risks, it would be red with "
                "probability {probability}.",
                probability=number(row["red_probability"], 2),
            )
        )
    found = flip_distance(window_of(run), code)
    ways = []
    if pd.notna(found["more"]):
        ways.append(
            ngettext(
                "{n} offense more would make it {category}",
                "{n} offenses more would make it {category}",
                int(found["more"]),
                category=_colour(found["category_more"]),
            )
        )
    if pd.notna(found["fewer"]):
        ways.append(
            ngettext(
                "{n} offense fewer would make it {category}",
                "{n} offenses fewer would make it {category}",
                int(found["fewer"]),
                category=_colour(found["category_fewer"]),
            )
        )
    if ways:
        both = reduce(
            lambda former, latter: pgettext(
                "ways to another colour", "{former} and {latter}", former=former, latter=latter
            ),
            ways,
        )
        sentences.append(_("{ways}, all else as it is.", ways=both))
    return sentences


def _colour(category: object) -> str:
    return {
        "red": pgettext("would make it", "red"),
        "yellow": pgettext("would make it", "yellow"),
        "green": pgettext("would make it", "green"),
        "not_assessed": pgettext("would make it", "not assessed"),
    }[str(category)]


def _criteria(account: dict[str, Any]) -> str:
    criteria = account["criteria"]
    return _(
        "Criteria: {name} {version} ({hash}); analytical, not official, and green is not a proof "
        "of safety.",
        name=criteria["name"],
        version=criteria["version"],
        hash=criteria["sha256"][:12],
    )
