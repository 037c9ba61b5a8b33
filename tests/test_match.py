"""``hotspot match``: a list of names, without offenses."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from openpyxl import Workbook

from hotspot.__main__ import main
from hotspot.matching import match_list

GAZETTEER = pd.DataFrame(
    {
        "code": ["1710207001", "1710207002", "1710207003", "1710212001", "1710212002"],
        "name": ["Boʻston MFY", "Qatagʻon MFY", "Qatagʻan MFY", "Boʻston MFY", "Bahor MFY"],
        "district": ["Urgut tumani"] * 3 + ["Qarshi tumani"] * 2,
    }
)
NAMES = pd.DataFrame(
    {
        "no": ["9", "7", "8", "6"],
        "district": ["Ургутский район", "Urgut tumani", "Қарши тумани", ""],
        "name": ["Катаган", "қатағон", "Bohor", "Boʻston"],
        "note": ["=1+1", "<b>", "", "x"],
    }
)
ADDED = ["outcome", "code", "level", "score", "candidates"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the program here, in an empty folder: exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def _run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hotspot", "match", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        code = stop.value.code
        return (code if isinstance(code, int) else 0), out, err

    GAZETTEER.to_csv("gazetteer.csv", index=False, encoding="utf-8")
    NAMES.to_csv("names.csv", index=False, encoding="utf-8")
    return _run


def read(path: str) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_rows_and_columns_of_the_input_keep_their_order(run: Run) -> None:
    code, out, err = run("names.csv", "gazetteer.csv")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "matched: 1",
        "ambiguous: 2",
        "suggested: 1",
        "not_found: 0",
        "table: names-matched.csv",
    ]
    table = read("names-matched.csv")
    assert list(table) == [*NAMES, *ADDED]
    pd.testing.assert_frame_equal(table[list(NAMES)], NAMES, check_dtype=False)
    assert table["outcome"].tolist() == ["ambiguous", "matched", "suggested", "ambiguous"]
    assert table["code"].tolist() == ["", "1710207002", "", ""]
    assert table["candidates"].tolist()[0] == "1710207002|1710207003"
    assert table["candidates"].str.split("|").str[0].tolist()[2] == "1710212002"
    assert table["candidates"].tolist()[3] == "1710207001|1710212001"


def test_added_columns_give_way_to_those_of_the_input(run: Run) -> None:
    run("names.csv", "gazetteer.csv", "--out", "once.csv")
    run("once.csv", "gazetteer.csv", "--out", "twice.csv")
    code, out, _ = run("twice.csv", "gazetteer.csv", "--out", "thrice.csv")
    assert code == 0
    assert out.splitlines()[:3] == ["matched: 1", "ambiguous: 2", "suggested: 1"]
    once, thrice = read("once.csv"), read("thrice.csv")
    again = [f"match_{column}" for column in ADDED]
    assert list(thrice) == [*once, *again, *(f"match_{column}" for column in again)]
    pd.testing.assert_frame_equal(thrice[list(once)], once)
    assert thrice["match_match_outcome"].tolist() == once["outcome"].tolist()


def test_headings_are_given_by_options(run: Run) -> None:
    NAMES.rename(columns={"name": "mfy", "district": "tuman"}).to_csv("other.csv", index=False)
    renamed = {"code": "kod", "name": "nomi", "district": "hudud"}
    GAZETTEER.rename(columns=renamed).to_csv("places.csv", index=False)
    code, _, err = run(
        "other.csv",
        "places.csv",
        "--column",
        "name=mfy",
        "--column",
        "district=tuman",
        *(
            word
            for field, heading in renamed.items()
            for word in ("--gazetteer-column", f"{field}={heading}")
        ),
    )
    assert (code, err) == (0, "")
    assert read("other-matched.csv")["outcome"].tolist() == [
        "ambiguous",
        "matched",
        "suggested",
        "ambiguous",
    ]


def test_a_missing_column_is_named(run: Run) -> None:
    NAMES.rename(columns={"name": "nmae"}).to_csv("other.csv", index=False)
    code, out, err = run("other.csv", "gazetteer.csv")
    assert (code, out) == (3, "")
    assert err == (
        "hotspot: other.csv: there is no column 'name', choose one with --column name=HEADING; "
        "did you mean 'nmae'?\n"
    )
    code, _, err = run("names.csv", "gazetteer.csv", "--gazetteer-column", "code=cod")
    assert code == 3
    assert err == (
        "hotspot: gazetteer.csv: there is no column 'cod', choose one with --gazetteer-column; "
        "did you mean 'code'?\n"
    )
    assert not Path("names-matched.csv").exists()


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_a_layer_is_a_gazetteer(run: Run, suffix: str) -> None:
    shapes = [shapely.box(66 + i, 39, 67 + i, 40) for i in range(len(GAZETTEER))]
    gpd.GeoDataFrame(GAZETTEER, geometry=shapes, crs=4326).to_file(f"layer.{suffix}")
    run("names.csv", "gazetteer.csv", "--out", "table.csv")
    code, _, err = run("names.csv", f"layer.{suffix}", "--out", "layer.csv")
    assert (code, err) == (0, "")
    assert Path("layer.csv").read_bytes() == Path("table.csv").read_bytes()


def test_names_come_in_cp1251_and_from_excel(run: Run) -> None:
    # cp1251 has no қ, ғ, ҳ: what is typed there is Russian
    russian = NAMES.assign(district="Каршинский район", name=["Бахор", "Бустон", "Баҳор", "?"])
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [list(russian), *russian.to_numpy().tolist()]:
        sheet.append(row)
    book.save("names.xlsx")
    code, _, err = run("names.xlsx", "gazetteer.csv")
    assert (code, err) == (0, "")
    table = read("names-matched.csv")
    assert table["name"].tolist() == russian["name"].tolist()
    assert table["code"].tolist() == ["1710212002", "1710212001", "1710212002", ""]
    spoilt = russian.assign(name=["Бахор", "Бустон", "Ба?ор", "?"])
    Path("ansi.csv").write_bytes(spoilt.to_csv(index=False, sep=";").encode("cp1251"))
    code, _, err = run("ansi.csv", "gazetteer.csv")
    assert (code, err) == (0, "")
    table = read("ansi-matched.csv")
    assert table["name"].tolist() == spoilt["name"].tolist()
    assert table["code"].tolist()[:2] == ["1710212002", "1710212001"]
    assert table["outcome"].tolist()[3] == "not_found"


def test_codes_that_a_spreadsheet_made_numbers_keep_their_digits(run: Run) -> None:
    numbers = GAZETTEER.assign(code=GAZETTEER["code"].astype(float))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [list(numbers), *numbers.to_numpy().tolist()]:
        sheet.append(row)
    book.save("gazetteer.xlsx")
    code, _, _ = run("names.csv", "gazetteer.xlsx")
    assert code == 0
    assert read("names-matched.csv")["code"].tolist() == ["", "1710207002", "", ""]


def test_hostile_names_come_back_as_they_are(run: Run) -> None:
    hostile = [
        "<script>alert(1)</script>",
        '=HYPERLINK("http://x")',
        "@SUM(1)",
        "x" * 10_000,
        "a\x01b",
        "\u202eabc\u202c",
        "қатағон\u200b",
        "-",
        "'quoted",
        "a;b,c\nd",
    ]
    pd.DataFrame({"name": hostile, "district": "Urgut tumani"}).to_csv("bad.csv", index=False)
    code, _, err = run("bad.csv", "gazetteer.csv")
    assert (code, err) == (0, "")
    table = read("bad-matched.csv")
    assert table["name"].tolist() == hostile
    matched = table[table["outcome"] == "matched"]
    assert set(matched["code"]) <= {"1710207002"}
    assert len(matched) <= 1


def test_shuffled_names_have_the_same_answers(run: Run) -> None:
    NAMES.iloc[[2, 0, 3, 1]].to_csv("shuffled.csv", index=False)
    GAZETTEER.iloc[::-1].to_csv("reversed.csv", index=False)
    run("names.csv", "gazetteer.csv")
    run("shuffled.csv", "reversed.csv")
    pd.testing.assert_frame_equal(
        read("shuffled-matched.csv").sort_values("no", ignore_index=True),
        read("names-matched.csv").sort_values("no", ignore_index=True),
    )


def test_only_the_versions_of_a_day_are_matched(tmp_path: Path) -> None:
    known = pd.DataFrame({"code": ["1", "1"], "name": ["Eski", "Yangi"], "district": "Pop tumani"})
    known["valid_from"], known["valid_to"] = [None, "2024-06-01"], ["2024-05-31", None]
    paths = tmp_path / "names.csv", tmp_path / "known.csv", tmp_path / "out.csv"
    pd.DataFrame({"name": ["Eski", "Yangi"], "district": "Pop tumani"}).to_csv(paths[0])
    known.to_csv(paths[1], index=False)
    for on, codes in ((None, ["1", "1"]), (datetime.date(2024, 6, 1), ["", "1"])):
        table = match_list(*paths[:2], out=paths[2], on=on)
        assert table["code"].fillna("").tolist() == codes


def test_a_list_of_tax_numbers_needs_no_names(tmp_path: Path) -> None:
    paths = tmp_path / "names.csv", tmp_path / "known.csv", tmp_path / "out.csv"
    pd.DataFrame({"stir": ["201122920", "300000000"]}).to_csv(paths[0], index=False)
    GAZETTEER.assign(stir=[f"20112291{i}" for i in range(4)] + ["201122920"]).to_csv(paths[1])
    table = match_list(*paths[:2], out=paths[2])
    assert table["level"].fillna("").tolist() == ["stir", ""]
    assert table["code"].fillna("").tolist() == [GAZETTEER["code"].iloc[-1], ""]
