"""Make docs/columns.md from hotspot.columns: run it after a column has changed."""

from __future__ import annotations

from pathlib import Path

from hotspot.columns import REASONS, TABLES

HEADINGS = {
    "categories": "categories.csv, categories.gpkg (layer `categories`), categories.xlsx",
    "districts": "districts.csv, and one file for each group of mahallas",
    "regions": "regions.csv",
    "district_ranking": "district_ranking.csv",
    "kinds": "kinds.csv, where the records have kinds",
    "rankings": "rankings.csv, where the job has groups of kinds",
    "neighbours": "neighbours.csv",
    "counts": "counts.csv",
    "history": "history.csv",
    "revisions": "revisions.csv",
    "rejected": "rejected.csv",
    "review": "review.csv, review.xlsx",
    "hit_rate": "hit_rate.csv, written by `hotspot check`",
    "backtest": "backtest.csv, also written by `hotspot backtest`",
    "backtest_summary": "backtest_summary.csv, also written by `hotspot backtest`",
    "sensitivity": "sensitivity.csv",
    "suspicious_zeros": "suspicious_zeros.csv",
    "crosswalk": "crosswalk.csv, where the job has a crosswalk",
    "changes": "changes.csv, written by `hotspot compare DIR_A DIR_B`",
    "official": "official.csv, written by `hotspot compare DIR --official LIST`",
}


def columns_page() -> str:
    """Return the text of docs/columns.md."""
    lines = [
        "# The columns of every table",
        "",
        "Made by `make docs` from `hotspot/columns.py`. CSV files are UTF-8 with a BOM, so that",
        "Excel reads them; a missing value is an empty cell, never 0. A column has one name.",
        "",
    ]
    for table, columns in TABLES.items():
        lines += [
            f"## {HEADINGS[table]}",
            "",
            "| column | type | unit | meaning |",
            "|---|---|---|---|",
        ]
        lines += [f"| `{c.name}` | {c.type} | {c.unit} | {c.meaning} |" for c in columns]
        lines.append("")
    lines += ["## Reasons in rejected.csv", "", "| reason | meaning |", "|---|---|"]
    lines += [f"| `{reason}` | {meaning} |" for reason, meaning in REASONS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "columns.md").write_text(columns_page(), encoding="utf-8")
