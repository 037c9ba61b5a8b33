"""The job file: what to read, what counts, where the month's folder goes.

TOML in UTF-8; relative paths are relative to the file. An unknown key is an error that names the
nearest known one, so that a misspelt setting is never ignored in silence.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from hotspot.errors import JobError, nearest_sentence


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _month(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError(f"'{value}' is not a month; write it as YYYY-MM, for example 2025-01")
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"'{value}' is not a path; write it between quotation marks")
    if "\\" in value:
        raise ValueError(
            f"'{value}' has backslashes; write the path with /, as in "
            f"'{re.sub(chr(92) * 4, '/', value).replace(chr(92), '/')}'"
        )
    return value


Month = Annotated[str, BeforeValidator(_month)]
FilePath = Annotated[str, BeforeValidator(_path)]


class OffenseColumns(_Section):
    """The offense file's heading for each field."""

    date: str | list[str]
    id: str | None = None
    kind: str | None = None
    longitude: str | None = None
    latitude: str | None = None
    mahalla_code: str | None = None
    mahalla: str | None = None
    district: str | None = None
    registered: str | None = None

    @model_validator(mode="after")
    def _can_place(self) -> OffenseColumns:
        if (self.longitude is None) != (self.latitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            raise ValueError(f"{missing} is missing; coordinates need both columns")
        if self.mahalla_code is None and self.longitude is None:
            raise ValueError(
                "no way to place a record; give the heading of mahalla_code, or of both "
                "longitude and latitude"
            )
        return self


class Kinds(_Section):
    """Which kinds of offense count."""

    counted: list[str] | None = None
    excluded: list[str] = []
    sensitive: list[str] = []
    groups: dict[str, list[str]] = {}

    @model_validator(mode="after")
    def _no_contradiction(self) -> Kinds:
        both = sorted(set(self.counted or []) & set(self.excluded))
        if both:
            raise ValueError(f"'{both[0]}' is both counted and excluded; keep it in one list")
        if self.counted == []:
            raise ValueError("counted is empty, so nothing would count; name kinds or leave it out")
        return self


class Offenses(_Section):
    """The offense records and how to read them."""

    columns: OffenseColumns
    path: FilePath | None = None
    url: str | None = None
    query: str | None = None
    crs: str = "EPSG:4326"
    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[",", "."] | None = None
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    date_format: str | None = None
    from_: Annotated[Month | None, Field(alias="from")] = None
    to: Month | None = None
    tolerance_m: Annotated[float, Field(ge=0, strict=False)] = 0.0
    decisions: FilePath | None = None
    aliases: FilePath | None = None
    kinds: Kinds = Kinds()

    @model_validator(mode="after")
    def _one_source(self) -> Offenses:
        if (self.path is None) == (self.url is None):
            raise ValueError("give either path or url, one of the two")
        if (self.url is None) != (self.query is None):
            raise ValueError("url and query go together; give both or neither")
        for key in ("decisions", "aliases"):
            if getattr(self, key) is not None:
                raise ValueError(f"{key} needs names, which this version does not match; remove it")
        return self


class MahallaColumns(_Section):
    """The mahalla table's heading for each field."""

    code: str
    name: str | None = None
    name_cyrl: str | None = None
    name_ru: str | None = None
    district: str | None = None
    region: str | None = None
    population: str | None = None
    stir: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class Mahallas(_Section):
    """The mahallas: their table, polygons and neighbours."""

    path: FilePath
    columns: MahallaColumns
    layer: str | None = None
    polygons: FilePath | None = None
    crs: str | None = None
    encoding: str | None = None
    neighbours: FilePath | None = None
    border_tolerance_m: Annotated[float, Field(ge=0, strict=False)] = 5.0
    nearest: Annotated[int, Field(ge=0, le=20)] = 0
    crosswalk: FilePath | None = None
    groups: dict[str, str] = {}

    @model_validator(mode="after")
    def _later(self) -> Mahallas:
        if self.crosswalk is not None:
            raise ValueError("crosswalk is not applied in this version; remove it")
        return self


class CriteriaChoice(_Section):
    """Which criteria set to apply."""

    use: str | None = None
    path: FilePath | None = None

    @model_validator(mode="after")
    def _one(self) -> CriteriaChoice:
        if self.use is not None and self.path is not None:
            raise ValueError("give either use or path, not both")
        return self


class Density(_Section):
    """The kernel density's settings."""

    bandwidth_m: Annotated[float, Field(gt=0, strict=False)] | None = None


class Report(_Section):
    """Who reads it."""

    languages: list[Literal["uz", "uz_Cyrl", "ru", "en"]] = ["en"]
    public: bool = False

    @model_validator(mode="after")
    def _later(self) -> Report:
        if self.public:
            raise ValueError("public = true is refused: this version has no public mode")
        if self.languages != ["en"]:
            raise ValueError('only languages = ["en"] can be written in this version')
        return self


class Ledger(_Section):
    """The record of what was published."""

    path: FilePath


class Job(_Section):
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
        raise JobError(f"{path}: unknown key 'folder'; {nearest_sentence('folder', _keys(Job))}")
    try:
        job = Job.model_validate({**data, "folder": path.parent}, strict=None)
    except ValidationError as error:
        raise JobError(f"{path}: {_sentence(error)}") from None
    if job.ledger is not None and job.resolve(job.ledger.path).exists():
        raise JobError(
            f"{path}: [ledger] path '{job.ledger.path}' exists, and this version cannot read a "
            "ledger; remove [ledger]"
        )
    return job


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, with a sentence for what people get wrong in one."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise JobError(f"{path}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise JobError(f"{path}: this is a folder; give the TOML file in it") from None
    except PermissionError:
        raise JobError(f"{path}: the file may not be read; check its permissions") from None
    except UnicodeDecodeError:
        raise JobError(f"{path}: the file is not UTF-8; save it again as UTF-8") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = text.splitlines()[int(found.group(1)) - 1].strip() if found else ""
        if "\\" in line:
            raise JobError(
                f"{path}: line {found.group(1) if found else '?'} has a backslash in "
                f"{line!r}; write paths with /, as in 'C:/data/offenses.csv'"
            ) from None
        raise JobError(f"{path}: not valid TOML, {error}; mend that line") from None


def month_of(text: str) -> pd.Period:
    """Return YYYY-MM as a month.

    Examples
    --------
    >>> month_of("2025-01")
    Period('2025-01', 'M')
    """
    try:
        return pd.Period(_month(text), freq="M")
    except ValueError as error:
        raise JobError(f"{error}") from None


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if name != "folder"]


