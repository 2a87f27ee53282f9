"""Which estate each boundary and each gate belongs to: by name and street first, then by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from data.boundaries import SOURCE_LABELS, PutOutcome, better
from data.geofiles.estates import NamedShape
from data.load_report import Findings
from data.load_units import UnitTree, unit_key
from data.registers.text import key_id, name_key
from data.schemas.boundaries import SOURCES
from geo.crs import metric_crs
from geo.errors import Fault
from geo.shapes import metric_shapes

Record = dict[str, Any]

NEAR_M: Final = 1000.0
"""An estate of the same name farther than this from the shape is taken for another one, unless the street agrees."""
BY_PLACE_CONFIDENCE: Final = 0.8
_SAME_SHAPE: Final = 0.9
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Matched:
    """A shape with its estate; ``by_name`` is false when only the place says so."""

    shape: NamedShape
    estate_id: str
    by_name: bool


class EstateIndex:
    """Estates found by name, street and place.

    Parameters
    ----------
    known
        From `data.load_estates.known_estates`, units filled.
    """

    def __init__(self, known: pd.DataFrame, tree: UnitTree) -> None:
        self.known = known
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for estate_id, name in known["name"].items():
            self._by_name[name_key(str(name))].append(str(estate_id))
        self._streets = {
            str(estate_id): _street_names(tree, None if street is None or street != street else str(street))
            for estate_id, street in known["street_id"].items()
        }
        placed = known["lon"].notna() & known["lat"].notna()
        self._ids = known.index[placed].to_numpy()
        self._points = shapely.points(known.loc[placed, "lon"], known.loc[placed, "lat"])
        self._point_of = dict(zip(self._ids, self._points, strict=True))
        self._tree = shapely.STRtree(self._points)

    def find(self, shape: NamedShape) -> tuple[str, bool] | Fault:
        """Id of the shape's estate and whether the name says so, or why there is none."""
        named = self._by_name.get(name_key(shape.estate), [])
        if shape.street is not None:
            in_street = [i for i in named if unit_key(shape.street) in self._streets[i]]
            if len(in_street) == 1:
                return in_street[0], True
            named = in_street or [i for i in named if not self._streets[i]]
        near = sorted((self._distance(i, shape), i) for i in named if i in self._point_of)
        if near and near[0][0] <= NEAR_M and (len(near) == 1 or near[1][0] > NEAR_M or near[0][0] < near[1][0]):
            return near[0][1], True
        pointless = [i for i in named if i not in self._point_of]
        if not near and len(pointless) == 1:
            return pointless[0], True
        inside = self._inside(shape)
        if len(inside) == 1:
            return inside[0], False
        if len(inside) > 1:
            names = "、".join(str(self.known.at[i, "name"]) for i in inside[:3])
            return shape.fault(
                f"名称对不上台账，范围内又有 {len(inside)} 个小区（{names}）", "请改正小区名称，或拆分该边界"
            )
        if near:
            return shape.fault(
                f"台账中的同名小区距离此处 {near[0][0] / 1000:.1f} 公里", "请核对小区名称、所属街道和坐标系"
            )
        if len(named) > 1:
            return shape.fault(f"台账中有 {len(named)} 个同名小区，无法确定是哪一个", "请补填“所属街道”列")
        return shape.fault("台账中没有这个小区", "请核对小区名称和所属街道，或先导入含有该小区的台账")

    def _inside(self, shape: NamedShape) -> list[str]:
        if shape.shape.geom_type not in ("Polygon", "MultiPolygon"):
            return []
        return sorted(str(self._ids[i]) for i in self._tree.query(shape.shape, predicate="intersects"))

    def _distance(self, estate_id: str, shape: NamedShape) -> float:
        """Metres between the estate's point and the shape (Gauss-Krüger plane of the point)."""
        point = self._point_of[estate_id]
        a, b = metric_shapes(np.array([point, shape.shape], dtype=object), metric_crs(point.x))
        return float(a.distance(b))


def match(shapes: Sequence[NamedShape], index: EstateIndex, findings: Findings) -> list[Matched]:
    """Shapes with their estates; those without one are refused. A name outranks a place for the same estate."""
    found: list[Matched] = []
    faults: list[Fault] = []
    for shape in shapes:
        answer = index.find(shape)
        if isinstance(answer, Fault):
            faults.append(answer)
        else:
            found.append(Matched(shape, *answer))
    named = {item.estate_id for item in found if item.by_name}
    kept = []
    for item in found:
        if item.by_name or item.estate_id not in named:
            kept.append(item)
        else:
            name = index.known.at[item.estate_id, "name"]
            faults.append(item.shape.fault(f"名称对不上台账，所在位置的“{name}”已有自己的边界", "请核对小区名称"))
    findings.refuse(faults)
    return kept


