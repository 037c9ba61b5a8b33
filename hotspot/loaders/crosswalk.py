"""Old codes of mahallas and the new ones that took their place: renamed, merged or split."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.attributes import as_days
from hotspot.loaders.figures import clean_codes, column_of, find_decimal, parse_numbers
from hotspot.loaders.tables import find_format, read_table

COLUMNS = ["old_code", "new_code", "share", "date"]
TOLERANCE = 1e-6
"""How far from 1 the shares of an old code may add up to."""


def read_crosswalk(path: Path, codes: pd.Index, *, on: datetime.date) -> pd.DataFrame:
    """Read which new codes took the place of the old ones, as it stands on a day.

    Parameters
    ----------
    path : Path
        A table with the columns ``old_code, new_code, share, date`` in any case: the new codes are
        in force from the date on, and the shares of an old code add up to 1.
    codes : Index of str
        The codes of the mahallas that are valid on the day.
    on : date
        The day. A row counts once its date has come; before that only where the mahallas of the
        day no longer have the old code, as in a layer without earlier versions.

    Returns
    -------
    DataFrame
        ``old_code, new_code, share, date``, sorted, every new code one of `codes`: several steps
        are taken at once, their shares multiplied, under the date of the last.

    Raises
    ------
    InputError
        A column or a cell is missing, a date or share cannot be read, a share lies outside (0, 1],
        the shares do not add up to 1, a row stands twice, an old code ends on two days, leads back
        to itself or ends before it begins, or is still valid; or a new code is no mahalla's.
    """
    table = _read(path)
    _check_shares(path, table)
    _check_steps(path, table)
    day = pd.Timestamp(on)
    due = table["date"] <= day
    alive = table["old_code"].isin(codes)
    if (due & alive).any():
        row = table[due & alive].iloc[0]
        raise InputError(
            _(
                "{path}: the old code '{old_code}' ends with {date} and is still a mahalla's on "
                "{day}; give its version in the mahallas a valid_to, or leave its rows out",
                path=path,
                old_code=row["old_code"],
                date=f"{row['date']:%Y-%m-%d}",
                day=f"{day:%Y-%m-%d}",
            )
        )
    steps = _take_steps(table[due | ~alive])
    unknown = ~steps["new_code"].isin(codes)
    late = unknown & (steps["date"] <= day)
    if late.any():
        row = steps[late].iloc[0]
        raise InputError(
            _(
                "{path}: the new code '{new_code}' of '{old_code}' is no mahalla's on {day}; "
                "{hint}",
                path=path,
                new_code=row["new_code"],
                old_code=row["old_code"],
                day=f"{day:%Y-%m-%d}",
                hint=nearest_sentence(row["new_code"], codes),
            )
        )
    # of a change to come the new codes need not be there yet
    ready = ~steps["old_code"].isin(steps["old_code"][unknown])
    return steps[ready].reset_index(drop=True)


def _read(path: Path) -> pd.DataFrame:
    frame = read_table(path, find_format(path)).frame
    headings = {str(heading).strip().casefold(): heading for heading in frame.columns}
    for column in COLUMNS:
        if column not in headings:
            raise InputError(
                _(
                    "{path}: there is no column '{column}'; a crosswalk has the columns old_code, "
                    "new_code, share and date",
                    path=path,
                    column=column,
                )
            )
    cells = frame[[headings[column] for column in COLUMNS]].set_axis(COLUMNS, axis=1)
    table = pd.DataFrame(
        {
            "old_code": clean_codes(cells["old_code"], where=column_of(path, "old_code")),
            "new_code": clean_codes(cells["new_code"], where=column_of(path, "new_code")),
            "share": parse_numbers(cells["share"], decimal=find_decimal(cells["share"])),
            "date": as_days(cells["date"], source=str(path)),
        }
    )
    for column in ("old_code", "new_code", "date"):
        if table[column].isna().any():
            row = table.index[table[column].isna()][0]
            raise InputError(
                _(
                    "{path}: row {row} has no {column}; fill it in, or leave the whole row out",
                    path=path,
                    row=row,
                    column=column,
                )
            )
    wrong = ~(table["share"].gt(0) & table["share"].le(1))
    if wrong.any():
        row = table.index[wrong][0]
        given = "" if pd.isna(cells.loc[row, "share"]) else cells.loc[row, "share"]
        raise InputError(
            _(
                "{path}: the share '{given}' in row {row} is no number above 0 and up to 1; write "
                "the part of the old mahalla that went to the new one, 1 for all of it",
                path=path,
                given=given,
                row=row,
            )
        )
    return table.sort_values(COLUMNS, ignore_index=True)


def _check_shares(path: Path, table: pd.DataFrame) -> None:
    """Refuse an old code that stands twice, ends twice, or is not handed on in full."""
    twice = table[table.duplicated(["old_code", "new_code", "date"])]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(
            _(
                "{path}: the old code '{old_code}' goes to '{new_code}' in two rows; keep one",
                path=path,
                old_code=row["old_code"],
                new_code=row["new_code"],
            )
        )
    days = table.groupby("old_code")["date"].agg(["min", "max"])
    several = days[days["min"] < days["max"]]
    if len(several):
        first, second = several.iloc[0]
        raise InputError(
            _(
                "{path}: the old code '{old_code}' ends on two days, {first} and {second}; give "
                "all its rows one date",
                path=path,
                old_code=several.index[0],
                first=f"{first:%Y-%m-%d}",
                second=f"{second:%Y-%m-%d}",
            )
        )
    sums = table.groupby("old_code")["share"].sum()
    wrong = sums[(sums - 1).abs() > TOLERANCE]
    if len(wrong):
        raise InputError(
            _(
                "{path}: the shares of the old code '{old_code}' add up to {total}; they must add "
                "up to 1",
                path=path,
                old_code=wrong.index[0],
                total=f"{wrong.iloc[0]:.7g}",
            )
        )


def _check_steps(path: Path, table: pd.DataFrame) -> None:
    """Refuse codes that lead back to themselves, or end before they begin."""
    left = table
    while len(left):
        on_way = left["old_code"][left["new_code"].isin(left["old_code"])]
        done = ~left["old_code"].isin(on_way)
        if not done.any():
            raise InputError(
                _(
                    "{path}: the old code '{old_code}' leads back to itself; a code that is taken "
                    "back stays valid and has no rows",
                    path=path,
                    old_code=_find_cycle(left),
                )
            )
        left = left[~done]
    steps = table.merge(table, left_on="new_code", right_on="old_code", suffixes=("", "_next"))
    wrong = steps[steps["date_next"] <= steps["date"]]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            _(
                "{path}: the code '{new_code}' ends with {end} and begins with {date}, when it "
                "takes the place of '{old_code}'; correct one of the dates",
                path=path,
                new_code=row["new_code"],
                end=f"{row['date_next']:%Y-%m-%d}",
                date=f"{row['date']:%Y-%m-%d}",
                old_code=row["old_code"],
            )
        )


def _find_cycle(table: pd.DataFrame) -> str:
    """Return a code that is on a cycle; every old code leads to another."""
    onwards = table[table["new_code"].isin(table["old_code"])].groupby("old_code")["new_code"].min()
    code, passed = str(onwards.index[0]), set[str]()
    while code not in passed:
        passed.add(code)
        code = str(onwards[code])
    return code


def _take_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Return where each old code leads to in the end, all its parts under the last date."""
    rows = table
    while (on_way := rows["new_code"].isin(table["old_code"])).any():
        steps = rows[on_way].merge(
            table, left_on="new_code", right_on="old_code", suffixes=("", "_next")
        )
        taken = pd.DataFrame(
            {
                "old_code": steps["old_code"],
                "new_code": steps["new_code_next"],
                "share": steps["share"] * steps["share_next"],
                "date": steps["date_next"],
            }
        )
        rows = pd.concat([rows[~on_way], taken], ignore_index=True).sort_values(COLUMNS)
    rows = rows.groupby(["old_code", "new_code"], as_index=False).agg(
        {"share": "sum", "date": "max"}
    )
    return rows.assign(date=rows.groupby("old_code")["date"].transform("max"))
