"""Quality of boundaries (边界质量) as figures: no names, no registers, no words; `planning.quality` makes findings of them.

All measures are vectorised over an index of the whole city, in metres, and give the same rows whatever the order of the
input: ids are sorted once, in `Ground.of`.
"""

from geo.quality_ground import Ground, Limits, degrees, equivalent_length, equivalent_width
from geo.quality_pairs import near_pairs, overlaps, same_points, strips
from geo.quality_regions import holes, pieces_apart, unions
from geo.quality_rings import broken, n_corners, parts, self_touching, tails, typed_shapes
from geo.quality_units import outside, points_outside, unit_gaps, unit_overlaps
from geo.quality_ways import MAIN_ROADS, cuts, road_distances, to_boundary

__all__ = [
    "MAIN_ROADS",
    "Ground",
    "Limits",
    "broken",
    "cuts",
    "degrees",
    "equivalent_length",
    "equivalent_width",
    "holes",
    "n_corners",
    "near_pairs",
    "outside",
    "overlaps",
    "parts",
    "pieces_apart",
    "points_outside",
    "road_distances",
    "same_points",
    "self_touching",
    "strips",
    "tails",
    "to_boundary",
    "typed_shapes",
    "unions",
    "unit_gaps",
    "unit_overlaps",
]
