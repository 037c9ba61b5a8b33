"""What pydantic found wrong in a job file, as one sentence with the remedy."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError

from hotspot.errors import nearest_sentence

_SECTION = "{value} is not a section; write [{place}] on a line of its own, its keys below it"
_SENTENCES = {
    "bool_type": "{value} is neither true nor false; write true or false without quotation marks",
    "dict_type": _SECTION,
    "finite_number": "{value} is not a number that can be used; write a finite one",
    "float_type": "{value} is not a number; write a number without quotation marks",
    "greater_than": "{value} is too small; write a number above {gt:g}",
    "greater_than_equal": "{value} is too small; write {ge:g} or more",
    "int_type": "{value} is not a whole number; write digits only, without quotation marks",
    "less_than_equal": "{value} is too large; write {le:g} or less",
    "list_type": "{value} is not a list; write it in brackets, as in {listed}",
    "literal_error": "{value} is not known; write {expected}",
    "model_type": _SECTION,
    "string_type": "{value} is not a text; write it between quotation marks",
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
    inside = f" in [{section}]" if section else ""
    if first["type"] == "extra_forbidden":
        for part in where[:-1]:
            model = _inner(model, part)
        return f"unknown key '{where[-1]}'{inside}; {nearest_sentence(where[-1], keys(model))}"
    if first["type"] == "missing":
        if where[-1] in ("offenses", "mahallas", "columns"):
            return f"[{place}] is missing; add the section"
        return f"[{section}] {where[-1]} is missing; add it"
    if first["type"] == "value_error":
        message = first["msg"].removeprefix("Value error, ")
    else:
        value = first["input"]
        message = _SENTENCES[first["type"]].format(
            value=shown(value),
            place=place,
            listed=json.dumps([value], ensure_ascii=False, default=str),
            **first.get("ctx", {}),
        )
    return f"{place}: {message}" if place else message


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
