"""The confidence model: calibrated, monotone, honest about what it has not seen; and the hard rules above it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import sides
from geo.blocks.confidence import (
    HARD_RULES,
    Verdict,
    all_was_read,
    ends_not_extended,
    four_sides_resolved,
    names_are_clear,
    outcome,
    sides_do_not_contradict,
)
from geo.blocks.features import NAMES, SIGNS, features
from geo.blocks.fitting import fit, fit_sample, ways_key
from geo.blocks.model import Model, StepModel, built_in, judge, sigmoid
from geo.blocks.sampling import FOLDS, PLANS, Sample
from geo.blocks.scores import accept_threshold, auc, overlap, wilson_low
from geo.blocks.setback import PARTED
from geo.blocks.types import Candidate, Evidence, Match, MatchKind, Outline, Resolved, ResolvedPart, Step
from geo.progress import Stopped
from geo.sides.types import MAIN_SIDES, BoundaryText, Part, PartKind, Side, Unread
from planning.documents import dump, parse
from tests.geo.grid_town import grid_ways, square

GOOD = Evidence(
    step=0, n_sides=4, n_resolved=4, quality_min=1.0, quality_mean=1.0, quality_product=1.0, share_min=0.95,
    share_mean=0.97, share_east=0.97, share_south=0.95, share_west=0.97, share_north=0.97, explained=0.96, contrary=0.0,
    direction_min=0.98, bridged_m=0.0, bridged_share=0.0, network_share=0.0, point_used=True, distance_m=0.0, inset_m=40.0,
    n_fits=1, margin=0.4, score=0.95, area_m2=40_000.0, area_log_ratio=0.05, compactness=0.78, n_parts_tied=0, n_dropped=0,
)  # fmt: skip
NAMED = {Side.EAST: "解放路", Side.SOUTH: "人民街", Side.WEST: "青年路", Side.NORTH: "胜利街"}


def _outline(evidence: Evidence = GOOD, **text: object) -> Outline:
    """Four sides found on the map, and one candidate with this evidence."""
    parts = tuple(
        ResolvedPart(side, Part(name, PartKind.ROAD, 0, 3), (Match(name, MatchKind.EXACT, 1.0, k),), True)
        for k, (side, name) in enumerate(NAMED.items())
    )
    words = BoundaryText("四至", {part.side: (part.part,) for part in parts}, **text)  # type: ignore[arg-type]
    return Outline((_candidate(evidence),), Resolved(words, parts, 1500.0), True)


def _candidate(evidence: Evidence) -> Candidate:
    shape = square(1, 1)
    return Candidate(shape, shape, list(Step)[evidence.step], evidence, {s: (n,) for s, n in NAMED.items()})


def _model(accept_at: float | None = 0.5, intercept: float = 3.0) -> Model:
    """Every candidate has confidence 0.95 with the default intercept."""
    flat = (0.0,) * len(NAMES)
    steps = tuple(
        StepModel(k, flat, (1.0,) * len(NAMES), flat, intercept, accept_at if k < 2 else None) for k in range(5)
    )
    return Model(NAMES, steps, 100, 50, 1, "2026-01-01", "key")


def _sample(n: int, seed: int, *, steep: float = 2.0) -> Sample:
    """Candidates whose chance to be right is a known logistic curve of two of the features."""
    rng = np.random.default_rng(seed)
    values = np.zeros((n, len(NAMES)))
    values[:, NAMES.index("share_min")] = rng.normal(0.8, 0.2, n)
    values[:, NAMES.index("area_off")] = np.abs(rng.normal(0, 0.4, n))
    logit = (
        1.5 + steep * 5 * (values[:, NAMES.index("share_min")] - 0.8) - steep * 4 * values[:, NAMES.index("area_off")]
    )
    right = rng.random(n) < sigmoid(logit)
    step = rng.integers(0, 2, n)
    plan = rng.integers(0, len(PLANS), n)
    return Sample(
        values, right, step, rng.integers(0, FOLDS, n), plan, np.ones(n, dtype=bool), np.ones(n, dtype=bool),
        np.bincount(plan, minlength=len(PLANS)),
    )  # fmt: skip


def _confidence(steps: tuple[StepModel, ...], rows: Sample) -> np.ndarray:
    logit = np.empty(len(rows.right))
    for step in steps:
        logit[rows.step == step.step] = step.logit(rows.values[rows.step == step.step])
    return sigmoid(logit)


def test_confidence_is_the_share_that_is_right_on_data_it_has_not_seen():
    steps, _ = fit_sample(_sample(4000, 1))
    fresh = _sample(20_000, 2)
    confidence = _confidence(steps, fresh)
    for low in np.arange(0.0, 1.0, 0.1):
        here = (confidence >= low) & (confidence < low + 0.1)
        if here.sum() > 300:
            assert fresh.right[here].mean() == pytest.approx(confidence[here].mean(), abs=0.06)
    assert auc(confidence, fresh.right) > 0.85


def test_the_threshold_keeps_the_precision_on_data_it_has_not_seen():
    steps, table = fit_sample(_sample(4000, 3, steep=4.0))
    threshold = steps[0].accept_at
    assert threshold is not None
    assert [step.accept_at for step in steps[2:]] == [None, None, None]
    fresh = _sample(20_000, 4, steep=4.0)
    accepted = _confidence(steps, fresh) >= threshold
    assert accepted.mean() > 0.05 and fresh.right[accepted].mean() >= 0.975
    assert table[0].name == "all" and table[0].precision >= 0.98 and 0 < table[0].accepted < 1


def test_nothing_is_accepted_where_nothing_tells_right_from_wrong():
    rows = _sample(2000, 5)
    noise = replace(rows, right=np.random.default_rng(6).random(2000) < 0.8)
    steps, _ = fit_sample(noise)
    assert all(step.accept_at is None for step in steps)


def test_every_weight_has_the_sign_of_its_feature_whatever_the_sample_says():
    rows = _sample(1500, 7)
    turned = replace(rows, right=~rows.right)
    for curve in fit_sample(turned)[0]:
        assert (np.array(curve.weight) * SIGNS >= 0).all()


def test_the_fit_does_not_depend_on_the_order_of_cases():
    rows = _sample(1500, 8)
    order = np.random.default_rng(1).permutation(1500)
    mixed = replace(
        rows, **{n: getattr(rows, n)[order] for n in ("values", "right", "step", "fold", "plan", "first", "free")}
    )
    one, other = fit_sample(rows)[0], fit_sample(mixed)[0]
    for a, b in zip(one, other, strict=True):
        assert np.allclose(a.weight, b.weight, atol=2e-3) and a.intercept == pytest.approx(b.intercept, abs=2e-2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_auc_is_the_chance_of_the_right_order(pairs: list[tuple[float, bool]]):
    confidence, right = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    good, bad = confidence[right], confidence[~right]
    if not len(good) or not len(bad):
        assert auc(confidence, right) is None
        return
    slow = np.mean([1.0 if g > b else 0.5 if g == b else 0.0 for g in good for b in bad])
    assert auc(confidence, right) == pytest.approx(slow)


def test_the_threshold_is_the_lowest_that_holds():
    confidence = np.array([0.99] * 200 + [0.9] * 200 + [0.8] * 100)
    right = np.array([True] * 200 + [True] * 199 + [False] + [False] * 100)
    zeros = np.zeros(500, dtype=np.int64)
    assert accept_threshold(confidence, right, zeros, zeros) == 0.9
    assert accept_threshold(confidence[400:], right[400:], zeros[400:], zeros[400:]) is None


def test_ties_are_never_cut_apart_by_the_threshold():
    confidence = np.array([0.99] * 100 + [0.9] * 20)
    right = np.array([True] * 100 + [True, False] * 10)
    zeros = np.zeros(120, dtype=np.int64)
    assert accept_threshold(confidence, right, zeros, zeros) == 0.99


def test_one_bad_kind_of_damage_raises_the_threshold():
    confidence = np.linspace(1.0, 0.5, 1000)
    right = np.ones(1000, dtype=bool)
    plan = np.zeros(1000, dtype=np.int64)
    plan[500:540] = 1
    right[500:505] = False
    zeros = np.zeros(1000, dtype=np.int64)
    assert accept_threshold(confidence, right, zeros, zeros) < 0.6
    assert accept_threshold(confidence, right, plan, zeros) > 0.74


def test_the_lower_bound_needs_enough_cases():
    assert wilson_low(np.array([1.0]), np.array([10]))[0] < 0.98 < wilson_low(np.array([1.0]), np.array([100]))[0]
    assert wilson_low(np.array([1.0]), np.array([0]))[0] < 0.5


def test_a_model_survives_json_and_its_version_follows_its_figures():
    model = _model()
    again = parse(Model, json.loads(json.dumps(dump(model))))
    assert again == model and again.version == model.version
    assert _model(intercept=2.0).version != model.version
    assert replace(model, fitted_on="2027-01-01").version == model.version


def test_a_model_for_other_features_is_refused():
    short = tuple(replace(step, mean=(0.0,), scale=(1.0,), weight=(0.0,)) for step in _model().steps)
    old = Model(("share",), short, 1, 1, 1, "", "")
    assert not old.usable
    with pytest.raises(ValueError, match="other features"):
        judge(old, _candidate(GOOD))


def test_features_are_finite_without_area_and_point():
    bare = replace(GOOD, area_log_ratio=None, point_used=False, margin=-5.0)
    values = features(_candidate(bare))
    assert np.isfinite(values).all() and values[NAMES.index("no_area")] == 1.0


def test_two_roads_on_a_side_are_a_doubt():
    two = replace(_candidate(GOOD), used={Side.EAST: ("解放路", "中山路"), Side.WEST: ("青年路", "青年路")})
    assert features(two)[NAMES.index("extra_names")] == 1.0
    assert judge(built_in(""), two) < judge(built_in(""), _candidate(GOOD))


def test_the_built_in_model_orders_but_never_accepts():
    model = built_in("道路太少")
    judged = outcome(model, _outline())
    assert judged.verdict is Verdict.LOOK and "道路太少" in judged.why and judged.confidence > 0.8
    worse = replace(GOOD, share_min=0.2, explained=0.5, area_log_ratio=1.0)
    assert judge(model, _candidate(worse)) < 0.5 < judge(model, _candidate(GOOD))
    assert not model.fitted


def test_four_good_sides_are_accepted_and_little_confidence_is_not():
    assert outcome(_model(), _outline()).verdict is Verdict.ACCEPTED
    judged = outcome(_model(accept_at=0.97), _outline())
    assert judged.verdict is Verdict.LOOK and "0.95 低于" in judged.why[0]
    assert outcome(_model(intercept=-6.0), _outline()).verdict is Verdict.CANNOT


def test_no_candidate_cannot():
    judged = outcome(_model(), replace(_outline(), candidates=()))
    assert judged.verdict is Verdict.CANNOT and judged.confidence == 0.0


def test_three_sides_are_never_accepted():
    whole = _outline()
    assert four_sides_resolved(whole, whole.candidates[0]) is None
    parts = tuple(
        replace(p, matches=(), chosen=False, part=replace(p.part, name="规划道路")) if p.side is Side.NORTH else p
        for p in whole.resolved.parts
    )
    broken = replace(_outline(replace(GOOD, n_resolved=3)), resolved=replace(whole.resolved, parts=parts))
    judged = outcome(_model(), broken)
    assert judged.verdict is Verdict.LOOK and "北侧“规划道路”未找到" in judged.why[0]


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (Step.FACES, "accepted"),
        (Step.WALLS, "accepted"),
        (Step.EXTENDED, "look"),
        (Step.NETWORK, "look"),
        (Step.CUT, "look"),
    ],
)
def test_extended_ends_are_never_accepted(step: Step, verdict: str):
    found = _outline(replace(GOOD, step=step.rank))
    assert outcome(_model(), found).verdict == verdict
    assert (ends_not_extended(found, found.candidates[0]) is None) == (verdict == "accepted")


def test_ground_of_two_places_is_never_accepted():
    judged = outcome(_model(), _outline(replace(GOOD, n_fits=2)))
    assert judged.verdict is Verdict.LOOK and judged.why == ("有 2 处地块都符合四至",)


def test_ground_parted_by_water_is_never_accepted():
    whole = _outline()
    block = whole.candidates[0].block
    west, south, east, north = block.bounds
    note = (f"{PARTED}，取最大一块，未计入 9000 平方米",)
    for share, verdict in ((0.7, Verdict.LOOK), (0.95, Verdict.ACCEPTED)):
        part = shapely.clip_by_rect(block, west, south, west + share * (east - west), north)
        cut = replace(whole.candidates[0], geometry=part, notes=note)
        assert outcome(_model(), replace(whole, candidates=(cut,))).verdict is verdict


def test_words_before_the_sides_do_not_forbid_but_others_do():
    text = sides.parse("某某花园小区位于城北新区，东至解放路，南至人民街，西至青年路，北至胜利街")
    assert text.unread and all(part.preface for part in text.unread)
    assert outcome(_model(), _outline(unread=text.unread)).verdict is Verdict.ACCEPTED
    judged = outcome(_model(), _outline(unread=(*text.unread, Unread("及其他", 0, 3, "没有读懂"))))
    assert judged.verdict is Verdict.LOOK and judged.why == ("有文字没有读懂：“及其他”",)


def test_what_lies_behind_the_border_is_no_border():
    whole = _outline()
    parts = tuple(
        replace(p, part=replace(p.part, beyond=True)) if p.side is Side.NORTH else p for p in whole.resolved.parts
    )
    found = replace(whole, resolved=replace(whole.resolved, parts=parts))
    judged = outcome(_model(), found)
    assert judged.verdict is Verdict.LOOK and "北侧只写了对面的“胜利街”" in judged.why[0]


def test_names_that_fit_several_features_are_never_accepted():
    tied = _outline(replace(GOOD, n_parts_tied=1))
    assert names_are_clear(_outline(), _outline().candidates[0]) is None
    assert names_are_clear(tied, tied.candidates[0]) is not None
    assert outcome(_model(), tied).verdict is Verdict.LOOK


@pytest.mark.parametrize(
    ("evidence", "kept"),
    [({}, True), ({"contrary": 0.2}, True), ({"contrary": 0.21}, False), ({"n_dropped": 1}, False)],
)
def test_contradicting_sides_are_never_accepted(evidence: dict[str, float], kept: bool):
    found = _outline(replace(GOOD, **evidence))
    assert (sides_do_not_contradict(found, found.candidates[0]) is None) == kept
    assert (outcome(_model(), found).verdict is Verdict.ACCEPTED) == kept


def test_a_warning_of_the_parser_is_never_accepted():
    found = _outline(warnings=("东侧和西侧写了同一条路",))
    assert outcome(_model(), found).why == ("东侧和西侧写了同一条路",)


def test_unread_words_and_drawings_are_never_accepted():
    found = _outline(unread=(Unread("某某以内", 0, 4, "没有读懂"),))
    assert all_was_read(found, found.candidates[0]) == "有文字没有读懂：“某某以内”"
    assert outcome(_model(), _outline(attached=True)).verdict is Verdict.LOOK


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2), st.integers(0, 2), st.floats(0, 1))
def test_no_confidence_overrules_a_hard_rule(step: int, n_resolved: int, tied: int, dropped: int, contrary: float):
    evidence = replace(GOOD, step=step, n_resolved=n_resolved, n_parts_tied=tied, n_dropped=dropped, contrary=contrary)
    found = _outline(evidence)
    broken = any(rule(found, found.candidates[0]) for rule in HARD_RULES)
    judged = outcome(_model(accept_at=0.0, intercept=40.0), found)
    assert (judged.verdict is Verdict.ACCEPTED) == (not broken)
    assert broken == (step >= 2 or n_resolved < 4 or tied > 0 or dropped > 0 or contrary > 0.2)


def test_overlap_of_a_ring_that_touches_itself_is_measured():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert overlap(bow, bow) == pytest.approx(1.0)
    assert overlap(square(0, 0), square(1, 0)) == 0.0


def test_a_map_with_few_blocks_gets_the_built_in_model_and_says_so():
    # Nine squares and one block of main roads.
    model = fit(grid_ways(4), lambda jobs, progress: [], seed=1, fitted_on="2026-01-01")
    assert not model.fitted and "10 个可用街区" in model.note and model.ways_key == ways_key(grid_ways(4))


def test_a_stopped_fit_gives_nothing():
    class Stop:
        stopped = True

        def update(self, share: float, text: str) -> None: ...

    with pytest.raises(Stopped):
        fit(grid_ways(9), lambda jobs, progress: [[] for _ in jobs], seed=1, fitted_on="2026-01-01", progress=Stop())


def test_the_fingerprint_of_ways_sees_names_and_lines_but_not_order():
    ways = grid_ways(4)
    assert ways_key(ways) == ways_key(ways.sample(frac=1, random_state=1))
    renamed = ways.copy()
    renamed.loc[0, "name"] = "别的路"
    assert ways_key(renamed) != ways_key(ways)
    assert ways_key(ways.iloc[1:]) != ways_key(ways)


def test_main_sides_are_all_in_the_words_of_a_missing_side():
    silent = replace(_outline(replace(GOOD, n_resolved=0)), resolved=replace(_outline().resolved, parts=()))
    reason = four_sides_resolved(silent, silent.candidates[0])
    assert all(f"{side.label}侧没有写" in reason for side in MAIN_SIDES)
