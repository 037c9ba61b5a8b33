"""Pages of a PDF, measured in millimetres from their upper left corner, for what has many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
import shapely
from numpy.typing import NDArray
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from hotspot.language import spoken
from hotspot.maps.pdf_language import TAGS
from hotspot.maps.sheet import INK, PAPERS, QUIET, cut_to, drawable
from hotspot.palette import HATCHES, INKS, SYMBOLS

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
# the distance of two lines or dots of a hatch, in points
STEP = 3.0

Bounds = tuple[float, float, float, float]


class Pages:
    """A PDF to draw on, page after page, its letters inside it.

    Parameters
    ----------
    paper : {"A4", "A3"}
        The upright size of its pages.
    title : str
        The document's title.
    """

    def __init__(self, paper: str, *, title: str) -> None:
        _register_fonts()
        self.width, self.height = PAPERS[paper]
        self._written = BytesIO()
        # invariant: neither clock nor random number in the file
        self.canvas = Canvas(
            self._written,
            pagesize=(self.width * mm, self.height * mm),
            invariant=1,
            pageCompression=1,
            initialFontName=REGULAR,
            lang=TAGS[spoken()],
        )
        self.canvas.setTitle(title)
        self.canvas.setCreator("mahalla-hotspot")
        self.canvas.setAuthor("")
        self.canvas.setSubject("")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")

    def close(self) -> bytes:
        """Return the file."""
        with _binary():
            self.canvas.save()
        return self._written.getvalue()

    def end_page(self) -> None:
        """Begin a new page."""
        with _binary():
            self.canvas.showPage()

    def measure(self, text: str, size: float, weight: str = "normal") -> float:
        """Return the width of a line in millimetres."""
        return float(pdfmetrics.stringWidth(text, _FACES[weight], size) / mm)

    def write(
        self,
        text: str,
        left: float,
        foot: float,
        *,
        width: float,
        size: float,
        weight: str = "normal",
        colour: str = INK,
        align: str = "left",
    ) -> None:
        """Write a text on one line, smaller where it is too long, and cut where even that is."""
        text = drawable(text)
        found = self.measure(text, size, weight)
        if found > width:
            size *= max(0.65, width / found)
            if self.measure(text, size, weight) > width + 0.01:
                text = cut_to(text, width, lambda part: self.measure(part, size, weight))
        self.canvas.setFont(_FACES[weight], size)
        self.canvas.setFillColor(_colour(colour))
        x, y = left * mm, (self.height - foot) * mm
        if align == "right":
            self.canvas.drawRightString(x, y, text)
        elif align == "center":
            self.canvas.drawCentredString(x, y, text)
        else:
            self.canvas.drawString(x, y, text)

    def draw_line(
        self, points: Iterable[tuple[float, float]], *, width: float, colour: str
    ) -> None:
        """Draw a line through points, its width in points."""
        path = self.canvas.beginPath()
        for number, (x, y) in enumerate(points):
            (path.lineTo if number else path.moveTo)(x * mm, (self.height - y) * mm)
        self.canvas.setStrokeColor(_colour(colour))
        self.canvas.setLineWidth(width)
        self.canvas.drawPath(path)

    def draw_box(
        self,
        box: Bounds,
        *,
        fill: str | None = None,
        border: str | None = None,
        round_by: float = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """Draw a rectangle of left, top, width and height."""
        left, top, width, height = box
        if fill is not None:
            self.canvas.setFillColor(_colour(fill))
        if border is not None:
            self.canvas.setStrokeColor(_colour(border))
            self.canvas.setLineWidth(0.4)
        if opacity < 1:
            self.canvas.setFillAlpha(opacity)
        place = (left * mm, (self.height - top - height) * mm, width * mm, height * mm)
        stroke, filled = int(border is not None), int(fill is not None)
        if round_by:
            self.canvas.roundRect(*place, round_by * mm, stroke=stroke, fill=filled)
        else:
            self.canvas.rect(*place, stroke=stroke, fill=filled)
        if opacity < 1:
            self.canvas.setFillAlpha(1)

    def draw_category(self, category: str, box: Bounds, colours: Mapping[str, str]) -> None:
        """Draw a category's field with its sign, as in a table."""
        self.draw_box(box, fill=colours[category], border=QUIET)
        left, top, width, height = box
        # so high that the sign stands in the middle
        foot = top + height / 2 + height * 0.27
        size = height * 2.0
        middle = left + width / 2
        sign, ink = SYMBOLS[category], INKS[category]
        self.write(sign, middle, foot, width=width, size=size, colour=ink, align="center")

    def draw_swatch(self, category: str, box: Bounds, colours: Mapping[str, str]) -> None:
        """Draw a category's field of the legend with its hatch."""
        left, top, width, height = box
        area = shapely.box(left, top, left + width, top + height)
        corners = shapely.transform(area, lambda points: (points * [1, -1] + [0, self.height]) * mm)
        self.fill_polygons([corners], colour=colours[category], category=category)
        self.draw_box(box, border=QUIET)

    def fill_polygons(
        self,
        polygons: Iterable[shapely.Geometry],
        *,
        colour: str | None,
        category: str | None = None,
        border: str | None = None,
        width: float = 0.25,
    ) -> None:
        """Draw polygons given in points of the page, y upwards, as one path with one hatch."""
        shapes = shapely.orient_polygons(shapely.get_parts(np.array(list(polygons), dtype=object)))
        if not len(shapes):
            return
        path = _trace(shapes)
        self.canvas.saveState()
        if colour is not None:
            self.canvas.setFillColor(_colour(colour))
        if border is not None:
            self.canvas.setStrokeColor(_colour(border))
            self.canvas.setLineWidth(width)
            self.canvas.setLineJoin(1)
        stroke, fill = int(border is not None), int(colour is not None)
        hatch = HATCHES[category] if category else ""
        if not hatch:
            self.canvas.drawPath(path, stroke=stroke, fill=fill, fillMode=1)
        else:
            self.canvas.clipPath(path, stroke=stroke, fill=fill, fillMode=1)
            self._hatch(hatch, _mix(str(colour), INKS[str(category)]), shapes)
        self.canvas.restoreState()

    def bookmark(self, key: str, title: str, level: int) -> None:
        """Name this page in the bookmarks, beneath the last one of a lower level."""
        self.canvas.bookmarkPage(key)
        self.canvas.addOutlineEntry(title, key, level)

    def link(self, key: str, box: Bounds) -> None:
        """Let a rectangle of left, top, width and height lead to the page of a bookmark."""
        left, top, width, height = box
        foot = self.height - top - height
        corners = (left * mm, foot * mm, (left + width) * mm, (foot + height) * mm)
        self.canvas.linkRect("", key, corners, relative=0, thickness=0)

    def clip(self, box: Bounds) -> None:
        """Draw only inside a box from now on, until the canvas's state is restored."""
        left, top, width, height = box
        path = self.canvas.beginPath()
        path.rect(left * mm, (self.height - top - height) * mm, width * mm, height * mm)
        self.canvas.clipPath(path, stroke=0, fill=0)

    def _hatch(self, hatch: str, colour: str, shapes: NDArray[np.object_]) -> None:
        """Fill the clipped polygons with lines or dots, on the same grid all over the page."""
        west, south, east, north = shapely.total_bounds(shapes)
        # nothing is seen outside the page
        west, east = np.clip([west, east], 0, self.width * mm)
        south, north = np.clip([south, north], 0, self.height * mm)
        self.canvas.setStrokeColor(_colour(colour))
        if hatch[0] == ".":
            self.canvas.setLineWidth(0.9)
            self.canvas.setLineCap(1)
            # no length and round ends: dots
            self.canvas.setDash([0, STEP])
            rows = np.arange(np.floor(south / STEP), north / STEP + 1) * STEP
            start = np.floor(west / STEP) * STEP
            lines = [(start + (y // STEP % 2) * STEP / 2, y, east, y) for y in rows.tolist()]
        else:
            self.canvas.setLineWidth(0.45)
            rise = 1 if hatch[0] == "/" else -1
            # lines y = rise · x + c through the box
            ends = [
                south - rise * west,
                south - rise * east,
                north - rise * west,
                north - rise * east,
            ]
            step = STEP * 2**0.5
            cuts = np.arange(np.floor(min(ends) / step), max(ends) / step + 1) * step
            lines = [(west, rise * west + c, east, rise * east + c) for c in cuts.tolist()]
        code = " ".join(f"{a:.2f} {b:.2f} m {c:.2f} {d:.2f} l" for a, b, c, d in lines)
        self.canvas.drawPath(PDFPathObject(["n", code]))


_FACES = {"normal": REGULAR, "bold": BOLD}


def _trace(shapes: NDArray[np.object_]) -> PDFPathObject:
    """Return the rings of polygons as a path."""
    points, ring = shapely.get_coordinates(shapely.get_rings(shapes), return_index=True)
    first = np.diff(ring, prepend=-1) > 0
    # a ring's last point is its first again
    last = np.roll(first, -1)
    letters = np.where(first, "m", "l").tolist()
    # to a hundredth of a point, four thousandths of a millimetre; written here, because the
    # path's own lineTo takes ten times as long for a million points
    code = [
        "h" if end else f"{x:.2f} {y:.2f} {letter}"
        for (x, y), letter, end in zip(points.tolist(), letters, last.tolist(), strict=True)
    ]
    return PDFPathObject(["n", *code])


@contextmanager
def _binary() -> Iterator[None]:
    """Write streams as bytes for the length of a block: as text they are larger and slower."""
    before = rl_config.useA85
    rl_config.useA85 = 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _mix(colour: str, ink: str) -> str:
    """Return the colour of a hatch without transparency: seen close by, quiet from afar."""
    one, other = HexColor(colour), HexColor(ink)
    mixed = [a * 0.55 + b * 0.45 for a, b in zip(one.rgb(), other.rgb(), strict=True)]
    return "#" + "".join(f"{round(255 * part):02x}" for part in mixed)


@cache
def _colour(written: str) -> HexColor:
    return HexColor(written)


@cache
def _register_fonts() -> None:
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
