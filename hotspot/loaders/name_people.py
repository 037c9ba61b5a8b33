"""People whom mahallas are named for: whom initials before a surname stand for."""

from __future__ import annotations

from functools import cache

from hotspot.loaders.gazetteer_index import fold_forms
from hotspot.loaders.names import fold_names, take_apart

# with initials in the public lists, or in every town
PEOPLE = (
    "Alisher Navoiy", "Mirzo Ulugʻbek", "Zahiriddin Bobur", "Zahiriddin Muhammad Bobur",
    "Mirzo Bobur", "Amir Temur", "Sohibqiron Temur", "Jaloliddin Manguberdi", "Ahmad Yassaviy",
    "Abdurahmon Jomiy", "Abu Rayhon Beruniy", "Rayhon Beruniy", "Muso Xorazmiy", "Munis Xorazmiy",
    "Ahmad Fargʻoniy", "Mahmud Qoshgʻariy", "Mahmud Zamaxshariy", "Ahmad Yugnakiy",
    "Yusuf Xos Hojib", "Bahouddin Naqshband", "Bahouddin Naqshbandiy", "Najmiddin Kubro",
    "Abduxoliq Gʻijduvoniy", "Burhoniddin Margʻinoniy", "Imom Buxoriy", "Ismoil Buxoriy",
    "Imom Termiziy", "Kamoliddin Behzod", "Husayn Boyqaro", "Yusuf Sakkokiy", "Boborahim Mashrab",
    "Muhammadrizo Ogahiy", "Saʼdiy Sheroziy", "Hofiz Sheroziy", "Umar Xayyom",
    "Abdulla Qodiriy", "Abdulla Avloniy", "Abdulla Oripov", "Abdulla Qahhor", "Abdurauf Fitrat",
    "Abdulhamid Choʻlpon", "Mahmudxoʻja Behbudiy", "Hamza Niyoziy", "Hamza Hakimzoda Niyoziy",
    "Sadriddin Ayniy", "Gʻafur Gʻulom", "Hamid Olimjon", "Usmon Nosir", "Usmon Yusupov",
    "Maqsud Shayxzoda", "Mirzakalon Ismoiliy", "Muhammad Yusuf", "Erkin Vohidov", "Oʻtkir Hoshimov",
    "Islom Shoir", "Ergash Jumanbulbul", "Muxtor Ashrafiy", "Yunus Rajabiy", "Shukur Burhonov",
    "Mannon Uygʻur", "Abror Hidoyatov", "Muhiddin Qoriyoqubov", "Habib Abdullayev",
    "Islom Karimov", "Sharof Rashidov", "Yoʻldosh Oxunboboyev", "Fayzulla Xoʻjayev",
    "Akmal Ikromov", "Sobir Rahimov", "Botir Zokirov", "Komiljon Otaniyozov", "Xadicha Sulaymonova",
)  # fmt: skip


@cache
def _people() -> dict[str, tuple[str, ...]]:
    parts = take_apart(fold_names(PEOPLE).exact)
    forms = fold_forms(parts.words, parts.strict)
    found: dict[str, tuple[str, ...]] = {}
    for initials, full in zip(forms.abbreviated.coarse, forms.sounds.forms, strict=True):
        found[initials] = (*found.get(initials, ()), full)
    return found


def full_names(initials: str) -> tuple[str, ...]:
    """Return how the people sound whom initials and a surname stand for.

    Parameters
    ----------
    initials : str
        The coarse key of a name cut to initials (`Forms.abbreviated`).

    Examples
    --------
    >>> full_names("AnAvAI"), full_names("bnAvAI")
    (('ališernavoi',), ())
    """
    return _people().get(initials, ())
