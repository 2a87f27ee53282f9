"""Companies' grades, owners' answers and public income through the door: as offices write them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.companies import company_id, grade_of, grades
from data.load import LoadReport, load
from data.profile_file import load_profile
from data.registers.companies import period_key
from data.registers.grades import stars_of
from data.registers.problem import Problem
from data.schemas import COMPANIES, ESTATES
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from tests.data.workbooks import Rows, write_rows

ACTOR = Actor("测试", Role.ADMIN)
REGISTER = (
    "小区名称",
    "街道",
    "物业服务形态",
    "户数",
    "业主意愿",
    "同意率",
    "公共收益（元/年）",
    "业主对公共收益有无异议",
)
ESTATE_ROWS: Rows = (
    ("甲小区", "东街道", 5, 100, "", "", 1200, "无"),
    ("乙小区", "东街道", 5, 80, "不同意", "30%", "", ""),
    ("丙小区", "西街道", 1, 900, "待征询", "", 0, "有异议"),
    ("丙小区", "东街道", 5, 60, "", "", "1.5万元", "无异议"),
)
RESULTS = ("序号", "小区编号", "小区名称", "街道", "服务单元", "应征询户数", "同意户数", "不同意户数", "结论", "备注")
GRADES = ("序号", "企业名称", "信用星级", "信用等级", "红黑榜", "评定周期")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def put(
    store: Store, path: Path, head: tuple[str, ...], rows: Rows, actor: Actor = ACTOR, **options: object
) -> LoadReport:
    sheet = [["某某市 2025 年汇总表"], list(head), *rows]
    return load(store, actor, [write_rows(path, {"Sheet1": sheet})], load_profile("luan"), **options)


def estates_of(store: Store) -> pd.DataFrame:
    with store.begin(ACTOR) as work:
        return work.read(ESTATES)


def by_name(store: Store, *columns: str) -> dict[str, list[object]]:
    """Wanted cells by street-less name and position among equals."""
    table = estates_of(store).sort_values(["name", "households"])
    cells = table[list(columns)].astype(object).where(table[list(columns)].notna(), None)
    return {
        f"{name}{int(n)}": list(row)
        for name, n, row in zip(table["name"], table["households"], cells.to_numpy(), strict=True)
    }


# ---------------------------------------------------------------------------------------------- columns of a register


def test_income_objection_and_share_are_read_as_offices_write_them(store: Store, tmp_path: Path) -> None:
    report = put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    assert report.faults == []
    assert by_name(store, "consent", "consent_rate", "public_income_yuan", "income_objection") == {
        "甲小区100": ["unknown", None, 1200.0, False],
        "乙小区80": ["no", 0.3, None, None],
        "丙小区60": ["unknown", None, 15_000.0, False],
        "丙小区900": ["unknown", None, 0.0, True],
    }


def test_income_in_ten_thousands_by_the_header(store: Store, tmp_path: Path) -> None:
    head = ("小区名称", "街道", "物业服务形态", "公共收益（万元）")
    put(store, tmp_path / "台账.xlsx", head, [("甲小区", "东街道", 5, 1.25), ("乙小区", "东街道", 5, "3000元")])
    assert estates_of(store).set_index("name")["public_income_yuan"].to_dict() == {"甲小区": 12_500.0, "乙小区": 3000.0}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("公共收益（元/年）", "不详", "不是数字"),
        ("公共收益（元/年）", -5, "公共收益"),
        ("同意率", "130%", "100%"),
        ("业主对公共收益有无异议", "三户有意见", "是"),
        ("业主意愿", "再议", "同意"),
    ],
)
def test_cells_that_nobody_can_read_are_faults_of_their_row(
    store: Store, tmp_path: Path, column: str, value: object, words: str
) -> None:
    row = dict(zip(REGISTER, ESTATE_ROWS[0], strict=True)) | {column: value}
    report = put(store, tmp_path / "台账.xlsx", REGISTER, [list(row.values()), ESTATE_ROWS[1]])
    (fault,) = report.faults
    assert (fault.row, fault.column, fault.value) == (3, column, str(value))
    assert words in fault.problem + fault.remedy
    assert len(estates_of(store)) == 1


# ----------------------------------------------------------------------------------------------------- owners' answers


def answers(store: Store, tmp_path: Path, *rows: tuple[object, ...]) -> LoadReport:
    """Results for estates given as (name, households, asked, agreed, refused, conclusion)."""
    table = estates_of(store)
    lines = []
    for number, (name, households, *cells) in enumerate(rows, start=1):
        key = table.index[(table["name"] == name) & (table["households"] == households)][0]
        lines.append((number, key, name, "", "服务单元1", *cells, ""))
    return put(store, tmp_path / "征询结果.xlsx", RESULTS, lines)


def test_answers_come_back_by_code_and_say_what_share_agrees(store: Store, tmp_path: Path) -> None:
    put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    report = answers(
        store,
        tmp_path,
        ("甲小区", 100, 96, 72, 10, "同意"),
        ("乙小区", 80, 80, "", "", ""),
        ("丙小区", 60, 60, 12, 40, "不同意"),
    )
    assert report.faults == [] and report.counts["consents"] == 2
    assert "征询结果.xlsx：1 个小区没有填写结论和户数，业主意愿没有改动" in report.notes
    assert by_name(store, "consent", "consent_rate") == {
        "甲小区100": ["yes", 0.75],
        "乙小区80": ["no", 0.3],
        "丙小区60": ["no", 0.2],
        "丙小区900": ["unknown", None],
    }
    with store.begin(ACTOR) as work:
        assert "estates" in set(work.audit(20)["object_type"])


def test_a_register_that_does_not_know_leaves_an_answer_alone(store: Store, tmp_path: Path) -> None:
    put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    answers(store, tmp_path, ("甲小区", 100, 100, 90, 0, "同意"), ("丙小区", 900, 900, 200, 300, "不同意"))
    before = by_name(store, "consent", "consent_rate")
    report = put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    assert by_name(store, "consent", "consent_rate") == before and report.changed == 0
    assert "2 个小区已有业主意愿的结论，台账未填或写“待征询”，保留原结论" in report.notes
    again = [("甲小区", "东街道", 5, 100, "不同意", "20%", 1200, "无")]
    put(store, tmp_path / "台账.xlsx", REGISTER, again)
    assert by_name(store, "consent", "consent_rate")["甲小区100"] == ["no", 0.2], "an answer in the register counts"


def test_a_new_conclusion_takes_the_old_share_along(store: Store, tmp_path: Path) -> None:
    put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    answers(store, tmp_path, ("乙小区", 80, "", "", "", "待征询"), ("甲小区", 100, 100, 60, "", ""))
    found = by_name(store, "consent", "consent_rate")
    assert found["乙小区80"] == ["unknown", None], "30 % belonged to the refusal"
    assert found["甲小区100"] == ["unknown", 0.6], "counts without a conclusion change the share alone"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ((100, 90, 20, "同意"), "同意户数", "多于应征询的100户"),
        (("", 90, "", "同意"), "应征询户数", "没有应征询户数"),
        ((0, 0, 0, "同意"), "应征询户数", "没有应征询户数"),
        ((100, "九十", "", "同意"), "同意户数", "不是"),
        ((100, 90, "", "再说"), "结论", "同意"),
        ((100, -1, "", "同意"), "同意户数", "负"),
    ],
)
def test_answers_that_contradict_themselves_are_faults(
    store: Store, tmp_path: Path, cells: tuple[object, ...], column: str, words: str
) -> None:
    put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    report = answers(store, tmp_path, ("甲小区", 100, *cells), ("乙小区", 80, 80, 60, 0, "同意"))
    (fault,) = report.faults
    assert (fault.row, fault.column) == (3, column) and words in fault.problem + fault.remedy
    assert report.rows_refused == 1
    assert by_name(store, "consent")["甲小区100"] == ["unknown"]
    assert by_name(store, "consent")["乙小区80"] == ["yes"], "the good row goes in"


def test_estates_are_told_by_code_else_by_name_and_street(store: Store, tmp_path: Path) -> None:
    put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    table = estates_of(store)
    code = str(table.index[table["name"] == "甲小区"][0])
    rows = [
        (1, code, "乙小区", "", "", 10, 5, 0, "同意", ""),
        (2, "E000000000000", "甲小区", "", "", 10, 5, 0, "同意", ""),
        (3, "", "丙小区", "", "", 10, 5, 0, "同意", ""),
        (4, "", "丙小区", "西街道", "", 10, 5, 0, "同意", ""),
        (5, "", "丁小区", "", "", 10, 5, 0, "同意", ""),
        (6, code, "甲小区", "", "", 10, 5, 0, "同意", ""),
        (7, code, "甲小区", "", "", 10, 5, 0, "不同意", ""),
    ]
    report = put(store, tmp_path / "征询结果.xlsx", RESULTS, rows)
    found = {fault.row: (fault.column, fault.problem) for fault in report.faults}
    assert found == {
        3: ("小区名称", "小区编号对应的是“甲小区”，与名称不符"),
        4: ("小区编号", "台账中没有这个小区编号"),
        5: ("小区名称", "台账中有 2 个同名小区"),
        7: ("小区名称", "台账中没有这个小区"),
        8: ("小区名称", "与工作表“Sheet1”第3行是同一个小区"),
        9: ("小区名称", "与工作表“Sheet1”第3行是同一个小区"),
    }
    assert by_name(store, "consent")["丙小区900"] == ["yes"]


def test_register_and_answers_in_one_load(store: Store, tmp_path: Path) -> None:
    rows = [(1, "", "甲小区", "东街道", "", 100, 80, 0, "同意", "")]
    write_rows(tmp_path / "a征询.xlsx", {"征询结果": [list(RESULTS), *rows]})
    write_rows(tmp_path / "台账.xlsx", {"Sheet1": [list(REGISTER), *ESTATE_ROWS]})
    report = load(store, ACTOR, [tmp_path / "a征询.xlsx", tmp_path / "台账.xlsx"], load_profile("luan"))
    assert report.faults == [] and by_name(store, "consent")["甲小区100"] == ["yes"]


# --------------------------------------------------------------------------------------------------- companies' grades


def graded(store: Store, tmp_path: Path, *rows: tuple[object, ...], head: tuple[str, ...] = GRADES) -> LoadReport:
    return put(store, tmp_path / "企业信用等级.xlsx", head, rows)


def stored_grades(store: Store) -> dict[str, list[object]]:
    with store.begin(ACTOR) as work:
        table = work.read(COMPANIES)
    cells = table[["stars", "credit_list", "grade_text", "period"]].astype(object)
    return dict(zip(table["name"], cells.where(cells.notna(), None).to_numpy().tolist(), strict=True))


def test_grades_are_read_as_they_are_written(store: Store, tmp_path: Path) -> None:
    report = graded(
        store,
        tmp_path,
        (1, "甲物业公司", "五星", "AAA", "红榜", "2025年度"),
        (2, "乙物业（集团）公司", "★★★☆☆", "", "", "2025年度"),
        (3, "丙物业公司", 4, "优秀", "未上榜", 2025),
        (4, "丁物业公司", "2星级", "", "黑榜", ""),
        (5, "戊物业公司", "", "", "/", "2025年度"),
        (6, "己物业公司", "未评级", "黑榜", "", "2025年度"),
    )
    assert report.faults == []
    assert stored_grades(store) == {
        "甲物业公司": [5, "red", "五星、AAA", "2025年度"],
        "乙物业（集团）公司": [3, None, "★★★☆☆", "2025年度"],
        "丙物业公司": [4, None, "4、优秀", "2025"],
        "丁物业公司": [2, "black", "2星级", None],
        "戊物业公司": [None, None, None, "2025年度"],
        "己物业公司": [None, "black", "未评级、黑榜", "2025年度"],
    }
    assert "企业信用等级.xlsx：1 家企业没有填写等级，按未评级读入" in report.notes


def test_one_spelling_finds_a_company(store: Store, tmp_path: Path) -> None:
    graded(store, tmp_path, (1, "乙物业（集团）公司", "三星", "", "红榜", "2025年"))
    with store.begin(ACTOR) as work:
        known = grades(work.read(COMPANIES))
    grade = grade_of(known, "乙物业 (集团) 公司")
    assert grade is not None and grade.label == "三星 · 红榜（2025年）" and not grade.black
    assert grade_of(known, None) is grade_of(known, "") is grade_of(known, "丙公司") is grade_of({}, "乙") is None


@pytest.mark.parametrize(
    ("text", "stars"),
    [("五星", 5), ("5星级", 5), ("５星", 5), ("★", 1), ("★★★★☆", 4), ("三颗星", 3), ("四星企业", 4), ("2.0星", 2),
     ("AAA", None), ("优秀", None), ("三星半", None), ("五星红旗", None), ("一级", None)],
)  # fmt: skip
def test_stars_are_converted_only_without_doubt(text: str, stars: int | None) -> None:
    assert stars_of(text) == stars


@pytest.mark.parametrize("text", ["六星", "0星", "★★★★★★", "12星"])
def test_no_more_than_five_stars(text: str) -> None:
    assert isinstance(stars_of(text), Problem)


@given(st.text(max_size=8))
def test_no_text_breaks_the_stars(text: str) -> None:
    found = stars_of(text)
    assert found is None or isinstance(found, Problem) or 1 <= found <= 5


def test_the_latest_period_counts_in_a_file_and_between_files(store: Store, tmp_path: Path) -> None:
    report = graded(
        store,
        tmp_path,
        (1, "甲公司", "二星", "", "黑榜", "2024年"),
        (2, "甲公司", "四星", "", "", "2025年上半年"),
        (3, "甲公司", "三星", "", "", "2024年下半年"),
    )
    assert stored_grades(store) == {"甲公司": [4, None, "四星", "2025年上半年"]}
    assert "企业信用等级.xlsx：2 行是同一企业较早周期的等级，只采用最近一期" in report.notes
    report = graded(store, tmp_path, (1, "甲公司", "一星", "", "黑榜", "2024年度"))
    assert stored_grades(store) == {"甲公司": [4, None, "四星", "2025年上半年"]} and report.changed == 0
    assert "1 家企业已有更近周期的等级，没有改动" in report.notes
    graded(store, tmp_path, (1, "甲公司", "", "AA", "", "2025年度"))
    assert stored_grades(store) == {"甲公司": [None, None, "AA", "2025年度"]}, "a new grade is taken whole"


def test_two_grades_of_one_period_contradict_each_other(store: Store, tmp_path: Path) -> None:
    report = graded(
        store,
        tmp_path,
        (1, "甲公司", "二星", "", "", "2025年"),
        (2, "甲公司", "四星", "", "", "2025年度"),
        (3, "乙公司", "二星", "", "", "2025年"),
        (4, "乙公司", "二星", "", "", "2025年"),
    )
    (fault,) = report.faults
    assert (fault.row, fault.column) == (4, "企业名称") and "评定周期" in fault.remedy
    assert stored_grades(store)["甲公司"][0] == 2
    assert "企业信用等级.xlsx：1 行与前面的行内容相同，只保留一份" in report.notes


def test_bad_grades_are_faults_of_their_row(store: Store, tmp_path: Path) -> None:
    rows = ((1, "甲公司", "六星", "", "", ""), (2, "乙公司", "", "", "紫榜", ""), (3, "", "五星", "", "", ""),
            (4, "丙公司", "", "B", "", ""))  # fmt: skip
    report = graded(store, tmp_path, *rows)
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, "信用星级"), (4, "红黑榜"), (5, "企业名称")]
    assert stored_grades(store) == {"丙公司": [None, None, "B", None]}


@pytest.mark.parametrize(
    "head", [("企业名称", "红黑榜"), ("物业服务企业名称", "评价等级"), ("单位名称", "企业信用星级")]
)
def test_a_list_may_have_stars_or_grades_or_lists_alone(store: Store, tmp_path: Path, head: tuple[str, str]) -> None:
    assert graded(store, tmp_path, ("甲公司", "红榜" if head[1] == "红黑榜" else "四星"), head=head).faults == []
    assert list(stored_grades(store)) == ["甲公司"]


def test_a_list_of_projects_is_not_taken_for_one_of_companies(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有找到可识别的表头"):
        graded(store, tmp_path, ("甲公司", "甲小区", "五星"), head=("企业名称", "项目名称", "星级"))


def test_grades_hold_for_the_whole_city(store: Store, tmp_path: Path) -> None:
    put(store, tmp_path / "台账.xlsx", REGISTER, ESTATE_ROWS)
    street = str(estates_of(store)["street_id"].iloc[0])
    clerk = Actor("街道科员", Role.PLANNER, street)
    with pytest.raises(InputError):
        put(store, tmp_path / "企业信用等级.xlsx", GRADES, [(1, "甲公司", "五星", "", "", "2025年")], actor=clerk)
    assert stored_grades(store) == {}
    graded(store, tmp_path, (1, "甲公司", "五星", "", "", "2025年"))
    with store.begin(clerk) as work:
        assert list(work.read(COMPANIES)["name"]) == ["甲公司"], "everyone may look"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (None, "2023年"), ("2023年", "2024年"), ("2024年上半年", "2024年"), ("2024年一季度", "2024年二季度"),
        ("2024年第三季度", "2024年度"), ("2024-03", "2024年上半年"), ("2023—2024年度", "2025.1"), ("第一批", "2020"),
    ],
)  # fmt: skip
def test_periods_are_ordered_by_their_end(earlier: str | None, later: str) -> None:
    assert period_key(earlier) < period_key(later)


def test_the_id_of_a_company_does_not_depend_on_how_it_is_typed() -> None:
    assert company_id("甲物业(集团)公司") == company_id("甲物业（集团） 公司") != company_id("甲物业公司")