def boundary_records(matched: Sequence[Matched], findings: Findings) -> dict[str, Record]:
    """Rows for ``BOUNDARIES.frame``, by estate.

    Several polygons of one layer for one estate become one shape of several parts. Of several layers the better source
    counts (the weakest of its parts), of equal ones the later; it is said unless both show the same.
    """
    records: dict[str, Record] = {}
    layers: dict[str, str] = {}
    joined = by_place = 0
    for (estate_id, place), group in _grouped(matched):
        shape = shapely.union_all([item.shape.shape for item in group])
        joined += len(group) > 1
        by_place += not group[0].by_name
        source = max((item.shape.source for item in group), key=SOURCES.index)
        old = records.get(estate_id)
        weaker = old is not None and better(str(old["source"]), source)
        if old is not None and not _alike(old["geometry"], shape):
            name, equal = group[0].shape.estate, old["source"] == source
            rule = "以后者为准" if equal else f"以{SOURCE_LABELS[str(old['source']) if weaker else source]}的为准"
            findings.warn(f"“{name}”的边界在 {layers[estate_id]} 和 {place} 中不同，{rule}")
        if weaker:
            continue
        layers[estate_id] = place
        layer = group[0].shape.layer
        records[estate_id] = {
            "estate_id": estate_id,
            "source": source,
            "datum": layer.datum.value,
            "source_file": layer.file,
            "confidence": _confidence(group),
            "reason": layer.reason,
            "geometry": shape,
        }
    if joined:
        findings.note(f"{joined} 个小区的边界由多块面合并而成")
    if by_place:
        findings.note(f"{by_place} 个边界的名称与台账不同，按所在位置对应到小区（可信度 {BY_PLACE_CONFIDENCE}）")
    return records


def _confidence(group: Sequence[Matched]) -> float:
    """What the file states, at most what the way allows by which the estate was found."""
    stated = [item.shape.confidence for item in group if item.shape.confidence is not None]
    return min([*stated, 1.0 if group[0].by_name else BY_PLACE_CONFIDENCE])


def report_kept(outcome: PutOutcome, known: pd.DataFrame, findings: Findings) -> None:
    """Say which estates kept the boundary that they have, and why."""
    for kept, why in (
        (outcome.kept_better, "已有更可靠的边界，未替换"),
        (outcome.kept_chosen, "的边界经人工采用、绘制或撤回，文件中的边界未替换；如需改用，请在边界页操作"),
    ):
        if kept:
            names = [str(known["name"].get(estate_id, estate_id)) for estate_id, _, _ in kept]
            findings.note(f"{len(kept)} 个小区{why}：{listed(names)}")


def listed(names: Sequence[str]) -> str:
    """Names for a sentence, not too many."""
    return "、".join(names[:_SHOWN]) + (f"等 {len(names)} 个" if len(names) > _SHOWN else "")


def gate_records(matched: Sequence[Matched]) -> dict[str, Record]:
    """Rows for ``GATES.frame``, by gate id (made from estate and place)."""
    records = {}
    for item in matched:
        point: Any = item.shape.shape
        gate_id = key_id("G", item.estate_id, f"{point.x:.6f}", f"{point.y:.6f}")
        records[gate_id] = {
            "gate_id": gate_id,
            "estate_id": item.estate_id,
            "name": item.shape.name,
            "lon": float(point.x),
            "lat": float(point.y),
            "main": item.shape.main,
        }
    return records


def points_from_boundaries(known: pd.DataFrame, boundaries: dict[str, Record], findings: Findings) -> pd.DataFrame:
    """``known`` with a point inside the boundary for estates whose register gives none."""
    pointless = known.index[known["lon_source"].isna()].intersection(list(boundaries))
    places = zip(pointless, known.loc[pointless, "lon"], known.loc[pointless, "lat"], strict=True)
    missing = [i for i, lon, lat in places if not _inside(boundaries[i]["geometry"], lon, lat)]
    if not missing:
        return known
    result = known.copy()
    points = shapely.point_on_surface(np.array([boundaries[i]["geometry"] for i in missing], dtype=object))
    result.loc[missing, "lon"], result.loc[missing, "lat"] = shapely.get_x(points), shapely.get_y(points)
    findings.note(f"{len(missing)} 个小区没有坐标，取边界内的一点")
    return result


def _inside(shape: Any, lon: float, lat: float) -> bool:
    return bool(np.isfinite(lon) and shapely.intersects_xy(shape, lon, lat))


def _grouped(matched: Sequence[Matched]) -> Iterator[tuple[tuple[str, str], list[Matched]]]:
    groups: dict[tuple[str, str], list[Matched]] = defaultdict(list)
    for item in matched:
        groups[item.estate_id, item.shape.layer.place].append(item)
    yield from groups.items()


def _alike(a: Any, b: Any) -> bool:
    union = shapely.union(a, b).area
    return bool(union > 0 and shapely.intersection(a, b).area / union > _SAME_SHAPE)


def _street_names(tree: UnitTree, street_id: str | None) -> frozenset[str]:
    row = tree.rows.get(street_id) if street_id is not None else None
    return frozenset(unit_key(name) for name in (row["name"], *(row.get("aliases") or ()))) if row else frozenset()
