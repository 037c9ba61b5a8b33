"""Dates in every form that files hold; the right reading is written beside each."""

from __future__ import annotations

import contextlib
import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import InputError
from hotspot.loaders.dates import find_date_format, parse_dates

WHERE = "o.csv, column 'date'"


def read(cells: object, **options: object) -> list[str]:
    values = cells if isinstance(cells, pd.DataFrame) else pd.Series(cells)
    form = find_date_format(values, where=WHERE, **options)
    return ["" if d is pd.NaT else f"{d:%Y-%m-%d %H:%M:%S}" for d in parse_dates(values, form)]


def refused(cells: object, **options: object) -> str:
    with pytest.raises(InputError) as error:
        read(cells, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2014-03-02", "2014-03-02 00:00:00"),
        ("2014-3-2", "2014-03-02 00:00:00"),
        ("2014-03-02T05:06:07", "2014-03-02 05:06:07"),
        ("2014-03-02T23:59:59Z", "2014-03-02 23:59:59"),
        ("2014-03-02 05:06:07.123456+05:00", "2014-03-02 05:06:07"),
        ("2014/03/02 05:00:00+00", "2014-03-02 05:00:00"),
        ("2014.03.02", "2014-03-02 00:00:00"),
        ("2014-03", "2014-03-01 00:00:00"),
        ("20140302", "2014-03-02 00:00:00"),
        ("02.03.2014", "2014-03-02 00:00:00"),
        ("2.3.2014 9:05", "2014-03-02 09:05:00"),
        (" 02.03.2014 г. ", "2014-03-02 00:00:00"),
        ("02.03.2014 йил", "2014-03-02 00:00:00"),
        ("2 марта 2014 г.", "2014-03-02 00:00:00"),
        ("02-Mar-2014 10:30", "2014-03-02 10:30:00"),
        ("March 2, 2014 1:05 PM", "2014-03-02 13:05:00"),
        ("2 sentyabr 2014", "2014-09-02 00:00:00"),
        ("2014 йил 2 март", "2014-03-02 00:00:00"),
        ("2014-yil 2-mart", "2014-03-02 00:00:00"),
        ("2014 yil 2 mart 05:06", "2014-03-02 05:06:00"),
        ("2014-йил 02-мартда", "2014-03-02 00:00:00"),
        ("2014 йилнинг 2 март куни", "2014-03-02 00:00:00"),
        ("2 mart 2014", "2014-03-02 00:00:00"),
        ("2-март 2014-йил", "2014-03-02 00:00:00"),
        ("2014 г. 2 марта", "2014-03-02 00:00:00"),
        ("2014-Mar-02", "2014-03-02 00:00:00"),
        ("'02.03.2014", "2014-03-02 00:00:00"),
        ("41700", "2014-03-02 00:00:00"),
        ("41700.25", "2014-03-02 06:00:00"),
        (41700.25, "2014-03-02 06:00:00"),
        (41700, "2014-03-02 00:00:00"),
        (20140302, "2014-03-02 00:00:00"),
        (datetime.date(2014, 3, 2), "2014-03-02 00:00:00"),
        (datetime.datetime(2014, 3, 2, 5, 6), "2014-03-02 05:06:00"),
    ],
)
def test_one_cell(text: object, moment: str) -> None:
    assert read([text]) == [moment]
    # among typed cells and empty ones too
    mixed = pd.Series([text, None, datetime.datetime(2020, 1, 31)], dtype="object")
    assert parse_dates(mixed, find_date_format(mixed)).iloc[0] == pd.Timestamp(moment)


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-30",
        "1900-01-01",
        "1899-12-30",
        "0001-01-01",
        "9999-12-31",
        "31.04.2021",
        "2021-13-01",
        "2021-01-01 25:00",
        "unknown",
        "2021",
        "2021 йил 31 апрел",
        "2021 йил 7 ойда",
        "12345678",
        "99999",
        "",
        "-",
    ],
)
def test_what_is_no_date_is_missing(text: str) -> None:
    assert read([text, "2021-05-05"]) == ["", "2021-05-05 00:00:00"]


def test_the_order_is_found_by_evidence() -> None:
    assert read(["1/1/2017 0:00", "01/02/2017 00:01", "5/21/2018 9:00"])[1] == "2017-01-02 00:01:00"
    assert read(["01/02/2017", "21/05/2018"])[0] == "2017-02-01 00:00:00"
    assert read(["01-02-2017 11:00 pm", "21-05-2018 12:01 a.m."]) == [
        "2017-02-01 23:00:00",
        "2018-05-21 00:01:00",
    ]


def test_both_readings_alike_are_no_question() -> None:
    assert read(["05/05/2020"]) == ["2020-05-05 00:00:00"]


def test_dots_are_day_first_unless_the_column_says_otherwise() -> None:
    assert read(["03.04.2021"]) == ["2021-04-03 00:00:00"]
    assert read(["03.04.2021", "12.31.2021"]) == ["2021-03-04 00:00:00", "2021-12-31 00:00:00"]


