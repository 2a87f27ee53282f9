"""What is told of estates in no bundle, against all possible choices of bundles: every number in a sentence is counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

import numpy as np
import pytest

from geo.progress import SILENT
from planning.bundles.candidates.pools import make_pools
from planning.bundles.engine.components import parts
from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import Pool, bits
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import search
from planning.bundles.proposal.propose import Answer
from planning.bundles.reasons.explain import Reason, uncovered
from tests.planning.bundle_truth import RULES, Case, Truth, random_case, wish

PER_RULE = 12
MIXED = 80
_SUMS = {"too_few_households": "households", "too_little_income": "margin_yuan"}


def explained(case: Case, seconds: float = 60.0) -> tuple[dict[str, Reason], list[Answer], list[Pool]]:
    """The engine's proven bundles and its reasons for everybody else."""
    pools = make_pools(case.frame, case.pairs(), case.settings, case.wishes)
    answers = []
    for part in (one for pool in pools for one in parts(pool)):
        result = Search().run(part, search(part, seed=1), seed=1, seconds=30.0)
        assert result.proven
        answers.append(Answer(part, Partition.of(part, result.masks), result.bound))
    names = {estate: estate for estate in case.frame.index}
    deadline = monotonic() + seconds
    reasons = uncovered(pools, answers, case.settings, names, seed=1, deadline=deadline, progress=SILENT)
    return reasons, answers, pools


def covered_by(answers: list[Answer]) -> set[str]:
    found = set()
    for answer in answers:
        found |= {answer.part.ids[row] for row in bits(answer.partition.taken & ~answer.part.anchors)}
    return found


def relaxed(case: Case) -> Truth:
    """The same without limits of sums, without a most of members, and with nobody forced."""
    free = replace(
        case.settings,
        min_households=1,
        max_households=10**9,
        min_floor_area_m2=None,
        max_floor_area_m2=None,
        viability="households",
    )
    wishes = tuple(one for one in case.wishes if one.kind != "force")
    return Truth(replace(case, settings=free, wishes=wishes))


