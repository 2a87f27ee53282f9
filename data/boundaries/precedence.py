"""Which boundary may replace which: survey or drawing file, hand drawing, text, derived; and what a person decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from data.boundaries.journal import BY_PERSON, GATE_KINDS, LIVE, Record, Step, outline_digest, plain_rows, read_steps
from data.boundaries.journal import row_digest as digest
from data.schemas import BOUNDARIES
from data.schemas.boundaries import SOURCES
from data.store import UnitOfWork

SOURCE_LABELS: Final[Mapping[str, str]] = {
    "survey": "测绘", "drawn": "人工绘制", "text": "四至文字", "derived": "推算"
}  # fmt: skip
Kept = tuple[str, str, str]
"""Estate, source in force ("" for none), source that was offered and not taken."""
WORKED_OUT: Final = ("text", "derived")
"""Sources that nobody measured or drew."""
_SAME_DEG: Final = 1e-9
"""Outlines nearer than this (0.1 mm) at every vertex are the same."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What of the offered rows may go in, and what was in force before (by estate)."""

    put: tuple[Record, ...]
    n_unchanged: int
    kept_better: tuple[Kept, ...]
    kept_chosen: tuple[Kept, ...]
    stored: Mapping[str, Record]


def better(one: str, other: str) -> bool:
    """Whether the first source ranks before the second."""
    return SOURCES.index(one) < SOURCES.index(other)


def weigh(
    work: UnitOfWork,
    rows: pd.DataFrame | Sequence[Mapping[str, Any]],
    *,
    by_person: bool = False,
    reason: str | None = None,
) -> Weighed:
    """Compare offered boundaries with those in force; nothing is written.

    Without a person nothing replaces a better source; nor, at equal rank, what a person chose at the screen (unless the
    offer is a survey); nor does exactly what a person has put aside come back, or loading the same files twice would
    undo the office's decisions; nor does anything worked out from words come into force where a person took the boundary
    away. A person may do all of it, against a better source only with a reason.

    Parameters
    ----------
    rows
        Checked ``BOUNDARIES`` frame or rows for one, every one with an outline.
    reason
        The person's reason; by default that of each row.

    Raises
    ------
    ValueError
        If the rows break the schema, an estate comes twice or an outline is missing.
    """
    checked = (
        BOUNDARIES.check(rows) if isinstance(rows, pd.DataFrame) else BOUNDARIES.frame([dict(row) for row in rows])
    )
    offers = plain_rows(checked)
    bare = [i for i, row in offers.items() if row["geometry"] is None or row["geometry"].is_empty]
    if bare:
        raise ValueError(f"boundaries without an outline: {bare[:20]}")
    if not offers:
        return Weighed((), 0, (), (), {})
    stored = work.rows(BOUNDARIES, {"estate_id": list(offers)})
    same = _same(offers, stored)
    aside, chosen = ({}, {}) if by_person else _decided(work, list(offers))
    put: list[Record] = []
    kept_better: list[Kept] = []
    kept_chosen: list[Kept] = []
    for estate_id, offer in offers.items():
        old = stored.get(estate_id)
        kept = (estate_id, "" if old is None else str(old["source"]), str(offer["source"]))
        if estate_id in same:
            continue
        overruled = by_person and bool(str((offer["reason"] if reason is None else reason) or "").strip())
        if old is not None and better(kept[1], kept[2]) and not overruled:
            kept_better.append(kept)
        elif _is_decided(offer, old, aside.get(estate_id, frozenset()), chosen.get(estate_id)):
            kept_chosen.append(kept)
        else:
            put.append(offer)
    return Weighed(tuple(put), len(same), tuple(kept_better), tuple(kept_chosen), stored)


def _same(offers: Mapping[str, Record], stored: Mapping[str, Record]) -> frozenset[str]:
    """Estates whose offer says what is in force already: source, confidence, model and outline."""
    alike = [
        i
        for i, row in stored.items()
        if all(row[name] == offers[i][name] for name in ("source", "confidence", "model"))
    ]
    if not alike:
        return frozenset()
    old, new = (
        shapely.normalize(shapely.force_2d(np.array([rows[i]["geometry"] for i in alike], dtype=object)))
        for rows in (stored, offers)
    )
    equal = shapely.equals_exact(old, new, tolerance=_SAME_DEG)
    return frozenset(i for i, yes in zip(alike, equal, strict=True) if yes)


def _is_decided(offer: Record, old: Record | None, aside: Collection[str], chosen: str | None) -> bool:
    """Whether a person put this offer aside, chose what is in force and it is of the same rank, or left the estate without
    a boundary: what was only worked out waits for a person then."""
    source = str(offer["source"])
    if aside and outline_digest(source, offer["geometry"]) in aside:
        return True
    if old is None:
        return chosen == "" and source in WORKED_OUT
    return bool(old["source"] == source != "survey" and chosen == digest(old))


def _decided(work: UnitOfWork, ids: Sequence[str]) -> tuple[dict[str, set[str]], dict[str, str]]:
    """What persons put aside (outline digests) and chose last (row digest), by estate."""
    steps = read_steps(work, estate_id=ids, state=LIVE, kind=[kind for kind in BY_PERSON if kind not in GATE_KINDS])
    aside: dict[str, set[str]] = {}
    chosen: dict[str, str] = {}
    for step in steps:
        if step.before:
            aside.setdefault(step.estate_id, set()).add(str(step.before["outline"]))
        chosen[step.estate_id] = str(step.after.get("row", ""))
    return aside, chosen


def last_step(steps: Sequence[Step]) -> Step | None:
    """The newest of one estate's steps that is in force and concerns its boundary."""
    live = [step for step in steps if step.gate_id is None and step.state in LIVE]
    return max(live, key=lambda step: step.step_id, default=None)
