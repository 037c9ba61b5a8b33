"""The back-test drawn: a picture, the same bytes, whatever the reader's matplotlib is set to."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
from PIL import Image

from hotspot.backtest import BASELINES
from hotspot.reports.backtest_figure import draw_backtest


def table(months: int) -> pd.DataFrame:
    """Return hit rates of so many months, the best above all others."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        [
            {
                "month": str(month),
                "horizon": 1,
                "method": method,
                "hit_rate": 0.9 if method == "best" else rng.uniform(0.2, 0.6),
            }
            for month in pd.period_range("2024-01", periods=months, freq="M")
            for method in ("mine", *BASELINES)
        ]
    )


def test_the_picture_is_the_same_twice_and_under_other_settings():
    first = draw_backtest(table(24), method="mine")
    with mpl.rc_context({"font.size": 40, "axes.facecolor": "black"}):
        assert draw_backtest(table(24), method="mine") == first
    picture = Image.open(io.BytesIO(first))
    assert (picture.format, picture.size) == ("PNG", (1080, 540))
    # the criteria's line is there, in its colour
    colours = {colour for _, colour in picture.convert("RGB").getcolors(maxcolors=1 << 20) or []}
    assert (0xB1, 0x00, 0x26) in colours


def test_one_month_is_drawn_as_well():
    assert draw_backtest(table(1), method="mine").startswith(b"\x89PNG")


def test_a_hostile_name_is_drawn_as_text():
    for name in ("$\\frac{$", "_hidden", "a" * 40):
        named = table(2).replace({"method": {"mine": name}})
        assert draw_backtest(named, method=name).startswith(b"\x89PNG")
