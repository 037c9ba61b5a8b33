"""Files and folders that appear whole or not at all, whoever else writes and whatever stops it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hotspot.errors import InputError
from hotspot.language import _

ACCOUNT = "run.json"
PATIENCE = 60.0


@contextmanager
def whole_folder(target: Path, *, patience: float = PATIENCE) -> Iterator[Path]:
    """Give a folder to write into, which takes the target's place only when all is written.

    Parameters
    ----------
    target : the folder to make or to replace; a link to one stays a link.
    patience : how many seconds to wait while another run is writing the target.

    Yields
    ------
    Path
        An empty folder. What the target holds besides the files of the program is copied into it
        at the end, and so is, as ``<stem>-edited<suffix>``, each file of the program whose SHA-256
        is no longer the one that the target's ``run.json`` has for it under ``outputs``.

    Raises
    ------
    InputError
        The target cannot be written, or another run is writing it.

    Notes
    -----
    The new folder is written to ``.<name>-xxxxxxxx.part/new``. Then the target moves to ``old``
    beside it, and ``new`` into its place. A process killed between the two leaves both there, and
    the next one puts ``old`` back before it does anything else.
    """
    with _sentences(target), alone(target, patience) as place:
        part = Path(tempfile.mkdtemp(prefix=f".{place.name}-", suffix=".part", dir=place.parent))
        try:
            made = part / "new"
            made.mkdir()
            yield made
            if place.exists():
                _carry_over(place, made)
                place.rename(part / "old")
            made.rename(place)
        finally:
            if not _settle(part, place):
                raise InputError(
                    _(
                        "{path}: something else has taken this place meanwhile; the earlier "
                        "folder is kept as {kept}, move it back by hand",
                        path=target,
                        kept=part / "old",
                    )
                )


def write_whole(
    path: Path, write: Callable[[Path], object], *, recorded: str | None = None
) -> str | None:
    """Let ``write`` make one file, which takes its place only when all of it is there.

    Parameters
    ----------
    path : the file.
    write : makes the file at the path it is given.
    recorded : the SHA-256 that the file was last written with; a file that is there with another
        one was edited, and is kept beside the new one as ``<stem>-edited<suffix>``. Absent:
        nobody edits this file.

    Returns
    -------
    str
        The SHA-256 of what was written.
    """
    with _sentences(path), alone(path) as place:
        handle, made = tempfile.mkstemp(prefix=f".{place.name}-", suffix=".part", dir=place.parent)
        os.close(handle)
        try:
            write(Path(made))
            Path(made).chmod(0o644)
            digest, earlier = _digest(Path(made)), _digest(place)
            if recorded is not None and earlier not in {None, recorded, digest}:
                _copy(place, _kept_name(place, earlier))
            Path(made).replace(place)
            return digest
        finally:
            Path(made).unlink(missing_ok=True)


@contextmanager
def _sentences(target: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            _(
                "{path}: a file stands where a folder is to be; move it or choose another output",
                path=error.filename or target,
            )
        ) from None
    except PermissionError as error:
        refused = Path(error.filename or target)
        # of our own hidden files the user knows nothing
        named = refused.parent if refused.name.startswith(f".{target.name}") else refused
        raise InputError(
            _(
                "{path}: cannot be written; close it if it is open in another program, or choose "
                "another output",
                path=named,
            )
        ) from None
    except OSError as error:
        raise InputError(
            _(
                "{path}: cannot be written, {why}; nothing was changed",
                path=target,
                why=error.strerror or error,
            )
        ) from None


@contextmanager
def alone(target: Path, patience: float = PATIENCE) -> Iterator[Path]:
    """Keep other runs from a place, and clear what killed ones left beside it."""
    # a link is the user's choice of a place, so what it leads to is replaced and not the link
    place = Path(os.path.realpath(target)) if target.is_symlink() else target
    place.parent.mkdir(parents=True, exist_ok=True)
    path = place.with_name(f".{place.name}.lock")
    until = time.monotonic() + patience
    while (handle := _lock(path)) is None:
        if time.monotonic() >= until:
            raise InputError(
                _("{path}: another run is writing it; wait for it and run again", path=target)
            )
        time.sleep(0.02)
    try:
        _clear(place)
        yield place
    finally:
        _unlock(handle, path)


def _clear(place: Path) -> None:
    """Remove what killed runs left beside a place, and put back what they took from it."""
    named = re.compile(rf"\.{re.escape(place.name)}-\w{{8}}\.part")
    for part in sorted(place.parent.iterdir()):
        if named.fullmatch(part.name):
            if part.is_dir():
                _settle(part, place)
            else:
                part.unlink()


def _settle(part: Path, place: Path) -> bool:
    """Remove a folder that was written into, unless it has the only copy of the earlier one."""
    old = part / "old"
    if old.exists() and (part / "new").exists():
        try:
            old.rename(place)
        except OSError:
            return False
    shutil.rmtree(part, ignore_errors=True)
    return True


def _carry_over(earlier: Path, made: Path) -> None:
    """Copy what is not the program's, and beside the new files those that somebody edited."""
    written = _written(earlier)
    ours = {file.name for file in made.iterdir()} | written.keys()
    # edited files come last, so that their new names are not taken by files of the user
    for file in sorted(earlier.iterdir(), key=lambda file: (file.name in ours, file.name)):
        if file.name not in ours:
            _copy(file, made / file.name)
            continue
        known = {written.get(file.name), _digest(made / file.name)}
        if (digest := _digest(file)) is None or digest not in known:
            kept = _kept_name(made / file.name, digest)
            if not os.path.lexists(kept):
                _copy(file, kept)


def _written(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file as it was written; none where the account is unreadable."""
    try:
        account = json.loads((folder / ACCOUNT).read_text(encoding="utf-8"))
        outputs = dict(account["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    # the account cannot hold its own
    return outputs | {ACCOUNT: _digest(folder / ACCOUNT)}


def _kept_name(file: Path, digest: str | None) -> Path:
    kept, number = file.with_stem(f"{file.stem}-edited"), 1
    while os.path.lexists(kept) and (digest is None or _digest(kept) != digest):
        number += 1
        kept = file.with_stem(f"{file.stem}-edited-{number}")
    return kept


def _copy(file: Path, to: Path) -> None:
    # links are copied as links: what they lead to is elsewhere, or nowhere
    if file.is_dir() and not file.is_symlink():
        shutil.copytree(file, to, symlinks=True)
    else:
        shutil.copy2(file, to, follow_symlinks=False)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(file: Path) -> str | None:
    return hash_file(file) if file.is_file() else None


def _lock(path: Path) -> int | None:
    """Lock a file, or return None where another process has it; a killed process lets go of it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # the process that had it may have removed the file after it was opened here
        if os.path.samestat(os.fstat(handle), path.stat()):
            return handle
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass
    except OSError:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _unlock(handle: int, path: Path) -> None:
    if sys.platform == "win32":
        # an open file cannot be removed there, nor can one that another process has opened since
        os.close(handle)
        with suppress(PermissionError):
            path.unlink(missing_ok=True)
    else:
        # removed while it is held, so that no other process holds it by then
        path.unlink(missing_ok=True)
        os.close(handle)