class Judge:
    """Checks the sentences about one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.reasons, self.answers, _ = explained(case)
        self.plan = covered_by(self.answers)
        self.total = sum(answer.households for answer in self.answers)
        self.sets = relaxed(case)
        self.masks = np.arange(1 << len(self.sets.rows))
        frame = self.sets.case.frame.assign(households=1)  # a set without households is a set as well
        self.possible = Truth(replace(self.sets.case, frame=frame)).valid

    def best_with(self, estate: str, without: tuple[str, ...] = (), also: set[str] | None = None) -> int | None:
        """Most households of all choices that take the estate in (and the others), some estates not existing."""
        frame = self.case.frame.drop(index=list(without))
        wishes = []
        for one in self.case.wishes:
            left = tuple(name for name in one.estates if name not in without)
            if one.kind == "together" or left == one.estates:
                wishes.append(one)
            elif one.kind == "apart" and len(left) > 1:
                wishes.append(wish("apart", *left))
        forced = sorted({estate} | (also or set()))
        best = Truth(replace(self.case, frame=frame, wishes=(*wishes, wish("force", *forced)))).best()
        return None if best is None else best[0]

    def check(self) -> None:
        served = set(self.case.frame.index[~self.case.frame["anchor"].to_numpy(dtype=bool)])
        anchors = served ^ set(self.case.frame.index)
        if self.case.settings.way != "anchor":
            served, anchors = set(self.case.frame.index), set()
        assert set(self.reasons) == served - self.plan
        for estate, reason in self.reasons.items():
            if reason.kind == "left_over":
                self.left_over(estate, reason)
            else:
                assert self.best_with(estate) is None, (estate, reason)
                self.impossible(estate, reason, anchors)

    def left_over(self, estate: str, reason: Reason) -> None:
        loss = re.search(r"总覆盖减少(\d+)户", reason.text)
        assert (loss is None) == ("总覆盖户数不变" in reason.text), reason
        forced = self.best_with(estate)
        assert forced == self.total - (int(loss[1]) if loss else 0), (estate, reason)
        leaving = re.search(r"但(.+?)要退出", reason.text)
        assert (leaving is None) == (not reason.displaces)
        assert not leaving or leaving[1].split("、")[:5] == list(reason.displaces)[:5] or "等" in leaving[1]
        assert set(reason.displaces) <= self.plan
        staying = self.plan - set(reason.displaces)
        assert self.best_with(estate, reason.displaces, staying) == forced, (estate, reason)

    def impossible(self, estate: str, reason: Reason, anchors: set[str]) -> None:
        here = self.sets.place[estate]
        tied = any(one.kind == "together" and estate in one.estates for one in self.case.wishes)
        if self.case.settings.way == "anchor":
            if not tied:
                self.no_anchor(here, reason, anchors)
            return
        inside = (self.masks >> here & 1).astype(bool) & self.possible
        if reason.kind == "no_neighbour":
            assert not inside.any() or "它们不能同捆" in reason.text, (estate, reason)
            return
        company = re.search(r"可同捆的(至多)?(\d+)个小区", reason.text)
        if company:
            found = np.bitwise_or.reduce(self.masks[inside], initial=0) & ~self.tied_to(here)
            assert int(company[2]) == int(found).bit_count(), (estate, reason)
        most = re.search(r"合计(最多|至多)(\d+)户，离(\d+)户(?:至少)?还差(\d+)户", reason.text)
        if most:
            self.count("households", inside, int(most[2]), int(most[3]), int(most[4]))
        money = re.search(r"服务成本最多(-?[\d,]+)元，不够服务点成本([\d,]+)元，还差([\d,]+)元", reason.text)
        if money:
            self.count("margin_yuan", inside, *(int(one.replace(",", "")) for one in money.groups()))
        if reason.kind == "no_combination":
            assert not (most or money), reason
        else:
            assert most or money or "建筑面积" in reason.text, reason

    def tied_to(self, here: int) -> int:
        """The row and all that must stay with it."""
        mask = {self.sets.rows[here]["estate_id"]}
        for _ in self.case.wishes:
            for one in self.case.wishes:
                if one.kind == "together" and mask & set(one.estates):
                    mask |= set(one.estates)
        return sum(1 << self.sets.place[estate] for estate in mask if estate in self.sets.place)

    def count(self, column: str, inside: np.ndarray, most: int, limit: int, missing: int) -> None:
        values = [int(row[column]) for row in self.sets.rows]
        sums = sum(((self.masks >> k & 1) * value for k, value in enumerate(values)), np.zeros_like(self.masks))
        own = sums[inside].max() if inside.any() else None
        assert own is None or most == own
        assert missing == limit - most > 0

    def no_anchor(self, here: int, reason: Reason, anchors: set[str]) -> None:
        reach = self.case.settings.radius_m if self.case.settings.compact != "chain" else None
        rooms = []
        for anchor in sorted(anchors):
            there = self.sets.place[anchor]
            near = self.sets._compatible(here, there) and (reach is None or self.sets._allowed(here, there, reach))
            if near and self.case.settings.compact == "medoid":
                rooms.append(int(self.sets.rows[there]["room"]))
        if self.case.settings.compact != "medoid":
            return
        if reason.kind == "no_neighbour":
            assert rooms == [], reason
        else:
            told = re.search(r"在管小区有(\d+)个，余量最大的.+还可接(\d+)户，本小区(\d+)户，多出(\d+)户", reason.text)
            own = int(self.sets.rows[here]["households"])
            if told:
                assert [int(one) for one in told.groups()] == [len(rooms), max(rooms), own, own - max(rooms)], reason
            else:
                assert "没有一种组合" in reason.text


@pytest.mark.parametrize("rule", ["none", *(rule for rule in RULES if rule != "force")])
def test_reasons_are_true_with_one_rule(rule: str) -> None:
    for seed in range(PER_RULE):
        rng = np.random.default_rng((seed, 7, ("none", *RULES).index(rule)))
        Judge(random_case(rng, (rule,), int(rng.integers(2, 9)))).check()


@pytest.mark.parametrize("part", range(4))
def test_reasons_are_true_with_many_rules(part: int) -> None:
    for seed in range(part, MIXED, 4):
        rng = np.random.default_rng((seed, 8))
        chosen = tuple(rule for rule in RULES if rule != "force" and rng.random() < 0.15)
        Judge(random_case(rng, chosen, int(rng.integers(3, 9)))).check()


def test_without_time_nothing_is_guessed() -> None:
    told: set[str] = set()
    for seed in range(30):
        case = random_case(np.random.default_rng((seed, 9)), ("few_members",), 9)
        reasons, _, _ = explained(case, seconds=-1.0)
        told |= {one.text for one in reasons.values() if one.kind == "left_over"}
    assert told == {"附近有可同捆的小区，但方案没有纳入它；纳入的代价因计算时间用完未核算"}


def names_of(reasons: Mapping[str, Reason]) -> set[str]:
    return {one.kind for one in reasons.values()}


def test_every_kind_of_reason_occurs_in_these_cases() -> None:
    seen: set[str] = set()
    for rule in ("none", "few_members", "money", "anchor", "chain"):
        for seed in range(12):
            case = random_case(np.random.default_rng((seed, 7, ("none", *RULES).index(rule))), (rule,), 8)
            seen |= names_of(explained(case)[0])
    assert seen >= {"no_neighbour", "too_few_households", "too_little_income", "left_over", "no_room"}
