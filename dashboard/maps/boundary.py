"""The boundary page's own list and map editor: two Streamlit components that share one small script.

No frame and no rerun stands between a key and what it does: the browser holds the scenes of the next estates, shows the
next one at once and tells the server what was decided. Leaflet comes from this program's own static folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import streamlit as st

from dashboard import theme
from dashboard.boundary_words import SOURCES
from dashboard.maps.component import component
from geo.sides.types import Side

_SCRIPTS: Final = tuple(f"boundary_{part}" for part in ("core", "list", "map", "edit", "panel", "main"))
LIST: Final = "wuyetu_boundary_list"
DESK: Final = "wuyetu_boundary_desk"
_REFUSAL: Final = "只能查看：您的角色不能修改边界。需要修改时，请由业务科室或管理员操作。"

WAY_STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "main": {"color": theme.ROAD, "weight": 7},
    "road": {"color": "#E2E6EA", "weight": 4},
    "railway": {"color": "#A9B2BC", "weight": 2, "dashArray": "6 4"},
    "river": {"color": theme.WATER, "weight": 8},
    "water": {"fill": True, "stroke": False, "fillColor": theme.WATER, "fillOpacity": 1},
}
"""Leaflet's options for each kind of way, by the key that a scene names."""


_COMPONENTS: Final = {name: component(name, _SCRIPTS, "boundary") for name in (LIST, DESK)}


def boundary_list(version: str, as_of: int, rows: tuple[tuple[Any, ...], ...]) -> None:
    """The list of estates; sent once for each version, whatever is decided in the meantime."""
    data = {"version": version, "as_of": as_of, "rows": [list(row) for row in rows]}
    _COMPONENTS[LIST](key="boundary-list", data=data)


def boundary_desk(answer: Mapping[str, Any], *, may_write: bool, footer: str) -> None:
    """Map and panel.

    Parameters
    ----------
    answer
        What `dashboard.boundary_session.Session.answer` gives.
    """
    data = {
        **answer,
        "may_write": may_write,
        "refusal": _REFUSAL,
        "footer": footer,
        "sides": {side.value: {**asdict(theme.SIDES[side]), "letter": side.label} for side in Side},
        "sources": dict(SOURCES),
        "way_styles": {key: dict(style) for key, style in WAY_STYLES.items()},
    }
    _COMPONENTS[DESK](key=DESK_KEY, data=data, on_ask_change=lambda: None)


DESK_KEY: Final = "boundary-desk"


def asked() -> Mapping[str, Any] | None:
    """What the browser told last: its decisions, the estate it shows, the estates whose scenes it wants."""
    state = st.session_state.get(DESK_KEY)
    told = None if state is None else state.get("ask")
    return told if isinstance(told, Mapping) else None
