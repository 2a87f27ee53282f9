"""Dossiers and consultation sheets: the plan's figures, whole quotes, no persons, hostile names, the official layout."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import bundle_paper_cases as made
import export_cases as cases
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from dashboard.exports import map_font
from dashboard.exports.bundle_rules import costs_table, papers_table, rules_table
from dashboard.exports.bundle_tables import summary_table, units_table
from dashboard.exports.consultation import RESULTS_TAB, asked_in, consultation, results_sheet
from dashboard.exports.docx_table import Grid
from dashboard.exports.lot_tables import account_table, five_star_table, members_table, totals_table
from dashboard.exports.lots import size_words
from dashboard.exports.map_font import Font
from dashboard.exports.tender import dossier
from dashboard.exports.tender_book import dossier_sheets
from dashboard.exports.workbook import write_workbook
from planning.bundles.candidates.money import money_of
from planning.bundles.settings import Way

WAYS: tuple[Way, ...] = ("service", "anchor", "audit", "regions")


@pytest.mark.parametrize("way", WAYS)
def test_a_dossier_has_the_plans_figures_and_the_quotes(way: Way) -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, way))
    lot = desk.lots[0]
    content = dossier(desk, lot).content()
    document = made.opened(content)
    words = made.texts(document)
    made.reads_well(words)
    told = "\n".join(words)
    assert "303" in told and "27,003" in told and "内部资料" in told
    totals = {row[0]: row[1] for row in made.tables(document)["项目"]} if way == "audit" else {}
    assert not totals or totals["公共收益"] == "1,000"
    bundle = desk.plan.bundles[0]
    for quote in papers_table(desk.profile, desk.plan.settings, of="bundle")["原文"]:
        assert quote in told
    for basis in rules_table(desk.plan.settings, desk.profile)[["原文", "文件"]].itertuples(index=False):
        assert basis[0] in told and basis[1] in told
    if way in ("service", "anchor", "regions"):
        assert bundle.money is not None
        assert f"{bundle.money.income:,}元" in told and f"{abs(bundle.money.margin):,}元" in told
        assert "假定" in told
    assert ("人员要求" in told) == (way in ("service", "anchor"))
    assert "老邻居要求合在一起" in told and "人工" in told
    members = made.tables(document)["编号"]
    assert [row[1] for row in members[1:]] == [desk.name(estate) for estate in lot.estates]
    assert [row[3] for row in members[1:]] == [f"{int(city.estates.at[e, 'households'])}" for e in lot.estates]
    assert len(document.inline_shapes) == 1


def test_the_anchor_comes_first_with_its_company_and_grade() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, "anchor"))
    lot = desk.lots[0]
    assert lot.estates[0] == "e7" and lot.served == ("e0", "e2", "e1")
    told = "\n".join(made.texts(made.opened(dossier(desk, lot).content())))
    assert "红榜物业（集团）公司" in told and "四星 · 红榜" in told
    room = int(desk.plan.settings.anchor_share * 107 + 1e-9)
    assert f"即{room}户" in told and "3个小区，303户" in told


def test_five_star_companies_near_by_are_listed_and_no_others() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    table = five_star_table(desk, desk.lots[0])
    assert table["企业"].tolist() == ["五星物业有限公司"] and table["最近的在管小区"].tolist() == ["五星花园"]
    # e6 lies one row north of e2: 0.004 degrees of latitude.
    assert table["距本标段（米）"].iloc[0] == pytest.approx(0.004 * 110_850, abs=3)
    black = replace(city, companies=city.companies.assign(credit_list="black"))
    desk = made.desk(black, made.plan(city))
    assert five_star_table(desk, desk.lots[0]).empty
    told = "\n".join(made.texts(made.opened(dossier(desk, desk.lots[0]).content())))
    assert "没有登记在管项目的五星级企业" in told


def test_an_account_sums_up_to_the_plans_money() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    money, costs = desk.plan.bundles[0].money, desk.plan.settings.costs
    assert money is not None and costs is not None
    table = account_table(desk, desk.lots[0], costs)
    last = table.iloc[-1]
    assert (last["年收入（元）"], last["年支出（元）"], last["结余（元）"]) == (
        money.income, money.running + money.fixed, money.margin,
    )  # fmt: skip
    assert sum(table["年收入（元）"].iloc[:3]) == money.income
    assert sum(table["年支出（元）"].iloc[:4]) == money.running + money.fixed
    assert table["收缴率来源"].iloc[:3].tolist().count("假定") == 1
    rates = [row[3] for row in made.tables(made.opened(dossier(desk, desk.lots[0]).content()))["项目"][1:4]]
    assert sorted(rates) == [f"{costs.collection_rate:.1%}", "80.0%", "80.0%"]


def test_an_estate_without_fee_is_named_as_not_counted() -> None:
    city = made.city()
    city.estates.loc["e0", "fee_yuan_m2"] = float("nan")
    desk = made.desk(city, made.plan(city))
    costs = desk.plan.settings.costs
    assert desk.plan.bundles[0].money is None and costs is not None
    table = account_table(desk, desk.lots[0], costs)
    assert table["项目"].iloc[-1] == "合计（缺资料的小区未计，不算结余）"
    rest = money_of(city.estates.loc[["e1", "e2"]], costs)
    assert rest is not None
    assert table[["年收入（元）", "年支出（元）", "结余（元）"]].iloc[-1].tolist() == [
        rest.income, rest.running + rest.fixed, None,
    ]  # fmt: skip
    told = "\n".join(made.texts(made.opened(dossier(desk, desk.lots[0]).content())))
    assert "缺物业费、建筑面积或户数的小区没有计入" in told and "因此不算结余" in told
    city.estates["fee_yuan_m2"] = float("nan")
    table = account_table(desk, desk.lots[0], costs)
    assert table.iloc[-1].notna().sum() == 1, "nothing is known: a deficit of the service point alone would be untrue"


def test_unknown_floor_area_is_not_zero() -> None:
    city = made.city()
    city.estates.loc[["e0", "e1"], "floor_area_m2"] = float("nan")
    desk = made.desk(city, made.plan(city))
    part = dict(totals_table(desk, desk.lots[0])[["项目", "单位"]].itertuples(index=False))
    assert part["建筑面积"] == "平方米（2个小区台账未填）"
    assert "（2个小区台账未填）" in size_words(desk.lots[0], city)
    city.estates["floor_area_m2"] = float("nan")
    desk = made.desk(city, made.plan(city))
    whole = totals_table(desk, desk.lots[0]).set_index("项目")
    assert whole.at["建筑面积", "数值"] is None and whole.at["建筑面积", "单位"] == "台账未填"
    assert "台账没有登记建筑面积" in size_words(desk.lots[0], city)
    sums = summary_table(desk.plan, city)
    assert sums["建筑面积（平方米）"].isna().all() and sums["说明"].iloc[-1] == "6个小区没有登记建筑面积"
    assert units_table(desk)["建筑面积（平方米）"].isna().all()


def test_papers_tell_only_what_their_way_is_about() -> None:
    city = made.city()
    audit = made.desk(city, made.plan(city, "audit"))
    assert "业主意愿" not in members_table(audit, audit.lots[0])
    assert not {"待征询业主意愿", "电梯"} & set(totals_table(audit, audit.lots[0])["项目"])
    assert "待征询" not in units_table(audit)
    rules = rules_table(audit.plan.settings, audit.profile).set_index("规则")
    assert rules.at["物业费相差不超过", "本次采用"] == "不限"
    regions = made.plan(city, "regions").settings
    assert regions.compact == "chain" and "到中心小区的距离不超过" not in set(
        rules_table(regions, audit.profile)["规则"]
    )
    assert not papers_table(audit.profile, regions)["依据"].str.startswith(("L38", "L57", "D24")).any()
    service = made.desk(city, made.plan(city))
    single = made.texts(made.opened(dossier(service, service.lots[-1]).content()))
    assert not [text for text in single if "物业费相差" in text or "网格管理划分" in text]


def test_a_chosen_limit_is_not_explained_by_the_citys_rule() -> None:
    city = made.city()
    plan = made.plan(city)
    rules = rules_table(replace(plan.settings, radius_m=800.0), made.desk(city, plan).profile).set_index("规则")
    assert rules.at["到中心小区的距离不超过", "假定"] == "本次设定（本市规定：500米）"
    costs = costs_table(made.plan(city, "anchor").settings, made.desk(city, plan).profile).set_index("规则")
    assert costs.at["每个服务点的固定支出", "假定"] == "由带动小区的服务点一并服务，不另设服务点"


def test_a_large_estate_alone_has_a_dossier_of_its_own() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    single = desk.lots[-1]
    assert single.bundle is None and single.estates == ("e3",)
    assert totals_table(desk, single)["数值"].tolist()[:3] == [1, 103, 9003.0]
    words = made.texts(made.opened(dossier(desk, single).content()))
    made.reads_well(words)
    told = "\n".join(words)
    assert "物业服务单独招标材料" in told and "户数达到单独招标的规模" in told and "人员要求" in told


@pytest.mark.parametrize("way", WAYS)
def test_the_workbook_of_a_lot_says_the_same(way: Way, tmp_path: Path) -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, way))
    lot = desk.lots[0]
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", dossier_sheets(desk, lot)))
    cells = [str(c.value) for page in book for row in page.iter_rows() for c in row if c.value is not None]
    made.reads_well(cells)
    assert all(c.data_type != "f" for page in book for row in page.iter_rows() for c in row)
    facts = {row[0].value: row[1].value for row in book["概况"].iter_rows() if row[0].value}
    assert facts["户数"] == 303 and facts["建筑面积"] == 27003
    assert len(book["概况"]._images) == 1
    assert ("收支" in book.sheetnames) == (way != "audit") and ("带动小区" in book.sheetnames) == (way == "anchor")
    assert "人工调整" in book.sheetnames


@pytest.mark.parametrize("way", WAYS)
def test_a_consultation_sheet_has_a_row_for_each_household_and_no_person(way: Way) -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, way))
    lot = desk.lots[0]
    assert set(asked_in(lot)) == {"e0", "e1", "e2"}
    document = made.opened(consultation(desk, lot, "e1").content())
    words = made.texts(document)
    made.reads_well(words)
    told = "\n".join(words)
    table = made.tables(document)["序号"]
    assert len(table) == 1 + 101
    assert all(row[1] == row[4] == row[5] == row[6] == "" for row in table[1:])
    assert table[0][2:4] == (["无异议", "有异议"] if way == "audit" else ["同意", "不同意"])
    assert desk.name("e0") in told and desk.name("e2") in told and "共101户" in told
    assert way == "audit" or "现行物业费：0.60元/平方米·月" in told
    assert way != "anchor" or "红榜物业（集团）公司" in told
    assert len(document.inline_shapes) == 1


def test_unknown_households_leave_room_and_huge_estates_do_not_fill_a_book() -> None:
    city = made.city()
    city.estates.loc["e1", "households"] = None
    desk = made.desk(city, made.plan(city))
    table = made.tables(made.opened(consultation(desk, desk.lots[0], "e1").content()))["序号"]
    assert len(table) == 41
    city.estates.loc["e1", "households"] = 5000
    document = made.opened(consultation(desk, desk.lots[0], "e1").content())
    assert len(made.tables(document)["序号"]) == 601 and "超出的另附页" in "\n".join(made.texts(document))


def test_the_results_sheet_names_every_asked_estate_once_and_prefills_no_answer(tmp_path: Path) -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city, "anchor"))
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", [results_sheet(desk, desk.lots)]))
    rows = [[cell.value for cell in row] for row in book[RESULTS_TAB].iter_rows()]
    top = next(n for n, row in enumerate(rows) if row[0] == "序号")
    assert rows[top][1:9] == [
        "小区编号",
        "小区名称",
        "街道",
        "服务单元",
        "应征询户数",
        "同意户数",
        "不同意户数",
        "结论",
    ]
    assert sorted(row[1] for row in rows[top + 1 :]) == ["e0", "e1", "e2"]
    assert all(row[6:10] == [None] * 4 for row in rows[top + 1 :])


def test_papers_are_laid_out_as_the_standard_asks() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    content = dossier(desk, desk.lots[0]).content()
    document, parts = made.opened(content), made.xml_parts(content)
    first, last = document.sections[0], document.sections[-1]
    sizes = (first.page_width, first.page_height, first.top_margin, first.left_margin, first.right_margin)
    for size, wanted in zip(sizes, (210, 297, 37, 28, 26), strict=True):
        assert abs(size - Mm(wanted)) < Mm(0.1)
    assert abs(first.bottom_margin - Mm(35)) < Mm(0.1)
    assert last.page_width > last.page_height
    assert "w:evenAndOddHeaders" in parts["word/settings.xml"]
    footers = [xml for name, xml in parts.items() if "footer" in name and "PAGE" in xml]
    assert len(footers) == 2 and all('w:eastAsia="宋体"' in xml and 'w:sz w:val="28"' in xml for xml in footers)
    body = parts["word/document.xml"]
    for font in ("方正小标宋简体", "仿宋_GB2312", "黑体"):
        assert f'w:eastAsia="{font}"' in body
    title = next(p for p in document.paragraphs if p.style.name == "Title")
    assert title.runs[0].font.size.pt == 22
    heading = next(p for p in document.paragraphs if p.style.name == "Heading 1")
    assert heading.text.startswith("一、") and heading.runs[0].font.size.pt == 16
    fonts = heading.runs[0]._r.find(qn("w:rPr")).find(qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == "黑体"
    for table in document.tables:
        if len(table.rows) > 3 and table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None:
            break
    else:
        raise AssertionError("no table repeats its header")
    for name in ("docProps/core.xml", "docProps/app.xml"):
        assert "python-docx" not in parts[name]


def test_maps_differ_by_lot_and_stand_in_black_and_white() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    bundle, single = (desk.picture(lot) for lot in (desk.lots[0], desk.lots[-1]))
    assert bundle is not None and single is not None and bundle != single
    assert desk.picture(desk.lots[0]) is bundle
    grey = Image.open(io.BytesIO(bundle)).convert("L")
    assert grey.width > 900
    dark = sum(grey.histogram()[:64]) / (grey.width * grey.height)
    assert 0.002 < dark < 0.2


def test_lots_without_a_position_say_so_in_place_of_a_map() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    desk.stops.loc["e3", ["lon", "lat"]] = float("nan")
    document = made.opened(dossier(desk, desk.lots[-1]).content())
    assert len(document.inline_shapes) == 0 and "台账没有位置，无法成图" in "\n".join(made.texts(document))
    desk.stops.loc["e0", ["lon", "lat"]] = float("nan")
    assert desk.picture(desk.lots[0]) is not None


def test_without_a_chinese_font_the_map_has_numbers_and_a_note_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = map_font._plain()
    assert not plain.chinese
    for module in ("map_font", "map_canvas", "tender", "consultation", "bundle_summary"):
        monkeypatch.setattr(f"dashboard.exports.{module}.map_font", lambda: plain)
    city = made.city()
    desk = made.desk(city, made.plan(city))
    told = "\n".join(made.texts(made.opened(dossier(desk, desk.lots[0]).content())))
    assert "本机没有中文字体" in told and "图例" in told and desk.footer in told


def test_texts_that_break_xml_or_cells_come_through(tmp_path: Path) -> None:
    city = made.city()
    city.estates.loc["e0", "name"] = "a\x00b\x1f]]><&\n\t" + "ｗ" * 300
    city.estates.loc["e1", "four_sides"] = "东至" + "路" * 5000
    desk = made.desk(city, made.plan(city))
    for content in (dossier(desk, desk.lots[0]).content(), consultation(desk, desk.lots[0], "e0").content()):
        assert "]]><&" in "\n".join(made.texts(made.opened(content)))
    write_workbook(tmp_path / "a.xlsx", dossier_sheets(desk, desk.lots[0]))


def test_a_table_whose_rows_do_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells"):
        Grid([("a", "b")], (1, 1, 1))
    with pytest.raises(ValueError, match="alignment"):
        Grid([("a", "b")], (1, 1), align="lx")


def test_fonts_drop_signs_that_they_do_not_have() -> None:
    font = map_font.map_font()
    assert isinstance(font, Font)
    assert "\U0001f600" not in font.shown("幸福\U0001f600里")


def test_stamped_papers_warn_of_changed_data() -> None:
    city = made.city()
    desk = made.desk(city, made.plan(city))
    desk = replace(desk, saved=cases.stored(desk.plan, outdated=True))
    told = "\n".join(made.texts(made.opened(dossier(desk, desk.lots[0]).content())))
    assert "此后库中数据有变化" in told
