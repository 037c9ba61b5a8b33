"""The scan equals plain enumeration of every circle and cylinder, and refuses nonsense."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot import (
    InputError,
    circular_windows,
    fit_gamma_poisson,
    past_null,
    permutation_null,
    population_null,
    scan_statistic,
)

MONTHS = pd.period_range("2024-01", periods=12, freq="M")
Window = tuple[frozenset[str], int, int]


def enumerate_windows(
    counts: pd.DataFrame,
    expected: pd.DataFrame,
    points: pd.DataFrame,
    *,
    look_for: str = "high",
    max_share: float = 0.5,
    max_radius_m: float = math.inf,
    max_months: int | None = None,
    prospective: bool = False,
) -> dict[Window, float]:
    """Return the ratio of every window, by plain loops and the formula of Kulldorff (1997)."""
    months = counts.shape[1]
    longest = max_months or max(months // 2, 1)
    x = dict(zip(counts.index, counts.to_numpy().tolist(), strict=True))
    mean = dict(zip(expected.index, expected.to_numpy().tolist(), strict=True))
    place = dict(zip(points.index, points.to_numpy().tolist(), strict=True))
    total = sum(map(sum, x.values()))
    spans = [(a, b) for a, b in product(range(months), repeat=2) if 0 <= b - a < longest]
    found = {}
    for centre, edge in product(place, repeat=2):
        radius = math.dist(place[centre], place[edge])
        inside = frozenset(c for c in place if math.dist(place[centre], place[c]) <= radius)
        share = sum(sum(mean[code]) for code in inside) / sum(map(sum, mean.values()))
        if share > max_share + 1e-12 or radius > max_radius_m:
            continue
        for start, end in spans:
            if prospective and end < months - 1:
                continue
            c = sum(sum(x[code][start : end + 1]) for code in inside)
            e = math.fsum(math.fsum(mean[code][start : end + 1]) for code in inside)
            if (c > e and look_for != "low") or (c < e and look_for != "high"):
                ratio = c * math.log(c / e) if c else 0.0
                if c < total:
                    ratio += (total - c) * math.log((total - c) / (total - e))
                found[inside, start, end] = ratio
    return found


def pick_apart(ratios: dict[Window, float]) -> list[tuple[float, set[Window]]]:
    """Return the largest ratios without a common mahalla, with all windows that reach each."""
    picked = []
    while ratios and max(ratios.values()) > 1e-9:
        best = max(ratios.values())
        tied = {window for window, ratio in ratios.items() if ratio > best * (1 - 1e-9)}
        picked.append((best, tied))
        if len(tied) > 1:
            break
        ((members, _, _),) = tied
        ratios = {window: of for window, of in ratios.items() if not window[0] & members}
    return picked


def draw_region(seed: int, *, n: int = 9, months: int = 1, grid: bool = False):
    rng = np.random.default_rng(seed)
    codes = pd.Index([f"{i:02d}" for i in range(n)], name="mahalla_code")
    # on a grid many mahallas are as far away as others
    xy = rng.integers(0, 4, (n, 2)) * 1000.0 if grid else rng.uniform(0, 9000, (n, 2))
    counts = pd.DataFrame(rng.poisson(2, (n, months)), codes, MONTHS[:months])
    counts.iloc[0] += 5
    people = pd.Series(rng.integers(200, 2000, n).astype(float), codes)
    geometry = gpd.GeoSeries.from_xy(*xy.T, index=codes, crs="EPSG:32642")
    points = pd.DataFrame(xy, codes)
    return counts, people, geometry, points


CASES = [
    {"months": 1},
    {"months": 1, "grid": True, "look_for": "both"},
    {"months": 1, "look_for": "low", "max_share": 0.3},
    {"months": 5, "look_for": "both"},
    {"months": 5, "max_radius_m": 3500.0, "max_months": 4},
    {"months": 6, "prospective": True, "grid": True},
]


# one month has nothing to permute
KINDS = [("population", case) for case in CASES]
KINDS += [("permutation", case) for case in CASES if case["months"] > 1]


@pytest.mark.parametrize(("kind", "case"), KINDS, ids=str)
def test_clusters_and_maxima_equal_enumeration(kind: str, case: dict):
    """Origin: brute force, every circle and every run of months."""
    options = dict(case)
    months, grid = options.pop("months"), options.pop("grid", False)
    for seed in range(8):
        counts, people, geometry, points = draw_region(seed, months=months, grid=grid)
        if kind == "permutation":
            null = permutation_null(counts)
        else:
            null = population_null(counts, people, dispersion=0.3 * (seed % 3))
        where = {name: of for name, of in options.items() if name != "look_for"}
        found = scan_statistic(
            null,
            circular_windows(geometry, **where),
            seed=seed,
            look_for=options.get("look_for", "high"),
            replicates=4,
            level=1.0,
        )
        ratios = enumerate_windows(counts, null.expected, points, **options)
        picked = pick_apart(ratios)
        assert len(found.clusters) >= len(picked) > 0
        for row, (ratio, tied) in zip(found.clusters.itertuples(), picked, strict=False):
            assert row.llr == pytest.approx(ratio, rel=1e-9)
            at = [0, 0] if months == 1 else list(counts.columns.get_indexer([row.start, row.end]))
            assert (frozenset(row.members), *at) in tied
            assert row.kind == ("high" if row.observed > row.expected else "low")
        rng = np.random.default_rng(seed)
        for largest in found.maxima:
            drawn = pd.DataFrame(null.draw(rng), counts.index, counts.columns)
            assert drawn.to_numpy().sum() == counts.to_numpy().sum()
            ratios = enumerate_windows(drawn, null.expected, points, **options)
            assert largest == pytest.approx(max(ratios.values(), default=0.0), rel=1e-9)


def test_many_replicates_and_a_large_total_equal_few():
    """Origin: enumeration, where the counts need more than 16 bits and blocks are several."""
    counts, people, geometry, points = draw_region(1, n=6, months=4)
    counts = counts * 3000
    null = population_null(counts, people, dispersion=0.5)
    found = scan_statistic(null, circular_windows(geometry), seed=3, replicates=800)
    rng = np.random.default_rng(3)
    for largest in found.maxima[:5]:
        drawn = pd.DataFrame(null.draw(rng), counts.index, counts.columns)
        ratios = enumerate_windows(drawn, null.expected, points)
        assert largest == pytest.approx(max(ratios.values()), rel=1e-9)


def test_p_ranks_the_ratio_among_the_largest_of_the_replicates():
    """Origin: the definition, (1 + as large or larger) / (1 + replicates)."""
    counts, people, geometry, _ = draw_region(4)
    null = population_null(counts, people, dispersion=0)
    found = scan_statistic(null, circular_windows(geometry), seed=1, replicates=99, level=1.0)
    for row in found.clusters.itertuples():
        assert row.p == (1 + (found.maxima >= row.llr - 1e-9).sum()) / 100
        c, e, total = row.observed, row.expected, counts.to_numpy().sum()
        assert row.relative_risk == pytest.approx((c / e) / ((total - c) / (total - e)))
    ahead = scan_statistic(null, circular_windows(geometry, prospective=True), seed=1)
    assert ahead.clusters["recurrence_months"].tolist() == (1 / ahead.clusters["p"]).tolist()


def test_further_clusters_are_listed_up_to_the_level_and_share_no_mahalla():
    counts, people, geometry, _ = draw_region(5, n=20)
    counts.iloc[[3, 7]] += 30
    null = population_null(counts, people, dispersion=0)
    every = scan_statistic(null, circular_windows(geometry), seed=1, replicates=99, level=1.0)
    few = scan_statistic(null, circular_windows(geometry), seed=1, replicates=99, level=1e-9)
    assert len(few.clusters) == 1 < len(every.clusters)
    assert every.clusters["llr"].is_monotonic_decreasing
    members = [code for of in every.clusters["members"] for code in of]
    assert len(members) == len(set(members))
    assert (every.mahallas.loc[members, "cluster"] > 0).all()
    assert (every.mahallas.drop(members)["cluster"] == 0).all()
    assert every.mahallas.drop(members)[["cluster_llr", "cluster_p"]].isna().all(axis=None)


def test_ties_count_against_the_cluster():
    """Origin: by hand. One offense in one of four alike mahallas looks like every replicate."""
    codes = pd.Index(list("abcd"), name="mahalla_code")
    road = gpd.GeoSeries.from_xy([0, 1000, 3000, 7000], [0] * 4, index=codes, crs=32642)
    null = population_null(pd.Series([0, 1, 0, 0], codes), pd.Series(100, codes), dispersion=0)
    found = scan_statistic(null, circular_windows(road), seed=1, replicates=99)
    assert found.clusters["llr"].tolist() == [pytest.approx(math.log(4))]
    assert found.clusters["p"].tolist() == [1.0]


def test_what_cannot_be_scanned_is_left_out_and_said():
    counts, people, geometry, points = draw_region(6, months=4)
    counts = counts.astype(float)
    counts.loc["01"] = np.nan
    counts.loc["02", MONTHS[1]] = np.nan
    counts[MONTHS[3]] = np.nan
    people["03"], people["04"] = 0.0, np.nan
    geometry["05"] = None
    null = population_null(counts, people, dispersion=0)
    found = scan_statistic(null, circular_windows(geometry), seed=1, replicates=9, level=1.0)
    reasons = {"01": "no data", "03": "no baseline", "04": "no baseline", "05": "no polygon"}
    assert found.left_out.to_dict() == reasons
    assert found.mahallas.index.equals(counts.index)
    assert found.mahallas.loc[list(reasons)].isna().all(axis=None)
    assert found.mahallas.drop(list(reasons))["cluster"].notna().all()
    # months without data expect nothing, and those without a polygon count as outside
    assert null.expected.loc["02", MONTHS[1]] == 0
    assert (null.expected[MONTHS[3]] == 0).all()
    assert null.expected.to_numpy().sum() == pytest.approx(null.counts.to_numpy().sum())
    ratios = enumerate_windows(null.counts, null.expected, points.drop(list(reasons)))
    assert found.clusters["llr"][0] == pytest.approx(max(ratios.values()))
    everywhere = permutation_null(counts)
    assert everywhere.left_out.to_dict() == {"01": "no data", "02": "no data"}


def test_the_nulls_expect_what_they_say():
    """Origin: by hand."""
    counts = pd.DataFrame({"m1": [6, 0, 2], "m2": [1, 2, 1]}, index=list("abc"))
    people = pd.Series([100.0, 100.0, 200.0], index=list("abc"))
    flat = population_null(counts, people, dispersion=0)
    assert flat.expected.to_numpy().tolist() == [[1.5, 1.5], [1.5, 1.5], [3, 3]]
    seasonal = population_null(counts, people, by_month=True, dispersion=0)
    assert seasonal.expected.to_numpy().tolist() == [[2, 1], [2, 1], [4, 2]]
    permuted = permutation_null(counts)
    assert permuted.expected["m1"].tolist() == pytest.approx([7 * 8 / 12, 2 * 8 / 12, 3 * 8 / 12])
    assert np.isnan(permuted.dispersion)
    # earlier sums 6, 0, 3 over two months; mean month 1.5: (7.5, 1.5, 4.5) / 3
    earlier = pd.DataFrame({"e1": [4, 0, 1], "e2": [2, 0, 2]}, index=list("abc"))
    past = past_null(counts, earlier, dispersion=0)
    expected = np.array([2.5, 0.5, 1.5]) / 4.5 * 12 / 2
    assert past.expected["m2"].tolist() == pytest.approx(expected.tolist())


def test_drawn_maps_have_the_moments_of_their_null():
    """Origin: the moments of gamma-mixed counts, and the margins that a permutation keeps."""
    codes = pd.Index([f"{i:03d}" for i in range(400)])
    people = pd.Series(1000.0, codes)
    counts = pd.DataFrame(np.full((400, 2), 5), codes, MONTHS[:2])
    rng = np.random.default_rng(8)
    null = population_null(counts, people, dispersion=0.5)
    totals = np.array([null.draw(rng).sum(axis=1) for _ in range(200)])
    assert totals.mean() == 10
    # mean 10, variance 10 + 0.5 · 10²
    assert totals.var() == pytest.approx(60, rel=0.05)
    counts.iloc[:, 1] = np.arange(400) % 7
    permuted = permutation_null(counts).draw(rng)
    assert permuted.sum(axis=0).tolist() == counts.sum(axis=0).tolist()
    assert permuted.sum(axis=1).tolist() == counts.sum(axis=1).tolist()
    assert not np.array_equal(permuted, counts)


@pytest.mark.parametrize("dispersion", [1e3, 1e6, 1e300])
def test_risks_too_small_for_a_float_put_all_in_one_mahalla_or_another(dispersion: float):
    codes = list("abc")
    counts, people = pd.Series([20, 30, 50], codes), pd.Series([100, 300, 600], codes)
    null, rng = population_null(counts, people, dispersion=dispersion), np.random.default_rng(1)
    totals = np.array([null.draw(rng).sum(axis=1) for _ in range(900)])
    assert (totals.sum(axis=1) == 100).all()
    # as the dispersion grows the law of Dirichlet goes to one mahalla for all, each as often,
    # whatever its size; four standard deviations of a binomial of 900 and 1/3 are 0.063
    assert (totals.max(axis=1) == 100).mean() > 0.97
    assert np.abs((totals > 50).mean(axis=0) - 1 / 3).max() < 0.063


def test_the_dispersion_fits_the_negative_binomial():
    """Origin: `fit_gamma_poisson`, which solves the score of the same likelihood in k = 1 / d."""
    rng = np.random.default_rng(9)
    codes = pd.Index([f"{i:03d}" for i in range(300)])
    people = pd.Series(rng.uniform(500, 5000, 300), codes)
    counts = pd.Series(rng.poisson(people / 400 * rng.gamma(2, 0.5, 300)), codes)
    shape = 1 / population_null(counts, people).dispersion
    assert shape == pytest.approx(float(fit_gamma_poisson(counts, people)["k"].iloc[0]), rel=1e-3)
    even = pd.Series(5, codes)
    assert population_null(even, pd.Series(1.0, codes)).dispersion == 0


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_order_names_units_and_doubled_people_change_nothing(seed: int, data: st.DataObject):
    counts, people, geometry, _ = draw_region(seed, n=7, months=3)
    before = scan_statistic(
        population_null(counts, people), circular_windows(geometry), seed=1, replicates=19
    )
    order = data.draw(st.permutations(list(counts.index)))
    moved = geometry.translate(500_000, 4_000_000).scale(1000, 1000, origin=(0, 0))
    shuffled = scan_statistic(
        population_null(counts.loc[order], 2 * people), circular_windows(moved), seed=1,
        replicates=19,
    )  # fmt: skip
    same = ["centre", "members", "start", "end", "observed", "p"]
    pd.testing.assert_frame_equal(before.clusters[same], shuffled.clusters[same])
    pd.testing.assert_frame_equal(before.mahallas, shuffled.mahallas, rtol=1e-9)
    assert shuffled.clusters["radius_m"].to_numpy() == pytest.approx(
        1000 * before.clusters["radius_m"].to_numpy(), abs=1e-3
    )
    renamed = {code: f"x{code}" for code in counts.index}
    again = scan_statistic(
        population_null(counts.rename(renamed), people.rename(renamed)),
        circular_windows(geometry.rename(renamed)),
        seed=1,
        replicates=19,
    )
    assert again.mahallas.rename(index=lambda code: code[1:]).equals(before.mahallas)


def test_sudden_infant_deaths_equal_enumeration(shared: Path):
    """Origin: brute force on the data that Kulldorff (1997) used, with county seats as centres."""
    counties = gpd.read_file(shared / "classic_validation" / "nc_sids.geojson").set_index("NAME")
    deaths = (counties["SID74"] + counties["SID79"]).astype(int)
    births = counties["BIR74"] + counties["BIR79"]
    miles = 1609.344
    seats = counties[["east", "north"]] * miles
    geometry = gpd.GeoSeries.from_xy(
        seats["east"], seats["north"], index=counties.index, crs="EPSG:32119"
    )
    null = population_null(deaths, births, dispersion=0)
    found = scan_statistic(null, circular_windows(geometry), seed=1)
    ratios = enumerate_windows(null.counts, null.expected, seats)
    first, second = pick_apart(ratios)[:2]
    robeson = ("Bladen", "Columbus", "Hoke", "Robeson", "Scotland")
    halifax = ("Halifax", "Hertford", "Northampton")
    assert found.clusters["members"].tolist()[:2] == [robeson, halifax]
    assert first[1] == {(frozenset(robeson), 0, 0)}
    assert second[1] == {(frozenset(halifax), 0, 0)}
    assert found.clusters["llr"].tolist()[:2] == pytest.approx([first[0], second[0]], rel=1e-12)
    assert found.clusters["p"].tolist()[:2] == [0.001, 0.001]


REGION = draw_region(0, months=2)


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (
            lambda c, p, g: circular_windows(g, max_share=0.6),
            "max_share is 0.6: a cluster holds at most half, 0.5, of all",
        ),
        (
            lambda c, p, g: circular_windows(g, max_radius_m=0),
            "max_radius_m is 0: give metres above 0",
        ),
        (
            lambda c, p, g: circular_windows(g, max_months=0),
            "max_months is 0: a window has at least one month",
        ),
        (
            lambda c, p, g: circular_windows(g.set_crs(4326, allow_override=True)),
            "the polygons are not in a metric CRS: read them with read_mahallas",
        ),
        (
            lambda c, p, g: circular_windows(pd.concat([g, g[:1]])),
            "mahalla '00' has two polygons: give each mahalla one row",
        ),
        (
            lambda c, p, g: population_null(c - 9, p),
            "a count is -3: offenses are whole numbers from 0 up",
        ),
        (
            lambda c, p, g: population_null(c, -p),
            "a population is -1802: leave it empty where it is not known",
        ),
        (
            lambda c, p, g: population_null(c, p, dispersion=-1),
            "the dispersion is -1: give a variance from 0 up",
        ),
        (
            lambda c, p, g: population_null(c, 0 * p),
            "0 mahallas with a baseline and data hold 0 offenses: "
            "a scan needs two mahallas and an offense",
        ),
        (
            lambda c, p, g: population_null(pd.concat([c, c[:1]]), p),
            "mahalla '00' has two rows of counts: give each mahalla one row",
        ),
        (
            lambda c, p, g: population_null(c, pd.concat([p, p[:1]])),
            "mahalla '00' has two rows of population: give each mahalla one row",
        ),
        (
            lambda c, p, g: population_null(c, p.to_frame(MONTHS[0])),
            "the population has no column '2024-02': give one each month",
        ),
        (
            lambda c, p, g: population_null(c.iloc[:, ::-1], p),
            "the months of the counts are not in order: sort the columns",
        ),
        (
            lambda c, p, g: permutation_null(c.iloc[:, :1]),
            "one month alone has nothing to permute: give at least two",
        ),
        (
            lambda c, p, g: scan_statistic(
                population_null(c, p), circular_windows(g), seed=1, replicates=0
            ),
            "replicates is 0: at least one map must be drawn",
        ),
        (
            lambda c, p, g: scan_statistic(
                population_null(c, p), circular_windows(g), seed=1, look_for="hot", replicates=9
            ),
            "look_for is 'hot': look for clusters of high, low or both",
        ),
        (
            lambda c, p, g: scan_statistic(
                population_null(c, p), circular_windows(g[:0]), seed=1, replicates=9
            ),
            "none of the 9 mahallas has a polygon: a scan needs points",
        ),
    ],
)
def test_nonsense_is_refused_in_a_sentence(work, sentence: str):
    counts, people, geometry, _ = REGION
    with pytest.raises(InputError) as error:
        work(counts, people, geometry)
    assert str(error.value) == sentence
