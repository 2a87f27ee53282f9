"""How much of each limit some estates use as one bundle (余量); what is negative breaks the limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from planning.bundles.settings import BundleSettings
from planning.bundles.types import Slack
from planning.bundles.words import metres, yuan

_ANY_FEE: Final = 100.0
"""No two fees of a register differ by more (yuan per m² and month): such a window is no limit."""
_COLUMNS = ("households", "floor_area_m2", "fee_yuan_m2", "year_built", "margin_yuan", "income_yuan", "room")


@dataclass(frozen=True, eq=False)
class Members:
    """Some estates as one bundle.

    Parameters
    ----------
    ids, names
        One of each for each member.
    columns
        Numbers of ``Candidates.frame`` by name, NaN where unknown.
    distance_m, linked, touch
        Shape ``(n, n)``: walks (``inf`` unknown), who may be the medoid of whom, who are neighbours. ``touch`` is ``None``
        where connection is not asked.
    anchor
        Row of the anchor (以大带小), ``None`` without.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    columns: Mapping[str, NDArray[np.float64]]
    distance_m: NDArray[np.float64]
    linked: NDArray[np.bool_]
    touch: NDArray[np.bool_] | None
    anchor: int | None

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        distance_m: NDArray[np.float64],
        linked: NDArray[np.bool_],
        touch: NDArray[np.bool_] | None = None,
        anchor: int | None = None,
    ) -> Members:
        """The rows of a frame with the columns of ``Candidates.frame``, in its order."""
        columns = {name: frame[name].to_numpy(dtype=float, na_value=math.nan) for name in _COLUMNS if name in frame}
        return cls(
            tuple(map(str, frame.index)), tuple(map(str, frame["name"])), columns, distance_m, linked, touch, anchor
        )

    def __len__(self) -> int:
        return len(self.ids)

    def without(self, row: int) -> Members:
        """All but one row."""
        kept = [other for other in range(len(self)) if other != row]
        block = np.ix_(kept, kept)
        anchor = self.anchor
        if anchor is not None:
            anchor = None if anchor == row else anchor - (anchor > row)
        return Members(
            tuple(self.ids[other] for other in kept),
            tuple(self.names[other] for other in kept),
            {name: values[kept] for name, values in self.columns.items()},
            self.distance_m[block],
            self.linked[block],
            None if self.touch is None else self.touch[block],
            anchor,
        )

    def served(self, column: str) -> NDArray[np.float64]:
        """Values of the members to be served anew, unknown ones left out."""
        values = self.columns[column]
        if self.anchor is not None:
            values = np.delete(values, self.anchor)
        return values[~np.isnan(values)]

    def centres(self, settings: BundleSettings) -> list[tuple[float, int]]:
        """Sum of ways and row of every member that could be the medoid, best first."""
        if self.anchor is not None:
            rows = [self.anchor]
        elif settings.compact == "chain":
            rows = list(range(len(self)))
        else:
            rows = [int(row) for row in np.flatnonzero(self.linked.all(axis=1))]
        return sorted((float(self.distance_m[row].sum()), row) for row in rows)

    @property
    def n_pieces(self) -> int:
        """Number of pieces that hang together over neighbours; 1 where that is not asked."""
        return 1 if self.touch is None else int(connected_components(self.touch, directed=False)[0])


def slacks(members: Members, medoid: int, settings: BundleSettings) -> tuple[Slack, ...]:
    """Every limit with what is used of it, the tightest first (ties in the order of the rules).

    Parameters
    ----------
    medoid
        Row of the medoid.
    """
    found = [
        *_size(members, settings),
        *_money(members, settings),
        *_near(members, medoid, settings),
        *_alike(members, settings),
    ]
    return tuple(sorted(found, key=lambda one: one.room))


def _size(members: Members, settings: BundleSettings) -> Iterator[Slack]:
    n = int(members.served("households").sum())
    if members.anchor is not None:
        room = int(members.columns["room"][members.anchor])
        yield _high("room", "带动小区余量", n, room, "户")
    else:
        if settings.viability != "money" and settings.min_households > 1:
            yield _low("min_households", "户数下限", n, settings.min_households, "户")
        yield _high("max_households", "户数上限", n, settings.max_households, "户")
    area = float(members.served("floor_area_m2").sum())
    if settings.min_floor_area_m2 is not None and members.anchor is None:
        yield _low("min_floor_area", "建筑面积下限", area, settings.min_floor_area_m2, "平方米")
    if settings.max_floor_area_m2 is not None:
        yield _high("max_floor_area", "建筑面积上限", area, settings.max_floor_area_m2, "平方米")
    count = len(members)
    yield Slack(
        "max_estates",
        f"小区数上限：{count}个，上限{settings.max_estates}个"
        + (f"，超出{count - settings.max_estates}个" if count > settings.max_estates else ""),
        (settings.max_estates - count) / settings.max_estates,
    )


