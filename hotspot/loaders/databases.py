"""Records from a database."""

from __future__ import annotations

import os

import pandas as pd

from hotspot.errors import InputError
from hotspot.language import _
from hotspot.loaders.text import text_of


def read_database(url: str, query: str) -> pd.DataFrame:
    """Read a query's rows through SQLAlchemy.

    Parameters
    ----------
    url
        Such as ``postgresql+psycopg://analyst@host/crimes``. A password left out of it is taken
        from the environment variable HOTSPOT_DB_PASSWORD.
    query
        A select; columns are named as it names them.

    Returns
    -------
    DataFrame
        Typed cells, indexed by the number of the row (index name "row"), from 1.

    Raises
    ------
    InputError
        SQLAlchemy or the database's driver is not installed, the connection or the query fails.
        The password is never part of the sentence.
    """
    try:
        import sqlalchemy
        from sqlalchemy.exc import (
            ArgumentError,
            NoSuchModuleError,
            SQLAlchemyError,
        )
    except ImportError as error:
        raise InputError(
            _(
                "a database needs SQLAlchemy; install it with pip install "
                "'mahalla-hotspot[database]'"
            )
        ) from error
    try:
        address = sqlalchemy.make_url(url)
    except ArgumentError as error:
        raise InputError(
            _(
                "[offenses] url is not a database's address; write it like "
                "postgresql://user@host/database"
            )
        ) from error
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    password = os.environ.get("HOTSPOT_DB_PASSWORD")
    if address.password is None and password:
        address = address.set(password=password)
    shown = address.render_as_string(hide_password=True)
    try:
        # one connection for one query, closed also where the query fails
        engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            try:
                rows = connection.execute(sqlalchemy.text(query))
                frame = pd.DataFrame(rows.all(), columns=list(rows.keys()))
            except SQLAlchemyError as error:
                why = text_of(str(getattr(error, "orig", error)).splitlines()[0])
                raise InputError(
                    _(
                        "{shown}: the query failed ({why}); mend [offenses] query",
                        shown=shown,
                        why=why,
                    )
                ) from error
    except (ImportError, NoSuchModuleError) as error:
        raise InputError(
            _(
                "{shown}: the driver of this database is not installed; install it with pip "
                "install 'mahalla-hotspot[database]'",
                shown=shown,
            )
        ) from error
    except SQLAlchemyError as error:
        raise InputError(
            _(
                "{shown}: the database cannot be reached; check the address and the environment "
                "variable HOTSPOT_DB_PASSWORD",
                shown=shown,
            )
        ) from error
    if frame.empty:
        raise InputError(
            _("{shown}: the query returned no rows; widen [offenses] query", shown=shown)
        )
    return frame.set_axis(pd.RangeIndex(1, 1 + len(frame), name="row"))
