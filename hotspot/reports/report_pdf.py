"""A report as a PDF of A4 pages, its letters inside it."""

# reportlab has no types
# mypy: disable-error-code="misc"

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus import Table as Grid

from hotspot.language import _, spoken
from hotspot.palette import COLOURS, INKS
from hotspot.reports.report_blocks import (
    Block,
    Box,
    Bullets,
    Coloured,
    Column,
    Heading,
    Picture,
    Report,
    Table,
    Text,
    Tiles,
    clean,
    share_width,
)
from hotspot.reports.report_letters import (
    BOLD,
    REGULAR,
    fit_line,
    markup,
    register_fonts,
    show,
)

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
_TOP, _FOOT = 24 * mm, 20 * mm
_INK, _QUIET, _LINE = HexColor("#1f2430"), HexColor("#5c6473"), HexColor("#c9ccd3")
# of a table's cell, left and right together
_PADDING = 6.0
# a heading's smallest letters
_LEAST = 5.8
# letters of a cell above which a row is no short one
_SHORT = 150
_LANGUAGES = {"uz": "uz-Latn-UZ", "uz_Cyrl": "uz-Cyrl-UZ", "ru": "ru-RU", "en": "en"}
# of a grid's own text, of which there is none; reportlab would name Helvetica in the file
_FONT: tuple[Any, ...] = ("FONTNAME", (0, 0), (-1, -1), REGULAR)


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    given = {
        "fontName": REGULAR,
        "bulletFontName": REGULAR,
        "textColor": _INK,
        "leading": size * 1.35,
        "splitLongWords": 1,
    }
    return ParagraphStyle(name, fontSize=size, **(given | more))


_BODY = _style("body", 9, spaceAfter=5)
_REMARK = _style("remark", 7.5, textColor=_QUIET, spaceAfter=5)
_TITLE = _style("title", 17, fontName=BOLD, spaceAfter=2)
_SUBTITLE = _style("subtitle", 11, textColor=_QUIET, spaceAfter=6)
_HEADINGS = {
    1: _style("heading", 12.5, fontName=BOLD, spaceBefore=9, spaceAfter=4),
    2: _style("part", 9.5, fontName=BOLD, spaceBefore=5, spaceAfter=3),
}
_CELL = _style("cell", 7, leading=8.8)
_NUMBER = _style("number", 7, leading=8.8, alignment=TA_RIGHT)
_HEAD = _style("head", 7, leading=8.8, fontName=BOLD)
_NUMBER_HEAD = _style("number head", 7, leading=8.8, fontName=BOLD, alignment=TA_RIGHT)
_LARGE = _style("large", 20, fontName=BOLD, alignment=TA_CENTER)
_SMALL = _style("small", 8.5, alignment=TA_CENTER)


def write_pdf(report: Report) -> bytes:
    """Write a report as a PDF.

    Parameters
    ----------
    report : what :func:`hotspot.reports.report_content.compose_report` returns, in the language
        spoken.

    Returns
    -------
    bytes
        The file, with the letters that it uses inside it; the same report gives the same bytes.
    """
    register_fonts()
    written = BytesIO()
    document = _Pages(
        written,
        report,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        title=show(f"{report.title}, {report.subtitle}"),
        author="mahalla-hotspot",
        creator="mahalla-hotspot",
        subject=show(report.foot),
        lang=_LANGUAGES[spoken()],
        invariant=1,
        pageCompression=1,
    )
    story: list[Flowable] = [
        Paragraph(markup(report.title), _TITLE),
        Paragraph(markup(report.subtitle), _SUBTITLE),
    ]
    for block, after in zip(report.blocks, (*report.blocks[1:], None), strict=True):
        flow = _flow(block)
        if isinstance(block, Heading) and isinstance(after, Picture):
            # as much room as the picture needs, which moves as a whole
            flow[0] = CondPageBreak(12 * mm + _picture(after).drawHeight)
        story += flow
    document.build(story, canvasmaker=_Numbered)
    return written.getvalue()


