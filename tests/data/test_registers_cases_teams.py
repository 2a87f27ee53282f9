"""The ledger of cases (附件2) and the table of teams."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data.registers import RegisterResult, match_cases, read_register
from data.schemas import CASES, ESTATES, TEAMS
from geo.crs import Datum
from tests.data.workbooks import (
    ANNEX1,
    PLACE,
    case_row,
    estate_row,
    profile,
    units,
    write_annex1,
    write_annex2,
    write_rows,
)


def _read(path: Path) -> RegisterResult:
    return read_register(path, profile(), units())


def test_a_ledger_as_it_is(tmp_path: Path) -> None:
    rows = [
        case_row(1, "甲小区", **{ANNEX1[3]: PLACE}, 问题类别="1、3", 整改完成时限="2024.4.19", 是否销号="是"),
        case_row(2, "甲小区", 问题类别="⑩", 问题内容="消控室无人", 整改完成时限="6月底", 是否销号=""),
        case_row(
            3, "乙小区", 问题类别=13.0, 整改完成时限="长期推进", 是否销号="未销号", **{"责任单位/人": "街道/王某某"}
        ),
        ["合计", 3],
    ]
    result = _read(write_annex2(tmp_path / "a.xlsx", rows, "整治工作台账（2024年第二季度）"))
    assert (result.kind, result.mapping, result.faults) == ("cases", "annex2", [])
    cases = CASES.frame(result.cases)
    assert cases["categories"].tolist() == [[1, 3], [10], [13]]
    assert cases["due_date"].tolist() == [date(2024, 4, 19), date(2024, 6, 30), None]
    assert cases["due_text"].tolist() == ["2024.4.19", "6月底", "长期推进"]
    assert cases["closed"].tolist() == [True, False, False]
    assert cases["street_id"].tolist()[0] == "s1" and cases["street_id"].isna().tolist() == [False, True, True]
    assert cases["responsible"].tolist()[2] == "街道/王某某"
    assert any("1 行为空，按“否”读取" in note for note in result.notes)
    assert any("1 个日期没有写年份，按表头写明的 2024 年读取" in note for note in result.notes)


def test_bad_cases_come_back(tmp_path: Path) -> None:
    rows = [
        case_row(1, "甲小区", 问题类别=99),
        case_row(2, "甲小区", 问题类别=""),
        case_row(3, "甲小区", 整改完成时限="6月底"),
        case_row(4, "甲小区", 是否销号="差不多"),
        case_row(5, "甲小区"),
        case_row(6, "甲小区"),
        case_row(7, "甲小区", 整改完成时限="3.41E+11"),
    ]
    result = _read(write_annex2(tmp_path / "a.xlsx", rows))
    assert [case["source_row"] for case in result.cases] == [7]
    assert [(f.row, f.column) for f in result.faults] == [
        (3, "问题类别"),
        (4, "问题类别"),
        (5, "整改完成时限"),
        (6, "是否销号"),
        (8, "项目名称"),
        (9, "整改完成时限"),
    ]
    assert "第7行" in result.faults[4].problem


def test_a_case_keeps_its_id_when_its_progress_changes(tmp_path: Path) -> None:
    before = _read(write_annex2(tmp_path / "a.xlsx", [case_row(1, "甲小区")]))
    after = _read(
        write_annex2(tmp_path / "b.xlsx", [case_row(9, "甲小区", 整改措施及进展情况="已完成", 是否销号="是")])
    )
    assert before.cases[0]["case_id"] == after.cases[0]["case_id"]


def test_cases_find_their_estate_or_say_which_is_near(tmp_path: Path) -> None:
    east = "金安区东市街道"
    estates = _read(
        write_annex1(
            tmp_path / "e.xlsx",
            [
                estate_row(1, "阳光花园（一期）"),
                estate_row(2, "和平里"),
                estate_row(3, "和平里", **{ANNEX1[3]: east}),
                estate_row(4, "桥东小区", **{ANNEX1[3]: east}),
            ],
        )
    )
    cases = _read(
        write_annex2(
            tmp_path / "c.xlsx",
            [
                case_row(1, "阳光花园1期"),
                case_row(2, "和平里", **{ANNEX1[3]: east}),
                case_row(3, "和平里"),
                case_row(4, "桥东小区", **{ANNEX1[3]: PLACE}),
                case_row(5, "阳光花圆一期", **{ANNEX1[3]: PLACE}),
            ],
        )
    ).cases
    matched, faults, notes = match_cases(cases, ESTATES.frame(estates.estates))
    ids = [str(estate["estate_id"]) for estate in estates.estates]
    assert [case["estate_id"] for case in matched] == [ids[0], ids[2], None, ids[3], None]
    assert CASES.frame(matched)["estate_id"].isna().tolist() == [False, False, True, False, True]
    assert [fault.row for fault in faults] == [5, 7]
    assert "同名" in faults[0].problem and "是否为“阳光花园（一期）”？" in faults[1].remedy
    assert len(notes) == 1 and "2 条" in notes[0]


_TEAMS = ["检查组", "组成部门", "人数", "出发点", "经度", "纬度", "上班", "下班", "午休", "负责范围", "停检日期"]


def _team(name: str, **cells: object) -> list[object]:
    row: dict[str, object] = dict(
        zip(_TEAMS, [name, "住建、公安", 4, "政务中心", 116.5, 31.7, "8:30", "17:30", "", "", ""], strict=True)
    )
    return list((row | cells).values())


def test_teams_as_they_are(tmp_path: Path) -> None:
    rows = [
        ["检查组安排表"],
        ["坐标系：GCJ-02"],
        _TEAMS,
        _team("第一组", 午休="60分钟（11:30-13:30）", 负责范围="金安区、城南镇", 停检日期="2027-01-04"),
        _team("第二组", 人数="5人", 午休="1小时", 负责范围="全市"),
        _team("第三组", 上班=0.375, 午休="12:00-13:30"),
        _team("第四组"),
    ]
    result = _read(write_rows(tmp_path / "teams.xlsx", {"检查组": rows}))
    assert (result.kind, result.datum, result.faults) == ("teams", Datum.GCJ02, [])
    teams = TEAMS.frame(result.teams)
    assert teams["departments"].tolist() == [["住建", "公安"]] * 4
    assert teams["n_people"].tolist() == [4, 5, 4, 4]
    assert teams["starts_s"].tolist() == [30600, 30600, 32400, 30600]
    lunch = list(zip(teams["lunch_s"], teams["lunch_from_s"], teams["lunch_to_s"], strict=True))
    assert lunch == [(3600, 41400, 45000), (3600, 41400, 45000), (5400, 43200, 43200), (3600, 43200, 43200)]
    assert teams["unit_ids"].tolist() == [["c1", "s3"], [], [], []]
    assert teams["days_off"].tolist()[0] == ["2027-01-04"]
    assert any("第四组" in note for note in result.notes)


def test_bad_teams_come_back(tmp_path: Path) -> None:
    rows = [
        _TEAMS,
        _team("甲", 人数=1),
        _team("乙", 上班="17:30", 下班="8:30"),
        _team("丙", 负责范围="月亮区"),
        _team("丁", 经度=""),
        _team("戊"),
        _team("戊"),
        _team("己", 停检日期="节假日"),
    ]
    result = _read(write_rows(tmp_path / "teams.xlsx", {"检查组": rows}))
    assert [team["name"] for team in result.teams] == ["戊"]
    assert [(f.row, f.column) for f in result.faults] == [
        (2, "人数"),
        (3, "上班"),
        (4, "负责范围"),
        (5, "经度"),
        (7, "检查组"),
        (8, "停检日期"),
    ]


def test_a_project_that_differs_only_by_the_word_estate_finds_the_only_one(tmp_path: Path) -> None:
    base = {"region_id": "R1", "consent": "unknown", "street_id": "S1"}
    estates = ESTATES.frame(
        [
            {"estate_id": "E1", "name": "金色家园", **base},
            {"estate_id": "E2", "name": "银河小区", **base},
            {"estate_id": "E3", "name": "东苑", **base},
            {"estate_id": "E4", "name": "东苑小区", **base},
        ]
    )
    cases = [
        {"project_name": name, "street_id": "S1"}
        for name in ("金色家园小区", "银河", "东苑", "东苑小区", "小区", "西苑小区")
    ]
    matched, faults, notes = match_cases(cases, estates)
    assert [case["estate_id"] for case in matched] == ["E1", "E2", "E3", "E4", None, None]
    assert [fault.value for fault in faults] == ["小区", "西苑小区"]
    assert "2 条问题的项目名称与小区名称只差“小区”二字" in notes[1]
