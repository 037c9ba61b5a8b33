"""The names that a person has to decide: one row each, with candidates and an empty decision."""

from __future__ import annotations

import pandas as pd

from hotspot import columns
from hotspot.loaders.gazetteer import match_names
from hotspot.loaders.name_likeness import title_candidates
from hotspot.loaders.naming import decide_names
from hotspot.placement import Placement

_UNDECIDED = ("ambiguous", "suggested", "not_found")


def list_doubtful_names(placement: Placement) -> pd.DataFrame:
    """List each distinct name that placed nothing, the most frequent first, then the decided ones.

    Parameters
    ----------
    placement : the placed records, with the gazetteer that their names were matched to.

    Returns
    -------
    DataFrame
        The columns of ``review.csv``. Every decision given before is kept in it, with 0 records
        where it placed them or none bears the name, so that the file can be filled in, given back
        as ``[offenses] decisions`` and written again without loss.
    """
    lost = placement.rejected[placement.rejected["name_outcome"].isin(_UNDECIDED)]
    names = lost[["mahalla", "district"]].astype("str").fillna("")
    counts = names.value_counts().rename("records").reset_index()
    counts = counts.rename(columns={"mahalla": "name"})
    if placement.decisions is not None:
        listed = decide_names(placement.decisions, counts.assign(decision="listed")).notna()
        applied = placement.decisions[~listed].fillna("").assign(records=0)
        counts = pd.concat([counts, applied[list(counts)]])
    counts = counts.sort_values(
        ["records", "name", "district"], ascending=[False, True, True], ignore_index=True
    )
    if placement.gazetteer is None or counts.empty:
        return pd.DataFrame(columns=columns.names("review"))
    answers = match_names(counts[["name", "district"]], placement.gazetteer)
    table = counts.join(answers[["outcome", "level", "score", "candidates"]])
    table["candidate_names"] = title_candidates(
        table["name"].tolist(),
        table["candidates"].tolist(),
        placement.gazetteer,
        placement.mahallas["district"].dropna().to_dict(),
    )
    table["decision"] = _decided(table, placement.decisions)
    return table[columns.names("review")]


def _decided(table: pd.DataFrame, decisions: pd.DataFrame | None) -> pd.Series:
    if decisions is None:
        return pd.Series("", index=table.index)
    return decide_names(table, decisions).fillna("")
