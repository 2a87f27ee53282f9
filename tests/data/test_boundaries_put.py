"""Boundaries by rank: what may replace what, what is kept of it, who may, and that the same again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import shapely
from boundary_cases import CHIEF, LI, OF_STREET, START, WANG, at, candidates, in_force, offer, opened, row, square

from data.boundaries import accept, draw, history, marks, put_boundaries, put_proposals, restore, withdraw
from data.schemas import BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_PROPOSALS, BOUNDARY_STEPS, ESTATES, GATES
from data.schemas.boundaries import SOURCES
from data.store import Change, Store
from geo.errors import InputError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as one:
        yield one


def test_every_pair_of_sources_by_file_and_by_person_with_and_without_a_reason(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        work.put(ESTATES, ESTATES.frame([{"estate_id": f"P{i}", "name": f"{i}", "region_id": "R", "consent": "unknown"}
                                         for i in range(48)]))  # fmt: skip
        cases = list(enumerate(product(SOURCES, SOURCES, ("load", "person", "reason"))))
        first = [{"estate_id": f"P{i}", "source": old, "geometry": square(0)} for i, (old, _, _) in cases]
        put_boundaries(work, first, cause="导入", now=START)
        kept = set()
        for way in ("load", "person", "reason"):
            offered = [
                {"estate_id": f"P{i}", "source": new, "geometry": square(1)}
                | ({"reason": "现场核对"} if how == "reason" else {})
                for i, (_, new, how) in cases
                if how == way
            ]
            outcome = put_boundaries(work, offered, by_person=way != "load", cause="再放一次", now=at(5))
            kept |= {estate_id for estate_id, _, _ in outcome.kept_better}
        found, past = work.read(BOUNDARIES), work.read(BOUNDARY_HISTORY)
    for i, (old, new, how) in cases:
        stays = SOURCES.index(new) > SOURCES.index(old) and how != "reason"
        assert found.at[f"P{i}", "source"] == (old if stays else new), (old, new, how)
        assert (f"P{i}" in kept) == stays
        assert (past["estate_id"] == f"P{i}").sum() == (0 if stays else 1)


def test_a_boundary_knows_who_put_it_there_and_when_and_history_who_replaced_it(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0, "text", confidence=0.97, model="m1", reason="四至完整")
    with store.begin(LI, write=True) as work:
        put_boundaries(
            work, [row(0, "survey", 0.001, datum="gcj02", source_file="b.gpkg")], cause="导入边界文件", now=at(7)
        )
        past = history(work, "E0")
    now = in_force(store).loc["E0"]
    assert (now["person"], now["at"], now["datum"], now["source_file"]) == (
        "李科员", "2027-01-04T09:07:00+00:00", "gcj02", "b.gpkg",
    )  # fmt: skip
    assert now.isna()[["confidence", "model", "reason"]].all()
    was = past.iloc[0]
    assert (was["source"], was["confidence"], was["model"], was["reason"]) == ("text", 0.97, "m1", "四至完整")
    assert (was["person"], was["at"]) == ("王科员", "2027-01-04T09:00:00+00:00")
    assert (was["replaced_by"], was["replaced_at"], was["cause"]) == (
        "李科员", "2027-01-04T09:07:00+00:00", "导入边界文件",
    )  # fmt: skip
    assert was["geometry"].equals(square(0))


def test_the_same_again_writes_nothing_and_keeps_the_moment(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0, confidence=1.0, source_file="a.gpkg")
    stamp = store.stamp
    turned = shapely.Polygon(list(square(0).exterior.coords)[2:-1] + list(square(0).exterior.coords)[:2])
    same = row(0, confidence=1.0, source_file="renamed.gpkg", geometry=turned, person="别人", at="2030-01-01T00:00:00")
    with store.begin(LI, write=True) as work:
        outcome = put_boundaries(work, [same], cause="导入", now=at(99))
        assert outcome.change == Change(unchanged=1) and outcome.decision_id is None
        assert history(work, "E0").empty
    assert store.stamp == stamp
    assert in_force(store).at["E0", "source_file"] == "a.gpkg"


def test_an_equal_newer_file_replaces_the_older_one(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0, source_file="a.gpkg")
        assert offer(work, 0, shift=1e-4, source_file="b.gpkg").change == Change(changed=1)
        assert list(history(work, "E0")["source_file"]) == ["a.gpkg"]
    assert in_force(store).at["E0", "source_file"] == "b.gpkg"


def test_what_a_person_put_aside_does_not_come_back_with_the_same_file_but_a_new_survey_counts(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        offer(work, 1)
        draw(work, "E0", square(0, 0.0003), now=at(1), reason="围墙已外移")
        withdraw(work, "E1", "画成了隔壁小区", at(2))
    stamp = store.stamp
    with store.begin(LI, write=True) as work:
        again = put_boundaries(work, [row(0), row(1)], cause="导入", now=at(3))
        assert not again.change
        assert again.kept_chosen == (("E0", "drawn", "survey"), ("E1", "", "survey"))
    assert store.stamp == stamp
    with store.begin(LI, write=True) as work:
        new = put_boundaries(work, [row(0, shift=0.0006), row(1, shift=0.0006)], cause="导入", now=at(4))
        assert new.change == Change(added=1, changed=1)


def test_a_survey_that_a_person_brought_back_yields_to_a_newer_survey_only(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        draw(work, "E0", square(0, 0.0003), now=at(1), reason="改")
        restore(work, str(history(work, "E0").index[0]), "测绘无误", at(2))
        assert offer(work, 0, "drawn", shift=0.0005).kept_better == (("E0", "survey", "drawn"),)
        assert offer(work, 0, shift=0.0004).change == Change(changed=1)


def test_a_run_does_not_bring_back_in_another_shape_what_a_person_took_away(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0, "text")
        withdraw(work, "E0", "不是这个街区", at(1))
        assert offer(work, 0, "text", shift=0.0001).kept_chosen == (("E0", "", "text"),)
        assert offer(work, 0, "derived", shift=0.0002).kept_chosen == (("E0", "", "derived"),)
        assert offer(work, 0, "drawn", shift=0.0002).change == Change(added=1)


def test_a_run_does_not_replace_the_candidate_that_a_person_chose(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        best = candidates(work, [0])
        other = next(i for i in work.read(BOUNDARY_PROPOSALS).index if i not in best)
        offer(work, 0, "text", confidence=0.9, model="m1")
        accept(work, [other], now=at(1))
        run = offer(work, 0, "text", shift=0.0001, confidence=0.99, model="m2")
        assert run.kept_chosen == (("E0", "text", "text"),) and not run.change
        assert offer(work, 0, "drawn", shift=0.0002).change == Change(changed=1)
        newer = offer(work, 0, "drawn", shift=0.0003)
        assert newer.change == Change(changed=1), "a file replaced the choice, so the next file may replace the file"
    assert in_force(store).at["E0", "source"] == "drawn"


def test_accepted_candidates_keep_confidence_model_and_source(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        words = candidates(work, [0])
        points = candidates(work, [1], text=None)
        outcome = accept(work, [*words, *points], now=at(1), reason="已到现场")
        assert outcome.change == Change(added=2)
    found = in_force(store)
    assert dict(found["source"]) == {"E0": "text", "E1": "derived"}
    assert set(found["confidence"]) == {0.9} and set(found["model"]) == {"m1"} and set(found["reason"]) == {"已到现场"}


def test_a_bulk_acceptance_leaves_better_boundaries_and_names_them(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 1)
        outcome = accept(work, candidates(work, [0, 1, 2]), now=at(1))
    assert outcome.kept_better == (("E1", "survey", "text"),)
    assert outcome.change == Change(added=2)
    assert dict(in_force(store)["source"]) == {"E0": "text", "E1": "survey", "E2": "text"}


def test_candidates_that_cannot_be_taken_are_told_and_nothing_is_changed(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        ids = candidates(work, [0, 1])
        both = work.read(BOUNDARY_PROPOSALS)
        of_e0 = list(both.index[both["estate_id"] == "E0"])
        put_proposals(work, [{"estate_id": "E2", "rank": 0, "outcome": "cannot", "why": ["没有四至"]}])
        bare = next(iter(set(work.read(BOUNDARY_PROPOSALS).index) - set(both.index)))
    stamp = store.stamp
    for wrong, words in (([*ids, "P-old"], "重新计算"), (of_e0, "同一个小区"), ([ids[1], bare], "没有边界图形")):
        with pytest.raises(InputError, match=words), store.begin(WANG, write=True) as work:
            accept(work, wrong, now=at(1))
    assert store.stamp == stamp


def test_a_drawing_over_a_survey_needs_a_reason(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        with pytest.raises(InputError, match="比人工绘制更可靠"):
            draw(work, "E0", square(0, 0.0002), now=at(1), reason="  ")
        draw(work, "E0", square(0, 0.0002), now=at(1), reason="围墙外移")
    assert in_force(store).at["E0", "reason"] == "围墙外移"


def test_a_drawing_is_mended_and_says_so_and_names_the_neighbours_it_lies_upon(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 1)
        loop = shapely.Polygon([(112.0, 30.0), (112.0105, 30.0), (112.0105, 30.002), (112.0, 30.002), (112.0, 30.0)])
        outcome = draw(work, "E0", loop, now=at(1))
    assert any("重叠：“小区1”" in note for note in outcome.notes)


def test_new_candidates_replace_those_of_their_estates_only(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        candidates(work, [0, 1])
        before = set(work.read(BOUNDARY_PROPOSALS).index)
        stamp = work.stamp
        candidates(work, [0, 1])
        assert work.stamp == stamp
        fresh = {"estate_id": "E0", "rank": 0, "outcome": "accepted", "text": "新", "geometry": square(0, 0.0009)}
        put_proposals(work, [fresh])
        after = work.read(BOUNDARY_PROPOSALS)
        assert len(after) == 3 and len(before & set(after.index)) == 2
        put_proposals(work, [], ["E1"])
        assert set(work.read(BOUNDARY_PROPOSALS)["estate_id"]) == {"E0"}


def test_evidence_that_changes_alone_keeps_the_id(store: Store) -> None:
    row_ = {"estate_id": "E0", "rank": 0, "outcome": "look", "text": "东至", "geometry": square(0)}
    with store.begin(WANG, write=True) as work:
        put_proposals(work, [row_ | {"evidence": {"a": 1.0}}])
        old = work.read(BOUNDARY_PROPOSALS)
        assert put_proposals(work, [row_ | {"evidence": {"a": 2.0}}]) == Change(changed=1)
        new = work.read(BOUNDARY_PROPOSALS)
    assert list(old.index) == list(new.index) and new["evidence"].iloc[0] == {"a": 2.0}


def test_a_clerk_of_a_street_decides_on_own_estates_only(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        ids = candidates(work, [0, 1])
        offer(work, 0)
        offer(work, 2)
        draw(work, "E2", square(2, 0.0001), now=at(1), reason="改")
    stamp = store.stamp
    for act in (
        lambda work: accept(work, ids, now=at(2)),
        lambda work: draw(work, "E0", square(0), now=at(2), reason="改"),
        lambda work: withdraw(work, "E0", "改", at(2)),
        lambda work: offer(work, 0, shift=0.0001),
        lambda work: put_proposals(work, [], ["E0"]) or put_proposals(
            work, [{"estate_id": "E0", "rank": 0, "outcome": "cannot"}]
        ),
    ):  # fmt: skip
        with pytest.raises(InputError), store.begin(OF_STREET, write=True) as work:
            act(work)
    assert store.stamp == stamp
    with store.begin(OF_STREET, write=True) as work:
        assert accept(work, ids[1:], now=at(2)).change == Change(added=1)
        assert history(work, "E2").empty and not history(work, "E1").shape[0]
        assert work.read(BOUNDARY_STEPS)["estate_id"].unique().tolist() == ["E1"]
        assert set(work.read(BOUNDARY_PROPOSALS)["estate_id"]) == {"E1"}


def test_a_leader_sees_boundaries_and_marks_but_changes_nothing(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
    with store.begin(CHIEF) as work:
        assert marks(work, ["E0", "E1"])["E1"] == "" and history(work, "E0").empty
    with pytest.raises(InputError, match="只能查看"), store.begin(CHIEF, write=True):
        pass


def test_the_audit_log_says_what_was_decided_and_why(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
        draw(work, "E0", square(0, 0.0002), now=at(1), reason="围墙外移")
        withdraw(work, "E0", "已拆迁", at(2))
        log = work.audit()
        assert work.verify_audit() is None
    entries = log[(log["object_id"] == "E0") & (log["object_type"] == "boundaries")].sort_index()
    assert list(entries["action"]) == ["add", "change", "remove"]
    assert entries.iloc[1]["before"]["source"] == "survey" and entries.iloc[1]["after"]["source"] == "drawn"
    assert entries.iloc[1]["after"]["reason"] == "围墙外移"
    assert entries.iloc[2]["after"] == {"reason": "已拆迁"}
    causes = [entry["cause"] for entry in log[log["object_type"] == "boundary_history"].sort_index()["after"]]
    assert causes == ["手绘边界：围墙外移", "已拆迁"]


def test_an_estate_takes_everything_about_its_boundary_along(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        candidates(work, [0, 1])
        for n in (0, 1):
            offer(work, n)
            draw(work, f"E{n}", square(n, 0.0002), now=at(1), reason="改")
        work.remove(ESTATES, ["E0"], "重复登记")
        for table in (BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_STEPS, BOUNDARY_PROPOSALS, GATES):
            frame = work.read(table)
            left = frame.index if table is BOUNDARIES else frame["estate_id"]
            assert "E0" not in set(left) and (table is GATES or "E1" in set(left)), table.name


def test_a_change_that_fails_half_way_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.begin(WANG, write=True) as work:
        offer(work, 0)
    stamp = store.stamp
    with store.begin(WANG, write=True) as work:
        put = type(work).put

        def failing(self: object, table: object, frame: object, **how: object) -> object:
            if table is BOUNDARY_STEPS:
                raise RuntimeError("pulled plug")
            return put(self, table, frame, **how)  # type: ignore[arg-type]

        monkeypatch.setattr(type(work), "put", failing)
        with pytest.raises(RuntimeError):
            draw(work, "E0", square(0, 0.0002), now=at(1), reason="改")
        monkeypatch.undo()
        assert work.read(BOUNDARY_HISTORY).empty and work.read(BOUNDARIES).at["E0", "source"] == "survey"
    assert store.stamp == stamp


def test_rows_that_make_no_sense_are_programming_faults(store: Store) -> None:
    with store.begin(WANG, write=True) as work:
        for rows in ([row(0) | {"geometry": None}], [row(0), row(0)], [row(0) | {"geometry": shapely.Polygon()}]):
            with pytest.raises(ValueError, match=r"outline|unique|estate_id"):
                put_boundaries(work, rows, cause="导入", now=START)
        with pytest.raises(ValueError, match="cause"):
            put_boundaries(work, [row(0)], cause=" ", now=START)
        with pytest.raises(ValueError, match="time zone"):
            put_boundaries(work, [row(0)], cause="导入", now=START.replace(tzinfo=None))
        assert put_boundaries(work, [], cause="导入", now=START).change == Change()
        with pytest.raises(InputError, match="没有边界可以撤回"):
            withdraw(work, "E0", "错", START)
