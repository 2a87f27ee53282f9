"""Cut a text into pieces for a page that shows each side in its colour."""

from __future__ import annotations

from geo.sides.types import BoundaryText, Side


def pieces(parsed: BoundaryText) -> list[tuple[str, Side | None, bool]]:
    """Consecutive pieces ``(words, side, unread)`` that together are the original text.

    Words of a part carry its side (the first one where sides share a part), unread words the flag; all others neither.
    """
    marks: list[tuple[int, int, Side | None, bool]] = [(u.start, u.end, None, True) for u in parsed.unread]
    marks += [(part.start, part.end, side, False) for side, parts in parsed.sides.items() for part in parts]
    out: list[tuple[str, Side | None, bool]] = []
    at = 0
    for start, end, side, unread in sorted(marks, key=lambda mark: (mark[0], mark[1], mark[3])):
        start = max(start, at)
        if start >= end:
            continue
        if at < start:
            out.append((parsed.text[at:start], None, False))
        out.append((parsed.text[start:end], side, unread))
        at = end
    if at < len(parsed.text):
        out.append((parsed.text[at:], None, False))
    return out
