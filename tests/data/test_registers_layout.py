"""Layouts: where the header is, what is skipped, what merged cells mean, sheet names as streets."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.registers import RegisterResult, read_register
from geo.crs import Datum
from tests.data.workbooks import ANNEX1, estate_row, profile, units, write_annex1, write_rows


def _read(path: Path) -> RegisterResult:
    return read_register(path, profile(), units())


def _names(result: RegisterResult) -> list[object]:
    return [estate["name"] for estate in result.estates]


def test_totals_notes_signatures_and_blanks_are_skipped_and_listed(tmp_path: Path) -> None:
    blank = [""] * len(ANNEX1)
    rows = [
        list(range(1, len(ANNEX1) + 1)),
        estate_row(1, "甲小区"),
        ["", "红旗社区小计", "", "", "", "", "", "", "", ""],
        blank,
        blank,
        list(ANNEX1),
        estate_row(2, "乙小区"),
        [3, *blank[1:]],
        ["合 计", "2个"],
        ["填表说明：1.物业服务形态可直接填写数字。"],
        ["2.物业费收缴率按上年度填写。"],
        ["填报人：王某某", "", "", "", "", "审核人：李某某"],
        blank,
    ]
    result = _read(write_annex1(tmp_path / "a.xlsx", rows))
    assert _names(result) == ["甲小区", "乙小区"]
    assert result.faults == []
    assert [(row.row, row.last_row, row.reason) for row in result.skipped_rows] == [
        (3, 3, "列号行"),
        (5, 5, "合计行"),
        (6, 7, "空行"),
        (8, 8, "重复的表头"),
        (10, 10, "只有序号的空行"),
        (11, 11, "合计行"),
        (12, 12, "填表说明或署名"),
        (13, 13, "填表说明或署名"),
        (14, 14, "填表说明或署名"),
    ]
    assert result.n_rows_read == 2


def test_an_estate_whose_name_speaks_of_a_total_is_no_total(tmp_path: Path) -> None:
    result = _read(write_annex1(tmp_path / "a.xlsx", [estate_row(1, "总部小区"), estate_row(2, "注册会计师公寓")]))
    assert _names(result) == ["总部小区", "注册会计师公寓"]


def test_merged_cells_fill_their_own_rows_only(tmp_path: Path) -> None:
    header = ["小区名称", "街道", "社区", "物业服务形态"]
    rows = [
        header,
        ["甲小区", "三里桥街道", "红旗社区", 1],
        ["乙小区", "", "光明社区", 1],
        ["丙小区", "", "光明社区", 1],
    ]
    result = _read(write_rows(tmp_path / "a.xlsx", {"Sheet1": rows}, merged={"Sheet1": ["B2:B3"]}))
    streets = [estate["street_id"] for estate in result.estates]
    assert streets == ["s1", "s1", "s1"], "the last one's community is unique and tells its street"
    rows[3][2] = ""
    result = _read(write_rows(tmp_path / "b.xlsx", {"Sheet1": rows}, merged={"Sheet1": ["B2:B3"]}))
    assert _names(result) == ["甲小区", "乙小区"]
    assert [(f.row, f.column, f.problem) for f in result.faults] == [(4, "街道", "没有写街道")]


def test_a_number_merged_over_several_rows_is_not_counted_twice(tmp_path: Path) -> None:
    header = [*ANNEX1, "户数"]
    rows = [header, [*estate_row(1, "甲小区"), 500], [*estate_row(2, "乙小区"), ""], [*estate_row(3, "丙小区"), 80]]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}, merged={"三里桥街道": ["K2:K3"]}))
    assert _names(result) == ["丙小区"]
    assert [(f.row, f.column) for f in result.faults] == [(2, "户数"), (3, "户数")]


def test_the_sheet_name_is_the_street_where_the_column_is_missing(tmp_path: Path) -> None:
    header = ["小区名称", "物业服务形态"]
    sheets = {"三里桥街道": [header, ["甲小区", 1]], "东市": [header, ["乙小区", 1]], "Sheet3": [header, ["丙小区", 1]]}
    result = _read(write_rows(tmp_path / "a.xlsx", sheets))
    assert [e["street_id"] for e in result.estates] == ["s1", "s2", None]
    assert [note for note in result.notes if "街道" in note] == [
        "工作表“三里桥街道”没有街道列，以工作表名为街道",
        "工作表“东市”没有街道列，以工作表名为街道",
        "工作表“Sheet3”没有街道列，工作表名也不是街道，街道留空",
    ]


@pytest.mark.parametrize(
    ("statement", "datum"),
    [
        ("坐标系：GCJ-02", Datum.GCJ02),
        ("坐标系:高德坐标", Datum.GCJ02),
        ("坐标系：百度（BD-09）", Datum.BD09),
        ("坐标系：ＷＧＳ－８４", Datum.WGS84),
        ("坐标系：2000国家大地坐标系", Datum.CGCS2000),
        ("坐标系：GCJ-02或BD-09", None),
        ("填报日期：2024年4月", None),
    ],
)
def test_the_datum_is_read_from_the_lines_above_the_header(tmp_path: Path, statement: str, datum: Datum | None) -> None:
    rows = [[statement], [*ANNEX1, "经度", "纬度"], [*estate_row(1, "甲小区"), 116.5, 31.7]]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}))
    assert result.datum is datum
    assert result.estates[0]["datum"] == (datum.value if datum else None)


def test_the_datum_may_stand_in_the_column_titles(tmp_path: Path) -> None:
    rows = [[*ANNEX1, "经度（GCJ-02）", "纬度（GCJ-02）"], [*estate_row(1, "甲小区"), 116.5, 31.7]]
    assert _read(write_rows(tmp_path / "a.xlsx", {"a": rows})).datum is Datum.GCJ02


def test_positions_swapped_half_given_or_in_metres_are_faults(tmp_path: Path) -> None:
    rows = [
        [*ANNEX1, "经度", "纬度"],
        [*estate_row(1, "甲小区"), 31.7, 116.5],
        [*estate_row(2, "乙小区"), 116.5, ""],
        [*estate_row(3, "丙小区"), 39456789.5, 3501234.5],
        [*estate_row(4, "丁小区"), "NaN", "NaN"],
    ]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}))
    assert result.estates == [] and result.n_rows_refused == 4
    assert [f.row for f in result.faults] == [2, 2, 3, 4, 4, 5, 5]
    assert "写反" in result.faults[0].remedy and "只填了一个" in result.faults[2].problem


def test_units_in_titles_scale_their_column_and_unknown_ones_are_told(tmp_path: Path) -> None:
    rows = [
        [*ANNEX1[:-1], "物业费收缴率（%）", "建筑面积（万㎡）", "户数（户）", "占地面积（垧）"],
        [*estate_row(1, "甲小区", 物业费收缴率=95), 1.5, 120, 3],
    ]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}))
    (estate,) = result.estates
    assert (estate["fee_rate"], estate["floor_area_m2"], estate["households"]) == (0.95, 15000, 120)
    assert "land_area_m2" not in estate and estate["extra"] == {"占地面积（垧）": 3}
    assert any("垧" in note for note in result.notes)


def test_other_columns_are_kept_and_personal_ones_are_not(tmp_path: Path) -> None:
    rows = [
        [*ANNEX1, "备注", "楼栋数", "联系电话", "业主委员会主任姓名"],
        [*estate_row(1, "甲小区"), "已上报", 12, 13800000000, "王某某"],
    ]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}))
    assert result.estates[0]["extra"] == {"备注": "已上报", "楼栋数": 12}
    assert any("个人信息" in note and "联系电话" in note for note in result.notes)


def test_all_faults_of_a_row_come_at_once_and_refuse_it(tmp_path: Path) -> None:
    header = [*ANNEX1, "户数"]
    bad = [*estate_row(1, "甲小区", 物业服务形态=7, 业主委员会组建情况="九", 物业费收缴率="120%"), "约300"]
    result = _read(
        write_rows(tmp_path / "a.xlsx", {"三里桥街道": [header, bad, [*estate_row(2, "", 四至范围="东"), 1]]})
    )
    assert result.estates == [] and result.regions == []
    assert [(f.row, f.column) for f in result.faults] == [
        (2, "物业服务形态"),
        (2, "业主委员会组建情况"),
        (2, "物业费收缴率"),
        (2, "户数"),
        (3, "小区名称"),
    ]
    assert (result.n_rows_read, result.n_rows_refused) == (2, 2)


def test_a_second_row_of_one_estate_is_a_fault_that_names_the_first(tmp_path: Path) -> None:
    rows = [
        estate_row(1, "阳光花园（一期）"),
        estate_row(2, "阳光花园1期", 物业服务形态=5),
        estate_row(3, "阳光花园二期"),
        estate_row(4, "阳光花园一期", **{ANNEX1[3]: "金安区东市街道"}),
    ]
    result = _read(write_annex1(tmp_path / "a.xlsx", rows))
    assert [(e["name"], e["street_id"]) for e in result.estates] == [
        ("阳光花园（一期）", "s1"),
        ("阳光花园二期", "s1"),
        ("阳光花园一期", "s2"),
    ]
    (fault,) = result.faults
    assert fault.row == 4 and "第3行" in fault.problem


def test_the_evidence_for_rates_is_told(tmp_path: Path) -> None:
    rows = [
        estate_row(i, f"小区{i}", 物业费收缴率=rate) for i, rate in enumerate((95, 88, 1, 0.5, 101, "九成"), start=1)
    ]
    result = _read(write_annex1(tmp_path / "a.xlsx", rows))
    assert [e["fee_rate"] for e in result.estates] == [0.95, 0.88, 0.9]
    assert [f.value for f in result.faults] == ["1", "0.5", "101"]
    assert any("百分数" in note for note in result.notes)


def test_a_row_of_units_under_the_header_belongs_to_it(tmp_path: Path) -> None:
    rows = [
        [*ANNEX1, "户数", "建筑面积"],
        [*[""] * 9, "（%）", "（户）", "（万平方米）"],
        [*estate_row(1, "甲小区", 物业费收缴率=95), 120, 1.5],
    ]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}))
    (estate,) = result.estates
    assert (estate["fee_rate"], estate["households"], estate["floor_area_m2"]) == (0.95, 120, 15000)
    assert result.skipped_rows == []


def test_a_column_that_stands_twice_is_told(tmp_path: Path) -> None:
    rows = [[*ANNEX1, "户数", "户数"], [*estate_row(1, "甲小区"), 120, 130]]
    result = _read(write_rows(tmp_path / "a.xlsx", {"三里桥街道": rows}))
    assert result.estates[0]["households"] == 120
    assert result.estates[0]["extra"] == {"户数": 130}
    assert any("出现了两次" in note for note in result.notes)
