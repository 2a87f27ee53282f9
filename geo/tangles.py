"""Outlines that cross themselves so often that mending them would take for ever, told beforehand by a sample."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

LOOKED_AT: Final = 60
"""Outlines of fewer vertices are mended whatever they are: that takes a tenth of a second at most."""
_SAMPLE: Final = 300
_MOST_TESTED: Final = 5_000
_MOST_CROSSINGS: Final = 1_000
"""Mending takes the square of the crossings: half a second for these, a quarter of a minute for ten times as many."""
MAX_VERTICES: Final = 1_000_000


def too_tangled(shape: BaseGeometry) -> tuple[str, str] | None:
    """Problem and remedy (Chinese) of a shape that cannot be mended in bounded time; ``None`` for the others.

    The crossings are estimated from an even sample of the segments and an index of all of them.
    """
    xy, ring = shapely.get_coordinates(_lines(shape), return_index=True)
    if len(xy) > MAX_VERTICES:
        return f"图形有 {len(xy)} 个顶点，超过 {MAX_VERTICES} 个", "请简化后重新导出"
    if len(xy) < LOOKED_AT:
        return None
    same = ring[1:] == ring[:-1]
    segments: NDArray[np.object_] = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[same])
    chosen = np.unique(np.linspace(0, len(segments) - 1, _SAMPLE).astype(int))
    tree = shapely.STRtree(segments)
    hits = looked_at = 0
    for segment in segments[chosen]:
        # One at a time: in a scribble a few say enough, and all together would take minutes.
        near = tree.query(segment)
        step = max(len(near) // _MOST_TESTED, 1)
        hits += int(shapely.crosses(segment, segments[near[::step]]).sum()) * step
        looked_at += 1
        if hits / len(chosen) * len(segments) / 2 > _MOST_CROSSINGS:
            break
    else:
        return None
    estimate = hits / looked_at * len(segments) / 2
    return f"边界自相交约 {estimate:.0f} 处，{len(xy)} 个顶点的次序是乱的", "请按边界走向重新排列顶点，或重新绘制"


def _lines(shape: BaseGeometry) -> NDArray[np.object_]:
    return shapely.get_parts(shape.boundary if shape.geom_type in ("Polygon", "MultiPolygon") else shape)
