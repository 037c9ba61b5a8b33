"""Parquet files, and folders of them, in parts that fit into memory."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hotspot.errors import InputError, nearest_sentence
from hotspot.language import _


class Piece(NamedTuple):
    """A row group of a parquet file."""

    file: Path
    group: int


def parquet_pieces(path: Path) -> list[Piece]:
    """Return the parts of a parquet file or folder, one a row group, in the order of the names.

    Files whose names begin with "." or "_" are left out, as every reader of such folders does.

    Raises
    ------
    InputError
        There is no parquet file, or one cannot be read.
    """
    files = [path]
    if path.is_dir():
        found = [f for f in path.rglob("*.parquet") if not f.name.startswith((".", "_"))]
        files = sorted(found, key=lambda file: file.relative_to(path).as_posix())
        if not files:
            raise InputError(
                _("{path}: the folder holds no .parquet file; give a table's file", path=path)
            )
    pieces, rows = [], 0
    for file in files:
        try:
            about = pq.read_metadata(file)
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                _("{path}: cannot be read as parquet; write it again", path=file)
            ) from error
        pieces += [Piece(file, group) for group in range(about.num_row_groups)]
        rows += about.num_rows
    if not rows:
        raise InputError(
            _("{path}: there are headings and no rows under them; give a full table", path=path)
        )
    return pieces


def read_piece(piece: Piece, columns: Collection[str] | None) -> pd.DataFrame:
    """Return a part with its typed cells; None for all columns.

    Raises
    ------
    InputError
        A column is missing, or the part cannot be read.
    """
    try:
        with pq.ParquetFile(piece.file) as file:
            headings = file.schema_arrow.names
            asked = headings if columns is None else list(dict.fromkeys(columns))
            for column in asked:
                if column not in headings:
                    hint = nearest_sentence(column, headings)
                    raise InputError(
                        _(
                            "{path}: there is no column '{column}'; {hint}",
                            path=piece.file,
                            column=column,
                            hint=hint,
                        )
                    )
            table = file.read_row_group(piece.group, columns=asked)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            _("{path}: cannot be read as parquet; write it again", path=piece.file)
        ) from error
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, date_as_object=False)
    return frame[asked]
