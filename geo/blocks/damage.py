"""What goes wrong between the ground and a register: made on purpose and by seed, on true cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from pypinyin import lazy_pinyin
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.blocks.cases import Block
from geo.blocks.writing import Written, write
from geo.crs import from_metric, metric_crs, to_metric
from geo.shapes import area_m2, metric_shapes
from geo.sides.types import MAIN_SIDES, Side

Slip = Literal["homophone", "alike", "random"]
SLIPS: Final[tuple[Slip, ...]] = ("homophone", "alike", "random")

_TAILS: Final = ("大道", "大街", "公路", "支路", "路", "街", "巷", "弄", "道", "河", "桥")
_ALIKE: Final = (
    "己已巳", "未末", "土士", "人入八", "天夭无", "大太犬", "日曰目", "干千于", "洲州", "园圆", "侯候", "冶治", "兰蓝",
    "东冬", "西四", "宁守", "长张", "阳杨扬", "江汪", "河何", "安按", "建健", "华毕", "光先", "明朋", "复夏", "康庚",
    "武式", "定走", "海悔", "陕峡", "浦埔蒲", "泰秦", "昌冒", "平半", "成戌戍", "永水", "新欣", "福幅", "林材", "北比",
    "南楠", "民氏", "主王玉", "石右", "金全", "余佘", "乌鸟", "鲁曾", "木本", "家冢", "茂莪", "淮准", "徐除", "汇江",
    "胜性", "团困", "和知", "中申", "放方",
)  # fmt: skip
"""Characters that are taken for each other in writing or scanning."""
_EDGE_M: Final = 8.0
"""From a road's line to where an estate begins: half of a branch road with its pavement (assumed)."""
UNKNOWN_WORDS: Final = ("围墙", "小区围墙", "规划路", "规划道路", "空地", "现状围墙", "待建空地")
"""What stands on a side that has no name."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to a true case before it is read."""

    wrong_character: bool = False
    side_unknown: bool = False
    point_m: float | None = 0.0
    """How far the point is moved; ``None``: there is no point."""
    area_share: float | None = 0.2
    """The ledger's area is off by up to this share either way; ``None``: there is no area."""
    net_area: bool = False
    """The ledger counts the ground within the roads' edges only: 8 m less on every side."""
    part_only: bool = False
    """The estate holds only a part of its block. Half of such texts call the inner side a wall, half name all four roads."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One text with what the register knows beside it, and the truth."""

    block: Block
    truth: Polygon
    """The estate's true ground, EPSG:4490: the block's outline, or the part of it that the estate has."""
    written: Written
    point: tuple[float, float] | None
    area_m2: float | None
    recipe: Recipe
    forgotten: Side | None

    @property
    def text(self) -> str:
        return self.written.text


