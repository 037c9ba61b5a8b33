"""The errors a user can mend, each with its exit code, and the sentences they share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from hotspot.language import _

MOST_NAMED = 30
"""An error names no more options than a person would read."""


class HotspotError(Exception):
    """An error that the user can mend: one sentence, no traceback."""

    exit_code = 3


class InputError(HotspotError):
    """A file or a value in it cannot be used."""


class JobError(HotspotError):
    """The job file or the criteria say something that cannot be done."""


class NothingToAnalyseError(HotspotError):
    """Everything was read, and nothing is left to analyse."""

    exit_code = 4


def nearest_sentence(word: str, options: Iterable[str]) -> str:
    """Return what to try instead of an unknown word.

    Examples
    --------
    >>> nearest_sentence("mahala", ["mahalla", "district"])
    "did you mean 'mahalla'?"
    >>> nearest_sentence("zzz", ["mahalla", "district"])
    'known are: mahalla, district'
    """
    known = list(options)
    lowered = {option.casefold(): option for option in known}
    close = get_close_matches(word.casefold(), list(lowered), n=1, cutoff=0.6)
    if close:
        return _("did you mean '{word}'?", word=lowered[close[0]])
    more = ", …" if len(known) > MOST_NAMED else ""
    return _("known are: {names}", names=", ".join(known[:MOST_NAMED]) + more)
