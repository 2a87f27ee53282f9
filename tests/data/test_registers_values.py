"""Cells: codes, rates, dates, numbers, people. What can be read for sure is read, all else is a fault."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.registers.code_cells import committees, parties, problem_codes, read_categories, read_code, service_forms
from data.registers.dates import DateReading, read_date
from data.registers.numbers import read_clock, read_count, read_duration, read_number, read_range, read_year
from data.registers.people import split_company_person
from data.registers.problem import Problem
from data.registers.rates import column_scale, read_rate
from data.registers.spans import Lunch, read_date_list, read_lunch
from data.registers.text import Cell, clean, is_null, name_key
from tests.data.workbooks import profile

FORMS = service_forms(profile(), {})
PROBLEMS = problem_codes(profile())


@pytest.mark.parametrize(
    "cell",
    [
        1,
        1.0,
        "1",
        "(1)",
        "（1）",
        "１",
        "①",
        "1.",
        "1、",
        "⒈",
        "⑴",
        "(1)专业化物业服务",
        "1专业化物业服务",
        "1 专业化物业服务",
        "专业化物业服务",
        " 专业化\n物业服务 ",
        "专业化物业服务(1)",
        "1-专业化物业",
    ],
)
def test_every_way_to_write_code_one_is_code_one(cell: Cell) -> None:
    assert read_code(cell, FORMS, {}) == 1


@pytest.mark.parametrize(
    "cell",
    [7, "7", "（7）", "⑦", 0, "0", 1.5, "1、2", "①②", "1专业化物业服务2", "2专业化物业服务", "专业化?", "物业好"],
)
def test_unknown_or_doubtful_codes_are_faults(cell: Cell) -> None:
    problem = read_code(cell, FORMS, {})
    assert isinstance(problem, Problem) and "专业化物业服务" in problem.remedy


@pytest.mark.parametrize("cell", ["", None, "无", "/", "—", "-", "--", "——", "暂无", "暂无数据", "暂无信息", " 　"])
def test_null_words_are_null_in_every_reader(cell: Cell) -> None:
    assert read_code(cell, FORMS, {}) is None
    assert read_rate(cell, None) is None
    assert read_date(cell) is None
    assert read_count(cell, {}) is None
    assert read_year(cell) is None
    assert read_categories(cell, PROBLEMS) is None
    assert split_company_person(cell).company is None


def test_nothing_means_no_service_only_where_the_mapping_says_so() -> None:
    assert read_code("无", FORMS, {}) is None
    assert read_code("无", service_forms(profile(), {"无": 5}), {"无": 5}) == 5


def test_a_wrong_word_comes_with_the_nearest_right_one() -> None:
    problem = read_code("社区统一管理", FORMS, {})
    assert isinstance(problem, Problem) and "是否为“社区统管”？" in problem.remedy


def test_committee_and_party_have_their_own_lists() -> None:
    assert [read_code(c, committees(profile(), {}), {}) for c in ("（3）", "物管会", "业委会")] == [3, 2, 1]
    assert [read_code(c, parties(profile(), {}), {}) for c in ("④", "未成立", "3党支部")] == [4, 5, 3]
    assert isinstance(read_code(4, committees(profile(), {}), {}), Problem)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("1、3", (1, 3)),
        ("1,3;5", (1, 3, 5)),
        ("1，3；5", (1, 3, 5)),
        ("①③", (1, 3)),
        ("（1）（3）", (1, 3)),
        ("13", (13,)),
        (13.0, (13,)),
        ("1 3", (1, 3)),
        ("1和3", (1, 3)),
        ("3、1、3", (3, 1)),
        ("１２", (12,)),
        ("1.保洁、绿化不到位", (1,)),
        ("停车秩序", (5,)),
    ],
)
def test_several_categories_in_a_cell(cell: Cell, codes: tuple[int, ...]) -> None:
    assert read_categories(cell, PROBLEMS) == codes


@pytest.mark.parametrize("cell", ["1.3", 1.3, "1-3", "1至3", "99", "1、99", "卫生", "1绿色出行"])
def test_doubtful_categories_are_faults(cell: Cell) -> None:
    assert isinstance(read_categories(cell, PROBLEMS), Problem)


def test_a_column_of_shares_and_a_column_of_percents() -> None:
    assert column_scale([0.95, 0.9, 1, "100%"]).name == "share"
    assert column_scale([95, 88.5, 100, 1, "九成"]).name == "percent"
    assert column_scale([1, 0, "95%"]).name is None
    assert column_scale([0.95, 95]).name is None


@pytest.mark.parametrize(
    ("cell", "scale", "share"),
    [
        ("95%", None, 0.95),
        ("95％", None, 0.95),
        ("95 %", None, 0.95),
        ("九成", None, 0.9),
        ("九成五", None, 0.95),
        ("9成", None, 0.9),
        ("八成半", None, 0.85),
        ("百分之九十五", None, None),
        ("百分之95", None, 0.95),
        (0.95, "share", 0.95),
        ("0.95", "share", 0.95),
        (1, "share", 1.0),
        (95, "percent", 0.95),
        ("95", "percent", 0.95),
        (95, None, 0.95),
        (0, None, 0.0),
        (100, "percent", 1.0),
        (2, "percent", 0.02),
        ("0.5%", None, 0.005),
    ],
)
def test_rates(cell: Cell, scale: str | None, share: float | None) -> None:
    reading = read_rate(cell, scale)  # type: ignore[arg-type]
    if share is None:
        assert isinstance(reading, Problem)
    else:
        assert reading == pytest.approx(share)


@pytest.mark.parametrize(
    ("cell", "scale"),
    [
        (1, "percent"),
        (0.5, "percent"),
        (0.5, None),
        (1, None),
        (1.05, "share"),
        (5, "share"),
        (101, "percent"),
        ("120%", None),
        ("十一成", None),
        (-5, "percent"),
        ("95分", None),
        ("约95%", None),
        (True, None),
        (date(2024, 1, 1), None),
    ],
)
def test_ambiguous_and_impossible_rates_are_faults(cell: Cell, scale: str | None) -> None:
    assert isinstance(read_rate(cell, scale), Problem)  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 99), min_size=1))
def test_percents_and_the_same_shares_are_read_as_the_same_rates(percents: list[int]) -> None:
    shares: list[Cell] = [percent / 100 for percent in percents]
    signed: list[Cell] = [f"{percent}%" for percent in percents]
    read = [read_rate(cell, column_scale(shares).name) for cell in shares]
    assert read == pytest.approx([read_rate(cell, column_scale(signed).name) for cell in signed])


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024.4.19", (4, 19)),
        ("2024/4/9", (4, 9)),
        ("2024-04-19", (4, 19)),
        ("2024年4月19日", (4, 19)),
        ("2024年4月19日前", (4, 19)),
        ("２０２４年４月１９日", (4, 19)),
        (45401, (4, 19)),
        (45401.5, (4, 19)),
        ("45401", (4, 19)),
        (20240419, (4, 19)),
        (datetime(2024, 4, 19, 8), (4, 19)),
        (date(2024, 4, 19), (4, 19)),
        ("2024-04-19 00:00:00", (4, 19)),
        ("二〇二四年四月十九日", (4, 19)),
    ],
)
def test_days(cell: Cell, day: tuple[int, int]) -> None:
    assert read_date(cell) == DateReading(date(2024, *day), "day")


@pytest.mark.parametrize(
    ("cell", "year", "expected"),
    [
        ("2024年4月", None, date(2024, 4, 30)),
        ("2024.4", None, date(2024, 4, 30)),
        (2024.4, None, date(2024, 4, 30)),
        ("2024年2月底", None, date(2024, 2, 29)),
        ("6月底", 2024, date(2024, 6, 30)),
        ("6月底前", 2024, date(2024, 6, 30)),
        ("2024年底", None, date(2024, 12, 31)),
        ("12月", 2023, date(2023, 12, 31)),
        ("持续推进至12月底", 2023, date(2023, 12, 31)),
    ],
)
def test_a_month_stands_for_its_last_day(cell: Cell, year: int | None, expected: date) -> None:
    assert read_date(cell, year) == DateReading(expected, "month")


@pytest.mark.parametrize("cell", ["长期", "长期推进", "持续推进", "常态化"])
def test_long_term_has_no_day(cell: str) -> None:
    assert read_date(cell) == DateReading(None, "open")


@pytest.mark.parametrize(
    "cell",
    [
        "6月底",
        "4月19日",
        "月底",
        "2024.13.1",
        "2024年2月30日",
        "尽快",
        "已完成",
        "24.4.19",
        2024.1,
        2024,
        "2024年",
        5,
        True,
        "1月-3月",
        "4.19",
        "2024.4.19-2024.5.1",
    ],
)
def test_dates_that_cannot_be_told_are_faults_and_never_today(cell: Cell) -> None:
    assert isinstance(read_date(cell), Problem)


@given(
    st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"]),
)
def test_every_day_is_read_back_in_every_form(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == DateReading(day, "day")


def test_numbers_with_units_and_thousands() -> None:
    assert read_count("11927户", {"户": 1}) == 11927
    assert read_count("1,234", {}) == 1234
    assert read_count("１，２３４ 户", {"户": 1}) == 1234
    assert read_count(12345.0, {}) == 12345
    assert read_number("1.2万平方米", {"平方米": 1, "万平方米": 10000}) == pytest.approx(12000)


@pytest.mark.parametrize(
    "cell",
    ["3.41503E+11", "约300", "300余", "三百", "12.5", 12.5, "300栋", "#####", "300/400", True, float("nan"), "1,23"],
)
def test_counts_that_cannot_be_told_are_faults(cell: Cell) -> None:
    assert isinstance(read_count(cell, {"户": 1}), Problem)


def test_ranges_follow_the_rule_and_are_faults_without_one() -> None:
    units = {"元/平米/月": 1.0}
    assert isinstance(read_range("1.5至2.51元/平米/月", units, "fault"), Problem)
    assert read_range("1.5至2.51元/平米/月", units, "low") == (1.5, (1.5, 2.51))
    assert read_range("1.5-2.5", units, "high") == (2.5, (1.5, 2.5))
    assert read_range("1~2元/平米/月", units, "mid") == (1.5, (1.0, 2.0))
    assert read_range("0.8元/平米/月", units, "fault") == (0.8, None)
    assert isinstance(read_range("3至2", units, "low"), Problem)
    assert isinstance(read_range("12元/平米/年", units, "low"), Problem)


def test_years() -> None:
    cells: list[Cell] = ["2000年建成 ", "2013年", 1998, "1998-05", "1998年5月", date(1998, 5, 1), 1998.0]
    assert [read_year(cell) for cell in cells] == [2000, 2013, 1998, 1998, 1998, 1998, 1998]
    assert all(isinstance(read_year(cell), Problem) for cell in ("九十年代", "90年代", "2000-2005年", 98, "1995、2000"))


def test_clock_times_and_lengths() -> None:
    clocks: list[Cell] = ["8:30", "8：30", "8时30分", "8点半", time(8, 30), 8.5 / 24, "上午8:30", "08:30:00"]
    assert [read_clock(cell) for cell in clocks] == [30600] * len(clocks)
    assert read_clock("下午5点") == 17 * 3600
    assert all(isinstance(read_clock(cell), Problem) for cell in ("25:00", "早上", 8, "8:75"))
    assert [read_duration(cell) for cell in ("60分钟", "1小时", "1.5小时", "1小时30分", 60)] == [
        3600,
        3600,
        5400,
        5400,
        3600,
    ]


def test_lunch_breaks() -> None:
    assert read_lunch("60分钟（11:30-13:30）", None, None) == Lunch(3600, 41400, 45000)
    assert read_lunch("12:00-13:00", None, None) == Lunch(3600, 43200, 43200)
    assert read_lunch("1小时", "11:30-13:30", None) == Lunch(3600, 41400, 45000)
    assert isinstance(read_lunch("1小时", None, None), Problem)
    assert isinstance(read_lunch("3小时（11:30-13:30）", None, None), Problem)
    assert isinstance(read_lunch("中午", "11:30-13:30", None), Problem)


def test_days_off() -> None:
    assert read_date_list("2027-01-04、2027年2月8日至2027年2月10日", None) == [
        "2027-01-04",
        "2027-02-08",
        "2027-02-09",
        "2027-02-10",
    ]
    assert read_date_list(datetime(2027, 1, 4), None) == ["2027-01-04"]
    for cell in ("2027年1月", "2027-02-10至2027-02-08", "周一"):
        assert isinstance(read_date_list(cell, None), Problem)


@pytest.mark.parametrize(
    "cell",
    [
        "甲物业公司 王某某",
        "甲物业公司/王某某",
        "甲物业公司\n王某某",
        "甲物业公司（王某某）",
        "甲物业公司、王某某",
        "甲物业公司 项目负责人：王某某",
        "甲物业公司 王某某 13800000000",
    ],
)
def test_company_and_person_are_split_where_it_is_plain(cell: str) -> None:
    parts = split_company_person(cell)
    assert (parts.company, parts.person, parts.doubt) == ("甲物业公司", "王某某", False)
    assert parts.phone_dropped is ("138" in cell)


@pytest.mark.parametrize(
    "cell",
    ["甲物业公司 阳光花园", "甲物业公司、乙物业公司", "甲物业公司 王某某 李某某", "王某某 甲物业公司", "万科 金地"],
)
def test_doubtful_cells_are_kept_whole(cell: str) -> None:
    parts = split_company_person(cell)
    assert (parts.company, parts.person, parts.doubt) == (cell, None, True)


def test_a_company_alone_is_no_doubt() -> None:
    assert split_company_person("嘉华(中国)物业公司") == ("嘉华(中国)物业公司", None, False, False)


def test_names_that_are_one_and_names_that_are_two() -> None:
    assert (
        name_key("阳光花园（一期）")
        == name_key("阳光花园(1期)")
        == name_key("阳光 花园一期")
        == name_key("阳光花园①期".replace("①", "１"))
    )
    assert len({name_key(f"阳光花园{phase}") for phase in ("", "一期", "二期", "十二期", "一区")}) == 5
    assert name_key("三里桥小区") != name_key("3里桥小区")


@given(st.text(max_size=30))
def test_cleaning_is_done_once_and_never_fails(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert isinstance(is_null(clean(text)), bool)


@given(
    st.one_of(
        st.text(max_size=12),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.datetimes(),
        st.dates(),
        st.times(),
        st.none(),
    )
)
def test_no_cell_makes_a_reader_fail(cell: Cell) -> None:
    for reading in (
        read_code(cell, FORMS, {}),
        read_categories(cell, PROBLEMS),
        read_rate(cell, "share"),
        read_date(cell, 2024),
        read_count(cell, {}),
        read_range(cell, {}, "mid"),
        read_year(cell),
        read_clock(cell),
        read_duration(cell),
        read_lunch(cell, "11:30-13:30", None),
        read_date_list(cell, 2024),
        split_company_person(cell),
    ):
        assert reading is None or reading is not NotImplemented
