"""四至 as offices word it, made from what truly lies on the sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from data.demo.sides import DIRECTIONS, Direction, Sides

Named = dict[Direction, str]
_OPPOSITE: Final[dict[Direction, Direction]] = {"东": "西", "西": "东", "南": "北", "北": "南"}
_WALLS: Final = ("小区围墙", "围墙", "本小区围墙")


def _joined(before: str, after: str, order: str, mark: str) -> Callable[[Named], str]:
    return lambda n: mark.join(f"{d}{before}{n[d]}{after}" for d in order)  # type: ignore[index]


def _flipped(n: Named) -> str:
    """「青年路以东」names the road on the west side."""
    return "、".join(f"{n[d]}以{_OPPOSITE[d]}" for d in ("西", "东", "南", "北"))


_FORMS: Final[tuple[Callable[[Named], str], ...]] = (
    _joined("至", "", "东西南北", "、"),
    _joined("至", "", "东南西北", "，"),
    _joined("临", "", "东西南北", ","),
    _joined(":", "", "东南西北", ";"),
    _joined("：", "", "东西南北", " "),
    lambda n: _joined("以", "为界", "东西南北", "，")(n),
    lambda n: f"东起{n['东']}，西至{n['西']}，南起{n['南']}，北至{n['北']}",
    lambda n: f"四至：东靠{n['东']}、南邻{n['南']}、西接{n['西']}、北抵{n['北']}",
    lambda n: "四至范围为" + _joined("到", "", "东西南北", "，")(n),
    _joined("侧为", "", "东西南北", "，"),
    _joined("面：", "", "东南西北", "，"),
    _joined("边临", "", "东西南北", "；"),
    _flipped,
    lambda n: f"东、南、西、北分别至{n['东']}、{n['南']}、{n['西']}、{n['北']}",
    lambda n: f"东西南北分别为{n['东']}、{n['西']}、{n['南']}、{n['北']}",
    lambda n: "".join(f"（{d}）{n[d]}" for d in DIRECTIONS),
    _joined("至", "", "东西南北", ""),
    _joined("至：", "", "东南西北", " "),
    lambda n: "\n".join(f"{d}至{n[d]}" for d in DIRECTIONS),
)
_FLIPPED: Final = _FORMS.index(_flipped)
_ONE_NAME_ONLY: Final = frozenset({_FLIPPED, *range(13, 17)})


def favourite(rng: np.random.Generator) -> int:
    """The form that one street office writes most of its texts in."""
    return int(rng.integers(len(_FORMS)))


_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


def four_sides(
    sides: Sides, form: int, rng: np.random.Generator, called: Mapping[str, str] = _NOBODY
) -> tuple[str, list[str]]:
    """The text and the true names in it (E, S, W, N; "" where a side has no name).

    ``called`` holds what the writer calls some roads; the true names stay the present ones. Three in four texts keep
    to ``form``. A side with two features mostly names both; one without a name is its wall.
    """
    chosen = form if rng.random() < 0.75 else int(rng.integers(len(_FORMS)))
    true: list[str] = []
    named: Named = {}
    walled = False
    for direction in DIRECTIONS:
        found = [n for n in sides[direction] if n.name is not None]
        names = list(dict.fromkeys(str(n.name) for n in found))
        if not names:
            true.append("")
            named[direction] = str(rng.choice(_WALLS))
            walled = True
            continue
        true.append("、".join(names))
        roads = {str(n.name) for n in found if n.kind == "road"}
        said = [called.get(name, name) if name in roads else name for name in names]
        both = len(names) == 2 and chosen not in _ONE_NAME_ONLY and rng.random() < 0.7
        named[direction] = f"{said[0]}、{said[1]}" if both else said[0]
        if not both:
            true[-1] = names[0]
        if not both and found[0].kind == "road" and chosen in (0, 1) and rng.random() < 0.12:
            named[direction] += str(rng.choice(("道路红线", "中心线", "（不含）")))
    if walled and chosen == _FLIPPED:
        chosen = 1
    return _FORMS[chosen](named), true
