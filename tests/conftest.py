"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, which is never part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the real data in ../shared/data are not here")
    return SHARED
