"""Findings: the right kind, severity, figures, words, street and place, each just within and just beyond its limit."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon, box

from data.store import Load
from geo import sides
from geo.errors import Fault
from geo.progress import Stopped
from geo.quality import Limits
from planning.quality import KINDS, Report, Settings, Severity, by_street, counts, of_load, report, worst_first
from planning.quality.records import plainly_whole
from tests.planning.quality_cases import make_city, of_kind, shape
from tests.strategies import at

LEFT, RIGHT = box(-900, 0, -700, 150), box(-700, 0, -500, 150)
FULL = "东至甲路，南至乙路，西至丙路，北至丁路"


def test_every_finding_has_a_known_kind_words_remedy_rule_and_stable_id() -> None:
    city = make_city(
        [{"xy": (-800, 50), "four_sides": "东至甲路"}, {"xy": (900, 50), "street_id": "S1"}, {"name": "小区E000"}],
        {"E000": LEFT, "E001": box(-750, 0, -550, 150)},
        gates=[("E000", -800, 400)],
    )
    first, again = report(city), report(city)
    assert first.findings == again.findings and len(first.findings) > 5
    for finding in first.findings:
        assert finding.kind in KINDS and finding.text and finding.remedy and finding.rule == KINDS[finding.kind].rule
        assert finding.id.startswith(finding.kind)
    ids = [finding.id for finding in first.findings]
    assert len(set(ids)) == len(ids)
    assert [f.severity.rank for f in first.findings] == sorted(f.severity.rank for f in first.findings)


def test_the_id_stays_when_the_figures_change() -> None:
    def found(east: float) -> object:
        (one,) = of_kind(make_city([{}, {}], {"E000": LEFT, "E001": box(east, 0, -500, 150)}), "overlap")
        return one

    one, other = found(-750), found(-760)
    assert one.id == other.id and one.measures != other.measures


# ------------------------------------------------------------------------------------------------- shared ground


def test_an_overlap_names_both_with_figures_and_place() -> None:
    city = make_city([{}, {}], {"E000": LEFT, "E001": box(-750, 0, -500, 150)})
    (found,) = of_kind(city, "overlap")
    assert found.severity is Severity.ERROR and found.estates == ("E000", "E001") and found.streets == ("S1",)
    assert found.measure("重叠面积") == pytest.approx(7500, rel=0.01)
    assert found.measure("占前者") == pytest.approx(0.25, rel=0.01) and found.measure("占后者") == pytest.approx(
        0.2, rel=0.01
    )
    assert "“小区E000”和“小区E001”" in found.text and "25.0%" in found.text
    west, _, east, _ = shape(box(-750, 0, -700, 150)).bounds
    assert (found.place.west, found.place.east) == pytest.approx((west, east), abs=1e-6)
    (regions,) = of_kind(city, "region_overlap")
    assert regions.regions == ("RE000", "RE001") and regions.streets == ("S1",)


def test_regions_are_unions_of_their_estates() -> None:
    """Two estates of one region overlap: that is no overlap of regions; a third one overlaps the union once."""
    city = make_city(
        [{"region_id": "R"}, {"region_id": "R"}, {}],
        {"E000": LEFT, "E001": box(-750, 0, -550, 150), "E002": box(-800, 100, -600, 300)},
    )
    found = of_kind(city, "region_overlap")
    assert [f.regions for f in found] == [("R", "RE002")]
    assert found[0].measure("重叠面积") == pytest.approx(200 * 50, rel=0.01)
    assert len(of_kind(city, "overlap")) == 3


@pytest.mark.parametrize(("inside", "seen"), [(0.49, False), (0.51, True)])
def test_an_estate_mostly_in_another_region(inside: float, seen: bool) -> None:
    city = make_city([{}, {}], {"E000": box(-900, 0, -800, 100), "E001": box(-900, 100 - 100 * inside, -700, 400)})
    assert [f.estates for f in of_kind(city, "in_two_regions")] == ([("E000",)] if seen else [])


def test_contained_and_same_boundaries_are_kinds_of_their_own() -> None:
    city = make_city([{}, {}, {}], {"E000": LEFT, "E001": LEFT, "E002": box(-850, 20, -800, 60)})
    assert [f.estates for f in of_kind(city, "same_boundary")] == [("E000", "E001")]
    assert {f.estates for f in of_kind(city, "contained")} == {("E000", "E002"), ("E001", "E002")}
    assert of_kind(city, "overlap") == []


@pytest.mark.parametrize(("gap", "same_region", "kind"), [
    (0.9, False, "sliver_gap"), (1.1, False, None), (0.9, True, "region_gap"), (4.8, True, "region_gap"), (5.2, True, None),
])  # fmt: skip
def test_strips_nobody_holds(gap: float, same_region: bool, kind: str | None) -> None:
    region = {"region_id": "R"} if same_region else {}
    city = make_city([region, region], {"E000": LEFT, "E001": box(-700 + gap, 0, -500, 150)})
    found = [f for f in report(city).findings if f.kind in ("sliver_gap", "region_gap")]
    assert [f.kind for f in found] == ([kind] if kind else [])
    for one in found:
        assert one.measure("缝隙面积") == pytest.approx(gap * 150, rel=0.1)


def test_holes_and_pieces_of_a_region() -> None:
    holed = LEFT.difference(box(-820, 50, -780, 90))
    city = make_city(
        [{"region_id": "R"}, {"region_id": "R"}, {}],
        {"E000": holed, "E001": box(-300, 0, -200, 90), "E002": box(-810, 60, -790, 80)},
    )
    (hole,) = of_kind(city, "region_hole")
    assert hole.measure("空洞面积") == pytest.approx(1600, rel=0.01)
    assert hole.measure("属于其他区域") == pytest.approx(400, rel=0.01)
    (pieces,) = of_kind(city, "region_pieces")
    assert pieces.measure("相隔") == pytest.approx(400, rel=0.01) and pieces.regions == ("R",)


# ------------------------------------------------------------------------------------------------------ outlines


def test_broken_rings_are_measured_repaired_and_told() -> None:
    tie = Polygon([(-900, 0), (-700, 100), (-700, 0), (-900, 100)])
    (found,) = of_kind(make_city([{}], {"E000": tie}), "invalid")
    assert found.severity is Severity.WARNING and "自相交" in found.text
    assert found.measure("修复前面积") == pytest.approx(10_000, rel=0.01)
    assert found.measure("面积变化") == pytest.approx(0, abs=0.01)


def test_a_ring_that_cannot_be_repaired_is_an_error_and_the_rest_goes_on() -> None:
    bad = Polygon(box(-900, 0, -800, 100).exterior, [box(-910, 20, -790, 90).exterior])
    city = make_city([{}, {}, {}], {"E000": bad, "E001": LEFT, "E002": box(-750, 0, -500, 150)})
    (found,) = of_kind(city, "invalid")
    assert found.severity is Severity.ERROR and found.estates == ("E000",)
    assert len(of_kind(city, "overlap")) == 1


def test_a_boundary_that_nothing_can_be_made_of_is_told() -> None:
    city = make_city([{"xy": (-800, 50)}, {}], {"E000": LEFT, "E001": LEFT})
    far = city.boundaries.geometry.copy()
    far["E000"] = box(10, 10, 11, 11)
    (found,) = of_kind(replace(city, boundaries=city.boundaries.set_geometry(far)), "invalid")
    assert found.severity is Severity.ERROR and found.estates == ("E000",) and "不能使用" in found.text


@pytest.mark.parametrize(("area", "seen"), [(195, True), (205, False)])
def test_a_boundary_too_small_for_an_estate(area: float, seen: bool) -> None:
    assert len(of_kind(make_city([{}], {"E000": box(-900, 0, -890, area / 10)}), "size")) == seen


def test_a_road_through_a_boundary() -> None:
    road = {"geometry": LineString([(-1000, 75), (-400, 75)]), "road_class": "primary", "name": "人民路"}
    (found,) = of_kind(make_city([{}], {"E000": LEFT}, ways=[road]), "cut")
    assert "“人民路”分成 2 块" in found.text and found.measure("第二大块占比") == pytest.approx(0.5, abs=0.01)


# -------------------------------------------------------------------------------------------------------- places


def test_a_boundary_in_another_street_says_which() -> None:
    city = make_city([{"street_id": "S1"}], {"E000": box(-40, 0, 60, 100)})
    (found,) = of_kind(city, "outside_unit")
    assert found.severity is Severity.ERROR and found.units == ("S1", "S2")
    assert found.measure("在外占比") == pytest.approx(0.6, abs=0.01) and "实际主要在S2名" in found.text
    assert set(found.streets) == {"S1", "S2"}


@pytest.mark.parametrize(("beyond", "seen"), [(4.8, False), (5.2, True)])
def test_a_boundary_over_the_edge_of_its_street(beyond: float, seen: bool) -> None:
    found = of_kind(make_city([{}], {"E000": box(beyond - 100, 0, beyond, 100)}), "outside_unit")
    assert [f.severity for f in found] == ([Severity.WARNING] if seen else [])


@pytest.mark.parametrize(("x", "seen"), [(19, False), (21, True)])
def test_a_point_over_the_edge_of_its_street(x: float, seen: bool) -> None:
    found = of_kind(make_city([{"xy": (x, 0)}]), "outside_unit")
    assert len(found) == seen
    if seen:
        assert found[0].measure("实际所在") == "S2名" and found[0].place.middle == pytest.approx(at(x, 0))


def test_the_widest_wrong_level_is_told_once() -> None:
    units = [
        ("C1", "county", None, box(-5000, -5000, 0, 5000)), ("C2", "county", None, box(0, -5000, 5000, 5000)),
        ("S1", "street", "C1", box(-5000, -5000, 0, 5000)), ("S2", "street", "C2", box(0, -5000, 5000, 5000)),
    ]  # fmt: skip
    found = of_kind(make_city([{}], {"E000": box(100, 0, 200, 100)}, units=units), "outside_unit")
    assert [f.units for f in found] == [("C1", "C2")]


@pytest.mark.parametrize(
    ("away", "kind"), [(-20, None), (9.5, None), (10.5, "point_outside"), (199, "point_outside"), (201, "point_far")]
)
def test_a_point_and_its_boundary(away: float, kind: str | None) -> None:
    city = make_city([{"xy": (-700 + away, 75)}], {"E000": LEFT})
    found = [f for f in report(city).findings if f.kind in ("point_outside", "point_far")]
    assert [f.kind for f in found] == ([kind] if kind else [])


def test_a_point_in_the_boundary_of_another() -> None:
    city = make_city([{}, {"xy": (-800, 75)}, {"xy": (-800, 75.5)}], {"E000": LEFT})
    assert {f.estates for f in of_kind(city, "in_other")} == {("E001", "E000"), ("E002", "E000")}
    assert [f.estates for f in of_kind(city, "same_point")] == [("E001", "E002")]


# --------------------------------------------------------------------------------------------------------- names


def test_one_name_twice_in_a_street_and_in_two_streets() -> None:
    city = make_city([
        {"name": "幸福小区", "xy": (-800, 0)}, {"name": "幸福 小区", "xy": (-600, 0)},
        {"name": "幸福小区", "xy": (1500, 0), "street_id": "S2"}, {"name": "和平里", "xy": (-900, 0)},
    ])  # fmt: skip
    (same,) = of_kind(city, "same_name")
    assert same.estates == ("E000", "E001") and same.severity is Severity.ERROR
    (elsewhere,) = of_kind(city, "same_name_elsewhere")
    assert elsewhere.estates == ("E000", "E001", "E002") and elsewhere.severity is Severity.HINT
    assert set(elsewhere.streets) == {"S1", "S2"}


@pytest.mark.parametrize(("apart", "severity"), [(290, Severity.WARNING), (310, Severity.HINT)])
def test_one_name_on_both_sides_of_a_border(apart: float, severity: Severity) -> None:
    city = make_city([{"name": "和平里", "xy": (-10, 0)}, {"name": "和平里", "xy": (apart - 10, 0), "street_id": "S2"}])
    (found,) = of_kind(city, "same_name_elsewhere")
    assert found.severity is severity and found.measure("最近相距") == pytest.approx(apart, rel=0.01)


@pytest.mark.parametrize(
    ("names", "regions", "severity"),
    [
        (["碧水公馆一期", "碧水公馆（二期）"], ["A", "B"], Severity.HINT),
        (["碧水公馆一期", "碧水公馆二期"], ["A", "A"], None),
        (["碧水公馆", "碧水公馆二期"], ["A", "A"], Severity.WARNING),
        (["碧水公馆小区", "碧水公馆东区"], ["A", "B"], Severity.WARNING),
        (["碧水公馆一期", "碧水花园二期"], ["A", "B"], None),
        (["碧水公馆三期"], ["A"], None),
    ],
)
def test_phases(names: list[str], regions: list[str], severity: Severity | None) -> None:
    city = make_city([{"name": n, "region_id": r} for n, r in zip(names, regions, strict=True)])
    assert [f.severity for f in of_kind(city, "phases")] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("a", "b", "seen"),
    [
        ("锦绣花园", "锦秀花园", True), ("草圃巷小区", "草埔巷", True), ("印斗路小区", "印斗路", True),
        ("中央公园壹号公馆", "中央公园一号公馆", False), ("幸福东里", "幸福西里", False), ("建设路5号院", "建设路6号院", False),
        ("新世纪花园A区", "新世纪花园B区", False), ("金桂苑", "银桂苑", False), ("绿地国际滨江城", "绿地国际宾江城", True),
        ("金色年华家园", "银色年华家园", True), ("阳光里", "和平里", False),
    ],
)  # fmt: skip
def test_spellings_of_one_name(a: str, b: str, seen: bool) -> None:
    city = make_city([{"name": a, "xy": (-800, 0)}, {"name": b, "xy": (-700, 0)}])
    assert len(of_kind(city, "similar_name")) == seen


@pytest.mark.parametrize(("apart", "seen"), [(490, True), (510, False)])
def test_spellings_far_from_each_other_are_two_names(apart: float, seen: bool) -> None:
    city = make_city([{"name": "锦绣花园", "xy": (-800, 0)}, {"name": "锦秀花园", "xy": (apart - 800, 0)}])
    assert len(of_kind(city, "similar_name")) == seen
    blind = make_city([{"name": "锦绣花园"}, {"name": "锦秀花园", "xy": (-10, 0)}])
    assert len(of_kind(blind, "similar_name")) == 1


# ------------------------------------------------------------------------------------------------------- records


@pytest.mark.parametrize(("stated", "severity"), [
    (30_000 / 1.29, None), (30_000 / 1.31, Severity.WARNING), (30_000 / 0.71, None), (30_000 / 0.69, Severity.WARNING),
    (30_000 / 1.98, Severity.WARNING), (30_000 / 2.02, Severity.ERROR), (0.0, None), (None, None),
])  # fmt: skip
def test_the_boundary_against_the_registers_area(stated: float | None, severity: Severity | None) -> None:
    city = make_city([{"land_area_m2": stated}], {"E000": LEFT})
    assert [f.severity for f in of_kind(city, "land_area")] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("floor", "land", "seen"),
    [(9_900, 1000, False), (10_100, 1000, True), (99, 1000, True), (101, 1000, False), (5000, None, False)],
)
def test_floor_area_over_land_area(floor: float, land: float | None, seen: bool) -> None:
    assert len(of_kind(make_city([{"floor_area_m2": floor, "land_area_m2": land}]), "floor_ratio")) == seen
    drawn = make_city([{"floor_area_m2": 310_000}], {"E000": LEFT})
    assert "边界" in of_kind(drawn, "floor_ratio")[0].text


def test_what_is_missing_is_told_by_estate_or_once_for_a_whole_street() -> None:
    some = make_city([{"xy": (-10 * n, 0), "four_sides": FULL if n else None} for n in range(6)])
    assert [f.estates for f in of_kind(some, "no_sides")] == [("E000",)]
    (street,) = of_kind(some, "no_boundary")
    assert street.estates == () and street.units == ("S1",) == street.streets and street.measure("小区") == 6
    few = make_city([{"xy": (-10 * n, 0)} for n in range(4)])
    assert len(of_kind(few, "no_boundary")) == 4
    lost = make_city([{}, {"four_sides": FULL}])
    assert [f.estates for f in of_kind(lost, "no_place")] == [("E000",)]
    assert [f.estates for f in of_kind(lost, "no_point")] == [("E001",)]
    assert [f.estates for f in of_kind(lost, "no_boundary")] == [("E001",)]


@pytest.mark.parametrize(
    ("text", "severity"),
    [(FULL, None), ("东至甲路，南至乙路，西至丙路", Severity.WARNING), ("详见附图", Severity.WARNING), ("", None)],
)
def test_texts_without_four_sides(text: str, severity: Severity | None) -> None:
    found = of_kind(make_city([{"four_sides": text}]), "sides_unclear")
    assert [f.severity for f in found] == ([severity] if severity else [])
    if "丙路" in text and severity:
        assert "缺北侧" in found[0].text


@given(
    st.permutations("东南西北"),
    st.lists(st.text("甲乙丙丁人民解放建设中山一二三", min_size=1, max_size=6), min_size=4, max_size=4, unique=True),
    st.sampled_from("至到临邻接抵"), st.sampled_from("路街道巷河江"), st.sampled_from("，、；,;。"),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_a_text_that_is_taken_as_whole_is_read_as_whole(
    order: list[str], names: list[str], verb: str, end: str, mark: str
) -> None:
    text = mark.join(f"{side}{verb}{name}{end}" for side, name in zip(order, names, strict=True))
    assert plainly_whole(text)
    read = sides.parse(text)
    assert all(side in read.sides for side in sides.MAIN_SIDES) and not read.unread and not read.warnings
    for odd in (text.replace(f"{order[0]}{verb}", ""), text + "以东", f"{text}{mark}{order[0]}{verb}{names[0]}{end}"):
        assert not plainly_whole(odd)
    same = [names[1], *names[1:]]
    assert not plainly_whole(mark.join(f"{side}{verb}{name}{end}" for side, name in zip(order, same, strict=True)))


@pytest.mark.parametrize(("out", "severity"), [
    (-29, None), (29, None), (31, Severity.WARNING), (-31, Severity.WARNING), (99, Severity.WARNING), (101, Severity.ERROR),
])  # fmt: skip
def test_gates_and_their_boundary(out: float, severity: Severity | None) -> None:
    city = make_city([{}], {"E000": LEFT}, gates=[("E000", -700 + out, 75)])
    assert [f.severity for f in of_kind(city, "gate_off_boundary")] == ([severity] if severity else [])
    assert of_kind(city, "no_gate") == [] and of_kind(city, "gate_off_road") == []


@pytest.mark.parametrize(("away", "seen"), [(49, False), (51, True)])
def test_gates_and_the_nearest_road(away: float, seen: bool) -> None:
    road = {"geometry": LineString([(-1000, -away), (0, -away)]), "road_class": "residential"}
    found = of_kind(make_city([{}], {"E000": LEFT}, gates=[("E000", -800, 0)], ways=[road]), "gate_off_road")
    assert [round(f.measure("距道路")) for f in found] == ([away] if seen else [])


# --------------------------------------------------------------------------------------------------------- units


def test_a_region_in_two_streets_and_units_that_do_not_fit() -> None:
    units = [
        ("C1", "county", None, box(-5000, -5000, 5000, 5000)), ("S1", "street", "C1", box(-5000, -5000, 10, 5000)),
        ("S2", "street", "C1", box(0, -5000, 4000, 5000)), ("Q1", "community", "S1", None),
    ]  # fmt: skip
    city = make_city(
        [
            {"region_id": "R", "xy": (-50, 0), "community_id": "Q1"},
            {"region_id": "R", "street_id": "S2", "xy": (50, 0)},
        ],
        units=units,
    )
    (found,) = of_kind(city, "region_streets")
    assert found.regions == ("R",) and found.streets == ("S1", "S2")
    (overlap,) = of_kind(city, "unit_overlap")
    assert overlap.units == ("S1", "S2") and overlap.measure("重叠面积") == pytest.approx(100_000, rel=0.01)
    (gap,) = of_kind(city, "unit_gap")
    assert gap.measure("空白面积") == pytest.approx(1e7, rel=0.01)
    (lost,) = of_kind(city, "unit_no_shape")
    assert "社区" in lost.text and lost.measure("小区") == 1


# -------------------------------------------------------------------------------------------------------- report


@given(st.permutations(range(6)))
@settings(max_examples=6, deadline=None)
def test_the_order_of_the_tables_changes_nothing(order: list[int]) -> None:
    rows = [
        {
            "estate_id": f"E{n:03d}",
            "name": f"碧水公馆{n % 3 + 1}期",
            "xy": (-800 + 40 * n, 20),
            "region_id": f"R{n // 2}",
        }
        for n in range(6)
    ]
    shapes = {f"E{n:03d}": box(-900 + 60 * n, 0, -800 + 60 * n, 90) for n in range(6)}
    straight = report(make_city(rows, shapes))
    mixed = report(make_city([rows[n] for n in order], {f"E{n:03d}": shapes[f"E{n:03d}"] for n in order}))
    assert straight.findings == mixed.findings


def test_counts_and_filters() -> None:
    city = make_city(
        [{}, {}, {"street_id": "S2"}],
        {"E000": LEFT, "E001": box(-750, 0, -500, 150), "E002": box(500, 0, 700, 90)},
    )
    whole = report(city)
    table = counts(whole.findings)
    assert table["total"].sum() == len(whole.findings) and table.at["overlap", "error"] == 1
    assert list(table.index) == [key for key in KINDS if key in set(table.index)]
    streets = by_street(whole.findings, city)
    assert streets.index[0] == "S1" and streets.at["S1", "total"] == sum("S1" in f.streets for f in whole.findings)
    part = whole.only(streets=["S2"], severities=[Severity.HINT])
    assert part.findings and all("S2" in f.streets and f.severity is Severity.HINT for f in part.findings)
    assert whole.only(kinds=["overlap"]).findings == tuple(f for f in whole.findings if f.kind == "overlap")
    assert not any("E002" in f.estates for f in whole.inside(city, "S1").findings)
    assert set(whole.inside(city, "C1").findings) == set(whole.findings)


def test_an_empty_city_has_nothing_to_say() -> None:
    city = make_city([{"xy": (-5, 0)}])
    nobody = replace(city, estates=city.estates.iloc[:0], boundaries=city.boundaries.iloc[:0])
    made = report(nobody)
    assert isinstance(made, Report) and all(f.kind.startswith("unit") for f in made.findings)
    assert by_street((), nobody).empty and counts(()).empty


def test_limits_can_be_changed_and_a_stop_is_obeyed() -> None:
    city = make_city([{}, {}], {"E000": LEFT, "E001": box(-750, 0, -500, 150)})
    assert report(city, Settings(limits=Limits(overlap_m2=8000))).only(kinds=["overlap"]).findings == ()

    class Halt:
        stopped = True

        def update(self, share: float, text: str) -> None: ...

    with pytest.raises(Stopped):
        report(city, progress=Halt())


# ---------------------------------------------------------------------------------------------------------- load


def test_what_a_load_repaired_and_refused_in_the_same_form() -> None:
    city = make_city([{}], {"E000": LEFT})
    lon, lat = shape(box(-800, 75, -799, 76)).exterior.coords[0]
    note = f"边界无效（自相交，位于 {lon}, {lat}），已自动修复，面积由 1,000.0 平方米变为 950.0 平方米（面积变化 5.0%）"
    faults = [
        Fault(note, "请核对", file="a.geojson", sheet="a", row=3),
        Fault(note, "请核对", file="a.geojson", sheet="a", row=3),
        Fault("图形为空", "请补画", file="a.geojson", sheet="a", row=4),
        Fault("台账中没有这个小区", "请核对", file="a.gpkg", sheet="b", row=1, column="小区名称", value="甲"),
        Fault("不是数字", "请改", file="r.xlsx", sheet="Sheet1", row=9, column="户数", value="约三百"),
    ]
    load = Load(1, pd.Timestamp("2026-01-01").to_pydatetime(), "p", [], faults, {})
    found = {f.kind: [g for g in of_load(load, city) if g.kind == f.kind] for f in of_load(load, city)}
    assert {kind: len(rows) for kind, rows in found.items()} == {"refused": 2, "repaired": 1, "row_fault": 1}
    (mended,) = found["repaired"]
    assert mended.estates == ("E000",) and mended.streets == ("S1",) and mended.source == "a.geojson a 第3行"
    assert mended.measure("修复前面积") == 1000 and mended.measure("面积变化") == pytest.approx(0.05)
    assert mended.place.middle == pytest.approx((lon, lat))
    assert of_load(None, city) == ()
    whole = report(city, load=load).findings
    assert set(of_load(load, city)) <= set(whole) and whole == worst_first(whole)
