"""Lists of names whole: as clerks type them, and the public lists of Uzbekistan."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hotspot.loaders.gazetteer import build_gazetteer, match_names

# the readers and measures that also make the table of docs/names.md
LISTS = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "match_names.py"))

# one district's mahallas, with neighbours that a careless rule would confuse
MAHALLAS = """
Oʻzbekiston MFY; Doʻstlik MFY; Navroʻz MFY; Mustaqillik MFY; Alisher Navoiy MFY; Mirzo Ulugʻbek MFY
Maʼrifat MFY; Mashʼal MFY; Qorakoʻl MFY; Boʻston MFY; Mehnatobod MFY; Dehqonobod MFY; Oqqishloq MFY
Qoʻrgʻontosh MFY; Rabod MFY; Jonboʻzsoy MFY; Yangi hayot MFY; Oq oltin MFY; Jeynov MFY
Oygʻirkoʻl MFY; Gʻallaorol MFY; Koson MFY; Kasbi MFY; Qatortol-1 MFY; Qatortol-2 MFY; Qatortol MFY
1-sonli Navbahor MFY; 2-sonli Navbahor MFY; Tinchlik MFY; Birlik MFY; Guliston MFY; Gulobod MFY
Gulbogʻ MFY; Bogʻishamol MFY; Chorbogʻ MFY; Paxtakor MFY; Paxtaobod MFY; Paxtazor MFY; Yoshlik MFY
Sharof Rashidov MFY; Hamid Olimjon MFY; Gʻafur Gʻulom MFY; Amir Temur MFY; Bobur MFY
Islom Karimov MFY; Bunyodkor MFY; Istiqlol MFY; Istiqbol MFY; Oʻrta qalʼa MFY; Choʻlquvar MFY
Xalqobod MFY; Xonobod MFY; Xoʻjaobod MFY; Yuqori Beshkapa MFY; Quyi Beshkapa MFY; Beshkapa MFY
Qizil tong MFY; Sohibkor MFY; Suvchi MFY; Shoʻrcha MFY; Toʻqimachi MFY; Uchtepa MFY; Oqtepa MFY
Mustaqillikning 20 yilligi MFY; Mustaqillikning 25 yilligi MFY; 8-mart MFY; Zarbdor MFY; Ahillik MFY
"""

# typed | meant: "-" where nobody can know, or where it is none of them
TYPED = """
o'zbekiston mfy | Oʻzbekiston MFY
OʼZBEKISTON | Oʻzbekiston MFY
O`zbekiston mahallasi | Oʻzbekiston MFY
Ozbekiston MFY | Oʻzbekiston MFY
Uzbekiston MFY | Oʻzbekiston MFY
O‘zbekiston M.F.Y. | Oʻzbekiston MFY
O´zbekiston mfy | Oʻzbekiston MFY
O?zbekiston MFY | Oʻzbekiston MFY
Ўзбекистон МФЙ | Oʻzbekiston MFY
ЎЗБЕКИСТОН МАХАЛЛАСИ | Oʻzbekiston MFY
Узбекистон МФЙ | Oʻzbekiston MFY
Узбекистан МСГ | Oʻzbekiston MFY
махалля Узбекистан | Oʻzbekiston MFY
Õzbekiston MFY | Oʻzbekiston MFY
Özbekiston MFY | Oʻzbekiston MFY
Oʻzbekistan MFY | -
Do'stlik | Doʻstlik MFY
Dostlik MFY | Doʻstlik MFY
Dustlik mfy | Doʻstlik MFY
ДЎСТЛИК МФЙ | Doʻstlik MFY
Дустлик МФЙ | Doʻstlik MFY
Дустлик | Doʻstlik MFY
D'ostlik MFY | Doʻstlik MFY
Do'stlikMFY | Doʻstlik MFY
Do' stlik MFY | Doʻstlik MFY
"Do'stlik" MFY | Doʻstlik MFY
«Дўстлик» МФЙ | Doʻstlik MFY
Do&#39;stlik MFY | Doʻstlik MFY
Do'stlik mahalla fuqarolar yig'ini | Doʻstlik MFY
Дўстлик маҳалла фуқаролар йиғини | Doʻstlik MFY
Doʻstllik MFY | Doʻstlik MFY
Dustik MFY | -
Navro'z MFY | Navroʻz MFY
Navruz mfy | Navroʻz MFY
Navroz | Navroʻz MFY
Навруз МФЙ | Navroʻz MFY
Наврўз | Navroʻz MFY
Навруз МСГ | Navroʻz MFY
Mustakillik MFY | Mustaqillik MFY
Мустакиллик МФЙ | Mustaqillik MFY
Мустақиллик | Mustaqillik MFY
мустакиллик махалласи | Mustaqillik MFY
Mustaqilik MFY | Mustaqillik MFY
Mustaqillk MFY | -
A.Navoiy | Alisher Navoiy MFY
A. Navoiy MFY | Alisher Navoiy MFY
А.Навоий МФЙ | Alisher Navoiy MFY
A.Navoi MFY | Alisher Navoiy MFY
Алишер Навои | Alisher Navoiy MFY
Navoiy MFY | -
M.Ulug`bek | Mirzo Ulugʻbek MFY
M.Ulugbek MFY | Mirzo Ulugʻbek MFY
М.Улуғбек | Mirzo Ulugʻbek MFY
Мирзо Улугбек МФЙ | Mirzo Ulugʻbek MFY
Mirzo-Ulug'bek | Mirzo Ulugʻbek MFY
Ma`rifat MFY | Maʼrifat MFY
Marifat | Maʼrifat MFY
Ma.rifat MFY | Maʼrifat MFY
MaСЉrifat MFY | Maʼrifat MFY
Маърифат МФЙ | Maʼrifat MFY
Марифат | Maʼrifat MFY
Mashal MFY | Mashʼal MFY
Машъал | Mashʼal MFY
Машал МФЙ | Mashʼal MFY
Qorako'l MFY | Qorakoʻl MFY
Qorakul | Qorakoʻl MFY
Korakul MFY | Qorakoʻl MFY
Каракуль | Qorakoʻl MFY
Қоракўл | Qorakoʻl MFY
Коракўл МФЙ | Qorakoʻl MFY
Boston MFY | Boʻston MFY
Buston | Boʻston MFY
Бустан | Boʻston MFY
Бустон МФЙ | Boʻston MFY
Бўстон | Boʻston MFY
Mexnatobod MFY | Mehnatobod MFY
Мехнатобод МФЙ | Mehnatobod MFY
Мехнатабад | Mehnatobod MFY
Меҳнатобод | Mehnatobod MFY
Mehnat obod | Mehnatobod MFY
Dexkonobod | Dehqonobod MFY
Dehkonobod MFY | Dehqonobod MFY
Dexqonobod | Dehqonobod MFY
Дехканабад | Dehqonobod MFY
Дехконобод МФЙ | Dehqonobod MFY
Деҳқонобод | Dehqonobod MFY
Oq qishloq | Oqqishloq MFY
Okkishlok MFY | Oqqishloq MFY
Аккишлак | Oqqishloq MFY
Оққишлоқ МФЙ | Oqqishloq MFY
Қўрғонтош | Qoʻrgʻontosh MFY
Qurgontosh MFY | Qoʻrgʻontosh MFY
Qo'rg'ontosh | Qoʻrgʻontosh MFY
Курганташ | Qoʻrgʻontosh MFY
Кургонтош МФЙ | Qoʻrgʻontosh MFY
?ўр?онтош МФЙ | Qoʻrgʻontosh MFY
Рабод | Rabod MFY
Равот | -
Жонбўзсой | Jonboʻzsoy MFY
Джонбузсой | Jonboʻzsoy MFY
Жонбузсой МФЙ | Jonboʻzsoy MFY
Yangihayot | Yangi hayot MFY
Yangixayot MFY | Yangi hayot MFY
Yangi-hayot MFY | Yangi hayot MFY
Янгиҳаёт | Yangi hayot MFY
Янги хаёт МФЙ | Yangi hayot MFY
Янгихает | Yangi hayot MFY
Oqoltin MFY | Oq oltin MFY
Ak altin | Oq oltin MFY
Акалтын | Oq oltin MFY
Ок-олтин МФЙ | Oq oltin MFY
Оқ олтин | Oq oltin MFY
Жейнов МФЙ | Jeynov MFY
Джейнау | Jeynov MFY
Айгиркуль | Oygʻirkoʻl MFY
Ойғиркўл | Oygʻirkoʻl MFY
Oygirkul MFY | Oygʻirkoʻl MFY
Галляарал | Gʻallaorol MFY
G'allaorol | Gʻallaorol MFY
Gallaorol MFY | Gʻallaorol MFY
Касан | Koson MFY
Косон МФЙ | Koson MFY
Касби | Kasbi MFY
Касбы | Kasbi MFY
1-Qatortol | Qatortol-1 MFY
Qatortol 2 MFY | Qatortol-2 MFY
Катортол-1 | Qatortol-1 MFY
II-Катортол | Qatortol-2 MFY
Қатортол | Qatortol MFY
Qatortol-3 MFY | -
Navbahor 1-sonli | 1-sonli Navbahor MFY
2-son Navbaxor MFY | 2-sonli Navbahor MFY
№2 Навбахор МФЙ | 2-sonli Navbahor MFY
Navbahor MFY | -
3-sonli Navbahor MFY | -
Тинчлик МФЙ | Tinchlik MFY
Tinchlik mfy. | Tinchlik MFY
Tinchilk MFY | -
Бирлик | Birlik MFY
Birlik maxalla | Birlik MFY
Guliston mfy | Guliston MFY
Гулистан | Guliston MFY
Gulistn MFY | -
Gulobod | Gulobod MFY
Гулабад | Gulobod MFY
Gulbog MFY | Gulbogʻ MFY
Гулбог МФЙ | Gulbogʻ MFY
Bogi shamol | Bogʻishamol MFY
Богишамол | Bogʻishamol MFY
Чорбог | Chorbogʻ MFY
Чарбаг | Chorbogʻ MFY
Пахтакор | Paxtakor MFY
Pahtakor MFY | Paxtakor MFY
Пахтаабад | Paxtaobod MFY
Paxtabod MFY | -
Ешлик | Yoshlik MFY
Ёшлик МФЙ | Yoshlik MFY
Sh.Rashidov MFY | Sharof Rashidov MFY
Ш.Рашидов | Sharof Rashidov MFY
Шараф Рашидов | Sharof Rashidov MFY
X.Olimjon MFY | Hamid Olimjon MFY
Ҳ.Олимжон | Hamid Olimjon MFY
Х.Алимджан | Hamid Olimjon MFY
G'.G'ulom MFY | Gʻafur Gʻulom MFY
Г.Гулом МФЙ | Gʻafur Gʻulom MFY
G.Gulom | Gʻafur Gʻulom MFY
A.Temur | Amir Temur MFY
Амир Темур | Amir Temur MFY
Amir Temur nomli MFY | Amir Temur MFY
имени Бобура | Bobur MFY
Bobur nomli MFY | Bobur MFY
I.Karimov MFY | Islom Karimov MFY
Бунёдкор | Bunyodkor MFY
Бунедкор МФЙ | Bunyodkor MFY
Istiqlol | Istiqlol MFY
Истиклол МФЙ | Istiqlol MFY
Истикбол | Istiqbol MFY
Istiqbl MFY | -
O'rta qal'a | Oʻrta qalʼa MFY
Урта кала | Oʻrta qalʼa MFY
Ўрта қалъа МФЙ | Oʻrta qalʼa MFY
Cho'lquvar | Choʻlquvar MFY
Чулкувар МФЙ | Choʻlquvar MFY
Çölquvar | Choʻlquvar MFY
Халкабад | Xalqobod MFY
Xalkobod | Xalqobod MFY
Ханабад | Xonobod MFY
Хужаобод МФЙ | Xoʻjaobod MFY
Ходжаабад | Xoʻjaobod MFY
Yukori Beshkapa | Yuqori Beshkapa MFY
Юкори Бешкапа МФЙ | Yuqori Beshkapa MFY
Куйи Бешкапа | Quyi Beshkapa MFY
Beshkapa | Beshkapa MFY
Кизил тонг | Qizil tong MFY
Кызыл тонг | Qizil tong MFY
Soxibkor | Sohibkor MFY
Сохибкор МФЙ | Sohibkor MFY
Shurcha MFY | Shoʻrcha MFY
Шорча | Shoʻrcha MFY
Шурча МФЙ | Shoʻrcha MFY
Тукимачи | Toʻqimachi MFY
Uch tepa | Uchtepa MFY
Ок тепа МФЙ | Oqtepa MFY
Актепа | Oqtepa MFY
Mustakillikning 20-yilligi | Mustaqillikning 20 yilligi MFY
Мустакилликнинг 25 йиллиги | Mustaqillikning 25 yilligi MFY
Mustaqillikning 15 yilligi MFY | -
8 mart MFY | 8-mart MFY
8 Март | 8-mart MFY
9-may MFY | -
Зарбдар | Zarbdor MFY
Ахиллик МФЙ | Ahillik MFY
Axillik | Ahillik MFY
Fayzobod MFY | -
Qarshi | -
MFY | -
махалля | -
12345 | -
<b>Bobur</b> MFY | -
=HYPERLINK("x") | -
"""


def test_names_as_clerks_type_them() -> None:
    names = [name.strip() for name in re.split(r"[;\n]", MAHALLAS.strip())]
    mahallas = pd.DataFrame({"code": names, "name": names, "district": "Gʻuzor tumani"})
    typed = pd.DataFrame(
        [line.split(" | ") for line in TYPED.strip().splitlines()], columns=["name", "meant"]
    ).assign(district="Гузарский район")
    answers = match_names(typed, build_gazetteer(mahallas)).join(typed)
    matched = answers[answers["outcome"] == "matched"]
    wrong = matched[matched["code"] != matched["meant"]]
    assert list(wrong["name"] + " -> " + wrong["code"]) == []
    known = answers["meant"] != "-"
    missed = answers[known & (answers["outcome"] != "matched")]
    assert len(answers) >= 150
    assert list(missed["name"]) == []


@pytest.fixture(scope="module")
def quarters(shared: Path) -> pd.DataFrame:
    return LISTS["read_quarters"](shared)


@pytest.fixture(scope="module")
def soato(shared: Path) -> pd.DataFrame:
    return LISTS["read_soato"](shared)


@pytest.fixture(scope="module")
def mahallas(shared: Path) -> pd.DataFrame:
    return LISTS["read_mahallas"](shared)


def test_ten_thousand_quarters_come_back_from_cyrillic(quarters: pd.DataFrame) -> None:
    answers = LISTS["match_column"](quarters, "cyrillic")
    named = quarters["name"].str.strip() != ""
    matched = answers["outcome"] == "matched"
    assert (answers["code"] == answers["truth"])[matched].all()
    # the rest truly share name and type within their district
    same = quarters["name"].str.lower().str.replace(r"[\s\"`'’,]+", "", regex=True)
    alike = pd.DataFrame({"district": quarters["district"], "name": same}).duplicated(keep=False)
    assert set(answers["outcome"][named & ~matched]) == {"ambiguous"}
    assert list(quarters["name"][named & ~matched & ~alike]) == []


