"""Red probabilities are calibrated; flip distances are true; both by computing everything anew."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspot.categories.classify import decide
from hotspot.categories.criteria import bundled_text, parse_criteria
from hotspot.evidence import gather_evidence
from hotspot.sample import sample_folder
from hotspot.uncertainty import Window, flip_distance, red_probability

DEFAULT = parse_criteria(tomllib.loads(bundled_text("analytical-12m")))


def grid(rows: int, columns: int) -> tuple[pd.Index, Graph]:
    """Return the codes and the rook contiguity of a rectangle of mahallas."""
    codes = pd.Index([f"{i:03d}" for i in range(rows * columns)])
    place = np.arange(rows * columns).reshape(rows, columns)
    pairs = np.concatenate(
        [
            np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1),
            np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1),
        ]
    )
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return codes, Graph.from_arrays(codes[both[:, 0]], codes[both[:, 1]], np.ones(len(both)))


def categories(
    counts: pd.Series, population: pd.Series, graph: Graph, previous: pd.Series | None
) -> pd.Series:
    """Decide a window from its counts by the pipeline's own way, a window of one month."""
    month = pd.PeriodIndex(["2025-01"], freq="M")
    panel = counts.astype("int64").to_frame().set_axis(month, axis=1)
    evidence = gather_evidence(
        panel,
        population,
        graph,
        window_months=1,
        reachable=pd.DataFrame(True, index=counts.index, columns=month),
    ).xs(month[0], axis=1, level="month")
    return decide(pd.DataFrame(evidence).assign(observable=True), DEFAULT, previous)


def window(
    counts: pd.Series, population: pd.Series, graph: Graph, previous: pd.Series | None = None
) -> Window:
    """Return a window of which everything follows from the counts."""
    evidence = pd.DataFrame(
        np.nan, index=counts.index, columns=sorted(DEFAULT.columns | {"count"})
    ).assign(count=counts.astype(float), observable=True)
    return Window(counts.astype(float), evidence, population, graph, DEFAULT, 1.0, None, previous)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_flip_distance_turns_the_colour_and_one_fewer_does_not(data):
    codes, graph = grid(4, 5)
    counts = pd.Series(
        data.draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 4, 20]), min_size=20, max_size=20)),
        codes,
    )
    people = pd.Series(
        data.draw(st.lists(st.sampled_from([500.0, 4000.0, 9000.0]), min_size=20, max_size=20)),
        codes,
    )
    previous = pd.Series(
        data.draw(st.lists(st.sampled_from(["red", "yellow", "green"]), min_size=20, max_size=20)),
        codes,
    )
    code = data.draw(st.sampled_from(list(codes)))
    found = flip_distance(window(counts, people, graph, previous), code, farthest=30)

    def colour(count: int) -> str:
        changed = counts.copy()
        changed[code] = count
        return str(categories(changed, people, graph, previous)[code])

    now = colour(counts[code])
    for word, sign, farthest in (("more", 1, 30), ("fewer", -1, counts[code])):
        if np.isnan(found[word]):
            steps = range(1, farthest + 1)
            assert all(colour(counts[code] + sign * step) == now for step in steps)
        else:
            at = counts[code] + sign * int(found[word])
            assert colour(at) == found[f"category_{word}"] != now
            assert colour(at - sign) == now


@pytest.fixture(scope="module")
def region() -> tuple[pd.Series, pd.Series, Graph]:
    """Return true yearly risks and populations of the sample's mahallas, on a grid."""
    truth = pd.read_csv(sample_folder() / "truth.csv", dtype={"mahalla_code": "string"})
    codes, graph = grid(26, 32)
    risk = pd.Series(truth["risk_from_month_20"].to_numpy(), codes)
    people = pd.Series(np.random.default_rng(5).uniform(2000, 7000, len(codes)), codes)
    return risk, people, graph


@pytest.mark.slow
def test_red_probabilities_are_calibrated(region: tuple[pd.Series, pd.Series, Graph]):
    risk, people, graph = region
    rng = np.random.default_rng(11)
    given, came = [], []
    for _ in range(12):
        counts = pd.Series(rng.poisson(risk), risk.index)
        previous = pd.Series("yellow", risk.index)
        seen = window(counts, people, graph, previous)
        given.append(red_probability(seen, draws=100))
        fresh = pd.DataFrame(rng.poisson(risk.to_numpy()[:, None], (len(risk), 100)), risk.index)
        came.append((seen.decide(fresh.astype(float)) == "red").mean(axis=1))
    probability, share = pd.concat(given), pd.concat(came)
    for lowest in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9):
        among = (probability >= lowest) & (probability < lowest + 0.1)
        error = share[among].std() / np.sqrt(among.sum())
        assert among.sum() > 30
        assert lowest - 3 * error - 0.01 <= share[among].mean() <= lowest + 0.1 + 3 * error


def test_red_probability_is_reproducible_and_missing_where_nothing_could_be_seen():
    codes, graph = grid(4, 5)
    counts = pd.Series(np.random.default_rng(2).negative_binomial(0.3, 0.07, 20), codes)
    people = pd.Series(4000.0, codes)
    seen = window(counts, people, graph)
    one = red_probability(seen, draws=20)
    pd.testing.assert_series_equal(one, red_probability(seen, draws=20))
    assert one.between(0, 1).all()
    hidden = seen.seen.copy()
    hidden.iloc[3] = np.nan
    blind = Window(hidden, seen.evidence, people, graph, DEFAULT, 1.0)
    assert red_probability(blind, draws=20).isna().tolist() == [i == 3 for i in range(20)]
