"""Records from a real PostgreSQL server, started for the test on a socket of its own."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from hotspot.errors import InputError
from hotspot.loaders.offenses import read_offenses

PASSWORD = "a secret word"


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Yield the address, without its password, of a server that asks for one."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed here")
    root = getpass.getuser() == "root"
    if root and shutil.which("runuser") is None:
        pytest.skip("root cannot start PostgreSQL here without runuser")
    # a server refuses to run as root, and its socket's path must be short
    as_server = ["runuser", "-u", "postgres", "--"] if root else []
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    if root:
        shutil.chown(home, "postgres", "postgres")
    secret = home / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    if root:
        shutil.chown(secret, "postgres", "postgres")

    def run(program: str, *words: str) -> None:
        command = [*as_server, str(programs / program), *words]
        subprocess.run(command, check=True, capture_output=True, cwd=home)

    data = str(home / "data")
    run("initdb", "-D", data, "-U", "analyst", "-A", "scram-sha-256", f"--pwfile={secret}")
    settings = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", settings, "start")
    try:
        yield f"postgresql://analyst@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def table(server: str) -> str:
    address = sqlalchemy.make_url(server).set(drivername="postgresql+psycopg", password=PASSWORD)
    engine = sqlalchemy.create_engine(address)
    frame = pd.DataFrame(
        {
            "no": ["a1", "a2", "a3"],
            "happened": pd.to_datetime(["2025-01-05 00:00", "2025-01-31 23:10", None]),
            "code": ["1710207001", None, "1710207002"],
            "lon": [66.25, 66.5, None],
            "lat": [38.5, 38.75, None],
        }
    )
    with engine.begin() as connection:
        frame.to_sql("offenses", connection, index=False, if_exists="replace")
    engine.dispose()
    return server


def test_records_come_from_a_query(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTSPOT_DB_PASSWORD", PASSWORD)
    read = read_offenses(
        url=table,
        query="select * from offenses order by no",
        columns={
            "id": "no",
            "date": "happened",
            "mahalla_code": "code",
            "longitude": "lon",
            "latitude": "lat",
        },
    )
    assert read["id"].tolist() == ["a1", "a2", "a3"]
    assert read["date"].tolist()[:2] == [
        pd.Timestamp("2025-01-05"),
        pd.Timestamp("2025-01-31 23:10"),
    ]
    assert read["date"].isna().tolist() == [False, False, True]
    assert read["mahalla_code"].dropna().tolist() == ["1710207001", "1710207002"]
    assert read["x"].tolist()[:2] == [66.25, 66.5]


def test_a_wrong_password_is_never_shown(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTSPOT_DB_PASSWORD", "another word")
    with pytest.raises(InputError) as caught:
        read_offenses(url=table, query="select 1", columns={"date": "happened"})
    sentence = str(caught.value)
    assert "another word" not in sentence
    assert sentence.endswith(
        "the database cannot be reached; check the address and the environment variable "
        "HOTSPOT_DB_PASSWORD"
    )


def test_a_query_that_fails_says_why(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTSPOT_DB_PASSWORD", PASSWORD)
    with pytest.raises(InputError, match='relation "crimes" does not exist'):
        read_offenses(url=table, query="select * from crimes", columns={"date": "happened"})
