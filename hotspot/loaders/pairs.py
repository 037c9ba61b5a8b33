"""Pairs of neighbours that a user gives, instead of or beside what the borders say."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.figures import clean_codes, column_of
from hotspot.loaders.tables import find_format, read_table


def read_pairs(path: Path) -> pd.DataFrame:
    """Read a table of neighbours.

    Parameters
    ----------
    path : any table with the columns ``mahalla_code`` and ``neighbour_code``.

    Returns
    -------
    DataFrame
        These two columns as text, rows with an empty cell left out.

    Raises
    ------
    InputError
        The file cannot be read or lacks a column.
    """
    frame = read_table(path, find_format(path)).frame
    wanted = ["mahalla_code", "neighbour_code"]
    for column in wanted:
        if column not in frame:
            raise InputError(
                _(
                    "{path}: the column '{column}' is missing; a table of neighbours has the "
                    "columns mahalla_code and neighbour_code",
                    path=path,
                    column=column,
                )
            )
    codes = {column: clean_codes(frame[column], where=column_of(path, column)) for column in wanted}
    return pd.DataFrame(codes).dropna().reset_index(drop=True)
