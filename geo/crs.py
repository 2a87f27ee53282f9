"""Coordinate systems: which one is stored, which one is measured in, and the datums that Chinese sources mix.

Stored positions are CGCS2000 geographic (EPSG:4490), ``(lon, lat)`` in degrees. WGS-84 is taken as equal to it: PROJ's
operation between the two is a no-op, and the true difference is centimetres.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

STORAGE_CRS: Final = "EPSG:4490"


class Datum(StrEnum):
    """Datum of a source's coordinates (坐标系)."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @property
    def label(self) -> str:
        return {"cgcs2000": "CGCS2000", "wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}[self.value]
