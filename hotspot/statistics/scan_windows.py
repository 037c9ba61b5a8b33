"""Where a scan looks: circles of mahallas, cylinders of circle and months, and their ratios."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from hotspot.errors import InputError
from hotspot.language import _

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Booleans = NDArray[np.bool_]
Window = dict[str, Any]
Span = tuple[slice, slice]
# windows of one length, and what is expected in them
Means = tuple[slice, slice, Floats]

SIDES = {"high": (1,), "low": (-1,), "both": (1, -1)}
# ratios and distances nearer than this share of themselves are the same, summed otherwise
SAME = 1e-9
# expected counts in steps of two percent, for which the count that matters is tabulated
EDGES = np.append(0.0, np.geomspace(1e-4, 1e9, 1500))
# bytes of the windows compared at once, which should stay in the cache, and of all replicates
BLOCK, REPLICATES = 2**19, 2**27
ROWS = 64


@dataclass(frozen=True)
class ScanWindows:
    """Where to look: the mahallas' points (`x`, `y` by code), and the limits of windows."""

    points: pd.DataFrame
    max_share: float
    max_radius_m: float
    max_months: int | None
    prospective: bool

    def over(self, expected: pd.DataFrame, look_for: str) -> Cylinders:
        """Return the windows over mahallas × months with these expected counts."""
        cells = expected.to_numpy()
        months = cells.shape[1]
        longest = max(months // 2, 1) if self.max_months is None else min(self.max_months, months)
        points = self.points.reindex(expected.index).to_numpy()
        shares = cells.sum(axis=1) / cells.sum()
        return Cylinders(
            cells,
            points,
            [_circles(of, points, shares, self.max_share, self.max_radius_m) for of in points],
            [_span(length, months, self.prospective) for length in range(1, longest + 1)],
            SIDES[look_for],
        )


def circular_windows(
    geometry: gpd.GeoSeries,
    *,
    max_share: float = 0.5,
    max_radius_m: float = np.inf,
    max_months: int | None = None,
    prospective: bool = False,
) -> ScanWindows:
    """Let a scan look in circles around each mahalla, over any months.

    Parameters
    ----------
    geometry : GeoSeries, index mahalla_code
        Polygons or points in a metric CRS: a circle holds the mahallas whose representative
        points it holds, and those equally far away enter together. A mahalla without polygon is
        in no circle, and outside of all.
    max_share : float
        The largest share of all expected offenses in a circle, at most one half.
    max_radius_m : float
        The largest radius, in metres.
    max_months : int, optional
        The longest window; when absent half of the months, but at least one.
    prospective : bool
        Only windows that end in the last month: what is going on now.

    Returns
    -------
    ScanWindows
        For `scan_statistic`.

    Raises
    ------
    InputError
        If a limit is out of its range, a code repeats, or the polygons are not in metres.

    Examples
    --------
    >>> road = gpd.GeoSeries.from_xy([0, 1000], [0, 0], index=["a", "b"], crs=32642)
    >>> circular_windows(road, max_radius_m=5000).points
            x    y
    a     0.0  0.0
    b  1000.0  0.0
    """
    if not 0 < max_share <= 0.5:
        raise InputError(
            _(
                "max_share is {max_share}: a cluster holds at most half, 0.5, of all",
                max_share=f"{max_share:g}",
            )
        )
    if not max_radius_m > 0:
        raise InputError(
            _(
                "max_radius_m is {max_radius_m}: give metres above 0",
                max_radius_m=f"{max_radius_m:g}",
            )
        )
    if max_months is not None and max_months < 1:
        raise InputError(
            _("max_months is {max_months}: a window has at least one month", max_months=max_months)
        )
    if not geometry.index.is_unique:
        twice = geometry.index[geometry.index.duplicated()][0]
        raise InputError(
            _("mahalla '{code}' has two polygons: give each mahalla one row", code=twice)
        )
    if geometry.crs is None or not geometry.crs.is_projected:
        raise InputError(_("the polygons are not in a metric CRS: read them with read_mahallas"))
    inside = geometry[geometry.notna() & ~geometry.is_empty].representative_point()
    points = pd.DataFrame({"x": inside.x, "y": inside.y}, inside.index)
    return ScanWindows(points, max_share, max_radius_m, max_months, prospective)


def _circles(
    point: Floats, points: Floats, shares: Floats, max_share: float, max_radius_m: float
) -> tuple[Integers, Booleans]:
    """Return the mahallas from the nearest on, and after which of them a circle may end."""
    distance = np.hypot(*(points - point).T)
    # those without a point come last
    order = np.argsort(distance, kind="stable")
    distance = distance[order]
    ends = np.append(~(np.diff(distance) <= SAME * np.nanmax(distance, initial=0.0)), True)
    ends &= np.cumsum(shares[order]) <= max_share * (1 + SAME)
    ends &= distance <= max_radius_m * (1 + SAME)
    size = np.flatnonzero(ends)[-1] + 1 if ends.any() else 0
    return order[:size].astype(np.int32), ends[:size]


def _span(length: int, months: int, prospective: bool) -> Span:
    """Return where windows of so many months begin and end in totals from the first month on."""
    first = months - length if prospective else 0
    return slice(first, months - length + 1), slice(first + length, months + 1)


@dataclass(frozen=True)
class Cylinders:
    """Every window over mahallas × months, and what is expected there."""

    expected: Floats
    points: Floats
    # of each centre its mahallas, the nearest first, and whether a circle may end there
    circles: list[tuple[Integers, Booleans]]
    spans: list[Span]
    sides: tuple[int, ...]

    def clusters(self, counts: Integers) -> Iterator[Window]:
        """Yield the most likely window, then the most likely that shares no mahalla with those."""
        totals, expected = _from_first_month(counts), _from_first_month(self.expected)
        taken = np.zeros(len(counts), dtype=bool)
        best = [self._best(totals, expected, centre, taken) for centre in range(len(counts))]
        while True:
            ratios = np.array([window["llr"] for window in best])
            centre = int(np.argmax(ratios >= ratios.max() * (1 - SAME)))
            window = best[centre]
            if window["llr"] == 0:
                return
            if taken[window["members"]].any():
                # what is left around it may still be the most likely, or not
                best[centre] = self._best(totals, expected, centre, taken)
            else:
                taken[window["members"]] = True
                yield window

    def _best(self, totals: Integers, expected: Floats, centre: int, taken: Booleans) -> Window:
        """Return the most likely window around a centre that holds nothing taken."""
        order, ends = self.circles[centre]
        free = int(np.argmax(taken[order])) if taken[order].any() else len(order)
        order, ends = order[:free], ends[:free]
        held, means = (np.cumsum(of[order], axis=0)[ends] for of in (totals, expected))
        total = int(totals[:, -1].sum())
        best: Window = {"llr": 0.0, "members": order[:0]}
        for low, high in self.spans:
            inside, mean = (of[:, high] - of[:, low] for of in (held, means))
            ratios = _ratio(inside, mean, total)
            ratios[~np.any([side * (inside - mean) > 0 for side in self.sides], axis=0)] = 0.0
            highest = ratios.max(initial=0.0)
            if highest > best["llr"] * (1 + SAME):
                row, start = np.argwhere(ratios >= highest * (1 - SAME))[0]
                members = order[: np.flatnonzero(ends)[row] + 1]
                observed, there = int(inside[row, start]), float(mean[row, start])
                best = {
                    "kind": "high" if observed > there else "low",
                    "centre": centre,
                    "radius_m": float(np.hypot(*(self.points[members[-1]] - self.points[centre]))),
                    "members": members,
                    "start": low.start + start,
                    "end": high.start + start - 1,
                    "observed": observed,
                    "expected": there,
                    "llr": float(highest),
                }
        return best

    def largest_ratios(self, draws: Iterator[Integers], number: int, total: int) -> Floats:
        """Return the largest ratio of each of so many maps with this total."""
        (n, months), kind = self.expected.shape, np.dtype(np.int16 if total < 2**15 else np.int32)
        cell = (months + 1) * kind.itemsize
        together = max(BLOCK // (ROWS * cell), 1)
        at_once = max(REPLICATES // (n * cell), 1)
        expected = _from_first_month(self.expected)
        found = []
        for first in range(0, number, at_once):
            left = range(first, min(first + at_once, number))
            blocks = []
            for begin in left[::together]:
                maps = np.empty((n, months + 1, min(together, left.stop - begin)), kind)
                for each in range(maps.shape[2]):
                    maps[:, :, each] = _from_first_month(next(draws))
                blocks.append(_Block(maps, total, self.sides))
            # centre by centre, so that what they share is worked out once for all maps
            for order, ends in self.circles:
                means = np.cumsum(expected[order], axis=0)[ends]
                windows = [(low, high, means[:, high] - means[:, low]) for low, high in self.spans]
                steps = [np.searchsorted(EDGES, mean, "right") - 1 for _, _, mean in windows]
                for block in blocks:
                    block.look(order, ends, windows, steps)
            found += [block.largest for block in blocks]
        return np.concatenate(found)


class _Block:
    """Some maps, counted from the first month on, and the largest ratio found in each so far."""

    def __init__(self, counts: Integers, total: int, sides: tuple[int, ...]) -> None:
        self.counts, self.total, self.sides = counts, total, sides
        self.largest = np.zeros(counts.shape[2])
        self.edges = EDGES[: np.searchsorted(EDGES, total, "right") + 1]
        self._raise_bars()

    def look(
        self, order: Integers, ends: Booleans, windows: list[Means], steps: list[Integers]
    ) -> None:
        """Look in all windows around a centre: compare whole numbers, work out few ratios."""
        held = self.counts[order]
        # row by row: numpy's own running sum along the first axis is several times slower
        for row in range(1, len(held)):
            held[row] += held[row - 1]
        held = held[ends]
        for first in range(0, len(held), ROWS):
            rows = slice(first, first + ROWS)
            for (low, high, mean), step in zip(windows, steps, strict=True):
                inside = held[rows, high] - held[rows, low]
                for side, bars in zip(self.sides, self.bars, strict=True):
                    bar = bars[step[rows]][:, :, None]
                    hits = inside >= bar if side > 0 else inside <= bar
                    if hits.any():
                        self._note(inside, mean[rows], hits)

    def _note(self, inside: Integers, mean: Floats, hits: Booleans) -> None:
        # flat: it is several times quicker than to find them in three dimensions
        at = np.flatnonzero(hits)
        window, each = np.divmod(at, hits.shape[2])
        ratios = _ratio(inside.ravel()[at].astype(np.int64), mean.ravel()[window], self.total)
        np.maximum.at(self.largest, each, ratios)
        if self.largest.min() > 1.2 * self.floor:
            self._raise_bars()

    def _raise_bars(self) -> None:
        """Let only such counts matter whose ratio may exceed the lowest of the largest so far."""
        self.floor = float(self.largest.min())
        bars = [_bars(self.floor, self.edges, self.total, side) for side in self.sides]
        self.bars = [of.astype(self.counts.dtype) for of in bars]


def _bars(floor: float, edges: Floats, total: int, side: int) -> Integers:
    """Return for each step of the expected the least (or largest) count with such a ratio.

    Of a step the edge nearer to the counts is taken, so that no window is missed.
    """
    mean = edges if side > 0 else np.append(edges[1:], np.inf)
    mean = np.minimum(mean, total)
    near, far = np.floor(mean), np.full(len(mean), total + 1.0)
    if side < 0:
        near, far = np.ceil(mean), np.full(len(mean), -1.0)
    while (np.abs(far - near) > 1).any():
        middle = np.trunc((near + far) / 2)
        enough = _ratio(middle, mean, total) >= floor * (1 - SAME)
        near, far = np.where(enough, near, middle), np.where(enough, middle, far)
    return far.astype(np.int64)


def _ratio(counts: Any, expected: Any, total: int) -> Floats:
    """Return the log likelihood ratio, on whichever side of the expected the counts are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = special.xlogy(counts, counts / expected)
        outside = special.xlogy(total - counts, (total - counts) / (total - expected))
    return np.asarray(np.nan_to_num(inside + outside, nan=0.0, posinf=np.inf))


def _from_first_month(cells: Any) -> Any:
    """Return the totals of each mahalla from the first month up to each, 0 before the first."""
    totals = np.zeros((len(cells), cells.shape[1] + 1), cells.dtype)
    np.cumsum(cells, axis=1, out=totals[:, 1:])
    return totals
