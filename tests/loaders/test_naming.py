"""Records placed by name; decisions and other names read and checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.containment import NOWHERE
from hotspot.loaders.gazetteer import build_gazetteer, match_names
from hotspot.loaders.naming import decide_names, name_records, read_aliases, read_decisions

PLACES = pd.DataFrame(
    {
        "code": ["07", "08", "09"],
        "name": ["Boʻston MFY", "Qatagʻon MFY", "Qatagʻan MFY"],
        "district": "Urgut tumani",
    }
)
CODES = pd.Index(PLACES["code"])


def records_of(*names: tuple[str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(list(names), columns=["mahalla", "district"], dtype="str")


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_name_places_only_where_it_is_matched() -> None:
    records = records_of(
        ("бўстон", "Ургутский район"),
        ("Катаган", "Urgut tumani"),
        (None, "x"),
        ("Bostrom", "Urgut tumani"),
        ("?", None),
        (None, None),
    )
    named = name_records(records, CODES, build_gazetteer(PLACES))
    assert named.places.tolist() == [0, *[NOWHERE] * 5]
    assert named.outcome.tolist() == ["matched", "ambiguous", "", "suggested", "not_found", ""]


def test_no_record_or_no_name_is_nothing_to_place() -> None:
    for records in (records_of(), records_of((None, "Urgut tumani"))):
        named = name_records(records, CODES, build_gazetteer(PLACES))
        assert named.places.tolist() == [NOWHERE] * len(records)
        assert named.outcome.tolist() == [""] * len(records)


def test_a_decision_goes_before_the_gazetteer_and_holds_in_its_district_only(
    tmp_path: Path,
) -> None:
    path = table(
        tmp_path / "d.csv",
        "name,district,decision\nBoʻston,Urgut tumani,09\nКатаган,Urgut tumani,08\n"
        "Qatagʻan,Urgut tumani,-\nBoʻstan,,07\n",
    )
    decisions = read_decisions(path, CODES)
    records = records_of(
        ("BOʻSTON", "urgut  tumani"),
        ("катаган", "Urgut tumani"),
        ("Qatagʻan", "Urgut tumani"),
        ("Катаган", None),
        ("Boʻstan", None),
        ("Boʻstan", "Urgut tumani"),
    )
    named = name_records(records, CODES, build_gazetteer(PLACES), decisions)
    assert named.places.tolist() == [2, 1, NOWHERE, NOWHERE, 0, NOWHERE]
    assert named.outcome.tolist()[:3] == ["decided", "decided", "not_found"]
    assert named.outcome[4] == "decided"


def test_decisions_are_read_as_they_are_given_back(tmp_path: Path) -> None:
    # as Excel saves it again: semicolons, codes as numbers, a further column
    text = "records;name;district;decision\n3;Boʻston  MFY;;7.0\n1;<b>;Urgut;-\n2;x;Urgut;\n"
    decisions = read_decisions(table(tmp_path / "d.csv", text), ["7", "8"])
    assert decisions.fillna("").to_numpy().tolist() == [
        ["Boʻston MFY", "", "7"],
        ["<b>", "Urgut", "-"],
    ]


def test_without_a_district_column_decisions_are_for_names_without_one(tmp_path: Path) -> None:
    decisions = read_decisions(table(tmp_path / "d.csv", "name,decision\na,07\n"), CODES)
    names = pd.DataFrame({"name": ["A", "a"], "district": [None, "Urgut"]})
    assert decide_names(names, decisions).fillna("").tolist() == ["07", ""]


def test_equal_decisions_count_once(tmp_path: Path) -> None:
    path = table(tmp_path / "d.csv", "name,district,decision\na,u,07\nA,U,07\na,v,08\n")
    assert read_decisions(path, CODES)["decision"].tolist() == ["07", "08"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "name,decision\nКатаган,10\n",
            "{path}: the decision '10' for 'Катаган' is no mahalla's code; correct it, or write - "
            "for "
            "a name that is none of them",
        ),
        (
            "name,district,decision\nA,U,07\na,u,08\n",
            "{path}: the name 'a' has two different decisions in one district; keep one",
        ),
        (
            "name,district,decision\nA,U,07\nB,U,07\na,u,-\n",
            "{path}: the name 'a' has two different decisions in one district; keep one",
        ),
        ("name,decison\na,07\n", "{path}: there is no column 'decision'; did you mean 'decison'?"),
        ("nom,decision\na,07\n", "{path}: there is no column 'name'; known are: nom, decision"),
        (
            "name,decision\na,1.71E+09\n",
            "{path}, column 'decision': a spreadsheet shortened the code to '1.71E+09' and its "
            "last digits are gone; format the column as text and export it again",
        ),
    ],
)
def test_what_is_wrong_with_decisions_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    path = table(tmp_path / "d.csv", text)
    with pytest.raises(InputError, match=f"^{re.escape(sentence.format(path=path))}$"):
        read_decisions(path, CODES)


def test_other_names_place_records(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "code,name,valid_to\n07,Lenin MFY,1995-01-01\n08,Oktabr,\n")
    gazetteer = build_gazetteer(PLACES, read_aliases(path, CODES))
    records = records_of(("ЛЕНИН", "Urgut tumani"), ("Oktabr MFY", "Urgut tumani"))
    assert name_records(records, CODES, gazetteer).places.tolist() == [0, 1]


def test_a_name_that_begins_later_is_left_out(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.csv",
        "code,name,valid_from,valid_to\n07,Old,01.01.1990,31.12.2000\n07,New,2025-02-01,\n"
        "07,Now,2025-01-31,\n07,,,\n",
    )
    day = pd.Timestamp("2025-01-31")
    assert read_aliases(path, CODES, on=day)["name"].tolist() == ["Old", "Now"]
    assert read_aliases(path, CODES)["name"].tolist() == ["Old", "New", "Now"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "code,name\n99,Lenin\n",
            "{path}: the other name 'Lenin' is for the code '99', which no mahalla has; correct "
            "the "
            "code or leave the row out",
        ),
        ("kode,name\n07,Lenin\n", "{path}: there is no column 'code'; did you mean 'kode'?"),
        (
            "code,name,valid_from\n07,Lenin,soon\n",
            "{path}, column valid_from: 'soon' in the column 'valid_from' is not a day; write it "
            "like "
            "2025-01-31 or 31.01.2025",
        ),
    ],
)
def test_what_is_wrong_with_other_names_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    path = table(tmp_path / "a.csv", text)
    with pytest.raises(InputError, match=f"^{re.escape(sentence.format(path=path))}$"):
        read_aliases(path, CODES, on=pd.Timestamp("2025-01-31"))


NAMES = st.sampled_from(["Boʻston", "БЎСТОН", "Катаган", "Qatagʻon", "nowhere", "", None])
DISTRICTS = st.sampled_from(["Urgut tumani", "Ургут", "Mars", None])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAMES, DISTRICTS), max_size=12), st.randoms(use_true_random=False))
def test_a_record_is_placed_by_its_own_name_whatever_stands_beside_it(
    names: list[tuple[str | None, str | None]], shuffler: Any
) -> None:
    gazetteer = build_gazetteer(PLACES)
    order = list(range(len(names)))
    shuffler.shuffle(order)
    named = name_records(records_of(*names), CODES, gazetteer)
    shuffled = name_records(records_of(*[names[i] for i in order]), CODES, gazetteer)
    assert shuffled.places.tolist() == [named.places[i] for i in order]
    assert shuffled.outcome.tolist() == [named.outcome[i] for i in order]
    for (name, district), place in zip(names, named.places, strict=True):
        if name:
            asked = pd.DataFrame({"name": [name], "district": [district]})
            code = match_names(asked, gazetteer)["code"].iloc[0]
            assert (CODES[place] if place != NOWHERE else None) == (code if code == code else None)
