"""Boundary results as the lines a person reads at the terminal."""

from __future__ import annotations

from dashboard.words import number
from geo.blocks.confidence import Verdict
from geo.sides import MAIN_SIDES, BoundaryText, LineKind, Part
from planning.boundaries import BoundaryRun

_MANY = 8
_LONG = 40


def parsed_lines(parsed: BoundaryText) -> list[str]:
    """What a 四至 text says, side by side, then what was not read."""
    lines = [
        f"{side.label}：{'；'.join(_part(part) for part in parts)}"
        + ("（由“以东、以西”等换算）" if side in parsed.flipped else "")
        for side, parts in parsed.sides.items()
    ]
    missing = [side.label for side in MAIN_SIDES if side not in parsed.sides]
    if missing:
        lines.append(f"没有写明：{'、'.join(missing)}")
    lines += [
        f"未读懂：“{_short(unread.text)}”（第 {unread.start + 1} 字起）：{unread.reason}"
        for unread in parsed.unread[:_MANY]
    ]
    if len(parsed.unread) > _MANY:
        lines.append(f"另有 {number(len(parsed.unread) - _MANY)} 处未读懂")
    lines += [f"! {warning}" for warning in parsed.warnings]
    if parsed.attached:
        lines.append("文字提到附图，请一并查看")
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}……"


def run_lines(found: BoundaryRun) -> list[str]:
    """What a run over the register gave: counts, the commonest reasons, the estates with most at stake."""
    lines = [
        f"{number(len(found.estates))} 个小区没有测绘或手绘的边界：定下 {number(found.accepted)} 个，"
        f"需要人看 {number(found.look)} 个，无法成图 {number(found.cannot)} 个"
    ]
    lines += list(found.notes)
    open_ones = [estate for estate in found.estates if estate.outcome is not Verdict.ACCEPTED]
    for estate in open_ones[:_MANY]:
        told = "" if estate.confidence is None else f"（可信度 {estate.confidence:.2f}）"
        lines.append(f"待看：{estate.name}{told}：{'；'.join(estate.why) or '没有说明'}")
    if len(open_ones) > _MANY:
        lines.append(f"其余 {number(len(open_ones) - _MANY)} 个见“边界”页")
    return lines


def _part(part: Part) -> str:
    told = [part.kind.label]
    if part.line is not LineKind.UNSTATED:
        told.append(part.line.label)
    if part.planned:
        told.append("规划")
    if part.far_side is not None:
        told.append(f"{part.far_side.label}侧")
    if part.included is not None:
        told.append("含" if part.included else "不含")
    if part.width is not None:
        told.append({"full": "全幅", "half": "半幅"}.get(part.width, part.width))
    if part.number:
        told.append(part.number)
    if part.offset_m is not None:
        told.append(f"{part.offset_m:g} 米")
    if part.crossing:
        told.append(f"与{'、'.join(part.crossing)}交叉口")
    return f"{part.name}（{'，'.join(told)}）"
