"""Faults of a profile file: all together, each with its place, value and remedy; nothing else ever comes out."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.profile import Profile
from data.profile_file import PROFILES, build_profile, load_profile, parse_profile
from geo.errors import Fault, InputError
from planning.bundles import settings_from

TEXT = (PROFILES / "demo.toml").read_text(encoding="utf-8")
Path_ = tuple[str | int, ...]


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        parse_profile(text, "own.toml")
    return caught.value.faults


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, 1)


def line_of(text: str, wanted: str) -> int:
    return 1 + [wanted in line for line in text.splitlines()].index(True)


def test_a_users_own_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "本市.toml"
    path.write_bytes(b"\xef\xbb\xbf" + changed('id = "demo"', 'id = "own"').encode())
    assert load_profile(str(path)).id == "own"


def test_an_unknown_city_names_those_that_exist() -> None:
    with pytest.raises(InputError, match="可用的方案：demo、dongsheng、luan"):
        load_profile("atlantis")


@pytest.mark.parametrize("name", ["_annex", "../profiles/demo", ""])
def test_only_profiles_are_found_by_name(name: str) -> None:
    with pytest.raises(InputError):
        load_profile(name)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('city = "云栖"'.encode("gb18030"), "不是 UTF-8"),
        (b"\x00" * 4_000_001, "大于 4 MB"),
        (b"a = [" + b"[" * 5000, "不是有效的 TOML"),
        (b"a = " + b"[" * 40 + b"]" * 40, "嵌套过深"),
        (b".".join([b"a"] * 900) + b" = 1", "嵌套过深"),
        (b"a = 2024-13-45", "不是有效的 TOML"),
        (b"", "缺少这一项"),
    ],
    ids=["gb18030", "huge", "unclosed", "deep", "dotted", "no date", "empty"],
)
def test_a_file_that_is_no_profile_gets_one_clear_sentence(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=problem) as caught:
        load_profile(str(path))
    assert caught.value.faults[0].file == "own.toml"


def test_a_missing_file_and_a_folder_are_input_faults(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(InputError, match="打不开文件"):
            load_profile(str(path))


def test_broken_toml_names_the_line() -> None:
    (fault,) = faults_of(changed('city = "云栖市"', 'city = "云栖市'))
    assert (fault.file, fault.row) == ("own.toml", line_of(TEXT, "云栖市"))
    assert "TOML" in fault.problem


@pytest.mark.parametrize(
    ("old", "new", "column", "value", "remedy"),
    [
        ('city = "云栖市"', "", "city", None, "补上“city”"),
        ('city = "云栖市"', "city = 5", "city", "5", "文字"),
        ('city = "云栖市"', 'city = "云栖市"\ncounty = "甲"', "county", "甲", "删去或改名"),
        ("fictional = true", 'fictional = "是"', "fictional", "是", "true 或 false"),
        ("valid_to = 2028-12-31", 'valid_to = "2028-12-31"', "valid_to", "2028-12-31", "日期"),
        ("valid_to = 2028-12-31", "valid_to = 2025-12-31", "valid_from", "2026-01-01", "对调"),
        ("share = 0.15", "share = 15", "visit_rules[2].share", "15.0", "15% 写 0.15"),
        ("share = 0.15", "share = nan", "visit_rules[2].share", "nan", "数字"),
        ("share = 0.15", "share = true", "visit_rules[2].share", "true", "数字"),
        ("value = 0.80 }", "value = 80 }", "kpis[2].targets[1].value", "80.0", "80% 写 0.8"),
        ('id = "committee"', 'id = "coverage"', "kpis[2].id", "coverage", "只能用一次"),
        ("committee = [1, 2]", "committee = [1, 4]", "kpis[2].numerator.committee", "4", "应为：1、2、3"),
        ("committee = [1, 2]", "comittee = [1, 2]", "kpis[2].numerator.comittee", None, "可用的列"),
        ("covered = [true]", "covered = [1]", "kpis[1].numerator.covered", "1", "true、false"),
        ('rule = "L39"', 'rule = "l39"', "bases.organs.rule", "l39", "D11"),
        ("canonical = [9]", "canonical = [99]", "problem_codes[2].canonical", "99", "1 至 22"),
        ("code = 23", "code = 22", "problem_codes[4].canonical", "[]", "23 及以上"),
        ('"街道"]\nannex', '"居委会"]\nannex', "departments", "街道", "补上"),
        ('kind = "joint"', 'kind = "jiont"', "visit_rules[1].kind", "jiont", "joint"),
        ('kind = "joint"', 'kind = "cross"', "visit_rules", None, 'kind = "joint"'),
        ("share = 1.0", "share = 0.9", "visit_rules", None, "share = 1.0"),
        ('mandatory = ["listed"', 'mandatory = ["famous"', "visit_rules[1].mandatory", "famous", "mandatory_classes"),
        ('listed = "挂牌', 'gone = "挂牌', "bases.mandatory_classes.gone", None, "补上"),
        ("value = 500, unit = \"米\"", "value = 0.5, unit = \"公里\"", "bundle_ways.service.radius_m.unit", "公里", "米"),
        ("value = 200, unit", "value = 2000, unit", "bundle_ways.service.min_households.value", "2000.0", "对调"),
        ('"railway", ', '"rail", ', "bundle_ways.service.barriers", "rail", "railway"),
        ('condition = "其余', 'condtion = "其余', "fallback_ways[4].condition", None, "补上"),
        ("scope = {}\ncondition", "scope = { lost = [true] }\ncondition", "fallback_ways", None, "空条件"),
        ("day = 3\n", "day = 33\n", "reports[2].day", "33", "1 到 31"),
        ('annex = ["service_forms", ', 'annex = ["forms", ', "annex", "forms", "可用"),
        ("numerator = { covered = [true] }", "numerator = {}", "kpis[1].numerator", None, "条件"),
        ("lead = \"云栖市物业", "chief = \"云栖市物业", "organs.lead", None, "补上"),
        ('id = "demo"', 'id = "Demo City"', "id", "Demo City", "小写英文"),
        ("last_day = 2028-12-31", "last_day = 2020-12-31", "phases[1].first_day", "2026-01-01", "对调"),
    ],
)  # fmt: skip
def test_a_fault_names_key_value_and_remedy(old: str, new: str, column: str, value: str | None, remedy: str) -> None:
    text = changed(old, new)
    found = [fault for fault in faults_of(text) if fault.column == column and fault.value == value]
    assert found, [(fault.column, fault.value) for fault in faults_of(text)]
    assert remedy in found[0].remedy or remedy in found[0].problem
    assert found[0].file == "own.toml"


def test_a_fault_names_the_line_of_its_key() -> None:
    text = changed("share = 0.15", "share = 15")
    (fault,) = faults_of(text)
    assert fault.row == line_of(text, "share = 15")
    assert str(fault).startswith(f"own.toml，第{fault.row}行，“visit_rules[2].share”列")


def test_a_missing_key_names_the_line_of_its_table() -> None:
    text = TEXT.replace('name = "市级抽查核实"\n', "")
    (fault,) = faults_of(text)
    assert text.splitlines()[fault.row - 1] == "[[visit_rules]]"  # type: ignore[operator]
    assert fault.row == line_of(text, 'id = "city_sample"') - 1


def test_faults_of_structure_and_meaning_come_together() -> None:
    text = TEXT
    for old, new in (
        ('city = "云栖市"', "city = 1"),
        ("share = 0.15", "share = 1.5"),
        ('rule = "L39"', 'rule = "第39条"'),
        ('id = "committee"', 'id = "coverage"'),
        ("canonical = [9]", "canonical = [0]"),
        ("valid_from = 2026-01-01", "valid_since = 2026-01-01"),
    ):
        text = text.replace(old, new, 1)
    found = faults_of(text)
    columns = [fault.column for fault in found]
    rows = [fault.row for fault in found if fault.row is not None]
    assert rows == sorted(rows) and len(columns) == 7
    assert set(columns) == {
        "city", "visit_rules[2].share", "bases.organs.rule", "kpis[2].id", "problem_codes[2].canonical", "valid_from",
        "valid_since",
    }  # fmt: skip


def test_forms_of_one_code_cannot_be_covered_and_not() -> None:
    form = """
