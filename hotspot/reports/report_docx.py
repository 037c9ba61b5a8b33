"""A report as a Word document, for those who edit it before it is handed on."""

from __future__ import annotations

import datetime
import zipfile
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from hotspot.language import _, spoken
from hotspot.palette import COLOURS, INKS
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
    clean,
    share_width,
)

FONT = "Arial"
"""Word has no DejaVu Sans. Arial is on every computer with Word, and LibreOffice has a font of the
same widths for it; both have ўқғҳ and ʻ, which many other fonts lack."""

WIDTH_MM = 174.0
TWIPS_PER_MM = 1440 / 25.4
# left and right of a cell's text together
_PADDING_MM = 2.0
_INK, _QUIET = RGBColor(0x1F, 0x24, 0x30), RGBColor(0x5C, 0x64, 0x73)
_LANGUAGES = {"uz": "uz-Latn-UZ", "uz_Cyrl": "uz-Cyrl-UZ", "ru": "ru-RU", "en": "en-US"}
# a document of the same month must have the same bytes, so it bears no time of its own
_CREATED = datetime.datetime(2000, 1, 1)
_ZIPPED = (2000, 1, 1, 0, 0, 0)
_SIZES = {"Title": 18, "Subtitle": 11, "Heading 1": 13, "Heading 2": 10.5}


def write_docx(report: Report) -> bytes:
    """Write a report as a Word document.

    Parameters
    ----------
    report : what :func:`hotspot.reports.report_content.compose_report` returns, in the language
        spoken.

    Returns
    -------
    bytes
        A .docx file, the same bytes for the same report; headings, tables and the page's number are
        Word's own.
    """
    document = Document()
    _drop_thumbnail(document)
    _set_up(document, report)
    document.add_paragraph(clean(report.title), "Title")
    document.add_paragraph(clean(report.subtitle), "Subtitle")
    for block in report.blocks:
        _add(document, block)
    written = BytesIO()
    document.save(written)
    return _without_clock(written.getvalue())


def _set_up(document: Any, report: Report) -> None:
    """Set page, fonts, language, properties, and what stands on every page."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    styles = document.styles
    styles["Normal"].font.size = Pt(9.5)
    styles["Normal"].paragraph_format.space_after = Pt(5)
    for name in ("Normal", *_SIZES, "List Bullet"):
        _set_font(styles[name])
    for name, size in _SIZES.items():
        style = styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), name != "Subtitle", False
        style.font.color.rgb = _QUIET if name == "Subtitle" else _INK
    for border in styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGES[spoken()])
    properties = document.core_properties
    properties.title = clean(f"{report.title}, {report.subtitle}", 250)
    properties.subject = clean(report.foot, 250)
    properties.author = properties.last_modified_by = "mahalla-hotspot"
    properties.language = _LANGUAGES[spoken()]
    properties.comments = properties.keywords = ""
    properties.created = properties.modified = _CREATED
    head = section.header.paragraphs[0]
    _write(head, report.head, size=7.5, quiet=True)
    foot = section.footer.paragraphs[0]
    # the template's own stops are for a narrower page
    styles["Footer"].paragraph_format.tab_stops.clear_all()
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    _write(foot, report.foot, size=7.5, quiet=True)
    foot.add_run("\t")
    _number_pages(foot)


def _set_font(style: Any) -> None:
    """Name one font for letters of every script, instead of the theme's."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _number_pages(paragraph: Any) -> None:
    """Write 'Page x of y', the numbers as fields that Word keeps right."""
    # the words with marks in the numbers' places, wherever a language has them
    words = _("Page {page} of {pages}", page="\0PAGE\0", pages="\0NUMPAGES\0")
    for part in words.split("\0"):
        if part not in ("PAGE", "NUMPAGES"):
            _write(paragraph, part, size=7.5, quiet=True, keep=True)
            continue
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), part)
        run = paragraph.add_run("1")
        run.font.size, run.font.color.rgb = Pt(7.5), _QUIET
        field.append(run._r)
        paragraph._p.append(field)