def _money(members: Members, settings: BundleSettings) -> Iterator[Slack]:
    """Only where money decides: then all members but an anchor have known money."""
    if settings.viability == "households" or settings.costs is None or members.anchor is not None:
        return
    served = len(members)
    margin = members.served("margin_yuan")
    if len(margin) < served:
        text = f"收支：{served - len(margin)}个小区缺物业费标准或建筑面积，无法核算"
        yield Slack("margin", text, -1.0)
        return
    fixed = math.ceil(settings.costs.fixed - 1e-6)
    left = round(float(margin.sum())) - fixed
    base = fixed if fixed > 0 else max(1.0, float(members.served("income_yuan").sum()))
    words = f"结余{yuan(left)}" if left >= 0 else f"缺{yuan(-left)}"
    yield Slack("margin", f"收支：扣除服务点成本{yuan(fixed)}后每年{words}", left / base)


def _near(members: Members, medoid: int, settings: BundleSettings) -> Iterator[Slack]:
    ways = members.distance_m
    if settings.compact != "chain":
        far = float(ways[medoid].max())
        text = f"半径：最远成员距中心小区{metres(far)}，上限{metres(settings.radius_m)}"
        yield Slack("radius", text, _left(far, settings.radius_m))
    if members.touch is not None:
        if members.n_pieces <= 1:
            steps = np.where(members.touch & np.isfinite(ways), np.maximum(ways, 1e-3), 0.0)
            longest = float(minimum_spanning_tree(steps).toarray().max(initial=0.0))
            text = f"连片：相邻小区间最长一段{metres(longest)}，上限{metres(settings.link_m)}"
            yield Slack("link", text, _left(longest, settings.link_m))
        else:
            yield Slack("link", f"连片：成员分成互不相邻的{members.n_pieces}片", -1.0)
    wide = float(ways.max())
    text = f"最大间距：成员间最远{metres(wide)}，上限{metres(settings.max_diameter_m)}"
    yield Slack("diameter", text, _left(wide, settings.max_diameter_m))


def _alike(members: Members, settings: BundleSettings) -> Iterator[Slack]:
    fees = _known(members.columns["fee_yuan_m2"])
    window = settings.fee_window_yuan_m2
    if len(fees) > 1 and window < _ANY_FEE:
        spread = round(float(fees.max() - fees.min()), 4)
        text = f"物业费标准：最多相差{spread:.2f}元，上限{window:.2f}元"
        room = (window - spread) / window if window > 0 else float(spread == 0) - 1.0 if spread else 1.0
        yield Slack("fee", text, room)
    years = _known(members.columns["year_built"])
    if settings.age_breaks and len(years):
        first, last = int(years.min()), int(years.max())
        parting = [one for one in sorted(settings.age_breaks) if first < one <= last]
        if parting:
            yield Slack("age", f"建成年代：{first}年与{last}年以{parting[0]}年划分，不属于同一年代", -1.0)
        else:
            text = f"{first}年" if first == last else f"{first}–{last}年"
            yield Slack("age", f"建成年代：{text}，属于同一年代", 1.0)


def _known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[~np.isnan(values)]


def _low(rule: str, title: str, value: float, limit: float, unit: str) -> Slack:
    more = value - limit
    words = f"比下限{limit:,.0f}{unit}{'多' if more >= 0 else '少'}{abs(more):,.0f}{unit}"
    return Slack(rule, f"{title}：{value:,.0f}{unit}，{words}", more / limit if limit > 0 else more)


def _high(rule: str, title: str, value: float, limit: float, unit: str) -> Slack:
    left = limit - value
    words = (
        f"离上限{limit:,.0f}{unit}还有{left:,.0f}{unit}"
        if left >= 0
        else f"比上限{limit:,.0f}{unit}多{-left:,.0f}{unit}"
    )
    return Slack(rule, f"{title}：{value:,.0f}{unit}，{words}", left / limit if limit > 0 else min(0.0, left))


def _left(value: float, limit: float) -> float:
    return (limit - value) / limit if math.isfinite(value) else -1.0


def broken(found: Sequence[Slack]) -> list[Slack]:
    """The limits that are not kept."""
    return [one for one in found if one.room < 0]
