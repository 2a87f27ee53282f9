"""Commands that need data say so instead of leaving an empty database behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard.cli import main


@pytest.mark.parametrize("command", [["coverage"], ["bundle"], ["plan", "--quarter", "2027Q1"], ["check"], ["export"]])
def test_a_mistyped_store_is_named_and_not_made(command: list[str], tmp_path: Path) -> None:
    file = tmp_path / "missing" / "w.db"
    done = CliRunner().invoke(main, [*command, "--json", "--city", "demo", "--store", f"sqlite:///{file}"])
    assert done.exit_code == 2
    body = json.loads(done.stdout)
    assert "没有数据库" in body["error"] and "wuyetu load" in body["error"]
    assert not file.parent.exists()
