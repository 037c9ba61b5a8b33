"""Names matched to mahallas: placed only where nothing else competes."""

from __future__ import annotations

import random
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.district_names import find_place, read_places
from hotspot.loaders.gazetteer import Gazetteer, build_gazetteer, match_names
from hotspot.loaders.name_likeness import title_candidates


def _gazetteer(*names: str, district: str = "Gʻuzor tumani") -> Gazetteer:
    frame = pd.DataFrame({"code": list(names), "name": list(names), "district": district})
    return build_gazetteer(frame)


def _match(name: str, *known: str, district: str = "Gʻuzor tumani") -> tuple[str, str, str]:
    """Return outcome, level and candidates; codes are names here."""
    typed = pd.DataFrame({"name": [name], "district": [district]})
    row = match_names(typed, _gazetteer(*known)).iloc[0]
    return row["outcome"], row["level"], row["candidates"]


# the table of traps: each latin name by all the ways it is met in, beside its neighbours
TRAPS = {
    "Gʻuzor": ("Gʻuzor", "G'uzor", "Ғузор", "Гузар"),
    "Mashʼal": ("Mash'al", "Машъал"),
    "Boʻston": ("Bo'ston", "Бўстон", "Бустан", "Бустон"),
    "Qorakoʻl": ("Qorako'l", "Қоракўл", "Каракуль"),
    "Mehnatobod": ("Mehnatobod", "Mexnatobod", "Меҳнатобод", "Мехнатабад"),
    "Dehqonobod": ("Dehqonobod", "Dexkonobod", "Деҳқонобод", "Дехканабад"),
    "Oqqishloq": ("Oqqishloq", "Оққишлоқ", "Аккишлак"),
    "Qoʻrgʻontosh": ("Qo'rg'ontosh", "Қўрғонтош", "Курганташ"),
    "Rabod": ("Rabod", "Рабод"),
    "Jonboʻzsoy": ("Jonbo'zsoy", "Жонбўзсой", "Жонбузсой", "Джонбузсой"),
    "Navroʻz": ("Navro'z", "Navruz", "Наврўз", "Навруз"),
    "Yangi hayot": ("Yangi hayot", "Yangixayot", "Yangi-hayot", "Янгиҳаёт", "Янгихает"),
    "Oq oltin": ("Oq oltin", "Оқ олтин", "Ак алтин", "Акалтын", "Ок-олтин"),
    "Jeynov": ("Jeynov", "Жейнов", "Джейнау"),
    "Oygʻirkoʻl": ("Oygʻirkoʻl", "Ойғиркўл", "Айгиркуль"),
    "Koson": ("Koson", "Косон", "Касан"),
    "Kasbi": ("Kasbi", "Касби"),
    "Koʻkdala": ("Ko‘kdala", "Ko'kdala", "Кўкдала", "Кукдала"),
    "Mirzo Ulugʻbek": ("M.Ulug`bek", "М.Улуғбек", "Мирзо Улугбек"),
    "Maʼrifat": ("Ma`rifat", "Ma.rifat", "MaСЉrifat", "Маърифат"),
}


@pytest.mark.parametrize(
    ("typed", "meant"), [(typed, name) for name, forms in TRAPS.items() for typed in forms]
)
def test_each_way_of_writing_finds_its_mahalla(typed: str, meant: str) -> None:
    outcome, _, candidates = _match(typed, *TRAPS)
    assert (outcome, candidates) == ("matched", meant)


def test_kasan_never_becomes_kasbi() -> None:
    assert _match("Касан", "Koson", "Kasbi")[::2] == ("matched", "Koson")
    assert _match("Касан", "Kasbi")[0] == "suggested"
    assert _match("Касби", "Koson")[0] == "suggested"


def test_another_consonant_is_only_suggested() -> None:
    assert _match("Равот", *TRAPS)[::2] == ("suggested", "Rabod")


@pytest.mark.parametrize(
    ("russian", "known"),
    [
        ("Катаган", ("Qatagʻan", "Qatagʻon")),
        ("Ертепа", ("Yertepa", "Yortepa")),
        ("Уймовут", ("Oʻymovut", "Uymovut")),
        ("Бутакора", ("Boʻtaqora", "Butaqora")),
        ("Кунжи", ("Kunji", "Qoʻnji")),
        ("Зарметан", ("Zarmetan", "Zarmitan")),
        ("Халкабад", ("Halqobod", "Xalqobod")),
        ("Гиштмон", ("Gishtmon", "Gʻishtmon")),
    ],
)
def test_two_places_with_one_russian_name_are_ambiguous(
    russian: str, known: tuple[str, ...]
) -> None:
    outcome, level, candidates = _match(russian, *known)
    assert (outcome, level, sorted(candidates.split("|"))) == ("ambiguous", "russian", [*known])


