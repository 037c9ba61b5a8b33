"""A table's cells as offense records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from hotspot.loaders.dates import DateFormat, parse_dates
from hotspot.loaders.figures import clean_codes, column_of, parse_numbers
from hotspot.loaders.text import text_of, texts_of

Columns = Mapping[str, str | Sequence[str]]


def offense_frame(
    table: pd.DataFrame,
    *,
    columns: Columns,
    forms: Mapping[str, DateFormat],
    decimal: str,
    source: str,
) -> pd.DataFrame:
    """Return the records of a table in the one form that `read_offenses` describes.

    Parameters
    ----------
    table
        Cells as found, indexed by the number of the row.
    columns
        The heading of each field.
    forms
        How the dates are read: "date" and, where the field is there, "registered".
    decimal
        The decimal mark of coordinates kept as text.
    source
        The file, for the sentences.
    """
    nothing = pd.Series(None, index=table.index, dtype="str")

    def cells(name: str) -> pd.Series:
        return table[text_of(columns[name])] if name in columns else nothing

    def codes(name: str) -> pd.Series:
        return clean_codes(cells(name), where=column_of(source, columns.get(name, name)))

    dates = cells_of(table, columns["date"])
    no_day = pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
    registered = (
        parse_dates(cells("registered"), forms["registered"]) if "registered" in forms else no_day
    )
    frame = pd.DataFrame(
        {
            "row": table.index.to_numpy(dtype="int64"),
            "id": codes("id"),
            "date": parse_dates(dates, forms["date"]),
            "date_given": as_text(dates),
            "kind": as_text(cells("kind")),
            "longitude": cells("longitude"),
            "latitude": cells("latitude"),
            "x": parse_numbers(cells("longitude"), decimal=decimal),
            "y": parse_numbers(cells("latitude"), decimal=decimal),
            "mahalla_code": codes("mahalla_code"),
            "mahalla": as_text(cells("mahalla")),
            "district": as_text(cells("district")),
            "registered": registered,
        }
    )
    return frame.reset_index(drop=True)


def as_text(cells: pd.Series | pd.DataFrame) -> pd.Series:
    """Return cells as text on one line; several columns are joined by a blank."""
    if isinstance(cells, pd.DataFrame):
        joined = pd.Series("", index=cells.index, dtype="str")
        for column in cells:
            joined = joined + " " + as_text(cells[column]).fillna("")
        joined = joined.str.strip()
        return joined.where(joined != "")
    if cells.dtype != "str":
        return texts_of(cells)
    codes, distinct = pd.factorize(cells)
    texts = texts_of(pd.Series(distinct, dtype="str"))
    return texts.reindex(codes).set_axis(cells.index)


def cells_of(table: pd.DataFrame, headings: str | Sequence[str]) -> pd.Series | pd.DataFrame:
    """Return a column, or the columns a date is split over."""
    if isinstance(headings, str):
        return table[text_of(headings)]
    if len(headings) == 1:
        return table[text_of(headings[0])]
    return table[[text_of(heading) for heading in headings]]


def headings_of(columns: Columns) -> list[str]:
    """Return every heading once, in the order of the fields."""
    lists = [[value] if isinstance(value, str) else list(value) for value in columns.values()]
    return list(dict.fromkeys(text_of(heading) for value in lists for heading in value))