def make_cases(blocks: Sequence[Block], recipe: Recipe, n: int, seed: int) -> tuple[Case, ...]:
    """``n`` cases from blocks drawn without repetition (again from all when they run out), the same for the same seed."""
    if not blocks or n <= 0:
        return ()
    rng = np.random.default_rng([seed, 74])
    rounds = -(-n // len(blocks))
    order = np.concatenate([rng.permutation(len(blocks)) for _ in range(rounds)])[:n]
    return tuple(_case(blocks[int(k)], recipe, rng) for k in order)


def _case(block: Block, recipe: Recipe, rng: np.random.Generator) -> Case:
    sides: Mapping[Side, tuple[str, ...]] = block.sides
    truth, area, at, forgotten = block.outline, block.area_m2, block.point, None
    if recipe.part_only:
        truth, area, at, inner = _part_of(block, rng)
        if rng.random() < 0.5:
            sides, forgotten = {**sides, inner: (UNKNOWN_WORDS[int(rng.integers(2))],)}, inner
    if recipe.wrong_character:
        sides = misspell_one(sides, rng, forgotten)
    if recipe.side_unknown and forgotten is None:
        sides, forgotten = forget_one(sides, rng)
    written = write(sides, rng)
    point = None if recipe.point_m is None else shift(at, recipe.point_m, rng)
    if recipe.net_area:
        area = _net_area(truth)
    known = None if recipe.area_share is None else noisy_area(area, recipe.area_share, rng)
    return Case(block, truth, written, point, known, recipe, forgotten)


def _net_area(shape: Polygon) -> float:
    """Area without a strip of 8 m along the ring; at least a third of the whole."""
    metres = metric_shapes([shape])[0]
    return max(float(metres.buffer(-_EDGE_M).area), metres.area / 3)


def _part_of(block: Block, rng: np.random.Generator) -> tuple[Polygon, float, tuple[float, float], Side]:
    """A quarter to two thirds of the block on one side of a straight cut: outline, area, a place inside, and the side of it
    that is cut."""
    inner = MAIN_SIDES[int(rng.integers(4))]
    upright = inner in (Side.EAST, Side.WEST)
    west, south, east, north = block.outline.bounds
    low, high = (west, east) if upright else (south, north)
    want = rng.uniform(0.25, 0.65)
    keep_low = inner in (Side.EAST, Side.NORTH)

    def cut(at: float) -> BaseGeometry:
        box = [west, south, east, north]
        box[(2 if keep_low else 0) if upright else (3 if keep_low else 1)] = at
        return shapely.clip_by_rect(block.outline, *box)

    for _ in range(30):
        middle = (low + high) / 2
        share = cut(middle).area / block.outline.area
        if (share < want) is keep_low:
            low = middle
        else:
            high = middle
    parts = [part for part in shapely.get_parts(cut(low if keep_low else high)) if isinstance(part, Polygon)]
    shape = max(parts, key=lambda part: part.area)
    inside = shapely.point_on_surface(shape)
    return shape, float(area_m2([shape])[0]), (float(inside.x), float(inside.y)), inner


def remove_ways(ways: gpd.GeoDataFrame, share: float, seed: int) -> gpd.GeoDataFrame:
    """The ways without a random share of the roads; one way is one piece of a road, as OpenStreetMap cuts them."""
    if not 0 <= share < 1:
        raise ValueError(f"share {share} of ways to remove is not in [0, 1)")
    drawn = np.random.default_rng([seed, 73]).random(len(ways))
    return ways[(drawn >= share) | (ways["kind"] != "road").to_numpy()]


def misspell(name: str, rng: np.random.Generator, slip: Slip | None = None) -> str:
    """The name with one wrong character before its kind of thing (路, 街, …): a homophone, a look-alike, or any.

    Where a slip is not possible (no homophone, no look-alike) the next one in `SLIPS` is made. The result is never the
    name itself.
    """
    chosen = slip or SLIPS[int(rng.choice(3, p=(0.5, 0.3, 0.2)))]
    tail = next((t for t in _TAILS if name.endswith(t) and len(name) > len(t)), "")
    stem = len(name) - len(tail)
    places = [int(k) for k in rng.permutation(stem) if "一" <= name[k] <= "鿿"]
    for kind in SLIPS[SLIPS.index(chosen) :]:
        for place in places or [0]:
            others = _others(name[place], kind)
            if others:
                return name[:place] + others[int(rng.integers(len(others)))] + name[place + 1 :]
    raise ValueError(f"no wrong character can be made for {name!r}")


def misspell_one(
    sides: Mapping[Side, tuple[str, ...]], rng: np.random.Generator, spared: Side | None = None
) -> dict[Side, tuple[str, ...]]:
    """The sides with one wrong character in one name of one side, but not of the ``spared`` one."""
    able = [side for side in MAIN_SIDES if side is not spared]
    side = able[int(rng.integers(len(able)))]
    first, *rest = sides[side]
    return {**sides, side: (misspell(first, rng), *rest)}


def forget_one(
    sides: Mapping[Side, tuple[str, ...]], rng: np.random.Generator
) -> tuple[dict[Side, tuple[str, ...]], Side]:
    """The sides with words without a name on one of them (围墙, 规划路, 空地), and which."""
    side = MAIN_SIDES[int(rng.integers(4))]
    return {**sides, side: (UNKNOWN_WORDS[int(rng.integers(len(UNKNOWN_WORDS)))],)}, side


def shift(point: tuple[float, float], metres: float, rng: np.random.Generator) -> tuple[float, float]:
    """The point ``metres`` away in a random direction; ``(lon, lat)``, EPSG:4490."""
    crs = metric_crs(point[0])
    x, y = to_metric([point[0]], [point[1]], crs)
    angle = rng.uniform(0, 2 * np.pi)
    lon, lat = from_metric(x + metres * np.sin(angle), y + metres * np.cos(angle), crs)
    return float(lon[0]), float(lat[0])


def noisy_area(area_m2: float, share: float, rng: np.random.Generator) -> float:
    """The area off by up to ``share`` either way, evenly."""
    return float(area_m2 * (1 + rng.uniform(-share, share)))


def _others(char: str, slip: Slip) -> tuple[str, ...]:
    if slip == "homophone":
        return tuple(c for c in _homophones().get(_sound(char), ()) if c != char)
    if slip == "alike":
        return tuple(c for group in _ALIKE if char in group for c in group if c != char)
    return tuple(c for c in _common() if c != char)


@lru_cache(maxsize=1)
def _common() -> tuple[str, ...]:
    """The 3,755 characters of level 1 of GB 2312, in its order (by sound)."""
    codes = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return tuple(bytes(code).decode("gb2312") for code in codes if code < (0xD7, 0xFA))


@lru_cache(maxsize=1)
def _homophones() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for char in _common():
        found[_sound(char)].append(char)
    return {sound: tuple(chars) for sound, chars in found.items()}


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    """Pinyin without tone."""
    return str(lazy_pinyin(char)[0])
