"""Tables of one lot (标段) with the plan's own figures: members, totals, money, companies near by, hands' work."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from dashboard import bundle_words as words
from dashboard.exports.cells import Share
from dashboard.exports.desk import Desk, told
from dashboard.exports.lots import Lot, known, total
from data.codes import Consent
from data.companies import grade_of
from geo.crs import metric_crs, to_metric
from planning.bundles.candidates.money import MONTHS, fixed_yuan, money_columns
from planning.bundles.settings import Costs
from planning.city import City

NEAR_M: Final = 3_000.0
"""A company is near by if it serves an estate within so many metres (straight) of a member: an assumption."""
UNKNOWN_NOTE: Final = "空白为台账未填，招标前请补齐。"


def members_table(desk: Desk, lot: Lot) -> pd.DataFrame:
    """The members in the order of their numbers, as the register has them; unknown values stay empty."""
    rows = desk.city.estates.loc[list(lot.estates)]
    bundle = lot.bundle
    table = {
        "编号": range(1, len(rows) + 1),
        "小区": [desk.name(estate) for estate in rows.index],
        "地址": [told(text) for text in rows["address"]],
        "户数": rows["households"].to_numpy(object),
        "建筑面积（平方米）": rows["floor_area_m2"].to_numpy(object),
    }
    if lot.way == "audit" and bundle is not None:
        table |= {
            "公共收益（元/年）": rows["public_income_yuan"].to_numpy(object),
            "有异议": rows["income_objection"].to_numpy(object),
        }
    else:
        table |= {
            "电梯（台）": rows["n_lifts"].to_numpy(object),
            "建成年份": [None if pd.isna(year) else str(int(year)) for year in rows["year_built"]],
            "类型": [told(text) for text in rows["estate_type"]],
            "物业费（元/平方米·月）": rows["fee_yuan_m2"].to_numpy(object),
            "收缴率": [None if pd.isna(share) else Share(share) for share in rows["fee_rate"]],
        }
    table["四至"] = [told(text) for text in rows["four_sides"]]
    if bundle is None or desk.plan.settings.ask_consent:
        table["业主意愿"] = [_will(row) for _, row in rows[["consent", "consent_rate"]].iterrows()]
    if bundle is not None:
        table["到中心（米）"] = [round(metres) for metres in lot.metres]
        table["说明"] = [_part(estate, lot) for estate in rows.index]
    return pd.DataFrame(table, dtype=object)


def _will(row: pd.Series) -> str:
    label = Consent(row["consent"]).label
    return label if pd.isna(row["consent_rate"]) else f"{label}（同意率{row['consent_rate']:.0%}）"


def _part(estate: str, lot: Lot) -> str:
    bundle = lot.bundle
    if bundle is None:
        return ""
    if estate == bundle.anchor:
        return "带动小区"
    return "中心小区" if estate == bundle.medoid else ""


def totals_table(desk: Desk, lot: Lot) -> pd.DataFrame:
    """The lot in figures: those of the plan where it has them."""
    city, bundle = desk.city, lot.bundle
    rows: list[tuple[str, object, str]] = []
    if bundle is not None:
        rows.append(("小区数", len(bundle.members), "个"))
        anchored = "户（不含带动小区自身）" if bundle.anchor else "户"
        rows.append(("户数", bundle.households, anchored))
    else:
        rows.append(("小区数", 1, "个"))
        rows.append(("户数", _whole(total(city, lot.served, "households")), "户"))
    rows.append(_known_row("建筑面积", city, lot, "floor_area_m2", "平方米", 2))
    if lot.way != "audit":
        rows.append(_known_row("电梯", city, lot, "n_lifts", "台", 0))
    if bundle is not None:
        rows.append((f"成员到{'带动' if bundle.anchor else '中心'}小区最远", round(max(bundle.distances_m)), "米"))
        rows.append(("成员之间最远", round(bundle.diameter_m), "米"))
        if desk.plan.settings.ask_consent:
            rows.append(("待征询业主意愿", len(bundle.needs_consent), "个小区"))
    if lot.way == "audit" and bundle is not None:
        income = city.estates.loc[list(lot.estates), "public_income_yuan"]
        blank = int(income.isna().sum())
        rows.append(("公共收益", round(float(income.sum())), f"元/年（{blank}个小区台账未填）" if blank else "元/年"))
    return pd.DataFrame(rows, columns=["项目", "数值", "单位"], dtype=object)


def _known_row(name: str, city: City, lot: Lot, column: str, unit: str, digits: int) -> tuple[str, object, str]:
    """A sum with how many estates it lacks: what the register does not know is not zero."""
    value, missing = known(city, lot.served, column)
    if value is None:
        return name, None, "台账未填"
    shown = round(value, digits) if digits else _whole(value)
    return name, shown, f"{unit}（{missing}个小区台账未填）" if missing else unit


def _whole(value: float) -> int:
    return round(value)


def account_table(desk: Desk, lot: Lot, costs: Costs) -> pd.DataFrame:
    """收支测算: income and cost of each estate that is to be served, then of the service point, then all together.

    Sums are those of the plan (``Bundle.money``); an estate without fee, floor area or households has no amounts, and
    with such an estate there is no balance: the service point would be set off against part of the income.
    """
    rows = desk.city.estates.loc[list(lot.served)]
    amounts = money_columns(rows, costs)
    amounts.loc[amounts["margin_yuan"].isna()] = pd.NA  # what is half known must not enter the sums by half
    rate = rows["fee_rate"]
    table = pd.DataFrame(
        {
            "项目": [desk.name(estate) for estate in rows.index],
            "建筑面积（平方米）": rows["floor_area_m2"].to_numpy(object),
            "物业费（元/平方米·月）": rows["fee_yuan_m2"].to_numpy(object),
            "收缴率": [Share(costs.collection_rate if pd.isna(share) else share) for share in rate],
            "收缴率来源": ["假定" if pd.isna(share) else "台账" for share in rate],
            "户数": rows["households"].to_numpy(object),
            "电梯（台）": rows["n_lifts"].to_numpy(object),
            "年收入（元）": amounts["income_yuan"].to_numpy(object),
            "年支出（元）": amounts["running_yuan"].to_numpy(object),
            "结余（元）": amounts["margin_yuan"].to_numpy(object),
        },
        dtype=object,
    )
    blank = dict.fromkeys(table.columns, None)
    fixed = fixed_yuan(costs)
    income, running = (int(amounts[name].sum()) for name in ("income_yuan", "running_yuan"))
    unknown, some = bool(amounts["margin_yuan"].isna().any()), bool(amounts["margin_yuan"].notna().any())
    point = blank | {"项目": "服务点（固定支出）", "年支出（元）": fixed, "结余（元）": -fixed}
    ends = [
        *([point] if fixed else []),
        blank
        | {
            "项目": "合计（缺资料的小区未计，不算结余）" if unknown else "合计",
            "年收入（元）": income if some else None,
            "年支出（元）": running + fixed if some else None,
            "结余（元）": None if unknown else income - running - fixed,
        },
    ]
    return pd.concat([table, pd.DataFrame(ends, columns=table.columns, dtype=object)], ignore_index=True)


def account_words(costs: Costs) -> str:
    """How the account is made, in one sentence."""
    point = (
        f"服务点固定支出＝{costs.per_point:,.0f}元＋{costs.posts_per_point:g}个岗位×{costs.per_post:,.0f}元"
        if fixed_yuan(costs)
        else "不另设服务点，没有固定支出"
    )
    return (
        f"年收入＝建筑面积×物业费×{MONTHS}个月×收缴率；年支出＝户数×每户服务成本＋电梯×每部维保＋"
        f"每个小区{costs.posts_per_estate:g}个岗位×每岗用工；{point}。收入逐小区舍去零头，支出进为整元。"
    )


def five_star_table(desk: Desk, lot: Lot) -> pd.DataFrame:
    """Five-star companies that serve an estate near by (Z06), nearest first; none on the black list."""
    city, columns = desk.city, ["企业", "信用等级", "附近在管小区数", "最近的在管小区", "距本标段（米）"]
    estates = city.estates
    inside = set(lot.served)
    others = [estate for estate in estates.index[estates["company"].notna()] if estate not in inside]
    graded = {estate: grade_of(desk.grades, estates.at[estate, "company"]) for estate in others}
    starred = [estate for estate, grade in graded.items() if grade and grade.stars == 5 and not grade.black]
    metres = dict(zip(starred, _distances(desk, starred, lot.estates), strict=True))
    found: dict[str, list[str]] = {}
    for estate in sorted(starred, key=lambda one: (metres[one], one)):
        grade = graded[estate]
        if grade is not None and metres[estate] <= NEAR_M:
            found.setdefault(grade.name, []).append(estate)
    rows = [
        (told(name), graded[served[0]].label, len(served), desk.name(served[0]), round(metres[served[0]]))  # type: ignore[union-attr]
        for name, served in found.items()
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _distances(desk: Desk, estates: list[str], members: tuple[str, ...]) -> np.ndarray:
    """Metres (straight) from each estate to the nearest member; infinite where a position is unknown."""
    here = desk.stops.loc[list(members), ["lon", "lat"]].to_numpy(float)
    here = here[np.isfinite(here).all(axis=1)]
    there = desk.stops.loc[estates, ["lon", "lat"]].to_numpy(float)
    if not len(here) or not len(there):
        return np.full(len(estates), np.inf)
    crs = metric_crs(float(here[:, 0].mean()))
    a = np.column_stack(to_metric(there[:, 0], there[:, 1], crs))
    b = np.column_stack(to_metric(here[:, 0], here[:, 1], crs))
    apart = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return np.where(np.isfinite(apart), apart, np.inf).min(axis=1)


def anchor_table(desk: Desk, lot: Lot) -> pd.DataFrame:
    """以大带小: the managed estate that takes the others on, its company and grade (stars, red or black list)."""
    rows: list[tuple[str, str]] = []
    anchor = lot.bundle.anchor if lot.bundle else None
    if anchor is not None and lot.bundle is not None:
        row, grade, settings = desk.city.estates.loc[anchor], desk.grade(anchor), desk.plan.settings
        own = row["households"]
        rows = [
            ("带动小区", desk.name(anchor)),
            ("物业服务企业", told(row["company"]) or "台账未填"),
            ("信用等级", grade.label if grade else "未评级"),
            ("自身户数", f"{int(own):,}户" if not pd.isna(own) else "台账未填"),
            ("可接收户数", f"自身户数的{settings.anchor_share:.0%}" + _room(own, settings.anchor_share)),
            ("本次接收", f"{len(lot.served)}个小区，{lot.bundle.households:,}户"),
        ]
    return pd.DataFrame(rows, columns=["项目", "内容"], dtype=object)


def _room(own: object, share: float) -> str:
    return "" if pd.isna(own) else f"，即{math.floor(share * int(float(own)) + 1e-9):,}户"  # type: ignore[arg-type]


def by_hand_words(lot: Lot) -> str:
    """That a bundle was fixed by hand (人工调整), and why."""
    kind = {"audit": "审计包", "regions": "区域"}.get(lot.way, "单元")
    reason = told(lot.bundle.reason) if lot.bundle else ""
    return f"本{kind}由人工固定。理由：{reason or '未写（没有突破规则）'}。"


def wishes_table(desk: Desk, lot: Lot | None = None) -> pd.DataFrame:
    """What planners asked by hand (人工要求), of the whole plan or of one lot's estates; without their names."""
    names, estates = desk.city.estates["name"], set(lot.estates) if lot else None
    rows = [
        (
            words.WISHES[wish.kind],
            "、".join(told(names.get(estate, estate)) for estate in wish.estates),
            told(wish.reason) or "（未写理由）",
            wish.at.astimezone().date(),
        )
        for wish in desk.plan.wishes
        if estates is None or estates & set(wish.estates)
    ]
    return pd.DataFrame(rows, columns=["要求", "小区", "理由", "日期"], dtype=object)
