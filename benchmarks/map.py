"""The interactive map of an invented region, beside one month of it drawn by folium alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import regions
from benchmarks.measure import Case

WINDOW = 12
REASONS = {
    "en": "{category}: {count:g} counted offenses in 12 months; no alternative is fulfilled "
    "(excess_probability {p} is not >= 0.95; excess_probability {p} is not >= 0.80 and "
    "gi_pop_q {q} is not <= 0.05).",
    "uz": "{category}: 12 oyda {count:g} ta hisobga olingan huquqbuzarlik; muqobil shartlarning "
    "birortasi bajarilmagan (excess_probability {p}, kerak >= 0,95; gi_pop_q {q}, kerak <= 0,05).",
    "uz_Cyrl": "{category}: 12 ойда {count:g} та ҳисобга олинган ҳуқуқбузарлик; муқобил "
    "шартларнинг бирортаси бажарилмаган (excess_probability {p}, керак >= 0,95; gi_pop_q {q}, "
    "керак <= 0,05).",
    "ru": "{category}: учтённых правонарушений за 12 месяцев: {count:g}; ни одно из условий не "
    "выполнено (excess_probability {p}, нужно >= 0,95; gi_pop_q {q}, нужно <= 0,05).",
}


def ours(folder: str, size: int, months: int, languages: int = 1) -> Case:
    """Prepare our page: all months, all layers, every line of the card, in one language or four."""
    from hotspot.language import LANGUAGES, speaking
    from hotspot.maps.web_map import web_map
    from hotspot.maps.web_texts import Texts

    table, past = read_run(Path(folder), size, months)
    how: dict[str, Any] = {"title": "Region", "month": past["history"].columns[-1], **past}
    if languages > 1:
        table["name_cyrl"] = [f"Гулистон {i} МФЙ" for i in range(len(table))]
        table["name_ru"] = [f"Гулистан {i}" for i in range(len(table))]
        how["others"] = {
            language: Texts("Region", reasons=_write_reasons(table, REASONS[language]))
            for language in LANGUAGES[: languages - 1]
        }

    def draw() -> str:
        with speaking("en"):
            return web_map(table, **how)

    return draw, lambda page: _tell(page, folder, f"ours_{size}_{months}_{languages}")


def folium_geojson(folder: str, size: int) -> Case:
    """Prepare folium's page: one month as GeoJSON, the same polygons simplified the same way.

    Leaflet is put into it as into ours, so that both open without a network.
    """
    from hotspot.maps.outlines import simplify_polygons

    table, _ = read_run(Path(folder), size, 1)
    table["geometry"] = simplify_polygons(table.geometry)
    return lambda: draw_naive(table), lambda page: _tell(page, folder, f"folium_{size}")


def draw_naive(table: gpd.GeoDataFrame) -> str:
    """Return the page that folium's own guide leads to, Leaflet inside."""
    import folium

    from hotspot.maps.offline_page import write_page
    from hotspot.palette import COLOURS

    shown = table[["name", "district", "category", "count", "reason", "geometry"]]
    drawing = folium.Map(tiles=None, attribution_control=False, prefer_canvas=True)
    folium.GeoJson(
        shown.to_crs("EPSG:4326"),
        style_function=lambda feature: {
            "fillColor": COLOURS[feature["properties"]["category"]],
            "fillOpacity": 1,
            "weight": 0.6,
            "color": "#3a4150",
        },
        tooltip=folium.GeoJsonTooltip(["name", "district", "category", "count", "reason"]),
    ).add_to(drawing)
    west, south, east, north = shown.to_crs("EPSG:4326").total_bounds
    drawing.fit_bounds([[south, west], [north, east]])
    return write_page(drawing, title="Region")


def read_run(folder: Path, size: int, months: int) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Return a table as a run makes it, and its past: names, reasons and evidence are invented."""
    rng = np.random.default_rng(size)
    table = regions.read_mahallas(folder, size)
    monthly = pd.read_parquet(folder / f"counts_{size}.parquet")
    monthly.columns = pd.PeriodIndex(monthly.columns, freq="M")
    sums = monthly.T.rolling(WINDOW).sum().T.iloc[:, -months:]
    high = sums >= 3 * sums.mean()
    history = sums.gt(0).replace({True: "yellow", False: "green"}).mask(high, "red")
    inside = table.representative_point()
    column = pd.qcut(inside.x, 14, labels=False)
    row = inside.y.groupby(column).transform(lambda y: pd.qcut(y, 15, labels=False))
    now = sums.iloc[:, -1]
    p, q = rng.uniform(size=(2, len(table)))
    table["name"] = [f"Guliston {i} MFY" for i in range(len(table))]
    table["district"] = [f"Tuman {c:02d}{int(r):02d}" for c, r in zip(column, row, strict=True)]
    table["region"] = [f"Viloyat {c:02d}" for c in column]
    table["category"] = history.iloc[:, -1]
    table["count"] = now.astype(int)
    table["rate"] = now / table["population"] * 1e5
    table["rate_ratio"] = table["rate"] / table["rate"].mean()
    table["expected"] = table["population"] / table["population"].mean() * now.mean()
    table["gi_z"], table["gi_q"], table["gi_pop_q"] = rng.normal(size=len(table)), p, q
    table["gi_bin"] = np.where(p < 0.02, 3, 0)
    table["excess_probability"], table["red_probability"] = p, q
    table["trend"], table["pattern"] = "none", "no_pattern"
    table["reason"] = _write_reasons(table, REASONS["en"])
    bins = pd.DataFrame(
        {month: rng.integers(-3, 4, len(table)) for month in history.columns}, table.index
    )
    flips = pd.DataFrame({"more": now + 1, "fewer": now}, table.index)
    flips = flips.assign(category_more="red", category_fewer="green")
    pairs = pd.read_parquet(folder / f"pairs_{size}.parquet")
    past = {"history": history, "counts": monthly, "window": WINDOW, "neighbours": pairs}
    return table, past | {"gi_bins": bins, "flips": flips}


def _write_reasons(table: pd.DataFrame, text: str) -> pd.Series:
    """Write the reasons of a language, whose decimals have a comma but in English."""
    columns = ["category", "count", "excess_probability", "gi_pop_q"]
    written = []
    for category, count, p, q in table[columns].itertuples(index=False):
        numbers = {"p": f"{p:.3g}", "q": f"{q:.3g}"}
        if text != REASONS["en"]:
            numbers = {name: number.replace(".", ",") for name, number in numbers.items()}
        written.append(text.format(category=category.capitalize(), count=count, **numbers))
    return pd.Series(written, table.index)


def _tell(page: str, folder: str, name: str) -> dict[str, Any]:
    path = Path(folder) / f"{name}.html"
    path.write_text(page, encoding="utf-8")
    return {"mb": len(page.encode()) / 1e6, "path": str(path)}
