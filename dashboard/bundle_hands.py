"""What a planner does by hand on the bundles' page, from the browser's words to the wishes that hold afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboard import bundle_words as words
from dashboard.bundle_scene import Stage
from geo.errors import InputError
from planning.bundles.types import BundlePlan, Wish
from planning.bundles.wishes import hands

_BAD: Final = ("浏览器送来的内容无法识别", "请刷新页面后再试")
_MOST_ESTATES: Final = 200


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the planner's hand as the browser tells it."""

    kind: str
    estates: tuple[str, ...] = ()
    bundle: str = ""
    target: str = ""
    wish: str = ""

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Move:
        """A move from the browser's JSON.

        Raises
        ------
        InputError
            If it is not one: nothing that comes from a browser is taken on trust.
        """
        kind = item.get("move")
        estates = item.get("estates", [])
        texts = [item.get(name, "") for name in ("bundle", "target", "wish")]
        if kind not in _MOVES or not isinstance(estates, list) or len(estates) > _MOST_ESTATES:
            raise InputError(*_BAD)
        if not all(isinstance(one, str) for one in (*estates, *texts)):
            raise InputError(*_BAD)
        return cls(str(kind), tuple(dict.fromkeys(estates)), *texts)

    def wishes(self, plan: BundlePlan, by: hands.By) -> tuple[Wish, ...]:
        """All wishes that hold once the move is made.

        Raises
        ------
        InputError
            If the move makes no sense in this plan.
        """
        return _MOVES[self.kind](self, plan, by)

    def title(self, plan: BundlePlan, stage: Stage) -> str:
        """The move in words."""
        labels = words.labels_of(plan)
        word = words.STEPS[self.kind]
        named = names(self.estates, stage)
        if self.kind == "release":
            wish = next((one for one in plan.wishes if one.wish_id == self.wish), None)
            return f"{word}“{words.WISHES[wish.kind]}”（{names(wish.estates, stage)}）" if wish else word
        if self.kind == "move":
            return f"{named}移到{labels.get(self.target, f'新的{words.UNITS[plan.settings.way]}')}"
        if self.kind == "merge":
            return f"{labels.get(self.bundle, '')}与{labels.get(self.target, '')}合并"
        if self.kind == "fix":
            return f"固定{labels.get(self.bundle, '')}"
        if self.kind == "split":
            return f"{labels.get(self.bundle, '')}拆出{named}"
        return f"{word}：{named}"

    def touched(self, plan: BundlePlan) -> tuple[str, ...]:
        """Estates that the move speaks of, for the record."""
        if self.estates:
            return self.estates
        wish = next((one for one in plan.wishes if one.wish_id == self.wish), None)
        bundles = {self.bundle, self.target}
        members = tuple(m for one in plan.bundles if one.bundle_id in bundles for m in one.members)
        return members or (wish.estates if wish else ())


def names(estates: Sequence[str], stage: Stage, most: int = 4) -> str:
    """Names in a row; the rest counted."""
    shown = "、".join(stage.name(one) for one in estates[:most])
    return f"{shown}等{len(estates)}个小区" if len(estates) > most else shown


_MOVES: Final[Mapping[str, Callable[[Move, BundlePlan, hands.By], tuple[Wish, ...]]]] = {
    "together": lambda move, plan, by: hands.pin(plan, move.estates, by),
    "apart": lambda move, plan, by: hands.keep_apart(plan, move.estates, by),
    "force": lambda move, plan, by: hands.force(plan, move.estates, by),
    "leave_out": lambda move, plan, by: hands.leave_out(plan, move.estates, by),
    "forbid_pair": lambda move, plan, by: hands.forbid_pair(plan, move.estates, by),
    "fix": lambda move, plan, by: hands.fix(plan, move.bundle, by),
    "move": lambda move, plan, by: hands.move(
        plan, move.estates, hands.NEW if move.target == "new" else move.target, by
    ),
    "out": lambda move, plan, by: hands.move(plan, move.estates, hands.OUT, by),
    "merge": lambda move, plan, by: hands.merge(plan, (move.bundle, move.target), by),
    "split": lambda move, plan, by: hands.split(plan, move.bundle, move.estates, by),
    "release": lambda move, plan, by: hands.release(plan, (move.wish,)),
}
