"""The command line: words become calls, errors become sentences and exit codes."""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path

import click

from hotspot.errors import HotspotError
from hotspot.history_commands import backtest, compare, publish, verify
from hotspot.progress import quiet_option, show_progress

# the mathematics is imported inside the commands, so that --help answers at once

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(package_name="mahalla-hotspot", prog_name="hotspot")
def cli() -> None:
    """Find where crime concentrates in neighbourhoods.

    Offense records and mahalla polygons become red, yellow and green mahallas, each with its
    reason, as tables, a workbook and maps that need no network.

    \b
    Start here:
      hotspot demo
      hotspot init offenses.csv mahallas.gpkg --out job.toml
      hotspot run job.toml
    """


@cli.command()
@click.option("--out", default="out", show_default=True, help="Where the month's folder goes.")
@quiet_option
def demo(out: str, quiet: bool) -> None:
    """Do the whole job on the bundled sample region.

    The region is invented; the numbers are shaped by published ones.

    \b
    Example:
      hotspot demo --out out
    """
    from hotspot.sample import sample_folder

    _run(sample_folder() / "job.toml", None, Path(out), quiet)


@cli.command()
@click.argument("offenses", required=False)
@click.argument("mahallas", required=False)
@click.option("--out", default="job.toml", show_default=True, help="The job file to write.")
@click.option("--language", default="en", show_default=True, help="Of the comments; en only.")
@click.option("--force", is_flag=True, help="Replace a job file that is there already.")
@quiet_option
def init(
    offenses: str | None,
    mahallas: str | None,
    out: str,
    language: str,
    force: bool,
    quiet: bool,
) -> None:
    """Look at OFFENSES and MAHALLAS and propose a commented job file.

    Without files, a template is written.

    \b
    Example:
      hotspot init offenses.csv mahallas.gpkg --out job.toml
    """
    if (offenses is None) != (mahallas is None):
        raise click.UsageError("give both OFFENSES and MAHALLAS, or neither")
    if language != "en":
        raise click.UsageError(f"--language {language}: comments are written in en only")
    from hotspot.proposal import propose_job, template, write_job

    with show_progress(quiet) as say:
        if offenses is None or mahallas is None:
            text, found = template(), list[str]()
        else:
            say("looking at the two files")
            text, found = propose_job(Path(offenses), Path(mahallas), Path(out).parent)
        write_job(text, Path(out), force=force)
    for line in found:
        click.echo(line)
    click.echo(f"job: {out}")


@cli.command()
@click.argument("job")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="ALIASES",
    help="Add the job's decisions to this table of other names.",
)
@quiet_option
def check(job: str, keep: Path | None, quiet: bool) -> None:
    """Read and geocode only: hit rates, rejects and what was guessed.

    Hit rates are by district, rejects by reason. Writes check.json and hit_rate.csv into the
    job's output folder.

    \b
    Example:
      hotspot check job.toml
    """
    from hotspot.checking import check_job
    from hotspot.job import read_job

    with show_progress(quiet) as say:
        folder, lines = check_job(read_job(job), keep=keep, progress=say)
    for line in lines:
        click.echo(line)
    click.echo(f"folder: {folder}")


@cli.command()
@click.argument("job")
@click.option("--month", help="The month, YYYY-MM; otherwise the job's or the last complete one.")
@click.option("--out", help="Where the month's folder goes; otherwise the job's output.")
@click.option("--full", is_flag=True, help="rejected.csv with all columns of the records.")
@quiet_option
def run(job: str, month: str | None, out: str | None, full: bool, quiet: bool) -> None:
    """Do the monthly job: categories, tables, workbook and maps.

    \b
    Example:
      hotspot run job.toml --month 2025-01
    """
    _run(Path(job), month, None if out is None else Path(out), quiet, full=full)


@cli.command()
@click.argument("names", type=click.Path(path_type=Path))
@click.argument("gazetteer", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The table to write; otherwise NAMES with -matched.csv in its place.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=HEADING",
    help="A heading of NAMES that is not name, district, region or stir.",
)
@click.option(
    "--gazetteer-column",
    "gazetteer_columns",
    multiple=True,
    metavar="FIELD=HEADING",
    help="A heading of GAZETTEER: code, name, name_cyrl, name_ru, district, region, stir, "
    "valid_from, valid_to.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only the mahallas that are valid on this day.",
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
    """Match a list of names to mahallas.

    Names may be in Uzbek Latin, Uzbek Cyrillic or Russian. A doubtful name is never guessed.

    \b
    Example:
      hotspot match names.csv mahallas.gpkg --out matched.csv
    """
    from hotspot.matching import count_outcomes, match_list

    target = out or names.with_name(f"{names.stem}-matched.csv")
    with show_progress(quiet) as say:
        matched = match_list(
            names,
            gazetteer,
            out=target,
            headings=_pairs(columns, "--column"),
            gazetteer_headings=_pairs(gazetteer_columns, "--gazetteer-column"),
            on=on.date() if on else None,
            progress=say,
        )
    for name, count in count_outcomes(matched).items():
        click.echo(f"{name}: {count}")
    click.echo(f"table: {target}")


@cli.command()
@click.argument("folder", metavar="DIR")
@click.argument("code")
@quiet_option
def explain(folder: str, code: str, quiet: bool) -> None:
    """Say why a mahalla has its colour, from a run's folder.

    \b
    Example:
      hotspot explain out/2025-01 1710207001
    """
    from hotspot.explanation import explain_mahalla

    with show_progress(quiet) as say:
        say("looking for the nearest other colour")
        sentences = explain_mahalla(Path(folder), code)
    for sentence in sentences:
        click.echo(sentence)


for command in (publish, compare, backtest, verify):
    cli.add_command(command)


def _run(job: Path, month: str | None, out: Path | None, quiet: bool, full: bool = False) -> None:
    from hotspot.job import read_job

    with show_progress(quiet) as say:
        say("reading the job")
        read = read_job(job)
        # a mistake in the job is answered before the mathematics is loaded
        from hotspot.folder import write_month
        from hotspot.monthly import run_month

        done = run_month(read, month=month, full=full, progress=say)
        folder = write_month(
            done,
            out or read.resolve(read.output),
            languages=read.report.languages,
            progress=say,
        )
    records, categories = done.account["records"], done.account["categories"]
    click.echo(
        f"{done.month}: {categories['red']} red, {categories['yellow']} yellow, "
        f"{categories['green']} green, {categories['not_assessed']} not assessed ({done.window})"
    )
    click.echo(
        f"records: {records['read']} read = {records['placed']} placed + "
        f"{records['rejected']} rejected; {records['in_window']} counted in the window"
    )
    for note in done.notes:
        click.echo(f"note: {note}")
    click.echo(f"folder: {folder}")
    click.echo(f"map: {folder / 'map.html'}")


def _pairs(words: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    if len(pairs) < len(words):
        raise click.UsageError(f"{option} takes FIELD=HEADING, as in {option} name=Nomi")
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
