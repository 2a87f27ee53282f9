"""Files that cannot be a register: one clear Chinese sentence with a remedy, never a traceback."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import openpyxl
import pytest

from data.registers import RegisterResult, read_register
from data.registers.guards import MAX_CELL_CHARS
from geo.errors import Fault, InputError
from tests.data.workbooks import ANNEX1, bomb, estate_row, profile, units, write_annex1, write_rows

_FILES = Path(__file__).parent / "files"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def _read(path: Path, mapping: str | None = None) -> RegisterResult:
    return read_register(path, profile(), units(), mapping)


def _refusal(path: Path, mapping: str | None = None) -> Fault:
    with pytest.raises(InputError) as caught:
        _read(path, mapping)
    (fault,) = caught.value.faults
    assert fault.remedy
    return fault


def _bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _encrypted_xls(path: Path) -> Path:
    """The .xls fixture with the record behind its BOF turned into FILEPASS."""
    data = bytearray((_FILES / "annex1.xls").read_bytes())
    bof = data.index(bytes.fromhex("0908100000060500"))
    data[bof + 20 : bof + 22], data[bof + 24 : bof + 26] = b"\x2f\x00", b"\x01\x00"
    return _bytes(path, bytes(data))


def _word(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return path


def _cut(path: Path) -> Path:
    write_annex1(path, [estate_row(1, "甲小区")])
    return _bytes(path, path.read_bytes()[:-700])


_BAD: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "missing": ("a.xlsx", lambda p: p, "不存在"),
    "empty file": ("a.xlsx", lambda p: _bytes(p, b""), "空"),
    "only line breaks": ("a.csv", lambda p: _bytes(p, b"\n\n"), "空"),
    "empty workbook": ("a.xlsx", lambda p: write_rows(p, {"Sheet1": []}), "没有内容"),
    "text named xlsx": ("a.xlsx", lambda p: _bytes(p, "小区名称,户数\n甲,1\n".encode()), "不是 Excel"),
    "web page named xls": ("a.xls", lambda p: _bytes(p, b"<html><table></table></html>"), "网页"),
    "wps format": ("a.et", lambda p: _bytes(p, _OLE), "WPS"),
    "wps text": ("a.wps", lambda p: _bytes(p, _OLE), "WPS"),
    "unknown suffix": ("a.pdf", lambda p: _bytes(p, b"%PDF"), "不支持"),
    "encrypted xlsx": (
        "a.xlsx",
        lambda p: _bytes(p, _OLE + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512),
        "密码",
    ),
    "encrypted xls": ("a.xls", _encrypted_xls, "密码"),
    "damaged xls": ("a.xls", lambda p: _bytes(p, _OLE + b"\0" * 4096), "损坏"),
    "cut xlsx": ("a.xlsx", _cut, "损坏"),
    "zip that is a document": ("a.xlsx", _word, "Word"),
    "binary csv": ("a.csv", lambda p: _bytes(p, b"a,b\0\0c\n"), "二进制"),
    "unknown encoding": ("a.csv", lambda p: _bytes(p, b"\xff\xff\x81,\xff\n"), "编码"),
    "honest bomb": ("a.xlsx", lambda p: bomb(p, 80), "压缩炸弹"),
    "lying bomb": ("a.xlsx", lambda p: bomb(p, 80, honest=False), "压缩炸弹"),
}


@pytest.mark.parametrize("case", _BAD)
def test_a_bad_file_gives_one_sentence_and_a_remedy(case: str, tmp_path: Path) -> None:
    name, make, words = _BAD[case]
    fault = _refusal(make(tmp_path / name))
    assert words in fault.problem
    assert fault.file == name


def test_no_known_header_names_the_layouts_that_are_known(tmp_path: Path) -> None:
    fault = _refusal(write_rows(tmp_path / "a.xlsx", {"Sheet1": [["姓名", "年龄"], ["甲", 3]]}))
    assert "没有找到可识别的表头" in fault.problem and "附件1" in fault.remedy


def test_an_almost_known_header_names_the_missing_column(tmp_path: Path) -> None:
    header = [title for title in ANNEX1 if title != "物业服务形态"]
    fault = _refusal(write_annex1(tmp_path / "a.xlsx", [], header=header))
    assert "附件1" in fault.problem and "缺少列“物业服务形态”" in fault.problem


def test_only_hidden_sheets_are_no_content(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", {"说明": [], "旧": [list(ANNEX1)]}, hidden=["旧"])
    assert "没有内容" in _refusal(path).problem


def test_one_stray_cell_at_the_end_of_the_grid_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = write_annex1(tmp_path / "a.xlsx", [estate_row(1, "甲小区")])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "x"
    book.save(path)
    assert "太大" in _refusal(path).problem


def test_a_cell_of_ten_million_characters_is_a_fault_of_its_row(tmp_path: Path) -> None:
    lines = [",".join(ANNEX1).replace("市县(区)、", "市县(区)、")]
    lines.append(",".join(str(cell) for cell in estate_row(1, "甲小区")))
    lines.append(",".join(str(cell) for cell in estate_row(2, "乙小区", 四至范围="东" * 10_000_000)))
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = _read(path)
    assert [estate["name"] for estate in result.estates] == ["甲小区"]
    (fault,) = result.faults
    assert (fault.row, fault.column) == (3, "四至范围") and str(MAX_CELL_CHARS) in fault.problem
    assert len(fault.value or "") < 100


def test_a_long_cell_in_a_workbook_is_a_fault_too(tmp_path: Path) -> None:
    path = write_annex1(tmp_path / "a.xlsx", [estate_row(1, "甲小区", 四至范围="西")])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            long = b"<t>" + "西".encode() * 3_000_000 + b"</t>"
            # With lxml openpyxl writes the sign as a number.
            archive.writestr(name, part.replace("<t>西</t>".encode(), long).replace(b"<t>&#35199;</t>", long))
    (fault,) = _read(path).faults
    assert "字符" in fault.problem


def test_a_formula_that_was_never_calculated_and_an_error_value_are_faults(tmp_path: Path) -> None:
    rows = [
        estate_row(1, "甲小区", 物业费收缴率="=19/20"),
        estate_row(2, "乙小区", 物业费收缴率="#DIV/0!"),
        estate_row("=ROW()-2", "丙小区", 物业费收缴率="90%"),
    ]
    result = _read(write_annex1(tmp_path / "a.xlsx", rows))
    assert [estate["name"] for estate in result.estates] == ["丙小区"], "an uncalculated 序号 harms nobody"
    assert [(f.row, f.column, f.problem) for f in result.faults] == [
        (3, "物业费收缴率", "公式没有保存计算结果"),
        (4, "物业费收缴率", "公式结果是错误值"),
    ]


def test_a_csv_with_an_open_quote_is_not_swallowed_silently(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    header = ",".join(f'"{title}"' for title in ANNEX1)
    path.write_text(f'{header}\n1,甲,"甲小区,{"x" * 10}\n2,乙,乙小区\n', encoding="utf-8")
    result = _read(path)
    assert result.estates == [] and len(result.faults) >= 1


def _mutated(data: bytes, random: Random) -> bytes:
    """The bytes with a few overwritten, cut out and doubled."""
    result = bytearray(data)
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(result))
        kind = random.random()
        if kind < 0.4:
            result[at] = random.randrange(256)
        elif kind < 0.7:
            del result[at : at + random.randint(1, 40)]
        else:
            result[at:at] = result[at : at + random.randint(1, 60)]
    return bytes(result)


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_no_damage_gives_anything_but_a_clear_refusal(
    tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    random = Random(1)
    good = write_annex1(tmp_path / "good.xlsx", [estate_row(1, "甲小区"), estate_row(2, "乙小区")])
    with zipfile.ZipFile(good) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / f"a{suffix}"
    outcomes = set()
    for _ in range(60 if suffix == ".xlsx" else 20):
        if suffix == ".xls":
            path.write_bytes(_mutated((_FILES / "annex1.xls").read_bytes(), random))
        else:
            hurt = random.choice([name for name in parts if name.startswith("xl/")])
            with zipfile.ZipFile(path, "w") as archive:
                for name, part in parts.items():
                    archive.writestr(name, _mutated(part, random) if name == hurt else part)
        try:
            _read(path)
            outcomes.add("read")
        except InputError as error:
            outcomes.add(error.faults[0].problem)
    assert outcomes & {"read", "工作簿已损坏，无法打开"}
    assert capfd.readouterr().err == "", "nothing of the reader's own troubles reaches the user"
