"""Conditions on the evidence: their grammar, which is parsed here and nothing else is.

A condition is one comparison or several joined by ``and``. A comparison is an evidence column, an
operator, and a number, another column, a number times a column, or a quantile of a column over all
mahallas or those of the same region or district. There is no ``eval``, no call and no other name.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from hotspot.errors import JobError, nearest_sentence
from hotspot.language import _

EVIDENCE = (
    "population",
    "count",
    "count_month",
    "count_ytd",
    "count_ytd_last_year",
    "count_ratio",
    "rate",
    "rate_ratio",
    "expected",
    "gi_z",
    "gi_p",
    "gi_q",
    "gi_pop_p",
    "gi_pop_q",
    "gi_bin",
    "density",
    "density_ratio",
    "severity",
    "severity_ratio",
    "excess_probability",
    "rate_excess_probability",
)
"""The evidence columns that a condition may name."""

AMONG = ("all", "region", "district")
"""Over which mahallas a quantile may be taken."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_COMPARISON = re.compile(
    rf"""\s* (?P<column>{_NAME}) \s* (?P<operator>==|!=|>=|<=|>|<) \s*
    (?: (?P<number>{_NUMBER})
      | (?: (?P<factor>{_NUMBER}) \s* \* \s* )?
        (?: quantile \s* \( \s* (?P<of>{_NAME}) \s* , \s* (?P<share>{_NUMBER})
            (?: \s* , \s* (?P<among>{_NAME}) )? \s* \)
          | (?P<other>{_NAME}) ) ) \s*""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Quantile:
    """The least value that a share of the mahallas, all or of one district, does not exceed."""

    column: str
    share: float
    among: str


@dataclass(frozen=True)
class Comparison:
    """An evidence column against a number, or that number times a column or a quantile."""

    column: str
    operator: str
    number: float
    text: str
    than: str | Quantile | None = None

    @property
    def columns(self) -> set[str]:
        """The evidence columns that the comparison names."""
        than = self.than.column if isinstance(self.than, Quantile) else self.than
        return {self.column} if than is None else {self.column, than}


@dataclass(frozen=True)
class Condition:
    """One comparison or several that must hold together."""

    comparisons: tuple[Comparison, ...]

    @property
    def text(self) -> str:
        """The condition as it is written."""
        return " and ".join(comparison.text for comparison in self.comparisons)


def parse_condition(text: str, *, source: str) -> Condition:
    """Parse a condition.

    Parameters
    ----------
    text : the condition.
    source : what to call its place in an error.

    Raises
    ------
    JobError
        The text does not follow the grammar, names an unknown column, or has a number that makes
        no sense.

    Examples
    --------
    >>> parse_condition("count>=3 and rate > 2*quantile(rate, .5, region)", source="red").text
    'count >= 3 and rate > 2 * quantile(rate, .5, region)'
    """
    comparisons = (_parse_comparison(part, text, source) for part in re.split(r"\band\b", text))
    return Condition(tuple(comparisons))


def _parse_comparison(part: str, text: str, source: str) -> Comparison:
    found = _COMPARISON.fullmatch(part)
    if found is None:
        raise JobError(
            _(
                "{source} condition '{text}' cannot be read; write a column, one of == != >= <= > "
                "< and a number, as in 'count >= 3', another column, or quantile(rate, 0.9, "
                "region), and join with 'and'",
                source=source,
                text=text,
            )
        )
    for name in ("column", "other", "of"):
        column = found[name]
        if column is not None and column not in EVIDENCE:
            raise JobError(
                _(
                    "{source} condition '{text}' names the unknown column '{column}'; {hint}",
                    source=source,
                    text=text,
                    column=column,
                    hint=nearest_sentence(column, EVIDENCE),
                )
            )
    for name in ("number", "factor"):
        if found[name] is not None and not math.isfinite(float(found[name])):
            raise JobError(
                _(
                    "{source} condition '{text}' has a number that is too large; write a smaller "
                    "one",
                    source=source,
                    text=text,
                )
            )
    start = f"{found['column']} {found['operator']} "
    if found["number"] is not None:
        number = found["number"]
        return Comparison(found["column"], found["operator"], float(number), start + number)
    than = found["other"] if found["of"] is None else _parse_quantile(found, text, source)
    written = than if isinstance(than, str) else _written(found)
    factor = found["factor"] or "1"
    times = "" if found["factor"] is None else f"{factor} * "
    return Comparison(
        found["column"], found["operator"], float(factor), start + times + written, than
    )


def _parse_quantile(found: re.Match[str], text: str, source: str) -> Quantile:
    share, among = float(found["share"]), found["among"] or "all"
    if not 0 < share < 1:
        raise JobError(
            _(
                "{source} condition '{text}' has the quantile {share}; write a share between 0 "
                "and 1, as in quantile(rate, 0.9)",
                source=source,
                text=text,
                share=found["share"],
            )
        )
    if among not in AMONG:
        raise JobError(
            _(
                "{source} condition '{text}' takes a quantile over '{among}'; {hint}",
                source=source,
                text=text,
                among=among,
                hint=nearest_sentence(among, AMONG),
            )
        )
    return Quantile(found["of"], share, among)


def _written(found: re.Match[str]) -> str:
    among = f", {found['among']}" if found["among"] else ""
    return f"quantile({found['of']}, {found['share']}{among})"
