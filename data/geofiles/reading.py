"""How the user wants geographic files read, in one value that travels with a load."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field

from data.geofiles.control_points import Control
from data.geofiles.zones import Zone
from geo.crs import Datum
from geo.errors import InputError

Box = tuple[float, float, float, float]
"""West, south, east, north, EPSG:4490 degrees."""

CHINESE_ENCODINGS = ("UTF-8", "GB18030", "Big5")
"""Encodings that are told apart by content, the ones to offer first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person said about the files, and what the store knows about the place.

    Attributes
    ----------
    datum, patterns
        Datum of files that state none, and by file name pattern.
    encoding
        Encoding of attribute tables; ``None``: told by their bytes.
    zone
        Zone of plane coordinates that come without a declaration.
    control
        Common points that carry an old or a city's own grid to the stored one.
    home
        Where the city is, as far as the store and other files of this load show; tells zones apart.
    """

    datum: Datum | None = None
    patterns: Mapping[str, Datum] = field(default_factory=dict)
    encoding: str | None = None
    zone: Zone | None = None
    control: Control | None = None
    home: Box | None = None


def checked_encoding(text: str) -> str:
    """The name of an encoding that a person typed, in its usual form.

    Raises
    ------
    InputError
        If there is no such encoding of text.
    """
    plain = {"936": "GB18030", "65001": "UTF-8", "ANSI": "GB18030", "CP936": "GB18030", "GBK": "GB18030"}
    name = plain.get(text.strip().upper(), text.strip())
    try:
        codec = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError, TypeError):
        raise InputError(f"没有名为“{text}”的文字编码", f"常用的有 {'、'.join(CHINESE_ENCODINGS)}") from None
    usual = {"utf-8": "UTF-8", "gb18030": "GB18030", "big5": "Big5"}
    return usual.get(codec.name, name)
