"""Who takes part in bundling, in each of its ways: estates sorted into alone, candidates, and left out beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from planning.bundles.candidates.anchors import find_anchors
from planning.bundles.candidates.judge import audited, served
from planning.bundles.candidates.money import money_columns
from planning.bundles.settings import BundleSettings, Costs
from planning.bundles.types import Alone, FallbackKind
from planning.coverage_types import CoverageState

__all__ = ["LEAD_LEVELS", "Candidates", "LeftOut", "sort_candidates"]

LEAD_LEVELS = {"community": ("community", "street", "county"), "street": ("street", "county")}
_LABELS = {"community": "社区", "street": "街道", "county": "县区"}
_JUDGED = ["households", "floor_area_m2", "fee_yuan_m2", "consent", "public_income_yuan", "income_objection"]
_COLUMNS = ["name", "households", "floor_area_m2", "fee_yuan_m2", "estate_type", "year_built", "grid_id", "consent"]


@dataclass(frozen=True)
class LeftOut:
    """An estate that cannot take part, whatever its neighbours are."""

    estate_id: str
    kind: FallbackKind
    reason: str


@dataclass(frozen=True)
class Candidates:
    """The estates that a way of bundling is about, each exactly once, by what can be done with it.

    ``frame``: those that take part, by id, with the columns

    - ``name``, ``lon``, ``lat`` (of the stop), ``households``, ``floor_area_m2``, ``fee_yuan_m2``, ``estate_type``,
      ``year_built``, ``grid_id``; ``consent`` (``yes`` for all where owners are not asked);
    - ``unit_id`` and ``lead`` (level and id of the lead unit in one text);
    - ``income_yuan``, ``running_yuan``, ``margin_yuan``: whole yuan a year without the service point (``planning.bundles.
      money``); empty where unknown or without costs;
    - ``anchor``, ``room``, ``company``: whether it is a managed estate that may take others on, how many households it
      can (0 for the others), its company. Anchors are no candidates themselves: their money is 0 and they have no grid.

    ``refused``: the same columns for estates whose owners refused. ``rest``: for all others that the way is about and that
    have position and households (they stand alone, are exempt, …): only a planner can put these into a bundle.
    """

    frame: pd.DataFrame
    refused: pd.DataFrame
    rest: pd.DataFrame
    alone: tuple[Alone, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def sort_candidates(
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState],
    stops: pd.DataFrame,
    settings: BundleSettings,
    companies: pd.DataFrame | None = None,
) -> Candidates:
    """Every estate that the way is about exactly once; the first that applies counts.

    - 打捆, 以大带小: all uncovered estates. State unknown → left out; no households → left out; money decides and fee or
      floor area is missing → left out; large enough to be tendered → alone; more than a bundle may hold → left out; owners
      refused → left out; no position → left out; else it takes part. Consent comes after size because it is consent to be
      bundled, and what stands alone is not. With 以大带小 the managed estates that may be anchors come besides.
    - 审计打包 (P14, P15): all estates, covered or not. No public income known → left out; none and no objection → exempt;
      much income or much floor area → audited alone; no households or position → left out; else it takes part. Owners
      are asked only where the settings say so.
    - 划区 (Z07): estates that are old by type or year, covered or not, as with 打捆 but whatever their state.

    Parameters
    ----------
    states
        State of every estate.
    stops
        Index estate id, columns ``lon``, ``lat`` (EPSG:4490).
    companies
        ``COMPANIES`` frame, for the grades of anchors' companies; ``None``: no list was read.
    """
    everything = estates.sort_index()
    rows, notes = _concerned(everything, states, settings)
    place = stops[["lon", "lat"]].reindex(everything.index)
    money = money_columns(rows, settings.costs)
    judge = audited if settings.way == "audit" else served
    verdicts = {
        str(row.Index): judge(row, states[str(row.Index)], settings)
        for row in rows[_JUDGED].assign(**place.loc[rows.index], **money).itertuples()
    }
    part = [estate for estate, verdict in verdicts.items() if verdict.kind == "part"]
    refused = [estate for estate, verdict in verdicts.items() if verdict.kind == "refused"]
    room = pd.Series(dtype="int64")
    if settings.way == "anchor":
        room, told = find_anchors(everything, states, place, settings, companies)
        notes += told
    frame = _frame(everything, place, part, room, settings)
    rest = sorted(set(verdicts) - set(part) - set(refused))
    return Candidates(
        frame,
        _frame(everything, place, refused, room.iloc[:0], settings).dropna(subset=["lon", "lat"]),
        _frame(everything, place, rest, room.iloc[:0], settings).dropna(subset=["lon", "lat", "households"]),
        tuple(Alone(estate, verdict.reason) for estate, verdict in verdicts.items() if verdict.kind == "alone"),
        tuple(
            LeftOut(estate, verdict.kind, verdict.reason)
            for estate, verdict in verdicts.items()
            if verdict.kind != "alone" and verdict.kind != "part"
        ),
        (*notes, *_notes(frame, everything.loc[part], settings)),
    )


def _concerned(
    estates: pd.DataFrame, states: Mapping[str, CoverageState], settings: BundleSettings
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The estates that the way is about, and what is to be told of the others."""
    if settings.way == "audit":
        return estates, ()
    if settings.way != "regions":
        uncovered = [not states[str(estate)].covered for estate in estates.index]
        return estates[pd.Series(uncovered, index=estates.index, dtype=bool)], ()
    old = estates["estate_type"].isin(settings.old_types)
    missing = estates["estate_type"].isna()
    if settings.old_before is not None:
        year = estates["year_built"].astype("Float64")
        old |= (year < settings.old_before).fillna(False).astype(bool)
        missing = year.isna()
    unknown = int((missing & ~old).sum())
    what = "小区类型" if settings.old_before is None else "建成年份"
    told = f"{unknown}个小区没有登记{what}，无法判断是否老旧小区，没有参与划区"
    return estates[old], (told,) if unknown else ()


