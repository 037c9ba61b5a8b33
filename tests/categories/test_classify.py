"""Categories against an independent three-valued evaluator, the contract's rules, the reasons."""

from __future__ import annotations

import math
import operator
import re
import tomllib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from hotspot.categories.classify import classify, decide
from hotspot.categories.criteria import Criteria, Rule, bundled_text, parse_criteria
from hotspot.categories.truth import holds
from hotspot.errors import InputError

DEFAULT = parse_criteria(tomllib.loads(bundled_text("analytical-12m")))
COLUMNS = ("count", "rate_ratio", "gi_q")
SIGNS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
UNKNOWN = None

Written = tuple[str, str, float, str]
"""A comparison as the tests write it: column, operator, number, and the column it multiplies."""


def criteria(**rules: list[str] | dict[str, object]) -> Criteria:
    """Return a small criteria set; rules given as lists are under ``all``."""
    data: dict[str, object] = {
        "name": "three",
        "version": "1",
        "window_months": 12,
        "min_hit_rate": 0.85,
        "green": ["count == 0"],
        "red": ["count >= 3"],
    } | rules
    return parse_criteria(
        {key: {"all": value} if isinstance(value, list) else value for key, value in data.items()}
    )


def one(**values: object) -> pd.DataFrame:
    """Return the evidence of one observable mahalla."""
    return pd.DataFrame({"observable": [True]} | {key: [v] for key, v in values.items()})


def reason(rules: Criteria, previous: str | None = None, **values: object) -> str:
    """Return the reason of one mahalla."""
    before = None if previous is None else pd.Series([previous])
    return str(classify(one(**values), rules, before)["reason"].iloc[0])


def kleene_and(truths: list[bool | None]) -> bool | None:
    """Return Kleene's conjunction, from its truth table."""
    if False in truths:
        return False
    return UNKNOWN if UNKNOWN in truths else True


def kleene_or(truths: list[bool | None]) -> bool | None:
    """Return Kleene's disjunction, from its truth table."""
    if True in truths:
        return True
    return UNKNOWN if UNKNOWN in truths else False


def evaluate(rule: dict[str, list[list[Written]]], row: dict[str, float]) -> bool | None:
    """Evaluate a rule, one mahalla and one comparison at a time."""

    def compare(column: str, sign: str, number: float, times: str) -> bool | None:
        value, bar = row[column], number * row[times] if times else number
        return UNKNOWN if math.isnan(value + bar) else bool(SIGNS[sign](value, bar))

    def condition(parts: list[Written]) -> bool | None:
        return kleene_and([compare(*part) for part in parts])

    truth = kleene_and([condition(parts) for parts in rule.get("all", [])])
    if "any" in rule:
        truth = kleene_and([truth, kleene_or([condition(parts) for parts in rule["any"]])])
    denied = {True: False, False: True, None: None}
    return kleene_and([truth, *(denied[condition(parts)] for parts in rule.get("not", []))])


def as_text(rule: dict[str, list[list[Written]]]) -> dict[str, list[str]]:
    """Write a rule as a criteria file has it."""
    return {
        key: [" and ".join(written(*part) for part in parts) for parts in rows]
        for key, rows in rule.items()
    }


def written(column: str, sign: str, number: float, times: str) -> str:
    """Write a comparison as a criteria file has it."""
    return f"{column} {sign} {number!r}" + (f" * {times}" if times else "")


