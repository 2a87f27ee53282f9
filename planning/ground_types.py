"""Coverage of the ground (用地覆盖) as values: square metres of each unit, and each piece of land without a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import geopandas as gpd

from data.profile import Basis
from geo.ground import TOLERANCE
from geo.ground_clusters import LEAST_FOOTPRINT_M2, LINK_M, MARGIN_M

BASIS: Final = Basis(
    rule="L09",
    document="六城管〔2023〕62号",
    quote="科学划定物业管理区域",
    note="文件没有规定怎样找出台账以外的住宅用地；零碎地块的大小、楼栋间距和外扩宽度是本程序采用的数值。",
)

DEFINITION: Final = (
    "住宅用地：地图或本市用地数据标为居住的用地；没有用地数据的地方，由住宅楼连成片"
    f"（相距不超过{LINK_M:.0f}米、中间没有道路、铁路和水面的楼为一片，外扩{MARGIN_M:.0f}米，"
    f"占地合计不足{LEAST_FOOTPRINT_M2:.0f}平方米的零星房屋不计）。都扣除道路、铁路和水面。"
    "无记录用地：住宅用地中不在任何台账小区边界内、也没有小区坐落其上的部分。"
    "有记录无边界：小区只有位置没有边界时，它坐落的那块用地，不算无记录。"
    f"小于{TOLERANCE.least_m2:.0f}平方米或宽不足{TOLERANCE.width_m:.0f}米的零碎地块单独合计，不逐块列出。"
    "纳入服务：服务形态按本市口径计为已覆盖的小区边界内的住宅用地。"
)


class Method(StrEnum):
    """How the households of a piece of land were estimated."""

    FLATS = "flats"
    FLOORS = "floors"
    STREET = "street"
    CITY = "city"
    NONE = "none"

    @property
    def label(self) -> str:
        return {
            "flats": "楼栋户数",
            "floors": "楼栋面积×层数",
            "street": "本街道小区的户数密度",
            "city": "全市小区的户数密度",
            "none": "缺少数据，无法估算",
        }[self.value]


@dataclass(frozen=True, slots=True)
class LandRate:
    """Residential land of one unit. The first five areas add up to `residential_m2`."""

    unit_id: str | None
    """``None``: the whole city, or land outside all units of the level."""
    name: str
    level: str
    """``city`` | ``county`` | ``street``."""
    served_m2: float
    unserved_m2: float
    no_boundary_m2: float
    without_record_m2: float
    sliver_m2: float
    no_boundary_served_m2: float
    """Part of ``no_boundary_m2`` on which all estates are under service."""
    outside_m2: float
    """Ground in boundaries that no map calls residential: not part of the residential land."""
    n_pieces: int
    households: int | None
    """Estimated households on the land without a record; ``None`` where none of it could be estimated."""
    n_unestimated: int
    n_unplaced: int
    """Estates of the unit with neither boundary nor point: they may stand on land that seems to be without a record."""

    @property
    def in_boundary_m2(self) -> float:
        return self.served_m2 + self.unserved_m2

    @property
    def residential_m2(self) -> float:
        return self.in_boundary_m2 + self.no_boundary_m2 + self.without_record_m2 + self.sliver_m2

    @property
    def share_served(self) -> float | None:
        """Share of the residential land in boundaries under service; ``None`` without residential land."""
        return self._share(self.served_m2)

    @property
    def share_served_most(self) -> float | None:
        """The same with the land on which only estates without a boundary stand that are under service."""
        return self._share(self.served_m2 + self.no_boundary_served_m2)

    @property
    def share_without_record(self) -> float | None:
        return self._share(self.without_record_m2)

    def _share(self, part: float) -> float | None:
        whole = self.residential_m2
        return part / whole if whole > 0 else None


@dataclass(frozen=True, eq=False)
class LandCoverage:
    """The whole answer.

    Attributes
    ----------
    rates
        The city, then counties and streets by unit id; land outside all streets last (``unit_id`` ``None``).
    pieces
        Land without a record, EPSG:4490, largest first; index ``piece_id``: ``unit_id``, ``county``, ``street``,
        ``community`` (names), ``area_m2``, ``households`` (estimate or null), ``method``, ``roads``, ``name`` (what the
        map calls it), ``source``, ``lon``, ``lat`` (a point inside).
    recorded
        Land of estates without a boundary, EPSG:4490: ``estates`` (ids), ``unit_id``, ``area_m2``.
    assumptions
        Chinese sentences on how the households were estimated and what the figures leave open.
    n_areas, n_buildings
        Rows of land use and of buildings that were loaded: with neither there is nothing to say.
    """

    rates: tuple[LandRate, ...]
    pieces: gpd.GeoDataFrame
    recorded: gpd.GeoDataFrame
    assumptions: tuple[str, ...]
    n_areas: int
    n_buildings: int

    @property
    def loaded(self) -> bool:
        return self.n_areas + self.n_buildings > 0

    def rate(self, unit_id: str) -> LandRate | None:
        """The row of a unit (empty: the city); ``None`` for communities, which have none."""
        if not unit_id:
            return self.rates[0]
        return next((rate for rate in self.rates if rate.unit_id == unit_id), None)

    def inside(self, unit_id: str, units: gpd.GeoDataFrame) -> LandCoverage:
        """Only the rows and the land of a unit and of those below it (empty: all); its own row first.

        A community shows its street's row, and of the pieces its own.
        """
        if not unit_id:
            return self
        above = units["parent_id"].to_dict()
        held = {unit_id} | {unit for unit, parent in above.items() if parent == unit_id}
        pieces = self.pieces[self.pieces["unit_id"].isin(held)]
        recorded = self.recorded[self.recorded["unit_id"].isin(held)]
        if units.at[unit_id, "kind"] == "community":
            held = {str(above.get(unit_id))}
            of_street = self.pieces["unit_id"].isin(held)
            pieces = self.pieces[of_street & (self.pieces["community"] == units.at[unit_id, "name"])]
            recorded = self.recorded[self.recorded["unit_id"].isin(held)]
        rates = tuple(rate for rate in self.rates if rate.unit_id in held)
        return replace(self, rates=rates, pieces=pieces, recorded=recorded)
