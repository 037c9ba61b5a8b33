"""The interactive map's size, and how fast a browser without a network opens and changes it."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.comparisons import SIZES, _bars, _ratio, _seconds, _table
from benchmarks.measure import Measurement, measure

ROUNDS = 5
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--window-size=1280,800",
)
# once everything is drawn and on the screen
LOADED = """
const done = arguments[0];
const tell = () => requestAnimationFrame(() => setTimeout(() => done(performance.now())));
if (document.readyState === "complete") tell(); else addEventListener("load", tell);
"""
# from the slider's move to the screen, month by month, back and forth
STEPS = """
const done = arguments[0], slider = document.getElementById("month"), taken = [];
(async () => {
  const most = Number(slider.max);
  for (let k = most - 1; k > -most; k--) {
    const start = performance.now();
    slider.value = Math.abs(k);
    slider.dispatchEvent(new Event("input"));
    await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
    taken.push(performance.now() - start);
  }
  done(taken);
})();
"""


def compare_map(folder: Path) -> str:
    """Compare our page of all months with folium's page of one."""
    rows, bars = [], []
    for size in SIZES:
        where: dict[str, Any] = {"folder": str(folder), "size": size, "repeats": 2}
        naive = measure("map.folium_geojson", **where)
        opened = _open(naive.answer["path"])
        rows.append(_row(size, "folium's GeoJson, one month", naive, opened, None))
        for months, languages in ((12, 1), (12, 4), (36, 1), (36, 4)):
            ours = measure("map.ours", months=months, languages=languages, **where)
            seconds = _open(ours.answer["path"])
            step = _step(ours.answer["path"])
            spoken = "one language" if languages == 1 else f"{languages} languages"
            what = f"**hotspot**, {months} months, {spoken}"
            rows.append(_row(size, what, ours, seconds, step))
            megabytes, name = ours.answer["mb"], f"{size:,} × {months}, {spoken}"
            if (size, months) == (SIZES[0], 36):
                bars.append(_at_most(f"{name}, MB", megabytes, 1.6))
            if (size, months) == (SIZES[1], 12):
                share = megabytes / naive.answer["mb"]
                bars.append(_at_most(f"{name}, MB", megabytes, 5))
                bars.append(_at_most(f"{name}, share of folium's page", share, 1 / 3))
            if size == SIZES[1]:
                bars.append(_at_most(f"{name}, seconds to open", seconds, 1.5))
                bars.append(_at_most(f"{name}, milliseconds a step", step, 50))
    heads = ["mahallas", "page", "MB", "written in, s", "opens in, s", "a step of the slider, ms"]
    return "\n\n".join([_table(heads, rows), _bars(bars)])


def _row(
    size: int, page: str, written: Measurement, opened: float, step: float | None
) -> list[str]:
    shown = "" if step is None else f"{step:.0f}"
    times = [_seconds(written.warm), _seconds(opened)]
    return [f"{size:,}", page, f"{written.answer['mb']:.2f}", *times, shown]


def _at_most(what: str, found: float, most: float) -> str:
    verdict = "met" if found <= most else "**not met**"
    return f"{what}: {_ratio(found)}, bar {most:.2g}: {verdict}"


def _open(path: str) -> float:
    """Return the median seconds from the address to the map on the screen, as the page counts."""
    taken = []
    for _ in range(ROUNDS):
        with _browser() as browser:
            browser.get(Path(path).as_uri())
            taken.append(browser.execute_async_script(LOADED) / 1000)
    return statistics.median(taken)


def _step(path: str) -> float:
    """Return the median milliseconds from the slider's move to the changed map on the screen."""
    with _browser() as browser:
        browser.get(Path(path).as_uri())
        browser.execute_async_script(LOADED)
        return statistics.median(browser.execute_async_script(STEPS))


@contextmanager
def _browser() -> Iterator[Any]:
    from selenium import webdriver

    driver = shutil.which("chromedriver")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if driver is None or chromium is None:
        raise SystemExit("the map is measured in Chromium: install chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        try:
            yield browser
        finally:
            browser.quit()
