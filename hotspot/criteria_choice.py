"""Which criteria a job takes, and what they ask of the run."""

from __future__ import annotations

import tomllib

import pandas as pd

from hotspot.categories.criteria import Criteria, bundled_text, parse_criteria
from hotspot.job import Job, read_toml
from hotspot.kinds import check_kinds
from hotspot.language import _
from hotspot.placement import Placement

DEFAULT_CRITERIA = "analytical-12m"


def read_criteria(job: Job) -> Criteria:
    """Return the job's criteria set: its own file, a bundled set, or the default.

    Raises
    ------
    JobError
        The set is not there, cannot be read, or asks for kinds or weights that the job has not.
    """
    if job.criteria.path is not None:
        path = job.resolve(job.criteria.path)
        criteria = parse_criteria(read_toml(path), source=path)
    else:
        criteria = _bundled(job.criteria.use or DEFAULT_CRITERIA)
    check_kinds(job, criteria)
    return criteria


def fit_to_population(job: Job, criteria: Criteria, population: pd.Series) -> Criteria:
    """Take the default's twin without population where no mahalla has one."""
    if job.criteria.path or criteria.name != DEFAULT_CRITERIA or (population > 0).any():
        return criteria
    return _bundled(f"{DEFAULT_CRITERIA}-counts")


def warn_of_criteria(asked: Criteria, taken: Criteria) -> list[str]:
    """Say that others were taken than the job asks for, and why."""
    if taken.name == asked.name:
        return []
    return [_("no mahalla has a population, so {criteria} was taken", criteria=taken.name)]


def needs_density(criteria: Criteria) -> bool:
    """Say whether a condition names the density, which then is needed for every month."""
    return bool(criteria.columns & {"density", "density_ratio"})


def base_of(criteria: Criteria, placement: Placement) -> pd.Series | None:
    """Return what the criteria compare a mahalla within, None for all mahallas."""
    if criteria.base == "republic":
        return None
    if criteria.base == "region":
        region: pd.Series = placement.mahallas["region"].fillna("")
        return region
    return placement.district


def _bundled(name: str) -> Criteria:
    return parse_criteria(tomllib.loads(bundled_text(name)), source=name)
