"""Kinds of offense: counted, weighed, deciding by themselves, and refused where they cannot be."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely import box

from hotspot.categories.classify import decide
from hotspot.categories.conditions import Quantile
from hotspot.categories.criteria import bundled_text, parse_criteria
from hotspot.checking import check_job
from hotspot.criteria_choice import read_criteria
from hotspot.errors import HotspotError, JobError
from hotspot.evidence import gather_evidence
from hotspot.explanation import explain_mahalla
from hotspot.folder import write_month
from hotspot.job import Job, read_job
from hotspot.kinds import KindCounts, weigh_kinds
from hotspot.monthly import Month, run_month
from hotspot.placement import place_records
from hotspot.sample import sample_folder
from hotspot.statistics.counts import rolling_counts
from hotspot.statistics.severity import weigh_offenses
from hotspot.uncertainty import flip_distance

JOB = """\
[offenses]
path = "offenses.csv"
[offenses.columns]
date = "date"
kind = "kind"
mahalla_code = "code"
[mahallas]
path = "mahallas.geojson"
[mahallas.columns]
code = "code"
population = "people"
"""
CRITERIA = """\
name = "own"
version = "1"
window_months = 12
min_hit_rate = 0.85
[green]
all = ["count == 0"]
[red]
all = ["count >= 99"]
[red.override]
kinds = ["Murder"]
"""
MONTHS = pd.period_range("2024-01", "2025-01", freq="M")
(SHARE,) = (
    comparison.than.share
    for condition in parse_criteria(tomllib.loads(bundled_text("severity"))).red.all
    for comparison in condition.comparisons
    if isinstance(comparison.than, Quantile)
)
CODES = pd.Index(["m1", "m2", "m3"], name="mahalla_code")


@pytest.fixture
def write(tmp_path: Path):
    """Return a function that writes a small job, three mahallas and a record a month, and more."""

    def write(extra: str = "", *, records: str = "", criteria: str = "", job: str = JOB) -> Job:
        usual = "".join(f"m1,{month}-05,theft\n" for month in MONTHS)
        (tmp_path / "offenses.csv").write_text(f"code,date,kind\n{usual}{records}")
        squares = [box(66 + 0.02 * i, 39, 66.02 + 0.02 * i, 39.02) for i in range(3)]
        layer = gpd.GeoDataFrame(
            {"code": list(CODES), "people": 1000}, geometry=squares, crs="EPSG:4326"
        )
        (tmp_path / "mahallas.geojson").write_text(layer.to_json(), encoding="utf-8")
        (tmp_path / "own.toml").write_text(criteria)
        path = tmp_path / "job.toml"
        own = '[criteria]\npath = "own.toml"\n' if criteria else ""
        path.write_text(f"{job}{own}{extra}", encoding="utf-8")
        return read_job(path)

    return write


def refused(run) -> str:
    with pytest.raises(HotspotError) as error:
        run()
    return str(error.value)


placed_records = st.lists(
    st.tuples(
        st.sampled_from(["theft", " Theft", "robbery", "arson", None]),
        st.sampled_from(list(CODES)),
        st.sampled_from(list(MONTHS)),
    ),
    max_size=60,
).map(lambda rows: pd.DataFrame(rows, columns=["kind", "mahalla_code", "month"]))


def tallied(*chunks: pd.DataFrame) -> KindCounts:
    counts = KindCounts(CODES, MONTHS)
    for chunk in chunks:
        counts.add(chunk.astype({"month": "period[M]", "kind": "str"}))
    return counts


@given(placed_records)
def test_a_panel_is_the_cross_table_of_its_kinds(placed: pd.DataFrame) -> None:
    counts = tallied(placed)
    of_them = placed[placed["kind"].isin(["theft", " Theft", "arson"])]
    # by brute force, record by record
    expected = pd.DataFrame(0, index=CODES, columns=MONTHS)
    for code, month in zip(of_them["mahalla_code"], of_them["month"], strict=True):
        expected.loc[code, month] += 1
    pd.testing.assert_frame_equal(
        counts.panel(["THEFT", "arson", "never"]), expected, check_names=False
    )
    folded = placed["kind"].fillna("").str.strip().str.casefold()
    assert counts.totals == folded.value_counts().sort_index().to_dict()


@given(placed_records, st.randoms(use_true_random=False), st.integers(0, 60))
def test_order_and_parts_of_the_records_change_no_bit(placed, random, cut) -> None:
    order = list(range(len(placed)))
    random.shuffle(order)
    shuffled = placed.iloc[order]
    job = Job.model_validate(
        {
            "offenses": {
                "path": "x",
                "columns": {"date": "d", "kind": "k", "mahalla_code": "c"},
                # sums of these depend on their order
                "kinds": {"weights": {"theft": 0.1, "robbery": 0.7}, "weight_default": 0.3},
            },
            "mahallas": {"path": "y", "columns": {"code": "c"}},
        },
        strict=None,
    )
    criteria = read_criteria(job)
    one = weigh_kinds(job, criteria, tallied(placed), window=12)
    other = weigh_kinds(job, criteria, tallied(shuffled[:cut], shuffled[cut:]), window=12)
    pd.testing.assert_frame_equal(one["severity"], other["severity"], check_exact=True)
    # nothing weighs nothing, whatever went through the window before
    some = rolling_counts(tallied(placed).panel(["theft", "robbery", "arson", ""]), 12) > 0
    assert ((one["severity"] > 0) == some).all(axis=None)


JOBS = {
    "an empty group": (
        "[offenses.kinds.groups]\nyouth = []\n",
        "offenses.kinds: the group 'youth' is empty; name its kinds or leave it out",
    ),
    "a group without a name": (
        '[offenses.kinds.groups]\n" " = ["theft"]\n',
        "offenses.kinds: a group has no name; write one, as in 'youth'",
    ),
    "a negative weight": (
        "[offenses.kinds.weights]\ntheft = -1\n",
        "offenses.kinds.weights.theft: -1 is too small; write 0 or more",
    ),
    "a weight as a text": (
        '[offenses.kinds.weights]\ntheft = "two"\n',
        "offenses.kinds.weights.theft: 'two' is not a number; write a number without quotation "
        "marks",
    ),
    "an infinite weight": (
        "[offenses.kinds.weights]\ntheft = inf\n",
        "offenses.kinds.weights.theft: Infinity is not a number that can be used; write a finite "
        "one",
    ),
    "a default alone": (
        "[offenses.kinds]\nweight_default = 1\n",
        "offenses.kinds: weight_default is given and no weight is; add [offenses.kinds.weights], "
        "or leave it out",
    ),
}


@pytest.mark.parametrize("case", JOBS)
def test_a_job_with_kinds_that_make_no_sense(write, tmp_path: Path, case: str) -> None:
    extra, sentence = JOBS[case]
    assert refused(lambda: write(extra)) == f"{tmp_path / 'job.toml'}: {sentence}"


RUNS = {
    "a group of what is not counted": (
        '[offenses.kinds]\ncounted = ["theft"]\n[offenses.kinds.groups]\nyouth = ["Arson"]\n',
        "",
        "[offenses.kinds.groups] youth has 'Arson', which is not counted; add it to "
        "[offenses.kinds] counted, or leave it out",
    ),
    "a group of what is excluded": (
        '[offenses.kinds]\nexcluded = ["arson"]\n[offenses.kinds.groups]\nyouth = ["Arson"]\n',
        "",
        "[offenses.kinds.groups] youth has 'Arson', which is excluded; take it out of one of the "
        "two",
    ),
    "two weights": (
        "[offenses.kinds.weights]\ntheft = 1\nTHEFT = 2\n",
        "",
        "[offenses.kinds.weights] has 'theft' and 'THEFT', which are one kind; keep one",
    ),
    "an override that is excluded": (
        '[offenses.kinds]\nexcluded = ["murder"]\n',
        CRITERIA,
        "the criteria 'own' decide by the kind 'Murder', which is excluded; take it out of one of "
        "the two",
    ),
    "an override that is not counted": (
        '[offenses.kinds]\ncounted = ["theft"]\n',
        CRITERIA,
        "the criteria 'own' decide by the kind 'Murder', which is not counted; add it to "
        "[offenses.kinds] counted, or leave it out",
    ),
    "a condition on severity": (
        "",
        CRITERIA.replace("count >= 99", "severity_ratio > 2"),
        "the criteria 'own' name 'severity_ratio', and the job does not say how grave each kind "
        "is; add [offenses.kinds.weights], a number for each kind, or choose other criteria",
    ),
    "the bundled severity": (
        '[criteria]\nuse = "severity"\n',
        "",
        "the criteria 'severity' name 'severity', and the job does not say how grave each kind "
        "is; add [offenses.kinds.weights], a number for each kind, or choose other criteria",
    ),
    "kinds without a weight": (
        "[offenses.kinds.weights]\nrobbery = 5\n",
        "",
        "15 records are of kinds without a weight: none given, 'arson', 'theft'; add them to "
        "[offenses.kinds.weights], or give [offenses.kinds] weight_default",
    ),
}


@pytest.mark.parametrize("case", RUNS)
def test_kinds_that_do_not_go_with_the_criteria(write, case: str) -> None:
    extra, criteria, sentence = RUNS[case]
    job = write(extra, criteria=criteria, records="m2,2024-05-01,arson\nm2,2024-05-02,\n")
    assert refused(lambda: run_month(job)) == sentence


def test_kinds_need_their_column(write) -> None:
    without = JOB.replace('kind = "kind"\n', "")
    job = write(criteria=CRITERIA, job=without)
    assert refused(lambda: run_month(job)) == (
        "the criteria 'own' decide by the kind 'Murder', and no column of the records is their "
        "kind; give [offenses.columns] kind, or choose other criteria"
    )
    for section in ("weights]\ntheft = 2", 'groups]\na = ["theft"]'):
        job = write(f"[offenses.kinds.{section}", job=without)
        assert refused(lambda job=job: run_month(job)) == (
            "[offenses.kinds] names 'theft', and no column of the records is their kind; give "
            "[offenses.columns] kind, or name no kinds"
        )


def test_many_kinds_without_a_weight_are_not_all_named(write) -> None:
    records = "".join(f"m2,2024-05-01,kind {number}\n" for number in range(8))
    job = write("[offenses.kinds.weights]\ntheft = 5\n", records=records)
    assert refused(lambda: run_month(job)) == (
        "8 records are of kinds without a weight: 'kind 0', 'kind 1', 'kind 2', 'kind 3', "
        "'kind 4', and 3 more; add them to [offenses.kinds.weights], or give [offenses.kinds] "
        "weight_default"
    )


def test_kinds_of_groups_that_no_record_has_are_told(write) -> None:
    job = write('[offenses.kinds.groups]\nyouth = ["THEFT", "vandalism"]\n')
    month = run_month(job)
    assert month.account["chosen"]["kinds_absent"] == ["vandalism"]
    assert "no record has the kind 'vandalism', which the job names" in month.notes
    # a table of weights may be wider than the records
    job = write("[offenses.kinds.weights]\ntheft = 1\nvandalism = 2\n")
    assert run_month(job).account["chosen"]["kinds_absent"] == []


def test_an_override_that_no_record_has_is_told(write) -> None:
    notes = run_month(write(criteria=CRITERIA)).notes
    assert "no record has the kind 'Murder', by which the criteria 'own' decide" in notes


def test_a_murder_makes_a_mahalla_red_for_its_window(write, tmp_path: Path) -> None:
    job = write(criteria=CRITERIA, records="m2,2024-02-11,MURDER\nm3,2024-01-20,murder\n")
    month = run_month(job)
    # the window of January 2025 begins with February 2024
    assert month.table["override_count"].tolist() == [0, 1, 0]
    assert month.table["category"].tolist() == ["yellow", "red", "green"]
    assert month.table.loc["m2", "reason"] == (
        "Red: 1 offense of the kinds that decide by themselves (Murder) in 12 months."
    )
    # in the month before the other was still in it
    assert month.history[pd.Period("2024-12")].tolist() == ["yellow", "red", "red"]
    folder = write_month(month, tmp_path / "out", drawings=False)
    assert month.table.loc["m2", "reason"] in explain_mahalla(folder, "m2")
    check_job(job)


def test_weights_and_a_default_add_up_by_hand(write) -> None:
    job = write(
        "[offenses.kinds]\nweight_default = 0.5\n"
        "[offenses.kinds.weights]\nTheft = 2\nrobbery = 30\n",
        records="m2,2024-05-01,robbery\nm2,2024-05-02,arson\nm2,2024-05-03,\n",
    )
    table = run_month(job).table
    # twelve thefts in the window; a robbery and two of the default
    assert table["severity"].tolist() == [24.0, 31.0, 0.0]
    # nothing is known to reach a mahalla by anything but codes, so all are within reach
    assert table["severity_ratio"].tolist() == pytest.approx([24 / 55 * 3, 31 / 55 * 3, 0.0])


def test_without_weights_and_override_the_columns_are_empty(write) -> None:
    table = run_month(write()).table
    assert table[["severity", "severity_ratio", "override_count"]].isna().all(axis=None)


def test_severity_is_compared_within_the_base_and_not_where_nothing_is_seen() -> None:
    months = pd.PeriodIndex(["2025-01"], freq="M")
    index = pd.Index(list("abcd"), name="mahalla_code")
    evidence = gather_evidence(
        pd.DataFrame([[1], [2], [4], [0]], index=index, columns=months),
        pd.Series(1000.0, index=index),
        Graph.from_arrays(["a", "b"], ["b", "a"], [1, 1]),
        window_months=1,
        reachable=pd.DataFrame([[True], [True], [True], [False]], index=index, columns=months),
        of_kinds={
            "severity": pd.DataFrame([[10.0], [30.0], [7.0], [0.0]], index=index, columns=months)
        },
        base=pd.Series(["x", "x", "y", "y"], index=index),
        measures={"severity", "severity_ratio"},
    )
    # the mean is 20 in x; in y only the third is seen
    assert evidence["severity_ratio"][months[0]].tolist() == pytest.approx(
        [0.5, 1.5, 1.0, np.nan], nan_ok=True
    )
    assert evidence["severity"][months[0]].tolist() == [10.0, 30.0, 7.0, 0.0]


@pytest.fixture(scope="module")
def sample() -> Job:
    return read_job(sample_folder() / "job.toml")


@pytest.fixture(scope="module")
def harm(sample: Job) -> Month:
    choice = sample.criteria.model_copy(update={"use": "severity"})
    return run_month(sample.model_copy(update={"criteria": choice}))


def test_severity_of_the_sample_is_that_of_its_records(sample: Job, harm: Month) -> None:
    counts = place_records(sample).kinds
    rows = []
    for kind in counts.totals:
        panel = counts.panel([kind]).loc[:, "2024-02":].stack()
        rows.append(panel.index.repeat(panel).to_frame(index=False).assign(kind=kind))
    placed = pd.concat(rows).set_axis(["mahalla_code", "month", "kind"], axis=1)
    assert len(placed) == harm.table["count"].sum()
    # by the module that takes the records one by one
    weighed = weigh_offenses(
        placed,
        harm.table,
        sample.offenses.kinds.weights,
        start=pd.Period("2024-02"),
        end=pd.Period("2025-01"),
    )
    pd.testing.assert_series_equal(
        harm.table["severity"], weighed.panel.sum(axis=1), check_names=False
    )
    assert harm.table["severity_ratio"].mean() == pytest.approx(1)


def test_the_bundled_severity_reddens_the_worst_by_harm(harm: Month) -> None:
    assert 0.05 <= (harm.table["category"] == "red").mean() <= 0.15
    assert harm.table.loc[harm.table["category"] == "red", "reason"].str.contains("severity").all()
    # in the first month nobody stays red
    first = harm.history.columns[0]
    table = harm.setting.window(first, None).evidence
    bar = np.quantile(table["severity"], SHARE, method="inverted_cdf")
    worst = (table["severity"] >= bar) & (table["severity_ratio"] >= 2) & (table["count"] >= 3)
    assert worst.any()
    assert (harm.history[first].eq("red") == worst).all()


def test_other_counts_weigh_what_the_mahallas_own_offenses_do(harm: Month) -> None:
    before = harm.history.iloc[:, -2]
    window = harm.setting.window(harm.month, before)
    # the counts as they are give the categories that were decided
    same = window.decide(window.seen.to_frame("same"))["same"]
    pd.testing.assert_series_equal(same, harm.table["category"], check_names=False)
    yellow = harm.table[(harm.table["category"] == "yellow") & (harm.table["count"] >= 3)]
    code = yellow["severity"].idxmax()
    found = flip_distance(window, code)
    assert found["category_more"] == "red"
    # decided again, with the one number changed by hand
    for more, colour in ((int(found["more"]), "red"), (int(found["more"]) - 1, "yellow")):
        evidence = window.evidence.copy()
        count, severity = yellow.loc[code, "count"] + more, harm.table["severity"].copy()
        severity[code] *= count / yellow.loc[code, "count"]
        evidence.loc[code, "count"] = count
        evidence["severity"], evidence["severity_ratio"] = severity, severity / severity.mean()
        assert decide(evidence, window.criteria, before)[code] == colour
    # and chance moves the harm too
    assert harm.table["red_probability"].between(0.05, 0.95).sum() > 20


def test_sensitive_kinds_are_accepted_and_change_nothing(write) -> None:
    month = run_month(write('[offenses.kinds]\nsensitive = ["theft"]\n'))
    pd.testing.assert_frame_equal(month.table, run_month(write()).table)


def test_an_unknown_criteria_set_is_named_before_its_kinds(write) -> None:
    with pytest.raises(JobError):
        read_criteria(write('[criteria]\nuse = "severe"\n'))
