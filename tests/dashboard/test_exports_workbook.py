"""Workbooks: texts stay texts, figures stay figures, and a file is whole or not there."""

from __future__ import annotations

import errno
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.exports.cells import Share, clean
from dashboard.exports.files import file_name, write_whole
from dashboard.exports.workbook import Sheet, write_workbook

DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")',
    "＝1", "http://example.org", "{=1}", "'=1",
]  # fmt: skip


@contextmanager
def _full_disk(n_bytes: int) -> Iterator[None]:
    """No file may grow beyond a size: writing fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _written(tmp_path: Path, *sheets: Sheet) -> list[Worksheet]:
    path = write_workbook(tmp_path / "out" / "a.xlsx", sheets)
    return list(openpyxl.load_workbook(path).worksheets)


def _sheet(table: pd.DataFrame, **how: object) -> Sheet:
    return Sheet("表", "标题", table, **how)  # type: ignore[arg-type]


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    texts = [*DANGEROUS, "普通"]
    table = pd.DataFrame({"=表头": texts, "b": texts})
    sheet = Sheet("=1+1", "=标题", table, notes=("@注",))
    (page,) = _written(tmp_path, sheet)
    assert page.title == "=1+1"
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in page["A"]][:3] == ["=标题", "@注", "=表头"]
    for cell, text in zip(page["A"][3:], texts, strict=True):
        assert cell.value == text.replace("\r", "\n")
        assert cell.quotePrefix == text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    with zipfile.ZipFile(tmp_path / "out" / "a.xlsx") as archive:
        xml = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels")))
    assert "<f>" not in xml and "<hyperlink" not in xml and "externalLink" not in xml


def test_blank_cells_stay_blank_and_words_are_chinese(tmp_path: Path) -> None:
    values = [None, np.nan, pd.NA, pd.NaT, True, False, np.inf, -np.inf, ["乙", "甲"], {"乙", "甲"}, 10**15, "文"]
    (page,) = _written(tmp_path, _sheet(pd.DataFrame({"值": values}, dtype=object)))
    shown = [cell.value for cell in page["A"][2:]]
    assert shown == [None] * 4 + ["是", "否", "∞", "-∞", "乙、甲", "乙、甲", "1000000000000000", "文"]


def test_typed_columns_of_pandas(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "整": pd.array([1, None], dtype="Int64"),
            "真": pd.array([True, None], dtype="boolean"),
            "小": [0.5, np.nan],
            "日": pd.to_datetime(["2027-01-04", None]),
            "率": pd.Series([Share(0.785), None], dtype=object),
        }
    )
    (page,) = _written(tmp_path, _sheet(table, formats={"小": "0.00"}))
    assert [cell.value for cell in page[3]] == [1, "是", 0.5, datetime(2027, 1, 4), 0.785]
    assert [cell.value for cell in page[4]] == [None] * 5
    assert page["C3"].number_format == "0.00" and page["E3"].number_format == "0.0%"


def test_dates(tmp_path: Path) -> None:
    days = [date(2027, 1, 4), datetime(2027, 1, 4, tzinfo=UTC), date(1899, 5, 1), date(9999, 12, 31)]
    (page,) = _written(tmp_path, _sheet(pd.DataFrame({"日": days}, dtype=object)))
    shown = [cell.value for cell in page["A"][2:]]
    assert shown == [datetime(2027, 1, 4), datetime(2027, 1, 4), "1899年5月1日", datetime(9999, 12, 31)]
    assert page["A3"].number_format == 'yyyy"年"m"月"d"日"'


@pytest.mark.parametrize("sign", ["好", "😀", "a"])
def test_a_text_beyond_the_limit_of_a_cell_is_cut_visibly(tmp_path: Path, sign: str) -> None:
    (page,) = _written(tmp_path, _sheet(pd.DataFrame({"值": [sign * 40_000, "短"]})))
    text = page["A3"].value
    assert len(text.encode("utf-16-le")) // 2 <= 32_767
    assert text.startswith(sign * 100) and text.endswith("（内容过长，以下略）")
    assert page.row_dimensions[3].height <= 409


@given(st.text(max_size=60))
def test_any_text_can_be_written_and_read(text: str) -> None:
    held = clean(text)
    assert clean(held) == held
    assert not any(ord(c) < 32 and c not in "\t\n" for c in held)
    held.encode()


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\ud800", "\ufffe", "_x0041_", "&<>\"'"])
def test_control_signs_do_not_spoil_a_file(tmp_path: Path, text: str) -> None:
    (page,) = _written(tmp_path, _sheet(pd.DataFrame({"值": [text]}, dtype=object), notes=(text,)))
    assert (page["A2"].value or "") == (page["A4"].value or "") == clean(text)


def test_layout_for_paper_and_screen(tmp_path: Path) -> None:
    table = pd.DataFrame({"小区": ["甲" * 40, "乙"], "户数": [1200, 3]})
    how = {"notes": ("说明一", "说明二"), "formats": {"户数": "#,##0"}, "numbered": True}
    (page,) = _written(tmp_path, _sheet(table, **how))
    assert [cell.value for cell in page[4]] == ["序号", "小区", "户数"]
    assert page.freeze_panes == "A5" and page.print_title_rows == "$4:$4"
    assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
    assert page.sheet_properties.pageSetUpPr.fitToPage and page.page_setup.fitToHeight == 0
    assert page.print_area.endswith("$A$1:$C$6")
    assert page.auto_filter.ref == "A4:C6"
    assert [row[0].value for row in page.iter_rows(min_row=5)] == [1, 2]


def test_long_texts_wrap_and_their_rows_are_high_enough(tmp_path: Path) -> None:
    table = pd.DataFrame({f"列{i}": ["长" * 80, "短"] for i in range(6)})
    (page,) = _written(tmp_path, _sheet(table))
    widths = [page.column_dimensions[letter].width for letter in "ABCDEF"]
    assert sum(widths) < 185
    assert page.row_dimensions[3].height > 5 * 14
    assert page.row_dimensions[4].height < 20


def test_a_total_stands_out_and_is_not_filtered(tmp_path: Path) -> None:
    table = pd.DataFrame({"组": ["一", "二", "合计"], "数": [1, 2, 3]})
    (page,) = _written(tmp_path, _sheet(table, total=True, numbered=True))
    assert page["B5"].font.bold and not page["B4"].font.bold
    assert page.auto_filter.ref == "A2:C4"
    assert [cell.value for cell in page["A"][2:]] == [1, 2, None]


@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame(columns=["甲", "乙"])])
def test_an_empty_table_says_so(tmp_path: Path, table: pd.DataFrame) -> None:
    (page,) = _written(tmp_path, _sheet(table, empty="没有未排入的检查"))
    assert "没有未排入的检查" in [cell.value for row in page.iter_rows() for cell in row]


def test_tabs_are_made_legal_and_unlike(tmp_path: Path) -> None:
    names = ["甲/乙:丙[1]*?\\", "表", "表", "'", "长" * 50, "长" * 50]
    pages = _written(tmp_path, *(Sheet(name, name, pd.DataFrame({"a": [1]})) for name in names))
    titles = [page.title for page in pages]
    assert len(set(titles)) == 6 and max(map(len, titles)) <= 31
    assert titles[1:3] == ["表", "表2"]


def test_file_names_hold_no_sign_that_a_system_refuses() -> None:
    assert file_name("六安市", "打捆方案", "2027年第一季度", ".xlsx") == "六安市_打捆方案_2027年第一季度.xlsx"
    name = file_name('a/b\\c:d*e?f"g<h>i|j', "\x00..", "\n", ".xlsx")
    assert not set(name) & set('/\\:*?"<>|\x00\n')
    assert name.endswith("_未命名_未命名.xlsx")
    assert len(file_name("长" * 300, "长" * 300, "长" * 300, ".xlsx").encode()) <= 255


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError()])
def test_breaking_off_leaves_the_older_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("old")

    def write(part: Path) -> None:
        part.write_text("half")
        part.with_name(part.name + "-journal").write_text("beside")
        raise error

    with pytest.raises(type(error)):
        write_whole(path, write)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.xlsx", "old")]


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path) -> None:
    table = pd.DataFrame({"值": [str(i) * 40 for i in range(3000)]})
    with _full_disk(2000), pytest.raises(OSError):
        write_workbook(tmp_path / "a.xlsx", [_sheet(table)])
    assert list(tmp_path.iterdir()) == []
