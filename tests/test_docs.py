"""What a user can type, set or read is in the documentation, and the documentation is true."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import is_dataclass
from pathlib import Path

import click
import pytest

import hotspot
from hotspot import columns
from hotspot.__main__ import cli
from hotspot.categories.criteria import bundled_criteria, bundled_text, parse_criteria
from hotspot.criteria_choice import DEFAULT_CRITERIA
from hotspot.job import known_keys, read_job

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def quoted(text: str) -> set[str]:
    """Return what stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def blocks(text: str, language: str) -> list[str]:
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return [content for found, content in fences if found == language]


def first_cells(text: str) -> set[str]:
    """Return what stands between backticks in the first cells of a page's tables."""
    return {
        word
        for line in text.splitlines()
        if line.startswith("|")
        for word in quoted(line.split("|")[1])
    }


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_on_its_page_and_in_the_readme(name: str) -> None:
    assert any(cell.startswith(f"hotspot {name}") for cell in first_cells(page("commands.md")))
    assert re.search(rf"\bhotspot {name} ", (ROOT / "README.md").read_text("utf-8")) or (
        name == "demo" and "cli.py demo" in (ROOT / "README.md").read_text("utf-8")
    )


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_is_on_the_page_of_the_commands(name: str) -> None:
    text = page("commands.md")
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in text, f"{name} {parameter.opts[0]}"


def test_the_page_of_the_commands_names_no_other() -> None:
    named = {cell.split()[1] for cell in first_cells(page("commands.md")) if cell[:8] == "hotspot "}
    assert named == set(cli.commands)


def test_every_key_of_a_job_is_explained_and_no_other() -> None:
    assert first_cells(page("job.md")) == set(known_keys())


def test_every_key_of_a_criteria_set_is_explained() -> None:
    keys = first_cells(page("criteria.md"))
    for name in bundled_criteria():
        data = tomllib.loads(bundled_text(name))
        assert set(data) <= keys
        for rule in (data["green"], data["red"], data["red"]["stay"]):
            assert set(rule) - {"stay"} <= keys
        assert name in page("criteria.md")


def test_the_default_criteria_are_printed_as_they_are() -> None:
    (printed,) = blocks(page("criteria.md"), "toml")
    own = parse_criteria(tomllib.loads(bundled_text(DEFAULT_CRITERIA)), source=DEFAULT_CRITERIA)
    shown = parse_criteria(tomllib.loads(printed), source="criteria.md")
    assert shown.sha256 == own.sha256


def test_every_column_of_evidence_is_named() -> None:
    text = page("criteria.md")
    numbers = {c.name for c in columns.CATEGORIES if c.type in ("integer", "number")}
    # what is decided is no evidence for deciding it
    assert numbers - {"months_red", "red_probability"} <= quoted(text)


def test_the_tables_of_columns_are_made_from_the_source() -> None:
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from make_tables import columns_page; "
            "sys.stdout.buffer.write(columns_page().encode())",
        ],
        cwd=DOCS,
        capture_output=True,
        check=True,
    ).stdout
    assert made == (DOCS / "columns.md").read_bytes()


def test_every_column_and_reason_is_on_the_page_of_the_columns() -> None:
    cells = first_cells(page("columns.md"))
    for table in columns.TABLES:
        assert set(columns.names(table)) <= cells
    assert set(columns.REASONS) <= cells
    assert set(columns.UNPLACED) <= set(columns.REASONS)


@pytest.mark.parametrize("name", hotspot.__all__)
def test_every_public_name_says_what_it_is(name: str) -> None:
    thing = getattr(hotspot, name)
    text = inspect.getdoc(thing)
    assert text
    assert text.split("\n")[0].endswith("."), "the first line is a sentence"
    if inspect.isfunction(thing):
        assert "Examples\n---" in text or "Parameters\n---" in text
        for parameter in inspect.signature(thing).parameters:
            assert parameter in text, f"{name} does not explain {parameter}"
    else:
        assert is_dataclass(thing) or issubclass(thing, Exception)


def test_the_public_names_are_those_of_the_contents_page() -> None:
    assert sorted(hotspot.__all__) == sorted(dir(hotspot))
    assert len(set(hotspot.__all__)) == len(hotspot.__all__)
    with pytest.raises(AttributeError) as error:
        hotspot.nothing_of_the_kind  # noqa: B018
    assert str(error.value) == "module 'hotspot' has no attribute 'nothing_of_the_kind'"


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: path.name)
def test_commands_in_the_text_parse(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), ""):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["hotspot"]:
                cli.commands[words[1]].make_context(words[1], words[2:])


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: path.name)
def test_python_in_the_text_compiles(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "python"):
        compile(block, path.name, "exec")
        for names in re.findall(r"from hotspot import (.+)", block):
            assert {name.strip() for name in names.split(",")} <= set(hotspot.__all__)


def test_the_smallest_job_of_the_readme_is_one(tmp_path: Path) -> None:
    (job,) = blocks((ROOT / "README.md").read_text(encoding="utf-8"), "toml")
    (tmp_path / "job.toml").write_text(job, encoding="utf-8")
    assert read_job(tmp_path / "job.toml").mahallas.columns.code == "mahalla_code"


def test_the_exit_codes_are_those_of_the_errors() -> None:
    cells = {line.split("|")[1].strip() for line in page("commands.md").splitlines() if "|" in line}
    errors = [getattr(hotspot, name) for name in hotspot.__all__ if name.endswith("Error")]
    assert {str(error.exit_code) for error in errors} <= cells
    assert {"0", "1", "2", "3", "4"} <= cells
