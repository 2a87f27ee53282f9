"""Rows of unit layers (县区、街道、社区、网格), before their parents and ids are known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from data.codes import UnitKind
from data.geofiles import columns as c
from data.geofiles.layers import kind_of_code, unit_kinds
from data.geofiles.vector import Layer
from geo.errors import Fault


@dataclass(frozen=True, slots=True)
class UnitShape:
    """One unit as its file gives it; ``parent`` and ``parent_code`` may both be missing."""

    layer: Layer
    row: int
    name: str
    kind: UnitKind
    code: str | None
    parent: str | None
    parent_code: str | None
    aliases: tuple[str, ...]
    shape: BaseGeometry


def unit_shapes(layer: Layer, hint: UnitKind | None = None) -> tuple[tuple[UnitShape, ...], tuple[Fault, ...]]:
    """Units of a layer that `recognise` took for one, and faults of features without a name or level."""
    frame = layer.frame
    kinds = unit_kinds(layer, hint)
    if kinds is None:
        raise ValueError(f"{layer.place} holds no units")
    name, code = c.find(frame.columns, c.NAME), c.find(frame.columns, c.CODE)
    parent_code, alias = c.find(frame.columns, c.PARENT_CODE), c.find(frame.columns, c.ALIASES)
    parent = c.find([column for column in frame.columns if column != name], c.PARENT)
    units: list[UnitShape] = []
    faults: list[Fault] = []
    cells = frame.drop(columns="geometry").to_dict("records")
    for number, cell, kind, shape in zip(frame.index, cells, kinds, frame.geometry, strict=True):
        title = c.text(cell[name]) if name is not None else None
        if title is None:
            faults.append(layer.fault(number, "行政单元没有名称", "请补填名称", column=name or "名称"))
            continue
        units.append(
            UnitShape(
                layer,
                int(number),
                re.sub(r"\s", "", title),
                UnitKind(kind),
                _area_code(cell[code]) if code is not None else None,
                c.text(cell[parent]) if parent is not None else None,
                _area_code(cell[parent_code]) if parent_code is not None else None,
                _aliases(cell[alias]) if alias is not None else (),
                shape,
            )
        )
    return tuple(units), tuple(faults)


def _area_code(value: object) -> str | None:
    """An area code of 6, 9 or 12 digits as text; other codes are kept as the file writes them."""
    code = c.text(value)
    if code is None:
        return None
    return code if kind_of_code(code) is not None or not code.isdigit() else code.strip()


def _aliases(value: object) -> tuple[str, ...]:
    text = c.text(value)
    parts = re.split(r"[、,，;；|/]", text) if text else []
    return tuple(part.strip() for part in parts if part.strip())
