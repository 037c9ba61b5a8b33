"""What goes before a name, and which version of a mahalla answers to it."""

from __future__ import annotations

import datetime
import re

import pandas as pd
import pytest

from hotspot.errors import InputError
from hotspot.loaders.gazetteer import build_gazetteer, match_names

MAHALLAS = pd.DataFrame(
    [
        ("1", "Bahor MFY", "Kitob tumani", "201122919", None, None),
        ("2", "Eski MFY", "Kitob tumani", None, None, "2024-05-31"),
        ("2", "Yangi MFY", None, "201122920", "2024-06-01", None),
        ("3", "Nur MFY", "Koson tumani", "201122921", None, None),
        ("4", "Oydin MFY", "Koson tumani", "201122921", "2025-01-01", None),
    ],
    columns=["code", "name", "district", "stir", "valid_from", "valid_to"],
)


def _answer(typed: pd.DataFrame, on: str | None = None) -> list[tuple[str, str]]:
    day = None if on is None else datetime.date.fromisoformat(on)
    answers = match_names(typed, build_gazetteer(MAHALLAS, on=day))
    return list(zip(answers["outcome"], answers["candidates"], strict=True))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("201122919", ("matched", "1")),
        ("201 122 919", ("matched", "1")),
        ("STIR: 201122919", ("matched", "1")),
        ("СТИР 201122920", ("matched", "2")),
        ("ИНН 201122919", ("matched", "1")),
        ("201122921", ("ambiguous", "3|4")),
        ("999999999", ("not_found", "")),
    ],
)
def test_a_tax_number_in_place_of_a_name_is_a_key(name: str, told: tuple[str, str]) -> None:
    assert _answer(pd.DataFrame({"name": [name]})) == [told]
    # it is nobody else's, so that a district does not matter
    assert _answer(pd.DataFrame({"name": [name], "district": "Koson tumani"})) == [told]


def test_a_tax_number_goes_before_the_name() -> None:
    typed = pd.DataFrame({"name": "Nur", "district": "Koson tumani"}, index=range(4))
    typed["stir"] = [201122919.0, None, 1.0, 201122920.0]
    assert _answer(typed) == [
        ("matched", "1"),
        ("matched", "3"),
        ("matched", "3"),
        ("matched", "2"),
    ]
    answers = match_names(typed, build_gazetteer(MAHALLAS))
    assert answers["level"].tolist() == ["stir", "strict", "strict", "stir"]
    # a gazetteer without tax numbers knows none
    answers = match_names(typed, build_gazetteer(MAHALLAS.drop(columns="stir")))
    assert answers["code"].tolist() == ["3"] * 4


def test_old_names_count_unless_a_day_is_given() -> None:
    typed = pd.DataFrame({"name": ["Eski", "Yangi"], "district": "Китабский район"})
    assert _answer(typed) == [("matched", "2"), ("matched", "2")]
    before, after = (_answer(typed, on) for on in ("2024-05-31", "2024-06-01"))
    assert [one[0] == "matched" for one in before] == [True, False]
    assert [one[0] == "matched" for one in after] == [False, True]


def test_a_mahalla_not_yet_there_is_not_matched() -> None:
    typed = pd.DataFrame({"name": ["201122921"]})
    assert _answer(typed, "2024-12-31") == [("matched", "3")]
    assert _answer(typed, "2025-01-01") == [("ambiguous", "3|4")]


def test_the_latest_version_names_the_mahalla_whatever_the_order_of_rows() -> None:
    for rows in (MAHALLAS, MAHALLAS[::-1]):
        assert build_gazetteer(rows).names[1] == "Yangi MFY"


def test_a_day_without_mahallas_is_an_error() -> None:
    ended = MAHALLAS.assign(valid_to="2020-01-01", valid_from=None)
    sentence = (
        "the gazetteer has no mahalla that is valid on 2024-01-01; check valid_from and valid_to"
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        build_gazetteer(ended, on=datetime.date(2024, 1, 1))
