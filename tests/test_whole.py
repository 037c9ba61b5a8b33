"""A folder is there whole or not at all: whoever kills the run, writes beside it or edits in it."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hotspot.errors import InputError
from hotspot.whole import whole_folder, write_whole

NAMES = ("categories.csv", "map.html", "review.xlsx")
PROCESSES = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
# one version written, and the process killed at its n-th act on the file system if n is given
WRITER = """
import hashlib, json, os, signal, sys
from pathlib import Path
from hotspot.whole import whole_folder

ACTS = ("open", "os.", "shutil.", "tempfile.", "fcntl.")

def count(event, args):
    global left
    if event.startswith(ACTS):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

def write(target, text):
    with whole_folder(target) as made:
        outputs = {}
        for name in ("categories.csv", "map.html", "review.xlsx"):
            (made / name).write_text(text)
            outputs[name] = hashlib.sha256(text.encode()).hexdigest()
        (made / "run.json").write_text(json.dumps({"outputs": outputs}))

target, text, times, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if left:
    sys.addaudithook(count)
print("ready", flush=True)
for _ in range(times):
    write(target, text)
"""
# somebody else puts a folder in the place at the moment when nothing is there
INTRUDER = WRITER.replace(
    "def count(event, args):",
    """def intrude(event, args):
    if event == "os.rename" and str(args[0]).endswith("new"):
        os.mkdir(target)
        (target / "theirs.txt").write_text("theirs")

def count(event, args):""",
).replace("if left:\n    sys.addaudithook(count)", "sys.addaudithook(intrude)")


def _write(target: Path, text: str, *, names: tuple[str, ...] = NAMES) -> None:
    with whole_folder(target) as made:
        for name in names:
            (made / name).write_text(text, encoding="utf-8")
        outputs = {name: hashlib.sha256(text.encode()).hexdigest() for name in names}
        (made / "run.json").write_text(json.dumps({"outputs": outputs}), encoding="utf-8")


def _start(target: Path, text: str, *, times: int = 1, act: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(target), text, str(times), str(act)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _texts(folder: Path) -> dict[str, str]:
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name != "run.json"
    }


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def _assert_whole(texts: dict[str, str]) -> None:
    # one version of the program's files, not two, and every file of the user
    assert len({texts[name] for name in NAMES if name != "review.xlsx"}) == 1
    assert "first, decided" in texts.values()
    assert texts["minutes.docx"] == "notes of the meeting"


@contextmanager
def _given_up(target: Path) -> Iterator[None]:
    """Begin a run as a user does who presses Ctrl-C before anything is written."""
    with suppress(KeyboardInterrupt), whole_folder(target):
        yield
        raise KeyboardInterrupt


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return a month's folder with one file of the user's and one that the user edited."""
    target = tmp_path / "out" / "2025-01"
    _write(target, "first")
    (target / "minutes.docx").write_text("notes of the meeting", encoding="utf-8")
    (target / "review.xlsx").write_text("first, decided", encoding="utf-8")
    return target


def _kept(text: str) -> dict[str, str]:
    return {
        **dict.fromkeys(NAMES, text),
        "minutes.docx": "notes of the meeting",
        "review-edited.xlsx": "first, decided",
    }


def test_what_the_user_made_or_edited_stays(target: Path) -> None:
    _write(target, "second")
    assert _texts(target) == _kept("second")
    # once is enough while nothing else is edited
    _write(target, "third")
    assert _texts(target) == _kept("third")
    (target / "review.xlsx").write_text("first, decided", encoding="utf-8")
    _write(target, "fourth")
    assert _texts(target) == _kept("fourth")
    (target / "review.xlsx").write_text("fourth, decided", encoding="utf-8")
    _write(target, "fifth")
    assert _texts(target) == _kept("fifth") | {"review-edited-2.xlsx": "fourth, decided"}
    # what the new run says too is not kept twice
    (target / "map.html").write_text("sixth", encoding="utf-8")
    _write(target, "sixth")
    assert _texts(target) == _kept("sixth") | {"review-edited-2.xlsx": "fourth, decided"}
    assert _names(target.parent) == ["2025-01"]


def test_a_file_no_longer_made_goes_unless_it_was_edited(target: Path) -> None:
    _write(target, "second", names=("categories.csv",))
    assert _texts(target) == {
        "categories.csv": "second",
        "minutes.docx": "notes of the meeting",
        "review-edited.xlsx": "first, decided",
    }