def _frame(
    estates: pd.DataFrame, place: pd.DataFrame, part: list[str], room: pd.Series, settings: BundleSettings
) -> pd.DataFrame:
    """The candidates ``part`` and the anchors that ``room`` is about, by id."""
    chosen = sorted({*part, *room.index})
    rows = estates.loc[chosen]
    frame = rows[_COLUMNS].assign(lon=place.loc[chosen, "lon"], lat=place.loc[chosen, "lat"])
    anchor = frame.index.isin(room.index)
    frame = frame.assign(**_lead(rows, settings), **money_columns(rows, settings.costs))
    frame = frame.assign(
        anchor=anchor,
        room=room.reindex(frame.index).fillna(0).astype("int64"),
        company=rows["company"].astype(object).where(rows["company"].notna(), None),
        grid_id=frame["grid_id"].astype(object).where(frame["grid_id"].notna() & ~anchor, None),
    )
    if settings.costs is not None:
        frame.loc[anchor, ["income_yuan", "running_yuan", "margin_yuan"]] = 0
    return frame if settings.ask_consent else frame.assign(consent="yes")


def _lead(rows: pd.DataFrame, settings: BundleSettings) -> dict[str, list[str | None]]:
    level = pd.Series("", index=rows.index, dtype=object)
    unit = pd.Series(None, index=rows.index, dtype=object)
    for name in reversed(LEAD_LEVELS[settings.lead]):
        ids = rows[f"{name}_id"].astype(object)
        known = ids.notna()
        level = level.where(~known, name)
        unit = unit.where(~known, ids)
    lead: list[str | None] = [f"{name}:{'' if pd.isna(one) else one}" for name, one in zip(level, unit, strict=True)]
    return {"unit_id": [None if pd.isna(one) else str(one) for one in unit], "lead": lead}


def _notes(frame: pd.DataFrame, rows: pd.DataFrame, settings: BundleSettings) -> tuple[str, ...]:
    notes = []
    level = frame["lead"].str.split(":").str[0] if len(frame) else pd.Series([], dtype=object)
    for name in LEAD_LEVELS[settings.lead][1:]:
        n = int((level == name).sum())
        if n:
            notes.append(f"{n}个小区没有登记{_LABELS[settings.lead]}，在所在{_LABELS[name]}范围内组合")
    n = int((level == "").sum())
    if n:
        notes.append(f"{n}个小区没有登记任何行政单元，只与同样没有登记的小区组合")
    n = int(((frame["consent"] == "unknown") & ~frame["anchor"]).sum())
    if n:
        notes.append(f"{n}个参与组合的小区业主意愿待征询")
    if settings.costs is not None and len(rows):
        notes += _money_notes(frame, rows, settings.costs)
    if settings.way == "audit":
        n = int(((rows["public_income_yuan"] == 0) & rows["income_objection"].isna()).sum())
        if n:
            notes.append(f"{n}个公共收益为零的小区没有登记业主有无异议，仍纳入审计打包")
    return tuple(notes)


def _money_notes(frame: pd.DataFrame, rows: pd.DataFrame, costs: Costs) -> list[str]:
    unknown = int(frame.loc[rows.index, "income_yuan"].isna().sum())
    no_rate = int((rows["fee_rate"].isna() & frame.loc[rows.index, "income_yuan"].notna()).sum())
    no_lifts = int(rows["n_lifts"].isna().sum())
    told = {
        f"{unknown}个参与组合的小区没有物业费或建筑面积，收支未知": unknown,
        f"{no_rate}个参与组合的小区没有登记收缴率，按{costs.collection_rate:.0%}测算": no_rate,
        f"{no_lifts}个参与组合的小区没有登记电梯台数，按没有电梯测算": no_lifts,
    }
    return [text for text, n in told.items() if n]
