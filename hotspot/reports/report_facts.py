"""What a report is told: the month's tables and numbers, and those of the months before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Change:
    """Offenses of some months beside those of the same months a year before.

    ``change`` is a share by the month, missing where there were none; ``p`` is of the E-test;
    ``months`` says how many months of either year have records.
    """

    now: int
    before: int
    change: float
    p: float
    months: tuple[int, int] = (12, 12)


@dataclass(frozen=True)
class Compared:
    """The offenses of some months beside those of the same months a year before.

    ``districts`` has the columns ``district, now, before, change, p`` with the total as its last
    row; ``kinds`` has ``what`` (all, group or kind) and ``kind`` instead of the district, and is
    None where records have no kinds; ``months`` says how many of either year have records.
    """

    first: pd.Period
    last: pd.Period
    districts: pd.DataFrame
    kinds: pd.DataFrame | None = None
    months: tuple[int, int] = (12, 12)


@dataclass(frozen=True)
class Facts:
    """Everything a report may say; what is None or empty is not said.

    Parameters
    ----------
    region : name of the whole; "" where there are several regions.
    month : the month of the categories, the last of the period.
    length : months of the period: 1, 3 or 6.
    table : the table of ``categories.csv``, indexed by code; columns may be missing.
    criteria : the criteria as ``run.json`` has them: name, version, sha256 and, where they may be
        shown, window_months, min_hit_rate and the conditions.
    picture : the map as a PNG.
    without_polygon : how many mahallas the map does not show.
    history : mahallas × months, their categories.
    window : first and last month of the window, and how many of its months have no records.
    change : the offenses of the window.
    compared : those of the period, or of January to date.
    districts, zeros, backtest, backtest_summary : the tables of these names' files.
    tested : the drawing of the back-test as a PNG.
    regions : the table of ``regions.csv`` where there are several.
    records : the account's ``records``.
    kinds : the kinds that count, by name; empty where all do.
    hold : how many of the reds are red under every other choice that was tried.
    long : months in a row after which a red mahalla goes to other officials.
    ledger : hash of the ledger's last entry.
    """

    region: str
    month: pd.Period
    length: int
    table: pd.DataFrame
    criteria: Mapping[str, Any]
    picture: bytes | None = None
    without_polygon: int = 0
    history: pd.DataFrame | None = None
    window: tuple[pd.Period, pd.Period, int] | None = None
    change: Change | None = None
    compared: Compared | None = None
    districts: pd.DataFrame | None = None
    regions: pd.DataFrame | None = None
    zeros: pd.DataFrame | None = None
    backtest: pd.DataFrame | None = None
    backtest_summary: pd.DataFrame | None = None
    tested: bytes | None = None
    records: Mapping[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] | None = None
    hold: int | None = None
    long: tuple[int, ...] = (36, 60)
    ledger: str = ""

    @property
    def two_classes(self) -> bool:
        """Whether the categories are red and not red only."""
        return bool((self.table["category"] == "not_red").any())

    @property
    def vast(self) -> bool:
        """Whether there are more mahallas than a region has, so that only the gravest are told."""
        return len(self.table) > 2_000

    @property
    def before(self) -> pd.Period:
        """The last month before the period."""
        return self.month - self.length

    def rows(self, most: int, *, few: int = 6) -> int:
        """Return how many rows a table shows: few in a republic, whose report is no longer."""
        return few if self.vast else most

    @property
    def period(self) -> pd.PeriodIndex:
        """The months of the period."""
        return pd.period_range(self.before + 1, self.month, freq="M")

    @property
    def previous(self) -> pd.Series[str] | None:
        """The categories before the period; None where they are not known."""
        if self.history is not None and self.before in self.history:
            return self.history[self.before].reindex(self.table.index)
        if self.length == 1 and "previous_category" in self.table:
            given = self.table["previous_category"]
            return None if given.isna().all() else given
        return None

    @property
    def past(self) -> pd.DataFrame | None:
        """The categories of the months of the period that are known, mahallas × months."""
        if self.history is None:
            return None
        months = [month for month in self.period if month in self.history]
        return self.history[months].reindex(self.table.index)
