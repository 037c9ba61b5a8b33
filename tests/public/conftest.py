"""Public and other folders of the stories, each made once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from stories import CRITERIA, JOB, LANGUAGES, mahallas, records

from hotspot.folder import write_month
from hotspot.job import read_job
from hotspot.monthly import Month, run_month


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that has the files of all stories."""
    root = tmp_path_factory.mktemp("stories")
    (root / "criteria.toml").write_text(CRITERIA)
    for story in range(3):
        records(story).to_csv(root / f"records-{story}.csv", index=False)
        mahallas(story).to_file(root / f"places-{story}.geojson", driver="GeoJSON")
        (root / f"job-{story}.toml").write_text(JOB.format(story=story))
    return root


@pytest.fixture(scope="session")
def tell(stories: Path) -> Callable[..., Month]:
    """Return a function that runs a story's month."""

    @functools.cache
    def run(story: int, month: str = "2025-01") -> Month:
        return run_month(read_job(stories / f"job-{story}.toml"), month=month)

    return run


@pytest.fixture(scope="session")
def publish(
    tell: Callable[..., Month], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Return a function that writes the public folder of a story's month."""

    @functools.cache
    def write(
        story: int, month: str = "2025-01", *, classes: int = 3, drawings: bool = True
    ) -> Path:
        told = tell(story, month)
        told = replace(told, account=told.account | {"public": {"classes": classes}})
        out = tmp_path_factory.mktemp(f"story-{story}-{classes}")
        # one folder of each story has all languages, the others are there for what they tell
        all_of_them = classes == 3 and month == "2025-01"
        languages = LANGUAGES if all_of_them else LANGUAGES[:1]
        return write_month(told, out, languages=languages, drawings=drawings)

    return write
