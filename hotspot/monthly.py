"""One month from records to categories: where loaders, statistics and categories meet."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspot import columns
from hotspot.account import Account, keep_account
from hotspot.categories.classify import classify
from hotspot.categories.criteria import Criteria, bundled_text, parse_criteria
from hotspot.categories.observability import observable, why_not_observable
from hotspot.density import estimate_density
from hotspot.errors import JobError, NothingToAnalyseError
from hotspot.evidence import fit_models, gather_evidence
from hotspot.job import Job, month_of, read_toml
from hotspot.loaders.pairs import read_pairs
from hotspot.loaders.tables import find_format, read_table
from hotspot.placement import Placement, place_records
from hotspot.replay import (
    complete_windows,
    reach,
    replay_categories,
    replay_months,
    share_dated,
)
from hotspot.review import list_doubtful_names
from hotspot.rollups import roll_up_all
from hotspot.statistics.kernel_density import DensitySurface
from hotspot.statistics.neighbours import Neighbours, contiguity

DEFAULT_CRITERIA = "analytical-12m"
WARN_BELOW = 0.98
"""Share of the records with a readable date below which the user is told."""


@dataclass(frozen=True)
class Month:
    """One month, ready to be written: :func:`hotspot.folder.write_month`.

    ``table`` has the columns of ``categories.csv`` and the polygons, indexed by mahalla code;
    ``history`` is mahallas × the replayed months, their categories; ``districts`` and ``groups``
    are the roll-ups; ``surface`` is the density, where there is one; ``notes`` are sentences for
    the user; ``account`` is run.json.
    """

    month: pd.Period
    window: str
    table: gpd.GeoDataFrame
    history: pd.DataFrame
    districts: pd.DataFrame
    groups: dict[str, pd.DataFrame]
    neighbours: pd.DataFrame
    rejected: pd.DataFrame
    review: pd.DataFrame
    surface: DensitySurface | None
    notes: tuple[str, ...]
    account: Account


def run_month(
    job: Job,
    *,
    month: str | None = None,
    full: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> Month:
    """Do the monthly job: read, place, count, weigh the evidence, decide, and keep the account.

    Parameters
    ----------
    job : what :func:`hotspot.job.read_job` returns.
    month : the month as YYYY-MM; None for the job's, or else the last complete one.
    full : keep all columns of the rejected records, those of the file as ``file: heading``.
    progress : called with a few words before each step.

    Returns
    -------
    Month

    Raises
    ------
    InputError
        One sentence: what cannot be used, the value found, what to do.
    NothingToAnalyseError
        No record is placed up to the month.
    """
    criteria = read_criteria(job)
    if full and job.offenses.path is None:
        raise JobError(
            "[offenses] url: all columns of the rejected records are kept for files only; leave "
            "--full out, the query has them by id"
        )
    progress("reading and placing the records")
    placement = place_records(
        job,
        month=month_of(month) if month else None,
        window_months=criteria.window_months,
        all_points=_needs_density(criteria),
    )
    if not placement.placed.to_numpy().any():
        raise NothingToAnalyseError(_why_nothing(job, placement))
    criteria, notes = _fit_to_population(job, criteria, placement.mahallas["population"])
    window = criteria.window_months

    progress("finding neighbours")
    neighbours = find_neighbours(job, placement.mahallas)

    progress("estimating the density")
    replay = replay_months(placement, window)
    surface, density, density_found = estimate_density(
        placement,
        replay if _needs_density(criteria) else replay[-1:],
        window=window,
        bandwidth=job.density.bandwidth_m,
    )

    progress("weighing the evidence")
    reachable, hit_rate = reach(placement, replay, window)

    def evidence(months: pd.PeriodIndex, measures: set[str] | None) -> pd.DataFrame:
        return gather_evidence(
            placement.placed,
            placement.mahallas["population"],
            neighbours.graph,
            window_months=window,
            reachable=reachable[months],
            missing=placement.missing,
            density=None if density is None else density.reindex(columns=months),
            measures=measures,
        )

    progress("deciding the categories")
    complete = complete_windows(placement, replay, window)
    dated = share_dated(placement)
    complete &= dated >= criteria.min_hit_rate
    seen = observable(reachable, complete, hit_rate, min_hit_rate=criteria.min_hit_rate)
    history = replay_categories(evidence(replay, criteria.columns), seen, criteria)
    months = pd.period_range(placement.month - window + 1, placement.month, freq="M")
    unobserved = [m for m in months if m in placement.missing]
    why_not = why_not_observable(
        reachable[placement.month],
        hit_rate[placement.month],
        unobserved,
        min_hit_rate=criteria.min_hit_rate,
        dated=dated,
    )
    now = pd.DataFrame(evidence(replay[-1:], None).xs(placement.month, axis=1, level="month"))
    now = now.reindex(columns=list(now.columns.union(sorted(criteria.columns))))
    now = now.assign(
        observable=seen[placement.month], not_observable=why_not.where(~seen[placement.month], "")
    )
    previous = history.iloc[:, -2] if len(replay) > 1 else None
    table = _table(now, classify(now, criteria, previous), history, placement)
    districts, groups = roll_up_all(
        table, placement, list(job.mahallas.groups), window=window, unobserved=len(unobserved)
    )
    words = f"window {months[0]} to {months[-1]}"
    if unobserved:
        words += f", {len(months) - len(unobserved)} of its {len(months)} months with records"
    return Month(
        month=placement.month,
        window=words,
        table=table,
        history=history,
        districts=districts,
        groups=groups,
        neighbours=neighbours.pairs,
        rejected=_rejected(placement, job, full=full),
        review=list_doubtful_names(placement),
        surface=surface,
        notes=(*notes, *_warnings(placement, neighbours)),
        account=keep_account(
            job,
            placement,
            criteria,
            table,
            months=months,
            replay=replay,
            unobserved=unobserved,
            chosen={
                "counted_kinds": job.offenses.kinds.counted or [],
                "excluded_kinds": job.offenses.kinds.excluded,
                "criteria": notes,
                "models": fit_models(
                    now["count"].where(reachable[placement.month] | (now["count"] > 0)),
                    placement.mahallas["population"],
                    neighbours.graph,
                ),
            },
            neighbours=neighbours.found,
            density=density_found,
        ),
    )


def read_criteria(job: Job) -> Criteria:
    """Return the job's criteria set: its own file, a bundled set, or the default."""
    if job.criteria.path is not None:
        path = job.resolve(job.criteria.path)
        return parse_criteria(read_toml(path), source=path)
    return _bundled(job.criteria.use or DEFAULT_CRITERIA)


