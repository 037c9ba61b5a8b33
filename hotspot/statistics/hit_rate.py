"""The hit rate of geocoding by district: what share of the records found its mahalla."""

from __future__ import annotations

import pandas as pd


def hit_rates(placed: pd.DataFrame, unplaced: pd.DataFrame) -> pd.DataFrame:
    """Compute the hit rate of each district.

    Parameters
    ----------
    placed : districts × months, records placed.
    unplaced : districts × months on the same columns, records that named the district and were not
        placed; the row ``""`` holds those that named no district.

    Returns
    -------
    DataFrame
        districts × months, placed / (placed + unplaced). Records of no named district are shared
        out by each district's number of records, so that a file that never names a district cannot
        look perfect. A district without any record has the rate of the whole; nan where there is no
        record at all.

    References
    ----------
    Ratcliffe, J. H. (2004). Geocoding crime and a first estimate of a minimum acceptable hit rate.
    IJGIS 18(1), 61-72. https://doi.org/10.1080/13658810310001596076

    Examples
    --------
    >>> placed = pd.DataFrame({"2025-01": [90, 40]}, index=["A", "B"])
    >>> unplaced = pd.DataFrame({"2025-01": [0, 10, 14]}, index=["A", "B", ""])
    >>> hit_rates(placed, unplaced).round(3)["2025-01"].tolist()
    [0.909, 0.727]
    """
    unknown = unplaced.reindex([""], fill_value=0).sum()
    named = unplaced.drop(index="", errors="ignore").reindex(placed.index, fill_value=0)
    records = placed + named
    total = records.sum()
    shared_out = 1 + unknown / total.where(total > 0)
    rates = placed / (records.where(records > 0) * shared_out)
    everything = total + unknown
    whole = placed.sum() / everything.where(everything > 0)
    return rates.fillna(pd.DataFrame({m: whole[m] for m in rates.columns}, index=rates.index))
