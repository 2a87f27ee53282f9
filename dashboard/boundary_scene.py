"""One estate as the boundary page shows it: text with its parts, sides, candidates, surroundings, history; plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
import shapely.ops
from shapely.geometry.base import BaseGeometry

from dashboard.boundary_desk import Desk, number_or_none
from dashboard.boundary_tables import STEP_LABELS
from dashboard.boundary_text import side_rows, text_pieces, warnings_of
from dashboard.boundary_words import boundary_words, has_shape, version_words
from dashboard.maps.base import MAIN_CLASSES
from dashboard.maps.elements import encode
from dashboard.words import area, number
from geo.shapes import area_m2

Window = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4490 degrees."""

MOST_CANDIDATES: Final = 3
_METRES_A_DEGREE: Final = 111_320.0
_HALF_M: Final = 600.0
_VIEW_HALF_M: Final = 150.0
_FAR_M: Final = 1500.0
_MOST_VERTICES: Final = 300
_NEEDLESS_M: Final = 0.3
_MOST_WAYS: Final = 2500
_DIGITS: Final = 7


def scene(desk: Desk, estate_id: str, history: pd.DataFrame, mark: str) -> dict[str, Any]:
    """All that the browser draws for one estate.

    Parameters
    ----------
    desk
        The live tables.
    history
        Rows of ``BOUNDARY_HISTORY`` of this estate.
    mark
        What `data.boundaries.marks` says of it; comes back with a decision.
    """
    estate = desk.city.estates.loc[estate_id]
    force = desk.boundaries.get(estate_id)
    proposals = desk.proposals.get(estate_id, ())
    shaped = [row for row in proposals if has_shape(row["geometry"])][:MOST_CANDIDATES]
    point = None if pd.isna(estate["lon"]) or pd.isna(estate["lat"]) else (float(estate["lon"]), float(estate["lat"]))
    held = [force["geometry"]] if force and has_shape(force["geometry"]) else []
    shapes = [row["geometry"] for row in shaped] + held
    view = _view(desk, estate, [*shapes[:1], *held], point)
    window = _window(view, shapes)
    text = estate["four_sides"] if isinstance(estate["four_sides"], str) else ""
    rows = side_rows(text, proposals[0]["evidence"] if proposals else {}, desk.names_on_map)
    sides = {name: row["side"] for row in rows for name in row["features"]}
    gate = desk.gate(estate_id)
    ways = _ways(desk, window)
    return {
        "id": estate_id,
        "name": str(estate["name"]),
        "state": desk.state(estate_id),
        "facts": _facts(desk, estate),
        "text": text_pieces(text),
        "sides": [{key: row[key] for key in ("side", "name", "words", "found")} for row in rows],
        "warnings": warnings_of(text, rows),
        "candidates": _candidates(shaped, estate),
        "why": [str(words) for words in proposals[0]["why"]] if proposals and not shaped else [],
        "current": _force(force),
        "gate": [float(gate["lon"]), float(gate["lat"])] if gate else None,
        "gate_id": gate["gate_id"] if gate else "",
        "mark": mark,
        "point": list(point) if point else None,
        "ways": _way_items(ways, sides, window),
        "letters": _letters(ways, sides, shapes, point, window),
        "neighbours": _neighbours(desk, estate_id, sides, window),
        "view": view,
        "window": window,
        "history": _history(history),
    }


def shape_json(shape: BaseGeometry) -> tuple[list[list[list[list[float]]]], float | None]:
    """Polygons as rings of (lon, lat) for the screen, and how many metres they may be off (``None``: not at all).

    Vertices that a straight line passes within 0.3 m are left out, and more where there are very many: a shape must be
    quick to draw and to mend by hand. What is accepted is always the stored shape, not this one.
    """
    tolerance_m = _NEEDLESS_M
    shown = shapely.simplify(shape, tolerance_m / _METRES_A_DEGREE, preserve_topology=True)
    while shapely.get_num_coordinates(shown) > _MOST_VERTICES and tolerance_m < 100:
        tolerance_m *= 2
        shown = shapely.simplify(shape, tolerance_m / _METRES_A_DEGREE, preserve_topology=True)
    fewer = shapely.get_num_coordinates(shown) < shapely.get_num_coordinates(shape)
    polygons = [part for part in shapely.get_parts(shown) if part.geom_type == "Polygon"]
    rings = [
        [np.round(shapely.get_coordinates(ring), _DIGITS).tolist() for ring in (part.exterior, *part.interiors)]
        for part in polygons
    ]
    return rings, tolerance_m if fewer else None


