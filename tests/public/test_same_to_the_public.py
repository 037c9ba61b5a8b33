"""A public folder tells categories only: other offenses of the same categories, the same bytes."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from stories import DISTRICTS, SENSITIVE, records

from hotspot.comparison import compare_months
from hotspot.criteria_choice import read_criteria
from hotspot.disclosure import COLUMNS
from hotspot.errors import InputError, JobError
from hotspot.explanation import explain_mahalla
from hotspot.folder import write_month
from hotspot.job import read_job
from hotspot.language import speaking
from hotspot.monthly import Month, run_month
from hotspot.official import compare_official
from hotspot.publishing import publish_run
from hotspot.verification import verify
from hotspot.whole import hash_file

Tell = Callable[..., Month]
Publish = Callable[..., Path]
TABLES = {"categories", "districts", "regions", "sector", "history"}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file, what is packed in it, and what is compressed in a PDF."""
    for file in sorted(folder.rglob("*")):
        data = file.read_bytes()
        yield file.name, data
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                for name in packed.namelist():
                    yield f"{file.name}/{name}", packed.read(name)
        if data[:5] == b"%PDF-":
            for number, stream in enumerate(re.findall(rb"stream\r?\n(.*?)endstream", data, re.S)):
                try:
                    yield f"{file.name}/{number}", zlib.decompressobj().decompress(stream)
                except zlib.error:
                    continue


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_the_stories_are_others_and_their_categories_are_not(tell: Tell) -> None:
    one, other, third = (tell(story) for story in range(3))
    assert one.history.equals(other.history)
    assert not one.history.equals(third.history)
    assert (one.history == "red").equals(third.history == "red")
    assert set(one.table["category"]) == {"red", "yellow", "green", "not_assessed"}
    for story in (other, third):
        assert not one.counts.equals(story.counts)
        assert one.account["records"]["read"] != story.account["records"]["read"]
        for name in ("count", "population", "rate", "gi_z", "excess_probability", "reason"):
            assert not one.table[name].equals(story.table[name])
        assert not one.rankings["kinds"].equals(story.rankings["kinds"])


@pytest.mark.parametrize(("classes", "story"), [(3, 1), (2, 2)])
def test_the_same_categories_are_the_same_bytes(publish: Publish, classes: int, story: int) -> None:
    one, other = (publish(number, classes=classes) for number in (0, story))
    assert sorted(file.name for file in one.iterdir()) == sorted(f.name for f in other.iterdir())
    for (name, data), (_, same) in zip(contents(one), contents(other), strict=True):
        assert data == same, name


def test_the_files_tell_the_categories(publish: Publish) -> None:
    # so that the test above is not fulfilled by files that are always the same
    three, two = publish(0), publish(0, classes=2)
    for file in two.iterdir():
        assert hash_file(file) != hash_file(three / file.name), file.name


@pytest.mark.parametrize("classes", [3, 2])
def test_no_trace_of_records_kinds_or_inputs(publish: Publish, stories: Path, classes: int) -> None:
    traces = {"zqx", "theft", "robbery", "Nowhere", "records-0", "places-0"}
    traces |= {hash_file(file) for file in stories.iterdir()}
    for name, data in contents(publish(0, classes=classes)):
        for trace in sorted(traces):
            assert trace.encode() not in data, f"{name} has {trace}"
            assert trace.encode("utf-16-be") not in data, f"{name} has {trace}"


@pytest.mark.parametrize("classes", [3, 2])
def test_the_tables_have_the_public_columns_only(publish: Publish, classes: int) -> None:
    folder = publish(0, classes=classes)
    tables = {file.stem: read(file) for file in folder.glob("*.csv")}
    told = ["red", "not_red"] if classes == 2 else ["red", "yellow", "green", "not_assessed"]
    assert set(tables) == TABLES
    assert list(tables["categories"]) == list(COLUMNS)
    assert set(tables["categories"]["category"]) == set(told)
    assert set(tables["categories"]["previous_category"]) <= set(told)
    assert set(tables["history"].iloc[:, 1:].to_numpy().ravel()) == set(told)
    assert list(tables["districts"]) == ["region", "district", "mahallas", *told]
    assert list(tables["regions"]) == ["region", "mahallas", *told]
    assert list(tables["sector"]) == ["region", "district", "sector", "mahallas", *told]
    layer = gpd.read_file(folder / "categories.gpkg")
    assert list(layer) == [*COLUMNS, "geometry"]
    # what the roll-ups tell can be counted in the list
    counted = pd.crosstab(tables["categories"]["district"], tables["categories"]["category"])
    rolled = tables["districts"].set_index("district").loc[list(DISTRICTS), told].astype(int)
    assert (rolled == counted[told]).all(axis=None)


def test_the_package_describes_what_is_there(publish: Publish) -> None:
    folder = publish(0, classes=2)
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert {of["name"] for of in package["resources"]} == TABLES
    for of in package["resources"]:
        named = [field["name"] for field in of["schema"]["fields"]]
        assert named == list(read(folder / of["path"])), of["name"]
    meanings = {
        field["name"]: field["description"]
        for of in package["resources"]
        for field in of["schema"]["fields"]
    }
    assert meanings["category"] == "red or not_red"
    assert meanings["reason"] == "by which criteria, as a sentence"


