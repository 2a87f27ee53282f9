"""Unit layers into the one tree of units: ids, levels, parents, and places of estates in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.codes import UnitKind
from data.geofiles.layers import kind_of_code
from data.geofiles.units import UnitShape
from data.load_report import Findings
from data.registers.text import key_id, squeezed
from data.registers.unit_forms import LEVELS, standard_name
from geo.crs import STORAGE_CRS, Floats
from geo.shapes import join_units

Record = dict[str, Any]


def unit_key(name: str) -> str:
    """The form in which two names of one unit are the same: no spaces, and 街道办事处, 街道办 and 街道 alike."""
    return standard_name(squeezed(name))


@dataclass(slots=True)
class UnitTree:
    """Units known so far, by id, with ways to find them."""

    rows: dict[str, Record] = field(default_factory=dict)
    _names: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> UnitTree:
        """The tree of a checked table of units."""
        tree = cls()
        for row in frame.reset_index().to_dict("records"):
            tree.put({str(key): _plain(value) for key, value in row.items()})
        return tree

    def put(self, row: Record) -> None:
        """Add a unit, or replace the one of the same id."""
        unit_id, kind = str(row["unit_id"]), str(row["kind"])
        self.rows[unit_id] = row
        for name in (row["name"], *(row.get("aliases") or ())):
            self._names.setdefault((kind, unit_key(name)), {})[unit_id] = None
        if row.get("code"):
            self._codes.setdefault(_full(row["code"]), unit_id)

    def frame_rows(self) -> list[Record]:
        """Rows for ``UNITS.frame``."""
        return list(self.rows.values())

    def polygons(self, kind: UnitKind) -> gpd.GeoSeries:
        """Shapes of one level, indexed by unit id; units without a shape are not in it."""
        shapes = {i: r["geometry"] for i, r in self.rows.items() if r["kind"] == kind and r.get("geometry") is not None}
        return gpd.GeoSeries(list(shapes.values()), index=pd.Index(list(shapes), dtype=object), crs=STORAGE_CRS)

    def path(self, unit_id: str | None) -> list[Record]:
        """The unit and all above it, lowest first."""
        found: list[Record] = []
        while unit_id is not None and unit_id in self.rows and len(found) < len(LEVELS):
            found.append(self.rows[unit_id])
            unit_id = self.rows[unit_id].get("parent_id")
        return found

    def above(self, unit_id: str | None, kind: UnitKind) -> str | None:
        """The unit of a level that holds this one (or is it)."""
        return next((str(r["unit_id"]) for r in self.path(unit_id) if r["kind"] == kind), None)

    def named(self, name: str, kinds: Iterable[UnitKind]) -> list[str]:
        """Ids of the units of these levels with that name or alias."""
        key = unit_key(name)
        return [unit_id for kind in kinds for unit_id in self._names.get((kind.value, key), ())]

    def by_code(self, code: str) -> str | None:
        """Id of the unit of that area code; 6, 9 and 12 digits of one code are the same."""
        return self._codes.get(_full(code))


def add_units(tree: UnitTree, shapes: Sequence[UnitShape], findings: Findings) -> list[str]:
    """Put the units of layers into the tree, widest level first; the ids touched, in that order.

    A parent is found by its code, by the first digits of the unit's own code, by its name, or by containment. A unit
    that is known already (same code, or same name under the same parent) is updated, not doubled.
    """
    touched: dict[str, int] = {}
    inferred = 0
    for level in LEVELS:
        batch = [shape for shape in shapes if shape.kind == level]
        held = _containers(tree, level, batch)
        for shape, container in zip(batch, held, strict=True):
            parent, by_place = _parent(tree, shape, container)
            inferred += by_place
            unit_id = _known(tree, shape, parent) or _new_id(tree, shape, parent)
            if unit_id in touched and _moved(tree.rows[unit_id]["geometry"], shape):
                findings.note(
                    f"{shape.layer.place}：“{shape.name}”与 {tree.rows[unit_id]['source_file']} 重复，以后者为准"
                )
            old = tree.rows.get(unit_id, {})
            tree.put(
                {
                    "unit_id": unit_id,
                    "name": shape.name,
                    "kind": level.value,
                    "parent_id": parent if parent is not None else old.get("parent_id"),
                    "code": shape.code or old.get("code"),
                    "aliases": sorted({*(old.get("aliases") or ()), *shape.aliases}),
                    "source_file": shape.layer.file,
                    "geometry": shape.shape,
                }
            )
            touched[unit_id] = 1
    if inferred:
        findings.note(f"{inferred} 个行政单元没有写明上级，按图形所在位置归入上级")
    return list(touched)


def place_points(tree: UnitTree, lon: Floats, lat: Floats) -> pd.DataFrame:
    """Units that hold each point, one column a level (``county_id`` …), ``None`` where unknown.

    Each level is read from its own polygons; a level without polygons is filled from the parents of the level below.
    """
    n = len(lon)
    result = pd.DataFrame({f"{kind}_id": pd.Series(np.full(n, None, dtype=object), dtype=object) for kind in LEVELS})
    for level in reversed(LEVELS):
        polygons = tree.polygons(level)
        if not polygons.empty:
            result[f"{level}_id"] = join_units(lon, lat, polygons)
    for below, level in zip(reversed(LEVELS), reversed(LEVELS[:-1]), strict=False):
        missing = result[f"{level}_id"].isna() & result[f"{below}_id"].notna()
        if missing.any():
            filled = result.loc[missing, f"{below}_id"].map(lambda i, k=level: tree.above(i, k))
            result.loc[missing, f"{level}_id"] = filled.astype(object)
    return result


def _containers(tree: UnitTree, level: UnitKind, batch: Sequence[UnitShape]) -> list[str | None]:
    """For each shape the unit of the nearest wider level with polygons that holds its inner point."""
    if level is UnitKind.COUNTY or not batch:
        return [None] * len(batch)
    inner = shapely.point_on_surface(np.array([shape.shape for shape in batch], dtype=object))
    lon, lat = shapely.get_x(inner), shapely.get_y(inner)
    for wider in reversed(LEVELS[: LEVELS.index(level)]):
        polygons = tree.polygons(wider)
        if not polygons.empty:
            return [None if pd.isna(i) else str(i) for i in join_units(lon, lat, polygons)]
    return [None] * len(batch)


def _parent(tree: UnitTree, shape: UnitShape, container: str | None) -> tuple[str | None, bool]:
    """The parent's id, and whether it was found by place only."""
    if shape.kind is UnitKind.COUNTY:
        return None, False
    if shape.parent_code is not None:
        found = tree.by_code(shape.parent_code)
        if found is not None:
            return found, False
    if kind_of_code(shape.code) is not None and shape.code is not None:
        full = _full(shape.code)
        for prefix in (full[:9], full[:6]):
            found = tree.by_code(prefix)
            if found is not None and _full(prefix) != full:
                return found, False
    if shape.parent is not None:
        wider = LEVELS[: LEVELS.index(shape.kind)]
        named = tree.named(shape.parent, wider)
        if len(named) == 1:
            return named[0], False
        if container in named:
            return container, False
    return container, container is not None


