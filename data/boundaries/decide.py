"""Decisions of a person at the screen: take a candidate, draw a boundary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.boundaries.journal import Record
from data.boundaries.outline import checked_outline
from data.boundaries.put import PutOutcome, put_boundaries, refuse_kept, refuse_stale
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES
from data.store import UnitOfWork
from geo.errors import InputError
from geo.shapes import area_m2

_SHARED_NOTED_M2: Final = 20.0
"""Ground shared with a neighbour below this is a matter of the pen."""
_SHOWN: Final = 3


def accept(
    work: UnitOfWork,
    proposal_ids: Sequence[str],
    *,
    now: datetime,
    reason: str = "",
    expected: Mapping[str, str] | None = None,
) -> PutOutcome:
    """Make candidates boundaries, all in one decision with one undo.

    The source is ``text`` where the candidate was read from words, else ``derived``; confidence and model go along. Where
    a better source is in force, and no reason is given, the estate keeps it and is listed.

    Parameters
    ----------
    proposal_ids
        From ``BOUNDARY_PROPOSALS``, at most one an estate.
    reason
        Why, if a better source is to be replaced.
    expected
        What the screen showed, from `data.boundaries.put.marks`.

    Raises
    ------
    InputError
        If a candidate is gone (computed anew since), has no outline, is outside the actor's area, two belong to one
        estate, or a boundary is not the expected one; nothing is changed then.
    """
    wanted = list(dict.fromkeys(proposal_ids))
    found = work.rows(BOUNDARY_PROPOSALS, {"proposal_id": wanted})
    missing = [i for i in wanted if i not in found]
    if missing:
        problem = f"{len(missing)} 个候选边界已重新计算，或不在您负责的范围内，本次没有改动"
        raise InputError(problem, "请刷新页面，看过新的候选再决定")
    by_estate: dict[str, Record] = {}
    for proposal_id in wanted:
        row = found[proposal_id]
        estate_id = str(row["estate_id"])
        if estate_id in by_estate:
            raise InputError("同一个小区选了两个候选", "请每个小区只选一个")
        if row["geometry"] is None or row["geometry"].is_empty:
            raise InputError("这个候选没有边界图形，不能采用", "请手绘边界，或补充四至后重新计算")
        by_estate[estate_id] = row
    refuse_stale(work, list(by_estate), expected)
    rows = [
        {
            "estate_id": estate_id,
            "source": "text" if str(row["text"] or "").strip() else "derived",
            "confidence": row["confidence"],
            "model": row["model"],
            "reason": reason.strip() or None,
            "geometry": row["geometry"],
        }
        for estate_id, row in by_estate.items()
    ]
    return put_boundaries(work, rows, by_person=True, cause=_cause(list(by_estate.values()), reason), now=now)


def draw(
    work: UnitOfWork,
    estate_id: str,
    geometry: BaseGeometry,
    *,
    now: datetime,
    reason: str = "",
    expected: Mapping[str, str] | None = None,
) -> PutOutcome:
    """Put a boundary in force that a person drew or edited on the map.

    Parameters
    ----------
    geometry
        EPSG:4490 degrees; checked and mended, which the outcome's ``notes`` say, as they do of ground that neighbours
        hold.
    reason
        Why, if a better source is to be replaced.
    expected
        What the screen showed, from `data.boundaries.put.marks`.

    Raises
    ------
    InputError
        If the outline is unusable (see `data.boundaries.outline.checked_outline`), a better source is in force and no
        reason is given, the estate is not the actor's, or its boundary is not the expected one.
    """
    refuse_stale(work, [estate_id], expected)
    estate = work.rows(ESTATES, {"estate_id": [estate_id]})[estate_id]
    near = None if estate["lon"] is None or estate["lat"] is None else (float(estate["lon"]), float(estate["lat"]))
    shape, notes = checked_outline(geometry, near)
    row = {"estate_id": estate_id, "source": "drawn", "reason": reason.strip() or None, "geometry": shape}
    cause = f"手绘边界：{reason.strip()}" if reason.strip() else "手绘边界"
    outcome = put_boundaries(work, [row], by_person=True, cause=cause, now=now, kind="draw")
    return replace(refuse_kept(outcome), notes=(*notes, *_shared(work, estate_id, shape)))


def _cause(rows: Sequence[Record], reason: str) -> str:
    if len(rows) == 1:
        sure = rows[0]["confidence"]
        text = f"采用候选 {int(rows[0]['rank']) + 1}" + ("" if sure is None else f"（可信度 {sure:.2f}）")
    else:
        text = "批量采用候选边界"
    return f"{text}：{reason.strip()}" if reason.strip() else text


def _shared(work: UnitOfWork, estate_id: str, shape: BaseGeometry) -> tuple[str, ...]:
    """What neighbours the outline lies upon, with the ground it shares with them."""
    others = work.read(BOUNDARIES)
    others = others[(others.index != estate_id) & others.geometry.notna()]
    near = others[shapely.intersects(others.geometry.to_numpy(), shape)]
    if near.empty:
        return ()
    areas = area_m2(shapely.intersection(near.geometry.to_numpy(), shape))
    order = [i for i in np.argsort(-areas, kind="stable") if areas[i] >= _SHARED_NOTED_M2]
    if not order:
        return ()
    ids = [str(near.index[i]) for i in order[:_SHOWN]]
    names = work.read(ESTATES, where={"estate_id": ids})["name"]
    parts = [f"“{names.get(i, i)}”{areas[at]:,.0f} 平方米" for i, at in zip(ids, order, strict=False)]
    more = f"等 {len(order)} 个小区" if len(order) > _SHOWN else ""
    return (f"与已有边界重叠：{'、'.join(parts)}{more}，请核对",)
