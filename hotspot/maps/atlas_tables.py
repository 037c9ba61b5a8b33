"""The tables of the atlas: the mahallas of a district, and the index of the districts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from hotspot.language import _, number, pgettext
from hotspot.maps.atlas_plan import Chapter
from hotspot.maps.captions import count_categories
from hotspot.maps.pdf_pages import Pages
from hotspot.maps.sheet import INK, QUIET
from hotspot.palette import LABELS

HEAD, ROW = 8.6, 3.6
"""The heights of a table's head and of each of its rows, in millimetres."""
SIZE, HEAD_SIZE = 7.0, 6.0
STRIPE, LINE = "#f4f5f7", "#c9ccd3"
_PAD = 0.8


@dataclass(frozen=True)
class Field:
    """A column of a printed table: its heading, its width in millimetres, where its text stands."""

    key: str
    heading: str
    width: float
    align: str = "right"


def row_fields(table: pd.DataFrame, width: float) -> list[Field]:
    """Return the columns of a table of mahallas that the table has, as wide together as asked."""
    counted = [
        Field("count", _("Count"), 9.5),
        Field("rate", _("Rate"), 11.5),
        Field("months_red", _("Months red"), 9.5),
    ]
    fields = [
        Field("number", _("No."), 6.5),
        Field("category", "", 5.5, "center"),
        Field("name", _("Mahalla"), 0, "left"),
        *(field for field in counted if field.key in table),
    ]
    if "previous_category" in table:
        fields.append(Field("previous_category", _("Before"), 9, "center"))
    return _stretch(fields, width)


def draw_rows(
    pages: Pages,
    rows: pd.DataFrame,
    fields: Sequence[Field],
    place: tuple[float, float],
    *,
    start: int,
    colours: Mapping[str, str],
) -> None:
    """Draw mahallas as rows from a left upper corner, numbered from a start."""
    left, top = place
    _draw_head(pages, fields, left, top)
    keys = [field.key for field in fields if field.key in rows]
    for place_, cells in enumerate(zip(*(rows[key] for key in keys), strict=True)):
        upper = top + HEAD + place_ * ROW
        values = dict(zip(keys, cells, strict=True))
        _draw_stripe(pages, fields, left, upper, place_)
        x = left
        for field in fields:
            if field.key.endswith("category"):
                value = values[field.key]
                if isinstance(value, str) and value in LABELS:
                    box = (x + field.width / 2 - 1.7, upper + 0.5, 3.4, ROW - 1)
                    pages.draw_category(value, box, colours)
            else:
                _draw_cell(pages, field, _say(field.key, values, start + place_), x, upper)
            x += field.width


def index_fields(chapters: Sequence[Chapter], classes: Sequence[str], width: float) -> list[Field]:
    """Return the columns of the index; the region only where there are several."""
    fields = [Field("district", _("District"), 0, "left")]
    if len({chapter.district.region for chapter in chapters}) > 1:
        fields.append(Field("region", _("Region"), 38, "left"))
    fields.append(Field("mahallas", _("Mahallas"), 18))
    fields += [Field(category, _(LABELS[category]), 18) for category in classes]
    fields.append(Field("page", pgettext("atlas", "Page"), 15))
    return _stretch(fields, width)


def draw_index(
    pages: Pages,
    chapters: Sequence[Chapter],
    fields: Sequence[Field],
    place: tuple[float, float],
) -> None:
    """Draw districts as rows that lead to their pages."""
    left, top = place
    _draw_head(pages, fields, left, top)
    width = sum(field.width for field in fields)
    for place_, chapter in enumerate(chapters):
        upper = top + HEAD + place_ * ROW
        _draw_stripe(pages, fields, left, upper, place_)
        district = chapter.district
        said = {category: number(n) for category, n in count_categories(district.mahallas).items()}
        said |= {
            "district": district.name,
            "region": district.region,
            "mahallas": number(len(district.mahallas)),
            "page": number(chapter.page),
        }
        x = left
        for field in fields:
            _draw_cell(pages, field, said.get(field.key, number(0)), x, upper)
            x += field.width
        pages.link(f"page{chapter.page}", (left, upper, width, ROW))


def _stretch(fields: list[Field], width: float) -> list[Field]:
    """Give the field without a width what the others leave."""
    left = width - sum(field.width for field in fields)
    return [Field(f.key, f.heading, f.width or left, f.align) for f in fields]


def _draw_head(pages: Pages, fields: Sequence[Field], left: float, top: float) -> None:
    """Draw the headings on one line or two, the last upon the table's upper edge."""
    end = left
    for field in fields:
        lines = _break(pages, field.heading, field.width - 2 * _PAD)
        for number_, line in enumerate(reversed(lines)):
            upper = top + HEAD - ROW - 0.4 - 2.7 * number_
            _draw_cell(pages, field, line, end, upper, head=True)
        end += field.width
    pages.draw_line([(left, top + HEAD), (end, top + HEAD)], width=0.7, colour=INK)


def _break(pages: Pages, heading: str, width: float) -> list[str]:
    """Return a heading as one line or as the two whose longer one is shortest."""
    if pages.measure(heading, HEAD_SIZE, "bold") <= width:
        return [heading]
    words = heading.split()
    ways = [[" ".join(words[:i]), " ".join(words[i:])] for i in range(1, len(words))]
    return min(
        ways or [[heading]],
        key=lambda lines: max(pages.measure(line, HEAD_SIZE, "bold") for line in lines),
    )


def _draw_stripe(
    pages: Pages, fields: Sequence[Field], left: float, upper: float, number_: int
) -> None:
    if number_ % 2:
        width = sum(field.width for field in fields)
        pages.draw_box((left, upper, width, ROW), fill=STRIPE)


def _draw_cell(
    pages: Pages, field: Field, text: str, left: float, upper: float, *, head: bool = False
) -> None:
    x = {"left": _PAD, "center": field.width / 2, "right": field.width - _PAD}[field.align]
    pages.write(
        text,
        left + x,
        upper + ROW - 0.95,
        width=field.width - 2 * _PAD,
        size=HEAD_SIZE if head else SIZE,
        weight="bold" if head else "normal",
        colour=QUIET if head or field.key == "number" else INK,
        align=field.align,
    )


def _say(key: str, values: Mapping[str, object], place: int) -> str:
    """Return a cell's text: a dash where nothing is known."""
    if key == "number":
        return number(place)
    value = values[key]
    if key == "name":
        return str(value)
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "–"
    return number(float(value), 1 if key == "rate" else 0)  # type: ignore[arg-type]