@pytest.mark.parametrize("account", [None, b"{", b"{}", b'{"outputs": [1]}', b"[]", b"\xff"])
def test_without_an_account_everything_stays(target: Path, account: bytes | None) -> None:
    (target / "run.json").unlink()
    if account is not None:
        (target / "run.json").write_bytes(account)
    _write(target, "second")
    edited = {"categories-edited.csv": "first", "map-edited.html": "first"}
    if account is not None:
        assert (target / "run-edited.json").read_bytes() == account
        (target / "run-edited.json").unlink()
    assert _texts(target) == _kept("second") | edited


def test_a_folder_with_a_name_of_ours_stays(target: Path) -> None:
    (target / "map.html").unlink()
    (target / "map.html").mkdir()
    (target / "map.html" / "tile.png").write_text("tile", encoding="utf-8")
    _write(target, "second")
    assert (target / "map.html").read_text(encoding="utf-8") == "second"
    assert (target / "map-edited.html" / "tile.png").read_text(encoding="utf-8") == "tile"


@PROCESSES
def test_links_stay_links(target: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_text("photo", encoding="utf-8")
    (target / "album").mkdir()
    links = {
        "gone.docx": "/nowhere/gone.docx",
        "photos": "../../photos",
        "map-of-mine.html": "map.html",
        "album/gone.jpg": "gone.jpg",
    }
    for name, text in links.items():
        (target / name).symlink_to(text)
    for text in ("second", "third"):
        _write(target, text)
        assert {name: (target / name).readlink().as_posix() for name in links} == links
        assert (target / "map-of-mine.html").read_text(encoding="utf-8") == text
    assert (target / "photos" / "1.jpg").read_text(encoding="utf-8") == "photo"
    assert _names(target.parent) == ["2025-01"]


@PROCESSES
@pytest.mark.parametrize("there", [True, False])
def test_a_linked_folder_is_replaced_where_it_is(target: Path, tmp_path: Path, there: bool) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if there:
        target.rename(disk / "january")
    else:
        (tmp_path / "out" / "2025-01").rename(tmp_path / "elsewhere")
    target.symlink_to(disk / "january")
    _write(target, "second")
    assert target.is_symlink()
    expected = _kept("second") if there else dict.fromkeys(NAMES, "second")
    assert _texts(disk / "january") == expected
    assert _names(disk) == ["january"]
    assert _names(target.parent) == ["2025-01"]


@PROCESSES
def test_a_linked_file_is_replaced_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "check.json").symlink_to("disk/january.json")
    for text in ("first", "second"):
        write_whole(tmp_path / "check.json", lambda made, text=text: made.write_text(text))
        assert (tmp_path / "disk" / "january.json").read_text() == text
    assert _names(tmp_path) == ["check.json", "disk"]
    assert _names(tmp_path / "disk") == ["january.json"]


def test_leftovers_of_killed_runs_go_and_nothing_else_does(target: Path) -> None:
    folder = target.parent
    for name in (".2025-01-a1b2c3d4.part/new", ".2025-01-zzzzzzz_.part", ".2025-01-x.part/new"):
        (folder / name).mkdir(parents=True)
    for name in (".2025-01.lock", ".check.json-a1b2c3d4.part", ".2025-01-notes"):
        (folder / name).write_text("half", encoding="utf-8")
    _write(target, "second")
    others = [".2025-01-notes", ".2025-01-x.part", "2025-01"]
    assert _names(folder) == sorted([*others, ".check.json-a1b2c3d4.part"])
    write_whole(folder / "check.json", lambda made: made.write_text("whole"))
    assert _names(folder) == [*others, "check.json"]
    assert (folder / "check.json").read_text() == "whole"


def test_an_earlier_folder_is_put_back_before_anything_else(target: Path) -> None:
    before = _texts(target)
    # as a kill between the two renames leaves it
    part = target.parent / ".2025-01-a1b2c3d4.part"
    (part / "new").mkdir(parents=True)
    target.rename(part / "old")
    with _given_up(target):
        assert _texts(target) == before
    assert _names(target.parent) == ["2025-01"]


