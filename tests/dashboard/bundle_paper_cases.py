"""Plans of bundles made by hand, with hostile names, money, wishes, an anchor and its company: for the papers' tests."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import docx
import export_cases as cases
from docx.document import Document

from dashboard.exports.desk import Desk
from data.companies import company_id
from data.schemas import COMPANIES, ESTATES
from planning.bundles.candidates.money import money_of
from planning.bundles.settings import Way, settings_from
from planning.bundles.types import Addition, Alone, Bundle, BundlePlan, Fallback, Neighbour, Slack, UnitProof, Wish
from planning.city import City

PHONE = "13912345678"
LONG = "长" * 200
EMOJI = "幸福😀里"
NAMES = ("甲/乙\\丙苑", EMOJI, "<b>&\"'", LONG, "$x^2$小区", "=1+1", "五星花园", "大花园")
AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
DAY = date(2026, 12, 1)


def city() -> City:
    """The tiny city with hostile names; e6 is served by a five-star company, e7 (the anchor) by a red-listed one."""
    base = cases.city()
    rows = []
    for number, (key, row) in enumerate(base.estates.iterrows()):
        rows.append(
            dict(row)
            | {
                "estate_id": key,
                "name": NAMES[number],
                "address": f"和平路{number}号 请找张三 {PHONE}",
                "four_sides": f"东至路、西至河 {PHONE}" if number == 0 else None,
                "households": 100 + number,
                "floor_area_m2": 9000.0 + number,
                "fee_yuan_m2": None if number == 5 else 0.5 + number / 10,
                "fee_rate": None if number == 1 else 0.8,
                "n_lifts": None if number == 2 else number,
                "year_built": 1990 + number,
                "estate_type": "老旧小区",
                "consent": ("yes", "unknown", "yes", "unknown")[number % 4],
                "company": {6: "五星物业有限公司", 7: "红榜物业（集团）公司"}.get(number),
                "public_income_yuan": None if number == 2 else 1000.0 * number,
                "income_objection": number == 1,
                "manager": "李四",
            }
        )
    companies = [
        {"company_id": company_id("五星物业有限公司"), "name": "五星物业有限公司", "stars": 5, "period": "2026年"},
        {
            "company_id": company_id("红榜物业（集团）公司"),
            "name": "红榜物业（集团）公司",
            "stars": 4,
            "credit_list": "red",
        },
    ]
    return replace(base, estates=ESTATES.frame(rows), companies=COMPANIES.frame(companies))


def plan(of: City, way: Way = "service") -> BundlePlan:
    """Estates 0–2 in a bundle by hand (way anchor: with e7), 3 alone, 4 and 5 left over."""
    settings = settings_from(cases.profile(), way)
    served = ["e0", "e1", "e2"]
    anchor = "e7" if way == "anchor" else None
    members = tuple(sorted([*served, *([anchor] if anchor else [])]))
    medoid = anchor or "e1"
    metres = {"e0": 386.0, "e1": 0.0 if not anchor else 410.0, "e2": 386.4, "e7": 0.0}
    bundle = Bundle(
        "B007",
        "s",
        members,
        medoid,
        303,
        27003.0,
        tuple(metres[member] for member in members),
        772.0,
        "户数下限：303户，比下限200户多103户",
        ("e1",),
        anchor=anchor,
        money=money_of(of.estates.loc[served], settings.costs),
        by_hand=True,
        reason=f"老邻居要求合在一起，联系人 {PHONE}",
        slacks=(Slack("households", "户数：303户，下限200户", 0.515), Slack("radius", "半径：还有114米", 0.228)),
        additions=tuple(Addition(one, 100, metres[one], 5, "少了它仍成立") for one in members),
        nearest_other="换成e2为中心，多走120米",
    )
    fallback = (
        Fallback(
            "e4",
            "left_over",
            "纳入它会减少12户",
            (Neighbour("e0", 500.0, "radius"), Neighbour("e1", 650.0, None)),
            "street",
            "乡镇街（社区）兜底管理",
            "乡镇街(社区)兜底管理",
            ("e0",),
        ),
        Fallback("e5", "refused", "业主不同意打捆", (), "state_owned", "国有物业企业公益性保本兜底", "保本兜底"),
    )
    wishes = (
        Wish("W1", "fix", tuple(served), f"老邻居 {PHONE}", "clerk", AT),
        Wish("W2", "leave_out", ("e5",), "", "clerk", AT),
    )
    return BundlePlan(
        settings,
        (bundle,),
        (Alone("e3", "户数达到单独招标的规模"),),
        fallback,
        303,
        320,
        False,
        False,
        1.0,
        units=(UnitProof("s", 5, 1, 303, 320, 772.4),),
        wishes=wishes,
    )


def empty(of: City, way: Way = "service") -> BundlePlan:
    """Nothing to bundle at all."""
    return BundlePlan(settings_from(cases.profile(), way), (), (), (), 0, 0, True, False, 0.0)


def desk(of: City, value: BundlePlan) -> Desk:
    return Desk(of, cases.profile(), cases.stored(value), cases.stop_table(of), "来源：测试 · 审图号：未填（内部资料）")


def opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def texts(document: Document) -> list[str]:
    """All paragraphs and cells."""
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def tables(document: Document) -> dict[str, list[list[str]]]:
    """Tables by their heading's first cell, as texts."""
    return {
        table.rows[0].cells[0].text: [[cell.text for cell in row.cells] for row in table.rows]
        for table in document.tables
    }


def reads_well(parts: list[str], names: tuple[str, ...] = NAMES) -> None:
    """No telephone, no person, no code name, no English, no blank word."""
    for text in parts:
        assert PHONE not in text and "李四" not in text
        rest = text
        for name in names:
            rest = rest.replace(name, "")
        found = re.findall(r"[A-Za-z_]{3,}|\bnan\b|None|NaT|\bB0\d\d\b", rest)
        assert not [word for word in found if word not in ("wuyetu", "load")], text


def xml_parts(content: bytes) -> dict[str, str]:
    """The XML files inside a .docx."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
