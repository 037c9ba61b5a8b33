"""Match the public lists of names, and put the figures into docs/names.md.

``python -m benchmarks.match_names FOLDER`` with the folder that holds uz_gazetteer,
uz_mahalla_chinoz and uz_tashkent_zones; run it from the top of a checkout.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from hotspot.loaders.gazetteer import build_gazetteer, match_names
from hotspot.loaders.names import fold_names, take_apart

PAGE = Path("docs/names.md")

# the districts of Tashkent in the list of 2025 by the prefix of their codes; it has neither
# Mirobod nor Shayxontohur
TASHKENT = {
    "101": "Учтепинский район",
    "102": "Бектемирский район",
    "103": "Чиланзарский район",
    "104": "Яшнободский район",
    "105": "Яккасарайский район",
    "106": "Сергелийский район",
    "107": "Юнусабадский район",
    "108": "Олмазорский район",
    "109": "Мирзо-Улугбекский район",
}


def read_quarters(folder: Path) -> pd.DataFrame:
    """Return 10,020 quarters of 2021: code, district, name, cyrillic."""
    table = pd.read_csv(folder / "uz_gazetteer/mimaxuz_2021_quarters.csv", dtype="str")
    names = {"id": "code", "district_id": "district", "name_uz": "name", "name_oz": "cyrillic"}
    return table.rename(columns=names)[list(names.values())]


def read_soato(folder: Path) -> pd.DataFrame:
    """Return the places of SOATO without headings: code, district, its names, name, …."""
    rows = json.loads((folder / "uz_gazetteer/uzsoato_fixture.json").read_text(encoding="utf-8"))
    fields = {
        kind: pd.DataFrame(
            [row["fields"] | {"pk": row["pk"]} for row in rows if row["model"] == f"soato.{kind}"]
        )
        for kind in ("district", "city")
    }
    renamed = {"name_cyr": "cyrillic", "name_rus": "russian"}
    places = fields["city"].merge(
        fields["district"][["pk", "name", "name_cyr", "name_rus"]],
        left_on="district",
        right_on="pk",
        suffixes=("", "_district"),
    )
    # "Towns of … district" are headings, as are those under a city's government
    heading = places["name"].str.contains(
        r"tumanin|shahrin|shaharchalar|fuqarolar|viloyat|[xh]okim|ahamiyat", case=False
    )
    return pd.DataFrame(
        {
            "code": places["soato"],
            "district": places["name_district"] + " " + places["soato"].str[:7],
            "name": places["name"],
            **{new: places[old] for old, new in renamed.items()},
        }
    )[~heading].reset_index(drop=True)


def read_mahallas(folder: Path) -> pd.DataFrame:
    """Return 9,452 mahallas of 2025: code, name, district (the prefix of the code)."""
    table = pd.read_csv(folder / "uz_gazetteer/dhp_mahalla_2025.tsv", sep="\t", dtype="str")
    district = table["CODE"].str[:4]
    return pd.DataFrame({"code": table["CODE"], "name": table["UZ"], "district": district})


def read_tashkent(folder: Path) -> pd.DataFrame:
    """Return Tashkent's 578 mahallas of about 2019 in Russian: name, district."""
    zones = pd.read_csv(folder / "uz_tashkent_zones/zones.csv", dtype="str")
    ours = zones[(zones["source_file"] == "toshkent") & (zones["kind_name"] == "Махалля")]
    return pd.DataFrame({"name": ours["name"], "district": ours["parents"]}).reset_index(drop=True)


def match_tashkent(folder: Path) -> pd.DataFrame:
    """Return Tashkent's names with their answers and the matched mahalla's `known` name."""
    mahallas = read_mahallas(folder)
    mahallas = mahallas[mahallas["code"].str[:3].isin(TASHKENT)]
    mahallas = mahallas.assign(district=mahallas["code"].str[:3].map(TASHKENT))
    names = read_tashkent(folder)
    answers = names.join(match_names(names, build_gazetteer(mahallas)))
    return answers.assign(known=answers["code"].map(mahallas.set_index("code")["name"]))


def strict_names(names: pd.Series) -> pd.Series:
    """Return the strict key of each name."""
    return pd.Series(take_apart(fold_names(names.tolist()).exact).strict, names.index)


