"""Solver and checker measure the same walks and barriers by different code on a real city's roads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.geofiles import read_osm
from data.schemas import WAYS
from geo.progress import SILENT
from planning.bundles import bundle, settings_from
from planning.bundles.rules import violations
from planning.coverage import estate_states
from tests.strategies import make_estates, make_profile, make_settings

USUAL = ("river", "railway", "motorway", "trunk", "primary")
CASES: dict[str, dict[str, object]] = {
    "none": {"barriers": ()},
    "usual": {"barriers": USUAL},
    "chain": {"barriers": USUAL, "compact": "chain", "neighbour_m": 350.0, "max_diameter_m": 900.0},
    "both": {"barriers": USUAL, "compact": "both", "neighbour_m": 350.0},
}


@pytest.mark.parametrize("case", CASES)
def test_plan_on_real_roads_is_proven_and_keeps_all_rules(shared_data: Path, case: str) -> None:
    ways = WAYS.frame(list(read_osm(shared_data / "shanghai" / "shanghai_center.osm.pbf").rows))
    rng = np.random.default_rng(5)
    estates = make_estates(
        [
            {
                "lon": float(rng.uniform(121.44, 121.50)),
                "lat": float(rng.uniform(31.21, 31.25)),
                "households": int(rng.choice([20, 40, 60, 90])),
                "floor_area_m2": 5000.0,
            }
            for _ in range(400)
        ]
    )
    limits = make_settings(**CASES[case])
    profile = make_profile(settings=limits)
    assert replace(settings_from(profile), compact=limits.compact, neighbour_m=limits.neighbour_m) == limits
    states = estate_states(estates, profile).to_dict()
    stops = estates[["lon", "lat"]]
    plan = bundle(estates, states, stops, ways, profile, limits, seed=1, seconds=60, progress=SILENT)
    assert violations(plan, estates, states, stops, ways, limits) == []
    assert plan.proven
    assert not plan.straight_line
    assert len(plan.bundles) > 20
    assert sum(len(one.members) for one in plan.bundles) + len(plan.fallback) == 400
    told = [near.forbidden_by for one in plan.fallback for near in one.neighbours]
    assert ("barrier" in told) == bool(limits.barriers)
