"""The back-test drawn: the share of the next month's offenses that each choice would have met."""

from __future__ import annotations

from io import BytesIO

import matplotlib.style
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hotspot.labels import word
from hotspot.language import _, percent
from hotspot.reports.report_blocks import clean
from hotspot.reports.report_letters import show

# method: colour, width; the criteria come first and are drawn last
_BASELINES = {
    "best": ("#9a9a9a", 1.0),
    "random": ("#c9c9c9", 1.0),
    "frozen": ("#8c6bb1", 1.2),
    "count_1m": ("#d8a25a", 1.2),
    "rate_12m": ("#5a9bd8", 1.2),
    "count_12m": ("#2c5f8a", 1.8),
}


def draw_backtest(table: pd.DataFrame, *, method: str) -> bytes:
    """Draw the hit rates of the next month's offenses, month by month.

    Parameters
    ----------
    table : the table of ``backtest.csv``.
    method : the criteria's name in it.

    Returns
    -------
    bytes
        A PNG, the same bytes for the same table.
    """
    wide = table[table["horizon"] == 1].pivot(index="month", columns="method", values="hit_rate")
    # whatever the reader's own matplotlib is set to
    with matplotlib.style.context("default"):
        figure = Figure(figsize=(9, 4.5), dpi=120, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        places = range(len(wide))
        for name, (colour, width) in _BASELINES.items():
            label = word("method", name)
            axes.plot(places, wide[name], color=colour, linewidth=width, label=label)
        label = show(clean(_("Criteria {name}", name=method), 60))
        axes.plot(places, wide[method], color="#b10026", linewidth=2.6, label=label)
        shown = list(places)[:: max(1, len(wide) // 12)]
        axes.set_xticks(shown, [str(wide.index[place]) for place in shown], rotation=45, ha="right")
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda share, _place: percent(share, 0))
        axes.set_ylabel(_("Share of the next month's offenses"))
        axes.set_title(_("As many mahallas each month, chosen in different ways"), loc="left")
        axes.grid(axis="y", color="#e5e5e5")
        axes.spines[["top", "right"]].set_visible(False)
        legend = figure.legend(loc="outside right center", frameon=False)
        for text in legend.get_texts():
            # a name is a name, also with dollars in it
            text.set_parse_math(False)
        written = BytesIO()
        figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()
