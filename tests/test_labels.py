"""Every column that a reader sees has a short name, and every value of ours a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hotspot import columns, labels
from hotspot.labels import COLUMNS, OF_TABLES, VALUES, is_variant, label, word
from hotspot.palette import CATEGORIES
from hotspot.reports.workbook_changes import CHANGES
from hotspot.reports.workbook_lists import REVIEW, SHEETS
from hotspot.statistics.emerging import KINDS
from hotspot.trust_columns import VARIANTS

SHOWN = {
    "categories": columns.names("categories"),
    "changes": CHANGES,
    "rejected": columns.names("rejected"),
    "review": REVIEW,
    **{name: columns.names(name) for name in SHEETS},
}


@pytest.mark.parametrize("table", sorted(SHOWN))
def test_every_column_of_the_workbook_has_a_heading(table: str) -> None:
    named = {column: label(column, table=table) for column in SHOWN[table]}
    assert [column for column, heading in named.items() if heading == column] == []
    # two columns of one name cannot be told apart
    assert len(set(named.values())) == len(named)


def test_every_heading_is_of_a_column() -> None:
    known = {column for names in SHOWN.values() for column in names} | {"not_red"}
    known |= {name for table in columns.TABLES for name in columns.names(table)}
    assert set(COLUMNS) - known == {"count_change"}
    for table, column in OF_TABLES:
        assert column in SHOWN[table]


@pytest.mark.parametrize("stem", sorted(VARIANTS))
def test_every_variant_has_a_heading(stem: str) -> None:
    source = (Path(labels.__file__).parent / "stability.py").read_text(encoding="utf-8")
    written = {"window": "window_8", "nearest": "nearest_6", "bandwidth": "bandwidth_half"}
    column = written.get(stem, "unplaced_shared")
    assert re.search(stem, source)
    assert is_variant(column)
    assert label(column) != column
    assert word(column, "red") == "Red"


def test_every_value_of_ours_has_a_word() -> None:
    assert set(CATEGORIES) <= set(VALUES["category"])
    assert set(columns.REASONS) == set(VALUES["reason"])
    patterns = {f"{kind}_{heat}" for kind in KINDS for heat in ("hot", "cold")}
    assert patterns | {"no_pattern"} == set(VALUES["pattern"])
    measures = set(columns.names("backtest")) - {"month", "horizon", "method", "reds"}
    assert measures == set(VALUES["measure"])


def test_a_word_of_the_data_stays() -> None:
    assert word("name", "red") == "red"
    assert word("kind", "total") == "total"
    assert label("sector") == "sector"
