"""Same records, same bytes: whatever the process, the folder or the order of the rows."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from hotspot.errors import InputError
from hotspot.folder import write_month
from hotspot.job import read_job
from hotspot.monthly import Month, run_month
from hotspot.whole import hash_file

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def _cells(workbook: io.BytesIO) -> dict[tuple[str, int, int], object]:
    return {
        (sheet.title, row, column): value
        for sheet in load_workbook(workbook, read_only=True)
        for row, values in enumerate(sheet.values)
        for column, value in enumerate(values)
    }


def _copy(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("job.toml", "mahallas.gpkg", "offenses.csv"):
        shutil.copy(SAMPLE / name, folder)
    return folder


@pytest.fixture(scope="module")
def month() -> Month:
    return run_month(read_job(SAMPLE / "job.toml"))


@pytest.fixture(scope="module")
def first(month: Month, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return _contents(write_month(month, tmp_path_factory.mktemp("first")))


@pytest.mark.slow
def test_another_process_in_another_folder_gives_the_same_bytes(
    first: dict[str, bytes], tmp_path: Path
) -> None:
    job = _copy(tmp_path / "another place" / "маҳалла") / "job.toml"
    # another order of sets, another time zone, another language, from elsewhere
    env = os.environ | {"PYTHONHASHSEED": "12345", "TZ": "Asia/Tashkent", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "hotspot", "run", str(job)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, env=env)
    again = _contents(job.parent / "out" / "2025-01")
    assert sorted(again) == sorted(first)
    assert [name for name in first if again[name] != first[name]] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Sparkline Group extension")
def test_shuffled_rows_change_only_hashes_and_row_numbers(
    first: dict[str, bytes], tmp_path: Path
) -> None:
    folder = _copy(tmp_path / "shuffled")
    header, *rows = (SAMPLE / "offenses.csv").read_text(encoding="utf-8").splitlines()
    order = np.random.default_rng(0).permutation(len(rows))
    text = "\n".join([header, *(rows[i] for i in order)]) + "\n"
    (folder / "offenses.csv").write_text(text, encoding="utf-8")
    done = run_month(read_job(folder / "job.toml"))
    again = _contents(write_month(done, tmp_path / "out"))
    other = {name for name in first if again[name] != first[name]}
    # the workbook's sheet of the account has the hash too
    assert other == {"categories.xlsx", "rejected.csv", "run.json"}
    cells = [_cells(io.BytesIO(files["categories.xlsx"])) for files in (first, again)]
    assert cells[0].keys() == cells[1].keys()
    # the rows of the records that are not counted are checked in their own table below
    other_cells = [key for key in cells[0] if cells[0][key] != cells[1][key]]
    changed = {(cells[0][key], cells[1][key]) for key in other_cells if key[0] != "Not counted"}
    hashes = [hash_file(folder / "offenses.csv") for folder in (SAMPLE, folder)]
    assert changed == {tuple(hashes)}

    before, after = json.loads(first["run.json"]), json.loads(again["run.json"])
    assert {key for key in before if before[key] != after[key]} == {"inputs", "outputs"}
    assert [part for part in before["inputs"] if part not in after["inputs"]] == [
        part for part in before["inputs"] if part["path"] == "offenses.csv"
    ]
    outputs = before["outputs"].items() - after["outputs"].items()
    assert {name for name, _ in outputs} == {"categories.xlsx", "rejected.csv"}

    ours, theirs = tmp_path / "ours.csv", tmp_path / "out" / "2025-01" / "rejected.csv"
    ours.write_bytes(first["rejected.csv"])
    tables = [
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        .drop(columns="row")
        .sort_values(["id", "reason", "date"], kind="stable", ignore_index=True)
        for path in (ours, theirs)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_else(
    month: Month, first: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "2025-01"
    folder.mkdir()
    for name, content in first.items():
        (folder / name).write_bytes(content)
    (folder / "minutes.docx").write_bytes(b"notes of the meeting")
    (folder / "photos").mkdir()
    (folder / "photos" / "1.jpg").write_bytes(b"photo")
    assert write_month(month, tmp_path) == folder
    assert (folder / "minutes.docx").read_bytes() == b"notes of the meeting"
    assert (folder / "photos" / "1.jpg").read_bytes() == b"photo"
    ours = {name: (folder / name).read_bytes() for name in first}
    assert ours == first
    assert {file.name for file in folder.iterdir()} == {*first, "minutes.docx", "photos"}
    # nothing temporary beside it either
    assert [file.name for file in tmp_path.iterdir()] == ["2025-01"]


def test_decisions_typed_into_the_review_are_kept(month: Month, tmp_path: Path) -> None:
    folder = write_month(month, tmp_path, drawings=False)
    first = _contents(folder)
    book = load_workbook(folder / "review.xlsx")
    book["review"]["H2"] = "1710207001"
    book.save(folder / "review.xlsx")
    book.close()
    filled = (folder / "review.xlsx").read_bytes()
    (folder / "review.csv").write_bytes(first["review.csv"] + b"decided")
    write_month(month, tmp_path, drawings=False)
    kept = {
        "review-edited.csv": first["review.csv"] + b"decided",
        "review-edited.xlsx": filled,
    }
    assert _contents(folder) == first | kept
    # what is kept is the user's from now on
    write_month(month, tmp_path, drawings=False)
    assert _contents(folder) == first | kept


def test_files_of_an_earlier_run_that_are_no_longer_made_go(month: Month, tmp_path: Path) -> None:
    folder = write_month(month, tmp_path, drawings=False)
    assert (folder / "sector.csv").is_file()
    job = read_job(SAMPLE / "job.toml")
    mahallas = job.mahallas.model_copy(update={"groups": {}})
    write_month(run_month(job.model_copy(update={"mahallas": mahallas})), tmp_path, drawings=False)
    assert not (folder / "sector.csv").exists()


def test_a_run_that_fails_leaves_the_earlier_folder(month: Month, tmp_path: Path) -> None:
    folder = write_month(month, tmp_path, drawings=False)
    before = _contents(folder)

    def stop(step: str) -> None:
        # as when somebody presses Ctrl-C while the maps are drawn
        if step == "drawing the interactive map":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_month(month, tmp_path, progress=stop)
    assert _contents(folder) == before
    assert [file.name for file in tmp_path.iterdir()] == ["2025-01"]


def test_a_first_run_that_fails_leaves_nothing(month: Month, tmp_path: Path) -> None:
    def stop(step: str) -> None:
        if step == "closing the account":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_month(month, tmp_path / "out", drawings=False, progress=stop)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_where_the_folder_is_to_be_is_left_alone(month: Month, tmp_path: Path) -> None:
    (tmp_path / "2025-01").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as error:
        write_month(month, tmp_path, drawings=False)
    assert str(error.value) == (
        f"{tmp_path / '2025-01'}: a file stands where a folder is to be; move it or choose another "
        "output"
    )
    assert (tmp_path / "2025-01").read_text(encoding="utf-8") == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["2025-01"]
