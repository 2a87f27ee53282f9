"""The workbook of a plan of bundles: totals, units, members, reasons, proofs, what was done by hand, the bases."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.bundle_words import ALONE, LEFT, UNITS
from dashboard.exports.bundle_rules import costs_table, rules_table
from dashboard.exports.bundle_tables import (
    FORMATS,
    alone_table,
    exceptions_table,
    fallback_table,
    members_table,
    proofs_table,
    slacks_table,
    summary_table,
    units_table,
)
from dashboard.exports.desk import Desk
from dashboard.exports.lot_tables import wishes_table
from dashboard.exports.lots import WAY_WORDS
from dashboard.exports.workbook import SHARE, Sheet
from planning.bundles.rules import Adjustment


def bundle_sheets(desk: Desk, exceptions: Sequence[Adjustment] = ()) -> list[Sheet]:
    """The sheets in order.

    Parameters
    ----------
    exceptions
        Limits that bundles made by hand break (`planning.bundles.rules.exceptions`).
    """
    plan, way = desk.plan, desk.plan.settings.way
    notes, line, unit = desk.notes, desk.notes[:1], UNITS[desk.plan.settings.way]
    title = f"{desk.profile.city}{'公共收益' if way == 'audit' else '物业服务'}{WAY_WORDS[way].plan}"
    sheets = [
        Sheet("汇总", title, summary_table(plan, desk.city), (*notes, *plan.notes), FORMATS, total=True),
        Sheet(unit, f"{unit}一览", units_table(desk), line, FORMATS, total=bool(plan.bundles)),
        Sheet("成员", f"{unit}成员", members_table(desk), line, FORMATS, numbered=True),
        Sheet("余量", "每条规则的余量（紧的在前）", slacks_table(desk), line, {"余量": SHARE}),
        Sheet(ALONE[way], f"{ALONE[way]}的小区", alone_table(desk), line, FORMATS, numbered=True),
        Sheet(LEFT[way], f"{LEFT[way]}的小区、原因与建议方式", fallback_table(desk), line, FORMATS,
              numbered=True),
        Sheet("证明", "分单位的覆盖户数和证明", proofs_table(plan, desk.city), line, FORMATS, total=bool(plan.units)),
    ]  # fmt: skip
    if plan.wishes:
        sheets.append(Sheet("人工要求", "人工要求及理由", wishes_table(desk), line, numbered=True))
    if exceptions:
        table = exceptions_table(desk, exceptions)
        sheets.append(Sheet("人工突破", "人工调整突破的规则及理由", table, line, numbered=True))
    sheets.append(Sheet("规则", "采用的规则与依据", rules_table(plan.settings, desk.profile), line))
    if plan.settings.costs is not None:
        sheets.append(Sheet("成本", "成本表与依据", costs_table(plan.settings, desk.profile), line))
    return sheets
