"""The whole fictional city in memory: built step by step from a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely import Polygon

from data.codes import UnitKind
from data.demo.blocks import Block, cut_blocks, water_bodies
from data.demo.former import Former, rename, spoken
from data.demo.housing import House, Plot, other_buildings, settle_houses
from data.demo.income import with_income
from data.demo.layout import county_town, main_city
from data.demo.naming import name_estates, staff
from data.demo.network import Network, build
from data.demo.parcels import settle
from data.demo.people import imagine
from data.demo.sides import DIRECTIONS, Gate, Sides, look_around
from data.demo.texts import favourite, four_sides
from data.demo.units import Unit, divide_city
from data.demo.weave import weave
from data.demo.words import CENTRE
from geo.crs import metric_crs, to_metric
from geo.progress import Progress

_LAND_M2 = 18_500.0
"""Mean land of an estate; a little over a third of the built-up land is lived on."""
_LIVED_ON = 0.36
_TOWN_NAMES = ("清溪", "石桥", "柳河")
_TOWN_SHARE = 0.12
_TRIES = 6


@dataclass(slots=True)
class City:
    """All that the files are written from. Shapes are on the ground: metres in ``crs``."""

    crs: CRS
    network: Network
    water: dict[str, list[Polygon]]
    blocks: list[Block]
    estates: pd.DataFrame
    sides: list[Sides]
    gates: list[list[Gate]]
    units: list[Unit]
    former: list[Former]
    plots: list[Plot]
    """Housing: that of each estate, in their order, then what no register has."""
    buildings: list[House]
    """Buildings that nobody lives in."""


def step(progress: Progress, share: float, text: str) -> None:
    """Say what comes next; ``KeyboardInterrupt`` if it is not wanted any more."""
    if progress.stopped:
        raise KeyboardInterrupt
    progress.update(share, text)


def build_city(n_estates: int, seed: int, progress: Progress) -> City:
    """A city with exactly ``n_estates`` settled estates; the same for the same seed."""
    crs = metric_crs(CENTRE[0])
    area = n_estates * _LAND_M2 / _LIVED_ON
    for attempt in range(_TRIES):
        rng = np.random.default_rng([seed, attempt])
        step(progress, 0.02, "规划路网")
        network, shares = _network(area, n_estates, crs, rng)
        step(progress, 0.12, "划分街区")
        water = water_bodies(network, rng)
        blocks = cut_blocks(network, water)
        step(progress, 0.25, "安置小区")
        estates = settle(imagine(n_estates, rng), blocks, shares, rng)
        if len(estates) == n_estates:
            break
        area *= 1.15
    else:
        raise RuntimeError(f"{n_estates} estates found no land in {_TRIES} tries, seed {seed}")
    step(progress, 0.4, "划分行政单元")
    units = divide_city(network, blocks, estates["block"].to_numpy(), rng)
    estates = _with_units(estates, units)
    step(progress, 0.5, "命名小区、测量四至")
    named = name_estates(estates, _road_at(estates, network), rng)
    named = with_income(staff(named, list(named["community"]), rng))
    n_gates = np.where(
        named["households"] < 100,
        1,
        np.where(named["households"] < 600, rng.integers(1, 3, n_estates), rng.integers(2, 4, n_estates)),
    )
    sides, gates = look_around(list(named["footprint"]), list(named["name"]), n_gates, network, water, rng)
    # Numbers of their own, so that the city itself stays what it was.
    extra = np.random.default_rng([seed, attempt, 7])
    former = rename(network, extra)
    named = _with_knowledge(named, sides, rng, spoken(former, n_estates, extra))
    step(progress, 0.57, "安置楼房")
    plots = settle_houses(named, blocks, extra)
    return City(crs, network, water, blocks, named, sides, gates, units, former, plots, other_buildings(blocks, extra))


def _network(area: float, n_estates: int, crs: CRS, rng: np.random.Generator) -> tuple[Network, list[float]]:
    x, y = to_metric([CENTRE[0]], [CENTRE[1]], crs)
    centre = (float(x[0]), float(y[0]))
    n_towns = 1 if n_estates < 4000 else (2 if n_estates < 20_000 else 3)
    share = _TOWN_SHARE / n_towns
    main = main_city(area * (1 - _TOWN_SHARE), rng, centre)
    reach = float(max(abs(main.u).max(), abs(main.v).max()))
    weaves = [weave(main, rng)]
    for k, name in enumerate(_TOWN_NAMES[:n_towns]):
        bearing = 2.6 + k * 2.05 + rng.uniform(-0.2, 0.2)
        far = reach + rng.uniform(6_000, 8_000)
        origin = (centre[0] + far * math.cos(bearing), centre[1] + far * math.sin(bearing))
        weaves.append(weave(county_town(area * share, rng, origin, name), rng))
    return build(weaves, rng), [1 - _TOWN_SHARE, *([share] * n_towns)]


def _with_units(estates: pd.DataFrame, units: list[Unit]) -> pd.DataFrame:
    """County, street, community and grid names by block."""
    result = estates.copy()
    for kind in UnitKind:
        of_block = {block: unit.name for unit in units if unit.kind is kind for block in unit.blocks}
        result[kind.value] = [of_block[block] for block in estates["block"]]
    return result


def _road_at(estates: pd.DataFrame, network: Network) -> list[str | None]:
    edges = network.drivable()
    tree = shapely.STRtree([shapely.LineString(edge.points) for edge in edges])
    _, nearest = tree.query_nearest(estates["footprint"].to_numpy(), all_matches=False)
    return [network.roads[edges[k].road].name for k in nearest]


def _with_knowledge(
    estates: pd.DataFrame, sides: list[Sides], rng: np.random.Generator, called: list[Mapping[str, str]]
) -> pd.DataFrame:
    """What the files will tell of each estate: ``known`` is ``polygon`` (60 %), ``text`` (25 %) or ``point``.

    Words alone describe mostly plain shapes with roads on at least three sides; estates with a polygon mostly have words too.
    Adds ``four_sides``, ``side_names`` (E|S|W|N, present names), ``former_names`` (those the text uses),
    ``gates_known``, the true point ``x``, ``y`` and the picked point.
    """
    n = len(estates)
    n_text, n_polygon = round(n * 0.25), round(n * 0.60)
    n_roads = np.array([sum(any(s.kind == "road" and s.name for s in side[d]) for d in DIRECTIONS) for side in sides])
    shapes = estates["footprint"].to_numpy()
    simple = shapely.area(shapes) / shapely.area(shapely.convex_hull(shapes)) > 0.85
    liking = n_roads + simple + rng.uniform(0, 1.6, n)
    order = np.argsort(-liking, kind="stable")
    known = np.full(n, "", dtype=object)
    known[order[:n_text]] = "text"
    rest = rng.permutation(order[n_text:])
    known[rest[:n_polygon]] = "polygon"
    known[rest[n_polygon:]] = "point"
    worded = (known == "text") | ((known == "polygon") & (rng.random(n) < 0.85))
    form: dict[str, int] = {}
    texts: list[str | None] = []
    names: list[str] = []
    old: list[str | None] = []
    for k, street in enumerate(estates["street"]):
        form.setdefault(str(street), favourite(rng))
        text, true = four_sides(sides[k], form[str(street)], rng, called[k])
        texts.append(text if worded[k] else None)
        names.append("|".join(true))
        roads = [name for side in true for name in side.split("、") if name in called[k]]
        old.append("、".join(dict.fromkeys(called[k][name] for name in roads)) if worded[k] and roads else None)
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    picked = inside + rng.normal(0, 9, (n, 2))
    stray = ~shapely.contains_xy(shapes, picked[:, 0], picked[:, 1])
    picked[stray] = inside[stray]
    return estates.assign(
        land_area_m2=shapely.area(shapes).round(0), known=known, four_sides=texts, side_names=names,
        former_names=old,
        gates_known=rng.random(n) < 0.85, picked_x=picked[:, 0], picked_y=picked[:, 1],
    )  # fmt: skip
