"""Land without a record on the map: hatched pieces, the chosen one outlined, and which one was clicked."""

from __future__ import annotations

from typing import Final

import shapely

from dashboard import theme
from dashboard.maps.base import Bounds
from dashboard.maps.elements import Class, LegendRow, Shapes
from dashboard.words import area
from planning.ground_types import LandCoverage

TITLE: Final = "无记录用地"
_MOST: Final = 3000
"""More pieces at once would make the map heavy: the largest are drawn."""
_SIMPLIFY_DEGREES: Final = 0.00003


def land_layers(land: LandCoverage, piece_id: str, *, detailed: bool) -> tuple[list[Shapes], list[LegendRow]]:
    """Pieces of a unit (else of the city), and at street scale the land of estates without a boundary.

    Parameters
    ----------
    land
        Already only the unit that is shown.
    piece_id
        The chosen piece (empty: none).
    """
    layers: list[Shapes] = []
    rows: list[LegendRow] = []
    recorded = land.recorded
    if detailed and len(recorded):
        style = {"color": theme.LAND, "weight": 1.5, "dashArray": "5 4", "fill": False}
        sizes = zip(recorded["area_m2"], recorded["estates"], strict=True)
        names = [f"有记录无边界 {area(float(size))}（{len(ids)}个小区）" for size, ids in sizes]
        layers.append(
            Shapes(list(recorded.geometry), [0] * len(recorded), [Class("recorded", style)], names=names, area=True)
        )
        rows.append(LegendRow("有记录无边界", theme.LAND, "recorded", len(recorded), line=True))
    pieces = land.pieces.head(_MOST)
    if len(pieces):
        mark = {"color": theme.LAND, "weight": 1.2, "fillColor": theme.LAND, "fillOpacity": 0.6, "hatch": "diagonal"}
        shapes = pieces.geometry.to_numpy()
        shown = shapes if detailed else shapely.simplify(shapes, _SIMPLIFY_DEGREES)
        layers.append(
            Shapes(list(shown), [0] * len(pieces), [Class("land", mark)], names=_names(land, len(pieces)), area=True)
        )
        rows.append(LegendRow(TITLE, theme.LAND, "land", len(land.pieces), "area", hatch="diagonal"))
    if piece_id in land.pieces.index:
        ring = Class("chosen", {"color": theme.ACCENT, "weight": 3, "fill": False})
        layers.append(Shapes([land.pieces.geometry[piece_id]], [0], [ring], area=True))
    return layers, rows


def _names(land: LandCoverage, n: int) -> list[str]:
    names = []
    for piece in land.pieces.head(n).itertuples():
        lived = "" if piece.households is None or piece.households != piece.households else f" 约{piece.households:,}户"
        near = f" 近{piece.roads}" if piece.roads and not piece.roads.startswith("距") else f" {piece.roads}"
        names.append(f"{TITLE} {area(piece.area_m2)}{lived}{near.rstrip()}")
    return names


def clicked_piece(land: LandCoverage, lon: float, lat: float) -> str:
    """Id of the piece that holds a place (EPSG:4490); empty if none does."""
    if land.pieces.empty:
        return ""
    rows = land.pieces.sindex.query(shapely.Point(lon, lat), predicate="intersects")
    return str(land.pieces.index[rows.min()]) if len(rows) else ""


def piece_bounds(land: LandCoverage, piece_id: str) -> Bounds | None:
    """The box round a piece with its surroundings; ``None`` if there is no such piece."""
    if piece_id not in land.pieces.index:
        return None
    west, south, east, north = land.pieces.geometry[piece_id].bounds
    return west - 0.004, south - 0.003, east + 0.004, north + 0.003
