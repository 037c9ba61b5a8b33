"""What people call the columns, in English, Uzbek (both scripts) and Russian; best first.

Patterns are matched against the folded heading: lower case, words apart by one blank.
"""

from __future__ import annotations

import re

from hotspot.loaders.text import text_of

WANTED: dict[str, tuple[str, ...]] = {
    # offenses
    "id": (
        r"(crime|offen[cs]e|record|event|complaint|case|jinoyat|жиноят) (unique )?(id|no|number)",
        r"(uid|guid|uuid|id|reference|incident (no|number|id)|case number)",
        r"(complaint|case|ish raqami|jinoyat raqami|иш рақами|жиноят рақами|номер дела|куи|кусп)",
        r"(raqami?|рақами?|номер|number|no|n|т ?р|t ?r|п п)",
    ),
    "date": (
        r".*(occur|commit|incident|offen[cs]e|crime|hecho|sodir|содир|соверш).*",
        r".*(date|sana|сана|дата|fecha|kuni|куни|vaqti|вақти).*",
        r"(month|oy|ой|месяц|mes|time|day)",
    ),
    "kind": (
        r"(mci|crime type|offen[cs]e type|primary type|crime kind|(jinoyat )?turi|(жиноят )?тури)",
        r"(kind|type|offen[cs]e|crime|вид( преступления)?|category|modalidad|тип)",
        r"(description|offen[cs]e description|offen[cs]e code|ucr|modda|модда|статья|article)",
    ),
    "longitude": (
        r"(longitude|lon|lng|long|longitud|долгота|узунлик|uzunlik|geo lon|узоқлик)",
        r"(x|x coord(inate)?|coord x|point x|easting|xcoord|x wgs84)",
    ),
    "latitude": (
        r"(latitude|lat|latitud|широта|кенглик|kenglik|geo lat)",
        r"(y|y coord(inate)?|coord y|point y|northing|ycoord|y wgs84)",
    ),
    "mahalla_code": (
        r"(mahalla|mfy|маҳалла|махалля|мфй)( ?(code|id|kodi|коди|код|soato))",
        r"(код (махалли|мсг)|soato|соато|lsoa code|(neighbou?r)?hood (code|id)|ward code|hood id)",
        r"(neighbou?rhoods?|nhood|nhd num|ward|area code|comuna|code|kod|код)",
    ),
    "mahalla": (
        r"(mahalla|mfy|маҳалла|махалля|мфй)( ?(name|nomi|номи))?",
        r"(название махалли|neighbou?rho?o?d?( name)?|hood( name)?|ward( name)?|lsoa name)",
        r"(area( name)?|comuna|barrio|community|mcj|мсг)",
    ),
    "district": (
        r"(district|tuman|туман|район|rayon)( ?(name|nomi|номи))?",
        r"(tuman shahar|туман шаҳар|borough|city name|shahar|шаҳар|город)",
    ),
    "registered": (
        r".*(regist|ro yxat|рўйхат|руйхат|регистр|kiritil|киритил|возбужд).*",
        r".*(report|record|entered|upload).*",
    ),
    # mahallas
    "code": (
        r"(mahalla|mfy|маҳалла|махалля|мфй)( ?(code|id|kodi|коди|код|soato))",
        r"(код (махалли|мсг)|mahallakod|mhl code)",
        r"(code|kod|код|soato|соато|cadastral number|cad num)",
        r"((neighbou?r)?hood|nbhd|ward|lsoa|area|comuna|zone|map) ?(code|id|cd|no|num)",
        r".* (code|kod|cd|id)|[a-z]+\d\dcd|mapid|comuna",
    ),
    "name": (
        r"(mahalla|mfy|маҳалла|махалля|мфй) ?(name|nomi|номи)|название махалли",
        r"(name|nomi|номи|nombre|наименование|название)( (uz|uzl|latn?|lotin))?",
        r"((neighbou?r)?hood|ward|lsoa|area) name|[a-z]+\d\dnm",
        r"(mahalla|mfy|маҳалла|махалля|neighbou?rho?o?d?|hood|ward|comuna)",
    ),
    "name_cyrl": (r".*(cyrl|kirill?|кирилл|krill|uzk|uzc| oz| ўз).*",),
    "name_ru": (r"(name|nomi|номи|mahalla|mfy).* (ru|rus|рус)|название( махалли)?|наименование",),
    "region": (r"(region|viloyat|вилоят|область|oblast)( ?(name|nomi|номи))?", r"adm1 (en|uz|ru)"),
    "population": (
        r".*(total|jami|жами|всего).*(popu|aholi|аҳоли|ахоли|насел).*",
        r".*(popul|aholi|аҳоли|ахоли|насел|residents|persons|числен).*",
        r"(pop|total popu|total pop)",
    ),
    "stir": (r"(stir|inn|стир|инн|tin|mfy stir|mahalla stir)",),
    "valid_from": (r"(valid from|from date|amal qilish boshi|start date|дата начала|действует с)",),
    "valid_to": (r"(valid to|valid until|to date|amal qilish oxiri|end date|дата окончания)",),
}