def _facts(desk: Desk, estate: pd.Series) -> str:
    units = [desk.city.unit_names[u] for u in estate[["street_id", "community_id"]] if u in desk.city.unit_names]
    homes = "户数未填" if pd.isna(estate["households"]) else f"{number(estate['households'])}户"
    land = "" if pd.isna(estate["land_area_m2"]) else f"台账占地{area(float(estate['land_area_m2']))}"
    return "　".join(filter(None, (" ".join(units), homes, land)))


def _candidates(rows: Sequence[Mapping[str, Any]], estate: pd.Series) -> list[dict[str, Any]]:
    shapes = [row["geometry"] for row in rows]
    ledger = None if pd.isna(estate["land_area_m2"]) else float(estate["land_area_m2"])
    found = []
    for i, row in enumerate(rows):
        rings, simplified = shape_json(shapes[i])
        size = float(area_m2([shapes[i]])[0])
        against = f"（台账{size / ledger - 1:+.0%}）" if ledger else ""
        step = STEP_LABELS.get(str(row["step"]), "")
        found.append(
            {
                "id": row["proposal_id"],
                "confidence": number_or_none(row["confidence"]),
                "source": "text" if row["text"] else "derived",
                "facts": "　".join(filter(None, (f"{area(size)}{against}", step))),
                "why": [str(words) for words in row["why"]],
                "shape": rings,
                "simplified_m": simplified,
                "at": _number_spot(shapes, i),
            }
        )
    return found


def _number_spot(shapes: Sequence[BaseGeometry], i: int) -> list[float]:
    """Where the number of a candidate stands: on ground that only it covers, else along its edge."""
    others = [shape for j, shape in enumerate(shapes) if j != i]
    own = shapes[i].difference(shapely.union_all(others)) if others else shapes[i]
    if own.area > 0.05 * shapes[i].area:
        spot = max(shapely.get_parts(own), key=lambda part: part.area).representative_point()
    else:
        spot = shapely.line_interpolate_point(shapes[i].boundary, (i + 0.5) / len(shapes), normalized=True)
    return [round(spot.x, _DIGITS), round(spot.y, _DIGITS)]


