"""What the cells of a register say: codes, names, people, days."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _

# missing is NaN, whatever the version of pandas
TEXT = pd.StringDtype(na_value=np.nan)

WHOLE = re.compile(r"(\d+)\.0+")
ROUNDED = re.compile(r"\d+[.,]\d+[eE]\+?\d+|\d+[eE]\+\d+")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
POINTED = re.compile(r"\d{1,3}(\.\d{3})+")
SPACES = re.compile(r"[\s\u00a0\u202f]+")


def as_text(values: pd.Series) -> pd.Series:
    """Return cells as text without spaces around; whole numbers without ".0", blank as missing.

    Examples
    --------
    >>> as_text(pd.Series([1710207001.0, None])).tolist(), as_text(pd.Series([" a ", " "])).tolist()
    (['1710207001', nan], ['a', nan])
    """
    if pd.api.types.is_float_dtype(values):
        # a larger number has lost digits already
        whole = values.isna() | ((values == values.round()) & (values.abs() < 2**53))
        if whole.all():
            values = values.astype("Int64")
    texts = [None if pd.isna(value) else str(value).strip() for value in values.astype(object)]
    return pd.Series([text or None for text in texts], index=values.index, dtype=TEXT)


def as_population(values: pd.Series, *, source: str) -> pd.Series:
    """Return cells as numbers of people; missing as NaN, zero as zero.

    Parameters
    ----------
    values : Series
        Numbers, or text with commas or spaces between thousands.

    Raises
    ------
    InputError
        A cell is negative, no number, or reads as thousands and as a decimal alike.

    Examples
    --------
    >>> as_population(pd.Series(["4,170", "5 219", "0", None]), source="a.csv").tolist()
    [4170.0, 5219.0, 0.0, nan]
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("float64")
    else:
        texts = as_text(values).str.replace(SPACES, "", regex=True)
        pointed = texts.str.fullmatch(POINTED).fillna(False).astype(bool)
        if pointed.any():
            raise InputError(
                _(
                    "{source}: the population '{cell}' reads as thousands and as a decimal; write "
                    "the column '{column}' without points",
                    source=source,
                    cell=texts[pointed].iloc[0],
                    column=values.name,
                )
            )
        thousands = texts.str.fullmatch(THOUSANDS).fillna(False).astype(bool)
        bare = texts.where(~thousands, texts.str.replace(",", "", regex=False))
        numbers = pd.to_numeric(bare.astype(object), errors="coerce").astype("float64")
    wrong = values.notna() & as_text(values).notna() & ~(numbers.ge(0) & np.isfinite(numbers))
    if wrong.any():
        raise InputError(
            _(
                "{source}: the population '{cell}' is not a number of people; correct the column "
                "'{column}' or leave the cell empty",
                source=source,
                cell=values[wrong].iloc[0],
                column=values.name,
            )
        )
    return numbers


def as_days(values: pd.Series, *, source: str) -> pd.Series:
    """Return cells as days; missing as NaT.

    Raises
    ------
    InputError
        A text is neither like 2025-01-31 nor like 31.01.2025.

    Examples
    --------
    >>> as_days(pd.Series(["31.01.2025", None]), source="a.csv").dt.date.tolist()
    [datetime.date(2025, 1, 31), NaT]
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        known: pd.Series = values.dt.tz_localize(None).dt.normalize().astype("datetime64[s]")
        return known
    texts = as_text(values)
    days = pd.to_datetime(texts, format="ISO8601", errors="coerce")
    days = days.fillna(pd.to_datetime(texts, format="%d.%m.%Y", errors="coerce"))
    wrong = texts.notna() & days.isna()
    if wrong.any():
        raise InputError(
            _(
                "{source}: '{cell}' in the column '{column}' is not a day; write it like "
                "2025-01-31 or 31.01.2025",
                source=source,
                cell=texts[wrong].iloc[0],
                column=values.name,
            )
        )
    return days.dt.normalize().astype("datetime64[s]")
