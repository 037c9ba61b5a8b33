"""The step at work, shown to people and never to scripts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

quiet_option = click.option("--quiet", is_flag=True, help="No progress on stderr.")


@contextmanager
def show_progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the step at work on stderr, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update