def test_the_account_says_what_is_public(publish: Publish) -> None:
    account = json.loads((publish(0) / "run.json").read_text("utf-8"))
    assert list(account) == [
        "month", "red_for", "mahallas", "criteria", "replay", "public", "versions", "window",
        "categories", "chosen", "outputs",
    ]  # fmt: skip
    assert account["public"] == {"classes": 3}
    assert account["categories"] == {"red": 9, "yellow": 3, "green": 8, "not_assessed": 4}
    assert account["criteria"]["name"] == "three"
    two = json.loads((publish(0, classes=2) / "run.json").read_text("utf-8"))
    assert two["categories"] == {"red": 9, "not_red": 15}


def test_the_page_has_no_number_of_offenses(publish: Publish) -> None:
    page = (publish(0) / "map.html").read_text("utf-8")
    (text,) = re.findall(r'id="page-data">(.*?)</script>', page, re.S)
    data = json.loads(text)
    assert data["counts"] == []
    assert data["numbers"] == {}
    assert data["density"] is None
    assert {layer["key"] for layer in data["layers"]} == {"category", "change"}


def test_reasons_name_the_rule_and_no_value(publish: Publish) -> None:
    reasons = read(publish(0) / "categories.csv").groupby("category")["reason"].unique()
    assert {category: list(said) for category, said in reasons.items()} == {
        "green": ["Green by the criteria three, version 7; this is not a proof of safety."],
        "not_assessed": ["Not assessed by the criteria three, version 7."],
        "red": ["Red by the criteria three, version 7."],
        "yellow": ["Yellow by the criteria three, version 7."],
    }
    two = read(publish(0, classes=2) / "categories.csv")
    assert set(two.loc[two["category"] == "not_red", "reason"]) == {
        "Not red by the criteria three, version 7."
    }


def test_two_classes_have_no_word_for_the_others(publish: Publish) -> None:
    told = dict(contents(publish(0, classes=2)))
    written = [name for name in told if name.endswith(("document.xml", "sharedStrings.xml"))]
    assert len(written) == 2
    for name in written:
        text = told[name].decode()
        assert "Not red" in text
        for word in ("Green", "Yellow", "Not assessed"):
            assert word not in text, f"{name} says {word}"


@pytest.mark.parametrize("classes", [3, 2])
def test_a_public_folder_is_verified_and_explained(publish: Publish, classes: int) -> None:
    folder = publish(0, classes=classes)
    assert verify(folder) == []
    lines = explain_mahalla(folder, "1710200005")
    assert lines[0] == "Bahor 5, Guzor, Qashqadaryo (1710200005) is red in 2025-01."
    assert lines[1] == "Red by the criteria three, version 7."
    assert len(lines) == 4


def test_what_needs_counts_says_so(publish: Publish, tell: Tell, tmp_path: Path) -> None:
    folder, two = publish(0), publish(0, classes=2)
    with pytest.raises(InputError) as error:
        publish_run(folder, as_known_on="2025-02-05")
    assert str(error.value) == (
        f"{folder}: this is a public month, and the ledger keeps counts and reasons too; give the "
        "folder of the month that is not public"
    )
    with pytest.raises(InputError) as error:
        compare_months(publish(0, "2024-12"), folder)
    assert str(error.value) == (
        f"{publish(0, '2024-12')}: this is a public month, which does not say why a colour "
        "changed; give the folders of the months that are not public"
    )
    official = tmp_path / "official.csv"
    official.write_text("mahalla_code,category\n1710200000,red\n1710200001,yellow\n")
    agreement = compare_official(folder, official)
    assert agreement.confusion.loc["red", "red"] == 1
    # the folder's own reasons are in English
    with speaking("ru"):
        assert explain_mahalla(folder, "1710200000")[1] == "Красная по критериям three, версия 7."
    assert agreement.disagreements["mahalla_code"].tolist() == ["1710200001"]
    with pytest.raises(InputError) as error:
        compare_official(two, official)
    assert str(error.value) == (
        f"{two}: this public month tells red and not red only; give the folder of the month that "
        "is not public"
    )


def test_a_damaged_roll_up_is_found(publish: Publish, tmp_path: Path) -> None:
    account = json.loads((publish(0) / "run.json").read_text("utf-8"))
    for file in publish(0).iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    rolled = read(tmp_path / "districts.csv")
    rolled.loc[3, "red"] = "8"
    rolled.to_csv(tmp_path / "districts.csv", index=False)
    account["outputs"]["districts.csv"] = hash_file(tmp_path / "districts.csv")
    (tmp_path / "run.json").write_text(json.dumps(account))
    assert verify(tmp_path) == [f"{tmp_path}: red mahallas, and the districts' total are 9 and 8"]


