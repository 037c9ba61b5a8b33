"""A month drawn for its readers, in each of their languages: maps, workbook and report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from hotspot.categories.classify import classify
from hotspot.categories.observability import why_not_observable
from hotspot.flips import flip_distances
from hotspot.language import _, mark, number, speaking, spoken
from hotspot.maps.atlas import draw_atlas
from hotspot.maps.page_map import draw_page_map
from hotspot.maps.print_map import print_map
from hotspot.maps.small_multiples import draw_months
from hotspot.maps.web_map import web_map
from hotspot.maps.web_texts import Texts
from hotspot.monthly import Month
from hotspot.notes import describe_window
from hotspot.reports.backtest_figure import draw_backtest
from hotspot.reports.report_content import compose_report
from hotspot.reports.report_docx import write_docx
from hotspot.reports.report_pdf import write_pdf
from hotspot.reports.workbook import write_workbook
from hotspot.review_facts import PERIODS, gather_facts, periods_of
from hotspot.statistics.counts import rolling_counts

_OWN_NAMES = {"uz_Cyrl": "name_cyrl", "ru": "name_ru"}


def draw_month(
    month: Month,
    folder: Path,
    *,
    languages: Sequence[str] = ("en",),
    paper: str = "A4",
    progress: Callable[[str], None] = lambda step: None,
) -> None:
    """Draw a month into a folder.

    Parameters
    ----------
    month : what :func:`hotspot.monthly.run_month` returns.
    folder : where the files go, which is there.
    languages : the first one's files have plain names, as ``map.pdf``; those of the others bear
        the language, as ``map.ru.pdf``. The interactive map is one file in all languages.
    paper : the size of the printed maps, A4 or A3.
    progress : called with a few words before each step.
    """
    reader = spoken()

    def step(words: str) -> None:
        # in the language of who waits, not of the page at work
        with speaking(reader):
            progress(_(words))

    step(mark("drawing the interactive map"))
    (folder / "map.html").write_text(_draw_web_map(month, languages), encoding="utf-8")
    picture = draw_page_map(month.table)
    for language in languages:
        ending = "" if language == languages[0] else f".{language}"
        with speaking(language):
            told = tell(month, language)
            step(mark("writing the workbook"))
            (folder / f"categories{ending}.xlsx").write_bytes(_write_workbook(told))
            step(mark("drawing the printed maps"))
            for kind in ("png", "pdf"):
                (folder / f"map{ending}.{kind}").write_bytes(_draw_print_map(told, kind, paper))
                if told.history.shape[1] > 1:
                    drawn = _draw_months(told, kind, paper)
                    (folder / f"months{ending}.{kind}").write_bytes(drawn)
            step(mark("drawing the atlas"))
            (folder / f"atlas{ending}.pdf").write_bytes(_draw_atlas(told, paper))
            tested = None
            if told.backtest is not None and len(told.backtest):
                method = told.account["criteria"]["name"]
                tested = draw_backtest(told.backtest, method=method)
                (folder / f"backtest{ending}.png").write_bytes(tested)
            step(mark("writing the report"))
            for name, written in _write_reports(told, picture, tested, ending).items():
                (folder / name).write_bytes(written)


def tell(month: Month, language: str) -> Month:
    """Return a month with names in the script of a language, where known, and its reasons."""
    table = month.table
    mahallas = month.setting.placement.mahallas
    own = mahallas.get(_OWN_NAMES.get(language, "name"))
    if own is not None:
        table = table.assign(name=own.where(own.notna(), table["name"]))
    if language in month.reasons:
        table = table.assign(reason=month.reasons[language])
    return replace(month, table=table)


def rule_of(month: Month) -> str:
    """Return which criteria coloured the month, so that a map can be held against them."""
    criteria = month.account["criteria"]
    named = {key: criteria[key] for key in ("name", "version")}
    digest = criteria["sha256"][:12]
    if head := month.account.get("ledger", {}).get("head"):
        return _(
            "{name}, version {version}, SHA-256 {digest}…, ledger {head}…",
            **named,
            digest=digest,
            head=head[:12],
        )
    return _("{name}, version {version}, SHA-256 {digest}…", **named, digest=digest)


def title_of(table: pd.DataFrame) -> str:
    """Return what the map shows: the region, where there is one only."""
    regions = table["region"].dropna().unique()
    title = _("Mahallas by criminogenic situation")
    return f"{title}, {regions[0]}" if len(regions) == 1 else title


def _draw_web_map(month: Month, languages: Sequence[str]) -> str:
    table, surface = month.table, month.surface
    density = None if surface is None else (surface.values, surface.x, surface.y, surface.crs)
    # the page shows and finds a mahalla by its names in the other scripts too
    other = pd.DataFrame(month.setting.placement.mahallas[["name_cyrl", "name_ru"]])
    texts = {}
    for language in languages:
        with speaking(language):
            texts[language] = Texts(
                title_of(table),
                rule_of(month),
                (describe_window(month.account),),
                month.reasons.get(language),
            )
    first, unplaced = texts[languages[0]], month.districts.get("unplaced")
    with speaking(languages[0]):
        return web_map(
            table.join(other),
            title=first.title,
            month=str(month.month),
            criteria=first.criteria,
            density=density,
            unplaced=0 if unplaced is None else int(unplaced.iloc[-1]),
            notes=first.notes,
            history=month.history,
            counts=month.counts if month.counts.shape[1] else None,
            window=month.account["criteria"]["window_months"],
            gi_bins=_gi_bins(month),
            neighbours=month.neighbours,
            flips=_flips(month),
            others=texts,
        )


def _gi_bins(month: Month) -> pd.DataFrame | None:
    """Return the bins of every month with a whole window, where they may be shown."""
    if "gi_bin" not in month.table:
        return None
    first = pd.PeriodIndex(month.counts.columns)[0] + month.setting.criteria.window_months - 1
    known = pd.PeriodIndex(month.history.columns)
    months = known[known >= first]
    reachable, *_seen = month.setting.observe(months)
    gathered = month.setting.gather(months, reachable, {"gi_bin"})
    return pd.DataFrame(gathered["gi_bin"])


def _flips(month: Month) -> pd.DataFrame | None:
    """Return how far each mahalla is from another colour, where counts may be shown."""
    if "count" not in month.table:
        return None
    previous = month.history.iloc[:, -2] if month.history.shape[1] > 1 else None
    return flip_distances(month.setting.window(month.month, previous))


def _draw_print_map(month: Month, kind: str, paper: str) -> bytes:
    return print_map(
        month.table,
        title=title_of(month.table),
        month=str(month.month),
        criteria=rule_of(month),
        window=describe_window(month.account),
        source=_source_of(month),
        paper=paper,
        path_format=kind,
    )


def _draw_months(month: Month, kind: str, paper: str) -> bytes:
    return draw_months(
        month.table.geometry,
        month.history,
        title=title_of(month.table),
        districts=month.table["district"],
        criteria=rule_of(month),
        paper=paper,
        path_format=kind,
    )


def _draw_atlas(month: Month, paper: str) -> bytes:
    return draw_atlas(
        month.table,
        title=title_of(month.table),
        month=str(month.month),
        criteria=rule_of(month),
        source=_source_of(month),
        paper=paper,
    )


def _source_of(month: Month) -> str:
    """Return what the categories are made from; nothing of a public month's records."""
    records = month.account.get("records")
    if records is None:
        return ""
    return _(
        "Offense records read: {read}; placed up to the month: {placed}; in the window: {window}",
        read=number(records["read"]),
        placed=number(records["placed"]),
        window=number(records["in_window"]),
    )


