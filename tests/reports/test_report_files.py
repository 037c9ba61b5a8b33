"""The report as files: the same bytes, letters inside, nothing cut off, hostile names as text."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from lxml import etree
from PIL import Image

from hotspot.backtest import BASELINES
from hotspot.language import LANGUAGES, speaking
from hotspot.reports.backtest_figure import draw_backtest
from hotspot.reports.report_blocks import (
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
)
from hotspot.reports.report_docx import write_docx
from hotspot.reports.report_figures import draw_hit_rates
from hotspot.reports.report_pdf import write_pdf

LETTERS = {
    "uz": "Gʻuzor tumani, Oʻzbekiston mahallasi, maʼno",
    "uz_Cyrl": "Ғузор тумани, Ўқувчи маҳалласи, қишлоқ",
    "ru": "Гузарский район, объезд, подъём",
    "en": "Guzar district",
}
ORDERS = {
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
    "rPr": "rStyle rFonts b bCs i iCs color sz szCs highlight u bdr shd lang",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "<para>x",
    "</para>",
    "<font size=90>large</font>",
    "<img src='file:///etc/hostname'/>",
    "<a href='http://example.org'>link</a>",
    "<onDraw name='x'/>",
    "&amp; & &lt; &#65; &nbsp;",
    "<![CDATA[x]]>",
    "<!-- gone -->",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x>",
    "<w:t>word</w:t>",
    "<br/>",
    "<super>2</super>",
    "<seq id='x'/>",
    "<bullet>•</bullet>",
    "%(name)s %s %d",
    "{name} {0} {} {{x}}",
    "{% raw %}",
    "${x} $x$ $\\frac{$",
    "\\N{BULLET} \\u0041",
    '=HYPERLINK("http://example.org")',
    "@SUM(A1)",
    "+1+1",
    "-1+1",
    "=cmd|' /C calc'!A0",
    "DDEAUTO c:\\\\windows",
    "{ PAGE }",
    "{ INCLUDETEXT x }",
    "alpha\x00beta",
    "alpha\x01\x08\x0b\x1fbeta",
    "alpha\tbeta\ngamma\r\ndelta",
    "alpha\u2028beta\u2029gamma",
    "\ufeffmark",
    "\ufffe\uffff",
    "\ud800",
    "\u202eabc",
    "\u200f\u200eabc",
    "\u2066abc\u2069",
    "שלום",
    "مرحبا",
    "漢字",
    "😀",
    "ﬁ",
    "e\u0301",
    "a" * 10_000,
    "a b " * 2_500,
    "'; DROP TABLE x; --",
]


def picture(width: int = 600, height: int = 300) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "#4daf7c").save(written, "png")
    return written.getvalue()


def report(text: str = "Words", rows: int = 3) -> Report:
    """Return a report that has each kind of block, this text in all places of it."""
    columns = (Column(text, 2.0), Column("Number", 1.0, right=True), Column("Category", 1.0))
    row = (text, "1,234", Coloured(text, "red"))
    return Report(
        title=text,
        subtitle=text,
        head=text,
        foot=text,
        blocks=(
            Heading(text),
            Tiles((("78", Coloured(text, "red")), ("390", Coloured("Yellow", "yellow")))),
            Text(text),
            Picture(picture(), 174.0, text),
            Heading(text, 2),
            Table(columns, (row,) * rows, total=True),
            Text(text, quiet=True),
            Box((text, text)),
            Bullets((text, text)),
        ),
    )


def read_pdf(file: bytes, folder: Path) -> str:
    """Return the text of a PDF as another program reads it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = folder / "report.pdf"
    path.write_bytes(file)
    found = subprocess.run(
        ["pdftotext", "-layout", "-enc", "UTF-8", path, "-"], check=True, capture_output=True
    )
    return found.stdout.decode()


def words_of(document: bytes) -> str:
    """Return all words of a Word document."""
    read = docx.Document(io.BytesIO(document))
    return "\n".join(
        node.text or "" for node in read.element.body.iter() if node.tag.endswith("}t")
    )


@pytest.mark.parametrize("write", [write_pdf, write_docx])
def test_the_same_report_is_the_same_bytes(write) -> None:
    first = write(report())
    # what was written in between changes nothing
    write(report("Ўқғҳ " * 20))
    assert write(report()) == first


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letters_of_a_language_can_be_read_and_are_inside(language: str, tmp_path) -> None:
    with speaking(language):
        written = write_pdf(report(LETTERS[language]))
        document = write_docx(report(LETTERS[language]))
    assert LETTERS[language] in read_pdf(written, tmp_path)
    assert words_of(document).count(LETTERS[language]) == 18
    fonts = subprocess.run(
        ["pdffonts", tmp_path / "report.pdf"], check=True, capture_output=True, text=True
    ).stdout.splitlines()[2:]
    assert {line.split()[0].partition("+")[2] for line in fonts} == {
        "DejaVuSans",
        "DejaVuSans-Bold",
    }
    # embedded, a subset, with a way back to the letters
    assert all(re.search(r"yes +yes +yes", line) for line in fonts)


