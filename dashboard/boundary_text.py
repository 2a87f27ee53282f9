"""A 四至 text for the screen: its pieces, what became of each named part, what gives pause."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from geo import sides
from geo.blocks.types import MatchKind
from geo.sides.types import MAIN_SIDES, BoundaryText, Side

_SAME: Final = "地图上有同名的"
_MOST_SIGNS: Final = 4000
"""Signs of a text that the panel shows; the rest is announced, not cut in silence."""


@lru_cache(maxsize=4096)
def _parsed(text: str) -> BoundaryText:
    return sides.parse(text)


def text_pieces(text: str) -> list[dict[str, Any]]:
    """The text cut where its meaning changes: ``t`` the words, ``side`` whose part they are, ``unread`` why not read."""
    if not text:
        return []
    parsed = _parsed(text)
    reasons = {unread.start: unread.reason for unread in parsed.unread}
    pieces: list[dict[str, Any]] = []
    at = 0
    for words, side, unread in sides.pieces(parsed):
        piece: dict[str, Any] = {"t": words}
        if side is not None:
            piece["side"] = side.value
        elif unread:
            piece["unread"] = reasons.get(at, "没有读懂")
        pieces.append(piece)
        at += len(words)
    return _shortened(pieces)


def _shortened(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    signs = 0
    for piece in pieces:
        if signs + len(piece["t"]) > _MOST_SIGNS:
            rest = sum(len(later["t"]) for later in pieces) - signs
            return [*shown, {"t": f"……（以下{rest:,}字未显示，请在台账中查看）"}]
        shown.append(piece)
        signs += len(piece["t"])
    return shown


def side_rows(text: str, evidence: Mapping[str, Any], on_map: Collection[str]) -> list[dict[str, Any]]:
    """One row for each named part, by side: what the map has for it, in words; then a row for each main side not named.

    ``features`` are the names on the map; ``found`` says whether the part is sure enough to build with. Parts that no run
    has looked up are compared with the names ``on_map``.
    """
    if not text:
        return []
    parsed = _parsed(text)
    looked_up = {(item["side"], item["name"]): item for item in evidence.get("sides", ())}
    rows = []
    for side in Side:
        for part in parsed.sides.get(side, ()):
            item = looked_up.get((side.value, part.name))
            words, found, features = _found(item) if item else _as_it_stands(part.name, on_map)
            rows.append({"side": side.value, "name": part.name, "words": words, "found": found, "features": features})
        if side in MAIN_SIDES and side not in parsed.sides:
            rows.append({"side": side.value, "name": "—", "words": "没有写明", "found": False, "features": []})
    return rows


def _as_it_stands(name: str, on_map: Collection[str]) -> tuple[str, bool, list[str]]:
    return (_SAME, True, [name]) if name in on_map else ("尚未查找", True, [])


def _found(item: Mapping[str, Any]) -> tuple[str, bool, list[str]]:
    names = [str(match["name"]) for match in item["matches"]]
    if not names:
        return item["why"] or "地图上没有找到", False, []
    kind = MatchKind(item["matches"][0]["kind"])
    told = _SAME if kind is MatchKind.EXACT else f"{names[0]}（{kind.label}）"
    if item["chosen"]:
        return told, True, names[:1]
    return item["why"] or f"有几处相近：{'、'.join(names)}", False, names


def warnings_of(text: str, rows: list[dict[str, Any]]) -> list[str]:
    """What gives pause about the text as a whole."""
    if not text:
        return []
    parsed = _parsed(text)
    told = list(parsed.warnings)
    if parsed.flipped:
        told.append(
            f"{'、'.join(side.label for side in Side if side in parsed.flipped)}侧由“以东、以西”一类写法换算而来"
        )
    if parsed.attached:
        told.append("文字提到附图，请一并查看附图")
    return told
