"""The command line: words become calls, errors become sentences and exit codes."""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from hotspot.command import Group, Option, language_option, quiet_option
from hotspot.errors import HotspotError
from hotspot.history_commands import backtest, compare, publish, verify
from hotspot.language import LANGUAGES, _, mark, speaking, spoken
from hotspot.progress import show_progress

# the mathematics is imported inside the commands, so that --help answers at once

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_STEPS, _STEPS_OF_A_LANGUAGE = 11, 4
"""How many steps a run has, and how many more for each language that it is drawn in."""
_OUTCOMES = {
    "matched": mark("matched: {number}"),
    "ambiguous": mark("ambiguous: {number}"),
    "suggested": mark("suggested: {number}"),
    "not_found": mark("not_found: {number}"),
}


@click.group(
    cls=Group,
    context_settings=_CONTEXT,
    help=mark(
        "Find where crime concentrates in neighbourhoods.\n\nOffense records and mahalla polygons "
        "become red, yellow and green mahallas, each with its reason, as tables, a workbook and "
        "maps that need no network."
    ),
    examples=(
        "hotspot demo",
        "hotspot init offenses.csv mahallas.gpkg --out job.toml",
        "hotspot run job.toml",
    ),
)
@language_option
@click.version_option(
    package_name="mahalla-hotspot",
    prog_name="hotspot",
    cls=Option,
    help=mark("Show the version and exit."),
)
def cli() -> None:
    """Hold the commands together."""


@cli.command(
    help=mark(
        "Do the whole job on the bundled sample region.\n\nThe region is invented; the numbers are "
        "shaped by published ones."
    ),
    examples=("hotspot demo --out out",),
)
@click.option(
    "--out", cls=Option, default="out", help=mark("Where the month's folder goes; otherwise out.")
)
@quiet_option
def demo(out: str, quiet: bool) -> None:
    """Run the sample's job."""
    from hotspot.sample import sample_folder

    _run(sample_folder() / "job.toml", quiet, language=spoken(), out=Path(out))


