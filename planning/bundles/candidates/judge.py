"""What can be done with one estate by its own facts, before its neighbours are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from planning.bundles.candidates.money import fixed_yuan
from planning.bundles.settings import BundleSettings
from planning.bundles.types import FallbackKind
from planning.coverage_types import CoverageState


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where an estate goes: takes ``part``, stands ``alone``, or is left out for a kind of reason."""

    kind: Literal["part", "alone"] | FallbackKind
    reason: str = ""


_PART: Final = Verdict("part")


def is_small(households: float, floor_area_m2: float, settings: BundleSettings) -> bool:
    """Small (规模较小): few households or little floor area; an unknown area (NaN) is not little."""
    return bool(households <= settings.small_households or floor_area_m2 <= settings.small_floor_area_m2)


def served(row: Any, state: CoverageState, settings: BundleSettings) -> Verdict:
    """An estate that is to be served (打捆、以大带小) or to become part of a region (划区).

    It stands alone when it is enough for a service point and either not small or more than a bundle may hold. Enough are
    ``min_households`` households, a margin that carries the service point, or both, as ``viability`` says; beside an
    anchor only households count, because its costs hold no service point.

    Parameters
    ----------
    row
        Tuple of the estate's columns with ``lon``, ``lat`` of the stop and ``margin_yuan``.
    """
    if settings.way != "regions" and state is CoverageState.UNKNOWN:
        return Verdict("unknown_state", "情况不明（台账未填物业服务形态），先核实再安排")
    if pd.isna(row.households):
        return Verdict("no_households", "台账没有户数，无法判断规模，先补户数")
    if settings.viability != "households" and pd.isna(row.margin_yuan):
        missing = [
            name for name, value in (("物业费", row.fee_yuan_m2), ("建筑面积", row.floor_area_m2)) if pd.isna(value)
        ]
        return Verdict("no_fee", f"台账没有{'和'.join(missing)}，无法测算收支，先补齐")
    households, area = int(row.households), float(row.floor_area_m2)
    too_large = _too_large(households, area, settings)
    if _enough(row, settings) and (too_large or not is_small(households, area, settings)):
        return Verdict("alone", _why_alone(row, settings))
    if too_large:
        return _too_large_for_a_bundle(row, too_large, settings)
    if settings.ask_consent and row.consent == "no":
        return Verdict("refused", "业主不同意打捆")
    if pd.isna(row.lon) or pd.isna(row.lat):
        return Verdict("no_position", "没有坐标，无法判断与其他小区的距离，先补坐标")
    return _PART


def audited(row: Any, state: CoverageState, settings: BundleSettings) -> Verdict:
    """An estate whose public income (公共收益) is to be audited (P14, P15), covered or not.

    Small are income of at most ``max_income_yuan`` a year *and* floor area of at most ``small_floor_area_m2``. An income
    of 0 to which nobody objects needs no audit; whether anybody does must be known for that.
    """
    income, objection = row.public_income_yuan, row.income_objection
    if pd.isna(income):
        return Verdict("no_income", "台账没有公共收益，无法判断是否打包审计，先补公共收益")
    if income == 0 and not pd.isna(objection) and not objection:
        return Verdict("exempt", "公共收益为零且无业主提出异议，可不纳入审计")
    if settings.max_income_yuan is not None and income > settings.max_income_yuan:
        most = f"{settings.max_income_yuan:,.0f}"
        return Verdict("alone", f"公共收益一年{income:,.0f}元，超过打包审计的{most}元，单独审计")
    if pd.isna(row.floor_area_m2):
        return Verdict("no_income", "台账没有建筑面积，无法判断是否打包审计，先补建筑面积")
    if row.floor_area_m2 > settings.small_floor_area_m2:
        most = f"{settings.small_floor_area_m2:,.0f}"
        return Verdict("alone", f"建筑面积{row.floor_area_m2:,.0f}平方米，超过打包审计的{most}平方米，单独审计")
    if pd.isna(row.households):
        return Verdict("no_households", "台账没有户数，无法判断规模，先补户数")
    if settings.ask_consent and row.consent == "no":
        return Verdict("refused", "业主不同意打捆")
    if pd.isna(row.lon) or pd.isna(row.lat):
        return Verdict("no_position", "没有坐标，无法判断与其他小区的距离，先补坐标")
    return _PART


def _too_large(households: int, floor_area_m2: float, settings: BundleSettings) -> str:
    """Why no bundle may hold the estate, Chinese; empty if one may."""
    if households > settings.max_households:
        return f"{households}户，超过一包上限{settings.max_households}户"
    if settings.max_floor_area_m2 is not None and floor_area_m2 > settings.max_floor_area_m2:
        return f"建筑面积{floor_area_m2:,.0f}平方米，超过一包上限{settings.max_floor_area_m2:,.0f}平方米"
    return ""


def _enough(row: Any, settings: BundleSettings) -> bool:
    by_households = int(row.households) >= settings.min_households
    if settings.viability == "households" or settings.way == "anchor" or settings.costs is None:
        return by_households
    by_money = int(row.margin_yuan) >= fixed_yuan(settings.costs)
    return by_money and (by_households or settings.viability == "money")


def _why_alone(row: Any, settings: BundleSettings) -> str:
    if settings.way == "regions":
        return f"有{int(row.households)}户，可自成一个物业管理区域"
    if settings.viability == "households" or settings.way == "anchor" or settings.costs is None:
        return f"有{int(row.households)}户，达到单独招标的{settings.min_households}户"
    fixed = fixed_yuan(settings.costs)
    money = f"扣除运行成本后一年余{int(row.margin_yuan):,}元，够一个服务点的{fixed:,}元"
    if settings.viability == "money":
        return money
    return f"有{int(row.households)}户，达到单独招标的{settings.min_households}户，{money}"


def _too_large_for_a_bundle(row: Any, why: str, settings: BundleSettings) -> Verdict:
    few = int(row.households) < settings.min_households and settings.viability != "money"
    if few or settings.costs is None:
        return Verdict("too_few_households", f"{why}，又不到单独招标的{settings.min_households}户")
    fixed = fixed_yuan(settings.costs)
    short = f"扣除运行成本后一年余{int(row.margin_yuan):,}元，不够一个服务点的{fixed:,}元"
    return Verdict("too_little_income", f"{why}；{short}")
