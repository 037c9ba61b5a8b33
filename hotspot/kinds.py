"""Offenses by kind: their counts, what of them is evidence, and what a job may say of kinds."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.categories.criteria import Criteria
from hotspot.errors import InputError, JobError, nearest_sentence
from hotspot.job import Job
from hotspot.language import _, mark
from hotspot.loaders.text import fold_word
from hotspot.statistics.counts import rolling_counts

SEVERITY = ("severity", "severity_ratio")
"""The columns of the evidence that need weights."""

_NAMED = 5
"""How many kinds a sentence names before it says that there are more."""

_GROUP_EXCLUDED = mark(
    "[offenses.kinds.groups] {group} has '{kind}', which is excluded; take it out of one of the two"
)
_GROUP_NOT_COUNTED = mark(
    "[offenses.kinds.groups] {group} has '{kind}', which is not counted; add it to "
    "[offenses.kinds] counted, or leave it out"
)
_WEIGHED_TWICE = mark(
    "[offenses.kinds.weights] has '{other}' and '{kind}', which are one kind; keep one"
)
_OVERRIDE_WITHOUT_KINDS = mark(
    "the criteria '{criteria}' decide by the kind '{kind}', and no column of the records is their "
    "kind; give [offenses.columns] kind, or choose other criteria"
)
_OVERRIDE_EXCLUDED = mark(
    "the criteria '{criteria}' decide by the kind '{kind}', which is excluded; take it out of one "
    "of the two"
)
_OVERRIDE_NOT_COUNTED = mark(
    "the criteria '{criteria}' decide by the kind '{kind}', which is not counted; add it to "
    "[offenses.kinds] counted, or leave it out"
)

Whole = NDArray[np.int64]


class KindCounts:
    """Counts of placed offenses by mahalla, month and kind; only cells with an offense take room.

    Kinds are compared without case and spare blanks; records without a kind are under "".
    """

    def __init__(self, codes: pd.Index, months: pd.PeriodIndex) -> None:
        self.codes, self.months = codes, months
        self._numbers: dict[str, int] = {}
        self._cells = self._counts = np.zeros(0, dtype=np.int64)
        self._added: list[tuple[Whole, Whole]] = []

    def add(self, placed: pd.DataFrame) -> None:
        """Add placed records: ``kind``, ``mahalla_code`` and ``month``."""
        # what is looked up is each kind and each code once
        of_kind, kinds = pd.factorize(placed["kind"], use_na_sentinel=False)
        numbers = [self._numbers.setdefault(fold_word(kind), len(self._numbers)) for kind in kinds]
        of_code, codes = pd.factorize(placed["mahalla_code"])
        kind = np.array(numbers, dtype=np.int64)[of_kind]
        row = self.codes.get_indexer(pd.Index(codes))[of_code]
        column = pd.PeriodIndex(placed["month"], freq="M").asi8 - self.months[0].ordinal
        inside = (column >= 0) & (column < len(self.months))
        cells = (kind * len(self.codes) + row) * len(self.months) + column
        self._added.append(np.unique(cells[inside], return_counts=True))
        # merged seldom, so that many chunks cost little more than one
        if sum(len(added) for added, _ in self._added) > len(self._cells):
            self._merge()

    @property
    def totals(self) -> dict[str, int]:
        """How many records of each kind are placed, by the kind's folded name."""
        return {
            kind: int(counts.sum())
            for kind in sorted(self._numbers)
            if len(counts := self._of(kind)[1])
        }

    def panel(self, kinds: Collection[str]) -> pd.DataFrame:
        """Count the offenses of these kinds together, mahallas × months."""
        counts = np.zeros(len(self.codes) * len(self.months), dtype=np.int64)
        for kind in {fold_word(kind) for kind in kinds} & set(self._numbers):
            cells, of = self._of(kind)
            counts[cells] += of
        return pd.DataFrame(
            counts.reshape(len(self.codes), len(self.months)), self.codes, self.months
        )

    def group(self, key: pd.Series) -> KindCounts:
        """Add the mahallas up by a key, such as their district."""
        self._merge()
        keys = pd.Index(sorted(set(key)))
        cells, column = np.divmod(self._cells, len(self.months))
        kind, row = np.divmod(cells, len(self.codes))
        to = keys.get_indexer(pd.Index(key.loc[self.codes]))
        grouped = KindCounts(keys, self.months)
        grouped._numbers = dict(self._numbers)
        cells = (kind * len(keys) + to[row]) * len(self.months) + column
        grouped._added = [(cells, self._counts)]
        return grouped

    def _of(self, kind: str) -> tuple[Whole, Whole]:
        self._merge()
        size, number = len(self.codes) * len(self.months), self._numbers[kind]
        first, last = np.searchsorted(self._cells, [number * size, (number + 1) * size])
        return self._cells[first:last] - number * size, self._counts[first:last]

    def _merge(self) -> None:
        if not self._added:
            return
        cells, counts = zip((self._cells, self._counts), *self._added, strict=True)
        self._cells, where = np.unique(np.concatenate(cells), return_inverse=True)
        sums = np.bincount(where, np.concatenate(counts), minlength=len(self._cells))
        self._counts = sums.astype(np.int64)
        self._added = []


