"""teams.xlsx and cases.xlsx: who inspects from where, and the 附件2 ledger of problems with its broken header lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from data.demo.city import City
from data.demo.loom import Use
from data.demo.naming import person
from data.demo.words import CITY, chinese_number
from data.demo.workbook import FULL_WIDTH, workbook
from geo.crs import Datum, from_metric, from_storage

_TEAM_HEAD: Final = (
    "检查组",
    "组成部门",
    "人数",
    "出发点",
    "经度",
    "纬度",
    "上班",
    "下班",
    "午休",
    "负责范围",
    "停检日期",
)
_DEPOTS: Final = ("政务服务中心", "住房保障中心", "物业管理服务中心", "城市管理局", "综合执法大队")
_ESTATES_A_TEAM: Final = 158

_CASE_HEAD: Final = (
    "序号", "项目名称", "所在市县(区)、\n街道、社区", "物业服务\n企业", "问题\n类别", "问题\n内容", "整改措施及\n进展情况",
    "责任单位/人", "整改完成\n时限", "是否\n销号",
)  # fmt: skip
_MATTERS: Final[dict[int, tuple[str, str]]] = {
    1: ("楼道垃圾清运不及时，绿化带黄土裸露", "物业主管部门"),
    2: ("路灯、门禁损坏多处，长期未修", "物业主管部门"),
    4: ("一楼住户在绿化带内饲养鸡鸭", "城管执法局"),
    5: ("非机动车乱停乱放，占用通道", "公安分局"),
    6: ("电梯使用管理制度不健全，年检标志过期", "市场监管局"),
    8: ("住户装修拆除承重墙，外立面私开窗户", "住建局"),
    10: ("消防控制室值班人员未持证上岗", "消防救援大队"),
    11: ("消防车通道未划线标名，常被车辆占用", "消防救援大队"),
    12: ("电动自行车飞线充电，未设集中充电点", "消防救援大队"),
    13: ("管道井、电缆井每层封堵不严密", "消防救援大队"),
    14: ("未设立微型消防站和消防宣传角", "消防救援大队"),
    15: ("维修资金使用未公示", "物业主管部门"),
    16: ("公共收益未单独列账、定期公示", "物业主管部门"),
    18: ("“三公开”栏内容陈旧，收费标准未公示", "物业主管部门"),
    19: ("物业企业撤离后无人管理", "街道办事处"),
    20: ("屋面渗漏在保修期内，开发单位拖延维修", "住建局"),
}
_MEASURES: Final = (
    "已下达整改通知书，正在整改",
    "已约谈企业负责人，限期整改",
    "已完成整改，待验收",
    "制定整改方案，倒排工期",
    "社区已介入协调",
)


@dataclass(frozen=True, slots=True)
class _Stand:
    """One team's share of the city."""

    counties: tuple[str, ...]
    home: str


def write_teams(path: Path, city: City, departments: tuple[str, ...], rng: np.random.Generator) -> int:
    """One team for about 160 estates, spread over the counties; all hold the given departments. Returns their number."""
    stands = _stands(city)
    depots = _Depots(city)
    with workbook(path) as (book, formats):
        sheet = book.add_worksheet("检查组")
        sheet.merge_range(0, 0, 0, len(_TEAM_HEAD) - 1, f"{CITY}住宅小区联合检查组安排表（虚构示例）", formats["title"])
        line = "填报单位：物业管理服务提升行动工作专班　　　　坐标系：GCJ-02　　　　填报日期：2026年12月10日"
        sheet.merge_range(1, 0, 1, len(_TEAM_HEAD) - 1, line, formats["unit"])
        for column, title in enumerate(_TEAM_HEAD):
            sheet.write_string(2, column, title, formats["head"])
            sheet.set_column(column, column, (14, 44, 6, 24, 11, 11, 8, 8, 22, 18, 26)[column])
        seen: dict[str, int] = {}
        for k, stand in enumerate(stands, start=1):
            turn = seen.get(stand.home, 0)
            seen[stand.home] = turn + 1
            lon, lat = depots.take(stand.home)
            depot = f"{stand.home}{_DEPOTS[turn % len(_DEPOTS)]}" + (
                f"{turn // len(_DEPOTS) + 1}号点" if turn >= len(_DEPOTS) else ""
            )
            n_people = int(rng.integers(max(4, len(departments)), len(departments) + 4))
            cells = [
                f"第{chinese_number(k)}检查组", "、".join(departments), n_people, depot, lon, lat, "8:30", "17:30",
                "60分钟（11:30-13:30）", "、".join(stand.counties), _days_off(k),
            ]  # fmt: skip
            for column, value in enumerate(cells):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(2 + k, column, value, formats["body"])
    return len(stands)


