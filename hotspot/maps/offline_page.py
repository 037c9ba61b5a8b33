"""A folium map as one page that needs nothing but itself."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import folium
from branca.element import Element, Figure
from xstatic.pkg import leaflet

LEAFLET = Path(leaflet.BASE_DIR)
LINKS = {"src", "href", "data", "action", "poster", "background", "srcset"}
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Verbatim(Element):
    """Text that goes into the page as it is; branca would read its braces as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: object) -> str:
        """Return the text."""
        return self.text


def write_page(drawing: folium.Map, *, title: str, language: str = "en") -> str:
    """Return a map's page with its library inside, the same bytes every time.

    Parameters
    ----------
    drawing : folium.Map
        With all its children. Only Leaflet is put in; nothing on the map may need more.
    title : str
        The page's title, as plain text.
    language : str
        The language that the page opens in.

    Returns
    -------
    str
        HTML whose Content-Security-Policy forbids the browser every request, and every script
        but those the page was written with.

    Raises
    ------
    ValueError
        Something on the map asks for a file from elsewhere.
    """
    # the instance's own lists: the class's are shared by every map of the process
    drawing.default_js, drawing.default_css = [], []
    figure = cast(Figure, drawing.get_root())
    figure.title = escape(title)
    library = f"<style>{_leaflet_style()}</style>\n<script>{_leaflet_script()}</script>"
    # before all other styles, which may then overrule the library's
    figure.header.add_child(Verbatim(library), name="leaflet", index=1)
    for number, element in enumerate(_walk(figure)):
        element._id = str(number)
    page = str(figure.render()).replace("\r\n", "\n")
    page = page.replace("<html>", f'<html lang="{language.replace("_", "-")}">', 1)
    # a reader who cannot see well must be able to enlarge the page
    page = re.sub(r",\s*maximum-scale=1.0, user-scalable=no", "", page, count=1)
    page = _allow_only_own_scripts(page)
    refuse_links(page)
    return page


def refuse_links(page: str) -> None:
    """Raise if a page would ask for anything outside itself.

    Examples
    --------
    >>> refuse_links('<img src="data:image/png;base64,AA==">')
    >>> refuse_links('<img src="logo.png">')
    Traceback (most recent call last):
    ValueError: the page links to 'logo.png' (src of img) and would not open without a network
    """
    _LinkGuard().feed(page)


class _LinkGuard(HTMLParser):
    """Reads tags and styles; text, and the libraries' source, cannot load anything by itself."""

    in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        for name, value in attrs:
            inside = (value or "").startswith(("data:", "#"))
            if name.removeprefix("xlink:") in LINKS and not inside:
                raise ValueError(
                    f"the page links to '{value}' ({name} of {tag}) "
                    "and would not open without a network"
                )
            if name == "style":
                self._read_style(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self._read_style(data)

    def _read_style(self, style: str) -> None:
        for target in re.findall(r"url\(\s*['\"]?([^)'\"]*)|@import\s+([^;]*)", style):
            link = "".join(target)
            if not link.startswith(("data:", "#")):
                raise ValueError(
                    f"the page's style loads '{link}' and would not open without a network"
                )


def _leaflet_script() -> str:
    text = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    return text.replace("</script", "<\\/script").replace("//# sourceMappingURL=leaflet.js.map", "")


def _leaflet_style() -> str:
    """Return Leaflet's style with its pictures inside; the marker is never drawn."""
    text = (LEAFLET / "leaflet.css").read_text(encoding="utf-8").replace("\r\n", "\n")
    for name in ("layers.png", "layers-2x.png"):
        content = base64.b64encode((LEAFLET / "images" / name).read_bytes()).decode("ascii")
        text = text.replace(f"images/{name}", f"data:image/png;base64,{content}")
    return text.replace("url(images/marker-icon.png)", "none")


def _walk(element: Element) -> list[Element]:
    """Return an element and everything under it, in the order of the page."""
    parts = [getattr(element, name, None) for name in ("header", "html", "script")]
    below = [*(part for part in parts if part is not None), *element._children.values()]
    return [element, *(child for part in below for child in _walk(part))]


def _allow_only_own_scripts(page: str) -> str:
    """Return the page with a policy that names its scripts by their hashes."""
    hashes = (
        base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
        for text in SCRIPT.findall(page)
    )
    scripts = " ".join(f"'sha256-{digest}'" for digest in hashes)
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace("<head>", f'<head>\n<meta charset="utf-8">\n{meta}', 1)
