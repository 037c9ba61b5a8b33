"""Names folded to keys: one alphabet, types, numbers, and what files do to letters."""

from __future__ import annotations

import alifbo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.loaders.name_addresses import split_address
from hotspot.loaders.name_repair import repair_encoding, repair_names
from hotspot.loaders.name_sounds import RIVALS, RUSSIAN, TYPED, fold_sounds, may_stand_for
from hotspot.loaders.names import APOSTROPHES, fold_names, lost_key, may_be_russian, take_apart


def _strict(*names: str) -> list[str]:
    return take_apart(fold_names(list(names)).exact).strict


def _types(*names: str) -> list[str]:
    return take_apart(fold_names(list(names)).exact).types


@pytest.mark.parametrize("sign", APOSTROPHES)
def test_every_apostrophe_is_the_same(sign: str) -> None:
    assert _strict(f"O{sign}zbekiston", f"G{sign}uzor", f"Ma{sign}rifat") == [
        "özbekiston",
        "ğuzor",
        "marifat",
    ]


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Doʻstlik MFY", "Дўстлик МФЙ"),
        ("Gʻallaorol QFY", "Ғаллаорол ҚФЙ"),
        ("Yertepa OFY", "Ертепа ОФЙ"),
        ("Eshonqishloq ShFY", "Эшонқишлоқ ШФЙ"),
        ("Choʻlquvar", "Чўлқувар"),
        ("Maʼrifat MFY", "Маърифат МФЙ"),
        ("Konstitutsiya", "Конституция"),
        ("Alpomish", "Альпомиш"),
        ("Yangiyoʻl", "Янгийўл"),
        ("Ishoqxon", "Исҳоқхон"),
    ],
)
def test_both_scripts_give_one_key(latin: str, cyrillic: str) -> None:
    lines = fold_names([latin, cyrillic])
    assert lines.exact[0].replace("'", "") == lines.exact[1].replace("'", "")


# an independent implementation spells the cyrillic
@given(
    st.lists(
        st.sampled_from(
            ["bo", "ʻz", "qo", "ʻr", "gʻ", "on", "tosh", "chor", "sha", "ya", "yu", "hayot", "xo",
             "ʻja", "obod", "tepa", "ariq", "mi", "rish"]
        ),
        min_size=2,
        max_size=5,
    )
)  # fmt: skip
def test_the_cyrillic_of_another_implementation_gives_the_same_key(syllables: list[str]) -> None:
    name = "b" + "".join(syllables).replace("ʻʻ", "ʻ")
    cyrillic = alifbo.to_cyrillic(name).text
    latin, other = _strict(name, cyrillic)
    # between consonant and iotated vowel cyrillic puts ъ, which counts for nothing
    assert latin == other


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("MaСЉrifat MFY", "Maʼrifat MFY"),
        ("Р•rtepa QFY", "Ertepa QFY"),
        ("AvС“onboС“", "Avgʻonbogʻ"),
        ("Sobir RaС›imov", "Sobir Rahimov"),
        ("YangiвЂ“obod", "Yangi-obod"),
        ("So`sana MFYВ\xa0", "Soʻsana MFY"),
        ("Oâ€˜zbekiston", "Oʻzbekiston"),
        ("OÊ»zbekiston", "Oʻzbekiston"),
        ("Íàâðóç", "Навруз"),
        ("Ð\x9dÐ°Ð²Ñ\x80ÑƒÐ·", "Навруз"),
        ("╨Э╨░╨▓╤А╤Г╨╖", "Навруз"),
        ("Ќарши", "Қарши"),
        ("Do&#39;stlik", "Doʻstlik"),
        ("Do&amp;#39;stlik", "Doʻstlik"),
        ("Doʻ\u200bst\u200elik\u202e", "Doʻstlik"),
        ("Наврўз", "Наврўз"),
        ("Маъ\tрифат\r\n", "Маъ рифат"),
        ("Ｎavroʻz", "Navroʻz"),
    ],
)
def test_what_files_spoil_is_mended(garbled: str, meant: str) -> None:
    assert _strict(garbled) == _strict(meant)


@pytest.mark.parametrize("name", ["Рўза", "Сўх", "Тўртёр", "РЎЗА", "Öзек", "Жаңабазар", "Вёрст"])
def test_sound_names_are_not_mended(name: str) -> None:
    assert repair_encoding(name) == name