def test_the_uzbek_spelling_of_each_is_its_own() -> None:
    for typed, meant in (
        ("Қатағон", "Qatagʻon"),
        ("Қатаған", "Qatagʻan"),
        ("Qatag'on", "Qatagʻon"),
        ("Уймовут МФЙ", "Uymovut"),
        ("Ўймовут", "Oʻymovut"),
    ):
        assert _match(typed, "Qatagʻan", "Qatagʻon", "Oʻymovut", "Uymovut")[::2] == (
            "matched",
            meant,
        )


def test_a_russian_name_of_the_gazetteer_decides() -> None:
    frame = pd.DataFrame(
        {
            "code": ["1", "2"],
            "name": ["Qatagʻon", "Qatagʻan"],
            "name_ru": ["Катагон", "Катаган"],
            "district": "Urgut tumani",
        }
    )
    typed = pd.DataFrame({"name": ["Катаган", "Катагон"], "district": "Ургутский район"})
    assert list(match_names(typed, build_gazetteer(frame))["code"]) == ["2", "1"]


def test_levels_are_named() -> None:
    known = ("Doʻstlik MFY", "Navoiy QFY", "Navoiy MFY", "Mehnatobod MFY", "Hamid Olimjon MFY")
    known += ("Qorakoʻl MFY", "Obod OFY tarkibidagi Arna MFY", "Semurgʻ (Humo) MFY", "Qoʻrgʻon MFY")
    for typed, level in (
        ("ДЎСТЛИК МФЙ", "exact"),
        ("Doʻstlik", "strict"),
        ("NavoiyMFY", "type"),
        ("Arna MFY", "part"),
        ("Humo MFY", "part"),
        ("Mexnatobod MFY", "letters"),
        ("X.Olimjon", "initials"),
        ("Каракуль", "russian"),
        ("?ўр?он", "lost"),
    ):
        assert _match(typed, *known)[:2] == ("matched", level), typed


def test_types_break_ties_and_speak_against_each_other() -> None:
    both = ("Navoiy MFY", "Navoiy QFY")
    assert _match("Навоий ҚФЙ", *both)[::2] == ("matched", "Navoiy QFY")
    assert _match("Navoiy", *both)[0] == "ambiguous"
    # a place of another type is another place, whether or not the district has such ones
    for typed, known in (
        ("Navoiy QFY", "Navoiy MFY"),
        ("Навоий КФЙ", "Navoiy MFY"),
        ("Navoiy MFY", "Navoiy OFY"),
        ("Navoi MFY", "Navoiy QFY"),
    ):
        assert _match(typed, known, "Bobur MFY")[::2] == ("suggested", known)
    # where one of them says nothing, nothing speaks against it
    assert _match("Navoiy", "Navoiy OFY")[::2] == ("matched", "Navoiy OFY")
    assert _match("Navoiy QFY", "Navoiy")[::2] == ("matched", "Navoiy")


def test_numbers_are_never_left_out() -> None:
    known = ("1-sonli MFY", "2-sonli MFY", "Birlik-1 MFY", "Birlik-2 MFY")
    assert _match("№1 МФЙ", *known)[::2] == ("matched", "1-sonli MFY")
    assert _match("Birlik 2", *known)[::2] == ("matched", "Birlik-2 MFY")
    assert _match("3-sonli MFY", *known)[0] in ("suggested", "not_found")
    assert _match("Birlik", *known)[0] == "suggested"


def test_within_may_be_left_out_but_not_differ() -> None:
    known = ("A OFY tarkibidagi “Besh tom” MFY", "B OFY tarkibidagi “Besh tom” MFY", "C OFY")
    assert _match("Besh tom MFY", *known)[0] == "ambiguous"
    assert _match("B OFY tarkibidagi Besh tom MFY", *known)[::2] == ("matched", known[1])
    assert _match("C OFY tarkibidagi Besh tom MFY", *known)[0] == "suggested"
    assert _match("C OFY tarkibidagi Besh tom MFY", "Besh tom MFY")[0] == "matched"


def test_a_known_name_in_brackets_alone_does_not_place() -> None:
    known = ("Boʻston (Choʻja) MFY", "Choʻja MFY")
    assert _match("Boston (Cho'ja)", *known)[::2] == ("matched", known[0])
    outcome, _, candidates = _match("Semurgʻ (Choʻja)", *known)
    assert (outcome, candidates.split("|")[0]) == ("suggested", known[1])


