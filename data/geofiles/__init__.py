"""Geographic files in: vector layers recognised by what they hold, and OpenStreetMap extracts."""

from data.geofiles.datums import datum_of_name, datum_of_pattern, table_datum
from data.geofiles.estates import NamedShape, boundary_shapes, gate_shapes
from data.geofiles.layer import Layer
from data.geofiles.layers import Recognised, recognise
from data.geofiles.osm import OsmResult, read_osm
from data.geofiles.roads import vector_ways
from data.geofiles.units import UnitShape, unit_shapes
from data.geofiles.vector import PARTS, SUFFIXES, read_layers

__all__ = [
    "PARTS",
    "SUFFIXES",
    "Layer",
    "NamedShape",
    "OsmResult",
    "Recognised",
    "UnitShape",
    "boundary_shapes",
    "datum_of_name",
    "datum_of_pattern",
    "gate_shapes",
    "read_layers",
    "read_osm",
    "recognise",
    "table_datum",
    "unit_shapes",
    "vector_ways",
]
