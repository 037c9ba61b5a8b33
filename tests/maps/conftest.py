"""A table to draw, and a real browser that cannot reach any network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

HOSTILE = {
    "1710207002": "<script>alert(1)</script>",
    "1710207003": "</script><img src=x onerror=alert(2)>",
    "1710207004": "{{x}} {% raw %} {# note #}",
    "1710207005": "\u202eמחלה\u200f & \"quoted\" 'too' $x^2$ \\frac",
    "1710207006": "N" * 10_000,
}


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    """Return twelve squares of a kilometre in two districts, two of them without polygon."""
    codes = [f"1710{207 if i < 6 else 212}{i + 1:03d}" for i in range(12)]
    squares = [
        box(x, y, x + 1000, y + 1000)
        for y in (4_290_000, 4_291_000, 4_292_000)
        for x in (400_000, 401_000, 402_000, 403_000)
    ]
    half = ["red", "yellow", "green", "green", "yellow", "red"]
    categories = [*half, "green", "green", "not_assessed", "yellow", "red", "green"]
    frame = gpd.GeoDataFrame(
        {
            "month": "2025-01",
            "name": [f"Guliston {i + 1} MFY" for i in range(12)],
            "district": ["Gʻuzor"] * 6 + ["Dehqonobod"] * 6,
            "category": categories,
            "count": [9, 2, 0, 0, 1, 7, 0, 0, 0, 3, 12, 0],
            "reason": [f"{category}: as counted" for category in categories],
        },
        index=pd.Index(codes, name="mahalla_code"),
        geometry=squares,
        crs="EPSG:32642",
    )
    frame.loc[frame.index[[8, 10]], "geometry"] = None
    return frame


@pytest.fixture
def hostile(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with names that try to leave the place they are written in."""
    for code, name in HOSTILE.items():
        table.loc[code, "name"] = name
    return table


@pytest.fixture
def density(
    table: gpd.GeoDataFrame,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, object]:
    """Return a single peak in the middle of the squares, on cells of 100 m."""
    x = np.arange(400_050.0, 404_000, 100)
    y = np.arange(4_290_050.0, 4_293_000, 100)
    across, down = np.meshgrid(x, y)
    values = 30 * np.exp(-((across - 402_000) ** 2 + (down - 4_291_500) ** 2) / 500_000)
    return values, x, y, table.crs


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Yield headless Chromium, every name of a host unknown to it, its network log kept."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and its driver are not installed")
    profile: Path = tmp_path_factory.mktemp("chromium")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
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
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    session = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    # away from the browser's own first page, whose files would stand in the log
    session.get("about:blank")
    yield session
    session.quit()
