"""The map files: roads.osm.pbf, units.gpkg, boundaries.gpkg, and the truth that is never loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import osmium.osm.mutable
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from data.codes import UnitKind
from data.demo.blocks import railway_line, river_line
from data.demo.city import City
from data.demo.housing import House
from data.demo.loom import Edge, Use
from data.demo.words import LAKE, RAILWAY, RIVER
from geo.crs import STORAGE_CRS, from_metric

_EDGES_A_WAY = 8


def geographic(shapes: NDArray[np.object_], city: City) -> NDArray[np.object_]:
    """Shapes on the ground as EPSG:4490 degrees, rounded as OSM rounds (about 1 cm)."""

    def transform(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = from_metric(xy[:, 0], xy[:, 1], city.crs)
        return np.column_stack([np.round(lon, 7), np.round(lat, 7)])

    return np.asarray(shapely.transform(shapes, transform))


def write_units(path: Path, city: City) -> None:
    """units.gpkg: one layer for each level with ``name``, ``parent``, ``code``."""
    path.unlink(missing_ok=True)
    for kind in UnitKind:
        units = [unit for unit in city.units if unit.kind is kind]
        frame = pd.DataFrame(
            {
                "name": [unit.name for unit in units],
                "parent": [unit.parent.name if unit.parent else None for unit in units],
                "code": [unit.code for unit in units],
            }
        )
        shapes = geographic(np.array([_multi(unit.shape) for unit in units], dtype=object), city)
        _write(path, kind.value, frame, shapes)


def write_boundaries(path: Path, city: City) -> dict[str, int]:
    """boundaries.gpkg: polygons of the estates that have one, and layer ``gates``. Returns the counts."""
    path.unlink(missing_ok=True)
    estates = city.estates
    known = estates[estates["known"] == "polygon"]
    names = pd.DataFrame({"小区名称": known["name"].to_numpy(), "所属街道": known["street"].to_numpy()})
    _write(path, "boundaries", names, geographic(known["footprint"].to_numpy(), city))
    rows, points = [], []
    for k in np.flatnonzero(estates["gates_known"].to_numpy()):
        for gate in city.gates[int(k)]:
            rows.append((estates["name"].iloc[k], estates["street"].iloc[k], gate.name, "是" if gate.main else "否"))
            points.append(gate.point)
    gates = pd.DataFrame(rows, columns=["小区名称", "所属街道", "名称", "主要出入口"])
    _write(path, "gates", gates, geographic(np.array(points, dtype=object), city))
    return {"boundaries": len(known), "gates": len(gates)}


def write_truth(path: Path, city: City) -> None:
    """truth/estates.gpkg: every estate with its true polygon, side names and what the files tell about it."""
    path.unlink(missing_ok=True)
    frame = city.estates.drop(columns=["footprint", "cluster", "block", "town", "wanted_m2"])
    _write(path, "estates", pd.DataFrame(frame), geographic(city.estates["footprint"].to_numpy(), city))


def write_land_truth(path: Path, city: City) -> None:
    """truth/land.gpkg: all housing; ``estate`` is null where no register has it."""
    path.unlink(missing_ok=True)
    names = city.estates["name"].tolist()
    frame = pd.DataFrame(
        {
            "estate": [None if plot.estate is None else names[plot.estate] for plot in city.plots],
            "households": [plot.households for plot in city.plots],
            "mapped": [plot.mapped for plot in city.plots],
            "n_houses": [len(plot.houses) for plot in city.plots],
        }
    )
    _write(path, "housing", frame, geographic(np.array([plot.shape for plot in city.plots], dtype=object), city))


def write_roads(path: Path, city: City) -> dict[str, int]:
    """roads.osm.pbf (WGS-84): roads with shared nodes at true junctions, river, railway, lake, housing and houses."""
    path.unlink(missing_ok=True)
    network = city.network
    chains = list(_chains(network.drivable()))
    inner = [edge.points[1:-1] for chain in chains for edge in chain]
    others: list[tuple[dict[str, str], NDArray[np.float64], bool]] = [
        ({"waterway": "river", "name": RIVER}, shapely.get_coordinates(river_line(network)), False),
        *_railway_ways(city),
    ]
    for body in city.water["lake"]:
        others.append(
            ({"natural": "water", "water": "lake", "name": LAKE}, shapely.get_coordinates(body.exterior)[:-1], True)
        )
    for body in city.water["river"]:
        others.append(
            ({"natural": "water", "water": "river", "name": RIVER}, shapely.get_coordinates(body.exterior)[:-1], True)
        )
    others += [(tags, shapely.get_coordinates(shape.exterior)[:-1], True) for tags, shape in _housing(city)]
    old_names = {item.name: item.old for item in city.former if item.on_map}
    xy = np.vstack([network.xy, *inner, *(points for _, points, _ in others)])
    lon, lat = from_metric(xy[:, 0], xy[:, 1], city.crs)
    writer = osmium.SimpleWriter(str(path))
    try:
        used = np.ones(len(xy), dtype=bool)
        used[: len(network.xy)] = False
        used[[node for chain in chains for edge in chain for node in (edge.a, edge.b)]] = True
        for k in np.flatnonzero(used):
            writer.add_node(
                osmium.osm.mutable.Node(
                    id=int(k) + 1, version=1, location=(round(float(lon[k]), 7), round(float(lat[k]), 7))
                )
            )
        next_inner, way_id = len(network.xy), 1
        for chain in chains:
            refs = [chain[0].a + 1]
            for edge in chain:
                n_inner = len(edge.points) - 2
                refs += range(next_inner + 1, next_inner + n_inner + 1)
                refs.append(edge.b + 1)
                next_inner += n_inner
            tags = _road_tags(chain[0], city, old_names)
            writer.add_way(osmium.osm.mutable.Way(id=way_id, version=1, nodes=refs, tags=tags))
            way_id += 1
        for tags, points, closed in others:
            refs = list(range(next_inner + 1, next_inner + len(points) + 1))
            next_inner += len(points)
            writer.add_way(
                osmium.osm.mutable.Way(id=way_id, version=1, nodes=[*refs, refs[0]] if closed else refs, tags=tags)
            )
            way_id += 1
    finally:
        writer.close()
    return {
        "road_ways": len(chains),
        "road_nodes": len(network.xy),
        "ways": way_id - 1,
        "land_areas": sum(plot.mapped for plot in city.plots),
        "buildings": sum(len(plot.houses) for plot in city.plots) + len(city.buildings),
        "without_record": sum(plot.estate is None for plot in city.plots),
    }


def _housing(city: City) -> Iterator[tuple[dict[str, str], Polygon]]:
    """Areas of land use and buildings as OSM tags them."""
    for plot in city.plots:
        if plot.mapped:
            yield {"landuse": "residential"} | ({"name": plot.name} if plot.name else {}), plot.shape
    for house in (*(house for plot in city.plots for house in plot.houses), *city.buildings):
        yield _house_tags(house), house.shape


def _house_tags(house: House) -> dict[str, str]:
    tags = {"building": house.use}
    if house.levels is not None:
        tags["building:levels"] = str(house.levels)
    if house.flats is not None:
        tags["building:flats"] = str(house.flats)
    return tags


def _railway_ways(city: City) -> Iterator[tuple[dict[str, str], NDArray[np.float64], bool]]:
    """The railway, its bridge over the river a way of its own."""
    line = railway_line(city.network)
    over = [body.buffer(20.0) for body in city.water["river"]]
    bridge = shapely.intersection(line, shapely.union_all(over)) if over else shapely.LineString()
    for part, is_bridge in [(p, True) for p in shapely.get_parts(bridge)] + [
        (p, False) for p in shapely.get_parts(shapely.difference(line, bridge))
    ]:
        if part.is_empty:
            continue
        tags = {"railway": "rail", "name": RAILWAY} | ({"bridge": "yes", "layer": "1"} if is_bridge else {})
        yield tags, shapely.get_coordinates(part), False


def _road_tags(edge: Edge, city: City, old_names: Mapping[str, str]) -> dict[str, str]:
    road = city.network.roads[edge.road]
    tags = {"highway": road.road_class}
    if road.name:
        tags["name"] = road.name
        if road.name in old_names:
            tags["old_name"] = old_names[road.name]
    if edge.oneway:
        tags["oneway"] = "yes" if edge.oneway > 0 else "-1"
    if edge.bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    if edge.tunnel:
        tags |= {"tunnel": "yes", "layer": "-1"}
    return tags


def _chains(edges: list[Edge]) -> Iterator[list[Edge]]:
    """Runs of edges of one road that follow one another: OSM cuts ways at changes, not at every junction."""
    chain: list[Edge] = []
    for edge in edges:
        last = chain[-1] if chain else None
        fits = (
            last is not None
            and last.b == edge.a
            and last.road == edge.road
            and last.use is edge.use is Use.ROAD
            and last.oneway == edge.oneway
            and len(chain) < _EDGES_A_WAY
        )
        if not fits and chain:
            yield chain
            chain = []
        chain.append(edge)
    if chain:
        yield chain


def _multi(shape: BaseGeometry | None) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _write(path: Path, layer: str, frame: pd.DataFrame, shapes: NDArray[np.object_]) -> None:
    table = gpd.GeoDataFrame(frame.reset_index(drop=True), geometry=list(shapes), crs=STORAGE_CRS)
    pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=path.exists())