def test_the_document_says_its_language_and_nobody_s_name_or_hour() -> None:
    with speaking("uz_Cyrl"):
        document = write_docx(report())
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert not [name for name in parts.namelist() if "thumbnail" in name]
        styles = etree.fromstring(parts.read("word/styles.xml"))
        properties = parts.read("docProps/core.xml").decode()
    space = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
    languages = styles.xpath("//w:docDefaults//w:lang/@w:val", namespaces=space)
    assert languages == ["uz-Cyrl-UZ"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", properties)) == {"2000-01-01T00:00:00Z"}
    assert "<dc:creator>mahalla-hotspot</dc:creator>" in properties


def test_the_headings_tables_and_pages_are_words_own() -> None:
    read = docx.Document(io.BytesIO(write_docx(report("Words", rows=5))))
    styles = [paragraph.style.name for paragraph in read.paragraphs]
    assert styles.count("Heading 1") == 1
    assert styles.count("Heading 2") == 1
    table = read.tables[1]
    assert len(table.rows) == 6
    heading = etree.tostring(table.rows[0]._tr).decode()
    assert "w:tblHeader" in heading
    foot = etree.tostring(read.sections[0].footer._element).decode()
    assert 'w:instr="PAGE"' in foot
    assert 'w:instr="NUMPAGES"' in foot
    assert 'descr="Words"' in etree.tostring(read.element.body).decode()


def test_the_properties_are_in_the_order_that_word_asks_for() -> None:
    # ECMA-376, part 1: CT_TblPr, CT_TcPr and CT_RPr are sequences
    body = docx.Document(io.BytesIO(write_docx(report()))).element.body
    for name, sequence in ORDERS.items():
        order = sequence.split()
        found = list(body.iter(qn(f"w:{name}")))
        assert found
        for properties in found:
            children = [child.tag.partition("}")[2] for child in properties]
            assert children == sorted(children, key=order.index)


def test_a_long_table_repeats_its_headings_and_every_page_says_where_it_is(tmp_path) -> None:
    text = read_pdf(write_pdf(report("Words", rows=150)), tmp_path)
    pages = text.split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
    # every row is there, and above each page's rows the headings
    assert text.count("1,234") == 150
    with_rows = [page for page in pages if "1,234" in page]
    assert all("Number" in page for page in with_rows)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_text(text: str, tmp_path) -> None:
    written, document = write_pdf(report(text)), write_docx(report(text))
    assert b"/URI" not in written
    assert b"/JavaScript" not in written
    shown = read_pdf(written, tmp_path)
    seen = clean(text)
    words = words_of(document)
    assert seen in words
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        body = parts.read("word/document.xml").decode()
    assert "w:hyperlink" not in body
    assert "w:fldSimple" not in body
    if seen.isascii() and len(seen) < 40:
        assert seen in shown


def test_fifty_hostile_texts() -> None:
    assert len(set(HOSTILE)) == 50


def test_a_text_that_is_too_long_is_cut_and_no_page_overflows(tmp_path) -> None:
    for text in ("a" * 10_000, "ab " * 5_000):
        shown = read_pdf(write_pdf(report(text)), tmp_path)
        assert "…" in shown
        boxes = subprocess.run(
            ["pdftotext", "-bbox", tmp_path / "report.pdf", "-"], check=True, capture_output=True
        ).stdout.decode()
        right = [float(value) for value in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
        # A4 is 595 points wide, its margin 51
        assert max(right) <= 595.3 - 50


def test_the_charts_draw_hostile_names_as_text() -> None:
    # half a letter is no name that a table can hold
    rates = pd.Series(0.9, index=[text for text in HOSTILE if text != "\ud800"])
    assert draw_hit_rates(rates, least=0.85) == draw_hit_rates(rates, least=0.85)
    tested = pd.DataFrame(
        [
            {"month": "2025-01", "horizon": 1, "method": method, "hit_rate": 0.5}
            for method in ("漢字 $x$ \x00", *BASELINES)
        ]
    )
    assert draw_backtest(tested, method="漢字 $x$ \x00").startswith(b"\x89PNG")


def test_no_heading_stands_alone_above_a_picture(tmp_path) -> None:
    lines = tuple(f"Line {number}" for number in range(60))
    for shown in range(36, 48):
        chart = (Heading("Alone"), Picture(picture(600, 200), 174.0, "x"))
        told = Report("T", "S", "H", "F", (Bullets(lines[:shown]), *chart))
        pages = read_pdf(write_pdf(told), tmp_path).split("\f")
        listed = subprocess.run(
            ["pdfimages", "-list", tmp_path / "report.pdf"], check=True, capture_output=True
        ).stdout.decode()
        drawn_on = int(listed.splitlines()[-1].split()[0])
        assert "Alone" in pages[drawn_on - 1]


def test_a_picture_higher_than_a_page_is_made_smaller() -> None:
    tall = Report("T", "S", "H", "F", (Picture(picture(200, 3000), 174.0, "tall"),))
    assert write_pdf(tall).startswith(b"%PDF")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.slow
def test_libreoffice_opens_the_document(tmp_path) -> None:
    told = report(LETTERS["uz_Cyrl"], rows=80)
    heads = ("Правонарушения", "Привязанных", *("Категория", "Прошлого", "P(красная)") * 2)
    narrow = Table((Column("Махалля", 6.0), *(Column(head, 1.0) for head in heads)), (("1",) * 9,))
    told = replace(told, blocks=(*told.blocks, narrow))
    (tmp_path / "report.docx").write_bytes(write_docx(told))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "report.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    text = read_pdf((tmp_path / "report.pdf").read_bytes(), tmp_path)
    assert LETTERS["uz_Cyrl"] in text
    assert text.count("1,234") == 80
    # no heading is torn within a word
    assert all(text.count(head) >= heads.count(head) for head in heads)
    pages = text.split("\f")[:-1]
    assert f"Page 1 of {len(pages)}" in pages[0]


def test_clean_keeps_letters_and_drops_what_is_not_seen() -> None:
    assert clean("Gʻuzor\u202e tumani\x07") == "Gʻuzor tumani"
    assert clean("a\n\n b\t\u2028c") == "a b c"
    assert clean(pd.NA) == "<NA>"
    assert len(clean("x" * 10_000)) == 1_200
