"""A crosswalk of old and new codes: what is refused, and records that keep their sums."""

from __future__ import annotations

import datetime
from collections import Counter
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.crosswalk import read_crosswalk
from hotspot.loaders.heirs import find_heirs, name_old
from hotspot.loaders.shares import share_out, take_turns
from hotspot.loaders.versions import keep_versions, list_earlier

HEAD = "old_code,new_code,share,date\n"
DAY = datetime.date(2025, 1, 31)
CODES = pd.Index(["10", "11", "12", "13"])


@pytest.fixture
def written(tmp_path: Path):
    """Return a function that writes a crosswalk and reads it."""

    def read(text: str, codes: pd.Index = CODES, on: datetime.date = DAY) -> pd.DataFrame:
        path = tmp_path / "crosswalk.csv"
        path.write_text(text, encoding="utf-8")
        return read_crosswalk(path, codes, on=on)

    return read


def rows(table: pd.DataFrame) -> list[tuple[str, str, float, str]]:
    days = table["date"].dt.strftime("%Y-%m-%d")
    return list(
        zip(table["old_code"], table["new_code"], table["share"].round(9), days, strict=True)
    )


REFUSED = {
    "no heading": (
        "old_code,new_code,date\n1,10,2025-01-01\n",
        "there is no column 'share'; a crosswalk has the columns old_code, new_code, share and "
        "date",
    ),
    "no old code": (
        HEAD + ",10,1,2025-01-01\n",
        "row 2 has no old_code; fill it in, or leave the whole row out",
    ),
    "no new code": (
        HEAD + "1,,1,2025-01-01\n",
        "row 2 has no new_code; fill it in, or leave the whole row out",
    ),
    "no date": (
        HEAD + "1,10,1,\n",
        "row 2 has no date; fill it in, or leave the whole row out",
    ),
    "a date that is none": (
        HEAD + "1,10,1,soon\n",
        "'soon' in the column 'date' is not a day; write it like 2025-01-31 or 31.01.2025",
    ),
    "no share": (
        HEAD + "1,10,,2025-01-01\n",
        "the share '' in row 2 is no number above 0 and up to 1; write the part of the old mahalla "
        "that went to the new one, 1 for all of it",
    ),
    "percents": (
        HEAD + "1,10,60,2025-01-01\n1,11,40,2025-01-01\n",
        "the share '60' in row 2 is no number above 0 and up to 1; write the part of the old "
        "mahalla that went to the new one, 1 for all of it",
    ),
    "a share of nothing": (
        HEAD + "1,10,1,2025-01-01\n1,11,0,2025-01-01\n",
        "the share '0' in row 3 is no number above 0 and up to 1; write the part of the old "
        "mahalla that went to the new one, 1 for all of it",
    ),
    "a share in words": (
        HEAD + "1,10,all,2025-01-01\n",
        "the share 'all' in row 2 is no number above 0 and up to 1; write the part of the old "
        "mahalla that went to the new one, 1 for all of it",
    ),
    "too little": (
        HEAD + "1,10,0.6,2025-01-01\n1,11,0.3,2025-01-01\n",
        "the shares of the old code '1' add up to 0.9; they must add up to 1",
    ),
    "too much": (
        HEAD + "1,10,1,2025-01-01\n1,11,0.3,2025-01-01\n",
        "the shares of the old code '1' add up to 1.3; they must add up to 1",
    ),
    "a row twice": (
        HEAD + "1,10,0.5,2025-01-01\n1,10,0.5,2025-01-01\n",
        "the old code '1' goes to '10' in two rows; keep one",
    ),
    "two ends": (
        HEAD + "1,10,1,2024-01-01\n1,11,1,2025-01-01\n",
        "the old code '1' ends on two days, 2024-01-01 and 2025-01-01; give all its rows one date",
    ),
    "itself": (
        HEAD + "1,1,1,2025-01-01\n",
        "the old code '1' leads back to itself; a code that is taken back stays valid and has no "
        "rows",
    ),
    "a cycle": (
        # 0 leads into the cycle and is not on it
        HEAD + "0,2,1,2024-01-01\n2,3,1,2024-02-01\n3,2,0.5,2024-03-01\n3,10,0.5,2024-03-01\n",
        "the old code '2' leads back to itself; a code that is taken back stays valid and has no "
        "rows",
    ),
    "an end before the beginning": (
        HEAD + "1,2,1,2025-01-01\n2,10,1,2024-01-01\n",
        "the code '2' ends with 2024-01-01 and begins with 2025-01-01, when it takes the place of "
        "'1'; correct one of the dates",
    ),
    "a code still valid": (
        HEAD + "10,11,1,2025-01-01\n",
        "the old code '10' ends with 2025-01-01 and is still a mahalla's on 2025-01-31; give its "
        "version in the mahallas a valid_to, or leave its rows out",
    ),
    "an unknown new code": (
        HEAD + "1,19,1,2025-01-01\n",
        "the new code '19' of '1' is no mahalla's on 2025-01-31; known are: 10, 11, 12, 13",
    ),
    "an unknown new code two steps on": (
        HEAD + "1,2,1,2024-01-01\n2,zz,1,2025-01-01\n",
        "the new code 'zz' of '1' is no mahalla's on 2025-01-31; known are: 10, 11, 12, 13",
    ),
    "a shortened code": (
        HEAD + "1.71E+09,10,1,2025-01-01\n",
        ", column 'old_code': a spreadsheet shortened the code to '1.71E+09' and its last digits "
        "are gone; format the column as text and export it again",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_table_that_makes_no_sense_is_refused(written, tmp_path, text, sentence):
    with pytest.raises(InputError) as refused:
        written(text)
    mark = "" if sentence.startswith(",") else ": "
    assert str(refused.value) == f"{tmp_path / 'crosswalk.csv'}{mark}{sentence}"


def test_headings_shares_and_days_are_read_as_people_write_them(written):
    table = written("Date;NEW_CODE;Old_Code;Share\n01.01.2025;11;1;0,4\n01.01.2025;10;1;0,6\n")
    assert rows(table) == [("1", "10", 0.6, "2025-01-01"), ("1", "11", 0.4, "2025-01-01")]


def test_several_steps_are_taken_at_once(written):
    # by hand: 1 → 2 and 3, 2 → 10 and 11, 3 merges into 11
    text = HEAD + (
        "1,2,0.5,2023-01-01\n1,3,0.5,2023-01-01\n2,10,0.4,2024-01-01\n2,11,0.6,2024-01-01\n"
        "3,11,1,2024-07-01\n"
    )
    assert rows(written(text)) == [
        ("1", "10", 0.2, "2024-07-01"),
        ("1", "11", 0.8, "2024-07-01"),
        ("2", "10", 0.4, "2024-01-01"),
        ("2", "11", 0.6, "2024-01-01"),
        ("3", "11", 1.0, "2024-07-01"),
    ]
    assert find_heirs(written(text)) == {"1": "", "2": "", "3": "11"}


def test_a_row_counts_from_its_day_on(written):
    text = HEAD + "1,10,1,2024-01-01\n10,20,1,2025-02-01\n"
    before, after = pd.Index(["10", "11"]), pd.Index(["11", "20"])
    assert rows(written(text, before, DAY)) == [("1", "10", 1.0, "2024-01-01")]
    assert rows(written(text, after, datetime.date(2025, 2, 28))) == [
        ("1", "20", 1.0, "2025-02-01"),
        ("10", "20", 1.0, "2025-02-01"),
    ]
    # mahallas without versions have the new code already: then the old one leads there at once
    assert rows(written(text, after, DAY)) == [
        ("1", "20", 1.0, "2025-02-01"),
        ("10", "20", 1.0, "2025-02-01"),
    ]
    # a change to come, into codes to come, is no matter yet
    later = written(HEAD + "10,20,1,2025-02-01\n20,30,1,2026-01-01\n", before, DAY)
    assert rows(later) == []
    assert find_heirs(later) == {}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 1000), min_size=1, max_size=12),
    st.integers(0, 300),
)
def test_turns_keep_every_share_within_one_at_any_time(weights, records):
    shares = [weight / sum(weights) for weight in weights]
    turns = take_turns(shares, records)
    assert len(turns) == records
    exact = [Fraction(weight, sum(weights)) for weight in weights]
    given_out = Counter[int]()
    for number, turn in enumerate(turns.tolist(), start=1):
        given_out[turn] += 1
        # an invariant of the method, by its paper: under 1 - 1/(2n - 2), here with the rounding
        for part, share in enumerate(exact):
            assert abs(given_out[part] - share * number) < 1
    # what came before does not change with what comes after
    assert take_turns(shares, records + 7)[:records].tolist() == turns.tolist()


