"""Undo and redo of decisions on bundles, after a restart too; never past what somebody else did."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from data.store import Actor, Store
from geo.errors import InputError
from planning.bundle_versions.steps import Step, moment, period_of, read_steps, root, set_state
from planning.bundles.settings import Way
from planning.results import BUNDLES


def undo(store: Store, actor: Actor, way: Way, *, now: datetime) -> Step | None:
    """Put the plan before the last decision in force again (Ctrl-Z).

    Returns
    -------
    Step or None
        The decision undone; ``None`` if there is none.

    Raises
    ------
    InputError
        If somebody else made it, or the plan or the data have changed since.
    """
    return _turn(store, actor, way, now, back=True)


def redo(store: Store, actor: Actor, way: Way, *, now: datetime) -> Step | None:
    """Do the decision again that was undone last, unless a new one was made since (Ctrl-Y); see `undo`."""
    return _turn(store, actor, way, now, back=False)


def can_undo(store: Store, actor: Actor, way: Way) -> Step | None:
    """The decision that `undo` would undo."""
    with store.begin(actor) as work:
        return _next(read_steps(work, way), back=True)


def can_redo(store: Store, actor: Actor, way: Way) -> Step | None:
    """The decision that `redo` would do again."""
    with store.begin(actor) as work:
        return _next(read_steps(work, way), back=False)


def _next(steps: list[Step], *, back: bool) -> Step | None:
    if back:
        found = [step for step in steps if step.state == "done"]
        last = found[-1] if found else None
        return last if last is not None and last.before.get("document") else None
    found = [step for step in steps if step.state == "undone"]
    return found[0] if found else None


def _turn(store: Store, actor: Actor, way: Way, now: datetime, *, back: bool) -> Step | None:
    word = "撤销" if back else "重做"
    with store.begin(actor, write=True) as work:
        step = _next(read_steps(work, way), back=back)
        if step is None:
            return None
        if step.person != actor.person:
            when = step.at[:16].replace("T", " ")
            raise InputError(
                f"最近一步是“{step.person}”在{when}（UTC）作的，不能由别人{word}",
                "请与对方商量，或在现在的方案上作新的调整",
            )
        now_is, then = (step.after, step.before) if back else (step.before, step.after)
        document = work.document(BUNDLES, period_of(way))
        if document is None or root(document) != now_is["document"]:
            raise InputError(f"方案在这一步之后又有变化，不能{word}", "请在现在的方案上作新的调整，或启用保存过的方案")
        target = work.document_by_id(int(then["document"]))
        if target is None:
            raise InputError(f"这一步之前的方案已不在了，不能{word}", "请重新求解")
        if target.body["stamp"] != work.stamp:
            raise InputError(f"台账数据在那个方案算出之后有变化，不能{word}", "请重新求解")
        with work.together():
            work.save_document(BUNDLES, period_of(way), {**target.body, "same_as": root(target)})
            turned = replace(step, state="undone" if back else "done", after={**step.after, "turned_at": moment(now)})
            set_state(work, [turned])
    return turned
