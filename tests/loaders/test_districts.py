"""Districts as records write them, found among those of the mahallas."""

from __future__ import annotations

import pytest

from hotspot.loaders.districts import find_districts

KNOWN = ["Qarshi shahri", "Qarshi tumani", "Koʻkdala tumani", "Urgut tumani"]


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("Qarshi tumani", "Qarshi tumani"),
        ("QARSHI SHAHRI", "Qarshi shahri"),
        ("Қарши шаҳри", "Qarshi shahri"),
        ("Қарши тумани", "Qarshi tumani"),
        ("Каршинский район", "Qarshi tumani"),
        ("г. Карши", "Qarshi shahri"),
        ("Кукдалинский район", "Koʻkdala tumani"),
        ("Кўкдала", "Koʻkdala tumani"),
        ("Ургутский р-н", "Urgut tumani"),
    ],
)
def test_a_district_is_found_in_any_script(text: str, district: str) -> None:
    assert find_districts([text], KNOWN) == {text: KNOWN.index(district)}


def test_what_names_none_or_several_is_left_out() -> None:
    found = find_districts(["Karshi", "Qarshi", "Mars tumani", "", " ", "?"], KNOWN)
    assert found == {}


def test_one_name_in_two_regions_is_none_of_them() -> None:
    assert find_districts(["Urgut tumani"], ["Urgut tumani", "Urgut tumani"]) == {}


def test_missing_texts_and_repeated_ones_make_no_difference() -> None:
    texts = ["Urgut tumani", None, float("nan"), "Urgut tumani"]
    assert find_districts(texts, KNOWN) == {"Urgut tumani": 3}  # type: ignore[arg-type]
    assert find_districts(["Urgut tumani"], []) == {}
