"""Where the bundled sample region lies."""

from __future__ import annotations

from pathlib import Path

from hotspot.errors import InputError
from hotspot.language import _


def sample_folder() -> Path:
    """Return the folder of the sample region: in the installed package, or in the checkout.

    Raises
    ------
    InputError
        It is in neither.
    """
    here = Path(__file__).parent
    for folder in (here / "sample_region", here.parent / "data" / "sample"):
        if (folder / "job.toml").is_file():
            return folder
    raise InputError(
        _(
            "{path}: the sample region is not installed; install the package again",
            path=here / "sample_region",
        )
    )