numbers = st.sampled_from([0.0, 0.05, 1.0, 2.0, 3.0])
comparisons = st.tuples(
    st.sampled_from(COLUMNS),
    st.sampled_from(list(SIGNS)),
    numbers,
    st.sampled_from(["", "", *COLUMNS]),
)
conditions = st.lists(st.lists(comparisons, min_size=1, max_size=3), min_size=1, max_size=3)
rules = st.one_of(
    st.fixed_dictionaries({"all": conditions}),
    st.fixed_dictionaries({"any": conditions}),
    st.fixed_dictionaries({"all": conditions, "any": conditions}),
    st.fixed_dictionaries({"not": conditions}),
    st.fixed_dictionaries({"all": conditions, "any": conditions, "not": conditions}),
)
rows = st.fixed_dictionaries(
    {
        "count": st.sampled_from([0.0, 1.0, 2.0, 3.0]),
        "rate_ratio": st.sampled_from([0.0, 0.05, 1.0, 2.5, math.nan]),
        "gi_q": st.sampled_from([0.0, 0.05, 1.0, math.nan]),
        "observable": st.booleans(),
        "previous": st.sampled_from(["red", "yellow", "green", "not_assessed", None]),
    }
)


@settings(max_examples=100, deadline=None)
@given(rules, st.lists(rows, min_size=1, max_size=12))
def test_rules_follow_kleene_s_truth_tables(rule, table):
    parsed = parse_criteria(
        {
            "name": "x",
            "version": "1",
            "window_months": 12,
            "min_hit_rate": 0.85,
            "green": {"all": ["count == 0"]},
            "red": as_text(rule),
        }
    )
    expected = [evaluate(rule, row) for row in table]
    truth = holds(parsed.red, pd.DataFrame(table))
    assert [UNKNOWN if math.isnan(t) else bool(t) for t in truth] == expected


@settings(max_examples=100, deadline=None)
@given(rules, rules, st.none() | rules, st.lists(rows, min_size=1, max_size=12))
def test_categories_follow_the_contract_s_order(green, red, stay, table):
    stays = {"stay": as_text(stay)} if stay else {}
    parsed = criteria(green=dict(as_text(green)), red=as_text(red) | stays)
    evidence = pd.DataFrame(table)
    verdict = classify(evidence, parsed, evidence["previous"])
    for row, category in zip(table, verdict["category"], strict=True):
        if evaluate(green, row) and row["observable"]:
            expected = "green"
        elif evaluate(green, row) and row["count"] == 0:
            expected = "not_assessed"
        elif (stay and row["previous"] == "red" and evaluate(stay, row)) or evaluate(red, row):
            expected = "red"
        elif row["count"] >= 1:
            expected = "yellow"
        else:
            expected = "not_assessed"
        assert category == expected
    assert_series_equal(decide(evidence, parsed, evidence["previous"]), verdict["category"])


@settings(max_examples=100, deadline=None)
@given(rules, rules, rules, st.lists(rows, min_size=1, max_size=12))
def test_what_a_reason_says_is_true(green, red, stay, table):
    parsed = criteria(green=dict(as_text(green)), red=as_text(red) | {"stay": as_text(stay)})
    evidence = pd.DataFrame(table)
    verdict = classify(evidence, parsed, evidence["previous"])
    starts = {
        "red": "Red",
        "yellow": "Yellow: ",
        "green": "Green: ",
        "not_assessed": "Not assessed",
    }
    for row, category, text in zip(table, verdict["category"], verdict["reason"], strict=True):
        assert text.startswith(starts[category])
        assert text.endswith(".")
        assert_true_statements(text, row)


def assert_true_statements(text: str, row: dict[str, float]) -> None:
    """Hold every ``column value [is not] operator number`` of a reason against the evidence."""
    statement = (
        r"(\w+) (\S+) (is not )?(==|!=|>=|<=|>|<) ([^\s;),]+?)(?: \* (\w+) \(([^)]+)\))?"
        r"(?=[;.),]*(?:\s|$))(?! \* \w+ is unknown)"
    )
    for column, shown, negated, sign, number, times, against in re.findall(statement, text):
        if column in row:
            assert SIGNS[sign](float(shown), float(against or number)) is not bool(negated)
            assert float(shown) == pytest.approx(row[column], abs=0.0005)
        if times:
            assert float(against) == pytest.approx(float(number) * row[times], abs=0.0005)
    for column in re.findall(r"(\w+) is missing, so", text):
        assert math.isnan(row[column])


