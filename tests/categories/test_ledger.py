"""The ledger: a chain that is whole whatever happens, and says so where it is not."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from hotspot.categories.ledger import (
    Entry,
    ledger_head,
    ledger_problems,
    publish_month,
    published_categories,
    read_ledger,
)
from hotspot.errors import InputError

CRITERIA = {"name": "three", "version": "1", "sha256": "c" * 64}


def table(*categories: str) -> pd.DataFrame:
    """Return a month's table with these categories of mahallas a, b, c and so on."""
    codes = [chr(ord("a") + i) for i in range(len(categories))]
    return pd.DataFrame(
        {
            "mahalla_code": codes,
            "name": [f"Mahalla {code}" for code in codes],
            "district": "D",
            "region": None,
            "category": list(categories),
            "count": [{"red": 5, "yellow": 1}.get(category, 0) for category in categories],
            "reason": "because",
        }
    )


def publish(
    ledger: Path, month: str, *categories: str, day: str = "2025-12-31", why: str = ""
) -> Entry:
    """Publish a month with these categories."""
    return publish_month(
        ledger,
        table(*categories),
        month=month,
        as_known_on=day,
        criteria=CRITERIA,
        inputs=[],
        why=why,
    )


def test_entries_follow_each_other(tmp_path: Path):
    first = publish(tmp_path / "ledger", "2025-01", "red", "green")
    second = publish(tmp_path / "ledger", "2025-02", "red", "yellow")
    entries = read_ledger(tmp_path / "ledger")
    assert [entry.month for entry in entries] == ["2025-01", "2025-02"]
    assert (first.previous, second.previous) == ("", first.sha256)
    assert entries[1].sums == {"red": 1, "yellow": 1, "offenses": 6}
    # the hash is that of the file, by another reader
    file = sorted((tmp_path / "ledger").iterdir())[1]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == second.sha256 == ledger_head(entries)
    assert file.name == f"000002_2025-02_r0_{second.sha256[:16]}.parquet"
    assert pd.read_parquet(file)["category"].tolist() == ["red", "yellow"]


def test_no_ledger_is_an_empty_one(tmp_path: Path):
    assert read_ledger(tmp_path / "ledger") == []
    assert ledger_head([]) == ""
    assert published_categories([]).empty


def test_the_same_content_is_entered_once(tmp_path: Path):
    once = publish(tmp_path, "2025-01", "red", "green")
    again = publish(tmp_path, "2025-01", "red", "green")
    assert again.sha256 == once.sha256
    assert len(read_ledger(tmp_path)) == 1


def test_the_same_months_make_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        publish(tmp_path / name, "2025-01", "red")
    one, two = (next((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())


def test_other_content_needs_a_reason(tmp_path: Path):
    publish(tmp_path, "2025-01", "red", "green", day="2025-02-05")
    with pytest.raises(InputError) as refused:
        publish(tmp_path, "2025-01", "red", "yellow", day="2025-02-06")
    assert str(refused.value) == (
        f"{tmp_path}: 2025-01 was published as known on 2025-02-05 with other categories of 1 "
        "mahallas, 'b' for one; give the reason with --revise to add a revision"
    )
    revised = publish(tmp_path, "2025-01", "red", "yellow", day="2025-02-06", why="came in late")
    assert (revised.number, revised.revision, revised.why) == (2, 1, "came in late")
    assert published_categories(read_ledger(tmp_path))[pd.Period("2025-01")].tolist() == [
        "red",
        "yellow",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"day": "5.2.2025"},
            "as known on '5.2.2025' is not a day; write it as YYYY-MM-DD, as in 2025-02-05",
        ),
        (
            {"day": "20250205"},
            "as known on '20250205' is not a day; write it as YYYY-MM-DD, as in 2025-02-05",
        ),
        (
            {"month": "2025-1"},
            "the month '2025-1' is none; write it as YYYY-MM, as in 2025-01",
        ),
        (
            {"month": "2025Q1"},
            "the month '2025Q1' is none; write it as YYYY-MM, as in 2025-01",
        ),
        (
            {"day": "2025-01-30"},
            "as known on 2025-01-30 is before the end of 2025-01; publish a month when it is over",
        ),
        (
            {"why": "late"},
            "{ledger}: 2025-01 is not published yet, so there is nothing to revise; leave --revise "
            "out",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, str], sentence: str, tmp_path: Path):
    with pytest.raises(InputError) as refused:
        publish(tmp_path, arguments.pop("month", "2025-01"), "red", **arguments)
    assert str(refused.value) == sentence.format(ledger=tmp_path)