@cli.command(
    help=mark(
        "Look at OFFENSES and MAHALLAS and propose a commented job file.\n\nWithout files, a "
        "template is written."
    ),
    examples=("hotspot init offenses.csv mahallas.gpkg --out job.toml",),
)
@click.argument("offenses", required=False)
@click.argument("mahallas", required=False)
@click.option(
    "--out",
    cls=Option,
    default="job.toml",
    help=mark("The job file to write; otherwise job.toml."),
)
@click.option(
    "--language",
    cls=Option,
    type=click.Choice(LANGUAGES),
    help=mark("Of the comments and of the job's report; otherwise that of the sentences."),
)
@click.option(
    "--force",
    cls=Option,
    is_flag=True,
    help=mark("Replace a job file that is there already."),
)
@quiet_option
def init(
    offenses: str | None,
    mahallas: str | None,
    out: str,
    language: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Propose a job."""
    if (offenses is None) != (mahallas is None):
        raise click.UsageError(_("give both OFFENSES and MAHALLAS, or neither"))
    from hotspot.proposal import propose_job, template, write_job

    with speaking(language or spoken()), show_progress(quiet) as say:
        if offenses is None or mahallas is None:
            text, found = template(), list[str]()
        else:
            say(_("looking at the two files"))
            text, found = propose_job(Path(offenses), Path(mahallas), Path(out).parent)
        write_job(text, Path(out), force=force)
        found.append(_("job: {path}", path=out))
    for line in found:
        click.echo(line)


@cli.command(
    help=mark(
        "Read and geocode only: hit rates, rejects and what was guessed.\n\nHit rates are by "
        "district, rejects by reason. Writes check.json and hit_rate.csv into the job's output "
        "folder."
    ),
    examples=("hotspot check job.toml",),
)
@click.argument("job")
@click.option(
    "--keep",
    cls=Option,
    type=click.Path(path_type=Path),
    metavar="ALIASES",
    help=mark("Add the job's decisions to this table of other names."),
)
@quiet_option
def check(job: str, keep: Path | None, quiet: bool) -> None:
    """Check a job."""
    from hotspot.checking import check_job
    from hotspot.job import read_job

    with show_progress(quiet, steps=3) as say:
        folder, lines = check_job(read_job(job), keep=keep, progress=say)
    for line in lines:
        click.echo(line)
    click.echo(_("folder: {path}", path=folder))


@cli.command(
    help=mark("Do the monthly job: categories, tables, workbook and maps."),
    examples=("hotspot run job.toml --month 2025-01",),
)
@click.argument("job")
@click.option(
    "--month",
    cls=Option,
    help=mark("The month, YYYY-MM; otherwise the job's or the last complete one."),
)
@click.option(
    "--out",
    cls=Option,
    type=click.Path(path_type=Path),
    help=mark("Where the month's folder goes; otherwise the job's output."),
)
@click.option(
    "--full",
    cls=Option,
    is_flag=True,
    help=mark("rejected.csv with all columns of the records."),
)
@click.option(
    "--tables-only",
    cls=Option,
    is_flag=True,
    help=mark("No maps, workbook or reports: for many months one after another."),
)
@quiet_option
def run(
    job: str, month: str | None, out: Path | None, full: bool, tables_only: bool, quiet: bool
) -> None:
    """Run a job."""
    _run(Path(job), quiet, month=month, out=out, full=full, drawings=not tables_only)


@cli.command(
    help=mark(
        "Match a list of names to mahallas.\n\nNames may be in Uzbek Latin, Uzbek Cyrillic or "
        "Russian. A doubtful name is never guessed."
    ),
    examples=("hotspot match names.csv mahallas.gpkg --out matched.csv",),
)
@click.argument("names", type=click.Path(path_type=Path))
@click.argument("gazetteer", type=click.Path(path_type=Path))
@click.option(
    "--out",
    cls=Option,
    type=click.Path(path_type=Path),
    help=mark("The table to write; otherwise NAMES with -matched.csv in its place."),
)
@click.option(
    "--column",
    "columns",
    cls=Option,
    multiple=True,
    metavar="FIELD=HEADING",
    help=mark("A heading of NAMES that is not name, district, region or stir."),
)
@click.option(
    "--gazetteer-column",
    "gazetteer_columns",
    cls=Option,
    multiple=True,
    metavar="FIELD=HEADING",
    help=mark(
        "A heading of GAZETTEER: code, name, name_cyrl, name_ru, district, region, stir, "
        "valid_from, valid_to."
    ),
)
@click.option(
    "--on",
    cls=Option,
    type=click.DateTime(["%Y-%m-%d"]),
    help=mark("Only the mahallas that are valid on this day."),
)
@quiet_option
def match(
    names: Path,
    gazetteer: Path,
    out: Path | None,
    columns: tuple[str, ...],
    gazetteer_columns: tuple[str, ...],
    on: datetime | None,
    quiet: bool,
) -> None:
    """Match names."""
    from hotspot.matching import count_outcomes, match_list

    target = out or names.with_name(f"{names.stem}-matched.csv")
    with show_progress(quiet, steps=3) as say:
        matched = match_list(
            names,
            gazetteer,
            out=target,
            headings=_pairs(columns, "--column"),
            gazetteer_headings=_pairs(gazetteer_columns, "--gazetteer-column"),
            on=on.date() if on else None,
            progress=say,
        )
    for outcome, count in count_outcomes(matched).items():
        click.echo(_(_OUTCOMES[outcome], number=count))
    click.echo(_("table: {path}", path=target))


@cli.command(
    help=mark("Say why a mahalla has its colour, from a run's folder."),
    examples=("hotspot explain out/2025-01 1710207001",),
)
@click.argument("folder", metavar="DIR")
@click.argument("code")
@quiet_option
def explain(folder: str, code: str, quiet: bool) -> None:
    """Explain a mahalla."""
    from hotspot.explanation import explain_mahalla

    with show_progress(quiet) as say:
        say(_("looking for the nearest other colour"))
        sentences = explain_mahalla(Path(folder), code)
    for sentence in sentences:
        click.echo(sentence)


for command in (publish, compare, backtest, verify):
    cli.add_command(command)


def _run(path: Path, quiet: bool, *, language: str | None = None, **options: Any) -> None:
    from hotspot.job import read_job

    job = read_job(path)
    if language is not None:
        report = job.report.model_copy(update={"languages": [language]})
        job = job.model_copy(update={"report": report})
    steps = _STEPS + _STEPS_OF_A_LANGUAGE * len(job.report.languages)
    with show_progress(quiet, steps=steps) as say:
        # a mistake in the job is answered before the mathematics is loaded
        from hotspot.running import run_job

        lines = run_job(job, progress=say, **options)
    for line in lines:
        click.echo(line)


def _pairs(words: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    if len(pairs) < len(words):
        raise click.UsageError(
            _("{option} takes FIELD=HEADING, as in {option} name=Nomi", option=option)
        )
    return pairs


def main() -> None:
    """Run the program; the exit code of an error is the error's own."""
    for stream in (sys.stdout, sys.stderr):
        # into files and pipes Windows writes a code page that may have no ʻ
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
    try:
        cli.main(prog_name="hotspot", standalone_mode=True)
    except HotspotError as error:
        click.echo(f"hotspot: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
