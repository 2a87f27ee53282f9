"""Files and mappings that cannot be named: one clear answer before anything is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.load_files import collect
from data.load_report import Findings
from geo.errors import InputError


def _strange(folder: Path) -> Path:
    path = folder / os.fsdecode(b"\xb1\xed.csv")  # 表 in GBK
    try:
        path.write_text("a\n")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes UTF-8 names only")
    return path


def test_a_name_that_is_no_utf8_is_a_fault_beside_good_files(tmp_path: Path) -> None:
    _strange(tmp_path)
    (tmp_path / "good.csv").write_text("a\n")
    findings = Findings()
    assert [source.path.name for source in collect([tmp_path], findings)] == ["good.csv"]
    (fault,) = findings.faults
    assert "编码" in fault.problem
    assert str(fault).encode()  # can be shown


def test_naming_such_a_file_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="编码"):
        collect([_strange(tmp_path)], Findings())
