"""Criteria tested on the past of the sample and of real cities; the tables of docs/criteria.md.

    python -m benchmarks.criteria_study ../shared/data

The default's numbers were chosen by the first table. The cities by single kinds of offense and the
redraws of the sample had no say in it.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.criteria_places import (
    SHARED,
    Place,
    held_out,
    redrawn_sample,
    sample,
    sample_truth,
    simulated_republic,
    st_louis,
    toronto,
)
from hotspot.categories.criteria import bundled_text, parse_criteria

PAGE = Path("docs/criteria.md")
SETS = ("analytical-12m", "analytical-12m-counts", "quota", "gi-star", "severity")
CLUSTER, STAY_CLUSTER = "gi_pop_q <= 0.05", "gi_pop_p <= 0.05"


def bundled(name: str) -> dict[str, Any]:
    """Return a bundled set as its file has it."""
    return tomllib.loads(bundled_text(name))


def like_the_default(
    enter: float = 0.99,
    stay: float | None = 0.65,
    *,
    cluster: float | None = 0.80,
    stay_cluster: float | None = 0.50,
    rate: str | None = "rate_ratio > 1",
    measure: str = "excess_probability",
) -> dict[str, Any]:
    """Return the default with other numbers; None leaves a condition out."""

    def any_of(bar: float, lower: float | None, local: str) -> list[str]:
        own = [f"{measure} >= {bar}"]
        return own if lower is None else [*own, f"{measure} >= {lower} and {local}"]

    red: dict[str, Any] = {
        "all": ["count >= 3", *([] if rate is None else [rate])],
        "any": any_of(enter, cluster, CLUSTER),
    }
    if stay is not None:
        red["stay"] = {"all": ["count >= 2"], "any": any_of(stay, stay_cluster, STAY_CLUSTER)}
    return bundled("analytical-12m") | {"red": red}


TRIED: dict[str, dict[str, Any]] = {
    "**the default**: enter .99 (cluster .80), stay .65 (.50)": like_the_default(),
    "version 1: enter .95 (.80), stay .80 (.60)": like_the_default(0.95, 0.80, stay_cluster=0.60),
    "without hysteresis": like_the_default(stay=None),
    "enter .95": like_the_default(0.95),
    "enter .97": like_the_default(0.97),
    "enter .995": like_the_default(0.995),
    "stay .50": like_the_default(stay=0.50),
    "stay .80 (.60)": like_the_default(stay=0.80, stay_cluster=0.60),
    "no lower bar in a cluster": like_the_default(cluster=None, stay_cluster=None),
    "cluster .90": like_the_default(cluster=0.90),
    "no condition on the rate": like_the_default(rate=None),
    "`rate_ratio > 0.75`": like_the_default(rate="rate_ratio > 0.75"),
    "`rate_ratio > 1.25`": like_the_default(rate="rate_ratio > 1.25"),
    "the rate's excess alone": like_the_default(
        cluster=None, stay_cluster=None, rate=None, measure="rate_excess_probability"
    ),
}


def means_of(place: Place, criteria: Mapping[str, Any]) -> dict[str, float]:
    """Return the means over the months of a back-test against the next month.

    ``red`` is the share of red mahallas; ``hit``, ``pai``, ``stay`` and ``flips`` are the
    criteria's, with ``_count`` those of as many mahallas by the last twelve months' count,
    ``hit_frozen`` and ``hit_best`` those of the frozen list and of the best possible.
    """
    history = place.decide(criteria)
    table = place.test(history)
    if table.empty:
        return {"red": 0.0}
    mean = table.astype({"reds": float}).groupby("method").mean(numeric_only=True)
    ours, count = mean.loc["criteria"], mean.loc["count_12m"]
    found = {"red": ours["reds"] / len(place.panel), "pei": ours["pei"]}
    for short, column in (
        ("hit", "hit_rate"),
        ("pai", "pai_population"),
        ("stay", "stay"),
        ("flips", "flips"),
    ):
        found |= {short: ours[column], f"{short}_count": count[column]}
    found |= {f"hit_{name}": mean.loc[name, "hit_rate"] for name in ("frozen", "best")}
    return {name: float(value) for name, value in found.items()}


def tried_table(places: Iterable[Place]) -> str:
    """Return what was tried, one row a variant, each cell the places side by side."""
    places = list(places)
    heads = ["criteria", "red, %", "hit rate / count's", "PAI / count's", "stay, %", "flips"]
    rows = []
    for name, criteria in TRIED.items():
        found = [means_of(place, criteria) for place in places]
        cells = [
            [f"{100 * of['red']:.1f}" for of in found],
            [f"{of['hit'] / of['hit_count']:.3f}" for of in found],
            [f"{of['pai'] / of['pai_count']:.3f}" for of in found],
            [f"{100 * of['stay']:.1f}" for of in found],
            [f"{of['flips']:.2f}" for of in found],
        ]
        rows.append([name, *(" · ".join(cell) for cell in cells)])
        print(rows[-1], flush=True)
    return _table(heads, rows)


def sets_table(places: Iterable[Place], sets: Iterable[str]) -> str:
    """Return the back-test of bundled sets, the count baseline's figures in brackets."""
    heads = [
        *("set", "place", "red, %", "hit rate (count's)", "frozen", "best"),
        *("PAI by population (count's)", "PEI", "stay, % (count's)", "flips (count's)"),
    ]
    rows = []
    for place in places:
        for name in sets:
            # without a population the default's twin takes its place, as in a run
            fitting = name if place.population.notna().any() else "analytical-12m-counts"
            of = means_of(place, bundled(fitting))
            rows.append([f"`{fitting}`", place.name, *_cells(of)])
            print(rows[-1], flush=True)
    return _table(heads, rows)


