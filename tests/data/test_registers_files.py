"""Kinds of files: .xls, delimited text in its encodings, sheets that are skipped, several layouts in one workbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.registers import RegisterResult, read_register
from tests.data.workbooks import ANNEX1, ANNEX2, PLACE, case_row, estate_row, profile, units, write_rows

_FILES = Path(__file__).parent / "files"


def _read(path: Path) -> RegisterResult:
    return read_register(path, profile(), units())


def _csv(path: Path, encoding: str, delimiter: str) -> Path:
    rows = [ANNEX1, estate_row(1, "甲小区", 四至范围="东至大路"), estate_row(2, "乙小区", 物业服务形态="㈤")]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def test_an_old_workbook_reads_like_a_new_one() -> None:
    result = _read(_FILES / "annex1.xls")
    assert [estate["name"] for estate in result.estates] == ["阳光花园一期", "阳光花园二期"]
    assert [estate.get("fee_rate") for estate in result.estates] == [0.95, None]
    assert [(fault.row, fault.value) for fault in result.faults] == [(5, "7")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimited_text_in_every_encoding_gives_the_same_rows(tmp_path: Path, encoding: str, delimiter: str) -> None:
    result = _read(_csv(tmp_path / "台账.csv", encoding, delimiter))
    assert [(e["name"], e["community_id"], e["source_row"]) for e in result.estates] == [("甲小区", "k1", 2)]
    assert [(fault.row, fault.column) for fault in result.faults] == [(3, "物业服务形态")]
    assert any("GB18030" in note for note in result.notes) is (encoding == "gb18030")


def test_a_workbook_named_csv_is_read_for_what_it_is(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", {"三里桥街道": [ANNEX1, estate_row(1, "甲小区")]})
    assert len(_read(path.rename(tmp_path / "a.csv")).estates) == 1


def test_visible_sheets_with_a_header_are_read_and_the_others_listed(tmp_path: Path) -> None:
    sheets = {
        "三里桥街道": [ANNEX1, estate_row(1, "甲小区")],
        "说明": [["本表由各街道填写"]],
        "空": [],
        "东市街道": [ANNEX1, estate_row(1, "乙小区", **{ANNEX1[3]: "金安区东市街道"})],
        "旧表": [ANNEX1, estate_row(1, "丙小区")],
    }
    result = _read(write_rows(tmp_path / "a.xlsx", sheets, hidden=["旧表"]))
    assert [(e["name"], e["street_id"]) for e in result.estates] == [("甲小区", "s1"), ("乙小区", "s2")]
    skipped = {sheet.sheet: sheet.reason for sheet in result.skipped_sheets}
    assert skipped == {"空": "空工作表", "旧表": "隐藏的工作表", "说明": "没有可识别的列名"}


def test_one_workbook_may_hold_both_annexes(tmp_path: Path) -> None:
    sheets = {
        "附件1": [ANNEX1, estate_row(1, "甲小区")],
        "附件2": [ANNEX2, case_row(1, "甲小区", **{ANNEX1[3]: PLACE})],
    }
    result = _read(write_rows(tmp_path / "a.xlsx", sheets))
    assert (result.kind, result.mapping) == ("register", "annex1+annex2")
    assert (len(result.estates), len(result.cases)) == (1, 1)
    assert result.cases[0]["street_id"] == "s1"


def test_progress_that_stops_leaves_the_rest_unread(tmp_path: Path) -> None:
    class Stopping:
        stopped = False

        def update(self, share: float, text: str) -> None:
            self.stopped = "乙" in text

    sheets = {name: [ANNEX1, estate_row(1, f"{name}小区")] for name in ("甲", "乙", "丙")}
    path = write_rows(tmp_path / "a.xlsx", sheets)
    assert len(read_register(path, profile(), units(), progress=Stopping()).estates) == 2