@settings(max_examples=150, deadline=None)
@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6),
    st.sampled_from(list(SIGNS)),
    st.sampled_from([0.0, 0.05, 0.8, 0.95, 1.0, 3.0, 1e-9]),
    st.integers(-3, 3),
)
def test_a_shown_value_never_contradicts_its_comparison(value, sign, number, steps):
    near = number
    for _ in range(abs(steps)):
        near = float(np.nextafter(near, math.copysign(math.inf, steps)))
    for held in (value, near):
        parsed = criteria(
            green=["count == 0"], red=[f"gi_z {sign} {number!r}", f"count >= {held > 0:d}"]
        )
        text = reason(parsed, count=2, gi_z=held)
        assert_true_statements(text, {"gi_z": held, "count": 2.0})
        assert ("Red: gi_z" in text) == bool(SIGNS[sign](held, number))


@pytest.mark.parametrize(
    ("value", "number", "shown"),
    [
        (2.0, "1", "gi_z 2 > 1"),
        (1.23456, "1", "gi_z 1.235 > 1"),
        (1.0004, "1", "gi_z 1.0004 > 1"),
        (0.9999, "1", "gi_z 0.9999 is not > 1"),
        (0.00000032, "0", "gi_z 3.2e-07 > 0"),
        (-0.0, "0", "gi_z 0 is not > 0"),
        (120000.0, "1", "gi_z 120000 > 1"),
    ],
)
def test_values_are_rounded_for_the_eye(value, number, shown):
    assert shown in reason(criteria(red=[f"gi_z > {number}"]), count=2, gi_z=value)


# the contract's rules, one by one


def test_green_comes_before_red():
    rules_ = criteria(red=["gi_q <= 0.05"])
    assert decide(one(count=0, gi_q=0.01), rules_).tolist() == ["green"]


def test_a_zero_that_would_not_be_seen_is_not_assessed_even_where_red_would_hold():
    rules_ = criteria(red=["gi_q <= 0.05"])
    evidence = one(count=0, gi_q=0.01).assign(observable=False)
    assert decide(evidence, rules_).tolist() == ["not_assessed"]


def test_offenses_are_judged_where_a_zero_would_not_be_seen():
    evidence = pd.DataFrame({"count": [3, 1], "observable": [False, False]})
    assert decide(evidence, criteria()).tolist() == ["red", "yellow"]


def test_a_green_that_allows_offenses_still_needs_an_observable_mahalla():
    rules_ = criteria(green=["count <= 1"])
    evidence = pd.DataFrame({"count": [1, 1, 0], "observable": [True, False, False]})
    verdict = classify(evidence, rules_)
    assert verdict["category"].tolist() == ["green", "yellow", "not_assessed"]
    assert verdict["reason"].iloc[0] == "Green: count 1 <= 1; this is not a proof of safety."


def test_stay_is_only_for_those_red_the_month_before():
    rules_ = criteria(red={"all": ["count >= 3"], "stay": {"all": ["count >= 2"]}})
    evidence = pd.DataFrame({"count": [2, 2, 2, 1, 3], "observable": True})
    previous = pd.Series(["red", "yellow", None, "red", "green"])
    assert decide(evidence, rules_, previous).tolist() == [
        "red",
        "yellow",
        "yellow",
        "yellow",
        "red",
    ]
    assert decide(evidence, rules_).tolist() == ["yellow", "yellow", "yellow", "yellow", "red"]


def test_a_red_that_reaches_zero_is_green():
    rules_ = criteria(red={"all": ["count >= 3"], "stay": {"all": ["count >= 0"]}})
    assert decide(one(count=0), rules_, pd.Series(["red"])).tolist() == ["green"]


def test_a_red_is_not_lost_where_stay_fails_and_red_holds():
    rules_ = criteria(red={"all": ["count >= 3"], "stay": {"all": ["gi_q <= 0.05"]}})
    assert decide(one(count=3, gi_q=0.5), rules_, pd.Series(["red"])).tolist() == ["red"]