def weigh_kinds(
    job: Job, criteria: Criteria, counts: KindCounts, *, window: int
) -> dict[str, pd.DataFrame]:
    """Sum over each window what kinds make evidence.

    Parameters
    ----------
    job : for the weights of the kinds.
    criteria : for the kinds that override.
    counts : the placed offenses by kind.
    window : length of the window in months.

    Returns
    -------
    dict of DataFrame
        Mahallas × the months in which a window ends: ``override_count`` where the criteria have
        kinds that override, ``severity`` where the job has weights.

    Raises
    ------
    InputError
        Placed records are of kinds without a weight, and there is no default.

    Notes
    -----
    Counts are summed first and weighed afterwards, kind by kind in the order of their names: the
    order of the records changes no sum, and nothing weighs exactly 0.
    """
    found = {}
    if criteria.override is not None:
        found["override_count"] = rolling_counts(counts.panel(criteria.override.kinds), window)
    if job.offenses.kinds.weights:
        months = counts.months[window - 1 :]
        severity = pd.DataFrame(0.0, index=counts.codes, columns=months)
        for kind, weight in _weights_of(job, counts.totals).items():
            severity += weight * rolling_counts(counts.panel([kind]), window)
        found["severity"] = severity
    return found


def check_kinds(job: Job, criteria: Criteria) -> None:
    """Refuse a job whose kinds contradict each other or the criteria.

    Raises
    ------
    JobError
        A group or the criteria name a kind that is not counted, a kind has two weights, the
        criteria ask for kinds or weights that the job does not have, or public colours would tell
        of a sensitive kind.
    """
    for group, kinds in job.offenses.kinds.groups.items():
        for kind in kinds:
            _check_counted(job, kind, _GROUP_EXCLUDED, _GROUP_NOT_COUNTED, group=group)
    seen: dict[str, str] = {}
    for kind in job.offenses.kinds.weights:
        if other := seen.get(fold_word(kind)):
            raise JobError(_(_WEIGHED_TWICE, other=other, kind=kind))
        seen[fold_word(kind)] = kind
    if criteria.override is not None:
        kinds = list(criteria.override.kinds)
        if job.offenses.columns.kind is None:
            raise JobError(_(_OVERRIDE_WITHOUT_KINDS, criteria=criteria.name, kind=kinds[0]))
        for kind in kinds:
            _check_counted(
                job, kind, _OVERRIDE_EXCLUDED, _OVERRIDE_NOT_COUNTED, criteria=criteria.name
            )
    weighed = sorted(criteria.columns & set(SEVERITY))
    if weighed and not job.offenses.kinds.weights:
        raise JobError(
            _(
                "the criteria '{criteria}' name '{column}', and the job does not say how grave "
                "each kind is; add [offenses.kinds.weights], a number for each kind, or choose "
                "other criteria",
                criteria=criteria.name,
                column=weighed[0],
            )
        )
    if job.report.public:
        _check_sensitive(job, criteria)


def absent_kinds(job: Job, kinds: Collection[str]) -> list[str]:
    """Return the kinds the job names that no record has.

    Parameters
    ----------
    job : the job; of its weights nothing is asked, a table of them may be wider than the records.
    kinds : as the records write them.

    Raises
    ------
    InputError
        No counted kind occurs, or the job names kinds and the records have none.
    """
    given = job.offenses.kinds
    grouped = [kind for group in given.groups.values() for kind in group]
    named = list(dict.fromkeys([*(given.counted or []), *given.excluded, *grouped]))
    if job.offenses.columns.kind is None and (named or given.weights):
        raise InputError(
            _(
                "[offenses.kinds] names '{kind}', and no column of the records is their kind; give "
                "[offenses.columns] kind, or name no kinds",
                kind=[*named, *given.weights][0],
            )
        )
    absent = find_absent(named, kinds)
    if given.counted and kinds and all(kind in absent for kind in given.counted):
        raise InputError(
            _(
                "{source}: none of the counted kinds occurs, '{kind}' for one; {hint}",
                source=job.offenses.path or _("the records"),
                kind=given.counted[0],
                hint=nearest_sentence(given.counted[0], kinds),
            )
        )
    return absent