def test_a_column_that_reads_both_ways_is_refused() -> None:
    assert refused(["05/05/2020", "03/04/2021", "11/12/2021"]) == (
        "o.csv, column 'date': '03/04/2021' could be day 3 or month 3, and no value of the column "
        "tells; give date_format, such as '%d/%m/%Y' or '%m/%d/%Y'"
    )
    assert read(["03/04/2021"], given="%d/%m/%Y") == ["2021-04-03 00:00:00"]
    assert read(["03/04/2021"], day_first=False) == ["2021-03-04 00:00:00"]


def test_contradictory_columns_are_refused_and_slips_are_not() -> None:
    assert refused(["13/04/2021", "04/13/2021", "01/02/2021"]) == (
        "o.csv, column 'date': '13/04/2021' has its day first and '04/13/2021' its month; "
        "give the column one form"
    )
    days = [f"{d:%d/%m/%Y}" for d in pd.date_range("2019-01-01", "2020-12-31")]
    assert read([*days, "04/13/2021"])[-1] == ""
    assert read([*days, "04/13/2021"])[40] == "2019-02-10 00:00:00"


def test_half_converted_columns_are_refused() -> None:
    days = pd.date_range("2021-01-01", "2021-12-31")
    # a spreadsheet in the other convention turns 03.04.2021 into the fourth of March
    cells = [
        datetime.datetime(d.year, d.day, d.month) if d.day <= 12 else f"{d:%d/%m/%Y}" for d in days
    ]
    assert refused(cells) == (
        "o.csv, column 'date': a spreadsheet has swapped day and month in some dates: those it "
        "converted (such as 2021-01-01) all have a day up to 12, those left as text (such as "
        "'13/01/2021') all begin with a larger number; export the dates as text"
    )


def test_a_column_without_a_date_is_refused() -> None:
    assert refused(["theft", None]) == (
        "o.csv, column 'date': no value can be read as a date (the first is 'theft'); "
        "name another column or give date_format"
    )
    assert refused([None, None]) == (
        "o.csv, column 'date': every cell is empty; name the column that holds the date"
    )
    assert refused(["2021-05-05"], given="%d.%m.%Y") == (
        "o.csv, column 'date': no value fits date_format '%d.%m.%Y' (the first is '2021-05-05'); "
        "correct date_format or leave it out"
    )


def test_a_given_format_is_the_only_one() -> None:
    assert read(["03.04.21", "03.04.2021", "2021-04-03"], given="%d.%m.%y") == [
        "2021-04-03 00:00:00",
        "",
        "",
    ]
    zoned = ["2021-04-03 23:00 +0500", None, "2021-04-03 23:00 -0300"]
    assert read(zoned, given="%Y-%m-%d %H:%M %z") == [
        "2021-04-03 23:00:00",
        "",
        "2021-04-03 23:00:00",
    ]


def test_two_digit_years_need_a_format() -> None:
    assert refused(["07/01/23"]) == (
        "o.csv, column 'date': no value can be read as a date (the first is '07/01/23'); "
        "name another column or give date_format, such as '%d/%m/%y'"
    )
    assert read(["'07.01.23"], given="%d.%m.%y") == ["2023-01-07 00:00:00"]


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("dd.mm.yyyy", "has no % in it; write it like '%d.%m.%Y'"),
        ("%d.%M.%Y", "has no month; write %m for it (%M is minutes)"),
        ("%d %Y", "has no month; write %m for it"),
        ("%d.%m", "has no year; write %Y for 2025, %y for 25"),
        ("%Q", "has '%Q', which is unknown; write it like '%d.%m.%Y'"),
        ("%-d.%m.%Y", "has '%-', which is unknown; write it like '%d.%m.%Y'"),
        ("%d.%m.%", "has '%', which is unknown; write it like '%d.%m.%Y'"),
        ("%d.%d.%Y", "has '%d' 2 times; write it once"),
    ],
)
def test_a_given_format_that_is_none(form: str, fault: str) -> None:
    assert refused(["05.05.2021"], given=form) == (
        f"o.csv, column 'date': date_format '{form}' {fault}"
    )


@settings(deadline=None)
@given(st.text(alphabet="%dmMyYbjHIpzZQ.- ", max_size=12))
def test_any_given_format_reads_or_is_a_sentence(form: str) -> None:
    # nothing but the dates or a sentence comes of it
    with contextlib.suppress(InputError):
        read(["05.05.2021", "2021-05-05 10:11", "-"], given=form)


def test_dates_in_parts() -> None:
    frame = pd.DataFrame(
        {"MINUTE": ["5", None], "DAY": ["2", "30"], "MONTH": ["3", "2"], "YEAR": ["2020", "2021"]}
    )
    assert read(frame) == ["2020-03-02 00:05:00", ""]
    named = pd.DataFrame({"Год": [2020, 2020, 2020], "Ой": ["Март", "October", "avgust"]})
    assert read(named) == ["2020-03-01 00:00:00", "2020-10-01 00:00:00", "2020-08-01 00:00:00"]
    unnamed = pd.DataFrame({"a": [2020], "b": [12], "c": [31]})
    assert read(unnamed) == ["2020-12-31 00:00:00"]