def _days_off(k: int) -> str:
    """A training day or two that not all teams share."""
    return ("2027-01-15", "2027-02-24、2027-02-25", "2027年3月12日", "无")[k % 4]


def _stands(city: City) -> list[_Stand]:
    """Counties in a row, cut into equal runs of estates; a run takes in every county it touches."""
    count = city.estates["county"].value_counts()
    counties = [unit.name for unit in city.units if unit.kind == "county" and unit.name in count.index]
    n_teams = max(2, round(len(city.estates) / _ESTATES_A_TEAM + 0.2))
    edges = np.concatenate([[0.0], np.cumsum([count[name] for name in counties])]) / count.sum()
    stands = []
    for k in range(n_teams):
        low, high = k / n_teams - 0.04 / n_teams, (k + 1) / n_teams + 0.04 / n_teams
        overlap = [max(0.0, min(high, edges[i + 1]) - max(low, edges[i])) for i in range(len(counties))]
        inside = tuple(name for name, share in zip(counties, overlap, strict=True) if share > 0)
        stands.append(_Stand(inside, counties[int(np.argmax(overlap))]))
    return stands


class _Depots:
    """Nodes of main roads for the teams to start from, no two within 900 m of each other."""

    def __init__(self, city: City) -> None:
        self._city, network = city, city.network
        classes = ("primary", "secondary", "tertiary")
        on_main = {e.a for e in network.edges if e.use is Use.ROAD and network.roads[e.road].road_class in classes}
        self._free = network.xy[sorted(on_main)]
        self._middle = {
            str(county): shapely.get_coordinates(shapely.centroid(shapes.to_numpy())).mean(axis=0)
            for county, shapes in city.estates.groupby("county")["footprint"]
        }

    def take(self, county: str) -> tuple[float, float]:
        """The free node nearest to the middle of the county's estates, GCJ-02 degrees."""
        place = self._free[np.hypot(*(self._free - self._middle[county]).T).argmin()]
        apart = np.hypot(*(self._free - place).T) >= 900
        if apart.any():
            self._free = self._free[apart]
        lon, lat = from_metric([place[0]], [place[1]], self._city.crs)
        east, north = from_storage(lon, lat, Datum.GCJ02)
        return round(float(east[0]), 6), round(float(north[0]), 6)


def write_cases(path: Path, city: City, rng: np.random.Generator) -> dict[str, int]:
    """One sheet a county in the 附件2 layout; four cases for ten estates. Returns counts of all, open and overdue ones."""
    estates = city.estates
    weight = np.where(np.isin(estates["service_form"], (0, 5)), 2.2, 1.0) * np.where(
        estates["year_built"] < 2000, 1.6, 1.0
    )
    n = max(6, round(len(estates) * 0.4))
    rows = np.sort(rng.choice(len(estates), size=n, p=weight / weight.sum()))
    records = estates.drop(columns="footprint").to_dict("records")
    counts = {"cases": n, "open": 0, "overdue": 0}
    with workbook(path) as (book, formats):
        for county in dict.fromkeys(estates["county"]):
            sheet = book.add_worksheet(str(county))
            _case_head(sheet, formats, str(county))
            of_county = [records[row] for row in rows if records[row]["county"] == county]
            for number, row in enumerate(of_county, start=1):
                cells, due, closed = _case(row, number, rng)
                counts["open"] += not closed
                counts["overdue"] += not closed and due is not None and due < date(2027, 1, 1)
                for column, value in enumerate(cells):
                    _write(sheet, 2 + number, column, value, formats)
            foot = 3 + len(of_county)
            sheet.write_string(
                foot,
                0,
                f"填表说明：在“问题类别”栏中填写“1”“2”等数字表示问题类别。填报人：{person(rng)}",
                formats["unit"],
            )
    return counts


