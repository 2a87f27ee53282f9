"""What may be accepted without a person: the hard rules first, then the confidence against the model's threshold.

Each hard rule is one function that gives the reason (Chinese) why a person must look, or ``None``. No confidence
overrules one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from geo.blocks.model import Model, judge
from geo.blocks.setback import PARTED
from geo.blocks.types import Candidate, Outline, Step
from geo.sides.types import MAIN_SIDES, PartKind

CANNOT_BELOW: Final = 0.03
"""A candidate that is right less often than this is not worth a look: it would only mislead (assumed)."""
_CONTRARY: Final = 0.2
MOST_PARTED: Final = 0.85
"""Share of the block that ground without its smaller parts must keep."""
_NAMELESS: Final = (PartKind.WALL, PartKind.LAND, PartKind.OTHER)


class Verdict(StrEnum):
    """What becomes of an estate's words."""

    ACCEPTED = "accepted"
    LOOK = "look"
    CANNOT = "cannot"

    @property
    def label(self) -> str:
        return {"accepted": "自动采用", "look": "待人工查看", "cannot": "无法成图"}[self.value]


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome for an estate: of each candidate its confidence, and why a person must look (Chinese)."""

    verdict: Verdict
    confidences: tuple[float, ...]
    why: tuple[str, ...]

    @property
    def confidence(self) -> float:
        """Of the best candidate; 0 without one."""
        return self.confidences[0] if self.confidences else 0.0


def four_sides_resolved(outline: Outline, candidate: Candidate) -> str | None:
    """Names on all four main sides were found on the map. Hard."""
    found = set(outline.resolved.bordered)
    missing = [side for side in MAIN_SIDES if side not in found]
    if not missing and candidate.evidence.n_resolved >= len(MAIN_SIDES):
        return None
    words = "、".join(_missing(outline, side) for side in missing)
    return f"四面没有全部落到图上：{words}" if missing else "四面没有全部落到图上"


def _sides_not_found(outline: Outline) -> tuple[str, ...]:
    """The main sides that are missing, where others were found: what to mend in the words."""
    found = set(outline.resolved.bordered)
    missing = [side for side in MAIN_SIDES if side not in found]
    if not found or not missing:
        return ()
    return ("四面没有全部落到图上：" + "、".join(_missing(outline, side) for side in missing),)


def _missing(outline: Outline, side: object) -> str:
    parts = [part for part in outline.resolved.parts if part.side is side]
    label = next(s.label for s in MAIN_SIDES if s is side)
    if not parts:
        return f"{label}侧没有写"
    words = "、".join(part.part.name for part in parts)
    if all(part.part.beyond for part in parts):
        return f"{label}侧只写了对面的“{words}”，没有写以什么为界"
    nameless = all(part.part.kind in _NAMELESS for part in parts)
    return f"{label}侧“{words}”没有名称" if nameless else f"{label}侧“{words}”未找到"


def ends_not_extended(outline: Outline, candidate: Candidate) -> str | None:
    """The named lines themselves enclose the ground. Hard."""
    if candidate.step.rank < Step.EXTENDED.rank and candidate.evidence.step < Step.EXTENDED.rank:
        return None
    return f"道路没有直接围合（{candidate.step.label}）"


def names_are_clear(outline: Outline, candidate: Candidate) -> str | None:
    """No name of a border fits several features equally well. Hard."""
    tied = [part for part in outline.resolved.parts if part.tied and not part.part.beyond]
    if not tied and candidate.evidence.n_parts_tied == 0:
        return None
    words = "、".join(dict.fromkeys(f"{part.side.label}侧“{part.part.name}”" for part in tied))
    return f"{words or '有地名'}在图上不止一处"


def sides_do_not_contradict(outline: Outline, candidate: Candidate) -> str | None:
    """No line is named for opposite sides, none had to be left out, none lies on another side than named. Hard."""
    warnings = outline.resolved.text.warnings
    if warnings:
        return "；".join(warnings)
    if candidate.evidence.n_dropped > 0:
        return "有的边与其他边矛盾，没有采用"
    if candidate.evidence.contrary > _CONTRARY:
        return "道路所在的方位与文字不符"
    return None


def all_was_read(outline: Outline, candidate: Candidate) -> str | None:
    """No words on the sides were left unread, and the text does not refer to a drawing. Hard."""
    text = outline.resolved.text
    unread = [part for part in text.unread if not part.preface]
    if unread:
        words = "、".join(f"“{part.text.strip()[:20]}”" for part in unread[:3])
        return f"有文字没有读懂：{words}"
    return "文字说明详见附图" if text.attached else None


def one_place_fits(outline: Outline, candidate: Candidate) -> str | None:
    """No other ground explains the sides about as well. Hard."""
    n = candidate.evidence.n_fits
    return f"有 {n} 处地块都符合四至" if n > 1 else None


def ground_is_whole(outline: Outline, candidate: Candidate) -> str | None:
    """Water or roads do not part the ground, so that much of it was left out. Hard."""
    parted = any(note.startswith(PARTED) for note in candidate.notes)
    left = candidate.block.area * MOST_PARTED
    return "水面或道路把范围分成几块，只取了最大的一块" if parted and candidate.geometry.area < left else None


HARD_RULES: Final[tuple[Callable[[Outline, Candidate], str | None], ...]] = (
    four_sides_resolved,
    ends_not_extended,
    names_are_clear,
    sides_do_not_contradict,
    all_was_read,
    one_place_fits,
    ground_is_whole,
)


def outcome(model: Model, outline: Outline) -> Judged:
    """Accepted, look or cannot, with the reasons.

    Raises
    ------
    ValueError
        If the model was made for other features.
    """
    confidences = tuple(judge(model, candidate) for candidate in outline.candidates)
    best = outline.best
    if best is None:
        return Judged(
            Verdict.CANNOT, (), ("没有围出任何范围", *outline.resolved.text.warnings, *_sides_not_found(outline))
        )
    why = [reason for rule in HARD_RULES if (reason := rule(outline, best)) is not None]
    if confidences[0] < CANNOT_BELOW:
        return Judged(Verdict.CANNOT, confidences, (*why, "围出的范围与文字、面积或点位都对不上"))
    threshold = model.steps[best.evidence.step].accept_at
    if threshold is None:
        if not model.fitted:
            why.append(model.note or "本地道路太少，可信度模型没有拟合")
        elif not why:
            why.append("这类成图方法的可靠程度不足以自动采用")
    elif confidences[0] < threshold:
        digits = 2 if f"{confidences[0]:.2f}" != f"{threshold:.2f}" else 4
        why.append(f"可信度 {confidences[0]:.{digits}f} 低于自动采用的 {threshold:.{digits}f}")
    return Judged(Verdict.LOOK if why else Verdict.ACCEPTED, confidences, tuple(why))
