"""The command line: its words, its exit codes, and what a script may read of it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from hotspot.__main__ import cli, main
from hotspot.job import read_job

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"
COMMANDS = sorted(cli.commands)
PROGRAM = Path(sys.executable).with_name("hotspot")
DOORS = {
    "hotspot": [str(PROGRAM)],
    "python -m hotspot": [sys.executable, "-m", "hotspot"],
    "python cli.py": [sys.executable, str(ROOT / "cli.py")],
}


def start(
    *words: str, door: str = "python -m hotspot", cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, with more in its environment."""
    # warnings are errors here too: a user would see them on stderr
    env = os.environ | {"PYTHONWARNINGS": "error", "COLUMNS": "80"} | more
    command = [*DOORS[door], *words]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=env, check=False
    )


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the program here, in an empty folder: exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def _run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hotspot", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        code = stop.value.code
        return (code if isinstance(code, int) else 0), out, err

    return _run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, start("demo", cwd=folder)


def test_the_demo_prints_where_the_map_is(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = demo
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2025-01: ")
    assert lines[0].endswith("(window 2024-02 to 2025-01)")
    assert lines[1].startswith("records: 14210 read = 10851 placed + 3359 rejected; ")
    assert lines[-2:] == [
        f"folder: {Path('out') / '2025-01'}",
        f"map: {Path('out') / '2025-01' / 'map.html'}",
    ]
    assert (folder / "out" / "2025-01" / "map.html").is_file()
    # nothing is written beside the output
    assert [file.name for file in folder.iterdir()] == ["out"]


def test_explain_prints_sentences(
    run: Run, demo: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    folder, _ = demo
    code, out, err = run("explain", str(folder / "out" / "2025-01"), "1710207001")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith(
        "Chorvador MFY, Gʻuzor tumani, Qashqadaryo viloyati (1710207001) is "
    )
    assert lines[-1].endswith("analytical, not official, and green is not a proof of safety.")
    assert len(lines) >= 8


def test_names_reach_a_pipe_whatever_its_code_page(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    # cp1251, which Windows writes into files in Russian, cannot hold U+02BB
    folder, _ = demo
    month = folder / "out" / "2025-01"
    done = start("explain", str(month), "1710207001", PYTHONIOENCODING="cp1251")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Gʻuzor tumani" in done.stdout


def test_explain_names_the_nearest_code(
    run: Run, demo: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    folder, _ = demo
    month = folder / "out" / "2025-01"
    assert run("explain", str(month), "1710207001x") == (
        3,
        "",
        f"hotspot: {month}: no mahalla has the code '1710207001x'; did you mean '1710207001'?\n",
    )


def test_explain_gives_the_codes_of_a_name(
    run: Run, demo: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    folder, _ = demo
    month = folder / "out" / "2025-01"
    assert run("explain", str(month), "a.navoiy mfy") == (
        3,
        "",
        f"hotspot: {month}: no mahalla has the code 'a.navoiy mfy'; it is a name, give the code: "
        "1710224021, 1710232005\n",
    )


@pytest.mark.parametrize("door", DOORS)
def test_the_doors_are_one_program(run: Run, door: str) -> None:
    if door == "hotspot" and not PROGRAM.exists():
        pytest.skip("the package is not installed beside this interpreter")
    done = start("--help", door=door)
    assert (done.returncode, done.stdout, done.stderr) == run("--help")
    refused = start("explain", "nowhere", "1", door=door)
    assert refused.returncode == 3
    assert refused.stderr == (
        f"hotspot: {Path('nowhere') / 'run.json'}: there is no such file; give a month's "
        "folder that 'hotspot run' wrote\n"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["--help"], 0),
        ([], 2),
        (["rnu"], 2),
        (["run"], 2),
        (["run", "job.toml", "--months", "3"], 2),
        (["init", "offenses.csv"], 2),
        (["init", "--language", "tr"], 2),
        (["--language", "tr", "verify", "out"], 2),
        (["run", "nowhere.toml"], 3),
        (["run", str(SAMPLE / "job.toml"), "--month", "January"], 3),
        (["run", str(SAMPLE / "job.toml"), "--month", "1999-01"], 4),
    ],
)
def test_exit_codes(run: Run, words: list[str], code: int, tmp_path: Path) -> None:
    found, out, err = run(*words)
    assert found == code
    if code >= 3:
        # one sentence on one line
        assert out == ""
        assert err.startswith("hotspot: ")
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_parses(run: Run, name: str) -> None:
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    lines = out.split("Example:")[1].splitlines()
    examples = [line.strip() for line in lines if line.strip().startswith("hotspot ")]
    assert examples
    for example in examples:
        words = shlex.split(example)
        assert words[:2] == ["hotspot", name]
        # parsed with its options and arguments, without being done
        cli.commands[name].make_context(name, words[2:])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"


def test_the_first_page_names_every_command(run: Run) -> None:
    _, page, _ = run("--help")
    for name in COMMANDS:
        assert f"\n  {name} " in page
    # not cut off in the middle of a sentence
    assert "..." not in page.split("Commands:")[1]


def test_help_is_there_before_the_mathematics() -> None:
    code = (
        "import sys; from hotspot.__main__ import cli; "
        "cli.main(['run', '--help'], standalone_mode=False); "
        "print(sorted({'pandas', 'geopandas', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_init_writes_a_template_once(run: Run, tmp_path: Path) -> None:
    assert run("init") == (0, "job: job.toml\n", "")
    template = (tmp_path / "job.toml").read_text(encoding="utf-8")
    data = tomllib.loads(template)
    assert data["offenses"]["path"] == "offenses.csv"
    # what is commented out is valid too
    switched_on = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
        for line in template.splitlines()
    )
    (tmp_path / "all.toml").write_text(switched_on, encoding="utf-8")
    assert read_job(tmp_path / "all.toml").offenses.columns.longitude == "lon"
    (tmp_path / "all.toml").unlink()

    (tmp_path / "job.toml").write_text("mine", encoding="utf-8")
    assert run("init") == (
        3,
        "",
        "hotspot: job.toml: the file is there already; choose another name with --out, or "
        "--force\n",
    )
    assert (tmp_path / "job.toml").read_text(encoding="utf-8") == "mine"
    assert run("init", "--force")[0] == 0
    assert (tmp_path / "job.toml").read_text(encoding="utf-8") == template
    assert [file.name for file in tmp_path.iterdir()] == ["job.toml"]


def test_a_proposed_job_runs_as_it_is(run: Run, tmp_path: Path) -> None:
    code, out, err = run("init", str(SAMPLE / "offenses.csv"), str(SAMPLE / "mahallas.gpkg"))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == "job: job.toml"
    assert all(line.startswith(("offenses: ", "mahallas: ")) for line in lines[:-1])
    job = tomllib.loads((tmp_path / "job.toml").read_text(encoding="utf-8"))
    known = tomllib.loads((SAMPLE / "job.toml").read_text(encoding="utf-8"))
    ours = {key: job["offenses"]["columns"].get(key) for key in known["offenses"]["columns"]}
    # ids repeat in the sample, so that the id may be proposed as a comment
    assert ours | {"id": "id"} == known["offenses"]["columns"]
    theirs = known["mahallas"]["columns"]
    assert {key: job["mahallas"]["columns"].get(key) for key in theirs} == theirs

    code, out, err = run("check", "job.toml", "--quiet")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "folder: out"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "check.json",
        "hit_rate.csv",
        "review.csv",
        "review.xlsx",
    ]


def test_all_columns_on_demand_and_no_progress_in_a_file(run: Run, tmp_path: Path) -> None:
    job = str(SAMPLE / "job.toml")
    words = ["--full", "--month", "2024-06", "--tables-only", "--quiet"]
    code, out, err = run("run", job, "--out", "out", *words)
    assert (code, err) == (0, "")
    assert out.startswith("2024-06: ")
    # no map, no workbook and no report
    assert out.splitlines()[-1] == f"folder: {Path('out') / '2024-06'}"
    kinds = {file.suffix for file in (tmp_path / "out" / "2024-06").iterdir()}
    assert kinds == {".csv", ".gpkg", ".json", ".xlsx"}
    assert not (tmp_path / "out" / "2024-06" / "categories.xlsx").exists()
    with (tmp_path / "out" / "2024-06" / "rejected.csv").open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\n").split(",")
    assert header[-2:] == ["file: district", "file: registered"]
