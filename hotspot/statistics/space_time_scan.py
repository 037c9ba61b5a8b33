"""Kulldorff's scan: the circles and cylinders of mahallas that hold more than their share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

# ratios that differ by less than this share of themselves are tied, summed otherwise
SAME = 1e-9

COLUMNS = ["cluster", "kind", "centre", "radius_m", "members", "start", "end"]
COLUMNS += ["observed", "expected", "relative_risk", "llr", "p"]


class Null(Protocol):
    """What is expected where nothing clusters, as the functions of `scan_nulls` make it."""

    @property
    def counts(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def expected(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def left_out(self) -> pd.Series[str]: ...  # noqa: D102
    def draw(self, rng: np.random.Generator) -> Integers: ...  # noqa: D102


class Cylinders(Protocol):
    """Windows over one map of expected counts."""

    def clusters(self, counts: Integers) -> Iterator[dict[str, Any]]: ...  # noqa: D102
    def largest_ratios(  # noqa: D102
        self, draws: Iterator[Integers], number: int, total: int
    ) -> Floats: ...


class Windows(Protocol):
    """Where to look, as `circular_windows` makes it."""

    @property
    def points(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def prospective(self) -> bool: ...  # noqa: D102
    def over(self, expected: pd.DataFrame, look_for: str) -> Cylinders: ...  # noqa: D102


@dataclass(frozen=True)
class Scan:
    """What a scan found.

    Attributes
    ----------
    clusters : DataFrame
        One row a cluster, the most likely first; no two share a mahalla. `cluster` (from 1),
        `kind` (high, low), `centre` (code), `radius_m`, `members` (codes, sorted), `start` and
        `end` (months; NaT for one window), `observed`, `expected`, `relative_risk` (inside to
        outside), `llr`, `p`, and for prospective windows `recurrence_months`, 1 / p. Empty where
        every window holds just what is expected.
    mahallas : DataFrame
        On all codes: `cluster` (0: in none of the above), and that cluster's `cluster_llr` and
        `cluster_p` (NaN in none). All NaN for a mahalla that was left out.
    left_out : Series
        Why, for each mahalla left out: "no polygon", "no baseline" or "no data".
    maxima : ndarray
        The largest log likelihood ratio of each replicate.
    """

    clusters: pd.DataFrame
    mahallas: pd.DataFrame
    left_out: pd.Series[str]
    maxima: Floats


def scan_statistic(
    null: Null,
    windows: Windows,
    *,
    seed: int,
    look_for: Literal["high", "low", "both"] = "high",
    replicates: int = 999,
    level: float = 0.05,
) -> Scan:
    """Find the circles, or cylinders of circle and months, with too many offenses for chance.

    Parameters
    ----------
    null : ScanNull
        The counts and what they are held against: `population_null`, `past_null` or
        `permutation_null`. Of one window the scan is purely spatial.
    windows : ScanWindows
        Where to look: `circular_windows`.
    seed : int
        Of the replicates.
    look_for
        Clusters of "high" counts, of "low" ones, or "both".
    replicates : int
        Maps drawn under the null; p is never below 1 / (replicates + 1).
    level : float
        Further clusters are listed up to this p; the most likely one always is.

    Returns
    -------
    Scan
        The clusters, and in which of them each mahalla lies.

    Raises
    ------
    InputError
        If there is no replicate, no mahalla with a polygon, or it is to look for something else.

    Notes
    -----
    With C offenses in all, c in a window and e expected there, its log likelihood ratio is
    c ln(c / e) + (C − c) ln((C − c) / (C − e)) where c exceeds e (or falls short of it). p ranks
    it among the largest ratios of the replicates, ties counted, which pays for the search among
    all windows. Further clusters are ranked among the same largest ratios, so that their p is too
    large rather than too small. The next cluster is the most likely of all windows that share no
    mahalla with those before it; SaTScan first keeps one window for each centre.

    Circles fit badly what is long and thin, the edge of a cluster is uncertain, and p says nothing
    about any one mahalla of it. Time grows with mahallas² × replicates × windows in time: twelve
    months back from the last have 6 of them, all of twelve months 57, of 36 months 495.

    References
    ----------
    Kulldorff (1997), doi:10.1080/03610929708831995; prospective: Kulldorff (2001),
    doi:10.1111/1467-985X.00186.

    Examples
    --------
    Nine villages along a road, a kilometre apart; three of them have most of the offenses.

    >>> import geopandas as gpd
    >>> from hotspot import circular_windows, population_null
    >>> villages = pd.Index(list("abcdefghi"), name="mahalla_code")
    >>> road = gpd.GeoSeries.from_xy(range(0, 9000, 1000), [0] * 9, index=villages, crs=32642)
    >>> counts = pd.Series([2, 1, 3, 2, 9, 11, 8, 1, 2], villages)
    >>> null = population_null(counts, pd.Series(500, villages), dispersion=0)
    >>> found = scan_statistic(null, circular_windows(road), seed=1)
    >>> found.clusters[["centre", "radius_m", "observed", "expected", "llr", "p"]].round(3)
      centre  radius_m  observed  expected     llr      p
    0      f    1000.0        28      13.0  12.021  0.001
    >>> found.mahallas["cluster"].tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    if replicates < 1:
        raise InputError(
            _("replicates is {replicates}: at least one map must be drawn", replicates=replicates)
        )
    if look_for not in ("high", "low", "both"):
        raise InputError(
            _("look_for is '{look_for}': look for clusters of high, low or both", look_for=look_for)
        )
    codes, counts, months = null.counts.index, null.counts.to_numpy(), null.counts.columns
    unplaced = codes.difference(windows.points.index)
    if len(unplaced) == len(codes):
        raise InputError(
            _(
                "none of the {mahallas} mahallas has a polygon: a scan needs points",
                mahallas=len(codes),
            )
        )
    looked = windows.over(null.expected, look_for)
    rng = np.random.default_rng(seed)
    draws = (null.draw(rng) for _ in range(replicates))
    total = int(counts.sum())
    maxima = looked.largest_ratios(draws, replicates, total)
    rows: list[dict[str, Any]] = []
    for window in looked.clusters(counts):
        p = (1 + np.count_nonzero(maxima >= window["llr"] * (1 - SAME))) / (1 + replicates)
        if rows and p > level:
            break
        rows.append({"cluster": len(rows) + 1, **window, "p": p})
    clusters = pd.DataFrame(rows, columns=COLUMNS)
    observed, expected = clusters["observed"], clusters["expected"]
    clusters["relative_risk"] = observed / expected / ((total - observed) / (total - expected))
    clusters["centre"] = [codes[at] for at in clusters["centre"]]
    clusters["members"] = [tuple(codes[np.sort(of)]) for of in clusters["members"]]
    for end in ("start", "end"):
        clusters[end] = [months[at] if len(months) > 1 else pd.NaT for at in clusters[end]]
    if windows.prospective:
        clusters["recurrence_months"] = 1 / clusters["p"]
    reasons = pd.concat([null.left_out, pd.Series("no polygon", unplaced, dtype="str")])
    left_out = reasons.sort_index().rename("left_out")
    mahallas = pd.DataFrame(
        {"cluster": 0.0, "cluster_llr": np.nan, "cluster_p": np.nan},
        codes.union(null.left_out.index),
    )
    for at, members in enumerate(clusters["members"]):
        mahallas.loc[list(members)] = clusters.loc[at, ["cluster", "llr", "p"]].to_numpy(float)
    mahallas.loc[left_out.index] = np.nan
    return Scan(clusters, mahallas, left_out, maxima)
