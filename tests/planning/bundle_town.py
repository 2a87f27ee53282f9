"""Random towns of small estates, larger than what can be tried out: pools and parts for the engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planning.bundles.candidates.pools import make_pools
from planning.bundles.engine.graph import Part, Pool
from tests.planning.bundle_truth import Case
from tests.strategies import make_settings

LIMITS = make_settings(
    radius_m=500.0,
    max_diameter_m=1000.0,
    min_households=500,
    max_households=1500,
    max_estates=12,
    fee_window_yuan_m2=0.7,
    keep_grids=False,
    same_type=False,
)


def town(n: int, *, seed: int, n_streets: int = 1, **limits: object) -> Case:
    """Estates about hubs, households 20–400; streets lie apart."""
    rng = np.random.default_rng(seed)
    street = rng.integers(0, n_streets, n)
    hubs = rng.uniform(0, 1400, (n_streets, 6, 2))
    xy = hubs[street, rng.integers(0, 6, n)] + rng.normal(0, 130, (n, 2))
    frame = pd.DataFrame(
        {
            "x": xy[:, 0] + 10_000.0 * street,
            "y": xy[:, 1],
            "households": np.clip(np.round(rng.lognormal(np.log(85), 0.7, n)), 20, 400).astype(int),
            "floor_area_m2": pd.array([pd.NA] * n, dtype="Float64"),
            "fee_yuan_m2": pd.array(np.round(rng.uniform(0.15, 1.6, n), 2), dtype="Float64"),
            "estate_type": np.full(n, None, dtype=object),
            "year_built": pd.array([pd.NA] * n, dtype="Int64"),
            "grid_id": np.full(n, None, dtype=object),
            "lead": [f"street:S{k}" for k in street],
            "margin_yuan": 0,
            "anchor": False,
            "room": 0,
        },
        index=pd.Index([f"E{k:04d}" for k in range(n)], name="estate_id"),
    )
    return Case(frame, replace(LIMITS, **limits))  # type: ignore[arg-type]


def town_pools(n: int, *, seed: int, n_streets: int = 1, **limits: object) -> list[Pool]:
    """The pools of a town."""
    case = town(n, seed=seed, n_streets=n_streets, **limits)
    return make_pools(case.frame, case.pairs(), case.settings)


def town_parts(n: int, *, seed: int, **limits: object) -> list[Part]:
    """The parts of a town, largest first."""
    return town(n, seed=seed, **limits).parts()[::-1]