def marginals_table() -> str:
    """Return the shares of colours in a republic with the published marginals."""
    default = parse_criteria(bundled("analytical-12m"))
    place = simulated_republic(1, months=36, measures=default.columns)
    rows = []
    history = place.decide(bundled("analytical-12m"))
    for month, words in ((history.columns[0], "first"), (history.columns[-1], "25th")):
        shares = history[month].value_counts(normalize=True)
        cells = [f"{100 * shares[colour]:.1f}" for colour in ("green", "yellow", "red")]
        rows.append([words, *cells])
    return _table(["month", "green, %", "yellow, %", "red, %"], rows)


def begins_table(seeds: Iterable[int] = range(20, 50)) -> str:
    """Return how soon the sample's hot spot that begins is red, over redraws of the sample."""
    tried = [name for name in TRIED if name.split()[0] in ("**the", "version", "enter", "no")]
    measures = parse_criteria(like_the_default()).columns
    truth = sample_truth()
    begun = truth.index[truth["planted"] == "emerging"]
    waits: dict[str, list[int]] = {name: [] for name in tried}
    for seed in seeds:
        # two years: the hot spot begins with the twentieth month
        place = redrawn_sample(seed, months=24, measures=measures)
        for name in tried:
            red = (place.decide(TRIED[name]).loc[begun] == "red").loc[:, "2023-09":]
            waits[name] += (red.to_numpy().argmax(axis=1) + 1 + 5 * ~red.any(axis=1)).tolist()
    rows = [
        [name, *(f"{100 * np.mean(np.array(of) <= months):.0f}" for months in (3, 4))]
        for name, of in waits.items()
    ]
    return _table(["criteria", "red within 3 months, %", "within 4, %"], rows)


def main() -> None:
    """Make the tables and write them into the page."""
    parser = argparse.ArgumentParser(description="criteria tested on the past")
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    shared = parser.parse_args().shared
    places = [sample(), toronto(shared), st_louis(shared)]
    _write("marginals", marginals_table())
    _write("tried", tried_table(places))
    _write("begins", begins_table())
    by_set = sets_table(places, SETS).splitlines()
    for name in SETS:
        _write(name, "\n".join([*by_set[:2], *(row for row in by_set if f"`{name}`" in row)]))
    _write("held out", sets_table(held_out(shared), SETS[:1]))


def _cells(of: dict[str, float]) -> list[str]:
    if not of["red"]:
        return ["0.0", *(["–"] * 7)]
    return [
        f"{100 * of['red']:.1f}",
        f"{of['hit']:.3f} ({of['hit_count']:.3f})",
        f"{of['hit_frozen']:.3f}",
        f"{of['hit_best']:.3f}",
        # nan where nobody knows how many people live there
        f"{of['pai']:.2f} ({of['pai_count']:.2f})".replace("nan (nan)", "–"),
        f"{of['pei']:.3f}",
        f"{100 * of['stay']:.1f} ({100 * of['stay_count']:.1f})",
        f"{of['flips']:.2f} ({of['flips_count']:.2f})",
    ]


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _write(part: str, table: str) -> None:
    begin, end = f"<!-- {part} -->", f"<!-- end {part} -->"
    within = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(within.sub(lambda _: f"{begin}\n\n{table}\n\n{end}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
