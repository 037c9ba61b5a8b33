"""All that is drawn of a month: interactive map, printed maps, workbook and reports."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Case

if TYPE_CHECKING:
    from hotspot.monthly import Month

LANGUAGES = ("uz", "uz_Cyrl", "ru", "en")


def sample(folder: str, languages: int = 1) -> Case:
    """Draw the sample's month of 832 mahallas, in the first so many languages."""
    from hotspot.sample import sample_folder

    return _draw(sample_folder() / "job.toml", languages)


def republic(folder: str, languages: int = 1) -> Case:
    """Draw a month of 9,008 mahallas and 60 months, in the first so many languages."""
    return _draw(Path(folder) / "republic.toml", languages)


def _draw(path: Path, languages: int) -> Case:
    from hotspot import read_job, run_month
    from hotspot.drawings import draw_month

    job = read_job(path)
    said = list(LANGUAGES[:languages])
    read = job.model_copy(update={"report": job.report.model_copy(update={"languages": said})})
    done: Month = run_month(read)

    def work() -> dict[str, int]:
        with tempfile.TemporaryDirectory() as name:
            draw_month(done, Path(name), languages=said)
            return {file.name: file.stat().st_size for file in sorted(Path(name).iterdir())}

    return work, lambda sizes: {"files": len(sizes), "mb": sum(sizes.values()) / 1e6}
