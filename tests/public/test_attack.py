"""A reader of all public files solves for what each mahalla had, by integer programming.

The reader knows the published criteria and reads the folders of two months that follow each other.
What is solved for are offenses of single months and kinds, whole numbers of which windows of twelve
months add up to what a category says. The criteria of the stories are a rule on the count alone,
which tells the most: yellow is one or two. Of criteria that compare mahallas with each other, as
the bundled ones do, the reader knows what a category says at least. With the offenses of districts
or sectors beside them exact counts would follow: the reader is able to attack.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, milp

from hotspot.monthly import Month

WINDOW = 12
MONTHS = ("2024-12", "2025-01")
# a number that no mahalla has; who can be told to have as many can have any
ANY = 1000
NEW_RED, OLD_RED = 3, 2


@dataclass(frozen=True)
class Knowledge:
    """What the reader knows: categories, mahallas × months, and sums of offenses over windows.

    ``compares`` is whether the criteria compare, so that what is not red may have any number.
    """

    categories: pd.DataFrame
    compares: bool = False
    sums: tuple[tuple[tuple[str, ...], str, int], ...] = ()


def read_all(folders: Sequence[Path]) -> Knowledge:
    """Gather the categories from every table of the folders; no other number is in them."""
    told: dict[str, pd.Series] = {}
    for folder in folders:
        account = json.loads((folder / "run.json").read_text("utf-8"))
        assert account["criteria"]["red"] == {
            "all": [f"count >= {NEW_RED}"],
            "stay": {"all": [f"count >= {OLD_RED}"]},
        }
        for file in sorted(folder.glob("*.csv")):
            table = pd.read_csv(file, dtype={"mahalla_code": str}, encoding="utf-8-sig")
            if file.stem == "history":
                past = table.set_index("mahalla_code")
                for month in past:
                    assert str(month) not in told or told[str(month)].equals(past[month])
                    told[str(month)] = past[month]
            numbers = set(table.select_dtypes("number")) - {"months_red"}
            # what is counted are mahallas, which the categories tell already
            assert numbers <= {"mahallas", *account["categories"]}
    return Knowledge(pd.DataFrame(told).sort_index(axis=1))


def says(category: str, before: str | None, *, compares: bool) -> tuple[float, float]:
    """Return the least and the largest number of offenses that the definition gives a window."""
    if category == "red":
        return (OLD_RED if before == "red" else NEW_RED), np.inf
    if category in ("green", "not_assessed"):
        return 0, 0
    largest = np.inf if compares else (OLD_RED if before == "red" else NEW_RED) - 1
    return (1 if category == "yellow" else 0), largest


def solve(
    knowledge: Knowledge,
    codes: Sequence[str],
    target: tuple[str, int, int],
    *,
    largest: bool,
    kinds: int = 1,
) -> int:
    """Return the least or the largest number of offenses of a mahalla from month to month.

    ``target`` is the mahalla, and the first and last of its months, counted from the first that a
    window has. Of several kinds it is the number of the first.
    """
    categories = knowledge.categories.loc[list(codes)]
    months = categories.shape[1] + WINDOW - 1
    shape = (kinds, len(codes), months)
    rows: list[NDArray[np.float64]] = []
    low: list[float] = []
    high: list[float] = []

    def add(places: Sequence[int], first: int, least: float, most: float) -> None:
        row = np.zeros(shape)
        row[:, places, first : first + WINDOW] = 1
        rows.append(row.ravel())
        low.append(least)
        high.append(most)

    for place, said in enumerate(categories.to_numpy()):
        for window, category in enumerate(said):
            before = said[window - 1] if window else None
            add([place], window, *says(category, before, compares=knowledge.compares))
    for members, month, number in knowledge.sums:
        places = [codes.index(code) for code in members]
        add(places, list(categories).index(month), number, number)
    goal = np.zeros(shape)
    goal[0, codes.index(target[0]), target[1] : target[2] + 1] = -1 if largest else 1
    found = milp(
        goal.ravel(),
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.ones(goal.size),
        bounds=(0, ANY),
    )
    assert found.success, found.message
    return min(round(abs(found.fun)), ANY)


def bounds(knowledge: Knowledge, code: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return least and largest of each window and of each month of a mahalla."""
    return _bounds(tuple(knowledge.categories.loc[code]), knowledge.compares)


