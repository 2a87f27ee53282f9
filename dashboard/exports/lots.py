"""Lots (标段): what is tendered, audited or marked out as one – a bundle, or a large estate by itself (D24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.bundle_words import labels_of
from dashboard.words import number
from planning.bundles.settings import Way
from planning.bundles.types import Bundle, BundlePlan
from planning.city import City


@dataclass(frozen=True)
class WayWords:
    """How the papers of one way are called and what they ask for."""

    plan: str
    """Name of the workbook of the whole plan."""
    dossier: str
    """Name of a lot's dossier."""
    title: str
    """What follows the lot's name in the dossier's title."""
    asked: str
    """What the owners are asked, after 小区名."""
    asked_file: str
    """Name of the files of the owners' sheets."""
    results: str
    """Name of the workbook that the answers are typed into."""


WAY_WORDS: Final[dict[Way, WayWords]] = {
    "service": WayWords(
        "打捆方案",
        "标段材料",
        "物业服务“打捆”招标标段材料",
        "物业服务“打捆”征询意见表",
        "征询意见表",
        "打捆征询结果",
    ),
    "anchor": WayWords(
        "以大带小方案",
        "以大带小承接材料",
        "“以大带小”物业服务承接材料",
        "“以大带小”物业服务征询意见表",
        "以大带小征询意见表",
        "以大带小征询结果",
    ),
    "audit": WayWords(
        "审计打包方案",
        "统一审计包材料",
        "公共收益统一审计包材料",
        "公共收益公示结果意见表",
        "公共收益意见表",
        "公共收益意见汇总",
    ),
    "regions": WayWords(
        "划区方案",
        "划区材料",
        "物业管理区域划分材料",
        "物业管理区域划分征询意见表",
        "划区征询意见表",
        "划区征询结果",
    ),
}
SINGLE: Final = WayWords("", "单独招标材料", "物业服务单独招标材料", "", "", "")


@dataclass(frozen=True)
class Lot:
    """A bundle or a single estate with its name in the papers.

    ``estates`` stand in the order of their numbers on map and table: anchor or medoid first, then by distance.
    """

    way: Way
    name: str
    unit: str
    """Name of the unit that leads; empty where it is unknown."""
    estates: tuple[str, ...]
    metres: tuple[float, ...]
    """From each estate to the medoid."""
    bundle: Bundle | None = None
    reason: str = ""
    """Why an estate stands alone."""

    @property
    def words(self) -> WayWords:
        return SINGLE if self.bundle is None else WAY_WORDS[self.way]

    @property
    def served(self) -> tuple[str, ...]:
        """Estates that are to be served anew: all but the anchor."""
        anchor = self.bundle.anchor if self.bundle else None
        return tuple(estate for estate in self.estates if estate != anchor)


def lots(plan: BundlePlan, city: City, *, singles: bool = True) -> list[Lot]:
    """All lots: bundles in the plan's order, then (with ``singles``) the estates that are tendered alone."""
    found = [lot_of(plan, city, bundle) for bundle in plan.bundles]
    if singles and plan.settings.way == "service":
        found += [_single(plan, city, row.estate_id, row.reason) for row in plan.alone]
    return found


def lot_of(plan: BundlePlan, city: City, bundle: Bundle) -> Lot:
    """The lot of one bundle of the plan."""
    first = bundle.anchor or bundle.medoid
    rows = sorted(
        zip(bundle.members, bundle.distances_m, strict=True), key=lambda row: (row[0] != first, row[1], row[0])
    )
    return Lot(
        plan.settings.way,
        labels_of(plan)[bundle.bundle_id],
        city.unit_names.get(bundle.unit_id or "", ""),
        tuple(estate for estate, _ in rows),
        tuple(metres for _, metres in rows),
        bundle,
    )


def _single(plan: BundlePlan, city: City, estate: str, reason: str) -> Lot:
    row = city.estates.loc[estate]
    unit = city.unit_names.get(row[f"{plan.settings.lead}_id"], "")
    return Lot(plan.settings.way, str(row["name"]), unit, (estate,), (0.0,), None, reason)


def total(city: City, estates: tuple[str, ...], column: str) -> float:
    """Sum of a column over estates; unknown values count nothing."""
    return float(city.estates.loc[list(estates), column].sum())


def known(city: City, estates: Sequence[str], column: str) -> tuple[float | None, int]:
    """Sum over the estates that have a value, ``None`` where none has; and how many have none: unknown is not zero."""
    values = city.estates.loc[list(estates), column]
    missing = int(values.isna().sum())
    return (None if missing == len(values) and missing else float(values.sum())), missing


def size_words(lot: Lot, city: City) -> str:
    """3个小区、742户、建筑面积6.1万平方米: as the plan counts (an anchor's own households not among them)."""
    households = number(total(city, lot.served, "households"))
    area, missing = known(city, lot.served, "floor_area_m2")
    size = f"{len(lot.served)}个小区、{households}户"
    if area is None:
        return f"{size}（台账没有登记建筑面积）"
    spread = f"{area / 10_000:,.2f}万" if area >= 10_000 else number(area)
    return f"{size}、建筑面积{spread}平方米" + (f"（{missing}个小区台账未填）" if missing else "")
