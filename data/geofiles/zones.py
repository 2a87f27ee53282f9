"""Gauss-Krüger zones of CGCS2000: by zone number, by central meridian, by the numbers themselves.

A 3-degree zone n (25–45) has the central meridian 3 n, a 6-degree zone n (13–23) has 6 n − 3. The easting may carry the
number in front of its six digits (39xxxxxx.xx). Without it a 6-degree zone is the same plane as the 3-degree zone of its
meridian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pyproj import CRS

from geo.errors import InputError

NORTHINGS: Final = (350_000.0, 6_000_000.0)
"""Smallest and largest northing in China, metres."""
_EASTINGS: Final = (0.0, 1_000_000.0)
_MERIDIANS: Final = tuple(range(75, 136, 3))
HOW: Final = "请用 --zone 指明中央经线或带号，例如 --zone 117 或 --zone 39"


@dataclass(frozen=True, slots=True)
class Zone:
    """A Gauss-Krüger zone: central meridian in degrees, and the number in front of the easting if there is one."""

    meridian: float
    number: int | None = None

    @property
    def crs(self) -> CRS:
        """The plane, ``(x, y)`` = (easting, northing); EPSG's where it has one."""
        if self.number is not None:
            base = 4513 - 25 if self.number >= 25 else 4491 - 13
            return CRS.from_epsg(base + self.number)
        if self.meridian in _MERIDIANS:
            return CRS.from_epsg(4534 + (int(self.meridian) - 75) // 3)
        return CRS.from_proj4(
            f"+proj=tmerc +lat_0=0 +lon_0={self.meridian!r} +k=1 +x_0=500000 +y_0=0 "
            "+a=6378137 +rf=298.257222101 +units=m +no_defs +type=crs"
        )

    @property
    def label(self) -> str:
        """In Chinese, e.g. 中央经线 117°（39 带）."""
        width = (
            "" if self.number is None else f"（{3 if self.number >= 25 else 6} 度带第 {self.number} 带，坐标含带号）"
        )
        return f"CGCS2000 高斯-克吕格投影，中央经线 {self.meridian:g}°{width}"


def parse_zone(text: str) -> Zone:
    """The zone that a person names: central meridian (117, 113.5), zone number (39; 20 for 6 degrees) or EPSG:4548.

    A number says the meridian only: whether the easting carries it is seen in the coordinates.

    Raises
    ------
    InputError
        If it is none of these.
    """
    plain = re.sub(r"\s|度|°|带|第|[eE]$|CM|东经|中央经线|cgcs2000:?", "", text.strip())
    code = re.fullmatch(r"(?:epsg:?)?(4[45]\d\d)", plain, re.I)
    if code is not None:
        number = int(code[1])
        if 4491 <= number <= 4501:
            return Zone(float(6 * (number - 4478) - 3), number - 4478)
        if 4502 <= number <= 4512:
            return Zone(float(75 + 6 * (number - 4502)))
        if 4513 <= number <= 4533:
            return Zone(float(3 * (number - 4488)), number - 4488)
        if 4534 <= number <= 4554:
            return Zone(float(75 + 3 * (number - 4534)))
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        value = float(plain)
        if 73.5 <= value <= 136.5:
            return Zone(value)
        if value.is_integer() and 25 <= value <= 45:
            return Zone(3 * value)
        if value.is_integer() and 13 <= value <= 23:
            return Zone(6 * value - 3)
    raise InputError(
        f"“{text}”不是投影带",
        "请写中央经线（75–135，如 117）、3 度带带号（25–45，如 39）、6 度带带号（13–23）或 EPSG:4548",
    )


def prefixed(easting: float) -> Zone | None:
    """The zone that an easting of the form 39xxxxxx.xx names by its first digits."""
    number = int(easting // 1_000_000) if easting == easting and abs(easting) < 1e9 else 0
    if 25 <= number <= 45:
        return Zone(float(3 * number), number)
    return Zone(float(6 * number - 3), number) if 13 <= number <= 23 else None


def plane_order(x: float, y: float) -> str:
    """How a pair of plane numbers reads: ``en`` (easting, northing), ``ne`` (northing, easting) or ``""`` (neither).

    Northings of China have seven digits, eastings six, or eight with a zone number; so the two orders exclude each other,
    but in the far south, where a northing can be as small as an easting: there the usual order is taken.
    """
    for order, easting, northing in (("en", x, y), ("ne", y, x)):
        if not NORTHINGS[0] <= northing <= NORTHINGS[1]:
            continue
        if prefixed(easting) is not None or _EASTINGS[0] <= easting <= _EASTINGS[1]:
            return order
    return ""


def candidates() -> tuple[Zone, ...]:
    """Zones that an easting without a number may belong to, west to east."""
    return tuple(Zone(float(meridian)) for meridian in _MERIDIANS)
