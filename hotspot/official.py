"""Our categories beside an official list: the confusion table, the agreement, the disagreements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sklearn.metrics import cohen_kappa_score

from hotspot.columns import names
from hotspot.errors import InputError, nearest_sentence
from hotspot.labels import word
from hotspot.language import _, ngettext, number
from hotspot.loaders.codes import match_codes
from hotspot.loaders.gazetteer import build_gazetteer, match_names
from hotspot.loaders.tables import find_format, read_table
from hotspot.loaders.text import fold_word, texts_of
from hotspot.run_folder import read_run_folder

COLOURS = ("green", "yellow", "red")
# as offices write them; folded, so that case and spaces do not matter
WORDS = {
    "green": "green",
    "yashil": "green",
    "яшил": "green",
    "зеленый": "green",
    "зелёный": "green",
    "зеленая": "green",
    "зелёная": "green",
    "yellow": "yellow",
    "sariq": "yellow",
    "сариқ": "yellow",
    "сарик": "yellow",
    "желтый": "yellow",
    "жёлтый": "yellow",
    "желтая": "yellow",
    "жёлтая": "yellow",
    "red": "red",
    "qizil": "red",
    "қизил": "red",
    "кизил": "red",
    "красный": "red",
    "красная": "red",
}


@dataclass(frozen=True)
class Agreement:
    """How two lists of categories agree.

    ``confusion`` is ours (rows) by the official (columns); ``kappa`` is Cohen's, weighted by how
    many steps apart the colours are, over the mahallas that both have coloured, NaN where there are
    none or all have the same colour in both; ``disagreements`` is the table of ``official.csv``;
    ``unmatched`` counts the list's rows that are no mahalla's.
    """

    confusion: pd.DataFrame
    kappa: float
    compared: int
    disagreements: pd.DataFrame
    unmatched: int

    def lines(self) -> list[str]:
        """Return the comparison as lines of text."""
        rows, columns = (
            [word("category", name) for name in names]
            for names in (self.confusion.index, self.confusion.columns)
        )
        first, width = max(map(len, rows)), max(8, *(len(name) + 2 for name in columns))
        table = [" " * first + "".join(f"{name:>{width}}" for name in columns)]
        for name, counts in zip(rows, self.confusion.to_numpy().tolist(), strict=True):
            table.append(f"{name:<{first}}" + "".join(f"{count:>{width}}" for count in counts))
        return [
            _("ours in rows, the official list in columns:"),
            *table,
            _(
                "weighted kappa {kappa} over {compared} mahallas; disagreements: {differing}; rows "
                "of the list that are no mahalla's: {unmatched}",
                kappa=number(self.kappa, 3),
                compared=self.compared,
                differing=len(self.disagreements),
                unmatched=self.unmatched,
            ),
        ]


def compare_official(folder: str | Path, official: str | Path) -> Agreement:
    """Compare a run's categories with an official list.

    Parameters
    ----------
    folder : a month's folder that ``hotspot run`` wrote.
    official : a table with ``category`` (in English, Uzbek or Russian) and ``mahalla_code``, or
        ``name`` and, where known, ``district``.

    Raises
    ------
    InputError
        The folder tells two classes only, the list has no such columns, a category is no colour, a
        mahalla stands twice with two colours, or none of its rows is a mahalla's.

    References
    ----------
    Cohen (1968), doi:10.1037/h0026256: weighted kappa.
    """
    path = Path(official)
    run = read_run_folder(folder)
    if run.public and run.account["public"]["classes"] == 2:
        raise InputError(
            _(
                "{folder}: this public month tells red and not red only; give the folder of the "
                "month that is not public",
                folder=folder,
            )
        )
    ours = run.table
    rows = read_table(path, find_format(path, known=("category", "mahalla_code", "name"))).frame
    codes = _codes(rows, ours, path)
    colours = _colours(rows, path)
    listed = pd.DataFrame({"code": codes, "category": colours}).dropna(subset=["code"])
    listed = listed.drop_duplicates()
    if twice := sorted(listed.loc[listed["code"].duplicated(), "code"]):
        raise InputError(
            _(
                "{path}: mahalla '{code}' stands there twice with different categories; keep one",
                path=path,
                code=twice[0],
            )
        )
    if listed.empty:
        raise InputError(
            ngettext(
                "{path}: none of its {n} rows is a mahalla of {folder}",
                "{path}: none of its {n} rows is a mahalla of {folder}",
                len(rows),
                path=path,
                folder=folder,
            )
        )
    theirs = listed.set_index("code")["category"]
    table = ours.join(theirs.rename("official"), how="left")
    known = table.dropna(subset=["official"])
    both = known[known["category"].isin(COLOURS)]
    confusion = pd.crosstab(known["category"], known["official"]).reindex(
        index=[*COLOURS, "not_assessed"], columns=list(COLOURS), fill_value=0
    )
    differing = known[known["category"] != known["official"]]
    return Agreement(
        confusion=confusion,
        kappa=_kappa(both["category"], both["official"]),
        compared=len(both),
        disagreements=pd.DataFrame(
            differing.rename(columns={"category": "ours"})[names("official")]
        ).reset_index(drop=True),
        unmatched=int(codes.isna().sum()),
    )


def _kappa(ours: pd.Series, official: pd.Series) -> float:
    # one colour alone leaves nothing to agree on beyond chance
    if pd.concat([ours, official]).nunique() < 2:
        return float("nan")
    steps = [colours.map(COLOURS.index) for colours in (ours, official)]
    return float(cohen_kappa_score(*steps, labels=[0, 1, 2], weights="linear"))


def _codes(rows: pd.DataFrame, ours: pd.DataFrame, path: Path) -> pd.Series:
    """Return each row's mahalla, missing where it is none's: by code, otherwise by name."""
    if "mahalla_code" in rows:
        places = match_codes(texts_of(rows["mahalla_code"]), pd.Index(ours["mahalla_code"]))[0]
        found = pd.Series(pd.NA, index=rows.index, dtype="string")
        known = places >= 0
        found[known] = ours["mahalla_code"].to_numpy()[places[known]]
        return found
    if "name" not in rows:
        raise InputError(
            _(
                "{path}: no column mahalla_code or name; {hint}",
                path=path,
                hint=nearest_sentence("name", map(str, rows)),
            )
        )
    gazetteer = build_gazetteer(
        ours.rename(columns={"mahalla_code": "code"})[["code", "name", "district", "region"]]
    )
    asked = rows[[name for name in ("name", "district", "region") if name in rows]]
    answers = match_names(asked, gazetteer)
    return answers["code"].where(answers["outcome"] == "matched").astype("string")


def _colours(rows: pd.DataFrame, path: Path) -> pd.Series:
    if "category" not in rows:
        raise InputError(
            _(
                "{path}: no column category; {hint}",
                path=path,
                hint=nearest_sentence("category", map(str, rows)),
            )
        )
    colours = rows["category"].map(fold_word).map(WORDS)
    if colours.isna().any():
        first = rows["category"][colours.isna()].iloc[0]
        raise InputError(
            _(
                "{path}: the category '{category}' is no colour; write red, yellow or green",
                path=path,
                category=first,
            )
        )
    return colours
