"""四至: boundary texts of estates, read into sides, named parts and places in the text."""

from geo.sides.highlight import pieces
from geo.sides.parse import parse
from geo.sides.types import MAIN_SIDES, BoundaryText, LineKind, Part, PartKind, Side, Unread

__all__ = ["MAIN_SIDES", "BoundaryText", "LineKind", "Part", "PartKind", "Side", "Unread", "parse", "pieces"]