def _case_head(sheet: Any, formats: dict[str, Any], county: str) -> None:
    sheet.merge_range(0, 0, 0, len(_CASE_HEAD) - 1, f"附件2  {county}住宅物业服务问题整治工作台账", formats["title"])
    sheet.merge_range(
        1, 0, 1, len(_CASE_HEAD) - 1, f"填报单位：{county}工作专班　　　　填报日期：2026年12月10日", formats["unit"]
    )
    for column, title in enumerate(_CASE_HEAD):
        sheet.write_string(2, column, title, formats["head"])
        sheet.set_column(column, column, (6, 20, 26, 26, 8, 34, 26, 20, 14, 8)[column])
    sheet.set_row(2, 32)


def _case(row: Any, number: int, rng: np.random.Generator) -> tuple[list[Any], date | None, bool]:
    old = row["service_form"] in (0, 5)
    codes = list(_MATTERS) if not old else [1, 2, 5, 8, 11, 12, 13, 19]
    chosen = sorted(int(code) for code in rng.choice(codes, size=1 + int(rng.random() < 0.28), replace=False))
    closed = bool(rng.random() < 0.45)
    text: Any
    day: date | None
    if rng.random() < 0.04:
        text, day = "长期推进", None
    else:
        day = date(2026, 9, 1) + timedelta(days=int(rng.integers(0, 90)) if closed else int(rng.integers(75, 230)))
        text, day = _date_cell(day, rng)
    mark = str(rng.choice(("、", ",", "，", "；")))
    written: Any = mark.join(str(code) for code in chosen)
    if len(chosen) == 1:
        written = (
            chosen[0]
            if rng.random() < 0.6
            else (f"（{chosen[0]}）" if rng.random() < 0.5 else str(chosen[0]).translate(FULL_WIDTH))
        )
    name = str(row["name"])
    if name.endswith(("花园", "家园", "嘉园")) and rng.random() < 0.2:
        name += "小区"
    place = f"{row['county']}、{row['street']}、{row['community']}"
    organ = _MATTERS[chosen[0]][1]
    responsible = row["street"] + "办事处" if organ == "街道办事处" and not str(row["street"]).endswith("镇") else organ
    measures = "已完成整改并公示" if closed else str(rng.choice(_MEASURES))
    cells = [
        number, name, place, row["company"] if isinstance(row["company"], str) else "无", written,
        "；".join(_MATTERS[code][0] for code in chosen), measures, f"{responsible}/{person(rng)}", text, "是" if closed else "否",
    ]  # fmt: skip
    return cells, day, closed


def _date_cell(day: date, rng: np.random.Generator) -> tuple[Any, date]:
    """The day as one of five hands writes it; month forms move it to the month's end."""
    month_end = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    kind = int(rng.integers(6))
    if kind == 0:
        return day, day
    if kind == 1:
        return f"{day.year}.{day.month}.{day.day}", day
    if kind == 2:
        return f"{day.year}年{day.month}月{day.day}日", day
    if kind == 3:
        return f"{day.year}/{day.month}/{day.day}", day
    return (f"{day.year}年{day.month}月", month_end) if kind == 4 else (f"{day.year}年{day.month}月底", month_end)


def _write(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["date"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value, formats["body"])
    else:
        sheet.write_number(row, column, value, formats["body"])
