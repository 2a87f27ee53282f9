"""Who takes part in bundling: uncovered estates sorted into alone, candidates, and those left out beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from planning.bundles.types import Alone, BundleSettings, FallbackKind
from planning.coverage_types import CoverageState

LEAD_LEVELS = {"community": ("community", "street", "county"), "street": ("street", "county")}
_LABELS = {"community": "社区", "street": "街道", "county": "县区"}


@dataclass(frozen=True)
class LeftOut:
    """An estate that cannot take part, whatever its neighbours are."""

    estate_id: str
    kind: FallbackKind
    reason: str


@dataclass(frozen=True)
class Candidates:
    """Uncovered estates by what can be done with them.

    ``frame``: those that take part, by id, with columns ``name``, ``lon``, ``lat`` (of the stop), ``households``,
    ``floor_area_m2``, ``fee_yuan_m2``, ``estate_type``, ``grid_id``, ``consent``, ``lead`` (level and id of the lead
    unit in one text) and ``unit_id``. ``refused``: the same columns for estates whose owners refused.
    """

    frame: pd.DataFrame
    refused: pd.DataFrame
    alone: tuple[Alone, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def is_small(households: float, floor_area_m2: float, settings: BundleSettings) -> bool:
    """Small (规模较小): few households or little floor area; an unknown area (NaN) is not little."""
    return bool(households <= settings.small_households or floor_area_m2 <= settings.small_floor_area_m2)


def sort_candidates(
    estates: pd.DataFrame, states: Mapping[str, CoverageState], stops: pd.DataFrame, settings: BundleSettings
) -> Candidates:
    """Every uncovered estate exactly once; the first that applies counts.

    State unknown → left out; no households → left out; large (at least ``min_households`` and not small, or more than
    a bundle may hold) → alone; owners refused → left out; no position → left out; else it takes part. Consent comes
    after size because it is consent to be bundled, and what stands alone is not.
    """
    rows = estates.sort_index()
    rows = rows[[not states[estate].covered for estate in rows.index]] if len(rows) else rows
    place = stops[["lon", "lat"]].reindex(rows.index)
    alone: list[Alone] = []
    left_out: list[LeftOut] = []
    taking_part: list[str] = []
    refused: list[str] = []
    for row in rows[["households", "floor_area_m2", "consent"]].assign(**place).itertuples():
        estate = str(row.Index)
        if states[estate] is CoverageState.UNKNOWN:
            left_out.append(LeftOut(estate, "unknown_state", "情况不明（台账未填物业服务形态），先核实再安排"))
        elif pd.isna(row.households):
            left_out.append(LeftOut(estate, "no_households", "台账没有户数，无法判断规模，先补户数"))
        elif _stands_alone(int(row.households), float(row.floor_area_m2), settings):
            alone.append(Alone(estate, _why_alone(int(row.households), settings)))
        elif row.consent == "no":
            left_out.append(LeftOut(estate, "refused", "业主不同意打捆"))
            refused.append(estate)
        elif pd.isna(row.lon) or pd.isna(row.lat):
            left_out.append(LeftOut(estate, "no_position", "没有坐标，无法判断与其他小区的距离，先补坐标"))
        else:
            taking_part.append(estate)
    frame = _candidate_frame(rows, place, taking_part, settings)
    others = _candidate_frame(rows, place, refused, settings).dropna(subset=["lon", "lat"])
    return Candidates(frame, others, tuple(alone), tuple(left_out), _notes(frame, settings))


def _stands_alone(households: int, floor_area_m2: float, settings: BundleSettings) -> bool:
    enough = households >= settings.min_households
    return enough and (households > settings.max_households or not is_small(households, floor_area_m2, settings))


def _why_alone(households: int, settings: BundleSettings) -> str:
    return f"有{households}户，达到单独招标的{settings.min_households}户"


def _candidate_frame(
    rows: pd.DataFrame, place: pd.DataFrame, chosen: list[str], settings: BundleSettings
) -> pd.DataFrame:
    columns = ["name", "households", "floor_area_m2", "fee_yuan_m2", "estate_type", "grid_id", "consent"]
    frame = rows.loc[chosen, columns].assign(lon=place.loc[chosen, "lon"], lat=place.loc[chosen, "lat"])
    level = pd.Series("", index=frame.index, dtype=object)
    unit = pd.Series(None, index=frame.index, dtype=object)
    for name in reversed(LEAD_LEVELS[settings.lead]):
        ids = rows.loc[chosen, f"{name}_id"].astype(object)
        known = ids.notna()
        level = level.where(~known, name)
        unit = unit.where(~known, ids)
    lead = [f"{name}:{'' if pd.isna(one) else one}" for name, one in zip(level, unit, strict=True)]
    return frame.assign(unit_id=[None if pd.isna(one) else str(one) for one in unit], lead=lead)


def _notes(frame: pd.DataFrame, settings: BundleSettings) -> tuple[str, ...]:
    notes = []
    wanted = settings.lead
    level = frame["lead"].str.split(":").str[0] if len(frame) else pd.Series([], dtype=object)
    for name in LEAD_LEVELS[wanted][1:]:
        n = int((level == name).sum())
        if n:
            notes.append(f"{n}个小区没有登记{_LABELS[wanted]}，在所在{_LABELS[name]}范围内组合")
    n = int((level == "").sum())
    if n:
        notes.append(f"{n}个小区没有登记任何行政单元，只与同样没有登记的小区组合")
    n = int((frame["consent"] == "unknown").sum())
    if n:
        notes.append(f"{n}个参与组合的小区业主意愿待征询")
    return tuple(notes)
