"""What a planner does by hand on the bundles' page, act by act: tried out, decided, undone, refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard.bundle_scene import Stage
from dashboard.bundle_session import Desk, Session, answer
from dashboard.bundle_told import links_json
from data.profile_file import load_profile
from data.schemas import BUNDLE_STEPS
from data.store import Actor, Role, Store, open_store
from planning import bundle_versions as versions
from planning import runs
from planning.bundles.prepare import Prepared, prepare
from tests.dashboard.bundle_cases import CLERK, NOW, make_store


class Page:
    """The page's server side behind a store of the test's own."""

    def __init__(self, store: Store, actor: Actor = CLERK) -> None:
        self.store, self.actor, self.session = store, actor, Session()
        self.profile = load_profile("demo")
        self.city = runs.read_city(store, actor)
        self.stops = runs.stops_of(self.city)
        self.prepared: Prepared | None = None
        self.sequence = 0

    def desk(self) -> Desk:
        saved = versions.current(self.store, self.actor, "service")
        assert saved is not None
        if self.prepared is None:
            states = runs.assess(self.city, self.profile, date(2027, 1, 4)).states
            city = self.city
            self.prepared = prepare(
                city.estates, states, self.stops, city.ways, self.profile, saved.value.settings, city.companies
            )
        stage = Stage.of(self.city, self.stops, self.profile)
        return Desk(self.store, self.actor, "service", saved, stage, self.prepared)

    def act(self, **item: Any) -> dict[str, Any]:
        """One act of the browser; its answer."""
        self.sequence += 1
        desk = self.desk()
        self.session.act(desk, [{"seq": self.sequence, "plan": desk.version, **item}], NOW)
        told = self.session.answers[-1]
        assert told["seq"] == self.sequence
        return told

    def shown(self, **asked: Any) -> dict[str, Any]:
        return answer(self.session, self.desk(), asked)

    def bundle(self, member: str) -> str:
        return next(one.bundle_id for one in self.desk().saved.value.bundles if member in one.members)

    def members(self) -> set[frozenset[str]]:
        return {frozenset(one.members) for one in self.desk().saved.value.bundles}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with open_store(make_store(tmp_path), clock=lambda: NOW) as store:
        yield Page(store)


A, B, C = (frozenset(one) for one in ({"A1", "A2", "A3", "A4"}, {"B1", "B2", "B3"}, {"C1", "C2", "C3"}))


def test_taking_an_estate_out_is_priced_before_it_is_decided(page: Page) -> None:
    told = page.act(do="preview", move="out", estates=["A4"])
    assert told["ok"], told
    shown = page.shown()["preview"]
    assert (shown["before"]["households"], shown["after"]["households"]) == (780, 690)
    assert shown["title"] == "移出：A4小区"
    row = page.desk().stage.row["A4"]
    assert [row, shown["changes"][0][1], "兜底"] in shown["changes"]
    assert shown["broken"] == []
    assert page.members() == {A, B, C}, "nothing is kept before it is accepted"


def test_a_change_that_is_dropped_leaves_everything(page: Page) -> None:
    page.act(do="preview", move="out", estates=["A4"])
    assert page.act(do="discard")["ok"]
    assert page.shown()["preview"] is None
    assert page.members() == {A, B, C}
    assert page.shown()["undo"] == ""


def test_an_accepted_change_is_kept_audited_undone_and_redone(page: Page) -> None:
    page.act(do="preview", move="out", estates=["A4"])
    told = page.act(do="accept", number=page.session.preview.number, reason="住户要求另行招标")  # type: ignore[union-attr]
    assert told["ok"], told
    assert told["clear"]
    assert page.members() == {A - {"A4"}, B, C}
    kept = page.desk().saved.value
    assert all(one.slacks for one in kept.bundles), "reasons are complete in what is kept"
    shown = page.shown()
    assert shown["preview"] is None
    assert "A4小区" in shown["undo"]
    assert [wish["words"] for wish in shown["wishes"]] == ["不纳入"]
    with page.store.begin(CLERK) as work:
        assert set(work.read(BUNDLE_STEPS)["reason"]) >= {"住户要求另行招标"}
        assert BUNDLE_STEPS.name in set(work.audit(50)["object_type"])
        assert work.verify_audit() is None
    assert page.act(do="undo")["ok"]
    assert page.members() == {A, B, C}
    assert "A4小区" in page.shown()["redo"]
    assert page.act(do="redo")["ok"]
    assert page.members() == {A - {"A4"}, B, C}


def test_a_move_within_the_rules_needs_no_reason(page: Page) -> None:
    told = page.act(do="preview", move="move", estates=["A4"], target=page.bundle("C1"))
    assert told["ok"], told
    shown = page.shown()["preview"]
    assert shown["broken"] == []
    assert shown["after"]["households"] == 780
    assert page.act(do="accept", number=shown["number"], reason="")["ok"]
    assert page.members() == {A - {"A4"}, B, C | {"A4"}}
    by_hand = next(one for one in page.desk().saved.value.bundles if "A4" in one.members)
    assert by_hand.by_hand


def test_a_merge_against_the_rules_needs_a_reason_that_is_kept(page: Page) -> None:
    told = page.act(do="preview", move="merge", bundle=page.bundle("A1"), target=page.bundle("B1"))
    assert told["ok"], told
    shown = page.shown()["preview"]
    assert shown["broken"], "B lies 1,200 m off"
    refused = page.act(do="accept", number=shown["number"], reason="  ")
    assert not refused["ok"]
    assert "理由" in refused["text"]
    assert page.members() == {A, B, C}
    assert page.act(do="accept", number=shown["number"], reason="同一家企业已在服务")["ok"]
    assert A | B in page.members()
    merged = next(one for one in page.desk().saved.value.bundles if "B1" in one.members)
    assert (merged.by_hand, merged.reason) == (True, "同一家企业已在服务")


def test_splitting_fixing_forcing_and_releasing(page: Page) -> None:
    assert page.act(do="preview", move="fix", bundle=page.bundle("B1"))["ok"]
    assert page.act(do="accept", number=page.session.preview.number, reason="")["ok"]  # type: ignore[union-attr]
    wishes = page.shown()["wishes"]
    assert [(wish["words"], len(wish["rows"])) for wish in wishes] == [("固定", 3)]
    told = page.act(do="preview", move="split", bundle=page.bundle("A1"), estates=["A1", "A2"])
    assert told["ok"], told
    assert page.shown()["preview"]["broken"], "150 households are too few"
    page.act(do="discard")
    assert page.act(do="preview", move="release", wish=wishes[0]["id"])["ok"]
    assert page.act(do="accept", number=page.session.preview.number, reason="")["ok"]  # type: ignore[union-attr]
    assert page.shown()["wishes"] == []


def test_wishes_that_contradict_each_other_are_named_and_change_nothing(page: Page) -> None:
    assert page.act(do="preview", move="together", estates=["A1", "A4"])["ok"]
    assert page.act(do="accept", number=page.session.preview.number, reason="")["ok"]  # type: ignore[union-attr]
    assert page.act(do="preview", move="apart", estates=["A1", "A2", "A4"])["ok"] is False
    told = page.session.answers[-1]["text"]
    assert "A1小区" in told
    assert "A4小区" in told
    assert page.shown()["preview"] is None
    assert page.members() == {A, B, C}


def test_the_explanations_that_were_asked_for_come_and_only_those(page: Page) -> None:
    version, name = page.desk().version, page.bundle("A1")
    notes = page.shown(want=[f"b:{name}", "e:L1", "e:nobody", "b:", 7, "x:y"])["notes"]
    assert set(notes) == {f"0/{version}/b:{name}", f"0/{version}/e:L1"}
    bundle = notes[f"0/{version}/b:{name}"]
    rows = page.desk().stage.row
    assert [one["metres"] for one in bundle["members"]] == [0, 100, 100, 200], "the medoid first"
    assert {one["row"] for one in bundle["members"] if one["asked"]} == {rows["A3"]}
    assert bundle["binding"]
    assert [room for _, _, room in bundle["slacks"]] == sorted(room for _, _, room in bundle["slacks"])
    left = notes[f"0/{version}/e:L1"]
    assert len(left["near"]) == 5
    assert {words for _, _, words in left["near"]} == {"不属于同一牵头单位"}
    assert left["quote"]
    assert left["rule"] == "D27"


def test_a_preview_explains_the_bundles_it_makes(page: Page) -> None:
    page.act(do="preview", move="out", estates=["A4"])
    shown = page.shown()["preview"]
    made = shown["bundles"][0]["id"]
    notes = page.shown(want=[f"b:{made}"])["notes"]
    assert notes[f"1/{page.desk().version}/b:{made}"]["slacks"]


def test_a_change_tried_on_an_older_version_is_void(page: Page) -> None:
    page.act(do="preview", move="out", estates=["A4"])
    other = Page(page.store)
    other.act(do="preview", move="out", estates=["B3"])
    assert other.act(do="accept", number=1, reason="")["ok"]
    told = page.act(do="accept", number=1, reason="")
    assert not told["ok"]
    assert frozenset({"A1", "A2", "A3", "A4"}) in page.members()
    page.sequence += 1
    page.session.act(page.desk(), [{"seq": page.sequence, "plan": "service-0", "do": "preview", "move": "out"}], NOW)
    assert not page.session.answers[-1]["ok"]


@pytest.mark.parametrize(
    "item",
    [
        {"do": "preview"},
        {"do": "preview", "move": "drop table"},
        {"do": "preview", "move": "out", "estates": "A4"},
        {"do": "preview", "move": "out", "estates": [1, None]},
        {"do": "preview", "move": "out", "estates": []},
        {"do": "preview", "move": "move", "estates": ["A4"], "target": "B999"},
        {"do": "preview", "move": "merge", "bundle": "B001", "target": "B001"},
        {"do": "preview", "move": "together", "estates": ["A1"]},
        {"do": "preview", "move": "together", "estates": ["A1", "nobody"]},
        {"do": "preview", "move": "split", "bundle": "B001", "estates": ["C1"]},
        {"do": "preview", "move": "release", "wish": "W999"},
        {"do": "preview", "move": "out", "estates": [f"E{n}" for n in range(500)]},
        {"do": "accept", "number": 99},
        {"do": "accept"},
        {"do": "undo"},
        {"do": "redo"},
        {"do": None},
        {},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(page: Page, item: dict[str, Any]) -> None:
    told = page.act(**item)
    assert not told["ok"]
    assert "程序内部出错" not in told["text"]
    assert told["text"]
    assert page.members() == {A, B, C}


def test_an_act_is_done_once_however_often_the_browser_repeats_it(page: Page) -> None:
    page.act(do="preview", move="out", estates=["A4"])
    desk = page.desk()
    item = {"seq": 2, "plan": desk.version, "do": "accept", "number": 1, "reason": ""}
    page.session.act(desk, [item, item], NOW)
    page.session.act(page.desk(), [item], NOW)
    assert [one["seq"] for one in page.session.answers] == [1, 2]
    assert len(versions.history(page.store, CLERK, "service")) == 2, "the solve and one decision"


def test_a_reader_is_refused(page: Page) -> None:
    reader = Page(page.store, Actor("领导", Role.LEADER))
    told = reader.act(do="preview", move="out", estates=["A4"])
    assert not told["ok"]
    assert "只能查看" in told["text"]


def test_while_pairs_are_prepared_nothing_can_be_tried(page: Page) -> None:
    desk = replace(page.desk(), prepared=None)
    page.session.act(desk, [{"seq": 1, "plan": desk.version, "do": "preview", "move": "out", "estates": ["A4"]}], NOW)
    assert "还在准备" in page.session.answers[-1]["text"]
    assert answer(page.session, desk, {})["hands"] is False


def test_links_are_the_allowed_pairs_by_row(page: Page) -> None:
    desk = page.desk()
    assert desk.prepared is not None
    links = links_json(desk.prepared, desk.stage)
    ids = {row: estate for estate, row in desk.stage.row.items()}
    pairs = {frozenset((ids[a], ids[b])) for a, b in zip(links["i"], links["j"], strict=True)}
    assert frozenset(("A1", "A2")) in pairs
    assert frozenset(("A4", "C1")) in pairs
    assert frozenset(("A1", "B1")) not in pairs
    assert frozenset(("A1", "L1")) not in pairs


def test_a_wish_that_falls_to_a_new_one_is_told_before_it_is_decided(page: Page) -> None:
    page.act(do="preview", move="together", estates=["A1", "A2"])
    page.act(do="accept", number=page.session.preview.number, reason="")  # type: ignore[union-attr]
    assert page.act(do="preview", move="apart", estates=["A1", "A2"])["ok"]
    assert page.shown()["preview"]["released"] == ["钉住（A1小区、A2小区）"]
    page.act(do="discard")
    wish = page.shown()["wishes"][0]["id"]
    assert page.act(do="preview", move="release", wish=wish)["ok"]
    assert page.shown()["preview"]["released"] == [], "what was asked for is no surprise"


def test_a_change_that_moves_no_unit_speaks_of_no_money(page: Page) -> None:
    assert page.act(do="preview", move="together", estates=["A1", "A2"])["ok"]
    shown = page.shown()["preview"]
    assert shown["changes"] == []
    assert shown["margin"] is None, "0 yuan would be a figure that nobody reckoned"


def test_broken_rules_name_their_unit_and_stay_to_be_read_afterwards(page: Page) -> None:
    target = page.bundle("B1")
    label = f"服务单元{int(target[1:])}"
    assert page.act(do="preview", move="move", estates=["A4"], target=target)["ok"]
    broken = page.shown()["preview"]["broken"]
    assert broken
    assert all(one.startswith("服务单元") for one in broken)
    assert any(one.startswith(f"{label}：") for one in broken)
    page.act(do="accept", number=page.session.preview.number, reason="街道要求")  # type: ignore[union-attr]
    told = page.shown(want=[f"b:{page.bundle('B1')}"])["notes"]
    (note,) = told.values()
    assert note["broken"]
    assert note["reason"] == "街道要求"
    assert not any(target in one for one in note["broken"]), "no code names"
