"""Fifty names that try to be more than a name: each is shown as text, and nothing runs."""

from __future__ import annotations

import csv

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from hotspot.maps.web_map import web_map
from hotspot.maps.web_texts import Texts

pytestmark = pytest.mark.slow

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "</script><img src=x onerror=alert(3)>",
    "<img src=x onerror=alert(4)>",
    "<svg onload=alert(5)>",
    "<svg/onload=alert(6)//",
    "<body onload=alert(7)>",
    "<iframe src=javascript:alert(8)>",
    "<iframe srcdoc='<script>alert(9)</script>'>",
    "<a href='javascript:alert(10)'>x</a>",
    "<details open ontoggle=alert(11)>",
    "<input autofocus onfocus=alert(12)>",
    "<video><source onerror=alert(13)>",
    "<math><mtext></style><img src onerror=alert(14)>",
    "<!--<script>alert(15)</script>-->",
    "<!-- criteria -->",
    "]]><script>alert(16)</script>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//x.example/a.css>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<base href=//x.example/>",
    "<form action=//x.example><button>send",
    "javascript:alert(17)",
    "data:text/html,<script>alert(18)</script>",
    "url(//x.example/a.png)",
    "&lt;script&gt;alert(19)&lt;/script&gt;",
    "&#60;script&#62;alert(20)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(21)\\u003c/script\\u003e",
    "\"onmouseover=alert(22) x=\"",
    "'onmouseover=alert(23) x='",
    "`onmouseover=alert(24)`",
    "\" autofocus onfocus=alert(25) \"",
    "{{ 7 * 7 }}",
    "{% raw %}{{ x }}{% endraw %}",
    "{# note #} {{ x }} {% block %}",
    "{name} {n} {0}",
    "${alert(26)}",
    "__proto__",
    "constructor",
    "=HYPERLINK(\"http://x.example\",\"x\")",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "=cmd|' /C calc'!A0",
    "\u202eמחלה\u200f & \"quoted\" 'too'",
    "a\u2028b\u2029c",
    "x\x00y\x07z\x1bq\x1fr",
    "N" * 10_000,
    "$x^2$ \\frac \\u001f | ; , \n new line",
]  # fmt: skip


def as_shown(name: str) -> str:
    """Return a name as a page may show it: control characters as spaces, cut at 120 letters."""
    text = "".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in name).strip()
    return text if len(text) <= 120 else text[:119] + "…"


@pytest.fixture
def hostile() -> gpd.GeoDataFrame:
    """Return a mahalla of each name, in a district, with a reason and under a code of that name."""
    squares = [
        box(x, y, x + 1000, y + 1000)
        for y in range(4_290_000, 4_295_000, 1000)
        for x in range(400_000, 410_000, 1000)
    ]
    return gpd.GeoDataFrame(
        {
            "name": HOSTILE,
            "district": HOSTILE[::-1],
            "region": HOSTILE,
            "category": ["red", "yellow", "green", "not_assessed", "red"] * 10,
            "count": range(50),
            "reason": HOSTILE,
            "name_ru": HOSTILE,
        },
        index=pd.Index([f"{i:04d} {name[:40]}" for i, name in enumerate(HOSTILE)]),
        geometry=squares,
        crs="EPSG:32642",
    )


def test_there_are_fifty() -> None:
    assert len(set(HOSTILE)) == 50


def test_hostile_names_are_text_wherever_they_are_shown(reader, hostile, tmp_path) -> None:
    first = HOSTILE[0]
    hostile["name_cyrl"] = HOSTILE[::-1]
    reasons = pd.Series(HOSTILE[::-1], hostile.index)
    other = Texts(HOSTILE[2], HOSTILE[3], HOSTILE, reasons)
    page = web_map(
        hostile,
        title=first,
        month="2025-01",
        criteria=HOSTILE[1],
        notes=HOSTILE,
        others={"uz_Cyrl": other},
    )
    assert "<script>alert" not in page
    address = reader.open(page)
    assert reader.one("h1").text == first
    assert reader.one("#criteria").text == HOSTILE[1]
    shown = [as_shown(name) for name in HOSTILE]
    assert reader.run("return page.names") == shown
    reader.one("#show-table").click()
    cells = "return [...document.querySelectorAll('#table tbody th')].map((e) => e.textContent)"
    assert sorted(reader.run(cells)) == sorted(shown)
    reader.one("#show-map").click()
    for number in range(50):
        reader.run(
            "location.hash = '#mahalla=' + encodeURIComponent(page.codes[arguments[0]])", number
        )
        card = reader.wait(
            lambda number=number: reader.run(
                "const h = document.querySelector('#card h2');"
                "return h && h.textContent === page.names[arguments[0]] && "
                "[h.textContent, document.querySelector('#card .reason').textContent]",
                number,
            )
        )
        # a reason may be longer than a name
        assert card[1].startswith(shown[number].rstrip("…"))
    # and in another language, where names and reasons are the other way round
    reader.run("location.hash = '#lang=uz_Cyrl&mahalla=' + encodeURIComponent(page.codes[1])")
    reader.wait(lambda: reader.one("h1").text == HOSTILE[2])
    assert reader.one("#criteria").text == HOSTILE[3]
    assert len(reader.all("#further p")) == 50
    told = "return ['h2', '.reason'].map((e) => document.querySelector('#card ' + e).textContent)"
    name, reason = reader.run(told)
    assert name == as_shown(HOSTILE[-2])
    assert reason.startswith(name.rstrip("…"))
    reader.run("location.hash = ''")
    reader.one("#search").send_keys("script")
    assert len(reader.all("#found li")) > 0
    # an alert left open would have made every further command fail
    assert reader.run("return document.querySelectorAll('img, iframe, link, base').length") == 0
    reader.one("#search").clear()
    reader.one("#save-csv").click()
    path = tmp_path / "2025-01.csv"
    reader.wait(lambda: path.exists() and path.stat().st_size)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 51
    assert {len(row) for row in rows} == {len(rows[0])}
    texts = [cell for row in rows[1:] for cell in row]
    assert [cell for cell in texts if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
    assert reader.requests() == [address]
    assert reader.complaints() == []
