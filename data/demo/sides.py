"""What lies on each side of an estate, and where its gates are: measured on the ground, not invented."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

from data.demo.loom import Use
from data.demo.network import WIDTH_M, Network
from data.demo.words import LAKE, RAILWAY, RIVER

Direction = Literal["东", "南", "西", "北"]
Kind = Literal["road", "river", "railway", "lake", "estate", "wall"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("东", "南", "西", "北")
_STEP_M: Final = 22.0
_NEIGHBOUR_M: Final = 16.0
_SLACK_M: Final = 20.0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a side looks at; ``share`` is the part of the side's length that does. ``name`` null: it has none."""

    kind: Kind
    name: str | None
    share: float


@dataclass(frozen=True, slots=True)
class Gate:
    """An entrance on the boundary (ground metres); ``width_class`` is the class of the road before it."""

    name: str
    point: Point
    main: bool


Sides = dict[Direction, list[Neighbour]]


@dataclass(slots=True)
class _Samples:
    """Points along all boundaries: owner, place, outward normal, length they stand for."""

    owner: NDArray[np.int64]
    xy: NDArray[np.float64]
    normal: NDArray[np.float64]
    length: NDArray[np.float64]

    @property
    def side(self) -> NDArray[np.int64]:
        x, y = self.normal.T
        flat = np.abs(x) >= np.abs(y)
        return np.where(flat, np.where(x > 0, 0, 2), np.where(y > 0, 3, 1))


def look_around(
    footprints: list[Polygon], names: list[str], n_gates: NDArray[np.int64], network: Network,
    water: dict[str, list[Polygon]], rng: np.random.Generator,
) -> tuple[list[Sides], list[list[Gate]]]:  # fmt: skip
    """Sides and gates of every footprint.

    A side names the roads (water, railway, neighbours) that most of its length faces within their own reach.
    """
    samples = _sample(footprints)
    kind, name, road_distance = _facing(samples, network, water)
    _see_neighbours(samples, footprints, names, kind, name)
    votes: list[dict[tuple[int, Kind, str | None], list[float]]] = [defaultdict(lambda: [0.0, 0.0]) for _ in footprints]
    out = np.array([(1, 0), (0, -1), (-1, 0), (0, 1)])[samples.side]
    outward = (samples.xy * out).sum(axis=1)
    for owner, side, k, what, length, reach in zip(
        samples.owner, samples.side, kind, name, samples.length, outward, strict=True
    ):
        vote = votes[owner][int(side), k, what]
        vote[0] += float(length)
        vote[1] += float(length * reach)
    sides = [_sides_of(vote) for vote in votes]
    gates = _gates(samples, road_distance, n_gates, rng)
    return sides, gates


def _sides_of(votes: dict[tuple[int, Kind, str | None], list[float]]) -> Sides:
    """The one or two features that each side mostly faces; of two, the one further out first (an L-shaped estate)."""
    here: Sides = {}
    for number, direction in enumerate(DIRECTIONS):
        found = {
            (kind, name): (length, moment) for (side, kind, name), (length, moment) in votes.items() if side == number
        }
        total = sum(length for length, _ in found.values())
        most = sorted(found, key=lambda key: -found[key][0])[:2]
        seen = [key for key in most if found[key][0] >= 0.3 * total]
        seen.sort(key=lambda key: -found[key][1] / found[key][0])
        here[direction] = [Neighbour(*key, found[key][0] / total) for key in seen] or [Neighbour("wall", None, 0.0)]
    return here


def _sample(footprints: list[Polygon]) -> _Samples:
    shapes = np.array([polygon.normalize() for polygon in footprints], dtype=object)
    rings = shapely.segmentize(shapely.get_exterior_ring(shapes), _STEP_M)
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    same = owner[1:] == owner[:-1]
    a, b = xy[:-1][same], xy[1:][same]
    step = b - a
    length = np.hypot(*step.T)
    keep = length > 0.5
    a, b, step, length = a[keep], b[keep], step[keep], length[keep]
    # normalize() winds exterior rings clockwise: the outside is on the left.
    normal = np.column_stack([-step[:, 1], step[:, 0]]) / length[:, None]
    return _Samples(owner[:-1][same][keep], (a + b) / 2, normal, length)


