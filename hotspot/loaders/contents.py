"""What stands in a column of a table."""

from __future__ import annotations

import pandas as pd

from hotspot.errors import InputError
from hotspot.loaders.dates import find_date_format, parse_dates
from hotspot.loaders.figures import find_decimal, parse_numbers
from hotspot.loaders.text import texts_of

# distinct values looked at in each column
SAMPLE = 5_000


class Column:
    """What stands in a column, looked at once."""

    def __init__(self, cells: pd.Series, codes: frozenset[str]) -> None:
        simple = cells.dropna()
        if simple.dtype == "object":
            # a layer's list of coordinates is no cell of a table
            simple = simple[
                [isinstance(cell, str) or not hasattr(cell, "__len__") for cell in simple]
            ]
        self.size = len(cells)
        self.texts = texts_of(simple).dropna()
        self.filled = len(self.texts) > 0
        distinct = simple[self.texts.drop_duplicates().index]
        self.number = len(distinct)
        # evenly spread, so that strays at the top don't decide
        self.sample = distinct.iloc[:: max(1, len(distinct) // SAMPLE)]
        self.words = self.texts[self.sample.index]
        self.codes = codes

    def share(self, pattern: str) -> float:
        """Return the share of distinct values that a pattern matches whole."""
        return float(self.words.str.fullmatch(pattern).mean())

    def unique(self) -> float:
        """Return the number of distinct values for each filled cell."""
        return self.number / len(self.texts)

    def numbers(self) -> pd.Series:
        """Return the numbers of the sample, NaN where there is none."""
        return parse_numbers(self.words, decimal=find_decimal(self.words))

    def dated(self) -> float:
        """Return the share of the sample that can be read as dates."""
        try:
            form = find_date_format(self.sample, day_first=True)
        except InputError:
            return 0.0
        return float(parse_dates(self.sample, form).notna().mean())
