"""The evidence for a candidate as numbers for the confidence model: each can only speak for it, or only against it."""

from __future__ import annotations

from collections.abc import Callable
from math import log1p
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.blocks.types import Candidate, Evidence

Floats = NDArray[np.float64]

_AREA_CLIP: Final = 1.5
_NEAR_M: Final = 20.0


def _area_off(e: Evidence) -> float:
    """How far the area is from the ledger's, as a logarithm (0.69: half or double); 0 without a ledger's area."""
    return 0.0 if e.area_log_ratio is None else min(abs(e.area_log_ratio), _AREA_CLIP)


_EVIDENCE: Final[dict[str, tuple[int, Callable[[Evidence], float]]]] = {
    "quality_min": (1, lambda e: e.quality_min),
    "quality_product": (1, lambda e: e.quality_product),
    "share_min": (1, lambda e: e.share_min),
    "share_mean": (1, lambda e: e.share_mean),
    "explained": (1, lambda e: e.explained),
    "direction_min": (1, lambda e: e.direction_min),
    "compactness": (1, lambda e: e.compactness),
    "inset": (1, lambda e: log1p(e.inset_m / _NEAR_M)),
    "margin": (1, lambda e: float(np.clip(e.margin, -1.0, 1.0))),
    "contrary": (-1, lambda e: e.contrary),
    "bridged_share": (-1, lambda e: e.bridged_share),
    "bridged": (-1, lambda e: log1p(e.bridged_m / _NEAR_M)),
    "network_share": (-1, lambda e: e.network_share),
    "no_point": (-1, lambda e: float(not e.point_used)),
    "distance": (-1, lambda e: log1p(e.distance_m / _NEAR_M)),
    "rivals": (-1, lambda e: log1p(max(e.n_fits - 1, 0))),
    "no_area": (-1, lambda e: float(e.area_log_ratio is None)),
    "area_off": (-1, _area_off),
    "area_off_squared": (-1, lambda e: _area_off(e) ** 2),
    "sides_missing": (-1, lambda e: float(4 - e.n_resolved)),
    "tied": (-1, lambda e: float(e.n_parts_tied)),
    "dropped": (-1, lambda e: float(e.n_dropped)),
}
"""Name → +1 (speaks for the candidate) or -1 (against it), and how it is got from the evidence."""

NAMES: Final = (*_EVIDENCE, "extra_names")
"""All features; the last is how many names the sides have beyond one each: where two roads make a side, the words leave
open how they step."""
SIGNS: Final[Floats] = np.array([*(sign for sign, _ in _EVIDENCE.values()), -1], dtype=np.float64)


def features(candidate: Candidate) -> Floats:
    """The numbers of `NAMES`, in its order, shape ``(features,)``."""
    extra = sum(max(len(set(names)) - 1, 0) for names in candidate.used.values())
    return np.array([*(measure(candidate.evidence) for _, measure in _EVIDENCE.values()), extra], dtype=np.float64)
