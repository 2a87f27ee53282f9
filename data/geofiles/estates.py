"""Rows of boundary and gate layers: which estate each shape says it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from data.geofiles import columns as c
from data.geofiles.layers import residential
from data.geofiles.origin import CONFIDENCE, DRAWN, SOURCE, SURVEY, source_of_cell, source_of_name
from data.geofiles.vector import Layer
from geo.errors import Fault


@dataclass(frozen=True, slots=True, eq=False)
class NamedShape:
    """A boundary (polygon) or gate (point) with the names that lead to its estate."""

    layer: Layer
    row: int
    estate: str
    street: str | None
    shape: BaseGeometry
    name: str | None = None
    main: bool = False
    source: str = SURVEY
    """Of a boundary: one of ``data.schemas.boundaries.SOURCES``."""
    confidence: float | None = None

    def fault(self, problem: str, remedy: str) -> Fault:
        """A fault of this feature, with the estate's name as its value."""
        if not self.estate:
            return self.layer.fault(
                self.row, f"图形没有名称，按位置对应不上（{problem}）", "请在原图中标注小区名称，或核对位置"
            )
        return self.layer.fault(self.row, problem, remedy, column="小区名称", value=self.estate)


@dataclass(frozen=True, slots=True)
class NamedShapes:
    """Usable features of a layer, faults of the others, and those left out on purpose (reason → count)."""

    rows: tuple[NamedShape, ...]
    faults: tuple[Fault, ...]
    left_out: dict[str, int]
    notes: tuple[str, ...] = ()


def boundary_shapes(layer: Layer) -> NamedShapes:
    """Boundaries of a polygon layer. Where features carry an AMap type code, only housing (1203xx) is taken."""
    return _shapes(layer, c.find(layer.frame.columns, c.ESTATE) or c.find(layer.frame.columns, c.NAME))


def gate_shapes(layer: Layer) -> NamedShapes:
    """Gates of a point layer; several parts of one feature count as its first point."""
    return _shapes(layer, c.find(layer.frame.columns, c.ESTATE))


def _shapes(layer: Layer, estate_column: str | None) -> NamedShapes:
    frame = layer.frame
    street, typecode = c.find(frame.columns, c.STREET), c.find(frame.columns, c.TYPECODE)
    name, main = c.find(frame.columns, c.NAME), c.find(frame.columns, c.MAIN)
    rows: list[NamedShape] = []
    faults: list[Fault] = []
    left_out: dict[str, int] = {}
    source, confidence = c.find(frame.columns, SOURCE), c.find(frame.columns, CONFIDENCE)
    by_name = source_of_name(layer.file, layer.name)
    unknown: dict[str, int] = {}
    cells = frame.drop(columns="geometry").to_dict("records")
    for number, cell, shape in zip(frame.index, cells, frame.geometry, strict=True):
        estate = c.text(cell[estate_column]) if estate_column is not None else None
        if typecode is not None and not residential(cell[typecode]):
            reason = "类型代码不是住宅（1203）"
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        if estate is None and layer.nameless:
            estate = ""  # a drawing's outline: the estate that lies in it names it
        if estate is None:
            faults.append(layer.fault(number, "没有小区名称", "请补填小区名称", column=estate_column or "小区名称"))
            continue
        said = None if source is None else source_of_cell(cell[source])
        if source is not None and said is None and c.text(cell[source]) is not None:
            word = str(c.text(cell[source]))
            unknown[word] = unknown.get(word, 0) + 1
        point = shape.geoms[0] if shape.geom_type == "MultiPoint" else shape
        rows.append(
            NamedShape(
                layer,
                int(number),
                estate,
                c.text(cell[street]) if street is not None else None,
                point,
                c.text(cell[name]) if name is not None and name != estate_column else None,
                c.yes(cell[main]) if main is not None else False,
                said or by_name,
                None if confidence is None else _share(cell[confidence]),
            )
        )
    notes = _unknown_sources(layer, str(source), unknown, by_name) if unknown else ()
    return NamedShapes(tuple(rows), tuple(faults), left_out, notes)


def _unknown_sources(layer: Layer, column: str, unknown: Mapping[str, int], taken: str) -> tuple[str, ...]:
    words = "、".join(f"“{word}”{n} 个" for word, n in list(unknown.items())[:5])
    meaning = "手绘" if taken == DRAWN else "测绘或图纸"
    return (f"{layer.place}：“{column}”列的{words}说不清边界是怎样得来的，按{meaning}文件处理",)


def _share(value: object) -> float | None:
    """A confidence from 0 to 1; anything else says nothing."""
    try:
        number = float(str(c.text(value)))
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None