def _known(tree: UnitTree, shape: UnitShape, parent: str | None) -> str | None:
    if shape.code is not None:
        found = tree.by_code(shape.code)
        if found is not None:
            return found
    same = [
        i
        for i in tree.named(shape.name, (shape.kind,))
        if not (shape.code and tree.rows[i].get("code"))
        and (tree.rows[i].get("parent_id") in (parent, None) or parent is None)
    ]
    return same[0] if len(same) == 1 else None


def made_unit_id(kind: UnitKind, parent: str | None, name: str) -> str:
    """Id of a unit without a code, the same as registers give to a unit that they name."""
    return key_id("U", kind.value, parent or "", unit_key(name))


def _new_id(tree: UnitTree, shape: UnitShape, parent: str | None) -> str:
    if shape.code is not None:
        return shape.code
    return made_unit_id(shape.kind, parent, shape.name)


def _moved(old: Any, shape: UnitShape) -> bool:
    return old is not None and not shapely.equals_exact(old, shape.shape, tolerance=1e-6)


def _full(code: str) -> str:
    return code.ljust(12, "0") if code.isdigit() and len(code) in (6, 9) else code


def _plain(value: Any) -> Any:
    """A cell of a frame as a plain value; missing ones as ``None``."""
    if isinstance(value, list | dict):
        return value
    return None if value is None or value is pd.NA or value != value else value