def test_an_unknown_stay_does_not_stay():
    rules_ = criteria(red={"all": ["count >= 3"], "stay": {"all": ["gi_q <= 0.05"]}})
    assert decide(one(count=2, gi_q=np.nan), rules_, pd.Series(["red"])).tolist() == ["yellow"]


def test_without_stay_the_month_before_changes_nothing():
    evidence = pd.DataFrame({"count": [0, 1, 3], "observable": True})
    before = pd.Series(["red", "red", "red"])
    assert_series_equal(decide(evidence, criteria(), before), decide(evidence, criteria()))


def test_unknown_is_not_red_and_missing_evidence_is_never_dropped():
    rules_ = criteria(red=["count >= 3", "rate_ratio > 1"])
    assert decide(one(count=9, rate_ratio=np.nan), rules_).tolist() == ["yellow"]
    # another alternative decides in spite of the missing one
    either = criteria(red={"any": ["rate_ratio > 1", "count >= 3"]})
    assert decide(one(count=9, rate_ratio=np.nan), either).tolist() == ["red"]


def test_who_was_missing_the_month_before_was_not_red():
    rules_ = criteria(red={"all": ["count >= 3"], "stay": {"all": ["count >= 2"]}})
    evidence = pd.DataFrame({"count": [2, 2], "observable": True}, index=["a", "b"])
    for kind in (object, "string", "category"):
        previous = pd.Series(["red", "red"], index=["z", "b"], dtype=kind)
        assert decide(evidence, rules_, previous).tolist() == ["yellow", "red"]


def test_an_unknown_observability_is_none():
    evidence = pd.DataFrame({"count": [0, 0, 0], "observable": [True, None, np.nan]})
    assert decide(evidence, criteria()).tolist() == ["green", "not_assessed", "not_assessed"]


def test_nullable_columns_are_read_as_missing():
    evidence = pd.DataFrame(
        {
            "count": pd.array([3, 3, 0], dtype="Int64"),
            "rate_ratio": pd.array([2.0, None, None], dtype="Float64"),
            "observable": pd.array([True, True, True], dtype="boolean"),
        }
    )
    rules_ = criteria(red=["count >= 3", "rate_ratio > 1"])
    assert classify(evidence, rules_)["category"].tolist() == ["red", "yellow", "green"]


def test_a_missing_column_is_refused():
    with pytest.raises(InputError) as refused:
        classify(one(count=3), DEFAULT)
    assert str(refused.value) == (
        "the criteria 'analytical-12m' need the evidence column 'excess_probability', which is not "
        "there; compute it or choose other criteria"
    )
    with pytest.raises(InputError) as refused:
        decide(pd.DataFrame({"count": [3]}), criteria())
    assert str(refused.value) == (
        "the criteria 'three' need the evidence column 'observable', which is not there; compute "
        "it or choose other criteria"
    )


# the reasons, whole

EVIDENCE = {
    "count": 5,
    "rate_ratio": 2.25,
    "excess_probability": 0.995,
    "gi_pop_p": 0.5,
    "gi_pop_q": 0.5,
}