def match_column(places: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the answers to a column of the places' own names, with `truth`."""
    typed = pd.DataFrame({"name": places[column], "district": places["district"]})
    return match_names(typed, build_gazetteer(places)).assign(truth=places["code"])


def withhold(places: pd.DataFrame, column: str, *, seed: int, share: float = 0.1) -> float:
    """Return the share of names matched to something else once their truth is taken away.

    Names alike in strict key within their district are not asked for, nor those that are alike
    in the script they are asked in: of two mahallas with one Russian name, the one that is left
    answers to it with right.
    """
    chosen = np.random.default_rng(seed).random(len(places)) < share
    alone = np.ones(len(places), dtype=bool)
    for names in (places["name"], places[column]):
        keys = pd.DataFrame({"district": places["district"], "key": strict_names(names)})
        alone &= ~keys.duplicated(keep=False).to_numpy()
    asked = places[chosen & alone]
    typed = pd.DataFrame({"name": asked[column], "district": asked["district"]})
    answers = match_names(typed, build_gazetteer(places[~chosen]))
    return float((answers["outcome"] == "matched").mean())


def summarize(answers: pd.DataFrame) -> dict[str, float]:
    """Return counts of outcomes, precision, and how often the truth is among the first three."""
    matched = answers["outcome"] == "matched"
    right = answers["code"] == answers["truth"]
    first = [
        truth in candidates.split("|")[:3]
        for truth, candidates in zip(
            answers["truth"][~matched], answers["candidates"][~matched], strict=True
        )
    ]
    counts = answers["outcome"].value_counts()
    return {
        "names": len(answers),
        **{one: int(counts.get(one, 0)) for one in ("matched", "ambiguous", "suggested")},
        "not_found": int(counts.get("not_found", 0)),
        "wrong": int((matched & ~right).sum()),
        "in_first_three": float(np.mean(first)) if first else np.nan,
    }


def spell(name: str, way: int, at: float) -> str:
    """Return a name as somebody types it, in one of six ways."""
    if way == 4:
        cut = 1 + int(at * max(1, len(name) - 6))
        return name[:cut] + name[cut + 1 :]
    return (
        name,
        name.replace("ʻ", "'").upper(),
        name.replace("ʻ", "").removesuffix(" MFY"),
        name.replace("ʻ", "`").replace("q", "k"),
        "",
        name.replace("ʻ", "’").lower(),
    )[way]


def nearest_by_cdist(typed: pd.DataFrame, mahallas: pd.DataFrame) -> np.ndarray:
    """Return the code of the most similar normalised name of each district, as a peer would."""

    def normalise(names: pd.Series) -> np.ndarray:
        return np.array([re.sub(r"[ʻʼ`‘’']|\s*mfy$", "", name.lower()) for name in names], object)

    asked, known = normalise(typed["name"]), normalise(mahallas["name"])
    codes = mahallas["code"].to_numpy(object)
    groups = mahallas.groupby("district").indices
    found = np.empty(len(typed), object)
    for district, rows in typed.groupby("district").indices.items():
        there = groups[district]
        likeness = process.cdist(asked[rows], known[there], scorer=fuzz.ratio)
        found[rows] = codes[there][likeness.argmax(axis=1)]
    return found


def time_matching(mahallas: pd.DataFrame, *, ways: int, records: int = 50_000) -> dict[str, float]:
    """Return seconds for records spelled in so many ways, the peer's, and the peak memory."""
    random = np.random.default_rng(1)
    typed = mahallas.iloc[random.integers(0, len(mahallas), records)].reset_index(drop=True)
    drawn = zip(
        typed["name"], random.integers(0, ways, records), random.random(records), strict=True
    )
    typed["name"] = [spell(name, way, at) for name, way, at in drawn]
    gazetteer = build_gazetteer(mahallas)
    ours, theirs = _best(
        lambda: match_names(typed, gazetteer), lambda: nearest_by_cdist(typed, mahallas)
    )
    tracemalloc.start()
    match_names(typed, build_gazetteer(mahallas))
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    distinct = len(typed[["name", "district"]].drop_duplicates())
    return {"distinct": distinct, "seconds": ours, "cdist": theirs, "megabytes": peak}


def _best(*works: Callable[[], object], times: int = 9) -> list[float]:
    # by turns, so that what else the machine does falls on all of them
    seconds = []
    for work in works * times:
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return [min(seconds[i :: len(works)]) for i in range(len(works))]


def match_random_bytes(mahallas: pd.DataFrame, *, names: int, seed: int = 5) -> int:
    """Return how many of so many random byte strings are matched, with and without a district."""
    random = np.random.default_rng(seed)
    raw = [random.bytes(int(length)) for length in random.integers(1, 40, names)]
    pages = ("cp1251", "latin-1", "utf-8")
    typed = pd.DataFrame(
        {"name": [one.decode(pages[i % 3], "replace") for i, one in enumerate(raw)]}
    )
    districts = mahallas["district"].to_numpy()[random.integers(0, len(mahallas), names)]
    typed["district"] = np.where(np.arange(names) % 2, districts, "")
    answers = match_names(typed, build_gazetteer(mahallas))
    return int((answers["outcome"] == "matched").sum())


def make_table(folder: Path) -> str:
    """Return the table of figures on the public lists."""
    quarters, soato, mahallas = read_quarters(folder), read_soato(folder), read_mahallas(folder)
    alone = ~soato.duplicated(["district", "name"], keep=False)
    pairs = pd.read_csv(
        folder / "uz_mahalla_chinoz/pairs_cadastre_vs_dhp_DERIVED.csv", dtype="str"
    ).rename(columns={"cadastre_name": "name", "dhp_code": "truth"})
    chinoz = match_names(pairs[["name"]].assign(district="1113"), build_gazetteer(mahallas))
    tashkent = match_tashkent(folder)
    rows = {
        "10,020 quarters, Cyrillic onto Latin": match_column(quarters, "cyrillic"),
        "SOATO, Cyrillic onto Latin": match_column(soato, "cyrillic")[alone],
        "SOATO, Russian onto Latin": match_column(soato, "russian")[alone],
        "Chinoz, cadastre onto the list of 2025": chinoz.assign(truth=pairs["truth"]),
        "Tashkent 2019 in Russian onto the list of 2025": tashkent.assign(truth=tashkent["code"]),
    }
    lines = [
        "| list | names | matched | wrong | ambiguous | suggested | not found | in first three |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for title, answers in rows.items():
        one = summarize(answers)
        known = "Tashkent" not in title
        wrong = one["wrong"] if known else "–"
        first = f"{one['in_first_three']:.1%}" if known else "–"
        lines.append(
            f"| {title} | {one['names']:,} | {one['matched']:,} | {wrong} | {one['ambiguous']}"
            f" | {one['suggested']} | {one['not_found']} | {first} |"
        )
    lines += ["", "| a tenth of the gazetteer taken away, mean of ten draws | matched to another |"]
    lines += ["|---|---|"]
    for title, places, column in (
        ("mahallas of 2025, Latin", mahallas, "name"),
        ("10,020 quarters, Latin", quarters, "name"),
        ("10,020 quarters, Cyrillic", quarters, "cyrillic"),
        ("SOATO, Latin", soato, "name"),
        ("SOATO, Cyrillic", soato, "cyrillic"),
        ("SOATO, Russian", soato, "russian"),
    ):
        share = np.mean([withhold(places, column, seed=seed) for seed in range(10)])
        lines.append(f"| {title} | {share:.2%} |")
    lines += [
        "",
        "| 50,000 names onto 9,452 mahallas | distinct | cdist, s | ours, s | ratio | MB |",
    ]
    lines += ["|---|---|---|---|---|---|"]
    for title, ways in (("as in the gazetteer", 1), ("spelled in four ways", 4), ("six ways", 6)):
        one = time_matching(mahallas, ways=ways)
        lines.append(
            f"| {title} | {one['distinct']:,} | {one['cdist']:.2f} | {one['seconds']:.2f}"
            f" | {one['seconds'] / one['cdist']:.1f} | {one['megabytes']:.0f} |"
        )
    matched = match_random_bytes(mahallas, names=100_000)
    lines += ["", f"Of 100,000 random byte strings {matched} are matched."]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables and put them into the page."""
    parser = argparse.ArgumentParser(description="match the public lists of names")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    table = make_table(parser.parse_args().folder)
    print(table)
    begin, end = "<!-- figures -->", "<!-- end figures -->"
    page = PAGE.read_text(encoding="utf-8")
    within = re.compile(f"{begin}.*?{end}", re.DOTALL)
    filled = within.sub(lambda _: f"{begin}\n\n{table}\n\n{end}", page)
    PAGE.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    main()
