"""What one browser session did on the boundary page, and what it is told next.

The browser numbers its decisions and repeats them until they are acknowledged: none is lost when a run of the page is
cut short by the next key, and none is done twice.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from dashboard import boundary_actions as actions
from dashboard.boundary_desk import Desk
from dashboard.boundary_list import Worklist, worklist
from dashboard.boundary_scene import scene, shape_json
from dashboard.boundary_words import has_shape
from data import boundaries as kept
from data.schemas import BOUNDARY_HISTORY
from data.store import Actor
from geo.errors import InputError

_LOG = logging.getLogger("wuyetu")
_MOST_SCENES: Final = 8
_MOST_SHAPES: Final = 40
"""Changed outlines sent one by one; beyond them the browser asks for its scenes anew."""
_FAILED: Final = "程序内部出错，这一步不一定已保存，请刷新页面核对。服务器窗口中有记录，请交给管理员。"
"""The store may have kept the decision before the page's own tables failed to follow."""
_KEPT_ANSWERS: Final = 100
_MOST_TABS: Final = 500
_TAB: Final = re.compile(r"[0-9a-f]{32}")


@dataclass
class Session:
    """One browser's work. A plain object in the session's state: it is changed in place, so that a run that is broken
    off between a decision and its answer forgets neither."""

    done: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    """Ids of the decisions made here: all clerks share one name, and nobody shall undo what another one did."""
    list: Worklist | None = None
    undo: str | None = None
    """What an undo would undo, in words; ``None``: to be asked for."""

    def join(self, tab: object, remembered: dict[str, list[str]]) -> None:
        """Know again what this browser tab did before the page was loaded anew; ``tab`` is the tab's random mark."""
        if not isinstance(tab, str) or not _TAB.fullmatch(tab) or remembered.get(tab) is self.own:
            return
        remembered[tab] = self.own = [*remembered.pop(tab, ()), *self.own]
        for oldest in list(remembered)[:-_MOST_TABS]:
            del remembered[oldest]
        self.undo = None

    def did(self, done: actions.Done) -> None:
        """Remember a decision as the session's own."""
        if done.decision_id is not None:
            self.own.append(done.decision_id)
        self.undo = None

    def worklist(self, desk: Desk, unit_id: str) -> Worklist:
        """The list of a unit; made anew only for another unit or when the tables were read anew."""
        if self.list is None or (self.list.unit_id, self.list.epoch) != (unit_id, desk.epoch):
            self.list = worklist(desk, unit_id)
        return self.list

    def act(self, desk: Desk, actor: Actor, queue: Sequence[Mapping[str, Any]], now: datetime) -> None:
        """Do the decisions that are not done yet, in order; each ends with an answer, whatever becomes of it."""
        for item in queue:
            number = actions.number_of(item)
            if number is None or number <= self.done:
                continue
            told = self._one(desk, actor, item, now)
            self.undo = None
            self.done = number
            self.answers = [*self.answers[1 - _KEPT_ANSWERS :], {"seq": number, **told}]

    def _one(self, desk: Desk, actor: Actor, item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        estate_id = str(item.get("estate_id", ""))
        try:
            decision = actions.Decision.read(item)
            done = actions.apply(desk, decision, actor, now, self.own)
        except InputError as error:
            told: dict[str, Any] = {"ok": False, "text": "".join(map(str, error.faults)), "go": ""}
        except Exception:  # noqa: BLE001 – the page must answer, or the browser would repeat the decision for ever
            _LOG.exception("boundary decision failed")
            told = {
                "ok": False,
                "text": "程序内部出错，这一步不一定已保存，请刷新页面核对。服务器窗口中有记录，请交给管理员。",
                "go": "",
            }
        else:
            self.did(done)
            told = {"ok": True, "text": done.text, "go": done.go}
        return {**told, "estate_id": estate_id, "state": desk.state(estate_id), "sure": desk.confidence(estate_id)}

    def answer(
        self, desk: Desk, asked: Mapping[str, Any] | None, at: str, actor: Actor, now: datetime
    ) -> dict[str, Any]:
        """What the browser is told: answers and changes that it has not seen, and the scenes that it asked for."""
        asked = asked or {}
        if self.undo is None:
            self.undo = actions.undo_label(desk, actor, actions.day_of(now), self.own)
        known = _whole(asked.get("known"), self.list.as_of if self.list else 0)
        told = _whole(asked.get("told"), 0)
        wanted = asked.get("want")
        wanted = [str(estate) for estate in wanted[:_MOST_SCENES]] if isinstance(wanted, list) else [at]
        return {
            "epoch": desk.epoch,
            "done": self.done,
            "at": at,
            "answers": [item for item in self.answers if item["seq"] > told],
            "changed": _changes(desk, known),
            "undo": self.undo,
            "scenes": scenes(desk, actor, wanted),
        }


def scenes(desk: Desk, actor: Actor, wanted: Sequence[str]) -> dict[str, Any]:
    """Scenes of those of the wanted estates that exist."""
    known = [estate for estate in dict.fromkeys(wanted) if estate in desk.city.estates.index]
    if not known:
        return {}
    with desk.store.begin(actor) as work:
        history = work.read(BOUNDARY_HISTORY, where={"estate_id": known})
        marks = kept.marks(work, known)
    return {estate: scene(desk, estate, history[history["estate_id"] == estate], marks[estate]) for estate in known}


def _changes(desk: Desk, known: int) -> list[dict[str, Any]]:
    """Changes after the one the browser knows, one for each estate, with its outline where there are few."""
    newest = {change.estate_id: change.number for change in desk.changes[known:]}
    few = len(newest) <= _MOST_SHAPES
    told = []
    for estate_id, number in sorted(newest.items(), key=lambda item: item[1]):
        item: dict[str, Any] = {
            "no": number,
            "id": estate_id,
            "state": desk.state(estate_id),
            "sure": desk.confidence(estate_id),
        }
        if few:
            row = desk.boundaries.get(estate_id)
            item["name"] = str(desk.city.estates["name"].get(estate_id, ""))
            item["shape"] = shape_json(row["geometry"])[0] if row and has_shape(row["geometry"]) else None
        told.append(item)
    return told


def _whole(value: object, default: int) -> int:
    return max(int(value), default) if isinstance(value, int | float) and value == value else default
