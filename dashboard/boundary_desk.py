"""The boundaries as they are now, kept in memory between decisions: after one, only what it changed is read again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
import streamlit as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dashboard import loading
from dashboard.boundary_words import ACCEPTED, CANNOT, LOOK, NONE, has_shape
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, GATES
from data.store import Actor, Store, UnitOfWork
from planning.city import City

_MOST_ENTRIES: Final = 2000
"""Audit entries beyond which everything is read anew."""
_HARMLESS: Final = ("document", "setting", "files", "boundary_history", "boundary_steps")
"""Objects whose changes nothing on the page depends on beyond what the other entries say."""


@dataclass(frozen=True)
class Change:
    """One estate whose boundary or gate changed; ``number`` counts up."""

    number: int
    estate_id: str


@dataclass
class Desk:
    """Live tables of one store for all sessions; see `update`.

    Tables are replaced, never changed in place: another session may be reading them.
    """

    store: Store
    city: City
    sequence: int
    epoch: int = 1
    """Grows when everything was read anew: whatever was made from the tables before is void."""
    boundaries: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    proposals: dict[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Estate → candidates, best first; one without geometry where no outline is possible."""
    gates: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    """Estate → gate id → row."""
    changes: list[Change] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    names_on_map: frozenset[str] = frozenset()
    """Names of roads, waters and railways."""
    _way_boxes: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 4)))

    def read(self, work: UnitOfWork) -> None:
        """Fill the tables from the store."""
        self.boundaries = {str(i): row for i, row in records(work.read(BOUNDARIES))}
        self._read_proposals(work)
        self.gates = {}
        for gate_id, row in records(work.read(GATES)):
            self.gates.setdefault(str(row["estate_id"]), {})[str(gate_id)] = row
        self.names_on_map = frozenset(self.city.ways["name"].dropna())
        self._way_boxes = shapely.bounds(self.city.ways.geometry.to_numpy())

    def _read_proposals(self, work: UnitOfWork) -> None:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for proposal_id, row in records(work.read(BOUNDARY_PROPOSALS).sort_values("rank", kind="stable")):
            found.setdefault(str(row["estate_id"]), []).append({**row, "proposal_id": str(proposal_id)})
        self.proposals = {estate: tuple(rows) for estate, rows in found.items()}

    def update(self, work: UnitOfWork) -> bool:
        """Bring the tables up to what this unit of work sees; false if that needs everything anew."""
        with self.lock:
            new = work.sequence - self.sequence
            if new == 0:
                return True
            if not 0 < new <= _MOST_ENTRIES:
                return False
            entries = work.audit(new)
            touched = {kind: set(part["object_id"]) for kind, part in entries.groupby("object_type")}
            if set(touched) - {BOUNDARIES.name, GATES.name, BOUNDARY_PROPOSALS.name, *_HARMLESS}:
                return False
            if BOUNDARY_PROPOSALS.name in touched:
                self._read_proposals(work)
                self.epoch += 1
            changed = {str(estate) for estate in touched.get(BOUNDARIES.name, ())}
            if changed:
                fresh = records(work.read(BOUNDARIES, where={BOUNDARIES.index: changed}))
                kept = {estate: row for estate, row in self.boundaries.items() if estate not in changed}
                self.boundaries = kept | {str(i): row for i, row in fresh}
            changed |= self._update_gates(work, {str(gate) for gate in touched.get(GATES.name, ())})
            self.changes += [Change(len(self.changes) + n, estate) for n, estate in enumerate(sorted(changed), start=1)]
            self.sequence = work.sequence
            return True

    def _update_gates(self, work: UnitOfWork, gate_ids: set[str]) -> set[str]:
        """Read these gates again; the estates that they belong or belonged to."""
        if not gate_ids:
            return set()
        owners = {estate for estate, gates in self.gates.items() if gate_ids & gates.keys()}
        gates = dict(self.gates)
        for estate in owners:
            gates[estate] = {gate: row for gate, row in gates[estate].items() if gate not in gate_ids}
        for gate_id, row in records(work.read(GATES, where={GATES.index: gate_ids})):
            estate = str(row["estate_id"])
            gates[estate] = gates.get(estate, {}) | {str(gate_id): row}
            owners.add(estate)
        self.gates = gates
        return owners

    def catch_up(self, actor: Actor) -> None:
        """Bring the tables up to the store after a decision; what needs more is read by the next run."""
        with self.store.begin(actor) as work:
            self.update(work)

    def state(self, estate_id: str) -> str:
        """Where the estate stands (`dashboard.boundary_words.STATES`)."""
        if estate_id in self.boundaries:
            return ACCEPTED
        proposals = self.proposals.get(estate_id)
        if not proposals:
            return NONE
        return LOOK if any(has_shape(row["geometry"]) for row in proposals) else CANNOT

    def confidence(self, estate_id: str) -> float | None:
        """Of the best candidate that waits; ``None`` without one."""
        if self.state(estate_id) != LOOK:
            return None
        return number_or_none(
            next(row for row in self.proposals[estate_id] if has_shape(row["geometry"]))["confidence"]
        )

    def gate(self, estate_id: str) -> Mapping[str, Any] | None:
        """The main gate, else the first; with its id."""
        gates = {gate: {**row, "gate_id": gate} for gate, row in self.gates.get(estate_id, {}).items()}
        return next((row for row in gates.values() if row["main"]), next(iter(gates.values()), None))

    def ways_within(self, window: tuple[float, float, float, float]) -> pd.DataFrame:
        """Roads and waters that touch a window (west, south, east, north in degrees)."""
        west, south, east, north = window
        box = self._way_boxes
        near = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        return self.city.ways[near]

    def boundaries_within(self, window: tuple[float, float, float, float]) -> dict[str, BaseGeometry]:
        """Boundaries in force that touch a window."""
        west, south, east, north = window
        found = {}
        for estate, row in self.boundaries.items():
            shape = row["geometry"]
            if has_shape(shape):
                x0, y0, x1, y1 = shape.bounds
                if x0 <= east and x1 >= west and y0 <= north and y1 >= south:
                    found[estate] = shape
        return found


