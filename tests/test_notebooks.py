"""The notebooks run from top to bottom, are stored without outputs, and show an offline map."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


# the kernel's own machinery warns of things that are not ours
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_map_needs_no_network(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    html = notebook.cells[-1].outputs[0]["data"]["text/html"]
    assert html.startswith("<iframe srcdoc=")
    links = _Links()
    links.feed(unescape(html.split('srcdoc="', 1)[1].rsplit('"', 3)[0]))
    assert links.found == []


class _Links(HTMLParser):
    """Collects what a browser would fetch; a script's text is no tag and is left alone."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        values = [value or "" for name, value in attrs if name in ("src", "href")]
        self.found += [value for value in values if not value.startswith(("data:", "#"))]
