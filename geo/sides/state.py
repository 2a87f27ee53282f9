"""What has been read so far: sides, places used, places left with a reason."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from geo.sides.filler import filler_start
from geo.sides.head import Head
from geo.sides.item import Item
from geo.sides.normal import Normal
from geo.sides.types import BoundaryText, Part, Side, Unread

_USED, _PART = 1, 2
_OPENING, _CLOSING = "(（[【", ")）]】"
_DEFAULT = "没有读懂"


@dataclass(eq=False)
class Statement:
    """The parts one head puts on one side."""

    items: list[Item]
    flipped: bool


class Reading:
    """Collects sides; at the end every sign of the text that is in no part and no filler becomes unread."""

    def __init__(self, normal: Normal) -> None:
        self.normal = normal
        self.sides: dict[Side, list[Statement]] = {}
        self.warnings: list[str] = []
        self.attached = False
        self.doubtful: dict[int, str] = {}
        """Places where a name begins that may as well be a direction and a name."""
        self._used = bytearray(len(normal.text))
        self._left: list[tuple[int, int, str]] = []
        self._source: list[tuple[int, int, str]] = []

    def use(self, start: int, end: int) -> None:
        """Count the signs as understood (filler, or part of a statement); :meth:`leave` afterwards wins."""
        self._used[start:end] = bytes([_USED]) * (end - start)

    def leave(self, start: int, end: int, reason: str) -> None:
        """Mark the signs as unread."""
        self._left.append((start, end, reason))

    def leave_words(self, start: int, end: int, reason: str) -> None:
        """As :meth:`leave`, without the filler words at the end."""
        stop = filler_start(self.normal.text, start, end, 2)
        self.use(stop, end)
        if start < stop:
            self.leave(start, stop, reason)

    def leave_source(self, start: int, end: int, reason: str) -> None:
        """Mark signs of the original text as unread that were never normalised."""
        self._source.append((start, end, reason))

    def has_reason(self, start: int, end: int) -> bool:
        return any(a < end and start < b for a, b, _ in self._left[-50:])

    def empty(self, head: Head, end: int) -> None:
        """A head without names in the words up to ``end``."""
        words = self.normal.text[head.start : head.end].strip(" \n、,:;")
        self.leave(head.start, end, "后面写的是附图，没有文字界线" if self.attached else f"“{words}”后面没有名称")

    def widen(self, head: Head, end: int) -> None:
        """Nothing of the statement was read: its head is unread together with the words that follow it."""
        self._used[head.start : head.end] = bytes(head.end - head.start)
        for number in range(max(0, len(self._left) - 50), len(self._left)):
            a, b, reason = self._left[number]
            if head.end <= a < end:
                self._left[number:] = [(head.start, max(b, end), reason)]
                return

    def put(self, side: Side, items: list[Item], *, flipped: bool = False) -> None:
        if items:
            self.sides.setdefault(side, []).append(Statement(items, flipped))

    def amend(self, item: Item, more: Item) -> None:
        """An attribute that follows after a comma."""
        item.included = more.included if more.included is not None else item.included
        item.width = more.width or item.width

    def drop_all(self, reason: str) -> None:
        """Take every side back: the text as a whole cannot be told."""
        self.sides.clear()
        self._used = bytearray(len(self.normal.text))
        self._left = [(0, len(self.normal.text), reason)]

    def drop(self, side: Side, reason: str) -> None:
        for statement in self.sides.pop(side, []):
            for item in statement.items:
                self.leave(item.start, item.end, reason)

    def warn(self, words: str) -> None:
        if words not in self.warnings:
            self.warnings.append(words)

    def result(self) -> BoundaryText:
        sides: dict[Side, tuple[Part, ...]] = {}
        flipped: set[Side] = set()
        for side, statements in self.sides.items():
            sides[side] = tuple(self._part(side, item) for s in statements for item in s.items)
            if any(s.flipped for s in statements):
                flipped.add(side)
        return BoundaryText(
            self.normal.source,
            sides,
            tuple(self._unread(sides)),
            tuple(self.warnings),
            self.attached,
            frozenset(flipped),
        )

    def _part(self, side: Side, item: Item) -> Part:
        start, end = self.normal.span(item.start, max(item.end, item.start + 1))
        for doubt in item.doubts:
            self.warn(f"{side.label}侧：{doubt}")
        return Part(
            name=item.name,
            kind=item.kind,
            start=start,
            end=end,
            line=item.line,
            included=item.included,
            width=item.width,
            planned=item.planned,
            number=item.number,
            far_side=item.far,
            offset_m=self._offset(side, item),
            crossing=item.crossing,
            beyond=item.beyond,
            aliases=tuple(item.aliases),
            section=item.section,
        )

    def _offset(self, side: Side, item: Item) -> float | None:
        """Metres from the thing to the border, towards the estate positive."""
        metres, to = item.offset_m, item.offset_to
        if metres is None or to is None:
            return None
        if to in ("in", side.opposite):
            return metres
        if to in ("out", side):
            return -metres
        self.warn(f"{side.label}侧：“{metres:g}米”的方向与这一侧对不上，没有采用")
        return None

    def _unread(self, sides: dict[Side, tuple[Part, ...]]) -> list[Unread]:
        text = self.normal.source
        state = bytearray(len(text))
        for place, used in zip(self.normal.at, self._used, strict=True):
            if used:
                state[place] = _USED
        marks = [(*self.normal.span(a, b), r) for a, b, r in self._left if a < b] + self._source
        for a, b, _ in marks:
            state[a:b] = bytes(b - a)
        for parts in sides.values():
            for part in parts:
                state[part.start : part.end] = bytes([_PART]) * (part.end - part.start)
        out: list[Unread] = []
        starts = sorted(marks)
        place = 0
        next_mark = 0
        while place < len(text):
            if state[place] or _silent(text[place]):
                place += 1
                continue
            while next_mark < len(starts) and starts[next_mark][1] <= place:
                next_mark += 1
            reason, limit = _DEFAULT, len(text)
            if next_mark < len(starts):
                a, b, marked = starts[next_mark]
                if a <= place:
                    reason, limit = marked, b
                else:
                    limit = a
            end = place
            while end < limit and not state[end]:
                end += 1
            stop = end
            while stop > place and _silent(text[stop - 1]):
                stop -= 1
            while (
                stop < limit
                and text[stop] in _CLOSING
                and sum(s in _OPENING for s in text[place:stop]) > sum(s in _CLOSING for s in text[place:stop])
            ):
                stop += 1
            out.append(Unread(text[place:stop], place, stop, reason))
            place = end
        return out


def _silent(sign: str) -> bool:
    """Marks, blanks and control signs: nothing that could have been understood."""
    return (not sign.isalnum() and unicodedata.category(sign)[0] in "PZC") or sign in "|=~+<>`^"
