"""A list of names matched to a gazetteer, without offenses: what ``hotspot match`` does."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.folder import write_csv
from hotspot.language import _
from hotspot.loaders.gazetteer import ANSWER, build_gazetteer, match_names
from hotspot.loaders.headings import MAHALLA_FIELDS, propose_columns
from hotspot.loaders.layers import is_layer, read_layer
from hotspot.loaders.tables import find_format, read_table
from hotspot.whole import write_whole

OUTCOMES = ("matched", "ambiguous", "suggested", "not_found")
ASKED = ("name", "district", "region", "stir")


def match_list(
    names: Path,
    gazetteer: Path,
    *,
    out: Path,
    headings: Mapping[str, str] | None = None,
    gazetteer_headings: Mapping[str, str] | None = None,
    on: datetime.date | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> pd.DataFrame:
    """Match the names of a table to the mahallas of another.

    Parameters
    ----------
    names : a table with a column ``name`` or ``stir`` (the tax number) and, where known,
        ``district`` and ``region``.
    gazetteer : a table or layer with ``code`` and ``name`` and, where it has them, ``name_cyrl,
        name_ru, district, region, stir, valid_from, valid_to``.
    out : the CSV file to write: the input's columns and rows in their order, then ``outcome, code,
        level, score, candidates``.
    headings, gazetteer_headings : other headings of these columns; where a column is neither named
        nor called so, its heading is proposed from what stands under it.
    on : only the mahallas valid on this day; without it old names count as well.
    progress : called with a few words before each step.

    Returns
    -------
    DataFrame
        What was written.

    Raises
    ------
    InputError
        A file cannot be read, or a column is missing.
    """
    progress(_("reading the gazetteer"))
    known = _read(gazetteer)
    columns = _columns(known, dict(gazetteer_headings or {}), ("code", "name"), gazetteer)
    places = known[list(columns.values())].set_axis(list(columns), axis=1)
    progress(_("reading the names"))
    table = _read(names)
    asked = _asked(table, dict(headings or {}), names)
    progress(_("matching"))
    typed = table[list(asked.values())].set_axis(list(asked), axis=1)
    answers = match_names(
        typed if "name" in typed else typed.assign(name=""),
        build_gazetteer(places.dropna(subset=["code"]), on=on),
    )
    # the input's columns stay as they are; ours give way
    answers.columns = pd.Index([_free_name(column, table) for column in ANSWER])
    matched = table.join(answers).reset_index(drop=True)
    write_whole(out, lambda made: write_csv(matched, made))
    return matched


def count_outcomes(matched: pd.DataFrame) -> dict[str, int]:
    """Count the outcomes of a matched table, whatever the column is called."""
    outcome = matched.iloc[:, -len(ANSWER)]
    return {name: int((outcome == name).sum()) for name in OUTCOMES}


def _free_name(column: str, table: pd.DataFrame) -> str:
    while column in table:
        column = f"match_{column}"
    return column


def _read(path: Path) -> pd.DataFrame:
    if is_layer(path):
        frame = read_layer(path)[0]
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return read_table(path, find_format(path, known=(*ASKED, "code"))).frame


def _columns(
    table: pd.DataFrame, given: dict[str, str], needed: tuple[str, ...], path: Path
) -> dict[str, str]:
    """Return the gazetteer's heading of each field: given, or proposed by what stands there."""
    for heading in given.values():
        _demand(table, heading, path, "--gazetteer-column")
    free = table.drop(columns=list(given.values()))
    left = [field for field in MAHALLA_FIELDS if field not in given]
    # also of a column called so: one layer's `code` is the district's, the same in every row
    proposals = propose_columns(free, left).items()
    # but what stands there alone makes no code of the names
    proposed = {f: str(p.heading) for f, p in proposals if p.sure or p.heading not in left}
    # several names of one mahalla stand in several rows, so that a code need not be unique
    called = {field: field for field in left if field in free and field not in proposed}
    used = set(proposed.values())
    found = {f: h for f, h in called.items() if h not in used} | proposed | given
    for field in needed:
        if field not in found:
            raise InputError(
                _(
                    "{path}: no column holds the {field} of a mahalla; give its heading with "
                    "--gazetteer-column {field}=HEADING, known are: {headings}",
                    path=path,
                    field=field,
                    headings=", ".join(map(str, table)),
                )
            )
    return {field: found[field] for field in MAHALLA_FIELDS if field in found}


def _asked(table: pd.DataFrame, given: dict[str, str], path: Path) -> dict[str, str]:
    for heading in given.values():
        _demand(table, heading, path, "--column")
    asked = {field: given.get(field, field) for field in ASKED}
    if asked["stir"] not in table:
        _demand(table, asked["name"], path, "--column name=HEADING")
    return {field: heading for field, heading in asked.items() if heading in table}


def _demand(table: pd.DataFrame, heading: str, path: Path, option: str) -> None:
    if heading not in table:
        raise InputError(
            _(
                "{path}: there is no column '{heading}', choose one with {option}; {hint}",
                path=path,
                heading=heading,
                option=option,
                hint=nearest_sentence(heading, map(str, table.columns)),
            )
        )
