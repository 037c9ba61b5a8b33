"""Small charts of a report: the reds month by month, the hit rates of the districts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hotspot.language import _, percent
from hotspot.palette import COLOURS
from hotspot.reports.report_blocks import clean
from hotspot.reports.report_letters import show

_WIDTH = 7.0
_QUIET = "#c9ccd3"
_BAR = "#2c5f8a"


def draw_reds(reds: pd.Series, *, length: int) -> bytes:
    """Draw the number of red mahallas each month.

    Parameters
    ----------
    reds : a number a month.
    length : the last so many months are those the report is of.

    Returns
    -------
    bytes
        A PNG, the same bytes for the same numbers.
    """
    with _chart(1.7) as (axes, written):
        past = len(reds) - length
        colours = [_QUIET] * past + [COLOURS["red"]] * length
        axes.bar(range(len(reds)), reds.to_numpy(dtype=float), color=colours, width=0.8)
        step = max(1, -(-len(reds) // 9))
        # counted from the last month, which is the one that is asked for
        shown = list(range(len(reds) - 1, -1, -step))[::-1]
        axes.set_xticks(shown, [str(reds.index[place]) for place in shown])
        axes.set_ylabel(_("Red mahallas"))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return written.getvalue()


def draw_hit_rates(rates: pd.Series, *, least: float) -> bytes:
    """Draw the share of records placed in each district, beside the least that is asked for.

    Parameters
    ----------
    rates : a share a district, the last one drawn highest.
    least : the share at which the line is.

    Returns
    -------
    bytes
        A PNG, the same bytes for the same numbers.
    """
    with _chart(0.7 + 0.135 * len(rates)) as (axes, written):
        colours = [COLOURS["red"] if rate < least else _BAR for rate in rates]
        places = range(len(rates))
        axes.barh(places, rates.to_numpy(dtype=float), color=colours, height=0.7)
        axes.set_yticks(places, [show(clean(name, 40)) for name in rates.index])
        axes.axvline(least, color="#1f2430", linewidth=1.2, linestyle="--")
        axes.set_xlim(0, 1)
        ticks = sorted({0.0, 0.25, 0.5, 1.0, least})
        axes.set_xticks(ticks, [percent(tick, 0) for tick in ticks])
        axes.set_ylim(-0.6, len(rates) - 0.4)
        axes.set_xlabel(_("Share of records placed"))
        axes.grid(axis="y", visible=False)
    return written.getvalue()


@contextmanager
def _chart(height: float) -> Iterator[tuple[Axes, BytesIO]]:
    """Give axes to draw on and what is then written, whatever the reader's matplotlib is set to."""
    with matplotlib.style.context(["default", {"font.family": "DejaVu Sans", "font.size": 8}]):
        figure = Figure(figsize=(_WIDTH, height), dpi=200, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#e5e5e5")
        axes.set_axisbelow(True)
        written = BytesIO()
        yield axes, written
        for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            # a name is a name, also with dollars in it
            text.set_parse_math(False)
        figure.savefig(written, format="png", metadata={"Software": None})
