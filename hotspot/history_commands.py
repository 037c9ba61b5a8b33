"""The commands about months that are past: publish, compare, backtest and verify."""

from __future__ import annotations

from pathlib import Path

import click

from hotspot.command import Command, Option, quiet_option
from hotspot.language import _, mark
from hotspot.progress import show_progress

# the mathematics is imported inside the commands, so that --help answers at once


@click.command(
    cls=Command,
    help=mark(
        "Enter a run's categories in the ledger.\n\nThe ledger is never rewritten: a month "
        "published again with other content is a revision."
    ),
    examples=("hotspot publish out/2025-01 --as-known-on 2025-02-05",),
)
@click.argument("folder", metavar="DIR")
@click.option(
    "--as-known-on",
    cls=Option,
    required=True,
    metavar="YYYY-MM-DD",
    help=mark("Records up to this day."),
)
@click.option(
    "--revise",
    cls=Option,
    metavar="WHY",
    default="",
    help=mark("Add a revision, with its reason."),
)
@click.option("--prepared-by", cls=Option, default="", help=mark("Who prepared it."))
@click.option("--approved-by", cls=Option, default="", help=mark("Who approved it."))
@click.option(
    "--ledger",
    cls=Option,
    help=mark("The ledger; otherwise the run's, or ledger beside the months."),
)
def publish(
    folder: str,
    as_known_on: str,
    revise: str,
    prepared_by: str,
    approved_by: str,
    ledger: str | None,
) -> None:
    """Publish a month."""
    from hotspot.publishing import publish_run

    place, entry, new = publish_run(
        folder,
        as_known_on=as_known_on,
        ledger=ledger,
        why=revise,
        prepared_by=prepared_by,
        approved_by=approved_by,
    )
    known = {"month": entry.month, "number": entry.number, "day": entry.as_known_on}
    if entry.revision:
        revised = _(
            "{month}, revision {revision} is entry {number}, known on {day}",
            revision=entry.revision,
            **known,
        )
        click.echo(revised)
    else:
        click.echo(_("{month} is entry {number}, known on {day}", **known))
    if not new:
        click.echo(_("its categories were published before and are the same: nothing was entered"))
    click.echo(_("head: {hash}", hash=entry.sha256))
    click.echo(_("ledger: {path}", path=place))


@click.command(
    cls=Command,
    help=mark(
        "Compare two months, or a month with an official list.\n\nSays who changed colour from DIR "
        "to DIR_B and why, or how DIR agrees with LIST."
    ),
    examples=(
        "hotspot compare out/2024-12 out/2025-01",
        "hotspot compare out/2025-01 --official official.csv",
    ),
)
@click.argument("folder", metavar="DIR")
@click.argument("later", metavar="DIR_B", required=False)
@click.option(
    "--official",
    cls=Option,
    metavar="LIST",
    help=mark("A list of categories to compare DIR with."),
)
@click.option(
    "--out", cls=Option, help=mark("The table to write; otherwise it goes into the folder.")
)
def compare(folder: str, later: str | None, official: str | None, out: str | None) -> None:
    """Compare months."""
    if (later is None) == (official is None):
        raise click.UsageError(_("give the later month's folder DIR_B, or --official LIST"))
    from hotspot.folder import write_csv
    from hotspot.whole import write_whole

    if official is not None:
        from hotspot.official import compare_official

        agreement = compare_official(folder, official)
        lines, table = agreement.lines(), agreement.disagreements
        path = Path(out or Path(folder) / "official.csv")
    else:
        from hotspot.comparison import compare_months, summarise_changes

        table = compare_months(folder, str(later))
        lines, path = summarise_changes(table), Path(out or Path(str(later)) / "changes.csv")
    write_whole(path, lambda made: write_csv(table, made))
    for line in lines:
        click.echo(line)
    click.echo(_("table: {path}", path=path))


@click.command(
    cls=Command,
    help=mark(
        "Test the criteria on the past, beside baselines.\n\nHit rate, PAI, PEI, RRI and "
        "stability, for the criteria and for baselines with as many mahallas. Writes backtest.csv "
        "and backtest_summary.csv into the job's output folder."
    ),
    examples=("hotspot backtest job.toml --months 24",),
)
@click.argument("job")
@click.option(
    "--months",
    cls=Option,
    type=click.IntRange(min=1),
    help=mark("Only the last so many months."),
)
@quiet_option
def backtest(job: str, months: int | None, quiet: bool) -> None:
    """Test the criteria."""
    from hotspot.backtesting import backtest_job
    from hotspot.job import read_job

    with show_progress(quiet, steps=10 + (months or 24)) as say:
        path, lines = backtest_job(read_job(job), months=months, progress=say)
    for line in lines:
        click.echo(line)
    click.echo(_("table: {path}", path=path))


@click.command(
    cls=Command,
    help=mark("Check every hash, sum and link again."),
    examples=("hotspot verify out/2025-01", "hotspot verify out/ledger"),
)
@click.argument("path", metavar="DIR_OR_LEDGER")
def verify(path: str) -> None:
    """Verify a folder."""
    from hotspot.errors import InputError
    from hotspot.verification import verify as check_again

    problems = check_again(path)
    for problem in problems[:-1]:
        click.echo(f"hotspot: {problem}", err=True)
    if problems:
        raise InputError(problems[-1])
    click.echo(_("{path}: every hash, sum and link is as it was written", path=path))
