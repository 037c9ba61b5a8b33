"""One month from records to categories: where loaders, statistics and categories meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspot import columns
from hotspot.account import Account, keep_account
from hotspot.backtest import LEAST_MONTHS, backtest_categories, summarise_backtest
from hotspot.boundaries import follow_ledger
from hotspot.categories.ledger import Entry, ledger_head, read_ledger
from hotspot.categories.observability import why_not_observable
from hotspot.criteria_choice import (
    base_of,
    fit_to_population,
    needs_density,
    read_criteria,
    warn_of_criteria,
)
from hotspot.density import estimate_density
from hotspot.errors import JobError, NothingToAnalyseError
from hotspot.evidence import fit_models
from hotspot.job import Job, month_of
from hotspot.kinds import warn_of_override, weigh_kinds
from hotspot.language import _, speaking
from hotspot.loaders.tables import find_format, read_table
from hotspot.notes import classify_in, name_window, warn_of, why_nothing
from hotspot.placement import Placement, place_records
from hotspot.rankings import rank_all
from hotspot.replay import list_revisions, replay_categories, replay_months
from hotspot.review import list_doubtful_names
from hotspot.rollups import roll_up_all
from hotspot.setting import Setting, find_neighbours
from hotspot.stability import decide_variants, describe_reds, list_reds, summarise_reds
from hotspot.statistics.counts import rolling_counts
from hotspot.statistics.kernel_density import DensitySurface
from hotspot.uncertainty import DRAWS, SEED, red_probability
from hotspot.zeros import describe_zeros, list_suspicious_zeros


@dataclass(frozen=True)
class Month:
    """One month, ready to be written: :func:`hotspot.folder.write_month`.

    ``table`` has the columns of ``categories.csv`` and the polygons, indexed by mahalla code;
    ``counts`` is mahallas × all months; ``history`` is mahallas × the replayed months, their
    categories; ``revisions`` is where published months would differ today; ``backtest`` tests
    the history, where there are months enough, and ``backtest_summary`` adds it up;
    ``sensitivity`` are the reds under other choices; ``crosswalk`` leads old codes to today's;
    ``zeros`` is who fell silent; ``districts`` and ``groups`` are the roll-ups; ``rankings`` are
    that by region and the rankings, by their files' names; ``surface`` is the density, where there
    is one; ``reasons`` are mahallas × the languages of the job's report; ``notes`` are sentences
    for the user, in the language spoken when the month was made; ``setting`` is what any month is
    decided from; ``account`` is run.json.
    """

    month: pd.Period
    table: gpd.GeoDataFrame
    counts: pd.DataFrame
    history: pd.DataFrame
    revisions: pd.DataFrame
    backtest: pd.DataFrame | None
    backtest_summary: pd.DataFrame | None
    sensitivity: pd.DataFrame
    zeros: pd.DataFrame
    districts: pd.DataFrame
    groups: dict[str, pd.DataFrame]
    rankings: dict[str, pd.DataFrame]
    neighbours: pd.DataFrame
    rejected: pd.DataFrame
    review: pd.DataFrame
    crosswalk: pd.DataFrame
    surface: DensitySurface | None
    reasons: pd.DataFrame
    notes: tuple[str, ...]
    ledger: Path | None
    setting: Setting
    account: Account

    @property
    def window(self) -> str:
        """The window in a few words of the language spoken."""
        return name_window(self.account)


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
    asked = read_criteria(job)
    if full and job.offenses.path is None:
        raise JobError(
            _(
                "[offenses] url: all columns of the rejected records are kept for files only; "
                "leave --full out, the query has them by id"
            )
        )
    progress(_("reading and placing the records"))
    placement = place_records(
        job,
        month=month_of(month) if month else None,
        window_months=asked.window_months,
        all_points=needs_density(asked),
    )
    if not placement.placed.to_numpy().any():
        raise NothingToAnalyseError(why_nothing(job, placement))
    criteria = fit_to_population(job, asked, placement.mahallas["population"])
    window = criteria.window_months

    with speaking("en"):
        # the account is the same whoever runs the job
        why_criteria = warn_of_criteria(asked, criteria)

    ledger, entries = read_entries(job)
    published, comparable = follow_ledger(entries, placement.crosswalk)
    base = base_of(criteria, placement)

    progress(_("finding neighbours"))
    neighbours = find_neighbours(job, placement.mahallas)

    progress(_("estimating the density"))
    replay = replay_months(placement, window)
    surface, density, density_found = estimate_density(
        placement,
        replay if needs_density(criteria) else replay[-1:],
        window=window,
        bandwidth=job.density.bandwidth_m,
    )

    progress(_("weighing the evidence"))
    of_kinds = weigh_kinds(job, criteria, placement.kinds, window=window)
    setting = Setting(placement, criteria, neighbours.graph, base, density, of_kinds)
    reachable, hit_rate, seen, dated = setting.observe(replay)

    progress(_("deciding the categories"))
    places = pd.DataFrame(placement.mahallas[["region", "district"]])
    history, decided = replay_categories(
        setting.gather(replay, reachable, criteria.columns),
        seen,
        criteria,
        places=places,
        published=published,
    )
    months = pd.period_range(placement.month - window + 1, placement.month, freq="M")
    unobserved = [m for m in months if m in placement.missing]
    gathered = setting.gather(replay[-1:], reachable)
    now = pd.DataFrame(gathered.xs(placement.month, axis=1, level="month"))
    now = now.reindex(columns=list(now.columns.union(sorted(criteria.columns))))
    now = now.join(places).assign(observable=seen[placement.month])
    previous = history.iloc[:, -2] if history.shape[1] > 1 else None
    category, reasons = classify_in(
        job.report.languages,
        now,
        criteria,
        previous,
        why_not=lambda: why_not_observable(
            reachable[placement.month],
            hit_rate[placement.month],
            unobserved,
            min_hit_rate=criteria.min_hit_rate,
            dated=dated,
        ),
    )
    verdict = pd.DataFrame({"category": category, "reason": reasons[job.report.languages[0]]})
    progress(_("drawing the counts anew"))
    window_now = setting.window(placement.month, previous)
    verdict["red_probability"] = red_probability(window_now)
    table = _table(now.drop(columns=list(places)), verdict, history, placement)
    progress(_("deciding otherwise"))
    reds = list_reds(table, decide_variants(setting, job, previous))
    zeros = list_suspicious_zeros(placement)
    stable = summarise_reds(reds)
    tested = None
    if (placement.month - placement.start).n + 1 >= LEAST_MONTHS:
        progress(_("testing the past months"))
        tested = backtest_categories(
            history[decided.columns],
            placement.placed,
            method=criteria.name,
            area=placement.mahallas["area_km2"],
            population=placement.mahallas["population"],
        )
    lengths = {"window": window, "unobserved": len(unobserved)}
    rolled = roll_up_all(table, placement, list(job.mahallas.groups), **lengths)
    ranked = rank_all(placement, rolled.districts, job.offenses.kinds.groups, **lengths)
    return Month(
        month=placement.month,
        table=table,
        counts=placement.placed,
        history=history,
        revisions=list_revisions(comparable, decided, rolling_counts(placement.placed, window)),
        backtest=tested,
        backtest_summary=None
        if tested is None
        else summarise_backtest(tested, method=criteria.name),
        sensitivity=reds,
        zeros=zeros,
        districts=rolled.districts,
        groups=rolled.groups,
        rankings={"regions": rolled.regions, **ranked},
        neighbours=neighbours.pairs,
        rejected=_rejected(placement, job, full=full),
        review=list_doubtful_names(placement),
        crosswalk=placement.crosswalk,
        surface=surface,
        reasons=reasons,
        notes=(
            *warn_of_criteria(asked, criteria),
            *warn_of(placement, neighbours),
            *warn_of_override(criteria, placement.found["kinds"]),
            # they name files that a public folder does not have
            *(() if job.report.public else (*describe_reds(stable), *describe_zeros(zeros))),
        ),
        ledger=ledger,
        setting=setting,
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
                "kind_groups": job.offenses.kinds.groups,
                "kind_weights": job.offenses.kinds.weights,
                "criteria": why_criteria,
                "models": fit_models(
                    window_now.seen, placement.mahallas["population"], neighbours.graph
                ),
                "redraws": {"draws": DRAWS, "seed": SEED},
            },
            neighbours=neighbours.found,
            density=density_found,
            ledger=None
            if ledger is None
            else {"head": ledger_head(entries), "entries": len(entries)},
        )
        | {"sensitivity": stable},
    )


def read_entries(job: Job) -> tuple[Path | None, list[Entry]]:
    """Return the ledger that the job names, and its entries."""
    if job.ledger is None:
        return None, []
    path = job.resolve(job.ledger.path)
    return path, read_ledger(path)


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