def test_soato_comes_back_from_cyrillic(soato: pd.DataFrame) -> None:
    alone = ~soato.duplicated(["district", "name"], keep=False)
    answers = LISTS["match_column"](soato, "cyrillic")[alone]
    matched = answers["outcome"] == "matched"
    assert (answers["code"] == answers["truth"])[matched].all()
    # six differ in a capital letter only
    assert set(answers["outcome"][~matched]) == {"ambiguous"}
    folded = soato["name"].str.casefold()
    assert (
        pd.DataFrame({"d": soato["district"], "n": folded})
        .duplicated(keep=False)[answers.index[~matched]]
        .all()
    )


def test_soato_from_russian_is_matched_or_suggested_right(soato: pd.DataFrame) -> None:
    alone = ~soato.duplicated(["district", "name"], keep=False)
    found = LISTS["summarize"](LISTS["match_column"](soato, "russian")[alone])
    assert found["matched"] / found["names"] >= 0.85
    assert 1 - found["wrong"] / found["matched"] >= 0.995
    assert found["in_first_three"] >= 0.97


def test_districts_in_any_language_give_the_same_outcomes(shared: Path) -> None:
    rows = json.loads((shared / "uz_gazetteer/uzsoato_fixture.json").read_text(encoding="utf-8"))
    districts = {row["pk"]: row["fields"] for row in rows if row["model"] == "soato.district"}
    places = pd.DataFrame(
        [
            {"code": row["fields"]["soato"], "russian": row["fields"]["name_rus"]}
            | {"name": row["fields"]["name"]}
            | {key: districts[row["fields"]["district"]][key] for key in ("name_cyr", "name_rus")}
            | {"district": districts[row["fields"]["district"]]["name"]}
            | {"region": row["fields"]["soato"][:4]}
            for row in rows
            if row["model"] == "soato.city"
        ]
    )
    gazetteer = build_gazetteer(places[["code", "name", "district", "region"]])
    typed = places[["russian", "district", "region"]].rename(columns={"russian": "name"})
    latin = match_names(typed, gazetteer)
    for column in ("name_cyr", "name_rus"):
        other = match_names(typed.assign(district=places[column]), gazetteer)
        pd.testing.assert_frame_equal(other, latin)


