"""Neighbours must agree: one estate to a piece of ground, and the same thing between two estates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.blocks.agree import EQUAL, TOLERANCE, Claim, Held, agree, overlap_share
from geo.blocks.confidence import Verdict
from geo.blocks.neighbours import Plot, facing, opinions
from geo.shapes import metric_shapes
from geo.sides.types import Side
from tests.geo.grid_town import square
from tests.strategies import at


def _claim(
    name: str,
    shapes: Sequence[BaseGeometry],
    confidences: Sequence[float],
    *,
    verdict: Verdict = Verdict.ACCEPTED,
    sides: dict[Side, frozenset[str]] | None = None,
    point: tuple[float, float] | None = None,
) -> Claim:
    return Claim(name, f"{name}小区", verdict, tuple(shapes), tuple(confidences), sides or {}, point, 0.9)


def test_estates_apart_stay_as_they_were():
    found = agree([_claim("A", [square(0, 0)], [0.99]), _claim("B", [square(3, 3)], [0.95])])
    assert {i: (a.verdict, a.confidences, a.why) for i, a in found.items()} == {
        "A": (Verdict.ACCEPTED, (0.99,), ()),
        "B": (Verdict.ACCEPTED, (0.95,), ()),
    }


def test_neighbours_across_a_road_do_not_overlap():
    found = agree([_claim("A", [square(0, 0)], [0.99]), _claim("B", [square(1, 0)], [0.99])])
    assert all(a.verdict is Verdict.ACCEPTED for a in found.values())


@pytest.mark.parametrize(("metres", "verdict"), [(9.0, Verdict.ACCEPTED), (11.0, Verdict.LOOK)])
def test_an_overlap_beyond_the_tolerance_is_a_conflict(metres: float, verdict: Verdict):
    """Five of a hundred of 200 m are 10 m."""
    over = square(1, 0).union(square(0, 0, inset_m=0).intersection(_strip(200 - metres, 200)))
    found = agree([_claim("A", [square(0, 0)], [0.99]), _claim("B", [over], [0.92])])
    assert found["A"].verdict is Verdict.ACCEPTED and found["B"].verdict is verdict


def _strip(west_m: float, east_m: float) -> BaseGeometry:
    from shapely import Polygon

    return Polygon([at(west_m, 0), at(east_m, 0), at(east_m, 200), at(west_m, 200)])


def test_the_weaker_gives_way_to_another_candidate_and_a_person_looks():
    claims = [
        _claim("A", [square(0, 0, 2)], [0.99]),
        _claim("B", [square(1, 0), square(4, 4)], [0.93, 0.6]),
    ]
    found = agree(claims)
    assert found["A"].verdict is Verdict.ACCEPTED
    assert found["B"].verdict is Verdict.LOOK and found["B"].order == (1, 0) and found["B"].confidences == (0.6, 0.93)
    assert "最像的范围与“A小区”的候选范围重叠 100%；不重叠的另一个范围已排到前面" in found["B"].why


def test_equally_strong_claims_are_both_looked_at():
    claims = [_claim("A", [square(0, 0, 2)], [0.99]), _claim("B", [square(1, 0)], [0.99 - EQUAL + 0.001])]
    found = agree(claims)
    assert {a.verdict for a in found.values()} == {Verdict.LOOK}
    assert all(a.order == (0,) for a in found.values())


def test_a_claim_that_waits_for_a_person_still_contests_ground():
    claims = [
        _claim("A", [square(0, 0, 2)], [0.99], verdict=Verdict.LOOK),
        _claim("B", [square(1, 0)], [0.93]),
    ]
    assert agree(claims)["B"].verdict is Verdict.LOOK


def test_what_cannot_be_drawn_contests_nothing():
    claims = [
        _claim("A", [square(0, 0, 2)], [0.02], verdict=Verdict.CANNOT),
        _claim("B", [square(1, 0)], [0.93]),
    ]
    found = agree(claims)
    assert found["B"].verdict is Verdict.ACCEPTED and found["A"].verdict is Verdict.CANNOT


def test_ground_of_a_better_source_cannot_be_claimed():
    held = [Held("H", "测绘小区", square(0, 0)), Held("A", "A小区", square(0, 0))]
    found = agree([_claim("A", [square(0, 0), square(5, 5)], [0.99, 0.5])], held)
    assert found["A"].verdict is Verdict.LOOK and found["A"].order == (1, 0)
    assert found["A"].why == ("与已有边界的“测绘小区”重叠 100%",)


def test_ones_own_ground_is_no_obstacle():
    found = agree([_claim("A", [square(0, 0)], [0.99])], [Held("A", "A小区", square(0, 0))])
    assert found["A"].verdict is Verdict.ACCEPTED


def test_estates_that_say_the_same_cannot_be_told_apart_whatever_their_confidence():
    claims = [
        _claim("A", [square(0, 0)], [0.99]),
        _claim("B", [square(0, 0)], [0.5]),
        _claim("C", [square(2, 2)], [0.99]),
    ]
    found = agree(claims)
    assert found["A"].verdict is found["B"].verdict is Verdict.LOOK and found["C"].verdict is Verdict.ACCEPTED
    assert found["A"].why == ("与“B小区”的四至是同一块地，仅凭文字无法区分，请在街区内划分",)


def test_a_point_of_another_estate_inside_needs_a_person():
    claim = _claim("A", [square(0, 0)], [0.99], point=at(50, 50))
    points = [("A", "A小区", *at(50, 50)), ("B", "B小区", *at(120, 120))]
    assert agree([claim], (), points)["A"].why == ("范围内还有“B小区”的坐标",)
    settled = [Held("B", "B小区", square(3, 3))]
    assert agree([claim], settled, points)["A"].verdict is Verdict.ACCEPTED
    elsewhere = _claim("B", [square(3, 3)], [0.99], point=at(120, 120))
    assert agree([claim, elsewhere], (), points)["A"].verdict is Verdict.ACCEPTED
    assert agree([claim], (), points[:1])["A"].verdict is Verdict.ACCEPTED
    nowhere = [("C", "C小区", float("nan"), 30.0)]
    assert agree([claim], (), nowhere)["A"].verdict is Verdict.ACCEPTED


def test_one_name_between_two_estates_raises_both_and_two_names_lower_both():
    east, west = {Side.EAST: frozenset({"青年路"})}, {Side.WEST: frozenset({"青年路"})}
    other = {Side.WEST: frozenset({"中山路"})}
    agreeing = agree([_claim("A", [square(0, 0)], [0.95], sides=east), _claim("B", [square(1, 0)], [0.95], sides=west)])
    assert all(a.confidences[0] > 0.95 and a.verdict is Verdict.ACCEPTED for a in agreeing.values())
    against = agree([_claim("A", [square(0, 0)], [0.95], sides=east), _claim("B", [square(1, 0)], [0.95], sides=other)])
    assert all(a.confidences[0] < 0.9 and a.verdict is Verdict.LOOK for a in against.values())
    assert "东侧写“青年路”，东邻“B小区”的西侧却写“中山路”" in against["A"].why


def test_agreement_alone_accepts_nobody():
    east, west = {Side.EAST: frozenset({"青年路"})}, {Side.WEST: frozenset({"青年路"})}
    claims = [
        _claim("A", [square(0, 0)], [0.89], sides=east, verdict=Verdict.LOOK),
        _claim("B", [square(1, 0)], [0.89], sides=west, verdict=Verdict.LOOK),
    ]
    found = agree(claims)
    assert all(a.verdict is Verdict.LOOK and a.confidences[0] > 0.9 for a in found.values())


def test_a_named_neighbour_must_lie_on_its_side():
    neighbour = {Side.EAST: frozenset({"B小区"})}
    good = agree([_claim("A", [square(0, 0)], [0.95], sides=neighbour), _claim("B", [square(1, 0)], [0.95])])
    assert good["A"].confidences[0] > 0.95
    bad = agree([_claim("A", [square(1, 0)], [0.95], sides=neighbour), _claim("B", [square(0, 0)], [0.95])])
    assert bad["A"].why == ("东侧写“B小区”，它却不在东边",)
    far = agree([_claim("A", [square(0, 0)], [0.95], sides=neighbour), _claim("B", [square(5, 0)], [0.95])])
    assert "它却在 800 米以外" in far["A"].why[0] or "它却在 799 米以外" in far["A"].why[0]


def test_diagonal_neighbours_have_no_common_side():
    a, b, c = metric_shapes(np.array([square(0, 0), square(1, 1), square(1, 0)], dtype=object))
    assert facing(a, b) is None
    assert facing(a, c) is Side.EAST and facing(c, a) is Side.WEST


def test_plots_without_texts_have_no_opinion():
    a, b = metric_shapes(np.array([square(0, 0), square(1, 0)], dtype=object))
    assert all(not o.agreeing and not o.contradicting for o in opinions([Plot("A", a, {}), Plot("B", b, {})]))
    assert opinions([]) == [] and agree([]) == {}


def test_two_claims_of_one_estate_are_a_fault():
    with pytest.raises(ValueError, match="two claims"):
        agree([_claim("A", [square(0, 0)], [0.9]), _claim("A", [square(1, 1)], [0.9])])


_PLACES = [(i, j, w) for i in range(3) for j in range(2) for w in (1, 2)]
_CONFIDENCES = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6)


@st.composite
def _town(draw: st.DrawFn) -> list[Claim]:
    """Up to five claims with up to three candidates each, on six squares, with confidences well apart."""
    n = draw(st.integers(1, 5))
    sure = draw(st.permutations(_CONFIDENCES))[:n]
    claims = []
    for k in range(n):
        places = draw(st.lists(st.sampled_from(_PLACES), min_size=1, max_size=3, unique=True))
        shapes = [square(i, j, w) for i, j, w in places]
        verdict = Verdict.ACCEPTED if sure[k] >= 0.9 else Verdict.LOOK
        claims.append(_claim(f"E{k}", shapes, [sure[k], 0.3, 0.2][: len(shapes)], verdict=verdict))
    return claims


@settings(max_examples=60, deadline=None)
@given(_town(), st.randoms(use_true_random=False))
def test_the_order_of_claims_changes_nothing(claims: list[Claim], random):
    mixed = list(claims)
    random.shuffle(mixed)
    assert agree(claims) == agree(mixed)


@settings(max_examples=60, deadline=None)
@given(_town())
def test_no_two_accepted_estates_share_ground(claims: list[Claim]):
    found = agree(claims)
    kept = [c.shapes[found[c.estate_id].order[0]] for c in claims if found[c.estate_id].verdict is Verdict.ACCEPTED]
    for k, one in enumerate(kept):
        assert all(overlap_share(one, other) <= TOLERANCE for other in kept[k + 1 :])
    assert all(found[c.estate_id].verdict is not Verdict.ACCEPTED or c.verdict is Verdict.ACCEPTED for c in claims)


@settings(max_examples=60, deadline=None)
@given(_town())
def test_candidates_are_the_best_choice_when_the_strongest_chooses_first(claims: list[Claim]):
    """Brute force: of all choices without overlap, the one that gives the strongest claim its best candidate, and so on;
    a claim that fits nowhere holds no ground and keeps its first."""
    firsts = [c.shapes[0] for c in claims]
    if any(_same(a, b) for k, a in enumerate(firsts) for b in firsts[k + 1 :]):
        return
    ranked = sorted(claims, key=lambda c: -c.confidences[0])
    options = [[*range(len(c.shapes)), None] for c in ranked]
    best = min(
        (
            tuple(len(c.shapes) if k is None else k for c, k in zip(ranked, choice, strict=True))
            for choice in product(*options)
            if _free([c.shapes[k] for c, k in zip(ranked, choice, strict=True) if k is not None])
        ),
    )
    found = agree(claims)
    for claim, choice in zip(ranked, best, strict=True):
        assert found[claim.estate_id].order[0] == (0 if choice == len(claim.shapes) else choice)


def _free(shapes: Sequence[BaseGeometry]) -> bool:
    return all(overlap_share(a, b) <= TOLERANCE for k, a in enumerate(shapes) for b in shapes[k + 1 :])


def _same(a: BaseGeometry, b: BaseGeometry) -> bool:
    return a.intersection(b).area / a.union(b).area > 0.6
