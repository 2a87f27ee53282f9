"""What is told of a bundle – limits, what each member adds, what else would be possible – against all possible sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from planning.bundles.candidates.pools import make_pools
from planning.bundles.engine.components import parts
from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import bits
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import search
from planning.bundles.reasons.explain_bundle import Explained, explain_bundle
from planning.bundles.reasons.slacks import Members, broken, slacks
from planning.bundles.settings import BundleSettings
from tests.planning.bundle_cases import COSTS
from tests.planning.bundle_truth import RULES, Case, Truth, random_case
from tests.strategies import make_settings

PER_RULE = 10
MIXED = 60


class Told:
    """A case with its bundles, and what is told of each."""

    def __init__(self, case: Case) -> None:
        self.case, self.truth = case, Truth(case)
        self.frame = case.frame.assign(name=case.frame.index)
        self.bundles: list[tuple[int, Explained]] = []
        self.taken = 0
        for pool in make_pools(case.frame, case.pairs(), case.settings, case.wishes):
            for part in parts(pool):
                result = Search().run(part, search(part, seed=1), seed=1, seconds=30.0)
                partition = Partition.of(part, result.masks)
                for key, group in partition.groups.items():
                    names = [part.ids[row] for row in bits(group.mask)]
                    block = np.ix_(*[[pool.ids.index(one) for one in names]] * 2)
                    touch = None if pool.touch is None else pool.touch[block]
                    anchor = next((part.ids[row] for row in bits(group.mask & part.anchors)), None)
                    told = explain_bundle(
                        names,
                        part.ids[group.medoid],
                        self.frame,
                        pool.distance_m[block],
                        pool.linked[block],
                        case.settings,
                        touch=touch,
                        anchor=anchor,
                        partition=partition,
                        key=key,
                    )
                    mask = sum(1 << self.truth.place[one] for one in names)
                    self.taken |= mask
                    self.bundles.append((mask, told))

    def anchor(self, row: int) -> bool:
        return self.case.settings.way == "anchor" and bool(self.truth.rows[row]["anchor"])

    def households(self, mask: int) -> int:
        return sum(int(self.truth.rows[row]["households"]) for row in bits(mask) if not self.anchor(row))

    def metres(self, mask: int) -> float:
        """Ways to the best medoid; walks as rounded as the plan's."""
        settings, rows = self.case.settings, list(bits(mask))
        sums = []
        for centre in rows:
            may = not any(self.anchor(row) for row in rows) or self.anchor(centre)
            star = settings.compact != "chain"
            if may and (
                not star or all(r == centre or self.truth._allowed(centre, r, settings.radius_m) for r in rows)
            ):
                sums.append(sum(round(self.truth.walk(centre, row), 1) for row in rows))
        return min(sums)

    def moves(self, mask: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Every change of one estate of a bundle, or its union with another."""
        free = [row for row in bits(self.truth.everything & ~self.taken) if not self.anchor(row)]
        mine = [row for row in bits(mask) if not self.anchor(row)]
        for row in free:
            yield (mask,), (mask | 1 << row,)
            for member in mine:
                yield (mask,), (mask & ~(1 << member) | 1 << row,)
        for other, _ in self.bundles:
            if other == mask:
                continue
            for member in mine:
                yield (mask, other), (mask & ~(1 << member), other | 1 << member)
            for member in (row for row in bits(other) if not self.anchor(row)):
                yield (mask, other), (mask | 1 << member, other & ~(1 << member))
            yield (mask, other), (mask | other,)

    def cheapest(self, mask: int) -> tuple[int, float] | None:
        """Households lost and metres more of the cheapest change that keeps every rule and the other bundles."""
        best: tuple[int, float] | None = None
        forced = {estate for one in self.case.wishes if one.kind == "force" for estate in one.estates}
        for old, new in self.moves(mask):
            rest = [other for other, _ in self.bundles if other not in old]
            after = [*rest, *new]
            if not all(self.truth.valid[one] for one in new):
                continue
            blocked = [self.truth._blocked(one) for one in after]
            if any(blocked[a] & after[b] for a in range(len(after)) for b in range(len(after)) if a != b):
                continue
            inside = {self.truth.rows[row]["estate_id"] for one in after for row in bits(one)}
            if forced - inside:
                continue
            price = (
                sum(map(self.households, old)) - sum(map(self.households, new)),
                sum(map(self.metres, new)) - sum(map(self.metres, old)),
            )
            best = price if best is None or price < best else best
        return best

    def check(self) -> None:
        for mask, told in self.bundles:
            assert told.binding == told.slacks[0].text
            assert all(one.room >= -1e-9 for one in told.slacks)
            self.check_additions(mask, told)
            self.check_move(mask, told)
            self.check_medoid(mask, told)

    def check_additions(self, mask: int, told: Explained) -> None:
        assert sum(one.households for one in told.additions) == self.households(mask)
        for one in told.additions:
            without = mask & ~(1 << self.truth.place[one.estate_id])
            stays = "去掉后仍成捆" in one.without
            assert stays == bool(self.truth.valid[without]), one
            if stays:
                counted = re.search(r"(\d+)个小区、(\d+)户", one.without)
                assert counted is not None
                assert [int(n) for n in counted.groups()] == [without.bit_count(), self.households(without)]
            less = re.search(r"户数下限：(\d+)户，比下限(\d+)户少(\d+)户", one.without)
            if less:
                assert int(less[1]) == self.households(without) == int(less[2]) - int(less[3])

    def check_move(self, mask: int, told: Explained) -> None:
        best = self.cheapest(mask)
        text = told.nearest_other.split("；")[-1]
        assert (best is None) == (text == "换入、换出任一小区或与邻捆合并都不符合规则"), (text, best)
        if best is not None:
            lost, more = best
            households = re.search(r"覆盖(少|多)(\d+)户", text)
            assert (households is None) == (lost == 0), (text, best)
            assert households is None or int(households[2]) * (1 if households[1] == "少" else -1) == lost
            metres = re.search(r"步行(少|多)([\d,]+)米", text)
            said = 0.0 if metres is None else float(metres[2].replace(",", "")) * (1 if metres[1] == "多" else -1)
            assert said == pytest.approx(more, abs=0.51), (text, best)

    def check_medoid(self, mask: int, told: Explained) -> None:
        if self.case.settings.way == "anchor":
            assert "次选中心小区" not in told.nearest_other
            return
        rows = list(bits(mask))
        star = self.case.settings.compact != "chain"
        sums = sorted(
            sum(round(self.truth.walk(c, r), 1) for r in rows)
            for c in rows
            if not star or all(r == c or self.truth._allowed(c, r, self.case.settings.radius_m) for r in rows)
        )
        second = re.search(r"次选中心小区为.+?，步行合计(?:多([\d,]+)米|相同)", told.nearest_other)
        assert (second is None) == (len(sums) < 2)
        if second is not None:
            assert float((second[1] or "0").replace(",", "")) == pytest.approx(sums[1] - sums[0], abs=0.51)


@pytest.mark.parametrize("rule", ["none", *RULES])
def test_what_is_told_of_a_bundle_is_true_with_one_rule(rule: str) -> None:
    for seed in range(PER_RULE):
        rng = np.random.default_rng((seed, 17, ("none", *RULES).index(rule)))
        Told(random_case(rng, (rule,), int(rng.integers(4, 10)))).check()


@pytest.mark.parametrize("part", range(4))
def test_what_is_told_of_a_bundle_is_true_with_many_rules(part: int) -> None:
    for seed in range(part, MIXED, 4):
        rng = np.random.default_rng((seed, 18))
        chosen = tuple(rule for rule in RULES if rng.random() < 0.15)
        Told(random_case(rng, chosen, int(rng.integers(4, 10)))).check()


# ------------------------------------------------------------------------------------------------------------ by hand


def members(settings: BundleSettings, xs: tuple[float, ...], **columns: object) -> Members:
    """Estates in a row, 60 households and 5,000 m² each."""
    n = len(xs)
    values: dict[str, object] = {
        "name": [f"小区{k}" for k in range(n)],
        "households": 60,
        "floor_area_m2": 5000.0,
        "fee_yuan_m2": 0.5,
        "year_built": pd.array([pd.NA] * n, dtype="Int64"),
        "margin_yuan": 60_000,
        "income_yuan": 90_000,
        "room": 0,
    }
    frame = pd.DataFrame(values | columns, index=[f"E{k}" for k in range(n)])
    ways = np.abs(np.subtract.outer(np.array(xs), np.array(xs)))
    touch = None if settings.compact == "medoid" else ways <= settings.link_m
    return Members.of(frame, ways, ways <= settings.radius_m, touch)


def told(settings: BundleSettings, xs: tuple[float, ...], **columns: object) -> dict[str, tuple[str, float]]:
    return {one.rule: (one.text, round(one.room, 4)) for one in slacks(members(settings, xs, **columns), 1, settings)}


def test_every_limit_is_told_with_what_is_left_of_it() -> None:
    settings = make_settings(
        min_floor_area_m2=10_000.0,
        max_floor_area_m2=20_000.0,
        viability="both",
        costs=COSTS,
        age_breaks=(2000,),
        compact="both",
        neighbour_m=250.0,
    )
    years = pd.array([1985, pd.NA, 1999], dtype="Int64")
    found = told(settings, (0, 200, 400), year_built=years, fee_yuan_m2=[0.5, 0.6, None])
    assert found == {
        "fee": ("物业费标准：最多相差0.10元，上限0.50元", 0.8),
        "age": ("建成年代：1985–1999年，属于同一年代", 1.0),
        "radius": ("半径：最远成员距中心小区200米，上限500米", 0.6),
        "link": ("连片：相邻小区间最长一段200米，上限250米", 0.2),
        "diameter": ("最大间距：成员间最远400米，上限1,500米", 0.7333),
        "min_households": ("户数下限：180户，比下限100户多80户", 0.8),
        "max_households": ("户数上限：180户，离上限300户还有120户", 0.4),
        "min_floor_area": ("建筑面积下限：15,000平方米，比下限10,000平方米多5,000平方米", 0.5),
        "max_floor_area": ("建筑面积上限：15,000平方米，离上限20,000平方米还有5,000平方米", 0.25),
        "max_estates": ("小区数上限：3个，上限5个", 0.4),
        "margin": ("收支：扣除服务点成本100,000元后每年结余80,000元", 0.8),
    }


def test_limits_that_a_bundle_made_by_hand_breaks_have_no_room() -> None:
    settings = make_settings(
        max_estates=2,
        min_households=200,
        viability="both",
        costs=COSTS,
        age_breaks=(2000,),
        compact="both",
        neighbour_m=250.0,
        max_diameter_m=800.0,
    )
    years = pd.array([1985, pd.NA, 2000], dtype="Int64")
    here = members(settings, (0, 200, 900), year_built=years, fee_yuan_m2=[0.1, 0.6, 0.7], margin_yuan=30_000)
    assert {one.rule: one.text for one in broken(slacks(here, 1, settings))} == {
        "min_households": "户数下限：180户，比下限200户少20户",
        "max_estates": "小区数上限：3个，上限2个，超出1个",
        "margin": "收支：扣除服务点成本100,000元后每年缺10,000元",
        "radius": "半径：最远成员距中心小区700米，上限500米",
        "link": "连片：成员分成互不相邻的2片",
        "diameter": "最大间距：成员间最远900米，上限800米",
        "fee": "物业费标准：最多相差0.60元，上限0.50元",
        "age": "建成年代：1985年与2000年以2000年划分，不属于同一年代",
    }


def test_bundle_made_by_hand_is_told_without_the_engine() -> None:
    settings = make_settings()
    here = members(settings, (0, 200, 900))
    frame = pd.DataFrame({"name": here.names, **here.columns}, index=here.ids)
    found = explain_bundle(here.ids, "E1", frame, here.distance_m, here.linked, settings)
    assert found.binding == "半径：最远成员距中心小区700米，上限500米"
    assert found.nearest_other == "没有其他成员能作中心小区"
    assert [one.without for one in found.additions] == [
        "去掉后其余小区没有共同的中心小区，不成捆",
        "去掉后其余小区没有共同的中心小区，不成捆",
        "去掉后仍成捆：2个小区、120户",
    ]
    assert [(one.households, one.distance_m, one.margin) for one in found.additions] == [
        (60, 200.0, 60_000),
        (60, 0.0, 60_000),
        (60, 700.0, 60_000),
    ]


def test_unknown_money_is_told_as_such() -> None:
    settings = make_settings(viability="money", costs=COSTS)
    found = told(settings, (0, 200), margin_yuan=pd.array([1000, pd.NA], dtype="Int64"))
    assert found["margin"] == ("收支：1个小区缺物业费标准或建筑面积，无法核算", -1.0)
    assert "min_households" not in found
    assert "margin" not in told(replace(settings, viability="households"), (0, 200))
