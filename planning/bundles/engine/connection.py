"""Connection of groups (连片): the pieces of a set of rows, and what a group in pieces needs to hang together."""

from __future__ import annotations

from planning.bundles.engine.centres import Centre
from planning.bundles.engine.graph import bits, reached


def pieces_of(touch: tuple[int, ...], mask: int) -> list[int]:
    """The connected pieces of the rows, that of the lowest row first."""
    found = []
    while mask:
        found.append(reached(touch, mask & -mask, mask))
        mask &= ~found[-1]
    return found


def missing_links(touch: tuple[int, ...], centre: Centre, mask: int) -> list[tuple[int, int]]:
    """Pieces of a group that are cut off from its root, each with rows of which any such group needs at least one.

    These rows separate the piece from the root among all rows that the centre may hold, and none of them could be
    spared for that: without it there would be a way round (Carvajal et al., *Imposing connectivity constraints in
    forest planning models*, Operations Research 61, 2013).
    """
    root = 1 << centre.root
    found = []
    for piece in pieces_of(touch, mask & ~reached(touch, root, mask)):
        border = _around(touch, piece) & centre.rows & ~piece
        rooted = reached(touch, root, centre.rows & ~border)
        found.append((piece, border & _around(touch, rooted)))
    return found


def _around(touch: tuple[int, ...], rows: int) -> int:
    found = 0
    for row in bits(rows):
        found |= touch[row]
    return found
