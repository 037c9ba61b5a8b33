"""Criteria sets: a name, a version, a window, and conditions on the evidence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeGuard

from hotspot.categories.conditions import Condition, parse_condition
from hotspot.errors import JobError, nearest_sentence
from hotspot.language import _

BASES = ("republic", "region", "district")
"""The mahallas that means, rates of the whole and fitted models are taken over."""

_NEEDED = ("name", "version", "window_months", "min_hit_rate", "green", "red")
_KEYS = (*_NEEDED, "base")


@dataclass(frozen=True)
class Rule:
    """Every condition of ``all``, at least one of ``any`` where given, and none of ``none``."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All its conditions."""
        return self.all + self.any + self.none

    @property
    def columns(self) -> set[str]:
        """The evidence columns the rule names."""
        return {
            column
            for condition in self.conditions
            for comparison in condition.comparisons
            for column in comparison.columns
        }


@dataclass(frozen=True)
class Override:
    """Kinds of offense of which so many in the window make a mahalla red by themselves."""

    kinds: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Criteria:
    """A criteria set. Make it with :func:`parse_criteria`; ``data`` is what it was made of."""

    name: str
    version: str
    window_months: int
    min_hit_rate: float
    green: Rule
    red: Rule
    stay: Rule | None
    override: Override | None
    base: str
    data: Mapping[str, Any]
    sha256: str

    @property
    def columns(self) -> set[str]:
        """The evidence columns the criteria name, and that of the kinds that override."""
        rules = (self.green, self.red, self.stay or Rule())
        own = {"override_count"} if self.override else set()
        return own.union(*(rule.columns for rule in rules))


def bundled_criteria() -> list[str]:
    """Return the names of the criteria sets that come with the package.

    Examples
    --------
    >>> bundled_criteria()
    ['analytical-12m', 'analytical-12m-counts', 'gi-star', 'quota', 'severity']
    """
    folder = resources.files("hotspot") / "criteria"
    return sorted(
        file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")
    )


def bundled_text(name: str) -> str:
    """Return the text of a bundled criteria set."""
    known = bundled_criteria()
    if name not in known:
        raise JobError(
            _(
                "criteria set '{name}' is not bundled; {hint}",
                name=name,
                hint=nearest_sentence(name, known),
            )
        )
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
    for key in _NEEDED:
        if key not in data:
            raise JobError(_("{source}: {key} is missing; add it", source=source, key=key))
    for key in ("name", "version"):
        if not isinstance(data[key], str) or not data[key].strip():
            raise JobError(
                _(
                    "{source}: {key} is {value}; write a text between quotation marks",
                    source=source,
                    key=key,
                    value=repr(data[key]),
                )
            )
    window, least = data["window_months"], data["min_hit_rate"]
    if isinstance(window, bool) or not isinstance(window, int) or not 1 <= window <= 120:
        raise JobError(
            _(
                "{source}: window_months is {value}; write a whole number, 1 to 120",
                source=source,
                value=repr(window),
            )
        )
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
        raise JobError(
            _(
                "{source}: min_hit_rate is {value}; write a share from 0 to 1",
                source=source,
                value=repr(least),
            )
        )
    base = data.get("base", BASES[0])
    if base not in BASES:
        raise JobError(
            _(
                "{source}: base is {value}; write one of {known}",
                source=source,
                value=repr(base),
                known=", ".join(BASES),
            )
        )
    red = dict(_table(data["red"], "red", source))
    stay, override = red.pop("stay", None), red.pop("override", None)
    return Criteria(
        name=data["name"],
        version=data["version"],
        window_months=window,
        min_hit_rate=float(least),
        green=_rule(data["green"], "green", source),
        red=_rule(red, "red", source),
        stay=None if stay is None else _rule(stay, "red.stay", source),
        override=None if override is None else _override(override, source),
        base=base,
        data=data,
        # of the content, not the file: a comment or a line ending does not make another set
        sha256=hashlib.sha256(
            json.dumps(data, sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest(),
    )


def _table(value: object, key: str, source: str | Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise JobError(
            _(
                "{source}: {key} is {value}; write it as a table, [{key}]",
                source=source,
                key=key,
                value=repr(value),
            )
        )
    return value


def _known_keys(
    data: Mapping[str, Any], known: tuple[str, ...], section: str, source: str | Path
) -> None:
    for key in data:
        if key not in known:
            hint = nearest_sentence(key, known)
            if not section:
                raise JobError(
                    _("{source}: unknown key '{key}'; {hint}", source=source, key=key, hint=hint)
                )
            raise JobError(
                _(
                    "{source}: unknown key '{key}' in [{section}]; {hint}",
                    source=source,
                    key=key,
                    section=section,
                    hint=hint,
                )
            )


def _rule(value: object, section: str, source: str | Path) -> Rule:
    data = _table(value, section, source)
    known = ("all", "any", "not", "stay", "override") if section == "red" else ("all", "any", "not")
    _known_keys(data, known, section, source)
    parts: dict[str, tuple[Condition, ...]] = {}
    for key, texts in data.items():
        if not _is_texts(texts):
            raise JobError(
                _(
                    "{source}: [{section}] {key} is {value}; write a list of conditions, as in "
                    '["count >= 3"]',
                    source=source,
                    section=section,
                    key=key,
                    value=repr(texts),
                )
            )
        place = f"{source}: [{section}]"
        # 'not' is python's own word
        parts["none" if key == "not" else key] = tuple(
            parse_condition(text, source=place) for text in texts
        )
    if not parts:
        raise JobError(
            _(
                "{source}: [{section}] has no condition; write all = […] or any = […]",
                source=source,
                section=section,
            )
        )
    return Rule(**parts)


def _override(value: object, source: str | Path) -> Override:
    data = _table(value, "red.override", source)
    _known_keys(data, ("kinds", "count"), "red.override", source)
    kinds, count = data.get("kinds"), data.get("count", 1)
    if not _is_texts(kinds):
        raise JobError(
            _(
                "{source}: [red.override] kinds is {value}; write a list of kinds, as in "
                '["murder"]',
                source=source,
                value=repr(kinds),
            )
        )
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise JobError(
            _(
                "{source}: [red.override] count is {value}; write a whole number from 1",
                source=source,
                value=repr(count),
            )
        )
    return Override(tuple(kinds), count)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)
