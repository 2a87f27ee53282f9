"""Random small bundle problems, and the best answer by trying everything, written apart from the engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from geo.barriers import ALLOWED, BY_BARRIER, BY_RADIUS, Pairs
from planning.bundles import BundleSettings
from planning.bundles.candidates.pairs import near_m, reach_m
from planning.bundles.candidates.pools import make_pools
from planning.bundles.engine.components import parts
from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import Part, bits
from planning.bundles.engine.search import search
from planning.bundles.settings import Costs
from planning.bundles.types import Wish
from tests.strategies import make_settings

RIVER_X = 47.0
"""Nobody lives on it; nobody crosses it."""
COSTS = Costs(0.0, 0.0, 0.0, 0.0, 0.0, 150.0, 1.0)
BASE = make_settings(fee_window_yuan_m2=100.0, radius_m=350.0, max_diameter_m=650.0)


@dataclass(frozen=True)
class Case:
    """Candidates with their places ``x``, ``y`` in metres, limits and wishes."""

    frame: pd.DataFrame
    settings: BundleSettings
    wishes: tuple[Wish, ...] = ()
    river: bool = False

    def pairs(self) -> Pairs:
        """Pairs within reach; one walks straight, unless the river lies between."""
        limits = self.settings
        xy = self.frame[["x", "y"]].to_numpy(dtype=float)
        i, j = (rows.astype(np.int64) for rows in np.triu_indices(len(xy), 1))
        walk = np.hypot(*(xy[i] - xy[j]).T)
        wet = (xy[i, 0] < RIVER_X) != (xy[j, 0] < RIVER_X) if self.river else np.zeros(len(i), dtype=bool)
        verdict = np.where(walk > near_m(limits), BY_RADIUS, np.where(wet, BY_BARRIER, ALLOWED)).astype(np.int8)
        known = walk <= reach_m(limits)
        none = np.full(int(known.sum()), -1)
        i, j, walk, verdict = i[known], j[known], walk[known], verdict[known]
        return Pairs(i, j, walk, walk, verdict, none, np.full(len(i), "", dtype=object), True)

    def parts(self) -> list[Part]:
        """What the engine makes of it."""
        pools = make_pools(self.frame, self.pairs(), self.settings, self.wishes)
        return [part for pool in pools for part in parts(pool)]


@dataclass(frozen=True)
class Answer:
    """``best``: households and estates, ``None``: impossible."""

    best: tuple[int, int] | None
    bundles: tuple[frozenset[str], ...]
    bound: int


def solved(case: Case, seconds: float = 30.0) -> Answer:
    """The engine's proven answer; of a single part that cannot take in what is forced the whole is impossible."""
    bundles: list[frozenset[str]] = []
    estates = households = bound = 0
    for part in case.parts():
        start = search(part, seed=1)
        result = Search().run(part, start, seed=1, seconds=seconds)
        assert result.proven or not result.feasible
        if not result.feasible:
            return Answer(None, (), 0)
        for mask in result.masks:
            bundles.append(frozenset(part.ids[row] for row in bits(mask)))
            estates += (mask & ~part.anchors).bit_count()
        households += result.households
        bound += result.bound
    return Answer((households, estates), tuple(bundles), bound)


# ------------------------------------------------------------------------------------------------------- first principles


