"""Near repeats: whether offenses near each other also follow soon after each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from hotspot.errors import InputError
from hotspot.language import _, mark

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
# dates as the shortest integers that hold them
Dates = NDArray[Any]

# the bands of the Near Repeat Calculator
METRES = tuple(range(0, 2001, 100))
DAYS = tuple(range(7, 71, 7))
# a cell of the table is a near repeat above this ratio and below this p
RATIO, LEVEL = 1.2, 0.05

DAY = 86_400_000_000
# pairs, and bytes of permuted dates, that are in memory at once
PAIRS = 1_000_000
PERMUTED = 64_000_000
# pairs compared at once: their number must fit a byte
BLOCK = 255


@dataclass(frozen=True)
class KnoxTest:
    """Pairs of offenses near each other in space and time, beside what chance would give.

    Attributes
    ----------
    near, soon : int
        Pairs within the radius; pairs within the days.
    observed : int
        Pairs within both.
    expected : float
        Their mean over all permutations of the dates.
    ratio : float
        Observed over expected; NaN where no pair is expected.
    p : float
        The share of permutations with as many pairs or more, this one among them.
    """

    near: int
    soon: int
    observed: int
    expected: float
    ratio: float
    p: float


def knox(
    points: pd.DataFrame,
    *,
    radius_m: float,
    days: float,
    permutations: int = 999,
    seed: int = 0,
) -> KnoxTest:
    """Count the pairs of offenses that are near and soon, and test whether chance makes as many.

    Parameters
    ----------
    points : DataFrame
        One row an offense: `x`, `y` in metres, `date` as datetimes. A pair counts once.
    radius_m, days : float
        How far and how long apart a pair may be; exactly that far or long apart still counts. Where
        dates have a time of day, 7 days are 168 hours.
    permutations : int
        How often the dates are dealt anew to the places.
    seed : int
        Of the permutations.

    Returns
    -------
    KnoxTest
        The counts, their exact expectation and p, one-sided: more than chance.

    Raises
    ------
    InputError
        If there are fewer than two offenses, a coordinate or date is missing, dates are not
        datetimes, a threshold is not positive, or there are no permutations.

    Notes
    -----
    The null: any date may belong to any place. Where one district's records end before another's
    begin it is broken without any repetition; keep to a period in which the same places were
    recorded throughout. The expectation, near × soon / (n (n − 1) / 2), is what the mean of
    permutations estimates. Memory does not grow with the number of pairs.

    References
    ----------
    Knox (1964), doi:10.2307/2985220; Besag & Diggle (1977), doi:10.2307/2346974.

    Examples
    --------
    Two burglaries in one street on two days running, one there half a year later, one far away:

    >>> points = pd.DataFrame(
    ...     {"x": [0.0, 30, 60, 5000], "y": [0.0, 40, 80, 0],
    ...      "date": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-07-01", "2024-07-02"])})
    >>> found = knox(points, radius_m=50, days=1)
    >>> found.near, found.soon, found.observed, round(found.expected, 3)
    (2, 2, 1, 0.667)
    """
    if not (radius_m > 0 and days > 0):
        raise InputError(
            _(
                "a radius of {radius_m} m and {days} days make no pairs: both must be above 0",
                radius_m=f"{radius_m:g}",
                days=f"{days:g}",
            )
        )
    tally = _compare(points, [float(radius_m)], [days], permutations, seed)
    observed, expected = int(tally.observed[0, 0]), float(tally.expected[0, 0])
    return KnoxTest(
        near=int(tally.near[0]),
        soon=int(tally.soon[0]),
        observed=observed,
        expected=expected,
        ratio=observed / expected if expected > 0 else float("nan"),
        p=float(tally.p[0, 0]),
    )


def near_repeat_table(
    points: pd.DataFrame,
    *,
    metres: Sequence[float] = METRES,
    days: Sequence[float] = DAYS,
    permutations: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Return observed and expected pairs of offenses by bands of distance and of time.

    Parameters
    ----------
    points, permutations, seed
        As in `knox`.
    metres : sequence of float
        Upper ends of the bands of distance, ascending. Beginning with 0, pairs at the same place
        are a band of their own.
    days : sequence of float
        Upper ends of the bands of time, ascending.

    Returns
    -------
    DataFrame
        Index (`metres`, `days`): the upper ends of a cell's bands. `observed` pairs, `expected`
        pairs (their mean over all permutations), `ratio` (NaN where none is expected), `p` (more
        than chance), `near_repeat` (ratio > 1.2 and p < .05). `table["ratio"].unstack()` is the
        usual square.

    Raises
    ------
    InputError
        As `knox`, and if bands do not ascend.

    Notes
    -----
    A band holds its upper end and not its lower: 0, then over 0 to 100 m, over 100 to 200 m …; 0 to
    7 days, over 7 to 14 …. So say the labels of the Near Repeat Calculator; what it counts are 0 to
    6 days, 7 to 13 …, and below 100 m, as the authors of the R package NearRepeat found:
    `days=(6, 13, …)` counts as it does. Both measure distances along the axes unless told not to.
    One event with several victims is its own repeat: give it one row. The p of a cell is its own:
    of 210 cells one in twenty may be below .05 by chance. Read the cells next to nought, and take
    `knox` for one answer.

    References
    ----------
    Ratcliffe & Rengert (2008), doi:10.1057/palgrave.sj.8350068; Johnson et al. (2007),
    doi:10.1007/s10940-007-9025-3.

    Examples
    --------
    >>> points = pd.DataFrame(
    ...     {"x": [0.0, 0, 60, 5000], "y": [0.0, 0, 80, 0],
    ...      "date": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-01-15", "2024-07-02"])})
    >>> table = near_repeat_table(points, metres=[0, 100], days=[7, 14], permutations=99)
    >>> table["observed"].unstack().to_numpy().tolist()
    [[1, 0], [0, 2]]
    >>> table["ratio"].unstack().to_numpy().round(3).tolist()
    [[6.0, 0.0], [0.0, 3.0]]
    """
    for bands, refusal in (
        (metres, mark("bands of metres must ascend from 0 or above, and are {bands}")),
        (days, mark("bands of days must ascend from 0 or above, and are {bands}")),
    ):
        if len(bands) == 0 or not bands[0] >= 0 or not all(np.diff(bands) > 0):
            raise InputError(_(refusal, bands=", ".join(map(str, bands))))
    tally = _compare(points, [float(end) for end in metres], days, permutations, seed)
    cells = pd.MultiIndex.from_product([list(metres), list(days)], names=["metres", "days"])
    table = pd.DataFrame(
        {"observed": tally.observed.ravel(), "expected": tally.expected.ravel()}, index=cells
    )
    table["ratio"] = table["observed"] / table["expected"].where(table["expected"] > 0)
    table["p"] = tally.p.ravel()
    table["near_repeat"] = (table["ratio"] > RATIO) & (table["p"] < LEVEL)
    return table


class _Tally(NamedTuple):
    # pairs by bands of distance (rows) and of time (columns)
    near: Integers
    soon: Integers
    observed: Integers
    expected: Floats
    p: Floats


def _compare(
    points: pd.DataFrame,
    radii: Sequence[float],
    days: Sequence[float],
    permutations: int,
    seed: int,
) -> _Tally:
    if permutations < 1:
        raise InputError(_("{n} permutations: ask for at least one, 999 as a rule", n=permutations))
    places, dates = _events(points)
    ticks, longest, ends = _ticks(dates, days)
    counts = _count(places, ticks[:, None], radii, [*ends, longest])[:, :, 0]
    near, observed = counts.sum(axis=1), counts[:, :-1]

    # of all pairs, near or not: those that follow each date within each end
    n = len(ticks)
    ordered = np.sort(ticks.astype(np.int64))
    within = [np.searchsorted(ordered, ordered + end, side="right").sum() for end in ends]
    soon = np.diff(np.array(within) - n * (n + 1) // 2, prepend=0)

    rng = np.random.default_rng(seed)
    exceeding = np.zeros(observed.shape, dtype=np.int64)
    most = max(1, PERMUTED // ticks.nbytes)
    for first in range(0, permutations, most):
        batch = range(first, min(first + most, permutations))
        dealt = np.column_stack([rng.permutation(ticks) for _ in batch])
        exceeding += (_count(places, dealt, radii, ends) >= observed[:, :, None]).sum(axis=2)
    expected = np.outer(near, soon) / (n * (n - 1) / 2)
    return _Tally(near, soon, observed, expected, (1 + exceeding) / (1 + permutations))


def _count(places: Floats, dates: Dates, radii: Sequence[float], ends: list[int]) -> Integers:
    """Return pairs by bands of distance and of time, for each column of dates."""
    within = np.zeros((len(radii), len(ends), dates.shape[1]), dtype=np.int64)
    for one, other, distance in _pairs(places, radii[-1]):
        bands = np.searchsorted(radii, distance, side="left")
        order = np.argsort(bands, kind="stable")
        one, other = one[order], other[order]
        parts = np.searchsorted(bands[order], np.arange(len(radii) + 1))
        for band, (start, stop) in enumerate(pairwise(parts)):
            for block in range(start, stop, BLOCK):
                here = slice(block, min(block + BLOCK, stop))
                apart = dates[one[here]]
                apart -= dates[other[here]]
                np.abs(apart, out=apart)
                for k, end in enumerate(ends):
                    soon = (apart <= end).view(np.uint8)
                    within[band, k] += soon.sum(axis=0, dtype=np.uint8)
    return np.diff(within, axis=1, prepend=0)


def _events(points: pd.DataFrame) -> tuple[Floats, Integers]:
    """Return places and microseconds, sorted, so that the order of the rows changes nothing."""
    absent = [name for name in ("x", "y", "date") if name not in points.columns]
    if absent:
        raise InputError(
            _(
                "the points have no column '{column}': near repeats need x, y and date",
                column=absent[0],
            )
        )
    if not pd.api.types.is_datetime64_any_dtype(points["date"]):
        raise InputError(
            _(
                "the dates are {dtype}: read them with pandas.to_datetime first",
                dtype=points["date"].dtype,
            )
        )
    places = points[["x", "y"]].to_numpy(dtype=np.float64, na_value=np.nan)
    missing = int((~np.isfinite(places).all(axis=1) | points["date"].isna()).sum())
    if missing:
        raise InputError(
            _(
                "{missing} of {points} points have no coordinates or no date: leave them out "
                "first, and say how many they are",
                missing=missing,
                points=len(points),
            )
        )
    if len(points) < 2:
        raise InputError(
            _("near repeats need at least 2 points, and {points} were given", points=len(points))
        )
    dates = points["date"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    order = np.lexsort((dates, places[:, 1], places[:, 0]))
    return places[order], dates[order]


def _ticks(dates: Integers, days: Sequence[float]) -> tuple[Dates, int, list[int]]:
    """Return dates, the longest time apart and the bands' ends, in their largest common unit."""
    since = dates - dates.min()
    unit = int(np.gcd.reduce(since)) or DAY
    since //= unit
    longest = int(since.max())
    # short integers are what makes thousands of permutations quick
    short = next(t for t in (np.int16, np.int32, np.int64) if longest <= np.iinfo(t).max)
    ends = [round(min(day * DAY, longest * unit)) // unit for day in days]
    return since.astype(short), longest, ends


def _pairs(places: Floats, radius: float) -> Iterator[tuple[Integers, Integers, Floats]]:
    """Yield the pairs within the radius, each once, some at a time; places ascend in x."""
    reach = np.searchsorted(places[:, 0], places[:, 0] + radius * (1 + 1e-9) + 1e-6, side="right")
    parts = [(0, len(places))]
    while parts:
        first, last = parts.pop()
        here = KDTree(places[first:last])
        there = KDTree(places[first : reach[last - 1]])
        if last - first > 1 and here.count_neighbors(there, radius) > PAIRS:
            middle = (first + last) // 2
            parts += [(middle, last), (first, middle)]
            continue
        near = here.sparse_distance_matrix(there, radius, output_type="ndarray")
        near = near[near["i"] < near["j"]]
        yield first + near["i"], first + near["j"], near["v"]
