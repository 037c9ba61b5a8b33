"""Initials and full names: the surname of another person is another name."""

from __future__ import annotations

import pandas as pd
import pytest

from hotspot.loaders.gazetteer import build_gazetteer, match_names
from hotspot.loaders.name_people import PEOPLE


def _match(typed: str, *here: str, elsewhere: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return outcome and first candidate; codes are names here."""
    known = pd.DataFrame({"code": [*here, *elsewhere], "name": [*here, *elsewhere]})
    known["district"] = ["Gʻuzor tumani"] * len(here) + ["Kitob tumani"] * len(elsewhere)
    asked = pd.DataFrame({"name": [typed], "district": ["Гузарский район"]})
    row = match_names(asked, build_gazetteer(known)).iloc[0]
    return row["outcome"], row["candidates"].split("|")[0]


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Alisher Navoiy", "A.Navoiy MFY"),
        ("Алишер Навои", "A.Navoiy MFY"),
        ("Мирзо Улугбек", "M.Ulugʻbek MFY"),
        ("Zahiriddin Muhammad Bobur", "Z.M.Bobur MFY"),
        ("Амир Темур МФЙ", "A.Temur MFY"),
        ("Абдулла Кадыри", "A.Qodiriy MFY"),
        ("Yusuf Xos Hojib", "Y.X.Hojib MFY"),
        ("I.Karimov", "Islom Karimov MFY"),
    ],
)
def test_a_known_person_may_be_written_with_initials(typed: str, known: str) -> None:
    assert _match(typed, known, "Bunyodkor MFY") == ("matched", known)


def test_an_initial_is_no_first_name_of_that_letter() -> None:
    for typed in ("Абдулла Navoiy", "Anvar Navoiy MFY", "Абдулла Навои"):
        assert _match(typed, "A.Navoiy MFY") == ("suggested", "A.Navoiy MFY")
    assert _match("Karim Sodiqov", "K.Sodiqov MFY") == ("suggested", "K.Sodiqov MFY")


def test_a_full_name_elsewhere_in_the_gazetteer_makes_the_person_known() -> None:
    answer = _match("Karim Sodiqov", "K.Sodiqov MFY", elsewhere=("Karim Sodiqov MFY",))
    assert answer == ("matched", "K.Sodiqov MFY")
    # but not where the initials are those of somebody everybody knows
    answer = _match("Anvar Navoiy", "A.Navoiy MFY", elsewhere=("Anvar Navoiy MFY",))
    assert answer == ("suggested", "A.Navoiy MFY")


def test_every_known_person_is_found_by_initials() -> None:
    for name in PEOPLE:
        *given, surname = name.split()
        cut = "".join(f"{one[:2] if one[:2] in ('Sh', 'Ch') else one[0]}." for one in given)
        assert _match(name, f"{cut}{surname} MFY") == ("matched", f"{cut}{surname} MFY")
