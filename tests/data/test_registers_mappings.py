"""Column mappings as data: a city's own table loads without code, and a faulty mapping says so in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.registers import find_mapping, mapping_names, read_register
from data.registers.mapping import builtin_mappings, parse_mapping
from geo.crs import Datum
from geo.errors import InputError
from tests.data.workbooks import ANNEX1, estate_row, profile, units, write_annex1, write_rows

_OWN = """
name = "own"
title = "物业管理基本情况统计表"
kind = "register"
signature = ["name", "service_form"]
datum = "wgs84"

[[columns]]
field = "name"
headers = ["项目名称"]
required = true

[[columns]]
field = "location"
headers = ["位置"]

[[columns]]
field = "service_form"
headers = ["管理方式"]
reader = "map"
rules = [
    { match = "exact", values = ["无", "没有物业"], to = 5 },
    { match = "contains", values = ["社区"], to = 2 },
]
otherwise = 1
null_values = ["待查"]

[[columns]]
field = "fee_yuan_m2"
headers = ["物业费"]
range = "mid"

[[columns]]
field = "consent"
headers = ["业主态度"]
yes = ["举手赞成"]
"""
_ROWS = [
    ["项目名称", "位置", "管理方式", "物业费", "业主态度", "经度"],
    ["甲小区", "金安区三里桥街道红旗社区", "没有物业", "1-2", "举手赞成", "x"],
    ["乙小区", "金安区三里桥街道", "无", 0.8, "", ""],
    ["丙小区", "金安区三里桥街道", "红旗社区代管", "", "", ""],
    ["丁小区", "金安区三里桥街道", "某某物业", "", "", ""],
    ["戊小区", "金安区三里桥街道", "待查", "", "", ""],
]


def test_a_table_of_the_citys_own_loads_through_its_own_file(tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(_OWN, encoding="utf-8")
    result = read_register(write_rows(tmp_path / "a.xlsx", {"Sheet1": _ROWS}), profile(), units(), str(mapping))
    assert (result.mapping, result.datum, result.faults) == ("own", Datum.WGS84, [])
    estates = {str(estate["name"]): estate for estate in result.estates}
    assert [estates[name].get("service_form") for name in estates] == [5, 5, 2, 1, None]
    assert estates["甲小区"]["consent"] == "yes" and estates["乙小区"]["consent"] == "unknown"
    assert estates["甲小区"]["fee_yuan_m2"] == 1.5
    assert estates["甲小区"]["extra"] == {"物业费（下限）": 1.0, "物业费（上限）": 2.0, "经度": "x"}


def test_the_same_table_is_not_recognised_without_its_mapping(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有找到可识别的表头"):
        read_register(write_rows(tmp_path / "a.xlsx", {"Sheet1": _ROWS}), profile(), units())


def test_a_forced_mapping_that_does_not_fit_says_what_is_missing(tmp_path: Path) -> None:
    path = write_annex1(tmp_path / "a.xlsx", [estate_row(1, "甲小区")])
    with pytest.raises(InputError, match="缺少列“问题类别”"):
        read_register(path, profile(), units(), "annex2")


def test_all_shipped_mappings_are_sound_and_apart() -> None:
    assert mapping_names() == (
        "annex1",
        "annex2",
        "beike",
        "companies",
        "consultation",
        "lianjia",
        "place_aliases",
        "place_names",
        "souloula",
        "teams",
    )
    kinds = {"register", "cases", "teams", "places", "companies", "consents"}
    assert {m.kind for m in builtin_mappings()} == kinds
    assert find_mapping("annex1").spec("name") is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("title = ", "# "), "缺少这一项"),
        (('kind = "register"', 'kind = "houses"'), "没有“houses”这一类"),
        (('datum = "wgs84"', 'datum = "wgs85"'), "不认识坐标系"),
        (('field = "location"', 'field = "place"'), "不认识 field “place”"),
        (('reader = "map"', 'reader = "guess"'), "不认识 reader “guess”"),
        (('range = "mid"', 'range = "mean"'), "选项“range”的取值不对"),
        (('range = "mid"', 'colour = "red"'), "没有选项“colour”"),
        (('headers = ["位置"]', "headers = []"), "headers 应是"),
        (('headers = ["位置"]', "headers = ["), "不是有效的 TOML"),
        (('signature = ["name"', 'signature = ["nome"'), "“nome”不在 columns"),
        (("otherwise = 1", "otherwise = 1\nrules2 = 3"), "没有选项“rules2”"),
        (('field = "fee_yuan_m2"', 'field = "fee_yuan_m2"\nreader = "yes_no"'), "不能用 reader"),
        (('name = "own"', 'name = "own"\nfoo = 1'), "不认识这一项"),
        (("to = 2 }", "to = 9 }"), "没有代码 9"),
        (('reader = "map"', 'reader = "text"'), "不能用 reader “text”"),
        (('field = "fee_yuan_m2"', 'field = "fee_yuan_m2"\nreader = "text"'), "不能用 reader"),
    ],
)
def test_a_faulty_mapping_names_its_fault(change: tuple[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_mapping(_OWN.replace(*change), "own.toml")


def test_all_faults_of_a_mapping_come_at_once() -> None:
    text = _OWN.replace('range = "mid"', 'range = "mean"').replace('field = "location"', 'field = "place"')
    with pytest.raises(InputError) as caught:
        parse_mapping(text, "own.toml")
    assert len(caught.value.faults) == 2


def test_an_unknown_mapping_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="annex1、annex2"):
        find_mapping("annex9")
    with pytest.raises(InputError, match="不存在"):
        find_mapping(str(tmp_path / "none.toml"))


def test_synonyms_line_breaks_and_full_width_do_not_hide_a_column(tmp_path: Path) -> None:
    header = [title.replace("物业服务", "物业\n服 务").replace("(", "（").replace(")", "）") for title in ANNEX1]
    header[2], header[9] = "＊住宅小区名称", "收缴率："
    path = write_annex1(tmp_path / "a.xlsx", [estate_row(1, "甲小区", 物业费收缴率="95%")], header=header)
    (estate,) = read_register(path, profile(), units()).estates
    assert (estate["name"], estate["street_id"], estate["fee_rate"]) == ("甲小区", "s1", 0.95)
