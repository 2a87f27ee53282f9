"""The reading half of a load, maps: vector files and OSM extracts into rows that are not yet joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from data.geofiles import (
    Layer,
    NamedShape,
    UnitShape,
    boundary_shapes,
    gate_shapes,
    read_layers,
    read_osm,
    recognise,
    unit_shapes,
    vector_ways,
)
from data.geofiles.land import LandRows, land_kind, vector_land
from data.geofiles.placing import ZoneNeededError
from data.geofiles.reading import Box, Reading
from data.load_coordinates import listed_layers
from data.load_files import Source
from data.load_report import Findings
from data.profile import Profile
from data.registers.place_pairs import place_name_records
from geo.crs import Datum
from geo.errors import InputError
from geo.progress import Progress, Stopped

Record = dict[str, Any]


@dataclass(slots=True)
class Maps:
    """What the vector files and OSM extracts of a load hold."""

    units: list[UnitShape] = field(default_factory=list)
    boundaries: list[NamedShape] = field(default_factory=list)
    gates: list[NamedShape] = field(default_factory=list)
    ways: dict[int, Record] = field(default_factory=dict)
    places: dict[str, Record] = field(default_factory=dict)
    place_files: set[str] = field(default_factory=set)
    land: list[LandRows] = field(default_factory=list)
    land_files: set[str] = field(default_factory=set)
    layers: list[Layer] = field(default_factory=list)
    """Layers that were taken, for the datum check."""
    late: list[Source] = field(default_factory=list)
    """Files of plane coordinates that wait until it is known where the city is."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, and who watches."""

    profile: Profile
    datum: Datum | None
    patterns: Mapping[str, Datum]
    mapping: str | None
    progress: Progress
    reading: Reading = field(default_factory=Reading)

    def step(self, share: float, text: str) -> None:
        """Report progress; end the load if the user stopped it."""
        if self.progress.stopped:
            raise Stopped
        self.progress.update(share, text)


@dataclass(frozen=True, slots=True)
class Part:
    """Progress of one file as a part of the whole load."""

    request: Request
    start: float
    width: float

    @property
    def stopped(self) -> bool:
        return self.request.progress.stopped

    def update(self, share: float, text: str) -> None:
        self.request.step(self.start + self.width * share, text)


def read_maps(sources: Sequence[Source], request: Request, findings: Findings) -> tuple[Maps, int]:
    """Vector files and OSM extracts, and how many of them were unusable.

    Plane coordinates without a zone are read last, when the others may have shown where the city is; those that stay
    unclear are left in ``late`` for `read_late`.
    """
    maps = Maps()
    unusable = 0
    files = [source for source in sources if source.kind != "table"]
    for at, source in enumerate(files):
        request.step(0.3 * at / len(files), f"读取 {source.path.name}")
        try:
            if source.kind == "osm":
                _take_osm(source.path, maps, request, findings)
            else:
                _take_vector(source, maps, request.reading, findings)
        except ZoneNeededError:
            maps.late.append(source)
        except InputError as error:
            findings.unusable(error)
            unusable += 1
    home = home_of(maps, [])
    if home is not None:
        unusable += read_late(maps, home, request, findings)
    return maps, unusable


def read_late(maps: Maps, home: Box | None, request: Request, findings: Findings) -> int:
    """Files that waited for the city's place; gives how many of them are unusable. Without a place all are refused."""
    unusable = 0
    waiting, maps.late = maps.late, []
    for source in waiting:
        try:
            reading = request.reading if home is None else replace(request.reading, home=home)
            if source.kind == "table":
                take_lists(source, maps, reading, findings)
            else:
                _take_vector(source, maps, reading, findings)
        except InputError as error:
            findings.unusable(error)
            unusable += 1
    return unusable


def home_of(maps: Maps, estates: Sequence[Record]) -> Box | None:
    """Where the city is, by units, else estates, else roads and outlines of this load; ``None`` if they show nothing."""
    placed = [(e["lon"], e["lat"]) for e in estates if e.get("lon") is not None and e["lon"] == e["lon"]]
    if maps.units:
        bounds = shapely.bounds(np.array([unit.shape for unit in maps.units], dtype=object))
    elif placed:
        bounds = np.array([(lon, lat, lon, lat) for lon, lat in placed], dtype=float)
    else:
        shapes = [row["geometry"] for row in maps.ways.values()] + [shape.shape for shape in maps.boundaries]
        bounds = shapely.bounds(np.array(shapes, dtype=object)) if shapes else np.zeros((0, 4))
    return box_of(bounds)


