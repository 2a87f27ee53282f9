"""A register written in any layout and any wording gives back the records that were written."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.codes import COMMITTEES, PARTIES, SERVICE_FORMS
from data.registers import read_register
from data.schemas import ESTATES
from tests.data.workbooks import profile, units, write_rows

_TITLES = {
    "name": ["小区名称", "小区\n名称", "住宅小区名称", "小 区 名 称"],
    "region_name": ["物业管理区域名称", "物业管理\n区域名称"],
    "place": ["所在市县(区)、街道、社区", "所在市县（区）、\n街道、社区"],
    "service_form": ["物业服务形态", "服务形态"],
    "committee": ["业主委员会组建情况", "业委会组建情况"],
    "party": ["党的工作覆盖情况"],
    "fee_rate": ["物业费收缴率", "收缴率"],
    "households": ["户数", "总户数", "户数（户）"],
    "year_built": ["建成年份", "竣工时间"],
    "four_sides": ["四至范围"],
}
_PLACES = {
    ("s1", "k1"): ["金安区三里桥街道红旗社区", "金安区、三里桥街道、红旗社区", "三里桥街道办\n红旗社区居委会"],
    ("s1", "k2"): ["金安区 三里桥街道 光明社区", "六安市金安区三里桥街道光明社区"],
    ("s3", "k4"): ["裕安区城南镇桥头村", "裕安区/城南镇/桥头村委会"],
}
_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_NAMES = st.text("阳光花园和平里东西南北苑庭", min_size=2, max_size=6)


def _code(names: dict[int, str]) -> st.SearchStrategy[tuple[int, object]]:
    def written(code: int) -> list[object]:
        return [
            code,
            str(code),
            f"({code})",
            f"（{code}）",
            "①②③④⑤⑥"[code - 1],
            f"{code}.",
            names[code],
            f"{code}{names[code]}",
        ]

    return st.sampled_from(sorted(names)).flatmap(lambda code: st.tuples(st.just(code), st.sampled_from(written(code))))


def _number(low: int, high: int, unit: str) -> st.SearchStrategy[tuple[int, object]]:
    def written(n: int) -> list[object]:
        return [n, str(n), f"{n}{unit}", str(n).translate(_DIGITS), f" {n} "]

    return st.integers(low, high).flatmap(lambda n: st.tuples(st.just(n), st.sampled_from(written(n))))


_RATE = st.integers(0, 100).flatmap(
    lambda n: st.tuples(st.just(n / 100), st.sampled_from([f"{n}%", f"{n}％", f"{n}.0%"]))
)
_NULL = st.tuples(st.none(), st.sampled_from(["", "无", "/", "—", "暂无"]))


@st.composite
def _records(draw: st.DrawFn) -> list[dict[str, tuple[Any, object]]]:
    names = draw(st.lists(_NAMES, min_size=1, max_size=6, unique=True))
    records = []
    for name in names:
        place = draw(st.sampled_from(sorted(_PLACES)))
        records.append(
            {
                "name": (name, name),
                "region_name": (name[:2], name[:2]),
                "place": (place, draw(st.sampled_from(_PLACES[place]))),
                "service_form": draw(_code(SERVICE_FORMS) | _NULL),
                "committee": draw(_code(COMMITTEES) | _NULL),
                "party": draw(_code(PARTIES) | _NULL),
                "fee_rate": draw(_RATE | _NULL),
                "households": draw(_number(0, 9999, "户") | _NULL),
                "year_built": draw(_number(1950, 2026, "年") | _NULL),
                "four_sides": draw(st.sampled_from([("东至大路，南至河", "东至大路，南至河"), (None, "/")])),
            }
        )
    return records


@st.composite
def _layouts(draw: st.DrawFn) -> dict[str, Any]:
    order = draw(st.permutations(list(_TITLES)))
    return {
        "order": order,
        "titles": {field: draw(st.sampled_from(_TITLES[field])) for field in order},
        "above": draw(st.lists(st.sampled_from(["附件1", "填报单位：某街道", "坐标系：GCJ-02", ""]), max_size=4)),
        "left": draw(st.integers(0, 2)),
        "serial": draw(st.booleans()),
        "number_row": draw(st.booleans()),
        "foot": draw(st.sampled_from([[], [["合计"]], [[""], ["合计"], ["填表说明：按实填写"], ["填报人：王某某"]]])),
        "between": draw(st.booleans()),
    }


def _rows(records: list[dict[str, tuple[Any, object]]], layout: dict[str, Any]) -> list[list[object]]:
    pad: list[object] = [""] * layout["left"]
    titles = [layout["titles"][field] for field in layout["order"]]
    serial = layout["serial"]
    rows: list[list[object]] = [[*pad, text] for text in layout["above"]]
    rows.append([*pad, *(["序号"] if serial else []), *titles])
    if layout["number_row"]:
        rows.append([*pad, *range(1, len(titles) + serial + 1)])
    for number, record in enumerate(records, start=1):
        rows.append([*pad, *([number] if serial else []), *(record[field][1] for field in layout["order"])])
        if layout["between"] and number == 1:
            rows.append([])
    return rows + [[*pad, *foot] for foot in layout["foot"]]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_records(), _layouts())
def test_what_was_written_is_read(records: list[dict[str, tuple[Any, object]]], layout: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = write_rows(Path(folder) / "a.xlsx", {"台账": _rows(records, layout)})
        result = read_register(path, profile(), units())
        again = read_register(path, profile(), units())
    assert result.faults == []
    assert (result.n_rows_read, len(result.estates)) == (len(records), len(records))
    for record, estate in zip(records, result.estates, strict=True):
        street, community = record["place"][0]
        assert (estate["name"], estate["street_id"], estate["community_id"]) == (record["name"][0], street, community)
        for field in ("service_form", "committee", "party", "households", "year_built", "four_sides"):
            assert estate.get(field) == record[field][0], field
        rate = record["fee_rate"][0]
        assert estate.get("fee_rate") == (None if rate is None else round(rate, 10))
    assert len(ESTATES.frame(result.estates)) == len(records)
    assert again.estates == result.estates
