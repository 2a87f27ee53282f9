"""四至 texts written from known sides, in many of the forms that offices use; the inverse of reading them.

The words are chosen by a generator that the caller gives, so the same seed writes the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from geo.sides.types import MAIN_SIDES, LineKind, Side

T = TypeVar("T")
Said = Mapping[Side, str]
_E, _S, _W, _N = MAIN_SIDES
_ORDERS: Final = ((_E, _S, _W, _N), (_E, _W, _S, _N), (_N, _E, _S, _W), (_S, _N, _E, _W), (_N, _S, _E, _W))
_MARKERS: Final = (
    "至", "到", "临", "邻", "靠", "接", "抵", "起", "侧为", "侧至", "侧临", "面临", "面为", "边临", "边至", "部至",
    "侧：", "面：", "：", ":", "至：", "以",
)  # fmt: skip
_BETWEEN: Final = ("、", "，", "；", ",", ";", " ", "。", "\n", "， ")
_LEADS: Final = ("", "", "", "四至：", "四至范围：", "四至范围为", "该小区四至为：", "物业管理区域四至：", "本小区")
_JOINTS: Final = ("、", "、", "/", "和", "及", "转", "-")
_ENDS: Final = ("", "", "。")
_LINE_WORDS: Final = {
    LineKind.RED_LINE: ("道路红线", "红线"), LineKind.CENTRE: ("中心线", "道路中心线", "道路中线"),
    LineKind.EDGE: ("道路边线",), LineKind.UNSTATED: ("（不含）", ""),
}  # fmt: skip
_LINE_SHARE: Final = 0.12
"""Share of texts in which one line of a kind is meant throughout (assumed)."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what it truly says.

    ``said``: names on each side as they stand in the text;
    ``line``: the kind of line that is meant on all sides.
    """

    text: str
    said: Mapping[Side, tuple[str, ...]]
    line: LineKind
    form: str


def write(sides: Mapping[Side, tuple[str, ...]], rng: np.random.Generator, form: str | None = None) -> Written:
    """A 四至 text of the sides.

    Parameters
    ----------
    sides
        Names on each of the four main sides, at least one each.
    rng
        Chooses form, order, separators and words.
    form
        One of `FORMS`; ``None``: any that can say all the names, the marked ones (东至…) most often. A form that holds one
        name a side tells the first.

    Raises
    ------
    ValueError
        If a main side is missing or has no name.
    """
    for side in MAIN_SIDES:
        if not sides.get(side):
            raise ValueError(f"side {side} has no name to write")
    chosen = form or _any_form(any(len(sides[side]) > 1 for side in MAIN_SIDES), rng)
    maker, several = FORMS[chosen]
    said = {side: tuple(sides[side]) if several else tuple(sides[side][:1]) for side in MAIN_SIDES}
    line = LineKind.UNSTATED
    after = ""
    if chosen in ("marked", "colon") and rng.random() < _LINE_SHARE:
        line = (LineKind.RED_LINE, LineKind.CENTRE, LineKind.EDGE, LineKind.UNSTATED)[int(rng.integers(4))]
        after = _pick(_LINE_WORDS[line], rng)
    joint = _pick(_JOINTS, rng)
    words = {side: joint.join(name + after for name in parts) for side, parts in said.items()}
    text = _pick(_LEADS, rng) if chosen not in _NO_LEAD else ""
    return Written(text + maker(words, rng) + _pick(_ENDS, rng), said, line, chosen)


def _marked(said: Said, rng: np.random.Generator) -> str:
    """东至甲路，南至乙路，… and its many markers."""
    marker = _pick(_MARKERS, rng)
    after = "为界" if marker == "以" else ""
    between = _pick(_BETWEEN, rng)
    return between.join(f"{side.label}{marker}{said[side]}{after}" for side in _order(rng))


def _mixed(said: Said, rng: np.random.Generator) -> str:
    """东靠甲路、南邻乙路、西接丙路、北抵丁路: a marker of its own for each side."""
    between = _pick(("、", "，", "；"), rng)
    markers = ("至", "临", "邻", "靠", "接", "抵", "到", "侧为", "面临")
    return between.join(f"{side.label}{_pick(markers, rng)}{said[side]}" for side in _order(rng))


def _started(said: Said, rng: np.random.Generator) -> str:
    return f"东起{said[_E]}，西至{said[_W]}，南起{said[_S]}，北至{said[_N]}"


def _with(said: Said, rng: np.random.Generator) -> str:
    """东与甲路相邻, …."""
    verb = _pick(("相邻", "相接", "交界", "毗邻"), rng)
    return "，".join(f"{side.label}与{said[side]}{verb}" for side in _order(rng))


def _flipped(said: Said, rng: np.random.Generator) -> str:
    """甲路以西、乙路以北: the road lies opposite to the word's direction."""
    between = _pick(("、", "，", " "), rng)
    after = _pick(("", "", "区域", "范围内"), rng)
    return between.join(f"{said[side]}以{side.opposite.label}" for side in _order(rng)) + after


def _listed(said: Said, rng: np.random.Generator) -> str:
    """东南西北分别为甲、乙、丙、丁."""
    order = _order(rng)
    heads = _pick(("、", ""), rng).join(side.label for side in order)
    verb = _pick(("分别至", "分别为", "分别临", "四至分别为"), rng)
    return f"{heads}{verb}" + "、".join(said[side] for side in order)


def _bare(said: Said, rng: np.random.Generator) -> str:
    """东甲路，西乙路: no marker at all."""
    return _pick(("，", "、", "；"), rng).join(f"{side.label}{said[side]}" for side in _order(rng))


def _bracketed(said: Said, rng: np.random.Generator) -> str:
    left, right = _pick((("（", "）"), ("(", ")"), ("【", "】")), rng)
    return "".join(f"{left}{side.label}{right}{said[side]}" for side in _order(rng))


def _unseparated(said: Said, rng: np.random.Generator) -> str:
    return "".join(f"{side.label}至{said[side]}" for side in _order(rng))


def _lines(said: Said, rng: np.random.Generator) -> str:
    return "\n".join(f"{side.label}{_pick(('至', '：'), rng)}{said[side]}" for side in _order(rng))


Maker = Callable[[Said, np.random.Generator], str]
FORMS: Final[Mapping[str, tuple[Maker, bool]]] = {
    "marked": (_marked, True), "mixed": (_mixed, True), "started": (_started, True), "with": (_with, False),
    "flipped": (_flipped, False), "listed": (_listed, False), "bare": (_bare, True), "bracketed": (_bracketed, True),
    "unseparated": (_unseparated, False), "lines": (_lines, True),
}  # fmt: skip
"""Form → its writer, and whether a side may hold several names in it."""
_WEIGHTS: Final = {
    "marked": 8.0, "mixed": 2.0, "started": 1.0, "with": 1.0, "flipped": 2.0, "listed": 1.5, "bare": 1.0, "bracketed": 0.7,
    "unseparated": 1.0, "lines": 0.8,
}  # fmt: skip
_NO_LEAD: Final = frozenset({"flipped", "bare"})


def _any_form(several: bool, rng: np.random.Generator) -> str:
    names = [name for name in _WEIGHTS if FORMS[name][1] or not several]
    weights = np.array([_WEIGHTS[name] for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def _order(rng: np.random.Generator) -> tuple[Side, ...]:
    return _ORDERS[int(rng.integers(len(_ORDERS)))]


def _pick(choices: tuple[T, ...], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]
