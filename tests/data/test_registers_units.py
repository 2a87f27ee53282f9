"""Names of units: county, street and community in one cell or several, aliases, unknown names, no table at all."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from data.codes import UnitKind
from data.registers.problem import Problem
from data.registers.unit_names import UnitPath, UnitResolver
from data.schemas import UNITS
from tests.data.workbooks import units

COUNTY, STREET, COMMUNITY, GRID = UnitKind.COUNTY, UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID


def _ids(location: str, parts: Mapping[UnitKind, str] | None = None) -> list[str | None]:
    path = UnitResolver(units(), "六安市").resolve(location, parts or {})
    assert isinstance(path, UnitPath), path
    return [path.ids.get(kind) for kind in (COUNTY, STREET, COMMUNITY)]


@pytest.mark.parametrize(
    "location",
    [
        "金安区三里桥街道红旗社区",
        "金安区、三里桥街道、红旗社区",
        "金安区\n三里桥街道\n红旗社区",
        "金安区 三里桥街道 红旗社区",
        "金安区/三里桥街道/红旗社区",
        "六安市金安区三里桥街道红旗社区",
        "安徽省六安市金安区三里桥街道红旗社区",
        "六安市、金安区、三里桥街道、红旗社区",
        "金安区三里桥街道办红旗社区居委会",
        "金安区三里桥街道办事处红旗社区居民委员会",
        "金安区、三里桥办、红旗社区",
        "金安区，三里桥，红旗",
        "三里桥街道红旗社区",
        "金安区　三里桥街道　红旗社区",
    ],
)
def test_every_way_to_write_a_place_is_that_place(location: str) -> None:
    assert _ids(location) == ["c1", "s1", "k1"]


def test_split_columns_and_shorter_forms() -> None:
    assert _ids("", {COUNTY: "金安", STREET: "三里桥街道办", COMMUNITY: "红旗"}) == ["c1", "s1", "k1"]
    assert _ids("", {STREET: "三里桥", COMMUNITY: "光明社区"}) == ["c1", "s1", "k2"]
    assert _ids("金安区", {STREET: "东市街道"}) == ["c1", "s2", None]
    assert _ids("裕安区城南镇人民政府桥头村委会") == ["c2", "s3", "k4"]


def test_an_alias_of_the_table_is_the_unit() -> None:
    assert _ids("金安区城东办红旗社区") == ["c1", "s2", "k3"]


def test_a_name_that_two_streets_have_needs_its_street() -> None:
    resolver = UnitResolver(units(), "六安市")
    assert isinstance(resolver.resolve("金安区红旗社区", {}), Problem)
    assert _ids("三里桥街道、红旗社区") == ["c1", "s1", "k1"]


@pytest.mark.parametrize(
    ("location", "suggestion"),
    [
        ("金安区三里乔街道红旗社区", "三里桥街道"),
        ("金安区、三里桥街道、红其社区", "红旗社区"),
        ("金按区、三里桥街道、红旗社区", "金安区"),
        ("裕安区三里桥街道", ""),
    ],
)
def test_an_unknown_name_is_a_fault_with_a_suggestion(location: str, suggestion: str) -> None:
    problem = UnitResolver(units(), "六安市").resolve(location, {})
    assert isinstance(problem, Problem)
    assert "没有" in problem.text
    assert (f"是否为“{suggestion}”？" in problem.remedy) is bool(suggestion)


def test_two_communities_in_one_cell_are_a_fault() -> None:
    problem = UnitResolver(units(), "六安市").resolve("金安区、三里桥街道、红旗社区、光明社区", {})
    assert isinstance(problem, Problem) and "两个社区" in problem.text


def test_without_a_table_units_are_made_from_the_names_and_reported() -> None:
    resolver = UnitResolver(UNITS.empty(), "六安市")
    first = resolver.resolve("金安区三里桥街道办事处红旗社区", {})
    again = resolver.resolve("金安区、三里桥街道、红旗社区居委会", {})
    other = resolver.resolve("", {COUNTY: "金安区", STREET: "城北乡", COMMUNITY: "石塘村"})
    assert isinstance(first, UnitPath) and isinstance(other, UnitPath)
    assert first == again, "the office's other names are the same units"
    made = UNITS.frame(list(resolver.created.values()))
    assert set(made["name"]) == {"金安区", "三里桥街道", "红旗社区", "城北乡", "石塘村"}
    assert made.loc[first.ids[STREET], "parent_id"] == first.ids[COUNTY] == other.ids[COUNTY]


def test_a_level_that_the_table_lacks_is_made_below_the_given_one() -> None:
    table = units()
    resolver = UnitResolver(table[table["kind"].isin(["county", "street"])], "六安市")
    path = resolver.resolve("金安区三里桥街道新建社区", {})
    assert isinstance(path, UnitPath)
    assert (path.ids[STREET], path.street) == ("s1", "三里桥街道")
    assert [unit["parent_id"] for unit in resolver.created.values()] == ["s1"]
    assert isinstance(resolver.resolve("金安区新建街道新建社区", {}), Problem)


def test_units_that_a_register_made_do_not_close_their_level() -> None:
    first = UnitResolver(UNITS.empty(), "六安市")
    first.resolve("金安区三里桥街道", {})
    second = UnitResolver(UNITS.frame(list(first.created.values())), "六安市")
    path = second.resolve("金安区东市街道", {})
    assert isinstance(path, UnitPath)
    assert [unit["name"] for unit in second.created.values()] == ["东市街道"]


def test_a_hint_is_taken_only_if_one_unit_fits() -> None:
    resolver = UnitResolver(units(), "六安市")
    assert resolver.hint("金安", COUNTY) == "c1"
    assert resolver.hint("红旗", COMMUNITY) is None
    assert resolver.hint("不存在", COUNTY) is None


def test_any_level_names_a_range_of_duty() -> None:
    resolver = UnitResolver(units(), "六安市")
    assert [resolver.any_level(name) for name in ("金安区", "城南镇", "金安区三里桥街道")] == ["c1", "s3", "s1"]
    assert isinstance(resolver.any_level("红旗社区"), Problem)
    assert isinstance(resolver.any_level("月亮区"), Problem)