def warn_of_override(criteria: Criteria, kinds: Collection[str]) -> list[str]:
    """Say which kinds that override no record has: rare ones, or misspelt."""
    if criteria.override is None or not (absent := find_absent(criteria.override.kinds, kinds)):
        return []
    named = ", ".join(f"'{kind}'" for kind in absent)
    return [
        _(
            "no record has the kind {kinds}, by which the criteria '{criteria}' decide",
            kinds=named,
            criteria=criteria.name,
        )
    ]


def find_absent(named: Collection[str], kinds: Collection[str]) -> list[str]:
    """Return those of the named kinds that are none of the others.

    Examples
    --------
    >>> find_absent(["theft", "arson"], ["Theft "])
    ['arson']
    """
    present = {fold_word(kind) for kind in kinds}
    return [kind for kind in named if fold_word(kind) not in present]


def spell_kinds(kinds: dict[str, int]) -> dict[str, str]:
    """Return how each kind is mostly spelt, by its folded name.

    Examples
    --------
    >>> spell_kinds({"THEFT": 2, "Theft": 5, "arson": 1})
    {'arson': 'arson', 'theft': 'Theft'}
    """
    ordered = sorted(kinds, key=lambda kind: (fold_word(kind), kinds[kind], kind))
    return {fold_word(kind): kind for kind in ordered}


def _check_sensitive(job: Job, criteria: Criteria) -> None:
    """Refuse a public job whose colours would tell where a sensitive kind occurred."""
    given = job.offenses.kinds
    sensitive = {fold_word(kind) for kind in given.sensitive}
    for kind in criteria.override.kinds if criteria.override else ():
        if fold_word(kind) in sensitive:
            raise JobError(
                _(
                    "the criteria '{criteria}' decide by the kind '{kind}', which is sensitive, so "
                    "that a public red could be traced to it; choose other criteria for public "
                    "months",
                    criteria=criteria.name,
                    kind=kind,
                )
            )
    if given.counted and sensitive.issuperset(map(fold_word, given.counted)):
        raise JobError(
            _(
                "[offenses.kinds] counted has sensitive kinds only, so that every public colour "
                "would tell of them; count other kinds too, or write public = false"
            )
        )
    weighty = [fold_word(kind) for kind, weight in given.weights.items() if weight > 0]
    graded = criteria.columns & set(SEVERITY) and not given.weight_default
    if graded and sensitive.issuperset(weighty):
        raise JobError(
            _(
                "the criteria '{criteria}' decide by weights, and only sensitive kinds have one, "
                "so that a public red could be traced to them; weigh other kinds too, or choose "
                "other criteria for public months",
                criteria=criteria.name,
            )
        )


def _check_counted(job: Job, kind: str, excluded: str, not_counted: str, **values: str) -> None:
    """Refuse a kind that does not count, with the sentence for why."""
    given, folded = job.offenses.kinds, fold_word(kind)
    if folded in map(fold_word, given.excluded):
        raise JobError(_(excluded, kind=kind, **values))
    if given.counted is not None and folded not in map(fold_word, given.counted):
        raise JobError(_(not_counted, kind=kind, **values))


def _weights_of(job: Job, totals: dict[str, int]) -> dict[str, float]:
    """Return the weight of each kind that occurs, in the order of their names."""
    given = job.offenses.kinds
    weights = {fold_word(kind): weight for kind, weight in given.weights.items()}
    without = [kind for kind in totals if kind not in weights]
    if without and given.weight_default is None:
        raise InputError(
            _(
                "{records} records are of kinds without a weight: {kinds}; add them to "
                "[offenses.kinds.weights], or give [offenses.kinds] weight_default",
                records=sum(totals[kind] for kind in without),
                kinds=_name(without),
            )
        )
    default = given.weight_default or 0.0
    return {kind: weights.get(kind, default) for kind in totals}


def _name(kinds: list[str]) -> str:
    named = ", ".join(f"'{kind}'" if kind else _("none given") for kind in kinds[:_NAMED])
    more = len(kinds) - _NAMED
    return _("{kinds}, and {more} more", kinds=named, more=more) if more > 0 else named
