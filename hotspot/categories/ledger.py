"""The ledger: every published month as a file that names the one before it by its hash.

An entry is a Parquet file, ``000003_2025-03_r0_1f0c….parquet``: its number, the month, the revision
and the beginning of its own SHA-256. Inside are the categories and, as the file's metadata, what
they rest on and the SHA-256 of the entry before. Nothing is ever rewritten; a flipped byte, an
exchanged or a lost file breaks the chain.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.whole import alone

PUBLISHED = ("mahalla_code", "name", "district", "region", "category", "count", "reason")
"""The columns of an entry."""

_METADATA = b"hotspot.entry"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_NAME = re.compile(r"(\d{6})_(\d{4}-\d{2})_r(\d+)_([0-9a-f]{16})\.parquet")


@dataclass(frozen=True)
class Entry:
    """One publication: its place in the chain, what it rests on, and the categories.

    ``why`` is empty but for revisions; ``previous`` is the SHA-256 of the entry before, empty in
    the first; ``sha256`` is the entry's own; ``sums`` are its categories and offenses.
    """

    number: int
    month: str
    revision: int
    why: str
    as_known_on: str
    prepared_by: str
    approved_by: str
    criteria: dict[str, str]
    inputs: list[dict[str, str]]
    sums: dict[str, int]
    previous: str
    sha256: str
    table: pd.DataFrame


def publish_month(
    ledger: str | Path,
    table: pd.DataFrame,
    *,
    month: str,
    as_known_on: str,
    criteria: Mapping[str, str],
    inputs: list[dict[str, str]],
    why: str = "",
    prepared_by: str = "",
    approved_by: str = "",
) -> Entry:
    """Enter a month's categories in the ledger; the same content twice is entered once.

    Parameters
    ----------
    ledger : the ledger's folder, made where it is not there.
    table : one row a mahalla, at least the columns :data:`PUBLISHED`.
    month : as YYYY-MM.
    as_known_on : the day up to which records had come in, as YYYY-MM-DD.
    criteria : name, version and sha256 of the criteria set.
    inputs : path and sha256 of each file the run read.
    why : the reason of a revision, without which a month is not published with other content.
    prepared_by, approved_by : who answers for it.

    Returns
    -------
    Entry
        The new entry, or the month's last one where it says the same.

    Raises
    ------
    InputError
        The month is published with other content and no reason is given, there is nothing to
        revise, the month or the day makes no sense, a mahalla has two rows, or the ledger is
        damaged.
    """
    folder = Path(ledger)
    _check_day(as_known_on, month)
    with alone(folder) as place:
        place.mkdir(parents=True, exist_ok=True)
        for left in place.glob(".*.part"):
            left.unlink()
        entries = read_ledger(place)
        rows = _published_rows(table)
        earlier = [entry for entry in entries if entry.month == month]
        if earlier and _says_the_same(earlier[-1], rows, criteria):
            return earlier[-1]
        _check_revision(folder, earlier, rows, month, as_known_on, why)
        described: dict[str, Any] = {
            "number": len(entries) + 1,
            "month": month,
            "revision": len(earlier),
            "why": why,
            "as_known_on": as_known_on,
            "prepared_by": prepared_by,
            "approved_by": approved_by,
            "criteria": dict(criteria),
            "inputs": inputs,
            "sums": _sums(rows),
            "previous": entries[-1].sha256 if entries else "",
        }
        contents = _contents(rows, described)
        digest = hashlib.sha256(contents).hexdigest()
        name = f"{len(entries) + 1:06d}_{month}_r{len(earlier)}_{digest[:16]}.parquet"
        _put(place / name, contents)
    return Entry(**described, sha256=digest, table=rows)


def read_ledger(ledger: str | Path) -> list[Entry]:
    """Return the entries in the order of the chain, each checked against the one before it.

    Parameters
    ----------
    ledger : the ledger's folder; one that is not there is an empty ledger.

    Returns
    -------
    list of Entry
        With the categories as ``table``; the SHA-256 of the last stands for the whole chain.

    Raises
    ------
    InputError
        A file is damaged, exchanged, missing or foreign: the first problem found.
    """
    entries = []
    for entry in _walk(Path(ledger)):
        if isinstance(entry, str):
            raise InputError(
                _("{entry}; restore the ledger from a copy, nothing was changed", entry=entry)
            )
        entries.append(entry)
    return entries


def ledger_problems(ledger: str | Path) -> list[str]:
    """Return what is wrong with a ledger, a sentence each; nothing where the chain is whole."""
    return [entry for entry in _walk(Path(ledger)) if isinstance(entry, str)]


def published_categories(entries: list[Entry]) -> pd.DataFrame:
    """Return the published categories, mahallas × months, of each month's last revision."""
    last = {pd.Period(entry.month, freq="M"): entry for entry in entries}
    months = {
        month: last[month].table.set_index("mahalla_code")["category"] for month in sorted(last)
    }
    return pd.DataFrame(months).sort_index()


def ledger_head(entries: list[Entry]) -> str:
    """Return the SHA-256 of the last entry, which stands for the whole chain; "" where empty."""
    return entries[-1].sha256 if entries else ""