@pytest.mark.parametrize(
    ("mixed", "meant"),
    [
        ("Dоrilаmon MFY", "Dorilamon MFY"),
        ("Eркин МФЙ", "Эркин МФЙ"),
        ("Cариосиё", "Сариосиё"),
        ("33-cонли Қизил қум МФЙ", "33-сонли Қизил қум МФЙ"),
        ("Xончopбоғ", "Хончорбоғ"),
        ("Мuhammad", "Muhammad"),
    ],
)
def test_look_alike_letters_are_what_they_look_like(mixed: str, meant: str) -> None:
    assert _strict(mixed) == _strict(meant)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Guliston MFY", "mfy"),
        ("Guliston M.F.Y.", "mfy"),
        ("GulistonMFY", "mfy"),
        ("MFY Guliston", "mfy"),
        ("Гулистон МФЙ", "mfy"),
        ("Guliston mahallasi", "mfy"),
        ("Guliston maxallasi", "mfy"),
        ("Гулистон маҳалла фуқаролар йиғини", "mfy"),
        ("махалля Гулистон", "mfy"),
        ("Гулистон МСГ", "mfy"),
        ("Гулистон м-ля", "mfy"),
        ("м-ля Гулистон", "mfy"),
        ("Гулистон м-си", "mfy"),
        ("Гулистон мхл", "mfy"),
        ("Guliston mxl.", "mfy"),
        ("мах. Гулистон", "mfy"),
        ("мах Гулистон", "mfy"),
        ("махал. Гулистон", "mfy"),
        ("Гулистон МФЙ раиси", "mfy"),
        ("Guliston mahallasi raisi", "mfy"),
        ("Gulistonmfy", "mfy"),
        ("ГулистонМФЙ", "mfy"),
        ("Guliston QFY", "qfy"),
        ("Guliston KFY", "qfy"),
        ("Гулистон ҚФЙ", "qfy"),
        ("Guliston qishloq fuqarolar yig`ini", "qfy"),
        ("Гулистон ССГ", "qfy"),
        ("Guliston OFY", "ofy"),
        ("Guliston ovul fuqarolar yig'ini", "ofy"),
        ("Guliston SHFY", "shfy"),
        ("Гулистон ШФЙ", "shfy"),
        ("Guliston", ""),
    ],
)
def test_types_are_split_off(name: str, kind: str) -> None:
    assert (_strict(name), _types(name)) == (["guliston"], [kind])


def test_a_type_alone_is_a_name() -> None:
    assert _strict("MFY", "mahalla") == ["mfy", "mahalla"]


@pytest.mark.parametrize(
    "name",
    ["1-sonli Navbahor", "1 sonli Navbahor MFY", "№1 Navbahor", "Navbahor-1", "Navbahor 1-son",
     "I-Navbahor", "Navbahor №1 МФЙ", "1 - сонли Навбаҳор", "Navbahor 01"],
)  # fmt: skip
def test_a_number_is_the_same_wherever_it_stands(name: str) -> None:
    assert _strict(name) == ["navbahor#1"]


def test_numbers_stay_apart() -> None:
    keys = _strict(
        "Qatortol-1", "Qatortol-2", "Qatortol", "II-Qatortol", "Qatortol 12", "I.Karimov"
    )
    assert keys == ["qatortol#1", "qatortol#2", "qatortol", "qatortol#2", "qatortol#12", "ikarimov"]


def test_what_a_mahalla_lies_within_is_kept_beside_it() -> None:
    parts = take_apart(fold_names(["Oʻrta qalʼa OFY tarkibidagi “Arna boʻyi” MFY"]).exact)
    assert (parts.strict, parts.within, parts.types) == (["arnaböyi"], ["örtaqala"], ["mfy"])


def test_brackets_hold_another_name_or_a_note() -> None:
    parts = take_apart(fold_names(["Бободеҳқон (Деҳқонобод)", "Birlik MFY (jamoatchi)"]).exact)
    assert parts.strict == ["bobodehqon", "birlikjamoatchi"]
    assert parts.aside == ["dehqonobod", "birlik"]


def test_scripts_are_told_by_their_letters() -> None:
    names = ["Қарши", "Навруз", "Навруз МФЙ", "Кызыл", "Навруз МСГ", "Navroʻz", "12", ""]
    assert fold_names(names).scripts == [
        *("uzbek", "cyrillic", "uzbek", "russian", "russian", "latin", "latin", "latin")
    ]


def test_a_list_tells_how_its_undecided_names_are_read() -> None:
    assert may_be_russian(["cyrillic"] * 19 + ["uzbek"]) == [True] * 19 + [False]
    assert may_be_russian(["cyrillic"] * 14 + ["uzbek"] * 6) == [False] * 20
    # one name that only Russian writes is enough for doubt
    assert may_be_russian(["cyrillic", "russian", *["uzbek"] * 20])[:2] == [True, True]


