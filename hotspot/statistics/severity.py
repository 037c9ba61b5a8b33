"""Offenses weighted by how grave they are: a harm index as a table the user gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _


class Severity(NamedTuple):
    """The weighted panel, and the records whose kind had no weight in the table."""

    panel: pd.DataFrame
    without_weight: pd.Series[int]


def weigh_offenses(
    placed: pd.DataFrame,
    mahallas: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series[float],
    *,
    start: pd.Period,
    end: pd.Period,
    default: float | None = None,
) -> Severity:
    """Sum the weights of the placed offenses of each mahalla and month.

    Parameters
    ----------
    placed : DataFrame
        One row an offense, with the columns ``mahalla_code``, ``kind`` and ``month``
        (``period[M]``).
    mahallas : DataFrame
        Any frame whose index is the codes of all mahallas.
    weights : mapping or Series, kind to weight
        Not negative: days of imprisonment, costs, points. A weight of 0 leaves a kind out. Of a
        table with these two columns ``table.set_index("kind")["weight"]``.
    start, end
        First and last month of the panel; offenses of other months are not weighed.
    default
        The weight of kinds that the table does not have, and of records without a kind. Absent:
        such records are refused.

    Returns
    -------
    Severity
        ``panel``: mahallas, sorted by code, by months without gaps, zeros kept. ``without_weight``:
        how many records of each kind took the default, by kind; those without a kind under ''.

    Raises
    ------
    InputError
        If a weight is negative or not a number, a kind has two weights, a kind has none and there
        is no default, a mahalla is unknown or has two rows, a record has no month, or the months
        are in the wrong order.

    Notes
    -----
    A weighted sum is no count: one murder of weight 5,000 is not 5,000 offenses that happened
    independently. Gi* by its formula (`gi_z`), densities, Lorenz curves and empirical ranks take
    such sums; Poisson and gamma-Poisson models, exact limits, funnels and simulation envelopes do
    not, and those here refuse sums that are not whole.

    References
    ----------
    Sherman, L., Neyroud, P. W. & Neyroud, E. (2016). The Cambridge Crime Harm Index: measuring
    total harm from crime based on sentencing guidelines. Policing 10, 171-183.
    https://doi.org/10.1093/police/paw003

    Examples
    --------
    >>> january = pd.Period("2025-01")
    >>> placed = pd.DataFrame({"mahalla_code": ["b", "b", "a"], "month": [january] * 3})
    >>> placed["kind"] = ["theft", "robbery", "noise"]
    >>> weights = {"theft": 2, "robbery": 30}
    >>> mahallas = pd.DataFrame(index=["a", "b"])
    >>> harm = weigh_offenses(placed, mahallas, weights, start=january, end=january, default=0)
    >>> harm.panel.rename_axis(index=None)
    month  2025-01
    a          0.0
    b         32.0
    >>> harm.without_weight.to_dict()
    {'noise': 1}
    """
    if start > end:
        raise InputError(
            _(
                "The first month, {start}, is after the last, {end}; give them in their order.",
                start=start,
                end=end,
            )
        )
    table = _table(weights, default)
    dateless = int(placed["month"].isna().sum())
    if dateless:
        raise InputError(
            _(
                "{dateless} placed records have no month; reject records without a date before "
                "weighing.",
                dateless=dateless,
            )
        )
    months = pd.period_range(start, end, freq="M", name="month")
    column = pd.PeriodIndex(placed["month"], freq="M").asi8 - start.ordinal
    inside = (column >= 0) & (column < len(months))
    within = placed[inside]
    codes = pd.Index(mahallas.index, name="mahalla_code").sort_values()
    if not codes.is_unique:
        twice = codes[codes.duplicated()][0]
        raise InputError(
            _("Mahalla '{code}' has two rows in the layer; give each mahalla one row.", code=twice)
        )
    rows = codes.get_indexer(pd.Index(within["mahalla_code"]))
    if (rows < 0).any():
        unknown = within["mahalla_code"].to_numpy()[rows < 0]
        raise InputError(
            _(
                "{records} placed records lie in mahallas that are not in the layer, the first in "
                "{code}; place the records onto this layer again.",
                records=len(unknown),
                code=repr(unknown[0]),
            )
        )
    kinds = within["kind"].astype("category")
    # those without a kind come last, under a name of their own
    names = pd.Index([*(str(name) for name in kinds.cat.categories), ""], name="kind")
    kind = np.where(kinds.cat.codes < 0, len(names) - 1, kinds.cat.codes)
    records = pd.Series(np.bincount(kind, minlength=len(names)), names, name="records")
    records = records.groupby(level=0).sum()
    without = records[(records > 0) & ~records.index.isin(table.index)]
    if default is None and len(without):
        raise InputError(_no_weight(without, table))
    weights_of = table.reindex(names, fill_value=0.0 if default is None else default)

    # counted first and weighed afterwards, kind by kind in the order of their names, so that the
    # order of the records cannot change a sum
    cells = rows * len(months) + column[inside]
    by_kind = np.argsort(kind, kind="stable")
    bounds = np.searchsorted(kind[by_kind], np.arange(len(names) + 1))
    sums = np.zeros(len(codes) * len(months))
    for i in np.lexsort([names]):
        of_kind = cells[by_kind[bounds[i] : bounds[i + 1]]]
        sums += weights_of.iloc[i] * np.bincount(of_kind, minlength=len(sums))
    panel = pd.DataFrame(sums.reshape(len(codes), len(months)), index=codes, columns=months)
    return Severity(panel, without)


def _table(
    weights: Mapping[str, float] | pd.Series[float], default: float | None
) -> pd.Series[float]:
    try:
        table = pd.Series(weights, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            _("A weight is no number ({error}); weights are numbers from 0.", error=error)
        ) from None
    # kinds are compared as text: an article's number may be a number on one side alone
    table.index = table.index.map(str)
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()][0]
        raise InputError(_("The kind '{kind}' has two weights; give each kind one.", kind=twice))
    wrong = table[~((table >= 0) & np.isfinite(table))]
    if len(wrong):
        raise InputError(
            _(
                "The weight of '{kind}' is {weight}; weights are numbers from 0.",
                kind=wrong.index[0],
                weight=f"{wrong.iloc[0]:g}",
            )
        )
    if default is not None and not 0 <= default < float("inf"):
        raise InputError(
            _(
                "The default weight is {default}; weights are numbers from 0.",
                default=f"{default:g}",
            )
        )
    return table


def _no_weight(without: pd.Series[int], table: pd.Series[float]) -> str:
    kind = str(without.index[0])
    if kind == "":
        return _(
            "{records} records have no kind and so no weight; add it to the table or give a "
            "default weight.",
            records=without.iloc[0],
        )
    return _(
        "{records} records are of kinds without a weight, the first '{kind}' ({hint}); add it to "
        "the table or give a default weight.",
        records=without.sum(),
        kind=kind,
        hint=nearest_sentence(kind, sorted(str(name) for name in table.index)),
    )
