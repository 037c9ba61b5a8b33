"""Names in the monthly job: from the record to the mahalla, or to a person and back."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from openpyxl import load_workbook

from hotspot.checking import check_job
from hotspot.errors import HotspotError, InputError
from hotspot.folder import write_month
from hotspot.job import Job, read_job
from hotspot.monthly import Month, run_month
from hotspot.placement import place_records

ROOT = Path(__file__).parent.parent

URGUT, QARSHI = "Urgut tumani", "Qarshi tumani"
NAMES = [
    "Boʻston MFY",
    "Qatagʻon MFY",
    "Qatagʻan MFY",
    "Navroʻz MFY",
    "Doʻstlik MFY",
    "Guliston MFY",
    "Boʻston MFY",
    "Tinchlik MFY",
    "Bahor MFY",
]
# nine squares of a hundredth of a degree, the first six in Urgut
LAYER = pd.DataFrame(
    {
        "code": [f"17102070{i:02d}" for i in range(1, 10)],
        "name": NAMES,
        "district": [URGUT] * 6 + [QARSHI] * 3,
        "population": 1000,
    }
)
BOSTON, QATAGON, QATAGAN, NAVROZ = LAYER["code"].tolist()[:4]
BAHOR = "1710207009"
FIELDS = ("id", "mahalla_code", "mahalla", "district")


def inside(code: str) -> dict[str, str]:
    """Return the coordinates of the middle of a square."""
    row, column = divmod(int(code[-2:]) - 1, 3)
    return {"lon": f"{66.005 + column / 100}", "lat": f"{39.005 + row / 100}"}


def job_of(
    folder: Path, records: list[dict[str, Any]], more: str = "", layer: pd.DataFrame = LAYER
) -> Job:
    """Write a job of these records; what a record leaves out is usual or empty."""
    shapes = [
        shapely.box(66 + c / 100, 39 + r / 100, 66.01 + c / 100, 39.01 + r / 100)
        for r in range(3)
        for c in range(3)
    ]
    frame = gpd.GeoDataFrame(layer, geometry=shapes[: len(layer)], crs=4326)
    frame.to_file(folder / "mahallas.gpkg")
    usual = {
        "id": "",
        "date": "2024-02-05",
        "mahalla_code": "",
        "lon": "",
        "lat": "",
        "mahalla": "",
        "district": "",
    }
    table = pd.DataFrame([usual | {"id": str(i)} | r for i, r in enumerate(records)])
    table.to_csv(folder / "offenses.csv", index=False)
    given = {field for record in records for field in record}
    fields = ["date = 'date'", *(f"{f} = '{f}'" for f in FIELDS if f in given or f == "id")]
    if "lon" in given:
        fields += ["longitude = 'lon'", "latitude = 'lat'"]
    columns = [f"{name} = '{name}'" for name in layer]
    lines = [
        "month = '2024-03'",
        "[offenses]",
        "path = 'offenses.csv'",
        "from = '2024-01'",
        "to = '2024-03'",
        more,
        "[offenses.columns]",
        *fields,
        "[mahallas]",
        "path = 'mahallas.gpkg'",
        "[mahallas.columns]",
        *columns,
    ]
    (folder / "job.toml").write_text("\n".join(lines), encoding="utf-8")
    return read_job(folder / "job.toml")


def named(*names: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"mahalla": name, "district": district} for name, district in names]


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def counts(month: Month) -> dict[str, int]:
    """Return the mahallas with offenses in the window."""
    count = month.table.set_index("mahalla_code")["count"].astype(int)
    return {str(code): int(number) for code, number in count[count > 0].items()}


def fate(folder: Path, record: dict[str, Any]) -> str:
    """Return the mahalla and the way of one record, or why it is not placed."""
    # beside one that is placed by each way, so that no column is refused as a whole
    usual = [{"mahalla_code": BAHOR, "mahalla": "", "district": ""} | inside(BAHOR)]
    placement = place_records(job_of(folder, [*usual, record]))
    if len(placement.rejected):
        return str(placement.rejected["reason"].iloc[0])
    placed = placement.placed.sum(axis=1)
    placed[BAHOR] -= 1
    (way,) = [way for way, number in placement.ways.sum().items() if number - (way == "code")]
    (code,) = placed.index[placed > 0]
    return f"{code} {way}"


OUTSIDE, BAD = {"lon": "66.5", "lat": "39.5"}, {"lon": "0", "lat": "0"}
GOOD = {"mahalla": "Бўстон", "district": "Ургутский район"}
SEVERAL = {"mahalla": "Катаган", "district": URGUT}
ALIKE = {"mahalla": "Navruzbek", "district": URGUT}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"mahalla_code": QATAGON} | inside(NAVROZ) | GOOD, f"{QATAGON} code"),
        (inside(NAVROZ) | GOOD, f"{NAVROZ} coordinates"),
        (GOOD, f"{BOSTON} name"),
        ({"mahalla_code": "99"} | GOOD, f"{BOSTON} name"),
        ({"mahalla_code": "99"} | inside(NAVROZ) | GOOD, f"{NAVROZ} coordinates"),
        (OUTSIDE | GOOD, f"{BOSTON} name"),
        (BAD | GOOD, f"{BOSTON} name"),
        ({"lon": "?", "lat": "39.005"} | GOOD, f"{BOSTON} name"),
        ({"mahalla_code": "99"} | OUTSIDE | GOOD, f"{BOSTON} name"),
        (SEVERAL, "name_ambiguous"),
        (ALIKE, "name_not_found"),
        ({"mahalla": "?", "district": URGUT}, "name_not_found"),
        ({"mahalla": "Boʻston"}, "name_ambiguous"),
        ({"mahalla": "Boʻston", "district": "Mars tumani"}, "name_not_found"),
        ({"mahalla": "12-uy", "district": URGUT}, "name_not_found"),
        ({"mahalla": "Urgut tumani, Navroʻz MFY, 12-uy"}, f"{NAVROZ} name"),
        ({"mahalla_code": "99"} | SEVERAL, "unknown_code"),
        (OUTSIDE | SEVERAL, "outside"),
        (BAD | ALIKE, "bad_coordinates"),
        ({"district": URGUT}, "no_location"),
    ],
)
def test_code_goes_before_coordinates_and_they_before_the_name(
    tmp_path: Path, record: dict[str, Any], told: str
) -> None:
    assert fate(tmp_path, record) == told


def test_disagreements_are_counted_by_the_district_placed_in(tmp_path: Path) -> None:
    records = [
        {"mahalla_code": BOSTON} | inside(BOSTON) | GOOD,
        {"mahalla_code": BOSTON} | inside(NAVROZ) | GOOD,
        {"mahalla_code": BOSTON} | inside(NAVROZ) | {"mahalla": "Bahor", "district": QARSHI},
        {"mahalla_code": BAHOR} | GOOD,
        inside(BAHOR) | GOOD,
        # what places nothing disagrees with nothing
        {"mahalla_code": BAHOR} | OUTSIDE | SEVERAL,
        # a record that does not count is in no account
        {"mahalla_code": BAHOR, "date": "2023-01-01"} | GOOD,
    ]
    folder = write_month(run_month(job_of(tmp_path, records)), tmp_path / "out", drawings=False)
    account = json.loads((folder / "run.json").read_text("utf-8"))
    assert account["chosen"]["geocoding"]["disagreements"] == {
        "coordinates": {URGUT: 2},
        "name": {QARSHI: 2, URGUT: 1},
    }


DOUBTFUL = named(
    *[("Катаган", URGUT)] * 3,
    *[("Navruzbek", "Ургутский район")] * 2,
    ("<b>=1+1", URGUT),
    ("Қатортўл ҳўғ", QARSHI),
    ("Boʻston", ""),
    ("Navroʻz", URGUT),
    ("Бахор", "Каршинский район"),
)


def fill_in(book: Path, answers: dict[str, Any], to: Path) -> None:
    """Fill in the workbook as a person does, by the name."""
    workbook = load_workbook(book)
    sheet = workbook["review"]
    headings = {cell.value: cell.column - 1 for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        name = row[headings["name"]].value
        if name in answers:
            row[headings["decision"]].value = answers[name]
    workbook.save(to)


ANSWERS = {
    "Катаган": "1710207002",
    "Navruzbek": 1710207004.0,
    "<b>=1+1": "-",
    "Қатортўл ҳўғ": 1710207009,
}


def test_the_review_lists_each_doubtful_name_once(tmp_path: Path) -> None:
    month = run_month(job_of(tmp_path, DOUBTFUL))
    assert counts(month) == {NAVROZ: 1, BAHOR: 1}
    folder = write_month(month, tmp_path / "out", drawings=False)
    review = read(folder / "review.csv")
    assert review[["name", "district", "records", "outcome"]].to_numpy().tolist() == [
        ["Катаган", URGUT, "3", "ambiguous"],
        ["Navruzbek", "Ургутский район", "2", "suggested"],
        ["<b>=1+1", URGUT, "1", "not_found"],
        ["Boʻston", "", "1", "ambiguous"],
        ["Қатортўл ҳўғ", QARSHI, "1", "not_found"],
    ]
    assert set(review["decision"]) == {""}
    assert review["candidates"][0] == f"{QATAGON}|{QATAGAN}"
    named_ = f"{QATAGON} Qatagʻon MFY, Urgut tumani (57); {QATAGAN} Qatagʻan MFY, Urgut tumani (71)"
    assert review["candidate_names"][0] == named_
    assert review["candidates"][1].split("|")[0] == NAVROZ
    assert len(read(folder / "rejected.csv")) == review["records"].astype(int).sum() == 8


@pytest.mark.parametrize("form", ["xlsx", "csv", "excel csv"])
def test_a_filled_review_given_back_places_its_records(tmp_path: Path, form: str) -> None:
    first = write_month(run_month(job_of(tmp_path, DOUBTFUL)), tmp_path / "out", drawings=False)
    if form == "xlsx":
        given = tmp_path / "answers.xlsx"
        fill_in(first / "review.xlsx", ANSWERS, given)
    else:
        given = tmp_path / "answers.csv"
        table = read(first / "review.csv")
        table["decision"] = table["name"].map(ANSWERS).astype(object).fillna("")
        separator = ";" if form == "excel csv" else ","
        table.to_csv(given, index=False, sep=separator, encoding="utf-8-sig")
    job = job_of(tmp_path, DOUBTFUL, f"decisions = '{given.name}'")
    month = run_month(job)
    assert counts(month) == {QATAGON: 3, NAVROZ: 3, BAHOR: 2}
    assert month.account["records"]["placed_by"]["name"] == 8
    assert month.account["records"]["rejected_by"] == {"name_ambiguous": 1, "name_not_found": 1}
    assert given.name in json.dumps(month.account["inputs"])

    # the next review asks for the rest, and keeps what is decided
    review = month.review.set_index("name")
    assert review["records"].to_dict() == {
        "<b>=1+1": 1,
        "Boʻston": 1,
        "Navruzbek": 0,
        "Катаган": 0,
        "Қатортўл ҳўғ": 0,
    }
    assert review["decision"].to_dict() == {
        "<b>=1+1": "-",
        "Boʻston": "",
        "Navruzbek": NAVROZ,
        "Катаган": QATAGON,
        "Қатортўл ҳўғ": BAHOR,
    }
    lines = check_job(job)[1]
    assert [line for line in lines if line.startswith("names to decide")] == [
        "names to decide: 1, of 1 records; fill in the decisions of review.xlsx and give it back "
        "as [offenses] decisions"
    ]


@pytest.mark.parametrize("name", ["review.xlsx", "review.csv"])
def test_a_review_filled_in_where_it_stands_is_not_lost(tmp_path: Path, name: str) -> None:
    first = write_month(run_month(job_of(tmp_path, DOUBTFUL)), tmp_path / "out", drawings=False)
    fill_in(first / "review.xlsx", ANSWERS, first / "review.xlsx")
    job = job_of(tmp_path, DOUBTFUL, "decisions = 'out/2024-03/review.xlsx'")
    write_month(run_month(job), tmp_path / "out", drawings=False)
    # the program's own, written anew, has the answers as well
    job = job_of(tmp_path, DOUBTFUL, f"decisions = 'out/2024-03/{name}'")
    again = run_month(job)
    assert counts(again) == {QATAGON: 3, NAVROZ: 3, BAHOR: 2}
    before = {file: (first / file).read_bytes() for file in ("review.csv", "review.xlsx")}
    write_month(again, tmp_path / "out", drawings=False)
    assert {file: (first / file).read_bytes() for file in before} == before


def test_answers_to_names_that_no_record_bears_are_kept(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(f"name,district,decision\nGone,x,{BAHOR}\n", "utf-8")
    month = run_month(job_of(tmp_path, named(("Bahor", QARSHI)), "decisions = 'd.csv'"))
    row = ["Gone", "x", 0, BAHOR]
    assert month.review[["name", "district", "records", "decision"]].to_numpy().tolist() == [row]
    assert not any(
        line.startswith("names to decide")
        for line in check_job(job_of(tmp_path, named(("Bahor", QARSHI)), "decisions = 'd.csv'"))[1]
    )


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        (
            "decisions",
            "name,district,decision\nКатаган,Urgut tumani,99\n",
            "the decision '99' for 'Катаган' is no mahalla's code; correct it, or write - for a "
            "name "
            "that is none of them",
        ),
        (
            "decisions",
            f"name,decision\na,{BAHOR}\na,-\n",
            "the name 'a' has two different decisions in one district; keep one",
        ),
        (
            "decisions",
            "name,district\na,b\n",
            "there is no column 'decision'; known are: name, district",
        ),
        (
            "aliases",
            "code,name\n99,Lenin\n",
            "the other name 'Lenin' is for the code '99', which no mahalla has; correct the code "
            "or "
            "leave the row out",
        ),
    ],
)
def test_mistaken_answers_are_refused(tmp_path: Path, key: str, text: str, sentence: str) -> None:
    (tmp_path / "answers.csv").write_text(text, "utf-8")
    whole = f"{tmp_path / 'answers.csv'}: {sentence}"
    with pytest.raises(InputError, match=f"^{re.escape(whole)}$") as caught:
        run_month(job_of(tmp_path, DOUBTFUL, f"{key} = 'answers.csv'"))
    assert caught.value.exit_code == 3


def test_other_and_old_names_place_records(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        f"code,name,valid_from,valid_to\n{BAHOR},Lenin nomli,,1995-01-01\n"
        f"{NAVROZ},Yangi,2024-04-01,\n",
        "utf-8",
    )
    records = named(("ЛЕНИН НОМЛИ МФЙ", QARSHI), ("Yangi", URGUT))
    month = run_month(job_of(tmp_path, records, "aliases = 'a.csv'"))
    assert counts(month) == {BAHOR: 1}
    assert month.rejected["reason"].tolist() == ["name_not_found"]


def test_one_event_with_several_victims_may_count_each(tmp_path: Path) -> None:
    records = [{"id": "a"} | GOOD, {"id": "a"} | GOOD, {"id": "b"} | GOOD]
    once = run_month(job_of(tmp_path, records))
    assert (counts(once), once.rejected["reason"].tolist()) == ({BOSTON: 2}, ["duplicate_id"])
    kept = run_month(job_of(tmp_path, records, "repeated_ids = 'keep'"))
    assert (counts(kept), len(kept.rejected)) == ({BOSTON: 3}, 0)


def test_unplaced_records_count_for_their_district_in_any_script(tmp_path: Path) -> None:
    lost = [
        ("?", "Ургутский район"),
        ("?", "Урғут тумани"),
        ("?", "URGUT TUMANI"),
        ("?", "Каршинский район"),
        ("?", "Mars tumani"),
        ("?", "Mars tumani"),
        ("?", ""),
    ]
    job = job_of(tmp_path, named(("Boʻston", URGUT), ("Bahor", QARSHI), *lost))
    folder, _ = check_job(job)
    table = read(folder / "hit_rate.csv").set_index("district")
    assert table["unplaced"].to_dict() == {QARSHI: "1", URGUT: "3", "unknown": "3"}
    assert table["by_name"].to_dict() == {QARSHI: "1", URGUT: "1", "unknown": "0"}
    account = json.loads((folder / "check.json").read_text("utf-8"))
    assert account["chosen"]["districts_unknown"] == {"Mars tumani": 2}


def test_check_says_what_the_unplaced_might_turn(tmp_path: Path) -> None:
    # by hand: with no other offense a reference of 0 stays, and red takes three of its own
    placed = named(*[("Bahor", QARSHI)] * 12)
    lines = check_job(job_of(tmp_path, placed + named(*[("?", URGUT)] * 5)))[1]
    (line,) = [line for line in lines if line.startswith("not placed in the window: ")]
    assert line.startswith("not placed in the window: 5 records; 1 mahallas have what red takes")
    assert not [line for line in check_job(job_of(tmp_path, placed))[1] if "not placed" in line]


def test_check_weighs_the_unplaced_without_a_population(tmp_path: Path) -> None:
    layer = LAYER.drop(columns="population")
    records = named(*[("Bahor", QARSHI)] * 12, ("Navroʻz", URGUT), *[("?", URGUT)] * 5)
    lines = check_job(job_of(tmp_path, records, layer=layer))[1]
    assert [line for line in lines if line.startswith("not placed in the window: 5 records; 1 ")]


def test_a_district_without_names_is_no_bar_to_the_others(tmp_path: Path) -> None:
    layer = LAYER.assign(name=LAYER["name"].where(LAYER["district"] != QARSHI, None))
    records = named(("Navroʻz", URGUT), ("Bahor", QARSHI), ("Tinchlik", ""))
    month = run_month(job_of(tmp_path, records, layer=layer))
    assert counts(month) == {NAVROZ: 1}
    assert month.rejected["reason"].tolist() == ["name_not_found"] * 2


HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "@SUM(1)",
    "x" * 10_000,
    "a\x01b",
    "\u202eabc\u202c",
    "a;b,c\nd",
    "'quoted",
    "-",
    "🏠",
]


def test_hostile_names_pass_through_every_table(tmp_path: Path) -> None:
    records = named(("Bahor", QARSHI), *[(name, URGUT) for name in HOSTILE])
    folder = write_month(run_month(job_of(tmp_path, records)), tmp_path / "out")
    # on one line, and without the marks that nobody sees
    shown = [" ".join(name.strip("\u202e\u202c").split()) for name in HOSTILE]
    assert read(folder / "rejected.csv")["mahalla"].tolist() == shown
    review = read(folder / "review.csv")
    assert sorted(review["name"]) == sorted(shown)
    sheet = load_workbook(folder / "review.xlsx")["review"]
    assert {cell.data_type for (cell,) in sheet.iter_rows(max_col=1)} == {"s"}
    answers = {cell.value: BAHOR for (cell,) in sheet.iter_rows(min_row=2, max_col=1)}
    fill_in(folder / "review.xlsx", answers, tmp_path / "answers.xlsx")
    month = run_month(job_of(tmp_path, records, "decisions = 'answers.xlsx'"))
    assert (counts(month), len(month.rejected)) == ({BAHOR: 1 + len(HOSTILE)}, 0)
    assert "<script>alert" not in (folder / "map.html").read_text("utf-8")


def test_shuffled_records_give_the_same_review(tmp_path: Path) -> None:
    records = [{"id": str(i)} | record for i, record in enumerate(DOUBTFUL)]
    first = write_month(run_month(job_of(tmp_path, records)), tmp_path / "a", drawings=False)
    second = write_month(run_month(job_of(tmp_path, records[::-1])), tmp_path / "b", drawings=False)
    for name in ("review.csv", "review.xlsx", "categories.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("column", [None, "name_cyrl"])
def test_a_layer_without_latin_names(tmp_path: Path, column: str | None) -> None:
    layer = LAYER.drop(columns="name")
    if column:
        layer[column] = [
            "Бўстон",
            "Қатағон",
            "Қатаған",
            "Наврўз",
            "Дўстлик",
            "Гулистон",
            "Бўстон",
            "Тинчлик",
            "Баҳор",
        ]
    records = [*named(("Bahor", QARSHI)), {"mahalla_code": NAVROZ}]
    month = run_month(job_of(tmp_path, records, layer=layer))
    if column:
        assert counts(month) == {NAVROZ: 1, BAHOR: 1}
        return
    assert counts(month) == {NAVROZ: 1}
    assert month.rejected["reason"].tolist() == ["name_not_found"]
    # a person can still say which it is
    assert month.review["name"].tolist() == ["Bahor"]
    (tmp_path / "d.csv").write_text(f"name,district,decision\nBahor,{QARSHI},{BAHOR}\n", "utf-8")
    decided = run_month(job_of(tmp_path, records, "decisions = 'd.csv'", layer=layer))
    assert counts(decided) == {NAVROZ: 1, BAHOR: 1}


def test_names_that_place_nothing_at_all_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HotspotError, match="none of 2 records could be placed") as caught:
        run_month(job_of(tmp_path, named(("?", URGUT), ("Катаган", URGUT))))
    assert caught.value.exit_code == 4


def test_decisions_grow_a_table_of_other_names(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    shutil.copytree(ROOT / "data" / "sample", folder, ignore=shutil.ignore_patterns("out"))
    job = folder / "job.toml"
    check_job(read_job(job))
    review = pd.read_csv(folder / "out" / "review.csv", dtype=str, encoding="utf-8-sig")
    truth = pd.read_csv(folder / "dirty.csv", dtype=str).set_index("id")["mahalla_code"]
    offenses = pd.read_csv(folder / "offenses.csv", dtype=str).set_index("id")
    known = offenses.loc[truth.index.intersection(offenses.index)]
    codes = {
        (row.mahalla, row.district): truth[row.Index]
        for row in known.drop_duplicates().itertuples()
    }
    pairs = zip(review["name"], review["district"], strict=True)
    review["decision"] = [codes[pair] for pair in pairs]
    review.to_csv(folder / "answers.csv", index=False)
    text = job.read_text(encoding="utf-8")
    job.write_text(text.replace('to = "2025-01"', 'to = "2025-01"\ndecisions = "answers.csv"'))
    keep = folder / "aliases.csv"
    _, lines = check_job(read_job(job), keep=keep)
    assert f"other names in {keep}: {len(review)}" in lines
    # with the other names alone the same records are placed
    job.write_text(text.replace('to = "2025-01"', 'to = "2025-01"\naliases = "aliases.csv"'))
    check_job(read_job(job))
    account = json.loads((folder / "out" / "check.json").read_text(encoding="utf-8"))
    assert "name_not_found" not in account["records"]["rejected_by"]
    # and a second time nothing is added
    job.write_text(text.replace('to = "2025-01"', 'to = "2025-01"\ndecisions = "answers.csv"'))
    before = keep.read_bytes()
    check_job(read_job(job), keep=keep)
    assert keep.read_bytes() == before