def test_initials_stand_for_one_person_only() -> None:
    assert _match("A.Navoiy", "Alisher Navoiy", "Anvar Navoiy")[0] == "ambiguous"
    assert _match("Alisher Navoiy", "A.Navoiy")[:2] == ("matched", "initials")
    assert _match("A.Navoiy", "B.Navoiy")[0] == "suggested"
    assert _match("Navoiy", "Alisher Navoiy")[0] == "suggested"


def test_one_letter_between_two_names_leaves_a_russian_form_open() -> None:
    assert _match("Хонабад", "Xonobod", "Xonbod")[0] == "suggested"


DISTRICTS = pd.DataFrame(
    {
        "code": ["1", "2", "3", "4", "5"],
        "name": ["Bahor MFY", "Bahor MFY", "Nur MFY", "Oydin MFY", "Oydin QFY"],
        "district": ["Qarshi tumani", "Qarshi shahri", "Koʻkdala tumani", "Guliston tumani", "Pop"],
        "region": ["Qashqadaryo viloyati"] * 3 + ["Sirdaryo viloyati", "Namangan viloyati"],
    }
)


@pytest.mark.parametrize(
    ("district", "code"),
    [
        *((name, "1") for name in ("Qarshi tumani", "Қарши тумани", "Каршинский район", "Qarshi t.",
                                   "каршинский р-н", "?арши тумани", "Каршинского района")),
        *((name, "2") for name in ("Qarshi shahri", "Қарши шаҳри", "г. Карши", "город Карши",
                                   "Qarshi sh.", "г.Карши", "Қарши шахар", "?арши ша?ри")),
    ],
)  # fmt: skip
def test_the_city_and_its_district_stay_apart(district: str, code: str) -> None:
    typed = pd.DataFrame({"name": ["Баҳор"], "district": [district]})
    assert match_names(typed, build_gazetteer(DISTRICTS)).loc[0, "code"] == code


@pytest.mark.parametrize(
    "district",
    ["Koʻkdala tumani", "Ko‘kdala", "Кўкдала тумани", "Кукдалинский район", "KO'KDALA T.",
     "Qashqadaryo viloyati, Koʻkdala tumani", "Кашкадарьинская область &raquo; Кукдалинский район"],
)  # fmt: skip
def test_a_district_in_any_script_is_the_same(district: str) -> None:
    typed = pd.DataFrame({"name": ["Нур"], "district": [district]})
    assert match_names(typed, build_gazetteer(DISTRICTS)).loc[0, "code"] == "3"


def test_without_its_kind_a_district_may_be_either() -> None:
    typed = pd.DataFrame({"name": ["Bahor MFY"], "district": ["Qarshi"]})
    row = match_names(typed, build_gazetteer(DISTRICTS)).iloc[0]
    assert (row["outcome"], row["candidates"]) == ("ambiguous", "1|2")


def test_without_a_district_only_the_one_strict_name_is_matched() -> None:
    known = build_gazetteer(DISTRICTS)
    typed = pd.DataFrame({"name": ["Nur MFY", "Bahor MFY", "Nurr MFY", "Нур"], "district": None})
    assert list(match_names(typed, known)["outcome"]) == [
        "matched",
        "ambiguous",
        "suggested",
        "matched",
    ]


def test_without_a_district_the_type_counts_as_elsewhere() -> None:
    typed = pd.DataFrame({"name": ["Nur QFY", "Oydin QFY", "Nur OFY"]})
    answers = match_names(typed, build_gazetteer(DISTRICTS))
    assert list(answers["outcome"]) == ["suggested", "matched", "suggested"]


def test_likeness_is_named_as_such() -> None:
    typed = pd.DataFrame({"name": ["Nuri MFY"] * 2, "district": ["", "Koʻkdala tumani"]})
    assert set(match_names(typed, build_gazetteer(DISTRICTS))["level"]) == {"similar"}


def test_in_an_unknown_district_nothing_is_matched() -> None:
    typed = pd.DataFrame({"name": ["Nur MFY"], "district": ["Yashnobod tumani"]})
    row = match_names(typed, build_gazetteer(DISTRICTS)).iloc[0]
    assert (row["outcome"], row["candidates"].split("|")[0]) == ("suggested", "3")


def test_regions_tell_districts_of_one_name_apart() -> None:
    frame = pd.DataFrame(
        {
            "code": ["1", "2"],
            "name": "Obod MFY",
            "district": "Yangiobod tumani",
            "region": ["Jizzax viloyati", "Namangan viloyati"],
        }
    )
    typed = pd.DataFrame(
        {
            "name": "Обод",
            "district": "Янгиабадский район",
            "region": ["Джизакская область", "Наманган вилояти", None],
        }
    )
    answers = match_names(typed, build_gazetteer(frame))
    assert list(answers["outcome"]) == ["matched", "matched", "ambiguous"]
    assert list(answers["code"][:2]) == ["1", "2"]


