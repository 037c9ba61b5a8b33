"""The described columns are complete, in the documented order and of known types."""

from __future__ import annotations

import pytest

from hotspot.categories.conditions import EVIDENCE
from hotspot.columns import REASONS, TABLES, UNPLACED, names

# by hand, from the documented order of each table
DOCUMENTED = {
    "categories": "month mahalla_code name district region population count count_month count_ytd "
    "count_ytd_last_year count_ratio rate rate_ratio expected gi_z gi_p gi_q gi_pop_p gi_pop_q "
    "gi_bin density density_ratio severity severity_ratio override_count excess_probability "
    "rate_excess_probability trend pattern category reason previous_category months_red "
    "red_probability observable",
    "districts": "region district mahallas red yellow green not_assessed offenses unplaced "
    "hit_rate rate population",
    "regions": "region mahallas red yellow green not_assessed offenses unplaced hit_rate rate "
    "population",
    "district_ranking": "region district mahallas red red_share red_rank offenses rate rate_rank "
    "count_ytd count_ytd_last_year change_ytd p_change change_rank",
    "kinds": "what kind region district count count_ytd count_ytd_last_year change_ytd p_change",
    "rankings": "group rank mahalla_code name district region count count_month rate count_ytd "
    "count_ytd_last_year",
    "neighbours": "mahalla_code neighbour_code how",
    "counts": "mahalla_code",
    "history": "mahalla_code",
    "revisions": "month mahalla_code published now count_published count_now",
    "rejected": "row id date kind longitude latitude mahalla_code mahalla district reason",
    "review": "name district records outcome level score candidates candidate_names decision",
    "hit_rate": "district records by_code by_coordinates by_name unplaced hit_rate",
    "backtest": "month horizon method reds hit_rate pai_area pai_population pei pei_star rri brier "
    "stay flips",
    "backtest_summary": "horizon method measure months mean lower upper difference "
    "difference_lower difference_upper",
    "sensitivity": "mahalla_code name district category holds",
    "suspicious_zeros": "mahalla_code name district months probability q",
    "crosswalk": "old_code new_code share date",
    "changes": "mahalla_code name district before after change turned reason_before reason_after "
    "count_before count_after p_change",
    "official": "mahalla_code name district ours official reason",
}
FRICTIONLESS = {"string", "integer", "number", "yearmonth", "boolean"}


@pytest.mark.parametrize("table", TABLES)
def test_tables_have_the_documented_columns(table):
    assert names(table) == DOCUMENTED[table].split()


def test_all_documented_tables_are_described():
    assert list(TABLES) == list(DOCUMENTED)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described(table):
    assert len(set(names(table))) == len(names(table))
    for column in TABLES[table]:
        assert column.type in FRICTIONLESS
        assert column.meaning.strip() == column.meaning != ""
        assert not column.meaning.endswith(".")
        # a text has no unit; a share and a ratio say that they are one
        assert (column.unit == "") if column.type in ("string", "yearmonth") else True
        assert column.unit or column.type != "number"


def test_a_column_has_one_type_everywhere():
    types: dict[str, set[str]] = {}
    for table in TABLES.values():
        for column in table:
            types.setdefault(column.name, set()).add(column.type)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


def test_every_reason_is_described_and_the_unplaced_are_among_them():
    documented = (
        "no_location bad_coordinates outside unknown_code name_not_found name_ambiguous bad_date "
        "outside_period kind_excluded duplicate_id"
    )
    assert list(REASONS) == documented.split()
    assert set(UNPLACED) == set(list(REASONS)[:6])
    assert all(REASONS.values())


def test_every_evidence_column_has_a_number():
    types = {column.name: column.type for column in TABLES["categories"]}
    assert {types[name] for name in EVIDENCE} == {"integer", "number"}
