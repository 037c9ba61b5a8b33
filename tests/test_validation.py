"""Every statistic agrees with its oracles, as docs/statistics.md says it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.validate import TOPICS, find_comparisons

PAGE = Path(__file__).parent.parent / "docs" / "statistics.md"


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_the_statistics_agree_with_their_oracles(topic: str, shared: Path):
    comparisons = find_comparisons(topic, shared)
    assert comparisons
    for comparison in comparisons:
        assert comparison.met, comparison


@pytest.mark.parametrize("topic", TOPICS)
def test_the_page_has_the_table(topic: str):
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition(f"<!-- {topic} -->")[2].partition(f"<!-- end {topic} -->")[0]
    assert "| method | oracle |" in table
    assert "not met" not in table