@pytest.mark.parametrize(
    "headings",
    [
        ("Йил", "Ойи", "Куни"),
        ("Йили", "ой", "кун"),
        ("yil", "oyi", "kuni"),
        ("year", "mon", "day"),
        ("YYYY", "MM", "DD"),
        ("Год", "Мес", "День"),
        ("год совершения", "месяц совершения", "день совершения"),
        ("OCC_YEAR", "OCC_MONTH", "OCC_DAY"),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_parts_of_a_date_are_told_by_their_headings(
    headings: tuple[str, ...], order: tuple[int, ...]
) -> None:
    cells = [["2023", "2024"], ["7", "11"], ["31", "5"]]
    frame = pd.DataFrame({headings[at]: cells[at] for at in order})
    assert read(frame) == ["2023-07-31 00:00:00", "2024-11-05 00:00:00"]


def test_parts_that_cannot_be_told_are_refused() -> None:
    def sentence(*headings: str) -> str:
        return refused(pd.DataFrame({heading: ["2023"] for heading in headings}))

    assert sentence("Йил", "ойлик", "кунлик") == (
        "o.csv, column 'date': nothing says which part of the date is in 'ойлик', 'кунлик'; "
        "rename to year, month, day, hour or minute"
    )
    assert sentence("Йил", "Ой", "Ҳафта куни") == (
        "o.csv, column 'date': nothing says which part of the date is in 'Ҳафта куни'; "
        "rename to year, month, day, hour or minute"
    )
    assert sentence("Йил", "Кун") == (
        "o.csv, column 'date': no column holds the month; add it to the date's columns"
    )
    assert sentence("Ой", "Кун", "Соат") == (
        "o.csv, column 'date': no column holds the year; add it to the date's columns"
    )
    assert sentence("Йил", "year", "Ой") == (
        "o.csv, column 'date': 'Йил' and 'year' both hold the year; name one"
    )
    assert sentence(*"abcdef") == (
        "o.csv, column 'date': 6 columns are too many for a date; "
        "name year, month, day, hour and minute"
    )


def test_parts_are_named_in_the_report_and_read_by_a_given_format() -> None:
    frame = pd.DataFrame({"Куни": [31, 5], "Ойи": [7, 11], "Йил": [2023, 2024]})
    assert find_date_format(frame).name == "day in 'Куни', month in 'Ойи', year in 'Йил'"
    assert read(frame, given="%d %m %Y") == ["2023-07-31 00:00:00", "2024-11-05 00:00:00"]


def test_date_and_time_in_two_columns() -> None:
    texts = pd.DataFrame({"sana": ["02.03.2014", "03.03.2014"], "vaqt": ["5:06", None]})
    assert read(texts) == ["2014-03-02 05:06:00", "2014-03-03 00:00:00"]
    # the day and the hour it happened, in two columns
    named = pd.DataFrame({"содир этилган куни": ["02.03.2014"], "соати": ["5:06"]})
    assert read(named) == ["2014-03-02 05:06:00"]
    typed = pd.DataFrame({"sana": [datetime.datetime(2014, 3, 2)], "vaqt": [datetime.time(5, 6)]})
    assert read(typed) == ["2014-03-02 05:06:00"]


def test_typed_columns_keep_the_wall_clock() -> None:
    utc = pd.Series(pd.to_datetime(["2014-03-02 23:30"])).dt.tz_localize("Asia/Tashkent")
    assert read(utc) == ["2014-03-02 23:30:00"]


@pytest.mark.parametrize(
    ("cells", "zoned"),
    [
        (["2014-03-02", "2014-03-02T23:30Z"], True),
        (["2014-03-02 23:30:00.5+05"], True),
        (["2014-03-02 23:30 UTC", None], True),
        ([pd.Timestamp("2014-03-02 23:30", tz="Asia/Tashkent"), "2014-03-02"], True),
        (pd.Series(pd.to_datetime(["2014-03-02"], utc=True)), True),
        (["2014-03-02 23:30", "02.03.2014", "2014-03-02"], False),
        ([datetime.datetime(2014, 3, 2, 5, 6), None], False),
    ],
)
def test_time_zones_are_seen(cells: object, zoned: bool) -> None:
    assert find_date_format(pd.Series(cells)).zoned is zoned


DAYS = st.dates(datetime.date(1900, 1, 2), datetime.date(2261, 12, 31))


@settings(deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"]))
def test_what_is_written_is_read(days: list[datetime.date], form: str) -> None:
    # beside a day that can be read one way only
    written = [day.strftime(form) for day in [*days, datetime.date(2021, 12, 31)]]
    assert read(written)[:-1] == [f"{day:%Y-%m-%d} 00:00:00" for day in days]


@settings(deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=30), st.booleans())
def test_slashes_are_read_in_the_order_of_one_clear_day(
    days: list[datetime.date], day_first: bool
) -> None:
    form = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    written = [day.strftime(form) for day in [*days, datetime.date(2021, 12, 31)]]
    assert read(written)[:-1] == [f"{day:%Y-%m-%d} 00:00:00" for day in days]
    assert read(written[::-1])[::-1] == read(written)
