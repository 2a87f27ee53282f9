"""Small DXF drawings as text, for tests."""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[float, float]


def groups(*pairs: tuple[int, object]) -> str:
    """Group codes and values, a line each."""
    return "".join(f"{code}\n{value}\n" for code, value in pairs)


def header(version: str = "AC1015", page: str | None = "ANSI_936", unit: int = 6) -> str:
    """The header section."""
    named = groups((9, "$DWGCODEPAGE"), (3, page)) if page else ""
    return (
        groups((0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, version))
        + named
        + groups((9, "$INSUNITS"), (70, unit), (0, "ENDSEC"))
    )


def line(layer: str, a: Pair, b: Pair) -> str:
    """A LINE."""
    return groups((0, "LINE"), (8, layer), (10, a[0]), (20, a[1]), (30, 0), (11, b[0]), (21, b[1]), (31, 0))


def polyline(layer: str, points: Sequence[Pair], *, closed: bool = True) -> str:
    """An LWPOLYLINE."""
    head = groups((0, "LWPOLYLINE"), (100, "AcDbEntity"), (8, layer), (100, "AcDbPolyline"), (90, len(points)),
                  (70, int(closed)))  # fmt: skip
    return head + "".join(groups((10, x), (20, y)) for x, y in points)


def text(layer: str, at: Pair, words: str, kind: str = "TEXT") -> str:
    """A TEXT or MTEXT."""
    return groups((0, kind), (8, layer), (10, at[0]), (20, at[1]), (40, 2.5), (1, words))


def drawing(*entities: str, head: str | None = None, blocks: str = "") -> str:
    """A whole drawing."""
    inner = groups((0, "SECTION"), (2, "BLOCKS")) + blocks + groups((0, "ENDSEC")) if blocks else ""
    return (
        (header() if head is None else head)
        + inner
        + groups((0, "SECTION"), (2, "ENTITIES"))
        + "".join(entities)
        + groups((0, "ENDSEC"), (0, "EOF"))
    )


def square(x: float, y: float, size: float = 100.0) -> list[Pair]:
    """Corners of a square, lower left first."""
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