def _walk(folder: Path) -> Iterator[Entry | str]:
    """Yield each entry, or a sentence where one is not what the chain says."""
    if not folder.is_dir():
        return
    previous, number, revisions = "", 0, Counter[str]()
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            # what a killed run had begun to write
            continue
        found = _NAME.fullmatch(path.name)
        if found is None or not path.is_file():
            yield _("{path}: not an entry of the ledger", path=path)
            continue
        number += 1
        contents = path.read_bytes()
        digest = hashlib.sha256(contents).hexdigest()
        if digest[:16] != found[4]:
            yield _("{path}: its content is not what was published, the hash differs", path=path)
            previous = digest
            continue
        if int(found[1]) != number:
            yield _(
                "{path}: entry {number} of the ledger is missing before it",
                path=path,
                number=number,
            )
            number = int(found[1])
        try:
            entry = _entry(contents, digest)
        except (pa.ArrowInvalid, KeyError, TypeError, ValueError):
            yield _("{path}: cannot be read as an entry of the ledger", path=path)
            previous = digest
            continue
        agrees = (entry.number, entry.month, entry.revision) == (
            int(found[1]),
            found[2],
            int(found[3]),
        )
        if not agrees or entry.previous != previous or entry.revision != revisions[entry.month]:
            yield _("{path}: does not follow the entry before it", path=path)
        elif entry.sums != _sums(entry.table):
            yield _("{path}: its sums are not those of its rows", path=path)
        else:
            yield entry
        previous = digest
        revisions[entry.month] += 1


def _entry(contents: bytes, digest: str) -> Entry:
    table = pq.read_table(io.BytesIO(contents))
    described: dict[str, Any] = json.loads(table.schema.metadata[_METADATA])
    rows = table.replace_schema_metadata(None).to_pandas()
    return Entry(**described, sha256=digest, table=rows)


def _contents(rows: pd.DataFrame, described: dict[str, Any]) -> bytes:
    table = pa.Table.from_pandas(rows, preserve_index=False)
    text = json.dumps(described, ensure_ascii=False, sort_keys=True)
    table = table.replace_schema_metadata({_METADATA: text.encode()})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def _put(path: Path, contents: bytes) -> None:
    """Write a file that is there whole or not at all, even when the power fails."""
    handle, made = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())
    Path(made).chmod(0o444)
    Path(made).rename(path)


def _published_rows(table: pd.DataFrame) -> pd.DataFrame:
    twice = table["mahalla_code"].duplicated()
    if twice.any():
        code = table.loc[twice, "mahalla_code"].iloc[0]
        raise InputError(_("mahalla '{code}' has two rows: publish one row a mahalla", code=code))
    rows = table[list(PUBLISHED)].sort_values("mahalla_code", ignore_index=True)
    texts = {name: rows[name].astype("string").fillna("") for name in PUBLISHED if name != "count"}
    return rows.assign(**texts, count=rows["count"].astype("int64"))


def _sums(rows: pd.DataFrame) -> dict[str, int]:
    categories = Counter(str(category) for category in rows["category"])
    return dict(sorted(categories.items())) | {"offenses": int(rows["count"].sum())}


def _says_the_same(entry: Entry, rows: pd.DataFrame, criteria: Mapping[str, str]) -> bool:
    same = entry.table.astype(object).equals(rows.astype(object))
    return same and entry.criteria["sha256"] == criteria["sha256"]


def _check_day(as_known_on: str, month: str) -> None:
    if not _MONTH.fullmatch(month):
        raise InputError(
            _("the month '{month}' is none; write it as YYYY-MM, as in 2025-01", month=month)
        )
    try:
        day = dt.date.fromisoformat(as_known_on)
    except ValueError:
        day = dt.date.min
    # Python reads 20250205 and 2025-W06-3 as well, which do not sort among the others
    if day.isoformat() != as_known_on:
        raise InputError(
            _(
                "as known on '{day}' is not a day; write it as YYYY-MM-DD, as in 2025-02-05",
                day=as_known_on,
            )
        )
    if day < pd.Period(month, freq="M").end_time.date():
        raise InputError(
            _(
                "as known on {day} is before the end of {month}; publish a month when it is over",
                day=as_known_on,
                month=month,
            )
        )


def _check_revision(
    folder: Path, earlier: list[Entry], rows: pd.DataFrame, month: str, as_known_on: str, why: str
) -> None:
    if not earlier:
        if why:
            raise InputError(
                _(
                    "{folder}: {month} is not published yet, so there is nothing to revise; leave "
                    "--revise out",
                    folder=folder,
                    month=month,
                )
            )
        return
    last = earlier[-1]
    published = {"folder": folder, "month": month, "last": last.as_known_on}
    if not why:
        before = last.table.set_index("mahalla_code")["category"]
        now = rows.set_index("mahalla_code")["category"]
        both = pd.DataFrame({"before": before, "now": now}).fillna("").astype(str)
        differing = both.index[both["before"] != both["now"]]
        if len(differing):
            raise InputError(
                _(
                    "{folder}: {month} was published as known on {last} with other categories of "
                    "{mahallas} mahallas, '{mahalla}' for one; give the reason with --revise to "
                    "add a revision",
                    **published,
                    mahallas=len(differing),
                    mahalla=differing[0],
                )
            )
        raise InputError(
            _(
                "{folder}: {month} was published as known on {last} with other counts, reasons or "
                "criteria; give the reason with --revise to add a revision",
                **published,
            )
        )
    if as_known_on < last.as_known_on:
        raise InputError(
            _(
                "{folder}: {month} was published as known on {last}, so a revision cannot be as "
                "known on {day}; give a later day",
                **published,
                day=as_known_on,
            )
        )
