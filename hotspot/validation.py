"""What pydantic found wrong in a job file, as one sentence with the remedy."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from hotspot.errors import nearest_sentence
from hotspot.language import _, mark

_SECTION = mark("{value} is not a section; write [{place}] on a line of its own, its keys below it")
_SENTENCES = {
    "bool_type": mark(
        "{value} is neither true nor false; write true or false without quotation marks"
    ),
    "dict_type": _SECTION,
    "finite_number": mark("{value} is not a number that can be used; write a finite one"),
    "float_type": mark("{value} is not a number; write a number without quotation marks"),
    "greater_than": mark("{value} is too small; write a number above {bound}"),
    "greater_than_equal": mark("{value} is too small; write {bound} or more"),
    "int_type": mark("{value} is not a whole number; write digits only, without quotation marks"),
    "less_than_equal": mark("{value} is too large; write {bound} or less"),
    "list_type": mark("{value} is not a list; write it in brackets, as in {listed}"),
    "literal_error": mark("{value} is not known; write {expected}"),
    "model_type": _SECTION,
    "string_type": mark("{value} is not a text; write it between quotation marks"),
}


def sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """Say the first thing wrong in one sentence: an unknown key before anything else.

    Parameters
    ----------
    error : what validating the file's contents raised.
    model : the model that was validated.
    """
    found = error.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    # an item of a list is named by its value, not by its position
    where = [part for part in first["loc"] if isinstance(part, str)]
    section, place = ".".join(where[:-1]), ".".join(where)
    key = where[-1] if where else ""
    if first["type"] == "extra_forbidden":
        for part in where[:-1]:
            model = _inner(model, part)
        hint = nearest_sentence(key, keys(model))
        if not section:
            return _("unknown key '{key}'; {hint}", key=key, hint=hint)
        return _("unknown key '{key}' in [{section}]; {hint}", key=key, section=section, hint=hint)
    if first["type"] == "missing":
        if key in ("offenses", "mahallas", "columns"):
            return _("[{section}] is missing; add the section", section=place)
        return _("[{section}] {key} is missing; add it", section=section, key=key)
    if first["type"] == "value_error":
        message = first["msg"].removeprefix("Value error, ")
    else:
        message = _say(first["type"], first["input"], place, first.get("ctx", {}))
    return f"{place}: {message}" if place else message


def _say(fault: str, value: object, place: str, context: dict[str, Any]) -> str:
    bound = next((context[key] for key in ("gt", "ge", "le") if key in context), 0)
    return _(
        _SENTENCES[fault],
        value=shown(value),
        place=place,
        listed=json.dumps([value], ensure_ascii=False, default=str),
        bound=f"{bound:g}",
        expected=_either(context.get("expected", "")),
    )


def _either(expected: str) -> str:
    """Say pydantic's list of what is possible, 'a', 'b' or 'c', in the language spoken."""
    *others, last = re.findall(r"'[^']*'|\d+", expected) or [expected]
    return _("{others} or {last}", others=", ".join(others), last=last) if others else last


def keys(model: type[BaseModel]) -> list[str]:
    """Return the keys of a section as the file writes them."""
    return [field.alias or name for name, field in model.model_fields.items() if name != "folder"]


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the section that a field holds, or None where it holds a value."""
    for option in getattr(annotation, "__args__", (annotation,)):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def shown(value: object) -> str:
    """Write a value as the file has it, in single quotation marks where it is a text."""
    if isinstance(value, str):
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False, default=str)


def _inner(model: type[BaseModel], key: str) -> type[BaseModel]:
    field = model.model_fields.get(key)
    return (section_of(field.annotation) if field else None) or model
