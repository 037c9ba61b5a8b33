"""The command line in four languages: other words, the same figures, the same files for all."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import symtable
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import cli
from hotspot.explanation import explain_mahalla
from hotspot.folder import to_json
from hotspot.job import Job, read_job
from hotspot.language import LANGUAGES, speaking, spoken
from hotspot.loaders.coverage import find_coverage
from hotspot.monthly import Month, run_month
from hotspot.notes import describe_window, name_window
from hotspot.placement import place_records
from hotspot.proposal import propose_job, template

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"
TEMPLATE_CODE = re.compile(r"^([^#]*)", flags=re.MULTILINE)


def hotspot(*words: object, **environment: str) -> Result:
    """Run a command here."""
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def figures(text: str) -> Counter[str]:
    """Count the figures of a text one by one: languages part thousands and decimals otherwise."""
    return Counter(re.findall(r"\d", text))


def job_in(tmp_path: Path, languages: list[str]) -> Job:
    """Return the sample's job with a report in these languages."""
    job = read_job(SAMPLE / "job.toml")
    report = job.report.model_copy(update={"languages": languages})
    return job.model_copy(update={"report": report, "output": str(tmp_path)})


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    return run_month(job_in(tmp_path_factory.mktemp("out"), ["uz", "ru"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the month of a job in English, run by somebody who speaks Russian."""
    out = tmp_path_factory.mktemp("demo")
    assert (
        hotspot(
            "--language", "ru", "run", SAMPLE / "job.toml", "--out", out, "--tables-only"
        ).exit_code
        == 0
    )
    return out / "2025-01"


@pytest.fixture(scope="module")
def english(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "categories.csv", dtype=str, encoding="utf-8-sig")


def test_a_month_has_its_reasons_in_the_languages_of_its_report(month: Month) -> None:
    assert list(month.reasons) == ["uz", "ru"]
    assert month.table["reason"].tolist() == month.reasons["uz"].tolist()


def test_reasons_differ_in_words_only(month: Month, english: pd.DataFrame) -> None:
    assert english["reason"].str.startswith(("Red", "Yellow", "Green", "Not assessed")).all()
    for language in month.reasons:
        for ours, theirs in zip(month.reasons[language], english["reason"], strict=True):
            assert figures(ours) == figures(theirs)
    assert month.table["category"].tolist() == english["category"].tolist()


def test_the_account_is_english_whoever_runs_the_job(month: Month, folder: Path) -> None:
    account = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for part in ("records", "window", "criteria", "chosen"):
        assert json.loads(to_json(month.account[part])) == account[part]


def test_what_the_dates_cover_is_english_in_the_account_alone() -> None:
    job = read_job(SAMPLE / "job.toml")
    offenses = job.offenses.model_copy(update={"from_": None, "to": None})
    with speaking("uz"):
        placement = place_records(job.model_copy(update={"offenses": offenses}))
        told = placement.coverage.why_start
    written = placement.found["coverage"]["why_from"]
    assert written == placement.coverage.why_start
    # counted in the file itself; what is no day is not counted
    dates = pd.read_csv(SAMPLE / "offenses.csv", usecols=["date"], dtype=str)["date"]
    days = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce")
    before = (days < "2022-02-01").sum()
    assert written == (
        f"2022-02 is the first month of lasting records; {before} records lie before it"
    )
    assert figures(told) == figures(written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_is_described_in_every_language(month: Month, language: str) -> None:
    with speaking(language):
        assert figures(describe_window(month.account)) == figures("2024 2025")
        assert figures(name_window(month.account)) == figures("2024-02 2025-01")
        assert month.window == name_window(month.account)


def test_the_window_is_described_with_its_gaps_and_kinds() -> None:
    window = {"from": "2025-01", "to": "2025-01", "months": 1, "months_without_records": []}
    chosen = {"counted_kinds": ["theft"], "excluded_kinds": []}
    assert describe_window({"window": window, "chosen": chosen}) == (
        "Offenses are counted in January 2025 only. Only the named kinds of offenses are counted."
    )
    # a public month says no more of its choices than this
    gaps = {**window, "from": "2024-12", "months_without_records": ["2024-12", "2025-01"]}
    assert describe_window({"window": gaps, "chosen": {"counted_kinds": []}}) == (
        "Offenses are counted from December 2024 to January 2025. There are no records for "
        "December 2024, January 2025. All kinds of offenses are counted."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_in_any_language_is_the_same_job(language: str, tmp_path: Path) -> None:
    english = template()
    with speaking(language):
        text = template()
    assert [line.split("#")[0].strip() for line in text.splitlines()][:-1] == [
        line.split("#")[0].strip() for line in english.splitlines()
    ][:-1]
    assert tomllib.loads(text)["report"] == {"languages": [language]}
    path = tmp_path / "job.toml"
    path.write_text(text, encoding="utf-8")
    assert read_job(path).report.languages == [language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_init_proposes_the_same_job_in_every_language(language: str, tmp_path: Path) -> None:
    files = SAMPLE / "offenses.csv", SAMPLE / "mahallas.gpkg"
    done = hotspot("init", *files, "--out", tmp_path / "job.toml", "--language", language)
    assert done.exit_code == 0
    text, found = propose_job(*files, tmp_path)
    job = tomllib.loads((tmp_path / "job.toml").read_text(encoding="utf-8"))
    assert job.pop("report") == {"languages": [language]}
    assert job == {key: part for key, part in tomllib.loads(text).items() if key != "report"}
    lines = done.stdout.splitlines()
    for ours, theirs in zip(lines[:-1], found, strict=True):
        assert figures(ours) == figures(theirs)
    assert lines[-1].endswith(f" {tmp_path / 'job.toml'}")


def test_init_speaks_the_language_of_the_sentences_unless_told(tmp_path: Path) -> None:
    hotspot("--language", "ru", "init", "--out", tmp_path / "ru.toml")
    hotspot("--language", "ru", "init", "--language", "uz", "--out", tmp_path / "uz.toml")
    hotspot("init", "--out", tmp_path / "cyrl.toml", HOTSPOT_LANGUAGE="uz_Cyrl")
    for name, language in (("ru", "ru"), ("uz", "uz"), ("cyrl", "uz_Cyrl")):
        assert read_job(tmp_path / f"{name}.toml").report.languages == [language]


def test_a_language_is_spoken_until_the_command_has_ended() -> None:
    assert hotspot("--language", "ru", "--help").exit_code == 0
    assert hotspot("--language", "ru", "verify", "nowhere").exit_code != 0
    assert hotspot("--help", HOTSPOT_LANGUAGE="uz").exit_code == 0
    assert spoken() == "en"


def test_a_language_that_is_none_is_refused() -> None:
    for done in (
        hotspot("--language", "tr", "--help"),
        hotspot("verify", "x", HOTSPOT_LANGUAGE="tr"),
    ):
        assert done.exit_code == 2
        assert "'tr' is not one of 'uz', 'uz_Cyrl', 'ru', 'en'" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["", *sorted(cli.commands)])
def test_help_names_the_same_options_in_every_language(name: str, language: str) -> None:
    words = [name, "--help"] if name else ["--help"]
    pages = [hotspot("--language", spoken, *words).stdout for spoken in (language, "en")]
    options = [re.findall(r"^  (-.*?)(?:  |$)", page, flags=re.MULTILINE) for page in pages]
    examples = [re.findall(r"^  hotspot .*", page, flags=re.MULTILINE) for page in pages]
    assert options[0] == options[1] != []
    assert examples[0] == examples[1] != []


def test_an_unfinished_month_is_told() -> None:
    days = pd.Series(3, index=pd.date_range("2024-01-01", "2024-03-10"))
    assert find_coverage(days).why_end == (
        "2024-02 is the last whole month of lasting records; 30 records lie after it, where "
        "2024-03 is not over"
    )


def test_no_function_hides_the_word_that_translates() -> None:
    # `first, _ = …` makes `_` a variable of the whole function, which then says nothing more
    def scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
        yield table
        for inner in table.get_children():
            yield from scopes(inner)

    for path in sorted((ROOT / "hotspot").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for scope in scopes(symtable.symtable(source, str(path), "exec")):
            if scope.get_type() == "function" and "_" in scope.get_identifiers():
                word = scope.lookup("_")
                assert not (word.is_local() and word.is_referenced()), f"{path} {scope.get_name()}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explanation_has_the_same_figures_in_every_language(
    folder: Path, month: Month, english: pd.DataFrame, language: str
) -> None:
    for code in english.groupby("category")["mahalla_code"].first():
        known = explain_mahalla(folder, code)
        done = hotspot("--language", language, "explain", folder, code)
        assert done.exit_code == 0
        lines = done.stdout.splitlines()
        assert len(lines) == len(known)
        for ours, theirs in zip(lines, known, strict=True):
            assert figures(ours) == figures(theirs)
        if language in month.reasons:
            assert lines[1] == month.reasons.loc[code, language]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of this kind is a Unix matter")
def test_a_bar_is_shown_on_a_terminal_only() -> None:
    code = (
        "import time\n"
        "from hotspot.progress import show_progress\n"
        "with show_progress(False, steps=2) as say:\n"
        "    for step in ('finding [bold]', 'deciding', 'drawing'):\n"
        "        say(step)\n"
        "        time.sleep(0.3)\n"
        "print('done')\n"
    )
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=theirs, env=env
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:
            # the other side is closed
            break
    out, _ = done.communicate()
    assert (done.returncode, out) == (0, b"done\n")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf-8"))
    # what is done of what is known; the third step is more than were announced
    for said in ("0/2 0:00:00 finding [bold]", "1/2", "2/3", "drawing", "━"):
        assert said in text
    silent = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (silent.stdout, silent.stderr) == (b"done\n", b"")