@pytest.mark.parametrize(
    ("changes", "previous", "sentence"),
    [
        ({}, None, "Red: count 5 >= 3; rate_ratio 2.25 > 1; excess_probability 0.995 >= 0.99."),
        (
            {"excess_probability": 0.9, "gi_pop_q": 0.0000002},
            None,
            "Red: count 5 >= 3; rate_ratio 2.25 > 1; excess_probability 0.9 >= 0.80 and gi_pop_q "
            "2e-07 <= 0.05.",
        ),
        (
            {"count": 2, "excess_probability": 0.6, "gi_pop_p": 0.01},
            "red",
            "Red, as the month before: count 2 >= 2; excess_probability 0.6 >= 0.50 and gi_pop_p "
            "0.01 <= 0.05.",
        ),
        (
            {"count": 1, "excess_probability": 0.99},
            None,
            "Yellow: 1 counted offense in 12 months; not red: count 1 is not >= 3.",
        ),
        (
            {"count": 2, "rate_ratio": 0.9999},
            None,
            "Yellow: 2 counted offenses in 12 months; not red: count 2 is not >= 3; rate_ratio "
            "0.9999 is not > 1.",
        ),
        (
            {"excess_probability": 0.85},
            None,
            "Yellow: 5 counted offenses in 12 months; not red: no alternative is fulfilled "
            "(excess_probability 0.85 is not >= 0.99; excess_probability 0.85 >= 0.80 and gi_pop_q "
            "0.5 is not <= 0.05).",
        ),
        (
            {"rate_ratio": math.nan},
            None,
            "Yellow: 5 counted offenses in 12 months; not red: rate_ratio is missing, so > 1 is "
            "unknown.",
        ),
        (
            {"excess_probability": 0.85, "gi_pop_q": math.nan},
            None,
            "Yellow: 5 counted offenses in 12 months; not red: no alternative is fulfilled "
            "(excess_probability 0.85 is not >= 0.99; excess_probability 0.85 >= 0.80 and gi_pop_q "
            "is missing, so <= 0.05 is unknown).",
        ),
        (
            {"count": 1},
            "red",
            "Yellow: 1 counted offense in 12 months; not red: count 1 is not >= 3; red the month "
            "before, and does not stay: count 1 is not >= 2.",
        ),
        (
            {"count": 0},
            "red",
            "Green: no counted offense in the window of 12 months; this is not a proof of safety.",
        ),
        (
            {"count": 0, "observable": False},
            None,
            "Not assessed: no offense was placed here, but a count of zero could not have been "
            "seen to be zero.",
        ),
        (
            {"count": 0, "observable": False, "not_observable": "it has no polygon"},
            None,
            "Not assessed: no offense was placed here, but it has no polygon.",
        ),
    ],
)
def test_reasons_are_whole_sentences(changes, previous, sentence):
    assert reason(DEFAULT, previous, **(EVIDENCE | changes)) == sentence


def test_a_green_that_cannot_be_decided_says_what_is_missing():
    rules_ = criteria(green=["rate == 0"])
    assert reason(rules_, count=0, rate=np.nan) == (
        "Not assessed: no offense was placed here; not green: rate is missing, so == 0 is unknown."
    )


def test_a_single_alternative_is_named_without_brackets():
    rules_ = criteria(red={"any": ["count >= 3"]})
    assert reason(rules_, count=1) == (
        "Yellow: 1 counted offense in 12 months; not red: count 1 is not >= 3."
    )


# frames in, frames out


def some_evidence() -> tuple[pd.DataFrame, pd.Series]:
    """Return evidence of 60 mahallas in no order of their codes, and their month before."""
    random = np.random.default_rng(5)
    codes = pd.Index([f"17102{n:05d}" for n in random.permutation(60)], name="mahalla_code")
    evidence = pd.DataFrame(
        {
            "count": random.integers(0, 6, 60),
            "rate_ratio": random.choice([0.5, 1.5, np.nan], 60),
            "excess_probability": random.random(60),
            "gi_pop_p": random.choice([0.01, 0.5, np.nan], 60),
            "gi_pop_q": random.choice([0.01, 0.5, np.nan], 60),
            "observable": random.choice([True, False], 60),
        },
        index=codes,
    )
    return evidence, pd.Series(random.choice(["red", "yellow", "green"], 60), index=codes)


def test_the_index_is_kept_and_nothing_given_is_changed():
    evidence, previous = some_evidence()
    copies = evidence.copy(), previous.copy()
    verdict = classify(evidence, DEFAULT, previous)
    assert verdict.index.equals(evidence.index)
    assert verdict.index.name == "mahalla_code"
    assert verdict.columns.tolist() == ["category", "reason"]
    assert_frame_equal(evidence, copies[0])
    assert_series_equal(previous, copies[1])


def test_the_order_of_rows_does_not_matter():
    evidence, previous = some_evidence()
    verdict = classify(evidence, DEFAULT, previous)
    shuffled = classify(evidence.sort_index(), DEFAULT, previous.iloc[::-1])
    assert_frame_equal(shuffled, verdict.sort_index())