def test_two_equal_halves_go_by_turns():
    assert take_turns([0.5, 0.5], 5).tolist() == [0, 1, 0, 1, 0]
    assert take_turns([1.0], 3).tolist() == [0, 0, 0]


def some_records(draw_codes: list[str]) -> st.SearchStrategy[pd.DataFrame]:
    one = st.tuples(
        st.sampled_from(draw_codes),
        st.integers(0, 11),
        st.sampled_from(["theft", "robbery", None]),
        st.sampled_from(["code", "name"]),
        st.one_of(st.none(), st.integers(0, 9).map(str)),
    )
    return st.lists(one, max_size=60).map(
        lambda found: pd.DataFrame(
            found, columns=["mahalla_code", "month", "kind", "way", "id"], dtype=object
        ).assign(
            month=lambda frame: pd.PeriodIndex.from_ordinals(
                frame["month"].astype("int64") + 600, freq="M"
            ),
            row=range(2, 2 + len(found)),
            x=1.0,
            y=2.0,
        )
    )


def counts(shared: pd.DataFrame) -> Counter[tuple[object, ...]]:
    columns = ["mahalla_code", "month", "kind", "way"]
    return Counter(shared[columns].astype("str").itertuples(index=False, name=None))


CROSSWALK = pd.DataFrame(
    [
        ("1", "10", 0.62),
        ("1", "11", 0.27),
        ("1", "12", 0.11),
        ("2", "12", 0.5),
        ("2", "13", 0.5),
        ("3", "13", 1.0),
        ("4", "13", 1.0),
        ("5", "14", 1.0),
    ],
    columns=["old_code", "new_code", "share"],
)


