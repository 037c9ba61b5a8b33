"""The names that need a person: each once, with its candidates and room for a decision."""

from __future__ import annotations

import pandas as pd
from rapidfuzz import fuzz

from hotspot.loaders.gazetteer import Gazetteer
from hotspot.loaders.names import fold_names, take_apart

REVIEW = ("region", "district", "name", "records", "outcome", "level", "candidates", "decision")


def list_unresolved(
    names: pd.DataFrame, answers: pd.DataFrame, gazetteer: Gazetteer
) -> pd.DataFrame:
    """List each distinct name that was not matched, most frequent first.

    Parameters
    ----------
    names : DataFrame
        Columns `name` and where known `district` and `region`, as given to `match_names`.
    answers : DataFrame
        What `match_names` returned, on the same index.
    gazetteer : Gazetteer
        The mahallas, for the names of the candidates.

    Returns
    -------
    DataFrame
        RangeIndex; `region, district, name` as typed, `records` (how many bear the name), `outcome`
        and `level`, `candidates` ("code name (likeness); …", best first, likeness from 0 to 100)
        and an empty `decision`.

    Examples
    --------
    >>> from hotspot.loaders.gazetteer import build_gazetteer, match_names
    >>> mahallas = build_gazetteer(pd.DataFrame({"code": ["1"], "name": ["Doʻstlik MFY"]}))
    >>> typed = pd.DataFrame({"name": ["Dostlikk", "Dostlikk", "Doʻstlik"]})
    >>> unresolved = list_unresolved(typed, match_names(typed, mahallas), mahallas)
    >>> unresolved[["name", "candidates", "decision"]].iloc[0].tolist()
    ['Dostlikk', '1 Doʻstlik MFY (80)', '']
    """
    given = [column for column in ("region", "district", "name") if column in names]
    open_ones = names.loc[:, given].join(answers)[(answers["outcome"] != "matched").to_numpy()]
    open_ones = open_ones.reindex(columns=list(dict.fromkeys([*REVIEW[:3], *open_ones.columns])))
    open_ones[list(REVIEW[:3])] = open_ones[list(REVIEW[:3])].astype("str").fillna("")
    table = open_ones.groupby(list(REVIEW[:3]), sort=True, as_index=False).agg(
        records=("outcome", "size"),
        outcome=("outcome", "first"),
        level=("level", "first"),
        candidates=("candidates", "first"),
    )
    table["candidates"] = _with_likeness(table["name"], table["candidates"], gazetteer)
    table["decision"] = ""
    # most frequent first: an answer there places most records
    table = table.sort_values(["records", *REVIEW[:3]], ascending=[False, True, True, True])
    return table.reset_index(drop=True)[list(REVIEW)]


def _with_likeness(names: pd.Series, candidates: pd.Series, gazetteer: Gazetteer) -> list[str]:
    titles = dict(zip(gazetteer.codes, gazetteer.names, strict=True))
    named = [[code for code in codes.split("|") if code] for codes in candidates]
    shown = list(dict.fromkeys(titles[code] for codes in named for code in codes))
    keys = dict(zip(shown, take_apart(fold_names(shown).exact).strict, strict=True))
    typed = take_apart(fold_names(list(names)).exact).strict
    return [
        "; ".join(
            f"{code} {titles[code]} ({fuzz.ratio(key, keys[titles[code]]):.0f})" for code in codes
        )
        for key, codes in zip(typed, named, strict=True)
    ]
