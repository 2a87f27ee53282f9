"""Headers of tables of boundary points: which column is the estate's name, which the coordinates, which the outline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.geofiles import columns as c
from data.registers.text import Cell, clean, squeezed

_LON = re.compile(r"经度|东经|lon|lng|longitude", re.I)
_LAT = re.compile(r"纬度|北纬|lat|latitude", re.I)
_X = re.compile(r"[xX]([(（].*|坐标.*|值|\(m\))?|(纵|北|北向)坐标.*|坐标[xX]|北[(（]?[xX]?[)）]?", re.I)
_Y = re.compile(r"[yY]([(（].*|坐标.*|值|\(m\))?|(横|东|东向)坐标.*|坐标[yY]|东[(（]?[yY]?[)）]?", re.I)
_POINT = re.compile(
    r"(界址|拐|顶|边界|控制|角)?点(号|序|序号|编号|名|位|次)|点|顶点|序号|顺序|point|vertex|no\.?|id", re.I
)
_RING = re.compile(r"(环|圈|部分|地块|块|面|圈号|ring|part)(号|序号|编号)?", re.I)
_WIDE = re.compile(
    r"(小区|项目|楼盘)?(边界|范围|界址点?|拐点|四至|面|红线|围合)?(经纬度)?坐标(串|集|列表|点|点串|范围|序列)?|边界|范围|边界点|坐标串"
    r"|wkt|geometry|geom|geojson|polygon|shape|the_geom|几何|图形|polyline|paths?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Header:
    """Row and columns of a list of boundary points; ``None`` where there is no such column."""

    row: int
    name: int
    street: int | None
    pair: tuple[int, int] | None
    axes: str
    """``deg`` for longitude and latitude, ``xy`` for X and Y."""
    point: int | None
    ring: int | None
    wide: int | None
    titles: tuple[str, ...]


def outline_column(titles: Sequence[str]) -> str | None:
    """The title among a register's other columns that is called like an outline in one cell."""
    return next((title for title in titles if _WIDE.fullmatch(squeezed(title))), None)


def find_header(cells: Sequence[Cell], row: int) -> Header | None:
    """The header that a row is; ``None`` if it names no estate or no coordinates."""
    titles = [squeezed(clean(cell)) for cell in cells]
    bare = [re.sub(r"[(（].*[)）]", "", title).lower() for title in titles]
    name = next(
        (bare.index(known) for known in (*c.ESTATE, *c.NAME, "住宅小区", "小区(项目)名称") if known in bare), None
    )
    if name is None:
        return None
    taken = {name}

    def first(pattern: re.Pattern[str], strict: bool = True) -> int | None:
        test = pattern.fullmatch if strict else pattern.search
        at = next((i for i, title in enumerate(titles) if i not in taken and title and test(title)), None)
        if at is not None:
            taken.add(at)
        return at

    street = next((i for i, title in enumerate(bare) if i not in taken and title in c.STREET), None)
    if street is not None:
        taken.add(street)
    lon, lat = first(_LON, False), first(_LAT, False)
    x, y = (None, None) if lon is not None and lat is not None else (first(_X), first(_Y))
    pair, axes = ((lon, lat), "deg") if lon is not None and lat is not None else ((x, y), "xy")
    usable = pair if pair[0] is not None and pair[1] is not None else None
    point, ring = first(_POINT), first(_RING)
    wide = None
    if usable is None:
        wide = next((i for i, title in enumerate(bare) if i not in taken and _WIDE.fullmatch(title)), None)
    if usable is None and wide is None:
        return None
    return Header(row, name, street, usable, axes, point, ring, wide, tuple(titles))  # type: ignore[arg-type]