def test_a_mahalla_with_two_rows_is_not_published(tmp_path: Path):
    twice = pd.concat([table("red"), table("green")])
    with pytest.raises(InputError) as refused:
        publish_month(
            tmp_path,
            twice,
            month="2025-01",
            as_known_on="2025-02-05",
            criteria=CRITERIA,
            inputs=[],
        )
    assert str(refused.value) == "mahalla 'a' has two rows: publish one row a mahalla"
    assert read_ledger(tmp_path) == []


def test_a_revision_is_not_known_earlier_than_what_it_revises(tmp_path: Path):
    publish(tmp_path, "2025-01", "red", day="2025-02-05")
    with pytest.raises(InputError) as refused:
        publish(tmp_path, "2025-01", "green", day="2025-02-04", why="late")
    assert str(refused.value) == (
        f"{tmp_path}: 2025-01 was published as known on 2025-02-05, so a revision cannot be as "
        "known on 2025-02-04; give a later day"
    )


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Return a ledger of three months."""
    for month in ("2025-01", "2025-02", "2025-03"):
        publish(tmp_path / "ledger", month, "red", "yellow", "green")
    return tmp_path / "ledger"


def test_any_flipped_byte_is_found(three: Path):
    assert ledger_problems(three) == []
    for path in sorted(three.iterdir()):
        contents = path.read_bytes()
        path.chmod(0o644)
        for place in range(0, len(contents), 37):
            flipped = contents[place] ^ (1 << place % 8)
            path.write_bytes(contents[:place] + bytes([flipped]) + contents[place + 1 :])
            problems = ledger_problems(three)
            assert problems[0] == (
                f"{path}: its content is not what was published, the hash differs"
            )
        path.write_bytes(contents)
    assert ledger_problems(three) == []


def test_a_lost_entry_is_found(three: Path):
    middle = sorted(three.iterdir())[1]
    middle.unlink()
    last = sorted(three.iterdir())[1]
    assert ledger_problems(three) == [
        f"{last}: entry 2 of the ledger is missing before it",
        f"{last}: does not follow the entry before it",
    ]
    with pytest.raises(InputError) as refused:
        publish(three, "2025-04", "red")
    assert str(refused.value) == (
        f"{last}: entry 2 of the ledger is missing before it; restore the ledger from a copy, "
        "nothing was changed"
    )


def test_an_exchanged_entry_is_found(three: Path, tmp_path: Path):
    for month in ("2025-01", "2025-02"):
        publish(tmp_path / "other", month, "green", "green", "green")
    mine, other = sorted(three.iterdir())[1], sorted((tmp_path / "other").iterdir())[1]
    mine.unlink()
    exchanged = three / other.name
    exchanged.write_bytes(other.read_bytes())
    last = sorted(three.iterdir())[2]
    assert ledger_problems(three) == [
        f"{exchanged}: does not follow the entry before it",
        f"{last}: does not follow the entry before it",
    ]


def test_a_foreign_file_is_found(three: Path):
    (three / "notes.txt").write_text("mine")
    assert ledger_problems(three) == [f"{three / 'notes.txt'}: not an entry of the ledger"]


PUBLISHER = """
import sys
import pandas as pd
from hotspot.categories.ledger import publish_month

