# ruff: noqa: F401 (the names below are imported for the type checker)
"""Find where crime concentrates in neighbourhoods.

Offense records and mahalla polygons come in at one end; one table of mahallas comes out, with each
month's category, the evidence for it and the reason in words; maps, workbook and report are
drawings of that table::

    offenses = read_offenses("offenses.csv", columns={"date": "date", "mahalla_code": "code"})
    mahallas = read_mahallas("mahallas.gpkg", columns={"code": "code", "name": "name"})
    geocoded = geocode(offenses, mahallas)
    counts = count_offenses(geocoded.placed, mahallas, start=start, end=end)
    neighbours = contiguity(mahallas)
    evidence = gather_evidence(counts, mahallas["population"], neighbours.graph, ...)
    categories = classify(evidence, criteria)

or all of it at once, as the command line does it::

    month = run_month(read_job("job.toml"))
    write_month(month, "out")

Beyond the month the statistics stand alone: give one of them a Series of counts by mahalla, or a
panel of mahallas × months, and a frame on the same index comes back.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotspot.backtest import backtest_categories, summarise_backtest
    from hotspot.categories.classify import classify, decide
    from hotspot.categories.criteria import bundled_criteria, parse_criteria
    from hotspot.categories.ledger import read_ledger
    from hotspot.comparison import compare_months
    from hotspot.errors import HotspotError, InputError, JobError, NothingToAnalyseError
    from hotspot.evidence import gather_evidence
    from hotspot.explanation import explain_mahalla
    from hotspot.folder import write_month
    from hotspot.job import read_job
    from hotspot.loaders.crosswalk import read_crosswalk
    from hotspot.loaders.geocode import geocode
    from hotspot.loaders.heirs import find_heirs
    from hotspot.loaders.mahallas import read_mahallas
    from hotspot.loaders.offenses import read_offenses
    from hotspot.loaders.shares import share_out
    from hotspot.maps.atlas import draw_atlas
    from hotspot.maps.print_map import print_map
    from hotspot.maps.small_multiples import draw_months
    from hotspot.maps.web_map import notebook_view, web_map
    from hotspot.monthly import Month, run_month
    from hotspot.official import compare_official
    from hotspot.publishing import publish_run
    from hotspot.statistics.alarms import fit_overdispersion, raise_alarms
    from hotspot.statistics.aoristic import aoristic_hours, aoristic_weights
    from hotspot.statistics.bandwidth import (
        adaptive_bandwidths,
        esri_bandwidth,
        likelihood_bandwidth,
        silverman_bandwidth,
        study_area_bandwidth,
    )
    from hotspot.statistics.change import c_test, change_z, e_test
    from hotspot.statistics.cluster_hulls import outline_clusters
    from hotspot.statistics.concentration import (
        concentration_envelope,
        fewest_mahallas,
        pareto_table,
    )
    from hotspot.statistics.contours import contour_polygons, hot_level
    from hotspot.statistics.counts import count_offenses, rolling_counts, year_to_date
    from hotspot.statistics.distance_weights import weigh_by_distance
    from hotspot.statistics.dual_density import compare_densities
    from hotspot.statistics.edge_correction import correct_edges
    from hotspot.statistics.emerging import emerging_hot_spots
    from hotspot.statistics.empirical_bayes import fit_marshall, marshall_rates
    from hotspot.statistics.exact_trends import exact_mann_kendall
    from hotspot.statistics.funnel import funnel_flags, funnel_limits, funnel_p
    from hotspot.statistics.geotiff import geotiff_bytes, turn_north_up
    from hotspot.statistics.getis_ord import gi_bins, gi_star, gi_z
    from hotspot.statistics.getis_ord_population import gi_star_population
    from hotspot.statistics.kernel_density import kernel_density
    from hotspot.statistics.local_permutation import gi_star_permutation, local_moran
    from hotspot.statistics.location_quotient import location_quotients
    from hotspot.statistics.lorenz import gini, lorenz_curve
    from hotspot.statistics.multiple_testing import (
        benjamini_hochberg,
        benjamini_yekutieli,
        bonferroni,
    )
    from hotspot.statistics.near_repeats import knox, near_repeat_table
    from hotspot.statistics.nearest_neighbour_index import clark_evans
    from hotspot.statistics.neighbours import contiguity, distance_band, nearest_neighbours
    from hotspot.statistics.point_clusters import dbscan, hdbscan
    from hotspot.statistics.polygon_density import mass_outside, mean_density
    from hotspot.statistics.rates import (
        fit_gamma_poisson,
        gamma_poisson_excess,
        gamma_poisson_rate_excess,
        rates,
    )
    from hotspot.statistics.relative_risk import gamma_poisson_risk
    from hotspot.statistics.ripley import ripley_k, ripley_test
    from hotspot.statistics.scan_nulls import past_null, permutation_null, population_null
    from hotspot.statistics.scan_windows import circular_windows
    from hotspot.statistics.seasonality import find_monthly_season, find_weekly_season
    from hotspot.statistics.severity import weigh_offenses
    from hotspot.statistics.space_time_scan import scan_statistic
    from hotspot.statistics.spatial_autocorrelation import morans_i, standardise_rates
    from hotspot.statistics.standardisation import expected_counts, standardised_ratios
    from hotspot.statistics.suspicious_zeros import find_sudden_zeros, find_zeros_beside
    from hotspot.statistics.trends import mann_kendall, seasonal_mann_kendall, theil_sen
    from hotspot.uncertainty import flip_distance, red_probability
    from hotspot.verification import verify

# the public names in the order of the pipeline, each with its room; imported when first used, so
# that a command's help does not wait for the mathematics
_ROOMS = {
    "read_offenses": "loaders.offenses",
    "read_mahallas": "loaders.mahallas",
    "read_crosswalk": "loaders.crosswalk",
    "find_heirs": "loaders.heirs",
    "geocode": "loaders.geocode",
    "share_out": "loaders.shares",
    "count_offenses": "statistics.counts",
    "rolling_counts": "statistics.counts",
    "year_to_date": "statistics.counts",
    "contiguity": "statistics.neighbours",
    "nearest_neighbours": "statistics.neighbours",
    "distance_band": "statistics.neighbours",
    "weigh_by_distance": "statistics.distance_weights",
    "gi_star": "statistics.getis_ord",
    "gi_z": "statistics.getis_ord",
    "gi_bins": "statistics.getis_ord",
    "gi_star_population": "statistics.getis_ord_population",
    "gi_star_permutation": "statistics.local_permutation",
    "local_moran": "statistics.local_permutation",
    "morans_i": "statistics.spatial_autocorrelation",
    "standardise_rates": "statistics.spatial_autocorrelation",
    "benjamini_hochberg": "statistics.multiple_testing",
    "benjamini_yekutieli": "statistics.multiple_testing",
    "bonferroni": "statistics.multiple_testing",
    "rates": "statistics.rates",
    "gamma_poisson_excess": "statistics.rates",
    "gamma_poisson_rate_excess": "statistics.rates",
    "fit_gamma_poisson": "statistics.rates",
    "gamma_poisson_risk": "statistics.relative_risk",
    "fit_marshall": "statistics.empirical_bayes",
    "marshall_rates": "statistics.empirical_bayes",
    "expected_counts": "statistics.standardisation",
    "standardised_ratios": "statistics.standardisation",
    "funnel_flags": "statistics.funnel",
    "funnel_p": "statistics.funnel",
    "funnel_limits": "statistics.funnel",
    "weigh_offenses": "statistics.severity",
    "lorenz_curve": "statistics.lorenz",
    "gini": "statistics.lorenz",
    "fewest_mahallas": "statistics.concentration",
    "pareto_table": "statistics.concentration",
    "concentration_envelope": "statistics.concentration",
    "location_quotients": "statistics.location_quotient",
    "study_area_bandwidth": "statistics.bandwidth",
    "silverman_bandwidth": "statistics.bandwidth",
    "esri_bandwidth": "statistics.bandwidth",
    "likelihood_bandwidth": "statistics.bandwidth",
    "adaptive_bandwidths": "statistics.bandwidth",
    "kernel_density": "statistics.kernel_density",
    "correct_edges": "statistics.edge_correction",
    "mean_density": "statistics.polygon_density",
    "mass_outside": "statistics.polygon_density",
    "compare_densities": "statistics.dual_density",
    "contour_polygons": "statistics.contours",
    "hot_level": "statistics.contours",
    "geotiff_bytes": "statistics.geotiff",
    "turn_north_up": "statistics.geotiff",
    "population_null": "statistics.scan_nulls",
    "past_null": "statistics.scan_nulls",
    "permutation_null": "statistics.scan_nulls",
    "circular_windows": "statistics.scan_windows",
    "scan_statistic": "statistics.space_time_scan",
    "dbscan": "statistics.point_clusters",
    "hdbscan": "statistics.point_clusters",
    "outline_clusters": "statistics.cluster_hulls",
    "knox": "statistics.near_repeats",
    "near_repeat_table": "statistics.near_repeats",
    "clark_evans": "statistics.nearest_neighbour_index",
    "ripley_k": "statistics.ripley",
    "ripley_test": "statistics.ripley",
    "aoristic_weights": "statistics.aoristic",
    "aoristic_hours": "statistics.aoristic",
    "mann_kendall": "statistics.trends",
    "seasonal_mann_kendall": "statistics.trends",
    "theil_sen": "statistics.trends",
    "exact_mann_kendall": "statistics.exact_trends",
    "emerging_hot_spots": "statistics.emerging",
    "change_z": "statistics.change",
    "e_test": "statistics.change",
    "c_test": "statistics.change",
    "raise_alarms": "statistics.alarms",
    "fit_overdispersion": "statistics.alarms",
    "find_monthly_season": "statistics.seasonality",
    "find_weekly_season": "statistics.seasonality",
    "find_sudden_zeros": "statistics.suspicious_zeros",
    "find_zeros_beside": "statistics.suspicious_zeros",
    "gather_evidence": "evidence",
    "bundled_criteria": "categories.criteria",
    "parse_criteria": "categories.criteria",
    "decide": "categories.classify",
    "classify": "categories.classify",
    "read_job": "job",
    "Month": "monthly",
    "run_month": "monthly",
    "write_month": "folder",
    "explain_mahalla": "explanation",
    "red_probability": "uncertainty",
    "flip_distance": "uncertainty",
    "backtest_categories": "backtest",
    "summarise_backtest": "backtest",
    "compare_months": "comparison",
    "compare_official": "official",
    "publish_run": "publishing",
    "read_ledger": "categories.ledger",
    "verify": "verification",
    "web_map": "maps.web_map",
    "notebook_view": "maps.web_map",
    "draw_atlas": "maps.atlas",
    "print_map": "maps.print_map",
    "draw_months": "maps.small_multiples",
    "HotspotError": "errors",
    "InputError": "errors",
    "JobError": "errors",
    "NothingToAnalyseError": "errors",
}

__all__ = [*_ROOMS]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'hotspot' has no attribute '{name}'")
    return getattr(import_module(f"hotspot.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
