"""What the chunks of the records come to: counts by mahalla, district, month, way and kind."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from hotspot.columns import UNPLACED
from hotspot.kinds import KindCounts
from hotspot.loaders.districts import find_districts
from hotspot.loaders.geocode import WAYS, Geocoded
from hotspot.statistics.counts import count_offenses


class Tally:
    """Adds up geocoded chunks.

    ``placed``, ``by_text`` (by code or name) and ``located`` (with coordinates of their own) are
    panels of mahallas × months; ``kinds`` are the placed by kind; ``read`` and ``found`` count what
    came in and what was decided.
    """

    def __init__(
        self, mahallas: gpd.GeoDataFrame, months: pd.PeriodIndex, *, points_from: pd.Period
    ) -> None:
        self.mahallas, self.months, self.points_from = mahallas, months, points_from
        self.district = district_keys(mahallas)
        nothing = pd.DataFrame({"mahalla_code": [], "month": pd.PeriodIndex([], freq="M")})
        self.placed, self.by_text, self.located = (self._count(nothing) for _ in range(3))
        self.kinds = KindCounts(mahallas.index, months)
        self.read = 0
        self.found: dict[str, Any] = {}
        self._ways: list[pd.DataFrame] = []
        self._points: list[pd.DataFrame] = []
        self._rejected: list[pd.DataFrame] = []

    def add(self, geocoded: Geocoded) -> None:
        """Add a chunk of geocoded records."""
        placed = geocoded.placed
        located = placed["x"].notna()
        counted = self._count(placed)
        by_text = placed["way"] != "coordinates"
        self.placed += counted
        self.by_text += self._count(placed[by_text])
        self.located += counted if located.all() else self._count(placed[located])
        ways = placed[["mahalla_code", "way"]].value_counts().rename("records").reset_index()
        self._ways.append(ways.assign(district=ways["mahalla_code"].map(self.district)))
        recent = located & (placed["month"] >= self.points_from)
        self._points.append(placed.loc[recent, ["x", "y", "month"]])
        self._rejected.append(geocoded.rejected)
        self.kinds.add(placed)
        self.found = _added(self.found, placed.attrs.get("found", {}))

    def add_read(self, chunk: pd.DataFrame) -> None:
        """Count a chunk at the door, before it is geocoded."""
        self.read += len(chunk)
        kinds = chunk["kind"].value_counts()
        counts = {str(kind): int(count) for kind, count in kinds.items()}
        self.found = _added(self.found, {"kinds": counts})

    @property
    def points(self) -> pd.DataFrame:
        """Coordinates and month of the placed records that have coordinates."""
        return pd.concat(self._points, ignore_index=True)

    @property
    def rejected(self) -> pd.DataFrame:
        """The rejected records in the order of the file."""
        rejected = pd.concat(self._rejected, ignore_index=True)
        return rejected.sort_values("row", kind="stable", ignore_index=True)

    @property
    def ways(self) -> pd.DataFrame:
        """Districts × the way of placing: records placed."""
        ways = pd.concat(self._ways).pivot_table(
            index="district", columns="way", values="records", aggfunc="sum", fill_value=0
        )
        keys = sorted(set(self.district))
        return ways.reindex(index=keys, columns=list(WAYS), fill_value=0).astype(int)

    @property
    def districts_unknown(self) -> dict[str, int]:
        """Districts that unplaced records name and no mahalla has, the most frequent first."""
        lost = self._lost()["district"].dropna()
        unknown = lost[lost.map(self._named(lost)).isna()].value_counts()
        ordered = sorted(unknown.items(), key=lambda pair: (-pair[1], str(pair[0])))
        return {str(name): int(count) for name, count in ordered}

    @property
    def unplaced(self) -> pd.DataFrame:
        """Districts × months: records not placed; the row "" for those that name no district."""
        lost = self._lost()
        keys = sorted(set(self.district))
        named = self._named(lost["district"].dropna())
        district = lost["district"].map(lambda text: named.get(text, ""))
        months = pd.PeriodIndex(lost["month"], freq="M")
        return pd.crosstab(district, months).reindex(
            index=[*keys, ""], columns=self.months, fill_value=0
        )

    def _lost(self) -> pd.DataFrame:
        rejected = pd.concat(self._rejected, ignore_index=True)
        return rejected[rejected["reason"].isin(UNPLACED)]

    def _named(self, districts: pd.Series) -> dict[str, str]:
        """Return the key of each district as records write it, where it is one of the mahallas'."""
        keys = sorted(set(self.district))
        known = [key.partition("|")[2] for key in keys]
        found = find_districts(districts.unique(), known)
        return {text: keys[position] for text, position in found.items()}

    def _count(self, placed: pd.DataFrame) -> pd.DataFrame:
        return count_offenses(placed, self.mahallas, start=self.months[0], end=self.months[-1])


def district_keys(mahallas: gpd.GeoDataFrame) -> pd.Series:
    """Return one key a mahalla for its district, the same name in two regions kept apart.

    Examples
    --------
    >>> frame = pd.DataFrame({"region": ["A", "A", None], "district": ["x", "x", None]})
    >>> district_keys(frame).tolist()
    ['A|x', 'A|x', '|']
    """
    key: pd.Series = mahallas["region"].fillna("") + "|" + mahallas["district"].fillna("")
    return key


def _added(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Add up the numbers of two accounts, sections and all; what is no number is the second's."""
    total = dict(first)
    for key, value in second.items():
        if isinstance(value, dict):
            total[key] = _added(total.get(key, {}), value)
        elif isinstance(value, int) and not isinstance(value, bool):
            total[key] = total.get(key, 0) + value
        else:
            total[key] = value
    return total
