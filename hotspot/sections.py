"""The sections of a job file: their keys, and what their values must be."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from hotspot import columns as tables
from hotspot.language import _
from hotspot.validation import shown

# what a backslash became where it was written between double quotation marks
_ESCAPED = str.maketrans({"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"})


class Section(BaseModel):
    """A section: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def check_month(value: object) -> str:
    """Refuse what is not a month written YYYY-MM."""
    if not isinstance(value, str) or not re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", value):
        raise ValueError(
            _("'{value}' is not a month; write it as YYYY-MM, for example 2025-01", value=value)
        )
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(
            _("{value} is not a path; write one between quotation marks", value=shown(value))
        )
    written = value.translate(_ESCAPED)
    if "\\" in written:
        # a network path begins with two
        start = "/" if written.startswith("\\\\") else ""
        remedy = start + re.sub(r"\\+", "/", written)
        raise ValueError(
            _(
                "'{written}' has backslashes; write the path with /, as in '{remedy}'",
                written=written,
                remedy=remedy,
            )
        )
    return value


def _heading(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(
            _(
                "{value} is not a heading; write the column's heading between quotation marks",
                value=shown(value),
            )
        )
    return value


def _headings(value: object) -> object:
    """Accept one heading, or several where a date is split over columns."""
    for heading in value if isinstance(value, list) and value else [value]:
        _heading(heading)
    return value


def _group_names(groups: dict[str, str]) -> dict[str, str]:
    """Refuse a group whose table or column would stand where another is."""
    taken = {"geometry", "area_km2", "repair", *MahallaColumns.model_fields}
    taken |= {*tables.TABLES, *tables.names("districts")}
    for name in groups:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
            raise ValueError(
                _(
                    "'{name}' cannot name a group's table; begin with a letter from a to z and go "
                    "on with letters, digits, _ or -, as in 'sector'",
                    name=name,
                )
            )
        # Windows takes Sector.csv and sector.csv for the same file
        if name.casefold() in taken:
            raise ValueError(
                _(
                    "'{name}' is already the name of a table or column; choose another, as in "
                    "'{name}_group'",
                    name=name,
                )
            )
        taken.add(name.casefold())
    return groups


Month = Annotated[str, BeforeValidator(check_month)]
FilePath = Annotated[str, BeforeValidator(_path)]
Heading = Annotated[str, BeforeValidator(_heading)]


class OffenseColumns(Section):
    """The offense file's heading for each field."""

    date: Annotated[str | list[str], BeforeValidator(_headings)]
    id: Heading | None = None
    kind: Heading | None = None
    longitude: Heading | None = None
    latitude: Heading | None = None
    mahalla_code: Heading | None = None
    mahalla: Heading | None = None
    district: Heading | None = None
    registered: Heading | None = None

    @model_validator(mode="after")
    def _can_place(self) -> OffenseColumns:
        if (self.longitude is None) != (self.latitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            raise ValueError(
                _("{missing} is missing; coordinates need both, add its heading", missing=missing)
            )
        if self.longitude is not None and self.longitude == self.latitude:
            raise ValueError(
                _(
                    "longitude and latitude both have the heading '{longitude}'; give each its own",
                    longitude=self.longitude,
                )
            )
        if self.mahalla_code is None and self.longitude is None and self.mahalla is None:
            raise ValueError(
                _(
                    "no way to place a record; give the heading of mahalla_code, of both "
                    "longitude and latitude, or of mahalla"
                )
            )
        return self


class Kinds(Section):
    """Which kinds of offense count, go together, and weigh how much."""

    counted: list[str] | None = None
    excluded: list[str] = []
    sensitive: list[str] = []
    groups: dict[str, list[str]] = {}
    weights: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    weight_default: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None

    @model_validator(mode="after")
    def _no_contradiction(self) -> Kinds:
        both = sorted(set(self.counted or []) & set(self.excluded))
        if both:
            raise ValueError(
                _("'{kind}' is both counted and excluded; keep it in one list", kind=both[0])
            )
        if self.counted == []:
            raise ValueError(
                _("counted is empty, so nothing would count; name kinds or leave it out")
            )
        for group, kinds in self.groups.items():
            if not group.strip():
                raise ValueError(_("a group has no name; write one, as in 'youth'"))
            if not kinds:
                raise ValueError(
                    _("the group '{group}' is empty; name its kinds or leave it out", group=group)
                )
        if self.weight_default is not None and not self.weights:
            raise ValueError(
                _(
                    "weight_default is given and no weight is; add [offenses.kinds.weights], or "
                    "leave it out"
                )
            )
        return self


class Offenses(Section):
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
    tolerance_m: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    decisions: FilePath | None = None
    aliases: FilePath | None = None
    repeated_ids: Literal["reject", "keep"] = "reject"
    kinds: Kinds = Kinds()

    @model_validator(mode="after")
    def _one_source(self) -> Offenses:
        if self.path is None and self.url is None:
            raise ValueError(_("path is missing; add it, or url and query for a database"))
        if self.path is not None and self.url is not None:
            raise ValueError(
                _("path '{path}' and url are both given; keep one of them", path=self.path)
            )
        if (self.url is None) != (self.query is None):
            given, missing = ("url", "query") if self.query is None else ("query", "url")
            raise ValueError(
                _(
                    "{given} is given and {missing} is not; add {missing}",
                    given=given,
                    missing=missing,
                )
            )
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError(
                _("from {start} is after to {end}; mend one of them", start=self.from_, end=self.to)
            )
        for key in ("decisions", "aliases"):
            if getattr(self, key) is not None and self.columns.mahalla is None:
                raise ValueError(
                    _(
                        "{key} '{path}' is for names, and no column of the records holds them; "
                        "give the heading of mahalla in [offenses.columns]",
                        key=key,
                        path=getattr(self, key),
                    )
                )
        return self


class MahallaColumns(Section):
    """The mahalla table's heading for each field."""

    code: Heading
    name: Heading | None = None
    name_cyrl: Heading | None = None
    name_ru: Heading | None = None
    district: Heading | None = None
    region: Heading | None = None
    population: Heading | None = None
    stir: Heading | None = None
    valid_from: Heading | None = None
    valid_to: Heading | None = None


class Mahallas(Section):
    """The mahallas: their table, polygons and neighbours."""

    path: FilePath
    columns: MahallaColumns
    layer: str | None = None
    polygons: FilePath | None = None
    crs: str | None = None
    encoding: str | None = None
    neighbours: FilePath | None = None
    border_tolerance_m: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 5.0
    nearest: Annotated[int, Field(ge=0, le=20)] = 0
    crosswalk: FilePath | None = None
    groups: Annotated[dict[str, Heading], AfterValidator(_group_names)] = {}


class CriteriaChoice(Section):
    """Which criteria set to apply."""

    use: str | None = None
    path: FilePath | None = None

    @model_validator(mode="after")
    def _one(self) -> CriteriaChoice:
        if self.use is not None and self.path is not None:
            raise ValueError(
                _(
                    "use '{use}' and path '{path}' are both given; keep one of them",
                    use=self.use,
                    path=self.path,
                )
            )
        return self


class Density(Section):
    """The kernel density's settings."""

    bandwidth_m: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class Report(Section):
    """Who reads it."""

    languages: list[Literal["uz", "uz_Cyrl", "ru", "en"]] = ["en"]
    public: bool = False
    classes: Literal[3, 2] = 3
    paper: Literal["A4", "A3"] = "A4"

    @model_validator(mode="after")
    def _consistent(self) -> Report:
        if self.classes == 2 and not self.public:
            raise ValueError(
                _("classes is 2, and public is not true; add public = true, or leave classes out")
            )
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise ValueError(
                _(
                    "languages has none or one of them twice; write each once, the main one "
                    'first, as in languages = ["uz", "ru"]'
                )
            )
        return self


class Ledger(Section):
    """The record of what was published."""

    path: FilePath
