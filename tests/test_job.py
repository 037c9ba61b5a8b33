"""The job file: what it accepts, and one whole sentence for everything that it refuses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from hotspot.errors import JobError
from hotspot.job import Job, known_keys, month_of, read_job, read_toml
from hotspot.language import speaking

TOP = "# top\n"
OFFENSES = '[offenses]\npath = "offenses.csv"\n'
HEADINGS = '[offenses.columns]\ndate = "day"\nmahalla_code = "code"\n'
MAHALLAS = '[mahallas]\npath = "mahallas.gpkg"\n'
CODE = '[mahallas.columns]\ncode = "code"\n'
LEAST = TOP + OFFENSES + HEADINGS + MAHALLAS + CODE
END = ""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write job.toml into an empty folder and stand in it, so that sentences name no folder."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes) -> str:
        data = content if isinstance(content, bytes) else content.encode()
        Path("job.toml").write_bytes(data)
        return "job.toml"

    return write


def after(part: str, lines: str) -> str:
    """Put lines behind a part of the least job; behind its end for END."""
    return LEAST.replace(part, part + lines + "\n") if part else LEAST + lines + "\n"


def test_the_least_job_has_the_documented_defaults(write):
    job = read_job(write(LEAST))
    assert job.month is None
    assert job.output == "out"
    assert job.offenses.crs == "EPSG:4326"
    assert job.offenses.tolerance_m == 0
    assert job.offenses.kinds.counted is None
    assert job.mahallas.border_tolerance_m == 5
    assert job.report.languages == ["en"]
    assert job.ledger is None


def test_every_key_of_a_full_job_is_read(write):
    job = read_job(
        write(
            """
