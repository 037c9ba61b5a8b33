"""The workbook opened by LibreOffice, which hands it back: every cell, and pages to print."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest
from test_workbook import hostile_month, make

OFFICE = shutil.which("soffice")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed"),
]


def convert(folder: Path, made: bytes, kind: str) -> Path:
    """Open a workbook in a profile of its own and save it as another kind of file."""
    assert OFFICE is not None
    given = folder / "given.xlsx"
    given.write_bytes(made)
    profile = (folder / "profile").as_uri()
    options = ["--headless", "--norestore", f"-env:UserInstallation={profile}"]
    done = subprocess.run(
        [OFFICE, *options, "--convert-to", kind, "--outdir", str(folder / "out"), str(given)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"HOME": str(folder)},
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "rror" not in said, said
    assert "arning" not in said.replace("Warning: failed to launch javaldx", ""), said
    return folder / "out" / f"given.{kind}"


def cells(path: Path) -> dict[tuple[str, str], object]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
        book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


@pytest.mark.parametrize("data", ["usual", "hostile"])
def test_every_cell_comes_back(data: str, tmp_path: Path) -> None:
    made = make() if data == "usual" else make(**hostile_month())
    back = convert(tmp_path, made, "xlsx")
    given, again = cells(tmp_path / "given.xlsx"), cells(back)
    assert given.keys() == again.keys()
    for place, value in given.items():
        assert again[place] == (pytest.approx(value) if isinstance(value, float) else value), place
    with zipfile.ZipFile(back) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sheets:
            # what it took for a formula or a link it would write back as one
            assert b"<f" not in parts.read(name).replace(b"<filter", b"")
            assert b"<hyperlink " not in parts.read(name)


def test_its_sparklines_are_understood(tmp_path: Path) -> None:
    back = convert(tmp_path, make(), "xlsx")
    with zipfile.ZipFile(back) as parts:
        summary = parts.read("xl/worksheets/sheet2.xml")
    assert summary.count(b"<x14:sparkline>") >= 10


def test_no_cell_is_too_narrow_for_its_number(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    pages = convert(tmp_path, make(), "pdf")
    done = subprocess.run(["pdftotext", "-layout", str(pages), "-"], capture_output=True, text=True)
    assert "Prepared by" in done.stdout
    assert "###" not in done.stdout
