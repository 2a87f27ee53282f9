"""Decisions on bundles in the store: audit, undo and redo, two planners at once, named versions, areas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.profile import Profile
from data.schemas import BUNDLE_STEPS, ESTATES, REGIONS, UNITS
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from planning import bundle_versions as versions
from planning import runs
from planning.bundles.prepare import Prepared
from planning.bundles.revision.difference import difference
from planning.bundles.revision.revise import Revision, revise
from planning.bundles.types import BundlePlan, Wish
from planning.bundles.wishes import hands
from planning.city import Scope
from planning.results import Stored
from tests.planning.bundle_hands_cases import BY, SMALL, WHY, home
from tests.strategies import make_estates, make_profile, make_regions, make_units

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
DAY = date(2027, 1, 4)
ZHANG, LI = Actor("张三", Role.PLANNER), Actor("李四", Role.PLANNER)
STREET = Actor("王五", Role.PLANNER, "S2")


def open_city(folder: Path) -> Store:
    """Two streets of ten small estates each."""
    store = open_store(f"sqlite:///{folder}/city.db", clock=lambda: NOW)
    rows = [{**SMALL, "xy": (100 * k, 3000 * side), "street_id": f"S{1 + side}"} for side in (0, 1) for k in range(10)]
    estates = make_estates(rows)
    with store.begin(ZHANG, write=True) as work:
        work.put(UNITS, make_units([("C1", "county", None), ("S1", "street", "C1"), ("S2", "street", "C1")]))
        work.put(REGIONS, make_regions(estates))
        work.put(ESTATES, estates)
    return store


class Office:
    """A store, and what a page keeps of it."""

    def __init__(self, folder: Path, actor: Actor = ZHANG) -> None:
        self.folder, self.actor = folder, actor
        self.store = open_city(folder)
        self.profile: Profile = make_profile()
        self.solve()

    def solve(self, actor: Actor | None = None) -> Stored[BundlePlan]:
        """Solve anew with the wishes in force, and keep it."""
        actor = actor or self.actor
        city = runs.read_city(self.store, actor)
        old = versions.current(self.store, actor, "service")
        before = old.value if old else None
        plan = runs.propose_bundles(
            city, self.profile, on=DAY, wishes=before.wishes if before else (), before=before, seconds=10
        )
        return versions.solved(self.store, actor, "service", plan, Scope(), city, now=NOW)

    def prepared(self, actor: Actor | None = None) -> Prepared:
        """What a re-solve needs."""
        city = runs.read_city(self.store, actor or self.actor)
        settings = self.now(actor).value.settings
        return runs.prepare_bundles(city, self.profile, on=DAY, settings=settings)

    def now(self, actor: Actor | None = None) -> Stored[BundlePlan]:
        """The plan in force."""
        found = runs.stored_bundles(self.store, actor or self.actor)
        assert found is not None
        return found

    def try_(self, wishes: tuple[Wish, ...], actor: Actor | None = None) -> Revision:
        """A revision of the plan in force."""
        return revise(self.prepared(actor), self.now(actor).value, wishes, seed=1)

    def leave_out(self, *estates: str, actor: Actor | None = None) -> Stored[BundlePlan]:
        """A decision."""
        base = self.now(actor)
        found = self.try_(hands.leave_out(base.value, estates, BY), actor)
        return versions.decide(
            self.store, actor or self.actor, "service", base, found, kind="leave_out", estates=estates, now=NOW
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


def test_decision_is_kept_and_the_audit_log_shows_before_and_after(office: Office) -> None:
    base = office.now()
    after = office.leave_out("E003")
    assert not after.outdated and after.number > base.number and after.person == "张三"
    assert home(after.value, "E003") is None and after.value.wishes[0].kind == "leave_out"
    step = versions.history(office.store, ZHANG, "service")[0]
    assert (step.kind, step.estates, step.state, step.person) == ("leave_out", ("E003",), "done", "张三")
    where = home(base.value, "E003")
    assert "E003" in step.before["bundles"][where] and "E003" not in str(step.after["bundles"])
    assert step.before["households"] - step.after["households"] == 60
    with office.store.begin(ZHANG) as work:
        log = work.audit()
        stamp = work.stamp
    entry = log[log["object_type"] == "bundle_steps"].iloc[0]
    assert entry["action"] == "add" and "E003" in str(entry["after"]) and office.store is not None
    assert runs.read_city(office.store, ZHANG).stamp == stamp
    with office.store.begin(ZHANG) as work:
        assert work.verify_audit() is None


def test_move_across_a_barrier_needs_a_reason_that_the_log_keeps(office: Office) -> None:
    """Story 9: here the other street is too far."""
    base = office.now()
    target = home(base.value, "E015")
    assert target is not None
    found = office.try_(hands.move(base.value, ["E001"], target, BY))
    assert {one.rule for one in found.broken} >= {"within_radius", "one_lead_unit"}
    moved = {"kind": "move", "estates": ["E001"], "now": NOW}
    with pytest.raises(InputError, match="理由"):
        versions.decide(office.store, ZHANG, "service", base, found, **moved)  # type: ignore[arg-type]
    assert office.now().number == base.number
    done = versions.decide(office.store, ZHANG, "service", base, found, reason="两社区共用一个门", **moved)  # type: ignore[arg-type]
    (one,) = [one for one in done.value.bundles if one.by_hand]
    assert one.bundle_id == target and one.reason == "两社区共用一个门" and "E001" in one.members
    assert [one.reason for one in done.value.wishes] == ["两社区共用一个门"]
    assert versions.history(office.store, ZHANG, "service")[0].reason == "两社区共用一个门"
    report = runs.check(office.store, ZHANG, office.profile, on=DAY, cache_dir=None)
    assert report.violations == ()


def test_undo_gives_back_an_equal_plan_and_redo_the_decision(office: Office) -> None:
    first = office.now()
    second = office.leave_out("E003")
    third = office.leave_out("E012")
    assert versions.undo(office.store, ZHANG, "service", now=NOW).estates == ("E012",)  # type: ignore[union-attr]
    assert office.now().value == second.value
    versions.undo(office.store, ZHANG, "service", now=NOW)
    assert office.now().value == first.value
    office.store.close()
    office.store = open_store(f"sqlite:///{office.folder}/city.db", clock=lambda: NOW)  # after a restart
    assert versions.can_redo(office.store, ZHANG, "service").estates == ("E003",)  # type: ignore[union-attr]
    versions.redo(office.store, ZHANG, "service", now=NOW)
    versions.redo(office.store, ZHANG, "service", now=NOW)
    assert office.now().value == third.value and not office.now().outdated
    assert versions.redo(office.store, ZHANG, "service", now=NOW) is None
    assert [one.state for one in versions.history(office.store, ZHANG, "service")] == ["done", "done", "done"]


def test_first_solve_cannot_be_undone_but_a_second_can(office: Office) -> None:
    assert versions.can_undo(office.store, ZHANG, "service") is None
    assert versions.undo(office.store, ZHANG, "service", now=NOW) is None
    office.leave_out("E003")
    kept = office.now().value
    again = office.solve()
    assert [one.kind for one in again.value.wishes] == ["leave_out"]
    assert versions.undo(office.store, ZHANG, "service", now=NOW).kind == "solve"  # type: ignore[union-attr]
    assert office.now().value == kept


def test_new_decision_drops_what_could_be_redone(office: Office) -> None:
    office.leave_out("E003")
    versions.undo(office.store, ZHANG, "service", now=NOW)
    office.leave_out("E004")
    assert versions.can_redo(office.store, ZHANG, "service") is None
    assert versions.redo(office.store, ZHANG, "service", now=NOW) is None
    assert [one.state for one in versions.history(office.store, ZHANG, "service")] == ["done", "dropped", "done"]


def test_two_planners_never_overwrite_each_other(office: Office) -> None:
    base = office.now(LI)
    mine = office.try_(hands.leave_out(base.value, ["E003"], BY))
    office.leave_out("E012", actor=LI)
    theirs = office.now().value
    with pytest.raises(InputError, match="新的版本"):
        versions.decide(office.store, ZHANG, "service", base, mine, kind="leave_out", estates=["E003"], now=NOW)
    assert office.now().value == theirs
    with pytest.raises(InputError, match="李四"):
        versions.undo(office.store, ZHANG, "service", now=NOW)
    assert office.now().value == theirs


def test_changed_data_refuse_decisions_and_undo(office: Office) -> None:
    office.leave_out("E003")
    base = office.now()
    found = office.try_(hands.leave_out(base.value, ["E005"], BY))
    with office.store.begin(ZHANG, write=True) as work:
        work.put(ESTATES, make_estates([{**SMALL, "xy": (0, 0), "households": 70}])[["households"]])
    assert office.now().outdated
    with pytest.raises(InputError, match="台账数据"):
        versions.decide(office.store, ZHANG, "service", base, found, kind="leave_out", estates=["E005"], now=NOW)
    with pytest.raises(InputError, match="台账数据"):
        versions.undo(office.store, ZHANG, "service", now=NOW)
    assert not office.solve().outdated
    assert [one.estates for one in office.now().value.wishes] == [("E003",)]


def test_named_versions_are_kept_compared_and_made_current(office: Office) -> None:
    first = office.now().value
    versions.save_version(office.store, ZHANG, "service", " 甲 方案 ")
    office.leave_out("E003")
    versions.save_version(office.store, ZHANG, "service", "乙方案")
    assert [one.name for one in versions.versions(office.store, ZHANG, "service")] == ["乙方案", "甲 方案"]
    assert versions.versions(office.store, ZHANG, "anchor") == ()
    found = versions.compare(office.store, ZHANG, "service", "甲 方案", "乙方案")
    assert found == difference(first, office.now().value) and found.households == -60
    assert versions.compare(office.store, ZHANG, "service", "乙方案", "").nothing
    with pytest.raises(InputError, match="已经有"):
        versions.save_version(office.store, ZHANG, "service", "乙方案")
    for name in ("", "长" * 41):
        with pytest.raises(InputError, match="名字"):
            versions.save_version(office.store, ZHANG, "service", name)
    with pytest.raises(InputError, match="没有名为"):
        versions.make_current(office.store, ZHANG, "service", "丙", now=NOW)
    assert versions.make_current(office.store, ZHANG, "service", "甲 方案", now=NOW).value == first
    assert versions.undo(office.store, ZHANG, "service", now=NOW).kind == "make_current"  # type: ignore[union-attr]
    assert home(office.now().value, "E003") is None


def test_each_area_has_its_own_line_of_plans(office: Office) -> None:
    whole = office.now()
    own = office.solve(STREET)
    assert {member for one in own.value.bundles for member in one.members} <= {f"E{k:03d}" for k in range(10, 20)}
    office.leave_out("E012", actor=STREET)
    assert office.now().number == whole.number
    assert versions.can_undo(office.store, ZHANG, "service") is None
    assert versions.undo(office.store, STREET, "service", now=NOW).estates == ("E012",)  # type: ignore[union-attr]
    assert office.now(STREET).value == own.value
    with office.store.begin(STREET) as work:
        steps = work.read(BUNDLE_STEPS)
    assert set(steps["unit_id"]) == {"S2"}


def test_readers_decide_nothing(office: Office) -> None:
    reader = Actor("赵六", Role.LEADER)
    base = office.now()
    found = office.try_(hands.leave_out(base.value, ["E003"], WHY))
    with pytest.raises(InputError, match="只能查看"):
        versions.decide(office.store, reader, "service", base, found, kind="leave_out", estates=["E003"], now=NOW)
    assert versions.history(office.store, reader, "service")


def test_a_moment_needs_its_zone(office: Office) -> None:
    base = office.now()
    found = office.try_(hands.leave_out(base.value, ["E003"], WHY))
    with pytest.raises(ValueError, match="time zone"):
        versions.decide(
            office.store,
            ZHANG,
            "service",
            base,
            found,
            kind="x",
            estates=[],
            now=datetime(2027, 1, 1),
        )
    assert office.now().number == base.number
