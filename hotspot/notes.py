"""What a user would want to know before trusting a month, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from hotspot.account import Account
from hotspot.categories.classify import classify
from hotspot.categories.criteria import Criteria
from hotspot.job import Job
from hotspot.language import _, month_name, ngettext, number, speaking
from hotspot.placement import Placement
from hotspot.replay import share_dated
from hotspot.statistics.neighbours import Neighbours

WARN_BELOW = 0.98
"""Share of the records with a readable date below which the user is told."""


def classify_in(
    languages: Sequence[str],
    evidence: pd.DataFrame,
    criteria: Criteria,
    previous: pd.Series | None,
    *,
    why_not: Callable[[], pd.Series],
) -> tuple[pd.Series, pd.DataFrame]:
    """Decide the category of every mahalla and say why in each language.

    Parameters
    ----------
    languages : the languages to speak.
    evidence, criteria, previous : as for :func:`hotspot.categories.classify.classify`.
    why_not : says in the language spoken why a count of zero proves nothing, by mahalla.

    Returns
    -------
    category : by mahalla.
    reasons : mahallas × languages.
    """
    reasons = {}
    for language in languages:
        with speaking(language):
            hidden = why_not().where(~evidence["observable"], "")
            verdict = classify(evidence.assign(not_observable=hidden), criteria, previous)
        reasons[language] = verdict["reason"]
    return verdict["category"], pd.DataFrame(reasons)


def name_window(account: Account) -> str:
    """Name the window of a month in a few words, its months as figures.

    Parameters
    ----------
    account : what ``run.json`` has.

    Examples
    --------
    >>> name_window({"window": {"from": "2024-02", "to": "2025-01", "months": 12,
    ...     "months_without_records": ["2024-07"]}})
    'window 2024-02 to 2025-01, 11 of its 12 months with records'
    """
    window = account["window"]
    first, last, months = window["from"], window["to"], window["months"]
    if gaps := len(window["months_without_records"]):
        return ngettext(
            "window {first} to {last}, {number} of its {n} month with records",
            "window {first} to {last}, {number} of its {n} months with records",
            months,
            first=first,
            last=last,
            number=number(months - gaps),
        )
    return _("window {first} to {last}", first=first, last=last)


def describe_window(account: Account) -> str:
    """Say over which months offenses are counted, for which there are no records, and which kinds.

    Parameters
    ----------
    account : what ``run.json`` has.

    Returns
    -------
    str
        Two or three sentences in the language spoken.

    Examples
    --------
    >>> describe_window({
    ...     "window": {"from": "2024-02", "to": "2025-01", "months_without_records": ["2024-07"]},
    ...     "chosen": {"counted_kinds": [], "excluded_kinds": []},
    ... })  # doctest: +NORMALIZE_WHITESPACE
    'Offenses are counted from February 2024 to January 2025. There are no records for July 2024.
    All kinds of offenses are counted.'
    """
    window, chosen = account["window"], account["chosen"]
    first, last = month_name(window["from"]), month_name(window["to"])
    sentences = [
        _("Offenses are counted from {first} to {last}.", first=first, last=last)
        if first != last
        else _("Offenses are counted in {month} only.", month=last)
    ]
    if gaps := window["months_without_records"]:
        named = ", ".join(map(month_name, gaps))
        sentences.append(_("There are no records for {months}.", months=named))
    if chosen["counted_kinds"]:
        sentences.append(_("Only the named kinds of offenses are counted."))
    elif chosen.get("excluded_kinds"):
        sentences.append(_("All kinds of offenses but the excluded ones are counted."))
    else:
        sentences.append(_("All kinds of offenses are counted."))
    return " ".join(sentences)


def why_nothing(job: Job, placement: Placement) -> str:
    """Say why no record could be placed."""
    reasons = placement.rejected["reason"].value_counts()
    parts = ", ".join(f"{reasons[reason]} {reason}" for reason in sorted(reasons.index))
    return ngettext(
        "{source}: none of {n} record could be placed up to {month}: {reasons}; 'hotspot check' "
        "says more",
        "{source}: none of {n} records could be placed up to {month}: {reasons}; 'hotspot check' "
        "says more",
        placement.read,
        source=job.offenses.path or _("the records"),
        month=placement.month,
        reasons=parts or _("nothing was read"),
    )


def warn_of(placement: Placement, neighbours: Neighbours) -> list[str]:
    """Say what a user would want to know before trusting the month."""
    found = []
    undated = placement.found["geocoding"]["reasons"]["bad_date"]
    if share_dated(placement) < WARN_BELOW:
        found.append(
            ngettext(
                "{undated} of {n} record have no date that can be read",
                "{undated} of {n} records have no date that can be read",
                placement.read,
                undated=number(undated),
            )
        )
    if unknown := placement.found["districts_unknown"]:
        named = ", ".join(f"'{name}' ({count})" for name, count in list(unknown.items())[:3])
        found.append(
            _("unplaced records name districts that no mahalla has: {districts}", districts=named)
        )
    if hidden := placement.found["mahallas"]["overlaps"]["hidden"]:
        found.append(
            ngettext(
                "{n} polygon lies under others and gets no points: {code} …",
                "{n} polygons lie under others and get no points: {code} …",
                len(hidden),
                code=hidden[0],
            )
        )
    if absent := placement.found.get("kinds_absent"):
        kinds = ", ".join(map(repr, absent))
        found.append(_("no record has the kind {kinds}, which the job names", kinds=kinds))
    if neighbours.islands:
        found.append(
            ngettext(
                "{n} mahalla has no neighbour and so no Gi*",
                "{n} mahallas have no neighbour and so no Gi*",
                len(neighbours.islands),
            )
        )
    return found