@functools.cache
def _bounds(
    said: tuple[str, ...], compares: bool
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    alone = Knowledge(pd.DataFrame([said], ["it"]), compares)

    def both(first: int, last: int) -> tuple[int, int]:
        target = ("it", first, last)
        return (
            solve(alone, ["it"], target, largest=False),
            solve(alone, ["it"], target, largest=True),
        )

    return (
        [both(window, window + WINDOW - 1) for window in range(len(said))],
        [both(month, month) for month in range(len(said) + WINDOW - 1)],
    )


@pytest.fixture(scope="module")
def known(publish: Callable[..., Path]) -> dict[int, Knowledge]:
    """Return what public folders tell by the number of classes; one folder has all months too."""
    # drawings are of the tables, as the tests of the same bytes hold
    return {
        3: read_all([publish(0, month, drawings=False) for month in MONTHS]),
        2: read_all([publish(0, classes=2, drawings=False)]),
    }


def one_of_each(knowledge: Knowledge) -> list[str]:
    """Return a mahalla of each history; those of the same history are the same to the reader."""
    # of one that is not assessed no record was placed, as of a green one
    said = knowledge.categories.replace("not_assessed", "green")
    return list(said.drop_duplicates().index)


def truth(month: Month, code: str) -> tuple[list[int], list[int]]:
    """Return what was in each window and in each month."""
    months = month.counts.loc[code].tolist()[-(month.history.shape[1] + WINDOW - 1) :]
    return np.convolve(months, np.ones(WINDOW, dtype=int), mode="valid").tolist(), months


@pytest.mark.parametrize(("classes", "story"), [(3, 1), (2, 2)])
def test_the_reader_cannot_tell_the_stories_apart(
    known: dict[int, Knowledge], tell: Callable[..., Month], classes: int, story: int
) -> None:
    knowledge = known[classes]
    for code in one_of_each(knowledge):
        for found, one, other in zip(
            bounds(knowledge, code), truth(tell(0), code), truth(tell(story), code), strict=True
        ):
            for (least, largest), *numbers in zip(found, one, other, strict=True):
                assert least <= min(numbers)
                assert largest >= min(max(numbers), ANY)


@pytest.mark.parametrize("compares", [False, True])
def test_a_window_is_known_as_well_as_its_category_says(
    known: dict[int, Knowledge], compares: bool
) -> None:
    knowledge = replace(known[3], compares=compares)
    for code in one_of_each(knowledge):
        said = [None, *knowledge.categories.loc[code]]
        windows, months = bounds(knowledge, code)
        for before, category, found in zip(said[:-1], said[1:], windows, strict=True):
            least, largest = says(str(category), before, compares=compares)
            assert found[1] == min(largest, ANY)
            # a red that was green before has its three in one month, also in the windows after
            assert found[0] == least or (before == category == "red" and found[0] == NEW_RED)
        empty = np.zeros(len(months), dtype=bool)
        for window, category in enumerate(said[1:]):
            empty[window : window + WINDOW] |= category in ("green", "not_assessed")
        # of a month is known that it is empty, or that it is not
        assert [largest == 0 for _, largest in months] == empty.tolist()
        assert max(least for least, _ in months) <= NEW_RED


def test_two_classes_never_tell_that_nothing_happened(known: dict[int, Knowledge]) -> None:
    for code in one_of_each(known[2]):
        windows, months = bounds(known[2], code)
        assert min(largest for _, largest in [*windows, *months]) >= 1
        windows, months = bounds(replace(known[2], compares=True), code)
        assert {largest for _, largest in [*windows, *months]} == {ANY}
        assert {least for least, _ in months} == {0}


def test_months_that_the_definition_tells(known: dict[int, Knowledge]) -> None:
    # by hand, from the plots of the stories: the months are numbered from February 2022
    compared = replace(known[3], compares=True)
    three = {code: bounds(compared, f"1710200{code}")[1] for code in ("003", "004", "002")}
    # green until the window that ends with the month 30 and yellow since
    assert [month for month, (least, _) in enumerate(three["003"]) if least] == [30]
    assert three["003"][30] == (1, ANY)
    # red in the twelve windows from 12 on, green before and after: at least three in that month
    assert [month for month, (least, _) in enumerate(three["004"]) if least] == [12]
    assert three["004"][12] == (3, ANY)
    # the first left with the window after 16, the second came with 20
    assert [month for month, (least, _) in enumerate(three["002"]) if least] == [5, 20]


def test_offenses_of_groups_would_tell_exact_counts(
    known: dict[int, Knowledge], tell: Callable[..., Month]
) -> None:
    month = tell(0)
    sectors = month.groups["sector"]
    of_sector = sectors[(sectors["district"] == "Guzor") & (sectors["sector"] == "s2")]
    members = ("1710200002", "1710200005")
    naive = Knowledge(
        known[3].categories, True, ((members, "2025-01", int(of_sector["offenses"].iloc[0])),)
    )
    target = ("1710200005", 24, 35)
    found = [solve(naive, members, target, largest=largest) for largest in (False, True)]
    # the other mahalla of the sector is green, so that all are this one's
    assert found == [4, 4] == [int(month.table.loc["1710200005", "count"])] * 2
    # the whole district: a largest number for each of its mahallas, whatever the criteria
    district = [code for code in month.table.index if code.startswith("1710200")]
    offenses = int(month.districts["offenses"].iloc[0])
    naive = Knowledge(known[3].categories, True, ((tuple(district), "2025-01", offenses),))
    assert solve(naive, district, ("1710200003", 24, 35), largest=True) < offenses < ANY


def test_no_kind_is_told_anywhere(known: dict[int, Knowledge]) -> None:
    knowledge = known[3]
    for code in one_of_each(knowledge):
        # of the last window, and of all months together
        for first in (knowledge.categories.shape[1] - 1, 0):
            target = (code, first, knowledge.categories.shape[1] + WINDOW - 2)
            assert solve(knowledge, [code], target, largest=False, kinds=2) == 0
            together = solve(knowledge, [code], target, largest=True)
            assert solve(knowledge, [code], target, largest=True, kinds=2) == together
