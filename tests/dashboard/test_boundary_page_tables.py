"""What the boundary page shows: the list by stake, the scene of an estate, tables that follow every change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from dashboard import boundary_actions as actions
from dashboard.boundary_desk import Desk
from dashboard.boundary_list import bulk_offer, worklist
from dashboard.boundary_scene import shape_json
from dashboard.boundary_session import Session, scenes
from dashboard.boundary_text import side_rows, text_pieces, warnings_of
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES
from data.store import Actor, Role, open_store
from geo.shapes import area_m2
from tests.dashboard.boundary_cases import CLERK, NOW, TEXT, at, box, make_desk, make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_store(make_store(tmp_path), clock=lambda: NOW) as store:
        yield make_desk(store)


def _same(one: Desk, other: Desk) -> bool:
    """Whether two desks show the same."""
    shapes = all(
        one.boundaries[e]["geometry"].equals(other.boundaries[e]["geometry"])
        for e in one.boundaries
        if e in other.boundaries
    )
    plain = [
        {e: {k: v for k, v in row.items() if k != "geometry"} for e, row in d.boundaries.items()} for d in (one, other)
    ]
    gates = [{e: g for e, g in d.gates.items() if g} for d in (one, other)]
    ids = [{e: [row["proposal_id"] for row in rows] for e, rows in d.proposals.items()} for d in (one, other)]
    return (
        shapes and plain[0] == plain[1] and gates[0] == gates[1] and ids[0] == ids[1] and one.sequence == other.sequence
    )


def test_the_list_puts_households_times_doubt_first(desk: Desk) -> None:
    rows = worklist(desk, "").rows
    # 400 × 1, 500 × 0.4, 100 × 0.5, 900 × 0.05, 300 × 0.08, 200 × 0
    assert [row[0] for row in rows] == ["E3", "E4", "E5", "E1", "E2", "E6"]
    assert rows[1] == ("E4", "E4小区", "北街道", 500, "look", 0.6)
    assert {row[0]: row[4] for row in rows} == {
        "E1": "look", "E2": "look", "E3": "cannot", "E4": "look", "E5": "look", "E6": "accepted"
    }  # fmt: skip


def test_the_list_holds_the_chosen_street_and_keeps_its_order_while_it_is_worked_down(desk: Desk) -> None:
    session = Session()
    first = session.worklist(desk, "S2")
    assert [row[0] for row in first.rows] == ["E4", "E5", "E6"]
    session.act(desk, CLERK, [{"seq": 1, "do": "accept", "estate_id": "E4", "proposal_id": "P4"}], NOW)
    assert session.worklist(desk, "S2") is first
    assert session.worklist(desk, "S1") is not first


def test_an_estate_without_proposal_or_boundary_waits_to_be_worked_out(tmp_path: Path) -> None:
    with open_store(make_store(tmp_path, proposals=False), clock=lambda: NOW) as store:
        desk = make_desk(store)
        assert [row[4] for row in worklist(desk, "S1").rows] == ["none"] * 3
        assert scenes(desk, CLERK, ["E1"])["E1"]["candidates"] == []


def test_a_bulk_offer_takes_the_street_s_sure_candidates(desk: Desk) -> None:
    assert bulk_offer(desk, "", 0.9).proposals == {"E1": "P1a", "E2": "P2"}
    assert bulk_offer(desk, "", 0.9).households == 1200
    assert bulk_offer(desk, "S2", 0.5).proposals == {"E4": "P4"}
    assert bulk_offer(desk, "S2", 0.61).proposals == {}
    assert bulk_offer(desk, "", 0.95).proposals == {"E1": "P1a"}, "the limit itself counts"


def test_a_bulk_offer_never_gives_two_estates_the_same_ground(desk: Desk) -> None:
    with desk.store.begin(CLERK, write=True) as work:
        row = {"estate_id": "E2", "rank": 0, "outcome": "look", "confidence": 0.91, "step": "faces", "text": "x"}
        lies_on_e1 = {"proposal_id": "P2", "geometry": box(300, 410, 790, 790), **row}
        lies_on_e6 = {**row, "proposal_id": "P5", "estate_id": "E5", "geometry": box(700, 900, 1000, 1100)}
        work.put(BOUNDARY_PROPOSALS, BOUNDARY_PROPOSALS.frame([lies_on_e1, lies_on_e6]))
    fresh = make_desk(desk.store)
    offer = bulk_offer(fresh, "", 0.9)
    assert offer.proposals == {"E1": "P1a"}, "the surer one of the two"
    assert set(offer.overlapping) == {"E2小区", "E5小区"}


def test_a_shared_line_is_no_shared_ground(desk: Desk) -> None:
    with desk.store.begin(CLERK, write=True) as work:
        rows = [
            {"proposal_id": p, "estate_id": e, "rank": 0, "outcome": "look", "confidence": 0.99, "step": "faces", "geometry": g}
            for p, e, g in (("P1a", "E1", box(400, 400, 800, 800)), ("P2", "E2", box(0, 400, 400.5, 800)))
        ]  # fmt: skip
        work.put(BOUNDARY_PROPOSALS, BOUNDARY_PROPOSALS.frame(rows))
    assert set(bulk_offer(make_desk(desk.store), "", 0.9).proposals) == {"E1", "E2"}


def test_a_scene_names_the_sides_and_puts_their_letters_on_their_roads(desk: Desk) -> None:
    scene = scenes(desk, CLERK, ["E1"])["E1"]
    assert [piece for piece in scene["text"] if "side" in piece] == [
        {"t": "东二路", "side": "east"}, {"t": "南二路", "side": "south"},
        {"t": "西二路", "side": "west"}, {"t": "北二路", "side": "north"},
    ]  # fmt: skip
    assert "".join(piece["t"] for piece in scene["text"]) == TEXT
    letters = {item["s"]: item["at"] for item in scene["letters"]}
    assert letters["east"] == pytest.approx(at(800, 600), abs=2e-5)
    assert letters["south"] == pytest.approx(at(600, 400), abs=2e-5)
    assert {way["n"]: way["s"] for way in scene["ways"] if way["s"]} == {
        "东二路": "east", "南二路": "south", "西二路": "west", "北二路": "north"
    }  # fmt: skip


def test_a_scene_shows_three_candidates_with_area_against_the_ledger(desk: Desk) -> None:
    scene = scenes(desk, CLERK, ["E1"])["E1"]
    assert [(c["id"], c["confidence"], c["source"]) for c in scene["candidates"]] == [
        ("P1a", 0.95, "text"), ("P1b", 0.4, "text"), ("P1c", 0.2, "text")
    ]  # fmt: skip
    assert scene["candidates"][0]["facts"].startswith("14.5万平方米（台账+45%）")
    assert scene["candidates"][0]["why"] == ["面积是台账的 1.6 倍"]
    numbers = [tuple(c["at"]) for c in scene["candidates"]]
    assert len(set(numbers)) == 3
    assert scene["gate"] == pytest.approx(at(600, 410))
    assert scenes(desk, CLERK, ["E5"])["E5"]["candidates"][0]["source"] == "derived"


def test_what_cannot_be_drawn_says_why(desk: Desk) -> None:
    scene = scenes(desk, CLERK, ["E3"])["E3"]
    assert scene["candidates"] == []
    assert scene["why"] == ["南侧“围墙”没有名称"]
    rows = {row["side"]: row for row in scene["sides"]}
    assert rows["west"]["words"] == rows["north"]["words"] == "没有写明"
    assert not rows["west"]["found"]


def test_a_scene_holds_the_surroundings_and_not_the_city(tmp_path: Path) -> None:
    with open_store(make_store(tmp_path), clock=lambda: NOW) as store:
        with store.begin(CLERK, write=True) as work:
            far = [
                {"estate_id": f"F{i}", "name": f"远{i}", "region_id": "RE1", "consent": "unknown",
                 "lon": at(50_000, 500 * i)[0], "lat": at(50_000, 500 * i)[1]}
                for i in range(40)
            ]  # fmt: skip
            work.put(ESTATES, ESTATES.frame(far))
            work.put(
                BOUNDARIES,
                BOUNDARIES.frame(
                    [
                        {
                            "estate_id": f"F{i}",
                            "source": "survey",
                            "geometry": box(50_000, 500 * i, 50_100, 500 * i + 100),
                        }
                        for i in range(40)
                    ]
                ),
            )
        scene = scenes(make_desk(store), CLERK, ["E1"])["E1"]
    assert [item["id"] for item in scene["neighbours"]] == ["E6"]


def test_a_ring_of_100_000_vertices_is_shown_with_few_and_little_loss() -> None:
    angle = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    circle = shapely.Polygon([at(500 + 400 * np.cos(a), 500 + 400 * np.sin(a)) for a in angle])
    rings, tolerance_m = shape_json(circle)
    assert len(rings[0][0]) <= 300
    assert tolerance_m is not None
    shown = shapely.Polygon(rings[0][0])
    lost = float(area_m2([shown.symmetric_difference(circle)])[0] / area_m2([circle])[0])
    assert lost < 0.01


def test_a_plain_shape_is_shown_as_it_is() -> None:
    shape = shapely.MultiPolygon([box(0, 0, 100, 100).difference(box(40, 40, 60, 60)), box(200, 0, 300, 100)])
    rings, tolerance_m = shape_json(shape)
    assert tolerance_m is None
    back = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in rings])
    assert float(area_m2([back.symmetric_difference(shape)])[0]) < 5, "a centimetre along the ring"


def test_a_text_of_10_000_signs_says_what_it_leaves_out() -> None:
    text = TEXT + "无关文字" * 2500
    shown = "".join(piece["t"] for piece in text_pieces(text))
    assert len(shown) < 5000
    assert "未显示" in shown
    assert text_pieces("") == [] and side_rows("", {}, ()) == [] and warnings_of("", []) == []


def test_parts_that_nobody_looked_up_are_compared_with_the_map() -> None:
    rows = side_rows("东至建设路、南至和平路、西至青年路、北至人民路", {}, {"建设路"})
    assert [(row["side"], row["features"]) for row in rows][:2] == [("east", ["建设路"]), ("south", [])]
    assert rows[1]["words"] == "尚未查找"


def test_after_any_decision_the_tables_are_as_if_read_anew(desk: Desk) -> None:
    session = Session()
    ring = [[[list(p) for p in shapely.get_coordinates(box(830, 830, 900, 900))]]]
    steps = [
        {"do": "accept", "estate_id": "E1", "proposal_id": "P1a"},
        {"do": "gate", "estate_id": "E2", "at": list(at(390, 600))},
        {"do": "draw", "estate_id": "E3", "shape": ring},
        {"do": "gate", "estate_id": "E1", "gate_id": "G1", "at": list(at(610, 420))},
        {"do": "undo", "estate_id": "E1"}, {"do": "undo", "estate_id": "E1"}, {"do": "undo", "estate_id": "E1"},
        {"do": "redo", "estate_id": "E1"}, {"do": "accept", "estate_id": "E4", "proposal_id": "P4"},
    ]  # fmt: skip
    for number, step in enumerate(steps, start=1):
        session.act(desk, CLERK, [{"seq": number, **step}], NOW)
        assert session.answers[-1]["ok"], session.answers[-1]["text"]
        assert _same(desk, make_desk(desk.store))
    assert desk.epoch == 1


def test_a_colleague_s_decision_arrives_and_a_load_makes_everything_new(desk: Desk) -> None:
    colleague = Actor("同事", Role.PLANNER)
    other = make_desk(desk.store)
    actions.apply(other, actions.Decision("accept", "E2", proposal_id="P2"), colleague, NOW)
    with desk.store.begin(CLERK) as work:
        assert desk.update(work)
    assert [change.estate_id for change in desk.changes] == ["E2"]
    with desk.store.begin(CLERK, write=True) as work:
        work.put(ESTATES, ESTATES.frame([{"estate_id": "E9", "name": "新", "region_id": "RE1", "consent": "unknown"}]))
    with desk.store.begin(CLERK) as work:
        assert not desk.update(work)


def test_new_proposals_void_the_scenes_that_were_sent(desk: Desk) -> None:
    with desk.store.begin(CLERK, write=True) as work:
        work.remove(BOUNDARY_PROPOSALS, ["P1b"], "重新计算")
    with desk.store.begin(CLERK) as work:
        assert desk.update(work)
    assert desk.epoch == 2
    assert [c["id"] for c in scenes(desk, CLERK, ["E1"])["E1"]["candidates"]] == ["P1a", "P1c"]
