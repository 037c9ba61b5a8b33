"""What changed between two months and why, and how ours compare with an official list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from hotspot.boundaries import carry_over
from hotspot.categories.criteria import Criteria, Rule
from hotspot.categories.truth import holds
from hotspot.columns import names
from hotspot.errors import InputError
from hotspot.language import _
from hotspot.run_folder import RunFolder, read_run_folder
from hotspot.statistics.change import e_test


def compare_months(before: str | Path, after: str | Path) -> pd.DataFrame:
    """Say which mahallas changed their category, which conditions turned, and whether by chance.

    Parameters
    ----------
    before, after : the folders of two months.

    Returns
    -------
    DataFrame
        The table of ``changes.csv``, sorted by code: the mahallas whose category differs, and those
        that the later folder's crosswalk merged or split. What the earlier folder says is led to
        the later one's codes first, so that a new name alone is no change. ``p_change`` compares
        the months that entered the window with those that left it, by the E-test and never by
        windows that overlap; both from the later folder's records.

    Raises
    ------
    InputError
        A folder is not a run's or is public, or the later month is not the second.
    """
    first, second = read_run_folder(before), read_run_folder(after)
    if second.month <= first.month:
        raise InputError(
            _(
                "{folder}: {later} is not after {earlier}; give the earlier month's folder first",
                folder=after,
                later=second.month,
                earlier=first.month,
            )
        )
    return changes(first, second)


def changes(first: RunFolder, second: RunFolder) -> pd.DataFrame:
    """Return the changes between two folders, as :func:`compare_months` does."""
    for folder in (first, second):
        if folder.public:
            raise InputError(
                _(
                    "{folder}: this is a public month, which does not say why a colour changed; "
                    "give the folders of the months that are not public",
                    folder=folder.path,
                )
            )
    first, redrawn = _lead_over(first, second)
    codes = first.table.index.union(second.table.index)
    redrawn = redrawn.reindex(codes, fill_value="")
    one, two = first.table.reindex(codes), second.table.reindex(codes)
    table = pd.DataFrame(
        {
            "mahalla_code": codes,
            "name": two["name"].fillna(one["name"]),
            "district": two["district"].fillna(one["district"]),
            "before": one["category"],
            "after": two["category"],
            "change": _kind_of_change(one["category"], two["category"], second, codes).mask(
                redrawn != "", redrawn
            ),
            "turned": _turned(first, second, codes).mask(
                redrawn != "", _("the boundaries are others")
            ),
            "reason_before": one["reason"],
            "reason_after": two["reason"],
            "count_before": one["count"].astype("Int64"),
            "count_after": two["count"].astype("Int64"),
            "p_change": _p_change(first, second).reindex(codes),
        }
    )
    differs = one["category"].fillna("") != two["category"].fillna("")
    return table.loc[differs | (redrawn != ""), names("changes")].reset_index(drop=True)


def summarise_changes(table: pd.DataFrame) -> list[str]:
    """Return the changes as sentences, the reds first.

    Examples
    --------
    >>> table = pd.DataFrame({"change": ["new", "left", "left"], "p_change": [0.01, 0.4, 0.2]})
    >>> summarise_changes(table)
    ['1 new red, 0 returning, 2 left; of these 1 with p < .05 in the months that changed.']
    """
    kinds = table["change"].value_counts()
    new, back, left = (int(kinds.get(kind, 0)) for kind in ("new", "returning", "left"))
    reds = table[table["change"].isin(["new", "returning", "left"])]
    clear = int((reds["p_change"] < 0.05).sum())
    lines = [_("No mahalla turned red or left red.")]
    if len(reds):
        lines = [
            _(
                "{new} new red, {returning} returning, {left} left; of these {clear} with p < .05 "
                "in the months that changed.",
                new=new,
                returning=back,
                left=left,
                clear=clear,
            )
        ]
    merged, split = (int(kinds.get(kind, 0)) for kind in ("merged", "split"))
    if merged or split:
        lines.append(
            _(
                "{merged} merged and {split} split off between the months; theirs are no changes "
                "of one place.",
                merged=merged,
                split=split,
            )
        )
    return lines


def _lead_over(first: RunFolder, second: RunFolder) -> tuple[RunFolder, pd.Series]:
    """Lead the earlier folder to the later one's codes, and say which it merged or split."""
    if second.crosswalk.empty:
        return first, pd.Series("", index=first.table.index)
    table = carry_over(first.table, second.crosswalk)
    table = table.set_index("mahalla_code", drop=False).rename_axis(None)
    redrawn = table["change"].isin(["merged", "split"])
    # on today's boundaries, as far back as the later folder counts
    if first.window.isin(second.counts.columns).all():
        counts = second.counts[first.window].sum(axis=1).reindex(table.index)
        table["count"] = table["count"].mask(redrawn, counts.astype("Int64"))
    led = replace(first, table=table.drop(columns="change"))
    return led, table["change"].where(redrawn, "")


def _kind_of_change(
    before: pd.Series, after: pd.Series, second: RunFolder, codes: pd.Index
) -> pd.Series:
    past = second.history.drop(columns=second.month, errors="ignore").reindex(codes)
    ever = (past == "red").any(axis=1)
    # a mahalla that is in one of the months only is of no colour in the other
    to_red, from_red = after.fillna("").eq("red"), before.fillna("").eq("red")
    tests = (to_red & ~from_red & ever, to_red & ~from_red, from_red & ~to_red)
    kind = np.select(
        [test.to_numpy(dtype=bool) for test in tests],
        ["returning", "new", "left"],
        default="other",
    )
    return pd.Series(kind, index=codes)


def _turned(first: RunFolder, second: RunFolder, codes: pd.Index) -> pd.Series:
    """Name the conditions of red that were true and are not, or the reverse."""
    said = pd.Series("", index=codes)
    if first.criteria.sha256 != second.criteria.sha256:
        return said.mask(said == "", _("the criteria are others"))
    for text, rule in _conditions(second.criteria).items():
        was, now = (_truth(rule, folder, codes) for folder in (first, second))
        came, went = _("{condition} came true"), _("{condition} no longer holds")
        for turned, words in ((now & ~was, came), (was & ~now, went)):
            some = pd.Series(turned, index=codes)
            said = said.mask(some, said + "; " + words.format(condition=text))
    return said.str.removeprefix("; ")


def _conditions(criteria: Criteria) -> dict[str, Rule]:
    rules = [criteria.red, *([criteria.stay] if criteria.stay else [])]
    found = {}
    for rule in rules:
        for condition in rule.conditions:
            found[condition.text] = Rule(all=(condition,))
    return found


def _truth(rule: Rule, folder: RunFolder, codes: pd.Index) -> np.ndarray:
    evidence = folder.table.reindex(codes)
    truth: np.ndarray = holds(rule, evidence) == 1
    return truth


def _p_change(first: RunFolder, second: RunFolder) -> pd.Series:
    """Compare the months that entered the window with those that left it."""
    entered = second.window.difference(first.window)
    left = first.window.difference(second.window)
    known = pd.PeriodIndex(second.counts.columns)
    if not len(entered) or not len(left) or not left.isin(known).all():
        return pd.Series(np.nan, index=second.counts.index)
    # whole numbers, never missing: a month without records is no gap in counts.csv but noughts,
    # and the windows leave it out, from the exposure too
    now = second.counts[entered].sum(axis=1)
    then = second.counts[left].sum(axis=1)
    tested = e_test(now, then, exposure_now=float(len(entered)), exposure_before=float(len(left)))
    return tested["e_p"]