def test_lost_letters_are_the_same_in_all() -> None:
    qarshi, bogot = fold_names(["Қарши", "Боғот"]).exact
    assert (lost_key(qarshi), lost_key(bogot)) == (lost_key("?ars?i"), lost_key("bo?ot"))


@pytest.mark.parametrize(
    ("russian", "uzbek"),
    [
        ("Каракуль", "Qorakoʻl"),
        ("Бустан", "Boʻston"),
        ("Дехканабад", "Dehqonobod"),
        ("Аккишлак", "Oqqishloq"),
        ("Джонбузсой", "Jonboʻzsoy"),
        ("Ешлик", "Yoshlik"),
        ("Саят", "Sayot"),
        ("Джумуртау", "Jumurtov"),
        ("Янгиаул", "Yangi ovul"),
        ("Карасу", "Qorasuv"),
        ("Навои", "Navoiy"),
        ("Лянгар", "Langar"),
        ("Пахтаабад", "Paxtaobod"),
        ("им. Ахунбабаева", "Oxunboboyev nomli"),
        ("Акалтын", "Oq oltin"),
    ],
)
def test_russian_forms_may_stand_for_uzbek_names(russian: str, uzbek: str) -> None:
    parts = take_apart(fold_names([russian, uzbek]).exact)
    sounds = fold_sounds(parts.words, parts.strict)
    assert sounds.coarse[0] == sounds.coarse[1]
    assert may_stand_for(*sounds.forms, RUSSIAN)


def test_looser_spellings_hold_all_of_stricter_ones() -> None:
    for stricter, looser in ((TYPED, RUSSIAN), (RUSSIAN, RIVALS)):
        assert all(set(stricter[letter]) <= set(looser[letter]) for letter in stricter)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("Chilonzor tumani, Qatortol MFY, 12-uy", ("Qatortol MFY", "Chilonzor tumani", "")),
        ("Toshkent shahri, Chilonzor tumani, Qatortol MFY",
         ("Qatortol MFY", "Chilonzor tumani", "Toshkent shahri")),
        ("Чилонзор тумани Қатортол МФЙ 12-уй", ("Қатортол МФЙ", "Чилонзор тумани", "")),
        ("Чиланзарский район, махалля Катортол, дом 12",
         ("махалля Катортол", "Чиланзарский район", "")),
        ("Qashqadaryo viloyati, Gʻuzor tumani, Obod, Bobur koʻchasi 5-uy",
         ("Obod", "Gʻuzor tumani", "Qashqadaryo viloyati")),
        ("Қ,Чорбоғ МФЙ", ("Қ,Чорбоғ МФЙ", "", "")),
        ("Qatortol MFY Chilonzor tumani", ("Qatortol MFY", "Chilonzor tumani", "")),
        ("Chilonzor tumani Qatortol MFY Navoiy ko'chasi 12",
         ("Qatortol MFY", "Chilonzor tumani", "")),
        ("Obod OFY tarkibidagi Besh tom MFY", ("Obod OFY tarkibidagi Besh tom MFY", "", "")),
        ("Qatortol MFY 2", ("Qatortol MFY 2", "", "")),
        ("Obod, Guliston", ("Obod, Guliston", "", "")),
        ("Qatortol MFY", ("Qatortol MFY", "", "")),
    ],
)  # fmt: skip
def test_addresses_are_taken_apart(address: str, parts: tuple[str, str, str]) -> None:
    assert split_address(address) == parts


@given(st.lists(st.text(), max_size=5))
def test_any_text_folds_to_as_many_keys(names: list[str]) -> None:
    lines = fold_names(names)
    parts = take_apart(lines.exact)
    sounds = fold_sounds(parts.words, parts.strict)
    assert {len(lines.exact), len(lines.scripts), len(parts.strict), len(sounds.forms)} == {
        len(names)
    }


@given(st.lists(st.text(alphabet="aogʻ' -1MFYўғқМФЙ&;#", max_size=12), min_size=1, max_size=4))
def test_a_name_folds_alone_as_in_a_list(names: list[str]) -> None:
    lines = fold_names(names)
    assert [fold_names([name]).exact[0] for name in names] == lines.exact


def test_a_control_character_is_left_out_of_no_name() -> None:
    assert _strict("Do\x00stlik", "Fay\x14", "Fay~") == ["", "", ""]


def test_a_document_in_one_cell_is_cut() -> None:
    assert len(repair_names(["a" * 10_000])) == 300
