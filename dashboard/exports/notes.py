"""The lines under a paper's title: which city, when made, of which part, and what a reader must be warned of."""

from __future__ import annotations

from typing import TypeVar

from dashboard.words import date_text
from data.profile import Profile
from planning.city import City, Scope
from planning.runs import Stored

T = TypeVar("T")

OUTDATED = "注意：此后库中数据有变化，本表按变化前的数据计算，建议重新计算后再用。"


def circumstances(city: City, profile: Profile, saved: Stored[T], done: str) -> tuple[str, ...]:
    """First line: city, day and scope of a stored result; then a warning if the data have changed since."""
    day = date_text(saved.created_at.astimezone().date())
    name = f"{profile.city}{'（虚构示例城市）' if profile.fictional else ''}"
    line = f"{name}　{scope_text(city, saved.scope)}{day}{done}　内部资料"
    return (line, OUTDATED) if saved.outdated else (line,)


def scope_text(city: City, scope: Scope) -> str:
    """The part of the city that a result covers; empty for all of it."""
    parts = []
    if scope.unit_id is not None:
        parts.append(city.unit_names.get(scope.unit_id, scope.unit_id))
    if scope.within is not None:
        west, south, east, north = scope.within
        parts.append(f"东经{west:g}–{east:g}°、北纬{south:g}–{north:g}°")
    return f"范围：{'，'.join(parts)}　" if parts else ""
