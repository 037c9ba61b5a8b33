"""Which column holds what: a proposal from the headings and from what stands under them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from hotspot.language import _, ngettext
from hotspot.loaders.contents import Column
from hotspot.loaders.figures import parse_numbers
from hotspot.loaders.synonyms import PARTS, ROW_IDS, UNWANTED, WANTED, fold, part_of

OFFENSE_FIELDS = (
    "date",
    "registered",
    "longitude",
    "latitude",
    "mahalla_code",
    "mahalla",
    "district",
    "kind",
    "id",
)
MAHALLA_FIELDS = (
    "code",
    "name",
    "name_cyrl",
    "name_ru",
    "district",
    "region",
    "population",
    "stir",
    "valid_from",
    "valid_to",
)
# an id may repeat this often by mistake; more often it isn't the record's own
REPEATED = 0.02


@dataclass(frozen=True)
class Proposal:
    """A heading proposed for a field (several for a date in parts), and why.

    Where `sure` is false the proposal should be looked at before it is used.
    """

    heading: str | list[str]
    why: str
    sure: bool = True


def propose_columns(
    frame: pd.DataFrame, fields: Sequence[str], *, codes: Collection[str] = ()
) -> dict[str, Proposal]:
    """Propose a column for each field that the table seems to have.

    Parameters
    ----------
    frame
        A table as it is read: of offenses or of mahallas, without geometry.
    fields
        `OFFENSE_FIELDS` or `MAHALLA_FIELDS`, or some of them; a column goes to one field only, the
        earlier first.
    codes
        The codes of the mahallas, as text, which show the column `mahalla_code` of offenses.

    Returns
    -------
    dict
        Field to `Proposal`; a field without any likely column is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sana": ["31.01.2025", "01.02.2025"], "turi": ["theft", "fraud"]})
    >>> {f: p.heading for f, p in propose_columns(table, OFFENSE_FIELDS).items()}
    {'date': 'sana', 'kind': 'turi'}
    """
    known = frozenset(codes)
    columns = {str(heading): Column(frame[heading], known) for heading in frame.columns}
    proposals: dict[str, Proposal] = {}
    for field in fields:
        taken = {h for p in proposals.values() for h in _listed(p.heading)}
        free = {h: column for h, column in columns.items() if h not in taken and column.filled}
        proposal = _propose(field, free)
        if field == "date" and (proposal is None or _rank(field, str(proposal.heading)) is None):
            proposal = _date_in_parts(free) or proposal
        if proposal is not None:
            proposals[field] = proposal
    return proposals


def _propose(field: str, columns: dict[str, Column]) -> Proposal | None:
    scored: list[tuple[float, int, str, Fit, bool]] = []
    for at, (heading, column) in enumerate(columns.items()):
        if re.fullmatch(UNWANTED.get(field, "(?!)"), fold(heading)):
            continue
        rank = _rank(field, heading)
        fit = _FITS[field](column, rank, heading)
        if fit is None:
            continue
        scored.append((fit.score, -at, heading, fit, rank is not None))
    if not scored:
        return None
    *_best, heading, fit, named = max(scored)
    why = _("called so, {why}", why=fit.why) if named else _("by its values, {why}", why=fit.why)
    return Proposal(heading, why, named and fit.sure)


def _rank(field: str, heading: str) -> int | None:
    """Return how well a heading fits a field's names, 0 best, None where it doesn't."""
    folded = fold(heading)
    return next((r for r, p in enumerate(WANTED[field]) if re.fullmatch(p, folded)), None)


class Fit(NamedTuple):
    """How well a column fits a field, why, and whether that is beyond doubt."""

    score: float
    why: str
    sure: bool = True


def _fit_date(column: Column, rank: int | None, heading: str) -> Fit | None:
    if column.dated() < 0.5 or (rank is None and column.share(r"[\d.,\s]+") > 0.5):
        return None
    if _rank("registered", heading) is not None:
        return Fit(_score(rank, 3) - 2, _("but it is the day of the report"), sure=False)
    return Fit(_score(rank, 3), _example(column))


def _fit_entry(column: Column, rank: int | None, heading: str) -> Fit | None:
    if rank is None or column.dated() < 0.5:
        return None
    return Fit(_score(rank), _example(column))


def _fit_coordinate(column: Column, rank: int | None, heading: str) -> Fit | None:
    numbers = column.numbers()
    if rank is None or numbers.notna().mean() < 0.9:
        return None
    low, high = numbers.quantile(0.01), numbers.quantile(0.99)
    far = max(abs(low), abs(high)) > 180
    limits = {"low": f"{low:.6g}", "high": f"{high:.6g}"}
    if far:
        why = _("but from {low} to {high} are no degrees: set crs", **limits)
        return Fit(_score(rank), why, sure=False)
    return Fit(_score(rank), _("from {low} to {high}", **limits))


def _fit_mahalla_code(column: Column, rank: int | None, heading: str) -> Fit | None:
    known = float(column.texts.isin(column.codes).mean())
    long = column.words.str.len().median() >= 5
    # small numbers are codes by chance, long ones aren't
    if not (known >= 0.5 if rank is not None else known >= 0.9 and long):
        return None
    why = _("{share} of its cells are codes of the mahallas", share=f"{known:.0%}")
    return Fit(10 * known + _score(rank), why)


def _fit_words(column: Column, rank: int | None, heading: str) -> Fit | None:
    # under the very heading a name may be M1000
    if rank is None or column.share(_WORDS if rank else _LETTER) < 0.5:
        return None
    return Fit(_score(rank), _example(column))


def _fit_kind(column: Column, rank: int | None, heading: str) -> Fit | None:
    several = len(column.texts) >= 20
    if rank is None or column.number > 2_000 or (several and column.unique() > 0.5):
        return None
    if column.share(_WORDS) < 0.5:
        return Fit(_score(rank) - 3, ngettext("{n} code", "{n} codes", column.number))
    return Fit(_score(rank), ngettext("{n} kind", "{n} kinds", column.number))


def _fit_id(column: Column, rank: int | None, heading: str) -> Fit | None:
    repeated = float(column.texts.duplicated().mean())
    if rank is None or repeated > 0.5:
        return None
    if repeated > REPEATED:
        why = _("but {share} of its cells repeat another", share=f"{repeated:.0%}")
        return Fit(_score(rank) - 20, why, sure=False)
    return Fit(_score(rank), _("{share} of its cells are unlike", share=f"{1 - repeated:.0%}"))


def _fit_code(column: Column, rank: int | None, heading: str) -> Fit | None:
    row_id = re.fullmatch(ROW_IDS, fold(heading)) is not None
    spaced, real = column.share(r".*\s.*"), column.share(r"-?\d+[.,]\d+")
    full = len(column.texts) >= 0.95 * column.size
    if not full or spaced > 0.2 or real > 0.2 or column.unique() < (1 if rank is None else 0.9):
        return None
    if row_id:
        why = _("but it only numbers the rows of the layer: another release may differ")
        return Fit(-5.0, why, sure=False)
    ten = column.share(r"17\d{8}") > 0.9
    opaque = column.share(r"\{?[0-9a-fA-F]{8}-.*") > 0.5
    why = _("ten digits beginning with 17") if ten else _("a different one in every row")
    return Fit(_score(rank, 1.5) + 10 * ten - 8 * opaque + 5 * column.unique() - 5, why)


def _fit_name(column: Column, rank: int | None, heading: str) -> Fit | None:
    exact = rank in (0, 1)
    if column.share(_LETTER if exact else _WORDS) < 0.5 or (rank is None and column.unique() < 0.9):
        return None
    return Fit(_score(rank), _example(column))


def _fit_cyrillic(column: Column, rank: int | None, heading: str) -> Fit | None:
    if rank is None or column.share(r".*[а-яА-ЯёЁ].*") < 0.5:
        return None
    return Fit(_score(rank), _example(column))


def _fit_population(column: Column, rank: int | None, heading: str) -> Fit | None:
    # people are whole: a comma between digits is a thousand's
    numbers = parse_numbers(column.words)
    if rank is None or numbers.notna().mean() < 0.9:
        return None
    year = re.search(r"(19|20)\d\d", heading)
    low, high = (f"{limit:.6g}" for limit in (numbers.min(), numbers.max()))
    # of several years the latest
    later = int(year[0]) / 10_000 if year else 0
    return Fit(_score(rank) + later, _("from {low} to {high}", low=low, high=high))


def _fit_stir(column: Column, rank: int | None, heading: str) -> Fit | None:
    if rank is None or column.share(r"\d{9}") < 0.8:
        return None
    return Fit(_score(rank), _("nine digits"))


_WORDS, _LETTER = r".*[^\W\d_]{2}.*", r".*[^\W\d_].*"
_FITS: dict[str, Callable[[Column, int | None, str], Fit | None]] = {
    "date": _fit_date,
    "registered": _fit_entry,
    "longitude": _fit_coordinate,
    "latitude": _fit_coordinate,
    "mahalla_code": _fit_mahalla_code,
    "mahalla": _fit_words,
    "district": _fit_words,
    "kind": _fit_kind,
    "id": _fit_id,
    "code": _fit_code,
    "name": _fit_name,
    "name_cyrl": _fit_cyrillic,
    "name_ru": _fit_cyrillic,
    "region": _fit_words,
    "population": _fit_population,
    "stir": _fit_stir,
    "valid_from": _fit_entry,
    "valid_to": _fit_entry,
}


def _example(column: Column) -> str:
    return _("such as {example}", example=column.words.iloc[0])


def _score(rank: int | None, step: float = 2) -> float:
    return 10 - step * rank if rank is not None else 0.0


def _date_in_parts(columns: dict[str, Column]) -> Proposal | None:
    limits = {"year": (1900, 2261), "month": (1, 12), "day": (1, 31), "hour": (0, 24)}
    found: dict[str, str] = {}
    for part in PARTS:
        low, high = limits.get(part, (0, 59))
        for heading in sorted((h for h in columns if part_of(h) == part), key=len):
            numbers = columns[heading].numbers()
            named = part == "month" and columns[heading].share(_WORDS) > 0.5
            if named or numbers.between(low, high).mean() > 0.9:
                found.setdefault(part, heading)
    if "year" not in found or "month" not in found:
        return None
    return Proposal(list(found.values()), _("the date is split over these columns"))


def _listed(heading: str | list[str]) -> list[str]:
    return [heading] if isinstance(heading, str) else heading
