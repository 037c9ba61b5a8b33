"""What a user would want to know before trusting a month, in sentences."""

from __future__ import annotations

from hotspot.job import Job
from hotspot.placement import Placement
from hotspot.replay import share_dated
from hotspot.statistics.neighbours import Neighbours

WARN_BELOW = 0.98
"""Share of the records with a readable date below which the user is told."""


def why_nothing(job: Job, placement: Placement) -> str:
    """Say why no record could be placed."""
    reasons = placement.rejected["reason"].value_counts()
    parts = ", ".join(f"{reasons[reason]} {reason}" for reason in sorted(reasons.index))
    return (
        f"{job.offenses.path or 'the records'}: none of {placement.read} records could be placed "
        f"up to {placement.month}: {parts or 'nothing was read'}; 'hotspot check' says more"
    )


def warn_of(placement: Placement, neighbours: Neighbours) -> list[str]:
    """Say what a user would want to know before trusting the month."""
    found = []
    undated = placement.found["geocoding"]["reasons"]["bad_date"]
    if share_dated(placement) < WARN_BELOW:
        found.append(f"{undated} of {placement.read} records have no date that can be read")
    if unknown := placement.found["districts_unknown"]:
        named = ", ".join(f"'{name}' ({count})" for name, count in list(unknown.items())[:3])
        found.append(f"unplaced records name districts that no mahalla has: {named}")
    if hidden := placement.found["mahallas"]["overlaps"]["hidden"]:
        found.append(f"{len(hidden)} polygons lie under others and get no points: {hidden[0]} …")
    if absent := placement.found.get("kinds_absent"):
        found.append(f"no record has the kind {', '.join(map(repr, absent))}, which the job names")
    if neighbours.islands:
        islands = len(neighbours.islands)
        have = "1 mahalla has" if islands == 1 else f"{islands} mahallas have"
        found.append(f"{have} no neighbour and so no Gi*")
    return found
