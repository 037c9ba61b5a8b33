"""Invented offenses: true risks, monthly counts, and the records an office would keep of them."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.stats import gamma

# published national figures: 4.135 counted crimes a mahalla and year, 44.8 % of mahallas without
MEAN, SHAPE = 4.135, 0.297
MONTHS = pd.period_range("2022-02", "2025-01", freq="M")
# where the hot spot begins: the 20th of the 36 months
STEP = 19
CLUSTER_RISK = 5 * MEAN
# 6.5 a month: three months bring the 15 offenses at which twice the mean is exceeded with 95 %
QUIET_RISK, EMERGING_RISK = 0.6, 78.0
# counted kinds and their shares; cyber crime comes on top, by population alone
KINDS = {
    "theft": 0.38,
    "fraud": 0.16,
    "hooliganism": 0.12,
    "bodily_harm": 0.11,
    "burglary": 0.09,
    "domestic": 0.09,
    "robbery": 0.05,
}
CYBER_PER_YEAR = 1.2

Numbers = NDArray[np.float64]


def draw_risk(size: int, rng: np.random.Generator) -> Numbers:
    """Draw true yearly risks from the gamma distribution, one from each of `size` equal strata."""
    place = (rng.permutation(size) + rng.random(size)) / size
    return np.round(gamma.ppf(place, SHAPE, scale=MEAN / SHAPE), 6)


def simulate_counts(risk: Numbers, months: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Simulate monthly counts.

    Parameters
    ----------
    risk
        Expected offenses a year: one number a mahalla, or one a mahalla and month.
    months
        How many months.
    rng
        Source of chance.

    Returns
    -------
    array of int
        Poisson counts, mahallas by months.
    """
    monthly = np.reshape(risk, (len(risk), -1)) / 12
    return rng.poisson(np.broadcast_to(monthly, (len(risk), months)))


def plant(
    mahallas: pd.DataFrame, cells: NDArray[np.object_], rng: np.random.Generator
) -> pd.DataFrame:
    """Give every mahalla its true risk, with a lasting cluster and a hot spot that begins late.

    Parameters
    ----------
    mahallas
        Index `mahalla_code`, with `district` and `population`.
    cells
        Their polygons, missing ones included.
    rng
        Source of chance.

    Returns
    -------
    DataFrame
        On the same index: `risk_per_year`, `risk_from_month_20`, `planted`.
    """
    risk = draw_risk(len(mahallas), rng)
    rural = mahallas["district"].str.endswith("tumani")
    ordinary = (rural & mahallas["population"].between(3000, 5500)).to_numpy()
    district = mahallas["district"].to_numpy()
    left, right = shapely.STRtree(cells).query(cells, predicate="touches")
    order = rng.permutation(len(cells))

    def gather(size: int, taken: list[int]) -> list[int]:
        # the first ordinary mahalla with enough ordinary neighbours of its own district
        for centre in order:
            ring = np.sort(right[left == centre])
            ring = ring[ordinary[ring] & (district[ring] == district[centre])]
            elsewhere = all(district[centre] != district[other] for other in taken)
            if ordinary[centre] and elsewhere and len(ring) >= size - 1:
                return [int(centre), *ring[: size - 1].tolist()]
        raise ValueError("No group of ordinary neighbours found; choose another seed.")

    cluster = gather(9, [])
    emerging = gather(2, cluster)
    truth = pd.DataFrame({"risk_per_year": risk, "planted": ""}, index=mahallas.index)
    truth.loc[truth.index[cluster]] = CLUSTER_RISK, "cluster"
    truth.loc[truth.index[emerging]] = QUIET_RISK, "emerging"
    later = truth["risk_per_year"].mask(truth["planted"] == "emerging", EMERGING_RISK)
    truth.insert(1, "risk_from_month_20", later)
    return truth


