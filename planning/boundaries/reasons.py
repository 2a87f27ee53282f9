"""Why a person must look, in the words of the screen: from the evidence for the best candidate."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Any, Final

from geo.blocks.types import Candidate, MatchKind, Outline, ResolvedPart
from geo.sides.types import MAIN_SIDES

_AREA_OFF: Final = 1.5
"""Times that the area may be off before it is said."""
_OFF_POINT_M: Final = 30.0
_TOUCHED: Final = 0.25
_CLOSE_RACE: Final = 0.05
_SURE_KINDS: Final = (MatchKind.EXACT, MatchKind.NORMAL)


def reasons(outline: Outline) -> tuple[str, ...]:
    """Chinese sentences on the best candidate, apart from the hard rules' own; empty without one or where all is well."""
    best = outline.best
    if best is None:
        return tuple(outline.notes)
    return tuple(dict.fromkeys(_all(outline, best)))


def _all(outline: Outline, best: Candidate) -> Iterator[str]:
    evidence = best.evidence
    if evidence.area_log_ratio is not None and exp(abs(evidence.area_log_ratio)) >= _AREA_OFF:
        times = exp(evidence.area_log_ratio)
        words = f"面积是台账的 {times:.1f} 倍" if times > 1 else f"面积只有台账的 {times:.0%}"
        yield f"{words}（{evidence.area_m2 / 1e4:.2f} 公顷）"
    if evidence.distance_m > _OFF_POINT_M:
        yield f"登记的坐标在范围外 {evidence.distance_m:.0f} 米"
    shares = (evidence.share_east, evidence.share_south, evidence.share_west, evidence.share_north)
    found = set(outline.resolved.sides)
    for side, share in zip(MAIN_SIDES, shares, strict=True):
        names = "、".join(best.used.get(side, ()))
        if side in found and share < _TOUCHED:
            yield f"{side.label}侧{f'“{names}”' if names else ''}没有贴着这个范围"
    if evidence.n_fits > 1 and evidence.margin < _CLOSE_RACE:
        yield f"有 {evidence.n_fits} 处范围都符合文字"
    for part in outline.resolved.parts:
        yield from _of_part(part)
    yield from best.notes
    yield from outline.notes


def _of_part(part: ResolvedPart) -> Iterator[str]:
    label, name = part.side.label, part.part.name
    if not part.matches:
        return
    first = part.matches[0]
    if part.chosen and first.kind not in _SURE_KINDS:
        yield f"{label}侧“{name}”按{first.kind.label}当作“{first.name}”"
    elif not part.chosen:
        several = "、".join(f"“{match.name}”" for match in part.matches)
        yield f"{label}侧“{name}”可能是{several}"


def sides_as_json(outline: Outline) -> list[dict[str, Any]]:
    """What each named part was looked up as, for the page: side, name, whether sure, why not, and the matches."""
    return [
        {
            "side": part.side.value,
            "name": part.part.name,
            "chosen": part.chosen,
            "why": part.why,
            "matches": [
                {"name": match.name, "kind": match.kind.value, "quality": round(match.quality, 3)}
                for match in part.matches
            ],
        }
        for part in outline.resolved.parts
    ]