def _write_reports(
    month: Month, picture: bytes | None, tested: bytes | None, ending: str
) -> dict[str, bytes]:
    """Write the report of the month, and those of the quarter and half-year that it ends."""
    written = {}
    for length in periods_of(month.month):
        facts = gather_facts(month, length=length, picture=picture, tested=tested)
        report = compose_report(facts)
        written[f"{PERIODS[length]}{ending}.pdf"] = write_pdf(report)
        written[f"{PERIODS[length]}{ending}.docx"] = write_docx(report)
    return written


def _write_workbook(month: Month) -> bytes:
    named = {
        "districts": month.districts,
        **month.rankings,
        **month.groups,
        "backtest_summary": month.backtest_summary,
        "suspicious_zeros": month.zeros,
        "sensitivity": month.sensitivity,
        "rejected": month.rejected,
        "review": month.review,
    }
    counts = month.counts.astype(float)
    counts.loc[:, counts.columns.isin(month.setting.placement.missing)] = float("nan")
    return write_workbook(
        pd.DataFrame(month.table.drop(columns="geometry")),
        {
            name: _name_mahallas(table, month.table["name"])
            for name, table in named.items()
            if table is not None and len(table.columns)
        },
        month=str(month.month),
        window=describe_window(month.account),
        criteria=month.account["criteria"],
        account=month.account,
        groups=list(month.groups),
        counts=counts if counts.shape[1] else None,
        history=month.history if month.history.shape[1] else None,
        of_groups=_count_groups(month) if "count" in month.table else None,
        reasons_before=_give_reasons_before(month) if "count" in month.table else None,
    )


def _name_mahallas(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Give the mahallas of a table the names that they have in the language spoken."""
    if not {"mahalla_code", "name"} <= set(table):
        return table
    return table.assign(name=table["mahalla_code"].map(names).fillna(table["name"]))


def _give_reasons_before(month: Month) -> pd.Series | None:
    """Say why each mahalla had its category the month before, where today's records say the same.

    A published month keeps its category, whatever the records say since; its reason is not known.
    """
    setting, past = month.setting, month.history.iloc[:, :-1]
    if past.shape[1] == 0:
        return None
    before = month.month - 1
    previous = past.iloc[:, -2] if past.shape[1] > 1 else None
    evidence = setting.window(before, previous).evidence
    reachable, hit_rate, _seen, dated = setting.observe(pd.PeriodIndex([before]))
    months = pd.period_range(before - setting.criteria.window_months + 1, before, freq="M")
    hidden = why_not_observable(
        reachable[before],
        hit_rate[before],
        [at for at in months if at in setting.placement.missing],
        min_hit_rate=setting.criteria.min_hit_rate,
        dated=dated,
    ).where(~evidence["observable"], "")
    verdict = classify(evidence.assign(not_observable=hidden), setting.criteria, previous)
    return verdict["reason"].where(verdict["category"] == past.iloc[:, -1])


def _count_groups(month: Month) -> pd.DataFrame | None:
    """Count each mahalla's offenses of the window by group of kinds."""
    groups = month.account["chosen"]["kind_groups"]
    window, kinds = month.account["criteria"]["window_months"], month.setting.placement.kinds
    sums = {
        group: rolling_counts(kinds.panel(of), window)[month.month] for group, of in groups.items()
    }
    return pd.DataFrame(sums) if sums else None
