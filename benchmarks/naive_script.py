"""The script an analyst would write today with geopandas, esda and folium: the job to beat.

It does less than a run of hotspot: no codes, no rejected records, no population, no categories, one
month of hot spots, and a map that needs the network. Run it as

    python benchmarks/naive_script.py offenses.csv mahallas.gpkg map.html [--density] [--no-map]
"""

from __future__ import annotations

import argparse

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from esda.getisord import G_Local
from libpysal.weights import Queen
from sklearn.neighbors import KernelDensity

parser = argparse.ArgumentParser(description="monthly hot spots, the usual way")
parser.add_argument("offenses", help="csv with the columns lon, lat and date")
parser.add_argument("mahallas", help="polygons with the column mahalla_code")
parser.add_argument("out", help="map to write, html")
parser.add_argument("--window", type=int, default=12, help="months in the window")
parser.add_argument("--density", action="store_true", help="kernel density with scikit-learn too")
parser.add_argument("--no-map", action="store_true", help="stop at the numbers")
options = parser.parse_args()

# read, drop what has no place or date
offenses = pd.read_csv(options.offenses, usecols=["lon", "lat", "date"], low_memory=False)
offenses["date"] = pd.to_datetime(offenses["date"], errors="coerce", format="mixed")
offenses["lon"] = pd.to_numeric(offenses["lon"], errors="coerce")
offenses["lat"] = pd.to_numeric(offenses["lat"], errors="coerce")
offenses = offenses.dropna(subset=["lon", "lat", "date"])
points = gpd.GeoDataFrame(
    offenses, geometry=gpd.points_from_xy(offenses["lon"], offenses["lat"]), crs="EPSG:4326"
)
mahallas = gpd.read_file(options.mahallas)
mahallas = mahallas[mahallas.geometry.notna()].reset_index(drop=True)
points = points.to_crs(mahallas.crs)

# place and count
joined = gpd.sjoin(points, mahallas[["mahalla_code", "geometry"]], predicate="within")
joined["month"] = joined["date"].dt.to_period("M")
panel = joined.groupby(["mahalla_code", "month"]).size().unstack(fill_value=0)
panel = panel.reindex(mahallas["mahalla_code"], fill_value=0)
panel = panel[sorted(panel.columns)]
mahallas["count"] = panel.iloc[:, -options.window :].sum(axis=1).to_numpy()

# hot spots by permutation
weights = Queen.from_dataframe(mahallas, use_index=False, silence_warnings=True)
local = G_Local(
    mahallas["count"].to_numpy(dtype=float), weights, transform="B", star=True, permutations=999,
    seed=1,
)  # fmt: skip
mahallas["gi_z"] = local.Zs
mahallas["gi_p"] = local.p_sim
mahallas["hot"] = (mahallas["gi_p"] <= 0.05) & (mahallas["gi_z"] > 0)

# density at the mahallas' middle points
if options.density:
    metric = mahallas.to_crs(mahallas.estimate_utm_crs())
    places = joined.to_crs(metric.crs).geometry
    fitted = KernelDensity(bandwidth=1000, kernel="gaussian")
    fitted.fit(np.column_stack([places.x, places.y]))
    middles = metric.geometry.representative_point()
    density = np.exp(fitted.score_samples(np.column_stack([middles.x, middles.y])))
    mahallas["density"] = density * len(places) * 1e6

print(f"{len(joined)} of {len(offenses)} records, {int(mahallas['hot'].sum())} hot mahallas")
if options.no_map:
    raise SystemExit

# map
shown = mahallas.to_crs("EPSG:4326")
columns = ["mahalla_code", "count", "gi_z", "gi_p", "hot"]
west, south, east, north = shown.total_bounds
page = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=9)
folium.Choropleth(
    geo_data=shown[[*columns, "geometry"]].to_json(),
    data=shown[columns],
    columns=["mahalla_code", "count"],
    key_on="feature.properties.mahalla_code",
    fill_color="YlOrRd",
    legend_name="offenses in the window",
).add_to(page)
folium.GeoJson(
    shown[[*columns, "geometry"]].to_json(),
    style_function=lambda _: {"weight": 0, "fillOpacity": 0},
    tooltip=folium.GeoJsonTooltip(columns),
).add_to(page)
page.save(options.out)
