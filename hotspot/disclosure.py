"""What a public month tells: the categories, and nothing that the counts behind them could change.

Every public file is made from a month that :func:`withhold` has emptied first, so that no drawing
can show what it does not have. Two months with the same categories are the same to the public,
whatever happened in their mahallas; ``docs/public.md`` says what follows from a category itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd

from hotspot.account import disclose_account
from hotspot.columns import CATEGORIES as ALL_COLUMNS
from hotspot.columns import DISTRICTS, Column
from hotspot.errors import InputError
from hotspot.kinds import KindCounts
from hotspot.language import _, mark, speaking
from hotspot.monthly import Month
from hotspot.palette import CATEGORIES, TWO_CLASSES
from hotspot.placement import Placement
from hotspot.whole import ACCOUNT

COLUMNS = (
    "month",
    "mahalla_code",
    "name",
    "district",
    "region",
    "category",
    "reason",
    "previous_category",
    "months_red",
)
"""The columns of a public ``categories.csv``."""

_PLACES = ("name", "name_cyrl", "name_ru", "district", "region", "geometry")

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "red": mark("Red by the criteria {name}, version {version}."),
        "yellow": mark("Yellow by the criteria {name}, version {version}."),
        "green": mark(
            "Green by the criteria {name}, version {version}; this is not a proof of safety."
        ),
        "not_assessed": mark("Not assessed by the criteria {name}, version {version}."),
        "not_red": mark("Not red by the criteria {name}, version {version}."),
    }
)


def withhold(month: Month) -> Month:
    """Return a public month: the same without anything but its categories.

    Parameters
    ----------
    month : what :func:`hotspot.monthly.run_month` returns for a job with ``public = true``.

    Returns
    -------
    Month
        Its ``table`` has :data:`COLUMNS` and the polygons, its roll-ups count the mahallas of each
        category, its ``history`` has the categories of all months. Whatever else comes from
        records is empty, or None where it may be.
    """
    classes = classes_of(month)
    table = _disclose_table(month, classes)
    history = month.history.apply(lambda said: _in_classes(said, classes))
    nothing = pd.DataFrame()
    reasons = {}
    for language in map(str, month.reasons):
        with speaking(language):
            reasons[language] = say_reasons(table["category"], month.account["criteria"])
    return replace(
        month,
        table=table,
        counts=month.counts.iloc[:, :0],
        history=history,
        revisions=nothing,
        backtest=None,
        backtest_summary=None,
        sensitivity=nothing,
        zeros=nothing,
        districts=_disclose_sums(month.districts, classes),
        groups={name: _disclose_sums(sums, classes) for name, sums in month.groups.items()},
        rankings={"regions": _disclose_sums(month.rankings["regions"], classes)},
        rejected=nothing,
        review=nothing,
        crosswalk=nothing,
        surface=None,
        reasons=pd.DataFrame(reasons),
        notes=(),
        ledger=None,
        setting=replace(
            month.setting,
            placement=_disclose_places(month.setting.placement),
            density=None,
            of_kinds={},
        ),
        account=disclose_account(month.account, table),
    )


def classes_of(month: Month) -> tuple[str, ...]:
    """Return the categories that a public month tells apart."""
    return TWO_CLASSES if month.account["public"]["classes"] == 2 else CATEGORIES


def describe_public(month: Month) -> dict[str, tuple[Column, ...]]:
    """Return the columns of the public tables that are not as in every other month."""
    classes = classes_of(month)
    own = {
        "category": f"{', '.join(classes[:-1])} or {classes[-1]}",
        "reason": "by which criteria, as a sentence",
    }
    known = {column.name: column for column in (*ALL_COLUMNS, *DISTRICTS)}
    known["not_red"] = Column("not_red", "integer", "mahallas", "mahallas that are not red")
    shown = [replace(known[name], meaning=own.get(name, known[name].meaning)) for name in COLUMNS]
    sums = [known[name] for name in ("region", "district", "mahallas", *classes)]
    return {
        "categories": tuple(shown),
        "districts": tuple(sums),
        "regions": (sums[0], *sums[2:]),
    }


def keep_apart(folder: Path, *, public: bool) -> None:
    """Refuse to put a public month where one with counts is, or the reverse.

    Parameters
    ----------
    folder : the month's folder, which may not be there.
    public : whether the month to write is.

    Raises
    ------
    InputError
        The folder holds the other sort of month, or a public one would inherit files of which
        nobody knows what they tell.
    """
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    try:
        account = json.loads((folder / ACCOUNT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        account = None
    there = isinstance(account, dict) and "public" in account
    if public and not there:
        raise InputError(
            _(
                "{folder}: this folder holds what may not be public, and files in it stay; choose "
                "another output for public months",
                folder=folder,
            )
        )
    if there and not public:
        raise InputError(
            _(
                "{folder}: a public month is in this folder, and this one has counts; choose "
                "another output for it",
                folder=folder,
            )
        )


def _in_classes(said: pd.Series, classes: tuple[str, ...]) -> pd.Series:
    if classes == CATEGORIES:
        return said
    # what was not told stays so
    return said.where(said.isin(["red"]) | said.isna(), "not_red")


def say_reasons(category: pd.Series, criteria: Mapping[str, Any]) -> pd.Series:
    """Say by which criteria each mahalla has its category, in the language spoken.

    Parameters
    ----------
    category : of a public month, by mahalla.
    criteria : their ``name`` and ``version``.

    Examples
    --------
    >>> say_reasons(pd.Series(["red"]), {"name": "three", "version": "7"}).tolist()
    ['Red by the criteria three, version 7.']
    """
    said = {
        key: _(text, name=criteria["name"], version=criteria["version"])
        for key, text in _REASONS.items()
    }
    return category.map(said)


def _disclose_table(month: Month, classes: tuple[str, ...]) -> gpd.GeoDataFrame:
    told = {
        name: _in_classes(month.table[name], classes) for name in ("category", "previous_category")
    }
    table = month.table.assign(**told)
    with speaking(str(month.reasons.columns[0])):
        table["reason"] = say_reasons(table["category"], month.account["criteria"])
    return gpd.GeoDataFrame(table[[*COLUMNS, "geometry"]])


def _disclose_sums(sums: pd.DataFrame, classes: tuple[str, ...]) -> pd.DataFrame:
    """Keep of a roll-up how many mahallas are of each category, which the list tells anyhow."""
    sums = sums.assign(not_red=sums["mahallas"] - sums["red"])
    where = sums.columns[: sums.columns.get_loc("mahallas")]
    return pd.DataFrame(sums[[*where, "mahallas", *classes]])


def _disclose_places(placement: Placement) -> Placement:
    """Return a placement that knows the mahallas and no record."""
    nothing = pd.DataFrame()
    names = [name for name in _PLACES if name in placement.mahallas]
    return replace(
        placement,
        missing=[],
        mahallas=gpd.GeoDataFrame(placement.mahallas[names]),
        placed=placement.placed.iloc[:, :0],
        by_text=placement.by_text.iloc[:, :0],
        located=placement.located.iloc[:, :0],
        unplaced=placement.unplaced.iloc[:0, :0],
        ways=nothing,
        kinds=KindCounts(placement.mahallas.index, pd.PeriodIndex([], freq="M")),
        points=nothing,
        rejected=nothing,
        read=0,
        gazetteer=None,
        decisions=None,
        crosswalk=nothing,
        found={},
    )
