"""What another limit would bring: households covered against the radius, the fewest households or the fee window.

Every point is solved for itself, with its own bound; nothing is interpolated between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from types import MappingProxyType
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from data.profile import Profile
from geo.barrier_lines import Terrain
from geo.errors import InputError
from geo.progress import Progress, Share
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.proposal.propose import propose
from planning.bundles.settings import BundleSettings
from planning.bundles.types import Wish
from planning.bundles.wishes.by_hand import fixed_bundle
from planning.bundles.wishes.clash import refuse_impossible
from planning.bundles.wishes.read import read_wishes, still_meant, wished
from planning.coverage_types import CoverageState

Axis = Literal["radius", "min_households", "fee_window"]

USUAL: Final[Mapping[Axis, tuple[float, ...]]] = MappingProxyType(
    {
        "radius": tuple(float(metres) for metres in range(300, 1501, 100)),
        "min_households": tuple(float(n) for n in range(100, 1001, 100)),
        "fee_window": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0),
    }
)
"""Values that are solved where none are asked for: metres, households, yuan for a square metre and month."""
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Point:
    """What one value of the limit brings. ``bound``: no plan with this value covers more households in bundles."""

    value: float
    households: int
    bound: int
    n_bundles: int
    n_estates: int
    n_alone: int
    """Estates large enough to be tendered alone; with another least size others are."""
    households_alone: int
    metres: float
    problem: str = ""
    """Why there is no plan with this value, Chinese; then the figures are 0."""

    @property
    def proven(self) -> bool:
        """No plan with this value covers more households."""
        return not self.problem and self.bound == self.households


@dataclass(frozen=True, slots=True)
class Frontier:
    """The points in the order of their values; ``settings`` are those of the other limits."""

    axis: Axis
    points: tuple[Point, ...]
    settings: BundleSettings
    complete: bool
    """False: time or the user ended the work before all values were solved."""


def with_value(settings: BundleSettings, axis: Axis, value: float) -> BundleSettings:
    """The settings with another limit; what must not be smaller than it grows with it.

    Raises
    ------
    InputError
        If the value makes no sense.
    """
    if not np.isfinite(value) or value < 0 or (value == 0 and axis != "fee_window"):
        raise InputError(f"“{value:g}”不能作为比较的取值", "请填大于 0 的数")
    if axis == "radius":
        link = None if settings.neighbour_m is None else value
        wide = max(settings.max_diameter_m, value)
        return replace(settings, radius_m=value, neighbour_m=link, max_diameter_m=wide)
    if axis == "fee_window":
        return replace(settings, fee_window_yuan_m2=value)
    least = round(value)
    return replace(settings, min_households=least, max_households=max(settings.max_households, least))


def frontier(
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    ways: gpd.GeoDataFrame,
    profile: Profile,
    settings: BundleSettings,
    companies: pd.DataFrame | None,
    axis: Axis,
    values: Sequence[float] = (),
    *,
    wishes: Sequence[Wish] = (),
    seed: int,
    seconds: float,
    progress: Progress,
) -> Frontier:
    """Solve the same city once for each value of one limit, households first, ways not shortened.

    The radius moves the reach of the medoid and, where bundles are chains, of neighbours; a diameter smaller than it
    grows with it. Wishes hold throughout; one that the data do not bear is left aside.

    Parameters
    ----------
    estates, states, stops, ways, profile, settings, companies
        As in `prepare`.
    axis, values
        Which limit, and its values; `USUAL` by default, with the value in force among them.
    seed, seconds
        Random seed, and wall-clock guard of the whole: each point gets an equal share of what is left.

    Raises
    ------
    InputError
        If a value makes no sense or there are too many.
    """
    chosen = sorted(set(values or (*USUAL[axis], now(settings, axis))))
    if len(chosen) > _MOST:
        raise InputError(f"一次最多比较{_MOST}个取值，给了{len(chosen)}个", "请减少取值或加大间隔")
    wanted = [with_value(settings, axis, value) for value in chosen]
    terrain = Terrain.from_ways(ways, settings.barriers)
    end = monotonic() + seconds
    points: list[Point] = []
    for number, (value, limits) in enumerate(zip(chosen, wanted, strict=True)):
        left = end - monotonic()
        if progress.stopped or (left <= 0 and points):
            break
        share = Share(progress, number / len(chosen), (number + 1) / len(chosen))
        share.update(0.0, f"比较方案 {number + 1}/{len(chosen)}")
        ready = prepare(estates, states, stops, ways, profile, limits, companies, terrain=terrain)
        points.append(_point(ready, value, wishes, seed, max(0.0, left) / (len(chosen) - number), share))
    return Frontier(axis, tuple(points), settings, len(points) == len(chosen))


def now(settings: BundleSettings, axis: Axis) -> float:
    """The value in force."""
    if axis == "radius":
        return settings.radius_m if settings.compact != "chain" else settings.link_m
    return settings.fee_window_yuan_m2 if axis == "fee_window" else float(settings.min_households)


def _point(
    ready: Prepared, value: float, wishes: Sequence[Wish], seed: int, seconds: float, progress: Progress
) -> Point:
    alone = sorted(ready.standing_alone)
    of_alone = int(ready.estates.loc[alone, "households"].sum())
    try:
        demands = read_wishes(ready, still_meant(ready, wishes)[0])
        pools = [wished(block.pool, np.arange(len(block.pool.ids)), demands) for block in ready.blocks]
        refuse_impossible(ready, demands, (), seed=seed, seconds=seconds)
        proposal = propose(pools, ready.settings, seed=seed, seconds=seconds, progress=progress, shorten=False)
        refuse_impossible(ready, demands, proposal.answers, seed=seed, seconds=seconds)
    except InputError as error:
        return Point(value, 0, 0, 0, 0, len(alone), of_alone, 0.0, str(error))
    fixed = [fixed_bundle(ready, wish) for wish in demands.fixed]
    by_hand = sum(one.households for one in fixed)
    scores = [answer.partition.score for answer in proposal.answers]
    return Point(
        value=value,
        households=proposal.households + by_hand,
        bound=proposal.bound + by_hand,
        n_bundles=sum(len(answer.partition.groups) for answer in proposal.answers) + len(fixed),
        n_estates=sum(score.estates for score in scores) + sum(len(one.members) for one in fixed),
        n_alone=len(alone),
        households_alone=of_alone,
        metres=round(sum(sum(one.distances_m) for one in fixed) - sum(score.metres for score in scores), 1),
    )
