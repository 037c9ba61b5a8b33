"""Criteria sets: a name, a version, a window, and conditions on the evidence.

A condition is one comparison or several joined by ``and``; a comparison is an evidence column, an
operator and a number. The grammar is parsed here and nothing else is: no ``eval``, no calls.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from hotspot.errors import JobError, nearest_sentence

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
    "excess_probability",
    "rate_excess_probability",
)
"""The evidence columns that a condition may name."""

_KEYS = ("name", "version", "window_months", "min_hit_rate", "green", "red")
_COMPARISON = re.compile(
    r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=|>=|<=|>|<)"
    r"\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*"
)


@dataclass(frozen=True)
class Comparison:
    """An evidence column against a number."""

    column: str
    operator: str
    number: float
    text: str


@dataclass(frozen=True)
class Condition:
    """One comparison or several that must hold together."""

    comparisons: tuple[Comparison, ...]

    @property
    def text(self) -> str:
        """The condition as it is written."""
        return " and ".join(comparison.text for comparison in self.comparisons)


@dataclass(frozen=True)
class Rule:
    """Every condition of ``all`` and, where given, at least one of ``any``."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    @property
    def columns(self) -> set[str]:
        """The evidence columns the rule names."""
        return {
            comparison.column
            for condition in self.all + self.any
            for comparison in condition.comparisons
        }


@dataclass(frozen=True)
class Criteria:
    """A criteria set. Make it with :func:`read_criteria`."""

    name: str
    version: str
    window_months: int
    min_hit_rate: float
    green: Rule
    red: Rule
    stay: Rule | None
    sha256: str

    @property
    def columns(self) -> set[str]:
        """The evidence columns the criteria name."""
        rules = (self.green, self.red, self.stay or Rule())
        return set().union(*(rule.columns for rule in rules))


def bundled_criteria() -> list[str]:
    """Return the names of the criteria sets that come with the package.

    Examples
    --------
    >>> bundled_criteria()
    ['analytical-12m', 'analytical-12m-counts']
    """
    folder = resources.files("hotspot") / "criteria"
    return sorted(
        file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")
    )


def bundled_text(name: str) -> str:
    """Return the text of a bundled criteria set."""
    known = bundled_criteria()
    if name not in known:
        raise JobError(f"criteria set '{name}' is not bundled; {nearest_sentence(name, known)}")
    return (resources.files("hotspot") / "criteria" / f"{name}.toml").read_text(encoding="utf-8")


def parse_criteria(data: Mapping[str, Any], *, source: str | Path = "criteria") -> Criteria:
    """Turn the contents of a criteria file into a criteria set.

    Parameters
    ----------
    data : the TOML as a mapping, keys as in ``docs/criteria.md``.
    source : what to call the file in an error.

    Raises
    ------
    JobError
        An unknown key, column or operator, or a value that makes no sense.

    Examples
    --------
    >>> criteria = parse_criteria({
    ...     "name": "three", "version": "1", "window_months": 12, "min_hit_rate": 0.85,
    ...     "green": {"all": ["count == 0"]}, "red": {"all": ["count >= 3"]},
    ... })
    >>> criteria.red.all[0].text, criteria.columns
    ('count >= 3', {'count'})
    """
    _known_keys(data, _KEYS, "", source)
    for key in _KEYS:
        if key not in data:
            raise JobError(f"{source}: {key} is missing; add it")
    for key in ("name", "version"):
        if not isinstance(data[key], str) or not data[key].strip():
            raise JobError(
                f"{source}: {key} is {data[key]!r}; write a text between quotation marks"
            )
    window, least = data["window_months"], data["min_hit_rate"]
    if isinstance(window, bool) or not isinstance(window, int) or not 1 <= window <= 120:
        raise JobError(f"{source}: window_months is {window!r}; write a whole number, 1 to 120")
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
        raise JobError(f"{source}: min_hit_rate is {least!r}; write a share from 0 to 1")
    red = dict(_table(data["red"], "red", source))
    stay = red.pop("stay", None)
    return Criteria(
        name=data["name"],
        version=data["version"],
        window_months=window,
        min_hit_rate=float(least),
        green=_rule(data["green"], "green", source),
        red=_rule(red, "red", source),
        stay=None if stay is None else _rule(stay, "red.stay", source),
        # of the content, not the file: a comment or a line ending does not make another set
        sha256=hashlib.sha256(
            json.dumps(data, sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest(),
    )


def _table(value: object, key: str, source: str | Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise JobError(f"{source}: {key} is {value!r}; write it as a table, [{key}]")
    return value


def _known_keys(
    data: Mapping[str, Any], known: tuple[str, ...], section: str, source: str | Path
) -> None:
    for key in data:
        if key not in known:
            place = f" in [{section}]" if section else ""
            raise JobError(f"{source}: unknown key '{key}'{place}; {nearest_sentence(key, known)}")


def _rule(value: object, section: str, source: str | Path) -> Rule:
    data = _table(value, section, source)
    _known_keys(
        data, ("all", "any", "stay") if section == "red" else ("all", "any"), section, source
    )
    parts: dict[str, tuple[Condition, ...]] = {}
    for key, texts in data.items():
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
            raise JobError(
                f"{source}: [{section}] {key} is {texts!r}; write a list of conditions, "
                'as in ["count >= 3"]'
            )
        parts[key] = tuple(_condition(text, section, source) for text in texts)
    if not parts:
        raise JobError(f"{source}: [{section}] has no condition; write all = […] or any = […]")
    return Rule(**parts)


def _condition(text: str, section: str, source: str | Path) -> Condition:
    comparisons = []
    for part in re.split(r"\band\b", text):
        found = _COMPARISON.fullmatch(part)
        if found is None:
            raise JobError(
                f"{source}: [{section}] condition '{text}' cannot be read; write a column, one of "
                "== != >= <= > < and a number, as in 'count >= 3', and join with 'and'"
            )
        column, operator, number = found.groups()
        if not math.isfinite(float(number)):
            raise JobError(
                f"{source}: [{section}] condition '{text}' has a number that is too large; write a "
                "smaller one"
            )
        if column not in EVIDENCE:
            raise JobError(
                f"{source}: [{section}] condition '{text}' names the unknown column '{column}'; "
                f"{nearest_sentence(column, EVIDENCE)}"
            )
        comparisons.append(
            Comparison(column, operator, float(number), f"{column} {operator} {number}")
        )
    return Condition(tuple(comparisons))
