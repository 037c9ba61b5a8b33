"""The dirt of real registers: some records spoilt, some that should never have been there."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sample_names import to_cyrillic, to_russian
from sample_offenses import MONTHS, describe

# what is wrong, the reason expected of it ("" where the record still has to be placed), how many
SPOILT = [
    ("name_only", "", 60),
    ("name_misspelt", "name_not_found", 40),
    ("code_as_number", "", 60),
]
ADDED = [
    ("no_location", "no_location", 60),
    ("zero_coordinates", "bad_coordinates", 40),
    ("swapped_coordinates", "bad_coordinates", 30),
    ("outside_region", "outside", 30),
    ("in_a_gap", "outside", 25),
    ("unknown_code", "unknown_code", 40),
    ("bad_date", "bad_date", 40),
    ("before_period", "outside_period", 30),
    ("after_period", "outside_period", 10),
]
DUPLICATES = 50
BAD_DATES = ["2024-02-31", "2023-13-05", "2022-00-10", "unknown", ""]
# other regions, a mahalla number never given, a district alone
BAD_CODES = ["1726266012", "1710999001", "1710207998", "1710224", "0000000000"]


def soil(
    records: pd.DataFrame,
    mahallas: pd.DataFrame,
    cells: NDArray[np.object_],
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spoil some records, add others, number all as the office booked them.

    Parameters
    ----------
    records
        Clean records of `draw_records`.
    mahallas
        Index `mahalla_code`.
    cells
        Their polygons, missing ones included.
    rng
        Source of chance.

    Returns
    -------
    tuple of DataFrame
        The register; and the list of its dirt with `id`, `dirt`, `reason` and the true
        `mahalla_code` where the offense happened in one.
    """
    records = records.assign(dirt="", reason="")
    _spoil(records, mahallas, rng)
    size = sum(many for _, _, many in ADDED)
    shares = (mahallas["population"] / mahallas["population"].sum()).to_numpy()
    place = rng.choice(len(mahallas), size, p=shares)
    month = rng.integers(0, len(MONTHS), size)
    kinds = np.repeat([dirt for dirt, _, _ in ADDED], [many for _, _, many in ADDED])
    lost, found = (np.flatnonzero(mahallas["polygon"] == flag) for flag in (False, True))
    gap = kinds == "in_a_gap"
    place[gap] = rng.choice(lost, gap.sum())
    swapped = kinds == "swapped_coordinates"
    place[swapped] = rng.choice(found, swapped.sum())
    added = describe(mahallas, cells, place, month, rng).assign(dirt=kinds)
    added["reason"] = added["dirt"].map({dirt: reason for dirt, reason, _ in ADDED})
    _dirty(added, cells, rng)
    return _number(pd.concat([records, added], ignore_index=True), mahallas, rng)


def _spoil(records: pd.DataFrame, mahallas: pd.DataFrame, rng: np.random.Generator) -> None:
    for dirt, reason, many in SPOILT:
        free = (records["dirt"] == "") & (records["kind"] != "cyber")
        if dirt == "code_as_number":
            free &= records["mahalla_code"] != ""
        rows = rng.choice(np.flatnonzero(free), many, replace=False)
        records.loc[rows, ["dirt", "reason"]] = dirt, reason
        if dirt == "code_as_number":
            records.loc[rows, "mahalla_code"] += ".0"
            records.loc[rows, ["lon", "lat"]] = ""
            continue
        names = mahallas["name"].to_numpy()[records.loc[rows, "place"]]
        bare = [name.removesuffix(" MFY") for name in names]
        if dirt == "name_misspelt":
            written = [f"{_misspell(name)} MFY" for name in bare]
        else:
            # the four spellings an office meets, in turn
            written = [
                (
                    f"{name} MFY",
                    name.replace("ʻ", "'"),
                    f"{to_cyrillic(name)} МФЙ",
                    f"{to_russian(name)} МСГ",
                )[n % 4]
                for n, name in enumerate(bare)
            ]
        records.loc[rows, "mahalla"] = written
        records.loc[rows, ["mahalla_code", "lon", "lat"]] = ""


