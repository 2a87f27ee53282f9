"""What lies under the bundles' map: estates, ways by kind, units; plain JSON that changes with the data alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from dashboard.maps.base import MAIN_CLASSES
from dashboard.maps.elements import encode
from data.codes import Consent
from planning.city import City
from planning.coverage_types import CoverageState

_SIMPLIFY_DEGREES: Final = 0.00005
"""About 5 m: less than the width of a road's line."""
_MOST_MINOR: Final = 12_000
"""Minor roads beyond which they are left out: the map of a large city must stay fluid."""
_DEGREES: Final = 1e5


def ground(city: City, stops: pd.DataFrame, states: Mapping[str, CoverageState]) -> dict[str, Any]:
    """Estates as columns, each in the order of the register; ways by kind.

    Parameters
    ----------
    stops
        Index estate id, columns ``lon``, ``lat`` (EPSG:4490).
    states
        State of every estate.

    Returns
    -------
    dict
        Plain JSON. Positions are whole hundred-thousandths of a degree, ``None`` where unknown.
    """
    estates = city.estates
    at = stops.reindex(estates.index)
    streets = sorted(set(estates["street_id"].dropna()))
    rank = {street: i for i, street in enumerate(streets)}
    return {
        "id": list(map(str, estates.index)),
        "name": list(map(str, estates["name"])),
        "lon": [_whole(value * _DEGREES) for value in at["lon"]],
        "lat": [_whole(value * _DEGREES) for value in at["lat"]],
        "homes": [_whole(value) for value in estates["households"]],
        "fee": [_plain(value) for value in estates["fee_yuan_m2"]],
        "year": [_whole(value) for value in estates["year_built"]],
        "area": [_whole(value) for value in estates["floor_area_m2"]],
        "type": [value if isinstance(value, str) else "" for value in estates["estate_type"]],
        "consent": [Consent(value).label for value in estates["consent"]],
        "state": [states[estate].label for estate in estates.index],
        "street": [rank.get(street, -1) for street in estates["street_id"]],
        "streets": [city.unit_names.get(street, str(street)) for street in streets],
        "ways": _ways(city),
    }


def _ways(city: City) -> dict[str, list[list[list[int]]]]:
    """Shapes by the key that a barrier is named by: the kind, for roads their class."""
    ways = city.ways
    road = ways["kind"] == "road"
    key = ways["kind"].where(~road, ways["road_class"].fillna(""))
    main = key.str.removesuffix("_link").isin(MAIN_CLASSES)
    minor = road & ~main
    if minor.sum() > _MOST_MINOR:
        ways, key, minor = ways[~minor], key[~minor], minor[~minor]
    group = key.mask(minor, "minor")
    found: dict[str, list[list[list[int]]]] = {}
    shapes = pd.Series(
        list(shapely.simplify(ways.geometry.to_numpy(), _SIMPLIFY_DEGREES)), index=ways.index, dtype=object
    )
    for name, part in shapes.groupby(group, sort=True):
        found[str(name)] = [lines for lines in encode(list(part)) if lines]
    return found


def bounds(city: City, stops: pd.DataFrame, unit_ids: list[str]) -> list[float] | None:
    """West, south, east, north of the units' shapes, else of the estates' positions; ``None`` without any."""
    shapes = city.units.geometry.reindex(unit_ids).dropna() if unit_ids else city.units.geometry.dropna()
    if unit_ids and len(shapes):
        return [float(value) for value in shapes.total_bounds]
    known = stops.reindex(city.estates.index).dropna(subset=["lon", "lat"])
    if not len(known):
        return None
    return [float(known["lon"].min()), float(known["lat"].min()), float(known["lon"].max()), float(known["lat"].max())]


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) or not np.isfinite(float(value)) else round(float(value))


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)
