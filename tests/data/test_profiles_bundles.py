"""The ways of bundling in profiles: four in each, from the annex where the paper has none, with clear faults."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from data.profile import Profile
from data.profile_bundles import BUNDLE_WAYS
from data.profile_file import PROFILES, load_profile, parse_profile, profile_names
from data.profile_schema import basis_entries
from geo.errors import Fault, InputError
from planning.bundles import settings_from

OWN = {
    "luan": {"service"},
    "dongsheng": {"service", "anchor"},
    "putian": {"audit"},
    "pingdingshan": {"regions"},
    "suixi": set(),
    "demo": set(),
}
TEXT = (PROFILES / "demo.toml").read_text(encoding="utf-8")


@pytest.fixture(params=profile_names())
def profile(request: pytest.FixtureRequest) -> Profile:
    return load_profile(request.param)


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        parse_profile(text, "own.toml")
    return caught.value.faults


def test_every_city_has_all_four_ways(profile: Profile) -> None:
    assert set(profile.bundle_ways) == set(BUNDLE_WAYS)
    for way in BUNDLE_WAYS:
        settings = settings_from(profile, way)
        assert settings.way == way
        assert settings.radius_m == profile.bundle_ways[way].radius_m.value
    assert settings_from(profile) == settings_from(profile, "service")


def test_a_way_that_the_paper_does_not_have_is_assumed_throughout(profile: Profile) -> None:
    for way, rules in profile.bundle_ways.items():
        own = way in OWN[profile.id]
        assert any(not basis.assumed for _, basis in basis_entries(rules)) is own
        assert (rules.basis.document == profile.document) is own


def test_the_main_way_is_that_of_the_paper() -> None:
    mains = {name: load_profile(name).bundle_way for name in profile_names()}
    assert {name: way for name, way in mains.items() if way != "service"} == {
        "putian": "audit",
        "pingdingshan": "regions",
    }
    assert load_profile("putian").bundle.basis.rule == "P14"


def test_what_is_taken_over_says_from_which_document(profile: Profile) -> None:
    for _, basis in basis_entries(profile.bundle_ways):
        if basis.document != profile.document:
            assert basis.document in basis.note or "参照" in basis.note


def test_each_way_asks_what_its_paper_asks() -> None:
    luan, dongsheng = load_profile("luan"), load_profile("dongsheng")
    assert luan.bundle.keep_grids and luan.bundle.same_type, "依托网格管理, 服务需求相似"
    assert luan.bundle.age_breaks == (2000,)
    chained = dongsheng.bundle_ways["service"]
    assert chained.compact == "both" and chained.compact_basis is not None and not chained.compact_basis.assumed
    assert chained.neighbour_m is not None and chained.neighbour_m.value < chained.radius_m.value <= 500
    anchor = settings_from(dongsheng, "anchor")
    assert (anchor.anchor_min_households, anchor.anchor_share, anchor.anchor_min_stars) == (500, 0.3, 3)
    assert not anchor.keep_grids and not anchor.same_type, "以新带旧"
    audit = settings_from(load_profile("putian"), "audit")
    assert (audit.max_income_yuan, audit.small_floor_area_m2, audit.ask_consent) == (20_000, 20_000, False)
    regions = settings_from(load_profile("pingdingshan"), "regions")
    assert regions.compact == "chain" and "secondary" in regions.barriers
    assert (regions.old_before, regions.old_types) == (2000, ("老旧小区", "老旧"))


def test_every_cost_is_an_assumption_with_a_note(profile: Profile) -> None:
    assert profile.bundle_costs is not None
    bases = [basis for _, basis in basis_entries(profile.bundle_costs)]
    assert len(bases) == 7 and all(basis.assumed and basis.note for basis in bases)


def test_the_ways_of_fallback_of_the_papers_are_there() -> None:
    ids = {name: {way.id for way in load_profile(name).fallback_ways} for name in profile_names()}
    assert ids["luan"] == {"public_benefit", "street", "state_owned"}
    assert ids["dongsheng"] >= {"own_company", "state_owned", "community_centre", "community_trust", "self_managed"}
    assert all("state_owned" in ways for ways in ids.values())
    for name in profile_names():
        assert all(way.condition for way in load_profile(name).fallback_ways)


def test_own_values_come_before_those_of_the_annex() -> None:
    demo = load_profile("demo")
    assert [demo.bundle_ways[way].min_households.value for way in ("service", "anchor", "regions")] == [200, 200, 200]
    assert demo.bundle_ways["anchor"].anchor_share is not None, "the rest of the way comes from the annex"
    assert demo.bundle.age_breaks == ()


SERVICE = "[bundle_ways.service]\n"


def changed(**values: str) -> str:
    """The demo profile with lines of its service way put in or replaced."""
    text = TEXT
    for name, line in values.items():
        lines = text.split("\n")
        start = lines.index(SERVICE.strip())
        end = next(k for k in range(start + 1, len(lines)) if lines[k].startswith("["))
        kept = [one for one in lines[start + 1 : end] if not one.startswith(f"{name} =")]
        text = "\n".join([*lines[: start + 1], f"{name} = {line}", *kept, *lines[end:]])
    tomllib.loads(text)
    return text


def value(number: object, unit: str) -> str:
    return f'{{ value = {number}, unit = "{unit}", basis = {BASIS} }}'


BASIS = '{ rule = "L35", quote = "距离适当", assumed = true, note = "试" }'


@pytest.mark.parametrize(
    ("lines", "column", "words"),
    [
        ({"min_floor_area_m2": value(9, "平方米"), "max_floor_area_m2": value(8, "平方米")}, "min_floor_area_m2.value", "对调"),
        ({"neighbour_m": value(1600, "米")}, "neighbour_m.value", "最大跨度"),
        ({"near_share": value(0.7, "比例")}, "near_share.value", "0.5"),
        ({"near_share": value(5, "比例")}, "near_share.value", "5% 写 0.05"),
        ({"age_breaks": "[2000, 1990]"}, "age_breaks", "从小到大"),
        ({"age_breaks": "[20]"}, "age_breaks", "年份不合理"),
        ({"compact": '"chain"'}, None, None),
        ({"compact": '"ring"'}, "compact", "medoid"),
        ({"max_estates": value(1, "个")}, "max_estates.value", "2"),
        ({"anchor_min_stars": value(6, "星")}, "anchor_min_stars.value", "1 到 5"),
    ],
)  # fmt: skip
def test_faults_of_a_way_name_the_key(lines: dict[str, str], column: str | None, words: str | None) -> None:
    text = changed(**lines)
    if column is None:  # the annex gives the basis of the choice
        assert parse_profile(text, "own.toml").bundle.compact == "chain"
        return
    (fault,) = faults_of(text)
    assert fault.column == f"bundle_ways.service.{column}"
    assert words in fault.problem + fault.remedy
    assert fault.row is not None and text.split("\n")[fault.row - 1].startswith(column.split(".")[0])


def _without_annex(text: str) -> str:
    return text.replace(', "bundle_ways", "bundle_costs"]', "]")


def test_a_choice_without_basis_and_a_way_without_its_own_values_are_faults() -> None:
    rules = "\n".join(
        line for line in changed(compact='"both"').split(SERVICE)[1].split("\n[")[0].split("\n") if "=" in line
    )
    text = _without_annex(TEXT)
    begin, end = text.index(SERVICE), text.index("[[fallback_ways]]")
    ways = "".join(f"[bundle_ways.{way}]\n{rules}\n\n" for way in ("service", "anchor", "audit", "regions"))
    found = {fault.column: fault.problem for fault in faults_of(text[:begin] + ways + text[end:])}
    assert found == {
        **{f"bundle_ways.{way}.compact_basis": "没有写依据" for way in ("service", "anchor", "audit", "regions")},
        "bundle_ways.anchor.anchor_min_households": "“以大带小”缺少这一项",
        "bundle_ways.anchor.anchor_share": "“以大带小”缺少这一项",
        "bundle_ways.audit.max_income_yuan": "“审计打包”缺少这一项",
        "bundle_ways.regions.old_before": "“划区”没有写哪些是老旧小区",
    }


def test_unknown_and_missing_ways_are_faults() -> None:
    (fault,) = faults_of(TEXT.replace("[bundle_ways.anchor]", "[bundle_ways.anker]").replace('"bundle_ways", ', ""))[:1]
    assert fault.column is not None and "anker" in fault.column
    text = 'bundle_way = "audit"\n' + _without_annex(TEXT)
    text = text[: text.index("[bundle_ways.anchor]")] + text[text.index("[[fallback_ways]]") :]
    (fault,) = faults_of(text)
    assert (fault.column, fault.value) == ("bundle_way", "audit")


@pytest.mark.parametrize(("line", "words"), [("value = -1,", "0 到"), ("value = 72.5,", None)])
def test_costs_are_from_0_on(line: str, words: str | None) -> None:
    table = f'\n[bundle_costs]\nper_household = {{ {line} unit = "元/户·年", basis = {BASIS} }}\n'
    if words is None:
        costs = parse_profile(TEXT + table, "own.toml").bundle_costs
        assert costs is not None and (costs.per_household.value, costs.per_lift.value) == (72.5, 6000)
        return
    (fault,) = faults_of(TEXT + table)
    assert fault.column == "bundle_costs.per_household.value" and words in fault.remedy


def test_a_collection_rate_above_1_is_told_how_to_write() -> None:
    table = f'\n[bundle_costs]\ncollection_rate = {{ value = 70, unit = "比例", basis = {BASIS} }}\n'
    (fault,) = faults_of(TEXT + table)
    assert "70% 写 0.7" in fault.remedy


def test_settings_of_a_way_that_a_profile_lacks_are_an_input_error() -> None:
    text = _without_annex(TEXT)
    text = text[: text.index("[bundle_ways.anchor]")] + text[text.index("[[fallback_ways]]") :]
    own = parse_profile(text, "own.toml")
    assert settings_from(own).costs is None
    with pytest.raises(InputError, match="以大带小"):
        settings_from(own, "anchor")
    money = parse_profile(_without_annex_money(text), "own.toml")
    with pytest.raises(InputError, match="成本表"):
        settings_from(money)


def _without_annex_money(text: str) -> str:
    return text.replace(SERVICE, f'{SERVICE}viability = "money"\nviability_basis = {BASIS}\n')


def test_further_sentences_are_quoted_where_the_paper_has_them() -> None:
    keys: dict[str, Any] = {
        name: {key for key in load_profile(name).bases if key.startswith(("tender.", "audit."))}
        for name in profile_names()
    }
    assert keys["luan"] == {"tender.open", "tender.staff"} and keys["suixi"] == set()
    assert keys["putian"] == {"audit.exempt"} and len(keys["demo"]) == 6


def test_the_two_cases_of_state_owned_fallback_are_told_apart() -> None:
    """D27 names two conditions; what cannot be bundled meets one, what nobody bids for the other."""
    (way,) = [one for one in load_profile("dongsheng").fallback_ways if one.id == "state_owned"]
    assert set(way.conditions) == {"no_market", "no_bidder"}
    assert all(words in way.basis.quote for words in way.conditions.values())
    (fault,) = faults_of(TEXT.replace("{ no_market = ", "{ no_markt = "))
    assert fault.column is not None and fault.column.endswith("conditions.no_markt") and "no_market" in fault.remedy


@pytest.mark.parametrize(("more", "way"), [("", "service"), ('purpose = "audit"\n', "audit")])
def test_a_file_from_before_the_ways_is_told_what_to_change(more: str, way: str) -> None:
    text = TEXT.replace(SERVICE, f"[bundle]\n{more}")
    text = text[: text.index("[bundle_ways.anchor]")] + text[text.index("[[fallback_ways]]") :]
    (fault,) = faults_of(text)
    assert fault.column == "bundle" and f"[bundle_ways.{way}]" in fault.remedy
    assert fault.row == text[: text.index("[bundle]")].count("\n") + 1
