"""What a person decides on the boundary page, checked and handed to the store; every step is in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dashboard.boundary_desk import Desk
from data import boundaries as kept
from data.store import Actor
from geo.errors import InputError

_MOST_VERTICES: Final = 5000
_MOST_REASON: Final = 200
_BAD: Final = ("浏览器送来的内容无法识别", "请刷新页面后再试")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as the browser tells it."""

    do: str
    estate_id: str
    proposal_id: str = ""
    version_id: str = ""
    gate_id: str = ""
    reason: str = ""
    mark: str | None = None
    """What `data.boundaries.marks` said of the estate when the browser got it."""
    shape: BaseGeometry | None = None
    at: tuple[float, float] | None = None

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Decision:
        """A decision from the browser's JSON.

        Raises
        ------
        InputError
            If it is not one: nothing that comes from a browser is taken on trust.
        """
        do = item.get("do")
        if not isinstance(do, str) or do not in (*_ACTS, *_TURNS):
            raise InputError(*_BAD)
        texts = {name: item.get(name, "") for name in ("estate_id", "proposal_id", "version_id", "gate_id", "reason")}
        if not all(isinstance(value, str) for value in texts.values()):
            raise InputError(*_BAD)
        mark = item.get("mark")
        return cls(
            do=do,
            estate_id=texts["estate_id"],
            proposal_id=texts["proposal_id"],
            version_id=texts["version_id"],
            gate_id=texts["gate_id"],
            reason=texts["reason"].strip()[:_MOST_REASON],
            mark=mark if isinstance(mark, str) else None,
            shape=drawn_shape(item["shape"]) if do == "draw" and "shape" in item else None,
            at=_position(item["at"]) if do == "gate" and "at" in item else None,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a decision, in words; ``go`` is the estate to show next, if not simply the next one, ``decision_id``
    what the journal calls it (``None``: there is nothing to undo)."""

    text: str
    go: str = ""
    decision_id: str | None = None


def number_of(item: object) -> int | None:
    """The browser's number of a decision."""
    value = item.get("seq") if isinstance(item, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def queue_of(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The decisions in what the browser told."""
    queue = asked.get("queue")
    return [item for item in queue if isinstance(item, Mapping)] if isinstance(queue, list) else []


def drawn_shape(value: object) -> BaseGeometry:
    """The polygon or polygons that were drawn, EPSG:4490, valid.

    Parameters
    ----------
    value
        Polygons as lists of closed rings of (lon, lat).

    Raises
    ------
    InputError
        If it is no polygon, has no ground, crosses itself or has too many vertices.
    """
    try:
        polygons = [
            shapely.Polygon(_ring(rings[0]), [_ring(hole) for hole in rings[1:]])
            for rings in value  # type: ignore[attr-defined]
        ]
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise InputError(*_BAD) from error
    if not polygons:
        raise InputError(*_BAD)
    shape: BaseGeometry = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if shapely.get_num_coordinates(shape) > _MOST_VERTICES:
        raise InputError(f"图形的顶点超过{_MOST_VERTICES:,}个", "请删去多余的顶点")
    if not shape.is_valid:
        raise InputError("图形自己相交或有重叠的部分", "请移开交叉的顶点后再保存")
    return shape


def _ring(points: Sequence[Sequence[float]]) -> np.ndarray:
    ring = np.array([_position(point) for point in points], dtype=float)
    if len(ring) < 4:
        raise InputError("图形不足三个顶点", "请至少点三个顶点")
    return ring


def _position(value: object) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise InputError(*_BAD) from error
    if not (73 <= lon <= 136 and 3 <= lat <= 54):
        raise InputError("所点的位置不在国内", "请在地图上小区附近点击")
    return lon, lat


def apply(desk: Desk, decision: Decision, actor: Actor, now: datetime, own: Collection[str] = ()) -> Done:
    """Do one decision in the store and bring the live tables up to it.

    Parameters
    ----------
    own
        Ids of the decisions that this session made: only these it may undo and redo, because several clerks work under
        the page's one name.

    Raises
    ------
    InputError
        If it cannot be done (not the actor's to change, a better source in force, changed by somebody else since, …);
        nothing is changed then.
    """
    if decision.do in _TURNS:
        return _turned(desk, actor, now, own, redo=decision.do == "redo")
    return _ACTS[decision.do](desk, decision, actor, now)


def bulk(desk: Desk, proposals: Mapping[str, str], actor: Actor, now: datetime) -> Done:
    """Accept one candidate for each of many estates, as one decision with one undo.

    Parameters
    ----------
    proposals
        Estate → proposal, as `dashboard.boundary_list.bulk_offer` gives.
    """
    with desk.store.begin(actor, write=True) as work:
        outcome = kept.accept(work, list(proposals.values()), now=now)
    desk.catch_up(actor)
    better = f"；{len(outcome.kept_better):,}个已有更可靠的边界，没有替换" if outcome.kept_better else ""
    text = f"已接受{outcome.change.added + outcome.change.changed:,}个小区的候选{better}"
    return Done(text, decision_id=outcome.decision_id)


def undo_label(desk: Desk, actor: Actor, since: datetime, own: Collection[str]) -> str:
    """What an undo of one of the session's ``own`` decisions would undo, in words; blank where there is nothing."""
    if not own or not actor.role.may_write:
        return ""
    with desk.store.begin(actor) as work:
        decision = kept.next_undo(work, since, own)
    return "" if decision is None else f"撤销：{decision.label}（{_whose(desk, decision.estate_ids)}）"


def _accept(desk: Desk, decision: Decision, actor: Actor, now: datetime) -> Done:
    row = next(
        (row for row in desk.proposals.get(decision.estate_id, ()) if row["proposal_id"] == decision.proposal_id), None
    )
    if row is None:
        raise InputError("这个候选已重新计算", "请看过新的候选再决定")
    with desk.store.begin(actor, write=True) as work:
        outcome = kept.accept(
            work, [decision.proposal_id], now=now, reason=decision.reason, expected=_expected(decision)
        )
    desk.catch_up(actor)
    name = _name(desk, decision.estate_id)
    if outcome.kept_better:
        raise InputError(f"“{name}”已有更可靠的边界，没有替换", "确需替换时，请写明理由")
    return Done(_told(f"已接受“{name}”的候选{int(row['rank']) + 1}", outcome), decision_id=outcome.decision_id)


def _draw(desk: Desk, decision: Decision, actor: Actor, now: datetime) -> Done:
    if decision.shape is None:
        raise InputError(*_BAD)
    with desk.store.begin(actor, write=True) as work:
        outcome = kept.draw(
            work,
            decision.estate_id,
            decision.shape,
            now=now,
            reason=decision.reason,
            expected=_expected(decision),
        )
    desk.catch_up(actor)
    return Done(_told(f"已保存“{_name(desk, decision.estate_id)}”的手绘边界", outcome), decision_id=outcome.decision_id)


def _gate(desk: Desk, decision: Decision, actor: Actor, now: datetime) -> Done:
    if decision.at is None:
        raise InputError(*_BAD)
    with desk.store.begin(actor, write=True) as work:
        outcome = kept.move_gate(work, decision.gate_id or decision.estate_id, *decision.at, now=now)
    desk.catch_up(actor)
    return Done(_told(f"已移动“{_name(desk, decision.estate_id)}”的出入口", outcome), decision_id=outcome.decision_id)


def _restore(desk: Desk, decision: Decision, actor: Actor, now: datetime) -> Done:
    with desk.store.begin(actor, write=True) as work:
        outcome = kept.restore(work, decision.version_id, decision.reason, now)
    desk.catch_up(actor)
    text = _told(f"已恢复“{_name(desk, decision.estate_id)}”的历史边界", outcome)
    return Done(text, go=decision.estate_id, decision_id=outcome.decision_id)


def _turned(desk: Desk, actor: Actor, now: datetime, own: Collection[str], *, redo: bool) -> Done:
    with desk.store.begin(actor, write=True) as work:
        done = (kept.redo_last if redo else kept.undo_last)(work, now, day_of(now), own)
    desk.catch_up(actor)
    word = "重做" if redo else "撤销"
    if done is None:
        raise InputError(f"没有可{word}的操作", "只能按先后顺序处理自己今天在本页所做的操作")
    text = f"已{word}：{done.decision.label}（{_whose(desk, done.restored or done.decision.estate_ids)}）"
    if done.conflicts:
        names = _whose(desk, [conflict.estate_id for conflict in done.conflicts])
        text += f"；{names}之后又被改过，保持原样"
    return Done(text, go=done.decision.estate_ids[0] if len(done.decision.estate_ids) == 1 else "")


def day_of(now: datetime) -> datetime:
    """The beginning of the day, as this place's clocks show it: what was done before is not undone by a slip of the hand."""
    return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def _expected(decision: Decision) -> dict[str, str] | None:
    return None if decision.mark is None else {decision.estate_id: decision.mark}


def _name(desk: Desk, estate_id: str) -> str:
    return str(desk.city.estates["name"].get(estate_id, estate_id))


def _whose(desk: Desk, estate_ids: Sequence[str]) -> str:
    return _name(desk, estate_ids[0]) if len(estate_ids) == 1 else f"{len(estate_ids):,}个小区"


def _told(text: str, outcome: kept.PutOutcome) -> str:
    return "；".join((text, *outcome.notes)) + "。"


_ACTS: Final[Mapping[str, Callable[[Desk, Decision, Actor, datetime], Done]]] = {
    "accept": _accept,
    "draw": _draw,
    "gate": _gate,
    "restore": _restore,
}
_TURNS: Final = ("undo", "redo")
