"""The one selection of the whole app, kept in the session and in the address, so that a page can be bookmarked and sent.

All ``st.session_state`` keys of the app are named here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

import streamlit as st

SELECTION: Final = "selection"
CLICKS: Final = "clicks"
DAY: Final = "day"
EXPORTS: Final = "exports"
FINDING: Final = "finding"
BOUNDARY_WORK: Final = "boundary-work"
BUNDLE_WORK: Final = "bundle-work"
BUNDLE_SETTINGS: Final = "bundle-settings"
_PARAMETERS: Final = ("unit_id", "estate_id", "quarter", "piece_id", "way", "bundle_id")
_IN_ADDRESS: Final = {
    "unit_id": "unit",
    "estate_id": "estate",
    "quarter": "quarter",
    "piece_id": "land",
    "way": "way",
    "bundle_id": "bundle",
}


_Work = TypeVar("_Work")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at. ``unit_id`` empty: the whole city; ``estate_id``, ``piece_id`` (of land) empty: no single one;
    ``way`` of bundling empty: the city's main one; ``bundle_id`` is of that way."""

    unit_id: str = ""
    estate_id: str = ""
    quarter: str = ""
    piece_id: str = ""
    way: str = ""
    bundle_id: str = ""


def selection() -> Selection:
    """The present selection; at the start of a session the one in the address."""
    if SELECTION not in st.session_state:
        given = {field: st.query_params.get(name, "") for field, name in _IN_ADDRESS.items()}
        st.session_state[SELECTION] = Selection(**given)
    chosen: Selection = st.session_state[SELECTION]
    return chosen


def select(
    *,
    unit_id: str | None = None,
    estate_id: str | None = None,
    quarter: str | None = None,
    piece_id: str | None = None,
    way: str | None = None,
    bundle_id: str | None = None,
) -> None:
    """Change parts of the selection (``None`` leaves a part); another unit drops the chosen estate, bundle and piece of
    land, another way of bundling the chosen bundle."""
    now = selection()
    changed = now
    if unit_id is not None and unit_id != now.unit_id:
        changed = replace(changed, unit_id=unit_id, estate_id="", piece_id="", bundle_id="")
    if way is not None and way != now.way:
        changed = replace(changed, way=way, bundle_id="")
    if bundle_id is not None:
        changed = replace(changed, bundle_id=bundle_id)
    if estate_id is not None:
        changed = replace(changed, estate_id=estate_id, piece_id="")
    if piece_id is not None:
        changed = replace(changed, piece_id=piece_id, estate_id="")
    if quarter is not None:
        changed = replace(changed, quarter=quarter)
    st.session_state[SELECTION] = changed


def write_address() -> None:
    """Bring the address in line with the selection; called once each run (a change of page empties the address)."""
    now = selection()
    wanted = {_IN_ADDRESS[field]: value for field in _PARAMETERS if (value := getattr(now, field))}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def is_new_click(source: str, what: dict[str, object]) -> bool:
    """Whether this answer of a map or table has not been acted on yet (components repeat their last answer each run)."""
    seen: dict[str, object] = st.session_state.setdefault(CLICKS, {})
    if seen.get(source) == what:
        return False
    seen[source] = what
    return True


def choose_day(day: date, team_id: str) -> None:
    """The day and team (empty: all) whose routes are shown."""
    st.session_state[DAY] = (day, team_id)


def chosen_day(days: list[date]) -> tuple[date, str]:
    """The chosen day and team; at the start, or when that day has no route, the first day for all teams."""
    day, team_id = st.session_state.get(DAY, (days[0], ""))
    return (day, team_id) if day in days else (days[0], "")


def made_export(kind: str, quarter: str, stamp: str) -> tuple[str, bytes] | None:
    """The file made in this session for this state of the data and results: its name and content."""
    kept: dict[tuple[str, str, str], tuple[str, bytes]] = st.session_state.get(EXPORTS, {})
    return kept.get((kind, quarter, stamp))


def keep_export(kind: str, quarter: str, stamp: str, made: tuple[str, bytes]) -> None:
    """Keep a file for the download button; files of other states are dropped."""
    kept: dict[tuple[str, str, str], tuple[str, bytes]] = st.session_state.get(EXPORTS, {})
    st.session_state[EXPORTS] = {key: value for key, value in kept.items() if key[2] == stamp} | {
        (kind, quarter, stamp): made
    }


def choose_finding(finding_id: str) -> None:
    """The finding of the quality report that is worked on; empty: none."""
    st.session_state[FINDING] = finding_id


def chosen_finding() -> str:
    """Its id, "" at the start."""
    return str(st.session_state.get(FINDING, ""))


def boundary_session(make: Callable[[], _Work]) -> _Work:
    """What this session did on the boundary page; one object, changed in place."""
    if BOUNDARY_WORK not in st.session_state:
        st.session_state[BOUNDARY_WORK] = make()
    work: _Work = st.session_state[BOUNDARY_WORK]
    return work


def bundle_session(make: Callable[[], _Work]) -> _Work:
    """What this session does on the bundles' page; one object, changed in place."""
    if BUNDLE_WORK not in st.session_state:
        st.session_state[BUNDLE_WORK] = make()
    work: _Work = st.session_state[BUNDLE_WORK]
    return work


def wanted_settings(way: str) -> object | None:
    """The settings of bundles that were chosen in this session and not solved yet, if any."""
    kept: dict[str, object] = st.session_state.get(BUNDLE_SETTINGS, {})
    return kept.get(way)


def want_settings(way: str, settings: object | None) -> None:
    """Keep the chosen settings of a way; ``None`` forgets them."""
    kept: dict[str, object] = dict(st.session_state.get(BUNDLE_SETTINGS, {}))
    kept.pop(way, None)
    st.session_state[BUNDLE_SETTINGS] = kept if settings is None else {**kept, way: settings}
