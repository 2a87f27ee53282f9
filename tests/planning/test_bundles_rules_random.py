"""The checker and the engine's own words against each other: random hand moves, with a reason and without."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from geo.errors import InputError
from geo.progress import SILENT
from planning.bundles.plan import solve
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.revision.revise import Revision, revise
from planning.bundles.rules import LIMITS, exceptions, violations
from planning.bundles.settings import BundleSettings
from planning.bundles.types import BundlePlan
from planning.bundles.wishes import hands
from planning.coverage import estate_states
from tests.planning.bundle_cases import COSTS
from tests.strategies import at, make_estates, make_profile, make_settings, make_ways

RIVER = make_ways([{"kind": "river", "geometry": LineString([at(55, -3000), at(55, 3000)])}])
BY = hands.By("王某", datetime(2026, 11, 1, 9, 0))
SETTINGS: dict[str, BundleSettings] = {
    "medoid": make_settings(same_type=True, age_breaks=(2000,), max_estates=3),
    "both": make_settings(compact="both", radius_m=400.0, neighbour_m=200.0, max_diameter_m=600.0),
    "chain": make_settings(compact="chain", neighbour_m=160.0, max_diameter_m=700.0, keep_grids=True),
    "money": make_settings(viability="both", costs=replace(COSTS, posts_per_estate=0.0), fee_window_yuan_m2=5.0),
    "floor": make_settings(min_floor_area_m2=9000.0, max_floor_area_m2=20_000.0, fee_window_yuan_m2=5.0),
    "anchor": make_settings(way="anchor", anchor_min_households=300, anchor_share=0.4, fee_window_yuan_m2=5.0),
    "audit": make_settings(way="audit", max_income_yuan=9000.0, ask_consent=False, fee_window_yuan_m2=100.0),
    "regions": make_settings(way="regions", old_before=2000, old_types=("老旧小区",)),
}


def town(rng: np.random.Generator) -> pd.DataFrame:
    """A dozen and a half estates on a grid of 100 m, two streets, a few of them managed, large or unknown."""
    rows = []
    for _ in range(18):
        managed = rng.random() < 0.2
        rows.append(
            {
                "xy": (int(rng.integers(-5, 6)) * 100, int(rng.integers(-3, 4)) * 100),
                "street_id": str(rng.choice(["S1", "S1", "S1", "S2"])),
                "grid_id": [None, "G1", "G2"][rng.integers(3)],
                "households": int(rng.choice([350, 500])) if managed else int(rng.choice([20, 40, 60, 80, 95, 150])),
                "floor_area_m2": float(rng.choice([3000, 5000, 9000, 30_000])),
                "fee_yuan_m2": [None, 0.3, 0.6, 1.0, 2.5][rng.integers(5)],
                "estate_type": [None, "老旧小区", "安置房"][rng.integers(3)],
                "year_built": [None, 1985, 1999, 2005][rng.integers(4)],
                "consent": str(rng.choice(["yes", "unknown", "unknown", "no"])),
                "service_form": 1 if managed else [5, 5, 5, None][rng.integers(4)],
                "company": "安心物业" if managed else None,
                "public_income_yuan": [None, 0.0, 5000.0, 12_000.0][rng.integers(4)],
                "income_objection": [None, False, True][rng.integers(3)],
            }
        )
    return make_estates(rows)


class Desk:
    """A plan under a planner's hands."""

    def __init__(self, rng: np.random.Generator, settings: BundleSettings) -> None:
        self.rng, self.settings = rng, settings
        self.estates = town(rng)
        profile = make_profile(settings=settings)
        self.states = estate_states(self.estates, profile).to_dict()
        self.stops = self.estates[["lon", "lat"]]
        self.prepared: Prepared = prepare(self.estates, self.states, self.stops, RIVER, profile, settings)
        self.plan = solve(self.prepared, seed=1, seconds=30.0, progress=SILENT)

    def broken(self, plan: BundlePlan) -> set[tuple[str, str]]:
        asked = (plan, self.estates, self.states, self.stops, RIVER, self.settings)
        return _first_told({(one.rule, one.subject) for one in violations(*asked)})

    def excused(self, plan: BundlePlan) -> set[tuple[str, str]]:
        asked = (plan, self.estates, self.states, self.stops, RIVER, self.settings)
        return _first_told({(one.rule, one.bundle_id) for one in exceptions(*asked)})

    def hand(self, by: hands.By) -> Revision | None:
        """One random hand move; ``None`` if it is refused."""
        bundles = [one.bundle_id for one in self.plan.bundles]
        some = [str(one) for one in self.rng.choice(self.estates.index, 2, replace=False)]
        moves = [lambda: hands.move(self.plan, some, hands.NEW, by)]
        if bundles:
            moves.append(lambda: hands.move(self.plan, some[:1], bundles[0], by))
        if len(bundles) > 1:
            moves.append(lambda: hands.merge(self.plan, bundles[:2], by))
        try:
            wishes = moves[int(self.rng.integers(len(moves)))]()
            return revise(self.prepared, self.plan, wishes, seed=1)
        except InputError:
            return None


def _first_told(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of one bundle that is too wide the engine does not tell that something lies between as well."""
    return {(rule, one) for rule, one in found if rule != "no_barrier_between" or ("within_radius", one) not in found}


@pytest.mark.parametrize("name", SETTINGS)
def test_solvers_plan_keeps_every_rule_and_hand_moves_break_what_is_told(name: str) -> None:
    limits = {rule.__name__ for rule in LIMITS}
    moved = told = 0
    for seed in range(4):
        desk = Desk(np.random.default_rng((seed, 3)), SETTINGS[name])
        assert desk.broken(desk.plan) == set()
        for _ in range(3):
            state = desk.rng.bit_generator.state
            silent = desk.hand(BY)
            desk.rng.bit_generator.state = state
            spoken = desk.hand(replace(BY, reason="业主共同要求"))
            if silent is None or spoken is None:
                continue
            moved += 1
            found = desk.broken(silent.plan)
            assert {rule for rule, _ in found} <= limits, (name, seed, found)
            engine = {(one.rule, one.subject) for one in silent.broken}
            assert found == _first_told(engine), (name, seed)
            assert desk.broken(spoken.plan) == set(), (name, seed)
            if {one.members for one in silent.plan.bundles} == {one.members for one in spoken.plan.bundles}:
                assert desk.excused(spoken.plan) == _first_told(engine), (name, seed)
            told += bool(engine)
    assert moved >= 4
    assert told >= 2