def _misspell(name: str) -> str:
    """Leave out the last such consonant: alike enough to suggest, too unlike to place."""
    at = max((at for at, letter in enumerate(name) if letter in "bdfgklmnpqrstvxyz"), default=0)
    return name[:at] + name[at + 1 :]


def _dirty(added: pd.DataFrame, cells: NDArray[np.object_], rng: np.random.Generator) -> None:
    def rows(dirt: str) -> pd.Index:
        return added.index[added["dirt"] == dirt]

    no = rows("no_location")
    added.loc[no, ["mahalla_code", "lon", "lat", "mahalla"]] = ""
    zero = rows("zero_coordinates")
    added.loc[zero, ["mahalla_code", "mahalla", "lon", "lat"]] = ["", "", "0", "0"]
    for dirt in ("swapped_coordinates", "in_a_gap"):
        some = rows(dirt)
        added.loc[some, ["mahalla_code", "mahalla"]] = ""
        inside = [shapely.point_on_surface(cells[place]) for place in added.loc[some, "place"]]
        x, y = ([f"{value:.6f}" for value in f(inside)] for f in (shapely.get_x, shapely.get_y))
        added.loc[some, "lon"], added.loc[some, "lat"] = (y, x) if "swap" in dirt else (x, y)
    out = rows("outside_region")
    points = _draw_outside(cells, len(out), rng)
    added.loc[out, ["mahalla_code", "mahalla"]] = ""
    added.loc[out, "lon"] = [f"{x:.6f}" for x in points[:, 0]]
    added.loc[out, "lat"] = [f"{y:.6f}" for y in points[:, 1]]
    unknown = rows("unknown_code")
    added.loc[unknown, ["lon", "lat", "mahalla"]] = ""
    added.loc[unknown, "mahalla_code"] = np.resize(BAD_CODES, len(unknown))
    bad = rows("bad_date")
    added.loc[bad, "date"] = np.resize(BAD_DATES, len(bad))
    # a year typed wrong: 2023 as 2013 or 2033
    for dirt, decade in (("before_period", "201"), ("after_period", "203")):
        some = rows(dirt)
        added.loc[some, "date"] = decade + added.loc[some, "date"].str[3:4] + "-01-15"


def _draw_outside(
    cells: NDArray[np.object_], size: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    region = shapely.union_all(cells)
    low, high = np.reshape(region.buffer(0.6).bounds, (2, 2))
    draw = np.round(rng.uniform(low, high, (20 * size, 2)), 6)
    return draw[shapely.distance(region, shapely.points(draw)) > 0.1][:size]


def _number(
    records: pd.DataFrame, mahallas: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    records = records.sort_values("registered", kind="stable", ignore_index=True)
    records.insert(0, "id", [f"KD{number:06d}" for number in range(1, len(records) + 1)])
    free = np.flatnonzero((records["dirt"] == "") & (records["kind"] != "cyber"))
    twice = np.sort(rng.choice(free, DUPLICATES, replace=False))
    copies = records.loc[twice].assign(dirt="duplicate", reason="duplicate_id")
    # an exact copy, some lines further down
    line = pd.concat(
        [records.index.to_series(), pd.Series(twice + rng.integers(1, 400, DUPLICATES))]
    )
    order = np.argsort(line.to_numpy() + np.repeat([0, 0.5], [len(records), DUPLICATES]))
    register = pd.concat([records, copies], ignore_index=True).iloc[order]
    dirty = register[register["dirt"] != ""].sort_values(["dirt", "id"])
    nowhere = dirty["dirt"].isin(["outside_region", "unknown_code", "no_location"])
    code = pd.Series(mahallas.index[dirty["place"]], index=dirty.index).mask(nowhere, "")
    dirty = dirty[["id", "dirt", "reason"]].assign(mahalla_code=code)
    return register.drop(columns=["place", "dirt", "reason"]), dirty