def _add(document: Any, block: Block) -> None:
    match block:
        case Heading(text, level):
            document.add_paragraph(clean(text), f"Heading {level}")
        case Text(text, quiet):
            _write(document.add_paragraph(), text, size=8 if quiet else 9.5, quiet=quiet)
        case Bullets(items):
            for item in items:
                document.add_paragraph(clean(item), "List Bullet")
        case Box(items):
            cell = _grid(document, 1, [WIDTH_MM]).cell(0, 0)
            _shade(cell._tc.get_or_add_tcPr(), "F5F6F8")
            for item in items[1:]:
                cell.add_paragraph(clean(item))
            cell.paragraphs[0].add_run(clean(items[0]))
            _part(document)
        case Tiles(items):
            table = _grid(document, 1, [WIDTH_MM / len(items)] * len(items))
            for cell, (figure, what) in zip(table.rows[0].cells, items, strict=True):
                ink, fill = _colours(what.category)
                _shade(cell._tc.get_or_add_tcPr(), fill)
                _write(cell.paragraphs[0], figure, size=20, bold=True, ink=ink)
                _write(cell.add_paragraph(), what.text, size=9, ink=ink)
                for paragraph in cell.paragraphs:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                    paragraph.paragraph_format.space_after = Pt(2)
            _part(document)
        case Picture(image, width, words):
            shape = document.add_picture(BytesIO(image), width=Mm(min(width, WIDTH_MM)))
            for side in "TBLR":
                # what is not said LibreOffice takes for an eighth of an inch
                shape._inline.set(f"dist{side}", "0")
            # read aloud to those who cannot see it
            shape._inline.docPr.set("descr", clean(words))
        case Table():
            _add_table(document, block)


def _add_table(document: Any, table: Table) -> None:
    space = _PADDING_MM * len(table.columns)
    widths = share_width(table.columns, WIDTH_MM - space, measure=_measure)
    grid = _grid(document, 1 + len(table.rows), [width + _PADDING_MM for width in widths])
    for row in grid.rows:
        # a row is not torn between two pages
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    # the cells once: asking for them row by row takes time that grows with the table's square
    cells, width = grid._cells, len(table.columns)
    rows = (tuple(column.head for column in table.columns), *table.rows)
    for number, row in enumerate(rows):
        bold = number == 0 or (table.total and number == len(rows) - 1)
        for place, (text, column) in enumerate(zip(row, table.columns, strict=True)):
            cell = cells[number * width + place]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            if isinstance(text, Coloured):
                _write_coloured(paragraph, text)
            else:
                _write(paragraph, text, size=8 if number else 7, bold=bold)
            if number == 0:
                _shade(cell._tc.get_or_add_tcPr(), "ECEEF2")
            if column.right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _part(document)


def _measure(word: str) -> float:
    # Word's letters are not here to be measured; Cyrillic ones of bold Arial are about as wide
    return 1.7 * len(word)


def _grid(document: Any, rows: int, widths: list[float]) -> Any:
    """Add an empty table, its columns so many millimetres wide."""
    table = document.add_table(rows, len(widths), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "C9CCD3")):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(_PADDING_MM / 2 * TWIPS_PER_MM)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # Word refuses a file whose properties are in another order
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for place, cell in enumerate(table._cells):
        # LibreOffice reads the columns' widths, Word those of the cells
        cell.width = Mm(widths[place % len(widths)])
    return table


def _part(document: Any) -> None:
    """Add the paragraph without which Word joins a table to the next."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    _write(paragraph, " ", size=4, keep=True)


def _write(
    paragraph: Any,
    text: str,
    *,
    size: float,
    bold: bool = False,
    quiet: bool = False,
    ink: str = "",
    keep: bool = False,
) -> None:
    """Add a text to a paragraph; ``keep`` keeps the blanks at its ends."""
    run = paragraph.add_run(text if keep else clean(text))
    run.font.size, run.font.bold = Pt(size), bold or None
    if quiet:
        run.font.color.rgb = _QUIET
    if ink:
        run.font.color.rgb = RGBColor.from_string(ink)


def _write_coloured(paragraph: Any, text: Coloured) -> None:
    ink, fill = _colours(text.category)
    # blanks that do not break widen the colour beyond the word
    words = f"\N{NO-BREAK SPACE}{clean(text.text)}\N{NO-BREAK SPACE}"
    _write(paragraph, words, size=8, ink=ink, keep=True)
    _shade(paragraph.runs[0]._r.get_or_add_rPr(), fill)


def _colours(category: str) -> tuple[str, str]:
    """Return the colour of a category's text and the colour below it, as Word writes them."""
    ink, fill = INKS.get(category, "#1f2430"), COLOURS.get(category, "#e4e6ea")
    return ink[1:].upper(), fill[1:].upper()


def _shade(properties: Any, fill: str) -> None:
    """Lay a colour below what has these properties, a cell or some letters."""
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(qn(f"w:{name}"), value)
    properties.append(shade)


def _drop_thumbnail(document: Any) -> None:
    """Take out the picture of the empty page that the template brings along."""
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]


def _without_clock(document: bytes) -> bytes:
    """Return the document with a fixed time on each of its parts."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(document)) as given, zipfile.ZipFile(written, "w") as fixed:
        for entry in given.infolist():
            part = zipfile.ZipInfo(entry.filename, _ZIPPED)
            part.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(part, given.read(entry))
    return written.getvalue()
