"""The words around the web map: title, legend, what it does not show, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import geopandas as gpd
import pandas as pd

from hotspot.maps.captions import (
    GREEN_NOTE,
    REMARK,
    count_categories,
    cut_text,
    has_polygon,
    month_words,
    name_mahallas,
    plural,
    unplaced_sentence,
    without_polygon_sentence,
)
from hotspot.maps.density_image import RAMP, DensityImage
from hotspot.palette import LABELS

NAME_LENGTH = 120


def write_header(
    table: gpd.GeoDataFrame, *, title: str, month: str | pd.Period, colours: Mapping[str, str]
) -> str:
    """Return the title, the month and the legend with its counts, as HTML."""
    counts = count_categories(table)
    rows = "".join(
        f'<li><i class="swatch {category}" style="background-color:{colours[category]}"></i>'
        f"<span>{LABELS[category]}</span><b>{number:,}</b></li>"
        for category, number in counts.items()
    )
    bar = "".join(
        f'<i class="{category}" style="flex:{number};background-color:{colours[category]}"></i>'
        for category, number in counts.items()
        if number
    )
    return (
        f'<header class="panel"><h1 dir="auto">{escape(title)}</h1>'
        f'<p class="month">{month_words(month)}</p><p class="remark">{REMARK}</p>'
        f'<h2>{plural(len(table), "mahalla")}</h2><div class="bar" aria-hidden="true">{bar}</div>'
        f'<ul class="legend">{rows}</ul><p class="note">{GREEN_NOTE}</p></header>'
    )


def write_footer(
    table: gpd.GeoDataFrame,
    *,
    criteria: str,
    density: DensityImage | None,
    unplaced: int,
    notes: Sequence[str],
    colours: Mapping[str, str],
) -> str:
    """Return what is not on the map, and the notes, as HTML."""
    parts = []
    if criteria:
        parts.append(f'<h2>Criteria</h2><p class="note" dir="auto">{escape(criteria)}</p>')
    if density is not None:
        gradient = f"linear-gradient(90deg,{','.join(RAMP)})"
        parts.append(
            '<section class="density"><h2>Density of offenses</h2>'
            f'<div class="ramp" style="background:{gradient}"></div>'
            f'<p class="ends"><span>low</span><span>{density.highest:,.3g} per km² and year</span>'
            '</p><p class="note">Switch it on in the list on the map.</p></section>'
        )
    parts.append(_list_hidden(table, colours))
    sentences = [unplaced_sentence(unplaced), *notes]
    parts.extend(f'<p class="note">{escape(text)}</p>' for text in sentences if text)
    return f'<footer class="panel">{"".join(parts)}</footer>'


def _list_hidden(table: gpd.GeoDataFrame, colours: Mapping[str, str]) -> str:
    """Return the mahallas without polygon, folded under their count."""
    sentence = without_polygon_sentence(table)
    if not sentence:
        return ""
    hidden = table[~has_polygon(table)]
    rows = "".join(
        f'<li><i class="dot {category}" style="background-color:{colours[category]}"></i>'
        f"<bdi>{escape(name)}</bdi> "
        f"<small><bdi>{escape(cut_text(district, NAME_LENGTH))}</bdi></small></li>"
        for name, district, category in zip(
            name_mahallas(hidden, NAME_LENGTH), hidden["district"], hidden["category"], strict=True
        )
    )
    return f"<details><summary>{sentence}</summary><ul>{rows}</ul></details>"
