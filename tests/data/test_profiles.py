"""The six profiles that come with the program: true to the papers, complete, free of personal data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.codes import COMMITTEES, PARTIES
from data.profile import DERIVED_COLUMNS, Profile
from data.profile_file import PROFILES, load_profile, profile_names
from data.profile_schema import basis_entries
from planning.bundles.settings import BundleSettings
from planning.coverage_types import CoverageState

CITIES = ("demo", "dongsheng", "luan", "pingdingshan", "putian", "suixi")
PAPERS = {"L": "luan", "D": "dongsheng", "S": "suixi", "P": "putian", "Z": "pingdingshan"}
LAST_RULE = {"L": 58, "D": 36, "S": 28, "P": 33, "Z": 20}
DEMO_DEPARTMENTS = {"物业主管", "住建", "城管执法", "公安", "市场监管", "消防救援", "街道"}


@pytest.fixture(params=CITIES)
def profile(request: pytest.FixtureRequest) -> Profile:
    return load_profile(request.param)


@pytest.fixture
def papers(shared_policy: Path) -> dict[str, str]:
    """Text of each paper by the letter of its rule ids."""
    texts = {}
    for letter, city in PAPERS.items():
        (path,) = shared_policy.glob(f"{city}*.txt")
        texts[letter] = path.read_text(encoding="utf-8")
    return texts


def test_all_cities_are_there_and_named_after_their_file() -> None:
    assert profile_names() == CITIES
    assert [load_profile(name).id for name in CITIES] == list(CITIES)


def test_only_the_demo_city_is_fictional(profile: Profile) -> None:
    assert profile.fictional is (profile.id == "demo")


def test_every_quote_stands_in_its_paper(profile: Profile, papers: dict[str, str]) -> None:
    wrong = [(key, basis.quote) for key, basis in basis_entries(profile) if basis.quote not in papers[basis.rule[0]]]
    assert wrong == []


def test_every_document_is_named_in_its_paper(profile: Profile, papers: dict[str, str]) -> None:
    """A number stands in the text; a paper without one is named by its title and date, which stand there too."""
    for key, basis in basis_entries(profile):
        for part in filter(None, re.split(r"[（）]", basis.document)):
            assert part in papers[basis.rule[0]], key


def test_every_entry_has_rule_quote_and_document(profile: Profile) -> None:
    entries = list(basis_entries(profile))
    assert len(entries) > 60
    for key, basis in entries:
        assert re.fullmatch(r"[LDSPZ]\d{2}", basis.rule), key
        assert 1 <= int(basis.rule[1:]) <= LAST_RULE[basis.rule[0]], key
        assert basis.quote and basis.document, key


def test_what_is_assumed_says_what_was_assumed(profile: Profile) -> None:
    assert [key for key, basis in basis_entries(profile) if basis.assumed and not basis.note] == []


def test_what_comes_from_another_paper_is_assumed(profile: Profile) -> None:
    foreign = {key: basis for key, basis in basis_entries(profile) if basis.document != profile.document}
    assert foreign and all(basis.assumed for basis in foreign.values())
    if profile.id == "luan":
        assert {key.split(".")[1] for key in foreign} == {"anchor", "audit", "regions"}


def test_numbers_that_no_paper_gives_are_assumed(profile: Profile) -> None:
    bundle, times = profile.bundle, profile.service_times
    for value in (bundle.radius_m, bundle.max_diameter_m, bundle.small_households, bundle.min_households):
        assert value.basis.assumed
    service = profile.bundle_ways["service"]
    assert (service.radius_m.value, service.max_diameter_m.value) == (500, 1500)
    assert (service.small_households.value, service.small_floor_area_m2.value) == (100, 10_000)
    assert (times.base_s.value, times.per_open_case_s.value) == (40 * 60, 10 * 60)
    assert times.base_s.basis.assumed and bundle.barriers_basis.assumed


def test_a_quarter_can_be_planned_and_bundled_with_every_profile(profile: Profile) -> None:
    (joint,) = [rule for rule in profile.visit_rules if rule.kind == "joint"]
    assert (joint.times_per_quarter, joint.share, joint.scope, joint.period) == (1, 1.0, {}, "quarter")
    assert joint.basis.assumed is (profile.id != "dongsheng")
    assert {name for code in range(1, 23) for name in profile.departments_for((code,))} <= set(profile.departments)
    bundle = profile.bundle
    BundleSettings(
        bundle.radius_m.value, bundle.max_diameter_m.value, int(bundle.min_households.value),
        int(bundle.max_households.value), int(bundle.max_estates.value), int(bundle.small_households.value),
        bundle.small_floor_area_m2.value, bundle.fee_window_yuan_m2.value, bundle.barriers, bundle.lead,
        bundle.keep_grids, bundle.same_type,
    )  # fmt: skip


def test_every_profile_reads_the_22_categories_of_the_annex(profile: Profile) -> None:
    codes = {problem.code: problem for problem in profile.problem_codes}
    assert [code for code in codes if code <= 22] == list(range(1, 23))
    assert all(codes[code].canonical == (code,) for code in range(1, 23))


@pytest.mark.parametrize(
    ("city", "own"), [("luan", 0), ("dongsheng", 12), ("suixi", 8 + 2), ("putian", 5), ("pingdingshan", 6), ("demo", 1)]
)
def test_own_matters_are_numbered_from_23(city: str, own: int) -> None:
    codes = [problem.code for problem in load_profile(city).problem_codes]
    assert codes[22:] == list(range(23, 23 + own))


def test_power_matters_of_dongsheng_have_no_canonical_code() -> None:
    problems = {problem.name: problem for problem in load_profile("dongsheng").problem_codes}
    power = [name for name, problem in problems.items() if not problem.canonical]
    assert power == ["违规停用共建电源", "窃电", "拖欠共建电费"]
    assert all("电力" in problems[name].departments for name in power)
    assert problems["物业服务乱收费"].canonical == (17,)


def test_suixi_maps_its_five_wordings_to_codes_1_to_5() -> None:
    forms = load_profile("suixi").service_forms
    assert {form.name: form.canonical for form in forms} == {
        "专业化物业服务": 1, "社区代管": 2, "单位自管": 3, "居民自治": 4, "无物管": 5,
    }  # fmt: skip
    assert [form.name for form in forms if not form.covered] == ["无物管"]


def test_only_no_management_is_uncovered(profile: Profile) -> None:
    assert 5 not in profile.covered_forms()
    assert {1, 2, 3, 4} <= profile.covered_forms()


def test_committee_and_party_words_map_to_known_codes(profile: Profile) -> None:
    assert set(profile.committee_codes.values()) == set(COMMITTEES)
    assert set(profile.party_codes.values()) == set(PARTIES)
    assert profile.committee_codes["物管会"] == 2


def test_putian_samples_15_50_and_100_percent() -> None:
    rules = {rule.id: rule for rule in load_profile("putian").visit_rules}
    chosen = {name: (rules[name].level, rules[name].share) for name in ("city_sample", "county_sample", "town_full")}
    assert chosen == {"city_sample": ("city", 0.15), "county_sample": ("county", 0.5), "town_full": ("street", 1.0)}
    assert not any(rules[name].basis.assumed for name in chosen)
    assert "call_12345" in rules["county_sample"].mandatory
    assert "call_12345" not in rules["city_sample"].mandatory
    assert {rule.kind for rule in rules.values()} >= {"joint", "sample", "full", "cross", "random", "unannounced"}


def test_deadlines_of_cases_follow_the_papers() -> None:
    luan, suixi = load_profile("luan").sla, load_profile("suixi").sla
    assert luan is not None and suixi is not None
    assert (luan.default_days.value, luan.max_months.value, luan.feedback_working_days.value) == (7, 1, 1)
    assert luan.progress_day is not None and luan.progress_day.value == 25
    assert suixi.progress_day is None
    assert load_profile("dongsheng").sla is None


@pytest.mark.parametrize(
    ("city", "name", "day"),
    [
        ("luan", "county_monthly", 3),
        ("luan", "long_items", 25),
        ("putian", "county_monthly", 25),
        ("putian", "city_brief", 30),
    ],
)
def test_reports_fall_due_on_the_days_of_the_papers(city: str, name: str, day: int) -> None:
    (report,) = [report for report in load_profile(city).reports if report.id == name]
    assert (report.cycle, report.day) == ("monthly", day)


def test_demo_departments_are_those_of_its_teams() -> None:
    demo = load_profile("demo")
    assert set(demo.departments) == DEMO_DEPARTMENTS
    assert {rule.kind: rule.share for rule in demo.visit_rules} == {"joint": 1.0, "sample": 0.15}
    assert all(basis.assumed for _, basis in basis_entries(demo))


def test_fallback_always_has_a_way(profile: Profile) -> None:
    assert any(not way.scope for way in profile.fallback_ways)


def test_filters_know_the_states_of_the_assessment() -> None:
    assert DERIVED_COLUMNS["state"] == tuple(state.value for state in CoverageState)


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_no_telephone_number_stands_in_a_profile(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,}", text) == []


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_no_person_of_a_paper_stands_in_a_profile(path: Path, papers: dict[str, str]) -> None:
    """The one paper that names persons lists them line by line: name, blanks, office."""
    annex = papers["S"].split("工作专班名单", 2)[2].split("任务分解表")[0]
    lines = re.findall(r"^(?:组\s+长：|副组长：|成\s+员：)?(\S(?:\s{2}\S|\S{1,2}))\s{2,}\S", annex, flags=re.MULTILINE)
    names = {re.sub(r"\s", "", name) for name in lines}
    assert len(names) >= 20
    text = path.read_text(encoding="utf-8")
    assert [name for name in names if name in text] == []
