"""Records placed by the name of their mahalla, and the answers of a person to doubtful names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _
from hotspot.loaders.attributes import as_days
from hotspot.loaders.containment import NOWHERE
from hotspot.loaders.figures import clean_codes, column_of
from hotspot.loaders.gazetteer import Gazetteer, match_names
from hotspot.loaders.points import Places
from hotspot.loaders.tables import find_format, read_table
from hotspot.loaders.text import texts_of

NO_MAHALLA = "-"
"""The decision that a name is no mahalla of the table."""


@dataclass(frozen=True)
class Named:
    """What the names of records say.

    ``places`` are positions of mahallas, -1 where the name places nothing; ``outcome`` is matched,
    ambiguous, suggested, not_found or decided, and "" where a record has no name.
    """

    places: Places
    outcome: np.ndarray


def name_records(
    records: pd.DataFrame,
    known: pd.Index,
    gazetteer: Gazetteer,
    decisions: pd.DataFrame | None = None,
) -> Named:
    """Place records by the names they give.

    Parameters
    ----------
    records : DataFrame
        Columns ``mahalla`` and ``district``, text or missing.
    known : Index of str
        The mahallas' codes.
    gazetteer : Gazetteer
        Of the same mahallas.
    decisions : DataFrame, optional
        From `read_decisions`: goes before the gazetteer.

    Returns
    -------
    Named
        On the rows of `records`.
    """
    asked = records[["mahalla", "district"]].astype("str")
    distinct = asked[asked["mahalla"].notna()].drop_duplicates()
    names = distinct.rename(columns={"mahalla": "name"}).reset_index(drop=True)
    answers = match_names(names, gazetteer)
    codes, outcomes = answers["code"].astype("object"), answers["outcome"].astype("object")
    if decisions is not None:
        decision = decide_names(names, decisions)
        told = decision.notna()
        codes[told] = decision[told].where(decision[told] != NO_MAHALLA)
        outcomes[told] = np.where(decision[told] == NO_MAHALLA, "not_found", "decided")
    places = known.get_indexer(pd.Index(codes))
    rows = pd.MultiIndex.from_frame(distinct).get_indexer(pd.MultiIndex.from_frame(asked))
    given = asked["mahalla"].notna().to_numpy()
    if not len(names):
        return Named(np.full(len(records), NOWHERE), np.full(len(records), "", dtype=object))
    return Named(
        np.where(given, places[rows], NOWHERE),
        np.where(given, outcomes.to_numpy()[rows], ""),
    )


def decide_names(names: pd.DataFrame, decisions: pd.DataFrame) -> pd.Series:
    """Look up what was decided on names; capitals and spare blanks make no difference.

    Parameters
    ----------
    names : DataFrame
        Columns ``name`` and ``district``, text or missing.
    decisions : DataFrame
        From `read_decisions`.

    Returns
    -------
    Series of str
        On the index of `names`: a code, "-", or missing where nothing was decided.

    Examples
    --------
    >>> decisions = pd.DataFrame({"name": ["Bogʻ"], "district": [None], "decision": ["7"]})
    >>> names = pd.DataFrame({"name": ["BOGʻ ", "Bogʻ"], "district": [None, "Kasbi"]})
    >>> decide_names(names, decisions).tolist()
    ['7', nan]
    """
    decided = pd.Series(decisions["decision"].to_numpy(), index=_keys(decisions), dtype="str")
    decided = decided[~decided.index.duplicated()]
    return decided.reindex(_keys(names)).set_axis(names.index)


def read_decisions(path: Path, codes: Collection[str]) -> pd.DataFrame:
    """Read the answers to doubtful names: a review file with its decisions filled in.

    Parameters
    ----------
    path : Path
        A table with the columns ``name``, ``decision`` and, where known, ``district``. A decision
        is a mahalla's code, "-" for no mahalla of the table, or empty for not yet decided.
    codes : collection of str
        The mahallas' codes.

    Returns
    -------
    DataFrame
        ``name, district, decision``, each name once; the decided rows only.

    Raises
    ------
    InputError
        A column is missing, a decision is no known code, or one name has two decisions.
    """
    table = _read(path, ("name", "decision"))
    district = table["district"] if "district" in table else pd.Series(None, table.index, "str")
    frame = pd.DataFrame(
        {
            "name": texts_of(table["name"]),
            "district": texts_of(district),
            "decision": clean_codes(table["decision"], where=column_of(path, "decision")),
        }
    ).dropna(subset=["name", "decision"])
    unknown = frame[~frame["decision"].isin([*codes, NO_MAHALLA])]
    if len(unknown):
        row = unknown.iloc[0]
        raise InputError(
            _(
                "{path}: the decision '{decision}' for '{name}' is no mahalla's code; correct it, "
                "or write {none} for a name that is none of them",
                path=path,
                decision=row["decision"],
                name=row["name"],
                none=NO_MAHALLA,
            )
        )
    twice = frame[decide_names(frame, frame) != frame["decision"]]
    if len(twice):
        raise InputError(
            _(
                "{path}: the name '{name}' has two different decisions in one district; keep one",
                path=path,
                name=twice.iloc[0]["name"],
            )
        )
    return frame[~_keys(frame).duplicated()].reset_index(drop=True)


def add_to_aliases(decisions: pd.DataFrame, aliases: pd.DataFrame | None) -> pd.DataFrame:
    """Add the names that a person placed to the other names of mahallas.

    Parameters
    ----------
    decisions : DataFrame
        From `read_decisions`.
    aliases : DataFrame, optional
        From `read_aliases`.

    Returns
    -------
    DataFrame
        ``code, name``: what was there in its order, then the new ones, sorted, each once.

    Examples
    --------
    >>> decisions = pd.DataFrame({"name": ["Bogʻ", "?"], "district": "", "decision": ["7", "-"]})
    >>> add_to_aliases(decisions, None).to_numpy().tolist()
    [['7', 'Bogʻ']]
    """
    placed = decisions[decisions["decision"] != NO_MAHALLA]
    new = placed[["decision", "name"]].set_axis(["code", "name"], axis=1)
    new = new.sort_values(["code", "name"])
    parts = [new] if aliases is None else [aliases, new]
    return pd.concat(parts).drop_duplicates(ignore_index=True)


def read_aliases(
    path: Path, codes: Collection[str], *, on: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Read other names and old names of mahallas.

    Parameters
    ----------
    path : Path
        A table with the columns ``code`` and ``name``, and where known ``valid_from`` and
        ``valid_to``.
    codes : collection of str
        The mahallas' codes.
    on : Timestamp, optional
        Only names in use on this day: old names whose time has passed are still names that
        records bear, so only those that begin later are left out.

    Returns
    -------
    DataFrame
        ``code, name``.

    Raises
    ------
    InputError
        A column is missing, or a code is no mahalla's.
    """
    table = _read(path, ("code", "name"))
    table["code"] = clean_codes(table["code"], where=column_of(path, "code"))
    if on is not None and "valid_from" in table:
        begins = as_days(
            table["valid_from"],
            source=_("{source}, column {columns}", source=path, columns="valid_from"),
        )
        table = table[~(begins > on)]
    table = table.dropna(subset=["code", "name"])
    unknown = table[~table["code"].isin(list(codes))]
    if len(unknown):
        row = unknown.iloc[0]
        raise InputError(
            _(
                "{path}: the other name '{name}' is for the code '{code}', which no mahalla has; "
                "correct the code or leave the row out",
                path=path,
                name=row["name"],
                code=row["code"],
            )
        )
    return table[["code", "name"]].reset_index(drop=True)


def _read(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    table = read_table(path, find_format(path, known=needed)).frame
    for column in needed:
        if column not in table:
            raise InputError(
                _(
                    "{path}: there is no column '{column}'; {hint}",
                    path=path,
                    column=column,
                    hint=nearest_sentence(column, map(str, table.columns)),
                )
            )
    return table.copy()


def _keys(names: pd.DataFrame) -> pd.MultiIndex:
    """Return names in their districts as they are looked up."""
    return pd.MultiIndex.from_arrays([_folded(names["name"]), _folded(names["district"])])


def _folded(texts: pd.Series) -> pd.Series:
    """Return texts as decisions are looked up: on one line, without case, "" where missing."""
    return texts_of(texts).astype("str").str.casefold().fillna("")
