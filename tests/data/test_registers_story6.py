"""Story 6: a street's 附件1 as it is. 3 header rows, merged streets, full width, a total row, one code 7."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from data.registers import RegisterResult, estate_id, read_register, region_id
from data.schemas import ESTATES, REGIONS
from geo.crs import Datum
from tests.data.workbooks import profile, units


@pytest.fixture
def register(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "三里桥街道"
    sheet.append(["附件1 金安区住宅物业管理区域信息台账"])
    sheet.append(["填报单位：三里桥街道办事处    坐标系：GCJ-02    填报日期：2024年4月19日"])
    top = [
        "序号",
        "物业管理\n区域名称",
        "小区名称",
        "所在位置",
        "",
        "",
        "物业服务\n形态",
        "业主委员会\n组建情况",
        "基本情况",
        "",
        "位置",
        "",
    ]
    middle = ["", "", "", "县区", "街道", "社区", "", "", "户数", "物业费\n收缴率", "坐标", ""]
    low = ["", "", "", "", "", "", "", "", "", "", "经度", "纬度"]
    for row in (top, middle, low):
        sheet.append(row)
    good = [
        [
            1,
            "阳光花园",
            "阳光花园一期",
            "金安区",
            "三里桥街道",
            "红旗社区",
            "１",
            "（1）",
            "２３５",
            "95%",
            116.5,
            31.7,
        ],
        [2, "阳光花园", "阳光花园二期", "", "", "红旗社区", "①", "未成立", "120户", "九成", 116.501, 31.701],
        [3, "桥东小区", "桥东小区", "", "", "光明社区", "5", "3", 88, "", "", ""],
        [4, "和平里", "和平里", "", "", "光明社区", 7, "(2)", 40, 0.5, "", ""],
        [5, "和平里", "和平里东院", "", "", "光明社区", "2社区统管", "2.", "1,040", "暂无", "", ""],
    ]
    for row in good:
        sheet.append([None if cell == "" else cell for cell in row])
    sheet.append(["合计", None, None, None, None, None, None, None, 1523])
    sheet.append(["填表说明：1.物业服务形态：(1)专业化物业服务,(2)社区统管。以上可直接填写数字。"])
    sheet.append(["填报人：王某某", None, None, "审核人：李某某"])
    for area in ("A1:L1", "A2:L2", "D3:F3", "I3:J3", "K3:L3", "K4:L4", "D6:D10", "E6:E10", "A12:L12"):
        sheet.merge_cells(area)
    for column in "ABCGH":
        sheet.merge_cells(f"{column}3:{column}5")
    for column in "DEFIJ":
        sheet.merge_cells(f"{column}4:{column}5")
    path = tmp_path / "三里桥街道台账.xlsx"
    book.save(path)
    return path


@pytest.fixture
def result(register: Path) -> RegisterResult:
    return read_register(register, profile(), units())


def test_all_good_rows_come_in_and_the_total_is_skipped(result: RegisterResult) -> None:
    assert (result.kind, result.mapping) == ("register", "annex1")
    assert (result.n_rows_read, result.n_rows_refused, len(result.estates)) == (5, 1, 4)
    assert [estate["name"] for estate in result.estates] == ["阳光花园一期", "阳光花园二期", "桥东小区", "和平里东院"]
    skipped = {(row.row, row.reason) for row in result.skipped_rows}
    assert skipped == {(11, "合计行"), (12, "填表说明或署名"), (13, "填表说明或署名")}
    assert [row.text for row in result.skipped_rows][-1] == "填报人", "names of persons stay out of the report"


def test_the_one_fault_names_sheet_row_column_value_and_remedy(result: RegisterResult) -> None:
    (fault,) = result.faults
    assert (fault.file, fault.sheet, fault.row) == ("三里桥街道台账.xlsx", "三里桥街道", 9)
    assert (fault.column, fault.value) == ("物业服务形态", "7")
    assert "没有代码 7" in fault.problem and "1 专业化物业服务" in fault.remedy


def test_values_and_units_are_those_of_the_sheet(result: RegisterResult) -> None:
    estates = ESTATES.frame(result.estates)
    assert estates["service_form"].tolist() == [1, 1, 5, 2]
    assert estates["service_form_text"].tolist() == ["１", "①", "5", "2社区统管"]
    assert estates["committee"].tolist() == [1, 3, 3, 2]
    assert estates["households"].tolist() == [235, 120, 88, 1040]
    assert estates["fee_rate"].tolist()[:2] == [0.95, 0.9]
    assert estates["fee_rate"].isna().tolist() == [False, False, True, True]
    assert estates["street_id"].tolist() == ["s1"] * 4
    assert estates["county_id"].tolist() == ["c1"] * 4
    assert estates["community_id"].tolist() == ["k1", "k1", "k2", "k2"]
    assert estates["source_row"].tolist() == [6, 7, 8, 10]
    assert result.units == []


def test_the_datum_is_the_one_the_unit_row_states(result: RegisterResult) -> None:
    assert result.datum is Datum.GCJ02
    assert result.estates[0]["datum"] == "gcj02"
    assert (result.estates[0]["lon_source"], result.estates[0]["lat_source"]) == (116.5, 31.7)
    assert "lon" not in result.estates[0]


def test_one_region_holds_several_estates(result: RegisterResult) -> None:
    regions = REGIONS.frame(result.regions)
    assert regions["name"].tolist() == ["阳光花园", "桥东小区", "和平里"]
    sunny = region_id("金安区", "三里桥街道", "阳光花园")
    assert [estate["region_id"] for estate in result.estates[:2]] == [sunny, sunny]


def test_reading_again_under_another_name_gives_the_same_records(register: Path, result: RegisterResult) -> None:
    again = read_register(register.rename(register.with_name("改名.xlsx")), profile(), units())
    assert [e["estate_id"] for e in again.estates] == [e["estate_id"] for e in result.estates]
    assert [r["region_id"] for r in again.regions] == [r["region_id"] for r in result.regions]
    assert again.estates[0]["estate_id"] == estate_id("金安区", "三里桥街道", "阳光花园1期")