def test_no_mahallas_no_verdicts():
    evidence, previous = some_evidence()
    verdict = classify(evidence.iloc[:0], DEFAULT, previous.iloc[:0])
    assert verdict.columns.tolist() == ["category", "reason"]
    assert verdict.empty


def test_a_rule_of_nothing_holds():
    assert holds(Rule(), pd.DataFrame({"count": [0, 1]})).tolist() == [1.0, 1.0]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 1.0, 1.0, 2.0, 5.0, math.nan]),
            st.sampled_from(["A", "B", None]),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([0.1, 0.5, 0.8, 0.95]),
)
def test_a_quantile_is_the_least_value_that_the_share_does_not_exceed(table, share):
    evidence = pd.DataFrame(table, columns=["rate", "region", "observable"]).assign(count=0)
    parsed = criteria(red=[f"rate > quantile(rate, {share}, region)"])
    for row, truth in zip(table, holds(parsed.red, evidence), strict=True):
        rate, region, _ = row
        # by the definition: of the mahallas that records could have reached
        known = [r for r, g, seen in table if g == region and seen and not math.isnan(r)]
        enough = [v for v in known if sum(r <= v for r in known) >= share * len(known) - 1e-9]
        if not enough or math.isnan(rate):
            assert math.isnan(truth)
        else:
            assert bool(truth) == (rate > min(enough))


def test_ties_at_a_quantile_stay_together():
    evidence = pd.DataFrame({"count": [1, 2, 2, 2, 3], "observable": True})
    parsed = criteria(red=["count > quantile(count, 0.6)"])
    assert decide(evidence, parsed).tolist() == ["yellow"] * 4 + ["red"]


def test_districts_of_two_regions_that_share_a_name_are_two():
    evidence = pd.DataFrame(
        {"count": [1, 9, 2, 3], "region": list("AABB"), "district": "x", "observable": True}
    )
    parsed = criteria(red=["count > quantile(count, 0.5, district)"])
    assert decide(evidence, parsed).tolist() == ["yellow", "red", "yellow", "red"]


def test_reasons_say_what_a_value_is_held_against():
    rule = criteria(red={"all": ["count > 2 * expected"], "not": ["gi_q > 0.5"]})
    assert reason(rule, count=5, expected=2.25, gi_q=0.1) == (
        "Red: count 5 > 2 * expected (4.5); gi_q 0.1 is not > 0.5."
    )
    assert reason(rule, count=5, expected=2.25, gi_q=0.9) == (
        "Yellow: 5 counted offenses in 12 months; not red: gi_q 0.9 > 0.5, which must not hold."
    )
    assert reason(rule, count=5, expected=math.nan, gi_q=0.1) == (
        "Yellow: 5 counted offenses in 12 months; not red: count 5 > 2 * expected is unknown, "
        "the latter is missing."
    )


def test_kinds_that_override_make_a_mahalla_red_by_themselves():
    rule = criteria(
        green=["count <= 1"],
        red={"all": ["count >= 9"], "override": {"kinds": ["murder", "arson"], "count": 2}},
    )
    evidence = pd.DataFrame(
        {"count": [1, 2, 2, 9], "override_count": [1, 2, 1, 0], "observable": True}
    )
    verdict = classify(evidence, rule)
    assert verdict["category"].tolist() == ["green", "red", "yellow", "red"]
    assert verdict["reason"][1] == (
        "Red: 2 offenses of the kinds that decide by themselves (murder, arson) in 12 months."
    )


def test_kinds_that_override_need_their_count():
    rule = criteria(red={"all": ["count >= 3"], "override": {"kinds": ["murder"]}})
    with pytest.raises(InputError) as refused:
        decide(one(count=1), rule)
    assert str(refused.value) == (
        "the criteria 'three' need the evidence column 'override_count', which is not there; "
        "compute it or choose other criteria"
    )