def month_evidence(
    job: Job, placement: Placement, criteria: Criteria
) -> tuple[pd.DataFrame, Criteria]:
    """Return the evidence of the placement's month that the criteria name, and those that fit."""
    criteria, _ = _fit_to_population(job, criteria, placement.mahallas["population"])
    months = pd.PeriodIndex([placement.month], name="month")
    reachable, _ = reach(placement, months, criteria.window_months)
    density = None
    if _needs_density(criteria):
        _, density, _ = estimate_density(
            placement, months, window=criteria.window_months, bandwidth=job.density.bandwidth_m
        )
    evidence = gather_evidence(
        placement.placed,
        placement.mahallas["population"],
        find_neighbours(job, placement.mahallas).graph,
        window_months=criteria.window_months,
        reachable=reachable,
        missing=placement.missing,
        density=density,
        measures=criteria.columns | {"population"},
    )
    now = pd.DataFrame(evidence.xs(placement.month, axis=1, level="month"))
    return now.reindex(columns=list(now.columns.union(sorted(criteria.columns)))), criteria


def find_neighbours(job: Job, mahallas: gpd.GeoDataFrame) -> Neighbours:
    """Find the neighbours as the job says: by border, by tolerance, nearest, given."""
    given = job.mahallas.neighbours
    return contiguity(
        mahallas,
        tolerance_m=job.mahallas.border_tolerance_m,
        nearest=job.mahallas.nearest,
        given=None if given is None else read_pairs(job.resolve(given)),
    )