table = pd.DataFrame({
    "mahalla_code": [f"{i:05d}" for i in range(3000)], "name": "n", "district": "d",
    "region": "r", "category": "yellow", "count": 1, "reason": "because of " + "x" * 50,
})
print("ready", flush=True)
sys.stdin.readline()
months = pd.period_range(sys.argv[2], periods=int(sys.argv[3]), freq="M")
for month in months:
    publish_month(
        sys.argv[1], table, month=str(month), as_known_on="2099-01-01",
        criteria={"name": "x", "version": "1", "sha256": "c"}, inputs=[],
    )
"""


def publisher(ledger: Path, first: str, months: int) -> subprocess.Popen[str]:
    """Start a process that publishes months when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(ledger), first, str(months)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Let a publisher begin."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


# forks instead of starting python a hundred times; the parent itself never touches pyarrow, whose
# threads would not live on in a child
KILLER = """
import os, random, signal, sys, time
import pandas as pd
from hotspot.categories.ledger import ledger_problems, publish_month

table = pd.DataFrame({
    "mahalla_code": [f"{i:05d}" for i in range(3000)], "name": "n", "district": "d",
    "region": "r", "category": "yellow", "count": 1, "reason": "because of " + "x" * 50,
})
begun, begin = os.pipe()
def publish(months):
    for month in months:
        os.write(begin, b".")
        publish_month(
            sys.argv[1], table, month=str(month), as_known_on="2099-01-01",
            criteria={"name": "x", "version": "1", "sha256": "c"}, inputs=[],
        )
def forked(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return pid
def check():
    assert ledger_problems(sys.argv[1]) == []
def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

months = pd.period_range("2000-01", periods=1200, freq="M")
rng = random.Random(1)
killed = 0
os.makedirs(sys.argv[1])
for _ in range(100):
    done = len([name for name in os.listdir(sys.argv[1]) if not name.startswith(".")])
    pid = forked(lambda: publish(months[done:]))
    os.read(begun, 1)
    time.sleep(rng.uniform(0.0, 0.05))
    os.kill(pid, signal.SIGKILL)
    killed += ended(pid) == -signal.SIGKILL
    assert ended(forked(check)) == 0
done = len([name for name in os.listdir(sys.argv[1]) if not name.startswith(".")])
assert ended(forked(lambda: publish(months[: done + 5]))) == 0
print(killed, done)
"""


@pytest.mark.slow
def test_a_ledger_survives_a_hundred_kills(tmp_path: Path):
    ledger = tmp_path / "ledger"
    ran = subprocess.run(
        [sys.executable, "-c", KILLER, str(ledger)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    killed, done = map(int, ran.stdout.split())
    assert killed == 100
    # some months were entered between the kills, which all fell into the writing
    assert 1 <= done < 1195
    assert [entry.month for entry in read_ledger(ledger)] == [
        str(month) for month in pd.period_range("2000-01", periods=done + 5, freq="M")
    ]
    assert not list(ledger.glob(".*"))


def test_two_publishers_at_once_lose_nothing(tmp_path: Path):
    ledger = tmp_path / "ledger"
    processes = [publisher(ledger, first, 10) for first in ("2000-01", "2010-01")]
    for process in processes:
        go(process)
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    entries = read_ledger(ledger)
    assert len(entries) == 20
    assert {entry.month for entry in entries} == {
        *map(str, pd.period_range("2000-01", periods=10, freq="M")),
        *map(str, pd.period_range("2010-01", periods=10, freq="M")),
    }


def test_what_is_read_is_what_was_published(tmp_path: Path):
    publish(tmp_path, "2025-01", "red", "green")
    (entry,) = read_ledger(tmp_path)
    expected = table("red", "green").assign(region="")
    assert_frame_equal(entry.table.astype(object), expected.astype(object), check_dtype=False)
