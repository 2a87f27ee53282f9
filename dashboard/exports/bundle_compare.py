"""Named versions of a plan beside the one in force, for the meeting's summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.exports.bundle_tables import proof_words
from dashboard.exports.desk import Desk, told
from dashboard.words import number
from planning.bundles.revision.difference import difference
from planning.bundles.types import BundlePlan

_VERSION_COLUMNS: Final = ("方案", "单元数", "成员小区", "覆盖户数", "上限户数", "结论", "路程合计（米）", "年结余（元）",
                           "单独", "兜底", "人工要求")  # fmt: skip


@dataclass(frozen=True)
class Version:
    """A saved plan beside the present one; ``plan`` is ``None`` where another version of the program wrote it."""

    name: str
    plan: BundlePlan | None


def versions_table(desk: Desk, versions: Sequence[Version]) -> pd.DataFrame:
    """The present plan and the saved versions side by side."""
    rows = []
    for name, plan in (("现行方案", desk.plan), *((told(one.name), one.plan) for one in versions)):
        if plan is None:
            rows.append((name, *[None] * 4, "由其他版本的程序保存，无法比较", *[None] * 5))
            continue
        money = [bundle.money for bundle in plan.bundles if bundle.money is not None]
        rows.append(
            (
                name,
                len(plan.bundles),
                sum(len(bundle.members) for bundle in plan.bundles),
                plan.households_covered,
                plan.bound,
                proof_words(plan),
                round(sum(sum(bundle.distances_m) for bundle in plan.bundles)),
                sum(one.margin for one in money) if money else None,
                len(plan.alone),
                len(plan.fallback),
                len(plan.wishes),
            )
        )
    return pd.DataFrame(rows, columns=list(_VERSION_COLUMNS), dtype=object)


def comparison_lines(desk: Desk, versions: Sequence[Version]) -> list[str]:
    """What distinguishes the present plan from each saved version, in sentences."""
    lines = []
    for one in versions:
        if one.plan is None:
            continue
        apart = difference(one.plan, desk.plan)
        parts = [f"单元{_more(apart.n_bundles, '个')}", f"覆盖户数{_more(apart.households, '户')}"]
        parts.append(f"路程合计{_more(round(apart.metres), '米')}")
        if apart.margin is not None:
            parts.append(f"年结余{_more(apart.margin, '元')}")
        lines.append(
            f"与“{told(one.name)}”相比，现行方案{'，'.join(parts)}，{number(len(apart.changed))}个小区的去向不同。"
        )
    return lines


def _more(value: float, unit: str) -> str:
    return "相同" if value == 0 else f"{'多' if value > 0 else '少'}{number(abs(value))}{unit}"