class Truth:
    """Every set of candidates: is it a bundle? And what is the best choice of bundles?"""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rows: list[dict[str, Any]] = case.frame.reset_index().to_dict("records")
        n = len(self.rows)
        self.everything = (1 << n) - 1
        self.place = {row["estate_id"]: k for k, row in enumerate(self.rows)}
        masks = np.arange(1 << n)
        self._has = [(masks >> k & 1).astype(bool) for k in range(n)]
        self.valid = self._valid(masks)

    def walk(self, a: int, b: int) -> float:
        one, two = self.rows[a], self.rows[b]
        return math.hypot(one["x"] - two["x"], one["y"] - two["y"])

    def _allowed(self, a: int, b: int, longest: float) -> bool:
        shore = [self.rows[k]["x"] < RIVER_X for k in (a, b)]
        pair = {self.rows[k]["estate_id"] for k in (a, b)}
        barred = any(wish.kind == "forbid_pair" and pair == set(wish.estates) for wish in self.case.wishes)
        return self.walk(a, b) <= longest and not (self.case.river and shore[0] != shore[1]) and not barred

    def _compatible(self, a: int, b: int) -> bool:
        limits, one, two = self.case.settings, self.rows[a], self.rows[b]
        if one["lead"] != two["lead"] or self.walk(a, b) > limits.max_diameter_m:
            return False
        fees = [f for f in (one["fee_yuan_m2"], two["fee_yuan_m2"]) if not pd.isna(f)]
        types = {t for t in (one["estate_type"], two["estate_type"]) if not pd.isna(t)}
        years = [y for y in (one["year_built"], two["year_built"]) if not pd.isna(y)]
        if len(fees) == 2 and abs(fees[0] - fees[1]) > limits.fee_window_yuan_m2 + 1e-6:
            return False
        if limits.same_type and len(types) == 2:
            return False
        if len(years) == 2 and any(min(years) < limit <= max(years) for limit in limits.age_breaks):
            return False
        pair = {one["estate_id"], two["estate_id"]}
        return not any(wish.kind == "apart" and pair <= set(wish.estates) for wish in self.case.wishes)

    def _valid(self, masks: np.ndarray) -> np.ndarray:
        limits, has, n = self.case.settings, self._has, len(self.rows)
        with_anchor = limits.way == "anchor"
        anchor = [with_anchor and bool(row["anchor"]) for row in self.rows]
        count = sum(has, np.zeros(len(masks), dtype=int))
        ok = (count >= 2) & (count <= limits.max_estates)

        def total(column: str) -> np.ndarray:
            value = [
                0.0 if anchor[k] or pd.isna(row[column]) else float(row[column]) for k, row in enumerate(self.rows)
            ]
            return sum((has[k] * value[k] for k in range(n)), np.zeros(len(masks)))

        households = total("households")
        if with_anchor:
            room = sum((has[k] * (self.rows[k]["room"] if anchor[k] else 0) for k in range(n)), np.zeros(len(masks)))
            ok &= (sum((has[k] * anchor[k] for k in range(n)), np.zeros(len(masks))) == 1) & (households <= room)
        else:
            ok &= households <= limits.max_households
            if limits.viability != "money":
                ok &= households >= limits.min_households
            if limits.viability != "households":
                assert limits.costs is not None
                ok &= total("margin_yuan") >= limits.costs.fixed
            if limits.min_floor_area_m2 is not None:
                ok &= total("floor_area_m2") >= limits.min_floor_area_m2 - 1e-6
        if limits.max_floor_area_m2 is not None:
            ok &= total("floor_area_m2") <= limits.max_floor_area_m2 + 1e-6
        for a in range(n):
            for b in range(a):
                if not self._compatible(a, b):
                    ok &= ~(has[a] & has[b])
        if limits.compact != "chain":
            ok &= self._has_medoid(masks, anchor if with_anchor else [True] * n)
        if limits.compact != "medoid":
            ok &= self._hangs_together(masks)
        for whole in self._together():
            if whole - set(self.place):
                inside = [self.place[estate] for estate in whole & set(self.place)]
                ok &= ~np.logical_or.reduce([has[k] for k in inside] or [np.zeros(len(masks), dtype=bool)])
            else:
                each = np.array([has[self.place[estate]] for estate in whole])
                ok &= each.all(axis=0) | ~each.any(axis=0)
        return ok

    def _together(self) -> list[set[str]]:
        return [set(wish.estates) for wish in self.case.wishes if wish.kind == "together"]

    def _has_medoid(self, masks: np.ndarray, may: Sequence[bool]) -> np.ndarray:
        found = np.zeros(len(masks), dtype=bool)
        for centre in range(len(self.rows)):
            far = sum(
                1 << k
                for k in range(len(self.rows))
                if k != centre and not self._allowed(centre, k, self.case.settings.radius_m)
            )
            if may[centre]:
                found |= self._has[centre] & (masks & far == 0)
        return found

    def _hangs_together(self, masks: np.ndarray) -> np.ndarray:
        n = len(self.rows)
        near = [
            sum(1 << k for k in range(n) if k != a and self._allowed(a, k, self.case.settings.link_m)) for a in range(n)
        ]
        seen = masks & -masks
        for _ in range(n):
            for a in range(n):
                seen |= np.where(seen >> a & 1, near[a] & masks, 0)
        return np.asarray(seen == masks)

    def _blocked(self, group: int) -> int:
        """The group and all that share a grid with it."""
        if not self.case.settings.keep_grids:
            return group
        grids = {self.rows[k]["grid_id"] for k in bits(group)} - {None}
        return group | sum(1 << k for k, row in enumerate(self.rows) if not group >> k & 1 and row["grid_id"] in grids)

    def best(self) -> tuple[int, int] | None:
        """Most households, then estates, of all choices of bundles; ``None`` if a forced estate fits in none."""
        forced = sum(1 << k for k, row in enumerate(self.rows) if row["estate_id"] in self._forced())
        anchor = [self.case.settings.way == "anchor" and bool(row["anchor"]) for row in self.rows]
        by_lowest: dict[int, list[tuple[int, int, int]]] = {}
        for group in np.flatnonzero(self.valid).tolist():
            worth = sum(100 * int(self.rows[k]["households"]) + 1 for k in bits(group) if not anchor[k])
            by_lowest.setdefault(group & -group, []).append((group, self._blocked(group), worth))

        @cache
        def most(left: int) -> float:
            if not left:
                return 0
            low = left & -left
            found = -math.inf if low & forced else most(left & ~low)
            for group, blocked, worth in by_lowest.get(low, ()):
                if not group & ~left and not blocked & ~group & forced:
                    found = max(found, worth + most(left & ~blocked))
            return found

        total = most(self.everything)
        return None if total == -math.inf else (int(total) // 100, int(total) % 100)

    def _forced(self) -> set[str]:
        return {estate for wish in self.case.wishes if wish.kind == "force" for estate in wish.estates}

    def check(self, bundles: Iterable[frozenset[str]]) -> None:
        """Assert that these bundles may stand side by side."""
        left = self.everything
        for one in bundles:
            group = sum(1 << self.place[estate] for estate in one)
            assert self.valid[group], sorted(one)
            assert not group & ~left, "a grid or an estate is in two bundles"
            left &= ~self._blocked(group)


# ----------------------------------------------------------------------------------------------------------- random cases

RULES = (
    "radius",
    "diameter",
    "few_members",
    "narrow_households",
    "unit",
    "river",
    "fee",
    "type",
    "age",
    "grids",
    "floor_area",
    "money",
    "money_and_households",
    "chain",
    "medoid_and_chain",
    "anchor",
    "together",
    "apart",
    "force",
    "forbid_pair",
    "zero_households",
    "one_spot",
)


def random_case(rng: np.random.Generator, rules: Iterable[str], n: int | None = None) -> Case:
    """Up to twelve estates on a grid of 100 m, with the named rules made to matter."""
    n = int(rng.choice([0, 1, *range(3, 10), *[10, 11, 12] * 4])) if n is None else n
    on = set(rules)
    limits = BASE
    none = pd.array([pd.NA] * n, dtype="Float64")
    side = 1 if "one_spot" in on else int(rng.integers(2, 5))
    sizes = [0, 0, 10, 60] if "zero_households" in on else [15, 20, 30, 35, 40, 50, 60, 80]
    ids = [f"E{k:02d}" for k in rng.permutation(20)[:n]]
    frame = pd.DataFrame(
        {
            "x": rng.integers(-side, side + 1, n) * 100.0 / (100 if side == 1 else 1),
            "y": rng.integers(-side, side + 1, n) * 90.0 / (100 if side == 1 else 1),
            "households": rng.choice(sizes, n),
            "floor_area_m2": none,
            "fee_yuan_m2": none,
            "estate_type": np.full(n, None, dtype=object),
            "year_built": pd.array([pd.NA] * n, dtype="Int64"),
            "grid_id": np.full(n, None, dtype=object),
            "lead": "street:S1",
            "margin_yuan": rng.integers(-60, 140, n),
            "anchor": False,
            "room": 0,
        },
        index=pd.Index(ids, name="estate_id"),
    ).sort_index()

    def put(column: str, values: Sequence[object]) -> None:
        frame[column] = pd.Series([values[int(k)] for k in rng.integers(0, len(values), n)], frame.index, dtype=object)

    changes: dict[str, object] = {}
    if "radius" in on:
        changes["radius_m"] = float(rng.choice([100.0, 200.0, 250.0]))
    if "diameter" in on:
        changes["max_diameter_m"] = float(rng.choice([180.0, 300.0, 420.0]))
    if "few_members" in on:
        changes["max_estates"] = int(rng.integers(2, 4))
    if "narrow_households" in on:
        changes |= {"min_households": 110, "max_households": int(rng.choice([110, 120, 130]))}
    if "unit" in on:
        put("lead", ["street:S1", "street:S2"])
    if "fee" in on:
        put("fee_yuan_m2", [0.3, 0.6, 0.9, 1.2, None])
        changes["fee_window_yuan_m2"] = 0.3
    if "type" in on:
        put("estate_type", ["老旧小区", "安置房", None])
        changes["same_type"] = True
    if "age" in on:
        put("year_built", [1988, 1999, 2000, 2008, 2015, None])
        changes["age_breaks"] = (2000, 2010)
    if "grids" in on:
        put("grid_id", ["G1", "G2", None])
        changes["keep_grids"] = True
    if "floor_area" in on:
        put("floor_area_m2", [800.25, 1500.5, 2400.0, 3300.1, None])
        changes |= {"min_floor_area_m2": 3100.75, "max_floor_area_m2": float(rng.choice([5000.0, 8000.0]))}
    if on & {"money", "money_and_households"}:
        changes |= {"viability": "money" if "money" in on else "both", "costs": COSTS}
    if "chain" in on:
        changes |= {"compact": "chain", "neighbour_m": float(rng.choice([140.0, 190.0, 220.0]))}
    if "medoid_and_chain" in on:
        changes |= {"compact": "both", "neighbour_m": float(rng.choice([140.0, 190.0, 220.0]))}
    if "anchor" in on:
        changes["way"] = "anchor"
        frame["anchor"] = rng.random(n) < 0.3
        frame["room"] = np.where(frame["anchor"], rng.choice([40, 80, 120], n), 0)
        frame["margin_yuan"] = frame["margin_yuan"].where(~frame["anchor"], 0)
    wishes = _wishes(rng, frame, on) if n >= 2 else ()
    return Case(frame, replace(limits, **changes), wishes, "river" in on)  # type: ignore[arg-type]


def wish(kind: str, *estates: str) -> Wish:
    """A planner's wish."""
    return Wish(f"{kind} {estates}", kind, estates, "", "tester", datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]


def _wishes(rng: np.random.Generator, frame: pd.DataFrame, on: set[str]) -> tuple[Wish, ...]:
    served = list(frame.index[~frame["anchor"].to_numpy(dtype=bool)])

    def some(most: int, least: int, among: Sequence[str]) -> list[str]:
        size = min(len(among), int(rng.integers(least, most + 1)))
        return sorted(str(one) for one in rng.choice(among, size, replace=False))

    found = []
    for kind, most, least, among in (
        ("together", 3, 2, list(frame.index)),
        ("together", 2, 2, list(frame.index)),
        ("apart", 3, 2, list(frame.index)),
        ("forbid_pair", 2, 2, list(frame.index)),
        ("forbid_pair", 2, 2, list(frame.index)),
        ("force", 2, 1, served),
    ):
        if kind in on and len(among) >= least:
            found.append(wish(kind, *some(most, least, among)))
    return tuple(found)