def _facing(
    samples: _Samples, network: Network, water: dict[str, list[Polygon]]
) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.float64]]:
    """Kind and name of what each sample faces among roads, railway and water; distance to a road if it faces one."""
    lines, kinds, names, reach = [], [], [], []
    for edge in network.edges:
        if edge.use not in (Use.ROAD, Use.RAILWAY):
            continue
        road = network.roads[edge.road]
        lines.append(LineString(edge.points))
        kinds.append("road" if edge.use is Use.ROAD else "railway")
        names.append(road.name if edge.use is Use.ROAD else RAILWAY)
        reach.append(WIDTH_M.get(road.road_class, 20.0) / 2 + 12.0 + _SLACK_M)
    for kind, what, bodies in (("river", RIVER, water["river"]), ("lake", LAKE, water["lake"])):
        for body in bodies:
            lines.append(LineString(body.exterior))
            kinds.append(kind)
            names.append(what)
            reach.append(30.0 + _SLACK_M)
    things = np.array(lines, dtype=object)
    points = np.asarray(shapely.points(samples.xy))
    tree = shapely.STRtree(things)
    at, thing = tree.query_nearest(points, max_distance=75.0, all_matches=False)
    near = shapely.line_interpolate_point(things[thing], shapely.line_locate_point(things[thing], points[at]))
    to = shapely.get_coordinates(near) - samples.xy[at]
    distance = np.hypot(*to.T)
    aligned = (to * samples.normal[at]).sum(axis=1) > 0.55 * distance
    good = aligned & (distance <= np.array(reach)[thing])
    kind_out = np.array(["wall"] * len(points), dtype=object)
    name_out = np.array([None] * len(points), dtype=object)
    kind_out[at[good]] = np.array(kinds, dtype=object)[thing[good]]
    name_out[at[good]] = np.array(names, dtype=object)[thing[good]]
    road_distance = np.full(len(points), np.inf)
    is_road = np.array([k == "road" for k in kinds])[thing]
    road_distance[at[is_road]] = distance[is_road] + np.where(good[is_road], 0.0, 500.0)
    return kind_out, name_out, road_distance


def _see_neighbours(
    samples: _Samples, footprints: list[Polygon], names: list[str], kind: NDArray[np.object_], name: NDArray[np.object_]
) -> None:
    """Fill in the estate next door where a sample faces nothing else."""
    open_ones = np.flatnonzero(kind == "wall")
    if not len(open_ones):
        return
    ahead = shapely.points(samples.xy[open_ones] + samples.normal[open_ones] * (_NEIGHBOUR_M / 2))
    tree = shapely.STRtree(footprints)
    at, who = tree.query(ahead, predicate="dwithin", distance=_NEIGHBOUR_M / 2)
    for sample, neighbour in zip(open_ones[at], who, strict=True):
        if neighbour != samples.owner[sample]:
            kind[sample], name[sample] = "estate", names[neighbour]


def _gates(
    samples: _Samples, road_distance: NDArray[np.float64], n_gates: NDArray[np.int64], rng: np.random.Generator
) -> list[list[Gate]]:
    """Gates on the boundary before the nearest road, the main one first, the others well apart from it."""
    first = np.searchsorted(samples.owner, np.arange(len(n_gates)))
    last = np.searchsorted(samples.owner, np.arange(len(n_gates)), side="right")
    side = samples.side
    result = []
    for k, wanted in enumerate(n_gates):
        rows = np.arange(first[k], last[k])
        cost = road_distance[rows] + rng.uniform(0, 9, len(rows)) + np.where(samples.length[rows] < 8, 15.0, 0.0)
        cost = np.where(np.isfinite(cost), cost, 2000.0 + rng.uniform(0, 1, len(rows)))
        chosen: list[int] = []
        for row in rows[np.argsort(cost, kind="stable")]:
            apart = all(np.hypot(*(samples.xy[row] - samples.xy[other])) > 70 for other in chosen)
            faces_road = road_distance[row] < 200 or not chosen
            if apart and faces_road:
                chosen.append(int(row))
            if len(chosen) == wanted:
                break
        used: dict[str, int] = defaultdict(int)
        gates = []
        for number, row in enumerate(chosen):
            direction = DIRECTIONS[int(side[row])]
            used[direction] += 1
            title = f"{direction}门" if used[direction] == 1 else f"{direction}二门"
            gates.append(Gate(title, Point(samples.xy[row]), number == 0))
        result.append(gates)
    return result