def test_chinoz_is_matched_but_for_three_suggested_right(
    shared: Path, mahallas: pd.DataFrame
) -> None:
    pairs = pd.read_csv(shared / "uz_mahalla_chinoz/pairs_cadastre_vs_dhp_DERIVED.csv", dtype="str")
    typed = pd.DataFrame({"name": pairs["cadastre_name"], "district": "1113"})
    answers = match_names(typed, build_gazetteer(mahallas))
    matched = answers["outcome"] == "matched"
    assert matched.sum() == 52
    assert (answers["code"] == pairs["dhp_code"])[matched].all()
    assert set(answers["outcome"][~matched]) == {"suggested"}
    first = answers["candidates"].str.split("|").str[0]
    assert (first == pairs["dhp_code"])[~matched].all()


def _consonants(name: str) -> str:
    """Return a key that shares no code with the matching: consonants alone."""
    name = re.sub(r"\(.*|mfy|[ʻʼ`‘’'ъь\s.-]", "", name.lower())
    latin = str.maketrans(dict(zip("бвгғдзйкқлмнпрстфхҳч", "bvggdzykklmnprstfxxc", strict=True)))
    for many, one in (("ш", "s"), ("sh", "s"), ("ch", "c"), ("дж", "j"), ("ж", "j"), ("ц", "s")):
        name = name.replace(many, one)
    name = name.translate(latin).replace("q", "k").replace("h", "x")
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[^bcdfgjklmnprstvxz]", "", name))


