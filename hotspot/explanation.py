"""Why a mahalla has its colour, in sentences, from a run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from hotspot.errors import MOST_NAMED, InputError, nearest_sentence
from hotspot.run_folder import RunFolder, read_run_folder
from hotspot.uncertainty import Window, flip_distance


def explain_mahalla(folder: str | Path, code: str) -> list[str]:
    """Explain the category of one mahalla.

    Parameters
    ----------
    folder : a month's folder, as ``hotspot run`` writes it.
    code : the mahalla's code.

    Returns
    -------
    list of str
        Sentences: the verdict and its reason, the counts, the comparison with the mean and by
        population, the neighbours, the rank, and what the criteria are. Of a public month the
        verdict, the past and the criteria alone.

    Raises
    ------
    InputError
        The folder is not a run's, or has no mahalla of this code.
    """
    run = read_run_folder(folder)
    table, account = run.table, run.account
    if code not in table.index:
        raise InputError(f"{folder}: no mahalla has the code '{code}'; {_hint(table, code)}")
    row = cast("pd.Series[Any]", table.loc[code])
    if run.public:
        return [_title(row, code), str(row["reason"]), *_past(row), _criteria(account)]
    return [
        _title(row, code),
        str(row["reason"]),
        *_counts(row, account),
        *_months(run, code),
        *_people(row),
        *_neighbours(table, run.neighbours, code),
        *_rank(table, code),
        *_past(row),
        *_flips(run, code),
        _criteria(account),
    ]


def _hint(table: pd.DataFrame, word: str) -> str:
    """Return the codes of a name that was given instead of one, or else the nearest code."""
    names = table["name"].fillna("").str.casefold()
    if found := sorted(table.index[names == word.casefold()]):
        more = ", …" if len(found) > MOST_NAMED else ""
        return f"it is a name, give the code: {', '.join(found[:MOST_NAMED])}{more}"
    return nearest_sentence(word, table.index)


def _title(row: pd.Series[Any], code: str) -> str:
    place = ", ".join(str(row[key]) for key in ("name", "district", "region") if pd.notna(row[key]))
    category = str(row["category"]).replace("_", " ")
    return f"{place or code} ({code}) is {category} in {row['month']}."


def _counts(row: pd.Series[Any], account: dict[str, Any]) -> list[str]:
    window = account["window"]
    count = int(row["count"])
    noun = "offense" if count == 1 else "offenses"
    text = f"{count} {noun} counted from {window['from']} to {window['to']}"
    if pd.notna(row["count_month"]):
        text += f", {int(row['count_month'])} of them in the month itself"
    sentences = [text + "."]
    if gaps := window["months_without_records"]:
        sentences.append(f"The window has no records at all for {', '.join(gaps)}.")
    if pd.notna(row["count_ytd"]) and pd.notna(row["count_ytd_last_year"]):
        sentences.append(
            f"January to date: {int(row['count_ytd'])}, the same months of last year: "
            f"{int(row['count_ytd_last_year'])}."
        )
    if pd.notna(row["count_ratio"]):
        sentences.append(f"That is {row['count_ratio']:.2f} times the mean mahalla's count.")
    if pd.notna(row["excess_probability"]):
        sentences.append(
            f"The probability that its expected count exceeds twice the mean mahalla's is "
            f"{row['excess_probability']:.3f}."
        )
    return sentences


def _months(run: RunFolder, code: str) -> list[str]:
    """List the offenses of the window month by month."""
    counts = run.counts[run.window].loc[code]
    listed = ", ".join(f"{month} {count}" for month, count in counts.items())
    return [f"By month: {listed}."]


def _people(row: pd.Series[Any]) -> list[str]:
    if not row["population"] > 0:
        return ["Without a population it has no rate, and conditions on rates cannot hold."]
    if pd.isna(row["rate"]):
        return ["No record could have reached it, so that it has no rate."]
    people, rate = int(row["population"]), row["rate"]
    sentence = f"With {people} residents its rate is {rate:.1f} per 100,000 and year"
    if pd.notna(row["rate_ratio"]):
        sentence += (
            f", {row['rate_ratio']:.2f} times that of all mahallas; {row['expected']:.1f} offenses "
            "would be expected"
        )
    return [sentence + "."]


def _neighbours(table: pd.DataFrame, pairs: pd.DataFrame, code: str) -> list[str]:
    around = pairs.loc[pairs["mahalla_code"] == code, "neighbour_code"]
    if around.empty:
        return ["It has no neighbour on the map, so the local tests say nothing about it."]
    row = cast("pd.Series[Any]", table.loc[code])
    counts = table.loc[around, "count"].astype(int)
    names = table.loc[around, "name"].fillna("")
    listed = "; ".join(
        f"{names[other] or other} {counts[other]}"
        for other in counts.sort_values(ascending=False, kind="stable").index
    )
    sentences = [
        f"Its {len(around)} neighbours count {counts.sum()} together, with it "
        f"{counts.sum() + int(row['count'])}: {listed}."
    ]
    if pd.notna(row["gi_p"]):
        sentences.append(
            f"Gi* z is {row['gi_z']:.2f} with the own count; given the own count, neighbours this "
            f"high have p = {row['gi_p']:.3g} (q = {row['gi_q']:.3g})."
        )
    if pd.notna(row["gi_pop_p"]):
        sentences.append(
            f"Given how many people live here and around, a local sum this high has "
            f"p = {row['gi_pop_p']:.3g} (q = {row['gi_pop_q']:.3g})."
        )
    return sentences


def _rank(table: pd.DataFrame, code: str) -> list[str]:
    row = cast("pd.Series[Any]", table.loc[code])
    rank = int((table["count"] > row["count"]).sum()) + 1
    sentence = f"By count it is number {rank} of {len(table)}"
    if pd.notna(row["district"]):
        own = table[table["district"] == row["district"]]
        rank = int((own["count"] > row["count"]).sum()) + 1
        sentence += f", and number {rank} of {len(own)} in its district"
    return [sentence + "."]


def _past(row: pd.Series[Any]) -> list[str]:
    if pd.isna(row["previous_category"]):
        return ["It is the first month that could be decided."]
    before = str(row["previous_category"]).replace("_", " ")
    months = int(row["months_red"])
    red = f" It has been red for {months} months in a row." if months > 1 else ""
    return [f"The month before it was {before}.{red}"]


def _flips(run: RunFolder, code: str) -> list[str]:
    """Say how sure the colour is, and how many offenses from another."""
    row = cast("pd.Series[Any]", run.table.loc[code])
    sentences = []
    if pd.notna(row["red_probability"]):
        sentences.append(
            f"Were the window to happen again with the same risks, it would be red with "
            f"probability {row['red_probability']:.2f}."
        )
    found = flip_distance(window_of(run), code)
    ways = []
    for word in ("more", "fewer"):
        if pd.notna(found[word]):
            number = int(found[word])
            noun = "offense" if number == 1 else "offenses"
            category = str(found[f"category_{word}"]).replace("_", " ")
            ways.append(f"{number} {noun} {word} would make it {category}")
    if ways:
        sentences.append(f"{' and '.join(ways)}, all else as it is.".capitalize())
    return sentences


def window_of(run: RunFolder) -> Window:
    """Return what a run's folder says of its window, so that it can be decided with other counts.

    Parameters
    ----------
    run : the folder, read back.
    """
    table, criteria = run.table, run.criteria
    pairs = run.neighbours
    graph = Graph.from_arrays(
        pairs["mahalla_code"].to_numpy(str),
        pairs["neighbour_code"].to_numpy(str),
        np.ones(len(pairs)),
    )
    base = {
        "republic": None,
        "region": table["region"].fillna(""),
        "district": table["region"].fillna("") + "|" + table["district"].fillna(""),
    }[criteria.base]
    return Window(
        # a mahalla that no record could have reached has no ratio
        seen=table["count"].astype(float).where(table["count_ratio"].notna()),
        evidence=table,
        population=table["population"].astype(float),
        graph=graph,
        criteria=criteria,
        years=len(run.window) / 12,
        base=base,
        previous=table["previous_category"] if table["previous_category"].notna().any() else None,
    )


def _criteria(account: dict[str, Any]) -> str:
    criteria = account["criteria"]
    return (
        f"Criteria: {criteria['name']} {criteria['version']} ({criteria['sha256'][:12]}); "
        "analytical, not official, and green is not a proof of safety."
    )