@settings(deadline=None, max_examples=60)
@given(some_records(["1", "2", "3", "4", "5"]), st.randoms(use_true_random=False))
def test_shared_records_keep_totals_and_shares_in_any_order(records, random):
    shared = share_out(records, CROSSWALK)
    assert len(shared) == len(records)
    assert sorted(shared["row"]) == sorted(records["row"])
    assert shared[["x", "y"]].isna().all(axis=None)
    months = sorted(set(records["month"]))
    for month in months:
        # every month's total; a rename is the identity, a merge the sum
        now, then = (frame[frame["month"] == month] for frame in (shared, records))
        assert len(now) == len(then)
        assert (now["mahalla_code"] == "14").sum() == (then["mahalla_code"] == "5").sum()
        own = shared.loc[then.index[then["mahalla_code"].isin(["3", "4"])], "mahalla_code"]
        assert set(own) <= {"13"}
    for old, parts in CROSSWALK.groupby("old_code"):
        own = shared.loc[records.index[records["mahalla_code"] == old]]
        for month in months:
            until = own[own["month"] <= month]
            for new, share in zip(parts["new_code"], parts["share"], strict=True):
                assert abs((until["mahalla_code"] == new).sum() - share * len(until)) < 1
    order = list(range(len(records)))
    random.shuffle(order)
    shuffled = share_out(records.iloc[order].reset_index(drop=True), CROSSWALK)
    assert counts(shuffled) == counts(shared)


@settings(deadline=None, max_examples=40)
@given(some_records(["1"]), st.integers(1, 9), st.integers(1, 9))
def test_two_steps_are_one_step_of_the_products(tmp_path_factory, records, first, second):
    folder = tmp_path_factory.mktemp("steps")
    steps = folder / "steps.csv"
    a, b = first / 10, second / 10
    steps.write_text(
        HEAD + f"1,2,{a},2023-01-01\n1,10,{1 - a:.1f},2023-01-01\n"
        f"2,11,{b},2024-01-01\n2,12,{1 - b:.1f},2024-01-01\n"
    )
    direct = folder / "direct.csv"
    direct.write_text(
        HEAD + f"1,10,{1 - a:.2f},2024-01-01\n1,11,{a * b:.2f},2024-01-01\n"
        f"1,12,{a * (1 - b):.2f},2024-01-01\n"
    )
    two = read_crosswalk(steps, CODES, on=DAY)
    one = read_crosswalk(direct, CODES, on=DAY)
    assert rows(two[two["old_code"] == "1"]) == rows(one)
    assert counts(share_out(records, two)) == counts(share_out(records, one))


def test_a_table_in_another_order_is_the_same(written):
    lines = ["1,11,0.4,2025-01-01", "1,10,0.6,2025-01-01", "0,1,1,2024-01-01"]
    tables = [written(HEAD + "\n".join(order) + "\n") for order in (lines, lines[::-1])]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0]["share"].dtype == np.float64


def test_names_of_earlier_versions_are_kept_where_no_other_mahalla_bears_them():
    days = pd.to_datetime
    versions = gpd.GeoDataFrame(
        [
            # one code under two names, and a third to come
            ("10", "Eski", days("2020-01-01"), days("2023-12-31")),
            ("10", "Yangi", days("2024-01-01"), days("2025-05-31")),
            ("10", "Kelgusi", days("2025-06-01"), pd.NaT),
            # renamed, split and ended: of the last nothing is known
            ("1", "Tol", days("2020-01-01"), days("2023-12-31")),
            ("2", "Gul", days("2020-01-01"), days("2023-12-31")),
            ("3", "Bogʻ", days("2020-01-01"), days("2023-12-31")),
            # a name that went to another mahalla
            ("4", "YANGI", days("2020-01-01"), days("2023-12-31")),
            ("11", "Navroʻz", days("2024-01-01"), pd.NaT),
        ],
        columns=["mahalla_code", "name", "valid_from", "valid_to"],
    ).assign(name_cyrl=None, name_ru=None, district="Kasbi", region=None)
    kept = keep_versions(versions, on=DAY, source="x")
    earlier = list_earlier(versions, kept, on=DAY)
    assert [(row["code"], row["name"]) for row in earlier] == [
        ("1", "Tol"),
        ("10", "Eski"),
        ("2", "Gul"),
        ("3", "Bogʻ"),
        ("4", "YANGI"),
    ]
    heirs = {"1": "11", "2": "", "4": "11", "5": ""}
    split, aliases = name_old(earlier, kept.set_index("mahalla_code"), heirs)
    assert aliases.to_numpy().tolist() == [["11", "Tol"], ["10", "Eski"]]
    # each old code of a split mahalla is known, also one without any name
    assert split["code"].tolist() == ["2", "5"]
    assert split["name"].tolist()[0] == "Gul"
    assert split["district"].tolist()[0] == "Kasbi"