def test_public_months_and_others_have_folders_of_their_own(tell: Tell, tmp_path: Path) -> None:
    public = tell(0)
    private = replace(public, account={k: v for k, v in public.account.items() if k != "public"})
    folder = tmp_path / "2025-01"
    folder.mkdir()
    (folder / "run.json").write_text('{"outputs": {}}')
    (folder / "counts.csv").write_text("1")
    refused = (
        f"{folder}: this folder holds what may not be public, and files in it stay; choose another "
        "output for public months"
    )
    with pytest.raises(InputError) as error:
        write_month(public, tmp_path)
    assert str(error.value) == refused
    (folder / "run.json").unlink()
    with pytest.raises(InputError) as error:
        write_month(public, tmp_path)
    assert str(error.value) == refused
    (folder / "run.json").write_text('{"public": {"classes": 3}}')
    with pytest.raises(InputError) as error:
        write_month(private, tmp_path)
    assert str(error.value) == (
        f"{folder}: a public month is in this folder, and this one has counts; choose another "
        "output for it"
    )


@pytest.mark.parametrize("named", ["in the job", "as an option"])
def test_a_folder_of_the_other_sort_is_refused_before_anything_is_read(
    stories: Path, tmp_path: Path, named: str
) -> None:
    month = 'month = "2025-01"\n' if named == "in the job" else ""
    # neither the records nor the mahallas are there
    (tmp_path / "job.toml").write_text(month + (stories / "job-0.toml").read_text())
    (tmp_path / "out" / "2025-01").mkdir(parents=True)
    (tmp_path / "out" / "2025-01" / "counts.csv").write_text("1")
    option = [] if month else ["--month", "2025-01"]
    done = subprocess.run(
        [sys.executable, "-m", "hotspot", "run", str(tmp_path / "job.toml"), *option],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"hotspot: {tmp_path / 'out' / '2025-01'}: this folder holds what may not be public, and "
        "files in it stay; choose another output for public months\n"
    )


def test_a_public_run_points_at_no_file_that_is_not_there(
    publish: Publish, tell: Tell, stories: Path, tmp_path: Path
) -> None:
    files = {file.name for file in publish(0).iterdir()}
    pointed = set(re.findall(r"[a-z_]+\.csv", " ".join(tell(0).notes)))
    assert pointed <= files
    text = (stories / "job-0.toml").read_text().replace("public = true", "public = false")
    text = re.sub(r'path = "', f'path = "{stories}/', text)
    (tmp_path / "job.toml").write_text(text)
    private = run_month(read_job(tmp_path / "job.toml"), month="2025-01")
    # what the others point at, so that the test has something to hold
    assert "sensitivity.csv" in " ".join(private.notes)


def test_colours_that_would_tell_of_a_sensitive_kind_are_refused(
    stories: Path, tmp_path: Path
) -> None:
    records(0).head(50).to_csv(tmp_path / "records-0.csv", index=False)
    text = (stories / "job-0.toml").read_text()
    criteria = (stories / "criteria.toml").read_text()
    override = f'[red.override]\nkinds = ["{SENSITIVE.upper()}"]\n'
    (tmp_path / "criteria.toml").write_text(criteria + override)
    (tmp_path / "job.toml").write_text(text)
    with pytest.raises(JobError) as error:
        read_criteria(read_job(tmp_path / "job.toml"))
    assert str(error.value) == (
        "the criteria 'three' decide by the kind 'ZQXDOMESTIC', which is sensitive, so that a "
        "public red could be traced to it; choose other criteria for public months"
    )
    (tmp_path / "job.toml").write_text(text.replace("public = true", "public = false"))
    assert read_criteria(read_job(tmp_path / "job.toml")).name == "three"
    only = re.sub(r"counted = .*", f'counted = ["{SENSITIVE}"]', text)
    only = only.replace('[offenses.kinds.groups]\nzqxyouth = ["theft"]\n', "")
    (tmp_path / "criteria.toml").write_text(criteria)
    (tmp_path / "job.toml").write_text(only)
    with pytest.raises(JobError) as error:
        read_criteria(read_job(tmp_path / "job.toml"))
    assert str(error.value) == (
        "[offenses.kinds] counted has sensitive kinds only, so that every public colour would tell "
        "of them; count other kinds too, or write public = false"
    )
    weights = f"[offenses.kinds.weights]\n{SENSITIVE} = 9\ntheft = 0\n[mahallas]\n"
    weighed = text.replace("[mahallas]\n", weights).replace(
        'path = "criteria.toml"', 'use = "severity"'
    )
    (tmp_path / "job.toml").write_text(weighed)
    with pytest.raises(JobError) as error:
        read_criteria(read_job(tmp_path / "job.toml"))
    assert str(error.value) == (
        "the criteria 'severity' decide by weights, and only sensitive kinds have one, so that a "
        "public red could be traced to them; weigh other kinds too, or choose other criteria for "
        "public months"
    )
    (tmp_path / "job.toml").write_text(weighed.replace("theft = 0", "theft = 1"))
    assert read_criteria(read_job(tmp_path / "job.toml")).name == "severity"
