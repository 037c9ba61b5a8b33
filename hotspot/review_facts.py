"""What the review meeting is told of a month or of the quarter or half-year that it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hotspot.account import LONG
from hotspot.disclosure import withhold
from hotspot.kinds import spell_kinds
from hotspot.monthly import Month
from hotspot.reports.report_facts import Change, Compared, Facts
from hotspot.rollups import TOTAL
from hotspot.statistics.change import e_test

PERIODS = {1: "report", 3: "report-quarter", 6: "report-half-year"}
"""The names of the files by the months that a report is of."""


def periods_of(month: pd.Period) -> tuple[int, ...]:
    """Return of how many months a report is due: the month, its quarter, its half-year.

    Examples
    --------
    >>> periods_of(pd.Period("2025-01")), periods_of(pd.Period("2025-03"))
    ((1,), (1, 3))
    >>> periods_of(pd.Period("2025-12"))
    (1, 3, 6)
    """
    return tuple(length for length in PERIODS if month.month % length == 0)


def gather_facts(
    month: Month, *, length: int = 1, picture: bytes | None = None, tested: bytes | None = None
) -> Facts:
    """Gather what a report says.

    Parameters
    ----------
    month : what :func:`hotspot.monthly.run_month` returns; of a job with ``public = true`` only
        what may be public is told.
    length : months of the period that ends with the month.
    picture : the map as a PNG.
    tested : the drawing of the back-test as a PNG.
    """
    public = "public" in month.account
    if public and "records" in month.account:
        month = withhold(month)
    account, regions = month.account, month.rankings["regions"]
    window = account["window"]
    first, last = pd.Period(window["from"], "M"), pd.Period(window["to"], "M")
    names = month.table["region"].dropna().unique()
    start = pd.Period(f"{month.month.year}-01", "M") if length == 1 else month.month - length + 1
    return Facts(
        region=names[0] if len(names) == 1 else "",
        month=month.month,
        length=length,
        table=pd.DataFrame(month.table.drop(columns="geometry")),
        criteria=account["criteria"],
        picture=picture,
        without_polygon=account["mahallas"]["without_polygon"],
        history=month.history,
        window=(first, last, len(window["months_without_records"])),
        # of a public month nothing is told that comes from records
        change=None if public else _whole_change(month, first, last),
        compared=None if public else _compare(month, start, month.month),
        districts=month.districts,
        # the last row is the total
        regions=regions if len(regions) > 2 else None,
        zeros=None if public else month.zeros,
        backtest=month.backtest,
        backtest_summary=month.backtest_summary,
        tested=tested,
        records=account.get("records", {}),
        kinds=None if public else tuple(account["chosen"]["counted_kinds"]),
        hold=account.get("sensitivity", {}).get("hold"),
        long=LONG,
        ledger=account.get("ledger", {}).get("head") or "",
    )


def _whole_change(month: Month, first: pd.Period, last: pd.Period) -> Change | None:
    """Return the offenses of a span and of the same months a year before, of all mahallas."""
    whole = month.counts.sum().to_frame(TOTAL).T
    months = _known_months(month, first, last)
    compared = _beside_last_year(whole, *months)
    if compared is None:
        return None
    row = compared.iloc[0]
    lengths = len(months[0]), len(months[1])
    return Change(int(row["now"]), int(row["before"]), row["change"], row["p"], lengths)


def _compare(month: Month, first: pd.Period, last: pd.Period) -> Compared | None:
    """Compare a span with the same months a year before, by district and by kind."""
    placement = month.setting.placement
    by_district = month.counts.groupby(placement.district, sort=True).sum()
    places = placement.mahallas["district"].groupby(placement.district).first()
    by_district.loc[TOTAL] = by_district.sum()
    months = _known_months(month, first, last)
    districts = _beside_last_year(by_district, *months)
    if districts is None:
        return None
    districts.insert(0, "district", [*places.reindex(by_district.index[:-1]), TOTAL])
    kinds = None
    if sums := dict(_sums_by_kind(month)):
        rows = [series.to_numpy() for series in sums.values()]
        panel = pd.DataFrame(rows, columns=month.counts.columns)
        kinds = _beside_last_year(panel, *months)
    if kinds is not None:
        kinds.insert(0, "what", [what for what, _ in sums])
        kinds.insert(1, "kind", [kind for _what, kind in sums])
    lengths = len(months[0]), len(months[1])
    return Compared(first, last, districts.reset_index(drop=True), kinds, lengths)


def _sums_by_kind(month: Month) -> Iterator[tuple[tuple[str, str], pd.Series]]:
    """Yield what is added up with its name, and its months: all, the groups, the kinds."""
    placement = month.setting.placement
    if not set(placement.kinds.totals) - {""}:
        return
    counts = placement.kinds.group(pd.Series(TOTAL, index=month.counts.index))
    yield ("all", ""), month.counts.sum()
    for group, kinds in month.account["chosen"]["kind_groups"].items():
        yield ("group", group), counts.panel(kinds).iloc[0]
    spelt = spell_kinds(placement.found["kinds"])
    for kind in counts.totals:
        yield ("kind", spelt.get(kind, "")), counts.panel([kind]).iloc[0]


def _known_months(
    month: Month, first: pd.Period, last: pd.Period
) -> tuple[pd.PeriodIndex, pd.PeriodIndex]:
    """Return the months of a span that have records, and those of the year before it."""
    placement = month.setting.placement
    months = pd.PeriodIndex(month.counts.columns)
    known = months[(months >= placement.start) & ~months.isin(placement.missing)]
    now = pd.period_range(first, last, freq="M").intersection(known)
    return now, pd.period_range(first - 12, last - 12, freq="M").intersection(known)


def _beside_last_year(
    panel: pd.DataFrame, now: pd.PeriodIndex, before: pd.PeriodIndex
) -> pd.DataFrame | None:
    """Return ``now, before, change, p`` of each row; None where either year has no records."""
    if now.empty or before.empty:
        return None
    table = pd.DataFrame({"now": panel[now].sum(axis=1), "before": panel[before].sum(axis=1)})
    # a year that misses months is compared by the month
    lengths = len(now), len(before)
    earlier = table["before"].where(table["before"] > 0)
    table["change"] = (table["now"] / lengths[0]) / (earlier / lengths[1]) - 1
    table["p"] = e_test(
        table["now"], table["before"], exposure_now=lengths[0], exposure_before=lengths[1]
    )["e_p"]
    return table