def box_of(bounds: Any) -> Box | None:
    """The box that holds all but the outermost 2 % of the bounds on each side: one misplaced shape moves no city."""
    known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known):
        return None
    west, south = np.quantile(known[:, :2], 0.02, axis=0)
    east, north = np.quantile(known[:, 2:], 0.98, axis=0)
    return float(west), float(south), float(east), float(north)


def _take_vector(source: Source, maps: Maps, reading: Reading, findings: Findings) -> None:
    layers = read_layers(source.path, reading=reading, file=source.name)
    for layer in layers:
        take_layer(layer, maps, findings)


def take_lists(
    source: Source, maps: Maps, reading: Reading, findings: Findings, sheets: Sequence[str] | None = None
) -> bool:
    """Outlines of the sheets that list boundary points; whether there are any."""
    layers = listed_layers(source.path, source.name, reading, sheets)
    for layer in layers:
        take_layer(layer, maps, findings)
    return bool(layers)


def _take_osm(path: Path, maps: Maps, request: Request, findings: Findings) -> None:
    found = read_osm(path, request.progress)
    _add_ways(found.rows, path.name, maps, findings)
    for note in found.notes:
        findings.note(note)
    maps.places |= {row["alias_id"]: row for row in place_name_records(found.places, path.name)}
    maps.place_files.add(path.name)
    _add_land(found.land, path.name, maps)
    findings.rows_read += found.n_read
    findings.rows_left_out += found.n_read - len(found.rows) - len(found.land)
    findings.files.append({"file": path.name, "kind": "ways", "rows": len(found.rows)})


def take_layer(layer: Layer, maps: Maps, findings: Findings) -> None:
    kind = recognise(layer)
    if kind.kind == "unknown" and not (layer.faults and layer.frame.empty):
        findings.skip(layer.file, kind.reason, layer=layer.name, rows=layer.n_read)
        return
    findings.rows_read += layer.n_read
    findings.refuse(layer.faults)
    findings.faults.extend(layer.repairs)
    for note in layer.notes:
        findings.note(note)
    for warning in layer.warnings:
        findings.warn(warning)
    findings.files.append({"file": layer.file, "layer": layer.name, "kind": kind.kind, "rows": layer.n_read})
    maps.layers.append(layer)
    if kind.kind == "units":
        units, faults = unit_shapes(layer)
        maps.units.extend(units)
        findings.refuse(faults)
    elif kind.kind in ("boundaries", "gates"):
        shapes = boundary_shapes(layer) if kind.kind == "boundaries" else gate_shapes(layer)
        (maps.boundaries if kind.kind == "boundaries" else maps.gates).extend(shapes.rows)
        findings.refuse(shapes.faults)
        for note in shapes.notes:
            findings.note(note)
        for reason, n in shapes.left_out.items():
            findings.skip(layer.file, reason, layer=layer.name, rows=n)
            findings.rows_left_out += n
    elif kind.kind == "ways":
        found = vector_ways(layer)
        _add_ways(found.rows, layer.place, maps, findings)
        for note in found.notes:
            findings.note(note)
    if kind.kind == "land" or (kind.kind == "ways" and land_kind(layer) is not None):
        # One layer of an OSM export holds ponds, land use and buildings alike.
        land = vector_land(layer)
        _add_land(land, layer.file, maps)
        findings.rows_left_out += len(layer.frame) - len(land) if kind.kind == "land" else 0


def _add_land(rows: LandRows, file: str, maps: Maps) -> None:
    maps.land.append(rows)
    maps.land_files.add(file)


def _add_ways(rows: Sequence[Record], place: str, maps: Maps, findings: Findings) -> None:
    doubles = sum(row["way_id"] in maps.ways for row in rows)
    if doubles:
        findings.note(f"{place}：{doubles} 条道路与先读的文件编号相同，只保留一份")
    maps.ways.update((row["way_id"], row) for row in rows)
