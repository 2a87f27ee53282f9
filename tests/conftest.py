"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real geodata; the test skips with a message on machines that do not have it."""
    folder = _SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"real geodata not found at {folder}")
    return folder


@pytest.fixture(scope="session")
def shared_policy() -> Path:
    """Folder of the five policy papers; the test skips with a message on machines that do not have it."""
    folder = _SHARED / "policy"
    if not folder.is_dir():
        pytest.skip(f"policy papers not found at {folder}")
    return folder
