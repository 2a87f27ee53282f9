"""Small register workbooks for the tests, written as offices write them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
from shapely.geometry import box

from data.profile import Profile
from data.profile_file import load_profile
from data.schemas import UNITS

ANNEX1 = (
    "序号",
    "物业管理区域名称",
    "小区名称",
    "所在市县(区)、街道、社区",
    "四至范围",
    "物业服务形态",
    "业主委员会组建情况",
    "党的工作覆盖情况",
    "物业服务企业及项目负责人",
    "物业费收缴率",
)
ANNEX2 = (
    "序号",
    "项目名称",
    "所在市县(区)、街道、社区",
    "物业服务\n企业",
    "问题\n类别",
    "问题\n内容",
    "整改措施及进展情况",
    "责任单位/人",
    "整改完成时限",
    "是否销号",
)
PLACE = "金安区、三里桥街道、红旗社区"

Rows = Sequence[Sequence[object]]


def profile() -> Profile:
    """A city whose codes are those of 附件1 and 附件2."""
    return load_profile("luan")


def units() -> pd.DataFrame:
    """Two counties, three streets, four communities, one grid, all with shapes; one community name twice."""
    shape = box(112, 30, 113, 31)
    rows = [
        ("c1", "金安区", "county", None, []),
        ("c2", "裕安区", "county", None, []),
        ("s1", "三里桥街道", "street", "c1", []),
        ("s2", "东市街道", "street", "c1", ["城东办"]),
        ("s3", "城南镇", "street", "c2", []),
        ("k1", "红旗社区", "community", "s1", []),
        ("k2", "光明社区", "community", "s1", []),
        ("k3", "红旗社区", "community", "s2", []),
        ("k4", "桥头村", "community", "s3", []),
        ("g1", "第一网格", "grid", "k1", []),
    ]
    names = ("unit_id", "name", "kind", "parent_id", "aliases")
    return UNITS.frame([{**dict(zip(names, row, strict=True)), "geometry": shape} for row in rows])


def estate_row(number: int, name: str, **cells: object) -> list[object]:
    """A good row in the order of 附件1; ``cells`` by column title."""
    row: dict[str, object] = dict.fromkeys(ANNEX1, "")
    row |= {
        "序号": number,
        "小区名称": name,
        "物业管理区域名称": name,
        "所在市县(区)、街道、社区": PLACE,
        "物业服务形态": 1,
    }
    return list((row | cells).values())


def case_row(number: int, name: str, **cells: object) -> list[object]:
    """A good row in the order of 附件2; ``cells`` by column title without line breaks."""
    row: dict[str, object] = {title.replace("\n", ""): "" for title in ANNEX2}
    row |= {"序号": number, "项目名称": name, "问题类别": 1, "问题内容": "楼道有垃圾", "是否销号": "否"}
    return list((row | cells).values())


def write_rows(
    path: Path,
    sheets: Mapping[str, Rows],
    *,
    merged: Mapping[str, Sequence[str]] | None = None,
    hidden: Sequence[str] = (),
) -> Path:
    """A workbook from rows of cells; ``merged`` are ranges such as "A1:C1" per sheet, written before merging."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


def write_annex1(path: Path, rows: Rows, sheet: str = "三里桥街道", header: Sequence[str] = ANNEX1) -> Path:
    """附件1 with a title row and one header row."""
    return write_rows(path, {sheet: [["附件1 住宅物业管理区域信息台账"], list(header), *rows]})


def write_annex2(path: Path, rows: Rows, title: str = "附件2 整治工作台账") -> Path:
    """附件2 with a title row and one header row."""
    return write_rows(path, {"台账": [[title], list(ANNEX2), *rows]})


def bomb(path: Path, megabytes: int = 600, honest: bool = True) -> Path:
    """A workbook whose sheet unpacks to so many megabytes; if not ``honest``, its headers claim 100 bytes."""
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "xl/workbook.xml", '<workbook><sheets><sheet name="a" r:id="r1" xmlns:r="x"/></sheets></workbook>'
        )
        with archive.open(sheet, "w", force_zip64=True) as stream:
            for _ in range(megabytes):
                stream.write(b" " * 2**20)
    if not honest:
        _claim_size(path, sheet, 100)
    return path


def _claim_size(path: Path, member: str, size: int) -> None:
    """Write a false unpacked size into the central directory."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(member.encode()))
    data[at + 24 : at + 28] = struct.pack("<I", size)
    path.write_bytes(bytes(data))
