"""What one browser session does on the bundles' page: the change it tries out, and what the browser is told next.

The browser numbers its acts and repeats them until they are acknowledged, as on the boundary page.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from dashboard.boundary_actions import number_of
from dashboard.bundle_hands import Move
from dashboard.bundle_scene import Stage
from dashboard.bundle_told import notes, preview_json, step_words, wishes_json
from data.store import Actor, Store
from geo.errors import InputError
from planning import bundle_versions as versions
from planning.bundles.prepare import Prepared
from planning.bundles.revision.difference import FALLBACK
from planning.bundles.revision.explain_again import explain_again
from planning.bundles.revision.revise import Revision, revise
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.bundles.wishes import hands
from planning.runs import Stored

_LOG = logging.getLogger("wuyetu")
_SEED: Final = 1
_SECONDS: Final = 5.0
"""Guard of a re-solve; the usual one takes a tenth of a second."""
_WAIT: Final = "正在准备人工调整（步行距离和可同包关系），地图和列表现在就能用。"
_EXPLAIN_S: Final = 2.0
_KEPT_ANSWERS: Final = 50
_MOST_WANTED: Final = 8
_FAILED: Final = "程序内部出错，这一步不一定已保存，请刷新页面核对。服务器窗口中有记录，请交给管理员。"
_PREPARING: Final = ("还在准备路网和可同包关系", "请稍候几秒再试")
_OUTDATED: Final = ("台账数据在方案算出之后有变化", "请先重新求解（人工要求会保留），再作调整")
_STALE: Final = ("方案已有新的版本", "页面已更新，请在新的方案上再做一次")


@dataclass(frozen=True)
class Desk:
    """What an act works on: the store, who acts, the proposal in force, and what a re-solve needs."""

    store: Store
    actor: Actor
    way: Way
    saved: Stored[BundlePlan]
    stage: Stage
    prepared: Prepared | None
    """``None`` while it is being made: until then nothing can be tried out."""

    @property
    def version(self) -> str:
        """Changes with the stored proposal."""
        return f"{self.way}-{self.saved.number}"


@dataclass(frozen=True)
class Preview:
    """A change that is tried out and not decided yet."""

    number: int
    version: str
    move: Move
    title: str
    revision: Revision
    shown: Mapping[str, Any]
    """What the browser is told of it (`preview_json`)."""


@dataclass
class Session:
    """One browser's work; changed in place, so that a run that is broken off forgets nothing."""

    done: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)
    preview: Preview | None = None
    tried: int = 0
    turn: int = 0
    """Grows when the server, not the browser, changed the selection."""
    acted: bool = False
    """The stored proposal was changed in this run."""
    explained: tuple[str, BundlePlan] | None = None
    """The shown proposal with the explanations that a re-solve leaves for later, and its mark."""

    def act(self, desk: Desk, queue: Sequence[Mapping[str, Any]], now: datetime) -> None:
        """Do what is not done yet, in order; each act ends with an answer, whatever becomes of it."""
        if self.preview is not None and self.preview.version != desk.version:
            self.preview = None
        for item in queue:
            number = number_of(item)
            if number is None or number <= self.done:
                continue
            told = self._one(desk, item, now)
            self.done = number
            self.answers = [*self.answers[1 - _KEPT_ANSWERS :], {"seq": number, **told}]

    def _one(self, desk: Desk, item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        try:
            return {"ok": True, **self._do(desk, item, now)}
        except InputError as error:
            return {"ok": False, "text": "".join(map(str, error.faults))}
        except Exception:  # noqa: BLE001 – the page must answer, or the browser would repeat the act for ever
            _LOG.exception("bundle act failed")
            return {"ok": False, "text": _FAILED}

    def _do(self, desk: Desk, item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        do = item.get("do")
        if do == "discard":
            self.preview = None
            return {"text": "已放弃试算，方案没有改变。"}
        if not desk.actor.role.may_write:
            raise InputError("您的角色只能查看", "需要修改时，请由业务科室或管理员操作")
        if do == "undo":
            return self._turned(desk, versions.undo(desk.store, desk.actor, desk.way, now=now), "撤销")
        if do == "redo":
            return self._turned(desk, versions.redo(desk.store, desk.actor, desk.way, now=now), "重做")
        if item.get("plan") != desk.version:
            raise InputError(*_STALE)
        if do == "preview":
            return self._try(desk, Move.read(item), now)
        if do == "accept":
            return self._accept(desk, item, now)
        raise InputError("浏览器送来的内容无法识别", "请刷新页面后再试")

    def _try(self, desk: Desk, move: Move, now: datetime) -> dict[str, Any]:
        if desk.prepared is None:
            raise InputError(*(_OUTDATED if desk.saved.outdated else _PREPARING))
        plan = desk.saved.value
        wishes = move.wishes(plan, hands.By(desk.actor.person, now))
        revision = revise(desk.prepared, plan, wishes, seed=_SEED, seconds=_SECONDS)
        self.tried += 1
        title = move.title(plan, desk.stage)
        shown = preview_json(self.tried, title, plan, revision, desk.stage, move.wish)
        self.preview = Preview(self.tried, desk.version, move, title, revision, shown)
        return {"text": f"试算完成，用时{revision.seconds:.2f}秒。接受后才会保存。"}

    def _accept(self, desk: Desk, item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        preview = self.preview
        if preview is None or item.get("number") != preview.number:
            raise InputError("这次试算已不在了", "请再试一次")
        reason = item.get("reason")
        reason = reason.strip()[:200] if isinstance(reason, str) else ""
        if preview.revision.broken and not reason:
            raise InputError("这一步不符合规则", "请写一句理由再接受")
        versions.decide(
            desk.store,
            desk.actor,
            desk.way,
            desk.saved,
            _explained(desk, preview.revision),
            kind=preview.move.kind,
            estates=preview.move.touched(desk.saved.value),
            reason=reason,
            now=now,
        )
        self.preview = None
        self.acted = True
        return {"text": f"已接受：{preview.title}。可撤销。", "clear": True}

    def _turned(self, desk: Desk, step: versions.Step | None, word: str) -> dict[str, Any]:
        if step is None:
            raise InputError(f"没有可{word}的操作", "只能按先后顺序处理")
        self.preview = None
        self.acted = True
        return {"text": f"已{word}：{step_words(step, desk.stage)}", "clear": True}


def answer(session: Session, desk: Desk, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser is told: answers that it has not seen, the change tried out, the explanations that it wants."""
    told = asked.get("told")
    told = told if isinstance(told, int) else 0
    shown = session.preview.revision.plan if session.preview else desk.saved.value
    mark = f"{session.preview.number if session.preview else 0}/{desk.version}"
    keys = _keys(asked.get("want"))
    if keys:
        shown = _explain(session, desk, shown, mark, keys)
    undo, redo = (step_words(turn(desk.store, desk.actor, desk.way), desk.stage) for turn in _TURNS)
    return {
        "done": session.done,
        "answers": [one for one in session.answers if one["seq"] > told],
        "preview": None if session.preview is None else session.preview.shown,
        "notes": notes(shown, desk.stage, keys, mark, desk.prepared),
        "wishes": wishes_json(shown, desk.stage),
        "plan_notes": list(shown.notes),
        "undo": undo,
        "redo": redo,
        "hands": desk.prepared is not None,
        "may_write": desk.actor.role.may_write,
        "preparing": "".join((_OUTDATED[0], "。", _OUTDATED[1], "。")) if desk.saved.outdated else _WAIT,
        "refusal": "只能查看：您的角色不能修改方案。需要修改时，请由业务科室或管理员操作。",
    }


def _keys(wanted: object) -> list[tuple[str, str]]:
    given = wanted[:_MOST_WANTED] if isinstance(wanted, list) else []
    return [(kind, name) for kind, _, name in (str(one).partition(":") for one in given)]


def _explain(session: Session, desk: Desk, shown: BundlePlan, mark: str, keys: Sequence[tuple[str, str]]) -> BundlePlan:
    """The shown proposal with what a re-solve leaves untold, where one of the wanted explanations lacks it."""
    if session.explained is not None and session.explained[0] == mark:
        shown = session.explained[1]
    if desk.prepared is None:
        return shown
    bundles = {name for kind, name in keys if kind == "b"}
    bare = any(one.bundle_id in bundles and not one.slacks and not one.by_hand for one in shown.bundles)
    estates = [name for kind, name in keys if kind == "e"] if session.preview is not None else []
    if bare or estates:
        shown = explain_again(desk.prepared, shown, estates, seed=_SEED, seconds=_EXPLAIN_S)
        session.explained = (mark, shown)
    return shown


def _explained(desk: Desk, revision: Revision) -> Revision:
    """The change with all its reasons, as it is kept."""
    if desk.prepared is None:
        return revision
    dropped = [one.estate_id for one in revision.difference.changed if one.after == FALLBACK]
    plan = explain_again(desk.prepared, revision.plan, dropped, seed=_SEED, seconds=_EXPLAIN_S)
    return replace(revision, plan=plan)


_TURNS: Final = (versions.can_undo, versions.can_redo)
