"""Outlines of estates from words: names looked up on the map, polygons closed from their lines, and how sure that is."""

from geo.blocks.gazetteer import Gazetteer
from geo.blocks.outline import outline
from geo.blocks.resolve import resolve
from geo.blocks.types import Candidate, Evidence, Match, MatchKind, Outline, Resolved, ResolvedPart, Step

__all__ = [
    "Candidate",
    "Evidence",
    "Gazetteer",
    "Match",
    "MatchKind",
    "Outline",
    "Resolved",
    "ResolvedPart",
    "Step",
    "outline",
    "resolve",
]
