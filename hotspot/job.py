"""The job file: what to read, what counts, where the month's folder goes.

TOML in UTF-8; relative paths are relative to the file. An unknown key is an error that names the
nearest known one, so that a misspelt setting is never ignored in silence.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from hotspot.errors import JobError, nearest_sentence
from hotspot.language import _
from hotspot.sections import (
    CriteriaChoice,
    Density,
    FilePath,
    Ledger,
    Mahallas,
    Month,
    Offenses,
    Report,
    Section,
    check_month,
)
from hotspot.validation import keys, section_of, sentence


class Job(Section):
    """One monthly job. Make it with :func:`read_job`."""

    offenses: Offenses
    mahallas: Mahallas
    month: Month | None = None
    output: FilePath = "out"
    criteria: CriteriaChoice = CriteriaChoice()
    density: Density = Density()
    report: Report = Report()
    ledger: Ledger | None = None
    folder: Path = Path()

    def resolve(self, path: str) -> Path:
        """Return a path of the job, relative ones taken from the job file's folder."""
        return self.folder / path


def read_job(path: str | Path) -> Job:
    """Read a job file.

    Parameters
    ----------
    path : path of a TOML file, UTF-8 with or without BOM.

    Returns
    -------
    Job
        Frozen; ``job.resolve(p)`` gives its paths.

    Raises
    ------
    JobError
        The file is missing, not UTF-8, not TOML, or a key is unknown, missing or wrong.
    """
    path = Path(path)
    data = read_toml(path)
    if "folder" in data:
        raise JobError(
            _(
                "{path}: unknown key 'folder'; {hint}",
                path=path,
                hint=nearest_sentence("folder", keys(Job)),
            )
        )
    try:
        job = Job.model_validate({**data, "folder": path.parent}, strict=None)
    except ValidationError as error:
        raise JobError(f"{path}: {sentence(error, Job)}") from None
    return job


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, with a sentence for what people get wrong in one."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise JobError(_("{path}: there is no such file; check the path", path=path)) from None
    except IsADirectoryError:
        raise JobError(_("{path}: this is a folder; give the TOML file in it", path=path)) from None
    except PermissionError:
        raise JobError(
            _("{path}: the file may not be read; check its permissions", path=path)
        ) from None
    except UnicodeDecodeError:
        raise JobError(
            _("{path}: the file is not UTF-8; save it again as UTF-8", path=path)
        ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        reason, number = found.groups() if found else (str(error), None)
        lines = text.rstrip().split("\n")
        number = int(number or len(lines))
        line = lines[number - 1].strip()
        if "\\" in line:
            raise JobError(
                _(
                    "{path}: line {number} has a backslash: {line}; write paths with /, as in "
                    "'C:/data/offenses.csv'",
                    path=path,
                    number=number,
                    line=line,
                )
            ) from None
        raise JobError(
            _(
                "{path}: line {number} is not valid TOML: {line} ({reason}); mend it, texts stand "
                "between straight quotation marks",
                path=path,
                number=number,
                line=line,
                reason=reason,
            )
        ) from None


def month_of(text: str) -> pd.Period:
    """Return YYYY-MM as a month.

    Examples
    --------
    >>> month_of("2025-01")
    Period('2025-01', 'M')
    """
    try:
        return pd.Period(check_month(text), freq="M")
    except ValueError as error:
        raise JobError(str(error)) from None


def known_keys() -> list[str]:
    """Return every key of a job file, dotted, in order: what the documentation must explain."""

    def walk(model: type[BaseModel], prefix: str) -> list[str]:
        keys: list[str] = []
        for name, field in model.model_fields.items():
            if name == "folder":
                continue
            dotted = prefix + (field.alias or name)
            inner = section_of(field.annotation)
            keys += walk(inner, dotted + ".") if inner else [dotted]
        return keys

    return walk(Job, "")