month = "2025-01"
output = "results"
[offenses]
path = "data/offenses.csv"
crs = "EPSG:32642"
encoding = "cp1251"
separator = "\\t"
decimal = ","
sheet = "Sheet1"
header_row = 3
date_format = "%d.%m.%Y"
from = "2022-01"
to = "2025-01"
tolerance_m = 2
[offenses.columns]
id = "id"
date = ["day", "hour"]
kind = "kind"
longitude = "lon"
latitude = "lat"
mahalla_code = "code"
mahalla = "mahalla"
district = "district"
registered = "registered"
[offenses.kinds]
counted = ["theft", "robbery"]
excluded = ["cyber"]
sensitive = ["domestic"]
[offenses.kinds.groups]
youth = ["theft"]
[mahallas]
path = "mahallas.csv"
layer = "mahallas"
polygons = "mahallas.gpkg"
crs = "EPSG:4326"
encoding = "utf-8"
neighbours = "pairs.csv"
border_tolerance_m = 2.5
nearest = 3
[mahallas.columns]
code = "code"
name = "name"
name_cyrl = "nomi"
name_ru = "name_ru"
district = "district"
region = "region"
population = "population"
stir = "stir"
valid_from = "from"
valid_to = "to"
[mahallas.groups]
sector = "sektor"
support-point_2 = "punkt"
[criteria]
use = "analytical-12m"
[density]
bandwidth_m = 500
[report]
languages = ["en"]
public = false
[ledger]
path = "ledger"
"""
        )
    )
    assert job.month == "2025-01"
    assert job.offenses.from_ == "2022-01"
    assert job.offenses.separator == "\t"
    assert job.offenses.tolerance_m == 2
    assert job.offenses.columns.date == ["day", "hour"]
    assert job.offenses.kinds.groups == {"youth": ["theft"]}
    assert job.mahallas.groups == {"sector": "sektor", "support-point_2": "punkt"}
    assert job.density.bandwidth_m == 500
    assert job.ledger is not None
    assert job.ledger.path == "ledger"


def test_a_byte_order_mark_windows_line_ends_and_cyrillic_are_accepted(write):
    text = LEAST.replace('"day"', '"сана"').replace("\n", "\r\n")
    job = read_job(write(b"\xef\xbb\xbf" + text.encode()))
    assert job.offenses.columns.date == "сана"


def test_paths_are_relative_to_the_job_file(tmp_path):
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "job.toml"
    path.write_text(LEAST)
    job = read_job(path)
    assert job.resolve(job.offenses.path) == tmp_path / "deep" / "offenses.csv"
    assert job.resolve(str(tmp_path / "other.csv")) == tmp_path / "other.csv"


def test_a_job_cannot_be_changed(write):
    job = read_job(write(LEAST))
    with pytest.raises(ValidationError, match="frozen"):
        job.month = "2025-01"


REFUSED = {
    # unknown keys, at each level, with the nearest or all known ones
    "unknown at the top": (
        after(TOP, 'mont = "2025-01"'),
        "unknown key 'mont'; did you mean 'month'?",
    ),
    "unknown section": (
        after(END, "[offence]"),
        "unknown key 'offence'; did you mean 'offenses'?",
    ),
    "unknown, nothing near": (
        after(END, "[xyz]"),
        "unknown key 'xyz'; known are: offenses, mahallas, month, output, criteria, density, "
        "report, ledger",
    ),
    "unknown in offenses": (
        after(OFFENSES, 'seperator = ";"'),
        "unknown key 'seperator' in [offenses]; did you mean 'separator'?",
    ),
    "the model's own name is no key": (
        after(OFFENSES, 'from_ = "2022-01"'),
        "unknown key 'from_' in [offenses]; did you mean 'from'?",
    ),
    "unknown in offenses.columns": (
        after(HEADINGS, 'longitud = "x"'),
        "unknown key 'longitud' in [offenses.columns]; did you mean 'longitude'?",
    ),
    "unknown in offenses.kinds": (
        after(END, '[offenses.kinds]\ncount = ["a"]'),
        "unknown key 'count' in [offenses.kinds]; did you mean 'counted'?",
    ),
    "unknown in mahallas": (
        after(MAHALLAS, 'neighbors = "pairs.csv"'),
        "unknown key 'neighbors' in [mahallas]; did you mean 'neighbours'?",
    ),
    "unknown in mahallas.columns": (
        after(END, 'popultion = "n"'),
        "unknown key 'popultion' in [mahallas.columns]; did you mean 'population'?",
    ),
    "unknown in criteria": (
        after(END, '[criteria]\nuses = "x"'),
        "unknown key 'uses' in [criteria]; did you mean 'use'?",
    ),
    "unknown in density": (
        after(END, "[density]\nbandwidth = 3"),
        "unknown key 'bandwidth' in [density]; did you mean 'bandwidth_m'?",
    ),
    "unknown in report": (
        after(END, '[report]\nlanguage = ["en"]'),
        "unknown key 'language' in [report]; did you mean 'languages'?",
    ),
    "unknown in ledger": (
        after(END, '[ledger]\nfolder = "x"'),
        "unknown key 'folder' in [ledger]; known are: path",
    ),
    "unknown comes before anything else": (
        after(TOP, "month = 1\nmonht = 1"),
        "unknown key 'monht'; did you mean 'month'?",
    ),
    "folder is not a key": (
        after(TOP, 'folder = "x"'),
        "unknown key 'folder'; did you mean 'ledger'?",
    ),
    # what is missing
    "nothing": ("", "[offenses] is missing; add the section"),
    "no mahallas": (OFFENSES + HEADINGS, "[mahallas] is missing; add the section"),
    "no headings of offenses": (
        OFFENSES + MAHALLAS + CODE,
        "[offenses.columns] is missing; add the section",
    ),
    "no headings of mahallas": (
        OFFENSES + HEADINGS + MAHALLAS,
        "[mahallas.columns] is missing; add the section",
    ),
    "no date": (
        LEAST.replace('date = "day"\n', ""),
        "[offenses.columns] date is missing; add it",
    ),
    "no code": (
        LEAST.replace(CODE, '[mahallas.columns]\nname = "n"\n'),
        "[mahallas.columns] code is missing; add it",
    ),
    "no path of mahallas": (
        LEAST.replace('path = "mahallas.gpkg"\n', ""),
        "[mahallas] path is missing; add it",
    ),
    "no path of offenses": (
        LEAST.replace('path = "offenses.csv"\n', ""),
        "offenses: path is missing; add it, or url and query for a database",
    ),
    "a ledger without a path": (after(END, "[ledger]"), "[ledger] path is missing; add it"),
    # one way to place a record
    "no way to place": (
        LEAST.replace('mahalla_code = "code"\n', ""),
        "offenses.columns: no way to place a record; give the heading of mahalla_code, of both "
        "longitude and latitude, or of mahalla",
    ),
    "longitude alone": (
        after(HEADINGS, 'longitude = "x"'),
        "offenses.columns: latitude is missing; coordinates need both, add its heading",
    ),
    "latitude alone": (
        after(HEADINGS, 'latitude = "y"'),
        "offenses.columns: longitude is missing; coordinates need both, add its heading",
    ),
    "one column for both": (
        after(HEADINGS, 'longitude = "x"\nlatitude = "x"'),
        "offenses.columns: longitude and latitude both have the heading 'x'; give each its own",
    ),
    # where the records come from
    "path and url": (
        after(OFFENSES, 'url = "postgresql://db"\nquery = "select 1"'),
        "offenses: path 'offenses.csv' and url are both given; keep one of them",
    ),
    "url without query": (
        LEAST.replace('path = "offenses.csv"', 'url = "postgresql://db"'),
        "offenses: url is given and query is not; add query",
    ),
    "query without url": (
        after(OFFENSES, 'query = "select 1"'),
        "offenses: query is given and url is not; add url",
    ),
    # months
    "month out of the calendar": (
        after(TOP, 'month = "2025-13"'),
        "month: '2025-13' is not a month; write it as YYYY-MM, for example 2025-01",
    ),
    "month with one digit": (
        after(TOP, 'month = "2025-1"'),
        "month: '2025-1' is not a month; write it as YYYY-MM, for example 2025-01",
    ),
    "month as a day": (
        after(TOP, "month = 2025-01-01"),
        "month: '2025-01-01' is not a month; write it as YYYY-MM, for example 2025-01",
    ),
    "month of the year nought": (
        after(TOP, 'month = "0000-01"'),
        "month: '0000-01' is not a month; write it as YYYY-MM, for example 2025-01",
    ),
    "from as a year": (
        after(OFFENSES, "from = 2022"),
        "offenses.from: '2022' is not a month; write it as YYYY-MM, for example 2025-01",
    ),
    "from after to": (
        after(OFFENSES, 'from = "2025-02"\nto = "2025-01"'),
        "offenses: from 2025-02 is after to 2025-01; mend one of them",
    ),
    # paths
    "backslash between single quotation marks": (
        after(TOP, "output = 'C:\\new\\out'"),
        "output: 'C:\\new\\out' has backslashes; write the path with /, as in 'C:/new/out'",
    ),
    "backslashes doubled": (
        after(TOP, 'output = "C:\\\\new\\\\out"'),
        "output: 'C:\\new\\out' has backslashes; write the path with /, as in 'C:/new/out'",
    ),
    "backslash that became a tab and a line end": (
        after(TOP, 'output = "C:\\temp\\new"'),
        "output: 'C:\\temp\\new' has backslashes; write the path with /, as in 'C:/temp/new'",
    ),
    "network path": (
        after(TOP, "output = '\\\\server\\share'"),
        "output: '\\\\server\\share' has backslashes; write the path with /, as in "
        "'//server/share'",
    ),
    "backslash that TOML refuses": (
        after(TOP, 'output = "C:\\Users\\me"'),
        'line 2 has a backslash: output = "C:\\Users\\me"; write paths with /, as in '
        "'C:/data/offenses.csv'",
    ),
    "backslash at the end": (
        after(TOP, 'output = "C:\\temp\\"'),
        'line 2 has a backslash: output = "C:\\temp\\"; write paths with /, as in '
        "'C:/data/offenses.csv'",
    ),
    "path of nothing": (
        LEAST.replace('"mahallas.gpkg"', '" "'),
        "mahallas.path: ' ' is not a path; write one between quotation marks",
    ),
    "path as a number": (
        after(TOP, "output = 3"),
        "output: 3 is not a path; write one between quotation marks",
    ),
    # types
    "section as a text": (
        'offenses = "offenses.csv"\n' + MAHALLAS + CODE,
        "offenses: 'offenses.csv' is not a section; write [offenses] on a line of its own, its "
        "keys below it",
    ),
    "section twice bracketed": (
        after(END, "[[criteria]]"),
        "criteria: [{}] is not a section; write [criteria] on a line of its own, its keys below it",
    ),
    "groups as a text": (
        after(MAHALLAS, 'groups = "sector"'),
        "mahallas.groups: 'sector' is not a section; write [mahallas.groups] on a line of its own, "
        "its keys below it",
    ),
    "text as a number": (
        after(OFFENSES, "encoding = 1251"),
        "offenses.encoding: 1251 is not a text; write it between quotation marks",
    ),
    "heading as a number": (
        after(HEADINGS, "id = 4"),
        "offenses.columns.id: 4 is not a heading; write the column's heading between quotation "
        "marks",
    ),
    "heading of nothing": (
        LEAST.replace('"day"', '""'),
        "offenses.columns.date: '' is not a heading; write the column's heading between quotation "
        "marks",
    ),
    "no headings in a list": (
        LEAST.replace('"day"', "[]"),
        "offenses.columns.date: [] is not a heading; write the column's heading between quotation "
        "marks",
    ),
    "a number among headings": (
        LEAST.replace('"day"', '["day", 3]'),
        "offenses.columns.date: 3 is not a heading; write the column's heading between quotation "
        "marks",
    ),
    "header row as a text": (
        after(OFFENSES, 'header_row = "1"'),
        "offenses.header_row: '1' is not a whole number; write digits only, without quotation "
        "marks",
    ),
    "header row as true": (
        after(OFFENSES, "header_row = true"),
        "offenses.header_row: true is not a whole number; write digits only, without quotation "
        "marks",
    ),
    "header row before the first": (
        after(OFFENSES, "header_row = 0"),
        "offenses.header_row: 0 is too small; write 1 or more",
    ),
    "half a neighbour": (
        after(MAHALLAS, "nearest = 1.5"),
        "mahallas.nearest: 1.5 is not a whole number; write digits only, without quotation marks",
    ),
    "too many neighbours": (
        after(MAHALLAS, "nearest = 21"),
        "mahallas.nearest: 21 is too large; write 20 or less",
    ),
    "tolerance as a text": (
        after(OFFENSES, 'tolerance_m = "5"'),
        "offenses.tolerance_m: '5' is not a number; write a number without quotation marks",
    ),
    "tolerance below zero": (
        after(MAHALLAS, "border_tolerance_m = -1"),
        "mahallas.border_tolerance_m: -1 is too small; write 0 or more",
    ),
    "tolerance without end": (
        after(OFFENSES, "tolerance_m = inf"),
        "offenses.tolerance_m: Infinity is not a number that can be used; write a finite one",
    ),
    "bandwidth of nothing": (
        after(END, "[density]\nbandwidth_m = 0"),
        "density.bandwidth_m: 0 is too small; write a number above 0",
    ),
    "decimal sign": (
        after(OFFENSES, 'decimal = ";"'),
        "offenses.decimal: ';' is not known; write ',' or '.'",
    ),
    "kinds as a text": (
        after(END, '[offenses.kinds]\ncounted = "theft"'),
        "offenses.kinds.counted: 'theft' is not a list; write it in brackets, as in [\"theft\"]",
    ),
    "a kind as a number": (
        after(END, "[offenses.kinds]\nexcluded = [158]"),
        "offenses.kinds.excluded: 158 is not a text; write it between quotation marks",
    ),
    "a group of kinds as a text": (
        after(END, '[offenses.kinds.groups]\nyouth = "theft"'),
        "offenses.kinds.groups.youth: 'theft' is not a list; write it in brackets, as in "
        '["theft"]',
    ),
    "public as a text": (
        after(END, '[report]\npublic = "no"'),
        "report.public: 'no' is neither true nor false; write true or false without quotation "
        "marks",
    ),
    "unknown language": (
        after(END, '[report]\nlanguages = ["de"]'),
        "report.languages: 'de' is not known; write 'uz', 'uz_Cyrl', 'ru' or 'en'",
    ),
    # contradictions
    "counted and excluded": (
        after(END, '[offenses.kinds]\ncounted = ["theft", "cyber"]\nexcluded = ["cyber"]'),
        "offenses.kinds: 'cyber' is both counted and excluded; keep it in one list",
    ),
    "nothing counted": (
        after(END, "[offenses.kinds]\ncounted = []"),
        "offenses.kinds: counted is empty, so nothing would count; name kinds or leave it out",
    ),
    "two criteria sets": (
        after(END, '[criteria]\nuse = "analytical-12m"\npath = "mine.toml"'),
        "criteria: use 'analytical-12m' and path 'mine.toml' are both given; keep one of them",
    ),
    # groups name tables and columns
    "a group that leaves the folder": (
        after(END, '[mahallas.groups]\n"../sector" = "s"'),
        "mahallas.groups: '../sector' cannot name a group's table; begin with a letter from a to "
        "z and go on with letters, digits, _ or -, as in 'sector'",
    ),
    "a group in another script": (
        after(END, '[mahallas.groups]\n"сектор" = "s"'),
        "mahallas.groups: 'сектор' cannot name a group's table; begin with a letter from a to z "
        "and go on with letters, digits, _ or -, as in 'sector'",
    ),
    "a group as a table": (
        after(END, '[mahallas.groups]\nRejected = "s"'),
        "mahallas.groups: 'Rejected' is already the name of a table or column; choose another, as "
        "in 'Rejected_group'",
    ),
    "a group as a column": (
        after(END, '[mahallas.groups]\nred = "s"'),
        "mahallas.groups: 'red' is already the name of a table or column; choose another, as in "
        "'red_group'",
    ),
    "a group as a column of the mahallas": (
        after(END, '[mahallas.groups]\nstir = "s"'),
        "mahallas.groups: 'stir' is already the name of a table or column; choose another, as in "
        "'stir_group'",
    ),
    "two groups, one file": (
        after(END, '[mahallas.groups]\nsector = "s"\nSector = "t"'),
        "mahallas.groups: 'Sector' is already the name of a table or column; choose another, as "
        "in 'Sector_group'",
    ),
    "a group without a heading": (
        after(END, "[mahallas.groups]\nsector = 5"),
        "mahallas.groups.sector: 5 is not a heading; write the column's heading between quotation "
        "marks",
    ),
    "two classes that are not public": (
        after(END, "[report]\nclasses = 2"),
        "report: classes is 2, and public is not true; add public = true, or leave classes out",
    ),
    "four classes": (
        after(END, "[report]\npublic = true\nclasses = 4"),
        "report.classes: 4 is not known; write 3 or 2",
    ),
    "another language": (
        after(END, '[report]\nlanguages = ["en", "en"]'),
        "report: languages has none or one of them twice; write each once, the main one first, as "
        'in languages = ["uz", "ru"]',
    ),
    "decisions": (
        after(OFFENSES, 'decisions = "review.csv"'),
        "offenses: decisions 'review.csv' is for names, and no column of the records holds them; "
        "give the heading of mahalla in [offenses.columns]",
    ),
    # what is not TOML
    "a month without quotation marks": (
        after(TOP, "month = 2025-01"),
        "line 2 is not valid TOML: month = 2025-01 (Expected newline or end of document after a "
        "statement); mend it, texts stand between straight quotation marks",
    ),
    "curly quotation marks": (
        after(TOP, "output = “out”"),
        "line 2 is not valid TOML: output = “out” (Invalid value); mend it, texts stand between "
        "straight quotation marks",
    ),
    "a text without end": (
        LEAST + 'month = "2025',
        'line 11 is not valid TOML: month = "2025 (Unterminated string); mend it, texts stand '
        "between straight quotation marks",
    ),
    "a section twice": (
        after(END, "[mahallas]"),
        "line 11 is not valid TOML: [mahallas] (Cannot declare ('mahallas',) twice); mend it, "
        "texts stand between straight quotation marks",
    ),
    "another encoding": (
        after(TOP, 'output = "чиқиш"').encode("utf-16"),
        "the file is not UTF-8; save it again as UTF-8",
    ),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_in_one_sentence(write, content, sentence):
    path = write(content)
    with pytest.raises(JobError) as refused:
        read_job(path)
    assert str(refused.value) == f"job.toml: {sentence}"
    assert refused.value.exit_code == 3


def test_what_may_be_written_is_said_in_the_language_spoken(write):
    path = write(after(END, "[report]\npublic = true\nclasses = 4"))
    with speaking("ru"), pytest.raises(JobError) as refused:
        read_job(path)
    assert str(refused.value).endswith("3 или 2")


def test_a_missing_file_and_a_folder_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("region").mkdir()
    with pytest.raises(JobError) as refused:
        read_job("jobs.toml")
    assert str(refused.value) == "jobs.toml: there is no such file; check the path"
    with pytest.raises(JobError) as refused:
        read_job("region")
    assert str(refused.value) == "region: this is a folder; give the TOML file in it"


def test_known_keys_are_all_keys_that_the_model_takes():
    # by hand, from the documented job file
    documented = {
        "": "month output",
        "offenses.": "path url query crs encoding separator decimal sheet header_row date_format "
        "from to tolerance_m decisions aliases repeated_ids",
        "offenses.columns.": "id date kind longitude latitude mahalla_code mahalla district "
        "registered",
        "offenses.kinds.": "counted excluded sensitive groups weights weight_default",
        "mahallas.": "path layer polygons crs encoding neighbours border_tolerance_m nearest "
        "crosswalk groups",
        "mahallas.columns.": "code name name_cyrl name_ru district region population stir "
        "valid_from valid_to",
        "criteria.": "use path",
        "density.": "bandwidth_m",
        "report.": "languages public classes paper",
        "ledger.": "path",
    }
    assert set(known_keys()) == {
        section + key for section, keys in documented.items() for key in keys.split()
    }
    assert len(known_keys()) == len(set(known_keys()))


def test_read_toml_gives_the_contents(write):
    assert read_toml(Path(write("a = 1\n[b]\nc = [2]\n"))) == {"a": 1, "b": {"c": [2]}}


def test_month_of_reads_a_month_and_refuses_the_rest():
    assert month_of("2024-12") == pd.Period("2024-12", freq="M")
    for text in ("2024", "2024-00", "24-12", "2024-12-01", "２０２４-12", "2024-12\n"):
        with pytest.raises(JobError) as refused:
            month_of(text)
        assert str(refused.value) == (
            f"'{text}' is not a month; write it as YYYY-MM, for example 2025-01"
        )


def test_a_job_can_be_made_without_a_file():
    job = Job.model_validate(
        {
            "offenses": {"path": "o.csv", "columns": {"date": "d", "mahalla_code": "c"}},
            "mahallas": {"path": "m.csv", "columns": {"code": "c"}},
        }
    )
    assert job.resolve(job.output) == Path("out")


DOTTED = {
    "offenses.path": '"offenses.csv"',
    "offenses.columns.date": '"day"',
    "offenses.columns.mahalla_code": '"code"',
    "mahallas.path": '"mahallas.gpkg"',
    "mahallas.columns.code": '"code"',
}
VALUES = (
    *('""', '"x"', "'a\\b'", "-1", "3", "1.5", "nan", "inf", "true", "2025-01-01", "12:30:00"),
    *("[]", "[1]", '["x"]', "[[]]", "[{}]", "{}", "{x = 1}", '{x = "y"}', "{x = []}"),
)


@pytest.mark.parametrize("key", known_keys())
def test_any_value_of_any_key_is_taken_or_refused_in_one_sentence(write, key):
    for value in VALUES:
        path = write("".join(f"{k} = {v}\n" for k, v in (DOTTED | {key: value}).items()))
        try:
            assert isinstance(read_job(path), Job)
        except JobError as refused:
            sentence = str(refused)
            assert "\n" not in sentence
            assert sentence.startswith("job.toml: ")
            # what is wrong; what to do
            assert "; " in sentence or sentence.endswith("?")
            assert "input should" not in sentence.casefold()
