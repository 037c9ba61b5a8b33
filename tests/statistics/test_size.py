"""Pure chance is called a hot spot no more often than promised; the whole study is a benchmark."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

STUDY = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "simulate_size.py"))
MAPS = 2000


@pytest.mark.parametrize("mean", [0.05, 1.0])
def test_equal_means_seldom_make_a_hot_spot(mean: float):
    size = STUDY["size_of_counts"](mean, MAPS, seed=2)
    assert size.areas_limit <= 0.05
    assert size.maps_limit <= 0.05


@pytest.mark.parametrize(
    ("mean", "k", "proportional"),
    [(0.3, 0.3, False), (4.0, 1.0, False), (4.0, 1.0, True)],
)
def test_equal_rates_in_clustered_populations_seldom_make_a_hot_spot(
    mean: float, k: float, proportional: bool
):
    size = STUDY["size_of_population"]((10, 14), mean, k, proportional, MAPS, seed=2)
    assert size.areas_limit <= 0.05
    assert size.maps_limit <= 0.05


def test_equal_rates_seldom_make_a_red_mahalla():
    # with k = 20 one mahalla in 630 has an own risk above twice the mean: hardly any earns red
    for k in (float("inf"), 20.0):
        red = STUDY["red_share"](4.135, k, 300, seed=2)
        assert red.limit <= 0.01


def test_red_is_rarer_than_risks_above_twice_the_mean():
    red = STUDY["red_share"](4.135, 0.297, 200, seed=2)
    assert 0.06 <= red.share <= red.above_twice
