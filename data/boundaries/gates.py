"""Gates (出入口) as a person moves, adds and takes them out on the map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import numpy as np
import shapely

from data.boundaries.gate_rows import gates_by_id, gates_of, put_gates
from data.boundaries.journal import GATE_KINDS, LIVE, Kind, Record, Step, read_steps, utc, write_steps
from data.boundaries.put import PutOutcome, in_force, refuse_stale
from data.registers.text import key_id
from data.schemas import ESTATES
from data.store import Change, UnitOfWork
from geo.crs import metric_crs, position_fault
from geo.errors import InputError
from geo.shapes import metric_shapes

FARTHEST_M: Final = 2_000.0
"""A gate farther from its estate than this is one of another estate, or a slip of the hand."""


def move_gate(work: UnitOfWork, gate_or_estate_id: str, lon: float, lat: float, *, now: datetime) -> PutOutcome:
    """Put a gate in another place. Of an estate its only gate, or its only main gate, is moved; without any, one is added.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees.

    Raises
    ------
    InputError
        If there is no such gate or estate in the actor's area, several gates could be meant, or the place is not in
        China or over 2 km from the estate.
    """
    gate = gates_by_id(work, [gate_or_estate_id]).get(gate_or_estate_id)
    if gate is None:
        refuse_stale(work, [gate_or_estate_id], None)
        gates = list(gates_of(work, gate_or_estate_id).values())
        if not gates:
            return add_gate(work, gate_or_estate_id, lon, lat, now=now)
        likely = gates if len(gates) == 1 else [row for row in gates if row["main"]]
        if len(likely) != 1:
            raise InputError(f"这个小区有 {len(gates)} 个出入口，不知道要移动哪一个", "请先点选一个出入口")
        gate = likely[0]
    _refuse_place(work, str(gate["estate_id"]), lon, lat)
    moved = {**gate, "lon": float(lon), "lat": float(lat)}
    if moved == gate:
        return PutOutcome(Change(unchanged=1))
    return _change(work, {str(gate["gate_id"]): (gate, moved)}, "move_gate", "移动出入口", now)


def add_gate(
    work: UnitOfWork, estate_id: str, lon: float, lat: float, *, now: datetime, name: str = "", main: bool = False
) -> PutOutcome:
    """Add a gate. The first one of an estate is its main gate; a new main gate makes the others side gates.

    Raises
    ------
    InputError
        As for `move_gate`, or if there is a gate at that place already.
    """
    refuse_stale(work, [estate_id], None)
    _refuse_place(work, estate_id, lon, lat)
    others = gates_of(work, estate_id)
    gate_id = key_id("G", estate_id, f"{lon:.6f}", f"{lat:.6f}")
    if any((row["lon"], row["lat"]) == (lon, lat) for row in others.values()):
        raise InputError("这个位置已有一个出入口", "请换一个位置，或移动原有的出入口")
    if gate_id in others:  # a gate that began here and was moved away since
        gate_id = key_id("G", estate_id, f"{lon:.6f}", f"{lat:.6f}", str(work.sequence))
    fresh = {
        "gate_id": gate_id,
        "estate_id": estate_id,
        "name": name.strip() or None,
        "lon": float(lon),
        "lat": float(lat),
        "main": main or not others,
    }
    changes: dict[str, tuple[Record | None, Record | None]] = {gate_id: (None, fresh)}
    if main:
        changes |= {i: (row, {**row, "main": False}) for i, row in others.items() if row["main"]}
    return _change(work, changes, "add_gate", "增加出入口", now)


def remove_gate(work: UnitOfWork, gate_id: str, *, cause: str, now: datetime) -> PutOutcome:
    """Take a gate out.

    Raises
    ------
    InputError
        If there is no such gate in the actor's area.
    ValueError
        If there is no cause.
    """
    gate = gates_by_id(work, [gate_id]).get(gate_id)
    if gate is None:
        raise InputError("没有这个出入口，或不在您负责的范围内", "请刷新页面后再看")
    if not cause.strip():
        raise ValueError("a removal needs a cause")
    return _change(work, {gate_id: (gate, None)}, "remove_gate", cause, now)


def estates_with_own_gates(work: UnitOfWork, estate_ids: list[str]) -> frozenset[str]:
    """Those of the estates whose gates a person moved, added or took out: files leave them alone."""
    steps = read_steps(work, estate_id=estate_ids, kind=GATE_KINDS, state=LIVE)
    return frozenset(step.estate_id for step in steps)


def _change(
    work: UnitOfWork,
    changes: Mapping[str, tuple[Record | None, Record | None]],
    kind: Kind,
    cause: str,
    now: datetime,
) -> PutOutcome:
    with work.together():
        put_gates(work, {i: after for i, (_, after) in changes.items()}, cause)
        stored = gates_by_id(work, list(changes))
        steps = [
            Step(str((before or after or {})["estate_id"]), kind, before or {}, stored.get(i) or {}, i)
            for i, (before, after) in changes.items()
        ]
        decision = write_steps(work, steps, at=utc(now), cause=cause)
    n_added = sum(before is None for before, _ in changes.values())
    return PutOutcome(Change(n_added, len(changes) - n_added), decision_id=decision)


def _refuse_place(work: UnitOfWork, estate_id: str, lon: float, lat: float) -> None:
    wrong = position_fault(lon, lat)
    if wrong is not None:
        raise InputError(f"出入口的{wrong[0]}", wrong[1])
    outline = in_force(work, [estate_id]).get(estate_id)
    estate = work.rows(ESTATES, {"estate_id": [estate_id]}).get(estate_id)
    ground = []
    if outline is not None:
        ground.append(outline["geometry"])
    elif estate is not None and estate["lon"] is not None and estate["lat"] is not None:
        ground.append(shapely.Point(estate["lon"], estate["lat"]))
    if not ground:
        return
    shape, point = metric_shapes(np.array([ground[0], shapely.Point(lon, lat)], dtype=object), metric_crs(lon))
    distance = float(shape.distance(point))
    if distance > FARTHEST_M:
        raise InputError(f"出入口离小区 {distance / 1000:.1f} 公里", "请核对小区和位置后重新点选")
