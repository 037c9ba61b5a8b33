"""The columns `trend` and `pattern`: which months they look at, and what they do without them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from hotspot.evidence import gather_evidence

SIDE = 8
CODES = pd.Index([f"m{i:02d}" for i in range(SIDE * SIDE)], name="mahalla_code")
BOTH = {"trend", "pattern"}


@pytest.fixture(scope="module")
def graph() -> Graph:
    place = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    pairs = np.concatenate(
        [
            np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1),
            np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1),
        ]
    )
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return Graph.from_arrays(CODES[both[:, 0]], CODES[both[:, 1]], np.ones(len(both)))


def panel_of(months: int, last: str = "2025-06") -> pd.DataFrame:
    """Return Poisson counts: m00 and its neighbours rise, m63 falls, all others stay."""
    end = pd.Period(last, freq="M")
    columns = pd.period_range(end - months + 1, end, freq="M", name="month")
    values = np.random.default_rng(1).poisson(2.0, (len(CODES), 48))
    values[[0, 1, SIDE, SIDE + 1]] += np.arange(48) // 12 * 12
    values[63] += 12 - np.arange(48) // 12 * 4
    return pd.DataFrame(values[:, 48 - months :], CODES, columns)


def gather(
    panel: pd.DataFrame,
    graph: Graph,
    *,
    reachable: bool | pd.Series = True,
    missing: tuple[str, ...] = (),
    months: int = 1,
) -> pd.DataFrame:
    last = panel.columns[-months:]
    reach = pd.DataFrame(dict.fromkeys(last, reachable), index=panel.index).astype(bool)
    return gather_evidence(
        panel,
        pd.Series(1000.0, panel.index),
        graph,
        window_months=1,
        reachable=reach,
        missing=[pd.Period(of, freq="M") for of in missing],
        measures=BOTH,
    )


def last_of(evidence: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(evidence.xs(evidence.columns[-1][1], axis=1, level="month"))


def test_what_was_planted_is_found(graph: Graph) -> None:
    found = last_of(gather(panel_of(48), graph))
    assert (found.loc[["m00", "m01", "m08", "m09"], "trend"] == "up").all()
    assert found.loc["m63", "trend"] == "down"
    assert (found["trend"] == "none").mean() > 0.8
    # hot in nine of ten of the last 36 months; z cannot rise much where it is high from the start
    assert found.loc["m00", "pattern"] in {"intensifying_hot", "persistent_hot"}
    assert found.loc["m30", "pattern"] == "no_pattern"
    assert set(found["trend"]) <= {"up", "down", "none"}


def test_only_the_last_36_months_count(graph: Graph) -> None:
    long, past = panel_of(48), panel_of(36)
    pd.testing.assert_frame_equal(last_of(gather(long, graph)), last_of(gather(past, graph)))


def test_short_pasts_are_missing(graph: Graph) -> None:
    assert last_of(gather(panel_of(23), graph))["trend"].isna().all()
    assert last_of(gather(panel_of(24), graph))["trend"].notna().all()
    assert last_of(gather(panel_of(9), graph))["pattern"].isna().all()
    assert last_of(gather(panel_of(10), graph))["pattern"].notna().all()


def test_months_without_records_are_not_zeros(graph: Graph) -> None:
    panel = panel_of(30)
    panel.iloc[:, 3:7] = 0
    gone = tuple(str(month) for month in panel.columns[3:7])
    found = last_of(gather(panel, graph, missing=gone))
    assert found["trend"].notna().all()
    assert (
        last_of(gather(panel, graph, missing=(*gone, "2025-01", "2025-02", "2025-03")))["trend"]
        .isna()
        .all()
    )
    # without the last month nobody is hot now
    assert last_of(gather(panel, graph, missing=("2025-06",)))["pattern"].isna().all()


def test_what_no_record_could_reach_has_neither(graph: Graph) -> None:
    panel = panel_of(36)
    panel.loc["m20"] = 0
    reachable = pd.Series(CODES != "m20", CODES)
    found = last_of(gather(panel, graph, reachable=reachable))
    assert found.loc["m20", ["trend", "pattern"]].isna().all()
    assert found.drop("m20").notna().all(axis=None)


def test_a_month_alone_and_among_others_is_the_same(graph: Graph) -> None:
    panel = panel_of(40)
    several = gather(panel, graph, months=3)
    month = panel.columns[-2]
    alone = gather(panel.loc[:, :month], graph)
    for measure in sorted(BOTH):
        pd.testing.assert_series_equal(several[measure][month], alone[measure][month])


def test_the_order_of_the_rows_changes_nothing(graph: Graph) -> None:
    panel = panel_of(36)
    turned = gather(panel.iloc[::-1], graph)
    pd.testing.assert_frame_equal(turned.iloc[::-1], gather(panel, graph))