UNWANTED: dict[str, str] = {
    "date": r".*(birth|tug il|туғил|рожд|update|modif|upload|edit|dayof).*",
    "kind": r".*(premises|location|place|joy|жой|место).*",
    "district": r".*(police|school|cad|code|id|soato).*",
    "region": r".*(cad|code|id|soato).*",
    "code": r".*(parent|region|district|tuman|туман|район|viloyat|shape|popu|total|rate|units).*",
    "population": (
        r".*(voting|white|black|hispanic|asian|male|erkak|ayol|density|rate|housing|units|per ).*"
    ),
    "name": r".*(region|district|tuman|туман|район|parent|viloyat|вилоят).*",
}

# numbers that software gives to rows: a code only where there is no other
ROW_IDS = r"(objectid(\s?\d+)?|id|fid|gid|ogc fid|no|n|index|т ?р|t ?r|oid)"
PARTS = {
    "year": r"(.* )?(year|yr|yil|yili|йил|йили|год|a[nñ]o)|год .*|yyyy|yy|г",
    "month": r"(.* )?(month|mon|mth|oy|oyi|ой|ойи|месяц|мес|mes)|месяц .*|mm",
    "day": r"(.* )?(day|kun|kuni|кун|куни|день|дн|число|d[ií]a)|день .*|dd",
    "hour": r"(.* )?(hour|hr|soat|soati|соат|соати|час|часы|hora)|hh",
    "minute": r"(.* )?(minute|min|daqiqa|daqiqasi|дақиқа|дақиқаси|минута|мин|minuto)",
}
# a day of the week or of the year, and somebody's year of birth, are no parts of the date
NO_PARTS = r".*(week|hafta|ҳафта|хафта|недел|day of|birth|tug il|туғил|рожд).*"


def fold(heading: object) -> str:
    """Return a heading in lower case, its words apart by one blank.

    Examples
    --------
    >>> fold("HoodName"), fold("Йили:"), fold("OCC_YEAR")
    ('hood name', 'йили', 'occ year')
    """
    # HoodName is two words, LSOA11NM is one
    apart = re.sub(r"(?<=[a-zа-я])(?=[A-ZА-Я])", " ", text_of(heading))
    return " ".join(re.sub(r"[\W_]+", " ", apart).casefold().split())


def part_of(heading: object) -> str | None:
    """Return which part of a date a heading names, None where it names none.

    Examples
    --------
    >>> part_of("Ойи"), part_of("OCC_YEAR"), part_of("Ҳафта куни")
    ('month', 'year', None)
    """
    folded = fold(heading)
    if re.fullmatch(NO_PARTS, folded):
        return None
    return next((part for part, names in PARTS.items() if re.fullmatch(names, folded)), None)
