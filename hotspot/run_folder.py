"""A month's folder read back: the tables, the criteria and the account that a run wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from hotspot.categories.criteria import Criteria, parse_criteria
from hotspot.columns import CATEGORIES, names
from hotspot.errors import InputError
from hotspot.language import _
from hotspot.uncertainty import Window


@dataclass(frozen=True)
class RunFolder:
    """A run's folder; tables are read when they are first asked for.

    ``table`` has the columns of ``categories.csv`` on the mahallas' codes; ``counts`` and
    ``history`` are mahallas × months.
    """

    path: Path
    account: dict[str, Any]
    table: pd.DataFrame

    @property
    def month(self) -> pd.Period:
        """The month of the categories."""
        return pd.Period(self.account["month"], freq="M")

    @property
    def window(self) -> pd.PeriodIndex:
        """The months of the window that have records."""
        window = self.account["window"]
        months = pd.period_range(window["from"], window["to"], freq="M")
        return months[~months.isin(pd.PeriodIndex(window["months_without_records"], freq="M"))]

    @property
    def public(self) -> bool:
        """Whether it tells the categories and nothing else."""
        return "public" in self.account

    @cached_property
    def criteria(self) -> Criteria:
        """The criteria that decided."""
        described = {k: v for k, v in self.account["criteria"].items() if k != "sha256"}
        return parse_criteria(described, source=self.path / "run.json")

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Offenses by mahalla and month, as far back as the records go."""
        try:
            return self._by_month("counts.csv").astype("int64")
        except ValueError:
            # an empty cell or a word: a run writes whole numbers, of months without records 0
            raise InputError(_damaged(self.path)) from None

    @cached_property
    def history(self) -> pd.DataFrame:
        """Categories by mahalla and replayed month."""
        return self._by_month("history.csv")

    @cached_property
    def neighbours(self) -> pd.DataFrame:
        """Pairs of neighbours and how they came about."""
        return _read(self.path / "neighbours.csv", ["mahalla_code", "neighbour_code"])

    @cached_property
    def crosswalk(self) -> pd.DataFrame:
        """Old codes and what took their place; no rows where the run had no crosswalk."""
        if "crosswalk.csv" not in self.account.get("outputs", {}):
            return pd.DataFrame(columns=names("crosswalk"))
        return _read(self.path / "crosswalk.csv", ["old_code", "new_code"])

    def _by_month(self, name: str) -> pd.DataFrame:
        frame = _read(self.path / name, ["mahalla_code"]).set_index("mahalla_code")
        return frame.set_axis(pd.PeriodIndex(frame.columns, freq="M"), axis=1)


def read_run_folder(folder: str | Path) -> RunFolder:
    """Read a month's folder.

    Parameters
    ----------
    folder : what ``hotspot run`` wrote for a month.

    Raises
    ------
    InputError
        The folder is not a run's, or something in it is damaged.
    """
    path = Path(folder)
    try:
        account = json.loads((path / "run.json").read_text(encoding="utf-8"))
        account["month"], account["window"], account["criteria"]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(_absent(error.filename)) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(_damaged(path)) from None
    texts = [column.name for column in CATEGORIES if column.type in ("string", "yearmonth")]
    table = _read(path / "categories.csv", texts).set_index("mahalla_code", drop=False)
    return RunFolder(path, account, table.rename_axis(None))


def window_of(run: RunFolder) -> Window:
    """Return what a run's folder says of its window, so that it can be decided with other counts.

    Parameters
    ----------
    run : the folder, read back.
    """
    table, criteria = run.table, run.criteria
    pairs = run.neighbours
    graph = Graph.from_arrays(
        pairs["mahalla_code"].to_numpy(str),
        pairs["neighbour_code"].to_numpy(str),
        np.ones(len(pairs)),
    )
    base = {
        "republic": None,
        "region": table["region"].fillna(""),
        "district": table["region"].fillna("") + "|" + table["district"].fillna(""),
    }[criteria.base]
    return Window(
        # a mahalla that no record could have reached has no ratio
        seen=table["count"].astype(float).where(table["count_ratio"].notna()),
        evidence=table,
        population=table["population"].astype(float),
        graph=graph,
        criteria=criteria,
        years=len(run.window) / 12,
        base=base,
        previous=table["previous_category"] if table["previous_category"].notna().any() else None,
    )


def _read(path: Path, texts: list[str]) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=dict.fromkeys(texts, "string"), encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(_absent(error.filename)) from None
    except ValueError:
        raise InputError(_damaged(path.parent)) from None


def _absent(path: object) -> str:
    return _(
        "{path}: there is no such file; give a month's folder that 'hotspot run' wrote", path=path
    )


def _damaged(folder: Path) -> str:
    return _(
        "{folder}: a table or the account in this folder is damaged; run the month again",
        folder=folder,
    )
