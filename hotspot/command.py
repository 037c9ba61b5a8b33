"""Commands whose help is in the language spoken when it is shown."""

from __future__ import annotations

import os
from typing import Any

import click

from hotspot.language import LANGUAGES, _, mark, speaking

VARIABLE = "HOTSPOT_LANGUAGE"
"""The variable of the environment that chooses the language where no option does."""

# click writes these itself
_HEADINGS = (mark("Options"), mark("Commands"))


class _Formatter(click.HelpFormatter):
    def write_heading(self, heading: str) -> None:
        super().write_heading(_(heading))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, _("Usage:") + " " if prefix is None else prefix)


class _Context(click.Context):
    formatter_class = _Formatter


class Option(click.Option):
    """An option whose help is a text to translate."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help in the language spoken."""
        record = super().get_help_record(ctx)
        if record is None or not self.help:
            return record
        return record[0], record[1].replace(self.help, _(self.help), 1)


class Command(click.Command):
    """A command whose help is a text to translate, and whose examples are not.

    Parameters
    ----------
    examples : command lines, under a heading of their own.
    """

    context_class = _Context
    heading = mark("Example")

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first paragraph of the help, as the page of all commands shows it."""
        text = self.help or ""
        return _(text).split("\n")[0].removesuffix(".")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option --help."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _("Show this message and exit.")
        return option

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does and the examples."""
        text = self.help or ""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(text))
        with formatter.section(self.heading):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


class Group(Command, click.Group):
    """The program: its commands, and the language that they speak."""

    heading = mark("Start here")
    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Speak the environment's language already in help, which comes before other options."""
        if (asked := os.environ.get(VARIABLE)) in LANGUAGES:
            ctx.with_resource(speaking(str(asked)))
        return super().parse_args(ctx, args)


def speak_for(ctx: click.Context, option: click.Parameter, language: str) -> str:
    """Speak a language until the command has ended."""
    ctx.with_resource(speaking(language))
    return language


language_option = click.option(
    "--language",
    cls=Option,
    type=click.Choice(LANGUAGES),
    default="en",
    envvar=VARIABLE,
    is_eager=True,
    expose_value=False,
    callback=speak_for,
    help=mark("Of the sentences; otherwise HOTSPOT_LANGUAGE, or English."),
)
quiet_option = click.option(
    "--quiet", cls=Option, is_flag=True, help=mark("No progress on stderr.")
)
