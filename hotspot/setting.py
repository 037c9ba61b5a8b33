"""What the decisions of a month rest on, whichever month: placed records, neighbours, criteria."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
from libpysal.graph import Graph

from hotspot.categories.criteria import Criteria
from hotspot.categories.observability import observable
from hotspot.criteria_choice import base_of, fit_to_population, needs_density
from hotspot.density import estimate_density
from hotspot.evidence import gather_evidence
from hotspot.job import Job
from hotspot.kinds import weigh_kinds
from hotspot.loaders.pairs import read_pairs
from hotspot.placement import Placement
from hotspot.replay import complete_windows, reach, share_dated
from hotspot.statistics.counts import observed_months
from hotspot.statistics.neighbours import Neighbours, contiguity
from hotspot.uncertainty import Window


@dataclass(frozen=True)
class Setting:
    """Everything but the month: from it follow the evidence and the window of each.

    ``density`` is mahallas × months, where there is one; ``of_kinds`` are sums by kind over the
    criteria's window; ``base`` is what the criteria compare a mahalla within, None for all.
    """

    placement: Placement
    criteria: Criteria
    graph: Graph
    base: pd.Series | None = None
    density: pd.DataFrame | None = None
    of_kinds: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def gather(
        self,
        months: pd.PeriodIndex,
        reachable: pd.DataFrame,
        measures: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Return the evidence of the windows that end in these months, measure × month.

        Parameters
        ----------
        months : the months.
        reachable : mahallas × at least these months, whether a record could have arrived.
        measures : compute only these; None for all.
        """
        return gather_evidence(
            self.placement.placed,
            self.placement.mahallas["population"],
            self.graph,
            window_months=self.criteria.window_months,
            reachable=reachable[months],
            missing=self.placement.missing,
            density=None if self.density is None else self.density.reindex(columns=months),
            of_kinds=self.of_kinds,
            base=self.base,
            measures=measures,
        )

    def observe(
        self, months: pd.PeriodIndex
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, float]:
        """Return what could be seen in the windows that end in these months.

        Returns
        -------
        reachable : mahallas × months, whether a record could have arrived.
        hit_rate : mahallas × months, of the mahalla's district.
        observable : mahallas × months, whether a count of zero would be seen to be zero.
        dated : share of the records whose date can be read.
        """
        window, least = self.criteria.window_months, self.criteria.min_hit_rate
        reachable, hit_rate = reach(self.placement, months, window)
        dated = share_dated(self.placement)
        complete = complete_windows(self.placement, months, window) & (dated >= least)
        seen = observable(reachable, complete, hit_rate, min_hit_rate=least)
        return reachable, hit_rate, seen, dated

    def window(self, month: pd.Period, previous: pd.Series | None) -> Window:
        """Return the window that ends in a month, with the evidence that the criteria name.

        Parameters
        ----------
        month : the month.
        previous : the categories of the month before.
        """
        months = pd.PeriodIndex([month], name="month")
        reachable, _, seen, _ = self.observe(months)
        gathered = self.gather(months, reachable, self.criteria.columns)
        evidence = pd.DataFrame(gathered.xs(month, axis=1, level="month"))
        evidence = evidence.reindex(columns=sorted(self.criteria.columns | {"count"}))
        evidence = evidence.join(pd.DataFrame(self.placement.mahallas[["region", "district"]]))
        observed = observed_months(
            pd.PeriodIndex(self.placement.placed.columns),
            self.placement.missing,
            self.criteria.window_months,
        ).to_dict()
        return Window(
            seen=evidence["count"].where(reachable[month] | (evidence["count"] > 0)),
            evidence=evidence.assign(observable=seen[month]),
            population=self.placement.mahallas["population"],
            graph=self.graph,
            criteria=self.criteria,
            years=observed[month] / 12,
            base=self.base,
            previous=previous,
        )


def month_evidence(
    job: Job, placement: Placement, criteria: Criteria
) -> tuple[pd.DataFrame, Criteria]:
    """Return the evidence of the placement's month that the criteria name, and those that fit."""
    criteria = fit_to_population(job, criteria, placement.mahallas["population"])
    months = pd.PeriodIndex([placement.month], name="month")
    reachable = reach(placement, months, criteria.window_months)[0]
    density = None
    if needs_density(criteria):
        density = estimate_density(
            placement, months, window=criteria.window_months, bandwidth=job.density.bandwidth_m
        )[1]
    setting = Setting(
        placement,
        criteria,
        find_neighbours(job, placement.mahallas).graph,
        base=base_of(criteria, placement),
        density=density,
        of_kinds=weigh_kinds(job, criteria, placement.kinds, window=criteria.window_months),
    )
    evidence = setting.gather(months, reachable, criteria.columns | {"population"})
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
