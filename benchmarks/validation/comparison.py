"""How a method's numbers compare with an oracle's, and how often a test calls chance an effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Comparison:
    """The largest difference between a method and an oracle on some data, and the bar it must meet.

    The oracle is another program, a published number, enumeration, or a formula worked otherwise.
    """

    method: str
    oracle: str
    data: str
    difference: float
    bar: float
    relative: bool = True

    @property
    def met(self) -> bool:
        """Whether the difference is within the bar; a difference that is nan is not."""
        return self.difference <= self.bar


@dataclass(frozen=True)
class Size:
    """How often a test rejects where there is nothing to find, over simulated data.

    ``at_most``: no more often than the level and three Monte Carlo standard errors. ``close``:
    within one percentage point of the level, as the mid-p of an exact test should be where the
    mean count is at least 1.
    """

    test: str
    setting: str
    maps: int
    rejected: float
    standard_error: float
    level: float = 0.05
    kind: Literal["at_most", "close"] = "at_most"

    @property
    def met(self) -> bool:
        """Whether the share of rejections is what the test promises."""
        if self.kind == "close":
            return abs(self.rejected - self.level) <= 0.01
        return self.rejected <= self.level + 3 * self.standard_error


def largest_difference(ours: ArrayLike, theirs: ArrayLike, *, relative: bool = True) -> float:
    """Return the largest difference of two arrays; nan in one place only makes it infinite."""
    here, there = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if here.shape != there.shape or here.size == 0 or (np.isnan(here) != np.isnan(there)).any():
        return float("inf")
    here, there = here[~np.isnan(here)], there[~np.isnan(there)]
    if here.size == 0:
        return float("inf")
    gap = np.abs(np.where(here == there, 0.0, here - there))
    if relative:
        gap = np.divide(gap, np.abs(there), out=gap.copy(), where=there != 0)
    return float(gap.max())
