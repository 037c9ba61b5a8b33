"""Invented mahallas get real-sounding names, in Uzbek Latin, Uzbek Cyrillic and Russian."""

import numpy as np

# the commonest first
COMMON = """
Doʻstlik Navroʻz Mustaqillik Yangiobod Bogʻiston Guliston Boʻston Tinchlik Obod Navbahor
Istiqlol Paxtakor Chorvador Gulshan Bunyodkor Nurafshon Oʻzbekiston Turkiston Mehnatobod Yoshlik
Vatan Hamkor Maʼrifat Mashʼal Ziyokor Xalqobod Dehqonobod Oqtepa Qoratepa Goʻzal
Bahor Chamanzor Lolazor Anorzor Uzumzor Bogʻbon Sohibkor Gʻalaba Ulugʻbek Navoiy
Furqat Bobur Jomiy Beruniy Muqimiy Hamza Nodira Uvaysiy Choʻlpon Zarbdor
Sharq Kamolot Taraqqiyot Fidokor Birlik Ittifoq Ahillik Baraka Saxovat Madaniyat
Adolat Sadoqat Iqbol Umid Orzu Zafar Quyosh Oydin Charogʻon Nurobod
"""
PLACES = """
Oqqishloq Qoʻrgʻontosh Yortepa Oygʻirkoʻl Qoraqum Qoʻshquduq Beshquduq Qiziltepa Koʻktepa Sariqtepa
Toʻqtepa Uchtepa Beshtepa Oqbuloq Qorabuloq Sarbuloq Chashma Koʻkbuloq Oqsoy Qorasoy
Jonboʻzsoy Chuqursoy Toshquduq Toshkoʻprik Toshloq Toshguzar Qumqishloq Qarshi Qovchin Beshkent
Gʻishtkoʻprik Gʻoʻbdin Gʻilon Pomuq Fudina Xonobod Xoʻjahayron Xoʻjaqishloq Xoʻjapok Mirzatepa
Mirishkor Jeynov Pulati Chandir Nuqrabod Rabod Varganza Makrid Palandara Qaynarbuloq
Sevaz Tarogʻay Qoʻchqorbuloq Ayritom Qamay Turkmanqishloq Arabxona Oʻrtaqishloq Kattabogʻ Chim
Boytup Oʻzanxoʻja Qizilqishloq Qoraxoʻja Joylov Sharshara Hisor Langar Katagan Qatagʻon
Mangʻit Qoʻngʻirot Qipchoq Saroy Nayman Qovchinobod Dashtobod Poʻlat Temiryoʻl Hunarmand
Kulolon Zargaron Sangin Chaqar Charmgar Degrez Koʻnchi Misgaron Nazarobod Oltinsoy
Kumushkent Marvarid Feruza Zumrad Gavhar Oltinvodiy Zarafshon Amudaryo Qashqadaryo Yakkabogʻ
"""
HALVES = "Yangi Eski Yuqori Quyi Oʻrta Katta Kichik"
OTHER = """
Yangi_hayot Oq_oltin Yangi_turmush Yangi_yoʻl Oʻrta_qishloq Yuqori_qishloq Quyi_qishloq Katta_yoʻl
Kichik_bogʻ Qizil_bayroq Oltin_vodiy Ona_yurt Toʻrt_kent Besh_yogʻoch Qoʻsh_tepa Eski_shahar
A.Navoiy M.Ulugʻbek A.Temur Z.M.Bobur H.Olimjon Gʻ.Gʻulom I.Buxoriy
1-mavze 2-mavze 3-mavze 9-may 8-mart
"""

CYRILLIC = {
    **dict(zip("abdefghijklmnopqrstuvxyzʼ", "абдефгҳижклмнопқрстувхйзъ", strict=True)),
    **dict(zip(("sh", "ch", "oʻ", "gʻ", "yo", "yu", "ya", "ye"), "шчўғёюяе", strict=True)),
    "yoʻ": "йў",
}
# russian forms are no transliteration: whole parts have forms of their own
RUSSIAN = {
    **dict(zip("ўқғҳ", "укгх", strict=True)),
    "обод": "абад",
    "бўстон": "бустан",
    "рабод": "равот",
    "боғ": "баг",
    "тош": "таш",
    "оқ": "ак",
    "қора": "кара",
    "олтин": "алтын",
    "булоқ": "булак",
    "қишлоқ": "кишлак",
    "қўрғон": "курган",
    "қатағон": "катаган",
    "ойғир": "айгир",
    "кўл": "куль",
    "йўл": "юль",
    "ёртепа": "ертепа",
    "дарё": "дарья",
    "ҳаёт": "хает",
    "навоий": "навои",
}


def to_cyrillic(latin: str) -> str:
    """Write an Uzbek Latin name in Uzbek Cyrillic."""
    return _replace(latin, CYRILLIC, start={"e": "э"})


def to_russian(latin: str) -> str:
    """Give the form a Russian list would use."""
    return _replace(to_cyrillic(latin), RUSSIAN, start={})


def _replace(text: str, table: dict[str, str], start: dict[str, str]) -> str:
    parts = sorted(table, key=len, reverse=True)
    out, at = "", 0
    while at < len(text):
        old = next((p for p in parts if text[at : at + len(p)].lower() == p), text[at])
        new = table.get(old, old)
        if at == 0 or not text[at - 1].isalpha():
            new = start.get(old, new)
        out += new.capitalize() if text[at].isupper() else new
        at += len(old)
    return out


def draw_names(size: int, rng: np.random.Generator) -> list[str]:
    """Draw `size` different names for one district, common ones more often."""
    plain, places = COMMON.split(), PLACES.split()
    other = [name.replace("_", " ") for name in OTHER.split()]
    halves = [f"{half} {place}" for place in places for half in HALVES.split()]
    weight = np.concatenate(
        [
            # a few names are found in nearly every district, as in real lists
            12 / (4 + np.arange(len(plain))),
            np.full(len(places) + len(other), 0.12),
            np.full(len(halves), 0.03),
        ]
    )
    stock = [*plain, *places, *other, *halves]
    return [str(n) for n in rng.choice(stock, size, replace=False, p=weight / weight.sum())]