def draw_records(
    mahallas: pd.DataFrame,
    truth: pd.DataFrame,
    cells: NDArray[np.object_],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Make one clean record of every offense.

    Returns
    -------
    DataFrame
        Columns `date`, `kind`, `mahalla_code`, `lon`, `lat`, `mahalla`, `district`, `registered`,
        all text, and `place`, the number of the true mahalla.
    """
    season = 1 + 0.08 * np.sin(2 * np.pi * (MONTHS.month.to_numpy() - 4) / 12)
    before, after = truth["risk_per_year"].to_numpy(), truth["risk_from_month_20"].to_numpy()
    risk = np.where(np.arange(len(MONTHS)) < STEP, before[:, None], after[:, None]) * season
    counted = simulate_counts(risk, len(MONTHS), rng)
    people = mahallas["population"].to_numpy()
    cyber = simulate_counts(CYBER_PER_YEAR * people / people.mean(), len(MONTHS), rng)
    return pd.concat(
        [
            describe(mahallas, cells, *_unroll(counted), rng),
            describe(mahallas, cells, *_unroll(cyber), rng).assign(kind="cyber"),
        ],
        ignore_index=True,
    )


def _unroll(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    place, month = np.nonzero(counts)
    times = counts[place, month]
    return np.repeat(place, times), np.repeat(month, times)


def describe(
    mahallas: pd.DataFrame,
    cells: NDArray[np.object_],
    place: NDArray[np.int64],
    month: NDArray[np.int64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Write the record of an offense in a mahalla and month: day, kind, and how it is located."""
    size = len(place)
    starts = MONTHS[month].to_timestamp()
    date = starts + pd.to_timedelta(rng.integers(0, MONTHS[month].days_in_month, size), "D")
    # most enter the books within days, some after weeks
    delay = np.minimum(np.floor(rng.lognormal(1.2, 1.0, size)), 60)
    coded = rng.random(size) < 0.45
    both = rng.random(size) < 0.85
    points = _drop_points(cells, place, rng)
    lost = ~mahallas["polygon"].to_numpy()[place]
    rows = mahallas.iloc[place].reset_index()
    located = np.where(lost, False, ~coded | both)
    return pd.DataFrame(
        {
            "date": date.strftime("%Y-%m-%d"),
            "kind": rng.choice(list(KINDS), size, p=list(KINDS.values())),
            "mahalla_code": rows["mahalla_code"].where(coded | lost, ""),
            "lon": np.where(located, [f"{x:.6f}" for x in points[:, 0]], ""),
            "lat": np.where(located, [f"{y:.6f}" for y in points[:, 1]], ""),
            "mahalla": rows["name"].where(rng.random(size) < 0.7, ""),
            "district": rows["district"],
            "registered": (date + pd.to_timedelta(delay, "D")).strftime("%Y-%m-%d"),
            "place": place,
        }
    )


def _drop_points(
    cells: NDArray[np.object_], place: NDArray[np.int64], rng: np.random.Generator
) -> Numbers:
    """Drop points inside their mahallas, half of them near one corner of it that sees more."""
    points = np.zeros((len(place), 2))
    for cell in np.unique(place):
        # two metres off the border, where no projection moves a point across
        room = shapely.buffer(cells[cell], -2e-5)
        shapely.prepare(room)
        low, high = np.reshape(room.bounds, (2, 2))
        wanted = np.flatnonzero(place == cell)
        focus = None
        kept: Numbers = np.empty((0, 2))
        while len(kept) < len(wanted):
            draw = rng.uniform(low, high, (4 * len(wanted) + 16, 2))
            inside = draw[shapely.contains_xy(room, draw)]
            if focus is None and len(inside):
                focus = inside[0]
            if focus is not None:
                near = focus + rng.normal(0, 0.1, draw.shape) * (high - low)
                draw = np.round(np.where(rng.random((len(draw), 1)) < 0.5, near, draw), 6)
                kept = np.concatenate([kept, draw[shapely.contains_xy(room, draw)]])
        points[wanted] = kept[: len(wanted)]
    return points
