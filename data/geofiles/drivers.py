"""Which of GDAL's drivers may open a file: those of the formats that are read, whatever the content claims to be.

GDAL goes by content, not by ending: a file called ``小区.geojson`` may be a virtual dataset, a pipeline or a web service's
description, and opening it would read other files of the machine or ask other machines.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_SKIPPED: Final = (
    "OGR_VRT", "GDALG", "GML", "WFS", "OAPIF", "OGCAPI", "CSW", "HTTP", "ADBC", "GeoRSS", "EEDA", "Carto", "AmigoCloud",
    "Elasticsearch", "PLSCENES", "NGW", "GPSBabel",
)  # fmt: skip
"""Drivers that follow references out of a file; GDAL leaves them out when it starts."""
_ALLOWED: Final = frozenset(
    {
        "GPKG", "GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "JSONFG", "ESRI Shapefile", "MapInfo File",
        "OpenFileGDB", "DXF",
    }
)  # fmt: skip

_before = [name for name in os.environ.get("OGR_SKIP", "").split(",") if name]
os.environ["OGR_SKIP"] = ",".join(dict.fromkeys((*_before, *_SKIPPED)))

import pyogrio  # noqa: E402  (after the choice of drivers, which GDAL reads once)


def allowed(path: Path, layer: str | None = None) -> bool:
    """Whether a driver of a format that is read takes the file; its errors pass through."""
    # Any bytes can be titles so: names cut within a character are told apart later.
    return str(pyogrio.read_info(path, layer=layer, encoding="ISO-8859-1")["driver"]) in _ALLOWED


__all__ = ["allowed", "pyogrio"]
