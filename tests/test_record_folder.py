"""A folder of Parquet files is read in parts, and comes to the same as one file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hotspot.job import Job, read_job
from hotspot.placement import Placement, place_records

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


def _job(tmp_path: Path, source: Path) -> Job:
    text = (SAMPLE / "job.toml").read_text(encoding="utf-8")
    text = text.replace('"offenses.csv"', f'"{source.as_posix()}"')
    text = text.replace('"mahallas.gpkg"', f'"{(SAMPLE / "mahallas.gpkg").as_posix()}"')
    path = tmp_path / "job.toml"
    path.write_text(text, encoding="utf-8")
    return read_job(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Placement:
    return place_records(_job(tmp_path_factory.mktemp("whole"), SAMPLE / "offenses.csv"))


def test_a_folder_in_parts_gives_the_counts_of_one_file(tmp_path: Path, whole: Placement) -> None:
    records = pd.read_csv(SAMPLE / "offenses.csv", dtype="str")
    folder = tmp_path / "records"
    folder.mkdir()
    # sorted by code, so that a part may hold few districts, and repeated ids lie in several parts
    records = records.sort_values(["mahalla_code", "id"], kind="stable")
    for part in range(7):
        records.iloc[part::7].to_parquet(folder / f"part-{part}.parquet", index=False)
    read = place_records(_job(tmp_path, folder))
    pd.testing.assert_frame_equal(read.placed, whole.placed)
    pd.testing.assert_frame_equal(read.located, whole.located)
    pd.testing.assert_frame_equal(read.unplaced, whole.unplaced)
    pd.testing.assert_frame_equal(read.ways, whole.ways)
    assert read.rejected["reason"].value_counts().to_dict() == (
        whole.rejected["reason"].value_counts().to_dict()
    )
    assert sorted(read.rejected["id"].dropna()) == sorted(whole.rejected["id"].dropna())


def test_a_part_in_which_no_code_is_known_is_no_error(tmp_path: Path, whole: Placement) -> None:
    records = pd.read_csv(SAMPLE / "offenses.csv", dtype="str")
    elsewhere = records.head(20).assign(
        id=[f"elsewhere-{i}" for i in range(20)],
        mahalla_code="1726266012",
        lon=None,
        lat=None,
        mahalla=None,
    )
    folder = tmp_path / "records"
    folder.mkdir()
    records.to_parquet(folder / "here.parquet", index=False)
    elsewhere.to_parquet(folder / "there.parquet", index=False)
    read = place_records(_job(tmp_path, folder))
    pd.testing.assert_frame_equal(read.placed, whole.placed)
    assert len(read.rejected) == len(whole.rejected) + 20