def test_tashkent_in_russian_agrees_with_an_independent_rule(shared: Path) -> None:
    answers = LISTS["match_tashkent"](shared)
    matched = answers[answers["outcome"] == "matched"]
    # 108 of the 578 lie in two districts that the list of 2025 lacks
    assert len(answers) == 578
    assert len(matched) >= 400
    plain = matched[matched["level"] != "initials"]
    assert list(plain["name"].map(_consonants)) == list(plain["known"].map(_consonants))
    short = matched[matched["level"] == "initials"]
    surname = [name.split(".")[-1] for name in short["name"]]
    assert [_consonants(name) for name in surname] == [
        _consonants(name.removesuffix(" MFY").split()[-1]) for name in short["known"]
    ]


@pytest.mark.parametrize("column", ["name", "cyrillic"])
def test_what_is_not_in_the_gazetteer_is_not_matched(
    column: str, quarters: pd.DataFrame, soato: pd.DataFrame
) -> None:
    for places in (quarters, soato):
        shares = [LISTS["withhold"](places, column, seed=seed) for seed in range(3)]
        assert np.mean(shares) <= 0.01


def test_mahallas_of_2025_taken_away_are_not_matched(mahallas: pd.DataFrame) -> None:
    assert LISTS["withhold"](mahallas, "name", seed=1) <= 0.01


def test_random_bytes_are_never_matched(mahallas: pd.DataFrame) -> None:
    assert LISTS["match_random_bytes"](mahallas, names=2_000, seed=1) == 0
