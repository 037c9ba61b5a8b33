"""The step at work, shown to people and never to scripts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hotspot.language import _


@contextmanager
def show_progress(quiet: bool, *, steps: int = 1) -> Iterator[Callable[[str], None]]:
    """Show a bar with the step at work on stderr, on a terminal only.

    Parameters
    ----------
    quiet : show nothing.
    steps : how many steps are expected; the bar grows where there are more.

    Yields
    ------
    callable
        Takes a few words before each step.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        # what a step says is text, also where it has brackets
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(_("starting"), total=steps)
        begun = 0

        def say(step: str) -> None:
            nonlocal begun
            # a step is done when the next one begins
            progress.update(task, description=step, completed=begun, total=max(steps, begun + 1))
            begun += 1

        yield say
        progress.update(task, completed=max(steps, begun))