def _force(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None or not has_shape(row["geometry"]):
        return None
    rings, simplified = shape_json(row["geometry"])
    words, source = boundary_words(row)
    return {
        "source": row["source"],
        "source_words": source,
        "words": f"{words}　{area(float(area_m2([row['geometry']])[0]))}",
        "shape": rings,
        "simplified_m": simplified,
    }


def _history(history: pd.DataFrame) -> list[dict[str, Any]]:
    newest_first = history.sort_index(ascending=False)
    return [
        {
            "id": str(version_id),
            "source": row["source"],
            "words": version_words(row),
            "restorable": has_shape(row["geometry"]),
        }
        for version_id, row in newest_first.iterrows()
    ]


def _view(desk: Desk, estate: pd.Series, shapes: Sequence[BaseGeometry], point: tuple[float, float] | None) -> Window:
    if shapes:
        box = tuple(float(v) for v in shapely.total_bounds(np.array(shapes, dtype=object)))
        if point and _apart_m(box, point) < _FAR_M:
            box = (min(box[0], point[0]), min(box[1], point[1]), max(box[2], point[0]), max(box[3], point[1]))
        return _widened(box, _VIEW_HALF_M)  # type: ignore[arg-type]
    if point:
        return _widened((*point, *point), 300.0)
    for unit in (estate["community_id"], estate["street_id"], estate["county_id"]):
        if unit in desk.city.units.index and has_shape(desk.city.units.at[unit, "geometry"]):
            return _widened(tuple(map(float, desk.city.units.at[unit, "geometry"].bounds)), _VIEW_HALF_M)
    known = desk.city.ways.total_bounds if len(desk.city.ways) else np.array([73.0, 18.0, 136.0, 54.0])
    return _widened(tuple(map(float, known)), _VIEW_HALF_M)


def _apart_m(box: Sequence[float], point: tuple[float, float]) -> float:
    dx = max(box[0] - point[0], 0.0, point[0] - box[2]) * np.cos(np.radians(point[1]))
    dy = max(box[1] - point[1], 0.0, point[1] - box[3])
    return float(np.hypot(dx, dy)) * _METRES_A_DEGREE


def _widened(box: Sequence[float], half_m: float) -> Window:
    """The box with a margin, reaching at least ``half_m`` from its middle to each side."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    margin = 0.15
    dy = max(half_m / _METRES_A_DEGREE, (box[3] - box[1]) * (0.5 + margin))
    dx = max(half_m / _METRES_A_DEGREE / np.cos(np.radians(y)), (box[2] - box[0]) * (0.5 + margin))
    return round(float(x - dx), 6), round(float(y - dy), 6), round(float(x + dx), 6), round(float(y + dy), 6)


def _window(view: Window, shapes: Sequence[BaseGeometry]) -> Window:
    """What is sent of the surroundings: a square round the view and all candidates, so that no edge of it shows."""
    boxes = np.array([view, *(shape.bounds for shape in shapes)])
    box = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    narrowing = np.cos(np.radians((box[1] + box[3]) / 2))
    reach_m = max(box[3] - box[1], (box[2] - box[0]) * narrowing) * _METRES_A_DEGREE
    return _widened(box, max(_HALF_M, reach_m))


def _ways(desk: Desk, window: Window) -> pd.DataFrame:
    near = desk.ways_within(window)
    if len(near) > _MOST_WAYS:
        near = near[near["name"].notna() | (near["kind"] != "road")].head(_MOST_WAYS)
    cut = shapely.clip_by_rect(near.geometry.to_numpy(), *window)
    kept = ~shapely.is_empty(cut)
    near = near[kept]
    return near.assign(cut=pd.Series(list(cut[kept]), index=near.index, dtype=object))


def _way_items(ways: pd.DataFrame, sides: Mapping[str, str], window: Window) -> list[dict[str, Any]]:
    parts = encode(list(ways["cut"]))
    classes = ways["road_class"].fillna("").str.removesuffix("_link")
    return [
        {
            "k": "main" if road_class in MAIN_CLASSES and kind == "road" else kind,
            "n": name if isinstance(name, str) else "",
            "s": sides.get(name) if isinstance(name, str) else None,
            "p": part,
        }
        for kind, road_class, name, part in zip(ways["kind"], classes, ways["name"], parts, strict=True)
        if part
    ]


def _letters(
    ways: pd.DataFrame,
    sides: Mapping[str, str],
    shapes: Sequence[BaseGeometry],
    point: tuple[float, float] | None,
    window: Window,
) -> list[dict[str, Any]]:
    """Where the letter of each side stands: on its line, nearest to the estate."""
    if shapes:
        middle = shapes[0].centroid
    elif point:
        middle = shapely.Point(point)
    else:
        middle = shapely.box(*window).centroid
    found = []
    for name, side in sides.items():
        lines = ways.loc[ways["name"] == name, "cut"]
        if len(lines):
            spot = shapely.ops.nearest_points(shapely.union_all(lines.to_numpy()), middle)[0]
            found.append({"s": side, "name": name, "at": [round(spot.x, 6), round(spot.y, 6)]})
    return found


def _neighbours(desk: Desk, estate_id: str, sides: Mapping[str, str], window: Window) -> list[dict[str, Any]]:
    names = desk.city.estates["name"]
    found = []
    for other, shape in desk.boundaries_within(window).items():
        if other != estate_id and other in names.index:
            name = str(names[other])
            found.append({"id": other, "name": name, "side": sides.get(name), "shape": shape_json(shape)[0]})
    return found