def records(frame: pd.DataFrame) -> list[tuple[object, dict[str, Any]]]:
    """Index and cells of each row; nulls of every kind become ``None``."""
    columns = {name: frame[name].astype(object).to_numpy() for name in frame.columns}
    rows = []
    for i, key in enumerate(frame.index):
        cells = {name: values[i] for name, values in columns.items()}
        rows.append((key, {name: None if _null(value) else value for name, value in cells.items()}))
    return rows


def _null(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def number_or_none(value: object) -> float | None:
    """A figure, or ``None`` where the cell is blank."""
    return None if value is None else float(value)  # type: ignore[arg-type]


@st.cache_resource(show_spinner=False)
def _holder(url: str) -> dict[str, Desk]:
    return {}


@st.cache_resource(show_spinner=False)
def _decisions(url: str) -> dict[str, list[str]]:
    return {}


def remembered() -> dict[str, list[str]]:
    """Ids of the decisions of each browser tab (by its mark) since this server started, the newest tab last."""
    return _decisions(loading.store_url())


_READING = threading.Lock()


def desk() -> Desk:
    """The live tables of this server's store, brought up to date."""
    holder = _holder(loading.store_url())
    store = loading.store()
    with store.begin(loading.ACTOR) as work:
        known = holder.get("desk")
        if known is not None and known.update(work):
            return known
    with _READING:
        known = holder.get("desk")
        while True:
            city = loading.city()
            with store.begin(loading.ACTOR) as work:
                if known is not None and known.update(work):
                    return known
                if work.stamp != city.stamp:
                    continue
                made = Desk(store, city, work.sequence, epoch=known.epoch + 1 if known else 1)
                made.read(work)
            holder["desk"] = made
            return made