def test_an_address_is_placed_by_its_mahalla_and_district() -> None:
    typed = pd.DataFrame(
        {"name": ["Каршинский район, махалля Бахор, дом 12", "Qarshi shahri, Bahor MFY"]}
    )
    assert list(match_names(typed, build_gazetteer(DISTRICTS))["code"]) == ["1", "2"]


def test_other_names_lead_to_the_same_mahalla() -> None:
    aliases = pd.DataFrame({"code": ["3"], "name": ["Lenin yoʻli MFY"]})
    typed = pd.DataFrame({"name": ["Ленин йўли"], "district": ["Koʻkdala tumani"]})
    answers = match_names(typed, build_gazetteer(DISTRICTS, aliases))
    assert answers.loc[0, ["outcome", "code"]].tolist() == ["matched", "3"]


def test_an_alias_of_no_mahalla_is_an_error() -> None:
    aliases = pd.DataFrame({"code": ["9"], "name": ["Lenin"]})
    sentence = (
        "the other name 'Lenin' is for the code '9', which no mahalla has; "
        "correct the code or leave the row out"
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        build_gazetteer(DISTRICTS, aliases)


def test_a_missing_column_is_an_error() -> None:
    sentence = "the gazetteer has no column 'name'; did you mean 'nam'?"
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        build_gazetteer(pd.DataFrame({"code": ["1"], "nam": ["x"]}))
    sentence = "the table of names has no column 'name'; known are: x"
    with pytest.raises(InputError, match=f"^{sentence}$"):
        match_names(pd.DataFrame({"x": []}), build_gazetteer(DISTRICTS))


def test_the_order_of_rows_changes_nothing() -> None:
    typed = pd.DataFrame(
        [(form, "Gʻuzor tumani") for forms in TRAPS.values() for form in (*forms, forms[0][:-1])],
        columns=["name", "district"],
    )
    straight = match_names(typed, _gazetteer(*TRAPS))
    shuffled = typed.sample(frac=1, random_state=1)
    names = list(TRAPS)
    random.Random(2).shuffle(names)
    again = match_names(shuffled, _gazetteer(*names))
    pd.testing.assert_frame_equal(straight, again.sort_index())


def test_the_index_of_the_names_is_kept() -> None:
    typed = pd.DataFrame({"name": ["Nur MFY"] * 2}, index=["b", "a"])
    assert list(match_names(typed, build_gazetteer(DISTRICTS)).index) == ["b", "a"]
    assert match_names(typed[:0], build_gazetteer(DISTRICTS)).empty


def test_candidates_are_titled_with_their_likeness() -> None:
    typed = pd.DataFrame({"name": ["Bahor", "Nurr", "Nur"], "district": ""})
    known = build_gazetteer(DISTRICTS)
    answers = match_names(typed, known)
    assert answers["outcome"].tolist()[:2] == ["ambiguous", "suggested"]
    titles = title_candidates(typed["name"].tolist(), answers["candidates"].tolist(), known)
    assert titles[0] == "1 Bahor MFY (100); 2 Bahor MFY (100)"
    assert titles[1].startswith("3 Nur MFY (86)")


HOSTILE = (
    *("<script>alert(1)</script>", "=1+1", "@SUM(A1)", "-", "", " ", "\x00", "\u202eMFY", "?" * 50),
    *("\n\r\t", "a" * 10_000, "Ў" * 10_000, "&#10;&#0;", "مسجد", "🙂", "#1", "()", "''"),
)


def test_anything_may_stand_for_a_name() -> None:
    typed = pd.DataFrame({"name": HOSTILE, "district": "Gʻuzor tumani"})
    answers = match_names(typed, _gazetteer(*TRAPS, *HOSTILE[:2]))
    assert set(answers["outcome"][2:]) <= {"suggested", "not_found"}
    districts = pd.DataFrame({"name": "Nur MFY", "district": HOSTILE})
    found = match_names(districts, build_gazetteer(DISTRICTS))
    assert set(found["outcome"][[0, 1, 2]]) == {"suggested"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=20))
def test_random_bytes_are_never_matched(names: list[bytes]) -> None:
    typed = pd.DataFrame({"name": [name.decode("cp1251", errors="replace") for name in names]})
    for district in (None, "Gʻuzor tumani"):
        answers = match_names(typed.assign(district=district), _gazetteer(*TRAPS))
        assert "matched" not in set(answers["outcome"])


def test_districts_without_an_answer() -> None:
    known = read_places(["Qarshi tumani", "Qarshi shahri"])
    given = read_places(["", "Касбинский район", "tuman", "viloyati"])
    assert [find_place(one, known) for one in given] == [(), (), (), ()]
