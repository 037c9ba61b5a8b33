"""What the report says: sentences and tables worked out by hand on a few mahallas."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from hotspot.language import speaking
from hotspot.reports.report_blocks import (
    Block,
    Box,
    Bullets,
    Coloured,
    Heading,
    Picture,
    Report,
    Table,
    Text,
    Tiles,
)
from hotspot.reports.report_content import compose_report
from hotspot.reports.report_docx import write_docx
from hotspot.reports.report_facts import Change, Compared, Facts
from hotspot.reports.report_pdf import write_pdf

MONTHS = pd.period_range("2024-01", "2024-06", freq="M")
METHODS = ("mine", "count_12m", "count_1m", "rate_12m", "frozen", "random", "best")
CRITERIA = {
    "name": "mine",
    "version": "3",
    "sha256": "0123456789abcdef",
    "window_months": 12,
    "min_hit_rate": 0.85,
    "green": {"all": ["count == 0"]},
    "red": {
        "all": ["count >= 3", "rate_ratio > 1"],
        "any": ["excess_probability >= 0.95", "gi_bin >= 2"],
        "not": ["gi_q > 0.5"],
        "stay": {"all": ["count >= 2"]},
        "override": {"kinds": ["murder"], "count": 2},
    },
}
# r red, y yellow, g green, n not assessed: January to June
HISTORY = {
    "a": "rrrrrr",  # red all along
    "b": "yyyyyr",  # red for the first time in June
    "c": "rryyyr",  # returns in June
    "d": "rrrrry",  # leaves in June
    "e": "yrrryy",  # red within the half-year only
    "f": "gggggg",
    "h": "nnnnng",
}
NAMES = {"r": "red", "y": "yellow", "g": "green", "n": "not_assessed"}


def facts(length: int = 1, **more: object) -> Facts:
    """Return what a month of seven mahallas in two districts tells."""
    codes = list(HISTORY)
    history = pd.DataFrame(
        [[NAMES[sign] for sign in HISTORY[code]] for code in codes], index=codes, columns=MONTHS
    )
    table = pd.DataFrame(
        {
            "mahalla_code": codes,
            "name": [f"Mahalla {code}" for code in codes],
            "district": ["One"] * 4 + ["Two"] * 3,
            "region": "North",
            "population": 1000.0,
            "count": [40, 9, 12, 5, 4, 0, 0],
            "count_month": [4, 3, 2, 0, 0, 0, 0],
            "count_ytd": [20, 6, 7, 2, 2, 0, 0],
            "count_ytd_last_year": [18, 0, 7, 9, 1, 1, 0],
            "rate": [4000.0, 900.0, 1200.0, 500.0, 400.0, 0.0, np.nan],
            "red_probability": [1.0, 0.9, 0.8, 0.4, 0.1, 0.0, 0.0],
            "category": history[MONTHS[-1]],
            "previous_category": history[MONTHS[-2]],
            "months_red": [6, 1, 1, 0, 0, 0, 0],
            "reason": [f"Because of {code}." for code in codes],
        },
        index=codes,
    )
    sums = {"mahallas": [4, 3, 7], "red": [3, 0, 3], "yellow": [1, 1, 2], "green": [0, 2, 2]}
    districts = pd.DataFrame(
        {"region": ["North", "North", "total"], "district": ["One", "Two", None]}
        | sums
        | {"not_assessed": [0, 0, 0], "offenses": [66, 4, 70], "hit_rate": [0.97, 0.8, 0.95]}
    )
    compared = pd.DataFrame(
        {
            "district": ["One", "Two", "total"],
            "now": [35, 2, 37],
            "before": [34, 0, 34],
            "change": [35 / 34 - 1, np.nan, 37 / 34 - 1],
            "p": [0.9, 0.0004, 0.72],
        }
    )
    kinds = compared.drop(columns="district").assign(
        what=["all", "group", "kind"], kind=["", "property", "theft"]
    )
    tested = pd.DataFrame(
        [
            {"month": str(month), "horizon": 1, "method": method, "hit_rate": 0.1 * (place + 1)}
            for month in MONTHS[:-1]
            for place, method in enumerate(METHODS)
        ]
    )
    summary = pd.DataFrame(
        {
            "horizon": 1,
            "method": METHODS,
            "measure": "hit_rate",
            "months": 5,
            "mean": 0.5,
            "lower": 0.4,
            "upper": 0.6,
        }
    )
    zeros = pd.DataFrame(
        {"mahalla_code": ["h"], "name": ["?"], "district": ["Two"], "months": [6], "q": [0.003]}
    )
    given = Facts(
        region="North",
        month=MONTHS[-1],
        length=length,
        table=table,
        criteria=CRITERIA,
        history=history,
        window=(pd.Period("2023-07", "M"), MONTHS[-1], 1),
        change=Change(70, 56, 0.25, 0.21),
        compared=Compared(MONTHS[0], MONTHS[-1], compared, kinds),
        districts=districts,
        zeros=zeros,
        backtest=tested,
        backtest_summary=summary,
        records={
            "read": 100,
            "placed": 95,
            "rejected": 5,
            "rejected_by": {"outside": 1, "bad_date": 4},
        },
        kinds=("theft", "murder"),
        hold=2,
        ledger="fedcba9876543210",
    )
    return replace(given, **more)


def section(report: Report, heading: str) -> list[Block]:
    """Return the blocks below a heading of the first level, to the next one."""
    found: list[Block] = []
    inside = False
    for block in report.blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.text == heading
        elif inside:
            found.append(block)
    return found


def texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Text | Heading)]


def rows(blocks: list[Block], number: int) -> list[tuple[str, ...]]:
    table = [block for block in blocks if isinstance(block, Table)][number]
    return [
        tuple(cell.text if isinstance(cell, Coloured) else cell for cell in row)
        for row in table.rows
    ]


def headings(report: Report) -> list[str]:
    return [b.text for b in report.blocks if isinstance(b, Heading) and b.level == 1]


def test_the_month_in_plain_sentences() -> None:
    report = compose_report(facts())
    brief = section(report, "The month in brief")
    assert (report.title, report.subtitle) == ("Review of the mahallas: month", "North, June 2024")
    assert report.foot == "Analytical, not official. Criteria mine, version 3, 0123456789ab"
    tiles = next(block for block in brief if isinstance(block, Tiles))
    assert [(figure, what.category) for figure, what in tiles.items] == [
        ("3", "red"),
        ("2", "yellow"),
        ("2", "green"),
        ("0", "not_assessed"),
    ]
    assert texts(brief) == [
        "7 mahallas are looked at: 3 red, 2 yellow, 2 green, 0 not assessed. Compared with the "
        "categories before (May 2024), 2 mahallas became red. 1 of them returns: it was red at "
        "some time earlier. 1 mahalla is no longer red. Longest red is Mahalla a (One): 6 months "
        "in a row. In the window (July 2023 – June 2024) 70 counted offenses are placed. In the "
        "same months a year before there were 56; change: +25.0 %, p by the E-test: 0.210. "
        "1 month of the window has no records."
    ]


def test_who_is_red_all_along_may_be_so_for_longer() -> None:
    table = facts().table.assign(months_red=[6, 6, 1, 0, 0, 0, 0])
    brief = texts(section(compose_report(facts(table=table)), "The month in brief"))[0]
    assert (
        " 2 mahallas are red in every month whose categories are known: 6, from January 2024. "
        in brief
    )
    table["months_red"] = [5, 5, 1, 0, 0, 0, 0]
    brief = texts(section(compose_report(facts(table=table)), "The month in brief"))[0]
    assert " 2 mahallas are red for the longest time, months in a row: 5. " in brief


def test_a_mahalla_without_a_district_is_told_by_its_name() -> None:
    nowhere = facts().districts.assign(district=None)
    report = compose_report(facts(table=facts().table.assign(district=np.nan), districts=nowhere))
    brief = texts(section(report, "The month in brief"))[0]
    assert " Longest red is Mahalla a: 6 months in a row. " in brief
    assert "Districts" not in headings(report)
    # the share placed is of districts alone
    assert texts(section(report, "Records placed by district"))[-1].startswith("Bad date: 4")


def test_years_that_miss_months_say_so() -> None:
    words = "Months with records: 6 now, 5 a year before; the change is by the month."
    change = replace(facts().change, months=(6, 5))
    compared = replace(facts().compared, months=(6, 5))
    report = compose_report(facts(change=change, compared=compared))
    assert words in texts(section(report, "The month in brief"))[0]
    assert words in texts(section(report, "Offenses beside last year's"))
    assert words not in str(compose_report(facts()))


def test_a_period_of_which_some_months_are_known_says_so() -> None:
    known = facts().history[MONTHS[-2:]]
    reds = texts(section(compose_report(facts(6, history=known)), "The red mahallas"))
    assert "Of the period the categories of 2 months only are known." in reds
    whole = texts(section(compose_report(facts(6)), "The red mahallas"))
    assert not [text for text in whole if text.startswith("Of the period")]


def test_without_population_nothing_is_said_of_rates() -> None:
    assert "rate is of" not in str(section(compose_report(facts()), "Districts"))
    rates = facts().districts.assign(rate=[1.0, 2.0, 1.5])
    told = texts(section(compose_report(facts(districts=rates)), "Districts"))
    assert told == [
        "The rate is of counted offenses per 100,000 people and year. The share placed is of the "
        "records that name the district."
    ]


def test_one_month_is_no_span() -> None:
    alone = replace(facts().compared, first=MONTHS[-1])
    beside = section(compose_report(facts(compared=alone)), "Offenses beside last year's")
    assert texts(beside)[0].startswith("Counted offenses of June 2024 and of the same months ")
    beside = section(compose_report(facts()), "Offenses beside last year's")
    assert texts(beside)[0].startswith("Counted offenses of January 2024 – June 2024 and of ")


def test_a_month_in_which_nothing_changed() -> None:
    history = facts().history.copy()
    history[MONTHS[-2]] = history[MONTHS[-1]]
    report = compose_report(facts(history=history))
    assert (
        "Compared with the categories before (May 2024), no mahalla became red and none left red."
        in texts(section(report, "The month in brief"))[0]
    )
    assert texts(section(report, "What changed and why")) == [
        "No mahalla changed its category since the month before (May 2024)."
    ]


def test_what_changed_is_counted_and_has_its_whole_reason() -> None:
    changes = section(compose_report(facts()), "What changed and why")
    assert rows(changes, 0) == [
        ("Yellow", "Red", "2"),
        ("Red", "Yellow", "1"),
        ("Not assessed", "Green", "1"),
    ]
    assert texts(changes) == [
        "2 mahallas became red",
        "1 mahalla is no longer red",
        "1 other mahalla changed its category",
    ]
    # those with most offenses first
    assert rows(changes, 1) == [
        ("Mahalla c", "One", "Yellow", "12", "Because of c."),
        ("Mahalla b", "One", "Yellow", "9", "Because of b."),
    ]
    assert rows(changes, 2) == [("Mahalla d", "One", "Yellow", "5", "Because of d.")]
    assert rows(changes, 3) == [("Mahalla h", "Two", "Not assessed", "Green", "0", "0")]


def test_a_half_year_is_compared_with_the_month_before_it() -> None:
    months = pd.period_range("2023-12", "2024-06", freq="M")
    history = facts().history.copy()
    history.insert(0, months[0], ["yellow", "yellow", "red", "red", "red", "green", "green"])
    report = compose_report(facts(6, history=history))
    assert report.title == "Review of the mahallas: half-year"
    assert report.subtitle == "North, January 2024 – June 2024"
    brief = texts(section(report, "The period in brief"))[0]
    # a and b are new, c was red before it, d and e are no longer
    assert "(December 2023), 2 mahallas became red. 2 mahallas are no longer red." in brief
    reds = section(report, "The red mahallas")
    assert "1 mahalla was red in all months of the period" in texts(reds)
    assert "4 mahallas were red in some months of the period" in texts(reds)
    assert [row[0] for row in rows(reds, 0)] == ["Mahalla a"]
    assert [row[0] for row in rows(reds, 1)] == ["Mahalla c", "Mahalla b", "Mahalla d", "Mahalla e"]
    changes = section(report, "What changed and why")
    heads = [block for block in changes if isinstance(block, Table)][1].columns
    assert heads[2].head == "Before (December 2023)"


def test_a_period_before_which_nothing_is_known_says_so() -> None:
    report = compose_report(facts(6))
    assert texts(section(report, "What changed and why")) == [
        "The categories before the period (December 2023) are not known: what changed cannot be "
        "said."
    ]


def test_nobody_in_a_list_is_a_sentence_and_no_heading() -> None:
    history = facts().history.replace({"red": "yellow"})
    reds = compose_report(facts(3, history=history)).blocks
    assert Text("0 mahallas were red in all months of the period.") in reds
    assert Text("0 mahallas were red in some months of the period.") in reds


def test_where_every_red_holds_no_others_are_named() -> None:
    reds = texts(section(compose_report(facts(hold=3)), "The red mahallas"))
    assert reds[0] == (
        "Every red mahalla is red under every other choice that was tried, too (window, "
        "neighbours, records not placed)."
    )
    some = texts(section(compose_report(facts(hold=2)), "The red mahallas"))
    assert some[0].endswith("sensitivity.csv names the others.")


def test_long_reds_go_to_other_officials() -> None:
    table = facts().table.assign(months_red=[61, 36, 35, 0, 0, 0, 0])
    reds = section(compose_report(facts(table=table)), "The red mahallas")
    assert (
        "2 mahallas have been red for 36 months in a row or longer and go to other officials; for "
        "60 months or longer: 1." in texts(reds)
    )
    assert [row[:3] for row in rows(reds, 1)] == [
        ("Mahalla a", "One", "61"),
        ("Mahalla b", "One", "36"),
    ]
    none = section(compose_report(facts()), "The red mahallas")
    assert (
        "No mahalla has been red for 36 months in a row; after 36 and again after 60 a mahalla "
        "goes to other officials." in texts(none)
    )
    assert (
        "The categories are known for 6 months only, from January 2024: no longer time can be "
        "seen." in texts(none)
    )


def test_districts_sums_and_what_was_placed() -> None:
    report = compose_report(facts())
    assert rows(section(report, "Districts"), 0) == [
        ("One", "4", "3", "1", "0", "0", "66", "97.0 %"),
        ("Two", "3", "0", "1", "2", "0", "4", "80.0 %"),
        ("Total", "7", "3", "2", "2", "0", "70", "95.0 %"),
    ]
    beside = section(report, "Offenses beside last year's")
    assert rows(beside, 0) == [
        ("All offenses", "35", "34", "+2.9 %", "0.900"),
        ("Group: property", "2", "0", "–", "<0.001"),
        ("theft", "37", "34", "+8.8 %", "0.720"),
    ]
    assert rows(beside, 1)[-1] == ("Total", "37", "34", "+8.8 %", "0.720")
    placed = section(report, "Records placed by district")
    assert texts(placed) == [
        "100 records were read, 95 placed on a mahalla and 5 not counted.",
        "Bad date: 4, Outside all mahallas: 1",
        "In 1 district fewer than 85 % of the records could be placed, so that a zero there is no "
        "evidence of nothing; the lowest: Two (80.0 %).",
    ]


def test_who_fell_silent_is_listed_by_the_name_that_the_report_uses() -> None:
    zeros = section(compose_report(facts()), "Suspicious zeros")
    assert rows(zeros, 0) == [("Mahalla h", "Two", "6", "0.003")]
    assert texts(zeros)[0].startswith("1 mahalla fell silent although its past makes that")
    none = compose_report(facts(zeros=facts().zeros.iloc[:0]))
    assert texts(section(none, "Suspicious zeros")) == [
        "No mahalla fell silent although its past would make that improbable."
    ]


def test_the_last_list_is_put_to_the_test() -> None:
    tested = section(compose_report(facts()), "The last lists put to the test")
    assert texts(tested)[0] == (
        "The reds of May 2024 met 10.0 % of the offenses of June 2024; a list as long by last "
        "year's count would have met 20.0 %, one at random 60.0 %, the best possible 70.0 %."
    )
    assert rows(tested, 0)[0] == ("Criteria mine", "10.0 %", "50.0 %", "40.0 % – 60.0 %")
    quarter = section(compose_report(facts(3)), "The last lists put to the test")
    assert texts(quarter)[0].startswith("The lists of reds from March 2024 to May 2024 met on")


def test_the_rules_are_told_in_their_own_words() -> None:
    box = next(block for block in compose_report(facts()).blocks if isinstance(block, Box))
    assert box.items[1:6] == (
        "Counted kinds: theft, murder.",
        "Green where: count == 0.",
        "Red where: all of (count >= 3; rate_ratio > 1), at least one of "
        "(excess_probability >= 0.95; gi_bin >= 2), none of (gi_q > 0.5).",
        "Red the month before, and red still where: count >= 2.",
        "Red in any case where at least 2 offenses are of these kinds: murder.",
    )
    assert box.items[-1].startswith("The words of the rules: count = Offenses in the window, ")


def test_limits_are_told() -> None:
    limits = compose_report(facts()).blocks[-1]
    assert isinstance(limits, Bullets)
    assert limits.items[0].endswith("It does not mean safety.")
    assert limits.items[-2].startswith("5 records are not counted: ")
    assert limits.items[-1] == "Months that were published are taken from the ledger fedcba987654."


def test_a_public_month_tells_mahallas_only() -> None:
    names = "mahalla_code name district region category previous_category months_red reason"
    told = facts().table[names.split()]
    two = {"yellow": "not_red", "green": "not_red", "not_assessed": "not_red"}
    told = told.replace({"category": two, "previous_category": two})
    public = Facts(
        region="North",
        month=MONTHS[-1],
        length=1,
        table=told,
        criteria=CRITERIA,
        history=facts().history.replace(two),
        window=facts().window,
        districts=facts()
        .districts[["region", "district", "mahallas", "red"]]
        .assign(not_red=[1, 3, 4]),
    )
    report = compose_report(public)
    assert headings(report) == [
        "The month in brief",
        "What changed and why",
        "The red mahallas",
        "Districts",
        "Method",
        "Limits",
    ]
    assert texts(section(report, "The month in brief"))[0].startswith(
        "7 mahallas are looked at: 3 red, 4 not red. Compared"
    )
    assert rows(section(report, "Districts"), 0)[-1] == ("Total", "7", "3", "4")
    assert rows(section(report, "What changed and why"), 1)[0] == (
        "Mahalla b", "One", "Not red", "Because of b.",
    )  # fmt: skip
    assert write_pdf(report).startswith(b"%PDF")
    assert write_docx(report).startswith(b"PK")


def republic(length: int) -> Facts:
    """Return what a republic tells in which everything changes, for long reasons."""
    number = np.arange(9_008)
    codes = [f"{at:05d}" for at in number]
    reason = (
        "Yellow: 9 counted offenses in 12 months; " + "excess_probability 0.572 is not >= 0.99; "
    )
    columns = {
        "name": [f"Mahalla {code}" for code in codes],
        "district": [f"District {at % 208}" for at in number],
        "region": [f"Region {at % 14}" for at in number],
        "count": number,
        "count_month": 1,
        "count_ytd": 6,
        "count_ytd_last_year": 5,
        "rate": 100.0,
        "red_probability": 0.9,
        "category": np.where(number % 2, "red", "yellow"),
        "previous_category": np.where(number % 2, "yellow", "red"),
        "months_red": np.where(number % 2, 40, 0),
        "reason": reason * 6,
    }
    table = pd.DataFrame(columns, index=codes)
    months = pd.period_range("2023-12", "2024-06", freq="M")
    history = pd.DataFrame(dict.fromkeys(months, table["category"]))
    history[[months[0], months[-2]]] = np.array([table["previous_category"]] * 2).T
    history[months[3]] = "yellow"
    of = pd.DataFrame({"mahallas": 43, "red": [*range(208), 9_008], "hit_rate": 0.9, "rate": 9.0})
    names = [f"District {at}" for at in range(208)]
    compared = pd.DataFrame(
        {"district": [*names, "total"], "now": 9, "before": 8, "change": 0.125, "p": 0.5}
    )
    kinds = compared.drop(columns="district").assign(
        what="kind", kind=[f"Kind {at}" for at in range(209)], now=range(209)
    )
    return replace(
        facts(length),
        region="",
        table=table,
        history=history,
        picture=drawn(900, 600),
        tested=drawn(900, 450),
        districts=of.assign(district=[*names, None]),
        regions=of.tail(15).assign(region=[*(f"Region {at}" for at in range(14)), "total"]),
        compared=Compared(MONTHS[0], MONTHS[-1], compared, kinds),
        zeros=pd.DataFrame(
            {"mahalla_code": codes, "name": "?", "district": "One", "months": 6, "q": 0.003}
        ),
    )


def drawn(width: int, height: int) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), "#4daf7c").save(written, "png")
    return written.getvalue()


def test_a_republic_is_cut_to_the_gravest_and_says_where_the_rest_is() -> None:
    report = compose_report(republic(1))
    changes = section(report, "What changed and why")
    assert len(rows(changes, 1)) == 4
    assert rows(changes, 1)[0][:3] == ("Mahalla 09007", "Region 5", "District 63")
    assert "The table shows 4 of them; 4,500 more are in categories.csv." in texts(changes)
    districts = section(report, "Districts")
    assert len(rows(districts, 0)) == 15
    sums = rows(districts, 1)
    assert [sums[0][0], sums[-2][0], sums[-1][0]] == ["District 207", "District 202", "Total"]
    assert "The table shows 6 of them; 202 more are in districts.csv." in texts(districts)
    beside = rows(section(report, "Offenses beside last year's"), 0)
    assert [row[0] for row in beside] == [f"Kind {at}" for at in range(201, 209)]


@pytest.mark.parametrize(("language", "length"), [("en", 1), ("ru", 1), ("uz", 6), ("ru", 6)])
def test_a_republic_s_report_has_six_pages_at_most(language: str, length: int) -> None:
    with speaking(language):
        written = write_pdf(compose_report(republic(length)))
    assert int(re.findall(rb"/Count (\d+)", written)[-1]) <= 6


@pytest.mark.parametrize(("language", "length"), [("uz", 1), ("uz_Cyrl", 3), ("ru", 6), ("en", 6)])
def test_every_language_and_period_is_written_the_same_twice(language: str, length: int) -> None:
    with speaking(language):
        report, again = compose_report(facts(length)), compose_report(facts(length))
        assert report == again
        assert write_pdf(report) == write_pdf(again)
        assert write_docx(report) == write_docx(again)
    # every chart bears words for those who cannot see it
    assert all(block.words for block in report.blocks if isinstance(block, Picture))


def test_the_order_of_the_rows_changes_no_byte() -> None:
    turned = facts()
    turned = replace(turned, table=turned.table.iloc[::-1], history=turned.history.iloc[::-1])
    assert compose_report(turned) == compose_report(facts())