def known_keys() -> list[str]:
    """Return every key of a job file, dotted, in order: what the documentation must explain."""

    def walk(model: type[BaseModel], prefix: str) -> list[str]:
        keys: list[str] = []
        for name, field in model.model_fields.items():
            if name == "folder":
                continue
            dotted = prefix + (field.alias or name)
            inner = _section_of(field.annotation)
            keys += walk(inner, dotted + ".") if inner else [dotted]
        return keys

    return walk(Job, "")


def _section_of(annotation: Any) -> type[BaseModel] | None:
    options = getattr(annotation, "__args__", (annotation,))
    for option in options:
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _sentence(error: ValidationError) -> str:
    """Say the first thing wrong in one sentence: an unknown key before anything else."""
    found = error.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    where = [str(part) for part in first["loc"]]
    key, section = where[-1] if where else "", ".".join(where[:-1])
    if first["type"] == "extra_forbidden":
        model: type[BaseModel] = Job
        for part in where[:-1]:
            inner = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
            model = (_section_of(inner.annotation) if inner else None) or model
        place = f" in [{section}]" if section else ""
        return f"unknown key '{key}'{place}; {nearest_sentence(key, _keys(model))}"
    if first["type"] == "missing":
        if key in ("offenses", "mahallas", "columns"):
            return f"[{'.'.join(where)}] is missing; add the section"
        return f"[{section}] {key} is missing; add it"
    message = first["msg"].removeprefix("Value error, ")
    # a union reports the alternative it tried as a last part of the place
    place = ".".join(p for p in where if p not in ("str", "list[str]", "from_"))
    if first["type"] != "value_error":
        message = f"{message[0].lower()}{message[1:]}, found {first['input']!r}"
    return f"{place}: {message}" if place else message