def test_a_second_run_is_refused_while_one_is_writing(target: Path) -> None:
    sentence = f"{target}: another run is writing it; wait for it and run again"
    with whole_folder(target) as made:
        (made / "map.html").write_text("second", encoding="utf-8")
        with pytest.raises(InputError) as error, whole_folder(target, patience=0):
            pytest.fail("two at once")
        assert str(error.value) == sentence
        # another month is another matter
        _write(target.with_name("2025-02"), "february")
    assert (target / "map.html").read_text(encoding="utf-8") == "second"
    assert _names(target.parent) == ["2025-01", "2025-02"]


def test_a_second_run_waits_for_the_first(target: Path) -> None:
    with whole_folder(target) as made:
        second = threading.Thread(target=_write, args=(target, "second"))
        second.start()
        time.sleep(0.1)
        assert second.is_alive()
        (made / "map.html").write_text("mine", encoding="utf-8")
    second.join()
    # of the first run only what it did not vouch for in an account is kept
    assert _texts(target) == _kept("second") | {"map-edited.html": "mine"}
    assert _names(target.parent) == ["2025-01"]


@PROCESSES
def test_a_place_taken_meanwhile_costs_nobody_a_file(target: Path) -> None:
    command = [sys.executable, "-c", INTRUDER, str(target), "second", "1", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (part,) = (name for name in _names(target.parent) if name != "2025-01")
    old = target.parent / part / "old"
    assert done.stderr.splitlines()[-1] == (
        f"hotspot.errors.InputError: {target}: something else has taken this place meanwhile; the "
        f"earlier folder is kept as {old}, move it back by hand"
    )
    earlier = dict.fromkeys(NAMES, "first") | {
        "minutes.docx": "notes of the meeting",
        "review.xlsx": "first, decided",
    }
    assert _texts(target) == {"theirs.txt": "theirs"}
    assert _texts(old) == earlier
    # and the next run takes nothing from either
    _write(target, "third")
    assert _texts(target) == dict.fromkeys(NAMES, "third") | {"theirs.txt": "theirs"}
    assert _texts(old) == earlier


@PROCESSES
def test_killed_at_any_act_a_run_loses_nothing(target: Path) -> None:
    act, code, versions = 0, -9, {"first"}
    while code == -9:
        act += 1
        run = _start(target, f"killed {act}", act=act)
        _, error = run.communicate()
        code = run.returncode
        assert code in (-9, 0), error
        if target.exists():
            _assert_whole(_texts(target))
            versions.add((target / "map.html").read_text(encoding="utf-8"))
        with _given_up(target):
            # what the killed run took is back before anything is written
            _assert_whole(_texts(target))
        assert _names(target.parent) == ["2025-01"]
    assert act > 20
    # killed late it is done, killed early the one before stays
    assert versions >= {"first", f"killed {act}"}
    assert _texts(target) == _kept(f"killed {act}")


@PROCESSES
def test_processes_at_once_and_killed_at_random_leave_one_whole_folder(target: Path) -> None:
    moments = random.Random(0)
    for _ in range(8):
        runs = [_start(target, text, times=500) for text in ("a" * 5000, "b" * 5000)]
        for run in runs:
            assert run.stdout is not None
            assert run.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0, 0.3))
        for run in runs:
            run.kill()
            _, error = run.communicate()
            assert run.returncode == -9, error
        _write(target, "mended")
        assert _texts(target) == _kept("mended")
        assert _names(target.parent) == ["2025-01"]


@PROCESSES
def test_two_processes_at_once_both_succeed(target: Path) -> None:
    runs = [_start(target, text, times=20) for text in ("a", "b")]
    for run in runs:
        _, error = run.communicate()
        assert (run.returncode, error) == (0, "")
    last = (target / "map.html").read_text(encoding="utf-8")
    assert last in ("a", "b")
    assert _texts(target) == _kept(last)
    assert _names(target.parent) == ["2025-01"]


def test_no_two_writers_are_ever_inside(tmp_path: Path) -> None:
    inside, most = 0, 0

    def write(made: Path) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        made.write_text("whole", encoding="utf-8")
        inside -= 1

    def repeat() -> None:
        for _ in range(200):
            write_whole(tmp_path / "check.json", write)

    writers = [threading.Thread(target=repeat) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert most == 1
    assert _names(tmp_path) == ["check.json"]
