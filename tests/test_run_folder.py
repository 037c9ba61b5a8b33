"""What is read back from a month's folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hotspot.errors import InputError
from hotspot.run_folder import RunFolder


def test_the_window_leaves_out_the_months_without_records(tmp_path: Path) -> None:
    window = {"from": "2024-11", "to": "2025-02", "months_without_records": ["2024-12"]}
    run = RunFolder(tmp_path, {"window": window}, pd.DataFrame())
    assert run.window.astype(str).tolist() == ["2024-11", "2025-01", "2025-02"]


@pytest.mark.parametrize("cell", ["", "many"])
def test_a_count_that_is_no_whole_number_is_refused(tmp_path: Path, cell: str) -> None:
    table = f"mahalla_code,2024-12,2025-01\n01,3,0\n02,1,{cell}\n"
    (tmp_path / "counts.csv").write_text(table, encoding="utf-8")
    with pytest.raises(InputError) as error:
        _ = RunFolder(tmp_path, {}, pd.DataFrame()).counts
    assert str(error.value) == (
        f"{tmp_path}: a table or the account in this folder is damaged; run the month again"
    )
