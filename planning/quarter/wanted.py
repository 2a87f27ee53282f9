"""Which visits a programme wants: their length, departments, urgency and reason, estate by estate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from data.profile import Profile, VisitRule
from data.quarter import Quarter
from planning.coverage_types import CoverageState
from planning.quarter.settings import PriorityWeights
from planning.quarter.types import Unplaced, Visit

_MARKED = {"是", "1", "1.0", "√", "true", "yes", "y"}
_MINUTE = 60


@dataclass
class Calls:
    """What an estate's open cases call for."""

    n_open: int = 0
    n_overdue: int = 0
    departments: set[str] = field(default_factory=set)


def open_calls(cases: pd.DataFrame, profile: Profile, on: date) -> dict[str, Calls]:
    """Open cases by estate; overdue: due before the day ``on``."""
    calls: dict[str, Calls] = {}
    still_open = cases[~cases["closed"].to_numpy(dtype=bool)]
    columns = (still_open["estate_id"], still_open["categories"], still_open["due_date"])
    for estate_id, categories, due in zip(*columns, strict=True):
        if not isinstance(estate_id, str):
            continue
        call = calls.setdefault(estate_id, Calls())
        call.n_open += 1
        call.n_overdue += isinstance(due, date) and due < on
        call.departments |= profile.departments_for(tuple(int(code) for code in categories))
    return calls


def wanted_visits(
    rule: VisitRule,
    companions: list[VisitRule],
    quarter: Quarter,
    profile: Profile,
    estates: pd.DataFrame,
    states: Mapping[str, CoverageState] | pd.Series,
    calls: Mapping[str, Calls],
    positions: pd.DataFrame,
    places: Mapping[str, int],
    weights: PriorityWeights | None = None,
) -> Iterator[Visit | Unplaced]:
    """The programme's visits of the estates, those without a position as left out.

    Several visits in one quarter lie in equal parts of it, one each. ``positions``: stops by estate, EPSG:4490 degrees;
    ``places``: the stop's row in the travel matrix.
    """
    weights = weights or PriorityWeights()
    households = estates["households"].astype("float64").to_numpy(copy=True)
    known = households[np.isfinite(households)]
    typical = int(np.median(known)) if len(known) else 0
    classes = [(key, profile.mandatory_classes.get(key, key)) for key in rule.mandatory]
    programme = _programme(rule, companions)
    for estate_id, n_households, extra in zip(estates.index, households, estates["extra"], strict=True):
        call = calls.get(estate_id, Calls())
        marked = [title for key, title in classes if _marked(extra, key, title)]
        size = int(n_households) if math.isfinite(n_households) else None
        notes = [programme, *_reasons(call, states[estate_id], marked, size, typical)]
        lon, lat = positions.at[estate_id, "lon"], positions.at[estate_id, "lat"]
        for number, (first, last) in enumerate(_windows(quarter, rule.times_per_quarter), start=1):
            visit_id = f"{rule.id}:{estate_id}" + (f":{number}" if number > 1 else "")
            if not (math.isfinite(lon) and math.isfinite(lat)):
                reason = "小区没有位置（坐标、出入口和边界都没有），无法安排路线"
                yield Unplaced(visit_id, "no_position", reason, estate_id)
                continue
            yield Visit(
                visit_id=visit_id,
                estate_id=estate_id,
                rule_id=rule.id,
                place=places[estate_id],
                lon=float(lon),
                lat=float(lat),
                service_s=service_s(profile, size if size is not None else typical, call.n_open),
                departments=frozenset(call.departments),
                mandatory=bool(call.n_overdue or marked),
                priority=_priority(call, states[estate_id], size or 0, weights),
                first_day=first,
                last_day=last,
                reason="；".join(notes),
            )


def service_s(profile: Profile, households: int, n_open: int) -> int:
    """Length of a visit by the profile's service times, in seconds, rounded up to whole minutes."""
    times = profile.service_times
    length = (
        times.base_s.value
        + times.per_1000_households_s.value * households / 1000
        + times.per_open_case_s.value * n_open
    )
    return max(_MINUTE, math.ceil(round(min(length, times.cap_s.value), 6) / _MINUTE) * _MINUTE)


def _windows(quarter: Quarter, times: int) -> list[tuple[date, date]]:
    length = (quarter.last_day - quarter.first_day).days + 1
    cuts = [quarter.first_day + timedelta(days=length * k // times) for k in range(times + 1)]
    return [(cuts[k], cuts[k + 1] - timedelta(days=1)) for k in range(times)]


def _programme(rule: VisitRule, companions: list[VisitRule]) -> str:
    text = f"{rule.name}，每季度{rule.times_per_quarter}次（依据 {rule.basis.rule}）"
    if companions:
        text += "，同时完成" + "、".join(f"{other.name}（依据 {other.basis.rule}）" for other in companions)
    return text


def _reasons(call: Calls, state: CoverageState, marked: list[str], size: int | None, typical: int) -> Iterator[str]:
    if call.n_overdue:
        yield f"有{call.n_overdue}个问题超期未整改，必查"
    if marked:
        yield f"必查：{'、'.join(marked)}"
    if call.n_open:
        yield f"未销号问题{call.n_open}个" + (
            f"，需{'、'.join(sorted(call.departments))}到场" if call.departments else ""
        )
    if state in (CoverageState.LOST, CoverageState.UNMANAGED):
        yield state.label
    if size is None:
        yield f"户数不详，检查时长按本市中位数{typical}户计"


def _priority(call: Calls, state: CoverageState, households: int, weights: PriorityWeights) -> int:
    return (
        min(call.n_overdue * weights.overdue_case, weights.most_overdue)
        + min(call.n_open * weights.open_case, weights.most_open)
        + {CoverageState.LOST: weights.lost, CoverageState.UNMANAGED: weights.unmanaged}.get(state, 0)
        + min(households // weights.households_per_point, weights.most_households)
    )


def _marked(extra: object, key: str, title: str) -> bool:
    """Whether the register's further columns (其他列) put the estate into a mandatory class, by key or by name."""
    if not isinstance(extra, dict):
        return False
    return any(str(extra.get(name, "")).strip().lower() in _MARKED for name in (key, title))