class _Pages(BaseDocTemplate):
    """Pages with a head and a foot, and an outline of the headings."""

    def __init__(self, written: BytesIO, report: Report, **settings: Any) -> None:
        super().__init__(written, **settings)
        self.report = report
        frame = Frame(MARGIN, _FOOT, WIDTH, A4[1] - _TOP - _FOOT, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._furnish))
        self.headings = 0

    def _furnish(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFillColor(_QUIET)
        canvas.setStrokeColor(_LINE)
        canvas.setFont(REGULAR, 7)
        canvas.drawString(MARGIN, A4[1] - 15 * mm, fit_line(self.report.head, WIDTH, size=7))
        canvas.line(MARGIN, A4[1] - 17 * mm, A4[0] - MARGIN, A4[1] - 17 * mm)
        canvas.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
        # the page's number needs the right end of the line
        canvas.drawString(MARGIN, 11.5 * mm, fit_line(self.report.foot, WIDTH - 35 * mm, size=7))

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802
        """Enter a heading into the outline."""
        style = getattr(flowable, "style", None)
        level = {id(style_): number for number, style_ in _HEADINGS.items()}.get(id(style))
        if level == 1:
            self.headings += 1
            key = f"heading-{self.headings}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, 0)


class _Numbered(Canvas):
    """Pages that say how many there are; they are kept until that is known."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **(settings | {"initialFontName": REGULAR}))
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802
        """Keep the page."""
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write the pages with their numbers."""
        for page, kept in enumerate(self._kept, 1):
            self.__dict__.update(kept)
            self.setFont(REGULAR, 7)
            self.setFillColor(_QUIET)
            words = _("Page {page} of {pages}", page=page, pages=len(self._kept))
            self.drawRightString(A4[0] - MARGIN, 11.5 * mm, words)
            super().showPage()
        super().save()


def _flow(block: Block) -> list[Flowable]:
    """Turn a block into what flows over the pages."""
    match block:
        case Heading(text, level):
            # a heading alone at the foot of a page says nothing
            room = 45 * mm if level == 1 else 34 * mm
            return [CondPageBreak(room), Paragraph(markup(text), _HEADINGS[level])]
        case Text(text, quiet):
            return [Paragraph(markup(text), _REMARK if quiet else _BODY)]
        case Bullets(items):
            style = ParagraphStyle("item", _BODY, leftIndent=10, spaceAfter=2)
            return [Paragraph(markup(item), style, bulletText="•") for item in items]
        case Box(items):
            cells = [[Paragraph(markup(item), _BODY)] for item in items]
            look = [_FONT, ("BOX", (0, 0), (-1, -1), 0.8, _LINE)]
            look += [("LEFTPADDING", (0, 0), (-1, -1), 8)]
            look += [("BACKGROUND", (0, 0), (-1, -1), HexColor("#f5f6f8"))]
            look += [("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]
            return [Grid(cells, colWidths=[WIDTH], style=look, spaceAfter=6)]
        case Tiles(items):
            return [_tiles(items)]
        case Picture():
            return [KeepTogether([_picture(block), Spacer(1, 4)])]
        case Table():
            return [_grid(block)]


def _picture(picture: Picture) -> Image:
    wide, high = ImageReader(BytesIO(picture.image)).getSize()
    width = min(picture.width_mm * mm, WIDTH)
    height = width * high / wide
    # no picture is higher than most of a page
    shrink = min(1.0, 190 * mm / height)
    return Image(BytesIO(picture.image), width * shrink, height * shrink)


def _tiles(items: tuple[tuple[str, Coloured], ...]) -> Grid:
    look: list[tuple[Any, ...]] = [_FONT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    numbers, words = [], []
    for place, (figure, what) in enumerate(items):
        ink, fill = map(HexColor, _colours(what.category))
        numbers.append(Paragraph(markup(figure), ParagraphStyle("n", _LARGE, textColor=ink)))
        words.append(Paragraph(markup(what.text), ParagraphStyle("w", _SMALL, textColor=ink)))
        look.append(("BACKGROUND", (place, 0), (place, -1), fill))
    look += [("LINEAFTER", (0, 0), (-2, -1), 4, white), ("TOPPADDING", (0, 1), (-1, 1), 0)]
    look += [("BOTTOMPADDING", (0, 1), (-1, 1), 6)]
    width = WIDTH / len(items)
    return Grid([numbers, words], colWidths=[width] * len(items), style=look, spaceAfter=7)


def _grid(table: Table) -> Grid:
    """Lay a table out, its headings repeated on every page."""
    widths = share_width(table.columns, WIDTH - _PADDING * len(table.columns), measure=_measure)
    widths = [width + _PADDING for width in widths]
    look = [
        _FONT,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING / 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING / 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eceef2")),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
    ]
    if all(
        len(_text(cell)) < _SHORT for row in (*table.rows[:2], *table.rows[-3:]) for cell in row
    ):
        # neither the headings nor the last row stand alone on a page
        look.append(("NOSPLIT", (0, 0), (-1, min(2, len(table.rows)))))
        look.append(("NOSPLIT", (0, max(-3, -len(table.rows))), (-1, -1)))
    heads = _head_styles(table.columns, widths)
    rows = [
        [
            Paragraph(_cell(column.head, _room(width)), heads[column.right])
            for column, width in zip(table.columns, widths, strict=True)
        ]
    ]
    for number, row in enumerate(table.rows, 1):
        bold = table.total and number == len(table.rows)
        cells = []
        for cell, column, width in zip(row, table.columns, widths, strict=True):
            if bold:
                style = _NUMBER_HEAD if column.right else _HEAD
            else:
                style = _NUMBER if column.right else _CELL
            cells.append(Paragraph(_cell(cell, _room(width)), style))
        rows.append(cells)
    return Grid(rows, colWidths=widths, repeatRows=1, style=look, spaceAfter=6)


def _measure(word: str) -> float:
    """Return the width of a heading's word in its smallest letters, and a hair more."""
    return float(pdfmetrics.stringWidth(word, BOLD, _LEAST)) + 0.3


def _head_styles(columns: Sequence[Column], widths: Sequence[float]) -> dict[bool, ParagraphStyle]:
    """Return the styles of headings, left and right, small enough for their words."""
    size = _HEAD.fontSize
    for column, width in zip(columns, widths, strict=True):
        for word in column.head.split():
            size = min(size, (width - _PADDING - 0.2) / pdfmetrics.stringWidth(word, BOLD, 1))
    size = max(size, _LEAST)
    return {
        right: ParagraphStyle("heading of a column", style, fontSize=size)
        for right, style in ((False, _HEAD), (True, _NUMBER_HEAD))
    }


def _room(width: float) -> int:
    """Return how many letters a cell may have, so that no row is higher than a page."""
    return int(30 * width / 5)


def _text(cell: str | Coloured) -> str:
    return cell if isinstance(cell, str) else cell.text


def _cell(cell: str | Coloured, most: int) -> str:
    text = markup(clean(_text(cell), most))
    if isinstance(cell, str):
        return text
    # blanks that do not break widen the colour beyond the word
    text = f"\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}"
    ink, fill = _colours(cell.category)
    return f'<font color="{ink}" backColor="{fill}">{text}</font>'


def _colours(category: str) -> tuple[str, str]:
    """Return the colour of a category's text and the colour below it."""
    return INKS.get(category, "#1f2430"), COLOURS.get(category, "#e4e6ea")