def _bundled(name: str) -> Criteria:
    return parse_criteria(tomllib.loads(bundled_text(name)), source=name)


def _needs_density(criteria: Criteria) -> bool:
    return bool(criteria.columns & {"density", "density_ratio"})


def _fit_to_population(
    job: Job, criteria: Criteria, population: pd.Series
) -> tuple[Criteria, list[str]]:
    """Take the default's twin without population where no mahalla has one, and say so."""
    if job.criteria.path or criteria.name != DEFAULT_CRITERIA or (population > 0).any():
        return criteria, []
    twin = f"{DEFAULT_CRITERIA}-counts"
    return _bundled(twin), [f"no mahalla has a population, so {twin} was taken"]


def _why_nothing(job: Job, placement: Placement) -> str:
    reasons = placement.rejected["reason"].value_counts()
    parts = ", ".join(f"{reasons[reason]} {reason}" for reason in sorted(reasons.index))
    return (
        f"{job.offenses.path or 'the records'}: none of {placement.read} records could be placed "
        f"up to {placement.month}: {parts or 'nothing was read'}; 'hotspot check' says more"
    )


def _warnings(placement: Placement, neighbours: Neighbours) -> list[str]:
    """Say what a user would want to know before trusting the month."""
    found = []
    undated = placement.found["geocoding"]["reasons"]["bad_date"]
    if share_dated(placement) < WARN_BELOW:
        found.append(f"{undated} of {placement.read} records have no date that can be read")
    if unknown := placement.found["districts_unknown"]:
        named = ", ".join(f"'{name}' ({count})" for name, count in list(unknown.items())[:3])
        found.append(f"unplaced records name districts that no mahalla has: {named}")
    if hidden := placement.found["mahallas"]["overlaps"]["hidden"]:
        found.append(f"{len(hidden)} polygons lie under others and get no points: {hidden[0]} …")
    if absent := placement.found.get("kinds_absent"):
        found.append(f"no record has the kind {', '.join(map(repr, absent))}, which the job names")
    if neighbours.islands:
        islands = len(neighbours.islands)
        have = "1 mahalla has" if islands == 1 else f"{islands} mahallas have"
        found.append(f"{have} no neighbour and so no Gi*")
    return found


def _rejected(placement: Placement, job: Job, *, full: bool) -> pd.DataFrame:
    rejected = placement.rejected[columns.names("rejected")]
    offenses = job.offenses
    if not full or offenses.path is None:
        return rejected
    path, found = job.resolve(offenses.path), placement.found["offenses"]
    given = {key: found.get(key) for key in ("encoding", "separator", "sheet", "header_row")}
    whole = read_table(path, find_format(path, **given)).frame
    own = whole.loc[rejected["row"]].add_prefix("file: ").reset_index(drop=True)
    return rejected.join(own)


def _table(
    evidence: pd.DataFrame, verdict: pd.DataFrame, history: pd.DataFrame, placement: Placement
) -> gpd.GeoDataFrame:
    """Lay the evidence and the verdict out in the columns of ``categories.csv``."""
    mahallas = placement.mahallas
    not_red = (history != "red").to_numpy()[:, ::-1]
    # the run of reds that ends now is as long as the way back to the first month that is not red
    months_red = np.where(not_red.any(axis=1), not_red.argmax(axis=1), not_red.shape[1])
    table = evidence.join(verdict).assign(
        month=str(placement.month),
        mahalla_code=mahallas.index,
        previous_category=history.iloc[:, -2] if history.shape[1] > 1 else None,
        months_red=months_red,
        **{name: mahallas[name] for name in ("name", "district", "region", "population")},
    )
    # what this version does not compute is there all the same, and empty
    table = table.reindex(columns=columns.names("categories"))
    whole = [column.name for column in columns.CATEGORIES if column.type == "integer"]
    table[whole] = table[whole].astype("Float64").round().astype("Int64")
    return gpd.GeoDataFrame(table, geometry=mahallas.geometry)