[[service_forms]]
code = "7"
name = "临时管理"
canonical = 1
covered = false
aliases = ["物业公司"]
basis = { rule = "L12", quote = "(1)专业化物业服务" }
"""
    columns = [fault.column for fault in faults_of(TEXT + form)]
    assert len([column for column in columns if column and column.endswith(".covered")]) == 1
    assert len([column for column in columns if column and column.endswith(".aliases")]) == 1


def test_own_entries_come_before_those_of_the_annex() -> None:
    profile = parse_profile(TEXT, "own.toml")
    departments = {problem.code: problem.departments for problem in profile.problem_codes}
    assert departments[9] == ("住建",)
    assert departments[10] == ("消防救援",)
    assert list(departments) == [*range(1, 24)]


# ------------------------------------------------------------------------------------------------------- mutations

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.dates(), st.datetimes(), st.times(),
    st.lists(st.integers(-1, 30), max_size=3), st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
    st.sampled_from([1e300, 10**40, date(1, 1, 1), datetime(2024, 1, 1), time(), "", "joint", [[]], {"basis": {}}]),
)  # fmt: skip


def places(value: Any, at: Path_ = ()) -> list[Path_]:
    """Every place of a tree of tables and lists."""
    if isinstance(value, dict):
        return [at, *(place for key, item in value.items() for place in places(item, (*at, key)))]
    if isinstance(value, list):
        return [at, *(place for number, item in enumerate(value) for place in places(item, (*at, number)))]
    return [at]


TREE = tomllib.loads(TEXT)
PLACES = [place for place in places(TREE) if place]


def at(tree: Any, place: Path_) -> Any:
    for key in place:
        tree = tree[key]
    return tree


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The demo profile with one to four places replaced, removed, renamed, doubled or added to."""
    tree = copy.deepcopy(TREE)
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4)):
        try:
            parent = at(tree, place[:-1])
            old = parent[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        if not isinstance(parent, dict | list):
            continue
        action = draw(st.sampled_from(["replace", "remove", "double", "add"]))
        if action == "replace":
            parent[place[-1]] = draw(VALUES)
        elif action == "remove":
            del parent[place[-1]]
        elif action == "double" and isinstance(parent, list):
            parent.append(copy.deepcopy(old))
        elif action == "add" and isinstance(parent, dict):
            parent[draw(st.text(min_size=1, max_size=5))] = draw(VALUES)
    return tree


def only_input_errors(read: Callable[[], Profile]) -> None:
    try:
        profile = read()
    except InputError as error:
        assert error.faults
        for fault in error.faults:
            assert fault.file == "own.toml" and fault.problem and fault.remedy
            assert fault.row is None or fault.row >= 1
    else:
        assert all(0 <= rule.share <= 1 for rule in profile.visit_rules)
        assert any(rule.kind == "joint" and rule.share == 1 for rule in profile.visit_rules)
        assert any(not way.scope for way in profile.fallback_ways)
        assert profile.covered_forms() and "lead" in profile.organs
        assert {name for problem in profile.problem_codes for name in problem.departments} <= set(profile.departments)
        settings_from(profile)


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_profile_is_read_or_refused_with_faults(tree: dict[str, Any]) -> None:
    only_input_errors(lambda: build_profile(tree, TEXT, "own.toml"))


@given(st.integers(0, len(TEXT)), st.integers(0, 200), st.text(max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_damaged_text_is_read_or_refused_with_faults(start: int, length: int, put: str) -> None:
    text = TEXT[:start] + put + TEXT[start + length :]
    only_input_errors(lambda: parse_profile(text, "own.toml"))
